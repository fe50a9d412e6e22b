"""What a web page says of the feeds of its site: in its head, and in links of its body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.discover.visit import one_line
from scraper.urls import absolute

__all__ = ["FeedLink", "base_of", "feed_links"]

# Media types of feeds; the last two are served for much else, and so need an address that says it.
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)
_VAGUE_TYPES = frozenset({"application/json", "text/xml", "application/xml"})
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._?&=-])(?:rss\d?|atom|feeds?|rdf|index\.xml)(?:$|[/._?&=-])", re.IGNORECASE
)
_FEED_WORDS = re.compile(
    r"\b(?:rss|atom|web ?feed|xml feed)\b|^(?:rss\s*)?(?:订阅|訂閱)(?:\s*rss)?$", re.IGNORECASE
)
# Feeds of comments, of one story's replies, of sounds: not of articles.
_OTHER_FEED = re.compile(
    r"comments?\b|replies|podcast|oembed|wp-json|评论|評論|留言|播客", re.IGNORECASE
)
_MOST_LINKS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page names.

    Attributes:
        url: its address.
        title: its name there, or "".
        declared: whether the head declares it; else a link of the body leads there.
    """

    url: str
    title: str = ""
    declared: bool = True


def feed_links(html: str | LexborHTMLParser, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names, those of its head first, each once.

    Args:
        html: the page.
        url: where it was read.
    """
    tree = LexborHTMLParser(html) if isinstance(html, str) else html
    base = base_of(tree, url)
    found: dict[str, FeedLink] = {}
    for node in tree.css("link[href][type]"):
        kind = _said(node, "type").split(";")[0].strip().lower()
        address = absolute(base, _said(node, "href"))
        vague = kind in _VAGUE_TYPES and _FEED_ADDRESS.search(address) is not None
        if "alternate" not in _said(node, "rel").lower().split() and kind not in _FEED_TYPES:
            continue
        title = one_line(_said(node, "title"))
        if address and (kind in _FEED_TYPES or vague) and not _is_other(address, title):
            found.setdefault(address, FeedLink(url=address, title=title))
    for node in tree.css("a[href]"):
        address = absolute(base, _said(node, "href"))
        if not address or len(found) >= _MOST_LINKS:
            continue
        text = one_line(f"{node.text()} {_said(node, 'title')} {_said(node, 'aria-label')}", 80)
        by_address = _FEED_ADDRESS.search(address.split("//", 1)[-1].partition("/")[2]) is not None
        if (by_address or _FEED_WORDS.search(text)) and not _is_other(address, text):
            found.setdefault(address, FeedLink(url=address, title=text, declared=False))
    return tuple(found.values())


def _is_other(address: str, title: str) -> bool:
    return bool(_OTHER_FEED.search(address) or _OTHER_FEED.search(title))


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Return the address against which a page's links are to be resolved."""
    node = tree.css_first("base[href]")
    try:
        return urljoin(url, _said(node, "href")) if node is not None else url
    except ValueError:
        return url


def _said(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
