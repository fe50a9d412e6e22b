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
import random
import sys
import time
from dataclasses import dataclass, field, replace

from tests.world.habits import FAMILIES, HABIT_NOISE, make_habit
from tests.world.harness import play, read_served, rows, scratch, version_texts
from tests.world.layouts import draw_layout
from tests.world.model import Habit, Site, Story
from tests.world.running import side_by_side
from tests.world.wording import EDITS, LANGUAGES, Draft, draft, edited, with_short_line

HABITS, TRUE_EDITS = 300, 300
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
            life = ((-2.0, text), (chance.choice((0.6, 3.2, 14.0)), edited(chance, text, how)))
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
        after = EDITS[kind](chance, before)
    name = f"e{number}"
    # Before the look at 1.1, 6.3, 24.4, 72.5, 168.6 or 720.7 hours.
    hour = chance.choice((0.6, 3.3, 13.5, 50.0, 130.0, 410.0))
    story = Story(
        id=f"{name}a0", path=_path(chance, 0), since=-2.0, life=((-2.0, before), (hour, after))
    )
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
        served = collections.defaultdict(set)
        for request in read_served(folder):
            if request.story and request.key is not None and not request.cut:
                served[request.story].add(request.key)
        texts = version_texts(folder)
        known = rows(
            folder,
            "select a.id, a.url, p.host, a.title from articles a join pages p on p.id = a.id",
        )
        changes = rows(
            folder, "select page_id, at, kind, classes, severity from changes order by id"
        )
        added = {
            (r["page_id"], r["first_observed_at"]): (r["added"], r["removed"])
            for r in rows(folder, "select * from versions")
        }
        found = []
        for number, (site, extra) in made.items():
            habit = extra if isinstance(extra, Habit) else None
            hosts = (site.host, *site.hosts)
            pages = [
                row
                for row in known
                if row["host"] in hosts or row["host"].endswith("." + site.host)
            ]
            ids = {row["id"] for row in pages}
            mine = [row for row in changes if row["page_id"] in ids]
            kinds_told = collections.Counter(row["kind"] for row in mine)
            allowed = (habit.versions, habit.reverts) if habit else (0, 0)
            true = sum(max(0, len(served[s.id]) - 1) for s in site.stories)
            told = [row for row in mine if row["kind"] in ("edited", "retitled", "rebylined")]
            edits_told = len(told)
            right = true + allowed[0]
            finding = Finding(
                number=number,
                kind=habit.kind if habit else str(extra),
                language=site.language,
                sample=habit.sample
                if habit
                else changed_lines(site)
                + "".join(f" | beside: {h.kind}: {h.sample}" for h in site.habits),
                false_edits=max(0, edits_told - right),
                takedowns=kinds_told["gone"],
                reverts=max(0, kinds_told["reverted"] - allowed[1]),
                doubled=max(0, len(pages) - len(site.stories)),
                lost=max(0, len(site.stories) - len(pages)),
            )
            finding.cut = (
                len(site.stories)
                - finding.lost
                - sum(
                    any(
                        set(draft_.lines()) <= set(text.splitlines())
                        for row in pages
                        for _, text in texts.get(row["id"], ())
                        for draft_ in story.texts()
                    )
                    for story in site.stories
                )
            )
            if habit is None:
                after = site.stories[0].texts()[-1]
                finding.missed = not any(
                    title == after.title
                    and all(line in text.splitlines() for line in after.lines())
                    for row in pages
                    for title, text in texts.get(row["id"], ())
                )
            false = [
                row
                for row in mine
                if row["kind"] == "gone" or (row["kind"] == "reverted" and finding.reverts)
            ]
            false += told if finding.false_edits else []
            finding.severity = max((row["severity"] for row in false), default=0)
            finding.detail = [_told(row, added) for row in mine if row["kind"] != "new"]
            if finding.doubled:
                finding.detail += [f"page {row['url']}" for row in pages]
            if finding.lost:
                classes = rows(
                    folder,
                    "select class, message, count(*) as n from fetches where url like ? group"
                    " by class, message",
                    f"{site.root}%",
                )
                finding.detail += [
                    f"{row['n']} x {row['class']} {row['message']}" for row in classes
                ]
            found.append(finding)
    return found


