"""The command that seals what rests in parts which are never written again."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

from scraper.archive.rollover import LEAST_AGE, SealedPart, free_name, usual_day
from scraper.archive.runs import daemon_lock
from scraper.cli.app import App, pass_app
from scraper.cli.output import print_json, print_message, print_table
from scraper.errors import UsageError

__all__ = ["rollover"]


def _bytes(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    number, unit = value[:-1], value[-1:].upper()
    powers = {"K": 1, "M": 2, "G": 3, "T": 4}
    if unit not in powers or not re.fullmatch(r"[0-9]{1,12}", number) or not int(number):
        raise click.BadParameter(
            f"{value!r} is not a size: give a number followed by K, M, G or T", ctx, option
        )
    size: int = int(number) * 1024 ** powers[unit]
    return size


@click.command()
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Seal what rests since before this day.  [default: the first day of the year]",
)
@click.option("--name", help="Name of the part.  [default: year or day]")
@click.option(
    "--when-larger",
    "least",
    metavar="SIZE",
    callback=_bytes,
    help="Only if the current files hold more, such as 20G; --before is a month ago then.",
)
@click.option("--list", "listed", is_flag=True, help="List the sealed parts; write nothing.")
@click.option("--merge", is_flag=True, help="Put the last part back into the current files.")
@click.option("--json", "as_json", is_flag=True, help="Print the parts as JSON.")
@pass_app
def rollover(
    app: App,
    before: datetime | None,
    name: str | None,
    least: int | None,
    listed: bool,
    merge: bool,
    as_json: bool,
) -> None:
    """Seal pages that rest in a part of the archive that is never written again.

    A page rests when no look at it is planned, nothing happened to it since the day, no source
    listed it since, and the same holds of all articles of its story. Parts lie in parts/ beside the
    current files, each an archive of its own. Commands read all of them, or say that they do not.
    A page that is fetched or listed again goes on in the current files, with its whole history.

    Stop the daemon first. The disk needs room for a copy of the archive; `scraper vacuum` gives
    back what the current files no longer need.

    \b
    Example:  scraper rollover
              scraper rollover --before 2026-07-01 --name 2026-spring
              scraper rollover --when-larger 20G
              scraper rollover --list
              scraper rollover --merge
    """
    if merge and (before or name or least or listed):
        raise UsageError("--merge takes no other option")
    now = datetime.now(UTC)

    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    with app.archive(create=False, all_parts=True) as archive:
        if listed:
            _print(archive.sealed_parts(), as_json=as_json)
            return
        with daemon_lock(app.archive_folder):
            if merge:
                _print([archive.merge_last(progress=tell)], as_json=as_json)
                return
            size = archive.used_bytes()
            if least is not None and size <= least:
                if not app.quiet:
                    print_message(f"the current files hold {size:,} bytes: nothing was sealed")
                if as_json:
                    _print([], as_json=True)
                return
            day = before.replace(tzinfo=UTC) if before else usual_day(now, month_ago=bool(least))
            if now - day < LEAST_AGE:
                raise UsageError(
                    f"--before {day:%Y-%m-%d}: give a day at least {LEAST_AGE.days} days ago;"
                    " what is younger is still looked at and compared"
                )
            taken = {part.name for part in archive.sealed_parts()}
            part = archive.roll_over(name or free_name(day, taken), day, now, progress=tell)
    _print([part], as_json=as_json)


def _print(parts: list[SealedPart] | tuple[SealedPart, ...], *, as_json: bool) -> None:
    if as_json:
        print_json("scraper/parts/1", {"parts": parts})
        return
    print_table(
        ["part", "articles", "pages", "versions", "first", "last", "bytes"],
        [
            (
                part.name, part.articles, part.pages, part.versions, part.first_at[:10],
                part.last_at[:10], part.bytes,
            )
            for part in parts
        ],
    )  # fmt: skip
