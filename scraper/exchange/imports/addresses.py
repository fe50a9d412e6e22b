"""Addresses of articles in lists and in what other programs export; they are fetched now.

What such exports hold of an article's text is what another program made of it, not the publisher's
page: it is not taken over.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from scraper.config import has_login
from scraper.errors import FetchError, UsageError
from scraper.record import record
from scraper.text.encoding import decode, scrub
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, identity

__all__ = ["MAX_BYTES", "AddressList", "read_addresses"]

MAX_BYTES = 100 * 1024 * 1024
_MOST = 200_000
_DEEPEST = 8
# Keys under which programs keep an article's address, the first that is there: Wallabag, Miniflux
# and Karakeep (url), Pocket (resolved_url), trafilatura (source), Google Reader (href), Linkwarden.
_KEYS = ("url", "resolved_url", "given_url", "source", "link", "href", "uri")
# Keys below which lists of articles stand, and those below which other addresses stand.
_LISTS = ("bookmarks", "items", "entries", "list", "links", "articles", "content", "canonical",
          "alternate", "data")  # fmt: skip
# Places in damaged JSON at which reading is taken up again, and characters of one object.
_MOST_BREAKS, _LONGEST_OBJECT = 200, 1024 * 1024
_LOC = lazy_compile(
    r"<(?:\w{1,20}:)?loc>((?:[^<>&]|&(?:amp|lt|gt|quot|apos|#\w{1,8});){1,8000}+)</"
)
_DECLARATION = lazy_compile(r"^<\?xml[^>]{0,200}\?>")
_FRONT = lazy_compile(r"(?:url|source): (https?://\S{1,8000})")


@record
class AddressList:
    """The addresses that a file names.

    Attributes:
        urls: in order, none twice.
        passed_over: what could not be read of the file, in words, or "".
    """

    urls: tuple[str, ...]
    passed_over: str = ""


@dataclass(slots=True)
class _Damage:
    """What could not be read: how many parts, and the first in words."""

    count: int = 0
    first: str = ""

    def add(self, what: str) -> None:
        self.count += 1
        self.first = self.first or what

    def words(self, name: str) -> str:
        if not self.count:
            return ""
        return f"{name}: parts passed over: {self.count:,}, all others were read: {self.first}"


def read_addresses(body: bytes, name: str) -> AddressList:
    """Return the addresses in a list or an export; what is damaged of it is passed over.

    Runs in a worker: the bytes may come from anyone.

    Args:
        body: the file.
        name: its name, for errors.

    Raises:
        UsageError: there is no address in it.
    """
    text = scrub(decode(body).text).strip("\ufeff \t\r\n")
    found: dict[str, str] = {}
    damage = _Damage()
    for given in _given(text, damage):
        if "\ufffd" in given:
            damage.add(f"not an address: {given.strip()[:200]!r}")
            continue
        url = absolute(given.strip(), "")
        if url.lower().startswith(("http://", "https://")) and not has_login(url):
            try:
                found.setdefault(identity(url), url)
            except FetchError as error:
                damage.add(error.message)
        elif given.strip().lower().startswith(("http://", "https://")):
            # A password is not repeated.
            shown = "it holds a login" if has_login(given) else repr(given.strip()[:200])
            damage.add(f"not an address: {shown}")
        if len(found) >= _MOST:
            break
    if not found:
        why = f" ({damage.first})" if damage.first else ""
        raise UsageError(f"{name}: there is no address of an article in it{why}")
    return AddressList(urls=tuple(found.values()), passed_over=damage.words(name))


def _given(text: str, damage: _Damage) -> Iterator[str]:
    lower = text[:2000].lower()
    if text.startswith(("{", "[")):
        yield from _of_json(text, damage)
    elif "netscape-bookmark" in lower or lower.startswith(("<!doctype html", "<html")):
        for link in LexborHTMLParser(text).css("a[href]"):
            yield link.attributes.get("href") or ""
        if "netscape-bookmark" in lower and "</dl>" not in text[-100:].lower():
            damage.add("it is cut off: its list does not end")
    elif text.startswith("<"):
        yield from _of_xml(text, damage)
    elif "," in text.split("\n", 1)[0] and not lower.startswith("http"):
        yield from _of_csv(text, damage)
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


def _of_json(text: str, damage: _Damage) -> Iterator[str]:
    """Yield the addresses of a document, of JSON Lines, or of what is whole in a damaged one."""
    try:
        yield from _walked(json.loads(text), 0, damage)
        return
    except RecursionError:
        return
    except ValueError as error:
        broken = error
    lines = text.splitlines()
    if len(lines) > 1 and _is_json(lines[0]):
        offset = 0
        for line in text.splitlines(keepends=True):
            try:
                if line.strip():
                    yield from _walked(json.loads(line), 0, damage)
            except (ValueError, RecursionError):
                damage.add(f"the line at byte {_bytes(text, offset):,} is no JSON")
            offset += len(line)
        return
    position = getattr(broken, "pos", 0)
    damage.add(f"damaged at byte {_bytes(text, position):,} ({broken})"[:200])
    yield from _whole_objects(text, damage)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _bytes(text: str, characters: int) -> int:
    return len(text[:characters].encode("utf-8", "replace"))


def _whole_objects(text: str, damage: _Damage) -> Iterator[str]:
    """Yield the addresses of the objects that are whole in a damaged document."""
    decoder = json.JSONDecoder()
    at, breaks = text.find("{"), 0
    while at >= 0 and breaks < _MOST_BREAKS:
        try:
            value, size = decoder.raw_decode(text[at : at + _LONGEST_OBJECT])
            after = at + size
            yield from _walked(value, 0, damage)
        except (ValueError, RecursionError):
            # The entries of a list that is cut off are whole; so are those behind a broken one.
            breaks += 1
            after = at + 1
        at = text.find("{", after)


def _walked(value: Any, depth: int, damage: _Damage) -> Iterator[str]:
    """Yield one address for each object that has one, else those of the lists below it."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from [one] if isinstance(one, str) else _walked(one, depth + 1, damage)
    elif isinstance(value, dict):
        own = next((value[key] for key in _KEYS if _is_address(value.get(key))), None)
        if own is not None:
            yield own
            return
        given = next((value[key] for key in _KEYS if isinstance(value.get(key), str)), "")
        if given.strip() and not any(isinstance(value.get(key), dict | list) for key in _LISTS):
            damage.add(f"not an address of the web: {given.strip()[:200]!r}")
            return
        for key in _LISTS:
            if isinstance(value.get(key), dict | list):
                inner = list(_walked(value[key], depth + 1, damage))
                # Of an entry's own addresses, canonical and alternate, the first counts.
                if key in ("canonical", "alternate") and inner:
                    yield inner[0]
                    return
                yield from inner
        # Pocket's API: an object of articles by number.
        if all(isinstance(one, dict) for one in value.values()) and not set(value) & set(_LISTS):
            for one in value.values():
                yield from _walked(one, depth + 1, damage)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


