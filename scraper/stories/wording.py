"""What is known about the beginning of a story, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from scraper.stories.timeline import FirstReport, Lag

__all__ = ["describe_evidence", "describe_lag", "describe_span"]

_LANGUAGES = {"en": "English", "zh": "Chinese"}
# Measures of a pair that a reader can check, and what they are called.
_EVIDENCE = (
    ("entities", "names"), ("figures", "figures"), ("days", "days"), ("pivot_title", "headline"),
    ("pivot_text", "words"), ("embedding_title", "sense"),
)  # fmt: skip
_LEAST_EVIDENCE = 0.2


def describe_span(first: FirstReport, show: Callable[[datetime], str] | None = None) -> str:
    """Return when a story was first reported, as exactly as is known.

    Args:
        first: the first report.
        show: how times are written; None in UTC.
    """
    show = show or _time
    since, until = first.span.since, first.span.until
    if since is None:
        return f"not later than {show(until)}"
    return show(until) if since == until else f"between {show(since)} and {show(until)}"


def describe_lag(late: Lag) -> str:
    """Return how much later the second language reported than the first."""
    first, second = (_LANGUAGES.get(name, name) for name in (late.first, late.second))
    if late.least == late.most == timedelta(0):
        return f"{first} and {second} at the same time"
    if late.most is None:
        return f"{second} followed {first}, by how much is not known"
    if late.least is None or late.least < timedelta(0):
        return f"{second} followed {first} by at most {_duration(late.most)}, or came first"
    if late.least == late.most:
        return f"{second} followed {first} by {_duration(late.most)}"
    return f"{second} followed {first} by {_duration(late.least)} to {_duration(late.most)}"


def describe_evidence(measures: Mapping[str, float]) -> str:
    """Return the evidence of a pair that is easiest to check: ``names 1.00, days 0.71``."""
    return ", ".join(
        f"{word} {measures[key]:.2f}"
        for key, word in _EVIDENCE
        if measures.get(key, 0.0) >= _LEAST_EVIDENCE
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _duration(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"
