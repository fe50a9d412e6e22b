"""What an export format is given: the chosen articles, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from scraper.archive import Archive, ArticleRow, ChangeRow, Version
from scraper.archive.selection import ArticleName, Selection
from scraper.errors import NotFound
from scraper.exchange.bundle import citation_line
from scraper.models import Page
from scraper.record import record

__all__ = ["Chosen", "ChosenArticle"]


class ChosenArticle:
    """An article of an export; what is not asked for is not read.

    Args:
        archive: where it stands.
        row: its current version, flattened.
    """

    def __init__(self, archive: Archive, row: ArticleRow) -> None:
        self._archive = archive
        self.row = row

    @cached_property
    def version(self) -> Version:
        """The current version with its whole record."""
        return self._archive.version(self.row.id, self.row.version)

    @cached_property
    def published(self) -> datetime | None:
        """When it was published, or None where its page states only its last change, or nothing."""
        row = self.row
        # A page that states its last change states when: the record need not be read for others.
        if row.published and row.modified and self.version.article.is_dated_by_change:
            return None
        return row.published

    def versions(self) -> Iterator[Version]:
        """Yield all versions, first to last."""
        for row in self._archive.versions(self.row.id):
            yield self._archive.version(self.row.id, row.number)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """All addresses under which it is known, its own first."""
        return self._archive.addresses(self.row.id)

    @cached_property
    def names(self) -> tuple[ArticleName, ...]:
        """The names in it, the most frequent first."""
        return self._archive.names(self.row.id)

    @cached_property
    def story(self) -> int | None:
        """Number of its story, or None where it is in none."""
        return self._archive.story_of(self.row.id)

    def responses(self, version: Version) -> tuple[Page, ...]:
        """Return the responses that a version was made from, none where retention deleted one."""
        try:
            return self._archive.response(version.row.id)
        except NotFound:
            return ()

    def changes(self) -> tuple[ChangeRow, ...]:
        """Return the ledger's entries on it, first to last."""
        return self._archive.article_changes(self.row.id)

    def citation(self) -> str:
        """Return a line to cite the current version by."""
        row = self.version.row
        return citation_line(
            self.version.article, row.first_observed_at, row.number, self.row.url, row.chain
        )


@record(kw_only=False)
class Chosen:
    """The articles of an export.

    Iterating yields each, the newest first; those that were merged into another since they were
    chosen are passed over.

    Attributes:
        archive: where they stand.
        selection: which ones.
        title: what was asked for, in words.
        tell: is called after each with how many are done.
    """

    archive: Archive
    selection: Selection
    title: str = "scraper"
    tell: Callable[[int], Any] = lambda done: None

    def __len__(self) -> int:
        return len(self.selection.ids)

    def __iter__(self) -> Iterator[ChosenArticle]:
        for done, number in enumerate(self.selection.ids, start=1):
            try:
                row = self.archive.find(number)
            except NotFound:
                continue
            yield ChosenArticle(self.archive, row)
            self.tell(done)
