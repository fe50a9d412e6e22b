"""What the style sheets in a page hide: names of elements that it never shows.

Only rules of one class or one id that hold on every screen are read, and of the classes of usual
style sheets only those that hide at every width. What a click opens is hidden, too, and is the
article's: its names say so.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.text.patterns import lazy_compile

__all__ = ["UnseenNames", "is_panel", "unseen_names"]

# Longer sheets are frameworks, whose names are for scripts to toggle.
_MAX_SHEET: Final = 300_000
_MAX_HITS: Final = 400
_MAX_PRELUDE: Final = 400
_NONE = lazy_compile(r"display\s*:\s*none")
_SIMPLE = lazy_compile(r"(?:[a-z]{1,10}\d?)?([.#][\w-]{1,80})", re.IGNORECASE)
_SCREENS: Final = ("", "all", "screen")
# What scripts and readers open.
_OPENED = lazy_compile(
    r"accord|collaps|tab|panel|pane|more|expand|fold|toggle|spoiler|answer|detail|step|slide|page|body"
    r"|content|article|entry|story|post|main|wrap|text|lazy|load|fade|js",
    re.IGNORECASE,
)
# Bootstrap's class, and those that show the element again from some width on.
_USUAL: Final = "d-none"
_SHOWN = lazy_compile(r"(?:^|\s)d-(?:\w{2,3}-)?(?:block|flex|inline|grid|table)", re.IGNORECASE)


# Panels of accordions: a style attribute closes them until a reader opens them.
_PANEL = lazy_compile(
    r"accordion|collaps(?:e|ible)|spoiler|toggle-?content|faq-?answer|answer-?(?:text|body)",
    re.IGNORECASE,
)


def is_panel(names: str) -> bool:
    """Return whether an element with these names is closed only until it is clicked on."""
    return _PANEL.search(names) is not None


class UnseenNames:
    """Classes (``.name``) and ids (``#name``) of elements that a page hides."""

    __slots__ = ("_names",)

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self._names = names

    def hide(self, classes: str | None, name: str | None) -> bool:
        """Return whether an element with these classes and this id is not shown."""
        if not classes:
            return name is not None and f"#{name}" in self._names
        if _USUAL in classes and _USUAL in classes.split() and not _SHOWN.search(classes):
            return True
        if not self._names:
            return False
        return f"#{name}" in self._names or any(f".{one}" in self._names for one in classes.split())


def unseen_names(tree: LexborHTMLParser) -> UnseenNames:
    """Return what the ``<style>`` elements of a page hide.

    A name that stands in a second rule may be shown by it.

    Args:
        tree: the page.
    """
    sheets = [node.text() or "" for node in tree.css("style") if _is_for_screens(node)]
    found: set[str] = set()
    for sheet in sheets:
        if len(sheet) <= _MAX_SHEET and _NONE.search(sheet):
            found |= _hidden_by(_without_comments(sheet))
    once = (name for name in found if sum(sheet.count(name) for sheet in sheets) == 1)
    return UnseenNames(frozenset(once))


def _is_for_screens(node: LexborNode) -> bool:
    parent = node.parent
    if parent is not None and parent.tag == "noscript":
        return False
    return (node.attributes.get("media") or "").strip().lower() in _SCREENS


def _without_comments(sheet: str) -> str:
    first, *rest = sheet.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _hidden_by(sheet: str) -> set[str]:
    """Return the simple selectors of rules outside of at-rules that set ``display: none``."""
    found: set[str] = set()
    depth = counted = 0
    for hits, match in enumerate(_NONE.finditer(sheet)):
        if hits >= _MAX_HITS:
            break
        begin = sheet.rfind("{", counted, match.start())
        if begin < 0:
            continue
        depth += sheet.count("{", counted, begin) - sheet.count("}", counted, begin)
        counted = begin
        # Within the braces of an at-rule the rule holds on some screens, or on paper, only.
        if depth:
            continue
        least = max(0, begin - _MAX_PRELUDE)
        prelude = sheet[
            max(sheet.rfind("}", least, begin), sheet.rfind(";", least, begin)) + 1 : begin
        ]
        for selector in prelude.split(","):
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple is not None and not _OPENED.search(simple[1]):
                found.add(simple[1])
    return found
