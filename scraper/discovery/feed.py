"""Feeds: RSS 0.9x to 2.0, RDF and Atom (through feedparser), and JSON Feed.

An entry's address is the article's own, if the feed gives it, rather than one that redirects to
it. Whole texts in entries are kept as evidence.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import feedparser
from selectolax.lexbor import LexborHTMLParser

from scraper.discovery.hub_links import hub_and_topic
from scraper.discovery.site_info import feed_links
from scraper.discovery.visit import (
    Entry,
    Visit,
    Wanted,
    looks_like_html,
    moved_for_good,
    one_line,
    plain_text,
    resolve,
    visible,
)
from scraper.discovery.xml_repair import gunzip, repair_xml, without_stump
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Discovery, Page, Source
from scraper.record import record
from scraper.text.dates.feed_dates import parse_feed_date
from scraper.text.encoding import decode, scrub
from scraper.text.languages import written_tag, zone_of
from scraper.text.patterns import lazy_compile
from scraper.urls import canonical, host_of, identity, same_site

__all__ = [
    "LEAST_CONTENT",
    "MAX_CONTENT",
    "MAX_ITEMS",
    "NO_ENTRIES",
    "Feed",
    "article_link",
    "article_links",
    "entry_text",
    "parse_feed",
    "records",
    "unwrap",
    "visit_feed",
]


# Relations of Atom links that do not lead to the article (RFC 4287, RFC 4685, RFC 5023).
_NOT_THE_ARTICLE = frozenset(
    {"enclosure", "replies", "edit", "edit-media", "hub", "related", "via"}
)
# Words in the first label of a host or the last segment of a path that mark a redirector, and the
# query parameters that hold its target.
_REDIRECTOR = lazy_compile(
    r"(?:^|[/.])(?:url|redirect(?:or)?|redir|rd|go|goto|jump|out(?:bound)?|click|track(?:ing)?|"
    r"link(?:s|out)?|l|away|exit|transfer|external|\w{0,8}click)(?:\.(?:php|aspx?|html?|do))?$",
    re.IGNORECASE,
)
_TARGETS = ("url", "u", "q", "target", "to", "dest", "destination", "redirect", "link", "goto")


def unwrap(url: str) -> str:
    """Return the target in a redirector's query, or `url` itself for other addresses.

    Only addresses marked as redirectors are unwrapped: an article's parameter may hold an address,
    too. A redirector that hides its target is followed when it is fetched.
    """
    if "?" not in url or "http" not in url[8:].lower():
        return url
    parts = urlsplit(url)
    label = (parts.hostname or "").split(".")[0]
    if not _REDIRECTOR.search(parts.path.rstrip("/")) and not _REDIRECTOR.fullmatch(label):
        return url
    values = {key.lower(): value for key, value in parse_qsl(parts.query)}
    for key in _TARGETS:
        value = values.get(key, "")
        if value.lower().startswith(("http://", "https://")) and (found := resolve(url, value)):
            return found
    return url


def article_link(item: Mapping[str, Any], base: str, site: str) -> str:
    """Return an entry's address, or "": its own rather than a proxy's, a page rather than a GUID.

    Args:
        item: the entry from feedparser.
        base: address of the feed, or the base that it declares.
        site: address of the site that the feed names, or "".
    """
    # FeedBurner and the like replace the address; this is the publisher's original one.
    for key in ("feedburner_origlink", "pheedo_origlink"):
        if found := resolve(base, str(item.get(key) or "").strip()):
            return found
    permalink = _permalink(item)
    for href in _hrefs(item):
        found = resolve(base, href)
        if not found:
            continue
        found = unwrap(found)
        # The link leads through another site (a click counter, or the page that a blog comments
        # on), but the GUID is an address on the feed's own site. A list of links to other sites'
        # articles also has GUIDs on its own site: pages of discussion.
        away = bool(permalink and site) and permalink != found and not same_site(found, site)
        if away and same_site(permalink, site) and not _is_discussion(item, permalink):
            return resolve(base, permalink) or found
        return found
    return resolve(base, permalink)


def article_links(items: Sequence[Mapping[str, Any]], base: str, site: str) -> list[str]:
    """Return the address of each entry of a feed, or "".

    If several entries have one address, such as the front page, those whose GUIDs are addresses of
    the same site get these.

    Args:
        items: the entries from feedparser.
        base, site: as in `article_link`.
    """
    links = [article_link(item, base, site) for item in items]
    uses = Counter(links)
    if len(uses) == len(links):
        return links
    apart = [
        resolve(base, guid) if uses[link] > 1 and (guid := _permalink(item)) else ""
        for item, link in zip(items, links, strict=True)
    ]
    times = Counter(apart)
    return [
        guid if guid and times[guid] == 1 and same_site(guid, link) else link
        for guid, link in zip(apart, links, strict=True)
    ]


def records(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the records of a list from feedparser.

    An element with the list's name, such as ``<links>``, replaces the list by a string.
    """
    found = item.get(key)
    return [r for r in found if isinstance(r, Mapping)] if isinstance(found, list) else []


