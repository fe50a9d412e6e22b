"""The pages: a real Datasette over a small archive that the real `Archive` wrote."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import html
import io
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from datasette.app import Datasette

from scraper.archive import Archive
from scraper.browse import application, serve
from scraper.browse.security import inert_cell, with_headers
from scraper.errors import ArchiveError, NotFound, ScraperError
from scraper.models import (
    Article,
    Attempt,
    Candidate,
    Discovery,
    Link,
    Page,
    RemovedBlock,
    Source,
    Verdict,
)
from scraper.text.markdown_blocks import Span, markdown_blocks
from scraper.urls import web_url

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LOCAL = "http://localhost"
BEIJING = timezone(timedelta(hours=8))

EN_1 = (
    "The city council of Fernhollow voted on Tuesday to rebuild the harbour library.\n"
    "The work will cost 12 million dollars and take two years.\n"
    "“We owe it to our children,” said Mayor Ines Varga.\n"
    "Readers will use the old customs house in the meantime."
)
EN_2 = EN_1.replace("12 million", "15 million")
HANS = (
    "记者从青禾市获悉，当地研究团队周一发布了新的开源模型“拾穗”。\n"
    "团队负责人林若溪表示，模型可以在普通笔记本电脑上运行。\n"
    "目前已有三百多家图书馆申请试用。"
)
HANT = (
    "隨著開源模型的崛起，香江的出版社開始用它整理舊報紙。\n"
    "編輯周慧嫻說，過去一年的工作如今一個月便能完成。"
)
HOSTILE = '<script>alert(1)</script> and "quotes" \' OR 1=1 --'


def record(
    archive: Archive,
    url: str,
    title: str,
    text: str,
    *,
    at: datetime = START,
    shown_by: str = "",
    body: bytes | None = None,
    **fields: Any,
) -> int:
    """Archive an article as the pipeline would; return its id."""
    article = Article(url=url, title=title, text=text, extractor="test", **fields)
    page = Page(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": "text/html"},
        body=body if body is not None else f"<h1>{title}</h1><p>{text}</p>".encode(),
        fetched_at=at,
        wire_bytes=4321,
    )
    done = archive.record(
        Attempt(
            link=Link(url=url, source=shown_by),
            at=at,
            page=page,
            verdict=Verdict(kind="article"),
            article=article,
        )
    )
    assert done.article_id is not None, done
    return done.article_id


def fill(folder: Path) -> dict[str, int]:
    """Make an archive with an edited, a withdrawn, a hostile article, and both Chinese scripts."""
    with Archive(folder) as archive:
        archive.sync_sources(
            [
                Source(name="harbour", kind="feed", url="https://harbour.test/feed",
                       outlet="The Harbour Gazette", language="en", interval=3600),
                Source(name="qinghe", kind="listing", url="https://qinghe.test/",
                       outlet="青禾新闻网", language="zh-Hans", interval=3600),
            ],
            START,
        )  # fmt: skip
        link = Link(url="https://harbour.test/library", source="harbour", title="Library vote")
        for hours in (0, 1, 9):
            archive.record_visit(
                "harbour", START + timedelta(hours=hours), discovery=Discovery(links=(link,))
            )
        archive.record_visit(
            "qinghe", START, discovery=None, error_class="timeout", message="no answer in 60 s"
        )
        english: dict[str, Any] = {
            "language": "en",
            "script": "Latn",
            "outlet": "The Harbour Gazette",
            "source": "Reuters",
            "authors": ("Ada Quill",),
            "published": datetime(2026, 5, 4, 15, 30, tzinfo=BEIJING),
        }
        url = link.url
        ids = {
            "library": record(
                archive, url, "Council votes to rebuild library", EN_1, shown_by="harbour",
                candidates=(
                    Candidate(field="published", value="2026-05-04T15:30:00+08:00",
                              origin="json-ld", chosen=True, note="most exact"),
                    Candidate(field="published", value="2026-05-01", origin="byline",
                              note="disagrees"),
                ),
                removed=(RemovedBlock(position=7, rule="related-links", place="body > div.side",
                                 text="You may also like: ten harbours"),),
                **english,
            )
        }  # fmt: skip
        record(archive, url, "Council votes to rebuild library", EN_2,
               at=START + timedelta(days=1), **english)  # fmt: skip
        ids["hans"] = record(
            archive, "https://qinghe.test/1.html", "青禾团队发布开源模型“拾穗”", HANS,
            at=START + timedelta(hours=2), language="zh", script="Hans", outlet="青禾新闻网",
            confidence=0.91, encoding="gb18030", encoding_origin="meta",
            body=f"<p>{HANS}</p>".encode("gb18030"),
        )  # fmt: skip
        ids["hant"] = record(
            archive, "https://xiangjiang.test/2", "開源模型走進出版社", HANT,
            at=START + timedelta(hours=3), language="zh", script="Hant", outlet="香江日報",
            confidence=0.41, doubts=("the text is short",),
        )  # fmt: skip
        ids["hostile"] = record(
            archive, "https://evil.test/x", "=HYPERLINK(\"https://evil.test\")", HOSTILE,
            at=START + timedelta(hours=4), language="en", outlet="Evil & <b>Sons</b> / Ltd",
            authors=("<img src=x onerror=alert(2)>",), image="javascript:alert(3)",
            source="javascript:alert(4)",
        )  # fmt: skip
        gone = "https://harbour.test/gone"
        ids["gone"] = record(archive, gone, "Ferry timetable", "The ferry leaves at noon.\n" * 3,
                             language="en", outlet="The Harbour Gazette")  # fmt: skip
        for days in (2, 3):
            # The host answers for another page meanwhile: else it is the host that fails.
            record(archive, url, "Council votes to rebuild library", EN_2,
                   at=START + timedelta(days=days), **english)  # fmt: skip
            archive.record(
                Attempt(link=Link(url=gone), at=START + timedelta(days=days, hours=1),
                        error_class="gone", message="404 Not Found")
            )  # fmt: skip
    return ids


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """An archive and the ids of its articles; nothing in these tests writes to it."""
    folder = tmp_path_factory.mktemp("archive")
    return folder, fill(folder)


@pytest.fixture(scope="module")
def ids(filled: tuple[Path, dict[str, int]]) -> dict[str, int]:
    return filled[1]


class Browser:
    """Asks the application, in this process, as a browser would."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self._app = application(folder, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
                return await client.get(path, **options)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def browser(filled: tuple[Path, dict[str, int]]) -> Browser:
    return Browser(filled[0])


