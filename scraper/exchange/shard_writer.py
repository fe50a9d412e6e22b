"""Writing shards: a part's files, then its manifest, all of them or none."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scraper.errors import ScraperError
from scraper.exchange.shards import (
    GROUP_ROWS,
    Manifest,
    Shard,
    ShardRow,
    columns_of,
    manifest_json,
    manifest_name,
    row_schema,
)
from scraper.exchange.shares import Part, Place, SharedFile
from scraper.exchange.storage import Folder, folder_at

__all__ = ["ShardFile", "ShardWriter", "WritingShards"]

# Bytes of pages and readings that go into one shard, and that are held until they are written.
_SHARD, _GROUP = 512 * 1024 * 1024, 4 * 1024 * 1024


class WritingShards:
    """Makes one line of what a disk or a store refuses.

    Args:
        folder: where shards were to be written.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise ScraperError(
                f"{self._folder}: shards can't be written there: {error.strerror or error};"
                " none of this part was kept: run it again once that is mended"
            ) from error


class ShardFile:
    """One shard, in the making; a context manager, which deletes it unless it was kept.

    Args:
        scratch: folder of this machine in which it is made.
        stem: how its name begins.
        place: of its first row.

    Raises:
        OSError: it can't be written; as from the other methods.
    """

    def __init__(self, scratch: Path, stem: str, place: Place) -> None:
        import pyarrow.parquet

        self._stem = stem
        self._first = place
        self._held: list[dict[str, object]] = []
        self._held_bytes = self._rows = 0
        self.bytes = 0
        handle, name = tempfile.mkstemp(".tmp", f"{stem}-", scratch)
        self.path = Path(name)
        self._file: io.BufferedRandom | None = os.fdopen(handle, "w+b")
        self._schema = row_schema()
        self._writer: Any = pyarrow.parquet.ParquetWriter(
            self._file, self._schema, compression="zstd"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def drop(self) -> None:
        """Delete it; nothing where it was put in place."""
        if self._file is not None:
            # What it still has to write may be what the disk refuses.
            with suppress(OSError, ValueError):
                self._writer.close()
            with suppress(OSError):
                self._file.close()
            self._file = None
        self.path.unlink(missing_ok=True)

    def add(self, row: ShardRow) -> None:
        """Write a row; rows come in the order of their places."""
        self._held.append(columns_of(row))
        size = len(row.page.body) + len(row.page.reading)
        self._held_bytes += size
        self.bytes += size
        if self._held_bytes >= _GROUP or len(self._held) >= GROUP_ROWS:
            self._flush()

    def finish(self) -> Shard:
        """Return what it is; it is then whole, under its first name."""
        if self._held:
            self._flush()
        assert self._file is not None
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.seek(0)
        digest = hashlib.file_digest(self._file, "sha256").hexdigest()
        size = self._file.tell()
        self._file.close()
        self._file = None
        self.path.chmod(0o644)
        return Shard(
            name=f"{self._stem}-{digest[:16]}.parquet", rows=self._rows, size=size, sha256=digest,
            first=self._first,
        )  # fmt: skip

    def _flush(self) -> None:
        import pyarrow

        self._writer.write_table(pyarrow.Table.from_pylist(self._held, schema=self._schema))
        self._rows += len(self._held)
        self._held.clear()
        self._held_bytes = 0


class ShardWriter:
    """Writes the shards of a part; a context manager, which leaves nothing after an error.

    Args:
        place: the folder where they go, or its address; a folder is made where it is missing.
        part: which part.

    Raises:
        UsageError: the extra ``parquet`` is not installed, or ``buckets`` for an address.
        ScraperError: the folder can't be written.
    """

    def __init__(self, place: Path | str, part: Part) -> None:
        row_schema()
        self._folder = folder_at(place)
        self._part = part
        self._stem = manifest_name(part).removesuffix(".json")
        self._file: ShardFile | None = None
        # Written shards, as long as the part is not whole.
        self._written: list[tuple[ShardFile, Shard]] = []
        self._stack = ExitStack()
        with self._told():
            # Whoever may not write here is told before anything is read.
            self._folder.prepare()
            self._scratch = self._stack.enter_context(self._folder.scratch())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.drop()
        for file, _shard in self._written:
            file.drop()
        self._stack.close()

    def add(self, row: ShardRow) -> None:
        """Write a row; rows come in the order of their places.

        Raises:
            ScraperError: the disk is full, or can't be written.
        """
        with self._told():
            if self._file is None:
                stem = f"{self._stem}-{len(self._written):04}"
                self._file = ShardFile(self._scratch, stem, row.place)
            self._file.add(row)
            if self._file.bytes >= _SHARD:
                self._end()

    def finish(
        self,
        *,
        terms: Mapping[str, str],
        topic: str,
        files: Sequence[SharedFile],
        broken: Sequence[str],
        counts: Mapping[str, int],
        selection: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Put the shards in place, and the manifest last; what the part left before is deleted.

        Raises:
            ScraperError: the disk is full, or can't be written.
        """
        with self._told():
            self._end()
            manifest = Manifest(
                folder=self._folder, name=manifest_name(self._part), part=self._part, terms=terms,
                topic=topic, files=tuple(files), broken=tuple(broken), counts=dict(counts),
                shards=tuple(shard for _, shard in self._written),
                selection=dict(selection or {}),
            )  # fmt: skip
            for file, shard in self._written:
                self._folder.keep(file.path, shard.name)
            self._written.clear()
            write_manifest(manifest, self._scratch)
            kept = {shard.name for shard in manifest.shards}
            for name in self._folder.names(f"{self._stem}-", ""):
                if name not in kept:
                    self._folder.delete(name)
        return manifest

    def _end(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            self._written.append((file, file.finish()))

    def _told(self) -> WritingShards:
        return WritingShards(self._folder)


def write_manifest(manifest: Manifest, scratch: Path) -> None:
    """Put a manifest beside its shards, which were put in place before.

    Raises:
        OSError: it can't be written.
    """
    folder = manifest.folder
    handle, name = tempfile.mkstemp(".tmp", "manifest-", scratch)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(manifest_json(manifest))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        folder.settle()
        folder.keep(Path(name), manifest.name)
    finally:
        Path(name).unlink(missing_ok=True)
    folder.settle()
