"""`verify --archive` finds each edit of what an archive shows, or says that it is not checked."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened

from scraper.archive import Archive
from scraper.archive.bodies import compress
from scraper.archive.extractions import dump
from scraper.archive.verification import NOT_CHECKED
from scraper.models import Article, Candidate, Hop, RemovedBlock, Reservation, Source
from tests.old_schemas import aged

MADE = Article(
    url=URL,
    title="港口重新开放",
    authors=("Anna Berg",),
    outlet="Ledger",
    source="Wire",
    published=START - HOUR,
    modified=START,
    language="en",
    script="Latn",
    excerpt="The harbour reopened.",
    image="https://ledger.example/a.jpg",
    text=TEXT,
    extractor="x1",
    candidates=(Candidate(field="title", value="港口", origin="h1", chosen=True, note="n"),),
    removed=(RemovedBlock(position=1, rule="nav", place="body > nav", text="Home"),),
)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which every table that an article shows has rows."""
    folder = tmp_path_factory.mktemp("grown")
    source = Source(name="ledger", kind="feed", url="https://ledger.example/feed", outlet="Ledger")
    with opened(folder) as archive:
        archive.sync_sources([source], START)
        run = archive.begin_run("collect", START)
        first = article(made=MADE, headers={"etag": "1"}, source="ledger", capture="c1")
        assert first.page is not None
        hops = (Hop(status=301, url=URL),)
        moved = replace(first.page, hops=hops, final_url=f"{URL}?a", elapsed_ms=9)
        archive.record(
            replace(
                first,
                page=moved,
                reservations=(Reservation(kind="noai", origin="meta", value="x"),),
            )
        )
        edited = replace(MADE, text=TEXT.replace("3 weeks", "4 weeks"))
        archive.record(article(made=edited, at=START + HOUR, body="<html>2"))
        archive.record(article(made=edited, at=START + 2 * HOUR, body="<html>2"))
        archive.record(failed("timeout", at=START + 3 * HOUR))
        archive.record(article("Another story of the day.\n" * 9, url=URL + "0"))
        archive.record(article("A third story of the day.\n" * 9, url=URL + "1"))
        for hours in (4, 6):
            archive.record(failed("gone", url=URL + "0", at=START + hours * HOUR))
            # The host answers, so that it is the article that is gone.
            third = article("A third story of the day.\n" * 9, url=URL + "1")
            archive.record(replace(third, at=START + (hours + 1) * HOUR))
        archive.record(failed("gone", url=URL + "0", at=START + 8 * HOUR))
        archive.end_run(run, START, {})
    return folder


def executed(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.executescript(sql)


def verified(folder: Path) -> list[str]:
    with Archive(folder, readonly=True) as archive:
        return [finding.what for finding in archive.verify().findings]


def columns() -> list[tuple[str, str, str]]:
    """Every column of every table of a new archive, with its declared type."""
    with closing(sqlite3.connect(":memory:")) as connection:
        from sqlite_utils import Database

        from scraper.archive.schema import ARCHIVE

        ARCHIVE.apply(Database(connection))
        tables = [
            row[0]
            for row in connection.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
                " and name not like '\\_%' escape '\\' and name not like '%_fts%'"
            )
        ]
        return [
            (table, row[1], row[2])
            for table in tables
            for row in connection.execute(f"pragma table_info({table})")
        ]


def is_checked(table: str, column: str) -> bool:
    named = NOT_CHECKED.get(table)
    return named is None or (named != () and column not in named)


# The list of sealed parts is altered in test_parts.py.
CHECKED = [one for one in columns() if is_checked(one[0], one[1]) and one[0] != "parts"]


def test_a_sound_archive_is_unaltered(grown: Path) -> None:
    with Archive(grown, readonly=True) as archive:
        found = archive.verify()
    assert found.findings == ()
    assert found.checked == {
        "articles": 3, "versions": 4, "records": 4, "fetches": 11, "ledger entries": 5,
        "raw pages": 4,
    }  # fmt: skip


@pytest.mark.parametrize("table", NOT_CHECKED)
def test_what_is_not_checked_is_named(grown: Path, table: str) -> None:
    with Archive(grown, readonly=True) as archive:
        told = "; ".join(archive.verify().not_checked)
    assert table in told
    assert all(column in told for column in NOT_CHECKED[table])


