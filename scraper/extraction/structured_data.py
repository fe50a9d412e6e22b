"""The article as the page hands it to machines: head metadata, JSON-LD, framework state.

JSON-LD of a page: what stands in it about the article, read as evidence that may lie.

Sites ship it broken, doubled, nested and with every field of a wrong type, so each value is taken
only in the form that it should have, and a script that can't be parsed still yields the dates and
the headline that its text shows.

The article in the data that a framework's scripts fill the page from, where the HTML lacks it.

Next.js (``__NEXT_DATA__``, streamed ``self.__next_f``), Nuxt (``__NUXT__`` as a function call,
``__NUXT_DATA__`` as a table of values), and assignments such as ``window.__INITIAL_STATE__ = {…}``,
``JSON.parse("…")`` or a percent-encoded string. No script is run.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.features import Hints
from scraper.extraction.page_elements import PageElements, page_elements
from scraper.text.patterns import lazy_compile
from scraper.text.values import tidy

__all__ = [
    "ARTICLE_TYPES",
    "PAGE_TYPES",
    "article_body",
    "hidden_markup",
    "hints_of",
    "houses_alone",
    "live_body",
    "message_body",
    "names_of",
    "objects",
    "parse_scripts",
    "persons_of",
    "state_body",
    "text_of",
    "types_of",
    "url_of",
    "walk",
]


Thing = Mapping[str, Any]

# Types whose headline and dates are the article's; https://schema.org/Article and its kinds.
ARTICLE_TYPES: Final = frozenset(
    """
    article newsarticle analysisnewsarticle askpublicnewsarticle backgroundnewsarticle
    opinionnewsarticle reportagenewsarticle reviewnewsarticle blogposting liveblogposting
    socialmediaposting techarticle apireference report scholarlyarticle medicalscholarlyarticle
    satiricalarticle advertisercontentarticle discussionforumposting creativework recipe review
    howto claimreview videoobject
    """.split()  # noqa: SIM905
)
# Less about the article than about the page around it, but better than nothing.
PAGE_TYPES: Final = frozenset(("webpage", "itempage", "faqpage", "aboutpage", "medicalwebpage"))
PUBLISHER_TYPES: Final = frozenset(("organization", "newsmediaorganization", "website"))

MAX_SCRIPTS: Final = 30
MAX_LENGTH: Final = 2_000_000
MAX_THINGS: Final = 5_000

_COMMENT = lazy_compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*+\]\]>|\]\]>)\s*+;?\s*+$"
)
_TRAILING_COMMA = lazy_compile(r",(\s*[}\]])")
_LOOSE = lazy_compile(
    r'"(datePublished|dateModified|headline|dateCreated)"\s*:\s*"((?:[^"\\]|\\.){4,300})"'
)


def _number(digits: str) -> int:
    # No number in a page's metadata needs so many digits, and int() refuses 4,300 and more.
    return int(digits) if len(digits) < 30 else 0


def _load_json_ld(raw: str) -> Any:
    if "&quot;" in raw and raw.count('"') < 4:
        raw = html.unescape(raw)
    for text in (raw, _TRAILING_COMMA.sub(r"\1", _COMMENT.sub("", raw)).strip().rstrip(";")):
        try:
            return json.loads(text, strict=False, parse_int=_number)
        except (ValueError, RecursionError):
            continue
    fields = {name: _unquote(value) for name, value in reversed(_LOOSE.findall(raw))}
    return {"@type": "Article", **fields} if fields else None


def _unquote(text: str) -> str:
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def walk(value: Any) -> Iterator[Thing]:
    """Yield every object of a JSON value, outer before inner, in order, without recursion."""
    queue: list[Any] = [value]
    for _ in range(MAX_THINGS):
        if not queue:
            return
        item = queue.pop()
        if isinstance(item, dict):
            yield item
            queue.extend(v for v in reversed(list(item.values())) if isinstance(v, dict | list))
        elif isinstance(item, list):
            queue.extend(v for v in reversed(item) if isinstance(v, dict | list))


def parse_scripts(scripts: Sequence[str]) -> tuple[Thing, ...]:
    """Return every object of the page's JSON-LD scripts, in order, outer before inner.

    Args:
        scripts: contents of the ``<script type="application/ld+json">`` elements.
    """
    things: list[Thing] = []
    for raw in scripts[:MAX_SCRIPTS]:
        if raw and len(raw) <= MAX_LENGTH:
            things.extend(walk(_load_json_ld(raw)))
    return tuple(things[:MAX_THINGS])


def types_of(thing: Thing) -> frozenset[str]:
    """Return the types of an object, in lower case, without the name of the vocabulary."""
    value = thing.get("@type")
    found = value if isinstance(value, list) else [value]
    return frozenset(t.rsplit("/", 1)[-1].lower() for t in found if isinstance(t, str))


def text_of(value: Any) -> str:
    """Return a text value clean, or "" for anything else (a list's first text counts)."""
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str | Mapping)), "")
    if isinstance(value, Mapping):
        value = value.get("@value")
    return tidy(value) if isinstance(value, str) else ""


