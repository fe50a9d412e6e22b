"""Kinds of change and their gravity: tables of signs, and pure functions that read them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scraper.hanzi import fold
from scraper.judge.sentences import normalise, tokens

__all__ = ["classify_inserted", "classify_replaced", "severity_of"]

# The gravest first; the order is that in which a change is told.
_SEVERITY = {
    "correction": 3,
    "negation": 3,
    "magnitude": 3,
    "number": 2,
    "name": 2,
    "quote": 2,
    "headline": 1,
    "removal": 1,
    "addition": 1,
    "wording": 1,
    "typo": 0,
    "reorder": 0,
}

# Read on folded text, so that Traditional needs no lines of its own.
_CORRECTION = re.compile(
    r"^\W*(?:corrections?|clarification|editor'?s['’]? note|editors'? note|erratum|update)\b"
    r"|\b(?:this|the|an earlier version of this) (?:article|story|report|post|piece)\b.{0,40}"
    r"\b(?:has been|was|is) (?:corrected|updated|amended|revised|clarified)"
    r"|\ban earlier version\b|\bpreviously (?:misstated|misidentified|stated)"
    r"|^\W*(?:更正|勘误|订正|更新|编者按|编者注|编注|声明)[:：】\]]"
    r"|(?:此前|早前|先前|早些时候)的?(?:版本|报道|文章|内容).{0,20}(?:有误|错误|误|更正)"
    r"|(?:本文|本报道|文章)(?:已|经|曾).{0,8}(?:更正|修订|更新|修改|订正)|特此更正",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|denied|denies|deny)\b"
    r"|n['’]t\b|不(?![过断仅但只少同久止论管禁妨由愧])|没|未(?![来必免婚])|并非|绝非|否认"
)
_NUMBER = re.compile(
    r"(\d+(?:[.,]\d+)*)\s*([%‰]|thousand|million|billion|trillion|[百千万亿]+)?"
    r"|(百分之[零〇一二三四五六七八九十百千万亿两点]+"
    r"|[零〇一二三四五六七八九十百千万亿两]+(?=[年月日号个名人家次万亿元倍岁%天周届份条项座台辆架艘种成]))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"「『]([^”\"」』]{2,})[”\"」』]")
_LATIN_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<!^\")\b[A-Z][\w'-]*|\b[A-Z]{2,}\b")
# A day or a month is a figure in words.
_DAY = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\b|(?:周|星期)[一二三四五六日天]"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤温康施安习"
)
_HAN_NAME = re.compile(
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=先生|女士|小姐|教授|博士|院士|记者|总统|总理|主席|部长|市长|省长|书记|董事长|总裁|经理"
    r"|院长|校长|律师|医生|表示|认为|指出|强调|介绍|透露|告诉|坦言|补充|称|说|[,，、（(])"
    r"|(?<=总统|总理|主席|部长|市长|省长|书记|总裁|经理|院长|校长|记者|教授)[\u4e00-\u9fff]{2,3}(?=表示|认为|指出|强调|称|说|在|于|和|与|[,，、])"
    r"|[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff]{1,6}|《[^》]+》"
)
# One letter or two in a word, one or two characters in a Chinese sentence.
_TYPO_SIGNS = 2
_TYPO_SHARE = 0.9
_MAGNITUDE = 2.0
_WITHDRAWN, _CUT_SHORT = 0.5, 0.2


def classify_inserted(sentence: str) -> tuple[str, ...]:
    """Return the kind of a sentence that was put in: a correction note or an addition."""
    return ("correction",) if _CORRECTION.search(_plain(sentence)) else ("addition",)


def classify_replaced(old: str, new: str, changed: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the kinds of change that a revised sentence went through.

    Args:
        old, new: the sentence before and after.
        changed: the stretches that differ, old and new.

    Returns:
        The kinds; none when the two differ only in what decoding lost.
    """
    if _only_decoding(changed):
        return ()
    left, right = _plain(old), _plain(new)
    kinds = []
    if _CORRECTION.search(right) and not _CORRECTION.search(left):
        kinds.append("correction")
    if len(_NEGATION.findall(left.lower())) != len(_NEGATION.findall(right.lower())):
        kinds.append("negation")
    if _numbers(left) != _numbers(right):
        kinds.append("magnitude" if _is_magnitude(left, right) else "number")
    if _names(left) != _names(right):
        kinds.append("name")
    if _quotes(old) != _quotes(new):
        kinds.append("quote")
    if kinds:
        return tuple(kinds)
    return ("typo",) if _is_typo(old, new, changed) else ("wording",)


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


def _numbers(text: str) -> Counter[tuple[str, str]]:
    """Count the figures of a text, each with its unit of scale."""
    figures = Counter(
        (figure.replace(",", "") or words, scale.lower())
        for figure, scale, words in _NUMBER.findall(text)
    )
    return figures + Counter((day, "") for day in _DAY.findall(text))


def _names(text: str) -> Counter[str]:
    """Count the names of a text: capitalised words within sentences, people's names in Chinese."""
    return Counter(_LATIN_NAME.findall(_DAY.sub("", text))) + Counter(set(_HAN_NAME.findall(text)))


def _is_magnitude(left: str, right: str) -> bool:
    """Whether one figure doubled, halved or worse, or changed its scale: 1.5 → 15, 5% → 5."""
    one, other = _numbers(left) - _numbers(right), _numbers(right) - _numbers(left)
    if len(one) != 1 or len(other) != 1:
        return False
    (before, before_scale), (after, after_scale) = next(iter(one)), next(iter(other))
    if before_scale != after_scale:
        return True
    try:
        small, large = sorted((float(before), float(after)))
    except ValueError:
        return False
    is_year = large.is_integer() and small > 1500 and large < 2200
    return not is_year and 0 < _MAGNITUDE * small <= large


def _quotes(text: str) -> Counter[str]:
    return Counter(normalise(quote).rstrip(",.。") for quote in _QUOTED.findall(text))


def _is_typo(old: str, new: str, changed: Sequence[tuple[str, str]]) -> bool:
    """Whether little more than letters within one word or two changed."""
    left, right = tokens(old), tokens(new)
    signs = 0
    for before, after in changed:
        signs += _distance(before.strip(), after.strip())
    share = 1 - signs / max(1, len("".join(left)), len("".join(right)))
    return signs <= _TYPO_SIGNS and share >= _TYPO_SHARE


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
    """Return the kinds of all changes, gravest first, and the gravity of the whole.

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
