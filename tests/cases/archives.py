"""Cases that need an archive: states of a page, visits to a site, a search, captures."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scraper import Archive, extract
from scraper.config import load_config
from scraper.errors import ExtractError
from scraper.models import Article, Attempt, Link, Page, Source, Verdict
from scraper.pipeline import Pipeline
from tests.cases.case import Case
from tests.cases.compare import moment
from tests.gauntlet.server import Server

__all__ = ["check_search", "check_versions", "check_visits", "check_warc"]

_START = datetime(2026, 11, 20, 8, tzinfo=UTC)
# Hours of the passes beside those of a case's own steps. What is held back until it is seen again
# needs a later look, and what must stay so must stay so at every look.
_HOURS = (0, 0.9, 1.2, 2.4, 6, 6.5, 12, 13, 14, 25, 30, 49, 73, 97, 169)
# A text that shrank becomes a version when it is seen again after this time.
_SEEN_AGAIN = timedelta(hours=7)
_HOST = "pub.localhost"
_OTHER = "http://store.localhost"
_HTML = "text/html; charset=utf-8"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="case-") as name:
        yield Path(name) / "archive"


def _attempt(article: Article, url: str, body: bytes, at: datetime) -> Attempt:
    page = Page(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": _HTML},
        body=body,
        fetched_at=at,
        wire_bytes=len(body),
    )
    verdict = Verdict(kind="article")
    return Attempt(link=Link(url=url), at=at, page=page, verdict=verdict, article=article)


def check_versions(case: Case) -> list[str]:
    """Record a page's states in an archive, each of them twice, and count its versions."""
    url, at = case.told["url"], _START
    with _folder() as folder, Archive(folder) as archive:
        for name in case.told["inputs"]:
            body = case.bytes(name)
            try:
                article = extract(body, url, case.headers())
            except ExtractError as error:
                return [f"{name} refused: {error.error_class}"]
            for _ in range(2):
                archive.record(_attempt(article, url, body, at))
                at += _SEEN_AGAIN
        versions = archive.versions(url)
    if len(versions) == case.expect["versions"]:
        return []
    told = [f"{v.severity}:{'+'.join(v.classes)}" for v in versions[1:]]
    return [f"{len(versions)} versions, not {case.expect['versions']} {' '.join(told)}".strip()]


def check_search(case: Case) -> list[str]:
    """Archive articles and look for a query; ranks are those of the articles in the case."""
    with _folder() as folder, Archive(folder) as archive:
        for rank, told in enumerate(case.told["articles"]):
            url = f"https://news.example/{rank}"
            article = Article(url=url, title=told["title"], text=told["text"])
            archive.record(_attempt(article, url, told["text"].encode(), _START))
        hits = archive.search(case.told["query"])
    found = sorted(int(hit.url.rsplit("/", 1)[1]) for hit in hits)
    wanted = sorted(case.expect["found"])
    return [] if found == wanted else [f"found {found}, not {wanted}"]


def check_warc(case: Case) -> list[str]:
    """Import captures by the command, and look at what is archived."""
    expect, wrong = case.expect, []
    with _folder() as folder:
        file = case.folder.resolve() / case.told["input"]
        command = [sys.executable, "-m", "scraper", "-q", "--archive", str(folder), "import"]
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        if expect.get("failed") == 0 and done.returncode:
            wrong.append(f"exit {done.returncode}")
        if not (folder / "archive.db").exists():
            return [*wrong, f"no archive was made: {done.stderr.strip()[-200:]}"]
        with _database(folder) as database:
            articles = _rows(database, "select url, first_seen_at from articles order by id")
            versions = _rows(database, "select last_observed_at from versions order by id")
            aliases = _rows(
                database,
                "select u.url, a.url as article from page_urls u"
                " join articles a on a.id = u.page_id",
            )
    if "articles" in expect and len(articles) != expect["articles"]:
        wrong.append(f"{len(articles)} articles, not {expect['articles']}")
    leads = {row["url"]: row["article"] for row in aliases}
    for alias, url in expect.get("alias", {}).items():
        if leads.get(alias) != url:
            wrong.append(f"{alias} leads to {leads.get(alias)}, not {url}")
    for key, rows in (("first_seen_at", articles), ("last_observed_at", versions)):
        if key in expect:
            have = rows[0][key] if rows else None
            if moment(have) != moment(expect[key]):
                wrong.append(f"{key} is {have}, not {expect[key]}")
    return wrong


