"""Authors: the people who wrote an article, chosen from its bylines and its head.

Editors, photographers, agencies and outlets are not authors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from scraper.extraction.metadata.byline_rows import is_row_of, row_of, rows_of
from scraper.extraction.metadata.evidence import PageEvidence
from scraper.extraction.metadata.latin_bylines import (
    behind_label,
    beside_dates,
    is_label,
    lower_case_words,
)
from scraper.extraction.metadata.name_lists import AUTHOR_METAS
from scraper.extraction.metadata.outlet_names import agency_of
from scraper.extraction.metadata.person_names import (
    HAN,
    HAN_NAME,
    ROLE,
    ROLE_TAIL,
    SYSTEM,
    han_people,
    is_account,
    is_body,
    is_given_name,
    is_nobody,
    is_usual_name,
    people,
)
from scraper.extraction.metadata.posts import begins_post, is_no_person, names_a_post
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.extraction.metadata.visible_bylines import MAX_AUTHORS, is_beside_time, visible_bylines
from scraper.extraction.structured_data import houses_alone, names_of, persons_of
from scraper.models import Candidate
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only, tidy

__all__ = ["choose_authors"]

# Maximum number of names in a byline beside the headline.
MOST_SHOWN: Final = 8
# Lines around the headline that may credit a house, and characters of its name.
_HOUSE_LINES: Final = 8
_HOUSE_BELOW: Final = 5
_LONGEST_HOUSE: Final = 60
_MOST_WORDS: Final = 4
_SMALL: Final = 3
_PUNCTUATION = lazy_compile(r"[!?:;,/|@]|\.\s|://")
_WORD = lazy_compile(r"\w+")
_KANA = lazy_compile(r"[\u3041-\u30ff]")
# Marsh, Ann
_INVERTED = lazy_compile(r"^([^\W\d_][\w.'’ -]{0,40}), ([^\W\d_][\w.'’ -]{0,40})$")
# More elements of one kind are probably authors of other articles.
_CROWD: Final = 3
_CLASS: Final = 46
# Ranks of what JSON-LD and meta elements declare.
_HEAD_RANKS: Final = range(20, 36)
# Below the text even what is marked as its author gives way to a line beside the headline.
_BELOW: Final = 43


class _NameCandidate(NamedTuple):
    """Names in one part of the page; a lower rank is more reliable.

    `shown` says that the names stand in an element of their own beside the headline, `house` that
    the page declares them to be those of an organisation, `mixed` that other things than names
    stand among them.
    """

    rank: int
    origin: str
    names: list[str]
    shown: bool = False
    house: bool = False
    mixed: bool = False


def _order(candidate: _NameCandidate) -> tuple[int, int]:
    """Sort key: people before teams, accounts last."""
    if all(map(is_account, candidate.names)):
        handle = candidate.rank < _CLASS and all(name.isalpha() for name in candidate.names)
        return (2 if handle and not any(map(SYSTEM.search, candidate.names)) else 4), candidate.rank
    body = candidate.house or all(is_body(name) or is_account(name) for name in candidate.names)
    if candidate.rank >= _CLASS and not (candidate.shown and not body):
        return 3, candidate.rank
    return (2 if body else 1 if candidate.rank >= _CLASS else 0), candidate.rank


def _alone(name: str, known: Iterable[str]) -> str:
    """Return a name without the function after it, if the page has the name alone, too."""
    return min((k for k in known if name.startswith(f"{k} ")), key=len, default=name)


def _head_candidates(signals: PageEvidence) -> Iterable[_NameCandidate]:
    """Yield the authors in JSON-LD and meta elements."""
    for rank, thing in enumerate((signals.article, signals.about)):
        value = thing.get("author") or thing.get("creator")
        house = houses_alone(value)
        names = [
            name
            for raw in names_of(value, signals.things)
            if (found := people(raw))
            for name in ([tidy(raw)] if house else found)
        ]
        yield _NameCandidate(20 + rank, "json-ld author", names, house=house)
    for rank, name in enumerate(AUTHOR_METAS):
        values = signals.metas.get(name, ())
        if "citation" in name or name.startswith("dc"):
            # Library metadata puts the family name first.
            values = tuple(_INVERTED.sub(r"\2 \1", value) for value in values)
        yield _NameCandidate(
            25 + rank, f"meta {name}", [n for value in values for n in people(value)]
        )
    if signals.meta("twitter:label1").lower() in ("written by", "by", "author", "verfasst von"):
        yield _NameCandidate(24, "meta twitter:data1", people(signals.meta("twitter:data1")))


def _element_candidates(signals: PageEvidence, chinese: bool) -> Iterable[_NameCandidate]:
    """Yield the names in elements with an author's class or attribute, grouped by byline."""
    headline = [
        line.text
        for line in signals.lines
        if line.zone == "headline" and not line.kept and not line.other
    ]
    rows = rows_of(signals.lines)
    shown = set(headline)
    small = cache(lambda: lower_case_words(signals.kept))
    near = " ".join(line.text for line in signals.lines)
    crowds = Counter(byline.origin for byline in signals.bylines)
    bylines: dict[tuple[str, int], _NameCandidate] = {}
    # Origin, group, text and row of the byline before.
    last: tuple[str, int, tuple[str, int]] = ("", 0, ("", -9))
    for rank, byline in enumerate(signals.bylines[:12]):
        text, origin, group = byline.text, byline.origin, byline.group
        if crowds[origin] >= _CROWD and text not in near:
            continue  # authors of other articles, or of comments
        weak = origin in ("class", "link")
        base = _CLASS if weak else _BELOW if byline.below else 36
        if chinese and text in shown and HAN_NAME.match(text):
            base = 12  # a name in its own element beside the headline
        names = people(text, vouched=not weak)
        if weak and names and all(_is_common(name, small) for name in names):
            continue  # the section that a class of the author's has: Personal finance
        if weak and not (len(text) <= 80 and len(names) <= 4):
            continue
        beside = any(text in line for line in headline) and all(map(_is_full_name, names))
        usual = is_usual_name(text) or bool(HAN_NAME.match(text)) or origin == "rel=author"
        whole = names == [text] and (usual or (text.count(" ") == 1 and not ROLE.search(text)))
        here = (text, row_of(text, rows) if whole and origin != "link" else -9)
        if last[0] == origin and is_row_of(last[2], here, rows, usual):
            group = last[1]
        last = (origin, group, here)
        known = bylines.get((origin, group))
        if known is None:
            bylines[origin, group] = _NameCandidate(base + rank, f"element {origin}", names, beside)
        elif ROLE_TAIL.search(text) and not any(map(is_usual_name, names)):
            continue  # what the writer is: National Mining Reporter
        elif not _repeats(names, known.names):
            new = [name for name in names if not _is_beside_name(name, known.names)]
            known.names.extend(name for name in new if name not in known.names)
            if len(new) < len(names):
                bylines[origin, group] = known._replace(mixed=True)
    return bylines.values()


