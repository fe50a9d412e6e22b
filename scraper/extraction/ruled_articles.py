"""The next article behind a thematic break that no headline opens: its writer and words do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.content_words import speaks_of_else
from scraper.extraction.credit_rows import is_credit_row
from scraper.extraction.features import BlockFeatures
from scraper.extraction.list_titles import is_list_title
from scraper.extraction.metadata.latin_bylines import lower_case_words
from scraper.extraction.other_articles import OTHER_ARTICLE, OWN_TEXT
from scraper.extraction.sections import HEADINGS, PARAGRAPH

__all__ = ["ruled_articles"]

_SIGNED_WITHIN: Final = 3  # blocks behind the break, of which one names a writer
_FULL: Final = 2  # paragraphs that make an article


def ruled_articles(s: PageBlocks, rows: BlockFeatures, likely: Sequence[bool]) -> dict[int, str]:
    """Return block → rule, for an article that begins behind a thematic break, and all behind it.

    A line near the break names a writer, paragraphs follow, and nearly none of them has a word that
    the text before the break comes back to. A break alone parts scenes of one text; a second voice
    on the same subject speaks of what the first one spoke of.

    Args:
        s: the page cut into blocks.
        rows: its measures, with the headline.
        likely: for each block whether the classifier takes it for the article.
    """
    title = s.blocks[rows.title].text if rows.title >= 0 else ""
    if not s.rulers or is_list_title(title):
        return {}
    kept = [block.text for i, block in enumerate(s.blocks) if likely[i]]
    small = cache(lambda: lower_case_words(kept))
    told = [i for i, n in enumerate(rows.sentences) if likely[i] and n >= PARAGRAPH]
    for ruler in s.rulers:
        own = [i for i in told if rows.title < i < ruler.before]
        rest = [i for i in told if i >= ruler.before]
        if len(rest) < _FULL or sum(rows.sentences[i] for i in own) < OWN_TEXT:
            continue
        lines = range(ruler.before, min(ruler.before + _SIGNED_WITHIN, rest[0]))
        if any(
            s.tags[s.blocks[i].container] not in HEADINGS and is_credit_row(s.blocks[i].text, small)
            for i in lines
        ) and speaks_of_else(
            title, [s.blocks[i].text for i in own], [s.blocks[i].text for i in rest]
        ):
            return dict.fromkeys(range(ruler.before, len(s.blocks)), OTHER_ARTICLE)
    return {}
