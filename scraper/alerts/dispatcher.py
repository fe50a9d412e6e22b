"""One round of alerts: what happened is queued, and what is due is sent.

A sink that is down stops nothing: its messages wait, each sink has its own back-off, and a round
has an end. Nothing that a sink does can raise an error here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from scraper.alerts.conditions import CONDITIONS, Conditions
from scraper.alerts.messages import EXPIRES_AFTER, back_off, delivery_of, is_quiet
from scraper.alerts.sinks import Run, Sent, send
from scraper.archive import Archive
from scraper.archive.alerts import REFUSALS, Delivery
from scraper.config import Config
from scraper.models.alerts import AlertMessage, AlertRule, AlertSettings, AlertSink
from scraper.pipeline import ArchiveThread

__all__ = ["AlertDispatcher"]

T = TypeVar("T")

log = logging.getLogger(__name__)

# Messages that a round sends to a sink; more alerts than that go together.
_MOST_MESSAGES = 5
_HOUR = timedelta(hours=1)


class AlertDispatcher:
    """Queues and sends alerts, a round at a time.

    Args:
        settings: rules and sinks.
        config: the other settings: sources, room on the disk.
        thread: the archive.
        clock: the present moment.
        run: runs what a plugin sends by, in a worker.
        started: when the daemon started, for rules that tell that; None outside a daemon.
    """

    def __init__(
        self,
        settings: AlertSettings,
        config: Config,
        thread: ArchiveThread,
        *,
        clock: Callable[[], datetime],
        run: Run,
        started: datetime | None = None,
    ) -> None:
        self._run = run
        self._settings = settings
        self._thread = thread
        self._clock = clock
        self._sinks: Mapping[str, AlertSink] = {sink.name: sink for sink in settings.sinks}
        self._conditions = Conditions(config, started)
        self._recovered = False

    async def round(self) -> int:
        """Queue what happened since the last round, and send what is due.

        Returns:
            How many messages were sent.

        Raises:
            ArchiveError: the archive could not be read or written; nothing is lost.
        """
        if not self._settings.rules and not self._settings.sinks:
            return 0
        await self._recover()
        for rule in self._settings.rules:
            await self._thread.call(self._queue, self._thread.archive_or_fail(), rule)
        pauses = await self._call(lambda archive: archive.alerts.pauses(self._clock()))
        paused = {(pause.kind, pause.name) for pause in pauses}
        rules = [name for kind, name in paused if kind == "rule"]
        active = [s for s in self._settings.sinks if ("sink", s.name) not in paused]
        try:
            sent = await asyncio.gather(*(self._serve(sink, rules) for sink in active))
        except BaseException:
            # What was on its way is taken up as after a restart.
            self._recovered = False
            raise
        return sum(sent)

    def _queue(self, archive: Archive, rule: AlertRule) -> None:
        """Queue what a rule tells; in the archive's thread."""
        at = self._clock()
        deliveries = self._deliveries(rule, at)
        if rule.kind not in CONDITIONS:
            archive.alerts.look(rule, deliveries, at)
            return
        archive.alerts.add(rule, self._conditions.found(archive, rule, at), deliveries, at)

    def _deliveries(self, rule: AlertRule, at: datetime) -> Sequence[Delivery]:
        return [delivery_of(rule, self._sinks[name], at) for name in dict.fromkeys(rule.sinks)]

    async def _recover(self) -> None:
        """Take up what an earlier process was sending when it ended."""
        if self._recovered:
            return
        dropping = [sink.name for sink in self._settings.sinks if sink.unsure == "drop"]
        again, dropped = await self._call(lambda archive: archive.alerts.recover(dropping))
        self._recovered = True
        if again or dropped:
            log.warning(
                "alerts: the answer to %d messages is not known: %d are sent again, %d dropped",
                again + dropped, again, dropped,
            )  # fmt: skip

    async def _serve(self, sink: AlertSink, paused: Sequence[str]) -> int:
        """Send what is due for one sink; return how many messages it accepted."""
        accepted = 0
        # First what it did not take before; what gathered meanwhile once it takes that.
        for _ in range(2):
            messages = await self._call(self._due(sink, paused, accepted))
            for message in messages:
                await self._call(_marked(message))
                sent = await send(sink, message, self._run)
                await self._call(self._noted(sink, message, sent))
                # Behind a message that is refused for itself, others may pass.
                if not sent.accepted and not (sent.refused and message.attempts + 1 >= REFUSALS):
                    return accepted
                accepted += sent.accepted
            if not messages:
                break
        return accepted

    def _due(
        self, sink: AlertSink, paused: Sequence[str], accepted: int
    ) -> Callable[[Archive], tuple[AlertMessage, ...]]:
        """Return what makes the messages that a sink gets now, in the archive's thread."""
        at = self._clock()
        quiet = is_quiet(sink, at)
        name = sink.name

        def make(archive: Archive) -> tuple[AlertMessage, ...]:
            sent = archive.alerts.attempts_since(name, at - _HOUR)
            room = min(_MOST_MESSAGES - accepted, sink.most_per_hour - sent)
            if room <= 0:
                return ()
            open_already = archive.alerts.due_messages(name, at, room, quiet=quiet)
            waiting = archive.alerts.waiting(name, at, quiet=quiet, paused=paused)
            # While a sink takes nothing, what happens gathers, and goes out together afterwards.
            failing = archive.alerts.is_failing(name, quiet=quiet)
            if waiting and not failing and len(open_already) < room:
                together = waiting > room - len(open_already)
                archive.alerts.compose(name, at, quiet=quiet, together=together, paused=paused)
            return archive.alerts.due_messages(name, at, room, quiet=quiet)

        return make

    def _noted(
        self, sink: AlertSink, message: AlertMessage, sent: Sent
    ) -> Callable[[Archive], None]:
        return lambda archive: self._note(archive, sink, message, sent)

    def _note(self, archive: Archive, sink: AlertSink, message: AlertMessage, sent: Sent) -> None:
        """Note what became of a message; in the archive's thread."""
        at = self._clock()
        if sent.accepted:
            archive.alerts.end_sending(message.id, "sent", at)
            return
        state, next_at = "waiting", at + back_off(message.attempts + 1, sent.retry_after)
        if sent.unsure and sink.unsure == "drop":
            state = "dropped"
        elif at - max(alert.at for alert in message.alerts) > EXPIRES_AFTER:
            state = "expired"
        archive.alerts.end_sending(
            message.id, state, at, error=sent.message, next_at=next_at, unsure=sent.unsure,
            refused=sent.refused,
        )  # fmt: skip
        what = f"tried again at {next_at:%Y-%m-%d %H:%M:%S} UTC" if state == "waiting" else state
        log.warning("alerts: %s: %s (%s)", sink.name, sent.message, what)

    async def _call(self, function: Callable[[Archive], T]) -> T:
        return await self._thread.call(function, self._thread.archive_or_fail())


def _marked(message: AlertMessage) -> Callable[[Archive], None]:
    return lambda archive: archive.alerts.begin_sending(message.id)
