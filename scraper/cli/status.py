"""The command that says how the archive fares: status."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, print_coverage
from scraper.cli.printing import as_json as plain
from scraper.cli.printing import moment, print_json, table
from scraper.judge.stamps import told

__all__ = ["status"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def status(app: App, as_json: bool) -> None:
    """Say what the archive holds and how its sources fare.

    \b
    Example:  scraper status
    """
    with app.archive(create=False) as archive:
        state = archive.status(datetime.now(UTC))
        found = coverage_of(archive)
    if as_json:
        print_json({**plain(state), "coverage": told(found)})
        return
    click.secho(f"archive {state.folder}", bold=True)
    for title, numbers in (
        ("rows", state.counts),
        ("pages", state.pages),
        ("fetches", state.fetches),
        ("bytes", state.bytes),
    ):
        click.echo(f"{title:<8} " + ", ".join(f"{name} {n:,}" for name, n in numbers.items()))
    least = app.config().archive.least_free
    click.echo(f"disk     {state.free_bytes // 2**20:,} MB free")
    if state.free_bytes < least:
        click.secho(
            f"paused   collecting goes on when {least // 2**20:,} MB are free on the archive's disk"
            " (least_free in settings.toml)",
            fg="yellow",
        )
    click.echo(
        f"due      {state.due_sources} sources, {state.due_pages} pages; "
        f"last fetch {moment(state.last_fetch_at) or 'never'}"
    )
    if found is not None:
        print_coverage(found)
    if state.sources:
        heads = ["source", "outlet", "articles", "pages", "last new", "next due", "health"]
        click.echo()
        click.echo(
            table(
                heads,
                [
                    (
                        source.name,
                        source.outlet,
                        source.articles,
                        source.pages,
                        moment(source.last_new_at),
                        moment(source.next_due_at) if source.enabled else "paused",
                        f"failed {source.failures}×: {source.last_message}"
                        if source.failures
                        else "ok"
                        if source.last_ok_at
                        else "never visited",
                    )
                    for source in state.sources
                ],
            )
        )
