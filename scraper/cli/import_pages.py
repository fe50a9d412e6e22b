"""The command that takes in what other programs have collected: import."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, PLACE, App, pass_app, run_async, transport
from scraper.cli.cluster import cluster_option, import_on_cluster, refuse_with_cluster
from scraper.cli.collect import print_counts
from scraper.cli.output import Progress, print_failures, print_json, print_message
from scraper.cli.shards import part_of, part_option, shards_option, topic_option, write_shards
from scraper.cli.standard_input import GivenFiles, standard_input
from scraper.errors import ScraperError, UsageError
from scraper.models import Page

if TYPE_CHECKING:
    from scraper.exchange.imports import Found
    from scraper.pipeline import Pipeline, RunCounts

__all__ = ["import_"]

# Broken files that are named; the others are counted.
_MOST_NAMED = 50


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER|-…", type=PLACE)
@shards_option
@part_option
@cluster_option
@topic_option
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def import_(
    app: App,
    files: tuple[Path | str, ...],
    shards: Path | str | None,
    part: str | None,
    cluster: str | None,
    topic: str,
    as_json: bool,
) -> None:
    """Take in what other programs have collected: files, folders, or - for standard input.

    Pages as they were captured keep their dates: WARC and ARC, gzipped or not, WACZ (Browsertrix),
    folders of ArchiveBox and wget, pages saved by SingleFile or a browser, JSON Lines of
    `scraper export --format jsonl-pages`. Articles that are only named are fetched now: lists of
    addresses, exports of Pocket, Wallabag, Karakeep, FreshRSS and Miniflux, output folders of
    trafilatura. What `scraper export --whole` wrote becomes an archive in a new folder.

    Damaged parts are passed over, counted and named. After an interruption, run it again to
    continue. A second import adds nothing.

    With --part, several machines share the captures of the same files: each writes its shards, and
    `scraper merge` puts all of them into one archive. With --cluster, the workers of a Dask
    scheduler do.

    \b
    Example:  scraper import crawl-2025-12.warc.gz
              scraper import ~/archivebox/archive saved-pages/ pocket.csv
              curl -s https://example.com/list.txt | scraper import -
              scraper import crawl/*.warc.gz --part 1/4 --shards shards/
              scraper import s3://crawl/ --cluster tcp://10.0.0.1:8786 --shards s3://work/shards
    """
    refuse_with_cluster(cluster, part, shards)
    share = part_of(part, shards)
    if cluster is not None and Path("-") in files:
        raise UsageError("--cluster: workers can't read standard input: name the file")
    if share != "1/1" and Path("-") in files:
        raise UsageError(f"--part {part}: standard input can't be shared: name the file")
    with standard_input(files) as paths:
        if shards is not None:
            _write_shards(app, paths, shards, share, cluster, topic, as_json)
            return
        if len(paths) == 1 and isinstance(paths[0], Path) and _import_whole(app, paths[0]):
            return
        _import(app, paths, topic, as_json)


def _write_shards(
    app: App,
    paths: Sequence[Path | str],
    folder: Path | str,
    part: str,
    cluster: str | None,
    topic: str,
    as_json: bool,
) -> None:
    from scraper.exchange.formats.whole_archive import is_whole_archive
    from scraper.exchange.imports import files_of

    for path in paths:
        if isinstance(path, Path) and path.is_file() and is_whole_archive(path):
            raise UsageError(
                f"{path} is a whole archive: it is imported by itself, without --shards"
            )
    found = [one for path in paths for one in files_of(path)]
    files = [(one, _batch(one)[1]) for one in found]
    if cluster is not None:
        import_on_cluster(app, cluster, files, place=folder, topic=topic, as_json=as_json)
        return
    write_shards(app, files, part=part, folder=folder, topic=topic, as_json=as_json)


def _import(app: App, paths: GivenFiles, topic: str, as_json: bool) -> None:
    from scraper.exchange.imports import files_of
    from scraper.pipeline import Pipeline, RunCounts

    config = app.config(need_sources=False)
    broken: list[str] = []
    found = [one for path in paths for one in files_of(path, broken)]
    tally = RunCounts()

    async def run() -> None:
        with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            async with Pipeline(
                config,
                open_archive=app.whole_archive,
                transport=transport(app),
                on_event=progress,
                unsourced_topic=topic,
            ) as pipeline:
                for (kind, label), files in groupby(found, _batch):
                    if kind == "addresses":
                        await _fetch_listed(pipeline, list(files), label, tally, broken)
                        continue
                    some = list(files)
                    progress.begin(sum(one.size for one in some))
                    try:
                        await pipeline.import_captures(
                            _captures(some, broken, progress), label=label, tally=tally
                        )
                    except ScraperError as error:
                        broken.append(error.message)
            if not app.quiet:
                print_message(progress.summary())

    run_async(run)
    broken = [paths.told(message) for message in broken]
    if as_json:
        print_json(
            "scraper/import/1",
            {"files": tally.by_source, "total": tally.total(), "broken": broken},
        )
    else:
        print_counts(tally)
    print_failures(broken, "files are broken", most=_MOST_NAMED)
    if broken or not tally.ok:
        sys.exit(EXIT_FAILED)


def _batch(found: Found) -> tuple[str, str]:
    """Return what files are imported together: saved pages of a folder, all others one by one."""
    if found.kind in ("page", "addresses"):
        return found.kind, found.root.name or str(found.root)
    return found.kind, found.path.name


def _captures(
    files: Sequence[Found], broken: list[str], progress: Progress
) -> Iterator[tuple[str, Page]]:
    """Yield the captures of files; what cannot be read is noted."""
    from scraper.exchange.imports import captures_of

    before = 0
    for one in files:
        size = one.size
        try:
            for key, page, at in captures_of(one):
                progress.reached(before + min(at, size))
                yield key, page
        except ScraperError as error:
            broken.append(error.message)
        before += size
        progress.reached(before)


async def _fetch_listed(
    pipeline: Pipeline,
    files: Iterable[Found],
    label: str,
    tally: RunCounts,
    broken: list[str],
) -> None:
    """Fetch the articles that files name, those that are not archived yet."""
    from scraper.exchange.imports.addresses import MAX_BYTES, read_addresses

    addresses: dict[str, None] = {}
    for one in files:
        try:
            listed = await pipeline.read_file(one.path, read_addresses, most=MAX_BYTES)
            addresses |= dict.fromkeys(listed.urls)
            if listed.passed_over:
                broken.append(listed.passed_over)
        except ScraperError as error:
            broken.append(error.message)
    if addresses:
        await pipeline.fetch_listed(tuple(addresses), label=label, tally=tally)


def _import_whole(app: App, path: Path) -> bool:
    """Make an archive of a file that `scraper export --whole` wrote; return whether it is one."""
    from scraper.exchange.formats.whole_archive import import_whole, is_whole_archive

    if not path.is_file() or not is_whole_archive(path):
        return False
    try:
        rows, new = import_whole(path, app.archive_folder)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("nothing was imported; run it again") from None
    if not app.quiet:
        print_message(
            f"{app.archive_folder}: {rows:,} rows imported and verified"
            if new
            else f"{app.archive_folder} holds this archive already: nothing to import"
        )
    return True
