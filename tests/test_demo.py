"""The demo newsroom: what it serves, what it does over simulated time, and what it knows of it."""

from __future__ import annotations

import asyncio
import gzip
import html
import http.client
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.config import load_config
from scraper.demo import OPENS, PASSES, Newsroom, Truth
from scraper.demo.layout import relative_time
from scraper.demo.markup import lines_of, parse, to_html
from scraper.demo.stories import play, read_stories
from scraper.discovery import discover
from scraper.extraction import extract
from scraper.models import Page, Source
from scraper.toml_file import shipped_config

Reply = tuple[int, dict[str, str], bytes]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = PASSES[0]

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def newsroom(clock: Clock) -> Iterator[Newsroom]:
    with Newsroom(clock=clock) as room:
        yield room


@pytest.fixture(autouse=True)
def opening(clock: Clock) -> None:
    clock.now = PASSES[0]


def ask(room: Newsroom, url: str, method: str = "GET", **headers: str) -> Reply:
    """Ask for an address over a real socket, without resolving its host name."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=20)
    try:
        sent = {"Host": parts.netloc} | {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, url.partition(parts.netloc)[2] or "/", headers=sent)
        response = connection.getresponse()
        body = response.read()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, body
    finally:
        connection.close()


def truth(room: Newsroom, story: str, at: datetime | None = None) -> Truth:
    return next(known for known in room.truth(at) if known.story == story)


def source(room: Newsroom, name: str) -> Source:
    return next(known for known in room.sources() if known.name == name)


def shown(body: bytes, charset: str) -> str:
    """The characters of a page without its tags and without white space."""
    text = re.sub(r"<[^>]+>", "", body.decode(charset))
    return re.sub(r"\s", "", html.unescape(text))


def page_urls(known: Truth) -> list[str]:
    """Addresses of an article's pages."""
    first = known.url
    return [
        first if number == 1 else first.replace(".html", f"_{number}.html")
        for number in range(1, len(known.page_lines) + 1)
    ]


def found_by(room: Newsroom, watched: Source, at: datetime) -> dict[str, str]:
    """Addresses, without parameters, and headlines that our own discovery finds."""

    async def get(url: str, **_: object) -> Page:
        status, headers, body = ask(room, url)
        return Page(
            url=url, final_url=url, status=status, headers=headers, body=body, fetched_at=at
        )

    links = asyncio.run(discover(watched, get, at=at)).links
    return {link.url.partition("?")[0]: link.title for link in links}


# --- what it serves ------------------------------------------------------------------------------


@pytest.mark.parametrize("at", PASSES)
@pytest.mark.parametrize("index", range(7))
def test_sources_list_what_is_live_and_the_corners(
    newsroom: Newsroom, clock: Clock, index: int, at: datetime
) -> None:
    clock.now = at
    watched = newsroom.sources()[index]
    live = {
        known.listed: known.title
        for known in newsroom.truth()
        if known.outlet == watched.outlet and known.state == "live"
    }
    corners = {
        url: corner.title for url, corner in newsroom.corners() if corner.outlet == watched.name
    }
    assert len(live) >= 2
    assert found_by(newsroom, watched, at) == live | corners


@pytest.mark.parametrize("at", PASSES)
def test_pages_say_what_is_true(newsroom: Newsroom, clock: Clock, at: datetime) -> None:
    clock.now = at
    for known in newsroom.truth():
        if known.state != "live":
            continue
        charset = "gb18030" if known.outlet == "辰光网" else "utf-8"
        for url, lines in zip(page_urls(known), known.page_lines, strict=True):
            status, _, body = ask(newsroom, url)
            assert status == 200
            text = shown(body, charset)
            for line in (known.title, *lines):
                for cell in line.split(" | "):
                    assert re.sub(r"\s", "", cell) in text, (known.story, cell)


