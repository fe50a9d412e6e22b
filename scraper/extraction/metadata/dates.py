"""When it was published and last changed: every time that the page states, ranked by who says it.

JSON-LD and the meta elements are written for machines and come first; then ``<time>``, then the
lines near the headline, last a date in the address. Nothing else is a date: no number in a link, no
copyright year, no day that the text tells about.

Every time that a page states, with how sure it is that the time is the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.structured_data import text_of
from scraper.models import Candidate
from scraper.text.dates import ParsedTime, parse_time

__all__ = ["DateCandidate", "choose_dates", "date_candidates", "zone_of"]


# Names of meta elements that hold a time, most trusted first.
PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "pubdate",
    "publishdate", "publish_date", "publish-date", "publishtime", "publish_time",
    "firstpublishedtime",
    "publication_date", "article.published", "article_date_original", "originalpublicationdate",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date",
    "dcterms.date",
    "citation_publication_date", "citation_online_date", "citation_date", "bt:pubdate", "og:time",
    "weibo:article:create_at", "datecreated", "displaydate", "cdnpubdate", "date.created",
    "article:create_time", "release_date", "og:release_date", "video:release_date", "date",
    "created",
    "article:published", "dc.date.x-metadatalastmodified", "prism.publicationdate",
    "rnews:datepublished",
)  # fmt: skip
# Of these no name says which date it is: a `<time>` beside the headline is surer.
VAGUE: Final = frozenset(("dc.date", "dcterms.date", "date", "dc.date.x-metadatalastmodified"))
MODIFIED: Final = (
    "article:modified_time", "og:updated_time", "og:modified_time", "datemodified", "lastmod",
    "dcterms.modified", "dc.date.modified", "last-modified", "lastmodifiedtime",
    "article:update_time",
    "revision_date", "updated", "article.updated", "date.updated", "og:article:modified_time",
)  # fmt: skip

# What a line says of its time. A line that says neither counts less.
_SAYS_PUBLISHED = re.compile(
    r"发布|發布|發佈|发表|發表|发稿|刊登|刊发|首发|出稿|上传|录入|日期|[时時][间間]|"
    r"published|posted|publication|created|"
    r"first published|veröffentlicht|publié|publicado|pubblicato|gepubliceerd|erstellt|"
    r"stand:|date:",
    re.IGNORECASE,
)
_SAYS_MODIFIED = re.compile(
    r"更新|修改|修订|修訂|updated|modified|edited|revised|reviewed|aktualisiert|mis à jour|"
    r"actualizado|aggiornato|atualizado|bijgewerkt|oppdatert|opdateret|uppdaterad",
    re.IGNORECASE,
)
# Of an event, a comment, a right or another article.
_SAYS_OTHER = re.compile(
    r"copyright|©|版权|版權|回复|回覆|留言|评论于|repl(?:y|ied)|截至|截止|deadline|subscribe|"
    r"comment(?:ed|s? on)|"
    r"开幕|joined|ICP备",
    re.IGNORECASE,
)
# What a line with a time has.
_READABLE = re.compile(r"\d|[前天]|ago\b|yesterday|二[〇○零]", re.IGNORECASE)
_URL_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/_.]?)(?P<m>0?[1-9]|1[0-2])(?:(?P=s)|"
    r"/)(?P<d>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_NAMED = re.compile(
    r"/(?P<y>(?:19|20)\d\d)/(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/(?P<d>\d{1,2})/"
)
# Names of meta elements that no table lists.
_META_NAME = re.compile(
    r"publi(?:sh|c)\w{0,20}[\s._-]{0,3}(?:date|time|on)|(?:date|time)[\s._-]{0,3}publi|^published$"
)
_LONG_LINE: Final = 160


class DateCandidate(NamedTuple):
    """A time that some part of the page states; of two the one of lower rank is surer."""

    rank: float
    time: ParsedTime
    origin: str
    note: str

    @property
    def day(self) -> date:
        """The day in the time's own zone."""
        return self.time.value.date()


def _json_offers(
    signals: PageEvidence, zone: str, moment: datetime | None, key: str
) -> Iterator[DateCandidate]:
    sources: tuple[tuple[Any, str, float], ...] = (
        (signals.article, "json-ld", 1.0),
        (signals.about, "json-ld page", 4.0),
    )
    keys = (
        ("datePublished", "dateCreated", "uploadDate") if key == "published" else ("dateModified",)
    )
    for thing, origin, rank in sources:
        for step, name in enumerate(keys):
            text = text_of(thing.get(name))
            found = parse_time(text, zone=zone, relative_to=moment) if text else None
            if found:
                yield DateCandidate(rank + step * 2, found, f"{origin} {name}", "")


def _meta_offers(
    signals: PageEvidence, zone: str, moment: datetime | None, key: str
) -> Iterator[DateCandidate]:
    names = PUBLISHED if key == "published" else MODIFIED
    for place, name in enumerate(names):
        for text in signals.metas.get(name, ())[:2]:
            found = parse_time(text, zone=zone, relative_to=moment)
            if found:
                rank = 2.0 + place / 100 + (1.0 if found.precision == "day" else 0.0)
                rank = 6.2 if name in VAGUE else rank
                yield DateCandidate(rank, found, f"meta {name}", "")


