"""Search against brute force: all that holds a query is found, and nothing else.

On real pages where ``../shared`` is there, else on the project's own; queries are drawn from them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import opencc
import pytest
from archiving import article, opened

from scraper.archive import Archive
from scraper.text.chinese import fold
from tests.benchmarks.corpus import page_texts

# To read the pages takes half a minute of CPU, of which a busy machine gives a part.
pytestmark = pytest.mark.timeout(300)

QUERIES, ENGLISH = 1200, 100
HAN = re.compile("[\u4e00-\u9fff]{2,}")
WORD = re.compile("(?<![^\\W_])[a-z]{2,}(?![^\\W_])")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return list(dict.fromkeys(page_texts()))


@pytest.fixture(scope="module")
def archive(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with opened(tmp_path_factory.mktemp("archive")) as made:
        for number, text in enumerate(texts):
            made.record(article(text, url=f"https://n{number}.example/a", title=""))
        yield made


def found(archive: Archive, typed: str) -> set[int]:
    page = archive.search_page(typed, 1000)
    assert page.notes == ()
    assert (page.found, page.at_least) == (len(page.hits), False)
    return {int(hit.url[9:].split(".")[0]) for hit in page.hits}


def compare(pairs: list[tuple[set[int], set[int]]]) -> tuple[float, float]:
    """Return recall and precision of what was found against what holds the query."""
    right = sum(len(got & true) for got, true in pairs)
    return right / sum(len(true) for _, true in pairs), right / sum(len(got) for got, _ in pairs)


def draw_chinese(texts: list[str], chance: random.Random) -> str:
    runs = HAN.findall(chance.choice([text for text in texts if HAN.search(text)]))
    run = chance.choice(runs)
    length = min(len(run), chance.randint(2, 8))
    start = chance.randrange(len(run) - length + 1)
    return run[start : start + length]


def test_chinese_in_both_scripts(archive: Archive, texts: list[str]) -> None:
    chance = random.Random(9)
    folded = [fold(text) for text in texts]
    convert = [opencc.OpenCC(way).convert for way in ("t2s", "s2t", "s2tw", "s2hk")]
    pairs, crossed = [], []
    for _ in range(QUERIES):
        typed = draw_chinese(texts, chance)
        true = {n for n, text in enumerate(folded) if fold(typed) in text}
        assert true
        pairs.append((found(archive, typed), true))
        crossed += [(found(archive, change(typed)), true) for change in convert]
    recall, precision = compare(pairs)
    assert recall == 1
    assert precision >= 0.99
    # A converter chooses by words, the table by character: they may disagree on a rare one.
    recall, precision = compare(crossed)
    assert recall >= 0.999
    assert precision >= 0.99


def test_english_words_and_phrases(archive: Archive, texts: list[str]) -> None:
    chance = random.Random(9)
    folded = [fold(text) for text in texts]
    lines = [line for text in folded for line in text.split("\n") if len(WORD.findall(line)) > 5]
    pairs = []
    for number in range(ENGLISH):
        words = WORD.findall(chance.choice(lines))
        count = number % 3 + 1
        start = chance.randrange(len(words) - count + 1)
        some = words[start : start + count]
        if {"or", "not"} & {*some}:
            continue  # said to be taken for words
        patterns = [re.compile(rf"(?<![^\W_]){word}(?![^\W_])") for word in some]
        # Only a text that has the letters can have the words: to look for them is much faster.
        lettered = [n for n, text in enumerate(folded) if all(word in text for word in some)]
        true = {n for n in lettered if all(p.search(folded[n]) for p in patterns)}
        pairs.append((found(archive, " ".join(some)), true))
        # A letter of any script parts no words: "youâ€™re" of a badly decoded page is no "you re".
        phrase = re.compile(r"(?<![^\W_])" + r"[\W_]{1,8}".join(some) + r"(?![^\W_])")
        held = {n for n in lettered if phrase.search(folded[n])}
        if held:
            pairs.append((found(archive, '"' + " ".join(some) + '"'), held))
    recall, precision = compare(pairs)
    assert recall == 1
    assert precision >= 0.99
