"""Exports: each is read back by a reader that is not ours, whatever the texts hold."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from scraper.archive import Archive
from scraper.cli import main
from scraper.exchange.formats.captures import sort_key
from scraper.exchange.formats.markdown_vault import file_name
from scraper.exchange.formats.tables import defused
from scraper.exchange.imports import captures_of, files_of
from scraper.exchange.opml import read_opml, write_opml
from scraper.models import Article, Source
from tests.archiving import START, article, opened

# What breaks a format that does not expect it.
HOSTILE = (
    '=HYPERLINK("http://evil.example","x")', "+1", "-1+2", "@SUM(A1)", "\t=1", '"; drop table',
    "]]>", "<!--", "<script>alert(1)</script>", "&amp;&lt;", "\\end{document}%", "{unbalanced",
    "}{", "---\ntitle: x", "- [ ] x", "[[../../etc/passwd]]", "%%hidden%%", "../../etc/passwd",
    "TY  - JOUR\r\nER  - ", "\r\nWARC/1.0\r\n", "\u2028", "\u202e", "\ufeff", "\x00", "\x0b",
    "\ufffe", "\U0001f600", "芯片：開源模型", "e\u0301", " ", "null", "!!python/object:x",
    "*anchor", "\x85", "CON",
)  # fmt: skip
texts = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), min_size=1, max_size=6
).map("".join)
few = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--archive", str(folder), *words])


def made(title: str, text: str, number: int = 1) -> Article:
    return Article(
        url=f"https://ledger.example/{number}",
        title=title,
        authors=(title[:40] or "A", "Ada Lind"),
        outlet=title[:30],
        published=START,
        language="en",
        text=text,
        markdown=text,
        excerpt=text[:100],
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    with opened(folder) as opened_archive:
        for number in range(1, 4):
            url = f"https://ledger.example/{number}"
            text = f"The port of number {number} opened on Monday.\nNobody came.\n"
            record = Article(
                url=url, title=f"Port {number} opens", text=text, language="en",
                published=START + timedelta(days=number),
            )  # fmt: skip
            opened_archive.record(article(url=url, made=record, body=f"<p>{number}</p>"))
        record = Article(
            url="https://ledger.example/1", title="Port 1 stays shut", language="en",
            text="The port of number 1 did not open.\nNobody came.\n",
            published=START + timedelta(days=1),
        )  # fmt: skip
        opened_archive.record(
            article(
                url="https://ledger.example/1", made=record, body="<p>1b</p>",
                at=START + timedelta(days=9),
            )
        )  # fmt: skip
    return folder


def keep(folder: Path, title: str, text: str) -> None:
    with opened(folder) as opened_archive:
        opened_archive.record(
            article(url="https://ledger.example/1", made=made(title, text), body=text or "<p>")
        )


def kept(folders: pytest.TempPathFactory, title: str, text: str) -> Path:
    """Return a new archive that holds one article."""
    folder = folders.mktemp("a")
    keep(folder, title, f"{text}\nThe end of it.")
    return folder


def test_filters_are_those_of_search(archive: Path) -> None:
    done = run(archive, "export", "--format", "jsonl", "stays", "shut")
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Port 1 stays shut"]
    done = run(archive, "export", "--format", "jsonl", "port", "until:2026-03-03", "--limit", "1")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [2]
    assert run(archive, "export", "--format", "jsonl", "nothing-like-it").stdout == ""


def test_an_export_since_a_cursor_holds_what_changed_after_it(archive: Path) -> None:
    done = run(archive, "export", "--format", "jsonl", "--since", "3")
    (line,) = done.stdout.splitlines()
    assert [one["title"] for one in json.loads(line)["versions"]] == [
        "Port 1 opens", "Port 1 stays shut",
    ]  # fmt: skip
    assert "--since 4" in done.stderr
    assert run(archive, "export", "--format", "jsonl", "--since", "4").stdout == ""


def test_more_articles_than_a_search_reads_are_exported(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as opened_archive:
        attempts = []
        for number in range(60):
            url = f"https://ledger.example/{number}"
            text = f"Harbour {number} of many. " + f"word{number} " * 5
            record = Article(url=url, title=f"H {number}", text=text)
            attempts.append(article(url=url, made=record, body=url))
        opened_archive.record_all(attempts)
    with Archive(folder) as opened_archive:
        found = opened_archive.select('"of many"')
    assert len(found.ids) == 60


@pytest.mark.parametrize("name", ["x.csv", "x.epub", "x.db", "x.wacz", "x.jsonl", "x.parquet"])
def test_a_file_is_replaced_only_by_force_and_appears_whole(
    archive: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out" / name
    assert run(archive, "export", "--to", str(target)).exit_code == 0
    before = target.read_bytes()
    refused = run(archive, "export", "--to", str(target))
    assert refused.exit_code == 2 and "--force" in refused.stderr
    assert target.read_bytes() == before
    assert run(archive, "export", "--to", str(target), "--force").exit_code == 0
    assert [path.name for path in target.parent.iterdir()] == [name]


def test_what_a_killed_export_left_is_removed_by_the_next(archive: Path, tmp_path: Path) -> None:
    abandoned, busy, other = (
        tmp_path / name for name in (".x[1].csv.7.part", ".x[1].csv.8.part", ".y.csv.7.part")
    )
    for path in (abandoned, busy, other):
        path.write_text("half")
    for path in (abandoned, other):
        os.utime(path, (START.timestamp(), START.timestamp()))
    assert run(archive, "export", "--to", str(tmp_path / "x[1].csv")).exit_code == 0
    assert (abandoned.exists(), busy.exists(), other.exists()) == (False, True, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "x.unknown"], "`scraper export --formats`"),
        (["--format", "docx"], "docx is no format"),
        ([], "give --format"),
        (["--whole", "port"], "takes no query"),
        (["--format", "markdown"], "give --to FOLDER"),
    ],
)
def test_what_cannot_be_exported_is_said(archive: Path, words: list[str], says: str) -> None:
    done = run(archive, "export", *words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.output


@few
@given(title=texts, text=texts)
def test_tables_and_lines_hold_any_text(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str
) -> None:
    folder = kept(tmp_path_factory, title, text)
    with Archive(folder) as opened_archive:
        row = opened_archive.find(1)
    lines = run(folder, "export", "--format", "jsonl").stdout_bytes.decode().split("\n")
    assert lines[1:] == [""]
    line = json.loads(lines[0])
    assert line["title"] == row.title and line["versions"][0]["text"] == row.text
    table = run(folder, "export", "--format", "csv").stdout_bytes.decode("utf-8-sig")
    head, cells = csv.reader(io.StringIO(table, newline=""))
    found = dict(zip(head, cells, strict=True))
    assert found["text"].removeprefix("'") == row.text.removeprefix("'")
    assert not re.match(r"\s*[=+\-@|%]", found["title"])
    (item,) = json.loads(run(folder, "export", "--format", "csl-json").stdout_bytes)
    assert "\n" not in item.get("title", "")


@few
@given(title=texts, text=texts)
def test_feeds_books_and_references_hold_any_text(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str
) -> None:
    folder = kept(tmp_path_factory, title, text)
    feed = ET.fromstring(run(folder, "export", "--format", "atom").stdout_bytes)
    (entry,) = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert "The end of it." in "".join(entry.itertext())
    assert not [one for one in feed.iter() if one.tag.endswith("script")]
    packed = run(folder, "export", "--format", "epub").stdout_bytes
    with zipfile.ZipFile(io.BytesIO(packed)) as book:
        assert book.namelist()[0] == "mimetype"
        for name in book.namelist():
            if name.endswith((".xhtml", ".opf", ".xml")):
                assert not [e for e in ET.fromstring(book.read(name)).iter() if "script" in e.tag]
    ris = run(folder, "export", "--format", "ris").stdout_bytes.decode()
    assert len(re.findall(r"^TY  - ", ris, re.MULTILINE)) == 1
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", one) for one in ris.split("\r\n") if one)
    bib = run(folder, "export", "--format", "bibtex").stdout_bytes.decode()
    depth = 0
    for mark in re.findall(r"(?<!\\)(?:\\\\)*([{}])", bib):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0


@few
@given(title=texts, text=texts)
def test_a_note_of_the_vault_holds_any_text(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str
) -> None:
    folder = kept(tmp_path_factory, title, text)
    vault = folder / "vault"
    assert run(folder, "export", "--format", "markdown", "--to", str(vault)).exit_code == 0
    (note,) = (vault / "Articles").iterdir()
    whole = note.read_text(encoding="utf-8")
    front = whole.split("\n---\n")[0].removeprefix("---\n")
    with Archive(folder) as opened_archive:
        row = opened_archive.find(1)
    values = yaml.safe_load(front)
    assert values.get("title", "") == row.title
    assert values["url"] == row.url and values["version"] == 1
    assert "The end of it." in whole
    # No note outside the vault, none twice.
    assert run(folder, "export", "--format", "markdown", "--to", str(vault)).exit_code == 0
    assert list((vault / "Articles").iterdir()) == [note]
    assert {path.name for path in folder.iterdir()} <= {
        "archive.db", "bodies.db", "vault", "archive.db-wal", "archive.db-shm", "bodies.db-wal",
        "bodies.db-shm",
    }  # fmt: skip


@given(texts)
def test_a_file_name_is_a_name_on_any_system(text: str) -> None:
    name = file_name(text)
    assert name and name == name.strip(". ") and len(name.encode()) <= 121
    assert not set(name) & set('\\/:*?"<>|#^[]\0\n')
    assert name.upper() not in ("CON", "NUL", "AUX", "PRN", "COM1")


def test_a_retitled_article_leaves_one_note(archive: Path, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    assert run(archive, "export", "--to", f"{vault}/").exit_code == 0
    (vault / "Articles" / "mine.md").write_text("own note")
    record = Article(
        url="https://ledger.example/2", title="Harbour two opens", published=START,
        text="The port of number 2 opened on Monday.\nNobody came.\n",
    )  # fmt: skip
    with opened(archive) as opened_archive:
        opened_archive.record(
            article(url=record.url, made=record, at=START + timedelta(days=20), body="<p>new</p>")
        )
    assert run(archive, "export", "--to", f"{vault}/", "--since", "4").exit_code == 0
    names = sorted(path.name for path in (vault / "Articles").iterdir())
    assert [name for name in names if "(2)" in name] == ["2026-03-01 Harbour two opens (2).md"]
    assert "mine.md" in names and len(names) == 4


def test_a_note_runs_nothing_and_shows_listings_as_they_are(tmp_path: Path) -> None:
    text = (
        "See [[Home]] and ![[Home]] %%hidden%%.\n\n"
        "Run `$= app.vault.getFiles()`, ``= this.file`` or `a = 1`.\n\n"
        "```bash\nif [[ -f x ]]; then echo 50%%; fi\n```\n\n"
        "````dataviewjs\napp.vault.delete(x)\n```\n[[ still code ]]\n````\n\n"
        "Behind [[it]].\n\n~~~\nnever closed [[ x ]]"
    )
    folder = tmp_path / "archive"
    with opened(folder) as opened_archive:
        record = replace(made("Shell", text), outlet="Ledger", markdown=text)
        opened_archive.record(article(url=record.url, made=record))
    assert run(folder, "export", "--to", f"{tmp_path / 'vault'}/").exit_code == 0
    (note,) = (tmp_path / "vault" / "Articles").iterdir()
    body = note.read_text().split("# Shell\n\n")[1]
    assert body == (
        "See [\\[Home]\\] and ![\\[Home]\\] %\\%hidden%\\%.\n\n"
        "Run \\`$= app.vault.getFiles()`, \\`\\`= this.file`` or `a = 1`.\n\n"
        "```bash\nif [[ -f x ]]; then echo 50%%; fi\n```\n\n"
        "````\napp.vault.delete(x)\n```\n[[ still code ]]\n````\n\n"
        "Behind [\\[it]\\].\n\n~~~\nnever closed [[ x ]]\n\n~~~\n\n[[Outlets/Ledger]]\n"
    )


def test_an_author_of_whom_nothing_can_be_read_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as opened_archive:
        record = replace(made("Port opens", "It did."), authors=("\x0b\x85", "Ada Lind"))
        opened_archive.record(article(url=record.url, made=record))
    (item,) = json.loads(run(folder, "export", "--format", "csl-json").stdout_bytes)
    assert item["author"] == [{"literal": "Ada Lind"}]
    assert "  author = {{Ada Lind}}," in run(folder, "export", "--format", "bibtex").stdout
    ris = run(folder, "export", "--format", "ris").stdout_bytes.decode()
    assert re.findall(r"^AU  - (.*)\r$", ris, re.MULTILINE) == ["Ada Lind"]


def test_a_time_of_any_year_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    early = datetime(800, 12, 25, 9, tzinfo=UTC)
    with opened(folder) as opened_archive:
        record = replace(made("Emperor crowned", "It was."), published=early)
        opened_archive.record(article(url=record.url, made=record))
        assert opened_archive.find(1).published == early
    feed = run(folder, "export", "--format", "atom").stdout
    assert "<published>0800-12-25T09:00:00Z</published>" in feed


def test_the_subset_is_a_database_with_full_text_search(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "some.db"
    assert run(archive, "export", "--to", str(target), "shut").exit_code == 0
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("select title, version, versions from articles").fetchall() == [
            ("Port 1 stays shut", 2, 2)
        ]
        assert database.execute("select count(*) from versions").fetchone() == (2,)
        found = database.execute("select rowid from articles_fts where articles_fts match 'shut'")
        assert found.fetchall() == [(1,)]
        kinds = database.execute("select kind from changes order by cursor").fetchall()
        assert kinds[0] == ("new",) and len(kinds) == 2
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)


def test_parquet_is_read_by_pyarrow(archive: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "x.parquet"
    assert run(archive, "export", "--to", str(target)).exit_code == 0
    rows = parquet.read_table(target).to_pylist()
    assert [row["title"] for row in rows] == ["Port 3 opens", "Port 2 opens", "Port 1 stays shut"]
    assert rows[0]["published"] == START + timedelta(days=3)


def test_warc_holds_each_version_with_its_own_date(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.warc.gz"
    assert run(archive, "export", "--to", str(target)).exit_code == 0
    found = []
    with target.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                headers = record.rec_headers
                found.append(
                    (
                        headers.get_header("WARC-Target-URI"),
                        headers.get_header("WARC-Date"),
                        record.content_stream().read(),
                    )
                )
    assert ("https://ledger.example/1", "2026-03-10T08:00:00Z", b"<p>1b</p>") in found
    assert ("https://ledger.example/1", "2026-03-01T08:00:00Z", b"<p>1</p>") in found
    assert len(found) == 4


def test_wacz_says_where_each_record_stands(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.wacz"
    assert run(archive, "export", "--to", str(target)).exit_code == 0
    with zipfile.ZipFile(target) as packed:
        assert packed.testzip() is None
        package = json.loads(packed.read("datapackage.json"))
        for one in package["resources"]:
            content = packed.read(one["path"])
            assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert one["bytes"] == len(content)
        index = gzip.decompress(packed.read("indexes/index.cdx.gz")).decode().splitlines()
        captured = packed.read("archive/data.warc.gz")
    assert index == sorted(index) and len(index) == 4
    for line in index:
        key, _, about = line.split(" ", 2)
        where = json.loads(about)
        start = int(where["offset"])
        member = captured[start : start + int(where["length"])]
        (record,) = ArchiveIterator(io.BytesIO(member))
        assert record.rec_headers.get_header("WARC-Target-URI") == where["url"]
        assert key == sort_key(where["url"])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Ledger.example/A/", "example,ledger)/a"),
        ("http://ledger.example:8080/?b=2&a=1", "example,ledger:8080)/?a=1&b=2"),
        ("http://ledger.example", "example,ledger)/"),
    ],
)
def test_an_index_is_sorted_by_host_from_right_to_left(url: str, key: str) -> None:
    assert sort_key(url) == key


@pytest.mark.skipif(not shutil.which("wayback"), reason="pywb is not installed on the PATH")
def test_pywb_replays_what_was_exported(archive: Path, tmp_path: Path) -> None:
    from urllib.error import URLError
    from urllib.request import urlopen

    target = tmp_path / "x.warc.gz"
    assert run(archive, "export", "--to", str(target)).exit_code == 0
    subprocess.run(["wb-manager", "init", "t"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(
        ["wb-manager", "add", "t", str(target)], cwd=tmp_path, check=True, capture_output=True
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        ["wayback", "--bind", "127.0.0.1", "--port", str(port)],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            shown = {}
            for day, path in (("20260301", "1"), ("20260310", "1"), ("20260301", "2")):
                address = f"http://127.0.0.1:{port}/t/{day}080000id_/https://ledger.example/{path}"
                for _ in range(120):
                    try:
                        shown[day, path] = urlopen(address, timeout=30).read()
                        break
                    except URLError:
                        time.sleep(0.5)
        finally:
            server.terminate()
    assert shown == {
        ("20260301", "1"): b"<p>1</p>", ("20260310", "1"): b"<p>1b</p>",
        ("20260301", "2"): b"<p>2</p>",
    }  # fmt: skip


# The whole archive


def test_a_whole_archive_comes_back_equal(archive: Path, tmp_path: Path) -> None:
    whole, again = tmp_path / "whole.jsonl", tmp_path / "again.jsonl"
    assert run(archive, "export", "--whole", "--to", str(whole)).exit_code == 0
    copy = tmp_path / "copy"
    done = run(copy, "import", str(whole))
    assert done.exit_code == 0, done.output
    assert run(copy, "export", "--whole", "--to", str(again)).exit_code == 0
    assert again.read_bytes() == whole.read_bytes()
    assert run(copy, "verify", "--archive").exit_code == 0
    assert run(copy, "search", "shut").stdout == run(archive, "search", "shut").stdout
    # Twice adds nothing; it goes on as an archive.
    assert "holds this archive already" in run(copy, "import", str(whole)).output
    with opened(copy) as opened_archive:
        opened_archive.record(article("Quite another text.", url="https://ledger.example/9"))
    assert run(copy, "verify", "--archive").exit_code == 0
    refused = run(copy, "import", str(whole))
    assert refused.exit_code == 2 and "--archive" in refused.output


@few
@given(title=texts, text=texts)
def test_any_text_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str
) -> None:
    folder = tmp_path_factory.mktemp("a")
    keep(folder / "one", title, f"{text}\nThe end of it.")
    assert run(folder / "one", "export", "--whole", "--to", str(folder / "x")).exit_code == 0
    done = run(folder / "two", "import", str(folder / "x"))
    assert done.exit_code == 0, done.output
    assert run(folder / "two", "export", "--whole", "--to", str(folder / "y")).exit_code == 0
    assert (folder / "x").read_bytes() == (folder / "y").read_bytes()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda whole: whole[: len(whole) // 2], "damaged"),
        (lambda whole: b"\n".join(whole.split(b"\n")[:-5]) + b"\n", "cut off after"),
        (lambda whole: whole.replace(b"Port 2 opens", b"Port 2 burns"), "nothing was imported"),
        (lambda whole: whole.replace(b'"base64":"', b'"base64":"AAAA'), "nothing was imported"),
        (
            lambda whole: whole.replace(b'"table":"pages"', b'"table":"dogs"'),
            "nothing was imported",
        ),
        (lambda whole: whole.replace(b'"row":{', b'"row":{"x);--":1,'), "nothing was imported"),
        (lambda whole: whole.replace(b'"cursor":4', b'"cursor":3'), "nothing was imported"),
        (lambda whole: whole + whole, "goes on behind its end at byte"),
        (lambda whole: whole.split(b"\n")[0] + b"\n" + b"[" * 100_000, "damaged"),
    ],
)
def test_a_damaged_archive_leaves_nothing(
    archive: Path, tmp_path: Path, damage: object, says: str
) -> None:
    whole = tmp_path / "whole.jsonl"
    assert run(archive, "export", "--whole", "--to", str(whole)).exit_code == 0
    assert callable(damage)
    whole.write_bytes(damage(whole.read_bytes()))
    copy = tmp_path / "copy"
    done = run(copy, "import", str(whole))
    assert done.exit_code != 0
    assert says in done.output, done.output
    assert "Traceback" not in done.output
    assert not copy.exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_forged_archive_with_a_right_sum_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    assert run(archive, "export", "--whole", "--to", str(whole)).exit_code == 0
    lines = whole.read_bytes().replace(b"Port 2 opens", b"Port 2 burns").split(b"\n")
    rows = b"\n".join(lines[:-2]) + b"\n"
    last = json.loads(lines[-2]) | {"sha256": hashlib.sha256(rows).hexdigest()}
    whole.write_bytes(rows + json.dumps(last).encode() + b"\n")
    done = run(tmp_path / "copy", "import", str(whole))
    assert done.exit_code == 1
    assert "no sound archive" in done.output and "nothing was imported" in done.output
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        (" +1", "' +1"),
        ("-5 °C", "'-5 °C"),
        ("5 - 3", "5 - 3"),
        ("\u2028=1", "'\u2028=1"),
        ("\u200b \ufeff@A1", "'\u200b \ufeff@A1"),
        ("\u2028plain", "\u2028plain"),
    ],
)
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    assert defused(text) == cell


def test_a_line_that_stops_its_worker_is_named(archive: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    assert run(archive, "export", "--whole", "--to", str(whole)).exit_code == 0
    lines = whole.read_bytes().split(b"\n")
    # Empty lists take twenty times as much memory as they take in a file.
    lines[3] = b'{"table": "pages", "row": {"x": [' + b"[]," * 20_000_000 + b"0]}}"
    whole.write_bytes(b"\n".join(lines))
    done = run(tmp_path / "copy", "import", str(whole))
    offset = sum(len(line) + 1 for line in lines[:3])
    assert done.exit_code == 1
    assert f"the line at byte {offset:,} is damaged; nothing was imported" in done.output
    assert not (tmp_path / "copy").exists()


@few
@given(outlets=st.lists(texts, min_size=1, max_size=4))
def test_opml_brings_any_subscription_back(outlets: list[str]) -> None:
    sources = [
        Source(
            name=f"s{n}", kind="feed", url=f"https://ledger.example/{n}?a=1&b='%22", outlet=outlet
        )
        for n, outlet in enumerate(outlets)
    ]
    feeds, others = read_opml(write_opml(sources, START), "x.opml")
    assert others == 0
    assert [feed.url for feed in feeds] == [source.url for source in sources]
    for feed, outlet in zip(feeds, outlets, strict=True):
        if outlet.isprintable() and outlet.strip():
            assert feed.title == " ".join(outlet.split())[:80]
    # What XML cannot hold is lost once; what came back comes back again.
    again = [
        replace(source, outlet=feed.title) for source, feed in zip(sources, feeds, strict=True)
    ]
    names = [feed.title.strip() for feed in read_opml(write_opml(again, START), "x.opml")[0]]
    assert names == [feed.title.strip() for feed in feeds]


@few
@given(title=texts, text=texts)
def test_captures_bring_any_page_back(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: str
) -> None:
    folder = kept(tmp_path_factory, title, text)
    page = f"{text}\nThe end of it.".encode()
    for name in ("x.warc.gz", "x.wacz"):
        assert run(folder, "export", "--to", str(folder / name)).exit_code == 0
        (found,) = files_of(folder / name)
        ((_, capture, _),) = captures_of(found)
        assert (capture.url, capture.body) == ("https://ledger.example/1", page)
        assert capture.fetched_at == START
