"""Quiet hours of sources, and the visits to come."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.cli import main
from scraper.config import Config, load_config
from scraper.errors import ConfigError
from scraper.models import Source
from scraper.pipeline import Pipeline
from scraper.pipeline.quiet_hours import is_quiet, visits_ahead
from tests.archiving import HOUR, START, article, opened

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
    assert "12 visits in 24 hours" in found.output
    assert "paused" in found.output
    told = json.loads(CliRunner().invoke(main, [*words, "simulate", "--json"]).output)
    assert [len(source["visits"]) for source in told] == [12, 0]


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
