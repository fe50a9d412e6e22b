"""Quantities: the labelled sentences, figures in all their spellings, and what is no quantity."""

from __future__ import annotations

import pytest

from scraper.text.chinese import fold
from scraper.text.numerals import find_figures
from scraper.topics import judge
from scraper.topics.facts import format_quantity
from tests.topic_sets import read_sentences, wanted_of


@pytest.mark.parametrize(
    ("name", "least_right", "least_linked"),
    [
        ("quantities", 0.98, 0.98),
        ("quantities_wide", 0.98, 0.98),
        ("quantities_held_out", 0.95, 0.93),
        ("quantities_wide_held_out", 0.95, 0.95),
        ("quantities_last_held_out", 0.85, 0.95),
    ],
)
def test_labelled_sentences(name: str, least_right: float, least_linked: float) -> None:
    right = wrong = linked = 0
    for sentence, wanted in read_sentences(name):
        got = [(wanted_of(q), q.about) for q in judge("", sentence).quantities]
        figures = [figure for figure, _ in got]
        right += sum(figure in figures for figure, _ in wanted)
        wrong += sum(figure not in figures for figure, _ in wanted)
        wrong += sum(figure not in [w for w, _ in wanted] for figure in figures)
        linked += sum(pair in got for pair in wanted)
    assert right / (right + wrong) >= least_right
    assert linked / right >= least_linked


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("6710亿", 6.71e11, 6.71e11),
        ("6,710億", 6.71e11, 6.71e11),
        ("671B", 6.71e11, 6.71e11),
        ("14.8万亿", 1.48e13, 1.48e13),
        ("一千二百万", 1.2e7, 1.2e7),
        ("两千", 2000, 2000),
        ("百万", 1e6, 1e6),
        ("万亿", 1e12, 1e12),
        ("three million", 3e6, 3e6),
        ("1.7bn", 1.7e9, 1.7e9),
        ("4-6 million", 4e6, 6e6),
        ("2万至3万", 2e4, 3e4),
        ("2至3万", 2e4, 3e4),
        ("４６０万", 4.6e6, 4.6e6),
        ("一亿二千万", 1.2e8, 1.2e8),
        ("1亿2000万", 1.2e8, 1.2e8),
        ("3兆5千億", 3.5e12, 3.5e12),
        ("兩兆", 2e12, 2e12),
        ("百万亿", 1e14, 1e14),
        ("六千七百一十亿", 6.71e11, 6.71e11),
        ("half a trillion", 5e11, 5e11),
        ("a quarter of a trillion", 2.5e11, 2.5e11),
        ("two and a half million", 2.5e6, 2.5e6),
        ("a thirty billion", 3e10, 3e10),
        ("an eleven-billion", 1.1e10, 1.1e10),
        ("1.2 trn", 1.2e12, 1.2e12),
        ("7 bln", 7e9, 7e9),
        ("十四点八万亿", 1.48e13, 1.48e13),
        ("零點六億", 6e7, 6e7),
        ("三点一四亿", 3.14e8, 3.14e8),
        ("半万亿", 5e11, 5e11),
        ("半億", 5e7, 5e7),
        ("三四百亿", 3e10, 4e10),
        ("二三十億", 2e9, 3e9),
        ("一百多亿", 1e10, 1e10),
        ("3个亿", 3e8, 3e8),
        ("3.5個多億", 3.5e8, 3.5e8),
        ("十五个亿", 1.5e9, 1.5e9),
    ],
)
def test_figures_in_all_spellings(text: str, low: float, high: float) -> None:
    (figure,) = find_figures(fold(text))
    assert (figure.low, figure.high) == (low, high)


@pytest.mark.parametrize(
    "text", ["1,5 billion", "大半万亿", "十三四亿", "五三百亿", "十几亿", "几十个亿"]
)
def test_of_figures_that_are_left_open_nothing_is_claimed(text: str) -> None:
    assert not [f for f in find_figures(fold(text)) if f.scale or f.low > 1000]


def test_two_figures_are_no_range() -> None:
    assert [f.low for f in find_figures("from 64k to 128k")] == [64e3, 128e3]
    assert [f.low for f in find_figures("37b and 671b")] == [37e9, 671e9]


def test_a_figure_holds_as_exactly_as_it_is_printed() -> None:
    assert [f.precision for f in find_figures("5.576m 460万 2048")] == [500, 50000, 0.5]


@pytest.mark.parametrize(
    "text",
    [
        "2025年12月9日，DeepSeek在第3次会议上回答了12个问题。",
        "On 6 November 2025 at 10:30 the Qwen team met for the 4th time in Room 101.",
        "数百万人用过Kimi的AI助手，几千家公司在排队。",
        "Qwen比Llama高出4个百分点，排名前10。",
        "The AI ran on an H800 in a B2B shop; call 555-0199.",
    ],
)
def test_dates_counts_and_names_are_no_quantities(text: str) -> None:
    assert judge("", text).quantities == ()


