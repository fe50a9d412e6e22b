"""What article links look like: tables of words and shapes, and the measures made of them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, urlsplit

__all__ = [
    "FURNITURE",
    "LABELS",
    "SIDE",
    "address_score",
    "address_shape",
    "find_time",
    "width",
]

# Class names and ids of menus, footers, pagers: never a list of articles.
FURNITURE = re.compile(
    r"(?:^|[\s_]|(?<!has)(?<!with)(?<!no)(?<!without)-)(?:nav|navbar|navigation|menu|submenu|topbar|footer|foot|foot-?nav|breadcrumbs?|"
    r"crumbs?|pager|pagination|paging|pages|page-?numbers|language|langs?|login|share|social|"
    r"copyright|friend-?links?|site-?map|sub-?nav|tabs?-?nav|tag-?cloud|cookie|skip)(?:$|[\s_-])"
)
# Of blocks beside the list: what is popular, recommended, sponsored.
SIDE = re.compile(
    r"(?:^|[\s_-])(?:aside|side|sidebar|side-?bar|rank(?:ing|s)?|hot(?:news|list)?|popular|"
    r"most-?(?:read|viewed|popular)|trending|recommend(?:ed|s)?|promo|sponsored|advert\w*|ads?)"
    r"(?:$|[\s_-])"
)
# Texts of links that lead to an article but are not its headline.
LABELS = re.compile(
    r"(?:read|see|learn|view|show|load)\s+(?:more|full.*|article|the .{0,20})|more|"
    r"continue(?: reading)?|"
    r"\d*\s*(?:comments?|shares?|likes?|views?|评论|評論|跟贴|条评论|則留言|阅读|回复)|"
    r"\d+|[<>«»‹›→…\s]+|(?:next|previous|prev|older|newer)(?: posts?| page)?|"
    r"上一页|下一页|上一頁|下一頁|"
    r"(?:查看|阅读|閱讀|了解|点击|點擊|更多|详情|詳情|全文|内容|內容|详细|>)+",
    re.IGNORECASE,
)

# Path segments that lead to anything but an article.
_SECTIONS = frozenset(
    """
    about account advertise ads app apps archive archives author authors category categories channel
    column columnist contact contributors cookie-policy download feed feeds forum help home jobs
    keyword keywords lanmu legal list login logout member members newsletter newsletters page pages
    people podcasts privacy privacy-policy profile profiles register rss search section sections
    shop signin signup sitemap special staff store subscribe subscription tag tags terms topic
    topics user users videos zhuanti
    """.split()  # noqa: SIM905
)
# Among them those below which some software files its articles: /archives/10321.
_ARCHIVES = frozenset({"archive", "archives"})
_FILES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|pdf|docx?|xlsx?|pptx?|zip|rar|7z|apk|exe|dmg|mp[34]|m4a|avi|"
    r"mov|css|js|xml|rss|json)$",
    re.IGNORECASE,
)
_DATE_IN_PATH = re.compile(r"(?:19|20)\d\d[-/_]?(?:0?[1-9]|1[0-2])(?:[-/_]?[0-3]?\d)?(?!\d)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_WORDS = re.compile(r"[^\W\d_]{2,}", re.UNICODE)
# Query parameters that select an article on sites without readable addresses.
_ID_PARAMETERS = frozenset(
    {
        "id", "aid", "nid", "pid", "p", "sn", "tid", "newsid", "news_id", "articleid",
        "article_id", "contentid", "docid", "storyid",
    }
)  # fmt: skip


def width(text: str) -> int:
    """Return the columns a text takes on a terminal: a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def address_score(url: str) -> float:
    """Return how much an address looks like an article's: 0 not at all, 1 and more clearly so."""
    parts = urlsplit(url)
    if _FILES.search(parts.path):
        return 0.0
    segments = [segment for segment in parts.path.lower().split("/") if segment]
    query = {key.lower(): value for key, value in parse_qsl(parts.query)}
    by_id = any(key in _ID_PARAMETERS and value for key, value in query.items())
    if not segments:
        return 1.0 if by_id else 0.0
    last = segments[-1].rsplit(".", 1)[0] or segments[-1]
    words = _WORDS.findall(last)
    filed = segments[0] in _ARCHIVES and len(segments) == 2 and _is_key(last)
    if last in _SECTIONS or (segments[0] in _SECTIONS and len(segments) <= 2 and not filed):
        return 0.8 if by_id else 0.0
    if len(segments) >= 2 and segments[-2] in ("page", "tag", "tags", "author", "user", "category"):
        return 0.0
    score = 0.0
    if _DATE_IN_PATH.search(parts.path):
        score += 0.8
    has_key = len(last) >= 8 and any(char.isdigit() for char in last)
    if by_id or has_key or _LONG_NUMBER.search(last):
        score += 0.8
    if len(words) >= 4 and len(last) >= 20:
        score += 1.0
    elif len(words) >= 3:
        score += 0.6
    if score and parts.path.endswith((".html", ".htm", ".shtml")):
        score += 0.2
    if not score:
        # A number of few digits or a short slug below a section may be an article.
        score = 0.5 if len(segments) >= 2 and (last.isdigit() or len(last) >= 6) else 0.2
    if last in ("index", "default") and not _DATE_IN_PATH.search(parts.path):
        return 0.0
    return score


