"""What an outlet offers to those who watch it: RSS, Atom, JSON Feed, sitemaps, robots.txt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from scraper.demo.outlets import Outlet
from scraper.record import record

__all__ = ["Entry", "atom", "json_feed", "news_sitemap", "robots", "rss", "sitemap_index"]


@record
class Entry:
    """An article as it is listed: absolute address, headline, times, summary, authors."""

    url: str
    title: str
    published: datetime
    modified: datetime
    summary: str = ""
    authors: tuple[str, ...] = ()


def rss(outlet: Outlet, root: str, entries: Sequence[Entry], now: datetime) -> str:
    """Return an RSS 2.0 feed; its build date is that of the request, as many servers have it."""
    items = "\n".join(
        f"<item><title>{escape(entry.title)}</title>"
        f"<link>{escape(entry.url)}?utm_source=rss&amp;utm_medium=feed</link>"
        f'<guid isPermaLink="true">{escape(entry.url)}</guid>'
        f"<pubDate>{format_datetime(entry.published.astimezone(UTC))}</pubDate>"
        + "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in entry.authors)
        + f"<description>{escape(entry.summary)}</description></item>"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
        f"<title>{escape(outlet.name)}</title><link>{escape(root)}/</link>"
        f"<description>{escape(outlet.tagline)}</description>"
        f"<language>{outlet.language}</language>"
        f"<lastBuildDate>{format_datetime(now.astimezone(UTC))}</lastBuildDate>\n"
        f"{items}\n</channel></rss>\n"
    )


def atom(outlet: Outlet, root: str, entries: Sequence[Entry]) -> str:
    """Return an Atom feed."""
    zone = ZoneInfo(outlet.zone)
    latest = max((entry.modified for entry in entries), default=datetime(2025, 1, 1, tzinfo=UTC))
    items = "\n".join(
        f"<entry><title>{escape(entry.title)}</title><id>{escape(entry.url)}</id>"
        f'<link rel="alternate" type="text/html" href={quoteattr(entry.url)}/>'
        f"<published>{entry.published.astimezone(zone).isoformat()}</published>"
        f"<updated>{entry.modified.astimezone(zone).isoformat()}</updated>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in entry.authors)
        + f"<summary>{escape(entry.summary)}</summary></entry>"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">\n'
        f"<title>{escape(outlet.name)}</title><id>{escape(root)}/</id>"
        f'<link rel="self" href={quoteattr(root + outlet.path)}/>'
        f"<updated>{latest.astimezone(zone).isoformat()}</updated>\n{items}\n</feed>\n"
    )


def json_feed(outlet: Outlet, root: str, entries: Sequence[Entry]) -> str:
    """Return a JSON Feed 1.1."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": f"{root}/",
            "feed_url": root + outlet.path,
            "language": outlet.language,
            "items": [
                {
                    "id": entry.url,
                    "url": entry.url,
                    "title": entry.title,
                    "summary": entry.summary,
                    "date_published": entry.published.isoformat(),
                    "date_modified": entry.modified.isoformat(),
                    "authors": [{"name": name} for name in entry.authors],
                }
                for entry in entries
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def sitemap_index(root: str, entries: Sequence[Entry]) -> str:
    """Return a sitemap index that names one news sitemap."""
    latest = max((entry.modified for entry in entries), default=datetime(2025, 1, 1, tzinfo=UTC))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"<sitemap><loc>{escape(root)}/sitemap-news.xml</loc>"
        f"<lastmod>{latest.isoformat()}</lastmod></sitemap>\n</sitemapindex>\n"
    )


def news_sitemap(outlet: Outlet, entries: Sequence[Entry]) -> str:
    """Return a news sitemap."""
    language = {"zh-Hans": "zh-cn", "zh-Hant": "zh-tw"}.get(outlet.language, outlet.language)
    items = "\n".join(
        f"<url><loc>{escape(entry.url)}</loc><lastmod>{entry.modified.isoformat()}</lastmod>"
        f"<news:news><news:publication><news:name>{escape(outlet.name)}</news:name>"
        f"<news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{entry.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(entry.title)}</news:title></news:news></url>"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        f"{items}\n</urlset>\n"
    )


def robots(outlet: Outlet, root: str) -> str:
    """Return the outlet's robots.txt."""
    rules = "".join(f"Disallow: {path}\n" for path in outlet.disallow) or "Disallow:\n"
    sitemap = f"\nSitemap: {root}{outlet.path}\n" if outlet.kind == "sitemap" else ""
    return f"User-agent: *\n{rules}{sitemap}"
