"""What all commands share: the global options, exit codes, and help that reads like contents."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from scraper.archive import Archive
from scraper.cli.printing import note
from scraper.config import Config, load_config
from scraper.errors import ArchiveLocked, ConfigError, ScraperError, UsageError
from scraper.exchange.warc import CaptureTransport
from scraper.judge import edits

__all__ = ["EXIT_DISK", "EXIT_FAILED", "EXIT_LOCKED", "EXIT_USAGE", "App", "Contents", "pass_app"]

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_DISK = 74  # EX_IOERR of sysexits.h
EXIT_LOCKED = 75  # EX_TEMPFAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The global options, and what they open."""

    archive_folder: Path
    config_folder: Path | None
    web: tuple[Path, ...]
    verbose: bool
    quiet: bool

    def config(self) -> Config:
        """Read the configuration (`ConfigError` when it is wrong)."""
        return load_config(self.config_folder)

    def archive(self, *, create: bool = True) -> Archive:
        """Open the archive; with `create=False` it must be there."""
        return Archive(self.archive_folder, create=create, edits=edits)

    def transport(self) -> CaptureTransport | None:
        """Return what stands for the web, if ``--web`` says so."""
        return CaptureTransport(self.web) if self.web else None


pass_app = click.make_pass_decorator(App)


def _exit_code(error: ScraperError) -> int:
    if isinstance(error, ArchiveLocked):
        return EXIT_LOCKED
    if error.error_class in ("db_full", "db_io"):
        return EXIT_DISK
    return EXIT_USAGE if isinstance(error, ConfigError | UsageError) else EXIT_FAILED


class Contents(click.Group):
    """A group whose help lists commands by section, and that turns errors into one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections: list[tuple[str, Sequence[click.Command]]] = []

    def section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Add commands under a heading."""
        self._sections.append((title, commands))
        for command in commands:
            self.add_command(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of contents."""
        names = max(len(name) for name in self.commands)
        for title, commands in self._sections:
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{c.name or '':<{names}}", c.get_short_help_str(70)) for c in commands]
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            if isinstance(ctx.obj, App) and ctx.obj.verbose:
                traceback.print_exc(file=sys.stderr)
            for line in error.message.splitlines():
                note(f"scraper: {line}", bad=True)
            ctx.exit(_exit_code(error))
