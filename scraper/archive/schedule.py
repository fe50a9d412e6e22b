"""Decides when pages and sources are due, and which texts and takedowns are held back.

A source's visits depend on its interval, its rate of new entries, and the number of entries that it
lists. A feed lists its newest entries only. An entry that comes and goes between two visits is
lost, so the time between visits follows the rate of new entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scraper.errors import ErrorClass
from scraper.record import record

__all__ = [
    "ASKED_AGAIN_FOR",
    "CONTROL_PAGES",
    "HOT_EVERY",
    "HOT_FOR",
    "HOT_OUTLETS",
    "LONGEST_OUTAGE",
    "LONGEST_UNREAD",
    "LONGEST_WAIT",
    "MOVED_CHECK",
    "NEVER_AGAIN",
    "OUTAGE_MARGIN",
    "READING",
    "SHORTEST",
    "TAKEN_DOWN",
    "TAKEN_DOWN_STATUSES",
    "TIMES_GONE",
    "UNSEEN_OUTAGE",
    "SourcePace",
    "VisitSample",
    "hold_reason",
    "is_asked_again",
    "is_hot",
    "is_outage",
    "is_telling",
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

# After an edit: the first correction is often not the last. A page that changes for months is
# looked at daily, and one that never ceases to is given up.
EDIT_RECHECKS = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24))
_EDITED_YOUNG, _EDITED_OLD = timedelta(days=7), timedelta(days=60)
# A story is hot while at least this many outlets have it, one of them since that long ago; its
# articles are then looked at this often.
HOT_OUTLETS, HOT_FOR, HOT_EVERY = 3, timedelta(hours=24), timedelta(hours=2)
# Looks at pages of a host that may be planned within that time before such a story adds none: at
# the longest pause that is common between two requests, 30 seconds, half of the time stays free.
_MOST_PLANNED = 120
# No look beside the usual ones comes sooner after another.
_SOONEST = timedelta(hours=1)

# Errors that will most likely recur tomorrow.
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
# An off-topic article is fetched again when `scraper rescore` finds it on topic.
NEVER_AGAIN = frozenset({ErrorClass.BAD_URL, ErrorClass.OFF_TOPIC})
# Error classes after which a page that was never archived and is given up is asked for once more
# while a source goes on listing it: what its host answered may be over, days later.
_PASSING = frozenset(
    {
        ErrorClass.BAD_ENCODING,
        ErrorClass.BLOCKED_PAGE,
        ErrorClass.BROWSER,
        ErrorClass.CHALLENGE,
        ErrorClass.CONNECT,
        ErrorClass.CONSENT,
        ErrorClass.DNS,
        ErrorClass.EMPTY,
        ErrorClass.EMPTY_EXTRACT,
        ErrorClass.ERROR_PAGE,
        ErrorClass.GONE,
        ErrorClass.HTTP_ERROR,
        ErrorClass.LOGIN_WALL,
        ErrorClass.NO_BROWSER,
        ErrorClass.PARSE_CRASH,
        ErrorClass.PARSE_TIMEOUT,
        ErrorClass.PAYWALL,
        ErrorClass.PROTOCOL,
        ErrorClass.RATE_LIMITED,
        ErrorClass.REDIRECT_LOOP,
        ErrorClass.REGION_BLOCKED,
        ErrorClass.ROBOTS_UNREACHABLE,
        ErrorClass.SOFT_404,
        ErrorClass.TIMEOUT,
        ErrorClass.TLS,
        ErrorClass.TRUNCATED,
    }
)
# So long after the last attempt at the least, and ever later: a dead link may be listed for years.
_LISTED_AGAIN, _LISTED_AGAIN_SHARE = timedelta(days=3), 0.25
# So long after a source showed it first, a page that was given up is asked for though a list that
# has not changed, or a sitemap of which only news are read, does not show it anew.
ASKED_AGAIN_FOR = timedelta(days=60)
# Error classes that a takedown may show, with the ledger's wording: status 404 or 410, a notice (or
# the front page) under status 200, a redirect to another story.
TAKEN_DOWN: dict[str, str] = {
    ErrorClass.GONE: "not found",
    ErrorClass.SOFT_404: "notice",
    ErrorClass.REDIRECTED: "redirected elsewhere",
}
# The ledger's wording where the status says more than the class.
TAKEN_DOWN_STATUSES = {410: "removed for good", 451: "withheld for legal reasons"}
# The first failure may be a server error; the second in a row is a takedown.
TIMES_GONE = 2
# Other pages of the host that are fetched between a page's first failure and this long after the
# next show whether the page is gone or the host fails.
OUTAGE_MARGIN = timedelta(hours=1)
# If all pages of a host fail for longer, they were taken down.
LONGEST_OUTAGE = timedelta(days=7)
# The only page of a host is missing for as long before it counts as taken down, where a source goes
# on showing it.
UNSEEN_OUTAGE = timedelta(days=3)
# How long a takedown waits for new links of its site to be read: a busy site always has some.
LONGEST_WAIT = timedelta(hours=6)
# It waits longer while its source could not be read, and then until the links found there are read.
LONGEST_UNREAD, READING = timedelta(days=1), timedelta(hours=1)
# Number of other pages of the host that are fetched again when one seems taken down.
CONTROL_PAGES = 2
# Delay until a moved page is fetched at its new address.
MOVED_CHECK = timedelta(minutes=10)
# Classes that show neither that the host works nor that it fails.
_NEUTRAL = frozenset(
    {
        ErrorClass.BAD_URL,
        ErrorClass.DRIFT,
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
# A first text in a foreign language is kept after this many fetches with the same text, and days:
# a site that shows a translation to some shows it to the same reader for a while.
FOREIGN_LOOKS, FOREIGN_AGREES_AFTER = 3, timedelta(hours=36)
_REPLACED_SHARE = 0.001
# In characters. Notices share the same few sentences; longer equal texts are one article. A Chinese
# character says as much as two and a half letters.
NOTICE_LENGTH, _DATED_LENGTH = 600, 200
_HAN_WEIGHT = 2.5
_NOTICE_PAGES = 3


def is_telling(text: str, *, dated: bool = False) -> bool:
    """Return whether a text is long enough that two pages with it are one article.

    Args:
        text: the text.
        dated: whether both pages have the same time of publication; then a shorter text suffices.
    """
    least = _DATED_LENGTH if dated else NOTICE_LENGTH
    if len(text) >= least or text.isascii():
        return len(text) >= least
    han = sum(char > "\u2e7f" for char in text)
    return len(text) + (_HAN_WEIGHT - 1) * han >= least


def is_outage(classes: Mapping[str, int], *, failing_for: timedelta) -> bool:
    """Return whether a whole host fails; then a failing page does not show a takedown.

    Args:
        classes: number of other archived pages of the host by the class of their last fetch, if
            that was after the page first failed.
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
    edited_at: datetime | None = None,
    hot: bool = False,
) -> datetime | None:
    """Return when a page is fetched again, or None for never.

    Pages that were edited of late, and those of a story that is hot, are looked at more often.
    Requests to a host keep their distance whatever is due; see `is_hot` for its whole load.

    Args:
        at: time of the attempt.
        first_seen: when the page was first seen.
        error_class: why the attempt gave no text, or "".
        failures: number of attempts in a row without a text, this one included.
        archived: whether the page has a version.
        held: whether a takedown is held back until the host works again, or the page was found
            missing and its later answers say nothing.
        edited_at: when the archive last found an edit of it, or None.
        hot: whether its story is; see `is_hot`.
    """
    recheck = next((first_seen + d for d in RECHECKS if first_seen + d > at), None)
    if not error_class:
        more = _after_edit(edited_at, at, at - first_seen) if edited_at else []
        more += [at + HOT_EVERY] if hot else []
        more = [max(moment, at + _SOONEST) for moment in more]
        return min(more if recheck is None else [recheck, *more], default=None)
    if error_class in NEVER_AGAIN:
        return None
    lasting = error_class in LASTING
    if archived:
        # A takedown needs two failures, so the second fetch comes soon.
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
    # A translation does not go away within minutes: the page is fetched again the next day.
    slow = lasting or error_class == ErrorClass.OTHER_LANGUAGE
    return at + (_LONGEST_RETRY if slow else _backoff(failures))


