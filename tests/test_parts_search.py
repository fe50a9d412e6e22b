"""A search over several files answers as it would if all articles were in one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from test_archive_search_exact import QUERIES

from scraper.archive import Archive
from scraper.archive import search as searching
from tests.benchmarks import corpus
from tests.benchmarks.parts import attempt, roll

ARTICLES, FILES = 500, 4
# Limits so low that each way of searching is taken.
TIGHT = {
    "_MOST_CANDIDATES": 60, "_MOST_JOINED": 90, "_MOST_BEST": 10, "_RANKED": 25, "_MOST_READ": 120,
}  # fmt: skip
NAMED = {"_MOST_BEST": 10, "_RANKED": 5}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Archive]]:
    folder = tmp_path_factory.mktemp("parts")
    one, several = folder / "one", folder / "several"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "SHARED", folder / "none")
        corpus.read_sentences.cache_clear()
        corpus.fill(one, ARTICLES, processes=1)
        shutil.copytree(one, several)
        roll(several, FILES)
        for path in (one, several):
            with Archive(path) as archive:
                # Pages that come back out of each part, and new ones.
                for number in range(3, ARTICLES, 45):
                    made = attempt(number, ARTICLES)
                    assert made.article is not None
                    url = made.link.url.removesuffix("-new")
                    edited = replace(
                        made.article, url=url, text=f"{made.article.text}\nThe model was mended."
                    )
                    link = replace(made.link, url=url)
                    archive.record(replace(made, link=link, article=edited))
                archive.record_all([attempt(number, ARTICLES) for number in range(0, 80, 4)])
    corpus.read_sentences.cache_clear()
    with Archive(one, readonly=True) as whole, Archive(several, readonly=True) as parted:
        yield whole, parted


def test_pages_came_back(archives: tuple[Archive, Archive]) -> None:
    """The archives are such that a part hides pages amid those that it shows."""
    _, parted = archives
    hidden = parted._store.connection.execute("select page_id from carried").fetchall()
    assert len(parted.sealed_parts()) == FILES - 1
    assert sum(row[0] < ARTICLES // FILES for row in hidden) >= 2


@pytest.mark.parametrize("limits", [{}, NAMED, TIGHT], ids=["usual", "named", "tight"])
@pytest.mark.parametrize("order", ["relevance", "date", "fresh"])
@pytest.mark.parametrize("typed", QUERIES)
def test_the_same_is_found(
    typed: str,
    order: str,
    limits: dict[str, int],
    archives: tuple[Archive, Archive],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(searching, name, value)
    whole, parted = archives
    for offset in (0, 3, 40):
        wanted, found = (
            archive.search_page(typed, 7, offset=offset, order=order) for archive in archives
        )
        if order == "fresh":
            # Ages count from now.
            wanted, found = (
                replace(page, hits=tuple(replace(hit, rank=0) for hit in page.hits))
                for page in (wanted, found)
            )
        assert found == wanted
    assert parted.select(typed).ids == whole.select(typed).ids
