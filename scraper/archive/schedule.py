"""How often a source is visited: by its interval, by what it brings, and by how much it shows.

A feed shows its newest entries and forgets the others. What came and went between two visits is
lost, and so the time between them follows the rate at which entries come. Decisions only; they are
written in watching.py.

What the archive decides, apart from how it is written: when to look again, what to hold back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.errors import ErrorClass

__all__ = [
    "NEVER_AGAIN",
    "TAKEN_DOWN",
    "TIMES_GONE",
    "SourcePace",
    "VisitSample",
    "hold_reason",
    "next_check",
    "next_interval",
    "next_visit",
    "span_of",
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
# Once may be a slip of the server; the second time it is a takedown.
TIMES_GONE = 2

_FIRST_RETRY = timedelta(minutes=10)
_LONGEST_RETRY = timedelta(days=1)
_MOST_TRIES = 6
_MOST_LASTING_TRIES = 3

# RELIABILITY, "Version guard".
SHRINK_SHARE = 0.4
SHRINK_AGREES_AFTER = timedelta(hours=6)
_REPLACED_SHARE = 0.001
# A notice has the same few sentences everywhere; longer texts that agree are one article twice.
_NOTICE_LENGTH = 600
_NOTICE_PAGES = 3


def next_check(
    *, at: datetime, first_seen: datetime, error_class: str, failures: int, archived: bool
) -> datetime | None:
    """Return when a page is looked at again, or None for never by itself.

    Args:
        at: time of the attempt that just ended.
        first_seen: when the page was first seen.
        error_class: why the attempt brought no text, or "".
        failures: how many attempts in a row brought none, this one included.
        archived: whether the page has a version.
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
    before: str, *, accepted: bool, archived: bool, failed: bool, times_gone: int
) -> str:
    """Return the state of a page after an attempt: live, gone, quarantined, failed.

    Args:
        before: its state so far.
        accepted: whether the attempt brought its text.
        archived: whether it has a version.
        failed: whether no page came.
        times_gone: how often in a row it was found taken down, this attempt included.
    """
    if times_gone >= TIMES_GONE:
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
        return "repeated", f"{pages_with_text} other pages of the host say the same {length} signs"
    if current_length is None:
        return None
    if replaced > _REPLACED_SHARE * length:
        return "bad_encoding", f"{replaced} of {length} characters could not be decoded"
    if length < SHRINK_SHARE * current_length and not agreed:
        return "shrunk", f"the text fell from {current_length} to {length} characters"
    return None


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
# A rate is forgotten by and by: what came in a rush by day comes so again tomorrow.
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
