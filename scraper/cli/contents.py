"""The group of all commands: a table of contents whose chapters are loaded when they are opened.

What some commands need (a scheduler, an HTTP client, a web server) takes longer to load than others
take to answer; help and a look at the archive need none of it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from scraper.cli.printing import note
from scraper.errors import ArchiveLocked, ConfigError, ScraperError, UsageError

__all__ = [
    "EXIT_DISK",
    "EXIT_FAILED",
    "EXIT_LOCKED",
    "EXIT_USAGE",
    "Contents",
    "Entry",
    "Options",
]

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_DISK = 74  # EX_IOERR of sysexits.h
EXIT_LOCKED = 75  # EX_TEMPFAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The global options."""

    archive_folder: Path
    config_folder: Path | None
    web: tuple[Path, ...]
    verbose: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A command in the table of contents.

    Attributes:
        name: as it is called.
        place: ``module:attribute`` under `scraper.cli`.
        summary: what it does, in a line of at most 64 columns.
    """

    name: str
    place: str
    summary: str

    def load(self) -> click.Command:
        """Return the command."""
        module, _, attribute = self.place.partition(":")
        command: click.Command = getattr(import_module(f"scraper.cli.{module}"), attribute)
        return command


class Contents(click.Group):
    """A group whose help lists commands by section, and that turns errors into one line.

    Args:
        sections: the commands by heading.
    """

    def __init__(
        self, *args: Any, sections: Mapping[str, Sequence[Entry]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sections = sections or {}
        self._entries = {e.name: e for entries in self._sections.values() for e in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading it."""
        entry = self._entries.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of contents."""
        names = max(map(len, self._entries))
        for title, entries in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{e.name:<{names}}", e.summary) for e in entries])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            if isinstance(ctx.obj, Options) and ctx.obj.verbose:
                traceback.print_exc(file=sys.stderr)
            for line in error.message.splitlines():
                note(f"scraper: {line}", bad=True)
            ctx.exit(_exit_code(error))


def _exit_code(error: ScraperError) -> int:
    if isinstance(error, ArchiveLocked):
        return EXIT_LOCKED
    if error.error_class in ("db_full", "db_io"):
        return EXIT_DISK
    return EXIT_USAGE if isinstance(error, ConfigError | UsageError) else EXIT_FAILED
