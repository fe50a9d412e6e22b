"""Gauntlet 59: files that must be refused, each with its own message, and left as they are."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import main
from tests.archiving import article, opened


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = bytes(255 - byte for byte in raw[4096:8192])
    path.write_bytes(raw)


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")


CASES = {
    "page flip": (flip, "is damaged", "scraper restore BACKUP"),
    "truncated": (truncate, "is damaged", "scraper restore BACKUP"),
    "zero-byte": (empty, "is empty, so it is not an archive", "--archive"),
    "newer schema": (newer, "written by a newer version", "pip install --upgrade"),
}


@pytest.mark.parametrize("file", ["archive.db", "bodies.db"])
@pytest.mark.parametrize("case", CASES)
def test_g59_refused_and_left_alone(tmp_path: Path, case: str, file: str) -> None:
    harm: Callable[[Path], None]
    harm, told, remedy = CASES[case]
    with opened(tmp_path) as archive:
        archive.record(article())
    path = tmp_path / file
    harm(path)
    before = hashlib.sha256(path.read_bytes()).digest()
    for command in ("status", "doctor", "vacuum", "reindex"):
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), command])
        assert done.exit_code == 1, done.output
        assert f"{path} " in done.output, "the file is named"
        assert told in done.output
        assert "Traceback" not in done.output
        if command == "doctor":
            assert remedy in done.output
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [p for p in tmp_path.glob("*-wal") if p.stat().st_size] == []
    assert sorted(p.name for p in tmp_path.glob("*.db*") if p.suffix == ".db") == [
        "archive.db",
        "bodies.db",
    ]
