"""``demo --day``: a day with an edit, a takedown and a redesign, as alerts and as a digest."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.demo.bulletin import REBUILT, reports
from tests.documents import DOCS, commands


@pytest.fixture(scope="module")
def printed() -> str:
    found = CliRunner().invoke(main, ["demo", "--day", "--port", "0"])
    assert found.exit_code == 0, found.output
    return re.sub(r"localhost:\d+", "localhost:8400", found.output)


@pytest.mark.timeout(300)
def test_a_day_is_told_as_alerts_and_as_a_digest(printed: str) -> None:
    alerts, _, digest = printed.partition("The digest of the day")
    # Each edit and each takedown once; nothing of the days before.
    assert alerts.count("Edited (severity 3)") == 2
    assert alerts.count("Taken down:") == 2
    assert alerts.count("drifts: redesign") == 1
    for title in re.findall(r"^(?:Edited \(severity 3\)|Taken down): (.+)$", alerts, re.MULTILINE):
        assert title in digest
    assert "harbour.localhost:8400 drifts (redesign)" in digest
    # What the rebuilt pages show of a report is in no list of articles.
    latest = [one for one in reports(REBUILT.replace(day=11)) if one.published >= REBUILT]
    assert len(latest) >= 3
    assert not any(one.title in digest for one in latest)


def test_the_guide_shows_what_it_prints(printed: str) -> None:
    [shown] = [c for c in commands(DOCS / "guides" / "follow.md") if "--day" in c.words]
    assert shlex.split(shown.words)[1:] == ["demo", "--day"]
    got = [_plain(line) for line in printed.splitlines() if line.strip()]
    at = 0
    for line in map(_plain, shown.output):
        if line.strip() and line != "⋮":
            assert line in got[at:], line
            at = got.index(line, at) + 1
    assert at > 20


def _plain(line: str) -> str:
    """Return a line without what the order of answers decides: the numbers of articles."""
    return re.sub(r"\barticle \d+", "article N", line).rstrip()


def test_a_day_and_an_archive_do_not_go_together() -> None:
    found = CliRunner().invoke(main, ["demo", "--day", "--collect"])
    assert found.exit_code == 2
    assert "do not go together" in found.output
