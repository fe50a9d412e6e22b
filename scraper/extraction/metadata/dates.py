"""Dates of publication and last change: all times that a page states, ranked by origin.

JSON-LD and meta elements are machine-readable and come first; then ``<time>`` and the like, lines
near the headline, the page's scripts, and last a date in the address. Nothing else is a date: not a
number in a link, a copyright year, a day mentioned in the text, or a date of an embedded post or of
another article's teaser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from scraper.extraction.metadata.evidence import PageEvidence, Stamp
from scraper.extraction.metadata.evidence_lines import EvidenceLine
from scraper.extraction.metadata.romanized import romanized_zone
from scraper.extraction.structured_data import text_of
from scraper.models import ONLY_LAST_CHANGE, Candidate
from scraper.record import record
from scraper.text.dates import ParsedTime, find_times, parse_time
from scraper.text.month_names import MONTH_START
from scraper.text.patterns import lazy_compile

__all__ = ["DateCandidate", "choose_dates", "date_candidates"]


def _spellings(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_spelling(name) for name in names))


def _spelling(name: str) -> str:
    """Return a normalized name of a meta element: dc:date and DC.Date are equal."""
    return re.sub(r"[\s:._-]+", ".", name.lower())


# Names of meta elements with a time, most reliable first.
PUBLISHED: Final = _spellings(
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time",
    "article:published_date", "article:publish_date", "article:published_at",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "pubdate", "pub_date",
    "publishdate", "publish_date", "publishtime", "publish_time",
    "firstpublishedtime", "first_published_at", "first_publish_date",
    "publication_date", "article.published", "article_date_original", "originalpublicationdate",
    "original_publish_date", "og:regdate", "regdate", "reg_date", "og:pubdate",
    "og:article:pubdate",
    "dc.date.issued", "dc.issued", "dcterms.issued", "dcterms.created", "dc.date.created",
    "dc.created", "dc.date.published", "dc.date.publication", "dc.date", "dcterms.date",
    "citation_publication_date", "citation_online_date", "citation_date", "bt:pubdate", "og:time",
    "weibo:article:create_at", "datecreated", "displaydate", "cdnpubdate", "date.created",
    "article:create_time", "article:created_time", "article:created", "article:date",
    "article:post_date", "article_date", "articledate", "post_date", "postdate", "dateposted",
    "create_date", "createdate", "creation_date", "created_at", "pubtime", "gentime",
    "release_date", "og:release_date", "video:release_date", "date",
    "created", "article:published", "dc.date.x-metadatalastmodified", "prism.publicationdate",
    "rnews:datepublished", "schema:datepublished", "schema.org:datepublished", "newsdate",
)  # fmt: skip
# These names do not state the kind of date: a `<time>` beside the headline is more reliable.
VAGUE: Final = frozenset(
    _spellings("dc.date", "dcterms.date", "date", "dc.date.x-metadatalastmodified")
)
MODIFIED: Final = _spellings(
    "article:modified_time", "og:updated_time", "og:modified_time", "datemodified", "lastmod",
    "dcterms.modified", "dc.date.modified", "dc.modified", "last-modified", "lastmodifiedtime",
    "article:update_time", "article:updated_time", "article:updated", "article:modified",
    "article:modified_date", "modified_time", "modified_date", "modifieddate", "modified",
    "last_modified_date", "last_updated", "lastupdated", "last_update", "lastupdate", "updated_at",
    "updated_time", "update_date", "revised", "date_modified",
    "revision_date", "updated", "article.updated", "date.updated", "og:article:modified_time",
)  # fmt: skip
# Names of times in microdata, RDFa and JSON-LD.
_JSON_PUBLISHED: Final = ("datePublished", "dateCreated", "uploadDate")
_JSON_MODIFIED: Final = ("dateModified",)

# Labels of times in a line. A line without one counts less.
_SAYS_PUBLISHED = lazy_compile(
    r"发布|發布|發佈|发表|發表|发稿|刊登|刊发|首发|出稿|上传|录入|"
    r"published|posted|publication|created|"
    r"first published|veröffentlicht|erschienen|publié|mis en ligne|paru|publicado|pubblicato|"
    r"gepubliceerd|geplaatst|publicerad|publisert|opublikowano|erstellt|"
    r"опубликовано|입력|등록|게재|작성|승인|公開|掲載|配信|投稿|初出",
    re.IGNORECASE,
)
# Labels of times of any kind: 更新时间 is a time of change, 时间 alone of publication.
_SAYS_DATE = lazy_compile(r"日期|[时時][间間]|\bstand:|\bdate:|일시", re.IGNORECASE)
_SAYS_MODIFIED = lazy_compile(
    r"更新|修改|修订|修訂|[编編][辑輯][于於]|updated|modified|edited|revised|reviewed|amended|corrected|refreshed|(?:last|latest)\s(?:changed?|update|revision|modification|edit)\b|"
    r"aktualisiert|geändert|mis à jour|modifié|actualisé|"
    r"actualizado|actualización|modificado|aggiornato|atualizado|bijgewerkt|gewijzigd|"
    r"oppdatert|opdateret|uppdaterad|zaktualizowano|обновлено|수정|업데이트|最終",
    re.IGNORECASE,
)
# Words directly before or behind a time: when a document was drawn up, which is not when the page
# shows it; and from when it is in force, which is no date of either.
_DRAWN_UP = lazy_compile(
    r"(?:成文|[签簽][发發]|印[发發]|生成|制定|[发發]文)(?:日期|[时時][间間])?[\s\]】:：]*$|^\s*(?:印[发發]|[签簽][发發])"
)
_IN_FORCE = lazy_compile(
    r"(?:生效|施行|[实實]施|[执執]行|失效|[废廢]止)(?:日期|[时時][间間])[\s\]】:：]*$"
    r"|^\s?起?(?:正式|[开開]始)?(?:施行|[实實]施|生效|[执執]行|[废廢]止)"
)
# Labels of times of an event, a comment, a right or another article.
_SAYS_OTHER = lazy_compile(
    r"copyright|©|版权|版權|回复|回覆|留言|评论于|repl(?:y|ied)|截至|截止|deadline|subscribe|"
    r"comment(?:ed|s? on)|"
    r"开幕|joined|ICP备|(?:推荐|推薦|相关|相關|热门|熱門)文章",
    re.IGNORECASE,
)
# Every line with a time matches this.
_READABLE = lazy_compile(
    r"\d|[前天刚剛전제]|ago\b|yesterday|gestern|\bhier\b|ayer|ieri|二[〇○零]|民國", re.IGNORECASE
)
# Without a mark between them month and day have two digits each: 202611 is no first of January.
_URL_DAY = lazy_compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/_.])(?P<m>0?[1-9]|1[0-2])(?:(?P=s)|/)"
    r"(?P<d>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_CLOSE = lazy_compile(
    r"(?:(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])/?"
    r"|(?<=/)(?P<y2>(?:19|20)\d\d)/(?P<m2>0[1-9]|1[0-2])-?)"
    r"(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_NAMED = lazy_compile(rf"/(?P<y>(?:19|20)\d\d)/(?P<m>{MONTH_START})/(?P<d>\d{{1,2}})/")
# Names of other meta elements.
_META_NAME = lazy_compile(
    r"publi(?:sh|c)\w{0,20}[\s._-]{0,3}(?:date|time|on|at)\b|(?:date|time)[\s._-]{0,3}publi"
    r"|^published$"
)
_LONG_LINE: Final = 160
# What is added to the rank of the day on which a document was drawn up: even the address is better.
_DRAWN_UP_RANK: Final = 7.0
# Maximum characters of a line that is only the label of the next one.
_LABEL: Final = 20


class DateCandidate(NamedTuple):
    """A time in one part of the page; a lower rank is more reliable."""

    rank: float
    time: ParsedTime
    origin: str
    note: str

    @property
    def day(self) -> date:
        """The calendar day in the time's own zone."""
        return self.time.value.date()


