"""Readers' words in the rows of a table: a name, a time and what its bearer says, one in each row.

Guest books and old sites print comments so, without a line to answer them with. A table of the
article has the same form where it lists witnesses, winners or versions: the text tells of the
first, and the others speak neither of themselves nor to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.comment_lines import comment_line, is_readers_name
from scraper.extraction.features import BlockFeatures
from scraper.extraction.other_articles import BEHIND, OWN_TEXT
from scraper.extraction.readers_words import READERS_WORDS, are_readers, tells_of_talk
from scraper.extraction.sections import HEADINGS

__all__ = ["table_words"]

_ROWS: Final = 2  # comments of a table
_NEARLY_ALL: Final = 0.75  # share of a table's rows that are comments
_MOST_BLOCKS: Final = 12  # of a row
_SAYS: Final = 4  # words of what a reader says; characters count for less
_SAYS_CJK: Final = 8
_DISTINCT: Final = 0.6  # share of comments that are of somebody else


class _Comment(NamedTuple):
    """A row of a table that is a comment."""

    who: str
    dated: bool
    ago: bool
    said: list[str]


def table_words(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for tables behind the text whose rows are readers' comments.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    cuts: dict[int, str] = {}
    if "tr" not in s.tags:
        return cuts
    for table in _tables(s, rows, likely):
        blocks = [i for row in table for i in row]
        part = range(blocks[0], blocks[-1] + 1)
        if not any(likely[i] for i in part):
            continue
        own = [i for i in range(rows.title + 1, part.start) if likely[i] and i not in cuts]
        rest = [i for i in range(part.stop, len(likely)) if likely[i] and i not in cuts]
        told = sum(rows.sentences[i] for i in own)
        if told < OWN_TEXT or sum(rows.sentences[i] for i in rest) > BEHIND * told:
            continue
        comments = [c for row in table if (c := _comment(s, rows, row)) is not None]
        if len(comments) < max(_ROWS, _NEARLY_ALL * len(table)):
            continue
        headed = part.start - 1 > rows.title and tells_of_talk(s.blocks[part.start - 1].text)
        if _are_others(s, comments, own, headed=headed):
            cuts |= dict.fromkeys(range(part.start - headed, part.stop), READERS_WORDS)
    return cuts


def _tables(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> list[list[list[int]]]:
    """Return of each table behind the beginning of the text the rows of several cells."""
    found: dict[int, dict[int, list[int]]] = {}
    for i in range(rows.title + 1, len(likely)):
        row = table = 0
        for e in s.ancestors(s.blocks[i].container):
            if s.tags[e] == "tr" and not row:
                row = e
            elif s.tags[e] == "table":
                table = e
                break
        if row and table:
            found.setdefault(table, {}).setdefault(row, []).append(i)
    tables = [list(of_row.values()) for of_row in found.values()]
    return [table for table in tables if len(table) >= _ROWS]


def _comment(s: PageBlocks, rows: BlockFeatures, row: Sequence[int]) -> _Comment | None:
    """Return the comment that a row is: a name, perhaps a time, and then what is said."""
    if not 1 < len(row) <= _MOST_BLOCKS:
        return None
    who, dated, ago = "", False, False
    said: list[str] = []
    cells = {s.blocks[i].container for i in row}
    least = _SAYS_CJK if rows.cjk else _SAYS
    for i in row:
        block = s.blocks[i]
        text = block.spaced_text()
        if s.tags[block.container] in HEADINGS:
            return None
        line = comment_line(text)
        if line is not None and line.dated and not said:
            dated, ago = True, ago or line.ago
            who = who or line.who
        elif not who and not said and is_readers_name(text):
            who = text.strip()
        elif rows.words[i] >= least:
            said.append(text)
    return _Comment(who, dated, ago, said) if who and said and len(cells) > 1 else None


def _are_others(
    s: PageBlocks, comments: Sequence[_Comment], own: Sequence[int], *, headed: bool
) -> bool:
    """Whether rows tell whose words they hold and when, and their bearers talk.

    Below a line that says so, less of it is asked for.
    """
    names = [comment.who for comment in comments]
    if not all(c.dated for c in comments) or len({*names}) < max(_ROWS, _DISTINCT * len(names)):
        return False
    ago = headed or all(comment.ago for comment in comments)
    texts = [s.blocks[i].text for i in own]
    return are_readers(names, [comment.said for comment in comments], texts, ago=ago)
