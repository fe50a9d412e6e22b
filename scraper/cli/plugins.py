"""The command that tells which plugins are installed: plugins."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from scraper.cli.app import EXIT_FAILED
from scraper.cli.output import print_message, print_table
from scraper.plugins import offers, plugin_faults, plugin_names

__all__ = ["plugins"]

_ADDS: Mapping[str, str] = {
    "export_formats": "format of export",
    "source_readers": "kind of source",
    "alert_sinks": "kind of sink",
    "verdict_rules": "verdict rule",
}


@click.command()
def plugins() -> None:
    """List installed plugins, what they add, and which could not be loaded.

    The exit code is 1 if one could not be loaded.

    \b
    Example:  scraper plugins
    """
    rows = [
        (offer.plugin, what, offer.item.name)
        for hook, what in _ADDS.items()
        for offer in offers(hook)
    ]
    # What went wrong was told in the log as it happened.
    faulty = plugin_faults()
    silent = sorted(set(plugin_names()) - {plugin for plugin, *_ in rows} - set(faulty))
    rows += [(plugin, "nothing", "") for plugin in silent]
    rows += [(plugin, "could not be loaded", "") for plugin in faulty]
    if not rows:
        print_message("no plugin is installed")
        return
    print_table(["plugin", "adds", "name"], sorted(rows))
    if faulty:
        sys.exit(EXIT_FAILED)
