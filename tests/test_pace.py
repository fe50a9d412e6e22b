"""How often sources are visited: as their entries come, and so that none goes by unseen."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.archive import Archive, SourceHealth
from scraper.archive.schedule import (
    SHORTEST,
    SourcePace,
    VisitSample,
    next_interval,
    span_of,
    updated_pace,
)
from scraper.cli import main
from scraper.exchange.sources_file import block_of
from scraper.models import Discovery, Link, Page, Source

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = 3600
SITE = "https://news.harbour-press.com"


def wait(rate: float, window: int = 20, interval: int = HOUR, quiet: float = 0) -> int:
    last = NOW - timedelta(days=quiet)
    return next_interval(
        SourcePace(rate=rate, window=window), interval=interval, last_new_at=last, at=NOW
    )


def test_a_lively_source_is_visited_oftener_within_bounds() -> None:
    assert wait(0) == wait(1) == wait(4) == HOUR
    assert wait(8) == HOUR / 2
    assert wait(1000, window=0) == HOUR / 4, "never more than four times as often for news alone"
    assert wait(1000, window=0, interval=700) == SHORTEST
    assert wait(1000, window=0, interval=300) == 300, "the interval itself is always allowed"


@pytest.mark.parametrize("window", [1, 5, 10, 20, 50, 500])
@pytest.mark.parametrize("rate", [0.1, 1, 7, 12])
@pytest.mark.parametrize("interval", [HOUR, 24 * HOUR, 30 * 24 * HOUR])
def test_no_window_is_replaced_between_two_visits(window: int, rate: float, interval: int) -> None:
    came = rate * wait(rate, window, interval) / HOUR
    assert came <= window / 2 or wait(rate, window, interval) == SHORTEST


def test_a_quiet_source_is_visited_less_often_but_every_day() -> None:
    assert wait(0, quiet=6) == HOUR
    assert wait(0, quiet=7) == 2 * HOUR
    assert wait(0, quiet=300) == 4 * HOUR
    assert wait(0, quiet=300, interval=12 * HOUR) == 24 * HOUR
    assert wait(0, quiet=300, interval=72 * HOUR) == 72 * HOUR


def test_a_rate_rises_at_once_and_falls_by_and_by() -> None:
    rate = updated_pace(1.0, VisitSample(window=20, fresh=6, since=1.0)).rate
    assert rate == 6
    falling = [
        rate := updated_pace(rate, VisitSample(window=20, fresh=0, since=1.0)).rate
        for _ in range(3)
    ]
    assert falling == pytest.approx([4.8, 3.84, 3.072])


def test_at_first_and_where_all_is_new_the_entries_own_times_tell() -> None:
    assert updated_pace(0, VisitSample(window=21, fresh=21, since=None, span=10)).rate == 2
    assert updated_pace(0, VisitSample(window=21, fresh=21, since=None)).rate == 0
    assert updated_pace(0, VisitSample(window=21, fresh=21, since=6, span=2)).rate == 10
    assert updated_pace(0, VisitSample(window=21, fresh=12, since=6, span=2)).rate == 2
    times = [NOW - timedelta(hours=n) for n in range(9)]
    assert span_of(times) == 8
    assert span_of([*times, NOW - timedelta(days=900), NOW - timedelta(days=800)]) == 10
    assert span_of(times[:3]) == 0


@pytest.mark.parametrize(
    ("window", "fresh", "since", "overrun"),
    [
        (20, 20, 1.0, True),
        (20, 19, 1.0, False),
        (20, 20, None, False),  # the first visit
        (4, 4, 1.0, False),  # so few may well all be new
        (0, 20, 1.0, False),  # patterns left some out
    ],
)
def test_all_new_is_an_overrun(window: int, fresh: int, since: float | None, overrun: bool) -> None:
    assert VisitSample(window=window, fresh=fresh, since=since).overrun is overrun


# -- through the archive -------------------------------------------------------------------------


def source(kind: str = "feed") -> Source:
    return Source(name="s", kind=kind, url=f"{SITE}/feed", outlet="S", interval=HOUR)


def shown(
    numbers: Sequence[int], at: datetime, *, title: str = "Story", **more: object
) -> Discovery:
    links = tuple(
        Link(url=f"{SITE}/{n}", source="s", position=place, title=f"{title} {n}")
        for place, n in enumerate(numbers)
    )
    page = Page(
        url=f"{SITE}/feed",
        final_url=f"{SITE}/feed",
        status=200,
        headers={},
        body=b"x",
        fetched_at=at,
    )
    told: dict[str, object] = {"window": len(links), **more}
    return Discovery(links=links, pages=(page,), **told)  # type: ignore[arg-type]


def visited(
    folder: Path, *visits: tuple[float, Discovery | None], kind: str = "feed"
) -> SourceHealth:
    """Visit a source at some hours; return how it fares then."""
    with Archive(folder) as archive:
        archive.sync_sources([source(kind)], NOW)
        for hours, discovery in visits:
            at = NOW + timedelta(hours=hours)
            failed = {} if discovery else {"error_class": "timeout", "message": "too late"}
            archive.record_visit("s", at, discovery=discovery, **failed)
        (health,) = archive.status(NOW).sources
    return health


def test_what_may_have_been_missed_is_recorded_and_looked_for_sooner(tmp_path: Path) -> None:
    health = visited(
        tmp_path,
        (0, shown(range(10), NOW)),
        (1, shown(range(3, 13), NOW)),
        (7, shown(range(40, 50), NOW)),
    )
    assert (health.overruns, health.last_overrun_at) == (1, NOW + timedelta(hours=7))
    assert health.next_due_at == NOW + timedelta(hours=7, seconds=health.wait)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        [row] = connection.execute("select since, at, entries from overruns").fetchall()
    assert row[0] < row[1] and row[2] == 10


def test_the_list_of_sources_tells_it(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Archive(tmp_path / "archive") as archive:
        archive.sync_sources([source()], now - timedelta(hours=9))
        for hours, numbers in ((8, range(10)), (7, range(20, 30)), (2, range(50, 60))):
            at = now - timedelta(hours=hours)
            archive.record_visit("s", at, discovery=shown(numbers, at))
    folder = tmp_path / "config"
    shutil.copytree(Path(__file__).parents[1] / "config", folder)
    (folder / "sources.toml").write_text(block_of(source()))
    words = ["--config", str(folder), "--archive", str(tmp_path / "archive"), "sources", "list"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0
    assert "29 min (1 h)" in told.stdout
    assert "may have missed some: all entries were new 2 h ago (2×)" in told.stdout


@pytest.mark.parametrize(
    ("visits", "kind"),
    [
        ([(0, shown(range(10), NOW)), (1, shown(range(10), NOW, title="Anew"))], "feed"),
        ([(0, shown(range(10), NOW)), (1, shown(range(50, 60), NOW, window=0))], "feed"),
        (
            [(0, shown(range(10), NOW)), (1, shown(range(50, 60), NOW, served_by="listing x"))],
            "feed",
        ),
        ([(0, shown(range(10), NOW)), (1, shown(range(50, 60), NOW))], "urls"),
        ([(0, shown((), NOW)), (1, shown((), NOW))], "feed"),
        ([(0, shown(range(10), NOW)), (1, shown((), NOW, unchanged=True))], "feed"),
    ],
)
def test_what_is_no_loss_is_not_taken_for_one(
    tmp_path: Path, visits: list[tuple[float, Discovery | None]], kind: str
) -> None:
    health = visited(tmp_path, *visits, kind=kind)
    assert (health.overruns, health.last_overrun_at) == (0, None)


def test_failures_do_not_touch_the_pace_and_the_first_success_brings_it_back(
    tmp_path: Path,
) -> None:
    lively = [(0.0, shown(range(30), NOW)), (1.0, shown(range(10, 40), NOW))]
    before = visited(tmp_path / "a", *lively)
    assert before.wait == HOUR * 4 / 10
    broken = visited(tmp_path / "a", (2, None), (4, None))
    assert broken.next_due_at == NOW + timedelta(hours=8), "doubled from the interval"
    mended = visited(tmp_path / "a", (8, shown(range(30, 60), NOW)))
    assert mended.next_due_at == NOW + timedelta(hours=8, seconds=mended.wait)
    assert mended.wait <= HOUR
