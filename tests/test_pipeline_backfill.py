"""Backfill: a web archive's server on the loopback, as pywb and Wayback answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.archive import Archive
from scraper.cli import main
from scraper.discovery.cdx import parse_cdx, queries_of
from scraper.pipeline.backfill import replay_of

TEXT = (
    "The harbour of Port Elin reopened on Monday after {n} weeks of repairs, the port authority"
    " said. Ships had waited outside the bay since the storm, and several were sent to other ports."
)
CAPTURES = {
    ("20240105080000", "https://elin.example/news/1"): 3,
    ("20240203080000", "https://elin.example/news/1"): 4,
    ("20240106080000", "https://elin.example/news/2"): 5,
    ("20240107080000", "https://elin.example/shop/3"): 6,
}


class _Archive(BaseHTTPRequestHandler):
    hits: list[str]
    broken: set[str]

    def do_GET(self) -> None:
        type(self).hits.append(self.path)
        parts = urlsplit(self.path)
        if parts.path == "/robots.txt":
            self._answer(404, "text/plain", b"")
        elif parts.path == "/coll/cdx":
            asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
            lines = [
                json.dumps({"urlkey": "x", "timestamp": at, "url": url, "mime": "text/html",
                            "status": "200", "digest": f"sha1:{number}"})
                for (at, url), number in CAPTURES.items()
                if asked["from"] <= at < asked["to"]
            ]  # fmt: skip
            self._answer(200, "text/x-ndjson", "\n".join(lines).encode())
        else:
            stamp, _, url = parts.path.removeprefix("/coll/").partition("id_/")
            number = CAPTURES.get((stamp, url))
            if number is None or url in type(self).broken:
                self._answer(404, "text/html", b"not here")
                return
            paragraphs = f"<p>{TEXT.format(n=number)}</p>" * 3
            page = f"<html lang=en><title>Harbour {url[-1]}</title><h1>Harbour {url[-1]}</h1>"
            body = f"{page}<article>{paragraphs}</article></html>".encode()
            self._answer(200, "text/html; charset=utf-8", body)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    _Archive.hits, _Archive.broken = [], set()
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Archive)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def backfill(folder: Path, server: ThreadingHTTPServer, *words: str) -> Result:
    config = folder / "config"
    config.mkdir(exist_ok=True)
    port = server.server_address[1]
    (config / "settings.toml").write_text(
        f"[fetch]\ncontact = 'me@example.com'\ndelay = 0.0\nports = [{port}]\n"
        "allow_private = ['127.0.0.0/8']\n[parse]\ntimeout = 60.0\n"
    )
    (config / "sources.toml").write_text(
        "[[source]]\nname = 'elin'\nkind = 'feed'\nurl = 'https://elin.example/feed'\n"
        "outlet = 'Elin'\ninclude = ['/news/']\n"
    )
    return CliRunner().invoke(
        main,
        [
            "--archive", str(folder / "archive"), "--config", str(config), "backfill", "elin",
            "--since", "2024-01-01", "--until", "2024-03-01",
            "--from", f"http://127.0.0.1:{port}/coll/cdx", *words,
        ],
    )  # fmt: skip


def test_the_past_comes_in_its_order_and_once(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    done = backfill(tmp_path, server)
    assert done.exit_code == 0, done.output
    with Archive(tmp_path / "archive") as archive:
        versions = archive.versions("https://elin.example/news/1")
        assert [one.first_observed_at for one in versions] == [
            datetime(2024, 1, 5, 8, tzinfo=UTC), datetime(2024, 2, 3, 8, tzinfo=UTC),
        ]  # fmt: skip
        assert "after 4 weeks" in archive.find("https://elin.example/news/1").text
        assert archive.find("https://elin.example/news/2").version_count == 1
        assert len(archive.select().ids) == 2
    replayed = [path for path in _Archive.hits if "id_/" in path]
    assert len(replayed) == 3 and not any("shop" in path for path in replayed)
    _Archive.hits.clear()
    again = backfill(tmp_path, server, "--json")
    assert again.exit_code == 0
    assert not [path for path in _Archive.hits if "id_/" in path]


def test_a_capture_that_does_not_come_is_told_and_asked_for_again(
    tmp_path: Path, server: ThreadingHTTPServer
) -> None:
    _Archive.broken = {"https://elin.example/news/2"}
    done = backfill(tmp_path, server)
    assert done.exit_code == 1
    assert "news/2: the archive answered 404" in done.output
    _Archive.broken = set()
    assert backfill(tmp_path, server).exit_code == 0
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.select().ids) == 2


@pytest.mark.parametrize(
    ("server", "replay"),
    [
        ("http://127.0.0.1:8080/coll/cdx", "http://127.0.0.1:8080/coll/"),
        ("https://web.example/cdx/search/cdx?x=1", "https://web.example/web/"),
    ],
)
def test_the_place_of_captures_follows_from_the_server(server: str, replay: str) -> None:
    assert replay_of(server) == replay


def test_indexes_of_servers_and_files_are_read() -> None:
    wayback = json.dumps(
        [
            ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"],
            ["x", "20240105080000", "https://a.example/1", "text/html", "200", "AAA", "5"],
            ["x", "20240106080000", "https://a.example/1", "text/html", "200", "AAA", "5"],
            ["x", "20240107080000", "https://a.example/1", "image/png", "200", "BBB", "5"],
            ["x", "20240108080000", "https://a.example/1", "text/html", "404", "CCC", "5"],
        ]
    )
    (line,) = parse_cdx(wayback.encode(), "x")
    assert (line.url, line.timestamp) == ("https://a.example/1", "20240105080000")
    eleven = "a,example)/1 20240105080000 https://a.example/1 text/html 200 AAA - - 9 77 x.warc.gz"
    (line,) = parse_cdx(f" CDX N b a m s k r M S V g\n{eleven}\n".encode(), "x")
    assert (line.offset, line.filename) == (77, "x.warc.gz")
    cdxj = 'a,example)/1 20240105080000 {"url": "https://a.example/1", "offset": "7"}'
    (line,) = parse_cdx(cdxj.encode(), "x")
    assert (line.offset, line.timestamp) == (7, "20240105080000")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(deadline=None)
def test_no_index_does_more_than_name_nothing(body: bytes) -> None:
    assert isinstance(parse_cdx(body, "x"), tuple)


def test_a_server_is_asked_month_by_month() -> None:
    start, end = datetime(2023, 12, 15, tzinfo=UTC), datetime(2024, 2, 2, tzinfo=UTC)
    assert [first for first, _ in queries_of(start, end)] == [
        "20231215000000", "20240101000000", "20240201000000",
    ]  # fmt: skip
