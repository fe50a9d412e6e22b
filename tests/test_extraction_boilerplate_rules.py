"""Reading boilerplate rules: what is wrong with the file is told, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.errors import ConfigError
from scraper.extraction import extract
from scraper.extraction.boilerplate_rules import Rules, default_rules, load_rules

BODY = "".join(
    f"<p>Paragraph {n} of the report says, at some length, what the committee found in the {w}.</p>"
    for n, w in enumerate(("cellar", "attic", "kitchen", "garden", "stable", "library"))
)


def page(extra: str) -> bytes:
    return (
        f"<html><body><h1>Report</h1><div class=content>{BODY}{extra}</div></body></html>".encode()
    )


def rules(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "boilerplate.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def test_the_shipped_rules_have_unique_names_and_are_read_once() -> None:
    names = default_rules().names()
    assert len(set(names)) == len(names) > 30
    assert default_rules() is default_rules()


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        rules(
            tmp_path,
            """
            [[line]]
            name = "Bad Name"
            pattern = "("
            where = "middle"
            [[line]]
            patern = "x"
            [[element]]
            name = "empty"
            [[section]]
            name = "twice"
            pattern = "x"
            [[line]]
            name = "twice"
            pattern = "y"
            [[block]]
            name = "z"
            """,
        )
    problems = "\n".join(caught.value.problems)
    for expected in (
        "name = 'Bad Name'", "pattern = '('", "where = 'middle'", "patern is not a key",
        "name is missing", "pattern is missing", "names or pattern is missing",
        "name stands twice", "[[block]] is not a table",
    ):  # fmt: skip
        assert expected in problems


@pytest.mark.parametrize("text", ["[[line", "line = 3"])
def test_what_is_not_a_list_of_rules_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        rules(tmp_path, text)


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_rules(tmp_path / "none.toml")


def test_a_rule_of_ones_own_cuts_and_is_named(tmp_path: Path) -> None:
    own = rules(tmp_path, '[[line]]\nname = "motto"\npattern = "^Nulla dies sine linea"\n')
    article = extract(page("<p>Nulla dies sine linea, says the mayor of the town.</p>"), rules=own)
    assert "Nulla" not in article.text
    assert [r.rule for r in article.removed if "Nulla" in r.text] == ["motto"]


def test_a_rule_that_would_cut_most_of_the_body_is_overruled(tmp_path: Path) -> None:
    own = rules(tmp_path, '[[element]]\nname = "content"\nnames = ["content"]\n')
    assert "committee found in the library" in extract(page(""), rules=own).text
