"""The command that fetches captures of the past: backfill."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app, transport
from scraper.cli.collect import print_counts
from scraper.cli.output import Progress, print_failures, print_json
from scraper.config import refuse_login

__all__ = ["backfill"]


@click.command()
@click.argument("source")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day (UTC).")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day to stop before.  [now]"
)
@click.option(
    "--from",
    "server",
    required=True,
    metavar="URL",
    help="CDX server of a web archive, such as http://127.0.0.1:8080/coll/cdx of pywb.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def backfill(
    app: App,
    source: str,
    since: datetime,
    until: datetime | None,
    server: str,
    as_json: bool,
) -> None:
    """Fetch a source's past from a web archive, each capture with its own date.

    SOURCE is a name in sources.toml; its patterns say which addresses of its site are wanted. The
    archive's index is asked month by month, and captures are fetched one at a time, at the pace of
    any host. After an interruption, run it again: what is archived is not fetched again.

    \b
    Example:  scraper backfill example --since 2024-01-01 --from http://127.0.0.1:8080/coll/cdx
    """
    from scraper.pipeline import Pipeline, RunCounts

    refuse_login(server)
    config = app.config()
    tally = RunCounts()
    failed: list[str] = []

    async def run() -> None:
        with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            async with Pipeline(
                config, open_archive=app.archive, transport=transport(app), on_event=progress
            ) as pipeline:
                await pipeline.backfill(
                    source,
                    server,
                    since.replace(tzinfo=UTC),
                    until.replace(tzinfo=UTC) if until else None,
                    tally=tally,
                    failed=failed.append,
                )

    asyncio.run(run())
    if as_json:
        print_json({"sources": tally.by_source, "total": tally.total(), "failed": failed})
    else:
        print_counts(tally)
    print_failures(failed, "captures failed")
    if failed or not tally.ok:
        sys.exit(EXIT_FAILED)
