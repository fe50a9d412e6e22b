"""The terminal: hostile text is inert, tables fit Chinese."""

from __future__ import annotations

import re
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scraper.cli.output import (
    Progress,
    as_json,
    clear_screen,
    format_time,
    print_folded,
    print_table,
    reader_zone,
    strip_controls,
    table,
    truncate,
    width,
)
from scraper.models import KeptBlock
from scraper.pipeline import Event


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "a\rb", "\x07", "title\u202etxt.exe", "a\u2066b\u2069", "x\x9b31m", "\ud800"],
)
def test_no_control_reaches_the_terminal(text: str) -> None:
    shown = strip_controls(text)
    assert not any(c in shown for c in "\x1b\r\x07\u202e\u2066\u2069\x9b\ud800")
    assert shown.isprintable()


def test_lines_are_kept_where_asked_for() -> None:
    assert strip_controls("a\nb\x1bc", lines=True) == "a\nb c"
    assert strip_controls("a\nb") == "a b"


@pytest.mark.parametrize(
    ("named", "shown"),
    [("Etc/UTC", "UTC"), ("Zulu", "UTC"), (":Asia/Taipei", "Asia/Taipei"), ("No/Where", "UTC")],
)
def test_the_zone_of_the_reader_has_one_name(
    named: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", named)
    assert reader_zone() == shown


def test_wide_characters_count_two_columns() -> None:
    assert width("AI模型") == 6
    assert truncate("开源模型", 5) == "开源…"
    assert truncate("abc", 3) == "abc"


def test_columns_line_up_for_chinese_and_numbers() -> None:
    text = table(["source", "kept"], [("36氪", 3), ("The Ledger", 12)])
    lines = text.splitlines()
    assert {width(line) for line in lines} == {16}
    assert lines[2].endswith(" 3") and lines[3].endswith("12")


def test_a_table_without_rows_has_its_heads() -> None:
    assert table(["a", "b"], []).splitlines()[0] == "a  b"


HEADS = ["source", "outlet", "articles", "last new", "next due", "health"]
ROWS = [
    ("ledger", "The Harbour Ledger", 1234567, "2025-12-09 18:15 +08:00", "paused", "ok"),
    ("chenguang", "辰光网", 8, "", "2025-12-09 18:15 +08:00", "failed 3×: no connection to it"),
]


@pytest.mark.parametrize("columns", range(24, 160, 4))
def test_a_table_fits_its_terminal_and_cuts_no_number_and_no_time(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(HEADS, ROWS)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(width, shown.splitlines())) <= columns, shown
    cells = shown.split()
    assert "1234567" in cells and cells.count("2025-12-09") == 2
    # What is too narrow for a table has its rows below one another, with nothing cut.
    if columns < 60:
        assert "…" not in shown and shown.count("outlet") == 2


def test_a_time_of_this_year_is_shortened_to_day_and_hour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "34")
    year = datetime.now().astimezone().year
    print_table(["when", "title"], [(f"{year}-01-02 03:04 UTC", "a long headline of eight words")])
    assert "01-02 03:04  a long" in capsys.readouterr().out


def test_lines_are_folded_between_words_and_within_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "due      7 sources, 35 pages; 城市轨道交通调度模型通过验收权重将向同行开放"
    print_folded(text, indent=9)
    assert capsys.readouterr().out == f"{text}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    print_folded(text, indent=9)
    lines = capsys.readouterr().out.splitlines()
    assert all(width(line) <= 30 for line in lines) and len(lines) > 2
    assert all(line.startswith(" " * 9) for line in lines[1:])
    assert "".join("".join(line.split()) for line in lines) == "".join(text.split())


def test_a_watched_screen_is_cleared_without_colours_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    clear_screen()
    assert capsys.readouterr().out == "\x1b[2J\x1b[H"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    clear_screen()
    assert capsys.readouterr().out == "\n"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Shanghai", "2025-12-09 18:15 +08:00"),
        ("UTC", "2025-12-09 10:15 UTC"),
        ("America/New_York", "2025-12-09 05:15 -05:00"),
    ],
)
def test_moments_are_shown_in_the_readers_zone(
    monkeypatch: pytest.MonkeyPatch, zone: str, shown: str
) -> None:
    shanghai = timezone(timedelta(hours=8))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert format_time(datetime(2025, 12, 9, 18, 15, tzinfo=shanghai)) == shown
        assert format_time("2025-12-09T10:15:00Z") == shown
    finally:
        monkeypatch.undo()
        time.tzset()
    assert format_time(None) == ""


def test_records_become_json() -> None:
    record = KeptBlock(position=1, place="p", text="开源")
    assert as_json({"a": (record, datetime(2025, 1, 1, tzinfo=UTC))}) == {
        "a": [{"position": 1, "place": "p", "text": "开源"}, "2025-01-01T00:00:00+00:00"]
    }


def test_progress_off_a_terminal_prints_a_line_for_each_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress() as progress:
        progress(
            Event(kind="link", source="a", url="http://x/", outcome="failed", detail="dns\x1b")
        )
        progress(Event(kind="link", source="a", url="http://y/", outcome="kept"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "failed" in lines[0] and "dns" in lines[0] and "\x1b" not in lines[0]


def test_a_quiet_progress_still_tells_of_failures(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True) as progress:
        progress(Event(kind="link", source="a", url="http://x/", outcome="failed"))
        progress(Event(kind="link", source="a", url="http://y/", outcome="kept"))
    assert capsys.readouterr().err.count("\n") == 1
