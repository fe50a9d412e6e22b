"""What a web page says of its site: its feeds, its name, its language, the software behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.discovery.visit import looks_like_html, one_line
from scraper.models import Source
from scraper.record import record
from scraper.text.encoding import decode, scrub
from scraper.text.languages import normal_tag, written_tag
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, is_home

__all__ = ["FeedLink", "Site", "attribute", "base_of", "feed_links", "first_part", "read_site"]


# Media types of feeds; the last two are served for much else, and so need an address that says it.
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)
_VAGUE_TYPES = frozenset({"application/json", "text/xml", "application/xml"})
_FEED_ADDRESS = lazy_compile(
    r"(?:^|[/._?&=-])(?:rss\d?|atom|feeds?|rdf|index\.xml)(?:$|[/._?&=-])", re.IGNORECASE
)
_FEED_WORDS = lazy_compile(
    r"\b(?:rss|atom|web ?feed|xml feed)\b|^(?:rss\s*)?(?:订阅|訂閱)(?:\s*rss)?$", re.IGNORECASE
)
# Feeds of comments, of one story's replies, of sounds: not of articles.
_OTHER_FEED = lazy_compile(
    r"comments?\b|replies|podcast|oembed|wp-json|评论|評論|留言|播客", re.IGNORECASE
)
_MOST_LINKS = 30


@record
class FeedLink:
    """A feed that a page names.

    Attributes:
        url: its address.
        title: its name there, or "".
        declared: whether the head declares it; else a link of the body leads there.
    """

    url: str
    title: str = ""
    declared: bool = True


def feed_links(html: str | LexborHTMLParser, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names, those of its head first, each once.

    Args:
        html: the page.
        url: where it was read.
    """
    tree = LexborHTMLParser(html) if isinstance(html, str) else html
    base = base_of(tree, url)
    found: dict[str, FeedLink] = {}
    for node in tree.css("link[href][type]"):
        kind = attribute(node, "type").split(";")[0].strip().lower()
        address = absolute(base, attribute(node, "href"))
        vague = kind in _VAGUE_TYPES and _FEED_ADDRESS.search(address) is not None
        if "alternate" not in attribute(node, "rel").lower().split() and kind not in _FEED_TYPES:
            continue
        title = one_line(attribute(node, "title"))
        if address and (kind in _FEED_TYPES or vague) and not _is_other(address, title):
            found.setdefault(address, FeedLink(url=address, title=title))
    for node in tree.css("a[href]"):
        address = absolute(base, attribute(node, "href"))
        if not address or len(found) >= _MOST_LINKS:
            continue
        text = one_line(
            f"{node.text()} {attribute(node, 'title')} {attribute(node, 'aria-label')}", 80
        )
        by_address = _FEED_ADDRESS.search(address.split("//", 1)[-1].partition("/")[2]) is not None
        if (by_address or _FEED_WORDS.search(text)) and not _is_other(address, text):
            found.setdefault(address, FeedLink(url=address, title=text, declared=False))
    return tuple(found.values())


def _is_other(address: str, title: str) -> bool:
    return bool(_OTHER_FEED.search(address) or _OTHER_FEED.search(title))


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Return the address against which a page's links are to be resolved."""
    node = tree.css_first("base[href]")
    return (absolute(url, attribute(node, "href")) if node is not None else "") or url


def attribute(node: LexborNode, name: str) -> str:
    """Return the value of an element's attribute, "" where it has none."""
    return node.attributes.get(name) or ""


# Mark of the software in the page (its generator, or addresses of its own), and where it publishes
# feeds: relative to the page first, since sections often have their own.
PLATFORMS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    (
        "WordPress",
        r"generator\S{0,80} wordpress|/wp-(?:content|includes|json)/",
        ("feed/", "/feed/"),
    ),
    ("Ghost", r"generator\S{0,80} ghost|/ghost/|ghost-(?:sdk|portal)", ("rss/", "/rss/")),
    ("Substack", r"substackcdn\.com|substack\.com/api", ("/feed",)),
    ("Medium", r"miro\.medium\.com|generator\S{0,80} medium|com\.medium\.reader", ("/feed",)),
    ("Hexo", r"generator\S{0,80} hexo", ("/atom.xml", "/rss2.xml")),
    ("Hugo", r"generator\S{0,80} hugo", ("index.xml", "/index.xml")),
    ("Jekyll", r"generator\S{0,80} jekyll", ("/feed.xml", "/atom.xml")),
    ("Typecho", r"generator\S{0,80} typecho", ("/feed/",)),
    ("Halo", r"generator\S{0,80} halo", ("/rss.xml", "/feed.xml")),
    ("Drupal", r"generator\S{0,80} drupal|/sites/default/files/", ("/rss.xml",)),
    ("Joomla", r"generator\S{0,80} joomla", ("?format=feed&type=rss",)),
    ("Blogger", r"generator\S{0,80} blogger", ("/feeds/posts/default",)),
    ("Squarespace", r"squarespace\.com|generator\S{0,80} squarespace", ("?format=rss",)),
    ("Wix", r"generator\S{0,80} wix|static\.wixstatic\.com", ("/blog-feed.xml",)),
    ("Docusaurus", r"generator\S{0,80} docusaurus", ("/blog/rss.xml", "/blog/atom.xml")),
    ("Astro", r"generator\S{0,80} astro", ("/rss.xml",)),
    ("Discourse", r"generator\S{0,80} discourse", ("/latest.rss",)),
)
_PLATFORMS = tuple(
    (name, lazy_compile(mark, re.IGNORECASE), paths) for name, mark, paths in PLATFORMS
)
_SEPARATOR = lazy_compile(
    r"(?<!\s)\s++[|\-–—_»«·•]\s+|[|_｜—–：]|:\s|-{2,}|(?<=[\u4e00-\u9fff])-|-(?=[\u4e00-\u9fff])"
)


