"""Commands that check the archive, repair it, copy it, and keep it small."""

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
from scraper.coverage.wording import plural
from scraper.errors import ArchiveError, NotFound, UsageError

__all__ = ["backup", "doctor", "mend", "reindex", "restore", "retain", "vacuum"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_app
def doctor(app: App, as_json: bool) -> None:
    """Check the archive's integrity; suggest a fix for each problem.

    Checks the files and their schema, references, times, the search index, raw pages against their
    hashes, the hash chains of versions, fetches, records and ledger, what articles show, free
    space, and leftovers of interruptions. Each problem ends with the command that fixes it. The
    exit code is 1 if something is lost or wrong.

    \b
    Example:  scraper doctor
    """

    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    try:
        with app.archive(create=False, all_parts=True) as archive:
            findings = archive.doctor(tell, least_free=app.config().archive.least_free)
    except NotFound:
        raise
    except ArchiveError as error:
        findings = (finding_for(error),)
    if as_json:
        print_json("scraper/doctor/1", {"findings": findings})
    for finding in findings if not as_json else ():
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        click.secho(
            f"{finding.level}: {strip_controls(finding.what)}{strip_controls(remedy)}",
            fg={"error": "red", "warning": "yellow"}.get(finding.level),
        )
    if any(finding.level == "error" for finding in findings):
        sys.exit(EXIT_FAILED)
    if not findings and not as_json:
        click.echo("no problems found")


@click.command()
@click.argument("folder", required=False, default=None, type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    default=None,
    help="How many copies beside the archive to keep; older ones are deleted.  [default: all]",
)
@pass_app
def backup(app: App, folder: Path | None, keep: int | None) -> None:
    """Copy the archive into a new folder, and check the copy.

    The archive may be in use meanwhile: the copy is a snapshot of one moment. Without FOLDER, the
    copy is written beside the archive, with the present time in its name. It is an archive itself:
    `scraper --archive FOLDER search …` reads it, `scraper restore FOLDER` restores it. With --keep,
    older copies that such calls made are deleted once this one is checked.

    \b
    Example:  scraper backup
              scraper backup --keep 7
              scraper backup /mnt/disk/archive-2025-12-11
    """
    here = app.archive_folder.absolute()
    prefix = f"{here.name}-backup"
    if folder is not None and keep is not None:
        raise UsageError("--keep is for copies beside the archive: leave out FOLDER")
    if folder is None:
        folder = here.with_name(f"{prefix}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")

    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    with app.archive(create=False, all_parts=True) as archive:
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
    # The schedule runs processes: `doctor`, which looks only, does without.
    from scraper.backups import keep_latest

    for path in keep_latest(target, keep, prefix) if keep else ():
        if not app.quiet:
            print_message(f"deleted: {strip_controls(str(path))}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@pass_app
def restore(app: App, folder: Path) -> None:
    """Replace the archive by a backup.

    The backup is checked first. The replaced files are moved to a folder beside them, which the
    output names. Stop the daemon and everything else that uses the archive first.

    \b
    Example:  scraper restore archive-backup-20251211T080000Z
    """
    app.archive_folder.mkdir(parents=True, exist_ok=True)
    with daemon_lock(app.archive_folder):
        aside = restore_from(folder, app.archive_folder, datetime.now(UTC))
    if not app.quiet:
        print_message(f"restored from {strip_controls(str(folder))}")
        if aside is not None:
            print_message(f"the replaced files are in {strip_controls(str(aside))}")


@click.command()
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Copy lost or damaged content from this backup.",
)
@pass_app
def mend(app: App, folder: Path | None) -> None:
    """Repair what can be rebuilt, then check the archive.

    Indexes and views are rebuilt, and articles that do not show their current version are written
    again. With --from, lost or damaged raw pages and records are copied from a backup and checked
    against their hashes. Archived publications are never changed.

    \b
    Example:  scraper mend
              scraper mend --from archive-backup-20251211T080000Z
    """
    with app.archive(create=False) as archive:
        mended = archive.repair(folder)
        rows = list(asdict(mended).items())
        print_table(["repaired", "number"], rows)
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
@click.option("--dry-run", is_flag=True, help="Show what would be deleted; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def retain(app: App, keep_days: int | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete raw pages of old fetches that found nothing new.

    The first and the last raw page of an article and those that its versions were made from are
    kept. The fetches are kept, too, with the SHA-256 of their raw page. The command shows what it
    would delete and asks first: a deletion cannot be undone. Afterwards it shrinks the files, as
    `scraper vacuum` does.

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
            print_json("scraper/retain/1", {"keep_days": days, "dry_run": dry_run, **asdict(found)})
        else:
            click.echo(
                f"{plural(found.bodies, 'raw page')} of {plural(found.pages, 'article')}, from"
                f" {plural(found.fetches, 'unchanged fetch', 'unchanged fetches')} older than"
                f" {age}: {found.stored:,} bytes in the file ({found.raw:,} as fetched)"
            )
            if found.oldest and found.newest:
                click.echo(
                    f"fetched from {format_time(found.oldest)} to {format_time(found.newest)}"
                )
            if found.needed:
                click.echo(
                    f"{plural(found.needed, 'more is', 'more are')} kept: other raw pages are"
                    f" compressed against {'it' if found.needed == 1 else 'them'}"
                )
        if dry_run or not found.bodies:
            if not as_json:
                click.echo("nothing was written")
            return
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("a deletion cannot be undone: try --dry-run, then give --yes")
            click.confirm("Delete them?", abort=True, err=True)
        gone = archive.prune_bodies(before, now, dry_run=False)
        saved = archive.vacuum()
    if not as_json:
        click.echo(f"{gone.bodies:,} raw pages deleted, {saved:,} bytes saved")


@click.command()
@pass_app
def vacuum(app: App) -> None:
    """Return unused space in the archive's files to the disk.

    Deleted rows and interruptions leave unused space. While it runs, the command needs free space
    of twice the size of the larger file, and other programs cannot write to the archive.

    \b
    Example:  scraper vacuum
    """
    with app.archive(create=False, all_parts=True) as archive:
        click.echo(f"{archive.vacuum():,} bytes saved")


@click.command()
@pass_app
def reindex(app: App) -> None:
    """Rebuild the search index from the archived texts.

    \b
    Example:  scraper reindex
    """
    with app.archive(create=False) as archive:
        click.echo(f"{archive.reindex():,} articles indexed")