def text_of(response: httpx.Response) -> str:
    """What a reader sees: the page without its tags, entities resolved."""
    assert response.status_code == 200, response.text
    plain = re.sub(r"<[^>]+>", "", response.text)
    return " ".join(html.unescape(plain).split())


# Reading


def test_front_page_tells_what_is_new_what_changed_and_how_the_sources_fare(
    browser: Browser, ids: dict[str, int]
) -> None:
    page = browser.get("/")
    seen = text_of(page)
    assert "5 articles" in seen
    assert "青禾团队发布开源模型“拾穗”" in seen
    assert "1 gone from the web" in seen
    assert f'href="/-/article/{ids["library"]}/diff?a=1&amp;b=2"' in page.text
    assert "qinghe failed 1×" in seen
    assert "1 break, up to 8 h" in seen


def test_article_shows_text_byline_evidence_and_versions(
    browser: Browser, ids: dict[str, int]
) -> None:
    page = browser.get(f"/-/article/{ids['library']}?version=1")
    seen = text_of(page)
    assert "12 million dollars" in seen
    assert "Ada Quill" in seen
    assert "← Reuters" in seen
    assert "2026-05-04 15:30 +08:00" in seen
    assert "an earlier one" in seen
    assert "most exact" in seen and "disagrees" in seen
    assert "related-links" in seen and "You may also like: ten harbours" in seen
    assert "Library vote" in seen  # the headline under which the source showed it
    assert 'href="https://harbour.test/library"' in page.text
    assert "15 million dollars" in text_of(browser.get(f"/-/article/{ids['library']}"))


def test_article_says_where_its_text_is_doubtful(browser: Browser, ids: dict[str, int]) -> None:
    seen = text_of(browser.get(f"/-/article/{ids['hant']}"))
    assert "The text may be incomplete, or hold more than the article" in seen
    assert "confidence 0.41: the text is short" in seen
    sure = text_of(browser.get(f"/-/article/{ids['hans']}"))
    assert "may be incomplete" not in sure and "Confidence0.91" in sure
    assert "onfidence" not in text_of(browser.get(f"/-/article/{ids['library']}"))