@record
class _Reading:
    """Parameters for parsing the times of a page.

    Attributes:
        zone: IANA zone of times without one, or "".
        moment: time of the fetch, aware, or None.
        language: language tag that decides the order of ``3/4/2025``, or "".
    """

    zone: str
    moment: datetime | None
    language: str

    def first(self, text: str) -> ParsedTime | None:
        """Return the first time in a text, or None."""
        return parse_time(text, zone=self.zone, relative_to=self.moment, language=self.language)

    def is_today(self, time: ParsedTime) -> bool:
        """Return whether a time is the day on which the page was read: what its clock shows."""
        if self.moment is None or time.relative:
            return False
        zone = time.value.tzinfo
        return time.value.date() == (self.moment.astimezone(zone) if zone else self.moment).date()

    def all(self, text: str) -> list[ParsedTime]:
        """Return the times in a text in their order."""
        return find_times(text, zone=self.zone, relative_to=self.moment, language=self.language)


def _stated(value: Any) -> str:
    """Return a JSON-LD time as text: some systems write a number of seconds or milliseconds."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if 0 < value < 1e14 else ""
    return text_of(value)


def _json_candidates(signals: PageEvidence, reading: _Reading, key: str) -> Iterator[DateCandidate]:
    sources: tuple[tuple[Any, str, float], ...] = (
        (signals.article, "json-ld", 1.0),
        (signals.about, "json-ld page", 4.0),
    )
    for thing, origin, rank in sources:
        for step, name in enumerate(_JSON_PUBLISHED if key == "published" else _JSON_MODIFIED):
            text = _stated(thing.get(name))
            found = reading.first(text) if text else None
            if found:
                yield DateCandidate(rank + step * 2, found, f"{origin} {name}", "")


def _meta_candidates(
    metas: Mapping[str, tuple[str, ...]], reading: _Reading, key: str
) -> Iterator[DateCandidate]:
    for place, name in enumerate(PUBLISHED if key == "published" else MODIFIED):
        for text in metas.get(name, ())[:2]:
            found = reading.first(text)
            if found:
                rank = 2.0 + place / 100 + (1.0 if found.precision == "day" else 0.0)
                rank = 6.2 if name in VAGUE else rank
                yield DateCandidate(rank, found, f"meta {name}", "")


def _other_metas(
    metas: Mapping[str, tuple[str, ...]], reading: _Reading
) -> Iterator[DateCandidate]:
    candidates = []
    for name, values in metas.items():
        if name not in PUBLISHED and _META_NAME.search(name) and not _SAYS_MODIFIED.search(name):
            found = reading.first(values[0])
            if found:
                candidates.append(DateCandidate(3.8, found, f"meta {name}", ""))
    # The later of two such times is often that of a migration to another system.
    yield from sorted(candidates, key=lambda candidate: candidate.day)


# What a label says of its time; the patterns for those of documents tell the nearest one.
_KINDS: Final = (
    (_SAYS_MODIFIED, "modified"),
    (_SAYS_PUBLISHED, "published"),
    (_DRAWN_UP, "drawn up"),
    (_IN_FORCE, "in force"),
)


def _said(text: str, *, last: bool) -> str:
    """Return the kind of time of the last, or the first, label in a text, or ""."""
    found = [(match.start(), kind) for pattern, kind in _KINDS for match in pattern.finditer(text)]
    if not found:
        return "published" if _SAYS_DATE.search(text) else ""
    return (max if last else min)(found)[1]


def _kinds(parts: Sequence[str]) -> list[str]:
    """Return the kind of each time in a row by the words around it.

    Labels precede their times (``Updated … Published …``) or, if none precedes the first, follow
    them (``… 更新 … 發布``).

    Args:
        parts: the words before the first time, between each two, and after the last.
    """
    before = [_said(part, last=True) for part in parts[:-1]]
    if before and not before[0] and _said(parts[-1], last=False):
        return [_said(part, last=False) for part in parts[1:]]
    return before


def _stamp_kinds(stamps: Sequence[Stamp]) -> list[str]:
    """Return the kind of each stamp by its names, else by the words beside it."""
    behind = {
        stamp.group
        for at, stamp in enumerate(stamps)
        if not _said(stamp.before, last=True)
        and _said(stamp.after, last=False)
        and all(other.group != stamp.group for other in stamps[:at])
    }
    return [
        stamp.kind
        or (
            _said(stamp.after, last=False)
            if stamp.group in behind
            else _said(stamp.before, last=True)
        )
        for stamp in stamps
    ]


def _stamp_candidates(
    signals: PageEvidence, reading: _Reading
) -> Iterator[tuple[str, DateCandidate]]:
    lines = [line for line in signals.lines if line.zone in ("headline", "head")]
    stamps = signals.stamps[:30]
    for place, (stamp, kind) in enumerate(zip(stamps, _stamp_kinds(stamps), strict=True)):
        found = None
        for text in (*stamp.values, stamp.text):
            found = found or reading.first(text)
        if found is None:
            continue
        near = [line for line in lines if stamp.text and stamp.text in line.text]
        steps = [line.distance for line in near]
        if near and all(line.amid or line.other for line in near) and not kind:
            continue
        if near and all(line.above for line in near) and reading.is_today(found):
            continue
        if not stamp.named and (not near or found.raw == stamp.text):
            continue
        # A time above the headline, or far from it, may belong to another article's teaser.
        rank = 5.0 + place / 100 + (0 if kind else 0.5)
        rank += min(abs(s) / 40 + (0.35 if s < 0 else 0) for s in steps) if near else 0
        rank += 0 if near else 2.0 if kind else 4.0
        key = kind or ("modified" if _SAYS_MODIFIED.search(stamp.text) else "published")
        note = "near the headline" if near else ""
        yield from _of_kind(key, DateCandidate(rank, found, "time element", note))


def _line_candidates(
    signals: PageEvidence, reading: _Reading
) -> Iterator[tuple[str, DateCandidate]]:
    for at, line in enumerate(signals.lines):
        text = line.text
        if len(text) > _LONG_LINE or not _READABLE.search(text) or _SAYS_OTHER.search(text):
            continue
        if line.other:
            continue
        times = reading.all(text)
        if not times:
            continue
        ends = [time.start + len(time.raw) for time in times]
        parts = [
            text[start:end]
            for start, end in zip(
                [0, *ends], [*(time.start for time in times), len(text)], strict=True
            )
        ]
        kinds = _kinds(parts)
        if at and not any(kinds) and not parts[0].strip():
            # The label may be in its own element: “Posted on”, then the date.
            above = signals.lines[at - 1].text
            kinds[0] = _said(above, last=True) if len(above) <= _LABEL else ""
        labelled = any(kinds)
        # A time among more words than credits need is part of a sentence.
        rest = sum(map(len, parts))
        if (rest > 60 or (line.kept and rest > 25) or line.amid) and not labelled:
            continue
        # Below the text are other articles with their times.
        stray = rest > 30 or (line.zone == "foot" and line.distance > 2)
        if stray and line.zone in ("tail", "foot") and not labelled:
            continue
        if line.above and not labelled and reading.is_today(times[0]):
            continue
        zone, note = romanized_zone(signals.lines, at)
        for order, (time, kind) in enumerate(zip(times, kinds, strict=True)):
            if labelled and not kind and order:
                continue
            found = _in_zone(time, zone, text, reading) if zone else time
            rank = _line_rank(line, found, kind) + order / 100
            shown = f"“{text[:60]}”" + (f", {note}" if note else "")
            yield from _of_kind(
                kind or "published", DateCandidate(rank, found, f"line {line.zone}", shown)
            )
            if not labelled:
                break


def _of_kind(kind: str, candidate: DateCandidate) -> Iterator[tuple[str, DateCandidate]]:
    """Yield a time under the field that its kind is a candidate for, if any.

    When a document was drawn up is the day to tell where the page states no other.
    """
    if kind == "drawn up":
        note = f"{candidate.note}, the document's own day".removeprefix(", ")
        yield "published", candidate._replace(rank=candidate.rank + _DRAWN_UP_RANK, note=note)
    elif kind != "in force":
        yield kind, candidate


def _line_rank(line: EvidenceLine, time: ParsedTime, kind: str) -> float:
    """Return the rank of a line's time; lower is more reliable."""
    rank = {"headline": 6.0, "head": 7.0, "tail": 9.0, "foot": 9.5, "element": 8.0}[line.zone]
    rank += abs(line.distance) / 20 + (1.0 if time.precision == "day" else 0.0)
    rank -= 0.8 if kind == "published" else 0.0
    if line.distance < 0 and line.zone == "headline" and kind != "published":
        rank += 0.6
    return rank


