"""Commands that set the program up: init, config, completion."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path
from shlex import quote
from typing import Any

import click

from scraper.cli.app import App, Options, Subcommands, pass_app
from scraper.cli.output import print_json, print_message, strip_controls
from scraper.errors import ConfigError, UsageError

__all__ = ["completion", "config", "init"]

_SETTINGS = """\
# What differs from the defaults; `scraper config show` lists all settings.

[fetch]
contact = {contact}  # sent with each request, so that site owners can reach you
"""
_SOURCES = """\
# What is watched, a block for each source. `scraper sources add URL` writes them.
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("news"))
@click.option("--contact", default=None, help="Your address or page, for owners of sites.")
@click.option("--source", "source", default=None, metavar="URL", help="A first site to watch.")
@click.option("--pack", default=None, metavar="NAME", help="A pack of sources to watch.")
@pass_app
def init(app: App, folder: Path, contact: str | None, source: str | None, pack: str | None) -> None:
    """Make a folder with a configuration, an archive and a first source.

    On a terminal it asks for what is not given; elsewhere it takes only the options. Nothing that
    exists is overwritten. In the folder all commands use both; elsewhere SCRAPER_CONFIG and
    SCRAPER_ARCHIVE name them.

    \b
    Example:  scraper init news
              scraper init news --contact me@example.com --source https://example.com/tech/
    """
    config, archive = folder / "config", folder / "archive"
    if (config / "sources.toml").exists():
        raise UsageError(f"{config} exists already: `scraper --config {config} sources add URL`")
    asks = sys.stdin.isatty() and not app.quiet
    if contact is None:
        contact = _asked("Address or page where owners of sites reach you (may be empty)", asks)
    if source is None and pack is None:
        source = _asked("Site, section or feed to watch first (may be empty)", asks)
    _write(config, contact)
    options = replace(app, archive_folder=archive, config_folder=config)
    with options.archive(all_parts=True):
        pass
    # Told first: where the first source cannot be had, all this stands nevertheless.
    click.echo(f"configuration  {config}\narchive        {archive}\n")
    places = {"SCRAPER_CONFIG": config, "SCRAPER_ARCHIVE": archive}
    exported = " ".join(f"{k}={quote(str(p.resolve()))}" for k, p in places.items())
    if archive.resolve() != Path("archive").resolve():
        click.echo(
            f"cd {quote(str(folder))}    # commands use both in this folder; elsewhere after"
        )
    click.echo(f"export {exported}")
    if source or pack:
        from scraper.cli.edit_sources import COMMANDS

        add = next(command for command in COMMANDS if command.name == "add")
        words = [*([source] if source else []), *(["--pack", pack] if pack else [])]
        plain = Options(**{f.name: getattr(options, f.name) for f in fields(Options)})
        add.main(words, prog_name="scraper sources add", standalone_mode=False, obj=plain)
    if not source and not pack:
        click.echo("scraper sources add URL    # watch a site, or: scraper sources add --pack en")
    click.echo("scraper collect            # one pass; `scraper daemon` collects on schedule")
    click.echo("scraper browse             # read it")


def _asked(question: str, asks: bool) -> str:
    return str(click.prompt(question, default="", show_default=False, err=True)) if asks else ""


def _write(config: Path, contact: str) -> None:
    """Write the two files of a configuration."""
    import json

    try:
        config.mkdir(parents=True, exist_ok=True)
        # A TOML basic string takes the escapes of JSON.
        quoted = json.dumps("".join(contact.splitlines()))
        (config / "settings.toml").write_text(_SETTINGS.format(contact=quoted), encoding="utf-8")
        (config / "sources.toml").write_text(_SOURCES, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{config} cannot be written: {error.strerror}") from None


@click.group("config", cls=Subcommands)
def config() -> None:
    """Check and show the configuration.

    \b
    Example:  scraper config check
              scraper config show
              scraper config path
    """


@config.command()
@pass_app
def check(app: App) -> None:
    """Check settings, sources, topics and alerts, and name each problem with its line.

    \b
    Example:  scraper --config news/config config check
    """
    from scraper.alerts.rules import load_alerts
    from scraper.config import Config
    from scraper.toml_file import shipped_config
    from scraper.topics.lexicon import lexicon_in

    shipped = shipped_config()
    folder = app.config_folder or shipped
    problems: list[str] = []
    read: Config | None = None
    try:
        read = app.config(need_sources=False)
    except ConfigError as error:
        problems += error.problems
    names = None if read is None else tuple(source.name for source in read.sources)
    for load in (lambda: lexicon_in(folder), lambda: load_alerts(folder, names)):
        try:
            load()
        except ConfigError as error:
            problems += error.problems
    if read is None or problems:
        # A folder that is missing is so for all of them.
        raise ConfigError(list(dict.fromkeys(problems)))
    rules = folder / "boilerplate.toml"
    if folder != shipped and _differs(rules, shipped / rules.name):
        print_message(f"{rules} is not read: what holds is {shipped / rules.name}")
    enabled = sum(source.enabled for source in read.sources)
    click.echo(f"{read.folder}: no problem; {len(read.sources)} sources, {enabled} enabled")
    if not read.fetch.contact:
        print_message("no contact is set: settings.toml, [fetch] contact")


def _differs(path: Path, shipped: Path) -> bool:
    return path.is_file() and path.read_bytes() != shipped.read_bytes()


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
@pass_app
def show(app: App, as_json: bool) -> None:
    """Show all settings as they hold, with the defaults of those that are not given.

    \b
    Example:  scraper config show
    """
    read = app.config(need_sources=False)
    tables: dict[str, Any] = {"fetch": read.fetch, "parse": read.parse, "archive": read.archive}
    values = {
        name: {field.name: getattr(table, field.name) for field in fields(table)}
        for name, table in tables.items()
    }
    if as_json:
        print_json("scraper/settings/1", {"folder": str(read.folder), **values})
        return
    import json

    for name, table in values.items():
        click.echo(f"[{name}]")
        for key, value in table.items():
            shown = json.dumps(value, ensure_ascii=False)
            click.echo(f"{key} = {strip_controls(shown)}")
        click.echo()


@config.command()
@pass_app
def path(app: App) -> None:
    """Print where configuration and archive are.

    \b
    Example:  scraper config path
    """
    from scraper.toml_file import shipped_config

    folder = app.config_folder or shipped_config()
    if not folder.is_dir():
        raise ConfigError([f"{folder}: no such folder"])
    click.echo(f"configuration  {folder.resolve()}")
    click.echo(f"archive        {app.archive_folder.resolve()}")


# Where each shell looks for completions of a user.
_PLACES = {
    "bash": "~/.local/share/bash-completion/completions/scraper",
    "zsh": "~/.zfunc/_scraper",
    "fish": "~/.config/fish/completions/scraper.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(tuple(_PLACES)))
@click.option("--install", is_flag=True, help="Write it where the shell looks for it.")
@click.pass_context
def completion(ctx: click.Context, shell: str, install: bool) -> None:
    """Print the completion script of a shell, or install it.

    \b
    Example:  scraper completion bash --install
              scraper completion zsh > ~/.zfunc/_scraper
              scraper completion fish | source
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    script = made(ctx.find_root().command, {}, "scraper", "_SCRAPER_COMPLETE").source()
    if not install:
        click.echo(script)
        return
    target = Path(_PLACES[shell]).expanduser()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(script, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    print_message(f"written: {target}; it works in the next shell")
    if shell == "zsh":
        print_message("~/.zshrc must have: fpath+=~/.zfunc; autoload -U compinit; compinit")
