"""The article in the data that a framework's scripts fill the page from, where the HTML lacks it.

Next.js (``__NEXT_DATA__``, streamed ``self.__next_f``), Nuxt (``__NUXT__`` as a function call,
``__NUXT_DATA__`` as a table of values), and assignments such as ``window.__INITIAL_STATE__ = {…}``,
``JSON.parse("…")`` or a percent-encoded string. No script is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from scraper.extract.structured import objects

__all__ = ["hidden_markup", "state_body"]

# Keys under which frameworks keep the text of the page's article; others hold strings of the site.
_TEXT_KEYS: Final = frozenset(
    (
        *("articlebody", "body", "content", "contenthtml", "bodyhtml", "html", "text", "detail"),
        *("articlecontent", "article_content", "description_html", "richtext", "maincontent"),
        *("storybody", "post_content", "content_html", "body_html", "contents", "rendered"),
        *("__html", "blocks", "paragraphs", "contentblocks", "content_blocks", "bodytext"),
    )
)
_PART_KEYS: Final = ("text", "html", "content", "value", "children", "blocks", "items")
_ASSIGNED = re.compile(
    r"(?:(?:window|self|globalThis)\s*(?:\.\s*[\w$]{1,60}|\[[\"'][\w$]{1,60}[\"']\])"
    r"|\b__[A-Z_]{3,40}__|_ROUTER_DATA)\s*=\s*"
    r"(?P<parse>JSON\.parse\(\s*)?(?:decodeURIComponent\(\s*)?(?=[{\[\"'])"
)
_FIELD = re.compile(
    r"""["']?\b([A-Za-z_]{2,20})["']?\s*:\s*("(?:[^"\\]|\\.){80,}"|'(?:[^'\\]|\\.){80,}')""",
    re.DOTALL,
)
_PUSHED = re.compile(
    r"""__next_f\.push\(\s*\[\s*1\s*,\s*("(?:[^"\\]|\\.)*")\s*\]\s*\)""", re.DOTALL
)
_ROW = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),)?")
# The document of a template is no child of it.
_INNER = re.compile(r"^<template[^>]*>|</template>$", re.IGNORECASE)
_REFERENCE = re.compile(r"\$([0-9a-f]{1,8})")

_LEAST: Final = 80  # characters; less is a label, not an article
_MOST_ASSIGNMENTS: Final = 40
_DEEPEST: Final = 12
_MANY_ROWS: Final = 20_000
_MANY_PARTS: Final = 5_000


def _load(raw: str) -> Any:
    try:
        return json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None


def _literal(raw: str, at: int) -> Any:
    """Return the JSON value that begins at a place of a script, or None."""
    if raw[at] == "'":
        end = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL).match(raw, at)
        return _unquoted(end.group()) if end else None
    try:
        return json.JSONDecoder(strict=False).raw_decode(raw, at)[0]
    except (ValueError, RecursionError):
        return None


def _unquoted(literal: str) -> str:
    """Return what a string of a script says."""
    body = literal[1:-1]
    if literal[0] == "'":
        body = body.replace("\\'", "'")
        body = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', body)
    body = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", body)
    value = _load(f'"{body}"')
    return value if isinstance(value, str) else ""


def _from_script(raw: str) -> Iterator[Any]:
    """Yield the values that a script assigns, and the long texts that it names in any notation."""
    found = False
    for count, match in enumerate(_ASSIGNED.finditer(raw)):
        if count == _MOST_ASSIGNMENTS:
            break
        value = _literal(raw, match.end())
        if isinstance(value, str) and len(value) > _LEAST:
            value = _load(unquote(value) if value.startswith("%") else value)
        if isinstance(value, dict | list):
            found = True
            yield value
    if not found:
        # An object of JavaScript, not of JSON: names without quotes, calls, variables.
        for field in _FIELD.finditer(raw):
            yield {field[1]: _unquoted(field[2])}


