"""A visit to a source, shared by all kinds: fetching, parsing in a worker, making links.

A kind fetches its pages with `Visit.get`, parses their bytes with a pure function through
`Visit.run` (in a killable worker process), and gets plain `Entry` records back; `Visit.links` turns
them into links.
"""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from scraper.discovery.xml_repair import MAX_SITEMAP_BYTES
from scraper.errors import ErrorClass, FetchError
from scraper.models import Link, Page, Source
from scraper.record import record
from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.encoding import scrub
from scraper.text.patterns import lazy_compile
from scraper.text.values import without_markup
from scraper.urls import LONGEST_ADDRESS, absolute, canonical

__all__ = [
    "Entry",
    "Get",
    "Known",
    "Run",
    "Visit",
    "Wanted",
    "get_page",
    "inline",
    "looks_like_html",
    "moved_for_good",
    "nothing_known",
    "one_line",
    "plain_text",
    "resolve",
    "visible",
]


class Get(Protocol):
    """Fetches an address: a response of any status is a page, no response a `FetchError`."""

    def __call__(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        max_bytes: int | None = None,
    ) -> Awaitable[Page]:
        """Return the response; `max_bytes` replaces the usual cap on the body."""
        ...


Run = Callable[..., Awaitable[Any]]
# Returns those of some addresses that any source has listed before.
Known = Callable[[Sequence[str]], Awaitable[frozenset[str]]]


async def inline(function: Callable[..., Any], *args: object) -> Any:
    """Run a parser in this process, for callers that trust the bytes or have no workers."""
    return function(*args)


async def nothing_known(urls: Sequence[str]) -> frozenset[str]:
    """Return no address, for callers without an archive."""
    return frozenset()


@record
class Entry:
    """One article as listed in a document.

    Attributes:
        url: absolute address.
        title: headline, or "".
        published: time, aware, or None.
        published_raw: the time as printed, or "".
        content: the article's text in the document, one paragraph per line, or "".
    """

    url: str
    title: str = ""
    published: datetime | None = None
    published_raw: str = ""
    content: str = ""


@record
class Visit:
    """One visit to one source.

    Attributes:
        source: the source.
        get: function that fetches an address.
        run: function that runs a pure parser in a worker.
        etag, last_modified: validators of the last visit, or "".
        at: the present time.
        since: time of the last successful visit at this address, or None.
        known: function that returns the addresses listed before.
        max_sitemap_bytes: maximum size of a sitemap, on the wire and unpacked.
    """

    source: Source
    get: Get
    run: Run
    etag: str
    last_modified: str
    at: datetime
    since: datetime | None = None
    known: Known = nothing_known
    max_sitemap_bytes: int = MAX_SITEMAP_BYTES

    async def page(
        self, url: str, *, conditional: bool = False, max_bytes: int | None = None
    ) -> Page:
        """Return a page of the source.

        Args:
            url: address of the page.
            conditional: whether to send the validators of the last visit, so that 304 is possible.
            max_bytes: cap on the body of a sitemap, or None for the usual cap.

        Raises:
            FetchError: no response, or a status other than 200 (or 304, if conditional).
        """
        page = await get_page(
            self.get,
            url,
            etag=self.etag if conditional else "",
            last_modified=self.last_modified if conditional else "",
            max_bytes=max_bytes,
        )
        if page.status == 200 or (page.status == 304 and conditional):
            return page
        raise _refusal(page)

    async def parse(self, parser: Callable[..., Any], page: Page, *more: object) -> Any:
        """Run a parser on a page: ``parser(body, url, content_type, source, at, *more)``."""
        content_type = page.headers.get("content-type", "")
        return await self.run(
            parser, page.body, page.final_url, content_type, self.source, self.at, *more
        )

    def links(self, entries: Iterable[Entry], limit: int) -> tuple[Link, ...]:
        """Return entries as links in their order, without duplicates, at most `limit`."""
        links: list[Link] = []
        seen: set[str] = set()
        for entry in entries:
            try:
                key = canonical(entry.url)
            except FetchError:
                continue
            if key in seen:
                continue
            if len(links) == limit:
                break
            seen.add(key)
            links.append(
                Link(
                    url=entry.url,
                    source=self.source.name,
                    position=len(links),
                    title=entry.title,
                    published=entry.published,
                    published_raw=entry.published_raw,
                    content=entry.content,
                )
            )
        return tuple(links)

    def window(self, links: Sequence[Link]) -> int:
        """Return how many entries a document lists at a time; 0 if patterns left some out."""
        return 0 if self.source.include or self.source.exclude else len(links)


