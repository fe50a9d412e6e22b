"""Is this page the article, or what stands in its way?

The verdict comes before the version: only an article may become one. Precision comes first, since
a refused article is lost coverage: what is said about a page counts the less, the more prose it
has, and a long text is an article even if it is about captchas. The expressions are in `signs.py`.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Mapping, Sequence

from scraper.fetch.looks import Look, claims_article, has_prose, look_at, width
from scraper.fetch.signs import ADDRESSES, HEADERS, MARKS, PHRASES, STATUSES, TITLES
from scraper.models import Verdict
from scraper.urls import is_home

__all__ = ["KINDS", "judge_page"]

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
    "http_error": "another status than 200",
    "rate_limited": "we asked too often",
    "truncated": "the page ends before its end",
    "not_html": "no web page",
    "script_only": "shows nothing without running its scripts",
    "empty": "shows no text that could be an article",
}

# Columns of extracted text (a Chinese character takes two): above the first the text speaks for
# itself unless several signs agree, above the second it is an article whatever is said around it.
SOME_TEXT = 600
AMPLE_TEXT = 1500
# Columns of all visible text: a wall or error page shows little beside its message.
THIN_TEXT = 300
BARE_PAGE = 1500
SMALL_PAGE = 4000
HEADLINE = 14
_FOCUS = 6000

_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml", "text/plain")
# Statuses under which challenges are served (Akamai, DataDome, Chinese cloud firewalls).
_CHALLENGE_STATUSES = frozenset({202, 401, 403, 405, 406, 412, 429, 444, 456, 468, 503, 521, 567})

# Elements whose end tag may not be left out (HTML, 13.1.2.4).
_CONTAINERS = re.compile(r"<(/?(?:article|main|section|div|table|ul|ol))\b", re.IGNORECASE)

Compiled = Mapping[str, Sequence[re.Pattern[str]]]


def _compile(table: Mapping[str, Sequence[str]]) -> Compiled:
    return {
        kind: [re.compile(expression, re.IGNORECASE | re.DOTALL) for expression in expressions]
        for kind, expressions in table.items()
    }


_TITLES, _PHRASES, _MARKS, _ADDRESSES = map(_compile, (TITLES, PHRASES, MARKS, ADDRESSES))


def judge_page(
    *,
    status: int,
    url: str,
    final_url: str,
    headers: Mapping[str, str],
    html: str,
    title: str = "",
    text: str = "",
    close_delimited: bool = False,
) -> Verdict:
    """Return whether a response is the article, and what was seen.

    Args:
        status: HTTP status.
        url, final_url: the address that was asked for and the one that answered.
        headers: response headers, lower-case names.
        html: the page, decoded ("" when its bytes are no text).
        title: headline that extraction found, or "".
        text: article text that extraction found, or "".
        close_delimited: nothing but the end of its connection says that the body is whole.
    """
    early = _by_response(status, headers, html)
    if early is not None:
        return early
    amount = width(text)
    if status not in (200, 203):
        return _by_status(status, look_at(html, title, text), amount)
    moved = _by_address(url, final_url, amount)
    if moved is not None:
        return moved
    if _is_cut_off(html):
        return _verdict("truncated", "the source ends inside a tag or a script")
    if close_delimited and _lacks_its_end(html):
        return _verdict("truncated", "the body ended with its connection, before the page's end")
    ample = amount >= AMPLE_TEXT and has_prose(text, AMPLE_TEXT)
    if ample and claims_article(html):
        return Verdict(kind="article")
    look = look_at(html, title, text)
    if ample:
        return _by_lists(look, text) or Verdict(kind="article")
    # Where there is no article, extraction may bring menus and lists: they are no text.
    amount = width("".join(line for line in text.splitlines() if not look.is_link(line)))
    for rule in _RULES:
        verdict = rule(look, text, amount)
        if verdict is not None:
            return verdict
    return Verdict(kind="article")


def _verdict(kind: str, *evidence: str) -> Verdict:
    return Verdict(kind=kind, evidence=evidence)


def _by_response(status: int, headers: Mapping[str, str], html: str) -> Verdict | None:
    if status == 304:
        return _verdict("unchanged", "status 304")
    for name, expression, kind in HEADERS:
        value = headers.get(name, "")
        if value and re.search(expression, value, re.IGNORECASE):
            return _verdict(kind, f"header {name}: {value[:80]}")
    type_ = headers.get("content-type", "").lower().strip()
    if status == 200 and type_ and not type_.startswith(_HTML_TYPES) and "<" not in html[:2000]:
        return _verdict("not_html", f"header content-type: {type_[:80]}")
    return None


def _by_status(status: int, look: Look, amount: int) -> Verdict:
    said = f"status {status}"
    if status in _CHALLENGE_STATUSES and amount < AMPLE_TEXT:
        signs = [
            *_matches(_TITLES["challenge"], look.titles, whole=True),
            *_matches(_PHRASES["challenge"], [look.visible[:_FOCUS]]),
            *_matches(_MARKS["challenge"], [look.source]),
        ]
        # Some firewalls answer with nothing but a script that computes a cookie.
        if not signs and look.scripted and width(look.visible) < 100:
            signs = ["nothing but scripts"]
        if signs:
            return _verdict("challenge", said, *signs[:3])
    if status == 451:
        return _verdict("gone", said)
    return _verdict(STATUSES.get(status, "http_error"), said)


def _by_address(url: str, final_url: str, amount: int) -> Verdict | None:
    if final_url == url:
        return None
    if is_home(final_url) and not is_home(url):
        return _verdict("soft_404", f"redirected to the front page {final_url}")
    if amount >= AMPLE_TEXT:
        return None
    for kind, expressions in _ADDRESSES.items():
        for expression in expressions:
            found = expression.search(final_url)
            if found and not expression.search(url):
                return _verdict(kind, f"redirected to {final_url}")
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


def _matches(
    expressions: Sequence[re.Pattern[str]], texts: Sequence[str], *, whole: bool = False
) -> list[str]:
    """Return what was matched, at most one string for each expression."""
    found: list[str] = []
    for expression in expressions:
        match_ = expression.fullmatch if whole else expression.search
        for text in texts:
            match = match_(text)
            if match:
                found.append(" ".join(match[0].split())[:80])
                break
    return found


def _by_title(look: Look, text: str, amount: int) -> Verdict | None:
    """A title that is nothing but such a message, over little text."""
    limit = SOME_TEXT if look.claims_article else AMPLE_TEXT
    if amount >= limit:
        return None
    # Headings of second rank stand over dialogs and boxes too, unless the page is small.
    small = width(look.visible) < SMALL_PAGE
    titles = (*look.titles, *look.headings) if small else look.titles
    for kind, expressions in _TITLES.items():
        found = _matches(expressions, titles, whole=True)
        if found:
            return _verdict(kind, f"title: {found[0]}")
    return None


def _by_gate(look: Look, text: str, amount: int) -> Verdict | None:
    """A teaser over a gate: words that sell the rest, on a page that says it is not free."""
    if amount >= AMPLE_TEXT:
        return None
    said = _matches(_PHRASES["paywall"], [look.visible[:20_000]])
    declared = _matches(_MARKS["paywall"], [look.source])
    needed = 1 if declared or amount < SOME_TEXT / 4 else 2
    if look.claims_article and not declared and amount >= SOME_TEXT:
        needed = 3
    if len(said) >= needed:
        return _verdict("paywall", *declared[:1], *said[:3])
    if declared and amount < SOME_TEXT / 2:
        return _verdict("paywall", *declared[:1], "little text")
    return None


def _by_phrases(look: Look, text: str, amount: int) -> Verdict | None:
    """Sentences that address the reader instead of telling a story."""
    shown = width(look.visible)
    focus = look.focus(text, whole_page=shown < SMALL_PAGE)[:_FOCUS]
    counts = {kind: _matches(expressions, [focus]) for kind, expressions in _PHRASES.items()}
    if amount >= SOME_TEXT / 6:
        # Many pages carry a login form in their frame: then only the text itself is believed.
        own = look.focus(text, whole_page=False)
        logins = _matches(_PHRASES["login_wall"], [own])
        counts["login_wall"] = logins if len(logins) > 1 else []
    kind = max(counts, key=lambda name: len(counts[name]))
    found = counts[kind]
    if kind == "consent":
        enough = len(found) >= 3 and shown < _FOCUS and not look.claims_article
    elif look.claims_article and amount >= SOME_TEXT / 3:
        enough = len(found) >= 3 and amount < SOME_TEXT
    elif amount < SOME_TEXT:
        enough = len(found) >= (1 if shown < BARE_PAGE and amount < THIN_TEXT else 2)
    else:
        enough = len(found) >= (2 if shown < BARE_PAGE else 3) and shown < SMALL_PAGE
    return _verdict(kind, *found[:4]) if enough else None


def _by_marks(look: Look, text: str, amount: int) -> Verdict | None:
    """Scripts of vendors of challenges, or a password field, on a page that shows nothing else."""
    shown = width(look.visible)
    if amount >= SOME_TEXT / 2 or shown >= BARE_PAGE:
        return None
    for kind in ("challenge", "login_wall"):
        found = _matches(_MARKS[kind], [look.source])
        if found:
            return _verdict(kind, f"source: {found[0]}", "little text")
    if look.scripted and shown < 200 and amount < 200:
        return _verdict("script_only", "scripts and next to no text")
    return None


def _by_lists(look: Look, text: str) -> Verdict | None:
    """Headlines that are links, again and again, where an article has paragraphs."""
    if look.claims_article:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    linked = sum(look.is_link(line) and width(line) >= HEADLINE for line in lines)
    if len(lines) >= 6 and linked >= 6 and linked >= 0.5 * len(lines):
        return _verdict("listing", f"{linked} of {len(lines)} lines are links")
    if len(look.linked_headings) >= 5 and len(lines) >= 4 and look.longest_run < 5:
        inside = sum(_squash(line) in look.cards for line in lines)
        if inside >= 0.7 * len(lines):
            return _verdict(
                "listing", f"{inside} of {len(lines)} lines stand under headlines that are links"
            )
    return None


def _by_listing(look: Look, text: str, amount: int) -> Verdict | None:
    found = _by_lists(look, text)
    if found is not None or look.claims_article or has_prose(text, min(SOME_TEXT, amount) // 2):
        return found
    # A page without any text of its own needs fewer links to be a list of them.
    needed = 20 if amount else 8
    if amount < SOME_TEXT and look.link_share >= 0.4 and look.headline_links >= needed:
        return _verdict(
            "listing",
            f"{look.headline_links} headlines that are links",
            f"{look.link_share:.0%} of the visible text is links",
        )
    return None


def _by_emptiness(look: Look, text: str, amount: int) -> Verdict | None:
    """Nothing that an article has: text, a date, a claim to be one."""
    if amount == 0:
        return _verdict("empty", "extraction found no text")
    if amount < THIN_TEXT and not look.claims_article and not look.dated:
        return _verdict("empty", f"{amount} columns of text, no date, no metadata of an article")
    return None


def _squash(text: str) -> str:
    return re.sub(r"\s+", "", text)


_RULES: Sequence[Callable[[Look, str, int], Verdict | None]] = (
    _by_title,
    _by_gate,
    _by_phrases,
    _by_marks,
    _by_listing,
    _by_emptiness,
)
