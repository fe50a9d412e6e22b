"""One story under many addresses.

An `Addressing` says under which addresses the lists of a site show a story at an hour, and what
stands at each. `TWINS` are ways in which one article is reached by several addresses, `MOVES` those
in which a whole site changes place.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import unquote, urlsplit

from tests.world.layouts import notice
from tests.world.model import Addressing, Hit, Reply, Request, Site, Story, hash_of
from tests.world.wording import word_list

__all__ = ["MOVES", "TWINS", "Twin", "slug"]

WORDS: Final = word_list(
    "harbour ferry school river bridge winter budget museum tram signal market station garden"
    " orchard"
    " library island storm canal rail meadow"
)


def slug(chance: random.Random, count: int = 3) -> str:
    """Return words joined by hyphens."""
    return "-".join(chance.sample(WORDS, count))


def token(
    chance: random.Random, length: int = 10, letters: str = string.ascii_lowercase + string.digits
) -> str:
    """Return letters and digits."""
    return "".join(chance.choice(letters) for _ in range(length))


def _not_here(status: int = 404) -> Reply:
    return Reply(
        status=status,
        headers={"content-type": "text/html; charset=utf-8"},
        body=notice("Not found", "This page does not exist.").encode(),
    )


def _to(url: str, status: int) -> Reply:
    return Reply(status=status, headers={"location": url})


# Moves


class Move(Addressing):
    """A site whose stories stand elsewhere from an hour on."""

    def __init__(self, chance: random.Random, *, redirects: bool) -> None:
        self.kind = "move with redirects" if redirects else "move without redirects"
        self.since = chance.choice((0.9, 5.0, 20.0, 40.0, 71.0, 150.0))
        self.status = (
            chance.choice((301, 301, 308, 302)) if redirects else chance.choice((404, 404, 410))
        )
        self.way = chance.choice(
            ("path", "folder", "suffix", "id", "host")
            if redirects
            else ("path", "folder", "id", "suffix")
        )
        self.redirects = redirects
        self.canonical = chance.random() < 0.8
        self.sample = (
            f"from hour {self.since:g} by {self.way}; the old address answers {self.status}"
            + ("" if self.canonical else ", no canonical")
        )

    def new(self, site: Site, story: Story) -> str:
        """Return where a story stands afterwards."""
        path = story.path
        if self.way == "path":
            return site.root + "/archive" + path
        if self.way == "folder":
            return site.root + re.sub(r"^/\w+", "/stories", path)
        if self.way == "suffix":
            return site.root + re.sub(r"\.html$", "", path) + "/"
        if self.way == "id":
            return f"{site.root}/p/{hash_of(story.id + path)}"
        return f"{site.scheme}://{site.hosts[0] if site.hosts else site.host}/n{path}"

    def listed(self, site: Site, story: Story, hours: float, place: int = 0) -> tuple[str, ...]:
        return (self.new(site, story) if hours >= self.since else site.root + story.path,)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        asked = f"{request.scheme}://{request.host}{request.path}"
        moved = request.hours >= self.since
        for story in site.stories:
            old, new = site.root + story.path, self.new(site, story)
            here = new if moved else old
            if asked == here:
                return Hit(story=story, canonical=here if self.canonical else "")
            if moved and asked == old:
                if self.redirects:
                    return _to(new, self.status)
                # What was taken down before the move stands nowhere else.
                down = story.at(request.hours) is None
                return replace(_not_here(self.status), gone=story.id if down else "")
        return None


MOVES: Final = (
    lambda chance: Move(chance, redirects=True),
    lambda chance: Move(chance, redirects=False),
)


# One article under many addresses


class Twin(Addressing):
    """A site whose stories are reached by several addresses.

    Args:
        chance: source of what differs between two sites of a kind.
    """

    kind = "twin"
    # Whether all pages of a story name one address as canonical; where they do not, the addresses
    # themselves tell that they are one.
    names_canonical = True

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.seed = str(chance.random())
        self.sample = ""
        self.setup(chance)

    def setup(self, chance: random.Random) -> None:
        """Draw what differs."""

    def home(self, site: Site, story: Story) -> str:
        """Return the address that is the story's own."""
        return site.root + story.path

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        """Return the addresses that a list shows at an hour."""
        raise NotImplementedError

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        """Return whether an address shows a story."""
        raise NotImplementedError

    def elsewhere(self, site: Site, story: Story, asked: str, hours: float) -> Reply | None:
        """Return an answer that is not the page itself, such as a redirect."""
        return None

    def listed(self, site: Site, story: Story, hours: float, place: int = 0) -> tuple[str, ...]:
        return self.variants(site, story, hours, place)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        asked = f"{request.scheme}://{request.host}{request.path}"
        for story in site.stories:
            other = self.elsewhere(site, story, asked, request.hours)
            if other is not None:
                return other
            if self.reads(site, story, asked):
                return Hit(
                    story=story, canonical=self.home(site, story) if self.names_canonical else ""
                )
        return None

    def fresh(self, hours: float, place: int, story: Story) -> random.Random:
        """Return chance that is another at each visit of a list."""
        return random.Random(f"{self.seed}{int(hours)}{place}{story.id}")


