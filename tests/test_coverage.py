"""Coverage from end to end: what the archive counts, what commands and pages tell of it."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

import scraper.cli.coverage as coverage_command
from scraper.archive import Archive
from scraper.archive.schema import ARCHIVE, ARCHIVE_ID
from scraper.browse import application
from scraper.cli import main
from scraper.coverage.report import past_gaps, report
from scraper.errors import UsageError
from scraper.models import (
    Article,
    Attempt,
    Discovery,
    FailedFallback,
    Judgement,
    Link,
    Source,
    Topic,
    Verdict,
)
from tests.archiving import article, opened, page
from tests.old_schemas import aged

CONFIG = Path(__file__).parent.parent / "config"
BEIJING = "Asia/Shanghai"
FIRST = date(2026, 6, 1)  # a Monday; no holiday but Dragon Boat is near
NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)  # a Monday, 17:00 there
DAY = timedelta(days=1)


def source(name: str, outlet: str = "", **fields: object) -> Source:
    values = {"zone": BEIJING, "interval": 43200, **fields}
    return Source(
        name=name, kind="feed", url=f"https://{name}.example/feed", outlet=outlet, **values
    )


KR = source("kr", "36氪")
HUXIU = source("huxiu", "虎嗅")
FRESH = source("fresh", "新声")
SOURCES = [KR, HUXIU, FRESH]


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def visit(archive: Archive, name: str, when: datetime, entries: int = 0) -> list[Link]:
    """Let a source show new entries; return their links."""
    links = tuple(
        Link(url=f"https://{name}.example/{when:%m%d%H}/{n}", source=name, title=f"Report {n}")
        for n in range(entries)
    )
    archive.record_visit(name, when, discovery=Discovery(links=links))
    return list(links)


def keep(link: Link, when: datetime) -> Attempt:
    text = f"The ferries of {link.url} were late.\n" * 3
    return article(text, url=link.url, title=link.title, at=when, source=link.source)


def reject(link: Link, when: datetime) -> Attempt:
    return Attempt(
        link=link, at=when, page=page(url=link.url, at=when), verdict=Verdict(kind="captcha")
    )


def fail(link: Link, when: datetime) -> Attempt:
    return Attempt(link=link, at=when, error_class="timeout", message="no answer in 60 s")


def pass_over(link: Link, when: datetime) -> Attempt:
    return Attempt(
        link=link,
        at=when,
        page=page(b"", url=link.url, at=when),
        verdict=Verdict(kind="article"),
        article=Article(url=link.url, title=link.title, text="Of gardens. " * 9),
        judgement=Judgement(topic=Topic(score=1, threshold=5), lexicon="x"),
        passed_over="only",
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven weeks: one source falls silent, one can't be read, one is new; two days off for all."""
    folder = tmp_path_factory.mktemp("seven-weeks")
    with opened(folder) as archive:
        archive.sync_sources(SOURCES, at(FIRST))
        attempts = []
        for number in range(50):
            day = FIRST + DAY * number
            left = 49 - number
            if left in (20, 21):
                continue
            entries = 30 if number == 0 else 4 if left > 4 else 0
            links = visit(archive, "kr", at(day), entries)
            attempts += [keep(link, at(day)) for link in links]
            if left > 3:
                links = visit(archive, "huxiu", at(day), 3)
                attempts += [keep(links[0], at(day)), keep(links[1], at(day))]
                attempts.append(reject(links[2], at(day)))
            else:
                archive.record_visit(
                    "huxiu", at(day), discovery=None, error_class="timeout",
                    message="https://huxiu.example/feed: no answer in 60 s",
                )  # fmt: skip
            if left < 5:
                visit(archive, "fresh", at(day), 1)
        archive.record_all(attempts)
    return folder


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scraper.cli.coverage", "scraper.browse.coverage_summary"):
        monkeypatch.setattr(f"{module}._now", lambda: NOW)


def cli(folder: Path, *words: str) -> Result:
    result = CliRunner().invoke(main, ["--archive", str(folder), *words])
    assert result.exit_code == 0, result.output
    return result


# -- what the archive counts ---------------------------------------------------------------------


