"""What was archived can't be altered, taken out or put in without it showing."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened, rejected

from scraper.archive.database import DatabaseFile
from scraper.archive.hash_chain import altered_entries, altered_versions
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID, Migrations, schema_number
from scraper.models import Hop


def grown(folder: Path) -> sqlite3.Connection:
    """An archive with two articles, edits and a takedown; its file, opened plainly."""
    with opened(folder) as archive:
        archive.record(article())
        archive.record(article(TEXT + "More was said.", at=START + HOUR))
        archive.record(article(TEXT + "More was said on day 2.", at=START + 2 * HOUR))
        archive.record(article("Another story of the day.", url=URL + "0"))
        for hours in (3, 4):
            # The rest of the site answers: it is a takedown.
            at = START + hours * HOUR
            archive.record(article(TEXT + "More was said on day 2.", at=at))
            archive.record(failed("gone", url=URL + "0", at=START + hours * HOUR))
        assert not archive.doctor()
    connection = sqlite3.connect(folder / "archive.db")
    connection.row_factory = sqlite3.Row
    return connection


def chains(connection: sqlite3.Connection) -> list[str]:
    """The hashes of the ledger's entries, in order."""
    return [row["chain"] for row in connection.execute("select chain from changes order by id")]


@pytest.mark.parametrize(
    ("sql", "versions", "entries"),
    [
        ("update versions set body = 'ff' where id = 2", ["version 2 of"], []),
        (
            "update versions set first_observed_at = '2020-01-01T00:00:00Z' where id = 1",
            ["version 1 of"],
            [],
        ),
        (
            "update versions set chain = 'ff' where id = 1",
            ["version 1 of", "version 2 of"],
            ["entry 1 of"],
        ),
        ("delete from versions where id = 2", ["version 2 of"], ["entry 2 of"]),
        ("update changes set title = 'Other' where id = 2", [], ["entry 2 of"]),
        ("update changes set severity = 0 where id = 5", [], ["entry 5 of"]),
        ("update changes set at = '2020-01-01T00:00:00Z' where id = 1", [], ["entry 1 of"]),
        ("delete from changes where id = 2", [], ["entries 2 to 2"]),
        ("delete from changes where id = 5", [], ["entries 5 to 5"]),
        ("delete from changes", [], ["entries 1 to 5"]),
    ],
)
def test_an_altered_row_is_named(
    tmp_path: Path, sql: str, versions: list[str], entries: list[str]
) -> None:
    connection = grown(tmp_path)
    assert not [*altered_versions(connection), *altered_entries(connection)]
    assert len(chains(connection)) == 5 and len(chains(connection)[-1]) == 64
    connection.execute(sql)
    for expected, found in (
        (versions, list(altered_versions(connection))),
        (entries, list(altered_entries(connection))),
    ):
        assert len(expected) == len(found)
        for start, tampering in zip(expected, found, strict=True):
            assert tampering.what.startswith(start)
    connection.close()


def test_doctor_names_them(tmp_path: Path) -> None:
    connection = grown(tmp_path)
    connection.execute("update changes set title = 'Other' where id = 2")
    connection.commit()
    connection.close()
    with opened(tmp_path) as archive:
        assert ["entry 2 of the ledger" in finding.what for finding in archive.doctor()] == [True]


def test_an_older_ledger_is_sealed_when_it_is_opened(tmp_path: Path) -> None:
    older = Migrations("scraper.archive")
    older._migrations = ARCHIVE._migrations[:3]
    DatabaseFile(tmp_path / "archive.db", older, ARCHIVE_ID).close()
    old = sqlite3.connect(tmp_path / "archive.db")
    assert old.execute("pragma user_version").fetchone()[0] < schema_number(ARCHIVE)
    old.execute(
        "insert into pages (id, url, identity, host, first_seen_at) values (1, 'u', 'u', 'h', 't')"
    )
    old.execute("insert into changes (at, kind, page_id, title) values ('t', 'gone', 1, 'x')")
    old.commit()
    old.close()
    with opened(tmp_path) as archive:
        connection = archive._store.connection
        assert len(archive.head().chain) == 64
        assert not list(altered_entries(connection))


def test_how_an_article_was_taken_down(tmp_path: Path) -> None:
    """404, a notice, the front page, another story: the ledger says which, and that it is grave."""
    front = rejected("soft_404", url=URL + "3", at=START + HOUR)
    assert front.page is not None
    home = "https://ledger.example/"
    elsewhere = URL + "9"
    with opened(tmp_path) as archive:
        for n in "1234":
            archive.record(article(TEXT + n, url=URL + n, title=f"Story {n}"))
        archive.record(article(TEXT + "9", url=elsewhere, title="Quite another"))
        for turn in (1, 2):
            at = START + turn * HOUR
            # The rest of the site answers: these four are taken down, it is no outage.
            for n in "05678":
                archive.record(article(TEXT + n, url=URL + n, title=f"Story {n}", at=at))
            archive.record(failed("gone", url=URL + "1", at=at))
            archive.record(rejected("soft_404", url=URL + "2", at=at))
            page = rejected("soft_404", url=URL + "3", at=at).page
            assert page is not None
            moved = type(page)(
                url=page.url,
                final_url=home,
                status=200,
                headers={},
                body=page.body,
                fetched_at=at,
                hops=(Hop(status=302, url=home),),
            )
            attempt = rejected("soft_404", url=URL + "3", at=at)
            archive.record(
                type(attempt)(link=attempt.link, at=at, page=moved, verdict=attempt.verdict)
            )
            archive.record(
                article(
                    TEXT + "9", url=URL + "4", final_url=elsewhere, title="Quite another", at=at
                )
            )
        gone = {c.url[-1]: c for c in archive.changes() if c.kind == "gone"}
        assert {n: c.classes for n, c in gone.items()} == {
            "1": ("not found",),
            "2": ("notice",),
            "3": ("redirected elsewhere",),
            "4": ("redirected elsewhere",),
        }
        assert {c.severity for c in gone.values()} == {3}
        assert archive.find(URL + "1").text == TEXT + "1"
        archive.record(article(TEXT + "1", url=URL + "1", title="Story 1", at=START + 5 * HOUR))
        back = archive.changes()[-1]
        assert (back.kind, back.severity) == ("returned", 2)
        assert archive.find(URL + "1").state == "live"


def test_taking_back_a_grave_edit_is_as_grave(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article(TEXT, at=START))
        archive.record(article(TEXT.replace("3 weeks", "30 weeks"), at=START + timedelta(days=1)))
        for hours in (48, 51):
            archive.record(article(TEXT, at=START + timedelta(hours=hours)))
        assert [(c.kind, c.severity) for c in archive.changes()] == [
            ("new", 0), ("edited", 3), ("reverted", 3),
        ]  # fmt: skip
        assert len(archive.versions(URL)) == 2
