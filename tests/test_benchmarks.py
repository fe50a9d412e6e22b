"""The table of all benchmarks names modules that there are, with options that they take."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import SECTIONS, Section, command_of


def options_of(path: Path) -> set[str]:
    """Return the options that a module adds to its parser."""
    return {
        str(call.args[0].value)
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "add_argument"
        and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_section_is_a_benchmark_with_its_options(section: Section) -> None:
    path = Path(__file__).parent / "benchmarks" / f"{section.name}.py"
    known = options_of(path)
    words = command_of(section, full=False, scrapy="python")
    asked = {word for word in words if word.startswith("--")}
    assert asked and asked <= known
    assert command_of(section, full=True, scrapy="")[2:] == [f"tests.benchmarks.{section.name}"]
