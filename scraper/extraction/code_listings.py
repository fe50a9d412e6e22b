"""Code: where a listing stands, what it says without its furniture, and in which language.

Pages that colour their code cut it into spans, lines and cells, number the lines in a column beside
it, and put buttons over it. A listing is read from its element, so that its lines and its white
space are those that the page shows.
"""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import HIDDEN_STYLE, PREFORMATTED, PageBlocks
from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile

__all__ = [
    "fence", "is_gutter", "is_language", "is_listing_text", "language_of_listing",
    "listing_text", "listings",
]  # fmt: skip


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LONGEST: Final = 400_000  # characters
_MOST_NODES: Final = 200_000
_LONGEST_NAMES: Final = 300
_WRAPPERS: Final = 4  # elements around a listing that may name its language

# The column of line numbers, and what copies the code.
_GUTTER: Final = lazy_compile(
    r"(?:^|[\s_-])(?:gutter|line-?no|line-?nos|linenodiv|line-?numbers?-?(?:rows?|col|gutter|wrapper)"
    r"|line-?number|line-?num|lnt?|hljs-ln-n(?:umbers?|um)?|blob-num|code-snippet__line-index"
    r"|react-syntax-highlighter-line-number|ec-line-number|pre-numbering|hljs-button)(?:$|[\s_])"
)
_CONTROL: Final = lazy_compile(
    r"(?:^|[\s_-])(?:copy(?:-?(?:btn|button|code))?|clipboard|toolbar(?:-item)?|code-?actions?"
    r"|copyright-?btn|btn-?copy|signin)(?:$|[\s_-])"
)
_LINE: Final = lazy_compile(
    r"(?:^|\s)(?:line|code-?line|token-line|view-line|cm-line|CodeMirror-line|ec-line|hljs-ln-line"
    r"|crayon-line|code-block-line|row|number\d+)(?:$|\s)"
)
_TABLE: Final = lazy_compile(
    r"(?:^|[\s_-])(?:syntaxhighlighter|highlighttable|codehilitetable|rouge-table|lntable|hljs-ln"
    r"|js-file-line-container|crayon-table)(?:$|[\s_-])"
)
_CELL: Final = lazy_compile(
    r"(?:^|\s)(?:code|rouge-code|lntd|blob-code(?:-inner)?|crayon-code|hljs-ln-code|linenos|gutter)(?:$|\s)"
)
_LINES: Final = frozenset(("div", "p", "li", "tr", "ol", "ul", "table", "tbody", "section"))
_SKIPPED: Final = frozenset(
    ("button", "script", "style", "svg", "template", "textarea", "select", "figcaption", "noscript")
)

_TOLD: Final = lazy_compile(
    r"(?:^|\s)(?:lang(?:uage)?[-:]|highlight-(?:source|text)-|brush:\s{0,3}|src-|lang:\s{0,3}"
    r"|code-snippet__)([a-z0-9+#._-]{1,20})"
)
_SPHINX: Final = lazy_compile(r"(?:^|\s)(?:highlight|codehilite|code)-([a-z0-9+#]{1,20})(?:$|\s)")
_ATTRIBUTES: Final = (
    "data-lang", "data-language", "data-code-language", "data-enlighter-language",
    "data-code-lang", "data-programming-language", "data-syntax", "data-canonical-lang", "lang",
)  # fmt: skip
_NO_LANGUAGE: Final = _names(
    "none plain plaintext plain-text text txt nohighlight no-highlight default auto generic raw "
    "source output unknown undefined js-file-line-container fix index line-index"
)
# Names that stand as a class of their own beside ``highlight`` or ``hljs``.
_LANGUAGES: Final = _names(
    "asm awk bash basic bat batch c c++ clojure cmake cmd console cpp crystal cs csharp css csv "
    "cuda d dart diff docker dockerfile elixir elm erlang fish fortran fsharp gherkin glsl go "
    "golang gradle graphql groovy haskell hcl html http ini java javascript jinja js json json5 "
    "jsx julia kotlin latex less lisp lua makefile markdown matlab md mermaid nginx nim nix "
    "objc objective-c ocaml pascal perl php powershell prolog properties proto protobuf ps1 "
    "pycon pytb py python python3 r rb rs rst ruby rust sas scala scheme scss sed sh shell "
    "shell-session solidity sql svelte swift tcl terraform tex toml ts tsx typescript v vb "
    "verilog vhdl vim vue wasm x86asm xml yaml yml zig zsh"
)
# Elements that mark what they hold as code, so that a class of theirs may be a language.
_COLOURED: Final = _names(
    "highlight hljs sourcecode src prettyprint codehilite code shiki chroma prism-code crayon "
    "syntaxhighlighter"
)
_LANGUAGE: Final = lazy_compile(r"[a-z0-9+#][a-z0-9+#._-]{0,19}")


