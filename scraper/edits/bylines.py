"""Whether a page names other authors than before: the byline is part of what was published."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.models import Article
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["new_byline"]

# Places that belong to the article alone. An element with "author" in its name may stand in a box
# beside it, whose authors change with every visit.
_FIRM = ("json-ld", "meta ", "line ")
# Characters of a block that may be a byline.
_LONGEST_BYLINE = 160
_PUNCTUATION = lazy_compile(r"[\W_]+")


def new_byline(before: Article, after: Article) -> tuple[str, str] | None:
    """Return the byline before and after where the publisher changed it, else None.

    Only what stands in one and the same place of both records is compared, or what was there and
    is there no more: names that another part of the page gives may be those of other articles.

    Args:
        before, after: records of one page, made by the same extractor.
    """
    if _same_writers(before.authors, after.authors):
        return None
    origins = {origin for record in (before, after) if (origin := _origin(record))}
    if len(origins) != 1 or not origins.pop().startswith(_FIRM):
        return None
    if _still_named(before, after) or _still_named(after, before):
        return None
    return _joined(before.authors), _joined(after.authors)


def _still_named(one: Article, other: Article) -> bool:
    """Return whether a page without a byline prints the other's names in its short blocks all the
    same: another layout of it, whose byline was not recognized."""
    if one.authors or not other.authors:
        return False
    printed = [block.text for block in one.kept] + [block.text for block in one.removed]
    blocks = [_PUNCTUATION.sub("", fold(text)) for text in printed if len(text) <= _LONGEST_BYLINE]
    return all(
        any(_PUNCTUATION.sub("", fold(name)) in block for block in blocks) for name in other.authors
    )


def _same_writers(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether two bylines name the same people.

    Their order, capitals, spaces, punctuation and Chinese script make no difference, nor do first
    names that one of them cuts to initials.
    """
    left, right = {_key(name) for name in one}, {_key(name) for name in other}
    shared = left & right
    alone, others = left - shared, right - shared
    return len(alone) == len(others) and all(any(_abridged(a, b) for b in others) for a in alone)


def _key(name: str) -> tuple[str, ...]:
    words = tuple(_PUNCTUATION.sub(" ", fold(name)).split())
    return words if all(word.isascii() for word in words) else ("".join(words),)


def _abridged(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names are one: the same family name, and initials of the same names before it."""
    if len(one) != len(other) or len(one) < 2 or one[-1] != other[-1]:
        return False
    return all(
        a == b or (1 in (len(a), len(b)) and a[0] == b[0])
        for a, b in zip(one[:-1], other[:-1], strict=True)
    )


def _origin(record: Article) -> str:
    """Return where the page names its authors, or "" when it names none."""
    chosen = (c.origin for c in record.candidates if c.field == "authors" and c.chosen)
    return next(chosen, "") if record.authors else ""


def _joined(names: tuple[str, ...]) -> str:
    between = "、" if any("\u4e00" <= letter <= "\u9fff" for letter in "".join(names)) else ", "
    return between.join(names)
