"""A reader's last visit, kept in a cookie, so that the archive is only ever read."""

from __future__ import annotations

import re

from scraper.record import record

__all__ = ["COOKIE", "LastVisit", "read_visit"]

COOKIE = "scraper-visit"
# Seconds without a request for the front page after which the next one is a new visit.
PAUSE = 1800
# Seconds for which the cookie is kept.
KEPT = 365 * 86400
_VALUE = re.compile(r"([0-9]{1,15})-([0-9]{1,15})-([0-9]{1,12})")


@record
class LastVisit:
    """A reader's last visit.

    Attributes:
        seen: number of the ledger's newest row when the visit before this one ended, or None at
            the first visit.
        at: time of the last request of that visit, in seconds since 1970; 0 at the first visit.
        cookie: the value to be kept now.
    """

    seen: int | None
    at: int
    cookie: str


def read_visit(cookie: str, *, newest: int, now: int) -> LastVisit:
    """Return the last visit, with the cookie that records this one.

    Args:
        cookie: its value, "" without one; a value of another form counts as none.
        newest: number of the ledger's newest row.
        now: seconds since 1970.
    """
    found = _VALUE.fullmatch(cookie)
    if found is None:
        return LastVisit(seen=None, at=0, cookie=f"{newest}-{newest}-{now}")
    before, last, at = (int(part) for part in found.groups())
    if not 0 <= now - at < PAUSE:
        before = last
    # Another archive at the same address has fewer rows; of that one nothing is known.
    if before > newest:
        return LastVisit(seen=None, at=0, cookie=f"{newest}-{newest}-{now}")
    return LastVisit(seen=before, at=at, cookie=f"{before}-{newest}-{now}")
