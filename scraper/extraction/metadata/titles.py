"""The headline: chosen from the page's titles, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.metadata.evidence_lines import EvidenceLine
from scraper.extraction.metadata.kickers import without_kicker
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.extraction.structured_data import names_of, text_of
from scraper.models import Candidate
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only
from scraper.text.volatile_lines import is_count

__all__ = ["choose_title", "host_words", "site_names", "without_site"]

# Separators between headline and site's name. A bare hyphen belongs to the headline unless a site
# follows.
_SEPARATOR = lazy_compile(
    r"\s{0,9}(?:\s[-–—―·•∙»«›<>/@:：]{1,3}\s|\s?[|｜丨┃－]\s?|_+|\s?-{2,}\s?|\s?[—–]{2,}\s?|\s?::\s?)\s*"
)
# Separators between a site's name and the headline after it.
_BEHIND_SITE = lazy_compile(r"\s{0,9}(?:[:：|｜丨┃»›_]|\s[-–—·]\s|[—–]{2})\s*")
# What parts the site's name from the headline where the page shows the headline by itself.
_BEHIND_NAME = lazy_compile(r"[^\W_]\s?[-_|｜丨:：—–·•»›>]{1,3}$")
# The site's name in brackets behind the headline; how many messages wait for a reader, before it.
_IN_BRACKETS = lazy_compile(r"(?<=[^\s(（])\s?[(（]([^()（）]{2,40})[)）]$")
_UNREAD = lazy_compile(r"^[(（]\d{1,3}\+?[)）]\s*(?=\S)")
# Marks within Chinese headlines: a short text after one is not necessarily a site's name.
_HEADLINE_MARKS: Final = frozenset("—–―丨┃:：－")
# Endings of names of Chinese sites, organizations and sections.
_SITE_END = lazy_compile(
    r"(?:[网網]|频道|頻道|新[闻聞]|日[报報]|[时時][报報]|晚[报報]|快[报報]|早[报報]|周刊|週刊|電子報|"
    r"[资資][讯訊]|[门門]户|[网網]站|官[网網]|通[讯訊]社|[杂雜][志誌]|出版社"
    r"|[电電][视視][台臺]|手机版|手機版|首[页頁]|博客|部落格|论坛|論壇|专栏|專欄|社[区區]|"
    r"公[报報]|正文|在线|在線|[大中小][学學]|学院|學院|研究院|委[员員][会會]|人民政府|协会|協會|[医醫]院|"
    r"公司|集[团團]|手[记記]|日[记記]|[号號]外"
    r"|\.(?:com|net|org|cn|tw|hk|co|io|news)(?:\.\w\w)?)$",
    re.IGNORECASE,
)
_CJK = lazy_compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]")
_TRAIL = lazy_compile(r"[>»›]|^(?:首页|首頁|home|当前位置|您的位置|目前位置)", re.IGNORECASE)
_STAMP = lazy_compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]")
# Separators between kicker and headline: “Mine accident: Two men missing”.
_KICKER_END = lazy_compile(r"[:：] | [/–—|-] ")
# Separators in a heading between a section, or a date, and the headline.
_LABEL_END = lazy_compile(r"(?:[:：|｜/»>】\]–—-]|(?:19|20)\d\d)\s*$")
_QUOTES: Final = str.maketrans("‘’“”", "''\"\"")
# Lower-case words in names of sites.
_SMALL_WORDS: Final = frozenset(
    "a an and at by de der des di du el en et for in la le of on the und y".split()  # noqa: SIM905
)
_SECTION_WORDS: Final = 2
_SECTION_CHARS: Final = 4
_LATIN_WORDS: Final = 4
_LABEL_WORDS: Final = 4
_HAN_CHARS: Final = 9
# A site's name in Chinese is short beside its name in Latin letters: 渡口日报 Ferry Daily.
_HAN_SPAN: Final = 5
_LONG_HEADING: Final = 160
_AKIN_WORDS: Final = 4
_WORD = lazy_compile(r"[^\W_]{4,}")

# Scores of origins; agreement among them counts more.
_WORTH: Final = {
    "heading": 4.0,
    "og:title": 2.5,
    "json-ld": 2.5,
    "meta": 2.0,
    "line": 2.0,
    "title": 1.8,
}


class _Form(NamedTuple):
    """A title as printed and without the site's name, with its origin."""

    value: str
    origin: str
    whole: str
    rank: int


