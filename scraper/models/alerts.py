"""What an operator wants to be told, where it is sent, and the messages that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from scraper.record import record

__all__ = ["Alert", "AlertMessage", "AlertRule", "AlertSettings", "AlertSink", "NewAlert"]


@record
class AlertSink:
    """Where messages go: a ``[[sink]]`` of alerts.toml.

    Attributes:
        name: by which rules name it.
        kind: ``webhook`` (a POST of JSON), ``apprise`` (an address of the library Apprise), or a
            kind that a plugin adds.
        url: the address, or what a plugin takes for one; it may hold a token and is never printed.
        secret: key of the signature of a webhook's body, or "".
        quiet: hours of the day in which nothing is sent, such as ``22:00-07:00``, or "".
        zone: whose clock `quiet` and `digest` mean.
        digest: cron line at which alerts of rules with ``send = "digest"`` go out.
        most_per_hour: messages sent in an hour at most; what is more goes out together, later.
        unsure: ``again`` or ``drop``: what becomes of a message of which it is not known whether
            it arrived, as the answer was lost.
    """

    name: str
    kind: str
    url: str
    secret: str = ""
    quiet: str = ""
    zone: str = "UTC"
    digest: str = "0 7 * * *"
    most_per_hour: int = 20
    unsure: str = "again"


@record
class AlertRule:
    """What is told, and to whom: a ``[[rule]]`` of alerts.toml.

    Attributes:
        name: by which it is paused, unique.
        kind: one of `scraper.alerts.rules.KINDS`.
        sinks: names of the sinks that its alerts go to.
        filter: a query in search's language that the article (for a story, one of its articles)
            must fulfil, or "".
        send: ``at once`` or ``digest``.
        urgent: whether its alerts pass the quiet hours of a sink.
        severity: of an edit, from which on it is told.
        outlets: number of outlets that a story must have.
        names: kinds of names that are told (model, company …), () for all.
        sources: names of the sources that are meant, () for all.
        free_mb: megabytes free on the archive's disk below which that is told; 0 for twice what
            collecting pauses at.
        hours: age of the last verified backup from which on it is overdue.
        cron: line at which a digest is made.
        zone: whose clock `cron` and the digest's times mean.
    """

    name: str
    kind: str
    sinks: tuple[str, ...]
    filter: str = ""
    send: str = "at once"
    urgent: bool = False
    severity: int = 3
    outlets: int = 3
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    free_mb: int = 0
    hours: int = 48
    cron: str = "0 7 * * *"
    zone: str = "UTC"


@record
class AlertSettings:
    """All of alerts.toml.

    Attributes:
        rules, sinks: in the order of the file.
    """

    rules: tuple[AlertRule, ...] = ()
    sinks: tuple[AlertSink, ...] = ()


@record
class NewAlert:
    """Something that a rule tells.

    Attributes:
        key: names what happened, the same however often it is found: it is told once.
        title: one line.
        text: some lines of plain text, or "".
        url: of the article, or "".
        article_id: its number, or None.
        data: what a program wants to know of it, as JSON takes it.
    """

    key: str
    title: str
    text: str = ""
    url: str = ""
    article_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@record
class Alert:
    """An alert in the queue.

    Attributes:
        id: its number.
        rule, kind: of the rule that told it.
        at: when it was found.
        title, text, url, article_id, data: as in `NewAlert`.
    """

    id: int
    rule: str
    kind: str
    at: datetime
    title: str
    text: str
    url: str
    article_id: int | None
    data: Mapping[str, Any]


@record
class AlertMessage:
    """A message to a sink: its alerts never change once it is made.

    Attributes:
        id: its number in the archive.
        sink: name of the sink.
        key: the same at every attempt to send it, and of no other message.
        attempts: how often it was tried before.
        unsure: whether an earlier attempt may have arrived.
        alerts: what it tells, oldest first.
    """

    id: int
    sink: str
    key: str
    attempts: int
    unsure: bool
    alerts: tuple[Alert, ...]
