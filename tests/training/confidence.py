"""Trains the confidence in a text, and tells how far it can be believed.

What it learns from are pages as they are met: each is read by a block classifier that never saw its
site. What it tells is then held out once more: the trees and the steps that judge a page come from
pages of other sites.

`python -m tests.training --confidence` writes scraper/extraction/confidence.json; run it again
whenever another block classifier, other rules or another gold set came in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import lightgbm
import numpy as np

from scraper.errors import ExtractError
from scraper.extraction.article import find_text, parse_html
from scraper.extraction.boilerplate_rules import Rules
from scraper.extraction.classifier import Model
from scraper.extraction.confidence import GOOD_TEXT, SIGNS
from tests.training.boosting import exported_trees
from tests.training.gold import FOLDS, GOLD, GoldPage, fold_of

__all__ = ["JudgedPage", "fit_confidence", "judged_page", "print_reliability"]

ROUNDS = 120
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 4,
    "min_data_in_leaf": 25,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "max_bin": 63,
    "num_threads": 2,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "monotone_constraints": [sign.better for sign in SIGNS],
}
# Shares of the pages, from the least likely on, at which the steps of the table begin: finer where
# the confidence is low. More of them fit the gold pages and not the next ones.
STEPS = (0.0, 0.06, 0.12, 0.25, 0.5, 0.8)
# Pages of other sets than the modern ones weigh less: hardly anybody reads such pages today.
OLD_SETS = frozenset({"zh-old"})
OLD_WEIGHT = 0.5
# Pages that were made of gold pages (their sets begin so) teach the signs of templates that the
# gold pages have not; how often texts come out right is told by the gold pages alone.
MADE = "x-"
MADE_WEIGHT = 0.3


class JudgedPage(NamedTuple):
    """A gold page that was read by a classifier which never saw its site.

    Attributes:
        set, fold: which set it is of; the fold of its site.
        scores: F1, precision and recall of its text.
        text: what was read.
        signs: see `scraper.extraction.confidence.page_signs`; None where no text was found.
    """

    set: str
    fold: int
    scores: tuple[float, float, float]
    text: str
    signs: tuple[float, ...] | None

    @property
    def is_right(self) -> bool:
        """Whether its text counts as right."""
        return self.scores[0] >= GOOD_TEXT

    @property
    def is_made(self) -> bool:
        """Whether it was made of a gold page."""
        return self.set.startswith(MADE)

    @property
    def weight(self) -> float:
        """What it weighs in training."""
        if self.is_made:
            return MADE_WEIGHT
        return OLD_WEIGHT if self.set in OLD_SETS else 1.0


def judged_page(page: GoldPage, models: Sequence[Model], rules: Rules) -> JudgedPage:
    """Return a gold page as read.

    Args:
        page: the page.
        models: the block classifiers, by the fold that each did not see.
        rules: boilerplate rules.
    """
    if str(GOLD) not in sys.path:
        sys.path.insert(0, str(GOLD))
    from score import neutral, prf  # the judge's own yardstick, not ours

    fold, url = fold_of(page.site), page.url or None
    try:
        found = find_text(parse_html(page.body, url), url, rules=rules, model=models[fold])
    except ExtractError:
        found = None
    text, record = found.text if found else "", dict(page.record)
    scores = prf(neutral(record, text), neutral(record, page.text))
    return JudgedPage(page.set, fold, scores, text, found.signs if found else None)


def _with_signs(pages: Iterable[JudgedPage]) -> list[JudgedPage]:
    return [page for page in pages if page.signs is not None]


def _fit_trees(pages: Sequence[JudgedPage]) -> lightgbm.Booster:
    rows = np.array([page.signs for page in pages])
    right = np.array([page.is_right for page in pages], dtype=int)
    weights = [page.weight for page in pages]
    names = [sign.name for sign in SIGNS]
    data = lightgbm.Dataset(rows, right, weight=weights, feature_name=names)
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def _held_out_steps(pages: Sequence[JudgedPage]) -> list[tuple[float, float]]:
    """Return the steps that gold pages show, judged by trees that never saw their sites."""
    gold = [page for page in pages if not page.is_made]
    told = np.zeros(len(gold))
    for fold in sorted({page.fold for page in gold}):
        booster = _fit_trees([page for page in pages if page.fold != fold])
        at = [i for i, page in enumerate(gold) if page.fold == fold]
        told[at] = booster.predict(np.array([gold[i].signs for i in at]))
    return _steps(told, np.array([page.is_right for page in gold]))


def _steps(told: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Return rising probabilities of the trees, and the share of right texts from each on.

    Neighbouring steps whose shares fall are joined (pool adjacent violators: Ayer et al., 1955);
    shares are those of one more right and one more wrong text, so that none is 0 or 1.
    """
    order = np.argsort(told, kind="stable")
    ends = [round(share * len(order)) for share in STEPS]
    groups = [
        [float(told[part[0]]), int(right[part].sum()), len(part)]
        for part in np.split(order, ends[1:])
        if len(part)
    ]
    steps: list[list[float]] = []
    for least, good, count in groups:
        steps.append([least, good, count])
        while len(steps) > 1 and _share(steps[-1]) <= _share(steps[-2]):
            _, good, count = steps.pop()
            steps[-1][1] += good
            steps[-1][2] += count
    return [(round(step[0], 5), round(_share(step), 2)) for step in steps]


