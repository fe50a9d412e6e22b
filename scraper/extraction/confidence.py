"""How likely the text of an article is whole and clean, told from signs that cost nothing.

The block classifier gives a probability for each block; how these lie, how the kept blocks stand in
the page, and what the page's head says of its body are the signs of a page. Small boosted trees
(`confidence.json`, written by ``python -m tests.training --confidence``) turn them into the
probability that the text's F1 is at least `GOOD_TEXT`, and a table of few steps into what held-out
pages of other sites show for it.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.classifier import Model, load_trees
from scraper.extraction.features import FEATURES, BlockFeatures
from scraper.record import record

__all__ = [
    "FROM_DATA",
    "FROM_INNER_DOCUMENT",
    "FROM_TRAFILATURA",
    "GOOD_TEXT",
    "SIGNS",
    "ConfidenceModel",
    "Sign",
    "TextSource",
    "default_confidence",
    "load_confidence",
    "page_signs",
]

# Token F1 from which a text counts as right.
GOOD_TEXT: Final = 0.95


class Sign(NamedTuple):
    """A number that says something of how well a page was read.

    Attributes:
        name: what it is.
        better: 1 where more of it never lowers the confidence, -1 where less never does, 0 where
            either may be.
        phrase: what a reader is told where it lowers the confidence; "" where it would say nothing.
    """

    name: str
    better: int
    phrase: str


_UNSURE = "the classifier is unsure of many blocks"
_CUT = "much was cut that may belong to the article"
_HOLES = "text between kept paragraphs was cut"
_ENDS = "where the article begins or ends is unclear"
_SEVERAL = "the page holds several articles"
_DATA = "the page's data give a body of another length"
_SHORT = "the text is short"
_RULES = "rules and classifier disagree about many blocks"
_SCATTERED = "the kept blocks stand in several places of the page"
_LINKS = "the kept text holds many links"
_LINES = "much of the kept text is short lines"

_TABLE: Final = (
    Sign("expected_precision", 1, _UNSURE),
    Sign("expected_recall", 1, _CUT),
    Sign("expected_f1", 1, _UNSURE),
    Sign("kept_words", 0, _SHORT),
    Sign("page_words", 0, ""),
    Sign("kept_share", 0, ""),
    Sign("sentence_share", 0, _CUT),
    Sign("near_half", -1, _UNSURE),
    Sign("kept_doubtful", -1, _UNSURE),
    Sign("cut_likely", -1, _CUT),
    Sign("cut_by_rules", -1, _RULES),
    Sign("kept_by_rules", -1, _RULES),
    Sign("runs", 0, _HOLES),
    Sign("largest_run", 0, _HOLES),
    Sign("holes", -1, _HOLES),
    Sign("largest_hole", -1, _HOLES),
    Sign("cut_beside", -1, _HOLES),
    Sign("odds_first", 1, _ENDS),
    Sign("odds_last", 1, _ENDS),
    Sign("odds_before", -1, _ENDS),
    Sign("odds_behind", -1, _ENDS),
    Sign("sentences_before", 0, ""),
    Sign("sentences_behind", 0, _SEVERAL),
    Sign("largest_cut", 0, _SEVERAL),
    Sign("headlines", 0, _SEVERAL),
    Sign("headlines_kept", 0, _SEVERAL),
    Sign("articles", 0, _SEVERAL),
    Sign("articles_kept", -1, _SEVERAL),
    Sign("title_distance", 0, ""),
    Sign("title_words", 0, ""),
    Sign("best_share", 0, _SCATTERED),
    Sign("best_kept", 0, _CUT),
    Sign("containers", 0, _SCATTERED),
    Sign("link_share", 0, _LINKS),
    Sign("linked_blocks", 0, _LINKS),
    Sign("short_lines", 0, _LINES),
    Sign("sentence_density", 0, _LINES),
    Sign("ends_whole", 0, _ENDS),
    Sign("body_length", 0, _DATA),
    Sign("body_share", 0, _DATA),
    Sign("copies", 0, ""),
    Sign("hidden", 0, ""),
    Sign("threshold", 0, _UNSURE),
    Sign("origin", 0, "the text does not stand in the page's own blocks"),
    Sign("cjk", 0, ""),
)
SIGNS: Final = _TABLE

# Columns of the classifier's features that are signs too.
_IN_JSON, _COPIES, _BEST_UP, _LINK_SHARE, _ORDER = map(
    FEATURES.index, ("in_json", "copies", "best_up", "link_share", "article_order")
)
# Probabilities between which a block may be either.
_EITHER: Final = (0.2, 0.8)
_DOUBTFUL: Final = 0.65
_LIKELY: Final = 0.3
# Blocks at each end of the text, and outside of it, that say whether an end is sharp.
_EDGE: Final = 4
# Words of sentences from which a run of blocks is a text of its own.
_SHORT_LINE: Final = 8
# Log-odds beyond which certainty says no more.
_CERTAIN: Final = 4.0


FROM_DATA: Final = 1
FROM_INNER_DOCUMENT: Final = 2
FROM_TRAFILATURA: Final = 3


class TextSource(NamedTuple):
    """Where the text of an article was found.

    Attributes:
        origin: 0 for the page's own blocks, `FROM_DATA` for data in the page (JSON-LD, a
            framework's state), `FROM_INNER_DOCUMENT`, or `FROM_TRAFILATURA` where that chose the
            blocks.
        characters: length of the text.
        body: characters of the body that JSON-LD gives, 0 without one.
        title: words of the page's headline.
    """

    origin: int
    characters: int
    body: int
    title: int


def page_signs(
    s: PageBlocks,
    rows: BlockFeatures,
    probabilities: Sequence[float],
    likely: Sequence[bool],
    kept: Sequence[bool],
    source: TextSource,
) -> tuple[float, ...]:
    """Return the signs of a page, in the order of `SIGNS`.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        probabilities: of each block to be article text.
        likely: for each block whether the classifier chose it.
        kept: for each block whether it is in the text, rules applied.
        source: where the text comes from.
    """
    words, sentences = rows.words, rows.sentences
    count = len(words)
    kept_at = [i for i in range(count) if kept[i] and words[i]]
    size = sum(words[i] for i in kept_at) or 1
    prose = sum(sentences[i] for i in kept_at) or 1.0
    everything = sum(words) or 1
    expected = sum(p * n for p, n in zip(probabilities, words, strict=True)) or 1e-9
    hits = sum(probabilities[i] * words[i] for i in kept_at)
    either = sum(
        n for p, n in zip(probabilities, words, strict=True) if _EITHER[0] < p < _EITHER[1]
    )
    first, last = (kept_at[0], kept_at[-1]) if kept_at else (0, count - 1)
    left = [i for i in range(count) if not kept[i] and words[i]]
    runs = _Runs.of(kept_at, words, sentences)
    edges = [i for i in kept_at if words[i] >= 3] or kept_at
    rated = dict(zip(rows.candidates, rows.rows, strict=True))
    kept_rows = [(words[i], rated[i]) for i in kept_at if i in rated]
    best_all = sum(sentences[i] for i, row in rated.items() if not row[_BEST_UP]) or 1.0
    best_own = sum(sentences[i] for i in kept_at if i in rated and not rated[i][_BEST_UP])
    boxes: dict[int, int] = {}
    for i in kept_at:
        box = s.parents[s.blocks[i].container] if s.blocks[i].container else 0
        boxes[box] = boxes.get(box, 0) + words[i]
    beside = sum(sentences[i] for i in left if _parent(s, i) in boxes)
    headlines = [i for i in range(count) if s.tags[s.blocks[i].container] == "h1"]
    orders = {rows.articles[s.blocks[i].container] for i in kept_at if sentences[i]}
    ends = [s.blocks[i].text.rstrip("\"'”’」』）)")[-1:] in ".!?。！？…" for i in edges[-1:]]
    values = (
        hits / size,
        hits / expected,
        2 * hits / (size + expected),
        math.log(size),
        math.log(everything),
        size / everything,
        prose / (sum(sentences) or 1.0),
        either / size,
        sum(words[i] for i in kept_at if probabilities[i] < _DOUBTFUL) / size,
        sum(words[i] for i in left if probabilities[i] > _LIKELY) / size,
        sum(words[i] for i in left if likely[i]) / size,
        sum(words[i] for i in kept_at if not likely[i]) / size,
        runs.number,
        runs.largest / size,
        runs.holes / prose,
        runs.largest_hole / prose,
        beside / prose,
        _mean_odds(probabilities, edges[:_EDGE]),
        _mean_odds(probabilities, edges[-_EDGE:]),
        _mean_odds(probabilities, [i for i in left if i < first][-_EDGE:]),
        _mean_odds(probabilities, [i for i in left if i > last][:_EDGE]),
        sum(sentences[:first]) / prose,
        sum(sentences[last + 1 :]) / prose,
        max((sentences[i] for i in left), default=0.0) / prose,
        len(headlines),
        sum(first < i < last for i in headlines),
        s.tags.count("article"),
        len(orders),
        first - rows.title if rows.title >= 0 else -20,
        source.title,
        best_own / prose,
        best_own / best_all,
        len(boxes),
        sum(n * row[_LINK_SHARE] for n, row in kept_rows) / size,
        sum(row[_LINK_SHARE] > 0.8 for _, row in kept_rows) / (len(kept_rows) or 1),
        sum(words[i] < _SHORT_LINE for i in kept_at) / (len(kept_at) or 1),
        prose / size,
        1.0 if any(ends) else 0.0,
        math.log(source.characters / source.body) if source.body and source.characters else 9.0,
        _body_share(kept_rows) if source.body else 2.0,
        sum(n for n, row in kept_rows if row[_COPIES] > 1) / size,
        sum(words[i] for i in kept_at if s.hidden[s.blocks[i].container]) / size,
        min((probabilities[i] for i in range(count) if likely[i]), default=0.0),
        source.origin,
        1.0 if rows.cjk else 0.0,
    )
    return tuple(round(float(value), 5) for value in values)


def _parent(s: PageBlocks, i: int) -> int:
    element = s.blocks[i].container
    return s.parents[element] if element else 0


def _log_odds(probability: float) -> float:
    held = min(max(probability, 1e-9), 1 - 1e-9)
    return min(max(math.log(held / (1 - held)), -_CERTAIN), _CERTAIN)


def _mean_odds(probabilities: Sequence[float], at: Sequence[int]) -> float:
    """Return the mean log-odds of some blocks."""
    return sum(_log_odds(probabilities[i]) for i in at) / len(at) if at else -_CERTAIN


def _body_share(kept: Sequence[tuple[int, Sequence[float]]]) -> float:
    """Return the share of the kept words that the body in JSON-LD has too."""
    told = [(n, row[_IN_JSON]) for n, row in kept if row[_IN_JSON]]
    return sum(n for n, there in told if there > 0) / (sum(n for n, _ in told) or 1)


class _Runs(NamedTuple):
    """The stretches of kept blocks that cut prose parts.

    Attributes:
        number: how many there are.
        largest: words of the largest.
        holes: words of sentences between them.
        largest_hole: those of the largest hole.
    """

    number: int
    largest: int
    holes: float
    largest_hole: float

    @classmethod
    def of(cls, kept: Sequence[int], words: Sequence[int], sentences: Sequence[float]) -> _Runs:
        number, run, largest, holes, largest_hole = 0, 0, 0, 0.0, 0.0
        before = -1
        for i in kept:
            hole = sum(sentences[before + 1 : i]) if before >= 0 else 0.0
            cut = sum(words[before + 1 : i]) if before >= 0 else 0
            if before < 0 or hole >= _SHORT_LINE or cut >= 3 * _SHORT_LINE:
                number, run = number + 1, 0
            holes, largest_hole = holes + hole, max(largest_hole, hole)
            run += words[i]
            largest = max(largest, run)
            before = i
        return cls(number, largest, holes, largest_hole)


@record
class ConfidenceModel:
    """Turns the signs of a page into a confidence.

    Attributes:
        trees: boosted trees over the signs.
        least: rising probabilities of the trees from which each step but the first holds.
        told: the confidence of each step, 0 to 1.
        usual: value of each sign on pages that are read well.
    """

    trees: Model
    least: tuple[float, ...]
    told: tuple[float, ...]
    usual: tuple[float, ...]

    def confidence(self, signs: Sequence[float]) -> float:
        """Return the share of held-out pages with such signs whose text is right.

        Args:
            signs: of the page, in the order of `SIGNS`.
        """
        return self._told(self.trees.score([signs])[0])

    def _told(self, probability: float) -> float:
        return self.told[bisect_right(self.least, probability)]

    def doubts(self, signs: Sequence[float], most: int = 3) -> tuple[str, ...]:
        """Return what lowers the confidence, the heaviest first; () where it is the highest told.

        A sign's weight is by how much the log-odds rise where its usual value takes its place.

        Args:
            signs: of the page, in the order of `SIGNS`.
            most: how many phrases at most.
        """
        probability = self.trees.score([signs])[0]
        if self._told(probability) == self.told[-1]:
            return ()
        base = _log_odds(probability)
        changed = [[*signs[:i], usual, *signs[i + 1 :]] for i, usual in enumerate(self.usual)]
        weights: dict[str, float] = {}
        for sign, score in zip(SIGNS, self.trees.score(changed), strict=True):
            gain = _log_odds(score) - base
            if sign.phrase and gain > _WEIGHTY:
                weights[sign.phrase] = weights.get(sign.phrase, 0.0) + gain
        return tuple(sorted(weights, key=weights.__getitem__, reverse=True)[:most])


# Log-odds below which a sign's part in a low confidence is not worth a word.
_WEIGHTY: Final = 0.1


def load_confidence(raw: Mapping[str, Any]) -> ConfidenceModel:
    """Return the model that a JSON object describes: features, trees, steps, usual.

    A step is ``[least probability, confidence told]``.

    Raises:
        ValueError: it was trained on other signs than `SIGNS`.
    """
    names = tuple(sign.name for sign in SIGNS)
    if tuple(raw["features"]) != names:
        raise ValueError(
            "confidence.json was trained on other signs: run python -m tests.training --confidence"
        )
    return ConfidenceModel(
        trees=load_trees(raw),
        least=tuple(float(least) for least, _ in raw["steps"][1:]),
        told=tuple(float(told) for _, told in raw["steps"]),
        usual=tuple(map(float, raw["usual"])),
    )


@cache
def default_confidence() -> ConfidenceModel:
    """Return the shipped model."""
    path = Path(__file__).with_name("confidence.json")
    return load_confidence(json.loads(path.read_text(encoding="utf-8")))
