"""What a worker computes of an article and of its raw page, so that the writer only writes.

All of it is what the archive would compute itself: an archive is the same with it and without.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from scraper.archive.bodies import (
    MOST_REFERENCES,
    BodyStore,
    DictionaryCompressor,
    compress,
    compress_alone,
)
from scraper.archive.current import removed_rows
from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import dump
from scraper.archive.schema import BODIES, BODIES_ID
from scraper.archive.sql_values import storable
from scraper.archive.versions import fingerprints
from scraper.errors import ScraperError
from scraper.models import (
    Article,
    Judgement,
    PackedBody,
    PackingTerms,
    PreparedArticle,
    QuoteReading,
)
from scraper.search.terms import row_terms

__all__ = ["BodyPacker", "prepare_article"]

# References that a worker holds ready: those of the few sites of its pages.
_PACKERS = 8


def prepare_article(
    article: Article,
    body: bytes,
    judgement: Judgement | None = None,
    quotes: QuoteReading | None = None,
) -> PreparedArticle:
    """Return what is computed of an article; runs in a worker process.

    Args:
        article: the article.
        body: its raw page.
        judgement, quotes: what was read in it, or None.
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
        judgement=storable(judgement),
        quotes=storable(quotes),
    )


class BodyPacker:
    """Compresses the raw pages of a chunk, in their order; runs in a worker process.

    The first pages of a site are what the others are compressed against: of those in the chunk the
    worker knows before they are stored.

    Args:
        bodies: the file ``bodies.db`` of the archive; the worker reads it, never writes it.
    """

    def __init__(self, bodies: Path) -> None:
        self._bodies = bodies
        self._first: dict[str, dict[str, DictionaryCompressor]] = {}

    def pack(self, body: bytes, terms: PackingTerms) -> PackedBody:
        """Return a raw page as it may be stored.

        Args:
            body: raw bytes.
            terms: what is known of its site.
        """
        digest = hashlib.sha256(body).hexdigest()
        store = _opened(self._bodies)
        if store is None:
            return PackedBody(
                digest=digest, alone=None if terms.references else compress_alone(body)
            )
        first = self._first.setdefault(terms.site, {})
        wanted = MOST_REFERENCES - len(terms.references)
        packed = store.pack(
            body,
            terms,
            [(other, first[other].compress(body)) for other in list(first)[:wanted]],
        )
        if len(first) < wanted:
            first.setdefault(digest, DictionaryCompressor(body))
        return packed


@lru_cache(maxsize=1)
def _opened(bodies: Path) -> BodyStore | None:
    """Return the store of raw pages, or None where this process cannot read it."""
    try:
        return BodyStore(DatabaseFile(bodies, BODIES, BODIES_ID, readonly=True), packers=_PACKERS)
    except ScraperError:
        return None
