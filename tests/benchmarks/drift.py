"""Simulated hosts whose pages change: are redesigns, walls and slow changes told, and nothing else?

``python -m tests.benchmarks.drift`` simulates 40 hosts over 90 days: 12 are redesigned, 8 raise a
wall, 6 change slowly, 14 do nothing. Hosts differ in pages a day, in how much their texts vary, in
templates, in pages with elements of their own, and in pages that show no article anyway. A grave
change must be told within five pages of its host; what is told outside of any change is a false
alarm, counted by host and year. Further seeds are other hosts (``--seeds 10``); thresholds were
chosen on the seeds below 100, so that what ``--first 1001`` prints is what they are worth.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from scraper.coverage.drift import (
    ARTICLE,
    BARRED,
    BASELINE,
    EMPTY,
    DriftState,
    Look,
    step,
)
from scraper.models.drift import PageShape

HOSTS, DAYS = 40, 90
# The hosts that change, by what happens to them.
PLAN = (
    *(["rubble"] * 5), *(["bloated"] * 4), *(["quiet redesign"] * 3),
    *(["hard wall"] * 3), *(["soft wall"] * 3), *(["empty"] * 2),
    *(["slow loss"] * 3), *(["slow links"] * 3),
)  # fmt: skip
REDESIGNS, WALLS = ("rubble", "bloated", "quiet redesign"), ("hard wall", "soft wall", "empty")
# Pages of the host within which a grave change must be told.
WITHIN = 5


@dataclass
class Host:
    """A simulated host, and what it shows."""

    chance: random.Random
    change: str
    a_day: float = 0.0
    begins: int = 0
    lasts: int = 0
    templates: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = self.chance
        self.a_day = math.exp(chance.uniform(math.log(3), math.log(12)))
        self.middle = chance.uniform(6.3, 8.6)
        self.spread = chance.uniform(0.25, 0.7)
        self.briefs = chance.choice((0.0, 0.1, 0.25))
        self.odd = chance.choice((0.0, 0.005, 0.02, 0.05))
        self.none = chance.choice((0.0, 0.01, 0.04, 0.1))
        self.confidence = chance.uniform(0.7, 0.95)
        self.links = chance.uniform(0.005, 0.05)
        self.cut = chance.uniform(0.2, 0.75)
        shares = chance.choice(((1.0,), (0.85, 0.15), (0.6, 0.3, 0.1), (0.93, 0.05, 0.02)))
        self.templates = [(f"t{number}", share) for number, share in enumerate(shares)]
        # Enough pages before the change that the host is known, and enough after it.
        self.begins = chance.randint(30, 60)
        self.lasts = chance.randint(20, 28)

    def pages(self) -> Iterator[tuple[float, Look]]:
        """Yield each page with its day."""
        for day in range(DAYS):
            rate = self.a_day * (0.4 if day % 7 in (5, 6) else 1.15)
            count = sum(self.chance.random() < rate / 200 for _ in range(200))
            for number in range(count):
                yield day + number / max(1, count), self.page(day)

    def progress(self, day: float) -> float:
        """How far a slow change has gone, 0 to 1."""
        return min(1.0, max(0.0, (day - self.begins) / self.lasts))

    def page(self, day: int) -> Look:
        """One page of a day."""
        chance, on = self.chance, self.begins <= day
        kind = self.change if on else ""
        wall = kind in WALLS and day < self.begins + self.lasts
        if wall and kind == "hard wall" and chance.random() < 0.9:
            return Look(kind=BARRED)
        if wall and kind == "empty" and chance.random() < 0.95:
            return Look(kind=EMPTY)
        if chance.random() < self.none:
            return Look(kind=chance.choice((BARRED, EMPTY, EMPTY)))
        length = chance.gauss(self.middle, self.spread)
        if chance.random() < self.briefs:
            length -= chance.uniform(0.8, 1.4)
        if chance.random() < 0.01:
            length -= chance.uniform(1, 3)
        links = min(0.9, self.links * math.exp(chance.gauss(0, 0.7)))
        odds = math.log(self.cut / (1 - self.cut)) + chance.gauss(0, 0.45)
        confidence = min(0.99, self.confidence + chance.gauss(0, 0.06))
        if chance.random() < 0.04:
            confidence -= chance.uniform(0.1, 0.5)
        fields = 5 - (chance.random() < 0.15) - (chance.random() < 0.03)
        template = self.template(kind)
        if kind == "rubble":
            length += math.log(chance.uniform(0.03, 0.3))
            links, odds = min(0.95, links * chance.uniform(3, 12)), odds + chance.uniform(0.5, 2)
            confidence -= chance.uniform(0.15, 0.5)
            fields -= chance.randint(0, 2)
        elif kind == "bloated":
            length += math.log(chance.uniform(1.2, 2.5))
            links, odds = min(0.95, links + chance.uniform(0.1, 0.4)), odds - chance.uniform(0.5, 2)
            confidence -= chance.uniform(0.1, 0.4)
        elif kind == "soft wall" and wall:
            length += math.log(chance.uniform(0.05, 0.2))
            odds += chance.uniform(0.5, 1.5)
            confidence -= chance.uniform(0.0, 0.3)
        elif kind == "slow loss":
            length += math.log(1 - 0.8 * self.progress(day))
        elif kind == "slow links":
            links = min(0.9, links * math.exp(2.8 * self.progress(day)))
            odds += 1.2 * self.progress(day)
        return Look(
            kind=ARTICLE,
            shape=PageShape(
                length=math.exp(max(3.0, length)),
                links=links,
                cut=1 / (1 + math.exp(-odds)),
                fields=max(1, fields),
                confidence=max(0.02, confidence),
                template=template,
                extractor="1",
            ),
        )

    def template(self, kind: str) -> tuple[tuple[str, float], ...]:
        """The elements that hold a page's text."""
        if self.chance.random() < self.odd:
            return ((f"odd{self.chance.getrandbits(40)}", 1.0),)
        [(name, _)] = self.chance.choices(self.templates, [share for _, share in self.templates])
        redesigned = "new-" if kind in REDESIGNS else ""
        return ((f"{redesigned}{name}", 0.8), (f"{redesigned}{name}-quote", 0.2))

    def is_grave(self, day: float) -> bool:
        """Whether what changed by then hurts the text: of a slow change, half of it."""
        if self.change in WALLS:
            return self.begins <= day < self.begins + self.lasts
        if self.change.startswith("slow"):
            return self.progress(day) >= 0.625
        return bool(self.change) and self.begins <= day


