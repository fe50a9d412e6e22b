"""Bytes of a page to the clean article: the second stage, pure (no network, clock or disk)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import trafilatura
from selectolax.lexbor import LexborHTMLParser

from scraper.errors import ExtractError
from scraper.extract.decode import decode
from scraper.models import Article

__all__ = ["extract"]

MAX_BYTES = 20 * 1024 * 1024


def extract(
    body: bytes,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    rules: object = None,
    fetched_at: datetime | None = None,
    zone: str = "",
) -> Article:
    """Return what a page says, clean."""
    if len(body) > MAX_BYTES:
        raise ExtractError("the page is too large", url=url, error_class="too_large")
    decoded = decode(body, headers)
    head = decoded.text[:1000].lstrip().lower()
    if not body.strip() or "\x00" in head or head.startswith("%pdf") or "<" not in decoded.text:
        raise ExtractError("these bytes are no HTML", url=url, error_class="not_html")
    tree = LexborHTMLParser(decoded.text)
    title = tree.css_first("title")
    text = trafilatura.extract(decoded.text, url=url, include_comments=False)
    if not text:
        raise ExtractError("the page holds no article", url=url, error_class="empty_extract")
    return Article(
        url=url or "",
        title=title.text(strip=True) if title else "",
        text=text,
        markdown=text,
        encoding=decoded.encoding,
        encoding_origin=decoded.origin,
        replaced=decoded.replaced,
    )
