"""WARC records, one after another: those that are whole, behind broken ones too."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from warcio.limitreader import LimitReader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.capture_dates import FAR_PAST, capture_date
from scraper.exchange.gzip_stream import (
    BrokenFile,
    EndlessHeaders,
    GzipStream,
    RecordOffset,
    find_member,
)
from scraper.record import record
from scraper.urls import absolute

__all__ = [
    "NO_DATE",
    "BadRecord",
    "Breaks",
    "BrokenRecords",
    "Record",
    "Watch",
    "digest_key",
    "is_plausible",
    "parse_record",
    "watched_records",
]

T = TypeVar("T")

# Bytes that are read once more, in all, to find the records behind broken ones.
_MOST_REREAD = 256 * 1024 * 1024
# The least that looking for a record behind a broken one counts for.
_LEAST_REREAD = 64 * 1024
# Broken records that are named; the others are counted.
_MOST_NAMED = 5
# No page was captured before there was a web, nor a year after now, however wrong a clock is.
_FIRST_YEAR, _FUTURE = 1990, timedelta(days=366)
# Algorithms of WARC-Block-Digest that are checked.
_DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512"})
# Headers that tell a record without an identity from others.
_TELLING = (
    "warc-type", "warc-target-uri", "warc-date", "content-length", "warc-block-digest",
    "warc-payload-digest",
)  # fmt: skip
# What is said of a capture without a time: that of its file is of whoever copied it last.
NO_DATE = "nothing says when it was captured"
# Fields that a record has once (WARC 1.1, section 4).
_ONCE = ("warc-type", "warc-target-uri", "warc-date", "warc-record-id", "content-length")
_OTHER_KINDS = frozenset({"warcinfo", "request", "metadata", "conversion", "continuation"})
# Addresses that captures have beside those of pages.
_IS_NO_PAGE = re.compile(r"<?(?:about|data|dns|filedesc|ftps?|urn|whois):", re.IGNORECASE).match
_WARC_VERSIONS = ["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"]


class BrokenRecords(ScraperError):
    """Records of a WARC file could not be read; all others were.

    Attributes:
        path: the file.
        breaks: what is wrong with them.
        offset: where the first of them begins, in bytes of the file.
        count: how many there are.
    """

    error_class = ErrorClass.TRUNCATED

    def __init__(self, path: Path, breaks: Breaks) -> None:
        named = "; ".join(f"at byte {offset}: {why}" for offset, why in breaks.named)
        more = breaks.count - len(breaks.named)
        named += f"; {more:,} more" if more else ""
        super().__init__(
            f"{path}: broken {named}; records passed over: {breaks.count:,}, all others were read",
            error_class=self.error_class,
        )
        self.path = path
        self.breaks = breaks
        self.offset = breaks.named[0][0]
        self.count = breaks.count


@dataclass(slots=True)
class Breaks:
    """Broken records of a file: how many, and the first of them with their offsets.

    Attributes:
        stopped: how many of them stopped the process that reads the file.
    """

    count: int = 0
    named: list[tuple[int, str]] = field(default_factory=list)
    stopped: int = 0

    def add(self, offset: int, why: str) -> None:
        self.count += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append((offset, why))


class _WrongLength(Exception):
    """What follows a record is not the end of one."""


class BadRecord(Exception):
    """A record whose length is right is no capture that could be true."""


@record(kw_only=False)
class Record:
    """A record whose headers were read.

    Attributes:
        kind: WARC-Type.
        url: its address, "" where it is none that a page can have.
        headers: those of the record, lower-case names.
        block: what follows them.
        hashed: where `block` is read from.
        place: where it begins.
        name: its identity.
        date: when it was captured.
        is_dated: whether the record says so; else `date` is `FAR_PAST`.
    """

    kind: str
    url: str
    headers: Mapping[str, str]
    block: LimitReader
    hashed: HashedStream
    place: RecordOffset
    name: str
    date: datetime
    is_dated: bool = True


class Watch(Protocol):
    """What is told of each record before it is read: reading it may end the process."""

    def begins(self, place: RecordOffset) -> bool:
        """Note that a record is read next; return whether to read it."""
        ...

    def is_due(self) -> bool:
        """Return whether it is time to say that the reading goes on."""
        ...


def watched_records(
    path: Path, take: Callable[[Record], T | None], breaks: Breaks, watch: Watch | None
) -> Iterator[T | None]:
    """Yield what `take` makes of each record that is whole, and note those that are broken.

    A record counts as whole once the next one has begun: only then was the checksum of its gzip
    member compared, and its length proved right. Where a watch asks for it, None is yielded; and
    for a record of which `take` makes None, nothing is.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ScraperError(f"{path} can't be read: {error.strerror}") from None
    with file:
        reader = _Reader(path, file, breaks, watch)
        waiting: T | None = None
        for record in reader.records():
            if watch is not None and watch.is_due():
                yield None
            if record is None:
                waiting = None
                continue
            if waiting is not None:
                yield waiting
            try:
                waiting = take(record)
            except (BadRecord, EndlessHeaders) as error:
                waiting = None
                breaks.add(record.place.offset, str(error))
            except (BrokenFile, OSError) as error:
                waiting = None
                reader.fail(str(error))
        if waiting is not None:
            yield waiting


