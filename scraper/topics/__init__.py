"""Judges a text: its topic, the names that it mentions, and its quantities."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.models import Judgement, Mention
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile
from scraper.topics.lexicon import ENTITY_KINDS, Lexicon, default_lexicon
from scraper.topics.names import NameMatch, find_names
from scraper.topics.quantities import quantities_of
from scraper.topics.score import score_topic
from scraper.topics.sentence_index import SentenceIndex

__all__ = ["judge", "mentions_of"]


def _family(found: NameMatch) -> str:
    """Return the family of a model's version; "" for a family itself, or without a family."""
    entry = found.entry
    # "R1" has its own entry, which needs its family: DeepSeek-R1.
    family = entry.needs if entry.needs and entry.name.startswith(entry.needs) else entry.name
    return family if family != found.name else ""


def mentions_of(text: str, title_end: int, names: Sequence[NameMatch]) -> tuple[Mention, ...]:
    """Return the names that a text mentions, with counts, most frequent first.

    Args:
        text: headline, a line feed, and the clean text.
        title_end: end of the headline.
        names: its names from `find_names`.
    """
    groups: dict[tuple[str, str], list[NameMatch]] = {}
    for found in names:
        if found.entry.kind in ENTITY_KINDS:
            groups.setdefault((found.entry.kind, found.name), []).append(found)
    mentions = []
    for (kind, name), group in groups.items():
        first = group[0]
        in_text = [found.start for found in group if found.start > title_end]
        mentions.append(
            Mention(
                kind=kind,
                name=name,
                family=_family(first) if first.listed else "",
                maker=first.entry.maker,
                listed=first.listed,
                count=len(group),
                in_title=len(group) - len(in_text),
                offset=in_text[0] - title_end - 1 if in_text else None,
                matched=_forms(text, group),
            )
        )
    return tuple(sorted(mentions, key=lambda m: (-m.count, m.kind, m.name)))


def _forms(text: str, group: Sequence[NameMatch]) -> str:
    """Return the forms in which a name is printed, the first one first, as "A / B"."""
    forms = dict.fromkeys(text[match.start : match.end] for match in group[:_MOST_MATCHES])
    return " / ".join(list(forms)[:_MOST_FORMS])


# Mentions of a name of which the printed forms are kept, and those forms.
_MOST_MATCHES, _MOST_FORMS = 200, 8
# Characters of a text that are analysed: no article is longer.
_LONGEST = 200_000

_NOT_ASCII = lazy_compile("[^\x00-\x7f]+")


# Superscript digits are powers and footnote marks: 10²⁵ is not 1025.
_RAISED = lazy_compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]")


def _fold(text: str) -> str:
    """Return a text folded, except for superscript digits; the length stays the same."""
    folded = _folded(text)
    if _RAISED.search(text) is None or len(folded) != len(text):
        return folded
    characters = list(folded)
    for match in _RAISED.finditer(text):
        characters[match.start()] = match[0]
    return "".join(characters)


def _folded(text: str) -> str:
    """Return the result of `fold`, faster for English text with a few quotes and dashes."""
    if text.isascii() or sum(map(len, _NOT_ASCII.findall(text, 0, 2000))) > 200:
        return fold(text)
    folded = _NOT_ASCII.sub(lambda match: fold(match[0]), text).lower()
    return folded if len(folded) == len(text) else fold(text)


def judge(title: str, text: str, lexicon: Lexicon | None = None) -> Judgement:
    """Return the judgement of a text.

    Args:
        title: headline.
        text: clean text without boilerplate, one paragraph per line.
        lexicon: the lexicon, or None for the shipped one.
    """
    lexicon = lexicon or default_lexicon()
    title = title.replace("\n", " ")
    whole = f"{title}\n{text[:_LONGEST]}"
    folded = _fold(whole)
    names = find_names(whole, lexicon, folded=folded)
    layout = SentenceIndex(whole, folded, names, len(title))
    return Judgement(
        topic=score_topic(whole, len(title), names, lexicon.scoring),
        mentions=mentions_of(whole, len(title), names),
        quantities=quantities_of(whole, folded, len(title), names, layout),
        lexicon=lexicon.version,
    )
