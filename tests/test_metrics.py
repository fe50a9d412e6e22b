"""Metrics and health of the daemon over a real socket, and backups on schedule."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from scraper import daemon
from scraper.archive import Archive
from scraper.archive.backup import FILES, size_of_backup
from scraper.backups import BackupSchedule, expired, keep_latest
from scraper.config import BackupSettings, load_config
from scraper.errors import ArchiveError, UsageError
from scraper.metrics import MetricsServer, processes_memory
from scraper.pipeline import ArchiveThread, Event
from tests.archiving import HOUR, START, TEXT, article, failed, opened

prometheus_parser = pytest.importorskip("prometheus_client.parser")
NOW = START + 10 * HOUR


async def ask(port: int, request: str) -> tuple[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    finally:
        writer.close()
    return head.splitlines()[0] if head else "", body


async def get(port: int, path: str) -> tuple[str, str]:
    return await ask(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


def serving(folder: Path, work: Callable[[MetricsServer, ArchiveThread], Awaitable[None]]) -> None:
    async def run() -> None:
        thread = ArchiveThread(lambda: Archive(folder), least_free=0, clock=lambda: NOW)
        async with thread, MetricsServer(thread, 0, clock=lambda: NOW, every=60) as server:
            await work(server, thread)

    asyncio.run(run())


def values(body: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("scraper_"), *sample.labels.values()): sample.value
        for family in prometheus_parser.text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_what_came_is_counted_and_what_was_there_before_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article(url="https://ledger.example/0"))

    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        for attempt in (
            article(),
            article(TEXT.replace("3 weeks", "8 weeks"), at=NOW),
            failed("timeout", url="https://ledger.example/9"),
        ):
            await thread.call(thread.archive_or_fail().record, attempt)
        server.count(Event(kind="visit", source="a", url="", outcome="ok", detail=""))
        server.count(Event(kind="link", source="a", url="", outcome="kept", detail=""))
        status, body = await get(server.port, "/metrics")
        assert status == "HTTP/1.1 200 OK"
        found = values(body)
        assert found["fetches_total", "ok"] == 2
        assert found["fetches_total", "timeout"] == 1
        assert found["versions_total",] == 2
        assert (found["changes_total", "new"], found["changes_total", "edited"]) == (1, 1)
        assert found["edits_total", "number"] == 1
        assert found["visits_total", "ok"] == found["links_total", "kept"] == 1
        assert found["archive_bytes", "archive.db"] > 10_000
        assert found["queue", "held"] == 0
        assert found["memory_bytes", "daemon"] > 10 * 1024**2
        again = values((await get(server.port, "/metrics"))[1])
        assert again["fetches_total", "ok"] == 2

    serving(folder, work)


def test_when_the_last_verified_backup_was_made_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())

    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        assert values((await get(server.port, "/metrics"))[1])["backup_timestamp_seconds",] == 0
        archive = thread.archive_or_fail()
        await thread.call(archive.backup, tmp_path / "copy")
        last = await thread.call(archive.last_backup_at)
        assert last is not None
        found = values((await get(server.port, "/metrics"))[1])
        assert found["backup_timestamp_seconds",] == last.timestamp()

    serving(folder, work)


def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        assert await get(server.port, "/healthz") == ("HTTP/1.1 200 OK", "ok\n")
        server.pass_failed("paused: 3 MB are free")
        status, body = await get(server.port, "/healthz")
        assert status == "HTTP/1.1 503 Service Unavailable"
        assert body == "paused: 3 MB are free\n"
        server.pass_ended()
        assert (await get(server.port, "/healthz"))[0] == "HTTP/1.1 200 OK"

    serving(tmp_path / "archive", work)


def test_nonsense_is_answered_or_dropped_and_the_next_is_served(tmp_path: Path) -> None:
    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        assert "405" in (await ask(server.port, "POST /metrics HTTP/1.1\r\n\r\n"))[0]
        assert "404" in (await get(server.port, "/../etc/passwd"))[0]
        for nonsense in ("\r\n\r\n", "GET\r\n\r\n", "x" * 100_000 + "\r\n\r\n"):
            assert (await ask(server.port, nonsense))[0] == ""
        assert "200" in (await get(server.port, "/healthz?x=1"))[0]
        status, body = await ask(server.port, "HEAD /healthz HTTP/1.1\r\n\r\n")
        assert ("200" in status, body) == (True, "")

    serving(tmp_path / "archive", work)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        with pytest.raises(UsageError, match="cannot be used"):
            async with MetricsServer(thread, server.port, clock=lambda: NOW, every=60):
                pass

    serving(tmp_path / "archive", work)


def test_memory_of_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert list(processes_memory(tmp_path)) == []


# Backups


def test_the_latest_backups_stay_and_foreign_folders_too() -> None:
    names = [f"backup-2026030{day}T070000Z" for day in (3, 1, 2)] + ["backup-old", "photos"]
    assert expired(names, 2) == ["backup-20260301T070000Z"]
    assert expired(names, 3) == []


def test_the_backup_that_was_just_made_stays_whatever_a_wrong_clock_named(tmp_path: Path) -> None:
    names = [f"backup-20{year}0301T070000Z" for year in (24, 25, 26, 99)]
    for name in names:
        (tmp_path / name).mkdir()
    assert keep_latest(tmp_path / names[2], 2) == [tmp_path / name for name in names[:2]]
    assert sorted(path.name for path in tmp_path.iterdir()) == names[2:]
    assert keep_latest(tmp_path / names[2], 1) == [tmp_path / names[3]]


def test_a_backup_is_due_by_its_hours_and_after_a_failure_later() -> None:
    schedule = BackupSchedule(BackupSettings(every=24), Path("archive"))
    assert schedule.is_due(None, NOW)
    assert not schedule.is_due(NOW - 23 * HOUR, NOW)
    assert schedule.is_due(NOW - 24 * HOUR, NOW)
    # The clock was wrong for a while: backups of years would be left out.
    assert schedule.is_due(NOW + 9000 * HOUR, NOW)
    assert not schedule.is_due(NOW + HOUR, NOW)
    assert not BackupSchedule(BackupSettings(), Path("archive")).is_due(None, NOW)


def test_backups_are_made_verified_and_too_many_deleted(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        archive.record(article())
    folder = tmp_path / "archive-backups"
    (folder / "backup-20260101T000000Z").mkdir(parents=True)
    (folder / "photos").mkdir()
    schedule = BackupSchedule(BackupSettings(every=1, keep=1), tmp_path / "archive")
    made = asyncio.run(schedule.make(NOW))
    assert made is not None
    assert sorted(path.name for path in folder.iterdir()) == [made.name, "photos"]
    with Archive(made, readonly=True) as copy:
        assert copy.find(1).title == "Harbour reopens"
    with opened(tmp_path / "archive") as archive:
        last = archive.last_backup_at()
    assert last is not None
    assert not schedule.is_due(last, datetime.now(UTC))
    # The same name again: it fails, nothing is deleted, and the next is tried an hour later.
    assert asyncio.run(schedule.make(NOW)) is None
    assert made.is_dir()
    assert not schedule.is_due(None, NOW + timedelta(minutes=59))
    assert schedule.is_due(None, NOW + timedelta(minutes=61))


def test_a_deleted_backup_is_made_anew_and_what_a_killed_one_left_is_swept(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        archive.record(article())
    schedule = BackupSchedule(BackupSettings(every=1), tmp_path / "archive")
    assert not schedule.holds_any()
    made = asyncio.run(schedule.make(NOW))
    assert made is not None and schedule.holds_any()
    shutil.rmtree(made)
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = made.parent / f".{made.name}.{ended.pid}.part"
    alive = made.parent / f".{made.name}.{os.getpid()}.part"
    foreign = made.parent / f".photos.{ended.pid}.part"
    for path in (left, alive, foreign):
        path.mkdir()
        (path / "archive.db").write_bytes(b"x" * 100)
    assert not schedule.holds_any()
    assert asyncio.run(schedule.make(NOW)) == made
    assert sorted(p.name for p in made.parent.iterdir()) == sorted(
        [alive.name, foreign.name, made.name]
    )


def test_a_backup_leaves_room_for_collecting_on_the_same_disk_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "archive") as archive:
        archive.record(article())
    size = size_of_backup(tmp_path / "archive")
    assert size >= sum((tmp_path / "archive" / name).stat().st_size for name in FILES)
    rooms = [0]
    monkeypatch.setattr(
        "scraper.backups.shutil.disk_usage", lambda path: SimpleNamespace(free=rooms[-1])
    )
    settings = BackupSettings(every=1)
    schedule = BackupSchedule(settings, tmp_path / "archive", least_free=300 << 20)
    for room in (size - 1, size + (300 << 20) - 1):
        rooms.append(room)
        assert asyncio.run(schedule.make(NOW)) is None
    assert not (tmp_path / "archive-backups").exists()
    assert "leave 300 MB for collecting" in caplog.messages[0]
    rooms.append(size + (300 << 20))
    assert asyncio.run(schedule.make(NOW)) is not None
    # Another disk: nothing is collected there.
    schedule = BackupSchedule(BackupSettings(every=1, folder="/proc"), tmp_path / "archive")
    rooms.append(size)
    assert schedule._lack_of_room() == ""


def test_what_fails_once_ends_no_later_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A locked archive, a process that cannot be started: the next look makes the backup."""
    troubles = [ArchiveError("the archive is locked"), OSError(12, "Cannot allocate memory")]
    made: list[datetime] = []

    class Thread:
        def archive_or_fail(self) -> Thread:
            return self

        def last_backup_at(self) -> None:
            return None

        async def call(self, function: Callable[[], object]) -> object:
            if len(troubles) == 2:
                raise troubles.pop(0)
            return function()

    async def make(self: BackupSchedule, at: datetime) -> None:
        if troubles:
            raise troubles.pop(0)
        made.append(at)

    config = replace(load_config(), backup=BackupSettings(every=1), folder=tmp_path)
    monkeypatch.setattr(BackupSchedule, "make", make)
    monkeypatch.setattr(daemon, "BACKUP_LOOK", 0.001)
    one = daemon._Daemon(lambda: config, tmp_path, lambda: pytest.fail(), None, 60.0, False)

    async def work() -> None:
        pipeline = SimpleNamespace(archive_thread=Thread())
        task = asyncio.create_task(one._make_backups(pipeline))
        while not made and not task.done():
            await asyncio.sleep(0.001)
        assert not task.done()
        task.cancel()

    asyncio.run(work())
    assert made
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said == ["backup: the archive is locked", "backup: Cannot allocate memory"]


