"""Addresses of articles in lists and in what other programs export; they are fetched now.

What such exports hold of an article's text is what another program made of it, not the publisher's
page: it is not taken over.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from scraper.config import has_login
from scraper.errors import UsageError
from scraper.text.encoding import decode, scrub
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, identity

__all__ = ["MAX_BYTES", "read_addresses"]

MAX_BYTES = 100 * 1024 * 1024
_MOST = 200_000
_DEEPEST = 8
# Keys under which programs keep an article's address, the first that is there: Wallabag, Miniflux
# and Karakeep (url), Pocket (resolved_url), trafilatura (source), Google Reader (href), Linkwarden.
_KEYS = ("url", "resolved_url", "given_url", "source", "link", "href", "uri")
# Keys below which lists of articles stand, and those below which other addresses stand.
_LISTS = ("bookmarks", "items", "entries", "list", "links", "articles", "content", "canonical",
          "alternate", "data")  # fmt: skip
_FRONT = lazy_compile(r"(?:url|source): (https?://\S{1,8000})")


def read_addresses(body: bytes, name: str) -> tuple[str, ...]:
    """Return the addresses in a list or an export, in order, none twice.

    Runs in a worker: the bytes may come from anyone.

    Args:
        body: the file.
        name: its name, for errors.

    Raises:
        UsageError: there is no address in it.
    """
    text = scrub(decode(body).text).strip("\ufeff \t\r\n")
    found: dict[str, str] = {}
    for given in _given(text):
        url = absolute(given.strip(), "")
        if url.lower().startswith(("http://", "https://")) and not has_login(url):
            found.setdefault(identity(url), url)
        if len(found) >= _MOST:
            break
    if not found:
        raise UsageError(f"{name}: there is no address of an article in it")
    return tuple(found.values())


def _given(text: str) -> Iterator[str]:
    lower = text[:2000].lower()
    if text.startswith(("{", "[")):
        yield from _of_json(text)
    elif "netscape-bookmark" in lower or lower.startswith(("<!doctype html", "<html")):
        for link in LexborHTMLParser(text).css("a[href]"):
            yield link.attributes.get("href") or ""
    elif text.startswith("<"):
        yield from _of_xml(text)
    elif "," in text.split("\n", 1)[0] and not lower.startswith("http"):
        yield from _of_csv(text)
    else:
        yield from _of_lines(text.splitlines())


def _of_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield addresses that begin a line, and that of front matter."""
    for line in lines:
        line = line.strip()
        front = _FRONT.fullmatch(line)
        if line.lower().startswith(("http://", "https://")):
            yield line.split()[0]
        elif front:
            yield front[1]


def _of_json(text: str) -> Iterator[str]:
    try:
        yield from _walked(json.loads(text), 0)
        return
    except RecursionError:
        return
    except ValueError:
        pass
    for line in text.splitlines():  # JSON Lines
        try:
            yield from _walked(json.loads(line), 0)
        except (ValueError, RecursionError):
            continue


def _walked(value: Any, depth: int) -> Iterator[str]:
    """Yield one address for each object that has one, else those of the lists below it."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from [one] if isinstance(one, str) else _walked(one, depth + 1)
    elif isinstance(value, dict):
        own = next((value[key] for key in _KEYS if _is_address(value.get(key))), None)
        if own is not None:
            yield own
            return
        for key in _LISTS:
            if isinstance(value.get(key), dict | list):
                inner = list(_walked(value[key], depth + 1))
                # Of an entry's own addresses, canonical and alternate, the first counts.
                if key in ("canonical", "alternate") and inner:
                    yield inner[0]
                    return
                yield from inner
        # Pocket's API: an object of articles by number.
        if all(isinstance(one, dict) for one in value.values()) and not set(value) & set(_LISTS):
            for one in value.values():
                yield from _walked(one, depth + 1)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


def _of_xml(text: str) -> Iterator[str]:
    """Yield addresses of trafilatura's XML and of a sitemap."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return
    for element in () if root is None else root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name == "doc":
            yield str(element.get("url") or element.get("source") or "")
        elif name == "loc":
            yield str(element.text or "")


def _of_csv(text: str) -> Iterator[str]:
    csv.field_size_limit(MAX_BYTES)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        cells = {str(key).strip().lower(): value for key, value in row.items() if key}
        given = next((cells[key] for key in _KEYS if isinstance(cells.get(key), str)), "")
        if given:
            yield given
