"""Imports of what other programs collected: whole, damaged, twice, and not what they seem."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive import Archive
from scraper.cli import main
from scraper.errors import ScraperError
from scraper.exchange.imports import Found, captures_of, files_of
from scraper.exchange.imports import arc as arc_file
from scraper.exchange.imports.jsonl import parse_line

TEXT = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs, the port authority"
    " said. Ships had waited outside the bay since the storm, and several were sent to other ports."
)


def html(number: int = 1, head: str = "") -> str:
    paragraphs = "".join(
        f"<p>{TEXT} Berth {number} came first, berth {n} last.</p>" for n in "abcd"
    )
    return (
        f"<!DOCTYPE html>\n{head}<html lang='en'><head><title>Berth {number} of Port Elin reopens"
        f"</title></head><body><article><h1>Berth {number} of Port Elin reopens</h1>{paragraphs}"
        "</article></body></html>"
    )


def run(folder: Path, *words: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["--archive", str(folder), *words], input=stdin)


def urls(folder: Path) -> dict[str, str]:
    """Address and day of the first version of each article."""
    with Archive(folder) as archive:
        return {
            archive.find(number).url: f"{archive.versions(number)[0].first_observed_at:%Y-%m-%d}"
            for number in archive.select().ids
        }


def warc(*numbers: int) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for number in numbers:
        body = html(number).encode()
        record = writer.create_warc_record(
            f"https://elin.example/{number}", "response", payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"2026-03-0{number}T08:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


def arc_record(number: int, *, length: int | None = None, at: str = "20260302080000") -> bytes:
    block = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html(number).encode()
    )  # fmt: skip
    size = len(block) if length is None else length
    line = f"https://elin.example/{number} 192.0.2.1 {at} text/html {size}\n"
    return line.encode() + block + b"\n"


def arc(*records: bytes, packed: bool = False) -> bytes:
    about = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://x.arc 0.0.0.0 20260302080000 text/plain %d\n" % len(about) + about + b"\n"
    if packed:
        return b"".join(map(gzip.compress, (head, *records)))
    return head + b"".join(records)


# Captures


def test_a_wacz_is_imported_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as packed:
        packed.writestr("archive/a.warc.gz", warc(1, 2))
        packed.writestr("archive/b.warc.gz", warc(3))
        packed.writestr("pages/pages.jsonl", "{}")
    done = run(tmp_path / "archive", "import", str(tmp_path / "crawl.wacz"))
    assert done.exit_code == 0, done.output
    assert urls(tmp_path / "archive") == {
        f"https://elin.example/{n}": f"2026-03-0{n}" for n in (1, 2, 3)
    }
    again = run(tmp_path / "archive", "import", "--json", str(tmp_path / "crawl.wacz"))
    total = json.loads(again.stdout)["total"]
    assert (total["seen"], total["known"], total["kept"]) == (3, 3, 0)


@pytest.mark.parametrize("kind", ["arc", "warc"])
def test_files_of_one_name_are_told_apart(tmp_path: Path, kind: str) -> None:
    """Crawls number their files alike, and a record at the same place of each is another."""
    named = re.compile(rb"WARC-Record-ID: [^\r]*\r\n")
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        nameless = named.sub(b"", gzip.decompress(warc(number)))
        content = arc(arc_record(number)) if kind == "arc" else nameless
        (tmp_path / str(number) / f"data.{kind}").write_bytes(content)
    for _ in range(2):
        for number in (1, 2):
            done = run(tmp_path / "archive", "import", str(tmp_path / str(number)))
            assert done.exit_code == 0, done.output
    assert set(urls(tmp_path / "archive")) == {"https://elin.example/1", "https://elin.example/2"}
    with Archive(tmp_path / "archive") as archive:
        assert [archive.versions(n)[0].observations for n in (1, 2)] == [1, 1]


def test_standard_input_is_named_so(tmp_path: Path) -> None:
    cut = run(tmp_path / "archive", "import", "-", stdin=warc(1)[:-300])
    assert cut.exit_code == 1 and "standard input: broken at byte" in cut.output
    none = run(tmp_path / "archive", "import", "-", stdin=b"nothing of the kind")
    assert none.exit_code == 2 and "standard input: it is no capture" in none.output
    counted = run(tmp_path / "archive", "import", "-", "--json", stdin=warc(2))
    assert list(json.loads(counted.stdout)["files"]) == ["standard input"]
    for done in (cut, none, counted):
        assert tempfile.gettempdir() not in done.output


def test_a_damaged_part_of_a_wacz_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as packed:
        packed.writestr("archive/a.warc.gz", warc(1)[:300])
        packed.writestr("archive/b.warc.gz", b"no warc")
        packed.writestr("archive/c.warc.gz", warc(3))
    done = run(tmp_path / "archive", "import", str(tmp_path / "crawl.wacz"))
    assert done.exit_code == 1
    assert list(urls(tmp_path / "archive")) == ["https://elin.example/3"]
    assert "archive/a.warc.gz" in done.output and "archive/b.warc.gz" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("packed", [False, True])
def test_arc_files_are_read(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "old.arc.gz"
    path.write_bytes(arc(arc_record(1), arc_record(2, at="20250105000000"), packed=packed))
    captures = [(page.url, page.fetched_at.year) for _, page, _ in captures_of(files_of(path)[0])]
    assert captures == [("https://elin.example/1", 2026), ("https://elin.example/2", 2025)]


def dying_head(begun: bytes, url: str) -> object:
    """Parse a head, but for one that ends the process which reads it."""
    if url.endswith("/2"):
        os._exit(3)
    return arc_file.parse_head(begun, url)


def test_a_head_that_kills_its_reader_costs_one_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.arc"
    path.write_bytes(arc(arc_record(1), arc_record(2), arc_record(3)))
    # The worker has the module as it is: only the reading process asks for another function.
    monkeypatch.setattr(arc_file, "parse_head", dying_head)
    found: list[str] = []
    with pytest.raises(ScraperError, match=r"reader of the page died.*passed over: 1, all others"):
        for _, page, _ in captures_of(files_of(path)[0]):
            found.append(page.url)
    assert found == ["https://elin.example/1", "https://elin.example/3"]


def test_damaged_arc_records_are_passed_over_and_named(tmp_path: Path) -> None:
    path = tmp_path / "old.arc.gz"
    bad = bytearray(gzip.compress(arc_record(2)))
    bad[len(bad) // 2] ^= 255
    members = [gzip.compress(arc_record(1)), bytes(bad), gzip.compress(arc_record(3))]
    path.write_bytes(arc(packed=True) + b"".join(members))
    found: list[str] = []
    with pytest.raises(ScraperError, match=r"at byte \d+.*passed over: 1"):
        for _, page, _ in captures_of(files_of(path)[0]):
            found.append(page.url)
    assert found == ["https://elin.example/1", "https://elin.example/3"]


@pytest.mark.parametrize(
    "content",
    [
        arc(arc_record(1, length=10**11)),
        arc(arc_record(1, at="00000000000000")),
        arc(b"nonsense\n"),
        b"",
        b"\x1f\x8b\x08broken",
    ],
)
def test_an_arc_file_that_lies_costs_only_itself(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.arc"
    path.write_bytes(content)
    done = run(tmp_path / "archive", "import", str(path))
    assert "Traceback" not in done.output
    assert done.exit_code in (0, 1)


def test_json_lines_bring_their_raw_pages_with_their_dates(tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(warc(1, 2))
    done = run(tmp_path / "one", "import", str(tmp_path / "x.warc.gz"))
    assert done.exit_code == 0, done.output
    lines = tmp_path / "x.jsonl"
    assert (
        run(tmp_path / "one", "export", "--format", "jsonl-pages", "--to", str(lines)).exit_code
        == 0
    )
    done = run(tmp_path / "two", "import", str(lines))
    assert done.exit_code == 0, done.output
    assert urls(tmp_path / "two") == urls(tmp_path / "one")
    # A damaged beginning makes no list of addresses, to be fetched, of it.
    (tmp_path / "y.jsonl").write_bytes(lines.read_bytes().replace(b'"schema"', b'"scheme"'))
    assert files_of(tmp_path / "y.jsonl")[0].kind == "jsonl"
    # Damage in the middle costs a line.
    first, second, _ = lines.read_bytes().split(b"\n")
    bad = b'{"versions": [{"responses": 5}]}\n[[[[\n{"versions": [{"number": 1}]}\n'
    lines.write_bytes(first + b"\n" + bad + second + b"\n")
    done = run(tmp_path / "three", "import", str(lines))
    assert done.exit_code == 1
    assert "lines passed over: 3" in done.output
    at = len(first) + bad.index(b'{"versions": [{"n') + 1
    assert f"at byte {at:,}: a version has no responses" in done.output
    assert urls(tmp_path / "three") == urls(tmp_path / "one")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["versions", "responses", "url", "final_url", "hops", "headers", "fetched_at",
                 "status", "body_base64", "sha256"]
            ),
            inner,
            max_size=9,
        ),
    )
)  # fmt: skip
@settings(deadline=None)
def test_no_line_does_more_than_be_refused(line: object) -> None:
    with contextlib.suppress(ScraperError):
        assert isinstance(parse_line(json.dumps(line).encode()), list | None)


def test_json_lines_claim_no_time_to_come(tmp_path: Path) -> None:
    response = {
        "url": "https://elin.example/1", "final_url": "https://elin.example/1", "status": 200,
        "hops": [], "headers": {}, "body_base64": base64.b64encode(b"x").decode(),
    }  # fmt: skip
    for at in ("9998-01-01T00:00:00+00:00", "1066-01-01T00:00:00+00:00", "soon"):
        line = {"versions": [{"responses": [response | {"fetched_at": at}]}]}
        with pytest.raises(ScraperError):
            parse_line(json.dumps(line).encode())


@pytest.mark.parametrize("cut", ["within a page", "from line to line", "from head to head"])
def test_json_lines_mix_no_two_pages(tmp_path: Path, cut: str) -> None:
    (tmp_path / "x.warc.gz").write_bytes(warc(1, 2, 3))
    assert run(tmp_path / "one", "import", str(tmp_path / "x.warc.gz")).exit_code == 0
    lines = tmp_path / "x.jsonl"
    words = ("export", "--format", "jsonl-pages", "--to", str(lines))
    assert run(tmp_path / "one", *words).exit_code == 0
    data = lines.read_bytes()
    first, second = (match.end() for match in list(re.finditer(rb'body_base64":"', data))[:2])
    begin, end = {
        "within a page": (first + 40, first + 80),
        "from line to line": (first + 40, second + 40),
        "from head to head": (data.index(b'"responses"'), second - 100),
    }[cut]
    if cut == "from head to head":
        begin = data.index(b'"headers"', begin)
        end = data.index(b'"headers"', begin + 9)
    lines.write_bytes(data[:begin] + data[end:])
    done = run(tmp_path / "two", "import", str(lines))
    assert done.exit_code == 1
    assert "lines passed over: 1" in done.output and "was altered" in done.output
    assert set(urls(tmp_path / "two")) < set(urls(tmp_path / "one"))


# Saved pages


def test_saved_pages_keep_the_address_that_was_written_down(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    single = (
        "<!--\n Page saved with SingleFile \n url: https://elin.example/1?a=1&amp;b=2 \n"
        " saved date: Sun Mar 01 2026 09:00:00 GMT+0100 (Central European Standard Time)\n-->"
    )
    save_as = "<!-- saved from url=(0022)https://elin.example/2 -->\n"
    (folder / "x_files").mkdir(parents=True)
    (folder / "single.html").write_text(html(1, single))
    (folder / "x.html").write_text(html(2, save_as))
    (folder / "x_files" / "frame.html").write_text(html(9, save_as))
    (folder / "site" / "elin.example" / "news").mkdir(parents=True)
    mirrored = folder / "site" / "elin.example" / "news" / "3.html"
    mirrored.write_text(html(3))
    os.utime(mirrored, (1_767_225_600, 1_767_225_600))
    (folder / "style.css").write_text("p {}")
    done = run(tmp_path / "archive", "import", str(folder))
    assert done.exit_code == 0, done.output
    found = urls(tmp_path / "archive")
    assert found["https://elin.example/1?a=1&b=2"] == "2026-03-01"
    assert found["https://elin.example/news/3.html"] == "2026-01-01"
    assert set(found) == {
        "https://elin.example/1?a=1&b=2", "https://elin.example/2",
        "https://elin.example/news/3.html",
    }  # fmt: skip


def test_a_page_without_an_address_is_named_not_guessed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html(1).replace("<head>", "<head><link rel=canonical href=https://a.example/>"))
    done = run(tmp_path / "archive", "import", str(page))
    assert done.exit_code == 1
    assert "--url ADDRESS" in done.output
    with Archive(tmp_path / "archive") as archive:
        assert archive.select().ids == ()


def test_a_snapshot_of_archivebox_counts_once(tmp_path: Path) -> None:
    snapshot = tmp_path / "archive-box" / "archive" / "1772352000.123"
    (snapshot / "warc").mkdir(parents=True)
    index = {"url": "https://elin.example/1", "timestamp": "1772352000.123"}
    (snapshot / "index.json").write_text(json.dumps(index))
    (snapshot / "singlefile.html").write_text(html(1))
    (snapshot / "output.html").write_text(html(1) + " ")
    (snapshot / "readability").mkdir()
    (snapshot / "readability" / "content.html").write_text(html(7))
    (snapshot / "warc").rmdir()
    done = run(tmp_path / "archive", "import", str(tmp_path / "archive-box"))
    assert done.exit_code == 0, done.output
    assert urls(tmp_path / "archive") == {"https://elin.example/1": "2026-03-01"}


# What a file is


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        # Each process names the case alike: a gzip header holds the time, unless it is given.
        (b"WARC/1.0\r\n", "warc"), (gzip.compress(b"WARC/1.0\r\n", mtime=0), "warc"),
        (b"PK\3\4", "wacz"),
        (b"filedesc://x", "arc"), (b'{"schema":"scraper/article/1"}', "jsonl"),
        (b'{"url":1}', "addresses"), (b"https://a.example/", "addresses"), (b"<html>", "page"),
        (b"<!DOCTYPE NETSCAPE-Bookmark-file-1>", "addresses"),
    ],
)  # fmt: skip
def test_a_file_without_a_name_is_known_by_how_it_begins(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "stdin"
    path.write_bytes(content)
    assert files_of(path) == [Found(path, kind, path)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.opml", b"<opml version='2.0'/>", "scraper sources import"),
        ("x.pdf", b"%PDF-1.7", "it is no capture"),
        ("x.bin", b"\0\1\2", "it is no capture"),
    ],
)
def test_what_is_none_is_said(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = run(tmp_path / "archive", "import", str(path))
    assert done.exit_code == 2
    assert says in done.output


def test_a_folder_in_a_folder_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = "<!-- saved from url=(0028)https://elin.example/%d -->\n"
    deep = tmp_path / "saved"
    deep.mkdir()
    (deep / "1.html").write_text(html(1, head=mark % 1))
    os.mkfifo(deep / "2.html")
    (deep / "locked").mkdir()
    (deep / "locked" / "2.html").write_text(html(2, head=mark % 2))
    monkeypatch.chdir(deep)
    for _ in range(1_200):
        Path("d").mkdir()
        os.chdir("d")
    Path("3.html").write_text(html(3, head=mark % 3))
    os.chdir(deep)
    # Whoever runs the tests may be allowed to read all: the system is asked, and says no.
    iterdir = Path.iterdir

    def refused(folder: Path) -> Iterator[Path]:
        if folder.name == "locked":
            raise PermissionError(13, "Permission denied")
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    done = run(tmp_path / "archive", "import", str(deep))
    assert done.exit_code == 1
    assert "locked can't be read: Permission denied" in " ".join(done.output.split())
    assert set(urls(tmp_path / "archive")) == {f"https://elin.example/{n}" for n in (1, 3)}
    monkeypatch.undo()
    # What removes the folders of tests goes down by recursion.
    subprocess.run(["rm", "-r", str(deep / "d")], check=True)
    assert "is neither a file nor a folder" in run(tmp_path, "import", str(deep / "2.html")).output


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x.warc.gz").write_bytes(warc(1))
    (folder / "loop").symlink_to(folder)
    assert len(files_of(folder)) == 1


# Damage


def plain_arc(*records: bytes) -> list[str]:
    """Return the addresses of a plain ARC file's captures, and what is said of its damage last."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.arc"
        path.write_bytes(arc(*records))
        try:
            for _, page, _ in captures_of(files_of(path)[0]):
                found.append(page.url)
        except ScraperError as error:
            found.append(error.message.replace(str(path), "old.arc"))
    return found