_COPYRIGHT = lazy_compile(r"(?:©|\(c\)|copyright|版权|版權).{0,80}", re.IGNORECASE)


@record
class Site:
    """What a page says of its site; made in a worker.

    Attributes:
        is_page: whether it is a web page at all.
        feeds: feeds that it names.
        name: of the site, or "".
        tag: of its language, as printed, or "".
        platform: software that runs it, or "".
        platform_feeds: addresses at which that software publishes feeds.
    """

    is_page: bool
    feeds: tuple[FeedLink, ...] = ()
    name: str = ""
    tag: str = ""
    platform: str = ""
    platform_feeds: tuple[str, ...] = ()


def read_site(body: bytes, url: str, content_type: str, source: Source, at: datetime) -> Site:
    """Return what a page says of its site; `source` and `at` are not used by it."""
    text = scrub(decode(body, content_type).text)
    if not looks_like_html(text) and "html" not in content_type.lower():
        return Site(is_page=False)
    tree = LexborHTMLParser(text)
    generators = " ".join(f"generator {value}" for value in _metas(tree, "generator"))
    marks = f"{generators} {text[:400_000]}"
    matching = ((name, paths) for name, mark, paths in _PLATFORMS if mark.search(marks))
    platform, paths = next(matching, ("", ()))
    node = tree.css_first("html")
    tag = (node.attributes.get("lang") or node.attributes.get("xml:lang") or "") if node else ""
    locale = next(iter(_metas(tree, "og:locale")), "")
    # "zh" alone does not tell the script; the locale often does, and the text always. A template
    # in another language that was never changed must not speak for a Chinese text.
    if normal_tag(tag) in ("", "zh") or (not normal_tag(tag).startswith("zh") and _written(tree)):
        by_locale = locale if normal_tag(locale) in ("zh-Hans", "zh-Hant") else ""
        tag = by_locale or _written(tree) or locale or tag
    return Site(
        is_page=True,
        feeds=feed_links(tree, url),
        name=_name_of(tree, url),
        tag=tag,
        platform=platform,
        platform_feeds=tuple(dict.fromkeys(_placed(url, path) for path in paths)),
    )


def _placed(url: str, path: str) -> str:
    """Return where a platform's feed lies: beside the page, or at the root for ``/…``."""
    parts = urlsplit(url)
    if path.startswith("?"):
        return absolute(url, parts.path + path)
    if path.startswith("/"):
        # On hosts that many share, what is published stands under a name of its own.
        shared = re.match(r"/@[^/]+", parts.path)
        return urljoin(url, path + shared[0]) if shared else urljoin(url, path)
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    return urljoin(url, folder + path)


def _metas(tree: LexborHTMLParser, name: str) -> Iterator[str]:
    for node in tree.css(f'meta[name="{name}" i], meta[property="{name}" i]'):
        if value := (node.attributes.get("content") or "").strip():
            yield value


def _written(tree: LexborHTMLParser) -> str:
    """Return the tag of Chinese, if a page is written in it."""
    return written_tag(tree.body.text(separator=" ")[:20_000]) if tree.body is not None else ""


def _name_of(tree: LexborHTMLParser, url: str) -> str:
    for name in ("og:site_name", "application-name", "apple-mobile-web-app-title"):
        if value := next(_metas(tree, name), ""):
            return one_line(value, 80)
    title = tree.css_first("title")
    parts = _parts(one_line(title.text())) if title is not None else []
    if not parts:
        return ""
    # A masthead that leads home, or the line of copyright, says which part of it is the name.
    mastheads = {
        one_line(node.text())
        for node in tree.css("header a[href], h1 a[href], a[class*=logo]")
        if is_home(absolute(url, attribute(node, "href")) or "/x")
    }
    small_print = " ".join(one_line(node.text(), 2_000) for node in tree.css("footer"))
    body = one_line(tree.body.text()[-20_000:], 20_000) if tree.body is not None else ""
    small_print += " ".join(_COPYRIGHT.findall(body))
    for told in (mastheads, small_print):
        named = [part for part in parts if part in told]
        if named:
            return named[0]
    return parts[0] if is_home(url) else parts[-1]


def _parts(title: str) -> list[str]:
    """Return the parts of a title such as ``Name - slogan`` or ``Section | Name``."""
    return [part[:80] for part in map(str.strip, _SEPARATOR.split(title)) if len(part) > 1]


def first_part(title: str) -> str:
    """Return the name in a feed's title: its first part."""
    return next(iter(_parts(title)), title[:80])