def _other_metas(
    signals: PageEvidence, zone: str, moment: datetime | None
) -> Iterator[DateCandidate]:
    offers = []
    for name, values in signals.metas.items():
        if name not in PUBLISHED and _META_NAME.search(name) and not _SAYS_MODIFIED.search(name):
            found = parse_time(values[0], zone=zone, relative_to=moment)
            if found:
                offers.append(DateCandidate(3.8, found, f"meta {name}", ""))
    # Of two such times the later is that of a system which the page was moved to.
    yield from sorted(offers, key=lambda offer: offer.day)


def _stamp_offers(
    signals: PageEvidence, zone: str, moment: datetime | None
) -> Iterator[tuple[str, DateCandidate]]:
    lines = [line for line in signals.lines if line.zone in ("headline", "head")]
    for place, stamp in enumerate(signals.stamps[:20]):
        found = None
        for text in (stamp.value, stamp.text):
            found = found or (parse_time(text, zone=zone, relative_to=moment) if text else None)
        if found is None:
            continue
        steps = [line.distance for line in lines if stamp.text and stamp.text in line.text]
        near = bool(steps)
        # A time far from the headline, or above it, may belong to another article's teaser.
        rank = 5.0 + place / 100 + (0 if stamp.kind else 0.5)
        rank += min(abs(s) / 40 + (0.35 if s < 0 else 0) for s in steps) if near else 0
        rank += 0 if near else 2.0 if stamp.kind else 4.0
        key = stamp.kind or ("modified" if _SAYS_MODIFIED.search(stamp.text) else "published")
        yield key, DateCandidate(rank, found, "time element", "near the headline" if near else "")


def _line_offers(
    signals: PageEvidence, zone: str, moment: datetime | None
) -> Iterator[tuple[str, DateCandidate]]:
    for line in signals.lines:
        text = line.text
        if len(text) > _LONG_LINE or not _READABLE.search(text) or _SAYS_OTHER.search(text):
            continue
        said = bool(_SAYS_PUBLISHED.search(text))
        changed = _SAYS_MODIFIED.search(text)
        found = parse_time(text, zone=zone, relative_to=moment)
        if found is None:
            continue
        # Words around the time, beyond what credits need, make it part of a sentence.
        rest = len(text) - len(found.raw)
        if rest > 60 and not said and not changed:
            continue
        if line.kept and rest > 25 and not said and not changed:
            continue
        rank = {"headline": 6.0, "head": 7.0, "tail": 9.0, "foot": 9.5, "element": 8.0}[line.zone]
        rank += abs(line.distance) / 20 + (1.0 if found.precision == "day" else 0.0)
        rank -= 0.8 if said else 0.0
        if line.distance < 0 and line.zone == "headline" and not said:
            rank += 0.6
        # Below the text stand other articles with their times.
        stray = rest > 30 or (line.zone == "foot" and line.distance > 2)
        if stray and line.zone in ("tail", "foot") and not (said or changed):
            continue
        note = f"“{text[:60]}”"
        key = "published"
        if changed and changed.start() < found.start:
            key = "modified"
        for pattern, other in ((_SAYS_MODIFIED, "modified"), (_SAYS_PUBLISHED, "published")):
            word = pattern.search(text, found.start + len(found.raw))
            later = word and parse_time(text[word.start() :], zone=zone, relative_to=moment)
            if later:
                yield other, DateCandidate(rank, later, f"line {line.zone}", note)
            elif word and other == "modified" and not said:
                key = other  # 2025-12-01 更新
        yield key, DateCandidate(rank, found, f"line {line.zone}", note)


def _url_offers(url: str, zone: str, moment: datetime | None) -> Iterator[DateCandidate]:
    try:
        path = urlsplit(url).path.lower()
    except ValueError:
        return
    match = _URL_DAY.search(path) or _URL_NAMED.search(path)
    if match:
        text = f"{match['d']} {match['m']} {match['y']}"
        if match["m"].isdigit():
            text = f"{match['y']}-{match['m']}-{match['d']}"
        found = parse_time(text, zone=zone, relative_to=moment)
        if found:
            yield DateCandidate(12.0, found, "address", "only the address says so")


def date_candidates(
    signals: PageEvidence, zone: str, moment: datetime | None
) -> dict[str, list[DateCandidate]]:
    """Return what the page offers as the time of publication and of the last change.

    Args:
        signals: evidence of the page.
        zone: IANA zone in which bare times are read, or "".
        moment: when the page was read, aware, or None.

    Returns:
        Offers under ``published`` and ``modified``.
    """
    found: dict[str, list[DateCandidate]] = {"published": [], "modified": []}
    for key in found:
        found[key] += _json_offers(signals, zone, moment, key)
        found[key] += _meta_offers(signals, zone, moment, key)
    found["published"] += _other_metas(signals, zone, moment)
    for key, offer in _stamp_offers(signals, zone, moment):
        found[key].append(offer)
    for key, offer in _line_offers(signals, zone, moment):
        found[key].append(offer)
    found["published"] += _url_offers(signals.url or signals.canonical, zone, moment)
    # Systems write the time of the last change into the head of every page, and it is no day of
    # publication; a page that shows its readers that day, or calls it the article's, dates itself.
    stated = {offer.day for offer in found["modified"] if not offer.origin.startswith("meta")}
    stated |= {offer.day for offer in found["published"]}
    for offer in found["modified"]:
        if offer.day in stated:
            note = "the page states only its last change"
            found["published"].append(offer._replace(rank=offer.rank + 20, note=note))
    return found


