"""The command that collects on schedule: daemon."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.app import App, pass_app, transport
from scraper.cli.logs import log_to
from scraper.cli.output import print_message, strip_controls
from scraper.coverage.wording import plural
from scraper.daemon import serve

__all__ = ["daemon"]


@click.command()
@click.option(
    "--every",
    type=click.IntRange(5, 3600),
    default=60,
    show_default=True,
    help="Seconds between ticks.",
)
@click.option(
    "--log",
    "log",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Log to this file as JSON lines, rotated at 10 MB, instead of standard error.",
)
@pass_app
def daemon(app: App, every: int, log: Path | None) -> None:
    """Collect on schedule until told to stop.

    SIGTERM or Ctrl-C ends it cleanly: what is under way is finished and archived. SIGHUP, or a
    change of the configuration's files, has them read again. Each tick asks the archive what is
    due; only one daemon may hold an archive (exit code 75). When the archive's disk is nearly full
    it pauses, and goes on when there is room.

    \b
    Example:  scraper daemon
              scraper daemon --log /var/log/scraper.jsonl
    """
    config = app.config()
    log_to(log, quiet=app.quiet, verbose=app.verbose)
    app.archive().close()  # an archive that is not ours is refused before anything starts
    if not app.quiet:
        where = strip_controls(str(app.archive_folder))
        print_message(f"watching {plural(len(config.sources), 'source')}; archive {where}")
    serve(
        app.config,
        app.archive_folder,
        app.archive,
        transport=transport(app),
        every=every,
        quiet=app.quiet,
    )
