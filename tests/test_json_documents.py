"""What commands print as JSON that fetch, import and write; `tests.test_docs` has those that read.

No command may have JSON without a schema, and no schema may be of what nothing prints.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from click.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.alerts.messages import as_json
from scraper.browse import application
from scraper.cli import main
from scraper.cli.changes import _print_line
from scraper.cli.documents import DOCUMENTS
from scraper.cli.logs import JsonLines
from scraper.cli.schemas import schema_named
from scraper.models.alerts import Alert, AlertMessage
from tests.archiving import HOUR, START, article, opened
from tests.json_documents import READING, document, with_json

# Commands of which this file tries the document.
WRITING = {"fetch", "collect", "import", "merge", "backfill", "sources check", "verify"}
# What other tests of this file print, not commands that have --json.
OTHERS = {"article", "archive", "change", "page", "alert", "log"}
PRINTED = {"show", "collect", "import", "merge", "part", "reextract", "backfill", "sources-check",
           "verify-bundles"}  # fmt: skip
SITE = "https://elin.example"
SETTINGS = (
    "[fetch]\ncontact = 'me@example.com'\ndelay = 0.0\n[parse]\nworkers = 1\ntimeout = 60.0\n"
)
SOURCES = (
    f"[[source]]\nname = 'elin'\nkind = 'feed'\nurl = '{SITE}/feed'\noutlet = 'Elin'\n"
    f"[[source]]\nname = 'lost'\nkind = 'feed'\nurl = '{SITE}/lost'\noutlet = 'Elin'\n"
)
TEXT = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs, the port authority"
    " said. Ships had waited outside the bay since the storm, and several were sent to other ports."
)


def warc() -> bytes:
    """Return captures of a feed and its article."""
    page = f"<html lang=en><title>Harbour reopens</title><h1>Harbour reopens</h1>{TEXT}"
    page = f"{page}<article>{f'<p>{TEXT}</p>' * 3}</article></html>"
    item = f"<item><title>Harbour reopens</title><link>{SITE}/news/1</link></item>"
    feed = f"<rss version='2.0'><channel><title>Elin</title>{item}</channel></rss>"
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for path, kind, text in (
        ("/feed", "application/rss+xml", feed), ("/news/1", "text/html", page),
    ):  # fmt: skip
        body = text.encode()
        writer.write_record(
            writer.create_warc_record(
                SITE + path, "response", payload=io.BytesIO(body), length=len(body),
                http_headers=StatusAndHeaders("200 OK", [("Content-Type", kind)], "HTTP/1.1"),
                warc_headers_dict={"WARC-Date": "2026-03-02T08:00:00Z"},
            )
        )  # fmt: skip
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(SETTINGS)
    (tmp_path / "config" / "sources.toml").write_text(SOURCES)
    (tmp_path / "web.warc.gz").write_bytes(warc())
    return tmp_path


def printed(folder: Path, name: str, *words: str) -> dict[str, Any]:
    """Run a command of which some may fail, and return its document."""
    options = ["--archive", str(folder / "archive"), "--config", str(folder / "config")]
    web = ["--web", str(folder / "web.warc.gz")]
    done = CliRunner().invoke(main, [*options, *web, *words])
    assert done.exit_code in (0, 1), done.output
    return document(done.stdout, name)


def test_no_command_has_json_without_a_schema_and_none_is_left_out() -> None:
    assert set(with_json()) == READING.keys() | WRITING
    tried = {name for some in READING.values() for _, name in some}
    assert tried | PRINTED | OTHERS == DOCUMENTS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_schema_is_printed_and_refuses_what_is_otherwise(name: str) -> None:
    made = schema_named(name)
    jsonschema.Draft202012Validator.check_schema(made)
    assert json.loads(CliRunner().invoke(main, ["schema", name]).stdout) == made
    assert name in CliRunner().invoke(main, ["schema"]).stdout
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([], made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": f"scraper/{name}/0"}, made)
    for key in made["properties"]:
        if key != "schema" and made["properties"][key]:
            assert key in made["required"] or key in DOCUMENTS[name].optional


def test_what_is_fetched(folder: Path) -> None:
    told = printed(folder, "show", "fetch", f"{SITE}/news/1", "--format", "json")
    assert told["title"] == "Harbour reopens"
    assert printed(folder, "collect", "collect", "--json")["total"]["seen"] == 1
    checks = printed(folder, "sources-check", "sources", "check", "--json")["checks"]
    assert [check["works"] for check in checks] == [True, False]
    printed(folder, "sources-check", "sources", "check", "elin", "--json")
    (folder / "config" / "sources.toml").write_text(
        SOURCES.replace("kind", "enabled = false\nkind")
    )
    assert printed(folder, "sources-check", "sources", "check", "--json")["checks"] == []


def test_what_is_imported(folder: Path) -> None:
    capture = str(folder / "web.warc.gz")
    shards, versions = str(folder / "shards"), str(folder / "versions")
    share = ("--part", "1/1", "--shards")
    assert printed(folder, "part", "import", capture, *share, shards, "--json")["broken"] == []
    assert printed(folder, "merge", "merge", shards, "--json")["total"]["kept"] == 1
    assert printed(folder, "merge", "merge", shards, "--json")["merged_before"] != []
    assert printed(folder, "import", "import", capture, "--json")["total"]["known"] == 2
    printed(folder, "part", "reextract", *share, versions, "--json")
    assert printed(folder, "reextract", "merge", versions, "--json")["stopped"] is False
    (folder / "crawls").mkdir()
    (folder / "crawls" / "index.cdx").write_text(" CDX N b a m s k r M S V g\n")
    since = ("backfill", "elin", "--since", "2026-01-01", "--json")
    told = printed(folder, "backfill", *since, "--from", str(folder / "crawls"))
    assert (told["failed"], told["undated"]) == ([], 0)


def test_bundles(folder: Path) -> None:
    with opened(folder / "archive") as archive:
        archive.record(article())
    whole, other = folder / "story.zip", folder / "other.zip"
    words = ["--archive", str(folder / "archive"), "cite", "1", "--to", str(whole)]
    assert CliRunner().invoke(main, words).exit_code == 0
    other.write_bytes(b"nothing of the kind")
    told = printed(folder, "verify-bundles", "verify", str(whole), str(other), "--json")
    assert len(told["bundles"]) == len(told["unreadable"]) == 1


def test_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(folder / "archive") as archive:
        archive.record(article())
        archive.record(article("The harbour is shut again.\n" * 9, at=START + HOUR))
        entries = archive.changes()
    for form in ("jsonl", "jsonl-pages"):
        words = ["--archive", str(folder / "archive"), "export", "--format", form]
        (line,) = CliRunner().invoke(main, words).stdout.splitlines()
        assert len(document(line, "article")["versions"]) == 2
    whole = CliRunner().invoke(main, ["--archive", str(folder / "archive"), "export", "--whole"])
    first, *rows, _ = whole.stdout.splitlines()
    document(first, "archive")
    assert all(json.loads(row).keys() == {"table", "row"} for row in rows)
    for entry in entries:
        _print_line(entry, as_json=True)
    assert [
        document(line, "change")["cursor"] for line in capsys.readouterr().out.splitlines()
    ] == [entry.cursor for entry in entries]
    logged = logging.LogRecord("scraper.daemon", logging.WARNING, "x", 1, "a 'b'", (), None)
    assert document(JsonLines().format(logged), "log")["event"] == "a 'b'"


def test_what_a_webhook_gets() -> None:
    told = Alert(
        id=1, rule="new", kind="new", at=START, title="Harbour reopens", text="", url="",
        article_id=None, data={"outlets": 3},
    )  # fmt: skip
    message = AlertMessage(id=1, sink="desk", key="k", attempts=1, unsure=False, alerts=(told,))
    document(as_json(message).decode(), "alert")


def test_pages_of_the_browser(folder: Path) -> None:
    with opened(folder / "archive") as archive:
        archive.record(article())
    transport = httpx.ASGITransport(app=application(folder / "archive"))

    async def read(path: str) -> str:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.get(path)).text

    assert document(asyncio.run(read("/-/article/1.json")), "page")["title"] == "Harbour reopens"
    assert document(asyncio.run(read("/-/coverage.json")), "coverage")["sources"] == []
