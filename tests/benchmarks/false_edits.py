"""False edits: publishers' habits that are no edit, and true edits, over 30 simulated days.

    python -m tests.benchmarks.false_edits [--share 0.2] [--seed 1] [--kind NAME]

300 publishers each do something again and again that is no edit: lines that tell the time or count,
adverts, layouts by turns, stale copies, headline tests, languages by turns, outages, moves. 300
others make one true edit each: a digit, a name, a negation, a unit, a quote, a sentence in or out,
in English, Simplified and Traditional; half of them have a habit of the first sort besides. All are
watched by the real pipeline. Exit 1 when more than 2 habits are told falsely (or any with severity
3), or more than 3 edits are missed; with ``--share`` both bounds are taken of that share.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.world.habits import FAMILIES, HABIT_NOISE, make_habit
from tests.world.harness import play, read_served, rows, scratch, version_texts
from tests.world.layouts import draw_layout
from tests.world.model import Habit, Site, Story
from tests.world.running import side_by_side
from tests.world.wording import EDITS, LANGUAGES, Draft, draft, edited, with_short_line

HABITS, TRUE_EDITS = 300, 300
# An edit that its publisher takes back; the archive tells both.
TAKEN_BACK = "taken back"
EDIT_KINDS = (*EDITS, TAKEN_BACK)
MOST_FALSE, MOST_MISSED = 2, 3
BATCH = 25
# A site of one page cannot be told from its page.
WHOLE_SITE = frozenset(
    {
        "site-wide 404",
        "site-wide front page",
        "server errors",
        "maintenance page",
        "requests refused",
        "challenge page",
        "region notice 451",
        "consent or login page",
        "parked domain",
        "no answer",
        "empty answers",
        "move with redirects",
        "move without redirects",
    }
)


@dataclass(kw_only=True)
class Finding:
    """What came of a publisher.

    Attributes:
        number: its number.
        kind: of its habit or of its edit.
        sample: how it goes.
        language: of its stories.
        false_edits, takedowns, reverts, doubled: told though nothing of the kind happened.
        severity: the gravest of what was told falsely.
        missed: whether its true edit has no version.
        lost: stories that were not archived at all.
        cut: stories of which no version has all paragraphs.
        detail: what the ledger says.
    """

    number: int
    kind: str
    sample: str
    language: str
    false_edits: int = 0
    takedowns: int = 0
    reverts: int = 0
    doubled: int = 0
    severity: int = 0
    missed: bool = False
    lost: int = 0
    cut: int = 0
    detail: list[str] = field(default_factory=list)

    @property
    def is_false(self) -> bool:
        """Whether anything was told that is not so."""
        return bool(self.false_edits or self.takedowns or self.reverts or self.doubled)


def _site(
    name: str, chance: random.Random, language: str, stories: tuple[Story, ...], *habits: Habit
) -> Site:
    ends = ("com", "net", "co.uk") if language == "en" else ("com", "com.cn", "com.tw")
    host = f"{name}-gazette.{chance.choice(ends)}"
    return Site(
        id=name,
        host=host,
        hosts=(f"new.{host}",),
        name=f"The {name.upper()} Gazette" if language == "en" else f"{name.upper()}日报",
        language=language,
        layout=draw_layout(chance),
        stories=stories,
        habits=habits,
        zone="Europe/London" if language == "en" else "Asia/Shanghai",
        scheme=chance.choice(("https", "https", "http")),
        validators=chance.random() < 0.3,
        modified=chance.random() < 0.7,
    )


def _path(chance: random.Random, number: int) -> str:
    return chance.choice(
        (
            "/news/{n}/{r}.html",
            "/{n}{r}",
            "/2026/11/19/{r}.html",
            "/article/{r}-{n}",
            "/a/{r}/",
            "/story?id={r}{n}",
            "/world/{r}.shtml",
        )
    ).format(n=number, r=f"{chance.randrange(10**7):07d}")


def habit_site(seed: int, number: int, kinds: tuple[str, ...]) -> tuple[Site, Habit]:
    """Return a publisher with a habit, by its number."""
    chance = random.Random(f"habit {seed} {number}")
    kind = kinds[number % len(kinds)]
    language = LANGUAGES[(number // len(kinds) + number) % 3]
    habit = make_habit(chance, kind, language)
    name = f"h{number}"
    count = 3 if kind in WHOLE_SITE else 1
    if kind.startswith("move "):
        count = 2
    stories = []
    for place in range(count):
        text = draft(chance, language)
        life: tuple[tuple[float, Draft | None], ...] = ((-2.0, text),)
        if kind == "stale copy":
            how = chance.choice(sorted(EDITS))
            life = (
                (-2.0, text),
                (chance.choice((-1.0, 0.6, 3.2, 14.0)), edited(chance, text, how)),
            )
        path = _path(chance, place)
        if kind.startswith("move "):
            path = f"/news/{place}/{chance.randrange(10**6):06d}.html"
        stories.append(Story(id=f"{name}a{place}", path=path, since=-2.0 - place, life=life))
    site = _site(name, chance, language, tuple(stories), habit)
    # A stale page shows that it is one by its own time alone.
    return (replace(site, modified=True) if kind == "stale copy" else site), habit


def edit_site(seed: int, number: int, kinds: tuple[str, ...]) -> tuple[Site, str]:
    """Return a publisher that makes a true edit, by its number, and what it edits."""
    chance = random.Random(f"edit {seed} {number}")
    kind = kinds[number % len(kinds)]
    language = LANGUAGES[(number // len(kinds) + number) % 3]
    before = after = draft(chance, language)
    while after is None or after == before:
        before = draft(chance, language)
        if kind == "short figure":
            before = with_short_line(chance, before)
        after = EDITS["digit" if kind == TAKEN_BACK else kind](chance, before)
    name = f"e{number}"
    # Before the look at 1.1, 6.3, 24.4, 72.5, 168.6 or 720.7 hours.
    hour = chance.choice((0.6, 3.3, 13.5, 50.0, 130.0, 410.0))
    life = [(-2.0, before), (hour, after)]
    if kind == TAKEN_BACK:
        # The usual looks end after a month: an edit that is never met is none that can be missed.
        life = [(-2.0, before), (min(hour, 50.0), after)]
        life.append((3.0 * max(life[1][0], 1.2), before))
    story = Story(id=f"{name}a0", path=_path(chance, 0), since=-2.0, life=tuple(life))
    habits = (
        [make_habit(chance, chance.choice(HABIT_NOISE), language)] if chance.random() < 0.5 else []
    )
    return _site(name, chance, language, (story,), *habits), kind


def changed_lines(site: Site) -> str:
    """Return what the true edit of a publisher changes."""
    before, after = site.stories[0].texts()
    old = [line for line in before.lines() if line not in after.lines()]
    new = [line for line in after.lines() if line not in before.lines()]
    if before.title != after.title:
        old, new = [before.title], [after.title]
    said = f"{' / '.join(old) or '(nothing)'} → {' / '.join(new) or '(nothing)'}"
    return said if len(said) < 420 else said[:420] + "…"


Job = tuple[str, int, tuple[int, ...], tuple[str, ...]]


def run(job: Job) -> list[Finding]:
    """Play a batch of publishers and judge what the archive says of each."""
    what, seed, numbers, kinds = job
    make = habit_site if what == "habits" else edit_site
    made = {number: make(seed, number, kinds) for number in numbers}
    with scratch() as folder:
        played = play([site for site, _ in made.values()], folder)
        if played.stopped or played.broken:
            raise SystemExit(f"the pipeline broke: {played.stopped} {played.broken}")
        archived = _Archived(folder)
        return [archived.judge(number, site, what) for number, (site, what) in made.items()]


class _Archived:
    """What an archive says after a run, beside what was served.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._served: dict[str, set[int]] = collections.defaultdict(set)
        for request in read_served(folder):
            if request.story and request.key is not None and not request.cut:
                self._served[request.story].add(request.key)
        self._texts = version_texts(folder)
        self._articles = rows(
            folder, "select a.id, a.url, p.host from articles a join pages p on p.id = a.id"
        )
        self._changes = rows(folder, "select * from changes order by id")
        self._differences = {
            (r["page_id"], r["first_observed_at"]): (r["added"], r["removed"])
            for r in rows(folder, "select * from versions")
        }

    def judge(self, number: int, site: Site, what: Habit | str) -> Finding:
        """Return what came of a publisher, given its habit or the kind of its edit."""
        habit = what if isinstance(what, Habit) else None
        hosts = (site.host, *site.hosts)
        pages = [
            row
            for row in self._articles
            if row["host"] in hosts or row["host"].endswith("." + site.host)
        ]
        ids = {row["id"] for row in pages}
        entries = [row for row in self._changes if row["page_id"] in ids]
        count = collections.Counter(row["kind"] for row in entries)
        told = [row for row in entries if row["kind"] in ("edited", "retitled", "rebylined")]
        true = sum(max(0, len(self._served[story.id]) - 1) for story in site.stories)
        versions, reverts = (habit.versions, habit.reverts) if habit else (0, what == TAKEN_BACK)
        finding = Finding(
            number=number,
            kind=habit.kind if habit else str(what),
            language=site.language,
            sample=habit.sample if habit else changed_lines(site),
            false_edits=max(0, len(told) - true - versions),
            takedowns=count["gone"],
            reverts=max(0, count["reverted"] - reverts),
            doubled=max(0, len(pages) - len(site.stories)),
            lost=max(0, len(site.stories) - len(pages)),
        )
        texts = [pair for row in pages for pair in self._texts.get(row["id"], ())]
        whole = sum(any(_has(texts, draft) for draft in story.texts()) for story in site.stories)
        finding.cut = max(0, len(site.stories) - finding.lost - whole)
        if habit is None:
            finding.sample += "".join(f" | beside: {h.kind}: {h.sample}" for h in site.habits)
            after = site.stories[0].texts()[-1]
            finding.missed = not _has(texts, after, title=after.title)
            if what == TAKEN_BACK and len(self._served[site.stories[0].id]) > 1:
                finding.missed |= count["reverted"] == 0
        false = [row for row in entries if row["kind"] == "gone"]
        false += [row for row in entries if row["kind"] == "reverted" and finding.reverts]
        false += told if finding.false_edits else []
        finding.severity = max((row["severity"] for row in false), default=0)
        finding.detail = [self._in_words(row) for row in entries if row["kind"] != "new"]
        finding.detail += [f"page {row['url']}" for row in pages if finding.doubled]
        finding.detail += self._outcomes(site) if finding.lost else []
        return finding

    def _in_words(self, entry: sqlite3.Row) -> str:
        said = f"{entry['at']} {entry['kind']} {entry['classes']} severity {entry['severity']}"
        if entry["kind"] in ("edited", "retitled", "rebylined"):
            plus, minus = self._differences.get((entry["page_id"], entry["at"]), ("", ""))
            said += f": +{plus[:160]!r} -{minus[:160]!r}"
        return said

    def _outcomes(self, site: Site) -> list[str]:
        found = rows(
            self._folder,
            "select class, message, count(*) as n from fetches where url like ?"
            " group by class, message",
            f"{site.root}%",
        )
        return [f"{row['n']} x {row['class']} {row['message']}" for row in found]


