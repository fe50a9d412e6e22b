"""The evidence of a page for all metadata fields, gathered in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.metadata.evidence_lines import BESIDE, MAX_LINE, EvidenceLine, lines_near
from scraper.extraction.metadata.heading_text import heading_text
from scraper.extraction.metadata.kickers import kicker_of
from scraper.extraction.metadata.other_content import (
    Surroundings,
    is_in_card,
    is_in_other_content,
    is_in_teaser,
    surroundings,
)
from scraper.extraction.metadata.page_object import article_of
from scraper.extraction.metadata.posts import names_a_post
from scraper.extraction.page_elements import TIME_ATTRIBUTES
from scraper.extraction.structured_data import parse_scripts
from scraper.models import KeptBlock, RemovedBlock
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only, tidy
from scraper.urls import absolute

__all__ = ["PageEvidence", "Stamp", "gather"]


MAX_META: Final = 400
MAX_TITLES: Final = 8
MAX_NODES: Final = 60
MAX_STAMPS: Final = 60
# Maximum text of an element with a time in an attribute: a wrapper around more is not a date.
_STAMP_TEXT: Final = 60
_LABEL_TEXT: Final = 40
# Names of the time of publication in a page's scripts.
_SCRIPT_TIME = lazy_compile(
    r"(?:\b(?:var|let|const)\s++|\bwindow\.|[{,;]\s*+|^[^\S\n]*+)[\"']?"
    r"(?P<name>ct|oriCreateTime|ori_create_time|createTime|create_time|publish_time|publishTime|"
    r"pubTime|pub_time)[\"']?\s*+[=:]\s*+[\"']?"
    r"(?P<value>\d{10}(?:\d{3})?(?!\d)|20\d\d-\d\d-\d\d[ T\d:]{0,9})",
    re.MULTILINE,
)
_SCRIPT_WORDS: Final = (
    "ct =", "ct=", "eate_time", "eateTime", "publish_time", "publishTime", "pub_time", "pubTime",
)  # fmt: skip
MAX_SCRIPT: Final = 400_000
# Characters before such a word, and from it to the end of the value.
_NAME_BEFORE: Final = 80
_VALUE_AFTER: Final = 80
_MOST_TIMES: Final = 4


class Stamp(NamedTuple):
    """A ``<time>``, a microdata or RDFa date, or an element with the time in an attribute.

    Attributes:
        values: what its attributes say, the most trusted first.
        text: what it shows.
        kind: ``published`` or ``modified`` where its names say so, or "".
        before, after: the words beside it.
        group: which stamps stand in one element.
        named: whether it is a ``<time>``, or called a date of publication or change.
        other: whether it stands in an embedded post, a comment or a teaser.
        card: whether it stands in a part with the headline of another page.
    """

    values: tuple[str, ...]
    text: str
    kind: str
    before: str
    after: str
    group: int
    named: bool
    other: bool
    card: bool = False


class Byline(NamedTuple):
    """An element that names an author.

    Attributes:
        text: its text.
        origin: ``rel=author``, ``itemprop=author``, ``link`` (to a page of an author) or ``class``.
        group: which of them stand in one byline.
        other: whether it stands in an embedded post, a comment or a teaser.
        card: whether it stands in a part with the headline of another page.
        below: whether what it shows stands below the text alone.
        named: whether its class says that it holds nothing but the author's name.
    """

    text: str
    origin: str
    group: int
    other: bool
    card: bool = False
    below: bool = False
    named: bool = False


@record
class PageEvidence:
    """The evidence of one page.

    Attributes:
        url: address of the page, or "".
        metas: contents of the meta elements by lower-case name.
        canonical, next_link: targets of ``<link rel=canonical>`` and ``rel=next``, absolute.
        title: text of ``<title>``.
        headings: texts of the ``<h1>`` elements and of ``itemprop=headline``.
        kickers: of headings that begin with a label in an element of its own the text, the rest
            behind the label, and whether the element is called a label.
        mastheads: texts of headings and logos that lead to the front page: names of the site.
        stamps: elements that hold a date, in page order, but those of embedded posts and teasers.
        script_times: times that the page's own scripts hold, under their names.
        bylines: elements that name an author, but those of embedded posts and teasers.
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
    kickers: tuple[tuple[str, str, bool], ...]
    mastheads: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    script_times: tuple[tuple[str, str], ...]
    bylines: tuple[Byline, ...]
    account: str
    things: tuple[Mapping[str, Any], ...]
    article: Mapping[str, Any]
    about: Mapping[str, Any]
    language: str
    lines: tuple[EvidenceLine, ...]
    kept: tuple[str, ...]

    def meta(self, *names: str) -> str:
        """Return the first value of the first of these names with a value, or ""."""
        return next((v for name in names for v in self.metas.get(name, ()) if v), "")


