"""What a worker process does with captured pages: several in one call, down to what is stored.

Each page is read, judged and made ready for the archive where it was read, so that the process that
writes does nothing else. What a worker computes beforehand is what would be computed without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from scraper.archive.preparation import BodyPacker, prepare_article
from scraper.errors import ConfigError, ScraperError
from scraper.models import (
    Judgement,
    Learned,
    PackedBody,
    PackingTerms,
    Page,
    PreparedArticle,
    QuoteReading,
)
from scraper.pipeline.judging import judge_text
from scraper.pipeline.parse import ParsedPage, decode_capture, read_page
from scraper.pipeline.readings import Reading, dump_reading, load_reading
from scraper.record import record

__all__ = [
    "CapturedPage",
    "ReadCapture",
    "ReadElsewhere",
    "ReadingTerms",
    "read_chunk",
    "read_share",
]

C = TypeVar("C")
R = TypeVar("R")


@record
class CapturedPage:
    """A captured page that is to be read.

    Attributes:
        page: the response as it was captured.
        learned: what is boilerplate on the host that answered, or None.
        packing: what `BodyPacker` needs to know of the pages stored so far.
        reading: what `read_share` made of it on another machine, where nothing was learned; or b"".
    """

    page: Page
    learned: Learned | None
    packing: PackingTerms = field(default_factory=PackingTerms)
    reading: bytes = b""


@record
class ReadingTerms:
    """What is the same for all captures of a pass.

    Attributes:
        zone: IANA time zone of times that the pages print without one.
        cap: bytes that a decoded body may have.
        agent: our product token, by which a page may address us.
        folder, lexicon: configuration whose lexicon judges, and that lexicon's version.
        bodies: the archive's file of raw pages.
        seconds: after so long no further page of the chunk is begun.
    """

    zone: str
    cap: int
    agent: str
    folder: Path | None
    lexicon: str
    bodies: Path
    seconds: float


@record
class ReadCapture:
    """What a worker made of one captured page.

    Attributes:
        page: the response with its encodings undone; without a body where that failed.
        reading: what was read, or None after an error and for an answer of 304.
        error: why nothing could be read, or None.
        judgement, quotes: of the article, or None: it is then judged later.
        prepared, packed: what the archive need not compute any more, or None.
    """

    page: Page
    reading: ParsedPage | None = None
    error: ScraperError | None = None
    judgement: Judgement | None = None
    quotes: QuoteReading | None = None
    prepared: PreparedArticle | None = None
    packed: PackedBody | None = None


def read_chunk(captures: Sequence[CapturedPage], terms: ReadingTerms) -> list[ReadCapture]:
    """Read captured pages, in order; runs in a worker process.

    Args:
        captures: the pages.
        terms: how they are read.

    Returns:
        What was made of them; of the first of them at least, where time ran short.
    """
    packer = BodyPacker(terms.bodies)
    return _in_time(captures, terms, partial(_read, packer))


def _in_time(
    captures: Sequence[C], terms: ReadingTerms, read: Callable[[C, ReadingTerms], R]
) -> list[R]:
    """Read captures until the time of a chunk is over, and the first in any case."""
    until = time.monotonic() + terms.seconds
    made: list[R] = []
    for capture in captures:
        if made and time.monotonic() > until:
            break
        made.append(read(capture, terms))
    return made


def _read(packer: BodyPacker, capture: CapturedPage, terms: ReadingTerms) -> ReadCapture:
    page = capture.page
    try:
        page = decode_capture(page, terms.cap)
    except ScraperError as error:
        return ReadCapture(page=replace(page, body=b""), error=error)
    if page.status == 304:
        return ReadCapture(page=page)
    reading = _stored_reading(capture) or _reading(page, capture.learned, terms)
    if reading.parsed is None:
        return ReadCapture(page=page, error=reading.error)
    packed = packer.pack(page.body, capture.packing) if page.body else None
    article = reading.parsed.article
    if article is None or not article.text.strip():
        return ReadCapture(page=page, reading=reading.parsed, packed=packed)
    prepared = prepare_article(article, page.body, reading.judgement, reading.quotes)
    return ReadCapture(
        page=page,
        reading=reading.parsed,
        judgement=prepared.judgement,
        quotes=prepared.quotes,
        prepared=prepared,
        packed=packed,
    )


def _stored_reading(capture: CapturedPage) -> Reading | None:
    """Return what another machine read, None where it can't be used: the page is read here."""
    if not capture.reading or capture.learned is not None:
        return None
    try:
        return load_reading(capture.reading, Reading)
    except ValueError:
        return None


def _reading(page: Page, learned: Learned | None, terms: ReadingTerms) -> Reading:
    """Read and judge a page whose encodings are undone."""
    try:
        parsed = read_page(page, terms.zone, learned, terms.agent)
    except ScraperError as error:
        return Reading(error=error)
    article = parsed.article
    if article is None or not article.text.strip():
        return Reading(parsed=parsed)
    try:
        judged = judge_text(article.title, article.text, terms.folder, terms.lexicon)
    except ConfigError:
        judged = None
    if judged is None:
        return Reading(parsed=parsed)
    return Reading(parsed=parsed, judgement=judged[0], quotes=judged[1])


# A share of an import: read here, written by another machine


@record
class ReadElsewhere:
    """What a worker made of a captured page that another machine will write.

    Attributes:
        outcome: ``article``, the kind of verdict on a page that is none, the class of an error, or
            ``unread`` where the page stopped its worker.
        on_topic: what the lexicon says of an article, or None.
        reading: what was read, for `CapturedPage`; b"" where the page has to be read there.
    """

    outcome: str
    on_topic: bool | None = None
    reading: bytes = b""


def read_share(captures: Sequence[Page], terms: ReadingTerms) -> list[ReadElsewhere]:
    """Read captured pages for another machine, in order; runs in a worker process.

    Args:
        captures: the pages.
        terms: how they are read; no file of raw pages is used.

    Returns:
        What was made of them; of the first of them at least, where time ran short.
    """
    return _in_time(captures, terms, _read_elsewhere)


def _read_elsewhere(page: Page, terms: ReadingTerms) -> ReadElsewhere:
    try:
        page = decode_capture(page, terms.cap)
    except ScraperError as error:
        return ReadElsewhere(outcome=error.error_class)
    if page.status == 304:
        return ReadElsewhere(outcome="unchanged")
    reading = _reading(page, None, terms)
    parsed = reading.parsed
    if parsed is None:
        outcome = str(reading.error.error_class) if reading.error else "error"
    elif parsed.article is not None:
        outcome = "article"
    elif parsed.error is not None and parsed.verdict.is_article:
        outcome = str(parsed.error.error_class)
    else:
        outcome = parsed.verdict.kind
    return ReadElsewhere(
        outcome=outcome,
        on_topic=reading.judgement.topic.on if reading.judgement else None,
        reading=dump_reading(reading),
    )
