"""Articles as an Atom feed (RFC 4287), with their whole text, for feed readers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO

from scraper.exchange.article_html import article_body, language_tag, xml_text
from scraper.exchange.formats.selected import Chosen, ChosenArticle
from scraper.urls import web_url

__all__ = ["write_atom"]


def write_atom(chosen: Chosen, out: IO[bytes]) -> None:
    """Write an entry for each article, the newest first, with its current text."""
    out.write(
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
            f"<title>{xml_text(chosen.title)}</title>\n"
            f"<id>urn:scraper:export:{xml_text('+'.join(chosen.title.split()))}</id>\n"
            f"<updated>{_time(datetime.now(UTC))}</updated>\n<generator>scraper</generator>\n"
        ).encode()
    )
    for article in chosen:
        out.write(_entry(article).encode())
    out.write(b"</feed>\n")


def _entry(article: ChosenArticle) -> str:
    row, record = article.row, article.version.article
    tag = language_tag(record)
    authors = record.authors or (row.outlet or "unknown",)
    published = f"<published>{_time(article.published)}</published>\n" if article.published else ""
    # The address is the same at each export, whatever the publisher changes.
    link = f'<link rel="alternate" href="{xml_text(row.url)}"/>\n' if web_url(row.url) else ""
    return (
        "<entry" + (f' xml:lang="{tag}"' if tag else "") + ">\n"
        f"<title>{xml_text(row.title)}</title>\n<id>{xml_text(row.url)}</id>\n{link}"
        f"<updated>{_time(row.updated_at)}</updated>\n{published}"
        + "".join(f"<author><name>{xml_text(name)}</name></author>\n" for name in authors)
        + "".join(f'<category term="{xml_text(one.name)}"/>\n' for one in article.names[:20])
        + (f'<summary type="text">{xml_text(row.excerpt)}</summary>\n' if row.excerpt else "")
        + '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">\n'
        f"{article_body(record)}\n</div></content>\n</entry>\n"
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
