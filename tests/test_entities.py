"""Entities: versions of models by their form, names that no lexicon has, counts and places."""

from __future__ import annotations

import pytest

from scraper.models import Mention
from scraper.topics import judge
from tests.topic_sets import read_names


def models(text: str) -> list[str]:
    return [m.name for m in sorted(named(text), key=lambda m: m.offset or 0) if m.kind == "model"]


def named(text: str) -> tuple[Mention, ...]:
    return judge("", text).mentions


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Qwen3-235B-A22B-Instruct-2507 beats Qwen2.5-72B", ["Qwen3-235B-A22B-Instruct-2507",
                                                             "Qwen2.5-72B"]),
        ("DeepSeek-R1-Distill-Qwen-32B and DeepSeek V3", ["DeepSeek-R1-Distill-Qwen-32B",
                                                          "DeepSeek-V3"]),
        ("通义千问3发布，千问Max随后", ["Qwen3", "Qwen-Max"]),
        ("Kimi K2 Thinking, then K2 again", ["Kimi K2 Thinking", "Kimi K2"]),
        ("Llama 4 Scout and Llama 3.1 405B", ["Llama 4 Scout", "Llama 3.1 405B"]),
        ("智譜GLM-4.6與GLM-4.5-Air", ["GLM-4.6", "GLM-4.5-Air"]),
        ("gpt-oss-120b, GPT-OSS 20B", ["gpt-oss-120b", "gpt-oss-20b"]),
        ("Mistral Small 3.1, Mixtral 8x22B", ["Mistral Small 3.1", "Mixtral 8x22B"]),
        ("百度文心4.5开源", ["ERNIE 4.5"]),
        ("Claude Opus 4.5 and GPT-4o", ["Claude Opus 4.5", "GPT-4o"]),
        ("Llama 4 months ago", ["Llama"]),
        ("千问3个版本", ["Qwen"]),
        ("Read step 3 of the AI guide, then Step-3.5-Flash", ["Step-3.5-Flash"]),
    ],
)  # fmt: skip
def test_versions_are_read_by_their_form(text: str, wanted: list[str]) -> None:
    assert models(f"AI: {text}") == wanted


@pytest.mark.parametrize(("text", "wanted"), read_names("entities"))
def test_labelled_names_are_counted_and_no_other_models(text: str, wanted: dict[str, int]) -> None:
    found = named(text)
    counted = {m.name: m.count for m in found if m.kind == "model" or m.name in wanted}
    assert counted == wanted
    for mention in found:
        assert mention.offset is not None
        forms = mention.matched.split(" / ")
        assert text[mention.offset :].startswith(forms[0])
        assert len(set(forms)) == len(forms) and all(form in text for form in forms)


def test_a_maker_in_the_name_of_its_model_is_a_mention_too() -> None:
    found = {m.name: m.offset for m in named("昨天腾讯混元开源，英伟达H20紧缺。")}
    assert found == {"Tencent": 2, "Hunyuan": 2, "NVIDIA": 9, "H20": 9}


def test_full_width_letters_make_no_other_version() -> None:
    assert models("ＤｅｅｐＳｅｅｋ－Ｖ３和DeepSeek-V3") == ["DeepSeek-V3"]


def test_a_version_knows_its_family_and_maker() -> None:
    (mention,) = [m for m in named("AI news: Qwen3-8B is small") if m.kind == "model"]
    assert (mention.family, mention.maker, mention.listed) == ("Qwen", "Alibaba", True)
    r1 = next(m for m in named("DeepSeek made R1.") if m.name == "DeepSeek-R1")
    assert r1.family == "DeepSeek"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("旗下新一代文本模型“渡口”的全部权重对外开放。“渡口”很小。", "渡口"),
        ("「海燕」大模型今日開源。", "海燕"),
        ("Its text model Ferry is small; Ferry runs anywhere.", "Ferry"),
        ("They tuned Sundew-24B for a week.", "Sundew-24B"),
    ],
)
def test_models_that_no_lexicon_has_are_told_by_their_form(text: str, name: str) -> None:
    mention = next(m for m in named(text) if m.kind == "model")
    assert (mention.name, mention.listed) == (name, False)


def test_common_words_are_no_unlisted_models() -> None:
    for text in (
        "The language model That won.",
        "A B2B platform, a Boeing 737-800B jet and 模型“3”。",
    ):
        assert not [m for m in named(text) if not m.listed and m.name in ("That", "3")], text


def test_mentions_are_counted_with_the_place_of_the_first() -> None:
    judged = judge(
        "DeepSeek again", "Today DeepSeek spoke. 深度求索 and DeepSeek agree with 李开复."
    )
    deepseek = next(m for m in judged.mentions if m.name == "DeepSeek")
    assert (deepseek.count, deepseek.in_title, deepseek.offset) == (3, 1, 6)
    person = next(m for m in judged.mentions if m.kind == "person")
    assert (person.name, person.matched) == ("Kai-Fu Lee", "李开复")


def test_kinds_of_names() -> None:
    text = (
        "Hugging Face hosts the model under Apache 2.0; it ran MMLU-Pro on H800 cards."
        " 梁文锋 spoke of the EU AI Act at WAIC."
    )
    kinds = {m.kind: m.name for m in named(text)}
    assert kinds == {
        "company": "Hugging Face",
        "licence": "Apache 2.0",
        "benchmark": "MMLU-Pro",
        "chip": "H800",
        "person": "Liang Wenfeng",
        "policy": "EU AI Act",
        "event": "WAIC",
    }