def _has(versions: Sequence[tuple[str, str]], text: Draft, *, title: str = "") -> bool:
    """Return whether some version has all paragraphs of a text, and a headline if one is given."""
    return any(
        set(text.lines()) <= set(body.splitlines()) and title in ("", headline)
        for headline, body in versions
    )


def _print(finding: Finding, what: str) -> None:
    print(f"{what} {finding.number} [{finding.kind}, {finding.language}] {finding.sample}")
    for line in finding.detail[:8]:
        print(f"      {line}")


def report(habits: Sequence[Finding], true: Sequence[Finding], share: float) -> bool:
    """Print what was told falsely and what was missed; return whether the goals are met.

    Args:
        habits: what came of publishers that edit nothing.
        true: what came of those that edit.
        share: of all publishers that were played.
    """
    for finding in habits:
        if finding.is_false:
            _print(finding, "FALSE")
        elif finding.lost or finding.cut:
            _print(finding, "LOST" if finding.lost else "CUT")
    for finding in true:
        if finding.missed:
            _print(finding, "MISSED")
        elif finding.is_false:
            _print(finding, "FALSE BESIDE A TRUE EDIT")
    false = [f for f in habits if f.is_false]
    beside = [f for f in true if f.is_false]
    grave = [f for f in (*false, *beside) if f.severity >= 3]
    missed = [f for f in true if f.missed]
    by_kind = collections.Counter(f.kind for f in false)
    total = collections.Counter(f.kind for f in habits)
    said = ", ".join(f"{kind} {n}/{total[kind]}" for kind, n in by_kind.most_common())
    print(f"\nfalse by kind: {said or 'none'}")
    print(
        f"false edits {sum(f.false_edits for f in false)},"
        f" false takedowns {sum(f.takedowns for f in false)},"
        f" false reverts {sum(f.reverts for f in false)},"
        f" doubled articles {sum(f.doubled for f in false)}, of severity 3: {len(grave)};"
        f" stories not archived {sum(f.lost for f in (*habits, *true))},"
        f" archived without some of their text {sum(f.cut for f in (*habits, *true))}"
    )
    most_false, most_missed = (math.ceil(most * share) for most in (MOST_FALSE, MOST_MISSED))
    for name, found, of, most in (
        ("habits told falsely", false, habits, most_false),
        ("true edits with something false beside them", beside, true, most_false),
        ("missed edits", missed, true, most_missed),
    ):
        print(f"{name}: {len(found)} of {len(of)} (goal: at most {most})")
    few = max(len(false), len(beside)) <= most_false and len(missed) <= most_missed
    return few and not grave


