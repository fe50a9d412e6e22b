"""Shards: captures that one machine has read and another will write, as Parquet with a manifest.

A part of an import writes its shards under other names and renames them when they are whole; the
manifest comes last and names them with their hashes. So a part leaves all of its shards or none,
and one that runs again replaces what it left before.

A row holds the capture as it was given and what was read from it. What is read from shards is as
trusted as the archive that they go into: nobody else should be able to write to their folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from scraper.errors import ScraperError, UsageError
from scraper.exchange.shares import Part, Place, SharedFile
from scraper.models import Hop, Page, ReadPage

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "FORMAT",
    "Manifest",
    "Shard",
    "ShardRow",
    "ShardWriter",
    "manifest_name",
    "read_manifest",
    "require_parquet",
    "rows_of",
]

FORMAT = "scraper/shards/1"
# Bytes of pages and readings that go into one shard, and that are held until they are written.
_SHARD, _GROUP = 512 * 1024 * 1024, 4 * 1024 * 1024
# Rows that are held at most, and that are read at once.
_GROUP_ROWS = 32
_MOST_MANIFEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRow:
    """A capture that was read.

    Attributes:
        place: where it stands among all captures of the import; of a version its id.
        key: its identity; of a version, what the reading was made of.
        page: the response as it was captured, and what was read from it; of a version without body.
        outcome: what it is: as the reader says.
        on_topic: what the lexicon says of an article, or None.
    """

    place: Place
    key: str
    page: ReadPage
    outcome: str
    on_topic: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A file of rows.

    Attributes:
        name: of the file, in the folder of its manifest.
        rows: how many.
        size: bytes.
        sha256: of the file.
        first: place of its first row.
    """

    name: str
    rows: int
    size: int
    sha256: str
    first: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a part wrote.

    Attributes:
        path: the manifest.
        part: which part of how many.
        terms: what the readings depend on, by name.
        topic: ``all``, or ``only`` where what is off topic was left out.
        files: all files of the import; none where versions of an archive were read.
        broken: what could not be read.
        counts: captures by outcome; those that are off topic under ``off topic``.
        shards: the files, in order.
        selection: which versions of an archive were read, by option; {} for captures.
    """

    path: Path
    part: Part
    terms: Mapping[str, str]
    topic: str
    files: tuple[SharedFile, ...]
    broken: tuple[str, ...]
    counts: Mapping[str, int]
    shards: tuple[Shard, ...]
    selection: Mapping[str, str] = field(default_factory=dict)


def manifest_name(part: Part) -> str:
    """Return the name of a part's manifest, such as ``part-00001-of-00004.json``."""
    return f"part-{part.number:05}-of-{part.of:05}.json"


class ShardWriter:
    """Writes the shards of a part; a context manager, which leaves nothing after an error.

    Args:
        folder: where they go; it is made where it is missing.
        part: which part.

    Raises:
        UsageError: the extra ``parquet`` is not installed.
        ScraperError: the folder can't be written.
    """

    def __init__(self, folder: Path, part: Part) -> None:
        self._schema = _schema()
        self._folder = folder
        self._part = part
        self._stem = manifest_name(part).removesuffix(".json")
        self._file: io.BufferedRandom | None = None
        self._path = folder
        self._writer: Any = None
        self._held: list[dict[str, object]] = []
        self._held_bytes = self._bytes = self._rows = 0
        self._first = Place(0, 0)
        # Written shards, by the names that they have until the part is whole.
        self._written: list[tuple[Path, Shard]] = []
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            # Whoever may not write here is told before anything is read.
            with tempfile.TemporaryFile(dir=folder):
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            # What it still has to write may be what the disk refuses.
            with suppress(OSError, ValueError):
                self._writer.close()
            with suppress(OSError):
                self._file.close()
            self._path.unlink(missing_ok=True)
        for path, _shard in self._written:
            path.unlink(missing_ok=True)

    def add(self, row: ShardRow) -> None:
        """Write a row; rows come in the order of their places.

        Raises:
            ScraperError: the disk is full, or can't be written.
        """
        if self._file is None:
            self._begin(row.place)
        self._held.append(_columns(row))
        size = len(row.page.body) + len(row.page.reading)
        self._held_bytes += size
        self._bytes += size
        if self._held_bytes >= _GROUP or len(self._held) >= _GROUP_ROWS:
            self._flush()
        if self._bytes >= _SHARD:
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
        if self._file is not None:
            self._end()
        shards = tuple(shard for _, shard in self._written)
        manifest = Manifest(
            path=self._folder / manifest_name(self._part), part=self._part, terms=terms,
            topic=topic, files=tuple(files), broken=tuple(broken), counts=dict(counts),
            shards=shards, selection=dict(selection or {}),
        )  # fmt: skip
        with self._told():
            for path, shard in self._written:
                path.replace(self._folder / shard.name)
            self._written.clear()
            handle, name = tempfile.mkstemp(".tmp", f"{self._stem}-", self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_json(manifest))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(0o644)
                _sync(self._folder)
                Path(name).replace(manifest.path)
            finally:
                Path(name).unlink(missing_ok=True)
            _sync(self._folder)
            kept = {shard.name for shard in shards}
            for path in self._folder.glob(f"{self._stem}-*"):
                if path.name not in kept:
                    path.unlink(missing_ok=True)
        return manifest

    def _begin(self, place: Place) -> None:
        import pyarrow.parquet

        with self._told():
            handle, name = tempfile.mkstemp(".tmp", f"{self._stem}-", self._folder)
            self._file, self._path = os.fdopen(handle, "w+b"), Path(name)
            self._writer = pyarrow.parquet.ParquetWriter(
                self._file, self._schema, compression="zstd"
            )
        self._first, self._rows = place, 0

    def _flush(self) -> None:
        import pyarrow

        with self._told():
            self._writer.write_table(pyarrow.Table.from_pylist(self._held, schema=self._schema))
        self._rows += len(self._held)
        self._held.clear()
        self._held_bytes = 0

    def _end(self) -> None:
        if self._held:
            self._flush()
        assert self._file is not None
        with self._told():
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.seek(0)
            digest = hashlib.file_digest(self._file, "sha256").hexdigest()
            size = self._file.tell()
            self._file.close()
            self._path.chmod(0o644)
        self._file = None
        self._bytes = 0
        name = f"{self._stem}-{len(self._written):04}-{digest[:16]}.parquet"
        shard = Shard(name=name, rows=self._rows, size=size, sha256=digest, first=self._first)
        self._written.append((self._path, shard))

    def _told(self) -> _Told:
        return _Told(self._folder)


