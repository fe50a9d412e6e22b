"""An article as XHTML: a page of its own, or the content of an entry or a chapter.

The Markdown is read by `scraper.text.markdown_blocks`, so that a page's text becomes headings,
lists, quotes, tables and links to the web, and nothing else. What is written is well-formed XML
whatever the text holds, and also valid HTML. Nothing in it is loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from scraper.models import Article
from scraper.text.markdown_blocks import Block, Span, markdown_blocks
from scraper.urls import web_url

__all__ = ["article_body", "article_page", "language_tag", "xml_text"]

# Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_STYLE = (
    "body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 serif;color:#222;"
    "background:#fff}h1{line-height:1.25}.about{color:#555;font-size:.9rem}"
    "pre{overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #999;"
    "padding:.2rem .5rem}blockquote{border-left:3px solid #999;margin-left:0;padding-left:1rem}"
)


def xml_text(text: str) -> str:
    """Return text escaped for an element or an attribute in quotes, valid in XML."""
    return escape(_NOT_XML.sub("\ufffd", text), quote=True)


def language_tag(article: Article) -> str:
    """Return the BCP 47 tag of an article, with the script of Chinese, or ""."""
    tag = article.language
    if tag == "zh" and article.script in ("Hans", "Hant"):
        tag = f"zh-{article.script}"
    return tag if _TAG.fullmatch(tag) else ""


def article_body(article: Article) -> str:
    """Return the blocks of an article as XHTML, without headline and byline."""
    return "\n".join(map(_block, markdown_blocks(article)))


def article_page(article: Article, about: Sequence[str] = ()) -> str:
    """Return an article as a page of its own.

    Args:
        article: its record.
        about: lines below the text on where it comes from.
    """
    tag = language_tag(article)
    url = web_url(article.url)
    address = (
        f'<p class="about"><a href="{xml_text(url)}" rel="noreferrer">{xml_text(url)}</a></p>\n'
        if url
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"{_lang(tag)}>\n<head>\n'
        '<meta charset="utf-8"/>\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\"/>\n"
        '<meta name="viewport" content="width=device-width"/>\n'
        f"<title>{xml_text(article.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<article>\n<h1>{xml_text(article.title)}</h1>\n{byline_html(article)}"
        f"{article_body(article)}\n</article>\n{address}"
        + "".join(f'<p class="about">{xml_text(line)}</p>\n' for line in about)
        + "</body>\n</html>\n"
    )


def byline_html(article: Article) -> str:
    """Return authors, outlet and time as a paragraph, or "" where nothing is known."""
    parts = [
        xml_text(", ".join(article.authors)),
        xml_text(article.outlet),
        xml_text(article.source if article.source != article.outlet else ""),
        ("last changed " if article.is_dated_by_change else "") + _time(article.published),
    ]
    line = " · ".join(part for part in parts if part)
    return f'<p class="about">{line}</p>\n' if line else ""


def _time(at: datetime | None) -> str:
    if at is None:
        return ""
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M}</time>'


def _lang(tag: str) -> str:
    return f' lang="{tag}" xml:lang="{tag}"' if tag else ""


def _block(block: Block) -> str:
    if block.kind == "heading":
        # The headline is the page's only heading of the first level.
        level = min(6, max(2, block.level))
        return f"<h{level}>{_spans(block.lines[0])}</h{level}>"
    if block.kind == "list":
        return "".join(_list(block, 0, len(block.lines), 0))
    if block.kind == "code":
        text = "\n".join("".join(span.text for span in line) for line in block.lines)
        return f"<pre><code>{xml_text(text)}</code></pre>"
    if block.kind == "table":
        return _table(block)
    lines = "<br/>\n".join(map(_spans, block.lines))
    return (
        f"<blockquote><p>{lines}</p></blockquote>" if block.kind == "quote" else f"<p>{lines}</p>"
    )


def _list(block: Block, at: int, end: int, depth: int) -> Iterator[str]:
    """Yield the items of a list from one to another, those further in within their parent."""
    number = block.numbers[at]
    name = "ul" if number is None else "ol"
    yield f'<ol start="{number}">' if number not in (None, 1) else f"<{name}>"
    while at < end:
        inner = at + 1
        while inner < end and block.depths[inner] > depth:
            inner += 1
        yield f"<li>{_spans(block.lines[at])}"
        if inner > at + 1:
            yield from _list(block, at + 1, inner, block.depths[at + 1])
        yield "</li>"
        at = inner
    yield f"</{name}>"


def _table(block: Block) -> str:
    rows = [
        block.lines[start : start + block.level]
        for start in range(0, len(block.lines), block.level)
    ]
    written = []
    for number, row in enumerate(rows):
        name = "th" if number == 0 else "td"
        cells = "".join(f"<{name}>{_spans(cell)}</{name}>" for cell in row)
        written.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(written)}</table>"


def _spans(spans: Sequence[Span]) -> str:
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    text = xml_text(span.text or (span.href if span.picture else ""))
    for wanted, name in (
        (span.code, "code"), (span.emphasis, "em"), (span.strong, "strong"), (span.struck, "del"),
    ):  # fmt: skip
        if wanted:
            text = f"<{name}>{text}</{name}>"
    if span.href:
        return f'<a href="{xml_text(span.href)}" rel="noreferrer">{text}</a>'
    return text
