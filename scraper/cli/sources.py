"""Commands that list and check sources: `scraper sources list` and `check`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from scraper.archive import SourceHealth
from scraper.cli.app import EXIT_FAILED, App, Subcommands, pass_app, transport
from scraper.cli.coverage import coverage_of
from scraper.cli.drift import drift
from scraper.cli.edit_sources import COMMANDS as EDITING
from scraper.cli.edit_sources import file_of, save
from scraper.cli.output import print_json, print_message, print_table, strip_controls, truncate
from scraper.cli.simulate import simulate
from scraper.config import Config, pick
from scraper.coverage import BARREN, GAP, LOW, UNWATCHED, SourceAssessment
from scraper.coverage.report import CoverageReport
from scraper.coverage.summary import assessment_as_dict, usual_rate
from scraper.coverage.wording import plural
from scraper.models import Source
from scraper.pipeline import utcnow

if TYPE_CHECKING:
    from scraper.pipeline.check_source import SourceCheck
    from scraper.pipeline.pipeline import Pipeline

__all__ = ["sources"]

# How long `list` reports that all entries of a source were new.
_RECENT = timedelta(days=7)


# -- listing ------------------------------------------------------------------------------------


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List all sources: how often each is visited, whether it works, and when it is due.

    \b
    Example:  scraper sources list
    """
    config = app.config()
    health, found = _health(app)
    standings = {one.history.name: one for one in found.standings} if found else {}
    if as_json:
        told = [
            _as_dict(source, health.get(source.name), standings.get(source.name))
            for source in config.sources
        ]
        print_json("scraper/sources/1", {"sources": told})
        return
    if not config.sources:
        click.echo("no source is watched; to add one: scraper sources add URL")
        return
    now = utcnow()
    rows = [
        _row(source, health.get(source.name), standings.get(source.name), now)
        for source in config.sources
    ]
    heads = ["source", "outlet", "kind", "every", "last new", "articles", "usual", "next due",
             "health"]  # fmt: skip
    print_table(heads, rows, clip_at=56)
    paused = sum(not source.enabled for source in config.sources)
    failing = sum(bool(state.failures) for state in health.values() if state.enabled)
    gaps = sum(standing.kind == GAP for standing in standings.values())
    click.echo(
        f"\n{plural(len(config.sources), 'source')}"
        + (f", {paused} paused" if paused else "")
        + (f", {failing} failing" if failing else "")
        + (f", {gaps} with a gap" if gaps else "")
        + ("" if health else "; none has been visited yet: scraper collect")
    )


def _health(app: App) -> tuple[Mapping[str, SourceHealth], CoverageReport | None]:
    """Return the health and coverage of the sources; nothing if there is no archive yet."""
    if not (app.archive_folder / "archive.db").is_file():
        return {}, None
    with app.archive(create=False, all_parts=True) as archive:
        states = archive.status(utcnow()).sources
        return {state.name: state for state in states}, coverage_of(archive)


def _as_dict(
    source: Source, state: SourceHealth | None, standing: SourceAssessment | None
) -> dict[str, object]:
    values: dict[str, object] = {f.name: getattr(source, f.name) for f in fields(source)}
    values["health"] = state
    values["coverage"] = assessment_as_dict(standing) if standing else None
    return values


def _row(
    source: Source, state: SourceHealth | None, standing: SourceAssessment | None, now: datetime
) -> Sequence[object]:
    last = _ago(state.last_new_at, now) if state else ""
    due = _until(state.next_due_at, now) if state and source.enabled else ""
    articles = state.articles if state else ""
    health = _health_of(source, state, now)
    if health == "ok" and standing and standing.kind in (GAP, BARREN, UNWATCHED, LOW):
        health = standing.sentence
    what = (source.name, source.outlet, source.kind, _every(source, state))
    usual = usual_rate(standing).partition(",")[0] if standing else ""
    return (*what, last, articles, usual, due, health)


def _every(source: Source, state: SourceHealth | None) -> str:
    """Return a source's present interval, and the configured one if it differs."""
    usual = _span(source.interval)
    if state is None or not state.wait or state.wait == source.interval:
        return usual
    return f"{_span(state.wait)} ({usual})"


def _health_of(source: Source, state: SourceHealth | None, now: datetime) -> str:
    if not source.enabled:
        return "paused"
    if state is None or (state.last_ok_at is None and not state.failures):
        return "never visited"
    if state.failures:
        times = f"failed {state.failures}×" if state.failures > 1 else "failed"
        return f"{times}: {_without_address(state.last_message, state.url)}"
    if state.last_overrun_at is not None and now - state.last_overrun_at < _RECENT:
        times = f" ({state.overruns}×)" if state.overruns > 1 else ""
        return (
            f"may have missed some: all entries were new {_ago(state.last_overrun_at, now)}{times}"
        )
    if state.served_by:
        return f"ok, from its fallback {state.served_by}"
    return f"ok, but moved to {state.moved_to}" if state.moved_to else "ok"


def _without_address(message: str, url: str) -> str:
    """Return a message without the address that the row shows already."""
    return message.replace(f"{url}: ", "").replace(f"{url} ", "")


