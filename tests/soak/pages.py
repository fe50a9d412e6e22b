"""How the sites look: an article with what stands around it, lists of articles, notices."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import formatdate
from html import escape

from tests.soak.wording import NOISE
from tests.soak.world import Article, Site, Text

__all__ = ["article_page", "entry_list", "notice", "stamp"]

# Articles that feeds and section pages show; a sitemap shows all.
_SHOWN = 80


def stamp(begun: float, seconds: float) -> str:
    """Return a moment of the run as ISO 8601; `begun` is of the monotonic clock."""
    wall = time.time() - time.monotonic() + begun + seconds
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))


def article_page(
    site: Site, article: Article, text: Text, turn: int, port: int, begun: float
) -> str:
    """Return an article's page; what is not the article differs with each `turn`."""
    noise = NOISE[site.language]
    others = [site.articles[(turn * 7 + i) % len(site.articles)] for i in range(6)]
    links = "".join(
        f'<li><a href="{o.path}">{escape(_first_title(o))}</a></li>'
        for o in others
        if o.number != article.number and o.published <= article.published
    )
    paragraphs = "".join(f"<p>{escape(p)}</p>\n" for p in text.paragraphs)
    when = stamp(begun, article.published)
    views = f'<span class="views">{noise["views"].format(n=turn)}</span>'
    # Every other site counts in a paragraph of its own.
    apart = int(site.host.rpartition(".")[2]) % 2
    url = f"http://{site.host}:{port}{article.path}"
    return f"""<!doctype html><html lang="{site.language}"><head>
<title>{escape(text.title)}</title><link rel="canonical" href="{url}">
<meta property="og:title" content="{escape(text.title)}"><meta property="og:type" content="article">
<meta property="article:published_time" content="{when}"></head><body>
<header><nav><a href="/">{noise["home"]}</a> <a href="/listing">{noise["more"]}</a></nav></header>
<main><article><h1>{escape(text.title)}</h1>
<p class="byline">{noise["by"]} <time datetime="{when}">{when[:10]}</time>
{f"</p><p>{views}" if apart else views}</p>
{paragraphs}</article>
<div class="advert">{noise["ad"].format(n=turn % 90 + 1)}</div>
<aside class="related"><h3>{noise["related"]}</h3><ul>{links}</ul></aside></main>
<footer>{site.host} - {turn}</footer></body></html>"""


def _first_title(article: Article) -> str:
    text = article.life[0][1]
    assert text is not None
    return text.title


def notice(language: str, kind: str) -> str:
    """Return a page that is no article: ``wall`` or ``missing``."""
    noise = NOISE[language]
    form = '<form><input type="password" name="p"></form>' if kind == "wall" else ""
    return (
        f'<!doctype html><html lang="{language}"><head><title>{noise[f"{kind}_title"]}</title>'
        f"</head><body><h1>{noise[f'{kind}_title']}</h1><p>{noise[kind]}</p>{form}</body></html>"
    )


def entry_list(
    kind: str, site: Site, shown: Sequence[Article], port: int, begun: float
) -> tuple[str, str]:
    """Return type and body of a site's list: ``rss``, ``atom``, ``sitemap`` or ``listing``."""
    base = f"http://{site.host}:{port}"
    newest = list(reversed(shown))
    if kind == "sitemap":
        urls = "".join(
            f"<url><loc>{base}{a.path}</loc><lastmod>{stamp(begun, a.published)}</lastmod></url>"
            for a in newest
        )
        body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        return "application/xml", f'<?xml version="1.0" encoding="utf-8"?>{body}'
    newest = newest[:_SHOWN]
    if kind == "listing":
        items = "".join(
            f'<li class="item"><h3><a href="{a.path}">{escape(_first_title(a))}</a></h3>'
            f'<time datetime="{stamp(begun, a.published)}"></time></li>'
            for a in newest
        )
        return "text/html; charset=utf-8", (
            f'<!doctype html><html lang="{site.language}"><head><title>{site.host}</title></head>'
            f'<body><main><ul class="list">{items}</ul></main></body></html>'
        )
    if kind == "rss":
        items = "".join(
            f"<item><title>{escape(_first_title(a))}</title><link>{base}{a.path}</link>"
            f"<guid>{base}{a.path}</guid><pubDate>{_mail_date(begun, a.published)}</pubDate></item>"
            for a in newest
        )
        body = f'<rss version="2.0"><channel><title>{site.host}</title>{items}</channel></rss>'
        return "application/rss+xml", f'<?xml version="1.0" encoding="utf-8"?>{body}'
    entries = "".join(
        f'<entry><title>{escape(_first_title(a))}</title><link href="{base}{a.path}"/>'
        f"<id>{base}{a.path}</id><updated>{stamp(begun, a.published)}</updated></entry>"
        for a in newest
    )
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{site.host}</title>{entries}</feed>'
    return "application/atom+xml", f'<?xml version="1.0" encoding="utf-8"?>{feed}'


def _mail_date(begun: float, seconds: float) -> str:
    return formatdate(time.time() - time.monotonic() + begun + seconds, usegmt=True)
