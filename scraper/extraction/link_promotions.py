"""Promotions that are one link between two paragraphs, or behind the last one.

What bids the reader to go elsewhere on the site and is nothing but a link is none of the text: “See
the full gallery”, 点击查看更多照片. What is to be read or learned beside a text is often its
writer's own remark, a file is what the text hands over, and a link to another site is a source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.restoration import is_other_host
from scraper.extraction.sections import HEADINGS, INNER_PARTS, PARAGRAPH
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile

__all__ = ["LINK_PROMOTION", "link_promotions"]

LINK_PROMOTION: Final = "link-promotion"

_ALL_LINK: Final = 0.9  # share of the line
_LONGEST: Final = 120  # characters
_FILE: Final = lazy_compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|csv|zip|gz|txt|json|epub|mp3|ipynb|wps|rar)(?:$|[?#])"
)
# Folded lines.
_BIDS: Final = lazy_compile(
    r"\W{0,6}(?:(?:see|view|browse|explore|discover|check out|find out|compare|watch|listen to|get"
    r"|download|try|take|shop|start|join|enter|vote|play|sign up|register|book|order|buy|follow|tap"
    r")\b(?!\s?[:：])"
    r"|(?:[请想]?(?:点击|点此|点这里|点我|戳|猛戳|按此|按这里|请按|扫码|长按|立即|马上|立刻|即刻|快来|速来|一键)"
    r"|(?:查看|观看|浏览|收看|收听|下载|领取|看看?)(?:更多|全部|完整|所有|本期)|更多(?:精彩|相关|内容|图片|照片|视频|报道|新闻))"
    r"(?!查看原文|阅读原文|下载附件|查看附件))"
)  # fmt: skip

# What a shop's own words are, wherever they lead.
_SELLS: Final = lazy_compile(r"\W{0,6}(?:shop|buy now)\b", re.IGNORECASE)


def link_promotions(
    s: PageBlocks, rows: BlockFeatures, decided: Sequence[str], base: str
) -> set[int]:
    """Return the kept lines amid or behind the text that only bid one go elsewhere on the site.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
        base: address of the page.
    """
    found: set[int] = set()
    told = False
    for i, rule in enumerate(decided):
        if rule:
            continue
        block = s.blocks[i]
        if rows.sentences[i] >= PARAGRAPH:
            told = True
        elif (
            told
            and len(block.text) <= _LONGEST
            and block.links == 1
            and block.link_chars >= _ALL_LINK * len(block.text)
            and s.tags[block.container] not in INNER_PARTS | HEADINGS
            and _BIDS.match(fold_interface(block.text)) is not None
            and not _FILE.search(block.href.lower())
            and (not is_other_host(block.href, base) or _SELLS.match(block.text) is not None)
            and not _is_listed(s, block.container)
        ):
            found.add(i)
    return found


def _is_listed(s: PageBlocks, element: int) -> bool:
    """Return whether an element stands in a list or a table."""
    return any(s.tags[e] in INNER_PARTS for e in s.ancestors(element))