def test_there_are_seven_outlets_of_our_own_in_three_kinds_of_writing(newsroom: Newsroom) -> None:
    sources = newsroom.sources()
    assert [s.language for s in sources] == [
        "en",
        "zh-Hans",
        "zh-Hant",
        "en",
        "en",
        "zh-Hans",
        "en",
    ]
    assert {s.kind for s in sources} == {"feed", "listing", "sitemap"}
    per_outlet = [
        sum(known.outlet == s.outlet for known in newsroom.truth(PASSES[-1])) for s in sources
    ]
    assert all(4 <= count <= 8 for count in per_outlet)


def test_portal_declares_gb2312_and_sends_gb18030(newsroom: Newsroom) -> None:
    story = truth(newsroom, "chenguang/lingjie-open-weights")
    _, headers, body = ask(newsroom, story.url)
    assert headers["content-type"] == "text/html"
    assert b"charset=gb2312" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")
    assert "喻䶮" in body.decode("gb18030")


def test_same_story_stands_in_both_scripts(newsroom: Newsroom) -> None:
    simplified = truth(newsroom, "chenguang/lingjie-open-weights")
    traditional = truth(newsroom, "daoyu/lingjie-open-weights")
    assert (simplified.script, traditional.script) == ("Hans", "Hant")
    told = [line for line in simplified.lines if line not in simplified.optional]
    retold = [line for line in traditional.lines if line not in traditional.optional]
    assert len(told) == len(retold)
    assert traditional.optional[0] == "（文/沈知行 編輯/葉青禾）"
    assert "训练" in simplified.text and "訓練" in traditional.text


def test_feeds_and_sitemaps_are_well_formed(newsroom: Newsroom) -> None:
    for name in ("ledger", "daoyu", "digest", "nanan"):
        status, _, body = ask(newsroom, source(newsroom, name).url)
        assert status == 200
        ElementTree.fromstring(body)
    _, _, body = ask(newsroom, newsroom.url("nanan", "/sitemap-news.xml"))
    assert "南岸财经".encode() in body
    ElementTree.fromstring(body)


def test_robots_forbid_what_a_feed_lists(newsroom: Newsroom) -> None:
    (url, corner), *_ = [c for c in newsroom.corners() if c[1].expect == "robots_denied"]
    _, headers, body = ask(newsroom, newsroom.url(corner.outlet, "/robots.txt"))
    rules = [line.removeprefix("Disallow: ") for line in body.decode().splitlines()[1:]]
    assert headers["content-type"].startswith("text/plain")
    assert any(urlsplit(url).path.startswith(rule) for rule in rules)
    _, _, body = ask(newsroom, newsroom.url("nanan", "/robots.txt"))
    assert f"Sitemap: {source(newsroom, 'nanan').url}" in body.decode()


def test_corners_answer_as_they_should(newsroom: Newsroom) -> None:
    status = {corner.expect: ask(newsroom, url)[0] for url, corner in newsroom.corners()}
    assert status == {
        "blocked_page": 200,
        "soft_404": 200,
        "gone": 404,
        "robots_denied": 200,
        "http_error": 500,
    }


def test_unknown_addresses_and_hosts_are_404(newsroom: Newsroom) -> None:
    assert ask(newsroom, newsroom.url("ledger", "/nothing-here"))[0] == 404
    assert ask(newsroom, f"http://nobody.localhost:{newsroom.port}/")[0] == 404
    assert ask(newsroom, newsroom.url("ledger", "/"), method="POST")[0] == 501
    status, _, body = ask(newsroom, f"http://127.0.0.1:{newsroom.port}/")
    assert status == 200 and b"ledger.localhost" in body


def test_a_port_that_is_taken_is_told(newsroom: Newsroom) -> None:
    done = CliRunner().invoke(main, ["demo", "--port", str(newsroom.port)])
    assert done.exit_code == 2
    assert f"nothing can listen at port {newsroom.port}" in done.output
    assert "--port 0" in done.output


def test_head_has_the_headers_and_no_body(newsroom: Newsroom) -> None:
    url = truth(newsroom, "notes/keeping-old-weights").url
    status, got, body = ask(newsroom, url)
    head_status, head, nothing = ask(newsroom, url, method="HEAD")
    assert (head_status, nothing) == (status, b"")
    assert head["etag"] == got["etag"] and int(head["content-length"]) == len(body)


