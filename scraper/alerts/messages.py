"""Messages in words and as JSON, and when one may be sent: functions of their arguments alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scraper.archive.alerts import Delivery
from scraper.cron import cron_line, hours
from scraper.models.alerts import AlertMessage, AlertRule, AlertSink
from scraper.text.patterns import lazy_compile

__all__ = [
    "EXPIRES_AFTER", "as_json", "as_text", "back_off", "delivery_of", "is_quiet", "signature",
    "title_of",
]  # fmt: skip

# A message that no attempt could deliver for so long is given up; the archive keeps it.
EXPIRES_AFTER = timedelta(days=14)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_CONTROLS = lazy_compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TITLE, _TEXT = 200, 20_000


def delivery_of(rule: AlertRule, sink: AlertSink, at: datetime) -> Delivery:
    """Return when an alert that was found now is to go to a sink: at once, or with the digest."""
    due = at
    line = cron_line(sink.digest) if rule.send == "digest" else None
    if line is not None:
        due = line.next_after(at, sink.zone) or at
    return Delivery(sink=sink.name, due_at=due, urgent=rule.urgent)


def is_quiet(sink: AlertSink, at: datetime) -> bool:
    """Return whether a sink has quiet hours now."""
    quiet = hours(sink.quiet) if sink.quiet else None
    return quiet is not None and quiet.hold(at, sink.zone)


def back_off(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after failed attempts: 1 minute, then twice as long, at most 6 hours.

    Args:
        attempts: from 1.
        asked: how long the sink asked to wait, if it did; the longer of the two counts.
    """
    doubled = 1 << min(max(attempts - 1, 0), 20)
    wait = min(_FIRST_WAIT * doubled, _LONGEST_WAIT)
    return max(wait, asked or timedelta(0))


def title_of(message: AlertMessage) -> str:
    """Return a message's title: that of its alert, or how many it tells."""
    again = "(perhaps a repetition) " if message.unsure else ""
    if len(message.alerts) == 1:
        return _plain(again + message.alerts[0].title)[:_TITLE]
    rules = list(dict.fromkeys(alert.rule for alert in message.alerts))
    more = f" and {len(rules) - 3} more rules" if len(rules) > 3 else ""
    return f"{again}{len(message.alerts)} alerts: {', '.join(rules[:3])}{more}"


def as_text(message: AlertMessage) -> str:
    """Return a message as plain text."""
    parts = []
    if message.unsure:
        parts.append(
            "The answer to an earlier attempt was lost: this message may have arrived before."
        )
    for alert in message.alerts:
        lines = [alert.title] if len(message.alerts) > 1 else []
        lines += [line for line in (alert.text, alert.url) if line]
        parts.append("\n".join(lines) or alert.title)
    text = "\n\n".join(_plain(part) for part in parts)
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}\n…"


def as_json(message: AlertMessage) -> bytes:
    """Return a message as the JSON that a webhook gets."""
    told: Mapping[str, Any] = {
        "schema": "scraper/alert/1",
        "key": message.key,
        "title": title_of(message),
        "text": f"{title_of(message)}\n{as_text(message)}",
        "perhaps_repeated": message.unsure,
        "alerts": [
            {
                "id": alert.id,
                "rule": alert.rule,
                "kind": alert.kind,
                "at": alert.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "title": alert.title,
                "text": alert.text,
                "url": alert.url,
                "article": alert.article_id,
                "data": dict(alert.data),
            }
            for alert in message.alerts
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a body: ``sha256=`` and its HMAC in hexadecimal digits."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _plain(text: str) -> str:
    """Return text without what steers terminals or turns the direction of a line."""
    return re.sub(r"\n{3,}", "\n\n", _CONTROLS.sub(" ", text))