@pytest.mark.parametrize(
    ("table", "column", "kind"), CHECKED, ids=[f"{t}.{c}" for t, c, _ in CHECKED]
)
def test_every_column_that_is_checked(
    grown: Path, tmp_path: Path, table: str, column: str, kind: str
) -> None:
    """Each value of one row is replaced by another of its type, in plain SQL."""
    folder = Path(shutil.copytree(grown, tmp_path / "forged"))
    other = {"INTEGER": "77", "BLOB": "x'28b52ffd2000010000'", "REAL": "7.5"}.get(
        kind, "'2020-01-01T00:00:00Z'"
    )
    executed(
        folder,
        f"pragma foreign_keys = off; update {table} set {column} = {other} where rowid ="
        f" (select min(rowid) from {table})"
        if table not in ("removed_blocks", "seals")
        else f"update {table} set {column} = {other} where {column} = (select {column} from {table}"
        " limit 1)",
    )
    assert verified(folder), f"{table}.{column}"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "delete from changes; delete from sqlite_sequence where name = 'changes'",
            "versions without an entry in the ledger",
        ),
        (
            "delete from changes where id > 3; update sqlite_sequence set seq = 3"
            " where name = 'changes'",
            "of the ledger are missing",
        ),
        (
            "delete from changes where id > 4; update sqlite_sequence set seq = 4"
            " where name = 'changes'; update seals set last_id = 4, chain ="
            " (select chain from changes where id = 4) where name = 'changes'",
            "state differs from the ledger",
        ),
        ("delete from fetches", "fetches 1 to 11 are missing"),
        ("delete from fetches where id = 4", "fetches 4 to 4 are missing"),
        ("delete from fetches where id > 6", "fetches 7 to 11 are missing"),
        ("delete from fetches where class = 'timeout'", "missing"),
        ("update articles set state = 'live', gone_at = null", "state"),
        ("delete from candidates", "candidates"),
        ("delete from removed_blocks", "removed blocks"),
        ("insert into candidates select article_id, 'authors', 'X', 'h1', 1, '' from candidates",
         "candidates"),
        ("update outlets set name = 'X' where name = 'ledger.example';"
            " update articles set outlet = 'X' where outlet = 'ledger.example'",
         "outlet"),
        ("delete from versions where number = 2", "entry 2 of the ledger"),
        ("delete from articles where id = 1", "not shown as articles"),
        ("insert into thinned select body, 1, 'now' from versions", ""),
    ],
)  # fmt: skip
def test_forgeries(grown: Path, tmp_path: Path, sql: str, told: str) -> None:
    folder = Path(shutil.copytree(grown, tmp_path / "forged"))
    executed(folder, sql)
    found = verified(folder)
    assert (found == []) if told == "" else any(told in what for what in found), found


def test_a_page_of_a_version_cannot_be_declared_deleted(grown: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(grown, tmp_path / "forged"))
    executed(folder, "insert into thinned select body, 1, 'now' from versions where id = 4")
    with closing(sqlite3.connect(folder / "bodies.db")) as bodies:
        bodies.execute("delete from site_references")
        bodies.execute("delete from bodies where id = (select max(id) from bodies)")
        bodies.commit()
    assert any("raw bodies are missing" in what for what in verified(folder))


def test_a_forger_who_makes_the_record_again_is_found(grown: Path, tmp_path: Path) -> None:
    """Record, version and article are forged alike: the hash of the record still tells."""
    folder = Path(shutil.copytree(grown, tmp_path / "forged"))
    with opened(folder) as archive:
        version = archive.version(URL + "1")
        forged = replace(version.article, title="A third stony of the day")
        record = compress(dump(forged), archive.body(version.row.body))
        with archive._store.transaction() as connection:
            connection.execute(
                "update extractions set record = ? where page_id = ?",
                [record, version.row.article_id],
            )
            for table in ("versions", "articles"):
                key = "page_id" if table == "versions" else "id"
                connection.execute(
                    f"update {table} set title = ? where {key} = ?",
                    [forged.title, version.row.article_id],
                )
    assert any("the record of version 4" in what for what in verified(folder))


@pytest.mark.parametrize("file", ["archive.db", "bodies.db"])
def test_what_is_written_against_itself_is_damaged(grown: Path, tmp_path: Path, file: str) -> None:
    folder = Path(shutil.copytree(grown, tmp_path / "forged"))
    table = "extractions" if file == "archive.db" else "bodies"
    with closing(sqlite3.connect(folder / file)) as connection:
        connection.execute(f"update {table} set base_id = id")
        connection.commit()
    assert any("compressed against" in what for what in verified(folder))


def test_a_page_that_was_merged_keeps_its_fetches_sealed(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
        archive.record(failed("timeout", url=f"{URL}-copy"))
        copy = article(url=f"{URL}-copy", canonical_url=URL, at=START + HOUR)
        archive.record(copy)
        assert archive.find(f"{URL}-copy").id == archive.find(URL).id
        assert archive.verify().findings == ()
    executed(tmp_path, "update fetches set page_id = null where merged_from is not null")
    assert verified(tmp_path)


def test_verify_sees_one_moment_while_others_write(tmp_path: Path) -> None:
    with opened(tmp_path) as archive, opened(tmp_path) as writer:
        archive.record(article())
        turn = iter(range(1, 99))

        def progress(step: str) -> None:
            n = next(turn)
            writer.record(article(TEXT + step, url=f"{URL}{n}", at=START + n * HOUR))

        assert archive.verify(progress).findings == ()
        assert len(writer.changes()) == 5


@pytest.mark.parametrize("number", (1, 3, 4, 7, 12))
def test_an_earlier_archive_is_verified_and_says_what_was_not_sealed(
    grown: Path, tmp_path: Path, number: int
) -> None:
    old = aged(grown, tmp_path / "old", archive=number)
    with opened(old) as archive:
        found = archive.verify()
        assert found.findings == ()
        told = "; ".join(found.not_checked)
        assert "fetches up to number 11" in told and "4 records that are older" in told
        archive.record(article("New.\n" * 90, url=f"{URL}9", at=START + timedelta(days=9)))
        assert archive.verify().findings == ()
    executed(old, "update fetches set status = 404 where id = 2")
    assert any("fetch 2" in what for what in verified(old))
