"""Adverts, offers, teasers and lists of other stories, which are others at each look."""

from __future__ import annotations

import random
from html import escape
from typing import Final

from tests.world.habits.lines import NO_LOOK, Maker, is_english, line
from tests.world.layouts import View
from tests.world.model import Habit, Look, hash_of
from tests.world.wording import converted, headline, person, word_list

__all__ = ["ADVERTS_AND_TEASERS"]


_GOODS: Final = word_list(
    "running shoes,a cordless drill,garden chairs,car insurance,a river cruise,hearing aids,"
    "electric bikes,mattresses,language courses,kitchen knives,solar panels,winter tyres,"
    "meal kits,reading glasses,a savings account,noise-free vacuum cleaners",
    ",",
)
_MAKERS: Final = word_list(
    "Brindlecorp,Halvorsen & Co,Mopsa,Quellmark,Tarrowby,Zentra Home,Oakwise,Velour Travel", ","
)
_GOODS_ZH: Final = word_list(
    "跑鞋 电钻 庭院椅 汽车保险 游轮之旅 助听器 电动自行车 床垫 语言课程 厨房刀具 太阳能板"
    " 冬季轮胎 净水器 理财产品"
)
_MAKERS_ZH: Final = word_list("云顶家居 海棠旅行 木棉优选 星河汽车 蓝鲸保险 橙光教育 山茶数码")


def _pitch(chance: random.Random, language: str) -> str:
    if is_english(language):
        return chance.choice(
            (
                "{m} now offers {g} at {p} percent off",
                "Discover {g} by {m}, made for your weekend",
                "Why thousands have switched to {g} from {m}",
                "{g}: the new range from {m} is here",
                "Save €{p} on {g} this week only at {m}",
                "Thinking of {g}? Ask {m} first",
                "{m}. {g} you can trust",
            )
        ).format(m=chance.choice(_MAKERS), g=chance.choice(_GOODS), p=chance.randint(10, 70))
    pattern = chance.choice(
        (
            "{m}{g}限时{p}折",
            "选{g}，就选{m}",
            "{m}：{g}新品上市",
            "本周购买{g}立减{p}元，尽在{m}",
            "万千用户选择{m}{g}",
            "想买{g}？先问{m}",
        )
    )
    return converted(
        pattern.format(
            m=chance.choice(_MAKERS_ZH), g=chance.choice(_GOODS_ZH), p=chance.randint(2, 9)
        ),
        language,
    )


def _pitches(chance: random.Random, language: str) -> list[str]:
    return [_pitch(chance, language) for _ in range(8)]


def _labelled_advert(chance: random.Random, language: str) -> Habit:
    english = (
        "Sponsored:",
        "Advertisement:",
        "Ad:",
        "Promoted:",
        "Paid post:",
        "Partner content —",
        "ADVERTISEMENT",
        "From our sponsors:",
        "[Ad]",
        "Sponsored |",
    )
    chinese = (
        "广告：",
        "推广：",
        "【广告】",
        "赞助内容：",
        "商业推广：",
        "广告 |",
        "[推广]",
        "合作推广：",
        "特别推荐（广告）：",
    )
    label = converted(chance.choice(english if is_english(language) else chinese), language)
    pitches = _pitches(chance, language)
    gap = "" if label.endswith(("：", "】")) else " "
    return line(
        chance,
        "labelled advert",
        lambda turn, _: f"{label}{gap}{pitches[turn]}.",
        classes=("x7", "box", "slot", "row"),
        slots=("before", "middle", "after"),
        plain=0.8,
    )


def _classed_advert(chance: random.Random, language: str) -> Habit:
    pitches = _pitches(chance, language)
    return line(
        chance,
        "advert by class",
        lambda turn, _: pitches[turn] + ".",
        plain=0.0,
        classes=(
            "ad-slot",
            "promo",
            "advert",
            "sponsored-unit",
            "ads",
            "promo-box",
            "advertisement",
            "dfp-ad",
            "native-ad",
            "adsbygoogle",
        ),
        slots=("before", "middle", "after"),
    )


def _linked_advert(chance: random.Random, language: str) -> Habit:
    pitches = _pitches(chance, language)
    host = chance.choice(
        ("ads.adnet-world.com", "click.adserve-world.net", "ad.doubleserve-world.com")
    )
    rel = chance.choice(
        ("", ' rel="sponsored"', ' rel="nofollow sponsored noopener"', ' target="_blank"')
    )
    shape = chance.choice(("<p>{}</p>", "<div>{}</div>", "<p><strong>{}</strong></p>"))

    def words(turn: int, _: Look) -> str:
        link = f'<a href="https://{host}/c?id={hash_of(pitches[turn])}"{rel}>{escape(pitches[turn])}</a>'
        return shape.replace("{}", link)

    slot = chance.choice(("before", "middle", "after"))
    return Habit(
        kind="advert that is one link",
        sample=f"{slot}: {words(1, NO_LOOK)}",
        view=lambda view, look: view.plus(slot, words(look.turn, look)),
    )


