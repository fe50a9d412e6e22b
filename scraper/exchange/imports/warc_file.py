"""WARC files as captures to import."""

from __future__ import annotations

from scraper.exchange.imports import Captures, Found
from scraper.exchange.warc_worker import captures_in_worker

__all__ = ["read_warc"]


def read_warc(found: Found) -> Captures:
    """Yield the captures of a WARC file."""
    for capture in captures_in_worker(found.path):
        yield capture.record_id, capture.page, capture.offset