def url_of(value: Any) -> str:
    """Return an address given as text, as an object with ``url`` or ``@id``, or as a list."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, Mapping):
            value = value.get("url") or value.get("contentUrl") or value.get("@id") or ""
        else:
            break
    return tidy(value) if isinstance(value, str) else ""


def names_of(value: Any, things: Sequence[Thing] = ()) -> list[str]:
    """Return the names of persons or organisations, in order; references by ``@id`` are followed.

    Args:
        value: what stands under ``author``, ``publisher`` or the like.
        things: all objects of the page, to look references up.
    """
    names: list[str] = []
    queue = [value]
    for _ in range(50):
        if not queue:
            break
        item = queue.pop(0)
        if isinstance(item, str):
            names.append(tidy(item))
        elif isinstance(item, list):
            queue[:0] = item[:40]
        elif isinstance(item, Mapping):
            name = item.get("name") or _full_name(item)
            if isinstance(name, Mapping):
                name = _full_name(name)
            if name is None and isinstance(item.get("@id"), str):
                same = (t for t in things if t.get("@id") == item["@id"])
                queue[:0] = [n for t in same if (n := t.get("name") or _full_name(t))][:1]
            elif isinstance(name, str | list):
                queue[:0] = [name]
    return [name for name in names if name]


def _full_name(thing: Thing) -> str | None:
    """Return the name of a person who is given by its parts: a Chinese family name stands first."""
    given, family = (text_of(thing.get(key)) for key in ("givenName", "familyName"))
    parts = [part for part in (given, text_of(thing.get("additionalName")), family) if part]
    if not given or not family:
        return parts[0] if parts else None
    han = all("\u3400" <= char <= "\u9fff" for char in given + family)
    return family + given if han else " ".join(parts)


def persons_of(value: Any, things: Sequence[Thing] = ()) -> list[str]:
    """Return the names in `value` that the page declares to be persons' (``"@type": "Person"``)."""
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items[:40]:
        if isinstance(item, Mapping):
            key = item.get("@id")
            same = [t for t in things if key is not None and t.get("@id") == key]
            if any("person" in types_of(thing) for thing in [item, *same]):
                found += names_of(item, things)
    return found


def houses_alone(value: Any) -> bool:
    """Return whether all that `value` names are declared to be organisations."""
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(
        isinstance(item, Mapping) and types_of(item) and types_of(item) <= PUBLISHER_TYPES
        for item in items[:40]
    )


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
_ASSIGNED = lazy_compile(
    r"(?:(?:window|self|globalThis)\s*(?:\.\s*[\w$]{1,60}|\[[\"'][\w$]{1,60}[\"']\])"
    r"|\b__[A-Z_]{3,40}__|_ROUTER_DATA)\s*=\s*"
    r"(?P<parse>JSON\.parse\(\s*)?(?:decodeURIComponent\(\s*)?(?=[{\[\"'])"
)
_FIELD = lazy_compile(
    r"""["']?\b([A-Za-z_]{2,20})["']?\s*:\s*("(?:[^"\\]|\\.){80,}"|'(?:[^'\\]|\\.){80,}')""",
    re.DOTALL,
)
_PUSHED = lazy_compile(
    r"""__next_f\.push\(\s*\[\s*1\s*,\s*("(?:[^"\\]|\\.)*")\s*\]\s*\)""", re.DOTALL
)
_ROW = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),)?")
# The document of a template is no child of it.
_INNER = lazy_compile(r"^<template[^>]*>|</template>$", re.IGNORECASE)
_REFERENCE = lazy_compile(r"\$([0-9a-f]{1,8})")

_LEAST: Final = 80  # characters; less is a label, not an article
_MOST_ASSIGNMENTS: Final = 40
_DEEPEST: Final = 12
_MANY_ROWS: Final = 20_000
_MANY_PARTS: Final = 5_000


def _load_state(raw: str) -> Any:
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
    value = _load_state(f'"{body}"')
    return value if isinstance(value, str) else ""


def _from_script(raw: str) -> Iterator[Any]:
    """Yield the values that a script assigns, and the long texts that it names in any notation."""
    found = False
    for count, match in enumerate(_ASSIGNED.finditer(raw)):
        if count == _MOST_ASSIGNMENTS:
            break
        value = _literal(raw, match.end())
        if isinstance(value, str) and len(value) > _LEAST:
            value = _load_state(unquote(value) if value.startswith("%") else value)
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
            values.append(_load_state(data[match.end() : end].decode("utf-8", "replace")))
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
            value = _load_state(raw)
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


