"""Imports and reextractions on a cluster: the option --cluster of import and reextract."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import App
from scraper.cli.output import Progress, print_failures, print_message
from scraper.cli.shards import MOST_NAMED, print_part
from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.cluster import Cluster, Setup, UnitDone, VersionUnit
    from scraper.exchange.imports import Found
    from scraper.exchange.units import FilePlan, Unit

__all__ = ["cluster_option", "import_on_cluster", "reextract_on_cluster", "refuse_with_cluster"]

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="With --shards: read on the workers of this Dask scheduler (extra: scraper[cluster]).",
)


def refuse_with_cluster(cluster: str | None, part: str | None, shards: Path | str | None) -> None:
    """Refuse options that say nothing together.

    Raises:
        UsageError: --cluster is given without --shards, or together with --part.
    """
    if cluster is None:
        return
    if shards is None:
        raise UsageError(
            f"--cluster {cluster} needs --shards DIR, a folder or bucket that all workers see;"
            " `scraper merge DIR` puts them into the archive"
        )
    if part is not None:
        raise UsageError("--cluster divides the work itself: leave out --part")


def import_on_cluster(
    app: App,
    cluster: str,
    files: Sequence[tuple[Found, str]],
    *,
    place: Path | str,
    topic: str,
    as_json: bool,
) -> None:
    """Read the captures of files on a cluster, and write them as shards.

    Args:
        app: the options of the program.
        cluster: address of the scheduler.
        files: all files of the import, each with the name that it is counted under.
        place: where the shards go.
        topic: ``all``, or ``only`` to leave out articles that are off topic.
        as_json: whether to print the counts as JSON.

    Raises:
        ScraperError: not all of it is done; no manifest was written.
    """
    from scraper.cluster import setup_of

    for one, _ in files:
        if one.kind == "addresses":
            raise UsageError(
                f"{one} only names articles: they are fetched, which no worker does; import it by"
                " itself, without --cluster and --shards"
            )
    setup = setup_of(app.config(need_sources=False), place, topic=topic)
    # As all machines name them: a worker runs in a folder of its own.
    tasks = [(number, one.absolute(), label) for number, (one, label) in enumerate(files)]
    with _cluster(app, cluster, setup) as workers:
        plans = sorted(workers.plans(setup, tasks), key=lambda plan: plan.number)
        units = [unit for plan in plans for unit in plan.units]
        _run(app, workers, setup, plans, units, "captures", as_json=as_json)


def reextract_on_cluster(
    app: App,
    cluster: str,
    *,
    place: Path | str,
    host: str,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Extract an archive's versions again on a cluster, and write the results as shards.

    Args:
        app: the options of the program.
        cluster: address of the scheduler.
        place: where the shards go.
        host, since: which versions, as for `scraper reextract`.
        as_json: whether to print the counts as JSON.

    Raises:
        ScraperError: not all of it is done; no manifest was written.
    """
    from scraper.archive import Archive
    from scraper.cluster import setup_of, version_units

    setup = setup_of(app.config(), place, archive=app.archive_folder, host=host, since=since)
    with Archive(app.archive_folder, create=False, readonly=True) as archive:
        units = version_units(archive, host=host, since=since)
    with _cluster(app, cluster, setup) as workers:
        _run(app, workers, setup, [], units, "versions", as_json=as_json)


@contextmanager
def _cluster(app: App, address: str, setup: Setup) -> Iterator[Cluster]:
    """Give a cluster whose workers run this program, and whose shards can be written."""
    from scraper.cluster import Cluster
    from scraper.exchange.shard_writer import WritingShards
    from scraper.exchange.storage import folder_at

    folder = folder_at(setup.place)
    with Cluster(address, lambda text: print_message(f"scraper: {text}")) as workers:
        count = workers.check(setup)
        with WritingShards(folder):
            folder.prepare()
        if not app.quiet:
            print_message(f"{count:,} workers at {address}")
        yield workers


def _run(
    app: App,
    workers: Cluster,
    setup: Setup,
    plans: Sequence[FilePlan],
    units: Sequence[Unit] | Sequence[VersionUnit],
    what: str,
    *,
    as_json: bool,
) -> None:
    from scraper.cluster import write_cluster_manifest

    done: list[UnitDone] = []
    with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
        for one in workers.units(setup, units):
            done.append(one)
            for _ in range(sum(one.counts.values())):
                progress.read()
    manifest = write_cluster_manifest(setup, plans, done)
    print_part(app, manifest, progress, what, as_json=as_json)
    print_failures(manifest.broken, "files are broken", most=MOST_NAMED)
