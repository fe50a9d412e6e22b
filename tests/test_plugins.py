"""Plugins are installed as others install them, and used; one that fails costs only itself."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.archiving import article, opened
from tests.gauntlet.server import Server, reply
from tests.test_sources import story

EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "plugin"


def environment(site: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(site)}


def scraper(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scraper", *words], capture_output=True, text=True, check=False,
        env=environment(site),
    )  # fmt: skip


def install(site: Path, module: str, source: str, name: str = "") -> None:
    """Lay a module and its metadata where an installer lays them."""
    site.mkdir(exist_ok=True)
    (site / f"{module}.py").write_text(source)
    about = site / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[scraper]\n{name or module} = {module}\n")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Return a folder of packages with the example in it, under the name that it gives itself."""
    about = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())
    ((name, module),) = about["project"]["entry-points"]["scraper"].items()
    site = tmp_path / "site"
    install(site, module, (EXAMPLE / f"{module}.py").read_text(), name)
    return site


def configure(folder: Path, server: Server, source: str = "", alerts: str = "") -> list[str]:
    """Write a configuration; return the options that name it and an archive."""
    folder.mkdir(exist_ok=True)
    (folder / "settings.toml").write_text(
        f'[fetch]\ndelay = 0\nports = [{server.port}]\nallow_private = ["127.0.0.0/8", "::1/128"]\n'
        "[parse]\nworkers = 1\ntimeout = 2.0\n"
    )
    (folder / "sources.toml").write_text(source)
    (folder / "alerts.toml").write_text(alerts)
    return ["--config", str(folder), "--archive", str(folder / "archive")]


def source_of(kind: str, url: str, name: str = "harbour") -> str:
    return f'[[source]]\nname = "{name}"\nkind = "{kind}"\nurl = "{url}"\noutlet = "Harbour"\n'


def reading(folder: Path) -> sqlite3.Connection:
    """Open an archive without making it, should it not be there yet."""
    return sqlite3.connect(f"file:{folder}/archive/archive.db?mode=ro", uri=True)


def fetches(folder: Path) -> list[tuple[str, str, str]]:
    with reading(folder) as database:
        return database.execute(
            "select class, coalesce(message, ''), url from fetches order by id"
        ).fetchall()


def titles(folder: Path) -> list[str]:
    with reading(folder) as database:
        return [title for (title,) in database.execute("select title from articles order by title")]


