"""How Datasette presents the archive's own tables: descriptions, order, facets, labels, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from scraper.archive import schema

__all__ = ["article_link", "metadata_of"]

_TABLES: dict[str, dict[str, Any]] = {
    "articles": {
        "sort_desc": "published_at",
        "facets": ["outlet", "language", "script", "state"],
        "label_column": "title",
    },
    "article_list": {
        "description": "Articles without their text, newest first",
        "facets": ["outlet", "language", "script", "state"],
        "fts_table": "articles_fts",
        "fts_pk": "id",
    },
    "change_list": {"description": "What happened, newest first", "facets": ["kind", "severity"]},
    "version_list": {"description": "Publishers' edits, by article"},
    "fetch_outcomes": {
        "description": "What came of attempts, by day and host",
        "facets": ["class"],
    },
    "source_health": {"description": "How the sources fare", "facets": ["outlet", "kind"]},
    "removed_blocks": {"facets": ["rule"]},
    "versions": {"sort_desc": "id", "label_column": "title"},
    "changes": {"sort_desc": "id", "facets": ["kind"], "label_column": "title"},
    "fetches": {"sort_desc": "id", "facets": ["class", "status"]},
    "pages": {"sort_desc": "id", "facets": ["state", "host"], "label_column": "url"},
    "sightings": {"sort_desc": "id", "facets": ["source_id"]},
    "outlets": {"sort": "name", "label_column": "name"},
    "sources": {"sort": "name", "facets": ["kind"], "label_column": "name"},
    "runs": {"sort_desc": "id", "facets": ["kind", "outcome"]},
}
_HIDDEN = ("_sqlite_migrations", "candidates", "extractions", "facts")

_TABLE = re.compile(
    r"^-- (?P<comment>(?:[^\n]|\n-- )+)\ncreate (?:virtual )?table (?P<name>\w+)"
    r"(?P<columns>[^;]*);",
    re.MULTILINE,
)
_COLUMN = re.compile(r"^    (\w+) [^\n]*?-- ([^\n]+)$", re.MULTILINE)

# Columns whose cell leads to the reading page, and the column that holds the article's id.
_LINKS = {
    ("articles", "title"): "id",
    ("article_list", "title"): "id",
    ("article_list", "id"): "id",
    ("change_list", "title"): "article_id",
    ("version_list", "title"): "article_id",
    ("versions", "title"): "page_id",
    ("changes", "title"): "page_id",
    ("removed_blocks", "article_id"): "article_id",
}


@cache
def metadata_of(database: str) -> Mapping[str, Any]:
    """Return Datasette's metadata for an archive.

    The schema's comments are the descriptions: they are written once, where the tables are laid.
    """
    tables: dict[str, dict[str, Any]] = {name: dict(table) for name, table in _TABLES.items()}
    source = Path(schema.__file__).read_text(encoding="utf-8")
    for match in _TABLE.finditer(source):
        table = tables.setdefault(match["name"], {})
        table.setdefault("description", match["comment"].replace("\n-- ", " "))
        columns = dict(_COLUMN.findall(match["columns"]))
        if columns:
            table["columns"] = columns
    for name in _HIDDEN:
        tables.setdefault(name, {})["hidden"] = True
    return {
        "title": "Archive",
        "databases": {
            database: {
                "description": "Articles, their versions, and every attempt to fetch them",
                "tables": tables,
            }
        },
    }


def article_link(table: str | None, column: str, row: Any, value: object) -> Markup | None:
    """Return a cell as a link to the reading page, where the table has one in this column."""
    holder = _LINKS.get((table or "", column))
    if holder is None or value is None:
        return None
    article_id = dict(row).get(holder)  # a query may have chosen other columns
    if isinstance(article_id, dict):  # a foreign key with its label
        article_id = article_id.get("value")
    if not isinstance(article_id, int):
        return None
    return Markup('<a href="/-/article/{}">{}</a>').format(article_id, value or "(no title)")
