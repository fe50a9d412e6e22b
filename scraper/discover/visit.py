"""What every kind of source shares: the visit, its two arguments of I/O, and the way to its links.

A kind reads its pages through `Visit.get`, hands their bytes to a pure parser through `Visit.run`
(a worker process that can be killed) and gets plain `Entry` records back; `Visit.links` makes the
links of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from scraper.characters import scrub
from scraper.discover.languages import zone_of
from scraper.errors import FetchError
from scraper.models import Link, Page, Source
from scraper.times import parse_time
from scraper.urls import absolute, canonical

__all__ = [
    "Entry",
    "Get",
    "Known",
    "Run",
    "Visit",
    "Wanted",
    "inline",
    "looks_like_html",
    "moved_for_good",
    "nothing_known",
    "one_line",
    "plain_text",
    "printed_time",
    "resolve",
]

# Nothing on the web is older; a date further ahead than two days is a mistake, not a plan.
EARLIEST_YEAR = 1990
FURTHEST_AHEAD = timedelta(hours=48)


class Get(Protocol):
    """Fetches an address: any status comes back as a page, no response raises `FetchError`."""

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
# Tells which of some addresses were met before, by whatever source.
Known = Callable[[Sequence[str]], Awaitable[frozenset[str]]]


async def inline(function: Callable[..., Any], *args: object) -> Any:
    """Run a parser here and now, for callers that trust the bytes or have no workers."""
    return function(*args)


async def nothing_known(urls: Sequence[str]) -> frozenset[str]:
    """Know no address, for callers without a memory."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article as a document shows it.

    Attributes:
        url: absolute address.
        title: headline, or "".
        published: time, aware, or None.
        published_raw: the same as printed, or "".
        content: the article's text as the document holds it, one paragraph a line, or "".
    """

    url: str
    title: str = ""
    published: datetime | None = None
    published_raw: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit to one source.

    Attributes:
        source: what is visited.
        get: fetches an address.
        run: runs a pure parser in a worker.
        etag, last_modified: validators of the last visit, or "".
        at: the present moment.
        since: when the source was last read at this address, or None.
        known: tells which addresses were met before.
    """

    source: Source
    get: Get
    run: Run
    etag: str
    last_modified: str
    at: datetime
    since: datetime | None = None
    known: Known = nothing_known

    async def page(
        self, url: str, *, conditional: bool = False, max_bytes: int | None = None
    ) -> Page:
        """Return a page of the source.

        Args:
            url: address of the page.
            conditional: whether the validators of the last visit are sent; then 304 may come back.
            max_bytes: cap on the body, or None for the usual one.

        Raises:
            FetchError: nothing came, or another status than 200 (or 304, if asked for).
        """
        page = await self.get(
            url,
            etag=self.etag if conditional else "",
            last_modified=self.last_modified if conditional else "",
            max_bytes=max_bytes,
        )
        if page.status == 200 or (page.status == 304 and conditional):
            return page
        raise _refusal(page)

    async def parse(self, parser: Callable[..., Any], page: Page) -> Any:
        """Run a parser on a page: ``parser(body, url, content_type, source, at)``."""
        content_type = page.headers.get("content-type", "")
        return await self.run(parser, page.body, page.final_url, content_type, self.source, self.at)

    def links(self, entries: Iterable[Entry], limit: int) -> tuple[Link, ...]:
        """Return entries as links in their order, each address once, at most `limit`."""
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
        """Return how many entries a document holds at a time, 0 where patterns left some out."""
        return 0 if self.source.include or self.source.exclude else len(links)