_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
# Zones of the places that domains belong to, where the place has one zone.
_ZONES_BY_DOMAIN: Final = {
    "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "mo": "Asia/Macau", "sg": "Asia/Singapore",
    "cn": "Asia/Shanghai",
}  # fmt: skip
# Rank up to which a printed day is surely the article's: near the headline.
_SHOWN: Final = 7.6
_SAME: Final = timedelta(minutes=2)


def zone_of(url: str, language: str, text: str, script: str) -> tuple[str, str]:
    """Return the zone in which a page's bare times are read, and why; "" where nothing tells.

    Args:
        url: address of the page.
        language: ``lang`` of the document.
        text: beginning of the text.
        script: script of a Chinese text, as `scraper.text.chinese.script_of` gives it.
    """
    try:
        domain = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
    except ValueError:
        domain = ""
    if domain in _ZONES_BY_DOMAIN and (domain != "sg" or _HAN.search(text)):
        return _ZONES_BY_DOMAIN[domain], f"domain .{domain}"
    tongue = language.lower().replace("_", "-")
    chinese = len(_HAN.findall(text[:2000])) > max(10, len(text[:2000]) // 5)
    if not chinese and not tongue.startswith("zh"):
        return "", ""
    if len(_KANA.findall(text[:2000])) > 20:
        return "Asia/Tokyo", "Japanese text"
    if tongue in ("zh-tw", "zh-hant-tw") and script != "Hans":
        return "Asia/Taipei", f"lang {language}"
    if tongue in ("zh-hk", "zh-hant-hk") and script != "Hans":
        return "Asia/Hong_Kong", f"lang {language}"
    # All three Chinese zones are eight hours ahead; only the name differs.
    return ("Asia/Taipei" if script == "Hant" else "Asia/Shanghai"), "Chinese text"


def _candidates(
    key: str, offers: list[DateCandidate], why: str, chosen: DateCandidate | None
) -> Iterator[Candidate]:
    for offer in offers[:24]:
        notes = [offer.note] if offer.note else []
        if offer.time.zone_assumed:
            reason = f" ({why})" if why and offer.time.zone_assumed != "UTC" else ""
            notes.append(f"zone {offer.time.zone_assumed} assumed{reason}")
        if offer.time.precision == "day":
            notes.append("day only")
        if offer.time.relative:
            notes.append(f"{offer.time.raw}: counted from the fetch")
        yield Candidate(
            field=key,
            value=offer.time.value.isoformat(),
            origin=offer.origin,
            chosen=chosen is not None and offer[:3] == chosen[:3],
            note=", ".join(notes),
        )


def _finest(offers: list[DateCandidate]) -> DateCandidate | None:
    """Return the best offer, or a finer one that states the same day."""
    if not offers:
        return None
    best = offers[0]
    for offer in offers[1:]:
        mine, theirs = best.time, offer.time
        if mine.precision == "day":
            if theirs.precision != "day" and theirs.value.date() == mine.value.date():
                return offer
        elif (
            abs(theirs.value - mine.value) < _SAME
            and not mine.value.utcoffset()
            and theirs.value.utcoffset()
            and not theirs.zone_assumed
        ):
            # The same moment in the publisher's own zone: its calendar day is the printed one.
            return offer
    shown = next((offer for offer in offers if offer.origin == "line headline"), None)
    head = best.origin.startswith(("meta", "json-ld"))
    if shown and head and best.rank < shown.rank < _SHOWN and shown.day < best.day:
        # What readers are shown as its day came before what the head says: the head tells when
        # the page was moved to another system.
        return shown._replace(note=f"{shown.note}, before the head's time")
    return best


def choose_dates(
    signals: PageEvidence, *, zone: str, why: str, fetched_at: datetime | None
) -> tuple[datetime | None, datetime | None, list[Candidate]]:
    """Choose when the article was published and when it was last changed.

    Args:
        signals: evidence of the page.
        zone: IANA zone in which bare times are read, or "".
        why: why that zone, for the notes.
        fetched_at: when the page was read, aware: what ``3小时前`` counts from.

    Returns:
        Both times, None where the page does not say, and all candidates.
    """
    found = date_candidates(signals, zone, fetched_at)
    results: list[datetime | None] = []
    candidates: list[Candidate] = []
    for key, offers in found.items():
        offers.sort(key=lambda offer: offer.rank)
        chosen = _finest(offers)
        if key == "modified" and chosen and results[0] and chosen.time.value < results[0]:
            chosen = None
        results.append(chosen.time.value if chosen else None)
        candidates += _candidates(key, offers, why, chosen)
    return results[0], results[1], candidates
