"""How the pages of a site look: one composition of very many, drawn once for a site.

A layout is drawn part by part (what the head says, how byline and time are printed, what paragraphs
are made of, what stands around them), so that hardly two of a run are alike.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Final

from tests.world.wording import converted, word_list

__all__ = ["SLOTS", "Layout", "View", "draw_layout", "notice", "render"]

# Where a line that is no part of the story may stand.
SLOTS: Final = ("top", "meta", "before", "middle", "after", "aside", "foot")

_WORDS: Final = {
    "en": {
        "home": "Home",
        "sections": "World|Science|Money|Culture|Opinion|Technology|Weather",
        "by": "By|Written by|Words:",
        "published": "Published|First published|Posted",
        "related": "More on this story|Related stories|Read next",
        "share": "Share|Email|Copy link",
        "about": "About us|Privacy policy|Contact|Terms of use",
        "rights": "All rights reserved.",
        "and": " and ",
        "comments": "Comments",
        "news": "Latest news",
        "read": "Most read",
        "letter": "Get our morning letter|Sign up for the weekly digest",
    },
    "zh": {
        "home": "首页",
        "sections": "国际|科技|财经|文化|评论|体育|天气",
        "by": "记者|作者：|文｜|撰文：",
        "published": "发布时间：|发表于|",
        "related": "相关阅读|延伸阅读|更多报道",
        "share": "分享|复制链接|微信",
        "about": "关于我们|隐私政策|联系方式|网站地图",
        "rights": "版权所有，未经许可不得转载。",
        "and": "、",
        "comments": "评论",
        "news": "最新消息",
        "read": "热门文章",
        "letter": "订阅每日简报|关注我们的公众号",
    },
}
_OTHERS: Final = {
    "en": (
        "Ferry fares to change in spring",
        "Museum finds a lost map in its cellar",
        "Storm closes three schools",
        "How to read an election poll",
        "Bakers count the cost of salt",
        "A quiet year for the lighthouse",
        "Chess club moves to the station",
        "Tram drivers vote",
    ),
    "zh": (
        "渡轮票价明春调整",
        "博物馆地库发现失落地图",
        "风暴致三所学校停课",
        "如何看懂一份民调",
        "面包师算盐账",
        "灯塔平静的一年",
        "棋社搬进火车站",
        "电车司机投票",
    ),
}
_ENGLISH_MONTHS: Final = word_list(
    "January February March April May June July August September October November December"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A site's template.

    Attributes:
        seed: of what differs from site to site and has no name.
        body: what paragraphs are made of: p, span, div, line breaks, sections.
        frame: elements around them.
        head: what the head says: og, json-ld, both, name metas, title only.
        byline: how writers are printed.
        date: how the time is printed.
        furniture: blocks around the story, by name.
        suffix: how the site's name follows the title.
    """

    seed: str
    body: str
    frame: str
    head: str
    byline: str
    date: str
    furniture: tuple[str, ...]
    suffix: str
    quotes: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one answer shows of a story.

    Attributes:
        layout: of the page.
        language: tag of the page.
        site: name of the publisher.
        url: address of the page.
        canonical: address that it names, "" for none.
        title: headline.
        paragraphs: text.
        authors: names.
        published: aware.
        modified: aware, or None where the page does not say.
        inserts: (slot, markup) pairs.
        others: addresses and headlines of other stories.
        meta_title: headline of the head where it is another one.
        head: more for the head.
        wall: how many paragraphs are shown before a wall, or None.
        wall_text: what the wall says.
        mark: changes in markup alone, by name.
    """

    layout: Layout
    language: str
    site: str
    url: str
    canonical: str
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None = None
    inserts: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    meta_title: str = ""
    head: str = ""
    wall: int | None = None
    wall_text: str = ""
    marks: frozenset[str] = field(default_factory=frozenset)

    def plus(self, slot: str, markup: str) -> View:
        """Return the view with a line more."""
        return replace(self, inserts=(*self.inserts, (slot, markup)))


def draw_layout(chance: random.Random) -> Layout:
    """Return a layout."""
    furniture = tuple(
        name
        for name in ("nav", "crumbs", "share", "related", "read", "letter", "comments", "footer")
        if chance.random() < 0.6
    )
    return Layout(
        seed=str(chance.random()),
        body=chance.choice(("p", "p", "p", "p class", "div", "p span", "br", "sections", "figure")),
        frame=chance.choice(("article", "main article", "div", "main", "section", "deep", "table")),
        head=chance.choice(("og", "json-ld", "both", "both", "metas")),
        byline=chance.choice(("p", "span", "link", "address", "row", "itemprop", "list")),
        date=chance.choice(("time", "time text", "span", "zoned", "with byline")),
        furniture=furniture if len(furniture) > 2 else ("nav", "share", "footer"),
        suffix=chance.choice((" - {}", " | {}", " – {}", "_{}", " :: {}", "")),
    )


def _zone(language: str) -> timezone:
    return timezone(timedelta(hours=0 if language == "en" else 8))


def _printed(moment: datetime, language: str, style: str) -> str:
    local = moment.astimezone(_zone(language))
    if language == "en":
        month = _ENGLISH_MONTHS[local.month - 1]
        text = f"{local.day} {month} {local.year}, {local:%H:%M}"
        return text + " UTC" if style == "zoned" else text
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


class _Page:
    """One rendering: the view, and chances that are the same at each of them."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.layout = view.layout
        self.language = view.language
        self.words = _WORDS["en" if view.language == "en" else "zh"]
        self.chance = random.Random(view.layout.seed)
        self.css = f"{self.chance.choice('abcdefgh')}{self.chance.randint(10, 99)}"
        # Drawn in a fixed order, so that what is shown in between changes nothing.
        self.picked = {
            name: self.chance.choice(text.split("|")) for name, text in self.words.items()
        }

    def word(self, name: str) -> str:
        return escape(converted(self.picked[name], self.language))

    def words_of(self, name: str) -> list[str]:
        return [escape(converted(w, self.language)) for w in self.words[name].split("|")]

    def slot(self, name: str) -> str:
        return "\n".join(markup for slot, markup in self.view.inserts if slot == name)

    # Head

    def head(self) -> str:
        view = self.view
        meta = escape(view.meta_title or view.title, quote=True)
        suffix = self.layout.suffix.format(view.site)
        lines = [f"<title>{escape(view.meta_title or view.title)}{escape(suffix)}</title>"]
        kind = self.layout.head
        times = [("published_time", view.published)]
        times += [("modified_time", view.modified)] if view.modified else []
        if kind in ("og", "both"):
            lines += [
                '<meta property="og:type" content="article">',
                f'<meta property="og:title" content="{meta}">',
                f'<meta property="og:site_name" content="{escape(view.site)}">',
            ]
            lines += [
                f'<meta property="article:{name}" content="{moment.isoformat()}">'
                for name, moment in times
            ]
        if kind in ("json-ld", "both"):
            data = {
                "@context": "https://schema.org",
                "@type": "NewsArticle",
                "headline": view.meta_title or view.title,
                "datePublished": view.published.isoformat(),
                "author": [{"@type": "Person", "name": name} for name in view.authors],
                "publisher": {"@type": "Organization", "name": view.site},
                "mainEntityOfPage": view.canonical or view.url,
            }
            if view.modified:
                data["dateModified"] = view.modified.isoformat()
            said = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
            lines.append(f'<script type="application/ld+json">{said}</script>')
        if kind == "metas":
            lines += [
                f'<meta name="author" content="{escape(", ".join(view.authors))}">',
                f'<meta name="pubdate" content="{view.published.isoformat()}">',
            ]
            if view.modified:
                lines.append(f'<meta name="lastmod" content="{view.modified.isoformat()}">')
        if view.canonical:
            lines.append(f'<link rel="canonical" href="{escape(view.canonical, quote=True)}">')
        return "\n".join([*lines, view.head])

    # Byline and time

    def byline(self) -> str:
        view, style = self.view, self.layout.byline
        by, joint = self.word("by"), converted(self.words["and"], self.language)
        names = [escape(name) for name in view.authors]
        said = joint.join(names)
        gap = "" if by.endswith(("：", "｜")) else " "
        if style == "span":
            made = f'<span class="author-name">{by}{gap}{said}</span>'
        elif style == "link":
            links = joint.join(
                f'<a rel="author" href="/people/{i}">{name}</a>' for i, name in enumerate(names)
            )
            made = f'<div class="{self.css}-by">{by}{gap}{links}</div>'
        elif style == "address":
            made = f'<address class="author">{by}{gap}{said}</address>'
        elif style == "itemprop":
            inner = joint.join(f'<span itemprop="author">{name}</span>' for name in names)
            made = f'<p class="credit">{by}{gap}{inner}</p>'
        elif style == "list":
            inner = "".join(f"<li>{name}</li>" for name in names)
            made = f'<ul class="authors">{inner}</ul>'
        else:
            made = f'<p class="byline">{by}{gap}{said}</p>'
        return made

    def time(self) -> str:
        view, style = self.view, self.layout.date
        printed = _printed(view.published, view.language, style)
        label = self.word("published")
        gap = " " if label and not label.endswith("：") else ""
        if style == "time":
            return f'<time datetime="{view.published.isoformat()}">{printed}</time>'
        if style == "time text":
            inner = f'<time datetime="{view.published.isoformat()}">{printed}</time>'
            return f'<p class="dateline">{label}{gap}{inner}</p>'
        return f'<span class="pub-date">{label}{gap}{printed}</span>'

    # Text

    def paragraphs(self) -> list[str]:
        view = self.view
        shown = view.paragraphs if view.wall is None else view.paragraphs[: view.wall]
        made = []
        for number, text in enumerate(shown):
            soft = "tion" if view.language == "en" else text[8:9]
            if "soft" in view.marks and soft:
                # A mark for a place where a word may break, put where no entity will stand.
                text = text.replace(soft, f"\0{soft}", 1)
            said = escape(text, quote=False)
            if "entities" in view.marks:
                said = said.replace("’", "&#8217;").replace("“", "&ldquo;").replace("”", "&rdquo;")
                said = (
                    "".join(
                        f"&#{ord(c)};" if i % 37 == 5 and c.isalpha() else c
                        for i, c in enumerate(said)
                    )
                    if "&" not in said
                    else said
                )
            if "spaces" in view.marks:
                said = (
                    said.replace(" ", "\n   ", 3) if view.language == "en" else f"\n\t　　{said}\n"
                )
            if "emphasis" in view.marks and number % 2:
                head, _, rest = said.partition(" " if view.language == "en" else "，")
                joint = " " if view.language == "en" else "，"
                said = f"<b>{head}</b>{joint}{rest}" if rest else said
            if "link" in view.marks and number % 2 == 0:
                words = said.split(" ")
                if len(words) > 6:
                    words[3] = f'<a href="/tag/{self.css}?ref={len(said)}">{words[3]}</a>'
                said = " ".join(words)
            made.append(said.replace("\0", "&shy;" if view.language == "en" else "<wbr>"))
        return made

    def body(self) -> str:
        view, style = self.view, self.layout.body
        said = self.paragraphs()
        middle = self.slot("middle")
        pieces: list[str] = []
        for number, text in enumerate(said):
            if number == max(1, len(said) // 2) and middle:
                # Among line breaks, what is inserted is a line of its own as well.
                pieces.append(f"{middle}<br><br>" if style == "br" else middle)
            if style == "sections" and number and number % 3 == 0:
                pieces.append(f'</div><div class="{self.css}-sec">')
            if style == "p class":
                pieces.append(f'<p class="{self.css}-para" data-n="{number}">{text}</p>')
            elif style == "div":
                pieces.append(f'<div class="{self.css}-text">{text}</div>')
            elif style == "p span":
                pieces.append(f"<p><span>{text}</span></p>")
            elif style == "br":
                pieces.append(f"{text}<br><br>")
            else:
                pieces.append(f"<p>{text}</p>")
            if style == "figure" and number == 0:
                pieces.append(
                    f'<figure><img src="/img/{self.css}.jpg" alt="" width="800"'
                    ' height="450"></figure>'
                )
        inner = "\n".join(pieces)
        if style == "br":
            # Blocks among line breaks: what is inserted is a block of its own.
            inner = f"<div>{inner}</div>"
        if style == "sections":
            inner = f'<div class="{self.css}-sec">{inner}</div>'
        if view.wall is not None:
            inner += f'<div class="paywall">{view.wall_text}</div>'
        name = self.chance_name()
        return f'<div class="{name}">{inner}</div>'

    def chance_name(self) -> str:
        names = ("article-body", "story-text", "entry-content", "post-content", self.css, "content")
        return names[sum(map(ord, self.css)) % len(names)]

    # Around it

    def furniture(self, name: str) -> str:
        view = self.view
        if name not in self.layout.furniture:
            return ""
        if name == "nav":
            links = "".join(
                f'<a href="/s{i}">{w}</a> ' for i, w in enumerate(self.words_of("sections"))
            )
            return f'<nav><a href="/">{self.word("home")}</a> {links}</nav>'
        if name == "crumbs":
            section = self.words_of("sections")[1]
            links = f'<a href="/">{self.word("home")}</a> › <a href="/s1">{section}</a>'
            return f'<div class="breadcrumb">{links}</div>'
        if name == "share":
            links = "".join(
                f'<a href="#{i}">{w}</a> ' for i, w in enumerate(self.words_of("share"))
            )
            return f'<div class="share-tools">{links}</div>'
        if name in ("related", "read"):
            known = list(view.others) or [
                (f"/o/{i}", converted(t, view.language))
                for i, t in enumerate(_OTHERS["en" if view.language == "en" else "zh"])
            ]
            items = "".join(f'<li><a href="{u}">{escape(t)}</a></li>' for u, t in known[:5])
            return f'<aside class="{name}"><h3>{self.word(name)}</h3><ul>{items}</ul></aside>'
        if name == "letter":
            form = '<form><input type="email"></form>'
            return f'<div class="newsletter"><p>{self.word("letter")}</p>{form}</div>'
        if name == "comments":
            return f'<section id="comments"><h3>{self.word("comments")}</h3></section>'
        links = " ".join(f'<a href="/i{i}">{w}</a>' for i, w in enumerate(self.words_of("about")))
        return f"<footer>{links} <p>© {escape(view.site)}. {self.word('rights')}</p></footer>"

    def page(self) -> str:
        view = self.view
        title = f"<h1>{escape(view.title)}</h1>"
        by, time = self.byline(), self.time()
        if self.layout.date == "with byline":
            line = f'<div class="meta">{by} {time}</div>'
        elif self.layout.byline == "row":
            line = f'<div class="info"><span>{by}</span><span>{time}</span></div>'
        else:
            line = f"{by}\n{time}"
        story = "\n".join(
            part
            for part in (
                self.slot("top"),
                title,
                line,
                self.slot("meta"),
                self.furniture("share"),
                self.slot("before"),
                self.body(),
                self.slot("after"),
                self.furniture("letter"),
            )
            if part
        )
        beside = self.furniture("related") + self.furniture("read") + self.slot("aside")
        framed = self.frame(story, beside)
        return f"""<!doctype html>
<html lang="{view.language}"><head><meta charset="utf-8">
{self.head()}
</head><body>
<header><a class="logo" href="/">{escape(view.site)}</a>{self.furniture("nav")}</header>
{self.furniture("crumbs")}
{framed}
{self.furniture("comments")}
{self.slot("foot")}{self.furniture("footer")}
</body></html>"""

    def frame(self, story: str, beside: str) -> str:
        frame = self.layout.frame
        if frame == "article":
            return f"<article>{story}</article>{beside}"
        if frame == "main article":
            return f"<main><article>{story}</article></main>{beside}"
        if frame == "main":
            return f'<main id="main">{story}</main>{beside}'
        if frame == "section":
            return f'<section class="story">{story}</section>{beside}'
        if frame == "deep":
            column = f'<div class="col"><article class="a">{story}</article></div>'
            return f'<div id="app"><div>{column}<div class="side">{beside}</div></div></div>'
        if frame == "table":
            cells = f'<td width="660">{story}</td><td width="300">{beside}</td>'
            return f'<table width="960"><tr>{cells}</tr></table>'
        return f'<div class="post">{story}</div><div class="sidebar">{beside}</div>'


def render(view: View) -> str:
    """Return the page."""
    return _Page(view).page()


def notice(title: str, text: str, *, language: str = "en", links: int = 3) -> str:
    """Return a page that holds no story: an error, a front page, a wall of another kind."""
    items = "".join(f'<li><a href="/x/{i}">{i}</a></li>' for i in range(links))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title></head><body><h1>{escape(title)}</h1><p>{escape(text)}</p><ul>{items}</ul></body></html>"
    )
