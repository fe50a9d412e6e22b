"""A command that is stopped: what it leaves is sound, and it says what is kept and how to go on."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.cli import SECTIONS, main
from scraper.cli.app import _INTERRUPTED
from scraper.exchange.bundle_zip import new_zip
from tests.archiving import article, opened
from tests.test_exchange_imports import html

PAGES = 400


def started(*words: str, deaf: bool = False) -> subprocess.Popen[str]:
    """The program in a process of its own, as a shell starts one behind which nobody waits."""
    return subprocess.Popen(
        [sys.executable, "-m", "scraper", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if deaf else None,
    )  # fmt: skip


def saved_pages(folder: Path) -> Path:
    folder.mkdir()
    for number in range(PAGES):
        mark = f"<!-- saved from url=(0028)https://elin.example/{number} -->\n"
        (folder / f"{number}.html").write_text(html(number, head=mark))
    return folder


@pytest.mark.parametrize(
    ("number", "deaf"),
    [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGTERM, True)],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM in the background"],
)
def test_an_import_that_is_stopped_keeps_what_is_done_and_goes_on(
    number: int, deaf: bool, tmp_path: Path
) -> None:
    pages, folder = saved_pages(tmp_path / "pages"), str(tmp_path / "archive")
    process = started("--archive", folder, "import", str(pages), deaf=deaf)
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(number)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert first.startswith("+ kept") and "Traceback" not in told
    kept = re.search(r"^until now: (\d+) kept$", told, re.MULTILINE)
    assert told.endswith("finished work is archived; run it again to continue\n")
    with Archive(Path(folder)) as archive:
        assert not [one for one in archive.doctor(least_free=0) if one.level == "error"]
        assert not archive.verify(lambda step: None).findings
        there = len(archive.select().ids)
    assert kept is not None and int(kept[1]) == there and 0 < there < PAGES
    again = CliRunner().invoke(main, ["--archive", folder, "-q", "import", str(pages), "--json"])
    assert again.exit_code == 0 and f'"known": {there}' in again.stdout
    with Archive(Path(folder)) as archive:
        assert len(archive.select().ids) == PAGES


def test_ctrl_c_while_modules_are_loaded_ends_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "status"], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, "scraper: interrupted\n")


def test_what_is_told_of_a_stopped_command_is_of_one_that_there_is() -> None:
    names = {entry.name for entries in SECTIONS.values() for entry in entries}
    assert set(_INTERRUPTED) <= names


def test_sigterm_is_left_as_it_was_found() -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert CliRunner().invoke(main, ["--version"]).exit_code == 0
    assert signal.getsignal(signal.SIGTERM) is before
    done: list[int] = []
    # Only the main thread may set what signals do.
    thread = threading.Thread(
        target=lambda: done.append(CliRunner().invoke(main, ["--version"]).exit_code)
    )
    thread.start()
    thread.join()
    assert done == [0]


def test_a_zip_that_is_interrupted_within_an_entry_says_only_so(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        new_zip(tmp_path / "x.zip") as made,
        made.open("one", "w") as entry,
    ):
        # `zipfile` closes an entry of its own accord only when it is told to.
        entry.close = lambda: None  # type: ignore[method-assign]
        raise KeyboardInterrupt
    del made


def ask(words: list[str], keys: bytes | int) -> tuple[int, str]:
    """Run a command at a terminal of its own, and answer its first question, or send a signal."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scraper", *words],
        stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    os.close(inner)
    assert process.stderr is not None
    asked = ""
    while not asked.endswith(": "):
        read = process.stderr.read(1)
        assert read, asked
        asked += read
    if isinstance(keys, bytes):
        os.write(outer, keys)
    else:
        # One that comes in the moment before the terminal is read is seen when that returns.
        while process.poll() is None:
            process.send_signal(keys)
            time.sleep(0.2)
    _, told = process.communicate(timeout=60)
    os.close(outer)
    return process.returncode, told


def test_a_question_that_is_not_answered_ends_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    code, told = ask(["init", str(folder)], b"\x04")
    assert code == 2 and "give the answer as an option" in told
    code, told = ask(["init", str(folder)], signal.SIGINT)
    assert code == 130 and told.strip().endswith("scraper: interrupted")
    assert not folder.exists()


# Words that each command which reads an archive needs.
_WORDS = {
    "search": ["harbour"], "show": ["1"], "history": ["1"], "diff": ["1"], "topics": ["1"],
    "facts": ["x"], "story": ["1"], "quotes": ["x"], "cite": ["1"], "verify": ["--archive"],
    "export": ["--to", "x.epub"], "retain": ["--dry-run"], "alerts": ["list"],
    "sources": ["list"], "config": ["path"], "rollover": ["--list"],
}  # fmt: skip
# One article has no story, no figure and no quote.
_NOT_FOUND = {"story", "facts", "quotes"}
_NO_ARCHIVE = {
    "init", "plugins", "completion", "man", "schema", "fetch", "collect", "import", "merge",
    "backfill", "daemon", "browse", "demo", "restore",
}  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [e.name for entries in SECTIONS.values() for e in entries if e.name not in _NO_ARCHIVE],
)
def test_each_command_takes_an_archive_by_a_relative_path(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(Path("kept")) as archive:
        archive.record(article())
    words = ["--archive", "kept", command, *_WORDS.get(command, [])]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == (command in _NOT_FOUND), done.output
