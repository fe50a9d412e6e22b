"""Parts of a page whose writers and dates are of something else than its article.

Embedded posts, comments, and teasers of other articles have bylines and times of their own, which
often are better marked than those of the page. They are told by the names of their elements, and by
where they stand: below the text, beside the headline of another page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from scraper.extraction.other_articles import OTHER_ARTICLE, STREAM, TEASERS
from scraper.models import KeptBlock, RemovedBlock
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only

__all__ = [
    "Surroundings",
    "is_above_page",
    "is_in_card",
    "is_in_other_content",
    "is_in_teaser",
    "is_other_place",
    "is_paragraph",
    "is_post_place",
    "surroundings",
]

# Characters of a paragraph. A standfirst may stand above the byline, two paragraphs do not.
LONG_LATIN: Final = 80
LONG_HAN: Final = 30
MANY_BEFORE: Final = 2
_HAN = lazy_compile(r"[\u3400-\u9fff]")

# Words in the class or id of such a part, each a whole part of a name: ``tweet-date``, ``fb_post``.
_NAMES: Final = (
    # posts of other platforms, and cards that show another page
    r"tweets?|twitter|fb|facebook|instagram|insta|embed(?:s|ded|ly)?|oembed|telegram|tg|toot|"
    r"mastodon|bluesky|bsky|threads|tiktok|reddit|youtube|linkedin|quoted|onebox|bookmark|"
    r"(?:weibo|wb)(?![_-]?(?:info|user|share))|"
    r"(?:link|quote|social)[-_]?(?:card|preview|post)|"
    # what readers write
    r"comments?|commentlist|repl(?:y|ies)|disqus|respond|pinglun|liuyan|"
    # other articles of the site
    r"related|recommend(?:s|ed|ation|ations)?|teasers?|promos?|recirc(?:ulation)?|carousel|trending|"
    r"popular|(?:most|up|read|also|see|more|you)[-_](?:read|popular|viewed|next|also|from|stories|news|"
    r"on|may|like|articles)|readmore|recent[-_]?posts|xiangguan|tuijian"
)
_NAME = lazy_compile(rf"(?<![a-z0-9])(?:{_NAMES})(?![a-z0-9])")
# Of these, what is a post of another platform wherever it stands.
_POST = lazy_compile(
    r"(?<![a-z0-9])(?:tweet|twitter-tweet|twitter-video|(?:fb|facebook|instagram|insta|telegram|tg|toot"
    r"|mastodon|bluesky|bsky|threads|tiktok|reddit|weibo|linkedin)[-_]?(?:media|post|embed|card|status)"
    r"|embedded[-_](?:post|tweet|media)|social[-_](?:embed|post|card)|oembed)(?![a-z0-9])"
)
_CAMEL = lazy_compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Names of layouts, not of parts: has-sidebar, comments-open, no-related.
_LAYOUT = lazy_compile(
    r"(?<![a-z0-9])(?:has|no|with|without|is|open|closed|layout|count|number|link)(?![a-z0-9])"
)
_BOUNDS: Final = frozenset(("body", "html", "main"))
_MOST_STEPS: Final = 12
_SHORT: Final = 60


@lru_cache(maxsize=4096)  # blocks and elements of a page share their classes
def _names_other(names: str) -> bool:
    """Return whether one of several class names is that of such a part."""
    for name in names.split():
        spelled = _CAMEL.sub("-", name).lower() if not name.islower() else name
        if _NAME.search(spelled) and not _LAYOUT.search(spelled):
            return True
    return False


def is_other_place(place: str) -> bool:
    """Return whether the path of a block leads through such a part.

    Args:
        place: as blocks have it, such as ``body > div.tweet > p``.
    """
    steps = place.split(" > ")[:-1]
    return any(
        step.startswith("blockquote") or _names_other(step.partition(".")[2]) for step in steps[1:]
    )


def is_post_place(place: str) -> bool:
    """Return whether the path of a block leads through, or ends in, a post of another platform."""
    return any(
        _POST.search(_CAMEL.sub("-", step.partition(".")[2]).lower())
        for step in place.split(" > ")[1:]
    )


def is_in_other_content(node: LexborNode) -> bool:
    """Return whether an element stands in a part of the page that is not of its article.

    A part that holds the page's first heading is none, whatever its name.
    """
    at: LexborNode | None = node
    articles = 0
    for step in range(_MOST_STEPS):
        if at is None or at.tag in _BOUNDS:
            return False
        tag = at.tag or ""
        attributes = at.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        other = tag == "blockquote" or ("-" in tag and _names_other(tag)) or _names_other(names)
        if tag == "article":
            articles += 1
            # An article within another one is a card or a post.
            other = other or (articles == 1 and step > 0 and _is_within_article(at))
        if other and not (at.css_first("h1") is not None):
            return True
        at = at.parent
    return False


def _is_within_article(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(_MOST_STEPS):
        if parent is None or parent.tag in _BOUNDS:
            return False
        if parent.tag == "article":
            return True
        parent = parent.parent
    return False


# Of an element that is a teaser, and of one that may be anything.
_CARD_STEPS: Final = 6
_CARD_TEXT: Final = 700  # characters; more is no teaser
_CARDS: Final = frozenset(("aside", "li", "article"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MOST_LINKS: Final = 12
# Words and Chinese characters that a headline has at least, and a label or a name has not.
_WORDS: Final = 3
_CHARACTERS: Final = 5
_ABOUT_WRITER = lazy_compile(
    r"author|writer|about|more (?:by|from|stories)|all (?:posts|articles)|follow|contact|"
    r"作者|关于|關於|更多|简介|簡介|关注|關注|来源|來源|编辑|編輯|声明|聲明",
    re.IGNORECASE,
)
_LINK_TO_WRITER = lazy_compile(r"^(?:#|mailto:|javascript:)|/(?:author|writer|tag|user|people)s?/")


def _is_headline(text: str, least: int = _WORDS) -> bool:
    """Return whether a text may be the headline of an article, not a label or a name."""
    if not 1 < len(text) < 300 or _ABOUT_WRITER.search(text):
        return False
    if _HAN.search(text):
        return len(letters_only(text)) >= _CHARACTERS
    return len(text.split()) >= least


def _is_own(text: str, titles: frozenset[str]) -> bool:
    form = letters_only(text)
    return bool(form) and any(form == t or (len(form) > 9 and form in t) for t in titles)


def is_in_card(node: LexborNode, text: str, titles: frozenset[str]) -> bool:
    """Return whether an element stands in a part that carries the headline of another page.

    Args:
        node: what names an author or a time.
        text: what it shows.
        titles: what the page calls its own headline, folded.
    """
    at = node.parent
    for _ in range(_CARD_STEPS):
        if at is None or at.tag in _BOUNDS:
            return False
        whole = at.tag == "article"
        first = at.css_first("h1")
        if first is not None and (not whole or _is_own(_text(first), titles)):
            return False
        if first is not None and titles:
            return _is_headline(_text(first))
        if len(at.text() or "") > _CARD_TEXT:
            return False
        least = 1 if at.tag in _CARDS else _WORDS
        for link in at.css("a[href]")[:_MOST_LINKS]:
            target = (link.attributes.get("href") or "").strip()
            shown = _text(link)
            if link.attributes.get("rel") == "author" or _LINK_TO_WRITER.search(target.lower()):
                continue
            if (text and text in shown) or (shown and shown in text) or _is_own(shown, titles):
                continue
            if _is_headline(shown, least):
                return True
        if at.css_first("h2,h3,h4,h5,h6") is not None:
            return False  # a part with a heading of its own
        at = at.parent
    return False


def is_in_teaser(node: LexborNode, titles: frozenset[str]) -> bool:
    """Return whether an element stands in an aside that links to the headline of another page.

    Such a box may stand between headline and text, where a byline of the page's own stands as well.

    Args:
        node: what names an author or a time.
        titles: what the page calls its own headline, folded.
    """
    at = node.parent
    for _ in range(_CARD_STEPS):
        if at is None or at.tag in _BOUNDS or at.tag == "article":
            return False
        if at.tag == "aside":
            break
        at = at.parent
    else:
        return False
    if at.css_first("h1") is not None or len(at.text() or "") > _CARD_TEXT:
        return False
    return any(
        _is_headline(shown := _text(link))
        and not _is_own(shown, titles)
        and link.attributes.get("rel") != "author"
        and not _LINK_TO_WRITER.search((link.attributes.get("href") or "").strip().lower())
        for link in at.css("a[href]")[:_MOST_LINKS]
    )


def _text(node: LexborNode) -> str:
    return " ".join((node.text(separator=" ") or "")[:_MOST_TEXT].split())


_MOST_TEXT: Final = 600
_TOP = lazy_compile(
    r"(?<![a-z0-9])(?:top-?(?:bar|nav|line|date|info)?|masthead|site-?header|page-?header|nav(?:bar)?|menu)"
    r"(?![a-z0-9])"
)
_TOPS: Final = frozenset(("header", "nav"))


def is_above_page(place: str, headline: str) -> bool:
    """Return whether a block above the headline stands in the header of the site.

    Args:
        place: path of the block.
        headline: path of the headline.
    """
    steps, own = place.split(" > ")[1:], headline.split(" > ")[1:]
    shared = 0
    for mine, theirs in zip(steps, own, strict=False):
        if mine != theirs:
            break
        shared += 1
    apart = steps[shared:]
    if any(step.partition(".")[0] in _TOPS or _TOP.search(step) for step in apart):
        return True
    # What stands outside of the part that holds the article and its headline.
    return any(step.partition(".")[0] in ("main", "article") for step in own[shared:])


class Surroundings(NamedTuple):
    """What stands where around a text.

    Attributes:
        amid: short blocks amid the text, each of which is nowhere else.
        upto: short blocks up to the end of the text.
        below: short blocks below it.
        others: places, in the row of blocks, of those below that go with another headline.
    """

    amid: tuple[str, ...]
    upto: tuple[str, ...]
    below: tuple[str, ...]
    others: frozenset[int]

    def is_other(self, text: str, named: bool, card: bool, own: Sequence[str]) -> bool:
        """Return whether a byline or a date is of something within, beside or below the article.

        Args:
            text: what it shows.
            named: whether it stands in an element that is called an embedded post or the like.
            card: whether it stands in a part with the headline of another page.
            own: lines just below the headline.
        """
        if text and any(text in line for line in own):
            return False
        if named or (bool(text) and any(text in block for block in self.amid)):
            return True
        return card and not (text and any(text in block for block in self.upto))

    def is_below(self, text: str) -> bool:
        """Return whether a text stands below the article alone."""
        return any(text in block for block in self.below) and not any(
            text in block for block in self.upto
        )


def is_paragraph(text: str) -> bool:
    """Return whether a block is long enough to be a paragraph of the text."""
    return len(text) >= (LONG_HAN if _HAN.search(text) else LONG_LATIN)


def surroundings(
    blocks: Sequence[KeptBlock | RemovedBlock], titles: frozenset[str]
) -> Surroundings:
    """Return what stands where around the text of a page.

    Args:
        blocks: its blocks of text in page order, kept and removed.
        titles: what it calls its headline, folded.
    """
    kept = [at for at, block in enumerate(blocks) if isinstance(block, KeptBlock)]
    last = kept[-1] if kept else len(blocks)
    short = [(at, b.text.strip()) for at, b in enumerate(blocks) if len(b.text) < _SHORT_BLOCK]
    return Surroundings(
        amid=_amid(blocks, short, kept),
        upto=tuple(text for at, text in short if at <= last),
        below=tuple(text for at, text in short if at > last),
        others=_others(blocks, last, titles),
    )


_SHORT_BLOCK: Final = 160
# Blocks that belong to the headline above them: a line about the writer, a day, a standfirst.
_BEHIND_HEADLINE: Final = 4
_FOOT: Final = 40


def _amid(
    blocks: Sequence[KeptBlock | RemovedBlock],
    short: Sequence[tuple[int, str]],
    kept: Sequence[int],
) -> tuple[str, ...]:
    """Return the short blocks that stand amid the text, each of which is nowhere else."""
    paragraphs = [at for at in kept if is_paragraph(blocks[at].text)]
    if len(paragraphs) <= MANY_BEFORE:
        return ()
    first, last = paragraphs[MANY_BEFORE - 1], paragraphs[-1]
    elsewhere = {text for at, text in short if not first < at < last}
    return tuple(text for at, text in short if first < at < last and text not in elsewhere)


_OTHER_RULES: Final = frozenset((OTHER_ARTICLE, STREAM, TEASERS))
_LISTED = lazy_compile(r" > (?:li|aside)\b")
_DAY = lazy_compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s?\d{1,2}:\d\d)?")
_CREDIT = lazy_compile(
    r"(?:作者|文|撰文|来源|來源|记者|記者)\s?[:：/／]\s?\S{1,20}|\bby\s.{3,40}", re.IGNORECASE
)


def _others(
    blocks: Sequence[KeptBlock | RemovedBlock], last: int, titles: frozenset[str]
) -> frozenset[int]:
    """Return which blocks below the text go with the headline of another article."""
    found: set[int] = set()
    heading, inside = -1, ""
    for at in range(last + 1, min(len(blocks), last + 1 + _FOOT)):
        block = blocks[at]
        above, _, name = block.place.rpartition(" > ")
        if isinstance(block, RemovedBlock) and block.rule in _OTHER_RULES:
            found.add(at)
            if name.partition(".")[0] in _HEADINGS:
                heading, inside = at, above
            continue
        if name.partition(".")[0] in _HEADINGS:
            known = _is_own(block.text, titles) or not _is_headline(block.text)
            heading, inside = (-1, "") if known else (at, above)
        elif heading >= 0 and at - heading <= _BEHIND_HEADLINE:
            # In the part that begins with the headline, or is its sibling.
            if block.place.startswith(inside):
                found.add(at)
        elif _LISTED.search(block.place) and len(block.text) < _SHORT_BLOCK:
            rest = _CREDIT.sub("", _DAY.sub("", block.text)).strip()
            if rest != block.text.strip() and _is_headline(rest):
                found.add(at)
    return frozenset(found)