def host_words(url: str) -> frozenset[str]:
    """Return the labels of an address's host that may be the site's name, folded."""
    try:
        labels = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return frozenset()
    names = [label for label in labels[:-1] if len(label) > 2 and label not in ("www", "com")]
    return frozenset(
        letters_only(name) for name in [*names, ".".join(labels[-2:]), ".".join(labels)]
    )


def site_names(signals: PageEvidence) -> tuple[str, ...]:
    """Return the names of the page's site and publisher, best first, without duplicates."""
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
            (name in form and len(form) < (_HAN_SPAN if _CJK.search(name) else 3) * len(name))
            or (form in name and 2 * len(form) > len(name))
        )
        for name in names
    )


def without_site(title: str, names: frozenset[str], *, trim: bool = False) -> str:
    """Return a title without the site's name before or after it.

    Args:
        title: the title as printed.
        names: names of the site, folded.
        trim: whether to remove a short last part even if it is not in `names` (``<title>`` has site
            names, ``<h1>`` never).
    """
    text, used = title.strip(), ""
    bracketed = _IN_BRACKETS.search(text)
    if bracketed is not None and letters_only(bracketed[1]) in names:
        text = text[: bracketed.start()]
    for _ in range(4):
        cut = _last_cut(text)
        if cut is None:
            break
        head, tail, mark = cut
        if not (_is_site(tail, names) or _may_cut(head, tail, mark, used, trim=trim)):
            break
        text, used = head, mark
    first = _BEHIND_SITE.search(text)
    if first is not None and first.start() > 0 and first.end() < len(text):
        head = text[: first.start()]
        marked = trim or not set(first[0]) & _HEADLINE_MARKS
        if marked and letters_only(head) in names and len(text) - first.end() > 3:
            text = text[first.end() :].strip()
    return text


def _last_cut(text: str) -> tuple[str, str, str] | None:
    """Return the parts before and after the last separator of a title, and the separator."""
    cuts = [match for match in _SEPARATOR.finditer(text) if match.start() > 0]
    start, end, mark = -1, -1, ""
    if cuts:
        start, end, mark = cuts[-1].start(), cuts[-1].end(), cuts[-1][0].strip()
    bare = text.rfind("-")
    if bare > 3 and bare > end and _CJK.search(text[:bare]):
        start, end, mark = bare, bare + 1, "bare"
    head, tail = text[: max(start, 0)].strip(" -—"), text[end:].strip()
    return (head, tail, mark) if start > 0 and head and tail else None


def _may_cut(head: str, tail: str, mark: str, used: str, *, trim: bool) -> bool:
    """Return whether the last part of a title looks like the name of a site or section.

    Args:
        head, tail: parts before and after the separator.
        mark: the separator; ``bare`` for a hyphen without spaces.
        used: the separator of an earlier cut of the title, or "".
        trim: whether sites add their names to this kind of title.
    """
    if mark == "bare":
        return trim and len(tail) < 14 and (bool(_SITE_END.search(tail)) or tail in RUBRICS)
    # Headlines do not contain bars.
    if not trim and mark not in ("|", "｜"):
        return False
    if not _brief(tail, head) or (used and mark[0] != used[0]):
        return False
    if _CJK.search(head):
        if used:
            return len(tail) <= _SECTION_CHARS or bool(_SITE_END.search(tail)) or tail in RUBRICS
        if _SITE_END.search(tail):
            return True
        return len(tail) <= len(head) and not set(mark) & _HEADLINE_MARKS
    words = [word for word in tail.split() if word[0].isalnum()]
    named = all(word[:1].isupper() or word[:1].isdigit() or word in _SMALL_WORDS for word in words)
    if used and mark not in ("|", "｜"):
        return (named and len(words) <= _SECTION_WORDS) or tail.casefold() in RUBRICS
    return named or mark in ("|", "｜") or "." in tail


def _brief(tail: str, head: str) -> bool:
    """Return whether a last part is short enough, compared with the rest, for a site's name."""
    if _CJK.search(head):
        return len(tail) <= _HAN_CHARS or (len(tail) < 20 and bool(_SITE_END.search(tail)))
    words = len(tail.split())
    return words <= _LATIN_WORDS and len(head.split()) > words


