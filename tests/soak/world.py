"""Sites, their articles and what becomes of each: the truth that the archive is held against.

Everything follows from a seed and the seconds since the run began; nothing here asks a clock.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.soak.wording import NAMES, SENTENCES, TITLES

__all__ = ["Article", "Plan", "Site", "Text", "build"]

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant")
KINDS: Final = ("rss", "sitemap", "listing", "atom")
# Of the run: articles appear until then, and change until then.
PUBLISH_UNTIL, CHANGE_UNTIL = 0.55, 0.75
# Of articles on sites that deny a path: the share that stands there.
_DENIED_SHARE = 0.08
_CHANGES = ("paragraph", "number", "title", "revert", "removed", "restored")
_WEIGHTS = (5, 5, 3, 2, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large a run is.

    Attributes:
        seconds: how long sites live before they settle.
        sites: how many.
        articles: of each site.
        delay: gap that is configured, seconds.
        hostile: share of requests that are answered badly.
        seed: of all that is random.
    """

    seconds: float
    sites: int = 40
    articles: int = 250
    delay: float = 0.5
    hostile: float = 0.10
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an article says at a time.

    Attributes:
        title: headline.
        paragraphs: its text.
    """

    title: str
    paragraphs: tuple[str, ...]


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
    """

    host: str
    language: str
    kinds: tuple[str, ...]
    articles: tuple[Article, ...]
    robots: str | None
    crawl_delay: float
    validators: bool
    charset: str


def build(plan: Plan) -> tuple[Site, ...]:
    """Return the sites of a run."""
    return tuple(_site(plan, number) for number in range(plan.sites))


def _site(plan: Plan, number: int) -> Site:
    chance = random.Random(f"{plan.seed}/{number}")
    language = LANGUAGES[number % 3]
    denies = number % 4 == 1
    crawl_delay = 2 * plan.delay if number % 8 == 3 else 0.0
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
            _article(plan, chance, language, place, denies and chance.random() < _DENIED_SHARE)
            for place in range(plan.articles)
        ),
        robots=None if number % 8 == 6 else "\n".join(lines) + "\n",
        crawl_delay=0.0 if number % 8 == 6 else crawl_delay,
        validators=number % 4 != 3,
        charset=charsets[language] if number % 7 == 5 else "utf-8",
    )


def _article(
    plan: Plan, chance: random.Random, language: str, number: int, denied: bool
) -> Article:
    last = plan.seconds * PUBLISH_UNTIL
    # The first few are there from the beginning, as on any site.
    published = 0.0 if number < 3 else last * number / plan.articles
    folder = "members" if denied else "news"
    first = _first_text(chance, language, number)
    changes = chance.choices((0, 1, 2, 3), (5, 3, 2, 1))[0]
    until = plan.seconds * CHANGE_UNTIL
    times = sorted(chance.uniform(published, until) for _ in range(changes))
    return Article(
        path=f"/{folder}/{number + 1}/{chance.randrange(10**6):06d}.html",
        number=number,
        published=published,
        life=_life(chance, language, published, first, times, until),
        status=chance.choice((404, 410)),
        denied=denied,
    )


def _life(
    chance: random.Random,
    language: str,
    published: float,
    first: Text,
    times: Sequence[float],
    until: float,
) -> tuple[tuple[float, Text | None], ...]:
    life: list[tuple[float, Text | None]] = [(published, first)]
    for number, at in enumerate(times):
        text = life[-1][1]
        if text is None:
            break  # What was taken down for good changes no more.
        kind = chance.choices(_CHANGES, _WEIGHTS)[0]
        if kind in ("removed", "restored"):
            life.append((at, None))
            later = times[number + 1] if number + 1 < len(times) else until
            if kind == "restored":
                life.append(((at + later) / 2, text))
        else:
            earlier = [known for _, known in life[:-1] if known not in (None, text)]
            reverts = kind == "revert" and earlier
            life.append((at, earlier[-1] if reverts else _changed(chance, language, kind, text)))
    return tuple(life)


def _first_text(chance: random.Random, language: str, number: int) -> Text:
    paragraphs = []
    for _ in range(chance.randint(5, 8)):
        said = chance.sample(SENTENCES[language], 3)
        joint = " " if language == "en" else ""
        paragraphs.append(joint.join(_filled(chance, language, sentence) for sentence in said))
    title = chance.choice(TITLES[language])
    names = NAMES[language]
    # The number of the article keeps headlines of one site apart.
    headline = title.format(who=chance.choice(names), n=1000 * (number + 1) + chance.randrange(999))
    return Text(title=headline[0].upper() + headline[1:], paragraphs=tuple(paragraphs))


def _filled(chance: random.Random, language: str, sentence: str) -> str:
    who, whom = chance.sample(NAMES[language], 2)
    figures = {"n": chance.randint(5000, 999_999), "m": chance.randint(100, 4999)}
    said = sentence.format(who=who, whom=whom, **figures)
    return said[0].upper() + said[1:]


def _changed(chance: random.Random, language: str, kind: str, text: Text) -> Text:
    if kind == "title":
        title = chance.choice(TITLES[language])
        headline = title.format(
            who=chance.choice(NAMES[language]), n=chance.randrange(10**6, 10**7)
        )
        return replace(text, title=headline[0].upper() + headline[1:])
    paragraphs = list(text.paragraphs)
    place = chance.randrange(len(paragraphs))
    if kind == "number":
        old = next(word for word in _figures(paragraphs[place]) if int(word) >= 100)
        new = str(int(old) + chance.randint(100, 4000))
        paragraphs[place] = paragraphs[place].replace(old, new, 1)
    else:
        said = chance.sample(SENTENCES[language], 2)
        joint = " " if language == "en" else ""
        added = joint.join(_filled(chance, language, sentence) for sentence in said)
        paragraphs.insert(place + 1, added)
    return replace(text, paragraphs=tuple(paragraphs))


def _figures(paragraph: str) -> list[str]:
    cleaned = "".join(sign if sign in "0123456789" else " " for sign in paragraph)
    return cleaned.split()
