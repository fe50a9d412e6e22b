"""Compares new articles with earlier ones, where something suggests a common event.

An article is compared with those of its window that share its rarest terms, and with those that its
embedding is nearest to. `scraper.stories.grouping` joins what is found.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scraper.record import record
from scraper.stories.embedding import embed
from scraper.stories.features import StoryFeatures, Terms, read_terms, weigh
from scraper.stories.grouping import Pair, group, join_model
from scraper.stories.pairs import is_other_edition, measure, pair_model
from scraper.stories.rarity import Rarity
from scraper.stories.signatures import Signature, shingles, sign
from scraper.stories.summaries import Summary, summary_of

__all__ = [
    "COPY", "LEAST_PROBABILITY", "WINDOW", "Comparison", "PendingArticle", "TextReading", "compare",
    "connected", "describe", "group_pairs", "most_candidates", "read_texts",
]  # fmt: skip

# Articles further apart do not report one event.
WINDOW = timedelta(days=14)
# Most articles that one is compared with, those most alike by rare terms: for a text, and for a
# headline alone, which has fewer terms and costs less.
_OF_TEXT, _OF_HEADLINE = 40, 120
# A copy or a summary reports the same event, whatever its features say.
COPY = 0.98
# Less likely pairs are not kept.
LEAST_PROBABILITY = 0.03
# Pairs at least this likely: if one article is grouped again, so is the other.
_BINDING = 0.2
# Most articles that are grouped again at once.
_MOST_BOUND = 500


@record
class TextReading:
    """What a text is compared by, before the rarity of its terms is known.

    Attributes:
        terms: from `scraper.stories.features.read_terms`.
        signature: by which texts that share its passages are found.
        embedding_title, embedding_lead: of the optional model, as bytes of 16-bit floats, or b"".
    """

    terms: Terms
    signature: Signature
    embedding_title: bytes = b""
    embedding_lead: bytes = b""


@record
class PendingArticle:
    """An article that has not been grouped yet.

    Attributes:
        id: its number.
        reading: of its headline and text.
        at: when it was published, or None.
    """

    id: int
    reading: TextReading
    at: datetime | None = None


@record
class Comparison:
    """Two articles that were compared.

    Attributes:
        pair: their numbers, the lower first.
        probability: that they report one event.
        vetoed: whether they are surely two stories.
        measures: the evidence.
        summary: which of them is a summary of the other, if one is; the first is the one compared.
    """

    pair: Pair
    probability: float
    vetoed: bool
    measures: Mapping[str, float]
    summary: Summary | None = None


def read_texts(texts: Sequence[tuple[str, str]], *, embeddings: bool) -> list[TextReading]:
    """Read headlines and texts as publishers wrote them; runs in a worker.

    Args:
        texts: headline and text of each article.
        embeddings: whether the optional model takes part.

    Raises:
        UsageError: `embeddings`, and the extra `scraper[stories]` is not installed.
    """
    found = [
        TextReading(terms=read_terms(title, text), signature=sign(shingles(text)))
        for title, text in texts
    ]
    if not embeddings:
        return found
    titles = embed([r.terms.title for r in found])
    with_text = [n for n, r in enumerate(found) if r.terms.has_text]
    told = [f"{found[n].terms.title}\n{found[n].terms.lead}" for n in with_text]
    leads = dict(zip(with_text, embed(told), strict=True))
    return [
        replace(r, embedding_title=titles[n], embedding_lead=leads.get(n, titles[n]))
        for n, r in enumerate(found)
    ]


def describe(articles: Sequence[PendingArticle], rarity: Rarity) -> dict[int, StoryFeatures]:
    """Return the features of articles by number.

    Args:
        articles: which; each is counted in `rarity`.
        rarity: of terms.
    """
    return {
        a.id: replace(
            weigh(a.reading.terms, rarity, a.at),
            embedding_title=a.reading.embedding_title,
            embedding_lead=a.reading.embedding_lead,
        )
        for a in articles
    }


def most_candidates(features: StoryFeatures) -> int:
    """Return the largest number of articles that one is compared with."""
    return _OF_TEXT if features.has_text else _OF_HEADLINE


def compare(
    number: int,
    features: StoryFeatures,
    others: Mapping[int, StoryFeatures],
    *,
    embeddings: bool,
) -> list[Comparison]:
    """Compare an article with others; unlikely pairs are left out.

    Args:
        number: of the article.
        features: of the article.
        others: features of the candidates by number.
        embeddings: whether the optional model takes part.
    """
    model = pair_model(embeddings=embeddings)
    found = []
    for other, theirs in others.items():
        if other == number:
            continue
        measures = measure(features, theirs)
        probability = model.probability(features, theirs, measures)
        vetoed = is_other_edition(features, theirs)
        summary = summary_of(features, theirs)
        if summary is not None:
            probability, vetoed = COPY, False
        if probability >= LEAST_PROBABILITY:
            pair = (min(number, other), max(number, other))
            found.append(
                Comparison(
                    pair=pair,
                    probability=probability,
                    vetoed=vetoed,
                    measures=measures,
                    summary=summary,
                )
            )
    return found


def connected(
    start: Iterable[int], neighbours: Callable[[int], Iterable[tuple[int, float]]]
) -> set[int]:
    """Return the articles that are grouped again when some come in: those most closely bound.

    Where reports of different events are alike, nearly all are bound to one another: the nearest
    are grouped again, the others stay as they are.

    Args:
        start: those that came in.
        neighbours: articles paired with one, and the probability of the pair.
    """
    found: set[int] = set()
    waiting = [(-1.0, article) for article in sorted(set(start))]
    while waiting and len(found) < _MOST_BOUND:
        _, article = heapq.heappop(waiting)
        if article in found:
            continue
        found.add(article)
        for other, probability in neighbours(article):
            if probability >= _BINDING and other not in found:
                heapq.heappush(waiting, (-probability, other))
    return found


def group_pairs(
    articles: Collection[int],
    pairs: Mapping[Pair, float],
    *,
    with_text: set[int],
    vetoed: set[Pair],
    embeddings: bool,
) -> list[list[int]]:
    """Return the stories of articles, single articles among them; see `grouping.group`."""
    return group(
        articles, pairs, join_model(embeddings=embeddings), with_text=with_text, vetoed=vetoed
    )
