"""How rare a term is: in how many articles it occurs, and how common it is in the language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

__all__ = ["Rarity"]

# What is known of the language counts like this many articles.
_PRIOR = 300.0
# Words in a headline with its lead, in which a word of the language may occur by chance.
_LEAD_WORDS = 60
# Share of articles that have a term which the table does not list: Latin, and Chinese.
_UNKNOWN, _UNKNOWN_HAN = 3e-5, 2e-4


@cache
def _expected() -> dict[str, float]:
    """Return the share of leads in which a stem is expected, from its commonness in English."""
    table = (files(__package__) / "commonness.tsv").read_text(encoding="utf-8")
    shares = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            stem, zipf = line.split("\t")
            use = 10 ** (int(zipf) / 10 - 9)
            shares[stem] = min(0.9, 1 - (1 - use) ** _LEAD_WORDS)
    return shares


class Rarity:
    """Rarity of terms, in nats: the negative logarithm of the share of articles that have them.

    Args:
        articles: number of articles counted.
        counts: in how many of them each term occurs.
    """

    def __init__(self, articles: int = 0, counts: dict[str, int] | None = None) -> None:
        self._articles = articles
        self._counts: Counter[str] = Counter(counts or {})

    def add(self, terms: Iterable[str]) -> None:
        """Count an article by its terms, each given once."""
        self._articles += 1
        self._counts.update(terms)

    def __call__(self, term: str) -> float:
        """Return the rarity of a term."""
        share = _expected().get(term)
        if share is None:
            share = _UNKNOWN_HAN if "\u3400" <= term[:1] <= "\u9fff" else _UNKNOWN
        counted = self._counts.get(term, 0) + _PRIOR * share
        return -math.log(min(1.0, counted / (self._articles + _PRIOR)))
