"""Regular expressions that are compiled when they are first used.

A thousand expressions take most of a second to compile, which each start would spend, though most
commands use few of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from scraper.text.compiled_patterns import compiled
from scraper.text.required_words import PatternIndex

__all__ = ["PatternTable", "lazy_compile"]


class _LazyPattern:
    """Stands for a compiled expression until one of its methods is asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        # Methods are kept on the instance: from the second call on they cost what those of a
        # compiled expression do.
        if name == "_compiled":
            self._compiled = compiled(self.pattern, self.flags)
            return self._compiled
        value = getattr(self._compiled, name)
        setattr(self, name, value)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return lazy_compile, (self.pattern, self.flags)


def lazy_compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return an expression that is compiled when one of its methods is first called.

    Args:
        pattern: as `re.compile` takes it.
        flags: likewise.

    Returns:
        What has the methods of `re.Pattern`; `re.error` is raised at the first use where the
        pattern is wrong.
    """
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))


class PatternTable(Mapping[str, Sequence[re.Pattern[str]]]):
    """A table of expressions by kind, compiled when first used.

    Args:
        table: kinds and their expressions.
        flags: as `re.compile` takes them, for all.
    """

    def __init__(self, table: Mapping[str, Sequence[str]], flags: int = 0) -> None:
        self._patterns = {
            kind: tuple(lazy_compile(expression, flags) for expression in expressions)
            for kind, expressions in table.items()
        }
        self._all = [(kind, one) for kind, some in self._patterns.items() for one in some]
        self._index: PatternIndex | None = None

    def possible(self, text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
        """Yield kinds and expressions, in order, but for those whose words a text does not hold."""
        if self._index is None:
            self._index = PatternIndex((one.pattern, one.flags) for _, one in self._all)
        may_match = self._index.may_match(text)
        if may_match:
            for at, pair in enumerate(self._all):
                if may_match >> at & 1:
                    yield pair

    def __getitem__(self, kind: str) -> Sequence[re.Pattern[str]]:
        return self._patterns[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._patterns)

    def __len__(self) -> int:
        return len(self._patterns)
