"""Two stories under nearly one address, or whose pages name one canonical address."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from tests.world.addresses import slug
from tests.world.model import Addressing, Hit, Reply, Request, Site, Story

__all__ = ["PAIRS", "Pair"]


class Pair(Addressing):
    """A site with two stories whose addresses, or whose canonical, are nearly the same."""

    kind = "pair"

    def __init__(self, chance: random.Random) -> None:
        self.sample = ""
        self.setup(chance)

    def setup(self, chance: random.Random) -> None:
        """Draw what differs."""

    def addresses(self, site: Site) -> tuple[str, ...]:
        """Return an address for each story, in order."""
        raise NotImplementedError

    def canonical(self, site: Site, number: int) -> str:
        """Return what the page of a story names as canonical."""
        return ""

    def listed(self, site: Site, story: Story, hours: float, place: int = 0) -> tuple[str, ...]:
        return (self.addresses(site)[site.stories.index(story)],)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        asked = f"{request.scheme}://{request.host}{request.path}"
        for number, url in enumerate(self.addresses(site)):
            if asked == url:
                return Hit(story=site.stories[number], canonical=self.canonical(site, number))
        return None


class NearPaths(Pair):
    """Addresses that differ in one letter, digit, case, parameter."""

    kind = "near-equal addresses"
    FORMS = (
        ("?id=41017", "?id=41018"),
        ("/story;id=1", "/story;id=2"),
        ("/a/AbCd", "/a/abcd"),
        ("/n/1.html", "/n/10.html"),
        ("/2026/11/harbour", "/2026/11/harbour-2"),
        ("/p?p=7&x=1", "/p?p=8&x=1"),
        ("/camp", "/camp-amp-lamp"),
        ("/news?date=2026-11-19", "/news?date=2026-11-20"),
        ("/t/ferry", "/t/ferry-"),
        ("/v?v=aZ3", "/v?v=az3"),
        ("/story/part-1", "/story/part-2"),
        ("/story?lang=a&art=5", "/story?lang=a&art=6"),
        ("/a/1/2", "/a/12"),
        ("/s?sid=100", "/s?sid=101"),
        ("/read?from=3", "/read?from=4"),
        ("/x/%E4%B8%80", "/x/%E4%BA%8C"),
        ("/live/t-1?c=2", "/live/t-1?c=3"),
        ("/item?ref=8812", "/item?ref=8813"),
        ("/m/story", "/story"),
        ("/amp/volts", "/volts"),
        ("/index.php?id=3", "/index.php?id=33"),
        ("/a.html", "/a.shtml"),
    )

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(self.FORMS)
        self.own = chance.random() < 0.5
        self.sample = " and ".join(self.form) + (
            ", each its own canonical" if self.own else ", no canonical"
        )

    def addresses(self, site: Site) -> tuple[str, ...]:
        return tuple(site.root + (f if f.startswith("/") else "/article" + f) for f in self.form)

    def canonical(self, site: Site, number: int) -> str:
        return self.addresses(site)[number] if self.own else ""


class OneCanonical(Pair):
    """All pages of a site name one address as canonical."""

    kind = "site-wide canonical"

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(
            ("front page", "section", "first story", "a template's address", "404")
        )
        self.paths = (
            f"/news/{slug(chance)}.html",
            f"/news/{slug(chance)}-{chance.randint(2, 9)}.html",
        )
        self.sample = f"every page names {self.form} as canonical"

    def addresses(self, site: Site) -> tuple[str, ...]:
        return tuple(site.root + path for path in self.paths)

    def canonical(self, site: Site, number: int) -> str:
        return {
            "front page": site.root + "/",
            "section": site.root + "/news/",
            "first story": self.addresses(site)[0],
            "a template's address": site.root + "/article.html",
            "404": site.root + "/gone",
        }[self.form]


PAIRS: Final[tuple[Callable[[random.Random], Pair], ...]] = (
    NearPaths,
    NearPaths,
    NearPaths,
    OneCanonical,
    OneCanonical,
)
