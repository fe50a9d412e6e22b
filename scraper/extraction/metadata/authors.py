"""Authors: names of people in bylines, in Chinese and in Latin letters.

Editors, photographers, agencies and outlets are not authors. A Chinese name has two to four
characters, of which the first is a family name, unless a label such as 作者 confirms the name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.extraction.metadata.byline_rows import is_row_of, row_of, rows_of
from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.metadata.han_bylines import names_alone
from scraper.extraction.metadata.name_lists import (
    AUTHOR_METAS,
    COMPOUND_NAMES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    PLACES,
    TOWN_NAMES,
    TOWNS,
)
from scraper.extraction.metadata.outlet_names import agency_of, credits
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.extraction.structured_data import houses_alone, names_of, persons_of
from scraper.models import Candidate
from scraper.text.dates import parse_time
from scraper.text.month_names import MONTH_START
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only, tidy

__all__ = [
    "HAN",
    "HAN_NAME",
    "choose_authors",
    "han_people",
    "is_account",
    "is_body",
    "is_usual_name",
    "latin_people",
    "people",
    "reporters",
]


HAN = lazy_compile(r"[\u3400-\u9fff]")
HAN_NAME = lazy_compile(
    r"^[\u3400-\u9fff]{2,4}$|^[\u3400-\u9fff]{1,8}(?:[·・•‧][\u3400-\u9fff]{1,8}){1,3}$"
)
# Organizations, and words that are not names, in credit lines.
_NOT_A_NAME = lazy_compile(
    r"未知|佚名|匿名|不详|不詳|本报|本報|本社|本刊|本网|本站|网站|網站|编辑|編輯|记者|記者|"
    r"通讯员|新闻|新聞|综合|綜合|转载|"
    r"原创|原創|来源|來源|小编|小編|管理员|客户端|个人|觀點|观点|简介|簡介|專欄|专栏|最近|"
    r"文章|全部|更多|关注|关于|"
    r"责任|實習|实习|摄|攝|供图|供圖|报道|報導|日报|晚报|日報|時報|时报|电视|電視|中心|公司|"
    r"出版|协会|政府|办公室|委员会|研究院$|"
    r"^admin\d?$|editor|^name$|email|^(?:next|prev\w*|more|home|menu|guest|staff|posts?)\b|"
    r"\bauthor\b|\bbio\b|insights|articles?$|\bsays$|"
    r"redaktion|redaction|unknown|anonymous|\bnull\b|undefined|"
    r"\bby\b|https?:|www\."
    r"|subscribe|newsletter|follow|share|read more|all posts|view (?:all|more)|about the|comment"
    r"|updated"
    r"|published|minutes?\b|ago\b|photo|image|getty|copyright"
    r"|^(?:webmaster|root|user\d*|wp-?admin|superuser|sysadmin|guest)$"
    r"|^(?:posted|written|reviewed|created|filed|last|on|in|at|from)(?: (?:on|in|at|under))?$"
    r"|^(?:(?:the|news|wire|press) )*(?:agenc(?:y|ies)|wires?|services?|reports?)$"
    r"|\b(?:learn (?:more|about)|click here|about (?:our|us))\b"
    r"|^封面|^图源|^圖源|^题图|^題圖|^配图|^配圖|^插图|^插圖|^头图|^頭圖|^首图|图片|圖片|^照片|^来自|^發自|^发自"
    r"|^기자$|^記者$|無断|转发|轉發|^原文|^全文|^正文",
    re.IGNORECASE,
)
# Text before a name in a Chinese byline: outlet or function.
_FUNCTION = lazy_compile(
    r"^(?:[\u3400-\u9fffA-Za-z0-9·]{0,14}?(?:特约|特約|实习|實習|见习|首席|高级|专职|專職|"
    r"特派|驻\S{2,4}){0,3}"
    r"(?:专栏作者|專欄作者|评论员|評論員|撰稿人|通讯员|通訊員|记者|記者|研究员|研究員|作者|"
    r"作家))[\s:：、]*"
)
_SPLIT_HAN = lazy_compile(r"[\s,，、;；&＆/／|｜和及與与]+(?=\S)|\s+")
# 文｜矿业观察 林嘉衡: the outlet before the name.
_SPACED = lazy_compile(
    r"(?<![\u3400-\u9fff])([\u3400-\u9fff])[ 　]+([\u3400-\u9fff])(?![\u3400-\u9fff])"
)
_HOUSE = lazy_compile(r"^([\u3400-\u9fffA-Za-z]{2,10})[\s　]+([\u3400-\u9fff]{2,4})(?:$|[\s　、])")
_TAIL_HAN = lazy_compile(
    r"(?:[（(【\[].*|[_＿][A-Za-z0-9]+$|[／/\s](?:文|圖|图).*$|撰$|等$|报道$|報導$|摄$|整理$|编译$)",
    re.DOTALL,
)
# After the names: actions on the text with their times, numbers of readers.
_DEED_TAIL = lazy_compile(
    r"(?<=[^\s　|｜·•])[\s　|｜·•]++(?:(?:最后|最後|首次)?(?:发表|發表|发布|發布|發佈|发佈|刊登"
    r"|刊发|刊發|刊載|刊载"
    r"|首发|首發|上传|上傳|更新|修改|创建|建立|撰写|撰寫|阅读|閱讀|浏览|瀏覽|点击|點擊|點閱|点阅|评论|評論|收藏|分享|人气|人氣|热度"
    r"|字数|字數|字号|字號|字体|字體|采写|採寫|采訪|采访|时间|時間|日期|发自|發自|今天|昨天|前天|刚刚|剛剛"
    r"|周[一二三四五六日]|星期)|(?:编辑|編輯|写|寫)[于於]"
    r"|\d).*$",
    re.DOTALL,
)
# After the names: photographers.
_PICTURES_TAIL = lazy_compile(
    r"(?:^|(?<![\s|/·•,;(–—-])[\s|/·•,;(–—-]++)(?:(?:and|with|und|et)\s++)?(?:photos?|photographs?|photography|pictures?|"
    r"images?|illustrations?|illustrated|graphics?|video|fotos?|bild(?:er)?|grafik)"
    r"(?:\s+(?:by|von|par|credit|courtesy))?\s?[:：/|\s].*$",
    re.IGNORECASE | re.DOTALL,
)
# After a name: the writer's place, or the section.
_PLACE_TAIL = lazy_compile(
    r"(?:,|(?<![\s,]))\s++(?:(?:reporting|reports|writing)\s++)?"
    r"(?:in|at|from|aus|à|en|da|desde|under)\s++(?:the\s++)?[A-ZÀ-ÞĀ-Ž].*$",
    re.DOTALL,
)
_FOR_TAIL = lazy_compile(r"(?<!\s)\s++for\s++[A-ZÀ-ÞĀ-Ž].*$", re.DOTALL)
_PLACE_PART = lazy_compile(
    r"(?:(?:reporting|reports|writing)\s+)?(?:in|at|from|aus|à|desde)\s", re.I
)
_BY = lazy_compile(
    r"^(?:\W{0,3})(?:(?:written|posted|published|reviewed|words|story|text|article|"
    r"report(?:ed|ing)?|opinion|created)?"
    r"\s?by|authors?|von|par|por|di|door|av|af|przez|oleh|text|texte|words)\b[\s:：]*",
    re.IGNORECASE,
)
_SPLIT_LATIN = lazy_compile(
    r"\s{0,9}(?:[,;|｜/•·⋅&＋+]|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bog\b|\boch\b|\bwith\b|"
    r"\bmit\b|\s[-–—]\s)\s*"
)
# A part after a name with the person's function.
_ROLE = lazy_compile(
    r"\b(?:writer|editor|reporter|correspondent|staff|contributor|columnist|journalist|"
    r"author|producer"
    r"|analyst|director|manager|founder|ceo|cto|professor|fellow|team|bureau|desk|senior|"
    r"chief|intern"
    r"|ph\.?d|m\.?d|r\.?d|rdn|mba|msc?|cfp|cpa|lcsw|esq|jr|sr|updated|published|redaktør|redakteur"
    r"|journalistin|reporterin|special to|for the|expert|specialist|freelance|content|marketing)\b",
    re.IGNORECASE,
)
_MAIL = lazy_compile(
    r"(?:[(<]|(?<![\w.+-]))[\w.+-]++@[\w-]++\.[\w.-]+[)>]?|(?<!\w)@[\w.]+|https?://\S+"
    r"|\([^()]*+\)$"
)
_DATE_TAIL = lazy_compile(
    r"(?:(?<!\s)\s++[|•·–—-])?(?<!\s)\s++(?:(?:published|updated|posted|last|on)\b.*"
    rf"|{MONTH_START}[a-z]*\.? \d.*|\d{{1,2}}[./ ]\w.*|"
    r"\d{4}.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ROLE_TAIL = lazy_compile(
    r"(?<!\s)\s++(?:(?:senior|staff|guest|contributing|managing|chief|deputy|associate|freelance|"
    r"news|tech)\s++){0,5}+"
    r"(?:writer|editor|reporter|correspondent|contributor|columnist|journalist|producer)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_CALENDAR = lazy_compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d.*)?$"
    r"|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?$",
    re.IGNORECASE,
)
_LATIN_NAME = lazy_compile(r"^[^\W\d_][\w.'’‘\-]*(?: [\w.'’‘\-]+){0,5}$")


# Letters after a name for a degree, a licence or an order: FAND, EdD, E-RYT 200.
_DEGREE = lazy_compile(r"(?:[A-Z][A-Za-z]{0,3}[A-Z]{1,4}|[A-Z]{1,6})(?:[- ][A-Z\d]{1,5})*$")
# Names of teams, and of accounts.
_BODY = lazy_compile(
    r"\b(?:team|staff|editors?|editorial|contributors?|community|newsroom|\w{0,8}desk|marketing|"
    r"bureau|correspondents|reporters|agencies|online|web|press office|news service|"
    r"redaktion|redazione|rédaction|redacción|redactie)\b|编辑部|編輯部|编辑室|編輯室",
    re.IGNORECASE,
)
_SYSTEM = lazy_compile(
    r"(?:\b|_)(?:admin(?:istrator)?\d*|wp-?admin|user\d*|superuser|webmaster|root|guest|sysadmin|"
    r"cms|publisher|editor\d+|author\d*|writer\d+|contributor\d*|moderator|test(?:er)?|default)\b",
    re.IGNORECASE,
)
_ACCOUNT = lazy_compile(
    rf"(?i:{_SYSTEM.pattern})"
    r"|^[^\s\d._]*+[\d._]\S*+$|^[a-z]++$|管理员|管理員|小编|小編"
)


def is_body(name: str) -> bool:
    """Return whether a name belongs to a team or a desk."""
    return bool(_BODY.search(name))


def is_account(name: str) -> bool:
    """Return whether a name is an account's user name rather than a person's name."""
    return bool(_ACCOUNT.search(name)) and (
        not HAN.search(name) or bool(re.search("管理[员員]|小[编編]", name))
    )


def is_usual_name(text: str) -> bool:
    """Return whether a text is exactly a given name and one or two more words."""
    words = text.split()
    return (
        1 < len(words) < 4
        and is_given_name(words[0])
        and all(word[0].isupper() and len(word.strip(".")) < 20 for word in words)
        and all(part.isalpha() for word in words for part in re.split(r"[-.'’]", word) if part)
    )


def is_given_name(word: str) -> bool:
    """Return whether a word in Latin letters is a common given name."""
    return word.casefold() in GIVEN_NAMES


def han_people(text: str, *, vouched: bool) -> list[str]:
    """Return the Chinese names in a value; `vouched` allows uncommon ones."""
    names: list[str] = []
    rest = _DEED_TAIL.sub("", _FUNCTION.sub("", text.strip(" 　:：@")))
    house = _HOUSE.match(rest)
    if house and house[1][0] not in FAMILY_NAMES and house[2][0] in FAMILY_NAMES:
        rest = rest[house.start(2) :]
    for part in _SPLIT_HAN.split(rest):
        name = _TAIL_HAN.sub("", _FUNCTION.sub("", part.strip(" 　.。:：《》“”\"'"))).strip()
        if not 1 < len(name) < 20 or _NOT_A_NAME.search(name):
            continue
        if name in RUBRICS or name in TOWN_NAMES:
            continue
        if HAN_NAME.match(name):
            usual = name[0] in FAMILY_NAMES or name.startswith(COMPOUND_NAMES) or len(name) > 4
            if usual or vouched:
                names.append(name)
            elif names:
                break
        elif vouched and (not HAN.search(name) or len(name) < 9):
            names.append(name)
        elif names:
            break
    return names


def latin_people(text: str) -> list[str]:
    """Return the names in a byline in Latin letters, without roles, addresses and dates."""
    rest = _DATE_TAIL.sub("", _MAIL.sub("", _BY.sub("", text)).strip())
    rest = re.sub(r"^(?:by|von|par|por)\s+", "", rest, flags=re.IGNORECASE).strip()
    rest = _PICTURES_TAIL.sub("", rest)
    names: list[str] = []
    for part in _SPLIT_LATIN.split(rest):
        whole = part.strip(' .,:;|*-–"“”')
        if _PLACE_PART.match(whole) or whole.casefold() in RUBRICS:
            continue
        whole = _PLACE_TAIL.sub("", whole)
        # Of one word it is a house: Center for Mining.
        person = _FOR_TAIL.sub("", whole)
        whole = person if " " in person else whole
        name = _ROLE_TAIL.sub("", whole)
        if _CALENDAR.match(name):
            continue
        if not 1 < len(name) < 60 or _NOT_A_NAME.search(name) or (names and _ROLE.search(name)):
            continue
        if names and (_DEGREE.match(name) or name.casefold().replace(" ", "_") in PLACES):
            continue
        if names and " " not in name and (name != whole or " " in names[0]):
            continue  # a place or a function after a full name
        if name.isupper() and len(name) > 4 and " " in name:
            name = name.title()
        if _LATIN_NAME.match(name):
            names.append(name)
    return names


def people(value: str, *, vouched: bool = True) -> list[str]:
    """Return the names of people in a value.

    Args:
        value: content of an author field or a byline.
        vouched: whether a label confirms that these are names, so that pen names are allowed.
    """
    return list(_people(value[:400], vouched))


@lru_cache(maxsize=512)  # head, JSON-LD and elements repeat the same names
def _people(value: str, vouched: bool) -> tuple[str, ...]:
    text = tidy(value)[:300]
    if not text or text.startswith(("http:", "https:", "//", "www.")):
        return ()
    if not HAN.search(text):
        return tuple(latin_people(text))
    credited = credits(text)
    if credited and any(credit.role != "source" for credit in credited):
        # 文/周敏 图/陈立: each label applies to its own name.
        text = "、".join(credit.value for credit in credited if credit.role == "author")
    return tuple(han_people(_SPACED.sub(r"\1\2", text), vouched=vouched))


MAX_AUTHORS: Final = 30
# Maximum number of names in a byline beside the headline.
MOST_SHOWN: Final = 8

_TOWN_TAIL = lazy_compile(rf"(?:{TOWNS}|[\d／/]).*$", re.DOTALL)
# 记者 in brackets, at the start of a line, or after the outlet's name in its own line.
_REPORTER = lazy_compile(
    r"(?:^|[（(【\[〔]|(?<=[\s　])|"
    r"(?<=[社报報网網闻聞]))[\u3400-\u9fffA-Za-z0-9·]{0,16}?(?:实习|實習|见习|特派|"
    r"特约|特約|首席)?"
    r"(?:通讯员|通訊員|记者|記者)[\s　:：]{0,3}(?P<names>[^）)】\]〕。；;，,|｜]{2,40})"
)
# （姚峰 上海报道）, (文/图 刘玺东 易赛楠), （张巨峰） at the end of a paragraph.
_SIGNED = lazy_compile(
    r"[（(](?:文[／/]图|文[／/]圖|图[／/]文|"
    r"文)?[／/:：\s]*(?P<names>[\u3400-\u9fff·]{2,4}(?:[\s、，]+[\u3400-\u9fff·]{2,4}){0,5})"
    r"(?:[\u3400-\u9fff]{0,4}(?:报道|報導|报导|整理|撰文|编译))?[)）]。?$"
)
# This post was written by Ann Marsh, miner.
_BY_INSIDE = lazy_compile(
    r"^(?:[Tt]h(?:is|e)\s(?:\w+\s)?(?:post|article|story|piece|guide)\swas\s)?"
    r"(?:[Ww]ritten|[Pp]osted)\s[Bb]y[\s:]+(?P<written>[A-ZÀ-Þ].{2,100})$"
)
# November 18, 2026 by Ann Marsh; Posted on 18 Nov 2026, 10:05 GMT | By Ann Marsh in Technology.
_DATE_BY = lazy_compile(
    r"^(?P<date>.{6,80}?)[\s|·•,–—-]+(?:[Ww]ritten |[Pp]osted )?"
    r"(?:[Bb]y|BY|[Vv]on|[Pp]ar|[Pp]or)[\s:]+(?P<names>[A-ZÀ-ÞĀ-Ž].{2,100})$"
)
_BAR = lazy_compile(r"(?:(?<!\s)\s++)?[|｜·•]\s*|(?<!\s)\s++[–—-]\s+")
# Marsh, Ann
_INVERTED = lazy_compile(r"^([^\W\d_][\w.'’ -]{0,40}), ([^\W\d_][\w.'’ -]{0,40})$")
# More elements of one kind are probably authors of other articles.
_CROWD: Final = 3
_CLASS: Final = 46
# Below the text even what is marked as its author gives way to a line beside the headline.
_BELOW: Final = 43
_REPORTER_WORDS: Final = ("记者", "記者", "通讯员", "通訊員")
_SLASHED_DAY = lazy_compile(r"\W*[\d./-]{8,10}\W*")
# Words that may be beside a date in a byline.
_DATE_WORDS = lazy_compile(
    r"\b(?:first|last|published|posted|updated|on|at|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)"
    r"(?:day)?\b|[\W_]+",
    re.IGNORECASE,
)
_CAPTION = lazy_compile(r"[摄攝翻]|供图|供圖|[图圖][／/]|资料图|資料照")

_BY_LINE = lazy_compile(
    r"^(?:\W{0,3})(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ww]ords|[Ss]tory|[Aa]rticle)\s)?"
    r"(?:[Bb]y|BY|[Aa]uthors?:?|Von|Par|Por|Di|Door|Av|Af)[\s:：]+(?P<names>[A-ZÀ-ÞĀ-Ž@].{2,100})$"
)


def reporters(line: str) -> list[str]:
    """Return the names after 记者 in a line that is a byline, not a caption or prose."""
    if not any(word in line for word in _REPORTER_WORDS):
        return []
    names: list[str] = []
    # Signatures are at the beginning or the end of a paragraph.
    line = line if len(line) <= 240 else f"{line[:120]} … {line[-120:]}"
    for match in _REPORTER.finditer(line):
        value = re.split("[／/]文", match["names"])[0].strip()
        opened = line[match.start() : match.start() + 1] in "（(【[〔" and match.start() < len(line)
        after = line[match.end() : match.end() + 1]
        if _CAPTION.search(value + after) or (match.start() == 0 and len(line) > 60 and not opened):
            continue
        if not opened and len(line) > 80:
            continue
        for part in re.split(r"[\s　、，,&／/]+", value):
            name = _TOWN_TAIL.sub("", part)
            name = name[:3] if len(name) > 4 and "·" not in name else name
            if not han_people(name, vouched=False):
                break
            names += han_people(name, vouched=False)
    return names


def _signed(value: str) -> list[str]:
    """Return the names of a signature in brackets: only names, perhaps with a town after them."""
    parts = re.split(r"[\s、，]+", value)
    names = [part for part in parts if HAN_NAME.match(part) and han_people(part, vouched=False)]
    rest = parts[len(names) :]
    return names if parts[: len(names)] == names and len(rest) <= 1 else []


def _visible(signals: PageEvidence) -> Iterable[tuple[str, list[str], str]]:
    """Yield origin, names and text of each byline near the article's text."""
    titles = {
        letters_only(title)
        for title in (signals.title, *signals.headings, signals.meta("og:title"))
    }
    adapted: list[tuple[str, list[str], str]] = []
    long = [title for title in titles if len(title) > 9]
    shortest = min(map(len, long), default=0)
    for line in signals.lines:
        text = line.text
        labelled = any(credit.role == "author" for credit in credits(text[:140]))
        if line.stray or (line.other and not labelled):
            continue
        form = letters_only(text)
        if form in titles or (len(form) >= shortest and any(title in form for title in long)):
            continue  # a headline such as "X writes: …" is not a byline
        if len(text) < 400:
            for credit in credits(text if len(text) <= 140 else text[:70]):
                if credit.role == "author" and (len(text) < 120 or len(credit.value) < 20):
                    names = people(credit.value) if credit.label != "文" or len(text) < 60 else []
                    if names and len(names) < 12:
                        yield f"line {credit.label}", names, text
        # Below the text, a reporter may belong to another article.
        if (line.zone != "foot" or len(text) <= 30) and (names := reporters(text)):
            yield "line 记者", names, text
        if line.kept and line.last < 3:
            match = _SIGNED.search(text)
            names = _signed(match["names"]) if match else []
            if names:
                yield "line signature", names, text
        if line.amid and not line.kept:
            continue
        if not line.heading and (line.distance > 0 or line.zone in ("head", "tail")):
            alone, translated = names_alone(text)
            if alone and all(han_people(name, vouched=False) == [name] for name in alone):
                if translated:
                    adapted.append(("line 编译", alone, text))
                elif line.zone != "foot":
                    yield "line name", alone, text
        if len(text) < 130 and line.zone in ("headline", "head") and (m := _BY_LINE.match(text)):
            names = latin_people(m["names"])
            if names and all(name[:1].isupper() for name in names):
                yield "line by", names, text
        elif len(text) < 160 and (names := _behind_date(text)):
            yield "line by", names, text
        # A name in its own line directly below the headline.
        below = line.zone == "headline" and 0 < line.distance < 5 and not line.kept
        if below and not line.heading:
            if is_usual_name(text):
                yield "line name", [text], text
            elif len(text) < 100 and (names := _beside_date(text)):
                yield "line name", names, text
    yield from adapted


