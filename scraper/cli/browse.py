"""The command that opens the archive in Datasette: browse."""

from __future__ import annotations

import click

from scraper.browse import serve
from scraper.cli.app import App, pass_app
from scraper.cli.output import print_message, strip_controls

__all__ = ["browse"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@pass_app
def browse(app: App, port: int) -> None:
    """Browse the archive in Datasette, on this machine only.

    \b
    Example:  scraper browse --port 8001
    """
    app.archive(create=False).close()

    def ready(url: str) -> None:
        print_message(f"browse {strip_controls(str(app.archive_folder))} at {url} (Ctrl-C to stop)")

    serve(app.archive_folder, port=port, on_ready=ready)