def _in_zone(time: ParsedTime, zone: str, text: str, reading: _Reading) -> ParsedTime:
    """Return a time with an assumed zone in another zone."""
    if not time.zone_assumed:
        return time
    found = replace(reading, zone=zone).first(text[time.start :])
    return replace(found, start=time.start) if found else time


def _script_candidates(signals: PageEvidence, reading: _Reading) -> Iterator[DateCandidate]:
    for place, (name, text) in enumerate(signals.script_times):
        found = reading.first(text)
        if found:
            rank = 10.5 + place / 100 + (0.5 if found.precision == "day" else 0.0)
            yield DateCandidate(rank, found, f"script {name}", "")


def _url_candidates(url: str, reading: _Reading) -> Iterator[DateCandidate]:
    try:
        path = urlsplit(url).path.lower()
    except ValueError:
        return
    if match := _URL_DAY.search(path) or _URL_NAMED.search(path) or _URL_CLOSE.search(path):
        parts = match.groupdict()
        year, month = parts["y"] or parts["y2"], parts["m"] or parts["m2"]
        text = f"{match['d']} {month} {year}"
        if month.isdigit():
            text = f"{year}-{month}-{match['d']}"
        found = reading.first(text)
        if found:
            yield DateCandidate(12.0, found, "address", "only the address says so")


