"""The runner of cases: what it compares, what it reports, what it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.cases import running
from tests.cases.__main__ import main
from tests.cases.case import Case, find_cases
from tests.cases.compare import same_time, words

OURS = Path(__file__).parent / "cases"
ADDRESS = {"kind": "address", "base": "https://a.example/x/", "href": "y"}


def write(folder: Path, told: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "case.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def test_the_projects_cases_expect_only_what_is_compared() -> None:
    cases = find_cases([OURS])
    assert cases
    assert [(case.folder.name, case.unknown) for case in cases if case.unknown] == []
    assert [case.folder for case in cases if not case.told.get("why")] == []


def test_a_failing_case_has_a_line_and_the_others_are_counted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "good", {**ADDRESS, "expect": {"url": "https://a.example/x/y"}})
    write(tmp_path / "wrong", {**ADDRESS, "expect": {"url": "https://a.example/y"}})
    write(tmp_path / "told", {"kind": "payload", "expect": {}})
    write(tmp_path / "later", {"kind": "search", "articles": [], "query": "", "expect": {}})
    assert main(["--without", "search", str(tmp_path)]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(f"{tmp_path / 'wrong'}: 'https://a.example/x/y'")
    assert lines[-1] == "1 passed, 1 failed"
    assert [line.split(" ")[0] for line in lines[1:-1]] == ["1", "1"]
    assert main([str(tmp_path / "good")]) == 0
    assert capfd.readouterr().out == "1 passed, 0 failed\n"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, "no case.json"),
        ([], "not an object"),
        ({"kind": "riddle", "expect": {}}, "no such kind: 'riddle'"),
        ({"kind": "address", "base": "", "href": ""}, "`expect` is missing"),
        ({"kind": "address", "base": "", "expect": {}}, "`href` is missing"),
        ({"kind": "decode", "input": "gone.html", "expect": {}}, "gone.html is named there"),
    ],
)
def test_a_folder_without_a_sound_case_is_named(
    tmp_path: Path, told: object, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "case"
    if told is None:
        folder.mkdir()
    else:
        write(folder, told)
    assert main([str(folder)]) == 2
    err = capfd.readouterr().err
    assert str(folder) in err
    assert said in err
    assert err.count("\n") == 1


def _spin(case: Case) -> list[str]:
    while True:
        pass


def _fail(case: Case) -> list[str]:
    raise LookupError("nothing there")


def test_a_case_that_never_ends_is_killed_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CPU_SECONDS", 1)
    cases = [Case(tmp_path, {"kind": kind}) for kind in ("spin", "fail", "good")]
    checks: dict[str, running.Check] = {"spin": _spin, "fail": _fail, "good": lambda case: []}
    assert list(running.run_cases(cases, checks)) == [
        ["no end within 1 s of CPU"],
        ["raised LookupError: nothing there"],
        [],
    ]


def test_times_are_compared_to_the_minute_days_as_days_local_times_as_such() -> None:
    have = datetime(2026, 11, 20, 1, 30, 59, tzinfo=timezone(timedelta(hours=8)))
    assert same_time("2026-11-19T17:30:00+00:00", have)
    assert same_time("2026-11-20", have)
    assert same_time("2026-11-20T01:30:00", have)
    assert not same_time("2026-11-19", have)
    assert not same_time("2026-11-19T17:31:00Z", have)
    assert not same_time(None, have.astimezone(UTC))
    assert same_time(None, None)


def test_words_are_found_without_regard_to_white_space() -> None:
    expect = {"must": ["two words", "three"], "must_not": ["T W O", "wo\nrd"]}
    assert words(expect, "a two\n  words") == ["lost: three", "kept: wo\nrd"]
