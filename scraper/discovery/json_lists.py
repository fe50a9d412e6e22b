"""Lists of articles in JSON: responses of services, and data that pages embed.

JavaScript-rendered pages embed what they show as JSON in a script element; services for such pages
respond with JSON alone. Records of one list stand at one path of keys and have a headline and an
address each; that is how they are recognised.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from scraper.discovery.link_ranking import address_score
from scraper.discovery.visit import Entry, Wanted, one_line, plain_text, resolve
from scraper.models import Source
from scraper.text.dates.feed_dates import parse_feed_date
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns
from scraper.urls import same_site

__all__ = ["documents_in", "embedded_entries", "json_document"]

_MOST_CHARACTERS = 4_000_000
_MOST_SCRIPTS = 200
_MOST_VALUES = 200_000
_MOST_RECORDS = 1_000
_DEEPEST = 40

# Names of keys, in small letters without signs between words, the most telling first.
_TITLES = ("headline", "title", "newstitle", "articletitle", "widgettitle", "maintitle", "subject",
           "name", "label")  # fmt: skip
_ADDRESSES = ("url", "link", "href", "permalink", "linkurl", "articleurl", "newsurl", "weburl",
              "pcurl", "docurl", "shareurl", "canonicalurl", "path", "uri", "id")  # fmt: skip
_TIMES = ("datepublished", "publishedat", "publishedtime", "publishtime", "pubtime", "pubdate",
          "publishdate", "published", "ctime", "createtime", "createdat", "ptime", "time", "date",
          "showtime", "updatetime", "updatedat")  # fmt: skip
_SIGNS = lazy_compile(r"[^a-z0-9]+")
_ASSIGNED = lazy_compile(r"=\s*(?=[\[{])|JSON\.parse\(\s*(?=\")")
_CALLBACK = lazy_compile(r"\s*+(?:/\*.*?\*/)?\s*+[\w.$]{1,80}\s*+\(\s*+(?=[\[{])", re.DOTALL)
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class _Record:
    """A value of a document that may be an article."""

    url: str
    title: str
    time: str
    rank: int


def json_document(text: str) -> object | None:
    """Return what an answer in JSON (or JSON in a call, JSONP) holds, or None for no JSON."""
    start = text.lstrip("\ufeff \t\r\n")
    if (call := _CALLBACK.match(start[:400])) is not None:
        start = start[call.end() :]
    return _read(start, 0) if start[:1] in ("{", "[") else None


def documents_in(tree: LexborHTMLParser) -> Iterator[object]:
    """Yield the JSON documents that stand in a page's scripts."""
    left = _MOST_CHARACTERS
    for script in tree.css("script")[:_MOST_SCRIPTS]:
        attributes = script.attributes
        text = script.text() or ""
        if attributes.get("src") or len(text) < 40 or len(text) > left:
            continue
        left -= len(text)
        if "json" in (attributes.get("type") or "").lower():
            if (document := json_document(text)) is not None:
                yield document
            continue
        end = 0
        for match in _ASSIGNED.finditer(text):
            if match.start() < end:
                continue
            try:
                document, end = _DECODER.raw_decode(text, match.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(document, str):
                document = json_document(document)
            if document is not None:
                yield document


def embedded_entries(
    documents: Iterator[object], base: str, source: Source, at: datetime
) -> tuple[Entry, ...]:
    """Return the articles that JSON documents list, in their order, each once.

    Args:
        documents: the parsed documents.
        base: address of the page; only articles of its site are taken.
        source: its patterns choose among them, its zone dates them.
        at: the present moment.
    """
    groups: defaultdict[tuple[str, ...], list[_Record]] = defaultdict(list)
    count = 0
    for document in documents:
        for path, value in _records(document):
            if (record := _record(value, base, count)) is not None:
                groups[path].append(record)
                count += 1
                if count >= _MOST_RECORDS:
                    break
    chosen = [record for group in groups.values() if _is_list(group) for record in group]
    wanted = Wanted(source)
    found: dict[str, Entry] = {}
    for record in sorted(chosen, key=lambda record: record.rank):
        if wanted.accepts(record.url):
            found.setdefault(
                record.url,
                Entry(
                    url=record.url,
                    title=record.title,
                    published=parse_feed_date(record.time, source, at),
                    published_raw=record.time,
                ),
            )
    return tuple(found.values())


def _read(text: str, start: int) -> object | None:
    try:
        document: object = _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    return document


def _records(document: object) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    """Yield the records of a document with the path of keys that leads to each, in its order."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), document)]
    visited = 0
    while waiting and visited < _MOST_VALUES:
        path, value = waiting.pop()
        visited += 1
        if len(path) > _DEEPEST:
            continue
        if isinstance(value, dict):
            yield path, value
            inner = [(str(key), item) for key, item in value.items()]
            # Keys that are ids or places do not part the records of one list.
            further = [
                ((*path, "*" if any(c.isdigit() for c in key) else key), item)
                for key, item in inner
                if isinstance(item, dict | list)
            ]
        elif isinstance(value, list):
            further = [((*path, "*"), item) for item in value if isinstance(item, dict | list)]
        else:
            continue
        waiting.extend(reversed(further))


def _record(value: Mapping[str, object], base: str, rank: int) -> _Record | None:
    told = {_SIGNS.sub("", str(key).lower()): item for key, item in value.items()}
    title = next((told[k] for k in _TITLES if isinstance(told.get(k), str) and told[k]), "")
    hrefs = (told[key] for key in _ADDRESSES if isinstance(told.get(key), str))
    href = next((str(h).strip() for h in hrefs if _is_address(str(h).strip())), "")
    if not title or not href:
        return None
    url = resolve(base, href)
    if not url or not same_site(url, base) or address_score(url) <= 0:
        return None
    times = (told.get(key) for key in _TIMES)
    time = next((str(t) for t in times if isinstance(t, str | int) and t), "")
    return _Record(url, plain_text(str(title)), one_line(time, 60), rank)


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "/")) and not re.search(r"\s", text)


def _is_list(group: Sequence[_Record]) -> bool:
    """Whether records that stand at one path are articles and not the entries of a menu."""
    urls = {record.url for record in group}
    widths = sorted(columns(record.title) for record in group)
    headline = widths[len(widths) // 2]
    address = sum(address_score(record.url) for record in group) / len(group)
    dated = sum(bool(record.time) for record in group) / len(group)
    if len(urls) < 3:
        return False
    if address >= 0.8 or dated >= 0.8:
        return headline >= (8 if dated >= 0.8 else 12)
    return address >= 0.5 and headline >= 20
