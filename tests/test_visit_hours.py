"""Quiet hours and cron lines of sources, and the visits to come."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st

from scraper.archive import Archive
from scraper.archive.records import SourceHealth
from scraper.archive.schedule import is_hot, next_check
from scraper.cli import main
from scraper.cli.coverage import pressing_sources
from scraper.config import Config, load_config
from scraper.cron import visit_hours
from scraper.errors import ConfigError
from scraper.models import Source
from scraper.pipeline import Pipeline
from scraper.pipeline.visits_ahead import is_quiet, visits_ahead
from tests.archiving import HOUR, START, article, opened
from tests.storytelling import paragraphs
from tests.test_alerts import NOW, judged

SOURCE = Source(
    name="ledger", kind="feed", url="http://127.0.0.1:9/feed", outlet="Ledger", zone="Asia/Shanghai"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_visits_ahead_keep_the_pace_and_the_quiet_hours() -> None:
    quiet = replace(SOURCE, quiet="01:00-06:00", interval=3600)
    now, until = at("2026-03-01 15:30"), at("2026-03-02 02:00")
    found = list(visits_ahead(quiet, at("2026-03-01 16:00"), 0, now, until))
    # 01:00 to 06:00 in Shanghai is 17:00 to 22:00 in UTC.
    assert found == [at(f"2026-03-01 {h}:00") for h in (16, 22, 23)] + [
        at(f"2026-03-02 0{h}:00") for h in (0, 1)
    ]
    assert list(visits_ahead(replace(quiet, enabled=False), None, 0, now, until)) == []
    paced = list(visits_ahead(SOURCE, None, 7200, now, until))
    assert [moment.hour for moment in paced] == [15, 17, 19, 21, 23, 1]


def test_a_source_and_its_articles_are_left_alone_in_its_quiet_hours(tmp_path: Path) -> None:
    source = replace(SOURCE, quiet="01:00-06:00")
    shipped = load_config()
    config = Config(folder=shipped.folder, fetch=shipped.fetch, parse=shipped.parse,
                    sources=(source,))  # fmt: skip
    with opened(tmp_path / "archive") as archive:
        archive.sync_sources([source], START)
        archive.record(article(source="ledger", url="http://127.0.0.1:9/1"))

    async def collected(now: datetime, *names: str) -> set[str]:
        seen: set[str] = set()
        async with Pipeline(
            config,
            open_archive=lambda: Archive(tmp_path / "archive"),
            clock=lambda: now,
            on_event=lambda event: seen.add(event.kind),
        ) as pipeline:
            await pipeline.collect(names)
        return seen

    quiet, awake = at("2026-03-02 18:00"), at("2026-03-02 22:30")
    assert is_quiet(source, quiet)
    assert not is_quiet(source, awake)
    assert asyncio.run(collected(quiet)) == set()
    # Who asks by name asks now.
    assert asyncio.run(collected(quiet, "ledger")) >= {"visit"}
    assert asyncio.run(collected(awake + 2 * HOUR)) >= {"link"}


EVERY_DAY = replace(SOURCE, cron="0 7 * * *", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("cron", "zone", "last", "wait", "expected"),
    [
        # A visit that came late does not lose the next day's, nor does a pause of a whole day.
        ("0 7 * * *", "UTC", "2026-03-01 07:41", 86400, "2026-03-02 07:00"),
        ("0 7 * * *", "UTC", "2026-03-01 07:41", 3600, "2026-03-02 07:00"),
        # Summer time begins, and the day has 23 hours.
        ("0 7 * * *", "Europe/Berlin", "2026-03-28 06:10", 86400, "2026-03-29 05:00"),
        ("0 7 * * *", "Europe/Berlin", "2026-10-24 05:10", 86400, "2026-10-25 06:00"),
        # A line of many minutes leaves the pace as it is within them.
        ("* 8-19 * * mon-fri", "UTC", "2026-03-06 18:30", 3600, "2026-03-06 19:30"),
        ("* 8-19 * * mon-fri", "UTC", "2026-03-06 19:30", 3600, "2026-03-09 08:00"),
        ("*/20 * * * *", "UTC", "2026-03-06 08:03", 1800, "2026-03-06 08:40"),
        # Never sooner than ten minutes after another visit, however late that was.
        ("0 * * * *", "UTC", "2026-03-06 08:55", 3600, "2026-03-06 10:00"),
        ("0 * * * *", "UTC", "2026-03-06 08:45", 3600, "2026-03-06 09:00"),
    ],
)
def test_the_next_visit_by_a_cron_line(
    cron: str, zone: str, last: str, wait: int, expected: str
) -> None:
    when = visit_hours(cron, "", zone)
    due = at(last) + timedelta(seconds=wait)
    assert when.next_visit(at(last), due, least=timedelta(minutes=10)) == at(expected)


@given(
    cron=st.sampled_from(["0 7 * * *", "*/10 * * * *", "* 22,23,0-3 * * *", "30 2 * * sun", ""]),
    quiet=st.sampled_from(["", "01:00-06:00", "23:30-00:15"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]),
    last=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    wait=st.integers(600, 90_000),
)
def test_visits_keep_to_the_hours_and_to_the_shortest_pause(
    cron: str, quiet: str, zone: str, last: datetime, wait: int
) -> None:
    when = visit_hours(cron, quiet, zone)
    assume(when.ever_open())
    moment, pause = last.replace(tzinfo=UTC), timedelta(seconds=wait)
    found = when.next_visit(moment, moment + pause, least=timedelta(minutes=10))
    assert found >= moment + min(pause, timedelta(minutes=10))
    assert not when.is_quiet(found)
    if when.cron is not None:
        # What the clock leaves out as summer time begins comes as the clock goes on.
        assert when.cron.allows(found, zone) or when.cron.last_at(found, zone) == found
        assert found - moment <= timedelta(days=9)
    else:
        assert found >= moment + pause


class Quay(httpx.AsyncBaseTransport):
    """A site with one feed and one article, which writes down when it was asked for what."""

    def __init__(self) -> None:
        self.now = START
        self.text = STORY
        self.asked: list[tuple[str, datetime]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append((path, self.now))
        if path == "/feed":
            body = (
                "<rss version='2.0'><channel><title>Quay</title><item><title>Quay opens</title>"
                "<link>http://quay.example/1</link></item></channel></rss>"
            )
            return httpx.Response(200, headers={"content-type": "application/rss+xml"},
                                  stream=httpx.ByteStream(body.encode()))  # fmt: skip
        page = (
            "<html><head><title>Quay opens</title></head><body><article><h1>Quay opens</h1>"
            f"{self.text}</article></body></html>"
        )
        known = path == "/1"
        return httpx.Response(200 if known else 404, headers={"content-type": "text/html"},
                              stream=httpx.ByteStream(page.encode() if known else b""))  # fmt: skip

    def times(self, path: str) -> list[datetime]:
        return [moment for asked, moment in self.asked if asked == path]


STORY = "".join(f"<p>{line}</p>" for line in paragraphs(7))


def played(folder: Path, quay: Quay, source: Source, hours: float, until_edit: float) -> None:
    """Let passes go over a site every ten minutes of its own clock."""
    shipped = load_config()
    fetch = replace(shipped.fetch, ask_reservations=False, delay=0.0)
    config = replace(shipped, fetch=fetch, sources=(source,),
                     parse=replace(shipped.parse, workers=1))  # fmt: skip

    async def run() -> None:
        async with Pipeline(
            config, open_archive=lambda: Archive(folder), transport=quay, clock=lambda: quay.now
        ) as pipeline:
            end = quay.now + timedelta(hours=hours)
            edit = quay.now + timedelta(hours=until_edit)
            while quay.now < end:
                if quay.now >= edit:
                    quay.text = STORY.replace("</p>", " It was 9 weeks, not 3.</p>", 1)
                await pipeline.collect()
                quay.now += timedelta(minutes=10)

    asyncio.run(run())


def test_a_pipeline_visits_by_the_cron_line_and_looks_again_after_an_edit(tmp_path: Path) -> None:
    quay = Quay()
    source = Source(name="quay", kind="feed", url="http://quay.example/feed", outlet="Quay",
                    cron="30 9,17 * * *", interval=600)  # fmt: skip
    played(tmp_path / "archive", quay, source, 50, 30)
    visits = quay.times("/feed")
    assert {(moment.hour, moment.minute) for moment in visits} == {(9, 30), (17, 30)}
    assert len(visits) == 5
    first = visits[0]
    looks = [round((moment - first).total_seconds() / 3600, 1) for moment in quay.times("/1")]
    # 1 h, 6 h, 24 h after first sight. The edit came after that, and no look found it.
    assert looks == [0.0, 1.0, 6.0, 24.0]


def test_an_edited_article_is_looked_at_more_often_for_days(tmp_path: Path) -> None:
    quay = Quay()
    source = Source(name="quay", kind="feed", url="http://quay.example/feed", outlet="Quay")
    played(tmp_path / "archive", quay, source, 40, 5)
    first = quay.times("/1")[0]
    looks = [round((moment - first).total_seconds() / 3600, 1) for moment in quay.times("/1")]
    # Found edited after 6 h: looked at 1, 6 and 24 h later, beside the usual looks.
    assert looks == [0.0, 1.0, 6.0, 7.0, 12.0, 24.0, 30.0]


def test_a_new_or_another_cron_line_moves_the_next_visit(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:

        def due(source: Source) -> datetime | None:
            archive.sync_sources([source], at("2026-03-01 12:00"))
            return archive.status(at("2026-03-01 12:00")).sources[0].next_due_at

        assert due(EVERY_DAY) == at("2026-03-02 06:00")
        assert due(EVERY_DAY) == at("2026-03-02 06:00")
        assert due(replace(EVERY_DAY, zone="UTC")) == at("2026-03-02 07:00")
        assert due(replace(EVERY_DAY, cron="")) == at("2026-03-01 12:00")
        assert due(replace(SOURCE, quiet="19:00-21:00")) == at("2026-03-01 13:00")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            'cron = "61 * * * *"',
            r"sources\.toml:6 .*cron = '61 \* \* \* \*' is wrong \(allowed: a cron",
        ),
        ('quiet = "01:00-06:00"\ncron = "*/5 2,3 * * *"', r"sources\.toml:7 .*never be visited"),
        ("cron = 7", r"sources\.toml:6 .*cron = 7 is wrong"),
    ],
)
def test_a_wrong_cron_line_is_refused_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\noutlet = "A"\n{line}\n'
    )
    with pytest.raises(ConfigError, match=says):
        load_config(tmp_path)


# How often articles are looked at again


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "edited", "hot", "expected"),
    [
        (2, None, False, 6), (2, 1.9, False, 3), (2, 0, False, 6), (2, None, True, 4),
        (5, None, True, 6), (100, None, False, 168), (100, 99.5, False, 101),
        (100, None, True, 102),
        (800, None, False, None), (800, 790, False, 814), (800, None, True, 802),
        # A page that never ceases to change is given up in the end.
        (2000, 1999, False, None),
    ],
)  # fmt: skip
def test_when_an_article_is_looked_at_again(
    age: float, edited: float | None, hot: bool, expected: float | None
) -> None:
    found = next_check(
        at=START + age * HOUR, first_seen=START, error_class="", failures=0, archived=True,
        edited_at=None if edited is None else START + edited * HOUR, hot=hot,
    )  # fmt: skip
    assert found == (None if expected is None else START + expected * HOUR)


@given(st.floats(0, 3000), st.none() | st.floats(0, 3000), st.booleans())
def test_looks_beside_the_usual_ones_keep_an_hour(
    age: float, edited: float | None, hot: bool
) -> None:
    now = START + age * HOUR
    known = {"at": now, "first_seen": START, "error_class": "", "failures": 0, "archived": True}
    usual = next_check(**known)
    edit = None if edited is None else START + min(edited, age) * HOUR
    found = next_check(**known, edited_at=edit, hot=hot)
    assert usual is None or (found is not None and found <= usual)
    assert found is None or found == usual or found >= now + HOUR


def test_a_hot_story_needs_outlets_news_and_a_host_with_room() -> None:
    hot = {"outlets": 3, "latest": START, "at": START + HOUR, "planned": 0}
    assert is_hot(**hot)
    for cold in ({"outlets": 2}, {"at": START + DAY}, {"planned": 120}):
        assert not is_hot(**hot | cold)


def test_articles_of_a_story_of_three_outlets_are_looked_at_more_often(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:

        def due() -> list[float | None]:
            with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
                found = connection.execute("select next_check_at from pages order by id").fetchall()
            return [(at(row[0][:-1]) - NOW) / HOUR if row[0] else None for row in found]

        def group(hours: float) -> None:
            while archive.stories.group_new(NOW + hours * HOUR).articles:
                pass

        for outlet in ("Ledger", "Herald"):
            archive.record(judged(1, "Ferry-2", outlet=outlet))
        # As captures bring it: never asked of the web.
        archive.record(replace(judged(1, "Ferry-2", outlet="Gazette"), capture="record-1"))
        group(1)
        assert due() == [2, 2, None]
        again = [replace(judged(1, "Ferry-2", outlet=o), at=NOW + 8 * HOUR)
                 for o in ("Ledger", "Herald")]  # fmt: skip
        for one in again:
            archive.record(one)
        assert due() == [10, 10, None]
        # Quiet for a day: the usual looks.
        for one in again:
            archive.record(replace(one, at=NOW + 30 * HOUR))
        assert due() == [73, 73, None]


def test_wrong_hours_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\noutlet = "A"\n'
        'quiet = "1-6"\n'
    )
    with pytest.raises(ConfigError, match=r"sources\.toml:6 .*quiet = '1-6' is wrong"):
        load_config(tmp_path)


def test_the_command_prints_the_day(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\noutlet = "A"\n'
        'interval = 7200\n\n[[source]]\nname = "b"\nkind = "feed"\nurl = "https://b.example/"\n'
        'outlet = "B"\nenabled = false\n'
    )
    words = ["--archive", str(tmp_path / "archive"), "--config", str(tmp_path), "sources"]
    found = CliRunner().invoke(main, [*words, "simulate"])
    assert found.exit_code == 0, found.output
    assert "12 visits and 0 looks at articles in 24 hours" in found.output
    assert "paused" in found.output
    told = json.loads(CliRunner().invoke(main, [*words, "simulate", "--json"]).output)
    assert [len(source["visits"]) for source in told["sources"]] == [12, 0]
    assert told["others"] == 0


def test_looks_at_articles_of_no_present_source_are_in_a_row_of_their_own(tmp_path: Path) -> None:
    """The sum counted them, so that it was more than what stood above it."""
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\noutlet = "A"\n'
    )
    gone = Source(name="gone", kind="feed", url="https://b.example/", outlet="B")
    now = datetime.now(UTC)
    with opened(tmp_path / "archive") as archive:
        archive.sync_sources([*load_config(tmp_path).sources, gone], now)
        for number, source in enumerate(("a", "gone", "gone", ""), 1):
            archive.record(
                article(url=f"https://x.example/{number}", at=now, source=source, title=f"{number}")
            )
    words = ["--archive", str(tmp_path / "archive"), "--config", str(tmp_path), "sources"]
    told = json.loads(CliRunner().invoke(main, [*words, "simulate", "--json"]).output)
    assert ([one["articles"] for one in told["sources"]], told["others"]) == ([1], 3)
    rows = CliRunner().invoke(main, [*words, "simulate"]).output.splitlines()
    assert next(row for row in rows if row.startswith("(no present source)")).split()[-1] == "3"
    assert rows[-1].endswith("and 4 looks at articles in 24 hours")


def test_status_is_shown_until_it_is_ended(tmp_path: Path, monkeypatch) -> None:
    with opened(tmp_path / "archive"):
        pass
    looks = []
    asking, really = threading.get_ident(), time.sleep

    def sleep(seconds: float) -> None:
        # A pool of an earlier test may still have threads that sleep.
        if threading.get_ident() != asking:
            really(seconds)
            return
        looks.append(seconds)
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    words = ["--archive", str(tmp_path / "archive"), "status", "--watch", "--every", "7"]
    found = CliRunner().invoke(main, words)
    assert looks == [7, 7]
    assert found.output.count("every 7 s, Ctrl-C ends it") == 2
    assert "UTC UTC" not in found.output


def test_a_screen_without_room_for_all_sources_shows_those_that_fail_first() -> None:
    def health(name: str, failures: int = 0, hours: int = 1, enabled: bool = True) -> SourceHealth:
        return SourceHealth(
            name=name, outlet=name, kind="feed", url=f"https://{name}.example/", enabled=enabled,
            failures=failures, last_class="", last_message="", last_ok_at=None, last_new_at=None,
            last_article_at=None, next_due_at=START + hours * HOUR, pages=0, articles=0,
        )  # fmt: skip

    sources = [
        health("later", hours=9), health("paused", enabled=False, hours=0), health("soon"),
        health("twice", failures=2, hours=30), health("often", failures=9, hours=40),
    ]  # fmt: skip
    assert pressing_sources(sources, None) == (sources, ())
    assert pressing_sources(sources, 5) == (sources, ())
    shown, left = pressing_sources(sources, 3)
    assert [one.name for one in shown] == ["often", "twice", "soon"]
    assert [one.name for one in left] == ["later", "paused"]
