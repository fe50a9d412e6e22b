"""What a page says about itself, gathered in one pass: the evidence all fields are chosen from.

Lines of a page near its headline and the ends of its text: there bylines and dates stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.structured_data import article_of, parse_scripts
from scraper.models import KeptBlock, RemovedBlock
from scraper.text.values import letters_only, tidy
from scraper.urls import absolute

__all__ = ["MAX_LINE", "EvidenceLine", "PageEvidence", "Stamp", "gather", "lines_near"]


_HEADING = re.compile(r"^h[1-4]\b|\.[\w-]*(?:tit(?:le)?|headline|biaoti)(?:[_-]|$)", re.IGNORECASE)

# Elements that are called after a date or a byline, wherever they stand.
_DIGIT = re.compile(r"\d")
_DATED = re.compile(
    r"\.(?:[\w-]*[-_])?(?:pub|post|entry|article)?[-_]?(?:date|dates|dateline|pubdate|byline|published)(?:[-_]|$)",
    re.IGNORECASE,
)
MAX_NAMED: Final = 4

MAX_LINE: Final = 600
# Of a longer line its end is read too: there reporters sign.
MAX_END: Final = 120

# Lines looked at around the headline, and at the two ends of the text.
BEFORE: Final = 5
AFTER: Final = 14
HEAD: Final = 4
TAIL: Final = 5
FOOT: Final = 8


class EvidenceLine(NamedTuple):
    """A line near the article's ends.

    Attributes:
        text: the line.
        zone: ``headline`` (around it), ``head`` (first of the text), ``tail`` (last of the text),
            ``foot`` (just below it) or ``element`` (elsewhere, in one called a date or byline).
        distance: lines between it and the headline, or the text's end.
        kept: whether it belongs to the text.
        last: lines of the text that follow it.
        heading: whether its element is a heading, or is called a title.
        name: tag and first class of its element, in lower case (``div.source``).
    """

    text: str
    zone: str
    distance: int
    kept: bool
    last: int
    heading: bool
    name: str


def lines_near(
    blocks: Sequence[KeptBlock | RemovedBlock], titles: Sequence[str]
) -> tuple[EvidenceLine, ...]:
    """Return the lines that stand near the headline and at the ends of the text.

    Args:
        blocks: the page's blocks of text in page order, kept and removed.
        titles: what the page calls its headline, in whatever form.
    """
    kept = [at for at, block in enumerate(blocks) if isinstance(block, KeptBlock)]
    first = kept[0] if kept else 0
    last = kept[-1] if kept else -1
    wanted = frozenset(letters_only(title) for title in titles if title)
    headline = _headline(blocks, wanted, first)
    zones: dict[int, tuple[str, int]] = {}
    center = headline if headline is not None else first
    end = min(len(blocks), max(center + 1, min(center + AFTER, last) + 1))
    for at in range(max(0, center - BEFORE), end):
        zones[at] = ("headline", at - center)
    for at in range(max(0, first - BEFORE), min(first, len(blocks))):
        zones.setdefault(at, ("headline", at - center))
    for at in kept[:HEAD]:
        zones[at] = ("head", at - center)
    for rank, at in enumerate(reversed(kept[-TAIL:])):
        zones.setdefault(at, ("tail", rank))
    for at in range(last + 1, min(len(blocks), last + 1 + FOOT)):
        zones.setdefault(at, ("foot", at - last))
    named = 0
    for at, block in enumerate(blocks):
        if at in zones or not isinstance(block, RemovedBlock) or len(block.text) > 80:
            continue
        name = block.place[block.place.rfind(" > ") + 1 :].lower()
        # The words first, for they cost less than the pattern.
        dated = "date" in name or "byline" in name or "published" in name
        if dated and _DATED.search(name) and _DIGIT.search(block.text):
            zones[at] = ("element", at - center)
            named += 1
            if named == MAX_NAMED:
                break
    lines = []
    for at in sorted(zones):
        block = blocks[at]
        text = block.text
        if len(text) > MAX_LINE:
            text = f"{text[: MAX_LINE - MAX_END]} … {text[-MAX_END:]}"
        name = block.place.rsplit(" > ", 1)[-1].lower()
        heading = bool(_HEADING.search(name))
        behind = len(kept) - bisect_right(kept, at)
        own = isinstance(block, KeptBlock)
        lines.append(EvidenceLine(tidy(text), *zones[at], own, behind, heading, name))
    return tuple(lines)


def _headline(
    blocks: Sequence[KeptBlock | RemovedBlock], wanted: frozenset[str], first: int
) -> int | None:
    """Return the block that repeats one of the page's titles: the last before the text's start.

    Where the text seems to start above it (a table of contents was kept), the first one after.
    """
    found = None
    starts = {title[0] for title in wanted if title}
    for at, block in enumerate(blocks):
        if at >= first + HEAD and found is not None:
            break
        text = block.text
        # Folding all of a page's menus would cost more than all the rest.
        if not 1 < len(text) < 300 or (text[0].isalnum() and text[0].casefold() not in starts):
            continue
        form = letters_only(text)
        # A title with the site's name begins with the headline.
        begins = len(form) > 9 and any(title.startswith(form) for title in wanted)
        if (begins or (len(form) > 3 and form in wanted)) and (found is None or at <= first):
            found = at
    if found is None:
        # No title of the page repeats it, but what stood before the text was cut as its headline.
        cut = (at for at in range(min(first, len(blocks)) - 1, -1, -1) if _is_cut_title(blocks[at]))
        found = next(cut, None)
    return found


def _is_cut_title(block: KeptBlock | RemovedBlock) -> bool:
    return isinstance(block, RemovedBlock) and block.rule == "headline"


# Everything that is asked of the tree, in one selector: a walk of the tree costs more than a match.
_SELECTOR: Final = (
    "head title, meta, link[rel], script[type*='ld+json'], h1, time, base[href], [rel~=author],"
    "[itemprop=author], [itemprop=datePublished], [itemprop=dateModified], [itemprop=headline],"
    "[class*=author i], [class*=byline i], [id*=author i], [rel=next], [class*=nickname]"
)
MAX_META: Final = 400
MAX_NODES: Final = 60


class Stamp(NamedTuple):
    """A ``<time>`` or a microdata date: attribute, text, and which of the two kinds it claims."""

    value: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEvidence:
    """The evidence of one page.

    Attributes:
        url: address that the page was read under, or "".
        metas: contents of the meta elements under their names in lower case.
        canonical, next_link: targets of ``<link rel=canonical>`` and ``rel=next``, absolute.
        title: text of ``<title>``.
        headings: texts of the ``<h1>`` elements and of ``itemprop=headline``.
        stamps: ``<time>`` elements and microdata dates, in page order.
        bylines: texts of elements that name an author by rel, itemprop or class, with that origin.
        account: name of the account that published on a platform, or "".
        things: objects of the JSON-LD; `article` and `about` are those of the article and the page.
        language: ``lang`` of the document.
        lines: lines near headline and text's ends, in page order.
        kept: texts of the article.
    """

    url: str
    metas: Mapping[str, tuple[str, ...]]
    canonical: str
    next_link: str
    title: str
    headings: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    bylines: tuple[tuple[str, str], ...]
    account: str
    things: tuple[Mapping[str, Any], ...]
    article: Mapping[str, Any]
    about: Mapping[str, Any]
    language: str
    lines: tuple[EvidenceLine, ...]
    kept: tuple[str, ...]

    def meta(self, *names: str) -> str:
        """Return the first value of the first of these names that has one, or ""."""
        return next((v for name in names for v in self.metas.get(name, ()) if v), "")


def _text(node: LexborNode, limit: int = MAX_LINE) -> str:
    return tidy((node.text(separator=" ") or "")[:limit])


def gather(
    tree: LexborHTMLParser, url: str, blocks: Sequence[KeptBlock | RemovedBlock]
) -> PageEvidence:
    """Collect the evidence of a page in one query of its tree.

    Args:
        tree: the page.
        url: its address, or "".
        blocks: its blocks of text in page order, kept and removed.
    """
    metas: dict[str, list[str]] = {}
    titles: list[str] = []
    headings: list[str] = []
    stamps: list[Stamp] = []
    bylines: list[tuple[str, str]] = []
    scripts: list[str] = []
    links: dict[str, str] = {}
    base = url
    for node in tree.css(_SELECTOR):
        tag = node.tag
        attributes = node.attributes
        if tag == "meta":
            _add_meta(metas, attributes)
        elif tag == "title":
            titles.append(_text(node))
        elif tag == "script":
            scripts.append(node.text() or "")
        elif tag == "base":
            base = absolute(url, attributes.get("href") or "") or base
        elif tag == "h1" and len(headings) < MAX_NODES:
            headings.append(_text(node))
        elif tag == "time" and len(stamps) < MAX_NODES:
            stamps.append(_stamp(node, attributes))
        else:
            _add_element(node, attributes, links, headings, stamps, bylines)
    things = parse_scripts(scripts)
    canonical = absolute(base, links.get("canonical", "")) if links.get("canonical") else ""
    own = canonical or url or next(iter(metas.get("og:url", ())), "")
    article, about = article_of(things, own)
    title = next((t for t in titles if t), "")
    root = tree.root
    language = (
        (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else ""
    )
    return PageEvidence(
        url=url,
        metas={name: tuple(values) for name, values in metas.items()},
        canonical=canonical,
        next_link=absolute(base, links["next"]) if links.get("next") else "",
        title=title,
        headings=tuple(dict.fromkeys(h for h in headings if h)),
        stamps=tuple(stamps),
        bylines=tuple(dict.fromkeys(b for b in bylines if b[1] != "account")),
        account=next((text for text, origin in bylines if origin == "account"), ""),
        things=things,
        article=article,
        about=about,
        language=tidy(language)[:20],
        lines=lines_near(blocks, [*headings, *metas.get("og:title", ()), title]),
        kept=tuple(block.text for block in blocks if isinstance(block, KeptBlock)),
    )


def _add_meta(metas: dict[str, list[str]], attributes: Mapping[str, str | None]) -> None:
    content = attributes.get("content")
    if not content or len(metas) > MAX_META:
        return
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = attributes.get(key)
        if name:
            values = metas.setdefault(name.strip().lower()[:80], [])
            if len(values) < MAX_NODES:
                values.append(tidy(content))


def _stamp(node: LexborNode, attributes: Mapping[str, str | None]) -> Stamp:
    value = attributes.get("datetime") or attributes.get("content") or attributes.get("title") or ""
    parent = node.parent
    around = (parent.attributes.get("class") or "") if parent is not None else ""
    words = " ".join(
        [attributes.get("itemprop") or "", attributes.get("class") or "", around]
    ).lower()
    kind = ""
    if "modif" in words or "updat" in words:
        kind = "modified"
    elif "publi" in words or "pubdate" in attributes or "created" in words:
        kind = "published"
    return Stamp(tidy(value)[:80], _text(node, 120), kind)


def _add_element(
    node: LexborNode,
    attributes: Mapping[str, str | None],
    links: dict[str, str],
    headings: list[str],
    stamps: list[Stamp],
    bylines: list[tuple[str, str]],
) -> None:
    rel = (attributes.get("rel") or "").lower().split()
    if node.tag == "link":
        for name in ("canonical", "next"):
            if name in rel:
                links.setdefault(name, attributes.get("href") or "")
        return
    if "next" in rel and node.tag == "a":
        links.setdefault("next", attributes.get("href") or "")
    prop = attributes.get("itemprop") or ""
    if prop.startswith("date"):
        if len(stamps) < MAX_NODES:
            stamps.append(_stamp(node, attributes))
    elif prop == "headline":
        headings.append(_text(node))
    elif len(bylines) < MAX_NODES and node.tag not in ("body", "html", "img", "input", "main"):
        text = attributes.get("content") or _text(node, 300)
        words = attributes.get("class") or ""
        if "nickname" in words and "author" not in words.lower():
            inner = node.first_child
            if 1 < len(text) < 40 and inner is not None and inner.next is None:
                bylines.append((text, "account"))
            return
        origin = "rel=author" if "author" in rel else f"itemprop={prop}" if prop else "class"
        if text and len(text) < 200:
            bylines.append((tidy(text), origin))