def test_a_helper_of_the_daemon_that_ends_is_told_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails() -> None:
        raise ValueError("no such thing")

    async def work() -> None:
        ends, waits = asyncio.create_task(fails()), asyncio.create_task(asyncio.sleep(60))
        for task in (ends, waits):
            task.add_done_callback(daemon._tell_of_end)
        await asyncio.wait([ends])
        waits.cancel()
        await asyncio.gather(ends, waits, return_exceptions=True)

    asyncio.run(work())
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "fails ended: no such thing" in record.getMessage()


def test_the_dashboard_asks_for_metrics_that_there_are(tmp_path: Path) -> None:
    asked = set(re.findall(r"scraper_[a-z_]+", Path("config/grafana.json").read_text()))

    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        await thread.call(thread.archive_or_fail().record, article())
        body = (await get(server.port, "/metrics"))[1]
        families = re.findall(r"^# TYPE (\S+)", body, re.MULTILINE)
        assert asked
        assert asked <= set(families)

    serving(tmp_path / "archive", work)


def expressions(panels: list[dict[str, Any]]) -> Iterator[str]:
    for panel in panels:
        yield from (target["expr"] for target in panel.get("targets", ()))
        yield from expressions(panel.get("panels", []))


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="no Prometheus on this machine")
def test_prometheus_evaluates_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    dashboard = json.loads(Path("config/grafana.json").read_text())
    asked = [e.replace("$__rate_interval", "30s") for e in expressions(dashboard["panels"])]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def evaluated(expression: str) -> list[Any]:
        status, body = await get(port, f"/api/v1/query?query={quote(expression)}")
        assert "200" in status, (expression, body)
        # Prometheus sends its answers in chunks.
        found = json.loads(body[body.index("{") : body.rindex("}") + 1])
        assert found["status"] == "success", expression
        return list(found["data"]["result"])

    async def work(server: MetricsServer, thread: ArchiveThread) -> None:
        await thread.call(thread.archive_or_fail().backup, tmp_path / "copy")
        config = tmp_path / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: scraper\n"
            f"  static_configs: [{{targets: ['127.0.0.1:{server.port}']}}]\n"
        )
        program = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        archive = thread.archive_or_fail()
        try:
            missing = set(asked)
            for number in range(90):
                text = TEXT.replace("3 weeks", f"{number + 9} weeks")
                await thread.call(archive.record, article(text, at=NOW + number * HOUR))
                server.count(Event(kind="visit", source="a", url="", outcome="ok", detail=""))
                server.pass_ended()
                await asyncio.sleep(1)
                try:
                    missing -= {e for e in asked if e in missing and await evaluated(e)}
                except ConnectionError:
                    continue  # it starts
                if not missing:
                    return
            pytest.fail(f"nothing comes of {missing}")
        finally:
            program.terminate()
            program.wait(30)

    serving(tmp_path / "archive", work)
