"""The command about hosts whose pages are no longer read as before: sources drift."""

from __future__ import annotations

import click

from scraper.archive import Archive
from scraper.archive.drift import DriftEvent, HeldPage
from scraper.cli.app import App, pass_app
from scraper.cli.output import format_time, print_json, print_message, print_table, strip_controls
from scraper.coverage.wording import plural
from scraper.errors import UsageError
from scraper.pipeline import utcnow
from scraper.urls import host_of

__all__ = ["drift"]

_MOST_HELD = 20
# What is printed of samples.
_MOST_SAMPLES, _SAMPLE_LINES, _LONGEST_LINE = 2, 8, 160


@click.command("drift")
@click.argument("host", required=False, default="")
@click.option("--release", "release", is_flag=True, help="Accept how HOST's pages are read now.")
@click.option("--refuse", "refuse", is_flag=True, help="Refuse HOST's held pages.")
@click.option("--samples", is_flag=True, help="Print how HOST's last good and held pages read.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def drift(app: App, host: str, release: bool, refuse: bool, samples: bool, as_json: bool) -> None:
    """List hosts whose pages are no longer read as before, and the pages that are held.

    A redesign, a wall or an empty text shows in several pages in a row: their text stands in other
    elements, is shorter, has more links, or is not there. Such pages are fetched and held until the
    new layout proves itself on four pages, or you release or refuse them. What is released is read
    as it was fetched then by the next pass; what is refused becomes no article, but its fetches
    and raw pages stay. Held pages count as held in status, coverage and digest, and never as
    articles.

    \b
    Example:  scraper sources drift
              scraper sources drift www.example.org --samples
              scraper sources drift www.example.org --release
    """
    if release + refuse + samples + as_json > 1:
        raise UsageError("give one of --release, --refuse, --samples and --json")
    if (release or refuse or samples) and not host:
        raise UsageError("name the host: scraper sources drift HOST --release")
    host = _host_in(host) if host else ""
    with app.archive(create=False) as archive:
        if release:
            number = archive.release_host(host, utcnow())
            what = f"{plural(number, 'page')} of {host} released: the next pass reads them"
            accepted = f"how {host} is read now is accepted; none of its pages was held"
            print_message(what if number else accepted)
            return
        if refuse:
            number = archive.refuse_host(host)
            print_message(f"{plural(number, 'page')} of {host} refused: they become no articles")
            return
        if samples:
            _print_samples(app, archive, host)
            return
        events = [e for e in archive.drift_events() if host in ("", e.host)]
        held = archive.held_pages(host)
    if as_json:
        print_json("scraper/drift/1", {"events": events, "held": held})
        return
    _print_events(events)
    _print_held(held)
    if not events and not held:
        click.echo(
            strip_controls(f"{host} does not drift, and none of its pages is held")
            if host
            else "no host drifts, and no page is held"
        )


def _host_in(typed: str) -> str:
    """Return the host that is meant by a name in any case, or by an address of its pages."""
    typed = typed.strip()
    address = typed if "://" in typed else f"http://{typed}"
    return host_of(address) or typed


def _print_events(events: list[DriftEvent]) -> None:
    for event in events:
        lasts = event.ended_at is None
        how = "lasts" if lasts else f"{event.ended} {format_time(event.ended_at)}"
        held = f", {plural(event.held, 'page')} held" if lasts and event.held else ""
        click.secho(
            strip_controls(
                f"{event.host}: {event.kind} since {format_time(event.at)}, {how}{held}"
            ),
            fg="red" if lasts else None,
        )
        for reason in event.reasons:
            click.echo(f"  {strip_controls(reason)}")
        click.echo(f"  last good page:  {strip_controls(event.good_url) or 'none'}")
        click.echo(f"  first bad page:  {strip_controls(event.bad_url)}")


def _print_held(held: tuple[HeldPage, ...]) -> None:
    if not held:
        return
    click.echo()
    rows = [
        (
            page.host,
            format_time(page.at),
            page.length if page.length is not None else "",
            f"{page.confidence:.2f}" if page.confidence is not None else "",
            page.url,
        )
        for page in held[:_MOST_HELD]
    ]
    print_table(["host", "fetched", "characters", "confidence", "held page"], rows, clip_at=70)
    if len(held) > _MOST_HELD:
        click.echo(f"and {len(held) - _MOST_HELD} more: --json lists all")


def _print_samples(app: App, archive: Archive, host: str) -> None:
    """Print how the last good page of a host reads, and its first held pages as they read now."""
    event = next((event for event in archive.drift_events() if event.host == host), None)
    held = archive.held_bodies(host)
    if event is None and not held:
        raise UsageError(f"{host} does not drift, and none of its pages is held")
    if event is not None and event.good_page is not None:
        good = archive.find(event.good_page)
        _print_sample("last good page", event.good_url, good.title, good.text)
    elif event is not None:
        click.echo("last good page: none was recorded")
    if not held:
        click.echo("no page is held")
        return
    import asyncio

    from scraper.pipeline.parse import read_page
    from scraper.workers import ParserPool

    parse = app.config(need_sources=False).parse
    with ParserPool(workers=1, timeout=parse.timeout, memory=parse.memory) as pool:
        for sample in held[:_MOST_SAMPLES]:
            read = asyncio.run(pool.run(read_page, sample.page))
            title = read.article.title if read.article else ""
            text = read.article.text if read.article else f"(no article: {read.verdict.kind})"
            _print_sample("held page", sample.link.url, title, text)


def _print_sample(what: str, url: str, title: str, text: str) -> None:
    lines = text.splitlines()
    click.secho(strip_controls(f"{what}: {url}"), bold=True)
    click.echo(strip_controls(f"  {title or '(no title)'}, {len(text):,} characters"))
    for line in lines[:_SAMPLE_LINES]:
        said = line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
        click.echo(f"  | {strip_controls(said)}")
    if len(lines) > _SAMPLE_LINES:
        click.echo(f"  | … {plural(len(lines) - _SAMPLE_LINES, 'more line')}")
    click.echo()