class _Reader:
    """Reads the records of one file, going on behind those that are broken."""

    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        breaks: Breaks,
        watch: Watch | None = None,
    ) -> None:
        self._path = path
        self._watch = watch
        self._file = file
        self._breaks = breaks
        self._failed = ""
        self._reread = 0

    def fail(self, why: str) -> None:
        """Note that the record that was given last could not be read to its end."""
        self._failed = why

    def records(self) -> Iterator[Record | None]:
        """Yield records; None says that the one before it was broken."""
        stream: GzipStream | None = self._first()
        last: Record | None = None
        while stream is not None:
            inside = False
            try:
                line = stream.begin_record()
                if not line:
                    return
                if not line.startswith(b"WARC/"):
                    if last is not None and not self._has_ended(last, stream):
                        raise _WrongLength
                    raise BrokenFile("no record begins there")
                last = None
                if self._watch is not None and not self._watch.begins(stream.place):
                    inside = True
                    self._breaks.stopped += 1
                    raise BrokenFile("it stopped the process that reads it")
                last = parse_record(stream, line)
                inside = True
                yield last
                if self._failed:
                    raise BrokenFile(self._failed)
                _pass_over(last)
                continue
            except BadRecord as error:
                # Its length is right: the next record begins where it ends.
                self._breaks.add(stream.place.offset, str(error))
                continue
            except _WrongLength:
                bad, why = last.place if last else stream.place, "its Content-Length is wrong"
            except (BrokenFile, OSError) as error:
                bad, why = stream.place, str(error)
                if not inside and stream.is_gzip and bad.offset != stream.reached:
                    bad = RecordOffset(stream.reached)
            self._failed = ""
            self._breaks.add(bad.offset, why)
            if last is not None and _is_within(bad, last.place, stream):
                yield None
            last = None
            stream = self._resumed(bad, stream.is_gzip)

    def _first(self) -> GzipStream | None:
        """Return the stream at the first record that can be read."""
        why = ""
        stream = GzipStream(self._file)
        try:
            line = stream.begin_record()
            if line.startswith(b"WARC/"):
                self._file.seek(0)
                return GzipStream(self._file)
            why = "" if line else ": it is empty"
        except BrokenFile as error:
            why = f" ({error})"
            found = self._resumed(RecordOffset(0), stream.is_gzip)
            if found is not None:
                self._breaks.add(0, str(error))
                return found
        raise ScraperError(f"{self._path} is not a WARC file{why}")

    def _resumed(self, bad: RecordOffset, is_gzip: bool) -> GzipStream | None:
        """Return a stream at the next record behind a broken one, or None where there is none."""
        offset = bad.offset
        self._file.seek(offset)
        stream = GzipStream(self._file)
        try:
            # What is no gzip amid a gzip file is no record, either.
            if stream.is_gzip == is_gzip:
                stream.skip(bad.skip + 1)
                return stream if self._sought(stream) else None
        except BrokenFile:
            if not is_gzip:
                return None
            offset = max(offset, stream.reached)
        while (found := find_member(self._file, offset + 1)) is not None:
            offset = found
            if self._reread > _MOST_REREAD:
                break
            self._file.seek(offset)
            try:
                stream = GzipStream(self._file)
                if stream.begin_record().startswith(b"WARC/"):
                    self._file.seek(offset)
                    return GzipStream(self._file)
                if self._sought(stream):
                    return stream
            except BrokenFile:
                self._reread += _LEAST_REREAD
        return None

    def _has_ended(self, last: Record, stream: GzipStream) -> bool:
        """Return whether the last record ended where it says, though none begins behind it.

        Else what follows may be the rest of another, whose beginning is missing or stands within
        the last one. Where no checksum guards it, the four bytes are asked for that end a record
        (WARC 1.1, section 4), which are not enough: they stand behind headers of HTTP, too.
        """
        if stream.is_gzip:
            return stream.blank_lines > 0
        self._file.seek(stream.place.offset - stream.blank_bytes)
        if self._file.read(stream.blank_bytes) != b"\r\n\r\n":
            return False
        size = stream.place.offset - last.place.offset
        self._file.seek(last.place.offset)
        within = GzipStream(self._file)
        within.skip(1)
        return not (within.seek_record(size) and within.position < size)

    def _sought(self, stream: GzipStream) -> bool:
        begun = stream.position
        try:
            return stream.seek_record(max(0, _MOST_REREAD - self._reread))
        finally:
            self._reread += max(_LEAST_REREAD, stream.position - begun)


