"""What the lines of a page say by themselves: words, sentences, likeness to the headline."""

from __future__ import annotations

import re
from typing import Final

from scraper.extract.blocks import Segments
from scraper.extract.lexicons import TEXT_WORDS, text_words

__all__ = ["NO_WORDS", "Wording", "squash", "title_likeness", "words"]

_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# The vowel signs of Indic scripts, which Python does not count as letters, are no ends of words.
_SIGNS: Final = "\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(f"[{_CJK}]|(?:[^\\W{_CJK}]|[{_SIGNS}])+")
_CJK_CHAR = re.compile(f"[{_CJK}]")
_NO_WORD = re.compile(r"\W+")
_PAUSES: Final = (",", ";", ":")
_PAUSES_WIDE: Final = ("，", "、", "；", "：")
# A full stop within a number or an address ends no sentence, one before a space or a quote does.
_STOPS: Final = (". ", "! ", "? ", '."', '!"', '?"')
_STOPS_WIDE: Final = ("。", "！", "？", "… ", ".”", "!”", "?”", ".»", ".’", "।", "؟")
NO_WORDS: Final = [0] * len(TEXT_WORDS)
# Up to this many characters words are counted one by one; beyond, what the spaces say will do.
_SHORT: Final = 40
# Words up to which a block may be the headline.
_MAX_TITLE: Final = 40


def words(text: str) -> list[str]:
    """Return the words of a text; each CJK character is one."""
    return _WORD.findall(text)


def squash(text: str) -> str:
    """Return letters and digits only, in lower case: what two renderings of a text share."""
    return _NO_WORD.sub("", text.lower())


class Wording:
    """What can be said of each block by itself."""

    def __init__(self, s: Segments) -> None:
        texts = [block.text for block in s.blocks]
        self.lowered = [text.lower() for text in texts]
        sample = "".join(text[:200] for text in texts[:400])
        self.cjk = not sample.isascii() and len(_CJK_CHAR.findall(sample)) > 0.3 * len(sample)
        count = _count_cjk if self.cjk else _count_spaced
        self.words = [count(text) for text in texts]
        self.scale = 0.6 if self.cjk else 1.0
        self.length = [n * self.scale for n in self.words]
        self.link = [
            min(1.0, b.link_chars / len(b.text)) if b.link_chars else 0.0 for b in s.blocks
        ]
        self.linked = [n * share for n, share in zip(self.length, self.link, strict=True)]
        self.pauses, self.stops = [0] * len(texts), [0] * len(texts)
        self.sentence = [0.0] * len(texts)
        self.found: list[list[int]] = []
        known: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            length = self.length[i]
            if length >= 4:
                pauses, stops = _signs(text)
                self.pauses[i], self.stops[i] = pauses, stops
                if length >= 8 and (stops > 0 or pauses > 1):
                    self.sentence[i] = length * (1 - self.link[i]) ** 2
            start = self.lowered[i][:160]
            found = known.get(start)
            if found is None:
                says = text_words(start)
                found = NO_WORDS
                if says:
                    found = NO_WORDS[:]
                    for column in says:
                        found[column] = 1 if length <= 60 else 2
                known[start] = found
            self.found.append(found)


def _count_spaced(text: str) -> int:
    return len(text.split()) if len(text) > _SHORT else len(_WORD.findall(text))


def _count_cjk(text: str) -> int:
    if len(text) <= _SHORT:
        return len(_WORD.findall(text))
    # A CJK character has three bytes; six other characters make a word.
    wide = (len(text.encode("utf-8", "surrogatepass")) - len(text)) // 2
    return wide + (len(text) - wide) // 6


def _signs(text: str) -> tuple[int, int]:
    """Return how many pauses and how many ends of sentences a text has."""
    pauses = stops = 0
    for sign in _PAUSES:
        pauses += text.count(sign)
    for sign in _STOPS:
        stops += text.count(sign)
    stops += text[-1] in ".!?…"
    if not text.isascii():
        for sign in _PAUSES_WIDE:
            pauses += text.count(sign)
        for sign in _STOPS_WIDE:
            stops += text.count(sign)
    return pauses, stops


def title_likeness(s: Segments, lines: Wording, title: str) -> tuple[list[float], int]:
    """For each block its likeness to the headline, and which block is the headline (or -1)."""
    wanted = set(_WORD.findall(title.lower()))
    signs = set(title.lower()) if lines.cjk else set(title.lower().split())
    likeness, best, best_score = [0.0] * len(s.blocks), -1, 0.4
    if not wanted:
        return likeness, -1
    for i, block in enumerate(s.blocks):
        lowered = lines.lowered[i]
        # What has no word of the title, however roughly split, is not worth the exact count.
        if lines.length[i] < _MAX_TITLE and not signs.isdisjoint(
            lowered if lines.cjk else lowered.split()
        ):
            have = set(_WORD.findall(lowered))
            if have:
                likeness[i] = len(have & wanted) / len(have | wanted)
        score = likeness[i] + (0.3 if s.tags[block.container] == "h1" else 0.0)
        if score > best_score + 0.05:
            best, best_score = i, score
    return likeness, best
