"""Gauntlet 40, 55: what a page may say to who reads the archive or the log: inert everywhere."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import unicodedata
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from scraper.browse import application
from scraper.cli import main
from scraper.models import Article
from tests.archiving import URL, article, opened
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.test_locks import Daemon, settings

XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"
CELL = "=CMD|'/c calc'!A0"
QUOTE = '\'; drop table articles; -- " OR 1=1 NEAR(")'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of three articles that mean harm."""
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        for n, title in enumerate((XSS, CELL, QUOTE)):
            text = f"{title}\nThe harbour reopened on Monday, number {n}.\n" * 3
            made = Article(
                url=f"{URL}{n}", title=title, text=text, authors=(XSS, CELL), outlet=XSS,
                image="javascript:alert(3)", source="javascript:alert(4)",
                canonical_url="javascript:alert(5)", markdown=f"[a](javascript:alert(6)) {XSS}",
            )  # fmt: skip
            assert archive.record(article(url=f"{URL}{n}", made=made)).outcome == "kept"
    return folder


def test_g55_inert_in_the_browser(archive: Path) -> None:
    app = application(archive)

    async def ask(*paths: str) -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get(path) for path in paths]

    quoted = httpx.QueryParams({"q": QUOTE, "_search": QUOTE, "title": QUOTE})
    pages = asyncio.run(
        ask(
            "/", "/-/article/1", "/-/article/2", "/-/article/3", "/archive/articles",
            "/archive/article_list", "/archive/articles/1", f"/-/search?{quoted}",
            f"/archive/articles?{quoted}",
        )
    )  # fmt: skip
    for page in pages:
        assert page.status_code in (200, 400), page.url
        text = page.text.replace("<script>alert(1)</script>", "INJECTED")
        assert "INJECTED" not in text and "<img src=x" not in text, page.url
        assert not re.search(r"""(?:href|src|action)\s*=\s*["']?\s*javascript:""", text), page.url
        assert "content-security-policy" in page.headers, page.url
    tables, sql = asyncio.run(
        ask("/archive/articles.csv?_stream=1", "/archive?sql=select+1+from+articles")
    )
    rows = list(csv.DictReader(io.StringIO(tables.text, newline="")))
    assert len(rows) == 3
    cells = [cell for row in rows for cell in row.values() if cell]
    assert [cell for cell in cells if cell[0] in "=+@\t\r"] == []
    assert any(cell.startswith("'=CMD") for cell in cells)
    assert sql.status_code in (400, 403), "nobody writes SQL into the address"


def test_g55_inert_in_queries_and_in_the_terminal(archive: Path) -> None:
    with opened(archive) as held:
        held.search(QUOTE)
        assert [hit.title for hit in held.search('"drop table articles"')] == [QUOTE]
        assert held.doctor(least_free=0) == ()
    for command in (["search", QUOTE], ["search", "harbour"], ["show", "1"], ["history", "2"]):
        done = CliRunner().invoke(main, ["--archive", str(archive), *command])
        assert done.exit_code in (0, 1), done.output
        assert "Traceback" not in done.output
        assert "\x1b]" not in done.output
    with opened(archive) as held:
        assert len(held.changes()) == 3


# What would clear a screen, set a terminal's title, turn a line around, or begin one of its own.
ODD = "Tide\x1b[2J\x1b]0;owned\x07 \u202egnp.exe\u2066 table\r\nERROR forged\x9b31m\u2028line"


def _steers(text: str) -> list[str]:
    """Return the characters of a printed text that could steer a terminal or reorder a line."""
    return [
        c
        for c in text.replace("\n", "")
        if unicodedata.category(c) == "Cc"
        or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"
    ]


def test_g40_a_title_that_steers_a_terminal_is_printed_as_words(tmp_path: Path) -> None:
    url = f"{URL}odd"
    # In a text a new line is one; in a headline or a name it is none.
    line = ODD.replace("\r\n", " ")
    made = Article(
        url=url, title=ODD, text=f"{line}\nThe harbour reopened.\n", authors=(ODD,), outlet=ODD,
        markdown=line,
    )  # fmt: skip
    with opened(tmp_path) as archive:
        assert archive.record(article(url=url, made=made)).outcome == "kept"
    commands = (
        ["search", "harbour"], ["show", "1"], ["history", "1"], ["changes"], ["coverage"],
        ["status"], ["topics", "1"], ["doctor"],
    )  # fmt: skip
    for command in commands:
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), *command], color=False)
        assert "Traceback" not in done.output, command
        assert _steers(done.output) == [], command
        assert not re.search(r"^ERROR forged", done.output, re.MULTILINE), command
    done = CliRunner().invoke(main, ["--archive", str(tmp_path), "search", "harbour"])
    assert "Tide" in done.output


def test_g40_what_a_site_says_is_one_line_of_the_daemons_log(tmp_path: Path) -> None:
    """A title, an address and a redirect of a site that would forge lines of the log."""
    forged = "2026-01-01T00:00:00Z ERROR forged"
    entries = "".join(
        f"<item><title>Tide &#x202e;&#13;&#10;{forged}</title><link>/news/{path}</link></item>"
        for path in ("a%1b[2J.html", f"b&#10;{forged}.html", "c.html")
    )
    feed = f"<rss version='2.0'><channel><title>Harbour</title>{entries}</channel></rss>"
    routes: dict[str, Script] = {
        "/one": reply(feed, Content_Type="application/rss+xml; charset=utf-8"),
        "/news/c.html": b"HTTP/1.1 302 Go\r\nLocation: gopher://\x1b]0;owned\x07\xe2\x80\xae\x9b31m"
        b"\r\nContent-Length: 0\r\n\r\n",
    }
    with Server(routes) as server:
        config = settings(tmp_path / "config", server, ["one"], least_free=0)
        daemon = Daemon(tmp_path / "archive", config)
        daemon.until("pass: ")
        assert daemon.end() == 0
    assert any("/news/" in line for line in daemon.lines), "it tells of what failed"
    for line in daemon.lines:
        assert _steers(line) == [], line
        assert not line.startswith(forged)