def _without_label(form: _Form, forms: Sequence[_Form]) -> _Form:
    """Return a heading without a section or date before it that two other titles lack."""
    for other in forms:
        kind = other.origin.split()[0]
        at = len(form.value) - len(other.value)
        if at <= 0 or not form.value.endswith(other.value):
            continue
        label = form.value[:at]
        counted = label.endswith(" ") and _COUNT.fullmatch(label)
        ended = len(label.split()) <= _LABEL_WORDS and _LABEL_END.search(label)
        if len(label) < 60 and (ended or counted):
            others = {o.origin.split()[0] for o in forms if o.value == other.value}
            if kind != "heading" and len(others) > 1:
                return form._replace(value=other.value)
    return form


def _without_tail(form: _Form, forms: Sequence[_Form]) -> _Form:
    """Return a heading without a count or the mark of an anchor behind it that the head lacks."""
    for other in forms:
        rest = form.value[len(other.value) :]
        if (
            other.origin not in ("heading", "line")
            and len(other.value) >= _HAN_CHARS
            and form.value.startswith(other.value)
            and rest[:1].isspace()
            and (_ANCHOR.fullmatch(rest) or _COUNT.fullmatch(rest) or is_count(rest.strip()))
        ):
            return form._replace(value=other.value)
    return form


_ANCHOR = lazy_compile(r"\s{1,3}[#¶§🔗]\ufe0f?")
# A heading that is only a count: votes, answers, points.
_COUNT = lazy_compile(
    r"[\W\d]*\d[\d.,\skKmM万萬]*[+\W]*"
    r"(?:votes?|points?|upvotes?|likes?|comments?|answers?|repl(?:y|ies)|views?|shares?|stars?|"
    r"[个個]?(?:赞|讚|票|回复|回覆|回答|评论|評論|浏览|瀏覽|阅读|閱讀|点赞|點讚|推荐|推薦|分享|收藏))?\W*",
    re.IGNORECASE,
)


def _forms(signals: PageEvidence, names: frozenset[str], shown: frozenset[str]) -> list[_Form]:
    tops = (signals.title, signals.meta("og:title"))
    plain = {
        whole: without_kicker(whole, rest, called, tops) for whole, rest, called in signals.kickers
    }
    found: list[tuple[str, str]] = [("heading", text) for text in signals.headings[:8]]
    found.append(("og:title", signals.meta("og:title")))
    found += [("json-ld", text_of(signals.article.get(key))) for key in ("headline", "name")]
    for name in ("twitter:title", "parsely-title", "citation_title", "dc.title", "title"):
        found.append((f"meta {name}", signals.meta(name)))
    found.append(("title", signals.title))
    heads = [letters_only(text) for text in tops]
    # A heading in most of the head's words is the headline: no line that begins as the head does.
    headed = any(_is_akin(heading, top) for heading in signals.headings[:8] for top in tops if top)
    for line in signals.lines:
        # The headline may be in a lower heading, or in an element with a title's class.
        form = letters_only(line.text)
        beside = line.heading and line.zone in ("headline", "head")
        told = len(form) > 3 and (
            form in heads
            or (not headed and any(h.startswith(form) or h.endswith(form) for h in heads))
        )
        if (beside and told and line.text not in signals.headings) or (
            not signals.headings and _ends_title(line, signals.title)
        ):
            found.append(("line", line.text))
    forms = []
    counts = all(_COUNT.fullmatch(whole) for _, whole in found if whole)
    for rank, (origin, whole) in enumerate(found):
        if whole and len(whole) < 400 and (counts or not _COUNT.fullmatch(whole)):
            title = origin == "title"
            whole = _UNREAD.sub("", whole) if title else whole
            text = plain.get(whole, whole) if origin == "heading" else whole
            value = _whole_heading(text, signals.headings, signals.title, names)
            value = value or without_site(text, names | shown if title else names, trim=title)
            forms.append(_Form(value, origin, whole, rank))
    labelled = ("heading", "line")
    return [
        _without_tail(_without_label(f, forms), forms) if f.origin in labelled else f for f in forms
    ]


