"""Trains what tells the other articles of a page from parts of its own (needs lightgbm, numpy).

The examples are the parts of gold pages and of pages made of them: each is judged against the gold
text, with the parts before it judged right, as `scraper.extraction.boundaries` walks over them.
`python -m tests.training --boundaries` writes scraper/extraction/boundaries.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import lightgbm
import numpy as np
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.boundaries import scan_parts
from scraper.extraction.features import measure, squashed
from scraper.extraction.page_parts import SIGNS, Part
from scraper.extraction.segmentation import segment
from scraper.extraction.shadow_roots import open_shadow_roots
from scraper.extraction.structured_data import hints_of
from tests.training.augmentation import Donors, Variant, variants
from tests.training.boosting import COMMON, exported_trees
from tests.training.gold import GoldPage, fold_of
from tests.training.labels import label

__all__ = ["PartExample", "fit_boundaries", "part_examples"]

ROUNDS = 150
PARAMETERS = {**COMMON, "num_leaves": 12, "min_data_in_leaf": 40, "feature_fraction": 0.5}
# What a page that is made weighs beside the page that it is made of.
KIND_WEIGHT = {
    "plain": 3.0, "followed": 0.6, "amid": 0.6, "twin": 0.8, "flat": 0.9, "digest": 0.8,
    "headed": 0.6,
}  # fmt: skip
# A part lost costs a reader more than one too many.
OWN_WEIGHT = 1.5
# Words of sentences of a block that tells something.
TOLD = 8.0


class PartExample(NamedTuple):
    """A part of a page: its signs, whether it is another article's, its weight, its site's fold."""

    signs: tuple[float, ...]
    is_other: bool
    weight: float
    fold: int


def _of_variant(page: GoldPage, made: Variant) -> Iterator[tuple[tuple[float, ...], bool, float]]:
    tree = LexborHTMLParser(made.html)
    open_shadow_roots(tree)
    s = segment(tree)
    rows = measure(s, hints_of(tree))
    if not rows.rows:
        return
    shares = label([block.text for block in s.blocks], page.text)
    own = [
        share >= 0.5 or squashed(block.text) in made.own
        for share, block in zip(shares, s.blocks, strict=True)
    ]
    moot = [squashed(passage) for passage in page.neutral]
    size = sum(rows.sentences[i] for i, keep in enumerate(own) if keep) or 1.0
    found: list[tuple[tuple[float, ...], bool, float]] = []

    def is_other(part: Part) -> bool:
        told = [i for i in part.stretch if rows.sentences[i] >= TOLD]
        words = sum(rows.sentences[i] for i in told)
        other = sum(rows.sentences[i] for i in told if not own[i]) > 0.5 * words
        if not any(squashed(s.blocks[i].text) in passage for i in told for passage in moot):
            found.append((part.signs, other, (min(words, size) + 10) / (size + 50)))
        return other

    scan_parts(s, rows, own, page.url, is_other)
    yield from found


def _of_page(page: GoldPage, is_made_of: bool, donors: Donors) -> list[PartExample]:
    fold = fold_of(page.site)
    kinds = tuple(KIND_WEIGHT) if is_made_of else ("plain",)
    return [
        PartExample(signs, other, weight * KIND_WEIGHT[kind], fold)
        for kind, made in variants(page, donors, kinds)
        for signs, other, weight in _of_variant(page, made)
    ]


def part_examples(pages: Sequence[GoldPage], processes: int) -> list[PartExample]:
    """Return the parts of all pages and of what is made of them.

    Args:
        processes: how many processes measure pages.
    """
    donors = Donors(pages)
    # English pages are many: those made of every second one will do.
    made_of = [page.set != "en" or i % 2 == 0 for i, page in enumerate(pages)]
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(partial(_of_page, donors=donors), pages, made_of, chunksize=8)
        return [example for part in found for example in part]


def fit_boundaries(examples: Sequence[PartExample], without: int | None = None) -> dict[str, Any]:
    """Return what `scraper.extraction.classifier.load_model` reads as boundaries.

    Args:
        without: the fold that is left out, or None.
    """
    used = [example for example in examples if example.fold != without]
    others = np.array([int(e.is_other) for e in used])
    weights = np.array([e.weight for e in used])
    weights /= weights.mean()
    weights[others == 0] *= OWN_WEIGHT
    data = lightgbm.Dataset(
        np.array([e.signs for e in used], dtype=np.float32),
        others,
        weight=weights,
        feature_name=list(SIGNS),
    )
    booster = lightgbm.train(PARAMETERS, data, ROUNDS)
    return {"features": list(SIGNS), "stages": [], "trees": exported_trees(booster)}
