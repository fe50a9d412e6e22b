"""Lines that tell a time or count something, within the text or beside it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from tests.world.layouts import View
from tests.world.model import Habit, Look, moment
from tests.world.wording import DAYS, MONTHS, converted

__all__ = ["NO_LOOK", "TIMES_AND_COUNTS", "Maker", "is_english", "line"]

Maker = Callable[[random.Random, str], Habit]
"""Makes a habit from chance for a language."""


def is_english(language: str) -> bool:
    """Return whether a language is English, and so not Chinese."""
    return language == "en"


_PLAIN: Final = ("<p>{}</p>", "<div>{}</div>", "<p><em>{}</em></p>", "<p><small>{}</small></p>")
_CLASSED: Final = (
    '<div class="{c}">{}</div>',
    '<span class="{c}">{}</span>',
    '<p class="{c}">{}</p>',
    '<div class="{c}"><span>{}</span></div>',
    '<ul class="{c}"><li>{}</li></ul>',
)


def line(
    chance: random.Random,
    kind: str,
    words: Callable[[int, Look], str],
    *,
    classes: Sequence[str],
    slots: Sequence[str] = ("meta", "before", "middle", "middle", "after"),
    plain: float = 0.5,
    html: bool = False,
) -> Habit:
    """Return a habit that shows a line whose words follow the turn."""
    slot = chance.choice(slots)
    shape = chance.choice(_PLAIN if chance.random() < plain else _CLASSED)
    css = chance.choice(classes)

    def view(view: View, look: Look) -> View:
        said = words(look.turn, look)
        return view.plus(
            slot, shape.replace("{c}", css).replace("{}", said if html else escape(said))
        )

    shown = shape.replace("{c}", css)
    sample = f"{slot}: {shown.replace('{}', words(1, NO_LOOK))} → {words(2, NO_LOOK)}"
    return Habit(kind=kind, sample=sample, view=view)


class _NoLook:
    hours = 6.0
    turn = 1


NO_LOOK: Final = _NoLook()  # type: ignore[assignment]


def _numbers(chance: random.Random, low: int, high: int) -> list[int]:
    """Return numbers that rise from turn to turn."""
    start = chance.randint(low, high)
    made = [start]
    for _ in range(7):
        made.append(made[-1] + chance.randint(1, max(2, made[-1] // 3)))
    return made


def _ago(turn: int, language: str, chance: random.Random) -> str:
    minutes = (4, 65, 380, 1450, 4330, 10090, 43210)[min(turn, 6)] + chance.randint(0, 3)
    english = is_english(language)
    if minutes < 60:
        return f"{minutes} minutes ago" if english else f"{minutes}分钟前"
    if minutes < 1440:
        hours = minutes // 60
        return (f"{hours} hour{'s' * (hours > 1)} ago") if english else f"{hours}小时前"
    days = minutes // 1440
    return (f"{days} day{'s' * (days > 1)} ago") if english else f"{days}天前"


def _relative_time(chance: random.Random, language: str) -> Habit:
    english = (
        "Updated {}",
        "Last updated {}",
        "{}",
        "Published {}",
        "Posted {}",
        "First seen here {}",
        "This page was refreshed {}",
        "Edited {} · 3 min read",
        "({})",
        "{} | Newsroom",
        "Filed {}",
        "— updated {}",
        "Story updated {}.",
        "Modified {}",
        "Last edit: {}",
    )
    chinese = (
        "更新于{}",
        "最后更新：{}",
        "{}",
        "发布于{}",
        "{}更新",
        "本页{}刷新",
        "（{}）",
        "更新时间：{}",
        "{} 来自网页版",
        "最近编辑：{}",
        "编辑于 {}",
        "{} · 阅读约3分钟",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    seed = chance.random()
    return line(
        chance,
        "relative time",
        lambda turn, _: pattern.format(
            converted(_ago(turn, language, random.Random(seed)), language)
        ),
        classes=("ts", "timeago", "upd", "meta-line", "when"),
    )


def _clock(chance: random.Random, language: str) -> Habit:
    english = (
        "Last updated: {h}:{m:02}",
        "Updated {h}:{m:02} GMT",
        "As of {h}:{m:02} today",
        "Updated {d} {mon} {y}, {h}:{m:02}",
        "Last updated at {h}:{m:02} on {d} {mon} {y}",
        "Page generated {y}-{n:02}-{d:02} {h}:{m:02}",
        "Latest update {d}/{n}/{y} {h}:{m:02}",
        "It is now {h}:{m:02}",
        "UPDATED {mon} {d}, {y} {h}:{m:02} UTC",
        "Printed on {d} {mon} {y}",
    )
    chinese = (
        "更新时间：{y}-{n:02}-{d:02} {h}:{m:02}",
        "最后更新：{n}月{d}日 {h}:{m:02}",
        "现在是{h}点{m:02}分",
        "{y}年{n}月{d}日 {h}:{m:02} 更新",
        "页面生成时间 {y}/{n}/{d} {h}:{m:02}",
        "北京时间 {h}:{m:02}",
        "（{y}年{n}月{d}日{h}:{m:02}更新）",
        "截至{n}月{d}日{h}时",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)

    def words(turn: int, look: Look) -> str:
        at = moment((0.4, 1, 6, 24, 73, 170, 721)[min(turn, 6)])
        return pattern.format(
            h=at.hour,
            m=(7 * turn + 3) % 60,
            d=at.day,
            n=at.month,
            y=at.year,
            mon=MONTHS[at.month - 1],
        )

    return line(chance, "time of update", words, classes=("stamp", "updated", "clock", "info"))


def _today(chance: random.Random, language: str) -> Habit:
    english = (
        "Today is {w}, {d} {mon} {y}",
        "{w} {d} {mon}",
        "{w}, {mon} {d}, {y} — Late edition",
        "Good morning, it's {w}",
        "{w}'s edition",
    )
    chinese = (
        "今天是{y}年{n}月{d}日 星期{z}",
        "{n}月{d}日 星期{z}",
        "{y}年{n}月{d}日 周{z} 晴",
        "今日：{n}月{d}日",
        "星期{z}版",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)

    def words(turn: int, look: Look) -> str:
        at = moment((0.4, 1, 6, 24, 73, 170, 721)[min(turn, 6)])
        return pattern.format(
            w=DAYS[at.weekday()],
            d=at.day,
            n=at.month,
            y=at.year,
            mon=MONTHS[at.month - 1],
            z="一二三四五六日"[at.weekday()],
        )

    return line(
        chance,
        "today's date",
        words,
        classes=("today", "date-bar", "edition"),
        slots=("top", "meta", "before", "after"),
    )


def _counter(
    kind: str,
    english: Sequence[str],
    chinese: Sequence[str],
    classes: Sequence[str],
    low: int = 12,
    high: int = 5000,
) -> Maker:
    def make(chance: random.Random, language: str) -> Habit:
        pattern = converted(chance.choice(english if is_english(language) else chinese), language)
        many = _numbers(chance, low, high)
        style = chance.choice(("{:,}", "{}", "{}"))
        return line(
            chance,
            kind,
            lambda turn, _: pattern.replace("{}", style.format(many[min(turn, 7)])),
            classes=classes,
        )

    return make


_views = _counter(
    "view counter",
    (
        "{} views",
        "Views: {}",
        "Read {} times",
        "{} reads",
        "This page has been viewed {} times",
        "👁 {}",
        "{} people have read this article",
        "Hits: {}",
        "Seen by {}",
        "Page views {}",
        "{} readers so far",
    ),
    (
        "阅读 {}",
        "阅读量：{}",
        "浏览次数：{}",
        "已有{}人阅读",
        "{}次浏览",
        "点击：{}",
        "（阅读{}次）",
        "围观人数 {}",
        "本文已被阅读{}次",
        "人气：{}",
        "{}阅读",
        "播放量 {}",
    ),
    ("views", "hits", "stat", "count", "pv"),
)
_comments_count = _counter(
    "comment counter",
    (
        "{} comments",
        "Comments ({})",
        "Comments: {}",
        "Join the conversation: {} comments",
        "{} people are talking about this",
        "{} replies",
        "See all {} comments",
        "💬 {}",
        "Add to the {} comments below",
    ),
    (
        "评论 {}",
        "评论（{}）",
        "{}条评论",
        "共{}条评论",
        "已有{}人参与讨论",
        "查看全部{}条评论",
        "{}人参与",
        "跟贴 {}",
        "网友评论：{}条",
    ),
    ("cmt", "discussion", "stat", "num"),
    3,
    300,
)
_reactions = _counter(
    "likes and shares",
    (
        "Shared {} times",
        "{} shares",
        "Likes: {}",
        "{} likes",
        "♥ {}",
        "{} people like this",
        "Recommended by {} readers",
        "+{}",
        "{} bookmarks",
        "{} claps",
        "{} thumbs up",
        "Saved by {} readers",
    ),
    (
        "点赞 {}",
        "赞（{}）",
        "{}人觉得很赞",
        "收藏 {}",
        "分享：{}",
        "转发 {} 次",
        "喜欢 {}",
        "在看 {}",
        "{}人收藏",
        "👍 {}",
        "已有{}人推荐",
    ),
    ("likes", "social", "react", "count"),
    3,
    900,
)
_readers_now = _counter(
    "readers now",
    (
        "{} people are reading this now",
        "{} online",
        "{} readers on this page right now",
        "Now reading: {}",
        "Join {} others watching live",
        "{} watching",
    ),
    ("当前{}人在线", "{}人正在阅读", "正在阅读：{}人", "在线人数 {}", "{}人正在看"),
    ("live", "online", "now"),
    5,
    400,
)


def _quota(chance: random.Random, language: str) -> Habit:
    english = (
        "You have {} free articles left this month",
        "{} of 10 free stories remaining",
        "This is article {} of your 12 free ones",
        "You've read {} stories this week",
        "{} free reads left. Create an account for more",
        "Your trial ends in {} days",
    )
    chinese = (
        "您本月还可免费阅读{}篇文章",
        "剩余免费阅读次数：{}",
        "您已阅读{}篇",
        "试用期还剩{}天",
        "本周还可免费读{}篇",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    return line(
        chance,
        "reading quota",
        lambda turn, _: pattern.format(9 - min(turn, 8)),
        classes=("meter", "quota", "reg", "notice"),
        slots=("top", "before", "middle", "after"),
    )


def _rating(chance: random.Random, language: str) -> Habit:
    english = (
        "Rating: {r} out of 5 ({n} votes)",
        "{r}/5 stars from {n} readers",
        "Rate this story: {r} ({n})",
        "Was this useful? {n} said yes",
        "Readers' score {r} · {n} ratings",
    )
    chinese = (
        "评分：{r}（{n}人评价）",
        "读者评分 {r} 分，共{n}票",
        "本文对您有帮助吗？{n}人认为有",
        "{n}人打分，平均{r}分",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    many = _numbers(chance, 9, 300)
    return line(
        chance,
        "rating",
        lambda turn, _: pattern.format(r=f"{3 + (7 * turn) % 19 / 10:.1f}", n=many[min(turn, 7)]),
        classes=("rating", "stars", "vote"),
        slots=("meta", "after"),
    )


def _poll(chance: random.Random, language: str) -> Habit:
    english = (
        "Poll: Yes {a}% · No {b}% ({n} votes)",
        "Reader poll — for: {a}%, against: {b}%",
        "You voted: {a}% agree, {b}% disagree, {n} votes cast",
    )
    chinese = (
        "投票：赞成{a}% 反对{b}%（{n}票）",
        "读者投票 支持 {a}% 不支持 {b}%",
        "已有{n}人投票：同意{a}%",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    many = _numbers(chance, 50, 900)

    def words(turn: int, _: Look) -> str:
        a = 40 + (11 * turn) % 23
        return pattern.format(a=a, b=100 - a, n=many[min(turn, 7)])

    return line(
        chance,
        "poll result",
        words,
        classes=("poll", "vote-box"),
        plain=0.0,
        slots=("middle", "after"),
    )


def _ticker(chance: random.Random, language: str) -> Habit:
    english = (
        "FTSE 100 {a} ({s}{b}%)",
        "Nasdaq {a} {s}{b}% | Oil {c} {s}{b}%",
        "EUR/USD 1.{d} {s}{b}%",
        "London {t}°C, light rain",
        "Weather: {t}°C in Port Ellery",
        "Gold {a} ▲ {b}%",
    )
    chinese = (
        "上证指数 {a} {s}{b}%",
        "沪深300 {a}（{s}{b}%）",
        "今日天气：多云 {t}℃",
        "美元/人民币 7.{d} {s}{b}%",
        "临渡 {t}℃ 小雨",
        "恒生指数 {a} {s}{b}%",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)

    def words(turn: int, _: Look) -> str:
        return pattern.format(
            a=f"{5000 + 137 * turn % 900:,}.{turn}",
            b=f"0.{(3 * turn) % 9 + 1}",
            s="+-"[turn % 2],
            c=f"{70 + turn}.2",
            d=1000 + 31 * turn,
            t=4 + turn,
        )

    return line(
        chance,
        "ticker or weather",
        words,
        classes=("ticker", "weather", "quotes", "mkt"),
        plain=0.0,
        slots=("top", "before", "aside", "after"),
    )


def _countdown(chance: random.Random, language: str) -> Habit:
    english = (
        "Offer ends in {} days",
        "Sale: {} days left",
        "Only {} days until our annual readers' fair",
        "{} days to go: book your seat at our conference",
    )
    chinese = ("优惠还剩{}天", "距活动结束还有{}天", "读者节倒计时{}天", "报名截止还有{}天")
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    return line(
        chance,
        "countdown",
        lambda turn, _: pattern.format(40 - 4 * turn),
        plain=0.0,
        classes=("countdown", "promo-timer", "offer"),
        slots=("top", "before", "middle", "after"),
    )


def _goal(chance: random.Random, language: str) -> Habit:
    english = (
        "€{n} of €50,000 raised — support our reporting",
        "{n} supporters so far. Be the next one",
        "We have reached {p}% of our goal. Donate today",
        "Support us: {n} readers already do",
    )
    chinese = (
        "已筹集{n}元，支持我们的报道",
        "已有{n}位读者支持我们",
        "募捐进度 {p}%，感谢您的支持",
        "打赏（{n}人已打赏）",
    )
    pattern = converted(chance.choice(english if is_english(language) else chinese), language)
    many = _numbers(chance, 900, 9000)
    return line(
        chance,
        "donation meter",
        lambda turn, _: pattern.format(n=f"{many[min(turn, 7)]:,}", p=20 + 9 * turn),
        plain=0.2,
        classes=("donate", "support", "fund"),
        slots=("before", "middle", "after"),
    )


TIMES_AND_COUNTS: Final[dict[str, Maker]] = {
    "relative time": _relative_time,
    "time of update": _clock,
    "today's date": _today,
    "view counter": _views,
    "comment counter": _comments_count,
    "likes and shares": _reactions,
    "readers now": _readers_now,
    "reading quota": _quota,
    "rating": _rating,
    "poll result": _poll,
    "ticker or weather": _ticker,
    "countdown": _countdown,
    "donation meter": _goal,
}
"""Makers by kind."""
