"""Small boxes amid or behind a text that are told by what they hold, not by their names.

A form that asks for an address or an account, a heading whose box is cut but for it, what is said
of the author behind the text, a last line of nothing but linked names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.sections import HEADINGS, PARAGRAPH
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile

__all__ = [
    "AUTHOR_BOX",
    "BOX_HEADING",
    "SIGN_UP",
    "author_boxes",
    "box_headings",
    "sign_up_boxes",
]

SIGN_UP: Final = "sign-up-box"
BOX_HEADING: Final = "box-heading"
AUTHOR_BOX: Final = "author-box"

_MOST_WORDS: Final = 90  # of a box around a form
_MOST_BLOCKS: Final = 8
_LONGEST: Final = 45  # words of a line of such a box
_SMALL_PART: Final = 0.25  # share of the text that such boxes hold at most
_MOST_FORMS: Final = 20
_ADDRESS_FIELDS: Final = (
    "input[type=email],input[type=password],input[type=tel],input[name*=mail],input[id*=mail]"
    ",input[placeholder*=mail],input[placeholder*=邮],input[placeholder*=郵]"
)
_BUTTONS: Final = "button,input[type=submit],input[type=button]"
_MAX_BUTTON: Final = 60
_ASKS: Final = lazy_compile(
    r"\b(?:sign(?: me)? ?up|sign in|log ?in|subscribe|create (?:an |my |your )?(?:free )?account"
    r"|register|join)\b|订阅|注册|登录|加入会员"
)
# A cut box whose heading stays has so many other blocks and words.
_FEWEST: Final = 2
_FEWEST_WORDS: Final = 5
_MAX_NAME: Final = 40
_NAME: Final = lazy_compile(r"(?:[A-Z][\w.'’-]{0,20}\s){1,3}[A-Z][\w'’-]{1,24}")
_JOINED: Final = lazy_compile(r"(?:[,;/·|&、，和及与與]|\band\b|\bund\b|\by\b|\bet\b|\s)*", 0)
_MOST_BIO: Final = 80  # words
# What is said of a writer below a heading, which may as well be that of a part about a person.
_BIO: Final = lazy_compile(
    r"\b(?:covers|writes|reports|blogs|(?:has|have) (?:covered|written|reported|followed|edited))\b"
    r"|\bis (?:an?|the|our) (?:[\w’'-]++[ ,]++){0,6}?(?:reporter|writer|editor|journalist"
    r"|correspondent|columnist|contributor|author|blogger|photographer)\b"
)


def sign_up_boxes(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for small boxes with a form that asks for an address or an account.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        likely: for each block whether the classifier takes it for the article.
    """
    forms = [e for e, tag in enumerate(s.tags) if tag == "form"][:_MOST_FORMS]
    asking = [e for e in forms if (node := s.nodes[e]) is not None and _asks(node)]
    if not asking:
        return {}
    ends = s.subtree_ends()
    first = {e: i for i, e in reversed(list(enumerate(b.container for b in s.blocks)))}
    total = sum(n for n, keep in zip(rows.words, likely, strict=True) if keep)
    cuts: dict[int, str] = {}
    for form in asking:
        box: list[int] = []
        for e in s.ancestors(form):
            inside = [first[c] for c in range(e, ends[e]) if c in first]
            if not inside:
                continue
            blocks = _within(s, e, ends[e], min(inside))
            size = sum(rows.words[i] for i in blocks)
            if (
                len(blocks) > _MOST_BLOCKS
                or size > _MOST_WORDS
                or rows.title in blocks
                or any(rows.sentences[i] > _LONGEST for i in blocks)
            ):
                break
            box = blocks
        if sum(rows.words[i] for i in box if likely[i]) <= _SMALL_PART * total:
            cuts |= dict.fromkeys(box, SIGN_UP)
    return cuts


def _within(s: PageBlocks, element: int, end: int, first: int) -> list[int]:
    found = []
    for i in range(first, len(s.blocks)):
        if not element <= s.blocks[i].container < end:
            break
        found.append(i)
        if len(found) > _MOST_BLOCKS:
            break
    return found