def test_the_example_is_of_twenty_lines() -> None:
    lines = (EXAMPLE / "scraper_headlines.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 22, "twenty, its docstring and imports"


def test_the_example_adds_a_format(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())
    listed = scraper(example, "export", "--formats")
    assert "a line for each article" in listed.stdout
    target = tmp_path / "x.headlines"
    done = scraper(example, "--archive", str(folder), "export", "--to", str(target))
    assert done.returncode == 0, done.stderr
    assert target.read_text() == "Harbour reopens  https://ledger.example/news/1\n"


def test_the_example_adds_a_kind_of_source_and_a_rule(example: Path, tmp_path: Path) -> None:
    with Server({}) as server:
        listed = [
            {"link": server.url("/a/1"), "name": "Ferry model opened"},
            {"link": server.url("/a/2"), "name": "Index: all of it"},
            {"link": "/a/3", "name": "A third"},
        ]
        server.routes["/list"] = reply(json.dumps(listed))
        server.routes["/a/1"] = story("Ferry model opened", "One line that is the first's alone.")
        server.routes["/a/2"] = story("Index: all of it", "One line that is the second's alone.")
        server.routes["/a/3"] = story("Port office moves", "One line that is the third's alone.")
        options = configure(tmp_path, server, source_of("json-list", server.url("/list")))
        checked = scraper(example, *options, "sources", "check", "harbour")
        assert checked.returncode == 0 and "3 articles" in checked.stdout, checked.stdout
        collected = scraper(example, *options, "collect")
        assert collected.returncode == 0, collected.stderr
    assert titles(tmp_path) == ["Ferry model opened", "Port office moves"]
    refused = [row for row in fetches(tmp_path) if row[0] == "listing"]
    (row,) = refused
    assert row[1] == "plugin headlines, rule index-pages: its headline says so"
    assert row[2].endswith("/a/2")


def test_the_example_adds_a_sink(example: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    with Server({}) as server:
        alerts = f'[[sink]]\nname = "desk"\nkind = "file"\nurl = "{told}"\n'
        options = configure(tmp_path, server, alerts=alerts)
        done = scraper(example, *options, "alerts", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "desk (file:…): accepted" in done.stdout
    assert "This message tests the sink desk" in told.read_text()


def test_plugins_are_listed_with_what_they_add(example: Path) -> None:
    install(example, "broken_one", "import nothing_like_it\n")
    install(example, "idle_one", "")
    done = scraper(example, "plugins")
    assert done.returncode == 1, "one could not be loaded"
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "headlines kind of source json-list" in rows
    assert "headlines verdict rule index-pages" in rows
    assert "broken_one could not be loaded" in rows and "idle_one nothing" in rows
    assert "plugin broken_one: loading it raised ModuleNotFoundError" in done.stderr


def test_a_broken_plugin_costs_only_itself(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(site, "broken_one", "import nothing_like_it\n")
    install(site, "leaving", "raise SystemExit(3)\n")
    install(
        site, "raising",
        "from scraper.plugins import hookimpl\n"
        "@hookimpl\ndef export_formats():\n    raise ValueError('no format today')\n",
    )  # fmt: skip
    install(
        site, "taken_name",
        "from scraper.exchange.formats import ExportFormat\nfrom scraper.plugins import hookimpl\n"
        "@hookimpl\ndef export_formats():\n"
        "    return [ExportFormat(name='jsonl', suffixes=(), summary='', to='stream',"
        " write=lambda chosen, out: out.write(b'mine')), 5]\n",
    )  # fmt: skip
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())
    done = scraper(site, "--archive", str(folder), "export", "--format", "jsonl")
    assert done.returncode == 0
    assert json.loads(done.stdout)["title"] == "Harbour reopens"
    assert "plugin broken_one: loading it raised" in done.stderr
    assert "plugin leaving: loading it raised SystemExit: 3" in done.stderr
    assert "plugin raising: export_formats raised ValueError: no format today" in done.stderr
    assert "taken_name: its format jsonl is passed over" in done.stderr
    assert "taken_name: export_formats: 5 is passed over" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_format_that_fails_is_named_and_leaves_no_file(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(
        site, "half_way",
        "from scraper.exchange.formats import ExportFormat\nfrom scraper.plugins import hookimpl\n"
        "def write(chosen, out):\n    out.write(b'half')\n    raise KeyError('way')\n"
        "@hookimpl\ndef export_formats():\n"
        "    return [ExportFormat(name='half', suffixes=('.half',), summary='', to='stream',"
        " write=write)]\n",
    )  # fmt: skip
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        archive.record(article())
    target = tmp_path / "x.half"
    done = scraper(site, "--archive", str(folder), "export", "--to", str(target))
    assert done.returncode == 1
    assert "plugin half_way: format half raised KeyError: 'way'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*x.half*"))


FAULTY = """
import os
import time

from scraper.plugins import SinkKind, SourceReader, VerdictRule, hookimpl


class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(one)


def read(body, url):
    yield from body.decode().split()
    yield 7
    raise Odd("after", "all")


def hang(*args):
    while True:
        time.sleep(1)


def odd(*args):
    raise Odd("not", "today")


def die(*args):
    os._exit(3)


rules = {"a-raises": odd, "b-hangs": hang, "c-dies": die, "d-babbles": lambda page: "listing"}


@hookimpl
def source_readers():
    return [
        SourceReader(name="words", read=read),
        SourceReader(name="silence", read=hang),
        SourceReader(name="noise", read=odd),
    ]


@hookimpl
def alert_sinks():
    return [SinkKind(name="pit", send=hang), SinkKind(name="wall", send=lambda *args: "not today")]


@hookimpl
def verdict_rules():
    return [VerdictRule(name=name, judge=judge) for name, judge in rules.items()]
"""


def test_no_fault_of_a_plugin_loses_an_article_or_stops_the_daemon(tmp_path: Path) -> None:
    install(tmp_path / "site", "faulty", FAULTY)
    with Server({}) as server:
        server.routes |= {
            f"/a/{n}": story(f"Story {n} of the port", f"It is story {n} of the port's master.")
            for n in range(5)
        }
        server.routes["/words"] = reply(" ".join(server.url(f"/a/{n}") for n in range(5)))
        sources = "".join(
            source_of(kind, server.url("/words"), kind) for kind in ("words", "silence", "noise")
        )
        alerts = "".join(
            f'[[sink]]\nname = "{kind}"\nkind = "{kind}"\nurl = "x"\n' for kind in ("pit", "wall")
        )
        alerts += '[[rule]]\nname = "up"\nkind = "daemon_restarted"\nsinks = ["pit", "wall"]\n'
        options = configure(tmp_path, server, sources, alerts)
        daemon = subprocess.Popen(
            [sys.executable, "-m", "scraper", *options, "daemon", "--every", "5"],
            stderr=subprocess.PIPE, text=True, env=environment(tmp_path / "site"),
        )  # fmt: skip
        try:
            _wait_for(lambda: len(titles(tmp_path)) == 5 and _alerts_failed(tmp_path) == 2, daemon)
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, logged = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, logged
    assert "Traceback" not in logged
    kept = [
        message for class_, message, url in fetches(tmp_path) if class_ == "ok" and "/a/" in url
    ]
    assert len(kept) == 5
    first = kept[0]
    assert "plugin faulty: rule a-raises raised" in first and "Odd: not" in first
    assert "plugin faulty: rule b-hangs was stopped: the page could not be read within 2 s" in first
    assert "plugin faulty: rule c-dies was stopped" in first
    assert "plugin faulty: rule d-babbles gave str" in first
    # A rule that has to be stopped again and again is not asked any more.
    assert "rule b-hangs is not asked: it had to be stopped 3 times" in kept[-1]
    with reading(tmp_path) as database:
        visits = dict(
            database.execute(
                "select s.name, f.class || ' ' || f.message from fetches f join sources s"
                " on s.id = f.source_id where f.page_id is null order by f.id desc"
            )
        )
    assert visits["silence"].startswith("plugin plugin faulty: kind silence was stopped")
    assert visits["noise"].startswith("plugin plugin faulty: kind noise raised")
    assert "words: plugin faulty: kind words raised faulty.Odd: after" in logged
    assert "words: 1 entries that the plugin gave have no address" in logged
    assert "plugin faulty: sink pit was stopped" in logged
    assert "plugin faulty: sink wall: not today" in logged


def _alerts_failed(folder: Path) -> int:
    with reading(folder) as database:
        return database.execute(
            "select count(*) from alert_messages where attempts > 0 and error != ''"
        ).fetchone()[0]


def _wait_for(holds, daemon: subprocess.Popen) -> None:
    until = time.monotonic() + 100
    while time.monotonic() < until and daemon.poll() is None:
        try:
            if holds():
                return
        except sqlite3.Error:
            pass  # the archive is being made
        time.sleep(0.3)