def test_the_money_of_a_comparison_is_not_given_to_the_model_that_was_beaten() -> None:
    (cost,) = judge("", "Kimi K2 surpassed GPT-5 with a training cost of $4.6 million.").quantities
    assert (cost.kind, cost.about) == ("training cost", "Kimi K2")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Moonshot built its new hall for $2 million and runs Kimi K2 there.", "money"),
        ("The company spent $2 million to build a data center for Kimi K2.", "money"),
        ("Moonshot built Kimi K2 for $4.6 million.", "training cost"),
        ("Kimi K2 was developed for about $4.6 million.", "training cost"),
    ],
)
def test_what_a_house_cost_is_no_cost_of_training(text: str, kind: str) -> None:
    assert [figure.kind for figure in judge("", text).quantities] == [kind]


def test_a_model_is_carried_through_sentences_that_go_on_about_it() -> None:
    text = (
        "Lab X opened GLM-4.6. It has 355 billion parameters. It was tested for weeks."
        " The context is 200K tokens."
    )
    found = [(q.kind, q.about, q.link) for q in judge("", text).quantities]
    assert found == [("parameters", "GLM-4.6", "carried"), ("context", "GLM-4.6", "carried")]


def test_the_only_model_so_far_is_meant_until_another_is_named() -> None:
    far = "They met on Monday. It rained. The hall was full. "
    text = f"Lab X opened GLM-4.6. {far}The model has 355 billion parameters."
    assert [q.about for q in judge("", text).quantities] == ["GLM-4.6"]
    text = f"Lab X opened GLM-4.6 and DeepSeek-V3. {far}The model has 355 billion parameters."
    assert [q.about for q in judge("", text).quantities] == [""]


def test_the_headline_says_what_a_text_without_names_is_about() -> None:
    judged = judge("渡口模型发布：GLM-4.6", "它的参数量为3550亿。")
    assert [q.about for q in judged.quantities] == ["GLM-4.6"]


def test_places_lead_to_the_figure() -> None:
    title, text = "DeepSeek-V3训练花费557.6万美元", "DeepSeek-V3有6710亿参数。"
    cost, size = judge(title, text).quantities
    assert cost.in_title
    assert title[cost.offset :].startswith(cost.printed)
    assert not size.in_title
    assert text[size.offset :].startswith(size.printed)
    assert size.sentence == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DeepSeek-V3有6710亿参数。", "671B"),
        ("DeepSeek-V3训练花费约557.6万美元。", "about 5.576 million USD"),
        ("Qwen3支持128K上下文。", "128K"),
        ("Qwen3用了2048张H800。", "2,048 H800"),
        ("Qwen3 costs $0.28 per million input tokens.", "0.28 USD/M tokens"),
        ("Qwen3 has been downloaded over 600 million times.", "over 600 million"),
        ("Training Qwen3 cost 4-6 million dollars.", "4 million to 6 million USD"),
    ],
)
def test_quantities_in_words(text: str, words: str) -> None:
    assert format_quantity(judge("", text).quantities[0]) == words


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Unlike GPT-4, which cost over $100 million to train, DeepSeek-V3 cost $5.6 million.",
         ["GPT-4", "DeepSeek-V3"]),
        ("DeepSeek-V3 was distilled from Llama 4, whose 400 billion parameters make it slow.",
         ["Llama 4"]),
        ("DeepSeek-V3的表现接近GPT-4，后者的训练成本超过1亿美元。", ["GPT-4"]),
        ("DeepSeek-V3的表现优于参数量达1.8万亿的GPT-4。", ["GPT-4"]),
        ("DeepSeek-V3, unlike its rivals, which have a trillion parameters each, is small.", [""]),
        ("DeepSeek-V3 costs a tenth of the $100 million that OpenAI paid.", [""]),
        ("DeepSeek-V3 (671B), which beats Llama 4, cost $5.6 million to train.",
         ["DeepSeek-V3", "DeepSeek-V3"]),
        # The clause tells of the model that it follows, and the money is its own maker's.
        ("DeepSeek-V3 is a mixture-of-experts model, which has 671 billion parameters.",
         ["DeepSeek-V3"]),
        ("DeepSeek-V3 cost the $5.6 million that DeepSeek reported.", ["DeepSeek-V3"]),
    ],
)  # fmt: skip
def test_a_figure_in_a_relative_clause_is_of_the_name_before_it(
    text: str, about: list[str]
) -> None:
    assert [q.about for q in judge("", text).quantities] == about


@pytest.mark.parametrize(
    "note",
    [
        "Correction: An earlier version of this article said that GLM-4.6 has 720 billion"
        " parameters. It has 355 billion.",
        "This story was corrected on 3 May: GLM-4.6 has 355 billion parameters, not 720 billion.",
        "更正：本文此前称GLM-4.6的参数量为7200亿，实为3550亿。",
        "更正：本文早前報導有誤。GLM-4.6的參數量並非7200億。",
    ],
)
def test_what_a_correction_takes_back_is_no_claim(note: str) -> None:
    text = f"GLM-4.6 has 355 billion parameters.\n\n{note}"
    assert [round(q.low / 1e9) for q in judge("", text).quantities] == [355]


@pytest.mark.parametrize(
    "text",
    [
        "Editor's note: GLM-4.6 has 355 billion parameters.",
        "编者按：GLM-4.6的参数量为3550亿。",
        "GLM-4.6, after an earlier version, has 355 billion parameters.",
    ],
)
def test_what_leads_an_article_in_is_a_claim(text: str) -> None:
    assert [round(q.low / 1e9) for q in judge("", text).quantities] == [355]