def _asks(form: LexborNode) -> bool:
    """Whether a form asks for an address or an account; a search asks for neither."""
    if form.attributes.get("role") == "search" or form.css_first("input[type=search]") is not None:
        return False
    if form.css_first("textarea") is not None:
        return False
    if form.css_first(_ADDRESS_FIELDS) is not None:
        return True
    for button in form.css(_BUTTONS)[:3]:
        label = (button.text() or button.attributes.get("value") or "")[:_MAX_BUTTON]
        if _ASKS.search(fold_interface(label.lower())) is not None:
            return True
    return False


def box_headings(s: PageBlocks, rows: BlockFeatures, decided: Sequence[str]) -> Iterator[int]:
    """Yield the headings that are all that is kept of a box of their own.

    What stands with the headline, between it and the byline, is no such box but the standfirst.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
    """
    ends: list[int] = []
    for i, rule in enumerate(decided):
        at = s.blocks[i].container
        if rule or s.tags[at] not in HEADINGS or i == rows.title:
            continue
        ends = ends or s.subtree_ends()
        box = s.parents[at]
        first = i
        while first > 0 and box <= s.blocks[first - 1].container < ends[max(box, 0)]:
            first -= 1
            if i - first > _MOST_BLOCKS:
                break
        blocks = _within(s, box, ends[max(box, 0)], first)
        others = [j for j in blocks if j != i and rows.words[j]]
        if (
            box > 0
            and len(blocks) <= _MOST_BLOCKS
            and rows.title not in blocks
            and len(others) >= _FEWEST
            and all(decided[j] for j in others)
            and sum(rows.words[j] for j in others) >= _FEWEST_WORDS
        ):
            yield i


def author_boxes(s: PageBlocks, rows: BlockFeatures, decided: Sequence[str]) -> Iterator[int]:
    """Yield what is said of the author behind the text, and a last line of linked names.

    A box of the author begins with a name that the text does not have, in a line of its own, and
    goes on with a sentence that begins with the name. Where the name is a heading, it is the last
    and the only one that is a name, and the sentence says what the person writes: a text that
    goes through people has a heading for each.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
    """
    kept = [i for i, rule in enumerate(decided) if not rule]
    told = [i for i in kept if rows.sentences[i] >= PARAGRAPH]
    if not told:
        return
    last = kept[-1]
    long = len(told) > _FEWEST
    if long and _is_names(s, last) and last > told[-1]:
        yield last
        kept.pop()
    for i in reversed(kept[-3:]):
        name = s.blocks[i - 1].text if i else ""
        if len(name) > _MAX_NAME or _NAME.fullmatch(name) is None:
            continue
        text = s.blocks[i].text
        if not long and not _BIO.search(text):
            continue
        begins = text.startswith((name, f"{name.split()[-1]} ", f"{name.split()[0]} "))
        headed = s.tags[s.blocks[i - 1].container] in HEADINGS and not decided[i - 1]
        if headed and i == kept[-1] and _BIO.search(text):
            headed = any(_is_name_heading(s, j) for j in kept if j != i - 1)
        named = any(name.split()[-1] in s.blocks[j].text for j in kept if j < i - 1)
        if begins and not headed and not named and rows.words[i] <= _MOST_BIO:
            yield i
            if not decided[i - 1]:
                yield i - 1


def _is_name_heading(s: PageBlocks, i: int) -> bool:
    block = s.blocks[i]
    return s.tags[block.container] in HEADINGS and _NAME.fullmatch(block.text) is not None


def _is_names(s: PageBlocks, i: int) -> bool:
    """Whether a line is nothing but links, each of which is a name."""
    block = s.blocks[i]
    node = s.nodes[block.container]
    if not block.links or node is None or len(block.text) > 3 * _MAX_NAME:
        return False
    names = [" ".join((link.text() or "").split()) for link in node.css("a")]
    if not names or not all(_NAME.fullmatch(name) for name in names):
        return False
    rest = block.text
    for name in names:
        rest = rest.replace(name, " ", 1)
    return _JOINED.fullmatch(rest.strip()) is not None
