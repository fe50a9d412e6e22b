"""What publishers do that is no edit, each kind in ever other words, places and markup.

`FAMILIES` makes a habit for a site from a source of chance. A habit's words are put together from
parts, so that no two runs meet the same lines. What is right here was weighed line by line: a line
that only tells a time or counts, an advert that says it is one, an answer that is no page of the
site, another rendering of the same words. Where a reader could not tell either, it is left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from typing import Final

from tests.world.addresses import MOVES
from tests.world.layouts import View, draw_layout, notice
from tests.world.model import (
    Entry,
    Habit,
    Look,
    Reply,
    Request,
    Site,
    Story,
    hash_of,
    list_path,
    moment,
    turn_of,
)
from tests.world.wording import DAYS, MONTHS, converted, draft, headline, person, same_in_script

__all__ = ["FAMILIES", "HABIT_NOISE", "make_habit"]

Maker = Callable[[random.Random, str], Habit | None]


def _is_english(language: str) -> bool:
    return language == "en"


def _turn(reply: Reply, request: Request, site: Site) -> int:
    """Return the turn of the calendar at which an answer shows its story."""
    story = next(story for story in site.stories if story.id == reply.story)
    return turn_of(request.hours - max(story.since, 0.0))


# Lines

_PLAIN: Final = ("<p>{}</p>", "<div>{}</div>", "<p><em>{}</em></p>", "<p><small>{}</small></p>")
_CLASSED: Final = (
    '<div class="{c}">{}</div>', '<span class="{c}">{}</span>', '<p class="{c}">{}</p>',
    '<div class="{c}"><span>{}</span></div>', '<ul class="{c}"><li>{}</li></ul>',
)  # fmt: skip


def _line(
    chance: random.Random, kind: str, words: Callable[[int, Look], str], *, classes: Sequence[str],
    slots: Sequence[str] = ("meta", "before", "middle", "after"), plain: float = 0.5, html: bool = False,
) -> Habit:  # fmt: skip
    """Return a habit that shows a line whose words follow the turn."""
    slot = chance.choice(slots)
    shape = chance.choice(_PLAIN if chance.random() < plain else _CLASSED)
    css = chance.choice(classes)

    def view(view: View, look: Look) -> View:
        said = words(look.turn, look)
        return view.plus(slot, shape.replace("{c}", css).replace("{}", said if html else escape(said)))

    shown = shape.replace("{c}", css)
    sample = f"{slot}: {shown.replace('{}', words(1, _NO_LOOK))} → {words(2, _NO_LOOK)}"
    return Habit(kind=kind, sample=sample, view=view)


class _NoLook:
    hours = 6.0
    turn = 1


_NO_LOOK: Final = _NoLook()  # type: ignore[assignment]


def _numbers(chance: random.Random, low: int, high: int) -> list[int]:
    """Return numbers that rise from turn to turn."""
    start = chance.randint(low, high)
    made = [start]
    for _ in range(7):
        made.append(made[-1] + chance.randint(1, max(2, made[-1] // 3)))
    return made


def _ago(turn: int, language: str, chance: random.Random) -> str:
    minutes = (4, 65, 380, 1450, 4330, 10090, 43210)[min(turn, 6)] + chance.randint(0, 3)
    english = _is_english(language)
    if minutes < 60:
        return f"{minutes} minutes ago" if english else f"{minutes}分钟前"
    if minutes < 1440:
        hours = minutes // 60
        return (f"{hours} hour{'s' * (hours > 1)} ago") if english else f"{hours}小时前"
    days = minutes // 1440
    return (f"{days} day{'s' * (days > 1)} ago") if english else f"{days}天前"


def _relative_time(chance: random.Random, language: str) -> Habit:
    english = ("Updated {}", "Last updated {}", "{}", "Published {}", "Posted {}", "First seen here {}",
               "This page was refreshed {}", "Edited {} · 3 min read", "({})", "{} | Newsroom",
               "Filed {}", "— updated {}", "Story updated {}.", "Modified {}", "Last edit: {}")  # fmt: skip
    chinese = ("更新于{}", "最后更新：{}", "{}", "发布于{}", "{}更新", "本页{}刷新", "（{}）", "更新时间：{}",
               "{} 来自网页版", "最近编辑：{}", "编辑于 {}", "{} · 阅读约3分钟")  # fmt: skip
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    seed = chance.random()
    return _line(
        chance, "relative time",
        lambda turn, _: pattern.format(converted(_ago(turn, language, random.Random(seed)), language)),
        classes=("ts", "timeago", "upd", "meta-line", "when"),
    )  # fmt: skip


def _clock(chance: random.Random, language: str) -> Habit:
    english = ("Last updated: {h}:{m:02}", "Updated {h}:{m:02} GMT", "As of {h}:{m:02} today",
               "Updated {d} {mon} {y}, {h}:{m:02}", "Last updated at {h}:{m:02} on {d} {mon} {y}",
               "Page generated {y}-{n:02}-{d:02} {h}:{m:02}", "Latest update {d}/{n}/{y} {h}:{m:02}",
               "It is now {h}:{m:02}", "UPDATED {mon} {d}, {y} {h}:{m:02} UTC", "Printed on {d} {mon} {y}")  # fmt: skip
    chinese = ("更新时间：{y}-{n:02}-{d:02} {h}:{m:02}", "最后更新：{n}月{d}日 {h}:{m:02}", "现在是{h}点{m:02}分",
               "{y}年{n}月{d}日 {h}:{m:02} 更新", "页面生成时间 {y}/{n}/{d} {h}:{m:02}", "北京时间 {h}:{m:02}",
               "（{y}年{n}月{d}日{h}:{m:02}更新）", "截至{n}月{d}日{h}时")  # fmt: skip
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)

    def words(turn: int, look: Look) -> str:
        at = moment((0.4, 1, 6, 24, 73, 170, 721)[min(turn, 6)])
        return pattern.format(h=at.hour, m=(7 * turn + 3) % 60, d=at.day, n=at.month, y=at.year,
                              mon=MONTHS[at.month - 1])  # fmt: skip

    return _line(chance, "time of update", words, classes=("stamp", "updated", "clock", "info"))


def _today(chance: random.Random, language: str) -> Habit:
    english = ("Today is {w}, {d} {mon} {y}", "{w} {d} {mon}", "{w}, {mon} {d}, {y} — Late edition",
               "Good morning, it's {w}", "{w}'s edition")  # fmt: skip
    chinese = ("今天是{y}年{n}月{d}日 星期{z}", "{n}月{d}日 星期{z}", "{y}年{n}月{d}日 周{z} 晴", "今日：{n}月{d}日",
               "星期{z}版")  # fmt: skip
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)

    def words(turn: int, look: Look) -> str:
        at = moment((0.4, 1, 6, 24, 73, 170, 721)[min(turn, 6)])
        return pattern.format(w=DAYS[at.weekday()], d=at.day, n=at.month, y=at.year,
                              mon=MONTHS[at.month - 1], z="一二三四五六日"[at.weekday()])  # fmt: skip

    return _line(chance, "today's date", words, classes=("today", "date-bar", "edition"),
                 slots=("top", "meta", "before", "after"))  # fmt: skip


def _counter(kind: str, english: Sequence[str], chinese: Sequence[str], classes: Sequence[str],
             low: int = 12, high: int = 5000) -> Maker:  # fmt: skip
    def make(chance: random.Random, language: str) -> Habit:
        pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
        many = _numbers(chance, low, high)
        style = chance.choice(("{:,}", "{}", "{}"))
        return _line(
            chance, kind, lambda turn, _: pattern.replace("{}", style.format(many[min(turn, 7)])),
            classes=classes,
        )

    return make


_views = _counter(
    "view counter",
    ("{} views", "Views: {}", "Read {} times", "{} reads", "This page has been viewed {} times",
     "👁 {}", "{} people have read this article", "Hits: {}", "Seen by {}", "Page views {}",
     "{} readers so far"),
    ("阅读 {}", "阅读量：{}", "浏览次数：{}", "已有{}人阅读", "{}次浏览", "点击：{}", "（阅读{}次）", "围观人数 {}",
     "本文已被阅读{}次", "人气：{}", "{}阅读", "播放量 {}"),
    ("views", "hits", "stat", "count", "pv"),
)  # fmt: skip
_comments_count = _counter(
    "comment counter",
    ("{} comments", "Comments ({})", "Comments: {}", "Join the conversation: {} comments",
     "{} people are talking about this", "{} replies", "See all {} comments", "💬 {}",
     "Add to the {} comments below"),
    ("评论 {}", "评论（{}）", "{}条评论", "共{}条评论", "已有{}人参与讨论", "查看全部{}条评论", "{}人参与", "跟贴 {}",
     "网友评论：{}条"),
    ("cmt", "discussion", "stat", "num"), 3, 300,
)  # fmt: skip
_reactions = _counter(
    "likes and shares",
    ("Shared {} times", "{} shares", "Likes: {}", "{} likes", "♥ {}", "{} people like this",
     "Recommended by {} readers", "+{}", "{} bookmarks", "{} claps", "{} thumbs up",
     "Saved by {} readers"),
    ("点赞 {}", "赞（{}）", "{}人觉得很赞", "收藏 {}", "分享：{}", "转发 {} 次", "喜欢 {}", "在看 {}", "{}人收藏",
     "👍 {}", "已有{}人推荐"),
    ("likes", "social", "react", "count"), 3, 900,
)  # fmt: skip
_readers_now = _counter(
    "readers now",
    ("{} people are reading this now", "{} online", "{} readers on this page right now",
     "Now reading: {}", "Join {} others watching live", "{} watching"),
    ("当前{}人在线", "{}人正在阅读", "正在阅读：{}人", "在线人数 {}", "{}人正在看"),
    ("live", "online", "now"), 5, 400,
)  # fmt: skip


def _quota(chance: random.Random, language: str) -> Habit:
    english = ("You have {} free articles left this month", "{} of 10 free stories remaining",
               "This is article {} of your 12 free ones", "You've read {} stories this week",
               "{} free reads left. Create an account for more", "Your trial ends in {} days")  # fmt: skip
    chinese = ("您本月还可免费阅读{}篇文章", "剩余免费阅读次数：{}", "您已阅读{}篇", "试用期还剩{}天", "本周还可免费读{}篇")
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    return _line(chance, "reading quota", lambda turn, _: pattern.format(9 - min(turn, 8)),
                 classes=("meter", "quota", "reg", "notice"), slots=("top", "before", "middle", "after"))  # fmt: skip


def _rating(chance: random.Random, language: str) -> Habit:
    english = ("Rating: {r} out of 5 ({n} votes)", "{r}/5 stars from {n} readers", "Rate this story: {r} ({n})",
               "Was this useful? {n} said yes", "Readers' score {r} · {n} ratings")  # fmt: skip
    chinese = ("评分：{r}（{n}人评价）", "读者评分 {r} 分，共{n}票", "本文对您有帮助吗？{n}人认为有", "{n}人打分，平均{r}分")
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    many = _numbers(chance, 9, 300)
    return _line(
        chance, "rating",
        lambda turn, _: pattern.format(r=f"{3 + (7 * turn) % 19 / 10:.1f}", n=many[min(turn, 7)]),
        classes=("rating", "stars", "vote"), slots=("meta", "after"),
    )  # fmt: skip


def _poll(chance: random.Random, language: str) -> Habit:
    english = ("Poll: Yes {a}% · No {b}% ({n} votes)", "Reader poll — for: {a}%, against: {b}%",
               "You voted: {a}% agree, {b}% disagree, {n} votes cast")  # fmt: skip
    chinese = ("投票：赞成{a}% 反对{b}%（{n}票）", "读者投票 支持 {a}% 不支持 {b}%", "已有{n}人投票：同意{a}%")
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    many = _numbers(chance, 50, 900)

    def words(turn: int, _: Look) -> str:
        a = 40 + (11 * turn) % 23
        return pattern.format(a=a, b=100 - a, n=many[min(turn, 7)])

    return _line(chance, "poll result", words, classes=("poll", "vote-box"), plain=0.0,
                 slots=("middle", "after"))  # fmt: skip


def _ticker(chance: random.Random, language: str) -> Habit:
    english = ("FTSE 100 {a} ({s}{b}%)", "Nasdaq {a} {s}{b}% | Oil {c} {s}{b}%", "EUR/USD 1.{d} {s}{b}%",
               "London {t}°C, light rain", "Weather: {t}°C in Port Ellery", "Gold {a} ▲ {b}%")  # fmt: skip
    chinese = ("上证指数 {a} {s}{b}%", "沪深300 {a}（{s}{b}%）", "今日天气：多云 {t}℃", "美元/人民币 7.{d} {s}{b}%",
               "临渡 {t}℃ 小雨", "恒生指数 {a} {s}{b}%")  # fmt: skip
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)

    def words(turn: int, _: Look) -> str:
        return pattern.format(a=f"{5000 + 137 * turn % 900:,}.{turn}", b=f"0.{(3 * turn) % 9 + 1}",
                              s="+-"[turn % 2], c=f"{70 + turn}.2", d=1000 + 31 * turn, t=4 + turn)  # fmt: skip

    return _line(chance, "ticker or weather", words, classes=("ticker", "weather", "quotes", "mkt"), plain=0.0,
                 slots=("top", "before", "aside", "after"))  # fmt: skip


def _countdown(chance: random.Random, language: str) -> Habit:
    english = ("Offer ends in {} days", "Sale: {} days left", "Only {} days until our annual readers' fair",
               "{} days to go: book your seat at our conference")  # fmt: skip
    chinese = ("优惠还剩{}天", "距活动结束还有{}天", "读者节倒计时{}天", "报名截止还有{}天")
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    return _line(chance, "countdown", lambda turn, _: pattern.format(40 - 4 * turn), plain=0.0,
                 classes=("countdown", "promo-timer", "offer"), slots=("top", "before", "middle", "after"))  # fmt: skip


def _goal(chance: random.Random, language: str) -> Habit:
    english = ("€{n} of €50,000 raised — support our reporting", "{n} supporters so far. Be the next one",
               "We have reached {p}% of our goal. Donate today", "Support us: {n} readers already do")  # fmt: skip
    chinese = ("已筹集{n}元，支持我们的报道", "已有{n}位读者支持我们", "募捐进度 {p}%，感谢您的支持", "打赏（{n}人已打赏）")
    pattern = converted(chance.choice(english if _is_english(language) else chinese), language)
    many = _numbers(chance, 900, 9000)
    return _line(chance, "donation meter",
                 lambda turn, _: pattern.format(n=f"{many[min(turn, 7)]:,}", p=20 + 9 * turn), plain=0.2,
                 classes=("donate", "support", "fund"), slots=("before", "middle", "after"))  # fmt: skip


# Adverts and teasers

_GOODS: Final = (
    "running shoes,a cordless drill,garden chairs,car insurance,a river cruise,hearing aids,"
    "electric bikes,mattresses,language courses,kitchen knives,solar panels,winter tyres,"
    "meal kits,reading glasses,a savings account,noise-free vacuum cleaners"
).split(",")
_MAKERS: Final = "Brindlecorp,Halvorsen & Co,Mopsa,Quellmark,Tarrowby,Zentra Home,Oakwise,Velour Travel".split(",")
_GOODS_ZH: Final = "跑鞋 电钻 庭院椅 汽车保险 游轮之旅 助听器 电动自行车 床垫 语言课程 厨房刀具 太阳能板 冬季轮胎 净水器 理财产品".split()
_MAKERS_ZH: Final = "云顶家居 海棠旅行 木棉优选 星河汽车 蓝鲸保险 橙光教育 山茶数码".split()


def _pitch(chance: random.Random, language: str) -> str:
    if _is_english(language):
        return chance.choice(
            ("{m} now offers {g} at {p} percent off", "Discover {g} by {m}, made for your weekend",
             "Why thousands have switched to {g} from {m}", "{g}: the new range from {m} is here",
             "Save €{p} on {g} this week only at {m}", "Thinking of {g}? Ask {m} first",
             "{m}. {g} you can trust")
        ).format(m=chance.choice(_MAKERS), g=chance.choice(_GOODS), p=chance.randint(10, 70))  # fmt: skip
    pattern = chance.choice(
        ("{m}{g}限时{p}折", "选{g}，就选{m}", "{m}：{g}新品上市", "本周购买{g}立减{p}元，尽在{m}", "万千用户选择{m}{g}",
         "想买{g}？先问{m}")
    )  # fmt: skip
    return converted(
        pattern.format(m=chance.choice(_MAKERS_ZH), g=chance.choice(_GOODS_ZH), p=chance.randint(2, 9)),
        language,
    )


def _pitches(chance: random.Random, language: str) -> list[str]:
    return [_pitch(chance, language) for _ in range(8)]


def _labelled_advert(chance: random.Random, language: str) -> Habit:
    english = ("Sponsored:", "Advertisement:", "Ad:", "Promoted:", "Paid post:", "Partner content —",
               "ADVERTISEMENT", "From our sponsors:", "[Ad]", "Sponsored |")  # fmt: skip
    chinese = ("广告：", "推广：", "【广告】", "赞助内容：", "商业推广：", "广告 |", "[推广]", "合作推广：", "特别推荐（广告）：")
    label = converted(chance.choice(english if _is_english(language) else chinese), language)
    pitches = _pitches(chance, language)
    gap = "" if label.endswith(("：", "】")) else " "
    return _line(chance, "labelled advert", lambda turn, _: f"{label}{gap}{pitches[turn]}.",
                 classes=("x7", "box", "slot", "row"), slots=("before", "middle", "after"), plain=0.8)  # fmt: skip


def _classed_advert(chance: random.Random, language: str) -> Habit:
    pitches = _pitches(chance, language)
    return _line(
        chance, "advert by class", lambda turn, _: pitches[turn] + ".", plain=0.0,
        classes=("ad-slot", "promo", "advert", "sponsored-unit", "ads", "promo-box", "advertisement", "dfp-ad",
                 "native-ad", "adsbygoogle"),
        slots=("before", "middle", "after"),
    )  # fmt: skip


def _linked_advert(chance: random.Random, language: str) -> Habit:
    pitches = _pitches(chance, language)
    host = chance.choice(("ads.adnet-world.com", "click.adserve-world.net", "ad.doubleserve-world.com"))
    rel = chance.choice(("", ' rel="sponsored"', ' rel="nofollow sponsored noopener"', ' target="_blank"'))
    shape = chance.choice(("<p>{}</p>", "<div>{}</div>", "<p><strong>{}</strong></p>"))

    def words(turn: int, _: Look) -> str:
        link = f'<a href="https://{host}/c?id={hash_of(pitches[turn])}"{rel}>{escape(pitches[turn])}</a>'
        return shape.replace("{}", link)

    slot = chance.choice(("before", "middle", "after"))
    return Habit(
        kind="advert that is one link", sample=f"{slot}: {words(1, _NO_LOOK)}",
        view=lambda view, look: view.plus(slot, words(look.turn, look)),
    )  # fmt: skip


def _teaser(chance: random.Random, language: str) -> Habit:
    english = ("Read more:", "See also:", "Related:", "Don't miss:", "More:", "You may also like:", "READ NEXT:",
               "Also read")  # fmt: skip
    chinese = ("相关阅读：", "延伸阅读：", "点击阅读：", "推荐阅读：", "更多报道：", "往期回顾：", "另见：")
    label = converted(chance.choice(english if _is_english(language) else chinese), language)
    titles = [headline(chance, language) for _ in range(8)]
    shape = chance.choice(("<p>{l} <a href='{u}'>{t}</a></p>", "<p><strong>{l} <a href='{u}'>{t}</a></strong></p>",
                           "<p><a href='{u}'>{l} {t}</a></p>", "<div>{l}<a href='{u}'>{t}</a></div>"))  # fmt: skip
    slot = chance.choice(("before", "middle", "after"))

    def view(view: View, look: Look) -> View:
        title = titles[look.turn]
        return view.plus(slot, shape.format(l=label, u=f"/n/{hash_of(title)}.html", t=escape(title)))

    return Habit(kind="teaser within the text", view=view,
                 sample=f"{slot}: {shape.format(l=label, u='/n/1.html', t=titles[1])} → {titles[2]}")  # fmt: skip


def _offer(chance: random.Random, language: str) -> Habit:
    english = ("Subscribe for $1 a week", "Get the app and read without adverts", "Sign up to our science letter",
               "Support independent reporting: become a member", "Download our app for breaking news",
               "Give a subscription this winter", "Follow us on social media for more stories like this",
               "Start your free trial today")  # fmt: skip
    chinese = ("下载客户端，阅读更流畅", "扫码关注公众号，获取更多资讯", "订阅会员，畅读全文", "打开App查看更多精彩内容",
               "点击关注，不错过每一条新闻", "加入读者群，与编辑交流", "新用户注册即送一个月会员")  # fmt: skip
    lines = list(english if _is_english(language) else chinese)
    chance.shuffle(lines)
    lines = [converted(line, language) for line in lines]
    return _line(chance, "house offer by turns", lambda turn, _: lines[turn % len(lines)], plain=0.0,
                 classes=("promo", "cta", "app-download", "subscribe"), slots=("before", "middle", "after"))  # fmt: skip


def _list_inside(chance: random.Random, language: str) -> Habit:
    english = ("Most read", "Trending now", "Editors' picks", "Latest", "More from this section", "Popular this week")
    chinese = ("热门文章", "24小时热榜", "编辑推荐", "最新消息", "猜你喜欢", "大家都在看")
    label = converted(chance.choice(english if _is_english(language) else chinese), language)
    titles = [headline(chance, language) for _ in range(14)]
    tag, css = chance.choice(("h2", "h3", "h4", "strong")), chance.choice(("mod", "list", "rail", "most-read"))
    slot = chance.choice(("after", "after", "middle", "foot"))

    def view(view: View, look: Look) -> View:
        items = "".join(
            f'<li><a href="/n/{hash_of(t)}.html">{escape(t)}</a></li>' for t in titles[look.turn : look.turn + 5]
        )
        return view.plus(slot, f'<div class="{css}"><{tag}>{label}</{tag}><ol>{items}</ol></div>')

    return Habit(kind="list of other stories", sample=f"{slot}: <{tag}>{label}</{tag}><ol>…", view=view)


def _neighbours(chance: random.Random, language: str) -> Habit:
    before, after = ("Previous: ", "Next: ") if _is_english(language) else ("上一篇：", "下一篇：")
    titles = [headline(chance, language) for _ in range(9)]
    tag = chance.choice(("p", "div", "li"))

    def view(view: View, look: Look) -> View:
        pair = (before, titles[0]), (after, titles[look.turn + 1])
        said = "".join(f"<{tag}>{label}<a href='/n/{hash_of(t)}'>{escape(t)}</a></{tag}>" for label, t in pair)
        return view.plus("after", f'<div class="pn">{said}</div>')

    return Habit(kind="next and previous story", sample=f"after: <{tag}>{after}<a>{titles[1]}</a> → {titles[2]}", view=view)


def _readers_comments(chance: random.Random, language: str) -> Habit:
    label = ("Comments ({})", "{} comments", "Readers' comments") if _is_english(language) else ("评论（{}）", "网友评论", "全部评论 {}")
    head = converted(chance.choice(label), language)
    words = (
        ("I live nearby and this is exactly how it was.", "Finally somebody asks the right question!",
         "Not convinced. Where are the figures?", "Thank you for this piece, very clear.", "So who pays for it?",
         "They said the same thing ten years ago…", "My grandmother worked there, great memories.")
        if _is_english(language)
        else ("我就住在附近，情况确实如此。", "终于有人问到点子上了！", "不太相信，数据呢？", "写得很清楚，感谢记者。", "那钱由谁出？",
              "十年前他们也是这么说的……", "支持一下，希望早日建成。")
    )  # fmt: skip
    names = [converted(person(chance, language), language) for _ in range(8)]
    css = chance.choice(("comment", "comment-list", "cmt-item", "reply"))
    anchor = chance.choice(("comments", "disqus", "discussion", "pinglun"))

    def view(view: View, look: Look) -> View:
        items = "".join(
            f'<div class="{css}"><b>{names[i]}</b><p>{converted(words[i], language)}</p></div>'
            for i in range(min(look.turn, 6))
        )
        return view.plus(chance_slot, f'<section id="{anchor}"><h3>{head.format(look.turn)}</h3>{items}</section>')

    chance_slot = chance.choice(("after", "foot"))
    return Habit(kind="readers' comments grow", sample=f"{chance_slot}: <section id={anchor}><h3>{head}</h3><div class={css}>…", view=view)


def _banner(chance: random.Random, language: str) -> Habit:
    texts = [headline(chance, language) for _ in range(8)]
    label = ("BREAKING", "Just in", "Live") if _is_english(language) else ("快讯", "突发", "直播")
    label_ = converted(chance.choice(label), language)
    css = chance.choice(("breaking", "alert-bar", "flash", "live-bar"))
    return _line(chance, "breaking-news banner", lambda turn, _: f"{label_}: {texts[turn]}", classes=(css,), plain=0.0,
                 slots=("top", "aside", "foot"))  # fmt: skip


# Renderings of the same words


def _layout_by_turns(chance: random.Random, language: str) -> Habit:
    def drawn() -> object:
        layout = draw_layout(chance)
        return layout

    layouts = [drawn() for _ in range(chance.choice((1, 1, 2)))]
    order = [chance.randint(0, len(layouts)) for _ in range(8)]
    order[0], order[1] = 0, 1  # the second look sees another one

    def view(view: View, look: Look) -> View:
        number = order[look.turn]
        return view if number == 0 else replace(view, layout=layouts[number - 1])  # type: ignore[arg-type]

    said = ", ".join(f"{x.frame}/{x.body}/{x.byline}/{x.date}/{x.head}" for x in layouts)  # type: ignore[attr-defined]
    return Habit(kind="layouts by turns", sample=f"turns {order}: own layout (0), {said}", view=view)


def _redesign(chance: random.Random, language: str) -> Habit:
    new, since = draw_layout(chance), chance.choice((1, 2, 3, 4))
    return Habit(
        kind="redesign", sample=f"from turn {since}: {new.frame}/{new.body}/{new.byline}/{new.date}/{new.head}",
        view=lambda view, look: replace(view, layout=new) if look.turn >= since else view,
    )  # fmt: skip


def _markup(chance: random.Random, language: str) -> Habit:
    marks = [frozenset(chance.sample(("entities", "spaces", "emphasis", "link", "soft"), chance.randint(1, 2)))
             for _ in range(8)]  # fmt: skip
    marks[0] = frozenset()
    return Habit(kind="other markup of the same words", sample=" → ".join("+".join(sorted(m)) or "plain" for m in marks[:5]),
                 view=lambda view, look: replace(view, marks=marks[look.turn]))  # fmt: skip


def _charset(chance: random.Random, language: str) -> Habit:
    names = {"en": ("windows-1252", "iso-8859-1"), "zh-Hans": ("gb18030", "gbk", "gb2312"), "zh-Hant": ("big5", "gb18030")}
    charset, odd = chance.choice(names[language]), chance.randint(0, 1)
    in_header = chance.random() < 0.5

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or _turn(reply, request, site) % 2 != odd:
            return reply
        text = reply.body.decode("utf-8").replace('charset="utf-8"', f'charset="{charset}"')
        real = {"gb2312": "gbk", "iso-8859-1": "windows-1252"}.get(charset, charset)
        kind = f"text/html; charset={charset}" if in_header else "text/html"
        return replace(reply, headers={**reply.headers, "content-type": kind},
                       body=text.encode(real, "xmlcharrefreplace"))  # fmt: skip

    return Habit(kind="encodings by turns", sample=f"utf-8, then {charset} ({'header' if in_header else 'meta'})", reply=reply)


def _modified_bumps(chance: random.Random, language: str) -> Habit:
    style = chance.choice(("now", "future", "before publication"))

    def view(view: View, look: Look) -> View:
        at = {"now": moment(look.hours), "future": moment(look.hours + 9000),
              "before publication": view.published - timedelta(days=3 + look.turn)}[style]  # fmt: skip
        return replace(view, modified=at)

    return Habit(kind="modified time bumps", sample=f"dateModified: {style} at each look, same text", view=view)


def _wrong_clock(chance: random.Random, language: str) -> Habit:
    shift = chance.choice((-86400 * 400, 86400 * 30, -3600 * 7, 86400 * 3650))

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        at = format_datetime(moment(request.hours) + timedelta(seconds=shift), usegmt=True)
        extra = {"date": at, "last-modified": at, "expires": "Thu, 01 Jan 1970 00:00:00 GMT"}
        return replace(reply, headers={**reply.headers, **extra})

    def entry(entry: Entry, story: Story, hours: float) -> Entry:
        return replace(entry, published=entry.published + timedelta(seconds=shift))

    return Habit(kind="wrong clock", sample=f"Date, Last-Modified and the feed's times are off by {shift} s", reply=reply, entry=entry)


def _feed_habit(chance: random.Random, language: str) -> Habit:
    style = chance.choice(("guid anew", "date anew", "title by turns", "short title", "shouted title"))
    other = headline(chance, language)

    def entry(entry: Entry, story: Story, hours: float) -> Entry:
        turn = int(hours // 5)
        if style == "guid anew":
            return replace(entry, guid=f"{entry.url}#{turn}")
        if style == "date anew":
            return replace(entry, published=moment(hours))
        if style == "title by turns":
            return replace(entry, title=other if turn % 2 else entry.title)
        if style == "short title":
            return replace(entry, title=entry.title[: len(entry.title) // 2] + "…" if turn % 2 else entry.title)
        return replace(entry, title=entry.title.upper() if turn % 2 else entry.title)

    return Habit(kind="feed tells other things", sample=style, entry=entry)


# Headlines, languages, copies, walls


def _headline_test(chance: random.Random, language: str) -> Habit:
    count = chance.choice((1, 1, 2))
    titles = [headline(chance, language) for _ in range(count)]
    order = [0, 1] + [chance.randint(0, count) for _ in range(6)]

    def view(view: View, look: Look) -> View:
        number = order[look.turn]
        return replace(view, title=titles[number - 1]) if number else view

    return Habit(kind="headline test", sample=f"{count + 1} headlines, turns {order}: {titles[0]}", view=view,
                 versions=count, reverts=1)  # fmt: skip


def _social_headline(chance: random.Random, language: str) -> Habit:
    titles = [headline(chance, language) for _ in range(8)]

    def view(view: View, look: Look) -> View:
        return replace(view, meta_title=titles[look.turn] if look.turn % 2 else "")

    return Habit(kind="headline of the head by turns", sample=f"h1 stays, <title>, og:title and JSON-LD: {titles[1]}", view=view)


def _language_by_turns(chance: random.Random, language: str) -> Habit:
    seed = chance.random()
    until = chance.choice((2, 3, 4))
    script = language != "en" and chance.random() < 0.5
    other = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans", "en": "zh-Hans"}[language] if script or language == "en" else "en"
    once = chance.random() < 0.5

    def view(view: View, look: Look) -> View:
        shown = look.turn == until if once else look.turn >= 1 and look.turn % 2 == 1
        if not shown:
            return view
        if script:
            return replace(view, language=other, title=same_in_script(view.title, other),
                           paragraphs=tuple(same_in_script(p, other) for p in view.paragraphs),
                           authors=tuple(same_in_script(a, other) for a in view.authors))  # fmt: skip
        text = draft(random.Random(f"{seed}{look.story.id}"), other, paragraphs=len(view.paragraphs))
        return replace(view, language=other, title=text.title, paragraphs=text.lines(), authors=text.authors)

    kind = "scripts by turns" if script else "languages by turns"
    when = f"at turn {until}" if once else "every other turn"
    return Habit(kind=kind, sample=f"{language}, {when} {other}", view=view)


def _stale_copy(chance: random.Random, language: str) -> Habit | None:
    """A cache hands out the text of before an edit, with its own older dateModified and an Age."""
    # Played by `worlds`: the story has one true edit between turns 1 and 3, and a stale look later.
    when = chance.choice((4, 5))
    age = chance.choice((86400, 3600 * 30, 172800))
    with_age = chance.random() < 0.7

    def view(view: View, look: Look) -> View:
        texts = look.story.texts()
        if look.turn != when or len(texts) < 2:
            return view
        old = texts[0]
        return replace(view, title=old.title, paragraphs=old.lines(), authors=old.authors, modified=view.published)

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or not with_age:
            return reply
        if _turn(reply, request, site) != when:
            return reply
        return replace(reply, headers={**reply.headers, "age": str(age), "x-cache": "HIT", "via": "1.1 varnish"})

    return Habit(kind="stale copy", sample=f"an edit, then at turn {when} the old page, dateModified as it was"
                 + (f", Age: {age}" if with_age else ""), view=view, reply=reply)  # fmt: skip


_WALLS: Final = (
    "Subscribe to continue reading this article. Already a member? Log in",
    "You have reached your limit of free articles. Become a subscriber for full access",
    "This story is for members only. Join from €2 a month to read on",
    "To read the rest of this story, create a free account or sign in",
    "Unlock this article. Cancel anytime",
)
_WALLS_ZH: Final = (
    "登录后阅读全文", "本文为会员专享，订阅后可阅读全文", "剩余内容需付费阅读，开通会员即可查看", "您的免费阅读次数已用完，请订阅",
    "点击登录，继续阅读剩余80%的内容",
)  # fmt: skip


def _wall(chance: random.Random, language: str) -> Habit:
    text = converted(chance.choice(_WALLS if _is_english(language) else _WALLS_ZH), language)
    forever = chance.random() < 0.5
    since, shown = chance.choice((1, 2, 3)), chance.choice((1, 1, 2))

    def view(view: View, look: Look) -> View:
        closed = look.turn >= since if forever else look.turn in (since, since + 2)
        if not closed:
            return view
        return replace(view, wall=min(shown, len(view.paragraphs) - 2), wall_text=f"<p>{escape(text)}</p>")

    said = f"from turn {since} for good" if forever else f"at turns {since} and {since + 2}"
    return Habit(kind="paywall closes", sample=f"{said}: {shown} paragraphs, then: {text}", view=view)


# Answers of the whole site


def _outage(kind: str, make: Callable[[random.Random, str], tuple[str, Callable[[Request, Site], Reply]]], *,
            lists_too: float = 0.5, longest: float = 72.0) -> Maker:  # fmt: skip
    """Return a maker of habits in which a whole site answers something else for hours or days."""

    def habit(chance: random.Random, language: str) -> Habit:
        said, other = make(chance, language)
        begins = chance.choice((0.9, 5.5, 12.0, 23.0, 70.0, 166.0))
        lasts = chance.choice([h for h in (2.0, 9.0, 14.0, 30.0, 60.0) if h <= longest])
        with_lists = chance.random() < lists_too

        def reply(reply: Reply, request: Request, site: Site) -> Reply:
            if not begins <= request.hours < begins + lasts:
                return reply
            if not with_lists and any(request.path == list_path(k, n) for n, k in enumerate(site.lists)):
                return reply
            return other(request, site)

        return Habit(kind=kind, sample=f"hours {begins:g} to {begins + lasts:g}"
                     f"{', lists too' if with_lists else ''}: {said}", reply=reply)  # fmt: skip

    return habit


def _html(status: int, title: str, text: str, language: str, **headers: str) -> Reply:
    return Reply(status=status, headers={"content-type": "text/html; charset=utf-8", **headers},
                 body=notice(title, text, language=language).encode())  # fmt: skip


def _all_404(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((404, 404, 410))
    title = chance.choice(("Not Found", "404", "Page not found", "Error 404 (Not Found)", "页面不存在", "No such page"))
    return f"{status} {title} for every page", lambda request, site: _html(status, title, "Sorry.", language)


def _front_page(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((301, 302, 302, 307))

    def other(request: Request, site: Site) -> Reply:
        if request.path == "/":
            return _html(200, site.name, "Welcome to our front page.", language)
        return Reply(status=status, headers={"location": site.root + "/"})

    return f"{status} to the front page for every page", other


def _error_5xx(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((500, 502, 503, 504, 520, 508))
    title = chance.choice(("Service unavailable", "Bad gateway", "Internal Server Error", "服务器错误"))
    return f"{status} {title}", lambda request, site: _html(status, title, "Try again later.", language)


def _maintenance(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    english = (("We'll be right back", "The site is down for scheduled maintenance. Please come back in a few hours."),
               ("Site under maintenance", "We are moving to new servers tonight and expect to be back by morning."),
               ("Temporarily unavailable", "Our engineers are working on it. We apologise for the inconvenience."))  # fmt: skip
    chinese = (("系统维护中", "网站正在进行系统升级，预计数小时后恢复访问，敬请谅解。"), ("网站升级", "本站正在升级改造，请稍后再来。"),
               ("暂时无法访问", "服务器维护中，给您带来不便，深表歉意。"))  # fmt: skip
    title, text = chance.choice(english if _is_english(language) else chinese)
    title, text = converted(title, language), converted(text, language)
    return f"200 {title}: {text}", lambda request, site: _html(200, title, text, language)


def _blocked(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((403, 401, 406, 429, 202))
    title, text = chance.choice(
        (("Access denied", "You don't have permission to access this resource."), ("Forbidden", "Your request was blocked."),
         ("Just a moment...", "Checking your browser before accessing the site."), ("访问被拒绝", "您的请求过于频繁，请稍后再试。"))
    )  # fmt: skip
    return f"{status} {title}", lambda request, site: _html(status, title, text, language)


def _challenge(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    title, text = chance.choice(
        (("Are you a robot?", "Please confirm that you are human by ticking the box below."),
         ("Just a moment...", "Enable JavaScript and cookies to continue"), ("安全验证", "请完成下方验证后继续访问。"),
         ("Security check", "Complete the captcha to proceed to the site."), ("Pardon Our Interruption",
          "As you were browsing something about your browser made us think you were a bot."))
    )  # fmt: skip
    return f"200 {title}", lambda request, site: _html(200, title, text, language)


def _region(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    text = chance.choice(
        ("This content is not available in your region.", "For legal reasons our site cannot be reached from your country.",
         "We are unable to serve readers in your area at this time.", "根据当地法律法规，您所在的地区无法访问本站。")
    )  # fmt: skip
    return f"451 {text}", lambda request, site: _html(451, "Unavailable", text, language)


def _consent(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    text = "Before you continue: we and our partners use cookies to improve your experience."
    where = chance.choice(("/consent?continue={}", "/privacy-gate?r={}", "/login?return={}"))

    def other(request: Request, site: Site) -> Reply:
        if request.path.startswith(where.partition("?")[0]):
            title = "Log in" if "login" in where else "Your privacy"
            return _html(200, title, text, language)
        return Reply(status=302, headers={"location": where.format(request.path)})

    return f"302 to {where}", other


def _parked(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    title, text = chance.choice(
        (("This domain is for sale", "Buy this domain. Related links below."), ("Welcome to nginx!", "If you see this page, the web server is installed."),
         ("Account suspended", "This account has been suspended. Contact your hosting provider."), ("域名已过期", "该域名已到期，请联系注册商续费。"),
         ("Index of /", "Parent directory"), ("It works!", "This is the default web page for this server."))
    )  # fmt: skip
    return f"200 {title}", lambda request, site: _html(200, title, text, language)


def _broken(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    kind = chance.choice(("connect", "timeout", "tls", "truncated"))
    after = 400 if kind == "truncated" else -1
    return f"{kind}", lambda request, site: Reply(failure=kind, after=after, body=b"<html>" + b"x" * 900,
                                                 headers={"content-type": "text/html"})  # fmt: skip


def _empty(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    body, kind = chance.choice(((b"", "text/html"), (b"{}", "application/json"), (b"<html><body></body></html>", "text/html"),
                                (b"error\n", "text/plain"), (b"Database connection failed", "text/html")))  # fmt: skip
    return f"200 {body[:30]!r} as {kind}", lambda request, site: Reply(headers={"content-type": kind}, body=body)


def _torn(chance: random.Random, language: str) -> Habit:
    share, when = chance.choice((0.4, 0.6, 0.8)), chance.choice((1, 2, 3))
    declared = chance.random() < 0.3

    def view_of(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or reply.status != 200 or _turn(reply, request, site) != when:
            return reply
        # Within the text, wherever the page's furniture puts it.
        text = reply.body.decode("utf-8", "replace")
        place = re.search(r"<body>.*", text, re.S)
        start = place.start() if place else 0
        cut = text[: start + int((len(text) - start) * share)].encode()
        if declared:
            return replace(reply, failure="truncated", after=len(cut), key=None)
        return replace(reply, body=cut, close_delimited=True, key=None)

    how = "shorter than announced" if declared else "without a length"
    return Habit(kind="torn answer", sample=f"at turn {when} the page ends after {share:.0%} of its body, {how}", reply=view_of)


def _moves(chance: random.Random, language: str) -> Habit:
    addressing = chance.choice(MOVES)(chance)
    return Habit(kind=addressing.kind, sample=addressing.sample, addressing=addressing)


FAMILIES: Final[dict[str, Maker]] = {
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
    "labelled advert": _labelled_advert,
    "advert by class": _classed_advert,
    "advert that is one link": _linked_advert,
    "teaser within the text": _teaser,
    "house offer by turns": _offer,
    "list of other stories": _list_inside,
    "next and previous story": _neighbours,
    "readers' comments grow": _readers_comments,
    "breaking-news banner": _banner,
    "layouts by turns": _layout_by_turns,
    "redesign": _redesign,
    "other markup of the same words": _markup,
    "encodings by turns": _charset,
    "modified time bumps": _modified_bumps,
    "wrong clock": _wrong_clock,
    "feed tells other things": _feed_habit,
    "headline test": _headline_test,
    "headline of the head by turns": _social_headline,
    "languages by turns": _language_by_turns,
    "stale copy": _stale_copy,
    "paywall closes": _wall,
    "site-wide 404": _outage("site-wide 404", _all_404, longest=30.0),
    "site-wide front page": _outage("site-wide front page", _front_page, longest=30.0),
    "server errors": _outage("server errors", _error_5xx),
    "maintenance page": _outage("maintenance page", _maintenance),
    "requests refused": _outage("requests refused", _blocked),
    "challenge page": _outage("challenge page", _challenge),
    "region notice 451": _outage("region notice 451", _region, lists_too=0.0),
    "consent or login page": _outage("consent or login page", _consent),
    "parked domain": _outage("parked domain", _parked),
    "no answer": _outage("no answer", _broken),
    "empty answers": _outage("empty answers", _empty),
    "torn answer": _torn,
    "move with redirects": _moves,
    "move without redirects": _moves,
}
"""A maker for each kind of habit: given chance and a language, it returns one of that kind."""

HABIT_NOISE: Final = (
    "relative time", "time of update", "today's date", "view counter", "comment counter", "likes and shares",
    "readers now", "labelled advert", "advert by class", "advert that is one link", "teaser within the text",
    "list of other stories", "readers' comments grow", "modified time bumps",
)  # fmt: skip
"""Kinds that go along with true edits: what quiets them must not quiet those."""


def make_habit(chance: random.Random, kind: str, language: str) -> Habit:
    """Return a habit of a kind."""
    if kind.startswith("move "):
        while True:
            habit = _moves(chance, language)
            if habit.kind == kind:
                return habit
    habit = FAMILIES[kind](chance, language)
    assert habit is not None
    return habit