def is_asked_again(
    error_class: str, *, at: datetime, first_seen: datetime, last_fetch: datetime
) -> bool:
    """Return whether a page that was given up, and never archived, is worth another attempt.

    A source lists it now, or did so not long ago. An article that was down when it was found, or
    published while its host was out of order for days, can be had by then.

    Args:
        error_class: what the last attempt ended in.
        at: time of a visit to that source.
        first_seen: when the page was first seen.
        last_fetch: time of the last attempt.
    """
    wait = max(_LISTED_AGAIN, (last_fetch - first_seen) * _LISTED_AGAIN_SHARE)
    return error_class in _PASSING and at - last_fetch >= wait


def _after_edit(edited_at: datetime, at: datetime, age: timedelta) -> list[datetime]:
    """Return the looks that an edit asks for."""
    least = EDIT_RECHECKS[0] if age < _EDITED_YOUNG else timedelta(days=1)
    if age >= _EDITED_OLD:
        return []
    return [edited_at + d for d in EDIT_RECHECKS if d >= least and edited_at + d > at]


def is_hot(*, outlets: int, latest: datetime, at: datetime, planned: int) -> bool:
    """Return whether the articles of a story are looked at more often.

    Args:
        outlets: that have the story.
        latest: when its last article was first seen.
        at: now.
        planned: looks at pages of the article's host that are planned within `HOT_EVERY`.
    """
    return outlets >= HOT_OUTLETS and at - latest < HOT_FOR and planned < _MOST_PLANNED


