"""A world drawn from a seed: publishers, what they do, what strikes the program. And a smaller one.

Each part has a name: site ``s2``, its story ``s2a1``, an event of that ``s2a1e0``, a habit
``s2h0``, a fault ``f0``, and the days ``d12``. Every part is drawn from its own chance, so that a
world from which others were taken keeps it as it was.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.world.habits import FAMILIES, make_habit
from tests.world.harness import PASSES, Fault
from tests.world.layouts import draw_layout
from tests.world.model import Habit, Reply, Request, Site, Story
from tests.world.wording import EDITS, LANGUAGES, Draft, draft, edited

__all__ = ["World", "build", "describe", "parts_of"]

# What a log cannot tell from an edit that is taken back is played by the benchmark alone.
_APART: Final = frozenset({"stale copy"})
_EVENTS: Final = (
    ("edit", 8),
    ("revert", 2),
    ("takedown", 2),
    ("takedown and return", 1),
    ("headline", 1),
)
FAULTS: Final = ("worker", "busy worker", "process", "full disk")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A world.

    Attributes:
        seed: it was drawn from.
        days: that it lasts.
        sites: its publishers.
        faults: what strikes the program.
        sockets: whether it is played over real sockets.
        passes: hours at which the program makes a pass.
        parts: names of all that it is made of, with a few words on each.
    """

    seed: int
    days: int
    sites: tuple[Site, ...]
    faults: tuple[Fault, ...]
    sockets: bool
    passes: tuple[float, ...]
    parts: Mapping[str, str]


def _passes(days: int) -> tuple[float, ...]:
    often = [6.0 * n for n in range(1, 4 * min(days, 6))]
    daily = [24.0 * n + 3 for n in range(6, days)]
    hours = sorted({*(h for h in PASSES if h <= 24 * days), *often, *daily, 24.0 * days})
    # Two passes that are nearly one tell nothing more.
    kept = [hours[0]]
    for hour in hours[1:]:
        if hour - kept[-1] >= 1.0:
            kept.append(hour)
    return tuple(kept)


def _between(chance: random.Random, low: float, high: float, passes: tuple[float, ...]) -> float:
    """Return an hour that is no pass and not near one: nothing changes while a pass goes on."""
    while True:
        hour = chance.uniform(low, high)
        if all(not -0.05 <= hour - at <= 0.45 for at in passes):
            return round(hour, 2)


