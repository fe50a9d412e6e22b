"""All that a page says about its article beside the text, with the evidence for each choice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.metadata.authors import choose_authors
from scraper.extraction.metadata.dates import choose_dates
from scraper.extraction.metadata.evidence import PageEvidence, gather
from scraper.extraction.metadata.outlet_names import choose_outlet, choose_source
from scraper.extraction.metadata.pagination import next_page
from scraper.extraction.metadata.person_names import HAN
from scraper.extraction.metadata.titles import choose_title, site_names
from scraper.extraction.page_elements import PageElements, page_elements
from scraper.extraction.structured_data import url_of
from scraper.models import Article, KeptBlock, RemovedBlock
from scraper.text.chinese import script_of
from scraper.text.languages import order_tag, zone_of_page
from scraper.urls import absolute

__all__ = ["find_metadata"]

EXCERPT_LENGTH: Final = 300
_SAMPLE: Final = 2_000


def find_metadata(
    tree: LexborHTMLParser,
    *,
    url: str = "",
    blocks: Sequence[KeptBlock | RemovedBlock] = (),
    fetched_at: datetime | None = None,
    zone: str = "",
    elements: PageElements | None = None,
) -> Article:
    """Return what a page says about its article.

    Nothing is raised whatever the page holds; what can't be read is no evidence. Of the record that
    is returned the text is still to come, and `language` is what the page claims, as printed.

    Args:
        tree: the page, parsed; it is not changed.
        url: address that it was read under, or "".
        blocks: all its blocks of text in page order; `KeptBlock` ones belong to the article.
        fetched_at: when it was read, aware: relative times count from it, later ones are refused.
        zone: IANA zone of the source, or "": then a Chinese page's bare times are read in its own.
        elements: those of the page if they were found before, or None to find them.
    """
    telling = (elements or page_elements(tree)).telling
    signals = gather(tree, url, blocks, telling)
    names = site_names(signals)
    title, candidates = choose_title(signals, names)
    outlet, found = choose_outlet(signals, names, title)
    candidates += found
    source, found = choose_source(signals, outlet)
    candidates += found
    authors, found = choose_authors(signals, [*names, outlet, source])
    candidates += found
    why = "configured" if zone else ""
    if not zone:
        sample = " ".join(signals.kept)[:_SAMPLE] or title
        script = script_of(sample) if HAN.search(sample) else ""
        zone, why = zone_of_page(url or signals.canonical, signals.language, sample, script)
    tags = (signals.language, signals.meta("og:locale"), signals.meta("content-language"))
    published, modified, found = choose_dates(
        signals,
        zone=zone,
        why=why,
        fetched_at=fetched_at,
        language=order_tag(url or signals.canonical, tags),
    )
    candidates += found
    canonical = _canonical(signals, url)
    below = [line.text for line in signals.lines if line.zone == "foot" and len(line.text) < 80]
    return Article(
        title=title,
        authors=authors,
        outlet=outlet,
        source=source,
        published=published,
        modified=modified,
        canonical_url=canonical,
        excerpt=_excerpt(signals),
        image=_image(signals, url or canonical),
        next_url=next_page(tree, url or canonical, signals.next_link, below),
        language=signals.language or signals.meta("og:locale", "content-language"),
        candidates=tuple(candidates),
    )


def _canonical(signals: PageEvidence, url: str) -> str:
    if signals.canonical:
        return signals.canonical
    return next(
        (
            address
            for value in (signals.meta("og:url"), url_of(signals.article.get("url")))
            if value and (address := absolute(url, value))
        ),
        "",
    )


def _image(signals: PageEvidence, base: str) -> str:
    values = (
        signals.meta("og:image", "og:image:url", "og:image:secure_url"),
        signals.meta("twitter:image", "twitter:image:src"),
        url_of(signals.article.get("image")),
        url_of(signals.article.get("thumbnailUrl")),
    )
    return next((a for value in values if value and (a := absolute(base, value))), "")


def _excerpt(signals: PageEvidence) -> str:
    summary = signals.meta("description", "og:description", "twitter:description")
    text = summary if len(summary) > 20 else ""
    if not text:
        # No summary of the page's own: its first sentences.
        for line in signals.kept:
            if len(line) >= 20 or text:
                text = f"{text} {line}".strip()
            if len(text) >= EXCERPT_LENGTH:
                break
    text = text or summary
    if len(text) <= EXCERPT_LENGTH:
        return text
    cut = text[: EXCERPT_LENGTH - 1]
    end = max(cut.rfind(mark) for mark in "。！？.!? ，,")
    return (cut[:end] if end > EXCERPT_LENGTH // 2 else cut).rstrip() + "…"
