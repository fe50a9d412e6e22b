"""The bytes of a response to text, by what its headers and the page itself declare."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.characters import decode as decode_document
from scraper.models import Decoded

__all__ = ["decode"]


def decode(body: bytes, headers: Mapping[str, str] | None = None) -> Decoded:
    """Turn a response body into text; see `scraper.characters.decode`.

    Args:
        body: bytes as the server meant them, freed of Content-Encoding.
        headers: response headers with lower-case names, if known; only the charset is read.
    """
    headers = headers or {}
    content_type = headers.get("content-type") or headers.get("Content-Type") or ""
    return decode_document(body, content_type)
