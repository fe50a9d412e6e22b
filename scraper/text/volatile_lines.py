"""Lines that only tell the time or count: no publisher's edit lies in them, nor any of the text.

A page's "3 hours ago", "1,204 views" or "您本月还可免费阅读3篇" differs at each visit. A grammar
recognizes such a line. The line is cut into tokens: dates, times of day, relative times, numbers,
names, and words of a closed vocabulary (volatile_lines.toml). The tokens must fall into runs of the
kinds in `_RUNS`, without a rest. A sentence of an article holds a word that the vocabulary lacks,
and stays. Lines are folded first, so that Traditional Chinese needs no words of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from scraper.record import record
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile
from scraper.text.volatile_times import TIMES
from scraper.text.volatile_whole_lines import LONGEST_LINE, WHOLE_LINES

__all__ = ["is_count", "lasting_part"]

# No such line is longer, in characters or in tokens: everything here takes bounded time.
_LONGEST, _MOST_TOKENS = LONGEST_LINE, 60

# ── words ────────────────────────────────────────────────────────────────────────────────────────

_TABLE: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


def _table_words(kind: str, row: str) -> list[str]:
    return [word.replace("_", " ") for word in _TABLE[kind][row].split()]


_KINDS = ("time", "count", "quota", "length", "page", "rank", "rating", "offer", "poll", "funds")


def _fields() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return, by word, the kinds of run that it heads and those that it may stand in."""
    heads: dict[str, set[str]] = {}
    allowed: dict[str, set[str]] = {}
    for name in _TABLE.keys() & set(_KINDS):
        for word in _table_words(name, "heads"):
            heads.setdefault(word, set()).add(name)
        for word in _table_words(name, "heads") + _table_words(name, "others"):
            allowed.setdefault(word, set()).add(name)
    return {w: (frozenset(heads.get(w, ())), frozenset(kinds)) for w, kinds in allowed.items()}


_WORDS = _fields()
_PHRASES = sorted((w for w in _WORDS if w.isascii() and " " in w), key=len, reverse=True)
_HAN_WORDS = sorted((w for w in _WORDS if not w.isascii()), key=len, reverse=True)
_LATIN = lazy_compile(rf"(?:{'|'.join(map(re.escape, _PHRASES))})\b|[a-z]+(?:['’][a-z]+)?['’]?")
_HAN = lazy_compile("|".join(map(re.escape, _HAN_WORDS)))
_NUMBER = lazy_compile(
    r"\d{1,3}(?:st|nd|rd|th)\b|(?:\d[\d,.]*\d|\d)(?:\s?(?:k|m|w|bn|thousand|million)\+?(?![a-z])|\s?[万千亿]\+?|\+)?(?![%\d])"
)
_PERCENT = lazy_compile(r"\d{1,3}(?:\.\d{1,2})?\s?%")
_NUMBER_WORD = lazy_compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|no"
    r"|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b"
)
# Pictures that stand for "likes", "comments", "views". Stars are left out: they are a critic's.
_ICON = lazy_compile("[👍👎❤♥♡💙💚💛🧡💜🖤💬🗨🗯👁👀🔥🙌👏😂😮😢😡🔁🔄🔖📖🕐🕒⏱⏰⏲📅🗓🔊🎧↗→✍✏]\ufe0f?")
_STARS = lazy_compile("[★☆⭐]{1,10}\ufe0f?")
# Reactions, where a page prints their number alone.
_BARE_COUNT = lazy_compile(r"\+\s?\d[\d,.]{0,9}\s?[kKmM万萬]?")
# Those that stand for a time or a date rather than for readers.
_CLOCK_ICON = lazy_compile("[🕐🕒⏱⏰⏲📅🗓]")
_CURRENCY = lazy_compile(r"(?:us|hk|nt|a|c)?\$|[€£¥₩]")
_BETWEEN = lazy_compile(
    r"[\s|·•・,;:，。；：.!?\"'“”‘’/\\()（）\[\]【】〔〕{}«»<>～~–—―-]+|[#№]\s?(?=\d)|(?<![a-z])no\.\s?(?=\d)"
)
_DASH = lazy_compile(r"\s*[-–—―~～]\s*")