def date_candidates(
    signals: PageEvidence, zone: str, moment: datetime | None, language: str = ""
) -> dict[str, list[DateCandidate]]:
    """Return the page's candidates for the times of publication and last change.

    Args:
        signals: evidence of the page.
        zone: IANA zone of times without one, or "".
        moment: time of the fetch, aware, or None.
        language: language tag that decides the order of ``3/4/2025``, or "".

    Returns:
        Candidates under ``published`` and ``modified``.
    """
    reading = _Reading(zone=zone, moment=moment, language=language)
    metas: dict[str, tuple[str, ...]] = {}
    for name, values in signals.metas.items():
        metas.setdefault(_spelling(name), values)
    found: dict[str, list[DateCandidate]] = {"published": [], "modified": []}
    for key in found:
        found[key] += _json_candidates(signals, reading, key)
        found[key] += _meta_candidates(metas, reading, key)
    found["published"] += _other_metas(metas, reading)
    for key, candidate in _stamp_candidates(signals, reading):
        found[key].append(candidate)
    for key, candidate in _line_candidates(signals, reading):
        found[key].append(candidate)
    found["published"] += _script_candidates(signals, reading)
    found["published"] += _url_candidates(signals.url or signals.canonical, reading)
    # Many systems put the time of the last change into the head of every page, which is not a date
    # of publication; but it counts if the page shows that day, or calls it the article's.
    stated = {c.day for c in found["modified"] if not c.origin.startswith("meta")}
    stated |= {candidate.day for candidate in found["published"]}
    for candidate in found["modified"]:
        if candidate.day in stated:
            found["published"].append(
                candidate._replace(rank=candidate.rank + 20, note=ONLY_LAST_CHANGE)
            )
    return found


