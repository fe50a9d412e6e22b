"""Where captures and shards lie: a folder of this machine, or a bucket (``s3://…``) by fsspec.

A file of a bucket is read as a whole: it is copied to this machine, compared with its size, and
copied again where the store ended too early. What is written to a bucket counts once the store says
that it has all of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from scraper.errors import ErrorClass, ScraperError, UsageError
from scraper.record import record

__all__ = [
    "Bucket",
    "Folder",
    "LocalFolder",
    "RemoteFile",
    "folder_at",
    "is_address",
    "remote_files",
    "remote_head",
]

# How often a copy is begun where the store ends too early or loses what it was given.
_TRIES = 3
_STEP = 1024 * 1024
# Packages whose errors fsspec lets through, and whose addresses are not ours to dial.
_STORES = frozenset(
    {"adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs"}
)
_WEB = frozenset({"http", "https"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://")


def is_address(text: str) -> bool:
    """Return whether a text names a place in a store, such as ``s3://bucket/crawl``."""
    return _SCHEME.match(text) is not None


def _opened(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        UsageError: the extra is not installed, or nothing knows such addresses.
    """
    scheme = address.partition("://")[0].lower()
    if scheme in _WEB:
        raise UsageError(
            f"{address}: pages and captures of the web are not read by an import: download the file"
            " and name it"
        )
    try:
        from fsspec.core import url_to_fs

        # Others write to the bucket meanwhile: what was listed before says nothing.
        store, path = url_to_fs(address, use_listings_cache=False, listings_expiry_time=0)
    except ImportError:
        extra = "scraper[buckets]"
        raise UsageError(
            f"{address} needs the extra: pip install '{extra}'"
            + ("" if scheme == "s3" else f", and the package that fsspec wants for {scheme}://")
        ) from None
    except ValueError as error:
        raise UsageError(f"{address} can't be opened: {error}") from None
    return store, str(path)


class _Told:
    """Makes one line of what a disk or a store refuses.

    Args:
        what: which place, and what could not be done there.
        missing: whether `FileNotFoundError` is let through.
    """

    def __init__(self, what: str, *, missing: bool = False) -> None:
        self._what = what
        self._missing = missing

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, FileNotFoundError) and self._missing:
            return
        theirs = type(error).__module__.partition(".")[0] in _STORES
        if isinstance(error, OSError) or theirs:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ScraperError(f"{self._what}: {why}") from error


# Files that are read


@record(kw_only=False)
class RemoteFile:
    """A file in a store.

    Attributes:
        address: such as ``s3://bucket/crawl/1.warc.gz``.
        size: bytes, when it was listed.
        modified: when it was written, or None where the store does not say.
    """

    address: str
    size: int
    modified: datetime | None

    @property
    def name(self) -> str:
        """Its name, without what it lies in."""
        return self.address.rstrip("/").rpartition("/")[2]

    def digest(self) -> str:
        """Return the hash (SHA-256) of its bytes.

        Raises:
            ScraperError: it can't be read.
        """
        return _digest(self.address, self.size)

    @contextmanager
    def local(self) -> Iterator[Path]:
        """Give a copy of it on this machine, of the same name and date, while it is needed.

        Raises:
            ScraperError: it can't be read as a whole, or has changed since it was listed.
        """
        with tempfile.TemporaryDirectory(prefix="scraper-") as folder:
            path = Path(folder) / self.name
            _copy(self.address, path, self.size)
            if self.modified is not None:
                # What has no date of its own has that of its file.
                at = self.modified.timestamp()
                os.utime(path, (at, at))
            yield path

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Give it opened for reading, of which only what is read is copied.

        Raises:
            ScraperError: it can't be read.
        """
        store, path = _opened(self.address)
        with _Told(f"{self.address} can't be read"), store.open(path, "rb") as file:
            yield file


def remote_files(address: str) -> list[RemoteFile]:
    """Return a file of a store, or all files below a folder of one, by name.

    Raises:
        UsageError: there is nothing, or the extra ``buckets`` is not installed.
        ScraperError: the store can't be read.
    """
    store, path = _opened(address)
    with _Told(f"{address} can't be read"):
        found = store.find(path, detail=True)
    files = [
        RemoteFile(store.unstrip_protocol(name), int(info["size"]), _modified(info))
        for name, info in sorted(found.items())
        if info["type"] == "file"
    ]
    if not files:
        raise UsageError(f"there is nothing at {address}")
    return files


def remote_head(address: str, most: int) -> bytes:
    """Return the first bytes of a file of a store.

    Raises:
        ScraperError: it can't be read.
    """
    store, path = _opened(address)
    with _Told(f"{address} can't be read"):
        return bytes(store.cat_file(path, start=0, end=most))


def _modified(info: dict[str, Any]) -> datetime | None:
    at = info.get("LastModified") or info.get("mtime") or info.get("created")
    return at if isinstance(at, datetime) and at.tzinfo else None


def _copy(address: str, target: Path, size: int) -> None:
    """Copy a file of a store to this machine, all of it."""
    store, path = _opened(address)

    def copy() -> int:
        store.get_file(path, str(target))
        return target.stat().st_size

    _whole(address, size, copy)


def _digest(address: str, size: int) -> str:
    """Return the hash of a file of a store."""
    store, path = _opened(address)
    total = hashlib.sha256()

    def read() -> int:
        nonlocal total
        total, got = hashlib.sha256(), 0
        with store.open(path, "rb", cache_type="none") as file:
            while part := file.read(_STEP):
                total.update(part)
                got += len(part)
        return got

    _whole(address, size, read)
    return total.hexdigest()


def _whole(address: str, size: int, read: Callable[[], int]) -> None:
    """Read a file of a store until all of its bytes have come.

    Raises:
        ScraperError: they have not, however often it was read.
    """
    got = 0
    for n in range(_TRIES):
        try:
            with _Told(f"{address} can't be read"):
                got = read()
        except ScraperError as error:
            # Some stores send a checksum, by which a read that ended early is an error.
            if n == _TRIES - 1 or isinstance(error.__cause__, FileNotFoundError | PermissionError):
                raise
        else:
            if got == size:
                return
    raise ScraperError(
        f"{address} can't be read: it ended after {got:,} of {size:,} bytes, or was changed",
        error_class=ErrorClass.TRUNCATED,
    )


# Folders of shards


class Folder(Protocol):
    """A place that holds shards and their manifests."""

    def at(self, name: str) -> str:
        """Return how a file of it is named to people."""

    def names(self, start: str, end: str) -> list[str]:
        """Return the names of its files that begin and end in some way, sorted.

        Raises:
            UsageError: there is no such folder.
        """

    def prepare(self) -> None:
        """Make it where it is missing, and see that it can be written (`OSError` otherwise)."""

    def scratch(self) -> AbstractContextManager[Path]:
        """Give a folder of this machine for files that `keep` will take."""

    def keep(self, made: Path, name: str) -> None:
        """Put a file of `scratch` in place; what has its name is replaced at once."""

    def settle(self) -> None:
        """Make sure that what was put in place before outlives a power cut."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""

    def size(self, name: str) -> int:
        """Return the bytes of a file (`FileNotFoundError` where it is missing)."""

    def digest(self, name: str) -> str:
        """Return the hash (SHA-256) of a file."""

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file, so many at most."""

    def local(self, name: str, size: int) -> AbstractContextManager[Path]:
        """Give a file of so many bytes on this machine, while it is needed."""


def folder_at(place: Path | str) -> Folder:
    """Return the folder of a path, or of an address such as ``s3://bucket/shards``.

    Raises:
        UsageError: the extra ``buckets`` is not installed.
    """
    if isinstance(place, str) and is_address(place):
        return Bucket(place)
    return LocalFolder(Path(place))


class LocalFolder:
    """A folder of this machine, or of a disk that it shares."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        """Return its path."""
        return str(self._path)

    def at(self, name: str) -> str:
        """Return how a file of it is named to people."""
        return str(self._path / name)

    def names(self, start: str, end: str) -> list[str]:
        """Return the names of its files that begin and end in some way, sorted."""
        if not self._path.is_dir():
            raise UsageError(f"no such folder of shards: {self._path}")
        names = sorted(path.name for path in self._path.iterdir())
        return [name for name in names if name.startswith(start) and name.endswith(end)]

    def prepare(self) -> None:
        """Make it where it is missing, and see that it can be written."""
        self._path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._path):
            pass

    def scratch(self) -> AbstractContextManager[Path]:
        """Give the folder itself: files are renamed in it."""
        return nullcontext(self._path)

    def keep(self, made: Path, name: str) -> None:
        """Put a file of `scratch` in place."""
        made.replace(self._path / name)

    def settle(self) -> None:
        """Make sure that what was put in place before outlives a power cut."""
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self._path / name).unlink(missing_ok=True)

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return (self._path / name).stat().st_size

    def digest(self, name: str) -> str:
        """Return the hash of a file."""
        with (self._path / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file, so many at most."""
        with (self._path / name).open("rb") as file:
            return file.read(most)

    def local(self, name: str, size: int) -> AbstractContextManager[Path]:
        """Give the file itself."""
        return nullcontext(self._path / name)


class Bucket:
    """A folder of a store.

    Args:
        address: such as ``s3://bucket/shards``.

    Raises:
        UsageError: the extra ``buckets`` is not installed.
    """

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        _opened(address)

    def __str__(self) -> str:
        """Return its address."""
        return self._address

    def at(self, name: str) -> str:
        """Return how a file of it is named to people."""
        return f"{self._address}/{name}"

    def names(self, start: str, end: str) -> list[str]:
        """Return the names of its files that begin and end in some way, sorted."""
        store, path = _opened(self._address)
        with _Told(f"{self._address} can't be read"):
            try:
                found = store.ls(path, detail=False)
            except FileNotFoundError:
                raise UsageError(f"no such folder of shards: {self._address}") from None
        names = sorted(str(name).rpartition("/")[2] for name in found)
        return [name for name in names if name.startswith(start) and name.endswith(end)]

    def prepare(self) -> None:
        """See that it can be written."""
        with tempfile.TemporaryDirectory(prefix="scraper-") as folder:
            probe = Path(folder) / f"probe-{os.getpid()}.tmp"
            probe.write_bytes(b"-")
            self.keep(probe, probe.name)
        self.delete(probe.name)

    def scratch(self) -> AbstractContextManager[Path]:
        """Give a folder of this machine from which files are copied to the store."""
        return _temporary()

    def keep(self, made: Path, name: str) -> None:
        """Copy a file to the store, until the store says that it has all of it.

        Raises:
            ScraperError: it has not.
        """
        store, path = _opened(self.at(name))
        size = made.stat().st_size
        for _ in range(_TRIES):
            with _Told(f"{self.at(name)} can't be written"):
                store.put_file(str(made), path)
                with suppress(FileNotFoundError):
                    if self.size(name) == size:
                        made.unlink()
                        return
        raise ScraperError(f"{self.at(name)} was written {_TRIES} times, and the store has it not")

    def settle(self) -> None:
        """Nothing: the store was asked for each file."""

    def delete(self, name: str) -> None:
        """Delete a file; one that may not be deleted stays, for no manifest names it."""
        store, path = _opened(self.at(name))
        with suppress(OSError):
            store.rm_file(path)

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        store, path = _opened(self.at(name))
        with _Told(f"{self.at(name)} can't be read", missing=True):
            return int(store.info(path)["size"])

    def digest(self, name: str) -> str:
        """Return the hash of a file."""
        return _digest(self.at(name), self.size(name))

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file, so many at most."""
        size = self.size(name)
        with tempfile.TemporaryDirectory(prefix="scraper-") as folder:
            target = Path(folder) / "file"
            _copy(self.at(name), target, size)
            with target.open("rb") as file:
                return file.read(most)

    @contextmanager
    def local(self, name: str, size: int) -> Iterator[Path]:
        """Give a copy of a file on this machine, while it is needed."""
        with tempfile.TemporaryDirectory(prefix="scraper-") as folder:
            target = Path(folder) / name
            _copy(self.at(name), target, size)
            yield target


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scraper-") as folder:
        yield Path(folder)
