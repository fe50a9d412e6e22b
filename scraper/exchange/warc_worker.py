"""WARC files read in a worker process that can be killed, a few captures, or places, at a time.

A record that stops the worker costs itself alone: before each record the worker writes down where
it stands, so that another one reads the rest of the file without it.
"""

from __future__ import annotations

import asyncio
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import uuid4

from scraper.errors import ErrorClass, ExtractError, ScraperError
from scraper.exchange.gzip_stream import RecordOffset
from scraper.exchange.warc import (
    BrokenRecords,
    Capture,
    CaptureWatch,
    watched_captures,
    watched_places,
)
from scraper.exchange.warc_records import Breaks
from scraper.record import record
from scraper.workers import ParserPool

__all__ = ["captures_in_worker", "next_read", "places_in_worker", "plan_in_worker", "reading_pool"]

T = TypeVar("T")
# What a worker reads of a file: None says that it goes on.
Read: TypeAlias = Callable[[Path, CaptureWatch | None], Iterator[T | None]]

# Captures that a worker gives at once, and bytes of them; places.
_AT_ONCE, _BYTES, _PLACES = 16, 2 * 1024 * 1024, 500
# Seconds after which a worker that found none says that it goes on.
_PULSE = 5.0
# Seconds of wall clock for the captures of a call: one record may have gigabytes to pass over.
_SECONDS = 300.0
# Records of a file that may stop a worker; then the rest of it is not read.
_MOST_STOPS = 5
# Where the record stands that is read now, and whether redirects are followed already.
_MARK = struct.Struct("<qq?")


@record
class _Batch(Generic[T]):
    """What a worker has read.

    Attributes:
        read: in the order of the file.
        finished: whether they are the last.
        breaks: records that could not be read; None before the end.
        error: why nothing of the file can be read, or "", and its class.
    """

    read: tuple[T, ...]
    finished: bool = False
    breaks: Breaks | None = None
    error: tuple[str, ErrorClass] | None = None


def reading_pool() -> ParserPool:
    """Return a worker for `captures_in_worker`, to be closed: a context manager.

    It holds the file between two calls, and is not replaced after some of them.
    """
    return ParserPool(workers=1, timeout=_SECONDS, recycle=0, preload=(__name__,))


def captures_in_worker(path: Path, pool: ParserPool | None = None) -> Iterator[Capture]:
    """Yield what `read_captures` does, read in a worker process.

    Args:
        path: the file.
        pool: the worker, as `reading_pool` gives it, for those who read many files; else one of
            its own.

    Raises:
        BrokenRecords, ScraperError: as `read_captures`; also where too many records stop the
            worker.
    """
    return _in_worker(path, pool, watched_captures, _AT_ONCE)


def places_in_worker(
    path: Path, pool: ParserPool | None = None
) -> Iterator[tuple[str, RecordOffset]]:
    """Yield address and place of each response of a file, read in a worker process.

    Args:
        path, pool: as for `captures_in_worker`.

    Raises:
        BrokenRecords, ScraperError: as `captures_in_worker`.
    """
    return _in_worker(path, pool, watched_places, _PLACES)


def plan_in_worker(path: Path) -> Iterator[RecordOffset | None]:
    """Yield, for each capture of a file, where it stands, read in a worker process.

    None stands for one that only reading on from the beginning finds.

    Raises:
        BrokenRecords, ScraperError: as `captures_in_worker`.
    """
    return (told[0] for told in _in_worker(path, None, watched_plan, _PLACES))


def watched_plan(
    path: Path, watch: CaptureWatch | None
) -> Iterator[tuple[RecordOffset | None] | None]:
    """Yield what `plan_in_worker` does, each in a tuple, and None as `watched_captures` does."""
    for capture in watched_captures(path, watch):
        if capture is None:
            yield None
        else:
            alone = not capture.followed and not capture.place.skip
            yield (capture.place if alone else None,)


