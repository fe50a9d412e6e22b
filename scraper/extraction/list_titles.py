"""Titles of articles that are lists, live or parts of a series; headings that number parts."""

from __future__ import annotations

import re
from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = ["is_list_title", "is_numbered"]

_NUMBER: Final = (
    r"(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty"
    r"|thirty|forty|fifty|a dozen|a hundred)"
)
_PART: Final = r"(?:\d{1,2}|one|two|three|four|five|six|[ivx]{1,4})"
_HAN: Final = "[一二三四五六七八九十]"
_LIST_TITLE: Final = lazy_compile(
    r"\b(?:best|top|guides?|reviews?|round-?ups?|digest|weekly|lists?|gifts?|picks|deals|ways|tips"
    r"|tools|things|reasons|newsletter|links|this week|recap|highlights|favou?rites|examples|ideas"
    r"|the year in|learn|questions|faqs?|briefing|in brief|need to know)\b"
    # A number counts what is listed, unless it is a share, an amount, an age or a time.
    r"|(?<![-–.,:$€£#])\b(?:[3-9]|[1-9]\d{1,2})\b(?![.,:]\d|\s?[-–%°]|\s?(?:per ?cent|[mb]n\b"
    r"|[mbtk]\b|[mbtr]illions?|thousand|years?|months?|weeks?|days?|hours?|minutes?|dead|killed|injured))"
    r"|\blive(?: ?blog| updates?| coverage)?\s?[:|–—-]|^\W{0,3}live\b|直播"
    r"|实时更新|即時更新|滚动更新|滾動更新"
    rf"|^\W{{0,3}}(?:(?:the|our|my|these) )?{_NUMBER}\b|\b(?:part|chapter|episode) {_PART}\b"
    r"|盘点|盤點|汇总|匯總|彙整|合集|榜单|榜單|周报|週報|早报|早報|晚报|日报|日報|精选|精選|清单|清單"
    rf"|指南|大全|简讯|簡訊|要闻|要聞|速览|速覽|懶人包|懒人包|回顾|回顧|(?:{_HAN}|\d)[大款种種招]|[三四五六七八九十][个個](?!月)"
    rf"|第(?:{_HAN}|\d){{1,2}}[部集回篇章期]|[（(](?:{_HAN}|[上中下])[）)]|[上中下]篇|之{_HAN}$",
    re.IGNORECASE,
)
_NUMBERED: Final = lazy_compile(
    rf"\W{{0,2}}(?:no\.?\s?)?\d{{1,3}}\s?[.)、:：]|{_HAN}{{1,3}}[、.]|step \d|(?:part|chapter) \w"
    rf"|第(?:{_HAN}|\d){{1,3}}[部集回篇章步]|[（(]{_HAN}{{1,2}}[）)]",
    re.IGNORECASE,
)


def is_list_title(title: str) -> bool:
    """Return whether a headline tells of a list, a report while it happens, or a series."""
    return _LIST_TITLE.search(title) is not None


def is_numbered(heading: str) -> bool:
    """Return whether a heading begins with the number of its part."""
    return _NUMBERED.match(heading) is not None