async def get_page(
    get: Get, url: str, *, etag: str = "", last_modified: str = "", max_bytes: int | None = None
) -> Page:
    """Return a response; the error for too large a sitemap names the setting.

    Args:
        get: function that fetches an address.
        url: the address.
        etag, last_modified: validators of the last visit, or "".
        max_bytes: cap on the body of a sitemap, or None for the usual cap.

    Raises:
        FetchError: raised by `get`.
    """
    try:
        return await get(url, etag=etag, last_modified=last_modified, max_bytes=max_bytes)
    except FetchError as error:
        if max_bytes is not None and error.error_class == ErrorClass.TOO_LARGE:
            error.message = (
                f"{url}: more than {max_bytes:,} bytes (settings.toml, [fetch] max_sitemap_bytes)"
            )
        raise


# Most addresses are absolute and need no resolving: sitemaps hold 50,000 of them.
_PLAIN = lazy_compile(r"https?://[\w.-]+(?::\d{1,5})?(?:/[^\s#\\]*)?")


# Invisible characters around addresses copied from a text: spaces of all widths, marks of direction
# and byte order.
_UNSEEN = " \t\r\n\f\v\x00\x85\xa0\xad\u1680\u180e\u3000\ufeff\u2028\u2029" + "".join(
    map(chr, (*range(0x2000, 0x2010), *range(0x202A, 0x2030), *range(0x205F, 0x2070)))
)


def visible(href: str) -> str:
    """Return an address without invisible characters around it."""
    return href.strip(_UNSEEN)


def resolve(base: str, href: str) -> str:
    """Return `href` as an absolute http(s) address, or "" for anything else."""
    href = visible(href)
    if _PLAIN.fullmatch(href) and "/." not in href:
        return href
    return without_login(absolute(base, href)) if href else ""


def without_login(url: str) -> str:
    """Return an absolute address without user name and password, which must not be archived."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if "@" in authority else url


def _address_pattern(pattern: str) -> BoundedPattern:
    return BoundedPattern(pattern, longest=LONGEST_ADDRESS)


class Wanted:
    """Filters addresses by a source's `include` and `exclude` patterns."""

    def __init__(self, source: Source) -> None:
        self._include = [_address_pattern(pattern) for pattern in source.include]
        self._exclude = [_address_pattern(pattern) for pattern in source.exclude]

    def accepts(self, url: str) -> bool:
        """Return whether the source wants an absolute address."""
        if self._include and not any(pattern.search(url) for pattern in self._include):
            return False
        return not any(pattern.search(url) for pattern in self._exclude)

    def resolve(self, base: str, href: str) -> str:
        """Return the absolute address, or "" if it is invalid or not wanted."""
        url = resolve(base, href)
        return url if url and self.accepts(url) else ""


_CLASSES: Mapping[int, ErrorClass] = {
    404: ErrorClass.GONE,
    410: ErrorClass.GONE,
    429: ErrorClass.RATE_LIMITED,
}
_MEANINGS: Mapping[int, str] = {
    404: " (no such address; it may have moved)",
    410: " (removed for good)",
    401: " (it needs a login)",
    403: " (it refuses us)",
}
_PERMANENT = frozenset({301, 308})


def moved_for_good(page: Page) -> str:
    """Return the final address if all redirects to it were permanent, or ""."""
    if page.status != 200 or not page.hops:
        return ""
    return page.final_url if all(hop.status in _PERMANENT for hop in page.hops) else ""


def _refusal(page: Page) -> FetchError:
    error = FetchError(
        f"{page.url} answered with status {page.status}{_MEANINGS.get(page.status, '')}",
        url=page.url,
        error_class=_CLASSES.get(page.status, ErrorClass.HTTP_ERROR),
    )
    error.status = page.status
    return error


def one_line(text: str, limit: int = 500) -> str:
    """Return a headline or date as one line of at most `limit` characters."""
    return " ".join(scrub(text).split())[:limit]


def plain_text(markup: str) -> str:
    """Return a headline with markup or character references as one line of plain text.

    Words in angle brackets that are not HTML tags stay: ``What the <think> block costs``.
    """
    return one_line(html.unescape(without_markup(markup)))


_HTML_START = lazy_compile(
    r"(?:[\s\ufeff]++|<!--.*?-->|<\?xml[^>]*+>)*+"
    r"<(?:!doctype\s+html|html|head|body|script|div|meta)\b",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_html(text: str) -> bool:
    """Return whether a document that should be XML begins like a web page."""
    return _HTML_START.match(text[:4096]) is not None
