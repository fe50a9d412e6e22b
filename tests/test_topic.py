"""Topic: the labelled sets, what lends support, what hides, and why a score is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.errors import ConfigError
from scraper.toml_file import shipped_config
from scraper.topics import judge
from scraper.topics.lexicon import ENTITY_KINDS, default_lexicon, lexicon_in, load_lexicon
from tests.topic_sets import read_headlines

FLOOR = 0.95


@pytest.mark.parametrize(
    "name",
    [
        "development",
        "held_out",
        "wide",
        "indirect",
        "wide_held_out",
        "wide_held_out_2",
        "wide_held_out_3",
    ],
)
def test_f1_on_the_labelled_set_is_above_the_floor(name: str) -> None:
    cases = read_headlines(name)
    judged = [(case.on, case.judged_on(), case.title) for case in cases]
    hits = sum(wanted and got for wanted, got, _ in judged)
    wrong = [title for wanted, got, title in judged if wanted != got]
    assert 2 * hits / (2 * hits + len(wrong)) >= FLOOR, wrong


def test_the_sets_are_what_they_are_said_to_be() -> None:
    development, held_out = read_headlines("development"), read_headlines("held_out")
    assert len(development) >= 120
    assert len(read_headlines("wide")) >= 200
    for cases in (development, held_out):
        assert 0.4 <= sum(case.on for case in cases) / len(cases) <= 0.6
        assert {case.language for case in cases} == {"en", "zh-Hans", "zh-Hant"}
    assert not {c.title for c in development} & {c.title for c in held_out}


def test_both_scripts_get_one_score() -> None:
    hans = judge("月之暗面开源新模型", "这款开放权重的大语言模型可以免费下载。")
    hant = judge("月之暗面開源新模型", "這款開放權重的大語言模型可以免費下載。")
    assert hans.topic.on
    assert hans.topic.score == hant.topic.score


@pytest.mark.parametrize(
    "text",
    [
        "Llamas guard sheep on a ranch in Montana.",
        "Kimi Räikkönen drove an AI-designed car.",
        "When the mistral blows, AI models of the weather fail.",
        "Gemma Arterton plays a founder of an AI company.",
        "Falcon 9 lifts AI satellites into orbit.",
        "各地开源节流，压减人工智能项目预算。",
        "LLM courses at law schools teach AI regulation.",
    ],
)
def test_namesakes_are_no_models(text: str) -> None:
    named = {mention.name for mention in judge("", text).mentions if mention.kind == "model"}
    assert not named & {"Llama", "Kimi", "Mistral", "Gemma", "Falcon"}
    assert not judge(text, "").topic.on


def test_doubtful_names_count_beside_words_of_ai_or_with_a_version() -> None:
    for text in ("The Kimi chatbot uses AI.", "Llama 3.1 is out.", "Google tuned Gemma again."):
        assert any(m.kind == "model" for m in judge("", text).mentions), text


def test_words_stand_alone() -> None:
    assert (
        judge("", "She said the rapid response of captain Megpt was raised.").topic.evidence == ()
    )
    assert judge("", "DeepSeek模型").mentions[0].name == "DeepSeek"


def test_headline_counts_more_than_lead_and_lead_more_than_body() -> None:
    filler = "The weather was fine and nothing else happened on that day. " * 12
    headline = judge("Qwen grows", filler).topic.score
    lead = judge("It grows", f"Qwen grows. {filler}").topic.score
    body = judge("It grows", f"{filler}Qwen grows.").topic.score
    assert headline > lead > body > 0


def test_a_text_full_of_ai_and_great_names_alone_stays_off_topic() -> None:
    text = "OpenAI, Google, Microsoft, Nvidia, Meta and Amazon sell AI, GPUs and language models. "
    topic = judge("OpenAI, Google and Nvidia talk of AI", text * 10).topic
    assert not topic.on
    assert sum(e.points for e in topic.evidence) > topic.score  # the cap is at work


def test_the_score_is_the_sum_of_its_evidence_and_offsets_lead_to_it() -> None:
    title, text = "深度求索發布新模型", "它的權重已公開，DeepSeek 說可商用。"
    topic = judge(title, text).topic
    core = [e for e in topic.evidence if abs(e.points) > 0]
    assert topic.score == pytest.approx(sum(e.points for e in core), abs=0.2)
    for e in topic.evidence:
        where = title if e.place == "headline" else text
        assert where[e.offset : e.offset + len(e.matched)] == e.matched


def test_gadget_words_speak_against() -> None:
    plain = judge("Best machines for DeepSeek", "They run it.").topic.score
    assert judge("Best AI laptops for DeepSeek", "They run it.").topic.score < plain


def test_the_shipped_lexicon_names_every_spelling_once() -> None:
    lexicon = default_lexicon()
    names = [(entry.kind, entry.name) for entry in lexicon.entries]
    assert len(names) == len(set(names)) > 400
    assert all(alias.entry.kind for alias in lexicon.aliases.values())


def test_no_phrase_of_the_subject_swallows_the_name_of_an_entity() -> None:
    aliases = default_lexicon().aliases
    named = {
        text
        for text, alias in aliases.items()
        if alias.entry.kind in ENTITY_KINDS and not alias.doubtful
    }
    swallowed = [
        (text, part)
        for text, alias in aliases.items()
        if alias.entry.kind in ("topic", "sign-model", "sign-ai")
        for words in [text.split(" ")]
        for i in range(len(words))
        for j in range(i, len(words))
        for part in [" ".join(words[i : j + 1])]
        if part != text and part in named
    ]
    assert swallowed == []


def test_a_name_that_is_sure_once_is_meant_all_through_a_text() -> None:
    far = "The committee met again in the old town hall and talked of the budget. " * 4
    (granite,) = (
        m
        for m in judge("", f"IBM published Granite 4.0. {far}Granite is small.").mentions
        if m.name == "Granite"
    )
    assert granite.count == 1
    assert not judge("", f"The hall is of stone. {far}Granite is hard.").mentions


def test_what_a_long_text_names_in_passing_does_not_make_it_of_the_subject() -> None:
    far = "Compare fares early, and read what the airline says of bags and seats. " * 40
    text = f"{far}Some ask DeepSeek. {far}AI chatbots such as ChatGPT and Google's guess prices."
    assert not judge("The ten best sites for cheap flights", text).topic.on


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("月之暗面：探月任务带回的样品", "科学家在月球背面发现了年轻的火山活动。"),
        ("《月之暗面》重新发行", "乐迷可以听到全景声版本的这张唱片。"),
        ("Gemma lives with epilepsy", "An app that uses AI warns her of seizures."),
        ("Granite State voters go to the polls", "Two advertisements were made with AI."),
        ("青少年人工智能竞赛落幕", "来自二十所中学的选手用机器人完成任务。"),
        ("Local model wins pageant", "She wants to be a nurse, and dislikes AI pictures."),
        ("国产开源编辑器发布新版", "支持多光标与远程开发。"),
    ],
)
def test_namesakes_in_headlines_are_off_topic(title: str, lead: str) -> None:
    assert not judge(title, lead).topic.on


def write(folder: Path, text: str) -> Path:
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_ones_own_adds_to_the_shipped_one_or_stands_alone(tmp_path: Path) -> None:
    entry = '[[group]]\nkind = "model"\nweight = 4\n[group.entries]\n"Dukou" = ["渡口"]\n'
    write(tmp_path, "extends = true\n" + entry)
    more = lexicon_in(tmp_path)
    assert more.version != default_lexicon().version
    assert {m.name for m in judge("", "渡口 beats Qwen3-8B", more).mentions} >= {
        "Dukou",
        "Qwen3-8B",
    }
    alone = load_lexicon(write(tmp_path, entry))
    assert {m.name for m in judge("", "渡口 beats DeepSeek", alone).mentions} == {"Dukou"}


def test_a_spelling_of_ones_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    entry = (
        '[[group]]\nkind = "project"\nweight = 4\n[group.entries]\n"Ours" = ["深度求索"]\n'
        '[[group]]\nkind = "model"\nweight = 9\n[group.entries]\n"Kimi" = ["小月"]\n'
    )
    lexicon = load_lexicon(write(tmp_path, "extends = true\n" + entry))
    judged = judge("", "深度求索和DeepSeek都在；小月也在。", lexicon)
    assert {m.name for m in judged.mentions} == {"Ours", "DeepSeek", "Kimi"}
    assert next(e for e in lexicon.entries if e.name == "Kimi").weight == 9


def test_an_entry_that_stands_twice_in_a_file_is_told(tmp_path: Path) -> None:
    group = '[[group]]\nkind = "model"\nweight = 4\n[group.entries]\n"Dukou" = ["渡口"]\n'
    with pytest.raises(ConfigError, match="'Dukou': is in this file already"):
        load_lexicon(write(tmp_path, group + group))


def test_a_folder_without_a_lexicon_has_the_shipped_one(tmp_path: Path) -> None:
    assert lexicon_in(tmp_path) is default_lexicon()
    assert lexicon_in(None) is lexicon_in(shipped_config())


def test_all_that_is_wrong_with_a_lexicon_is_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[score]\nthreshhold = 3\n[[group]]\nkind = "animal"\n'
        '[[group]]\nkind = "model"\nwheight = 1\n'
        '[group.entries]\n"A" = { as = [3], needs = "B" }\n"C" = { needs = "D" }\n',
    )
    with pytest.raises(ConfigError) as caught:
        load_lexicon(path)
    said = "\n".join(caught.value.problems)
    for word in ("threshhold", "animal", "wheight", "[3]", "'D'"):
        assert word in said


def test_empty_and_odd_texts_are_judged() -> None:
    for text in ("", "\ud800 DeepSeek \x00", "ﬁ" * 10, "İstanbul " * 5, "1" * 5000, "万" * 5000):
        assert judge(text, text).topic.score >= 0
