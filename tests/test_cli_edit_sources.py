"""Addresses, OPML and messages of `scraper sources` and `scraper fetch`, as a user meets them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.cli import main
from scraper.config import has_login
from tests.gauntlet.server import Server, reply

SECRET = "s3cret"
FEED = (
    "<rss version='2.0'><channel><title>Ferry</title><item><title>A</title>"
    "<link>https://ferry.example/a</link></item></channel></rss>"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({}) as running:
        yield running


def folder(place: Path, port: int = 80, more: str = "", sources: str = "") -> Path:
    private = f'ports = [{port}]\nallow_private = ["127.0.0.0/8", "::1/128"]\ndelay = 0\n'
    (place / "settings.toml").write_text(f"[fetch]\n{private}{more}", encoding="utf-8")
    (place / "sources.toml").write_text(sources, encoding="utf-8")
    return place


def cli(place: Path, *arguments: str) -> Result:
    options = ["--config", str(place), "--archive", str(place / "archive")]
    return CliRunner().invoke(main, [*options, *arguments])


def told(result: Result) -> list[str]:
    assert "Traceback" not in result.output
    return [line for line in result.output.splitlines() if line.startswith("scraper: ")]


@pytest.mark.parametrize(
    "address",
    [
        "https://ada:{}@ferry.example/feed",
        "HTTP://{}@ferry.example/",
        "https:\\\\ada:{}@ferry.example/",
        "https:/ada:{}@ferry.example/",
        "https:ada:{}@ferry.example/",
        "ada:{}@ferry.example/feed",
        "https://ada:p@{}@ferry.example/feed",
        "  https://ada:{}@ferry.example:8080/feed?x=1",
    ],
)
@pytest.mark.parametrize("command", [["fetch"], ["fetch", "--no-save"], ["sources", "add"]])
def test_a_user_name_or_password_in_an_address_is_refused_and_never_repeated(
    command: list[str], address: str, tmp_path: Path
) -> None:
    result = cli(folder(tmp_path), *command, address.format(SECRET))
    [line] = told(result)
    assert result.exit_code == 2
    assert "…@ferry.example" in line and "user name or password" in line
    assert SECRET not in result.output
    assert not (tmp_path / "archive").exists()


def test_the_address_of_a_saved_page_is_held_to_the_same(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    result = cli(
        folder(tmp_path), "fetch", "--html", str(page), "--url", f"https://{SECRET}@a.test/"
    )
    assert result.exit_code == 2 and SECRET not in result.output


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/@ada", False),
        ("https://a.example?m=a@b", False),
        ("https://a.example#a@b", False),
        ("a@b/list.txt", False),
        ("https://a@b/", True),
        ("https://@b/", True),
    ],
)
def test_only_what_stands_before_the_host_is_a_login(url: str, expected: bool) -> None:
    assert has_login(url) is expected


def test_feeds_with_a_login_are_left_out_of_an_import(tmp_path: Path) -> None:
    opml = tmp_path / "mine.opml"
    opml.write_text(
        f"<opml><body><outline xmlUrl='https://ada:{SECRET}@a.example/f'/>"
        "<outline xmlUrl='https://b.example/f'/></body></opml>",
        encoding="utf-8",
    )
    result = cli(folder(tmp_path), "sources", "import", str(opml))
    assert result.exit_code == 0
    assert "1 feed added, 0 watched already, 1 entry is not a feed" in result.output
    assert SECRET not in result.output
    assert SECRET not in (tmp_path / "sources.toml").read_text(encoding="utf-8")
    piped = CliRunner().invoke(
        main,
        ["--config", str(tmp_path), "sources", "import", "-", "--dry-run"],
        input=opml.read_bytes(),
    )
    assert "0 feeds to add, 1 watched already, 1 entry is not a feed" in piped.output


def test_a_login_in_a_feeds_own_links_is_left_out(tmp_path: Path, server: Server) -> None:
    host = server.url("/").removeprefix("http://").rstrip("/")
    link = f"http://ada:{SECRET}@{host}/a"
    server.routes["/feed"] = reply(FEED.replace("https://ferry.example/a", link))
    block = f'[[source]]\nname = "f"\nkind = "feed"\nurl = "{server.url("/feed")}"\noutlet = "F"\n'
    result = cli(folder(tmp_path, server.port, sources=block), "collect")
    assert SECRET not in result.output
    assert SECRET.encode() not in (tmp_path / "archive" / "archive.db").read_bytes()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"&" * 9_000_000, "is not OPML"),
        (b"<opml>" + b"&" * 9_000_000, "cannot be read within 1 s"),
        (b"<opml>" + b"x" * 11_000_000, "more than 10 MB"),
        (b"", "is not OPML"),
        (b"\x1f\x8b\x00", "is not OPML"),
    ],
    ids=["ampersands", "ampersands in OPML", "too large", "empty", "binary"],
)
def test_what_is_no_opml_or_too_much_is_one_line(body: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.opml"
    path.write_bytes(body)
    place = folder(tmp_path, more="[parse]\ntimeout = 1.0\n")
    before = (place / "sources.toml").read_bytes()
    result = cli(place, "sources", "import", str(path))
    [line] = told(result)
    assert result.exit_code == 2 and str(path) in line and said in line
    assert (place / "sources.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/feed", FEED, "a feed"),
        ("/atom", "<?xml version='1.0'?><!-- x --><feed xmlns='a'></feed>", "a feed"),
        ("/feed.json", '{"version": "https://jsonfeed.org/version/1.1", "items": []}', "a feed"),
        ("/map.xml", "<urlset><url><loc>https://a.example/1</loc></url></urlset>", "a sitemap"),
        ("/index.xml", "<sitemapindex></sitemapindex>", "a sitemap"),
    ],
)
def test_fetching_a_feed_or_sitemap_says_how_to_watch_it(
    path: str, body: str, kind: str, tmp_path: Path, server: Server
) -> None:
    server.routes[path] = reply(body)
    result = cli(folder(tmp_path, server.port), "fetch", server.url(path))
    assert result.exit_code == 1
    assert f"this is {kind}, not an article" in result.output
    assert f"scraper sources add {server.url(path)}" in result.output


def test_fetching_a_packed_sitemap_says_how_to_watch_it(tmp_path: Path, server: Server) -> None:
    packed = gzip.compress(b"<urlset></urlset>").decode("latin-1")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\nContent-Length: {len(packed)}"
    server.routes["/map.xml.gz"] = f"{head}\r\n\r\n{packed}".encode("latin-1")
    result = cli(folder(tmp_path, server.port), "fetch", server.url("/map.xml.gz"))
    assert "this is a sitemap, not an article" in result.output


def test_counts_agree_with_their_nouns(tmp_path: Path) -> None:
    block = (
        '[[source]]\nname = "{0}"\nkind = "feed"\nurl = "https://{0}.example/"\noutlet = "{0}"\n'
    )
    one = cli(folder(tmp_path, sources=block.format("a")), "sources", "list").output
    two = cli(
        folder(tmp_path, sources=block.format("a") + block.format("b")), "sources", "list"
    ).output
    assert "\n1 source; none has been visited yet" in one and "\n2 sources;" in two
    exported = cli(folder(tmp_path, sources=block.format("a")), "sources", "export",
                   str(tmp_path / "x.opml"))  # fmt: skip
    assert "1 source written to" in exported.output
