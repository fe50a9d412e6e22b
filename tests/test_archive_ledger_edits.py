"""What an edit changed, where a publisher takes one back and where captures come out of order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, URL, article, opened

from scraper.archive.ledger_edits import Entry, LedgerEdit, Step, ledger_edits, steps_of

WALL = "The harbour of Port Elin reopened on Monday. Ships waited. Its wall holds for {} years."
# Looks at a page: hours after the start, and the years that it gives. A text that is taken back is
# believed when two looks hours apart show it.
TAKEN_BACK = [(0, 30), (2, 40), (4, 50), (12, 40), (24, 40), (36, 40)]
TAKEN_BACK_TO_THE_FIRST = [(0, 30), (2, 40), (12, 30), (24, 30), (36, 30)]
OLD_CAPTURE = [(48, 40), (1, 30)]
OLD_CAPTURES = [(48, 40), (1, 20), (24, 30)]


def save(folder: Path, looks: list[tuple[int, int]]) -> list[LedgerEdit]:
    """Archive the looks at one page and return its edits in the order of the ledger."""
    with opened(folder) as archive:
        for hours, years in looks:
            text = WALL.format(years)
            archive.record(article(text, at=START + hours * HOUR, url=URL, title="Harbour"))
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        ids = [row["id"] for row in connection.execute("select id from changes")]
        found = ledger_edits(connection, ids)
        assert ledger_edits(connection, []) == {}
    return [found[number] for number in sorted(found)]


def seen(hours: int) -> str:
    at: datetime = START + hours * HOUR
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("looks", "edits"),
    [
        (TAKEN_BACK, [(1, 2, 2, "30", "40"), (2, 3, 4, "40", "50"), (3, 2, 24, "50", "40")]),
        (TAKEN_BACK_TO_THE_FIRST, [(1, 2, 2, "30", "40"), (2, 1, 24, "40", "30")]),
        (OLD_CAPTURE, [(2, 1, 48, "30", "40")]),
        (OLD_CAPTURES, [(2, 1, 48, "20", "40"), (3, 1, 48, "30", "40")]),
    ],
)
def test_an_edit_leads_from_the_earlier_text_to_the_later(
    tmp_path: Path, looks: list[tuple[int, int]], edits: list[tuple[int, int, int, str, str]]
) -> None:
    found = save(tmp_path, looks)
    told = [(edit.before, edit.after, edit.seen_at) for edit in found]
    assert told == [(before, after, seen(hours)) for before, after, hours, _, _ in edits]
    for edit, (*_, old, new) in zip(found, edits, strict=True):
        assert f"for {old} years" in edit.removed and f"for {new} years" in edit.added


def entry(number: int, version: int, kind: str = "edited", hour: int | None = None) -> Entry:
    return Entry(id=number, at=seen(number if hour is None else hour), kind=kind, version=version)


def test_the_first_text_is_no_edit() -> None:
    assert steps_of([entry(1, 7, "new")]) == {}
    assert steps_of([]) == {}


def test_an_edit_after_a_reversion_starts_from_what_was_shown_again() -> None:
    found = steps_of(
        [
            entry(1, 1, "new"),
            entry(2, 2),
            entry(3, 1, "reverted"),
            entry(4, 3),
            entry(5, 2, "reverted"),
        ]
    )
    assert found[4] == Step(before=1, after=3, stored=3)
    # The archive has no difference between the third text and the second.
    assert found[5] == Step(before=3, after=2, stored=None, mirrored=True)


def test_a_later_edit_starts_from_the_current_text_and_not_from_an_old_capture() -> None:
    found = steps_of([entry(1, 1, "new", 48), entry(2, 2, hour=1), entry(3, 3, hour=60)])
    assert found[2] == Step(before=2, after=1, stored=2, mirrored=True)
    assert found[3] == Step(before=1, after=3, stored=3)


def test_an_edit_starts_from_the_text_that_was_seen_last(tmp_path: Path) -> None:
    # The second text lies between two looks at the first.
    (between, edit) = save(tmp_path, [(1, 30), (50, 30), (20, 40), (60, 50)])
    assert (between.before, between.after) == (1, 2)
    assert (edit.before, edit.after, edit.seen_at) == (1, 3, seen(60))
    assert "for 30 years" in edit.removed and "for 50 years" in edit.added


def test_what_was_added_since_an_old_capture_is_no_removal(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        short = WALL.format(30)
        whole = f"{short} The mayor cut a ribbon of blue silk before two hundred guests."
        archive.record(article(whole, at=START + 9 * HOUR, url=URL, title="Harbour"))
        archive.record(article(short, at=START, url=URL, title="Harbour"))
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        (edit,) = ledger_edits(connection, [1, 2]).values()
    assert edit.classes == ("addition",)
    assert "ribbon" in edit.added and not edit.removed


def test_a_digest_tells_what_was_taken_back(tmp_path: Path) -> None:
    save(tmp_path, TAKEN_BACK)
    with opened(tmp_path) as archive:
        told = archive.changes_between(START, START + 99 * HOUR)
    (reverted,) = (change for change in told if change.kind == "reverted")
    assert "for 50 years" in reverted.removed and "for 40 years" in reverted.added


def steps(connection: sqlite3.Connection, numbers: list[int]) -> int:
    """Return how many thousand instructions SQLite takes to tell what entries changed."""
    taken = []
    connection.set_progress_handler(lambda: taken.append(1) or 0, 1000)
    ledger_edits(connection, numbers)
    connection.set_progress_handler(None, 0)
    return len(taken)


def test_an_edit_is_told_without_reading_the_whole_ledger(tmp_path: Path) -> None:
    save(tmp_path, TAKEN_BACK)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        (number,) = connection.execute("select max(id) from changes").fetchone()
        alone = steps(connection, [number])
        connection.executemany(
            "insert into changes (at, kind, page_id, version_id, title)"
            " values (?, 'new', ?, ?, '')",
            [(seen(0), page, page) for page in range(100, 20_100)],
        )
        assert steps(connection, [number]) <= alone + 2
