"""A kind of source is added in one place, and everything that deals with sources takes it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.config import load_config
from scraper.discovery.visit import Entry, Visit
from scraper.models import Discovery
from scraper.models.source_kinds import SOURCE_KINDS, SourceKind
from tests.gauntlet.server import Server, reply
from tests.test_sources import START, Time, passes, story, watch


async def read_channel(visit: Visit) -> Discovery:
    """Read a channel: a page of addresses with ``+`` before each, as no other kind has them."""
    page = await visit.page(visit.source.url)
    lines = page.body.decode().splitlines()
    links = visit.links([Entry(url=line[1:]) for line in lines if line.startswith("+")], 10)
    return Discovery(links=links, pages=(page,), window=visit.window(links))


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> SourceKind:
    kind = SourceKind(name="channel", reader=f"{__name__}:read_channel", paced=True, fallback=True)
    monkeypatch.setitem(SOURCE_KINDS, kind.name, kind)
    return kind


def write(folder: Path, server: Server) -> Path:
    settings = (
        f'[fetch]\ndelay = 0\nports = [{server.port}]\nallow_private = ["127.0.0.0/8", "::1/128"]\n'
    )
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    url = server.url("/channel")
    (folder / "sources.toml").write_text(
        f'[[source]]\nname = "c"\nkind = "channel"\nurl = "{url}"\noutlet = "C"\n'
        f'fallback = ["channel {url}2"]\n',
        encoding="utf-8",
    )
    return folder


def test_a_new_kind_is_configured_checked_collected_and_paced(
    channel: SourceKind, tmp_path: Path
) -> None:
    with Server({}) as server:
        addresses = [server.url(f"/a/{n}") for n in range(8)]
        server.routes |= {
            f"/a/{n}": story(
                f"Story {n} of the harbour", f"It is story {n} of the harbour master's."
            )
            for n in range(8)
        }
        server.routes["/channel"] = reply("".join(f"+{url}\n" for url in addresses[:6]))
        config = load_config(write(tmp_path, server))
        assert config.sources[0].kind == "channel"

        options = ["--config", str(tmp_path), "--archive", str(tmp_path / "archive")]
        checked = CliRunner().invoke(main, [*options, "sources", "check", "c"])
        assert checked.exit_code == 0 and "6 articles" in checked.output

        def more(time: Time) -> None:
            server.routes["/channel"] = reply("".join(f"+{url}\n" for url in addresses))
            time.now = START + timedelta(hours=2)

        tallies = passes(watch(server, *config.sources), tmp_path, more)
        assert [tally.of("c").kept for tally in tallies] == [6, 2]
        with sqlite3.connect(tmp_path / "archive.db") as database:
            [(rate,)] = database.execute("select rate from sources where name = 'c'")
        assert rate > 0, "its pace is measured, so that its schedule follows it"


def test_without_its_line_the_kind_is_refused(tmp_path: Path) -> None:
    with Server({}) as server:
        options = ["--config", str(write(tmp_path, server)), "--archive", str(tmp_path / "archive")]
        result = CliRunner().invoke(main, [*options, "sources", "check"])
    assert result.exit_code == 2
    assert "kind = 'channel' is wrong (allowed: one of feed, sitemap" in result.output
