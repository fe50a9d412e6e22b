"""Cron lines and hours of the day: when the next time is that they name, and when to visit then.

Five fields as in crontab(5): minute, hour, day of the month, month, day of the week (0 and 7 are
Sunday). Where both days are restricted, either is enough. Everything here is a function of its
arguments alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["CronLine", "Hours", "VisitHours", "cron_line", "hours", "visit_hours"]

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "weekday": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_PART = lazy_compile(r"(\*|[0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?(?:/([0-9]{1,2}))?")
_HOURS = lazy_compile(r"([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_LONGEST = 200
# A line that names no day of so many years ("30 2" for day and month) never comes.
_MOST_DAYS = 366 * 9
# Pauses between visits from which on a cron line may shorten them by an hour.
_LONG_PAUSE = timedelta(hours=12)
# Quiet hours that the search for the next visit passes over.
_MOST_STEPS = 1000


@record(kw_only=False)
class CronLine:
    """A cron line that was read.

    Attributes:
        minutes, hours, days, months, weekdays: what each field allows, weekdays from Sunday (0).
        either_day: whether a day of the month or of the week is enough, as both are restricted.
    """

    minutes: Sequence[int]
    hours: Sequence[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def allows_day(self, day: date) -> bool:
        """Return whether a day is one of the line's."""
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week

    def allows(self, at: datetime, zone: str) -> bool:
        """Return whether the minute of a moment is one of the line's, by the clock of a zone."""
        local = at.astimezone(ZoneInfo(zone))
        return (
            local.minute in self.minutes and local.hour in self.hours
            and self.allows_day(local.date())
        )  # fmt: skip

    def next_after(self, at: datetime, zone: str) -> datetime | None:
        """Return the next moment that the line names, in UTC; None where it names none.

        A time that the clock leaves out, as summer time begins, comes as the clock goes on; one
        that comes twice, as summer time ends, is the first of the two.

        Args:
            at: the moment after which.
            zone: IANA name of the zone whose clock is meant.
        """
        local = at.astimezone(ZoneInfo(zone))
        for number in range(-1, _MOST_DAYS):
            day = local.date() + timedelta(days=number)
            if not self.allows_day(day):
                continue
            moments = (
                datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)
                for hour in self.hours
                for minute in self.minutes
            )
            later = [moment for moment in moments if moment > at]
            if later:
                return min(later)
        return None

    def last_at(self, at: datetime, zone: str) -> datetime | None:
        """Return the last moment that the line names up to another; None where it names none."""
        local = at.astimezone(ZoneInfo(zone))
        for number in range(-1, _MOST_DAYS):
            day = local.date() - timedelta(days=number)
            if not self.allows_day(day):
                continue
            moments = (
                datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)
                for hour in self.hours
                for minute in self.minutes
            )
            earlier = [moment for moment in moments if moment <= at]
            if earlier:
                return max(earlier)
        return None


@record(kw_only=False)
class Hours:
    """Hours of each day, such as 22:00 to 07:00 of the next.

    Attributes:
        begin, end: minutes from midnight; what begins later than it ends passes over midnight.
    """

    begin: int
    end: int

    def hold(self, at: datetime, zone: str) -> bool:
        """Return whether a moment lies within, by the clock of a zone."""
        local = at.astimezone(ZoneInfo(zone))
        return self.has_minute(60 * local.hour + local.minute)

    def has_minute(self, minute: int) -> bool:
        """Return whether a minute of the day, from midnight, lies within."""
        if self.begin <= self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end

    def end_after(self, at: datetime, zone: str) -> datetime:
        """Return when the hours that hold a moment are over, in UTC; the moment itself outside."""
        if not self.hold(at, zone):
            return at
        local = at.astimezone(ZoneInfo(zone))
        # As summer time ends, an end may come twice, and the hours hold before each.
        ends = (
            datetime.combine(
                local.date() + timedelta(days=n),
                time(*divmod(self.end, 60), fold=fold),
                ZoneInfo(zone),
            ).astimezone(UTC)
            for n in (0, 1)
            for fold in (0, 1)
        )
        return min(
            (end for end in ends if end > at and not self.hold(end, zone)),
            default=at + timedelta(days=1),
        )


