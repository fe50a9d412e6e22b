"""The article's pictures, and between which of its blocks each stands.

Pictures of the page's furniture (icons, avatars, QR codes, counters, promotion that links away) are
told by size, by the words in their address, class and text, and by what they link to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.formulas import formula_of_image
from scraper.extraction.glyph_images import characters_of_image
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = ["Image", "find_images"]

_MAX_FIGURES: Final = 100
_MAX_ALT: Final = 300
_SMALL: Final = 80  # pixels: below, on either side, it is an icon or a counter
_HOME_SHARE: Final = 0.8  # of the kept characters that the element with the pictures must hold

# Attributes in which pages that load pictures late keep the address, the largest picture first.
_LATE: Final = (
    "data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-original-src",
    "data-lazyload", "data-lazy", "data-echo", "data-url", "data-hi-res-src", "data-full-src",
)  # fmt: skip
_SETS: Final = ("data-srcset", "data-lazy-srcset", "srcset")
_FURNITURE = lazy_compile(
    r"(?:^|[^a-z])(?:avatars?|gravatar|head-?img|icons?|favicon|logos?|qr-?codes?|qr|er?wei?ma|ewm"
    r"|emoji|emoticons?|smil(?:ey|ies)|spacer|blank|pixel|1x1|tracking|beacon|loading|placeholder"
    r"|transparent|share|weibo|wechat|weixin|wx-?code|ads?|advert|advertisement|sponsor|badge|btn"
    r"|button|arrow|rating|author-?(?:photo|image|pic)|byline|doubleclick|scorecardresearch)"
    r"(?:[^a-z]|$)"
)
_SAYS_FURNITURE = lazy_compile(
    r"二[维維][码碼]|扫码|掃碼|掃描|公众号|公眾號|头像|頭像"
    r"|^logo\b|\blogo$|\bavatar\b|\bqr code\b",
    re.IGNORECASE,
)
_PICTURE = lazy_compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?)(?:$|[?!@])", re.IGNORECASE)
_PLACEHOLDER = lazy_compile(r"^(?:data:|about:|javascript:|blob:)", re.IGNORECASE)
_WIDTH = lazy_compile(r"(?<!\s)\s++(\d++(?:\.\d++)?)[wx]\s*+(?:,|$)|(?:(?<!\s)\s++)?,\s+")
_NUMBER = lazy_compile(r"\s*(\d+)")


class Image(NamedTuple):
    """A picture of the article.

    Attributes:
        before: number of the block that it stands before; as many as there are blocks at the end.
        container: index of the innermost block-level element around it.
        source: its absolute address.
        text: what stands for it where it can't be shown, or "".
    """

    before: int
    container: int
    source: str
    text: str


def _largest(candidates: str) -> str:
    """Return the address of the widest picture of a ``srcset``."""
    best, widest, at = "", -1.0, 0
    for match in _WIDTH.finditer(candidates):
        width = float(match[1] or 0)
        if width > widest:
            best, widest = candidates[at : match.start()].strip(" ,\n\t"), width
        at = match.end()
    return best or candidates[at:].strip(" ,\n\t").split(" ")[0]


def _addresses(node: LexborNode) -> Iterator[str]:
    """Yield what may be the address of a picture, the most trusted first."""
    attributes = node.attributes
    yield from (attributes.get(name) or "" for name in _LATE)
    yield from (_largest(attributes.get(name) or "") for name in _SETS)
    yield attributes.get("src") or ""
    parent = node.parent
    if parent is not None and parent.tag == "picture":
        for name in ("srcset", "data-srcset"):
            yield from (_largest(s.attributes.get(name) or "") for s in parent.css("source"))


def _source(node: LexborNode, base: str) -> str:
    """Return the address of a picture, wherever the page keeps it until it is scrolled to."""
    for address in map(str.strip, _addresses(node)):
        # A late address that is a word or a number is a switch, not an address.
        if address and not _PLACEHOLDER.match(address) and re.search(r"[./]", address):
            target = absolute(base, address)
            if target:
                return target
    return ""


def _is_small(attributes: dict[str, str | None]) -> bool:
    for side in ("width", "height"):
        match = _NUMBER.match(attributes.get(side) or "")
        if match and "%" not in (attributes.get(side) or "") and int(match[1][:6]) < _SMALL:
            return True
    return False


def _is_furniture(node: LexborNode, source: str, text: str, base: str) -> bool:
    attributes = node.attributes
    path = urlsplit(source).path.lower().rsplit("/", 3)
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
    told = (
        _is_small(attributes)
        or _FURNITURE.search("/".join(path[1:]))
        or _FURNITURE.search(names)
        or _SAYS_FURNITURE.search(text)
        or attributes.get("aria-hidden") == "true"
    )
    if told:
        return True
    in_figure, link, up = False, "", node.parent
    for _ in range(4):
        if up is None or up.tag in ("body", "article"):
            break
        in_figure = in_figure or up.tag == "figure"
        if up.tag == "a":
            link = up.attributes.get("href") or ""
        words = f"{up.attributes.get('class') or ''} {up.attributes.get('id') or ''}".lower()
        if not in_figure and _FURNITURE.search(words):
            return True
        up = up.parent
    # A picture links to itself in full size; one that links to a page promotes that page.
    target = absolute(base, link) if link and not link.startswith("#") else ""
    return bool(target) and not in_figure and not _PICTURE.search(target)


class _Places:
    """Where nodes stand among the blocks."""

    def __init__(self, s: PageBlocks) -> None:
        self._known = {node.mem_id: e for e, node in enumerate(s.nodes) if node is not None}
        count = len(s.parents)
        self.first = [len(s.blocks)] * count
        self.end = [0] * count
        for i, block in enumerate(s.blocks):
            e = block.container
            self.first[e] = min(self.first[e], i)
            self.end[e] = i + 1
        for e in range(count - 1, 0, -1):
            p = s.parents[e]
            self.first[p] = min(self.first[p], self.first[e])
            self.end[p] = max(self.end[p], self.end[e])

    def element(self, node: LexborNode) -> int:
        """Return the innermost block-level element around a node."""
        up = node.parent
        while up is not None and up.mem_id not in self._known:
            up = up.parent
        return self._known[up.mem_id] if up is not None else 0

    def before(self, node: LexborNode) -> int:
        """Return the number of blocks that begin before a node."""
        at: LexborNode | None = node
        runs, within = 0, False  # runs of text since the last block-level element
        while at is not None:
            sibling = at.prev
            while sibling is not None:
                tag = sibling.tag or "-"
                e = self._known.get(sibling.mem_id)
                if e is not None and self.end[e]:
                    return self.end[e] + runs
                if e is not None or tag in ("br", "hr"):
                    within = False
                elif tag[0] != "-" or tag == "-text":
                    shown = sibling.text(deep=True) if tag != "-text" else sibling.text_content
                    if tag not in ("script", "style") and (shown or "").strip() and not within:
                        runs, within = runs + 1, True
                sibling = sibling.prev
            at = at.parent
            e = self._known.get(at.mem_id) if at is not None else None
            if e is not None:
                if runs:
                    return self.first[e] + runs
                within = False
        return 0


def _home(s: PageBlocks, kept: Collection[int]) -> int:
    """Return the innermost element that holds nearly all of the kept text."""
    sizes = [0] * len(s.parents)
    total = 0
    for i in kept:
        size = len(s.blocks[i].text)
        sizes[s.blocks[i].container] += size
        total += size
    for e in range(len(sizes) - 1, 0, -1):
        sizes[s.parents[e]] += sizes[e]
    return max(e for e, size in enumerate(sizes) if size >= _HOME_SHARE * total)


def find_images(s: PageBlocks, kept: Collection[int], base: str) -> list[Image]:
    """Return the pictures that stand in the article, in page order.

    Args:
        s: the page cut into blocks.
        kept: numbers of the blocks of the article.
        base: address that theirs are relative to.
    """
    if not kept or not base:
        return []
    home = s.nodes[_home(s, kept)]
    images = home.css("img") if home is not None else []
    if not images:
        return []
    places = _Places(s)
    held = [0] * (len(s.blocks) + 1)  # kept blocks up to each
    known = set(kept)
    for i in range(len(s.blocks)):
        held[i + 1] = held[i] + (i in known)
    found: list[Image] = []
    seen: set[str] = set()
    for node in images[: 10 * _MAX_FIGURES]:
        source = _source(node, base)
        text = " ".join((node.attributes.get("alt") or "").split())[:_MAX_ALT]
        if not source or source in seen or _is_furniture(node, source, text, base):
            continue
        if len(text) == 1 or characters_of_image(node) or formula_of_image(node):
            continue  # it stands in the text
        e = places.element(node)
        if s.hidden[e] >= 1:
            continue
        before = places.before(node)
        for a in (e, *s.ancestors(e)):
            if s.tags[a] == "figure" and places.end[a]:
                before = places.first[a]
        # The text around it says whose picture it is.
        around = e
        while around and places.first[around] >= places.end[around]:
            around = s.parents[around]
        if held[places.end[around]] - held[min(places.first[around], places.end[around])] == 0:
            continue
        seen.add(source)
        found.append(Image(before, e, source, text))
        if len(found) == _MAX_FIGURES:
            break
    return sorted(found, key=lambda figure: figure.before)
