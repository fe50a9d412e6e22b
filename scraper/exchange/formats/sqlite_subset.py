"""Articles as an SQLite file that Datasette opens without our plugin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scraper.archive.subset import SubsetFile
from scraper.exchange.formats.selected import Chosen

__all__ = ["write_subset"]


def write_subset(chosen: Chosen, path: Path) -> None:
    """Write articles, addresses, versions, changes and names as tables, with full-text search."""
    with SubsetFile(path) as file:
        for article in chosen:
            file.add(
                replace(article.row, published=article.published),
                article.versions(),
                addresses=article.addresses,
                names=[(name.kind, name.name, name.count) for name in article.names],
                changes=article.changes(),
            )
        file.finish()
