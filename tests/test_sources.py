"""Sources over time, through the whole pipeline: failing, moving, falling back, captured."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper import Archive
from scraper.cli import main
from scraper.config import Config, load_config
from scraper.discovery.visit import Visit
from scraper.errors import ConfigError, UsageError
from scraper.exchange.opml import read_opml, write_opml
from scraper.exchange.source_names import name_for
from scraper.exchange.sources_file import SourcesFile, block_of
from scraper.exchange.warc_folder import new_captures
from scraper.models import Article, Attempt, Discovery, Link, Source, Verdict
from scraper.models.source_kinds import SOURCE_KINDS, SourceKind
from scraper.pipeline import Pipeline, RunCounts
from scraper.pipeline.link import attach_entry_text, overlap
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import settings_for

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LINES = [
    "The ferry company said on Monday that its timetable model would be published in full.",
    "Its manager, Ines Okafor, told passengers that the weights had been theirs all along.",
    "A copy will be kept at the harbour library, with the diaries of the training runs.",
    "The harbour board, which paid for a third of the work, had asked for the same in writing.",
    "Passengers who miss a boat because of the model may still ask a person for their money.",
]
XML = {"Content_Type": "application/rss+xml; charset=utf-8"}


def story(title: str = "Ferry model opened", *more: str) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in (*LINES, *more))
    return reply(
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}"
        "</article></body></html>"
    )


def item(url: str, content: str = "", title: str = "Ferry model opened") -> str:
    text = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    return f"<item><title>{title}</title><link>{url}</link>{text}</item>"


def feed(*items: str) -> bytes:
    head = "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
    return reply(f"{head}{''.join(items)}</channel></rss>", **XML)


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def watch(server: Server, *sources: Source) -> Config:
    return replace(load_config(), fetch=settings_for(server.port), sources=sources)


def source(server: Server, name: str, path: str = "", **more: object) -> Source:
    values = {"kind": "feed", "url": server.url(path or f"/{name}"), "outlet": name, **more}
    return Source(name=name, **values)  # type: ignore[arg-type]


def passes(config: Config, folder: Path, *steps: Callable[[Time], None]) -> list[RunCounts]:
    """Collect once, and again after each step, which may move the clock and change the server."""
    time = Time()

    async def run() -> list[RunCounts]:
        def opened() -> Archive:
            return Archive(folder)

        async with Pipeline(
            config, open_archive=opened, captures=new_captures, clock=time
        ) as pipeline:
            tallies = [await pipeline.collect()]
            for step in steps:
                step(time)
                tallies.append(await pipeline.collect())
            return tallies

    return asyncio.run(run())


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "archive.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_one_article_from_four_sources_is_one_page_with_four_sightings(tmp_path: Path) -> None:
    with Server({"/story": story()}) as server:
        url = server.url("/story")
        server.routes |= {
            "/a": feed(item(url)),
            "/b": feed(item(f"{url}?utm_source=b")),
            "/c": reply(f"<urlset><url><loc>{url}</loc></url></urlset>"),
            "/d": reply(f"{url}#top\n"),
        }
        config = watch(
            server,
            source(server, "a"),
            source(server, "b"),
            source(server, "c", kind="sitemap"),
            source(server, "d", kind="urls"),
        )
        passes(config, tmp_path)
        assert server.paths().count("/story") + server.paths().count("/story?utm_source=b") == 1
    assert rows(tmp_path, "select count(*) from pages") == [(1,)]
    assert rows(
        tmp_path,
        "select s.name from sightings i join sources s on s.id = i.source_id order by s.name",
    ) == [("a",), ("b",), ("c",), ("d",)]


def test_a_failing_source_is_slower_but_never_dead_and_back_at_its_pace_at_once(
    tmp_path: Path,
) -> None:
    with Server({"/bad": reply("", 500), "/good": feed()}) as server:
        config = watch(server, source(server, "bad"), source(server, "good"))

        def state() -> tuple[float, int]:
            with Archive(tmp_path) as archive:
                (told,) = (s for s in archive.status(START).sources if s.name == "bad")
            assert told.next_due_at is not None
            return told.next_due_at.timestamp(), told.failures

        waits: list[float] = []

        def when_due(time: Time) -> None:
            due, failures = state()
            waits.append((due - time.now.timestamp()) / 3600)
            assert failures == len(waits)
            time.now = datetime.fromtimestamp(due, UTC)

        def mended(time: Time) -> None:
            when_due(time)
            server.routes["/bad"] = feed()

        tallies = passes(config, tmp_path, *[when_due] * 8, mended)
        assert all(tally.of("bad").error for tally in tallies[:-1])
        assert not any(tally.of("good").error for tally in tallies)
        assert waits == [2, 4, 8, 16, 24, 24, 24, 24, 24], "doubled, a day at most"
        due, failures = state()
        visited = rows(tmp_path, "select last_ok_at from sources where name = 'bad'")[0][0]
    assert failures == 0
    assert due - datetime.fromisoformat(str(visited)).timestamp() == 3600


async def read_with_a_bug(visit: Visit) -> Discovery:
    raise ZeroDivisionError("a bug")


def test_a_bug_in_reading_one_source_costs_only_that_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server({"/bad": feed(), "/good": feed()}) as server:
        config = watch(server, source(server, "bad", kind="broken"), source(server, "good"))
        kind = SourceKind(name="broken", reader=f"{__name__}:read_with_a_bug")
        monkeypatch.setitem(SOURCE_KINDS, "broken", kind)
        [tally] = passes(config, tmp_path)
    assert "ZeroDivisionError" in tally.of("bad").error
    assert tally.of("good").error == ""
    assert rows(tmp_path, "select last_class from sources where name = 'bad'") == [("internal",)]


def hour_later(time: Time) -> None:
    time.now += timedelta(hours=1, minutes=1)


def test_what_serves_in_a_feeds_stead_is_recorded_and_the_feed_is_asked_first(
    tmp_path: Path,
) -> None:
    with Server({"/feed": reply("<html><body>Welcome</body></html>")}) as server:
        list_ = "".join(
            f"<h2><a href='/2026/03/0{n}/a-story-that-ran-on-day-{n}'>A headline that is long "
            f"enough, number {n}</a></h2>"
            for n in range(1, 6)
        )
        server.routes["/list"] = reply(
            f"<html><body><main>{list_}</main></body></html>", ETag='"l"'
        )
        fallback = f"listing {server.url('/list')}"
        config = watch(server, source(server, "feed", fallback=(fallback,)))

        def mended(time: Time) -> None:
            [told] = rows(tmp_path, "select served_by, failures, etag, notes from sources")
            assert told[:3] == (fallback, 0, ""), "validators of the list are not the feed's"
            assert "not a feed" in str(told[3])
            hour_later(time)
            server.routes["/feed"] = feed(item(server.url("/2026/03/09/x")))

        tallies = passes(config, tmp_path, hour_later, mended)
        first = tallies[0].of("feed")
        assert first.seen == 5 and not first.error
        asked = rows(tmp_path, "select class, url from fetches where source_id is not null")
        assert asked[:2] == [("ok", server.url("/list")), ("not_a_feed", server.url("/feed"))]
        assert rows(tmp_path, "select served_by, notes from sources") == [("", "")]


def day_later(time: Time) -> None:
    time.now += timedelta(days=1, minutes=1)


def asked_feeds(server: Server) -> list[str]:
    return [path for path in server.paths() if path in ("/old", "/new")]


GO = b"HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("days", [1, 5])
def test_a_feed_that_was_redirected_is_read_at_its_own_address_again(
    days: int, tmp_path: Path
) -> None:
    with Server({"/story": story(), "/again": story("The ferry is back")}) as server:
        server.routes |= {"/old": GO, "/new": feed(item(server.url("/story")))}
        config = watch(server, source(server, "old"))

        def back(time: Time) -> None:
            assert asked_feeds(server) == ["/old", "/new"] * (days + 1)
            [row] = rows(tmp_path, "select moved_to, url, failures from sources")
            assert row == (server.url("/new"), server.url("/old"), 0)
            day_later(time)
            server.routes["/old"] = feed(item(server.url("/again")))

        passes(config, tmp_path, *[day_later] * days, back, day_later)
        assert asked_feeds(server)[-2:] == ["/old"] * 2
        assert rows(tmp_path, "select moved_to, failures from sources") == [("", 0)]
        assert len(rows(tmp_path, "select id from articles")) == 2


@pytest.mark.parametrize(("days", "stands_in"), [(1, False), (5, True)])
def test_where_a_feed_has_moved_for_days_its_new_address_stands_in_for_the_old_one(
    days: int, stands_in: bool, tmp_path: Path
) -> None:
    with Server({"/story": story(), "/late": story("The ferry is late")}) as server:
        server.routes |= {"/old": GO, "/new": feed(item(server.url("/story")))}
        config = watch(server, source(server, "old"))

        def gone(time: Time) -> None:
            day_later(time)
            server.routes |= {"/old": reply("", 404), "/new": feed(item(server.url("/late")))}

        tallies = passes(config, tmp_path, *[day_later] * days, gone, *[day_later] * 3)
        assert bool(tallies[-1].of("old").error) is not stands_in
        assert len(rows(tmp_path, "select id from articles")) == (2 if stands_in else 1)
        [(moved_to,)] = rows(tmp_path, "select moved_to from sources")
        assert moved_to == server.url("/new"), "what stands in does not take the move back"


def test_a_feed_that_says_it_has_moved_and_stays_as_it_is_is_read_where_it_went(
    tmp_path: Path,
) -> None:
    with Server({"/story": story(), "/late": story("The ferry is late")}) as server:
        new = f"<itunes:new-feed-url>{server.url('/new')}</itunes:new-feed-url>"
        old = feed(item(server.url("/story"))).replace(b"<channel>", f"<channel>{new}".encode())
        old = old.replace(
            b"<rss ", b"<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
        )
        body = old.partition(b"\r\n\r\n")[2].decode()
        server.routes |= {"/old": reply(body, **XML), "/new": feed(item(server.url("/late")))}
        passes(watch(server, source(server, "old")), tmp_path, *[day_later] * 5)
        assert asked_feeds(server) == ["/old"] * 3 + ["/old", "/new"] * 3
        assert len(rows(tmp_path, "select id from articles")) == 2


def test_validators_of_a_feed_that_stood_in_are_not_sent_to_the_one_that_is_back(
    tmp_path: Path,
) -> None:
    when = "Tue, 10 Mar 2026 12:00:00 GMT"
    with Server({"/story": story()}) as server:
        server.routes |= {"/old": GO, "/new": reply(feed().partition(b"\r\n\r\n")[2].decode())}
        body = feed(item(server.url("/story"))).partition(b"\r\n\r\n")[2].decode()
        server.routes["/new"] = reply(body, ETag='"new"', Last_Modified=when, **XML)
        passes(watch(server, source(server, "old")), tmp_path)
        assert rows(tmp_path, "select etag, last_modified from sources") == [("", "")]


def test_an_entry_is_evidence_where_the_page_is_a_wall_and_never_its_text(tmp_path: Path) -> None:
    wall = reply(
        "<html><head><title>Just a moment...</title></head><body>Checking your browser before "
        "accessing the site.</body></html>",
        403,
        cf_mitigated="challenge",
    )
    whole = "".join(f"<p>{line}</p>" for line in LINES)
    with Server({"/story": wall, "/fine": story()}) as server:
        server.routes["/feed"] = feed(
            item(server.url("/story"), whole), item(server.url("/fine"), whole)
        )
        passes(watch(server, source(server, "feed")), tmp_path)
    assert rows(tmp_path, "select p.url from articles a join pages p on p.id = a.id") == [
        (server.url("/fine"),)
    ]
    [(text, why, url)] = rows(
        tmp_path, "select e.text, e.why, p.url from entry_texts e join pages p on p.id = e.page_id"
    )
    assert str(text).splitlines() == LINES and why == "challenge" and "/story" in str(url)
    [(note,)] = rows(tmp_path, "select note from candidates where field = 'text'")
    assert "100%" in str(note)
    [(evidence,)] = rows(tmp_path, "select evidence from fetches where class = 'challenge'")
    assert "the entry of source feed holds" in str(evidence)
    shown = CliRunner().invoke(
        main, ["--archive", str(tmp_path), "show", server.url("/story"), "--feeds"]
    )
    assert shown.exit_code == 0 and LINES[0] in shown.stdout and "challenge" in shown.stdout
    none = CliRunner().invoke(
        main, ["--archive", str(tmp_path), "show", server.url("/fine"), "--feeds"]
    )
    assert none.exit_code == 0 and "no feed entry is kept" in none.stderr


def test_a_second_opinion_is_kept_only_where_it_says_something_else() -> None:
    text = "\n".join(LINES)
    link = Link(url="https://a.example/1", source="s", content=text)
    same = Attempt(link=link, at=START, verdict=Verdict(kind="article"), article=Article(text=text))
    assert attach_entry_text(same).link.content == ""
    other = attach_entry_text(
        replace(same, article=Article(text="Something else altogether. " * 20))
    )
    assert other.link.content == text
    assert other.article is not None and "0%" in other.article.candidates[-1].note
    unchanged = Attempt(link=link, at=START, verdict=Verdict(kind="unchanged"))
    assert attach_entry_text(unchanged).link.content == ""
    failed = Attempt(link=link, at=START, error_class="timeout")
    assert attach_entry_text(failed) == failed
    assert overlap("", "x") >= 0 and overlap("ab", "xaby") == 1


def warc(path: Path, pages: Mapping[str, bytes]) -> None:
    """Write captures, each a gzip member of its own."""
    records = []
    for number, (url, body) in enumerate(pages.items()):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:{path.stem}:{number}>\r\n"
            f"WARC-Date: 2026-03-10T08:00:00Z\r\nWARC-Target-URI: {url}\r\n"
            "Content-Type: application/http;msgtype=response\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + block + b"\r\n\r\n"))
    path.write_bytes(b"".join(records))


def test_a_watched_folder_of_captures_brings_what_is_new_in_it(tmp_path: Path) -> None:
    crawls = tmp_path / "crawls"
    crawls.mkdir()
    html = story().partition(b"\r\n\r\n")[2]
    warc(crawls / "one.warc.gz", {"https://a.example/2026/1": html})
    with Server({}) as server:
        config = watch(server, Source(name="crawl", kind="warc", url=str(crawls), outlet="Crawl"))

        def another(time: Time) -> None:
            hour_later(time)
            warc(
                crawls / "two.warc.gz",
                {"https://a.example/2026/2": html.replace(b"Ferry", b"Tram")},
            )

        def broken(time: Time) -> None:
            hour_later(time)
            (crawls / "three.warc.gz").write_bytes((crawls / "two.warc.gz").read_bytes()[:200])

        tallies = passes(config, tmp_path / "archive", hour_later, another, broken)
    assert [tally.of("crawl").seen for tally in tallies[:3]] == [1, 0, 1]
    assert [tally.of("crawl").kept for tally in tallies[:3]] == [1, 0, 1]
    assert "three.warc.gz" in tallies[3].of("crawl").error
    assert rows(
        tmp_path / "archive",
        "select p.url from sightings i join pages p on p.id = i.page_id order by 1",
    ) == [("https://a.example/2026/1",), ("https://a.example/2026/2",)]


def test_a_list_of_addresses_on_this_machine(tmp_path: Path) -> None:
    with Server({"/story": story()}) as server:
        (tmp_path / "list.txt").write_text(f"# mine\n{server.url('/story')}\n")
        place = str(tmp_path / "list.txt")
        config = watch(
            server,
            Source(name="list", kind="urls", url=place, outlet="L"),
            Source(name="gone", kind="urls", url=f"{place}.gone", outlet="L"),
        )
        [tally] = passes(config, tmp_path / "archive")
    assert tally.of("list").kept == 1
    assert "No such file" in tally.of("gone").error


# sources.toml, edited in place


TOML = """\
# What we watch.

