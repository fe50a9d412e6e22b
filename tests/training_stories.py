"""Learns the weights of stories: `python -m tests.training_stories [--validate] [--without-model]`.

Pairs are weighed by a logistic regression over `scraper.stories.pairs.MEASURES`, joins by one over
the measures of `scraper.stories.grouping.Join`. The sets are those of `../shared/stories`, all with
one set of weights. `--validate` splits each set by story in two halves (stories of one `near` stay
together), learns on one and scores the other, twice, and writes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np

from scraper.stories.embedding import embed
from scraper.stories.features import StoryFeatures, read_terms, weigh
from scraper.stories.grouping import Join, JoinModel, group
from scraper.stories.pairs import inputs, is_other_edition, measure
from scraper.stories.rarity import Rarity

SHARED = Path(__file__).parent.parent.parent / "shared" / "stories"
MODEL = Path(__file__).parent.parent / "scraper" / "stories" / "model.json"
SETS = {"stream-dev": 2.0, "ecb-dev": 1.0, "wmt-dev": 1.0}
# Pairs of one story that count, so that no story outweighs the others; pairs apart for each.
_PAIRS, _APART = 60, 12
_RIDGE = 1.0
_JOIN_WEIGHT = 0.8
_LOWEST = 0.03
_STEPS = (0.5, 0.25)
# Share of twins that may be merged before it costs, and what the rest costs.
_TWINS, _TWIN_COST = 0.03, 0.5

sys.path.insert(0, str(SHARED))


class LabelledSet:
    """The articles of one set with the measures of all their pairs.

    Args:
        name: of the file.
        embeddings: whether the optional model takes part.
    """

    def __init__(self, name: str, *, embeddings: bool) -> None:
        self.name = name
        with gzip.open(SHARED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            self.rows = [json.loads(line) for line in lines]
        terms = [read_terms(row["title"], row.get("text", "")) for row in self.rows]
        rarity = Rarity()
        for one in terms:
            rarity.add(one.counted())
        found = [weigh(one, rarity) for one in terms]
        if embeddings:
            titles = embed([t.title for t in terms])
            leads = embed([f"{t.title}\n{t.lead}" if t.has_text else t.title for t in terms])
            found = [
                replace(f, embedding_title=t, embedding_lead=lead)
                for f, t, lead in zip(found, titles, leads, strict=True)
            ]
        self.features: list[StoryFeatures] = found
        self.stories = [row["cluster"] for row in self.rows]
        self.texts = {i for i, f in enumerate(found) if f.has_text}
        size = len(found)
        self.left, self.right = np.triu_indices(size, 1)
        self.names: list[str] = []
        self._measure()

    def _measure(self) -> None:
        columns: dict[str, int] = {}
        rows, cols, values = [], [], []
        vetoed = set()
        for k, (i, j) in enumerate(zip(self.left.tolist(), self.right.tolist(), strict=True)):
            one, other = self.features[i], self.features[j]
            for name, value in inputs(one, other, measure(one, other)).items():
                if value:
                    rows.append(k)
                    cols.append(columns.setdefault(name, len(columns)))
                    values.append(value)
            if is_other_edition(one, other):
                vetoed.add((i, j))
        self.names = list(columns)
        self.matrix = np.zeros((len(self.left), len(columns)), dtype=np.float32)
        self.matrix[rows, cols] = values
        self.vetoed = vetoed

    def aligned(self, names: Sequence[str]) -> np.ndarray:
        """Return the measures of all pairs with the columns `names`."""
        out = np.zeros((len(self.left), len(names)), dtype=np.float32)
        for at, name in enumerate(names):
            if name in self.names:
                out[:, at] = self.matrix[:, self.names.index(name)]
        return out


def logistic(x: np.ndarray, y: np.ndarray, w: np.ndarray, ridge: float) -> np.ndarray:
    """Return weights and bias of a logistic regression by Newton's method, on scaled columns."""
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    a = np.c_[(x - mean) / deviation, np.ones(len(x))]
    beta = np.zeros(a.shape[1])
    penalty = np.full(a.shape[1], ridge)
    penalty[-1] = 1e-6
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(a @ beta, -30, 30)))
        gradient = a.T @ (w * (p - y)) + penalty * beta
        hessian = (a * (w * p * (1 - p) + 1e-9)[:, None]).T @ a + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    weights = beta[:-1] / deviation
    return np.r_[weights, beta[-1] - weights @ mean]