# Up to this rank (near the headline), a printed day is certainly the article's.
_SHOWN: Final = 7.6
_SAME: Final = timedelta(minutes=2)
# Largest offset of a zone from UTC in hours.
_WIDEST: Final = 14
_QUARTER: Final = 900  # seconds
# Up to this rank, a time is machine-readable.
_MACHINE: Final = 6.0


def _records(
    key: str, ranked: list[DateCandidate], why: str, chosen: DateCandidate | None
) -> Iterator[Candidate]:
    for candidate in ranked[:24]:
        notes = [candidate.note] if candidate.note else []
        if candidate.time.zone_assumed:
            reason = f" ({why})" if why and candidate.time.zone_assumed != "UTC" else ""
            notes.append(f"zone {candidate.time.zone_assumed} assumed{reason}")
        if candidate.time.precision == "day":
            notes.append("day only")
        if candidate.time.relative:
            notes.append(f"{candidate.time.raw}: counted from the fetch")
        yield Candidate(
            field=key,
            value=candidate.time.value.isoformat(),
            origin=candidate.origin,
            chosen=chosen is not None and candidate[:3] == chosen[:3],
            note=", ".join(notes),
        )


def _is_same_moment(exact: ParsedTime, other: ParsedTime) -> bool:
    """Return whether a time with a stated zone may equal one without a zone.

    They differ by a possible offset, in quarters of an hour, or the other is only the calendar day
    somewhere on earth.
    """
    if exact.zone_assumed or not other.zone_assumed or exact.precision == "day" or other.relative:
        return False
    apart = exact.value - other.value
    widest = timedelta(hours=_WIDEST)
    if other.precision == "day":
        return -widest <= apart <= widest + timedelta(hours=24)
    rest = abs(apart).total_seconds() % _QUARTER
    return abs(apart) <= widest and min(rest, _QUARTER - rest) < _SAME.total_seconds() / 2


