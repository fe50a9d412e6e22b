"""The command that opens the archive in Datasette: browse."""

from __future__ import annotations

import click

from scraper.cli.app import App, pass_app
from scraper.cli.output import print_message, strip_controls

__all__ = ["browse"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--sql", is_flag=True, help="Allow questions in SQL; the archive is only read.")
@click.option(
    "--public",
    default="",
    metavar="ADDRESS",
    help="Let others read it at this address of the machine: of an archive that is read-only.",
)
@pass_app
def browse(app: App, port: int, sql: bool, public: str) -> None:
    """Browse the archive in Datasette, on this machine only unless --public is given.

    \b
    Example:  scraper browse --port 8001
              scraper browse --sql
              scraper --archive copy/ browse --public 0.0.0.0
    """
    from scraper.browse.server import HOST, serve
    from scraper.exchange.bundle import bundle_of

    app.archive(create=False).close()

    def ready(url: str) -> None:
        print_message(f"browse {strip_controls(str(app.archive_folder))} at {url} (Ctrl-C to stop)")

    serve(
        app.archive_folder,
        host=public or HOST,
        port=port,
        sql=sql,
        on_ready=ready,
        bundle=bundle_of,
    )
