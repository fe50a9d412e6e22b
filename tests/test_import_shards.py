"""Imports on several machines: shares, shards, and their merge, also after kill -9 and damage."""

from __future__ import annotations

import gzip
import io
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive import Archive
from scraper.cli import main
from scraper.errors import ExtractError, ScraperError, UsageError
from scraper.exchange import shares
from scraper.exchange.imports import Found
from scraper.exchange.shard_writer import ShardWriter
from scraper.exchange.shards import ShardRow, read_manifest, rows_of
from scraper.exchange.shares import Part, Place, Share
from scraper.exchange.storage import LocalFolder
from scraper.models import Page, ReadPage
from scraper.pipeline import read_page
from scraper.pipeline.quotes import read_quotes
from scraper.pipeline.readings import Reading, dump_reading, load_reading
from scraper.topics import judge
from scraper.topics.lexicon import lexicon_in
from tests.test_import_chunks import edited, import_pages, page

LISTING = (
    b"<html><title>All news</title><body><ul>"
    + b"".join(b"<li><a href='/news/%d'>Ferry %d is late</a></li>" % (n, n) for n in range(90))
    + b"</ul></body></html>"
)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--archive", str(folder), *words])


def write_warc(path: Path, pages: Sequence[Page], name: str) -> None:
    """Write pages as WARC, with a redirect to the first, a listing and a packed body among them."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)

    def add(n: int, url: str, status: str, headers: dict[str, str], body: bytes, at: str) -> None:
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), length=len(body),
            http_headers=StatusAndHeaders(status, list(headers.items()), "HTTP/1.1"),
            warc_headers_dict={"WARC-Date": at, "WARC-Record-ID": f"<urn:{name}:{n}>"},
        )  # fmt: skip
        writer.write_record(record)

    html = {"Content-Type": "text/html"}
    for n, one in enumerate(pages):
        at = f"{one.fetched_at:%Y-%m-%dT%H:%M:%SZ}"
        packed = html | {"Content-Encoding": "gzip"}
        if n % 5:
            add(n, one.url, "200 OK", html, one.body, at)
        else:
            add(n, one.url, "200 OK", packed, gzip.compress(one.body), at)
    at = f"{pages[0].fetched_at:%Y-%m-%dT%H:%M:%SZ}"
    add(90, f"http://{name}.example/r", "302 Found", html | {"Location": pages[0].url}, b"", at)
    add(91, f"http://{name}.example/news", "200 OK", html, LISTING, at)
    add(92, f"http://{name}.example/gone", "410 Gone", html, b"<p>gone</p>", at)
    path.write_bytes(out.getvalue())


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three files: enough pages of two hosts for something to be learned, edits, and damage."""
    folder = tmp_path_factory.mktemp("crawl")
    first = [page(n) for n in range(20)]
    files = [folder / f"{name}.warc.gz" for name in ("one", "two", "three")]
    write_warc(files[0], first, "one")
    write_warc(files[1], [page(n) for n in range(20, 26)], "two")
    write_warc(files[2], [*edited(first), page(30), page(31)], "three")
    whole = files[1].read_bytes()
    # A record in the middle whose bytes are not what its checksum says.
    files[1].write_bytes(whole[:2000] + b"\0\0\0\0" + whole[2004:])
    return files


PARTS = 3


@pytest.fixture(scope="module")
def divided() -> Iterator[None]:
    """Divide small files as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "DIVIDED_BYTES", 4096)
        patch.setattr(shares, "BLOCK", 3)
        yield


@pytest.fixture(scope="module")
def written(
    crawl: list[Path], divided: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Result]]:
    """The shards of all parts, written in another order than theirs, and what was printed."""
    folder = tmp_path_factory.mktemp("written")
    done = [
        run(folder / "none", "import", *map(str, crawl), "--part", f"{number}/{PARTS}", "--shards",
            str(folder), "--json")
        for number in range(PARTS, 0, -1)
    ]  # fmt: skip
    assert not (folder / "none").exists()
    return folder, done


@pytest.fixture
def shards(written: tuple[Path, list[Result]], tmp_path: Path) -> Path:
    """A copy of the shards that a test may alter."""
    return Path(shutil.copytree(written[0], tmp_path / "shards"))


# What tells of the process and of its clock.
OWN = {
    "runs": ("pid", "process", "started_at", "ended_at"),
    "learned_blocks": ("first_seen_at", "last_seen_at"),
}


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what `export --whole` writes of all tables that an import fills."""
    whole = folder.with_suffix(".jsonl")
    done = run(folder, "export", "--whole", "--to", str(whole), "--force")
    assert done.exit_code == 0, done.output
    found: dict[str, list[dict[str, Any]]] = {}
    for line in whole.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        table = row.get("table")
        if table and table != "merged_shards":
            kept = {k: v for k, v in row["row"].items() if k not in OWN.get(table, ())}
            found.setdefault(table, []).append(kept)
    return found


