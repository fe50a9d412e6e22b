"""Compiled regular expressions, kept between runs beside the byte code of this module.

To compile the expressions that one page needs takes as long as to read it. Python keeps byte code
between runs, but not these; what its compiler made of an expression is kept here in the same way
and place, and only where it keeps byte code. Nothing is believed of a file but what this very
release of Python wrote, whole.
"""

from __future__ import annotations

import atexit
import marshal
import os
import re
import sys
from array import array
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, TypeAlias, cast

__all__ = ["compiled", "keep_compiled"]

# What `_sre.compile` takes: flags, code, number of groups, groups by name, names by group.
_Parts: TypeAlias = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
_Key: TypeAlias = tuple[str, int]

# A file of more is begun anew: expressions of old releases stay in it.
_MOST_BYTES = 16 * 1024 * 1024
_MOST = 10_000
# Flags whose expressions depend on more than themselves, or print.
_NOT_KEPT = re.LOCALE | re.DEBUG
# A file begins with the hash of the rest.
_HASH_BYTES = 32

_kept: dict[_Key, _Parts] | None = None
_new: set[_Key] = set()


def compiled(pattern: str, flags: int) -> re.Pattern[str]:
    """Return a compiled expression, as `re.compile` does.

    Args:
        pattern, flags: likewise.

    Raises:
        re.error: the pattern is wrong.
    """
    global _kept
    if _kept is None:
        _kept = _read()
    parts = _kept.get((pattern, flags))
    if parts is not None:
        try:
            return _built(pattern, parts)
        except (RuntimeError, TypeError, ValueError, OverflowError):
            del _kept[pattern, flags]
    made = re.compile(pattern, flags)
    if not flags & _NOT_KEPT and not sys.dont_write_bytecode:
        if not _new:
            # Workers end without it: what they need is needed by the process that they serve.
            atexit.register(keep_compiled)
        _new.add((pattern, int(flags)))
    return made


def keep_compiled() -> None:
    """Write what was compiled anew, where byte code is written; a process ends with it."""
    if not _new or sys.dont_write_bytecode:
        return
    found = {key: parts for key in _new if (parts := _parts(*key)) is not None}
    _new.clear()
    # Others may have written meanwhile.
    entries = _read() | found
    if not found or len(entries) > _MOST:
        entries = found
    content = marshal.dumps((_release(), entries))
    path = _path()
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(sha256(content).digest() + content)
        partial.replace(path)
    except OSError:
        # As with byte code: a program that others installed is read, not written.
        with suppress(OSError):
            partial.unlink()


def _path() -> Path:
    return Path(cache_from_source(__file__)).with_suffix(".patterns")


def _release() -> tuple[str, int]:
    return sys.version, int(import_module("_sre").MAGIC)


def _read() -> dict[_Key, _Parts]:
    """Return what is kept, nothing where the file is not whole or of another release."""
    try:
        with _path().open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, NotImplementedError):
        return {}
    digest, content = content[:_HASH_BYTES], content[_HASH_BYTES:]
    if len(content) > _MOST_BYTES - _HASH_BYTES or sha256(content).digest() != digest:
        return {}
    release, entries = marshal.loads(content)
    return cast("dict[_Key, _Parts]", entries) if release == _release() else {}


def _parts(pattern: str, flags: int) -> _Parts | None:
    """Return what an expression is built from, None where this release does it in another way."""
    try:
        compiler: Any = import_module("re._compiler")
        parsed = import_module("re._parser").parse(pattern, flags)
        names: list[str | None] = [None] * parsed.state.groups
        for name, number in parsed.state.groupdict.items():
            names[number] = name
        parts = (
            int(flags | parsed.state.flags),
            array("I", compiler._code(parsed, flags)).tobytes(),
            parsed.state.groups - 1,
            dict(parsed.state.groupdict),
            tuple(names),
        )
        # Expressions are equal when their code is.
        return parts if _built(pattern, parts) == re.compile(pattern, flags) else None
    except (ImportError, AttributeError, TypeError, ValueError, OverflowError, RuntimeError):
        return None


def _built(pattern: str, parts: _Parts) -> re.Pattern[str]:
    flags, code, groups, index, names = parts
    build = import_module("_sre").compile
    made: re.Pattern[str] = build(pattern, flags, array("I", code).tolist(), groups, index, names)
    return made
