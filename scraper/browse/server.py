"""Datasette on the archive, in this process, on the loopback address unless others may read it."""

from __future__ import annotations

import gc
import os
import socket
import webbrowser
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from scraper.archive import Archive
from scraper.browse import plugin
from scraper.browse.archive_database import BundleMaker, offer_bundles
from scraper.browse.security import only_local, without_internals
from scraper.errors import ScraperError, UsageError

__all__ = ["application", "serve"]

HOST = "127.0.0.1"
_LOOPBACK = frozenset({HOST, "localhost"})
# The archive is read only here. No query may run long: an open reader keeps the write-ahead log
# growing.
_SETTINGS = {
    "default_allow_sql": False,
    "allow_download": False,
    "sql_time_limit_ms": 1000,
    "default_page_size": 50,
    "truncate_cells_html": 300,
    # Datasette's suggestion of facets takes a second for each page; the useful ones are configured.
    "suggest_facets": False,
    # An export is complete, however large.
    "max_csv_mb": 0,
}


def application(
    folder: Path,
    *,
    sql: bool = False,
    hosts: Collection[str] | None = (),
    bundle: BundleMaker | None = None,
) -> Any:
    """Return Datasette on an archive as an ASGI application.

    Args:
        folder: the archive's folder.
        sql: whether readers may send SQL queries; the archive is only read.
        hosts: host names to answer to, besides this machine's own; None: any name.
        bundle: makes the bundles that article pages offer; None: they offer none.

    Raises:
        NotFound: there is no archive.
        ArchiveError: it is not an archive, damaged, or of another version of this program.
    """
    # Imported late: Datasette loads our plugin from its entry point while it is itself imported,
    # and the other commands need not wait for it.
    from datasette.app import Datasette
    from datasette.plugins import pm

    with Archive(folder, create=False, readonly=True) as archive:
        immutable = archive.immutable
    if not pm.is_registered(plugin):  # a checkout that was not installed has no entry point
        pm.register(plugin, "scraper")
    # Immutable only where there is no write-ahead log and this user may make none: Datasette does
    # not read the log of an immutable file.
    files = [str(folder / "archive.db")]
    datasette = Datasette(
        [] if immutable else files,
        immutables=files if immutable else [],
        settings={**_SETTINGS, "default_allow_sql": sql},
    )
    if bundle is not None:
        offer_bundles(datasette, bundle)
    app = datasette.app()
    return without_internals(app) if hosts is None else only_local(app, hosts)


def serve(
    folder: Path,
    *,
    host: str = HOST,
    port: int = 8001,
    sql: bool = False,
    open_browser: bool = False,
    bundle: BundleMaker | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the archive until interrupted.

    Args:
        folder: the archive's folder.
        host: address to listen at; any but the loopback one lets others read the archive, which
            must be read-only then.
        port: TCP port, or 0 for a free one.
        sql: whether readers may send SQL queries; on this machine only.
        bundle: makes the bundles that article pages offer; None: they offer none.
        open_browser: whether to open the front page in the web browser.
        on_ready: called with the front page's address once the server answers.

    Raises:
        NotFound: there is no archive.
        ArchiveError: it is not an archive, damaged, or of another version of this program.
        ScraperError: the port is taken.
        UsageError: others could read it, but it is writable or open to SQL.
    """
    import uvicorn

    public = host not in _LOOPBACK
    if public:
        _check_public(folder, sql=sql)
    app = application(folder, sql=sql, hosts=None if public else (), bundle=bundle)
    with _listen(host, port) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}/"
        server = uvicorn.Server(
            uvicorn.Config(app, lifespan="on", access_log=False, log_config=None, workers=1)
        )
        # What was loaded by now stays: the cyclic collector need not walk through it again and
        # again, which takes 60 ms in the midst of a page.
        gc.collect()
        gc.freeze()
        if on_ready is not None:
            on_ready(url)
        if open_browser:
            webbrowser.open(url)
        # After shutting down, uvicorn raises the signal that ended it again.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def _check_public(folder: Path, *, sql: bool) -> None:
    """Refuse to let others send SQL, or read an archive that this user can write."""
    if sql:
        raise UsageError("--public and --sql do not go together: others must not send SQL queries")
    writable = [name for name in ("archive.db", "bodies.db") if os.access(folder / name, os.W_OK)]
    if writable or os.access(folder, os.W_OK):
        raise UsageError(
            f"{folder}: is writable for this user; --public serves a read-only copy: "
            "`scraper backup` makes one, and `chmod -R a-w` closes it"
        )


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise ScraperError(
            f"port {port} of {host} cannot be used ({error.strerror}): "
            "choose another with --port, or --port 0 for any free one"
        ) from error
    return listener
