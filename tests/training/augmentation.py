"""Pages made of gold pages at training time: what templates that were never seen look like.

A page without names has no classes and ids, or such as tell nothing. A page with followers goes on
behind its article with other articles, or with comments. A twin looks the same and is all article:
a list whose headings are links, an article of many parts, a text that goes on in a second element.

All choices come from a random generator with the page's name as its seed, so that each run makes
the same pages. What is put into a page comes from pages of its own fold: a model is never reported
on words that it was trained on.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import squashed, words
from scraper.extraction.segmentation import segment
from scraper.extraction.structured_data import hints_of
from scraper.text.encoding import decode_page
from tests.training.gold import GoldPage, fold_of
from tests.training.labels import label

__all__ = ["MAKERS", "UNSEEN_MAKERS", "Donors", "Variant", "variants"]

_CJK = ("zh", "zh-old", "zh2-hans", "zh2-hant")
_NAMING = ("class", "id", "role", "itemprop", "itemtype", "property", "data-testid", "data-type")
_LEAST = 12  # words of a paragraph that is put into another page
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")
_OPEN_TAG = re.compile(r"<(/?)(article|main|section|aside|header|footer|nav)(?=[\s>])", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A page made of a gold page.

    Attributes:
        html: its markup.
        own: texts of blocks that belong to the article although the gold text lacks them, squashed.
    """

    html: str
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A headline and the paragraphs below it."""

    title: str
    paragraphs: tuple[str, ...]


class Donors:
    """The stories that other pages of a fold and a script tell."""

    def __init__(self, pages: Iterable[GoldPage]) -> None:
        self._stories: dict[tuple[bool, int], list[tuple[str, Story]]] = defaultdict(list)
        for page in pages:
            paragraphs = [p.strip() for p in page.text.splitlines() if len(words(p)) >= _LEAST]
            title = str(page.record.get("title") or "") or hints_of(_parsed(page)).title
            if len(paragraphs) >= 2 and 3 <= len(words(title)) <= 40:
                key = (page.set in _CJK, fold_of(page.site))
                told = Story(title=title.strip(), paragraphs=tuple(paragraphs))
                self._stories[key].append((page.site, told))

    def pick(self, page: GoldPage, rng: random.Random, count: int) -> list[Story]:
        """Return stories of other sites of the page's fold, in its script where there are some."""
        found = self._stories[(page.set in _CJK, fold_of(page.site))]
        others = [told for site, told in found if site != page.site]
        return rng.sample(others, min(count, len(others)))


def _parsed(page: GoldPage) -> LexborHTMLParser:
    return LexborHTMLParser(decode_page(page.body).text)


def variants(page: GoldPage, donors: Donors, kinds: Iterable[str]) -> Iterator[tuple[str, Variant]]:
    """Yield the pages of some kinds that can be made of a gold page, each with its kind.

    Args:
        donors: the stories that are put into pages.
        kinds: `plain`, the page as it is, and names of `MAKERS` and `UNSEEN_MAKERS`.
    """
    html = decode_page(page.body).text
    for kind in kinds:
        if kind == "plain":
            yield kind, Variant(html=html)
            continue
        rng = random.Random(f"{kind}/{page.set}/{page.id}")
        made = (UNSEEN_MAKERS.get(kind) or MAKERS[kind])(page, html, donors, rng)
        if made is None:
            continue
        if kind in _WITHOUT_NAMES and random.Random(page.id + kind).random() < _NAMELESS:
            bare = nameless(made.html, random.Random(page.id))
            made = Variant(html=bare.html, own=made.own)
        yield kind, made


# ── pages without names ──────────────────────────────────────────────────────────────────────────


def nameless(html: str, rng: random.Random) -> Variant:
    """Return a page whose elements are not named, or named by letters that tell nothing."""
    tree = LexborHTMLParser(html)
    way = rng.random()
    known: dict[str, str] = {}
    for node in tree.css("body *"):
        attributes = node.attrs
        for name in _NAMING:
            value = attributes.get(name)
            if value is None:
                continue
            if name == "class" and way < 0.4:
                # Generated names part the kinds of blocks and tell nothing else.
                first = (value.split() or [""])[0]
                attributes["class"] = known.setdefault(first, f"c{rng.randrange(16**6):06x}")
            else:
                del attributes[name]
    markup = tree.html or ""
    if rng.random() < 0.5:
        markup = _OPEN_TAG.sub(r"<\1div", markup)
    return Variant(html=markup)


