"""The archive that benchmarks fill is one that the archive itself would have written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive import Archive
from scraper.archive.comparisons import name_facts_in, story_differences_in
from scraper.browse.shown_facts import shown_fact
from scraper.topics.facts import compare
from tests.benchmarks import corpus


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("corpus")
    with pytest.MonkeyPatch.context() as patch:
        # Pages of the project's own alone: the real ones take a quarter of a minute to read.
        patch.setattr(corpus, "SHARED", made / "none")
        corpus.read_sentences.cache_clear()
        corpus.fill(made / "archive", 600, processes=1)
        corpus.read_sentences.cache_clear()
    return made / "archive"


def test_its_hash_chains_hold(folder: Path) -> None:
    with Archive(folder, create=False, readonly=True) as archive:
        found = archive.verify()
    assert found.checked["versions"] > 600
    assert not [one for one in found.findings if one.level != "note"]


def test_a_third_of_its_articles_tell_stories_of_several_outlets(folder: Path) -> None:
    with Archive(folder, create=False, readonly=True) as archive:
        found = [archive.stories.story(one.id) for one in archive.stories.stories(limit=1000)]
    assert 180 < sum(len(story.articles) for story in found) <= 200
    assert all(len({a.outlet for a in story.articles}) > 1 for story in found)
    assert any({a.language for a in story.articles} == {"en", "zh"} for story in found)
    copies = [relation for story in found for relation in story.copies]
    assert {relation.kind for relation in copies} == {"edited reprint", "other script"}
    for relation in copies:
        story = next(s for s in found if relation.copy in {a.id for a in s.articles})
        assert relation.original == story.articles[0].id


def test_figures_and_quotes_stand_in_the_texts(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        figures = db.execute(
            "select q.printed, q.sentence, q.place, a.text from quantities q"
            " join articles a on a.version_id = q.version_id"
        ).fetchall()
        quotes = db.execute(
            "select q.words, q.position, a.text from quotes q"
            " join articles a on a.version_id = q.version_id"
        ).fetchall()
    assert len(figures) > len(quotes) > 180
    for printed, sentence, place, text in figures:
        assert sentence in text and text[place:].startswith(printed)
    for words, position, text in quotes:
        assert text[position:].startswith(words)


def test_articles_of_a_story_differ_in_figures_and_quotes(folder: Path) -> None:
    with Archive(folder, create=False, readonly=True) as archive:
        stories = [archive.stories.story(one.id) for one in archive.stories.stories(limit=1000)]
    differences = [story_differences_in(folder, [a.id for a in s.articles]) for s in stories]
    assert any(found is not None and found.figures for found in differences)
    assert any(found is not None and found.quotes for found in differences)
    facts, complete = name_facts_in(folder, 1) or ((), False)
    assert complete and any(fact.disagreements for fact in facts)


def test_the_same_arguments_make_the_same_archive(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        kept = db.execute("select url, published_at, text from articles order by id").fetchall()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "SHARED", folder / "none")
        corpus.read_sentences.cache_clear()
        for number in (599, 17, 300):
            made = corpus.make_article(number, 600)
            url, published, text = kept[number]
            assert made.url == url and made.published is not None
            assert published.startswith(made.published.isoformat()[:19])
            assert sorted(made.text) == sorted(text)  # an edit turns a line round
        corpus.read_sentences.cache_clear()


def test_of_a_name_the_last_figures_of_each_kind_are_compared(folder: Path) -> None:
    with Archive(folder, create=False, readonly=True) as archive:
        every, complete = archive.topics.newest_claims(1, 10_000)
        some, all_of_them = archive.topics.newest_claims(1, 3)
        assert complete and every == archive.topics.claims([1])
    kinds = {claim.quantity.kind for claim in every}
    assert len(kinds) == 2 and not all_of_them
    for kind in kinds:
        given = sorted(claim.article_id for claim in every if claim.quantity.kind == kind)
        found = sorted(claim.article_id for claim in some if claim.quantity.kind == kind)
        assert found == given[-3:]


def test_a_value_that_many_articles_give_names_the_first_of_them(folder: Path) -> None:
    with Archive(folder, create=False, readonly=True) as archive:
        facts = compare(archive.topics.claims([1]))
    shown = [shown_fact(fact) for fact in facts]
    for fact, found in zip(facts, shown, strict=True):
        assert len(found.values) + found.more == len(fact.values)
        for value, part in zip(fact.values, found.values, strict=False):
            articles = list(dict.fromkeys(claim.article_id for claim in value.claims))
            assert [claim.first.article_id for claim in part.claims] == articles[: len(part.claims)]
            assert len(part.claims) + part.more == len(articles)
    assert any(value.more for found in shown for value in found.values)