def test_entries_are_told_by_what_became_of_them(tmp_path: Path) -> None:
    day = at(FIRST)
    with opened(tmp_path) as archive:
        archive.sync_sources(SOURCES, day)
        archive.record(article(url="https://kr.example/060109/5", at=day - DAY))  # by hand, before
        links = visit(archive, "kr", day, 6)
        archive.record_all(
            [keep(links[0], day), reject(links[1], day), fail(links[2], day),
             pass_over(links[3], day)]
        )  # fmt: skip
        visit(archive, "kr", day + timedelta(hours=1), 0)
        # A new headline is no new entry, and neither is the same on another day.
        again = Link(url=links[0].url, source="kr", title="Another headline")
        archive.record_visit("kr", day + DAY, discovery=Discovery(links=(again, links[4])))
        # What another source showed first is known before, here.
        archive.record_visit("huxiu", day + DAY, discovery=Discovery(links=(links[0],)))
        _, huxiu, kr = archive.coverage(day + DAY)
        assert [h.name for h in (huxiu, kr)] == ["huxiu", "kr"]
    first, second = kr.days
    assert (first.kept, first.rejected, first.failed, first.off_topic) == (1, 1, 1, 1)
    assert (first.known, first.waiting, first.seen, first.visits) == (1, 1, 6, 2)
    assert (second.seen, second.visits) == (0, 1)
    assert (huxiu.days[0].known, huxiu.days[0].kept) == (1, 0)
    assert kr.since == kr.days[0].day == FIRST and kr.zone == BEIJING


def test_a_feed_that_ran_over_is_told(tmp_path: Path) -> None:
    first = datetime(2026, 6, 1, 0, tzinfo=UTC)
    shown = [
        tuple(Link(url=f"https://kr.example/{n}", source="kr") for n in range(start, start + 8))
        for start in (0, 100)
    ]
    with opened(tmp_path) as archive:
        archive.sync_sources([KR], first)
        for number, links in enumerate(shown):
            archive.record_visit(
                "kr", first + number * DAY, discovery=Discovery(links=links, window=8)
            )
        (kr,) = archive.coverage(first + 2 * DAY)
        found = report([kr])
    assert kr.overruns == ((FIRST + DAY, 8),)
    assert found is not None
    assert any("all 8 entries that it showed were new, 2026-06-02" in s for s in past_gaps(found))


def test_days_are_those_of_the_outlets_zone(tmp_path: Path) -> None:
    late = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    nepal = source("nepal", "Nepali", zone="Asia/Kathmandu")
    with opened(tmp_path) as archive:
        archive.sync_sources([KR, nepal], late)
        visit(archive, "kr", late, 2)
        visit(archive, "nepal", late, 2)
        kr, other = archive.coverage(late)
    assert [(d.day, d.seen, d.visits) for d in kr.days] == [(FIRST + DAY, 2, 1)]
    assert [(d.day, d.seen, d.visits) for d in other.days] == [(FIRST, 2, 1)]
    assert kr.today == FIRST + DAY


def test_a_day_off_is_one_in_every_zone(tmp_path: Path) -> None:
    york = source("york", "The Ledger", zone="America/New_York")
    times = [datetime(2026, 6, day, hour, tzinfo=UTC) for day, hour in ((8, 0), (9, 12), (11, 3))]
    times = [moment + timedelta(minutes=m) for moment in times for m in (0, 9)]
    with opened(tmp_path) as archive:
        archive.sync_sources([KR, york], times[0])
        for moment in times:
            visit(archive, "kr", moment)
            visit(archive, "york", moment)
        found = report(archive.coverage(times[-1] + DAY))
    assert found is not None
    away = [(a.first.day, a.running, a.failed) for s in found.standings for a in s.away]
    # The third visit was on the 11th in Beijing, and on the 10th in New York.
    assert away == [(10, False, False), (8, False, False)]
    assert past_gaps(found) == [
        "the program was not running, 2026-06-08",
        "the program was not running, 2026-06-10",
    ]


def test_visits_that_failed_are_counted_and_a_fallback_is_no_failure(tmp_path: Path) -> None:
    day = at(FIRST)
    with opened(tmp_path) as archive:
        archive.sync_sources([KR], day)
        archive.record_visit("kr", day, discovery=None, error_class="timeout", message="late")
        fallback = FailedFallback(kind="feed", url=KR.url, error_class="http_error", message="404")
        saved = Discovery(
            links=(), served_by="sitemap https://kr.example/s.xml", failed=(fallback,)
        )
        archive.record_visit("kr", day, discovery=saved)
        [kr] = archive.coverage(day)
        with pytest.raises(UsageError, match="no source is named nobody"):
            archive.coverage(day, ["nobody"])
    [counted] = kr.days
    assert (counted.visits, counted.visits_failed, counted.error_class) == (2, 1, "timeout")


def test_an_older_archive_has_its_visits_counted(filled: Path, tmp_path: Path) -> None:
    old = aged(filled, tmp_path / "old", archive=10)
    with opened(old) as archive, opened(filled) as new:
        before, now = archive.coverage(NOW), new.coverage(NOW)
    assert [(h.name, h.since, h.days) for h in before] == [(h.name, h.since, h.days) for h in now]


