"""How Datasette presents the archive's tables: descriptions, order, facets, labels, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from scraper.archive import schema
from scraper.text.patterns import lazy_compile

__all__ = ["cell", "metadata_of"]

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
    "change_list": {
        "description": "Changes of articles, newest first",
        "facets": ["kind", "severity"],
    },
    "version_list": {"description": "Publishers' edits, by article"},
    "fetch_outcomes": {
        "description": "Outcomes of attempts, by day and host",
        "facets": ["class"],
    },
    "metadata_only": {
        "description": "What the archive keeps of pages whose publishers ask not to be archived",
        "facets": ["host", "why"],
    },
    "reservation_list": {
        "description": "Rights that publishers reserve, by the last fetch of each page",
        "facets": ["kind", "origin", "host"],
    },
    "source_health": {"description": "State of the sources", "facets": ["outlet", "kind"]},
    "survival_list": {
        "description": "Days that each article stood: to its first edit, to its takedown",
        "facets": ["outlet", "state"],
    },
    "removed_blocks": {"facets": ["rule"]},
    "topic_list": {
        "description": "Articles by topic score, with the evidence",
        "facets": ["on_topic", "outlet"],
    },
    "entity_list": {"description": "Names by the articles that have them", "facets": ["kind"]},
    "quantity_list": {
        "description": "Figures that outlets give, with their subjects, those read last first",
        "facets": ["kind", "about", "outlet"],
    },
    "quote_list": {
        "description": "Statements with their speakers, those read last first",
        "facets": ["speaker", "outlet", "direct"],
    },
    "passed_over": {"sort_desc": "at", "facets": ["policy"], "label_column": "title"},
    "entities": {"facets": ["kind"], "label_column": "name"},
    "quantities": {"facets": ["kind"]},
    "quotes": {"sort_desc": "id", "facets": ["direct"], "label_column": "words"},
    "versions": {"sort_desc": "id", "label_column": "title"},
    "changes": {"sort_desc": "id", "facets": ["kind"], "label_column": "title"},
    "fetches": {"sort_desc": "id", "facets": ["class", "status"]},
    "pages": {"sort_desc": "id", "facets": ["state", "host"], "label_column": "url"},
    "sightings": {"sort_desc": "id", "facets": ["source_id"]},
    "entry_texts": {"sort_desc": "id", "facets": ["why", "source_id"]},
    "overruns": {"sort_desc": "at", "facets": ["source_id"]},
    "outlets": {"sort": "name", "label_column": "name"},
    "source_days": {"sort_desc": "day", "facets": ["last_class"]},
    "sources": {"sort": "name", "facets": ["kind"], "label_column": "name"},
    "runs": {"sort_desc": "id", "facets": ["kind", "outcome"]},
    "page_looks": {"sort_desc": "id", "facets": ["host", "kind", "state"]},
    "drift_events": {"sort_desc": "id", "facets": ["host", "kind", "ended"]},
    "hub_subscriptions": {"facets": ["state"]},
    "merged_shards": {"sort_desc": "merged_at", "facets": ["part"], "label_column": "name"},
    "alerts": {"sort_desc": "id", "facets": ["rule", "kind"], "label_column": "title"},
    "alert_messages": {"sort_desc": "id", "facets": ["sink", "state"]},
}
_HIDDEN = ("_sqlite_migrations", "candidates", "extractions", "facts", "versions_fts")

_TABLE = lazy_compile(
    r"^-- (?P<comment>(?:[^\n]++|\n-- )++)"
    r"(?:\ncreate (?:virtual )?table (?P<name>\w++)(?P<columns>[^;]*+);)?",
    re.MULTILINE,
)
_COLUMN = lazy_compile(r"^    (\w+) [^\n]*?-- ([^\n]+)$", re.MULTILINE)

# Columns whose cell links to the reading page, and the column that holds the article's id.
_LINKS = {
    ("articles", "title"): "id",
    ("article_list", "title"): "id",
    ("article_list", "id"): "id",
    ("change_list", "title"): "article_id",
    ("version_list", "title"): "article_id",
    ("versions", "title"): "page_id",
    ("changes", "title"): "page_id",
    ("removed_blocks", "article_id"): "article_id",
    ("survival_list", "title"): "article_id",
    ("topic_list", "title"): "id",
    ("quantity_list", "printed"): "article_id",
}


# Columns too long for a cell, and the characters of them that are shown.
_LONG = {("articles", "text"): 300, ("entry_texts", "text"): 300}


@cache
def metadata_of(database: str) -> Mapping[str, Any]:
    """Return Datasette's metadata for an archive.

    The comments of the schema are the descriptions, so that they are written once.
    """
    tables: dict[str, dict[str, Any]] = {name: dict(table) for name, table in _TABLES.items()}
    scripts = sorted(Path(schema.__file__).parent.glob("*.sql"))
    source = "\n".join(script.read_text(encoding="utf-8") for script in scripts)
    for match in _TABLE.finditer(source):
        if match["name"] is None:
            continue
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


def cell(table: str | None, column: str, row: Any, value: object) -> Markup | None:
    """Return how a cell is shown, or None to leave it to Datasette.

    Headlines link to the reading page, and so does the end of a shortened text.
    """
    place = (table or "", column)
    values = dict(row)
    if place in _LONG and isinstance(value, str) and len(value) > _LONG[place]:
        start = value[: _LONG[place]]
        return Markup('{}… <a href="/-/article/{}">read on</a>').format(start, _id(values["id"]))
    article_id = _id(values.get(_LINKS.get(place, "")))  # a query may have chosen other columns
    if article_id is None or value is None:
        return None
    return Markup('<a href="/-/article/{}">{}</a>').format(article_id, value or "(no title)")


def _id(value: object) -> int | None:
    if isinstance(value, dict):  # a foreign key with its label
        value = value.get("value")
    return value if isinstance(value, int) else None