def _span(seconds: float) -> str:
    """Return a duration in its largest unit: ``45 min``, ``6 h``, ``3 d``."""
    if seconds < 3570:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.0f} d"


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{_span((now - at).total_seconds())} ago" if at else "never"


def _until(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    return f"in {_span((at - now).total_seconds())}" if at > now else "now"


# -- checking -----------------------------------------------------------------------------------


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option(
    "--note", "keep", is_flag=True, help="Write each verdict to the source's `verified` key."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@pass_app
def check(app: App, names: tuple[str, ...], keep: bool, as_json: bool) -> None:
    """Try each stage of a source, and report which ones work.

    Reads robots.txt, fetches and parses the source, lists its entries, extracts one article and
    judges it; nothing is recorded. Without a NAME, checks all sources that are not paused. Exits
    with 1 when one does not work.

    \b
    Example:  scraper sources check
              scraper sources check 36kr
    """
    import asyncio

    config = app.config()
    chosen = pick(config.sources, names)
    file = file_of(app, config) if keep else None
    if not chosen and not as_json:
        print_message("all sources are paused; to check one: scraper sources check NAME")
        return
    results = asyncio.run(_check_all(app, config, chosen, quiet=app.quiet or as_json))
    if as_json:
        checks = [_check_as_dict(checked) for checked in results]
        print_json("scraper/sources-check/1", {"checks": checks})
    elif len(results) == 1:
        _print_stages(results[0])
    else:
        _print_verdicts(results)
    if file is not None:
        for checked in results:
            file.set(checked.source.name, "verified", _verified(checked))
        save(config, file)
        print_message(f"written to {file.path}")
    if not all(checked.works for checked in results):
        sys.exit(EXIT_FAILED)


async def _check_all(
    app: App, config: Config, chosen: Sequence[Source], *, quiet: bool
) -> list[SourceCheck]:
    import asyncio

    from scraper.pipeline.pipeline import Pipeline

    done = 0

    async def one(pipeline: Pipeline, source: Source) -> SourceCheck:
        nonlocal done
        checked = await pipeline.check_source(source)
        done += 1
        if not quiet and len(chosen) > 1:
            mark = "+" if checked.works else "!"
            print_message(f"{mark} {done}/{len(chosen)} {source.name}", bad=not checked.works)
        return checked

    async with Pipeline(config, transport=transport(app)) as pipeline:
        return list(await asyncio.gather(*(one(pipeline, source) for source in chosen)))


def _print_stages(checked: SourceCheck) -> None:
    source = checked.source
    click.secho(
        strip_controls(f"{source.name}: {source.outlet}, {source.kind} {source.url}"), bold=True
    )
    for stage in checked.stages:
        detail = truncate(strip_controls(stage.detail), 150)
        line = f"  {stage.name:<8} {stage.outcome:<4} {detail}".rstrip()
        click.secho(line, fg="red" if stage.outcome == "bad" else None)
    for link in checked.links[:3]:
        click.echo(f"           · {strip_controls(truncate(link.title or link.url, 80))}")
    if checked.sample is not None and checked.sample.article is not None:
        article = checked.sample.article
        click.echo(f"  sample   {strip_controls(truncate(article.title, 80))}")
        click.echo(f"           {strip_controls(truncate(' '.join(article.text.split()), 140))}")
        click.echo(f"           {strip_controls(article.url)}")
    click.secho(
        strip_controls(f"  verdict  {checked.verdict}"), fg="green" if checked.works else "red"
    )


def _print_verdicts(results: Sequence[SourceCheck]) -> None:
    from scraper.pipeline.check_source import STAGES

    rows = [
        (
            checked.source.name,
            *(stage.outcome for stage in checked.stages),
            len(checked.links) or "",
            _without_address(checked.verdict, checked.source.url),
        )
        for checked in results
    ]
    print_table(["source", *STAGES, "shows", "verdict"], rows, clip_at=60)
    good = sum(checked.works for checked in results)
    click.echo(f"\n{good} of {len(results)} sources work")
    unknown = sum("there is no host named" in checked.verdict for checked in results)
    if unknown > 3 and unknown == len(results):
        print_message("no host was found: is this machine connected to the internet?", bad=True)


def _check_as_dict(checked: SourceCheck) -> dict[str, object]:
    article = checked.sample.article if checked.sample else None
    return {
        "name": checked.source.name,
        "url": checked.source.url,
        "works": checked.works,
        "verdict": checked.verdict,
        "served_by": checked.served_by,
        "moved_to": checked.moved_to,
        "entries": len(checked.links),
        "stages": {s.name: {"outcome": s.outcome, "detail": s.detail} for s in checked.stages},
        "sample": {"url": article.url, "title": article.title} if article else None,
    }


def _verified(checked: SourceCheck) -> str:
    day = f"{utcnow():%Y-%m-%d}"
    return (
        f"worked on {day}"
        if checked.works
        else truncate(f"failed on {day}: {checked.verdict}", 200)
    )


@click.group(cls=Subcommands)
def sources() -> None:
    """Manage sources: list, check, add, remove, pause …

    \b
    Example:  scraper sources add https://example.com/tech/
              scraper sources check
              scraper sources list
    """


for _command in (list_, check, drift, simulate, *EDITING):
    sources.add_command(_command)
