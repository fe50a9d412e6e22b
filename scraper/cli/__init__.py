"""The command line: each command parses its arguments, makes one call, and prints the result.

`SECTIONS` maps commands to modules. Other modules:

app.py            the global options, what they open, and the group that loads commands
output.py         tables, JSON, progress, articles, comparisons
documents.py      the JSON documents that commands print
logs.py           the daemon's log
edit_sources.py   the subcommands of ``sources`` that write the configuration
"""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path

import click

from scraper.cli.app import CommandGroup, CommandSpec, Options, exit_codes

__all__ = ["main"]

# What loading makes stays: to look for garbage in it again and again takes a sixth of the time of a
# command that only reads.
gc.set_threshold(50_000)

SECTIONS = {
    "Set up": (
        CommandSpec("init", "setup:init", "Make a folder with configuration, archive, a source."),
        CommandSpec("config", "setup:config", "Check and show the configuration."),
        CommandSpec("plugins", "plugins:plugins", "List installed plugins and what they add."),
        CommandSpec("completion", "setup:completion", "Print or install completion of a shell."),
        CommandSpec("man", "manual:man", "Print the manual page."),
        CommandSpec("schema", "schemas:schema", "Print the JSON Schema of an output."),
    ),
    "Collect articles": (
        CommandSpec("fetch", "collect:fetch", "Fetch pages now and print their clean articles."),
        CommandSpec("collect", "collect:collect", "Make one pass over all sources that are due."),
        CommandSpec(
            "import", "import_pages:import_", "Take in WARC, saved pages, lists, other exports …"
        ),
        CommandSpec("merge", "shards:merge", "Put in what imports on other machines have read."),
        CommandSpec("backfill", "backfill:backfill", "Fetch a source's past: sitemaps, archives."),
        CommandSpec("daemon", "daemon:daemon", "Collect on schedule until stopped."),
    ),
    "Choose what to watch": (
        CommandSpec("sources", "sources:sources", "List, check, add, remove, pause sources."),
    ),
    "Read articles": (
        CommandSpec("search", "read:search", "Search articles; either Chinese script finds both."),
        CommandSpec("show", "read:show", "Print an archived article in any of its versions."),
        CommandSpec(
            "history", "read:history", "List an article's versions and what changed in each."
        ),
        CommandSpec("diff", "read:diff", "Show what changed between two versions, by sentence."),
        CommandSpec("changes", "changes:changes", "List changes: new, edited, retitled, gone …"),
        CommandSpec(
            "survival", "changes:survival_", "Show the time to takedown or first edit, by outlet."
        ),
    ),
    "Compare articles": (
        CommandSpec("topics", "topics:topics", "Explain the topic score of a text or an article."),
        CommandSpec(
            "facts", "facts:facts", "List outlets' figures for a model, and contradictions."
        ),
        CommandSpec("stories", "stories:stories", "List stories: articles on one event."),
        CommandSpec("story", "stories:story", "Show who reported a story first, and who copied."),
        CommandSpec("quotes", "quotes:quotes", "List what somebody said, and how it was altered."),
        CommandSpec(
            "rescore", "topics:rescore_", "Judge the archive again after a change of lexicon."
        ),
    ),
    "Export": (
        CommandSpec(
            "export", "export:export", "Write articles as JSON, CSV, Markdown, EPUB, WARC …"
        ),
        CommandSpec("cite", "cite:cite", "Write a version as a verifiable bundle (ZIP)."),
        CommandSpec("verify", "cite:verify", "Check that bundles, or the archive, are unaltered."),
    ),
    "Watch the archive": (
        CommandSpec(
            "status",
            "coverage:status",
            "Show the archive's contents and the health of its sources.",
        ),
        CommandSpec("coverage", "coverage:coverage", "Show the entries of each source, and gaps."),
        CommandSpec("digest", "digest:digest", "Tell what happened since yesterday, in sections."),
        CommandSpec("alerts", "alerts:alerts", "List, test and pause what is told to whom."),
        CommandSpec(
            "browse", "browse:browse", "Browse the archive in Datasette, on this machine only."
        ),
        CommandSpec("demo", "demo:demo", "Run a small newsroom on this machine to try everything."),
    ),
    "Maintain the archive": (
        CommandSpec(
            "doctor",
            "maintenance:doctor",
            "Check the archive's integrity; suggest a fix for each problem.",
        ),
        CommandSpec(
            "mend", "maintenance:mend", "Repair what can be rebuilt, then check the archive."
        ),
        CommandSpec("backup", "maintenance:backup", "Copy the archive, and check the copy."),
        CommandSpec("restore", "maintenance:restore", "Replace the archive by a backup."),
        CommandSpec(
            "retain",
            "maintenance:retain",
            "Delete raw pages of old fetches that found nothing new.",
        ),
        CommandSpec(
            "rollover", "rollover:rollover", "Seal what rests in a part that stays as it is."
        ),
        CommandSpec(
            "vacuum", "maintenance:vacuum", "Return unused space in the files to the disk."
        ),
        CommandSpec(
            "reindex", "maintenance:reindex", "Rebuild the search index from the archived texts."
        ),
        CommandSpec(
            "reextract", "reextract:reextract_", "Extract all articles again from their raw pages."
        ),
        CommandSpec("regroup", "stories:regroup", "Group all articles to stories anew."),
        CommandSpec("boilerplate", "reextract:boilerplate", "List learned boilerplate."),
    ),
}


def _archive_folder(ctx: click.Context, option: click.Parameter, value: Path) -> Path:
    """Refuse a file: an archive is a folder."""
    if value.is_file() or value.suffix == ".db":
        raise click.BadParameter(
            f"{value} is a file, but an archive is a folder: --archive {value.parent}", ctx, option
        )
    return value


def _config_here() -> Path | None:
    """Return the configuration in the current folder, as `scraper init` makes one, or None.

    That of a checkout is the shipped one: nobody named it.
    """
    folder = Path("config")
    if not all((folder / name).is_file() for name in ("settings.toml", "sources.toml")):
        return None
    from scraper.toml_file import shipped_config

    return None if folder.resolve() == shipped_config() else folder


@click.group(
    cls=CommandGroup,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exit_codes(),
)
@click.option(
    "--archive",
    "archive",
    type=click.Path(path_type=Path),
    callback=_archive_folder,
    default=Path("archive"),
    envvar="SCRAPER_ARCHIVE",
    show_default=True,
    show_envvar=True,
    help="Folder of the archive.",
)
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    envvar="SCRAPER_CONFIG",
    show_envvar=True,
    help="Folder of settings.toml, sources.toml …"
    "  [default: config, if it has both; else the shipped one]",
)
@click.option(
    "--web",
    "web",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE.warc.gz",
    help="Answer requests from captures instead of the web (repeatable).",
)
@click.option("-v", "--verbose", is_flag=True, help="Print more; show tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Print only results and errors.")
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
    """Collect web articles in English and Chinese, without boilerplate, and record every edit.

    \b
    Try it:   scraper demo --collect          a small newsroom on this machine
    Use it:   scraper fetch https://example.com/story
              scraper collect                 one pass over the sources
              scraper search 开源模型

    Times are shown in your time zone: that of the variable TZ, else of the machine. Days in options
    and filters are days of UTC unless a command says otherwise; JSON and files hold UTC.
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
        archive_folder=archive,
        config_folder=config or _config_here(),
        web=web,
        verbose=verbose,
        quiet=quiet,
    )
