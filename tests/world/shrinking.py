"""The smallest world that still fails: parts are taken away for as long as it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

__all__ = ["shrink"]


def shrink(
    parts: Sequence[str],
    fails: Callable[[frozenset[str]], bool],
    *,
    likely: Sequence[str] = (),
    seconds: float = 120.0,
    clock: Callable[[], float] = time.monotonic,
) -> frozenset[str]:
    """Return parts of a failing world, none of which can be taken away, or few when time is up.

    Args:
        parts: names of all parts: ``s0``, ``s0a1``, ``s0a1e0``, ``s0h0``, ``f0``, ``d30``.
        fails: whether the world of some parts still fails in the same way.
        likely: parts that are to blame, to be tried first by themselves.
        seconds: after which no further world is tried.
        clock: the present moment in seconds.
    """
    until = clock() + seconds
    kept = frozenset(parts)

    def try_without(gone: frozenset[str]) -> bool:
        nonlocal kept
        smaller = kept - gone
        if not gone & kept or clock() >= until or not fails(smaller):
            return False
        kept = smaller
        return True

    # The site that is to blame, by itself, is mostly enough.
    blamed = {name.partition("a")[0] for name in likely if name}
    if blamed:
        try_without(
            frozenset(n for n in kept if n[0] != "d" and not any(_within(n, b) for b in blamed))
        )
        stories = {name for name in likely if "a" in name}
        if stories:
            others = {n for n in kept if "a" in n and not any(_within(n, s) for s in stories)}
            try_without(frozenset(others))
    else:
        # Nobody is to blame: one site by itself, or half of them.
        sites = sorted(name for name in kept if name[0] == "s" and name[1:].isdigit())
        halves = (sites[: len(sites) // 2], sites[len(sites) // 2 :])
        for chosen in (*([site] for site in sites), *halves):
            others = [site for site in sites if site not in chosen]
            if try_without(frozenset(n for n in kept for o in others if _within(n, o))):
                break
    changed = True
    while changed and clock() < until:
        changed = False
        for name in sorted(kept, key=lambda n: (len(n), n)):
            if name in kept and name[0] != "d":
                changed |= try_without(frozenset(n for n in kept if _within(n, name)))
    for days in (1, 2, 4, 8, 16):
        now = min(int(n[1:]) for n in kept if n[0] == "d")
        if days < now and clock() < until:
            smaller = frozenset(n for n in kept if n[0] != "d") | {f"d{days}"}
            if fails(smaller):
                return smaller
    return kept


def _within(name: str, whole: str) -> bool:
    """Whether a part is another one or belongs to it."""
    return name == whole or (name.startswith(whole) and not name[len(whole)].isdigit())
