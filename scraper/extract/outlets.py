"""Whose page it is, and whom the page credits for the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extract.credits import (
    agency_of,
    credits,
    dateline_source,
    outlet_name,
    stamp_neighbour,
)
from scraper.extract.jsonld import names_of
from scraper.extract.meta_page import Signals
from scraper.extract.meta_text import folded
from scraper.extract.titles import without_site
from scraper.models import Candidate

__all__ = ["choose_outlet", "choose_source"]

# Meta elements in which a page credits another outlet.
_META: Final = (
    "contentsource", "source", "article:source", "og:article:source", "newssource", "dc.source",
    "copyright-holder", "original-source", "mediaid",
)  # fmt: skip
_LABEL = re.compile(r"^(?:[来來]源|source)\s?[:：]\s?", re.IGNORECASE)


class _Offer(NamedTuple):
    rank: float
    name: str
    origin: str


def _chosen(field: str, offers: list[_Offer]) -> tuple[str, list[Candidate]]:
    offers.sort(key=lambda offer: offer.rank)
    value, candidates = "", []
    for offer in offers:
        chosen = not value
        value = value or offer.name
        candidates.append(
            Candidate(field=field, value=offer.name, origin=offer.origin, chosen=chosen)
        )
    return value, candidates


def choose_outlet(
    signals: Signals, names: Sequence[str], title: str
) -> tuple[str, list[Candidate]]:
    """Choose the publisher of the page as it names itself.

    Args:
        signals: evidence of the page.
        names: names that head and JSON-LD give the site.
        title: the headline: what ``<title>`` has beside it is the site.
    """
    offers = [_Offer(rank, name, "site name") for rank, name in enumerate(names)]
    for thing in (signals.article, signals.about):
        offers += [
            _Offer(10, name, "json-ld publisher")
            for name in names_of(thing.get("publisher"), signals.things)[:1]
            if name not in names
        ]
    offers += [
        _Offer(11 + rank, value, f"meta {name}")
        for rank, name in enumerate(("publisher", "dc.publisher", "og:publisher", "copyright"))
        if (value := signals.meta(name)) and len(value) < 60 and not value.startswith("http")
    ]
    if title and title in signals.title and len(signals.title) > len(title):
        rest = signals.title[signals.title.rindex(title) + len(title) :]
        parts = [
            part.strip()
            for part in re.split(r"[|｜_»]|\s[-–—·@]\s|--|——|::|^-|-(?=[\u4e00-\u9fff])", rest)
        ]
        parts = [part.strip(" -–—·") for part in parts if part.strip(" -–—·")]
        if parts and len(parts[-1]) < 40:
            offers.append(_Offer(12, parts[-1], "title"))
    return _chosen("outlet", offers)


def choose_source(signals: Signals, outlet: str) -> tuple[str, list[Candidate]]:
    """Choose the outlet that the page credits for the text.

    A label such as 来源 near the headline or below the text is surest, then the head, then what
    stands beside the time, then the dateline.

    Args:
        signals: evidence of the page.
        outlet: name of the page's own publisher.
    """
    offers: list[_Offer] = []
    order = {"headline": 0.0, "head": 1.0, "foot": 2.0, "tail": 2.5, "element": 3.0}
    for line in signals.lines:
        if len(line.text) > 240:
            continue
        for credit in credits(line.text):
            if credit.role != "source":
                continue
            # 图片来源 credits a picture: the label begins another word, or the line is a caption.
            if re.search(r"[图圖]片?$|[图圖]片", line.text[: line.text.find(credit.label)]):
                continue
            name = outlet_name(credit.value)
            if name and not (line.kept and len(line.text) > 60):
                # In the text itself a label may credit a picture or a quotation.
                rank = order[line.zone] + abs(line.distance) / 50 + (4.5 if line.kept else 0.0)
                offers.append(_Offer(rank, name, f"line {credit.label}"))
        if (
            line.zone == "headline"
            and 0 < line.distance < 8
            and re.search(r"\.[\w-]*source\b", line.name)
            and len(line.text) < 24
            and (name := outlet_name(_LABEL.sub("", line.text)))
        ):
            offers.append(_Offer(3.0, name, "element source"))
        name, side = stamp_neighbour(line.text)
        if name and (name := outlet_name(name)):
            # Beside the headline's time it is surer than a label below the text, which may be that
            # of the last picture.
            rank = 1.6 if line.zone == "headline" and line.distance > 0 else 4.0 + order[line.zone]
            offers.append(_Offer(rank, name, side))
    for rank, key in enumerate(_META):
        value = _LABEL.sub("", signals.meta(key))
        name = outlet_name(value) if value else ""
        if name:
            # What the page shows is fresher than what its template says.
            own = folded(name) == folded(outlet)
            offers.append(_Offer(5.5 + rank / 10 if own else 3.5 + rank / 10, name, f"meta {key}"))
    if signals.account:
        offers.append(_Offer(6.5, signals.account, "account"))
    kept = [line.text for line in signals.lines if line.kept]
    name, origin = dateline_source([*kept[:3], *kept[-2:]])
    if name:
        offers.append(_Offer(7.0, name, origin))
    for raw in names_of(signals.article.get("author"), signals.things):
        if agency_of(raw):
            offers.append(_Offer(8.0, raw, "json-ld author"))
    names = frozenset({folded(outlet)}) if outlet else frozenset()
    offers = [
        offer._replace(name=without_site(offer.name, names) or offer.name) for offer in offers
    ]
    return _chosen("source", offers)
