"""Stories in the archive: passes, numbers that stay, copies, what an outlet misses, regrouping."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from stories_summaries import ORIGINALS, OTHERS, SUMMARIES

from scraper.archive import Archive
from scraper.archive.story_passes import assign
from scraper.cli import main
from scraper.config import load_config
from scraper.errors import ExtractError, NotFound, UsageError
from scraper.models import Article, Source
from scraper.pipeline import Pipeline
from scraper.pipeline.story_texts import StoryTexts, read_pending
from tests.archiving import HOUR, START, article, opened

ELIN = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs to its northern"
    " wall. More than forty ships had waited outside the bay, and some had turned back. The"
    " harbour master Jonas Reet said that the wall would hold for another thirty years."
)
BREK = (
    "Parliament of Vesland elected Tomas Brek as its speaker by two votes on Tuesday. Brek, a"
    " former judge, promised shorter sessions and a register of gifts. The opposition walked out."
)


def save(
    archive: Archive, number: int, title: str, text: str, *, outlet: str, hours: int = 0
) -> int:
    url = f"https://{outlet.lower().replace(' ', '')}.example/{number}"
    at = START + hours * HOUR
    made = Article(url=url, title=title, text=text, outlet=outlet, published=at, language="en")
    recorded = archive.record(article(text, at=at, url=url, title=title, made=made))
    return int(recorded.article_id)


def group_all(archive: Archive) -> None:
    while archive.stories.group_new(START + timedelta(days=1)).articles:
        pass


@pytest.fixture
def archive(tmp_path: Path):
    with opened(tmp_path / "archive") as found:
        yield found


def test_articles_on_one_event_become_a_story(archive: Archive) -> None:
    one = save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Vesland elects Tomas Brek as speaker", BREK, outlet="Vesland Today", hours=1)
    other = save(
        archive, 3, "Port Elin harbour reopens after repairs",
        "Ships entered Port Elin again on Monday, three weeks after its northern wall broke. The"
        " harbour master, Jonas Reet, expects the repaired wall to hold for thirty years.",
        outlet="Coast News", hours=2,
    )  # fmt: skip
    group_all(archive)
    (summary,) = archive.stories.stories()
    assert (summary.articles, summary.outlets) == (2, 2)
    story = archive.stories.story(summary.id)
    assert [a.id for a in story.articles] == [one, other]
    assert story.articles[1].measures


def test_a_later_article_joins_and_the_number_stays(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News", hours=1)
    group_all(archive)
    (before,) = archive.stories.stories()
    save(archive, 3, "Port Elin: harbour reopens", ELIN, outlet="The Bay", hours=5)
    group_all(archive)
    (after,) = archive.stories.stories()
    assert (after.id, after.articles) == (before.id, 3)


def test_what_articles_are_compared_by_is_read_again_after_a_pass(archive: Archive) -> None:
    """Between two passes of the daemon none of it is held in memory."""
    one = save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Vesland elects Tomas Brek as speaker", BREK, outlet="Vesland Today", hours=1)
    assert archive.stories.group_new(START + HOUR).articles == 2
    assert archive.stories._features
    assert archive.stories.group_new(START + HOUR).articles == 0
    assert not archive.stories._features
    text = f"{ELIN} Two of the ships are still in the bay."
    other = save(archive, 3, "Port Elin harbour reopens", text, outlet="Coast News", hours=2)
    group_all(archive)
    (summary,) = archive.stories.stories()
    assert [a.id for a in archive.stories.story(summary.id).articles] == [one, other]


def test_copies_are_linked_and_kept(archive: Archive) -> None:
    one = save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    extra = " A festival follows on Saturday in the old customs house by the quay."
    two = save(archive, 2, "Elin harbour open", ELIN + extra, outlet="Coast News", hours=200)
    group_all(archive)
    (copy,) = archive.stories.copies_of([one])
    assert (copy.copy, copy.original, copy.kind) == (two, one, "reprint")
    assert copy.added_count == 1
    assert archive.version(one).article.text and archive.version(two).article.text


def test_a_summary_in_english_is_linked_to_its_original(archive: Archive) -> None:
    one = save(archive, 1, *ORIGINALS["hospital"], outlet="临江晚报")
    two = save(archive, 2, *SUMMARIES["hospital"], outlet="Lens Brief", hours=30)
    other = save(archive, 3, *OTHERS["market"], outlet="Buyers' Weekly", hours=31)
    group_all(archive)
    (copy,) = archive.stories.copies_of([one])
    assert (copy.copy, copy.original, copy.kind) == (two, one, "summary")
    assert archive.stories.story_of(one) == archive.stories.story_of(two) is not None
    assert archive.stories.copies_of([other]) == ()


def test_an_edited_article_is_compared_anew(archive: Archive) -> None:
    one = save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    two = save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News", hours=1)
    group_all(archive)
    assert archive.stories.story_of(two)
    url = "https://coastnews.example/2"
    made = Article(url=url, title="Vesland elects a speaker", text=BREK, outlet="Coast News",
                   published=START + HOUR, language="en")  # fmt: skip
    archive.record(article(BREK, at=START + 9 * HOUR, url=url, made=made))
    group_all(archive)
    if archive.version(two).article.text == BREK:
        assert archive.stories.story_of(two) is None
        assert archive.stories.story_of(one) is None


def test_numbers_go_to_the_group_that_has_most() -> None:
    numbers, merged = assign([[1, 2, 3, 4], [5, 6]], {1: 10, 2: 10, 3: 11, 5: 10, 6: 12})
    assert numbers == [10, 12]
    assert merged == {(1, 2, 3, 4): [11]}


def test_a_merged_story_is_found_by_its_old_number(archive: Archive) -> None:
    with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
        connection.execute("insert into stories (id, created_at) values (7, '2026')")
        connection.execute(
            "insert into stories (id, created_at, merged_into, merged_at)"
            " values (8, '2026', 7, '2026')"
        )
        connection.commit()
    one = save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
        connection.execute(
            "insert into story_members (article_id, story_id, joined_at, nearest_id, probability)"
            " values (?, 7, '2026', ?, 0.9)",
            [one, one],
        )
        connection.commit()
    found = archive.stories.story(8)
    assert (found.asked, found.id) == (8, 7)
    with pytest.raises(NotFound, match="no story 99"):
        archive.stories.story(99)


def test_what_an_outlet_has_not_reported(archive: Archive) -> None:
    outlets = ["Elin Post", "Coast News", "The Bay", "Vesland Today"]
    sources = [
        Source(name=name, kind="feed", url=f"https://{n}.example/feed", outlet=name)
        for n, name in enumerate(outlets)
    ]
    archive.sync_sources(sources, START)
    for number, outlet in enumerate(outlets[:3]):
        save(archive, number, "Harbour of Port Elin reopens", ELIN, outlet=outlet, hours=number)
    group_all(archive)
    with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
        connection.execute(
            "update articles set outlet_id = (select id from outlets where name = outlet)"
        )
        connection.commit()
    assert len(archive.stories.stories(missing="Vesland Today")) == 1
    assert archive.stories.stories(missing="Elin Post") == ()
    with pytest.raises(UsageError, match="no watched outlet is named Nobody"):
        archive.stories.stories(missing="Nobody")


def test_regroup_finds_the_same_and_keeps_numbers(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News", hours=1)
    group_all(archive)
    (before,) = archive.stories.stories()
    report = archive.stories.regroup(START + timedelta(days=1), dry_run=True)
    assert (report.articles, report.stories, report.moved, report.written) == (2, 1, 0, False)
    with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
        connection.execute("delete from story_members")
        connection.commit()
    report = archive.stories.regroup(START + timedelta(days=1), dry_run=False)
    assert report.moved == 2
    assert archive.stories.stories()[0].articles == before.articles
    assert archive.stories.group_new(START).articles == 0


def test_regroup_finds_in_workers_what_it_finds_in_one_process(archive: Archive) -> None:
    for number in range(42):
        event = number // 3
        text = ELIN.replace("Port Elin", f"Port {'ABCDEFGHIJKLMN'[event]}elin")
        save(archive, number, f"Harbour {event} reopens", text, outlet=f"Outlet {number % 3}")

    def tables() -> list[list[tuple[object, ...]]]:
        names = ("stories", "story_members", "article_pairs", "story_articles", "story_terms",
                 "story_keys", "signature_keys", "article_copies")  # fmt: skip
        with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
            return [connection.execute(f"select * from {name}").fetchall() for name in names]

    at = START + timedelta(days=1)
    archive.stories.regroup(at, dry_run=False)
    before = tables()
    with StoryTexts(load_config().parse) as texts:
        report = archive.stories.regroup(at, dry_run=False, read=texts.read)
    assert report.articles == 42
    assert tables() == before


def test_commands_tell_a_story(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Port Elin harbour reopens", ELIN + " Source: Elin Post", outlet="Coast News",
         hours=3)  # fmt: skip
    arguments = ["--archive", str(archive.folder)]
    listed = CliRunner().invoke(main, [*arguments, "stories", "--format", "json"])
    assert listed.exit_code == 0, listed.output
    number = json.loads(listed.stdout)["stories"][0]["id"]
    shown = CliRunner().invoke(main, [*arguments, "story", str(number)])
    assert "first to report: Elin Post" in shown.output
    assert "Coast News (article 2) ← Elin Post (article 1): reprint" in shown.output
    again = CliRunner().invoke(main, [*arguments, "regroup", "--dry-run"])
    assert "nothing was written" in again.output


def test_a_story_names_no_original_where_two_texts_came_at_one_time(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News")
    arguments = ["--archive", str(archive.folder)]
    listed = CliRunner().invoke(main, [*arguments, "stories", "--format", "json"])
    number = json.loads(listed.stdout)["stories"][0]["id"]
    shown = CliRunner().invoke(main, [*arguments, "story", str(number)])
    assert "Coast News (article 2) ↔ Elin Post (article 1): reprint" in shown.output
    assert "which was first is not known" in shown.output


def test_a_worker_reads_what_a_pipeline_groups(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
        save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News", hours=1)

    async def run() -> int:
        later = START + timedelta(days=1)
        pipeline = Pipeline(
            load_config(), open_archive=lambda: Archive(folder), clock=lambda: later
        )
        async with pipeline:
            return await pipeline.group_stories(asyncio.Event())

    assert asyncio.run(run()) == 2
    with Archive(folder, readonly=True) as archive:
        (story,) = archive.stories.stories()
    assert (story.articles, story.copies) == (2, 1)


def test_a_backlog_of_stories_is_left_to_later_passes(tmp_path: Path) -> None:
    """Collecting must not wait until all of an imported archive is grouped."""
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        for number in range(1, 31):
            save(archive, number, f"Vote {number} at Port Elin", ELIN, outlet=f"Post {number}")

    async def run() -> list[int]:
        later = START + timedelta(days=1)
        pipeline = Pipeline(
            load_config(), open_archive=lambda: Archive(folder), clock=lambda: later
        )
        async with pipeline:
            stop = asyncio.Event()
            return [await pipeline.group_stories(stop, at_most=0) for _ in range(3)]

    first, second, third = asyncio.run(run())
    assert 0 < first < 30
    assert (first + second, third) == (30, 0)


def test_without_a_text_to_read_no_worker_is_asked() -> None:
    async def worker(*_: object, **__: object) -> object:
        raise AssertionError("a worker was asked")

    assert asyncio.run(read_pending((), worker)) == {}


def test_a_text_at_which_a_worker_stops_is_grouped_by_its_headline(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    save(archive, 2, "Vesland elects Tomas Brek as speaker", BREK, outlet="Vesland Today", hours=1)

    async def worker(function, texts, **more):  # type: ignore[no-untyped-def]
        if any("Brek, a" in text for _, text in texts):
            raise ExtractError("the page could not be read within 10 s")
        return function(texts, **more)

    pending = archive.stories.pending()
    readings = asyncio.run(read_pending(pending, worker))
    assert [r.terms.has_text for r in readings.values()] == [True, False]
    assert archive.stories.group_new(START + timedelta(days=1), readings=readings).articles == 2


def test_a_pass_ends_before_a_version_that_was_not_read(archive: Archive) -> None:
    save(archive, 1, "Harbour of Port Elin reopens", ELIN, outlet="Elin Post")
    readings = asyncio.run(read_pending(archive.stories.pending(), _here))
    save(archive, 2, "Port Elin harbour reopens", ELIN, outlet="Coast News", hours=1)
    at = START + timedelta(days=1)
    assert archive.stories.group_new(at, readings=readings).articles == 1
    assert archive.stories.group_new(at).articles == 1
    assert len(archive.stories.stories()) == 1


async def _here(function, *args, **more):  # type: ignore[no-untyped-def]
    return function(*args, **more)
