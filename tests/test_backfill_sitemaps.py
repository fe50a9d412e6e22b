"""Backfill from a site's sitemaps: those of the time, each page once, politely."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive import Archive
from scraper.cli import main
from scraper.discovery.sitemap_archive import Span, named_span
from tests.gauntlet.server import Server, reply
from tests.test_sources import story


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def urlset(*entries: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<url><loc>{url}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>"
        for url, at in entries
    )
    return reply(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')


def index(*entries: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</sitemap>"
        for url, at in entries
    )
    return reply(
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    )


def site(server: Server) -> None:
    """Lay a site with an index of monthly sitemaps, as many press sites have it."""
    at = server.url
    months = ("2023-11", "2023-12", "2024-01", "2024-02", "2024-03")
    server.routes |= {
        "/robots.txt": reply(f"User-agent: *\nDisallow:\nSitemap: {at('/sitemaps.xml')}\n"),
        "/sitemaps.xml": index(
            # Changed later than its month says, as after a correction; the first not since then.
            (at("/sitemap-2023-11.xml"), "2023-12-01"),
            *((at(f"/sitemap-{month}.xml"), "2024-05-01") for month in months[1:]),
            (at("/sitemap-pages.xml"), ""),
            ("https://elsewhere.example/sitemap-2024-01.xml", ""),
        ),
        "/sitemap-pages.xml": urlset(
            (at("/about"), ""), (at("/2024/01/31/dated-by-its-path"), ""),
            (at("/late"), "2024-02-20"),
        ),
    }  # fmt: skip
    for month in months:
        server.routes[f"/sitemap-{month}.xml"] = urlset(
            (at(f"/news/{month}-a"), f"{month}-05T10:00:00Z"), (at(f"/news/{month}-b"), ""),
        )  # fmt: skip
    pages = [f"/news/{month}-{one}" for month in months for one in "ab"]
    for number, path in enumerate([*pages, "/about", "/2024/01/31/dated-by-its-path", "/late"]):
        server.routes[path] = story(
            f"Story {number} of the port", f"It is story {number} of the port's master."
        )


def backfill(
    folder: Path, server: Server, *words: str, kind: str = "feed", url: str = "/feed"
) -> Result:
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.toml").write_text(
        f"[fetch]\ncontact = 'me@example.com'\ndelay = 0.0\nports = [{server.port}]\n"
        "allow_private = ['127.0.0.0/8']\n[parse]\ntimeout = 60.0\nworkers = 1\n"
    )
    (config / "sources.toml").write_text(
        f"[[source]]\nname = 'port'\nkind = '{kind}'\nurl = '{server.url(url)}'\noutlet = 'Port'\n"
    )
    return CliRunner().invoke(
        main,
        ["--archive", str(folder / "archive"), "--config", str(config), "backfill", "port",
         "--since", "2024-01-01", "--until", "2024-03-01", *words],
    )  # fmt: skip


def asked(server: Server) -> list[str]:
    return server.paths()


IN_TIME = {
    "/news/2024-01-a", "/news/2024-01-b", "/news/2024-02-a", "/news/2024-02-b",
    "/2024/01/31/dated-by-its-path", "/late",
}  # fmt: skip


def test_the_documents_of_the_time_are_read_and_their_pages_fetched_once(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with Server({}) as server:
        site(server)
        done = backfill(tmp_path, server)
        assert done.exit_code == 0, done.output
        assert {
            path for path in asked(server) if path in set(server.routes) and story_like(path)
        } == (IN_TIME)
        assert "/sitemap-2023-11.xml" not in asked(server), "nothing in it changed since"
        assert "1 address left out: nothing tells their time" in done.output, "/about"
        with Archive(tmp_path / "archive") as archive:
            rows = [archive.find(server.url(path)) for path in IN_TIME]
            assert len(archive.select().ids) == len(IN_TIME)
            assert all(row.first_seen_at >= before for row in rows), "they were seen today"
            assert {row.outlet for row in rows} == {"Port"}
        server.asked.clear()
        again = json.loads(backfill(tmp_path, server, "--json").stdout)
        assert not [path for path in asked(server) if story_like(path)], "none is fetched again"
    assert (again["total"]["kept"], again["total"]["known"]) == (0, len(IN_TIME))
    assert again["undated"] == 1


def story_like(path: str) -> bool:
    return not path.startswith("/sitemap") and path != "/feed"


def test_after_an_interruption_the_rest_is_fetched(tmp_path: Path) -> None:
    with Server({}) as server:
        site(server)
        lost = server.routes.pop("/news/2024-02-a")
        refused = reply("<title>Shop</title><p>Nothing to read.</p>")
        server.routes["/news/2024-02-b"] = refused
        server.routes["/news/2024-02-a"] = reply("", status=503)
        first = backfill(tmp_path, server)
        assert first.exit_code == 1
        server.routes["/news/2024-02-a"] = lost
        server.asked.clear()
        assert backfill(tmp_path, server).exit_code == 0
        assert [path for path in asked(server) if story_like(path)] == ["/news/2024-02-a"], (
            "what failed is tried again, what was refused is not"
        )


def test_a_document_that_fails_is_told_and_costs_none_of_the_others(tmp_path: Path) -> None:
    with Server({}) as server:
        site(server)
        server.routes["/sitemap-2024-01.xml"] = reply("<html><title>no</title></html>")
        server.routes["/sitemap-pages.xml"] = reply("", status=404)
        done = backfill(tmp_path, server)
    assert done.exit_code == 1
    assert "/sitemap-2024-01.xml is a web page" in done.output
    assert "/sitemap-pages.xml answered with status 404" in done.output
    with Archive(tmp_path / "archive") as archive:
        assert len(archive.select().ids) == 2


def test_undated_addresses_come_where_that_is_asked_for(tmp_path: Path) -> None:
    with Server({}) as server:
        site(server)
        done = backfill(tmp_path, server, "--undated", "--json")
        assert done.exit_code == 0, done.output
        assert "/about" in asked(server)


@pytest.mark.parametrize(
    ("words", "kind", "url"),
    [
        (("--sitemap", "/deep/sitemap.xml"), "feed", "/feed"),
        ((), "sitemap", "/deep/sitemap.xml"),
        ((), "feed", "/feed"),
    ],
    ids=["named by hand", "a source of the kind", "in its usual place"],
)
def test_a_sitemap_is_found(tmp_path: Path, words: Sequence[str], kind: str, url: str) -> None:
    with Server({}) as server:
        listed = urlset(
            (server.url("/news/1"), "2024-02-02"), (server.url("/news/2"), "2022-02-02")
        )
        server.routes["/robots.txt"] = reply("", status=404)
        place = "/deep/sitemap.xml" if "deep" in " ".join((*words, url)) else "/sitemap.xml"
        server.routes[place] = listed
        server.routes["/news/1"] = story("Story of the port", "It is a story of the port.")
        given = [server.url(word) if word.startswith("/") else word for word in words]
        done = backfill(tmp_path, server, *given, kind=kind, url=url)
        assert done.exit_code == 0, done.output
        assert [path for path in asked(server) if path.startswith("/news")] == ["/news/1"]


def test_without_a_sitemap_it_is_said_where_one_was_looked_for(tmp_path: Path) -> None:
    with Server({}) as server:
        done = backfill(tmp_path, server)
    assert done.exit_code == 1
    assert "no sitemap was found" in done.output and "--sitemap URL" in done.output


@pytest.mark.parametrize(
    ("url", "first", "after"),
    [
        ("https://a.example/sitemap-2024-05.xml", "2024-05-01", "2024-06-01"),
        ("https://a.example/sitemap_202412.xml.gz", "2024-12-01", "2025-01-01"),
        ("https://a.example/2024/05/31/story", "2024-05-31", "2024-06-01"),
        ("https://a.example/news/2024/0531/c1001-40247.html", "2024-05-31", "2024-06-01"),
        ("https://a.example/20240531/x", "2024-05-31", "2024-06-01"),
        ("https://a.example/2024/2024-05-story", "2024-05-01", "2024-06-01"),
        ("https://a.example/sitemap-2019.xml", "2019-01-01", "2020-01-01"),
    ],
)
def test_an_address_names_its_time(url: str, first: str, after: str) -> None:
    assert named_span(url) == Span(day(first), day(after))


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/story",
        "https://a.example/123456789",
        "https://a.example/2024/05/looking-back-at-2019",
        "https://a.example/20241399/x?date=2024-05-01",
        "https://2024.example/",
        "https://a.example/2024/02/31/x",
    ],
)
def test_an_address_that_names_none_or_several_names_none(url: str) -> None:
    found = named_span(url)
    assert found is None


@given(st.text(max_size=40))
def test_no_address_does_more_than_name_a_time(path: str) -> None:
    found = named_span(f"https://a.example/{path}")
    assert found is None or found.first < found.after