def _ends_title(line: EvidenceLine, title: str) -> bool:
    """Return whether a line at the headline's place is what a title says behind the site's name.

    What stands before it is shorter: of ``Headline - Site`` the end is the site.
    """
    text, before = line.text, title[: -len(line.text)].rstrip()
    return (
        line.zone in ("headline", "head")
        and 0 < len(letters_only(before)) < len(letters_only(text))
        and title.endswith(text)
        and _BEHIND_NAME.search(before) is not None
    )


def _is_akin(heading: str, title: str) -> bool:
    """Return whether a heading says in other words what a title of the head says."""
    if len(heading) >= _LONG_HEADING:
        return False
    words = frozenset(_WORD.findall(title.casefold()))
    shared = words.intersection(_WORD.findall(heading.casefold()))
    return len(words) >= _AKIN_WORDS and 2 * len(shared) > len(words)


def _whole_heading(text: str, headings: Sequence[str], title: str, names: frozenset[str]) -> str:
    """Return the heading with a bar in it that a title is, or begins with; else "".

    The page's title adds the site's name to the whole of it, so that the bar is the headline's.
    """
    for heading in headings[:2]:
        longer = len(title) > len(heading) > 9 and title.startswith(heading)
        if not (longer and text.startswith(heading) and _SEPARATOR.match(title, len(heading))):
            continue
        cut = _last_cut(heading)
        if cut and not (_is_site(cut[1], names) or _SITE_END.search(cut[1])):
            small = cut[1].casefold() in RUBRICS or _is_named(cut[1])
            return "" if small else heading
    return ""


def _is_named(part: str) -> bool:
    """Return whether all words of a part are written as in a site's or a section's name."""
    words = [word for word in part.split() if word[0].isalnum()]
    return not _CJK.search(part) and all(
        word[:1].isupper() or word[:1].isdigit() or word in _SMALL_WORDS for word in words
    )


def _support(form: _Form, forms: Iterable[_Form]) -> float:
    """Return how well titles of other origins agree with this one."""
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
    """Return whether a title is most of another: a single common word does not count."""
    return 3 * len(part) > len(whole) and part in whole


def choose_title(signals: PageEvidence, names: Sequence[str]) -> tuple[str, list[Candidate]]:
    """Choose the headline.

    The page's heading wins if the head's titles agree with it, or if it is directly above the text;
    without a heading, the head's titles are used without the site's name.

    Args:
        signals: evidence of the page.
        names: names of the site (`site_names`).

    Returns:
        The headline or "", and all candidates with the reason of the choice.
    """
    last = _named_last(signals)
    known = frozenset(letters_only(name) for name in [*names, *signals.mastheads, *last])
    folds = known | host_words(signals.url)
    mastheads = frozenset(letters_only(name) for name in [*signals.mastheads, *last])
    forms = _forms(signals, folds - mastheads, mastheads)
    near = {letters_only(line.text) for line in signals.lines if line.zone == "headline"}
    headed = {
        letters_only(line.text)
        for line in signals.lines
        if line.zone in ("headline", "head") and line.heading
    }
    heads = {letters_only(form.value) for form in forms if form.origin != "heading"}
    single = sum(form.origin == "heading" for form in forms) == 1
    top = signals.meta("og:title") or signals.title
    scored: list[tuple[float, int, _Form, str]] = []
    for form in forms:
        mine = letters_only(form.value)
        support = _support(form, forms)
        score = _WORTH[form.origin.split()[0]] + support
        notes = [f"agreement {support:g}"] if support else []
        # Words of the head in another order: the headline for readers, beside that for searches.
        akin = form.origin == "heading" and not support and _is_akin(form.value, top)
        others = {letters_only(other.value) for other in forms if other.origin != "heading"}
        elsewhere = not others.isdisjoint(near)
        # Names of sites and sections are short; a longer heading is not replaced by one in the
        # text.
        elsewhere = elsewhere or (_is_brief(form.value) and not others.isdisjoint(headed))
        whole = letters_only(form.whole) if form.origin == "heading" else mine
        if mine in near or whole in near or (form.origin == "line" and mine in headed):
            score += 4.0 if form.origin == "heading" else 2.5
            notes.append("stands above the text")
            score += 2.0 * akin
        elif form.origin == "heading" and not support:
            score -= 2.0 if single else 3.0
        if (
            form.origin == "heading"
            and elsewhere
            and not akin
            and (not support or (support < 2 and _is_brief(form.value) and mine not in heads))
        ):
            # The headline is there, too, but not as a heading: this is the masthead.
            score -= 7.0
        if form.origin == "heading" and single:
            score += 2.0
        if form.origin == "heading" and len(form.value) > _LONG_HEADING and not support:
            score -= 7.0
            notes.append("longer than a headline")
        if form.origin == "heading" and not support and _heads_site(form.value, signals):
            score -= 12.0
            notes.append("the site's name above the headline")
        if _is_site(form.value, folds) and support < 3:
            score -= 12.0 if mine in known else 6.0
            notes.append("the site's name")
        elif form.origin == "heading" and support < 2 and form.value.casefold() in RUBRICS:
            score -= 9.0
            notes.append("a rubric")
        scored.append((score, -form.rank, form, ", ".join(notes)))
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    line = _headline_line(signals)
    score, _, best, _ = scored[0] if scored else (0.0, 0, _Form("", "", "", 0), "")
    doubtful = score < 2.0 and letters_only(line) not in letters_only(best.value)
    if line and doubtful and (score < 0 or _generic(best.value, line, folds)):
        scored.insert(0, (0.0, 0, _Form(line, "line", line, 0), "stands above the text"))
    return _candidates([(form, note) for _, _, form, note in scored], forms)


