"""What rules tell that no article shows: sources, disk, backups, the daemon itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from scraper.alerts.rules import source_filter_holds
from scraper.archive import Archive
from scraper.config import Config
from scraper.coverage import BARREN, FAILING, GAP, SourceAssessment, days_read
from scraper.coverage.report import CoverageReport, history_days, report
from scraper.coverage.wording import plural
from scraper.cron import CronLine, cron_line
from scraper.digest.contents import gather
from scraper.digest.formats import FORMATS, as_text, title_of
from scraper.models.alerts import AlertRule, NewAlert

__all__ = ["CONDITIONS", "Conditions"]

# How well sources are covered is asked once in so long a time: it costs a second for hundreds.
_COVERAGE_AGE = timedelta(hours=1)
# Visits in vain after which a source is broken: one alone is every site's.
_FAILURES = 3
_DAY = timedelta(days=1)


class Conditions:
    """Finds what rules of these kinds tell now.

    Args:
        config: room on the disk.
        started: when the daemon started, or None.
    """

    def __init__(self, config: Config, started: datetime | None) -> None:
        self._config = config
        self._started = started
        self._coverage: tuple[datetime, CoverageReport | None] | None = None

    def found(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return what a rule tells now; keys name what lasts, so that it is told once."""
        archive.alerts.rule_since(rule.name, at)
        return CONDITIONS[rule.kind](self, archive, rule, at)

    def _standings(self, archive: Archive, at: datetime) -> tuple[SourceAssessment, ...]:
        if self._coverage is None or not timedelta(0) <= at - self._coverage[0] < _COVERAGE_AGE:
            histories = archive.coverage(at, days=history_days(at.date()))
            self._coverage = at, report(histories)
        found = self._coverage[1]
        return found.standings if found else ()

    def _sources(self, archive: Archive, rule: AlertRule, at: datetime) -> list[SourceAssessment]:
        return [
            standing
            for standing in self._standings(archive, at)
            if (not rule.sources or standing.history.name in rule.sources)
            and source_filter_holds(rule.filter, standing.history.name, standing.history.outlet)
        ]

    def silent(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return the sources that bring less than they usually do."""
        return [
            _source(
                standing,
                "silent",
                str(standing.gap.first) if standing.gap else "barren",
            )
            for standing in self._sources(archive, rule, at)
            if standing.kind in (GAP, BARREN)
        ]

    def broken(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return the sources that could not be read several times in a row."""
        return [
            _source(standing, "broken", str(max((d.day for d in days_read(standing.history)),
                                                default="never")))
            for standing in self._sources(archive, rule, at)
            if standing.kind == FAILING and standing.history.failures >= _FAILURES
        ]  # fmt: skip

    def disk_low(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return that little is free on the archive's disk, once a day."""
        least = self._config.archive.least_free
        below = rule.free_mb << 20 if rule.free_mb else 2 * least
        free = archive.free()
        if free >= below:
            return []
        return [
            NewAlert(
                key=f"disk:{at:%Y-%m-%d}",
                title=f"Disk low: {free >> 20:,} MB are free",
                text=f"on the disk of {archive.folder.absolute()}; collecting pauses below"
                f" {least >> 20:,} MB (least_free in settings.toml)",
                data={"free_bytes": free, "below_bytes": below, "least_free_bytes": least},
            )
        ]

    def restarted(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return that the daemon started."""
        if self._started is None:
            return []
        started = f"{self._started:%Y-%m-%dT%H:%M:%SZ}"
        return [
            NewAlert(
                key=f"daemon:{started}",
                title=f"The daemon started at {self._started:%Y-%m-%d %H:%M:%S} UTC",
                text=f"archive {archive.folder.absolute()},"
                f" {plural(len(self._config.sources), 'source')}",
                data={"started": started},
            )
        ]

    def backup_overdue(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return that the last verified backup is older than it may be."""
        last = archive.last_backup_at()
        # An archive without any: the rule counts from when it was first met.
        since = last or archive.alerts.rule_since(rule.name, at)
        # One that is long to come says that the clock was wrong: how old it is nobody knows.
        if abs(at - since) < timedelta(hours=rule.hours):
            return []
        said = f"{last:%Y-%m-%d %H:%M} UTC" if last else "never"
        return [
            NewAlert(
                key=f"backup:{said}",
                title=f"Backup overdue: the last verified one was {said}",
                text="to make one: scraper backup",
                data={"last": f"{last:%Y-%m-%dT%H:%M:%SZ}" if last else None},
            )
        ]

    def digest(self, archive: Archive, rule: AlertRule, at: datetime) -> list[NewAlert]:
        """Return the digest of the time since the last; where several were missed, it is one."""
        line, told = cron_line(rule.cron), archive.alerts.last_told(rule.name)
        due = _last_due(line, told or archive.alerts.rule_since(rule.name, at), at, rule.zone)
        if due is None:
            return []
        found = gather(archive, told or due - _DAY, at, zone=rule.zone, filter_=rule.filter)
        return [
            NewAlert(
                key=f"digest:{due:%Y-%m-%dT%H:%MZ}",
                title=title_of(found),
                text=as_text(found),
                data=json.loads(FORMATS["json"](found)),
            )
        ]


def _last_due(line: CronLine | None, after: datetime, at: datetime, zone: str) -> datetime | None:
    """Return the last moment of a cron line after one and up to another, or None."""
    due = None
    found = line.next_after(after, zone) if line else None
    while line is not None and found is not None and found <= at:
        due, found = found, line.next_after(max(found, at - _DAY), zone)
    return due


def _source(standing: SourceAssessment, what: str, since: str) -> NewAlert:
    history = standing.history
    return NewAlert(
        key=f"source:{history.name}:{what}:{since}",
        title=f"Source {what}: {history.outlet} ({history.name})",
        text=standing.sentence,
        data={"source": history.name, "outlet": history.outlet, "kind": standing.kind},
    )


CONDITIONS: Mapping[str, Callable[[Conditions, Archive, AlertRule, datetime], list[NewAlert]]] = {
    "source_silent": Conditions.silent,
    "source_broken": Conditions.broken,
    "disk_low": Conditions.disk_low,
    "daemon_restarted": Conditions.restarted,
    "backup_overdue": Conditions.backup_overdue,
    "digest": Conditions.digest,
}
