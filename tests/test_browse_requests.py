"""Hostile requests: every page kind of a real Datasette over an archive, with bad values."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from scraper.archive import Archive
from scraper.browse import application
from scraper.browse.security import with_headers
from scraper.models import Article, Attempt, Link, Page, Verdict

# Datasette leaves coroutines of its facets unawaited where one of them fails.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LIMIT = 131_072  # characters that the csv module takes in a cell
LONG_TEXT = '=1+"' + "渡 " * LIMIT + "渡"

TABLE_PAGES = (
    "/archive/articles",
    "/archive/articles.json",
    "/archive/articles.csv",
    "/archive/article_list",
    "/archive/article_list.csv",
)
OTHER_PAGES = (
    "/", "/archive", "/archive/articles/1", "/archive/runs", "/archive/articles_fts",
    "/-/article/1", "/-/article/1/diff", "/-/article/1/raw/1", "/-/search", "/-/changes",
    "/-/sources", "/-/drift", "/-/drift/page/1", "/-/outlet/x", "/-/names", "/-/name/1",
    "/-/coverage", "/-/databases",
    "/-/plugins", "/-/permissions", "/-/messages", "/-/patterns", "/-/actor",
)  # fmt: skip
# Each parameter of Datasette 0.65, with values of the wrong form and of none.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "_sort": ("x", "%00", "title,x", "开"),
    "_sort_desc": ("x", "", "%FF", "title&_sort=title"),
    "_sort_by_desc": ("x", "on"),
    "_size": ("x", "-1", "0", "99999999999999999999", "%00", "１"),
    "_next": ("x", "-1", "1,2,3", "99999999999999999999", "$null", "$null,x", "%00", "~", ","),
    "_facet": ("x", "title", "%00", "text"),
    "_facet_array": ("x", "title", "authors"),
    "_facet_date": ("x", "title"),
    "_facet_m2m": ("x",),
    "_facet_size": ("x", "-1", "0", "99999999999999999999", "max"),
    "_where": ("1", "x'", "%00"),
    "_through": ("*", '"*"', "[]", "{}", '{"table":"x"}', "1", "null",
                 '{"table":"versions","column":"x","value":"1"}'),
    "_shape": ("x", "object", "array", "arrayfirst", "arrayfirst&_size=0", ""),
    "_labels": ("x", "on", "%00"),
    "_label": ("x", "outlet_id"),
    "_trace": ("x", "1"),
    "_ttl": ("x", "-1", "²", "9" * 30, "9" * 5000),
    "_timelimit": ("x", "-1", "0", "1", "99999999999999999999", "9" * 5000),
    "_col": ("x", "", "title", "%00", "title&_col=title&_sort_desc=published_at&_size=1"),
    "_nocol": ("x", "id", "title"),
    "_extra": ("x", "*"),
    "_extras": ("x", "foreign_key_tables"),
    "_json": ("x", "title", "authors"),
    "_json_infinity": ("x",),
    "_nl": ("x", "on&_shape=array"),
    "_stream": ("x", "1", "1&_next=1", "1&_sort_desc=published_at"),
    "_header": ("off",),
    "_dl": ("x", "%0d%0aX:1"),
    "_search": ('"', "*", "%00", "NEAR("),
    "_search_title": ('"', "x"),
    "_search_x": ("x",),
    "_searchmode": ("raw", 'raw&_search="'),
    "_filter_column": ("x", "%00"),
    "_filter_column_1": ("x", "title&_filter_op_1=x&_filter_value_1=y"),
    "_blob_column": ("x",),
    "title__x": ("1",),
    "__": ("1",),
    "_x__y": ("1",),
    "x": ("1", "%00"),
    "id": ("99999999999999999999", "x", "%00"),
    "id__gt": ("99999999999999999999", "x"),
    "id__in": ("[", "{}", "1,x", "[[1]]"),
    "title__regexp": ("(",),
    "title__glob": ("[",),
    "title__arraycontains": ("x",),
    "title__date": ("x",),
    "sql": ("select 1", "x"),
}  # fmt: skip
OWN_PARAMETERS = ("version", "a", "b", "q", "outlet", "offset", "kind", "before")
OWN_VALUES = ("x", "-1", "9" * 15, "9" * 5000, "%00", "%FF", "²", "开")
FORMATS = (".json", ".csv", ".json.json", ".csv.json", ".json.csv", ".x", ".blob", ".db", "/", "/x")
PATHS = (
    "/-/article/99999999999999999999", "/-/article/-1", "/-/article/x", "/-/article/%00",
    "/-/article/%E5%BC%80", "/-/article/1/raw/99999999999999999999", "/-/article/1/raw/0",
    "/-/article/1/diff?a=0&b=0", "/-/outlet/%00", "/-/outlet/%FF", "/-/outlet/%", "/-/name/x",
    "/-/name/999999999999999", "/archive/articles/99999999999999999999", "/archive/articles/x",
    "/archive/articles/1,2", "/archive/articles/~", "/archive/articles/%00", "/archive/x/1",
    "/archive/articles/1/x", "/archive/articles/1.blob?_blob_column=title",
    "/archive/articles/1.blob?_blob_column=x", "/archive/article_list/1", "/x", "/x.json", "/x/y",
    "/x/y/1.json", "/%", "/%00", "/%FF", "/~", "/~zz", "/.json", "/.x", "//", "//evil.test/",
    "/-/static/x", "/-/static/..%2f..%2fapp.py", "/-/static/%00", "/-/scraper/x-000000000000.css",
    "/-/" + "x" * 20_000, "/archive/" + "x" * 20_000, "/archive/articles/" + "1," * 5000,
    "/archive/articles?" + "title__contains=x&" * 1500, "/archive/articles?" + "_col=x&" * 1500,
)  # fmt: skip


def fill(folder: Path, articles: int = 4) -> None:
    """Make an archive whose second article has a long text with quotes and a formula."""
    with Archive(folder) as archive:
        for number in range(1, articles + 1):
            url = f"https://harbour.test/{number}"
            text = f"Ferry {number} leaves at noon."
            if number == 2:
                text = LONG_TEXT
            article = Article(url=url, title=f"Ferry {number}", text=text, extractor="test")
            page = Page(url=url, final_url=url, status=200, headers={}, body=b"<p>x",
                        fetched_at=START)  # fmt: skip
            archive.record(
                Attempt(link=Link(url=url), at=START + timedelta(minutes=number), page=page,
                        verdict=Verdict(kind="article"), article=article)
            )  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("archive")
    fill(folder)
    return application(folder)


def ask(app: Any, paths: Iterable[str], **options: Any) -> list[httpx.Response]:
    """Ask for each path; an exception that leaves the application fails the test."""

    async def all_of() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get(path, **options) for path in paths]

    return asyncio.run(all_of())


def check(
    app: Any,
    paths: list[str],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Assert of each answer: no fault of the server, a policy, our page; and nothing logged."""
    for path, answer in zip(paths, ask(app, paths), strict=True):
        where = path[:120]
        assert answer.status_code < 500, (where, answer.text[-300:])
        assert "content-security-policy" in answer.headers, where
        assert "Traceback" not in answer.text, where
        is_html = answer.headers.get("content-type", "").startswith("text/html")
        if answer.status_code in (400, 403, 404):
            if path.partition("?")[0].endswith(".json"):
                assert answer.json()["ok"] is False, where
            elif is_html and "/-/static/" not in path:
                assert "To the front page" in answer.text, where
    # Datasette writes a line of its own for each statement that SQLite refuses.
    out, err = capfd.readouterr()
    assert out == "" and "Traceback" not in err
    assert [line for line in err.splitlines() if not line.startswith("ERROR: conn=")] == []
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_bad_parameter_of_a_table_is_refused(
    app: Any,
    parameter: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    paths = [f"{p}?{parameter}={value}" for p in TABLE_PAGES for value in PARAMETERS[parameter]]
    check(app, paths, capfd, caplog)


@pytest.mark.parametrize("page", OTHER_PAGES)
def test_bad_parameters_of_any_other_page_do_no_harm(
    app: Any, page: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    paths = [f"{page}?{name}={values[0]}" for name, values in PARAMETERS.items()]
    if page.startswith("/-/"):
        paths = [f"{page}?{name}={value}" for name in OWN_PARAMETERS for value in OWN_VALUES]
    paths += [page + end for end in FORMATS]
    check(app, paths, capfd, caplog)


def test_bad_formats_and_paths_are_refused(
    app: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    check(app, [p + end for p in TABLE_PAGES for end in FORMATS] + list(PATHS), capfd, caplog)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/archive/articles?_sort_desc=x", 400), ("/archive/articles.json?_timelimit=x", 400),
        ("/archive/articles.csv?_sort=x", 400), ('/archive/articles?_through="*"', 400),
        ("/archive/articles.json.json", 404), ("/-/article/1/raw/1.json", 404),
        ("/archive/articles/1.json.json", 404), ("/archive/articles?_where=1", 403),
    ],
)  # fmt: skip
def test_the_status_tells_what_is_wrong(app: Any, path: str, status: int) -> None:
    (answer,) = ask(app, [path])
    assert answer.status_code == status


def test_a_cookie_of_another_program_does_no_harm(app: Any) -> None:
    for cookie in ("a/b=1", "a=\x01", "=", '"', "x" * 9000, "ds_actor=x; ds_messages=x"):
        (answer,) = ask(app, ["/"], headers={"cookie": cookie})
        assert answer.status_code == 200, cookie


def test_an_address_that_is_not_ascii_is_refused(app: Any) -> None:
    async def call() -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/é", "raw_path": "/é".encode(),
                 "query_string": b"", "headers": [(b"host", b"localhost")]}  # fmt: skip
        await app(scope, None, send)
        return sent

    start, _ = asyncio.run(call())
    assert start["status"] == 400
    assert b"content-security-policy" in dict(start["headers"])


