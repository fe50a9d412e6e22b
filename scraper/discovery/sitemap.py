"""Sitemaps (sitemaps.org): indexes, news sitemaps, gzip, and those named in robots.txt."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from lxml import etree

from scraper.discovery.feed import parse_feed
from scraper.discovery.visit import Entry, Visit, Wanted, looks_like_html, one_line, plain_text
from scraper.discovery.xml_repair import MAX_SITEMAP_BYTES, gunzip, repair_xml, without_stump
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError
from scraper.models import Discovery, Page, Source
from scraper.record import record
from scraper.text.dates.feed_dates import parse_feed_date
from scraper.text.encoding import decode, scrub
from scraper.text.languages import same_language
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, canonical, host_of, same_site

__all__ = [
    "MAX_DEPTH",
    "MAX_LINKS",
    "MAX_SITEMAPS",
    "MAX_URLS",
    "ROBOTS",
    "Sitemap",
    "named_elsewhere",
    "near_children",
    "parse_sitemap",
    "read_sitemap",
    "visit_sitemap",
]

# The protocol's own limits: https://www.sitemaps.org/protocol.html
MAX_URLS = 50_000
MAX_DEPTH = 3
# Limits per visit, newest first: older addresses were read at earlier visits.
MAX_SITEMAPS = 20
MAX_LINKS = 2_000

# Changes this long before the last visit were seen then: the margin covers days without a time,
# wrong clocks and caches.
OVERLAP = timedelta(days=2)
# Children that are read whatever their time: some indexes never update times.
ALWAYS_READ = 2
# The others are read once a day, each at its own time, but at most this many per visit.
MAX_BY_TURNS = 5
# New addresses with an old time per visit: a large sitemap that was never read whole may hold the
# site's whole past.
MAX_LATE = 200
_DAY = 86_400

ROBOTS = "/robots.txt"
_OLDEST = datetime.min.replace(tzinfo=UTC)
_ROBOTS_LINE = lazy_compile(
    r"^[^\S\n]*+site-?map[^\S\n]*+:[^\S\n]*+(\S+)", re.IGNORECASE | re.MULTILINE
)
_XML_ROOT = lazy_compile(r"<(?:\?xml|(?:\w+:)?(?:urlset|sitemapindex))\b", re.IGNORECASE)
_DIGITS = lazy_compile(r"\d+")


@record
class Sitemap:
    """A parsed document: articles, further sitemaps, or both.

    Attributes:
        entries: articles, in the document's order.
        children: further sitemaps; `published` is the time of their last change.
        notes: oddities.
        news: whether it is a news sitemap.
        language: first language tag of an article, as printed, or "".
        title: name of the publication in a news sitemap, or "".
    """

    entries: tuple[Entry, ...] = ()
    children: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    news: bool = False
    language: str = ""
    title: str = ""


async def visit_sitemap(visit: Visit) -> Discovery:
    """Read a sitemap and, of an index, the newest of its children; newest articles first.

    A later visit returns only changed and unknown addresses, the latter whatever their time: many
    sites never update times, or print that of a draft. Children whose time did not change are read
    in turn.

    Raises:
        FetchError: the first document could not be fetched.
        DiscoverError: ``not_a_sitemap``.
    """
    top = await visit.page(visit.source.url, conditional=True, max_bytes=visit.max_sitemap_bytes)
    if top.status == 304:
        return Discovery(links=(), pages=(top,), unchanged=True)
    first = await read_sitemap(visit, top)
    pages, notes, found = [top], list(first.notes), list(first.entries)
    elsewhere = await named_elsewhere(visit, first, top)
    waiting = [(child, 1) for child in _worth_reading(first, top, visit, elsewhere, notes)]
    seen = {canonical(top.url), canonical(top.final_url)}
    while waiting and len(pages) <= MAX_SITEMAPS and len(found) < MAX_URLS:
        child, depth = waiting.pop(0)
        if canonical(child.url) in seen:
            continue
        seen.add(canonical(child.url))
        try:
            page = await visit.page(child.url, max_bytes=visit.max_sitemap_bytes)
            sitemap = await read_sitemap(visit, page)
        except (FetchError, DiscoverError, ExtractError) as error:
            # One bad child must not hide the articles of the others.
            notes.append(error.message)
            continue
        pages.append(page)
        found.extend(sitemap.entries)
        notes.extend(sitemap.notes)
        if depth < MAX_DEPTH:
            further = _worth_reading(sitemap, page, visit, elsewhere, notes)
            waiting.extend((c, depth + 1) for c in further)
    unread = sum(canonical(child.url) not in seen for child, _ in waiting)
    if unread:
        notes.append(f"{unread} older sitemaps of the index were not read")
    if not found and len(pages) == 1 and first.children:
        raise DiscoverError(
            f"no articles: none of the sitemaps that {top.url} names could be read ({notes[-1]})",
            url=top.url,
            error_class=ErrorClass.NO_LINKS,
        )
    fresh = await _since_last_time(visit, found, notes)
    # Sorting is stable: without times the document's order is kept.
    fresh.sort(key=lambda entry: entry.published or _OLDEST, reverse=True)
    links = visit.links(fresh, MAX_LINKS)
    if len(links) == MAX_LINKS < len(fresh):
        notes.append(f"only the newest {MAX_LINKS} of {len(fresh)} addresses were taken")
    # An index may stay the same while its children change.
    return Discovery(
        links=links, pages=tuple(pages), notes=tuple(notes), conditional=not first.children
    )


async def read_sitemap(visit: Visit, page: Page) -> Sitemap:
    """Return a fetched document, parsed in a worker.

    Raises:
        DiscoverError, ExtractError: it is no sitemap, or cannot be parsed.
    """
    sitemap: Sitemap = await visit.parse(parse_sitemap, page, visit.max_sitemap_bytes)
    return sitemap


async def _since_last_time(visit: Visit, entries: list[Entry], notes: list[str]) -> list[Entry]:
    """Return entries changed since the last visit, and unknown ones whatever their time."""
    if visit.since is None:
        return entries
    cutoff = visit.since - OVERLAP
    old = [e.url for e in entries if e.published is None or e.published < cutoff]
    known = await visit.known(old) if old else frozenset()
    # New entries among known ones first: a document without known entries may be unread so far.
    late = [e for e in entries if e.published and e.published < cutoff and e.url not in known]
    late.sort(key=lambda entry: entry.published or _OLDEST, reverse=True)
    waiting = {entry.url for entry in late[MAX_LATE:]}
    if waiting:
        notes.append(f"{len(waiting)} addresses with an old time wait for the next visits")
    return [
        entry
        for entry in entries
        if entry.url not in waiting
        and ((entry.published and entry.published >= cutoff) or entry.url not in known)
    ]


async def named_elsewhere(visit: Visit, sitemap: Sitemap, page: Page) -> frozenset[str]:
    """Return the hosts on other sites that a site's robots.txt names for its sitemaps.

    See https://www.sitemaps.org/protocol.html#sitemaps_cross_submits.
    """
    if urlsplit(page.url).path == ROBOTS:
        return frozenset(host_of(child.url) for child in sitemap.children)
    far = [child for child in sitemap.children if not same_site(child.url, page.final_url)]
    if not far:
        return frozenset()
    try:
        robots = await visit.page(urljoin(visit.source.url, ROBOTS))
        named: Sitemap = await visit.parse(parse_sitemap, robots)
    except (FetchError, DiscoverError, ExtractError):
        return frozenset()
    return frozenset(host_of(child.url) for child in named.children)


def near_children(sitemap: Sitemap, page: Page, elsewhere: frozenset[str]) -> list[Entry]:
    """Return the children of an index that belong to its site.

    Args:
        sitemap: the index.
        page: the fetched index.
        elsewhere: hosts on other sites that may hold children, too.
    """
    return [
        child
        for child in sitemap.children
        if same_site(child.url, page.final_url) or host_of(child.url) in elsewhere
    ]


def _worth_reading(
    sitemap: Sitemap, page: Page, visit: Visit, elsewhere: frozenset[str], notes: list[str]
) -> list[Entry]:
    """Return the children to read, the most promising first: news, then the newest.

    Args:
        sitemap: the index.
        page: the fetched index.
        visit: the visit.
        elsewhere: hosts on other sites that may hold children, too.
        notes: list to which notes on skipped children are appended.
    """
    near = near_children(sitemap, page, elsewhere)
    if len(near) < len(sitemap.children):
        notes.append(f"{len(sitemap.children) - len(near)} sitemaps on other sites were skipped")

    def promise(child: Entry) -> tuple[bool, datetime, list[int]]:
        path = urlsplit(child.url).path.lower()
        # Without times, numbers in names are the best hint: they increase, or are dates.
        numbers = [int(digits) for digits in _DIGITS.findall(path)[:6] if len(digits) < 15]
        return "news" in path, child.published or _OLDEST, numbers

    near.sort(key=promise, reverse=True)
    if visit.since is None:
        return near
    cutoff = visit.since - OVERLAP
    changed = [
        child
        for rank, child in enumerate(near)
        if rank < ALWAYS_READ or (child.published or cutoff) >= cutoff
    ]
    same = [child for child in near if child not in changed]
    turns = [child for child in same if _has_its_turn(child.url, visit.since, visit.at)]
    # If more are due than may be read, the order changes from day to day.
    turns.sort(key=lambda child: sha256(f"{visit.at:%Y-%m-%d} {child.url}".encode()).digest())
    turns = turns[:MAX_BY_TURNS]
    if len(same) > len(turns):
        notes.append(f"{len(same) - len(turns)} sitemaps did not change since the last visit")
    return changed + turns


def _has_its_turn(url: str, since: datetime, at: datetime) -> bool:
    """Return whether a child's time of day falls between two visits."""
    own = crc32(url.encode()) % _DAY
    return (at.timestamp() - own) // _DAY > (since.timestamp() - own) // _DAY


