"""What the newsroom answers: a host, a path and an instant to a response. No sockets here."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from scraper.demo import feeds
from scraper.demo.markup import Block, lines_of, pages_of, to_html
from scraper.demo.outlets import Outlet, read_outlets
from scraper.demo.pictures import picture
from scraper.demo.stories import CONTENT, State, Story, play, read_stories

__all__ = ["Answer", "Corner", "answer", "byline_of", "read_corners", "relative_time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, before conditional requests and compression are looked at.

    Attributes:
        status: HTTP status.
        body: the bytes.
        content_type: value of the header.
        etag, modified: validators, or "" and None.
        location: target of a redirect, or "".
    """

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    etag: str = ""
    modified: datetime | None = None
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """An address that is listed like an article and holds none; see `content/corners.toml`."""

    outlet: str
    path: str
    title: str
    published: datetime
    expect: str
    page: str = ""
    status: int = 200


@cache
def read_corners() -> tuple[Corner, ...]:
    """Return the hostile corners of the newsroom."""
    tables = tomllib.loads((CONTENT / "corners.toml").read_text(encoding="utf-8"))["corner"]
    return tuple(Corner(**table) for table in tables)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["furniture"] = _furniture()
    return environment


@cache
def _furniture() -> Mapping[str, object]:
    return tomllib.loads((CONTENT / "furniture.toml").read_text(encoding="utf-8"))


def relative_time(then: datetime, now: datetime) -> str:
    """Return a time as Chinese sites print recent ones: 刚刚, 5分钟前, 3小时前, then the day."""
    age = now - then
    if age < timedelta(minutes=1):
        return "刚刚"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)}分钟前"
    if age < timedelta(days=1):
        return f"{age // timedelta(hours=1)}小时前"
    return then.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A request to one outlet at one instant; `number` counts requests and drives what flaps."""

    outlet: Outlet
    port: int
    now: datetime
    number: int
    states: tuple[State, ...] = field(repr=False)

    @property
    def root(self) -> str:
        return f"http://{self.outlet.host}:{self.port}"

    @property
    def live(self) -> list[State]:
        return sorted(
            (state for state in self.states if state.live),
            key=lambda state: state.story.published,
            reverse=True,
        )


def answer(label: str, path: str, *, port: int, now: datetime, number: int) -> Answer:
    """Answer a request.

    Args:
        label: first part of the host name; "" is the newsroom's own front door.
        path: path of the request, without a query.
        port: where the newsroom listens, for absolute addresses.
        now: the simulated instant.
        number: how many requests there have been: advertisements and counters turn with it.
    """
    if path.startswith("/img/") and path.endswith(".svg"):
        name = path.removeprefix("/img/").removesuffix(".svg")
        return Answer(status=200, body=picture(name), content_type="image/svg+xml")
    outlets = read_outlets()
    if label not in outlets:
        if label or path != "/":
            return _plain(404, "no such outlet\n")
        return _door(port)
    outlet = outlets[label]
    states = tuple(
        state
        for story in read_stories()
        if story.outlet == label and (state := play(story, now)) is not None
    )
    visit = _Visit(outlet=outlet, port=port, now=now, number=number, states=states)
    if path in _FIXED:
        return _FIXED[path](visit)
    if path in (outlet.path, "/"):
        return _SHOWN[outlet.kind](visit) if path == outlet.path else _listing(visit)
    return _article(visit, path) or _corner(visit, path) or _missing(visit)


def _plain(status: int, text: str) -> Answer:
    return Answer(status=status, body=text.encode(), content_type="text/plain; charset=utf-8")


def _door(port: int) -> Answer:
    page = _templates().get_template("door.html")
    html = page.render(outlets=read_outlets().values(), port=port)
    return Answer(status=200, body=html.encode())


def _render(visit: _Visit, name: str, status: int = 200, **values: object) -> Answer:
    """Render the outlet's own template of that name, else the one that all share."""
    outlet = visit.outlet
    templates = [f"{outlet.label}-{name}.html", f"{name}.html"]
    html = (
        _templates()
        .select_template(templates)
        .render(
            outlet=outlet,
            root=visit.root,
            now=visit.now.astimezone(ZoneInfo(outlet.zone)),
            number=visit.number,
            **values,
        )
    )
    # A server that leaves the charset to the page is the usual companion of a mislabelled one.
    declared = "; charset=utf-8" if outlet.charset == "utf-8" else ""
    return Answer(
        status=status,
        body=html.encode(outlet.encoding, "xmlcharrefreplace"),
        content_type="text/html" + declared,
    )


def _entries(visit: _Visit) -> list[feeds.Entry]:
    entries = [
        feeds.Entry(
            url=visit.root + state.story.listed,
            title=state.story.title,
            published=state.story.published,
            modified=state.modified,
            summary=_summary(state.story, state.blocks),
            authors=state.story.authors,
        )
        for state in visit.live
    ]
    entries += [
        feeds.Entry(
            url=visit.root + corner.path,
            title=corner.title,
            published=corner.published,
            modified=corner.published,
        )
        for corner in read_corners()
        if corner.outlet == visit.outlet.label
    ]
    return sorted(entries, key=lambda entry: entry.published, reverse=True)


def byline_of(outlet: Outlet, story: Story) -> tuple[str, ...]:
    """Return the line in the body that names the writers: one or none."""
    if not outlet.byline:
        return ()
    joint = " " if outlet.language == "zh-Hans" else "、"
    line = outlet.byline.format(authors=joint.join(story.authors), editor=story.editor)
    return (" ".join(line.split()),)


