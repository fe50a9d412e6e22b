"""A saved page that is only printed: read in one child, without a pipeline and its processes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.models import Attempt, FetchSettings, Link, Page
from scraper.one_child import call_in_child
from scraper.pipeline.events import LinkOutcome

if TYPE_CHECKING:
    from scraper.config import ParseSettings

__all__ = ["read_one"]


def read_one(page: Page, fetch: FetchSettings, parse: ParseSettings) -> LinkOutcome | None:
    """Read a saved page as a pipeline without an archive would.

    Args:
        page: the page.
        fetch, parse: settings.

    Returns:
        What became of it; None where a pipeline is needed: its encodings are not undone, the
        article goes on on another page, a plugin is to be asked about it, or this process has
        threads, which a child would lose.

    Raises:
        ExtractError: (``parse_crash``, ``parse_timeout``) the child was stopped.
    """
    if threading.active_count() > 1:
        return None
    return call_in_child(_outcome, page, fetch, timeout=parse.timeout, memory=parse.memory)


def _outcome(page: Page, settings: FetchSettings) -> LinkOutcome | None:
    """Return what becomes of the page; in the child, which alone loads what reads it."""
    from scraper.fetching.opt_outs import forbids_archiving
    from scraper.installed import plugin_entries
    from scraper.pipeline.parse import decode_capture, read_page
    from scraper.pipeline.refusals import metadata_only, refused, unsaved
    from scraper.plugins import GROUP
    from scraper.text.compiled_patterns import keep_compiled

    page = decode_capture(page, settings.max_bytes)
    reading = read_page(page, agent=settings.user_agent.split("/")[0])
    article = reading.article
    if article is not None and (article.next_url or plugin_entries(GROUP)):
        return None
    withheld = forbids_archiving(reading.reservations) and not settings.keep_noarchive
    attempt = Attempt(
        link=Link(url=page.url),
        at=page.fetched_at,
        page=replace(page, body=b""),
        reservations=reading.reservations,
    )
    if article is None:
        attempt = refused(attempt, reading)
    elif withheld:
        attempt = metadata_only(attempt, article)
    else:
        attempt = replace(attempt, verdict=reading.verdict, article=article)
    # A child ends without what others do at their end.
    keep_compiled()
    return LinkOutcome(attempt=attempt, recorded=unsaved(attempt))
