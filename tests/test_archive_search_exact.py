"""What a search says of how many there are is so: counted again by reading every article."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scraper.archive import Archive
from scraper.archive import search as searching
from scraper.search.occurrences import holds
from scraper.search.query import Filter, parse_query
from tests.benchmarks import corpus

TODAY = date(2026, 12, 1)
QUERIES = [
    "model", "the", "的", "m*", "cost -trained", "model OR 模型", "模型 lang:zh", "the lang:en",
    'model entity:"model 0"', 'model -entity:"model 0"', "the since:2025-01 until:2025-06",
    'cost outlet:"outlet 1"', "model changed:yes", "的 gone:yes", '"on our own machines"',
    '"our own" lang:en', '"of the" since:2025', "lang:zh-Hant", 'entity:"model 3"',
    'entity:"model 0" since:2025', "gone:yes", "-model", "-model lang:en", "changed:no -的",
    'entity:"model 0" OR gone:yes', '(lang:zh OR entity:"model 1") model', "title:the",
]  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    folder = tmp_path_factory.mktemp("exact") / "archive"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "SHARED", folder / "none")
        corpus.read_sentences.cache_clear()
        corpus.fill(folder, 500, processes=1)
    corpus.read_sentences.cache_clear()
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        db.row_factory = sqlite3.Row
        found = [dict(row) for row in db.execute("select * from articles")]
        for row in found:
            row["at"] = row["published_at"] or row["first_seen_at"]
            row["names"] = {
                name.lower()
                for (name,) in db.execute(
                    "select e.name from mentions m join entities e on e.id = m.entity_id"
                    " where m.version_id = ?",
                    [row["version_id"]],
                )
            }
    yield folder, found


def fulfils(row: dict[str, Any], one: Filter) -> bool:
    """Return whether an article fulfils a condition, told from its row alone."""
    yes = one.value == "yes"
    if one.field == "lang":
        return one.value in (row["language"], f"{row['language']}-{row['script']}")
    return {
        "entity": lambda: one.value.lower() in row["names"],
        "outlet": lambda: one.value in row["outlet"].lower(),
        "since": lambda: row["at"] >= one.value,
        "until": lambda: row["at"][:10] <= one.value,
        "changed": lambda: (row["version_count"] > 1) == yes,
        "gone": lambda: (row["state"] == "gone") == yes,
    }[one.field]()


def wanted(typed: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the articles that a query finds, the newest first."""
    tree = parse_query(typed, today=TODAY).tree
    assert tree is not None
    found = [
        row
        for row in rows
        if holds(tree, row["title"], row["text"], lambda one, row=row: fulfils(row, one))
    ]
    return sorted(found, key=lambda row: (row["at"], row["id"]), reverse=True)


@pytest.mark.parametrize("typed", QUERIES)
@pytest.mark.parametrize("order", ["relevance", "date", "fresh"])
def test_all_are_found_and_counted(
    typed: str, order: str, rows: tuple[Path, list[dict[str, Any]]]
) -> None:
    folder, every = rows
    truth = wanted(typed, every)
    assert truth
    with Archive(folder, create=False, readonly=True) as archive:
        page = archive.search_page(typed, 20, order=order)
    ids = [hit.id for hit in page.hits]
    assert len(ids) == min(20, len(truth)) and set(ids) <= {row["id"] for row in truth}
    assert page.found <= len(truth)
    assert page.at_least or page.found == len(truth)
    assert page.more == (len(truth) > 20)
    if order == "date":
        assert ids == [row["id"] for row in truth[:20]]


@pytest.mark.parametrize("typed", QUERIES)
def test_values_to_narrow_by_are_counted(
    typed: str, rows: tuple[Path, list[dict[str, Any]]]
) -> None:
    folder, every = rows
    truth = wanted(typed, every)
    with Archive(folder, create=False, readonly=True) as archive:
        facets = archive.facets(typed, most=1000)
    assert facets.counted <= len(truth)
    if not facets.complete:
        return
    assert facets.counted == len(truth)
    assert dict(facets.outlets) == Counter(row["outlet"] for row in truth)
    assert dict(facets.months) == Counter(row["at"][:7] for row in truth)
    names = Counter(name for row in truth for name in row["names"])
    assert {name.lower(): count for name, count in facets.entities} == names
    states = dict(facets.states)
    assert states["changed:yes"] == sum(row["version_count"] > 1 for row in truth)
    assert states["gone:yes"] == sum(row["state"] == "gone" for row in truth)


@pytest.mark.parametrize("typed", QUERIES)
@pytest.mark.parametrize("order", ["relevance", "date", "fresh"])
def test_of_what_is_too_common_no_more_is_said_than_is_known(
    typed: str,
    order: str,
    rows: tuple[Path, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (
        ("_MOST_CANDIDATES", 60), ("_MOST_JOINED", 90), ("_MOST_BEST", 10), ("_RANKED", 25),
        ("_MOST_READ", 120), ("_MOST_READ_TO_COUNT", 50),
    ):  # fmt: skip
        monkeypatch.setattr(searching, name, value)
    folder, every = rows
    truth = {row["id"] for row in wanted(typed, every)}
    with Archive(folder, create=False, readonly=True) as archive:
        page = archive.search_page(typed, 20, order=order)
        facets = archive.facets(typed)
    assert {hit.id for hit in page.hits} <= truth
    assert page.found <= len(truth)
    assert page.at_least or page.found == len(truth)
    assert facets.counted <= len(truth)
    assert not facets.complete or facets.counted == len(truth)
