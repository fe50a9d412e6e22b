"""Quotation marks: which stretches of a text stand in quotes, paragraph by paragraph.

A paragraph is a line. Quotes within quotes belong to the outer one. A quote whose paragraph ends
without a closing mark goes on in the next one if that opens with the mark again (as English and
Chinese print it) or closes it within a few paragraphs.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Paragraph", "Quotation", "read_paragraphs"]

_CLOSES = {"“": "”", "「": "」", "『": "』", "«": "»", "„": "“", "〝": "〞", "﹁": "﹂", "﹃": "﹄"}
_OPENERS = frozenset(_CLOSES)
# Characters within which a single quote must be closed.
_LONGEST_SINGLE = 1_500
# Marks of a paragraph that are tried and turn out to open nothing: the rest is not tried.
_MOST_FAILED = 50
# Paragraphs in which a quote that was not opened again must be closed.
_MOST_OPEN = 6
_BEFORE_OPENING = frozenset(' \t\u00a0\u3000([{（【—–-/:：,，;；。“‘「『"')
_ENDS = frozenset(".,!?;…。，！？；—–")


@dataclass(slots=True)
class Quotation:
    """A stretch in quotation marks.

    Attributes:
        start, end: its place in the text, marks included.
        inner_start, inner_end: without them.
        mark: the opening mark.
        continues: whether it goes on in the next paragraph's first quotation.
        continued: whether it began in a paragraph before.
        closed: whether its closing mark was found.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    mark: str
    continues: bool = False
    continued: bool = False
    closed: bool = True


@dataclass(slots=True)
class Paragraph:
    """A line of a text with its quotations.

    Attributes:
        start, end: its place in the text, without white space around it.
        quotations: outermost ones, in order.
    """

    start: int
    end: int
    quotations: list[Quotation]


def read_paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a text that are not empty, with their quotations."""
    paragraphs = []
    start = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            first = start + line.index(stripped[0])
            end = first + len(stripped)
            paragraphs.append(Paragraph(first, end, _quotations(text, first, end)))
        start += len(line) + 1
    for i, paragraph in enumerate(paragraphs):
        if paragraph.quotations and not paragraph.quotations[-1].closed:
            _continue(text, paragraphs, i)
    return paragraphs


def _quotations(text: str, start: int, end: int) -> list[Quotation]:
    """Return the outermost quotations of a paragraph; the last may lack its closing mark."""
    found: list[Quotation] = []
    at, failed = start, 0
    while at < end and failed < _MOST_FAILED:
        char = text[at]
        quotation, tried = None, False
        if char in _OPENERS:
            quotation = _paired(text, at, end)
        elif char == '"':
            quotation = _straight(text, at, end)
        elif char in "‘'" and _opens_single(text, at, start, end):
            quotation, tried = _single(text, at, end), True
        if quotation is None:
            failed += tried
            at += 1
            continue
        failed += char in _OPENERS and text[quotation.end - 1] == char
        found.append(quotation)
        at = quotation.end
    return found


def _paired(text: str, at: int, end: int) -> Quotation:
    """Return the quotation that a mark with a closing one of its own opens."""
    mark = text[at]
    close, depth = _CLOSES[mark], 0
    for i in range(at, end):
        if text[i] == mark:
            depth += 1
        elif text[i] == close or (mark == "“" and text[i] == '"'):
            depth -= 1
            if not depth:
                return Quotation(at, i + 1, at + 1, i, mark)
    if depth > 1:
        # An opening mark printed for the closing one, as in “so“.
        i = text.index(mark, at + 1, end)
        return Quotation(at, i + 1, at + 1, i, mark)
    return Quotation(at, end, at + 1, end, mark, closed=False)


def _straight(text: str, at: int, end: int) -> Quotation | None:
    """Return the quotation that a straight mark opens; an inch mark opens none."""
    if at and text[at - 1].isdigit():
        return None
    close = text.find('"', at + 1, end)
    curly = text.find("”", at + 1, end if close < 0 else close)
    if curly >= 0 and "“" not in text[at + 1 : curly]:
        close = curly
    if close < 0:
        return Quotation(at, end, at + 1, end, '"', closed=False)
    return Quotation(at, close + 1, at + 1, close, '"')


def _opens_single(text: str, at: int, start: int, end: int) -> bool:
    if at + 1 >= end or not (at == start or text[at - 1] in _BEFORE_OPENING):
        return text[at] == "‘" and at + 1 < end and text[at - 1] >= "\u2e80"
    following = text[at + 1]
    return following.isalpha() or following in '“"…[（('


def _single(text: str, at: int, end: int) -> Quotation | None:
    """Return the quotation that a single mark opens, told from an apostrophe.

    It is closed by the first mark behind punctuation, or else by the first behind which no word
    goes on.
    """
    close, fallback = "’" if text[at] == "‘" else "'", -1
    for i in range(at + 1, min(end, at + _LONGEST_SINGLE)):
        char = text[i]
        if char == "‘" and text[at] == "‘" and fallback >= 0:
            break
        if char != close or (i + 1 < end and text[i + 1].isalnum() and text[i + 1] < "\u2e80"):
            continue
        if text[i - 1] in _ENDS:
            return Quotation(at, i + 1, at + 1, i, text[at])
        if fallback < 0:
            fallback = i
            # Plurals own things: "the dogs’ bowls" goes on, "a ‘mess’" does not.
            if text[i - 1] != "s":
                break
    if fallback < 0:
        return None
    return Quotation(at, fallback + 1, at + 1, fallback, text[at])


def _continue(text: str, paragraphs: list[Paragraph], i: int) -> None:
    """Let an unclosed quotation go on in the paragraphs behind it, if its marks say so."""
    last = paragraphs[i].quotations[-1]
    if i + 1 >= len(paragraphs):
        return
    following = paragraphs[i + 1]
    if text[following.start] == last.mark and following.quotations:
        last.continues = True
        following.quotations[0].continued = True
        return
    close = _CLOSES.get(last.mark)
    if close is None:
        return
    for j in range(i + 1, min(len(paragraphs), i + 1 + _MOST_OPEN)):
        paragraph = paragraphs[j]
        at = text.find(close, paragraph.start, paragraph.end)
        opened = text.find(last.mark, paragraph.start, paragraph.end)
        if opened >= 0 and (at < 0 or opened < at):
            return
        if at >= 0:
            last.continues = True
            for middle in paragraphs[i + 1 : j]:
                start, end = middle.start, middle.end
                middle.quotations = [
                    Quotation(start, end, start, end, last.mark, True, True, closed=False)
                ]
            rest = [q for q in paragraph.quotations if q.start > at]
            first = Quotation(paragraph.start, at + 1, paragraph.start, at, last.mark)
            first.continued = True
            paragraph.quotations = [first, *rest]
            return
