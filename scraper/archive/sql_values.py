"""The one door for foreign values, and how times are written."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TypeVar, cast

from scraper.text.patterns import lazy_compile

__all__ = [
    "field_names",
    "from_utc_text",
    "storable",
    "storable_column",
    "storable_int",
    "storable_text",
    "utc_text",
    "utc_time",
]

T = TypeVar("T")

# Fields of `models.Article` that `scraper.archive.extractions` scrubs.
BLOCKS = frozenset({"kept", "removed"})
# Fields of `models.Attempt` that `scraper.archive.preparation` makes of what it has cleaned.
_MADE = frozenset({"prepared", "packed"})

# Values of these types are stored as they are; dates are written by `utc_text`.
_PLAIN = frozenset({bool, bytes, datetime, float, frozenset, type(None)})

_UNSTORABLE = lazy_compile("[\x00\ud800-\udfff]")
_LARGEST = 2**63 - 1


def storable_column(column: list[str]) -> list[str]:
    """Return texts, each scrubbed; it costs little where there is nothing to scrub."""
    whole = "".join(column)
    if (whole.isascii() and "\0" not in whole) or not _UNSTORABLE.search(whole):
        return column
    return [storable_text(text) for text in column]


def storable_text(text: str) -> str:
    """Return `text` without what SQLite cannot hold as text: lone surrogates and NUL."""
    return _UNSTORABLE.sub("\ufffd", text)


def storable_int(number: int) -> int:
    """Return `number` brought into SQLite's range of 64 bits."""
    return max(-_LARGEST, min(_LARGEST, number))


def storable(record: T, *, but: Collection[str] = ()) -> T:
    """Return a record with `storable_text` and `storable_int` applied to all its values but bytes.

    All foreign text that enters the archive passes through here. The blocks of a page, hundreds of
    short texts, are cleaned where they are compressed, a column at a time.

    Args:
        record: a frozen dataclass, or any value.
        but: its fields that have passed through already.
    """
    return cast(T, _clean(record, but))


def _clean(value: object, but: Collection[str] = ()) -> object:
    """Return `value` itself where nothing has to change, which is nearly always."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else storable_text(value)
    if isinstance(value, int):  # bool among them
        return value if -_LARGEST <= value <= _LARGEST else storable_int(value)
    if isinstance(value, tuple):
        items = [_clean(item) for item in value]
        same = all(map(operator.is_, items, value))
        return value if same else tuple(items)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for name in field_names(type(value)):
            if name in BLOCKS or name in _MADE or name in but:
                continue
            old = getattr(value, name)
            if not old:
                continue
            new = _clean(old)
            if new is not old:
                changed[name] = new
        return replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """Return the names of a record's fields; `dataclasses.fields` is slow to ask each time."""
    return tuple(field.name for field in fields(kind))


# Equal times have one text, whatever their zones; an attempt's is asked for again and again.
@lru_cache(maxsize=1024)
def utc_text(at: datetime) -> str:
    """Return a time as the archive stores it: UTC, ISO 8601, whole seconds.

    Raises:
        ValueError: the time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at}")
    # Not `strftime`: it writes a year below 1000 in three digits, which nothing reads back.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def utc_time(text: str) -> datetime:
    """Return the time that `utc_text` wrote to a column that is not null."""
    return datetime.fromisoformat(text)


def from_utc_text(text: str | None) -> datetime | None:
    """Return the time that `utc_text` wrote."""
    return datetime.fromisoformat(text) if text else None
