"""What a worker process does with captured pages: several in one call, down to what is stored.

Each page is read, judged and made ready for the archive where it was read, so that the process that
writes does nothing else. What a worker computes beforehand is what would be computed without it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scraper.archive.preparation import pack_body, prepare_article
from scraper.errors import ConfigError, ScraperError
from scraper.models import Judgement, Learned, PackedBody, Page, PreparedArticle, QuoteReading
from scraper.pipeline.judging import judge_text
from scraper.pipeline.parse import ParsedPage, decode_capture, read_page

__all__ = ["CapturedPage", "ReadCapture", "ReadingTerms", "read_chunk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPage:
    """A captured page that is to be read.

    Attributes:
        page: the response as it was captured.
        learned: what is boilerplate on the host that answered, or None.
        references, alone: what `pack_body` needs to know of the pages stored so far.
    """

    page: Page
    learned: Learned | None
    references: tuple[int, ...] = ()
    alone: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    until = time.monotonic() + terms.seconds
    made: list[ReadCapture] = []
    for capture in captures:
        if made and time.monotonic() > until:
            break
        made.append(_read(capture, terms))
    return made


def _read(capture: CapturedPage, terms: ReadingTerms) -> ReadCapture:
    page = capture.page
    try:
        page = decode_capture(page, terms.cap)
    except ScraperError as error:
        return ReadCapture(page=replace(page, body=b""), error=error)
    if page.status == 304:
        return ReadCapture(page=page)
    try:
        reading = read_page(page, terms.zone, capture.learned, terms.agent)
    except ScraperError as error:
        return ReadCapture(page=page, error=error)
    packed = None
    if page.body:
        packed = pack_body(page.body, terms.bodies, capture.references, capture.alone)
    article = reading.article
    if article is None or not article.text.strip():
        return ReadCapture(page=page, reading=reading, packed=packed)
    try:
        judged = judge_text(article.title, article.text, terms.folder, terms.lexicon)
    except ConfigError:
        judged = None
    return ReadCapture(
        page=page,
        reading=reading,
        judgement=judged[0] if judged else None,
        quotes=judged[1] if judged else None,
        prepared=prepare_article(article, page.body),
        packed=packed,
    )
