"""The outlet of a page, and the source that the page credits for the text.

Credit lines such as ``来源：新华网 作者：何苗 责任编辑：…`` are split at their labels. Each label
has a role, which decides the valid values. The tables are in Simplified and Traditional Chinese,
and none is specific to a site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.metadata.name_lists import FAMILY_NAMES
from scraper.extraction.metadata.titles import without_site
from scraper.extraction.structured_data import names_of
from scraper.models import Candidate
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only

__all__ = [
    "Credit",
    "agency_of",
    "choose_outlet",
    "choose_source",
    "credits",
    "dateline_source",
    "outlet_name",
    "stamp_neighbour",
]


class Credit(NamedTuple):
    """A label and its value; `bracketed` if the line begins with a bracket."""

    role: str
    label: str
    value: str


# Labels by role, longest first where one begins another: credited source (`source`), writer
# (`author`), those who only edited the text or made the pictures (`editor`), and labels that only
# end the value before them (`other`).
LABELS: Final = {
    "source": "文章来源 文章來源 新闻来源 新聞來源 信息来源 資訊來源 资讯来源 本文来源 "
    "本文來源 稿件来源 内容来源 內容來源 "
    "消息来源 来源 來源 转载自 轉載自 转自 轉自 摘自 文章转载自 稿源 来自 原载于 原載於",
    "author": "本文作者 文章作者 特约作者 特約作者 原作者 作者 撰文 撰稿人 撰稿 执笔人 "
    "執筆人 执笔 執筆 "
    "主笔 主筆 "
    "采写 採寫 采访 採訪 採訪撰文 采访撰文 图文 圖文 文图 文圖 文/图 文／图 文/圖 文／圖 图/文 "
    "图／文 圖/文 圖／文 文．图 文．圖 文·图 文·圖 文、图 文、圖 圖．文 撰文攝影 撰文、攝影 "
    "特约撰稿人 特約撰稿人 专栏作家 專欄作家 文字 文 发布者 發佈者 发布人 發布人 作家 "
    "张贴者 張貼者 发帖者 發帖者 发帖人 發帖人 發表者 发表者",
    "editor": "责任编辑 責任編輯 版面编辑 执行编辑 執行編輯 责编 責編 编辑 編輯 编译 編譯 "
    "主编 主編 校对 校對 "
    "审核 審核 审校 初审 复审 终审 监制 監製 策划 策劃 翻译 翻譯 译者 譯者 摄影 攝影 图片 "
    "圖片 图片来源 圖片來源 图源 圖源 照片来源 照片來源 照片提供 照片 图片提供 圖片提供 影像提供 "
    "插图提供 插圖提供 资料照片 資料照片 图片说明 圖片說明 图说 圖說 圖解 图解 插画 插畫 摄影师 "
    "攝影師 摄影报道 攝影報導 封面来源 封面來源 "
    "封面图 封面圖 封面 题图来源 题图 題圖 头图 頭圖 首图 首圖 配图 配圖 插图 插圖 影像 影片 "
    "图表 圖表 美術設計 美术设计 图 圖 摄 攝 视频 制图 製圖 "
    "排版 美编 供图 供圖 统筹 统稿 核稿 校审 录入 責任校對 责任校对 设计 海报",
    "other": "发布时间 發布時間 發佈時間 发布日期 發布日期 发表时间 發表時間 发稿时间 "
    "更新时间 更新時間 时间 時間 日期 "
    "点击 點擊 点击数 阅读 閱讀 浏览次数 瀏覽次數 浏览 瀏覽 字号 字號 字体 字體 评论 評論 "
    "分享 举报 出品 出品人 出品方 供稿 關鍵字 关键词 关键字 "
    "所属分类 分类 分類 标签 標籤 栏目 原标题 原標題 原文链接 版权 地址 电话 微信 人气 访问 "
    "打印 收藏",
}
_ROLES: Final = {label: role for role, words in LABELS.items() for label in words.split()}
_ALL: Final = "|".join(sorted(_ROLES, key=len, reverse=True))
_FIRST: Final = "".join(sorted({label[0] for label in _ROLES}))
_MARK: Final = r"[ \u3000]*[:：／/丨｜|︱│∶][ \u3000]*"
_CREDIT_LABEL = lazy_compile(
    # The class of first characters fails fast at other characters.
    rf"(?=[{_FIRST}])(?:(?P<label>{_ALL})(?P<mark>{_MARK})"
    # Without a colon, a label must be a whole word at the beginning of a part of the line.
    rf"|(?:^|(?<=[\s（(]))(?P<dotted>{_ALL})[ ]?[．・·•‧][ ]?(?=[\u4e00-\u9fff])"
    rf"|(?:^|(?<=[\s（(]))(?P<spaced>文字|文|图|圖|攝影|摄影|封面|撰文)[ \u3000]+"
    rf"(?=[\u4e00-\u9fff·]{{2,4}}(?:$|[\s、，,）)]))"
    rf"|(?:^|(?<=[\s|｜（(【\[]))(?P<bare>特约撰稿人|特約撰稿人|作者|来源|來源|编辑|編輯|责编|校对|校對|责任编辑|"
    rf"責任編輯|執筆|执笔|撰文)"
    rf"(?:[ \u3000]+|(?=[\u4e00-\u9fffA-Za-z])))"
)
_END = lazy_compile(
    r"[|｜丨\[【）)】\]（(<>]|\s{2,}|[ \u3000][於于][ \u3000]"
    r"|\s(?=\d{4}[-/年.])|\d{4}[-/年]\d|(?<!\d)\d++\s*+人?(?:参与|评论|"
    r"阅读|次)"
)
# What follows a label without a mark: a name that ends there.
_NAME_BEHIND = lazy_compile(
    rf"[A-ZÀ-Þ@]|(?<=[ \u3000])\S"
    rf"|[{''.join(sorted(FAMILY_NAMES))}][\u3400-\u9fff]{{1,3}}(?![\u3400-\u9fff，。！？])"
)
_TIME_LIKE = lazy_compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|\d{1,2}:\d\d")

# Words for news agencies in datelines; the value is the name to credit.
AGENCIES: Final = {
    "reuters": "Reuters", "ap": "AP", "associatedpress": "Associated Press", "afp": "AFP",
    "theassociatedpress": "The Associated Press", "upi": "UPI", "bloomberg": "Bloomberg",
    "xinhua": "Xinhua", "dpa": "dpa", "apa": "APA", "efe": "EFE", "ansa": "ANSA", "tass": "TASS",
    "pti": "PTI", "ani": "ANI", "ians": "IANS", "yonhap": "Yonhap", "kyodo": "Kyodo",
    "agencefrancepresse": "Agence France-Presse", "deutschepresseagentur": "Deutsche "
    "Presse-Agentur",
    "sid": "SID", "epd": "epd", "kna": "KNA", "keystonesda": "Keystone-SDA", "prnewswire":
    "PR Newswire",
    "businesswire": "Business Wire", "globenewswire": "GlobeNewswire", "ddp": "ddp",
    "ritzau": "Ritzau",
    "thecanadianpress": "The Canadian Press", "canadianpress": "The Canadian Press",
}  # fmt: skip
_DATELINE_EN = lazy_compile(r"^[A-Z][\w.,'’ -]{1,70}\((?P<name>[A-Z][\w ./-]{1,24})\)\s?[-–—]")
_PAREN_EN = lazy_compile(r"^\((?P<name>[A-Z][\w ./-]{1,24})\)$")
# 新华社北京4月24日电; （中央社記者某某台北21日電）; 中新网9月9日电; 据新华社电.
_DATELINE_ZH = lazy_compile(
    r"^\W{0,3}(?:据)?(?P<name>[\u4e00-\u9fffA-Za-z]{1,6}?(?:社|网|網|報|报|客户端|新闻))"
    r"(?:[\u4e00-\u9fff·]{0,12}?\d{1,2}月\d{1,2}日|[^\s）)，。]{0,16}?\d{1,2}日)(?:专|專|"
    r"综合|綜合)?[电電讯訊]"
)
_AGENCY_ZH = lazy_compile(
    r"^\W{0,3}（?(?P<name>中央社|新华社|新華社|中新社|法新社|路透社|美联社|美聯社|"
    r"中通社)(?:记者|記者)"
)
_ORIGINAL = lazy_compile(r"^原[创創]\s?[：:]\s?(?P<name>[\u4e00-\u9fffA-Za-z0-9·]{2,16})")

# 2019-09-26 10:56:28 证券时报网; 2019-05-17 · 苏皖城市报道; 2018年09月16日 15:31 中時.
_STAMP: Final = (
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
)
_AFTER_STAMP = lazy_compile(
    rf"^{_STAMP}(?:\s*+[·•|｜])?\s++(?P<name>[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9·]{{1,15}})"
    r"(?:\[[^\]]{1,6}\])?(?:\s+\d{1,5})?$"
)
# 2026-11-01 15:12 中央社／ 台北1日電; 2026-11-01 15:12 矿业報 記者林嘉衡／台北報導
_BEFORE_REPORTER = lazy_compile(
    rf"^{_STAMP}\s++(?P<name>[\u4e00-\u9fff]{{1,9}}[社報报網网台臺刊聞闻])"
    r"(?:[ 　]?[／/]|[ 　](?=[记記]者))"
)
# Guan Cha Zhe Wang·2025-11-13 13:00
_BEFORE_STAMP = lazy_compile(
    rf"^(?P<name>(?!\d{{4}})[^·•|:：。，（(]{{2,40}}?)\s*(?:[·•]\s*{_STAMP}|[（(]{_STAMP}[）)])$"
)
# 本文为某某网授权发布
_GRANTED = lazy_compile(
    r"^本文(?:由|为|為|系|係|经|經)?(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,12}?)(?:授权|授權|"
    r"供稿|首发|首發|原创|原創)"
)
_PROVINCES: Final = frozenset(
    [
        "北京",
        "天津",
        "上海",
        "重庆",
        "河北",
        "山西",
        "辽宁",
        "吉林",
        "黑龙江",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
        "河南",
        "湖北",
        "湖南",
        "广东",
        "海南",
        "四川",
        "贵州",
        "云南",
        "陕西",
        "甘肃",
        "青海",
        "内蒙古",
        "广西",
        "西藏",
        "宁夏",
        "新疆",
        "香港",
        "澳门",
        "台湾",
        "广州",
        "深圳",
    ]
)
_NO_OUTLET = lazy_compile(
    r"^(?:[来來]自.*|未知|不详|不詳|网络|網絡|網路|互联网|本站|本网|本網|原创|原創|转载|綜合|综合|其他|"
    r"整理|编辑|訪客|admin|null|undefined|"
    r"中|文|大|小|None)$",
    re.IGNORECASE,
)
# [美], (英): whose citizen a foreign writer is.
_NATION = lazy_compile(r"^[\[【〔（(][\u3400-\u9fff]{1,3}[\]】〕）)]\s?(?=[\u3400-\u9fffA-Z])")
_PLACE_TAIL = lazy_compile(r"[（(][\u4e00-\u9fff]{2,6}[)）]$")


@lru_cache(maxsize=512)
def credits(line: str) -> tuple[Credit, ...]:
    """Return the labels of a line with their values, in order.

    Args:
        line: one line of the page, such as ``（文/陳濟深 編輯/張廣凱）``.
    """
    return () if line.isascii() else tuple(_credits(line))


def _credits(line: str) -> Iterator[Credit]:
    found = list(_CREDIT_LABEL.finditer(line))
    for at, match in enumerate(found):
        label = match["label"] or match["dotted"] or match["spaced"] or match["bare"]
        end = found[at + 1].start() if at + 1 < len(found) else len(line)
        value = line[match.end() : end].strip(" \u3000:：")
        # Without any mark, 作者 may be a word of a sentence: 作者认为.
        if (
            match["bare"]
            and not _NAME_BEHIND.match(line, match.end())
            and _ROLES[label] == "author"
        ):
            continue
        # One character inside a word is not a label: 本文: 原文/, 中文：
        if len(label) == 1 and match.start() > 0 and line[match.start() - 1].isalnum():
            continue
        value = _NATION.sub("", value)
        cut = _END.search(value)
        if cut is not None and cut.start() > 0:
            value = value[: cut.start()]
        elif cut is not None:
            value = ""
        value = value.strip(" \u3000|｜·,，;；。、-—")
        if value:
            yield Credit(_ROLES[label], label, value)


def outlet_name(value: str) -> str:
    """Return the outlet's name in a credited value, or "".

    A branch's town (``21世纪经济报道(广州)``) and words of the page around the name are removed.
    """
    text = _PLACE_TAIL.sub("", value.strip(" “”\"'：:")).strip()
    first = (
        re.split(r"(?<!\s)\s++(?=[“”\"]?[\u4e00-\u9fff])", text)[0]
        if re.search(r"[\u4e00-\u9fff]", text)
        else text
    )
    first = first.strip(" ,，、。;；“”|｜")
    if first.count("《") != first.count("》") or (first[:1] == "《" and first[-1:] == "》"):
        first = first.strip("《》")
    if (
        not 2 <= len(first) <= 40
        or _NO_OUTLET.match(first)
        or first in _PROVINCES
        or _TIME_LIKE.search(first)
    ):
        return ""
    if "http" in first or any(mark in first for mark in "。，；"):
        return ""
    return first


def agency_of(name: str) -> str:
    """Return the agency with a name, or ""."""
    return AGENCIES.get(letters_only(name), "")


def dateline_source(lines: Sequence[str]) -> tuple[str, str]:
    """Return the agency that lines of a text credit, and the kind of line.

    Args:
        lines: first lines of the text, then the last ones.
    """
    for line in lines:
        if match := _DATELINE_EN.match(line) or _PAREN_EN.match(line):
            for part in re.split(r"[/,]", match["name"]):
                if agency := agency_of(part):
                    return agency, "dateline"
        if match := _DATELINE_ZH.match(line[:60]) or _AGENCY_ZH.match(line):
            return match["name"], "dateline"
    return "", ""


def stamp_neighbour(line: str) -> tuple[str, str]:
    """Return the outlet in a line with only a time besides, and the side of the time."""
    if len(line) > 80:
        return "", ""
    if match := _BEFORE_STAMP.match(line):
        return match["name"].strip(), "before the time"
    if match := _AFTER_STAMP.match(line):
        return match["name"].strip(), "after the time"
    if match := _BEFORE_REPORTER.match(line):
        return match["name"], "after the time"
    if match := _GRANTED.match(line):
        return match["name"], "granted by"
    if match := _ORIGINAL.match(line):
        name = re.split(r"(?:19|20)\d\d$", match["name"])[0]
        return name, "original"
    return "", ""


# Characters of a line that may credit somebody.
_LONGEST_LINE: Final = 240
# Meta elements that credit another outlet.
_META: Final = (
    "contentsource", "source", "article:source", "og:article:source", "newssource", "dc.source",
    "copyright-holder", "original-source", "mediaid",
)  # fmt: skip
# Elements that are named a source: div.article-source, div.index_sourceTitle.
_SOURCE_NAME = lazy_compile(r"\.(?:[\w-]*source\b|(?:[\w-]*[-_])?source(?!s?-?code))")
_OUTLET_LABEL = lazy_compile(r"^(?:[来來]源|source)\s?[:：]\s?", re.IGNORECASE)


class _OutletCandidate(NamedTuple):
    rank: float
    name: str
    origin: str


def _chosen(field: str, offers: list[_OutletCandidate]) -> tuple[str, list[Candidate]]:
    offers.sort(key=lambda offer: offer.rank)
    value, candidates = "", []
    for offer in offers:
        chosen = not value
        value = value or offer.name
        candidates.append(
            Candidate(field=field, value=offer.name, origin=offer.origin, chosen=chosen)
        )
    return value, candidates


def choose_outlet(
    signals: PageEvidence, names: Sequence[str], title: str
) -> tuple[str, list[Candidate]]:
    """Choose the publisher's name for the page.

    Args:
        signals: evidence of the page.
        names: names of the site in head and JSON-LD.
        title: the headline; the rest of ``<title>`` is the site.
    """
    offers = [_OutletCandidate(rank, name, "site name") for rank, name in enumerate(names)]
    for thing in (signals.article, signals.about):
        offers += [
            _OutletCandidate(10, name, "json-ld publisher")
            for name in names_of(thing.get("publisher"), signals.things)[:1]
            if name not in names
        ]
    offers += [
        _OutletCandidate(11 + rank, value, f"meta {name}")
        for rank, name in enumerate(("publisher", "dc.publisher", "og:publisher", "copyright"))
        if (value := signals.meta(name)) and len(value) < 60 and not value.startswith("http")
    ]
    if title and title in signals.title and len(signals.title) > len(title):
        rest = signals.title[signals.title.rindex(title) + len(title) :]
        parts = [
            part.strip()
            for part in re.split(r"[|｜_»]|\s[-–—·@]\s|--|——|::|^-|-(?=[\u4e00-\u9fff])", rest)
        ]
        parts = [part.strip(" -–—·") for part in parts if part.strip(" -–—·")]
        if parts and len(parts[-1]) < 40:
            offers.append(_OutletCandidate(12, parts[-1], "title"))
    return _chosen("outlet", offers)


def choose_source(signals: PageEvidence, outlet: str) -> tuple[str, list[Candidate]]:
    """Choose the outlet that the page credits for the text.

    A label such as 来源 near the headline or below the text is most reliable, then the head, then
    text beside the time, then the dateline.

    Args:
        signals: evidence of the page.
        outlet: name of the page's own publisher.
    """
    offers: list[_OutletCandidate] = []
    written = " ".join(
        credit.value
        for line in signals.lines
        if len(line.text) <= _LONGEST_LINE
        for credit in credits(line.text)
        if credit.role == "author"
    )
    order = {"headline": 0.0, "head": 1.0, "foot": 2.0, "tail": 2.5, "element": 3.0}
    for line in signals.lines:
        if len(line.text) > _LONGEST_LINE:
            continue
        for credit in credits(line.text):
            if credit.role != "source":
                continue
            # 图片来源 credits a picture: the label is part of a word, or the line is a caption.
            if re.search(r"[图圖]片?$|[图圖]片", line.text[: line.text.find(credit.label)]):
                continue
            name = outlet_name(credit.value)
            if name and not (line.kept and len(line.text) > 60):
                # Within the text, a label may credit a picture or a quotation.
                rank = order[line.zone] + abs(line.distance) / 50 + (4.5 if line.kept else 0.0)
                offers.append(_OutletCandidate(rank, name, f"line {credit.label}"))
        if (
            line.zone == "headline"
            and 0 < line.distance < 8
            and _SOURCE_NAME.search(line.name)
            and len(line.text) < 24
            and (name := outlet_name(_OUTLET_LABEL.sub("", line.text)))
        ):
            offers.append(_OutletCandidate(3.0, name, "element source"))
        name, side = stamp_neighbour(line.text)
        # Who wrote it by another line's label stands beside the time as its writer.
        by_writer = name in written and not agency_of(name)
        if name and not by_writer and (name := outlet_name(name)):
            # Beside the headline's time it is more reliable than a label below the text, which may
            # belong to the last picture.
            rank = 1.6 if line.zone == "headline" and line.distance > 0 else 4.0 + order[line.zone]
            offers.append(_OutletCandidate(rank, name, side))
    for rank, key in enumerate(_META):
        value = _OUTLET_LABEL.sub("", signals.meta(key))
        name = outlet_name(value) if value else ""
        if name:
            # Visible text is more current than the template.
            own = letters_only(name) == letters_only(outlet)
            offers.append(
                _OutletCandidate(5.5 + rank / 10 if own else 3.5 + rank / 10, name, f"meta {key}")
            )
    if signals.account:
        offers.append(_OutletCandidate(6.5, signals.account, "account"))
    kept = [line.text for line in signals.lines if line.kept]
    name, origin = dateline_source([*kept[:3], *kept[-2:]])
    if name:
        offers.append(_OutletCandidate(7.0, name, origin))
    for raw in names_of(signals.article.get("author"), signals.things):
        if agency_of(raw):
            offers.append(_OutletCandidate(8.0, raw, "json-ld author"))
    names = frozenset({letters_only(outlet)}) if outlet else frozenset()
    offers = [
        offer._replace(name=without_site(offer.name, names) or offer.name) for offer in offers
    ]
    return _chosen("source", offers)
