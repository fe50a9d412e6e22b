"""The commands of alerts: list what is told and sent, try sinks, pause, send now."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from scraper.alerts.rules import KINDS, load_alerts
from scraper.alerts.sinks import send, shown_address
from scraper.archive.alerts import AlertPause, SinkState
from scraper.archive.runs import daemon_lock
from scraper.cli.app import EXIT_FAILED, App, Subcommands, pass_app, run_async
from scraper.cli.output import format_time, print_json, print_message, print_table, strip_controls
from scraper.coverage.wording import plural
from scraper.errors import NotFound, UsageError
from scraper.models.alerts import Alert, AlertMessage, AlertSettings, AlertSink
from scraper.pipeline.events import utcnow
from scraper.toml_file import shipped_config

if TYPE_CHECKING:
    from scraper.workers import ParserPool

__all__ = ["alerts"]

_SPAN = re.compile(r"([1-9][0-9]{0,3})([mhdw])")
_SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.group(cls=Subcommands)
def alerts() -> None:
    """Tell somebody what happens: rules and sinks stand in alerts.toml.

    The daemon queues and sends alerts by itself; without it, `scraper alerts send` does so once.

    \b
    Example:  scraper alerts list
              scraper alerts test team
    """


def _settings(app: App) -> AlertSettings:
    config = app.config(need_sources=False)
    names = tuple(source.name for source in config.sources)
    return load_alerts(config.folder, names or None)


def _need_any(settings: AlertSettings, app: App) -> None:
    if not settings.sinks:
        path = (app.config_folder or shipped_config()) / "alerts.toml"
        raise UsageError(f"no sink is configured: add a [[sink]] and a [[rule]] to {path}")


@alerts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List rules and sinks: what was told, what waits, what is paused, what fails.

    \b
    Example:  scraper alerts list
    """
    settings = _settings(app)
    counts: Mapping[str, int] = {}
    states: Sequence[SinkState] = ()
    pauses: Sequence[AlertPause] = ()
    last: Sequence[Alert] = ()
    try:
        with app.archive(create=False) as archive:
            counts, states = archive.alerts.rule_counts(), archive.alerts.sinks()
            pauses, last = archive.alerts.pauses(utcnow()), archive.alerts.told(10)
    except NotFound:
        pass  # nothing was told yet
    if as_json:
        print_json(
            "scraper/alerts/1",
            {
                "rules": [
                    {**asdict(rule), "told": counts.get(rule.name, 0)} for rule in settings.rules
                ],
                "sinks": [_sink_dict(sink, states) for sink in settings.sinks],
                "pauses": list(pauses),
                "last": list(last),
            },
        )
        return
    if not settings.rules and not settings.sinks:
        click.echo(
            "nothing is told to anybody: add a [[sink]] and a [[rule]] to"
            f" {strip_controls(str((app.config_folder or shipped_config()) / 'alerts.toml'))}"
        )
    else:
        _print_rules(settings, counts, pauses)
        click.echo()
        _print_sinks(settings, states, pauses)
    known = {sink.name for sink in settings.sinks}
    for state in states:
        if state.name not in known and (state.waiting or state.open):
            number = plural(state.waiting + state.open, "alert")
            click.secho(
                f"{state.name}: {number} wait for a sink that is no longer configured", fg="yellow"
            )
    if last:
        click.echo("\nlast told")
        rows = [(format_time(alert.at), alert.rule, alert.title) for alert in last]
        print_table(["at", "rule", "alert"], rows, clip_at=90)


def _sink_dict(sink: AlertSink, states: Sequence[SinkState]) -> dict[str, Any]:
    """Return a sink as plain values, without what is secret of it."""
    found = {key: value for key, value in asdict(sink).items() if key not in ("url", "secret")}
    state = next((state for state in states if state.name == sink.name), None)
    return {**found, "address": shown_address(sink), "state": asdict(state) if state else None}


def _print_rules(
    settings: AlertSettings, counts: Mapping[str, int], pauses: Sequence[AlertPause]
) -> None:
    rows = [
        (
            rule.name,
            KINDS[rule.kind].told,
            rule.filter,
            ", ".join(rule.sinks),
            rule.send + (", urgent" if rule.urgent else ""),
            counts.get(rule.name, 0),
            _paused("rule", rule.name, pauses),
        )
        for rule in settings.rules
    ]
    print_table(["rule", "tells", "filter", "sinks", "sent", "told", "state"], rows, clip_at=40)


def _print_sinks(
    settings: AlertSettings, states: Sequence[SinkState], pauses: Sequence[AlertPause]
) -> None:
    by_name = {state.name: state for state in states}
    rows = []
    for sink in settings.sinks:
        state = by_name.get(sink.name)
        failing = (
            f"failed {state.failures}×: {state.error}; next try {format_time(state.next_at)}"
            if state and state.failures and state.error
            else ""
        )
        rows.append(
            (
                sink.name,
                shown_address(sink),
                state.sent if state else 0,
                state.waiting + state.open if state else 0,
                state.dropped if state else 0,
                format_time(state.last_sent_at) if state else "",
                failing if failing else _paused("sink", sink.name, pauses),
            )
        )
    heads = ["sink", "address", "sent", "waiting", "given up", "last sent", "state"]
    print_table(heads, rows, clip_at=60)


