"""Lines that only tell the time or count: no publisher's edit lies in them.

A page's "3 hours ago", "1,204 views" or "您本月还可免费阅读3篇" is another at each visit. Such a line is told
by a grammar: its words are cut into tokens (dates, times of day, relative times, numbers, names, and
words of a closed vocabulary), and the tokens must fall, run by run and without a rest, into the
kinds of `_RUNS`. A sentence of the article holds a word that the vocabulary does not know, and stays
what it is. All reading is done on folded text, so that Traditional Chinese needs no words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scraper.text.chinese import fold

__all__ = ["lasting_part"]

# No such line is longer, in characters or in tokens: everything here takes bounded time.
_LONGEST, _MOST_TOKENS = 160, 60

# ── times ────────────────────────────────────────────────────────────────────────────────────────

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d{2}"
_HAN_NUMBER = "零〇一二两三四五六七八九十"
_DATE = (
    rf"{_YEAR}\s?[-/.年]\s?\d{{1,2}}\s?[-/.月]\s?(?:\d{{1,2}}\s?[日号]|\d{{1,2}}(?!\d))"
    rf"|[〇零一二三四五六七八九]{{4}}年[{_HAN_NUMBER}]{{1,3}}月[{_HAN_NUMBER}]{{1,3}}[日号]"
    r"|\d{1,2}\s?月\s?\d{1,2}\s?[日号]"
    rf"|{_DAY}(?:\s|-|\sof\s){_MONTH},?(?:[\s-]{_YEAR}\b)?"
    rf"|{_MONTH}\s?{_DAY}\b(?:,?\s?{_YEAR}\b)?"
    r"|\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:(?:19|20)?\d{2})(?![\d.])"
    r"|\d{1,2}-\d{1,2}(?=\s\d{1,2}:\d{2})"
    r"|农历[甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥年正一二三四五六七八九十冬腊闰月初廿卅]{2,14}"
)
_ISO = rf"{_YEAR}-\d{{2}}-\d{{2}}t\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?(?:z|[+-]\d{{2}}:?\d{{2}})?"
_CLOCK = (
    r"(?:凌晨|清晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|夜间|深夜|北京时间)?\s?"
    r"\d{1,2}(?:[:时点]\d{1,2}(?:分(?:\d{1,2}秒)?)?|[时点](?:半|整|许)?)(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?"
    r"|\d{1,2}\.\d{2}\s?[ap]\.?m\b\.?|\d{1,2}\.\d{2}(?=\s?(?:gmt|utc|bst|cet|cest|[ecmp][sd]?t)\b)"
    r"|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2}h\d{2}\b|[0-2]\d[0-5]\d(?=\s?(?:gmt|utc|hrs?|hours)\b)|\bnoon\b|\bmidnight\b"
)
_ZONE = (
    r"(?:utc|gmt)(?:\s?[+-]\s?\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2}(?!\d)"
    r"|(?:bst|ist|wet|west|cet|cest|eet|eest|msk|[aecmp][sd]?t|akst|hst|sgt|hkt|jst|kst|wib|pht|aest|aedt"
    r"|acst|awst|nzst|nzdt|sast|wat|eat|gst|pkt|ict|brt|z|hrs)(?![a-z])"
    r"|(?:eastern|pacific|central|mountain|beijing|local|london|singapore|hong kong|taipei|tokyo|new york)"
    r"\s(?:standard\s|daylight\s)?time\b|(?:北京|当地|本地|台北|台湾|香港|东部|美东|美西|伦敦|东京|格林威治)时间"
)
_WEEKDAY = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b(?:['’]s\b)?\.?"
    r"|(?:星期|周|礼拜)[一二三四五六日天]"
)
_AMOUNT = (
    r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|(?:a\s)?few|several|半|几"
    rf"|[{_HAN_NUMBER}]{{1,3}})"
)
_UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?|[smhdwy])(?![a-z])\.?"
)
_HAN_UNIT = r"(?:秒钟?|分钟?|个?(?:多|半)?(?:小时|钟头|星期|月)|天|日|周|年)"
_AGO = (
    rf"(?:(?:about|over|around|almost|nearly|less than|more than|under|just)\s)?{_AMOUNT}\s?{_UNIT}"
    rf"(?:(?:\s?,\s?|\sand\s|\s){_AMOUNT}\s?{_UNIT})?\s?ago\b"
    r"|(?:just|right)\snow\b|(?:a\s(?:few\s)?)?(?:moments?|seconds|minutes)\sago\b|(?:earlier\s)?today\b|yesterday\b|tonight\b"
    r"|this\s(?:morning|afternoon|evening)\b|last\s(?:night|week|month)\b"
    rf"|约?{_AMOUNT}\s?个?多?{_HAN_UNIT}零?(?:{_AMOUNT}\s?{_HAN_UNIT})?(?:之前|以前|前)"
    r"|刚刚|刚才|片刻前|不久前|今天|昨天|前天|今日|昨日|今晨|今早|今晚|昨晚"
)
_LASTING = (
    r"\d[\d,.]*[\s-]?(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b\.?"
    r"|\d[\d,.]*\s?(?:秒钟?|分钟|个?小时|天)|\d{1,3}:\d{2}(?::\d{2})?"
)
_TIMES = re.compile(
    rf"(?P<date>{_ISO}|{_DATE})|(?P<ago>{_AGO})|(?P<clock>{_CLOCK})|(?P<weekday>{_WEEKDAY})"
    rf"|(?P<zone>{_ZONE})|(?P<duration>{_LASTING})"
)
# A time so short that it needs no "ago", where nothing else stands in the line.
_SHORT_AGO = re.compile(r"\W{0,3}\d{1,2}(?:h|d|w|m|hr|hrs|min|mins)(?:\sago)?\W{0,3}")

# ── words ────────────────────────────────────────────────────────────────────────────────────────

# By kind of run: words of which one must be there, and those that may stand beside them. A phrase
# is written with underscores.
_HEADS: dict[str, str] = {
    "time": (
        "updated update updates modified published posted edit edited revised refreshed filed generated printed"
        " created uploaded changed reviewed retrieved edition now today's good_morning good_afternoon good_evening"
        " current_time local_time first_seen 更新 更新时间 修改 修改时间 编辑 发布 发布时间 发布日期 发表 发表时间 刊发 刊登 上传 创建 生成"
        " 生成时间 刷新 打印 打印时间 现在 当前时间 录入 版 截至 截止"
    ),
    "count": (
        "views view reads reader readers comments comment replies reply likes shares reactions reaction votes followers"
        " plays listens claps retweets reposts bookmarks upvotes downvotes hits pageviews clicks responses"
        " recommendations ratings thumbs_up watching reading online talking discussing viewed read shared liked commented visited"
        " watched played clicked seen_by saved_by read_by recommended_by liked_by shared_by join_the_conversation"
        " 阅读 阅读量 阅读数 浏览 浏览量 浏览数 浏览次数 播放 播放量 播放数 点击 点击量 点击数 点击率 观看 收看 收听 访问 访问量"
        " 围观 人气 热度 评论 评论数 留言 跟贴 跟帖 回复 回应 讨论 点赞 点赞数 赞 很赞 喜欢 参与 收藏 收藏数 转发 分享 推荐 关注 在看"
        " 在读 在线 已读 弹幕 投币 打赏 粉丝 正在看 正在阅读 好评 网友评论 page_views like_this likes_this"
    ),
    "quota": (
        "articles article stories story reads views trial ones 免费 免费阅读 剩余 还剩 仅剩 剩 余 试用期 试用 试读 额度 已阅读 已读 您已 你已"
    ),
    "length": "read reading listen listening words word 阅读 读完 字 字数 收听 阅读时间 阅读时长 预计阅读",
    "page": "page photo image picture slide 页 页码 上一页 下一页",
    "rating": "rating rated score ratings votes stars star 评分 打分 人评价 人打分",
    "offer": "offer sale deal discount promotion 优惠 特惠 促销 活动 抢购 秒杀 折扣 报名",
}
_OTHERS: dict[str, str] = {
    "time": (
        "last latest first originally page article story post this was is has been on at of as date time about"
        " current local late early morning afternoon evening seen here it's it_is live version and the_page new"
        " 于 是 在 本页 页面 本文 本报道 最后 最近 最新 首次 时间 日期 时 来自网页版 本站 晴 多云 阴 小雨 中雨 大雨 阵雨 小雪 雾"
    ),
    "count": (
        "this article story post page video entry has have had been was is are times time people person users"
        " others other more by so far already total all and see show right now currently the_conversation the_discussion"
        " conversation discussion leave join add_to_the add to your you no yet our number since about below up in live on like likes"
        " 已有 已 已被 被 共 共有 共计 总 总计 累计 有 人 位 次 条 则 个 名 人次 人数 次数 量 数 网友 用户 读者 查看 查看全部 全部 所有"
        " 更多 最新 热门 本文 本页 本帖 文章 第 您是 你是 访客 当前 正在 目前 觉得 本站 约 超 超过 大家 了 的 篇 看 本次 已经 都在"
    ),
    "quota": (
        "you you've you_have have has read used viewed of your free complimentary left remaining remain"
        " remains this month week per in is are last limited only out day for still more until limit reached as a an the"
        " create account log_in register subscribe continue reading days to ends end it"
        " 您 你 本月 本周 每月 还 还可 还可以 可 能 可以 免费阅读 阅读 文章 篇 次 次数 机会 用 使用 天 有 的 了 看 读 本 天内"
    ),
    "length": (
        "time to this article story est estimated approx approximately about of in takes take length count min mins audio"
        " minutes a an more"
        " 本文 文章 全文 共 约 大约 需 需要 需时 预计 时间 时长 用时 完成 的 可 读 完 音频 约需 分 阅读需 字数约"
    ),
    "page": (
        "of next previous prev first last single view all go pages to 第 共 上一页 下一页 首页 尾页 末页 当前 图 上页 下页 前页 后页"
    ),
    "rating": (
        "out of from stars star average user users readers' readers reader reader's based on by the this story article"
        " our score stars vote 分 星 平均 共 颗 读者 网友 用户 人 票 位 本文"
    ),
    "offer": (
        "ends end ending expires in left remaining only hurry to go soon our your the 还剩 仅剩 剩余 倒计时 距 距离 结束 截止 还有 仅"
        " 本次 限时 最后"
    ),
}
_RUN_NAMES = tuple(_HEADS)


def _fields() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return, by word, the kinds of run that it heads and those that it may stand in."""
    heads: dict[str, set[str]] = {}
    allowed: dict[str, set[str]] = {}
    for name in _RUN_NAMES:
        for phrase in _HEADS[name].split():
            heads.setdefault(phrase.replace("_", " "), set()).add(name)
        for phrase in (_HEADS[name] + " " + _OTHERS[name]).split():
            allowed.setdefault(phrase.replace("_", " "), set()).add(name)
    return {w: (frozenset(heads.get(w, ())), frozenset(kinds)) for w, kinds in allowed.items()}


