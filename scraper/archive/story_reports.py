"""A story with all that the archive can say of it, for the command line and the browser."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.archive.archive import Archive
from scraper.archive.stories import Story
from scraper.quotes.sameness import QuoteGroup, group_quotes
from scraper.stories.timeline import FirstReport, Lag, first_report, lag
from scraper.topics.facts import Fact, compare

__all__ = ["StoryReport", "story_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReport:
    """A story and what its articles say differently.

    Attributes:
        story: its articles and copies.
        first: who reported it first, and when, as far as it is known.
        lag: how much later the other language reported it, or None where there is one language.
        figures: facts of which its articles give values that contradict one another.
        quotes: statements that its articles give in different words.
        unreported: outlets of the watched list that have no article of it.
    """

    story: Story
    first: FirstReport
    lag: Lag | None
    figures: tuple[Fact, ...]
    quotes: tuple[QuoteGroup, ...]
    unreported: tuple[str, ...]


def story_report(archive: Archive, number: int) -> StoryReport:
    """Return a story; the number of one that was merged into another finds that one.

    Raises:
        NotFound: there is no such story.
    """
    story = archive.stories.story(number)
    ids = [a.id for a in story.articles]
    facts = compare(archive.topics.claims_of_articles(ids), archive.topics.series())
    said = group_quotes(archive.quotes.of_articles(ids), archive.quotes.stands_on())
    return StoryReport(
        story=story,
        first=first_report(story.articles),
        lag=lag(story.articles),
        figures=tuple(fact for fact in facts if fact.disagreements),
        quotes=tuple(statement for statement in said if statement.alterations),
        unreported=archive.stories.unreported(story.id),
    )
