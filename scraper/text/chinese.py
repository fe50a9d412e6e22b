"""Chinese characters: one form for both scripts, and which script a text is in.

The table `hanzi.tsv` is generated from OpenCC's data (Apache License 2.0) by
`tests/generate_hanzi.py`. Everything here is a function of its argument alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scraper.text.patterns import lazy_compile

__all__ = ["fold", "fold_interface", "script_of", "traditional_forms"]

_KANA = lazy_compile("[\u3041-\u3096\u30a1-\u30fa]")
# The smaller script must have this share of the telling characters for a text to be mixed: quoted
# names and slips of a converter stay below it.
_MIXED_SHARE = 0.2


def _read_table() -> tuple[dict[int, int], dict[str, str]]:
    path = Path(__file__).with_name("hanzi.tsv")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    folds = {ord(char): ord(simple) for char, simple, _ in rows if simple != char}
    return folds, {char: script for char, _, script in rows if script}


_SIMPLE, _SCRIPTS = _read_table()


class _Folds(dict[int, int]):
    """Character table that fills itself: what `str.translate` asks for is computed once."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        for change in (lambda c: unicodedata.normalize("NFKC", c), str.lower):
            changed = change(char)
            # A form of another length (㎡, İ) would shift every place behind it.
            if len(changed) == 1:
                char = changed
        self[code] = _SIMPLE.get(ord(char), ord(char))
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Return `text` in the form in which search compares it, character for character.

    Width is normalised (NFKC), case lowered, Traditional characters become Simplified. The length
    never changes: a place in the folded text is the same place in `text`.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def traditional_forms() -> Iterator[tuple[str, str]]:
    """Yield characters that become another one when they are folded, each with that one."""
    for code, simple in _SIMPLE.items():
        yield chr(code), chr(simple)


# Words of interfaces in Taiwan and Hong Kong, folded, and what the mainland says for them, which is
# as long.
_INTERFACE_WORDS: dict[str, str] = {
    "检视": "查看", "点选": "点击", "支援": "支持", "线上": "在线", "开启": "打开", "登入": "登录",
    "连结": "链接", "追踪": "关注", "按赞": "点赞", "影片": "视频", "贴文": "帖子", "网路": "网络",
    "帐号": "账号", "募款": "筹款", "劝募": "筹款", "集资": "众筹", "回应": "回复", "收看": "观看",
}  # fmt: skip
_INTERFACE_WORD = lazy_compile("|".join(_INTERFACE_WORDS))


def fold_interface(text: str) -> str:
    """Return `text` folded, with the words of interfaces as the mainland says them.

    For telling what a line of a page's furniture says; two texts are never compared by it. The
    length never changes.
    """
    folded = fold(text)
    return folded if folded.isascii() else _INTERFACE_WORD.sub(_interface_word, folded)


def _interface_word(match: re.Match[str]) -> str:
    return _INTERFACE_WORDS[match[0]]


def script_of(text: str) -> str:
    """Return the script of a Chinese text.

    Returns:
        ``Hans``, ``Hant``, ``mixed`` when each of the two has a fifth or more of the characters
        that tell them apart, or "" when none does (no Chinese, or too short to say; Japanese).
    """
    found = Counter(_SCRIPTS[char] for char in text if char in _SCRIPTS)
    hans, hant = found["Hans"], found["Hant"]
    # Japanese has simplified characters of its own.
    if not hans + hant or len(_KANA.findall(text)) > hans + hant:
        return ""
    if min(hans, hant) >= _MIXED_SHARE * (hans + hant):
        return "mixed"
    return "Hans" if hans > hant else "Hant"
