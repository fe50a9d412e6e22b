"""Kinds of change and their severity: tables of words, and pure functions that read them.

The tables are in English and Simplified Chinese. They are matched against folded text, so that
Traditional Chinese needs no lines of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scraper.edits.figures import DAYS, figures, is_other_magnitude
from scraper.text.chinese import fold
from scraper.text.correction_notes import CORRECTION
from scraper.text.patterns import lazy_compile
from scraper.text.sentences import normalise, tokens

__all__ = [
    "ANTONYMS",
    "HEDGE",
    "NEGATING_PREFIX",
    "NEGATION",
    "PLACES",
    "classify_inserted",
    "classify_replaced",
    "names_of",
    "severity_of",
]

NEGATION = lazy_compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|denied|denies|deny|failed to"
    r"|fails to)\b|n't\b"
    r"|不(?![过断仅但只少同久止论管禁妨由愧])|(?<![沉淹出埋吞隐覆])没(?![收落])|未(?![来免婚])"
    r"|无(?![论数线锡比疑人机限])|(?<![是除南莫北西东])非(?![常洲凡但得])|否认|拒绝|禁止"
)
# "lawful" and "unlawful": a word and the same with one of these before it.
NEGATING_PREFIX = lazy_compile(r"(?:un|in|im|il|ir|non|dis)-?")


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    def compiled(words: str) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{words})\b" if words.isascii() else words, re.IGNORECASE)

    return tuple((compiled(one), compiled(other)) for one, other in pairs)


# What turns a statement over when one takes the other's place.
ANTONYMS = _pairs(
    (r"r[io]sen?|rises|rising|rose|climb\w*|gain\w*|up|increas\w+|grow\w*|grew|surg\w+|jump\w*|soar\w*",
     r"f[ae]ll(?:en|s|ing)?|drop\w*|declin\w+|down|decreas\w+|shr[aiu]nk\w*|plung\w+|slump\w*"
     r"|los\w+"),
    ("above|over|more|higher|most", "below|under|less|fewer|lower|least"),
    (r"w[io]n(?:s|ning)?|victory", r"los[est]\w*|defeat\w*"),
    (r"approv\w+|accept\w*|back\w*|support\w*|agree\w*|allow\w*",
     r"reject\w*|oppos\w+|refus\w+|block\w*|veto\w*|ban\w*"),
    (r"confirm\w*|admit\w*", r"den(?:y|ies|ied|ying)"),
    ("guilty|convicted", "innocent|acquitted|cleared"),
    ("killed|dead|died|deaths?|fatal", "injured|wounded|hurt|injuries|alive|survived"),
    ("true|right|correct", "false|wrong|incorrect"),
    (r"b[ou]\w*ght|buy\w*|purchas\w+", r"s[oe]ld|sell\w*"),
    ("profits?", "loss(?:es)?"), ("first", "last"), ("before", "after"), ("yes", "no"),
    ("涨|升|增|盈利|上调|扩", "跌|降|减|亏损|下调|缩"),
    ("死亡|身亡|遇难|死", "受伤|伤|生还|获救"),
    ("同意|支持|赞成|批准|通过|接受|承认|允许", "反对|否决|驳回|拒绝|否认|禁止"),
    ("赢|胜|获胜", "输|败|落败"), ("真|属实|正确", "假|不实|错误"), ("买|购入", "卖|出售"),
    ("高于|超过|多于|高", "低于|不足|少于|低"), ("之前|以前", "之后|以后"), ("有罪", "清白"),
)  # fmt: skip

# What says how certain a statement is.
HEDGE = lazy_compile(
    r"\b(?:alleged(?:ly)?|reportedly|suspected|accused|purported(?:ly)?|may|might|could|possibly"
    r"|perhaps|apparently|likely|unconfirmed|rumou?red)\b"
    r"|涉嫌|疑似|嫌疑|或将|或会|或许|可能|据称|据传|有望|恐将|疑因|未经证实",
    re.IGNORECASE,
)

# Provinces, cities and countries that Chinese prints without a mark of their being names.
PLACES = lazy_compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    "|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|杭州"
    "|南京|武汉|成都"
    "|西安|苏州|郑州|长沙|青岛|沈阳|宁波|东莞|无锡|大连|厦门|福州|昆明|合肥|台北|高雄|中国|美国"
    "|英国|法国"
    "|德国|日本|韩国|朝鲜|俄罗斯|乌克兰|印度|巴基斯坦|以色列|巴勒斯坦|伊朗|伊拉克|叙利亚|土耳其"
    "|沙特|埃及"
    "|加拿大|墨西哥|巴西|阿根廷|澳大利亚|新西兰|新加坡|马来西亚|印尼|泰国|越南|菲律宾|缅甸"
    "|意大利|西班牙"
    "|葡萄牙|荷兰|比利时|瑞士|瑞典|挪威|芬兰|丹麦|波兰|希腊|欧盟|联合国"
)


# The most severe first; `Comparison.classes` has this order.
_SEVERITY = {
    "correction": 3,
    "negation": 3,
    "magnitude": 3,
    "number": 2,
    "name": 2,
    "quote": 2,
    "certainty": 2,
    "headline": 1,
    "byline": 1,
    "removal": 1,
    "addition": 1,
    "wording": 1,
    "typo": 0,
    "script": 0,
    "reorder": 0,
}

# A quote that is never closed takes all that is left, so that it is read once; it counts for none.
_QUOTED = lazy_compile(r"[“\"「『]([^”\"」』]{2,}+)(?:([”\"」』])|\Z)")
_LATIN_NAME = lazy_compile(r"(?<![.!?:]\s)(?<!^)(?<!^\")\b[A-Z][\w'-]*|\b[A-Z]{2,}\b")
# Three of five words with a capital: a headline in title case, where capitals tell nothing.
_TITLE_CASE = 0.6
_WORD = lazy_compile(r"\b[A-Za-z][\w'-]*")
_FIRST_WORD = lazy_compile(r"^\W*([A-Z][\w'-]+)")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤温康施安习"
)
_SAYS = (
    "先生|女士|小姐|教授|博士|院士|记者|总统|总理|主席|部长|局长|市长|省长|书记|董事长|总裁|经理"
    "|院长|校长|律师|医生"
    "|表示|认为|指出|强调|介绍|透露|告诉|坦言|补充|回应|宣布|称|说"
)
_HAN_NAME = lazy_compile(
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?={_SAYS}|[,，、（(])"
    rf"|(?<=总统|总理|主席|部长|司长|局长|厅长|处长|市长|省长|县长|州长|书记|主任|院长|校长|所长"
    rf"|总裁|总监|经理"
    rf"|记者|教授|律师|医生|专家|演员|导演|球员|队长|教练)[\u4e00-\u9fff]{{2,3}}"
    rf"(?={_SAYS}|出席|参加|主持|宣读|会见|率|在|于|和|与|对|向|将|被|是|的|也|曾|已|到|从"
    rf"|[,，、。;；])"
    rf"|(?:(?<=分析师|研究员|发言人|负责人|创始人|董事长)"
    rf"|(?<=首席执行官))[{_SURNAMES}][\u4e00-\u9fff]"
    r"|[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff]{1,6}|《[^》]{1,80}+》"
)
# One letter or two in a word, one or two characters in a Chinese sentence.
_TYPO_CHARACTERS = 2
_TYPO_SHARE = 0.9
# A clause of so many letters that was put in or taken out says something of its own.
_CLAUSE, _HAN_CLAUSE = 40, 16
_WITHDRAWN, _CUT_SHORT = 0.5, 0.2


def classify_inserted(sentence: str) -> tuple[str, ...]:
    """Return the kind of an added sentence: a correction note or an addition."""
    return ("correction",) if CORRECTION.search(_plain(sentence)) else ("addition",)


def classify_replaced(
    old: str, new: str, changed: Sequence[tuple[str, str]], known: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the kinds of change that a revised sentence went through.

    Args:
        old, new: the sentence before and after.
        changed: the stretches that differ, old and new.
        known: words that are names elsewhere in the text; see `names_of`.

    Returns:
        The kinds; none when the two differ only in what decoding lost.
    """
    if _only_decoding(changed):
        return ()
    left, right = _plain(old), _plain(new)
    if left == right:
        return ("script",)
    kinds = []
    if CORRECTION.search(right) and not CORRECTION.search(left):
        kinds.append("correction")
    if _is_turned_over(left, right, changed):
        kinds.append("negation")
    clause = _as_clause(changed)
    if clause is None:
        if figures(left) != figures(right):
            kinds.append("magnitude" if is_other_magnitude(left, right) else "number")
        if _names(left, known) != _names(right, known):
            kinds.append("name")
        if _quotes(old) != _quotes(new):
            kinds.append("quote")
        if len(HEDGE.findall(left)) != len(HEDGE.findall(right)):
            kinds.append("certainty")
    elif not kinds:
        kinds.append(clause)
    if kinds:
        return tuple(kinds)
    return ("typo",) if _is_typo(old, new, changed) else ("wording",)


