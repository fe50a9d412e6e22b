"""Search over both scripts, with hits marked in what was published."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import HOUR, START, URL, article, opened

from scraper.archive import Archive, search
from scraper.errors import UsageError
from scraper.models import Article

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
    with Archive(archive.folder, readonly=True) as reader:
        # Without its index, an archive that may not be written is read itself, and says so.
        page = reader.search_page("贸易")
        assert [hit.id for hit in page.hits] == [1]
        assert "scraper reindex" in " ".join(page.notes)
    with opened(archive.folder) as again:
        page = again.search_page("贸易")
        assert ([hit.id for hit in page.hits], page.notes) == ([1], ())


@pytest.fixture
def described(tmp_path: Path) -> Iterator[Archive]:
    """Articles that differ in what can be asked for."""
    with opened(tmp_path) as made:
        day = timedelta(days=1)
        for number, (outlet, author, language, script) in enumerate(
            [
                ("Harbour Post", "Ada Quay", "en", ""),
                ("Harbour Post", "Bo Pier", "en", ""),
                ("香江日報", "林一", "zh", "Hant"),
            ]
        ):
            told = Article(
                url=f"https://{number}.example/story",
                title=f"Story {number}",
                text="The tide and the 潮汐 of the bay. " * (3 + number),
                outlet=outlet,
                authors=(author,),
                language=language,
                script=script,
                published=START - number * 40 * day,
            )
            made.record(article(told.text, url=told.url, title=told.title, made=told))
        yield made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tide outlet:harbour", [0, 1]),
        ("tide -outlet:harbour", [2]),
        ("tide outlet:香江日报", [2]),
        ("潮汐 author:quay", [0]),
        ("潮汐 author:林", [2]),
        ("tide lang:en", [0, 1]),
        ("tide lang:zh", [2]),
        ("tide lang:zh-Hant", [2]),
        ("tide lang:zh-Hans", []),
        ("tide since:2026-03", [0]),
        ("tide until:2026-02", [1, 2]),
        ("since:2026 outlet:harbour", [0, 1]),
        ("outlet:harbour", [0, 1]),
        ("-outlet:harbour", [2]),
        ("-tide", []),
        ("title:1 OR author:quay", [0, 1]),
        ("tide (author:quay OR lang:zh)", [0, 2]),
        ("tide changed:no", [0, 1, 2]),
        ("tide changed:yes", []),
        ("tide gone:yes", []),
        ("tide gone:no -changed:2026", [0, 1, 2]),
        ("tide topic:yes", []),
        ("tide source:nobody", []),
        ("tide entity:nobody", []),
    ],
)
def test_conditions(described: Archive, typed: str, found: list[int]) -> None:
    page = described.search_page(typed)
    assert sorted(int(hit.title[-1]) for hit in page.hits) == found
    assert (page.found, page.at_least, page.notes) == (len(found), False, ())


def test_earlier_versions_are_found_on_request(archive: Archive) -> None:
    later = START + HOUR
    changed = SIMPLIFIED.replace("日内瓦", "苏黎世")
    archive.record(article(changed, url=f"{URL}1", at=later, title="中美谈判"))
    for renewed in (False, True):
        if renewed:
            archive.reindex()
        assert archive.search_page("日内瓦").found == 0
        (hit,) = archive.search_page("日內瓦", versions=True).hits
        assert (hit.version, hit.version_count) == (1, 2)
        assert "日内瓦" in [hit.snippet[start:end] for start, end in hit.snippet_marks]
        # What is in both versions is found in the current one alone.
        assert [hit.version for hit in archive.search_page("贸易", versions=True).hits] == [None]
        assert archive.search_page("日内瓦 outlet:nobody", versions=True).found == 0
    for days in (40, 41, 42):
        at = later + timedelta(days=days)
        archive.record(article(SIMPLIFIED, url=f"{URL}1", at=at, title="中美谈判"))
    (hit,) = archive.search_page("日内瓦", versions=True).hits
    assert hit.version is None
    (hit,) = archive.search_page("苏黎世", versions=True).hits
    assert hit.version == 2


def test_orders(described: Archive) -> None:
    def titles(order: str, **more: int) -> list[str]:
        return [hit.title for hit in described.search_page("tide", order=order, **more).hits]

    assert titles("date") == ["Story 0", "Story 1", "Story 2"]
    assert titles("fresh") == ["Story 0", "Story 1", "Story 2"]
    assert titles("relevance")[0] == "Story 2"
    assert titles("date", offset=1, limit=1) == ["Story 1"]
    with pytest.raises(UsageError, match="order"):
        titles("size")


def test_pages_follow_one_another(described: Archive) -> None:
    first = described.search_page("tide", 2)
    second = described.search_page("tide", 2, offset=2)
    assert (first.more, second.more) == (True, False)
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 3
    assert first.found == second.found == 3


def test_facets(described: Archive) -> None:
    facets = described.facets("tide")
    assert facets.outlets == (("Harbour Post", 2), ("香江日報", 1))
    assert facets.languages == (("en", 2), ("zh-Hant", 1))
    assert [count for _, count in facets.months] == [1, 1, 1]
    assert (facets.counted, facets.complete) == (3, True)
    assert dict(facets.states).keys() == {"topic:yes", "changed:yes", "gone:yes"}
    for condition, count in facets.states:
        assert count == described.search_page(f"tide {condition}", 9).found
    assert described.facets("outlet:harbour").outlets == (("Harbour Post", 2),)
    assert described.facets("。").counted == 0


def test_common_words_are_counted_as_at_least(
    described: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = article("A diary of the bay. " * 5, url="https://4.example/a", title="Diary")
    described.record(other)
    monkeypatch.setattr(search, "_MOST_CANDIDATES", 2)
    monkeypatch.setattr(search, "_RANKED", 1)
    page = described.search_page("tide", 1)
    assert (len(page.hits), page.found, page.at_least, page.more) == (1, 2, True, True)
    # All are found, though the index named only two of them.
    for order in search.ORDERS:
        assert len(described.search_page("tide", order=order).hits) == 3
    assert [hit.title for hit in described.search_page("tide", order="date").hits] == [
        "Story 0", "Story 1", "Story 2",
    ]  # fmt: skip
    assert described.search_page("tide author:林").found == 1


def test_a_search_that_reads_too_much_says_so(
    described: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_MOST_READ", 0)
    page = described.search_page('"tide and"')
    assert page.at_least
    assert "were read to see" in " ".join(page.notes)


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
