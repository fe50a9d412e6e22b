"""The command that hands articles, or the whole archive, to other programs: export."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scraper.cli.app import App, pass_app
from scraper.cli.output import print_message, print_table, strip_controls
from scraper.errors import UsageError

__all__ = ["export"]

_EVERY = 200


def _formats(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    """Print the formats and leave."""
    if not value or ctx.resilient_parsing:
        return
    from scraper.exchange.formats import all_formats

    rows = [(one.name, " ".join(one.suffixes), one.summary) for one in all_formats().values()]
    print_table(["format", "files", "what it is"], rows, clip_at=100)
    ctx.exit()


@click.command()
@click.argument("query", nargs=-1, type=click.UNPROCESSED)
@click.option("--to", "target", default="", metavar="PATH", help="File or folder; - is stdout.")
@click.option(
    "--format", "name", default="", help="Output format.  [default: by the end of the file's name]"
)
@click.option(
    "--formats", is_flag=True, is_eager=True, expose_value=False, callback=_formats,
    help="List the formats and exit.",
)  # fmt: skip
@click.option(
    "--since", "after", type=click.IntRange(0), default=0, metavar="CURSOR",
    help="Only articles that changed after this entry of the ledger.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many, the newest.")
@click.option("--whole", is_flag=True, help="The whole archive, for `scraper import` (JSON Lines).")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@pass_app
def export(
    app: App,
    query: tuple[str, ...],
    target: str,
    name: str,
    after: int,
    limit: int | None,
    whole: bool,
    force: bool,
) -> None:
    """Write articles for other programs: all, or those that a query finds.

    The query is that of `search`, with all its fields. The newest article comes first. A file
    appears under its name when it is whole. What is printed in the end is the cursor for --since,
    with which the next export holds only what is new or changed.

    --whole writes every row and raw page; `scraper --archive NEW import FILE` makes an equal
    archive of it, and verifies it.

    \b
    Example:  scraper export --to all.jsonl
              scraper export 'since:7d topic:yes' --to week.epub
              scraper export outlet:36氪 --to vault/ --format markdown
              scraper export --format csv --since 1200 > new.csv
              scraper export --whole --to archive.jsonl
    """
    if whole:
        if query or after or limit or name not in ("", "jsonl"):
            raise UsageError("--whole takes no query, limit or format: it exports all there is")
        _export_whole(app, target, force)
        return
    from scraper.exchange.formats import Chosen, all_formats, format_for

    known = all_formats()
    if name and name not in known:
        raise UsageError(f"{name} is no format: use one of {', '.join(known)}")
    if not name and target.endswith("/"):
        name = "markdown"
    format_ = known[name] if name else format_for(target, known)
    if format_ is None:
        what = f"the end of {target} tells no format" if target and target != "-" else "no format"
        raise UsageError(f"{what}: give --format; `scraper export --formats` lists them")
    typed = " ".join(query)
    with app.archive(create=False, all_parts=True) as archive:
        selection = archive.select(typed, after=after, limit=limit)
        chosen = Chosen(archive, selection, typed or "scraper", _progress(app, len(selection.ids)))
        writer = format_.writer()
        where = _write(lambda out: writer(chosen, out), format_.to, target, force)
    if app.quiet:
        return
    for note in selection.notes:
        print_message(strip_controls(note))
    some = len(selection.ids)
    print_message(
        f"{some:,} article{'s' * (some != 1)} exported{where};"
        f" what changes from now on: --since {selection.head}"
    )


def _export_whole(app: App, target: str, force: bool) -> None:
    from scraper.exchange.formats.whole_archive import write_whole

    with app.archive(create=False, all_parts=True) as archive:
        tell = _progress(app, 0)
        where = _write(lambda out: write_whole(archive, out, tell), "stream", target, force)
    if not app.quiet:
        print_message(f"the whole archive is exported{where}")


def _write(write: Callable[[Any], None], to: str, target: str, force: bool) -> str:
    """Write to a file, a folder or standard output; return where, for the message."""
    from scraper.exchange.formats import copy_to, write_export

    if target and target != "-":
        write_export(write, to, Path(target), force=force)
        return f" to {target}"
    out = sys.stdout.buffer
    if to == "stream":
        write(out)
    elif to == "file":
        if sys.stdout.isatty():
            raise UsageError("this format is not for a terminal: give --to FILE")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export"
            write(path)
            copy_to(path, out)
    else:
        raise UsageError("this format is a folder: give --to FOLDER")
    out.flush()
    return ""


def _progress(app: App, total: int) -> Callable[[int], None]:
    """Return what tells on a terminal how much is done."""
    if app.quiet or not sys.stderr.isatty():
        return lambda done: None

    def tell(done: int) -> None:
        if done % _EVERY == 0 or done == total:
            of = f"/{total:,}" if total else ""
            end = "\n" if done == total else ""
            click.echo(f"\r{done:,}{of} exported{end}", err=True, nl=False)

    return tell