def _permalink(item: Mapping[str, Any]) -> str:
    identity = visible(str(item.get("id") or ""))
    return identity if identity.startswith(("http:", "https:")) else ""


def _is_discussion(item: Mapping[str, Any], permalink: str) -> bool:
    """Return whether the feed states that a GUID is not the article's address.

    It does so by ``isPermaLink="false"``, by an Atom id, which is not an address, or by naming the
    GUID as the page of the entry's comments.
    """
    comments = visible(str(item.get("comments") or "")).partition("#")[0].rstrip("/")
    below = comments.startswith(permalink.partition("#")[0].rstrip("/"))
    return bool(item.get(NO_PERMALINK)) or (bool(comments) and below)


def _hrefs(item: Mapping[str, Any]) -> list[str]:
    links = [link for link in records(item, "links") if link.get("rel") not in _NOT_THE_ARTICLE]
    links.sort(key=lambda link: link.get("rel") != "alternate")
    hrefs = [str(item.get("link") or ""), *(str(link.get("href") or "") for link in links)]
    # Atom's content may be outside the feed (RFC 4287, section 4.1.3.2).
    hrefs += [str(part.get("src") or "") for part in records(item, "content")]
    return [_with_scheme(href) for href in map(visible, hrefs) if href]


def _with_scheme(href: str) -> str:
    """Return an address written without its scheme, ``www.…``, with one."""
    return f"https://{href}" if _SPOKEN.match(href) else href


_SPOKEN = lazy_compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[/:?]|$)", re.IGNORECASE)


# Shorter contents are summaries, longer ones texts of the article.
LEAST_CONTENT = 400
MAX_CONTENT = 100_000

_TAG = lazy_compile(r"</?[a-zA-Z][^<>]*>")
# White space other than spaces and line feeds.
_SPACES = "\t\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Ends of blocks, which end lines; and elements whose content is not text.
_LINE_END = lazy_compile(r"</(?:p|div|li|h[1-6]|blockquote|tr)\s*>|<br\s*/?>", re.IGNORECASE)
_HIDING = lazy_compile(r"<(?:script|style|iframe|noscript|!--|!\[)", re.IGNORECASE)


def entry_text(markup: str) -> str:
    """Return the text of an entry's content, one paragraph per line, or "" for a summary."""
    if len(markup) < LEAST_CONTENT:
        return ""
    markup = markup[: 4 * MAX_CONTENT]
    if _HIDING.search(markup):
        plain = _without_hidden(_LINE_END.sub(_with_line, markup))
    else:
        plain = html.unescape(_TAG.sub("", _LINE_END.sub("\n", markup)))
    # Splitting into lines costs more than all else here, and few contents need it.
    uneven = any(sign in plain for sign in _SPACES)
    lines = (
        " ".join(line.split()) if uneven or "  " in line else line.strip()
        for line in plain.split("\n")
    )
    text = "\n".join(line for line in lines if line)
    return text[:MAX_CONTENT] if len(text) >= LEAST_CONTENT else ""


