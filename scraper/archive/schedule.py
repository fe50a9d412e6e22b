"""When pages and sources are due, and which texts and takedowns are held back: pure decisions.

A source is visited by its interval, by what it brings, and by how much it shows. A feed shows its
newest entries and drops the others. What came and went between two visits is lost, and so the time
between them follows the rate at which entries come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.errors import ErrorClass

__all__ = [
    "CONTROL_PAGES",
    "LONGEST_STALE",
    "MOVED_CHECK",
    "NEVER_AGAIN",
    "OUTAGE_MARGIN",
    "STALE_COPY_CHECK",
    "TAKEN_DOWN",
    "TAKEN_DOWN_STATUSES",
    "TIMES_GONE",
    "SourcePace",
    "VisitSample",
    "hold_reason",
    "is_outage",
    "is_telling",
    "next_check",
    "next_interval",
    "next_visit",
    "span_of",
    "stale_evidence",
    "state_after",
    "updated_pace",
]


# After first sight: most edits come within hours, takedowns within weeks.
RECHECKS = tuple(
    timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24, 7 * 24, 30 * 24)
)  # fmt: skip

# The same answer is to be expected tomorrow.
LASTING = frozenset(
    {
        ErrorClass.BAD_URL,
        ErrorClass.BLOCKED_ADDRESS,
        ErrorClass.ROBOTS_DENIED,
        ErrorClass.REDIRECT_LOOP,
        ErrorClass.TOO_LARGE,
        ErrorClass.BAD_ENCODING,
        ErrorClass.NOT_HTML,
        ErrorClass.EMPTY_EXTRACT,
        ErrorClass.SOFT_404,
        ErrorClass.NOT_CAPTURED,
        ErrorClass.GONE,
        ErrorClass.NOARCHIVE,
    }
)
# An article off topic is looked at again when a new lexicon says so: `scraper rescore`.
NEVER_AGAIN = frozenset({ErrorClass.BAD_URL, ErrorClass.OFF_TOPIC})
# What a publisher answers for a page that was taken down, and what the ledger calls it: 404 or 410,
# a notice (or the front page) under status 200, the way to another story.
TAKEN_DOWN: dict[str, str] = {
    ErrorClass.GONE: "not found",
    ErrorClass.SOFT_404: "notice",
    ErrorClass.REDIRECTED: "redirected elsewhere",
}
# How the ledger calls a takedown whose status says more than its class does.
TAKEN_DOWN_STATUSES = {410: "removed for good", 451: "withheld for legal reasons"}
# Once may be a slip of the server; the second time it is a takedown.
TIMES_GONE = 2
# Pages of the host that are asked after a failure, or so long after the next one, tell whether it
# is the page that is gone or the host that fails.
OUTAGE_MARGIN = timedelta(hours=1)
# A host whose pages all fail for longer was taken down with them.
LONGEST_OUTAGE = timedelta(days=7)
# A takedown waits so long for new links of its site to be read: a busy site always has some.
LONGEST_WAIT = timedelta(hours=6)
# As many other pages of the host are asked anew when one is found taken down.
CONTROL_PAGES = 2
# A page that moved is asked at its new address after this, and one that a cache answered for again.
MOVED_CHECK = timedelta(minutes=10)
STALE_COPY_CHECK = timedelta(hours=3)
# A copy that a cache hands out is no older than this.
LONGEST_STALE = timedelta(days=7)
# Classes of pages that answered; they tell neither that the host works nor that it fails.
_NEUTRAL = frozenset(
    {
        ErrorClass.BAD_URL,
        ErrorClass.NOARCHIVE,
        ErrorClass.NOT_CAPTURED,
        ErrorClass.OFF_TOPIC,
        ErrorClass.OTHER_LANGUAGE,
        ErrorClass.PAYWALL,
        ErrorClass.ROBOTS_DENIED,
        ErrorClass.SHRUNK,
        ErrorClass.STALE_COPY,
    }
)
_FINE = frozenset({"ok", "unchanged", "flap"})

_FIRST_RETRY = timedelta(minutes=10)
_LONGEST_RETRY = timedelta(days=1)
_MOST_TRIES = 6
_MOST_LASTING_TRIES = 3

SHRINK_SHARE = 0.4
SHRINK_AGREES_AFTER = timedelta(hours=6)
# A first text in a foreign language is kept when so many earlier looks, hours apart, found the same.
FOREIGN_LOOKS = 3
_REPLACED_SHARE = 0.001
# A notice has the same few sentences everywhere; longer texts that agree are one article twice.
# Characters; a Chinese one says as much as two and a half letters.
_NOTICE_LENGTH, _DATED_LENGTH = 600, 200
_HAN_WEIGHT = 2.5
_NOTICE_PAGES = 3


def is_telling(text: str, *, dated: bool = False) -> bool:
    """Return whether a text is so long that two pages that have it are one article.

    Args:
        text: the text.
        dated: whether both are known to be published at the same time; then less will do.
    """
    han = sum(char > "\u2e7f" for char in text)
    return len(text) + (_HAN_WEIGHT - 1) * han >= (_DATED_LENGTH if dated else _NOTICE_LENGTH)


def is_outage(classes: Mapping[str, int], *, failing_for: timedelta) -> bool:
    """Return whether a host fails as a whole, so that no takedown shows in one of its pages.

    Args:
        classes: how many other archived pages of the host, asked since the page first failed,
            ended in each class of `fetches`.
        failing_for: time since the page first failed.
    """
    fine = sum(count for name, count in classes.items() if name in _FINE)
    failing = sum(n for name, n in classes.items() if name not in _FINE and name not in _NEUTRAL)
    return failing > fine and failing_for < LONGEST_OUTAGE


def next_check(
    *,
    at: datetime,
    first_seen: datetime,
    error_class: str,
    failures: int,
    archived: bool,
    held: bool = False,
) -> datetime | None:
    """Return when a page is looked at again, or None for never by itself.

    Args:
        at: time of the attempt that just ended.
        first_seen: when the page was first seen.
        error_class: why the attempt brought no text, or "".
        failures: how many attempts in a row brought none, this one included.
        archived: whether the page has a version.
        held: whether a takedown is held back until the host works again.
    """
    recheck = next((first_seen + d for d in RECHECKS if first_seen + d > at), None)
    if not error_class:
        return recheck
    if error_class in NEVER_AGAIN:
        return None
    lasting = error_class in LASTING
    if archived:
        # A takedown counts when it was seen twice, so the second look is soon.
        soon = at + RECHECKS[0 if error_class in TAKEN_DOWN and failures == 1 else 1]
        if held:
            return (
                soon
                if failures <= _MOST_TRIES
                else min(recheck or at + _LONGEST_RETRY, at + _LONGEST_RETRY)
            )
        return soon if failures <= _MOST_TRIES and (recheck is None or soon < recheck) else recheck
    if failures >= (_MOST_LASTING_TRIES if lasting else _MOST_TRIES):
        return None
    return at + (_LONGEST_RETRY if lasting else _backoff(failures))


def _backoff(failures: int) -> timedelta:
    return min(_LONGEST_RETRY, _FIRST_RETRY * int(4 ** min(max(0, failures - 1), 10)))


def next_visit(*, at: datetime, interval: int, failures: int, wait: int = 0) -> datetime:
    """Return when a source is visited again: its interval, doubled for each failure, a day at most.

    Args:
        at: time of the visit that just ended.
        interval: seconds between two visits, from the configuration.
        failures: failed visits in a row.
        wait: seconds in place of the interval, as its pace asks, where it did not fail; 0 for none.
    """
    if not failures:
        return at + timedelta(seconds=wait or interval)
    usual = timedelta(seconds=interval)
    return at + max(usual, min(_LONGEST_RETRY, usual * int(2 ** min(failures, 10))))


def state_after(
    before: str, *, accepted: bool, archived: bool, failed: bool, taken_down: bool
) -> str:
    """Return the state of a page after an attempt: live, gone, quarantined, failed.

    Args:
        before: its state so far.
        accepted: whether the attempt brought its text.
        archived: whether it has a version.
        failed: whether no page came.
        taken_down: whether it was found taken down often enough.
    """
    if taken_down:
        return "gone"
    if accepted:
        return "live"
    if archived:
        return before
    return "failed" if failed else "quarantined"


def hold_reason(
    *,
    length: int,
    replaced: int,
    current_length: int | None,
    agreed: bool,
    pages_with_text: int,
) -> tuple[str, str] | None:
    """Return the class and the reason for which a text must not become a version, or None.

    Args:
        length: characters of the new text.
        replaced: U+FFFD that decoding had to put in.
        current_length: characters of the current version, None when there is none.
        agreed: the same shrunken text was seen long enough ago.
        pages_with_text: other pages of the host that have exactly this text.
    """
    if length < _NOTICE_LENGTH and pages_with_text >= _NOTICE_PAGES:
        return (
            "repeated",
            f"{pages_with_text} other pages of the host have the same {length} characters",
        )
    if current_length is None:
        return None
    if replaced > _REPLACED_SHARE * length:
        return "bad_encoding", f"{replaced} of {length} characters could not be decoded"
    if length < SHRINK_SHARE * current_length and not agreed:
        return "shrunk", f"the text fell from {current_length} to {length} characters"
    return None


def stale_evidence(
    *,
    at: datetime,
    headers: Mapping[str, str],
    modified: datetime | None,
    current_modified: datetime | None,
    current_since: datetime,
    current_last_modified: str,
) -> str:
    """Return what shows that a page with an earlier text is a cache's copy of it, or "".

    Args:
        at: when it came.
        headers: of the response, lower-case names.
        modified, current_modified: when the page says that it was modified, now and in the current
            version.
        current_since: when the current version was first observed.
        current_last_modified: ``Last-Modified`` of the current version, or "".
    """
    if modified is not None and current_modified is not None and modified < current_modified:
        return f"it was modified {modified:%Y-%m-%d %H:%M}, the current text later"
    age = headers.get("age", "").strip()
    counted = age.isascii() and age.isdigit() and len(age) < 9
    if counted and at - timedelta(seconds=int(age)) < current_since:
        return f"a cache has had it for {age} seconds"
    served, known = _http_time(headers.get("last-modified", "")), _http_time(current_last_modified)
    if served is not None and known is not None and served < known:
        return f"its Last-Modified is {served:%Y-%m-%d %H:%M}, the current text's is later"
    if at - current_since < STALE_COPY_CHECK:
        return "it came so soon after the edit that a cache may have had it"
    return ""


def _http_time(value: str) -> datetime | None:
    """Return the time of a header field, or None where there is none."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# No source is asked more often than this, unless its own interval is shorter.