def _summary(story: Story, blocks: Sequence[Block]) -> str:
    return story.summary or lines_of(blocks)[0][:160]


def _validated(visit: _Visit, reply: Answer) -> Answer:
    """Add the validators of a list: they change when what is listed changes."""
    said = " ".join(sorted(f"{state.tag}" for state in visit.states))
    latest = max((state.modified for state in visit.states), default=None)
    return Answer(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        etag=f'"{hashlib.sha256(said.encode()).hexdigest()[:16]}"',
        modified=latest,
    )


def _feed(visit: _Visit) -> Answer:
    entries = _entries(visit)
    if visit.outlet.path.endswith(".json"):
        text, kind = feeds.json_feed(visit.outlet, visit.root, entries), "application/feed+json"
    elif "atom" in visit.outlet.path:
        text, kind = feeds.atom(visit.outlet, visit.root, entries), "application/atom+xml"
    else:
        text, kind = feeds.rss(visit.outlet, visit.root, entries, visit.now), "application/rss+xml"
    return _validated(visit, Answer(status=200, body=text.encode(), content_type=kind))


def _sitemap(visit: _Visit) -> Answer:
    text = feeds.sitemap_index(visit.root, _entries(visit))
    return _validated(visit, Answer(status=200, body=text.encode(), content_type="text/xml"))


def _news_sitemap(visit: _Visit) -> Answer:
    if visit.outlet.kind != "sitemap":
        return _missing(visit)
    text = feeds.news_sitemap(visit.outlet, _entries(visit))
    return _validated(visit, Answer(status=200, body=text.encode(), content_type="text/xml"))


def _listing(visit: _Visit) -> Answer:
    items = [
        {
            "url": entry.url.removeprefix(visit.root),
            "title": entry.title,
            "published": entry.published.astimezone(ZoneInfo(visit.outlet.zone)),
            "ago": relative_time(entry.published, visit.now),
            "summary": entry.summary,
        }
        for entry in _entries(visit)
    ]
    return _render(visit, "list", items=items)


def _robots(visit: _Visit) -> Answer:
    return _plain(200, feeds.robots(visit.outlet, visit.root))


def _missing(visit: _Visit) -> Answer:
    return _render(visit, "missing", status=404)


_FIXED: Mapping[str, Callable[[_Visit], Answer]] = {
    "/robots.txt": _robots,
    "/sitemap-news.xml": _news_sitemap,
}
_SHOWN: Mapping[str, Callable[[_Visit], Answer]] = {
    "feed": _feed,
    "sitemap": _sitemap,
    "listing": _listing,
}


def _corner(visit: _Visit, path: str) -> Answer | None:
    for corner in read_corners():
        if (corner.outlet, corner.path) == (visit.outlet.label, path):
            if corner.page:
                return _render(visit, corner.page, status=corner.status, corner=corner)
            return _render(visit, "missing", status=corner.status)
    return None


def page_path(path: str, page: int) -> str:
    """Return the address of a page of an article: ``/a/1.html``, ``/a/1_2.html`` …"""
    if page == 1:
        return path
    stem, dot, ending = path.rpartition(".")
    return f"{stem}_{page}{dot}{ending}" if dot and "/" not in ending else f"{path}_{page}"


def _article(visit: _Visit, path: str) -> Answer | None:
    for state in visit.states:
        story = state.story
        if path in story.aliases:
            return Answer(status=301, location=visit.root + story.path)
        pages = pages_of(state.blocks)
        for number, blocks in enumerate(pages, 1):
            if path == page_path(story.path, number):
                return _story(visit, state, blocks, number, len(pages))
    return None


def _story(
    visit: _Visit, state: State, blocks: Sequence[Block], page: int, page_count: int
) -> Answer:
    story, outlet = state.story, visit.outlet
    if state.notice:
        return _render(visit, "notice", story=story)
    if not state.live:
        return _render(visit, "missing", status=state.status)
    zone = ZoneInfo(outlet.zone)
    others = [other.story for other in visit.live if other.story.id != story.id]
    inserts = _inserts(visit, len(blocks), others)
    reply = _render(
        visit,
        "story",
        story=story,
        author_records=[{"@type": "Person", "name": name} for name in story.authors],
        state=state,
        byline="".join(byline_of(outlet, story)),
        body=to_html(blocks, story.style or outlet.paragraphs, inserts),
        summary=_summary(story, state.blocks),
        others=others,
        published=story.published.astimezone(zone),
        modified=state.modified.astimezone(zone),
        ago=relative_time(story.published, visit.now),
        page=page,
        pages=[page_path(story.path, number) for number in range(1, page_count + 1)],
    )
    if outlet.validators == "none":
        return reply
    return Answer(
        status=200,
        body=reply.body,
        content_type=reply.content_type,
        etag=f'W/"{state.tag}-{page}"' if outlet.validators == "both" else "",
        modified=state.modified,
    )


def _inserts(visit: _Visit, blocks: int, others: Sequence[Story]) -> dict[int, Markup]:
    """Return what the outlet puts between the paragraphs: `box_early`, `box_late`."""
    try:
        module = _templates().get_template(f"{visit.outlet.label}-boxes.html").module
    except TemplateNotFound:
        return {}
    boxes: dict[int, Markup] = {}
    for name, share in (("box_early", 0.3), ("box_late", 0.7)):
        box = getattr(module, name, None)
        if box is not None and blocks > 4:
            boxes[math.ceil(blocks * share)] = Markup(box(others, visit.number))
    return boxes
