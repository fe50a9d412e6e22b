"""Packed files: a sitemap or a feed that its server hands over as the gzip file that it keeps.

Mending of XML that is nearly well formed, so that a strict parser reads what was meant.
"""

from __future__ import annotations

import html
import re
import zlib

from scraper.errors import DiscoverError, ErrorClass
from scraper.text.patterns import lazy_compile

__all__ = ["MAX_SITEMAP_BYTES", "gunzip", "repair_xml", "without_stump"]


# A reference that XML knows by itself stays; text marked as data is none of our business.
_REFERENCE = lazy_compile(
    r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+(?:\]\]>|\Z)|&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|(\w{1,31});)?",
    re.DOTALL,
)
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_XML_ROOTS = r"(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex|opml)"
_ROOT = lazy_compile(rf"<(?:\?xml\b|{_XML_ROOTS}\b)", re.IGNORECASE)
_ROOT_END = lazy_compile(rf"</{_XML_ROOTS}\s*>", re.IGNORECASE)


def repair_xml(text: str) -> str:
    """Return a feed, sitemap or OPML without what stands around it, its ampersands in order.

    A bare ``&`` becomes ``&amp;``; HTML's names of characters (``&nbsp;``), which XML does not
    know, become the characters; all else stays as it is.
    """
    if (root := _ROOT.search(text)) is not None:
        text = text[root.start() :]
    ends = list(_ROOT_END.finditer(text))
    if ends:
        text = text[: ends[-1].end()]
    return _REFERENCE.sub(_in_order, text)


def _in_order(match: re.Match[str]) -> str:
    found = match[0]
    if found == "&":
        return "&amp;"
    name = match[1]
    if name is None or name in _PREDEFINED:
        return found
    meant = html.unescape(found)
    return html.escape(meant) if meant != found else f"&amp;{found[1:]}"


def without_stump(text: str) -> str:
    """Return a feed or sitemap without what it breaks off in, where its root is not closed.

    That is a part of an address, a time or a headline, and reads as another one.
    """
    whole = ">" not in text or _ROOT_END.search(text[-200:]) is not None
    return text if whole else text[: text.rfind(">") + 1]


# The limit of a sitemap, unpacked: https://www.sitemaps.org/protocol.html
MAX_SITEMAP_BYTES = 50 * 1024 * 1024

_MAGIC = b"\x1f\x8b"


def gunzip(body: bytes, url: str, kind: str, cap: int = MAX_SITEMAP_BYTES) -> bytes:
    """Return a body without the gzip around it, if there is any.

    All members are unpacked; what is whole of a cut one is kept. A packed file that its server
    packs once more, without saying so, is unpacked twice.

    Args:
        body: the bytes as they came.
        url: where they were read.
        kind: what they should be: ``sitemap`` or ``feed``.
        cap: bytes that the unpacked body may have.

    Raises:
        DiscoverError: ``not_a_sitemap`` or ``not_a_feed`` where the gzip is broken; ``too_large``
            when it unpacks to more than `cap`.
    """
    for _ in range(2):
        if body.startswith(_MAGIC):
            body = _members(body, url, kind, cap)
    return body


def _members(body: bytes, url: str, kind: str, cap: int) -> bytes:
    found = bytearray()
    while body.startswith(_MAGIC):
        inflate = zlib.decompressobj(wbits=31)
        try:
            found += inflate.decompress(body, cap + 1 - len(found))
        except zlib.error:
            raise DiscoverError(
                f"not a {kind}: {url} is broken gzip",
                url=url,
                error_class=ErrorClass.NOT_A_SITEMAP
                if kind == "sitemap"
                else ErrorClass.NOT_A_FEED,
            ) from None
        if len(found) > cap:
            raise DiscoverError(
                f"too large: {url} unpacks to more than {cap:,} bytes"
                " (settings.toml, [fetch] max_sitemap_bytes)",
                url=url,
                error_class=ErrorClass.TOO_LARGE,
            )
        body = inflate.unused_data
    return bytes(found)
