"""Retrains the block classifier from the gold pages, and reports how it does on unseen sites.

    python -m tests.training             train on all pages, write scraper/extraction/model.json
    python -m tests.training --boundaries
                                         train what tells other articles of a page from parts of its
                                         own; write scraper/extraction/boundaries.json
    python -m tests.training --confidence
                                         train what tells how well a page was read, on pages that
                                         models read which never saw their sites; write
                                         scraper/extraction/confidence.json
    python -m tests.training --report    five-fold by site: each page is read by the whole of
                                         `extract`, with a model that never saw its site; and how
                                         far the confidence in the texts can be believed

The report is the honest figure: `gold/score.py` scores the shipped model on pages that it was
trained on. Below the sets it gives pages made of theirs in forms that training does not make:
without names (x-nameless), with other articles or comments behind the text (x-followed) or amid it
(x-amid), and with parts of their own that look so (x-twin).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scraper.errors import ExtractError
from scraper.extraction import classifier
from scraper.extraction.article import parse_html, read_article
from scraper.extraction.boilerplate_rules import Rules, default_rules
from scraper.extraction.classifier import Model, load_model
from tests.training.augmentation import UNSEEN_MAKERS, Donors, variants
from tests.training.boosting import export, train
from tests.training.boundaries import fit_boundaries, part_examples
from tests.training.confidence import (
    JudgedPage,
    fit_confidence,
    judged_page,
    print_reliability,
)
from tests.training.examples import Examples, examples_of
from tests.training.gold import FOLDS, GOLD, GoldPage, fold_of, load

MODEL = Path(classifier.__file__).with_name("model.json")
BOUNDARIES = MODEL.with_name("boundaries.json")
CONFIDENCE = MODEL.with_name("confidence.json")


class Scored(NamedTuple):
    """How one page came out.

    Attributes:
        judged: its text with its scores; its set, or the kind of page that was made of it.
        snippets: how many of the snippets came out right, and how many there are.
        fields: for each field that is annotated, whether it came out right.
        name: which page it is.
    """

    judged: JudgedPage
    snippets: tuple[int, int]
    fields: dict[str, float]
    name: str


def _fit(examples: Examples, without: int | None = None) -> dict[str, Any]:
    """Return the model that is trained on all folds but one, or on all."""
    at = np.flatnonzero(examples.folds != (-1 if without is None else without))
    rows = examples.rows[at]
    return export(train(rows, examples.labels[at], examples.weights[at]), rows)


def _score_fold(
    pages: Sequence[GoldPage],
    raw: dict[str, Any],
    boundaries: dict[str, Any],
    rules: Rules,
    donors: Donors | None,
) -> list[Scored]:
    """Read the pages of one fold, and with donors those that are made of them."""
    models = [load_model(raw, boundaries)] * FOLDS
    found = []
    for page in pages:
        found.append(_score(page, models, rules, with_fields=donors is not None))
        # English pages are many: those made of a fifth of them will do.
        if donors is not None and (page.set != "en" or fold_of(page.id) == 0):
            for kind, made in variants(page, donors, UNSEEN_MAKERS):
                body = made.html.encode("utf-8", "surrogatepass")
                found.append(_score(replace(page, set=kind, body=body), models, rules))
    return found


def _score(
    page: GoldPage, models: Sequence[Model], rules: Rules, *, with_fields: bool = False
) -> Scored:
    sys.path.insert(0, str(GOLD))
    from score import fields, snippets  # the judge's own yardstick, not ours

    judged, record, hits = judged_page(page, models, rules), dict(page.record), {}
    if with_fields:
        url = page.url or None
        with suppress(ExtractError):
            article = read_article(
                parse_html(page.body, url),
                url,
                rules=rules,
                model=models[fold_of(page.site)],
                fetched_at=None,
                zone="",
            )
            hits = fields([{"page": record, "result": article}])
    return Scored(
        judged=judged,
        snippets=snippets(record, judged.text),
        fields={name: share for name, (share, _) in hits.items()},
        name=f"{page.id} {page.url}",
    )


def _print(scored: Sequence[Scored], worst: int) -> None:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for row in scored:
        groups[row.judged.set].append(row)
    print(f"{'pages':<12}{'number':>7}{'F1':>8}{'prec':>7}{'recall':>8}{'snippets':>10}  fields")
    for name, rows in sorted(groups.items(), key=lambda pair: (pair[0][:2] == "x-", pair[0])):
        f1, precision, recall = (
            statistics.mean(row.judged.scores[i] for row in rows) for i in range(3)
        )
        right, total = (sum(row.snippets[i] for row in rows) for i in (0, 1))
        share = f"{right / total:.3f}" if total else "-"
        hits: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            for field, hit in row.fields.items():
                hits[field].append(hit)
        told = "  ".join(f"{field} {statistics.mean(had):.3f}" for field, had in hits.items())
        print(
            f"{name:<12}{len(rows):>7}{f1:>8.4f}{precision:>7.3f}{recall:>8.3f}{share:>10}  {told}"
        )
    for name, rows in groups.items():
        for row in sorted(rows, key=lambda row: row.judged.scores[0])[:worst]:
            f1, precision, recall = row.judged.scores
            print(f"  {name} {f1:.2f} p{precision:.2f} r{recall:.2f} {row.name}")


def main() -> None:
    """Train or report, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="five-fold report, write nothing")
    parser.add_argument(
        "--confidence", action="store_true", help="train the confidence in a text instead"
    )
    parser.add_argument(
        "--boundaries", action="store_true", help="train where other articles begin instead"
    )
    parser.add_argument("--worst", type=int, default=0, help="list the N worst pages of each set")
    parser.add_argument("--processes", type=int, default=2, help="how many read pages (2)")
    args = parser.parse_args()
    if not GOLD.is_dir():
        sys.exit(f"training: no gold pages at {GOLD}")
    pages = list(load())
    parts = part_examples(pages, args.processes) if args.boundaries or _needs(args) else []
    if args.boundaries:
        print(f"{len(pages)} pages, {len(parts)} parts, {len(parts[0].signs)} signs")
        _write(BOUNDARIES, fit_boundaries(parts))
        return
    examples = examples_of(pages, args.processes)
    print(f"{len(pages)} pages, {len(examples.rows)} blocks, {examples.rows.shape[1]} features")
    if not _needs(args):
        _write(MODEL, _fit(examples))
        print("now run python -m tests.training --confidence: it learns from what this misreads")
        return
    scored = score_held_out(
        pages,
        [_fit(examples, fold) for fold in range(FOLDS)],
        [fit_boundaries(parts, fold) for fold in range(FOLDS)],
        Donors(pages),
        args.processes,
    )
    judged = [row.judged for row in scored]
    if args.confidence:
        _write(CONFIDENCE, fit_confidence(judged))
    _print(scored, args.worst)
    print_reliability(judged)


def _needs(args: argparse.Namespace) -> bool:
    """Whether pages are to be read that the models did not see."""
    return bool(args.report or args.confidence)


def score_held_out(
    pages: Sequence[GoldPage],
    models: Sequence[dict[str, Any]],
    boundaries: Sequence[dict[str, Any]],
    donors: Donors | None,
    processes: int,
) -> list[Scored]:
    """Return how pages come out that are read by the models which did not see their fold.

    Args:
        pages: the gold pages.
        models: by the fold that each did not see.
        boundaries: what tells other articles from parts, by the fold that each did not see.
        donors: stories for the pages that are made of them, or None to make none.
        processes: how many read pages.
    """
    held = [[page for page in pages if fold_of(page.site) == fold] for fold in range(FOLDS)]
    read = partial(_score_fold, rules=default_rules(), donors=donors)
    with ProcessPoolExecutor(processes) as pool:
        return [row for rows in pool.map(read, held, models, boundaries) for row in rows]


def _write(path: Path, value: object) -> None:
    raw = json.dumps(value, separators=(",", ":"))
    path.write_text(raw + "\n", encoding="utf-8")
    print(f"wrote {path.name}: {len(raw):,} bytes")


if __name__ == "__main__":
    main()
