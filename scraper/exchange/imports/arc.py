"""ARC, version 1 (https://archive.org/web/researcher/ArcFileFormat.php): what was before WARC.

A record begins with a line: address, IP address, time in 14 digits, media type, length. What is in
it, the head of a response, is parsed in a worker.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from scraper.errors import FetchError, ScraperError
from scraper.exchange.gzip_stream import BrokenFile, GzipStream, find_member
from scraper.exchange.imports import PARSE_SECONDS, Captures, Found
from scraper.exchange.warc import NO_STATUS, TRUNCATED
from scraper.exchange.warc_records import Breaks, BrokenRecords
from scraper.fetching.content_encoding import is_cut
from scraper.fetching.response import header_fields
from scraper.models import Page
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute
from scraper.workers import ParserPool

__all__ = ["parse_head", "read_arc"]

_LINE = lazy_compile(r"(\S{1,8000}) \S{1,100} (\d{14}) [^\r\n]{0,500} (\d{1,12})\r?\n")
# The same within a file that is not gzipped, behind a broken record.
_NEXT = re.compile(
    rb"\n(?=https?://\S{1,8000} [0-9a-fA-F.:]{1,50} \d{14} [^\r\n]{0,500} \d{1,12}\r?\n)"
)
_MOST_BLOCK = 40 * 1024 * 1024
# Bytes of a response's status and headers, and what ends them.
_MOST_HEAD = 1024 * 1024
_EMPTY_LINE = re.compile(rb"\n\r*\n")
# Bytes that are searched at once, and the longest line that begins a record.
_WINDOW, _LONGEST_LINE = 1024 * 1024, 16 * 1024


class _WrongLength(Exception):
    """What follows a record is not the end of one."""


@dataclass(slots=True)
class _Record:
    url: str
    at: datetime | None
    block: bytes
    offset: int


def read_arc(found: Found) -> Captures:
    """Yield the responses of an ARC file; broken records are passed over and named in the end.

    Raises:
        BrokenRecords: some records could not be read; raised after all that were whole.
        ScraperError: the file cannot be opened, or is no ARC.
    """
    breaks = Breaks()
    try:
        file = found.path.open("rb")
    except OSError as error:
        raise ScraperError(f"{found.path} can't be read: {error.strerror}") from None
    with (
        file,
        ParserPool(
            workers=1, timeout=PARSE_SECONDS, preload=("scraper.exchange.imports.arc",)
        ) as pool,
    ):
        for record in _records(found.path, file, breaks):
            if record.at is None:
                breaks.add(record.offset, "its time is no moment of a capture")
                continue
            begun = record.block[: _end_of_head(record.block)]
            try:
                head = asyncio.run(pool.run(parse_head, begun, record.url))
            except ScraperError as error:
                breaks.add(record.offset, error.message)
                breaks.stopped += 1
                continue
            if isinstance(head, str):
                breaks.add(record.offset, head)
            elif head is not None:
                page = _page(record, record.at, head)
                yield _identity(record, record.at), page, record.offset
    if breaks.count:
        raise BrokenRecords(found.path, breaks)


def _identity(record: _Record, at: datetime) -> str:
    """Return what tells a record from others: files of different crawls bear the same names."""
    told = f"{record.url}\n{at:%Y%m%d%H%M%S}\n".encode("utf-8", "replace")
    return f"arc:{hashlib.sha256(told + record.block).hexdigest()}"


def _records(path: Path, file: BinaryIO, breaks: Breaks) -> Iterator[_Record]:
    """Yield records once what follows them proves their length right, as `_Reader` of WARC does."""
    offset = 0
    begun = False
    while True:
        file.seek(offset)
        stream = GzipStream(file)
        waiting: _Record | None = None
        last = offset
        try:
            for record in _whole(stream):
                begun = True
                if waiting is not None:
                    yield waiting
                waiting, last = record, stream.place.offset
            if waiting is not None:
                yield waiting
            break
        except (BrokenFile, _WrongLength) as error:
            is_wrong = isinstance(error, _WrongLength)
            at, following, is_wrong = _behind(file, stream, last, waiting, is_wrong)
            if waiting is not None and not is_wrong and not (stream.is_gzip and at == last):
                yield waiting
            breaks.add(last if is_wrong else at, "its length is wrong" if is_wrong else str(error))
            if following is None:
                break
            offset = following
    if not begun:
        why = f" ({breaks.named[0][1]})" if breaks.count else ": it is empty"
        raise ScraperError(f"{path} is not an ARC file{why}")


def _behind(
    file: BinaryIO, stream: GzipStream, last: int, waiting: _Record | None, is_wrong: bool
) -> tuple[int, int | None, bool]:
    """Return where a file is broken, where to go on, and whether the last record's length is wrong.

    Args:
        file: the file.
        stream: as far as it could be read.
        last: offset of the last record that was read to its end.
        waiting: that record, or None where it is no capture.
        is_wrong: whether what followed that record was not the end of one.
    """
    if stream.is_gzip:
        return stream.reached, find_member(file, stream.reached + 1), is_wrong
    at = stream.place.offset
    following = _next_line(file, last)
    if following == at:
        following = _next_line(file, at)
    elif waiting is not None and not waiting.block.rstrip().lower().endswith(b"</html>"):
        # It may go on as part of another record, whose beginning is missing.
        is_wrong = True
    return at, following, is_wrong


def _next_line(file: BinaryIO, start: int) -> int | None:
    """Return the offset of the next line behind a place that begins a record, or None."""
    file.seek(start)
    at, window = start, b""
    while data := file.read(_WINDOW):
        window += data
        found = _NEXT.search(window)
        if found:
            return at + found.end()
        kept = window[-_LONGEST_LINE:]
        at += len(window) - len(kept)
        window = kept
    return None


def _whole(stream: GzipStream) -> Iterator[_Record | None]:
    """Yield records until one is broken, None for one that is no capture.

    Raises:
        BrokenFile: a record can't be read.
        _WrongLength: the one that was yielded last does not end where it says.
    """
    is_first = True
    while True:
        line = stream.begin_record()
        if not line:
            return
        offset = stream.place.offset
        head = _LINE.fullmatch(line.decode("latin-1"))
        # Where no checksum guards a record, the line feed in front of the next one does.
        if not is_first and not stream.blank_lines and (head is None or not stream.is_gzip):
            raise _WrongLength
        if head is None:
            raise BrokenFile("no record begins there")
        is_first = False
        size = int(head[3])
        block = _read(stream, size)
        url = absolute(head[1].encode("latin-1").decode("utf-8", "replace"), "")
        if url.lower().startswith(("http://", "https://")):
            yield _Record(url=url, at=_time(head[2]), block=block, offset=offset)
        else:
            yield None


def _read(stream: GzipStream, size: int) -> bytes:
    """Return a block of this size, its first `_MOST_BLOCK` bytes."""
    parts: list[bytes] = []
    left = size
    while left > 0:
        piece = stream.read(min(left, 64 * 1024))
        if not piece:
            raise BrokenFile("the file is cut off")
        if size - left < _MOST_BLOCK:
            parts.append(piece)
        left -= len(piece)
    return b"".join(parts)


def _time(digits: str) -> datetime | None:
    try:
        at = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year >= 1990 and at <= datetime.now(UTC) else None


def _end_of_head(block: bytes) -> int:
    """Return where the empty line behind a response's headers ends, or how much is looked at."""
    found = _EMPTY_LINE.search(block, 0, _MOST_HEAD)
    return found.end() if found else _MOST_HEAD


