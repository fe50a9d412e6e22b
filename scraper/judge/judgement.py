"""One text judged: its topic, what it names, the figures that it gives."""

from __future__ import annotations

import re

from scraper.hanzi import fold
from scraper.judge.entities import mentions_of
from scraper.judge.lexicon import Lexicon, default_lexicon
from scraper.judge.linking import Layout
from scraper.judge.names import find_names
from scraper.judge.quantities import quantities_of
from scraper.judge.topic import score_topic
from scraper.models import Judgement

__all__ = ["judge"]

# What lies behind so many characters of a text is not looked at: no article is that long.
_LONGEST = 200_000

_NOT_ASCII = re.compile("[^\x00-\x7f]+")


def _fold(text: str) -> str:
    """Return what `fold` does, sooner for a text with a few quotes and dashes among English."""
    if text.isascii() or sum(map(len, _NOT_ASCII.findall(text, 0, 2000))) > 200:
        return fold(text)
    folded = _NOT_ASCII.sub(lambda match: fold(match[0]), text).lower()
    return folded if len(folded) == len(text) else fold(text)


def judge(title: str, text: str, lexicon: Lexicon | None = None) -> Judgement:
    """Return what a text is about.

    Args:
        title: its headline.
        text: the clean text, one paragraph a line: what was cut as boilerplate is not in it.
        lexicon: what to look for; None means the shipped one.
    """
    lexicon = lexicon or default_lexicon()
    title = title.replace("\n", " ")
    whole = f"{title}\n{text[:_LONGEST]}"
    folded = _fold(whole)
    names = find_names(whole, lexicon, folded=folded)
    layout = Layout(whole, folded, names, len(title))
    return Judgement(
        topic=score_topic(whole, len(title), names, lexicon.scoring),
        mentions=mentions_of(whole, len(title), names),
        quantities=quantities_of(whole, folded, len(title), names, layout),
        lexicon=lexicon.version,
    )
