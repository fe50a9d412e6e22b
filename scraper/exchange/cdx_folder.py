"""Captures in folders of WARC files on this machine, found by the CDX indexes beside them.

An index names file and offset of each capture, so that only those of one site are read, however
large the collection is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from scraper.discovery.cdx import CdxLine, cdx_lines
from scraper.discovery.visit import Run, Wanted
from scraper.errors import ExtractError, ScraperError, UsageError, WorkersLost
from scraper.exchange.gzip_stream import BrokenFile, GzipStream, RecordOffset
from scraper.exchange.warc import Capture, read_capture_of
from scraper.exchange.warc_records import BadRecord, parse_record
from scraper.models import Page, Source
from scraper.record import record
from scraper.urls import site_of

__all__ = ["captures_in_folder", "index_files"]

_INDEXES = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")
# Bytes of an index that a worker takes at once; a longer line is damage.
_CHUNK = 1024 * 1024
# Captures that are held at once; where there are more, the indexes are read again for the next.
_MOST_HELD = 100_000


@record
class _Search:
    """What is looked for in an index.

    Attributes:
        source: whose site, and whose patterns, are meant.
        site: name of its site.
        first, after: UTC.
    """

    source: Source
    site: str
    first: datetime
    after: datetime


def index_files(place: Path) -> list[Path]:
    """Return a CDX index, or those below a folder.

    Raises:
        UsageError: there is none.
    """
    found = [place] if place.is_file() else sorted(filter(_is_index, place.rglob("*")))
    if not found:
        what = "no CDX index below this folder" if place.is_dir() else "no such file or folder"
        raise UsageError(
            f"{place}: {what} ({', '.join(_INDEXES)}); `scraper import` reads captures without one"
        )
    return found


def _is_index(path: Path) -> bool:
    # ZipNum indexes are named cdx-00000.gz.
    name = path.name.lower()
    packed = name.startswith("cdx-") and name.endswith(".gz")
    return (name.endswith(_INDEXES) or packed) and path.is_file()


async def captures_in_folder(
    place: Path,
    source: Source,
    since: datetime,
    until: datetime,
    *,
    run: Run,
    failed: Callable[[str], None],
) -> AsyncIterator[tuple[str, Page]]:
    """Yield the captures of a source's site that indexes name, the oldest first.

    Captures bear the identity that `scraper import` gives them, so that none is archived twice.

    Args:
        place: an index, or a folder of indexes and WARC files.
        source: whose site, and whose patterns, say which addresses are wanted.
        since, until: UTC.
        run: runs a parser in a worker.
        failed: is told of each damaged part of an index or capture that cannot be read.

    Raises:
        UsageError: there is no index.
        WorkersLost: no worker can be had.
    """
    indexes = index_files(place)
    folder = place if place.is_dir() else place.parent
    search = _Search(source=source, site=site_of(source.url), first=since, after=until)
    files = await asyncio.to_thread(_files_by_name, folder)
    told: set[str] = set()

    def tell(message: str) -> None:
        # Indexes are read more than once.
        if message not in told:
            told.add(message)
            failed(message)

    last: tuple[datetime, str, str, int] | None = None
    while True:
        lines = await _oldest(indexes, search, last, run, tell)
        bodies = await _bodies_of_revisits(indexes, lines, run)
        for line in lines:
            last = _order(line)
            try:
                capture = await _read(line, bodies, folder, files, run)
            except WorkersLost:
                raise
            except ScraperError as error:
                tell(error.message)
                continue
            yield capture.record_id, capture.page
        if len(lines) < _MOST_HELD:
            return


def _order(line: CdxLine) -> tuple[datetime, str, str, int]:
    return line.at, line.url, line.filename, line.offset


async def _oldest(
    indexes: Sequence[Path],
    search: _Search,
    last: tuple[datetime, str, str, int] | None,
    run: Run,
    failed: Callable[[str], None],
) -> list[CdxLine]:
    """Return the oldest captures behind the last one that was read, at most `_MOST_HELD`."""
    kept: list[CdxLine] = []
    for index in indexes:
        async for chunk in _chunks(index, failed):
            for line in await _parsed(chunk, index, search, run, failed):
                if last is None or _order(line) > last:
                    kept.append(line)
            if len(kept) > 2 * _MOST_HELD:
                kept = sorted(kept, key=_order)[:_MOST_HELD]
    # An address may stand in several indexes of one collection.
    unique = {_order(line): line for line in sorted(kept, key=_order)}
    return list(unique.values())[:_MOST_HELD]


async def _parsed(
    chunk: bytes, index: Path, search: _Search, run: Run, failed: Callable[[str], None]
) -> Sequence[CdxLine]:
    try:
        found: Sequence[CdxLine] = await run(wanted_lines, chunk, search)
    except ExtractError as error:
        failed(f"{index}: {error.message}")
        return ()
    return found


def wanted_lines(chunk: bytes, search: _Search) -> tuple[CdxLine, ...]:
    """Return the captures that are looked for; runs in a worker process.

    Args:
        chunk: whole lines of an index.
        search: what is looked for.
    """
    named = search.site.encode()
    wanted = Wanted(search.source)
    text = b"\n".join(line for line in chunk.splitlines() if named in line.lower())
    return tuple(
        line
        for line in cdx_lines(text.decode("utf-8", "replace"))
        if line.filename
        and search.first <= line.at < search.after
        and site_of(line.url) == search.site
        and wanted.accepts(line.url)
    )


async def _chunks(path: Path, failed: Callable[[str], None]) -> AsyncIterator[bytes]:
    """Yield whole lines of an index, gzipped or not; what is damaged is told with its offset."""
    try:
        file = path.open("rb")
    except OSError as error:
        failed(f"{path} can't be read: {error.strerror}")
        return
    with file:
        stream: GzipStream | None = None
        rest = b""
        while True:
            try:
                stream = stream or GzipStream(file)
                data = await asyncio.to_thread(stream.read, _CHUNK)
            except (BrokenFile, OSError) as error:
                failed(f"{path} at byte {file.tell()}: {error}; what follows was not read")
                data = b""
            whole, newline, rest_of = (rest + data).rpartition(b"\n")
            if newline:
                yield whole
            rest = rest_of
            if not data:
                break
            if len(rest) > _CHUNK:
                failed(f"{path}: a line of more than {_CHUNK:,} bytes is no line of an index")
                rest = b""
        if rest:
            yield rest


async def _bodies_of_revisits(
    indexes: Sequence[Path], lines: Sequence[CdxLine], run: Run
) -> dict[str, CdxLine]:
    """Return, by digest, the captures whose bodies revisits refer to; they may be older ones."""
    wanted = {line.digest for line in lines if line.revisit and line.digest}
    bodies = {
        line.digest: line for line in reversed(lines) if not line.revisit and line.digest in wanted
    }
    missing = frozenset(wanted - bodies.keys())
    if not missing:
        return bodies
    for index in indexes:
        async for chunk in _chunks(index, lambda message: None):
            try:
                for line in await run(lines_with, chunk, missing):
                    bodies.setdefault(line.digest, line)
            except ExtractError:
                continue
    return bodies


def lines_with(chunk: bytes, digests: frozenset[str]) -> tuple[CdxLine, ...]:
    """Return the captures of an index with given digests; runs in a worker process.

    Args:
        chunk: whole lines of an index.
        digests: of bodies.
    """
    return tuple(
        line
        for line in cdx_lines(chunk.decode("utf-8", "replace"))
        if line.digest in digests and line.filename and not line.revisit
    )


def _files_by_name(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their bare names; the first of a name counts."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _is_index(path):
            found.setdefault(path.name, path)
    return found


async def _read(
    line: CdxLine, bodies: dict[str, CdxLine], folder: Path, files: dict[str, Path], run: Run
) -> Capture:
    """Return the capture that a line of an index names, read in a worker.

    Raises:
        ScraperError: its file is not there, does not hold it at this place, or its record stops
            the worker.
    """
    path = _file_of(line, folder, files)
    body = bodies.get(line.digest) if line.revisit else None
    place = None if body is None else (body, _file_of(body, folder, files))
    try:
        found: Capture = await run(capture_of_line, line, path, place)
    except ExtractError as error:
        raise ScraperError(
            f"{path} at byte {line.offset}: {error.message}", error_class=error.error_class
        ) from None
    return found


def capture_of_line(line: CdxLine, path: Path, body: tuple[CdxLine, Path] | None) -> Capture:
    """Return the capture that a line of an index names; runs in a worker process.

    Args:
        line: of an index.
        path: the file that it means.
        body: of a revisit, the capture whose body it refers to, and its file; None where no index
            names it.

    Raises:
        ScraperError: the file can't be read, or does not hold it at this place.
    """
    try:
        with path.open("rb") as file:
            if not line.revisit:
                place = RecordOffset(line.offset)
                return _checked(read_capture_of(file, path, place), line, path)
            name, at = _revisit(file, path, line)
    except OSError as error:
        raise ScraperError(f"{path} can't be read: {error.strerror}") from None
    if body is None:
        raise ScraperError(
            f"{path} at byte {line.offset}: a revisit of a capture that no index names"
        )
    first = capture_of_line(*body, None)
    page = replace(first.page, url=line.url, final_url=line.url, fetched_at=at)
    return replace(first, page=page, record_id=name, date=at, followed=True)


def _file_of(line: CdxLine, folder: Path, files: dict[str, Path]) -> Path:
    """Return the file that a line names, which is one of the folder.

    Raises:
        ScraperError: there is none.
    """
    # Indexes name files as they lay where they were made.
    name = line.filename.replace("\\", "/").rpartition("/")[2]
    found = files.get(name)
    if found is None:
        raise ScraperError(f"{folder}: there is no {line.filename[:200]}, which an index names")
    return found


def _checked(capture: Capture, line: CdxLine, path: Path) -> Capture:
    """Return a capture that is of the site that its index says (`ScraperError` if it is not)."""
    if site_of(capture.page.url) != site_of(line.url):
        raise ScraperError(
            f"{path} at byte {line.offset}: an index says {line.url}, the record {capture.page.url}"
        )
    return capture


def _revisit(file: BinaryIO, path: Path, line: CdxLine) -> tuple[str, datetime]:
    """Return identity and time of the revisit at a place.

    Raises:
        ScraperError: there is none.
    """
    file.seek(line.offset)
    stream = GzipStream(file)
    try:
        begun = stream.begin_record()
        if begun.startswith(b"WARC/"):
            record = parse_record(stream, begun)
            if record.kind == "revisit":
                return record.name, record.date
    except (BrokenFile, BadRecord) as error:
        raise ScraperError(f"{path} at byte {line.offset}: {error}") from None
    raise ScraperError(f"{path} at byte {line.offset}: no revisit stands there")