@dataclass
class Outcome:
    """What was told of a host."""

    change: str
    told_after: int | None = None
    false: int = 0
    pages: int = 0
    held_well: int = 0
    kept_badly: int = 0
    ended: str = ""
    kinds: list[str] = field(default_factory=list)


def follow(host: Host) -> Outcome:
    """Run a host's pages through the charts as the archive does."""
    found = Outcome(change=host.change)
    state, before, held = DriftState(), [], []
    grave = 0
    for day, look in host.pages():
        found.pages += 1
        changed = bool(host.change) and int(day) >= host.begins
        grave += host.is_grave(int(day))
        one = step(state, before[:BASELINE], look, held=held)
        state = one.state
        if one.began and changed:
            if found.told_after is None:
                found.told_after = grave
        elif one.began:
            found.false += 1
            found.kinds.append(one.began)
        if one.hold:
            held.insert(0, look)
            found.held_well += not changed
        else:
            before.insert(0, look)
            # Texts of a rubble page that became versions before the host was known to drift.
            bad = host.change in ("rubble", "bloated", "soft wall") and host.is_grave(int(day))
            found.kept_badly += bad and look.kind == ARTICLE
        if one.ended:
            found.ended = one.ended if changed else found.ended
            before = [*held, *before] if one.ended in ("proven", "over") else before
            held = []
    return found


def simulate(seed: int) -> list[Outcome]:
    """Follow all hosts of a seed."""
    changes = [*PLAN, *([""] * (HOSTS - len(PLAN)))]
    return [
        follow(Host(chance=random.Random(f"{seed}/{number}"), change=change))
        for number, change in enumerate(changes)
    ]


def main() -> None:
    """Print the table; the exit code is 1 where a grave change is told late or too much is told."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.drift", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many sets of hosts")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    outcomes = [outcome for seed in seeds for outcome in simulate(seed)]
    late = report(outcomes, len(seeds))
    sys.exit(late)


def report(outcomes: list[Outcome], seeds: int) -> bool:
    """Print what came of all hosts; return whether a criterion does not hold."""
    print(f"{seeds} × {HOSTS} hosts, {DAYS} days, {sum(o.pages for o in outcomes):,} pages")
    print(f"{'change':<16} hosts  told  within {WITHIN}  pages until told       bad texts kept")
    late = 0
    for change in dict.fromkeys(PLAN):
        those = [o for o in outcomes if o.change == change]
        after = sorted(o.told_after if o.told_after is not None else 10**6 for o in those)
        told = [n for n in after if n < 10**6]
        quick = sum(n <= WITHIN for n in told)
        # A quiet redesign is not grave: its text is read as before.
        late += len(those) - quick if change != "quiet redesign" else 0
        median = told[len(told) // 2] if told else "-"
        most = max(told, default="-")
        kept = sum(o.kept_badly for o in those)
        print(
            f"{change:<16} {len(those):>5} {len(told):>5} {quick:>9}"
            f"  median {median}, most {most}".ljust(60)
            + f"{kept}"
        )
    calm = sum(o.pages for o in outcomes)
    false = sum(o.false for o in outcomes)
    years = seeds * HOSTS * DAYS / 365
    held = sum(o.held_well for o in outcomes)
    print(
        f"false alarms     {false} in {years:.1f} host-years: {false / years:.2f} a host and year"
    )
    for kind in sorted({kind for o in outcomes for kind in o.kinds}):
        print(f"                 {kind}: {sum(o.kinds.count(kind) for o in outcomes)}")
    print(f"held for a while {held} pages without a change ({held / calm:.2%} of all pages)")
    return bool(late) or false / years > 1


if __name__ == "__main__":
    main()
