"""What a worker computes of an article and of its raw page, so that the writer only writes.

All of it is what the archive would compute itself: an archive is the same with it and without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from scraper.archive.bodies import BodyStore, compress
from scraper.archive.current import removed_rows
from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import dump
from scraper.archive.schema import BODIES, BODIES_ID
from scraper.archive.sql_values import storable
from scraper.archive.versions import fingerprints
from scraper.errors import ScraperError
from scraper.models import Article, PackedBody, PreparedArticle
from scraper.search.terms import row_terms

__all__ = ["pack_body", "prepare_article"]

# References that a worker holds ready: those of the few sites of its pages.
_PACKERS = 8


def prepare_article(article: Article, body: bytes) -> PreparedArticle:
    """Return what is computed of an article; runs in a worker process.

    Args:
        article: the article.
        body: its raw page.
    """
    article = storable(article)
    record = dump(article)
    return PreparedArticle(
        article=article,
        body=hashlib.sha256(body).hexdigest(),
        record=record,
        frame=compress(record, body),
        fingerprints=fingerprints(article),
        terms=row_terms(article.title, article.text, ", ".join(article.authors)),
        removed=tuple(removed_rows((block.rule, block.text) for block in article.removed)),
    )


def pack_body(body: bytes, bodies: Path, references: Sequence[int], alone: float) -> PackedBody:
    """Return a raw page as it may be stored; runs in a worker process.

    Args:
        body: raw bytes.
        bodies: the file ``bodies.db`` of the archive; the worker reads it, never writes it.
        references: numbers of the stored pages against which it is tried.
        alone: as `BodyStore.packing` gives it.
    """
    store = _opened(bodies) if references else None
    if store is None:
        digest = hashlib.sha256(body).hexdigest()
        return PackedBody(digest=digest, alone=None if references else compress(body))
    return store.pack(body, references, alone)


@lru_cache(maxsize=1)
def _opened(bodies: Path) -> BodyStore | None:
    """Return the store of raw pages, or None where this process cannot read it."""
    try:
        return BodyStore(DatabaseFile(bodies, BODIES, BODIES_ID, readonly=True), packers=_PACKERS)
    except ScraperError:
        return None
