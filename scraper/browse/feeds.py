"""Feeds of what the archive's pages show: Atom and JSON Feed.

RFC 4287 (https://www.rfc-editor.org/rfc/rfc4287) and JSON Feed 1.1
(https://www.jsonfeed.org/version/1.1/).
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from datasette.utils.asgi import Response

from scraper.record import record
from scraper.text.controls import strip_page_controls

__all__ = ["Feed", "FeedEntry", "article_entry", "feed_response"]

_ATOM = "http://www.w3.org/2005/Atom"
# Characters that XML 1.0 does not allow.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@record
class FeedEntry:
    """An entry of a feed.

    Attributes:
        id: unique within the feed and the same at each visit: ``change-12``.
        title, summary: plain text.
        path: path of the page that shows it.
        at: UTC in ISO 8601.
        author: outlet, or "".
        language: BCP 47 tag, or "".
        tags: kinds and classes.
    """

    id: str
    title: str
    path: str
    at: str
    summary: str = ""
    author: str = ""
    language: str = ""
    tags: Sequence[str] = ()


@record
class Feed:
    """A feed.

    Attributes:
        title: what it holds.
        path: of the page that shows the same.
        entries: the latest first.
    """

    title: str
    path: str
    entries: Sequence[FeedEntry]


def article_entry(row: Mapping[str, Any]) -> FeedEntry:
    """Return an article's row (id, title, outlet, times, language, excerpt) as an entry."""
    return FeedEntry(
        id=f"article-{row['id']}",
        title=row["title"] or "(no title)",
        path=f"/-/article/{row['id']}",
        at=row["published_at"] or row["first_seen_at"],
        summary=row.get("excerpt") or "",
        author=row["outlet"],
        language=row["language"] or "",
    )


def feed_response(request: Any, feed: Feed) -> Any:
    """Return a feed in the format that the request's path ends with: ``.atom`` or ``.json``."""
    feed = replace(feed, entries=[_shown(entry) for entry in feed.entries])
    parts = urlsplit(request.url)
    root = f"{parts.scheme}://{parts.netloc}"
    if request.path.endswith(".json"):
        # `Response.json` would call it plain JSON.
        return Response(
            json.dumps(_json_feed(feed, root, request.url)),
            content_type="application/feed+json; charset=utf-8",
        )
    return Response(
        _atom(feed, root, request.url), content_type="application/atom+xml; charset=utf-8"
    )


def _shown(entry: FeedEntry) -> FeedEntry:
    """Return an entry without control and reordering characters in what readers are shown."""
    return replace(
        entry,
        title=strip_page_controls(entry.title),
        summary=strip_page_controls(entry.summary),
        author=strip_page_controls(entry.author),
    )


def _json_feed(feed: Feed, root: str, own: str) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": root + feed.path,
        "feed_url": own,
        "items": [
            {
                "id": f"{root}/#{entry.id}",
                "url": root + entry.path,
                "title": entry.title,
                "content_text": entry.summary or entry.title,
                "date_published": entry.at,
                "tags": list(entry.tags),
                **({"authors": [{"name": entry.author}]} if entry.author else {}),
                **({"language": entry.language} if entry.language else {}),
            }
            for entry in feed.entries
        ],
    }


def _atom(feed: Feed, root: str, own: str) -> bytes:
    ET.register_namespace("", _ATOM)
    top = ET.Element(f"{{{_ATOM}}}feed")
    _add(top, "title", feed.title)
    _add(top, "id", root + feed.path)
    _add(top, "updated", max((e.at for e in feed.entries), default="1970-01-01T00:00:00Z"))
    _add(top, "link", rel="self", href=own)
    _add(top, "link", rel="alternate", href=root + feed.path)
    for entry in feed.entries:
        one = _add(top, "entry")
        if entry.language:
            one.set("{http://www.w3.org/XML/1998/namespace}lang", entry.language)
        _add(one, "title", entry.title)
        _add(one, "id", f"{root}/#{entry.id}")
        _add(one, "updated", entry.at)
        _add(one, "link", rel="alternate", href=root + entry.path)
        _add(_add(one, "author"), "name", entry.author or "archive")
        for tag in entry.tags:
            _add(one, "category", term=tag)
        if entry.summary:
            _add(one, "summary", entry.summary, type="text")
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    child.text = _NOT_XML.sub("\ufffd", text) or None
    return child