def test_records_behind_a_broken_one_of_a_plain_arc_file_are_read() -> None:
    broken = arc_record(2).replace(b"text/html 1", b"text/html x", 1)
    first, third, said = plain_arc(arc_record(1), broken, arc_record(3))
    assert (first, third) == ("https://elin.example/1", "https://elin.example/3")
    assert said.startswith("old.arc: broken at byte") and "passed over: 1, all others" in said


@pytest.mark.parametrize("content", [b"", b"f", b"\x89PNG\r\n\x1a\n" * 300, b"\x1f\x8b\x08\x00x"])
def test_what_is_no_arc_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.arc"
    path.write_bytes(content)
    with pytest.raises(ScraperError, match="is not an ARC file"):
        list(captures_of(files_of(path)[0]))


def test_headers_without_an_end_cost_an_arc_record_alone() -> None:
    block = b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 400_000
    line = b"https://elin.example/2 192.0.2.1 20260302080000 text/html %d\n" % len(block)
    found = plain_arc(arc_record(1), line + block + b"\n", arc_record(3))
    first, third, said = found
    assert (first, third) == ("https://elin.example/1", "https://elin.example/3")
    assert "records passed over: 1, all others were read" in said


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (arc_record(2, at="99991231235959"), "its time is no moment of a capture"),
        (arc_record(2).replace(b"HTTP/1.1 200", b"HTTP/1.1 2o0"), "its status can't be read"),
        (
            arc_record(2).replace(b"HTTP/1.1 200 OK", b"fifteen letters"),
            "its status can't be read",
        ),
        (arc_record(2).replace(b"\n<", b"\n\n<", 1) + arc_record(2), "its length is wrong"),
    ],
)
def test_an_arc_record_that_is_none_is_named(bad: bytes, says: str) -> None:
    first, *others, said = plain_arc(arc_record(1), bad, arc_record(3))
    assert first == "https://elin.example/1" and others[-1] == "https://elin.example/3"
    assert f"at byte {len(arc(arc_record(1)))}: {says}; records passed over: 1" in said


