"""Whether a text in one language is a summary of an article in the other, and what shows it.

Aggregators print a few English paragraphs on a Chinese article, often under its Chinese headline.
Such a text shares no passage with its original. It says less, and what it says is in the original:
its names, its figures, and words that a dictionary gives for the original's. Two articles on one
subject may share one of these by chance, so all are required, or the headline. The bounds are set
by hand, on pages of our own and against pairs of real articles in two languages.
"""

from __future__ import annotations

from typing import NamedTuple

from scraper.stories.features import StoryFeatures, Vector

__all__ = ["Summary", "summary_of"]

# Greatest length of a summary, as a share of its original; a translation is about as long.
_LONGEST = 0.7
# Least length of an original, in Chinese characters; shorter ones are not summed up.
_SHORTEST = 200
# Least number of terms of a headline that is taken over, and the share of them that both have.
_HEADLINE_TERMS, _SAME_HEADLINE = 6, 0.8
# Least number of names of the lexicon that both have, and their share of the summary's by weight.
_NAMES, _NAMES_SHARE = 4, 0.85
# Share of the summary's figures that the original has.
_FIGURES_SHARE = 0.65
# Share of the summary's heaviest words that the original has.
_WORDS_SHARE, _HEAVIEST = 0.25, 40


class Summary(NamedTuple):
    """A finding that one of two articles is a summary of the other.

    Attributes:
        first: whether the first one is the summary.
        headline: whether it stands under its original's headline.
        share: share of its heaviest words that the original has.
    """

    first: bool
    headline: bool
    share: float


def summary_of(one: StoryFeatures, other: StoryFeatures) -> Summary | None:
    """Return which of two articles is a summary of the other in another language, if one is.

    Args:
        one, other: the articles, in any order.
    """
    if one.chinese == other.chinese or not (one.has_text and other.has_text):
        return None
    first = one.size < other.size
    summary, original = (one, other) if first else (other, one)
    if original.size < _SHORTEST or summary.size > _LONGEST * original.size:
        return None
    headline = _is_headline_of(summary.own_title, original.own_title)
    share = _words_share(summary.pivot_text, original.pivot_text)
    if headline or (
        share >= _WORDS_SHARE and _has_names(summary, original) and _has_figures(summary, original)
    ):
        return Summary(first=first, headline=headline, share=round(share, 3))
    return None


def _is_headline_of(one: Vector, other: Vector) -> bool:
    both, every = one.keys() & other.keys(), one.keys() | other.keys()
    return len(both) >= _HEADLINE_TERMS and len(both) >= _SAME_HEADLINE * len(every)


def _has_names(summary: StoryFeatures, original: StoryFeatures) -> bool:
    both = summary.entities.keys() & original.entities.keys()
    shared = sum(summary.entities[name] for name in both)
    return len(both) >= _NAMES and shared >= _NAMES_SHARE * sum(summary.entities.values())


def _has_figures(summary: StoryFeatures, original: StoryFeatures) -> bool:
    both = summary.figures_text & original.figures_text
    return bool(both) and len(both) >= _FIGURES_SHARE * len(summary.figures_text)


def _words_share(summary: Vector, original: Vector) -> float:
    heaviest = sorted(summary.items(), key=lambda item: (-item[1], item[0]))[:_HEAVIEST]
    total = sum(weight for _, weight in heaviest)
    return sum(weight for term, weight in heaviest if term in original) / (total or 1.0)
