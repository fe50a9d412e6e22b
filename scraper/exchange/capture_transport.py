"""Captures as a transport: the responses of WARC files in place of the web (``--web``).

The files are the user's, their records are strangers': they are read in a worker process, once for
where each response stands, and a response when it is asked for.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from scraper.errors import ErrorClass, ExtractError, FetchError, WorkersLost
from scraper.exchange.gzip_stream import RecordOffset
from scraper.exchange.warc import lookup_keys, read_capture
from scraper.exchange.warc_records import BrokenRecords
from scraper.exchange.warc_worker import places_in_worker, reading_pool
from scraper.fetching.content_encoding import captured_body
from scraper.models import Page

__all__ = ["CaptureTransport"]

log = logging.getLogger(__name__)

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
        self._pool = reading_pool()
        try:
            # The caller's event loop may run already, and waits for the files in any case.
            with ThreadPoolExecutor(max_workers=1) as thread:
                for path in paths:
                    thread.submit(self._find, path).result()
        except BaseException:
            self._pool.close()
            raise

    def _find(self, path: Path) -> None:
        """Note where the responses of a file stand."""
        try:
            for url, place in places_in_worker(path, self._pool):
                for key in lookup_keys(url):
                    self._places[key] = (path, place)
        except BrokenRecords as error:
            log.warning("%s", error.message)

    def close(self) -> None:
        """Stop the worker."""
        self._pool.close()

    async def aclose(self) -> None:
        """Stop the worker."""
        self.close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the captured response to an address; request headers change nothing.

        Raises:
            FetchError: (``not_captured``) there is none; (``parse_timeout``, ``parse_crash``) its
                record stops the worker.
        """
        target = request.extensions.get("target", request.url.raw_path)
        url = str(request.url.copy_with(raw_path=target))
        found = (self._places[key] for key in lookup_keys(url) if key in self._places)
        place = next(found, None)
        if place is None:
            raise FetchError(
                f"{url}: no response to it was captured",
                url=url,
                error_class=ErrorClass.NOT_CAPTURED,
            )
        try:
            page = (await self._pool.run(read_capture, *place)).page
        except WorkersLost:
            raise
        except ExtractError as error:
            raise FetchError(
                f"{url}: its capture in {place[0]} can't be read: {error.message}",
                url=url,
                error_class=error.error_class,
            ) from None
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
