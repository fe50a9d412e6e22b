"""Who wrote it: names of people out of bylines, in Chinese and in Latin letters.

Editors, photographers, agencies and outlets are no authors. A Chinese name is two to four
characters of which the first is a family name, unless a label such as 作者 vouches for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from scraper.extract.credits import agency_of, credits
from scraper.extract.jsonld import names_of, persons_of
from scraper.extract.meta_page import Signals
from scraper.extract.meta_text import folded, tidy
from scraper.models import Candidate

__all__ = ["choose_authors", "people", "reporters"]

MAX_AUTHORS: Final = 30

# The commonest family names, in both scripts, by frequency: over 98% of Chinese people bear one.
FAMILY_NAMES: Final = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂"
    "苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾鐘汪田任姜范範方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍"
    "万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷施陶洪翟安颜顏倪严嚴牛温溫芦蘆季俞章鲁魯葛伍韦韋申尤毕畢聂聶丛叢"
    "焦向柳邢路岳齐齊沿梅莫庄莊辛管祝左涂塗谷祁时時舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游阳陽裴席卫衛查屈鲍鮑位覃霍翁隋"
    "植甘景薄单單包司柏宁寧柯阮桂闵閔解强強柴华華车車冉房边邊辜吉饶饒刁瞿戚丘古米池滕晋晉苑邬鄔臧畅暢宫宮来來嵺苟全褚廉简簡娄婁盖蓋符"
    "奚木穆党黨燕郎邸冀谈談姬屠连連郜晏栾欒郁商蒙计計喻揭窦竇迟遲宇敖糜鄢冷卓花仇艾蓝藍都巩鞏稽井练練仲乐樂虞卞封竺冼原官衣楚佟栗匡宗应應"
    "台巫鞠僧桑荆荊谌諶银銀扬揚明沙薄伏岑习習胥保和蔺藺水云雲上闻聞干闫闫佘"
)
_COMPOUND: Final = (
    "欧阳",
    "歐陽",
    "上官",
    "司马",
    "司馬",
    "诸葛",
    "諸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "端木",
    "夏侯",
    "独孤",
    "南宫",
)

_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_NAME = re.compile(
    r"^[\u3400-\u9fff]{2,4}$|^[\u3400-\u9fff]{1,8}(?:[·・•‧][\u3400-\u9fff]{1,8}){1,3}$"
)
# Units that employ people, and words that are no names, in credit lines.
_NOT_A_NAME = re.compile(
    r"未知|佚名|匿名|不详|不詳|本报|本報|本社|本刊|本网|本站|网站|網站|编辑|編輯|记者|記者|"
    r"通讯员|新闻|新聞|综合|綜合|转载|"
    r"原创|原創|来源|來源|小编|小編|管理员|客户端|个人|觀點|观点|简介|簡介|專欄|专栏|最近|"
    r"文章|全部|更多|关注|关于|"
    r"责任|實習|实习|摄|攝|供图|供圖|报道|報導|日报|晚报|日報|時報|时报|电视|電視|中心|公司|"
    r"出版|协会|政府|办公室|委员会|研究院$|"
    r"^admin\d?$|editor|^name$|email|^(?:next|prev\w*|more|home|menu|guest|staff|posts?)\b|"
    r"\bauthor\b|insights|articles?$|\bsays$|"
    r"redaktion|redaction|unknown|anonymous|\bnull\b|undefined|"
    r"\bby\b|https?:|www\."
    r"|subscribe|newsletter|follow|share|read more|all posts|view all|about the|comment|updated"
    r"|published|minutes?\b|ago\b|photo|image|getty|copyright",
    re.IGNORECASE,
)
# What stands before a name in a Chinese byline: its house, its function.
_FUNCTION = re.compile(
    r"^(?:[\u3400-\u9fffA-Za-z0-9·]{0,14}?(?:特约|特約|实习|實習|见习|首席|高级|专职|專職|"
    r"特派|驻\S{2,4})*"
    r"(?:专栏作者|專欄作者|评论员|評論員|撰稿人|通讯员|通訊員|记者|記者|研究员|研究員|作者|"
    r"作家))[\s:：、]*"
)
_SPLIT_HAN = re.compile(r"[\s,，、;；&＆/／|｜和及與与]+(?=\S)|\s+")
# 文｜矿业观察 林嘉衡: the house before the name.
_SPACED = re.compile(
    r"(?<![\u3400-\u9fff])([\u3400-\u9fff])[ 　]+([\u3400-\u9fff])(?![\u3400-\u9fff])"
)
_HOUSE = re.compile(r"^([\u3400-\u9fffA-Za-z]{2,10})[\s　]+([\u3400-\u9fff]{2,4})(?:$|[\s　、])")
_TAIL_HAN = re.compile(
    r"(?:[（(【\[].*|[_＿][A-Za-z0-9]+$|[／/\s](?:文|圖|图).*$|撰$|等$|报道$|報導$|摄$|整理$|编译$)"
)
_TOWNS: Final = (
    "台北|新北|桃園|臺北|台中|臺中|台南|臺南|高雄|基隆|新竹|苗栗|彰化|南投|雲林|嘉義|屏東|"
    "宜蘭|花蓮|台東|臺東|澎湖|金門|馬祖|"
    "華盛頓|紐約|洛杉磯|舊金山|東京|首爾|倫敦|巴黎|柏林|布魯塞爾|莫斯科|新德里|曼谷|新加坡|"
    "吉隆坡|雅加達|河內|馬尼拉|雪梨|多倫多|"
    "溫哥華|日內瓦|羅馬|維也納|伊斯坦堡|耶路撒冷|北京|上海|香港|廣州|深圳|重庆|广州|天津|"
    "武汉|南京|杭州|成都|西安|综合|綜合|專電|外電"
)
_TOWN_TAIL = re.compile(rf"(?:{_TOWNS}).*$|\d+.*$|[／/].*$")
# 记者 in brackets, at the head of a line, or after the house's name in a line of its own.
_REPORTER = re.compile(
    r"(?:^|[（(【\[]|(?<=[\s　])|"
    r"(?<=[社报報网網闻聞]))[\u3400-\u9fffA-Za-z0-9·]{0,16}?(?:实习|實習|见习|特派|"
    r"特约|特約|首席)?"
    r"(?:通讯员|通訊員|记者|記者)[\s　:：]{0,3}(?P<names>[^）)】\]。；;，,|｜]{2,40})"
)
# （姚峰 上海报道）, (文/图 刘玺东 易赛楠), （张巨峰） at the end of a paragraph.
_SIGNED = re.compile(
    r"[（(](?:文[／/]图|文[／/]圖|图[／/]文|"
    r"文)?[／/:：\s]*(?P<names>[\u3400-\u9fff·]{2,4}(?:[\s、，]+[\u3400-\u9fff·]{2,4}){0,5})"
    r"(?:[\u3400-\u9fff]{0,4}(?:报道|報導|报导|整理|撰文|编译))?[)）]。?$"
)
_REPORTER_WORDS: Final = ("记者", "記者", "通讯员", "通訊員")
_CAPTION = re.compile(r"[摄攝翻]|供图|供圖|[图圖][／/]|资料图|資料照")

_BY = re.compile(
    r"^(?:\W{0,3})(?:(?:written|posted|published|reviewed|words|story|text|article|"
    r"report(?:ed|ing)?|opinion|created)?"
    r"\s?by|authors?|von|par|por|di|door|av|af|przez|oleh|text|texte|words)\b[\s:：]*",
    re.IGNORECASE,
)
_BY_LINE = re.compile(
    r"^(?:\W{0,3})(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ww]ords|[Ss]tory|[Aa]rticle)\s)?"
    r"(?:[Bb]y|BY|[Aa]uthors?:?|Von|Par|Por|Di|Door|Av|Af)[\s:：]+(?P<names>[A-ZÀ-ÞĀ-Ž@].{2,100})$"
)
_SPLIT_LATIN = re.compile(
    r"\s*(?:[,;|｜/•·&＋+]|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bog\b|\boch\b|\bwith\b|"
    r"\bmit\b|\s[-–—]\s)\s*"
)
# A part after a name that says what the person is, not who.
_ROLE = re.compile(
    r"\b(?:writer|editor|reporter|correspondent|staff|contributor|columnist|journalist|"
    r"author|producer"
    r"|analyst|director|manager|founder|ceo|cto|professor|fellow|team|bureau|desk|senior|"
    r"chief|intern"
    r"|ph\.?d|m\.?d|r\.?d|rdn|mba|msc?|cfp|cpa|lcsw|esq|jr|sr|updated|published|redaktør|redakteur"
    r"|journalistin|reporterin|special to|for the|expert|specialist|freelance|content|marketing)\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\(?[\w.+-]+@[\w-]+\.[\w.-]+\)?|(?<!\w)@[\w.]+|https?://\S+|\([^)]*\)$")
_DATE_TAIL = re.compile(
    r"(?:\s+[|•·–—-])?\s+(?:(?:published|updated|posted|last|on)\b.*"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d.*|\d{1,2}[./ ]\w.*|"
    r"\d{4}.*)$",
    re.IGNORECASE,
)
_ROLE_TAIL = re.compile(
    r"\s+(?:(?:senior|staff|guest|contributing|managing|chief|deputy|associate|freelance|"
    r"news|tech)\s+)*"
    r"(?:writer|editor|reporter|correspondent|contributor|columnist|journalist|producer)\b.*$",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d.*)?$"
    r"|(?:sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*day)?$",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(r"^[^\W\d_][\w.'’‘\-]*(?: [\w.'’‘\-]+){0,5}$")


def _han_people(text: str, *, vouched: bool) -> list[str]:
    """Return the Chinese names in a value; only a label makes a name of what is no common one."""
    names: list[str] = []
    rest = _FUNCTION.sub("", text.strip(" 　:：@"))
    house = _HOUSE.match(rest)
    if house and house[1][0] not in FAMILY_NAMES and house[2][0] in FAMILY_NAMES:
        rest = rest[house.start(2) :]
    for part in _SPLIT_HAN.split(rest):
        name = _TAIL_HAN.sub("", _FUNCTION.sub("", part.strip(" 　.。:：《》“”\"'"))).strip()
        if not 1 < len(name) < 20 or _NOT_A_NAME.search(name):
            continue
        if _HAN_NAME.match(name):
            usual = name[0] in FAMILY_NAMES or name.startswith(_COMPOUND) or len(name) > 4
            if usual or vouched:
                names.append(name)
            elif names:
                break
        elif vouched and (not _HAN.search(name) or len(name) < 9):
            names.append(name)
        elif names:
            break
    return names


def _latin_people(text: str) -> list[str]:
    """Return the names in a byline in Latin letters, without roles, addresses and dates."""
    rest = _DATE_TAIL.sub("", _MAIL.sub("", _BY.sub("", text)).strip())
    rest = re.sub(r"^(?:by|von|par|por)\s+", "", rest, flags=re.IGNORECASE).strip()
    names: list[str] = []
    for part in _SPLIT_LATIN.split(rest):
        name = _ROLE_TAIL.sub("", part.strip(' .,:;|*-–"“”'))
        if _CALENDAR.match(name):
            continue
        if not 1 < len(name) < 60 or _NOT_A_NAME.search(name) or (names and _ROLE.search(name)):
            continue
        if name.isupper() and len(name) > 4 and " " in name:
            name = name.title()
        if _LATIN_NAME.match(name):
            names.append(name)
    return names


def people(value: str, *, vouched: bool = True) -> list[str]:
    """Return the names of people in a value.

    Args:
        value: what an author field or a byline holds.
        vouched: whether something says that these are names, so that pen names may pass.
    """
    text = _SPACED.sub(r"\1\2", tidy(value)[:300])
    if not text or text.startswith(("http:", "https:", "//", "www.")):
        return []
    return _han_people(text, vouched=vouched) if _HAN.search(text) else _latin_people(text)


def reporters(line: str) -> list[str]:
    """Return the names behind 记者 in a line, where it is a byline and no caption or prose."""
    if not any(word in line for word in _REPORTER_WORDS):
        return []
    names: list[str] = []
    # They sign at the beginning or the end of a paragraph.
    line = line if len(line) <= 240 else f"{line[:120]} … {line[-120:]}"
    for match in _REPORTER.finditer(line):
        value = re.split("[／/]文", match["names"])[0].strip()
        opened = line[match.start() : match.start() + 1] in "（(【[" and match.start() < len(line)
        after = line[match.end() : match.end() + 1]
        if _CAPTION.search(value + after) or (match.start() == 0 and len(line) > 60 and not opened):
            continue
        if not opened and len(line) > 80:
            continue
        for part in re.split(r"[\s　、，,&／/]+", value):
            name = _TOWN_TAIL.sub("", part)
            name = name[:3] if len(name) > 4 and "·" not in name else name
            if not _han_people(name, vouched=False):
                break
            names += _han_people(name, vouched=False)
    return names


def _signed(value: str) -> list[str]:
    """Return the names of a signature in brackets: nothing but names, a town may stand behind."""
    parts = re.split(r"[\s、，]+", value)
    names = [part for part in parts if _HAN_NAME.match(part) and _han_people(part, vouched=False)]
    rest = parts[len(names) :]
    return names if parts[: len(names)] == names and len(rest) <= 1 else []


def _visible(signals: Signals) -> Iterable[tuple[str, list[str], str]]:
    """Yield origin, names and line of every byline in the lines near the text."""
    titles = {
        folded(title) for title in (signals.title, *signals.headings, signals.meta("og:title"))
    }
    for line in signals.lines:
        text = line.text
        form = folded(text)
        if any(form == title or (len(title) > 9 and title in form) for title in titles):
            continue  # a headline may say "X writes: …" without being a byline
        if len(text) < 400:
            for credit in credits(text if len(text) <= 140 else text[:70]):
                if credit.role == "author" and (len(text) < 120 or len(credit.value) < 20):
                    names = people(credit.value) if credit.label != "文" or len(text) < 60 else []
                    if names and len(names) < 12:
                        yield f"line {credit.label}", names, text
        # Below the text a reporter may be another article's.
        if (line.zone != "foot" or len(text) <= 30) and (names := reporters(text)):
            yield "line 记者", names, text
        if line.kept and line.last < 3:
            match = _SIGNED.search(text)
            names = _signed(match["names"]) if match else []
            if names:
                yield "line signature", names, text
        if len(text) < 130 and line.zone in ("headline", "head") and (m := _BY_LINE.match(text)):
            names = _latin_people(m["names"])
            if names and all(name[:1].isupper() for name in names):
                yield "line by", names, text


def _alone(name: str, known: Iterable[str]) -> str:
    """Return a name without the function behind it, where the page gives the name alone too."""
    return min((k for k in known if name.startswith(f"{k} ")), key=len, default=name)


def choose_authors(
    signals: Signals, outlets: Sequence[str]
) -> tuple[tuple[str, ...], list[Candidate]]:
    """Choose the people who wrote the article.

    In a Chinese page a byline in the text is surer than the head, where managers enter the editor
    or the site; elsewhere JSON-LD comes first, then meta elements, then bylines by class and text.

    Args:
        signals: evidence of the page.
        outlets: names of outlets of the page, which are no people.
    """
    banned = {folded(outlet) for outlet in outlets}
    offers: list[tuple[int, str, list[str]]] = []
    shown = {line.text for line in signals.lines if line.zone == "headline" and not line.kept}
    chinese = bool(_HAN.search("".join(signals.kept[:3]) or signals.title))
    for at, (origin, names, _) in enumerate(_visible(signals)):
        base = 0 if chinese else 40
        offers.append((base + min(at, 9), origin, names))
    things = (signals.article, signals.about)
    # A blog may bear its author's name: then the page says that this is a person.
    declared = {
        folded(name) for thing in things for name in persons_of(thing.get("author"), signals.things)
    }
    for rank, thing in enumerate(things):
        raw = names_of(thing.get("author") or thing.get("creator"), signals.things)
        offers.append((20 + rank, "json-ld author", [n for r in raw for n in people(r)]))
    for rank, name in enumerate(_META):
        names = [n for value in signals.metas.get(name, ()) for n in people(value)]
        offers.append((25 + rank, f"meta {name}", names))
    if signals.meta("twitter:label1").lower() in ("written by", "by", "author", "verfasst von"):
        offers.append((24, "meta twitter:data1", people(signals.meta("twitter:data1"))))
    for rank, (text, origin) in enumerate(signals.bylines[:8]):
        base = 36 if origin != "class" else 46
        if chinese and text in shown and _HAN_NAME.match(text):
            base = 12  # a name in an element of its own, beside the headline
        vouched = origin != "class"
        names = people(text, vouched=vouched)
        if origin == "class" and (len(text) > 80 or len(names) > 4):
            continue
        offers.append((base + rank, f"element {origin}", names))
    winner: tuple[str, ...] = ()
    agencies = False
    candidates: list[Candidate] = []
    known = {name for _, _, names in offers for name in names if name.count(" ") in (1, 2)}
    for _, origin, names in sorted(offers, key=lambda offer: offer[0]):
        mine = banned if chinese else banned - declared
        good = tuple(
            dict.fromkeys(
                _alone(n, known) for n in names if folded(n) not in mine and not agency_of(n)
            )
        )[:MAX_AUTHORS]
        if not names:
            continue
        agencies = agencies or (bool(names) and all(agency_of(n) for n in names))
        # Where the page says that an agency wrote it, other names in it are of other people.
        chosen = not winner and bool(good) and not (agencies and origin == "element class")
        winner = good if chosen else winner
        note = "" if good else "an outlet or agency, not a person"
        if good and not chosen and not winner:
            note = "the page credits an agency"
        candidates.append(
            Candidate(
                field="authors", value="; ".join(names), origin=origin, chosen=chosen, note=note
            )
        )
    return winner, candidates


_META: Final = (
    "citation_author", "author", "byl", "parsely-author", "sailthru.author", "article:author",
    "og:article:author", "dc.creator", "dcterms.creator", "dc.creator.creator",
    "cxenseparse:author",
    "creator", "citation_authors", "shareaholic:article_author_name",
)  # fmt: skip
