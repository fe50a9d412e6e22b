"""Live reports: which lines tell when each of their updates was written.

A classifier of blocks takes a line such as ``10:42`` for furniture. Where several of them stand in
elements alike, each with text of the article behind it, they part the report into its updates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.text.patterns import lazy_compile

__all__ = ["is_update_time", "update_times"]

_LONGEST: Final = 48  # characters of a line with a time
_FEWEST: Final = 3  # updates that make a report
_NEAR: Final = 8  # blocks between a time and the text of its update
_SHARE: Final = 0.7  # of the times that must have an update
_PARAGRAPH: Final = 6  # characters of a text
_HEADINGS: Final = frozenset(("h2", "h3", "h4", "h5", "h6"))

_CLOCK: Final = (
    r"(?:[01]?\d|2[0-4])\s?[:：.h]\s?[0-5]\d(?:\s?[:：]\s?[0-5]\d)?"
    r"|(?:1[0-2]|0?[1-9])\s?(?=[ap]\.?m)"
    r"|(?:[01]?\d|2[0-4])[时時点點](?:[0-5]?\d分?)?"
)
_DAY: Final = (
    r"(?:\d{4}[-./年])?\d{1,2}[-./月]\d{1,2}日?|\d{1,2}(?:st|nd|rd|th)?\s[a-z]{3,9}\.?(?:,?\s\d{4})?"
    r"|[a-z]{3,9}\.?\s\d{1,2}(?:st|nd|rd|th)?(?:,?\s\d{4})?|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\.?|today|yesterday|今天|昨天|今日|昨日|(?:星期|周|週)[一二三四五六日天]"
)
_PART: Final = "上午|中午|下午|晚上|凌晨|早上|清晨|傍晚|午后|午後|深夜|夜间"
_ZONE: Final = (
    r"[ap]\.?m\.?|[a-z]{2,4}t|utc|gmt|z|et|ct|mt|pt|(?:gmt|utc)\s?[-+]\d{1,2}(?::?\d\d)?|uhr|o'clock"
    r"|local time|(?:北京|当地|當地|台北|香港|台灣|台湾)[时時][间間]"
)
_HINT: Final = lazy_compile(r"\d\s?[:：.hap时時点點]")
_TIME: Final = lazy_compile(
    rf"(?:[【\[(（]\s?)?(?:(?:updated|posted|published|更新[于於]?|发布[于於]?)[:：]?\s?)?"
    rf"(?:(?:{_DAY}|{_PART}|{_ZONE})[\s,，·•|/–-]{{0,3}}(?:(?:at|um|à)\s)?){{0,3}}"
    rf"(?:{_CLOCK})"
    rf"(?:[\s,，·•|/–-]{{0,3}}(?:{_ZONE}|{_DAY}|{_PART})){{0,3}}(?:\s?[】\])）])?\s?[|｜:：–-]?"
)


def is_update_time(text: str) -> bool:
    """Return whether a line says nothing but a time of the day, with or without the day."""
    return len(text) <= _LONGEST and _TIME.fullmatch(text.strip().lower()) is not None


def update_times(
    s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool] = lambda _: False
) -> dict[int, list[int]]:
    """Return the times of the updates of a live report, each with the lines that head its update.

    Args:
        s: the page cut into blocks.
        decided: for each block "" when it is kept, else what cut it.
        open_: whether a cut of that name may be taken back.

    Returns:
        Block of a time → the cut blocks between it and the update's text; none where the page is
        no live report.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for i, block in enumerate(s.blocks):
        text = block.text
        if len(text) > _LONGEST or (decided[i] and not open_(decided[i])):
            continue
        if _HINT.search(text) and is_update_time(text):
            e = block.container
            key = (s.lookalikes[e], s.lookalikes[s.parents[e]] if e else "")
            groups.setdefault(key, []).append(i)
    found: dict[int, list[int]] = {}
    for times in groups.values():
        if len(times) < _FEWEST or len({s.blocks[i].text for i in times}) < _FEWEST:
            continue
        updates: dict[int, list[int]] = {}
        for at, following in zip(times, [*times[1:], len(s.blocks)], strict=True):
            heads = _heads(s, decided, open_, at, following)
            if heads is not None:
                updates[at] = heads
        if len(updates) >= _FEWEST and len(updates) >= _SHARE * len(times):
            found |= updates
    return found


def _heads(
    s: PageBlocks, decided: Sequence[str], open_: Callable[[str], bool], at: int, following: int
) -> list[int] | None:
    """Return the headings between a time and the kept text behind it, None where none follows."""
    heads: list[int] = []
    for i in range(at + 1, min(following, at + 1 + _NEAR)):
        heading = s.tags[s.blocks[i].container] in _HEADINGS
        if not decided[i]:
            if not heading and len(s.blocks[i].text) >= _PARAGRAPH:
                return heads
        elif heading and open_(decided[i]):
            heads.append(i)
    return None
