"""The commands coverage and status, and the note on coverage below other commands' output."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from shutil import get_terminal_size
from typing import Any

import click

from scraper.archive import Archive, SourceDoubts, Status
from scraper.archive.drift import DriftEvent
from scraper.archive.hubs import HubSubscription
from scraper.archive.records import SourceHealth
from scraper.cli.app import App, pass_app
from scraper.cli.output import as_json as plain
from scraper.cli.output import (
    clear_screen,
    format_time,
    print_folded,
    print_json,
    print_message,
    print_table,
    strip_controls,
)
from scraper.coverage import LOW, TROUBLE, SourceAssessment, total
from scraper.coverage.days import DayStatus, day_by_day
from scraper.coverage.report import CoverageReport, history_days, past_gaps, report, troubles
from scraper.coverage.summary import (
    assessment_as_dict,
    coverage_note,
    day_as_dict,
    format_entries,
    format_watched,
    report_as_dict,
)
from scraper.coverage.wording import number, plural
from scraper.errors import UsageError
from scraper.models import CoverageDay, EntryCounts
from scraper.record import record

__all__ = [
    "coverage",
    "coverage_of",
    "footnote",
    "note_coverage",
    "pressing_sources",
    "print_coverage",
    "spanned",
    "status",
]


# With `status --watch`: lines above the sources, and columns in which a source takes one line.
_LINES_OF_FIGURES, _ROOMY = 22, 80


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--watch", "watch", is_flag=True, help="Show it again and again until Ctrl-C.")
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    default=5,
    show_default=True,
    help="Seconds between two looks with --watch.",
)
@pass_app
def status(app: App, as_json: bool, watch: bool, every: int) -> None:
    """Show the archive's contents and the health of its sources.

    With --watch the figures are read every few seconds, gaps of the sources every ten minutes.

    \b
    Example:  scraper status
              scraper status --watch
    """
    if watch and as_json:
        raise UsageError("give --watch or --json, not both (with --json: call it again)")
    with app.archive(create=False, all_parts=True) as archive:
        found, read_at = coverage_of(archive), _now()
        while True:
            state = archive.status(_now())
            drifting = archive.drift_events(only_open=True)
            held = Counter(page.host for page in archive.held_pages())
            hubs = archive.hub_subscriptions()
            saved_at = archive.last_backup_at()
            if as_json:
                told = {**plain(state), "drifting": plain(drifting), "held": dict(held)}
                told["hubs"] = plain(hubs)
                told["last_backup_at"] = plain(saved_at)
                print_json("scraper/status/1", {**told, "coverage": report_as_dict(found)})
                return
            if watch:
                clear_screen()
                print_folded(f"{format_time(state.at)}, every {every} s, Ctrl-C ends it")
            most = _rows_of_screen() if watch else None
            _print_status(app, state, found, drifting, held, saved_at, most)
            _print_hubs(hubs)
            if not watch:
                return
            time.sleep(every)
            if _now() - read_at >= _COVERAGE_AGE:
                found, read_at = coverage_of(archive), _now()


def _print_hubs(hubs: Sequence[HubSubscription]) -> None:
    """Print which feeds' hubs tell of changes, where one was ever asked."""
    asked = [hub for hub in hubs if hub.state != "found"]
    if not asked:
        return
    states = Counter(hub.state for hub in asked)
    last = max((hub.last_push_at for hub in asked if hub.last_push_at), default=None)
    said = ", ".join(f"{state} {number}" for state, number in sorted(states.items()))
    click.echo()
    print_folded(f"websub   {said}; last message {format_time(last) or 'never'}", indent=9)
    for hub in asked:
        if hub.message:
            print_folded(f"         {strip_controls(f'{hub.source}: {hub.message}')}", indent=9)


