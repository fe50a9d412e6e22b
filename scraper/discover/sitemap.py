"""Sitemaps (sitemaps.org), their indexes, news sitemaps, gzip, and robots.txt as a way to them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from scraper.discover.characters import decode, scrub
from scraper.discover.visit import (
    Entry,
    Visit,
    Wanted,
    looks_like_html,
    one_line,
    printed_time,
)
from scraper.errors import DiscoverError, ExtractError, FetchError
from scraper.models import Discovery, Page, Source
from scraper.urls import absolute, canonical, same_site

__all__ = ["MAX_LINKS", "MAX_SITEMAPS", "MAX_URLS", "Sitemap", "parse_sitemap", "visit_sitemap"]

# The protocol's own limits: https://www.sitemaps.org/protocol.html
MAX_BYTES = 50 * 1024 * 1024
MAX_URLS = 50_000
MAX_DEPTH = 3
# What one visit reads and brings: the newest, since the rest was there the last time.
MAX_SITEMAPS = 20
MAX_LINKS = 2_000

_OLDEST = datetime.min.replace(tzinfo=UTC)
_ROBOTS_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one document holds: articles, further sitemaps, or both.

    Attributes:
        entries: articles, in the document's order.
        children: further sitemaps, with the time of their last change as `published`.
        notes: what was odd.
    """

    entries: tuple[Entry, ...] = ()
    children: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


async def visit_sitemap(visit: Visit) -> Discovery:
    """Read a sitemap and, of an index, the newest of its children; newest articles first.

    Raises:
        FetchError: the first document did not come.
        DiscoverError: ``not_a_sitemap``.
    """
    top = await visit.page(visit.source.url, conditional=True, max_bytes=MAX_BYTES)
    if top.status == 304:
        return Discovery(links=(), pages=(top,), unchanged=True)
    first = await _parse(visit, top)
    pages, notes, found = [top], list(first.notes), list(first.entries)
    waiting = [(child, 1) for child in _worth_reading(first, top, notes)]
    seen = {canonical(top.url), canonical(top.final_url)}
    while waiting and len(pages) <= MAX_SITEMAPS and len(found) < MAX_URLS:
        child, depth = waiting.pop(0)
        if canonical(child.url) in seen:
            continue
        seen.add(canonical(child.url))
        try:
            page = await visit.page(child.url, max_bytes=MAX_BYTES)
            sitemap = await _parse(visit, page)
        except (FetchError, DiscoverError, ExtractError) as error:
            # One bad child must not hide the articles of its sisters.
            notes.append(error.message)
            continue
        pages.append(page)
        found.extend(sitemap.entries)
        notes.extend(sitemap.notes)
        if depth < MAX_DEPTH:
            waiting.extend((c, depth + 1) for c in _worth_reading(sitemap, page, notes))
    unread = sum(canonical(child.url) not in seen for child, _ in waiting)
    if unread:
        notes.append(f"{unread} older sitemaps of the index were not read")
    if not found and len(pages) == 1 and first.children:
        raise DiscoverError(
            f"no articles: none of the sitemaps that {top.url} names could be read ({notes[-1]})",
            url=top.url,
            error_class="no_links",
        )
    # Sorting is stable: without times the document's own order stands.
    found.sort(key=lambda entry: entry.published or _OLDEST, reverse=True)
    links = visit.links(found, MAX_LINKS)
    if len(links) == MAX_LINKS < len(found):
        notes.append(f"only the newest {MAX_LINKS} of {len(found)} addresses were taken")
    return Discovery(links=links, pages=tuple(pages), notes=tuple(notes))


async def _parse(visit: Visit, page: Page) -> Sitemap:
    sitemap: Sitemap = await visit.parse(parse_sitemap, page)
    return sitemap


def _worth_reading(sitemap: Sitemap, page: Page, notes: list[str]) -> list[Entry]:
    """Return the children to read, the most promising first: news, then the newest."""
    near = [child for child in sitemap.children if same_site(child.url, page.final_url)]
    if len(near) < len(sitemap.children):
        notes.append(f"{len(sitemap.children) - len(near)} sitemaps on other sites were left out")

    def promise(child: Entry) -> tuple[bool, datetime, list[int]]:
        path = urlsplit(child.url).path.lower()
        # Without times, numbers in names are the best hint: they count up or are dates.
        numbers = [int(digits) for digits in _DIGITS.findall(path)[:6] if len(digits) < 15]
        return "news" in path, child.published or _OLDEST, numbers

    return sorted(near, key=promise, reverse=True)


