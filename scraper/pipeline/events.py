"""What a pass tells of as it happens, and what became of a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from scraper.models import Attempt, Recorded

__all__ = ["BY_HAND", "Event", "Outcome", "utcnow"]

# The name under which addresses that no source showed are counted.
BY_HAND = "(by hand)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a user may want to see as it happens.

    Attributes:
        kind: ``visit`` (a source was read) or ``link`` (a link was settled).
        source: name of the source.
        url: address of the source or link.
        outcome: ``ok`` or ``failed`` for a visit; kept, unchanged, rejected, failed for a link.
        detail: why, in words.
        expected: for a visit, the number of links that will be settled because of it.
    """

    kind: str
    source: str
    url: str
    outcome: str
    detail: str = ""
    expected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one link."""

    attempt: Attempt
    recorded: Recorded


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
