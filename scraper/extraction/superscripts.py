"""Raised and lowered characters in a line of plain text.

Without its tag a raised figure runs into what it stands behind: 10 to the power of 25 reads 1025,
and the third note of a sentence about 2026 reads 20263. What a raised text means is told by itself,
by what stands before and behind it, and by what its element is named and linked to:

    a power            10<sup>25</sup>       10^25
    a unit's           5 m<sup>2</sup>       5 m²
    a note's mark      2026<sup>3</sup>      2026[3]
    an ordinal         1<sup>st</sup>        1st
    a price's cents    $9<sup>99</sup>       $9.99
    a degree           20<sup>o</sup>C       20°C
    an ion, a nuclide  Ca<sup>2+</sup>, <sup>14</sup>C   Ca²⁺, ¹⁴C
    a sign             Tide<sup>TM</sup>     Tide™
"""

from __future__ import annotations

import re
from typing import Final

from scraper.text.month_names import MONTH_START
from scraper.text.patterns import lazy_compile

__all__ = ["is_note_name", "lowered", "note_mark", "raised"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SIGNS: Final = {
    "tm": "™", "(tm)": "™", "sm": "℠", "(sm)": "℠", "r": "®", "(r)": "®", "c": "©", "(c)": "©",
    "™": "™", "®": "®", "©": "©", "℠": "℠",
}  # fmt: skip
# Raised letters that are a word's own, behind a number and behind the beginning of a word.
_ORDINALS: Final = _names(
    "st nd rd th d e er ers re res ère ème eme ième nde nds de do º ª o a os as ma mo ra ro ta to "
    "va vo ste ta. e. º. ª. к й я го ый ая"
)
_ABBREVIATED: Final = _names(
    "n no nos m mm mme mmes mlle mlles dr d mr mrs mgr st ste cie me pr prof v c"
)
_UNITS: Final = _names(
    "m km cm mm nm µm μm dm ft in yd mi mile miles meter meters metre metres kilometer kilometers "
    "kilometre kilometres centimeter centimeters centimetre centimetres foot feet inch inches yard "
    "yards s sec kg g h hr mol l pc ly au"
)
_WIDE_UNITS: Final = (
    "米",
    "公里",
    "千米",
    "厘米",
    "公分",
    "毫米",
    "公尺",
    "分米",
    "英尺",
    "英里",
    "英里",
)

_SUPERSCRIPTS: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_MINUS: Final = str.maketrans(
    {"−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-", "＋": "+"}
)
_NUMBER: Final = lazy_compile(r"[-+]?\d{1,6}(?:[.,/]\d{1,6})?")
_NOTE: Final = lazy_compile(
    r"\d{1,3}(?:\s*[,，、;–-]\s*\d{1,3})*|[a-z]{1,2}|[ivxlc]{1,5}|注\s?\d{1,3}|註\s?\d{1,3}"
)
_BRACKETED: Final = lazy_compile(r"[\[［〔【(（].{1,12}[\]］〕】)）]")
# Figures in circles and brackets of their own, which mark notes as they are.
_CIRCLED: Final = lazy_compile(
    "[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289]{1,3}"
)
_ION: Final = lazy_compile(r"\d{0,2}[-+]")
_COMPOUND: Final = lazy_compile(r"[A-Z][a-z]?\d{1,2}$")
_YEAR: Final = lazy_compile(r"(?:1[5-9]|20|21)\d\d")
_CURRENCY: Final = lazy_compile(r"(?:[$€£¥￥₩₹]|US\$|HK\$|NT\$)\s?$")
_PRICED: Final = lazy_compile(r"\s?(?:€|£|\$|EUR\b|USD\b|元|円|kr\b)")
# A number that ends a name (GPT-4), or a date, is not raised to a power; nor is one of percent.
_NAMED_NUMBER: Final = lazy_compile(
    r"(?:[^\W\d_]{2}-?|[^\W\d_]-|\b(?!x)[^\W\d_])$"
    rf"|\b{MONTH_START}[a-z]{{0,6}}\.?\s$",
    re.IGNORECASE,
)
_PERCENT: Final = lazy_compile(r"\s?(?:%|％|per\s?cent|个百分点|個百分點|个点)", re.IGNORECASE)
_LAST_NUMBER: Final = lazy_compile(r"(?<!\d)(?<!\d[.,])\d++(?:[.,]\d++)*+$")
_LAST_WORD: Final = lazy_compile(r"(?<![^\W\d_])[^\W\d_]+$")
_LAST_GROUP: Final = lazy_compile(r"\(([^()]{1,60})\)$")
_INDEX: Final = lazy_compile(r"\d{1,2}|[^\W\d_]{1,5}\d?|[ijkmnt][-+,]?[0-9ijkmnt]")
_ELEMENT: Final = lazy_compile(r"[A-Z][a-z]?(?![a-z])")
_BEHIND_DEGREE: Final = lazy_compile(r"\s?[CFKNSEWO](?![a-zA-Z])")
_ROMAN: Final = lazy_compile(r"\b[IVXL]+$")
_OPERATOR: Final = lazy_compile(r"[-+*/=×·÷^]|\b[a-zA-Z]\b|\d\s*$")
_WIDE: Final = lazy_compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]$")
_NOTE_NAME: Final = lazy_compile(
    r"(?:^|[\s#_-])(?:(?:foot|end|side|margin)-?_?notes?(?:$|[\s_:-]|\d|ref|ftn|link)|s?d?foot?note"
    r"|_?ftn(?:ref)?\d*(?:$|[\s_-])|_?edn\d*|fn(?:ref|link)?[-_:.]?\w{0,6}(?:$|\s)|note[-_]?(?:ref|\d)"
    r"|noteref|doc-noteref|cite|citation|cit[-_]?ref|references?(?:$|[\s_-]|\d)|ref[-_:]?\d|bib\w{0,3}\d"
    r"|n\d{1,3}(?:$|\s)|注\d|注释|註)",
    re.IGNORECASE,
)