_WORDS = _fields()
_PHRASES = sorted((w for w in _WORDS if w.isascii() and " " in w), key=len, reverse=True)
_HAN_WORDS = sorted((w for w in _WORDS if not w.isascii()), key=len, reverse=True)
_LATIN = re.compile(rf"(?:{'|'.join(map(re.escape, _PHRASES))})\b|[a-z]+(?:['’][a-z]+)?['’]?")
_HAN = re.compile("|".join(map(re.escape, _HAN_WORDS)))
_NUMBER = re.compile(r"(?:\d[\d,.]*\d|\d)(?:\s?(?:k|m|bn|thousand|million)(?![a-z])|\s?[万千亿]\+?|\+)?(?![%\d])")
_NUMBER_WORD = re.compile(r"(?:one|two|three|four|five|six|seven|eight|nine|ten|no)\b")
# Pictures that stand for "likes", "comments", "views". Stars are left out: they are a critic's.
_ICON = re.compile("[👍👎❤♥♡💙💚💛🧡💜🖤💬🗨🗯👁👀🔥🙌👏😂😮😢😡🔁🔄🔖📖🕐🕒⏱⏰⏲📅🗓🔊🎧↗✍✏]\ufe0f?")
_BETWEEN = re.compile(r"[\s|·•・,;:，。；：.!?\"'“”‘’/\\()（）\[\]【】〔〕{}«»<>～~–—―-]+")
_DASH = re.compile(r"\s*[-–—―~～]\s*")

