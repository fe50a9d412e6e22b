"""The command about hosts whose pages are no longer read as before: sources drift."""

from __future__ import annotations

import click

from scraper.archive.drift import DriftEvent, HeldPage
from scraper.cli.app import App, pass_app
from scraper.cli.output import format_time, print_json, print_message, print_table, strip_controls
from scraper.coverage.wording import plural
from scraper.errors import UsageError
from scraper.pipeline import utcnow

__all__ = ["drift"]

_MOST_HELD = 20


@click.command("drift")
@click.argument("host", required=False, default="")
@click.option("--release", "release", is_flag=True, help="Accept how HOST's pages are read now.")
@click.option("--refuse", "refuse", is_flag=True, help="Refuse HOST's held pages.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def drift(app: App, host: str, release: bool, refuse: bool, as_json: bool) -> None:
    """List hosts whose pages are no longer read as before, and the pages that are held.

    A redesign, a wall or an empty text shows in several pages in a row: their text stands in other
    elements, is shorter, has more links, or is not there. Such pages are fetched and held until the
    new layout proves itself on four pages, or you release or refuse them. What is released is read
    as it was fetched then by the next pass; what is refused becomes no article, but its fetches
    and raw pages stay.

    \b
    Example:  scraper sources drift
              scraper sources drift www.example.org --release
    """
    if release and refuse:
        raise UsageError("give --release or --refuse, not both")
    if (release or refuse) and not host:
        raise UsageError("name the host: scraper sources drift HOST --release")
    with app.archive(create=False) as archive:
        if release:
            number = archive.release_host(host, utcnow())
            print_message(f"{plural(number, 'page')} of {host} released: the next pass reads them")
            return
        if refuse:
            number = archive.refuse_host(host)
            print_message(f"{plural(number, 'page')} of {host} refused: they become no articles")
            return
        events = [e for e in archive.drift_events() if host in ("", e.host)]
        held = archive.held_pages(host)
    if as_json:
        print_json({"events": events, "held": list(held)})
        return
    _print_events(events)
    _print_held(held)
    if not events and not held:
        click.echo("no host drifts, and no page is held")


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
