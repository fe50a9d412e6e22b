"""Imports on several machines: a part of one, written as shards, and the command merge."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app, transport
from scraper.cli.collect import print_counts
from scraper.cli.output import Progress, print_failures, print_json, print_message, print_table
from scraper.models import Page, ReadPage

if TYPE_CHECKING:
    from scraper.exchange.imports import Found
    from scraper.exchange.shard_sets import ShardSet
    from scraper.exchange.shards import ShardRow
    from scraper.pipeline import RunCounts

__all__ = ["merge", "topic_option", "write_shards"]

topic_option = click.option(
    "--topic",
    type=click.Choice(["all", "only"]),
    default="all",
    help="Whether to keep all articles, or only what is on topic.  [all]",
)

# Messages of what is broken that are shown; the others are counted.
_MOST_NAMED = 50
OFF_TOPIC = "off topic"


def write_shards(
    app: App,
    files: Sequence[tuple[Found, str]],
    *,
    part: str,
    folder: Path,
    topic: str,
    as_json: bool,
) -> None:
    """Read a part of an import, and write it as shards.

    Args:
        app: the options of the program.
        files: all files of the import, each with the name that it is counted under.
        part: which part, as it was asked for.
        folder: where the shards go.
        topic: ``all``, or ``only`` to leave out articles that are off topic.
        as_json: whether to print the counts as JSON.

    Raises:
        ScraperError: nothing was written.
    """
    from scraper.exchange.shards import ShardRow, ShardWriter
    from scraper.exchange.shares import Part, Place, Share
    from scraper.pipeline.share import read_captures_elsewhere, reading_terms

    config = app.config(need_sources=False)
    share = Share(files, Part.parse(part))
    counts: Counter[str] = Counter()

    async def run(writer: ShardWriter, progress: Progress) -> None:
        def captures() -> Iterator[tuple[tuple[Place, str], Page]]:
            for name, page, at in share.captures():
                progress.reached(at)
                yield name, page

        async for (place, key), page, made in read_captures_elsewhere(captures(), config):
            progress.read()
            if topic == "only" and made.on_topic is False:
                counts[OFF_TOPIC] += 1
                continue
            counts[made.outcome] += 1
            row = ShardRow(
                place=place, key=key, page=ReadPage.of(page, made.reading),
                outcome=made.outcome, on_topic=made.on_topic,
            )  # fmt: skip
            await asyncio.to_thread(writer.add, row)

    with ShardWriter(folder, share.part) as writer:
        told = share.files()
        with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            progress.begin(share.size)
            asyncio.run(run(writer, progress))
        manifest = writer.finish(
            terms=reading_terms(config), topic=topic, files=told, broken=share.broken,
            counts=counts,
        )  # fmt: skip
    if not app.quiet:
        print_message(progress.summary())
        print_message(f"part {manifest.part} is whole: {manifest.path}")
    if as_json:
        print_json(
            {"part": str(manifest.part), "counts": counts, "broken": share.broken,
             "manifest": str(manifest.path)}
        )  # fmt: skip
    else:
        print_table(["outcome", "captures"], counts.most_common())
    # What is damaged stays damaged: a job that is run again for it would never end.
    print_failures(share.broken, "files are broken", most=_MOST_NAMED)


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR…", type=click.Path(path_type=Path))
@topic_option
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def merge(app: App, folders: tuple[Path, ...], topic: str, as_json: bool) -> None:
    """Put the shards of an import that ran on several machines into the archive.

    Each DIR holds what `scraper import … --part I/N --shards DIR` wrote; all N parts have to be
    there, in one folder or several. The archive is then the one that a single machine would have
    made of the same files in the same order.

    Nothing is written unless all shards are whole. After an interruption, run it again to continue.
    Shards that were merged are known: a second merge adds nothing.

    \b
    Example:  scraper merge shards/
              scraper merge node1/ node2/ --topic only
    """
    from scraper.exchange.shard_sets import shard_sets
    from scraper.pipeline import RunCounts
    from scraper.pipeline.share import reading_terms

    config = app.config(need_sources=False)
    terms = reading_terms(config)
    sets = shard_sets(folders)
    for one in sets:
        one.check_terms(terms)
    for one in sets:
        one.check_shards()
    tally = RunCounts()
    known = asyncio.run(_merge(app, sets, topic, tally))
    broken = [message for one in sets for message in one.broken]
    if as_json:
        print_json(
            {"files": tally.by_source, "total": tally.total(), "broken": broken,
             "merged_before": known}
        )  # fmt: skip
    else:
        if not app.quiet:
            for name in known:
                print_message(f"{name}: all of its shards were merged before: nothing to do")
        if len(known) < len(sets):
            print_counts(tally)
    print_failures(broken, "files are broken", most=_MOST_NAMED)
    if broken or not tally.ok:
        sys.exit(EXIT_FAILED)


async def _merge(app: App, sets: Sequence[ShardSet], topic: str, tally: RunCounts) -> list[str]:
    """Merge what was not merged before; return the names of what was."""
    from scraper.archive.merged_shards import MergedShard
    from scraper.pipeline import Pipeline

    known: list[str] = []
    with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
        async with Pipeline(
            app.config(need_sources=False),
            open_archive=app.archive,
            transport=transport(app),
            on_event=progress,
            unsourced_topic=topic,
        ) as pipeline:
            thread = pipeline.archive_thread
            archive = thread.archive_or_fail()
            for one in sets:
                shards = [
                    MergedShard(
                        sha256=shard.sha256, name=shard.name, part=str(manifest.part),
                        rows=shard.rows,
                    )
                    for manifest, shard in one.shards
                ]  # fmt: skip
                hashes = [shard.sha256 for shard in shards]
                if await thread.call(archive.merged_shards, hashes) >= set(hashes):
                    known.append(one.name)
                    continue
                progress.begin(sum(shard.size for _, shard in one.shards))
                for label, rows in one.batches():
                    await pipeline.import_captures(_captures(rows), label=label, tally=tally)
                await thread.call(archive.note_merged, shards, pipeline.clock())
        if not app.quiet and len(known) < len(sets):
            print_message(progress.summary())
    return known


def _captures(rows: Iterator[ShardRow]) -> Iterator[tuple[str, Page]]:
    for row in rows:
        yield row.key, row.page