def _with_line(end: re.Match[str]) -> str:
    return end[0] + "\n"


def _without_hidden(markup: str) -> str:
    tree = LexborHTMLParser(markup)
    for node in tree.css("script, style, iframe, noscript"):
        node.decompose()
    return tree.body.text() if tree.body is not None else ""


# A feed with more entries is an archive; its older entries can wait.
MAX_ITEMS = 2000
# Documents per visit: the newest, and older ones after an overrun.
MAX_PAGES = 10
_MOST_HUBS = 5
# Key under which an entry records that its GUID is not its address.
NO_PERMALINK = "scraper_no_permalink"
_OLDER = ("next", "prev-archive")
# Tolerated difference between a server's clock and ours.
_CLOCKS_DIFFER = timedelta(minutes=15)
NO_ENTRIES = "the feed has no entries"

_OLDEST = datetime.min.replace(tzinfo=UTC)
_ITEM_START = lazy_compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_DATE = lazy_compile(
    r"<(?:\w+:)?(?:pubdate|published|issued|created|date|updated|modified)\b[^<>]*>([^<]{1,100})<",
    re.IGNORECASE,
)
_ITEM_END = lazy_compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_XML_DECLARATION = lazy_compile(r"^\s*<\?xml[^>]*\?>")
_DATE_KEYS = ("published", "issued", "created", "updated")
_JSON_DATE_KEYS = ("date_published", "date_modified")


