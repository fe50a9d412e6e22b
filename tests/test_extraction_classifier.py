"""The classifier's arithmetic: trees as data, stages, and the choice of blocks."""

from __future__ import annotations

import json
import math
import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction import classifier
from scraper.extraction.classifier import choose, default_model, load_model, thresholds_of
from scraper.extraction.features import FEATURES, INTEGRAL, Hints, measure, words
from scraper.extraction.segmentation import segment
from scraper.extraction.word_lists import ELEMENT_WORDS, element_words


def model(trees: list[object], stages: list[list[float]]) -> classifier.Model:
    return load_model({"features": list(FEATURES), "trees": trees, "stages": stages})


def test_a_tree_is_walked_and_leaves_add_up() -> None:
    length, share = FEATURES.index("length"), FEATURES.index("link_share")
    two = model([[length, 1.5, -1.0, [share, 0.0, 0.5, 2.0]], 0.25], [])
    rows = [[0.0] * len(FEATURES) for _ in range(3)]
    for row, values in zip(rows, ((1.5, 9.0), (2.0, 0.0), (2.0, 0.1)), strict=True):
        row[length], row[share] = values
    odds = [math.log(p / (1 - p)) for p in two.score(rows)]
    assert odds == pytest.approx([-0.75, 0.75, 2.25])


def test_a_whole_number_is_parted_where_its_threshold_lies() -> None:
    depth = FEATURES.index("depth")
    tree = model([[depth, 3.5, -1.0, 1.0], [depth, -0.5, 0.25, 0.0]], [])
    rows = [[value] * len(FEATURES) for value in (-1, 3, 4)]
    odds = [math.log(p / (1 - p)) for p in tree.score(rows)]
    assert odds == pytest.approx([-0.75, -1.0, 1.0])


def test_features_are_whole_numbers_or_none_as_the_model_takes_them() -> None:
    markup = (
        "<article><h1>Ferry timetable</h1><p class=note>The first ferry leaves at six, and the "
        "last one returns at nine. Take care, for it is full on Sundays.</p><ul><li><a href=/x>"
        "Harbour news</a></li></ul><p><b>渡轮</b></p></article>"
    )
    rows = measure(segment(LexborHTMLParser(markup)), Hints(title="Ferry timetable")).rows
    assert len(rows) > 2
    for row in rows:
        for name, value in zip(FEATURES, row, strict=True):
            assert isinstance(value, int) is (name in INTEGRAL), name


def test_a_settled_block_keeps_the_odds_that_it_had() -> None:
    staged = model([[0, 0.0, -2.0, 1.0], 3.0], [[1, -1.0, 9.0]])
    rest = [0.0] * (len(FEATURES) - 1)
    low, high = staged.score([[0.0, *rest], [1.0, *rest]])
    assert low == pytest.approx(1 / (1 + math.exp(2.0)))
    assert high == pytest.approx(1 / (1 + math.exp(-4.0)))


def test_a_model_of_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match="other features"):
        load_model({"features": ["length"], "trees": [], "stages": []})


def test_boundaries_of_other_signs_are_refused() -> None:
    blocks = {"features": list(FEATURES), "trees": [0.5], "stages": []}
    with pytest.raises(ValueError, match="--boundaries"):
        load_model(blocks, {"features": ["rank"], "trees": [], "stages": []})


def test_the_shipped_model_fits_the_features_and_is_small() -> None:
    path = Path(classifier.__file__).with_name("model.json")
    assert path.stat().st_size < 200_000
    assert json.loads(path.read_text(encoding="utf-8"))["features"] == list(FEATURES)
    assert default_model() is default_model()


def test_settling_does_not_change_what_is_likely() -> None:
    raw = json.loads(Path(classifier.__file__).with_name("model.json").read_text(encoding="utf-8"))
    rows = [[float((7 * i + 3 * j) % 40) for j in range(len(FEATURES))] for i in range(200)]
    whole = load_model({**raw, "stages": []}).score(rows)
    for full, settled in zip(whole, default_model().score(rows), strict=True):
        assert (full > 0.5) == (settled > 0.5)


def test_trees_that_are_walked_say_what_compiled_ones_say(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(classifier.__file__).parent
    raw, boundaries = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("model.json", "boundaries.json")
    )
    rows = [
        [(i * j) % 97 if name in INTEGRAL else (i * j) % 97 / 7 for j, name in enumerate(FEATURES)]
        for i in range(200)
    ]
    walking = load_model(raw, boundaries)
    walked = walking.score(rows)
    monkeypatch.setattr(classifier, "_WALKED", 0)
    assert walked == load_model(raw, boundaries).score(rows)
    # Rows enough compile them: the next ones are scored alike.
    assert walking.score(rows) == walked


def test_element_words_are_found_wherever_they_may_stand() -> None:
    columns = {name: i for i, name in enumerate(ELEMENT_WORDS)}
    assert columns["comment"] in element_words("reader_comments")
    assert columns["advert"] in element_words("box-ad")
    assert columns["advert"] not in element_words("shadow")
    assert columns["related"] in element_words("hot-list")
    assert columns["related"] not in element_words("shots")
    assert min(len(word) for words in ELEMENT_WORDS.values() for word in words) >= 3


@given(st.lists(st.tuples(st.floats(0.4, 1.0), st.integers(1, 50)), min_size=1, max_size=7))
def test_the_choice_is_the_best_there_is(blocks: list[tuple[float, int]]) -> None:
    probabilities, sizes = [p for p, _ in blocks], [n for _, n in blocks]
    total = sum(p * n for p, n in blocks)

    def value(kept: tuple[int, ...]) -> float:
        hits = sum(probabilities[i] * sizes[i] for i in kept)
        return 2 * hits / (sum(sizes[i] for i in kept) + total)

    everything = range(len(blocks))
    best = max(value(c) for k in everything for c in combinations(everything, k + 1))
    chosen = choose(probabilities, sizes)
    assert value(tuple(i for i in everything if chosen[i])) == pytest.approx(best)


def test_unlikely_blocks_are_not_heaped_up() -> None:
    assert choose([0.9, 0.2, 0.2, 0.2], [1, 100, 100, 100]) == [True, False, False, False]


def test_nothing_to_choose_from() -> None:
    assert choose([], []) == []


@pytest.mark.parametrize(
    "text",
    [
        "सरकार ने कहा कि नई नीति लागू होगी",
        "நேற்று இரவு புதிய படகு வந்தது",
        "the new boat came last night",
    ],
)
def test_a_vowel_sign_ends_no_word(text: str) -> None:
    assert words(text) == text.split()


def test_a_row_among_many_scores_as_it_does_alone() -> None:
    """Rows between the same thresholds are scored once; a threshold belongs to its low side."""
    shipped = default_model()
    draw = random.Random(5)
    compared = thresholds_of(shipped)
    rows = [
        [draw.choice((*values, draw.uniform(-5, 200))) for values in compared]
        + [0.0] * (len(FEATURES) - len(compared))
        for _ in range(2_100)
    ]
    assert shipped.score(rows) == [shipped.score([row])[0] for row in rows]