# An absolute address that needs no resolving, which most are: sitemaps hold 50,000 of them.
_PLAIN = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:/[^\s#\\]*)?")


def resolve(base: str, href: str) -> str:
    """Return `href` as an absolute http(s) address, or "" when it is none."""
    if _PLAIN.fullmatch(href) and "/." not in href:
        return href
    return absolute(base, href) if href else ""


class Wanted:
    """Tells which addresses a source wants, by its `include` and `exclude` patterns."""

    def __init__(self, source: Source) -> None:
        self._include = [re.compile(pattern) for pattern in source.include]
        self._exclude = [re.compile(pattern) for pattern in source.exclude]

    def accepts(self, url: str) -> bool:
        """Return whether the source wants an absolute address."""
        if self._include and not any(pattern.search(url) for pattern in self._include):
            return False
        return not any(pattern.search(url) for pattern in self._exclude)

    def resolve(self, base: str, href: str) -> str:
        """Return the absolute address, or "" when it is none or the source does not want it."""
        url = resolve(base, href)
        return url if url and self.accepts(url) else ""


_CLASSES: Mapping[int, str] = {404: "gone", 410: "gone", 429: "rate_limited"}
_MEANINGS: Mapping[int, str] = {
    404: " (there is no such address; it may have moved)",
    410: " (taken down for good, says the server)",
    401: " (it wants a login)",
    403: " (it refuses us)",
}
_PERMANENT = frozenset({301, 308})


def moved_for_good(page: Page) -> str:
    """Return the address that answered when only permanent redirects led there, else ""."""
    if page.status != 200 or not page.hops:
        return ""
    return page.final_url if all(hop.status in _PERMANENT for hop in page.hops) else ""


def _refusal(page: Page) -> FetchError:
    error = FetchError(
        f"{page.url} answered with status {page.status}{_MEANINGS.get(page.status, '')}",
        url=page.url,
        error_class=_CLASSES.get(page.status, "http_error"),
    )
    error.status = page.status
    return error


def printed_time(raw: str, source: Source, at: datetime) -> datetime | None:
    """Return a time as a source printed it, or None when it can't be one of an article.

    Args:
        raw: the time in words.
        source: its zone holds for times printed without one; where it has none, that of its
            language and of its address's country.
        at: the present moment.
    """
    if not raw:
        return None
    value = _unmistakable(raw)
    if value is None:
        zone = source.zone or zone_of(source.url, source.language)
        found = parse_time(spelt_out(raw, at, zone), zone=zone, relative_to=at)
        value = found.value if found else None
    if value is None or value.year < EARLIEST_YEAR:
        return None
    return value if value <= at + FURTHEST_AHEAD else None


# Days without a year, alone as in a column of dates.
_DAY_ALONE = re.compile(
    r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})|(?P<name>[A-Za-z]{3,9})\.? (?P<d2>\d{1,2})|"
    r"(?P<d3>\d{1,2}) (?P<name2>[A-Za-z]{3,9})\.?"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 5322 as programs with a Chinese locale print it, and with the years of RFC 822.
_CHINESE_MONTH = re.compile(
    r"(?<!\d)(\d{1,2}) (十[一二]?|[一二三四五六七八九]|\d{1,2})月 (\d{4})(?!\d)"
)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2}) ([A-Z][a-z]{2}) ([0-4]\d) (?=\d\d:\d\d)")
_WEEKDAY = re.compile(r"^\s*(?:星期|[周週])[一二三四五六日天][,，]?\s*")
_NUMERALS = ("", *"一二三四五六七八九", "十", "十一", "十二")


def spelt_out(raw: str, at: datetime, zone: str) -> str:
    """Return a printed time in a form that every reader of times knows.

    Args:
        raw: the time in words.
        at: the present moment: a day without a year is the last one of its name.
        zone: in which that day is counted, or "".
    """
    text = raw.strip()
    if (match := _DAY_ALONE.fullmatch(text)) is not None:
        name = (match["name"] or match["name2"] or "").lower()[:3]
        month = _ENGLISH.index(name) + 1 if name in _ENGLISH else int(match["m"] or 0)
        day = int(match["d"] or match["d2"] or match["d3"])
        latest = (at + timedelta(days=1)).astimezone(ZoneInfo(zone) if zone else UTC)
        year = latest.year if (month, day) <= (latest.month, latest.day) else latest.year - 1
        return f"{year}-{month:02}-{day:02}" if month else text
    text = _WEEKDAY.sub("", text)
    if (match := _CHINESE_MONTH.search(text)) is not None:
        number = match[2] if match[2].isdigit() else str(_NUMERALS.index(match[2]))
        return f"{match[3]}-{int(number):02}-{int(match[1]):02}{text[match.end() :]}"
    return _SHORT_YEAR.sub(r"\1 \2 20\3 ", text)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# RFC 5322, section 3.3, as nearly all feeds have it.
_RFC_5322 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d)"
    r" (?:GMT|([+-])(\d\d)(\d\d))"
)
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


def _unmistakable(raw: str) -> datetime | None:
    """Return a time in one of the two forms that leave no question; reading others takes longer."""
    try:
        if _ISO_8601.fullmatch(raw):
            return datetime.fromisoformat(raw)
        if (match := _RFC_5322.fullmatch(raw)) and match[2] in _MONTHS:
            day, _, year, hour, minute, second, sign, hours, minutes = match.groups()
            ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
            zone = timezone(-ahead if sign == "-" else ahead)
            clock = (int(hour), int(minute), int(second))
            return datetime(int(year), _MONTHS.index(match[2]) + 1, int(day), *clock, tzinfo=zone)
    except ValueError:
        pass
    return None


def one_line(text: str, limit: int = 500) -> str:
    """Return a headline or date as one line of at most `limit` characters."""
    return " ".join(scrub(text).split())[:limit]


_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def plain_text(markup: str) -> str:
    """Return a headline that may hold markup or character references, as one line of text."""
    return one_line(html.unescape(_TAG.sub("", markup)))


_HTML_START = re.compile(
    r"(?:\s|\ufeff|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|script|div|meta)\b",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_html(text: str) -> bool:
    """Return whether a document that should be XML begins as a web page does."""
    return _HTML_START.match(text[:4096]) is not None