@pytest.fixture(scope="module")
def alone(crawl: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that one machine makes of the files."""
    folder = tmp_path_factory.mktemp("alone") / "archive"
    assert run(folder, "import", *map(str, crawl)).exit_code == 1, "a file of it is damaged"
    return folder


# The merge


@pytest.mark.timeout(500)
def test_the_archive_is_that_of_one_machine(
    written: tuple[Path, list[Result]], alone: Path, tmp_path: Path
) -> None:
    assert [done.exit_code for done in written[1]] == [0] * PARTS
    told = [json.loads(done.stdout) for done in written[1]]
    assert sum(one["counts"]["article"] for one in told) == 33
    assert len([message for one in told for message in one["broken"]]) == 1
    merged = run(tmp_path / "merged", "merge", str(written[0]))
    assert merged.exit_code == 1 and "records passed over: 1" in merged.output, merged.output
    expected = rows(alone)
    assert len(expected["learned_blocks"]) > 1, "pages were to be read again after something new"
    assert rows(tmp_path / "merged") == expected
    with Archive(tmp_path / "merged", create=False) as archive:
        assert archive.doctor(least_free=0) == ()

    again = run(tmp_path / "merged", "merge", str(written[0]), "--json")
    told_again = json.loads(again.stdout)
    assert told_again["merged_before"] == ["one.warc.gz and 2 more"]
    assert told_again["total"]["seen"] == 0
    assert rows(tmp_path / "merged") == expected


@pytest.mark.timeout(300)
def test_what_another_machine_has_read_is_not_read_again(tmp_path: Path) -> None:
    parsed = read_page(page(1))
    assert parsed.article is not None
    told = replace(parsed, article=replace(parsed.article, title="Read elsewhere"))
    pages = [
        ReadPage.of(page(1), dump_reading(Reading(parsed=told))),
        # What cannot be used is read here.
        ReadPage.of(page(2), b"{"),
        ReadPage.of(page(3), b""),
    ]
    import_pages(tmp_path, pages)
    with Archive(tmp_path, create=False) as archive:
        titles = [archive.version(one.url).article.title for one in pages]
        judged = archive.version(pages[0].url)
    assert titles == [
        "Read elsewhere",
        *(f"Ferry {n} leaves the island late again" for n in (2, 3)),
    ]
    assert judged.article.text == parsed.article.text


@pytest.mark.timeout(500)
def test_only_what_is_on_topic(crawl: list[Path], tmp_path: Path) -> None:
    one = str(crawl[2])
    done = run(
        tmp_path / "none", "import", one, "--shards", str(tmp_path / "s"), "--topic", "only",
        "--json",
    )  # fmt: skip
    assert json.loads(done.stdout)["counts"] == {"off topic": 6, "empty": 1, "gone": 1}
    merged = run(tmp_path / "left out", "merge", str(tmp_path / "s"), "--json")
    assert json.loads(merged.stdout)["total"]["kept"] == 0
    assert run(tmp_path / "all", "import", one, "--shards", str(tmp_path / "a")).exit_code == 0
    merged = run(tmp_path / "merged", "merge", str(tmp_path / "a"), "--topic", "only")
    alone = run(tmp_path / "alone", "import", one, "--topic", "only")
    assert merged.exit_code == alone.exit_code, merged.output + alone.output
    expected = rows(tmp_path / "alone")
    assert len(expected["passed_over"]) == 5 and "versions" not in expected
    assert rows(tmp_path / "merged") == expected


# What is not whole is refused, and nothing is written


def refused(shards: Path, *others: Path) -> str:
    """Return the one line with which a merge is refused."""
    archive = shards.parent / "archive"
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "--archive", archive, "merge", shards, *others],
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert not archive.exists()
    (line,) = done.stderr.splitlines()
    return line


def manifest_of(shards: Path, number: int) -> Path:
    return shards / f"part-{number:05}-of-{PARTS:05}.json"


def shard_of(shards: Path, number: int) -> Path:
    (path,) = shards.glob(f"part-{number:05}-of-{PARTS:05}-*.parquet")
    return path


@pytest.mark.timeout(300)
def test_a_shard_that_is_not_whole_is_refused(shards: Path) -> None:
    path = shard_of(shards, 2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    line = refused(shards)
    assert str(path) in line and "its manifest says" in line and "run part 2/3 again" in line
    path.write_bytes(whole[:900] + b"\0" + whole[901:])
    assert f"{path} is not what its manifest says: run part 2/3 again" in refused(shards)
    path.unlink()
    assert f"{path} is missing: run part 2/3 again" in refused(shards)


@pytest.mark.timeout(300)
def test_a_part_that_is_missing_is_refused(shards: Path, tmp_path: Path) -> None:
    manifest_of(shards, 2).rename(tmp_path / "away")
    assert "part 2/3 is missing (part-00002-of-00003.json): run it" in refused(shards)
    for number in (1, 3):
        manifest_of(shards, number).unlink()
    assert "has no manifest: run its part again" in refused(shards)
    (tmp_path / "empty").mkdir()
    assert "there are no shards here" in refused(tmp_path / "empty")
    assert "no such folder of shards" in refused(tmp_path / "nowhere")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda told: told | {"format": "scraper/shards/2"}, "this program reads scraper/shards/1"),
        (lambda told: told | {"terms": {}}, "read with another version of the program"),
        (lambda told: told | {"shards": [{"name": "../x"}]}, "is torn or no manifest"),
        (lambda told: told | {"files": told["files"][:1]}, "are parts of different imports"),
        (lambda told: [told], "is no manifest of shards"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    shards: Path, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    path = manifest_of(shards, 1)
    path.write_text(json.dumps(alter(json.loads(path.read_text()))))
    line = refused(shards)
    assert expected in line and path.name in line


@pytest.mark.timeout(300)
def test_other_files_of_the_same_name_are_refused(shards: Path) -> None:
    path = manifest_of(shards, 3)
    told = json.loads(path.read_text())
    told["files"][1]["sha256"] = "0" * 64
    path.write_text(json.dumps(told))
    assert "made of different files named two.warc.gz" in refused(shards)
    path.write_text(path.read_text()[:50])
    assert f"{path} is torn or no manifest of shards" in refused(shards)


# After kill -9


def killed_when(words: Sequence[str | Path], reached: Callable[[], bool]) -> None:
    """Run the program, and kill it (SIGKILL) at a moment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scraper", "-q", *map(str, words)], stdout=subprocess.DEVNULL
    )
    try:
        while not reached():
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(500)
def test_a_part_that_was_killed_leaves_nothing_and_runs_again(
    crawl: list[Path], tmp_path: Path
) -> None:
    shards = tmp_path / "shards"
    words = ["import", *crawl, "--shards", shards]
    killed_when(words, lambda: any(shards.glob("*.tmp")))
    assert not list(shards.glob("*.json")) and not list(shards.glob("*.parquet"))
    assert "there are no shards here" in refused(shards)
    assert run(tmp_path / "none", *map(str, words)).exit_code == 0
    assert sorted(path.suffix for path in shards.iterdir()) == [".json", ".parquet"]
    manifest = read_manifest(LocalFolder(shards), "part-00001-of-00001.json")
    keys = [row.key for shard in manifest.shards for row in rows_of(manifest, shard)]
    files = [(Found(path, "warc", path), path.name) for path in crawl]
    assert keys == [key for (_, key), _, _ in Share(files, Part()).captures()]
    # And once more: the shards are replaced, not added to.
    before = {path.name for path in shards.iterdir()}
    assert run(tmp_path / "none", "import", str(crawl[0]), "--shards", str(shards)).exit_code == 0
    assert len(list(shards.iterdir())) == 2 and {p.name for p in shards.iterdir()} != before