def is_gutter(node: LexborNode) -> bool:
    """Return whether an element inside a listing numbers its lines, or is a control."""
    if node.tag in _SKIPPED:
        return True
    attributes = node.attributes
    if not attributes:
        return False
    names = (attributes.get("class") or "")[:_LONGEST_NAMES]
    if names and (_GUTTER.search(names.lower()) or _CONTROL.search(names.lower())):
        return True
    style = attributes.get("style")
    if "hidden" in attributes or (style and HIDDEN_STYLE.search(style)):
        return True
    unselectable = attributes.get("aria-hidden") == "true" or (style and "user-select" in style)
    text = (node.text() or "")[:_LONGEST_NAMES] if unselectable else ""
    return bool(text.strip()) and text.replace(" ", "").replace("\n", "").isdigit()


def _begins_line(node: LexborNode) -> bool:
    """Whether an element inside a listing is shown as a line of its own."""
    tag = node.tag or ""
    if tag in _LINES:
        return True
    if tag == "code":
        # Several elements of code in one listing, and nothing beside them, are its lines.
        parent = node.parent
        lined = parent is not None and parent.tag in PREFORMATTED
        return lined and (_is_code(node.prev) or _is_code(node.next))
    class_ = node.attributes.get("class") if tag == "span" else None
    return bool(class_) and _LINE.search((class_ or "")[:_LONGEST_NAMES]) is not None


def _is_code(node: LexborNode | None) -> bool:
    return node is not None and node.tag == "code"


class _Reader:
    """The text of a listing that is being read."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._size = 0
        self._due = False  # whether the next text stands in a new line

    def read(self, root: LexborNode) -> str:
        """Return the text of an element, line by line."""
        open_: list[LexborNode] = []
        node = root.first_child
        for _ in range(_MOST_NODES):
            if node is None or self._size > _LONGEST:
                break
            child = self._visit(node)
            if child is not None:
                open_.append(node)
                node = child
                continue
            following = node.next
            while following is None and open_:
                node = open_.pop()
                self._leave(node)
                following = node.next
            node = following
        return "".join(self._out)

    def _visit(self, node: LexborNode) -> LexborNode | None:
        tag = node.tag or "-"
        if tag == "-text":
            self._add(node.text_content or "")
            return None
        if tag[0] == "-" or is_gutter(node):
            return None
        if tag == "br":
            self._due = False
            self._put("\n")
            return None
        if _begins_line(node):
            self._end_line()
            if node.first_child is None:
                self._due = True
        return node.first_child

    def _leave(self, node: LexborNode) -> None:
        if _begins_line(node):
            ended = bool(self._out) and self._out[-1].endswith("\n")
            self._due = self._due or not ended or (node.tag or "") in ("td", "li")

    def _end_line(self) -> None:
        if self._due or (self._out and not self._out[-1].endswith("\n")):
            self._put("\n")
        self._due = False

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._due:
            # White space with a line break in it ends the line itself.
            if "\n" not in text[: len(text) - len(text.lstrip())]:
                self._put("\n")
            self._due = False
        self._put(text)

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._size += len(text)


def listing_text(node: LexborNode) -> str:
    """Return what a listing says, without line numbers and controls."""
    text = without_invisible(_Reader().read(node)).replace("\xa0", " ").replace("\r", "")
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return dedent("\n".join(lines))


def _named_language(name: str) -> str:
    """Return a language by its name in a page, "" where the name tells none."""
    name = name.strip().lower().rstrip(".,;")
    return name if _LANGUAGE.fullmatch(name) and name not in _NO_LANGUAGE else ""


def _language(node: LexborNode) -> str:
    """Return the language that an element's names and attributes tell, or ""."""
    attributes = node.attributes
    if not attributes:
        return ""
    for name in _ATTRIBUTES:
        told = _named_language(attributes.get(name) or "")
        # ``lang`` tells the language of people too.
        if told and (name != "lang" or told in _LANGUAGES):
            return told
    names = (attributes.get("class") or "")[:_LONGEST_NAMES].lower()
    for match in _TOLD.finditer(names):
        told = _named_language(match[1])
        if told:
            return told
    wrapped = _SPHINX.search(names)
    if wrapped is not None and wrapped[1] in _LANGUAGES:
        return wrapped[1]
    words = names.split()
    if _COLOURED.intersection(words):
        return next((w for w in words if w in _LANGUAGES and w not in _COLOURED), "")
    return ""


