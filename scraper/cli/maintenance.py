"""Commands that find harm and mend it, copy the archive, and keep it small."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from scraper.archive import Archive, finding_for, restore_from
from scraper.archive.runs import daemon_lock
from scraper.cli.app import EXIT_FAILED, App, pass_app
from scraper.cli.output import format_time, print_json, print_message, print_table, strip_controls
from scraper.errors import ArchiveError, NotFound, UsageError

__all__ = ["backup", "doctor", "mend", "reindex", "restore", "retain", "vacuum"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_app
def doctor(app: App, as_json: bool) -> None:
    """Look at everything that must hold, and say what mends it.

    Files, references, search index, raw pages against their hashes, the chain of versions, free
    room, what interruptions left. Each finding ends with the command that mends it. The exit code
    is 1 when something is lost or wrong.

    \b
    Example:  scraper doctor
    """

    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    try:
        with app.archive(create=False) as archive:
            findings = archive.doctor(tell, least_free=app.config().archive.least_free)
    except NotFound:
        raise
    except ArchiveError as error:
        findings = (finding_for(error),)
    if as_json:
        print_json(findings)
    for finding in findings if not as_json else ():
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        click.secho(
            f"{finding.level}: {strip_controls(finding.what)}{strip_controls(remedy)}",
            fg={"error": "red", "warning": "yellow"}.get(finding.level),
        )
    if any(finding.level == "error" for finding in findings):
        sys.exit(EXIT_FAILED)
    if not findings and not as_json:
        click.echo("all is well")


@click.command()
@click.argument("folder", required=False, default=None, type=click.Path(path_type=Path))
@pass_app
def backup(app: App, folder: Path | None) -> None:
    """Write a copy of the archive into a new folder, and examine it.

    The archive may be in use meanwhile: the copy is what it held at one moment. Without FOLDER, it
    lies beside the archive under the time of now. The copy is an archive like any other:
    `scraper --archive FOLDER search …` reads it, `scraper restore FOLDER` puts it back.

    \b
    Example:  scraper backup
              scraper backup /mnt/disk/archive-2025-12-11
    """
    if folder is None:
        here = app.archive_folder.absolute()
        folder = here.with_name(f"{here.name}-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")

    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    with app.archive(create=False) as archive:
        target = archive.backup(folder, tell)
    with Archive(target, readonly=True) as copy:
        state = copy.status(datetime.now(UTC))
    size = sum(state.bytes.values())
    if not app.quiet:
        print_message(
            f"verified: {state.counts['articles']:,} articles, {state.counts['versions']:,}"
            f" versions, {state.counts['bodies']:,} raw pages, {size:,} bytes"
        )
    click.echo(str(target))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@pass_app
def restore(app: App, folder: Path) -> None:
    """Put a backup in the place of the archive.

    The backup is examined first. The files that it replaces are kept in a folder beside them, named
    in the answer. End the daemon and whatever else uses the archive before.

    \b
    Example:  scraper restore archive-backup-20251211T080000Z
    """
    app.archive_folder.mkdir(parents=True, exist_ok=True)
    with daemon_lock(app.archive_folder):
        aside = restore_from(folder, app.archive_folder, datetime.now(UTC))
    if not app.quiet:
        print_message(f"restored from {strip_controls(str(folder))}")
        if aside is not None:
            print_message(f"what was there before is in {strip_controls(str(aside))}")


@click.command()
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take lost or damaged content from this backup.",
)
@pass_app
def mend(app: App, folder: Path | None) -> None:
    """Put right what can be had again, and examine the archive.

    Indexes are made anew, articles shown again as their versions say; with --from, raw pages and
    records that are lost or damaged are taken from a backup, checked against their hashes. What was
    published is never changed.

    \b
    Example:  scraper mend
              scraper mend --from archive-backup-20251211T080000Z
    """
    with app.archive(create=False) as archive:
        mended = archive.repair(folder)
        rows = list(asdict(mended).items())
        print_table(["mended", "number"], rows)
        findings = archive.doctor(least_free=0)
    wrong = [finding for finding in findings if finding.level == "error"]
    for finding in wrong:
        print_message(
            f"still wrong: {strip_controls(finding.what)} → {strip_controls(finding.remedy)}",
            bad=True,
        )
    if wrong:
        sys.exit(EXIT_FAILED)


@click.command()
@click.option(
    "--keep-days",
    type=click.IntRange(1, 36_500),
    default=None,
    help="Only fetches older than this.  [default: keep_days of settings.toml]",
)
@click.option("--dry-run", is_flag=True, help="Say what would go; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def retain(app: App, keep_days: int | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Let go of raw pages of old fetches that brought nothing new.

    Never the first or last of a page, nor one that a version was made from. The fetches stay, with
    the SHA-256 of what was fetched. What would go is shown first; it cannot be taken back.
    Afterwards the files are made smaller, as `scraper vacuum` does.

    \b
    Example:  scraper retain --keep-days 90 --dry-run
              scraper retain --yes
    """
    days = keep_days or app.config().archive.keep_days
    age = f"{days} day{'s' * (days != 1)}"
    now = datetime.now(UTC)
    before = now - timedelta(days=days)
    with app.archive(create=False) as archive:
        found = archive.prune_bodies(before, now, dry_run=True)
        if as_json:
            print_json({"keep_days": days, "dry_run": dry_run, **asdict(found)})
        else:
            click.echo(
                f"{found.bodies:,} raw pages of {found.pages:,} articles, from {found.fetches:,}"
                f" unchanged fetches older than {age}: {found.stored:,} bytes in"
                f" the file ({found.raw:,} as fetched)"
            )
            if found.oldest and found.newest:
                click.echo(
                    f"fetched from {format_time(found.oldest)} to {format_time(found.newest)}"
                )
            if found.needed:
                click.echo(f"{found.needed:,} more stay: other raw pages are written against them")
        if dry_run or not found.bodies:
            if not as_json:
                click.echo("nothing was written")
            return
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("this cannot be taken back: look at --dry-run, then give --yes")
            click.confirm("Let them go?", abort=True, err=True)
        gone = archive.prune_bodies(before, now, dry_run=False)
        saved = archive.vacuum()
    if not as_json:
        click.echo(f"{gone.bodies:,} raw pages let go, {saved:,} bytes saved")


@click.command()
@pass_app
def vacuum(app: App) -> None:
    """Give back the room that deleted rows and interruptions left.

    Needs twice the size of the larger file free on the disk for a while; writers wait.

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
