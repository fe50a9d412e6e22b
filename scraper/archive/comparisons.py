"""What articles say differently, of an archive that a process opens for itself.

Whoever writes the texts chooses what it costs to compare them, since each is compared with each.
The functions refuse more than they are allowed to take in hand, so that a caller can leave it to a
worker that can be stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scraper.archive.archive import Archive
from scraper.archive.story_reports import StoryDifferences, story_differences
from scraper.edits import Comparison, compare_articles
from scraper.models import Article
from scraper.models.topics import Claim
from scraper.topics.facts import Fact, compare

__all__ = ["MOST_FIGURES", "differences_of_articles", "disagreements_in", "name_facts_in",
           "story_differences_in"]  # fmt: skip

# Figures of a name that are compared, of each kind.
MOST_FIGURES = 100
# Characters that cost as much as one figure.
_CHARACTERS = 20


def differences_of_articles(
    old: Article, new: Article, *, most: int | None = None
) -> Comparison | None:
    """Return what changed from one record of a page to another.

    Args:
        old, new: the records.
        most: characters of both texts beyond which None is returned; None: no limit.
    """
    if most is not None and len(old.text) + len(new.text) > most:
        return None
    return compare_articles(old, new)


def story_differences_in(
    folder: Path, articles: Sequence[int], *, most: int | None = None
) -> StoryDifferences | None:
    """Return what some articles say differently, in figures and in quotes.

    Args:
        folder: the archive's.
        articles: their numbers.
        most: as in `differences_of_articles`; a figure counts as 20 characters, a quoted one as 5.
    """
    with Archive(folder, create=False, readonly=True) as archive:
        return story_differences(archive, articles, most=most)


def name_facts_in(
    folder: Path, entity_id: int, *, most: int | None = None
) -> tuple[tuple[Fact, ...], bool] | None:
    """Return what articles say of a name, by its number, and whether all figures were compared.

    Of each kind the `MOST_FIGURES` that came in last are.
    """
    with Archive(folder, create=False, readonly=True) as archive:
        claims, complete = archive.topics.newest_claims(entity_id, MOST_FIGURES)
        series = archive.topics.series("model")
    return None if _too_many(claims, most) else (compare(claims, series), complete)


def disagreements_in(
    folder: Path, articles: Sequence[int], *, most: int | None = None
) -> tuple[Fact, ...] | None:
    """Return the facts on which articles contradict one another, the most reported first."""
    with Archive(folder, create=False, readonly=True) as archive:
        claims = archive.topics.claims_of_articles(articles)
        series = archive.topics.series() if claims else frozenset()
    if _too_many(claims, most):
        return None
    facts = [fact for fact in compare(claims, series) if fact.disagreements]
    return tuple(
        sorted(facts, key=lambda fact: -len({c.outlet for v in fact.values for c in v.claims}))
    )


def _too_many(claims: Sequence[Claim], most: int | None) -> bool:
    return most is not None and _CHARACTERS * len(claims) > most