def test_article_that_is_gone_keeps_its_text_and_says_since_when(
    browser: Browser, ids: dict[str, int]
) -> None:
    seen = text_of(browser.get(f"/-/article/{ids['gone']}"))
    assert "Gone from the web: seen to be so 2026-05-07" in seen
    assert "This is the last text seen, 2026-05-04" in seen
    assert "The ferry leaves at noon." in seen
    assert "404 Not Found" in seen


@pytest.mark.parametrize(("name", "tag"), [("hans", "zh-Hans"), ("hant", "zh-Hant")])
def test_chinese_is_marked_with_its_script(
    browser: Browser, ids: dict[str, int], name: str, tag: str
) -> None:
    assert f'<div class="text" lang="{tag}">' in browser.get(f"/-/article/{ids[name]}").text


def test_diff_marks_the_words_that_changed(browser: Browser, ids: dict[str, int]) -> None:
    path = f"/-/article/{ids['library']}/diff"
    page = browser.get(f"{path}?a=1&b=2")
    assert "The work will cost <del>12</del><ins>15</ins> million" in page.text
    assert "number" in text_of(page)
    assert page.text.count("12") == browser.get(f"/-/article/{ids['library']}/diff").text.count(
        "12"
    )


def test_diff_of_a_single_version_says_so(browser: Browser, ids: dict[str, int]) -> None:
    assert "one version only" in text_of(browser.get(f"/-/article/{ids['hans']}/diff"))


def test_raw_page_is_the_body_as_inert_text(browser: Browser, ids: dict[str, int]) -> None:
    answer = browser.get(f"/-/article/{ids['hans']}/raw/1")
    assert answer.content == f"<p>{HANS}</p>".encode("gb18030")
    assert answer.headers["content-type"] == "text/plain; charset=gb18030"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("typed", ["开源模型", "開源模型", '"开源模型"'])
def test_search_finds_both_scripts_and_marks_what_was_published(
    browser: Browser, typed: str
) -> None:
    page = browser.get("/-/search", params={"q": typed})
    assert "2 found" in text_of(page)
    assert "<mark>开源模型</mark>" in page.text
    assert "<mark>開源模型</mark>" in page.text


def test_search_puts_a_hit_in_the_headline_first(browser: Browser) -> None:
    page = browser.get("/-/search", params={"q": "library"}).text
    assert re.findall(r'<h3[^>]*><a href="[^"]*">(.*?)</a>', page) == [
        "Council votes to rebuild <mark>library</mark>"
    ]


def test_search_narrows_to_an_outlet(browser: Browser) -> None:
    page = browser.get("/-/search", params={"q": "模型", "outlet": "香江日報"})
    assert "1 found in 香江日報" in text_of(page)


@pytest.mark.parametrize("typed", ["的", "模", "a*", "c", "-模型", "since:2020", "outlet:香江"])
def test_search_answers_what_is_in_many_articles(browser: Browser, typed: str) -> None:
    for order in ("relevance", "date", "fresh", "size"):
        page = browser.get("/-/search", params={"q": typed, "order": order})
        assert page.status_code == 200
        assert "too long" not in text_of(page)


def test_search_says_what_it_read_otherwise(browser: Browser) -> None:
    page = browser.get("/-/search", params={"q": "模型 nosuch:field"})
    assert "nosuch: is no field" in text_of(page)


def test_search_shows_what_only_an_earlier_version_says(browser: Browser) -> None:
    old = text_of(browser.get("/-/search", params={"q": "library", "versions": "1"}))
    assert "found" in old


def test_search_in_sql_finds_what_the_page_finds(
    browser: Browser, filled: tuple[Path, dict[str, int]]
) -> None:
    """In a Datasette of the user's own, where the plugin is installed; ours runs no SQL."""
    sql = (
        "select a.title from json_each(article_search(:q)) s"
        " join articles a on a.id = json_extract(s.value, '$.id')"
    )
    asked = {"sql": sql, "q": '"開源模型" outlet:香江', "_shape": "array"}
    client = Datasette([str(filled[0] / "archive.db")]).client
    rows = asyncio.run(client.get("/archive.json", params=asked)).json()
    page = browser.get("/-/search", params={"q": asked["q"]})
    assert len(rows) == 1
    assert rows[0]["title"] in text_of(page)


