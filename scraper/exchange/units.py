"""Units of an import: a few captures each, told by where they stand, for workers of a cluster.

A file is read through once, by one worker, to find where its captures are and which of them are
whole. What a unit holds is references: its worker reads only the bytes of its own captures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from scraper.errors import ExtractError, ScraperError, WorkersLost
from scraper.exchange.gzip_stream import RecordOffset
from scraper.exchange.imports import Found, captures_of
from scraper.exchange.shares import Place, SharedFile
from scraper.exchange.warc import BrokenRecords, Capture, read_capture_of
from scraper.exchange.warc_worker import plan_in_worker, reading_pool
from scraper.models import Page
from scraper.record import record

__all__ = ["FilePlan", "Unit", "plan_file", "unit_captures"]

# Captures of a unit: some seconds of work. Where it can't begin at an offset, all that stands
# before it has to be read, too.
UNIT, LONG_UNIT = 64, 1024
# Bytes of captures that a worker gives at once.
_BYTES = 2 * 1024 * 1024


@record
class Unit:
    """Captures of one file that stand beside one another.

    Attributes:
        file: number of the file among those of the import, from 0.
        found: the file.
        first: number of its first capture in the file, from 0.
        count: how many.
        size, digest: bytes of the file, and their hash (SHA-256), when it was divided.
        places: where they are; () where the file is read from its beginning.
    """

    file: int
    found: Found
    first: int
    count: int
    size: int
    digest: str
    places: tuple[RecordOffset, ...] = ()


@record
class FilePlan:
    """What a file of an import comes to.

    Attributes:
        number: of the file among those of the import, from 0.
        file: the file.
        units: its captures, each in one unit.
        broken: what could not be read of it, or "".
    """

    number: int
    file: SharedFile
    units: tuple[Unit, ...]
    broken: str = ""


def plan_file(number: int, found: Found, label: str) -> FilePlan:
    """Read a file through, and divide its captures into units.

    Args:
        number: of the file among those of the import, from 0.
        found: the file.
        label: name that its captures are counted under.

    Raises:
        ScraperError: it can't be read here.
    """
    places: list[RecordOffset | None] = []
    broken = ""
    try:
        with found.local() as local:
            size, digest = local.path.stat().st_size, local.digest()
            try:
                places.extend(_places(local))
            except ScraperError as error:
                broken = error.message.replace(str(local.path), str(found))
    except OSError as error:
        raise ScraperError(f"{found} can't be read: {error.strerror or error}") from None
    file = SharedFile(name=found.path.name, label=label, kind=found.kind, size=size, sha256=digest)
    units = tuple(_units(number, found, places, size, digest))
    return FilePlan(number=number, file=file, units=units, broken=broken)


def _places(found: Found) -> Iterator[RecordOffset | None]:
    """Yield where each capture is; None where only reading on from the beginning finds it."""
    if found.kind != "warc":
        for _ in captures_of(found):
            yield None
        return
    yield from plan_in_worker(found.path)


def _units(
    number: int, found: Found, places: list[RecordOffset | None], size: int, digest: str
) -> Iterator[Unit]:
    first = 0
    while first < len(places):
        placed = places[first] is not None
        most = UNIT if placed else LONG_UNIT
        run = places[first : first + most]
        count = next((n for n, one in enumerate(run) if (one is not None) != placed), len(run))
        yield Unit(
            file=number, found=found, first=first, count=count, size=size, digest=digest,
            places=tuple(one for one in run[:count] if one is not None),
        )  # fmt: skip
        first += count


def unit_captures(unit: Unit) -> Iterator[tuple[tuple[Place, str], Page]]:
    """Yield the captures of a unit: place and identity, and page.

    Raises:
        ScraperError: one of them can't be read here; it could when the file was divided.
    """
    found = unit.found
    try:
        if found.size != unit.size:
            raise ScraperError(
                f"{found} has {found.size:,} bytes here, and had {unit.size:,} where it was divided"
            )
    except OSError as error:
        raise ScraperError(f"{found} can't be read here: {error.strerror or error}") from None
    if unit.places:
        number = unit.first
        with reading_pool() as pool:
            while left := unit.places[number - unit.first :]:
                try:
                    captures = asyncio.run(pool.run(placed_captures, found, left))
                except WorkersLost:
                    raise
                except (BrokenRecords, ExtractError):
                    raise _lost(unit, number) from None
                for capture in captures:
                    yield (Place(unit.file, number), capture.record_id), capture.page
                    number += 1
        return
    number = unit.first
    end = unit.first + unit.count
    try:
        for key, page, _ in islice(captures_of(unit.found), unit.first, end):
            yield (Place(unit.file, number), key), page
            number += 1
    except ScraperError:
        # Told with the file, once all that is whole has come.
        pass
    if number < end:
        raise _lost(unit, number)


def placed_captures(found: Found, places: Sequence[RecordOffset]) -> list[Capture]:
    """Return the first captures of some places, about two megabytes; runs in a worker process.

    Raises:
        BrokenRecords: the first can't be read.
        ScraperError: the file can't be opened.
    """
    captures: list[Capture] = []
    size = 0
    with found.opened() as file:
        for place in places:
            try:
                captures.append(read_capture_of(file, Path(found.path.name), place))
            except BrokenRecords:
                if captures:
                    break
                raise
            size += len(captures[-1].page.body)
            if size >= _BYTES:
                break
    return captures


def _lost(unit: Unit, number: int) -> ScraperError:
    return ScraperError(
        f"{unit.found}: capture {number:,} can't be read any more: the file has changed, or ended"
        " too early"
    )