class Learner:
    """Learns from parts of the sets.

    Args:
        sets: all sets.
        seed: of the choice of pairs.
    """

    def __init__(self, sets: Sequence[LabelledSet], seed: int = 0) -> None:
        self.sets = sets
        self.names = sorted({name for s in sets for name in s.names})
        self.matrices = [s.aligned(self.names) for s in sets]
        self.random = np.random.default_rng(seed)

    def pairs(self, parts: Sequence[set[int]]) -> np.ndarray:
        """Learn the weights of pairs from the articles `parts` of each set."""
        xs, ys, ws = [], [], []
        for s, matrix, part in zip(self.sets, self.matrices, parts, strict=True):
            inside = np.zeros(len(s.rows), bool)
            inside[list(part)] = True
            usable = np.flatnonzero(inside[s.left] & inside[s.right])
            same = np.array([s.stories[s.left[k]] == s.stories[s.right[k]] for k in usable])
            count: Counter[str] = Counter()
            chosen = []
            for k in self.random.permutation(usable[same]):
                story = s.stories[s.left[k]]
                if count[story] < _PAIRS:
                    count[story] += 1
                    chosen.append(k)
            apart = usable[~same]
            # Those that look alike teach most.
            columns = [self.names.index(n) for n in ("pivot_lead", "own_text", "entities")]
            near = matrix[apart][:, columns].sum(1)
            if "embedding_title" in self.names:
                near = near + matrix[apart][:, self.names.index("embedding_title")]
            hard = apart[np.argsort(-near)[: _APART * len(chosen)]]
            other = self.random.choice(apart, min(len(apart), _APART * len(chosen)), replace=False)
            rows = np.unique(np.concatenate([chosen, hard, other]).astype(int))
            xs.append(matrix[rows])
            ys.append(np.isin(rows, chosen).astype(float))
            ws.append(np.full(len(rows), SETS[s.name] * 1000 / len(rows)))
        return logistic(np.vstack(xs), np.concatenate(ys), np.concatenate(ws), _RIDGE)

    def probabilities(
        self, at: int, weights: np.ndarray, part: set[int]
    ) -> dict[tuple[int, int], float]:
        """Return the probabilities of the pairs of a part of a set, unlikely ones left out."""
        s, matrix = self.sets[at], self.matrices[at]
        logits = np.clip(matrix @ weights[:-1] + weights[-1], -30, 30)
        p = 1 / (1 + np.exp(-logits))
        inside = np.zeros(len(s.rows), bool)
        inside[list(part)] = True
        keep = np.flatnonzero(inside[s.left] & inside[s.right] & (p > _LOWEST))
        return {(int(s.left[k]), int(s.right[k])): float(p[k]) for k in keep}

    def joins(self, parts: Sequence[set[int]], weights: np.ndarray) -> JoinModel:
        """Learn the weights of joins: pairs of each half are judged by the other half's weights."""
        halves = [split(s, part, 100) for s, part in zip(self.sets, parts, strict=True)]
        learned = [self.pairs([h[k] for h in halves]) for k in (0, 1)]
        seen: list[tuple[list[float], float, float]] = []
        model: Callable[[Join], float] = lambda join: join.link + 2.5  # noqa: E731
        for _ in range(2):
            for at, s in enumerate(self.sets):
                trials = [(halves[at][k], learned[1 - k]) for k in (0, 1)]
                for part, w in [*trials, (parts[at], weights)]:
                    seen += self._record(s, part, self.probabilities(at, w, part), model)
            x = np.array([row for row, _, _ in seen])
            y = np.array([float(share > 0.5) for _, share, _ in seen])
            w = np.array([weight for _, _, weight in seen])
            beta = logistic(x, y, w * 1000 / w.sum(), 0.3)
            model = JoinModel(
                bias=float(beta[-1]), link=float(beta[0]), single=float(beta[1]),
                single_texts=float(beta[2]), texts=float(beta[3]), looser=float(beta[4]),
            )  # fmt: skip
        assert isinstance(model, JoinModel)
        return self._refined(model, parts, weights, halves, learned)

    def _refined(
        self,
        model: JoinModel,
        parts: Sequence[set[int]],
        weights: np.ndarray,
        halves: Sequence[tuple[set[int], set[int]]],
        learned: Sequence[np.ndarray],
    ) -> JoinModel:
        """Move the weights of joins step by step while the scores that count get better.

        What a join is worth depends on all others, which a regression over joins cannot see.
        """
        trials = []
        for at, s in enumerate(self.sets):
            judged = [(halves[at][k], learned[1 - k]) for k in (0, 1)]
            for part, w in [*judged, (parts[at], weights)]:
                trials.append((s, part, self.probabilities(at, w, part)))

        def total(candidate: JoinModel) -> float:
            worth = 0.0
            for s, part, pairs in trials:
                groups = group(part, pairs, candidate, with_text=s.texts, vetoed=s.vetoed)
                worth += value(s, part, groups)
            return worth

        best = total(model)
        for step in _STEPS:
            for name, sign in product(asdict(model), (1, -1)):
                while True:
                    moved = replace(model, **{name: getattr(model, name) + sign * step})
                    if (worth := total(moved)) <= best + 1e-6:
                        break
                    model, best = moved, worth
        return model

    def _record(
        self,
        s: LabelledSet,
        part: set[int],
        pairs: dict[tuple[int, int], float],
        model: Callable[[Join], float],
    ) -> list[tuple[list[float], float, float]]:
        """Return the joins that a model would offer, with the share of their pairs that is right.

        Right ones are made, as they would be; wrong ones are not.
        """
        seen: dict[tuple[int, ...], tuple[list[float], float, float]] = {}

        def judge(join: Join) -> float:
            value = model(join)
            key = (*sorted(join.left), -1, *sorted(join.right))
            same = sum(s.stories[a] == s.stories[b] for a in join.left for b in join.right)
            size = len(join.left) * len(join.right)
            row = [join.link, join.single, join.single * join.texts, join.texts, join.looser]
            if value > -2.5:
                seen[key] = (row, same / size, SETS[s.name] * (1 + size) ** _JOIN_WEIGHT)
            return value + 2.5 if same / size > 0.5 else -1.0

        group(part, pairs, judge, with_text=s.texts, vetoed=s.vetoed)
        total = len(seen) + 50
        return [(row, share, weight * 100 / total) for row, share, weight in seen.values()]