def names_of(text: str) -> frozenset[str]:
    """Return the capitalised words within a text's sentences: they are names at their start too."""
    return frozenset(_LATIN_NAME.findall(DAYS.sub("", _plain(text))))


def _is_turned_over(left: str, right: str, changed: Sequence[tuple[str, str]]) -> bool:
    """Whether a negation came or went, or one word took the place of its opposite."""
    if len(NEGATION.findall(left.lower())) != len(NEGATION.findall(right.lower())):
        return True
    for before, after in changed:
        one, other = _plain(before).strip().lower(), _plain(after).strip().lower()
        if not one or not other:
            continue
        short, long = sorted((one, other), key=len)
        if len(short) > 3 and NEGATING_PREFIX.fullmatch(long.removesuffix(short)):
            return True
        for yes, no in ANTONYMS:
            if (
                (yes.search(one) and no.search(other) and not no.search(one))
                or (no.search(one) and yes.search(other) and not yes.search(one))
            ) and not (yes.search(one) and yes.search(other)):
                return True
    return False


def _as_clause(changed: Sequence[tuple[str, str]]) -> str | None:
    """Return addition or removal where all that changed is one clause that came or went."""
    if len(changed) != 1:
        return None
    before, after = changed[0]
    text = before.strip() or after.strip()
    long = len(text) >= (_CLAUSE if text.isascii() else _HAN_CLAUSE)
    if not long or (before.strip() and after.strip()):
        return None
    return "removal" if before.strip() else "addition"


