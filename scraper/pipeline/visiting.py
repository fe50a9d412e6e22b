"""How a source is visited: where it is to be found by now, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from scraper.archive import SourceState
from scraper.discover import Get, Known, Run, discover
from scraper.models import Discovery, Page, Source

__all__ = ["CaptureSource", "visit_source", "where_it_is"]


class CaptureSource(Protocol):
    """Reads a watched file or folder of captures.

    Given its path and what the last visit left to be remembered ("" for nothing), it returns the
    (identity, page) pairs of the files that are new or changed, what is to be remembered now, and
    how many such files there are.
    """

    def __call__(
        self, place: Path, state: str, /
    ) -> tuple[Iterator[tuple[str, Page]], str, int]: ...


def where_it_is(source: Source, moved_to: str) -> Source:
    """Return a source at the address to which it has moved for good, the old one behind it."""
    if not moved_to:
        return source
    old = f"{source.kind} {source.url}"
    return replace(source, url=moved_to, fallback=(old, *source.fallback))


async def visit_source(
    source: Source, state: SourceState, get: Get, run: Run, *, at: datetime, known: Known
) -> Discovery:
    """Visit a source with what is remembered of its last visit.

    Raises:
        ScraperError: neither its address nor any that stands in for it gave links.
    """
    return await discover(
        where_it_is(source, state.moved_to),
        get,
        run,
        etag=state.etag,
        last_modified=state.last_modified,
        at=at,
        # A fallback shows less than the source's own address: then nothing counts as seen there.
        since=None if state.served_by else state.last_ok_at,
        known=known,
    )
