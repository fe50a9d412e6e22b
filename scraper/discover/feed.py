"""Feeds: RSS 0.9x to 2.0, RDF and Atom through feedparser, JSON Feed by ourselves."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import feedparser

from scraper.discover.characters import decode, scrub
from scraper.discover.visit import (
    Entry,
    Visit,
    Wanted,
    looks_like_html,
    one_line,
    printed_time,
    resolve,
)
from scraper.errors import DiscoverError
from scraper.models import Discovery, Source

__all__ = ["MAX_ITEMS", "parse_feed", "visit_feed"]

# Feeds show what is new; one that shows more is an archive, and its tail can wait.
MAX_ITEMS = 2000

_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Relations of Atom links that lead elsewhere than to the article (RFC 4287, RFC 4685, RFC 5023).
_NOT_THE_ARTICLE = frozenset(
    {"enclosure", "replies", "edit", "edit-media", "hub", "related", "via"}
)
_DATE_KEYS = ("published", "issued", "created", "updated")
_JSON_DATE_KEYS = ("date_published", "date_modified")


async def visit_feed(visit: Visit) -> Discovery:
    """Read a feed.

    Raises:
        FetchError: it did not come.
        DiscoverError: ``not_a_feed``.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    entries, notes = await visit.parse(parse_feed, page)
    return Discovery(links=visit.links(entries, MAX_ITEMS), pages=(page,), notes=notes)


def parse_feed(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return the entries of a feed, in its order, and what was odd about it.

    Args:
        body: the bytes of the feed.
        url: where it was read; relative links are resolved against it.
        content_type: its Content-Type header, or "".
        source: whose feed it is: its patterns choose among the entries, its zone dates them.
        at: the present moment; times that lie far ahead of it are dropped.

    Raises:
        DiscoverError: ``not_a_feed``.
    """
    text = scrub(decode(body, content_type))
    if not text.strip():
        raise _not_a_feed(url, "an empty document")
    if text.lstrip()[:1] == "{":
        items = list(_json_entries(text, url, source, at))
        notes = [] if items else ["the feed has no entries"]
        return tuple(items), tuple(notes)
    if looks_like_html(text):
        raise _not_a_feed(url, "a web page")
    text, cut = _bounded(text)
    # Bytes in a stream: a string would be taken for a file name or an address and opened.
    parsed = feedparser.parse(
        io.BytesIO(_XML_DECLARATION.sub("", text).encode("utf-8")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": url,
        },
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    entries = tuple(_xml_entries(parsed.entries, url, source, at))
    notes = []
    if not parsed.version and not entries:
        raise _not_a_feed(url, "no feed that we know")
    if cut:
        notes.append(f"only the first {MAX_ITEMS} entries were read")
    if parsed.bozo and not isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride):
        notes.append(f"the feed is malformed ({one_line(str(parsed.bozo_exception))})")
    if not entries:
        notes.append("the feed has no entries")
    return entries, tuple(notes)


def _not_a_feed(url: str, what: str) -> DiscoverError:
    return DiscoverError(f"not a feed: {url} is {what}", url=url, error_class="not_a_feed")


def _bounded(text: str) -> tuple[str, bool]:
    """Cut out the entries after the first `MAX_ITEMS`, leaving head and tail of the document."""
    last_kept = last = 0
    for count, match in enumerate(_ITEM_END.finditer(text), start=1):
        last = match.end()
        if count == MAX_ITEMS:
            last_kept = last
    if not last_kept or last == last_kept:
        return text, False
    return text[:last_kept] + text[last:], True


def _xml_entries(
    items: list[Mapping[str, Any]], base: str, source: Source, at: datetime
) -> Iterator[Entry]:
    wanted = Wanted(source)
    for item in items[:MAX_ITEMS]:
        url = _article_link(item, base)
        if url and wanted.accepts(url):
            raw = next((str(item[key]) for key in _DATE_KEYS if item.get(key)), "")
            yield _entry(url, str(item.get("title") or ""), raw, source, at)


def _article_link(item: Mapping[str, Any], base: str) -> str:
    """Return the entry's address: its own before a proxy's, a page before a GUID."""
    for key in ("feedburner_origlink", "link"):
        if found := resolve(base, str(item.get(key) or "")):
            return found
    links = [link for link in item.get("links", ()) if link.get("rel") not in _NOT_THE_ARTICLE]
    links.sort(key=lambda link: link.get("rel") != "alternate")
    hrefs = [str(link.get("href") or "") for link in links]
    identity = str(item.get("id") or "")
    hrefs += [identity] if identity.startswith(("http:", "https:")) else []
    return next((found for href in hrefs if (found := resolve(base, href))), "")


def _json_entries(text: str, url: str, source: Source, at: datetime) -> Iterator[Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_a_feed(url, "JSON that is broken") from None
    items = document.get("items")
    if not isinstance(items, list):
        raise _not_a_feed(url, "JSON, but no JSON Feed")
    wanted = Wanted(source)
    for item in items[:MAX_ITEMS]:
        if not isinstance(item, dict):
            continue
        # An id is an address in most feeds, but a bare number in some: then it is none.
        hrefs = [item.get("url"), item.get("external_url")]
        hrefs += [item["id"]] if str(item.get("id")).startswith(("http:", "https:")) else []
        href = next((h for h in hrefs if isinstance(h, str) and resolve(url, h)), "")
        if found := wanted.resolve(url, href):
            raw = next((str(item[key]) for key in _JSON_DATE_KEYS if item.get(key)), "")
            yield _entry(found, str(item.get("title") or ""), raw, source, at)


def _entry(url: str, title: str, raw: str, source: Source, at: datetime) -> Entry:
    return Entry(
        url=url,
        title=one_line(html.unescape(_TAG.sub("", title))),
        published=printed_time(raw, source, at),
        published_raw=one_line(raw),
    )