# ── names ────────────────────────────────────────────────────────────────────────────────────────

_CAPITAL = r"[A-Z\u00c0-\u00de](?:[^\W\d_]|[.'’-])*"
_LATIN_NAME = rf"{_CAPITAL}(?:\s(?:{_CAPITAL}|and|&|de|van|von|der|da|del|di|bin|al|la|le)){{0,7}}"
# Who is credited may stand in the same line; that stays, and a change of it is an edit.
_CREDIT = re.compile(
    r"(?:(?:来源|來源|稿源|出处|出處|作者|记者|記者|编辑|編輯|责编|責編|责任编辑|責任編輯|撰文|图源|文|[Ss]ource|[Aa]uthor"
    r"|[Ee]ditor|[Ww]ords)\s*[:：/／]\s*|(?<!\w)(?:[Bb]y|BY)\s+)(?!\d)[^\s|｜·,，;；()（）]{1,30}(?:\s(?:[A-Z][\w.'’-]*|and|&)){0,7}"
    # Without a colon a name is told by its length and by what ends it.
    r"|(?:本[报報刊网網]|特[约約]|实习|實習)?(?:记者|記者|作者|编辑|編輯|责编|責編|撰文|通讯员|通訊員)\s*"
    r"[\u3400-\u9fff]{2,4}(?:、[\u3400-\u9fff]{2,4})*(?=[\s|｜/·,;，；()（）-]|$)"
    r"|[\u3400-\u9fff]{1,6}(?:社|网|網|报|報|日报|日報|电视台|电视臺|新闻|新聞|客户端|财经|科技)(?![\u3400-\u9fff])"
)
_NAME = re.compile(rf"{_LATIN_NAME}(?=\s*(?:[|｜·•,，/()（）:：—–-]|$|\d|an?\s))|[\u3400-\u9fff·]{{2,6}}(?=\s*(?:[|｜·•,，/()（）—–-]|$))")
# "本文更新于…" is a note of the publisher: its time tells nothing, that it stands there does.
_SUBJECT = re.compile(r"\b(?:this|our)\s(?:\w+\s)?(?:article|story|report|post|piece)\b|本文|本报道|本稿|此文|文章")
_CHANGE = re.compile(r"updated|modified|edited|revised|更新|修改|编辑|修订")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a line.

    Attributes:
        kind: date, ago, clock, weekday, zone, duration, number, word, icon, credit, name, between.
        text: as printed.
        heads, allowed: for a word, the kinds of run that it heads and may stand in.
    """

    kind: str
    text: str
    heads: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


_MOMENTS = frozenset({"date", "ago", "clock", "weekday", "zone"})
_NEUTRAL = frozenset({"between", "credit", "name"}) | _MOMENTS


def lasting_part(line: str) -> str:
    """Return what a publisher's edit of a line could change.

    Args:
        line: one line of an article's text, white space collapsed.

    Returns:
        The line itself, for nearly every line; "" where it only tells the time or counts; the
        credits that stand in such a line ("By Ann Lee"); of a note that says when the article was
        changed, the note without its time.
    """
    if not line or len(line) > _LONGEST:
        return line
    return _lasting_part(line)


@lru_cache(maxsize=4096)
def _lasting_part(line: str) -> str:
    folded = fold(line)
    if _SHORT_AGO.fullmatch(folded):
        return ""
    tokens = _tokens(line, folded)
    if tokens is None or not _is_volatile(tokens):
        return line
    credits = " ".join(token.text for token in tokens if token.kind in ("credit", "name"))
    if _SUBJECT.search(folded) and _CHANGE.search(folded) and not credits:
        return " ".join(token.text for token in tokens if token.kind == "word")
    return credits


def _tokens(line: str, folded: str) -> list[_Token] | None:
    """Return the tokens of a line, or None where it holds anything that is none."""
    tokens: list[_Token] = []
    place, fresh = 0, True
    while place < len(line):
        token, end = _token_at(line, folded, place, fresh)
        if token is None or len(tokens) >= _MOST_TOKENS:
            return None
        tokens.append(token)
        fresh = token.kind == "between" and (
            not token.text.isspace() or len(tokens) == 1 or tokens[-2].kind in _MOMENTS
        )
        place = end
    return tokens


def _token_at(line: str, folded: str, place: int, fresh: bool) -> tuple[_Token | None, int]:
    """Return the token at a place, and where it ends; a name only where a part begins."""
    if found := _BETWEEN.match(folded, place):
        return _Token("between", found[0]), found.end()
    in_word = place > 0 and folded[place - 1].isascii() and folded[place - 1].isalnum()
    if not in_word and (found := _TIMES.match(folded, place)):
        return _Token(found.lastgroup or "date", line[place : found.end()]), found.end()
    if found := _CREDIT.match(line, place):
        return _Token("credit", found[0]), found.end()
    if found := _ICON.match(line, place):
        return _Token("icon", found[0]), found.end()
    if found := _NUMBER.match(folded, place):
        return _Token("number", found[0]), found.end()
    if found := _LATIN.match(folded, place):
        if found[0] in _WORDS:
            return _Token("word", line[place : found.end()], *_WORDS[found[0]]), found.end()
        if number := _NUMBER_WORD.match(folded, place):
            return _Token("number", number[0]), number.end()
    elif found := _HAN.match(folded, place):
        whole = _NAME.match(line, place) if fresh or place == 0 else None
        if whole is None or whole.end() <= found.end() or _is_spelt(folded[place : whole.end()]):
            return _Token("word", line[place : found.end()], *_WORDS[found[0]]), found.end()
    if (fresh or place == 0) and (found := _NAME.match(line, place)):
        return _Token("name", found[0]), found.end()
    return None, place


def _is_spelt(text: str) -> bool:
    """Whether a run of Chinese is made of words of the vocabulary, so that it is no name."""
    place = 0
    while place < len(text):
        found = _HAN.match(text, place)
        if found is None:
            return False
        place = found.end()
    return True


def _is_volatile(tokens: Sequence[_Token]) -> bool:
    """Whether a line's tokens fall into runs, with times that make one moment a label."""
    kinds = [token.kind for token in tokens]
    if not set(kinds) - {"between", "credit", "name"}:
        return False
    if not _times_agree(tokens):
        return False
    core = [token for token in tokens if token.kind not in _NEUTRAL]
    if not core:
        return any(kind in ("date", "ago") for kind in kinds) or (
            "clock" in kinds and (kinds.count("weekday") == 1 or _NOW.search(tokens[0].text) is not None)
        )
    moments = [k for k in kinds if k in _MOMENTS]
    stamped = "clock" in kinds and any(
        token.kind == "date" and _STAMP.match(token.text) for token in tokens
    )
    return _in_runs(core, bool(moments), stamped, "name" in kinds)