SHORTEST = 600
# To see articles early, a lively source is visited up to so many times as often as its interval
# says; so that none is missed, as often as it takes.
_MOST_OFTEN = 4
# New entries that one visit should bring on average.
_A_HANDFUL = 4
# Of the time in which all entries of a feed are replaced, the share after which it is read again.
_SHARE_OF_WINDOW = 0.5
# Days without anything new, and how many times as long the interval is then: never over a day.
_QUIET = ((30, 4), (7, 2))
_LONGEST_QUIET = 86400
# Fewer entries than these may well all be new.
_LEAST_WINDOW = 5
# Rates decay slowly: daytime rushes repeat.
_MEMORY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSample:
    """What a visit showed, as far as it tells of what may be missing.

    Attributes:
        window: entries that the source holds at a time, or 0 where that is not known.
        fresh: those of them that it had not shown before.
        since: hours since it was last read, or None when it never was, or elsewhere.
        span: hours that its entries span by their own times, or 0 where they have none.
    """

    window: int
    fresh: int
    since: float | None
    span: float = 0.0

    @property
    def overrun(self) -> bool:
        """Whether all of it is new, so that more may have come and gone since the last visit."""
        return self.since is not None and self.fresh >= self.window >= _LEAST_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePace:
    """New entries per hour, and the entries that the source holds at a time (0: not known)."""

    rate: float = 0.0
    window: int = 0