def split(s: LabelledSet, part: set[int], seed: int) -> tuple[set[int], set[int]]:
    """Split a part of a set by story in two halves of like sizes; `near` stories stay together."""
    random = np.random.default_rng(seed)
    kin: dict[str, list[int]] = defaultdict(list)
    for i in sorted(part):
        kin[s.rows[i].get("near") or s.stories[i]].append(i)
    ordered = sorted(kin.values(), key=lambda members: (-len(members), random.random()))
    halves: tuple[set[int], set[int]] = (set(), set())
    for start in range(0, len(ordered), 2):
        order = random.permutation(2)
        for at, members in zip(order, ordered[start : start + 2], strict=False):
            halves[at].update(members)
    return halves


def _bcubed(s: LabelledSet, part: set[int], groups: Sequence[Sequence[int]], own: int) -> float:
    """Return B-cubed F1; with `own` 1, over the articles that stand beside another."""
    gold: dict[str, set[int]] = defaultdict(set)
    for i in part:
        gold[s.stories[i]].add(i)
    precision, recall = [], []
    for members in groups:
        guess = set(members)
        for i in members:
            right = gold[s.stories[i]]
            both = len(guess & right) - own
            if len(guess) > own:
                precision.append(both / (len(guess) - own))
            if len(right) > own:
                recall.append(both / (len(right) - own))
    p, r = sum(precision) / max(1, len(precision)), sum(recall) / max(1, len(recall))
    return 2 * p * r / (p + r) if p + r else 0.0