def _times_agree(tokens: Sequence[_Token]) -> bool:
    """Whether the times of a line are moments, each labelled but one, and no ranges."""
    told = [token for token in tokens if token.kind != "between"]
    count = {kind: sum(t.kind == kind for t in told) for kind in _MOMENTS}
    labels = sum("time" in token.heads for token in told)
    if count["date"] > 1 + labels or count["ago"] > 2 + labels:
        return False
    if count["clock"] > max(1, count["date"], labels) or count["weekday"] > max(1, count["date"]):
        return False
    if any(t.kind == "name" for t in told):
        # A name beside a bare date may be an event's.
        if not count["ago"] and not (labels and (count["date"] or count["clock"])):
            return False
    for before, between, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.kind == after.kind and before.kind in ("clock", "date", "weekday"):
            if _DASH.fullmatch(between.text):
                return False
    labelled = labels or count["date"] or count["ago"] or count["weekday"] or _NOW.search(told[0].text)
    lonely = count["clock"] and not labelled
    return not lonely


def _in_runs(core: Sequence[_Token], dated: bool, full: bool, named: bool) -> bool:
    """Whether tokens can be cut into runs of the known kinds without a rest."""
    ends = [True] + [False] * len(core)
    for start in range(len(core)):
        if not ends[start]:
            continue
        for end in range(start + 1, len(core) + 1):
            if not ends[end] and _is_run(core[start:end], dated, full):
                ends[end] = True
    return ends[-1] and (dated or not named)