def _print_status(
    app: App,
    state: Status,
    found: CoverageReport | None,
    drifting: Sequence[DriftEvent],
    held: Mapping[str, int],
    saved_at: datetime | None,
    most: int | None,
) -> None:
    click.secho(f"archive {state.folder}", bold=True)
    for title, numbers in (
        ("rows", state.counts),
        ("pages", state.pages),
        ("fetches", state.fetches),
        ("bytes", state.bytes),
    ):
        print_folded(
            f"{title:<8} " + ", ".join(f"{name} {n:,}" for name, n in numbers.items()), indent=9
        )
    least = app.config().archive.least_free
    print_folded(f"disk     {state.free_bytes // 2**20:,} MB free")
    print_folded(f"backup   {f'verified {format_time(saved_at)}' if saved_at else 'none yet'}")
    if state.free_bytes < least:
        print_folded(
            f"paused   collecting resumes when {least // 2**20:,} MB are free on the archive's disk"
            " (least_free in settings.toml)",
            indent=9,
            fg="yellow",
        )
    print_folded(
        f"due      {state.due_sources} sources, {state.due_pages} pages; "
        f"last fetch {format_time(state.last_fetch_at) or 'never'}",
        indent=9,
    )
    if articles := sum(source.articles for source in state.doubts):
        said = _format_doubts(state.doubts, state.doubtful_below, articles)
        print_folded(f"doubtful {said}", indent=9)
    if drifting:
        hosts = ", ".join(f"{event.host} ({event.kind}, {event.held} held)" for event in drifting)
        print_folded(f"drifting {strip_controls(hosts)}: scraper sources drift", indent=9, fg="red")
    if number := sum(held.values()):
        hosts = ", ".join(f"{host} {count}" for host, count in sorted(held.items())[:_MOST_HOSTS])
        more = f" and {len(held) - _MOST_HOSTS} more hosts" if len(held) > _MOST_HOSTS else ""
        said = f"{plural(number, 'page')} in no list of articles: {hosts}{more}"
        print_folded(f"held     {strip_controls(said)}", indent=9)
    if found is not None:
        print_coverage(found)
    if state.sources:
        heads = ["source", "outlet", "articles", "pages", "last new", "next due", "health"]
        click.echo()
        shown, left = pressing_sources(state.sources, most)
        rows = [
            (
                source.name,
                source.outlet,
                source.articles,
                source.pages,
                format_time(source.last_new_at),
                format_time(source.next_due_at) if source.enabled else "paused",
                f"failed {source.failures}×: {source.last_message}"
                if source.failures
                else "ok"
                if source.last_ok_at
                else "never visited",
            )
            for source in shown
        ]
        print_table(heads, rows)
        if left:
            failing = sum(source.failures > 0 for source in left)
            said = f"and {plural(len(left), 'more source')}, {failing or 'none'} failing"
            print_folded(f"{said}: `scraper status` lists all")


