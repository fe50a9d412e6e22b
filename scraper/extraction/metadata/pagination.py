"""The next page of an article in several pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.text.patterns import lazy_compile
from scraper.text.values import tidy
from scraper.urls import absolute, same_site

__all__ = ["continues", "next_page"]

# Texts of links to the next page of an article; 下一篇 and "next article" lead to another one.
_NEXT = lazy_compile(
    r"^[\s<>«»‹›→\[(（]*(?:下一?[页頁]|下[页頁]|余下全文|餘下全文|next\s?(?:page)?|"
    r"continue(?: reading)?|"
    r"nächste seite|page suivante"
    r"|página siguiente|>|›|»|→|>>)[\s<>«»‹›→\])）]*$",
    re.IGNORECASE,
)
_NUMBERED = lazy_compile(r"^(?P<stem>.*?)(?:[_-](?P<n>\d{1,3}))?(?P<ext>\.\w{3,5})?/?$")
_PAGE_PATH = lazy_compile(r"^(?P<stem>.*?)/(?:page[/-]?)?(?P<n>\d{1,2})/?$", re.IGNORECASE)
_PAGE_KEYS: Final = frozenset(("page", "p", "pg", "pageno", "page_no", "paged", "pn", "pagenum"))
_MAX_LINKS: Final = 5_000
# A line with a pager, matched first, since a page has thousands of links.
_SAYS_NEXT = lazy_compile(
    r"下一?[页頁]|[余餘]下全文|next|nächste|suivante|siguiente|[>›»→]|2", re.IGNORECASE
)


def _numbers(url: str) -> list[tuple[tuple[str, ...], int]]:
    """Return the possible splits of an address into a stem and a page number."""
    parts = urlsplit(url)
    readings: list[tuple[tuple[str, ...], int]] = []
    host = parts.netloc.lower()
    query = parse_qsl(parts.query)
    rest = tuple(sorted(f"{k}={v}" for k, v in query if k.lower() not in _PAGE_KEYS))
    pages = [v for k, v in query if k.lower() in _PAGE_KEYS]
    path = parts.path.rstrip("/")
    number = int(pages[0]) if pages and pages[0].isdecimal() and len(pages[0]) < 4 else 1
    readings.append(((host, path, *rest), number))
    if not pages:
        if match := _NUMBERED.match(path):
            stem = (host, match["stem"] + (match["ext"] or ""), *rest)
            readings.append((stem, int(match["n"]) if match["n"] else 1))
        if match := _PAGE_PATH.match(path):
            readings.append(((host, match["stem"], *rest), int(match["n"])))
    return readings


def continues(url: str, other: str) -> bool:
    """Return whether `other` is the page after `url` of one article, judging by the addresses.

    ``story.html`` → ``story_2.html``, ``?page=2`` → ``?page=3``, ``/story/`` → ``/story/2``.
    """
    try:
        mine, theirs = dict(_numbers(url)), _numbers(other)
    except ValueError:
        return False
    for stem, number in theirs:
        # Sites count from 0 or 1, so the second page is _1 or _2.
        if stem in mine and (number == mine[stem] + 1 or (mine[stem] == 1 and number == 2)):
            return number > 1
    return False


def next_page(tree: LexborHTMLParser, url: str, linked: str, shown: Sequence[str]) -> str:
    """Return the address of the article's next page, or "".

    Args:
        tree: the page.
        url: its address; without one the result is "".
        linked: absolute target of the head's ``rel=next``, or "".
        shown: short lines directly below the text, where pagers are.
    """
    if not url:
        return ""
    if linked and same_site(url, linked) and continues(url, linked):
        return linked
    if not any(_SAYS_NEXT.search(text) for text in shown):
        return ""
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        if not _NEXT.match(tidy((node.text() or "")[:40])):
            continue
        target = absolute(url, node.attributes.get("href") or "")
        if target and same_site(url, target) and continues(url, target):
            return target
    return ""
