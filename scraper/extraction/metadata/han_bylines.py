"""Chinese bylines in a line of their own, whose form alone says that it is one."""

from __future__ import annotations

import re
from typing import Final

from scraper.extraction.metadata.name_lists import FAMILY_NAMES, HOUSES, TOWNS
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.text.patterns import lazy_compile

__all__ = ["beside_time", "is_house_han", "names_alone", "poster", "signed_for_house"]

_NAME: Final = r"[\u3400-\u9fff]{2,4}"
_NAMES: Final = rf"(?P<names>{_NAME}(?:[ \u3000、，]{{1,3}}{_NAME}){{0,4}})"
_SLASH: Final = r"[ \u3000]?[/／|｜丨][ \u3000]?"
# ■王海宁
_MARKED = lazy_compile(rf"[■□◆◇●○▲△★☆◎◼▪][ \u3000]?{_NAMES}")
# 王海宁/文
_BEHIND = lazy_compile(rf"{_NAMES}{_SLASH}(?:文|撰文|文图|文圖|编译|編譯)")
# 國際中心 王海寧／綜合報導
_FROM_DESK = lazy_compile(
    rf"(?:[\u3400-\u9fff]{{2,6}}(?:中心|組|组|部|台|臺)[ \u3000])?"
    rf"(?:(?:外電|外电|國際|国际)?(?:編譯|编译)|特派員|特派员|特約記者|特约记者)?"
    rf"{_NAMES}[ \u3000]?[／/][ \u3000]?"
    r"(?:[\u3400-\u9fff]{2,3})?(?:報導|报导|報道|报道|外電|外电)"
)
# 王海宁 发布于 2026-05-06 15:47; 2026-05-06 15:47 · 王海宁 · 阅读 1204
_TIME: Final = r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ \u3000]?\d{1,2}:\d\d(?::\d\d)?)?"
# What may stand behind both: · 约 6 分钟, 阅读 1.2万, 共 1800 字.
_COUNTED: Final = (
    r"(?:[ \u3000]?[·•|｜,，]?[ \u3000]?(?:[约約共]|预计|預計|大约|大約)?[ \u3000]?"
    r"(?:[阅閱][读讀](?:[时時][间間长長]|量|[数數])?|[浏瀏][览覽](?:量|[数數])?|[点點][击擊]|[评評][论論]|[点點]?[赞讚]|字[数數]|人[气氣])?"
    r"[ \u3000]?[:：]?[ \u3000]?[约約]?[ \u3000]?\d[\d.,]{0,7}[ \u3000]?[万萬kKwW]?[ \u3000]?"
    r"(?:分[钟鐘](?:[阅閱][读讀]|[读讀]完)?|字|次(?:[阅閱][读讀]|[浏瀏][览覽])?|人?[阅閱][读讀]|[条條]?[评評][论論]|[赞讚]|[浏瀏][览覽])?){0,3}"
)
_BESIDE_TIME = lazy_compile(
    r"(?P<before>[\u3400-\u9fff]{2,4})[ \u3000]?"
    r"(?:[·•|｜]|(?:[发發][布表佈]|更新)[于於]|[于於])?[ \u3000]?"
    rf"{_TIME}(?:[ \u3000]?[发發][布表佈])?{_COUNTED}"
    rf"|{_TIME}[ \u3000]?[·•|｜][ \u3000]?(?P<behind>[\u3400-\u9fff]{{2,4}})"
    r"(?:[ \u3000]?[·•|｜][ \u3000]?[\u3400-\u9fff]{2,4}[ :：]?[\d.,万]{1,8})?"
)
# pen77 于 2026-05-06 15:47 发布
_POSTED = lazy_compile(
    r"(?P<name>[^\s:：，。]{2,20}) [于於] (?:19|20)\d\d-\d\d-\d\d(?: [\d:]{4,8})? [发發][布表佈]"
)
# 王海宁 潮水日报
_BESIDE_HOUSE = lazy_compile(r"(?P<name>[\u3400-\u9fff]{2,3})[ \u3000]+(?P<house>\S{2,12})")
_HOUSE = lazy_compile(
    r"(?:[网網报報刊]|[日晚早][报報]|新[闻聞]|通[讯訊]社|出版社|[电電][视視][台臺]|周刊|週刊|[杂雜][志誌]|客[户戶]端|"
    r"[频頻]道|[编編][辑輯]部|[财財][经經]|媒[体體]|在[线線])$"
)
# Houses whose name is no rubric's: 高考 新闻 is none of a writer.
_SURE_HOUSE = lazy_compile(
    r"\S(?:日[报報]|晚[报報]|早[报報]|[时時][报報]|周[刊报報]|週[刊報]|[杂雜][志誌]|通[讯訊]社|新[闻聞][网網社]|[电電][视視][台臺]"
    r"|[卫衛][视視]|客[户戶]端)$"
)
# 编译 / 王海宁: who wrote it out of foreign sources.
_ADAPTED = lazy_compile(rf"(?:编译|編譯)(?:{_SLASH}|[ \u3000]?[:：][ \u3000]?){_NAMES}")
_TOWN = lazy_compile(
    rf"{TOWNS}|江苏|江蘇|江西|云南|雲南|广西|廣西|安徽|甘肃|甘肅|华东|華東|华南|華南|华北|華北"
)
_LONGEST: Final = 40
_LONGEST_POSTED: Final = 60
# Of a mark alone no name of other lengths is told from a word.
_USUAL: Final = 3


def poster(text: str) -> str:
    """Return the account that a line names as who published the article on a platform, or ""."""
    match = _POSTED.match(text) if len(text) <= _LONGEST_POSTED else None
    return match["name"] if match else ""


def beside_time(text: str) -> str:
    """Return the writer whom a line names beside a whole date, or "".

    Args:
        text: such as ``王海宁 发布于 2026-05-06 15:47``.
    """
    match = _BESIDE_TIME.fullmatch(text) if len(text) <= _LONGEST_POSTED else None
    name = (match["before"] or match["behind"]) if match else ""
    usual = len(name) <= _USUAL and name[:1] in FAMILY_NAMES
    is_place = _TOWN.fullmatch(name) is not None
    return name if usual and name not in RUBRICS and not (is_place or is_house_han(name)) else ""


def is_house_han(word: str) -> bool:
    """Return whether a word is the name of a paper, a station or an agency.

    Args:
        word: such as ``潮水日报``.
    """
    return word in HOUSES or _HOUSE.search(word) is not None


def signed_for_house(text: str) -> str:
    """Return the writer whom a line names before the house, or "".

    Args:
        text: such as ``王海宁 潮水日报``.
    """
    match = _BESIDE_HOUSE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or match["name"][0] not in FAMILY_NAMES or match["name"] in RUBRICS:
        return ""
    sure = len(match["name"]) == _USUAL and _SURE_HOUSE.search(match["house"])
    return match["name"] if match["house"] in HOUSES or sure else ""


def names_alone(text: str) -> tuple[list[str], bool]:
    """Return what a line that is nothing but a byline names, and whether they adapted the text.

    Args:
        text: a line beside the headline, or at the end of the text.
    """
    if len(text) > _LONGEST:
        return [], False
    if writer := signed_for_house(text):
        return [writer], False
    for pattern in (_MARKED, _BEHIND, _FROM_DESK, _ADAPTED):
        match = pattern.fullmatch(text)
        if match:
            names = re.split(r"[ \u3000、，]+", match["names"])
            if pattern is _MARKED and len(names) == 1 and len(names[0]) != _USUAL:
                return [], False
            return names, pattern is _ADAPTED
    return [], False
