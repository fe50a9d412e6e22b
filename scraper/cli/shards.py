"""Imports and reextractions on several machines: parts, written as shards, and `merge`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, PLACE, App, pass_app, run_async, transport
from scraper.cli.output import Progress, print_failures, print_json, print_message, print_table
from scraper.errors import UsageError
from scraper.models import Page, ReadPage

if TYPE_CHECKING:
    from scraper.archive import Archive, StaleVersion
    from scraper.config import Config
    from scraper.exchange.imports import Found
    from scraper.exchange.shard_sets import ShardSet
    from scraper.exchange.shard_writer import ShardWriter
    from scraper.exchange.shards import Manifest, ShardRow
    from scraper.pipeline import RunCounts
    from scraper.pipeline.reextract import GivenReading

__all__ = [
    "MOST_NAMED",
    "merge",
    "part_of",
    "part_option",
    "print_part",
    "shards_option",
    "topic_option",
    "write_shards",
    "write_version_shards",
]

topic_option = click.option(
    "--topic",
    type=click.Choice(["all", "only"]),
    default="all",
    help="Whether to keep all articles, or only what is on topic.  [all]",
)

shards_option = click.option(
    "--shards",
    metavar="DIR",
    type=PLACE,
    help="Write nothing to the archive, but shards for `scraper merge` (extra: scraper[parquet]).",
)
part_option = click.option(
    "--part",
    metavar="I/N",
    help="With --shards: read only share I of N, such as 1/4.  [1/1]",
)

# Messages of what is broken that are shown; the others are counted.
MOST_NAMED = 50
OFF_TOPIC = "off topic"


def part_of(part: str | None, shards: Path | str | None) -> str:
    """Return the part that --part names, or the whole.

    Raises:
        UsageError: --part is given without --shards.
    """
    if part is not None and shards is None:
        raise UsageError(
            f"--part {part} needs --shards DIR: parts are written as shards, which"
            " `scraper merge DIR` puts into the archive"
        )
    return "1/1" if part is None else part


def write_shards(
    app: App,
    files: Sequence[tuple[Found, str]],
    *,
    part: str,
    folder: Path | str,
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
    import asyncio

    from scraper.exchange.shard_writer import ShardWriter
    from scraper.exchange.shards import ShardRow
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
        with _nothing_kept(), Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            progress.begin(share.size)
            run_async(lambda: run(writer, progress))
        manifest = writer.finish(
            terms=reading_terms(config), topic=topic, files=told, broken=share.broken,
            counts=counts,
        )  # fmt: skip
    print_part(app, manifest, progress, "captures", as_json=as_json)
    # What is damaged stays damaged: a job that is run again for it would never end.
    print_failures(share.broken, "files are broken", most=MOST_NAMED)


def write_version_shards(
    app: App,
    *,
    part: str,
    folder: Path | str,
    host: str,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Extract a part of an archive's versions again, and write the results as shards.

    Args:
        app: the options of the program.
        part: which part, as it was asked for.
        folder: where the shards go.
        host, since: which versions, as for `scraper reextract`.
        as_json: whether to print the counts as JSON.

    Raises:
        ScraperError: nothing was written.
    """
    from scraper.archive import Archive
    from scraper.exchange.shard_writer import ShardWriter
    from scraper.exchange.shares import Part
    from scraper.pipeline.share import reading_terms

    config = app.config()
    share = Part.parse(part)
    counts: Counter[str] = Counter()
    with (
        Archive(app.archive_folder, create=False, readonly=True) as archive,
        ShardWriter(folder, share) as writer,
    ):
        listed = archive.stale_versions(None, limit=-1, host=host, since=since)
        mine = [one for one in listed if share.takes_version(one.id)]
        with _nothing_kept(), Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            run_async(lambda: _reread(archive, config, mine, writer, counts, progress))
        manifest = writer.finish(
            terms=reading_terms(config), topic="all", files=(), broken=(), counts=counts,
            selection={"host": host, "since": since.isoformat() if since else ""},
        )  # fmt: skip
    print_part(app, manifest, progress, "versions", as_json=as_json)


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """Have Ctrl-C say that a part is kept whole or not at all."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("nothing of this part is kept; run it again") from None


async def _reread(
    archive: Archive,
    config: Config,
    versions: Sequence[StaleVersion],
    writer: ShardWriter,
    counts: Counter[str],
    progress: Progress,
) -> None:
    import asyncio

    from scraper.exchange.shards import ShardRow
    from scraper.exchange.shares import Place
    from scraper.pipeline.reextract_share import reread_versions

    async for made in reread_versions(archive, config, versions):
        progress.read()
        counts[made.outcome] += 1
        row = ShardRow(
            place=Place(0, made.id), key=made.key, page=ReadPage.of(made.page, made.reading),
            outcome=made.outcome, on_topic=made.on_topic,
        )  # fmt: skip
        await asyncio.to_thread(writer.add, row)


def print_part(
    app: App, manifest: Manifest, progress: Progress, what: str, *, as_json: bool
) -> None:
    """Print what a part has read.

    Args:
        app: the options of the program.
        manifest: of the part.
        progress: what counted it.
        what: captures or versions.
        as_json: whether to print it as JSON.
    """
    if not app.quiet:
        print_message(progress.summary())
        print_message(f"part {manifest.part} is whole: {manifest.path}")
    if as_json:
        print_json(
            "scraper/part/1",
            {"part": str(manifest.part), "counts": manifest.counts, "broken": manifest.broken,
             "manifest": manifest.path},
        )  # fmt: skip
    else:
        counts = sorted(manifest.counts.items(), key=lambda one: -one[1])
        print_table(["outcome", what], counts)


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR…", type=PLACE)
@topic_option
@click.option("--force", is_flag=True, help="Continue though a reextraction would lose much text.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def merge(
    app: App, folders: tuple[Path | str, ...], topic: str, force: bool, as_json: bool
) -> None:
    """Put the shards of an import that ran on several machines into the archive.

    Each DIR holds what `scraper import … --part I/N --shards DIR` wrote; all N parts have to be
    there, in one folder or several. The archive is then the one that a single machine would have
    made of the same files in the same order. Of `scraper reextract … --part I/N --shards DIR` the
    same holds: what does not fit the archive any more is read again here.

    Nothing is written unless all shards are whole. After an interruption, run it again to continue.
    Shards that were merged are known: a second merge adds nothing.

    \b
    Example:  scraper merge shards/
              scraper merge node1/ node2/ --topic only
    """
    from scraper.exchange.shard_sets import shard_sets
    from scraper.pipeline.share import reading_terms

    sets = shard_sets(folders)
    of_versions = [one for one in sets if one.selection]
    terms = reading_terms(app.config(need_sources=bool(of_versions)))
    for one in sets:
        one.check_terms(terms)
    for one in sets:
        one.check_shards()
    if not of_versions:
        _merge_captures(app, sets, topic, as_json=as_json)
        return
    if len(sets) > 1:
        raise UsageError(
            f"{of_versions[0].manifests[0].folder} holds the shards of a reextraction: merge"
            " it by itself"
        )
    _merge_versions(app, sets[0], force=force, as_json=as_json)


def _merge_captures(app: App, sets: Sequence[ShardSet], topic: str, *, as_json: bool) -> None:
    from scraper.cli.collect import print_counts
    from scraper.pipeline import RunCounts

    tally = RunCounts()
    known = run_async(lambda: _merge(app, sets, topic, tally))
    broken = [message for one in sets for message in one.broken]
    if as_json:
        print_json(
            "scraper/merge/1",
            {"files": tally.by_source, "total": tally.total(), "broken": broken,
             "merged_before": known},
        )  # fmt: skip
    else:
        if not app.quiet:
            for name in known:
                print_message(f"{name}: all of its shards were merged before: nothing to do")
        if len(known) < len(sets):
            print_counts(tally)
    print_failures(broken, "files are broken", most=MOST_NAMED)
    if broken or not tally.ok:
        sys.exit(EXIT_FAILED)


def _merge_versions(app: App, one: ShardSet, *, force: bool, as_json: bool) -> None:
    from scraper.cli.reextract import print_report
    from scraper.pipeline.reextract import reextract

    since = one.selection.get("since")
    with (
        app.archive(create=False) as archive,
        Progress(quiet=app.quiet, verbose=app.verbose) as progress,
    ):
        report = run_async(
            lambda: reextract(
                app.config(),
                archive,
                host=one.selection.get("host", ""),
                since=datetime.fromisoformat(since) if since else None,
                force=force,
                given=_given(one),
                on_event=progress,
            )
        )
    print_report(report, as_json=as_json)


def _given(one: ShardSet) -> Iterator[GivenReading]:
    from scraper.pipeline.reextract import GivenReading

    lexicon = one.manifests[0].terms.get("lexicon", "")
    for row in one.versions():
        yield GivenReading(
            id=row.place.number, key=row.key, lexicon=lexicon, reading=row.page.reading
        )


async def _merge(app: App, sets: Sequence[ShardSet], topic: str, tally: RunCounts) -> list[str]:
    """Merge what was not merged before; return the names of what was."""
    from scraper.archive.merged_shards import MergedShard
    from scraper.pipeline import Pipeline

    known: list[str] = []
    with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
        async with Pipeline(
            app.config(need_sources=False),
            open_archive=app.whole_archive,
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