def _in_worker(path: Path, pool: ParserPool | None, read: Read[T], at_once: int) -> Iterator[T]:
    """Yield what a function of a module reads of a file, called in a worker process."""
    # What a call has read before it is stopped is lost: behind a stop, captures come one by one.
    token, passed, careful = uuid4().hex, 0, 0
    without: tuple[RecordOffset, ...] = ()
    with (
        tempfile.NamedTemporaryFile(prefix="scraper-") as mark,
        ExitStack() as stack,
    ):
        worker = pool or stack.enter_context(reading_pool())
        while True:
            most = 1 if careful else at_once
            try:
                batch: _Batch[T] = asyncio.run(
                    worker.run(next_read, read, path, mark.name, token, passed, without, most)
                )
            except ExtractError as error:
                place = _marked(Path(mark.name))
                if place is None or len(without) >= _MOST_STOPS:
                    raise ScraperError(
                        f"{path}: the process that reads it was stopped again and again, or while"
                        f" redirects were followed; {passed:,} captures were read: {error.message}",
                        error_class=error.error_class,
                    ) from None
                token, without, careful = uuid4().hex, (*without, place), at_once
                continue
            yield from batch.read
            passed += len(batch.read)
            careful = max(0, careful - len(batch.read))
            if batch.error is not None:
                message, error_class = batch.error
                raise ScraperError(message, error_class=error_class)
            if batch.breaks is not None:
                raise BrokenRecords(path, batch.breaks)
            if batch.finished:
                return


def _marked(path: Path) -> RecordOffset | None:
    """Return where the record stands that a worker read last; None where it was past all."""
    told = path.read_bytes()
    if len(told) != _MARK.size:
        return None
    offset, skip, following = _MARK.unpack(told)
    return None if following else RecordOffset(offset, skip)


# In the worker


@dataclass(slots=True)
class _Reading:
    """A file that this worker reads.

    Attributes:
        token: of who asked.
        found: what is left of it.
        skip: what is to come that was given before, by another worker.
    """

    token: str
    found: Iterator[Any]
    skip: int


_reading: _Reading | None = None


class _Watch:
    """Writes down which record is read, and when it is time to say that the reading goes on."""

    def __init__(self, mark: str, without: tuple[RecordOffset, ...]) -> None:
        self._file = os.open(mark, os.O_WRONLY)
        self._without = frozenset(without)
        self._following = False
        self._since = time.monotonic()

    def begins(self, place: RecordOffset) -> bool:
        """Note that a record is read next; return whether to read it."""
        os.pwrite(self._file, _MARK.pack(place.offset, place.skip, self._following), 0)
        return place not in self._without

    def follows(self) -> None:
        """Note that redirects and revisits are followed from now on."""
        self._following = True
        os.pwrite(self._file, _MARK.pack(0, 0, True), 0)

    def is_due(self) -> bool:
        """Return whether so much time passed since the last time."""
        now = time.monotonic()
        if now - self._since < _PULSE:
            return False
        self._since = now
        return True


def next_read(
    read: Read[T],
    path: Path,
    mark: str,
    token: str,
    passed: int,
    without: tuple[RecordOffset, ...],
    most: int,
) -> _Batch[T]:
    """Return what is read next of a file; runs in a worker process.

    Args:
        read: what reads it.
        path: the file.
        mark: a file in which the worker notes which record it reads.
        token: the same in all calls of one reading. A worker that does not know it starts at the
            beginning of the file.
        passed: how much was given before.
        without: records that stopped a worker.
        most: how many to give.
    """
    global _reading
    if _reading is None or _reading.token != token:
        _reading = _Reading(token=token, found=read(path, _Watch(mark, without)), skip=passed)
    found: list[T] = []
    size = 0
    try:
        for one in _reading.found:
            if one is None:
                return _Batch(read=tuple(found))
            if _reading.skip:
                _reading.skip -= 1
                continue
            found.append(one)
            size += len(one.page.body) if isinstance(one, Capture) else 0
            if len(found) >= most or size >= _BYTES:
                return _Batch(read=tuple(found))
    except BrokenRecords as error:
        return _Batch(read=tuple(found), finished=True, breaks=error.breaks)
    except ScraperError as error:
        told = (error.message, ErrorClass(error.error_class))
        return _Batch(read=tuple(found), finished=True, error=told)
    return _Batch(read=tuple(found), finished=True)
