"""Who is read as having said what, in both languages and scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.quotes import find_quotes
from scraper.quotes.speakers import speaker_key
from tests.quotes import FILES, read_passages, score

LEAST_RIGHT = 0.92
MOST_TERMS_TAKEN = 0.05


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_speakers_and_words_of_the_passages_are_right(path: Path) -> None:
    outcome = score(read_passages(path))
    assert outcome.agreed >= LEAST_RIGHT * outcome.expected
    assert outcome.agreed >= LEAST_RIGHT * outcome.found
    assert outcome.taken <= MOST_TERMS_TAKEN * outcome.terms


def test_the_passages_are_enough_and_no_two_are_the_same() -> None:
    passages = [passage for path in FILES for passage in read_passages(path)]
    assert len(passages) >= 120
    assert len({passage.text for passage in passages}) == len(passages)
    languages = [passage.name[:2] for passage in passages]
    assert min(languages.count("en"), languages.count("zh")) >= 50
    silent = sum(not passage.said and not passage.terms for passage in passages)
    assert silent <= 0.03 * len(passages)


def test_both_scripts_give_the_same_statement() -> None:
    (simple,) = find_quotes("周启航说：“芯片不够用，我们自己做。”")
    (traditional,) = find_quotes("周啟航說：「晶片不夠用，我們自己做。」")
    assert simple.speaker_key == traditional.speaker_key == "周启航"
    assert speaker_key("玛尔塔·林德奎斯特") == speaker_key("瑪爾塔‧林德奎斯特")


def test_the_place_of_a_statement_is_that_of_its_words() -> None:
    text = "A heading\n\n  “We sold it,” said Ann Bell. “Twice, in fact.”\n"
    text += "Bell said the ship had sunk."
    first, second = find_quotes(text)
    assert text[first.offset :].startswith("“We sold it")
    assert (first.words, first.direct) == ("We sold it. Twice, in fact.", True)
    assert text[second.offset :].startswith("the ship had sunk")
    assert (second.speaker, second.direct) == ("Ann Bell", False)


def test_a_speaker_gets_the_name_by_which_he_is_known_elsewhere() -> None:
    known = {"Bell": "Ann Bell"}
    (quote,) = find_quotes(
        "“We sold the ship in May,” Bell said.", lambda name: known.get(name, name)
    )
    assert (quote.speaker, quote.speaker_key) == ("Bell", "ann bell")


def test_other_languages_are_left_alone() -> None:
    german = "„Wir haben das Schiff verkauft“, sagte Anna Bell am Montag in Hamburg.\n" * 9
    assert find_quotes(german) == ()


def test_nothing_is_read_from_nothing() -> None:
    assert find_quotes("") == find_quotes("\n \n") == find_quotes('“”\n「」\n""') == ()


UNSAID = (
    "Quint never said that the army had been asked to help.",
    "The minister has not said that taxes will rise.",
    "Quint refuses to say that the army lied to us.",
    "She did not deny that the deal was dead.",
    "If Quint says that the deal is dead, shares will fall.",
    "Quint might say that the deal is dead.",
    "Bell hopes the court will say that the law is void.",
    "Did Bell say that growth had slowed?",
    "Kerr promised to say more about the outage next week.",
    "It would be wrong to say that growth has slowed.",
    "如果王强说公司会裁员三百人，大家都会害怕。",
    "假如王强说：“公司会裁员三百人。”大家都会害怕。",
    "王强没有说：“公司会裁员三百人。”",
    "王强可能会说，公司会裁员三百人。",
    "王强是否表示，公司会裁员三百人？",
    "王强从未表示公司会裁员三百人。",
    "王強將在大會上表示，公司會裁員三百人。",
)


@pytest.mark.parametrize("text", UNSAID)
def test_what_is_not_said_or_only_supposed_is_no_statement(text: str) -> None:
    assert find_quotes(text) == ()


def test_what_is_denied_keeps_its_verb() -> None:
    (quote,) = find_quotes("Rosa Quint denied that the army had been asked to help.")
    assert quote.words == "denied that the army had been asked to help"
    (quote,) = find_quotes("李明否认，公司存在造假行为。")
    assert quote.words == "否认，公司存在造假行为"


PIECES = [
    piece
    for path in FILES
    for passage in read_passages(path)
    for piece in (passage.text, *passage.text.split(" ")[:40], *passage.text.split("，"))
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "\n", " ", ", ", "”", "“", "。", "The "]), max_size=12))
def test_passages_torn_apart_and_joined_are_read(pieces: list[str]) -> None:
    for glue in ("", " "):
        text = glue.join(pieces)
        assert all(0 <= quote.offset < len(text) for quote in find_quotes(text))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="“”「」『』‘’\"'，。：,.:?!说said他heA李 \n—(（)）the", max_size=300))
def test_any_text_is_read_and_places_lie_within_it(text: str) -> None:
    for quote in find_quotes(text):
        assert 0 <= quote.offset < len(text)
        assert quote.words and quote.speaker