def _is_beside_name(name: str, known: Sequence[str]) -> bool:
    """Return whether a further element of a byline names something other than a second person.

    Beside a full name, it may be the person's post or department; beside a house, what it does.
    """
    if HAN.search(name) or is_usual_name(name):
        return False
    lone = " " not in name and any(" " in one for one in known) and not is_given_name(name)
    return lone or names_a_post(name) or is_no_person(name)


def _is_common(name: str, small: Callable[[], Container[str]]) -> bool:
    """Return whether a text in Latin letters is made of common words, as a section's name is.

    Args:
        name: what an element with an author's class has.
        small: gives the words that the page writes small.
    """
    if HAN.search(name) or is_usual_name(name) or is_body(name) or is_account(name):
        return False
    words = [word.casefold() for word in name.split()]
    return (
        names_a_post(name)
        or is_no_person(name)
        or all(word in small() or word in RUBRICS or begins_post(word) for word in words)
    )


def _is_credit(text: str) -> bool:
    """Return whether what an element is marked to name as the author may be a writer's name."""
    words = text.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and 1 < len(text) < _LONGEST_HOUSE
        and not is_label(text)
        and not is_nobody(text)
        and not _PUNCTUATION.search(text)
        and all(word[0].isupper() or word[0].isdigit() for word in words if len(word) > _SMALL)
    )


