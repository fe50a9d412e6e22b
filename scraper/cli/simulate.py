"""The command that prints the visits to come: sources simulate."""

from __future__ import annotations

from datetime import timedelta

import click

from scraper.cli.app import App, pass_app
from scraper.cli.output import print_json, print_table
from scraper.coverage.wording import plural
from scraper.errors import NotFound
from scraper.models import Source
from scraper.pipeline import utcnow
from scraper.pipeline.visits_ahead import visits_ahead

__all__ = ["simulate"]

_SHOWN = 8


@click.command("simulate")
@click.option(
    "--hours",
    type=click.IntRange(1, 168),
    default=24,
    show_default=True,
    help="How far ahead to look.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all visits as JSON.")
@pass_app
def simulate(app: App, hours: int, as_json: bool) -> None:
    """Print when each source is to be visited in the next day, as its pace is now.

    Nothing is fetched. Paces change with what sources bring, and a visit waits for its host's turn:
    these are the earliest times. Articles are looked at again after 1, 6 and 24 hours, 3, 7 and 30
    days; after an edit, and while three outlets have their story, more often. The column "articles"
    counts those that are due as things stand; the last row those that no present source brought:
    fetched by hand, or by a source that was removed.

    \b
    Example:  scraper sources simulate
              scraper sources simulate --hours 48 --json
    """
    config, now = app.config(), utcnow()
    try:
        with app.archive(create=False) as archive:
            known = {source.name: source for source in archive.status(now).sources}
            looks = archive.looks_planned(now + timedelta(hours=hours))
    except NotFound:
        known, looks = {}, {}
    told = []
    for source in config.sources:
        state = known.get(source.name)
        visits = list(
            visits_ahead(
                source,
                state.next_due_at if state else None,
                state.wait if state else 0,
                now,
                now + timedelta(hours=hours),
            )
        )
        told.append((source, visits))
    others = sum(looks.values()) - sum(looks.get(source.name, 0) for source in config.sources)
    if as_json:
        rows_of = [
            {
                "source": source.name,
                "visits": visits,
                "articles": looks.get(source.name, 0),
                "cron": source.cron,
                "quiet": source.quiet,
            }
            for source, visits in told
        ]
        print_json("scraper/simulate/1", {"sources": rows_of, "others": others})
        return
    rows = [
        (
            source.name,
            len(visits) or ("paused" if not source.enabled else 0),
            looks.get(source.name, 0),
            _hours(source),
            " ".join(f"{at.astimezone():%H:%M}" for at in visits[:_SHOWN])
            + (" …" * (len(visits) > _SHOWN)),
        )
        for source, visits in told
    ]
    if others:
        rows.append(("(no present source)", "", others, "", ""))
    print_table(["source", "visits", "articles", "hours", "at"], rows, clip_at=70)
    number, pages = sum(len(visits) for _, visits in told), sum(looks.values())
    click.echo(
        f"\n{plural(number, 'visit')} and {plural(pages, 'look')} at articles in"
        f" {plural(hours, 'hour')}"
    )


def _hours(source: Source) -> str:
    """Return when a source may be visited, in words, or ""."""
    said = [source.cron] if source.cron else []
    said += [f"not {source.quiet}"] if source.quiet else []
    return f"{', '.join(said)} {source.zone or 'UTC'}" if said else ""