class KnownTracking(Twin):
    """Parameters of the known trackers; no page names a canonical."""

    kind = "known tracking parameters"
    names_canonical = False
    NAMES = word_list(
        "utm_source utm_medium utm_campaign utm_term utm_content fbclid gclid gclsrc dclid"
        " msclkid yclid mc_cid"
        " mc_eid igshid igsh twclid ttclid li_fat_id _ga _gl wbraid gbraid srsltid spm scm"
        " spm_id_from vd_source"
        " bd_vid hmsr ref_src cmpid CMP cmp ncid ocid xtor guccounter wt.mc_id s_cid mkt_tok"
        " hsa_acc hsa_cam pk_campaign"
        " mtm_source vero_id at_medium at_campaign oly_enc_id _hsenc _hsmi share_token"
        " isappinstalled scene chksm"
        " smid ns_mchannel ns_campaign"
    )

    def setup(self, chance: random.Random) -> None:
        self.names = chance.sample(self.NAMES, chance.choice((1, 2, 3)))
        self.sample = "?" + "&".join(f"{n}=…" for n in self.names)

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        fresh = self.fresh(hours, place, story)
        pairs = "&".join(f"{name}={token(fresh, fresh.randint(4, 14))}" for name in self.names)
        return (f"{self.home(site, story)}?{pairs}",)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return asked.partition("?")[0] == self.home(site, story)


class UnknownTracking(KnownTracking):
    """Parameters that nobody knows, another value at each visit; every page names its canonical."""

    kind = "unknown parameters, another value at each visit"
    names_canonical = True

    def setup(self, chance: random.Random) -> None:
        self.names = [
            chance.choice(
                (
                    "from",
                    "src",
                    "rss",
                    "tk",
                    "campaignid",
                    "c",
                    "r",
                    "via",
                    "sref",
                    "partner",
                    "origin",
                    "traffic",
                    "position",
                    "nl",
                    "edm",
                    "channel",
                    token(chance, 4, string.ascii_lowercase),
                )
            )
            for _ in range(chance.choice((1, 1, 2)))
        ]
        self.sample = "?" + "&".join(f"{n}=…" for n in self.names) + ", canonical without"


class FixedParameters(UnknownTracking):
    """A list's own parameter, always the same, beside an address without one."""

    kind = "each list its own parameter"

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (f"{self.home(site, story)}?{self.names[0]}=list{place}",)


class Sections(Twin):
    """The same story in two sections."""

    kind = "two sections"

    def setup(self, chance: random.Random) -> None:
        self.sections = chance.sample(
            ("world", "money", "tech", "local", "science", "yaowen", "guonei", "ai"), 3
        )
        self.own = chance.random() < 0.5
        self.sample = f"/{self.sections[1]}/… and /{self.sections[2]}/…, canonical " + (
            f"/{self.sections[1]}/…" if self.own else f"/{self.sections[0]}/…"
        )

    def _at(self, site: Site, story: Story, section: int) -> str:
        return f"{site.root}/{self.sections[section]}{story.path}"

    def home(self, site: Site, story: Story) -> str:
        return self._at(site, story, 1 if self.own else 0)

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self._at(site, story, 1 + place % 2),)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return any(asked == self._at(site, story, n) for n in range(3))


