"""How the sites look: an article with what stands around it, lists of articles, notices."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from html import escape

from tests.soak.wording import NOTICES
from tests.soak.world import Article, Site, Text
from tests.world.layouts import View, render

__all__ = ["article_page", "entry_list", "notice", "stamp"]

# Articles that feeds and section pages show; a sitemap shows all.
_SHOWN = 80
# Looks for which the habits of the simulated publishers have words.
_TURNS = 7


def stamp(begun: float, seconds: float) -> str:
    """Return a moment of the run as ISO 8601; `begun` is of the monotonic clock."""
    return _moment(begun, seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(begun: float, seconds: float) -> datetime:
    wall = time.time() - time.monotonic() + begun + seconds
    return datetime.fromtimestamp(wall, UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the habits of these sites ask of a look: which one it is."""

    turn: int
    hours: float


def article_page(
    site: Site, article: Article, text: Text, turn: int, port: int, begun: float
) -> str:
    """Return an article's page; what is not the article differs with each `turn`."""
    others = [site.articles[(turn * 7 + i) % len(site.articles)] for i in range(6)]
    url = f"http://{site.host}:{port}{article.path}"
    view = View(
        layout=site.layout,
        language=site.language,
        site=site.name,
        url=url,
        canonical=url,
        title=text.title,
        paragraphs=text.paragraphs,
        authors=text.authors,
        published=_moment(begun, article.published),
        others=tuple(
            (other.path, _first_title(other))
            for other in others
            if other.number != article.number and other.published <= article.published
        ),
    )
    look = _Look(turn=turn % _TURNS, hours=float(turn))
    for habit in site.habits:
        if habit.view is not None:
            view = habit.view(view, look)
    # The header names the encoding of the bytes; the template says UTF-8 of all of them.
    return render(view).replace('<meta charset="utf-8">', f'<meta charset="{site.charset}">', 1)


def _first_title(article: Article) -> str:
    text = article.life[0][1]
    assert text is not None
    return text.title


def notice(language: str, kind: str) -> str:
    """Return a page that is no article: ``wall`` or ``missing``."""
    said = NOTICES[language]
    form = '<form><input type="password" name="p"></form>' if kind == "wall" else ""
    return (
        f'<!doctype html><html lang="{language}"><head><title>{said[f"{kind}_title"]}</title>'
        f"</head><body><h1>{said[f'{kind}_title']}</h1><p>{said[kind]}</p>{form}</body></html>"
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
