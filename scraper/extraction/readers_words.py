"""Readers' words below an article that nothing names, neither time nor class: told by names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.other_articles import (
    BEHIND,
    OWN_TEXT,
    blocks_of,
    first_blocks,
    lookalike_groups,
)
from scraper.extraction.sections import HEADINGS
from scraper.text.patterns import lazy_compile

__all__ = ["READERS_WORDS", "are_readers", "signed_words", "spoken_lines", "tells_of_talk"]

READERS_WORDS: Final = "readers-words"


def are_readers(
    names: Sequence[str], said: Sequence[Sequence[str]], own: Sequence[str], *, ago: bool
) -> bool:
    """Return whether some names with a time are readers', by their form and by what they say.

    Witnesses, winners, reporters and versions have a name and a time as well. The text tells of the
    first, the others speak neither of themselves nor to somebody, and the last are numbers.

    Args:
        names: who says each.
        said: the lines of each.
        own: the paragraphs of the article.
        ago: whether each tells how long ago, as a paper seldom does: then what is said to somebody
            is talk too, and less of it is asked for.
    """
    told_of = sum(any(name.split()[-1] in text for text in own) for name in names if name.strip())
    if told_of > _TOLD_OF * len(names):
        return False
    if sum(_VERSION.search(name) is not None for name in names) >= _TO_OTHERS * len(names):
        return False
    talking = 0
    for name, lines in zip(names, said, strict=True):
        if any(text.startswith(_QUOTES) for text in lines):
            continue
        talking += _SURE_HANDLE.fullmatch(name) is not None or any(
            _OF_SELF.search(text[:400]) is not None
            or (ago and _TO_SOMEBODY.search(text[:400]) is not None)
            for text in lines
        )
    return talking >= (_TALKING_AGO if ago else _TO_OTHERS) * len(names)


# Readers' words without times: short names, each above what its bearer says.
_SIGNED: Final = 3
_MAX_NAME: Final = 28
_NAME_WORDS: Final = 4
_SAYS: Final = 6.0  # words of sentences of what a reader says
_MOST_SAID: Final = 4  # blocks of an item
_HANDLES: Final = 0.3  # share of names that only a reader has
_TO_OTHERS: Final = 0.5  # share of what is said that speaks of oneself, or to somebody
_HANDLE = lazy_compile(
    r"[a-z][\w.-]{2,24}|\w{0,20}[_\d]\w{0,20}|[^\W\d_]{2,16} [A-Z]\.?|[A-Z]\. ?[^\W\d_]{2,16}"
    r"|(?:用[户戶]|[网網]友|游客|遊客|路人|匿名)\w{0,12}|[\u3400-\u9fff]{1,6}的[\u3400-\u9fff]{1,6}"
    r"(?<!先生)(?<!女士)(?<!小姐)(?<!太太)(?<!老[师師])(?<![医醫]生)(?<!同[学學])"
)
# Such a name that a paper gives nobody, as it does “Anna K.”.
_SURE_HANDLE = lazy_compile(
    r"[a-z]\w{0,12}[\d_.-]\w{1,20}|\w{1,20}_\w{1,20}|[^\W\d_]{2,16}\d{1,6}|(?:用[户戶]|[网網]友|游客|遊客|匿名)\w{0,12}"
)
_TALK = lazy_compile(
    r"\b(?:comments?|replies|responses|discussion|conversation|you said|your (?:say|views?)"
    r"|readers)\b|评论|評論|留言|网友|網友|大家都?在?[说說]|跟帖|回复|回覆|讨论|討論",
    re.IGNORECASE,
)
_OF_ONESELF = lazy_compile(
    r"\b(?:i|i['’](?:m|ve|d|ll)|my|me|you|your|we|us|our)\b|[我你您]|楼主|樓主|楼上|樓上|同意",
    re.IGNORECASE,
)
# What somebody says of himself or asks; and what readers say to others, as houses do to them.
_OF_SELF: Final = lazy_compile(
    r"\b(?:i|i['’](?:m|ve|d|ll)|my|me)\b|[?？]|我(?![们們])|楼主|樓主|楼上|樓上|同意", re.IGNORECASE
)
_TO_SOMEBODY: Final = lazy_compile(r"\b(?:you|your)\b|[!！]|[你您](?![们們])", re.IGNORECASE)
_VERSION: Final = lazy_compile(r"(?:^|\s)v?\d+(?:\.\d+)+\b|^v?\d+$", re.IGNORECASE)
_TALKING_AGO: Final = 0.25
_TOLD_OF: Final = 0.25  # share of readers whose name may stand in the text
_QUOTES: Final = ("“", "「", '"', "『")
_MAX_TALK: Final = 40  # characters of the line above readers' words


def tells_of_talk(above: str) -> bool:
    """Return whether a line announces comments of readers below it."""
    return len(above) <= _MAX_TALK and _TALK.search(above) is not None


def signed_words(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for comments behind the article that have neither names nor times.

    They are siblings of one look, each of which begins with the name of somebody else. The line
    above them says so, or the names are such as only readers have; people of whom an article tells
    have names that stand in it.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    names = [
        i
        for i in range(rows.title + 1, len(likely) - 1)
        if likely[i + 1]
        and rows.sentences[i + 1] >= _SAYS
        and len(s.blocks[i].text) <= _MAX_NAME
        and 0 < len(s.blocks[i].text.split()) <= _NAME_WORDS
        and s.tags[s.blocks[i].container] not in HEADINGS
    ]
    if len(names) < _SIGNED:
        return {}
    ends, inside = s.subtree_ends(), first_blocks(s)
    cuts: dict[int, str] = {}
    for items in lookalike_groups(s, names, inside, _SIGNED):
        blocks = [blocks_of(s, inside, ends, e) for e in items]
        parts = [part for part in blocks if part[0] in names and 1 < len(part) <= _MOST_SAID]
        inner = {i for part in parts for i in part}
        who = {s.blocks[part[0]].text.rstrip(":： ") for part in parts}
        if len(who) < max(_SIGNED, len(blocks)) or inner <= cuts.keys():
            continue
        told = [i for i in range(rows.title + 1, min(inner)) if likely[i]]
        size = sum(rows.sentences[i] for i in told)
        behind = sum(rows.sentences[i] for i in range(max(inner) + 1, len(likely)) if likely[i])
        if size < OWN_TEXT or behind > BEHIND * size:
            continue
        if any(name.split()[-1] in s.blocks[i].text for i in told for name in who):
            continue
        above = s.blocks[min(inner) - 1].text
        is_talk = tells_of_talk(above)
        handles = sum(_HANDLE.fullmatch(name) is not None for name in who)
        own = sum(
            any(_OF_ONESELF.search(s.blocks[i].text[:400]) for i in part[1:]) for part in parts
        )
        if is_talk or (handles >= _HANDLES * len(who) and own >= _TO_OTHERS * len(parts)):
            heading = {min(inner) - 1} if is_talk and rows.sentences[min(inner) - 1] == 0 else set()
            cuts |= dict.fromkeys(inner | heading, READERS_WORDS)
    return cuts


_SPOKEN = lazy_compile(r"(?P<who>[^\s:：,，。.][^:：,，。]{0,27}?)\s?[:：]\s?(?=\S.{12})")


def spoken_lines(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for comments of a line each: a name, a colon, and what its bearer says.

    They are siblings of one look behind the article, each of somebody else. The line above them
    says that readers talk, or some names are such as only readers have and most speak of
    themselves; who is asked in an article speaks twice, or has a name that stands in it.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    lines: dict[tuple[int, str, str], dict[int, str]] = {}
    for i in range(rows.title + 1, len(likely)):
        e = s.blocks[i].container
        if ":" in s.blocks[i].text[: _MAX_NAME + 2] or "：" in s.blocks[i].text[: _MAX_NAME + 2]:
            said = _SPOKEN.match(s.blocks[i].text)
            if said is not None and s.tags[e] not in HEADINGS:
                look = (s.parents[e], s.tags[e], s.lookalikes[e])
                lines.setdefault(look, {})[i] = said["who"]
    cuts: dict[int, str] = {}
    for said_by in lines.values():
        first, last = min(said_by), max(said_by)
        if len(set(said_by.values())) < max(_SIGNED, last - first + 1) or first < 1:
            continue
        above = s.blocks[first - 1].text
        is_talk = tells_of_talk(above)
        own = [i for i in range(rows.title + 1, first) if likely[i]]
        if not is_talk and not _are_readers(s, said_by, own):
            continue
        told = sum(rows.sentences[i] for i in own)
        behind = sum(rows.sentences[i] for i in range(last + 1, len(likely)) if likely[i])
        if told >= OWN_TEXT and behind <= BEHIND * told:
            cuts |= dict.fromkeys(range(first - is_talk, last + 1), READERS_WORDS)
    return cuts


def _are_readers(s: PageBlocks, said_by: Mapping[int, str], own: Sequence[int]) -> bool:
    """Whether what each of some lines says is a reader's word, by their names and by its form."""
    who = said_by.values()
    handles = sum(_HANDLE.fullmatch(name) is not None for name in who)
    if handles < _HANDLES * len(who) or not any(map(_SURE_HANDLE.fullmatch, who)):
        return False
    if any(name.split()[-1] in s.blocks[i].text for i in own for name in who):
        return False
    talking = sum(_OF_ONESELF.search(s.blocks[i].text[:400]) is not None for i in said_by)
    return talking >= _TO_OTHERS * len(who)