def updated_pace(before: float, seen: VisitSample) -> SourcePace:
    """Return the pace of a source after a visit.

    A rate that rises counts at once, one that falls by and by. At the first visit, and where all is
    new, what was counted is too low; then the times of the entries tell.

    Args:
        before: new entries per hour so far.
        seen: what the visit showed.
    """
    rate = 0.0 if seen.since is None else seen.fresh / max(seen.since, 0.1)
    if (seen.since is None or seen.overrun) and seen.window > 1 and seen.span > 0:
        rate = max(rate, (seen.window - 1) / max(seen.span, 0.5))
    if rate < before:
        rate = _MEMORY * before + (1 - _MEMORY) * rate
    return SourcePace(rate=rate, window=seen.window)


def span_of(times: Sequence[datetime]) -> float:
    """Return the hours that entries span: twice those of the newer half, so that one that is
    pinned, or revived, does not count.

    Args:
        times: of the entries, in any order.
    """
    if len(times) < _LEAST_WINDOW:
        return 0.0
    ordered = sorted(times, reverse=True)
    return 2 * (ordered[0] - ordered[len(ordered) // 2]).total_seconds() / 3600


def next_interval(
    pace: SourcePace, *, interval: int, last_new_at: datetime | None, at: datetime
) -> int:
    """Return seconds until the next visit to a source that can be read.

    Args:
        pace: at which entries come.
        interval: seconds between two visits, from the configuration.
        last_new_at: when it last showed anything new, or when it was added.
        at: the present moment.
    """
    floor = min(SHORTEST, interval)
    if last_new_at is not None:
        for days, times in _QUIET:
            if at - last_new_at >= timedelta(days=days):
                return max(interval, min(times * interval, _LONGEST_QUIET))
    if pace.rate <= 0:
        return interval
    early = max(interval / _MOST_OFTEN, min(interval, 3600 * _A_HANDFUL / pace.rate))
    if pace.window:
        early = min(early, 3600 * _SHARE_OF_WINDOW * pace.window / pace.rate)
    return int(max(floor, early))