def _rows_of_screen() -> int | None:
    """Return how many sources have room on the screen below the figures; None: all are printed."""
    if not sys.stdout.isatty():
        return None
    size = get_terminal_size()
    return max(3, (size.lines - _LINES_OF_FIGURES) // (1 if size.columns >= _ROOMY else 8))


def pressing_sources(
    sources: Sequence[SourceHealth], most: int | None
) -> tuple[Sequence[SourceHealth], Sequence[SourceHealth]]:
    """Return the sources that are shown where not all have room, and those that are left out.

    Those that fail come first, the longest failing before the others, then those due next.

    Args:
        sources: all of them.
        most: how many have room, or None.
    """
    if most is None or len(sources) <= most:
        return sources, ()
    far = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(
        sources,
        key=lambda one: (-one.failures, not one.enabled, one.next_due_at or far, one.name),
    )
    return ordered[:most], ordered[most:]


def _format_doubts(doubts: Sequence[SourceDoubts], below: float, articles: int) -> str:
    """Return how many of the latest articles are doubtful, and of which sources."""
    doubtful = sum(source.doubtful for source in doubts)
    said = f"{doubtful:,} of {articles:,} articles of the last 7 days"
    said += f" (confidence below {below:.2f})"
    unjudged = articles - sum(source.judged for source in doubts)
    if unjudged:
        said += f"; {unjudged:,} not judged"
    told = [
        f"{source.source or 'no source'} {source.doubtful:,} of {source.articles:,}"
        for source in doubts
        if source.doubtful
    ]
    more = f" and {len(told) - _MOST_DOUBTFUL} more" if len(told) > _MOST_DOUBTFUL else ""
    return f"{said}: {', '.join(told[:_MOST_DOUBTFUL])}{more}" if told else said


_HEADS = ("seen", "kept", "known", "rejected", "off topic", "held", "failed", "waiting")
_COUNTED = ("seen", "kept", "known", "rejected", "off_topic", "held", "failed", "waiting")
_CSV_HEADS = ("source", "outlet", "day", *_COUNTED, "visits", "visits_failed", "error_class",
              "expected", "verdict")  # fmt: skip
_MOST_PAST = 5
# Hosts with held pages that the status names.
_MOST_HOSTS = 8
# How long what is known of gaps is shown with --watch.
_COVERAGE_AGE = timedelta(minutes=10)
# Sources whose doubtful articles are counted in the status.
_MOST_DOUBTFUL = 10
_LEAST_DAYS, _MOST_DAYS = 30, 184
# Periods whose coverage is remembered.
_SPANS = (30, 60, 120, _MOST_DAYS)


@record
class Footnote:
    """What an answer rests on: in one line, and as plain values (None: no source is watched)."""

    note: str
    report: dict[str, Any] | None


def coverage_of(
    archive: Archive, names: Sequence[str] = (), *, days: int = 30
) -> CoverageReport | None:
    """Return the coverage of sources up to now.

    Args:
        archive: the opened archive.
        names: names of the sources; () for all.
        days: length of the period in days, today included.
    """
    now = _now()
    return report(archive.coverage(now, names, days=max(days, history_days(now.date()))), days)


def spanned(moments: Iterable[datetime | None]) -> int:
    """Return the length in days of a period that covers some times: 30 to 180 days, until now.

    The rhythms are learned from that period anyway, so a long one costs nothing more.
    """
    first = min((moment for moment in moments if moment), default=None)
    days = (_now() - first).days + 1 if first else 0
    return min(_MOST_DAYS, max(_LEAST_DAYS, days))


def footnote(archive: Archive, moments: Iterable[datetime | None]) -> Footnote:
    """Return what an answer rests on, as it was last summed up where that still holds.

    Args:
        archive: the opened archive.
        moments: times of the articles that the answer names.
    """
    wanted = spanned(moments)
    days = next(length for length in _SPANS if length >= wanted)
    now = _now()
    text = archive.remembered_coverage(days, now)
    if text is None:
        found = coverage_of(archive, days=days)
        text = json.dumps(
            {"note": coverage_note(found), "report": report_as_dict(found)}, default=str
        )
        archive.remember_coverage(days, now, text)
    told = json.loads(text)
    return Footnote(note=told["note"], report=told["report"])


def _now() -> datetime:
    return datetime.now(UTC)


def note_coverage(app: App, found: CoverageReport | None) -> None:
    """Print the coverage behind an answer on standard error, unless --quiet."""
    if not app.quiet:
        print_message(coverage_note(found))


def print_coverage(found: CoverageReport) -> None:
    """Print the counts of entries and a line for each source with a gap."""
    print_folded(f"sources  {format_watched(found)}", indent=9)
    print_folded(
        f"entries  {found.begun} to {found.until}: {format_entries(found.counts)}", indent=9
    )
    if found.idle_sentence:
        own = all(standing.history.own for standing in found.standings)
        missing = "" if own else ": articles published since are missing"
        print_folded(
            f"         {found.idle_sentence}{missing}", indent=9, fg=None if own else "red"
        )
    for sentence in troubles(found):
        print_folded(f"  ✗ {strip_controls(sentence)}", indent=4, fg="red")
    for sentence in troubles(found, {LOW}):
        print_folded(f"  ? {strip_controls(sentence)}", indent=4, fg="yellow")
    past = past_gaps(found)
    for sentence in past[-_MOST_PAST:]:
        print_folded(f"  · {strip_controls(sentence)}", indent=4, fg="yellow")
    if len(past) > _MOST_PAST:
        click.echo(f"  · and {len(past) - _MOST_PAST} earlier gaps: scraper coverage --json")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option(
    "--days",
    type=click.IntRange(1, 400),
    default=14,
    show_default=True,
    help="Length of the period in days, today included.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything, day by day, as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a row per source and day as CSV.")
@pass_app
def coverage(app: App, names: tuple[str, ...], days: int, as_json: bool, as_csv: bool) -> None:
    """Show the entries of each source, and gaps against its usual rhythm.

    Without a NAME, prints a line per source; with one, a line per day. An entry is a page that a
    source lists, counted on the day of its first sighting: kept, known (archived from elsewhere
    before), rejected (not an article), off topic, failed or waiting. The expected number is learned
    from the source's past, by weekday, weekend, holiday and Spring Festival.

    \b
    Example:  scraper coverage
              scraper coverage 36kr --days 30
              scraper coverage --days 90 --csv > coverage.csv
    """
    if as_json and as_csv:
        raise UsageError("give --json or --csv, not both")
    with app.archive(create=False, all_parts=True) as archive:
        found = coverage_of(archive, names, days=days)
    if as_json:
        sources = [_told(standing, found) for standing in found.standings] if found else []
        print_json("scraper/coverage/1", {"coverage": report_as_dict(found), "sources": sources})
        return
    if found is None:
        print_message("no source is watched; to add one: scraper sources add URL")
        return
    if as_csv:
        _print_csv(found)
    elif names:
        for standing in found.standings:
            _print_days(standing, day_by_day(standing, found.since, found.until))
    else:
        _print_sources(found)


def _print_sources(found: CoverageReport) -> None:
    rows = []
    for standing in found.standings:
        days = day_by_day(standing, found.since, found.until)
        counts = total(day.day for day in days)
        rows.append(
            (
                standing.history.name,
                *_numbers(counts),
                _expected(day.expected for day in days),
                _visits(counts),
                standing.sentence,
            )
        )
    heads = ["source", *_HEADS, "expected", "visits", "how it stands"]
    print_table(heads, rows, clip_at=90)
    click.echo()
    print_coverage(found)


def _print_days(standing: SourceAssessment, days: Sequence[DayStatus]) -> None:
    click.secho(strip_controls(f"{standing.history.outlet} ({standing.history.name})"), bold=True)
    click.secho(strip_controls(standing.sentence), fg="red" if standing.kind in TROUBLE else None)
    rows = [
        (
            f"{day.day.day:%a %Y-%m-%d}",
            *_numbers(day.day),
            _expected([day.expected]),
            _visits(day.day),
            day.verdict,
        )
        for day in days
    ]
    print_table(["day", *_HEADS, "expected", "visits", "verdict"], rows)
    click.echo()


def _numbers(counts: EntryCounts | CoverageDay) -> Iterator[object]:
    return (getattr(counts, name) or "" for name in _COUNTED)


def _expected(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return number(sum(known)) if known else ""


def _visits(counts: EntryCounts | CoverageDay) -> str:
    failed = f", {counts.visits_failed} failed" if counts.visits_failed else ""
    return f"{counts.visits}{failed}" if counts.visits else ""


def _print_csv(found: CoverageReport) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_CSV_HEADS)
    for standing in found.standings:
        history = standing.history
        for day in day_by_day(standing, found.since, found.until):
            values = day_as_dict(day)
            writer.writerow([history.name, history.outlet, *(values[n] for n in _CSV_HEADS[2:])])


def _told(standing: SourceAssessment, found: CoverageReport) -> dict[str, Any]:
    days = day_by_day(standing, found.since, found.until)
    return {**assessment_as_dict(standing), "days": [day_as_dict(day) for day in days]}
