"""What others may add to the program: hooks of pluggy, found by the entry points ``scraper``.

A plugin is a module with functions marked by `hookimpl`, named in its package's metadata::

    [project.entry-points.scraper]
    my-plugin = "my_plugin"

`docs/examples/plugin` is one of twenty lines. A plugin runs with all rights of the program. Its
module and its hooks are called once in a process, and given up after `PATIENCE` seconds. What reads
sources, sends alerts and judges pages is called in a worker process that can be killed; what goes
wrong there is recorded with the plugin's name, and costs nothing but what it would have added.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from scraper.installed import plugin_entries
from scraper.record import record

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "GROUP",
    "PATIENCE",
    "Fault",
    "Offer",
    "PageFacts",
    "SinkKind",
    "SourceReader",
    "VerdictRule",
    "attempt",
    "hookimpl",
    "offer_named",
    "offers",
    "plugin_faults",
    "plugin_names",
]

T = TypeVar("T")

log = logging.getLogger(__name__)

# Seconds that a plugin's module, and each of its hooks, may take.
PATIENCE = 10.0
# Group of entry points.
GROUP = "scraper"
# Characters of what is told of an error.
_LONGEST_FAULT = 300
hookspec = pluggy.HookspecMarker(GROUP)
# Marks a function of a plugin as one of the hooks of `Hooks`.
hookimpl = pluggy.HookimplMarker(GROUP)


@record
class SourceReader:
    """A kind of source: an address that we fetch, and a function that finds articles in it.

    Attributes:
        name: as `kind` in `sources.toml` spells it.
        read: is given the body and its address; returns, or yields, the articles' addresses, each
            a string, or a mapping with ``url`` and perhaps ``title``, ``published`` (an aware
            `datetime`) and ``content`` (the text, a paragraph a line). It opens no connection
            itself: robots.txt and the host's pace are ours to keep.
        paced: whether the publisher decides when entries appear, so that visits follow their rate.
        fallback: whether it can stand in where another source's address fails.
    """

    name: str
    read: Callable[[bytes, str], Iterable[str | Mapping[str, Any]]]
    paced: bool = True
    fallback: bool = False


@record
class SinkKind:
    """A kind of sink for alerts.

    Attributes:
        name: as `kind` of a ``[[sink]]`` in `alerts.toml` spells it.
        send: is given the sink's `url` and the message as webhooks get it (``title``, ``text``,
            ``key``, ``alerts``); returns None when it was taken, or in words why it was not. After
            an exception nobody knows whether it arrived, and `unsure` of the sink says what to do.
    """

    name: str
    send: Callable[[str, Mapping[str, Any]], str | None]


@record
class PageFacts:
    """What a rule is told of a page that was taken for an article.

    Attributes:
        url, final_url: the address that was asked for and the one that answered.
        status: of the response.
        headers: of the response, lower-case names.
        html: the page, decoded.
        title, text: headline and text that were read.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    html: str
    title: str
    text: str


@record
class VerdictRule:
    """A rule that tells, of a page that was taken for an article, that it is none.

    Attributes:
        name: by which the record names it.
        judge: is given the page; returns None, or a kind of `scraper.verdict.REFUSALS` and what
            was seen.
    """

    name: str
    judge: Callable[[PageFacts], tuple[str, str] | None]


class Hooks:
    """The hooks, each with what it returns.

    A name that is taken by the program, or by another plugin, is passed over with a warning.
    """

    @hookspec
    def export_formats(self) -> Iterable[Any]:
        """Return formats for `scraper export`: each a `scraper.exchange.formats.ExportFormat`."""
        return ()

    @hookspec
    def source_readers(self) -> Iterable[SourceReader]:
        """Return kinds of source for `sources.toml`."""
        return ()

    @hookspec
    def alert_sinks(self) -> Iterable[SinkKind]:
        """Return kinds of sink for `alerts.toml`."""
        return ()

    @hookspec
    def verdict_rules(self) -> Iterable[VerdictRule]:
        """Return rules that are asked of each page that is taken for an article."""
        return ()


