"""Alerts: told once, never lost by a stop, held by quiet hours and limits, sent to real sinks."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import hmac
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.alerts.dispatcher import AlertDispatcher
from scraper.alerts.messages import back_off
from scraper.alerts.rules import load_alerts, source_filter_holds
from scraper.archive import Archive
from scraper.cli import main
from scraper.config import Config, load_config
from scraper.discovery.visit import inline
from scraper.errors import ArchiveError, ConfigError
from scraper.models import Article, Judgement, Mention, Topic
from scraper.models.alerts import AlertRule, AlertSettings, AlertSink
from scraper.pipeline import ArchiveThread
from scraper.topics import judge
from tests.archiving import HOUR, START, TEXT, article, failed, opened

NOW = START + 10 * HOUR
EDIT = TEXT.replace("3 weeks", "8 weeks")


class Sink:
    """A webhook on the loopback that answers as it is told and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]] | None] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.hold: threading.Event | None = None

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.got]

    @property
    def told(self) -> list[list[str]]:
        return [[a["title"] for a in json.loads(body)["alerts"]] for _, body in self.got]


@contextmanager
def webhook() -> Iterator[tuple[Sink, str]]:
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sink.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            if sink.hold is not None:
                sink.hold.wait(60)
            answer = sink.answers.pop(0) if sink.answers else (204, {})
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink, f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()


class Newsroom:
    """An archive with its alerts, and a clock that the test sets."""

    def __init__(self, folder: Path, settings: AlertSettings) -> None:
        self.folder = folder
        self.settings = settings
        self.now = NOW

    def round(self, *, config: Config | None = None, started: datetime | None = None) -> int:
        """One round by a process that has just started."""

        async def once() -> int:
            thread = ArchiveThread(
                lambda: Archive(self.folder), least_free=0, clock=lambda: self.now
            )
            async with thread:
                dispatcher = AlertDispatcher(
                    self.settings,
                    config or load_config(),
                    thread,
                    clock=lambda: self.now,
                    run=inline,
                    started=started,
                )
                return await dispatcher.round()

        return asyncio.run(once())

    def record(self, *attempts) -> None:
        with opened(self.folder) as archive:
            for attempt in attempts:
                archive.record(attempt)

    def ask(self, question: Callable[[Archive], object]) -> object:
        with opened(self.folder) as archive:
            return question(archive)


def newsroom(tmp_path: Path, url: str, *rules: AlertRule, **of_sink: object) -> Newsroom:
    sinks = (AlertSink(name="team", kind="webhook", url=url, **of_sink),)
    found = Newsroom(tmp_path / "archive", AlertSettings(rules=rules, sinks=sinks))
    with opened(found.folder):
        pass
    return found


def rule(kind: str, **keys: object) -> AlertRule:
    return AlertRule(**{"name": kind, "kind": kind, "sinks": ("team",), **keys})


def harbour(number: int, text: str = TEXT, hours: float = 11, title: str = "Harbour reopens"):
    url = f"https://ledger.example/news/{number}"
    text += f"Ship number {number} was the first to leave.\n"
    return article(text, url=url, at=START + hours * HOUR, title=f"{title} {number}")


# What is told


def test_an_edit_is_told_once_and_what_came_before_the_rule_never(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=2))
        room.record(harbour(1, hours=1), harbour(1, EDIT, hours=2))
        assert room.round() == 0
        room.record(harbour(2, hours=11), harbour(2, EDIT, hours=12))
        assert room.round() == 1
        assert room.round() == 0
        room.record(harbour(3, hours=13))
        assert room.round() == 0
    [(headers, body)] = sink.got
    [alert] = json.loads(body)["alerts"]
    assert alert["title"] == "Edited (severity 3): Harbour reopens 2"
    assert alert["url"] == "https://ledger.example/news/2"
    assert "8 weeks" in alert["text"]
    assert headers["content-type"].startswith("application/json")


def test_edits_of_long_ago_that_captures_bring_are_not_told(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1))
        room.round()
        room.record(harbour(1, hours=-90), harbour(1, EDIT, hours=-80))
        room.round()
    assert sink.got == []


