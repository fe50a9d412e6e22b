"""Commands about extraction: reextract, boilerplate."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app, run_async
from scraper.cli.cluster import cluster_option, reextract_on_cluster, refuse_with_cluster
from scraper.cli.output import Progress, format_time, print_json, print_message, print_table
from scraper.cli.shards import part_of, part_option, shards_option, write_version_shards
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.pipeline.reextract import ReextractReport

__all__ = ["boilerplate", "print_report", "reextract_"]


@click.command("reextract")
@click.option("--host", default="", help="Only pages of this host.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only versions first seen on or after this day (UTC).",
)
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--force", is_flag=True, help="Continue even if many articles would lose text.")
@shards_option
@part_option
@cluster_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@pass_app
def reextract_(
    app: App,
    host: str,
    since: datetime | None,
    dry_run: bool,
    force: bool,
    shards: Path | str | None,
    part: str | None,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Extract all archived articles again from their raw pages.

    Use it after an upgrade, a change of rules, or newly learned boilerplate. It adds no version and
    no ledger entry. Up-to-date records are skipped, so it can be interrupted and run again. If more
    than 5% of a sample of 40 articles would lose over 20% of their text, nothing is written and the
    exit code is 1.

    With --part, several machines share the versions: each reads the archive, or a copy of it, and
    writes shards, which `scraper merge` puts into the archive. With --cluster, the workers of a
    Dask scheduler do.

    \b
    Example:  scraper reextract --dry-run
              scraper reextract --host ledger.example
              scraper reextract --part 1/4 --shards shards/
    """
    refuse_with_cluster(cluster, part, shards)
    share = part_of(part, shards)
    since = since.replace(tzinfo=UTC) if since else None
    if shards is not None:
        if dry_run or force:
            raise UsageError("--shards goes with neither --dry-run nor --force: nothing is written")
        if cluster is not None:
            reextract_on_cluster(
                app, cluster, place=shards, host=host, since=since, as_json=as_json
            )
            return
        write_version_shards(
            app, part=share, folder=shards, host=host, since=since, as_json=as_json
        )
        return
    from scraper.pipeline.reextract import reextract

    with (
        app.archive(create=False) as archive,
        Progress(quiet=app.quiet, verbose=app.verbose) as progress,
    ):
        report = run_async(
            lambda: reextract(
                app.config(),
                archive,
                host=host,
                since=since,
                dry_run=dry_run,
                force=force,
                on_event=progress,
            )
        )
    print_report(report, dry_run=dry_run, as_json=as_json)


def print_report(report: ReextractReport, *, dry_run: bool = False, as_json: bool = False) -> None:
    """Print what a pass did; end the program with 1 where the canary stopped it."""
    if as_json:
        print_json("scraper/reextract/1", report.as_dict())
    else:
        _print_report(report, dry_run=dry_run)
    if report.stopped:
        print_message(
            f"scraper: stopped: {report.losers} of {report.sample} sampled articles would lose over"
            " 20% of their text; nothing was written; check with --dry-run, continue with --force",
            bad=True,
        )
        sys.exit(EXIT_FAILED)


def _print_report(report: ReextractReport, *, dry_run: bool) -> None:
    from scraper.pipeline.reextract import CLASSES

    rows: list[tuple[str, int]] = [(kind, report.counts[kind]) for kind in CLASSES]
    print_table(["record", "versions"], [*rows, ("already current", report.current)])
    if report.named:
        click.echo()
        heads = ["what", "version", "characters", "now", "address", "why"]
        named = [(n.kind, n.number, n.before, n.after, n.url, n.message) for n in report.named]
        print_table(heads, named)
    if not report.stopped:
        click.echo("nothing was written" if dry_run else f"{report.written:,} records written")
    if dry_run and report.alarming:
        print_message(
            "without --dry-run this would stop: too many articles would lose text", bad=True
        )


_STATES = {"line": "cut", "element": "cut where in doubt"}


@click.command()
@click.argument("host", required=False, default="")
@click.option("--forget", is_flag=True, help="Discard the boilerplate learned on HOST permanently.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@pass_app
def boilerplate(app: App, host: str, forget: bool, as_json: bool) -> None:
    """List what was learned to be no part of a host's articles.

    Lines that a host repeats in its articles are removed from its next pages. What stands in
    elements beside its articles is removed from pages that were read with little confidence. What
    was discarded with --forget is not learned again; `scraper reextract` restores it to the
    archived texts.

    \b
    Example:  scraper boilerplate
              scraper boilerplate ledger.example --forget
    """
    if forget and not host:
        raise UsageError("--forget needs a host: scraper boilerplate HOST --forget")
    with app.archive(create=False) as archive:
        if forget:
            count = archive.forget_learned(host, datetime.now(UTC))
            if count and not app.quiet:
                print_message(
                    f"forgotten: {count}; `scraper reextract --host {host}` restores them"
                )
        blocks = archive.learned_blocks(host)
    if as_json:
        print_json("scraper/boilerplate/1", {"blocks": blocks})
        return
    rows = [
        (
            block.host,
            block.articles,
            "forgotten" if block.forgotten else _STATES[block.kind],
            format_time(block.first_seen_at),
            format_time(block.last_seen_at),
            block.sample,
            block.place,
        )
        for block in blocks
    ]
    if rows:
        heads = ["host", "articles", "state", "learned", "last seen", "text", "place"]
        print_table(heads, rows)
    elif not app.quiet:
        print_message(f"nothing was learned on {host}" if host else "nothing was learned yet")
