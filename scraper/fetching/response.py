"""One response read: its header fields by name, its body freed of its encoding under a cap."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from scraper.errors import ErrorClass, FetchError
from scraper.fetching.content_encoding import ContentDecoder
from scraper.fetching.opt_outs import join_robots_tags
from scraper.fetching.transport import RawResponse

__all__ = ["Response", "read_response"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_HEADERS = 500
# The event loop has its turn after so many pieces, however small, or decoded bytes.
_PIECES, _BYTES = 64, 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response, before redirects are followed.

    Attributes:
        status, fields: HTTP status; header fields, lower-case names.
        body: freed of its encoding; a redirect's is not read.
        wire: bytes of the body as they came.
        seconds: what the exchange took.
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
    response: RawResponse, url: str, *, cap: int, cut: bool, conditional: bool
) -> Response:
    """Read a response.

    Args:
        response: as it came.
        url: the address that was asked for.
        cap: bytes that the body may have, on the wire and decoded.
        cut: whether a body beyond the cap is cut there; else it is an error.
        conditional: whether the request allowed an answer of 304.

    Raises:
        FetchError: ``protocol``, ``too_large``, ``bad_encoding``, ``truncated``; what `web` raises.
    """
    fields = _fields(response.headers, url)
    answer = Response(status=response.status, fields=fields)
    if not 200 <= response.status < 600:
        raise FetchError(
            f"{url}: status {response.status} is not HTTP", url=url, error_class=ErrorClass.PROTOCOL
        )
    if answer.is_redirect:
        return answer
    if response.status == 304 and not conditional:
        raise FetchError(
            f"{url}: answered 304 to an unconditional request",
            url=url,
            error_class=ErrorClass.PROTOCOL,
        )
    announced = fields.get("content-length", "")
    digits = announced.isascii() and announced.isdigit()
    if digits and int(announced[:18]) > cap and not cut:
        raise _too_large(url, cap)
    inflater = ContentDecoder(fields.get("content-encoding", ""), url)
    body, wire, pieces, rested = bytearray(), 0, 0, 0
    async for piece in response.body:
        wire += len(piece)
        pieces += 1
        if wire > cap and not cut:
            raise _too_large(url, cap)
        for step in inflater.feed(piece):
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
    inflater.finish()
    # A compressed stream tells by itself that it came to its end.
    open_end = response.close_delimited and bool(body) and not inflater.is_coded
    return replace(answer, body=bytes(body), wire=wire, close_delimited=open_end)


def _fields(raw: Sequence[tuple[bytes, bytes]], url: str) -> dict[str, str]:
    """Return header fields by lower-case name, repeated ones joined."""
    if len(raw) > _MOST_HEADERS:
        raise FetchError(
            f"{url}: {len(raw)} header fields", url=url, error_class=ErrorClass.PROTOCOL
        )
    fields: dict[str, str] = {}
    robots_tags: list[str] = []
    for name_, value_ in raw:
        name = name_.decode("latin-1").lower()
        if name == "location":
            # Raw bytes in it are in the site's own encoding: percent-encode them as they are.
            value = re.sub(rb"[\x80-\xff]", lambda m: quote(m[0]).encode(), value_).decode("ascii")
            fields.setdefault(name, value)
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


def _too_large(url: str, cap: int) -> FetchError:
    return FetchError(
        f"{url}: more than {cap:,} bytes (settings.toml, [fetch] max_bytes)",
        url=url,
        error_class=ErrorClass.TOO_LARGE,
    )
