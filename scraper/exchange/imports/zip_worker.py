"""WARC files in a ZIP file, unpacked by a worker process that can be killed.

A directory of millions of entries, or a file that unpacks to thousands of times its size, costs the
worker its memory or its time. A file that stops the worker costs itself alone; a directory that
does, the ZIP file.
"""

from __future__ import annotations

import asyncio
import struct
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED

from scraper.errors import ExtractError, ScraperError
from scraper.exchange.imports.cut_zip import (
    CUT_OFF,
    is_cut_zip,
    listed_content,
    listed_places,
    local_files,
)
from scraper.record import record
from scraper.workers import ParserPool

__all__ = ["Damage", "Member", "unpack_next", "unpacked_in_worker"]

_SUFFIXES = (".warc", ".warc.gz")
# WARC files of a ZIP that are read.
_MOST_MEMBERS = 10_000
# Bytes of one packed WARC file: crawlers begin a new one after one gigabyte.
_MOST_BYTES = 16 * 1024**3
_BLOCK = 1024 * 1024
# Seconds after which a worker says that it goes on.
_PULSE = 5.0
# Files that may stop a worker; then the rest is not read.
_MOST_STOPS = 5
_MOST_NAMED, _LONGEST_NAME = 5, 200
# What `zipfile` raises of a ZIP that was altered, beside what its documentation says.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    OverflowError, ValueError, ScraperError,
)  # fmt: skip


@dataclass(slots=True)
class Damage:
    """What is wrong with a ZIP file: how much, and the first of it in words."""

    count: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, why: str) -> None:
        """Note something."""
        self.count += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(why)

    def head(self, why: str) -> None:
        """Note something that is to be named, whatever else is."""
        self.count += 1
        self.named.insert(0, why)

    def __str__(self) -> str:
        """Return it in words."""
        more = self.count - len(self.named)
        return "; ".join(self.named) + (f"; {more:,} more" if more else "")


@record
class Member:
    """A WARC file in the ZIP.

    Attributes:
        name: as the ZIP has it, clipped.
        offset: where it begins.
        packed: bytes that it takes there.
    """

    name: str
    offset: int
    packed: int


@record
class _Step:
    """What a worker has done.

    Attributes:
        member: the file that it unpacks; None where there is no other one.
        finished: whether the file is unpacked as far as it can be.
        error: why not to its end, or "".
        damage: what else is wrong with the ZIP; at its end.
    """

    member: Member | None = None
    finished: bool = True
    error: str = ""
    damage: tuple[str, ...] = ()


def unpacked_in_worker(
    pool: ParserPool, path: Path, folder: Path, damage: Damage
) -> Iterator[tuple[Member, Path]]:
    """Yield the WARC files of a ZIP, each unpacked into a folder until the next is asked for.

    What was unpacked before the damage of a file is given, too.

    Args:
        pool: one worker that is not replaced after some calls.
        path: the ZIP file.
        folder: where files are unpacked, one at a time.
        damage: takes what is wrong with it.

    Raises:
        ScraperError: it is no ZIP file, or its directory stops the worker.
    """
    token, number, stops = uuid4().hex, 0, 0
    try:
        asyncio.run(pool.run(open_zip, path, token))
    except ExtractError as error:
        raise ScraperError(
            f"{path}: its directory stopped the process that reads it: {error.message}",
            error_class=error.error_class,
        ) from None
    while stops <= _MOST_STOPS:
        target = folder / f"{number}.warc"
        try:
            step = asyncio.run(pool.run(unpack_next, path, token, number, target))
            while not step.finished:
                step = asyncio.run(pool.run(unpack_next, path, token, number, target))
        except ExtractError as error:
            stops += 1
            damage.add(f"WARC file {number + 1:,}: its unpacking was stopped: {error.message}")
        else:
            for why in step.damage:
                damage.add(why)
            if step.member is None:
                return
            if step.error:
                damage.add(f"{step.member.name} at byte {step.member.offset}: {step.error}")
            yield step.member, target
        target.unlink(missing_ok=True)
        number += 1
    damage.head("its unpacking was stopped again and again, and the rest not read")


# In the worker


@dataclass(slots=True)
class _Reading:
    """A ZIP that this worker reads.

    Attributes:
        token: of who asked.
        members: what is left of it.
        damage: what is wrong with it, known at the end.
        is_listed: whether its central directory says what it holds.
        number: of the file that is unpacked, from 0; -1 before the first.
        member: this file.
        content: what is left of it; None where nothing is.
        size: its bytes so far.
    """

    token: str
    members: Iterator[tuple[Member, Iterator[bytes]]]
    damage: list[str]
    is_listed: bool
    number: int = -1
    member: Member | None = None
    content: Iterator[bytes] | None = None
    size: int = 0


_reading: _Reading | None = None


def open_zip(path: Path, token: str) -> None:
    """Read the directory of a ZIP; runs in a worker process.

    Args:
        path: the ZIP file.
        token: the same in all calls of one reading.

    Raises:
        ScraperError: it is no ZIP file.
    """
    global _reading
    damage: list[str] = []
    members, is_listed = _members(path, damage)
    _reading = _Reading(token=token, members=members, damage=damage, is_listed=is_listed)


