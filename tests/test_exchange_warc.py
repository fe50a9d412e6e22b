"""WARC: what is whole is read, what is broken is told with its place, and captures replay."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
import zstandard

from scraper.errors import FetchError, ScraperError
from scraper.exchange.capture_transport import CaptureTransport
from scraper.exchange.warc import (
    BrokenRecords,
    Capture,
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


def read_until_break(path: Path) -> tuple[list[Capture], BrokenRecords]:
    found: list[Capture] = []
    with pytest.raises(BrokenRecords) as caught:
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
    assert [capture.page.url[-1] for capture in found] == ["0", "1", "3", "4"]
    assert (error.count, error.offset) == (1, len(b"".join(members[:2])))


def test_a_member_that_is_none_costs_none_before_or_behind_it(tmp_path: Path) -> None:
    members = [bytearray(gzipped(one)) for one in RECORDS]
    members[2][0] ^= 1
    found, error = read_until_break(write(tmp_path, b"".join(members)))
    assert [capture.page.url[-1] for capture in found] == ["0", "1", "3", "4"]
    assert (error.count, error.offset) == (1, len(members[0]) + len(members[1]))


def test_no_head_and_no_gap_costs_more_than_it_is_long(tmp_path: Path) -> None:
    """A header that goes on over lines is put together anew with each: their number is bounded."""
    folded = b"WARC/1.1\r\nWARC-Type: response\r\nX: a\r\n" + b" b\n" * 10_000
    path = write(tmp_path, folded + b"Content-Length: 0\r\n\r\n\r\n\r\n")
    found, error = read_until_break(path)
    assert found == [] and "do not end" in str(error)


def test_blank_lines_between_records_are_passed_over_however_many(tmp_path: Path) -> None:
    gap = b"\r\n" * 70_000  # more than is unpacked at once
    path = write(tmp_path, b"\n" + gap.join(RECORDS) + gap)
    assert len(list(read_captures(path))) == len(
        list(read_captures(write(tmp_path, b"".join(RECORDS))))
    )


def test_garbage_between_records_is_a_break(tmp_path: Path) -> None:
    path = write(tmp_path, RECORDS[0] + b"what is this?\r\n" + RECORDS[1])
    found, error = read_until_break(path)
    assert len(found) == 2
    assert (error.count, error.offset) == (1, len(RECORDS[0]))


@pytest.mark.parametrize("data", [b"", b"hello", gzipped(b"hello"), b"\x1f\x8bnot gzip", b"\0"])
def test_what_is_no_warc_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ScraperError, match="not a WARC file") as caught:
        list(read_captures(write(tmp_path, data)))
    assert not isinstance(caught.value, BrokenRecords)
    assert "\n" not in caught.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScraperError, match="can't be read"):
        list(read_captures(tmp_path / "none.warc"))


def test_only_responses_and_html_resources_are_pages(tmp_path: Path) -> None:
    records = [
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\na: b\r\n\r\n",
        record(kind="request"),
        record(kind="metadata"),
        record(kind="conversion"),
        record(kind="continuation"),
        record(kind="revisit"),  # of a page that was not captured here
        record("https://news.example/lost", status="301 Moved", headers="Location: /no\r\n"),
        record("https://news.example/early", b"", status="103 Early Hints"),
        record("https://news.example/saved", b"<p>saved</p>", kind="resource"),
        record("dns:news.example"),
        record("https://news.example/b"),
    ]
    found = [(c.page.url, c.page.status) for c in read_captures(write(tmp_path, b"".join(records)))]
    assert found == [
        ("https://news.example/saved", 200),
        ("https://news.example/b", 200),
        ("https://news.example/lost", 301),
    ]


def spoiled(how: str) -> tuple[bytes, bytes]:
    """Return a record that is broken, and what it brings besides: no part of it is a page."""
    bad = record("https://news.example/bad", b"<p>bad</p>" * 200)
    length = re.search(rb"Content-Length: (\d+)", bad)
    assert length is not None
    date = b"WARC-Date: 2025-11-20T08:30:00Z"
    changes: dict[str, bytes] = {
        "year 1": bad.replace(date, b"WARC-Date: 0001-01-01T00:00:00Z"),
        "year 1, zone": bad.replace(date, b"WARC-Date: 0001-01-01T00:00:00+09:00"),
        "year 9999": bad.replace(date, b"WARC-Date: 9999-12-31T23:59:59Z"),
        "year 9999, zone": bad.replace(date, b"WARC-Date: 9999-12-31T23:59:59-09:00"),
        "14 digits of year 9999": bad.replace(date, b"WARC-Date: 99991231235959"),
        "no length": bad.replace(length[0] + b"\r\n", b""),
        "length in words": bad.replace(length[0], b"Content-Length: many"),
        "negative length": bad.replace(length[0], b"Content-Length: -5"),
        "length too small": bad.replace(length[0], b"Content-Length: %d" % (int(length[1]) - 777)),
        "length too big": bad.replace(length[0], b"Content-Length: %d" % (int(length[1]) + 999)),
        "length beyond the file": bad.replace(length[0], b"Content-Length: 99999999"),
        "endless headers": record(headers="x: y\r\n" * 200_000),
        "many headers": record(headers="x: y\r\n" * 600),
        "unknown version": bad.replace(b"WARC/1.0", b"WARC/7.0"),
        "no type": bad.replace(b"WARC-Type", b"WARC-Tipe"),
        "unknown type": bad.replace(b"Type: response", b"Type: respomse"),
        "no address": bad.replace(b"WARC-Target-URI", b"WARC-Target-URL"),
        "address of no web": bad.replace(b"https://", b"httqs://"),
        "no date": bad.replace(b"WARC-Date", b"WARC-Dave"),
        "date of month 13": bad.replace(date, b"WARC-Date: 2025-13-20T08:30:00Z"),
        "two addresses": record(extra="WARC-Target-URI: https://news.example/other\r\n"),
        "no status": bad.replace(b"HTTP/1.1 200 OK", b"fifteen letters"),
        "status in letters": bad.replace(b"HTTP/1.1 200", b"HTTP/1.1 2o0"),
    }
    return changes[how], date


SPOILED = [
    "year 1", "year 1, zone", "year 9999", "year 9999, zone", "14 digits of year 9999", "no length",
    "length in words", "negative length", "length too small", "length too big",
    "length beyond the file", "endless headers", "many headers", "unknown version", "no type",
    "unknown type", "no address", "address of no web", "no date", "date of month 13",
    "two addresses", "no status", "status in letters",
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("how", SPOILED)
def test_a_bad_record_costs_itself_and_none_before_or_behind_it(
    tmp_path: Path, how: str, layout: str
) -> None:
    bad, _ = spoiled(how)
    path = write(tmp_path, LAYOUTS[layout]([*RECORDS[:2], bad, *RECORDS[2:]]))
    found, error = read_until_break(path)
    assert [capture.page.url for capture in found] == [
        f"https://news.example/{n}" for n in range(5)
    ]
    assert [capture.page.body for capture in found] == [b"<p>%d</p>" % n * 900 for n in range(5)]
    assert error.count == 1
    if layout != "gzipped as a whole":
        assert error.offset == len(LAYOUTS[layout](RECORDS[:2]))
        assert str(error.offset) in error.message and "\n" not in error.message


@pytest.mark.parametrize("kind", ["resource", "revisit"])
def test_the_time_of_a_file_is_none_of_its_captures(tmp_path: Path, kind: str) -> None:
    undated = record("https://news.example/bad", kind=kind).replace(b"WARC-Date", b"WARC-Dave")
    found, error = read_until_break(write(tmp_path, RECORDS[0] + undated + RECORDS[1]))
    assert len(found) == 2
    assert "nothing says when it was captured" in error.message


@pytest.mark.parametrize("gap", range(2, 280, 7))
def test_what_is_missing_of_a_plain_file_mixes_no_two_records(tmp_path: Path, gap: int) -> None:
    # Every second byte ends a line: the rest of a record often looks like the end of one.
    lines = [record(f"https://news.example/{n}", b"%d\n" % n * 300) for n in range(4)]
    data = b"".join(lines)
    cut = len(lines[0]) + len(lines[1]) - 300
    found, _ = read_until_break(write(tmp_path, data[:cut] + data[cut + 3 * gap :]))
    for capture in found:
        assert len(set(capture.page.body.split())) == 1
    assert {"https://news.example/0", "https://news.example/3"} <= {c.page.url for c in found}


def test_many_bad_records_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    bad, _ = spoiled("year 9999")
    found, error = read_until_break(write(tmp_path, RECORDS[0] + bad * 30 + RECORDS[1]))
    assert len(found) == 2
    assert error.count == 30
    assert error.message.count("at byte") == 5 and "25 more" in error.message


def test_records_that_claim_each_other_cost_no_more_than_a_bound(tmp_path: Path) -> None:
    # Each claims all that follows it: read again for each, that would be the square of the file.
    claims = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 2000000\r\n\r\nx" * 40_000
    path = write(tmp_path, RECORDS[0] + claims)
    begun = time.process_time()
    found, _ = read_until_break(path)
    assert [capture.page.url for capture in found] == ["https://news.example/0"]
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("count", [100_000])
def test_empty_gzip_members_cost_no_more_than_their_number(tmp_path: Path, count: int) -> None:
    data = gzipped(RECORDS[0]) + gzipped(b"") * count + gzipped(RECORDS[1])
    begun = time.process_time()
    captures = list(read_captures(write(tmp_path, data)))
    assert [capture.page.url[-1] for capture in captures] == ["0", "1"]
    assert (
        read_capture(tmp_path / "x.warc.gz", captures[1].place).page.body == captures[1].page.body
    )
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("20251120083000", "2025-11-20T08:30:00+00:00"),
        ("2025-11-20T08:30:00.123456789Z", "2025-11-20T08:30:00.123456+00:00"),
        ("2025-11-20T16:30:00+08:00", "2025-11-20T08:30:00+00:00"),
        ("2025-11-20 08:30:00", "2025-11-20T08:30:00+00:00"),
        ("2025-11-20", "2025-11-20T00:00:00+00:00"),
    ],
)
def test_dates_of_captures_are_read_as_tools_write_them(
    tmp_path: Path, written: str, moment: str
) -> None:
    data = record().replace(b"2025-11-20T08:30:00Z", written.encode())
    [capture] = read_captures(write(tmp_path, data))
    assert capture.date.isoformat() == capture.page.fetched_at.isoformat() == moment


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\r\n", b""])
def test_versions_and_loose_ends_are_read(tmp_path: Path, version: str, end: bytes) -> None:
    data = b"".join(r.removesuffix(b"\r\n\r\n") + end for r in RECORDS)
    data = data.replace(b"WARC/1.0", f"WARC/{version}".encode())
    assert len(list(read_captures(write(tmp_path, data)))) == 5


def test_an_address_in_angle_brackets_is_read(tmp_path: Path) -> None:
    data = record("<https://news.example/a>")
    [capture] = read_captures(write(tmp_path, data))
    assert capture.page.url == "https://news.example/a"


@pytest.mark.parametrize(
    "interim",
    ["HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" * 3],
)
def test_interim_responses_before_the_one_that_counts_are_passed_over(
    tmp_path: Path, interim: str
) -> None:
    plain = record(body=PAGE, headers="X-Note: one\r\n")
    size = re.search(rb"Content-Length: (\d+)", plain)
    assert size is not None
    data = plain.replace(size[0], b"Content-Length: %d" % (int(size[1]) + len(interim)))
    data = data.replace(b"HTTP/1.1 200 OK", interim.encode() + b"HTTP/1.1 200 OK")
    [capture] = read_captures(write(tmp_path, data))
    assert (capture.page.status, capture.page.body) == (200, PAGE)
    assert capture.page.headers["x-note"] == "one"


def at(moment: str, data: bytes, *headers: str) -> bytes:
    """Return a record captured at another moment, with more headers and an identity of its own."""
    data = re.sub(rb"<urn:x:\d+>", f"<urn:x:{moment}>".encode(), data, count=1)
    more = "".join(f"{header}\r\n" for header in headers).encode()
    return data.replace(b"2025-11-20T08:30:00Z\r\n", moment.encode() + b"\r\n" + more)


def test_a_redirect_comes_as_what_it_leads_to_wherever_that_stands(tmp_path: Path) -> None:
    def moved(moment: str, path: str, target: str) -> bytes:
        headers = f"Location: {target}\r\n"
        url = f"https://news.example{path}"
        return at(moment, record(url, b"", status="302 Found", headers=headers))

    new = "https://news.example/new"
    records = [
        moved("2025-11-20T09:00:00Z", "/s?1", "/t"),
        at("2025-11-20T08:00:00Z", record(new, b"<p>old text</p>")),
        at("2025-11-20T09:00:02Z", record(new, b"<p>new text</p>")),
        moved("2025-11-20T09:00:01Z", "/t", new),
        moved("2025-11-20T09:00:03Z", "/x", "/y"),
        moved("2025-11-20T09:00:04Z", "/y", "/x"),
    ]
    *plain, first, second, loop, _ = read_captures(write(tmp_path, b"".join(records)))
    assert [capture.page.url[-3:] for capture in plain] == ["new", "new"]
    assert (first.page.url, first.page.final_url) == (
        "https://news.example/s?1", "https://news.example/new",
    )  # fmt: skip
    assert (first.page.status, first.page.body) == (200, b"<p>new text</p>")
    assert [(hop.status, hop.url[-3:]) for hop in first.page.hops] == [(302, "e/t"), (302, "new")]
    assert first.date == first.page.fetched_at == datetime(2025, 11, 20, 9, tzinfo=UTC)
    assert second.page.url == "https://news.example/t"
    assert loop.page.status == 302


REVISIT = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"


@pytest.mark.parametrize(
    "referring",
    [
        ["WARC-Payload-Digest: sha1:A"],
        ["WARC-Refers-To: <urn:x:2025-11-20T08:00:00Z>"],
        ["WARC-Refers-To-Target-URI: https://news.example/a", "WARC-Payload-Digest: sha1:A"],
    ],
)
def test_a_revisit_is_an_observation_of_what_it_refers_to(
    tmp_path: Path, referring: list[str]
) -> None:
    records = [
        at("2025-11-20T08:00:00Z", record(body=b"<p>A</p>"), "WARC-Payload-Digest: sha1:A"),
        at("2025-11-20T09:00:00Z", record(body=b"<p>B</p>"), "WARC-Payload-Digest: sha1:B"),
        at("2025-11-20T10:00:00Z", record(kind="revisit", body=b""), REVISIT, *referring),
    ]
    *_, last = read_captures(write(tmp_path, b"".join(map(gzipped, records))))
    assert (last.page.url, last.page.status) == ("https://news.example/a", 200)
    assert last.page.body == b"<p>A</p>"
    assert last.date == last.page.fetched_at == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert last.record_id == "<urn:x:2025-11-20T10:00:00Z>"


def test_a_revisit_after_304_says_that_nothing_changed(tmp_path: Path) -> None:
    profile = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    data = record() + at(
        "2025-11-21T08:00:00Z", record(kind="revisit", status="304 Same", body=b""), profile
    )
    _, last = read_captures(write(tmp_path, data))
    assert (last.page.status, last.page.body) == (304, b"")


def test_a_revisit_of_other_content_refers_to_nothing_here(tmp_path: Path) -> None:
    data = at("2025-11-20T08:00:00Z", record(), "WARC-Payload-Digest: sha1:A") + at(
        "2025-11-21T08:00:00Z", record(kind="revisit", body=b""), REVISIT,
        "WARC-Payload-Digest: sha1:C",
    )  # fmt: skip
    assert len(list(read_captures(write(tmp_path, data)))) == 1


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
    ("coding", "packed"),
    [
        ("zstd", ["zstd"]),
        ("gzip, gzip", ["gzip", "gzip"]),
        ("gzip, br", ["gzip", "br"]),
        ("gzip, br", ["gzip"]),  # the outer one was undone when it was stored
        ("x-gzip, identity", ["gzip"]),
        ("none, utf-8", []),
    ],
)
def test_captured_codings_are_undone_one_after_another(coding: str, packed: list[str]) -> None:
    body = PAGE
    for name in packed:
        body = PACK[name](body)
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
