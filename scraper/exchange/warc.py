"""WARC files: captured responses, read one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from warcio.statusandheaders import (
    StatusAndHeaders,
    StatusAndHeadersParser,
    StatusAndHeadersParserException,
)

from scraper.errors import FetchError
from scraper.exchange.capture_dates import capture_date, date_of_response
from scraper.exchange.gzip_stream import BrokenFile, GzipStream, RecordOffset
from scraper.exchange.warc_records import (
    NO_DATE,
    BadRecord,
    Breaks,
    BrokenRecords,
    Record,
    Watch,
    digest_key,
    is_plausible,
    parse_record,
    watched_records,
)
from scraper.fetching.content_encoding import captured_body, is_cut
from scraper.fetching.refresh import refresh_target
from scraper.fetching.response import header_fields
from scraper.models import Hop, Page
from scraper.record import record
from scraper.urls import absolute, canonical, identity

__all__ = [
    "NO_STATUS",
    "TRUNCATED",
    "BrokenRecords",
    "Capture",
    "CaptureWatch",
    "lookup_keys",
    "read_capture",
    "read_capture_of",
    "read_captures",
    "watched_captures",
    "watched_places",
]

# Bytes that are read of one captured body: four times what a page may have.
MAX_BLOCK = 40 * 1024 * 1024
# Header under which a page carries the reason for which its capture was cut short.
TRUNCATED = "warc-truncated"
# What is said of a response that begins with no status line of HTTP.
NO_STATUS = "its status can't be read"
# Redirects and revisits that wait for the end of their file.
_MOST_HELD = 100_000
_MOST_HOPS = 10
_MOST_INTERIM = 20
_MOST_SEGMENTS = 10_000
# Bytes of a page in which it may send its readers on.
_MOST_SEARCHED = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What a page begins with; a status line never does.
_IS_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:!doctype html|html)\b", re.IGNORECASE).match
# Status, headers, and what was read of the body already.
_Head = tuple[int, dict[str, str], bytes]


@record
class Capture:
    """A captured response.

    Attributes:
        page: the response, its body as it was captured: `decode_captured` undoes its encodings.
        offset: where its record (or the gzip member that holds it) begins in the file.
        record_id: WARC-Record-ID, or a hash of what the record's head says when it has none.
        date: when it was captured.
        place: where `read_capture` finds it again.
        followed: whether the page is that of another record, to which this one leads.
    """

    page: Page
    offset: int
    record_id: str
    date: datetime
    place: RecordOffset
    followed: bool = False


def read_captures(path: Path) -> Iterator[Capture]:
    """Yield the responses of a WARC file, gzipped or not, one record in memory at a time.

    Yields ``response`` records with an HTTP status from 200, and ``resource`` records that hold
    HTML; requests, metadata and all else are passed over. Three kinds come last, once the rest of
    the file is known: a response that was written in segments, whole if all of them stand in the
    file and as one that is cut off if not; a redirect whose target was captured too, as the
    response to which it leads; and a ``revisit`` (WARC 1.1, section 6.7) as the response that it
    refers to, with its own date as the redirect has. A revisit that refers to no record of the file
    is passed over.

    Args:
        path: the file.

    Raises:
        BrokenRecords: some records could not be read; raised after all that were whole.
        ScraperError: the file can't be opened, or is no WARC.
    """
    return (capture for capture in watched_captures(path, None) if capture is not None)


class CaptureWatch(Watch, Protocol):
    """A `Watch` that is told, too, when the whole file was read once."""

    def follows(self) -> None:
        """Note that redirects and revisits are followed from now on."""
        ...


def watched_captures(path: Path, watch: CaptureWatch | None) -> Iterator[Capture | None]:
    """Yield the same as `read_captures`, and None now and then where a watch asks for it.

    Raises:
        ScraperError: as `read_captures`.
    """
    breaks = Breaks()
    held: list[_Held] = []
    segmented: dict[str, list[_Segment]] = {}

    def take(record: Record) -> Capture | None:
        if record.kind == "revisit":
            return _hold_revisit(record, held)
        if _hold_segment(record, segmented):
            return None
        capture = _capture(record)
        if capture is not None and _hold_redirect(capture, held):
            return None
        return capture

    yield from watched_records(path, take, breaks, watch)
    if watch is not None:
        watch.follows()
    yield from _joined(path, segmented)
    yield from _resolved(path, held, watch)
    if breaks.count:
        raise BrokenRecords(path, breaks)


def watched_places(path: Path, watch: Watch | None) -> Iterator[tuple[str, RecordOffset] | None]:
    """Yield address and place of each response, in the order of the file, redirects as they stand.

    Args:
        path: the file.
        watch: is told of each record; None is yielded now and then where it asks for it.

    Raises:
        ScraperError: as `read_captures`.
    """
    breaks = Breaks()
    yield from watched_records(path, _place, breaks, watch)
    if breaks.count:
        raise BrokenRecords(path, breaks)


def _place(record: Record) -> tuple[str, RecordOffset] | None:
    """Return the address of a response and where it stands, None for any other record."""
    capture = _capture(record)
    return None if capture is None else (capture.page.url, capture.place)


def read_capture(path: Path, place: RecordOffset) -> Capture:
    """Return the one capture that stands at a place that `read_captures` gave.

    Raises:
        BrokenRecords: there is none, or it is broken.
    """
    with path.open("rb") as file:
        return read_capture_of(file, path, place)


def read_capture_of(file: BinaryIO, path: Path, place: RecordOffset) -> Capture:
    """Return the one capture that stands at a place of an open file.

    Args:
        file: the file.
        path: how it is named.
        place: one that `read_captures` gave.

    Raises:
        BrokenRecords: there is none, or it is broken.
    """
    breaks = Breaks()
    file.seek(place.offset)
    stream = GzipStream(file)
    try:
        stream.skip(place.skip)
        line = stream.begin_record()
        if line.startswith(b"WARC/"):
            capture = _capture(parse_record(stream, line))
            if capture is not None:
                return capture
    except (BrokenFile, BadRecord) as error:
        breaks.add(place.offset, str(error))
    if not breaks.count:
        breaks.add(place.offset, "no response stands there")
    raise BrokenRecords(path, breaks)


# A record as a capture


def _capture(record: Record) -> Capture | None:
    """Return a record as a capture, or None when it holds no page."""
    read = _READERS.get(record.kind)
    head = read(record) if read is not None and record.url else None
    if head is None:
        return None
    status, headers, begun = head
    block = begun + record.block.read(min(record.block.limit, MAX_BLOCK))
    if record.block.limit > 0 and len(block) < MAX_BLOCK:
        raise BrokenFile("the file is cut off")
    if record.block.limit == 0 and record.hashed.is_altered:
        raise BadRecord("its WARC-Block-Digest is that of other bytes")
    truncated = record.headers.get("warc-truncated")
    if not truncated and (_segment(record) or (status == 200 and is_cut(block, headers))):
        truncated = "length"
    if truncated:
        headers = {**headers, TRUNCATED: truncated}
    date = record.date if record.is_dated else _plausible(date_of_response(headers))
    if date is None:
        raise BadRecord(NO_DATE)
    return _captured(record, status, headers, block, date)


def _captured(
    record: Record, status: int, headers: Mapping[str, str], body: bytes, date: datetime
) -> Capture:
    """Return what was captured of a record's address at a moment."""
    page = Page(
        url=record.url,
        final_url=record.url,
        status=status,
        headers=headers,
        body=body,
        fetched_at=date,
        wire_bytes=len(body),
    )
    return Capture(
        page=page,
        offset=record.place.offset,
        record_id=record.name,
        date=date,
        place=record.place,
    )


