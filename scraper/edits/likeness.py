"""How far two records of a page are the same article: shared sentences, language, script."""

from __future__ import annotations

from collections import Counter

from scraper.models import Article
from scraper.text.chinese import fold, script_of
from scraper.text.sentences import normalise, split_sentences

__all__ = [
    "is_beginning",
    "is_foreign",
    "is_other_language",
    "is_other_script_only",
    "sentence_overlap",
]

# So much of a text is compared, in characters.
_SAMPLE = 40_000
# Two texts of different languages share no more than names and quotes.
_MOST_SHARED = 0.2
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


def is_beginning(whole: str, part: str) -> bool:
    """Return whether a text is the beginning of another, sentence by sentence, and not all of it.

    The last sentence of the beginning may break off.
    """
    left = [normalise(s) for s in split_sentences(whole[:_SAMPLE])]
    right = [normalise(s) for s in split_sentences(part[:_SAMPLE])]
    if not right or len(right) >= len(left):
        return False
    *said, last = right
    return left[: len(said)] == said and left[len(said)].startswith(last.rstrip(" .…。"))


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
