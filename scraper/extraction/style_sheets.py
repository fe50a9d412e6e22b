"""What the style sheets in a page hide from everybody who looks at it.

Rules that hold on every screen are read, and of the classes of usual style sheets those that hide
at every width. What a click opens is hidden, too, and is the article's: its names say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.extraction.hiding_styles import (
    FAINT,
    HIDDEN,
    SHOWN,
    SUSPECT,
    declarations,
    is_moved,
    shows,
    style_hides,
)
from scraper.text.patterns import lazy_compile

__all__ = ["UnseenNames", "unseen_names"]

# Longer sheets are frameworks, whose names are for scripts to toggle.
_MAX_SHEET: Final = 300_000
_MAX_HITS: Final = 400
_MAX_RULE: Final = 1_500
_MAX_SELECTOR: Final = 200
_MAX_SELECTORS: Final = 30
_MAX_PLACES: Final = 40
_SIMPLE = lazy_compile(r"(?:[a-z]{1,10}\d?)?([.#][\w-]{1,80})", re.IGNORECASE)
# Selectors that hold at all times, for elements by their names and attributes.
_PLAIN = lazy_compile(
    r"[\w.#\-\[\]=\"'~^$*|>+\s]{1,200}(?::(?:not|nth-child|first-child|last-child)[\w()+.\s-]{0,20})?"
)
_SCREENS: Final = ("", "all", "screen")
# An at-rule that holds on every screen.
_ANY_SCREEN = lazy_compile(
    r"@(?:supports|layer|media\s{1,9}(?:all|screen|only screen)?\s{0,9}(?:and\s{0,9})?"
    r"(?:\(\s{0,9}min-(?:device-)?width\s{0,9}:\s{0,9}(?:\d{1,2}|[12]\d\d)(?:px)?\s{0,9}\))?$)",
    re.IGNORECASE,
)
# What scripts and readers open.
_OPENED = lazy_compile(
    r"accord|collaps|tab|panel|pane|more|expand|fold|toggle|spoiler|answer|detail|step|slide|page|body"
    r"|content|article|entry|story|post|main|wrap|text|lazy|load|fade|js",
    re.IGNORECASE,
)
# Classes of Bootstrap and Tailwind that hide, and those that show an element again.
_USUAL: Final[Mapping[str, int]] = {
    "d-none": HIDDEN,
    "hidden": FAINT,
    "invisible": FAINT,
    "opacity-0": FAINT,
    "sr-only": FAINT,
    "visually-hidden": FAINT,
    "screen-reader-text": FAINT,
}
_SHOWN = lazy_compile(
    r"(?:^|\s)(?:d-(?:\w{2,3}-)?(?:block|flex|inline|grid|table)"
    r"|[\w\[\]&>-]{1,20}:(?:block|flex|inline|grid|table|contents|visible|not-sr-only|opacity-\d))",
    re.IGNORECASE,
)


class UnseenNames:
    """What a page's style sheets hide: by class (``.name``), by id (``#name``), or one by one."""

    __slots__ = ("_levels", "_names", "_nodes", "_sheets", "_sure")

    def __init__(
        self,
        names: dict[str, int] | None = None,
        nodes: Mapping[int, int] | None = None,
        sheets: Sequence[str] = (),
    ) -> None:
        self._names, self._nodes, self._sheets = names or {}, nodes or {}, sheets
        self._levels: dict[str, int] = {}  # of class attributes met so far
        self._sure: set[str] = set()  # names that were looked for in all sheets

    def level(self, node: LexborNode, classes: str | None, name: str | None) -> int:
        """Return how far an element with these classes and this id is hidden."""
        level = self._nodes.get(node.mem_id, SHOWN) if self._nodes else SHOWN
        if name and self._names:
            level = max(level, self._of_name(f"#{name}"))
        if classes:
            known = self._levels.get(classes)
            if known is None:
                known = self._levels[classes] = self._of_classes(classes)
            if known > level:
                return known
        return level

    def _of_classes(self, classes: str) -> int:
        level, named = SHOWN, self._names
        for one in classes.split():
            if one in _USUAL and not _SHOWN.search(classes):
                level = max(level, _USUAL[one])
            if named:
                level = max(level, self._of_name(f".{one}"))
        return level

    def _of_name(self, name: str) -> int:
        level = self._names.get(name, SHOWN)
        # Few of the names in a sheet stand in the page: whether another rule shows what one hides
        # is looked for once one does.
        if level and name not in self._sure:
            self._sure.add(name)
            if _is_shown_by(self._sheets, name):
                level = self._names[name] = SHOWN
        return level


