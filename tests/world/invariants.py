"""What must hold of the archive when a world is over, each break in a line that can be read."""

from __future__ import annotations

import collections
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from scraper.text.chinese import fold
from tests.world.harness import Played, Served, read_served, rows, verify, version_texts
from tests.world.model import Request, Site, Story, answer, list_path, split
from tests.world.wording import Draft
from tests.world.worlds import World

__all__ = ["Broken", "broken"]

# Stored times have whole seconds, simulated ones are floats.
_TOLERANCE = 0.02
# So often in a row a story must be found gone before its takedown has to be told.
_SEEN_GONE = 3
# Days for which a story must have been there for all to see before its absence counts.
_LAST_DAYS = 4


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold.

    Attributes:
        name: of the invariant.
        part: the site or story that it is about, or "".
        said: what is wrong.
    """

    name: str
    part: str
    said: str

    def __str__(self) -> str:
        return f"{self.name}: {f'[{self.part}] ' if self.part else ''}{self.said}"


class _Truth:
    """The log of a run beside its archive."""

    def __init__(self, world: World, sites: Sequence[Site], played: Played) -> None:
        self.world, self.sites, self.played = world, sites, played
        self.folder = played.folder
        self.served = read_served(self.folder)
        self.by_story: dict[str, list[Served]] = collections.defaultdict(list)
        for request in self.served:
            if request.story or request.gone:
                self.by_story[request.story or request.gone].append(request)
        self.articles = rows(
            self.folder,
            "select a.id, a.url, a.title, a.state, a.version_id, p.host from articles a join"
            " pages p on p.id = a.id",
        )
        self.changes = rows(self.folder, "select * from changes order by id")
        self.texts = {
            page: [(fold(title), fold(text)) for title, text in said]
            for page, said in version_texts(self.folder).items()
        }
        self.of_story: dict[str, list[int]] = collections.defaultdict(list)
        self.unknown: list[str] = []
        stories = [(site, story) for site in sites for story in site.stories]
        for row in self.articles:
            said = [text for _, text in self.texts.get(row["id"], ())]
            owners = [
                story.id
                for site, story in stories
                if _host_of(site, row["host"]) and any(_shares(story, text) for text in said)
            ]
            if owners:
                self.of_story[owners[0]].append(row["id"])
            else:
                self.unknown.append(f"{row['url']} ({row['title'][:60]})")

    def shown(self, story: Story, *, aborted: bool = False) -> list[tuple[str, int]]:
        """Return (headline, text) pairs of a story as they were served whole, in order.

        Args:
            story: of some site.
            aborted: whether those of aborted passes count, which may have left a version or not.
        """
        found = [
            (r.title, r.key)
            for r in self.by_story[story.id]
            if r.key is not None and not r.cut and (aborted or r.run not in self.aborted)
        ]
        return [(title, key) for title, key in found if key is not None]

    @property
    def aborted(self) -> set[int]:
        """Passes that were broken off: what was asked in them may have left nothing."""
        return {
            *self.played.stopped,
            *(f.run for f in self.world.faults if f.kind in ("process", "busy worker")),
        }


def _host_of(site: Site, host: str) -> bool:
    return host in (site.host, *site.hosts) or host.endswith("." + site.host)


def _lines(text: Draft) -> tuple[str, ...]:
    """Return the paragraphs of a story's text; in either script of Chinese it says the same."""
    return tuple(map(fold, text.lines()))


def _shares(story: Story, text: str) -> bool:
    """Whether a text holds most paragraphs of some text of a story."""
    lines = set(text.splitlines())
    return any(sum(line in lines for line in _lines(t)) * 2 > len(_lines(t)) for t in story.texts())


def broken(world: World, sites: Sequence[Site], played: Played) -> list[Broken]:
    """Return what does not hold after a run.

    Args:
        world: that was played.
        sites: its sites, under the names that they were played with.
        played: what came of it.
    """
    found = [
        Broken("pipeline", "", f"pass {run} ended in {said}") for run, said in played.broken.items()
    ]
    if not (played.folder / "archive" / "archive.db").exists():
        return [*found, Broken("pipeline", "", "there is no archive")]
    truth = _Truth(world, sites, played)
    for site in sites:
        for story in site.stories:
            found += _archived(truth, site, story)
            found += _versions(truth, site, story)
            found += _takedowns(truth, site, story)
    found += [Broken("archived", "", f"no story, yet archived: {said}") for said in truth.unknown]
    found += _manners(truth)
    found += _rows(truth)
    found += [Broken("ledger", "", said) for said in verify(played.folder)]
    return found


