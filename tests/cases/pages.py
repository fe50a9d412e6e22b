"""Cases that need no archive: what is read from one page, feed, text or address."""

from __future__ import annotations

from datetime import UTC, datetime

from scraper import extract
from scraper.discovery.feed import parse_feed
from scraper.discovery.sitemap import parse_sitemap
from scraper.errors import ExtractError, ScraperError
from scraper.fetching.robots_rules import may_fetch, parse_robots
from scraper.models import Article, Source
from scraper.text.dates import parse_time
from scraper.text.encoding import decode
from scraper.urls import absolute
from tests.cases.case import Case
from tests.cases.compare import moment, names, same_time, squash, words

__all__ = [
    "check_address",
    "check_decode",
    "check_extract",
    "check_list",
    "check_robots",
    "check_time",
]

# When a list was read whose case does not say.
_READ_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
_TEXT_FIELDS = ("title", "source", "outlet", "language", "script", "canonical_url", "image")
_TIME_FIELDS = ("published", "modified")


def check_extract(case: Case) -> list[str]:
    """Extract an article and compare its fields, or the class of the error."""
    expected = case.expect.get("error")
    at = moment(case.told.get("fetched_at"))
    url = case.told.get("url") or ""
    try:
        article = extract(case.bytes(), url, case.headers(), fetched_at=at)
    except ExtractError as error:
        if expected in (error.error_class, "any", True):
            return []
        wanted = f", not {expected}" if expected else ""
        return [f"refused: {error.error_class}{wanted}"]
    if expected:
        return ["taken for an article"]
    return _article(case, article)


def _article(case: Case, article: Article) -> list[str]:
    expect = case.expect
    wrong = words(expect, article.text) + words(expect, article.markdown, "_markdown")
    lines = {squash(line) for line in article.text.splitlines()}
    wrong += [f"no line of its own: {v}" for v in expect.get("lines", ()) if squash(v) not in lines]
    for name in _TIME_FIELDS:
        if name in expect and not same_time(expect[name], getattr(article, name)):
            wrong.append(f"{name} is {getattr(article, name)}, not {expect[name]}")
    if "authors" in expect and names(expect["authors"] or ()) != names(article.authors):
        wrong.append(f"authors are {list(article.authors)}, not {expect['authors']}")
    for name in _TEXT_FIELDS:
        if name in expect and squash(getattr(article, name)) != squash(expect[name]):
            wrong.append(f"{name} is {getattr(article, name)!r}, not {expect[name]!r}")
    return wrong


def check_decode(case: Case) -> list[str]:
    """Decode bytes."""
    return words(case.expect, decode(case.bytes(), case.headers().get("content-type", "")).text)


def check_time(case: Case) -> list[str]:
    """Read a printed time."""
    zone, at = case.told.get("zone") or "", moment(case.told.get("fetched_at"))
    parsed = parse_time(case.told["text"], zone=zone, relative_to=at)
    have, want = parsed.value if parsed else None, moment(case.expect["value"])
    return [] if have == want else [f"{have}, not {want}"]


def check_list(case: Case) -> list[str]:
    """Read a feed or a sitemap and compare its entries."""
    expect, url = case.expect, case.told["url"]
    parse = parse_feed if case.kind == "feed" else parse_sitemap
    source = Source(name="case", kind=case.kind, url=url, outlet="Ferry Post", interval=3600)
    at = moment(case.told.get("fetched_at")) or _READ_AT
    try:
        read = parse(case.bytes(), url, case.headers().get("content-type", ""), source, at)
    except ScraperError as error:
        return [f"refused: {error}"]
    entries, wanted = read.entries, expect.get("links", ())
    urls, wrong = [entry.url for entry in entries], []
    if "count" in expect and len(entries) != expect["count"]:
        wrong.append(f"{len(entries)} entries, not {expect['count']}: {urls[:4]}")
    if "links" in expect and all("url" in link for link in wanted):
        # A feed's case may list its first entries only; a sitemap's lists all, for what is no
        # article's address may stand behind the last.
        listed = urls[: len(wanted)] if case.kind == "feed" else urls
        if listed != [link["url"] for link in wanted]:
            wrong.append(f"entries are {urls[:8]}")
    elif len(entries) < len(wanted):
        wrong.append(f"{len(entries)} entries, not {len(wanted)}")
    for entry, link in zip(entries, wanted, strict=False):
        if "title" in link and entry.title != link["title"]:
            wrong.append(f"title {entry.title!r}, not {link['title']!r}")
        if "published" in link and not same_time(link["published"], entry.published):
            wrong.append(f"published {entry.published}, not {link['published']}")
    missing = [address for address in expect.get("must_urls", ()) if address not in urls]
    return wrong + [f"{address} is missing among {len(urls)}" for address in missing]


def check_address(case: Case) -> list[str]:
    """Resolve a link against the address of its page."""
    have, want = absolute(case.told["base"], case.told["href"]), case.expect["url"]
    return [] if have == want else [f"{have!r}, not {want!r}"]


def check_robots(case: Case) -> list[str]:
    """Ask a robots.txt whether an address may be fetched."""
    rules = parse_robots(case.told["text"])
    allowed = may_fetch(rules, case.told["address"], case.told["agent"])
    return [] if allowed == case.expect["allowed"] else [f"allowed: {allowed}"]
