"""The blocks of `sources.toml`, edited in place: what else stands in the file stays as it is.

tomlkit writes values and keeps the file's own spelling; where a block ends is decided here, since
to TOML a comment that stands above a block belongs to the block before it. Every edit is read back
and compared before the file is replaced: it changes what it was to change, and nothing else.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from scraper.errors import ConfigError, UsageError
from scraper.models import Source
from scraper.text.patterns import lazy_compile

__all__ = ["SourcesFile", "block_of"]

_HEADER = lazy_compile(r"^\s*\[\[\s*source\s*\]\]\s*(?:#.*)?$")
_DEFAULTS = {field.name: field.default for field in fields(Source)}


def block_of(source: Source) -> str:
    """Return a source as a block of TOML; what is as it would be anyway is left out."""
    lines = ["[[source]]"]
    for field in fields(Source):
        value = getattr(source, field.name)
        if value != _DEFAULTS[field.name]:
            plain = list(value) if isinstance(value, tuple) else value
            lines.append(f"{field.name} = {tomlkit.item(plain).as_string()}")
    return "\n".join(lines) + "\n"


class SourcesFile:
    """A `sources.toml` that is being edited.

    Args:
        path: the file.

    Attributes:
        path: the file.
        text: what would be written.

    Raises:
        ConfigError: it can't be read, or is no TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Bytes: line ends are kept as they are.
            self.text = path.read_bytes().decode("utf-8")
            self._blocks = _read(self.text)
        except (OSError, ValueError, RecursionError) as error:
            # TOML errors and numbers with too many digits are errors of value.
            raise ConfigError([f"{path}: cannot be edited ({error})"]) from None

    def add(self, source: Source) -> None:
        """Put a block at the end."""
        text = self.text.rstrip("\n")
        self._take(f"{text}\n\n{block_of(source)}" if text else block_of(source))

    def remove(self, name: str) -> None:
        """Take a block out; comments above and below it stay."""
        lines = self.text.splitlines(keepends=True)
        first, last = self._span(name, lines)
        after = lines[last:]
        # One of the two empty lines around the block goes with it.
        while after and not after[0].strip() and first and not lines[first - 1].strip():
            after = after[1:]
        self._take("".join(lines[:first] + after))

    def set(self, name: str, key: str, value: Any) -> None:
        """Give a key of a block a value, where it stands or else at the end of the block."""
        place = self._place(name)
        if key in self._blocks[place]:
            try:
                document = tomlkit.parse(self.text)
            except TOMLKitError as error:
                raise ConfigError([f"{self.path}: cannot be edited ({error})"]) from None
            # As the program spells it elsewhere: releases of tomlkit differ on a bare value.
            document["source"][place][key] = tomlkit.item(value)
            self._take(tomlkit.dumps(document))
            return
        lines = self.text.splitlines(keepends=True)
        _, last = self._span(name, lines)
        if not lines[last - 1].endswith("\n"):
            lines[last - 1] += "\n"
        lines.insert(last, f"{key} = {tomlkit.item(value).as_string()}\n")
        self._take("".join(lines))

    def unset(self, name: str, key: str) -> None:
        """Take a key out of a block, if it is there."""
        if key not in self._blocks[self._place(name)]:
            return
        lines = self.text.splitlines(keepends=True)
        first, last = self._span(name, lines)
        kept = [
            line
            for number, line in enumerate(lines)
            if not (first < number < last and re.match(rf"\s*{key}\s*=", line))
        ]
        self._take("".join(kept))

    def save(self) -> None:
        """Replace the file, whole or not at all."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".sources-")
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            new.chmod(self.path.stat().st_mode & 0o777)
            new.replace(self.path)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise UsageError(f"{self.path}: cannot be written ({error.strerror})") from None

    def _place(self, name: str) -> int:
        for place, block in enumerate(self._blocks):
            if block.get("name") == name:
                return place
        raise UsageError(f"{self.path}: no source is named {name!r}")

    def _span(self, name: str, lines: list[str]) -> tuple[int, int]:
        """Return the lines of a block, from its header to its last key."""
        heads = [number for number, line in enumerate(lines) if _HEADER.match(line)]
        place = self._place(name)
        if len(heads) != len(self._blocks):
            raise ConfigError(
                [f"{self.path}: cannot be edited: write each source as a [[source]] block"]
            )
        last = heads[place + 1] if place + 1 < len(heads) else len(lines)
        while last > heads[place] + 1 and re.match(r"\s*(?:#|$)", lines[last - 1]):
            last -= 1
        return heads[place], last

    def _take(self, text: str) -> None:
        """Take over an edit that changed at most one block, or none and added or removed one."""
        try:
            blocks = _read(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([f"{self.path}: this edit must be made by hand ({error})"]) from None
        there = [block for block in self._blocks if block not in blocks]
        here = [block for block in blocks if block not in self._blocks]
        if len(there) > 1 or len(here) > 1:
            raise ConfigError([f"{self.path}: this edit must be made by hand"])
        self.text, self._blocks = text, blocks


def _read(text: str) -> list[Mapping[str, Any]]:
    blocks = tomllib.loads(text).get("source", [])
    return [block for block in blocks if isinstance(block, dict)]
