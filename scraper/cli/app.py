"""The global options, what they open, and the group of all commands.

Modules of commands, and those that open the archive or the web, are loaded when they are used: a
scheduler, an HTTP client or a web server takes longer to load than `--help` takes to run.
"""

from __future__ import annotations

import difflib
import errno
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import update_wrapper
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click
from click.shell_completion import CompletionItem

from scraper.cli.output import print_message, strip_controls
from scraper.errors import ArchiveLocked, ConfigError, ScraperError, UsageError
from scraper.record import record

if TYPE_CHECKING:
    from scraper.archive import Archive
    from scraper.config import Config
    from scraper.exchange.capture_transport import CaptureTransport

__all__ = [
    "EXIT_CODES",
    "EXIT_DISK",
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_LOCKED",
    "EXIT_USAGE",
    "PLACE",
    "App",
    "CommandGroup",
    "CommandSpec",
    "Options",
    "Subcommands",
    "exit_codes",
    "pass_app",
    "run_async",
    "transport",
]

T = TypeVar("T")


class _Place(click.Path):
    """A file or folder of this machine (`Path`), or an address of a bucket (`str`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return what a word names."""
        from scraper.exchange.storage import is_address

        if isinstance(value, str) and is_address(value):
            return value
        return super().convert(value, param, ctx)


PLACE = _Place(path_type=Path)

# Of SQLite's whole numbers.
_MOST_NUMBER = 2**63 - 1

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_DISK = 74  # EX_IOERR of sysexits.h
EXIT_LOCKED = 75  # EX_TEMPFAIL
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count

# What a disk that is full or fails answers; any other error is that of what was named.
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})

# Letters of a command's first sentence in the help of its group.
_MOST_OF_SUMMARY = 400

# Letters of a file's name that a message shows.
_MOST_OF_NAME = 200

# Every exit code, for the help and the manual page.
EXIT_CODES = {
    0: "All well, also when what runs until it is stopped (daemon, browse, demo, changes --follow)"
    " is stopped.",
    EXIT_FAILED: "Some links failed, or something is altered or broken: the rest is archived.",
    EXIT_USAGE: "Wrong usage or configuration.",
    EXIT_DISK: "The archive's disk is full or fails.",
    EXIT_LOCKED: "Another daemon holds the archive.",
    EXIT_INTERRUPTED: "Stopped by Ctrl-C or SIGTERM before its end: what was finished is kept.",
}

# What is kept when a command is stopped, and how to go on, where there is more to say of it than
# that it stopped.
_GOES_ON = "finished work is archived; run it again to continue"
_NO_FILE = "no half-written file is left; run it again"
_NOTHING_DONE = "the archive is as it was; run it again"
_INTERRUPTED = {
    **dict.fromkeys(
        ("backfill", "collect", "import", "merge", "reextract", "rescore", "mend", "retain"),
        _GOES_ON,
    ),
    "fetch": "what was told of as kept is archived; run it again for the rest",
    "demo": "what was collected is archived",
    # Files are written under another name and renamed.
    **dict.fromkeys(("export", "cite", "backup"), _NO_FILE),
    # Each writes in one transaction, at its end.
    **dict.fromkeys(("regroup", "reindex"), _NOTHING_DONE),
    "restore": "the backup is whole, and what was replaced is kept beside; run it again",
    "vacuum": "nothing is lost; run it again",
}


@record
class Options:
    """The global options."""

    archive_folder: Path
    config_folder: Path | None
    web: tuple[Path, ...]
    verbose: bool
    quiet: bool


@record(kw_only=False)
class CommandSpec:
    """A command in the table of commands.

    Attributes:
        name: its name on the command line.
        place: ``module:attribute`` under `scraper.cli`.
        summary: one line of at most 64 columns for the help.
    """

    name: str
    place: str
    summary: str

    def load(self) -> click.Command:
        """Import and return the command."""
        module, _, attribute = self.place.partition(":")
        command: click.Command = getattr(import_module(f"scraper.cli.{module}"), attribute)
        return command