# ── names ────────────────────────────────────────────────────────────────────────────────────────

_CAPITAL = r"[A-Z\u00c0-\u00de](?:[^\W\d_]|[.'’-])*"
_LATIN_NAME = rf"{_CAPITAL}(?:\s(?:{_CAPITAL}|and|&|de|van|von|der|da|del|di|bin|al|la|le)){{0,7}}"
# Who is credited may stand in the same line; that stays, and a change of it is an edit.
_CREDIT = lazy_compile(
    r"(?:(?:来源|來源|稿源|出处|出處|作者|记者|記者|编辑|編輯|责编|責編|责任编辑|責任編輯|撰文"
    r"|图源|文|[Ss]ource|[Aa]uthor"
    r"|[Ee]ditor|[Ww]ords)\s*[:：/／]\s*|(?<!\w)(?:[Bb]y|BY)\s+)(?!\d)[^\s"
    r"|｜·,，;；()（）]{1,30}(?:\s(?:[A-Z][\w.'’-]*|and|&|agencies|wires|staff)(?!\w)){0,7}"
    # Where a post was sent from.
    r"|(?:IP\s?属地|IP\s?屬地|发布于|發佈於|發布於)(?:\s?[:：]\s?|\s)(?![今昨前刚剛])[\u3400-\u9fff]{2,6}(?=[\s|｜·,，]|$)"
    # Without a colon a name is told by its length and by what ends it.
    r"|(?:本[报報刊网網]|特[约約]|实习|實習)?(?:记者|記者|作者|编辑|編輯|责编|責編|撰文|通讯员"
    r"|通訊員)\s*"
    r"[\u3400-\u9fff]{2,4}(?:、[\u3400-\u9fff]{2,4})*(?=[\s|｜/·,;，；()（）-]|$)"
    r"|[\u3400-\u9fff]{1,6}(?:社|网|網|报|報|日报|日報|电视台|电视臺|新闻|新聞|客户端|财经"
    r"|科技)(?![\u3400-\u9fff])"
)
_NAME = lazy_compile(
    rf"{_LATIN_NAME}(?=\s*(?:[|｜·•,，/()（）:：—–-]|$|\d|an?\s))"
    rf"|[\u3400-\u9fff·]{{2,6}}(?=\s*(?:[|｜·•,，/()（）—–-]|$)|\s+\d)"
)
# "本文更新于…" is a note of the publisher: its time tells nothing, that it stands there does.
_SUBJECT = lazy_compile(
    r"\b(?:this|our)\s(?:\w+\s)?(?:article|story|report|post|piece)\b|本文|本报道|本稿|此文|文章"
)
_DEADLINE = lazy_compile(r"\bdeadline\b|截止(?:日|时间)|(?:报名|申请|投稿|征稿)截[止至]")
_CHANGE = lazy_compile(r"updated|modified|edited|revised|更新|修改|编辑|修订")


@record(kw_only=False)
class _Token:
    """A piece of a line.

    Attributes:
        kind: date, lunar, span, ago, clock, weekday, zone, duration, number, percent, currency,
            word, icon, credit, name, between.
        text: as printed.
        heads, allowed: for a word, the kinds of run that it heads and may stand in.
    """

    kind: str
    text: str
    heads: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


_MOMENTS = frozenset({"date", "lunar", "ago", "clock", "weekday", "zone"})
_NEUTRAL = frozenset({"between", "credit", "name", "span"}) | _MOMENTS
# Kinds of token that a line that only counts has none of, and some of.
_SAID = frozenset({"credit", "name", "currency", "percent"})
_COUNTED = frozenset({"number", "duration"})
_QUOTES = frozenset('"“”「」『』')


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


def _folded(text: str) -> str:
    return fold_interface(text).replace("’", "'")