def _plausible(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and is_plausible(moment) else None


def _response(record: Record) -> _Head | None:
    head, begun = _http_head(record)
    if begun:
        return 200, {"content-type": "text/html"}, begun
    if head is None:
        return None
    code = head.get_statuscode() or ""
    if not (code.isascii() and code.isdecimal()):
        raise BadRecord(NO_STATUS)
    if not 200 <= int(code) < 600:
        return None
    return int(code), _fields(head, record.url), b""


def _fields(head: StatusAndHeaders, url: str) -> dict[str, str]:
    raw = [(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in head.headers]
    try:
        return header_fields(raw, url)
    except FetchError as error:
        raise BadRecord(error.message) from None


def _http_head(record: Record) -> tuple[StatusAndHeaders | None, bytes]:
    """Return the HTTP status and headers that a record's block begins with, None without any.

    Interim responses (103 Early Hints and the like) may stand before the one that counts. Some
    tools write the page alone: its first line, which was read, comes second then.

    Raises:
        BadRecord: what stands there is neither.
    """
    parser = StatusAndHeadersParser(["HTTP/"], verify=False)
    try:
        line = record.block.readline()
        for _ in range(_MOST_INTERIM):
            while line and not line.strip(b"\r\n"):
                line = record.block.readline()
            if _IS_PAGE(line):
                return None, line
            head = parser.parse(record.block, line)
            status = head.get_statuscode() or ""
            if not re.fullmatch(r"1\d\d", status) or status == "101":
                return head, b""
            line = record.block.readline()
    except EOFError:
        pass
    except StatusAndHeadersParserException:
        raise BadRecord(NO_STATUS) from None
    return None, b""


def _resource(record: Record) -> _Head | None:
    kind = record.headers.get("content-type", "")
    is_html = kind.lower().startswith(("text/html", "application/xhtml"))
    return (200, {"content-type": kind}, b"") if is_html else None


_READERS: Mapping[str, Callable[[Record], _Head | None]] = {
    "response": _response,
    "resource": _resource,
}


# Records in segments (WARC 1.1, section 7): the rest may stand anywhere behind, or in another file


@record
class _Segment:
    """A part of a record.

    Attributes:
        number: of the part; the first has the headers of the response.
        place: where it stands.
        length: bytes of its block.
        total: WARC-Segment-Total-Length, which the last one has, or -1.
    """

    number: int
    place: RecordOffset
    length: int
    total: int


def _segment(record: Record) -> int:
    """Return the number of a record among the segments of one, or 0."""
    return max(0, _number(record.headers.get("warc-segment-number", "")))


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _hold_segment(record: Record, segmented: dict[str, list[_Segment]]) -> bool:
    number = _segment(record)
    is_first = number == 1 and record.kind in _READERS and bool(record.url)
    if not is_first and record.kind != "continuation":
        return False
    origin = record.name if is_first else record.headers.get("warc-segment-origin-id", "")
    if is_first or (origin in segmented and len(segmented[origin]) < _MOST_SEGMENTS):
        one = _Segment(
            number=number,
            place=record.place,
            length=record.block.limit,
            total=_number(record.headers.get("warc-segment-total-length", "")),
        )
        segmented.setdefault(origin, []).append(one)
    return True


def _joined(path: Path, segmented: Mapping[str, Sequence[_Segment]]) -> Iterator[Capture]:
    """Yield captures that were written in segments; what is missing cuts them off."""
    for found in segmented.values():
        parts = {one.number: one for one in found}
        try:
            capture = read_capture(path, parts.pop(1).place)
        except (BrokenRecords, KeyError):
            continue  # It is counted, or holds no page.
        body, length, last = capture.page.body, found[0].length, found[0]
        for number in range(2, len(parts) + 2):
            if number not in parts or len(body) >= MAX_BLOCK:
                break
            last = parts[number]
            length += last.length
            body += _block_at(path, last.place)
        headers = dict(capture.page.headers)
        if last.total == length:
            del headers[TRUNCATED]
        page = replace(capture.page, body=body, wire_bytes=len(body), headers=headers)
        yield replace(capture, page=page)


def _block_at(path: Path, place: RecordOffset) -> bytes:
    with path.open("rb") as file:
        file.seek(place.offset)
        stream = GzipStream(file)
        try:
            stream.skip(place.skip)
            record = parse_record(stream, stream.begin_record())
            block: bytes = record.block.read(min(record.block.limit, MAX_BLOCK))
            return block
        except (BrokenFile, BadRecord):
            return b""


# Redirects and revisits: what they lead to may stand anywhere in the file


@record
class _Held:
    """A redirect, or a revisit, until the whole file was read.

    Attributes:
        capture: the redirect itself, without a body, or None for a revisit.
        url: its address.
        date, record_id, place: as of a `Capture`.
        target: where the redirect leads, or the address that the revisit refers to.
        refers_to: WARC-Record-ID that the revisit refers to, or "".
        digest: WARC-Payload-Digest of the revisit as `digest_key` gives it, or "".
        refers_to_date: when that was captured, or None.
    """

    capture: Capture | None
    url: str
    date: datetime
    record_id: str
    place: RecordOffset
    target: str
    refers_to: str = ""
    digest: str = ""
    refers_to_date: datetime | None = None


def _hold_redirect(capture: Capture, held: list[_Held]) -> bool:
    page = capture.page
    if page.status in _REDIRECTS:
        target = absolute(page.url, page.headers.get("location", ""))
    else:
        target = refresh_target(page.url, page.status, page.headers, _beginning(page))
    if not target or len(held) >= _MOST_HELD:
        return False
    held.append(
        _Held(
            capture=replace(capture, page=replace(page, body=b"")),
            url=page.url,
            date=capture.date,
            record_id=capture.record_id,
            place=capture.place,
            target=target,
        )
    )
    return True


def _beginning(page: Page) -> bytes:
    begun = b""
    for piece in captured_body(page.body, page.headers):
        begun += piece
        if len(begun) >= _MOST_SEARCHED:
            break
    return begun


def _hold_revisit(record: Record, held: list[_Held]) -> Capture | None:
    """Hold a revisit; one after an answer of 304 comes back as that answer."""
    if not record.url:
        return None
    head, _ = _http_head(record)
    code = (head.get_statuscode() if head is not None else "") or ""
    if "server-not-modified" in record.headers.get("warc-profile", "") or code == "304":
        return _captured(record, 304, {}, b"", record.date)
    if head is not None and code in {str(status) for status in _REDIRECTS}:
        moved = _captured(record, int(code), _fields(head, record.url), b"", record.date)
        if _hold_redirect(moved, held):
            return None
    if len(held) < _MOST_HELD:
        referred = record.headers.get("warc-refers-to-target-uri", "").strip("<> ")
        held.append(
            _Held(
                capture=None,
                url=record.url,
                date=record.date,
                record_id=record.name,
                place=record.place,
                target=absolute(referred, "") if referred else record.url,
                refers_to=record.headers.get("warc-refers-to", "").strip(),
                digest=digest_key(record.headers.get("warc-payload-digest", "")),
                refers_to_date=capture_date(record.headers.get("warc-refers-to-date", "")),
            )
        )
    return None


@record(kw_only=False)
class _Found:
    """A response to which a held record may lead."""

    place: RecordOffset
    date: datetime
    name: str
    digest: str


def _resolved(
    path: Path, held: Sequence[_Held], watch: CaptureWatch | None
) -> Iterator[Capture | None]:
    """Yield the held records as what they lead to; the file is read a second time for that."""
    if not held:
        return
    wanted = {key for one in held for key in lookup_keys(one.target)[-1:]}
    revisits = {one.record_id: one for one in held if one.capture is None}
    names = {one.refers_to for one in revisits.values() if one.refers_to}
    digests = {one.digest for one in revisits.values() if one.digest}
    by_key: dict[str, list[_Found]] = {}
    by_name: dict[str, _Found] = {}
    by_digest: dict[str, list[_Found]] = {}

    def note(record: Record) -> None:
        key = lookup_keys(record.url)[-1] if record.url else ""
        digest = digest_key(record.headers.get("warc-payload-digest", ""))
        if key not in wanted and record.name not in names and digest not in digests:
            return
        read = _READERS.get(record.kind)
        head = read(record) if read is not None and not _segment(record) else None
        if head is None or head[0] in _REDIRECTS:
            return
        found = _Found(record.place, record.date, record.name, digest)
        by_name.setdefault(record.name, found)
        by_key.setdefault(key, []).append(found)
        if digest in digests:
            by_digest.setdefault(digest, []).append(found)

    yield from watched_records(path, note, Breaks(), watch)
    redirects = {lookup_keys(one.url)[-1]: one for one in held if one.capture is not None}
    for one in held:
        if one.capture is None:
            found = (
                by_name.get(_first_of(one, revisits).refers_to)
                or _referred(one, by_key.get(lookup_keys(one.target)[-1], ()))
                or _latest(one, by_digest.get(one.digest, ()))
            )
            if found is not None:
                page = read_capture(path, found.place).page
                page = replace(page, url=one.url, final_url=one.url, fetched_at=one.date)
                yield _as(one, page)
        else:
            page_there = _followed(path, one, redirects, by_key)
            if page_there is None and one.capture.page.status == 200:
                # What it sends its readers on to was not captured: it is a page all the same.
                yield read_capture(path, one.place)
            else:
                yield _as(one, page_there)


def _first_of(one: _Held, revisits: Mapping[str, _Held]) -> _Held:
    """Return the revisit in a row of them that refers to no other one."""
    for _ in range(_MOST_HOPS):
        before = revisits.get(one.refers_to)
        if before is None:
            break
        one = before
    return one


def _referred(one: _Held, candidates: Sequence[_Found]) -> _Found | None:
    """Return the response that a revisit without a usable identity refers to, or None.

    Args:
        one: the revisit.
        candidates: responses to the address to which it refers.
    """
    same = [f for f in candidates if not (f.digest and one.digest) or f.digest == one.digest]
    if one.refers_to_date is not None:
        named = [found for found in same if found.date == one.refers_to_date]
        if named:
            return named[-1]
    return _latest(one, [f for f in same if not f.digest or f.digest == one.digest])


def _latest(one: _Held, candidates: Sequence[_Found]) -> _Found | None:
    before = [found for found in candidates if found.date <= one.date]
    return max(before, key=lambda found: found.date, default=None)


def _followed(
    path: Path,
    first: _Held,
    redirects: Mapping[str, _Held],
    by_key: Mapping[str, Sequence[_Found]],
) -> Page | None:
    """Return the response to which a redirect leads in the end, None where it was not captured."""
    hops: list[Hop] = []
    at = first
    while at.capture is not None and len(hops) < _MOST_HOPS:
        hops.append(Hop(status=at.capture.page.status, url=at.target))
        key = lookup_keys(at.target)[-1]
        found = min(by_key.get(key, ()), key=lambda f: abs(f.date - first.date), default=None)
        if found is not None:
            page = read_capture(path, found.place).page
            return replace(page, url=first.url, hops=tuple(hops), fetched_at=first.date)
        following = redirects.get(key)
        if following is None:
            break
        at = following
    return None


def _as(one: _Held, page: Page | None) -> Capture:
    if page is None and one.capture is not None:
        return one.capture
    assert page is not None
    return Capture(
        page=page,
        offset=one.place.offset,
        record_id=one.record_id,
        date=one.date,
        place=one.place,
        followed=True,
    )


def lookup_keys(url: str) -> tuple[str, ...]:
    """Return the spellings under which an address is looked up, the closest first."""
    url = url.replace("&amp;", "&")
    try:
        return url, canonical(url), identity(url)
    except FetchError:
        return (url,)
