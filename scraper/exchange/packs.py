"""Packs of sources: the shipped `catalogue.toml`, by subject and language.

The catalogue is read, never visited: a pack is added to `sources.toml`, where its blocks are the
reader's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scraper.config import sources_in
from scraper.errors import UsageError
from scraper.models import Source
from scraper.record import record
from scraper.toml_file import WORD, Key, Table, TomlFile, shipped_config

__all__ = ["SourcePack", "pick_packs", "read_packs"]

_PACK = Table(
    {
        "name": Key(WORD.allowed, WORD.accepts, required=True),
        "about": Key(WORD.allowed, WORD.accepts, required=True),
        "language": WORD,
    }
)


@record
class SourcePack:
    """Sources that are added together.

    Attributes:
        name: as ``--pack`` takes it.
        about: what it holds, in one line.
        sources: its sources, in the catalogue's order.
    """

    name: str
    about: str
    sources: tuple[Source, ...]


def read_packs(path: Path | None = None) -> tuple[SourcePack, ...]:
    """Return the packs of a catalogue, in its order.

    A pack with a language holds all sources in that language; any other holds the sources that name
    it.

    Args:
        path: the catalogue; None means the shipped one.

    Raises:
        ConfigError: with one line for each problem.
    """
    file = TomlFile(path or shipped_config() / "catalogue.toml")
    blocks = file.tables.pop("pack", [])
    members = _take_members(file)
    sources = sources_in(file)
    packs = []
    for number, block in enumerate(blocks if isinstance(blocks, list) else [], 1):
        good = _PACK.check(file, f"[[pack]] {number}", block, "pack", number)
        if good is not None:
            packs.append(_pack(good, sources, members))
    known = {pack.name for pack in packs}
    for name, named in members.items():
        for pack in named:
            if pack not in known:
                file.report(f"the source {name}", f"packs: there is no pack {pack!r}")
    file.raise_problems()
    return tuple(packs)


def pick_packs(packs: Sequence[SourcePack], names: Sequence[str]) -> tuple[SourcePack, ...]:
    """Return the named packs, in the order of their names.

    Raises:
        UsageError: there is none of a name.
    """
    by_name = {pack.name: pack for pack in packs}
    for name in names:
        if name not in by_name:
            raise UsageError(f"there is no pack {name!r} (there are: {', '.join(by_name)})")
    return tuple(by_name[name] for name in names)


def _take_members(file: TomlFile) -> dict[str, Sequence[str]]:
    """Take the key `packs` out of the blocks of a file; return the packs by source."""
    members: dict[str, Sequence[str]] = {}
    for block in file.blocks("source"):
        if isinstance(block, dict) and "packs" in block:
            packs = block.pop("packs")
            if isinstance(packs, list) and all(isinstance(name, str) for name in packs):
                members[str(block.get("name"))] = packs
            else:
                file.report(f"the source {block.get('name')}", "packs must be a list of names")
    return members


def _pack(
    good: dict[str, Any], sources: Sequence[Source], members: dict[str, Sequence[str]]
) -> SourcePack:
    name, language = good["name"], good.get("language")
    return SourcePack(
        name=name,
        about=good["about"],
        sources=tuple(
            source
            for source in sources
            if (source.language == language if language else name in members.get(source.name, ()))
        ),
    )