def _backoff(failures: int) -> timedelta:
    return min(_LONGEST_RETRY, _FIRST_RETRY * int(4 ** min(max(0, failures - 1), 10)))


def next_visit(*, at: datetime, interval: int, failures: int, wait: int = 0) -> datetime:
    """Return when a source is visited again: after its interval, doubled per failure, up to a day.

    Args:
        at: time of the visit.
        interval: seconds between two visits, from the configuration.
        failures: number of failed visits in a row.
        wait: seconds that replace the interval after a successful visit; 0 for none.
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
        before: its former state.
        accepted: whether the attempt gave an accepted text.
        archived: whether it has a version.
        failed: whether the fetch failed.
        taken_down: whether it counts as taken down.
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
    """Return the class and the reason why a text must not become a version, or None.

    Args:
        length: characters of the new text.
        replaced: number of U+FFFD that decoding inserted.
        current_length: characters of the current version, or None.
        agreed: whether the same shrunken text was first seen long enough ago.
        pages_with_text: number of other pages of the host with exactly this text; it counts for
            texts that are shorter than `NOTICE_LENGTH`.
    """
    if length < NOTICE_LENGTH and pages_with_text >= _NOTICE_PAGES:
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


# Seconds: no source is visited more often, unless its own interval is shorter.
SHORTEST = 600
# To find articles early, a source is visited at most this many times as often as its interval says;
# to miss none, as often as needed.
_MOST_OFTEN = 4
# New entries per visit to aim at.
_A_HANDFUL = 4
# A feed is visited again after this share of the time in which all its entries are replaced.
_SHARE_OF_WINDOW = 0.5
# Days without new entries, and the factor by which the interval grows then, up to a day.
_QUIET = ((30, 4), (7, 2))
_LONGEST_QUIET = 86400
# Fewer entries may all be new by chance.
_LEAST_WINDOW = 5
# Rates decay slowly: daytime rushes repeat.
_MEMORY = 0.8


@record
class VisitSample:
    """Numbers of a visit from which missed entries can be estimated.

    Attributes:
        window: entries that the source lists at a time; 0 if unknown.
        fresh: number of them that are new.
        since: hours since its last successful visit; None if none, or at another address.
        span: hours that its entries span by their own times; 0 if they have none.
    """

    window: int
    fresh: int
    since: float | None
    span: float = 0.0

    @property
    def overrun(self) -> bool:
        """Whether all entries are new, so that some may have been missed since the last visit."""
        return self.since is not None and self.fresh >= self.window >= _LEAST_WINDOW


@record
class SourcePace:
    """New entries per hour, and the entries that the source lists at a time (0: unknown)."""

    rate: float = 0.0
    window: int = 0


def updated_pace(before: float, seen: VisitSample) -> SourcePace:
    """Return the pace of a source after a visit.

    A rising rate counts at once, a falling one gradually. At the first visit, and if all entries
    are new, the count is too low; then the entries' times give the rate.

    Args:
        before: former rate in new entries per hour.
        seen: numbers of the visit.
    """
    rate = 0.0 if seen.since is None else seen.fresh / max(seen.since, 0.1)
    if (seen.since is None or seen.overrun) and seen.window > 1 and seen.span > 0:
        rate = max(rate, (seen.window - 1) / max(seen.span, 0.5))
    if rate < before:
        rate = _MEMORY * before + (1 - _MEMORY) * rate
    return SourcePace(rate=rate, window=seen.window)


def span_of(times: Sequence[datetime]) -> float:
    """Return the hours that entries span: twice the newer half's, to ignore pinned entries.

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
    """Return the seconds until the next visit to a source that works.

    Args:
        pace: its rate of new entries.
        interval: seconds between two visits, from the configuration.
        last_new_at: when it last had a new entry, or when it was added.
        at: the present time.
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
