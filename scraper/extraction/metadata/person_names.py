"""Names of people in bylines and author fields, in Chinese and in Latin letters.

A Chinese name has two to four characters, of which the first is a family name, unless a label such
as 作者 confirms the name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from scraper.extraction.metadata.name_lists import (
    COMPOUND_NAMES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    PLACES,
    TOWN_NAMES,
)
from scraper.extraction.metadata.outlet_names import agency_of, credits
from scraper.extraction.metadata.posts import begins_post, is_no_person, names_a_post
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.text.month_names import MONTH_START
from scraper.text.patterns import lazy_compile
from scraper.text.values import tidy

__all__ = [
    "HAN",
    "HAN_NAME",
    "ROLE",
    "ROLE_TAIL",
    "SYSTEM",
    "han_people",
    "is_account",
    "is_body",
    "is_given_name",
    "is_nobody",
    "is_usual_name",
    "latin_people",
    "people",
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
    r"|updated|^(?:sign|log)(?: (?:in|up|out))?$"
    r"|^(?:related|recent|popular|latest|trending)\b|\b(?:posts|blogs|stories|topics)$"
    r"|published|minutes?\b|ago\b|photo|image|getty|copyright"
    r"|^(?:webmaster|root|user\d*|wp-?admin|superuser|sysadmin|guest)$"
    r"|^(?:posted|written|reviewed|created|filed|last|on|in|at|from)(?: (?:on|in|at|under))?$"
    r"|^(?:(?:the|news|wire|press) )*(?:agenc(?:y|ies)|wires?|services?|reports?)$"
    r"|\b(?:learn (?:more|about)|click here|about (?:our|us))\b"
    r"|^封面|^图源|^圖源|^题图|^題圖|^配图|^配圖|^插图|^插圖|^头图|^頭圖|^首图|图片|圖片|^照片|^来自|^發自|^发自"
    r"|^기자$|^記者$|無断|转发|轉發|^原文|^全文|^正文"
    r"|\b(?:von|par|por)$|^see (?:all|more)\b|['’]s (?:reviews|posts|articles|stories)$"
    r"|分享|[上下][传傳載载]$|\d[日號号]|[快简簡][讯訊报報]$|[专專外][电電]$"
    r"|授权|授權|转载|轉載|首发|首發|(?:发布|發布|發佈|发佈|刊发|刊發|刊登|出品|供稿)$",
    re.IGNORECASE,
)
# Text before a name in a Chinese byline: outlet or function.
_FUNCTION = lazy_compile(
    r"^(?:[\u3400-\u9fffA-Za-z0-9·]{0,14}?(?:特约|特約|实习|實習|见习|首席|高级|专职|專職|"
    r"特派|驻\S{2,4}){0,3}"
    r"(?:专栏作者|專欄作者|评论员|評論員|撰稿人|通讯员|通訊員|记者|記者|研究员|研究員|作者|"
    r"作家))[\s:：、]*"
)
# What a writer is, behind the name: 海潮大学教授.
_TITLE_HAN = lazy_compile(
    r"(?:大[学學]|[学學]院|[学學]校|研究[所院]|集[团團]|公司|[实實][验驗]室|教授|[院所校部会會]长|[院所校部會]長|主任|[总總][监監裁]|"
    r"[创創]始人|主[编編]|[总總][编編][辑輯]?|博士生?|研究[员員]|分析[师師]|工程[师師]|[顾顧][问問]|[导導][师師]|[经經]理|首席\w{0,6})$"
)
_SPLIT_HAN = lazy_compile(r"[\s,，、;；&＆/／|｜和及與与]+(?=\S)|\s+")
# 文｜矿业观察 林嘉衡: the outlet before the name.
_SPACED = lazy_compile(
    r"(?<![\u3400-\u9fff])([\u3400-\u9fff])[ 　]+([\u3400-\u9fff])(?![\u3400-\u9fff])"
)
# 伊利亚· 贡恰罗夫: one foreign name.
_DOTTED = lazy_compile(
    r"(?<![\u3400-\u9fff])([\u3400-\u9fff]++)([ 　]?)([·・•‧])([ 　]?)(?=[\u3400-\u9fff])"
)
_ADDRESS = lazy_compile(r"(?:https?:)?//\S+")
_HOUSE = lazy_compile(r"^([\u3400-\u9fffA-Za-z]{2,10})[\s　]+([\u3400-\u9fff]{2,4})(?:$|[\s　、])")
_TAIL_HAN = lazy_compile(
    r"(?:[（(【\[].*|[_＿][A-Za-z0-9]+$|[／/\s](?:文|圖|图).*$|撰$|等$|报道$|報導$|摄$|整理$|编译$)",
    re.DOTALL,
)
# 【美】, (英): whose citizen a foreign writer is.
_NATION = lazy_compile(r"^\s?[\[【〔（(][\u3400-\u9fff]{1,4}[\]】〕）)]\s?(?=\S)")
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
    r"report(?:ed|ing)?|filed|compiled|opinion|created|(?:news )?analysis|essay"
    r"|comment(?:ary)?|column|review|feature|explainer|perspective|investigation|profile|interview)?"
    r"\s?by|as told to|(?:from )?our (?:[a-z]{2,14} ){0,2}(?:correspondent|reporter)s?"
    r"|authors?|from|von|par|por|di|door|av|af|przez|oleh|text|texte|words)\b[\s:：]*",
    re.IGNORECASE,
)
_SPLIT_LATIN = lazy_compile(
    r"\s{0,9}(?:[,;|｜/•·⋅&＋+]|\band\b|(?<=\s)(?:AND|And|WITH|With|UND|Und|ET)(?=\s)|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bog\b|\boch\b|\bwith\b|"
    r"\bmit\b|\s[-–—]\s)\s*"
)
# A part after a name with the person's function.
ROLE = lazy_compile(
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
    r"(?:(?<!\s)\s++[|•·–—-])?(?<!\s)\s++(?:(?:published|updated|posted|modified|date|last|on|at(?=\s\d))\b.*"
    rf"|{MONTH_START}[a-z]*\.? \d.*|\d{{1,2}}[./ ]\w.*|"
    r"\d{4}.*)$",
    re.IGNORECASE | re.DOTALL,
)
ROLE_TAIL = lazy_compile(
    r"(?<!\s)\s++(?:writer|editor|reporter|correspondent|contributor|columnist|journalist|producer)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
# What stands between a name and a role, beside the names of sections: Ann Marsh Senior AI Reporter.
_BEFORE_ROLE = RUBRICS | frozenset(
    """
    senior staff guest contributing managing chief deputy associate freelance affairs foreign
    political crime energy housing legal data consumer defence defense cybersecurity investigative
    investigations environmental and &
    """.split()  # noqa: SIM905
)
# Letters behind a name that no family name is written in: Ann Marsh MD.
_DEGREES = frozenset("md phd rd rdn mba jd rn mph dvm cfp cpa esq edd".split())  # noqa: SIM905
# What the writer is, before a usual name: Technology editor Ann Marsh.
_ROLE_HEAD = lazy_compile(
    r"(?:[\w-]{2,20}\s){0,3}?(?:writer|editor|reporter|correspondent|contributor|columnist|journalist)"
    r",?\s(?=[A-ZÀ-ÞĀ-Ž])",
    re.IGNORECASE,
)
# After a name: the beginning of a section's, in an element of its own.
_IN_TAIL = lazy_compile(r"(?<=\w) (?:[Ii]n|[Oo]n|[Aa]t)$")
# A house by its web address: its town and country stand behind it.
_HOST = lazy_compile(r"(?:[a-z\d-]{1,40}\.){1,3}[a-z]{2,12}", re.IGNORECASE)
# One body, whose name joins two fields: Center for Drug Evaluation and Research.
_ONE_BODY = lazy_compile(
    r"(?:the )?(?:\w{2,20} )?(?:cent(?:er|re)|department|office|institute|division|directorate"
    r"|bureau|ministry|school|college|faculty|committee|council|commission|society|association|administration)"
    r" (?:for|of|on) [^,;|/&]++",
    re.IGNORECASE,
)
_CALENDAR = lazy_compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d.*)?$"
    r"|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?$",
    re.IGNORECASE,
)
_LATIN_NAME = lazy_compile(r"^[^\W\d_][\w.'’‘\-]*(?: \(?[\w.'’‘\-]+\)?){0,5}$")
# Letters after a name for a degree, a licence or an order: FAND, EdD, E-RYT 200.
_DEGREE = lazy_compile(r"(?:[A-Z][A-Za-z]{0,3}[A-Z]{1,4}|[A-Z]{1,6})(?:[- ][A-Z\d]{1,5})*$")
# Names of teams, and of accounts.
_BODY = lazy_compile(
    r"\b(?:team|staff|editors?|editorial|contributors?|community|newsroom|\w{0,8}desk|marketing|"
    r"bureau|correspondents|reporters|agencies|online|web|press office|news service|"
    r"redaktion|redazione|rédaction|redacción|redactie)\b|编辑部|編輯部|编辑室|編輯室",
    re.IGNORECASE,
)
_AGENCIES = r"agenc(?:y|ies)|wires?|services?|reports?"
# Staff and editors are a house's; agencies are nobody's, also beside them.
_NOBODY = lazy_compile(
    rf"(?=.{{0,40}}\b(?:{_AGENCIES})\b)"
    rf"(?:(?:{_AGENCIES}|staff|writers?|reporters?|correspondents?|contributors?|editors?"
    r"|an?|the|our|own|news|wire|press|and|with|special|local|foreign)"
    r"(?:[\s,&+/]{1,3}|$)){1,6}",
    re.IGNORECASE,
)
SYSTEM = lazy_compile(
    r"(?:\b|_)(?:admin(?:istrator)?\d*|wp-?admin|user\d*|superuser|webmaster|root|guest|sysadmin|"
    r"cms|publisher|editor\d+|author\d*|writer\d+|contributor\d*|moderator|test(?:er)?|default)\b",
    re.IGNORECASE,
)
_ACCOUNT = lazy_compile(
    rf"(?i:{SYSTEM.pattern})"
    r"|^[^\s\d._]*+[\d._]\S*+$|^[a-z]++$|管理员|管理員|小编|小編"
)


def is_body(name: str) -> bool:
    """Return whether a name belongs to a team or a desk."""
    return bool(_BODY.search(name))


def is_nobody(name: str) -> bool:
    """Return whether a credit names nobody in particular: News Agencies, staff and wires."""
    return bool(_NOBODY.fullmatch(name))


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
        part = _NATION.sub("", part)
        name = _TAIL_HAN.sub("", _FUNCTION.sub("", part.strip(" 　.。:：《》“”\"'"))).strip()
        if not 1 < len(name) < 20 or _NOT_A_NAME.search(name):
            continue
        if name in RUBRICS or name in TOWN_NAMES or (names and _TITLE_HAN.search(name)):
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
    loud, filed, post = rest.isupper(), False, False
    names: list[str] = []
    for part in [rest] if _is_one_body(rest) else _SPLIT_LATIN.split(rest):
        whole = part.strip(' .,:;|*-–"“”')
        if _PLACE_PART.match(whole) or whole.casefold() in RUBRICS:
            continue
        if filed and not is_usual_name(whole):
            continue  # from where, behind the agency or the house
        filed = bool((names and agency_of(whole)) or _HOST.fullmatch(whole))
        whole = _PLACE_TAIL.sub("", whole)
        head = _ROLE_HEAD.match(whole)
        if head and is_usual_name(whole[head.end() :]) and not is_given_name(whole.split()[0]):
            whole = whole[head.end() :]
        # Of one word it is a house: Center for Mining.
        person = _FOR_TAIL.sub("", whole)
        whole = person if " " in person else whole
        name = _without_degrees(_IN_TAIL.sub("", _without_role(whole)))
        if not name:
            continue  # what somebody is: Technology Reporter
        if _is_post(name, whole):
            name, post = whole, True
        if _CALENDAR.match(name):
            continue
        if not 1 < len(name) < 60 or _NOT_A_NAME.search(name) or (names and ROLE.search(name)):
            continue
        if names and _is_function(name, whole) and not is_usual_name(name):
            continue
        degree = _DEGREE.match(name) and not (loud and " " in name)
        if (names or post) and (degree or name.casefold().replace(" ", "_") in PLACES):
            continue
        if names and " " not in name and (name != whole or " " in names[0]):
            continue  # a place or a function after a full name
        if name.isupper() and len(name) > 4 and " " in name:
            name = name.title()
        if _LATIN_NAME.match(name):
            names.append(_without_agency(name))
    return names


def _without_role(text: str) -> str:
    """Return a text without a role behind a name and its section: "" where it is nothing else."""
    words = ROLE_TAIL.sub("", text).split()
    if len(words) == len(text.split()):
        return text
    while words and words[-1].casefold() in _BEFORE_ROLE:
        words.pop()
    return " ".join(words)


def _is_post(name: str, whole: str) -> bool:
    """Return whether a text is a job title, or an outlet's: Community Editor, Ledger Contributor.

    Args:
        name: the text without the role at its end.
        whole: the text.
    """
    return " " not in name and not is_given_name(name) and bool(ROLE_TAIL.search(whole))


def _without_degrees(name: str) -> str:
    """Return a full name without the degrees that stand behind it, no comma between."""
    words = name.split()
    count = len(words)
    while count > 2 and words[count - 1].replace(".", "").casefold() in _DEGREES:
        count -= 1
    return name if count == len(words) else " ".join(words[:count])


def _is_one_body(text: str) -> bool:
    """Return whether a text is the name of one body: Center for Drug Evaluation and Research."""
    return bool(_ONE_BODY.fullmatch(text)) and not is_usual_name(text.rpartition(" and ")[2])


def _is_function(name: str, whole: str) -> bool:
    """Return whether what follows a name is no second person: a post, a department, a house.

    Args:
        name: the text without the role at its end.
        whole: the text.
    """
    return names_a_post(name) or is_no_person(name) or (name != whole and begins_post(name))


def _without_agency(name: str) -> str:
    """Return a name without the agency that stands right behind it: Ann Marsh Reuters."""
    words = name.split()
    for count in range(1, len(words) - 1):
        if agency_of(" ".join(words[-count:])):
            return " ".join(words[:-count])
    return name


def _closed(dotted: re.Match[str]) -> str:
    """Return a point between characters without spaces, unless it parts two Chinese names."""
    if dotted[2] and dotted[4] and dotted[1][0] in FAMILY_NAMES:
        return dotted[0]
    return f"{dotted[1]}{dotted[3]}"


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
    text = _ADDRESS.sub("", text)
    credited = credits(text)
    if credited and any(credit.role != "source" for credit in credited):
        # 文/周敏 图/陈立: each label applies to its own name.
        text = "、".join(credit.value for credit in credited if credit.role == "author")
    text = _DOTTED.sub(_closed, _SPACED.sub(r"\1\2", text))
    return tuple(han_people(text, vouched=vouched))