def _teaser(chance: random.Random, language: str) -> Habit:
    english = (
        "Read more:",
        "See also:",
        "Related:",
        "Don't miss:",
        "More:",
        "You may also like:",
        "READ NEXT:",
        "Also read",
    )
    chinese = (
        "相关阅读：",
        "延伸阅读：",
        "点击阅读：",
        "推荐阅读：",
        "更多报道：",
        "往期回顾：",
        "另见：",
    )
    label = converted(chance.choice(english if is_english(language) else chinese), language)
    titles = [headline(chance, language) for _ in range(8)]
    shape = chance.choice(
        (
            "<p>{l} <a href='{u}'>{t}</a></p>",
            "<p><strong>{l} <a href='{u}'>{t}</a></strong></p>",
            "<p><a href='{u}'>{l} {t}</a></p>",
            "<div>{l}<a href='{u}'>{t}</a></div>",
        )
    )
    slot = chance.choice(("before", "middle", "after"))

    def view(view: View, look: Look) -> View:
        title = titles[look.turn]
        return view.plus(
            slot, shape.format(l=label, u=f"/n/{hash_of(title)}.html", t=escape(title))
        )

    return Habit(
        kind="teaser within the text",
        view=view,
        sample=f"{slot}: {shape.format(l=label, u='/n/1.html', t=titles[1])} → {titles[2]}",
    )


def _offer(chance: random.Random, language: str) -> Habit:
    english = (
        "Subscribe for $1 a week",
        "Get the app and read without adverts",
        "Sign up to our science letter",
        "Support independent reporting: become a member",
        "Download our app for breaking news",
        "Give a subscription this winter",
        "Follow us on social media for more stories like this",
        "Start your free trial today",
    )
    chinese = (
        "下载客户端，阅读更流畅",
        "扫码关注公众号，获取更多资讯",
        "订阅会员，畅读全文",
        "打开App查看更多精彩内容",
        "点击关注，不错过每一条新闻",
        "加入读者群，与编辑交流",
        "新用户注册即送一个月会员",
    )
    lines = list(english if is_english(language) else chinese)
    chance.shuffle(lines)
    lines = [converted(line, language) for line in lines]
    return line(
        chance,
        "house offer by turns",
        lambda turn, _: lines[turn % len(lines)],
        plain=0.0,
        classes=("promo", "cta", "app-download", "subscribe"),
        slots=("before", "middle", "after"),
    )


def _list_inside(chance: random.Random, language: str) -> Habit:
    english = (
        "Most read",
        "Trending now",
        "Editors' picks",
        "Latest",
        "More from this section",
        "Popular this week",
    )
    chinese = ("热门文章", "24小时热榜", "编辑推荐", "最新消息", "猜你喜欢", "大家都在看")
    label = converted(chance.choice(english if is_english(language) else chinese), language)
    titles = [headline(chance, language) for _ in range(14)]
    tag, css = (
        chance.choice(("h2", "h3", "h4", "strong")),
        chance.choice(("mod", "list", "rail", "most-read")),
    )
    slot = chance.choice(("after", "after", "middle", "foot"))

    def view(view: View, look: Look) -> View:
        items = "".join(
            f'<li><a href="/n/{hash_of(t)}.html">{escape(t)}</a></li>'
            for t in titles[look.turn : look.turn + 5]
        )
        return view.plus(slot, f'<div class="{css}"><{tag}>{label}</{tag}><ol>{items}</ol></div>')

    return Habit(
        kind="list of other stories", sample=f"{slot}: <{tag}>{label}</{tag}><ol>…", view=view
    )


def _neighbours(chance: random.Random, language: str) -> Habit:
    before, after = ("Previous: ", "Next: ") if is_english(language) else ("上一篇：", "下一篇：")
    titles = [headline(chance, language) for _ in range(9)]
    tag = chance.choice(("p", "div", "li"))

    def view(view: View, look: Look) -> View:
        pair = (before, titles[0]), (after, titles[look.turn + 1])
        said = "".join(
            f"<{tag}>{label}<a href='/n/{hash_of(t)}'>{escape(t)}</a></{tag}>" for label, t in pair
        )
        return view.plus("after", f'<div class="pn">{said}</div>')

    return Habit(
        kind="next and previous story",
        sample=f"after: <{tag}>{after}<a>{titles[1]}</a> → {titles[2]}",
        view=view,
    )


