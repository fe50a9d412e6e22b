"""A site, its stories and their lives; what it answers to a request at a moment.

Everything is a function of the request and of the simulated hours since the world began: whoever
asks twice at one moment gets the same answer twice, and a run that was killed is gone on with.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Final
from urllib.parse import urlsplit
from zlib import crc32

from tests.world.layouts import Layout, View, notice, render
from tests.world.wording import Draft

__all__ = [
    "BEGIN",
    "Addressing",
    "Entry",
    "Habit",
    "Hit",
    "Look",
    "Reply",
    "Request",
    "Site",
    "Story",
    "answer",
    "moment",
    "turn_of",
    "turn_of_reply",
]

BEGIN: Final = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
# Between two looks of the program's calendar (1 h, 6 h, 1 d, 3 d, 7 d, 30 d): where a turn ends.
_TURNS: Final = (0.5, 3.0, 12.0, 48.0, 120.0, 400.0)


def moment(hours: float) -> datetime:
    """Return the moment so many hours after the world began."""
    return BEGIN + timedelta(seconds=round(3600 * hours))


def turn_of(hours: float) -> int:
    """Return in which interval between the program's looks an age in hours lies, from 0."""
    return bisect_right(_TURNS, hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request: address in parts, header fields in lower case, hours since the world began."""

    scheme: str
    host: str
    path: str
    headers: Mapping[str, str]
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer.

    Attributes:
        status, headers, body: of the response.
        story: the story that it shows, or "".
        key: which text of it, in the order of its life, or None where it shows none whole.
        title: headline that stands over it.
        gone: the story whose true takedown this answer is, or "".
        failure: class of an error in place of an answer, or "".
        after: bytes that come before a failure, -1 for no answer at all.
        slow: seconds until the answer.
        close_delimited: nothing says how long the body is.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    story: str = ""
    key: int | None = None
    title: str = ""
    gone: str = ""
    failure: str = ""
    after: int = -1
    slow: float = 0.0
    close_delimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story and its life.

    Attributes:
        id: unique in its world.
        path: where it stands.
        since: hours from which it is there.
        life: (hours, draft) pairs in order; None while it is taken down.
        status: how it answers while it is taken down: 404, 410, 451, or 200 for a notice.
        denied: whether robots.txt forbids it.
        noarchive: whether its page asks not to be archived.
    """

    id: str
    path: str
    since: float
    life: tuple[tuple[float, Draft | None], ...]
    status: int = 404
    denied: bool = False
    noarchive: bool = False

    def texts(self) -> tuple[Draft, ...]:
        """Return the different texts of its life, in order."""
        return tuple(dict.fromkeys(d for _, d in self.life if d is not None))

    def at(self, hours: float) -> Draft | None:
        """Return what it says at an hour, or None while it is down."""
        return [draft for since, draft in self.life if since <= hours][-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a story: who is asked, when, and which turn of the calendar it is."""

    site: Site
    story: Story
    request: Request
    hours: float
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a list."""

    url: str
    title: str
    published: datetime
    guid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Which story an address shows, and what its page names as canonical ("" for nothing)."""

    story: Story
    canonical: str


class Addressing:
    """How a site's stories are addressed: each at its path, which its page names as canonical."""

    kind = "plain"

    def listed(self, site: Site, story: Story, hours: float, place: int = 0) -> tuple[str, ...]:
        """Return the addresses under which a list shows a story; `place` is the list's number."""
        return (site.root + story.path,)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        """Return what stands at an address, or None for nothing."""
        for story in site.stories:
            if request.path == story.path:
                return Hit(story=story, canonical=site.root + story.path)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Something that a publisher does again and again and that is no edit.

    Attributes:
        kind: its kind, in a few words.
        sample: how this one goes, for a report.
        view: changes what a page shows.
        reply: changes a whole answer (also of lists).
        entry: changes an entry of a list.
        addressing: how stories are addressed.
        versions, reverts, takedowns: how many more than the truth are right all the same.
    """

    kind: str
    sample: str = ""
    view: Callable[[View, Look], View] | None = None
    reply: Callable[[Reply, Request, Site], Reply] | None = None
    entry: Callable[[Entry, Story, float], Entry] | None = None
    addressing: Addressing | None = None
    versions: int = 0
    reverts: int = 0
    takedowns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A publisher.

    Attributes:
        id: unique in its world.
        host: name and port.
        scheme: http or https.
        hosts: other names that it answers to.
        name: as its readers know it.
        language: of its stories.
        layout: of its pages.
        stories: in order of publication.
        habits: what it does that is no edit.
        lists: kinds of lists that are watched: rss, atom, sitemap, listing.
        robots: text of robots.txt, or None for 404.
        delay: Crawl-delay that it asks for, seconds.
        validators: whether pages can be asked for on condition.
        zone: IANA name.
        modified: whether pages tell when they were last edited.
        note: what it is for, in a report.
    """

    id: str
    host: str
    name: str
    language: str
    layout: Layout
    stories: tuple[Story, ...]
    scheme: str = "http"
    hosts: tuple[str, ...] = ()
    habits: tuple[Habit, ...] = ()
    lists: tuple[str, ...] = ("rss",)
    robots: str | None = "User-agent: *\nDisallow: /admin/\n"
    delay: float = 0.0
    validators: bool = False
    zone: str = "UTC"
    modified: bool = True
    note: str = ""

    @property
    def root(self) -> str:
        """The address of its front page, without the slash."""
        return f"{self.scheme}://{self.host}"

    @property
    def addressing(self) -> Addressing:
        """How its stories are addressed."""
        return next((h.addressing for h in self.habits if h.addressing), Addressing())


def turn_of_reply(reply: Reply, request: Request, site: Site) -> int:
    """Return the turn of the calendar at which an answer shows its story."""
    story = next(story for story in site.stories if story.id == reply.story)
    return turn_of(request.hours - max(story.since, 0.0))


def answer(site: Site, request: Request) -> Reply:
    """Return what a site answers."""
    reply = _plain(site, request)
    for habit in site.habits:
        if habit.reply is not None and request.path != "/robots.txt":
            reply = habit.reply(reply, request, site)
    return reply


def _plain(site: Site, request: Request) -> Reply:
    path = request.path
    if path == "/robots.txt":
        if site.robots is None:
            return _page(404, notice("404", "no such page"))
        lines = site.robots + (f"Crawl-delay: {site.delay:g}\n" if site.delay else "")
        return Reply(headers={"content-type": "text/plain"}, body=lines.encode())
    for number, kind in enumerate(site.lists):
        if path == list_path(kind, number):
            return _list(site, kind, number, request)
    if path == "/":
        return _page(200, _front(site, request.hours))
    found = site.addressing.find(site, request)
    if found is None or isinstance(found, Reply):
        return found or _page(404, notice("Page not found", "The page you asked for is not here."))
    if found.story.since > request.hours:
        return _page(404, notice("Page not found", "The page you asked for is not here."))
    return _story(site, found, request)


def _page(status: int, text: str, **headers: str) -> Reply:
    return Reply(
        status=status,
        headers={"content-type": "text/html; charset=utf-8", **headers},
        body=text.encode(),
    )


def _story(site: Site, found: Hit, request: Request) -> Reply:
    story = found.story
    text = story.at(request.hours)
    if text is None:
        said = ("Not here", "There is nothing at this address.")
        if story.status == 200:
            said = (
                "This article is no longer available",
                "The article has been removed by the publisher.",
            )
        if story.status == 451:
            said = (
                "Unavailable for legal reasons",
                "This page was removed after an order of the court.",
            )
        return replace(_page(story.status, notice(*said)), gone=story.id)
    look = look_of(site, story, request)
    edits = [since for since, _ in story.life if story.since < since <= request.hours]
    view = View(
        layout=site.layout,
        language=site.language,
        site=site.name,
        url=f"{request.scheme}://{request.host}{request.path}",
        canonical=found.canonical,
        title=text.title,
        paragraphs=text.lines(),
        authors=text.authors,
        published=moment(story.since) - timedelta(minutes=40),
        modified=(moment(edits[-1]) if edits else moment(story.since) - timedelta(minutes=40))
        if site.modified
        else None,
        others=tuple(
            (o.path, o.texts()[0].title)
            for o in site.stories
            if o.since <= request.hours and o != story
        ),
        head='<meta name="robots" content="noarchive">' if story.noarchive else "",
    )
    for habit in site.habits:
        if habit.view is not None:
            view = habit.view(view, look)
    body = render(view)
    headers = {"content-type": "text/html; charset=utf-8"}
    if site.validators:
        tag = f'"{hash_of(body)}"'
        headers["etag"] = tag
        if request.headers.get("if-none-match") == tag:
            return Reply(status=304, headers=headers, story=story.id)
    key = None
    if view.wall is None and view.paragraphs in (lines := [t.lines() for t in story.texts()]):
        key = lines.index(view.paragraphs)
        if story.texts()[key].lines() == text.lines():
            key = _key(story, text)
    return Reply(headers=headers, body=body.encode(), story=story.id, key=key, title=view.title)


def look_of(site: Site, story: Story, request: Request) -> Look:
    """Return the look that a request is."""
    age = request.hours - max(story.since, 0.0)
    return Look(site=site, story=story, request=request, hours=request.hours, turn=turn_of(age))


def _key(story: Story, text: Draft) -> int:
    return story.texts().index(text)


def hash_of(text: str) -> str:
    """Return a short hash that is the same in every process."""
    return f"{crc32(text.encode()):08x}"


# Lists


def list_path(kind: str, number: int) -> str:
    """Return where a list stands."""
    ends = {"rss": "feed.xml", "atom": "atom.xml", "sitemap": "sitemap.xml", "listing": "latest/"}
    return f"/list{number}/{ends[kind]}"


def entries_of(site: Site, number: int, hours: float) -> list[Entry]:
    """Return what a list shows at an hour, newest first."""
    shown = [s for s in site.stories if s.since <= hours and s.at(hours) is not None]
    made = []
    for story in sorted(shown, key=lambda s: (-s.since, s.id))[:40]:
        text = story.at(hours)
        assert text is not None
        for url in site.addressing.listed(site, story, hours, number):
            entry = Entry(
                url=url, title=text.title, published=moment(story.since) - timedelta(minutes=40)
            )
            for habit in site.habits:
                if habit.entry is not None:
                    entry = habit.entry(entry, story, hours)
            made.append(entry)
    return made


def _list(site: Site, kind: str, number: int, request: Request) -> Reply:
    entries = entries_of(site, number, request.hours)
    writers = {"rss": _rss, "atom": _atom, "sitemap": _sitemap, "listing": _listing}
    body = writers[kind](site, entries)
    types = {"listing": "text/html; charset=utf-8"}
    tag = f'"{hash_of(body)}"'
    headers = {"content-type": types.get(kind, "application/xml"), "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Reply(status=304, headers=headers)
    return Reply(headers=headers, body=body.encode())


def _rss(site: Site, entries: Sequence[Entry]) -> str:
    items = "".join(
        f"<item><title>{escape(e.title)}</title><link>{escape(e.url)}</link>"
        f'<guid isPermaLink="false">{escape(e.guid or e.url)}</guid>'
        f"<pubDate>{format_datetime(e.published)}</pubDate></item>"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(site.name)}</title><link>{site.root}/</link><description>d</description>"
        f"<language>{site.language}</language>{items}</channel></rss>"
    )


def _atom(site: Site, entries: Sequence[Entry]) -> str:
    items = "".join(
        f'<entry><title>{escape(e.title)}</title><link href="{escape(e.url, quote=True)}"/>'
        f"<id>{escape(e.guid or e.url)}</id><published>{e.published.isoformat()}</published>"
        f"<updated>{e.published.isoformat()}</updated></entry>"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(site.name)}</title><id>{site.root}/</id>{items}</feed>"
    )


def _sitemap(site: Site, entries: Sequence[Entry]) -> str:
    items = "".join(
        f"<url><loc>{escape(e.url)}</loc><lastmod>{e.published.isoformat()}</lastmod></url>"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'
    )


def _listing(site: Site, entries: Sequence[Entry]) -> str:
    items = "".join(
        f'<li class="card"><h3><a href="{escape(e.url, quote=True)}">{escape(e.title)}</a></h3>'
        f'<time datetime="{e.published.isoformat()}">{e.published:%d.%m.%Y}</time></li>'
        for e in entries
    )
    return (
        f'<!doctype html><html lang="{site.language}"><head><meta charset="utf-8"><title>'
        f'{escape(site.name)}</title></head><body><nav><a href="/">Home</a> <a href="/about">About'
        f"</a></nav><main><h1>{escape(site.name)}</h1><ul>{items}</ul></main></body></html>"
    )


def _front(site: Site, hours: float) -> str:
    return _listing(site, entries_of(site, 0, hours))


def split(url: str) -> tuple[str, str, str]:
    """Return scheme, host with port, and path with query of an address."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.netloc, path


def with_habits(site: Site, *habits: Habit) -> Site:
    """Return a site with habits more."""
    return replace(site, habits=(*site.habits, *habits))
