"""The command that prints the manual page, made from the commands themselves: man."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version as release_of

import click

from scraper.cli.app import EXIT_CODES, CommandGroup

__all__ = ["man"]

_ENVIRONMENT = (
    ("SCRAPER_ARCHIVE", "Folder of the archive, as --archive."),
    ("SCRAPER_CONFIG", "Folder of the configuration, as --config."),
    ("NO_COLOR", "Without colours, whatever its value."),
    ("TZ", "Zone in which times are shown."),
)


@click.command()
@click.pass_context
def man(ctx: click.Context) -> None:
    """Print the manual page, in the language of man(7).

    \b
    Example:  scraper man | man -l -
              scraper man > ~/.local/share/man/man1/scraper.1
    """
    root = ctx.find_root()
    assert isinstance(root.command, CommandGroup)
    click.echo("\n".join(_page(root, root.command)))


def _page(root: click.Context, main: CommandGroup) -> Iterator[str]:
    yield f'.TH SCRAPER 1 "" "scraper {release_of("scraper")}" "User Commands"'
    yield ".SH NAME"
    yield f"scraper \\- {_escaped((main.help or '').split('.')[0].replace(chr(10), ' '))}"
    yield ".SH SYNOPSIS"
    yield ".B scraper"
    yield r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]..."
    yield ".SH OPTIONS"
    yield from _options(root, main)
    for title, specs in main.sections.items():
        yield f".SH {_escaped(title.upper())}"
        for spec in specs:
            yield from _command(root, spec.load(), f"scraper {spec.name}")
    yield ".SH ENVIRONMENT"
    for name, what in _ENVIRONMENT:
        yield from (".TP", f".B {name}", _escaped(what))
    yield ".SH EXIT STATUS"
    for code, what in EXIT_CODES.items():
        yield from (".TP", f".B {code}", _escaped(what))


def _command(root: click.Context, command: click.Command, name: str) -> Iterator[str]:
    """Yield the part of the page on a command, and those below it."""
    context = click.Context(command, info_name=name, parent=None)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_escaped(f'{name} {pieces}')}"
    yield from _text(command.help or "")
    yield from _options(context, command)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from _command(root, found, f"{name} {below}")


def _options(context: click.Context, command: click.Command) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (".TP", f".B {_escaped(record[0])}", _escaped(record[1] or ""))


def _text(help_: str) -> Iterator[str]:
    r"""Yield a help text: paragraphs, and blocks behind ``\b`` as they stand."""
    for paragraph in re.split(r"\n[ \t]*\n", help_.strip()):
        lines = paragraph.split("\n")
        if lines[0].strip() == "\b":
            yield from (".PP", ".nf", *map(_escaped, lines[1:]), ".fi")
        else:
            yield from (".PP", _escaped(" ".join(line.strip() for line in lines)))


def _escaped(text: str) -> str:
    """Return text as man(7) prints it: a line that begins with a dot or quote is no request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ").rstrip()
    return f"\\&{text}" if text.startswith((".", "'")) else text
