"""What the reader is told about an exception in Datasette: a status and a message.

Datasette 0.65 checks few of its parameters: `_timelimit=x` ends in a ValueError, `_sort=x` in an
error of status 500. The archive is only read here and Datasette runs no code from the request, so
an exception within Datasette about a value of the wrong form is the request's fault.
"""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

import datasette
from datasette.database import QueryInterrupted
from datasette.views.base import DatasetteError

__all__ = ["error_message", "error_status"]

_DATASETTE = Path(datasette.__file__).parent
_OURS = Path(__file__).parent.parent

# What Python raises about a value of the wrong form, as int("x") or row[9] does.
_WRONG_VALUES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
# SQLite's codes for a statement or value that it refuses (https://sqlite.org/rescode.html); all
# other codes are about the file or the machine.
_WRONG_STATEMENTS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_AUTH,
    }
)


def error_status(error: Exception) -> int:
    """Return the HTTP status of an exception: 500 only where the fault is not the request's."""
    status = getattr(error, "status", 500)
    if not isinstance(status, int):
        status = 500
    if status < 500:
        return status
    # Datasette's own error has the default status only if a request caused it.
    if isinstance(error, DatasetteError | QueryInterrupted):
        return 400
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        # Python's own checks, such as that of the number of bound values, have no code.
        own_check = code is None and isinstance(error, sqlite3.ProgrammingError)
        return 400 if own_check or code in _WRONG_STATEMENTS else 500
    return 400 if isinstance(error, _WRONG_VALUES) and _raised_in_datasette(error) else 500


def error_message(error: Exception) -> str:
    """Return the message about a refused request, as plain text."""
    if isinstance(error, DatasetteError):
        if error.message_is_html:  # the only message that Datasette writes as HTML
            return "The query took too long: ask for fewer rows, or for something more specific."
        return str(error.message)
    if isinstance(error, QueryInterrupted):
        return "The query took too long: ask for fewer rows, or for something more specific."
    if hasattr(error, "status"):
        return str(error)
    return f"Datasette cannot answer this address: {error}"


def _raised_in_datasette(error: Exception) -> bool:
    """Return whether Datasette raised an exception, rather than code of ours that it called."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_DATASETTE):
            return True
        if path.is_relative_to(_OURS):
            return False
    return False
