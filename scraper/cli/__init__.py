"""The command line: arguments in, one call, print. Each command's file says what it calls.

collect.py    fetch, collect, import, daemon          bring articles in
sources.py    sources list, check                     say what is watched
  sources_file.py  … add, remove, pause, resume, import, export
read.py       search, show, history, diff             read them
ledger.py     changes, survival                       what publishers did
topics.py     topics, facts, rescore                  what they are about, what they claim
cite.py       cite, verify                            hand on evidence, check it
operate.py    status, browse, demo                    look after the archive
upkeep.py     doctor, mend, backup, restore,
              retain, vacuum, reindex                 keep it sound
maintain.py   reextract, boilerplate                  keep its records current
logs.py                                               what the daemon writes of itself
"""

from __future__ import annotations

import logging
from pathlib import Path

import click

from scraper.cli import cite, collect, ledger, maintain, operate, read, sources, topics
from scraper.cli.app import App, Contents

__all__ = ["main"]


@click.group(cls=Contents, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    "archive",
    type=click.Path(path_type=Path, file_okay=False),
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
    ctx.obj = App(
        archive_folder=archive, config_folder=config, web=web, verbose=verbose, quiet=quiet
    )


main.section("Bring articles in", collect.COMMANDS)
main.section("Say what is watched", sources.COMMANDS)
main.section("Read them", (*read.COMMANDS, *ledger.COMMANDS))
main.section("Compare what they say", topics.COMMANDS)
main.section("Hand on evidence", cite.COMMANDS)
main.section("Look after the archive", operate.COMMANDS)
main.section("Keep it sound", maintain.COMMANDS)
