"""Commands about the ledger of changes: changes, survival."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import click

from scraper.archive import Archive, ChangeRow
from scraper.archive.survival import SurvivalEstimate
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage, spanned
from scraper.cli.output import as_json as plain
from scraper.cli.output import format_time, print_json, print_message, print_table, strip_controls
from scraper.coverage.summary import report_as_dict

__all__ = ["changes", "follow", "survival_"]

_BATCH = 500
_SEVERE = 2
# Fewer events than this say little about an outlet.
_FEW = 5


@click.command()
@click.option(
    "--since",
    "after",
    type=click.IntRange(0),
    default=None,
    help="Only entries after this cursor.  [default: the latest; with --follow: new entries only]",
)
@click.option(
    "--severe", is_flag=True, help="Only changes of facts: numbers, names, corrections, takedowns."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option(
    "--follow", "following", is_flag=True, help="Print new entries as they come, until Ctrl-C."
)
@click.option(
    "--every",
    type=click.FloatRange(0.05, 3600),
    default=1.0,
    show_default=True,
    help="Seconds between two checks, with --follow.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the entries as JSON; with --follow one per line."
)
@pass_app
def changes(
    app: App,
    after: int | None,
    severe: bool,
    limit: int,
    following: bool,
    every: float,
    as_json: bool,
) -> None:
    """List changes: new, edited, retitled, rebylined, reverted, moved, gone, returned.

    The newest come first; with --since, those that follow the cursor come in their order. The
    first column is the cursor; an entry's cursor never changes.

    \b
    Example:  scraper changes --severe
              scraper changes --since 120 --json
              scraper changes --follow --severe --json
    """
    least = _SEVERE if severe else 0
    with app.archive(create=False, all_parts=True) as archive:
        if not following:
            entries, left, more = _listed(archive, after, limit, least)
            found = coverage_of(archive, days=spanned(entry.at for entry in entries))
            if as_json:
                print_json(
                    "scraper/changes/1",
                    {
                        "entries": entries,
                        "more": left,
                        "coverage": report_as_dict(found),
                    },
                )
            else:
                _print_table(entries)
                if more and not app.quiet:
                    print_message(more)
                note_coverage(app, found)
            return
        note_coverage(app, coverage_of(archive))
        try:
            for entry in follow(archive, after, least, every):
                _print_line(entry, as_json=as_json)
        except KeyboardInterrupt:
            if not app.quiet:
                print_message("stopped")


def _listed(
    archive: Archive, after: int | None, limit: int, least: int
) -> tuple[tuple[ChangeRow, ...], int, str]:
    """Return the entries to list, how many are left out, and a note about these."""
    if after is None:
        entries = archive.latest_changes(limit, least_severity=least)[::-1]
        left = archive.count_changes(least_severity=least) - len(entries)
        note = f"{left:,} more: --limit N lists more, --since 0 starts with the first"
    else:
        entries = archive.changes(after, limit, least_severity=least)
        left = archive.count_changes(after, least_severity=least) - len(entries)
        cursor = entries[-1].cursor if entries else after
        note = f"{left:,} more: --since {cursor} continues, --limit N lists more"
    return entries, max(0, left), note if left > 0 else ""


def follow(
    archive: Archive, after: int | None, least_severity: int, every: float
) -> Iterator[ChangeRow]:
    """Yield the ledger's entries as they come, without end.

    Transactions write entries one after the other, so none appears before a cursor already passed.
    No transaction is held between two checks, so writers never wait.

    Args:
        archive: the opened archive.
        after: the cursor to start after; None is the end of the ledger.
        least_severity: less severe entries are skipped.
        every: seconds between two checks.
    """
    cursor = archive.head().cursor if after is None else after
    while True:
        entries = archive.changes(cursor, _BATCH, least_severity=least_severity)
        for entry in entries:
            yield entry
            cursor = entry.cursor
        if len(entries) < _BATCH:
            time.sleep(every)


def _print_table(entries: tuple[ChangeRow, ...]) -> None:
    rows = [
        (
            c.cursor,
            format_time(c.at),
            c.kind,
            c.article_id,
            c.severity,
            ", ".join(c.classes),
            c.title,
        )
        for c in entries
    ]
    print_table(["cursor", "when", "what", "article", "severity", "how", "title"], rows)


def _print_line(entry: ChangeRow, *, as_json: bool) -> None:
    if as_json:
        line = {"schema": "scraper/change/1", **plain(entry)}
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    how = f" ({', '.join(entry.classes)})" if entry.classes else ""
    click.echo(
        f"{entry.cursor:>6}  {format_time(entry.at)}  {entry.severity}  {entry.kind}{how}: "
        f"{strip_controls(entry.title)} · {strip_controls(entry.url)}"
    )


@click.command("survival")
@click.option("--host", default="", help="Only articles of this host.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@pass_app
def survival_(app: App, host: str, as_json: bool) -> None:
    """Show the time until articles are taken down or first edited, by outlet.

    Days run from when an article was first archived to when the event was noticed. Articles without
    an event count for as long as they were seen (Kaplan-Meier): the median is the day by which half
    are estimated to be taken down or edited, "-" if more than half are not. Outlets with fewer than
    five events are marked: their estimates are unreliable.

    \b
    Example:  scraper survival
              scraper survival --host ledger.example
    """
    with app.archive(create=False) as archive:
        found = archive.survival(host)
        rests_on = coverage_of(archive)
    if as_json:
        print_json("scraper/survival/1", {"outlets": found, "coverage": report_as_dict(rests_on)})
        return
    heads = ["outlet", "articles", "days watched", "taken down", "median days", "still up",
             "edited", "median days ", "unedited"]  # fmt: skip
    rows = [
        (one.outlet, one.articles, f"{one.watched:.1f}", *_life(one.takedown), *_life(one.edit))
        for one in found
        if one.watched > 0 or one.takedown.events or one.edit.events
    ]
    print_table(heads, rows)
    unwatched = len(found) - len(rows)
    if unwatched and not app.quiet:
        print_message(
            f"{unwatched} outlet{'s' * (unwatched != 1)} left out: their articles were seen only"
            " once so far, which gives no survival time"
        )
    if not app.quiet and rows:
        print_message("shares and medians are Kaplan-Meier estimates; * fewer than five events")
    note_coverage(app, rests_on)


def _life(life: SurvivalEstimate) -> tuple[str, str, str]:
    few = "*" if 0 < life.events < _FEW else ""
    median = "-" if life.median is None else f"{life.median:.1f}"
    return f"{life.events}{few}", median, f"{life.standing:.0%}"