# --- one ---

[[source]]
name = "one"          # the first
kind = "feed"
url = "https://one.example/feed"
outlet = "One"
include = [
  "/20\\\\d\\\\d/",   # dated
]

# --- two ---
# and its comment

[[source]]
name = "two"
kind = 'listing'
url = "https://two.example/"
outlet = "Two"

# The end.
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(TOML, encoding="utf-8")
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    return path


def test_edits_leave_everything_else_as_it_was(toml: Path) -> None:
    file = SourcesFile(toml)
    file.set("one", "enabled", False)
    assert file.text == TOML.replace("]\n\n# --- two", "]\nenabled = false\n\n# --- two")
    file.unset("one", "enabled")
    assert file.text == TOML
    file.set("two", "kind", "feed")
    assert file.text == TOML.replace("'listing'", '"feed"')
    file.set("two", "kind", "listing")
    file.remove("one")
    for kept in ("# What we watch.", "# --- one ---", "# --- two ---", "# and its comment"):
        assert kept in file.text
    assert 'name = "one"' not in file.text and "# The end." in file.text
    new = Source(name="new", kind="feed", url="https://n.example/", outlet='"N" \\ 新')
    file.add(new)
    file.save()
    assert [s.name for s in load_config(toml.parent).sources] == ["two", "new"]
    assert load_config(toml.parent).sources[1] == new