@pytest.mark.timeout(500)
@pytest.mark.parametrize("fetches", [1, 26])
def test_a_merge_that_was_killed_goes_on(
    shards: Path, alone: Path, tmp_path: Path, fetches: int
) -> None:
    archive = tmp_path / "archive"

    def reached() -> bool:
        try:
            with closing(sqlite3.connect(f"file:{archive}/archive.db?mode=ro", uri=True)) as read:
                (count,) = read.execute("select count(*) from fetches").fetchone()
        except sqlite3.Error:
            return False
        return int(count) >= fetches

    killed_when(["--archive", archive, "merge", shards], reached)
    assert run(archive, "merge", str(shards)).exit_code == 1, "a file of it is damaged"
    with Archive(archive, create=False) as opened:
        assert opened.doctor(least_free=0) == ()
    found, expected = rows(archive), rows(alone)

    def told(rows: dict[str, list[dict[str, Any]]]) -> list[object]:
        fetches = [(row["capture"], row["page_id"], row["class"]) for row in rows["fetches"]]
        changes = [(row["kind"], row["page_id"], row["at"]) for row in rows["changes"]]
        return [fetches, changes, rows["pages"], len(rows["versions"]), len(rows["quotes"])]

    # What a host taught may be another thing after a kill, as it may after that of an import.
    assert told(found) == told(expected)