def _is_within(bad: RecordOffset, place: RecordOffset, stream: GzipStream) -> bool:
    """Return whether what is broken is the record at a place, or the gzip member that it fills."""
    own_member = stream.is_gzip and place.skip == 0
    return bad == place or (own_member and bad.offset == place.offset)


def parse_record(stream: GzipStream, line: bytes) -> Record:
    """Return the record that a line begins, its block unread.

    Raises:
        BrokenFile: its headers, or its length, can't be read.
        BadRecord: it can be passed over, but holds nothing that could be true.
    """
    try:
        head = StatusAndHeadersParser(_WARC_VERSIONS).parse(stream, line)
    except (StatusAndHeadersParserException, EOFError):
        raise BrokenFile("its headers can't be read") from None
    headers = {name.lower(): value for name, value in reversed(head.headers)}
    names = [name.lower() for name, _ in head.headers]
    length = headers.get("content-length", "").strip()
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise BrokenFile("the record has no length" if not length else "its length is no number")
    hashed = HashedStream(stream, headers.get("warc-block-digest", ""))
    block = LimitReader(hashed, int(length))
    place = stream.place
    uri = headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")
    dated = capture_date(headers.get("warc-date", ""))
    record = Record(
        kind=headers.get("warc-type", "").strip().lower(),
        # Some captures carry the address as it stood in HTML source.
        url=absolute(uri.replace("&amp;", "&"), "") if uri else "",
        headers=headers,
        block=block,
        hashed=hashed,
        place=place,
        name=headers.get("warc-record-id", "") or _identity(headers),
        date=dated or FAR_PAST,
        is_dated=dated is not None,
    )
    wrong = _wrong(record, names)
    if wrong:
        _pass_over(record)
        raise BadRecord(wrong)
    return record


def _is_of_http(headers: Mapping[str, str]) -> bool:
    """Return whether a record's head says that it holds a response of HTTP."""
    kind = headers.get("content-type", "").lower().replace(" ", "")
    return kind == "application/http;msgtype=response"


