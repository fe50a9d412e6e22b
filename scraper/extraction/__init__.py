"""Bytes of a page to the clean article: pure, without network, clock or disk.

    decode → parse → blocks → features → classify → prune → text
                                            │ metadata, dates, bylines, language

Nothing is thrown away silently: each block of the page is in `Article.kept`, or in
`Article.removed` with the rule that cut it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from scraper.extraction.article import ParsedHtml, parse_html, read_article
from scraper.extraction.boilerplate_rules import Rules, default_rules
from scraper.extraction.classifier import default_model
from scraper.extraction.version import extractor_version
from scraper.models import Article, Learned

__all__ = ["ParsedHtml", "extract", "extract_parsed", "extractor_version", "parse_html"]


def extract(
    body: bytes,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    rules: Rules | None = None,
    fetched_at: datetime | None = None,
    zone: str = "",
    learned: Learned | None = None,
) -> Article:
    """Return what a page says, clean, with the record of what was cut and why.

    Args:
        body: bytes of the page, freed of Content-Encoding.
        url: the address that it was read under; relative links are resolved against it.
        headers: response headers with lower-case names; only the charset is read.
        rules: boilerplate rules; None means the shipped ones.
        fetched_at: aware time of the fetch, which relative times ("3小时前") count from.
        zone: IANA time zone of times that the page prints without one.
        learned: what was learned of the page's host, or None.

    Raises:
        ExtractError: ``not_html`` (binary, empty, a feed), ``too_large``, or ``empty_extract`` (a
            page without an article: an article is never invented).
    """
    with _uncollected():
        return extract_parsed(
            parse_html(body, url, headers),
            url,
            rules=rules,
            fetched_at=fetched_at,
            zone=zone,
            learned=learned,
        )


def extract_parsed(
    page: ParsedHtml,
    url: str | None = None,
    *,
    rules: Rules | None = None,
    fetched_at: datetime | None = None,
    zone: str = "",
    learned: Learned | None = None,
) -> Article:
    """Return what a page says that is decoded and parsed already; arguments as in `extract`.

    Raises:
        ExtractError: ``empty_extract``: the page holds no article.
    """
    with _uncollected():
        return read_article(
            page,
            url,
            rules=rules if rules is not None else default_rules(),
            model=default_model(),
            fetched_at=fetched_at,
            zone=zone,
            learned=learned,
            extractor=extractor_version(rules=rules, learned=learned),
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collection of cycles while a page is read.

    What is made of a page is needed until its article is told, and holds no cycle: the collector
    would walk it some hundred times and free nothing, at an eighth of the whole cost.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