def _share(step: Sequence[float]) -> float:
    return (step[1] + 1) / (step[2] + 2)


def _confidence(steps: Sequence[tuple[float, float]]) -> Callable[[float], float]:
    leasts = [least for least, _ in steps[1:]]
    return lambda told: steps[int(np.searchsorted(leasts, told, side="right"))][1]


def fit_confidence(pages: Sequence[JudgedPage]) -> dict[str, Any]:
    """Return what `scraper.extraction.confidence.load_confidence` reads."""
    known = _with_signs(pages)
    steps = _held_out_steps(known)
    booster = _fit_trees(known)
    good = [page.signs for page in known if page.is_right and not page.is_made]
    usual = np.median(np.array(good), axis=0)
    return {
        "features": [sign.name for sign in SIGNS],
        "stages": [],
        "steps": steps,
        "usual": [round(float(value), 4) for value in usual],
        "trees": exported_trees(booster),
    }


def held_out(pages: Sequence[JudgedPage]) -> list[tuple[JudgedPage, float]]:
    """Return each gold page that has a text with the confidence that other sites' pages give it."""
    known = _with_signs(pages)
    found = []
    for fold in range(FOLDS):
        others = [page for page in known if page.fold != fold]
        own = [page for page in known if page.fold == fold and not page.is_made]
        if not own:
            continue
        confidence = _confidence(_held_out_steps(others))
        told = _fit_trees(others).predict(np.array([page.signs for page in own]))
        found += [(page, confidence(value)) for page, value in zip(own, told, strict=True)]
    return found


def print_reliability(pages: Sequence[JudgedPage]) -> None:
    """Print what is told of held-out pages beside what is right of them."""
    found = held_out(pages)
    print(f"\nconfidence in the text, held out by site: right is F1 >= {GOOD_TEXT}")
    print(f"{'told':>11}{'pages':>7}{'mean':>7}{'right':>7}{'F1':>7}{'below .8':>10}")
    for low, high in (
        (0, 0.5),
        (0.5, 0.6),
        (0.6, 0.7),
        (0.7, 0.8),
        (0.8, 0.9),
        (0.9, 0.95),
        (0.95, 1.01),
    ):
        rows = [(page, told) for page, told in found if low <= told < high]
        if rows:
            _print_row(f"{low:.2f} - {min(high, 1):.2f}", rows)
    _print_row("all", found)
    for name in dict.fromkeys(page.set for page, _ in found):
        _print_row(name, [(page, told) for page, told in found if page.set == name])


def _print_row(name: str, rows: Sequence[tuple[JudgedPage, float]]) -> None:
    scores = [page.scores[0] for page, _ in rows]
    told = sum(value for _, value in rows) / len(rows)
    right = sum(page.is_right for page, _ in rows) / len(rows)
    poor = sum(score < 0.8 for score in scores)
    mean = sum(scores) / len(rows)
    print(f"{name:>11}{len(rows):>7}{told:>7.2f}{right:>7.2f}{mean:>7.3f}{poor:>10}")