def _revived(table: list[Any]) -> Iterator[Any]:
    """Yield the objects of a flat table of values, whose fields hold indexes into it (devalue)."""

    def at(index: Any) -> Any:
        known = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(table)
        return table[index] if known else None

    for item in table:
        if isinstance(item, dict):
            fields = {key: at(value) for key, value in item.items()}
            yield {
                key: [at(part) for part in value] if isinstance(value, list) else value
                for key, value in fields.items()
            }


def _streamed(chunks: list[str]) -> Iterator[Any]:
    """Yield the rows of a React server stream; texts stand where they are referred to."""
    data = "".join(chunks).encode("utf-8", "replace")
    texts: dict[str, str] = {}
    values: list[Any] = []
    at = 0
    for _ in range(_MANY_ROWS):
        match = _ROW.match(data, at)
        if match is None:
            # Not a row: go on behind the line.
            at = data.find(b"\n", at) + 1
            if at <= 0:
                break
            continue
        if match[2]:
            end = match.end() + int(match[2], 16)
            texts[match[1].decode()] = data[match.end() : end].decode("utf-8", "replace")
        else:
            end = data.find(b"\n", match.end())
            end = len(data) if end < 0 else end
            values.append(_load(data[match.end() : end].decode("utf-8", "replace")))
            end += 1
        at = end
    for value in values:
        for item in objects(value):
            yield {
                key: texts.get(reference[1], "")
                if isinstance(field, str) and (reference := _REFERENCE.fullmatch(field))
                else field
                for key, field in item.items()
            }


def _states(tree: LexborHTMLParser) -> Iterator[Any]:
    """Yield the values that the page's scripts carry."""
    chunks: list[str] = []
    for script in tree.css("script"):
        kind = (script.attributes.get("type") or "").lower()
        raw = script.text() or ""
        if len(raw) <= _LEAST or kind == "application/ld+json":
            continue
        if kind == "application/json":
            value = _load(raw)
            yield value
            if isinstance(value, list):
                yield from _revived(value)
        elif "__next_f" in raw:
            chunks += [_unquoted(match[1]) for match in _PUSHED.finditer(raw)]
        elif not kind or "javascript" in kind or kind == "module":
            yield from _from_script(raw)
    if chunks:
        yield from _streamed(chunks)


def _text_of(value: Any, depth: int = 0) -> str:
    """Return a value as text: a string, or a list or tree of parts that hold strings."""
    if isinstance(value, str):
        return value
    if depth > _DEEPEST:
        return ""
    if isinstance(value, list):
        parts = (_text_of(part, depth + 1) for part in value[:_MANY_PARTS])
        return "\n".join(filter(None, parts))
    if isinstance(value, dict) and depth:
        for key in _PART_KEYS:
            text = _text_of(value.get(key), depth + 1)
            if text:
                return text
    return ""


def state_body(tree: LexborHTMLParser) -> str:
    """Return the longest text that a script holds under a key that names an article's body.

    The text may hold markup. "" when there is none.
    """
    best = ""
    for state in _states(tree):
        for item in objects(state):
            for key, value in item.items():
                if key.lower() in _TEXT_KEYS and value:
                    text = _text_of(value)
                    if len(text) > len(best):
                        best = text
    return best if len(best) >= _LEAST else ""


def hidden_markup(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """Return name and HTML of what a browser may show though it is no part of the document itself.

    ``<noscript>``, ``<template>`` (a declarative shadow tree) and ``<iframe srcdoc>``, the longest
    first.
    """
    found = [("noscript", node.inner_html or "") for node in tree.css("noscript")]
    found += [("template", _INNER.sub("", node.html or "")) for node in tree.css("template")]
    found += [
        ("srcdoc", node.attributes.get("srcdoc") or "") for node in tree.css("iframe[srcdoc]")
    ]
    long = [(name, markup) for name, markup in found if len(markup) >= _LEAST]
    return sorted(long, key=lambda pair: -len(pair[1]))[:3]