def _paused(kind: str, name: str, pauses: Sequence[AlertPause]) -> str:
    found = next((p for p in pauses if (p.kind, p.name) == (kind, name)), None)
    if found is None:
        return "active"
    return f"paused until {format_time(found.until)}" if found.until else "paused"


@alerts.command("test")
@click.argument("names", nargs=-1, metavar="[SINK]…")
@pass_app
def test(app: App, names: tuple[str, ...]) -> None:
    """Send a test message to sinks now, all of them or those named, and say what came of it.

    Nothing is queued or recorded; quiet hours and limits do not hold it. The exit code is 1 if a
    sink did not accept it.

    \b
    Example:  scraper alerts test
              scraper alerts test team
    """
    settings = _settings(app)
    _need_any(settings, app)
    known = {sink.name: sink for sink in settings.sinks}
    for name in names:
        if name not in known:
            raise UsageError(f"no sink is named {name} (there are: {', '.join(known)})")
    chosen = [sink for sink in settings.sinks if not names or sink.name in names]
    failed = False
    with _plugin_workers() as pool:
        for sink in chosen:
            sent = run_async(partial(send, sink, _test_message(sink, utcnow()), pool.run))
            failed = failed or not sent.accepted
            said = "accepted" if sent.accepted else f"not accepted: {sent.message}"
            click.secho(
                strip_controls(f"{sink.name} ({shown_address(sink)}): {said}"),
                fg=None if sent.accepted else "red",
            )
    if failed:
        sys.exit(EXIT_FAILED)


def _plugin_workers() -> ParserPool:
    """Return where sinks of plugins are asked; without one, no process is started."""
    from scraper.workers import ParserPool

    return ParserPool(workers=1, timeout=30.0, preload=())


def _test_message(sink: AlertSink, at: datetime) -> AlertMessage:
    alert = Alert(
        id=0, rule="test", kind="test", at=at, title="Test of the archive's alerts",
        text=f"This message tests the sink {sink.name}: it tells of nothing that happened.",
        url="", article_id=None, data={},
    )  # fmt: skip
    return AlertMessage(
        id=0, sink=sink.name, key=uuid4().hex, attempts=0, unsure=False, alerts=(alert,)
    )


@alerts.command("pause")
@click.argument("name")
@click.option("--for", "span", default="", metavar="SPAN", help="For so long: 30m, 2h, 3d, 1w.")
@pass_app
def pause(app: App, name: str, span: str) -> None:
    """Pause a rule or a sink: what it tells meanwhile waits, and is sent afterwards.

    \b
    Example:  scraper alerts pause team --for 2h
    """
    match = _SPAN.fullmatch(span) if span else None
    if span and match is None:
        raise UsageError(f"--for {span}: give a number with m, h, d or w, such as 2h")
    at = utcnow()
    until = at + timedelta(**{_SPANS[match[2]]: int(match[1])}) if match else None
    with app.archive(create=False) as archive:
        for kind in _kinds_named(_settings(app), name):
            archive.alerts.pause(kind, name, at, until)
            print_message(
                f"{kind} {name} is paused" + (f" until {format_time(until)}" if until else "")
            )


@alerts.command("resume")
@click.argument("name")
@pass_app
def resume(app: App, name: str) -> None:
    """End the pause of a rule or a sink.

    \b
    Example:  scraper alerts resume team
    """
    with app.archive(create=False) as archive:
        ended = archive.alerts.resume(name)
    if not ended:
        raise UsageError(f"{name} is not paused")
    print_message(f"{name} is active again")


def _kinds_named(settings: AlertSettings, name: str) -> list[str]:
    """Return whether a name is that of a rule, a sink, or both."""
    names = {"rule": [r.name for r in settings.rules], "sink": [s.name for s in settings.sinks]}
    found = [kind for kind, known in names.items() if name in known]
    if not found:
        there = ", ".join((*names["rule"], *names["sink"])) or "none"
        raise UsageError(f"no rule or sink is named {name} (there are: {there})")
    return found


@alerts.command("send")
@pass_app
def send_(app: App) -> None:
    """Queue what happened since the last time, and send what is due, once.

    For archives that are filled by `scraper collect` from cron; a daemon does so by itself.

    \b
    Example:  scraper collect && scraper alerts send
    """
    from scraper.alerts.dispatcher import AlertDispatcher
    from scraper.pipeline import ArchiveThread

    settings = _settings(app)
    _need_any(settings, app)
    config = app.config(need_sources=False)

    async def once() -> int:
        thread = ArchiveThread(
            lambda: app.archive(create=False), least_free=config.archive.least_free, clock=utcnow
        )
        async with thread:
            with _plugin_workers() as pool:
                dispatcher = AlertDispatcher(settings, config, thread, clock=utcnow, run=pool.run)
                return await dispatcher.round()

    with app.archive(create=False) as archive, daemon_lock(archive.folder):
        sent = run_async(once)
    print_message(f"{plural(sent, 'message')} sent")