def test_a_takedown_is_told_and_a_failure_is_not(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("takedown"))
        room.record(harbour(1, hours=1), harbour(2, hours=1))
        room.round()
        one, other = (f"https://ledger.example/news/{n}" for n in (1, 2))
        room.record(failed("timeout", at=START + 11 * HOUR, url=one))
        room.record(failed("gone", at=START + 12 * HOUR, url=one))
        room.round()
        assert sink.got == []
        room.record(article(url=other, at=START + 19 * HOUR, title="Harbour reopens 2"))
        room.record(failed("gone", at=START + 20 * HOUR, url=one))
        room.record(article(url=other, at=START + 21 * HOUR, title="Harbour reopens 2"))
        room.record(failed("gone", at=START + 28 * HOUR, url=one))
        room.round()
        gone = room.ask(lambda archive: archive.find(1).state)
    assert gone == "gone"
    assert sink.told == [["Taken down: Harbour reopens 1"]]


def test_a_filter_of_search_decides_for_each_article(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        wanted = rule("severe_edit", severity=1, filter="title:闸门 OR (harbour -title:2)")
        room = newsroom(tmp_path, url, wanted)
        room.round()
        for number, title in ((1, "Harbour reopens"), (2, "Harbour reopens"), (3, "閘門重開")):
            room.record(harbour(number, title=title), harbour(number, EDIT, 12, title))
        room.round()
    assert [title for [title] in sink.told] == [
        "Edited (severity 3): Harbour reopens 1", "Edited (severity 3): 閘門重開 3",
    ]  # fmt: skip


def judged(number: int, name: str, *, on_topic: bool = True, outlet: str = "Ledger"):
    judgement = Judgement(
        topic=Topic(score=9.0 if on_topic else 0.0, threshold=1.0),
        mentions=(Mention(kind="model", name=name, offset=1, matched=name),),
        lexicon="1",
    )
    text = (
        f"The laboratory of Port Elin published the weights of {name} on Tuesday. Its chief,"
        " Ann Bell, said that anybody may run the model at home. Two universities have begun to."
    )
    url = f"https://{outlet.lower()}.example/{number}"
    made = Article(url=url, title="Weights published", text=text, outlet=outlet, language="en")
    found = article(text, url=url, at=NOW + HOUR, made=made)
    return replace(found, judgement=judgement)


def test_a_name_never_seen_before_is_told_and_a_known_one_is_not(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("new_name", names=("model",)))
        room.record(judged(1, "Ferry-2"))
        room.round()
        room.record(judged(2, "Ferry-2"), judged(3, "Ferry-3"), judged(4, "Ferry-3"))
        room.round()
        room.round()
    assert sink.told == [["New model: Ferry-3"]]


def costing(outlet: str, number: int, millions: str, hours: float):
    text = f"Training Kimi K2 cost about ${millions} million. The laboratory of Port Elin said so."
    at = NOW + hours * HOUR
    url = f"https://{outlet.lower()}.example/{number}"
    made = Article(url=url, title="What it cost", text=text, outlet=outlet, language="en")
    found = article(text, url=url, at=at, made=made)
    return replace(found, judgement=judge("What it cost", text))


def test_a_contradiction_is_told_once_and_not_that_of_before_the_rule(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("contradiction"))
        room.record(costing("Ledger", 1, "4.6", -2), costing("Herald", 1, "6.4", -1))
        assert room.round() == 0
        # Said again by others, each is the same contradiction or none.
        room.record(costing("Gazette", 1, "4.6", 1))
        room.round()
        before = len(sink.told)
        room.record(costing("Courier", 1, "9.9", 2))
        room.now += 3 * HOUR
        assert room.round() >= 1
        assert room.round() == 0
    told = [title for titles in sink.told[before:] for title in titles]
    assert told and all("Kimi K2 training cost" in title for title in told)
    assert all("9.9 million" in title for title in told)
    alert = json.loads(sink.got[-1][1])["alerts"][0]
    assert "courier.example" in alert["text"]


def group(room: Newsroom) -> None:
    with opened(room.folder) as archive:
        while archive.stories.group_new(room.now).articles:
            pass


def test_a_story_is_told_once_whatever_joins_or_regroups_it(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        rules = rule("new_story"), rule("story_outlets", outlets=3)
        room = newsroom(tmp_path, url, *rules, most_per_hour=100)
        room.round()
        room.now += HOUR
        room.record(judged(1, "Ferry-2"), judged(1, "Ferry-2", outlet="Herald"))
        group(room)
        room.round()
        assert sink.told == [["New story: Weights published"]]
        room.now += HOUR
        room.record(judged(1, "Ferry-2", outlet="Gazette"))
        group(room)
        room.round()
        assert sink.told[1:] == [["Story of 3 outlets: Weights published"]]
        room.now += HOUR
        room.ask(lambda archive: archive.stories.regroup(room.now, dry_run=False))
        room.round()
        room.record(judged(1, "Ferry-2", outlet="Courier"))
        group(room)
        room.round()
    assert len(sink.told) == 2


def test_a_story_off_topic_is_not_new_on_topic(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("new_story"))
        room.round()
        for outlet in ("Ledger", "Herald"):
            room.record(judged(1, "Ferry-2", on_topic=False, outlet=outlet))
        group(room)
        room.round()
    assert sink.got == []


def test_a_disk_that_cannot_be_looked_at_ends_no_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network disk that is gone for an hour: the round says so, and the next one tells."""

    def gone(path: object) -> object:
        raise OSError(errno.ESTALE, "Stale file handle")

    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("disk_low", free_mb=1024**3))
        with monkeypatch.context() as patched:
            patched.setattr("scraper.archive.maintenance.shutil.disk_usage", gone)
            with pytest.raises(ArchiveError, match="ESTALE"):
                room.round()
        assert room.round() == 1
    assert len(sink.got) == 1


def test_disk_backup_and_daemon(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        rules = (
            rule("disk_low", free_mb=1024**3),
            rule("backup_overdue", hours=24),
            rule("daemon_restarted"),
        )
        room = newsroom(tmp_path, url, *rules)
        room.round(started=NOW)
        room.round(started=NOW)
        assert [title.split(":")[0] for [title] in sink.told] == [
            "Disk low", "The daemon started at 2026-03-01 18",
        ]  # fmt: skip
        room.now += 25 * HOUR
        room.round()
        assert sink.told[-1] == ["Backup overdue: the last verified one was never"]
        room.ask(lambda archive: archive.backup(tmp_path / "copy"))
        last = room.ask(lambda archive: archive.last_backup_at())
        assert isinstance(last, datetime)
        room.now = last + 23 * HOUR
        room.settings = AlertSettings(rules=rules[1:2], sinks=room.settings.sinks)
        assert room.round() == 0
        room.now = last + 24 * HOUR
        assert room.round() == 1
        # The clock was years ahead when the last was made: how old it is nobody knows.
        room.now = last - 9000 * HOUR
        room.settings = AlertSettings(
            rules=(rule("backup_overdue", name="another", hours=24),), sinks=room.settings.sinks
        )
        assert room.round() == 1


# How it is sent


def test_a_failed_message_is_sent_again_with_its_key_and_in_order(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1), secret="s3cret")
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        sink.answers = [(503, {}), (429, {"retry-after": "600"})]
        assert room.round() == 0
        room.record(harbour(2), harbour(2, EDIT, 12))
        room.now += timedelta(seconds=59)
        assert room.round() == 0
        assert len(sink.got) == 1
        room.now += timedelta(seconds=2)
        assert room.round() == 0
        assert len(sink.got) == 2
        room.now += timedelta(seconds=590)
        assert room.round() == 0
        room.now += timedelta(seconds=20)
        assert room.round() == 2
    assert sink.keys[0] == sink.keys[1] == sink.keys[2] != sink.keys[3]
    assert "Harbour reopens 1" in sink.told[2][0]
    assert "Harbour reopens 2" in sink.told[3][0]
    headers, body = sink.got[0]
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["x-scraper-signature"] == f"sha256={expected}"
    assert not any(json.loads(body)["perhaps_repeated"] for _, body in sink.got)


@pytest.mark.parametrize("unsure", ["again", "drop"])
def test_a_lost_answer_is_sent_again_and_says_so_or_is_dropped(tmp_path: Path, unsure: str) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1), unsure=unsure)
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        sink.answers = [None]
        assert room.round() == 0
        room.now += HOUR
        assert room.round() == (unsure == "again")
        [state] = room.ask(lambda archive: archive.alerts.sinks())
    assert (state.sent, state.dropped) == ((1, 0) if unsure == "again" else (0, 1))
    if unsure == "again":
        assert sink.keys[0] == sink.keys[1]
        assert json.loads(sink.got[1][1])["perhaps_repeated"]
        assert "perhaps a repetition" in json.loads(sink.got[1][1])["title"]


@pytest.mark.parametrize("unsure", ["again", "drop"])
def test_a_message_that_was_under_way_as_the_program_died(tmp_path: Path, unsure: str) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1), unsure=unsure)
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        with opened(room.folder) as archive:
            from scraper.alerts.messages import delivery_of

            [one], [to] = room.settings.rules, room.settings.sinks
            assert archive.alerts.look(one, [delivery_of(one, to, room.now)], room.now) == 1
            archive.alerts.compose("team", room.now, quiet=False, together=False)
            [message] = archive.alerts.due_messages("team", room.now, 9)
            archive.alerts.begin_sending(message.id)
        # Here the process is killed: nobody knows whether the sink has it.
        assert room.round() == (unsure == "again")
        assert room.round() == 0
    assert sink.keys == ([f'"{message.key}"'] if unsure == "again" else [])


@pytest.mark.parametrize("unsure", ["again", "drop"])
def test_a_process_killed_between_sending_and_noting(tmp_path: Path, unsure: str) -> None:
    """With ``drop`` it arrives at most once, with ``again`` at least once, under one key."""
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1), unsure=unsure)
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        # The sink took the message and answers no more: the process waits, and is killed.
        sink.hold = threading.Event()
        pid = os.fork()
        if pid == 0:
            try:
                room.round()
            finally:
                os._exit(0)
        deadline = time.monotonic() + 60
        while not sink.got and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        sink.hold.set()
        assert len(sink.got) == 1
        assert room.round() == (unsure == "again")
        assert room.round() == 0
    assert len(sink.got) == (2 if unsure == "again" else 1)
    assert len(set(sink.keys)) == 1
    if unsure == "again":
        assert json.loads(sink.got[1][1])["perhaps_repeated"]


def test_quiet_hours_hold_all_but_what_is_urgent(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        rules = (
            rule("severe_edit", severity=1),
            rule("severe_edit", name="urgent", severity=1, urgent=True, filter="title:2"),
        )
        # 18:00 in UTC is 02:00 in Shanghai.
        room = newsroom(tmp_path, url, *rules, quiet="22:00-07:00", zone="Asia/Shanghai")
        room.round()
        for number in (1, 2):
            room.record(harbour(number), harbour(number, EDIT, 12))
        assert room.round() == 1
        assert ["Harbour reopens 2" in title for [title] in sink.told] == [True]
        room.now = START.replace(hour=22, minute=59)
        assert room.round() == 0
        room.now = START.replace(hour=23, minute=0)
        assert room.round() == 2


@pytest.mark.parametrize("alerts", [2, 5, 8])
def test_a_digest_goes_out_at_its_line_in_one_message(tmp_path: Path, alerts: int) -> None:
    with webhook() as (sink, url):
        room = newsroom(
            tmp_path, url, rule("severe_edit", severity=1, send="digest"), digest="0 7 * * *"
        )
        room.round()
        for number in range(alerts):
            room.record(harbour(number), harbour(number, EDIT, 12))
            room.round()
        assert sink.got == []
        room.now = (START + timedelta(days=1)).replace(hour=7)
        assert room.round() == 1
    assert len(sink.told[0]) == alerts
    assert json.loads(sink.got[0][1])["title"] == f"{alerts} alerts: severe_edit"


def test_what_is_told_at_once_stands_in_no_digest(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(
            tmp_path, url, rule("severe_edit", severity=1, send="digest"),
            AlertRule(name="gone", kind="daemon_restarted", sinks=("team",)), digest="0 7 * * *",
        )  # fmt: skip
        room.round()
        for number in range(3):
            room.record(harbour(number), harbour(number, EDIT, 12))
        room.round()
        room.now = (START + timedelta(days=1)).replace(hour=7)
        assert room.round(started=room.now) == 2
    assert sorted(len(titles) for titles in sink.told) == [1, 3]


def test_no_more_messages_than_allowed_and_nothing_is_left_out(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1), most_per_hour=3)
        room.round()
        for number in range(12):
            room.record(harbour(number), harbour(number, EDIT, 12))
            room.now += timedelta(minutes=1)
            room.round()
        assert len(sink.got) == 3
        room.now += HOUR
        room.round()
    told = [title for titles in sink.told for title in titles]
    assert len(sink.got) == 4
    assert len(told) == len(set(told)) == 12


def test_a_sink_that_is_down_does_not_hold_the_others(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, "http://127.0.0.1:9/", rule("severe_edit", severity=1))
        other = AlertSink(name="other", kind="webhook", url=url)
        both = rule("severe_edit", severity=1, sinks=("team", "other"))
        room.settings = AlertSettings(rules=(both,), sinks=(*room.settings.sinks, other))
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        assert room.round() == 1
        states = room.ask(lambda archive: archive.alerts.sinks())
    assert [(s.name, s.sent, s.open, s.failures) for s in states] == [
        ("other", 1, 0, 0), ("team", 0, 1, 1),
    ]  # fmt: skip
    assert "no connection" in states[1].error
    assert len(sink.got) == 1


def test_a_message_that_its_sink_refuses_does_not_hold_the_others(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1))
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        sink.answers = [(400, {})] * 2
        for minutes in (0, 2):
            room.now += timedelta(minutes=minutes)
            room.round()
        # Twice may be the sink's own affair: the second waits for the first.
        room.record(harbour(2), harbour(2, EDIT, 12))
        assert room.round() == 0
        assert len(sink.got) == 2
        room.now += timedelta(minutes=3)
        sink.answers = [(400, {})]
        assert room.round() + room.round() == 1
        assert [["1" in t for t in titles] for titles in sink.told] == [[True]] * 3 + [[False]]
        # It waits for its own time, as the archive knows after a restart, and is not lost.
        room.record(harbour(3), harbour(3, EDIT, 12))
        assert room.round() == 1
        room.now += timedelta(hours=1)
        assert room.round() == 1
    assert sink.keys[0] == sink.keys[1] == sink.keys[2] == sink.keys[-1]
    [state] = room.ask(lambda archive: archive.alerts.sinks())
    assert (state.sent, state.open, state.dropped) == (3, 0, 0)


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_an_answer_that_speaks_of_no_message_holds_all(tmp_path: Path, status: int) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1))
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        sink.answers = [(status, {})] * 4
        for minutes in (0, 2, 3, 5):
            room.now += timedelta(minutes=minutes)
            room.round()
        room.record(harbour(2), harbour(2, EDIT, 12))
        assert room.round() == 0
        assert len(sink.got) == 4


def test_what_gathers_while_a_sink_is_down_goes_out_together_and_once(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, "http://127.0.0.1:9/", rule("severe_edit", severity=1))
        room.round()
        for number in range(12):
            room.record(harbour(number), harbour(number, EDIT, 12))
            room.now += timedelta(minutes=30)
            room.round()
        room.settings = replace(room.settings, sinks=(replace(room.settings.sinks[0], url=url),))
        room.now += 6 * HOUR
        assert room.round() == 2
        assert room.round() == 0
    told = [title for titles in sink.told for title in titles]
    assert [len(titles) for titles in sink.told] == [1, 11]
    assert len(set(told)) == 12


def test_what_is_paused_waits(tmp_path: Path) -> None:
    with webhook() as (_, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1))
        room.round()
        until = room.now + HOUR
        room.ask(lambda archive: archive.alerts.pause("sink", "team", room.now, until))
        room.ask(lambda archive: archive.alerts.pause("rule", "severe_edit", room.now, None))
        room.record(harbour(1), harbour(1, EDIT, 12))
        assert room.round() == 0
        room.now += HOUR
        assert room.round() == 0
        assert room.ask(lambda archive: archive.alerts.resume("severe_edit")) == 1
        assert room.round() == 1


# Of apprise's own imports.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_sends_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    with webhook() as (sink, url):
        room = newsroom(tmp_path, url, rule("severe_edit", severity=1))
        address = url.replace("http://", "json://")
        room.settings = AlertSettings(
            rules=room.settings.rules, sinks=(AlertSink(name="team", kind="apprise", url=address),)
        )
        room.round()
        room.record(harbour(1), harbour(1, EDIT, 12))
        sink.answers = [(500, {})]
        assert room.round() == 0
        [state] = room.ask(lambda archive: archive.alerts.sinks())
        assert (state.open, state.failures) == (1, 1)
        assert state.error
        room.now += HOUR
        assert room.round() == 1
    assert "Harbour reopens 1" in json.loads(sink.got[1][1])["title"]


def test_the_wait_doubles_up_to_six_hours() -> None:
    waits = [back_off(number) / timedelta(minutes=1) for number in (1, 2, 3, 9, 50)]
    assert waits == [1, 2, 4, 256, 360]
    assert back_off(1, timedelta(hours=9)) == timedelta(hours=9)


# The file

GOOD = """
[[sink]]
name = "team"
kind = "webhook"
url = "https://hooks.example/x?token=abc"

[[rule]]
name = "edits"
kind = "severe_edit"
sinks = ["team"]
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("severe_edit", "severe_ed"), ":9 [[rule]] 1 (edits): kind = 'severe_ed'"),
        (GOOD.replace('["team"]', '["tem"]'), ":10 [[rule]] 1 (edits): sinks name no sink 'tem'"),
        (GOOD + 'outlets = 3\n', ":11 [[rule]] 1 (edits): outlets is not a key of a rule of kind"),
        (GOOD + 'filter = "outlt:x"\n', ":11 [[rule]] 1 (edits): filter would be read otherwise"),
        (GOOD + 'filter = "-"\n', ":11 [[rule]] 1 (edits): filter"),
        (GOOD + 'severity = 4\n', ":11 [[rule]] 1 (edits): severity = 4 is wrong"),
        (GOOD + GOOD.split("\n\n")[1], ": name stands twice"),
        (GOOD.replace("https://", "ftp://"), ":5 [[sink]] 1 (team): url is wrong"),
        (GOOD.replace("https://", "https://me:pw@"), ":5 [[sink]] 1 (team): url holds a user name"),
        (GOOD.replace('"https://hooks.example/x?token=abc"', '"file:none"'), "cannot be read"),
        (GOOD.replace("[[rule]]", 'quiet = "22-7"\n[[rule]]'), "quiet = '22-7' is wrong"),
        (GOOD.replace("[[rule]]", 'digest = "7am"\n[[rule]]'), "digest = '7am' is wrong"),
        (GOOD.replace("[[rule]]", "[[rules]]"), "did you mean rule?"),
        (GOOD.replace('"severe_edit"', '"source_broken"') + 'filter = "harbour"\n',
         "takes only source: and outlet:"),
        (GOOD.replace('"severe_edit"', '"source_broken"') + 'sources = ["nobody"]\n',
         "sources name no source 'nobody'"),
        (GOOD.replace('"severe_edit"', '"disk_low"') + 'filter = "harbour"\n', "is not taken"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "alerts.toml").write_text(text)
    with pytest.raises(ConfigError) as error:
        load_alerts(tmp_path, ("36kr",))
    said = "\n".join(error.value.problems)
    assert says in said
    assert str(tmp_path / "alerts.toml") in said
    assert "abc" not in said
    assert "pw@" not in said


def test_all_that_is_wrong_is_told_at_once_and_nothing_that_is_not(tmp_path: Path) -> None:
    """A wrong key hid what else was wrong with its block, and rules were told of no such sink."""
    (tmp_path / "alerts.toml").write_text(
        GOOD.replace("https://", "ftp://").replace("[[rule]]", "most_per_hour = 0\n[[rule]]")
        + 'severity = 9\noutlets = 3\nfilter = "outlt:x"\nsources = ["nobody"]\n'
        '[[sink]]\nname = "bad/name"\nkind = "webhook"\nurl = "file:none"\n'
        '[[rule]]\nname = "edits"\nkind = "takedown"\nsinks = ["bad/name", "tem"]\nurgnt = true\n'
    )
    with pytest.raises(ConfigError) as error:
        load_alerts(tmp_path, ("36kr",))
    told = [problem.partition("]] ")[2] for problem in error.value.problems]
    begins = (
        "1 (team): most_per_hour = 0 is wrong",
        "1 (team): url is wrong",
        "2 (bad/name): name = 'bad/name' is wrong",
        "2 (bad/name): url names",
        "1 (edits): severity = 9 is wrong",
        "1 (edits): outlets is not a key of a rule of kind severe_edit",
        "1 (edits): sources is not a key of a rule of kind severe_edit",
        "1 (edits): sources name no source 'nobody'",
        "1 (edits): filter would be read otherwise",
        "2 (edits): urgnt is not a key (did you mean urgent?",
        "2 (edits): name stands twice",
        "2 (edits): sinks name no sink 'tem'",
    )
    assert len(told) == len(begins), told
    for line, begin in zip(told, begins, strict=True):
        assert line.startswith(begin), told


def test_the_shipped_file_tells_nothing_and_its_examples_are_right(tmp_path: Path) -> None:
    shipped = Path("config/alerts.toml").read_text()
    assert load_alerts(Path("config")) == AlertSettings()
    lines = [line[2:] for line in shipped.splitlines() if line.startswith("# ")]
    examples = [
        line for line in lines if line.startswith("[[") or (" = " in line and line[0] != " ")
    ]
    (tmp_path / "alerts.toml").write_text("\n".join(examples[:-1]))
    found = load_alerts(tmp_path)
    assert [r.kind for r in found.rules] == ["severe_edit"]
    assert [s.name for s in found.sinks] == ["team"]


def test_an_address_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("https://hooks.example/secret\n")
    text = GOOD.replace("https://hooks.example/x?token=abc", "file:hook")
    (tmp_path / "alerts.toml").write_text(text)
    assert load_alerts(tmp_path).sinks[0].url == "https://hooks.example/secret"


# Of apprise's own imports.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sink_that_fails_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise logs what went wrong, with the address, beside what the command prints."""
    monkeypatch.setattr(logging.getLogger("apprise"), "propagate", True)
    (tmp_path / "settings.toml").write_text("")
    (tmp_path / "alerts.toml").write_text(
        '[[sink]]\nname = "team"\nkind = "apprise"\nurl = "json://127.0.0.1:9/secret"\n'
    )
    logged: list[logging.LogRecord] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = logged.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        code, said = run(tmp_path, "alerts", "test")
    finally:
        logging.getLogger().removeHandler(handler)
    assert code == 1
    assert said.count("not accepted") == said.count("127.0.0.1") == 1
    assert [record for record in logged if record.name.startswith("apprise")] == []


def test_a_filter_on_sources() -> None:
    assert source_filter_holds("", "36kr", "36氪")
    assert source_filter_holds("outlet:36氪 -source:news", "36kr", "36氪")
    assert not source_filter_holds("source:news OR outlet:Herald", "36kr", "36氪")


# The command


def run(tmp_path: Path, *words: str) -> tuple[int, str]:
    folder = ["--archive", str(tmp_path / "archive"), "--config", str(tmp_path)]
    found = CliRunner().invoke(main, [*folder, *words])
    assert "Traceback" not in found.output
    return found.exit_code, found.output


def test_the_command_lists_tries_pauses_and_sends(tmp_path: Path) -> None:
    for name in ("settings.toml",):
        (tmp_path / name).write_text(Path("config", name).read_text())
    code, said = run(tmp_path, "alerts", "test")
    assert code == 2
    assert "no sink is configured" in said
    with webhook() as (sink, url):
        (tmp_path / "alerts.toml").write_text(
            GOOD.replace("https://hooks.example/x?token=abc", url).replace(
                'kind = "severe_edit"', 'kind = "severe_edit"\nseverity = 1'
            )
        )
        with opened(tmp_path / "archive"):
            pass
        code, said = run(tmp_path, "alerts", "test")
        assert (code, len(sink.got)) == (0, 1)
        assert "team (http://127.0.0.1): accepted" in said
        assert run(tmp_path, "alerts", "send")[0] == 0
        now = datetime.now(UTC)
        with opened(tmp_path / "archive") as archive:
            archive.record(article(at=now, url="https://ledger.example/1"))
            later = now + timedelta(seconds=5)
            archive.record(article(EDIT, at=later, url="https://ledger.example/1"))
        assert run(tmp_path, "alerts", "pause", "team", "--for", "2h")[0] == 0
        assert "0 messages sent" in run(tmp_path, "alerts", "send")[1]
        assert "paused until" in run(tmp_path, "alerts", "list")[1]
        assert run(tmp_path, "alerts", "resume", "team")[0] == 0
        assert "1 message sent" in run(tmp_path, "alerts", "send")[1]
        code, said = run(tmp_path, "alerts", "list")
        assert code == 0
        assert "a grave edit" in said
        assert "Harbour reopens" in said
        told = json.loads(run(tmp_path, "alerts", "list", "--json")[1])
        assert told["sinks"][0]["state"]["sent"] == 1
        assert "url" not in told["sinks"][0]
        sink.answers = [(403, {})]
        code, said = run(tmp_path, "alerts", "test", "team")
        assert code == 1
        assert "not accepted: status 403" in said
    for words, says in (
        (("alerts", "test", "nobody"), "no sink is named nobody"),
        (("alerts", "pause", "nobody"), "no rule or sink is named nobody"),
        (("alerts", "pause", "team", "--for", "soon"), "give a number with m, h, d or w"),
        (("alerts", "resume", "team"), "team is not paused"),
    ):
        code, said = run(tmp_path, *words)
        assert (code, says in said) == (2, True), said