def main() -> None:
    """Play them and print what was told falsely and what was missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.false_edits", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the publishers, for a short run"
    )
    parser.add_argument("--seed", type=int, default=1, help="of all that is random")
    parser.add_argument(
        "--kind", action="append", default=[], help="only this kind of habit or edit"
    )
    parser.add_argument("--processes", type=int, default=0, help="at once; 0: one to a processor")
    parser.add_argument("--json", type=Path, help="file for all findings")
    options = parser.parse_args()
    begun = time.monotonic()
    chosen = tuple(options.kind)
    unknown = [kind for kind in chosen if kind not in FAMILIES and kind not in EDIT_KINDS]
    if unknown:
        parser.error(
            f"no kind is named {unknown[0]!r}; there are: {', '.join([*FAMILIES, *EDIT_KINDS])}"
        )
    habit_kinds = tuple(k for k in FAMILIES if not chosen or k in chosen)
    edit_kinds = tuple(k for k in EDIT_KINDS if not chosen or k in chosen)
    counts = (
        round(HABITS * options.share) if habit_kinds else 0,
        round(TRUE_EDITS * options.share) if edit_kinds else 0,
    )
    jobs: list[Job] = []
    for what, count, kinds in zip(
        ("habits", "edits"), counts, (habit_kinds, edit_kinds), strict=True
    ):
        # The first numbers already go through all kinds.
        numbers = range(count)
        jobs += [
            (what, options.seed, tuple(numbers[i : i + BATCH]), kinds)
            for i in range(0, count, BATCH)
        ]
    found: dict[str, list[Finding]] = {"habits": [], "edits": []}
    for what, findings in side_by_side(_labelled, jobs, processes=options.processes):
        found[what] += findings
    habits, true = (sorted(f, key=lambda f: (f.kind, f.number)) for f in found.values())
    met = report(habits, true, options.share)
    print(
        f"{len(habits)} habits that are no edit, {len(true)} true edits, 30 simulated days,"
        f" seed {options.seed}, {time.monotonic() - begun:.0f} s"
    )
    if options.json:
        told = [vars(finding) for finding in (*habits, *true)]
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.exit(not met)


def _labelled(job: Job) -> tuple[str, list[Finding]]:
    return job[0], run(job)


if __name__ == "__main__":
    main()
