"""The command that tells what happened: digest."""

from __future__ import annotations

import click

from scraper.cli.app import App, pass_app
from scraper.cli.output import print_message, reader_zone, strip_controls
from scraper.config import zone_key
from scraper.digest.contents import begin_of, gather
from scraper.digest.formats import FORMATS
from scraper.errors import UsageError
from scraper.pipeline import utcnow
from scraper.search.query import parse_query

__all__ = ["digest"]


@click.command()
@click.option(
    "--since",
    default="yesterday",
    show_default=True,
    metavar="WHEN",
    help="yesterday or today (from midnight), 24h, 7d, a day or a time.",
)
@click.option("--until", default="", metavar="WHEN", help="The same, for the end.  [default: now]")
@click.option(
    "--zone", default="", help="Time zone of days and of the times shown.  [default: yours]"
)
@click.option("--filter", "filter_", default="", help="Only articles that a query finds.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to print it.",
)
@pass_app
def digest(app: App, since: str, until: str, zone: str, filter_: str, format_: str) -> None:
    """Tell what happened: stories, takedowns, grave edits, contradictions, new names, gaps.

    Stories are those to which an article came; edits are told one by one from severity 2 on, the
    rest is counted. The last lines say what it rests on, and which sources are in trouble. A rule
    of the kind digest in alerts.toml sends it on a cron line.

    \b
    Example:  scraper digest --since yesterday
              scraper digest --since 7d --filter "entity:DeepSeek" --format markdown
    """
    if zone and not zone_key().accepts(zone):
        raise UsageError(f"--zone {zone}: give an IANA time zone such as Asia/Shanghai")
    zone = zone or reader_zone()
    now = utcnow()
    begin = begin_of(since, now, zone)
    # A digest tells of what has happened: it ends now at the latest.
    end = min(begin_of(until, now, zone, "--until"), now) if until else now
    if begin >= end:
        raise UsageError(f"--since {since} is not before the end, {end:%Y-%m-%d %H:%M} {zone}")
    notes = parse_query(filter_, today=now.date()).notes if filter_ else ()
    for note in notes:
        print_message(strip_controls(note))
    with app.archive(create=False) as archive:
        found = gather(archive, begin, end, zone=zone, filter_=filter_)
    click.echo(strip_controls(FORMATS[format_](found), lines=True), nl=False)