@pytest.mark.parametrize(
    "typed", ['"', "'", '") OR 1=1 --', "AND", "NEAR(", "*", "\x00", "。", "(" * 500]
)
def test_search_takes_anything_typed(browser: Browser, typed: str) -> None:
    page = browser.get("/-/search", params={"q": typed})
    assert page.status_code == 200
    table = browser.get("/archive/articles", params={"_search": typed})
    assert table.status_code == 200


def test_changes_are_told_newest_first_and_by_kind(browser: Browser) -> None:
    page = browser.get("/-/changes").text
    kinds = re.findall(r'<span class="badge [^"]*">(\w+)</span> <time', page)
    assert kinds[0] == "gone" and kinds.count("new") == 5
    assert "<del>12</del><ins>15</ins> million dollars and take two years." in page
    only = browser.get("/-/changes?kind=edits").text
    assert re.findall(r'<span class="badge [^"]*">(\w+)</span> <time', only) == ["gone", "edited"]


@pytest.mark.parametrize(
    ("chosen", "shown"), [("number", True), ("not found", True), ("no such class", False)]
)
def test_the_class_by_which_changes_are_filtered_is_shown(
    browser: Browser, chosen: str, shown: bool
) -> None:
    page = browser.get(f"/-/changes?class={quote(chosen)}")
    assert f"<option selected>{chosen}</option>" in page.text
    assert ('class="change"' in page.text) == shown
    assert page.text.count(" selected") == 1


def test_sources_page_tells_trouble_first(browser: Browser) -> None:
    seen = text_of(browser.get("/-/sources"))
    assert seen.index("qinghe") < seen.index("harbour")
    assert "no answer in 60 s" in seen
    assert "1, up to 8 h" in seen


def test_outlet_page_is_found_under_any_name(browser: Browser) -> None:
    for name in ("The Harbour Gazette", "香江日報", "Evil & <b>Sons</b> / Ltd"):
        page = browser.get(f"/-/outlet/{quote(name, safe='')}")
        assert name in text_of(page)
        assert f'href="/-/changes.atom?{urlencode({"by": name})}"' in page.text, "its feed"
    front = browser.get("/").text
    assert f'href="/-/outlet/{quote("Evil & <b>Sons</b> / Ltd", safe="")}"' in front


