"""When it was published and last changed: every time that the page states, ranked by who says it.

JSON-LD and the meta elements are written for machines and come first; then ``<time>``, then the
lines near the headline, last a date in the address. Nothing else is a date: no number in a link, no
copyright year, no day that the text tells about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from scraper.extract.date_offers import Offer, offers_of
from scraper.extract.meta_page import Signals
from scraper.models import Candidate

__all__ = ["choose_dates", "zone_of"]

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
        script: script of a Chinese text, as `scraper.hanzi.script_of` gives it.
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
    key: str, offers: list[Offer], why: str, chosen: Offer | None
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


def _finest(offers: list[Offer]) -> Offer | None:
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
    signals: Signals, *, zone: str, why: str, fetched_at: datetime | None
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
    found = offers_of(signals, zone, fetched_at)
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
