"""Where a listing goes on: its next page, in whatever form the page offers it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.discover.page_links import base_of
from scraper.discover.visit import one_line
from scraper.urls import absolute, canonical

__all__ = ["next_page"]

_NEXT_WORDS = re.compile(
    r"(?:next(?: page)?|[←‹«]?\s*older(?: posts?| articles?| stories| entries)?|more stories|"
    r"下一?[页頁]|后一?页|後一?頁)\s*[>»›→]*|[>»›→]+",
    re.IGNORECASE,
)
# Words that more often call a script than lead to a page: taken with an address that counts pages.
_MORE_WORDS = re.compile(
    r"(?:load|show|view|see|read)? ?more(?: \w+){0,2}|"
    r"(?:点击|點擊|查看|加载|載入|看|阅读|閱讀)?更多\w{0,4}",
    re.IGNORECASE,
)
_COUNTS_PAGES = re.compile(
    r"(?:^|[/?&_-])(?:p|pg|pn|page|paged|page_?(?:no|num|index)|offset|start|index|list)[=/_-]?\d+",
    re.IGNORECASE,
)
_PAGER = re.compile(r"pag(?:e|es|er|ing|ination|enavi)|nav-links|fenye", re.IGNORECASE)
_NEXT_CLASS = re.compile(
    r"(?:^|[\s_-])next(?:[_-]?(?:page|btn|link|posts?))?(?:$|\s)|nextpage|page-?next", re.IGNORECASE
)
_CURRENT = re.compile(r"(?:^|[\s_-])(?:current|active|on|cur|now|selected|this)(?:$|[\s_-])", re.I)
# Attributes in which buttons carry the page that they would load.
_BUTTONS = (
    "data-next",
    "data-next-url",
    "data-next-page",
    "data-nextpage",
    "data-url",
    "data-href",
)
_PAGER_DEPTH = 3
_MOST_PAGERS = 12


def next_page(tree: LexborHTMLParser, url: str) -> str:
    """Return the address of a listing's next page as the page gives it, or "".

    What the page declares (``rel=next``) comes first, then words that say it, then links that are
    marked as such, numbers of a pager, and last "more" where it leads to a page with a number.
    """
    base = base_of(tree, url)
    for candidates in (_declared, _by_words, _by_class, _by_number, _more):
        for href in candidates(tree):
            address = absolute(base, href) if href and not href.startswith("#") else ""
            if address and canonical(address) != canonical(url):
                return address
    return ""


def _declared(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("link[rel~=next][href], a[rel~=next][href]"):
        yield _said(node, "href")


def _by_words(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[href]"):
        said = one_line(node.text() or _said(node, "aria-label"), 40)
        if _NEXT_WORDS.fullmatch(said):
            yield _said(node, "href")


def _by_class(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[class*=next][href], [class*=next] > a[href]:only-child"):
        href = _said(node, "href")
        own = f"{_said(node, 'class')} {_said(node.parent, 'class') if node.parent else ''}"
        if _NEXT_CLASS.search(own) and (_COUNTS_PAGES.search(href) or _pager_of(node) is not None):
            yield href


def _by_number(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the page after the current one, of pagers that only have numbers."""
    seen: set[int] = set()
    for link in tree.css("a[href]"):
        if not (link.text() or "").strip().isdigit():
            continue
        pager = _pager_of(link)
        if pager is None or pager.mem_id in seen or len(seen) >= _MOST_PAGERS:
            continue
        seen.add(pager.mem_id)
        pages = {
            int(text): _said(node, "href")
            for node in pager.css("a[href]")
            if (text := (node.text() or "").strip()).isascii() and text.isdigit() and len(text) < 5
        }
        yield pages.get(_current(pager, pages) + 1, "")


def _current(pager: LexborNode, pages: dict[int, str]) -> int:
    """Return the number of the page that a pager stands on: marked, or the one without a link."""
    for node in pager.css("*"):
        text = (node.text() or "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 5):
            continue
        unlinked = node.tag != "a" and node.parent is not None and node.parent.tag != "a"
        unlinked = unlinked and node.css_first("a") is None
        if unlinked or _said(node, "aria-current") or _CURRENT.search(_said(node, "class")):
            return int(text)
    return next(n for n in range(1, len(pages) + 2) if n not in pages)


def _more(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a, button, div[data-next], div[data-next-url]"):
        said = one_line(node.text() or _said(node, "aria-label"), 40)
        if not _MORE_WORDS.fullmatch(said):
            continue
        for name in ("href", *_BUTTONS):
            href = _said(node, name)
            if _COUNTS_PAGES.search(href):
                yield href


def _pager_of(node: LexborNode) -> LexborNode | None:
    parent, depth = node.parent, _PAGER_DEPTH
    while parent is not None and depth > 0 and parent.tag not in ("body", "html", "-undef"):
        names = f"{_said(parent, 'class')} {_said(parent, 'id')} {_said(parent, 'aria-label')}"
        # A list with its items is within the pager.
        if _PAGER.search(names) and parent.tag not in ("li", "span", "main", "article"):
            return parent
        parent, depth = parent.parent, depth - 1
    return None


def _said(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