@pytest.mark.parametrize("gap", range(2, 280, 7))
def test_what_is_missing_of_a_plain_arc_file_mixes_no_two_records(tmp_path: Path, gap: int) -> None:
    # Every second byte ends a line: the rest of a record often looks like the end of one.
    records = []
    for number in range(4):
        block = b"HTTP/1.1 200 OK\r\n\r\n" + b"%d\n" % number * 300
        line = f"https://elin.example/{number} 192.0.2.1 20260302080000 text/html {len(block)}\n"
        records.append(line.encode() + block + b"\n")
    data = arc(*records)
    cut = len(arc(*records[:2])) - 301
    path = tmp_path / "old.arc"
    path.write_bytes(data[:cut] + data[cut + 3 * gap :])
    found = []
    with pytest.raises(ScraperError, match="its length is wrong"):
        for _, page, _ in captures_of(files_of(path)[0]):
            found.append(page)
    assert all(len(set(page.body.split())) == 1 for page in found)
    assert {page.url[-1] for page in found} >= {"0", "3"}


def test_an_arc_body_that_is_shorter_than_its_headers_say_is_marked(tmp_path: Path) -> None:
    whole = arc_record(1)
    cut = whole.replace(b"Content-Type", b"Content-Length: 99999\r\nContent-Type")
    size = re.search(rb"html (\d+)\n", whole)
    assert size is not None
    longer = int(size[1]) + len(cut) - len(whole)
    (tmp_path / "old.arc").write_bytes(
        arc(cut.replace(size[0], b"html %d\n" % longer, 1), arc_record(2))
    )
    pages = [page for _, page, _ in captures_of(files_of(tmp_path / "old.arc")[0])]
    assert [page.headers.get("warc-truncated") for page in pages] == ["length", None]