def _is_run(run: Sequence[_Token], dated: bool, full: bool) -> bool:
    words = [token for token in run if token.kind == "word"]
    numbers = sum(token.kind == "number" for token in run)
    durations = sum(token.kind == "duration" for token in run)
    icons = sum(token.kind == "icon" for token in run)
    if not words:
        return icons >= 1 and numbers <= 1 and not durations
    said = [fold(token.text) for token in words]
    for name, accepts in _RUNS.items():
        if all(name in token.allowed for token in words):
            heads = [w for w, t in zip(said, words, strict=True) if name in t.heads]
            if accepts(said, heads, numbers, durations, dated, full):
                return True
    # Labels without numbers, as of a row of buttons: "评论 收藏 分享".
    return not numbers and not durations and all(w in _BUTTONS for w in said)


_BUTTONS = frozenset(
    "comments comment replies reply likes shares views 评论 留言 跟贴 回复 点赞 赞 喜欢 收藏 转发 分享 推荐 关注 在看 阅读 热度 人气".split()
)
# Words that join times, and what may stand beside today's date.
_LINKS = frozenset(
    "as of at on is it's live new 是 于 在 时 晴 多云 阴 小雨 中雨 大雨 阵雨 小雪 雾 来自网页版".split() + ["it is"]
)
# A label that an event has too: it counts beside a full stamp only ("时间：2026-11-20 08:00").
_DATE_LABELS = frozenset("时间 日期 date time 本站 于".split())
_NOW = re.compile("北京时间|北京時間")
_STAMP = re.compile(r"\d{4}\s?[-/.]\s?\d")
_SUBJECTS = frozenset("article story post page video entry".split())
_DEEDS = frozenset("viewed read shared liked commented visited watched played clicked".split())
_AT_WORK = frozenset("watching reading talking discussing".split())


