"""How a page was read, in a few numbers: measured where the page is parsed."""

from __future__ import annotations

from collections import Counter

from scraper.extraction.host_layout import element_signature
from scraper.models import Article
from scraper.models.drift import PageShape
from scraper.text.patterns import lazy_compile

__all__ = ["page_shape"]

# A Chinese character says as much as two and a half letters.
_HAN_WEIGHT = 2.5
# Elements that a template is known by, and characters in which links are counted.
_MOST_ELEMENTS, _MOST_CHARACTERS = 4, 200_000
_LINK = lazy_compile(r"\[([^\[\]\n]{1,300})\]\(")


def page_shape(article: Article) -> PageShape:
    """Return the shape of a page.

    The template is the path of the elements that hold the text, digits made alike: a redesign
    gives them other names, other articles do not.

    Args:
        article: as extracted from the page.
    """
    kept = sum(len(block.text) for block in article.kept)
    removed = sum(len(block.text) for block in article.removed)
    han = sum(character > "\u2e7f" for character in article.text)
    linked = sum(len(text) for text in _LINK.findall(article.markdown[:_MOST_CHARACTERS]))
    held: Counter[str] = Counter()
    for block in article.kept:
        held[element_signature(block.place)] += len(block.text)
    whole = max(1, sum(held.values()))
    found = (article.title, article.authors, article.published, article.outlet, article.language)
    return PageShape(
        length=len(article.text) + (_HAN_WEIGHT - 1) * han,
        links=min(1.0, linked / max(1, min(len(article.text), _MOST_CHARACTERS))),
        cut=removed / max(1, kept + removed),
        fields=sum(map(bool, found)),
        confidence=article.confidence,
        template=tuple((s, n / whole) for s, n in held.most_common(_MOST_ELEMENTS)),
        extractor=article.extractor,
    )