@pytest.mark.parametrize(
    "path",
    ["/-/article/999", "/-/article/1?version=9", "/-/article/1/diff?a=1&b=9", "/-/article/1/raw/7",
      "/-/article/999999999999999", "/-/outlet/none", "/none", "/archive/none"],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(
    browser: Browser, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "To the front page" in answer.text
    assert "Traceback" not in answer.text
    assert capfd.readouterr() == ("", "")


# Datasette's own pages


@pytest.mark.parametrize("table", ["articles", "article_list"])
@pytest.mark.parametrize("typed", ["开源模型", "開源模型", "開", "拾穗"])
def test_the_search_box_of_a_table_finds_chinese(
    browser: Browser, table: str, typed: str, ids: dict[str, int]
) -> None:
    found = browser.get(f"/archive/{table}.json", params={"_search": typed, "_shape": "array"})
    expected = {"拾穗": {ids["hans"]}}.get(typed, {ids["hans"], ids["hant"]})
    assert {row["id"] for row in found.json()} == expected


@pytest.mark.parametrize(
    "table", ["articles", "article_list", "change_list", "versions", "changes"]
)
def test_rows_lead_to_the_reading_page(browser: Browser, table: str, ids: dict[str, int]) -> None:
    page = browser.get(f"/archive/{table}").text
    assert f'<a href="/-/article/{ids["hant"]}">開源模型走進出版社</a>' in page


def test_a_long_text_is_cut_short_in_a_row_and_leads_to_its_page(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        number = record(archive, "https://long.test/1", "Long", "A <b>bold</b> claim. " * 200)
    for path in (f"/archive/articles/{number}", "/archive/articles"):
        page = Browser(tmp_path).get(path).text
        assert f'… <a href="/-/article/{number}">read on</a>' in page
        assert page.count("&lt;b&gt;bold") < 20 and "<b>bold" not in page


def test_tables_are_described_faceted_and_labelled(browser: Browser) -> None:
    page = text_of(browser.get("/archive/articles"))
    assert "A page with at least one version" in page  # the comment in the schema
    assert "outlet that the page names as its source" in page
    facets = browser.get("/archive/article_list.json?_size=0").json()["facet_results"]
    assert set(facets) >= {"outlet", "language"}
    versions = browser.get("/archive/fetches?_labels=on").text
    assert "https://harbour.test/library</a>" in versions  # the page by its address, not its number
    hidden = {t["name"] for t in browser.get("/archive.json").json()["tables"] if t["hidden"]}
    assert {"extractions", "facts", "_sqlite_migrations", "articles_fts_data"} <= hidden


def test_plain_datasette_shows_the_archive_without_our_plugin(
    filled: tuple[Path, dict[str, int]],
) -> None:
    code = (
        "import asyncio, importlib.metadata as m, sys\n"
        "m.distributions = lambda **kw: ()\n"  # as where we are not installed
        "from datasette.app import Datasette\n"
        "ds = Datasette([sys.argv[1]])\n"
        "answers = [asyncio.run(ds.client.get('/archive/' + name + '.json?_shape=array'))\n"
        "           for name in ('article_list', 'change_list', 'source_health')]\n"
        "print([len(a.json()) for a in answers], 'scraper' in str(ds._plugins()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled[0] / "archive.db")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[5, 7, 2] False"


def test_a_datasette_without_an_archive_is_left_alone(browser: Browser, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table cats (name text)")

    async def ask() -> list[httpx.Response]:
        client = Datasette([str(other)]).client
        return [await client.get(path) for path in ("/", "/-/changes", "/other/cats")]

    front, changes, table = asyncio.run(ask())
    assert "other" in front.text and "content-security-policy" not in front.headers
    assert changes.status_code == 404 and "To the front page" not in changes.text
    assert "/-/scraper/" not in table.text


# Hostile content


def pages_with(ids: dict[str, int]) -> list[str]:
    number = ids["hostile"]
    outlet = quote("Evil & <b>Sons</b> / Ltd", safe="")
    return [
        "/", f"/-/article/{number}", f"/-/article/{number}/diff", "/-/search?q=script",
        "/-/changes", f"/-/outlet/{outlet}", "/archive/articles", f"/archive/articles/{number}",
        "/archive/article_list", "/archive/versions", "/archive/change_list", "/-/sources",
        "/archive", "/none/%3Cscript%3Ealert(9)%3C/script%3E",
    ]  # fmt: skip


def test_nothing_that_a_page_says_becomes_markup(browser: Browser, ids: dict[str, int]) -> None:
    for path in pages_with(ids):
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "<b>Sons" not in page, path
        assert not re.search(r"""(?:href|src|action)\s*=\s*["']?\s*javascript:""", page, re.I), path


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://a.test/x", "https://a.test/x"), ("HTTP://a.test", "HTTP://a.test"),
        ("javascript:alert(1)", ""), ("javascript://a.test/%0aalert(1)", ""),
        ("java\tscript://a.test/%0aalert(1)", ""), ("data:text/html,x", ""), ("//a.test/x", ""),
        ("file:///etc/passwd", ""), ("http://[bad", ""), ("https:", ""), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_become_links(address: str | None, link: str) -> None:
    assert web_url(address) == link


def test_every_page_has_a_policy_without_inline_scripts(
    browser: Browser, ids: dict[str, int]
) -> None:
    for path in [*pages_with(ids), "/archive/articles.json", "/archive/articles.csv"]:
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert scripts is None or "unsafe" not in scripts[1], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_our_pages_hold_no_script_no_inline_style_and_no_foreign_asset(
    browser: Browser, ids: dict[str, int]
) -> None:
    for path in pages_with(ids)[:6]:
        page = browser.get(path).text
        assert "<script" not in page and "style=" not in page and " onclick" not in page, path
        for address in re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', page):
            assert address.startswith("/"), path
            assert browser.get(address).status_code == 200


def test_inline_scripts_of_datasette_pages_are_those_that_the_policy_names(
    browser: Browser,
) -> None:
    answer = browser.get("/archive/articles")
    for script in re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_csv_cells_cannot_calculate(browser: Browser) -> None:
    for path in ("/archive/articles.csv?_stream=1", "/archive/articles.csv?_labels=on&_dl=1"):
        answer = browser.get(path)
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        titles = {row["title"] for row in rows}
        assert '\'=HYPERLINK("https://evil.test")' in titles
        assert not any(cell and cell[0] in "=+-@" for row in rows for cell in row.values())
        assert {row["text"] for row in rows} >= {EN_2, HANS}  # line breaks and quotes survive


@pytest.mark.parametrize(
    ("cell", "inert"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A", "'+cmd|' /C calc'!A"),
        ("-2+3", "'-2+3"), ("\t=1", "'\t=1"), ("＝1+1", "'＝1+1"), ("-5", "-5"),
        ("+3.5e-2", "+3.5e-2"), ("a=b", "a=b"), ("", ""), ("2026-05-04", "2026-05-04"),
    ],
)  # fmt: skip
def test_formulas_are_disarmed_and_numbers_are_not(cell: str, inert: str) -> None:
    assert inert_cell(cell) == inert


def test_csv_is_rewritten_alike_however_it_is_cut(browser: Browser) -> None:
    chunks = ['a,b\r\n"=1\n', '2","x""y"\r', "\n-1,é\r\n".encode()[:5], "\n-1,é\r\n".encode()[5:]]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for chunk in chunks:
            body = chunk if isinstance(chunk, bytes) else chunk.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=with_headers(app))
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            return await client.get("/x.csv")

    answer = asyncio.run(ask()).content.decode()
    assert list(csv.reader(io.StringIO(answer, newline=""))) == [
        ["a", "b"], ["'=1\n2", 'x"y'], ["-1", "é"]
    ]  # fmt: skip


def test_nobody_may_run_sql_or_write(browser: Browser, filled: tuple[Path, dict[str, int]]) -> None:
    assert browser.get("/archive?sql=select+1").status_code == 403
    assert browser.get("/archive.json?sql=select+1").status_code == 403
    assert browser.get("/archive/articles?_where=1%3D1").status_code == 403
    assert browser.get("/archive.db").status_code == 403
    with Archive(filled[0], readonly=True) as archive:
        assert len(archive.changes()) == 7


def test_a_foreign_host_name_is_refused(browser: Browser) -> None:
    assert browser.get("/", headers={"host": "evil.test"}).status_code == 421
    assert browser.get("/", headers={"host": "127.0.0.1:8001"}).status_code == 200


# Reading text


def test_markdown_becomes_blocks_and_never_markup() -> None:
    markdown = (
        "## Rise of **models**\n\n"
        "See [the paper](https://a.test/p_(1)) and [this](javascript:x).\n\n"
        "- one\n  - two\n\n1. first\n\n> said\n> again\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```\n<b>code</b>\n```\n\n![A ferry](https://a.test/f.jpg)\n\n5 \\* 3 <i>x</i>"
    )
    blocks = markdown_blocks(Article(markdown=markdown))
    assert [b.kind for b in blocks] == [
        "heading", "paragraph", "list", "list", "quote", "table", "code", "paragraph",
        "paragraph",
    ]  # fmt: skip
    assert blocks[0].lines[0] == (Span(text="Rise of "), Span(text="models", strong=True))
    links = [
        (s.text, s.href) for s in blocks[1].lines[0] if s.text.strip(" .") not in ("See", "and", "")
    ]
    assert links == [("the paper", "https://a.test/p_(1)"), ("this", "")]
    assert (blocks[2].depths, blocks[2].numbers) == ((0, 1), (None, None))
    assert blocks[3].numbers == (1,)
    assert [cell[0].text for cell in blocks[5].lines] == ["a", "b", "1", "2"]
    ferry = Span(text="A ferry", href="https://a.test/f.jpg", picture=True)
    assert blocks[7].lines == ((ferry,),)
    assert blocks[8].lines == ((Span(text="5 * 3 <i>x</i>"),),)


def test_items_keep_their_numbers_and_depth_whatever_stands_between() -> None:
    markdown = "9. nine\n   - dash\n     1. deep\n   - dash\n10. ten\n    - under ten"
    (block,) = markdown_blocks(Article(markdown=markdown))
    assert block.depths == (0, 1, 2, 1, 0, 1)
    assert block.numbers == (9, None, 1, None, 10, None)


def test_code_is_shown_from_its_fence_to_the_next_as_long_indented_as_its_fence() -> None:
    markdown = "- item\n\n    ```python\n    def f():\n        ...\n    ```\n\n````\n```\n````\nend"
    item, code, fences, end = markdown_blocks(Article(markdown=markdown))
    assert [line[0].text for line in code.lines] == ["def f():", "    ..."]
    assert [line[0].text for line in fences.lines] == ["```"]
    assert (item.kind, end.kind) == ("list", "paragraph")


@pytest.mark.parametrize(
    "markdown",
    ["[" * 9999, "[a](" * 9999, "\\" * 9999, "*" * 9999, "|" + "-:| " * 9999 + "x|",
     "# a" + " " * 99999 + "b", "[a](" + "(" * 9999, '[a](x "' * 9999, "> " * 9999],
)  # fmt: skip
def test_hostile_markdown_takes_no_time_worth_naming(markdown: str) -> None:
    assert markdown_blocks(
        Article(markdown=markdown, text="x")
    )  # minutes, where a pattern backtracks


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("a *b* **c** ***d***", [("b", False, True), ("c", True, False), ("d", True, True)]),
        ("**[a](https://a.test)**", [("a", True, False)]),
        ("5 * 3", []),
        ("**a", []),
        ("\\*a\\*", []),
    ],
)
def test_stars_are_emphasis_where_they_pair(
    markdown: str, shown: list[tuple[str, bool, bool]]
) -> None:
    (block,) = markdown_blocks(Article(markdown=markdown))
    spans = block.lines[0]
    assert [(s.text, s.strong, s.emphasis) for s in spans if s.strong or s.emphasis] == shown
    if not shown:
        assert "".join(span.text for span in spans) == markdown.replace("\\", "")


def test_notes_struck_words_and_line_breaks_show_no_signs() -> None:
    markdown = "One[^1] ~~old~~ line\\\nand ~~ its next.\n\n[^1]: A note."
    line, note = markdown_blocks(Article(markdown=markdown))
    assert ["".join(s.text for s in spans) for spans in line.lines] == [
        "One[1] old line", "and ~~ its next.",
    ]  # fmt: skip
    assert [s.text for s in line.lines[0] if s.struck] == ["old"]
    assert "".join(s.text for s in note.lines[0]) == "[1] A note."


def test_text_is_shown_where_markdown_lacks_some_of_it() -> None:
    blocks = markdown_blocks(Article(text="one\ntwo three", markdown="one"))
    assert [b.lines[0][0].text for b in blocks] == ["one", "two three"]


# Serving


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 100])
def test_what_is_no_archive_is_refused_by_the_archive(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "archive.db").write_bytes(content)
    with pytest.raises(NotFound if content is None else ArchiveError) as caught:
        application(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_taken_port_is_named(filled: tuple[Path, dict[str, int]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ScraperError, match=f"port {port} "):
            serve(filled[0], port=port)


def test_serving_on_a_real_socket_ends_quietly_when_interrupted(
    filled: tuple[Path, dict[str, int]],
) -> None:
    code = (
        "import pathlib, sys\n"
        "from scraper.browse import serve\n"
        "serve(pathlib.Path(sys.argv[1]), port=0, on_ready=lambda url: print(url, flush=True))\n"
        "print('ended')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(filled[0])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            assert "青禾团队" in httpx.get(url).text
            assert httpx.get(f"{url}-/search", params={"q": "開源"}).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (out, err, process.returncode) == ("ended\n", "", 0)


def test_an_article_archived_meanwhile_is_seen_at_once(tmp_path: Path) -> None:
    fill(tmp_path)
    browser = Browser(tmp_path)
    assert "5 articles" in text_of(browser.get("/"))
    with Archive(tmp_path) as archive:  # kept open: it stays in the write-ahead log
        record(archive, "https://late.test/1", "Late news", "Something happened at last.")
        assert "Late news" in text_of(browser.get("/"))
