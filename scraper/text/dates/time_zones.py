"""Time zones by their names, also those that POSIX writes as a rule (``CST-8``)."""

from __future__ import annotations

import io
import struct
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["is_named_zone", "time_zone"]

_LONGEST = 100
# Counts of a TZif file (RFC 8536, 3.1): a single type of local time and its four letters, no
# changes, so that the rule in the footer holds at all times.
_HEAD = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 4)
_ONLY_TYPE = struct.pack(">lBB", 0, 0, 0) + b"UTC\0"


def is_named_zone(name: str) -> bool:
    """Return whether a name is one of the IANA database."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def time_zone(name: str) -> tzinfo:
    """Return a zone by its IANA name or by what POSIX lets TZ be, ``EST5EDT,M3.2.0,M11.1.0``.

    Raises:
        ValueError: it is neither.
    """
    if is_named_zone(name):
        return ZoneInfo(name)
    rule = name.encode("ascii", "replace")
    if not name or len(name) > _LONGEST or b"\n" in rule:
        raise ValueError(f"{name[:_LONGEST]} is not a time zone")
    part = _HEAD + _ONLY_TYPE
    return ZoneInfo.from_file(io.BytesIO(part + part + b"\n" + rule + b"\n"), key=name)
