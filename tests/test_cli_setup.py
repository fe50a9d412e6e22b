"""Setting the program up: init, config, completion, the manual page, the schemas."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.cli import SECTIONS, main
from scraper.cli.app import EXIT_CODES
from scraper.toml_file import shipped_config
from tests.documents import DOCS


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, words, env=environment or None)


def test_init_makes_what_the_other_commands_take(tmp_path: Path) -> None:
    folder = tmp_path / "my news"
    done = run("init", str(folder), "--contact", 'me@example.com "x" \\')
    assert done.exit_code == 0, done.output
    environment = {
        "SCRAPER_CONFIG": str(folder / "config"), "SCRAPER_ARCHIVE": str(folder / "archive"),
    }  # fmt: skip
    assert "no problem; 0 sources" in run("config", "check", **environment).output
    shown = json.loads(run("config", "show", "--json", **environment).stdout)
    assert shown["fetch"]["contact"] == 'me@example.com "x" \\'
    assert run("status", **environment).exit_code == 0
    places = run("config", "path", **environment).stdout
    assert str(folder / "config") in places and str(folder / "archive") in places
    again = run("init", str(folder))
    assert again.exit_code == 2 and "exists already" in again.output


def test_init_adds_a_pack(tmp_path: Path) -> None:
    done = run("init", str(tmp_path / "n"), "--pack", "start")
    assert done.exit_code == 0, done.output
    checked = run("--config", str(tmp_path / "n" / "config"), "config", "check").output
    assert "no problem" in checked and " 0 sources" not in checked


def test_commands_use_the_folder_that_init_made_when_they_are_run_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    monkeypatch.delenv("SCRAPER_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    told = run("init", "my news").stdout
    assert "\ncd 'my news' " in told and "export SCRAPER_CONFIG=" in told
    monkeypatch.chdir("my news")
    added = run("sources", "add", "--pack", "start")
    assert added.exit_code == 0, added.output
    assert "config/sources.toml" in added.stderr
    places = run("config", "path").stdout
    assert f"{tmp_path}/my news/config\n" in places and f"{tmp_path}/my news/archive\n" in places
    paused = run("sources", "pause", "openai-news")
    assert paused.exit_code == 0, paused.output
    # One that is given goes before it.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "settings.toml").write_text("")
    assert "other" in run("config", "path", SCRAPER_CONFIG=str(tmp_path / "other")).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("add", "--pack", "start"), ("add", "https://example.com/"), ("pause", "x"),
        ("resume", "x"), ("remove", "x"), ("import", "feeds.opml"), ("check", "--note"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_command_edits_the_shipped_configuration(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    before = (shipped_config() / "sources.toml").read_bytes()
    # That of the program is not one's own in a checkout, either.
    for place in (tmp_path, shipped_config().parent):
        monkeypatch.chdir(place)
        done = run("sources", *words)
        assert done.exit_code == 2, done.output
        assert str(shipped_config()) in done.stderr and "`scraper init news`" in done.stderr
    monkeypatch.chdir(tmp_path)
    assert run("init", "my news").exit_code == 0
    assert "cd 'my news'" in run("sources", *words).stderr
    assert (shipped_config() / "sources.toml").read_bytes() == before


def test_what_is_only_tried_is_shown_with_the_shipped_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    done = run("sources", "add", "--pack", "zh-hant", "--dry-run")
    assert done.exit_code == 0 and "nothing was written" in done.stderr


def test_a_configuration_that_is_named_is_edited(tmp_path: Path) -> None:
    config = shutil.copytree(shipped_config(), tmp_path / "config")
    (config / "sources.toml").write_text("")
    done = run("--config", str(config), "sources", "add", "--pack", "zh-hant")
    assert done.exit_code == 0, done.output
    assert "[[source]]" in (config / "sources.toml").read_text()


def test_config_check_names_each_problem(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[fetch]\ndelay = 'x'\nport = 1\n")
    done = run("--config", str(tmp_path), "config", "check")
    assert done.exit_code == 2
    assert "delay" in done.output and "port" in done.output
    # All files are told of at once.
    (tmp_path / "alerts.toml").write_text("[[sink]]\nname = 3\n")
    (tmp_path / "topics.toml").write_text("x = [")
    done = run("--config", str(tmp_path), "config", "check")
    assert done.exit_code == 2
    for name in ("settings.toml", "alerts.toml", "topics.toml"):
        assert str(tmp_path / name) in done.output, name
    nowhere = run("--config", str(tmp_path / "none"), "config", "check")
    assert nowhere.exit_code == 2 and nowhere.output.count("no such folder") == 1


def test_rules_that_are_not_read_are_told(tmp_path: Path) -> None:
    run("init", str(tmp_path / "n"))
    config = tmp_path / "n" / "config"
    check = ("--config", str(config), "config", "check")
    (config / "boilerplate.toml").write_text("# mine\n")
    assert "boilerplate.toml is not read" in run(*check).output
    shutil.copy(shipped_config() / "boilerplate.toml", config)
    assert "boilerplate.toml" not in run(*check).output


def test_init_prints_words_that_a_shell_takes_whole(tmp_path: Path) -> None:
    folder = tmp_path / "it's mine $HOME"
    line = next(x for x in run("init", str(folder)).stdout.splitlines() if x.startswith("export"))
    done = subprocess.run(
        ["sh", "-c", f'{line}; printf %s "$SCRAPER_CONFIG"'], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == str(folder / "config")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_completion_script(shell: str, tmp_path: Path) -> None:
    script = run("completion", shell)
    assert script.exit_code == 0 and "_SCRAPER_COMPLETE" in script.stdout
    done = run("completion", shell, "--install", HOME=str(tmp_path))
    assert done.exit_code == 0
    (written,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert "_SCRAPER_COMPLETE" in written.read_text()


def test_a_word_is_completed_without_loading_commands() -> None:
    program = (
        "import sys; from scraper.cli import main\n"
        "try: main(prog_name='scraper')\nexcept SystemExit: pass\n"
        "print('loaded', 'sqlite_utils' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=os.environ | {
            "_SCRAPER_COMPLETE": "zsh_complete", "COMP_WORDS": "scraper ex", "COMP_CWORD": "1",
        },
    )  # fmt: skip
    assert "export" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == "loaded False"


def test_the_manual_page_names_every_command_and_exit_code() -> None:
    page = run("man").stdout
    for specs in SECTIONS.values():
        for spec in specs:
            assert f".SS scraper {spec.name}" in page.replace("\\-", "-"), spec.name
    assert ".B 130" in page and "SCRAPER_ARCHIVE" in page
    # No line of a help text is taken for a request of the language.
    known = (".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi", ".B ")
    assert all(line.startswith(known) for line in page.splitlines() if line.startswith("."))


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_formats_the_manual_page() -> None:
    page = run("man").stdout
    done = subprocess.run(
        ["groff", "-k", "-man", "-Tutf8", "-ww"], input=page, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stderr == "" and "what was finished is kept" in " ".join(done.stdout.split())


@pytest.mark.parametrize("group", ["alerts", "sources", "config"])
def test_the_help_of_a_group_cuts_no_summary(group: str) -> None:
    help_ = run(group, "--help").stdout
    table = help_[help_.index("Commands:") :]
    assert "..." not in table and " (;" not in table
    for spec in (spec for specs in SECTIONS.values() for spec in specs if spec.name == group):
        for name, command in spec.load().commands.items():  # type: ignore[attr-defined]
            first = " ".join(command.help.split("\n\n")[0].split()).partition(". ")[0].rstrip(".")
            assert first in " ".join(table.split()), (name, first)


def test_help_tells_exit_codes_and_variables() -> None:
    help_ = " ".join(run("--help").stdout.split())
    assert "130 stopped by Ctrl-C" in help_ and "0 all well, also when what runs until" in help_
    docs = (DOCS / "guides" / "operate.md").read_text(encoding="utf-8")
    told = docs[docs.index("Exit codes: ") :]
    # Every code, and no other, is in the guide.
    assert set(map(int, re.findall(r"\b(\d+) [a-z]", told))) == set(EXIT_CODES)
    assert "SCRAPER_ARCHIVE" in help_ and "SCRAPER_CONFIG" in help_
