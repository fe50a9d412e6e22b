"""The parser pool: a hostile document costs itself, nothing else."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.forkserver import _forkserver
from pathlib import Path

import pytest

from scraper.errors import ExtractError, WorkersLost
from scraper.workers import ParserPool


def double(value: int) -> int:
    return 2 * value


def hang() -> None:
    time.sleep(60)


def crash() -> None:
    ctypes.string_at(0)


def swallow_memory() -> int:
    return len(bytearray(4 * 1024**3))


def refuse() -> None:
    raise ExtractError("no article", url="http://a.example/", error_class="empty_extract")


@pytest.mark.parametrize(
    ("function", "error_class"),
    [(hang, "parse_timeout"), (crash, "parse_crash"), (swallow_memory, "parse_crash")],
)
def test_a_bad_document_fails_alone(function: object, error_class: str) -> None:
    async def both() -> tuple[object, int]:
        with ParserPool(workers=2, timeout=1.5, memory=2 * 1024**3) as pool:
            bad, good = await asyncio.gather(
                pool.run(function),  # type: ignore[arg-type]
                pool.run(double, 21),
                return_exceptions=True,
            )
            again = await pool.run(double, 4)
        assert good == 42
        return bad, again

    bad, again = asyncio.run(both())
    assert isinstance(bad, ExtractError)
    assert bad.error_class == error_class
    assert again == 8


def test_arguments_that_a_worker_has_no_room_for_cost_themselves_alone() -> None:
    async def run() -> tuple[list[object], list[int]]:
        with ParserPool(workers=2, timeout=30.0, memory=512 * 1024**2) as pool:
            # Far beyond the memory of a worker, and little enough to be tried by one.
            calls = [pool.run(len, bytes(size)) for size in (600 << 20, 200 << 20, 31 << 20)]
            bad = await asyncio.gather(*calls, return_exceptions=True)
            return list(bad), [await pool.run(double, number) for number in (2, 3)]

    (beyond, large, small), after = asyncio.run(run())
    for refused in (beyond, large):
        assert isinstance(refused, ExtractError) and refused.error_class == "parse_crash"
        assert "[parse] memory" in str(refused)
    assert small == 31 << 20 and after == [4, 6]


def test_errors_of_the_function_come_through_whole() -> None:
    async def one() -> None:
        with ParserPool(workers=1) as pool:
            await pool.run(refuse)

    with pytest.raises(ExtractError) as caught:
        asyncio.run(one())
    assert (caught.value.error_class, caught.value.url) == ("empty_extract", "http://a.example/")


def kill_workers() -> None:
    """Kill the processes that were forked from the server, as the out-of-memory killer does."""
    children = Path(f"/proc/{server()}/task/{server()}/children").read_text().split()
    assert children
    for child in children:
        os.kill(int(child), signal.SIGKILL)


def kill_one_worker() -> None:
    first = Path(f"/proc/{server()}/task/{server()}/children").read_text().split()[0]
    os.kill(int(first), signal.SIGKILL)


def kill_server() -> None:
    os.kill(server(), signal.SIGKILL)


def server() -> int:
    pid: int = _forkserver._forkserver_pid
    return pid


def slow(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found by /proc")
@pytest.mark.parametrize("kill", [kill_one_worker, kill_workers, kill_server])
@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_reading_goes_on_after_idle_processes_were_killed(
    kill: Callable[[], None], pause: float
) -> None:
    async def run() -> list[int]:
        with ParserPool(workers=2, timeout=30.0, preload=()) as pool:
            first = await pool.run(double, 1)
            kill()
            await asyncio.sleep(pause)
            both = await asyncio.gather(pool.run(double, 2), pool.run(double, 3))
            kill()
            await asyncio.sleep(pause)
            return [first, *both, await pool.run(double, 4)]

    assert asyncio.run(run()) == [2, 4, 6, 8]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found by /proc")
@pytest.mark.parametrize("kill", [kill_workers, kill_server])
def test_a_call_whose_worker_is_killed_from_outside_is_made_once_more(
    kill: Callable[[], None],
) -> None:
    async def run() -> tuple[object, object]:
        with ParserPool(workers=1, timeout=30.0, preload=()) as pool:
            await pool.run(double, 1)
            calls = [asyncio.create_task(pool.run(slow, 1.5))]
            await asyncio.sleep(0.7)
            kill()
            once = await asyncio.gather(*calls, return_exceptions=True)
            return once[0], await pool.run(double, 4)

    made, after = asyncio.run(run())
    assert isinstance(made, int) and after == 8


def test_where_no_worker_lives_long_enough_every_further_call_says_so() -> None:
    async def run() -> list[object]:
        # No worker can import this module in so little memory: each dies with its first call.
        with ParserPool(workers=1, timeout=5.0, memory=1 << 20, preload=()) as pool:
            calls = [pool.run(double, number) for number in range(3)]
            return [(await asyncio.gather(call, return_exceptions=True))[0] for call in calls]

    first, *others = asyncio.run(run())
    assert isinstance(first, ExtractError) and first.error_class == "parse_crash"
    assert all(isinstance(other, WorkersLost) for other in others)
    assert "settings.toml" in str(others[0])


def test_idle_workers_end_and_the_next_call_starts_others(monkeypatch) -> None:
    monkeypatch.setattr("scraper.workers._IDLE", 0.3)

    async def calls(pool: ParserPool) -> list[int]:
        first = await pool.run(os.getpid)
        until = time.monotonic() + 30
        while Path(f"/proc/{first}").exists() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        assert not Path(f"/proc/{first}").exists()
        # While the workers come and go every call is answered.
        found = []
        for number in range(60):
            found.append(await pool.run(double, number))
            await asyncio.sleep(0.01 * (number % 40 == 0) + 0.3 * (number % 12 == 0))
        assert await pool.run(slow, 1.0)
        return found

    with ParserPool(workers=1, preload=()) as pool:
        assert asyncio.run(calls(pool)) == [2 * number for number in range(60)]


def test_the_server_ends_once_no_pool_has_workers_and_the_next_call_starts_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scraper.workers._IDLE", 0.2)
    monkeypatch.setattr("scraper.workers._SERVER_IDLE", 0.2)

    async def ends(pid: int, within: float) -> bool:
        until = time.monotonic() + within
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        return not Path(f"/proc/{pid}").exists()

    async def calls(idle: ParserPool, busy: ParserPool) -> None:
        assert await idle.run(double, 1) == 2
        at_work = asyncio.create_task(busy.run(slow, 2.0))
        await asyncio.sleep(0.1)
        first = server()
        assert not await ends(first, 1.0), "another pool has a worker that would end with it"
        assert await at_work
        assert await ends(first, 30.0)
        assert await asyncio.gather(idle.run(double, 2), busy.run(double, 3)) == [4, 6]
        assert server() != first

    with ParserPool(workers=1, preload=()) as idle, ParserPool(workers=1, preload=()) as busy:
        asyncio.run(calls(idle, busy))


def test_ctrl_c_while_the_server_loads_ends_no_worker() -> None:
    code = (
        "import asyncio, os\n"
        "from scraper.workers import ParserPool\n"
        "with ParserPool(workers=1, preload=('tests.interrupting',)) as pool:\n"
        "    print(asyncio.run(pool.run(os.getpid)) != os.getpid())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
