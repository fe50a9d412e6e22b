"""English numbers in words: whole, or nothing at all."""

from __future__ import annotations

import pytest

from scraper.text.number_words import find_word_numbers
from scraper.text.numerals import find_figures
from scraper.topics import judge
from scraper.topics.facts import format_quantity


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("fourteen billion", 14e9, 14e9),
        ("six hundred seventy-one billion", 671e9, 671e9),
        ("six hundred and seventy-one billion", 671e9, 671e9),
        ("two hundred million", 2e8, 2e8),
        ("a billion", 1e9, 1e9),
        ("a hundred and twenty billion", 120e9, 120e9),
        ("one hundred twenty-eight thousand", 128e3, 128e3),
        ("two million three hundred thousand", 2.3e6, 2.3e6),
        ("three hundred thousand million", 3e11, 3e11),
        ("twelve hundred", 1200, 1200),
        ("a thousand and one", 1001, 1001),
        ("one point five trillion", 1.5e12, 1.5e12),
        ("two point oh five million", 2.05e6, 2.05e6),
        ("zero point six billion", 6e8, 6e8),
        ("two and a half million", 2.5e6, 2.5e6),
        ("a million and a half", 1.5e6, 1.5e6),
        ("half a trillion", 5e11, 5e11),
        ("half-trillion", 5e11, 5e11),
        ("three quarters of a billion", 7.5e8, 7.5e8),
        ("five to ten billion", 5e9, 1e10),
        ("one or two hundred million", 1e8, 2e8),
        ("between three and four hundred billion", 3e11, 4e11),
        ("twenty-one to twenty-five thousand", 21e3, 25e3),
        ("5 hundred million", 5e8, 5e8),
    ],
)
def test_a_number_is_read_whole(text: str, low: float, high: float) -> None:
    [figure] = find_figures(text)
    assert (figure.low, figure.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    "text",
    [
        "billion", "the next billion users", "several hundred billion", "a few million",
        "hundreds of billions", "multi-billion", "sub-billion-parameter", "twenty-odd billion",
        "nineteen eighty-four hundred", "twenty twenty-five billion", "per million tokens",
        "each thousand", "two dozen million", "another million", "a couple of hundred million",
        "six seven billion", "scandalous thousands",
    ],
)  # fmt: skip
def test_words_that_leave_it_open_are_no_number(text: str) -> None:
    assert list(find_word_numbers(text)) == []


def test_two_numbers_are_two() -> None:
    found = [figure.low for figure in find_figures("from two billion to five billion")]
    assert found == [2e9, 5e9]
    found = [figure.low for figure in find_figures("two million and three billion")]
    assert found == [2e6, 3e9]


@pytest.mark.parametrize(
    ("sentence", "kind", "about", "printed"),
    [
        ("Lingjie has fourteen billion parameters, Qwen3 said.", "parameters", "Qwen3", "14B"),
        ("DeepSeek-V3 took 10^25 FLOPs.", "training compute", "DeepSeek-V3", "10^25 FLOP"),
        ("DeepSeek-V3 took 10²⁵ FLOPs.", "training compute", "DeepSeek-V3", "10^25 FLOP"),
        (
            "GPT-5用了約3.8×10^25次浮點運算。", "training compute", "GPT-5",
            "about 3.8×10^25 FLOP",
        ),
        ("训练GPT-5耗费10的24次方次运算。", "training compute", "GPT-5", "10^24 FLOP"),
    ],
)  # fmt: skip
def test_quantities_in_words_and_powers(sentence: str, kind: str, about: str, printed: str) -> None:
    [quantity] = judge("", sentence).quantities
    assert (quantity.kind, quantity.about) == (kind, about)
    assert format_quantity(quantity) == printed


def test_a_footnote_mark_is_no_digit() -> None:
    [quantity] = judge("", "In 2026³ DeepSeek-V3 had 671 billion parameters.").quantities
    assert quantity.printed == "671 billion parameters"


@pytest.mark.parametrize(
    "sentence",
    [
        "The start-up's model, built on Mistral 7B, cost $5 million to train.",
        "A model built on Mistral cost two hundred million dollars to train.",
        "The assistant, powered by GPT-5, has 40 million users.",
        "A fine-tuned version of Llama 3.1 cost $2 million to train, the lab said.",
        "该公司基于Qwen3训练的模型花费500万美元。",
        "該公司稱其以Mistral為基礎的模型訓練成本為500萬美元。",
        "在Qwen3的基础上，团队花费500万美元训练了新模型。",
    ],
)
def test_a_base_has_no_part_in_what_is_made_of_it(sentence: str) -> None:
    quantities = judge("", sentence).quantities
    assert quantities
    assert {quantity.about for quantity in quantities} == {""}


def test_what_stands_right_behind_a_base_is_its_own() -> None:
    [quantity] = judge("", "It is built on DeepSeek-V3 (671B parameters).").quantities
    assert quantity.about == "DeepSeek-V3"
    [quantity] = judge("", "由DeepSeek发布的DeepSeek-V3拥有6710亿参数。").quantities
    assert quantity.about == "DeepSeek-V3"
