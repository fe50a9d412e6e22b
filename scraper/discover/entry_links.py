"""The address of a feed's entry: the article's own, before those that only lead to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scraper.discover.visit import resolve
from scraper.urls import same_site

__all__ = ["article_link", "unwrap"]

# Relations of Atom links that lead elsewhere than to the article (RFC 4287, RFC 4685, RFC 5023).
_NOT_THE_ARTICLE = frozenset(
    {"enclosure", "replies", "edit", "edit-media", "hub", "related", "via"}
)
# Words in the first label of a host or the last of a path by which redirectors are known, and
# the query parameters in which they carry where they lead.
_REDIRECTOR = re.compile(
    r"(?:^|[/.])(?:url|redirect(?:or)?|redir|rd|go|goto|jump|out(?:bound)?|click|track(?:ing)?|"
    r"link(?:s|out)?|l|away|exit|transfer|external)(?:\.(?:php|aspx?|html?|do))?$",
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
    identity = str(item.get("id") or "").strip()
    permalink = identity if identity.startswith(("http:", "https:")) else ""
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


def _hrefs(item: Mapping[str, Any]) -> list[str]:
    links = [link for link in item.get("links", ()) if link.get("rel") not in _NOT_THE_ARTICLE]
    links.sort(key=lambda link: link.get("rel") != "alternate")
    hrefs = [str(item.get("link") or ""), *(str(link.get("href") or "") for link in links)]
    return [href for href in (h.strip() for h in hrefs) if href]
