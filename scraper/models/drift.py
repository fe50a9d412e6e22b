"""How a page was read, in a few numbers, and what a host's pages show together."""

from __future__ import annotations

from scraper.record import record

__all__ = ["PageShape"]


@record
class PageShape:
    """How a page was read: what tells a text from rubble without a look at it.

    Attributes:
        length: characters of the text; a Chinese character counts two and a half times.
        links: share of the text that stands in links, 0 to 1.
        cut: share of the page's characters that was cut, 0 to 1.
        fields: how many of title, authors, time, outlet and language were found.
        confidence: as in `Article`, or None.
        template: hashes of the elements that hold most of the text, with the share of it in each.
        extractor: version of the extractor, as in `Article`.
    """

    length: float
    links: float
    cut: float
    fields: int
    confidence: float | None
    template: tuple[tuple[str, float], ...]
    extractor: str = ""