@lru_cache(maxsize=512)
def _lasting_part(line: str) -> str:
    folded = _folded(line)
    if any(whole.fullmatch(folded) for whole in WHOLE_LINES):
        return ""
    if _DEADLINE.search(folded):
        return line
    tokens = _tokens(line, folded)
    if tokens is None or not _is_volatile(tokens):
        return line
    credits = " ".join(token.text for token in tokens if token.kind in ("credit", "name"))
    if _SUBJECT.search(folded) and _CHANGE.search(folded) and not credits:
        return " ".join(token.text for token in tokens if token.kind == "word")
    return credits


def is_count(line: str, *, rated: bool = False) -> bool:
    """Return whether a line only counts, in digits, what readers did or may do with a page.

    Such are "1,204 views", "Comments (12)", "您本月还可免费阅读3篇文章" and "5 min read", also
    several in one line or beside a time. A line that credits or quotes somebody is none.

    Args:
        line: one line of a page, white space collapsed.
        rated: whether what readers gave counts too ("4.5 out of 5 stars, 12 votes").
    """
    if not line or len(line) > _LONGEST or not any(map(str.isdigit, line)):
        return False
    return _is_count(line, rated)


@lru_cache(maxsize=512)
def _is_count(line: str, rated: bool) -> bool:
    if _BARE_COUNT.fullmatch(line):
        return True
    if not _QUOTES.isdisjoint(line):
        return False
    tokens = _tokens(line, _folded(line))
    if tokens is None:
        return False
    kinds = frozenset(token.kind for token in tokens)
    if kinds & _SAID or not kinds & _COUNTED or not _times_agree(tokens):
        return False
    if "word" not in kinds and any(_CLOCK_ICON.match(t.text) for t in tokens if t.kind == "icon"):
        return False
    core = [token for token in tokens if token.kind not in _NEUTRAL]
    dated = bool(kinds & _MOMENTS)
    return _in_runs(core, dated, False, False, _RATED_RUNS if rated else _COUNT_RUNS)


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
    if not in_word and (found := TIMES.match(folded, place)):
        return _Token(found.lastgroup or "date", line[place : found.end()]), found.end()
    if found := _CREDIT.match(line, place):
        return _Token("credit", found[0]), found.end()
    if found := _ICON.match(line, place):
        return _Token("icon", found[0]), found.end()
    if found := _STARS.match(line, place):
        return _Token("word", "stars", *_WORDS["stars"]), found.end()
    if found := _CURRENCY.match(folded, place):
        return _Token("currency", found[0]), found.end()
    if found := _PERCENT.match(folded, place):
        return _Token("percent", found[0]), found.end()
    if found := _NUMBER.match(folded, place):
        return _Token("number", found[0]), found.end()
    if found := _LATIN.match(folded, place):
        # "Newsroom" behind a bar is who is credited, "by the newsroom" is nobody.
        named = fresh and place > 0 and found[0] in _HOUSE and line[place].isupper()
        if found[0] in _WORDS and not named:
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
    """Whether a run of Chinese is made of times and known words, so that it is no name."""
    place = 0
    while place < len(text):
        found = TIMES.match(text, place) or _HAN.match(text, place)
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
        return any(kind in ("date", "lunar", "ago") for kind in kinds) or (
            "clock" in kinds
            and (kinds.count("weekday") == 1 or _NOW.search(tokens[0].text) is not None)
        )
    moments = [k for k in kinds if k in _MOMENTS]
    stamped = "clock" in kinds and any(
        token.kind == "date" and _STAMP.match(token.text) for token in tokens
    )
    return _in_runs(core, bool(moments), stamped, "name" in kinds, _RUNS)


def _times_agree(tokens: Sequence[_Token]) -> bool:
    """Whether the times of a line are moments, each labelled but one, and no ranges."""
    told = [token for token in tokens if token.kind != "between"]
    count = {kind: sum(t.kind == kind for t in told) for kind in _MOMENTS}
    labels = sum("time" in token.heads for token in told)
    if count["date"] > 1 + labels or count["ago"] > 2 + labels:
        return False
    if count["clock"] > max(1, count["date"], labels) or count["weekday"] > max(1, count["date"]):
        return False
    named = any(token.kind == "name" for token in told)
    if named and not count["ago"] and not (labels and (count["date"] or count["clock"])):
        # A name beside a bare date may be an event's.
        return False
    for before, between, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        ranged = before.kind == after.kind and before.kind in ("clock", "date", "weekday")
        if ranged and _DASH.fullmatch(between.text):
            return False
    labelled = (
        labels or count["date"] or count["ago"] or count["weekday"] or _NOW.search(told[0].text)
    )
    lonely = count["clock"] and not labelled
    return not lonely


