"""Characters that print nothing, and where they may be left out of a text."""

from __future__ import annotations

from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = ["without_invisible"]

# Zero-width space, word joiner, byte-order mark, soft hyphen, NUL, grapheme joiner, the invisible
# operators of formulas, deprecated controls, and the tag that once named a language.
_NEVER_SHOWN: Final = "\x00\u00ad\u034f\u200b\u2060-\u2064\u206a-\u206f\ufeff\U000e0001"
_DIRECTIONS: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS: Final = "\u200c\u200d"
# Tags, which flags of regions are written with and whole sentences can be hidden in; selectors of
# variants, of which a character has one.
_TAGS: Final = "\U000e0020-\U000e007f"
_VARIANTS: Final = "\U000e0100-\U000e01ef"
# Hebrew, Arabic, Syriac and their extensions and presentation forms.
_RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Scripts in which a joiner changes what is written: the above, those of India and South-East Asia,
# Mongolian; and pictures, of which a joiner makes one.
_JOINED: Final = (
    f"{_RIGHT_TO_LEFT}\u0900-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1cff\ua800-\uabff"
    "\u200c\u200d\u20e3\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f"
    "\U00011000-\U00011fff\U0001f000-\U0001faff"
)

_SEEN = lazy_compile(f"[{_NEVER_SHOWN}{_DIRECTIONS}{_JOINERS}{_TAGS}{_VARIANTS}]")
_NEVER = lazy_compile(f"[{_NEVER_SHOWN}]")
_TAG = lazy_compile(f"(\U0001f3f4[\U000e0030-\U000e007a]{{3,6}}\U000e007f)|[{_TAGS}]+")
_VARIANT = lazy_compile(f"[{_VARIANTS}]{{2,}}")
_DIRECTION = lazy_compile(f"[{_DIRECTIONS}]")
_RIGHT = lazy_compile(f"[{_RIGHT_TO_LEFT}]")
_JOINER = lazy_compile(f"(?<![{_JOINED}])[{_JOINERS}]+")


def without_invisible(text: str) -> str:
    """Return a text without characters that print nothing and part its words for a search.

    A zero-width joiner or non-joiner goes between Latin letters, Han characters and the like, and
    stays where it changes what is written: in Persian, in the scripts of India, in joined emoji.
    Tags stay where they make a flag. Marks of direction stay in texts with letters that are written
    from right to left.
    """
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    if _SEEN.search(text) is None:
        return text
    text = _VARIANT.sub("", _TAG.sub(r"\1", _NEVER.sub("", text)))
    if _RIGHT.search(text) is None:
        text = _DIRECTION.sub("", text)
    return _JOINER.sub("", text)
