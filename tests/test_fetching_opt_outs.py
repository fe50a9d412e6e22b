"""What publishers reserve: read wherever it may stand, honoured, and recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper import Archive
from scraper.archive.records import FetchRow
from scraper.cli import main
from scraper.config import load_config
from scraper.errors import NotFound
from scraper.fetching.opt_outs import (
    forbids_archiving,
    host_reservations,
    join_robots_tags,
    page_reservations,
)
from scraper.models import Page
from scraper.pipeline import LinkOutcome, Pipeline
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.trial import settings_for

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORY = (
    "The harbour council agreed on Monday to publish the model behind its ferry timetable, so that "
    "anyone may download, inspect and change it. The manager told passengers that the weights were "
    "theirs in the first place, since twenty years of their journeys had gone into them.</p><p>The "
    "council paid a third of the cost on the condition that the training log comes with the model."
)


def kinds(headers: Mapping[str, str], html: str = "") -> list[str]:
    return [r.kind for r in page_reservations(headers, html, agent="Scraper", now=NOW)]


def meta(name: str, content: str) -> str:
    return f'<html><head><META NAME="{name}" content="{content}"></head><body>x</body></html>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("noarchive", ["noarchive"]),
        ("NOINDEX, NoArchive", ["noarchive"]),
        ("nocache", ["noarchive"]),
        ("noai, noimageai", ["noai", "noai"]),
        ("none", []),
        ("all", []),
        ("max-snippet:-1, max-image-preview:large", []),
        ("googlebot: noarchive", []),
        ("googlebot: noindex, noarchive", []),
        ("scraper: noarchive", ["noarchive"]),
        ("googlebot: nofollow, scraper: noarchive", ["noarchive"]),
        ("noarchive, googlebot: noindex", ["noarchive"]),
        ("*: noarchive", ["noarchive"]),
        ("unavailable_after: 25 Feb 2026 15:00:00 PST", ["expired"]),
        ("unavailable_after: Sunday, 01-Mar-26 11:00:00 GMT, noarchive", ["expired", "noarchive"]),
        ("noindex, unavailable_after: Mon, 02 Mar 2026 11:00:00 GMT", ["unavailable_after"]),
        ("unavailable_after: 2026-02-28", ["expired"]),
        ("unavailable_after: 2026-03-01T13:30:00+01:00", ["unavailable_after"]),
        ("otherbot: unavailable_after: 25 Jun 2010 15:00:00 PST", []),
        ("unavailable_after: soon", []),
        ("", []),
        (", ,:,", []),
    ],
)
def test_directives_of_the_header_and_of_the_meta_element(value: str, expected: list[str]) -> None:
    assert kinds({"x-robots-tag": value}) == expected
    assert kinds({}, meta("robots", value)) == expected


def test_an_element_named_for_us_counts_and_one_for_others_does_not() -> None:
    assert kinds({}, meta("scraper", "noarchive")) == ["noarchive"]
    assert kinds({}, meta("googlebot", "noarchive")) == []
    assert kinds({}, meta("description", "noarchive")) == []


def test_several_headers_keep_their_addressees_apart() -> None:
    joined = join_robots_tags(["googlebot: noindex", "noarchive", "otherbot: noai"])
    assert kinds({"x-robots-tag": joined}) == ["noarchive"]
    assert kinds({"x-robots-tag": join_robots_tags(["googlebot: noindex", "noai"])}) == ["noai"]
    late = ["otherbot: noindex", "unavailable_after: 1 Jan 2020 00:00:00 GMT"]
    assert kinds({"x-robots-tag": join_robots_tags(late)}) == ["expired"]


def test_reservations_of_text_and_data_mining() -> None:
    policy = {"tdm-reservation": "1", "tdm-policy": "https://h.example/policy.json"}
    (found,) = page_reservations(policy, "", agent="scraper", now=NOW)
    assert (found.kind, found.origin, found.value) == (
        "tdm", "tdm-reservation header", "https://h.example/policy.json"
    )  # fmt: skip
    # What the page says comes before what its header says (TDMRep, section 3).
    assert kinds(policy, meta("tdm-reservation", "0")) == ["tdm-allowed"]
    assert kinds({}, meta("tdm-reservation", "1")) == ["tdm"]
    assert kinds({"tdm-reservation": "perhaps"}) == []


TDMREP = json.dumps(
    [
        {"location": "/open/", "tdm-reservation": 0},
        {"location": "/*/story-*.html$", "tdm-reservation": 1, "tdm-policy": "https://h/p"},
        {"location": "/all", "tdm-reservation": 1},
    ]
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2026/story-1.html", ["tdm"]),
        ("/2026/story-1.html?x=1", []),
        ("/open/story-1.html", []),
        ("/all/things", ["tdm"]),
        ("/other", []),
    ],
)
def test_tdmrep_rules_are_matched_in_order(path: str, expected: list[str]) -> None:
    found = host_reservations(f"https://h.example{path}", tdmrep=TDMREP, ai_txt="", agent="scraper")
    assert [one.kind for one in found] == expected


@pytest.mark.parametrize("text", ["{}", "[1, null]", "nonsense", "[" * 9000, '[{"location": 3}]'])
def test_a_file_that_is_none_reserves_nothing(text: str) -> None:
    assert host_reservations("https://h.example/a", tdmrep=text, ai_txt=text, agent="scraper") == ()


def test_ai_txt_is_read_like_robots_txt() -> None:
    def found(text: str, path: str = "/a.html") -> int:
        url = f"https://h.example{path}"
        return len(host_reservations(url, tdmrep="", ai_txt=text, agent="scraper"))

    assert found("User-Agent: *\nDisallow: *.html\n") == 1
    assert found("User-Agent: *\nDisallow: *.jpg\n") == 0
    assert found("User-Agent: *\nDisallow: /\n") == 1
    assert found("User-Agent: otherbot\nDisallow: /\n") == 0
    assert found("<html>User-Agent: *\nDisallow: /</html>") == 0


def test_only_a_wish_about_copies_forbids_them() -> None:
    def forbids(value: str) -> bool:
        return forbids_archiving(
            page_reservations({"x-robots-tag": value}, "", agent="scraper", now=NOW)
        )

    assert forbids("noarchive")
    assert forbids("unavailable_after: 2020-01-01")
    assert not forbids("noai, unavailable_after: 2030-01-01")


def story(*, head: str = "", **headers: str) -> bytes:
    return reply(
        f"<html><head><title>Ferry model opened</title>{head}"
        '<meta property="article:published_time" content="2026-02-02T10:00:00Z"></head>'
        f"<body><article><h1>Ferry model opened</h1><p>{STORY}</p></article></body></html>",
        **headers,
    )


def run(
    server: Server, folder: Path, *paths: str, **changes: object
) -> tuple[list[LinkOutcome], list[FetchRow]]:
    """Fetch paths into an archive; return the outcomes and the row of each last fetch."""
    config = replace(load_config(), fetch=settings_for(server.port, **changes))

    async def fetch() -> list[LinkOutcome]:
        async with Pipeline(config, open_archive=lambda: Archive(folder)) as pipeline:
            return [outcome async for outcome in pipeline.fetch([server.url(p) for p in paths])]

    outcomes = asyncio.run(fetch())
    with Archive(folder, create=False) as archive:
        return outcomes, [archive.fetches(server.url(path))[-1] for path in paths]


NOARCHIVE: dict[str, Script] = {
    "meta": story(head='<meta name="robots" content="noarchive">'),
    "header": story(X_Robots_Tag="noarchive"),
    "expired": story(X_Robots_Tag="unavailable_after: 1 Jan 2020 00:00:00 GMT"),
}


@pytest.mark.parametrize("name", NOARCHIVE)
def test_of_a_page_that_is_not_to_be_archived_only_metadata_is(name: str, tmp_path: Path) -> None:
    with Server({"/a": NOARCHIVE[name]}) as server:
        (outcome,), (row,) = run(server, tmp_path, "/a")
        assert (outcome.recorded.outcome, outcome.recorded.reason) == ("rejected", "noarchive")
        assert row.error_class == "noarchive"
        assert row.reservations
        assert row.body == "", "the raw page is not kept either"
        with (
            Archive(tmp_path, create=False) as archive,
            pytest.raises(NotFound, match=r"Ferry model opened.*2026-02-02"),
        ):
            archive.find(server.url("/a"))
    for file in tmp_path.iterdir():
        assert b"twenty years of their journeys" not in file.read_bytes(), file.name


def test_settings_may_keep_the_text_for_private_reading(tmp_path: Path) -> None:
    with Server({"/a": NOARCHIVE["header"]}) as server:
        (outcome,), (row,) = run(server, tmp_path, "/a", keep_noarchive=True)
        assert outcome.recorded.outcome == "kept"
        assert [one.kind for one in row.reservations] == ["noarchive"]
        shown = CliRunner().invoke(main, ["--archive", str(tmp_path), "show", "1"])
        assert "for private reading only" in shown.stderr
        assert "twenty years of their journeys" in shown.stdout
        assert "private reading" not in shown.stdout


def test_a_wall_that_is_not_to_be_archived_leaves_no_body(tmp_path: Path) -> None:
    wall = reply("<title>Just a moment...</title><p>Checking your browser.</p>",
                 X_Robots_Tag="noarchive")  # fmt: skip
    with Server({"/a": wall}) as server:
        _, (row,) = run(server, tmp_path, "/a")
    assert (row.error_class, row.body) == ("challenge", "")


def test_reservations_of_the_host_are_noted_and_asked_for_once(tmp_path: Path) -> None:
    routes = {
        "/a": story(), "/b": story(head="<!-- b -->"),
        "/ai.txt": reply("User-Agent: *\nDisallow: /\n", Content_Type="text/plain"),
        "/.well-known/tdmrep.json": reply('[{"location": "/", "tdm-reservation": 1}]',
                                          Content_Type="application/json"),
    }  # fmt: skip
    with Server(routes) as server:
        _, rows = run(server, tmp_path, "/a", "/b")
        run(server, tmp_path, "/a")
        for row in rows:
            assert [(one.kind, one.origin) for one in row.reservations] == [
                ("tdm", "tdmrep.json"), ("noai", "ai.txt")
            ]  # fmt: skip
        paths = server.paths()
        assert (paths.count("/ai.txt"), paths.count("/.well-known/tdmrep.json")) == (1, 1)
        with Archive(tmp_path, create=False) as archive:
            assert [one.kind for one in archive.reservations(1)] == ["tdm", "noai"]


def test_a_page_that_was_saved_elsewhere_is_no_reason_to_ask_its_host(tmp_path: Path) -> None:
    with Server({}) as server:
        config = replace(load_config(), fetch=settings_for(server.port))
        body = story().partition(b"\r\n\r\n")[2]
        page = Page(
            url=server.url("/a"), final_url=server.url("/a"), status=200, body=body,
            headers={"content-type": "text/html"}, fetched_at=NOW,
        )  # fmt: skip

        async def read() -> str:
            async with Pipeline(config, open_archive=lambda: Archive(tmp_path)) as pipeline:
                return (await pipeline.read_saved(page)).recorded.outcome

        assert asyncio.run(read()) == "kept"
        assert server.asked == []


def test_hosts_are_not_asked_for_reservations_where_settings_say_no(tmp_path: Path) -> None:
    with Server({"/a": story()}) as server:
        _, (row,) = run(server, tmp_path, "/a", ask_reservations=False)
        assert server.paths() == ["/a"]
        assert row.reservations == ()


def test_what_robots_txt_forbids_is_recorded_as_the_publishers_no(tmp_path: Path) -> None:
    robots = reply("User-agent: scraper\nDisallow: /\n", Content_Type="text/plain")
    with Server({"/robots.txt": robots, "/a": story()}) as server:
        (outcome,), (row,) = run(server, tmp_path, "/a")
        assert (outcome.recorded.outcome, row.error_class) == ("rejected", "robots_denied")
        assert server.paths() == []


@pytest.mark.parametrize("text", ["<meta " * 40_000, "<meta name=robots " + "a" * 200_000])
def test_hostile_markup_is_passed_over(text: str) -> None:
    # Bounded by the suite's limit of time: an expression that backtracks never comes back.
    value = "a:" * 2000 + "," * 2000
    assert kinds({"x-robots-tag": value}, text + " noarchive") == []