def test_entries_are_found_by_an_index(filled: Path) -> None:
    with closing(sqlite3.connect(filled / "archive.db")) as connection:
        names = {row[0] for row in connection.execute("select name from sqlite_master")}
        assert connection.execute("pragma application_id").fetchone()[0] == ARCHIVE_ID
    assert "sightings_first" in names
    assert len(ARCHIVE._migrations) >= 11


# -- what the commands tell ----------------------------------------------------------------------


def test_status_tells_gaps_failures_and_denominators(filled: Path) -> None:
    said = cli(filled, "status").stdout
    assert "✗ 36氪: no article for 4 days, expected 16; 4 visits showed nothing new" in said
    assert (
        "✗ 虎嗅: not read for 3 days, expected 6; 4 visits failed in a row: no answer in 60 s"
        in said
    )
    assert "3 watched: 1 failing, 1 with a gap, 1 with too little history" in said
    assert "· the program was not running, 2026-06-29 to 2026-06-30; 12 usually come then" in said
    told = json.loads(cli(filled, "status", "--json").stdout)
    entries = told["coverage"]["entries"]
    parts = ("kept", "known", "rejected", "off_topic", "held", "failed", "waiting")
    assert entries["seen"] == sum(entries[part] for part in parts) > 0
    assert told["coverage"]["standings"] == {"failing": 1, "gap": 1, "too little history": 1}
    assert {"judgements", "passed_over"} <= set(told["counts"])


def test_coverage_tells_each_source_in_a_line(filled: Path) -> None:
    lines = cli(filled, "coverage", "--days", "10").stdout.splitlines()
    kr = next(line for line in lines if line.startswith("kr "))
    assert "no article for 4 days" in kr
    assert kr.split()[1:3] == ["20", "20"], "five days of four"
    fresh = next(line for line in lines if line.startswith("fresh "))
    assert "too little history: 3 of 14 days" in fresh


def test_coverage_tells_a_source_by_day(filled: Path) -> None:
    lines = cli(filled, "coverage", "huxiu", "--days", "5").stdout.splitlines()
    assert lines[0] == "虎嗅 (huxiu)"
    days = {line.split()[1]: line for line in lines[4:] if line}
    assert days["2026-07-19"].endswith("failed") and "1, 1 failed" in days["2026-07-19"]
    assert days["2026-07-20"].endswith("so far")
    assert days["2026-07-16"].endswith("as expected")
    long = cli(filled, "coverage", "kr", "--days", "60").stdout
    assert "2026-06-30" in long and "not running" in long
    assert "first visit" in long and "not watched yet" in long


def test_coverage_as_rows_and_values(filled: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(cli(filled, "coverage", "--csv", "--days", "4").stdout)))
    assert len(rows) == 3 * 4
    assert {row["source"] for row in rows} == {"kr", "huxiu", "fresh"}
    gap = next(row for row in rows if (row["source"], row["day"]) == ("kr", "2026-07-18"))
    assert (gap["verdict"], gap["seen"], gap["visits"]) == ("gap", "0", "1")
    assert 3.8 < float(gap["expected"]) < 4.2
    told = json.loads(cli(filled, "coverage", "kr", "--json", "--days", "4").stdout)
    [kr] = told["sources"]
    assert kr["kind"] == "gap" and kr["rhythm"]["in_words"] == "about 4 a day"
    assert [day["verdict"] for day in kr["days"]] == ["gap", "gap", "gap", "so far"]
    [trouble] = told["coverage"]["in_trouble"]
    assert trouble["gap"]["count"] == 0 and trouble["gap"]["open"]
    options = ["--archive", str(filled), "coverage", "--json", "--csv"]
    assert CliRunner().invoke(main, options).exit_code == 2
    assert CliRunner().invoke(main, [*options[:3], "nobody"]).exit_code == 2


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["search", "ferries"], "hits"),
        (["changes", "--limit", "2"], "entries"),
        (["survival"], "outlets"),
        (["topics", "--kind", "model"], "names"),
    ],
)
def test_answers_say_what_they_rest_on(filled: Path, words: list[str], key: str) -> None:
    told = json.loads(cli(filled, *words, "--json").stdout)
    assert {key, "coverage"} <= set(told)
    assert told["coverage"]["watched"] == 3
    if key != "names":
        said = cli(filled, *words)
        assert "rests on 3 sources, " in said.stderr
        assert "In trouble: 36氪: no article for 4 days, expected 16; 虎嗅: not read" in said.stderr
        assert "rests on" not in said.stdout
        assert "rests on" not in cli(filled, "-q", *words).stderr


