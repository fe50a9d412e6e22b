"""The coverage page: which sources are as active as usual, and what is missing, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from datasette.utils.asgi import Response

from scraper.browse.coverage_summary import DAYS, read_histories
from scraper.browse.pages import Pages, View, int_arg, reporting
from scraper.coverage import GAP, LOW, TROUBLE, SourceAssessment, total
from scraper.coverage.days import DayStatus, day_by_day
from scraper.coverage.report import (
    CoverageReport,
    labels,
    past_gaps,
    report,
    troubles,
)
from scraper.coverage.summary import (
    assessment_as_dict,
    day_as_dict,
    format_entries,
    format_watched,
    report_as_dict,
)
from scraper.coverage.wording import number
from scraper.record import record

__all__ = ["CoveragePages"]

_WEEKS = 12
# Calendars on one page; sources in trouble come first.
_SOURCES = 20
_STATES = {GAP: "bad", LOW: "gaps", "fine": "good"}


@record
class Cell:
    """A day in the calendar of a source.

    Attributes:
        css_class: its class in the style sheet.
        text: what it says under the pointer.
        number: articles kept, as printed in the cell; "" before the source was watched.
    """

    css_class: str
    text: str
    number: str


class CoveragePages(Pages):
    """The pages of coverage of one archive."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/coverage$", self.coverage), (r"/-/coverage\.json$", self.values)]

    @reporting
    async def coverage(self, request: Any) -> Any:
        """Show what is missing, and twelve weeks of each source."""
        found = await self._coverage.report(self._read)
        assessments = found.standings if found else ()
        named = sorted(
            zip(labels(assessments), assessments, strict=True),
            key=lambda pair: (pair[1].kind not in TROUBLE, pair[0]),
        )
        offset = int_arg(request, "offset")
        return await self._render(
            request,
            "coverage",
            report=found,
            watched=format_watched(found) if found else "",
            entries=format_entries(found.counts) if found else "",
            troubles=troubles(found) if found else [],
            doubts=troubles(found, {LOW}) if found else [],
            past=past_gaps(found) if found else [],
            sources=[
                _source_row(label, assessment, found)
                for label, assessment in named[offset : offset + _SOURCES]
            ],
            next_offset=offset + _SOURCES if len(named) > offset + _SOURCES else 0,
            previous_offset=max(0, offset - _SOURCES) if offset else None,
            weeks=_WEEKS,
        )

    @reporting
    async def values(self, request: Any) -> Any:
        """Return the same as JSON."""
        found = report(await self._read(read_histories), DAYS)
        sources = []
        for assessment in found.standings if found else ():
            days = day_by_day(assessment, *_period(assessment, found))
            sources.append(
                {**assessment_as_dict(assessment), "days": [day_as_dict(day) for day in days]}
            )
        return Response.json(
            {
                "schema": "scraper/coverage/1",
                "coverage": report_as_dict(found),
                "sources": sources,
            }
        )


def _period(assessment: SourceAssessment, found: CoverageReport | None) -> tuple[date, date]:
    """Return the first and last day of the calendar: whole weeks, from a Monday."""
    until = min(assessment.history.today, found.until) if found else assessment.history.today
    monday = until - timedelta(days=until.weekday())
    return monday - timedelta(weeks=_WEEKS - 1), until


def _source_row(
    label: str, assessment: SourceAssessment, found: CoverageReport | None
) -> dict[str, Any]:
    days = day_by_day(assessment, *_period(assessment, found))
    month = total(day.day for day in days[-DAYS:])
    expected = [day.expected for day in days[-DAYS:] if day.expected is not None]
    return {
        "name": label,
        "source": assessment.history.name,
        "kind": assessment.kind,
        "trouble": assessment.kind in TROUBLE,
        "state": _STATES.get(assessment.kind, "bad" if assessment.kind in TROUBLE else "paused"),
        "sentence": assessment.sentence,
        "counts": format_entries(month),
        "articles": month.kept + month.known,
        "expected": number(sum(expected)) if expected else "",
        "since": days[0].day.day,
        "until": days[-1].day.day,
        "cells": [
            Cell(css_class=_css_class(day), text=_text(day), number=_number(day)) for day in days
        ],
    }


def _number(day: DayStatus) -> str:
    """Return the articles of a day in three characters at most: 7, 120, 2k."""
    if day.verdict == "not watched yet":
        return ""
    count = day.day.articles
    return str(count) if count < 1000 else f"{min(99, count // 1000)}k"


def _css_class(day: DayStatus) -> str:
    """Return the class of a day's cell; see `browse.css`."""
    if day.verdict in ("gap", "few"):
        return day.verdict
    if day.verdict in ("failed", "not visited", "not running"):
        return "away"
    if day.verdict == "not watched yet":
        return "none"
    came = day.day.articles
    if not came:
        return "zero"
    if day.expected is None or day.verdict in ("so far", "first visit"):
        return "some"
    return "much" if came > 1.5 * day.expected else "usual" if came > 0.6 * day.expected else "some"


def _text(day: DayStatus) -> str:
    """Return the text that a cell shows when it is pointed at."""
    counts = day.day
    parts = [f"{counts.day:%a %Y-%m-%d}: {counts.articles} kept"]
    if day.expected is not None:
        parts.append(f"expected {number(day.expected)}")
    if counts.seen != counts.articles:
        parts.append(f"{counts.seen} seen")
    if counts.visits_failed:
        parts.append(f"{counts.visits_failed} of {counts.visits} visits failed")
    if day.verdict not in ("", "as expected"):
        parts.append(day.verdict)
    return ", ".join(parts)
