"""The queries of the pages, by name: the `.sql` files of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["FILTERS", "QUERIES", "filtered"]

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(Path(__file__).parent.glob("*.sql"))
    }
)

# Conditions that a reader sets on articles and changes. The planner finds the indices of those
# without a value only where they stand so.
FILTERS: Mapping[str, str] = MappingProxyType(
    {
        "lang": "a.language = :lang",
        "outlet": "a.outlet = :outlet",
        "topic": "a.on_topic = 1",
        "changed": "a.version_count > 1",
        "gone": "a.state = 'gone'",
        # Of rows of the ledger.
        "before": "c.id < :before",
        "edits": "c.kind <> 'new'",
        "kind": "c.kind = :kind",
        "severity": "c.severity >= :severity",
        "class": """c.classes like '%"' || :class || '"%'""",
        "by": "a.outlet = :by",
        "since": "c.at >= :since",
        "until": "c.at < :until",
    }
)
_PLACE = "/* filters */ true"


def filtered(query: str, names: Iterable[str]) -> str:
    """Return a query whose rows satisfy some of `FILTERS`.

    Args:
        query: name of a query with a place for filters.
        names: which; those with a value take it from the parameter of the same name.
    """
    conditions = " and ".join(FILTERS[name] for name in names) or "true"
    return QUERIES[query].replace(_PLACE, conditions)