def _in_runs(
    core: Sequence[_Token],
    dated: bool,
    full: bool,
    named: bool,
    runs: Mapping[str, Callable[[_Run], bool]],
) -> bool:
    """Whether tokens can be cut into runs of some kinds without a rest."""
    ends = [True] + [False] * len(core)
    for start in range(len(core)):
        if not ends[start]:
            continue
        for end in range(start + 1, len(core) + 1):
            if not ends[end] and _is_run(core[start:end], dated, full, runs):
                ends[end] = True
    return ends[-1] and (dated or not named)


@record
class _Run:
    """Some tokens of a line that may say one thing.

    Attributes:
        words, heads: its words, folded, and those that head a run of the kind that is tried.
        numbers, percents, currencies, durations, icons: how many of them it holds.
        dated, stamped: whether its line holds a time, and whether that is a date in digits with a
            time of day.
    """

    words: tuple[str, ...]
    heads: frozenset[str]
    numbers: int
    percents: int
    currencies: int
    durations: int
    icons: int
    dated: bool
    stamped: bool


def _is_run(
    tokens: Sequence[_Token],
    dated: bool,
    stamped: bool,
    runs: Mapping[str, Callable[[_Run], bool]],
) -> bool:
    words = [token for token in tokens if token.kind == "word"]
    said = tuple(_folded(token.text) for token in words)
    kinds = [token.kind for token in tokens]
    run = _Run(
        words=said,
        heads=frozenset(),
        numbers=kinds.count("number"),
        percents=kinds.count("percent"),
        currencies=kinds.count("currency"),
        durations=kinds.count("duration"),
        icons=kinds.count("icon"),
        dated=dated,
        stamped=stamped,
    )
    if not words:
        counted = run.numbers > 1 or run.durations or run.percents or run.currencies
        return run.icons >= 1 and not counted
    for name, accepts in runs.items():
        if all(name in token.allowed for token in words):
            heads = {w for w, token in zip(said, words, strict=True) if name in token.heads}
            if run.percents and name not in ("poll", "funds"):
                continue
            if run.currencies and name != "funds":
                continue
            if accepts(replace(run, heads=frozenset(heads))):
                return True
    # Labels without numbers, as of a row of buttons: "评论 收藏 分享".
    counted = run.numbers or run.durations or run.percents or run.currencies
    return not counted and _BUTTONS.issuperset(said)


_BUTTONS = frozenset(_table_words("buttons", "words"))
_LINKS = frozenset(_table_words("links", "words"))
# A label that an event has too: it counts beside a full stamp only ("时间：2026-11-20 08:00").
_DATE_LABELS = frozenset({"时间", "日期", "date", "time", "本站", "于"})
_NOW = lazy_compile("北京时间|北京時間")
_STAMP = lazy_compile(r"\d{4}\s?[-/.]\s?\d")
_SUBJECTS = frozenset(
    {"article", "story", "post", "page", "video", "entry", "document", "paper", "file", "photo"}
)
_PARTS_OF_SERIES = frozenset({"article", "story", "篇"})
_HOUSE = frozenset({"desk", "newsroom", "editors", "staff", "team", "web", "editorial"})
_DEEDS = frozenset(_table_words("deeds", "words"))
_AT_WORK = frozenset({"watching", "reading", "talking", "discussing"})
_QUOTA_WORDS = frozenset({"free", "left", "remaining", "complimentary", "limit", "you've", "your"})
_QUOTA_FREE = frozenset({"free", "complimentary", "免费", "免费阅读"})
_QUOTA_END = frozenset(_table_words("quota_end", "words"))
_TO_READ = frozenset(_table_words("to_read", "words"))
_TRIALS = frozenset({"trial", "试用期", "试用", "试读"})
_IS_LEFT = frozenset(_table_words("is_left", "words"))
_ITS_OWN_EN = frozenset({"our", "us", "your", "we've"})
_ITS_OWN = ("我们", "本站", "本报", "本刊", "您", "你的")
_VOTERS = frozenset(_table_words("voters", "words"))


