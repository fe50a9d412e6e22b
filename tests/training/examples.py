"""Blocks of gold pages, and of pages made of them, as training examples."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.features import measure, squashed, words
from scraper.extraction.segmentation import segment
from scraper.extraction.shadow_roots import open_shadow_roots
from scraper.extraction.structured_data import hints_of
from tests.training.augmentation import Donors, Variant, variants
from tests.training.gold import GoldPage, fold_of
from tests.training.labels import label

__all__ = ["KIND_WEIGHT", "Examples", "examples_of"]

# What a page of each set weighs: Chinese pages are few, and half of what this is for.
SET_WEIGHT = {
    "en": 1.0,
    "en-tech": 2.0,
    "news": 2.0,
    "zh": 3.5,
    "zh-old": 3.0,
    "zh2-hans": 1.5,
    "zh2-hant": 2.0,
}
# What a page that is made weighs beside the page that it is made of.
KIND_WEIGHT = {"plain": 1.0, "nameless": 0.15, "followed": 0.22, "twin": 0.22, "amid": 0.08}
# A paragraph lost costs a reader more than a line too many.
PARAGRAPH = 25
PARAGRAPH_WEIGHT = 1.35
# What a heading weighs that a twin adds to the text.
OWN_WEIGHT = 1.5
# Short blocks beside the article are many, and most are alike: three in ten stand for all.
SHORT = 8
SHORT_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Blocks as training examples; `folds` says whose site they come from."""

    rows: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    folds: np.ndarray


def _of_variant(page: GoldPage, made: Variant) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return rows, labels and weights of a page's blocks."""
    tree = LexborHTMLParser(made.html)
    open_shadow_roots(tree)
    s = segment(tree)
    measured = measure(s, hints_of(tree))
    if not measured.rows:
        return None
    share = label([block.text for block in s.blocks], page.text)
    size, neutral = len(words(page.text)), [squashed(p) for p in page.neutral]
    labels, weights = [], []
    for i in measured.candidates:
        count, text = measured.words[i], squashed(s.blocks[i].text)
        own = text in made.own
        is_article = own or share[i] >= 0.5
        # A page weighs about the same whatever its length; a block by its share of the page.
        weight = (min(count, size) + 2) / (size + 50)
        if own:
            weight *= OWN_WEIGHT
        if is_article and count >= PARAGRAPH:
            weight *= PARAGRAPH_WEIGHT
        if not is_article and count < SHORT:
            weight /= SHORT_SHARE
        moot = len(text) > 2 and any(text in passage for passage in neutral)
        labels.append(int(is_article))
        weights.append(0.0 if moot else weight)
    counts = np.array([measured.words[i] for i in measured.candidates])
    found = np.array(labels)
    rng = np.random.default_rng(len(made.html))
    used = (found == 1) | (counts >= SHORT) | (rng.random(len(found)) < SHORT_SHARE)
    used &= np.array(weights) > 0
    return np.array(measured.rows, dtype=np.float32)[used], found[used], np.array(weights)[used]


def _of_page(page: GoldPage, donors: Donors) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = []
    for kind, made in variants(page, donors, KIND_WEIGHT):
        part = _of_variant(page, made)
        if part is not None:
            rows, labels, weights = part
            found.append((rows, labels, weights * KIND_WEIGHT[kind] * SET_WEIGHT[page.set]))
    return found


def examples_of(pages: Sequence[GoldPage], processes: int) -> Examples:
    """Return the blocks of all pages and of what is made of them.

    Args:
        processes: how many processes measure pages.
    """
    donors = Donors(pages)
    with ProcessPoolExecutor(processes) as pool:
        parts = list(pool.map(partial(_of_page, donors=donors), pages, chunksize=8))
    folds = [
        np.full(len(rows), fold_of(page.site))
        for page, made in zip(pages, parts, strict=True)
        for rows, _, _ in made
    ]
    flat = [part for made in parts for part in made]
    weights = np.concatenate([part[2] for part in flat])
    return Examples(
        rows=np.vstack([part[0] for part in flat]),
        labels=np.concatenate([part[1] for part in flat]),
        weights=weights * len(weights) / weights.sum(),
        folds=np.concatenate(folds),
    )
