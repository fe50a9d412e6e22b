"""Survival of articles: the time until their takedown, and until their first edit.

Most articles are neither taken down nor edited while we watch them, and we watch some longer than
others. Averages over those that were would make every outlet look hasty, so the surviving share is
estimated after Kaplan and Meier (1958): an article counts as surviving for as long as it was seen,
and is censored then. Time runs from when an article was first archived to when the event was
noticed, which is later than the event by at most the interval between two fetches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from scraper.archive.base import ArchiveBase
from scraper.record import record

__all__ = ["Survival", "SurvivalEstimate", "SurvivalMixin", "median_life"]


@record
class SurvivalEstimate:
    """The estimated time until an event (takedown or edit) of an outlet's articles.

    Attributes:
        events: number of articles with the event.
        median: days until half of the articles have had the event; None if fewer have.
        standing: estimated share without the event at the end of the longest watch.
    """

    events: int
    median: float | None
    standing: float


@record
class Survival:
    """Survival of an outlet's articles.

    Attributes:
        outlet: its displayed name.
        articles: number of archived articles.
        watched: median number of days for which they were watched.
        takedown, edit: the time until the takedown, and until the first edit.
    """

    outlet: str
    articles: int
    watched: float
    takedown: SurvivalEstimate
    edit: SurvivalEstimate


class SurvivalMixin(ArchiveBase):
    """Survival of the articles."""

    def survival(self, host: str = "") -> tuple[Survival, ...]:
        """Return the survival of the articles of each outlet, ordered by name.

        Args:
            host: only articles of this host; "" for all.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "select s.* from survival_list s join pages p on p.id = s.article_id"
                " where ? in ('', p.host) order by s.outlet",
                [host],
            ).fetchall()
        by_outlet: dict[str, list[sqlite3.Row]] = {}
        for row in rows:
            by_outlet.setdefault(row["outlet"], []).append(row)
        return tuple(
            Survival(
                outlet=outlet,
                articles=len(found),
                watched=_middle([row["watched_days"] for row in found]),
                takedown=_life((row["watched_days"], row["days_to_takedown"]) for row in found),
                edit=_life((row["watched_days"], row["days_to_edit"]) for row in found),
            )
            for outlet, found in by_outlet.items()
        )


def _life(facts: Iterable[tuple[float, float | None]]) -> SurvivalEstimate:
    times = [(watched if event is None else event, event is not None) for watched, event in facts]
    median, standing = median_life(times)
    return SurvivalEstimate(
        events=sum(happened for _, happened in times), median=median, standing=standing
    )


def median_life(times: Iterable[tuple[float, bool]]) -> tuple[float | None, float]:
    """Return the Kaplan-Meier median, and the surviving share at the end.

    Args:
        times: how long each article was watched, in any unit, and whether the event ended it;
            otherwise it is censored: the event may come any time later.

    Returns:
        The first time at which at most half survive, or None; and the surviving share at the end.
    """
    # Events count before censored articles of the same time.
    ordered = sorted(times, key=lambda time: (time[0], not time[1]))
    share, median = 1.0, None
    for place, (time, happened) in enumerate(ordered):
        if happened:
            share *= 1 - 1 / (len(ordered) - place)
            if median is None and share <= 0.5 + 1e-9:
                median = time
    return median, share


def _middle(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