def _bad_line(chance: random.Random) -> Habit:
    """Return the habit of a server that answers badly now and then."""
    share, seed = chance.choice((0.04, 0.08, 0.15)), chance.random()

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        luck = random.Random(f"{seed}{request.path}{int(request.hours * 10)}")
        if luck.random() >= share:
            return reply
        what = luck.choice(("connect", "timeout", "truncated", "slow", "500", "503", "429", "torn"))
        if what == "slow":
            return replace(reply, slow=luck.uniform(1, 40))
        if what in ("connect", "timeout"):
            return Reply(failure=what)
        if what == "truncated":
            return replace(reply, failure=what, after=len(reply.body) // 2, key=None)
        if what == "torn":
            cut = reply.body[: len(reply.body) // 2]
            return (
                replace(reply, body=cut, close_delimited=True, key=None) if reply.story else reply
            )
        headers = {"content-type": "text/html", "retry-after": str(luck.choice((5, 40, 4000)))}
        return Reply(status=int(what), headers=headers, body=b"<h1>Try again later</h1>")

    return Habit(kind="bad line", sample=f"{share:.0%} of requests are answered badly", reply=reply)


def build(seed: int, keep: Collection[str] | None = None) -> World:
    """Return the world of a seed.

    Args:
        seed: any whole number.
        keep: names of the parts that stay, or None for all; ``dN`` makes it last N days.
    """
    chance = random.Random(f"world {seed}")
    days = chance.choice((6, 10, 14, 30))
    sockets = seed % 8 == 5
    wanted = [int(name[1:]) for name in keep or () if name.startswith("d")]
    passes = _passes(min([days, *wanted]))
    full = _passes(days)
    parts: dict[str, str] = {}
    sites = []
    for number in range(chance.randint(3, 6)):
        site = _site(seed, f"s{number}", full, days, keep, parts)
        if site is not None:
            sites.append(site)
    faults = []
    for number in range(chance.choice((0, 0, 1, 1, 2))):
        own = random.Random(f"{seed}/f{number}")
        kind = own.choice(FAULTS if not sockets else ("worker", "busy worker"))
        fault = Fault(kind=kind, run=own.randrange(1, len(full) - 4), after=own.randint(1, 12))
        name = f"f{number}"
        if (keep is None or name in keep) and fault.run < len(passes) - 1:
            parts[name] = f"{kind} at pass {fault.run}, after {fault.after} requests"
            faults.append(fault)
    last = min([days, *wanted])
    parts[f"d{last}"] = f"{last} days"
    return World(
        seed=seed,
        days=last,
        sites=tuple(sites),
        faults=tuple(faults),
        sockets=sockets,
        passes=passes,
        parts=parts,
    )


def _site(
    seed: int,
    name: str,
    passes: tuple[float, ...],
    days: int,
    keep: Collection[str] | None,
    parts: dict[str, str],
) -> Site | None:
    chance = random.Random(f"{seed}/{name}")
    language = chance.choice(LANGUAGES)
    lists = chance.choice((("rss",), ("atom",), ("sitemap",), ("rss", "sitemap"), ("listing",)))
    denies, count = chance.random() < 0.3, chance.randint(3, 5)
    number = zlib.crc32(f"{seed}{name}".encode()) % 10**6
    host = f"{name}-{number}-post.{chance.choice(('com', 'co.uk', 'com.cn', 'org'))}"
    habits = _habits(seed, name, language, keep, parts)
    # Where stories stand afterwards is no path that robots.txt names.
    denies = denies and not any(h.addressing for h in habits)
    robots = "User-agent: *\nDisallow: /admin/\n" + ("Disallow: /members/\n" if denies else "")
    unsettled = any(h.kind in ("headline test",) for h in habits)
    stories = []
    taken_down = chance.randrange(count)
    for number in range(count):
        story = _story(
            seed,
            f"{name}a{number}",
            language,
            passes,
            days,
            keep,
            parts,
            denied=denies and number == 0,
            may_go=number == taken_down,
            quiet=unsettled,
        )
        if story is not None:
            stories.append(story)
    if keep is not None and name not in keep:
        for part in [p for p in parts if p.startswith(name) and not p[len(name) :][:1].isdigit()]:
            del parts[part]
        return None
    parts[name] = f"{language}, {'+'.join(lists)}"
    return Site(
        id=name,
        host=host,
        hosts=(f"new.{host}",),
        name=f"{name.upper()} Post",
        language=language,
        lists=lists,
        layout=draw_layout(chance),
        stories=tuple(stories),
        habits=habits,
        robots=None if chance.random() < 0.1 and not denies else robots,
        delay=chance.choice((0.0, 0.0, 0.0, 5.0)),
        validators=chance.random() < 0.3,
        modified=chance.random() < 0.7,
        zone="UTC" if language == "en" else "Asia/Shanghai",
    )


def _habits(
    seed: int, name: str, language: str, keep: Collection[str] | None, parts: dict[str, str]
) -> tuple[Habit, ...]:
    made = []
    kinds = [kind for kind in FAMILIES if kind not in _APART]
    for number in range(3):
        chance = random.Random(f"{seed}/{name}h{number}")
        if chance.random() < 0.45:
            continue
        if number == 2:
            habit = _bad_line(chance)
        else:
            habit = make_habit(chance, chance.choice(kinds), language)
            if any(h.addressing for h in made) and habit.addressing:
                continue
        part = f"{name}h{number}"
        if keep is None or part in keep:
            parts[part] = f"{habit.kind}: {habit.sample}"
            made.append(habit)
    return tuple(made)


def _story(
    seed: int,
    name: str,
    language: str,
    passes: tuple[float, ...],
    days: int,
    keep: Collection[str] | None,
    parts: dict[str, str],
    *,
    denied: bool,
    may_go: bool,
    quiet: bool,
) -> Story | None:
    chance = random.Random(f"{seed}/{name}")
    last = 24.0 * days
    since = (
        -chance.uniform(1, 40)
        if chance.random() < 0.5
        else _between(chance, 0.5, last * 0.5, passes)
    )
    text = draft(chance, language)
    life: list[tuple[float, Draft | None]] = [(since, text)]
    told = []
    for number in range(0 if denied or quiet else chance.choice((0, 0, 1, 1, 2, 3))):
        own = random.Random(f"{seed}/{name}e{number}")
        at = _between(own, max(since, 0.0) + 0.4, last * 0.8, passes)
        kind = own.choices([k for k, _ in _EVENTS], [w for _, w in _EVENTS])[0]
        if kind.startswith("takedown") and not may_go:
            kind = "edit"
        part = f"{name}e{number}"
        if (keep is None or part in keep) and at > life[-1][0] + 0.5:
            parts[part] = f"{kind} at hour {at:g}"
            _happen(own, life, kind, at, last, passes)
            told.append(part)
    if keep is not None and name not in keep:
        for part in told:
            del parts[part]
        return None
    folder = "members" if denied else chance.choice(("news", "a", "2026/11"))
    noarchive = not denied and chance.random() < 0.06
    parts[name] = (
        f"published at hour {since:.1f}"
        + (", denied" if denied else "")
        + (", noarchive" if noarchive else "")
    )
    return Story(
        id=name,
        path=f"/{folder}/{name[-1]}/{chance.randrange(10**6):06d}.html",
        since=since,
        life=tuple(life),
        status=chance.choice((404, 404, 410, 451, 200)),
        denied=denied,
        noarchive=noarchive,
    )


def _happen(
    chance: random.Random,
    life: list[tuple[float, Draft | None]],
    kind: str,
    at: float,
    last: float,
    passes: tuple[float, ...],
) -> None:
    now = life[-1][1]
    if now is None:
        return
    if kind == "revert":
        earlier = [text for _, text in life[:-1] if text not in (None, now)]
        if earlier:
            life.append((at, earlier[-1]))
            return
        kind = "edit"
    if kind.startswith("takedown"):
        life.append((at, None))
        if kind.endswith("return") and at + 60 < last * 0.9:
            life.append((_between(chance, at + 40, last * 0.95, passes), now))
        return
    how = (
        "headline"
        if kind == "headline"
        else chance.choice([k for k in EDITS if k != "short figure"])
    )
    new = edited(chance, now, how)
    if new != now and new not in [text for _, text in life]:
        life.append((at, new))


def parts_of(world: World) -> list[str]:
    """Return the names of a world's parts, largest first."""
    return sorted(world.parts, key=lambda name: (_depth(name), name))


def _depth(name: str) -> int:
    if name.startswith("s"):
        return 3 if "e" in name else 2 if "a" in name else 1 if "h" in name else 0
    return 1


def describe(world: World) -> list[str]:
    """Return a world in lines."""
    return [f"{name}: {world.parts[name]}" for name in parts_of(world)]
