"""`open_archive`: an archive opened for reading only, as the Python API offers it.

What is iterated is read in short steps, so a long loop neither holds up a writer nor keeps the
write-ahead log growing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Self

from scraper.archive.archive import Archive
from scraper.archive.records import ArticleRow, ChangeRow, SearchHit, Version
from scraper.archive.stories import Story, StorySummary
from scraper.models import QuoteClaim
from scraper.quotes.speakers import speaker_key

__all__ = ["ArchiveReader", "open_archive"]

# Rows that are read at a time.
_STEP = 200
# Stories that are listed where no limit is given.
_ALL = -1


def open_archive(folder: Path | str = "archive") -> ArchiveReader:
    """Open an archive for reading only.

    Args:
        folder: the archive's folder, which holds `archive.db` and `bodies.db`.

    Raises:
        NotFound: there is no archive.
        ArchiveError: it cannot be read: not an archive, damaged, or of another version of this
            program. An older schema must be brought up to date by a command that may write.
    """
    return ArchiveReader(folder)


class ArchiveReader:
    """An archive that is only read; `open_archive` opens it.

    Use it in a ``with`` statement and in the thread that opened it. A daemon may write meanwhile.
    An article is named by its number or by any of its addresses; where there is none, methods raise
    `NotFound`.
    """

    def __init__(self, folder: Path | str) -> None:
        self._archive = Archive(folder, create=False, readonly=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def articles(self, *, outlet: str = "", language: str = "") -> Iterator[ArticleRow]:
        """Yield the articles with the text of their current version, in the order of their numbers.

        Args:
            outlet: only those of the outlet of this name; "" for any.
            language: only those in this language (``en``, ``zh``); "" for any.
        """
        after = 0
        while rows := self._archive.articles_after(after, _STEP, outlet=outlet, language=language):
            yield from rows
            after = rows[-1].id

    def article(self, ref: str | int) -> ArticleRow:
        """Return an article with the text of its current version."""
        return self._archive.find(ref)

    def versions(self, ref: str | int) -> Iterator[Version]:
        """Yield the versions of an article, first to last, each with its text and metadata."""
        for row in self._archive.versions(ref):
            yield self._archive.version(row.article_id, row.number)

    def version(self, ref: str | int, number: int | None = None) -> Version:
        """Return one version of an article; the current one without a number."""
        return self._archive.version(ref, number)

    def raw_page(self, version: Version) -> bytes:
        """Return the page that a version was made from, as the site sent it.

        Raises:
            NotFound: `scraper retain` deleted it.
        """
        return self._archive.body(version.row.body)

    def changes(self, *, after: int = 0, least_severity: int = 0) -> Iterator[ChangeRow]:
        """Yield what happened to articles: new, edited, taken down …, in the order of the ledger.

        Args:
            after: `cursor` of the last change that is known; 0 for the start.
            least_severity: only changes of this severity (0 to 3) or more.
        """
        while rows := self._archive.changes(after, _STEP, least_severity=least_severity):
            yield from rows
            after = rows[-1].cursor

    def stories(self, *, since: datetime | None = None) -> Iterator[StorySummary]:
        """Yield the stories, the latest first; those that rest in sealed parts are left out.

        Args:
            since: only those with an article published, or first seen, from this aware time on.
        """
        yield from self._archive.stories.stories(since=since, limit=_ALL)

    def story(self, number: int) -> Story:
        """Return a story with its articles in the order of time.

        Raises:
            NotFound: there is no such story.
        """
        return self._archive.stories.story(number)

    def quotes(self, ref: str | int) -> Iterator[QuoteClaim]:
        """Yield what an article reports that somebody said, in all its versions."""
        yield from self._archive.quotes_of(self.article(ref).id)

    def quotes_by(self, speaker: str) -> Iterator[QuoteClaim]:
        """Yield the quotes of a speaker in all versions of all articles, the oldest article first.

        Those that rest in sealed parts are left out.

        Args:
            speaker: a name or its last part, in either Chinese script. Names that the lexicon gives
                to somebody besides (`scraper quotes` knows them) are not looked up.
        """
        keys = self._archive.quotes.keys_like(speaker_key(speaker))
        yield from self._archive.quotes.of_speakers(keys)

    def search(self, query: str, *, limit: int = 20) -> tuple[SearchHit, ...]:
        """Return the articles that a query finds, the best first.

        Args:
            query: as `scraper search` takes it: words, ``"phrases"``, ``-word``, ``outlet:NAME`` …
            limit: how many at most.
        """
        return tuple(self._archive.search(query, limit))
