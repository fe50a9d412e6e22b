"""The truth that the world tells, and what is told where an invariant breaks."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.identity import pair_site, twin_site
from tests.world.habits import FAMILIES, make_habit
from tests.world.harness import PASSES, Fault, play, read_served, rows
from tests.world.invariants import Broken, broken
from tests.world.layouts import draw_layout
from tests.world.loop import run_simulated
from tests.world.model import Habit, Reply, Request, Site, Story, answer, look_of
from tests.world.playing import play_world
from tests.world.shrinking import shrink
from tests.world.wording import EDITS, LANGUAGES, draft, with_short_line
from tests.world.worlds import World, build, parts_of

# Each run opens workers of its own, which takes its time on a machine that is busy.
pytestmark = pytest.mark.timeout(300)

HOURS = (0.0, 1.1, 6.3, 24.4, 72.5)


def site_of(seed: int, *habits: Habit, stories: int = 3, edit: str = "") -> Site:
    chance = random.Random(seed)
    language = LANGUAGES[seed % 3]
    made = []
    for number in range(stories):
        before = draft(chance, language)
        life = [(-2.0, before)]
        if edit and number == 0:
            after = EDITS[edit](chance, before)
            assert after is not None
            life.append((3.0, after))
        path = f"/news/{number}/{chance.randrange(10**6)}.html"
        made.append(Story(id=f"s0a{number}", path=path, since=-2.0, life=tuple(life)))
    return Site(
        id="s0",
        host="s0-quill-post.com",
        hosts=("new.s0-quill-post.com",),
        name="Quill Post",
        language=language,
        layout=draw_layout(chance),
        stories=tuple(made),
        habits=habits,
    )


def world_of(site: Site, *, faults: tuple[Fault, ...] = ()) -> World:
    return World(
        seed=0, days=4, sites=(site,), faults=faults, sockets=False, passes=HOURS, parts={"d4": ""}
    )


def judged(site: Site, folder: Path, seen_by: Site | None = None) -> list[Broken]:
    """Play a site and judge it, or judge it as if it had been another one."""
    played = play([site], folder, passes=HOURS, interval=3600)
    other = seen_by or site
    return broken(world_of(other), [other], played)


def asked(site: Site, hours: float, number: int = 0) -> Reply:
    request = Request(
        scheme="http", host=site.host, path=site.stories[number].path, headers={}, hours=hours
    )
    return answer(site, request)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_changes_the_story_in_one_place(kind: str, language: str) -> None:
    for seed in range(20):
        chance = random.Random(f"{kind}{language}{seed}")
        before = with_short_line(chance, draft(chance, language))
        after = EDITS[kind](chance, before)
        if after is None:
            continue
        changed = set(before.lines()) ^ set(after.lines())
        assert after != before
        assert (before.title != after.title) == (kind == "headline")
        assert len(changed) == {"headline": 0, "paragraph in": 1, "paragraph out": 1}.get(kind, 2)


def test_what_is_drawn_from_a_seed_is_the_same_again() -> None:
    one, two = build(3), build(3)
    assert one.parts == two.parts and one.passes == two.passes
    for a, b in zip(one.sites, two.sites, strict=True):
        assert [asked(a, 7.0, n).body for n in range(len(a.stories))] == [
            asked(b, 7.0, n).body for n in range(len(b.stories))
        ]


def test_a_part_of_a_world_is_as_it_was_in_the_whole() -> None:
    whole = build(4)
    story = whole.sites[1].stories[1]
    names = [n for n in whole.parts if n.startswith(("s1h", story.id))]
    part = build(4, [*names, "s1", "d3"])
    assert [site.id for site in part.sites] == ["s1"]
    assert [s.id for s in part.sites[0].stories] == [story.id]
    assert part.sites[0].stories[0] == story
    assert part.sites[0].layout == whole.sites[1].layout
    assert max(part.passes) == 72.0


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_habit_leaves_the_story_as_it_was_or_says_that_it_is_not_shown(kind: str) -> None:
    shown, changed = 0, False
    for seed in range(6):
        chance = random.Random(f"{kind}{seed}")
        site = site_of(seed, make_habit(chance, kind, LANGUAGES[seed % 3]))
        texts = site.stories[0].texts()
        bodies = set()
        for hours in (0.2, 1.1, 6.3, 24.4, 30.0, 72.5, 168.6, 200.0):
            reply = asked(site, hours)
            bodies.add((reply.status, reply.body, reply.failure, reply.headers.get("etag")))
            if reply.key is not None and reply.status == 200:
                assert reply.key < len(texts)
                shown += 1
        changed = changed or len(bodies) > 1 or any(h.entry for h in site.habits)
    assert shown
    # What never changes anything is no habit; a copy is stale only after an edit.
    assert changed or kind == "stale copy"


def test_waits_of_the_simulated_loop_take_no_time_and_come_in_order() -> None:
    order = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append((seconds, asyncio.get_running_loop().time()))

    async def main() -> float:
        await asyncio.gather(wait(86400), wait(30), asyncio.to_thread(order.append, (0, 0.0)))
        return asyncio.get_running_loop().time()

    assert run_simulated(main(), begins=100.0) == pytest.approx(86500)
    assert sorted(order) == [(0, 0.0), (30, pytest.approx(130)), (86400, pytest.approx(86500))]


def test_a_plain_world_breaks_nothing_and_keeps_its_gaps(tmp_path: Path) -> None:
    site = site_of(1, edit="sentence in")
    assert judged(site, tmp_path) == []
    served = [r for r in read_served(tmp_path) if r.path != "/robots.txt"]
    assert {r.path for r in served if r.story} == {story.path for story in site.stories}
    kinds = [row["kind"] for row in rows(tmp_path, "select kind from changes")]
    assert sorted(kinds) == ["edited", "new", "new", "new"]


def test_each_invariant_breaks_where_the_archive_says_what_the_truth_does_not(
    tmp_path: Path,
) -> None:
    """The archive of one world is held against the truth of another."""
    site = site_of(2, edit="digit")
    story = site.stories[0]
    unedited = replace(story, life=story.life[:1])
    others = site.stories[1:]
    denied = replace(site.stories[1], denied=True)
    played = play([site], tmp_path, passes=HOURS, interval=3600)

    def names(seen: Site) -> set[tuple[str, str]]:
        return {(b.name, b.part) for b in broken(world_of(seen), [seen], played)}

    assert names(site) == set()
    assert ("archived", "s0a1") in names(replace(site, stories=(story, denied, others[1])))
    assert ("archived", "") in names(replace(site, stories=others))
    assert ("politeness", "s0") in names(replace(site, delay=50.0))
    # As if the text before the edit had been served throughout.
    log = tmp_path / "served.jsonl"
    log.write_text(log.read_text().replace('"key": 1', '"key": 0'))
    assert ("versions", "s0a0") in names(replace(site, stories=(unedited, *others)))


def test_a_takedown_that_is_true_is_told_and_one_that_is_not_breaks_the_invariant(
    tmp_path: Path,
) -> None:
    site = site_of(1)
    story = site.stories[0]
    gone = replace(story, life=(*story.life, (3.0, None)), status=410)
    site = replace(site, stories=(gone, *site.stories[1:]))
    passes = (0.0, 1.1, 6.3, 7.6, 13.0, 24.4)
    played = play([site], tmp_path, passes=passes, interval=3600)
    assert broken(world_of(site), [site], played) == []
    log = tmp_path / "served.jsonl"
    log.write_text(log.read_text().replace('"gone": "s0a0"', '"gone": ""'))
    found = broken(world_of(site), [site], played)
    assert {(b.name, b.part) for b in found} == {("takedowns", "s0a0")}


def test_a_run_is_the_same_again(tmp_path: Path) -> None:
    world = build(2, ["s2", "s2a0", "s2a1", "s2h0", "s2h1", "s2h2", "s2a0e0", "d3"])
    logs, ledgers = [], []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        play(world.sites, tmp_path / name, passes=world.passes)
        logs.append(read_served(tmp_path / name))
        entries = rows(tmp_path / name, "select at, kind, title, classes, chain from changes")
        ledgers.append([tuple(row) for row in entries])
    assert logs[0] == logs[1]
    assert ledgers[0] == ledgers[1] != []


def test_a_world_goes_on_after_the_program_was_killed(tmp_path: Path) -> None:
    world = build(0, ["s1", "s1a0", "s1a1", "s1a2", "d3"])
    killed = replace(world, faults=(Fault(kind="process", run=2, after=2),))
    assert play_world(killed, tmp_path) == []
    assert {r.run for r in read_served(tmp_path)} > {0, 1, 3}
    outcomes = rows(tmp_path, "select outcome from runs where kind = 'collect'")
    assert len(outcomes) >= len(world.passes) - 1


def test_a_world_is_played_over_real_sockets(tmp_path: Path) -> None:
    seed = 5
    assert build(seed).sockets
    world = build(seed, ["s3", "s3a0", "s3a2", "s3a2e0", "d6"])
    assert play_world(world, tmp_path) == []
    assert {r.host.partition(":")[0] for r in read_served(tmp_path)} == {"s3.localhost"}


def test_shrinking_leaves_what_is_to_blame() -> None:
    parts = parts_of(build(1))
    blamed = next(n for n in parts if "e" in n)
    story = blamed.partition("e")[0]
    site = story.partition("a")[0]
    tried = []

    def fails(kept: frozenset[str]) -> bool:
        tried.append(kept)
        return {site, story, blamed} <= kept and min(int(n[1:]) for n in kept if n[0] == "d") >= 3

    kept = shrink(parts, fails, likely=[story], seconds=1000)
    assert kept == {site, story, blamed, "d4"}
    assert len(tried) < 30


def test_addresses_of_twins_show_their_story_and_those_of_pairs_theirs() -> None:
    for number in range(72):
        site = twin_site(1, number)
        for story in site.stories:
            for place in range(2):
                for url in site.addressing.listed(site, story, 0.0, place):
                    assert story.id in _reached(site, url, 0.0), (url, site.habits[0].sample)
    for number in range(30):
        site = pair_site(1, number)
        one, two = (site.addressing.listed(site, story, 0.0)[0] for story in site.stories)
        assert one != two
        assert _reached(site, one, 0.0) == {site.stories[0].id}
        assert _reached(site, two, 0.0) == {site.stories[1].id}


def _reached(site: Site, url: str, hours: float) -> set[str]:
    """Return what an address shows, redirects and refreshes followed."""
    for _ in range(3):
        url = url.partition("#")[0].replace(site.host.upper(), site.host)
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        request = Request(scheme=scheme, host=host, path=f"/{path}", headers={}, hours=hours)
        reply = answer(site, request)
        if reply.story:
            return {reply.story}
        onward = reply.headers.get("location") or reply.headers.get("refresh", "")
        url = onward.partition("url=")[2] or onward
        if not url and b"refresh" in reply.body:
            url = reply.body.decode().partition("url=")[2].partition('"')[0]
        if not url:
            return set()
    return set()


def test_looks_of_the_calendar_fall_into_turns_of_their_own() -> None:
    site = site_of(0)
    story = site.stories[0]
    turns = []
    for hours in (0.0, 1.1, 6.3, 24.4, 72.5, 168.6, 720.7):
        request = Request(scheme="http", host=site.host, path="/", headers={}, hours=hours)
        turns.append(look_of(site, story, request).turn)
    assert turns == list(range(7))
    assert set(HOURS) <= set(PASSES)