def _is_full_name(name: str) -> bool:
    """Return whether a name looks like a person's, not a section's or a place's."""
    return bool(HAN_NAME.match(name)) or (
        1 < len(name.split()) < 5
        and all(word[0].isupper() for word in name.split() if len(word) > 3)
    )


def _repeats(names: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether an element only repeats the names of elements around or within it."""
    joined = " ".join(known)
    return bool(known) and all(name in joined or any(k in name for k in known) for name in names)


def choose_authors(
    signals: PageEvidence, outlets: Sequence[str]
) -> tuple[tuple[str, ...], list[Candidate]]:
    """Choose the people who wrote the article.

    On Chinese pages a byline in the text is more reliable than the head, which often has the editor
    or the site; elsewhere JSON-LD comes first, then meta elements, then bylines by class and text.
    Teams and accounts are chosen only if no person is named.

    Args:
        signals: evidence of the page.
        outlets: names of the page's outlets, which are not people.
    """
    banned = {letters_only(outlet) for outlet in outlets}
    chinese = bool(HAN.search("".join(signals.kept[:3]) or signals.title))
    ranked = [
        _NameCandidate((0 if chinese else 40) + min(at, 9), origin, names, shown=True)
        for at, (origin, names, _) in enumerate(visible_bylines(signals))
    ]
    ranked += [*_head_candidates(signals), *_element_candidates(signals, chinese)]
    if not chinese:
        # A blog may have its author's name: then the page marks it as a person, or it is spelled
        # like one.
        banned -= {
            letters_only(name)
            for thing in (signals.article, signals.about)
            for name in persons_of(thing.get("author"), signals.things)
        }
        banned -= {letters_only(outlet) for outlet in outlets if is_usual_name(outlet)}
    known = {name for candidate in ranked for name in candidate.names if name.count(" ") in (1, 2)}
    if chinese:
        seen = " ".join(line.text for line in signals.lines)
        ranked = [
            candidate
            for candidate in ranked
            if candidate.rank not in _HEAD_RANKS or not _is_system(candidate, seen)
        ]
    ranked.sort(key=_order)
    found = [
        (candidate, _people_among(candidate.names, banned, known))
        for candidate in ranked
        if candidate.names
    ]
    winner: tuple[str, ...] = ()
    chosen = -1
    agencies = False
    records: list[Candidate] = []
    for at, (candidate, good) in enumerate(found):
        agencies = agencies or all(agency_of(name) for name in candidate.names)
        # If the page credits an agency as its author, other names belong to other people.
        foreign = agencies and candidate.origin == "element class"
        if good and not foreign and (not winner or _completes(candidate, good, winner)):
            winner, chosen = good, at
        note = "" if good else "an outlet or agency, not a person"
        if good and not winner:
            note = "the page credits an agency"
        names = "; ".join(candidate.names)
        records.append(Candidate(field="authors", value=names, origin=candidate.origin, note=note))
    if chosen >= 0 and (other := _outvoting([good for _, good in found], records, chosen)) >= 0:
        winner, chosen = found[other][1], other
    if chosen >= 0:
        records[chosen] = replace(records[chosen], chosen=True)
    elif not chinese or _KANA.search("".join(signals.kept[:3])):
        said = (
            candidate.names[0]
            for candidate, good in found
            if candidate.origin == "line by" and not good and not is_nobody(candidate.names[0])
        )
        house, origin = next(said, ""), "line by"
        if not house:
            house, origin = _credited_house(signals, outlets)
        if house:
            note = "no person is named"
            records.append(
                Candidate(field="authors", value=house, origin=origin, note=note, chosen=True)
            )
            return (house,), records
    return winner, records


def _outvoting(names: Sequence[tuple[str, ...]], records: Sequence[Candidate], chosen: int) -> int:
    """Return the byline beside the headline that speaks against JSON-LD with the head, or -1.

    JSON-LD may have who put the article into the system. A meta element that agrees with what the
    page shows outvotes it, if nothing else on the page names that person.

    Args:
        names: the people of each candidate.
        records: the candidates, in the same order.
        chosen: place of the chosen one.
    """
    if not records[chosen].origin.startswith("json-ld"):
        return -1
    kinds = [record.origin.split()[0] for record in records]
    others = [at for at, kind in enumerate(kinds) if kind != "json-ld" and names[at]]
    if any(set(names[at]) & set(names[chosen]) for at in others):
        return -1
    head = {name for at in others if kinds[at] == "meta" for name in names[at]}
    return next((at for at in others if kinds[at] == "line" and head & set(names[at])), -1)


def _credited_house(signals: PageEvidence, outlets: Sequence[str]) -> tuple[str, str]:
    """Return the house, desk or account that the page itself credits as the writer, and where.

    A page without a person's name may say “By the Mining Desk”, or declare an organisation to be
    the author of the article.
    """
    known = {letters_only(outlet) for outlet in outlets if outlet}
    for at, line in enumerate(signals.lines):
        if line.zone not in ("headline", "head") or line.other or line.amid or line.above:
            continue
        if (
            -3 < line.distance < _HOUSE_LINES
            and (who := behind_label(line.text))
            and not is_nobody(who)
        ):
            return who, "line by"
        shown = not line.kept and 0 < line.distance < _HOUSE_BELOW
        if shown and letters_only(line.text) in known and is_beside_time(signals.lines, at):
            return line.text, "line name"
        dated = [part.strip(" ,-–—") for part in beside_dates(line.text)] if shown else []
        house = next((part for part in dated if letters_only(part) in known), "")
        if house:
            return house, "line name"
    for thing in (signals.article, signals.about):
        author = thing.get("author")
        names = names_of(author, signals.things)
        if names and houses_alone(author) and len(names[0]) < _LONGEST_HOUSE:
            return names[0], "json-ld author"
    for byline in signals.bylines[:12]:
        marked = byline.named or byline.origin in ("rel=author", "itemprop=author")
        vouched = marked and _is_credit(byline.text)
        if (vouched or letters_only(byline.text) in known) and not byline.below:
            return byline.text, f"element {byline.origin}"
    return "", ""


def _people_among(names: Sequence[str], banned: set[str], known: set[str]) -> tuple[str, ...]:
    """Return the names that are neither outlets nor agencies, without functions."""
    people_named = (
        _alone(name, known)
        for name in names
        if letters_only(name) not in banned and not agency_of(name)
    )
    return tuple(dict.fromkeys(people_named))[:MAX_AUTHORS]


def _is_system(candidate: _NameCandidate, seen: str) -> bool:
    """Return whether the head of a Chinese page declares what is neither a name nor shown.

    Such an author is the publishing system's user or the site itself, also where the article is
    another outlet's.

    Args:
        candidate: what the head declares.
        seen: the lines that a reader sees near the article's ends.
    """
    words = set(_WORD.findall(seen))
    return (
        not candidate.house
        and bool(candidate.names)
        and not any(
            name in words or han_people(name, vouched=False) == [name] or is_usual_name(name)
            for name in candidate.names
        )
    )


def _completes(candidate: _NameCandidate, names: tuple[str, ...], winner: tuple[str, ...]) -> bool:
    """Return whether a visible byline has all names chosen so far, and more."""
    return (
        candidate.shown
        and not candidate.mixed
        and len(names) <= MOST_SHOWN
        and set(winner) < set(names)
        and all(map(_is_full_name, names))
        and not any(is_body(name) or is_account(name) for name in names)
    )