def parse_sitemap(
    body: bytes,
    url: str,
    content_type: str,
    source: Source,
    at: datetime,
    max_bytes: int = MAX_SITEMAP_BYTES,
) -> Sitemap:
    """Parse a sitemap, an index of sitemaps, a robots.txt or a text sitemap.

    Args:
        body: bytes, gzipped or not.
        url: its address.
        content_type: its Content-Type header, or "".
        source: its source, with patterns that filter articles and a zone for their times.
        at: the present time; times far in the future are dropped.
        max_bytes: maximum size in bytes, unpacked.

    Raises:
        DiscoverError: ``not_a_sitemap``; ``too_large`` if it unpacks to more than `max_bytes`.
    """
    text = scrub(decode(gunzip(body, url, "sitemap", max_bytes), content_type).text).strip(
        "\ufeff \t\r\n"
    )
    if not text:
        raise _not_a_sitemap(url, "an empty document")
    if not text.startswith("<") and (root := _XML_ROOT.search(text[:2_000])) is not None:
        # Error output of a program before the document.
        text = text[root.start() :]
    if text.startswith("<"):
        if looks_like_html(text):
            raise _not_a_sitemap(url, "a web page")
        return _read_xml(text, url, source, at)
    children = _ROBOTS_LINE.findall(text)
    if urlsplit(url).path.endswith(ROBOTS) or children:
        if not children:
            raise _not_a_sitemap(url, "a robots.txt that names no sitemap")
        return Sitemap(children=tuple(Entry(url=h) for c in children if (h := absolute(url, c))))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    addresses = [line for line in lines[:MAX_URLS] if re.match(r"https?://\S+$", line)]
    if not addresses:
        raise _not_a_sitemap(url, "neither XML nor a list of addresses")
    wanted = Wanted(source)
    found = (wanted.resolve(url, address) for address in addresses)
    return Sitemap(entries=tuple(Entry(url=address) for address in found if address))


