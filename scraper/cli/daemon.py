"""The command that collects on schedule: daemon."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.app import App, pass_app, transport
from scraper.cli.logs import log_to
from scraper.cli.output import print_message, strip_controls
from scraper.coverage.wording import plural

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
    help="Log to this file as JSON lines instead of standard error; rotated at 10 MB.",
)
@pass_app
def daemon(app: App, every: int, log: Path | None) -> None:
    """Collect on schedule until stopped.

    SIGTERM or Ctrl-C stops it after it has archived the fetches in progress. SIGHUP, or a change of
    the configuration files, reloads the configuration. Each tick collects from the sources that are
    due. Only one daemon may use an archive (exit code 75). It pauses while the archive's disk is
    nearly full.

    \b
    Example:  scraper daemon
              scraper daemon --log /var/log/scraper.jsonl
    """
    from scraper.daemon import serve

    config = app.config()
    log_to(log, quiet=app.quiet, verbose=app.verbose)
    app.archive().close()  # refuse an unusable archive before anything starts
    if not app.quiet:
        where = strip_controls(str(app.archive_folder))
        print_message(f"watching {plural(len(config.sources), 'source')}; archive {where}")
    serve(
        app.config,
        app.archive_folder,
        app.whole_archive,
        transport=transport(app),
        every=every,
        quiet=app.quiet,
    )