def _behind_date(text: str) -> list[str]:
    """Return the names after a date and “by”, or after “written by”, in a line."""
    match = _BY_INSIDE.match(text) if "y" in text[:60] else None
    value = match["written"] if match else ""
    if not value and (match := _DATE_BY.match(text)) and _is_date(match["date"]):
        value = match["names"]
    # The person's function follows a comma.
    names = latin_people(value)[: 1 if "," in value and " and " not in value else None]
    return names if all(name[:1].isupper() for name in names) else []


def _beside_date(text: str) -> list[str]:
    """Return the person's name beside a date and a bar: ``Ann Marsh | 18 Nov 2026``."""
    parts = [part for part in _BAR.split(text) if part]
    if not 1 < len(parts) < 5 or not any(_is_date(part) for part in parts):
        return []
    return [part for part in parts if is_usual_name(part)][:MAX_AUTHORS]


def _is_date(text: str) -> bool:
    """Return whether a text is only a date, with labels or a day of the week."""
    if _SLASHED_DAY.fullmatch(text):
        return True  # whichever day it is
    found = parse_time(text) if any(map(str.isdigit, text)) else None
    if found is None:
        return False
    return len(_DATE_WORDS.sub("", text.replace(found.raw, ""))) < 4


class _NameCandidate(NamedTuple):
    """Names in one part of the page; a lower rank is more reliable.

    `shown` says that the names stand in an element of their own beside the headline, `house` that
    the page declares them to be those of an organisation.
    """

    rank: int
    origin: str
    names: list[str]
    shown: bool = False
    house: bool = False