def test_what_cannot_be_edited_is_told_and_left_alone(toml: Path) -> None:
    file = SourcesFile(toml)
    with pytest.raises(UsageError, match="no source is named"):
        file.remove("three")
    toml.write_text('source = [{name = "a", kind = "feed"}, {name = "b", kind = "feed"}]\n')
    with pytest.raises(ConfigError, match="write each source as"):
        SourcesFile(toml).remove("a")
    toml.write_text("[[source]\n")
    with pytest.raises(ConfigError, match="cannot be edited"):
        SourcesFile(toml)


def test_a_block_holds_what_is_not_as_it_would_be_anyway() -> None:
    shown = block_of(
        Source(name="a", kind="feed", url="https://a.example/", outlet="A", include=("x", "y"))
    )
    assert shown == (
        '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/"\noutlet = "A"\n'
        'include = ["x", "y"]\n'
    )


OPML = (
    "<?xml version='1.0'?><!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
    "<opml version='2.0'><body><outline text='Tech'>"
    "<outline type='rss' text='The &amp; Example' xmlUrl='https://a.example/feed' "
    "language='zh-tw'/>"
    "<outline type='rss' text='again' xmlUrl='https://a.example/feed'/>"
    "<outline type='rss' text='&x;' xmlUrl='https://blog.b.example/tech/rss.xml'/>"
    "<outline type='rss' text='local' xmlUrl='file:///etc/passwd'/>"
    "<outline type='link' text='a link' url='https://c.example/'/></outline></body></opml>"
)