@pytest.mark.parametrize("packed", [True, False])
def test_a_record_with_other_bytes_than_its_digest_says_is_passed_over(
    tmp_path: Path, packed: bool
) -> None:
    whole = gzip.decompress(warc(1, 2, 3))
    assert whole.count(b"WARC-Block-Digest: sha1:") == 3
    altered = whole.replace(b"Berth 2 came first", b"Berth 9 came first")
    path = tmp_path / ("x.warc.gz" if packed else "x.warc")
    path.write_bytes(gzip.compress(altered) if packed else altered)
    done = run(tmp_path / "archive", "import", str(path))
    assert done.exit_code == 1
    assert sorted(urls(tmp_path / "archive")) == [
        "https://elin.example/1",
        "https://elin.example/3",
    ]
    assert "its WARC-Block-Digest is that of other bytes; records passed over: 1" in done.output


@pytest.mark.parametrize(
    "digest", ["sha256:{hex256}", "SHA-1:{hex}", "sha1:{base32}", "unknown:1", "sha1:", "x"]
)
def test_digests_are_taken_in_all_their_spellings(tmp_path: Path, digest: str) -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + html().encode()
    told = digest.format(
        hex256=hashlib.sha256(block).hexdigest(), hex=hashlib.sha1(block).hexdigest().upper(),
        base32=base64.b32encode(hashlib.sha1(block).digest()).decode().lower(),
    )  # fmt: skip
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://elin.example/1\r\n"
        f"WARC-Date: 2026-03-01T08:00:00Z\r\nWARC-Record-ID: <urn:x:1>\r\n"
        f"WARC-Block-Digest: {told}\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    path = tmp_path / "x.warc"
    path.write_bytes(head.encode() + block + b"\r\n\r\n")
    assert [page.url for _, page, _ in captures_of(files_of(path)[0])] == ["https://elin.example/1"]
