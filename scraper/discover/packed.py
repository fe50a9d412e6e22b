"""Packed files: a sitemap or a feed that its server hands over as the gzip file that it keeps."""

from __future__ import annotations

import zlib

from scraper.errors import DiscoverError

__all__ = ["MAX_BYTES", "unpacked"]

# The limit of a sitemap, unpacked: https://www.sitemaps.org/protocol.html
MAX_BYTES = 50 * 1024 * 1024

_MAGIC = b"\x1f\x8b"


def unpacked(body: bytes, url: str, kind: str) -> bytes:
    """Return a body without the gzip around it, if there is any.

    All members are unpacked; what is whole of a cut one is kept. A packed file that its server
    packs once more, without saying so, is unpacked twice.

    Args:
        body: the bytes as they came.
        url: where they were read.
        kind: what they should be: ``sitemap`` or ``feed``.

    Raises:
        DiscoverError: ``not_a_sitemap`` or ``not_a_feed`` where the gzip is broken; ``too_large``
            when it unpacks to more than `MAX_BYTES`.
    """
    for _ in range(2):
        if body.startswith(_MAGIC):
            body = _members(body, url, kind)
    return body


def _members(body: bytes, url: str, kind: str) -> bytes:
    found = bytearray()
    while body.startswith(_MAGIC):
        inflate = zlib.decompressobj(wbits=31)
        try:
            found += inflate.decompress(body, MAX_BYTES + 1 - len(found))
        except zlib.error:
            raise DiscoverError(
                f"not a {kind}: {url} is broken gzip", url=url, error_class=f"not_a_{kind}"
            ) from None
        if len(found) > MAX_BYTES:
            raise DiscoverError(
                f"too large: {url} unpacks to more than {MAX_BYTES // 1024**2} MiB",
                url=url,
                error_class="too_large",
            )
        body = inflate.unused_data
    return bytes(found)
