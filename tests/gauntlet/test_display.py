"""Gauntlet 55: what a page may say to whoever reads the archive: inert everywhere."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from scraper.browse import application
from scraper.cli import main
from scraper.models import Article
from tests.archiving import URL, article, opened

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