def _plain(text: str) -> str:
    """Normal form with Chinese folded but Latin case kept, which tells names."""
    normal = normalise(text)
    return "".join(
        char if char.isascii() else simple
        for char, simple in zip(normal, fold(normal), strict=True)
    )


def _only_decoding(changed: Sequence[tuple[str, str]]) -> bool:
    """Whether every stretch has U+FFFD on one side: the same page, decoded better or worse."""
    return bool(changed) and all(
        "\ufffd" in old + new or not normalise(old + new) for old, new in changed
    )


def _names(text: str, known: frozenset[str]) -> Counter[str]:
    """Count the names of a text: capitalised words within sentences, people's names in Chinese."""
    plain = DAYS.sub("", text)
    found = _LATIN_NAME.findall(plain)
    words = _WORD.findall(plain)
    capitals = sum(word[0].isupper() for word in words)
    if len(words) > 3 and capitals >= _TITLE_CASE * len(words):
        found = [name for name in found if name in known]
    first = _FIRST_WORD.match(plain)
    if first and first[1] in known:
        found.append(first[1])
    return Counter(found) + Counter(set(_HAN_NAME.findall(text))) + Counter(PLACES.findall(text))


def _quotes(text: str) -> Counter[str]:
    return Counter(
        normalise(quote).rstrip(",.。") for quote, closed in _QUOTED.findall(text) if closed
    )


def _is_typo(old: str, new: str, changed: Sequence[tuple[str, str]]) -> bool:
    """Whether little more than letters within one word or two changed."""
    left, right = tokens(old), tokens(new)
    characters = 0
    for before, after in changed:
        characters += _distance(before.strip(), after.strip())
    share = 1 - characters / max(1, len("".join(left)), len("".join(right)))
    return characters <= _TYPO_CHARACTERS and share >= _TYPO_SHARE


def _distance(one: str, other: str) -> int:
    """Levenshtein distance (1966), in characters."""
    if len(one) > 40 or len(other) > 40:
        return max(len(one), len(other))
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def severity_of(
    changes: Sequence[Sequence[str]], removed_share: float
) -> tuple[tuple[str, ...], int]:
    """Return the kinds of all changes, most severe first, and the severity of the whole.

    Args:
        changes: the kinds of each changed sentence, the headline's among them.
        removed_share: share of the old text that was taken out.
    """
    found = {kind for kinds in changes for kind in kinds}
    severity = max((_SEVERITY[kind] for kind in found), default=0)
    if "removal" in found:
        if removed_share > _WITHDRAWN:
            severity = 3
        elif removed_share > _CUT_SHORT:
            severity = max(severity, 2)
    if "magnitude" in found:
        found = (found - {"magnitude"}) | {"number"}
    return tuple(kind for kind in _SEVERITY if kind in found), severity
