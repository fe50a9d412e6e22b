"""Captures and shards in a bucket: a real object store, with lost and torn objects."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.errors import UsageError
from scraper.exchange.imports import captures_of, files_of
from scraper.exchange.storage import Bucket
from tests.object_store import BUCKET, Store, object_store
from tests.test_import_chunks import import_pages, page
from tests.test_import_shards import rows, run, write_warc
from tests.test_reextract import earlier
from tests.test_reextract_shards import contents

CRAWL = f"s3://{BUCKET}/2025"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("crawl")
    files = [folder / "one.warc.gz", folder / "two.warc.gz"]
    write_warc(files[0], [page(n) for n in range(5)], "one")
    write_warc(files[1], [page(n) for n in range(5, 9)], "two")
    return files


@pytest.fixture
def store(crawl: list[Path]) -> Iterator[Store]:
    with object_store() as store:
        bucket = Bucket(CRAWL)
        for path in crawl:
            copy = Path(shutil.copy(path, path.with_suffix(".copy")))
            bucket.keep(copy, path.name)
        yield store


@pytest.fixture(scope="module")
def alone(crawl: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "archive"
    told = json.loads(run(folder, "import", *map(str, crawl), "--json").stdout)
    assert (told["total"]["kept"], told["broken"]) == (9, [])
    return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize("checksums", [False, True])
def test_an_import_from_a_bucket_is_that_from_a_disk(
    store: Store, alone: Path, tmp_path: Path, checksums: bool
) -> None:
    store.cut["one.warc.gz"] = 2
    store.checksums = checksums
    done = run(tmp_path / "archive", "import", CRAWL, "--json")
    assert json.loads(done.stdout)["broken"] == []
    assert store.cut["one.warc.gz"] == 0
    assert rows(tmp_path / "archive") == rows(alone)


@pytest.mark.timeout(300)
def test_shards_in_a_bucket_are_merged_as_those_on_a_disk(
    store: Store, alone: Path, tmp_path: Path
) -> None:
    shards = f"s3://{BUCKET}/shards"
    # The store says that it has what it has not; and each file is read once in half.
    store.lost |= {".parquet": 1, "part-00002-of-00002.json": 2}
    store.cut |= {"two.warc.gz": 1}
    for part in ("2/2", "1/2", "2/2"):
        done = run(tmp_path / "none", "import", CRAWL, "--part", part, "--shards", shards)
        assert done.exit_code == 0, done.output
    assert not store.lost.total() and not store.cut.total()
    names = Bucket(shards).names("", "")
    assert [name.rpartition(".")[2] for name in names] == ["parquet", "json"] * 2, names
    store.cut |= {".parquet": 2, "part-00001-of-00002.json": 1}
    merged = run(tmp_path / "merged", "merge", shards, "--json")
    assert json.loads(merged.stdout)["broken"] == []
    assert not store.cut.total()
    assert rows(tmp_path / "merged") == rows(alone)


@pytest.mark.timeout(300)
def test_what_a_store_loses_is_told_and_counts_for_nothing(store: Store, tmp_path: Path) -> None:
    shards, archive = f"s3://{BUCKET}/shards", tmp_path / "archive"
    words = ("import", f"{CRAWL}/one.warc.gz", "--shards", shards)
    store.lost[".parquet"] = 9
    done = run(archive, *words)
    assert done.exit_code == 1 and "was written 3 times, and the store has it not" in done.output
    with pytest.raises(UsageError, match=f"no such folder of shards: {shards}"):
        Bucket(shards).names("part-", "")
    store.lost.clear()
    assert run(archive, *words).exit_code == 0
    (name,) = Bucket(shards).names("", ".parquet")
    # All that is left of a read is its first half, each time.
    store.cut[name] = 1_000_000
    done = run(archive, "merge", shards)
    assert done.exit_code == 1 and f"{shards}/{name} can't be read: it ended after" in done.output
    store.cut.clear()
    Bucket(shards).delete(name)
    done = run(archive, "merge", shards)
    assert done.exit_code == 2 and f"{shards}/{name} is missing: run part 1/1" in done.output
    assert not archive.exists()


@pytest.mark.timeout(300)
def test_a_file_that_can_t_be_read_to_its_end_is_named(store: Store, tmp_path: Path) -> None:
    store.cut["one.warc.gz"] = 9
    done = run(tmp_path / "archive", "import", CRAWL, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    (message,) = told["broken"]
    assert f"{CRAWL}/one.warc.gz can't be read: it ended after" in message
    assert told["files"]["two.warc.gz"]["kept"] == 4


@pytest.mark.timeout(300)
def test_damage_in_a_file_is_told_with_its_address(
    store: Store, crawl: list[Path], tmp_path: Path
) -> None:
    whole = crawl[0].read_bytes()
    broken = tmp_path / "broken"
    broken.write_bytes(whole[:2000] + b"\0\0\0\0" + whole[2004:])
    Bucket(CRAWL).keep(broken, "three.warc.gz")
    (found,) = files_of(f"{CRAWL}/three.warc.gz")
    with pytest.raises(
        Exception, match=f"^{CRAWL}/three.warc.gz: broken at byte .*passed over: 1,"
    ):
        list(captures_of(found))


@pytest.mark.timeout(300)
def test_a_reextraction_goes_through_a_bucket(store: Store, tmp_path: Path) -> None:
    shards, folder = f"s3://{BUCKET}/again", tmp_path / "archive"
    import_pages(folder, [page(n) for n in range(4)])
    earlier(folder, extractor="earlier", more="\nWhat the earlier extractor left in.")
    alone = Path(shutil.copytree(folder, tmp_path / "alone"))
    assert run(folder, "reextract", "--shards", shards).exit_code == 0
    assert run(folder, "merge", shards).exit_code == 0
    assert run(alone, "reextract").exit_code == 0
    assert contents(folder) == contents(alone)


def test_what_is_no_bucket_is_refused_in_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bucket(f"s3://{BUCKET}/pages").keep(_file(tmp_path), "page.html")
    for place, expected in (
        (f"s3://{BUCKET}/nothing", f"there is nothing at s3://{BUCKET}/nothing"),
        (f"s3://{BUCKET}/pages", "there is no capture"),
        ("s3://no-such-bucket/x", "s3://no-such-bucket/x"),
        ("https://site.example/crawl.warc.gz", "download the file"),
        ("nowhere://x/y", "nowhere://x/y can't be opened"),
    ):
        done = run(tmp_path / "archive", "import", place)
        assert done.exit_code in (1, 2), done.output
        assert expected in done.output and len(done.output.splitlines()) == 1, done.output
    done = run(tmp_path / "archive", "merge", f"s3://{BUCKET}/nothing")
    assert done.exit_code == 2 and "no such folder of shards" in done.output, done.output
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    done = run(tmp_path / "archive", "import", CRAWL)
    assert done.exit_code == 2 and "pip install 'scraper[buckets]'" in done.output
    assert not (tmp_path / "archive").exists()


def _file(folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text("<html>")
    return path