@record
class Feed:
    """A parsed feed.

    Attributes:
        entries: articles, in the feed's order.
        notes: oddities.
        title: its name, or "".
        language: language tag as printed, or "".
        home: address of its site, or "".
        moved_to: new address that it states, or "".
        own: address that it states as its own, or "".
        older: address of the document with the entries before these (RFC 5005), or "".
        hubs: addresses of hubs that tell when it changes (W3C WebSub).
    """

    entries: tuple[Entry, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    title: str = ""
    language: str = ""
    home: str = ""
    moved_to: str = ""
    own: str = ""
    older: str = ""
    hubs: tuple[str, ...] = ()


async def visit_feed(visit: Visit) -> Discovery:
    """Read a feed.

    Raises:
        FetchError: it could not be fetched.
        DiscoverError: ``not_a_feed``.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    feed: Feed = await visit.parse(parse_feed, page)
    notes = list(feed.notes)
    moved_to = ""
    # Only valid feeds can move: a redirect to a parked domain must not replace the address.
    if feed.entries:
        moved_to = feed.moved_to or moved_for_good(page)
    if moved_to and canonical(moved_to) == canonical(visit.source.url):
        moved_to = ""
    if moved_to:
        notes.append(f"the feed says that it has moved to {moved_to}")
    elif feed.own and identity(feed.own) != identity(page.final_url):
        notes.append(f"the feed states {feed.own} as its own address")
    pages, entries = [page], list(feed.entries)
    await _read_older(visit, feed, pages, entries, notes)
    links = visit.links(entries, MAX_ITEMS)
    hub, topic = hub_and_topic(page.headers, page.final_url, feed.hubs, feed.own)
    return Discovery(
        links=links,
        pages=tuple(pages),
        notes=tuple(notes),
        # Validators of a temporary substitute belong to another feed.
        conditional=not page.hops or identity(page.final_url) == identity(page.url),
        moved_to=moved_to,
        window=visit.window(links),
        hub=hub,
        topic=topic,
    )


async def _read_older(
    visit: Visit, feed: Feed, pages: list[Page], entries: list[Entry], notes: list[str]
) -> None:
    """Read the documents with a feed's older entries while all of their entries are new.

    If all entries are new at a later visit, some may have been missed since the last one.

    Args:
        visit: the visit.
        feed: the first document.
        pages, entries, notes: those of the visit so far; new ones are appended.
    """
    if visit.since is None:
        return
    seen = {canonical(page.url) for page in pages} | {canonical(pages[0].final_url)}
    while len(pages) < MAX_PAGES and feed.older and len(entries) < MAX_ITEMS:
        url = feed.older
        if not same_site(url, pages[0].final_url) or canonical(url) in seen:
            break
        if not feed.entries or await visit.known([entry.url for entry in feed.entries]):
            break
        seen.add(canonical(url))
        try:
            page = await visit.page(url)
            feed = await visit.parse(parse_feed, page)
        except (FetchError, DiscoverError, ExtractError) as error:
            notes.append(f"older entries of the feed: {error.message}")
            break
        pages.append(page)
        entries += feed.entries


def parse_feed(body: bytes, url: str, content_type: str, source: Source, at: datetime) -> Feed:
    """Parse a feed.

    Args:
        body: bytes of the feed, gzipped or not.
        url: its address, against which relative links are resolved.
        content_type: its Content-Type header, or "".
        source: its source, with patterns that filter entries and a zone for their times.
        at: the present time; times far in the future are dropped.

    Raises:
        DiscoverError: ``not_a_feed``; ``too_large`` if it unpacks to too much.
    """
    text = scrub(decode(gunzip(body, url, "feed"), content_type).text)
    if not text.strip():
        raise _not_a_feed(url, "an empty document")
    if text.lstrip()[:1] == "{":
        return _json_feed(text, url, source, at)
    if looks_like_html(text):
        named = feed_links(text, url)
        where = f", which names {named[0].url} as its feed" if named else ""
        raise _not_a_feed(url, f"a web page{where}")
    text, cut = _newest_items(without_stump(text), source, at)
    parsed, fault = _read(text)
    if parsed is None:
        raise _not_a_feed(url, "too malformed to be parsed")
    notes = [f"the feed is malformed ({fault})"] if fault else []
    head = parsed.feed
    home = resolve(url, str(head.get("link") or ""))
    language = one_line(str(head.get("language") or ""), 40)
    dated_by = _with_zone(source, home or url, language, parsed.entries)
    # Look up each key once: feedparser's records translate it every time.
    read = [dict(entry) for entry in parsed.entries[:MAX_ITEMS]]
    _mark_guids(read, text, is_atom=str(parsed.get("version")).startswith("atom"))
    entries = tuple(_xml_entries(read, _base_of(url, home), home, dated_by, at))
    if not parsed.version and not entries:
        raise _not_a_feed(url, "no known kind of feed")
    if cut:
        notes.append(cut)
    if not parsed.entries:
        notes.append(NO_ENTRIES)
    notes += _oddities(entries, at)
    links = {link.get("rel"): str(link.get("href") or "") for link in records(head, "links")}
    older = next((links[relation] for relation in _OLDER if links.get(relation)), "")
    return Feed(
        entries=entries,
        notes=tuple(notes),
        title=plain_text(str(head.get("title") or "")),
        language=language,
        home=home,
        moved_to=resolve(url, str(head.get("itunes_new-feed-url") or "").strip()),
        own=resolve(url, links.get("self", "")),
        older=resolve(url, older),
        hubs=_hubs(url, (link["href"] for link in records(head, "links")
                         if link.get("rel") == "hub" and link.get("href"))),
    )  # fmt: skip


def _hubs(url: str, hrefs: Iterable[object]) -> tuple[str, ...]:
    """Return the addresses of the first hubs that a feed names."""
    found = (resolve(url, href.strip()) for href in hrefs if isinstance(href, str))
    return tuple(islice((hub for hub in found if hub), _MOST_HUBS))


def _base_of(url: str, home: str) -> str:
    """Return the base address for a feed's relative links.

    It is on the feed's own site, even if a proxy serves the feed.
    """
    return home if home and host_of(home) != host_of(url) else url


_GUID = lazy_compile(
    r"<guid\b([^<>]*)>([^<]{1,2000}|<!\[CDATA\[[^<>]{1,2000}\]\]>)<", re.IGNORECASE
)
_IS_NO_LINK = lazy_compile(r"ispermalink\s*+=\s*+[\"']?\s*+(?:false|no|0)\b", re.IGNORECASE)


def _mark_guids(items: Sequence[dict[str, Any]], text: str, *, is_atom: bool) -> None:
    """Mark entries whose GUID is not their address, which feedparser does not report."""
    said = set()
    if not is_atom:
        for match in _GUID.finditer(text):
            if _IS_NO_LINK.search(match[1]):
                guid = match[2].removeprefix("<![CDATA[").removesuffix("]]>")
                said.add(html.unescape(guid).strip())
    for item in items:
        if is_atom or str(item.get("id") or "").strip() in said:
            item[NO_PERMALINK] = True


def _read(text: str) -> tuple[Any, str]:
    """Return feedparser's result for a feed, or None, and a description of its fault, or ""."""
    parsed = _parsed(text)
    if parsed is None:
        return _parsed(repair_xml(text)), "broken markup"
    wrong = parsed.bozo_exception if parsed.bozo else None
    if wrong is None or isinstance(wrong, feedparser.CharacterEncodingOverride):
        return parsed, ""
    again = _parsed(repair_xml(text))
    # The lenient parser garbles ampersands that are not references.
    if again is not None and not again.bozo and len(again.entries) >= len(parsed.entries):
        parsed = again
    return parsed, one_line(str(wrong))


def _parsed(text: str) -> Any:
    """Return feedparser's result for a text, or None if it fails on mismatched tags."""
    try:
        # A stream of bytes: feedparser would open a string as a file name or address.
        return feedparser.parse(
            io.BytesIO(_XML_DECLARATION.sub("", text).encode("utf-8")),
            # No content-location: a GUID such as "7" would be resolved against the feed's address.
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except (LookupError, AttributeError, TypeError, ValueError, AssertionError):
        return None


def _with_zone(
    source: Source, site: str, language: str, items: Sequence[Mapping[str, Any]]
) -> Source:
    """Return a source with a time zone, if its feed's language implies one."""
    if source.zone:
        return source
    titles = "".join(str(item.get("title") or "") for item in items[:50])
    tag = source.language or language
    return replace(source, zone=zone_of(site, tag) or zone_of(site, written_tag(titles)))


def _oddities(entries: Sequence[Entry], at: datetime) -> list[str]:
    """Return descriptions of oddities in the times and addresses of a feed."""
    notes = []
    unread = [
        entry.published_raw for entry in entries if entry.published_raw and not entry.published
    ]
    if unread:
        notes.append(f"impossible or unreadable times: {len(unread)}, such as {unread[0][:60]!r}")
    ahead = sum(entry.published > at + _CLOCKS_DIFFER for entry in entries if entry.published)
    if ahead:
        notes.append(f"dated in the future: {ahead} entries; their zone may be wrong")
    addresses = len({entry.url for entry in entries})
    if 2 * addresses <= len(entries) and entries:
        notes.append(f"{len(entries)} entries, but only {addresses} different addresses")
    return notes


def _not_a_feed(url: str, what: str) -> DiscoverError:
    return DiscoverError(f"not a feed: {url} is {what}", url=url, error_class=ErrorClass.NOT_A_FEED)


def _newest_items(text: str, source: Source, at: datetime) -> tuple[str, str]:
    """Return a feed with its newest `MAX_ITEMS` entries, and a note if it has more.

    Most feeds begin with the newest entry, some end with it. If fewer than half of the entries are
    dated, the first ones count as the newest.
    """
    first = _ITEM_START.search(text)
    ends = [match.end() for match in _ITEM_END.finditer(text)]
    if first is None or len(ends) <= MAX_ITEMS:
        return text, ""
    starts = [first.start(), *ends[:-1]]
    items = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    dates = [match[1] if (match := _ITEM_DATE.search(item)) else "" for item in items]
    kept, note = _newest_of([parse_feed_date(one_line(raw), source, at) for raw in dates])
    return text[: first.start()] + "".join(items[n] for n in kept) + text[ends[-1] :], note


def _newest_of(dates: Sequence[datetime | None]) -> tuple[Sequence[int], str]:
    """Return the indexes of the `MAX_ITEMS` newest entries, and a note about the others.

    Args:
        dates: times of the entries, or None.
    """
    count = len(dates)
    if 2 * sum(date is not None for date in dates) < count:
        return range(MAX_ITEMS), f"only the first {MAX_ITEMS} entries were read"
    # An undated entry is as new as the one before it.
    times: list[datetime] = []
    for date in dates:
        times.append(date or (times[-1] if times else _OLDEST))
    newest = sorted(range(count), key=times.__getitem__, reverse=True)[:MAX_ITEMS]
    return sorted(newest), f"only the newest {MAX_ITEMS} entries were read"


def _xml_entries(
    items: Sequence[Mapping[str, Any]], base: str, home: str, source: Source, at: datetime
) -> Iterator[Entry]:
    wanted = Wanted(source)
    # The feed's own site is that of most of its links; a proxy's address is not.
    site = home or base
    for item, url in zip(items, article_links(items, base, site), strict=True):
        if url and wanted.accepts(url):
            raw = next((str(item[key]) for key in _DATE_KEYS if item.get(key)), "")
            contents = [str(part.get("value") or "") for part in records(item, "content")]
            content = max([*contents, str(item.get("summary") or "")], key=len)
            yield _entry(url, str(item.get("title") or ""), raw, content, source, at)


def _json_feed(text: str, url: str, source: Source, at: datetime) -> Feed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_a_feed(url, "broken JSON") from None
    items = document.get("items")
    if not isinstance(items, list):
        raise _not_a_feed(url, "JSON, but not a JSON Feed")

    def text_of(key: str) -> str:
        value = document.get(key)
        return value if isinstance(value, str) else ""

    notes = [] if items else [NO_ENTRIES]
    records = [item for item in items if isinstance(item, dict)]
    if len(records) > MAX_ITEMS:
        kept, note = _newest_of([parse_feed_date(_json_date(r), source, at) for r in records])
        records = [records[n] for n in kept]
        notes.append(note)
    dated_by = _with_zone(
        source, resolve(url, text_of("home_page_url")) or url, text_of("language"), records
    )
    home = resolve(url, text_of("home_page_url"))
    entries = tuple(_json_entries(records, _base_of(url, home), dated_by, at))
    return Feed(
        entries=entries,
        notes=(*notes, *_oddities(entries, at)),
        title=plain_text(text_of("title")),
        language=one_line(text_of("language"), 40),
        home=home,
        own=resolve(url, text_of("feed_url")),
        older=resolve(url, text_of("next_url")),
        hubs=_hubs(url, _json_hubs(document.get("hubs"))),
    )


def _json_hubs(hubs: object) -> Iterator[object]:
    """Yield the addresses of a JSON Feed's hubs for WebSub."""
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and str(hub.get("type")).lower() == "websub":
            yield hub.get("url")


def _json_entries(items: list[Any], url: str, source: Source, at: datetime) -> Iterator[Entry]:
    wanted = Wanted(source)
    for item in items:
        # In most feeds an id is an address, in some a bare number.
        hrefs = [item.get("url"), item.get("external_url")]
        hrefs += [item["id"]] if str(item.get("id")).startswith(("http:", "https:")) else []
        href = next((h for h in hrefs if isinstance(h, str) and resolve(url, h)), "")
        found = wanted.resolve(url, unwrap(resolve(url, href)) if href else "")
        if found:
            raw = _json_date(item)
            content = str(item.get("content_html") or "") or html.escape(
                str(item.get("content_text") or "")
            )
            yield _entry(found, str(item.get("title") or ""), raw, content, source, at)


def _json_date(item: Mapping[str, Any]) -> str:
    return next((str(item[key]) for key in _JSON_DATE_KEYS if item.get(key)), "")


def _entry(url: str, title: str, raw: str, content: str, source: Source, at: datetime) -> Entry:
    return Entry(
        url=url,
        title=plain_text(title),
        published=parse_feed_date(raw, source, at),
        published_raw=one_line(raw),
        content=entry_text(content),
    )