def value(s: LabelledSet, part: set[int], groups: Sequence[Sequence[int]]) -> float:
    """Return what a grouping is worth: B-cubed, pairs of two languages, twins kept apart."""
    if s.name.startswith("stream"):
        return _bcubed(s, part, groups, 1) + 0.3 * _two_languages(s, part, groups)
    worth = _bcubed(s, part, groups, 0)
    if s.name.startswith("ecb"):
        kin: dict[str, Counter[str]] = defaultdict(Counter)
        for i in part:
            kin[s.rows[i]["near"]][s.stories[i]] += 1
        twins = sum(_apart(list(counts.values())) for counts in kin.values())
        merged = 0
        for members in groups:
            inside: dict[str, Counter[str]] = defaultdict(Counter)
            for i in members:
                inside[s.rows[i]["near"]][s.stories[i]] += 1
            merged += sum(_apart(list(counts.values())) for counts in inside.values())
        worth -= _TWIN_COST * max(0.0, merged / max(1, twins) - _TWINS)
    return worth


def _apart(sizes: Sequence[int]) -> int:
    """Return the number of pairs whose ends are in different groups of these sizes."""
    return (sum(sizes) ** 2 - sum(size * size for size in sizes)) // 2


def _two_languages(s: LabelledSet, part: set[int], groups: Sequence[Sequence[int]]) -> float:
    told = hit = true = 0
    for members in groups:
        for a, b in combinations(members, 2):
            if s.rows[a]["lang"] != s.rows[b]["lang"]:
                told += 1
                hit += s.stories[a] == s.stories[b]
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    for i in part:
        languages[s.stories[i]][s.rows[i]["lang"]] += 1
    true = sum(_apart(list(counts.values())) for counts in languages.values())
    return 2 * hit / (told + true) if told + true else 0.0


def scored(s: LabelledSet, part: set[int], groups: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the scores of a grouping of a part of a set."""
    from score import score  # type: ignore[import-not-found]

    guess = {s.rows[i]["id"]: at for at, members in enumerate(groups) for i in members}
    return dict(score([s.rows[i] for i in sorted(part)], guess))


def line(s: LabelledSet, found: dict[str, Any]) -> str:
    """Return the figures that count for a set."""
    if s.name.startswith("stream"):
        return f"stream {found['grouped'][2]:.3f} two {found['two languages'][2]:.3f}"
    told = f"{s.name[:3]} {found['bcubed'][2]:.3f}"
    if "twins merged" in found:
        merged, twins = found["twins merged"]
        told += f" twins {merged / max(1, twins):.3f}"
    return told


def main() -> None:
    """Learn and write, or validate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--without-model", action="store_true")
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    sets = [LabelledSet(name, embeddings=not options.without_model) for name in SETS]
    learner = Learner(sets)
    whole = [set(range(len(s.rows))) for s in sets]
    if options.validate:
        sums: dict[str, list[float]] = defaultdict(list)
        for seed in range(options.seeds):
            halves = [split(s, part, seed) for s, part in zip(sets, whole, strict=True)]
            for k in (0, 1):
                mine = [h[k] for h in halves]
                weights = learner.pairs(mine)
                joins = learner.joins(mine, weights)
                told = []
                for at, s in enumerate(sets):
                    rest = halves[at][1 - k]
                    pairs = learner.probabilities(at, weights, rest)
                    groups = group(rest, pairs, joins, with_text=s.texts, vetoed=s.vetoed)
                    found = scored(s, rest, groups)
                    told.append(line(s, found))
                    for at2, word in enumerate(line(s, found).split()[1::2]):
                        sums[f"{s.name} {at2}"].append(float(word))
                print(seed, k, " | ".join(told), flush=True)
        print({name: (round(sum(v) / len(v), 3), round(min(v), 3)) for name, v in sums.items()})
        return
    weights = learner.pairs(whole)
    joins = learner.joins(whole, weights)
    told = json.loads(MODEL.read_text(encoding="utf-8")) if MODEL.exists() else {}
    told["plain" if options.without_model else "embeddings"] = {
        "pairs": {
            "bias": round(float(weights[-1]), 3),
            "weights": {
                n: round(float(w), 3) for n, w in zip(learner.names, weights, strict=False)
            },
        },
        "joins": {name: round(value, 3) for name, value in asdict(joins).items()},
    }
    MODEL.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for at, s in enumerate(sets):
        pairs = learner.probabilities(at, weights, whole[at])
        groups = group(whole[at], pairs, joins, with_text=s.texts, vetoed=s.vetoed)
        print(line(s, scored(s, whole[at], groups)))


if __name__ == "__main__":
    main()
