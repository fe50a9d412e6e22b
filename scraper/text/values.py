"""Small forms of text that all fields of metadata share."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final

__all__ = ["letters_only", "tidy"]

MAX_LENGTH: Final = 2_000

_UNSEEN = re.compile("[\u200b\ufeff\u2060\u00ad]+")
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_PUNCTUATION = re.compile(r"[\W_]+")


def tidy(text: str) -> str:
    """Return a value as it should be shown: no markup, entities, controls or lone surrogates."""
    text = text[:MAX_LENGTH]
    if "&" in text:
        # Twice, because content managers escape what is escaped already.
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    if not text.isprintable():
        text = _BAD.sub("", _UNSEEN.sub(" ", text))
    return " ".join(text.split())


@lru_cache(maxsize=2048)
def letters_only(text: str) -> str:
    """Return a text's letters and digits only, in one case: its spelling without its dress."""
    return _PUNCTUATION.sub("", text).casefold()