# ── what follows an article ──────────────────────────────────────────────────────────────────────

_NAMES = (
    "", "", "", "item", "post", "story", "card", "entry", "box", "teaser", "news", "article-item",
    "list-item", "c4f2a", "css-1x9qz", "row", "block", "content", "more",
)  # fmt: skip
_OVER = {
    False: (
        "", "", "", "", "Related", "More from us", "Latest news", "You may also like", "Read next",
        "Most read", "Recommended", "More stories", "Also on this site", "Trending",
    ),
    True: (
        "", "", "", "", "相关阅读", "推荐阅读", "更多新闻", "最新消息", "延伸閱讀", "猜你喜欢",
        "热门文章", "相關新聞", "往期回顾", "下一篇",
    ),
}  # fmt: skip
_DAYS = ("March 3, 2024", "2 days ago", "12 Jan 2023", "2024-05-17", "3h", "2023年11月4日", "")
_BY = ("By Jane Doe", "Staff writer", "J. Smith", "记者 王明", "文／李華", "")


@dataclass(frozen=True, slots=True)
class _Item:
    """What an item of a row shows: its headline, its link, and its paragraphs."""

    title: str
    href: str
    paragraphs: tuple[str, ...]
    name: str
    level: str
    stamp: str

    @property
    def body(self) -> str:
        return "".join(f"<p>{escape(text)}</p>" for text in self.paragraphs)

    @property
    def class_(self) -> str:
        return f' class="{self.name}"' if self.name else ""

    @property
    def link(self) -> str:
        return f'<a href="{self.href}">{escape(self.title)}</a>'

    @property
    def heading(self) -> str:
        return f"<{self.level}>{self.link}</{self.level}>"

    @property
    def byline(self) -> str:
        return f"<div><span>{escape(self.stamp)}</span></div>" if self.stamp else ""


Form = Callable[[_Item], str]

# Each form is the markup of one item. The report uses other ones than training does.
FORMS: Mapping[str, Form] = {
    "heading": lambda i: f"<div{i.class_}>{i.heading}{i.body}</div>",
    "stamped": lambda i: f"<article{i.class_}>{i.heading}{i.byline}{i.body}</article>",
    "listed": lambda i: (
        f'<li{i.class_}><a href="{i.href}"><h4>{escape(i.title)}</h4></a>{i.body}</li>'
    ),
    "flat": lambda i: f"{i.heading}{i.body}",
    "flat-stamped": lambda i: f"{i.heading}{i.byline}{i.body}",
    "boxed": lambda i: (
        f"<div{i.class_}><div><div>{i.link}</div>"
        f"<div>{escape(' '.join(i.paragraphs))}</div></div></div>"
    ),
    "linked-line": lambda i: (
        f"<div{i.class_}><p><a href='{i.href}'><b>{escape(i.title)}</b></a></p>{i.body}</div>"
    ),
}
UNSEEN_FORMS: Mapping[str, Form] = {
    "header-footer": lambda i: (
        f"<section{i.class_}><header><div>{i.byline}</div>{i.heading}</header><div><div>{i.body}"
        f"</div></div><footer><a href='{i.href}'>Continue</a></footer></section>"
    ),
    "all-linked": lambda i: (
        f"<div{i.class_}><a href='{i.href}'><{i.level}>{escape(i.title)}</{i.level}>"
        f"{i.body}</a></div>"
    ),
    "terms": lambda i: f"<dl{i.class_}><dt>{i.link}</dt><dd>{i.body}</dd></dl>",
    "cells": lambda i: (
        f"<table{i.class_}><tr><td><b>{i.link}</b></td></tr><tr><td>"
        f"{escape('  '.join(i.paragraphs))}</td></tr></table>"
    ),
    "flat-breaks": lambda i: (
        f"<strong>{i.link}</strong><br>{escape(i.stamp)}<br>"
        f"{'<br><br>'.join(map(escape, i.paragraphs))}"
        "<br><br>"
    ),
}


