"""Facts: what outlets say of a model side by side, when it is a contradiction, the commands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.browse.shown_facts import shown_fact
from scraper.cli import main
from scraper.models import Claim
from scraper.topics import judge
from scraper.topics.facts import compare, series_among
from tests.archiving import HOUR, START, article, opened

_PAGE = "https://{outlet}.example/news/{number}"


def claim(
    text: str,
    *,
    outlet: str = "Ledger",
    article_id: int = 1,
    version: int = 1,
    current: bool = True,
    day: float = 0,
    until: float | None = None,
) -> Claim:
    (quantity,) = judge("", text).quantities
    at = START + timedelta(days=day)
    return Claim(
        quantity=quantity,
        article_id=article_id,
        version=version,
        current=current,
        outlet=outlet,
        title="",
        url="",
        at=at,
        observed_at=at,
        until=None if until is None else START + timedelta(days=until),
    )


def pair(one: str, other: str, **about: float) -> int:
    """Return how many contradictions there are between two outlets that say this."""
    facts = compare([claim(one), claim(other, outlet="晨光", article_id=2, **about)])  # type: ignore[arg-type]
    return sum(len(fact.contradictions) for fact in facts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DeepSeek-V3 has 671B parameters.", "DeepSeek-V3有6710亿参数。"),
        ("Training DeepSeek-V3 cost $5.6 million.", "DeepSeek-V3训练花费557.6万美元。"),
        ("Training DeepSeek-V3 cost about $5.5 million.", "DeepSeek-V3训练花费557.6万美元。"),
        ("Training DeepSeek-V3 cost over $5 million.", "DeepSeek-V3训练花费557.6万美元。"),
        ("Training DeepSeek-V3 cost less than $6 million.", "DeepSeek-V3训练花费557.6万美元。"),
        ("Training Qwen3 cost about $5.3 million.", "Qwen3训练花费557.6万美元。"),
        ("Training Qwen3 cost 4-6 million dollars.", "Qwen3训练花费557.6万美元。"),
        # Other units, other benchmarks, other models are other facts.
        ("Training Qwen3 cost $5 million.", "Qwen3训练花费3000万元。"),
        ("Qwen3 scores 88.5 on MMLU.", "Qwen3 scores 70.1 on GPQA."),
        ("Qwen3 has 235B parameters.", "Qwen3-8B has 8B parameters."),
        # 128K is 128,000 or 131,072; a class of sizes; one version of many; money for whatever.
        ("GLM-4.6 supports a 128K context.", "GLM-4.6支持131,072个token的上下文。"),
        ("DeepSeek-V3 has 671B parameters.", "DeepSeek-V3是千亿级参数模型。"),
        ("The largest version of Qwen3 has 235B parameters.", "Qwen3有320亿参数。"),
        ("Qwen3 got $5 million.", "Qwen3拿到200万美元。"),
    ],
)
def test_rounding_qualifiers_and_ranges_are_no_contradiction(one: str, other: str) -> None:
    assert pair(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DeepSeek-V3 has 671B parameters.", "DeepSeek-V3有6850亿参数。"),
        ("Training Kimi K2 cost $4.6 million.", "Kimi K2训练花费640万美元。"),
        ("Training Kimi K2 cost about $4.6 million.", "Kimi K2训练花费约480万美元。"),
        ("GLM-4.6 supports a 128K context.", "GLM-4.6支持200K上下文。"),
        ("Qwen3 scores 88.5 on MMLU.", "Qwen3在MMLU上得分87.1。"),
        ("DeepSeek-V3 was trained on 2,048 H800 GPUs.", "DeepSeek-V3使用了1万张H800。"),
    ],
)
def test_values_that_cannot_both_hold_contradict(one: str, other: str) -> None:
    assert pair(one, other) == 1


def test_what_grows_contradicts_only_on_the_same_day() -> None:
    few, many = "Qwen has 300 million downloads.", "Qwen的下载量达6亿次。"
    assert pair(few, many, day=0) == 1
    assert pair(few, many, day=30) == 0


def test_an_outlet_that_gives_a_rumour_and_its_denial_contradicts_neither() -> None:
    both = [
        claim("Training Kimi K2 cost $4.6 million.", article_id=1),
        claim("Training Kimi K2 cost $9 million.", article_id=1),
        claim("Kimi K2训练花费460万美元。", outlet="晨光", article_id=2),
    ]
    (fact,) = compare(both)
    assert fact.contradictions == ()
    assert [value.outlets for value in fact.values] == [("Ledger", "晨光"), ("Ledger",)]


def test_versions_of_one_article_and_articles_of_one_outlet_are_told_apart() -> None:
    old = claim("Training Kimi K2 cost $4.6 million.", current=False, until=1)
    new = claim("Training Kimi K2 cost $6.4 million.", version=2, day=1)
    other = claim("Training Kimi K2 cost $9 million.", article_id=2, day=2)
    (fact,) = compare([old, new, other])
    assert [(c.kind, c.settled) for c in fact.contradictions] == [
        ("versions", False),
        ("articles", False),
    ]


def test_a_contradiction_that_an_edit_settled_is_said_to_be_so() -> None:
    old = claim("Training Kimi K2 cost $4.6 million.", current=False, day=0, until=3)
    new = claim("Training Kimi K2 cost $6.4 million.", version=2, day=3)
    for day, told in ((1, True), (4, False)):
        other = claim("Kimi K2训练花费640万美元。", outlet="晨光", article_id=2, day=day)
        facts = compare(sorted([old, new, other], key=lambda c: c.observed_at))
        between = [c for c in facts[0].contradictions if c.kind == "outlets"]
        assert [c.settled for c in between] == ([True] if told else [])


def test_a_series_of_models_has_no_one_size() -> None:
    claims = [
        claim("Qwen3 has 235B parameters."),
        claim("Qwen3有320亿参数。", outlet="晨光", article_id=2),
    ]
    series = series_among(["Qwen3", "Qwen3-32B", "DeepSeek-V3", "DeepSeek-V3-0324"], {"Qwen"})
    assert series == {"Qwen3"}
    assert sum(len(f.contradictions) for f in compare(claims)) == 1
    assert sum(len(f.contradictions) for f in compare(claims, series)) == 0


def test_copies_of_one_text_contradict_once() -> None:
    wire = "Training DeepSeek-V3 cost $5.6 million, the laboratory said on Monday."
    claims = [
        claim(wire, article_id=1),
        claim(wire, outlet="Courier", article_id=2),
        claim(wire.replace(",", " -"), outlet="Gazette", article_id=3),
        claim("DeepSeek-V3训练花费900万美元。", outlet="晨光", article_id=4),
    ]
    (fact,) = compare(claims)
    assert len(fact.contradictions) == 1
    assert [len(value.claims) for value in fact.values] == [3, 1]


def test_what_most_outlets_say_now_stands_first() -> None:
    claims = [
        claim("GLM-4.6 has 355B parameters.", current=False, until=1),
        claim("GLM-4.6 has 357B parameters.", version=2, day=1),
        claim("GLM-4.6 has 357B parameters.", outlet="晨光", article_id=2, day=1),
    ]
    (fact,) = compare(claims)
    assert [value.quantity.low for value in fact.values] == [357e9, 355e9]


def filled(folder: Path) -> None:
    """Two outlets that disagree about a cost; one corrects itself."""
    said = {
        ("ledger", 1): ("Kimi K2 was cheap", "Training Kimi K2 cost about $4.6 million."),
        ("chenguang", 2): (
            "Kimi K2训练花费公布",
            "月之暗面称，Kimi K2训练花费约640万美元，参数1万亿。",
        ),
    }
    with opened(folder) as archive:
        for (outlet, number), (title, text) in said.items():
            attempt = article(text, url=_PAGE.format(outlet=outlet, number=number), title=title)
            archive.record(replace(attempt, judgement=judge(title, text)))
        text = "Training Kimi K2 cost about $5.1 million, the company now says."
        later = article(
            text,
            url=_PAGE.format(outlet="ledger", number=1),
            title="Kimi K2 was cheap",
            at=START + 24 * HOUR,
        )
        archive.record(replace(later, judgement=judge("Kimi K2 was cheap", text)))


def run(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--archive", str(folder), *words])
    return result.exit_code, result.output


def test_the_command_lists_values_outlets_sentences_and_contradictions(tmp_path: Path) -> None:
    filled(tmp_path)
    code, said = run(tmp_path, "facts", "kimi-k2")
    assert code == 0, said
    for words in (
        "training cost",
        "about 6.4 million USD",
        "Training Kimi K2 cost about $4.6 million.",
        "chenguang.example",
        "version 1, no longer",
        "↻ ",
        "changed $4.6 million to $5.1 million",
        "; 1 correction",
        "parameters",
    ):
        assert words in said
    assert "1 of them between current versions" in said and "2 facts" in said


def test_the_command_as_json_and_by_kind_and_by_family(tmp_path: Path) -> None:
    filled(tmp_path)
    code, said = run(tmp_path, "facts", "Kimi", "--kind", "training cost", "--json")
    assert code == 0
    answer = json.loads(said)
    (fact,) = answer["facts"]
    assert answer["coverage"] is None, "no source is watched"
    assert (fact["about"], fact["kind"], fact["unit"]) == ("Kimi K2", "training cost", "USD")
    assert {c["kind"] for c in fact["contradictions"]} == {"versions", "outlets"}
    code, said = run(tmp_path, "facts", "Kimi K2", "--contradictions")
    assert "parameters" not in said


def test_a_name_that_nobody_uses_is_an_error_that_helps(tmp_path: Path) -> None:
    filled(tmp_path)
    code, said = run(tmp_path, "facts", "Phantom-9000")
    assert code == 1
    assert "scraper topics --kind model" in said


def test_topics_explains_a_text_an_article_and_lists_names(tmp_path: Path) -> None:
    filled(tmp_path)
    code, said = run(tmp_path, "topics", "月之暗面開源新模型")
    assert code == 0
    assert "on topic" in said and "Moonshot AI" in said and "月之暗面" in said
    code, said = run(tmp_path, "topics", "1")
    assert code == 0 and "Kimi K2 was cheap" in said and "5.1 million USD" in said
    code, said = run(tmp_path, "topics", "--kind", "model", "--json")
    assert [entity["name"] for entity in json.loads(said)["names"]] == ["Kimi K2"]


def test_a_name_that_the_lexicon_does_not_know_is_searched_for(tmp_path: Path) -> None:
    filled(tmp_path)
    with opened(tmp_path) as archive:
        text = "The Zephyrine model has fourteen billion parameters, the institute says."
        url = _PAGE.format(outlet="ledger", number=9)
        attempt = article(text, url=url, title="Zephyrine is free to use")
        archive.record(replace(attempt, judgement=judge("Zephyrine is free to use", text)))
    code, said = run(tmp_path, "facts", "Zephyrine")
    assert code == 0
    assert "Zephyrine is free to use" in said
    assert "topics.toml" in said and "scraper rescore" in said
    code, said = run(tmp_path, "facts", "Zephyrine", "--json")
    told = json.loads(said)
    assert (code, told["facts"]) == (0, [])
    assert [hit["title"] for hit in told["articles"]] == ["Zephyrine is free to use"]
    code, said = run(tmp_path, "facts", "Nobodysaidthis")
    assert code == 1 and "no article mentions Nobodysaidthis" in said


def test_a_value_is_shown_from_the_version_on_that_first_gave_it() -> None:
    four, six = "Training DeepSeek-V3 cost $4 million.", "Training DeepSeek-V3 cost $6 million."
    claims = [
        claim(four, version=1, current=False),
        claim(six, version=2, current=False, day=1),
        claim(six, version=3, day=2),
        claim(four, outlet="Digest", article_id=2, day=3),
    ]
    (fact,) = compare(claims)
    shown = {value.quantity.low: value.claims for value in shown_fact(fact).values}
    (ledger,) = shown[6e6]
    assert (ledger.first.version, ledger.last.version, ledger.last.current) == (2, 3, True)
    former, digest = shown[4e6]
    assert (former.last.version, former.last.current) == (1, False)
    assert digest.last.outlet == "Digest" and digest.last.current
