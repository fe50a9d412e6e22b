"""The daemon's log: one event per line, safe against text from the web."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from scraper.cli.output import strip_controls

__all__ = ["JsonLines", "Lines", "OncePerHour", "log_to"]

_FILE_BYTES, _FILES = 10 * 1024 * 1024, 5
_HOUR = 3600.0
_REMEMBERED = 1000
# journald's priorities (sd-daemon(3)).
_PRIORITY = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def _said(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text += f" ({type(error).__name__}: {error})"
    return " ".join(strip_controls(text).split())


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Lines(logging.Formatter):
    """Time, level, event; under systemd the priority instead, since the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line without control characters and line breaks."""
        if "JOURNAL_STREAM" in os.environ:
            return f"<{_PRIORITY.get(record.levelname, 6)}>{_said(record)}"
        return f"{_moment(record)} {record.levelname:<7} {_said(record)}"


class JsonLines(logging.Formatter):
    """The same fields as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        event = {
            "schema": "scraper/log/1",
            "at": _moment(record),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": _said(record),
        }
        return json.dumps(event, ensure_ascii=False)


class OncePerHour(logging.Filter):
    """Passes the same warning once an hour, then with the number of repetitions.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write a record."""
        if record.levelno < logging.WARNING:
            return True
        text, now = record.getMessage(), self._clock()
        first, times = self._seen.pop(text, (-_HOUR, 0))
        if now - first < _HOUR:
            self._seen[text] = (first, times + 1)
            return False
        self._seen[text] = (now, 0)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        if times:
            record.msg, record.args = f"{text} (and {times} more times within the hour)", ()
        return True


def log_to(file: Path | None, *, quiet: bool, verbose: bool) -> None:
    """Send the log to standard error, or to a file of JSON lines.

    Args:
        file: file, rotated at 10 MB with five kept; None for standard error.
        quiet: whether to write failures only.
        verbose: whether to write everything.
    """
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines())
    else:
        handler = RotatingFileHandler(
            file, maxBytes=_FILE_BYTES, backupCount=_FILES - 1, encoding="utf-8"
        )
        handler.setFormatter(JsonLines())
    handler.addFilter(OncePerHour())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.getLogger("scraper").setLevel(level)
