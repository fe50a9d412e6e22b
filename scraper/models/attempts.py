"""What the archive is told, and what it answers."""

from __future__ import annotations

from datetime import datetime

from scraper.errors import ErrorClass
from scraper.models.discovery import Link
from scraper.models.drift import PageShape
from scraper.models.extraction import Article, PageFingerprint
from scraper.models.fetching import Page, Reservation, Verdict
from scraper.models.quotes import QuoteReading
from scraper.models.topics import Judgement
from scraper.record import record

__all__ = ["Attempt", "EditSummary", "PackedBody", "PackingTerms", "PreparedArticle", "Recorded"]


@record
class EditSummary:
    """What the ledger says of how two records of a page differ.

    Attributes:
        classes, severity, added, removed: as in `scraper.edits.Comparison`.
    """

    classes: tuple[str, ...] = ()
    severity: int = 0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@record
class PreparedArticle:
    """What is computed of an article alone, so that a worker can do it before it is written.

    Attributes:
        article: the article that all of it is of.
        body: SHA-256 of its raw page, in hexadecimal digits.
        record: the article as it is stored.
        frame: `record`, compressed against the raw page.
        fingerprints: of the text, and of headline and text.
        terms: what the search index holds of headline and text.
        removed: what each rule cut: rule, blocks, characters, and the beginning of their text.
        judgement, quotes: of the article, without what cannot be stored, or None.
    """

    article: Article
    body: str
    record: bytes
    frame: bytes
    fingerprints: tuple[str, str]
    terms: tuple[str, str]
    removed: tuple[tuple[str, int, int, str], ...]
    judgement: Judgement | None = None
    quotes: QuoteReading | None = None


@record
class PackingTerms:
    """What a worker needs to know of the pages stored so far, to compress another of their site.

    Attributes:
        site: name of the site, "" for none.
        references: numbers of the stored pages that others are compressed against, the last used
            first.
        settled: whether the first of them does nearly as well as the best.
        alone: share of its size that a page of the site takes by itself, 0 if that is not known.
    """

    site: str = ""
    references: tuple[int, ...] = ()
    settled: bool = False
    alone: float = 0.0


@record
class PackedBody:
    """A raw page as it may be stored, compressed by a worker before it is written.

    Attributes:
        digest: its SHA-256, in hexadecimal digits.
        frames: number of a stored page, and what the page takes when it is compressed against that.
        beside: SHA-256 of a page that is stored before it, and the same.
        alone: what it takes by itself, or None where that was not of use.
    """

    digest: str
    frames: tuple[tuple[int, bytes], ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
    alone: bytes | None = None


@record
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
        message: the error in words, or what rules of plugins failed with beside an article, or "".
        extra_pages: further pages of the same article, in order.
        capture: key of the WARC record that the page came from, or "" for a live response: one
            capture is recorded once, however often its file is imported.
        before: what the same extractor makes of the current version's page, where that version was
            made by another extractor: so that an upgrade of ours never looks like an edit.
        before_version: id of the version that `before` was made from, or None for the current one.
        edit: how the article differs from the current version, where both were compared before.
        edited_version: id of that version.
        reservations: what the publisher reserves, as far as a page came. Where it asks that nothing
            be archived, `verdict` is ``noarchive``, `page` comes without its body, and `article`
            holds the metadata alone.
        footprint: what learning keeps of the article, or None.
        judgement: what the article is about, or None when nobody asked.
        quotes: what it reports that somebody said, or None when nobody asked.
        shape: how the page was read, or None.
        released: whether the page was held and is read again, so that it is not held once more.
        passed_over: the source's choice of topics (``only`` or ``metadata``) by which an article is
            not kept, or "".
        prepared, packed: what a worker has computed of the article and of its page, or None. The
            archive computes itself what is missing, or is not of this article or page.
    """

    link: Link
    at: datetime
    page: Page | None = None
    verdict: Verdict | None = None
    article: Article | None = None
    error_class: ErrorClass = ErrorClass.NONE
    message: str = ""
    extra_pages: tuple[Page, ...] = ()
    capture: str = ""
    before: Article | None = None
    before_version: int | None = None
    edit: EditSummary | None = None
    edited_version: int | None = None
    reservations: tuple[Reservation, ...] = ()
    footprint: PageFingerprint | None = None
    judgement: Judgement | None = None
    quotes: QuoteReading | None = None
    shape: PageShape | None = None
    released: bool = False
    passed_over: str = ""
    prepared: PreparedArticle | None = None
    packed: PackedBody | None = None


@record
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