def test_a_fault_of_the_archive_is_still_a_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path)
    app = application(tmp_path)
    path = tmp_path / "archive.db"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * (path.stat().st_size - 100))
    page, data = ask(app, ["/archive/articles?_sort=id", "/archive/articles.json"])
    assert page.status_code == data.status_code == 500
    assert "To the front page" in page.text
    assert data.json()["title"] == "Failed"
    assert "content-security-policy" in page.headers
    assert any(record.levelno == logging.ERROR for record in caplog.records)


# Export


def rows_of(answer: httpx.Response) -> list[list[str]]:
    limit = csv.field_size_limit(10 * LIMIT)
    try:
        return list(csv.reader(io.StringIO(answer.text, newline="")))
    finally:
        csv.field_size_limit(limit)


def test_an_export_with_a_long_text_comes_through_whole(app: Any) -> None:
    limit = csv.field_size_limit()
    for path in ("/archive/articles.csv?_stream=1", "/archive/articles.csv?_size=max"):
        (answer,) = ask(app, [path])
        header, *rows = rows_of(answer)
        assert answer.status_code == 200
        texts = {row[header.index("title")]: row[header.index("text")] for row in rows}
        assert len(rows) == 4 and {len(row) for row in rows} == {len(header)}
        assert texts["Ferry 2"] == "'" + LONG_TEXT
        assert texts["Ferry 4"] == "Ferry 4 leaves at noon."
    assert csv.field_size_limit() == limit  # that of the process is as it was