class Amp(Twin):
    """An AMP page beside the page."""

    kind = "AMP twin"

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(
            ("/amp", "/amp/", "?amp=1", "?outputType=amp", ".amp.html", "amp/", "amp.host", "?amp")
        )
        self.sample = f"{self.form}, canonical is the page"

    def _amp(self, site: Site, story: Story) -> str:
        home = self.home(site, story)
        if self.form == ".amp.html":
            return re.sub(r"\.html$", "", home) + ".amp.html"
        if self.form == "amp/":
            return site.root + "/amp" + story.path
        if self.form == "amp.host":
            return home.replace("://", "://amp.", 1)
        return home + self.form

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self._amp(site, story) if place else self.home(site, story),)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return asked in (self.home(site, story), self._amp(site, story))


class Mobile(Twin):
    """A mobile page beside the page."""

    kind = "mobile twin"

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(("m.", "wap.", "mobile.", "www.", "/m", "/mobile", "3g."))
        # A folder tells nothing by itself.
        self.names_canonical = self.form.startswith("/") or chance.random() < 0.6
        self.sample = (
            f"{self.form}, {'canonical is the page' if self.names_canonical else 'no canonical'}"
        )

    def _mobile(self, site: Site, story: Story) -> str:
        if self.form.startswith("/"):
            return site.root + self.form + story.path
        return self.home(site, story).replace("://", f"://{self.form}", 1)

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self._mobile(site, story) if place else self.home(site, story),)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return asked in (self.home(site, story), self._mobile(site, story))


class Spelling(Twin):
    """One address in two spellings that are the same by RFC 3986."""

    kind = "spellings of one address"
    names_canonical = False

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(
            (
                "fragment",
                "port",
                "case of host",
                "dots",
                "escape",
                "scheme",
                "slash",
                "order",
                "empty query",
            )
        )
        # By RFC 3986 the order of parameters may tell something.
        self.names_canonical = self.form == "order"
        self.sample = self.form

    def home(self, site: Site, story: Story) -> str:
        if self.form == "order":
            return f"{site.root}{story.path}?a=1&id={hash_of(story.id)}"
        if self.form == "slash":
            return site.root + re.sub(r"\.html$", "", story.path)
        return site.root + story.path

    def other(self, site: Site, story: Story) -> str:
        """Return the other spelling."""
        home = self.home(site, story)
        scheme, _, rest = home.partition("://")
        host, _, path = rest.partition("/")
        return {
            "fragment": f"{home}#top",
            "port": f"{scheme}://{host}:{443 if scheme == 'https' else 80}/{path}",
            "case of host": f"{scheme}://{host.upper()}/{path}",
            "dots": f"{scheme}://{host}/x/../{path}",
            "escape": home.replace("a", "%61", 1) if "a" in path else home.replace("e", "%65", 1),
            "scheme": f"{'http' if scheme == 'https' else 'https'}://{rest}",
            "slash": home + "/",
            "order": f"{site.root}{story.path}?id={hash_of(story.id)}&a=1",
            "empty query": home + "?",
        }[self.form]

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self.other(site, story) if place else self.home(site, story),)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        parts = urlsplit(asked)
        path = re.sub(r"^/x/\.\./", "/", unquote(parts.path))
        own = urlsplit(self.home(site, story))
        query = sorted(parts.query.split("&")) == sorted(own.query.split("&"))
        same = path == own.path or (self.form == "slash" and path == own.path + "/")
        return same and query and (parts.hostname or "") == own.hostname


class Session(Twin):
    """Session identifiers, another at each visit."""

    kind = "session identifiers"

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(
            (
                "?PHPSESSID={}",
                ";jsessionid={}",
                "?sid={}",
                "?sessionid={}",
                "?ASPSESSIONID={}",
                "?s={}",
                "?_t={}",
            )
        )
        self.sample = self.form.format("…") + ", canonical without"

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (
            self.home(site, story)
            + self.form.format(token(self.fresh(hours, place, story), 26).upper()),
        )

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return re.split(r"[?;]", asked)[0] == self.home(site, story)