def _not_a_sitemap(url: str, what: str) -> DiscoverError:
    return DiscoverError(
        f"not a sitemap: {url} is {what}", url=url, error_class=ErrorClass.NOT_A_SITEMAP
    )


def _name(element: etree._Element) -> str:
    return _split_name(element)[1]


def _split_name(element: etree._Element) -> tuple[str, str]:
    """Return an element's namespace, or its prefix if that is undeclared, and its name."""
    # Not by QName, which refuses a name with an undeclared prefix (``news:news``).
    tag = element.tag
    if not isinstance(tag, str):
        return "", ""
    namespace, _, name = tag.rpartition("}" if tag.startswith("{") else ":")
    return namespace.lstrip("{"), name.lower()


def _root(text: str) -> tuple[etree._Element | None, bool]:
    """Return the root of a document, or None, and whether the document is malformed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    body = re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None, True
    return root, bool(parser.error_log) or root is None


def _read_xml(text: str, url: str, source: Source, at: datetime) -> Sitemap:
    root, broken = _root(text)
    notes = ["the sitemap is malformed"] if broken else []
    if broken:
        # The parser recovers wrong addresses from bare ampersands and from truncated documents.
        again, _ = _root(without_stump(repair_xml(text)))
        root = root if again is None else again
    if root is not None and _name(root) in ("rss", "feed", "rdf"):
        # The protocol allows feeds: https://www.sitemaps.org/protocol.html#otherformats
        feed = parse_feed(text.encode("utf-8"), url, "", source, at)
        if feed.entries:
            return Sitemap(entries=feed.entries, notes=feed.notes, language=feed.language)
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise _not_a_sitemap(url, "an unknown kind of XML")
    entries: list[Entry] = []
    children: list[Entry] = []
    wanted, nobody = Wanted(source), Wanted(replace(source, include=(), exclude=()))
    news, languages, titles = False, "", ""
    for element in islice(root, MAX_URLS):
        is_index = _name(element) == "sitemap"
        values = _values(element)
        address = (nobody if is_index else wanted).resolve(url, values.get("loc", ""))
        if not address:
            continue
        if not is_index and source.language and (other := _in_language(element, address, source)):
            address = wanted.resolve(url, other) or address
        raw = values.get("publication_date") or values.get("lastmod") or ""
        news = news or "publication_date" in values
        languages = languages or values.get("language", "")
        titles = titles or values.get("name", "")
        entry = Entry(
            url=address,
            title=plain_text(values.get("title", "")),
            published=parse_feed_date(raw, source, at),
            published_raw=one_line(raw),
        )
        (children if is_index else entries).append(entry)
    if len(root) > MAX_URLS:
        notes.append(f"only the first {MAX_URLS} addresses were read")
    return Sitemap(
        entries=tuple(entries),
        children=tuple(children),
        notes=tuple(notes),
        news=news,
        language=one_line(languages, 40),
        title=one_line(titles),
    )


# Fields of an article in a news sitemap:
# https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
_OF_NEWS = frozenset({"publication_date", "title", "language", "name"})
_NEWS_PARTS = frozenset({"news", "publication"})


def _values(element: etree._Element) -> dict[str, str]:
    """Return an entry's address, time and news fields, the first of each name.

    Pictures and videos have addresses and titles of their own: ``image:loc``.
    """
    own, _ = _split_name(element)
    values: dict[str, str] = {}
    for child in element:
        namespace, name = _split_name(child)
        if name in ("loc", "lastmod") and namespace in (own, ""):
            values.setdefault(name, _text(child))
        elif name in _NEWS_PARTS:
            for part in child.iter():
                if (field := _name(part)) in _OF_NEWS:
                    values.setdefault(field, _text(part))
        elif name in _OF_NEWS and ("news" in namespace or child.prefix == "news"):
            values.setdefault(name, _text(child))
    return values


def _text(element: etree._Element) -> str:
    # Line breaks inside an address are only formatting.
    return " ".join("".join(element.itertext()).split())


def _in_language(element: etree._Element, address: str, source: Source) -> str:
    """Return the address of an article's edition in the source's language.

    A sitemap with hreflang links lists each article once per language, or in one language only.
    """
    editions = {
        str(link.get("href") or "").strip(): str(link.get("hreflang") or "")
        for link in element
        if _name(link) == "link" and link.get("hreflang")
    }
    own = editions.get(address, "")
    if not editions or same_language(own, source.language):
        return ""
    fitting = (href for href, tag in editions.items() if same_language(tag, source.language))
    return next(fitting, "")
