"""JSON-LD of a page: what stands in it about the article, read as evidence that may lie.

Sites ship it broken, doubled, nested and with every field of a wrong type, so each value is taken
only in the form that it should have, and a script that can't be parsed still yields the dates and
the headline that its text shows.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scraper.extract.meta_text import tidy

__all__ = ["article_of", "names_of", "parse_scripts", "persons_of", "text_of", "url_of"]

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

_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_LOOSE = re.compile(
    r'"(datePublished|dateModified|headline|dateCreated)"\s*:\s*"((?:[^"\\]|\\.){4,300})"'
)


def _number(digits: str) -> int:
    # No number in a page's metadata needs so many digits, and int() refuses 4,300 and more.
    return int(digits) if len(digits) < 30 else 0


def _load(raw: str) -> Any:
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


def _walk(value: Any) -> Iterator[Thing]:
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
            things.extend(_walk(_load(raw)))
    return tuple(things[:MAX_THINGS])


def types_of(thing: Thing) -> frozenset[str]:
    """Return the types of an object, in lower case, without the name of the vocabulary."""
    value = thing.get("@type")
    found = value if isinstance(value, list) else [value]
    return frozenset(t.rsplit("/", 1)[-1].lower() for t in found if isinstance(t, str))


def _is_about(thing: Thing, url: str) -> bool:
    """Whether an object names the page's own address."""
    mine = url.split("#")[0].rstrip("/")
    return bool(mine) and any(
        url_of(thing.get(key)).split("#")[0].rstrip("/") == mine
        for key in ("url", "@id", "mainEntityOfPage")
    )


def article_of(things: Sequence[Thing], url: str = "") -> tuple[Thing, Thing]:
    """Return the object that describes the article, and the one that describes its page.

    Of several articles the one that names the page's address wins, then the one with most of the
    fields that we read, then the first; an article inside a list of others is not this one.

    Args:
        things: what `parse_scripts` returned.
        url: address of the page, or "".

    Returns:
        Both empty where there is none.
    """
    listed = {
        id(v) for t in things if types_of(t) & {"itemlist", "collectionpage"} for v in _walk(t)
    }
    best: dict[str, tuple[int, Thing]] = {}
    for thing in things:
        if id(thing) in listed:
            continue
        types = types_of(thing)
        kind = "article" if types & ARTICLE_TYPES else "page" if types & PAGE_TYPES else ""
        if not kind:
            continue
        fields = ("headline", "datePublished", "author", "mainEntityOfPage", "articleBody")
        score = sum(key in thing for key in fields) + 4 * _is_about(thing, url)
        if types & {"videoobject", "creativework", "review", "claimreview"}:
            score -= 3
        if kind not in best or score > best[kind][0]:
            best[kind] = (score, thing)
    return best.get("article", (0, {}))[1], best.get("page", (0, {}))[1]


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
            name = item.get("name")
            if name is None and isinstance(item.get("@id"), str):
                key = item["@id"]
                queue[:0] = [t["name"] for t in things if t.get("@id") == key and "name" in t][:1]
            elif isinstance(name, str | list):
                queue[:0] = [name]
    return [name for name in names if name]


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
