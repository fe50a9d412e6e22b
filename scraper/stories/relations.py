"""How one article's text derives from another's: reprint, edited copy, other script, summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scraper.record import record
from scraper.stories.signatures import overlap, passages
from scraper.text.chinese import fold, script_of
from scraper.text.patterns import lazy_compile
from scraper.text.sentences import split_sentences

__all__ = ["RELATIONS", "Relation", "SourceText", "credit_line", "relate", "summarised"]

RELATIONS = ("reprint", "edited reprint", "other script", "summary", "same story")

# Containment from which on a text is a reprint, and from which on an edited copy.
_REPRINT, _EDITED = 0.8, 0.5
# Fewest shingles of the shorter text: fewer may be shared by chance, as a credit or a slogan.
_FEWEST = 12
# Share of a sentence's shingles from which on it was copied.
_TAKEN = 0.5
_MOST_SENTENCES = 12
_LONGEST = 60_000
_CREDIT = lazy_compile(
    r"(?:来源|原标题|转载自|转自|本文来自|本文转自|原载于?|首发于|授权转载|文章来源|据[^，。\n]{2,14}报道)"
    r"[^\n。]{0,40}"
    r"|(?:source|via|credit|originally (?:published|appeared)|first (?:published|appeared)"
    r"|republished (?:from|with)|reprinted (?:from|with)|this (?:story|article) (?:was|is) from)"
    r"\b[^\n.]{0,60}"
    r"|^[A-Z][A-Za-z .,]{1,40}\((?:Reuters|AP|AFP|UPI|Xinhua|Bloomberg|dpa|Kyodo|CNA)\)",
    10,  # re.IGNORECASE | re.MULTILINE
)
_EDGE = 400


@record
class SourceText:
    """An article as a possible source or copy.

    Attributes:
        id: its number.
        title, text: of its current version.
        outlet: which published it.
        credited: outlet that its page names as its source, or "".
        at: when it was published or first seen.
        language: as `scraper.models.Article` has it.
    """

    id: int
    title: str
    text: str
    outlet: str
    credited: str
    at: datetime
    language: str = ""


@record
class Relation:
    """How one article's text derives from another's.

    Attributes:
        copy, original: their numbers; the original is the earlier one unless it credits the other.
        kind: of `RELATIONS`.
        containment: share of the shorter text's sequences of five words that the other has; for a
            summary, the share of its words that the original has in translation.
        jaccard: share of all their sequences that both have.
        credit: the copy's line that names its origin, or "".
        cut, added: sentences of the original that the copy lacks, and the reverse, the first ones.
        cut_count, added_count: how many.
    """

    copy: int
    original: int
    kind: str
    containment: float
    jaccard: float
    credit: str = ""
    cut: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    cut_count: int = 0
    added_count: int = 0


def credit_line(text: str) -> str:
    """Return the line at either end of a text that names its origin, or ""."""
    for part in (text[:_EDGE], text[-_EDGE:]):
        found = _CREDIT.search(part)
        if found:
            return found[0].strip()
    return ""


def relate(
    one: SourceText, other: SourceText, *, known: set[tuple[str, ...]] | None = None
) -> Relation | None:
    """Return how one of two articles copies the other, or None where neither does.

    Args:
        one, other: the articles, in any order.
        known: the passages of `one`, if they are known already.
    """
    left = passages(one.text) if known is None else known
    right = passages(other.text)
    if min(len(left), len(right)) < _FEWEST:
        return None
    share = overlap(left, right)
    if share.containment < _EDITED:
        return None
    copy, original = _direction(one, other)
    scripts = {script_of(copy.text), script_of(original.text)}
    if scripts == {"Hans", "Hant"}:
        kind = "other script"
    else:
        kind = "reprint" if share.containment >= _REPRINT else "edited reprint"
    of_copy, of_original = (left, right) if copy is one else (right, left)
    cut, added = _missing(original.text, of_copy), _missing(copy.text, of_original)
    return Relation(
        copy=copy.id,
        original=original.id,
        kind=kind,
        containment=round(share.containment, 3),
        jaccard=round(share.jaccard, 3),
        credit=credit_line(copy.text) or copy.credited,
        cut=tuple(cut[:_MOST_SENTENCES]),
        added=tuple(added[:_MOST_SENTENCES]),
        cut_count=len(cut),
        added_count=len(added),
    )


def summarised(copy: SourceText, original: SourceText, share: float) -> Relation:
    """Return the relation of a summary to its original in another language.

    Args:
        copy, original: the articles.
        share: share of the summary's words that the original has in translation.
    """
    return Relation(
        copy=copy.id,
        original=original.id,
        kind="summary",
        containment=share,
        jaccard=0.0,
        credit=credit_line(copy.text) or copy.credited,
    )


def _direction(one: SourceText, other: SourceText) -> tuple[SourceText, SourceText]:
    """Return the copy and the original: the copy credits the other, or else is the later one."""
    for copy, original in ((one, other), (other, one)):
        if _credits(copy, original) and not _credits(original, copy):
            return copy, original
    return (one, other) if (one.at, one.id) > (other.at, other.id) else (other, one)


def _credits(copy: SourceText, original: SourceText) -> bool:
    name = fold(original.outlet).strip()
    if len(name) < 2 or name == fold(copy.outlet).strip():
        return False
    return name in fold(copy.credited) or name in fold(credit_line(copy.text))


def _missing(text: str, others: set[tuple[str, ...]]) -> Sequence[str]:
    """Return the sentences of a text that another, by its passages, does not have."""
    missing = []
    for sentence in split_sentences(text[:_LONGEST]):
        mine = passages(sentence)
        if mine and len(mine & others) < _TAKEN * len(mine):
            missing.append(sentence)
    return missing
