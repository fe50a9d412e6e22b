"""The headline: which of the page's titles it is, and what of it is the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.structured_data import names_of, text_of
from scraper.models import Candidate
from scraper.text.values import letters_only

__all__ = ["choose_title", "host_words", "site_names", "without_site"]

# Between headline and site's name. A bare hyphen belongs to the headline unless a site follows it.
_SEPARATOR = re.compile(
    r"\s{0,9}(?:\s[-–—―·•∙»«›<>/@:：]{1,3}\s|\s?[|｜丨┃]\s?|_+|\s?-{2,}\s?|\s?[—–]{2,}\s?|\s?::\s?)\s*"
)
_BARE = re.compile(r"[-–—]")
# Ends of the names of Chinese sites and of their sections.
_SITE_END = re.compile(
    r"(?:[网網]|频道|頻道|新[闻聞]|日[报報]|[时時][报報]|晚[报報]|快[报報]|周刊|電子報|"
    r"[资資][讯訊]|[门門]户|[网網]站|官[网網]"
    r"|[电電][视視][台臺]|手机版|手機版|首[页頁]|博客|部落格|论坛|論壇|专栏|專欄|社[区區]|"
    r"公[报報]|正文|在线|在線"
    r"|\.(?:com|net|org|cn|tw|hk|co|io|news)(?:\.\w\w)?)$",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]")
_TRAIL = re.compile(r"[>»›]|^(?:首页|首頁|home|当前位置|您的位置|目前位置)", re.IGNORECASE)
_STAMP = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]")
# Between kicker and headline: “Mine accident: Two men missing”.
_KICKER_END = re.compile(r"[:：] | [/–—|-] ")
# What a heading has between a rubric, or a day, and the headline.
_LABEL_END = re.compile(r"(?:[:：|｜/»>】\]–—-]|(?:19|20)\d\d)\s*$")
_QUOTES: Final = str.maketrans("‘’“”", "''\"\"")
_LATIN_WORDS: Final = 4
_LABEL_WORDS: Final = 4
_HAN_CHARS: Final = 9
_LONG_HEADING: Final = 160

# What an origin is worth by itself; agreement among them is worth more.
_WORTH: Final = {"heading": 4.0, "og:title": 2.5, "json-ld": 2.5, "meta": 2.0, "title": 1.8}


class _Form(NamedTuple):
    """A title as it stood, without the site's name, and from where."""

    value: str
    origin: str
    whole: str
    rank: int


def host_words(url: str) -> frozenset[str]:
    """Return the labels of an address's host that may be a site's name, folded."""
    try:
        labels = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return frozenset()
    names = [label for label in labels[:-1] if len(label) > 2 and label not in ("www", "com")]
    return frozenset(
        letters_only(name) for name in [*names, ".".join(labels[-2:]), ".".join(labels)]
    )


def site_names(signals: PageEvidence) -> tuple[str, ...]:
    """Return the names that the page gives its site and publisher, best first, without doubles."""
    names = [
        *signals.metas.get("og:site_name", ()),
        *names_of(signals.article.get("publisher"), signals.things),
        *names_of(signals.about.get("publisher"), signals.things),
        *signals.metas.get("application-name", ()),
        *signals.metas.get("apple-mobile-web-app-title", ()),
        *(text_of(t.get("name")) for t in signals.things if t.get("@type") == "WebSite"),
    ]
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) < 80))


def _is_site(part: str, names: frozenset[str]) -> bool:
    form = letters_only(part)
    if not form or form in names:
        return True
    return len(form) > 3 and any(
        len(name) > 3
        and (
            (name in form and len(form) < 3 * len(name))
            or (form in name and 2 * len(form) > len(name))
        )
        for name in names
    )