def _archived(truth: _Truth, site: Site, story: Story) -> Iterator[Broken]:
    ids = truth.of_story[story.id]
    allowed = not story.denied and not story.noarchive
    if ids and not allowed:
        yield Broken("archived", story.id, "archived though its publisher forbids it")
    if len(ids) > 1:
        urls = [row["url"] for row in truth.articles if row["id"] in ids]
        yield Broken("one page", story.id, f"{len(ids)} articles are one: {', '.join(urls)}")
    if allowed and not ids:
        if truth.shown(story):
            yield Broken(
                "archived",
                story.id,
                f"served whole {len(truth.shown(story))} times, not"
                f" archived{_outcomes(truth, site, story)}",
            )
        elif _could_be_had(truth, site, story):
            yield Broken(
                "archived",
                story.id,
                f"published at hour {story.since:.1f}, never served"
                f" whole{_outcomes(truth, site, story)}",
            )


def _could_be_had(truth: _Truth, site: Site, story: Story) -> bool:
    """Whether a story was listed and shown whole for the last days, whatever befell it before."""
    last = 24.0 * truth.world.days
    hours = [at for at in truth.world.passes if at > last - 24.0 * _LAST_DAYS]
    if len(hours) < _LAST_DAYS or story.since > hours[0]:
        return False
    for at in hours:
        (url, *_) = site.addressing.listed(site, story, at)
        scheme, host, path = split(url)
        asked = Request(scheme=scheme, host=host, path=path, headers={}, hours=at)
        reply = answer(site, asked)
        if reply.key is None or reply.failure:
            return False
    return True


def _outcomes(truth: _Truth, site: Site, story: Story) -> str:
    classes = rows(
        truth.folder,
        "select class, count(*) as n, min(message) as message from fetches where url like ?"
        " group by class",
        f"%{urlsplit(story.path).path}%",
    )
    said = "; ".join(f"{r['n']} x {r['class']} {r['message'][:80]}" for r in classes)
    return f" ({said})" if said else " (never asked for)"


def _versions(truth: _Truth, site: Site, story: Story) -> Iterator[Broken]:
    ids = truth.of_story[story.id]
    if len(ids) != 1 or story.denied or story.noarchive:
        return
    shown = truth.shown(story)
    versions = truth.texts[ids[0]]
    texts = story.texts()
    keys = {key for _, key in shown}
    possible = truth.shown(story, aborted=True)
    tested = any(h.versions for h in site.habits)
    most = len(set(possible)) if tested else len({key for _, key in possible})
    mine = [row for row in truth.changes if row["page_id"] == ids[0]]
    told = "; ".join(
        f"{r['kind']} {r['classes']} severity {r['severity']}" for r in mine if r["kind"] != "new"
    )
    if len(versions) > most:
        yield Broken(
            "versions",
            story.id,
            f"{len(versions)} versions of {most} texts: {told}{_added(truth, ids[0])}",
        )
    for key in sorted(keys):
        lines = _lines(texts[key])
        tested = any(h.kind == "headline test" for h in site.habits)
        if not any(
            set(lines) <= set(text.splitlines())
            and _no_others(text, story, key)
            and (tested or title == fold(texts[key].title))
            for title, text in versions
        ):
            yield Broken("versions", story.id, f"text {key} was served and has no version ({told})")
    if shown and keys and len(versions) <= most:
        (found,) = rows(truth.folder, "select text from articles where id = ?", ids[0])
        current = set(fold(found["text"]).splitlines())
        lasts = [texts[served[-1][1]] for served in (shown, possible)]
        # What was there before is told as taken back at the second look that shows it.
        lasts += [texts[served[-2][1]] for served in (shown, possible) if _came_back(served)]
        if not any(set(_lines(last)) <= current for last in lasts):
            yield Broken(
                "versions",
                story.id,
                f"the current version is not what was served last (text {shown[-1][1]}; {told})",
            )
    back = sum(
        1
        for n, (_, key) in enumerate(possible)
        if n and key != possible[n - 1][1] and key in {k for _, k in possible[: n - 1]}
    )
    reverted = sum(row["kind"] == "reverted" for row in mine)
    right = back + max((h.reverts for h in site.habits), default=0)
    if reverted > right:
        yield Broken(
            "versions", story.id, f"{reverted} times reverted, {right} times right: {told}"
        )


def _came_back(served: Sequence[tuple[str, int]]) -> bool:
    """Whether the last look, and not yet the one before it, shows a text of before."""
    keys = [key for _, key in served]
    return len(keys) > 2 and keys[-1] != keys[-2] and keys[-1] in keys[:-2]


def _no_others(text: str, story: Story, key: int) -> bool:
    """Whether a text has no line that only another text of the story has."""
    own = set(_lines(story.texts()[key]))
    others = {line for t in story.texts() for line in _lines(t)} - own
    return not others & set(text.splitlines())


