"""What comes over the wire: bounds, hosts, responses, reservations, whether it is the article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Self

from scraper.record import record

__all__ = ["FetchSettings", "Hop", "HostState", "Page", "Reservation", "Verdict"]


@record
class FetchSettings:
    """Bounds and manners of fetching: the ``[fetch]`` table of `config/settings.toml`.

    Times are seconds, sizes bytes.

    Attributes:
        user_agent: product token; `contact` is added to it in brackets.
        contact: address or page that a site's owner can turn to.
        delay: least gap between two requests to one host.
        connect_timeout, read_timeout, total_timeout: bounds on dialling, on silence, on the whole
            exchange with all its redirects.
        max_redirects: hops that are followed.
        max_bytes, max_sitemap_bytes, max_robots_bytes: caps, on the wire and after decoding alike.
        ports: ports that may be dialled.
        allow_private: networks in CIDR notation that may be dialled though they are not public.
        obey_robots: whether robots.txt is asked and obeyed.
        keep_noarchive: whether the text of a page whose publisher asks that it be not archived is
            kept all the same, for private reading; else only title, time and address are.
        ask_reservations: whether a host's ai.txt and tdmrep.json are read, once a day, once it gave
            an article.
        concurrency: requests under way at once, over all hosts.
        browser: path or name of the browser that draws pages, "" for the usual names.
    """

    user_agent: str = "scraper/0.1"
    contact: str = ""
    delay: float = 2.0
    connect_timeout: float = 10.0
    read_timeout: float = 15.0
    total_timeout: float = 60.0
    max_redirects: int = 10
    max_bytes: int = 10 * 1024 * 1024
    max_sitemap_bytes: int = 50 * 1024 * 1024
    max_robots_bytes: int = 500 * 1024
    ports: tuple[int, ...] = (80, 443)
    allow_private: tuple[str, ...] = ()
    obey_robots: bool = True
    keep_noarchive: bool = False
    ask_reservations: bool = True
    concurrency: int = 16
    browser: str = ""


@record
class HostState:
    """What is remembered of a host between runs.

    Attributes:
        host: ``name`` or ``name:port`` as it stands in the address.
        robots: text of robots.txt ("" allows everything), or None when it was never read.
        robots_at: when it was read.
        robots_class: "" when it was read or is absent, else the class that made us assume "no".
        not_before: no request before this time (Retry-After, backoff), or None.
        failures: consecutive 429 and 5xx answers.
        reserved_at: when ai.txt and tdmrep.json were last asked for, or None.
        ai_txt, tdmrep: their texts, "" where there is none.
    """

    host: str
    robots: str | None = None
    robots_at: datetime | None = None
    robots_class: str = ""
    not_before: datetime | None = None
    failures: int = 0
    reserved_at: datetime | None = None
    ai_txt: str = ""
    tdmrep: str = ""


@record
class Hop:
    """One redirect that was followed: the status and where it pointed."""

    status: int
    url: str


@record
class Page:
    """A complete HTTP response, its body freed of Content-Encoding but not decoded to text.

    Attributes:
        url: address that was asked for.
        final_url: address that answered, after redirects.
        status: HTTP status.
        headers: response headers, lower-case names; repeated ones joined by ", " (of X-Robots-Tag
            first what is said to all agents, then what is said to some).
        body: raw bytes as the server meant them.
        fetched_at: when the answer was complete, aware, UTC.
        hops: redirects on the way.
        wire_bytes: bytes of the body as they came over the wire.
        elapsed_ms: duration of the whole exchange.
        close_delimited: the body ended with its connection, and nothing tells whether it was whole:
            no length, no last chunk (RFC 9112, section 6.3), no end of a compressed stream.
        rendered: the body is what a browser drew of the response, not what the server sent.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    hops: tuple[Hop, ...] = ()
    wire_bytes: int = 0
    elapsed_ms: int = 0
    close_delimited: bool = False
    rendered: bool = False


@record
class ReadPage(Page):
    """A captured response that another machine has read.

    Attributes:
        reading: what was read, in the form of that machine's pipeline; b"" where reading it failed
            there, so that it is read here.
    """

    reading: bytes

    @classmethod
    def of(cls, page: Page, reading: bytes) -> Self:
        """Return a response with what was read from it."""
        return cls(reading=reading, **_fields(page))

    def unread(self) -> Page:
        """Return the response alone."""
        return Page(**_fields(self))


def _fields(page: Page) -> dict[str, Any]:
    return {field.name: getattr(page, field.name) for field in fields(Page)}


@record
class Reservation:
    """Something that a publisher reserves, or asks of the programs that read a page.

    Attributes:
        kind: ``noarchive`` (keep no copy), ``expired`` (keep none after a time that is past),
            ``unavailable_after`` (the same, and it is still to come), ``noai`` (not for training),
            ``tdm`` (rights to text and data mining are reserved), ``tdm-allowed``.
        origin: where it stands: ``x-robots-tag``, ``meta robots``, ``ai.txt`` …
        value: as it is written there; for ``tdm`` the address of the policy.
    """

    kind: str
    origin: str
    value: str = ""


@record
class Verdict:
    """Is the page the article?

    Attributes:
        kind: ``article``, or why not: one of the classes of `scraper.verdict`.
        evidence: what was seen that led there, for the record.
    """

    kind: str
    evidence: tuple[str, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether the page may become a version."""
        return self.kind == "article"
