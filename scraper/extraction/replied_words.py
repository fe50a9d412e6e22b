"""Readers' words told by what stands at each of them: Reply, 回复, 赞 12, or a name and a time.

Where a page prints comments below the last paragraph, without a heading or telling names, what
repeats tells them: each has a line with which it is answered, or a name and when it was said. An
article prints the first nowhere, and the second for people of whom it tells, or without talk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from scraper.extraction.blocks import Block, PageBlocks
from scraper.extraction.comment_lines import (
    CommentLine,
    closing,
    comment_line,
    is_readers_name,
    opening,
)
from scraper.extraction.features import BlockFeatures
from scraper.extraction.other_articles import BEHIND, OWN_TEXT
from scraper.extraction.readers_words import READERS_WORDS, are_readers
from scraper.extraction.sections import HEADINGS

__all__ = ["replied_words"]

_GAP: Final = 6  # blocks from a comment's line to the next one's
_COMMENTS: Final = 2
_PERIOD: Final = 2  # blocks of a comment: what is said, and its line
_WORDS: Final = 3  # words of what a reader says
_LONGEST: Final = 1_500  # characters of a comment of one block
_SHORTEST: Final = 12  # of such a one that begins with a name and a time
_DISTINCT: Final = 0.6  # share of comments that are of somebody else
_BOLD: Final = 0.8  # share of a line
_CELLS: Final = frozenset(("td", "th", "dt", "pre", "code", "option"))


class _Mark(NamedTuple):
    """A block that is a line at a comment, or a comment of one block.

    Attributes:
        line: what it says of the comment.
        said: what the comment says, where it is the same block, else "".
    """

    line: CommentLine
    said: str = ""


def replied_words(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for comments below the article each of which has such a line.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    marks = dict(_marks(s, _behind_text(rows, likely)))
    cuts: dict[int, str] = {}
    for answered in (True, False):
        lines = [i for i, mark in marks.items() if mark.line.answers == answered]
        for run in _runs([i for i in lines if i not in cuts]):
            part = _comments(s, rows, run, marks)
            if part is None:
                continue
            own = [i for i in range(rows.title + 1, part.start) if likely[i] and i not in cuts]
            rest = [i for i in range(part.stop, len(likely)) if likely[i] and i not in cuts]
            told = sum(rows.sentences[i] for i in own)
            if told < OWN_TEXT or sum(rows.sentences[i] for i in rest) > BEHIND * told:
                continue
            if answered or _are_others(s, part, run, marks, own):
                cuts |= dict.fromkeys(part, READERS_WORDS)
    return cuts


def _behind_text(rows: BlockFeatures, likely: Sequence[bool]) -> range:
    """Return the blocks behind a text of its own, up to a little behind what is taken for it."""
    kept = [i for i in range(rows.title + 1, len(likely)) if likely[i]]
    told = 0.0
    for i in kept:
        told += rows.sentences[i]
        if told >= OWN_TEXT:
            return range(i + 1, min(kept[-1] + 2 * _GAP, len(likely)))
    return range(0)


def _marks(s: PageBlocks, blocks: range) -> Iterator[tuple[int, _Mark]]:
    """Yield the blocks that are lines at comments, or end or begin with one."""
    for i in blocks:
        tag = s.tags[s.blocks[i].container]
        if tag in HEADINGS or tag in _CELLS or len(s.blocks[i].text) > _LONGEST:
            continue
        if any(s.tags[e] == "blockquote" for e in s.ancestors(s.blocks[i].container)):
            continue
        # Elements in a row, as a name and a time, are parted by their style alone.
        text = s.blocks[i].spaced_text()
        line = comment_line(text)
        if line is not None:
            if not (line.answers and _heads(s.blocks[i])):
                yield i, _Mark(line)
        elif (line := closing(text)) is not None:
            yield i, _Mark(line, text)
        elif len(text) > _SHORTEST and (begun := opening(text, s.blocks[i].pieces)) is not None:
            yield i, _Mark(*begun)


def _heads(block: Block) -> bool:
    """Whether a line is set as the label of what follows, as the reply in questions and answers."""
    return block.text.endswith((":", "：")) or block.bold_chars >= _BOLD * len(block.text)


def _runs(lines: Sequence[int]) -> list[list[int]]:
    """Return lines that follow each other within a few blocks."""
    runs: list[list[int]] = []
    for i in lines:
        if runs and i - runs[-1][-1] <= _GAP:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _comments(
    s: PageBlocks, rows: BlockFeatures, run: Sequence[int], marks: Mapping[int, _Mark]
) -> range | None:
    """Return the blocks of the comments to which some lines belong, or None where they are none."""
    first, last = run[0], run[-1]
    if len(run) < _COMMENTS:
        return _lone_comment(s, rows, first, marks)
    if all(marks[i].said for i in run):
        return range(first, last + 1)
    boxes = _boxes(s, run)
    if boxes is not None:
        inside = [_inside(s, box, i) for box, i in zip(boxes, run, strict=True)]
        if all(_says(s, rows, part, marks) for part in (inside[0], inside[-1])):
            return range(inside[0].start, inside[-1].stop)
    period = min(b - a for a, b in pairwise(run))
    between = (range(a + 1, b) for a, b in pairwise(run))
    if period < _PERIOD or not all(_says(s, rows, part, marks) for part in between):
        return None
    above = 0 if marks[first].line.who else int(_is_name(s, first - 1))
    if marks[first].line.dated and (marks[first].line.who or above):
        part = range(first - above, min(last + period - above, len(s.blocks)))
    elif _is_followed(s, rows, last):
        return None
    else:
        part = range(first - period + 1, last + 1)
    return part if _says(s, rows, part, marks) else None


def _lone_comment(
    s: PageBlocks, rows: BlockFeatures, at: int, marks: Mapping[int, _Mark]
) -> range | None:
    """Return the blocks of one comment: a name and a time above what is said, and answers below."""
    for above in range(at - 1, max(at - _GAP, 0), -1):
        if above in marks and marks[above].line.who and marks[above].line.dated:
            told = marks[at].line.answers and _says(s, rows, range(above + 1, at), marks)
            return range(above, at + 1) if told else None
    return None


def _boxes(s: PageBlocks, run: Sequence[int]) -> list[int] | None:
    """Return for each line the element of its comment: siblings that hold a line each."""
    around = [list(s.ancestors(s.blocks[i].container)) for i in run]
    shared = set(around[0]).intersection(*around[1:])
    boxes: list[int] = []
    for chain in around:
        inner = [e for e in chain if e not in shared]
        if not inner:
            return None
        boxes.append(inner[-1])
    return boxes if len(set(boxes)) == len(boxes) else None


def _inside(s: PageBlocks, element: int, near: int) -> range:
    """Return the blocks inside an element that holds a block."""
    start, stop = near, near + 1
    while start and element in s.ancestors(s.blocks[start - 1].container):
        start -= 1
    while stop < len(s.blocks) and element in s.ancestors(s.blocks[stop].container):
        stop += 1
    return range(start, stop)


def _is_followed(s: PageBlocks, rows: BlockFeatures, at: int) -> bool:
    """Whether a paragraph of the same element follows a line, which is then no button."""
    behind = at + 1
    if behind >= len(s.blocks) or rows.words[behind] < _WORDS:
        return False
    one, other = s.blocks[at].container, s.blocks[behind].container
    return s.parents[one] == s.parents[other]


def _is_name(s: PageBlocks, i: int) -> bool:
    """Whether a block may be a reader's name."""
    block = s.blocks[i] if i >= 0 else None
    return (
        block is not None
        and s.tags[block.container] not in HEADINGS
        and is_readers_name(block.text)
    )


def _says(s: PageBlocks, rows: BlockFeatures, part: range, marks: Mapping[int, _Mark]) -> bool:
    """Whether something is said among the lines of comments."""
    return any(rows.words[i] >= _WORDS and (i not in marks or bool(marks[i].said)) for i in part)


def _are_others(
    s: PageBlocks,
    part: range,
    run: Sequence[int],
    marks: Mapping[int, _Mark],
    own: Sequence[int],
) -> bool:
    """Whether times stand by names of which the text does not tell, and their bearers talk."""
    names: list[str] = []
    for i in run:
        name = marks[i].line.who or (s.blocks[i - 1].text if _is_name(s, i - 1) else "")
        if not name.strip() or not marks[i].line.dated:
            return False
        names.append(name.strip())
    if len({*names}) < max(_COMMENTS, _DISTINCT * len(names)):
        return False
    said = [
        [marks[at].said] if marks[at].said else [s.blocks[i].text for i in range(at + 1, following)]
        for at, following in pairwise((*run, part.stop))
    ]
    ago = all(marks[i].line.ago for i in run)
    return are_readers(names, said, [s.blocks[i].text for i in own], ago=ago)
