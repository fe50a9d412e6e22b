"""Sealed parts: what rests is sealed, nothing is lost or doubled, and all is read as one."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from archiving import START
from click.testing import CliRunner
from rolling import BEFORE, DAY, LATER, build, held, story, url
from sqlite_utils import Database

from scraper.archive import Archive, older_backups, resealing, restore_from
from scraper.archive.database import DatabaseFile
from scraper.archive.part_rows import KEPT, MOVED
from scraper.archive.parts import part_link
from scraper.archive.rollover import free_name, usual_day
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, Migrations
from scraper.browse.server import application
from scraper.cli import main
from scraper.errors import ArchiveError, NotFound, UsageError
from scraper.models import Discovery, Link

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "archive"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def sealed(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed") / "archive"
    shutil.copytree(whole, folder)
    with Archive(folder) as archive:
        archive.roll_over("2026", BEFORE, LATER)
    return folder


@pytest.fixture
def rolled(sealed: Path, tmp_path: Path) -> Path:
    """A sealed archive that a test may write to."""
    return Path(shutil.copytree(sealed, tmp_path / "archive"))


def wrong(archive: Archive) -> list[str]:
    return [f.what for f in archive.doctor(least_free=0)] + [
        f.what for f in archive.verify().findings
    ]


def said(folder: Path, *arguments: str) -> tuple[str, str, int]:
    ended = CliRunner().invoke(main, ["--archive", str(folder), *arguments])
    return ended.stdout, ended.stderr, ended.exit_code


# What is sealed


def test_every_table_is_moved_or_kept(whole: Path) -> None:
    """A table that is added later must say what a rollover does with it."""
    with closing(sqlite3.connect(whole / "archive.db")) as connection:
        tables = {
            row[0]
            for row in connection.execute(
                "select name from pragma_table_list where schema = 'main'"
                " and type in ('table', 'virtual') and name not like 'sqlite\\_%' escape '\\'"
                " and name not like '\\_%' escape '\\'"
            )
        }
    assert tables == MOVED.keys() | KEPT


def test_a_rollover_loses_and_doubles_nothing(whole: Path, sealed: Path) -> None:
    with Archive(whole) as before, Archive(sealed) as after:
        assert held(after) == held(before)
        assert wrong(after) == []
        assert after.status(LATER).counts == before.status(LATER).counts
        assert after.status(LATER).pages == before.status(LATER).pages
        assert after.status(LATER).fetches == before.status(LATER).fetches
        assert after.status(LATER).sources == before.status(LATER).sources
        (part,) = after.sealed_parts()
        (left,) = after._store.connection.execute("select count(*) from pages").fetchone()
    assert (part.pages, left) == (15, 4)


def test_what_is_under_way_does_not_rest(sealed: Path) -> None:
    """A page that is looked at again stays, and one whose copy does not rest."""
    with Archive(sealed) as archive:
        rows = archive._store.connection.execute("select url from pages order by url")
        assert [row[0] for row in rows] == sorted(
            [url(4), url(51, "copy.example"), url(70), url(71)]
        )


def test_nothing_is_sealed_where_nothing_rests(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    with Archive(folder) as archive:
        with pytest.raises(NotFound, match="no page rests"):
            archive.roll_over("2025", START - DAY, LATER)
        with pytest.raises(UsageError, match="cannot name a part"):
            archive.roll_over("../2025", BEFORE, LATER)
        assert archive.sealed_parts() == ()
        assert list(folder.glob("parts/*")) == []


def test_a_name_is_given_once(rolled: Path) -> None:
    with Archive(rolled) as archive, pytest.raises(UsageError, match="a sealed part already"):
        archive.roll_over("2026", LATER, LATER + DAY)


def test_a_sealed_part_is_an_archive_that_nobody_writes(rolled: Path) -> None:
    with Archive(rolled / "parts" / "2026") as part:
        assert part.readonly
        assert wrong(part) == []
        assert part.find(url(0)).title == "What happened at berth 0"
        with pytest.raises(ArchiveError, match="is sealed"):
            part.record(story(0, 80))
    with Archive(rolled) as archive:
        assert wrong(archive) == []


def test_a_folder_that_holds_something_else_is_not_overwritten(
    whole: Path, rolled: Path, tmp_path: Path
) -> None:
    """What an interrupted rollover has left is replaced, but no part that the list has lost."""
    folder = Path(shutil.copytree(whole, tmp_path / "whole"))
    shutil.copytree(rolled / "parts", folder / "parts")
    with Archive(folder) as archive:
        (note,) = archive.doctor(least_free=0)
        assert (note.level, "first 2026" in note.what) == ("note", True)
        archive.roll_over("2026", BEFORE, LATER)
        assert wrong(archive) == []
        held_before = held(archive)
    shutil.copytree(folder / "parts" / "2026", folder / "parts" / "other")
    with Archive(folder) as archive:
        with pytest.raises(UsageError, match="is not listed: name another"):
            archive.roll_over("other", LATER, LATER + 60 * DAY)
        assert held(archive) == held_before


# Read as one


def test_all_is_read_as_one(whole: Path, sealed: Path) -> None:
    with Archive(whole) as before, Archive(sealed) as after:
        assert after.articles_after(0, 1000) == before.articles_after(0, 1000)
        assert after.articles_after(3, 5) == before.articles_after(3, 5)
        assert after.changes(0, 1000) == before.changes(0, 1000)
        assert after.changes(4, 6) == before.changes(4, 6)
        assert after.latest_changes(7) == before.latest_changes(7)
        assert after.latest_changes(2, least_severity=1) == before.latest_changes(
            2, least_severity=1
        )
        assert after.count_changes(3) == before.count_changes(3)
        assert after.head() == before.head()
        assert after.coverage(LATER) == before.coverage(LATER)
        for change in before.changes(0, 1000):
            assert after.article_changes(change.article_id) == before.article_changes(
                change.article_id
            )
        for row in before.articles_after(0, 1000):
            assert after.find(row.url) == row
            for number in range(1, row.version_count + 1):
                assert after.version(row.id, number) == before.version(row.id, number)
                version = before.version(row.id, number).row.id
                assert after.response(version) == before.response(version)
            assert after.fetches(row.id) == before.fetches(row.id)
            assert after.names(row.id) == before.names(row.id)
            assert after.addresses(row.id) == before.addresses(row.id)
            assert after.story_of(row.id) == before.story_of(row.id)
            assert after.page_state(row.url) == before.page_state(row.url)
        assert after.entry_texts(url(62)) == before.entry_texts(url(62)) != ()
        every = [row.url for row in before.articles_after(0, 1000)]
        assert after.known([*every, url(99)]) == frozenset(every)
        assert after.fetches(url(61)) == before.fetches(url(61))


@pytest.mark.parametrize(
    "typed", ["berth", "bell", "mole OR lanterns", "outlet:ledger", "changed:yes", "berth -bell"]
)
def test_search_finds_all(whole: Path, sealed: Path, typed: str) -> None:
    with Archive(whole) as before, Archive(sealed) as after:
        for order in ("relevance", "date"):
            one = before.search_page(typed, 100, order=order)
            all_of_it = after.search_page(typed, 100, order=order)
            assert all_of_it.hits == one.hits
            assert (all_of_it.found, all_of_it.more) == (one.found, one.more)
            some = [
                hit
                for offset in range(0, one.found, 3)
                for hit in after.search_page(typed, 3, offset=offset, order=order).hits
            ]
            assert some == list(one.hits)
            # Parts that are older than what others have are counted alone.
            first = after.search_page(typed, 3, order=order)
            assert (first.found, first.more) == (one.found, one.found > 3)
        assert after.select(typed).ids == before.select(typed).ids
    with Archive(whole) as before, Archive(sealed) as after:
        assert after.select(after=9).ids == before.select(after=9).ids


def test_earlier_versions_are_found(whole: Path, sealed: Path) -> None:
    with Archive(whole) as before, Archive(sealed) as after:
        found = after.search_page("12 pounds", 10, versions=True)
        assert found.hits == before.search_page("12 pounds", 10, versions=True).hits
        assert [hit.version for hit in found.hits if hit.version] == [2]


# History goes on


def test_an_edit_goes_on_with_the_history(rolled: Path) -> None:
    with Archive(rolled) as archive:
        number = archive.find(url(1)).id
        made = archive.record(story(1, 95, extra="The mole was mended with 9 stones."))
        assert (made.outcome, made.reason, made.article_id, made.version) == (
            "kept", "edited", number, 3,
        )  # fmt: skip
        assert [v.number for v in archive.versions(number)] == [1, 2, 3]
        assert [c.kind for c in archive.article_changes(number)] == ["new", "edited", "edited"]
        assert archive.search_page("9 stones", 5).found == 1
        assert archive.search_page("7 stones", 5).found == 0
        assert archive.search_page("7 stones", 5, versions=True).found == 1
        assert wrong(archive) == []


def test_a_text_that_is_known_is_no_new_article(rolled: Path) -> None:
    with Archive(rolled) as archive:
        articles = len(archive.articles_after(0, 1000))
        again = archive.record(story(5, 95))
        assert (again.outcome, again.reason) == ("unchanged", "same_text")
        assert archive.record(story(6, 7)).reason == "capture", "imported before"
        assert archive.seen_captures(["ledger.example-6-7", "x"]) == {"ledger.example-6-7"}
        moved = story(5, 96)
        twin = archive.record(moved.__class__(**{
            **{name: getattr(moved, name) for name in moved.__slots__},
            "link": Link(url=url(5) + "?from=home"), "capture": "twin",
        }))  # fmt: skip
        assert twin.article_id == again.article_id
        assert len(archive.articles_after(0, 1000)) == articles
        assert wrong(archive) == []


def test_numbers_are_not_given_again(rolled: Path) -> None:
    with Archive(rolled) as archive:
        files = [archive._store.connection, *(part.connection for part in archive._parts)]
        most = max(file.execute("select max(id) from pages").fetchone()[0] for file in files)
        made = archive.record(story(90, 95))
        assert made.article_id == most + 1
        assert wrong(archive) == []


def test_a_list_that_shows_an_old_page_finds_it(rolled: Path) -> None:
    with Archive(rolled) as archive:
        links = (Link(url=url(7), source="wire", title="Berth 7"), Link(url=url(93), source="wire"))
        wanted = archive.record_visit("wire", LATER, discovery=Discovery(links=links))
        assert [link.url for link in wanted] == [url(93)]
        assert [c.kind for c in archive.article_changes(archive.find(url(7)).id)] == ["new"]
        assert wrong(archive) == []


def test_a_record_of_a_resting_version_is_replaced(rolled: Path) -> None:
    """An upgrade derives former versions anew when a page may have gone back to one."""
    with Archive(rolled) as archive:
        now = story(2, 13, extra="The bell was sold for 12 pounds.").article
        assert now is not None
        again = replace(now, extractor="x2", text=f"{now.text}\nRead anew.")
        former = archive.former_versions(url(2), again, None)
        assert [version.number for version in former] == [1, 2]
        archive.replace_extraction(former[1].article_id, 2, again, LATER)
        assert archive.version(url(2), 2).article.text.endswith("Read anew.")
        assert [v.number for v in archive.versions(url(2))] == [1, 2, 3]
        assert wrong(archive) == []


def test_a_copy_of_a_resting_article_is_told_as_one(rolled: Path) -> None:
    with Archive(rolled) as archive:
        archive.record(story(80, 96, host="third.example", like=9))
        while archive.stories.group_new(LATER).articles:
            pass
        number = archive.find(url(80, "third.example")).id
        assert archive.story_of(number) == archive.story_of(archive.find(url(9)).id)
        (told,) = archive.stories.story(archive.story_of(number) or 0).copies
        assert (told.copy, told.original) == (number, archive.find(url(9)).id)
        assert wrong(archive) == []


def test_articles_of_a_story_come_back_together(rolled: Path) -> None:
    with Archive(rolled) as archive:
        story_id = archive.story_of(archive.find(url(3)).id)
        archive.record(story(3, 97, extra="The sheds were sold for 3 pounds."))
        assert archive.stories.story_of(archive.find(url(50, "copy.example")).id) == story_id
        assert wrong(archive) == []


def test_several_parts(whole: Path, rolled: Path) -> None:
    """What went on rests again in a second part, and goes on once more."""
    with Archive(rolled) as archive:
        archive.record(story(1, 95, extra="The mole was mended with 9 stones."))
        archive.record(story(30, 96))
        while archive.stories.group_new(LATER).articles:
            pass
        before = held(archive)
        archive.roll_over("2026-2", LATER + DAY, LATER + 60 * DAY)
        assert held(archive) == before
        assert wrong(archive) == []
        made = archive.record(story(1, 170, extra="The mole was mended with 11 stones."))
        assert made.version == 4
        assert archive.record(story(0, 171)).reason == "same_text"
        assert [v.number for v in archive.versions(url(1))] == [1, 2, 3, 4]
        assert wrong(archive) == []
        before = held(archive)
        assert archive.merge_last().name == "2026-2"
        assert archive.merge_last().name == "2026"
        assert held(archive) == before
        assert archive.sealed_parts() == ()
        assert wrong(archive) == []
        assert archive._store.connection.execute("select 1 from carried").fetchone() is None


def test_a_merge_gives_back_what_there_was(whole: Path, rolled: Path) -> None:
    with Archive(whole) as before, Archive(rolled) as after:
        after.merge_last()
        assert held(after) == held(before)
        assert wrong(after) == []
        assert after.search("berth", 100) == before.search("berth", 100)
        assert after.stories.stories() == before.stories.stories()
        for row in before.articles_after(0, 1000):
            for version in before.versions(row.id):
                assert after.response(version.id) == before.response(version.id)
    assert not (rolled / "parts" / "2026").exists()


# What is altered, missing, or in another process


def altered(folder: Path, file: str) -> None:
    path = folder / "parts" / "2026" / file
    path.chmod(0o644)
    with path.open("r+b") as one:
        one.seek(path.stat().st_size // 2)
        byte = one.read(1)
        one.seek(-1, os.SEEK_CUR)
        one.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("file", ["archive.db", "bodies.db"])
def test_an_altered_part_is_told(rolled: Path, file: str) -> None:
    altered(rolled, file)
    for command in (("search", "berth"), ("changes",), ("doctor",)):
        out, err, code = said(rolled, *command)
        assert code == 1
        told = [line for line in (out + err).splitlines() if line]
        assert len(told) == 1
        assert f"{file} was altered after it was sealed" in told[0]


def test_a_large_part_is_read_whole_by_doctor(
    rolled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("parts", "database"):
        monkeypatch.setattr(f"scraper.archive.{module}.CHECKED_BYTES", 1)
    altered(rolled, "bodies.db")
    assert said(rolled, "search", "berth")[2] == 0
    for command in (("doctor",), ("verify", "--archive")):
        out, err, code = said(rolled, *command)
        assert (code, "bodies.db was altered after it was sealed" in out + err) == (1, True)


def test_a_missing_part_is_told(rolled: Path) -> None:
    shutil.rmtree(rolled / "parts")
    out, err, code = said(rolled, "search", "berth")
    assert (out, code) == ("", 1)
    assert "of the sealed part 2026, is missing" in err


def test_a_part_of_the_same_size_is_told(rolled: Path, tmp_path: Path) -> None:
    """Another part that was put in its place, for whose files the list was forged."""
    other = tmp_path / "other"
    build(other, articles=11)
    with Archive(other) as archive:
        archive.roll_over("2026", BEFORE, LATER)
        row = archive._store.connection.execute(
            "select archive_bytes, archive_sha256, bodies_bytes, bodies_sha256 from parts"
        ).fetchone()
    shutil.rmtree(rolled / "parts")
    shutil.copytree(other / "parts", rolled / "parts")
    with closing(sqlite3.connect(rolled / "archive.db", isolation_level=None)) as connection:
        connection.execute(
            "update parts set archive_bytes = ?, archive_sha256 = ?, bodies_bytes = ?,"
            " bodies_sha256 = ?",
            list(row),
        )
    assert "is not the part that was sealed as 2026" in said(rolled, "search", "berth")[1]


def test_each_column_of_the_list_is_checked(rolled: Path) -> None:
    with closing(sqlite3.connect(rolled / "archive.db", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("select * from parts").fetchone())
        assert row["chain"] == part_link("", row)
        for column, value in row.items():
            other = value + 7 if isinstance(value, int) else f"x{value}"
            connection.execute(f"update parts set {column} = ?", [other])
            try:
                with Archive(rolled, readonly=True) as archive:
                    assert archive.verify().findings, column
            except ArchiveError:
                pass
            connection.execute(f"update parts set {column} = ?", [value])
    with Archive(rolled, readonly=True) as archive:
        assert archive.verify().findings == ()


def test_pages_that_stand_in_two_files_or_in_none_are_told(rolled: Path) -> None:
    with Archive(rolled) as archive:
        hidden = archive.find(url(0)).id
        shown = archive.find(url(4)).id
    with closing(sqlite3.connect(rolled / "archive.db", isolation_level=None)) as connection:
        connection.execute("insert into carried values (?, 1)", [hidden])
        connection.execute("delete from carried where page_id = ?", [shown])
    with Archive(rolled) as archive:
        told = "; ".join(wrong(archive))
    assert "is hidden, but in no other" in told
    assert "1 pages that a sealed part shows as well" in told


def test_another_process_sees_a_new_part(whole: Path, tmp_path: Path) -> None:
    """One that has had the archive open since before goes on with the same pages."""
    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    with Archive(folder) as other, Archive(folder, readonly=True) as reader:
        number = other.find(url(1)).id
        with Archive(folder) as archive:
            archive.roll_over("2026", BEFORE, LATER)
        assert reader.find(number).url == url(1)
        assert len(reader.articles_after(0, 1000)) == 17
        made = other.record(story(1, 95, extra="The mole was mended with 9 stones."))
        assert (made.article_id, made.version) == (number, 3)
        with Archive(folder) as archive:
            archive.merge_last()
        assert [v.number for v in reader.versions(number)] == [1, 2, 3]
        assert wrong(other) == []


def test_a_full_disk_seals_nothing(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    with Archive(folder) as archive:
        monkeypatch.setattr("scraper.archive.database._free", lambda path: 2**20)
        with pytest.raises(ArchiveError) as told:
            archive.roll_over("2026", BEFORE, LATER)
        assert told.value.error_class == "db_full"
        monkeypatch.undo()
        assert archive.sealed_parts() == ()
        assert list((folder / "parts").glob("*")) == [] if (folder / "parts").exists() else True
        assert wrong(archive) == []


def test_a_kill_at_any_step_leaves_all_or_nothing() -> None:
    """Some kills; ``python -m tests.rolling`` is the long run."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.rolling", "--stride", "97", "--most", "2"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " 0 violations" in ended.stdout


