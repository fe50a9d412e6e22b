"""The article as the page hands it to machines: head metadata, JSON-LD, framework state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from scraper.extract.features import Hints

__all__ = ["hints_of"]

_TAG = re.compile(r"<[^>]{1,2000}>")
_BODY_FIELD = re.compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_MAX_NODES = 50_000


def _objects(value: Any) -> Iterator[dict[str, Any]]:
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
    found: list[str] = []
    for script in tree.css('script[type="application/ld+json"]'):
        raw = script.text() or ""
        if "articleBody" not in raw:
            continue
        value = _load(raw)
        if value is None:
            # Much JSON-LD is broken somewhere; the one field may still be whole.
            match = _BODY_FIELD.search(raw)
            value = {"articleBody": _load(match.group(1))} if match else None
        found += [
            item["articleBody"]
            for item in _objects(value)
            if isinstance(item.get("articleBody"), str)
        ]
    return max(found, key=len, default="")


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


# Keys under which frameworks keep the text of the page's article; others hold strings of the site.
_TEXT_KEYS = frozenset(
    (
        *("articlebody", "body", "content", "contenthtml", "bodyhtml", "html", "text", "detail"),
        *("articlecontent", "article_content", "description_html", "richtext", "maincontent"),
        *("storybody", "post_content", "content_html"),
    )
)
_STATE = re.compile(
    r"(?:window\.)?(?:__[A-Z_]*(?:STATE|DATA|PROPS)[A-Z_]*__|_ROUTER_DATA|__NUXT__)\s*=\s*(?=\{)"
)
_LEAST = 80  # characters; less is a label, not an article


def _states(tree: LexborHTMLParser) -> Iterator[Any]:
    """Yield the values of framework state that the page carries."""
    for script in tree.css("script"):
        kind = (script.attributes.get("type") or "").lower()
        raw = script.text() or ""
        if kind == "application/json" and len(raw) > _LEAST:
            yield _load(raw)
        elif "STATE__" in raw or "DATA" in raw or "__NUXT__" in raw:
            match = _STATE.search(raw)
            if match:
                try:
                    yield json.JSONDecoder(strict=False).raw_decode(raw, match.end())[0]
                except (ValueError, RecursionError):
                    continue


def _text_of(value: Any) -> str:
    """Return a value as text when it is a string, or a list of strings or of text nodes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [
            part if isinstance(part, str) else part.get("text") or part.get("content") or ""
            for part in value
            if isinstance(part, str | dict)
        ]
        if parts and all(isinstance(part, str) for part in parts):
            return "\n".join(part for part in parts if part)
    return ""


def state_body(tree: LexborHTMLParser) -> str:
    """Return the longest text that framework state holds under a key that names an article's body.

    ``__NEXT_DATA__``, ``window.__INITIAL_STATE__`` and their like, and any script of type
    ``application/json``. The text may hold markup. "" when there is none.
    """
    best = ""
    for state in _states(tree):
        for item in _objects(state):
            for key, value in item.items():
                if key.lower() in _TEXT_KEYS:
                    text = _text_of(value)
                    if len(text) > len(best):
                        best = text
    return best if len(best) >= _LEAST else ""
