"""What others may add to the program: hooks of pluggy, found by the entry points ``scraper``.

A plugin is a module with functions marked by `hookimpl`, named in its package's metadata::

    [project.entry-points.scraper]
    my-plugin = "my_plugin"

`examples/plugin` is one of twenty lines. A plugin runs with all rights of the program.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hookimpl", "plugin_manager"]

log = logging.getLogger(__name__)

_GROUP = "scraper"
hookspec = pluggy.HookspecMarker(_GROUP)
# Marks a function of a plugin as one of the hooks of `Hooks`.
hookimpl = pluggy.HookimplMarker(_GROUP)


class Hooks:
    """The hooks, each with what it returns."""

    @hookspec
    def export_formats(self) -> Iterable[Any]:
        """Return formats for `scraper export`: each a `scraper.exchange.formats.ExportFormat`.

        A name that is taken by the program, or by another plugin, is passed over with a warning.
        """
        return ()


@cache
def plugin_manager() -> pluggy.PluginManager:
    """Return the plugins that are installed; one that cannot be loaded is told in the log."""
    manager = pluggy.PluginManager(_GROUP)
    manager.add_hookspecs(Hooks)
    from importlib.metadata import entry_points

    for entry in entry_points(group=_GROUP):
        try:
            manager.register(entry.load(), name=entry.name)
        except (ImportError, AttributeError, ValueError, pluggy.PluginValidationError) as error:
            log.warning("plugin %s cannot be loaded: %s", entry.name, error)
    return manager
