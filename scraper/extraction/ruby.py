"""Ruby: what stands above a word, and whether it tells how to read the word or what it means."""

from __future__ import annotations

import re
from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = ["ruby_text"]

_CJK: Final = "\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAN: Final = lazy_compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WIDE: Final = lazy_compile(f"[{_CJK}]")
# Kana, bopomofo with its tones, hangul.
_SYLLABIC: Final = lazy_compile(
    "[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3100-\u312f\u31a0-\u31bf\u02c7\u02ca\u02cb\u02d9\u02ea\u02eb"
    "\uac00-\ud7af\u1100-\u11ff・·\\s]+"
)
_LETTERS: Final = lazy_compile(r"(?:[^\W_]|[\s'’·-]|[\u0300-\u036f])+")
_PINYIN: Final = lazy_compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|van|ai|ei|ui|ao|ou|iu|ie|ue|ve|er|an|en|in"
    r"|un|vn|ia|ua|uo|a|e|i|u|v)r?|[bpmfwyl]?or?"
)
_LONGEST_SYLLABLE: Final = 7
_NUMBERED: Final = lazy_compile(r"[a-z]{1,6}[1-9](?:[\s'’-]*[a-z]{1,6}[1-9])*", re.IGNORECASE)


def _is_reading(base: str, above: str) -> bool:
    """Whether what stands above a word says how it sounds."""
    if _SYLLABIC.fullmatch(above):
        return True
    characters = len(_HAN.findall(base))
    if not characters or not _LETTERS.fullmatch(above):
        return False
    if not above.isascii() or _NUMBERED.fullmatch(above):
        return not _WIDE.search(above)
    return _is_pinyin(re.sub(r"[\s'’·-]", "", above.lower()), characters)


def _is_pinyin(letters: str, count: int) -> bool:
    """Whether letters without tones can be parted into so many syllables of Mandarin."""
    ends = {0}
    for _ in range(count):
        ends = {
            end
            for start in ends
            for end in range(start + 1, min(start + _LONGEST_SYLLABLE, len(letters)) + 1)
            if _PINYIN.fullmatch(letters, start, end)
        }
    return len(letters) in ends


def ruby_text(base: str, above: str) -> str:
    """Return what of the text above a word stands behind it in a line of plain text.

    A reading (kana, bopomofo, pinyin …) is left out: the word is read and found without it. A word
    of another language or an explanation stands behind in brackets, as browsers without ruby show.

    Args:
        base: the word, or the character.
        above: what stands above it.
    """
    above = " ".join(above.split())
    if not above or len(above) > 200 or _is_reading(base, above):
        return ""
    return f"（{above}）" if _WIDE.search(base) else f" ({above})"