@contextmanager
def _database(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database that Datasette shows, whose tables are public."""
    address = f"{(folder / 'archive.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.row_factory = sqlite3.Row
        yield database


def _rows(database: sqlite3.Connection, sql: str, *values: str) -> list[sqlite3.Row]:
    return database.execute(sql, values).fetchall()


# A site in its visits


def check_visits(case: Case) -> list[str]:
    """Play a site on the loopback, collect from it as time goes on, look at the archive."""
    with _folder() as folder, Server({}, missing=_response(404, b"<h1>no such page</h1>")) as site:
        rules = _response(200, b"User-agent: *\nDisallow:\n", {"Content-Type": "text/plain"})
        site.routes[f"{_HOST}/robots.txt"] = rules
        asyncio.run(_play(case, site, folder))
        with _database(folder) as database:
            return _compare_visits(case.expect, database, f"{_HOST}:{site.port}")


async def _play(case: Case, site: Server, folder: Path) -> None:
    steps = case.told["steps"]
    first = min(step["hours"] for step in steps)
    hours = {step["hours"] for step in steps} | {hour for hour in _HOURS if hour > first}
    now = _START

    def clock() -> datetime:
        return now

    source = case.told["source"]
    url = f"http://{_HOST}:{site.port}{source['path']}"
    config = load_config(None)
    fetch = replace(
        config.fetch,
        allow_private=("127.0.0.0/8", "::1/128"),
        ports=(80, 443, site.port),
        delay=0.0,
        connect_timeout=3.0,
        read_timeout=4.0,
        total_timeout=12.0,
        ask_reservations=False,
        contact="cases@news.example",
    )
    watched = Source(name="case", kind=source["kind"], url=url, outlet="Ferry Post", interval=3600)
    parse = replace(config.parse, workers=1)
    config = replace(config, fetch=fetch, parse=parse, sources=(watched,))
    async with Pipeline(config, open_archive=lambda: Archive(folder), clock=clock) as pipeline:
        for hour in sorted(hours):
            for step in steps:
                if step["hours"] == hour:
                    _answer(case, site, step.get("answers", {}))
            now = _START + timedelta(hours=hour)
            await pipeline.collect()


def _answer(case: Case, site: Server, answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Let a site answer as a step says from now on."""

    def fill(text: str) -> str:
        text = text.replace("ROOT", f"http://{_HOST}:{site.port}")
        text = text.replace("pub.localhost:PORT", f"{_HOST}:{site.port}")
        text = text.replace("PORT", str(site.port))
        return text.replace("/pub/sitemap.xml", f"/{_HOST}/sitemap.xml")

    for path, answer in answers.items():
        route = f"{_HOST}{path}"
        if path.startswith(_OTHER):
            route = "store.localhost" + path.removeprefix(_OTHER).replace("/pub/", f"/{_HOST}/")
        body = case.bytes(answer["file"]) if "file" in answer else b""
        with suppress(UnicodeDecodeError):  # Bytes of another encoding are sent as they are.
            body = fill(body.decode("utf-8")).encode("utf-8")
        headers = {"Content-Type": answer.get("type", _HTML)}
        headers |= {name: fill(value) for name, value in answer.get("headers", {}).items()}
        if "location" in answer:
            headers["Location"] = fill(answer["location"])
        site.routes[route] = _response(answer.get("status", 200), body, headers)


def _response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    fields = {"Content-Type": _HTML, "Content-Length": str(len(body))} | dict(headers or {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def _compare_visits(
    expect: Mapping[str, Any], database: sqlite3.Connection, host: str
) -> list[str]:
    root, wrong = f"http://{host}", []
    of_host = "(select id from pages where host = ?)"
    articles = _rows(database, f"select url, title from articles where id in {of_host}", host)
    versions = _rows(database, f"select id from versions where page_id in {of_host}", host)
    changes = _rows(database, f"select kind, classes from changes where page_id in {of_host}", host)
    kinds = [row["kind"] for row in changes]
    urls = [row["url"] for row in articles]
    for key, have in (("articles", len(articles)), ("versions", len(versions))):
        if key in expect and have != expect[key]:
            wrong.append(f"{have} {key}, not {expect[key]}")
    titles = sorted(row["title"] for row in articles)
    if "titles" in expect and titles != sorted(expect["titles"]):
        wrong.append(f"titles {titles}, not {sorted(expect['titles'])}")
    for path in expect.get("urls_include", ()):
        if root + path not in urls:
            wrong.append(f"{path} is missing among {[url.removeprefix(root) for url in urls]}")
    for kind in expect.get("no_changes", ()):
        if kind in kinds:
            wrong.append(f"{kinds.count(kind)} x {kind}")
    for name in expect.get("no_change_classes", ()):
        if any(name in row["classes"] for row in changes):
            wrong.append(f"a change of class {name}")
    for kind, most in expect.get("at_most", {}).items():
        if kinds.count(kind) > most:
            wrong.append(f"{kinds.count(kind)} x {kind}, at most {most}")
    for path, final in expect.get("final_url", {}).items():
        asked = _rows(database, "select final_url from fetches where url = ?", root + path)
        have = [row["final_url"] for row in asked]
        if root + final not in have:
            wrong.append(f"{path} was answered from {have}, not from {root + final}")
    return wrong