def unseen_names(tree: LexborHTMLParser, sheets_of: Sequence[LexborNode]) -> UnseenNames:
    """Return what the ``<style>`` elements of a page hide.

    A name that a second rule shows is not hidden.

    Args:
        tree: the page.
        sheets_of: its ``<style>`` elements.
    """
    sheets = [
        _without_comments(text)
        for node in sheets_of
        if _is_for_screens(node) and len(text := node.text() or "") <= _MAX_SHEET
    ]
    names: dict[str, int] = {}
    selectors: dict[str, int] = {}
    for sheet in sheets:
        for selector, level in _hidden_by(sheet):
            simple = _SIMPLE.fullmatch(selector)
            if simple is not None:
                names[simple[1]] = max(names.get(simple[1], SHOWN), level)
            elif level >= FAINT and len(selectors) < _MAX_SELECTORS:
                # What is hidden in its place only is mostly shown at a click.
                selectors[selector] = min(level, FAINT)
    nodes: dict[int, int] = {}
    for selector, level in selectors.items():
        last = selector.split()[-1].rpartition(">")[2]
        if any(_is_shown_by(sheets, name) for name in re.findall(r"[.#][\w-]{1,80}", last)[:4]):
            continue
        try:
            for node in tree.css(selector):
                nodes[node.mem_id] = max(nodes.get(node.mem_id, SHOWN), level)
        except (SelectolaxError, ValueError):
            # A selector that the parser does not know tells nothing.
            continue
    return UnseenNames(names, nodes, sheets)


def _is_for_screens(node: LexborNode) -> bool:
    parent = node.parent
    if parent is not None and parent.tag == "noscript":
        return False
    return (node.attributes.get("media") or "").strip().lower() in _SCREENS


def _without_comments(sheet: str) -> str:
    first, *rest = sheet.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _rule_around(sheet: str, begin: int) -> tuple[str, str]:
    """Return the prelude and the declarations of the rule whose brace stands at `begin`."""
    least = max(0, begin - _MAX_SELECTOR * 2)
    start = max(sheet.rfind(sign, least, begin) for sign in "{};")
    end = sheet.find("}", begin, begin + _MAX_RULE)
    return sheet[max(start + 1, least) : begin], sheet[begin + 1 : end] if end > 0 else ""


def _is_shown_by(sheets: Sequence[str], name: str) -> bool:
    """Whether another rule of a name shows what one hides: a script sets the class for it."""
    for sheet in sheets:
        at = -1
        for _ in range(_MAX_PLACES):
            at = sheet.find(name, at + 1)
            if at < 0:
                break
            behind = sheet[at + len(name) : at + len(name) + 1]
            begin = sheet.find("{", at, at + _MAX_SELECTOR)
            if behind.isalnum() or behind in ("-", "_") or begin < 0 or "}" in sheet[at:begin]:
                continue
            if shows(declarations(_rule_around(sheet, begin)[1])):
                return True
    return False


# What rules that hide have in common, as sheets write it.
_SIGNS_OF_HIDING: Final = (
    "display:none", "display: none", "visibility:hidden", "visibility: hidden", "opacity:0",
    "opacity: 0", "-9", "-5000", "-1000", "-100", "clip", "font-size:0", "font-size: 0",
    "font-size:1px", "font-size: 1px", "transparent", "height:0", "height: 0", "width:0",
    "width: 0", "scale(0", "#fff", "white",
)  # fmt: skip


def _hits(sheet: str) -> list[int]:
    found: list[int] = []
    for sign in _SIGNS_OF_HIDING:
        at = sheet.find(sign)
        while at >= 0 and len(found) < 10 * _MAX_HITS:
            found.append(at)
            at = sheet.find(sign, at + 1)
    return sorted(found)


def _hidden_by(sheet: str) -> Iterator[tuple[str, int]]:
    """Yield selectors of rules that hide on every screen, with how far."""
    depth = counted = hits = 0
    last = -1
    for hit in _hits(sheet):
        begin = sheet.rfind("{", max(0, hit - _MAX_RULE), hit)
        if begin <= last or sheet.find("}", begin, hit) >= 0:
            continue
        last = begin
        depth += sheet.count("{", counted, begin) - sheet.count("}", counted, begin)
        counted = begin
        if depth > 1 or (depth == 1 and not _is_on_any_screen(sheet, begin)):
            continue
        prelude, body = _rule_around(sheet, begin)
        level = style_hides(body)
        if level == HIDDEN and is_moved(body):
            level = SUSPECT
        if not level:
            continue
        for selector in map(str.strip, prelude.split(",")):
            if not _OPENED.search(selector) and _PLAIN.fullmatch(selector) is not None:
                hits += 1
                yield selector, level
        if hits >= _MAX_HITS:
            return


def _is_on_any_screen(sheet: str, begin: int) -> bool:
    """Whether the at-rule around a rule holds on every screen."""
    at = sheet.rfind("@", 0, begin)
    brace = sheet.find("{", at, begin)
    if at < 0 or brace < 0 or sheet.count("{", brace, begin) - sheet.count("}", brace, begin) != 1:
        return False
    return _ANY_SCREEN.match(sheet[at : min(brace, at + 200)].strip()) is not None
