"""The gold pages, with the site that each comes from: what training and its report read."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.extraction.features import squashed
from scraper.urls import site_of

__all__ = ["FOLDS", "GOLD", "GoldPage", "fold_of", "load"]

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold"
SETS = ("en", "news", "zh", "zh-old", "zh2-hans", "zh2-hant", "en-tech")
FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """A page and what it should give.

    Attributes:
        set, id: which page it is.
        site: short name of its site, the same across sets; pages of a site share a fold.
        url: its address, or "".
        body: its bytes.
        text: the article.
        neutral: passages that count neither way.
        record: the whole gold record.
    """

    set: str
    id: str
    site: str
    url: str
    body: bytes
    text: str
    neutral: tuple[str, ...]
    record: Mapping[str, Any]


def _site(name: str, record: Mapping[str, Any]) -> str:
    # Names are cut to the label that a reader would call the site by, so that TheGuardian of one
    # set and theguardian.com of another fall together.
    if name == "news":
        return squashed(record["id"].split("/")[1])
    if record.get("site"):
        return squashed(record["site"])
    domain = site_of(record.get("url") or "")
    return squashed(domain.split(".")[0]) if domain else f"{name}:{record['id']}"


def load(*sets: str) -> Iterator[GoldPage]:
    """Yield the pages of the named sets, of all sets when none is named."""
    for name in sets or SETS:
        lines = (GOLD / name / "gold.jsonl").read_text(encoding="utf-8").split("\n")
        for record in map(json.loads, filter(None, lines)):
            yield GoldPage(
                set=name,
                id=record["id"],
                site=_site(name, record),
                url=record.get("url") or "",
                body=gzip.decompress((GOLD / name / record["file"]).read_bytes()),
                text=record["text"],
                neutral=(*(record.get("optional") or ()), *(record.get("tolerated") or ())),
                record=record,
            )


def fold_of(site: str) -> int:
    """Return the fold that all pages of a site belong to."""
    return int(hashlib.md5(site.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS
