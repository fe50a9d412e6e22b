"""WARC files: captured responses, read one at a time, and as a stand-in for the web."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from scraper.errors import ErrorClass, FetchError, ScraperError
from scraper.exchange.gzip_stream import BrokenFile, GzipStream, RecordOffset
from scraper.fetching.content_encoding import captured_body
from scraper.models import Page
from scraper.urls import absolute, canonical, identity

__all__ = ["Capture", "CaptureTransport", "TruncatedWarc", "read_capture", "read_captures"]

log = logging.getLogger(__name__)

# Bytes that are read of one captured body: four times what a page may have.
MAX_BLOCK = 40 * 1024 * 1024
# Header under which a page carries the reason for which its capture was cut short.
TRUNCATED = "warc-truncated"


class TruncatedWarc(ScraperError):
    """A WARC file can't be read further; what stood before the break was whole.

    Attributes:
        path: the file.
        offset: where the record begins that is broken, in bytes of the file.
    """

    error_class = ErrorClass.TRUNCATED

    def __init__(self, path: Path, offset: int, why: str) -> None:
        super().__init__(
            f"{path}: broken at byte {offset}: {why}; what stands before was read",
            error_class=self.error_class,
        )
        self.path = path
        self.offset = offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A captured response.

    Attributes:
        page: the response, its body as it was captured: `decode_captured` undoes its encodings.
        offset: where its record (or the gzip member that holds it) begins in the file.
        record_id: WARC-Record-ID, or ``name:offset`` when the record has none.
        date: when it was captured.
        place: where `read_capture` finds it again.
    """

    page: Page
    offset: int
    record_id: str
    date: datetime
    place: RecordOffset


def read_captures(path: Path) -> Iterator[Capture]:
    """Yield the responses of a WARC file, gzipped or not, one record in memory at a time.

    Yields ``response`` records with an HTTP status from 200, and ``resource`` records that hold
    HTML; requests, revisits, metadata and all else are passed over.

    Args:
        path: the file.

    Raises:
        WarcBreak: the file is truncated or corrupt; raised after all that was whole.
        ScraperError: the file can't be opened, or is no WARC.
    """
    try:
        file = path.open("rb")
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise ScraperError(f"{path} can't be read: {error.strerror}") from None
    with file:
        # A record counts as whole once the next one has begun: only then was the checksum of its
        # gzip member compared.
        waiting: Capture | None = None
        try:
            for record, place in _records(GzipStream(file), path):
                if waiting is not None:
                    yield waiting
                    waiting = None
                try:
                    waiting = _capture(record, place, path, modified)
                    _pass_over(record)
                except (BrokenFile, OSError) as error:
                    waiting = None
                    raise TruncatedWarc(path, place.offset, str(error)) from None
        except TruncatedWarc as error:
            if waiting is not None and (error.offset != waiting.offset or waiting.place.skip):
                yield waiting
            raise
        if waiting is not None:
            yield waiting


def read_capture(path: Path, place: RecordOffset) -> Capture:
    """Return the one capture that stands at a place that `read_captures` gave.

    Raises:
        WarcBreak: there is none, or it is broken.
    """
    with path.open("rb") as file:
        file.seek(place.offset)
        stream = GzipStream(file)
        try:
            stream.read(place.skip)
            for record, _ in _records(stream, path):
                capture = _capture(record, place, path, datetime.now(UTC))
                if capture is not None:
                    return capture
                break
        except BrokenFile as error:
            raise TruncatedWarc(path, place.offset, str(error)) from None
    raise TruncatedWarc(path, place.offset, "no response stands there")


def _records(stream: GzipStream, path: Path) -> Iterator[tuple[ArcWarcRecord, RecordOffset]]:
    """Yield records; warcio's own iterator is not used, since it ends quietly at broken gzip."""
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    first = True
    while True:
        try:
            line = stream.begin_record()
        except BrokenFile as error:
            if first:
                raise ScraperError(f"{path} is not a WARC file ({error})") from None
            raise TruncatedWarc(path, stream.reached, str(error)) from None
        if not line:
            if first:
                raise ScraperError(f"{path} is not a WARC file: it is empty")
            return
        if not line.startswith(b"WARC/"):
            if first:
                raise ScraperError(f"{path} is not a WARC file")
            raise TruncatedWarc(path, stream.place.offset, "no record begins there")
        first = False
        place = stream.place
        try:
            record = loader.parse_record_stream(stream, line, known_format="warc")
        except (BrokenFile, ArchiveLoadFailed, StatusAndHeadersParserException) as error:
            raise TruncatedWarc(path, place.offset, str(error)) from None
        except EOFError:
            raise TruncatedWarc(path, place.offset, "the file is cut off") from None
        if record.length is None:
            raise TruncatedWarc(path, place.offset, "the record has no length")
        yield record, place


def _pass_over(record: ArcWarcRecord) -> None:
    """Read what is left of a record."""
    left = record.raw_stream
    while left.limit > 0:
        if not left.read(min(left.limit, 64 * 1024)):
            raise BrokenFile("the file is cut off")


def _capture(
    record: ArcWarcRecord, place: RecordOffset, path: Path, otherwise: datetime
) -> Capture | None:
    """Return a record as a capture, or None when it holds no page."""
    read = _READERS.get(record.rec_type)
    url = _address(record)
    if read is None or not url:
        return None
    head = read(record)
    if head is None:
        return None
    status, headers = head
    block = record.raw_stream.read(min(record.raw_stream.limit, MAX_BLOCK))
    if record.raw_stream.limit > 0 and len(block) < MAX_BLOCK:
        raise BrokenFile("the file is cut off")
    date = _date(record) or otherwise
    truncated = record.rec_headers.get_header("WARC-Truncated")
    if truncated:
        headers = {**headers, TRUNCATED: truncated}
    return Capture(
        page=Page(
            url=url,
            final_url=url,
            status=status,
            headers=headers,
            body=block,
            fetched_at=date,
            wire_bytes=len(block),
        ),
        offset=place.offset,
        record_id=record.rec_headers.get_header("WARC-Record-ID") or f"{path.name}:{place.offset}",
        date=date,
        place=place,
    )


def _response(record: ArcWarcRecord) -> tuple[int, dict[str, str]] | None:
    head = record.http_headers
    code = (head.get_statuscode() if head is not None else "") or ""
    if not code.isdecimal() or not 200 <= int(code) < 600:
        return None
    headers: dict[str, str] = {}
    for name, value in head.headers:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return int(code), headers


def _resource(record: ArcWarcRecord) -> tuple[int, dict[str, str]] | None:
    kind = record.rec_headers.get_header("Content-Type") or ""
    is_html = kind.lower().startswith(("text/html", "application/xhtml"))
    return (200, {"content-type": kind}) if is_html else None


_READERS: Mapping[str, Callable[[ArcWarcRecord], tuple[int, dict[str, str]] | None]] = {
    "response": _response,
    "resource": _resource,
}


def _address(record: ArcWarcRecord) -> str:
    uri = record.rec_headers.get_header("WARC-Target-URI") or ""
    # Some captures carry the address as it stood in HTML source.
    return absolute(uri.replace("&amp;", "&"), "") if uri else ""


def _date(record: ArcWarcRecord) -> datetime | None:
    try:
        moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# What no longer holds of a decoded body, so that the client must not undo it again.
_UNDONE = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class CaptureTransport(httpx.AsyncBaseTransport):
    """Replays captured responses; of several for one address the last counts.

    Addresses are found as they were captured, else by their canonical form, else by their identity
    (http for https, ``www.`` for none). What was not captured is a failure of the class
    ``not_captured``, and a robots.txt that was not captured allows everything.

    Args:
        paths: WARC files; they are read through once here, and again where a response is asked for.

    Raises:
        ScraperError: a file can't be read or is no WARC. Of one that is broken, what is whole
            serves, and a warning is logged.
    """

    replay = True

    def __init__(self, paths: Sequence[Path]) -> None:
        self._places: dict[str, tuple[Path, RecordOffset]] = {}
        for path in paths:
            try:
                for capture in read_captures(path):
                    for key in _keys(capture.page.url):
                        self._places[key] = (path, capture.place)
            except TruncatedWarc as error:
                log.warning("%s", error.message)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the captured response to an address; request headers change nothing.

        Raises:
            FetchError: (``not_captured``) there is none.
        """
        target = request.extensions.get("target", request.url.raw_path)
        url = str(request.url.copy_with(raw_path=target))
        place = next((self._places[key] for key in _keys(url) if key in self._places), None)
        if place is None:
            raise FetchError(
                f"{url}: no response to it was captured",
                url=url,
                error_class=ErrorClass.NOT_CAPTURED,
            )
        page = (await asyncio.to_thread(read_capture, *place)).page
        return httpx.Response(
            page.status,
            headers=[
                (name.encode("utf-8"), value.encode("utf-8"))
                for name, value in page.headers.items()
                if name not in _UNDONE
            ],
            stream=_CapturedBody(page),
        )


class _CapturedBody(httpx.AsyncByteStream):
    """A captured body without its encodings, decoded as it is read: the client stops at its cap."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in captured_body(self._page.body, self._page.headers):
            yield piece


def _keys(url: str) -> tuple[str, ...]:
    """Return the spellings under which an address is looked up, the closest first."""
    url = url.replace("&amp;", "&")
    try:
        return url, canonical(url), identity(url)
    except FetchError:
        return (url,)
