# ruff: noqa: E501
"""Offers of a subscription: boxes amid or behind a text that sell the rest of it, or a paper.

A box is one by what it says, not by its name: an offer names a price for a period, promises access,
lets the reader cancel, asks who is a member already. One such line may stand in a report about
prices; a small box of its own with two of them sells something.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile
from scraper.text.required_words import PatternIndex

__all__ = ["OFFER", "offers"]

OFFER: Final = "subscription-offer"

_PERIOD_EN = r"(?:day|week|month|year|quarter|annum|wk|mo|yr)"
_MONEY_EN = (
    r"(?:[$€£¥₹]\s?\d[\d.,]{0,9}|\d[\d.,]{0,9}\s?(?:[$€£]|usd|eur|gbp|aud|cad|dollars?|euros?|pounds?"
    r"|cents?|p\b))"
)
# What an offer says, by kind; read on folded text. A word of the first kinds alone sells nothing.
_SAYS: Final = {
    "price": lazy_compile(
        rf"{_MONEY_EN}\s?(?:a|an|per|/|each|every|for (?:the|your) first|for \w{{1,8}}|monthly|yearly)"
        rf"\s?{_PERIOD_EN}|(?:only|just|from|for) {_MONEY_EN}\b.{{0,30}}\b{_PERIOD_EN}s?\b"
        r"|(?:每|首|包|按|连续包)(?:日|天|周|月|季|年|个月)(?:仅需?|只要|只需|低至|不到|约|为)?\s?\d[\d.,]{0,7}\s?元"
        r"|\d[\d.,]{0,7}\s?元\s?(?:/|每|起?一?个?)\s?(?:日|天|周|月|季|年)"
        r"|(?:全年|半年|单本|单期|每期|每本)(?:仅需?|只要|只需|仅售|售价|约)?\s?\d[\d.,]{0,7}\s?元"
        r"|(?:半价|[一二三四五六七八九\d.]{1,3}\s?折|买一送一|立减|优惠价?|特价|限时)[^。]{0,14}"
        r"(?:订阅|会员|订户|纸刊|年卡|月卡|方案)|(?:订阅|会员|订户|纸刊|年卡|月卡)[^。]{0,14}"
        r"(?:优惠|半价|\d\s?折|特惠|立减)",
    ),
    "access": lazy_compile(
        r"(?:get|gain|have|with|enjoy|for|give you|unlock|full|unlimited|complete|all-?|digital) "
        r"(?:\w+ ){0,2}access|unlimited (?:reading|articles|digital)|every (?:\S+ )?article"
        r"|all (?:of )?our (?:articles|stories|journalism|reporting|content|newsletters)"
        r"|(?:畅读|解锁|阅读|尽读|看遍|浏览|享受?|无限)(?:本站|全站|全部|所有|海量|完整|更多|付费|会员|专享)"
        r"(?:的)?(?:文章|内容|报道|专栏|资讯|权益|全文)|全站(?:文章|内容|报道)|会员(?:专属|专享|尊享)"
        r"|(?:专属|专享|独家)(?:内容|权益|会员)|(?:网页|电脑|手机)[与和及、]\s?app",
    ),
    "cancel": lazy_compile(
        r"cancel (?:at )?any ?time|(?:can|may) cancel|no (?:commitment|contract|strings)"
        r"|pause or cancel"
        r"|(?:随时|可以?|自由|无条件)\s?(?:可以?)?(?:取消|退订|暂停)|无需绑定|到期(?:自动)?(?:不)?续",
    ),
    "trial": lazy_compile(
        r"free (?:trial|month|week|of charge)|(?:first|one|two|three) (?:months?|weeks?) (?:is |are )?"
        r"(?:free|on us)|try (?:it|us|\w+) (?:for )?free|introductory (?:offer|price|rate)|start your "
        r"(?:free )?trial|new (?:readers|subscribers) (?:get|save|pay)"
        r"|免费试(?:用|读|阅)|(?:首|第一)个?(?:月|周)免费|新(?:读者|用户|会员)[^。]{0,8}(?:免费|优惠|首)",
    ),
    "member": lazy_compile(
        r"already (?:a |have a |an? )?(?:\w+ )?(?:subscri|member|account|registered)"
        r"|(?:sign|log) ?in (?:here|now|to (?:read|continue))|existing (?:subscriber|member)"
        r"|(?:create|open|register) (?:an?|your) (?:free )?account|with an? (?:free )?account\b"
        r"|已(?:经)?是(?:会员|订户|读者|vip)|已(?:有|购|订阅)[^。]{0,8}(?:登录|登入)|(?:立即|马上|请|点此)"
        r"(?:登录|登入)",
    ),
    "call": lazy_compile(
        r"^\W{0,3}(?:subscribe|sign up|join|become a|upgrade|continue|keep|unlock|support|get|read on"
        r"|choose|start|register|try)\b.{0,60}(?:subscri|member|reading|access|offer|plan|today|now\b"
        r"|full|\+|plus|premium|pro\b|free|newsletter)|^\W{0,3}(?:to )?(?:read|continue reading|see) "
        r"(?:the )?(?:rest|full|whole|this)|you['’]ve (?:reached|hit|used) (?:up )?(?:your|the) (?:\w+ ){0,3}limit"
        r"|for (?:subscribers|members) only|(?:subscriber|member)s?"
        r"[- ](?:only|exclusive)"
        r"|^\W{0,3}(?:立即|马上|现在|点击|即刻)?(?:订阅|开通|加入|成为|升级|购买|解锁|续费|办理)[^。]{0,24}$"
        r"|(?:订阅|付费|购买|开通|登录|注册|解锁)(?:之?后|即可|，即)[^。]{0,10}(?:阅读|查看|浏览|全文|继续|畅读)"
        r"|(?:本文|此文|全文|本篇|余下|剩余|更多)[^。]{0,8}(?:会员|订户|订阅|付费|专享|专属|vip)"
        r"|(?:完整|全部|更多|其余)(?:内容|全文|文章|报道)?请?(?:购买|订阅|参阅)(?:本期|当期|最新)?"
        r"(?:杂志|纸刊|周刊|月刊|实体刊|电子刊)"
        r"|(?:扫码|扫描二维码|扫一扫|长按)[^。]{0,10}(?:订阅|下单|购买|开通|加入|办理|关注|下载)",
    ),
    "paper": lazy_compile(
        r"(?:print|weekend|paper|digital|replica|e-?paper) (?:edition|issue)s?|newsstands?|home delivery"
        r"|delivered to your (?:door|home)|back issues"
        r"|(?:印刷版|纸质版|纸刊|实体刊|电子版|数位版|当期杂志|过刊|全年(?:纸)?刊|周末特刊|周末专刊)"
        r"|报(?:刊)?亭|各大(?:书店|报摊)|(?:全国|各地)[^。]{0,6}(?:有售|均有销售|发行)",
    ),
    "product": lazy_compile(
        r"(?:download|get|open|read (?:it|more|this) in) (?:the |our )?(?:\w+ )?app\b|our newsletters?\b"
        r"|(?:推荐|欢迎|点击|可)(?:进入|访问|使用|下载|订阅)[^。]{0,16}(?:数据库|数据通|客户端|app|终端|知识库|资讯终端)"
        r"|(?:企业|公司|行业)数据库|可随时查阅[^。]{0,30}(?:信息|数据|资料)",
    ),
}  # fmt: skip


_KINDS: Final = tuple(_SAYS)


@cache
def _index() -> PatternIndex:
    """Return which kinds a line may say: most lines say nothing."""
    return PatternIndex((pattern.pattern, pattern.flags) for pattern in _SAYS.values())


# What each price has but in Chinese: digits beside a currency. Its words alone are frequent ones.
_PRICE: Final = lazy_compile(
    r"\d(?:(?<=[$€£¥₹]\d)|(?<=[$€£¥₹]\s\d)|[\d.,]{0,9}\s?(?:[$€£]|usd|eur|gbp|aud|cad|dollar"
    r"|euro|pound|cent|p\b))"
)
_HAN: Final = lazy_compile("[\u3400-\u9fff]")
# What no offer of one line is without.
_SELLING: Final = frozenset(("price", "cancel", "trial", "member", "call", "paper"))
# Somebody else's words, or news: a box of a report is none.
_TELLS: Final = lazy_compile(
    r"\b(?:said|says|told|reported|announced|according to|reuters|spokes\w+)\b"
    r"|(?:表示|指出|透露|宣布|称|认为|发言人|据[^。]{2,10}(?:报道|消息))[，,：:“「]?",
)
# A list or a table of the text compares other people's products; its parts are no boxes.
_PARTS: Final = frozenset(
    ("p", "li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "tr", "td", "th")
)
_LONGEST: Final = 900  # characters of a box
_LONGEST_LINE: Final = 400
_MOST_BLOCKS: Final = 14
# What only a publisher says to its own reader.
_OWN: Final = frozenset(("call", "member", "paper", "product"))
_SAYS_NOTHING: Final = frozenset[str]()
# Hidden blocks and those without words say nothing to a reader.
_SILENT: Final = frozenset(("hidden", "no-words"))
_WIDE_BOX: Final = 3  # a box holds at most a third of the text, where the text is more than that


def _kinds(text: str) -> frozenset[str]:
    """Return what of an offer a line says."""
    line = fold_interface(text[:_LONGEST_LINE])
    may_say = _index().may_match(line)
    if not may_say:
        return _SAYS_NOTHING
    return frozenset(
        kind
        for at, kind in enumerate(_KINDS)
        if may_say >> at & 1
        and (kind != "price" or _may_price(line))
        and _SAYS[kind].search(line) is not None
    )


def _may_price(line: str) -> bool:
    """Whether a line has a sum of money, or may have one in Chinese characters."""
    return _PRICE.search(line) is not None or _HAN.search(line) is not None


def offers(s: PageBlocks, decided: Sequence[str]) -> set[int]:
    """Return the kept blocks that offer a subscription, a paper or a product of the publisher.

    Args:
        s: the page cut into blocks.
        decided: for each block "" when it is kept, else what cut it.
    """
    kept = [i for i, rule in enumerate(decided) if not rule and s.blocks[i].text]
    said = {i: kinds for i in kept if (kinds := _kinds(s.blocks[i].text))}
    if not said:
        return set()
    # What other rules cut tells what the box around it is.
    near = range(max(0, min(said) - _MOST_BLOCKS), min(len(s.blocks), max(said) + _MOST_BLOCKS))
    for i in near:
        if decided[i] and decided[i] not in _SILENT and (kinds := _kinds(s.blocks[i].text)):
            said[i] = kinds
    if not any(kinds & _SELLING for kinds in said.values()):
        return set()
    shown = sorted({*kept, *said})
    total = sum(len(s.blocks[i].text) for i in kept)
    found: set[int] = set()
    for blocks in _boxes(s, shown, said):
        size = sum(len(s.blocks[i].text) for i in blocks)
        if size > _LONGEST or _WIDE_BOX * size > 2 * total:
            continue
        if _sells(s, blocks, said):
            found.update(i for i in blocks if not decided[i])
    return found | _behind(s, [i for i in kept if i not in found], said)


def _boxes(s: PageBlocks, kept: Sequence[int], said: dict[int, frozenset[str]]) -> list[list[int]]:
    """Return the kept blocks of each small element that holds a line of an offer, inner ones first."""
    inside: dict[int, list[int]] = {}
    for i in kept:
        for element in s.ancestors(s.blocks[i].container):
            inside.setdefault(element, []).append(i)
    around = {element for i in said for element in s.ancestors(s.blocks[i].container)}
    small = [e for e in around if len(inside[e]) <= _MOST_BLOCKS and s.tags[e] not in _PARTS]
    return [inside[e] for e in sorted(small, key=lambda e: -s.depths[e])]


def _sells(s: PageBlocks, blocks: Sequence[int], said: dict[int, frozenset[str]]) -> bool:
    """Whether a box says enough to be an offer, and nothing that somebody reports."""
    kinds = [said.get(i, frozenset()) for i in blocks]
    together = frozenset[str]().union(*kinds)
    lines = sum(bool(one) for one in kinds)
    if len(together) < 2 or 2 * lines < len(blocks):
        return False
    # Prices and trials alone stand in reviews of other people's products.
    if not (together & _OWN or {"price", "access"} <= together):
        return False
    return not any(_TELLS.search(fold_interface(s.blocks[i].text[:_LONGEST_LINE])) for i in blocks)


def _behind(s: PageBlocks, kept: Sequence[int], said: dict[int, frozenset[str]]) -> set[int]:
    """Return lines of an offer at the end of a text that stand in no box of their own."""
    tail: list[int] = []
    for i in reversed(kept):
        if i not in said or len(s.blocks[i].text) > _LONGEST_LINE:
            break
        tail.append(i)
    if len(tail) == len(kept):
        return set()
    while tail:
        kinds = frozenset[str]().union(*(said[i] for i in tail))
        if len(kinds) >= 3 and kinds & _SELLING and _sells(s, tail, said):
            return set(tail)
        tail.pop()
    return set()