def _told(row: object, added: dict[tuple[int, str], tuple[str, str]]) -> str:
    r = row  # type: ignore[assignment]
    plus, minus = added.get((r["page_id"], r["at"]), ("", ""))  # type: ignore[index]
    said = f"{r['at']} {r['kind']} {r['classes']} severity {r['severity']}"  # type: ignore[index]
    if r["kind"] in ("edited", "retitled", "rebylined"):  # type: ignore[index]
        said += f": +{plus[:160]!r} -{minus[:160]!r}"
    return said


def _print(finding: Finding, what: str) -> None:
    print(f"{what} {finding.number} [{finding.kind}, {finding.language}] {finding.sample}")
    for line in finding.detail[:8]:
        print(f"      {line}")


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
    parser.add_argument("--json", help="file for all findings")
    options = parser.parse_args()
    begun = time.monotonic()
    chosen = tuple(options.kind)
    unknown = [kind for kind in chosen if kind not in FAMILIES and kind not in EDITS]
    if unknown:
        parser.error(
            f"no kind is named {unknown[0]!r}; there are: {', '.join([*FAMILIES, *EDITS])}"
        )
    habit_kinds = tuple(k for k in FAMILIES if not chosen or k in chosen)
    edit_kinds = tuple(k for k in EDITS if not chosen or k in chosen)
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
    habits: list[Finding] = []
    true: list[Finding] = []
    for (what, *_), found in zip(*_in_order(jobs, options.processes), strict=True):
        (habits if what == "habits" else true).extend(found)
    habits.sort(key=lambda f: (f.kind, f.number))
    true.sort(key=lambda f: (f.kind, f.number))
    for finding in habits:
        if finding.is_false:
            _print(finding, "FALSE")
        elif finding.lost:
            _print(finding, "LOST")
        elif finding.cut:
            _print(finding, "CUT")
    for finding in true:
        if finding.missed:
            _print(finding, "MISSED")
        elif finding.is_false:
            _print(finding, "FALSE BESIDE A TRUE EDIT")
    false = [f for f in habits if f.is_false]
    beside = [f for f in true if f.is_false]
    grave = [f for f in (*false, *beside) if f.severity >= 3]
    missed = [f for f in true if f.missed]
    print(
        f"\n{len(habits)} habits that are no edit, {len(true)} true edits, 30 simulated days,"
        f" seed {options.seed},"
        f" {time.monotonic() - begun:.0f} s"
    )
    by_kind = collections.Counter(f.kind for f in false)
    total = collections.Counter(f.kind for f in habits)
    print(
        "false by kind: "
        + (", ".join(f"{k} {n}/{total[k]}" for k, n in by_kind.most_common()) or "none")
    )
    print(
        f"false edits {sum(f.false_edits for f in false)}, false takedowns"
        f" {sum(f.takedowns for f in false)},"
        f" false reverts {sum(f.reverts for f in false)}, doubled articles"
        f" {sum(f.doubled for f in false)},"
        f" of severity 3: {len(grave)}; stories not archived {sum(f.lost for f in habits)},"
        f" archived without some of their text {sum(f.cut for f in (*habits, *true))}"
    )
    most_false, most_missed = (
        int(MOST_FALSE * max(options.share, 0.5)),
        int(MOST_MISSED * max(options.share, 0.34)),
    )
    print(f"habits told falsely: {len(false)} of {len(habits)} (goal: at most {most_false})")
    print(
        f"true edits with something false beside them: {len(beside)} of {len(true)} (goal: at"
        f" most {most_false})"
    )
    print(f"missed edits: {len(missed)} of {len(true)} (goal: at most {most_missed})")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump([vars(f) for f in (*habits, *true)], file, ensure_ascii=False, indent=1)
    sys.exit(
        len(false) > most_false
        or len(beside) > most_false
        or len(missed) > most_missed
        or bool(grave)
    )


def _in_order(jobs: list[Job], processes: int) -> tuple[list[Job], list[list[Finding]]]:
    done = list(side_by_side(_labelled, jobs, processes=processes))
    return [job for job, _ in done], [found for _, found in done]


def _labelled(job: Job) -> tuple[Job, list[Finding]]:
    return job, run(job)


if __name__ == "__main__":
    main()
