"""Chinese numerals: 一千二百万, 十五, 廿三, 二〇二六. The one reader of them."""

from __future__ import annotations

from typing import Final

__all__ = ["HAN_DIGITS", "han_number"]

HAN_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
}
_PLACES: Final = {"十": 10.0, "百": 100.0, "千": 1000.0}
_TENS: Final = {"廿": 20.0, "卅": 30.0}
_SCALES: Final = {"万": 1e4, "亿": 1e8, "兆": 1e12}


def han_number(text: str) -> float:
    """Return the value of a numeral in Simplified characters.

    一千二百万 is 12,000,000, 万亿 is 1e12. A numeral without a place is read digit by digit:
    二〇二六 is 2026.

    Args:
        text: a numeral and nothing else; characters that are none are passed over.
    """
    if not set(text) & (_PLACES.keys() | _TENS.keys() | _SCALES.keys()):
        digits = "".join(str(HAN_DIGITS[char]) for char in text if char in HAN_DIGITS)
        return float(digits or 0)
    total = section = 0.0
    digit: float | None = None
    for char in text:
        if char in HAN_DIGITS:
            # 十三五 names a plan, the thirteenth of five years: no digit is dropped.
            digit = 10 * (digit or 0) + HAN_DIGITS[char]
        elif char in _TENS:
            section, digit = section + _TENS[char], None
        elif char in _PLACES:
            section += (1 if digit is None else digit) * _PLACES[char]
            digit = None
        elif char in _SCALES:
            value, scale = section + (digit or 0), _SCALES[char]
            # 万亿: what was read so far is multiplied, but not in 一亿二千万.
            total = total + value * scale if total >= scale else (total + value or 1) * scale
            section, digit = 0.0, None
    return total + section + (digit or 0)
