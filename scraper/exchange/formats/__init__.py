"""What the archive is exported as, one file a format.

A format writes to a stream, to a file whose name it is given, or into a folder. `FORMATS` is the
table of our own; others come from plugins.

article_json.py   JSON Lines            whole_archive.py  JSON Lines of every row
tables.py         CSV, Parquet          sqlite_subset.py  SQLite
markdown_vault.py Markdown (Obsidian)   epub.py           EPUB
atom.py           Atom                  opml_sources.py   OPML
citations.py      RIS, BibTeX, CSL-JSON captures.py       WARC, WACZ
selected.py       the chosen articles
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from scraper.archive.database import partial_path
from scraper.errors import ErrorClass, ScraperError, UsageError
from scraper.exchange.formats.selected import Chosen, ChosenArticle
from scraper.plugins import Fault, Offer, attempt, offers
from scraper.record import record

__all__ = [
    "FORMATS",
    "Chosen",
    "ChosenArticle",
    "ExportFormat",
    "all_formats",
    "format_for",
    "write_export",
]


# An export writes more often than this.
_ABANDONED_SECONDS = 3600
log = logging.getLogger(__name__)


@record
class ExportFormat:
    """A format of export.

    Attributes:
        name: as `--format` takes it.
        suffixes: ends of names of files that are taken for it.
        summary: what it is, for the help.
        to: what `write` is given beside the chosen articles: a ``stream`` open for bytes, the path
            of a new ``file``, or of a ``folder``.
        write: writes the articles; given as ``module:function`` it is imported when it is used.
    """

    name: str
    suffixes: tuple[str, ...]
    summary: str
    to: str
    write: str | Callable[[Chosen, Any], None]

    def writer(self) -> Callable[[Chosen, Any], None]:
        """Return what writes it."""
        if callable(self.write):
            return self.write
        module, _, name = self.write.partition(":")
        found: Callable[[Chosen, Any], None] = getattr(
            import_module(f"scraper.exchange.formats.{module}"), name
        )
        return found


def _own(name: str, suffixes: str, to: str, write: str, summary: str) -> ExportFormat:
    return ExportFormat(
        name=name, suffixes=tuple(suffixes.split()), summary=summary, to=to, write=write
    )


FORMATS = {
    one.name: one
    for one in (
        _own("jsonl", ".jsonl .ndjson", "stream", "article_json:write_jsonl",
             "JSON Lines: an article a line, with all its versions"),
        _own("jsonl-pages", "", "stream", "article_json:write_jsonl_with_pages",
             "the same with raw pages, for another archive"),
        _own("csv", ".csv", "stream", "tables:write_csv", "CSV for a spreadsheet, defused"),
        _own("parquet", ".parquet", "file", "tables:write_parquet",
             "Apache Parquet (extra: scraper[parquet])"),
        _own("sqlite", ".db .sqlite .sqlite3", "file", "sqlite_subset:write_subset",
             "SQLite tables that Datasette opens"),
        _own("markdown", "", "folder", "markdown_vault:write_vault",
             "a folder of Markdown with front matter: an Obsidian vault"),
        _own("epub", ".epub", "file", "epub:write_epub", "EPUB: a book, one article a chapter"),
        _own("atom", ".atom .xml", "stream", "atom:write_atom", "Atom feed with whole texts"),
        _own("opml", ".opml", "stream", "opml_sources:write_sources",
             "OPML of the sources that showed them"),
        _own("ris", ".ris", "stream", "citations:write_ris", "RIS for Zotero, EndNote, Mendeley"),
        _own("bibtex", ".bib", "stream", "citations:write_bibtex", "BibTeX (biblatex)"),
        _own("csl-json", ".csl.json .json", "stream", "citations:write_csl_json",
             "CSL-JSON for Pandoc and Zotero"),
        _own("warc", ".warc.gz", "stream", "captures:write_warc", "WARC 1.1 of the raw pages"),
        _own("wacz", ".wacz", "file", "captures:write_wacz",
             "WACZ of the raw pages, for ReplayWeb.page"),
    )
}  # fmt: skip


def all_formats() -> dict[str, ExportFormat]:
    """Return our formats and those of plugins, by name; a name that is taken stays what it was."""
    formats = dict(FORMATS)
    for offer in offers("export_formats"):
        if isinstance(offer.item, ExportFormat) and offer.item.name not in formats:
            formats[offer.item.name] = replace(offer.item, write=_writer(offer))
        else:
            log.warning("plugin %s: its format %s is passed over", offer.plugin, offer.item.name)
    return formats


def _writer(offer: Offer) -> Callable[[Chosen, Any], None]:
    """Return what writes a plugin's format; its errors bear its name."""

    def write(chosen: Chosen, target: Any) -> None:
        passed: list[OSError | ScraperError] = []

        def call() -> None:
            try:
                offer.item.writer()(chosen, target)
            except (OSError, ScraperError) as error:
                # A full disk or a damaged archive is none of its doing.
                passed.append(error)

        outcome = attempt(offer.plugin, f"format {offer.item.name}", call)
        if passed:
            raise passed[0]
        if isinstance(outcome, Fault):
            raise ScraperError(outcome.message, error_class=ErrorClass.PLUGIN)

    return write


def format_for(target: str, formats: dict[str, ExportFormat]) -> ExportFormat | None:
    """Return the format that the end of a file's name tells, or None."""
    named = target.lower()
    ends = sorted(
        ((suffix, one) for one in formats.values() for suffix in one.suffixes),
        key=lambda pair: -len(pair[0]),
    )
    return next((one for suffix, one in ends if named.endswith(suffix)), None)


def write_export(write: Callable[[Any], None], to: str, target: Path, *, force: bool) -> None:
    """Write a file under another name and rename it once it is whole; write into a folder.

    A folder that exists is written into, file by file; a new one is renamed once it is whole.

    Args:
        write: is given the stream or the path.
        to: as in `ExportFormat`.
        target: where it goes in the end.
        force: whether a file that exists is replaced.

    Raises:
        UsageError: the target exists, or cannot be written.
    """
    if to == "folder":
        _into_folder(write, target)
        return
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file in it")
    if target.exists() and not force:
        raise UsageError(f"{target} exists already: --force replaces it")
    partial = partial_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        _remove_abandoned(target)
        if to == "stream":
            with partial.open("wb") as out:
                write(out)
        else:
            write(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        for left in (partial, *partial.parent.glob(f"{partial.name}-*")):
            left.unlink(missing_ok=True)


def _remove_abandoned(target: Path) -> None:
    """Remove what exports to the same target left that were killed: long not written to."""
    of_one = f".{target.name}."
    for path in target.parent.iterdir():
        number, part, more = path.name.removeprefix(of_one).partition(".part")
        is_left = path.name.startswith(of_one) and number.isdigit() and part
        if is_left and (not more or more.startswith("-")) and path.is_file():
            idle = time.time() - path.stat().st_mtime
            if idle > _ABANDONED_SECONDS:
                path.unlink(missing_ok=True)


def _into_folder(write: Callable[[Any], None], target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a folder")
    partial = target if target.exists() else partial_path(target)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        write(partial)
        if partial != target:
            partial.rename(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if partial != target:
            shutil.rmtree(partial, ignore_errors=True)


def copy_to(path: Path, out: IO[bytes]) -> None:
    """Copy a file to a stream."""
    with path.open("rb") as file:
        shutil.copyfileobj(file, out)