def unpack_next(path: Path, token: str, number: int, target: Path) -> _Step:
    """Unpack a WARC file of a ZIP, or go on with it; runs in a worker process.

    Args:
        path: the ZIP file.
        token: the same in all calls of one reading. A worker that does not know it reads the
            directory.
        number: of the file among the WARC files, from 0. A worker that was not at it before begins
            with it.
        target: where to unpack it.

    Raises:
        ScraperError: it is no ZIP file, or there is no room.
    """
    if _reading is None or _reading.token != token or _reading.number > number:
        open_zip(path, token)
    reading = _reading
    assert reading is not None
    until = time.monotonic() + _PULSE
    begins = reading.number < number
    try:
        while reading.number < number:
            found = next(reading.members, None)
            if found is None:
                return _Step(damage=tuple(reading.damage))
            reading.member, reading.content = found
            reading.number, reading.size = reading.number + 1, 0
    except _DAMAGED as error:
        return _Step(damage=(*reading.damage, str(error)))
    member, content = reading.member, reading.content or iter(())
    try:
        with target.open("wb" if begins else "ab") as out:
            while data := _piece(content):
                if isinstance(data, str):
                    out.flush()
                    if (
                        reading.size
                        and not _is_guarded(target)
                        and (reading.is_listed or data != CUT_OFF)
                    ):
                        out.truncate(0)
                        data += ": not read, since no checksums guard its records"
                    return _Step(member=member, error=data)
                reading.size += len(data)
                if reading.size > _MOST_BYTES:
                    reading.content = None
                    return _Step(member=member, error=f"it has more than {_MOST_BYTES >> 30} GB")
                out.write(data)
                if time.monotonic() > until:
                    return _Step(member=member, finished=False)
    except OSError as error:
        raise ScraperError(
            f"{path} can't be unpacked into {target.parent}: {error.strerror or error}"
        ) from None
    return _Step(member=member)


def _is_guarded(path: Path) -> bool:
    """Return whether what was unpacked is gzip, so that its records have checksums.

    What is unpacked of a damaged file may be wrong long before its damage shows, save where the
    ZIP file just ends.
    """
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _piece(content: Iterator[bytes]) -> bytes | str:
    """Return the next bytes of a file, b"" at its end, or in words why there are none."""
    try:
        return next(content, b"")
    except (*_DAMAGED, OSError) as error:
        return str(error) or type(error).__name__


def _members(
    path: Path, damage: list[str]
) -> tuple[Iterator[tuple[Member, Iterator[bytes]]], bool]:
    """Return the WARC files of a ZIP with their unpacked bytes, and whether a directory lists them.

    Raises:
        ScraperError: it is no ZIP file.
    """
    try:
        packed = zipfile.ZipFile(path)
    except (*_DAMAGED, OSError) as error:
        if not _is_cut(path):
            raise ScraperError(f"{path} is no WACZ file: {error}") from None
        return _without_directory(path, damage), False
    return _by_directory(path, packed, damage), True


def _is_cut(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_cut_zip(file)
    except OSError:
        return False


def _by_directory(
    path: Path, packed: zipfile.ZipFile, damage: list[str]
) -> Iterator[tuple[Member, Iterator[bytes]]]:
    with packed, path.open("rb") as file:
        entries = [one for one in packed.infolist() if _is_warc(one.filename)]
        read = entries[:_MOST_MEMBERS]
        for entry, place in zip(read, listed_places(file, read), strict=True):
            member = Member(
                name=entry.filename[:_LONGEST_NAME],
                offset=max(0, entry.header_offset) if place is None else place,
                packed=entry.compress_size,
            )
            if place is None or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                yield member, _opened(packed, entry)
            else:
                yield member, listed_content(file, entry, place)
        if len(entries) > _MOST_MEMBERS:
            left = len(entries) - _MOST_MEMBERS
            damage.append(f"it holds {len(entries):,} WARC files: the last {left:,} were not read")


def _is_warc(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES)


def _opened(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(entry) as source:
        while data := source.read(_BLOCK):
            yield data


def _without_directory(path: Path, damage: list[str]) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Yield the WARC files of a ZIP that is cut off, by their own headers."""
    with path.open("rb") as file:
        yield from _by_headers(file, damage)


def _by_headers(file: BinaryIO, damage: list[str]) -> Iterator[tuple[Member, Iterator[bytes]]]:
    size = file.seek(0, 2)
    found = 0
    try:
        for entry in local_files(file):
            is_warc = _is_warc(entry.name)
            if is_warc:
                found += 1
                if found > _MOST_MEMBERS:
                    damage.append(
                        f"it holds more than {_MOST_MEMBERS:,} WARC files: they were not read"
                    )
                    return
                member = Member(
                    name=entry.name[:_LONGEST_NAME], offset=entry.offset, packed=size - entry.offset
                )
                yield member, entry.content
            try:
                # The next file begins where this one ends.
                deque(entry.content, maxlen=0)
            except zipfile.BadZipFile as error:
                if not is_warc and len(damage) < _MOST_NAMED:
                    damage.append(f"{entry.name[:_LONGEST_NAME]} at byte {entry.offset}: {error}")
        damage.append("its central directory is damaged; all files before it were read")
    except zipfile.BadZipFile as error:
        damage.append(f"{error}; its central directory is missing; what is before was read")
