"""A cache of byte strings bounded by their size: pages have a kilobyte, or twenty megabytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, KeysView
from typing import Generic, TypeVar

__all__ = ["ByteCache"]

K = TypeVar("K", bound=Hashable)


class ByteCache(Generic[K]):
    """Byte strings by key, of which those that were asked for last are kept.

    Args:
        most: bytes that all values together may have; a value that has more is not kept.
        entries: values that may be kept.
    """

    def __init__(self, most: int, entries: int) -> None:
        self._most = most
        self._entries = entries
        self._held = 0
        self._values: OrderedDict[K, bytes] = OrderedDict()

    def get(self, key: K) -> bytes | None:
        """Return the value of a key, or None where it is not kept."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: bytes) -> None:
        """Keep a value, and let those go that were not asked for longest."""
        self.drop(key)
        if len(value) > self._most:
            return
        self._values[key] = value
        self._held += len(value)
        while self._held > self._most or len(self._values) > self._entries:
            self._held -= len(self._values.popitem(last=False)[1])

    def drop(self, key: K) -> None:
        """Let a value go, if it is kept."""
        self._held -= len(self._values.pop(key, b""))

    def keys(self) -> KeysView[K]:
        """Return the keys of what is kept."""
        return self._values.keys()

    def clear(self) -> None:
        """Let everything go."""
        self._values.clear()
        self._held = 0
