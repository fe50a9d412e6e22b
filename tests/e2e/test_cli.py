"""The command line as a user meets it: output, one clear line for each error, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from scraper.demo import PASSES, Newsroom
from scraper.toml_file import shipped_config

PAGE = """<!doctype html><html lang="en"><head><title>{title} - The Kettle</title>
<meta property="og:site_name" content="The Kettle">
<meta property="article:published_time" content="2025-11-13T09:00:00+00:00"></head><body>
<nav><a href="/">Home</a> <a href="/tea">Tea</a></nav>
<article><h1>{title}</h1>{paragraphs}</article>
<aside><h3>Most popular</h3><ul><li><a href="/x">Ten laptops that whistle</a></li></ul></aside>
</body></html>"""
LINES = [
    "The council voted on Thursday to run its planning desk on an open-weight model, "
    "ending a contract that had cost it 40,000 pounds a year.",
    "Officers said the change would let them see why an application had been sorted as it was, "
    "and correct the rule when it was wrong.",
    "Residents who object to a decision will still be answered by a person, "
    "the head of planning told the meeting.",
]


def page(title: str = "Council drops its licence", lines: Sequence[str] = LINES) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return PAGE.format(title=title, paragraphs=paragraphs).encode()


def run(
    *args: str | Path, archive: Path | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scraper"]
    if archive is not None:
        command += ["--archive", str(archive)]
    done = subprocess.run(
        [*command, *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=110,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def rows(archive: Path, sql: str) -> list[tuple[object, ...]]:
    # Read-only: opened otherwise, a file that is not there yet would come to be, empty.
    connection = sqlite3.connect(f"{(archive / 'archive.db').as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "saved.html"
    path.write_bytes(page())
    return path


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(clock=lambda: PASSES[1]) as room:
        yield room


@pytest.fixture
def config(tmp_path: Path, newsroom: Newsroom) -> Path:
    folder = tmp_path / "config"
    newsroom.write_config(folder, shipped_config())
    return folder


def record(url: str, body: bytes) -> bytes:
    """Return a WARC response record (ISO 28500) as one gzip member."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2025-11-13T10:00:00Z\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


@pytest.fixture
def warc(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    def write(pages: dict[str, bytes]) -> Path:
        path = tmp_path / "pages.warc.gz"
        path.write_bytes(b"".join(record(url, body) for url, body in pages.items()))
        return path

    return write


# -- fetch ------------------------------------------------------------------------------------


def test_fetch_prints_the_article_alone_on_standard_output(archive: Path, saved: Path) -> None:
    done = run("fetch", "--html", saved, "--url", "http://kettle.example/a", archive=archive)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Council drops its licence",
        "The Kettle · 2025-11-13 09:00 UTC",
        "",
        *LINES,
    ]
    assert "article 1, version 1" in done.stderr


def test_fetch_from_standard_input_as_json_without_saving(archive: Path) -> None:
    done = run(
        "fetch", "--html", "-", "--url", "http://kettle.example/a", "--format", "json", "--no-save",
        archive=archive, stdin=page(),
    )  # fmt: skip
    record = json.loads(done.stdout)
    assert record["text"].splitlines() == LINES
    assert record["published"] == "2025-11-13T09:00:00+00:00"
    assert not archive.exists()


def test_explain_names_the_rule_of_each_cut(archive: Path, saved: Path) -> None:
    done = run(
        "fetch", "--html", saved, "--url", "http://kettle.example/a", "--explain", "--no-save"
    )
    kept = [line for line in done.stdout.splitlines() if line.startswith("keep ")]
    cut = [line for line in done.stdout.splitlines() if line.startswith("cut  [")]
    assert [line.removeprefix("keep ") for line in kept] == LINES
    assert any("Ten laptops" in line for line in cut)
    assert all(not line.startswith("cut  []") for line in cut)
    assert re.search(r"^confidence in the text: 0\.\d\d$", done.stdout, re.MULTILINE)


