"""The command that runs a demonstration newsroom: demo."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from shlex import quote

import click

from scraper.archive import Archive
from scraper.cli.app import EXIT_FAILED, App, run_async
from scraper.cli.collect import print_counts
from scraper.cli.demo_day import demo_day
from scraper.cli.output import Progress, format_time, print_message, print_table
from scraper.cli.read import print_history
from scraper.config import Config
from scraper.demo import PASSES, Newsroom
from scraper.errors import UsageError
from scraper.pipeline import Pipeline, RunCounts

__all__ = ["demo"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8400, show_default=True)
@click.option(
    "--collect", "collect_", is_flag=True, help="Also collect from it, over simulated days."
)
@click.option(
    "--day", is_flag=True, help="Print one day as alerts and as a digest; no archive is kept."
)
@click.pass_context
def demo(ctx: click.Context, port: int, collect_: bool, day: bool) -> None:
    """Run a small newsroom on this machine to try everything.

    It needs no web access. Its outlets publish in English and both Chinese scripts; over simulated
    days they edit, correct and remove stories. With --collect, the archive is archive/demo unless
    --archive is given. With --day, the alerts and the digest of a day with edits, takedowns and a
    redesign are printed.

    \b
    Example:  scraper demo --collect
              scraper demo --day
              scraper demo --port 8400
    """
    if collect_ and day:
        raise UsageError("--collect and --day do not go together")
    app = App.of(ctx.obj)
    if day:
        demo_day(app, _demo_config, port)
        return
    if (
        ctx.parent
        and ctx.parent.get_parameter_source("archive") == click.core.ParameterSource.DEFAULT
    ):
        app = replace(app, archive_folder=app.archive_folder / "demo")
    if collect_:
        if not _collect_demo(app, port):
            sys.exit(EXIT_FAILED)
        return
    with Newsroom(port=port) as newsroom:
        folder = app.archive_folder / "config"
        newsroom.write_config(folder, app.config().folder)
        for source in newsroom.sources():
            click.echo(f"{source.outlet}: {source.url}")
        options = f"--config {quote(str(folder))} --archive {quote(str(app.archive_folder))}"
        print_message(f"to collect from it: {_program()} {options} collect")
        print_message("the newsroom is running (Ctrl-C to stop)")
        newsroom.wait()


def _collect_demo(app: App, port: int) -> bool:
    """Collect from the newsroom at each simulated time; print the results."""
    now = PASSES[0]
    with Newsroom(port=port, clock=lambda: now) as newsroom:
        config = _demo_config(app.config(), newsroom)
        with app.archive() as archive:
            last = archive.status(now).last_fetch_at
        # An archive that has all of the newsroom's days gets one more day without events.
        moments = PASSES if last is None or last < PASSES[0] else (last + timedelta(days=1),)
        for now in moments:
            click.secho(
                f"\n{format_time(now)}: collecting from {len(config.sources)} sources", bold=True
            )
            print_counts(run_async(partial(_one_pass, app, config, now)))
    with app.archive() as archive:
        _print_found(archive)
    command = f"{_program()} --archive {quote(str(app.archive_folder))}"
    click.echo(f"\nBrowse it:   {command} browse")
    click.echo(f"Search it:   {command} search 开源模型")
    return True


def _program() -> str:
    """Return the command to call this program: its name if that is on the path."""
    called = Path(sys.argv[0])
    if shutil.which(called.name) or not called.is_file():
        return "scraper"
    return os.path.relpath(called)


def _demo_config(shipped: Config, newsroom: Newsroom) -> Config:
    """Return the shipped configuration with the newsroom's sources; loopback is allowed."""
    fetch = replace(
        shipped.fetch,
        allow_private=("127.0.0.0/8",),
        ports=(*shipped.fetch.ports, newsroom.port),
        delay=0.05,
    )
    return replace(shipped, fetch=fetch, sources=newsroom.sources())


async def _one_pass(app: App, config: Config, now: datetime) -> RunCounts:
    with Progress(quiet=app.quiet or not app.verbose, verbose=app.verbose) as progress:
        async with Pipeline(
            config, open_archive=app.whole_archive, clock=lambda: now, on_event=progress
        ) as pipeline:
            counts = await pipeline.collect()
            await pipeline.group_stories(asyncio.Event())
            return counts


def _print_found(archive: Archive) -> None:
    """Print the archived articles, and the history of an edited one and of a removed one."""
    changes = archive.changes(limit=1000)
    click.secho("\nWhat happened:", bold=True)
    heads = ["when", "what", "article", "title", "how"]
    rows = [
        (format_time(c.at), c.kind, c.article_id, c.title, ", ".join(c.classes))
        for c in changes
        if c.kind != "new"
    ]
    print_table(heads, rows)
    edited = next((c for c in changes if c.kind == "edited"), None)
    if edited is not None:
        click.secho("\nOne of them, version by version:", bold=True)
        print_history(archive, edited.article_id)