def _order(candidate: _NameCandidate) -> tuple[int, int]:
    """Sort key: people before teams, accounts last."""
    if all(map(is_account, candidate.names)):
        handle = candidate.rank < _CLASS and all(name.isalpha() for name in candidate.names)
        return (
            2 if handle and not any(map(_SYSTEM.search, candidate.names)) else 4
        ), candidate.rank
    body = candidate.house or all(is_body(name) or is_account(name) for name in candidate.names)
    if candidate.rank >= _CLASS and not (candidate.shown and not body):
        return 3, candidate.rank
    return (2 if body else 1 if candidate.rank >= _CLASS else 0), candidate.rank


def _alone(name: str, known: Iterable[str]) -> str:
    """Return a name without the function after it, if the page has the name alone, too."""
    return min((k for k in known if name.startswith(f"{k} ")), key=len, default=name)


def _head_candidates(signals: PageEvidence) -> Iterable[_NameCandidate]:
    """Yield the authors in JSON-LD and meta elements."""
    for rank, thing in enumerate((signals.article, signals.about)):
        value = thing.get("author") or thing.get("creator")
        names = [n for raw in names_of(value, signals.things) for n in people(raw)]
        house = houses_alone(value)
        yield _NameCandidate(20 + rank, "json-ld author", names, house=house)
    for rank, name in enumerate(AUTHOR_METAS):
        values = signals.metas.get(name, ())
        if "citation" in name or name.startswith("dc"):
            # Library metadata puts the family name first.
            values = tuple(_INVERTED.sub(r"\2 \1", value) for value in values)
        yield _NameCandidate(
            25 + rank, f"meta {name}", [n for value in values for n in people(value)]
        )
    if signals.meta("twitter:label1").lower() in ("written by", "by", "author", "verfasst von"):
        yield _NameCandidate(24, "meta twitter:data1", people(signals.meta("twitter:data1")))


