"""The same words in other markup, layouts, encodings; headlines and languages by turns; walls."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from typing import Final

from tests.world.habits.lines import Maker, is_english
from tests.world.layouts import View, draw_layout
from tests.world.model import Entry, Habit, Look, Reply, Request, Site, Story, moment, turn_of_reply
from tests.world.wording import converted, draft, headline, same_in_script

__all__ = ["RENDERINGS"]


def _layout_by_turns(chance: random.Random, language: str) -> Habit:
    layouts = [draw_layout(chance) for _ in range(chance.choice((1, 1, 2)))]
    order = [chance.randint(0, len(layouts)) for _ in range(8)]
    order[0], order[1] = 0, 1  # the second look sees another one

    def view(view: View, look: Look) -> View:
        number = order[look.turn]
        return view if number == 0 else replace(view, layout=layouts[number - 1])

    said = ", ".join(f"{x.frame}/{x.body}/{x.byline}/{x.date}/{x.head}" for x in layouts)
    return Habit(
        kind="layouts by turns", sample=f"turns {order}: own layout (0), {said}", view=view
    )


def _redesign(chance: random.Random, language: str) -> Habit:
    new, since = draw_layout(chance), chance.choice((1, 2, 3, 4))
    return Habit(
        kind="redesign",
        sample=f"from turn {since}: {new.frame}/{new.body}/{new.byline}/{new.date}/{new.head}",
        view=lambda view, look: replace(view, layout=new) if look.turn >= since else view,
    )


def _markup(chance: random.Random, language: str) -> Habit:
    marks = [
        frozenset(
            chance.sample(("entities", "spaces", "emphasis", "link", "soft"), chance.randint(1, 2))
        )
        for _ in range(8)
    ]
    marks[0] = frozenset()
    return Habit(
        kind="other markup of the same words",
        sample=" → ".join("+".join(sorted(m)) or "plain" for m in marks[:5]),
        view=lambda view, look: replace(view, marks=marks[look.turn]),
    )


def _charset(chance: random.Random, language: str) -> Habit:
    names = {
        "en": ("windows-1252", "iso-8859-1"),
        "zh-Hans": ("gb18030", "gbk", "gb2312"),
        "zh-Hant": ("big5", "gb18030"),
    }
    charset, odd = chance.choice(names[language]), chance.randint(0, 1)
    in_header = chance.random() < 0.5

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or turn_of_reply(reply, request, site) % 2 != odd:
            return reply
        text = reply.body.decode("utf-8").replace('charset="utf-8"', f'charset="{charset}"')
        real = {"gb2312": "gbk", "iso-8859-1": "windows-1252"}.get(charset, charset)
        kind = f"text/html; charset={charset}" if in_header else "text/html"
        return replace(
            reply,
            headers={**reply.headers, "content-type": kind},
            body=text.encode(real, "xmlcharrefreplace"),
        )

    return Habit(
        kind="encodings by turns",
        sample=f"utf-8, then {charset} ({'header' if in_header else 'meta'})",
        reply=reply,
    )


def _modified_bumps(chance: random.Random, language: str) -> Habit:
    style = chance.choice(("now", "future", "before publication"))

    def view(view: View, look: Look) -> View:
        at = {
            "now": moment(look.hours),
            "future": moment(look.hours + 9000),
            "before publication": view.published - timedelta(days=3 + look.turn),
        }[style]
        return replace(view, modified=at)

    return Habit(
        kind="modified time bumps",
        sample=f"dateModified: {style} at each look, same text",
        view=view,
    )


def _wrong_clock(chance: random.Random, language: str) -> Habit:
    shift = chance.choice((-86400 * 400, 86400 * 30, -3600 * 7, 86400 * 3650))

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        at = format_datetime(moment(request.hours) + timedelta(seconds=shift), usegmt=True)
        extra = {"date": at, "last-modified": at, "expires": "Thu, 01 Jan 1970 00:00:00 GMT"}
        return replace(reply, headers={**reply.headers, **extra})

    def entry(entry: Entry, story: Story, hours: float) -> Entry:
        return replace(entry, published=entry.published + timedelta(seconds=shift))

    return Habit(
        kind="wrong clock",
        sample=f"Date, Last-Modified and the feed's times are off by {shift} s",
        reply=reply,
        entry=entry,
    )


def _feed_habit(chance: random.Random, language: str) -> Habit:
    style = chance.choice(
        ("guid anew", "date anew", "title by turns", "short title", "shouted title")
    )
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
            return replace(
                entry, title=entry.title[: len(entry.title) // 2] + "…" if turn % 2 else entry.title
            )
        return replace(entry, title=entry.title.upper() if turn % 2 else entry.title)

    return Habit(kind="feed tells other things", sample=style, entry=entry)


def _headline_test(chance: random.Random, language: str) -> Habit:
    count = chance.choice((1, 1, 2))
    titles = [headline(chance, language) for _ in range(count)]
    order = [0, 1] + [chance.randint(0, count) for _ in range(6)]

    def view(view: View, look: Look) -> View:
        number = order[look.turn]
        return replace(view, title=titles[number - 1]) if number else view

    return Habit(
        kind="headline test",
        sample=f"{count + 1} headlines, turns {order}: {titles[0]}",
        view=view,
        versions=count,
        reverts=1,
    )


def _social_headline(chance: random.Random, language: str) -> Habit:
    titles = [headline(chance, language) for _ in range(8)]

    def view(view: View, look: Look) -> View:
        return replace(view, meta_title=titles[look.turn] if look.turn % 2 else "")

    return Habit(
        kind="headline of the head by turns",
        sample=f"h1 stays, <title>, og:title and JSON-LD: {titles[1]}",
        view=view,
    )


def _language_by_turns(chance: random.Random, language: str) -> Habit:
    seed = chance.random()
    until = chance.choice((2, 3, 4))
    script = language != "en" and chance.random() < 0.5
    other = (
        {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans", "en": "zh-Hans"}[language]
        if script or language == "en"
        else "en"
    )
    once = chance.random() < 0.5

    def view(view: View, look: Look) -> View:
        shown = look.turn == until if once else look.turn >= 1 and look.turn % 2 == 1
        if not shown:
            return view
        if script:
            return replace(
                view,
                language=other,
                title=same_in_script(view.title, other),
                paragraphs=tuple(same_in_script(p, other) for p in view.paragraphs),
                authors=tuple(same_in_script(a, other) for a in view.authors),
            )
        text = draft(
            random.Random(f"{seed}{look.story.id}"), other, paragraphs=len(view.paragraphs)
        )
        return replace(
            view, language=other, title=text.title, paragraphs=text.lines(), authors=text.authors
        )

    kind = "scripts by turns" if script else "languages by turns"
    when = f"at turn {until}" if once else "every other turn"
    return Habit(kind=kind, sample=f"{language}, {when} {other}", view=view)


def _stale_copy(chance: random.Random, language: str) -> Habit:
    """A cache hands out the text of before an edit, with its own older dateModified and an Age."""
    # Played by the benchmark: the story has one true edit before the first look, or between turns 1
    # and 3, and a stale look later.
    when = chance.choice((4, 5))
    age = chance.choice((86400, 3600 * 30, 172800))
    with_age = chance.random() < 0.7

    def view(view: View, look: Look) -> View:
        texts = look.story.texts()
        if look.turn != when or len(texts) < 2:
            return view
        old = texts[0]
        return replace(
            view,
            title=old.title,
            paragraphs=old.lines(),
            authors=old.authors,
            modified=view.published,
        )

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or not with_age:
            return reply
        if turn_of_reply(reply, request, site) != when:
            return reply
        return replace(
            reply,
            headers={**reply.headers, "age": str(age), "x-cache": "HIT", "via": "1.1 varnish"},
        )

    return Habit(
        kind="stale copy",
        sample=f"an edit, then at turn {when} the old page, dateModified as it was"
        + (f", Age: {age}" if with_age else ""),
        view=view,
        reply=reply,
    )


_WALLS: Final = (
    "Subscribe to continue reading this article. Already a member? Log in",
    "You have reached your limit of free articles. Become a subscriber for full access",
    "This story is for members only. Join from €2 a month to read on",
    "To read the rest of this story, create a free account or sign in",
    "Unlock this article. Cancel anytime",
)
_WALLS_ZH: Final = (
    "登录后阅读全文",
    "本文为会员专享，订阅后可阅读全文",
    "剩余内容需付费阅读，开通会员即可查看",
    "您的免费阅读次数已用完，请订阅",
    "点击登录，继续阅读剩余80%的内容",
)


def _wall(chance: random.Random, language: str) -> Habit:
    text = converted(chance.choice(_WALLS if is_english(language) else _WALLS_ZH), language)
    forever = chance.random() < 0.5
    since, shown = chance.choice((1, 2, 3)), chance.choice((1, 1, 2))

    def view(view: View, look: Look) -> View:
        closed = look.turn >= since if forever else look.turn in (since, since + 2)
        if not closed:
            return view
        return replace(
            view, wall=min(shown, len(view.paragraphs) - 2), wall_text=f"<p>{escape(text)}</p>"
        )

    said = f"from turn {since} for good" if forever else f"at turns {since} and {since + 2}"
    return Habit(
        kind="paywall closes", sample=f"{said}: {shown} paragraphs, then: {text}", view=view
    )


RENDERINGS: Final[dict[str, Maker]] = {
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
}
"""Makers by kind."""
