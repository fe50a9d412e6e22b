"""What is watched and what it shows: a source, its links, what a visit brought."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from scraper.errors import ErrorClass
from scraper.models.fetching import Page
from scraper.record import record

__all__ = ["Discovery", "FailedFallback", "Link", "Source"]


@record
class Source:
    """Something that is watched for new articles: a block of `config/sources.toml`.

    Attributes:
        name: unique short name, the one that ``--source`` takes.
        kind: a key of the table of kinds in `scraper.discovery` (feed, sitemap, listing …).
        url: address of the feed, sitemap or section page.
        outlet: name of the publisher as it should be shown.
        language: BCP 47 tag that its articles usually have (``en``, ``zh-Hans``), or "".
        zone: IANA time zone of times printed without one (``Asia/Shanghai``), or "".
        interval: seconds between two visits; its pace shortens and stretches them.
        enabled: paused sources stay in the file and in the archive.
        include, exclude: regular expressions that an article's address must or must not match.
        selector: CSS selector of the links on a listing page, or "".
        pages: pages of a listing that one visit may read, while each shows nothing but what is new.
        fallback: what is visited in its stead where it fails, in order: a kind and an address,
            such as ``sitemap https://news.example/sitemap-news.xml``.
        verified: what is known about the address ("" when it was never tried).
        topic: what is kept of it: ``all``; ``only`` articles on topic; of the others, ``metadata``
            (headline, writers, times, summary) but no text.
        render: whether its articles are drawn by a browser first.
        quiet: hours of the day, by the clock of `zone` (UTC where it has none), in which neither it
            nor its articles are asked for, such as ``01:00-06:00``; or "".
        cron: cron line of the minutes, by the same clock, at which it may be visited: of those it
            is visited at the first for which its pace asks; or "".
    """

    name: str
    kind: str
    url: str
    outlet: str
    language: str = ""
    zone: str = ""
    interval: int = 3600
    enabled: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: str = ""
    pages: int = 3
    fallback: tuple[str, ...] = ()
    verified: str = ""
    topic: str = "all"
    render: bool = False
    quiet: str = ""
    cron: str = ""


@record
class Link:
    """An article's address as a source showed it.

    Attributes:
        url: absolute address.
        source: name of the source, or "" for an address given by hand.
        position: rank in the source at that visit, from 0.
        title: headline as hinted there, or "".
        published: time as hinted there, aware, or None.
        published_raw: the same as printed, or "".
        content: the article as the source itself gives it, as plain text, one paragraph a line, or
            "". It is evidence beside the page, never its text.
    """

    url: str
    source: str = ""
    position: int = 0
    title: str = ""
    published: datetime | None = None
    published_raw: str = ""
    content: str = field(default="", repr=False)


@record
class FailedFallback:
    """An address of a source that gave no links, and why."""

    kind: str
    url: str
    error_class: ErrorClass
    message: str


@record
class Discovery:
    """What a visit to a source brought.

    Attributes:
        links: articles that it shows, in its order.
        pages: every response that was read for it (feed, sitemap index and its children, listing).
        unchanged: the server answered 304, so there is nothing new by its own word.
        notes: what was odd, one sentence each.
        conditional: whether the validators of the first page may be sent at the next visit: a 304
            then means that nothing is new.
        validator: what is to be remembered as the source's ETag instead of the first page's, or "".
        moved_to: address to which the source says that it has moved for good, or "".
        served_by: the entry of `Source.fallback` that gave the links, or "" for its own address.
        failed: what was tried before that and why it failed.
        window: entries that the source holds at a time and of which the oldest make way for new
            ones, or 0 where that is not known or nothing makes way.
        hub, topic: addresses of the hub that tells when the feed changes, and of the feed as the
            hub knows it; or "".
    """

    links: tuple[Link, ...]
    pages: tuple[Page, ...] = ()
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    conditional: bool = True
    validator: str = ""
    moved_to: str = ""
    served_by: str = ""
    failed: tuple[FailedFallback, ...] = ()
    window: int = 0
    hub: str = ""
    topic: str = ""
