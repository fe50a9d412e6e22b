"""WARC: what is whole is read, what is broken is told with its place, and captures replay."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from scraper.errors import FetchError, ScraperError
from scraper.exchange.warc import (
    Capture,
    CaptureTransport,
    TruncatedWarc,
    read_capture,
    read_captures,
)
from scraper.fetching import Client
from scraper.fetching.content_encoding import captured_body, decode_captured
from scraper.models import FetchSettings, Page

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


def gzipped(data: bytes) -> bytes:
    """Pack without the present time: names of tests must not depend on the clock."""
    return gzip.compress(data, mtime=0)


def record(
    url: str = "https://news.example/a",
    body: bytes = b"<html><body><p>Quiet water.</p></body></html>",
    *,
    kind: str = "response",
    status: str = "200 OK",
    headers: str = "Content-Type: text/html\r\n",
    extra: str = "",
) -> bytes:
    """Return one WARC record."""
    http = f"HTTP/1.1 {status}\r\n{headers}\r\n".encode()
    if kind == "request":
        http = b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"
    block = body if kind == "resource" else http + body
    type_ = "text/html" if kind == "resource" else f"application/http; msgtype={kind}"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2025-11-20T08:30:00Z\r\nWARC-Record-ID: <urn:x:{zlib.crc32(block)}>\r\n"
        f"{extra}Content-Type: {type_}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


RECORDS = [record(f"https://news.example/{n}", b"<p>%d</p>" % n * 900) for n in range(5)]
LAYOUTS: dict[str, Callable[[list[bytes]], bytes]] = {
    "plain": b"".join,
    "member for each record": lambda records: b"".join(map(gzipped, records)),
    "gzipped as a whole": lambda records: gzipped(b"".join(records)),
}


def write(folder: Path, data: bytes, name: str = "x.warc.gz") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read_until_break(path: Path) -> tuple[list[Capture], TruncatedWarc]:
    found: list[Capture] = []
    with pytest.raises(TruncatedWarc) as caught:
        for capture in read_captures(path):
            found.append(capture)
    return found, caught.value


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_reads_alike_and_each_capture_is_found_again(
    tmp_path: Path, layout: str
) -> None:
    path = write(tmp_path, LAYOUTS[layout](RECORDS))
    captures = list(read_captures(path))
    assert [capture.page.url for capture in captures] == [
        f"https://news.example/{n}" for n in range(5)
    ]
    assert captures[0].date.isoformat() == "2025-11-20T08:30:00+00:00"
    assert captures[0].record_id.startswith("<urn:x:")
    for capture in reversed(captures):
        assert read_capture(path, capture.place).page.body == capture.page.body


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_cut_file_gives_what_was_whole_and_tells_where_it_breaks(
    tmp_path: Path, layout: str
) -> None:
    whole = LAYOUTS[layout](RECORDS)
    path = write(tmp_path, whole[: len(whole) - 40])
    found, error = read_until_break(path)
    assert 3 <= len(found) <= 4 or layout == "gzipped as a whole"
    assert error.path == path
    assert str(path) in error.message and str(error.offset) in error.message
    if layout == "member for each record":
        assert error.offset == len(b"".join(map(gzipped, RECORDS[:4])))


def test_corrupt_compression_never_passes_for_a_page(tmp_path: Path) -> None:
    members = [gzipped(r) for r in RECORDS]
    bad = bytearray(members[2])
    bad[-6] ^= 0xFF  # the checksum: the data itself unpacks without complaint
    path = write(tmp_path, b"".join([*members[:2], bytes(bad), *members[3:]]))
    found, error = read_until_break(path)
    assert len(found) == 2
    assert error.offset == len(b"".join(members[:2]))


def test_garbage_between_records_is_a_break(tmp_path: Path) -> None:
    path = write(tmp_path, RECORDS[0] + b"what is this?\r\n" + RECORDS[1])
    found, error = read_until_break(path)
    assert len(found) == 1
    assert error.offset == len(RECORDS[0])


@pytest.mark.parametrize("data", [b"", b"hello", gzipped(b"hello"), b"\x1f\x8bnot gzip", b"\0"])
def test_what_is_no_warc_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ScraperError, match="not a WARC file") as caught:
        list(read_captures(write(tmp_path, data)))
    assert not isinstance(caught.value, TruncatedWarc)
    assert "\n" not in caught.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScraperError, match="can't be read"):
        list(read_captures(tmp_path / "none.warc"))


def test_only_responses_and_html_resources_are_pages(tmp_path: Path) -> None:
    records = [
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\na: b\r\n\r\n",
        record(kind="request"),
        record(kind="revisit"),
        record("https://news.example/moved", status="301 Moved", headers="Location: /a\r\n"),
        record("https://news.example/early", status="103 Early Hints"),
        record("https://news.example/saved", b"<p>saved</p>", kind="resource"),
        record("dns:news.example"),
        record("https://news.example/a"),
    ]
    found = [(c.page.url, c.page.status) for c in read_captures(write(tmp_path, b"".join(records)))]
    assert found == [
        ("https://news.example/moved", 301),
        ("https://news.example/saved", 200),
        ("https://news.example/a", 200),
    ]


def decoded(capture: Capture, cap: int = 10 << 20) -> bytes:
    page = capture.page
    return decode_captured(page.body, page.headers, page.url, cap=cap)


PAGE = b"<html>" + b"<p>tide</p>" * 500 + b"</html>"
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzipped,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
ENCODED = {name: pack(PAGE) for name, pack in PACK.items()}


@pytest.mark.parametrize("coding", ENCODED)
@pytest.mark.parametrize("stored", ["as sent", "decoded"])
def test_bodies_come_free_of_their_encoding(tmp_path: Path, coding: str, stored: str) -> None:
    body = ENCODED[coding] if stored == "as sent" else PAGE
    data = record(body=body, headers=f"Content-Encoding: {coding}\r\n")
    [capture] = read_captures(write(tmp_path, data))
    assert decoded(capture) == PAGE


def test_chunks_are_joined_and_a_body_without_chunks_is_taken_as_it_is(tmp_path: Path) -> None:
    chunked = b"5\r\n<p>ti\r\n6;x=y\r\nde</p>\r\n0\r\n\r\n"
    header = "Transfer-Encoding: chunked\r\n"
    data = record(body=chunked, headers=header) + record(body=PAGE, headers=header)
    bodies = [decoded(capture) for capture in read_captures(write(tmp_path, data))]
    assert bodies == [b"<p>tide</p>", PAGE]


def test_a_captured_bomb_is_refused_at_the_cap_of_live_pages(tmp_path: Path) -> None:
    bomb = gzipped(bytes(50 << 20))
    data = record(body=bomb, headers="Content-Encoding: gzip\r\n") + RECORDS[0]
    path = write(tmp_path, gzipped(data))
    first, second = read_captures(path)
    assert len(first.page.body) == len(bomb)
    assert second.page.url == "https://news.example/0"
    with pytest.raises(FetchError) as caught:
        decoded(first)
    assert caught.value.error_class == "too_large"
    with pytest.raises(FetchError) as caught:
        fetch(CaptureTransport([path]), first.page.url)
    assert caught.value.error_class == "too_large"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("zstd", zstandard.compress(PAGE)),
        ("gzip, gzip", gzipped(gzipped(PAGE))),
        ("gzip, br", brotli.compress(gzipped(PAGE))),
        ("gzip, br", gzipped(PAGE)),  # the outer one was undone when it was stored
        ("x-gzip, identity", gzipped(PAGE)),
        ("none, utf-8", PAGE),
    ],
)
def test_captured_codings_are_undone_one_after_another(coding: str, body: bytes) -> None:
    assert decode_captured(body, {"content-encoding": coding}, "u", cap=1 << 20) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_of_a_captured_stream_that_breaks_off_what_came_before_is_kept(coding: str) -> None:
    text = b"".join(b"<p>%d tides</p>" % n for n in range(40_000))
    sent = PACK[coding](text)
    kept = decode_captured(sent[: len(sent) // 2], {"content-encoding": coding}, "u", cap=1 << 20)
    assert 0 < len(kept) < len(text) and text.startswith(kept)


def test_empty_members_of_a_captured_body_cost_no_time() -> None:
    body = gzipped(b"") * 400_000
    begun = time.process_time()
    assert decode_captured(body, {"content-encoding": "gzip"}, "u", cap=10 << 20) == body
    assert time.process_time() - begun < 1


def test_a_bomb_in_a_bomb_comes_in_steps_that_can_be_stopped() -> None:
    bomb = gzipped(gzipped(bytes(64 << 20)))
    steps = captured_body(bomb, {"content-encoding": "gzip, gzip"})
    assert max(len(next(steps)) for _ in range(20)) <= 2 * 65536


def test_headers_without_end_are_a_break_and_fill_no_memory(tmp_path: Path) -> None:
    data = b"WARC/1.0\r\n" + b"a: b\r\n" * 1_000_000
    _, error = read_until_break(write(tmp_path, gzipped(data)))
    assert "headers" in error.message


def fetch(transport: CaptureTransport, url: str) -> Page:
    async def run() -> Page:
        async with Client(FetchSettings(), transport=transport) as client:
            return await client.get(url)

    return asyncio.run(run())


def test_captures_stand_for_the_web(tmp_path: Path) -> None:
    records = [
        record("https://news.example/old", b"", status="301 Moved", headers="Location: /new\r\n"),
        record("https://news.example/new", ENCODED["gzip"], headers="Content-Encoding: gzip\r\n"),
        record("https://news.example/s?a=1&amp;b=2", b"<p>two</p>"),
    ]
    transport = CaptureTransport([write(tmp_path, b"".join(map(gzipped, records)))])
    page = fetch(transport, "https://news.example/old")
    assert (page.final_url, page.body) == ("https://news.example/new", PAGE)
    assert fetch(transport, "https://news.example/s?a=1&b=2").body == b"<p>two</p>"
    # Close is near enough: a tracking parameter, the other scheme.
    assert fetch(transport, "https://news.example/new?utm_source=x").body == PAGE
    assert fetch(transport, "http://www.news.example/new").body == PAGE
    with pytest.raises(FetchError) as caught:
        fetch(transport, "https://news.example/other")
    assert caught.value.error_class == "not_captured"


def test_a_captured_robots_txt_is_obeyed(tmp_path: Path) -> None:
    robots = record(
        "https://news.example/robots.txt",
        b"User-agent: *\nDisallow: /private",
        headers="Content-Type: text/plain\r\n",
    )
    data = robots + record("https://news.example/private/a") + record("https://news.example/b")
    transport = CaptureTransport([write(tmp_path, data)])
    assert fetch(transport, "https://news.example/b").status == 200
    with pytest.raises(FetchError) as caught:
        fetch(transport, "https://news.example/private/a")
    assert caught.value.error_class == "robots_denied"


def test_what_is_whole_of_a_broken_file_still_stands_for_the_web(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    transport = CaptureTransport([write(tmp_path, b"".join(RECORDS)[:-200])])
    assert fetch(transport, "https://news.example/0").status == 200
    assert "broken at byte" in caplog.text


@pytest.mark.skipif(not REAL.is_dir(), reason="the captured pages are not here")
@pytest.mark.parametrize(("name", "pages"), [("zh", 49), ("en", 198)])
def test_real_captures_are_read_whole(name: str, pages: int) -> None:
    captures = read_captures(REAL / f"{name}-pages.warc.gz")
    read = [(c.page.status, bool(c.page.body), "&amp;" in c.page.url) for c in captures]
    assert read == [(200, True, False)] * pages
