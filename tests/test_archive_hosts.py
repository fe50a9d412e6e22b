"""Several processes on one archive ask a host one after the other, with its rest between them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.archive.hosts import HostLocks
from scraper.models import HostState
from scraper.pipeline.archive_hosts import ArchiveHostStore
from tests.gauntlet.server import Asked, Server, reply

HOLD = """
import sys
from pathlib import Path
from scraper.archive.hosts import HostLocks
locks = HostLocks(Path(sys.argv[1]))
print(locks.acquire("a.example"), flush=True)
sys.stdin.readline()
locks.release("a.example", asked=True)
print("done", flush=True)
sys.stdin.readline()
"""
DELAY, ANSWER = 0.3, 0.2


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=pipe, stdout=pipe, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_turn_is_one_process_own(other: subprocess.Popen[str], tmp_path: Path) -> None:
    assert other.stdin is not None
    assert other.stdout is not None
    with HostLocks(tmp_path) as locks:
        assert not locks.acquire("a.example")
        assert locks.idle_seconds("a.example") == float("inf")
        assert locks.acquire("b.example")
        before = time.monotonic()
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "done\n"
        assert locks.acquire("a.example")
        assert 0 <= locks.idle_seconds("a.example") <= time.monotonic() - before
    end(other)


def test_a_process_that_is_killed_gives_its_turn_back(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    other.send_signal(signal.SIGKILL)
    other.communicate()
    with HostLocks(tmp_path) as locks:
        assert locks.acquire("a.example")


def test_what_an_earlier_life_of_the_machine_left_holds_nobody_up(tmp_path: Path) -> None:
    with HostLocks(tmp_path) as locks:
        locks.acquire("a.example")
        locks.release("a.example", asked=True)
        written = (tmp_path / "turns.lock").read_bytes()
    start = written.rfind(written.strip(b"\0"))
    (tmp_path / "turns.lock").write_bytes(written[:start] + b"\xff" * 6 + b"\xef\x7f")
    with HostLocks(tmp_path) as locks:
        assert locks.idle_seconds("a.example") == float("inf")


@pytest.mark.parametrize("asking", [True, False])
def test_the_pause_after_a_request_outlives_the_process_that_was_killed_amid_it(
    tmp_path: Path, asking: bool
) -> None:
    begin = 'locks.begin("a.example")\n' if asking else ""
    killed = HOLD.replace("sys.stdin", f"{begin}sys.stdin", 1)
    with subprocess.Popen(
        [sys.executable, "-c", f"{killed}", str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        if asking:
            with HostLocks(tmp_path) as locks:
                until = time.monotonic() + 30
                while locks.idle_seconds("a.example") and time.monotonic() < until:
                    time.sleep(0.01)
                assert locks.idle_seconds("a.example") == 0.0, "it is asked just now"
        end(process)
    with HostLocks(tmp_path) as locks:
        before = time.monotonic()
        assert locks.acquire("a.example")
        idle = locks.idle_seconds("a.example")
        if asking:
            # When it was killed is not known: the pause begins now.
            assert 0 <= idle <= time.monotonic() - before
        else:
            assert idle == float("inf")


def test_a_wait_is_known_to_other_processes_before_the_archive_has_it(tmp_path: Path) -> None:
    until = datetime(2026, 3, 1, 9, tzinfo=UTC)
    saved: list[HostState] = []

    async def read(host: str) -> HostState:
        return HostState(host=host)

    with HostLocks(tmp_path) as ours, HostLocks(tmp_path) as theirs:
        told = ArchiveHostStore(read, saved.append, ours)
        other = ArchiveHostStore(read, saved.append, theirs)
        assert told.acquire("a.example")
        told.save(HostState(host="a.example", failures=1, not_before=until))
        asyncio.run(other.recall("a.example"))
        assert other.load("a.example").not_before == until
        told.save(HostState(host="a.example"))
        # Who does not hold the host may know less than who does.
        other.save(HostState(host="a.example", not_before=until))
        fresh = ArchiveHostStore(read, saved.append, theirs)
        asyncio.run(fresh.recall("a.example"))
        assert fresh.load("a.example").not_before is None
    assert len(saved) == 3


def test_a_turn_that_asked_nothing_needs_no_rest(tmp_path: Path) -> None:
    with HostLocks(tmp_path) as locks:
        locks.acquire("a.example")
        locks.release("a.example", asked=False)
        assert locks.idle_seconds("a.example") == float("inf")


def test_fetches_side_by_side_share_the_rest_of_a_host(tmp_path: Path) -> None:
    async def slowly(asked: Asked) -> None:
        await asyncio.sleep(ANSWER)
        await asked.say(reply("<title>Nothing here</title>", 404))

    paths = [f"/{name}/{n}" for name in "abc" for n in range(3)]
    with Server(dict.fromkeys(["/robots.txt", *paths], slowly)) as server:
        (tmp_path / "settings.toml").write_text(
            f'[fetch]\ncontact = "desk@news.example"\ndelay = {DELAY}\nports = [{server.port}]\n'
            'allow_private = ["127.0.0.0/8"]\n'
        )
        (tmp_path / "sources.toml").write_text("")
        base = [sys.executable, "-m", "scraper", "--config", str(tmp_path)]
        base += ["--archive", str(tmp_path / "archive"), "fetch"]
        fetches = [
            subprocess.Popen(
                [*base, *(server.url(path) for path in paths if path[1] == name)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for name in "abc"
        ]
        said = [process.communicate()[1].decode() for process in fetches]
        asked = sorted(server.asked, key=lambda one: one.at)
    assert sorted(server.paths()) == paths, said
    gaps = [after.at - before.done for before, after in pairwise(asked)]
    assert [gap for gap in gaps if gap < DELAY - 0.01] == []
