"""The command that fetches a source's past: backfill."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app, run_async, transport
from scraper.cli.collect import print_counts
from scraper.cli.output import Progress, print_failures, print_json, print_message
from scraper.config import pick, refuse_login
from scraper.coverage.wording import plural
from scraper.errors import UsageError
from scraper.models import Page, Source

if TYPE_CHECKING:
    from scraper.pipeline import Pipeline, RunCounts
    from scraper.pipeline.backfill import BackfillAccess

__all__ = ["backfill"]


@click.command()
@click.argument("source")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day (UTC).")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day to stop before.  [now]"
)
@click.option(
    "--from", "place", default="", metavar="URL|FOLDER",
    help="CDX server of a web archive, such as http://127.0.0.1:8080/coll/cdx of pywb, or a folder"
    " of WARC files with their CDX indexes.  [default: the sitemaps of the source's site]",
)  # fmt: skip
@click.option(
    "--sitemap", default="", metavar="URL",
    help="A sitemap to read in place of those that robots.txt names.",
)  # fmt: skip
@click.option(
    "--undated",
    is_flag=True,
    help="Of sitemaps, take addresses of which nothing tells the time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def backfill(
    app: App,
    source: str,
    since: datetime,
    until: datetime | None,
    place: str,
    sitemap: str,
    undated: bool,
    as_json: bool,
) -> None:
    """Fetch a source's past: from its sitemaps, a web archive, or captures on this machine.

    SOURCE is a name in sources.toml; its patterns say which addresses of its site are wanted.
    Without --from, pages that the site's sitemaps list of that time are fetched now, at the pace of
    any host: their date is today's. Captures of a web archive (--from URL) and of a folder of WARC
    files (--from FOLDER) keep the dates of their capture, so that versions of the past stand in
    their order. An archive's index is asked month by month, and captures are fetched one at a time.

    After an interruption, run it again: what is archived is not fetched again.

    \b
    Example:  scraper backfill example --since 2024-01-01
              scraper backfill example --since 2024-01-01 --from http://127.0.0.1:8080/coll/cdx
              scraper backfill example --since 2024-01-01 --from crawls/
    """
    from scraper.pipeline import Pipeline, RunCounts

    for address in (place, sitemap):
        refuse_login(address)
    if place and (sitemap or undated):
        raise UsageError("--sitemap and --undated are for a backfill from sitemaps, without --from")
    first = since.replace(tzinfo=UTC)
    after = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    if after <= first:
        raise UsageError("--until must be a later day than --since")
    config = app.config()
    (chosen,) = pick(config.sources, [source])
    if not chosen.url.lower().startswith(("http://", "https://")):
        raise UsageError(f"the source {source} lies on this machine: it has no site")
    tally = RunCounts()
    failed: list[str] = []

    async def fill(pipeline: Pipeline) -> int:
        if not place:
            return await pipeline.backfill_from_sitemaps(
                source, first, after, sitemap=sitemap, undated=undated, tally=tally,
                failed=failed.append,
            )  # fmt: skip
        await pipeline.backfill(
            source, _Captures(place, first, after), tally=tally, failed=failed.append
        )
        return 0

    async def run() -> int:
        with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            async with Pipeline(
                config, open_archive=app.whole_archive, transport=transport(app), on_event=progress
            ) as pipeline:
                return await fill(pipeline)

    left_out = run_async(run)
    _print(tally, failed, left_out, as_json)
    if failed or not tally.ok:
        sys.exit(EXIT_FAILED)


class _Captures:
    """Finds captures on a server or in a folder.

    Args:
        place: address of the server, or path of the folder.
        first, after: of the time that is wanted.
    """

    def __init__(self, place: str, first: datetime, after: datetime) -> None:
        self._place = place
        self._first = first
        self._after = after

    def __call__(self, source: Source, access: BackfillAccess) -> AsyncIterator[tuple[str, Page]]:
        """Return the captures of a source's site."""
        if self._place.lower().startswith(("http://", "https://")):
            from scraper.pipeline.backfill import captures_since

            return captures_since(source, self._place, self._first, self._after, access)
        from scraper.exchange.cdx_folder import captures_in_folder

        return captures_in_folder(
            Path(self._place), source, self._first, self._after,
            run=access.run, failed=access.failed,
        )  # fmt: skip


def _print(tally: RunCounts, failed: list[str], left_out: int, as_json: bool) -> None:
    if as_json:
        print_json(
            "scraper/backfill/1",
            {"sources": tally.by_source, "total": tally.total(), "failed": failed,
             "undated": left_out},
        )  # fmt: skip
    elif tally.by_source:
        print_counts(tally)
    else:
        click.echo("nothing of that time was found")
    print_failures(failed, "parts failed")
    if left_out:
        print_message(
            f"{plural(left_out, 'address', 'addresses')} left out: nothing tells their time"
            " (--undated takes them)"
        )
