"""Sites, their articles and what becomes of each: the truth that the archive is held against.

Everything follows from a seed and the seconds since the run began; nothing here asks a clock.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.world.habits import make_habit
from tests.world.layouts import Layout, draw_layout
from tests.world.model import Habit
from tests.world.wording import LANGUAGES, Draft, draft, edited

__all__ = ["Article", "Plan", "Site", "Text", "build"]

KINDS: Final = ("rss", "sitemap", "listing", "atom")
# Of the run: articles appear until then, and change until then.
PUBLISH_UNTIL, CHANGE_UNTIL = 0.55, 0.75
# Of articles on sites that deny a path: the share that stands there.
_DENIED_SHARE = 0.08
# Seconds between requests that a few sites ask for.
_LONG_DELAY = 6.0
_CHANGES = ("edited", "revert", "removed", "restored")
_WEIGHTS = (13, 2, 1, 1)
# Those of the world's edits that can be made again and again.
_EDITS = (
    "digit", "name", "quote", "sentence in", "sentence out", "paragraph in", "paragraph out",
    "headline",
)  # fmt: skip
# Habits whose words follow from the turn alone.
_NOISE = ("view counter", "comment counter", "readers now", "likes and shares", "labelled advert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large a run is.

    Attributes:
        seconds: how long sites live before they settle.
        sites: how many.
        articles: of each site.
        delay: gap that is configured, seconds.
        hostile: share of requests that are answered badly.
        kills: how often the daemon is killed; with any, a worker is ended for want of memory.
        fills: whether the disk is full once.
        seed: of all that is random.
    """

    seconds: float
    sites: int = 40
    articles: int = 250
    delay: float = 0.5
    hostile: float = 0.10
    kills: int = 0
    fills: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an article says at a time.

    Attributes:
        title: headline.
        paragraphs: its text.
        authors: names.
    """

    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article and its life.

    Attributes:
        path: where it stands.
        number: its place in the order of the site.
        published: seconds from the beginning.
        life: (seconds, text) pairs in order, the text None while it is taken down.
        status: how it answers while it is taken down.
        denied: whether robots.txt forbids it.
    """

    path: str
    number: int
    published: float
    life: tuple[tuple[float, Text | None], ...]
    status: int = 404
    denied: bool = False

    def at(self, now: float) -> tuple[int, Text | None]:
        """Return the number and the text of its state."""
        number = max(i for i, (since, _) in enumerate(self.life) if since <= now)
        return number, self.life[number][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A publisher.

    Attributes:
        host: address on the loopback.
        language: of its articles.
        kinds: lists that it offers and that are watched.
        articles: in order of publication.
        robots: text of robots.txt, or None where there is none.
        crawl_delay: that it asks for, seconds.
        validators: whether its pages can be asked for on condition.
        charset: encoding of its pages.
        layout: template of its pages.
        name: of the publisher.
        habits: what its pages show besides, in other words at each request.
    """

    host: str
    language: str
    kinds: tuple[str, ...]
    articles: tuple[Article, ...]
    robots: str | None
    crawl_delay: float
    validators: bool
    charset: str
    layout: Layout
    name: str
    habits: tuple[Habit, ...]


def build(plan: Plan) -> tuple[Site, ...]:
    """Return the sites of a run."""
    return tuple(_site(plan, number) for number in range(plan.sites))


def _site(plan: Plan, number: int) -> Site:
    chance = random.Random(f"{plan.seed}/{number}")
    language = LANGUAGES[number % 3]
    dress = random.Random(f"{plan.seed}/{number}/layout")
    titles: set[str] = set()
    denies = number % 4 == 1
    crawl_delay = 2 * plan.delay if number % 8 == 3 else 0.0
    articles = plan.articles
    if number % 8 == 7:
        # Longer than a daemon takes to start: the pause must outlive one that is killed.
        crawl_delay, articles = _LONG_DELAY, max(2, round(plan.seconds / _LONG_DELAY / 8))
    lines = ["User-agent: *", "Disallow: /admin/"]
    lines += ["Disallow: /members/"] if denies else []
    lines += [f"Crawl-delay: {crawl_delay:g}"] if crawl_delay else []
    kinds = [KINDS[number % 4]]
    if number % 5 == 4:
        kinds.append(KINDS[(number + 1) % 4])
    charsets = {"en": "utf-8", "zh-Hans": "gb18030", "zh-Hant": "big5"}
    return Site(
        host=f"127.0.1.{number + 1}",
        language=language,
        kinds=tuple(kinds),
        articles=tuple(
            _article(
                plan, chance, language, place, denies and chance.random() < _DENIED_SHARE, titles
            )
            for place in range(min(articles, plan.articles))
        ),
        robots=None if number % 8 == 6 else "\n".join(lines) + "\n",
        crawl_delay=0.0 if number % 8 == 6 else crawl_delay,
        validators=number % 4 != 3,
        charset=charsets[language] if number % 7 == 5 else "utf-8",
        layout=draw_layout(dress),
        name=f"Soak Post {number}",
        habits=tuple(make_habit(dress, kind, language) for kind in dress.sample(_NOISE, 2)),
    )


def _article(
    plan: Plan,
    chance: random.Random,
    language: str,
    number: int,
    denied: bool,
    titles: set[str],
) -> Article:
    last = plan.seconds * PUBLISH_UNTIL
    # The first few are there from the beginning, as on any site.
    published = 0.0 if number < 3 else last * number / plan.articles
    folder = "members" if denied else "news"
    first = draft(chance, language)
    while first.title in titles:
        first = draft(chance, language)
    titles.add(first.title)
    changes = chance.choices((0, 1, 2, 3), (5, 3, 2, 1))[0]
    until = plan.seconds * CHANGE_UNTIL
    times = sorted(chance.uniform(published, until) for _ in range(changes))
    return Article(
        path=f"/{folder}/{number + 1}/{chance.randrange(10**6):06d}.html",
        number=number,
        published=published,
        life=_life(chance, published, first, times, until),
        status=chance.choice((404, 410)),
        denied=denied,
    )


def _life(
    chance: random.Random,
    published: float,
    first: Draft,
    times: Sequence[float],
    until: float,
) -> tuple[tuple[float, Text | None], ...]:
    life: list[tuple[float, Draft | None]] = [(published, first)]
    for number, at in enumerate(times):
        story = life[-1][1]
        if story is None:
            break  # What was taken down for good changes no more.
        kind = chance.choices(_CHANGES, _WEIGHTS)[0]
        if kind in ("removed", "restored"):
            life.append((at, None))
            later = times[number + 1] if number + 1 < len(times) else until
            if kind == "restored":
                life.append(((at + later) / 2, story))
        else:
            earlier = [known for _, known in life[:-1] if known not in (None, story)]
            reverts = kind == "revert" and earlier
            edit = chance.choice(_EDITS)
            life.append((at, earlier[-1] if reverts else edited(chance, story, edit)))
    return tuple((at, _told(story) if story else None) for at, story in life)


def _told(story: Draft) -> Text:
    return Text(title=story.title, paragraphs=story.lines(), authors=story.authors)
