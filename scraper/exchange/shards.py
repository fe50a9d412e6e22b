"""Shards: captures that one machine has read and another will write, as Parquet with a manifest.

A part of an import writes its shards under other names and renames them (into a bucket: copies
them) when all are whole; the manifest comes last and names them with their hashes. So a part leaves
all of its shards or none, and one that runs again replaces what it left before.

A row holds the capture as it was given and what was read from it. What is read from shards is as
trusted as the archive that they go into: nobody else should be able to write to their folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.errors import ScraperError, UsageError
from scraper.exchange.shares import Part, Place, SharedFile
from scraper.exchange.storage import Folder
from scraper.models import Hop, Page, ReadPage
from scraper.record import record

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "FORMAT",
    "GROUP_ROWS",
    "Manifest",
    "Shard",
    "ShardRow",
    "columns_of",
    "manifest_json",
    "manifest_name",
    "read_manifest",
    "require_parquet",
    "row_schema",
    "rows_of",
]

FORMAT = "scraper/shards/1"
# Rows that are held at most before they are written, and that are read at once.
GROUP_ROWS = 32
_MOST_MANIFEST = 512 * 1024 * 1024


@record
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


@record
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


@record
class Manifest:
    """What a part wrote.

    Attributes:
        folder: where it and its shards are.
        name: of the manifest.
        part: which part of how many.
        terms: what the readings depend on, by name.
        topic: ``all``, or ``only`` where what is off topic was left out.
        files: all files of the import; none where versions of an archive were read.
        broken: what could not be read.
        counts: captures by outcome; those that are off topic under ``off topic``.
        shards: the files, in order.
        selection: which versions of an archive were read, by option; {} for captures.
    """

    folder: Folder
    name: str
    part: Part
    terms: Mapping[str, str]
    topic: str
    files: tuple[SharedFile, ...]
    broken: tuple[str, ...]
    counts: Mapping[str, int]
    shards: tuple[Shard, ...]
    selection: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """How the manifest is named to people."""
        return self.folder.at(self.name)


def manifest_name(part: Part) -> str:
    """Return the name of a part's manifest, such as ``part-00001-of-00004.json``."""
    return f"part-{part.number:05}-of-{part.of:05}.json"


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


def row_schema() -> pyarrow.Schema:
    """Return the columns of shards.

    Raises:
        UsageError: the extra ``parquet`` is not installed.
    """
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


def columns_of(row: ShardRow) -> dict[str, object]:
    """Return a row by the names of its columns."""
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

    path = manifest.folder.at(shard.name)
    try:
        with (
            manifest.folder.local(shard.name, shard.size) as local,
            pyarrow.parquet.ParquetFile(local) as file,
        ):
            for batch in file.iter_batches(batch_size=GROUP_ROWS):
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


def manifest_json(manifest: Manifest) -> bytes:
    """Return a manifest as it is written."""
    told = asdict(manifest)
    del told["folder"], told["name"]
    told["part"], told["of"] = manifest.part.number, manifest.part.of
    for shard, read in zip(told["shards"], manifest.shards, strict=True):
        shard["first"] = [read.first.file, read.first.number]
    text = json.dumps({"format": FORMAT} | told, indent=1, sort_keys=False)
    return (text + "\n").encode()


def read_manifest(folder: Folder, name: str) -> Manifest:
    """Return what a part wrote down.

    Args:
        folder: where its shards are.
        name: of the manifest.

    Raises:
        UsageError: it can't be read, or is no manifest of this format.
    """
    path = folder.at(name)
    try:
        raw = json.loads(folder.read(name, _MOST_MANIFEST))
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
            folder=folder,
            name=name,
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
        raise UsageError(f"{path} can't be read: {error.strerror or error}") from None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise UsageError(f"{path} is torn or no manifest of shards: run its part again") from None


def _plain_name(name: str) -> str:
    """Return the name of a file in the manifest's own folder (`ValueError` for any other)."""
    if not name or Path(name).name != name:
        raise ValueError(name)
    return name
