"""WARC files as captures to import."""

from __future__ import annotations

from scraper.exchange.imports import Captures, Found
from scraper.exchange.warc import read_captures

__all__ = ["read_warc"]


def read_warc(found: Found) -> Captures:
    """Yield the captures of a WARC file."""
    for capture in read_captures(found.path):
        yield capture.record_id, capture.page, capture.offset