def without_site(title: str, names: frozenset[str], *, trim: bool = False) -> str:
    """Return a title without the site's name before or after it.

    Args:
        title: the title as it stands.
        names: names of the site, folded.
        trim: whether to take a short last part for a site's name even if it is none of `names`
            (what ``<title>`` adds to a headline, and ``<h1>`` never does).
    """
    text = title.strip()
    for _ in range(4):
        cuts = list(_SEPARATOR.finditer(text))
        cut = cuts[-1] if cuts else None
        if cut is not None and cut.start() > 0:
            head, tail = text[: cut.start()].strip(), text[cut.end() :].strip()
            # Nobody writes a bar in a headline.
            section = trim or cut[0].strip() in ("|", "｜")
            if head and (_is_site(tail, names) or (section and _brief(tail, head))):
                text = head
                continue
        bare = text.rfind("-")
        if bare > 3 and _CJK.search(text[:bare]):
            tail = text[bare + 1 :].strip()
            if _is_site(tail, names) or (trim and len(tail) < 14 and _SITE_END.search(tail)):
                text = text[:bare].strip(" -—")
                continue
        break
    first = _SEPARATOR.search(text)
    if first is not None and first.start() > 0 and first.end() < len(text):
        head = text[: first.start()]
        if letters_only(head) in names and len(text) - first.end() > 5:
            text = text[first.end() :].strip()
    return text


def _brief(tail: str, head: str) -> bool:
    """Whether a last part is short enough, against the rest, to be a site or a section."""
    if _CJK.search(head):
        return len(tail) <= _HAN_CHARS or (len(tail) < 20 and bool(_SITE_END.search(tail)))
    words = len(tail.split())
    return words <= _LATIN_WORDS and len(head.split()) > words


def _without_label(form: _Form, forms: Sequence[_Form]) -> _Form:
    """Return a heading without the rubric or the day before it, which two other titles lack."""
    for other in forms:
        kind = other.origin.split()[0]
        at = len(form.value) - len(other.value)
        if at <= 0 or not form.value.endswith(other.value):
            continue
        label = form.value[:at]
        if len(label) < 60 and len(label.split()) <= _LABEL_WORDS and _LABEL_END.search(label):
            others = {o.origin.split()[0] for o in forms if o.value == other.value}
            if kind != "heading" and len(others) > 1:
                return form._replace(value=other.value)
    return form


def _forms(signals: PageEvidence, names: frozenset[str]) -> list[_Form]:
    found: list[tuple[str, str]] = [("heading", text) for text in signals.headings[:8]]
    found.append(("og:title", signals.meta("og:title")))
    found += [("json-ld", text_of(signals.article.get(key))) for key in ("headline", "name")]
    for name in ("twitter:title", "parsely-title", "citation_title", "dc.title", "title"):
        found.append((f"meta {name}", signals.meta(name)))
    found.append(("title", signals.title))
    forms = []
    for rank, (origin, whole) in enumerate(found):
        if whole and len(whole) < 400:
            value = without_site(whole, names, trim=origin == "title")
            forms.append(_Form(value, origin, whole, rank))
    return [_without_label(f, forms) if f.origin == "heading" else f for f in forms]


def _support(form: _Form, forms: Iterable[_Form]) -> float:
    """Return how far titles of other origins agree with this one."""
    mine, total = letters_only(form.value), 0.0
    seen = {form.origin.split()[0]}
    for other in forms:
        kind = other.origin.split()[0]
        if kind in seen or not mine:
            continue
        theirs, whole = letters_only(other.value), letters_only(other.whole)
        if mine in (theirs, whole):
            total += 2.0
        elif len(mine) > 7 and (whole.startswith(mine) or _inside(mine, theirs)):
            total += 1.5
        elif len(theirs) > 7 and _inside(theirs, mine):
            total += 0.8
        else:
            continue
        seen.add(kind)
    return total


def _inside(part: str, whole: str) -> bool:
    """Whether a title is the better part of another: a single word of it is no agreement."""
    return 3 * len(part) > len(whole) and part in whole


