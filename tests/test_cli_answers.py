"""What commands say to what was meant otherwise: a line that names the input and what to do."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.cli.output import Progress, table, width
from scraper.models import Article
from scraper.pipeline import Event
from tests.archiving import article, opened


def run(folder: Path, *words: str, stdin: str = "", **environment: str) -> tuple[int, str]:
    arguments = ["--archive", str(folder), *words]
    result = CliRunner().invoke(main, arguments, input=stdin, env=environment or None)
    return result.exit_code, result.output


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with opened(tmp_path / "archive") as opened_archive:
        for number in range(1, 6):
            url = f"https://ledger.example/{number}"
            text = f"The port of number {number} opened on Monday after two years of work."
            opened_archive.record(article(text, url=url, title=f"Port {number} opens"))
    return tmp_path / "archive"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("fecth", "https://a.example/"), "did you mean fetch"),
        (("serach", "port"), "did you mean search"),
        (("fetch", "example.com/story"), "scraper fetch https://example.com/story"),
        (("show", "abc"), "`scraper search abc` finds both"),
        (("history", "abc"), "`scraper search abc` finds both"),
        (("diff", "1", "1", "7"), "article 1 has only version 1, not 7"),
        (("import", "/nowhere/x.warc"), "no such file: /nowhere/x.warc"),
    ],
)
def test_what_was_meant_is_said(archive: Path, words: tuple[str, ...], says: str) -> None:
    code, said = run(archive, *words)
    assert code == 2
    assert says in said
    assert "Traceback" not in said


# More than SQLite's numbers, what no text of an archive can be, and a name longer than a file's.
_LARGE, _NO_TEXT, _LONG = "9" * 30, "caf\udce9", "n" * 300


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "1", f"--version={_LARGE}"), "too large a number"),
        (("story", _LARGE), "too large a number"),
        (("quotes", f"--limit={_LARGE}"), "too large a number"),
        (("changes", f"--since={_LARGE}"), "999"),
        (("survival", f"--host={_NO_TEXT}"), "not UTF-8"),
        (("quotes", _NO_TEXT), "not UTF-8"),
        (("search", _NO_TEXT), "not UTF-8"),
        (("topics", f"--kind={_NO_TEXT}"), "caf"),
        (("import", _LONG), "nnn"),
        (("merge", _LONG), "nnn"),
        (("cite", "1", f"--to={_LONG}"), "nnn"),
        (("fetch", _LONG), "nnn"),
        (("import", "http://[::1"), "http://[::1"),
        (("import", "s3://[::1/x"), "s3://[::1"),
        (("merge", "http://[::1"), "http://[::1"),
        (("rollover", "--when-larger="), "give a number"),
        (("rollover", "--when-larger=٣G"), "give a number"),
        (("rollover", f"--when-larger={'9' * 5000}G"), "give a number"),
    ],
)
def test_what_no_archive_can_hold_is_refused_in_words(
    archive: Path, words: tuple[str, ...], says: str
) -> None:
    code, said = run(archive, *words)
    assert code == 2
    assert says in said
    assert "Traceback" not in said


def test_an_archive_is_a_folder(archive: Path) -> None:
    code, said = run(archive / "archive.db", "status")
    assert code == 2
    assert "an archive is a folder" in " ".join(said.split())


def test_status_says_which_sources_bring_doubtful_texts(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with opened(tmp_path / "archive") as archive:
        for number, confidence in enumerate((0.9, 0.2, None)):
            url = f"https://ledger.example/{number}"
            made = Article(url=url, title="T", text=f"Port {number} opened.", confidence=confidence)
            archive.record(article(url=url, at=now, body=f"<p>{number}", made=made))
    code, said = run(tmp_path / "archive", "status")
    assert code == 0
    assert (
        "doubtful 1 of 3 articles of the last 7 days (confidence below 0.60); 1 not judged:"
        " no source 1 of 3" in said
    )
    code, said = run(tmp_path / "archive", "status", "--json")
    assert json.loads(said)["doubts"] == [{"source": "", "doubtful": 1, "judged": 2, "articles": 3}]
    assert json.loads(said)["doubtful_below"] == 0.6


def test_a_saved_page_is_no_address(archive: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text("<p>x</p>")
    code, said = run(archive, "fetch", str(saved))
    assert code == 2
    assert f"--html {saved}" in said


def test_a_folder_without_captures_is_said_to_be_one(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, said = run(archive, "import", str(tmp_path / "empty"))
    assert code == 2
    assert "nothing in this folder can be imported" in said


def test_topics_reads_a_text_from_standard_input(archive: Path) -> None:
    code, said = run(archive, "topics", "-", stdin="DeepSeek opens its model weights\nMore text.")
    assert code == 0
    assert "on topic" in said


def test_changes_lists_the_latest_and_says_that_there_are_more(archive: Path) -> None:
    code, said = run(archive, "changes", "--limit", "2")
    assert code == 0
    assert "Port 5 opens" in said and "Port 4 opens" in said and "Port 1 opens" not in said
    assert said.index("Port 5 opens") < said.index("Port 4 opens")
    assert "3 more: --limit N lists more, --since 0 starts with the first" in said
    code, said = run(archive, "changes", "--since", "0", "--limit", "2")
    assert "Port 1 opens" in said and "Port 5 opens" not in said
    assert said.index("Port 1 opens") < said.index("Port 2 opens")
    assert "3 more: --since 2 continues" in said
    code, said = run(archive, "changes")
    assert " more: " not in said


def test_a_one_off_fetch_needs_no_list_of_sources(archive: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text("")
    page = "<h1>A port</h1>" + "<p>The port opened on Monday after two years of work.</p>" * 8
    options = ("--config", str(config), "fetch", "--html", "-", "--url", "https://a.example/1")
    code, said = run(archive, *options, stdin=f"<article>{page}</article>")
    assert code == 0, said
    assert "The port opened on Monday" in said


def test_no_color_is_respected(archive: Path) -> None:
    arguments = ["--archive", str(archive), "history", "1"]
    coloured = CliRunner().invoke(main, arguments, color=True).output
    plain = CliRunner().invoke(main, arguments, color=True, env={"NO_COLOR": "1"}).output
    assert "\x1b[" in coloured
    assert "\x1b[" not in plain


def test_a_table_in_a_pipe_is_plain_and_aligned() -> None:
    printed = table(["name", "n"], [("汉字", 1), ("plain\x1b[31m", 22)])
    lines = printed.splitlines()
    assert "\x1b" not in printed
    assert len({width(line) for line in lines}) == 1


def test_progress_without_a_known_number_counts_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    with Progress() as progress:
        for number in range(3):
            url = f"https://a.example/{number}"
            progress(Event(kind="link", source="crawl.warc", url=url, outcome="kept", detail=""))
    assert "3" in shown.getvalue()
    assert "/0" not in shown.getvalue()
