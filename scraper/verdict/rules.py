"""What a page with little text is, by what it shows: the rules, in the order of their asking.

Precision comes first: what is said on a page counts the less, the more prose it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from scraper.models import Verdict
from scraper.text.patterns import PatternTable, lazy_compile
from scraper.text.width import columns_without_blanks as width
from scraper.verdict.page_view import PageView, has_prose
from scraper.verdict.phrases import MARKS, PHRASES, TITLES, votes
from scraper.verdict.prose import ProseProfile, text_matches_title

__all__ = [
    "AMPLE_TEXT",
    "FOCUS",
    "MARK_PATTERNS",
    "PHRASE_PATTERNS",
    "RULES",
    "SOME_TEXT",
    "TITLE_PATTERNS",
    "consent_verdict",
    "listing_verdict",
    "matches",
    "verdict_of",
]

# Columns of extracted text (a Chinese character takes two): above the first the text speaks for
# itself unless several signs agree, above the second it is an article whatever is said around it.
SOME_TEXT = 600
AMPLE_TEXT = 1500
# Columns of all visible text: a wall or error page shows little beside its message.
THIN_TEXT = 300
# Columns of a story that a page lets be read, its count of what is left aside.
METERED_TEXT = 200
BARE_PAGE = 1500
SMALL_PAGE = 4000
HEADLINE = 14
# Phrases of consent that settle what a long page is, beside a title of consent and without one.
_TITLED_CONSENT, _LONG_CONSENT = 2, 5
FOCUS = 6000

# A page that counts what may still be read lets this one be read, unless it breaks off.
_METER = lazy_compile(
    r"\b(?:have|has) (?:only )?(?:\d+|one|two|three|four|five) (?:more )?(?:free |complimentary )?"
    r"(?:articles?|stories|story|reads?)\b.{0,20}(?:left|remaining)"
    r"|(?:还可|還可|还能|本月剩余|本月尚餘|剩餘).{0,6}(?:免费|免費)?.{0,6}\d+ ?篇",
    re.IGNORECASE,
)
_CUT_SHORT = lazy_compile(r"(?:…|\.\.\.|……)\W*$")

TITLE_PATTERNS, PHRASE_PATTERNS, MARK_PATTERNS = (
    PatternTable(table, re.IGNORECASE | re.DOTALL) for table in (TITLES, PHRASES, MARKS)
)


def verdict_of(kind: str, *evidence: str) -> Verdict:
    """Return a verdict with what was seen."""
    return Verdict(kind=kind, evidence=evidence)


def matches(
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


def _apart(expressions: Sequence[re.Pattern[str]], text: str) -> list[str]:
    """Return what was matched, at most one string for each expression, where none overlaps."""
    found: list[tuple[int, int]] = []
    for expression in expressions:
        for match in expression.finditer(text):
            start, end = match.span()
            if all(end <= other[0] or start >= other[1] for other in found):
                found.append((start, end))
                break
    return [" ".join(text[start:end].split())[:80] for start, end in found]


def _by_title(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    """A title that is nothing but such a message, over little text that tells nothing."""
    limit = SOME_TEXT if look.claims_article else AMPLE_TEXT
    if amount >= limit or voice.is_report:
        return None
    # Headings of second rank stand over dialogs and boxes too, unless the page is small.
    small = width(look.visible) < SMALL_PAGE
    titles = (*look.titles, *look.headings) if small else look.titles
    for kind, expressions in TITLE_PATTERNS.items():
        found = matches(expressions, titles, whole=True)
        if found:
            return verdict_of(kind, f"title: {found[0]}")
    return None


def _is_metered(shown: str, text: str, amount: int) -> bool:
    """Return whether a page says that it is one of those that may be read for nothing."""
    return (
        amount >= METERED_TEXT
        and _METER.search(shown) is not None
        and _CUT_SHORT.search(text) is None
    )


def _by_gate(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    """A teaser over a gate: words that sell the rest, on a page that says it is not free."""
    if amount >= AMPLE_TEXT:
        return None
    shown = voice.strip(look.visible[:20_000], look.titles, whole=False)
    said = _apart(PHRASE_PATTERNS["paywall"], shown)
    if _is_metered(shown, text, amount):
        return None
    declared = matches(MARK_PATTERNS["paywall"], [look.source])
    needed = 1 if declared or amount < SOME_TEXT / 4 else 2
    if look.claims_article and not declared and amount >= SOME_TEXT:
        needed = 3
    if len(said) >= needed:
        return verdict_of("paywall", *declared[:1], *said[:3])
    if declared and amount < SOME_TEXT / 2:
        return verdict_of("paywall", *declared[:1], "little text")
    return None


def _by_phrases(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    """Sentences that address the reader instead of telling a story."""
    shown = width(look.visible)
    parts = [] if voice.is_report else [*look.titles, *look.headings]
    parts += ["" if voice.is_report else voice.rest]
    parts += [voice.strip(look.visible, look.titles) if shown < SMALL_PAGE else ""]
    focus = "\n".join(parts)[:FOCUS]
    counts = {kind: matches(expressions, [focus]) for kind, expressions in PHRASE_PATTERNS.items()}
    if _is_metered(focus, text, amount):
        counts["paywall"] = []
    if amount >= SOME_TEXT / 6:
        # Many pages carry a login form in their frame: then only the text itself is believed.
        logins = matches(PHRASE_PATTERNS["login_wall"], ["\n".join(parts[:-1])])
        counts["login_wall"] = logins if len(logins) > 1 else []
    kind = max(counts, key=lambda name: len(counts[name]))
    found = counts[kind]
    if kind == "consent":
        enough = len(found) >= 3 and shown < FOCUS and not look.claims_article
    elif look.claims_article and amount >= SOME_TEXT / 3:
        enough = len(found) >= 3 and amount < SOME_TEXT
    elif amount < SOME_TEXT:
        enough = len(found) >= (1 if shown < BARE_PAGE and amount < THIN_TEXT else 2)
    else:
        enough = len(found) >= (2 if shown < BARE_PAGE else 3) and shown < SMALL_PAGE
    return verdict_of(kind, *found[:4]) if enough else None


def _by_marks(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    """Scripts of vendors of challenges, or a password field, on a page that shows nothing else."""
    shown = width(look.visible)
    if amount >= SOME_TEXT / 2 or shown >= BARE_PAGE:
        return None
    for kind in ("challenge", "login_wall"):
        found = matches(MARK_PATTERNS[kind], [look.source])
        if found:
            return verdict_of(kind, f"source: {found[0]}", "little text")
    if look.scripted and shown < 200 and amount < 200:
        return verdict_of("script_only", "scripts and next to no text")
    return None


def listing_verdict(look: PageView, text: str) -> Verdict | None:
    """Return that a page is a list: headlines that are links, where an article has paragraphs.

    At the address of a front page or a section, or where metadata says so, fewer headlines do.
    """
    if look.claims_article and not look.claims_list:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    linked = sum(look.is_link(line) and width(line) >= HEADLINE for line in lines)
    if len(lines) >= 6 and linked >= 6 and linked >= 0.5 * len(lines):
        return verdict_of("listing", f"{linked} of {len(lines)} lines are links")
    few = 3 if look.section or look.claims_list else 5
    if len(look.linked_headings) >= few and len(lines) >= min(few, 4) and look.longest_run < 5:
        inside = sum(_squash(line) in look.cards for line in lines)
        if inside >= (0.7 if len(look.linked_headings) >= 5 else 0.9) * len(lines):
            return verdict_of(
                "listing", f"{inside} of {len(lines)} lines stand under headlines that are links"
            )
    return None


def consent_verdict(look: PageView, text: str) -> Verdict | None:
    """Return that a page asks for consent, at any length: its purposes and partners fill pages.

    It says so in its title and its sentences, or in many of them, and has nothing of an article.
    """
    if look.claims_article or look.dated:
        return None
    found = matches(PHRASE_PATTERNS["consent"], [text[:FOCUS]])
    titled = matches(TITLE_PATTERNS["consent"], look.titles, whole=True)
    if len(found) >= (_TITLED_CONSENT if titled else _LONG_CONSENT):
        return verdict_of("consent", *titled[:1], *found[:3])
    return None


def _by_listing(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    found = listing_verdict(look, text)
    if found is not None or look.claims_article or has_prose(text, min(SOME_TEXT, amount) // 2):
        return found
    # A page without any text of its own needs fewer links to be a list of them.
    needed = 20 if amount else 8
    if amount < SOME_TEXT and look.link_share >= 0.4 and look.headline_links >= needed:
        return verdict_of(
            "listing",
            f"{look.headline_links} headlines that are links",
            f"{look.link_share:.0%} of the visible text is links",
        )
    return None


def _by_emptiness(look: PageView, voice: ProseProfile, text: str, amount: int) -> Verdict | None:
    """Nothing that an article has: text, a date, a claim to be one, a voice that tells something.

    What such a page is about names its kind, where it says so.
    """
    if amount >= THIN_TEXT or (amount and (look.claims_article or look.dated)):
        return None
    shown = voice.strip(look.plain[:FOCUS], look.titles)
    counts = votes(shown if voice.is_report else "\n".join([*look.titles, shown]))
    kind = max(counts, key=lambda name: len(counts[name]))
    found = counts[kind]
    if amount and voice.is_report and len(found) < 2:
        return None
    if (
        amount
        and not voice.addressed
        and any(text_matches_title(title, text) for title in look.titles)
    ):
        # A notice agrees with its title too, but in the words of notices.
        about = votes("\n".join([*look.titles, text, shown]))
        if len({word for words in about.values() for word in words}) < 2:
            return None
    why = (
        f"{amount} columns of text, no date, no metadata of an article"
        if amount
        else "extraction found no text"
    )
    if found and width(look.plain) < BARE_PAGE:
        return verdict_of(kind, why, f"words: {', '.join(found[:5])}")
    return verdict_of("empty", why)


def _squash(text: str) -> str:
    return re.sub(r"\s+", "", text)


RULES: Sequence[Callable[[PageView, ProseProfile, str, int], Verdict | None]] = (
    _by_title,
    _by_gate,
    _by_phrases,
    _by_marks,
    _by_listing,
    _by_emptiness,
)
