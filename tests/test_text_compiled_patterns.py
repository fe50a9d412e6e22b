"""Compiled expressions kept between runs: they are what `re.compile` makes, or not used."""

from __future__ import annotations

import marshal
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text import compiled_patterns
from scraper.text.compiled_patterns import compiled, keep_compiled

PATTERNS = [
    ("", 0), (r"(?P<who>\w+) (?P=who)", re.IGNORECASE), (r"[零一二三]{2,3}元|\d+(?:\.\d+)?", 0),
    (r"(?<!a)b(?=c)|(?>x+)y|z*+", re.VERBOSE), ("[^\\W\\d_]\u0301?", re.DOTALL | re.MULTILINE),
    (r"(a)|(b)(?(2)c|d)", re.ASCII), ("[\U0001f600-\U0001f64fß]", re.IGNORECASE),
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where they are kept, for a process that has compiled nothing yet."""
    path = tmp_path / "folder" / "kept.patterns"
    monkeypatch.setattr(compiled_patterns, "_path", lambda: path)
    monkeypatch.setattr(compiled_patterns, "_kept", None)
    monkeypatch.setattr(compiled_patterns, "_new", set())
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield path


def begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_patterns, "_kept", None)


def test_what_is_kept_is_what_would_be_compiled(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [compiled(*one) for one in PATTERNS]
    keep_compiled()
    begun_anew(monkeypatch)
    monkeypatch.setattr(re, "compile", lambda *_: pytest.fail("it was compiled anew"))
    again = [compiled(*one) for one in PATTERNS]
    # Expressions are equal when their code and flags are.
    assert again == made
    assert [one.groupindex for one in again] == [one.groupindex for one in made]
    found = again[1].search("Anna ANNA")
    assert found and found["who"] == "Anna" and found.lastgroup == "who"


# Of what a later release of Python may read otherwise, such as "[[".
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@given(
    st.text(st.sampled_from("ab(|)*+?[]^-\\d中ſ{1,2}.$"), max_size=12), st.sampled_from([0, 2, 16])
)
def test_no_pattern_is_kept_otherwise_than_it_is_compiled(pattern: str, flags: int) -> None:
    try:
        made = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return
    parts = compiled_patterns._parts(pattern, flags)
    assert parts is not None and compiled_patterns._built(pattern, parts) == made


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
        lambda content: hashed(marshal.dumps((("another release", 1), {("a", 0): ()}))),
    ],
    ids=["empty", "cut off", "altered", "of another release"],
)
def test_a_file_that_is_not_whole_or_not_ours_is_passed_over(
    place: Path, monkeypatch: pytest.MonkeyPatch, harm: object
) -> None:
    compiled("a", 0)
    keep_compiled()
    place.write_bytes(harm(place.read_bytes()))  # type: ignore[operator]
    begun_anew(monkeypatch)
    assert compiled("a", 0) == re.compile("a")
    keep_compiled()
    begun_anew(monkeypatch)
    assert compiled_patterns._read().keys() == {("a", 0)}


def hashed(content: bytes) -> bytes:
    return sha256(content).digest() + content


def test_nothing_is_written_where_no_byte_code_is(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiled("a", 0)
    keep_compiled()
    assert not place.parent.exists()


def test_a_folder_that_cannot_be_written_costs_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.parent.write_text("a file")
    compiled("a", 0)
    keep_compiled()
    assert place.parent.read_text() == "a file"


def test_a_second_process_reads_what_the_first_has_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = "The harbour of Elin reopened on Monday, the port authority said in a statement. " * 3
    page.write_text(f"<html><title>Elin</title><article><h1>Elin</h1><p>{text}<p>{text}</article>")
    words = ["fetch", "--html", str(page), "--url", "https://elin.example/1", "--no-save"]
    told = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "scraper", *words], capture_output=True, text=True, check=True,
            env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            | {"PYTHONPYCACHEPREFIX": str(tmp_path / "cache")},
        )  # fmt: skip
        told.append(done.stdout)
    [kept] = (tmp_path / "cache").rglob("*.patterns")
    before = kept.stat().st_mtime_ns
    assert told[0] == told[1] and "harbour" in told[0]
    assert before == kept.stat().st_mtime_ns
    assert not list((tmp_path / "cache").rglob("*.patterns.*"))