def test_subscriptions_of_another_reader() -> None:
    feeds, others = read_opml(OPML.encode(), "x.opml")
    assert [(feed.url, feed.language) for feed in feeds] == [
        ("https://a.example/feed", "zh-Hant"),
        ("https://blog.b.example/tech/rss.xml", ""),
    ]
    assert (feeds[0].title, others) == ("The & Example", 2)
    for wrong in (b"", b"<rss/>", b"<html><body/></html>", b"\x00\xff"):
        with pytest.raises(UsageError, match="is not OPML"):
            read_opml(wrong, "x.opml")


def test_opml_that_is_nearly_right_names_the_feeds_that_were_meant() -> None:
    body = """Notice: on line 3
    <?xml version="1.0" encoding="gb2312"?><opml version="1.0"><body><outline text="镕">
    <outline text="AT&T 朱镕基" xmlUrl="https://a.example/f?x=1&y=2"/>
    <outline text="B" XMLURL="feed://b.example/f"/><outline text="C" xmlUrl="feed:https://c.example/f"/>
    <outline text="D" xmlUrl="d.example/f"/><outline text="E" xmlUrl="../f.xml"/></outline>"""
    feeds, others = read_opml(body.encode("gb18030"), "x.opml")
    assert [(feed.title, feed.url) for feed in feeds] == [
        ("AT&T 朱镕基", "https://a.example/f?x=1&y=2"),
        ("B", "https://b.example/f"),
        ("C", "https://c.example/f"),
        ("D", "https://d.example/f"),
    ]
    assert others == 1


