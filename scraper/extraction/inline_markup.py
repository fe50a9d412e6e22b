"""A block's inline markup as Markdown: links, emphasis, code, and everything else as plain text.

Follows CommonMark 0.31 (https://spec.commonmark.org/0.31.2/). Its rules for emphasis were made for
languages with spaces: ``他说**“好。”**然后`` is no emphasis there, since the closing stars stand
between punctuation and a letter. Edge punctuation is moved out of such emphasis; where that is not
enough, the stars go and the words stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from scraper.extraction.blocks import Block, FormulaText, NoteMark
from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = [
    "NO_LABELS",
    "escape",
    "inline",
    "link_target",
    "plain",
    "starts_nothing",
    "without_stars",
]


_SPACE = lazy_compile(r"\s+")
# The characters that stand for stars while a block is put together.
_STAND_INS = lazy_compile(r"[\ue001-\ue006]")
# Within a word an underscore is no emphasis.
_WITHIN_WORD = lazy_compile(r"(?<=[^\W_])\\_(?=[^\W_])")
_SPECIAL = lazy_compile(
    r"[\\`*\[\]]|<(?=[A-Za-z/!?]|$)|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w{1,31};)"
)
_MAY_BE_SPECIAL = lazy_compile(r"[\\`*\[\]<_~&]")
# Brackets are a link's only where an address follows them.
_BRACKETED = lazy_compile(r"\\\[(?![xX]\\)([^\s\[\]\\^][^\[\]\\]{0,60})\\\](?![(\[:])")
# Beginnings of a line that would make it something else than a paragraph.
_BLOCK_START = lazy_compile(
    r"^(?:(?P<mark>>|#{1,6}(?=\s|$)|[-+](?=\s|$)|[-=](?=[-=\s]*$)|~{3})|(?P<number>\d{1,9})(?=[.)](?:\s|$)))"
)
_CODE: Final = frozenset(("code", "kbd", "samp"))
_STRUCK: Final = frozenset(("del", "s", "strike"))
NO_LABELS: Final[Mapping[str, str]] = {}

_STRONG, _STRONG_END, _EM, _EM_END = "\ue001", "\ue002", "\ue003", "\ue004"
_TICK, _TICK_END = "\ue005", "\ue006"
_STARS: Final = {
    "b": (_STRONG, _STRONG_END), "strong": (_STRONG, _STRONG_END),
    "i": (_EM, _EM_END), "em": (_EM, _EM_END),
}  # fmt: skip
_CLOSES: Final = {_STRONG: _STRONG_END, _EM: _EM_END}
_DRAWN: Final = {_STRONG: "**", _STRONG_END: "**", _EM: "*", _EM_END: "*"}
_STAR = lazy_compile(r"[\ue001-\ue004]")
# Punctuation that may leave emphasis; markup and brackets that pair may not.
_MOVABLE: Final = r"[。，、；：？！….,;:?!“”‘’「」『』《》〈〉（）—–·\"' -]{1,8}"
_EARLY_EDGE = lazy_compile(rf"(?<=[^\W_])([\ue001\ue003])({_MOVABLE})")
_LATE_EDGE = lazy_compile(rf"({_MOVABLE})([\ue002\ue004])(?=[^\W_])")
_RUN = lazy_compile(r"[\ue001-\ue004]+")
_APART = lazy_compile(r"\ue002(\s*)\ue001|\ue004(\s*)\ue003")
_DRAWN_CODE = lazy_compile(f"{_TICK}([^{_TICK}{_TICK_END}]*+){_TICK_END}", re.DOTALL)
_NOTHING = lazy_compile(r"\ue001(\s*)\ue002|\ue003(\s*)\ue004")


def escape(text: str) -> str:
    """Return text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\g<0>", text) if _MAY_BE_SPECIAL.search(text) is not None else text


def _unescaped(markdown: str) -> str:
    """Return Markdown without the escapes that it reads the same without."""
    if "\\_" in markdown:
        markdown = _WITHIN_WORD.sub("_", markdown)
    if "\\[" in markdown and "](" not in markdown:
        markdown = _BRACKETED.sub(r"[\1]", markdown)
    return markdown


def plain(text: str) -> str:
    """Return a block of text as Markdown in which nothing is markup."""
    return _unescaped(escape(text))


def starts_nothing(line: str) -> str:
    """Return a line of Markdown that begins no heading, list, rule or fence by accident."""
    match = _BLOCK_START.match(line)
    if match is None:
        return line
    if match["number"]:
        return f"{match['number']}\\{line[match.end() :]}"
    return f"\\{line}"


def without_stars(markdown: str) -> str:
    """Return Markdown that is bold as a whole without its stars."""
    inner = markdown[2:-2]
    bold = markdown.startswith("**") and markdown.endswith("**") and len(markdown) > 4
    return inner if bold and "**" not in inner and "*" not in (inner[0], inner[-1]) else markdown


def link_target(base: str, href: str) -> str:
    """Return an address as a Markdown destination, or "" for one that leads to no other page."""
    href = href.strip()
    if not href or href.startswith("#"):
        return ""
    target = absolute(base, href)
    return _SPACE.sub("%20", target).translate({40: "%28", 41: "%29", 60: "%3C", 62: "%3E"})


