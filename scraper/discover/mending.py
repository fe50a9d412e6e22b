"""Mending of XML that is nearly well formed, so that a strict parser reads what was meant."""

from __future__ import annotations

import html
import re

__all__ = ["mended"]

# A reference that XML knows by itself stays; text marked as data is none of our business.
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?\]\]>|&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|(\w{1,31});)?", re.DOTALL
)
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ROOTS = r"(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex|opml)"
_ROOT = re.compile(rf"<(?:\?xml\b|{_ROOTS}\b)", re.IGNORECASE)
_ROOT_END = re.compile(rf"</{_ROOTS}\s*>", re.IGNORECASE)


def mended(text: str) -> str:
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
