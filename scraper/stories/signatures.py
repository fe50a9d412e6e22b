"""Signatures of texts: which earlier texts share passages with one, found by an index.

One-permutation MinHash (Li, Owen, Zhang, "One Permutation Hashing", NIPS 2012) with bands (Broder;
Indyk and Motwani) finds texts that are alike as wholes; a sample of shingles, the same for all
texts, finds a short text within a long one. Every find is verified on the texts themselves.
Folding makes the two Chinese scripts one.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable, Iterator, Set
from typing import NamedTuple
from zlib import crc32

from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["Overlap", "Signature", "overlap", "passages", "shingles", "sign"]

_TOKEN = lazy_compile("[a-z0-9]+|[\u3400-\u9fff]")
_SHINGLE = 5
# Characters of a text that are compared.
_LONGEST = 60_000
_BINS, _BAND = 64, 2
_SAMPLED, _MOST_SAMPLED = 2**32 // 16, 24
_MIX = 0x9E3779B1
_LARGEST = 2**32 - 1


class Signature(NamedTuple):
    """A text's signature.

    Attributes:
        size: number of its shingles.
        keys: keys of the index under which the text stands: bands and sampled shingles.
    """

    size: int
    keys: tuple[int, ...]


class Overlap(NamedTuple):
    """What two texts share.

    Attributes:
        containment: share of the shorter text's shingles that the other has.
        jaccard: share of all their shingles that both have.
    """

    containment: float
    jaccard: float


def shingles(text: str) -> set[int]:
    """Return the hashes of the text's sequences of five tokens (a word, or a Chinese character).

    A text of fewer tokens has none.
    """
    tokens = [token.encode() for token in _TOKEN.findall(fold(text[:_LONGEST]))]
    last = len(tokens) - _SHINGLE + 1
    return {crc32(b" ".join(tokens[at : at + _SHINGLE])) for at in range(last)}


def passages(text: str) -> set[tuple[str, ...]]:
    """Return the text's sequences of five tokens themselves, which verify a find."""
    tokens = _TOKEN.findall(fold(text[:_LONGEST]))
    return set(zip(*(tokens[at:] for at in range(_SHINGLE)), strict=False))


def sign(found: set[int]) -> Signature:
    """Return the signature of a text's shingles."""
    bins: list[int] = [_LARGEST + 1] * _BINS
    sampled = []
    for shingle in found:
        mixed = shingle * _MIX & _LARGEST
        number, value = mixed % _BINS, mixed // _BINS
        bins[number] = min(bins[number], value)
        if mixed < _SAMPLED:
            sampled.append(mixed)
    keys = [*_bands(bins), *(_key(_BINS, value) for value in sorted(sampled)[:_MOST_SAMPLED])]
    return Signature(len(found), tuple(dict.fromkeys(keys)))


def _bands(bins: list[int]) -> Iterator[int]:
    for start in range(0, _BINS, _BAND):
        band = bins[start : start + _BAND]
        if max(band) <= _LARGEST:
            yield _key(start, crc32(struct.pack("<2I", *band)))


def _key(number: int, value: int) -> int:
    """Return a key of a band or of the sample; keys of different bands are never equal."""
    return number << 32 | value


def overlap(one: Set[Hashable], other: Set[Hashable]) -> Overlap:
    """Return what two texts share, by their shingles or passages."""
    both = len(one & other)
    if not both:
        return Overlap(0.0, 0.0)
    return Overlap(both / min(len(one), len(other)), both / (len(one) + len(other) - both))
