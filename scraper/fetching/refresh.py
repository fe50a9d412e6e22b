"""Refresh redirects: a page or its response sends the reader on at once.

Static sites and link shorteners redirect by ``<meta http-equiv="refresh">`` or by a header
``Refresh``. The value is read as browsers do (HTML standard, "shared declarative refresh steps").
A refresh after a long delay reloads a page that is there, and one within ``<noscript>`` is not for
those who run scripts: neither is a redirect.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urldefrag

from scraper.urls import absolute

__all__ = ["refresh_target"]

# Seconds up to which a refresh is a redirect: after more, the page is meant to be read.
LONGEST_DELAY = 5
# Bytes of a page that are searched, and characters of a value.
_MOST_SOURCE, _MOST_VALUE = 16 * 1024, 4096
_HTML = ("text/html", "application/xhtml+xml", "")
_BLANK = " \t\n\f\r"
_TAG = re.compile(
    rb"<(?:(!--)|(meta|base)(?=[\s/])|(noscript|script|style|template|textarea|title|iframe|svg)\b)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    rb"""[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]{0,4096})"|'([^']{0,4096})'|([^\s"'>]+)))?"""
)


def refresh_target(url: str, status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the address to which a response sends its reader on, "" where it does not.

    Args:
        url: the address that answered.
        status: HTTP status; only a page that is there (200) redirects so.
        headers: response headers, lower-case names.
        body: without Content-Encoding, not decoded.
    """
    if status != 200:
        return ""
    named = _parsed(headers.get("refresh", ""))
    base = url
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not named and kind in _HTML:
        for name, attributes in _elements(body[:_MOST_SOURCE]):
            if name == "base":
                base = absolute(url, attributes.get("href", "")) or base
            elif attributes.get("http-equiv", "").strip(_BLANK).lower() == "refresh":
                named = _parsed(attributes.get("content", ""))
                break
    target = absolute(base, named) if named else ""
    return "" if urldefrag(target)[0] == urldefrag(url)[0] else target


def _parsed(value: str) -> str:
    """Return the address in the value of a refresh, "" where it has none or comes late."""
    value = value[:_MOST_VALUE].strip(_BLANK)
    found = re.match(r"(\d*)[\d.]*", value)
    if found is None or not found[0] or int(found[1][:9] or "0") > LONGEST_DELAY:
        return ""
    rest = value[found.end() :]
    if rest and rest[0] not in ";," + _BLANK:
        return ""
    rest = rest.lstrip(_BLANK)
    rest = rest[1:].lstrip(_BLANK) if rest[:1] in (";", ",") else rest
    named = re.match(rf"url[{_BLANK}]*=[{_BLANK}]*", rest, re.IGNORECASE)
    rest = rest[named.end() :] if named else rest
    if rest[:1] in ("'", '"'):
        rest = rest[1:].partition(rest[0])[0]
    return rest.strip(_BLANK)


def _elements(source: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield name and attributes of the meta and base elements that count for every reader.

    A scan of its own rather than a parser: it runs where pages are fetched, not in a worker, and
    looks at each byte a bounded number of times.
    """
    # Most pages have none: that is seen without a copy in lower case.
    if b"efresh" not in source and b"EFRESH" not in source:
        return
    lowered = source.lower()
    at = 0
    while (tag := _TAG.search(source, at)) is not None:
        comment, element, hidden = tag.groups()
        if element is None:
            end = b"-->" if comment else b"</" + hidden.lower()
            found = lowered.find(end, tag.end())
            if found < 0:
                return
            at = found + len(end)
            continue
        attributes: dict[str, str] = {}
        at = tag.end()
        while (pair := _ATTRIBUTE.match(source, at)) is not None:
            at = pair.end()
            name, *values = pair.groups()
            value = next((one for one in values if one is not None), b"")
            text = html.unescape(value.decode("utf-8", "replace"))
            attributes.setdefault(name.decode("latin-1").lower(), text)
        yield element.decode("ascii").lower(), attributes
