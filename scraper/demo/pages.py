"""What the newsroom answers: a host, a path and an instant to a response. No sockets here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from scraper.demo import feeds
from scraper.demo.layout import (
    Answer,
    Visit,
    boxes,
    byline_of,
    picture,
    read_corners,
    relative_time,
    render,
    summary_of,
    templates,
)
from scraper.demo.markup import Block, pages_of, to_html
from scraper.demo.outlets import read_outlets
from scraper.demo.stories import State, play, read_stories

__all__ = ["answer"]


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
    visit = Visit(outlet=outlet, port=port, now=now, number=number, states=states)
    if path in _FIXED:
        return _FIXED[path](visit)
    if path in (outlet.path, "/"):
        return _SHOWN[outlet.kind](visit) if path == outlet.path else _listing(visit)
    return _article(visit, path) or _corner(visit, path) or _missing(visit)


def _plain(status: int, text: str) -> Answer:
    return Answer(status=status, body=text.encode(), content_type="text/plain; charset=utf-8")


def _door(port: int) -> Answer:
    page = templates().get_template("door.html")
    html = page.render(outlets=read_outlets().values(), port=port)
    return Answer(status=200, body=html.encode())


def _entries(visit: Visit) -> list[feeds.Entry]:
    entries = [
        feeds.Entry(
            url=visit.root + state.story.listed,
            title=state.story.title,
            published=state.story.published,
            modified=state.modified,
            summary=summary_of(state.story, state.blocks),
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


def _validated(visit: Visit, reply: Answer) -> Answer:
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


def _feed(visit: Visit) -> Answer:
    entries = _entries(visit)
    if visit.outlet.path.endswith(".json"):
        text, kind = feeds.json_feed(visit.outlet, visit.root, entries), "application/feed+json"
    elif "atom" in visit.outlet.path:
        text, kind = feeds.atom(visit.outlet, visit.root, entries), "application/atom+xml"
    else:
        text, kind = feeds.rss(visit.outlet, visit.root, entries, visit.now), "application/rss+xml"
    return _validated(visit, Answer(status=200, body=text.encode(), content_type=kind))


def _sitemap(visit: Visit) -> Answer:
    text = feeds.sitemap_index(visit.root, _entries(visit))
    return _validated(visit, Answer(status=200, body=text.encode(), content_type="text/xml"))


def _news_sitemap(visit: Visit) -> Answer:
    if visit.outlet.kind != "sitemap":
        return _missing(visit)
    text = feeds.news_sitemap(visit.outlet, _entries(visit))
    return _validated(visit, Answer(status=200, body=text.encode(), content_type="text/xml"))


def _listing(visit: Visit) -> Answer:
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
    return render(visit, "list", items=items)


def _robots(visit: Visit) -> Answer:
    return _plain(200, feeds.robots(visit.outlet, visit.root))


def _missing(visit: Visit) -> Answer:
    return render(visit, "missing", status=404)


_FIXED: Mapping[str, Callable[[Visit], Answer]] = {
    "/robots.txt": _robots,
    "/sitemap-news.xml": _news_sitemap,
}
_SHOWN: Mapping[str, Callable[[Visit], Answer]] = {
    "feed": _feed,
    "sitemap": _sitemap,
    "listing": _listing,
}


def _corner(visit: Visit, path: str) -> Answer | None:
    for corner in read_corners():
        if (corner.outlet, corner.path) == (visit.outlet.label, path):
            if corner.page:
                return render(visit, corner.page, status=corner.status, corner=corner)
            return render(visit, "missing", status=corner.status)
    return None


def page_path(path: str, page: int) -> str:
    """Return the address of a page of an article: ``/a/1.html``, ``/a/1_2.html`` …"""
    if page == 1:
        return path
    stem, dot, ending = path.rpartition(".")
    return f"{stem}_{page}{dot}{ending}" if dot and "/" not in ending else f"{path}_{page}"


def _article(visit: Visit, path: str) -> Answer | None:
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
    visit: Visit, state: State, blocks: Sequence[Block], page: int, page_count: int
) -> Answer:
    story, outlet = state.story, visit.outlet
    if state.notice:
        return render(visit, "notice", story=story)
    if not state.live:
        return render(visit, "missing", status=state.status)
    zone = ZoneInfo(outlet.zone)
    others = [other.story for other in visit.live if other.story.id != story.id]
    reply = render(
        visit,
        "story",
        story=story,
        author_records=[{"@type": "Person", "name": name} for name in story.authors],
        state=state,
        byline="".join(byline_of(outlet, story)),
        body=to_html(blocks, story.style or outlet.paragraphs, boxes(visit, len(blocks), others)),
        summary=summary_of(story, state.blocks),
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
