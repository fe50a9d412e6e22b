"""The address of a feed's entry: the article's own, before those that only lead to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scraper.discover.visit import resolve
from scraper.urls import same_site

__all__ = ["article_link", "article_links", "records", "unwrap"]

# Relations of Atom links that lead elsewhere than to the article (RFC 4287, RFC 4685, RFC 5023).
_NOT_THE_ARTICLE = frozenset(
    {"enclosure", "replies", "edit", "edit-media", "hub", "related", "via"}
)
# Words in the first label of a host or the last of a path by which redirectors are known, and
# the query parameters in which they carry where they lead.
_REDIRECTOR = re.compile(
    r"(?:^|[/.])(?:url|redirect(?:or)?|redir|rd|go|goto|jump|out(?:bound)?|click|track(?:ing)?|"
    r"link(?:s|out)?|l|away|exit|transfer|external|\w{0,8}click)(?:\.(?:php|aspx?|html?|do))?$",
    re.IGNORECASE,
)
_TARGETS = ("url", "u", "q", "target", "to", "dest", "destination", "redirect", "link", "goto")


def unwrap(url: str) -> str:
    """Return the address that a redirector carries in its query, or `url` when it is none.

    Only what says of itself that it redirects is unwrapped: an article may well carry an address
    in a parameter. A redirector that hides its target is left to be followed when it is fetched.
    """
    if "?" not in url or "http" not in url[8:].lower():
        return url
    parts = urlsplit(url)
    label = (parts.hostname or "").split(".")[0]
    if not _REDIRECTOR.search(parts.path.rstrip("/")) and not _REDIRECTOR.fullmatch(label):
        return url
    values = {key.lower(): value for key, value in parse_qsl(parts.query)}
    for key in _TARGETS:
        value = values.get(key, "")
        if value.lower().startswith(("http://", "https://")) and (found := resolve(url, value)):
            return found
    return url


def article_link(item: Mapping[str, Any], base: str, site: str) -> str:
    """Return an entry's address: its own before a proxy's, a page before a GUID; "" for none.

    Args:
        item: the entry as feedparser gives it.
        base: address of the feed, or what it declares as its base.
        site: address of the feed's site as the feed names it, or "".
    """
    # What FeedBurner and its kind replaced: the address as it stood in the publisher's own feed.
    for key in ("feedburner_origlink", "pheedo_origlink"):
        if found := resolve(base, str(item.get(key) or "").strip()):
            return found
    permalink = _permalink(item)
    for href in _hrefs(item):
        found = resolve(base, href)
        if not found:
            continue
        found = unwrap(found)
        # A link that leads through another site (a counter of clicks, or the page that a blog
        # comments on), where the GUID is an address on the feed's own.
        away = bool(permalink and site) and permalink != found and not same_site(found, site)
        if away and same_site(permalink, site):
            return resolve(base, permalink) or found
        return found
    return resolve(base, permalink)


def article_links(items: Sequence[Mapping[str, Any]], base: str, site: str) -> list[str]:
    """Return the address of each of a feed's entries, "" for none.

    Where several lead to one address, such as the front page, those whose GUIDs are addresses of
    the same site are told apart by them.

    Args:
        items: the entries as feedparser gives them.
        base, site: as in `article_link`.
    """
    links = [article_link(item, base, site) for item in items]
    uses = Counter(links)
    if len(uses) == len(links):
        return links
    apart = [
        resolve(base, guid) if uses[link] > 1 and (guid := _permalink(item)) else ""
        for item, link in zip(items, links, strict=True)
    ]
    times = Counter(apart)
    return [
        guid if guid and times[guid] == 1 and same_site(guid, link) else link
        for guid, link in zip(apart, links, strict=True)
    ]


def records(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the records of a list that feedparser made.

    An element that happens to be called as the list is, such as ``<links>``, stands in its place as
    a string.
    """
    found = item.get(key)
    return [r for r in found if isinstance(r, Mapping)] if isinstance(found, list) else []


def _permalink(item: Mapping[str, Any]) -> str:
    identity = str(item.get("id") or "").strip()
    return identity if identity.startswith(("http:", "https:")) else ""


def _hrefs(item: Mapping[str, Any]) -> list[str]:
    links = [link for link in records(item, "links") if link.get("rel") not in _NOT_THE_ARTICLE]
    links.sort(key=lambda link: link.get("rel") != "alternate")
    hrefs = [str(item.get("link") or ""), *(str(link.get("href") or "") for link in links)]
    # Atom's content may lie elsewhere than in the feed (RFC 4287, section 4.1.3.2).
    hrefs += [str(part.get("src") or "") for part in records(item, "content")]
    return [_with_scheme(href) for href in (h.strip() for h in hrefs) if href]


def _with_scheme(href: str) -> str:
    """Return an address that was written as it is spoken, ``www.…``, as one that can be dialled."""
    return f"https://{href}" if _SPOKEN.match(href) else href


_SPOKEN = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[/:?]|$)", re.IGNORECASE)
