"""Commands that keep an archive sound: doctor, backup, vacuum, reindex."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app
from scraper.cli.printing import inert, note, print_json

__all__ = ["COMMANDS"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_app
def doctor(app: App, as_json: bool) -> None:
    """Look at everything that must hold, and say what mends it.

    Files, references, search index, raw pages against their hashes, the chain of versions, free
    room. The exit code is 1 when something is lost or wrong.

    \b
    Example:  scraper doctor
    """

    def tell(step: str) -> None:
        if not app.quiet:
            note(step)

    with app.archive(create=False) as archive:
        findings = archive.doctor(tell)
    if as_json:
        print_json(findings)
    for finding in findings if not as_json else ():
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        click.secho(
            f"{finding.level}: {inert(finding.what)}{inert(remedy)}",
            fg={"error": "red", "warning": "yellow"}.get(finding.level),
        )
    if any(finding.level == "error" for finding in findings):
        sys.exit(EXIT_FAILED)
    if not findings and not as_json:
        click.echo("all is well")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@pass_app
def backup(app: App, folder: Path) -> None:
    """Write a checked copy of the archive into a new folder.

    The archive may be in use meanwhile.

    \b
    Example:  scraper backup archive-2025-12-11
    """
    with app.archive(create=False) as archive:
        click.echo(str(archive.backup(folder)))


@click.command()
@pass_app
def vacuum(app: App) -> None:
    """Give back the room that deleted rows left in the files.

    \b
    Example:  scraper vacuum
    """
    with app.archive(create=False) as archive:
        click.echo(f"{archive.vacuum():,} bytes saved")


@click.command()
@pass_app
def reindex(app: App) -> None:
    """Make the search index anew from the archived texts.

    \b
    Example:  scraper reindex
    """
    with app.archive(create=False) as archive:
        click.echo(f"{archive.reindex():,} articles indexed")


COMMANDS = (doctor, backup, vacuum, reindex)