def test_old_addresses_redirect(newsroom: Newsroom) -> None:
    moved = truth(newsroom, "ledger/insurers-model-cards")
    status, headers, _ = ask(newsroom, moved.listed)
    assert moved.listed != moved.url
    assert (status, headers["location"]) == (301, moved.url)


def test_gzip_only_for_those_who_ask(newsroom: Newsroom) -> None:
    url = truth(newsroom, "ledger/customs-desk-open-models").url
    assert "content-encoding" not in ask(newsroom, url)[1]
    _, headers, body = ask(newsroom, url, Accept_Encoding="gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert b"Perpetua Lund" in gzip.decompress(body)


def test_pictures_are_drawn_here(newsroom: Newsroom) -> None:
    for known in newsroom.truth(PASSES[-1]):
        _, _, body = ask(newsroom, known.url)
        outside = re.findall(rb'(?:src|href)="(https?://[^"/:]+)', body)
        assert all(host.endswith(b".localhost") for host in outside), known.story
    status, headers, body = ask(newsroom, newsroom.url("ledger", "/img/customs-hall.svg"))
    assert (status, headers["content-type"]) == (200, "image/svg+xml")
    ElementTree.fromstring(body)


# --- what it does over time ----------------------------------------------------------------------


def test_flapping_furniture_is_no_edit(newsroom: Newsroom) -> None:
    for story in ("ledger/customs-desk-open-models", "chenguang/lingjie-open-weights"):
        before = truth(newsroom, story)
        _, first, one = ask(newsroom, before.url)
        _, second, two = ask(newsroom, before.url)
        assert one != two
        assert first.get("etag") == second.get("etag")
        assert first["last-modified"] == second["last-modified"]
        assert truth(newsroom, story) == before


@pytest.mark.parametrize(
    ("story", "validator", "condition"),
    [
        ("ledger/customs-desk-open-models", "etag", "If_None_Match"),
        ("ledger/customs-desk-open-models", "last-modified", "If_Modified_Since"),
        ("chenguang/lingjie-open-weights", "last-modified", "If_Modified_Since"),
    ],
)
def test_conditional_requests_see_edits(
    newsroom: Newsroom, clock: Clock, story: str, validator: str, condition: str
) -> None:
    url = truth(newsroom, story).url
    value = ask(newsroom, url)[1][validator]
    status, headers, body = ask(newsroom, url, **{condition: value})
    assert (status, body) == (304, b"") and headers[validator] == value
    clock.now = PASSES[1]
    status, headers, _ = ask(newsroom, url, **{condition: value})
    assert status == 200 and headers[validator] != value


def test_lists_are_unchanged_until_something_happens(newsroom: Newsroom, clock: Clock) -> None:
    url = source(newsroom, "ledger").url
    tag = ask(newsroom, url)[1]["etag"]
    assert ask(newsroom, url, If_None_Match=f'"other", {tag}')[0] == 304
    clock.now = PASSES[0] + timedelta(minutes=5)
    assert ask(newsroom, url, If_None_Match=tag)[0] == 304
    clock.now = PASSES[1]
    assert ask(newsroom, url, If_None_Match=tag)[0] == 200


def test_outlets_edit_silently_correct_and_retitle(newsroom: Newsroom) -> None:
    def change(story: str) -> tuple[Truth, Truth]:
        return truth(newsroom, story, PASSES[0]), truth(newsroom, story, PASSES[2])

    old, new = change("chenguang/lingjie-open-weights")
    assert "460万元" in old.text and "460万元" not in new.text and "640万元" in new.text
    old, new = change("digest/lingjie-summary")
    assert "Tao Jie" in old.text and "Tao Zhe" in new.text and old.version + 1 == new.version
    old, new = change("chenguang/library-archive")
    assert len(new.lines) == len(old.lines) - 1
    old, new = change("ledger/translation-cooperative")
    assert new.lines[-1].startswith("Correction, 10 December") and "Nineteen" not in new.lines[0]
    old, new = change("daoyu/lingjie-open-weights")
    assert new.lines[-1].startswith("更正：") and old.title != new.title
    old, new = change("ledger/insurers-model-cards")
    assert old.title != new.title and old.lines == new.lines
    old, new = change("answers/what-is-an-open-model")
    assert new.lines[: len(old.lines)] == old.lines and len(new.lines) > len(old.lines)


def test_outlets_remove_and_restore(newsroom: Newsroom, clock: Clock) -> None:
    def answers(story: str) -> list[int]:
        found = []
        for clock.now in PASSES:
            found.append(ask(newsroom, truth(newsroom, story).url)[0])
        return found

    assert answers("ledger/night-shift-rota") == [200, 410, 410]
    assert answers("nanan/memory-prices") == [200, 200, 404]
    assert answers("daoyu/wafer-school-kit") == [200, 410, 200]
    assert answers("chenguang/talent-rumour") == [200, 200, 200]
    clock.now = PASSES[1]
    notice = truth(newsroom, "chenguang/talent-rumour")
    assert notice.state == "notice"
    assert "该内容已被发布者删除" in ask(newsroom, notice.url)[2].decode("gb18030")


def test_something_new_at_each_pass(newsroom: Newsroom) -> None:
    counts = [len(newsroom.truth(at)) for at in PASSES]
    assert counts[0] < counts[1] < counts[2] == len(read_stories())
    late = newsroom.truth(PASSES[-1] + timedelta(days=30))
    assert late == tuple(
        known if known.published_within == after.published_within else after
        for known, after in zip(newsroom.truth(PASSES[-1]), late, strict=True)
    )


def test_every_change_applies() -> None:
    for story in read_stories():
        assert play(story, story.published - timedelta(seconds=1)) is None
        last = story.published
        for change in story.changes:
            assert change.at > last, f"{story.id}: changes must be in order of time"
            state = play(story, change.at)
            assert state is not None
            last = change.at


def test_recent_times_are_printed_relative(newsroom: Newsroom, clock: Clock) -> None:
    fresh = truth(newsroom, "nanan/memory-prices")
    assert fresh.published_within == timedelta(hours=1)
    assert "3小时前" in ask(newsroom, fresh.url)[2].decode()
    clock.now = PASSES[1]
    assert "2025-12-08 05:00" in ask(newsroom, fresh.url)[2].decode()


@pytest.mark.parametrize(
    ("age", "printed"),
    [
        (timedelta(seconds=30), "刚刚"),
        (timedelta(minutes=5, seconds=59), "5分钟前"),
        (timedelta(hours=3, minutes=59), "3小时前"),
        (timedelta(days=1), "2025-12-07 08:00"),
    ],
)
def test_relative_time(age: timedelta, printed: str) -> None:
    assert relative_time(OPENS - age, OPENS) == printed


# --- its own machinery ---------------------------------------------------------------------------


def test_hits_are_logged_in_order(clock: Clock) -> None:
    with Newsroom(clock=clock) as room:
        ask(room, room.url("ledger", "/feed.xml?x=1"), User_Agent="tester/1", If_None_Match='"a"')
        ask(room, room.url("notes", "/robots.txt"), method="HEAD")
        first, second = room.hits
    assert (first.host, first.path, first.method, first.status) == (
        "ledger.localhost",
        "/feed.xml?x=1",
        "GET",
        200,
    )
    assert first.user_agent == "tester/1" and first.conditional and not second.conditional
    assert first.started <= first.ended <= second.started <= second.ended
    assert (second.host, second.method) == ("notes.localhost", "HEAD")


def test_closing_does_not_wait_for_idle_clients(clock: Clock) -> None:
    room = Newsroom(clock=clock)
    with socket.create_connection(("127.0.0.1", room.port), timeout=20) as idle:
        idle.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: ledger.localhost\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        room.close()
        while idle.recv(4096):
            pass
    room.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", room.port), timeout=20).close()


def test_written_configuration_watches_the_newsroom(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.write_config(tmp_path / "config", shipped_config())
    config = load_config(tmp_path / "config")
    assert config.sources == newsroom.sources()
    assert newsroom.port in config.fetch.ports and config.fetch.allow_private == ("127.0.0.0/8",)
    copied = {path.name for path in shipped_config().glob("*.toml")}
    assert {path.name for path in (tmp_path / "config").iterdir()} == copied


def test_markup_gives_html_and_lines() -> None:
    blocks = parse(
        "One **bold** [link](/x) & more.\n\n## Head\n\n> Said.\n\n- a\n- b\n\n1. c\n\n"
        "| x | y |\n| 1 | 2 |\n\n![Seen.](pic)"
    )
    assert lines_of(blocks) == (
        "One bold link & more.", "Head", "Said.", "a", "b", "c", "x | y", "1 | 2", "Seen.",
    )  # fmt: skip
    made = to_html(blocks)
    assert '<p>One <strong>bold</strong> <a href="/x">link</a> &amp; more.</p>' in made
    assert "<th>x</th>" in made and "<td>2</td>" in made
    assert "<figcaption>Seen.</figcaption>" in made


# --- what must come out of it --------------------------------------------------------------------


def last_live(story_id: str) -> datetime:
    """The last pass at which a story can be read."""
    story = next(story for story in read_stories() if story.id == story_id)
    return max(at for at in PASSES if (state := play(story, at)) is not None and state.live)


@pytest.mark.parametrize("story", [story.id for story in read_stories()])
def test_story_comes_out_exactly(newsroom: Newsroom, clock: Clock, story: str) -> None:
    clock.now = last_live(story)
    known = truth(newsroom, story)
    zone = source(newsroom, story.partition("/")[0]).zone
    for number, url in enumerate(page_urls(known)):
        _, headers, body = ask(newsroom, url)
        article = extract(body, url, headers, fetched_at=clock.now.astimezone(UTC), zone=zone)
        kept = [line for line in article.text.splitlines() if line not in known.optional]
        assert kept == [line for line in known.page_lines[number] if line not in known.optional]
        if number == 0:
            assert article.title == known.title
            assert article.authors == known.authors
            assert (article.outlet, article.source) == (known.outlet, known.source)
            assert (article.language, article.script) == (known.language, known.script)
            assert article.published is not None
            assert abs(article.published - known.published) <= known.published_within
            assert article.next_url == (page_urls(known)[1] if len(known.page_lines) > 1 else "")


@pytest.mark.parametrize("story", [story.id for story in read_stories()])
def test_what_flaps_around_a_text_never_changes_it(
    newsroom: Newsroom, clock: Clock, story: str
) -> None:
    zone = source(newsroom, story.partition("/")[0]).zone
    texts: dict[int, set[str]] = {}
    for clock.now in (*PASSES, PASSES[-1] + timedelta(hours=9), PASSES[-1] + timedelta(days=3)):
        for known in newsroom.truth():
            if known.story == story and known.state == "live":
                _, headers, body = ask(newsroom, known.url)
                article = extract(body, known.url, headers, fetched_at=clock.now, zone=zone)
                texts.setdefault(known.version, set()).add(article.text)
    assert {version: len(found) for version, found in texts.items()} == dict.fromkeys(texts, 1)


@pytest.mark.parametrize("story", [story.id for story in read_stories() if story.changes])
def test_edits_change_only_what_was_edited(newsroom: Newsroom, clock: Clock, story: str) -> None:
    zone = source(newsroom, story.partition("/")[0]).zone
    seen: list[tuple[set[str], set[str]]] = []
    for clock.now in PASSES:
        for known in newsroom.truth():
            if known.story == story and known.state == "live":
                _, headers, body = ask(newsroom, known.url)
                article = extract(body, known.url, headers, fetched_at=clock.now, zone=zone)
                seen.append((set(known.lines), set(article.text.splitlines())))
    for (old, got_old), (new, got_new) in pairwise(seen):
        assert got_new - got_old <= new - old
        assert got_old - got_new <= old - new
