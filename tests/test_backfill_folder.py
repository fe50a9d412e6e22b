"""Backfill from folders of WARC files on this machine, by their CDX indexes."""

from __future__ import annotations

import asyncio
import ctypes
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scraper.archive import Archive
from scraper.cli import main
from scraper.errors import WorkersLost
from scraper.exchange.cdx_folder import capture_of_line, captures_in_folder
from scraper.models import Source
from scraper.workers import ParserPool

TEXT = (
    "The harbour of Port Elin reopened on Monday after {n} weeks of repairs, the port authority"
    " said. Ships had waited outside the bay since the storm, and several were sent to other ports."
)


def page(name: str, weeks: int) -> bytes:
    body = f"<p>{TEXT.format(n=weeks)}</p>" * 3
    title = f"Harbour {name}"
    html = f"<html lang=en><title>{title}</title><h1>{title}</h1><article>{body}</article></html>"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


class Collection:
    """WARC files with an index, as crawlers lay them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        (folder / "archive").mkdir(parents=True)
        (folder / "indexes").mkdir()

    def add(self, name: str, url: str, at: str, block: bytes, **more: str) -> None:
        """Add a response, or, with `kind="revisit"`, a record without its body."""
        path = self.folder / "archive" / name
        kind = more.get("kind", "response")
        date = f"{at[:4]}-{at[4:6]}-{at[6:8]}T{at[8:10]}:{at[10:12]}:{at[12:]}Z"
        offset = path.stat().st_size if path.exists() else 0
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
            f"WARC-Record-ID: <urn:x:{len(self.lines)}>\r\nContent-Type: application/http\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        raw = head.encode() + block + b"\r\n\r\n"
        with path.open("ab") as file:
            file.write(gzip.compress(raw))
        mime = "warc/revisit" if kind == "revisit" else "text/html"
        told = {"url": url, "mime": mime, "status": "200", "digest": more.get("digest", at),
                "offset": str(offset), "filename": name}  # fmt: skip
        self.lines.append(f"x {at} {json.dumps(told)}")

    def index(self, name: str = "index.cdxj", *, lines: list[str] | None = None) -> None:
        body = "\n".join(sorted(self.lines if lines is None else lines)).encode() + b"\n"
        if name.endswith(".gz"):
            body = gzip.compress(body)
        (self.folder / "indexes" / name).write_bytes(body)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    made = Collection(tmp_path / "crawls")
    news = "https://elin.example/news/"
    # The later of two captures stands in the file that comes first.
    made.add("a.warc.gz", f"{news}1", "20240203080000", page("1", 4))
    made.add("b.warc.gz", f"{news}1", "20240105080000", page("1", 3))
    made.add("b.warc.gz", f"{news}2", "20240106080000", page("2", 5), digest="same")
    made.add("b.warc.gz", f"{news}2", "20240210080000", b"", kind="revisit", digest="same")
    made.add("b.warc.gz", "https://elin.example/shop/3", "20240107080000", page("3", 6))
    made.add("b.warc.gz", "https://other.example/news/4", "20240107080000", page("4", 7))
    made.add("b.warc.gz", f"{news}5", "20231207080000", page("5", 8))
    return made


def backfill(tmp_path: Path, *words: str, since: str = "2024-01-01") -> Result:
    config = tmp_path / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.toml").write_text("[parse]\ntimeout = 60.0\nworkers = 1\n")
    (config / "sources.toml").write_text(
        "[[source]]\nname = 'elin'\nkind = 'feed'\nurl = 'https://elin.example/feed'\n"
        "outlet = 'Elin'\ninclude = ['/news/']\n"
    )
    return CliRunner().invoke(
        main,
        ["--archive", str(tmp_path / "archive"), "--config", str(config), "backfill", "elin",
         "--since", since, "--until", "2024-03-01", "--from", str(tmp_path / "crawls"), *words],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["index.cdxj", "index.cdxj.gz", "cdx-00000.gz"])
def test_captures_of_the_source_come_in_their_order_and_once(
    tmp_path: Path, collection: Collection, name: str
) -> None:
    collection.index(name)
    done = backfill(tmp_path)
    assert done.exit_code == 0, done.output
    with Archive(tmp_path / "archive") as archive:
        versions = archive.versions("https://elin.example/news/1")
        assert [one.first_observed_at for one in versions] == [
            datetime(2024, 1, 5, 8, tzinfo=UTC), datetime(2024, 2, 3, 8, tzinfo=UTC),
        ]  # fmt: skip
        assert "after 4 weeks" in archive.find("https://elin.example/news/1").text
        (once,) = archive.versions("https://elin.example/news/2")
        assert once.last_observed_at == datetime(2024, 2, 10, 8, tzinfo=UTC), "the revisit"
        assert len(archive.select().ids) == 2, "neither the shop nor another site nor last year"
    again = json.loads(backfill(tmp_path, "--json").stdout)
    assert (again["total"]["kept"], again["total"]["known"]) == (0, 4)


def test_what_was_imported_before_is_not_archived_again(
    tmp_path: Path, collection: Collection
) -> None:
    collection.index()
    assert backfill(tmp_path).exit_code == 0
    imported = CliRunner().invoke(
        main,
        ["--archive", str(tmp_path / "archive"), "import", "--json",
         str(tmp_path / "crawls" / "archive" / "a.warc.gz")],
    )  # fmt: skip
    assert json.loads(imported.stdout)["total"]["known"] == 1


def test_eleven_columns_are_an_index_too(tmp_path: Path, collection: Collection) -> None:
    lines = [" CDX N b a m s k r M S V g"]
    for line in collection.lines:
        _, at, told = line.split(" ", 2)
        one = json.loads(told)
        lines.append(
            f"key {at} {one['url']} {one['mime']} {one['status']} {one['digest']} - - 9"
            f" {one['offset']} {one['filename']}"
        )
    collection.index("all.cdx", lines=lines)
    assert backfill(tmp_path).exit_code == 0
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.select().ids) == 2


def test_a_revisit_may_refer_to_a_capture_from_before_the_time(
    tmp_path: Path, collection: Collection
) -> None:
    collection.index()
    done = backfill(tmp_path, since="2024-02-01")
    assert done.exit_code == 0, done.output
    with Archive(tmp_path / "archive") as archive:
        (only,) = archive.versions("https://elin.example/news/2")
        assert only.first_observed_at == datetime(2024, 2, 10, 8, tzinfo=UTC)


def test_damage_costs_itself_and_is_named_with_its_offset(
    tmp_path: Path, collection: Collection
) -> None:
    collection.lines.append(
        'x 20240109080000 {"url": "https://elin.example/news/9", "mime": "text/html", "status":'
        ' "200", "offset": "7", "filename": "../../etc/passwd"}'
    )
    collection.lines.append(
        'x 20240109080000 {"url": "https://elin.example/news/8", "mime": "text/html", "status":'
        ' "200", "offset": "11", "filename": "b.warc.gz"}'
    )
    collection.lines += ['x 20240109080000 {"url": "https://elin.example/news', "\x00\xff {}"]
    collection.index()
    whole = gzip.compress(("\n".join(collection.lines) + "\n").encode())
    (collection.folder / "indexes" / "cut.cdxj.gz").write_bytes(whole[: len(whole) // 2])
    huge = collection.folder / "indexes" / "huge.cdx"
    huge.write_bytes(b"elin.example " * 400_000)
    done = backfill(tmp_path)
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "there is no ../../etc/passwd, which an index names" in said
    assert "b.warc.gz: broken at byte 11" in said
    assert "cut.cdxj.gz at byte" in said and "the file is cut off" in said
    assert "huge.cdx: a line of more than 1,048,576 bytes" in said
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.select().ids) == 2


def hang() -> None:
    while True:
        pass


def take_memory() -> None:
    bytearray(64 * 1024**3)


def crash() -> None:
    ctypes.string_at(0)


def harmed(harm: Callable[[], None], function: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a worker; the record of one address harms the process that reads it."""
    if function is capture_of_line and args[0].url.endswith("/news/1"):
        harm()
    return function(*args)