def test_a_listing_of_sources_says_what_is_usual(filled: Path, tmp_path: Path) -> None:
    blocks = [
        f'[[source]]\nname = "{s.name}"\nkind = "feed"\nurl = "{s.url}"\noutlet = "{s.outlet}"\n'
        for s in SOURCES
    ]
    for file in ("settings.toml", "topics.toml", "boilerplate.toml"):
        shutil.copy(CONFIG / file, tmp_path)
    (tmp_path / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")
    said = cli(filled, "--config", str(tmp_path), "sources", "list").stdout
    kr, huxiu, fresh = said.splitlines()[2:5]
    assert "about 4 a day" in kr and "no article for 4 days, expected 16" in kr
    assert "about 2 a day" in huxiu and "failed 4×" in huxiu
    assert fresh.endswith("ok")
    assert "3 sources, 1 failing, 1 with a gap" in said


def test_an_archive_without_sources_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
    assert "no source is watched" in cli(tmp_path, "coverage").stderr
    assert "no source is watched" in cli(tmp_path, "search", "harbour").stderr
    assert json.loads(cli(tmp_path, "search", "harbour", "--json").stdout)["coverage"] is None
    assert "harbour" in cli(tmp_path, "search", "harbour").stdout.lower()


def test_an_archive_that_nobody_runs_is_told_as_of_its_last_visit(filled: Path) -> None:
    for days in (40, 900):
        with opened(filled) as archive:
            found = report(archive.coverage(NOW + days * DAY, days=184))
        assert found is not None
        assert found.idle == days
        assert found.until == NOW.date()
        assert found.counts.seen > 100
        assert found.kinds == {"failing": 1, "gap": 1, "too little history": 1}


# -- what the pages show -------------------------------------------------------------------------


def page_of(folder: Path, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=application(folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    response = asyncio.run(ask())
    assert response.status_code == 200, response.text
    return response


def text_of(response: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", response.text)).split())


def test_the_page_has_gaps_on_top_and_a_calendar_for_each_source(filled: Path) -> None:
    response = page_of(filled, "/-/coverage")
    said = text_of(response)
    assert said.index("36氪: no article for 4 days, expected 16") < said.index("12 weeks")
    assert "虎嗅: not read for 3 days, expected 6" in said
    assert "the program was not running, 2026-06-29 to 2026-06-30" in said
    calendars = re.findall(r'<div class="calendar".*?</div>', response.text)
    assert len(calendars) == 3
    for calendar in calendars:
        assert calendar.count("<i ") == 11 * 7 + 1, "eleven weeks and a Monday"
    looks = [re.findall(r'class="cell (\w+)"', calendar) for calendar in calendars]
    assert [look for look in looks[0] if look == "gap"] == ["gap"] * 4
    assert "Thu 2026-07-16: 0 kept, expected 4, gap" in calendars[0]
    assert looks[1][-4:-1] == ["away"] * 3
    assert looks[2].count("none") == 73
    assert "style=" not in response.text and "<script" not in response.text


def test_the_front_page_and_searches_say_what_they_rest_on(filled: Path) -> None:
    front = text_of(page_of(filled, "/"))
    assert "3 watched: 1 failing, 1 with a gap, 1 with too little history" in front
    assert "36氪: no article for 4 days, expected 16" in front
    assert "What this rests on: 3 watched" in text_of(page_of(filled, "/-/search?q=ferries"))
    assert "What this rests on: 3 watched" in text_of(page_of(filled, "/-/changes"))
    sources = text_of(page_of(filled, "/-/sources"))
    assert "no article for 4 days, expected 16" in sources and "about 4 a day" in sources


def test_the_same_as_json(filled: Path) -> None:
    told = page_of(filled, "/-/coverage.json").json()
    assert told["coverage"]["standings"]["gap"] == 1
    kr = next(one for one in told["sources"] if one["source"] == "kr")
    assert [day["verdict"] for day in kr["days"][-5:]] == ["gap"] * 4 + ["so far"]
    assert sum(day["kept"] for day in kr["days"]) == 30 + 4 * 42


def test_an_archive_without_sources_has_a_page_too(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article())
    assert "No source is watched" in text_of(page_of(tmp_path, "/-/coverage"))
    assert page_of(tmp_path, "/-/coverage.json").json() == {
        "schema": "scraper/coverage/1", "coverage": None, "sources": [],
    }  # fmt: skip
    assert "Harbour" in text_of(page_of(tmp_path, "/"))


def test_a_search_remembers_what_it_rests_on(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "archive"
    shutil.copytree(filled, folder)
    first = json.loads(cli(folder, "search", "ferries", "--json").stdout)["coverage"]
    assert first is not None
    # It is not summed up again while nothing was fetched, and a reader without permission to write
    # gets the same.
    with Archive(folder, create=False) as archive:
        monkeypatch.setattr(coverage_command, "coverage_of", None)
        moments = [hit.published for hit in archive.search("ferries")]
        assert coverage_command.footnote(archive, moments).report == first
    with Archive(folder, readonly=True) as archive:
        assert coverage_command.footnote(archive, moments).report == first
