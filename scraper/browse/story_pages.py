"""The pages of stories: one event across outlets and languages, and all stories by time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from scraper.archive import Archive
from scraper.archive.stories import Story
from scraper.archive.story_reports import StoryDifferences
from scraper.browse.feeds import Feed, article_entry, feed_response
from scraper.browse.filters import day_of
from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting
from scraper.browse.shown_facts import shown_fact
from scraper.browse.templates import redirect
from scraper.errors import NotFound
from scraper.stories.relations import Relation
from scraper.stories.timeline import StoryArticle, first_report, is_order_known, lag
from scraper.stories.wording import describe_evidence, describe_lag, describe_span

__all__ = ["StoryPages"]

# Stories that are listed: those to which an article came last.
_LISTED = 2000
# Articles and copies that the page of a story shows; it stays below 150 KB.
_MOST_ARTICLES, _MOST_COPIES = 120, 60


class StoryPages(Pages):
    """What several outlets report about one event."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [
            (r"/-/stories$", self.stories),
            (r"/-/story/(?P<id>[0-9]{1,15})$", self.story),
            (r"/-/story/(?P<id>[0-9]{1,15})\.(?:atom|json)$", self.feed),
        ]

    @reporting
    async def stories(self, request: Any) -> Any:
        """List stories, the latest first."""
        offset = int_arg(request, "offset")
        rows = await self._rows(
            "stories", last=await self._last_fetch(), latest=_LISTED, limit=PER_PAGE + 1,
            offset=offset,
        )  # fmt: skip
        return await self._render(
            request,
            "stories",
            stories=rows[:PER_PAGE],
            offset=offset,
            next_offset=offset + PER_PAGE if len(rows) > PER_PAGE else 0,
            previous_offset=max(0, offset - PER_PAGE) if offset else None,
            listed=_LISTED,
            coverage=await self._coverage.get(self._read),
        )

    @reporting
    async def story(self, request: Any) -> Any:
        """Show a story: timeline, first to report, copies, and where its articles differ."""
        number = int(request.url_vars["id"])

        def read(archive: Archive) -> tuple[Story, tuple[str, ...]]:
            found = archive.stories.story(number)
            return found, archive.stories.unreported(found.id)

        story, unreported = await self._read(read)
        if story.id != number:
            return redirect(f"/-/story/{story.id}")
        articles = story.articles
        ids = [a.id for a in articles]
        differences = await self._comparisons.story(self._archive.folder, ids)
        first, later = first_report(articles), lag(articles)
        copies = _lineage(story.copies)
        by_id = {a.id: a for a in articles}
        days = _by_day(articles[:_MOST_ARTICLES])
        states = {row["id"]: row for row in await self._rows("article_states", ids=_ids(ids))}
        return await self._render(
            request,
            "story",
            story=story,
            by_id=by_id,
            states=states,
            days=days,
            outlets=list(dict.fromkeys(a.outlet for a in articles)),
            languages=sorted({a.language for a in articles if a.language}),
            first=first,
            first_at=describe_span(first),
            lag=describe_lag(later) if later else "",
            evidence={a.id: describe_evidence(a.measures) for a in articles},
            copied={relation.copy for relation in story.copies if is_order_known(relation, by_id)},
            same={relation.copy for relation in story.copies},
            ordered=[is_order_known(relation, by_id) for relation in copies],
            copies=copies[:_MOST_COPIES],
            more_copies=max(0, len(copies) - _MOST_COPIES),
            shown_articles=sum(len(found) for _, found in days),
            not_compared=differences is None,
            differences=differences or StoryDifferences(),
            figures=[shown_fact(fact) for fact in differences.figures] if differences else [],
            unreported=unreported,
            coverage=await self._coverage.get(self._read),
        )

    @reporting
    async def feed(self, request: Any) -> Any:
        """Return the articles of a story as a feed, the latest first."""
        number = int(request.url_vars["id"])
        rows = await self._rows("story_articles", stories=_ids([number]))
        if not rows:
            raise NotFound(f"there is no story {number}")
        feed = Feed(
            title=f"Story: {rows[-1]['title']}",
            path=f"/-/story/{number}",
            entries=[article_entry(row) for row in rows[:PER_PAGE]],
        )
        return feed_response(request, feed)


def _lineage(relations: Sequence[Relation]) -> list[Relation]:
    """Return for each copy whence it comes: what it shares most with, of those the earliest.

    Of sixty reprints of one report each is like each other one.

    Args:
        relations: those of a story, the nearest first, the earliest original first.
    """
    nearest: dict[int, Relation] = {}
    for relation in relations:
        nearest.setdefault(relation.copy, relation)
    return list(nearest.values())


def _ids(numbers: list[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


def _by_day(articles: tuple[StoryArticle, ...]) -> list[tuple[str, list[StoryArticle]]]:
    """Return the articles of a story by the day of each, the earliest first."""

    def day(article: StoryArticle) -> str:
        return day_of(article.at, article.offset)

    return [(date, list(found)) for date, found in groupby(sorted(articles, key=day), day)]
