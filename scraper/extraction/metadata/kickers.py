"""Labels within a heading, before its headline: ``<h1><span class="kicker">Opinion</span>…``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extraction.metadata.heading_text import heading_text
from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.text.patterns import lazy_compile
from scraper.text.values import letters_only, tidy

__all__ = ["kicker_of", "without_kicker"]

_CALLED = lazy_compile(
    r"(?<![a-z])(?:kicker|label|tag|eyebrow|category|rubric|rubrik|overline|topic|section|flag|badge)"
    r"(?![a-z])"
)
_ELEMENTS: Final = frozenset("span em strong b i small a mark div p sup".split())  # noqa: SIM905
_HAN = lazy_compile(r"[\u3400-\u9fff]")
_MOST_WORDS: Final = 3
_MOST_CHARACTERS: Final = 6
_LONGEST: Final = 300


def kicker_of(node: LexborNode) -> tuple[str, bool]:
    """Return what stands in a heading behind the short label that it begins with, or "".

    Args:
        node: the heading.

    Returns:
        The rest, and whether the label is called one, or is the name of a rubric.
    """
    first = node.first_child
    while first is not None and (first.tag or "").startswith("-") and not _shown(first):
        first = first.next
    if first is None or first.tag not in _ELEMENTS or first.next is None:
        return "", False
    label, whole = _shown(first), heading_text(node, _LONGEST)
    many = len(label) > _MOST_CHARACTERS if _HAN.search(label) else len(label.split()) > _MOST_WORDS
    if not label or many or not whole.startswith(label):
        return "", False
    if label[-1].isascii() and whole[len(label) :][:1].isalnum():
        return "", False  # a part of a word, as an initial
    rest = whole[len(label) :].strip(" :：|｜·•–—-/")
    names = f"{first.attributes.get('class') or ''} {first.attributes.get('id') or ''}".lower()
    called = bool(_CALLED.search(names)) or label.casefold().strip(" :：") in RUBRICS
    least = 4 if _HAN.search(rest) else 8
    return (rest, called) if len(rest) >= least else ("", False)


def _shown(node: LexborNode) -> str:
    text = node.text_content if node.tag == "-text" else node.text(separator=" ")
    return tidy((text or "")[:_LONGEST])


def without_kicker(whole: str, rest: str, called: bool, heads: Sequence[str]) -> str:
    """Return a heading without its label, unless the head's titles have the label too.

    Args:
        whole: the heading.
        rest: what stands behind the label.
        called: whether the label is called one.
        heads: titles in the head of the page.
    """
    forms = [letters_only(head) for head in heads if head]
    if any(letters_only(whole) in form for form in forms):
        return whole
    return rest if called or any(letters_only(rest) in form for form in forms) else whole
