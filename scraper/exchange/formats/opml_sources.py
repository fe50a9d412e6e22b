"""The sources that showed the chosen articles, as OPML for another feed reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO

from scraper.exchange.formats.selected import Chosen
from scraper.exchange.opml import write_opml

__all__ = ["write_sources"]


def write_sources(chosen: Chosen, out: IO[bytes]) -> None:
    """Write the sources that showed some of the articles; feeds are subscriptions."""
    sources = chosen.archive.sources_of(chosen.selection.ids)
    out.write(write_opml(sources, datetime.now(UTC)))