class _Told:
    """Makes one line of what a disk refuses."""

    def __init__(self, folder: Path) -> None:
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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Rows


def require_parquet() -> None:
    """Refuse to begin what Parquet is needed for.

    Raises:
        UsageError: the extra ``parquet`` is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise UsageError("shards need the extra: pip install 'scraper[parquet]'") from None


def _schema() -> pyarrow.Schema:
    require_parquet()
    import pyarrow

    return pyarrow.schema(
        [
            # To be read by people and their tools
            ("url", pyarrow.string()),
            ("captured_at", pyarrow.timestamp("us", tz="UTC")),
            ("outcome", pyarrow.string()),
            ("on_topic", pyarrow.bool_()),
            # To be merged
            ("file", pyarrow.int64()),
            ("number", pyarrow.int64()),
            ("capture", pyarrow.binary()),
            ("body", pyarrow.binary()),
            ("reading", pyarrow.binary()),
        ]
    )


def _columns(row: ShardRow) -> dict[str, object]:
    page = row.page
    told = {
        one.name: getattr(page, one.name)
        for one in fields(Page)
        if one.name not in ("body", "hops", "headers", "fetched_at")
    }
    told["headers"] = dict(page.headers)
    told["hops"] = [asdict(hop) for hop in page.hops]
    told["fetched_at"] = page.fetched_at.isoformat()
    return {
        "url": page.url.encode("utf-8", "replace").decode(),
        "captured_at": page.fetched_at,
        "outcome": row.outcome,
        "on_topic": row.on_topic,
        "file": row.place.file,
        "number": row.place.number,
        # ASCII: what no UTF-8 may hold stands in some addresses and headers.
        "capture": json.dumps({"key": row.key, "page": told}).encode(),
        "body": page.body,
        "reading": page.reading,
    }


def rows_of(manifest: Manifest, shard: Shard) -> Iterator[ShardRow]:
    """Yield the rows of a shard, a few in memory at a time.

    Raises:
        ScraperError: the shard can't be read.
    """
    require_parquet()
    import pyarrow
    import pyarrow.parquet

    path = manifest.path.parent / shard.name
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_GROUP_ROWS):
                for row in batch.to_pylist():
                    yield _row(row)
    except (OSError, pyarrow.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ScraperError(
            f"{path} can't be read ({error}): run part {manifest.part} again, then merge again"
        ) from None


def _row(row: Mapping[str, Any]) -> ShardRow:
    capture = json.loads(row["capture"])
    told = capture["page"]
    told["hops"] = tuple(Hop(**hop) for hop in told["hops"])
    told["fetched_at"] = datetime.fromisoformat(told["fetched_at"])
    return ShardRow(
        place=Place(row["file"], row["number"]),
        key=capture["key"],
        page=ReadPage(**told, body=row["body"], reading=row["reading"]),
        outcome=row["outcome"],
        on_topic=row["on_topic"],
    )


# Manifests


def _json(manifest: Manifest) -> bytes:
    told = asdict(manifest)
    del told["path"]
    told["part"], told["of"] = manifest.part.number, manifest.part.of
    for shard, read in zip(told["shards"], manifest.shards, strict=True):
        shard["first"] = [read.first.file, read.first.number]
    text = json.dumps({"format": FORMAT} | told, indent=1, sort_keys=False)
    return (text + "\n").encode()


def read_manifest(path: Path) -> Manifest:
    """Return what a part wrote down.

    Raises:
        UsageError: it can't be read, or is no manifest of this format.
    """
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_MOST_MANIFEST))
        if not isinstance(raw, dict) or "format" not in raw:
            raise UsageError(f"{path} is no manifest of shards: run its part again")
        if raw["format"] != FORMAT:
            raise UsageError(
                f"{path} has the format {str(raw['format'])[:80]}, and this program reads {FORMAT}:"
                " run its part again with this version"
            )
        shards = [
            Shard(**{**one, "name": _plain_name(one["name"]), "first": Place(*one["first"])})
            for one in raw["shards"]
        ]
        selection = {str(name): str(value) for name, value in raw.get("selection", {}).items()}
        if not raw["files"] and not selection:
            raise ValueError("it names no files")
        return Manifest(
            path=path,
            part=Part.parse(f"{raw['part']}/{raw['of']}"),
            terms={str(name): str(value) for name, value in raw["terms"].items()},
            topic=str(raw["topic"]),
            files=tuple(SharedFile(**one) for one in raw["files"]),
            broken=tuple(map(str, raw["broken"])),
            counts={str(name): int(count) for name, count in raw["counts"].items()},
            shards=tuple(shards),
            selection=selection,
        )
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise UsageError(f"{path} is torn or no manifest of shards: run its part again") from None


def _plain_name(name: str) -> str:
    """Return the name of a file in the manifest's own folder (`ValueError` for any other)."""
    if not name or Path(name).name != name:
        raise ValueError(name)
    return name
