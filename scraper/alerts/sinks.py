"""Sends one message to one sink, and says what became of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from scraper.alerts.messages import as_json, as_text, signature, title_of
from scraper.errors import ExtractError
from scraper.models.alerts import AlertMessage, AlertSink
from scraper.plugins import Fault, attempt, offer_named, plugin_faults
from scraper.record import record

__all__ = ["OWN_KINDS", "Run", "Sent", "is_sink_kind", "send", "shown_address"]

# Kinds of sink that no plugin adds.
OWN_KINDS = ("webhook", "apprise")
# Runs a function in a worker process that can be killed.
Run = Callable[..., Awaitable[Any]]

# Seconds that a message may take.
_TIMEOUT = 30.0
# Statuses of the 400s that say nothing of a message: login, address, pace (RFC 9110, 6585, 8470).
_TAKES_NONE = frozenset({401, 403, 404, 405, 407, 408, 410, 421, 425, 429})
# Characters of a plugin's reason that are kept.
_LONGEST_REFUSAL = 200


@record
class Sent:
    """What became of an attempt to send a message.

    Attributes:
        accepted: whether the sink took it.
        message: why not, in one line, or "".
        retry_after: how long the sink asked to wait, or None.
        unsure: whether it may have arrived though no answer came.
        refused: whether what it was given may be why it did not take it: another message may pass.
    """

    accepted: bool
    message: str = ""
    retry_after: timedelta | None = None
    unsure: bool = False
    refused: bool = False


def shown_address(sink: AlertSink) -> str:
    """Return where a sink is, without what is secret in its address: scheme and host."""
    try:
        parts = urlsplit(sink.url)
        host = parts.hostname or ""
    except ValueError:
        return sink.kind
    if sink.kind not in OWN_KINDS:
        return f"{sink.kind}:…"
    # Of Apprise's addresses the host may be the token.
    return f"{parts.scheme}://{host}" if sink.kind == "webhook" else f"{parts.scheme}://…"


def is_sink_kind(name: str) -> bool:
    """Return whether a sink may be of a kind; it may be that of a plugin that could not be loaded.

    Args:
        name: as `kind` of a sink.
    """
    known = name in OWN_KINDS or offer_named("alert_sinks", name) is not None
    return known or bool(plugin_faults())


async def send(sink: AlertSink, message: AlertMessage, run: Run) -> Sent:
    """Try to send a message once.

    Args:
        sink: where to.
        message: what.
        run: runs what a plugin sends by, in a worker.
    """
    if sink.kind in OWN_KINDS:
        return await (_webhook if sink.kind == "webhook" else _apprise)(sink, message)
    try:
        sent: Sent = await run(send_by_plugin, sink.kind, sink.url, as_json(message))
    except ExtractError as error:
        offer = offer_named("alert_sinks", sink.kind)
        who = f"plugin {offer.plugin if offer else '?'}: sink {sink.kind}"
        return Sent(accepted=False, message=f"{who} was stopped: {error.message}", unsure=True)
    return sent


def send_by_plugin(kind: str, url: str, body: bytes) -> Sent:
    """Try to send a message by the plugin that adds a kind of sink; runs in a worker process.

    Args:
        kind: of the sink.
        url: its address.
        body: the message, as webhooks get it.
    """
    offer = offer_named("alert_sinks", kind)
    if offer is None:
        why = "; ".join(plugin_faults().values()) or "no plugin has it"
        return Sent(accepted=False, message=f"no such kind of sink: {kind} ({why})")
    who = f"sink {kind}"
    refusal = attempt(offer.plugin, who, lambda: offer.item.send(url, json.loads(body)))
    if isinstance(refusal, Fault):
        return Sent(accepted=False, message=refusal.message, unsure=True)
    if refusal is None:
        return Sent(accepted=True)
    if isinstance(refusal, str):
        said = " ".join(refusal.split())[:_LONGEST_REFUSAL]
        message = f"plugin {offer.plugin}: {who}: {said}"
        return Sent(accepted=False, message=message, refused=True)
    given = type(refusal).__name__
    return Sent(
        accepted=False,
        message=f"plugin {offer.plugin}: {who} gave {given}, neither None nor a reason",
        unsure=True,
    )


async def _webhook(sink: AlertSink, message: AlertMessage) -> Sent:
    body = as_json(message)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "scraper-alerts/1",
        # draft-ietf-httpapi-idempotency-key-header: a string of structured fields.
        "idempotency-key": f'"{message.key}"',
    }
    if sink.secret:
        headers["x-scraper-signature"] = signature(sink.secret, body)
    # An HTTP client, which commands that only list sinks do without.
    from scraper.fetching.webhook import post

    found = await post(sink.url, body, headers, timeout=_TIMEOUT)
    return Sent(
        accepted=found.accepted,
        message=found.message,
        retry_after=found.retry_after,
        unsure=found.unsure,
        refused=found.status is not None
        and 400 <= found.status < 500
        and found.status not in _TAKES_NONE,
    )


async def _apprise(sink: AlertSink, message: AlertMessage) -> Sent:
    """Send by Apprise, in a thread: it blocks.

    It tells no reason, and of an attempt in vain not whether the service took the message: that is
    taken as refused, since it waits for the service's answer itself. Nor does it tell a service
    that is down from one that refuses this message.
    """
    import asyncio

    title, text = title_of(message), as_text(message)
    try:
        async with asyncio.timeout(_TIMEOUT):
            [outcome] = await asyncio.gather(
                asyncio.to_thread(_notify, sink.url, title, text), return_exceptions=True
            )
    except TimeoutError:
        return Sent(accepted=False, message=f"no answer within {_TIMEOUT:g} s", unsure=True)
    if isinstance(outcome, BaseException):
        # What a service's plugin raises is its own affair: no sink may stop the others.
        return Sent(accepted=False, message=f"{type(outcome).__name__}: {outcome}", unsure=True)
    said, reason = outcome
    return Sent(accepted=said, message="" if said else reason, refused=not said)


class _LastLines(logging.Handler):
    """Keeps the last line that Apprise logs: the only reason that it gives."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.line = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.line = " ".join(record.getMessage().split())[:200]


def _notify(url: str, title: str, text: str) -> tuple[bool, str]:
    """Return whether Apprise could send it, and why not."""
    import apprise

    lines = _LastLines()
    logger = logging.getLogger("apprise")
    # What it logs is told by the caller, once, and names addresses that are secret.
    logger.propagate = False
    logger.addHandler(lines)
    try:
        sender = apprise.Apprise()
        if not sender.add(url):
            return False, "Apprise does not know such an address"
        return bool(sender.notify(body=text, title=title)), lines.line or "Apprise gave no reason"
    finally:
        logger.removeHandler(lines)
