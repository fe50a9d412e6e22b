"""Articles as a book: EPUB 3.3 (https://www.w3.org/TR/epub-33/), one article a chapter."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import NAMESPACE_URL, uuid5

from scraper.exchange.article_html import article_body, byline_html, language_tag, xml_text
from scraper.exchange.bundle_zip import new_zip, zip_time
from scraper.exchange.formats.selected import Chosen
from scraper.models import Article
from scraper.record import record
from scraper.urls import web_url

__all__ = ["article_epub", "write_epub"]

_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book/content.opf"'
    ' media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
_STYLE = (
    "h1{line-height:1.25}.about{font-size:.85em}pre{white-space:pre-wrap}"
    "table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .4em}\n"
)
_XHTML = "application/xhtml+xml"


@record(kw_only=False)
class _Chapter:
    name: str
    title: str
    outlet: str


def write_epub(chosen: Chosen, path: Path) -> None:
    """Write a book of the articles, the newest first, with a list of them in front."""
    articles = ((one.version.article, one.citation()) for one in chosen)
    at = datetime.now(UTC).replace(microsecond=0)
    with path.open("wb") as out:
        _write_book(out, articles, chosen.title, at)


def article_epub(article: Article, at: datetime, out: IO[bytes]) -> None:
    """Write one article as a book of one chapter.

    Args:
        article: its record.
        at: when it was captured, UTC.
        out: where to write.
    """
    _write_book(out, [(article, f"{article.url} {at:%Y-%m-%d %H:%M} UTC")], article.title, at)


def _write_book(
    out: IO[bytes], articles: Iterable[tuple[Article, str]], title: str, at: datetime
) -> None:
    chapters: list[_Chapter] = []
    languages: list[str] = []
    title = " ".join(title.split()) or "scraper"
    with new_zip(out) as book:
        stamp = zip_time(at)

        def add(name: str, text: str, how: int = zipfile.ZIP_DEFLATED) -> None:
            entry = zipfile.ZipInfo(name, date_time=stamp)
            entry.compress_type = how
            entry.external_attr = 0o100644 << 16
            book.writestr(entry, text.encode())

        # OCF 3.3, section 4.3: it comes first and is not compressed.
        add("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        add("META-INF/container.xml", _CONTAINER)
        add("book/style.css", _STYLE)
        for number, (article, citation) in enumerate(articles, start=1):
            chapter = _Chapter(f"article-{number}.xhtml", article.title, article.outlet)
            chapters.append(chapter)
            languages.append(language_tag(article))
            add(f"book/{chapter.name}", _chapter_page(article, citation))
        add("book/contents.xhtml", _contents(chapters, title))
        add("book/content.opf", _package(chapters, languages, title, at))


def _page(title: str, body: str, tag: str = "") -> str:
    lang = f' lang="{tag}" xml:lang="{tag}"' if tag else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"{lang}>\n'
        f"<head><title>{xml_text(title) or 'scraper'}</title>"
        '<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _chapter_page(article: Article, citation: str) -> str:
    url = xml_text(web_url(article.url))
    link = f'<p class="about"><a href="{url}">{url}</a></p>\n' if url else ""
    body = (
        f"<h1>{xml_text(article.title)}</h1>\n{byline_html(article)}{article_body(article)}\n{link}"
        f'<p class="about">{xml_text(citation)}</p>'
    )
    return _page(article.title, body, language_tag(article))


def _contents(chapters: Sequence[_Chapter], title: str) -> str:
    items = "\n".join(
        f'<li><a href="{chapter.name}">'
        f"{xml_text(' · '.join(filter(None, (chapter.title or chapter.name, chapter.outlet))))}"
        "</a></li>"
        for chapter in chapters
    )
    # A list of contents has at least one entry (EPUB 3.3, section 7.3).
    items = items or '<li><a href="contents.xhtml">no article was found</a></li>'
    return _page(
        title,
        f'<h1>{xml_text(title)}</h1>\n<nav epub:type="toc" id="toc"><ol>\n{items}\n</ol></nav>',
    )


def _package(
    chapters: Sequence[_Chapter], languages: Sequence[str], title: str, at: datetime
) -> str:
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    number = uuid5(NAMESPACE_URL, f"{title} {moment} {len(chapters)}")
    tags = dict.fromkeys(tag for tag in languages if tag) or {"en": None}
    manifest = "".join(
        f'<item id="a{at}" href="{chapter.name}" media-type="{_XHTML}"/>\n'
        for at, chapter in enumerate(chapters, start=1)
    )
    spine = "".join(f'<itemref idref="a{at}"/>' for at in range(1, len(chapters) + 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">urn:uuid:{number}</dc:identifier>\n'
        f"<dc:title>{xml_text(title)}</dc:title>\n"
        + "".join(f"<dc:language>{tag}</dc:language>\n" for tag in tags)
        + f'<meta property="dcterms:modified">{moment}</meta>\n</metadata>\n<manifest>\n'
        f'<item id="contents" href="contents.xhtml" media-type="{_XHTML}" properties="nav"/>\n'
        '<item id="style" href="style.css" media-type="text/css"/>\n'
        f'{manifest}</manifest>\n<spine><itemref idref="contents"/>{spine}</spine>\n</package>\n'
    )