# Copies, the browser, and the commands


def test_the_browser_says_what_it_does_not_show(whole: Path, sealed: Path) -> None:
    """Each page names the parts; a part is browsed by itself."""

    async def front(folder: Path, path: str = "/-/changes") -> str:
        transport = httpx.ASGITransport(app=application(folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get(path)).text

    told = "2026, 13 articles from 2026-03-02 to 2026-03-21."
    assert told in asyncio.run(front(sealed))
    assert told in asyncio.run(front(sealed, "/-/article/1"))
    assert "Sealed parts" not in asyncio.run(front(whole))
    alone = asyncio.run(front(sealed / "parts" / "2026"))
    assert "What happened at berth 0" in alone
    assert "Sealed parts" not in alone


def test_a_backup_holds_the_parts(rolled: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    with Archive(rolled) as archive:
        archive.backup(target)
        before = held(archive)
        with pytest.raises(UsageError, match="sealed parts"):
            list(archive.all_rows())
    with Archive(target, readonly=True) as copy:
        assert held(copy) == before
        assert wrong(copy) == []
    altered(rolled, "archive.db")
    aside = restore_from(target, rolled, LATER)
    assert aside is not None and (aside / "parts" / "2026" / "archive.db").exists()
    with Archive(rolled) as archive:
        assert held(archive) == before
        assert wrong(archive) == []


def test_the_commands(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    assert said(folder, "rollover", "--before", "2999-01-01")[2] == 2
    assert said(folder, "rollover", "--merge", "--list")[2] == 2
    assert "nothing was sealed" in said(folder, "rollover", "--when-larger", "1G")[1]
    assert said(folder, "rollover", "--when-larger", "much")[2] == 2
    out, _, code = said(folder, "rollover", "--before", f"{BEFORE:%Y-%m-%d}", "--json")
    assert code == 0
    (part,) = json.loads(out)["parts"]
    assert (part["name"], part["pages"]) == (f"before-{BEFORE:%Y-%m-%d}", 15)
    assert json.loads(said(folder, "rollover", "--list", "--json")[0])["parts"] == [part]
    # Those that read all parts say nothing of them; the others say that they do not.
    assert part["name"] not in said(folder, "search", "berth")[1]
    assert "17 found" in said(folder, "search", "berth", "--limit", "3")[1]
    for command in (("stories",), ("quotes", "Berg"), ("facts", "Quay"), ("survival",)):
        assert f"sealed parts are left out: {part['name']}" in said(folder, *command)[1], command
    assert said(folder, "doctor")[2] == 0
    assert said(folder, "rollover", "--merge")[2] == 0
    assert said(folder, "doctor")[0].strip() == "no problems found"


def test_the_daemon_seals_as_the_settings_ask(whole: Path, tmp_path: Path) -> None:
    january, march = LATER.replace(year=2027, month=1, day=20), LATER.replace(year=2027, month=3)
    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    with Archive(folder) as archive:
        for at, above, yearly in ((LATER, 0, True), (january, 0, True), (march, 2**40, False)):
            assert archive.seal_when_due(at, above=above, yearly=yearly) is None
        by_year = archive.seal_when_due(march, above=0, yearly=True)
        assert by_year is not None
        assert (by_year.name, by_year.before[:10], by_year.pages) == ("2026", "2027-01-01", 17)
        assert archive.seal_when_due(march, above=0, yearly=True) is None
        assert archive.seal_when_due(march + 2 * DAY, above=1, yearly=False) is None
        for number in (85, 86):
            archive.record(story(number, 95))
        while archive.stories.group_new(LATER).articles:
            pass
        by_size = archive.seal_when_due(march + 40 * DAY, above=1, yearly=False)
        assert by_size is not None
        assert (by_size.name, by_size.pages) == ("before-2027-03-18", 2)
        assert archive.seal_when_due(march + 99 * DAY, above=1, yearly=False) is None, "none rests"
        assert wrong(archive) == []


def test_the_day_before_which_what_rests_is_sealed() -> None:
    assert usual_day(LATER.replace(month=1, day=20)).year == LATER.year - 1
    assert usual_day(LATER.replace(month=2, day=1)).date() == date(LATER.year, 1, 1)
    assert free_name(START, {f"before-{START:%Y-%m-%d}"}) == f"before-{START:%Y-%m-%d}-2"


def test_a_new_schema_seals_again(
    rolled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a later version of the program does whose schema has one more step."""
    later = Migrations(ARCHIVE.name)
    later._migrations = [*ARCHIVE._migrations, add_a_table]
    for module in ("base", "resealing", "rollover"):
        monkeypatch.setattr(f"scraper.archive.{module}.ARCHIVE", later)
    files = [(name, migrations if name != "archive.db" else later, number)
             for name, migrations, number in resealing._FILES]  # fmt: skip
    monkeypatch.setattr("scraper.archive.resealing._FILES", files)
    # As a process leaves it that was killed after the current file was brought up to date.
    DatabaseFile(rolled / "archive.db", later, ARCHIVE_ID).close()
    with pytest.raises(ArchiveError, match="the sealed part 2026 has the older schema"):
        Archive(rolled, readonly=True)
    with Archive(rolled) as archive:
        assert [v.number for v in archive.versions(url(2))] == [1, 2, 3]
        assert wrong(archive) == []
        assert archive.record(story(2, 96, extra="The bell was lent.")).version == 4
        archive.merge_last()
        assert wrong(archive) == []
    assert list((rolled / "parts").iterdir()) == []


def test_a_backup_with_parts_of_an_earlier_version_is_restored(
    sealed: Path, rolled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(rolled) as archive:
        backup = archive.backup(tmp_path / "backup")
    held = {path: path.read_bytes() for path in sorted(backup.rglob("*.db"))}
    later = Migrations(ARCHIVE.name)
    later._migrations = [*ARCHIVE._migrations, add_a_table]
    for module in ("base", "resealing", "rollover"):
        monkeypatch.setattr(f"scraper.archive.{module}.ARCHIVE", later)
    files = [(name, migrations if name != "archive.db" else later, number)
             for name, migrations, number in resealing._FILES]  # fmt: skip
    monkeypatch.setattr("scraper.archive.resealing._FILES", files)
    monkeypatch.setitem(older_backups._FILES, "archive.db", later)
    restore_from(backup, rolled, LATER)
    assert {path: path.read_bytes() for path in sorted(backup.rglob("*.db"))} == held
    with Archive(rolled, readonly=True) as archive:
        assert wrong(archive) == []
        assert [v.number for v in archive.versions(url(2))] == [1, 2, 3]
    assert [path.name for path in rolled.rglob("*.part")] == []


def add_a_table(db: Database) -> None:
    db.conn.execute("create table more (id integer primary key)")


def test_a_running_daemon_is_not_disturbed(whole: Path, tmp_path: Path) -> None:
    from scraper.archive.runs import daemon_lock

    folder = Path(shutil.copytree(whole, tmp_path / "archive"))
    with daemon_lock(folder):
        assert said(folder, "rollover", "--before", f"{BEFORE:%Y-%m-%d}")[2] == 75
    assert not (folder / "parts").exists()