def _named_last(signals: PageEvidence) -> tuple[str, ...]:
    """Return the first heading where the page's title ends with it, behind a lower heading's words.

    Of ``Blue notebook - Notes from the lock`` the end is the site, although it heads the page.
    """
    lines = [letters_only(line.text) for line in signals.lines if line.heading]
    for heading in signals.headings[:1]:
        if len(heading) < 2 or not signals.title.endswith(heading):
            continue
        before = signals.title[: -len(heading)]
        parts = [match for match in _SEPARATOR.finditer(before) if match.end() == len(before)]
        words = letters_only(before[: parts[-1].start()]) if parts else ""
        own = letters_only(heading)
        below = lines[lines.index(own) + 1 :] if own in lines else lines
        if words and words != own and words in below:
            return (heading,)
    return ()


def _candidates(
    ranked: Sequence[tuple[_Form, str]], forms: Sequence[_Form]
) -> tuple[str, list[Candidate]]:
    """Return the headline, and all candidates in their order; the first with words is chosen."""
    candidates, value = [], ""
    for form, note in ranked:
        chosen, shown = not value and bool(form.value), form.value
        if chosen:
            value = shown = _plainest(form.value, forms)
            if shown != form.value:
                note = ", ".join([note, "spelled as other titles of the page"]).lstrip(", ")
        candidates.append(
            Candidate(field="title", value=shown, origin=form.origin, chosen=chosen, note=note)
        )
    return value, candidates


def _heads_site(heading: str, signals: PageEvidence) -> bool:
    """Return whether a heading ends as the names of sites do and a longer one follows it."""
    if not _is_brief(heading) or not _SITE_END.search(heading):
        return False
    lines = [line for line in signals.lines if line.zone in ("headline", "head")]
    return any(
        line.text == heading and below.heading and len(below.text) >= 2 * len(heading)
        for line, below in pairwise(lines)
    )


def _is_brief(title: str) -> bool:
    """Return whether a title is no longer than the name of a site or a section."""
    return len(title) <= _HAN_CHARS if _CJK.search(title) else len(title.split()) <= _LATIN_WORDS


def _generic(title: str, line: str, names: frozenset[str]) -> bool:
    """Return whether a title may name the site or a section, while `line` names the article."""
    if (
        _is_site(title, names)
        or _SITE_END.search(title)
        or letters_only(title) in letters_only(line)
    ):
        return True
    return _is_brief(title)


def _plainest(value: str, forms: Sequence[_Form]) -> str:
    """Return the same headline in its plainest form on the page.

    That is: not in capitals; with the separator between kicker and headline, which a heading of two
    lines lacks; with the quotation marks of most of the page's titles.
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

    Its element has a title's class, or the time of publication is below it, or the text begins with
    it; breadcrumbs (首页 > 新闻) do not count.
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