def _text(node: LexborNode, limit: int = MAX_LINE) -> str:
    return tidy((node.text(separator=" ") or "")[:limit])


def gather(
    tree: LexborHTMLParser,
    url: str,
    blocks: Sequence[KeptBlock | RemovedBlock],
    telling: Sequence[LexborNode],
) -> PageEvidence:
    """Collect the evidence of a page from the elements that tell something.

    Args:
        tree: the page.
        url: its address, or "".
        blocks: its blocks of text in page order, kept and removed.
        telling: see `scraper.extraction.page_elements.PageElements`.
    """
    metas: dict[str, list[str]] = {}
    titles: list[str] = []
    headings: list[str] = []
    kickers: list[tuple[str, str, bool]] = []
    mastheads: list[str] = []
    stamps: list[Stamp] = []
    bylines: list[Byline] = []
    scripts: list[str] = []
    script_times: list[tuple[str, str]] = []
    links: dict[str, str] = {}
    base = url
    for node in telling:
        tag = node.tag
        attributes = node.attributes
        if tag == "meta":
            _add_meta(metas, attributes)
        elif tag == "title":
            titles.append(_text(node))
        elif tag == "script":
            if "ld+json" in (attributes.get("type") or "").lower():
                scripts.append(node.text() or "")
            else:
                script_times += _times_in_script(node.text() or "")
        elif tag == "base":
            base = absolute(url, attributes.get("href") or "") or base
        elif tag == "h1" and len(headings) < MAX_NODES:
            headings.append(heading_text(node, MAX_LINE))
            kickers.append((headings[-1], *kicker_of(node)))
            if _is_masthead(node, attributes):
                mastheads.append(headings[-1])
        elif _is_masthead(node, attributes):
            mastheads.append(_text(node, MASTHEAD_TEXT + 1) or _alternative(node))
        else:
            folds = own_titles((*headings[:1], *metas.get("og:title", ())[:1], *titles[:1]))
            _add_element(node, attributes, links, headings, stamps, bylines, folds)
    things = parse_scripts(scripts)
    canonical = absolute(base, links.get("canonical", "")) if links.get("canonical") else ""
    own = canonical or url or next(iter(metas.get("og:url", ())), "")
    title = next((t for t in titles if t), "")
    if (
        title
        and title not in headings
        and not metas.get("og:title")
        and _is_house(title, tree, blocks)
    ):
        mastheads.append(title)
    named = [t for t in (*headings[:MAX_TITLES], *metas.get("og:title", ())[:2], title) if t]
    article, about = article_of(things, own, named, also=(url, *metas.get("og:url", ())[:2]))
    root = tree.root
    language = (
        (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else ""
    )
    around = surroundings(blocks, own_titles((*headings[:1], *named[-2:])))
    lines = lines_near(blocks, [*headings, *metas.get("og:title", ()), title], around.others)
    stamps, bylines = _of_article(stamps, bylines, around, lines)
    return PageEvidence(
        url=url,
        metas={name: tuple(values) for name, values in metas.items()},
        canonical=canonical,
        next_link=absolute(base, links["next"]) if links.get("next") else "",
        title=title,
        headings=tuple(dict.fromkeys(h for h in headings if h)),
        kickers=tuple(kicker for kicker in kickers if kicker[1]),
        mastheads=tuple(name for name in mastheads if 1 < len(name) <= MASTHEAD_TEXT)[:6],
        stamps=tuple(stamps),
        script_times=tuple(script_times),
        bylines=tuple(dict.fromkeys(b for b in bylines if b.origin != "account")),
        account=next((byline.text for byline in bylines if byline.origin == "account"), ""),
        things=things,
        article=article,
        about=about,
        language=tidy(language)[:20],
        lines=lines,
        kept=tuple(block.text for block in blocks if isinstance(block, KeptBlock)),
    )


def _of_article(
    stamps: Sequence[Stamp],
    bylines: Sequence[Byline],
    around: Surroundings,
    lines: Sequence[EvidenceLine],
) -> tuple[list[Stamp], list[Byline]]:
    """Return the times and bylines that are not those of other content on the page."""
    beside = [
        line.text
        for line in lines
        if line.zone == "headline" and 0 < line.distance <= BESIDE and not (line.other or line.amid)
    ]
    own = [
        byline._replace(below=around.is_below(byline.text))
        for byline in bylines
        if not around.is_other(byline.text, byline.other, byline.card, beside)
    ]
    return [s for s in stamps if not around.is_other(s.text, s.other, s.card, beside)], own


@lru_cache(maxsize=16)  # asked anew for every element of a page
def own_titles(titles: tuple[str, ...]) -> frozenset[str]:
    """Return, folded, what a page calls its headline."""
    return frozenset(filter(None, map(letters_only, titles)))


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


# Maximum characters of a site's name in its masthead.
MASTHEAD_TEXT: Final = 40
_MASTHEAD = lazy_compile(r"(?:^|[\s_-])(?:site-?(?:title|name)|logo)(?:$|[\s_-])", re.IGNORECASE)
_FRONT_PAGE = lazy_compile(r"(?:https?://[^/]+)?/?(?:index\.\w{3,5})?|\./?")


def _is_masthead(node: LexborNode, attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element names the site: by its class, or as a link to the front page."""
    if _MASTHEAD.search(attributes.get("class") or ""):
        return True
    if node.tag != "h1":
        return False
    link = node.css_first("a[href]")
    if link is None:
        return False
    target = (link.attributes.get("href") or "").strip()
    whole = _text(link) == _text(node)
    return whole and bool(target) and _FRONT_PAGE.fullmatch(target) is not None


# Links of a page, from its top, among which the one with the site's name is.
_MOST_LINKS: Final = 80
_RIGHTS = lazy_compile(r"©|版[权權]所有|copyright|all rights reserved", re.IGNORECASE)
_RIGHTS_LINE: Final = 200


def _is_house(
    title: str, tree: LexborHTMLParser, blocks: Sequence[KeptBlock | RemovedBlock]
) -> bool:
    """Return whether the ``<title>`` of a page is the site's name alone.

    A link to the front page has the same words, or a line that reserves rights names that owner.
    """
    if len(title) > MASTHEAD_TEXT:
        return False
    if any(
        title in block.text and len(block.text) <= _RIGHTS_LINE and _RIGHTS.search(block.text)
        for block in blocks
        if isinstance(block, RemovedBlock)
    ):
        return True
    return any(
        _FRONT_PAGE.fullmatch((link.attributes.get("href") or "-").strip())
        and title in (_text(link, MASTHEAD_TEXT + 1), _alternative(link))
        for link in tree.css("a[href]")[:_MOST_LINKS]
    )


def _alternative(node: LexborNode) -> str:
    image = node if node.tag == "img" else node.css_first("img[alt]")
    return tidy(image.attributes.get("alt") or "") if image is not None else ""


def _times_in_script(raw: str) -> list[tuple[str, str]]:
    """Return names and values of the times in a script."""
    raw = raw[:MAX_SCRIPT]
    found: list[tuple[str, str]] = []
    # Reading a whole script for the expression would cost more than all else.
    end = 0
    for at in sorted(_places_of(raw, _SCRIPT_WORDS)):
        if at < end:
            continue
        end = at + _VALUE_AFTER
        for match in _SCRIPT_TIME.finditer(raw, max(0, at - _NAME_BEFORE), end):
            found.append((match["name"], match["value"].strip()))
            if len(found) == _MOST_TIMES:
                return found
            end = max(end, match.end())
    return found


def _places_of(text: str, words: Sequence[str]) -> Iterator[int]:
    """Yield where words stand in a text."""
    for word in words:
        at = text.find(word)
        while at >= 0:
            yield at
            at = text.find(word, at + 1)


def _stamp(node: LexborNode, attributes: Mapping[str, str | None], titles: frozenset[str]) -> Stamp:
    """Return what an element that may hold a date says."""
    values = [tidy((attributes[n] or "")[:80]) for n in TIME_ATTRIBUTES if n in attributes]
    parent = node.parent
    around = (parent.attributes.get("class") or "") if parent is not None else ""
    own = " ".join(
        attributes.get(name) or "" for name in ("itemprop", "property", "class", "id")
    ).lower()
    kind = _kind_by_name(own) or _kind_by_name(around.lower())
    if not kind and "pubdate" in attributes:
        kind = "published"
    shown = _text(node, 120)
    return Stamp(
        values=tuple(value for value in values if value),
        text=shown,
        kind=kind,
        before=_words_before(node),
        after=_words_after(node),
        group=parent.mem_id if parent is not None else 0,
        named=node.tag == "time" or "date" in own or bool(_kind_by_name(own)),
        other=is_in_other_content(node),
        card=is_in_card(node, shown, titles),
    )


def _kind_by_name(names: str) -> str:
    """Return the kind of time that names such as ``entry-date published`` state, or ""."""
    modified = "modif" in names or "updat" in names
    published = "publi" in names or "created" in names or "pubdate" in names
    if modified == published:
        return ""
    return "modified" if modified else "published"


def _content(node: LexborNode) -> str:
    return (node.text_content if node.tag == "-text" else node.text(separator=" ")) or ""


def _words_before(node: LexborNode) -> str:
    """Return the words before an element, back to the preceding date or heading."""
    words, at = "", node
    for _ in range(3):
        before = at.prev
        while before is not None:
            tag = before.tag or ""
            if tag in ("time", "abbr", "h1", "h2", "h3", "p", "ul") or tag.startswith("-comm"):
                return words[-_LABEL_TEXT:]
            if tag != "-text" and before.css_first("time, h1") is not None:
                return words[-_LABEL_TEXT:]
            words = f"{_content(before)[-_LABEL_TEXT:]} {words}"
            if len(words.strip()) > 1:
                return words[-_LABEL_TEXT:].strip()
            before = before.prev
        parent = at.parent
        if parent is None or parent.tag in ("body", "main", "article", "header"):
            break
        at = parent
    return words[-_LABEL_TEXT:].strip()


def _words_after(node: LexborNode) -> str:
    """Return the words between an element and the next of its kind."""
    after = node.next
    while after is not None and not _content(after).strip():
        after = after.next
    if after is None or after.tag in ("time", "abbr", "p"):
        return ""
    return _content(after).strip()[:_LABEL_TEXT]


def _group(node: LexborNode) -> int:
    """Return the id of an element's byline: the largest short element around it."""
    at = node
    for _ in range(3):
        parent = at.parent
        if parent is None or parent.tag in ("body", "main", "article", "header"):
            break
        if len(parent.text() or "") > BYLINE_TEXT:
            break
        at = parent
    return at.mem_id


_NAME_CLASS = lazy_compile(r"(?:author|byline)s?[_-]{1,2}name")
_AUTHOR_ELEMENTS: Final = "[class*=author i], [rel~=author], [itemprop=author]"
MAX_INNER: Final = 20
MAX_NAME: Final = 40  # characters
# Maximum characters of a byline with all its authors.
BYLINE_TEXT: Final = 240


def _add_element(
    node: LexborNode,
    attributes: Mapping[str, str | None],
    links: dict[str, str],
    headings: list[str],
    stamps: list[Stamp],
    bylines: list[Byline],
    titles: frozenset[str],
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
    if prop == "headline":
        headings.append(heading_text(node, MAX_LINE))
        return
    if node.tag in ("body", "html", "img", "input", "main"):
        return
    words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
    link = node.tag == "a" and "/author" in (attributes.get("href") or "")
    named = "author" in words or "byline" in words or "author" in rel or prop == "author" or link
    dated = node.tag in ("time", "abbr") or prop.startswith("date")
    named = named and not dated
    if "nickname" in words and not named and not dated:
        _add_account(node, bylines)
    elif named:
        if len(bylines) < MAX_NODES:
            _add_byline(node, attributes, rel, bylines, titles)
    elif len(stamps) < MAX_STAMPS and _is_stamp(node, prop) and not is_in_teaser(node, titles):
        stamps.append(_stamp(node, attributes, titles))


def _is_stamp(node: LexborNode, prop: str) -> bool:
    """Return whether an element is a date rather than a wrapper around other things."""
    if node.tag == "time" or prop.startswith("date"):
        return True
    return len(node.text() or "") <= _STAMP_TEXT


def _add_account(node: LexborNode, bylines: list[Byline]) -> None:
    text = _text(node, 300)
    inner = node.first_child
    if 1 < len(text) < 40 and inner is not None and inner.next is None:
        bylines.append(Byline(text, "account", 0, False))


def _names_in(node: LexborNode) -> str:
    """Return the texts of several author elements within one, separated by commas.

    The text of the outer element would join the names: ``<ul><li>Ann Marsh</li><li>Tom
    Ash</li></ul>``.
    """
    inner = [n for n in node.css(_AUTHOR_ELEMENTS) if n.mem_id != node.mem_id][:MAX_INNER]
    leaves = [n for n in inner if len(n.css(_AUTHOR_ELEMENTS)) < 2]
    texts = [_text(leaf, 100).strip(" ,;&") for leaf in leaves]
    texts = [text for text in dict.fromkeys(texts) if 0 < len(text) <= MAX_NAME]
    return ", ".join(texts) if len(texts) > 1 else ""


def _named_in(node: LexborNode) -> str:
    """Return the names that an author's element marks within it, beside a post or a town.

    Microdata and vcards part them: ``<p itemprop="author"><b itemprop="name">Ann Marsh</b>
    <i itemprop="jobTitle">Miner</i></p>``.
    """
    parts = node.css(
        "[itemprop=jobTitle],[itemprop=affiliation],.role,.title,.org,[class*=position]"
    )
    if not parts:
        return ""
    texts = [_text(name, 100) for name in node.css("[itemprop=name],.fn")[:MAX_INNER]]
    return ", ".join(text for text in dict.fromkeys(texts) if 0 < len(text) <= MAX_NAME)


def _without_posts(node: LexborNode) -> str:
    """Return the texts of an author's element without those of its elements that tell a post.

    ``<p class="author"><b>Ann Marsh</b><i>Head of Mines</i></p>``; "" where there are none.
    """
    texts: list[str] = []
    child = node.first_child
    while child is not None:
        if text := tidy(child.text() or ""):
            texts.append(text)
        child = child.next
        if len(texts) > MAX_INNER:
            return ""
    names = [text for text in texts if not names_a_post(text)]
    return " ".join(names) if 0 < len(names) < len(texts) else ""


def _add_byline(
    node: LexborNode,
    attributes: Mapping[str, str | None],
    rel: Sequence[str],
    bylines: list[Byline],
    titles: frozenset[str],
) -> None:
    text = tidy(
        attributes.get("content")
        or _names_in(node)
        or _named_in(node)
        or _without_posts(node)
        or _text(node, 300)
    )
    prop = attributes.get("itemprop") or ""
    origin = "rel=author" if "author" in rel else f"itemprop={prop}" if prop else "class"
    words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
    if origin == "class" and "author" not in words and "byline" not in words:
        origin = "link"
    if text and len(text) < 200 and not is_in_teaser(node, titles):
        other, card = is_in_other_content(node), is_in_card(node, text, titles)
        named = _NAME_CLASS.search(words) is not None
        bylines.append(Byline(text, origin, _group(node), other, card, named=named))