def _element_candidates(signals: PageEvidence, chinese: bool) -> Iterable[_NameCandidate]:
    """Yield the names in elements with an author's class or attribute, grouped by byline."""
    headline = [
        line.text
        for line in signals.lines
        if line.zone == "headline" and not line.kept and not line.other
    ]
    rows = rows_of(signals.lines)
    shown = set(headline)
    near = " ".join(line.text for line in signals.lines)
    crowds = Counter(byline.origin for byline in signals.bylines)
    bylines: dict[tuple[str, int], _NameCandidate] = {}
    # Origin, group, text and row of the byline before.
    last: tuple[str, int, tuple[str, int]] = ("", 0, ("", -9))
    for rank, byline in enumerate(signals.bylines[:12]):
        text, origin, group = byline.text, byline.origin, byline.group
        if crowds[origin] >= _CROWD and text not in near:
            continue  # authors of other articles, or of comments
        weak = origin in ("class", "link")
        base = _CLASS if weak else _BELOW if byline.below else 36
        if chinese and text in shown and HAN_NAME.match(text):
            base = 12  # a name in its own element beside the headline
        names = people(text, vouched=not weak)
        if weak and not (len(text) <= 80 and len(names) <= 4):
            continue
        beside = any(text in line for line in headline) and all(map(_is_full_name, names))
        usual = is_usual_name(text) or bool(HAN_NAME.match(text)) or origin == "rel=author"
        whole = names == [text] and (usual or (text.count(" ") == 1 and not _ROLE.search(text)))
        here = (text, row_of(text, rows) if whole and origin != "link" else -9)
        if last[0] == origin and is_row_of(last[2], here, rows, usual):
            group = last[1]
        last = (origin, group, here)
        known = bylines.get((origin, group))
        if known is None:
            bylines[origin, group] = _NameCandidate(base + rank, f"element {origin}", names, beside)
        elif _ROLE_TAIL.search(text) and not any(map(is_usual_name, names)):
            continue  # what the writer is: National Mining Reporter
        elif not _repeats(names, known.names):
            known.names.extend(name for name in names if name not in known.names)
    return bylines.values()