_LONGEST_NAMES: Final = 400


def is_note_name(names: str) -> bool:
    """Return whether names of an element (class, id, role, target of its link) tell a note."""
    return bool(_NOTE_NAME.search(names[:_LONGEST_NAMES]))


def _opened(before: str) -> bool:
    """Whether a bracket is open, within which marks of notes stand already."""
    return any(before.rfind(start) > before.rfind(end) for start, end in ("[]", "［］", "〔〕"))


def note_mark(content: str, before: str = "") -> str:
    """Return the mark of a note as a line of text shows it: ``[3]``, ``*``, ``†``."""
    content = content.strip()
    if not content or _BRACKETED.fullmatch(content) or _opened(before):
        return content
    if not any(c.isalnum() for c in content) or _CIRCLED.fullmatch(content):
        return content
    if _NOTE.fullmatch(content):
        return f"[{content}]"
    return f" {content}" if before[-1:].isalnum() and content[0].isalnum() else content


def raised(content: str, before: str, after: str, *, note: bool = False) -> str:
    """Return a raised text as a line of plain text shows it.

    Args:
        content: what is raised.
        before, after: some characters of the line before and behind it.
        note: whether its element tells that it is the mark of a note.
    """
    content = " ".join(content.split())
    marked = _BRACKETED.fullmatch(content) or _CIRCLED.fullmatch(content)
    if note or marked or _opened(before):
        return note_mark(content, before)
    plain = content.translate(_MINUS).replace("- ", "-").replace("+ ", "+")
    sign = _raised_sign(plain.lower(), before, after)
    if sign:
        return sign
    if _is_ending(plain.lower(), before):
        return content
    if _NUMBER.fullmatch(plain):
        return _raised_number(plain, before, after)
    if _ION.fullmatch(plain) and (before[-1:].isalpha() or _COMPOUND.search(before)):
        return plain.translate(_SUPERSCRIPTS)
    if not any(c.isalnum() for c in plain):
        return content
    return _raised_words(content, plain, before)


def _raised_sign(plain: str, before: str, after: str) -> str:
    """Return the sign that raised letters are (TM, a degree), or ""."""
    # One letter is a sign behind a name only: x raised to r is a power.
    named = before[-1:].isalnum() and (len(plain) > 1 or len(_word(before)) > 2)
    if plain in _SIGNS and named:
        return _SIGNS[plain]
    if plain in ("o", "0", "°", "º") and before[-1:].isdigit():
        if _BEHIND_DEGREE.match(after):
            return "°"
        return "º" if plain == "o" else ""
    return ""


def _is_ending(plain: str, before: str) -> bool:
    """Whether raised letters end a word: an ordinal in figures, or an abbreviation."""
    if plain in _ORDINALS and before[-1:].isdigit():
        return True
    # French and Spanish raise the end of an abbreviation, and of an ordinal in Roman figures.
    ending = plain.isalpha() and (len(plain) > 1 or plain in ("e", "o", "r"))
    return ending and (_word(before).lower() in _ABBREVIATED or bool(_ROMAN.search(before)))


def _word(before: str) -> str:
    match = _LAST_WORD.search(before)
    return match[0] if match else ""