def _wrong(record: Record, names: Sequence[str]) -> str:
    """Return in words why what a record's head says can't be so, or "".

    Args:
        record: the record.
        names: of its headers, in lower case, as often as they stand there.
    """
    if not record.kind:
        return "it has no WARC-Type"
    if record.kind not in ("response", "resource", "revisit"):
        is_one = record.kind not in _OTHER_KINDS and _is_of_http(record.headers)
        return f"its WARC-Type is {record.kind[:40]}" if is_one else ""
    twice = next((name for name in _ONCE if names.count(name) > 1), "")
    if twice:
        # Where bytes are missing, the head of one record goes on in that of another.
        return f"its head has two fields {twice}"
    uri = record.headers.get("warc-target-uri", "").strip()
    if not uri:
        return "it has no WARC-Target-URI"
    if _is_of_http(record.headers) and not record.url and not _IS_NO_PAGE(uri):
        return "its WARC-Target-URI is no address of the web"
    if not record.is_dated:
        # Of a response, the server may tell.
        return "" if record.kind == "response" else NO_DATE
    if not is_plausible(record.date):
        return f"its WARC-Date {record.headers['warc-date'][:40]} is no moment of a capture"
    return ""


def _identity(headers: Mapping[str, str]) -> str:
    """Return the identity of a record that has none (WARC asks for one): what its head says.

    Files of different crawls bear the same names, so that a place in one tells nothing apart.
    """
    told = "\n".join(headers.get(name, "") for name in _TELLING)
    return f"head:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"


class HashedStream:
    """A record's stream, hashed as it is read.

    Args:
        stream: at the beginning of the block.
        digest: WARC-Block-Digest, ``sha1:`` or another algorithm, in base 32, base 64 or
            hexadecimal digits.
    """

    def __init__(self, stream: GzipStream, digest: str) -> None:
        self._stream = stream
        name, _, value = digest.strip().partition(":")
        self._value = value.strip()
        name = name.lower().replace("-", "")
        known = name in _DIGESTS and self._value
        self._hash = hashlib.new(name, usedforsecurity=False) if known else None

    def read(self, size: int) -> bytes:
        """Return bytes of the block."""
        return self._hashed(self._stream.read(size))

    def readline(self, size: int) -> bytes:
        """Return a line of the block."""
        return self._hashed(self._stream.readline(size))

    def _hashed(self, data: bytes) -> bytes:
        if self._hash is not None:
            self._hash.update(data)
        return data

    @property
    def is_altered(self) -> bool:
        """Whether what was read is not what the digest says; asked once the block was read."""
        if self._hash is None:
            return False
        return digest_bytes(self._value, self._hash.digest_size) != self._hash.digest()


def digest_bytes(value: str, size: int) -> bytes:
    """Return a digest from its digits, b"" where they are of no digest of this size.

    Args:
        value: hexadecimal digits, base 32 (which WARC writers use) or base 64, padded or not.
        size: bytes of the digest.
    """
    value = value.strip().rstrip("=")
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        if len(value) == -(-8 * size // 5):
            return base64.b32decode(value.upper() + "=" * (-len(value) % 8))
        if len(value) == -(-8 * size // 6):
            return base64.urlsafe_b64decode(
                value.replace("+", "-").replace("/", "_") + "=" * (-len(value) % 4)
            )
    except ValueError:
        pass
    return b""


def digest_key(text: str) -> str:
    """Return a digest of a record's headers, however it is written in the same form."""
    name, _, value = text.strip().partition(":")
    name = name.strip().lower().replace("-", "")
    if name not in _DIGESTS:
        return text.strip()
    found = digest_bytes(value, hashlib.new(name, usedforsecurity=False).digest_size)
    return f"{name}:{found.hex()}" if found else text.strip()


def _pass_over(record: Record) -> None:
    """Read what is left of a record."""
    left = record.block
    while left.limit > 0:
        if not left.read(min(left.limit, 64 * 1024)):
            raise BrokenFile("the file is cut off")


def is_plausible(moment: datetime) -> bool:
    """Return whether a page may have been captured at a moment."""
    return moment.year >= _FIRST_YEAR and moment <= datetime.now(UTC) + _FUTURE