def _is_full_name(name: str) -> bool:
    """Return whether a name looks like a person's, not a section's or a place's."""
    return bool(HAN_NAME.match(name)) or (
        1 < len(name.split()) < 5
        and all(word[0].isupper() for word in name.split() if len(word) > 3)
    )


def _repeats(names: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether an element only repeats the names of elements around or within it."""
    joined = " ".join(known)
    return bool(known) and all(name in joined or any(k in name for k in known) for name in names)


def choose_authors(
    signals: PageEvidence, outlets: Sequence[str]
) -> tuple[tuple[str, ...], list[Candidate]]:
    """Choose the people who wrote the article.

    On Chinese pages a byline in the text is more reliable than the head, which often has the editor
    or the site; elsewhere JSON-LD comes first, then meta elements, then bylines by class and text.
    Teams and accounts are chosen only if no person is named.

    Args:
        signals: evidence of the page.
        outlets: names of the page's outlets, which are not people.
    """
    banned = {letters_only(outlet) for outlet in outlets}
    chinese = bool(HAN.search("".join(signals.kept[:3]) or signals.title))
    ranked = [
        _NameCandidate((0 if chinese else 40) + min(at, 9), origin, names, shown=True)
        for at, (origin, names, _) in enumerate(_visible(signals))
    ]
    ranked += [*_head_candidates(signals), *_element_candidates(signals, chinese)]
    if not chinese:
        # A blog may have its author's name: then the page marks it as a person, or it is spelled
        # like one.
        banned -= {
            letters_only(name)
            for thing in (signals.article, signals.about)
            for name in persons_of(thing.get("author"), signals.things)
        }
        banned -= {letters_only(outlet) for outlet in outlets if is_usual_name(outlet)}
    known = {name for candidate in ranked for name in candidate.names if name.count(" ") in (1, 2)}
    ranked.sort(key=_order)
    found = [
        (candidate, _people_among(candidate.names, banned, known))
        for candidate in ranked
        if candidate.names
    ]
    winner: tuple[str, ...] = ()
    chosen = -1
    agencies = False
    records: list[Candidate] = []
    for at, (candidate, good) in enumerate(found):
        agencies = agencies or all(agency_of(name) for name in candidate.names)
        # If the page credits an agency as its author, other names belong to other people.
        foreign = agencies and candidate.origin == "element class"
        if good and not foreign and (not winner or _completes(candidate, good, winner)):
            winner, chosen = good, at
        note = "" if good else "an outlet or agency, not a person"
        if good and not winner:
            note = "the page credits an agency"
        names = "; ".join(candidate.names)
        records.append(Candidate(field="authors", value=names, origin=candidate.origin, note=note))
    if chosen >= 0:
        records[chosen] = replace(records[chosen], chosen=True)
    return winner, records


def _people_among(names: Sequence[str], banned: set[str], known: set[str]) -> tuple[str, ...]:
    """Return the names that are neither outlets nor agencies, without functions."""
    people_named = (
        _alone(name, known)
        for name in names
        if letters_only(name) not in banned and not agency_of(name)
    )
    return tuple(dict.fromkeys(people_named))[:MAX_AUTHORS]


def _completes(candidate: _NameCandidate, names: tuple[str, ...], winner: tuple[str, ...]) -> bool:
    """Return whether a visible byline has all names chosen so far, and more."""
    return (
        candidate.shown
        and len(names) <= MOST_SHOWN
        and set(winner) < set(names)
        and all(map(_is_full_name, names))
        and not any(is_body(name) or is_account(name) for name in names)
    )
