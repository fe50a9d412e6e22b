"""Imports and reextractions on a Dask cluster of real processes, some killed, some wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.archive import Archive
from scraper.cluster import Cluster, Setup, setup_of
from scraper.config import load_config
from scraper.errors import ScraperError
from scraper.exchange.imports import Found
from scraper.exchange.units import plan_file, unit_captures
from scraper.models import Page
from tests.dask_cluster import DaskCluster, dask_cluster, wait_until
from tests.test_import_chunks import edited, import_pages, page
from tests.test_import_shards import rows, run, write_warc
from tests.test_reextract import earlier
from tests.test_reextract_shards import contents

ROOT = Path(__file__).resolve().parents[1]
# Takes minutes to be parsed: each attribute is compared with all before it.
HOSTILE = f"<p {' '.join(f'a{n}=1' for n in range(1_000_000))}>It is late.</p>"


def write_crawl(folder: Path) -> list[Path]:
    """Three files: pages on which something is learned, edits, redirects, and damage."""
    first = [page(n) for n in range(70)]
    files = [folder / f"{name}.warc.gz" for name in ("one", "two", "three")]
    write_warc(files[0], first, "one")
    write_warc(files[1], [page(n) for n in range(70, 76)], "two")
    write_warc(files[2], [*edited(first), page(76)], "three")
    whole = files[1].read_bytes()
    files[1].write_bytes(whole[:2000] + b"\0\0\0\0" + whole[2004:])
    return files


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_crawl(tmp_path_factory.mktemp("crawl"))


@pytest.fixture(scope="module")
def alone(crawl: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that one machine makes of the files."""
    folder = tmp_path_factory.mktemp("alone") / "archive"
    assert run(folder, "import", *map(str, crawl)).exit_code == 1, "a file of it is damaged"
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


def asked(cluster: DaskCluster, shards: Path | str, *words: str | Path) -> list[str]:
    """Return the words that read captures on a cluster."""
    return [*map(str, words), "--cluster", cluster.address, "--shards", str(shards)]


def merged(shards: Path, folder: Path) -> Path:
    """Merge the shards of the crawl into a new archive."""
    done = run(folder, "merge", str(shards), "--json")
    assert len(json.loads(done.stdout)["broken"]) == 1, done.output
    return folder


# Units


def test_units_hold_what_the_files_hold(crawl: list[Path]) -> None:
    from scraper.exchange.imports import captures_of

    files = [Found(path, "warc", path) for path in crawl]
    plans = [plan_file(n, one, one.path.name) for n, one in enumerate(files)]
    assert [len(plan.units) for plan in plans] == [3, 2, 2], "the last holds what a redirect names"
    assert [bool(plan.broken) for plan in plans] == [False, True, False]
    for number, (one, plan) in enumerate(zip(files, plans, strict=True)):
        taken = [got for unit in plan.units for got in unit_captures(unit)]
        listed: list[tuple[str, Page]] = []
        try:
            listed.extend((key, found) for key, found, _ in captures_of(one))
        except ScraperError as error:
            assert error.message == plan.broken
        assert [(key, found) for (_, key), found in taken] == listed
        assert [place.number for (place, _), _ in taken] == list(range(len(listed)))
        assert {place.file for (place, _), _ in taken} == {number}


