"""The crash loop: ``python -m tests.crashing [--kills N] [--longest SECONDS] [--seed N]``.

A writer is killed (SIGKILL) again and again, half of the times at a random moment, half at its Nth
write (`strace` injects the signal into the Nth call of pwrite64, N = 1, 6, 11, …). After each kill
the archive must hold all that was acknowledged and be sound (`crash_work.broken`); after each round
of 25 it must equal that of a writer who was never disturbed. At last archives are killed while they
are made.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.crash_work import broken, contents, done, work

__all__ = ["Child", "traced"]

ROUND = 25
STRIDE = 5


class Child:
    """A process, forked from this one with everything loaded, that waits for its start.

    Args:
        task: what it does; it is given a function that tells a number to the parent.
    """

    def __init__(self, task: Callable[[Callable[[int], None]], None]) -> None:
        go_read, self._go = os.pipe()
        told, tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._go)
            os.close(told)
            _live(task, go_read, tell)
        os.close(go_read)
        os.close(tell)
        self.told: IO[bytes] = os.fdopen(told, "rb")

    def start(self) -> None:
        """Let it begin."""
        os.write(self._go, b"!")
        os.close(self._go)

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> tuple[int, list[int]]:
        """Wait for its end; return its status (negative: the signal) and what it told."""
        lines = [line for line in self.told.read().split(b"\n")[:-1] if line]
        self.told.close()
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), [int(line) for line in lines]


def _live(
    task: Callable[[Callable[[int], None]], None], go: int, tell: int
) -> None:  # pragma: no cover
    code = 70
    try:
        os.read(go, 1)
        task(lambda n: _tell(tell, n))
        code = 0
    except BaseException as error:  # noqa: BLE001 - the process ends here, whatever it was
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 1
    finally:
        os._exit(code)


def _tell(descriptor: int, n: int) -> None:
    os.write(descriptor, b"%d\n" % n)


@contextmanager
def traced(child: Child, *inject: str) -> Any:
    """Inject faults into a child's system calls, such as ``pwrite64:signal=SIGKILL:when=3``."""
    calls = ",".join(rule.split(":")[0] for rule in inject)
    tracer = subprocess.Popen(
        ["strace", "-f", "-p", str(child.pid), "-o", "/dev/null", "-e", f"trace={calls}"]
        + [word for rule in inject for word in ("-e", f"inject={rule}")],
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None
    try:
        said = tracer.stderr.readline()
        if b"attached" not in said:
            raise RuntimeError(f"strace did not attach: {said.decode()}")
        yield
    finally:
        tracer.stderr.read()
        tracer.wait()
        tracer.stderr.close()


@dataclass(slots=True)
class Summary:
    """What the loop came to."""

    random: int = 0
    at_write: int = 0
    fresh: int = 0
    acknowledged: int = 0
    unacknowledged: int = 0
    orphans: int = 0
    rounds: int = 0
    violations: list[str] = field(default_factory=list)


def kill_at_random(folder: Path, pause: float) -> tuple[int, list[int]]:
    """Kill a writer a while after its first acknowledgement."""
    first = done(folder)
    child = Child(lambda tell: work(folder, first, None, tell))
    child.start()
    line = child.told.readline()
    time.sleep(pause)
    child.kill()
    status, told = child.end()
    return status, [int(line), *told] if line.strip() else told


def kill_at_write(folder: Path, n: int) -> tuple[int, list[int]]:
    """Kill a writer at its nth write to a file."""
    first = done(folder)
    child = Child(lambda tell: work(folder, first, None, tell))
    with traced(child, f"pwrite64:signal=SIGKILL:when={n}"):
        child.start()
        return child.end()


def judge(summary: Summary, label: str, folder: Path, before: int, told: Sequence[int]) -> None:
    """Look at an archive after a kill."""
    held = done(folder)
    last = told[-1] + 1 if told else before
    # The step that was under way is there or not; nothing that was acknowledged is missing.
    if held not in (last, last + 1):
        summary.violations.append(f"{label}: {last} steps acknowledged, {held} there")
    summary.acknowledged += last - before
    summary.unacknowledged += held - last
    if (folder / "archive.db").exists():
        summary.violations += [f"{label}: {what}" for what in broken(folder)]


def one_round(summary: Summary, folder: Path, kills: int, chance: random.Random, longest: float,
              first_write: int) -> None:  # fmt: skip
    """Kill writers of one archive, and compare it with one that nobody disturbed."""
    crashed = folder / "crashed"
    for number in range(kills):
        before = done(crashed)
        if number % 2:
            write = first_write + STRIDE * (number // 2)
            label = f"kill at write {write}"
            status, told = kill_at_write(crashed, write)
            summary.at_write += 1
        else:
            pause = chance.uniform(0, longest)
            label = f"kill after {pause:.3f} s"
            status, told = kill_at_random(crashed, pause)
            summary.random += 1
        if status != -signal.SIGKILL:
            summary.violations.append(f"{label}: the writer ended by itself with {status}")
        judge(summary, label, crashed, before, told)
    # The last step is taken whole: what it writes first may be there without what comes last.
    total = done(crashed) + 1
    work(crashed, total - 1, total, lambda n: None)
    work(folder / "calm", 0, total, lambda n: None)
    crash, calm = contents(crashed), contents(folder / "calm")
    summary.orphans += len(crash["bodies"]) - len(calm["bodies"])
    # A body may be there whose fetch never was: the orphan that the order of writing allows.
    kept = set(calm["bodies"])
    crash["bodies"] = [row for row in crash["bodies"] if row in kept]
    summary.violations += [
        f"{table} is not what it is without crashes"
        for table in calm
        if crash[table] != calm[table]
    ]
    summary.rounds += 1


def fresh_archives(summary: Summary, folder: Path, writes: Sequence[int]) -> None:
    """Kill the making of an archive at some of its writes: it is there whole, or not at all."""
    for write in writes:
        place = folder / f"fresh-{write}"
        _, told = kill_at_write(place, write)
        judge(summary, f"a new archive, kill at write {write}", place, 0, told)
        summary.fresh += 1


def run(kills: int, *, longest: float, seed: int) -> Summary:
    """Run the loop."""
    summary, chance = Summary(), random.Random(seed)
    if shutil.which("strace") is None:
        raise SystemExit("strace is missing: apt-get install strace")
    with tempfile.TemporaryDirectory() as name:
        writes = 1
        for number, first in enumerate(range(0, kills, ROUND)):
            size = min(ROUND, kills - first)
            place = Path(name, f"round{number}")
            one_round(summary, place, size, chance, longest, writes)
            writes += STRIDE * (size // 2)
            shutil.rmtree(place)
        fresh_archives(summary, Path(name), range(1, 4 + kills // 2, 4 + kills // 50))
    return summary


def main() -> None:
    """Run the loop and print what it came to; the exit code is 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds before a random kill")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    summary = run(options.kills, longest=options.longest, seed=options.seed)
    print(
        f"{summary.random + summary.at_write} kills: {summary.random} at random moments,"
        f" {summary.at_write} at a write; {summary.fresh} more while an archive was made\n"
        f"{summary.acknowledged:,} steps acknowledged, all there; {summary.unacknowledged} more"
        f" committed but not acknowledged; {summary.orphans} orphaned bodies\n"
        f"{summary.rounds} archives equal to those of an undisturbed writer\n"
        f"{len(summary.violations)} violations; {time.monotonic() - began:.0f} s"
    )
    for violation in summary.violations[:20]:
        print("VIOLATION", violation)
    sys.exit(bool(summary.violations))


if __name__ == "__main__":
    main()