def _time_run(run: _Run) -> bool:
    if run.numbers or run.durations or not run.dated:
        return False
    if run.heads or _LINKS.issuperset(run.words):
        return True
    return run.stamped and _DATE_LABELS.issuperset(run.words)


def _count_run(run: _Run) -> bool:
    if run.numbers != 1 or run.durations or not run.heads:
        return False
    there = frozenset(run.words)
    if run.heads <= _DEEDS:
        # "12 people saved" may be news; "12 people have shared this" and "Shared 12 times" are not.
        times = there & {"times", "time"} and len(run.words) == 2
        return "this" in there or run.words[0] in _DEEDS or bool(times)
    if run.heads <= _AT_WORK and "people" in there:
        return bool({"now", "this", "currently", "live"} & there)
    return not (_SUBJECTS & there) or "this" in there


def _quota_run(run: _Run) -> bool:
    if run.heads and not run.numbers + run.durations:
        # The last one, and none any more.
        there = frozenset(run.words)
        free = there & _QUOTA_FREE and there & _TO_READ | run.heads
        return bool(free and there & _QUOTA_END)
    if not 1 <= run.numbers + run.durations <= 2 or not run.heads:
        return False
    if not all(word.isascii() for word in run.words):
        return True
    there = frozenset(run.words)
    if "trial" in there:
        return bool(there & {"your", "free"})
    return bool(there & _QUOTA_WORDS) or ("read" in there and bool(there & {"you", "you have"}))


def _own_quota_run(run: _Run) -> bool:
    # "还剩3天" and "7-day free trial" may be an article's; what is left of reading is the page's.
    words = frozenset(run.words)
    return _quota_run(run) and bool(words & _TO_READ or (words & _TRIALS and words & _IS_LEFT))


def _length_run(run: _Run) -> bool:
    return 1 <= run.numbers + run.durations <= 2 and bool(run.heads)


def _page_run(run: _Run) -> bool:
    if run.durations or not run.heads:
        return False
    # "Article 3" may be one of a law: that it is one of twelve is told of a series alone.
    return run.numbers >= (2 if run.heads <= _PARTS_OF_SERIES else 1)


def _rank_run(run: _Run) -> bool:
    return run.numbers == 1 and bool(run.heads) and not run.durations


def _rating_run(run: _Run) -> bool:
    voters = _VOTERS & frozenset(run.words)
    return 1 <= run.numbers <= 3 and bool(run.heads and voters) and len(run.words) > 1


def _offer_run(run: _Run) -> bool:
    return run.numbers + run.durations == 1 and bool(run.heads) and len(run.words) > 1


def _poll_run(run: _Run) -> bool:
    return run.percents >= 1 and run.numbers <= 1 and bool(run.heads) and not run.durations


def _funds_run(run: _Run) -> bool:
    said = " ".join(run.words)
    own = any(word in said for word in _ITS_OWN) or not _ITS_OWN_EN.isdisjoint(said.split())
    return bool(run.heads) and own and not run.durations


_RUNS: dict[str, Callable[[_Run], bool]] = {
    "time": _time_run,
    "count": _count_run,
    "quota": _quota_run,
    "length": _length_run,
    "page": _page_run,
    "rank": _rank_run,
    "rating": _rating_run,
    "offer": _offer_run,
    "poll": _poll_run,
    "funds": _funds_run,
}
# What tells of a page's readers, not of what is told: a line of these runs alone is cut.
_COUNT_RUNS: dict[str, Callable[[_Run], bool]] = {
    "time": _time_run,
    "count": _count_run,
    "quota": _own_quota_run,
    "length": _length_run,
}
_RATED_RUNS = _COUNT_RUNS | {"rating": _rating_run}
