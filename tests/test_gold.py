"""A sample of the gold pages through `extract`; `python -m tests.gold_floors` scores them all."""

from __future__ import annotations

import itertools
import statistics
import sys

import pytest

from scraper.extraction import extract
from tests.gold_floors import FLOORS, SCORE
from tests.training.gold import load


@pytest.mark.skipif(not SCORE.exists(), reason="the gold pages are not beside this checkout")
@pytest.mark.parametrize("name", FLOORS)
def test_a_sample_of_each_set_is_above_its_floor(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(SCORE.parent), *sys.path])
    import score

    figures = []
    for page in itertools.islice(load(name), 20):
        text = extract(page.body, page.url or None).text
        record = dict(page.record)
        figures.append(score.prf(score.neutral(record, text), score.neutral(record, page.text))[0])
    # A sample of 20 pages varies more than the whole set.
    assert statistics.mean(figures) >= FLOORS[name] - 0.03