def _items(stories: Sequence[Story], rng: random.Random, *, full: bool, site: str) -> list[_Item]:
    name, level = rng.choice(_NAMES), rng.choice(("h2", "h3", "h3", "h4", "h5"))
    stamp = rng.choice(_DAYS) or rng.choice(_BY)
    most = rng.randint(2, 8) if full else 1
    sentences = rng.randint(1, 3)
    broken = not full and rng.random() < 0.3
    found = []
    for told in stories:
        paragraphs = told.paragraphs[:most]
        if not full:
            parts = [part for part in _SENTENCE_END.split(paragraphs[0]) if part]
            joint = "" if any("\u4e00" <= c <= "\u9fff" for c in paragraphs[0]) else " "
            summary = joint.join(parts[:sentences])
            paragraphs = (summary[: int(len(summary) * 0.8)] + "…" if broken else summary,)
        slug = f"{rng.randrange(10**6):06d}"
        path = rng.choice(("/{}.html", "/a/{}", "/news/{}-some-long-story", "/p/{}", "/?id={}"))
        address = path.format(slug)
        if rng.random() < 0.5:
            address = f"https://www.{site}.example{address}"
        found.append(_Item(told.title, address, tuple(paragraphs), name, level, stamp))
    return found


def followed(
    page: GoldPage, html: str, donors: Donors, rng: random.Random, *, unseen: bool = False
) -> Variant | None:
    """Return a page with other articles, or comments, behind its own; None where there is no place.

    Args:
        unseen: whether in the forms that only the report uses.
    """
    place = _Place.find(page, html)
    if place is None:
        return None
    forms = UNSEEN_FORMS if unseen else FORMS
    full = rng.random() < 0.4
    kind = rng.random()
    if kind < 0.12:
        markup = _comments(donors.pick(page, rng, 6), rng, unseen=unseen)
    elif kind < 0.24:
        markup = _next_article(donors.pick(page, rng, rng.randint(1, 3)), rng, place, unseen=unseen)
    else:
        count = rng.randint(1, 4) if full else rng.randint(2, 9)
        stories = donors.pick(page, rng, count)
        form = forms[rng.choice(sorted(forms))]
        markup = "".join(map(form, _items(stories, rng, full=full, site=page.site[:20] or "x")))
        over = rng.choice(_OVER[page.set in _CJK])
        if over:
            markup = (
                f"<{(tag := rng.choice(('h2', 'h3', 'h4', 'p', 'div')))}>{over}</{tag}>" + markup
            )
        if form is FORMS["listed"] or rng.random() < 0.5:
            box = "ul" if form is FORMS["listed"] else rng.choice(("div", "section", "div"))
            name = rng.choice(_NAMES)
            markup = (
                f'<{box} class="{name}">{markup}</{box}>' if name else f"<{box}>{markup}</{box}>"
            )
    if not markup:
        return None
    return Variant(html=place.put_behind(markup, rng.choice((0, 0, 1, 1, 2, 3))))


def _comments(stories: Sequence[Story], rng: random.Random, *, unseen: bool) -> str:
    users = ("mia77", "Tom B.", "reader_3", "用户8842", "路人甲", "K. Ito", "anon", "小陳")
    found = []
    tag = "section" if unseen else rng.choice(("div", "li", "article"))
    for told in stories:
        parts = _SENTENCE_END.split(rng.choice(told.paragraphs))
        said = escape(" ".join(parts[: rng.randint(1, 3)]))
        who, day = rng.choice(users), rng.choice(_DAYS)
        if unseen:
            found.append(f"<{tag}><i>{who}, {day}</i><div>{said}</div><a href='#'>↩ 3</a></{tag}>")
        else:
            found.append(f"<{tag}><b>{who}</b> <span>{day}</span><p>{said}</p></{tag}>")
    return "".join(found)


def _next_article(
    stories: Sequence[Story], rng: random.Random, place: _Place, *, unseen: bool
) -> str:
    tag = "h2" if unseen else rng.choice(("h1", "h1", "h2"))
    found = []
    for told in stories:
        body = "".join(f"<p>{escape(text)}</p>" for text in told.paragraphs[:12])
        stamp = f"<p>{rng.choice(_BY)} {rng.choice(_DAYS)}</p>" if rng.random() < 0.7 else ""
        title = escape(told.title)
        if rng.random() < 0.4:
            title = f'<a href="/{rng.randrange(10**6)}.html">{title}</a>'
        name = place.name if rng.random() < 0.5 and not unseen else rng.choice(_NAMES)
        head = f"<{tag}>{title}</{tag}>{stamp}"
        if unseen:
            found.append(f"<div>{head}</div><div>{body}</div>")
        else:
            found.append(f'<div class="{escape(name)}">{head}{body}</div>')
    return "".join(found)