def _readers_comments(chance: random.Random, language: str) -> Habit:
    label = (
        ("Comments ({})", "{} comments", "Readers' comments")
        if is_english(language)
        else ("评论（{}）", "网友评论", "全部评论 {}")
    )
    head = converted(chance.choice(label), language)
    words = (
        (
            "I live nearby and this is exactly how it was.",
            "Finally somebody asks the right question!",
            "Not convinced. Where are the figures?",
            "Thank you for this piece, very clear.",
            "So who pays for it?",
            "They said the same thing ten years ago…",
            "My grandmother worked there, great memories.",
        )
        if is_english(language)
        else (
            "我就住在附近，情况确实如此。",
            "终于有人问到点子上了！",
            "不太相信，数据呢？",
            "写得很清楚，感谢记者。",
            "那钱由谁出？",
            "十年前他们也是这么说的……",
            "支持一下，希望早日建成。",
        )
    )
    names = [converted(person(chance, language), language) for _ in range(8)]
    css = chance.choice(("comment", "comment-list", "cmt-item", "reply"))
    anchor = chance.choice(("comments", "disqus", "discussion", "pinglun"))

    def view(view: View, look: Look) -> View:
        items = "".join(
            f'<div class="{css}"><b>{names[i]}</b><p>{converted(words[i], language)}</p></div>'
            for i in range(min(look.turn, 6))
        )
        return view.plus(
            chance_slot,
            f'<section id="{anchor}"><h3>{head.format(look.turn)}</h3>{items}</section>',
        )

    chance_slot = chance.choice(("after", "foot"))
    return Habit(
        kind="readers' comments grow",
        sample=f"{chance_slot}: <section id={anchor}><h3>{head}</h3><div class={css}>…",
        view=view,
    )


def _banner(chance: random.Random, language: str) -> Habit:
    texts = [headline(chance, language) for _ in range(8)]
    label = ("BREAKING", "Just in", "Live") if is_english(language) else ("快讯", "突发", "直播")
    label_ = converted(chance.choice(label), language)
    css = chance.choice(("breaking", "alert-bar", "flash", "live-bar"))
    return line(
        chance,
        "breaking-news banner",
        lambda turn, _: f"{label_}: {texts[turn]}",
        classes=(css,),
        plain=0.0,
        slots=("top", "aside", "foot"),
    )


def _tags(chance: random.Random, language: str) -> Habit:
    english = ("Topics:", "Filed under:", "Tags:", "More on:", "In this story:")
    chinese = ("标签：", "关键词：", "分类：", "话题：")
    label = converted(chance.choice(english if is_english(language) else chinese), language)
    english_words = "harbour ferries rail energy schools floods budget culture"
    chinese_words = "港口 渡轮 铁路 能源 教育 防汛 预算 文化"
    words = [*word_list(english_words if is_english(language) else chinese_words)]
    chance.shuffle(words)
    css = chance.choice(("tags", "topics", "tag-list", "keywords"))

    def view(view: View, look: Look) -> View:
        shown = words[: 2 + look.turn % 5]
        links = " ".join(
            f'<a href="/tag/{hash_of(w)}" rel="tag">{converted(w, language)}</a>' for w in shown
        )
        return view.plus("after", f'<div class="{css}">{label} {links}</div>')

    return Habit(
        kind="tags change",
        sample=f"after: <div class={css}>{label} {words[0]} {words[1]} …",
        view=view,
    )


def _consent_bar(chance: random.Random, language: str) -> Habit:
    english = (
        "We and our partners use cookies. Accept all or manage your settings.",
        "This site uses cookies to improve your visit. By going on you agree.",
        "Your choices about cookies: accept, reject or customise.",
    )
    chinese = (
        "本网站使用Cookie以改善您的浏览体验，继续浏览即表示同意。",
        "我们重视您的隐私，请选择是否接受Cookie。",
    )
    text = converted(chance.choice(english if is_english(language) else chinese), language)
    css = chance.choice(("cookie-banner", "consent", "gdpr", "cmp-container", "cookie-notice"))
    slot, odd = chance.choice(("top", "foot")), chance.randint(0, 1)

    def view(view: View, look: Look) -> View:
        if look.turn % 2 != odd:
            return view
        return view.plus(
            slot, f'<div class="{css}" role="dialog"><p>{text}</p><button>OK</button></div>'
        )

    return Habit(
        kind="consent bar by turns", sample=f"{slot}: <div class={css}><p>{text}", view=view
    )


ADVERTS_AND_TEASERS: Final[dict[str, Maker]] = {
    "labelled advert": _labelled_advert,
    "advert by class": _classed_advert,
    "advert that is one link": _linked_advert,
    "teaser within the text": _teaser,
    "house offer by turns": _offer,
    "list of other stories": _list_inside,
    "next and previous story": _neighbours,
    "readers' comments grow": _readers_comments,
    "breaking-news banner": _banner,
    "tags change": _tags,
    "consent bar by turns": _consent_bar,
}
"""Makers by kind."""
