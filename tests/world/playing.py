"""Plays one world, and smaller ones where an invariant breaks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.world.harness import Played, play, play_on_sockets, scratch
from tests.world.invariants import Broken, broken
from tests.world.model import Site
from tests.world.shrinking import shrink
from tests.world.worlds import World, build, describe, parts_of

__all__ = ["Job", "Result", "play_passes", "play_world", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A world to play.

    Attributes:
        seed: of the world.
        keep: names of its parts that stay, or None for all.
        shrinking: seconds for which a failing one may be made smaller.
        until: moment of the system's clock after which none is made smaller any more.
    """

    seed: int
    keep: tuple[str, ...] | None = None
    shrinking: float = 60.0
    until: float = float("inf")


@dataclass(slots=True, kw_only=True)
class Result:
    """What came of a world."""

    seed: int
    took: float
    found: list[Broken] = field(default_factory=list)
    smallest: list[str] = field(default_factory=list)
    keep: str = ""


def play_world(world: World, folder: Path) -> list[Broken]:
    """Play a world in a new folder and return what does not hold afterwards."""
    if world.sockets:
        sites, played = play_on_sockets(
            lambda port: [_on_loopback(site, port) for site in world.sites],
            folder,
            passes=world.passes,
            faults=world.faults,
        )
        return broken(world, sites, played)
    first = 0
    kills = sorted(fault.run for fault in world.faults if fault.kind == "process")
    played = Played(folder)
    for run in kills:
        _play_until_killed(world, folder, first, run)
        first = run + 1
    rest = play(
        world.sites,
        folder,
        passes=world.passes,
        first=first,
        faults=world.faults,
        interval=2 * 3600,
    )
    played.stopped |= rest.stopped
    played.broken |= rest.broken
    return broken(world, world.sites, played)


def _on_loopback(site: Site, port: int) -> Site:
    host = f"{site.id}.localhost:{port}"
    return replace(site, host=host, hosts=(f"new.{host}",), scheme="http", delay=0.0)


def _play_until_killed(world: World, folder: Path, first: int, last: int) -> None:
    """Play the passes of a world in a process of their own, which is killed in the last of them."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.world",
            "--seed",
            str(world.seed),
            "--keep",
            ",".join(world.parts),
            "--folder",
            str(folder),
            "--passes",
            f"{first}-{last}",
        ],
        check=False,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def run(job: Job) -> Result:
    """Play a world, and smaller ones if something breaks."""
    begun = time.monotonic()
    found = _played(job.seed, job.keep)
    result = Result(seed=job.seed, took=time.monotonic() - begun, found=found)
    left = min(job.shrinking, job.until - time.time())
    if found and left > 0:
        worst = found[0]

        def fails(parts: frozenset[str]) -> bool:
            return any(
                b.name == worst.name and b.part == worst.part for b in _played(job.seed, parts)
            )

        kept = shrink(parts_of(build(job.seed, job.keep)), fails, likely=[worst.part], seconds=left)
        smallest = build(job.seed, kept)
        result.smallest = describe(smallest)
        result.keep = ",".join(parts_of(smallest))
    return result


def _played(seed: int, keep: Collection[str] | None) -> list[Broken]:
    with scratch() as folder:
        return play_world(build(seed, keep), folder)


def play_passes(seed: int, keep: tuple[str, ...] | None, folder: Path, passes: str) -> None:
    """Play some passes of a world, in a process that is to be killed."""
    world = build(seed, keep)
    first, _, last = passes.partition("-")
    os.chdir(folder)
    play(
        world.sites,
        folder,
        passes=world.passes,
        first=int(first),
        last=int(last),
        faults=world.faults,
        interval=2 * 3600,
    )
