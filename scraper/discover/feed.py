"""Feeds: RSS 0.9x to 2.0, RDF and Atom through feedparser, JSON Feed by ourselves."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import feedparser

from scraper.characters import decode, scrub
from scraper.discover.entry_links import article_links, records, unwrap
from scraper.discover.entry_texts import entry_text
from scraper.discover.languages import written_tag, zone_of
from scraper.discover.mending import mended
from scraper.discover.packed import unpacked
from scraper.discover.page_links import feed_links
from scraper.discover.printed import printed_time
from scraper.discover.visit import (
    Entry,
    Visit,
    Wanted,
    looks_like_html,
    moved_for_good,
    one_line,
    plain_text,
    resolve,
)
from scraper.errors import DiscoverError
from scraper.models import Discovery, Source
from scraper.urls import canonical, identity

__all__ = ["MAX_ITEMS", "NO_ENTRIES", "Feed", "parse_feed", "visit_feed"]

# Feeds show what is new; one that shows more is an archive, and its tail can wait.
MAX_ITEMS = 2000
# Clocks of servers differ from ours by as much without meaning anything.
_CLOCKS_DIFFER = timedelta(minutes=15)
NO_ENTRIES = "the feed has no entries"

_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DATE_KEYS = ("published", "issued", "created", "updated")
_JSON_DATE_KEYS = ("date_published", "date_modified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed holds, and what it says of itself.

    Attributes:
        entries: articles, in its order.
        notes: what was odd.
        title: its name, or "".
        language: language tag as it stands there, or "".
        home: address of the site that it belongs to, or "".
        moved_to: address to which it says that it has moved, or "".
        own: address that it gives as its own, or "".
    """

    entries: tuple[Entry, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    title: str = ""
    language: str = ""
    home: str = ""
    moved_to: str = ""
    own: str = ""


async def visit_feed(visit: Visit) -> Discovery:
    """Read a feed.

    Raises:
        FetchError: it did not come.
        DiscoverError: ``not_a_feed``.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    feed: Feed = await visit.parse(parse_feed, page)
    notes = list(feed.notes)
    moved_to = ""
    # Only a feed that is one moves: a redirect to a parked domain must not take its address.
    if feed.entries:
        moved_to = feed.moved_to or moved_for_good(page)
    if moved_to and canonical(moved_to) == canonical(visit.source.url):
        moved_to = ""
    if moved_to:
        notes.append(f"the feed says that it has moved to {moved_to}")
    elif feed.own and identity(feed.own) != identity(page.final_url):
        notes.append(f"the feed gives {feed.own} as its own address")
    links = visit.links(feed.entries, MAX_ITEMS)
    return Discovery(
        links=links,
        pages=(page,),
        notes=tuple(notes),
        moved_to=moved_to,
        window=visit.window(links),
    )


def parse_feed(body: bytes, url: str, content_type: str, source: Source, at: datetime) -> Feed:
    """Return the entries of a feed, in its order, and what it says of itself.

    Args:
        body: the bytes of the feed, gzipped or not.
        url: where it was read; relative links are resolved against it.
        content_type: its Content-Type header, or "".
        source: whose feed it is: its patterns choose among the entries, its zone dates them.
        at: the present moment; times that lie far ahead of it are dropped.

    Raises:
        DiscoverError: ``not_a_feed``; ``too_large`` when it unpacks to too much.
    """
    text = scrub(decode(unpacked(body, url, "feed"), content_type).text)
    if not text.strip():
        raise _not_a_feed(url, "an empty document")
    if text.lstrip()[:1] == "{":
        return _json_feed(text, url, source, at)
    if looks_like_html(text):
        named = feed_links(text, url)
        where = f", which names {named[0].url} as its feed" if named else ""
        raise _not_a_feed(url, f"a web page{where}")
    text, cut = _bounded(text)
    parsed, fault = _read(text)
    if parsed is None:
        raise _not_a_feed(url, "too malformed to be read as a feed")
    notes = [f"the feed is malformed ({fault})"] if fault else []
    head = parsed.feed
    home = resolve(url, str(head.get("link") or ""))
    language = one_line(str(head.get("language") or ""), 40)
    dated_by = _with_zone(source, home or url, language, parsed.entries)
    entries = tuple(_xml_entries(parsed.entries, url, home, dated_by, at))
    if not parsed.version and not entries:
        raise _not_a_feed(url, "no feed that we know")
    if cut:
        notes.append(f"only the first {MAX_ITEMS} entries were read")
    if not parsed.entries:
        notes.append(NO_ENTRIES)
    notes += _oddities(entries, at)
    own = [str(link.get("href") or "") for link in records(head, "links") if _is_self(link)]
    return Feed(
        entries=entries,
        notes=tuple(notes),
        title=plain_text(str(head.get("title") or "")),
        language=language,
        home=home,
        moved_to=resolve(url, str(head.get("itunes_new-feed-url") or "").strip()),
        own=resolve(url, own[0]) if own else "",
    )


def _read(text: str) -> tuple[Any, str]:
    """Return what feedparser makes of a feed, or None, and what is wrong with it, or ""."""
    parsed = _parsed(text)
    if parsed is None:
        return _parsed(mended(text)), "its markup cannot be followed"
    wrong = parsed.bozo_exception if parsed.bozo else None
    if wrong is None or isinstance(wrong, feedparser.CharacterEncodingOverride):
        return parsed, ""
    again = _parsed(mended(text))
    # The lenient parser, which took over, garbles ampersands that are no references.
    if again is not None and not again.bozo and len(again.entries) >= len(parsed.entries):
        parsed = again
    return parsed, one_line(str(wrong))


def _parsed(text: str) -> Any:
    """Return what feedparser makes of a text; None where it falls over tags that do not match."""
    try:
        # Bytes in a stream: a string would be taken for a file name or an address and opened.
        return feedparser.parse(
            io.BytesIO(_XML_DECLARATION.sub("", text).encode("utf-8")),
            # No content-location: a GUID such as "7" would be taken for an address beside the feed.
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except (LookupError, AttributeError, TypeError, ValueError, AssertionError):
        return None


def _with_zone(
    source: Source, site: str, language: str, items: Sequence[Mapping[str, Any]]
) -> Source:
    """Return a source that has a zone where its feed tells one: by its language, in which it is."""
    if source.zone:
        return source
    titles = "".join(str(item.get("title") or "") for item in items[:50])
    tag = source.language or language
    return replace(source, zone=zone_of(site, tag) or zone_of(site, written_tag(titles)))


def _oddities(entries: Sequence[Entry], at: datetime) -> list[str]:
    """Return what is wrong with the times and addresses of a feed, in words."""
    notes = []
    unread = [
        entry.published_raw for entry in entries if entry.published_raw and not entry.published
    ]
    if unread:
        notes.append(f"times that can't be, or can't be read: {len(unread)}, as {unread[0][:60]!r}")
    ahead = sum(entry.published > at + _CLOCKS_DIFFER for entry in entries if entry.published)
    if ahead:
        notes.append(f"dated ahead of the clock: {ahead} entries; their zone may be wrong")
    addresses = len({entry.url for entry in entries})
    if 2 * addresses <= len(entries) and entries:
        notes.append(f"{len(entries)} entries, but different addresses: {addresses}")
    return notes


def _is_self(link: Mapping[str, Any]) -> bool:
    return bool(link.get("rel") == "self")


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
    items: list[Mapping[str, Any]], base: str, home: str, source: Source, at: datetime
) -> Iterator[Entry]:
    wanted = Wanted(source)
    # The feed's own site is the one that most of it says; a proxy's address is not it.
    site = home or base
    # feedparser's records translate each key that is asked for: once is enough.
    read = [dict(entry) for entry in items[:MAX_ITEMS]]
    for item, url in zip(read, article_links(read, base, site), strict=True):
        if url and wanted.accepts(url):
            raw = next((str(item[key]) for key in _DATE_KEYS if item.get(key)), "")
            contents = [str(part.get("value") or "") for part in records(item, "content")]
            content = max([*contents, str(item.get("summary") or "")], key=len)
            yield _entry(url, str(item.get("title") or ""), raw, content, source, at)


def _json_feed(text: str, url: str, source: Source, at: datetime) -> Feed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_a_feed(url, "JSON that is broken") from None
    items = document.get("items")
    if not isinstance(items, list):
        raise _not_a_feed(url, "JSON, but no JSON Feed")

    def said(key: str) -> str:
        value = document.get(key)
        return value if isinstance(value, str) else ""

    notes = [] if items else [NO_ENTRIES]
    if len(items) > MAX_ITEMS:
        notes.append(f"only the first {MAX_ITEMS} entries were read")
    records = [item for item in items[:MAX_ITEMS] if isinstance(item, dict)]
    dated_by = _with_zone(
        source, resolve(url, said("home_page_url")) or url, said("language"), records
    )
    entries = tuple(_json_entries(records, url, dated_by, at))
    return Feed(
        entries=entries,
        notes=(*notes, *_oddities(entries, at)),
        title=plain_text(said("title")),
        language=one_line(said("language"), 40),
        home=resolve(url, said("home_page_url")),
        own=resolve(url, said("feed_url")),
    )


def _json_entries(items: list[Any], url: str, source: Source, at: datetime) -> Iterator[Entry]:
    wanted = Wanted(source)
    for item in items:
        # An id is an address in most feeds, but a bare number in some: then it is none.
        hrefs = [item.get("url"), item.get("external_url")]
        hrefs += [item["id"]] if str(item.get("id")).startswith(("http:", "https:")) else []
        href = next((h for h in hrefs if isinstance(h, str) and resolve(url, h)), "")
        found = wanted.resolve(url, unwrap(resolve(url, href)) if href else "")
        if found:
            raw = next((str(item[key]) for key in _JSON_DATE_KEYS if item.get(key)), "")
            content = str(item.get("content_html") or "") or html.escape(
                str(item.get("content_text") or "")
            )
            yield _entry(found, str(item.get("title") or ""), raw, content, source, at)


def _entry(url: str, title: str, raw: str, content: str, source: Source, at: datetime) -> Entry:
    return Entry(
        url=url,
        title=plain_text(title),
        published=printed_time(raw, source, at),
        published_raw=one_line(raw),
        content=entry_text(content),
    )
