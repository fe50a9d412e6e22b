"""Tells a publisher that takes an edit back from a cache that hands out an older copy of a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from scraper.record import record

__all__ = ["OlderCopy", "next_look_at_copy", "why_not_edited", "why_not_reverted"]

# Delay until a page that may be an older copy is fetched again. Two looks so far apart that show
# the same are the publisher's, unless the page or the answer says that it is older.
STALE_COPY_CHECK = timedelta(hours=3)
# What a cache has held, by its own answer, is at most this old. A text that was never seen, of a
# page that is dated before the archived one, is an edit when it is still served after as long: some
# publishers' clocks go wrong.
LONGEST_STALE = timedelta(days=7)
# A text that its own page dates before the archived one is an older copy, or the site was set back
# to a backup: for as long, it is not told as an edit that was taken back.
LONGEST_OLDER = timedelta(days=30)


@record
class OlderCopy:
    """What tells whether a page's text is an older copy of it that a cache handed out.

    Attributes:
        at: time of the fetch.
        headers: of the response, lower-case names.
        modified, current_modified: time of modification that the page states, now and in the
            current version.
        current_since: when the current version was first observed.
        current_last_modified: ``Last-Modified`` of the current version, or "".
        held_since: when this text was first held back since the current version was last seen, or
            None.
        capture: whether the page is a capture that is read later: no second look can be had.
    """

    at: datetime
    headers: Mapping[str, str]
    modified: datetime | None
    current_modified: datetime | None
    current_since: datetime
    current_last_modified: str = ""
    held_since: datetime | None = None
    capture: bool = False

    @property
    def held_for(self) -> timedelta:
        """How long this text has been held back."""
        return timedelta() if self.held_since is None else self.at - self.held_since


def why_not_reverted(seen: OlderCopy) -> str:
    """Return why an earlier version's text does not show that an edit was taken back, or "".

    One look cannot tell a publisher that takes an edit back from a cache that hands out an older
    copy, unless the page states that it was modified again. A second look hours later can: copies
    last for hours. Where the page or the answer says that it is older, days must pass.

    Args:
        seen: the page with the earlier text.
    """
    dated = _dated_before(seen)
    if dated:
        return dated if seen.held_for < LONGEST_OLDER else ""
    cached = _cached_before(seen)
    if cached:
        return cached if seen.held_for < LONGEST_STALE else ""
    if seen.modified and seen.current_modified and seen.modified > seen.current_modified:
        return ""
    if seen.capture or _hours_apart(seen):
        return ""
    return "it is told as taken back when a look hours later shows the same"


def why_not_edited(seen: OlderCopy) -> str:
    """Return why a text that was never seen is older than the current version, or "".

    The first look may come after an edit, and a later one meet a cache's copy of before it.

    Args:
        seen: the page with the unknown text.
    """
    return _dated_before(seen) if seen.held_for < LONGEST_STALE else ""


def _dated_before(seen: OlderCopy) -> str:
    # A time that lay in the future when it was read says nothing of the order of two texts.
    if not seen.modified or not seen.current_modified or seen.current_modified > seen.at:
        return ""
    if seen.modified < seen.current_modified:
        return f"it was modified {seen.modified:%Y-%m-%d %H:%M}, before the current text"
    return ""


def _cached_before(seen: OlderCopy) -> str:
    age = seen.headers.get("age", "").strip()
    counted = age.isascii() and age.isdigit() and len(age) < 9
    if counted and seen.at - timedelta(seconds=int(age)) < seen.current_since:
        return f"a cache has held it for {age} seconds"
    served = _http_time(seen.headers.get("last-modified", ""))
    known = _http_time(seen.current_last_modified)
    if served is not None and known is not None and served < known:
        return f"its Last-Modified is {served:%Y-%m-%d %H:%M}, the current text's is later"
    return ""


def _hours_apart(seen: OlderCopy) -> bool:
    # Stored times have whole seconds.
    return seen.held_for >= STALE_COPY_CHECK - timedelta(seconds=1)


def next_look_at_copy(at: datetime, held_since: datetime | None) -> datetime:
    """Return when a page that may be an older copy is fetched again: ever later while it lasts.

    Args:
        at: time of the fetch.
        held_since: when its text was first held back, or None if it was now.
    """
    return at + max(STALE_COPY_CHECK, timedelta() if held_since is None else at - held_since)


def _http_time(value: str) -> datetime | None:
    """Return the time in a header field, or None."""
    # Commands that only read the archive load this module and never call this.
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