@record
class Offer:
    """Something that a plugin adds.

    Attributes:
        plugin: its name.
        item: what it adds.
    """

    plugin: str
    item: Any


@record
class Fault:
    """What a plugin did instead of what it was asked for.

    Attributes:
        message: in one line, with its name.
    """

    message: str


def attempt(plugin: str, doing: str, function: Callable[[], T]) -> T | Fault:
    """Return what a plugin's function gives, or what it raised: the one place where any may happen.

    Args:
        plugin: its name.
        doing: what was asked of it, such as ``rule gate``.
        function: calls it.
    """
    try:
        return function()
    except (Exception, SystemExit) as error:
        log.debug("plugin %s: %s", plugin, doing, exc_info=True)
        said = " ".join("".join(traceback.format_exception_only(error)).split())
        return Fault(message=f"plugin {plugin}: {doing} raised {said[:_LONGEST_FAULT]}")


def _in_time(plugin: str, doing: str, function: Callable[[], T]) -> T | Fault:
    """Do as `attempt` does, and give up after `PATIENCE`: the thread is left to itself."""
    made: list[T | Fault] = []
    thread = Thread(target=lambda: made.append(attempt(plugin, doing, function)), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if made:
        return made[0]
    return Fault(message=f"plugin {plugin}: {doing} did not end within {PATIENCE:g} s")


def _items(hook: Callable[[], Iterable[Any]]) -> list[Any]:
    return list(hook())


class _Plugins:
    """The plugins that are installed, loaded; `faults` has what kept some of them from it."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(GROUP)
        self.manager.add_hookspecs(Hooks)
        self.faults: dict[str, str] = {}
        for entry in plugin_entries(GROUP):
            outcome = _in_time(entry.name, "loading it", partial(self._register, entry))
            if isinstance(outcome, Fault):
                self._fault(entry.name, outcome)

    def _register(self, entry: EntryPoint) -> None:
        self.manager.register(entry.load(), name=entry.name)

    def _fault(self, plugin: str, fault: Fault) -> None:
        self.faults[plugin] = fault.message
        log.warning("%s", fault.message)

    def offers(self, hook: str) -> tuple[Offer, ...]:
        """Return what plugins add by a hook, in the order of their names."""
        found: list[Offer] = []
        implementations = getattr(self.manager.hook, hook).get_hookimpls()
        for one in sorted(implementations, key=lambda one: str(one.plugin_name)):
            plugin = str(one.plugin_name)
            items = _in_time(plugin, hook, partial(_items, one.function))
            if isinstance(items, Fault):
                self._fault(plugin, items)
                continue
            found += [Offer(plugin=plugin, item=item) for item in items]
        return tuple(found)


@cache
def _plugins() -> _Plugins:
    return _Plugins()


def plugin_names() -> tuple[str, ...]:
    """Return the names of the plugins that were loaded."""
    return tuple(sorted(str(name) for name, _ in _plugins().manager.list_name_plugin()))


def plugin_faults() -> Mapping[str, str]:
    """Return, by name of a plugin, why it could not be loaded or what its hooks raised."""
    return _plugins().faults


_TYPES: Mapping[str, type] = {
    "source_readers": SourceReader,
    "alert_sinks": SinkKind,
    "verdict_rules": VerdictRule,
}


@cache
def offers(hook: str) -> tuple[Offer, ...]:
    """Return what plugins add by a hook; what is not of its type, or bears a taken name, is not.

    Args:
        hook: name of a method of `Hooks`.
    """
    found: dict[str, Offer] = {}
    for offer in _plugins().offers(hook):
        name = getattr(offer.item, "name", None)
        if not isinstance(offer.item, _TYPES.get(hook, object)) or not isinstance(name, str):
            log.warning("plugin %s: %s: %.80r is passed over", offer.plugin, hook, offer.item)
        elif name in found:
            log.warning("plugin %s: %s: the name %s is taken", offer.plugin, hook, name)
        else:
            found[name] = offer
    return tuple(found.values())


def offer_named(hook: str, name: str) -> Offer | None:
    """Return what a plugin adds by a hook under a name, or None."""
    return next((offer for offer in offers(hook) if offer.item.name == name), None)