def _added(truth: _Truth, page: int) -> str:
    found = rows(
        truth.folder, "select added, removed from versions where page_id = ? and number > 1", page
    )
    return "".join(f" | +{r['added'][:70]!r} -{r['removed'][:70]!r}" for r in found[:2])


def _takedowns(truth: _Truth, site: Site, story: Story) -> Iterator[Broken]:
    ids = truth.of_story[story.id]
    if len(ids) != 1:
        return
    told = [row for row in truth.changes if row["page_id"] == ids[0] and row["kind"] == "gone"]
    looks = [
        bool(r.gone)
        for r in truth.by_story[story.id]
        if r.gone or r.key is not None or r.status == 304
    ]
    runs = [sum(1 for _ in group) for gone, group in itertools.groupby(looks) if gone]
    if len(told) > len(runs):
        how = "; ".join(f"{r['at']} {r['classes']}" for r in told)
        yield Broken("takedowns", story.id, f"{len(told)} told, {len(runs)} true: {how}")
    must = sum(n >= _SEEN_GONE for n in runs)
    if len(told) < must:
        yield Broken(
            "takedowns",
            story.id,
            f"{must} true and seen {_SEEN_GONE} times, {len(told)} told (answered {story.status})",
        )
    if story.status == 451 and any("not found" in row["classes"] for row in told):
        yield Broken("takedowns", story.id, "a court's order (451) is told as 'not found'")


def _manners(truth: _Truth) -> Iterator[Broken]:
    by_host: dict[str, list[Served]] = collections.defaultdict(list)
    for request in truth.served:
        by_host[request.host].append(request)
    delay = 0.02 if truth.world.sockets else 2.0
    for host, requests in by_host.items():
        site = next((s for s in truth.sites if _host_of(s, host)), None)
        if site is None:
            yield Broken("politeness", "", f"{host} was asked, which no site is")
            continue
        asked = 0.0 if truth.world.sockets else site.delay
        need = max(delay, asked if site.robots is not None else 0.0)
        known = False
        for one, two in itertools.pairwise(requests):
            known = known or (one.path == "/robots.txt" and one.status == 200)
            least = need if known else delay
            if one.run == two.run and two.at - one.done < least - _TOLERANCE:
                yield Broken(
                    "politeness",
                    site.id,
                    f"{two.at - one.done:.3f} s between {one.path} and {two.path} of {host},"
                    f" {least:g} s are due",
                )
                break
        for request in requests:
            if site.robots and "/members/" in site.robots and request.path.startswith("/members/"):
                yield Broken(
                    "politeness", site.id, f"robots.txt forbids {request.path}, which was asked for"
                )
                break


def _rows(truth: _Truth) -> Iterator[Broken]:
    """Every request of a pass that came to its end has its row, and no row tells of a bug."""
    lists = {
        site.root + list_path(kind, n) for site in truth.sites for n, kind in enumerate(site.lists)
    }
    known: collections.Counter[str] = collections.Counter()
    for row in rows(truth.folder, "select url, final_url, hops, message from fetches"):
        # The message of a failure names the address on the way that failed.
        failed = row["message"].split(": ", 1)[0]
        hops = (hop[1] for hop in json.loads(row["hops"]))
        known.update({row["url"], row["final_url"], failed, *hops} - {""})
    asked = collections.Counter(
        r.url
        for r in truth.served
        if r.run not in truth.aborted and not r.path.endswith("/robots.txt")
    )
    for url, count in asked.items():
        # What a list's server redirects to is part of its visit.
        if known[url] < count and url not in lists and not _is_gate(url):
            yield Broken("rows", "", f"{url}: {count} requests, {known[url]} rows")
    unread = collections.Counter(
        r.url for r in truth.served if r.run not in truth.aborted and r.url in lists
    )
    for url, count in unread.items():
        if known[url] < count:
            yield Broken("rows", "", f"{url}: {count} visits, {known[url]} rows")
    for row in rows(
        truth.folder,
        "select url, message, count(*) as n from fetches where class = 'internal' group by message",
    ):
        yield Broken("rows", "", f"{row['n']} x internal: {row['url']}: {row['message']}")
    struck = any(f.kind in ("worker", "busy worker") for f in truth.world.faults)
    crashed = rows(truth.folder, "select url from fetches where class = 'parse_crash'")
    if len(crashed) > (3 if struck else 0):
        yield Broken(
            "rows",
            "",
            f"{len(crashed)} pages could not be read since a reader died, as {crashed[0]['url']}",
        )
    for row in rows(
        truth.folder,
        "select kind, outcome, count(*) as n from runs where outcome = 'running' group by kind",
    ):
        yield Broken("rows", "", f"{row['n']} runs of {row['kind']} are still running")


def _is_gate(url: str) -> bool:
    return urlsplit(url).path in ("/", "/consent", "/privacy-gate", "/login")
