"""Retrains the block classifier from the gold pages, and reports how it does on unseen sites.

    python -m tests.training             train on all pages, write scraper/extraction/model.json
    python -m tests.training --confidence
                                         train what tells how well a page was read, on pages that
                                         models read which never saw their sites; write
                                         scraper/extraction/confidence.json
    python -m tests.training --report    five-fold by site: each page is read by the whole of
                                         `extract`, with a model that never saw its site; and how
                                         far the confidence in the texts can be believed

The report is the honest figure: `gold/score.py` scores the shipped model on pages that it was
trained on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction import classifier
from scraper.extraction.boilerplate_rules import Rules, default_rules
from scraper.extraction.classifier import Model, load_model
from scraper.extraction.features import measure, squashed, words
from scraper.extraction.segmentation import segment
from scraper.extraction.structured_data import hints_of
from scraper.text.encoding import decode_page
from tests.training.boosting import export, train
from tests.training.confidence import (
    JudgedPage,
    fit_confidence,
    judged_page,
    print_reliability,
)
from tests.training.gold import FOLDS, GOLD, GoldPage, fold_of, load
from tests.training.labels import label

MODEL = Path(classifier.__file__).with_name("model.json")
CONFIDENCE = MODEL.with_name("confidence.json")

# What a page of each set weighs: Chinese pages are few, and half of what this is for.
SET_WEIGHT = {
    "en": 1.0, "news": 1.5, "zh": 2.5, "zh-old": 2.5, "zh2-hans": 2.0, "zh2-hant": 2.0,
    "en-tech": 1.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """All blocks of all pages as training examples; `folds` says whose site they come from."""

    rows: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    folds: np.ndarray


def _examples(pages: Sequence[GoldPage]) -> Examples:
    rows: list[np.ndarray] = []
    labels: list[float] = []
    weights: list[float] = []
    folds: list[int] = []
    for page in pages:
        tree = LexborHTMLParser(decode_page(page.body).text)
        segments = segment(tree)
        measured = measure(segments, hints_of(tree))
        if not measured.rows:
            continue
        rows.append(np.array(measured.rows, dtype=np.float32))
        found = label([block.text for block in segments.blocks], page.text)
        size, neutral = len(words(page.text)), [squashed(p) for p in page.neutral]
        for i in measured.candidates:
            count, text = measured.words[i], squashed(segments.blocks[i].text)
            labels.append(found[i])
            moot = len(text) > 2 and any(text in passage for passage in neutral)
            # A page weighs about the same whatever its length; a block by its share of the page.
            weight = (min(count, size) + 2) / (size + 50) * SET_WEIGHT[page.set]
            weights.append(0.0 if moot else weight)
        folds += [fold_of(page.site)] * len(measured.rows)
    weight = np.array(weights)
    return Examples(
        rows=np.vstack(rows),
        labels=(np.array(labels) >= 0.5).astype(int),
        weights=weight * len(weight) / weight.sum(),
        folds=np.array(folds),
    )


def _fit(examples: Examples, without: int | None = None) -> dict[str, object]:
    used = examples.weights > 0
    if without is not None:
        used &= examples.folds != without
    at = np.flatnonzero(used)
    rows = examples.rows[at]
    return export(train(rows, examples.labels[at], examples.weights[at]), rows)


def _report(
    pages: Sequence[GoldPage], models: Sequence[Model], rules: Rules, worst: int
) -> list[JudgedPage]:
    sys.path.insert(0, str(GOLD))
    from score import snippets  # the judge's own yardstick, not ours

    scores: dict[str, list[tuple[tuple[float, float, float], str]]] = defaultdict(list)
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    judged = [judged_page(page, models, rules) for page in pages]
    for page, read in zip(pages, judged, strict=True):
        scores[page.set].append((read.scores, f"{page.id} {page.url}"))
        good, total = snippets(dict(page.record), read.text)
        right[page.set][0] += good
        right[page.set][1] += total
    print(f"{'set':<10}{'pages':>6}{'F1':>8}{'prec':>7}{'recall':>8}{'snippets':>10}")
    for name, rows in scores.items():
        f1, precision, recall = (statistics.mean(r[0][i] for r in rows) for i in range(3))
        good, total = right[name]
        share = f"{good / total:.3f}" if total else "-"
        print(f"{name:<10}{len(rows):>6}{f1:>8.4f}{precision:>7.3f}{recall:>8.3f}{share:>10}")
    for name, rows in scores.items():
        for (f1, precision, recall), page_name in sorted(rows)[:worst]:
            print(f"  {f1:.2f} p{precision:.2f} r{recall:.2f} {name}/{page_name}")
    return judged


def main() -> None:
    """Train or report, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="five-fold report, write nothing")
    parser.add_argument(
        "--confidence", action="store_true", help="train the confidence in a text instead"
    )
    parser.add_argument("--worst", type=int, default=0, help="list the N worst pages of each set")
    args = parser.parse_args()
    if not GOLD.is_dir():
        sys.exit(f"training: no gold pages at {GOLD}")
    pages = list(load())
    examples = _examples(pages)
    print(f"{len(pages)} pages, {len(examples.rows)} blocks, {examples.rows.shape[1]} features")
    if args.report or args.confidence:
        models = [load_model(_fit(examples, fold)) for fold in range(FOLDS)]
    if args.confidence:
        judged = [judged_page(page, models, default_rules()) for page in pages]
        _write(CONFIDENCE, fit_confidence(judged))
        print_reliability(judged)
        return
    if args.report:
        print("the classifier alone:")
        _report(pages, models, Rules(), 0)
        print("with the rules:")
        print_reliability(_report(pages, models, default_rules(), args.worst))
        return
    _write(MODEL, _fit(examples))
    print("now run python -m tests.training --confidence: it learns from what this one misreads")


def _write(path: Path, value: object) -> None:
    raw = json.dumps(value, separators=(",", ":"))
    path.write_text(raw + "\n", encoding="utf-8")
    print(f"wrote {path.name}: {len(raw):,} bytes")


if __name__ == "__main__":
    main()