def test_a_file_that_has_changed_since_it_was_divided_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    write_warc(path, [page(n) for n in range(3)], "one")
    unit = plan_file(0, Found(path, "warc", path), "one").units[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(ScraperError, match="bytes here, and had"):
        list(unit_captures(unit))
    path.write_bytes(b"\0" * len(whole))
    with pytest.raises(ScraperError, match="capture 0 can't be read any more"):
        list(unit_captures(unit))


# A cluster


@pytest.mark.timeout(600)
def test_the_archive_is_that_of_one_machine(
    cluster: DaskCluster, crawl: list[Path], alone: Path, tmp_path: Path
) -> None:
    shards = tmp_path / "shards"
    words = asked(cluster, shards, "import", *crawl, "--json")
    done = run(tmp_path / "none", *words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["counts"]["article"] == 82 and len(told["broken"]) == 1
    expected = rows(alone)
    assert rows(merged(shards, tmp_path / "merged")) == expected
    # What is done is not done again.
    before = {path: path.stat().st_mtime_ns for path in shards.glob("unit-*")}
    assert len(before) == 14
    again = run(tmp_path / "none", *words)
    assert json.loads(again.stdout)["counts"] == told["counts"]
    assert {path: path.stat().st_mtime_ns for path in shards.glob("unit-*")} == before


@pytest.mark.timeout(600)
def test_a_reextraction_is_that_of_one_machine(cluster: DaskCluster, tmp_path: Path) -> None:
    folder, shards = tmp_path / "archive", tmp_path / "shards"
    import_pages(folder, [page(n) for n in range(70)])
    earlier(folder, extractor="earlier", more="\nWhat the earlier extractor left in.")
    alone = Path(shutil.copytree(folder, tmp_path / "alone"))
    done = run(folder, *asked(cluster, shards, "reextract", "--json"))
    assert json.loads(done.stdout)["counts"] == {"article": 70}, done.output
    assert len(list(shards.glob("*.parquet"))) == 2
    assert run(folder, "merge", str(shards)).exit_code == 0
    assert run(alone, "reextract").exit_code == 0
    assert contents(folder) == contents(alone)


@pytest.mark.timeout(600)
def test_a_page_that_stops_its_reader_costs_itself(cluster: DaskCluster, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text("[parse]\ntimeout = 15.0\n")
    path, shards = tmp_path / "one.warc.gz", tmp_path / "shards"
    write_warc(path, [page(1), page(2, body=HOSTILE), page(3)], "one")
    words = ["--config", str(config), *asked(cluster, shards, "import", path, "--json")]
    done = run(tmp_path / "none", *words)
    counts = json.loads(done.stdout)["counts"]
    # A redirect leads to the first of them.
    assert (counts["article"], counts["unread"]) == (3, 1), counts
    assert all(worker.poll() is None for worker in cluster.workers)


def setup(tmp_path: Path) -> Setup:
    return setup_of(load_config(), tmp_path / "shards")


@pytest.mark.timeout(600)
def test_a_worker_with_another_version_is_refused(
    cluster: DaskCluster, crawl: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "scraper", other / "scraper")
    shutil.copytree(ROOT / "config", other / "config")
    with (other / "scraper" / "pipeline" / "parse.py").open("a") as file:
        file.write("# Another version\n")
    worker = cluster.add(env={"PYTHONPATH": str(other)})
    try:
        done = run(tmp_path / "none", *asked(cluster, tmp_path / "shards", "import", crawl[0]))
        assert done.exit_code == 2
        (line,) = done.output.splitlines()
        assert "it has another version of the program (code " in line and "tcp://" in line
        assert not (tmp_path / "shards").exists()
    finally:
        cluster.kill(worker)
        cluster.workers.remove(worker)


@pytest.mark.timeout(600)
def test_a_worker_that_comes_later_is_asked_for_its_version_too(
    cluster: DaskCluster, crawl: list[Path], tmp_path: Path
) -> None:
    ours = setup(tmp_path)
    units = plan_file(0, Found(crawl[2], "warc", crawl[2]), "three").units
    theirs = replace(ours, terms={**ours.terms, "code": "theirs"})
    said: list[str] = []
    with (
        Cluster(cluster.address, said.append) as workers,
        pytest.raises(ScraperError, match=r"no worker can do it: .*another version"),
    ):
        list(workers.units(theirs, units))
    assert len(said) == 2 and "is set aside" in said[0]
    assert not (tmp_path / "shards").exists()


@pytest.mark.timeout(600)
def test_a_worker_whose_disk_is_full_is_set_aside(
    cluster: DaskCluster, crawl: list[Path], alone: Path, tmp_path: Path
) -> None:
    # No file of it may have more than a kilobyte; what it logs is written by another.
    full = 'exec > >(cat) 2>&1; ulimit -f 1; exec "$@"'
    worker = cluster.add(wrapped=("bash", "-c", full, "-"))
    try:
        shards = tmp_path / "shards"
        done = run(tmp_path / "none", *asked(cluster, shards, "import", *crawl))
        assert done.exit_code == 0, done.output
        assert "is set aside" in done.output and "File too large" in done.output
        assert rows(merged(shards, tmp_path / "merged")) == rows(alone)
        assert not list(shards.glob("*.tmp"))
    finally:
        cluster.kill(worker)
        cluster.workers.remove(worker)


def begun(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scraper", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_costs_nothing(
    crawl: list[Path], alone: Path, tmp_path: Path
) -> None:
    shards = tmp_path / "shards"
    with dask_cluster(tmp_path / "dask", workers=1) as cluster:
        process = begun(asked(cluster, shards, "import", *crawl))
        # It has begun to write a shard.
        wait_until(lambda: any(shards.glob("unit-*.tmp")))
        cluster.kill(cluster.workers[0])
        cluster.add()
        output, _ = process.communicate(timeout=500)
    assert process.returncode == 0, output
    assert rows(merged(shards, tmp_path / "merged")) == rows(alone)
    assert not list(shards.glob("*.tmp")), "what the killed one left is deleted"


@pytest.mark.timeout(600)
def test_a_scheduler_that_is_killed_costs_what_was_under_way(
    crawl: list[Path], alone: Path, tmp_path: Path
) -> None:
    shards = tmp_path / "shards"
    with dask_cluster(tmp_path / "dask", workers=1) as cluster:
        process = begun(asked(cluster, shards, "import", *crawl))
        wait_until(lambda: any(shards.glob("unit-*.json")))
        cluster.kill(cluster.scheduler)
        output, _ = process.communicate(timeout=300)
    assert process.returncode == 1, output
    assert "is gone: run the same command again" in output.splitlines()[-1]
    kept = {path: path.stat().st_mtime_ns for path in shards.glob("unit-*.json")}
    refused = run(tmp_path / "early", "merge", str(shards))
    assert refused.exit_code == 2 and "has no manifest" in refused.output
    with dask_cluster(tmp_path / "again", workers=1) as cluster:
        done = run(tmp_path / "none", *asked(cluster, shards, "import", *crawl))
        assert done.exit_code == 0, done.output
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert rows(merged(shards, tmp_path / "merged")) == rows(alone)


def test_what_is_missing_is_told_in_one_line(
    crawl: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "list.txt"
    named.write_text("https://harbour.example/1\n")
    here, shards = "tcp://127.0.0.1:9", ("--shards", str(tmp_path / "shards"))
    one = str(crawl[0])
    for words, expected in (
        ((one, "--cluster", here), "needs --shards DIR"),
        ((one, "--cluster", here, "--part", "1/2", *shards), "leave out --part"),
        (("-", "--cluster", here, *shards), "can't read standard input"),
        ((str(named), "--cluster", here, *shards), f"{named} only names articles"),
    ):
        done = run(tmp_path / "none", "import", *words)
        assert done.exit_code == 2 and expected in done.output, done.output
    monkeypatch.setattr("scraper.cluster._PATIENCE", 2)
    done = run(tmp_path / "none", "import", one, "--cluster", here, *shards)
    assert done.exit_code == 2 and f"no scheduler answers at {here}" in done.output, done.output
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run(tmp_path / "none", "import", one, "--cluster", here, *shards)
    assert done.exit_code == 2 and "pip install 'scraper[cluster]'" in done.output
    assert not (tmp_path / "shards").exists()


@pytest.mark.timeout(600)
def test_an_archive_is_only_read(cluster: DaskCluster, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    import_pages(folder, [page(1)])
    earlier(folder, extractor="earlier")
    before = (folder / "archive.db").stat().st_mtime_ns
    done = run(folder, *asked(cluster, tmp_path / "shards", "reextract"))
    assert done.exit_code == 0, done.output
    assert (folder / "archive.db").stat().st_mtime_ns == before
    with Archive(folder, create=False) as archive:
        assert archive.stale_versions(None, limit=-1)[0].extractor == "earlier"
