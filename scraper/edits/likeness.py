"""How far two records of a page are the same article: shared sentences, language, script."""

from __future__ import annotations

from collections import Counter

from scraper.models import Article
from scraper.record import record
from scraper.text.chinese import fold, script_of
from scraper.text.patterns import lazy_compile
from scraper.text.sentences import normalise, split_sentences

__all__ = [
    "Beginning",
    "beginning_of",
    "is_beginning",
    "is_edited_copy",
    "is_foreign",
    "is_other_language",
    "is_other_script_only",
    "is_other_text",
    "sentence_overlap",
]

# So much of a text is compared, in characters.
_SAMPLE = 40_000
# Two texts of different languages share no more than names and quotes.
_MOST_SHARED = 0.2
# Two texts of one report share more of their sentences, two of one subject more of their terms.
_SAME_REPORT, _SAME_SUBJECT = 0.1, 0.15
# The least sentences, and the least share of them, that two texts of one article have in common.
_FEW_SENTENCES, _SAME_ARTICLE = 5, 0.75
_WORD = lazy_compile(r"[^\W\d_\u3400-\u9fff]{6,}|\d{3,}")
_FEW_TERMS = 5
_ANY_WORD = lazy_compile(r"[^\W\d_\u3400-\u9fff]{3,}|[\u3400-\u9fff]")
_HAN_RUN = lazy_compile(r"[\u3400-\u9fff]{2,}")
# Letters of a headline that tell its language.
_FEW_LETTERS = 8


def sentence_overlap(one: str, other: str) -> float:
    """Return the share of sentences that two texts have in common (Dice), from 0 to 1.

    Traditional and Simplified Chinese count as one.
    """
    left, right = _sentences(one), _sentences(other)
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def _sentences(text: str) -> Counter[str]:
    return Counter(fold(normalise(s)) for s in split_sentences(text[:_SAMPLE]))


@record
class Beginning:
    """How far a text is the beginning of another.

    Attributes:
        missing: share by which it is shorter than the other, from 0 to 1.
        breaks_off: whether it ends within a sentence of the other.
        added: sentences behind the beginning, none of which the other has.
    """

    missing: float
    breaks_off: bool
    added: tuple[str, ...]


def beginning_of(whole: str, part: str) -> Beginning | None:
    """Return how a text is the beginning of another, sentence by sentence, or None if it is not.

    The last sentence of the beginning may break off.
    """
    shown = split_sentences(part[:_SAMPLE])
    left = [normalise(s) for s in split_sentences(whole[:_SAMPLE])]
    right = [normalise(s) for s in shown]
    said = 0
    while said < min(len(left), len(right)) and left[said] == right[said]:
        said += 1
    if said == len(left) or len(right) >= len(left):
        return None
    more = right[said:]
    cut = more[0].rstrip(" .…。") if more else ""
    broken = bool(cut) and left[said].startswith(cut)
    if not (said or broken) or not set(more[broken:]).isdisjoint(left):
        return None
    ends_open = part.rstrip()[-1:].isalnum() or part.rstrip().endswith(("…", "..."))
    return Beginning(
        missing=1 - sum(map(len, right)) / sum(map(len, left)),
        breaks_off=broken and len(more) == 1 and ends_open,
        added=tuple(shown[said + broken :]),
    )


def is_beginning(whole: str, part: str) -> bool:
    """Return whether a text is the beginning of another and not all of it.

    The last sentence of the beginning may break off.
    """
    found = beginning_of(whole, part)
    return found is not None and not found.added


def is_edited_copy(one: str, other: str) -> bool:
    """Return whether two texts are one article, edited: most of several sentences are the same.

    A sentence that stands in a text again and again counts once.
    """
    left, right = set(_sentences(one)), set(_sentences(other))
    shared = len(left & right)
    return shared >= _FEW_SENTENCES and shared >= _SAME_ARTICLE * (len(left) + len(right)) / 2


def is_other_text(old: str, new: str) -> bool:
    """Return whether two texts share neither sentences nor subject: next to none of their words.

    A rewritten report keeps its names and terms.
    """
    if sentence_overlap(old, new) >= _SAME_REPORT:
        return False
    one, other = _terms(old), _terms(new)
    if min(len(one), len(other)) < _FEW_TERMS:
        # Of short words only all together tell a subject.
        one, other = (set(_ANY_WORD.findall(text[:_SAMPLE].lower())) for text in (old, new))
    fewer = min(len(one), len(other))
    return not fewer or len(one & other) / fewer < _SAME_SUBJECT


def _terms(text: str) -> set[str]:
    """Return the longer Latin words of a text and its pairs of Chinese characters."""
    plain = fold(text[:_SAMPLE].lower())
    pairs = (run[at : at + 2] for run in _HAN_RUN.findall(plain) for at in range(len(run) - 1))
    return {*_WORD.findall(plain), *pairs}


def is_foreign(usual: str, article: Article, headline: str) -> bool:
    """Return whether an article is in another language or script than its outlet usually writes.

    Args:
        usual: language tag of the outlet, such as ``en`` or ``zh-Hant``, or "".
        article: what a page says.
        headline: the headline that its source shows, or "": one in the language and script of the
            article tells that the outlet writes in it too.
    """
    language, _, script = usual.partition("-")
    if not language or not article.language:
        return False
    shown = script_of(headline)
    if article.language == language:
        scripts = ("Hans", "Hant")
        if script not in scripts or article.script not in scripts or script == article.script:
            return False
        return shown != article.script
    han = sum("\u3400" <= char <= "\u9fff" for char in headline)
    latin = sum(char.isascii() and char.isalpha() for char in headline)
    told = "zh" if han * 4 > latin else "en" if latin > _FEW_LETTERS else ""
    return told != article.language


def is_other_language(old: Article, new: Article) -> bool:
    """Return whether a record holds another language or Chinese script than an earlier one.

    Some sites choose the language by the visitor's address or headers: the translation is no edit
    of the text that was archived before.
    """
    scripts = {old.script, new.script}
    if len(scripts) == 2 and not scripts & {"", "mixed"}:
        return True
    if not old.language or not new.language or old.language == new.language:
        return False
    return sentence_overlap(old.text, new.text) < _MOST_SHARED


def is_other_script_only(old: Article, new: Article) -> bool:
    """Return whether two records differ in nothing but the Chinese script."""
    return _folded(old) == _folded(new)


def _folded(article: Article) -> str:
    return fold(normalise(f"{article.title}\n{article.text}"))
