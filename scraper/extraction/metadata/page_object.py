"""Which object of a page's JSON-LD is that of its article: the one that agrees with the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from scraper.extraction.structured_data import (
    ARTICLE_TYPES,
    PAGE_TYPES,
    text_of,
    types_of,
    url_of,
    walk,
)
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only

__all__ = ["article_of"]

Thing = Mapping[str, Any]

# What an object gains by naming the page's address, and by having its headline.
_AGREES: Final = 4
_WORD = lazy_compile(r"[\u2e80-\u9fff]+|[^\W_\u2e80-\u9fff]+")
_SHORT_WORD: Final = 3  # letters
_MOST_TITLE: Final = 400


def _address(url: str) -> str:
    """Return what an address says of its page: the path without what sites add, and the query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = unquote(parts.path).rstrip("/").removesuffix("/amp").removesuffix("/index.html")
    return f"{path}?{parts.query}" if parts.query else path


def _names_page(thing: Thing, own: frozenset[str]) -> bool | None:
    """Return whether an object names the page's address; None if it names no article's."""
    named = {_address(url_of(thing.get(key))) for key in ("url", "@id", "mainEntityOfPage")}
    named.discard("")
    if not named or not own:
        return None
    # Trackers add a query to one of the two addresses.
    return any(
        one == other
        or (
            one.partition("?")[0] == other.partition("?")[0] and "?" not in min(one, other, key=len)
        )
        for one in named
        for other in own
    )


def _has_title(thing: Thing, titles: Sequence[str]) -> bool | None:
    """Return whether an object has the page's headline, in its words; None if it has none.

    Args:
        thing: an article or a page.
        titles: what the page calls its headline, in whatever form.
    """
    mine = text_of(thing.get("headline")) or text_of(thing.get("name"))
    form = letters_only(mine)
    if not form or not titles:
        return None
    words = _words_of(mine)
    for title in titles:
        theirs = letters_only(title)
        if theirs and (
            form == theirs or (min(len(form), len(theirs)) > 5 and _within(form, theirs))
        ):
            return True
        others = _words_of(title)
        if words and 2 * len(words & others) >= min(len(words), len(others) or len(words)):
            return True
    return False


def _within(one: str, other: str) -> bool:
    return one in other or other in one


def _words_of(title: str) -> frozenset[str]:
    """Return the words of a headline that tell it from others, pairs of characters in Chinese."""
    found: set[str] = set()
    for run in _WORD.findall(title[:_MOST_TITLE].casefold()):
        if run[0] >= "\u2e80":
            found.update(run[at : at + 2] for at in range(len(run) - 1))
        elif len(run) > _SHORT_WORD:
            found.add(run)
    return frozenset(found)


def article_of(
    things: Sequence[Thing], url: str = "", titles: Sequence[str] = (), *, also: Sequence[str] = ()
) -> tuple[Thing, Thing]:
    """Return the object that describes the article, and the one that describes its page.

    Of several articles that win which name the page's address and its headline, then the one with
    most of the fields that we read, then the first; an article inside a list of others is not this
    one, nor is one that has both another address and another headline.

    Args:
        things: what `parse_scripts` returned.
        url: address of the page, or "".
        titles: what the page calls its headline, in whatever form.
        also: further addresses of the page.

    Returns:
        Both empty where there is none.
    """
    listed = {
        id(v) for t in things if types_of(t) & {"itemlist", "collectionpage"} for v in walk(t)
    }
    own = frozenset(filter(None, map(_address, (url, *also))))
    best: dict[str, tuple[int, Thing]] = {}
    for thing in things:
        if id(thing) in listed:
            continue
        types = types_of(thing)
        kind = "article" if types & ARTICLE_TYPES else "page" if types & PAGE_TYPES else ""
        if not kind:
            continue
        about, titled = _names_page(thing, own), _has_title(thing, titles)
        if about is False and titled is False:
            continue
        fields = ("headline", "datePublished", "author", "mainEntityOfPage", "articleBody")
        score = sum(key in thing for key in fields)
        score += _AGREES * ((about is True) + (titled is True)) - _AGREES * (titled is False)
        if types & {"videoobject", "creativework", "review", "claimreview"}:
            score -= 3
        if kind not in best or score > best[kind][0]:
            best[kind] = (score, thing)
    return best.get("article", (0, {}))[1], best.get("page", (0, {}))[1]