def _time_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    if numbers or durations or not dated:
        return False
    there = set(said)
    return bool(heads) or there <= _LINKS or (full and there <= _DATE_LABELS)


def _count_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    if numbers != 1 or durations or not heads:
        return False
    deeds = set(heads) & _DEEDS
    if deeds and not set(heads) - _DEEDS:
        # "12 people saved" may be news; "12 people have shared this" is not, nor "Shared 12 times".
        return "this" in said or said[0] in _DEEDS or bool({"times", "time"} & set(said) and len(said) == 2)
    if set(heads) <= _AT_WORK and "people" in said:
        return bool({"now", "this", "currently", "live"} & set(said))
    return not (_SUBJECTS & set(said)) or "this" in said


def _quota_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    if numbers + durations < 1 or numbers > 2 or not heads:
        return False
    if not said[0].isascii() or any(not w.isascii() for w in said):
        return True
    there = set(said)
    if "trial" in there:
        return bool(there & {"your", "free"})
    return bool(there & {"free", "left", "remaining", "complimentary", "limit", "you've", "your"}) or (
        "read" in there and bool(there & {"you", "you have"})
    )


def _length_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    return 1 <= numbers + durations <= 2 and bool(heads)


def _page_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    return numbers >= 1 and bool(heads) and not durations


def _rating_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    voters = {"votes", "vote", "ratings", "readers", "reader", "reader's", "readers'", "user", "users", "票",
              "网友", "用户", "读者", "人评价", "人打分", "人"}  # fmt: skip
    return 1 <= numbers <= 3 and bool(heads) and bool(voters & set(said)) and len(said) > 1


def _offer_run(
    said: list[str], heads: list[str], numbers: int, durations: int, dated: bool, full: bool
) -> bool:
    return numbers + durations == 1 and bool(heads) and len(said) > 1


_RUNS: dict[str, Callable[[list[str], list[str], int, int, bool, bool], bool]] = {
    "time": _time_run,
    "count": _count_run,
    "quota": _quota_run,
    "length": _length_run,
    "page": _page_run,
    "rating": _rating_run,
    "offer": _offer_run,
}