def _is_key(segment: str) -> bool:
    """Whether a path segment is an article's number or slug, and not a year, a month, a name."""
    if segment.isdigit():
        return not re.fullmatch(r"(?:19|20)\d\d(?:[01]\d)?|\d{1,2}", segment)
    return len(_WORDS.findall(segment)) >= 3


def address_shape(url: str) -> str:
    """Return an address with what varies between articles taken out: numbers, slugs, dates."""
    parts = urlsplit(url)
    shaped = []
    for segment in parts.path.split("/"):
        stem, dot, suffix = segment.rpartition(".")
        stem, suffix = (stem, suffix) if dot and len(suffix) <= 5 else (segment, "")
        if any(char.isdigit() for char in stem):
            stem = "9"
        elif len(_WORDS.findall(stem)) >= 3:
            stem = "slug"
        shaped.append(f"{stem}.{suffix}" if suffix else stem)
    keys = sorted(key for key, _ in parse_qsl(parts.query))
    return f"{'/'.join(shaped)}?{'&'.join(keys)}"


_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{3,7})?\.?"
_CLOCK = r"(?:[ T]{0,3}\d{1,2}:\d{2}(?::\d{2})?)?"
_TIME = re.compile(
    rf"(?:19|20)\d\d\s?[-/.年]\s?\d{{1,2}}\s?[-/.月]\s?\d{{1,2}}\s?日?{_CLOCK}"
    rf"|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    rf"|\b\d{{1,2}} {_MONTHS},? (?:19|20)\d\d"
    rf"|(?:\d{{1,3}}|半)\s?(?:秒|分钟|分鐘|个?小时|個?小時|天|日|周|週|个月|個月)前"
    r"|(?<![\w.])(?:\d{1,3}|an?) ?(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|"
    r"d(?:ays?)?|w(?:eeks?)?) ago"
    rf"|(?:今天|今日|昨天|昨日|前天) ?\d{{1,2}}:\d{{2}}"
    rf"|刚刚|剛剛|(?<!\w)just now(?!\w)"
    rf"|(?<![\d./-])\d{{1,2}}[-/月]\d{{1,2}}日? \d{{1,2}}:\d{{2}}"
    rf"|(?<![\d月])\d{{1,2}}月\d{{1,2}}[日号號]"
    # What is shorter is a time only where it stands alone, as in a column of dates.
    rf"|(?:(?<=^)|(?<=[\s\[(（【|·•]))(?:(?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])|昨天|昨日|前天|今天"
    rf"|[Yy]esterday|[Tt]oday|{_MONTHS} \d{{1,2}}|\d{{1,2}} {_MONTHS})(?=$|[\s\])）】|·•,])"
)


def find_time(text: str) -> str:
    """Return the first date or time that stands in a text, as printed, or ""."""
    match = _TIME.search(text)
    return match[0].strip() if match else ""
