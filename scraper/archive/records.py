"""What the archive gives back: frozen records, and what it asks of the comparison of texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scraper.errors import ErrorClass
from scraper.models import DOUBTFUL, Article, Discovery, Reservation, Source
from scraper.record import record

__all__ = [
    "ArticleRow",
    "ChangeRow",
    "EntryText",
    "Facets",
    "FetchRow",
    "PageState",
    "SearchHit",
    "SearchPage",
    "SourceDoubts",
    "SourceHealth",
    "SourceState",
    "SourceVisit",
    "StaleVersion",
    "Status",
    "Version",
    "VersionRow",
]


@record
class SourceState:
    """A source that is due, with what a visit has to know of the last one.

    `source` holds what the archive keeps of it; the patterns and the selector stand in the
    configuration alone. `moved_to` is the address that counts by now, where it moved for good;
    `served_by` the fallback that gave the links of the last visit, or "".
    """

    source: Source
    etag: str = ""
    last_modified: str = ""
    failures: int = 0
    next_due_at: datetime | None = None
    last_ok_at: datetime | None = None
    moved_to: str = ""
    served_by: str = ""


@record
class SourceVisit:
    """A visit to a source that is to be written: what it brought, or why it failed."""

    source: str
    at: datetime
    discovery: Discovery | None
    error_class: ErrorClass = ErrorClass.NONE
    message: str = ""


@record
class PageState:
    """What a refetch of a page has to know: validators for a conditional request, and its state.

    The validators are "" when the page was never archived, or when it is time to ask without them:
    some servers answer 304 for ever. `version`, `version_id` and `extractor` tell of the current
    version, if there is one.
    """

    url: str
    state: str = "new"
    etag: str = ""
    last_modified: str = ""
    article_id: int | None = None
    version: int | None = None
    version_id: int | None = None
    extractor: str = ""


@record
class ArticleRow:
    """An article as it is browsed: the current version, flattened."""

    id: int
    url: str
    title: str
    outlet: str
    authors: str
    credited: str
    published: datetime | None
    modified: datetime | None
    language: str
    script: str
    excerpt: str
    image: str
    text: str
    state: str
    gone_at: datetime | None
    first_seen_at: datetime
    updated_at: datetime
    version: int
    version_count: int


@record
class VersionRow:
    """A publisher's edit, without its text.

    Attributes:
        classes, severity, added, removed: how it differs from the version that was current when it
            came; nothing for a first version and for a late one.
        late: whether it was seen before a text that the archive had already.
    """

    id: int
    article_id: int
    number: int
    title: str
    length: int
    body: str
    first_observed_at: datetime
    last_observed_at: datetime
    observations: int
    classes: tuple[str, ...]
    severity: int
    added: str
    removed: str
    chain: str
    current: bool
    late: bool = False


@record
class StaleVersion:
    """A version whose record another extractor made.

    `final_url` is the address that answered; `source` showed the page first, or is ""; `length` is
    that of its text, in characters.
    """

    id: int
    article_id: int
    number: int
    url: str
    final_url: str
    source: str
    extractor: str
    current: bool
    length: int = 0


@record
class Version:
    """A version with all that was read from its page."""

    row: VersionRow
    article: Article


@record
class SearchHit:
    """An article that a query found.

    Attributes:
        snippet: the stretch of its text with most hits.
        title_marks, snippet_marks: where the hits stand in both, as ``[start, end)``.
        rank: less is better.
        version: number of an earlier version that holds the words, where the current one does not.
    """

    id: int
    url: str
    title: str
    outlet: str
    credited: str
    published: datetime | None
    first_seen_at: datetime | None
    language: str
    script: str
    state: str
    version_count: int
    snippet: str
    title_marks: tuple[tuple[int, int], ...]
    snippet_marks: tuple[tuple[int, int], ...]
    rank: float
    version: int | None = None


@record
class SearchPage:
    """What a query found.

    Attributes:
        hits: the articles of this page, in order.
        found: how many articles there are in all, or of how many that is known.
        at_least: whether there may be more than `found`.
        more: whether there are more after this page.
        notes: sentences on what was read otherwise than typed, or not looked at.
    """

    hits: tuple[SearchHit, ...]
    found: int
    at_least: bool
    more: bool = False
    notes: tuple[str, ...] = ()


@record
class Facets:
    """What the articles that a query finds are spread over: values, each with how many have it.

    Attributes:
        counted: how many articles were counted.
        complete: whether those are all that the query finds.
        states: the conditions ``topic:yes``, ``changed:yes`` and ``gone:yes``.
        entities_of: how many of them were counted by name.
    """

    counted: int
    complete: bool
    outlets: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    months: tuple[tuple[str, int], ...] = ()
    entities: tuple[tuple[str, int], ...] = ()
    states: tuple[tuple[str, int], ...] = ()
    entities_of: int = 0


@record
class ChangeRow:
    """An entry of the ledger; `cursor` is what a follower remembers."""

    cursor: int
    at: datetime
    kind: str
    article_id: int
    url: str
    title: str
    version: int | None
    classes: tuple[str, ...]
    severity: int


@record
class FetchRow:
    """An attempt and what came of it."""

    id: int
    at: datetime
    url: str
    final_url: str
    error_class: str
    message: str
    evidence: tuple[str, ...]
    status: int | None
    wire_bytes: int
    elapsed_ms: int
    body: str
    version: int | None
    close_delimited: bool = False
    rendered: bool = False
    reservations: tuple[Reservation, ...] = ()


@record
class SourceHealth:
    """How a source fares.

    `served_by`, `moved_to` and `notes` tell of the last visit: which fallback gave its links (""
    for its own address), where it says that it moved, and what was odd. `wait` is the time in
    seconds between two visits that its pace asks for (0 before the first), `overruns` how often all
    that it showed was new, so that more may have come and gone, and `last_overrun_at` when last.
    """

    name: str
    outlet: str
    kind: str
    url: str
    enabled: bool
    failures: int
    last_class: str
    last_message: str
    last_ok_at: datetime | None
    last_new_at: datetime | None
    last_article_at: datetime | None
    next_due_at: datetime | None
    pages: int
    articles: int
    interval: int = 0
    served_by: str = ""
    moved_to: str = ""
    notes: str = ""
    wait: int = 0
    overruns: int = 0
    last_overrun_at: datetime | None = None


@record
class SourceDoubts:
    """How well the texts of a source's articles of the last seven days were read.

    Attributes:
        source: its name; "" for articles that no source showed.
        doubtful: articles whose confidence is below `Status.doubtful_below`.
        judged: articles that have a confidence.
        articles: all of them.
    """

    source: str
    doubtful: int
    judged: int
    articles: int


@record
class EntryText:
    """What a source's own entry says of an article: evidence beside its page.

    Attributes:
        source: name of the source, or "" where it is gone.
        text: the article as the entry has it, one paragraph a line.
        why: what was wrong with the page, for which it was kept.
        first_seen_at, last_seen_at: when the source showed it.
    """

    source: str
    text: str
    why: str
    first_seen_at: datetime
    last_seen_at: datetime


@record
class Status:
    """The archive at a glance: rows by table, pages by state, fetches by class, bytes by file.

    `doubts` tells of the articles that were first seen in the last seven days, by source; those
    whose confidence is below `doubtful_below` are the doubtful ones.
    """

    folder: str
    at: datetime
    counts: Mapping[str, int]
    pages: Mapping[str, int]
    fetches: Mapping[str, int]
    bytes: Mapping[str, int]
    free_bytes: int
    sources: tuple[SourceHealth, ...]
    due_sources: int
    due_pages: int
    last_fetch_at: datetime | None
    doubts: tuple[SourceDoubts, ...] = ()
    doubtful_below: float = DOUBTFUL
