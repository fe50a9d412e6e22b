"""Summaries in English of Chinese articles: which text sums up which, of pages that we wrote."""

from __future__ import annotations

from itertools import product

import pytest
from stories_summaries import ORIGINALS, OTHERS, SUMMARIES, TRANSLATION

from scraper.stories.features import StoryFeatures, read_terms, weigh
from scraper.stories.rarity import Rarity
from scraper.stories.summaries import summary_of


@pytest.fixture(scope="module")
def features() -> dict[tuple[str, str], StoryFeatures]:
    """Features of all texts, by what they are and their name."""
    rarity = Rarity()
    kinds = {"original": ORIGINALS, "summary": SUMMARIES, "other": OTHERS}
    texts = {(kind, name): text for kind, all_ in kinds.items() for name, text in all_.items()}
    texts["translation", "video"] = TRANSLATION
    terms = {key: read_terms(*text) for key, text in texts.items()}
    for one in terms.values():
        rarity.add(one.counted())
    return {key: weigh(one, rarity) for key, one in terms.items()}


def test_a_summary_is_that_of_its_original_alone(
    features: dict[tuple[str, str], StoryFeatures],
) -> None:
    found = {
        (english, chinese)
        for english, chinese in product(features, features)
        if chinese[0] == "original"
        and english[0] != "original"
        and summary_of(features[english], features[chinese])
    }
    assert found == {(("summary", name), ("original", name)) for name in SUMMARIES}


def test_the_order_of_two_articles_makes_no_difference(
    features: dict[tuple[str, str], StoryFeatures],
) -> None:
    for name in SUMMARIES:
        summary, original = features["summary", name], features["original", name]
        ahead, behind = summary_of(summary, original), summary_of(original, summary)
        assert ahead is not None and behind is not None
        assert (ahead.first, behind.first) == (True, False)
        assert ahead.share == behind.share
        assert ahead.headline is (name == "video")