def parse_head(begun: bytes, url: str) -> tuple[int, Mapping[str, str], int] | str | None:
    """Return the status and headers of a response, and where its body begins.

    Of a response without a page, None; of one whose head can't be read, why not.

    Args:
        begun: its beginning.
        url: its address, for messages.
    """
    block = io.BytesIO(begun)
    try:
        head = StatusAndHeadersParser(["HTTP/"], verify=False).parse(block)
    except (EOFError, StatusAndHeadersParserException):
        return NO_STATUS if begun.strip() else None
    code = head.get_statuscode() or ""
    if not (code.isascii() and code.isdecimal()):
        return NO_STATUS
    if not 200 <= int(code) < 600:
        return None
    raw = [(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in head.headers]
    try:
        headers = header_fields(raw, url)
    except FetchError as error:
        return error.message
    return int(code), headers, block.tell()


def _page(record: _Record, at: datetime, head: tuple[int, Mapping[str, str], int]) -> Page:
    status, headers, begins = head
    body = record.block[begins:]
    if status == 200 and is_cut(body, headers):
        headers = {**headers, TRUNCATED: "length"}
    return Page(
        url=record.url, final_url=record.url, status=status, headers=headers, body=body,
        fetched_at=at, wire_bytes=len(body),
    )  # fmt: skip