def parse_sitemap(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> Sitemap:
    """Return what a sitemap, an index of sitemaps, a robots.txt or a text sitemap holds.

    Args:
        body: the bytes, gzipped or not.
        url: where it was read.
        content_type: its Content-Type header, or "".
        source: whose sitemap it is: its patterns choose among the articles, its zone dates them.
        at: the present moment; times that lie far ahead of it are dropped.

    Raises:
        DiscoverError: ``not_a_sitemap``, also when it unpacks to more than `MAX_BYTES`.
    """
    if body.startswith(b"\x1f\x8b"):
        body = _gunzip(body, url)
    text = scrub(decode(body, content_type)).strip()
    if not text:
        raise _not_a_sitemap(url, "an empty document")
    if text.startswith("<"):
        if looks_like_html(text):
            raise _not_a_sitemap(url, "a web page")
        return _read_xml(text, url, source, at)
    children = _ROBOTS_LINE.findall(text)
    if urlsplit(url).path.endswith("/robots.txt") or children:
        if not children:
            raise _not_a_sitemap(url, "a robots.txt that names no sitemap")
        return Sitemap(children=tuple(Entry(url=h) for c in children if (h := absolute(url, c))))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    addresses = [line for line in lines[:MAX_URLS] if re.match(r"https?://\S+$", line)]
    if not addresses:
        raise _not_a_sitemap(url, "no XML and no list of addresses")
    wanted = Wanted(source)
    found = (wanted.resolve(url, address) for address in addresses)
    return Sitemap(entries=tuple(Entry(url=address) for address in found if address))


def _not_a_sitemap(url: str, what: str) -> DiscoverError:
    return DiscoverError(f"not a sitemap: {url} is {what}", url=url, error_class="not_a_sitemap")


def _gunzip(body: bytes, url: str) -> bytes:
    """Unpack all gzip members, at most `MAX_BYTES`; what is whole of a cut one is kept."""
    unpacked = bytearray()
    while body.startswith(b"\x1f\x8b"):
        inflate = zlib.decompressobj(wbits=31)
        try:
            unpacked += inflate.decompress(body, MAX_BYTES + 1 - len(unpacked))
        except zlib.error:
            raise _not_a_sitemap(url, "broken gzip") from None
        if len(unpacked) > MAX_BYTES:
            raise _not_a_sitemap(url, f"gzip of more than {MAX_BYTES // 1024**2} MiB")
        body = inflate.unused_data
    return bytes(unpacked)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _read_xml(text: str, url: str, source: Source, at: datetime) -> Sitemap:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    body = re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise _not_a_sitemap(url, "no XML that we know as one")
    notes = ["the sitemap is malformed"] if parser.error_log else []
    entries: list[Entry] = []
    children: list[Entry] = []
    wanted, nobody = Wanted(source), Wanted(replace(source, include=(), exclude=()))
    for element in islice(root, MAX_URLS):
        is_index = _name(element) == "sitemap"
        values = dict(_texts(element))
        address = (nobody if is_index else wanted).resolve(url, values.get("loc", ""))
        if not address:
            continue
        raw = values.get("publication_date") or values.get("lastmod") or ""
        entry = Entry(
            url=address,
            title=one_line(values.get("title", "")),
            published=printed_time(raw, source, at),
            published_raw=one_line(raw),
        )
        (children if is_index else entries).append(entry)
    if len(root) > MAX_URLS:
        notes.append(f"only the first {MAX_URLS} addresses were read")
    return Sitemap(entries=tuple(entries), children=tuple(children), notes=tuple(notes))


_WANTED = frozenset({"loc", "lastmod", "publication_date", "title"})


def _texts(element: etree._Element) -> Iterator[tuple[str, str]]:
    for child in element:
        name = _name(child)
        if name in _WANTED:
            # Line breaks inside an address are formatting, not part of it.
            yield name, " ".join("".join(child.itertext()).split())
        elif name == "news":
            yield from _texts(child)