def _raised_words(content: str, plain: str, before: str) -> str:
    """Return a raised text with letters, or with several numbers."""
    if _WIDE.search(before) or not before[-1:].strip() or not before[-1:].isalnum():
        # ``)`` may close what is raised to a power; other marks end what a note is about.
        if before.endswith(")") and len(plain) <= 6 and _is_term(before):
            return _power(plain)
        return note_mark(content, before)
    word, number = _word(before), _LAST_NUMBER.search(before)
    if len(plain) <= 12 and (number or len(word) == 1):
        if number and _NOTE.fullmatch(plain) and not plain.isalpha() and number[0] != "10":
            return note_mark(content, before)
        return _power(plain)
    return note_mark(content, before)


def _power(plain: str) -> str:
    simple = re.fullmatch(r"[-+]?(?:\d+(?:[.,]\d+)?|\w)", plain)
    return f"^{plain}" if simple else f"^({plain})"


def _is_term(before: str) -> bool:
    """Whether what a closing bracket ends is a term of a formula, not words."""
    match = _LAST_GROUP.search(before)
    if match is None:
        return False
    inner = match[1]
    return bool(_OPERATOR.search(inner)) and not re.search(r"[^\W\d_]{4,}", inner)


def _raised_number(plain: str, before: str, after: str) -> str:
    signed = plain[0] in "-+"
    last = before[-1:]
    if not last.strip():
        # In formulas a space may stand before the power; a nuclide's number stands before its sign.
        number = _LAST_NUMBER.search(before.rstrip())
        if number and (signed or number[0] == "10") and (signed or len(plain) > 1):
            return f"^{plain}"
        if not signed and _ELEMENT.match(after):
            return plain.translate(_SUPERSCRIPTS)
        if re.match(r"\s?[/⁄]", after):
            return plain
        return f"[{plain}]" + (" " if after[:1].isalnum() else "")
    if re.match(r"[/⁄]", after):
        return f" {plain}" if last.isdigit() else plain
    if last.isdigit():
        return _behind_number(plain, before, after)
    word = _word(before)
    if word and not _WIDE.search(before):
        return _behind_word(plain, word, before)
    if plain in ("2", "3") and before.endswith(_WIDE_UNITS):
        return plain.translate(_SUPERSCRIPTS)
    if signed or (last == ")" and plain != "1" and _is_term(before)):
        return f"^{plain}"
    return f"[{plain}]"


def _behind_word(plain: str, word: str, before: str) -> str:
    signed = plain[0] in "-+"
    if word in _UNITS or word.lower() in _UNITS:
        if plain in ("2", "3"):
            return plain.translate(_SUPERSCRIPTS)
        if signed:
            return f"^{plain}"
    ahead = before[: len(before) - len(word)].rstrip()
    # A single letter is a variable; so are two or three behind the sign of a formula.
    variable = len(word) == 1 or (len(word) <= 3 and ahead.endswith(tuple("=+-*/×·<>≤≥≈^(")))
    if signed or (variable and plain != "1"):
        return f"^{plain}"
    return f"[{plain}]"


def _behind_number(plain: str, before: str, after: str) -> str:
    match = _LAST_NUMBER.search(before)
    number = match[0] if match else ""
    ahead = before[: len(before) - len(number)]
    whole, signed = number.isdigit(), plain[0] in "-+"
    unsigned = plain.isdigit()
    money = bool(_CURRENCY.search(ahead))
    if (
        unsigned
        and len(plain) == 2
        and whole
        and (money or _PRICED.match(after))
        and number != "10"
    ):
        return f".{plain}"
    if signed or number == "10":
        return f"^{plain}"
    if number == "2" and unsigned and len(plain) > 1 and _WIDE.search(ahead):
        return f"^{plain}"  # 批次为2^20: no space parts a number from the words before it
    multiplied = ahead.rstrip().endswith(("×", "·", "*", "^"))
    if multiplied:
        return f"^{plain}"
    if _NAMED_NUMBER.search(ahead) or _PERCENT.match(after):
        return f"[{plain}]"
    if money or plain == "1" or _YEAR.fullmatch(number) or len(number) > 3:
        return f"[{plain}]"
    if not whole and len(plain) == 1:
        return f"[{plain}]"
    return f"^{plain}"


def lowered(content: str, before: str) -> str:
    """Return a lowered text as a line of plain text shows it.

    CO₂ is ``CO2``, 101₂ is ``101_2``; the index of a variable stands behind a line: ``x_i``.
    """
    content = " ".join(content.split())
    if before[-1:].isdigit() and content[:1].isdigit():
        return f"_{content}"
    # One letter is a variable; a capital with a number is an element's sign.
    variable = before[-1:].isalpha() and len(_word(before)) == 1 and not _WIDE.search(before)
    if variable and _INDEX.fullmatch(content) and (before[-1].islower() or content[0].isalpha()):
        return f"_{content}"
    return content
