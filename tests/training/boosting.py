"""Trains the block classifier and writes it as data (needs lightgbm and numpy)."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np

from scraper.extraction.features import FEATURES

__all__ = ["COMMON", "ROUNDS", "export", "exported_trees", "train"]

ROUNDS = 300
# What the models of blocks and of boundaries have in common.
COMMON = {
    "objective": "binary",
    "learning_rate": 0.06,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
PARAMETERS = {
    **COMMON,
    "num_leaves": 30,
    "min_data_in_leaf": 50,
    "min_sum_hessian_in_leaf": 2.0,
    "feature_fraction": 0.35,
}
# After so many trees, blocks that can no longer matter are settled: those below all but one in a
# thousand of the blocks that end at a probability of `UNLIKELY` or more, and those above all but
# one in a thousand that end below `LIKELY`.
SETTLE_AFTER = (10, 25, 50, 90, 140)
UNLIKELY, LIKELY = 0.2, 0.8


def train(rows: Any, labels: Any, weights: Any) -> lightgbm.Booster:
    """Return boosted trees for rows of features, labels 0 or 1, and weights."""
    data = lightgbm.Dataset(rows, labels, weight=weights, feature_name=list(FEATURES))
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def _tree(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 5)
    if node["decision_type"] != "<=":
        raise ValueError(f"a split that is not exported: {node['decision_type']}")
    # Thresholds are rounded as features are stored: to single precision.
    threshold = float(f"{np.float32(node['threshold']):.7g}")
    return [
        node["split_feature"],
        threshold,
        _tree(node["left_child"]),
        _tree(node["right_child"]),
    ]


def exported_trees(booster: lightgbm.Booster) -> list[Any]:
    """Return the trees as `scraper.extraction.classifier.load_trees` reads them."""
    return [_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def _stages(booster: lightgbm.Booster, rows: Any) -> list[list[float]]:
    final = booster.predict(rows)
    stages = []
    for count in SETTLE_AFTER:
        odds = booster.predict(rows, num_iteration=count, raw_score=True)
        floor = np.quantile(odds[final >= UNLIKELY], 0.001)
        ceiling = np.quantile(odds[final < LIKELY], 0.999)
        stages.append([count, round(float(floor), 3), round(float(ceiling), 3)])
    return stages


def export(booster: lightgbm.Booster, rows: Any) -> dict[str, Any]:
    """Return the trees as what `scraper.extraction.classifier.load_model` reads.

    Args:
        rows: the rows that it was trained on, from which the stages' floors are taken.
    """
    return {
        "features": list(FEATURES),
        "stages": _stages(booster, rows),
        "trees": exported_trees(booster),
    }
