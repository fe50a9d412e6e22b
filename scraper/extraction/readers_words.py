"""Readers' words below an article that nothing names: comments told by how they are signed."""

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
from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile

__all__ = ["READERS_WORDS", "readers_words", "signed_words", "spoken_lines"]

READERS_WORDS: Final = "readers-words"

# Readers' words: a short line with a name and how long ago, then a sentence; so many in a row.
_SAID_AGO = lazy_compile(
    r"(?P<who>\S.{0,28}?)[\s,·•|–-]{1,3}(?:\d{1,2}|an?|one)\s?(?:s|min(?:ute)?s?|h(?:ou)?rs?|h|d|days?|w|weeks?"
    r"|months?|y|years?)\s(?:ago)(?:\s?[·•|]\s?\S.{0,20})?"
    r"|(?P<wer>\S.{0,16}?)[\s,·•|–-]{1,3}\d{1,2}\s?(?:秒|分钟|分鐘|小时|小時|天|日|周|週|个月|個月|年)前",
    re.IGNORECASE,
)
# The same with a day and an hour; whose names differ, for a paper's own writer signs updates so.
_SAID_ON = lazy_compile(
    r"(?P<who>[^\s,·•|].{0,28}?)[\s,·•|–-]{1,3}(?:on )?(?:"
    rf"\d{{1,2}}\.? {ENGLISH_MONTH}\.?(?:,? (?:19|20)\d{{2}})?"
    rf"|{ENGLISH_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d{{2}})?"
    r"|(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](?:20)?\d{2}"
    r"|\d{1,2}[-/月]\d{1,2}日?)"
    r"(?:,? ?(?:at )?\d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)
# What a paper itself signs so.
_NOTES: Final = lazy_compile(
    r"(?:up-?dated?|correct(?:ion|ed)|clarification|amend(?:ed|ment)|editor['’]s note|note"
    r"|last updated|published|posted|更新|更正|补充|補充|勘[误誤]"
    r"|[编編]者?按|[编編]者[注註]|[发發][布佈])\b",
    re.IGNORECASE,
)
_DIGIT = lazy_compile(r"\d")
_MAX_SAID: Final = 60
_COMMENTS: Final = 2


def _is_said(text: str) -> bool:
    """Whether a line is a name and when it was said; what each form has is looked for first."""
    if ("ago" in text.lower() or "前" in text) and _SAID_AGO.fullmatch(text) is not None:
        return True
    if _DIGIT.search(text) is None or _SAID_ON.fullmatch(text) is None:
        return False
    return _NOTES.match(text) is None


def readers_words(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for comments behind the article that nothing names.

    They are siblings of one look, each of which begins with a name and how long ago it was said.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    stamps = [
        i
        for i, block in enumerate(s.blocks)
        if len(block.text) <= _MAX_SAID
        and s.tags[block.container] not in HEADINGS
        and _is_said(block.text)
    ]
    if len(stamps) < _COMMENTS:
        return {}
    ends, inside = s.subtree_ends(), first_blocks(s)
    cuts: dict[int, str] = {}
    for items in lookalike_groups(s, stamps, inside, _COMMENTS):
        blocks = [blocks_of(s, inside, ends, e) for e in items]
        inner = {i for part in blocks for i in part}
        if sum(part[0] in stamps and len(part) > 1 for part in blocks) < _COMMENTS:
            continue
        dated = [_SAID_ON.fullmatch(s.blocks[part[0]].text) for part in blocks]
        if all(dated) and len({match["who"] for match in dated if match}) < _COMMENTS:
            continue
        told = sum(rows.sentences[i] for i in range(rows.title + 1, min(inner)) if likely[i])
        behind = sum(rows.sentences[i] for i in range(max(inner) + 1, len(likely)) if likely[i])
        if told >= OWN_TEXT and behind <= BEHIND * told:
            cuts |= dict.fromkeys(inner, READERS_WORDS)
    return cuts


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
_MAX_TALK: Final = 40  # characters of the line above readers' words


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
        is_talk = len(above) <= _MAX_TALK and _TALK.search(above) is not None
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
        is_talk = len(above) <= _MAX_TALK and _TALK.search(above) is not None
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
