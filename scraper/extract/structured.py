"""The article as the page hands it to machines: head metadata, JSON-LD, framework state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from scraper.extract.features import Hints

__all__ = ["article_body", "hints_of", "live_body", "objects"]

_TAG = re.compile(r"<[^>]{1,2000}>")
_BODY_FIELD = re.compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_MAX_NODES = 50_000


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON value, however deep, without recursion."""
    queue = [value]
    for _ in range(_MAX_NODES):
        if not queue:
            return
        item = queue.pop()
        if isinstance(item, dict):
            yield item
            queue.extend(v for v in item.values() if isinstance(v, dict | list))
        elif isinstance(item, list):
            queue.extend(v for v in item if isinstance(v, dict | list))


def _load(raw: str) -> Any:
    try:
        return json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None


def article_body(tree: LexborHTMLParser) -> str:
    """Return the longest ``articleBody`` of the page's JSON-LD, as it stands there, or ""."""
    return max((_string(item.get("articleBody")) for item in _linked(tree)), key=len, default="")


def live_body(tree: LexborHTMLParser) -> str:
    """Return the updates of a live blog that JSON-LD holds, in its order, or ""."""
    for item in _linked(tree):
        updates = item.get("liveBlogUpdate")
        if isinstance(updates, list):
            bodies = [_string(u.get("articleBody")) for u in updates if isinstance(u, dict)]
            return "\n".join(filter(None, bodies))
    return ""


def _linked(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Yield the objects of the page's JSON-LD that may tell a text."""
    for script in tree.css('script[type="application/ld+json"]'):
        raw = script.text() or ""
        if "articleBody" not in raw:
            continue
        value = _load(raw)
        if value is None:
            # Much JSON-LD is broken somewhere; the one field may still be whole.
            match = _BODY_FIELD.search(raw)
            value = {"articleBody": _load(match.group(1))} if match else None
        yield from objects(value)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def hints_of(tree: LexborHTMLParser) -> Hints:
    """Return what the page's head says about the article."""
    title = tree.css_first("title")
    og_title, summary = "", ""
    for meta in tree.css(
        "meta[property='og:title'],meta[name=description],meta[property='og:description']"
    ):
        attributes = meta.attributes
        content = attributes.get("content") or ""
        if attributes.get("property") == "og:title":
            og_title = og_title or content
        else:
            summary = summary or content
    return Hints(
        title=og_title or (title.text() if title is not None else ""),
        summary=summary,
        body=_TAG.sub(" ", article_body(tree)),
    )