def test_an_edit_becomes_version_two_and_diff_shows_it(archive: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.html"
    edited.write_bytes(page(lines=[LINES[0].replace("40,000", "45,000"), *LINES[1:]]))
    url = "http://kettle.example/a"
    for stdin in (page(), page(), edited.read_bytes()):
        done = run("fetch", "--html", "-", "--url", url, archive=archive, stdin=stdin)
        assert done.returncode == 0, done.stderr
    assert rows(archive, "select count(*) from fetches") == [(3,)]
    history = json.loads(run("history", url, "--json", archive=archive).stdout)["versions"]
    assert [version["number"] for version in history] == [1, 2]
    assert history[0]["observations"] == 2
    assert history[1]["classes"] == ["number"]
    diff = run("diff", url, archive=archive).stdout
    assert "- The council voted" in diff and "40,000" in diff and "45,000" in diff
    shown = run("show", url, "--version", "1", archive=archive).stdout
    assert "40,000" in shown and "45,000" not in shown


@pytest.mark.parametrize(
    ("url", "error_class"),
    [
        ("http://no-such-host.invalid/x", "dns"),
        ("htp:/x", "bad_url"),
        ("http://127.0.0.1/x", "blocked_address"),
    ],
)
def test_a_link_that_fails_is_one_line_and_one_row(
    archive: Path, url: str, error_class: str
) -> None:
    done = run("fetch", url, archive=archive)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert url in line and error_class in line
    assert rows(archive, "select class, url from fetches") == [(error_class, url)]


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        (b"", "not_html"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not_html"),
        (
            b"<html><head><title>x</title></head><body><nav>Home</nav></body></html>",
            "empty_extract",
        ),
    ],
)
def test_a_page_without_an_article_is_refused(archive: Path, body: bytes, error_class: str) -> None:
    done = run("fetch", "--html", "-", "--url", "http://k.example/", archive=archive, stdin=body)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "http://k.example/" in line and error_class in line
    assert rows(archive, "select class from fetches") == [(error_class,)]
    assert rows(archive, "select count(*) from versions") == [(0,)]


def test_http_errors_are_told_with_their_status(
    archive: Path, config: Path, newsroom: Newsroom
) -> None:
    url = newsroom.sources()[0].url.rsplit("/", 1)[0] + "/no/such/page"
    done = run("--config", config, "fetch", url, archive=archive)
    assert done.returncode == 1
    assert "404" in done.stderr and url in done.stderr
    assert rows(archive, "select class, status from fetches") == [("gone", 404)]


# -- wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("fetch",),
        ("fetch", "--html", "x.html"),
        ("fetch", "--html", "/no/such/file", "--url", "http://a.example/"),
        ("collect", "--source", "nobody"),
        ("--config", "/no/such/folder", "collect"),
        ("import", "/no/such/file.warc"),
        ("nonsense",),
    ],
)
def test_wrong_usage_exits_with_two(archive: Path, args: tuple[str, ...]) -> None:
    done = run(*args, archive=archive)
    assert done.returncode == 2
    assert done.stderr.strip() and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_all_config_problems_come_at_once(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[fetch]\ndelay = -1\nspeed = 9\n")
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\n')
    done = run("--config", tmp_path, "collect", archive=archive)
    assert done.returncode == 2
    for word in ("delay = -1", "speed is not a key", "kind is missing", "url is missing"):
        assert word in done.stderr


def test_a_page_that_only_a_script_fills_is_told_with_what_to_do(archive: Path) -> None:
    shell = b"<html><title>App</title><body><div id=root></div><script src=/app.js></script>"
    done = run(
        "fetch", "--html", "-", "--url", "http://kettle.example/a", archive=archive, stdin=shell
    )
    assert done.returncode == 1
    assert "script_only" in done.stderr and "--render" in done.stderr


def test_verbose_shows_where_it_went_wrong(archive: Path) -> None:
    assert "Traceback" not in run("show", "7", archive=archive).stderr
    assert "Traceback" in run("-v", "show", "7", archive=archive).stderr


def test_another_programs_database_is_left_alone(archive: Path) -> None:
    archive.mkdir()
    connection = sqlite3.connect(archive / "archive.db")
    connection.execute("create table mine (x)")
    connection.commit()
    connection.close()
    before = (archive / "archive.db").read_bytes()
    done = run("status", archive=archive)
    assert done.returncode == 1
    assert "so it is not an archive" in done.stderr
    assert (archive / "archive.db").read_bytes() == before


# -- import -----------------------------------------------------------------------------------


def test_a_second_import_adds_nothing(
    archive: Path, warc: Callable[[dict[str, bytes]], Path]
) -> None:
    path = warc({f"http://kettle.example/{n}": page(f"Story {n}") for n in range(3)})
    first = json.loads(run("import", path, "--json", archive=archive).stdout)
    assert first["total"]["kept"] == 3
    assert rows(archive, "select count(*) from judgements") == [(3,)]
    before = rows(archive, "select count(*), (select count(*) from versions) from fetches")
    second = run("import", path, "--json", archive=archive)
    assert second.returncode == 0
    assert json.loads(second.stdout)["total"]["known"] == 3
    assert rows(archive, "select count(*), (select count(*) from versions) from fetches") == before


def test_a_truncated_file_gives_what_was_whole(
    archive: Path, warc: Callable[[dict[str, bytes]], Path]
) -> None:
    path = warc({f"http://kettle.example/{n}": page(f"Story {n}") for n in range(3)})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 200])
    done = run("import", path, archive=archive)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert str(path) in last and "byte" in last
    assert rows(archive, "select count(*) from articles") == [(2,)]


