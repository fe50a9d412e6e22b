"""One day of the demo newsroom, as its alerts and its digest tell it: ``demo --day``."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from scraper.alerts.dispatcher import AlertDispatcher
from scraper.archive import Archive
from scraper.cli.app import App
from scraper.cli.output import format_time, strip_controls
from scraper.config import Config
from scraper.demo import PASSES, Newsroom
from scraper.digest.contents import gather
from scraper.digest.formats import as_text
from scraper.models.alerts import AlertRule, AlertSettings, AlertSink
from scraper.pipeline import Pipeline
from scraper.workers import ParserPool

__all__ = ["demo_day"]

# What is told: as in alerts.toml.
_RULES = (
    AlertRule(name="grave edits", kind="severe_edit", severity=3, sinks=("desk",)),
    AlertRule(name="takedowns", kind="takedown", sinks=("desk",)),
    AlertRule(name="layouts", kind="source_drift", sinks=("desk",)),
)
_DAY = timedelta(days=1)


def demo_day(app: App, config_of: Callable[[Config, Newsroom], Config], port: int) -> None:
    """Collect on three simulated days in an archive that is not kept; print what the last brought.

    Args:
        app: options of the command line.
        config_of: makes the newsroom's configuration of the shipped one.
        port: where the newsroom listens; 0 takes a free one.
    """
    now = PASSES[0]
    sent: list[Mapping[str, Any]] = []
    with (
        Newsroom(port=port, clock=lambda: now, harbour=True) as newsroom,
        tempfile.TemporaryDirectory() as folder,
        _webhook(sent) as url,
    ):
        config = config_of(app.config(), newsroom)
        here = replace(app, archive_folder=Path(folder) / "archive")
        settings = AlertSettings(
            rules=_RULES, sinks=(AlertSink(name="desk", kind="webhook", url=url),)
        )
        for now in PASSES:
            asyncio.run(_one_pass(here.archive, config, settings, now))
        with here.archive() as archive:
            digest = as_text(gather(archive, now - _DAY, now + timedelta(seconds=1)))
    click.secho(f"Alerts, as a webhook got them at {format_time(now)}:", bold=True)
    for message in sent:
        click.echo()
        _print(message["text"])
    click.secho("\nThe digest of the day (scraper digest):\n", bold=True)
    _print(digest)


def _print(text: str) -> None:
    for line in text.rstrip().splitlines():
        click.echo(strip_controls(line))


async def _one_pass(
    open_archive: Callable[[], Archive], config: Config, settings: AlertSettings, now: datetime
) -> None:
    """Collect as of a moment and send what is due then."""
    async with Pipeline(config, open_archive=open_archive, clock=lambda: now) as pipeline:
        await pipeline.collect()
        await pipeline.group_stories(asyncio.Event())
        with ParserPool(workers=1, preload=()) as pool:
            await AlertDispatcher(
                settings, config, pipeline.archive_thread, clock=lambda: now, run=pool.run
            ).round()


@contextmanager
def _webhook(sent: list[Mapping[str, Any]]) -> Iterator[str]:
    """Take messages on the loopback; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
