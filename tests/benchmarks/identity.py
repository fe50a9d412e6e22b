"""Identity: one article under many addresses is one, two under nearly the same are two.

    python -m tests.benchmarks.identity [--share 0.2] [--seed 1] [--kind NAME]

200 simulated articles are reached by tracking parameters, sections, AMP and mobile twins, short
links, spellings, session identifiers, migrations with and without redirects; 100 pairs are truly
two articles with near-equal addresses (and texts), or with one canonical for the whole site. Exit 1
when more than 2 articles are doubled or any two are one.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import time
from dataclasses import dataclass, field

from tests.world.addresses import TWINS
from tests.world.harness import PASSES, play, read_served, rows, scratch, version_texts
from tests.world.layouts import draw_layout
from tests.world.model import Habit, Site, Story
from tests.world.pairs import PAIRS
from tests.world.running import side_by_side
from tests.world.wording import EDITS, LANGUAGES, Draft, draft

ARTICLES, PAIRS_COUNT = 200, 100
A_SITE = 2
MOST_DOUBLED = 2
BATCH = 20
DAYS = 14


@dataclass(kw_only=True)
class Finding:
    """What came of a site.

    Attributes:
        number: its number.
        kind, sample: how its stories are addressed.
        stories: how many it has.
        doubled: stories that are several articles.
        merged: stories that share an article with another, or whose text is taken for a version.
        lost: stories that were not archived.
        detail: addresses of the articles.
    """

    number: int
    kind: str
    sample: str
    stories: int
    doubled: int = 0
    merged: int = 0
    lost: int = 0
    detail: list[str] = field(default_factory=list)


def _make(
    name: str,
    chance: random.Random,
    language: str,
    stories: tuple[Story, ...],
    habit: Habit,
    lists: tuple[str, ...],
) -> Site:
    host = f"{name}-courier.{chance.choice(('com', 'net', 'co.uk', 'com.cn', 'org'))}"
    return Site(
        id=name,
        host=host,
        hosts=(f"new.{host}",),
        name=f"{name.upper()} Courier",
        language=language,
        layout=draw_layout(chance),
        stories=stories,
        habits=(habit,),
        lists=lists,
        scheme=chance.choice(("https", "http")),
        modified=chance.random() < 0.5,
    )


def twin_site(seed: int, number: int) -> Site:
    """Return a site whose articles are reached by several addresses."""
    chance = random.Random(f"twin {seed} {number}")
    language = LANGUAGES[(number // len(TWINS) + number) % 3]
    addressing = TWINS[number % len(TWINS)](chance)
    stories = tuple(
        Story(
            id=f"t{number}a{n}",
            path=f"/news/{n}/{chance.randrange(10**6):06d}.html",
            since=-2.0 - n,
            life=((-9.0, draft(chance, language)),),
        )
        for n in range(A_SITE)
    )
    habit = Habit(kind=addressing.kind, sample=addressing.sample, addressing=addressing)
    lists = ("rss", chance.choice(("atom", "rss", "sitemap")))
    return _make(f"t{number}", chance, language, stories, habit, lists)


def pair_site(seed: int, number: int) -> Site:
    """Return a site with two articles that are nearly one."""
    chance = random.Random(f"pair {seed} {number}")
    language = LANGUAGES[(number // len(PAIRS) + number) % 3]
    addressing = PAIRS[number % len(PAIRS)](chance)
    one = draft(chance, language)
    near = chance.random() < 0.5
    two: Draft | None = None
    while two is None or two == one or two.lines() == one.lines():
        two = draft(chance, language)
        if near:
            # The same report of another day: figures and names differ, the headline perhaps.
            two = one
            for kind in ("digit", "digit", "name", "weekday"):
                two = EDITS[kind](chance, two) or two
            two = two if chance.random() < 0.4 else EDITS["headline"](chance, two) or two
    assert two is not None
    stories = tuple(
        Story(id=f"p{number}a{n}", path=f"/x{n}", since=-2.0 - n, life=((-9.0, text),))
        for n, text in enumerate((one, two))
    )
    sample = addressing.sample + (", nearly the same text" if near else "")
    habit = Habit(kind=addressing.kind, sample=sample, addressing=addressing)
    return _make(f"p{number}", chance, language, stories, habit, ("rss",))


def run(job: tuple[str, int, tuple[int, ...]]) -> list[Finding]:
    """Play a batch of sites and judge what the archive makes of their addresses."""
    what, seed, numbers = job
    made = {n: (twin_site if what == "twins" else pair_site)(seed, n) for n in numbers}
    passes = [h for h in PASSES if h <= 24 * DAYS]
    with scratch() as folder:
        played = play(list(made.values()), folder, passes=passes, interval=3 * 3600)
        if played.stopped or played.broken:
            raise SystemExit(f"the pipeline broke: {played.stopped} {played.broken}")
        seen = {r.story for r in read_served(folder) if r.story}
        texts = version_texts(folder)
        known = rows(
            folder,
            "select a.id, a.url, p.host from articles a join pages p on p.id = a.id order by a.id",
        )
        return [
            _judge(
                n,
                site,
                [r for r in known if r["host"] == site.host or r["host"].endswith("." + site.host)],
                texts,
                seen,
                folder,
            )
            for n, site in made.items()
        ]


def _judge(
    number: int,
    site: Site,
    pages: list,
    texts: dict[int, list[tuple[str, str]]],
    seen: set[str],
    folder: object,
) -> Finding:  # type: ignore[type-arg]
    habit = site.habits[0]
    finding = Finding(
        number=number,
        kind=habit.kind,
        sample=f"[{site.language}, {'+'.join(site.lists)}] {habit.sample}",
        stories=len(site.stories),
    )
    holders: dict[str, list[str]] = collections.defaultdict(list)
    for row in pages:
        shown = {
            story.id
            for story in site.stories
            for title, text in texts.get(row["id"], ())
            if set(story.texts()[0].lines()) <= set(text.splitlines())
        }
        if len(shown) > 1:
            finding.merged += 1
        for story in shown:
            holders[story].append(row["url"])
        finding.detail.append(
            f"{row['url']}: {', '.join(sorted(shown)) or 'no story of this site'}"
        )
    finding.doubled = sum(len(urls) > 1 for urls in holders.values())
    absent = [story.id for story in site.stories if story.id not in holders]
    # Of a pair, one that is not there was taken for the other.
    if site.id.startswith("p"):
        finding.merged += len(absent)
    finding.lost = len(absent)
    if absent:
        finding.detail.append(
            f"not archived: {', '.join(absent)}"
            + ("" if set(absent) <= seen else " (never asked for)")
        )
        classes = rows(
            folder,
            "select url, final_url, class, message from fetches where url like ? group by url,"
            " class limit 8",
            f"%{site.host}%",
        )  # type: ignore[arg-type]
        finding.detail += [
            f"{r['class']} {r['url']} {r['final_url']} {r['message']}" for r in classes
        ]
    return finding


def main() -> None:
    """Play them and print what was doubled and what was merged."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.identity", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the sites, for a short run")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random")
    parser.add_argument("--processes", type=int, default=0, help="at once; 0: one to a processor")
    options = parser.parse_args()
    begun = time.monotonic()
    jobs = []
    for what, count in (("twins", ARTICLES // A_SITE), ("pairs", PAIRS_COUNT)):
        count = max(1, round(count * options.share))
        jobs += [
            (what, options.seed, tuple(range(i, min(i + BATCH, count))))
            for i in range(0, count, BATCH)
        ]
    found = {what: [] for what, *_ in jobs}
    for what, findings in side_by_side(_labelled, jobs, processes=options.processes):
        found[what] += findings
    twins, pairs = (sorted(found[k], key=lambda f: (f.kind, f.number)) for k in ("twins", "pairs"))
    for finding in (*twins, *pairs):
        what = [
            w
            for w, n in (
                ("DOUBLED", finding.doubled),
                ("MERGED", finding.merged),
                ("LOST", finding.lost),
            )
            if n
        ]
        if what:
            print(f"{' '.join(what)} {finding.number} [{finding.kind}] {finding.sample}")
            for line in finding.detail[:9]:
                print(f"      {line}")
    articles = sum(f.stories for f in twins)
    doubled, lost = sum(f.doubled for f in (*twins, *pairs)), sum(f.lost for f in twins)
    merged = sum(f.merged for f in (*twins, *pairs))
    kinds = collections.Counter()
    for f in (*twins, *pairs):
        kinds[f.kind] += f.doubled + f.merged
    print(
        f"\n{articles} articles by many addresses, {len(pairs)} pairs, {DAYS} simulated days,"
        f" seed {options.seed},"
        f" {time.monotonic() - begun:.0f} s"
    )
    print(
        "wrong by kind: " + (", ".join(f"{k} {n}" for k, n in kinds.most_common() if n) or "none")
    )
    print(
        f"doubled articles: {doubled} of {articles} (goal: at most {MOST_DOUBLED}); merged"
        f" wrongly: {merged} (goal: 0);"
        f" not archived: {lost} (goal: 0)"
    )
    sys.exit(doubled > MOST_DOUBLED or merged > 0 or lost > 0)


def _labelled(job: tuple[str, int, tuple[int, ...]]) -> tuple[str, list[Finding]]:
    return job[0], run(job)


if __name__ == "__main__":
    main()