class _Place:
    """Where an article ends in its page."""

    def __init__(
        self, tree: LexborHTMLParser, s: PageBlocks, own: Sequence[int], told: Sequence[int]
    ) -> None:
        self.tree, self.s, self.own, self.told = tree, s, own, told
        nodes = [s.nodes[e] for e in s.ancestors(s.blocks[told[-1]].container)]
        self.around = [node for node in nodes if node is not None]
        self.name = next(
            (n.attributes.get("class") or "" for n in self.around[1:] if n.attributes.get("class")),
            "",
        )

    @staticmethod
    def find(page: GoldPage, html: str) -> _Place | None:
        tree = LexborHTMLParser(html)
        s = segment(tree)
        labels = label([block.text for block in s.blocks], page.text)
        own = [i for i, share in enumerate(labels) if share >= 0.5]
        told = [i for i in own if len(words(s.blocks[i].text)) >= _LEAST and s.blocks[i].container]
        return _Place(tree, s, own, told) if len(told) >= 3 else None

    def put_behind(self, markup: str, steps: int) -> str:
        """Return the page with markup behind its article, some elements further out."""
        outer = min(steps, len(self.around) - 1)
        _insert_behind(self.around[outer], markup)
        return self.tree.html or ""


def _children(markup: str) -> list[LexborNode]:
    body = LexborHTMLParser(f"<body>{markup}</body>").body
    found, at = [], body.first_child if body is not None else None
    while at is not None:
        found.append(at)
        at = at.next
    return found


def _insert_behind(node: LexborNode, markup: str) -> None:
    for child in reversed(_children(markup)):
        node.insert_after(child)


def amid(
    page: GoldPage, html: str, donors: Donors, rng: random.Random, *, unseen: bool = False
) -> Variant | None:
    """Return a page with boxes of other articles between the paragraphs of its own."""
    place = _Place.find(page, html)
    if place is None or len(place.told) < 5:
        return None
    forms = UNSEEN_FORMS if unseen else FORMS
    wanted = [name for name in sorted(forms) if not name.startswith("flat") and name != "listed"]
    form = forms[rng.choice(wanted)]
    name = rng.choice(_NAMES)
    for at in rng.sample(place.told[1:-1], rng.randint(1, 2)):
        stories = donors.pick(page, rng, rng.randint(1, 3))
        items = _items(stories, rng, full=False, site=page.site[:20] or "x")
        over = rng.choice(_OVER[page.set in _CJK])
        head = f"<{(tag := rng.choice(('h3', 'h4', 'p', 'div')))}>{over}</{tag}>" if over else ""
        box = f'<div class="{name}">{head}{"".join(map(form, items))}</div>'
        node = place.s.nodes[place.s.blocks[at].container]
        if node is not None:
            _insert_behind(node, box)
    return Variant(html=place.tree.html or "")


# ── what looks the same and is the article's ─────────────────────────────────────────────────────


def _first_words(text: str, rng: random.Random) -> str:
    found = words(text)
    if found and "\u3400" <= found[0] <= "\u9fff":
        return "".join(found[: rng.randint(3, 8)])
    return " ".join(found[: rng.randint(2, 5)]).capitalize()


def _linked_parts(place: _Place, rng: random.Random, *, unseen: bool) -> frozenset[str]:
    """Head paragraphs with links of few words, as guides and digests do."""
    level = rng.choice(("h2", "h3", "h3", "h4"))
    step, begin = rng.randint(1, 3), rng.choice((0, 1, 1, 2))
    linked, numbered = rng.random() < 0.75, rng.random() < 0.3
    wrapped = rng.random() < 0.5
    tag, name = rng.choice(("div", "section", "li", "div")), rng.choice(_NAMES)
    if unseen:
        tag, level = "dd", "h5"
    own: set[str] = set()
    s = place.s
    for number, at in enumerate(place.told[begin::step], 1):
        node = s.nodes[s.blocks[at].container]
        if node is None or node.tag not in ("p", "div") or node.parent is None:
            continue
        text = _first_words(s.blocks[at].text, rng)
        if numbered:
            text = f"{number}. {text}"
        if squashed(text) in own:
            continue
        own.add(squashed(text))
        shown = (
            f'<a href="/x/{rng.randrange(10**5)}">{escape(text)}</a>' if linked else escape(text)
        )
        head = f"<{level}>{shown}</{level}>"
        if wrapped and node.tag == "p":
            class_ = f' class="{name}"' if name else ""
            _insert_behind(node, f"<{tag}{class_}>{head}{node.html}</{tag}>")
            node.decompose()
        else:
            for child in _children(head):
                node.insert_before(child)
    return frozenset(own)


