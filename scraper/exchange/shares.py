"""Shares of an import: which captures each of several processes takes.

All processes are given the same files in the same order. File number F (from 0) belongs to part
F mod N + 1. Of a file of 64 MB or more, a capture belongs to part (F + C) mod N + 1, where C is the
CRC-32 of its identity. So each capture belongs to exactly one part, however many machines there are
and whatever else each of them could read, and nothing has to be agreed upon between them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from scraper.errors import ScraperError, UsageError
from scraper.exchange.imports import Found, captures_of
from scraper.exchange.warc_records import BrokenRecords
from scraper.models import Page
from scraper.record import record

__all__ = ["BLOCK", "DIVIDED_BYTES", "Part", "Place", "Share", "SharedFile"]

# Bytes from which a file is divided: reading a file only to pass over most of it costs little of
# what its pages cost, but not nothing. Versions of an archive are divided by blocks of `BLOCK`.
DIVIDED_BYTES, BLOCK = 64 * 1024 * 1024, 64
_MOST_PARTS = 100_000


@record(kw_only=False)
class Part:
    """One of several shares.

    Attributes:
        number: from 1.
        of: how many there are.
    """

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the part that ``I/N`` names.

        Raises:
            UsageError: it names none.
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        if found is None:
            raise UsageError(f"--part {text}: write it as I/N, such as 1/4 for the first of four")
        number, of = int(found[1]), int(found[2])
        if not 1 <= of <= _MOST_PARTS or not 1 <= number <= of:
            raise UsageError(
                f"--part {text}: parts are numbered from 1 to N, and N is at most {_MOST_PARTS:,}"
            )
        return cls(number, of)

    def __str__(self) -> str:
        """Return it as it is given: ``I/N``."""
        return f"{self.number}/{self.of}"

    def takes_version(self, version: int) -> bool:
        """Return whether a version of an archive belongs to this part, by its id alone.

        So it does not matter what else the archive holds by the time each part reads it.
        """
        return version // BLOCK % self.of == self.number - 1


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a capture stands among all that are imported.

    Attributes:
        file: number of its file, from 0.
        number: its number in the file, from 0, among those that could be read: where a record
            stopped the reader of one share alone, its numbers are lower than those of others.
    """

    file: int
    number: int


@record
class SharedFile:
    """A file of an import as its shares know it.

    Attributes:
        name: its name, without its folder.
        label: name that its captures are counted under.
        kind: what it is.
        size: bytes.
        sha256: of its bytes, or None where no capture of it is in this share.
    """

    name: str
    label: str
    kind: str
    size: int
    sha256: str | None


class Share:
    """The captures of one part.

    Args:
        files: all files of the import, in order, each with the name it is counted under.
        part: which share.

    Attributes:
        part: as given.
        size: bytes of all files.
        broken: what could not be read of the files that are this part's to report.

    Raises:
        UsageError: a file names addresses, which are fetched, or cannot be read.
    """

    def __init__(self, files: Sequence[tuple[Found, str]], part: Part) -> None:
        self._files = files
        self.part = part
        self.broken: list[str] = []
        try:
            self._sizes = [one.size for one, _ in files]
        except OSError as error:
            raise UsageError(f"{error.filename} can't be read: {error.strerror}") from None
        self.size = sum(self._sizes)
        for one, _ in files:
            if one.kind == "addresses":
                raise UsageError(
                    f"{one} only names articles: they are fetched, which no part does;"
                    " import it by itself, without --part and --shards"
                )

    def files(self) -> list[SharedFile]:
        """Return all files of the import; those that this share reads are hashed for it.

        Raises:
            UsageError: one of them can't be read.
        """
        return [
            SharedFile(
                name=one.path.name,
                label=label,
                kind=one.kind,
                size=size,
                sha256=_hash_of(one) if self._reads(number) else None,
            )
            for number, ((one, label), size) in enumerate(
                zip(self._files, self._sizes, strict=True)
            )
        ]

    def captures(self) -> Iterator[tuple[tuple[Place, str], Page, int]]:
        """Yield captures: place and identity, page, and bytes of all files read so far."""
        before = 0
        for file, (one, _) in enumerate(self._files):
            size = self._sizes[file]
            if self._reads(file):
                try:
                    for number, (key, page, at) in enumerate(captures_of(one)):
                        if self._takes(file, key):
                            yield (Place(file, number), key), page, before + min(at, size)
                except ScraperError as error:
                    # Damage is met by each process that reads the file: one tells. What stopped a
                    # reader here may have stopped no other.
                    if self._owns(file) or not _is_damage(error):
                        self.broken.append(error.message)
            before += size

    def _is_divided(self, file: int) -> bool:
        return self._sizes[file] >= DIVIDED_BYTES

    def _owns(self, file: int) -> bool:
        return file % self.part.of == self.part.number - 1

    def _reads(self, file: int) -> bool:
        return self._owns(file) or self._is_divided(file)

    def _takes(self, file: int, key: str) -> bool:
        # Never by a number: it depends on which records before it could be read.
        code = zlib.crc32(key.encode("utf-8", "surrogatepass")) if self._is_divided(file) else 0
        return (file + code) % self.part.of == self.part.number - 1


def _is_damage(error: ScraperError) -> bool:
    """Return whether any process that reads the file is told the same."""
    return isinstance(error, BrokenRecords) and not error.breaks.stopped


def _hash_of(found: Found) -> str | None:
    """Return the hash of a file's bytes; of one that can't be read, what reads it tells."""
    try:
        return found.digest()
    except (OSError, ScraperError):
        return None