def _of_xml(text: str, damage: _Damage) -> Iterator[str]:
    """Yield addresses of trafilatura's XML and of a sitemap, those that are whole."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    # Decoded here, its declaration of characters speaks no longer.
    text = _DECLARATION.sub("", text, count=1)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if parser.error_log:
        wrong = parser.error_log[0]
        damage.add(f"damaged at line {wrong.line:,} ({wrong.message})"[:200])
        # The parser leaves out what follows, or joins it to what is before.
        yield from (unescape(match[1]) for match in _LOC.finditer(text))
    for element in () if root is None else root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name == "doc":
            yield str(element.get("url") or element.get("source") or "")
        elif name == "loc" and len(element):
            # What an entity stands for is not read: the rest would be another address.
            damage.add(f"the address at line {element.sourceline:,} holds more than text")
        elif name == "loc" and not parser.error_log:
            yield str(element.text or "")


def _of_csv(text: str, damage: _Damage) -> Iterator[str]:
    """Yield the addresses of the rows that have all their cells."""
    csv.field_size_limit(MAX_BYTES)
    rows = _rows(io.StringIO(text, newline="").readlines())
    _, head = next(rows, (0, []))
    names = [name.strip().lower() for name in head]
    for line, row in rows:
        if not row:
            continue
        cells = dict(zip(names, row, strict=False))
        given = next((cells[key] for key in _KEYS if key in cells), "")
        if len(row) < len(names):
            damage.add(f"line {line:,} has {len(row)} of {len(names)} cells")
        elif _is_address(given.strip()):
            yield given
        elif given.strip():
            damage.add(f"line {line:,} has no address of the web: {given.strip()[:200]!r}")


def _rows(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the number of the line at which each begins.

    Behind a quotation mark that is never closed, which else takes all that follows for one cell,
    each line is a row.
    """
    reader = csv.reader(lines, strict=True)
    while True:
        begins = reader.line_num
        try:
            yield begins + 1, next(reader)
        except StopIteration:
            return
        except csv.Error:
            break
    for number, line in enumerate(lines[begins:], start=begins + 1):
        yield number, next(csv.reader([line]), [])
