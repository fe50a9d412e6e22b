# ruff: noqa: E501
"""Text that a page shows nobody: moved off the screen, clipped, shrunk, faded, pale on its ground.

Scripts fade in whole articles and open panels, so that a style alone proves nothing: what is hidden
so is cut where it is a small part of the text. Orders to machines are cut wherever a style may hide
them; a report that quotes one shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.content_words import content_words
from scraper.extraction.hiding_styles import FAINT, SHOWN
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile

__all__ = ["FAINT_TEXT", "gives_orders", "hidden_text", "is_shown_too"]

FAINT_TEXT: Final = "hidden-by-style"

# Share of the words of the article that a style hides at most, or a script shows them.
_MOST_FAINT: Final = 0.2
# Of a hidden copy of the text: share of its words that the shown text has, and of its length.
_COPIED: Final = 0.7
_AS_LONG: Final = 0.4
_PIECE: Final = 1_500  # characters that are read at once
_MAX_ORDER: Final = 2_000  # characters that are read of a block
_ORDERS: Final = lazy_compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|directions?|rules?|orders?|commands?|guidelines?|context|text|above)\b"
    r"|\b(?:if|since|because|when) you(?:'re| are| were)? (?:an? |the |any )?(?:\w+ ){0,3}(?:ai|a\.i\.|llms?|language model|assistant|chat-?bot|bot|crawler|scraper|agent|machine|model|gpt|automated)\b"
    r"|\b(?:attention|note|notice|message|instructions?|dear|hello|hey)[\s,:]{1,3}(?:to |for )?(?:all |any )?(?:\w+ ){0,2}(?:ais?|llms?|language models?|(?:ai )?assistants?|chat-?bots?|bots|crawlers|scrapers|(?:ai )?agents?)\b"
    r"|\b(?:system prompt|prompt injection|as an? (?:ai|llm|large language model|language model)|jailbreak)\b"
    r"|\b(?:when|while|before|after) (?:you )?(?:summari[sz]|translat|answer|process|read|extract)(?:ing|e|es) (?:this|the) (?:page|article|text|site|document|content)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不必理会|跳过).{0,16}(?:指令|指示|提示词?|命令|规则|要求|设定|上文|内容)"
    r"|(?:如果|若|假如|倘若|既然|作为|当)(?:你|您)?(?:是|为)?(?:一个|一名|一款|某个)?.{0,6}(?:人工智能|ai|大模型|语言模型|机器人|智能助手|智能体|爬虫|助手程序)"
    r"|(?:致|告|请|提醒|提示)(?:各位?|所有)?.{0,4}(?:人工智能|ai|大模型|语言模型|机器人|智能体|爬虫)",
)  # fmt: skip


def hidden_text(s: PageBlocks, words: Sequence[int], likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for blocks that a style hides from everybody who looks at the page.

    Args:
        s: the page cut into blocks.
        words: of each block.
        likely: for each block whether the classifier takes it for the article.
    """
    if not any(s.faint) and 0.5 not in s.hidden:
        return {}
    faint = [i for i, block in enumerate(s.blocks) if s.faint[block.container] >= FAINT]
    size = sum(words[i] for i in faint if likely[i])
    total = sum(n for n, keep in zip(words, likely, strict=True) if keep)
    cuts = dict.fromkeys(faint if size <= _MOST_FAINT * total else (), FAINT_TEXT)
    for i, block in enumerate(s.blocks):
        doubted = s.faint[block.container] > SHOWN or s.hidden[block.container]
        if doubted and likely[i] and i not in cuts and gives_orders(block.text):
            cuts[i] = FAINT_TEXT
    return cuts


def is_shown_too(
    s: PageBlocks, words: Sequence[int], likely: Sequence[bool], hidden: Collection[int]
) -> bool:
    """Return whether hidden elements hold a copy of what the page shows, as its Markdown or print.

    Where a script shows what is hidden, the page shows no more than its beginning.

    Args:
        s: the page cut into blocks.
        words: of each block.
        likely: for each block whether the classifier takes it for the article.
        hidden: the blocks that are hidden.
    """
    unseen = [i for i in hidden if likely[i]]
    shown = [i for i, keep in enumerate(likely) if keep and i not in hidden]
    if not unseen or sum(words[i] for i in shown) < _AS_LONG * sum(words[i] for i in unseen):
        return False
    said = {word for i in shown for word in content_words(s.blocks[i].text)}
    copied = total = 0
    for i in unseen:
        text = s.blocks[i].text
        for at in range(0, len(text), _PIECE):
            found = content_words(text[at : at + _PIECE])
            copied, total = copied + len(found & said), total + len(found)
    return copied >= _COPIED * total


def gives_orders(text: str) -> bool:
    """Return whether a text tells a machine that reads it what to do."""
    return _ORDERS.search(fold_interface(text[:_MAX_ORDER].lower())) is not None
