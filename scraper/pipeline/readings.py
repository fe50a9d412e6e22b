"""What was read from pages, as bytes: so that one machine reads what another writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from scraper.errors import ErrorClass, ExtractError, ScraperError
from scraper.models import Judgement, QuoteReading
from scraper.pipeline.judging import Rederived
from scraper.pipeline.parse import ParsedPage
from scraper.record import record

__all__ = ["Reading", "VersionReading", "dump_reading", "load_reading"]

T = TypeVar("T")


@record
class Reading:
    """What a worker read from a page of which nothing was learned before.

    Attributes:
        parsed: what was read, or None after an error.
        error: why nothing could be read, or None.
        judgement, quotes: of the article, or None: it is then judged later.
    """

    parsed: ParsedPage | None = None
    error: ScraperError | None = None
    judgement: Judgement | None = None
    quotes: QuoteReading | None = None


@record
class VersionReading:
    """What a worker read from the archived pages of a version.

    Attributes:
        made: what the version is by the code of today, or None after an error.
        error: why it can't be had from its pages, or None.
    """

    made: Rederived | None = None
    error: ScraperError | None = None


def dump_reading(reading: Reading | VersionReading) -> bytes:
    """Return a reading as JSON in ASCII, without the fields that have their defaults."""
    return json.dumps(_plain(reading), separators=(",", ":")).encode()


def load_reading(data: bytes, kind: type[T]) -> T:
    """Return the reading that `dump_reading` wrote.

    Args:
        data: what it wrote.
        kind: what it was given: `Reading` or `VersionReading`.

    Raises:
        ValueError: it wrote no such thing.
    """
    try:
        found = _typed(kind, json.loads(data))
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError(f"no reading of a page: {error}") from None
    assert isinstance(found, kind)
    return found


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, ScraperError):
        return [str(value.error_class), value.message]
    if is_dataclass(value):
        named = [(field, getattr(value, field.name)) for field in fields(value)]
        return {
            field.name: _plain(one)
            for field, one in named
            if field.default is MISSING or one != field.default
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _typed(kind: Any, raw: Any) -> Any:
    """Return what `_plain` was given, by its type."""
    origin = get_origin(kind)
    if raw is None or kind is Any:
        return raw
    if origin in (Union, UnionType):
        return _typed(next(one for one in get_args(kind) if one is not NoneType), raw)
    if origin is tuple:
        of = get_args(kind)
        if of[-1] is Ellipsis:
            return tuple([_typed(of[0], one) for one in raw])
        return tuple([_typed(one, value) for one, value in zip(of, raw, strict=True)])
    if origin is frozenset:
        return frozenset(raw)
    if origin is Mapping:
        return dict(raw)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        # Keys that are no field raise TypeError: it is another program's reading.
        return kind(**{name: _typed(hints.get(name), value) for name, value in raw.items()})
    if isinstance(kind, type) and issubclass(kind, ScraperError):
        return ExtractError(raw[1], error_class=ErrorClass(raw[0]))
    return datetime.fromisoformat(raw) if kind is datetime else raw


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