def streamed(chunks: list[str]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for chunk in chunks:
            body = chunk.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return with_headers(app)


def test_an_export_that_breaks_off_has_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """Datasette writes what stopped it behind the last row and ends the answer well."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/x.csv", "headers": []}
    asyncio.run(streamed(["a,b\r\n", "1,2\r\n", "interrupted"])(scope, None, send))
    assert b"".join(message.get("body", b"") for message in sent) == b"a,b\r\n1,2\r\n"
    assert sent[-1]["more_body"] is True
    assert "interrupted" in caplog.text


@pytest.mark.parametrize(
    ("row", "inert"),
    [
        ('=x"y",1\r\n', "'=x\"y\",1\r\n"), ('"=x""y, z",-1\r\n', '"\'=x""y, z",-1\r\n'),
        ('"-5","a\r\n=b"\r\n', '"-5","a\r\n=b"\r\n'), (",,\r\n", ",,\r\n"), ('""\r\n', '""\r\n'),
        ('a,"\t1",@b\n', 'a,"\'\t1",\'@b\n'), ('"a"=b,c\n', '"a"=b,c\n'),
    ],
)  # fmt: skip
def test_a_row_is_rewritten_only_where_a_cell_begins_as_a_formula(row: str, inert: str) -> None:
    (answer,) = ask(streamed([row]), ["/x.csv"])
    assert answer.content.decode() == inert