# Messages of WeChat that are a few lines and pictures: a script draws them from these fields.
_MESSAGE_SIGN: Final = "item_show_type"
_MESSAGE_PAGE: Final = ".share_content_page"
_QUOTED: Final = r"""('(?:[^'\\]|\\.){1,60000}'|"(?:[^"\\]|\\.){1,60000}")"""
_MESSAGE_TEXT: Final = lazy_compile(
    r"""\b(?:content_noencode|desc|text_page_info["']?\s*[:=]\s*\{\s*["']?content)["']?\s*:\s*"""
    rf"(?:\w{{1,20}}\(\s*)?{_QUOTED}",
    re.DOTALL,
)
_MESSAGE_PICTURE: Final = lazy_compile(
    rf"""\bcdn_url["']?\s*:\s*(?:\w{{1,20}}\(\s*)?{_QUOTED}""", re.DOTALL
)
_MESSAGE_PICTURES: Final = "picture_page_info_list"
_MOST_PICTURES: Final = 100
_LINE_END: Final = lazy_compile(r"<br\s*/?>|</p>", re.IGNORECASE)
_SUMMARIES: Final = "meta[property='og:description'],meta[name=description]"


def message_body(tree: LexborHTMLParser) -> str:
    """Return the text and the pictures of a message that only scripts and metadata hold, as HTML.

    "" for a page that is no such message, or holds no words.
    """
    scripts = [raw for node in tree.css("script") if _MESSAGE_SIGN in (raw := node.text() or "")]
    if not scripts and tree.css_first(_MESSAGE_PAGE) is None:
        return ""
    texts = [_unquoted(found[1]) for raw in scripts for found in _MESSAGE_TEXT.finditer(raw)]
    if not any(texts):
        texts = [meta.attributes.get("content") or "" for meta in tree.css(_SUMMARIES)]
        texts = [_unquoted(f'"{text}"') or text for text in texts]
    text = max(map(_shown, texts), key=len, default="")
    if not text:
        return ""
    pictures = [
        f'<img src="{html.escape(html.unescape(_unquoted(found[1])))}">'
        for raw in scripts
        for found in _MESSAGE_PICTURE.finditer(raw, max(0, raw.find(_MESSAGE_PICTURES)))
        if _MESSAGE_PICTURES in raw
    ]
    lines = [html.escape(line) for line in text.splitlines() if line.strip()]
    lines[-1] += "".join(dict.fromkeys(pictures[:_MOST_PICTURES]))
    return "".join(f"<p>{line}</p>" for line in lines)


def _shown(text: str) -> str:
    """Return what a field of a message says, without markup."""
    return html.unescape(_TAG.sub("", _LINE_END.sub("\n", text))).strip()


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


_TAG = lazy_compile(r"<[^>]{1,2000}>")
_FEWEST_TAGS: Final = 2  # closed in what is HTML
_BODY_FIELD = lazy_compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
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


def _load_json(raw: str) -> Any:
    try:
        return json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None


def article_body(scripts: Sequence[LexborNode]) -> str:
    """Return the longest ``articleBody`` of a page's scripts of JSON-LD, text or HTML, or ""."""
    return max((_body(item.get("articleBody")) for item in _linked(scripts)), key=len, default="")


def live_body(scripts: Sequence[LexborNode]) -> str:
    """Return the updates of a live blog that scripts of JSON-LD hold, in their order, or ""."""
    for item in _linked(scripts):
        updates = item.get("liveBlogUpdate")
        if isinstance(updates, list):
            bodies = [_body(u.get("articleBody")) for u in updates if isinstance(u, dict)]
            return "\n".join(filter(None, bodies))
    return ""


def _linked(scripts: Sequence[LexborNode]) -> Iterator[dict[str, Any]]:
    """Yield the objects of scripts of JSON-LD that may tell a text."""
    for script in scripts:
        raw = script.text() or ""
        if "articleBody" not in raw:
            continue
        value = _load_json(raw)
        if value is None:
            # Much JSON-LD is broken somewhere; the one field may still be whole.
            match = _BODY_FIELD.search(raw)
            value = {"articleBody": _load_json(match.group(1))} if match else None
        yield from objects(value)


def _body(value: Any) -> str:
    """Return a text or HTML from JSON, a text without the entities that it was escaped with.

    What is HTML once it is freed of them was escaped as a whole; a single tag is a word of a text,
    which is told as HTML then.
    """
    if not isinstance(value, str) or "&" not in value or _TAG.search(value):
        return value if isinstance(value, str) else ""
    free = html.unescape(value)
    if free.count("</") < _FEWEST_TAGS and _TAG.search(free):
        return "".join(f"<p>{line}</p>" for line in value.splitlines() if line.strip())
    return free


def hints_of(tree: LexborHTMLParser, elements: PageElements | None = None) -> Hints:
    """Return what the page's head says about the article.

    Args:
        tree: the page.
        elements: those of the page if they were found before, or None to find them.
    """
    elements = elements or page_elements(tree)
    title = tree.css_first("title")
    og_title, summary = "", ""
    for meta in elements.summaries:
        attributes = meta.attributes
        content = attributes.get("content") or ""
        if attributes.get("property") == "og:title":
            og_title = og_title or content
        else:
            summary = summary or content
    return Hints(
        title=og_title or (title.text() if title is not None else ""),
        summary=summary,
        body=" ".join(_TAG.sub(" ", article_body(elements.json_ld)).split()),
    )
