"""How long articles stand as they were published: until they are taken down, until the first edit.

Most articles are neither while we watch, and we watch some longer than others. Averages over those
that were would make every outlet look hasty; so the share that still stands is estimated after
Kaplan and Meier (1958): an article counts as standing for as long as it was seen, and then leaves
the count. Time runs from when an article was first archived to when the event was noticed, which is
later than when it happened by up to the pause between two looks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from scraper.archive.base import ArchiveBase

__all__ = ["Survival", "SurvivalEstimate", "SurvivalMixin", "median_life"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalEstimate:
    """What is known of the time until something happens to an outlet's articles.

    Attributes:
        events: to how many it happened.
        median: days until it happened to half of them, or None where it did not, or not yet.
        standing: share to which it had not happened by the end of the longest watch.
    """

    events: int
    median: float | None
    standing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """How an outlet's articles stand.

    Attributes:
        outlet: its name as shown.
        articles: how many are archived.
        watched: median days for which they were watched.
        takedown, edit: the time until an article was taken down, and until its first edit.
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
            host: only articles of this host, or "".
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
    """Return the median after Kaplan and Meier, and the share that is left at the end.

    Args:
        times: for each article how long it was known, in any unit, and whether it ended then; one
            that did not end is censored: it may have ended any time later.

    Returns:
        The first time at which no more than half are left, or None; and the share left in the end.
    """
    # At one time those that end are counted before those that are lost from sight.
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
