"""Reads one response: header fields by name, the body without its encoding, under a cap."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

import httpx

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.content_encoding import ContentDecoder
from scraper.fetching.opt_outs import join_robots_tags
from scraper.fetching.transport import as_fetch_error
from scraper.record import record

__all__ = ["Response", "header_fields", "read_response"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_HEADERS = 500
# The event loop has its turn after so many pieces, however small, or decoded bytes.
_PIECES, _BYTES = 64, 65536
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
# The authority of an address, where it names one (RFC 3986, section 3.2), and the rest.
_HOST_AND_PATH = re.compile(rb"(\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*|)(.*)")


@record
class Response:
    """One response, before redirects are followed.

    Attributes:
        status, fields: HTTP status; header fields, lower-case names.
        body: without its encoding; that of a redirect is not read.
        wire: bytes of the body as they came.
        seconds: duration of the exchange.
        close_delimited: see `scraper.models.Page`.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes = b""
    wire: int = 0
    seconds: float = 0.0
    close_delimited: bool = False

    @property
    def is_redirect(self) -> bool:
        """Whether it leads to another address."""
        return self.status in _REDIRECTS and bool(self.fields.get("location"))


async def read_response(
    response: httpx.Response, url: str, *, cap: int, cut: bool, conditional: bool
) -> Response:
    """Read a response.

    Args:
        response: as a transport gave it, its stream unread.
        url: the address that was asked for.
        cap: bytes that the body may have, on the wire and decoded.
        cut: whether a body beyond the cap is cut there; else it is an error.
        conditional: whether the request allowed an answer of 304.

    Raises:
        FetchError: ``protocol``, ``too_large``, ``bad_encoding``, ``truncated``; what the stream
            raises.
    """
    status = response.status_code
    fields = header_fields(response.headers.raw, url)
    answer = Response(status=status, fields=fields)
    if not 200 <= status < 600:
        raise FetchError(
            f"{url}: status {status} is not HTTP", url=url, error_class=ErrorClass.PROTOCOL
        )
    if answer.is_redirect:
        return answer
    if status == 304 and not conditional:
        raise FetchError(
            f"{url}: answered 304 to an unconditional request",
            url=url,
            error_class=ErrorClass.PROTOCOL,
        )
    announced = fields.get("content-length", "")
    digits = announced.isascii() and announced.isdigit()
    if digits and int(announced[:18]) > cap and not cut:
        raise _too_large(url, cap)
    decoder = ContentDecoder(fields.get("content-encoding", ""), url)
    body, wire, pieces, rested = bytearray(), 0, 0, 0
    async for piece in _raw(response, url):
        wire += len(piece)
        pieces += 1
        if wire > cap and not cut:
            raise _too_large(url, cap)
        for step in decoder.feed(piece):
            body += step
            if len(body) > cap:
                break
            # Decoding is work for the processor: let others have their turn.
            if len(body) - rested >= _BYTES:
                rested = len(body)
                await asyncio.sleep(0)
        if len(body) > cap or (cut and wire > cap):
            if not cut:
                raise _too_large(url, cap)
            return replace(answer, body=bytes(body[:cap]), wire=wire)
        if pieces % _PIECES == 0:
            await asyncio.sleep(0)
    decoder.finish()
    # A compressed stream tells by itself that it came to its end.
    open_end = _is_close_delimited(response) and bool(body) and not decoder.is_coded
    return replace(answer, body=bytes(body), wire=wire, close_delimited=open_end)


async def _raw(response: httpx.Response, url: str) -> AsyncIterator[bytes]:
    """Yield the body as it came; `Response.aiter_raw` refuses what `content=` made."""
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError(f"{url}: the transport's response has no asynchronous stream")
    try:
        async for piece in response.stream:
            yield piece
    except httpx.TransportError as error:
        raise as_fetch_error(error, url, begun=True) from error


def _is_close_delimited(response: httpx.Response) -> bool:
    """Whether neither a length nor a last chunk tells where the body ends (RFC 9112, 6.3)."""
    if response.extensions.get("http_version") not in (b"HTTP/1.0", b"HTTP/1.1"):
        return False
    return not {"content-length", "transfer-encoding"} & response.headers.keys()


def header_fields(raw: Sequence[tuple[bytes, bytes]], url: str) -> dict[str, str]:
    """Return header fields by lower-case name, repeated ones joined.

    Raises:
        FetchError: (``protocol``) there are too many of them.
    """
    if len(raw) > _MOST_HEADERS:
        raise FetchError(
            f"{url}: {len(raw)} header fields", url=url, error_class=ErrorClass.PROTOCOL
        )
    fields: dict[str, str] = {}
    robots_tags: list[str] = []
    for name_, value_ in raw:
        if not _NAME.fullmatch(name_):
            continue
        name = name_.decode("ascii").lower()
        # HTTP/2 carries any byte: line breaks and other controls end here (RFC 9110, section 5.5).
        value_ = _CONTROLS.sub(b" ", value_)
        if name == "location":
            fields.setdefault(name, _location(value_))
            continue
        try:
            value = value_.decode("utf-8")
        except UnicodeDecodeError:
            value = value_.decode("latin-1")
        if name == "x-robots-tag":
            robots_tags.append(value)
            fields[name] = join_robots_tags(robots_tags)
            continue
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _location(value: bytes) -> str:
    """Return a Location as text.

    Raw bytes of its path are in the site's own encoding, so they are percent-encoded as they are.
    Those of its host can only be UTF-8, of which IDNA makes a name that can be asked for.
    """
    host, path = _HOST_AND_PATH.fullmatch(value).groups()  # type: ignore[union-attr]
    try:
        named = host.decode("utf-8")
    except UnicodeDecodeError:
        named = _escaped(host)
    return named + _escaped(path)


def _escaped(value: bytes) -> str:
    return _NOT_ASCII.sub(lambda found: quote(found[0]).encode(), value).decode("ascii")


def _too_large(url: str, cap: int) -> FetchError:
    return FetchError(
        f"{url}: more than {cap:,} bytes (settings.toml, [fetch] max_bytes)",
        url=url,
        error_class=ErrorClass.TOO_LARGE,
    )
