"""Our Markdown is that of careful hands: headings, lists, tables, code, quotations and notes."""

from __future__ import annotations

from functools import cache

import pytest

from tests.structure import Score, page_names, score_page, similarity

# The mean that issue and README promise, and what a single page may fall to.
MEAN = 0.97
PAGE = 0.9

scored = cache(score_page)


@pytest.mark.parametrize("name", page_names())
def test_markdown_is_near_to_that_of_a_hand(name: str) -> None:
    score: Score = scored(name)
    assert score.whole >= PAGE, score.ours


def test_the_mean_of_all_pages() -> None:
    scores = [scored(name) for name in page_names()]
    assert sum(score.whole for score in scores) / len(scores) >= MEAN
    assert sum(score.parts for score in scores) / len(scores) >= MEAN


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 1.0), ("a", "", 0.0), ("kitten", "sitting", 1 - 3 / 7), ("abc", "abc", 1.0),
     ("长江大桥", "长江新桥", 0.75)],
)  # fmt: skip
def test_similarity_counts_characters_to_change(one: str, other: str, expected: float) -> None:
    assert similarity(one, other) == pytest.approx(expected)
    assert similarity(other, one) == pytest.approx(expected)
