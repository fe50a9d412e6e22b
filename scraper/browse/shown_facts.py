"""Facts as pages show them: the most frequent values, each with the first articles that give it."""

from __future__ import annotations

from scraper.models import Claim, Quantity
from scraper.record import record
from scraper.topics.facts import Fact, Value

__all__ = ["ShownClaim", "ShownFact", "ShownValue", "shown_fact"]

# Values of a fact, and articles that give a value, that a page shows.
_MOST_VALUES, _MOST_CLAIMS = 8, 5


@record
class ShownClaim:
    """An article that gives a value.

    Attributes:
        first, last: its first and its last version that gives it, the same where it is one.
    """

    first: Claim
    last: Claim


@record
class ShownValue:
    """A value of a fact as a page shows it.

    Attributes:
        quantity: the figure as first given.
        claims: the articles that give it, those that were the first to.
        more: how many others do.
    """

    quantity: Quantity
    claims: tuple[ShownClaim, ...]
    more: int


@record
class ShownFact:
    """A fact as a page shows it: its most frequent values.

    Attributes:
        fact: the fact.
        values: its most frequent values.
        more: how many other values there are.
    """

    fact: Fact
    values: tuple[ShownValue, ...]
    more: int


def shown_fact(fact: Fact) -> ShownFact:
    """Return a fact as a page shows it, however many articles give it."""
    return ShownFact(
        fact=fact,
        values=tuple(_shown_value(value) for value in fact.values[:_MOST_VALUES]),
        more=max(0, len(fact.values) - _MOST_VALUES),
    )


def _shown_value(value: Value) -> ShownValue:
    by_article: dict[int, list[Claim]] = {}
    for claim in value.claims:
        by_article.setdefault(claim.article_id, []).append(claim)
    claims = [ShownClaim(first=found[0], last=found[-1]) for found in by_article.values()]
    return ShownValue(
        quantity=value.quantity,
        claims=tuple(claims[:_MOST_CLAIMS]),
        more=max(0, len(claims) - _MOST_CLAIMS),
    )