# Shares


@pytest.mark.parametrize("text", ["0/4", "5/4", "x", "", "1", "1/0", "-1/4", "1/4/2", "1/9999999"])
def test_a_part_that_is_none_is_refused(text: str, crawl: list[Path], tmp_path: Path) -> None:
    done = run(
        tmp_path / "archive", "import", str(crawl[0]), "--part", text, "--shards",
        str(tmp_path / "shards"),
    )  # fmt: skip
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, UsageError) or f"--part {text}" in done.output
    assert not (tmp_path / "archive").exists() and not (tmp_path / "shards").exists()


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_shares_are_disjoint_and_complete(crawl: list[Path], divided: None, of: int) -> None:
    files = [(Found(path, "warc", path), path.name) for path in crawl]
    whole = Share(files, Part())
    keys = [key for (_, key), _, _ in whole.captures()]
    assert len(keys) == 39 and len(whole.broken) == 1
    parts = [Share(files, Part(number, of)) for number in range(1, of + 1)]
    taken = [(place, key) for part in parts for (place, key), _, _ in part.captures()]
    assert [key for _, key in sorted(taken)] == keys
    assert [message for part in parts for message in part.broken] == whole.broken
    assert all(part.captures() for part in parts)


def test_a_reading_comes_back_equal() -> None:
    parsed = read_page(page(3))
    assert parsed.article is not None and parsed.footprint is not None
    title = f"{parsed.article.title}\ud800"
    parsed = replace(parsed, article=replace(parsed.article, title=title))
    lexicon = lexicon_in(None)
    reading = Reading(
        parsed=parsed,
        judgement=judge(title, parsed.article.text, lexicon),
        quotes=read_quotes(parsed.article.text, lexicon),
    )
    assert reading.quotes is not None and reading.quotes.quotes
    assert load_reading(dump_reading(reading), Reading) == reading
    error = load_reading(dump_reading(Reading(error=ExtractError("no text"))), Reading).error
    assert error is not None
    assert (error.message, error.error_class) == ("no text", "empty_extract")
    for other in (b"", b"[]", b"{}x", b'{"parsed":{"nothing":1}}', b'{"error":7}'):
        with pytest.raises(ValueError):
            load_reading(other, Reading)


# Writing


def test_a_disk_that_fills_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    one = page(1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with (
            pytest.raises(ScraperError, match="shards can't be written there: File too large"),
            ShardWriter(tmp_path / "shards", Part(2, 3)) as writer,
        ):
            for n in range(200):
                body = random.Random(n).randbytes(10_000)
                read = ReadPage.of(replace(one, body=body), b"{}")
                writer.add(
                    ShardRow(place=Place(0, n), key=str(n), page=read, outcome="x", on_topic=None)
                )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "shards").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_read(
    crawl: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = run(
        tmp_path / "archive", "import", str(crawl[0]), "--shards", str(tmp_path / "file" / "in")
    )
    assert done.exit_code == 1
    assert "shards can't be written there: Not a directory" in done.output


def test_options_that_make_no_sense_together_are_refused(crawl: list[Path], tmp_path: Path) -> None:
    named = tmp_path / "list.txt"
    named.write_text("https://harbour.example/1\n")
    shards = ("--shards", str(tmp_path / "shards"))
    for words, expected in (
        ((str(crawl[0]), "--part", "1/2"), "--part 1/2 needs --shards DIR"),
        ((str(named), *shards), f"{named} only names articles"),
        (("-", "--part", "1/2", *shards), "standard input can't be shared"),
    ):
        done = run(tmp_path / "archive", "import", *words)
        assert isinstance(done.exception, UsageError | SystemExit), done.output
        assert expected in f"{done.output} {done.exception}"
    assert list(tmp_path.iterdir()) == [named]


def test_the_extra_is_named_before_anything_is_done(
    crawl: list[Path], shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for words in (("import", str(crawl[0]), "--shards", str(tmp_path / "s")), ("merge", shards)):
        done = run(tmp_path / "archive", *map(str, words))
        assert "scraper[parquet]" in f"{done.output} {done.exception}"
    assert not (tmp_path / "archive").exists() and not (tmp_path / "s").exists()
