"""Where a feed is announced when it changes: its hub and its topic (W3C WebSub, section 4).

Links of the HTTP response count before those of the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scraper.discovery.visit import resolve
from scraper.text.patterns import lazy_compile

__all__ = ["header_links", "hub_and_topic"]

_LONGEST_HEADER = 8192
_MOST_LINKS = 50
_LINK = lazy_compile(r"<([^<>]{1,2000})>([^<]{0,1000})")
_RELATION = lazy_compile(r";\s{0,9}rel\s{0,9}=\s{0,9}(?:\"([^\"]{1,200})\"|([^\s\",;]{1,200}))", 2)


def header_links(value: str, base: str) -> dict[str, str]:
    """Return the first address of each relation in a Link header (RFC 8288).

    Args:
        value: of the header; several headers are joined by commas.
        base: address of the response.
    """
    found: dict[str, str] = {}
    for number, link in enumerate(_LINK.finditer(value[:_LONGEST_HEADER])):
        relation = _RELATION.search(link[2])
        url = resolve(base, link[1].strip())
        if number >= _MOST_LINKS or relation is None or not url:
            continue
        for name in (relation[1] or relation[2]).lower().split():
            found.setdefault(name, url)
    return found


def hub_and_topic(
    headers: Mapping[str, str], url: str, hubs: Sequence[str], own: str
) -> tuple[str, str]:
    """Return hub and topic of a feed, or two empty strings where it names no hub.

    Args:
        headers: of the response, lower-case names.
        url: where it came from at last.
        hubs: addresses of hubs that the document names.
        own: address that the document states as its own, or "".
    """
    named = header_links(headers.get("link", ""), url)
    hub = named.get("hub") or next(iter(hubs), "")
    return (hub, named.get("self") or own or url) if hub else ("", "")
