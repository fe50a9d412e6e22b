"""A story with all that the archive can say of it, for the command line and the browser."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.archive.archive import Archive
from scraper.archive.stories import Story
from scraper.models import QuoteClaim
from scraper.models.topics import Claim
from scraper.quotes.sameness import QuoteGroup, group_quotes
from scraper.record import record
from scraper.stories.timeline import FirstReport, Lag, first_report, lag
from scraper.topics.facts import Fact, compare

__all__ = ["StoryDifferences", "StoryReport", "story_differences", "story_report"]

# What a figure and a character of a quote cost beside a character of a text that is compared by
# sentences: quotes are compared by words, each with each.
_FIGURE, _QUOTED = 20, 5


@record
class StoryDifferences:
    """What articles say differently.

    Attributes:
        figures: facts of which they give values that contradict one another.
        quotes: statements that they give in different words.
    """

    figures: tuple[Fact, ...] = ()
    quotes: tuple[QuoteGroup, ...] = ()


@record
class StoryReport:
    """A story and what its articles say differently.

    Attributes:
        story: its articles and copies.
        first: who reported it first, and when, as far as it is known.
        lag: how much later the other language reported it, or None where there is one language.
        differences: where its articles differ.
        unreported: outlets of the watched list that have no article of it.
    """

    story: Story
    first: FirstReport
    lag: Lag | None
    differences: StoryDifferences
    unreported: tuple[str, ...]


def story_report(archive: Archive, number: int) -> StoryReport:
    """Return a story; the number of one that was merged into another finds that one.

    Raises:
        NotFound: there is no such story.
    """
    story = archive.stories.story(number)
    return StoryReport(
        story=story,
        first=first_report(story.articles),
        lag=lag(story.articles),
        differences=story_differences(archive, [a.id for a in story.articles])
        or StoryDifferences(),
        unreported=archive.stories.unreported(story.id),
    )


def story_differences(
    archive: Archive, articles: Sequence[int], *, most: int | None = None
) -> StoryDifferences | None:
    """Return what some articles say differently, in figures and in quotes.

    Args:
        archive: open for reading.
        articles: their numbers.
        most: the cost beyond which None is returned, in characters of text.
    """
    claims = archive.topics.claims_of_articles(articles)
    said = archive.quotes.of_articles(articles)
    if most is not None and _cost(claims, said) > most:
        return None
    facts = compare(claims, archive.topics.series() if claims else frozenset())
    statements = group_quotes(said, archive.quotes.stands_on())
    return StoryDifferences(
        figures=tuple(fact for fact in facts if fact.disagreements),
        quotes=tuple(statement for statement in statements if statement.alterations),
    )


def _cost(claims: Sequence[Claim], said: Sequence[QuoteClaim]) -> int:
    quoted = sum(len(claim.quote.words) for claim in said)
    return max(_FIGURE * len(claims), _QUOTED * quoted)