def is_language(text: str) -> bool:
    """Return whether a line is nothing but the name of a language, as stands over listings."""
    name = text.strip().lower()
    return name in _LANGUAGES or name in _NO_LANGUAGE


def language_of_listing(node: LexborNode) -> str:
    """Return the language of a listing as the page names it, in lower case, or ""."""
    inner = [node, *node.css("code,pre")[:3]]
    around: list[LexborNode] = []
    at = node.parent
    while at is not None and at.tag not in ("body", "article", "main") and len(around) < _WRAPPERS:
        around.append(at)
        at = at.parent
    for each in [*inner, *around]:
        told = _language(each)
        if told:
            return told
    return ""


def listings(s: PageBlocks) -> dict[int, int]:
    """Return element → the outermost listing around it, for the elements of listings.

    A listing is an element whose white space is kept, or a table whose cells hold code and the
    numbers of its lines.
    """
    if s.listings is None:
        s.listings = _find_listings(s)
    return s.listings


def _find_listings(s: PageBlocks) -> dict[int, int]:
    found: dict[int, int] = {}
    if PREFORMATTED.isdisjoint(s.tags) and "td" not in s.tags:
        return found
    tables: set[int] = set()
    for e, tag in enumerate(s.tags):
        if tag == "td" and s.words[e] and _CELL.search(s.words[e]):
            tables.add(next((a for a in s.ancestors(e) if s.tags[a] == "table"), 0))
        elif tag == "table" and s.words[e] and _TABLE.search(s.words[e]):
            tables.add(e)
    for e in range(1, len(s.parents)):
        outer = found.get(s.parents[e])
        if outer is not None:
            found[e] = outer
        elif s.tags[e] in PREFORMATTED or (e in tables and _is_code_table(s.nodes[e])):
            found[e] = e
    return found


def _is_code_table(node: LexborNode | None) -> bool:
    """Whether a table holds code: preformatted text, elements of code, or numbered lines."""
    return node is not None and node.css_first("pre,code,td.blob-code,td.hljs-ln-code") is not None


def is_listing_text(s: PageBlocks, element: int, listing: int) -> bool:
    """Return whether what an element inside a listing holds is code, no furniture of it."""
    e = element
    while e != listing and e > 0:
        node = s.nodes[e]
        if node is not None and is_gutter(node):
            return False
        e = s.parents[e]
    return True


def fence(node: LexborNode | None, code: str) -> str:
    """Return a listing as a fenced block of Markdown."""
    language = language_of_listing(node) if node is not None else ""
    longest = max(map(len, re.findall("`+", code)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{code}\n{ticks}"