def test_captures_stand_for_the_web(
    archive: Path, warc: Callable[[dict[str, bytes]], Path]
) -> None:
    path = warc({"http://kettle.example/a": page()})
    done = run(
        "--web", path, "fetch", "http://kettle.example/a", "http://kettle.example/b",
        archive=archive,
    )  # fmt: skip
    assert done.returncode == 1
    assert LINES[0] in done.stdout
    assert "not_captured" in done.stderr
    assert rows(archive, "select class from fetches order by id") == [("ok",), ("not_captured",)]


def test_uncompressed_captures_are_read_too(
    archive: Path, warc: Callable[[dict[str, bytes]], Path], tmp_path: Path
) -> None:
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(warc({"http://kettle.example/a": page()}).read_bytes()))
    assert run("import", plain, archive=archive).returncode == 0
    assert rows(archive, "select count(*) from articles") == [(1,)]


# -- search, status ---------------------------------------------------------------------------


def test_search_finds_either_script(archive: Path) -> None:
    lines = [
        "国产开源模型正在改变各地图书馆整理旧报纸的方式，馆员不再需要逐字录入。",
        "江州图书馆副馆长表示，识别错误由读者校对，每一处改动都会留下记录。",
        "项目组说，今后半年将把全部代码公开，欢迎其他城市的图书馆取用。",
    ]
    body = page("图书馆用开源模型整理旧报", lines)
    run("fetch", "--html", "-", "--url", "http://k.example/1", archive=archive, stdin=body)
    for query in ("开源模型", "開源模型", "圖書館"):
        (hit,) = json.loads(run("search", query, "--json", archive=archive).stdout)["hits"]
        assert hit["title"] == "图书馆用开源模型整理旧报"
    nothing = json.loads(run("search", "闭源", "--json", archive=archive).stdout)
    assert (nothing["hits"], nothing["coverage"], nothing["found"]) == ([], None, 0)


# -- collect, daemon --------------------------------------------------------------------------


def test_collect_one_source_by_name(archive: Path, config: Path, newsroom: Newsroom) -> None:
    name = newsroom.sources()[0].name
    done = run("--config", config, "collect", "--source", name, "--json", archive=archive)
    counts = json.loads(done.stdout)["sources"]
    assert list(counts) == [name]
    assert counts[name]["kept"] > 0


def test_one_daemon_an_archive_and_a_clean_end(archive: Path, config: Path) -> None:
    command = [sys.executable, "-m", "scraper", "--archive", str(archive), "--config", str(config)]
    with subprocess.Popen([*command, "daemon"], stderr=subprocess.PIPE) as daemon:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if rows(archive, "select 1 from articles limit 1"):
                    break
            except sqlite3.OperationalError:
                pass
            time.sleep(0.1)
        else:
            daemon.kill()
            pytest.fail("the daemon archived nothing")
        second = run("--config", config, "daemon", archive=archive)
        assert second.returncode == 75
        assert "another daemon" in second.stderr
        assert daemon.poll() is None
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=25) == 0
    assert rows(archive, "select count(*) from runs where outcome = 'running'") == [(0,)]
    assert rows(archive, "pragma integrity_check") == [("ok",)]