class ShortLink(Twin):
    """Short links that lead to the page."""

    kind = "short links"

    def setup(self, chance: random.Random) -> None:
        self.status = chance.choice((301, 302, 307, 308))
        self.anew = chance.random() < 0.4
        self.names_canonical = chance.random() < 0.7
        self.sample = f"/go/… answers {self.status}" + (
            ", another link at each visit" if self.anew else ""
        )

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        if not place:
            return (self.home(site, story),)
        seed = str(int(hours)) if self.anew else ""
        return (f"{site.root}/go/{hash_of(story.id)}{'-' + seed if seed else ''}",)

    def elsewhere(self, site: Site, story: Story, asked: str, hours: float) -> Reply | None:
        if asked.startswith(f"{site.root}/go/{hash_of(story.id)}"):
            return _to(self.home(site, story), self.status)
        return None

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return asked == self.home(site, story)


class PrintView(Twin):
    """A page for printing, or the whole article on one page, beside the page."""

    kind = "print view"

    def setup(self, chance: random.Random) -> None:
        self.form = chance.choice(
            ("?print=1", "?view=print", "/print", "?page=all", "?mode=reader", "?full=true")
        )
        self.sample = f"{self.form}, canonical is the page"

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self.home(site, story) + (self.form if place else ""),)

    def reads(self, site: Site, story: Story, asked: str) -> bool:
        return asked in (self.home(site, story), self.home(site, story) + self.form)


class RenamedSlug(Twin):
    """The words of the address follow the headline, its number tells which story it is."""

    kind = "slug changes, number stays"

    def setup(self, chance: random.Random) -> None:
        self.since = chance.choice((5.0, 20.0, 70.0))
        self.redirects = chance.random() < 0.5
        self.words = [slug(chance), slug(chance)]
        self.sample = f"/…/N-words, other words from hour {self.since:g}" + (
            ", redirected" if self.redirects else ""
        )

    def _at(self, site: Site, story: Story, number: int) -> str:
        return f"{site.root}/story/{int(hash_of(story.id), 16)}-{self.words[number]}"

    def home(self, site: Site, story: Story) -> str:
        return self._at(site, story, 0)

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return (self._at(site, story, int(hours >= self.since)),)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        asked = f"{request.scheme}://{request.host}{request.path}"
        late = int(request.hours >= self.since)
        for story in site.stories:
            if asked in (self._at(site, story, 0), self._at(site, story, 1)):
                now = self._at(site, story, late)
                if self.redirects and asked != now:
                    return _to(now, 301)
                return Hit(story=story, canonical=now)
        return None


class Migration(Twin):
    """The whole site moves, with or without redirects."""

    kind = "migration"

    def setup(self, chance: random.Random) -> None:
        self.move = Move(chance, redirects=chance.random() < 0.6)
        self.kind = "migration" + (
            " with redirects" if self.move.redirects else " without redirects"
        )
        self.sample = self.move.sample

    def variants(self, site: Site, story: Story, hours: float, place: int) -> tuple[str, ...]:
        return self.move.listed(site, story, hours)

    def find(self, site: Site, request: Request) -> Hit | Reply | None:
        return self.move.find(site, request)


class MetaRefresh(ShortLink):
    """An intermediate page that leads on by itself."""

    kind = "refresh"

    def setup(self, chance: random.Random) -> None:
        self.status = 200
        self.anew = False
        self.header = chance.random() < 0.4
        self.sample = "/go/… leads on by " + ("a Refresh header" if self.header else "meta refresh")

    def elsewhere(self, site: Site, story: Story, asked: str, hours: float) -> Reply | None:
        if not asked.startswith(f"{site.root}/go/{hash_of(story.id)}"):
            return None
        home = self.home(site, story)
        if self.header:
            return Reply(
                headers={"content-type": "text/html", "refresh": f"0; url={home}"},
                body=b"<html></html>",
            )
        head = f'<meta http-equiv="refresh" content="0; url={home}">'
        link = f'<a href="{home}">Continue</a>'
        body = f"<html><head>{head}</head><body>{link}</body></html>"
        return Reply(headers={"content-type": "text/html"}, body=body.encode())


TWINS: Final[tuple[Callable[[random.Random], Twin], ...]] = (
    KnownTracking,
    KnownTracking,
    UnknownTracking,
    FixedParameters,
    Sections,
    Amp,
    Amp,
    Mobile,
    Mobile,
    Spelling,
    Spelling,
    Session,
    ShortLink,
    PrintView,
    RenamedSlug,
    Migration,
    Migration,
    MetaRefresh,
)