def choose_title(signals: PageEvidence, names: Sequence[str]) -> tuple[str, list[Candidate]]:
    """Choose the headline.

    What stands on the page as its heading wins where the head's titles agree with it, or where it
    stands right above the text; without a heading the head's titles are freed of the site's name.

    Args:
        signals: evidence of the page.
        names: names of the site (`site_names`).

    Returns:
        The headline or "", and all candidates with the reason of the choice.
    """
    folds = frozenset(letters_only(name) for name in names) | host_words(signals.url)
    forms = _forms(signals, folds)
    near = {letters_only(line.text) for line in signals.lines if line.zone == "headline"}
    single = sum(form.origin == "heading" for form in forms) == 1
    scored: list[tuple[float, int, _Form, str]] = []
    for form in forms:
        mine = letters_only(form.value)
        support = _support(form, forms)
        score = _WORTH[form.origin.split()[0]] + support
        notes = [f"agreement {support:g}"] if support else []
        elsewhere = any(
            letters_only(other.value) in near for other in forms if other.origin != "heading"
        )
        if mine in near:
            score += 4.0 if form.origin == "heading" else 2.5
            notes.append("stands above the text")
        elif form.origin == "heading" and not support:
            score -= 2.0 if single else 3.0
        if form.origin == "heading" and not support and elsewhere:
            # The headline stands there too, though not as a heading: this is the masthead.
            score -= 7.0
        if form.origin == "heading" and single:
            score += 2.0
        if form.origin == "heading" and len(form.value) > _LONG_HEADING and not support:
            score -= 7.0
            notes.append("longer than a headline")
        if _is_site(form.value, folds) and support < 3:
            score -= 6.0
            notes.append("the site's name")
        scored.append((score, -form.rank, form, ", ".join(notes)))
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    line = _headline_line(signals)
    score, _, best, _ = scored[0] if scored else (0.0, 0, _Form("", "", "", 0), "")
    doubtful = score < 2.0 and letters_only(line) not in letters_only(best.value)
    if line and doubtful and (score < 0 or _generic(best.value, line, folds)):
        scored.insert(0, (0.0, 0, _Form(line, "line", line, 0), "stands above the text"))
    candidates, value = [], ""
    for _, _, form, note in scored:
        chosen, shown = not value and bool(form.value), form.value
        if chosen:
            value = shown = _plainest(form.value, forms)
            if shown != form.value:
                note = ", ".join([note, "spelled as other titles of the page"]).lstrip(", ")
        candidates.append(
            Candidate(field="title", value=shown, origin=form.origin, chosen=chosen, note=note)
        )
    return value, candidates


def _generic(title: str, line: str, names: frozenset[str]) -> bool:
    """Whether a title may name the site or a section, while `line` names the article."""
    if (
        _is_site(title, names)
        or _SITE_END.search(title)
        or letters_only(title) in letters_only(line)
    ):
        return True
    return len(title) <= _HAN_CHARS if _CJK.search(title) else len(title.split()) <= _LATIN_WORDS


def _plainest(value: str, forms: Sequence[_Form]) -> str:
    """Return the same headline in the plainest dress that the page gives it.

    Not in capitals; with the mark between kicker and headline, which a heading of two lines lacks;
    with the quotation marks that most of the page's titles have.
    """
    mine = letters_only(value)
    same = [form.value for form in forms if letters_only(form.value) == mine]
    best = min([value, *same], key=str.isupper)
    marked = (text for text in same if _KICKER_END.sub(" ", text, count=1) == best != text)
    best = next(marked, best)
    straight = [text.translate(_QUOTES) for text in same]
    plain = best.translate(_QUOTES)
    alike = [text for text, other in zip(same, straight, strict=True) if other == plain]
    return max([best, *alike], key=alike.count)


def _headline_line(signals: PageEvidence) -> str:
    """Return the line above the text that looks like its headline, or "".

    Its element is called a title, or the time of publication stands below it, or the text begins
    with it; trails of links (首页 > 新闻) are none.
    """
    best, found = 1, ""
    lines = [line for line in signals.lines if line.zone in ("headline", "head")]
    for line, below in pairwise(lines):
        text = line.text
        if line.kept and (len(text) > 80 or text.endswith(("。", ".", "：", ":"))):
            break
        if not 6 <= len(text) <= 120 or _TRAIL.search(text):
            continue
        score = line.heading + line.kept + 2 * bool(_STAMP.search(below.text)) + (len(text) >= 12)
        if score > best or (score == best and found and line.heading):
            best, found = score, text
    return found