def _goes_on(place: _Place, rng: random.Random) -> bool:
    """Set the last part of the text into an element behind the one that holds the first."""
    s = place.s
    homes: dict[int, list[int]] = defaultdict(list)
    for e in sorted({s.blocks[at].container for at in place.told}):
        if s.tags[e] == "p":
            homes[s.parents[e]].append(e)
    home, parts = max(homes.items(), key=lambda pair: len(pair[1]), default=(0, []))
    around = s.nodes[home]
    if len(parts) < 6 or around is None or around.tag == "body":
        return False
    moved = parts[rng.randint(len(parts) // 2, len(parts) - 2) :]
    nodes = [node for e in moved if (node := s.nodes[e]) is not None]
    class_ = around.attributes.get("class") if rng.random() < 0.5 else rng.choice(_NAMES)
    named = f' class="{escape(class_)}"' if class_ else ""
    between = rng.choice(
        ("", "", "<hr>", "<div>Advertisement</div>", "<div><img src='/a.jpg'></div>")
    )
    _insert_behind(
        around, f"{between}<div{named}>{''.join(node.html or '' for node in nodes)}</div>"
    )
    for node in nodes:
        node.decompose()
    return True


def twin(page: GoldPage, html: str, rng: random.Random, *, unseen: bool = False) -> Variant | None:
    """Return a page that is all article and has the look of a row of others."""
    place = _Place.find(page, html)
    if place is None or len(place.told) < 5:
        return None
    if rng.random() < 0.3 and not unseen:
        return Variant(html=place.tree.html or "") if _goes_on(place, rng) else None
    own = _linked_parts(place, rng, unseen=unseen)
    return Variant(html=place.tree.html or "", own=own)


def flat(page: GoldPage, html: str, donors: Donors, rng: random.Random) -> Variant | None:
    """Return a page whose article is followed by others in its own element, with its own tags."""
    place = _Place.find(page, html)
    if place is None:
        return None
    full = rng.random() < 0.6
    stories = donors.pick(page, rng, rng.randint(1, 3) if full else rng.randint(2, 7))
    items = _items(stories, rng, full=full, site=page.site[:20] or "x")
    level = rng.choice(("h1", "h2", "h2", "h3", "h4", "b"))
    linked, stamped, more = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.2
    tag = place.around[0].tag if place.around and place.around[0].tag in ("p", "div") else "p"
    found = []
    for item in items:
        title = item.link if linked else escape(item.title)
        head = f"<p><b>{title}</b></p>" if level == "b" else f"<{level}>{title}</{level}>"
        stamp = f"<{tag}>{escape(rng.choice(_BY))} {item.stamp}</{tag}>" if stamped else ""
        body = "".join(f"<{tag}>{escape(text)}</{tag}>" for text in item.paragraphs)
        end = f'<p><a href="{item.href}">{rng.choice(_MORE)}</a></p>' if more else ""
        found.append(head + stamp + body + end)
    over = rng.choice(_OVER[page.set in _CJK])
    head = f"<{(label := rng.choice(('h2', 'h3', 'p')))}>{over}</{label}>" if over else ""
    return Variant(html=place.put_behind(head + "".join(found), 0)) if found else None


_MORE = ("Read more", "Continue", "Full story", "阅读全文", "繼續閱讀")
_DIGESTS = {
    False: (
        "Morning briefing", "The week in review", "What you need to know today", "News in brief",
        "Friday round-up: {} and more", "{}", "Links for Tuesday", "Newsletter no. 61", "Notebook",
        "Five stories from this week", "Our writers' picks", "This month in research",
    ),
    True: (
        "早报", "一周回顾", "今日要闻", "{}等", "{}", "每日精選", "科技周报第61期", "本周值得读",
        "简讯",
    ),
}  # fmt: skip


def digest(page: GoldPage, html: str, donors: Donors, rng: random.Random) -> Variant | None:
    """Return a page that tells several short stories in a row, all of them its own."""
    place = _Place.find(page, html)
    stories = donors.pick(page, rng, rng.randint(4, 9))
    title = str(page.record.get("title") or "").strip()
    if place is None or len(stories) < 4 or not title or escape(title) not in html:
        return None
    cjk = page.set in _CJK
    items = _items(stories[1:], rng, full=rng.random() < 0.6, site=page.site[:20] or "x")
    most, linked, boxed = rng.randint(1, 4), rng.random() < 0.5, rng.random() < 0.3
    signed, level = rng.random() < 0.2, rng.choice(("h2", "h3", "h3", "h4", "b"))
    own, found = set[str](), []
    if rng.random() < 0.4:
        intro = stories[0].paragraphs[0]
        own.add(squashed(intro))
        found.append(f"<p>{escape(intro)}</p>")
    for item in items:
        paragraphs = item.paragraphs[:most]
        own.update(map(squashed, (item.title, *paragraphs)))
        shown = item.link if linked else escape(item.title)
        head = f"<p><b>{shown}</b></p>" if level == "b" else f"<{level}>{shown}</{level}>"
        head += f"<p>{rng.choice(_BY)}</p>" if signed else ""
        part = head + "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        found.append(f"<div>{part}</div>" if boxed else part)
    nodes = [place.s.nodes[place.s.blocks[at].container] for at in place.told]
    there = {node.mem_id: node for node in nodes if node is not None and node.tag in ("p", "div")}
    if not there or place.around[0].tag == "body":
        return None
    first = next(iter(there.values()))
    for child in _children("".join(found)):
        first.insert_before(child)
    for node in there.values():
        node.decompose()
    named = [items[0].title, ("；" if cjk else "; ").join(i.title[:50] for i in items[:2])]
    new = rng.choice(_DIGESTS[cjk]).format(rng.choice(named))
    return Variant(
        html=(place.tree.html or "").replace(escape(title), escape(new)), own=frozenset(own)
    )


def headed(page: GoldPage, html: str, rng: random.Random) -> Variant | None:
    """Return a page whose parts are headed by sentences, as an article of several subjects is."""
    place = _Place.find(page, html)
    if place is None or len(place.told) < 6:
        return None
    level, step = rng.choice(("h2", "h3", "h4", "b")), rng.randint(2, 4)
    own: set[str] = set()
    for at in place.told[rng.randint(1, 4) :: step]:
        node = place.s.nodes[place.s.blocks[at].container]
        text = re.split(r"[,，。;；:：.]", place.s.blocks[at].text)[0].strip()[:90]
        if node is None or node.tag not in ("p", "div") or len(words(text)) < 4:
            continue
        own.add(squashed(text))
        shown = escape(text)
        head = f"<p><b>{shown}</b></p>" if level == "b" else f"<{level}>{shown}</{level}>"
        for child in _children(head):
            node.insert_before(child)
    return Variant(html=place.tree.html or "", own=frozenset(own)) if own else None


Maker = Callable[[GoldPage, str, Donors, random.Random], Variant | None]

# What training makes of each gold page, and what the report makes: in forms that training lacks.
MAKERS: Mapping[str, Maker] = {
    "nameless": lambda page, html, donors, rng: nameless(html, rng),
    "followed": lambda page, html, donors, rng: followed(page, html, donors, rng),
    "amid": lambda page, html, donors, rng: amid(page, html, donors, rng),
    "twin": lambda page, html, donors, rng: twin(page, html, rng),
    "flat": flat,
    "digest": digest,
    "headed": lambda page, html, donors, rng: headed(page, html, rng),
}
UNSEEN_MAKERS: Mapping[str, Maker] = {
    "x-nameless": lambda page, html, donors, rng: nameless(html, rng),
    "x-followed": lambda page, html, donors, rng: followed(page, html, donors, rng, unseen=True),
    "x-amid": lambda page, html, donors, rng: amid(page, html, donors, rng, unseen=True),
    "x-twin": lambda page, html, donors, rng: twin(page, html, rng, unseen=True),
}
# Share of the pages with other articles in them that lose their names, too.
_WITHOUT_NAMES = ("followed", "amid")
_NAMELESS = 0.3
