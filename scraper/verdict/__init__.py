"""Is this page the article, or what stands in its way?

The verdict comes before the version: only an article may become one. Precision comes first, since
a refused article is lost coverage: what is said about a page counts the less, the more prose it
has, and a long text is an article even if it is about captchas. Here the response is judged, and
what has ample text; `gates` tells a beginning from a whole text; `rules` judges the rest.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.models import Verdict
from scraper.text.patterns import PatternTable, lazy_compile
from scraper.text.width import columns_without_blanks as width
from scraper.urls import is_home
from scraper.verdict.gates import MAX_GATE, closed_gate, gate_signs, is_served_whole
from scraper.verdict.page_view import (
    MAX_SOURCE,
    PageView,
    claims_article,
    claims_list,
    has_prose,
    view_page,
)
from scraper.verdict.phrases import ADDRESSES, HEADERS, PHRASES, REGION_NOTICES, STATUSES
from scraper.verdict.prose import profile_prose
from scraper.verdict.rules import (
    AMPLE_TEXT,
    FOCUS,
    MARK_PATTERNS,
    PHRASE_PATTERNS,
    RULES,
    SOME_TEXT,
    TITLE_PATTERNS,
    consent_verdict,
    listing_verdict,
    matches,
    verdict_of,
)

__all__ = ["KINDS", "REFUSALS", "judge_page"]

KINDS: Mapping[str, str] = {
    "article": "the article",
    "unchanged": "not modified since the last visit",
    "login_wall": "asks the reader to log in",
    "paywall": "asks the reader to pay",
    "challenge": "wants proof that we are no robot, or refuses us as one",
    "consent": "asks for consent before it shows anything",
    "soft_404": "says under status 200 that there is no such page, or shows the front page instead",
    "error_page": "an error, maintenance or placeholder page under status 200",
    "listing": "a list of articles",
    "gone": "the article is no longer there",
    "region_blocked": "is shown to readers of other regions only",
    "http_error": "another status than 200",
    "rate_limited": "we asked too often",
    "truncated": "the page ends before its end",
    "not_html": "no web page",
    "script_only": "shows nothing without running its scripts",
    "empty": "shows no text that could be an article",
}

# What may be said of a page that came whole, under status 200.
REFUSALS = frozenset(
    {
        "login_wall", "paywall", "challenge", "consent", "soft_404", "error_page", "listing",
        "script_only", "empty", "region_blocked",
    }
)  # fmt: skip

_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml", "text/plain")
# Statuses under which challenges are served (Akamai, DataDome, Chinese cloud firewalls).
_CHALLENGE_STATUSES = frozenset({202, 401, 403, 405, 406, 412, 429, 444, 456, 468, 503, 521, 567})

# Elements whose end tag may not be left out (HTML, 13.1.2.4).
_CONTAINERS = lazy_compile(r"<(/?(?:article|main|section|div|table|ul|ol))\b", re.IGNORECASE)

# Addresses of sections: a word or two, without a number.
_SECTION = lazy_compile(r"/(?:[a-z]{2,20}/)?[a-z]{2,20}(?:-[a-z]{2,20})?/?")
_ADDRESSES = PatternTable(ADDRESSES, re.IGNORECASE | re.DOTALL)
_OFFERS = PatternTable(
    {kind: PHRASES[kind] for kind in ("paywall", "login_wall")}, re.IGNORECASE | re.DOTALL
)
_REGION_NOTICES = PatternTable({"region": REGION_NOTICES}, re.IGNORECASE)


def judge_page(
    *,
    status: int,
    url: str,
    final_url: str,
    headers: Mapping[str, str],
    html: str,
    tree: LexborHTMLParser | None = None,
    title: str = "",
    text: str = "",
    blocks: Sequence[tuple[str, bool]] = (),
    close_delimited: bool = False,
) -> Verdict:
    """Return whether a response is the article, and what was seen.

    Args:
        status: HTTP status.
        url, final_url: the address that was asked for and the one that answered.
        headers: response headers, lower-case names.
        html: the page, decoded ("" when its bytes are no text).
        tree: the page, parsed; None has it parsed here. Parts of it are removed, so nothing may
            read it afterwards.
        title: headline that extraction found, or "".
        text: article text that extraction found, or "".
        blocks: blocks of the page that are shown, in order, each with whether it is part of the
            text.
        close_delimited: nothing but the end of its connection says that the body is whole.

    Returns:
        The verdict. An article may have evidence too: of an offer behind its text, which closes it
        where an earlier version went on.
    """
    early = _by_response(status, headers, html)
    if early is not None:
        return early
    amount = width(text)
    lowered = html[:MAX_SOURCE].lower()

    def look_at() -> PageView:
        section = is_home(final_url) or _SECTION.fullmatch(urlsplit(final_url).path) is not None
        view = view_page(html, lowered, tree or LexborHTMLParser(html), title)
        return replace(view, section=section)

    if status not in (200, 203):
        shown = claims_article(lowered) and has_prose(text, SOME_TEXT)
        return _by_status(status, look_at(), amount, shows_article=shown)
    moved = _by_address(url, final_url, amount)
    if moved is not None:
        return moved
    if _is_cut_off(html):
        return verdict_of("truncated", "the source ends inside a tag or a script")
    if close_delimited and _lacks_its_end(html):
        return verdict_of("truncated", "the body ended with its connection, before the page's end")
    gate = closed_gate(blocks)
    if gate is not None:
        return Verdict(kind="article") if is_served_whole(lowered, tree, text) else gate
    # What asks for a subscription stands under whole articles too: it tells something beside an
    # earlier text of the page only.
    offered = closed_gate(blocks, _offer_signs)
    whole = Verdict(kind="article", evidence=offered.evidence if offered else ())
    ample = amount >= AMPLE_TEXT and has_prose(text, AMPLE_TEXT)
    if ample and claims_article(lowered) and not claims_list(lowered):
        return whole
    look = look_at()
    if ample:
        return listing_verdict(look, text) or consent_verdict(look, text) or whole
    # Where there is no article, extraction may bring menus and lists: they are no text.
    amount = width("".join(line for line in text.splitlines() if not look.is_link(line)))
    voice = profile_prose(text)
    for rule in RULES:
        verdict = rule(look, voice, text, amount)
        if verdict is not None:
            return verdict
    return whole


def _offer_signs(line: str) -> tuple[str, str] | None:
    """Return the kind of wall and the words of a line that could close one, or None."""
    if len(line) > MAX_GATE:
        return None
    for kind, expression in _OFFERS.possible(line):
        found = matches([expression], [line])
        if found:
            return kind, found[0]
    return gate_signs(line)


def _by_response(status: int, headers: Mapping[str, str], html: str) -> Verdict | None:
    if status == 304:
        return verdict_of("unchanged", "status 304")
    for name, expression, kind in HEADERS:
        value = headers.get(name, "")
        if value and re.search(expression, value, re.IGNORECASE):
            return verdict_of(kind, f"header {name}: {value[:80]}")
    type_ = headers.get("content-type", "").lower().strip()
    if status == 200 and type_ and not type_.startswith(_HTML_TYPES) and "<" not in html[:2000]:
        return verdict_of("not_html", f"header content-type: {type_[:80]}")
    return None


def _by_status(status: int, look: PageView, amount: int, *, shows_article: bool) -> Verdict:
    said = f"status {status}"
    if shows_article and STATUSES.get(status) == "gone":
        # Some servers answer so by mistake: what readers see is there.
        return verdict_of("http_error", said, "shows an article all the same")
    if status in _CHALLENGE_STATUSES and amount < AMPLE_TEXT:
        signs = [
            *matches(TITLE_PATTERNS["challenge"], look.titles, whole=True),
            *matches(PHRASE_PATTERNS["challenge"], [look.visible[:FOCUS]]),
            *matches(MARK_PATTERNS["challenge"], [look.source]),
        ]
        # Some firewalls answer with nothing but a script that computes a cookie.
        if not signs and look.scripted and width(look.visible) < 100:
            signs = ["nothing but scripts"]
        if signs:
            return verdict_of("challenge", said, *signs[:3])
    if status == 451:
        region = matches(_REGION_NOTICES["region"], [look.visible[:FOCUS], *look.titles])
        return verdict_of("region_blocked" if region else "gone", said, *region[:2])
    return verdict_of(STATUSES.get(status, "http_error"), said)


def _by_address(url: str, final_url: str, amount: int) -> Verdict | None:
    if final_url == url:
        return None
    if is_home(final_url) and not is_home(url):
        return verdict_of("soft_404", f"redirected to the front page {final_url}")
    if amount >= AMPLE_TEXT:
        return None
    for kind, expressions in _ADDRESSES.items():
        for expression in expressions:
            found = expression.search(final_url)
            if found and not expression.search(url):
                return verdict_of(kind, f"redirected to {final_url}")
    return None


def _is_cut_off(html: str) -> bool:
    """Return whether the source ends where no source ends: inside a tag, script or comment."""
    tail = html[-200_000:]
    if not tail.strip() or re.search(r"</(?:html|body)\s*>", tail, re.IGNORECASE):
        return False
    last = tail.rfind("<")
    inside_tag = last > tail.rfind(">") and re.match(r"</?[a-zA-Z]", tail[last : last + 3])
    opened = max(tail.lower().rfind("<script"), tail.lower().rfind("<style"), tail.rfind("<!--"))
    closed = max(tail.lower().rfind("</script"), tail.lower().rfind("</style"), tail.rfind("-->"))
    return bool(inside_tag) or opened > closed


def _lacks_its_end(html: str) -> bool:
    """Return whether elements stay open that no page leaves open, and its end is missing."""
    if re.search(r"</(?:html|body)\s*>", html[-200_000:], re.IGNORECASE):
        return False
    if re.search(r"<(?:html|body)\b", html[:200_000], re.IGNORECASE):
        return True
    ends = collections.Counter(tag.lower() for tag in _CONTAINERS.findall(html))
    return any(ends[name] > ends[f"/{name}"] for name in ends if not name.startswith("/"))
