"""How what is expected is held against what came out. Each function returns what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["moment", "names", "same_time", "squash", "words"]


def squash(text: str | None) -> str:
    """Return a text without its white space; "" for None."""
    return re.sub(r"\s+", "", text or "")


def moment(text: str | None) -> datetime | None:
    """Return the moment that ISO 8601 tells, or None for "" and None."""
    return datetime.fromisoformat(text) if text else None


def same_time(want: str | None, have: datetime | None) -> bool:
    """Return whether a moment is the expected one, to the minute.

    Args:
        want: in ISO 8601: a day alone is compared with the day in the zone of `have`, a time
            without a zone with its local time; None where no time is to be known.
        have: what came out.
    """
    if want is None or have is None:
        return want is None and have is None
    if len(want) == len("2026-11-20"):
        return have.isoformat()[:10] == want
    wanted = datetime.fromisoformat(want)
    if wanted.tzinfo is None:
        return _minute(have.replace(tzinfo=None)) == _minute(wanted)
    if have.tzinfo is None:
        return False
    return _minute(have.astimezone(UTC)) == _minute(wanted.astimezone(UTC))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def names(value: str | Iterable[str]) -> list[str]:
    """Return names without their white space; a single string is one name."""
    return [squash(name) for name in ([value] if isinstance(value, str) else value)]


def words(expect: Mapping[str, Any], text: str, suffix: str = "") -> list[str]:
    """Return which of the strings that must be in a text, or must not be, are wrong.

    Args:
        expect: has them under ``must`` and ``must_not``.
        text: compared without white space.
        suffix: of the two keys, such as ``_markdown``.
    """
    flat = squash(text)
    lost = [v for v in expect.get(f"must{suffix}", ()) if squash(v) not in flat]
    kept = [v for v in expect.get(f"must_not{suffix}", ()) if squash(v) in flat]
    return [f"lost{suffix}: {v}" for v in lost] + [f"kept{suffix}: {v}" for v in kept]
