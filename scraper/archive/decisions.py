"""What the archive decides, apart from how it is written: when to look again, what to hold back."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = [
    "NEVER_AGAIN",
    "TAKEN_DOWN",
    "TIMES_GONE",
    "held_back",
    "next_check",
    "next_visit",
    "state_after",
]

# After first sight: most edits come within hours, takedowns within weeks.
RECHECKS = tuple(
    timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24, 7 * 24, 30 * 24)
)  # fmt: skip

# The same answer is to be expected tomorrow.
LASTING = frozenset(
    {
        "bad_url", "blocked_address", "robots_denied", "redirect_loop", "too_large",
        "bad_encoding", "not_html", "empty_extract", "soft_404", "not_captured", "gone",
        "noarchive",
    }
)  # fmt: skip
# An article off topic is looked at again when a new lexicon says so: `scraper rescore`.
NEVER_AGAIN = frozenset({"bad_url", "off_topic"})
# What a publisher answers for a page that was taken down, and what the ledger calls it: 404 or 410,
# a notice (or the front page) under status 200, the way to another story.
TAKEN_DOWN = {"gone": "not found", "soft_404": "notice", "redirected": "redirected elsewhere"}
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


def held_back(
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