def _finest(candidates: list[DateCandidate]) -> DateCandidate | None:
    """Return the best candidate, or a more precise one of the same day or moment."""
    if not candidates:
        return None
    best = candidates[0]
    for other in candidates[1:]:
        mine, theirs = best.time, other.time
        if mine.precision == "day":
            if theirs.precision != "day" and theirs.value.date() == mine.value.date():
                return other
        elif (
            abs(theirs.value - mine.value) < _SAME
            and not mine.value.utcoffset()
            and theirs.value.utcoffset()
            and not theirs.zone_assumed
            and (theirs.precision == mine.precision or theirs.value.date() != mine.value.date())
        ):
            # The same moment in the publisher's zone: its calendar day is the printed one.
            return other
        elif mine.zone_assumed and other.rank < _MACHINE and _is_same_moment(theirs, mine):
            # The page prints local time without a zone; this candidate has the exact moment.
            return other
    shown = next((c for c in candidates if c.origin == "line headline"), None)
    head = best.origin.startswith(("meta", "json-ld"))
    earlier = shown and head and best.rank < shown.rank < _SHOWN and shown.day < best.day
    if shown and earlier and not _is_same_moment(best.time, shown.time):
        # The visible day is earlier than the head's: the head has the time of a migration to
        # another system, unless both are one moment in two zones.
        return shown._replace(note=f"{shown.note}, before the head's time")
    return best


def choose_dates(
    signals: PageEvidence,
    *,
    zone: str,
    why: str,
    fetched_at: datetime | None,
    language: str = "",
) -> tuple[datetime | None, datetime | None, list[Candidate]]:
    """Choose the article's times of publication and last change.

    Args:
        signals: evidence of the page.
        zone: IANA zone of times without one, or "".
        why: reason for that zone, for the notes.
        fetched_at: time of the fetch, aware, to which ``3小时前`` is relative.
        language: language tag that decides the order of ``3/4/2025``, or "".

    Returns:
        Both times, or None, and all candidates.
    """
    found = date_candidates(signals, zone, fetched_at, language)
    published = sorted(found["published"], key=lambda candidate: candidate.rank)
    modified = sorted(found["modified"], key=lambda candidate: candidate.rank)
    first = _finest(published)
    last = _finest(modified)
    if first and last and last.time.zone_assumed and published[0].time.zone_assumed:
        # The offset of the page's clock at publication applies to all its times.
        behind = first.time.value - published[0].time.value
        if behind and _is_same_moment(first.time, published[0].time):
            moved = replace(last.time, value=last.time.value + behind)
            note = "the page's clock told by its time of publication"
            modified = [last := last._replace(time=moved, note=note), *modified[1:]]
    if first and last and last.time.value < first.time.value:
        last = None
    records = [
        *_records("published", published, why, first),
        *_records("modified", modified, why, last),
    ]
    return first.time.value if first else None, last.time.value if last else None, records
