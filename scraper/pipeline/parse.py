"""What a worker process does with one page: bytes in, verdict and article out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scraper.errors import ErrorClass, ExtractError
from scraper.extraction import ParsedHtml, extract_parsed, parse_html
from scraper.extraction.host_layout import page_boxes
from scraper.extraction.learned_boilerplate import footprint
from scraper.extraction.page_shape import page_shape
from scraper.extraction.prune import HIDDEN
from scraper.fetching.content_encoding import decode_captured
from scraper.fetching.opt_outs import page_reservations
from scraper.models import Article, Learned, Page, PageFingerprint, Reservation, Verdict
from scraper.models.drift import PageShape
from scraper.record import record
from scraper.urls import host_of
from scraper.verdict import judge_page

__all__ = [
    "MAX_PAGES",
    "ParsedPage",
    "decode_capture",
    "join_pages",
    "read_page",
    "reextract_article",
    "reextract_pages",
    "shown_blocks",
]

# An article in more parts than this is a slide show or a trap.
MAX_PAGES = 10


@record
class ParsedPage:
    """What was read from a page.

    Attributes:
        verdict: whether it is the article.
        article: the article, when the verdict says so.
        error: why no article could be read from a page that otherwise looked like one.
        footprint: what learning keeps of the article.
        shape: how the page was read, in a few numbers.
        reservations: what the response and the page reserve.
    """

    verdict: Verdict
    article: Article | None = None
    error: ExtractError | None = None
    footprint: PageFingerprint | None = None
    shape: PageShape | None = None
    reservations: tuple[Reservation, ...] = ()


def decode_capture(page: Page, cap: int) -> Page:
    """Return a captured page with its encodings undone; runs in a worker process.

    Args:
        page: the response as it was captured.
        cap: bytes that its body may have, as that of a live response.

    Raises:
        FetchError: (``too_large``) it has more.
    """
    body = decode_captured(page.body, page.headers, page.url, cap=cap)
    return replace(page, body=body)


def read_page(
    page: Page, zone: str = "", learned: Learned | None = None, agent: str = "scraper"
) -> ParsedPage:
    """Decode, parse, extract and judge one page, each once; runs in a worker process.

    Args:
        page: the response; any status but 304.
        zone: IANA time zone of times that the page prints without one.
        learned: what is boilerplate on the host that answered, or None.
        agent: our product token, by which a page may address us.

    Returns:
        What was read. A page that is not an article comes back with its verdict and no article.

    Raises:
        ExtractError: (``parse_crash``) the parser gave up, which says nothing of the page.
    """
    error: ExtractError | None = None
    article: Article | None = None
    parsed: ParsedHtml | None = None
    try:
        parsed = parse_html(page.body, page.final_url, page.headers)
        article = _extract(parsed, page, zone, learned)
    except ExtractError as caught:
        if caught.error_class == ErrorClass.PARSE_CRASH:
            raise
        error = caught
    html = parsed.decoded.text if parsed else ""
    reservations = page_reservations(page.headers, html, agent=agent, now=page.fetched_at)
    verdict = judge_page(
        status=page.status,
        url=page.url,
        final_url=page.final_url,
        headers=page.headers,
        html=html,
        tree=parsed.tree if parsed else None,
        title=article.title if article else "",
        text=article.text if article else "",
        blocks=shown_blocks(article) if article else (),
        close_delimited=page.close_delimited,
    )
    if parsed is None and page.status == 200:
        verdict = Verdict(kind="not_html")
    if not verdict.is_article:
        return ParsedPage(verdict=verdict, error=error, reservations=reservations)
    return ParsedPage(
        verdict=verdict,
        article=article,
        error=error,
        footprint=_footprint(article, page) if article else None,
        shape=page_shape(article) if article else None,
        reservations=reservations,
    )


def shown_blocks(article: Article) -> Sequence[tuple[str, bool]]:
    """Return the blocks of a page that it shows, in order, each with whether it is kept."""
    told = [(block.position, block.text, True) for block in article.kept]
    told += [(b.position, b.text, False) for b in article.removed if b.rule != HIDDEN]
    return [(text, kept) for _, text, kept in sorted(told)]


def _extract(parsed: ParsedHtml, page: Page, zone: str, learned: Learned | None) -> Article:
    return extract_parsed(
        parsed, page.final_url, fetched_at=page.fetched_at, zone=zone, learned=learned
    )


def reextract_pages(
    pages: Sequence[Page], zone: str = "", learned: Learned | None = None
) -> tuple[Article, PageFingerprint]:
    """Read the archived pages of one article anew; runs in a worker process.

    They were judged when they were accepted, so no verdict is asked for.

    Args:
        pages: its page, then its further pages; at least one.
        zone: IANA time zone of times that the pages print without one.
        learned: what is boilerplate on the host that answered, or None.

    Raises:
        ExtractError: one of them holds no article.
    """
    articles = [
        _extract(parse_html(page.body, page.final_url, page.headers), page, zone, learned)
        for page in pages
    ]
    first = articles[0]
    whole = join_pages(first, articles[1:]) if articles[1:] else first
    return whole, _footprint(first, pages[0])


def reextract_article(pages: Sequence[Page], zone: str) -> Article:
    """Return the article that `reextract_pages` gives; runs in a worker process.

    Raises:
        ExtractError: one of the pages holds none.
    """
    return reextract_pages(pages, zone)[0]


def _footprint(article: Article, page: Page) -> PageFingerprint:
    return footprint(article, host_of(page.final_url), page_boxes(article))


def join_pages(first: Article, others: Sequence[Article]) -> Article:
    """Return one article made of its parts, in order; all but the text is that of the first.

    A part that repeats the one before it (a pager that leads back) adds nothing. The whole is as
    doubtful as its most doubtful part.
    """
    parts = [first]
    for part in others:
        if all(part.text != known.text for known in parts):
            parts.append(part)
    judged = [part for part in parts if part.confidence is not None]
    least = min(judged, key=lambda part: part.confidence or 0.0, default=first)
    return replace(
        first,
        confidence=least.confidence,
        doubts=least.doubts,
        text="\n".join(part.text for part in parts),
        markdown="\n\n".join(part.markdown for part in parts),
        next_url="",
    )
