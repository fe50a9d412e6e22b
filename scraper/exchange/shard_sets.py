"""All shards of an import or reextraction: whether they are whole, and their rows in order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from scraper.errors import UsageError
from scraper.exchange.shards import (
    Manifest,
    Shard,
    ShardRow,
    manifest_name,
    read_manifest,
    require_parquet,
    rows_of,
)
from scraper.exchange.shares import Part, Place, SharedFile
from scraper.exchange.storage import folder_at
from scraper.record import record

__all__ = ["ShardSet", "shard_sets"]

# What some of the things that a reading depends on are called.
_TERMS = {"code": "version of the program"}


@record
class ShardSet:
    """The parts of one import.

    Attributes:
        manifests: of all its parts, in order.
    """

    manifests: tuple[Manifest, ...]

    @property
    def name(self) -> str:
        """How it is named to people: by its first file, and how many there are."""
        files = self.manifests[0].files
        if not files:
            return "reextract"
        return files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1:,} more"

    @property
    def selection(self) -> Mapping[str, str]:
        """Which versions of an archive were read, by option; {} for captures."""
        return self.manifests[0].selection

    @property
    def shards(self) -> list[tuple[Manifest, Shard]]:
        """All shards, each with the manifest that names it."""
        return [(manifest, shard) for manifest in self.manifests for shard in manifest.shards]

    @property
    def broken(self) -> list[str]:
        """What the parts could not read."""
        return [message for manifest in self.manifests for message in manifest.broken]

    def check_terms(self, terms: Mapping[str, str]) -> None:
        """Refuse readings that this program would not have made.

        Args:
            terms: what a reading depends on here.

        Raises:
            UsageError: one of them was another there.
        """
        for manifest in self.manifests:
            for name, value in terms.items():
                # Articles are judged anew where the lexicon is another one, but what a part left
                # out is not there to be judged.
                if name == "lexicon" and manifest.topic == "all":
                    continue
                if manifest.terms.get(name) != value:
                    called = _TERMS.get(name, name)
                    raise UsageError(
                        f"{manifest.path}: its pages were read with another {called}"
                        f" ({manifest.terms.get(name, 'none')}, here {value}): run part"
                        f" {manifest.part} again with the version and settings of this machine"
                    )

    def check_shards(self) -> None:
        """Compare each shard with its manifest.

        Raises:
            UsageError: one is missing, torn or altered; or none can be read here.
        """
        require_parquet()
        for manifest, shard in self.shards:
            folder, path = manifest.folder, manifest.folder.at(shard.name)
            again = f"run part {manifest.part} again (or copy its file again)"
            try:
                if (size := folder.size(shard.name)) != shard.size:
                    raise UsageError(
                        f"{path} has {size:,} bytes, its manifest says {shard.size:,}: {again}"
                    )
                digest = folder.digest(shard.name)
            except FileNotFoundError:
                raise UsageError(f"{path} is missing: {again}") from None
            except OSError as error:
                raise UsageError(f"{path} can't be read: {error.strerror or error}") from None
            if digest != shard.sha256:
                raise UsageError(f"{path} is not what its manifest says: {again}")

    def versions(self) -> Iterator[ShardRow]:
        """Yield the versions of an archive that were read, in the order of their ids."""
        return _Rows(self.shards).before(1)

    def batches(self) -> Iterator[tuple[str, Iterator[ShardRow]]]:
        """Yield what was imported together: the name it is counted under, and its captures.

        All captures of one have to be taken before the next is asked for.
        """
        files = self.manifests[0].files
        rows = _Rows(self.shards)
        numbered = enumerate(files)
        for (_, label), some in groupby(numbered, lambda one: _batch(one[1])):
            last = max(number for number, _ in some)
            yield label, rows.before(last + 1)


def _batch(file: SharedFile) -> tuple[str, str]:
    return file.kind, file.label


class _Rows:
    """The rows of shards in the order of their places; each shard is opened when it is reached."""

    def __init__(self, shards: Iterable[tuple[Manifest, Shard]]) -> None:
        self._shards = list(shards)
        self._open: dict[int, Iterator[ShardRow]] = {}
        self._next: dict[int, ShardRow] = {}
        self._heap = [(shard.first, n) for n, (_, shard) in enumerate(self._shards)]
        heapq.heapify(self._heap)

    def before(self, file: int) -> Iterator[ShardRow]:
        """Yield the rows of all files before one."""
        while self._heap and self._heap[0][0] < Place(file, 0):
            _, n = self._heap[0]
            if n not in self._open:
                self._open[n] = rows_of(*self._shards[n])
                self._next[n] = next(self._open[n])
            row = self._next[n]
            following = next(self._open[n], None)
            if following is None:
                heapq.heappop(self._heap)
                del self._open[n], self._next[n]
            else:
                self._next[n] = following
                heapq.heapreplace(self._heap, (following.place, n))
            yield row


def shard_sets(places: Sequence[Path | str]) -> list[ShardSet]:
    """Return the imports whose parts lie in folders, in the order in which they are named.

    Raises:
        UsageError: a folder holds none; a part of one is missing; two say different things.
    """
    manifests: list[Manifest] = []
    for folder in map(folder_at, places):
        names = [name for name in folder.names("part-", ".json") if "-of-" in name]
        if not names:
            unnamed = next(iter(folder.names("", ".parquet")), None)
            raise UsageError(
                f"{folder.at(unnamed)} has no manifest: run its part again"
                if unnamed
                else f"{folder}: there are no shards here (`scraper import … --shards` writes them)"
            )
        manifests += [read_manifest(folder, name) for name in names]
    by_import: dict[tuple[object, ...], list[Manifest]] = {}
    for manifest in manifests:
        by_import.setdefault(_import_of(manifest), []).append(manifest)
    _refuse_different(list(by_import.values()))
    return [_whole(some) for some in by_import.values()]


def _refuse_different(imports: Sequence[Sequence[Manifest]]) -> None:
    """Refuse parts of one number of parts that were given different files.

    Raises:
        UsageError: there are such, and neither import is whole.
    """
    torn: dict[int, Manifest] = {}
    for some in imports:
        first = some[0]
        if len({manifest.part for manifest in some}) == first.part.of:
            continue
        other = torn.setdefault(first.part.of, first)
        if other is not first:
            raise UsageError(
                f"{other.path} and {first.path} are parts of different imports: give all parts the"
                " same files in the same order, and the same options, and run them again"
            )


def _import_of(manifest: Manifest) -> tuple[object, ...]:
    """Return what the parts of one import have in common."""
    files = tuple(replace(file, sha256=None) for file in manifest.files)
    return manifest.part.of, manifest.topic, files, tuple(sorted(manifest.selection.items()))


def _whole(manifests: Sequence[Manifest]) -> ShardSet:
    """Return the parts of an import, in order.

    Raises:
        UsageError: one is missing, or they contradict one another.
    """
    parts: dict[int, Manifest] = {}
    of = manifests[0].part.of
    for manifest in manifests:
        known = parts.setdefault(manifest.part.number, manifest)
        if [one.sha256 for one in known.shards] != [one.sha256 for one in manifest.shards]:
            raise UsageError(
                f"{known.path} and {manifest.path} are the same part with different shards:"
                " delete one of them"
            )
    for number in range(1, of + 1):
        if number not in parts:
            missing = manifest_name(Part(number, of))
            first = manifests[0]
            raise UsageError(
                f"{first.folder}: part {number}/{of} is missing ({missing}): run it, or name"
                " its folder too"
            )
    hashes: dict[int, tuple[str, Manifest]] = {}
    for manifest in parts.values():
        for file, one in enumerate(manifest.files):
            if one.sha256 is None:
                continue
            told, other = hashes.setdefault(file, (one.sha256, manifest))
            if told != one.sha256:
                raise UsageError(
                    f"{manifest.path} and {other.path} were made of different files named"
                    f" {one.name}: give all parts the same files and run them again"
                )
    return ShardSet(manifests=tuple(parts[number] for number in range(1, of + 1)))
