"""Small forms of text that all fields of metadata share."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = ["letters_only", "tidy", "without_markup"]

MAX_LENGTH: Final = 2_000

_UNSEEN = lazy_compile("[\u200b\ufeff\u2060\u00ad]+")
_BAD = lazy_compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e]")
_PUNCTUATION = lazy_compile(r"[\W_]+")

# Every element of HTML, those that browsers still know though the standard dropped them included
# (https://html.spec.whatwg.org/multipage/indices.html#elements-3 and section 16.2 there).
_ELEMENTS: Final = frozenset(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del
    details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li
    link main map mark marquee math menu meta meter nav nobr noembed noframes noscript object ol
    optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script search
    section select slot small source span strike strong style sub summary sup svg table tbody td
    template textarea tfoot th thead time title tr track tt u ul var video wbr xmp
    """.split()  # noqa: SIM905
)
# Elements that stand for a break between words.
_BREAKS: Final = frozenset(
    "br hr p div li ul ol tr td th table h1 h2 h3 h4 h5 h6 blockquote section article".split()  # noqa: SIM905
)
_HIDDEN: Final = frozenset(("script", "style", "template", "noscript"))
_MARK = lazy_compile(
    r"<(?P<end>/)?(?P<name>[A-Za-z][A-Za-z0-9-]{0,30})(?P<rest>\s[^<>]{0,1000}|/)?>"
    r"|<!--[^<>]{0,500}-->|<!\[CDATA\[|\]\]>"
)
_MAX_MARKS: Final = 400


def without_markup(text: str) -> str:
    """Return a text without its HTML tags; words in angle brackets that are no tags stay.

    A headline may name ``<think>``, ``Vec<T>`` or ``<dialog>``. A tag is one of an element of HTML
    (or of a custom element, whose name has a hyphen) that is closed again, or that has attributes,
    or that touches the word that it marks as ``<b>word`` does; ``<br>`` always is one. What scripts
    and styles hold goes with them. Entities stay as they are.

    Args:
        text: a title or another short text that may be HTML.
    """
    if "<" not in text and "]]>" not in text:
        return text
    marks = [match for _, match in zip(range(_MAX_MARKS), _MARK.finditer(text), strict=False)]
    pairs = _pairs(marks)
    parts: list[str] = []
    at = 0
    for place, mark in enumerate(marks):
        if mark.start() < at:
            continue  # within a script
        name = (mark["name"] or "").lower()
        closer = pairs.get(place)
        if name and closer is None and not _is_lone_tag(text, mark, name):
            continue
        parts.append(text[at : mark.start()])
        if name in _BREAKS:
            parts.append(" ")
        at = mark.end()
        if name in _HIDDEN and closer is not None and closer > place:
            at = marks[closer].end()
    parts.append(text[at:])
    return "".join(parts)


def _pairs(marks: list[re.Match[str]]) -> dict[int, int]:
    """Return for each opening tag its closing one, and the other way round, by their places."""
    found: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for place, mark in enumerate(marks):
        name = (mark["name"] or "").lower()
        if name not in _ELEMENTS and "-" not in name:
            continue
        if not mark["end"]:
            opened.setdefault(name, []).append(place)
        elif opened.get(name):
            start = opened[name].pop()
            found[start], found[place] = place, start
    return found


def _is_lone_tag(text: str, mark: re.Match[str], name: str) -> bool:
    """Return whether a tag without its partner is markup rather than a word in brackets."""
    if name not in _ELEMENTS:
        return False
    if name in ("br", "wbr") or "=" in (mark["rest"] or ""):
        return True
    before, after = text[: mark.start()][-1:], text[mark.end() : mark.end() + 2]
    if mark["end"]:
        return bool(before.strip()) and not after[:1].isalnum()
    touches = after[:1].isalnum() and not (after[:1] == "s" and not after[1:].isalnum())
    return touches and not before.isalnum()


def tidy(text: str) -> str:
    """Return a value as it should be shown: no markup, entities, controls or lone surrogates."""
    text = text[:MAX_LENGTH]
    if "&" in text:
        # Twice, because content managers escape what is escaped already.
        text = html.unescape(html.unescape(text))
    text = without_markup(text)
    if not text.isprintable():
        text = _BAD.sub("", _UNSEEN.sub("", text))
    return " ".join(text.split())


@lru_cache(maxsize=2048)
def letters_only(text: str) -> str:
    """Return a text's letters and digits only, in one case: its spelling without its dress."""
    return _PUNCTUATION.sub("", text).casefold()
