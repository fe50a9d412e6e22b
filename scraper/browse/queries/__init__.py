"""The queries of the pages, by name: the `.sql` files of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

__all__ = ["QUERIES"]

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(Path(__file__).parent.glob("*.sql"))
    }
)
