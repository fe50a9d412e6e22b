"""Pull quotes: sentences of the article that its layout sets a second time, large and apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import squashed, words
from scraper.text.patterns import lazy_compile

__all__ = ["PULL_QUOTE", "pull_quotes"]

PULL_QUOTE: Final = "pull-quote"

_NAME: Final = lazy_compile(
    r"pull[_-]*+(?:ed)?[_-]*+(?:quote|out)|(?:^|[\s_-])(?:callout|blockquote|quote|big-?quote|quotation|zitat"
    r"|citat|liftout|breakout|jinju|yinyu|yinwen)s?(?:$|[\s_-])"
)
_QUOTING: Final = frozenset(("blockquote", "aside"))
_NO_QUOTE: Final = frozenset(("td", "th", "pre", "figcaption"))
_ELLIPSIS: Final = lazy_compile(r"…|\.{3}|\[[^\]]{0,30}\]|（[^）]{0,8}）|——")
_SENTENCE_END: Final = lazy_compile(r"[.!?。！？,，]\s*+")
_PULLED: Final = lazy_compile(r"pull[_-]*+(?:ed)?[_-]*+(?:quote|out)|liftout|breakout|jinju")
_CJK: Final = lazy_compile("[\u3040-\u30ff\u3400-\u9fff]")
_LEAST: Final = 20  # letters that are no chance, of an alphabet
_LEAST_WIDE: Final = 7  # the same in CJK characters
_LEAST_NAMED: Final = 5  # of a quote that the page names one
_LONGEST: Final = 600
_SHARE: Final = 0.9  # of the words that an edited quote shares with its sentence
_FEWEST_RUNS: Final = 8  # of words, in a quote that may be edited
_MOST: Final = 60  # quotes of a page
_MAX_CREDIT: Final = 80


@lru_cache(maxsize=4096)  # elements of a page share their names
def _is_quote_name(names: str) -> bool:
    return _NAME.search(names) is not None


def _quotes(s: PageBlocks, decided: Sequence[str]) -> dict[int, list[int]]:
    """Return the elements named or tagged as quotes, each with its kept blocks."""
    found: dict[int, list[int]] = {}
    known: dict[int, int] = {}
    named: dict[int, bool] = {}
    for i, block in enumerate(s.blocks):
        e = block.container
        if decided[i]:
            continue
        if e not in known:
            known[e] = 0
            for a in s.ancestors(e):
                if s.tags[a] in _NO_QUOTE:
                    break
                if a not in named:
                    named[a] = s.tags[a] in _QUOTING or _is_quote_name(s.words[a])
                if named[a]:
                    known[e] = a
        if known[e]:
            found.setdefault(known[e], []).append(i)
    return found


class _Body:
    """A block of the article outside quotes."""

    def __init__(self, text: str) -> None:
        self.letters = squashed(text)
        self._text = text
        self._runs: frozenset[tuple[str, ...]] | None = None

    def shares(self, runs: frozenset[tuple[str, ...]]) -> bool:
        """Whether nearly all of some runs of words stand in it."""
        if self._runs is None:
            self._runs = _runs(self._text)
        return len(runs & self._runs) >= _SHARE * len(runs)


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words of a text."""
    own = words(text.lower())
    return frozenset(zip(own, own[1:], own[2:], strict=False))


def _repeats(text: str, bodies: Sequence[_Body], *, named: bool = False) -> bool:
    """Whether another block says what a quote says, in a longer text.

    Args:
        text: the quote.
        bodies: the other blocks.
        named: whether the page names it a pull quote, which may be as short as it likes.
    """
    parts = [part for piece in _ELLIPSIS.split(text) if (part := squashed(piece))]
    whole = "".join(parts)
    least = _LEAST_WIDE if _CJK.search(whole) else _LEAST
    if len(whole) < (_LEAST_NAMED if named else least):
        return False
    longer = [body for body in bodies if len(body.letters) > len(whole)]
    if any(all(part in body.letters for part in parts) for body in longer):
        return True
    runs = _runs(text)
    if len(runs) >= _FEWEST_RUNS and any(body.shares(runs) for body in longer):
        return True
    # Between two sentences that a speaker says, the text tells who speaks.
    parts = [part for piece in _SENTENCE_END.split(text) if (part := squashed(piece))]
    return len(parts) > 1 and any(all(part in body.letters for part in parts) for body in longer)


def pull_quotes(s: PageBlocks, decided: Sequence[str]) -> set[int]:
    """Return the kept blocks that only repeat a sentence of the article in an element of quotes.

    The sentence itself stays, as does a quotation that stands nowhere else.

    Args:
        s: the page cut into blocks.
        decided: for each block "" when it is kept, else what cut it.
    """
    quotes = _quotes(s, decided)
    total = sum(len(s.blocks[i].text) for i, rule in enumerate(decided) if not rule)
    found: set[int] = set()
    inside = {i for blocks in quotes.values() for i in blocks}
    bodies: list[_Body] | None = None
    for quote, blocks in list(quotes.items())[:_MOST]:
        named = bool(_PULLED.search(s.words[quote]))
        size = sum(len(s.blocks[i].text) for i in blocks)
        # A quote around much of the text only lays the page out.
        if size > _LONGEST or 3 * size > total:
            continue
        if bodies is None:
            bodies = [
                _Body(s.blocks[i].text)
                for i, rule in enumerate(decided)
                if not rule and i not in inside
            ]
        repeated = [i for i in blocks if _repeats(s.blocks[i].text, bodies, named=named)]
        if not repeated:
            # It may be set in several lines.
            if not _repeats(" ".join(s.blocks[i].text for i in blocks), bodies):
                continue
            repeated = blocks
        # Who said it stands below; in the text it stands beside the sentence.
        credits = [i for i in blocks if i > repeated[0] and len(s.blocks[i].text) <= _MAX_CREDIT]
        if len(repeated) + len(credits) >= len(blocks):
            found.update(blocks)
        else:
            found.update(repeated)
    return found