class CommandGroup(click.Group):
    """A group that lists commands by section and reports an error in one line.

    Args:
        sections: the commands by heading.
    """

    def __init__(
        self, *args: Any, sections: Mapping[str, Sequence[CommandSpec]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections or {}
        self._entries = {e.name: e for entries in self.sections.values() for e in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command, or None."""
        entry = self._entries.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named by the first word; suggest similar names for a misspelt one."""
        name = args[0] if args else ""
        if name and name not in self._entries and not name.startswith("-"):
            near = difflib.get_close_matches(name, self._entries, n=2, cutoff=0.6)
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"no such command: {strip_controls(name)!r}{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        names = max(map(len, self._entries))
        for title, entries in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{e.name:<{names}}", e.summary) for e in entries])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a word may become; no command is loaded for it."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(entry.name, help=entry.summary)
            for entry in self._entries.values()
            if entry.name.startswith(incomplete)
        ]

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a `ScraperError` becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            if isinstance(ctx.obj, Options) and ctx.obj.verbose:
                traceback.print_exc(file=sys.stderr)
            for line in error.message.splitlines():
                print_message(f"scraper: {line}", bad=True)
            ctx.exit(_exit_code(error))
        except OSError as error:
            # A file that was named cannot be had; what has no name is a pipe that was closed.
            if error.filename is None:
                raise
            if isinstance(ctx.obj, Options) and ctx.obj.verbose:
                traceback.print_exc(file=sys.stderr)
            name = strip_controls(_printable(str(error.filename)))
            name = name if len(name) <= _MOST_OF_NAME else f"{name[:_MOST_OF_NAME]}…"
            print_message(f"scraper: {name}: {error.strerror}", bad=True)
            ctx.exit(EXIT_DISK if error.errno in _DISK_ERRORS else EXIT_USAGE)
        except KeyboardInterrupt as error:
            ctx.exit(_interrupted(ctx.invoked_subcommand or "", str(error)))
        except click.Abort as error:
            # A question that was not answered; click does not say why but by its context.
            if isinstance(error.__context__, KeyboardInterrupt):
                ctx.exit(_interrupted(ctx.invoked_subcommand or ""))
            if isinstance(error.__context__, EOFError):
                print_message(
                    "scraper: the input ended before the question was answered: give the answer as"
                    f" an option, see `scraper {ctx.invoked_subcommand} --help`",
                    bad=True,
                )
                ctx.exit(EXIT_USAGE)
            print_message("scraper: nothing was done")
            ctx.exit(EXIT_FAILED)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; SIGTERM stops it as Ctrl-C does."""
        with _stopped_by_sigterm():
            return super().main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments."""
        try:
            return super().make_context(*args, **kwargs)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(_interrupted("")) from None


class Subcommands(click.Group):
    """A group within the program, whose help tells the whole summary of each command."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands; click cuts each to one line."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(_MOST_OF_SUMMARY)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _interrupted(command: str, kept: str = "") -> int:
    """Say that a command was stopped, what is kept, and how to go on; return the exit code.

    Args:
        command: its name.
        kept: what is kept, where the command itself knows better than the table.
    """
    kept = kept or _INTERRUPTED.get(command, "")
    print_message(f"scraper: interrupted; {kept}" if kept else "scraper: interrupted")
    return EXIT_INTERRUPTED


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Have SIGTERM do what Ctrl-C does, so that workers end and what is under way is finished."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        # Shells start what runs in the background deaf to Ctrl-C; it can be ended nevertheless.
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
            raise KeyboardInterrupt
        # An event loop has a handler of its own, which lets tasks finish.
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_async(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run work in an event loop of its own, which Ctrl-C and SIGTERM cancel.

    Both wait while the loop is made: what is half-made would complain of itself at the end.
    """
    import asyncio

    stopping = {signal.SIGINT, signal.SIGTERM}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
    try:
        runner = asyncio.Runner()
        loop = runner.get_loop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    stopped = False

    async def cancellable() -> T:
        if threading.current_thread() is not threading.main_thread():
            return await work()
        task = asyncio.current_task()

        def stop(number: int, frame: object) -> None:
            nonlocal stopped
            if stopped or task is None:
                raise KeyboardInterrupt
            stopped = True
            task.cancel()
            # It may be asleep.
            loop.call_soon_threadsafe(lambda: None)

        before = signal.signal(signal.SIGTERM, stop)
        try:
            return await work()
        finally:
            signal.signal(signal.SIGTERM, before)

    with runner:
        try:
            return runner.run(cancellable())
        except asyncio.CancelledError:
            if stopped:
                raise KeyboardInterrupt from None
            raise


def exit_codes() -> str:
    """Return the table of exit codes in words, for the help."""
    told = "; ".join(
        f"{code} {what[0].lower()}{what[1:].rstrip('.')}" for code, what in EXIT_CODES.items()
    )
    return f"Exit codes: {told}."


def _exit_code(error: ScraperError) -> int:
    if isinstance(error, ArchiveLocked):
        return EXIT_LOCKED
    if error.error_class in ("db_full", "db_io"):
        return EXIT_DISK
    return EXIT_USAGE if isinstance(error, ConfigError | UsageError) else EXIT_FAILED


@record
class App(Options):
    """The global options, and what they open."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return the app with these options."""
        return cls(**{field.name: getattr(options, field.name) for field in fields(options)})

    def config(self, *, need_sources: bool = True) -> Config:
        """Read the configuration (`ConfigError` if it is invalid).

        Args:
            need_sources: whether `sources.toml` must exist; commands that visit no source do not
                need it.
        """
        from scraper.config import load_config

        return load_config(self.config_folder, need_sources=need_sources)

    def archive(self, *, create: bool = True, all_parts: bool = False) -> Archive:
        """Open the archive.

        Args:
            create: whether to make one where there is none; else it must exist.
            all_parts: whether the command reads sealed parts as well; one that does not says so.
        """
        from scraper.archive import Archive

        archive = Archive(self.archive_folder, create=create)
        if archive.part_names and not all_parts:
            print_message(
                "note: this command reads only the current file; sealed parts are left out:"
                f" {', '.join(archive.part_names)}"
                f" (each by itself: --archive {archive.folder}/parts/NAME)"
            )
        return archive

    def whole_archive(self) -> Archive:
        """Open the archive, or make it, for a command that takes pages out of sealed parts."""
        return self.archive(all_parts=True)


def pass_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Pass the `App` to a command as its first argument."""

    @click.pass_context
    def with_app(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        _check_values(ctx)
        return command(App.of(ctx.obj), *args, **kwargs)

    return update_wrapper(with_app, command)


def _check_values(ctx: click.Context) -> None:
    """Refuse what no archive can be asked for: numbers and texts that SQLite has no room for.

    Names of files may be of any bytes.

    Raises:
        click.BadParameter: a number of more than eight bytes, or a text that is not UTF-8.
    """
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, int) and not -_MOST_NUMBER <= one <= _MOST_NUMBER:
                raise click.BadParameter(f"{one} is too large a number", ctx, parameter)
            if isinstance(one, str) and any("\ud800" <= letter <= "\udfff" for letter in one):
                raise click.BadParameter(
                    f"{_printable(one)!r} is not UTF-8: give it in the encoding of the terminal",
                    ctx,
                    parameter,
                )


def _printable(text: str) -> str:
    """Return a text with what is not UTF-8 replaced."""
    return text.encode("utf-8", "replace").decode()


def transport(app: App) -> CaptureTransport | None:
    """Return the transport over the captures of ``--web``, or None for the web itself."""
    if not app.web:
        return None
    from scraper.exchange.capture_transport import CaptureTransport

    made = CaptureTransport(app.web)
    click.get_current_context().call_on_close(made.close)
    return made