def test_opml_that_we_write_is_read_again() -> None:
    sources = load_config().sources
    feeds, others = read_opml(write_opml(sources, START), "ours.opml")
    assert [feed.url for feed in feeds] == [s.url for s in sources if s.kind == "feed"]
    assert others == sum(s.kind != "feed" for s in sources)


def test_names_are_short_and_free() -> None:
    taken: set[str] = set()
    names = []
    for url in (
        "https://www.example.com/feed",
        "https://blog.example.com/rss.xml",
        "https://example.com/category/ai/feed/",
        "https://example.com/feed/",
        "http://127.0.0.1:8000/feed",
    ):
        names.append(name_for(url, taken))
        taken.add(names[-1])
    assert names == ["example", "example-blog", "example-category-ai", "example-2", "127-0-0-1"]


# The command line


def cli(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["--config", str(folder), "--archive", str(folder / "archive"), "sources", *words]
    )


@pytest.fixture
def folder(toml: Path) -> Path:
    return toml.parent


def loopback(folder: Path, server: Server) -> None:
    (folder / "settings.toml").write_text(
        f'[fetch]\nallow_private = ["127.0.0.0/8"]\nports = [{server.port}]\ndelay = 0\n'
        "read_timeout = 1.5\n"
    )


def test_add_finds_the_feed_and_writes_its_block_once(folder: Path) -> None:
    with Server({}) as server:
        loopback(folder, server)
        server.routes = {
            "/": reply(
                "<html lang='zh-TW'><head><title>海港報 - 首頁</title><link rel=alternate "
                "type=application/rss+xml href=/feed></head><body>News</body></html>",
                Content_Type="text/html; charset=utf-8",
            ),
            "/feed": feed(
                *(item(server.url(f"/2026/{n}"), title="渡輪公司公開模型") for n in range(7))
            ),
        }
        url = server.url("/", "ferry.localhost")
        before = (folder / "sources.toml").read_text()
        dry = cli(folder, "add", url, "--dry-run")
        assert dry.exit_code == 0 and (folder / "sources.toml").read_text() == before
        done = cli(folder, "add", url, "--topic", "only")
        assert done.exit_code == 0, done.output
        assert done.stdout.count("渡輪公司公開模型") == 5, "five sample entries"
        twice = cli(folder, "add", server.url("/feed", "ferry.localhost"))
        assert twice.exit_code == 2 and "already watched by the source ferry" in twice.stderr
    assert (folder / "sources.toml").read_text().startswith(before)
    added = load_config(folder).sources[-1]
    assert (added.name, added.kind, added.outlet) == ("ferry", "feed", "海港報")
    assert (added.language, added.zone, added.topic) == ("zh-Hant", "Asia/Taipei", "only")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "http://nobody.localhost:{port}/"], "404"),
        (["add", "ftp://a.example/"], "http://"),
        (["add", "http://ferry.localhost:{port}/plain"], "nothing to watch"),
        (["add", "https://one.example/feed"], "already watched"),
        (["add", "http://ferry.localhost:{port}/", "--name", "one"], "the name one is taken"),
        (["check", "three"], "no source is named"),
        (["remove", "three"], "no source is named"),
        (["pause", "three"], "no source is named"),
        (["import", "missing.opml"], "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(folder: Path, words: list[str], said: str) -> None:
    with Server({"/plain": reply("<html><body>nothing</body></html>")}) as server:
        server.routes["/"] = reply("", 404)
        loopback(folder, server)
        before = (folder / "sources.toml").read_text()
        result = cli(folder, *(word.format(port=server.port) for word in words))
        assert result.exit_code in (1, 2)
        assert said in result.stderr.splitlines()[-1]
        assert "Traceback" not in result.output
        assert (folder / "sources.toml").read_text() == before


def test_check_gives_a_verdict_for_each_stage_and_records_nothing(folder: Path) -> None:
    with Server(
        {"/story": story(), "/robots.txt": reply("User-agent: *\nDisallow: /no")}
    ) as server:
        loopback(folder, server)
        server.routes |= {
            "/good": feed(item(server.url("/missing")), item(server.url("/story"))),
            "/html": reply("<html><body>Welcome</body></html>"),
            "/wall": feed(item(server.url("/login"))),
            "/login": reply("<html><head><title>Log in</title></head><body>Log in</body></html>"),
            "/missing": reply("", 404),
        }
        paths = {
            "good": "/good",
            "no": "/no/feed",
            "gone": "/gone",
            "html": "/html",
            "wall": "/wall",
        }
        server.routes["/gone"] = reply("", 410)
        blocks = [block_of(source(server, name, path)) for name, path in paths.items()]
        (folder / "sources.toml").write_text("\n".join(blocks))
        result = cli(folder, "check", "--json")
        assert result.exit_code == 1
        told = {row["name"]: row for row in json.loads(result.stdout)["checks"]}
        bad = {
            name: next((s for s, v in row["stages"].items() if v["outcome"] == "bad"), "")
            for name, row in told.items()
        }
        assert bad == {
            "good": "",
            "no": "robots",
            "gone": "fetch",
            "html": "parse",
            "wall": "judge",
        }
        assert told["good"]["sample"]["title"] == "Ferry model opened"
        one = cli(folder, "check", "good", "--note")
        assert one.exit_code == 0 and "verdict  works" in one.stdout
        assert load_config(folder).sources[0].verified.startswith("worked on ")
        table = cli(folder, "check", "good", "gone")
        assert "1 of 2 sources work" in table.stdout and "removed for good" in table.stdout
    assert not (folder / "archive").exists()


def test_pause_resume_remove_and_list(folder: Path) -> None:
    assert cli(folder, "pause", "one").exit_code == 0
    assert not load_config(folder).sources[0].enabled
    shown = cli(folder, "list").stdout
    assert "paused" in shown and "never visited" in shown and "2 sources, 1 paused" in shown
    assert cli(folder, "resume", "one").exit_code == 0
    assert (folder / "sources.toml").read_text() == TOML
    assert cli(folder, "remove", "one", "two").exit_code == 0
    assert load_config(folder).sources == ()
    assert "no source is watched" in cli(folder, "list").stdout


def test_import_and_export(folder: Path) -> None:
    (folder / "x.opml").write_text(OPML.replace("b.example", "one.example"))
    result = cli(folder, "import", str(folder / "x.opml"))
    assert result.exit_code == 0
    assert "2 feeds added, 0 watched already, 2 entries are not feeds" in result.stderr
    again = cli(folder, "import", str(folder / "x.opml"))
    assert "0 feeds added, 2 watched already" in again.stderr
    whole = cli(folder, "export", "--format", "toml").stdout
    sources = load_config(folder).sources
    (folder / "sources.toml").write_text(whole)
    assert load_config(folder).sources == sources
    out = folder / "out.opml"
    assert cli(folder, "export", str(out)).exit_code == 0
    assert cli(folder, "export", str(out)).exit_code == 2, "nothing is overwritten"
    assert len(read_opml(out.read_bytes(), "out")[0]) == 3


def test_list_tells_how_sources_fare(folder: Path) -> None:
    with Server({"/story": story(), "/bad": reply("", 500)}) as server:
        loopback(folder, server)
        server.routes["/good"] = feed(item(server.url("/story")))
        blocks = [block_of(source(server, name)) for name in ("good", "bad")]
        (folder / "sources.toml").write_text("\n".join(blocks))
        options = ["--config", str(folder), "--archive", str(folder / "archive"), "-q"]
        assert CliRunner().invoke(main, [*options, "collect"]).exit_code == 1
        shown = cli(folder, "list").stdout
        listed = json.loads(cli(folder, "list", "--json").stdout)["sources"]
        told = {row["name"]: row["health"] for row in listed}
    good, bad = shown.splitlines()[2:4]
    assert good.split()[-1] == "ok" and "0 min ago" in good and "in 1 h" in good
    assert "failed: " in bad and "500" in bad and "1 failing" in shown
    assert told["good"]["articles"] == 1 and told["bad"]["failures"] == 1
