"""A case as it is read from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["EXPECTATIONS", "HOSTILE", "BrokenCase", "Case", "find_cases", "read_case"]

# What may stand in `expect`, by kind.
_LIST = frozenset({"links", "count", "must_urls"})
EXPECTATIONS: Mapping[str, frozenset[str]] = {
    "extract": frozenset(
        {
            "must", "must_not", "must_markdown", "must_not_markdown", "lines", "error", "title",
            "authors", "published", "modified", "source", "outlet", "language", "script",
            "canonical_url", "image",
        }
    ),
    "decode": frozenset({"must", "must_not"}),
    "time": frozenset({"value"}),
    "feed": _LIST,
    "sitemap": _LIST,
    "address": frozenset({"url"}),
    "robots": frozenset({"allowed"}),
    "versions": frozenset({"versions"}),
    "search": frozenset({"found"}),
    "visits": frozenset(
        {
            "articles", "versions", "titles", "urls_include", "no_changes", "no_change_classes",
            "at_most", "final_url",
        }
    ),
    "warc": frozenset({"articles", "failed", "alias", "first_seen_at", "last_observed_at"}),
}  # fmt: skip
# Attacks that are told in words; each is a test of the project.
HOSTILE = frozenset(
    {
        "verify", "browse", "edits", "payload", "process", "config", "archive", "import",
        "robots-cost", "fetch",
    }
)  # fmt: skip

# What must stand in a case beside `kind` and `expect`.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "extract": ("input",),
    "decode": ("input",),
    "time": ("text",),
    "feed": ("input", "url"),
    "sitemap": ("input", "url"),
    "address": ("base", "href"),
    "robots": ("text", "address", "agent"),
    "versions": ("inputs", "url"),
    "search": ("articles", "query"),
    "visits": ("source", "steps"),
    "warc": ("input",),
}


class BrokenCase(Exception):
    """A folder that holds no case, or one that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        folder: where it lies, as it was named on the command line.
        told: what its case.json says.
    """

    folder: Path
    told: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The kind of its input."""
        return str(self.told["kind"])

    @property
    def expect(self) -> Mapping[str, Any]:
        """What must come out."""
        expect: Mapping[str, Any] = self.told["expect"]
        return expect

    @property
    def unknown(self) -> tuple[str, ...]:
        """The expectations that nothing compares: misspelt, or of another kind."""
        return tuple(sorted(self.expect.keys() - EXPECTATIONS[self.kind]))

    def bytes(self, name: str = "") -> bytes:
        """Return one of its files, by default its input."""
        return (self.folder / (name or self.told["input"])).read_bytes()

    def headers(self) -> dict[str, str]:
        """Return the headers of its response."""
        return dict(self.told.get("headers") or {})


def find_cases(folders: Sequence[Path]) -> list[Case]:
    """Return the cases in and below folders, in order of their paths; each of them once.

    Raises:
        BrokenCase: a folder has none, or one of them cannot be read.
    """
    found: dict[Path, Case] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BrokenCase(f"{folder}: there is no such folder")
        files = sorted(folder.rglob("case.json"))
        if not files:
            raise BrokenCase(f"{folder}: no case.json in this folder or below it")
        for file in files:
            found.setdefault(file.resolve(), read_case(file.parent))
    return list(found.values())


def read_case(folder: Path) -> Case:
    """Return the case of a folder.

    Raises:
        BrokenCase: it cannot be read; the message says why.
    """
    file = folder / "case.json"
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BrokenCase(f"{file}: not JSON: {error}") from None
    except OSError as error:
        raise BrokenCase(f"{file}: cannot be read: {error.strerror}") from None
    if not isinstance(told, dict):
        raise BrokenCase(f"{file}: not an object")
    kind = told.get("kind")
    if kind in HOSTILE:
        return Case(folder, told)
    if not isinstance(kind, str) or kind not in EXPECTATIONS:
        raise BrokenCase(f"{file}: no such kind: {kind!r} (kinds: {' '.join(EXPECTATIONS)})")
    if not isinstance(told.get("expect"), dict):
        raise BrokenCase(f"{file}: `expect` is missing or not an object")
    for key in _NEEDED[kind]:
        if key not in told:
            raise BrokenCase(f"{file}: `{key}` is missing, which the kind {kind} needs")
    for name in _files(told):
        if not (folder / str(name)).is_file():
            raise BrokenCase(f"{file}: {name} is named there, but does not lie beside it")
    return Case(folder, told)


def _files(told: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the names of the files that a case names."""
    if "input" in told:
        yield told["input"]
    if told["kind"] == "versions":
        yield from told["inputs"]
    if told["kind"] == "visits":
        for step in told["steps"]:
            yield from (a["file"] for a in step.get("answers", {}).values() if "file" in a)
