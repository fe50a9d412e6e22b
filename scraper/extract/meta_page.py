"""What a page says about itself, gathered in one pass: the evidence all fields are chosen from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.jsonld import article_of, parse_scripts
from scraper.extract.lines import MAX_LINE, Line, lines_near
from scraper.extract.meta_text import tidy
from scraper.models import Kept, Removed
from scraper.urls import absolute

__all__ = ["Line", "Signals", "Stamp", "gather"]

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
class Signals:
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
    lines: tuple[Line, ...]
    kept: tuple[str, ...]

    def meta(self, *names: str) -> str:
        """Return the first value of the first of these names that has one, or ""."""
        return next((v for name in names for v in self.metas.get(name, ()) if v), "")


def _text(node: LexborNode, limit: int = MAX_LINE) -> str:
    return tidy((node.text(separator=" ") or "")[:limit])


def gather(tree: LexborHTMLParser, url: str, blocks: Sequence[Kept | Removed]) -> Signals:
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
    return Signals(
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
        kept=tuple(block.text for block in blocks if isinstance(block, Kept)),
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
