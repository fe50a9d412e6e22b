"""Search over both scripts, with hits marked in what was published."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from archiving import HOUR, START, URL, article, opened
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive import Archive
from scraper.archive.search import marks, snippet

SIMPLIFIED = "中美贸易谈判周二在日内瓦举行。双方讨论了R1 模型的出口。" * 3
TRADITIONAL = "然而隨著中國開源模型的崛起，5G與AI 晶片市場正在改變。" * 3
ENGLISH = "The DeepSeek R1 model was released on Monday. Trade talks go on in Geneva. " * 3


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path) as made:
        made.record(article(SIMPLIFIED, url=f"{URL}1", title="中美谈判"))
        made.record(article(TRADITIONAL, url=f"{URL}2", title="開源崛起"))
        made.record(article(ENGLISH, url=f"{URL}3", title="DeepSeek releases R1"))
        yield made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("贸易", {1}),
        ("貿易", {1}),
        ("中美贸易", {1}),
        ("中美貿易", {1}),
        ("开源", {2}),
        ("開源模型", {2}),
        ("开源模型", {2}),
        ("模型", {1, 2}),
        ("R1模型", {1}),
        ("r1 模型", {1}),
        ("AI晶片", {2}),
        ("5G", {2}),
        ("５Ｇ", {2}),
        ("源", {2}),
        ("deepseek", {3}),
        ("R1", {1, 3}),
        ("trade talks", {3}),
        ('"talks trade"', set()),
        ("deep*", {3}),
        ("deep", set()),
        ("贸易 模型", {1}),
        ("贸模", set()),
        ("", set()),
        ("。", set()),
        ('" OR *', set()),
        ("NEAR(a b)", set()),
        ("a' ; drop table articles; --", set()),
    ],
)
def test_finds(archive: Archive, typed: str, found: set[int]) -> None:
    assert {int(hit.url[-1]) for hit in archive.search(typed)} == found


def test_a_very_long_query_is_answered(archive: Archive) -> None:
    assert archive.search("贸易 " * 100_000)
    assert archive.search("a" * 1_000_000) == []


def test_hits_are_marked_in_what_was_published(archive: Archive) -> None:
    (hit,) = archive.search("开源")
    assert [hit.title[start:end] for start, end in hit.title_marks] == ["開源"]
    assert {hit.snippet[start:end] for start, end in hit.snippet_marks} == {"開源"}
    (hit,) = archive.search("r1模型")
    assert {hit.snippet[start:end] for start, end in hit.snippet_marks} == {"R1 模型"}


def test_a_hit_in_the_title_comes_first(archive: Archive) -> None:
    archive.record(article("Nothing of note. " * 9 + "Geneva.", url=f"{URL}4", title="Note"))
    archive.record(article("Nothing of note. " * 9, url=f"{URL}5", title="Geneva"))
    assert archive.search("geneva")[0].title == "Geneva"
    assert len(archive.search("geneva", limit=1)) == 1


def test_an_edit_replaces_what_is_found(archive: Archive) -> None:
    archive.record(article(SIMPLIFIED.replace("日内瓦", "苏黎世"), url=f"{URL}1", at=START + HOUR))
    assert archive.search("日内瓦") == []
    assert len(archive.search("蘇黎世")) == 1
    connection = sqlite3.connect(archive.folder / "archive.db")
    connection.execute("insert into articles_fts (articles_fts) values ('integrity-check')")
    connection.close()


def test_an_index_of_other_terms_is_made_anew(archive: Archive) -> None:
    connection = sqlite3.connect(archive.folder / "archive.db")
    connection.execute("update facts set value = '0' where key = 'segmentation'")
    connection.execute("insert into articles_fts (articles_fts) values ('delete-all')")
    connection.commit()
    connection.close()
    assert archive.search("贸易") == []
    with opened(archive.folder) as again:
        assert len(again.search("贸易")) == 1


def test_the_snippet_shows_where_most_hits_are() -> None:
    text = (
        "harbour. " + "Nothing here. " * 40 + "The harbour and the harbour again. " + "End. " * 40
    )
    stretch, inside = snippet(text, "harbour", width=60)
    assert stretch.startswith("…")
    assert [stretch[start:end] for start, end in inside] == ["harbour", "harbour"]


@given(
    st.text(alphabet="开源開ab1 \n。İß", max_size=60), st.text(alphabet='开源ab1 "*', max_size=6)
)
def test_marks_lie_within_the_text(text: str, typed: str) -> None:
    last = 0
    for start, end in marks(text, typed):
        assert last <= start < end <= len(text)
        last = end
    stretch, inside = snippet(text, typed, width=20)
    assert len(stretch) <= 22
    assert all(0 <= start < end <= len(stretch) for start, end in inside)


def held(archive: Archive) -> int:
    """Bytes of the index."""
    connection = sqlite3.connect(archive.folder / "archive.db")
    (size,) = connection.execute("select sum(length(block)) from articles_fts_data").fetchone()
    connection.close()
    return int(size)


def test_upkeep_drops_from_the_index_what_was_written_over(archive: Archive) -> None:
    edit = article(ENGLISH + "Officials agreed.", url=f"{URL}3", title="R1", at=START + HOUR)
    archive.record(edit)
    grown = held(archive)
    archive.tidy()
    assert held(archive) < grown
    archive.vacuum()
    assert held(archive) < grown
    assert [hit.url for hit in archive.search("officials agreed")] == [f"{URL}3"]
    assert archive.search("deepseek releases") == []
    assert {hit.url for hit in archive.search("模型")} == {f"{URL}1", f"{URL}2"}
    assert archive.doctor(least_free=0) == ()
