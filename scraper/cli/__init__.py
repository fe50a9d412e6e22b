"""The command line: arguments in, one call, print.

`SECTIONS` says which module has which command. Besides these:

contents.py       the group that loads them when they are called
app.py            what they share: the global options, and what they open
web.py            what stands for the web
printing.py, articles.py, diffs.py    how things look on a terminal
logs.py           what the daemon writes of itself
sources_file.py   the subcommands of ``sources`` that write the configuration
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import click

from scraper.cli.app import CommandGroup, CommandSpec, Options

__all__ = ["main"]

SECTIONS = {
    "Bring articles in": (
        CommandSpec("fetch", "collect:fetch", "Fetch pages now and print their clean articles."),
        CommandSpec("collect", "collect:collect", "Make one pass over all sources that are due."),
        CommandSpec("import", "collect:import_", "Read captured pages (WARC) into the archive."),
        CommandSpec("daemon", "daemon:daemon", "Collect on schedule until told to stop."),
    ),
    "Say what is watched": (
        CommandSpec(
            "sources", "sources:sources", "List, check, add, remove, pause what is watched."
        ),
    ),
    "Read them": (
        CommandSpec("search", "read:search", "Search articles; either Chinese script finds both."),
        CommandSpec("show", "read:show", "Print an archived article, in any of its versions."),
        CommandSpec(
            "history", "read:history", "List an article's versions and what changed in each."
        ),
        CommandSpec("diff", "read:diff", "Show what changed between two versions, by sentence."),
        CommandSpec(
            "changes", "changes:changes", "List what happened: new, edited, retitled, gone …"
        ),
        CommandSpec("survival", "changes:survival_", "Tell how long articles stand, by outlet."),
    ),
    "Compare what they say": (
        CommandSpec("topics", "topics:topics", "Explain the topic score of a text or an article."),
        CommandSpec(
            "facts", "facts:facts", "List outlets' figures of a model, and where they differ."
        ),
        CommandSpec("rescore", "topics:rescore_", "Judge the archive anew by a changed lexicon."),
    ),
    "Hand on evidence": (
        CommandSpec("cite", "cite:cite", "Write a bundle (ZIP) that a version can be checked by."),
        CommandSpec(
            "verify", "cite:verify", "Check that bundles, or the archive, are what they were."
        ),
    ),
    "Look after the archive": (
        CommandSpec(
            "status", "coverage:status", "Say what the archive holds and how its sources fare."
        ),
        CommandSpec(
            "coverage", "coverage:coverage", "Tell what came of each source, and what is missing."
        ),
        CommandSpec(
            "browse", "browse:browse", "Browse the archive in Datasette, on this machine only."
        ),
        CommandSpec("demo", "demo:demo", "Run a small newsroom on this machine, to try it all."),
    ),
    "Keep it sound": (
        CommandSpec(
            "doctor",
            "maintenance:doctor",
            "Check the archive's integrity; suggest a fix for each problem.",
        ),
        CommandSpec(
            "mend", "maintenance:mend", "Repair what can be rebuilt, then check the archive."
        ),
        CommandSpec(
            "backup", "maintenance:backup", "Write a copy of the archive, and check the copy."
        ),
        CommandSpec("restore", "maintenance:restore", "Replace the archive by a backup of it."),
        CommandSpec(
            "retain",
            "maintenance:retain",
            "Delete raw pages of old fetches that found nothing new.",
        ),
        CommandSpec(
            "vacuum", "maintenance:vacuum", "Return unused space in the files to the disk."
        ),
        CommandSpec(
            "reindex", "maintenance:reindex", "Rebuild the search index from the archived texts."
        ),
        CommandSpec(
            "reextract", "reextract:reextract_", "Derive all articles anew from their raw pages."
        ),
        CommandSpec(
            "boilerplate", "reextract:boilerplate", "List what was learned to be boilerplate."
        ),
    ),
}


def _archive_folder(ctx: click.Context, option: click.Parameter, value: Path) -> Path:
    """Refuse a file: an archive is a folder."""
    if value.is_file() or value.suffix == ".db":
        raise click.BadParameter(
            f"{value} is a file, an archive is a folder: --archive {value.parent}", ctx, option
        )
    return value


@click.group(
    cls=CommandGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--archive",
    "archive",
    type=click.Path(path_type=Path),
    callback=_archive_folder,
    default=Path("archive"),
    envvar="SCRAPER_ARCHIVE",
    show_default=True,
    help="Folder of the archive.",
)
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    envvar="SCRAPER_CONFIG",
    help="Folder of settings.toml, sources.toml …  [default: the shipped one]",
)
@click.option(
    "--web",
    "web",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE.warc.gz",
    help="Let captured responses stand for the web (repeatable).",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more; show tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.version_option(package_name="scraper", prog_name="scraper")
@click.pass_context
def main(
    ctx: click.Context,
    archive: Path,
    config: Path | None,
    web: tuple[Path, ...],
    verbose: bool,
    quiet: bool,
) -> None:
    """Collect web articles in English and Chinese, keep only the article, remember every edit.

    \b
    Try it:   scraper demo --collect          a small newsroom on this machine
    Use it:   scraper fetch https://example.com/story
              scraper collect                 one pass over config/sources.toml
              scraper search 开源模型
    """
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    for noisy in ("httpx", "httpcore", "hpack", "trafilatura", "htmldate", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING if verbose else logging.CRITICAL)
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False
    ctx.obj = Options(
        archive_folder=archive, config_folder=config, web=web, verbose=verbose, quiet=quiet
    )
