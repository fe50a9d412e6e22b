"""What deploys the program: Dockerfile, compose file, systemd units."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from scraper.cli import main
from scraper.config import load_config
from tests.clean_machine import ROOT, instructions

UNITS = ("scraper.service", "scraper-backup.service", "scraper-backup.timer")
INSTALLED = "/opt/scraper/.venv/bin/scraper"


def parsed(words: list[str]) -> list[str]:
    """Return the names of the commands that a command line of the program calls."""
    group: click.Command = main
    context, names = click.Context(main, info_name="scraper"), []
    while isinstance(group, click.Group):
        words = group.make_parser(context).parse_args(words)[1]
        found = group.get_command(context, words[0])
        assert found is not None, words[0]
        names.append(words[0])
        group, words, context = found, words[1:], click.Context(found, parent=context)
    group.make_parser(context).parse_args(words)
    return names


def hadolint() -> str | None:
    beside = Path(sys.executable).with_name("hadolint")
    return str(beside) if beside.exists() else shutil.which("hadolint")


@pytest.mark.skipif(hadolint() is None, reason="no hadolint on this machine")
def test_the_dockerfile_keeps_the_rules_of_hadolint() -> None:
    words = [str(hadolint()), "--failure-threshold", "info", str(ROOT / "Dockerfile")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_runs_as_nobody_else_and_copies_what_there_is() -> None:
    told = list(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))
    users = [one.rest for one in told if one.word == "USER"]
    assert users and all(part.isdigit() and int(part) > 0 for part in users[-1].split(":"))
    assert all("latest" not in one.rest and ":" in one.rest for one in told if one.word == "FROM")
    copied = [one.rest.split() for one in told if one.word == "COPY" and "--from" not in one.rest]
    names = [name for words in copied for name in words[:-1]]
    assert "scraper" in names and "pyproject.toml" in names
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert [one.word for one in told if one.word in ("HEALTHCHECK", "ENTRYPOINT", "CMD")] == [
        "HEALTHCHECK", "ENTRYPOINT", "CMD",
    ]  # fmt: skip


def test_the_compose_file_runs_commands_that_there_are_in_closed_containers() -> None:
    told = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(told["services"]) == {"daemon", "browser"}
    for name, service in told["services"].items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["environment"]["TZ"] == "UTC"
        assert parsed(service["command"]) == [{"browser": "browse"}.get(name, name)]
        named = [volume.split(":")[0] for volume in service["volumes"]]
        assert all(volume.startswith("./") or volume in told["volumes"] for volume in named)
    browser = told["services"]["browser"]
    assert "archive:/archive:ro" in browser["volumes"]
    assert all(port.startswith("127.0.0.1:") for port in browser["ports"])
    port = browser["command"][browser["command"].index("--port") + 1]
    assert f":{port}/" in browser["healthcheck"]["test"][-1]


def test_the_lines_of_the_compose_file_make_a_configuration_that_it_runs_with(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    told = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   ")]
    assert len(told) == 2
    for line in told:
        subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    config = load_config(tmp_path / "config-live")
    before = load_config(ROOT / "config")
    image = {one.word: one.rest for one in instructions((ROOT / "Dockerfile").read_text("utf-8"))}
    assert f":{config.metrics.port}/healthz" in image["HEALTHCHECK"]
    assert config.websub == before.websub
    assert config.fetch == before.fetch


@pytest.mark.parametrize("unit", UNITS)
def test_units_call_commands_that_there_are(unit: str) -> None:
    text = (ROOT / "config" / unit).read_text(encoding="utf-8")
    started = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert len(started) == (0 if unit.endswith(".timer") else 1)
    for line in started:
        program, *words = line.removeprefix("ExecStart=").split()
        assert program == INSTALLED
        assert parsed(words)[0] in ("daemon", "backup")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (ROOT / "config" / unit).read_text(encoding="utf-8")
        # It asks whether the program is there.
        (tmp_path / unit).write_text(text.replace(INSTALLED, sys.executable), encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit) for unit in UNITS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
