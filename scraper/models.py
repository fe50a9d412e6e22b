"""The records that travel between the stages: frozen, compared by value, free of behaviour.

Source ─discover→ Link ─fetch→ Page ─verdict→ Verdict ─extract→ Article ─judge→ … ─archive→ row
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

__all__ = [
    "Article",
    "Attempt",
    "Candidate",
    "Claim",
    "Counts",
    "CoverageDay",
    "Decoded",
    "Discovery",
    "Evidence",
    "FailedRung",
    "FetchSettings",
    "Footprint",
    "Hop",
    "HostState",
    "Judgement",
    "Kept",
    "Learned",
    "LearnedBlock",
    "Link",
    "Mention",
    "Page",
    "Quantity",
    "Recorded",
    "Recurring",
    "Removed",
    "Reservation",
    "Source",
    "SourceHistory",
    "Topic",
    "Verdict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that is watched for new articles: a block of `config/sources.toml`.

    Attributes:
        name: unique short name, the one that ``--source`` takes.
        kind: a key of the table of kinds in `scraper.discover` (feed, sitemap, listing …).
        url: address of the feed, sitemap or section page.
        outlet: name of the publisher as it should be shown.
        language: BCP 47 tag that its articles usually have (``en``, ``zh-Hans``), or "".
        zone: IANA time zone of times printed without one (``Asia/Shanghai``), or "".
        interval: seconds between two visits.
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed: the status and where it pointed."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text made from bytes, and how.

    Attributes:
        text: the characters.
        encoding: Python name of the codec that was used.
        origin: where the codec's name came from: bom, utf-8, header, meta, detected; ``twice`` for
            UTF-8 that the publisher had encoded once more, which was taken back.
        replaced: number of U+FFFD that decoding had to put in.
    """

    text: str
    encoding: str
    origin: str
    replaced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A block of the page that belongs to the article."""

    position: int
    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A block of the page that was cut.

    Attributes:
        position: rank among all blocks of the page, from 0; `Kept` counts in the same row.
        rule: name of the rule that cut it.
        place: path of the block in the page, such as ``body > div.side > ul``.
        text: what was cut.
    """

    position: int
    rule: str
    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One value that was found for a field of the record.

    Attributes:
        field: name of the field of `Article`.
        value: the value as text (ISO 8601 for times).
        origin: where it stood, such as ``json-ld``, ``meta article:published_time``, ``byline``.
        chosen: whether it won.
        note: why it won or lost, and what was assumed (``zone Asia/Shanghai assumed``).
    """

    field: str
    value: str
    origin: str
    chosen: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, clean.

    Attributes:
        url: address that the page was read under, or "".
        canonical_url: address that the page claims for itself, or "".
        title: headline without the site's name.
        authors: people who wrote it, in order; editors are not authors.
        outlet: publisher of the page as it names itself, or "".
        source: outlet that the page credits for the text (``来源：…``, ``(Reuters)``), or "".
        published, modified: aware times, or None when the page does not say.
        language: BCP 47 primary tag (``en``, ``zh``), or "".
        script: ``Hans``, ``Hant``, ``mixed`` for Chinese; ``Latn`` and the like otherwise; or "".
        text: the article, one paragraph a line.
        markdown: the same with headings, lists, quotes, tables, links and captions.
        excerpt: the page's own summary or the first sentences, at most 300 characters.
        image: address of the lead image, or "".
        kept, removed: all blocks of the page, in order of `position`.
        candidates: every value found for a field of metadata, with the reason of the choice.
        encoding, encoding_origin, replaced: how the bytes were decoded.
        next_url: address of the article's next page, or "".
        extractor: version of the extractor and its rules that made this record, or "".
    """

    url: str = ""
    canonical_url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    outlet: str = ""
    source: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""
    script: str = ""
    text: str = ""
    markdown: str = ""
    excerpt: str = ""
    image: str = ""
    kept: tuple[Kept, ...] = field(default=(), repr=False)
    removed: tuple[Removed, ...] = field(default=(), repr=False)
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)
    encoding: str = ""
    encoding_origin: str = ""
    replaced: int = 0
    next_url: str = ""
    extractor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """A short block of an article that may turn out to stand on other pages of its host too.

    Attributes:
        signatures: one for its text wherever it stands; a second, for a text with figures, of its
            place and its text but for those. 16 hexadecimal digits each.
        place, text: as in `Kept`.
    """

    signatures: tuple[str, ...]
    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What an article leaves behind for learning what the pages of its host have in common.

    Attributes:
        host: that answered.
        sketch: hashes of some of its sentences, by which reprints of one article are known.
        blocks: its short blocks; () for a footprint that was read back from the archive.
        signatures: all signatures of them.
    """

    host: str
    sketch: frozenset[int] = frozenset()
    blocks: tuple[Recurring, ...] = ()
    signatures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedBlock:
    """A block that was learned to be boilerplate on its host.

    Attributes:
        host: where it was learned.
        signature: see `Recurring`.
        place, sample: where it stood and how it read when it was learned.
        articles: on how many different articles it was seen.
        first_seen_at, last_seen_at: aware times.
        forgotten: whether a user took it back; it is not learned again.
    """

    host: str
    signature: str
    place: str
    sample: str
    articles: int
    first_seen_at: datetime
    last_seen_at: datetime
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is boilerplate on a host besides what the rules know; a value for `scraper.extract`."""

    host: str
    signatures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Is the page the article?

    Attributes:
        kind: ``article``, or why not: one of the classes of `scraper.fetch.verdict`.
        evidence: what was seen that led there, for the record.
    """

    kind: str
    evidence: tuple[str, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether the page may become a version."""
        return self.kind == "article"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRung:
    """An address of a source that gave no links, and why."""

    kind: str
    url: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
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
    """

    links: tuple[Link, ...]
    pages: tuple[Page, ...] = ()
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    conditional: bool = True
    validator: str = ""
    moved_to: str = ""
    served_by: str = ""
    failed: tuple[FailedRung, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at an article and all that came of it: what the archive is told.

    Exactly one of these holds: an `article` with a `verdict` that says so; a `verdict` that says
    why it is none; an `error_class` because no page came or nothing could be read from it.

    Attributes:
        link: what was attempted.
        at: when.
        page: the response, if one came.
        verdict: whether it is the article.
        article: what it says.
        error_class: class of the error, from `scraper.errors`, or "".
        message: the error in words, or "".
        extra_pages: further pages of the same article, in order.
        capture: key of the WARC record that the page came from, or "" for a live response: one
            capture is recorded once, however often its file is imported.
        before: what the same extractor makes of the current version's page, where that version was
            made by another extractor: so that an upgrade of ours never looks like an edit.
        before_version: id of the version that `before` was made from, or None for the current one.
        reservations: what the publisher reserves, as far as a page came. Where it asks that nothing
            be archived, `verdict` is ``noarchive``, `page` comes without its body, and `article`
            holds the metadata alone.
        footprint: what learning keeps of the article, or None.
        judgement: what the article is about, or None when nobody asked.
        passed_over: the source's choice of topics (``only`` or ``metadata``) by which an article is
            not kept, or "".
    """

    link: Link
    at: datetime
    page: Page | None = None
    verdict: Verdict | None = None
    article: Article | None = None
    error_class: str = ""
    message: str = ""
    extra_pages: tuple[Page, ...] = ()
    capture: str = ""
    before: Article | None = None
    before_version: int | None = None
    reservations: tuple[Reservation, ...] = ()
    footprint: Footprint | None = None
    judgement: Judgement | None = None
    passed_over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the archive made of an attempt.

    Attributes:
        outcome: ``kept`` (new article or new version), ``unchanged``, ``rejected`` or ``failed``.
        reason: class of a rejection or failure, or the kind of change (new, edited, retitled …).
        article_id: id of the article, or None when there is none.
        version: number of its current version, or None.
        message: the reason in words, or "".
    """

    outcome: str
    reason: str = ""
    article_id: int | None = None
    version: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One entry of the lexicon that bears on the topic of a text.

    Attributes:
        name, kind: the entry, as in `config/topics.toml`.
        place: where its best mention stands: ``headline``, ``lead`` or ``body``.
        count: mentions, the headline included.
        points: what it adds to the score, before the cap on background words.
        matched: its first mention as printed.
        offset: place of that mention in the headline, or in the text for other places.
    """

    name: str
    kind: str
    place: str
    count: int
    points: float
    matched: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Whether a text is about what the archive is about, and why.

    Attributes:
        score: sum of the evidence's points, background words capped.
        threshold: score from which a text is on topic.
        evidence: most telling first.
    """

    score: float
    threshold: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def on(self) -> bool:
        """Whether the text is on topic."""
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A model, company, person, benchmark, licence … that a text names.

    Attributes:
        kind: model, company, person, benchmark, licence, chip, policy or event.
        name: its name in the lexicon; for a version of a model what its form makes of it
            (``Qwen3-235B-A22B``, ``Kimi K2``).
        family: the family that a version of a model belongs to, or "".
        maker: company that makes the model, or "".
        listed: whether it stands in the lexicon; otherwise it was told by its form.
        count: mentions in text and headline.
        in_title: mentions in the headline.
        offset: place of the first mention in the text, or None when only the headline has it.
        matched: the first mention as printed.
    """

    kind: str
    name: str
    family: str = ""
    maker: str = ""
    listed: bool = True
    count: int = 1
    in_title: int = 0
    offset: int | None = None
    matched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A figure that a text gives, normalised.

    Attributes:
        kind: what it measures: parameters, active parameters, context, training tokens,
            training cost, price, score …
        unit: parameters, tokens, USD, CNY, %, GPUs …
        low, high: the value in that unit; equal unless a range was printed.
        precision: half a unit of the last printed digit: 6710亿 is 671e9 give or take 0.05e9.
        qualifier: about, over, nearly, up to, or "".
        detail: the benchmark of a score, the chip of a cluster, the side of a price, or "".
        about: name of the model that it is of (of the company, for funding and the like), or "".
        link: how that is known: ``clause``, ``sentence``, ``carried`` (from a sentence before), "".
        printed: the figure as printed.
        sentence: the sentence that it stands in.
        in_title: whether it stands in the headline.
        offset: its place in the headline or in the text.
    """

    kind: str
    unit: str
    low: float
    high: float
    precision: float = 0.0
    qualifier: str = ""
    detail: str = ""
    about: str = ""
    link: str = ""
    printed: str = ""
    sentence: str = ""
    in_title: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a version of an article is about.

    Attributes:
        topic: score and evidence.
        mentions: what it names, most often named first.
        quantities: the figures that it gives, in order.
        lexicon: version of the lexicon, and of our code, that judged.
    """

    topic: Topic
    mentions: tuple[Mention, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    lexicon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A quantity as one version of an article gives it.

    Attributes:
        quantity: what it says.
        article_id, version: where it says so.
        current: whether that is the article's current version.
        outlet, title, url: of the article.
        at: when the article was published, or first seen.
        observed_at: when this version was first observed.
        until: when the next version of the article was first observed, or None.
    """

    quantity: Quantity
    article_id: int
    version: int
    current: bool
    outlet: str
    title: str
    url: str
    at: datetime
    observed_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of entries, and how often sources were visited; see `CoverageDay`."""

    seen: int = 0
    kept: int = 0
    known: int = 0
    rejected: int = 0
    off_topic: int = 0
    failed: int = 0
    waiting: int = 0
    visits: int = 0
    visits_failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageDay:
    """What came of a source on one day of its outlet's zone.

    An entry is a page that a source shows; it belongs to the day on which this source showed it
    first, and to that day alone, whatever time it gives itself.

    Attributes:
        day: the day.
        kept: entries that this source was the first to show, and that are articles of the archive.
        known: articles that were archived from elsewhere before this source showed them.
        rejected: pages that are no article or may not be kept.
        off_topic: articles that the source's choice of topic passes over.
        failed: pages that could not be had.
        waiting: pages not fetched yet.
        visits, visits_failed: visits to the source itself, and those among them that failed.
        error_class: class of the last failed visit, or "".
    """

    day: date
    kept: int = 0
    known: int = 0
    rejected: int = 0
    off_topic: int = 0
    failed: int = 0
    waiting: int = 0
    visits: int = 0
    visits_failed: int = 0
    error_class: str = ""

    @property
    def seen(self) -> int:
        """All entries of the day: the denominator of the others."""
        return self.kept + self.known + self.rejected + self.off_topic + self.failed + self.waiting

    @property
    def articles(self) -> int:
        """Entries that are articles of the archive."""
        return self.kept + self.known


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """What came of a source, day by day: what its rhythm is learned from.

    Attributes:
        name, outlet: the source and its publisher.
        zone: IANA zone of its days, or "" for UTC.
        interval: seconds between two visits.
        enabled: whether it is visited.
        since: day of its first visit that did not fail, or None.
        today: the day that is not over yet.
        days: days on which anything happened, in order.
        ran: days on which any source was visited: on others the program was not running.
        failures: failed visits in a row, up to now.
        last_message: why the last one failed, or "".
    """

    name: str
    outlet: str
    zone: str
    interval: int
    enabled: bool
    since: date | None
    today: date
    days: tuple[CoverageDay, ...]
    ran: frozenset[date] = frozenset()
    failures: int = 0
    last_message: str = ""