@record
class VisitHours:
    """When a source may be visited: at the minutes of a cron line, outside of quiet hours.

    Attributes:
        cron: the line, or None for any minute.
        quiet: hours in which nothing is visited, or None.
        zone: IANA name of the zone whose clock both mean.
    """

    cron: CronLine | None
    quiet: Hours | None
    zone: str

    def ever_open(self) -> bool:
        """Return whether a minute of the line lies outside of the quiet hours."""
        if self.cron is None or self.quiet is None:
            return True
        return any(
            not self.quiet.has_minute(60 * hour + minute)
            for hour in self.cron.hours
            for minute in self.cron.minutes
        )

    def longest_pause(self) -> int:
        """Return the seconds between two days of the line that lie furthest apart; 0 without one.

        Of a line that names several minutes of each day this is a day.
        """
        if self.cron is None:
            return 0
        first, longest, since = date(2026, 1, 1), 1, 0
        for number in range(1, 2 * 366):
            if self.cron.allows_day(first + timedelta(days=number)):
                longest, since = max(longest, number - since), number
        return 86400 * longest

    def is_quiet(self, at: datetime) -> bool:
        """Return whether a moment lies in the quiet hours."""
        return self.quiet is not None and self.quiet.hold(at, self.zone)

    def next_visit(self, last: datetime, due: datetime, *, least: timedelta) -> datetime:
        """Return when a visit is made that is due at a time.

        A visit comes some time after the minute that the line names, as other visits are under
        way. The pause is therefore counted from that minute: a source with one visit a day would
        else be visited every other day. Long pauses may be an hour short, since days are when
        summer time begins.

        Args:
            last: the visit before, or when the source was added.
            due: when the pace of the source asks for the next.
            least: the shortest time between two visits.
        """
        at = due
        if self.cron is not None:
            early = timedelta(hours=1) if due - last > _LONG_PAUSE else timedelta()
            named = self.cron.last_at(last, self.zone) or last
            at = self._named(max(due - (last - named) - early, min(due, last + least)))
        return self.after_quiet(at)

    def after_quiet(self, at: datetime) -> datetime:
        """Return a moment itself, or the first that is allowed after the quiet hours it lies in."""
        for _ in range(_MOST_STEPS):
            if not self.is_quiet(at) or self.quiet is None:
                break
            at = self._named(self.quiet.end_after(at, self.zone))
        return at

    def _named(self, at: datetime) -> datetime:
        """Return the first moment of the line from another on."""
        if self.cron is None:
            return at
        return self.cron.next_after(at - timedelta(microseconds=1), self.zone) or at


@lru_cache(maxsize=4096)
def visit_hours(cron: str, quiet: str, zone: str) -> VisitHours:
    """Read when a source may be visited; what is "", or no line, restricts nothing.

    Args:
        cron: a cron line.
        quiet: hours of the day.
        zone: IANA name of the zone whose clock both mean, or "" for UTC.
    """
    return VisitHours(
        cron=cron_line(cron) if cron else None,
        quiet=hours(quiet) if quiet else None,
        zone=zone or "UTC",
    )


def cron_line(text: str) -> CronLine | None:
    """Read a cron line; None where it is none, or names no day that ever comes."""
    fields = text.strip().lower().split()
    if len(text) > _LONGEST or len(fields) != len(_FIELDS):
        return None
    found = [_field(text, *field) for text, field in zip(fields, _FIELDS, strict=True)]
    minutes, hour, days, months, weekdays = found
    if not all(found):
        return None
    line = CronLine(
        minutes=sorted(minutes),
        hours=sorted(hour),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )
    # The 29th of February comes every four years, or every eight.
    return line if line.next_after(datetime(2097, 1, 1, tzinfo=UTC), "UTC") else None


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    """Return the numbers that a field allows, none where it is wrong."""
    allowed: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return set()
        first = low if match[1] == "*" else _number(match[1], name)
        last = high if match[1] == "*" or (match[3] and not match[2]) else first
        if match[2]:
            last = _number(match[2], name)
        step = int(match[3] or 1)
        if first is None or last is None or not low <= first <= last <= high or not step:
            return set()
        if match[1] == "*" and match[2]:
            return set()
        allowed.update(range(first, last + 1, step))
    return allowed


def _number(text: str, name: str) -> int | None:
    if text.isdecimal():
        return int(text)
    names = _NAMES.get(name, ())
    return names.index(text) + (name == "month") if text in names else None


def hours(text: str) -> Hours | None:
    """Read hours of the day such as ``22:00-07:00``; None where they are none, or empty."""
    match = _HOURS.fullmatch(text.strip()[:_LONGEST])
    if match is None:
        return None
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    if max(begin_minute, end_minute) > 59 or begin_hour > 23 or end_hour > 24:
        return None
    begin, end = 60 * begin_hour + begin_minute, 60 * end_hour + end_minute
    if end > 1440 or begin == end % 1440:
        return None
    return Hours(begin=begin, end=end % 1440)