def _code(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def inline(
    block: Block, base: str, *, whole: str = "", notes: Mapping[str, str] = NO_LABELS
) -> str:
    """Return a block's text with links, emphasis and code as Markdown.

    Args:
        block: a block of the page.
        base: address that links are relative to.
        whole: ``strong`` or ``em`` where the whole of it is to stand in emphasis.
        notes: labels of the article's notes, by the names that their marks link to.
    """
    begins, ends = _STARS.get(whole, ("", ""))
    out: list[str] = [begins] if whole else []
    opened: list[tuple[str, str, int]] = []  # opening, closing, place in `out`
    marks = list(block.marks)
    code, strong, em = 0, int(begins == _STRONG), int(begins == _EM)

    def close() -> None:
        nonlocal strong, em
        opening, closing, at = opened.pop()
        strong -= opening == _STRONG
        em -= opening == _EM
        if not opening:
            return
        inner = "".join(out[at:])
        core = inner.strip()
        if not core or (opening == "[" and not _RUN.sub("", core)):
            return
        del out[at:]
        head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        if opening == "[" and not head and out and out[-1].endswith("!"):
            out[-1] = out[-1][:-1] + "\\!"  # "![" would be an image
        out.append(f"{head}{opening}{core}{closing}{tail}")

    for number in range(len(block.pieces) + 1):
        while marks and marks[0].before == number:
            mark = marks.pop(0)
            tag = mark.node.tag or ""
            if not mark.begins:
                if opened:
                    close()
                code -= tag in _CODE
                continue
            opening = closing = ""
            if code:
                pass  # code holds no markup
            elif tag == "a":
                target = link_target(base, mark.node.attrs.get("href") or "")
                if target:
                    opening, closing = "[", f"]({target})"
            elif tag in _CODE:
                opening, closing = _TICK, _TICK_END
            elif tag in _STRUCK:
                opening = closing = "~~"
            elif tag in _STARS and not (strong if _STARS[tag][0] == _STRONG else em):
                opening, closing = _STARS[tag]
                strong += opening == _STRONG
                em += opening == _EM
            code += tag in _CODE
            opened.append((opening, closing, len(out)))
        if number < len(block.pieces):
            piece = block.pieces[number]
            if isinstance(piece, FormulaText) and piece.markdown and not code:
                space = " " if piece[:1] == " " else ""
                out.append(space + piece.markdown)
                continue
            if isinstance(piece, NoteMark) and piece.target in notes and not code:
                space = " " if piece[-1:] == " " else ""
                out.append(f"[^{notes[piece.target]}]{space}")
                continue
            piece = without_invisible(piece)
            piece = piece if piece.isascii() else _STAND_INS.sub("", piece)
            out.append(piece if code else escape(piece))
    while opened:
        close()
    text = _unescaped(" ".join("".join(out).split())) + ends
    if text.isascii():
        return text
    if _RUN.search(text):
        text = _emphasised(text)
    # Code that follows code at once is one piece: the fences between would be taken for text.
    text = text.replace(_TICK_END + _TICK, "")
    return _DRAWN_CODE.sub(lambda code: _code(code[1]), text)


def _space_or_sign(text: str, at: int) -> tuple[bool, bool]:
    """Whether a place holds white space (or the text's end), and whether punctuation."""
    if not 0 <= at < len(text):
        return True, False
    sign = text[at] in (_TICK, _TICK_END) or unicodedata.category(text[at])[0] in "PS"
    return text[at].isspace(), sign


def _emphasised(text: str) -> str:
    """Draw the stars, where CommonMark will take them for what they are meant to be."""
    for pattern in (_APART, _NOTHING):
        while (joined := pattern.sub(lambda m: m[1] or m[2] or "", text)) != text:
            text = joined
    # Punctuation at the edge of emphasis leaves it where a letter stands beyond.
    text = _LATE_EDGE.sub(r"\2\1", _EARLY_EDGE.sub(r"\2\1", text))
    for pattern in (_APART, _NOTHING):
        text = pattern.sub(lambda m: m[1] or m[2] or "", text)
    dropped: set[int] = set()
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for match in _STAR.finditer(text):
        if match[0] in _CLOSES:
            opened.append(match.start())
        elif opened:
            pairs[opened.pop()] = match.start()
    for run in _RUN.finditer(text):
        before, after = _space_or_sign(text, run.start() - 1), _space_or_sign(text, run.end())
        opens = [at for at in range(*run.span()) if text[at] in _CLOSES]
        ends = [at for at in range(*run.span()) if text[at] not in _CLOSES]
        left = not after[0] and (not after[1] or before[0] or before[1])
        right = not before[0] and (not before[1] or after[0] or after[1])
        if opens and (ends or not left):
            dropped.update(opens)
        if ends and not right:
            dropped.update(ends)
    for start, end in pairs.items():
        if start in dropped or end in dropped:
            dropped |= {start, end}
    return _STAR.sub(lambda m: "" if m.start() in dropped else _DRAWN[m[0]], text)