def source() -> Source:
    return Source(
        name="elin", kind="feed", url="https://elin.example/feed", outlet="Elin",
        include=("/news/",),
    )  # fmt: skip


SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("harm", "why"),
    [(hang, "within 6 s"), (take_memory, "died (MemoryError)"), (crash, "died (ProcessExpired)")],
)
def test_a_record_that_stops_its_reader_costs_itself_alone(
    collection: Collection, harm: Callable[[], None], why: str
) -> None:
    collection.index()
    failed: list[str] = []

    async def read() -> list[str]:
        with ParserPool(workers=1, timeout=6.0, preload=(captures_in_folder.__module__,)) as pool:
            run = partial(pool.run, harmed, harm)
            found = captures_in_folder(
                collection.folder, source(), SINCE, UNTIL, run=run, failed=failed.append
            )
            return [page.url async for _, page in found]

    # The captures that harm are the first and the third of four.
    assert asyncio.run(read()) == ["https://elin.example/news/2"] * 2
    archive = collection.folder / "archive"
    assert [one.partition(": ")[0] for one in failed] == [
        f"{archive / name} at byte 0" for name in ("b.warc.gz", "a.warc.gz")
    ]
    assert all(why in one for one in failed)


def test_without_workers_the_reading_ends(collection: Collection) -> None:
    collection.index()
    failed: list[str] = []

    async def run(function: Callable[..., Any], *args: Any) -> Any:
        if function is capture_of_line:
            raise WorkersLost("no worker can be kept running")
        return function(*args)

    async def read() -> None:
        async for _ in captures_in_folder(
            collection.folder, source(), SINCE, UNTIL, run=run, failed=failed.append
        ):
            pass

    with pytest.raises(WorkersLost):
        asyncio.run(read())
    assert not failed


def test_a_folder_without_an_index_says_what_to_do(tmp_path: Path, collection: Collection) -> None:
    done = backfill(tmp_path)
    assert done.exit_code == 2 and "no CDX index below this folder" in done.output
