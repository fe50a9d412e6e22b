"""What other programs have collected, file by file: what it is, and how it is read.

Some files hold pages as they were captured (`CAPTURES`), others only addresses, which are fetched
now (`addresses.py`). A file is known by its name, else by how it begins.

arc.py           ARC, as crawlers wrote it before WARC
wacz.py          WACZ: Browsertrix, ArchiveWeb.page; zip_worker.py: unpacked in a worker;
                 cut_zip.py: one that is cut off
jsonl.py         JSON Lines of `scraper export --format jsonl-pages`
saved_pages.py   SingleFile, "save as", wget's mirror, ArchiveBox
addresses.py     lists and exports of Pocket, Wallabag, Karakeep, FreshRSS, Miniflux, trafilatura
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from scraper.errors import ScraperError, UsageError
from scraper.exchange.storage import RemoteFile, is_address, remote_files, remote_head
from scraper.models import Page
from scraper.record import record

__all__ = ["CAPTURES", "PARSE_SECONDS", "Found", "captures_of", "files_of"]

# Wall clock for parsing one line, or the head of one record, in a worker: it takes thousandths of
# it, and a machine that stands still for a while must not make a sound file a damaged one.
PARSE_SECONDS = 120.0

# Captures of a file: identity, page, and bytes of the file read so far.
Captures = Iterator[tuple[str, Page, int]]

# Kinds of files that hold captures: `module:function` of what reads them.
CAPTURES: Mapping[str, str] = {
    "warc": "warc_file:read_warc",
    "wacz": "wacz:read_wacz",
    "arc": "arc:read_arc",
    "jsonl": "jsonl:read_jsonl",
    "page": "saved_pages:read_saved_page",
}
_BY_SUFFIX = {
    ".warc": "warc", ".warc.gz": "warc", ".wacz": "wacz", ".arc": "arc", ".arc.gz": "arc",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".html": "page", ".htm": "page", ".xhtml": "page",
    ".txt": "addresses", ".json": "addresses", ".csv": "addresses", ".xml": "addresses",
    ".opml": "opml",
}  # fmt: skip
_HEAD_BYTES = 4096
# What our JSON Lines have; a file of which the first bytes are damaged is no list of addresses.
_OWN_LINES = (b'"schema":"scraper/article/', b'"versions":[{"number":')
# What files begin with that are packed otherwise than by gzip, and what unpacks them; a dictionary
# of zstd may stand first (the WARC files of ArchiveTeam).
_PACKED = (
    (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x5d\x2a\x4d\x18", "zstd"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
)  # fmt: skip
# What is read from buckets: one file holds all that its pages need.
_IN_BUCKETS = ("warc", "wacz", "arc", "jsonl")
# A snapshot of ArchiveBox: what is read of it, the first that is there.
_SNAPSHOT = ("warc", "singlefile.html", "output.html")
_MOST_FILES = 1_000_000


@record(kw_only=False)
class Found:
    """A file to import.

    Attributes:
        path: the file; of one in a bucket its name.
        kind: key of `CAPTURES`, or ``addresses``.
        root: the folder that was named, or the file itself.
        remote: where it is in a bucket, or None.
    """

    path: Path
    kind: str
    root: Path
    remote: RemoteFile | None = None

    def __str__(self) -> str:
        """Return how it is named to people."""
        return self.remote.address if self.remote else str(self.path)

    def absolute(self) -> Found:
        """Return the same file by its path from the root."""
        return self if self.remote else replace(self, path=self.path.absolute())

    @property
    def size(self) -> int:
        """Bytes (`OSError` where it can't be read)."""
        return self.remote.size if self.remote else self.path.stat().st_size

    def digest(self) -> str:
        """Return the hash (SHA-256) of its bytes (`OSError`, `ScraperError`)."""
        if self.remote:
            return self.remote.digest()
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Give it opened for reading.

        Raises:
            ScraperError: it can't be read.
        """
        if self.remote is not None:
            with self.remote.opened() as file:
                yield file
            return
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise ScraperError(f"{self.path} can't be read: {error.strerror}") from None
        with file:
            yield file

    @contextmanager
    def local(self) -> Iterator[Found]:
        """Give it as a file of this machine, while it is read; its errors name where it is.

        Raises:
            ScraperError: it can't be copied from its bucket.
        """
        if self.remote is None:
            yield self
            return
        with self.remote.local() as path:
            try:
                yield Found(path, self.kind, path)
            except ScraperError as error:
                message = error.message.replace(str(path), self.remote.address)
                raise ScraperError(message, error_class=error.error_class) from None


def files_of(place: Path | str, unread: list[str] | None = None) -> list[Found]:
    """Return a file, or what can be imported below a folder.

    Args:
        place: of this machine, or an address of a bucket such as ``s3://crawl/2025/``.
        unread: takes in words which folders can't be read; without it, one of them is an error.

    Raises:
        UsageError: there is nothing.
        ScraperError: the bucket, or a folder, can't be read.
    """
    if isinstance(place, str) and is_address(place):
        return _in_bucket(place)
    path = Path(place)
    if path.is_dir():
        found = list(_below(path, unread))
        if not found and not unread:
            raise UsageError(
                f"{path}: nothing in this folder can be imported: no capture (.warc, .warc.gz,"
                " .wacz, .arc), no saved page, no list of addresses"
            )
        return found
    if not path.is_file():
        if path.exists():
            raise UsageError(f"{path} is neither a file nor a folder")
        raise UsageError(f"no such file: {path}")
    return [Found(path, kind_of(path), path)]


def _in_bucket(address: str) -> list[Found]:
    """Return what a bucket holds of captures; all else is read from disks only."""
    files = remote_files(address)
    found: list[Found] = []
    for one in files:
        kind = _named(one.name)
        if not kind and len(files) == 1:
            kind = _kind_of_head(_unpacked(remote_head(one.address, _HEAD_BYTES)))
        if kind in _IN_BUCKETS:
            found.append(Found(Path(one.name), kind, Path(one.name), one))
    if not found:
        raise UsageError(
            f"{address}: there is no capture (.warc, .warc.gz, .wacz, .arc) and no export"
            " (.jsonl); copy other files to a disk first"
        )
    return found


def _below(root: Path, unread: list[str] | None) -> Iterator[Found]:
    """Yield what a folder holds, by name; what saved pages show beside text does not count."""
    # A stack of its own: folders may lie in one another as deep as a path is long.
    open_folders = [_entries(root, unread)]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif entry.is_dir():
            open_folders.append(_entries(entry, unread))
        elif entry.is_file():
            kind = _named(entry.name)
            if kind == "addresses" and entry.name in ("index.json", "robots.txt"):
                continue
            if kind and kind != "opml":
                yield Found(entry, _settled(entry, kind), root)


def _entries(folder: Path, unread: list[str] | None) -> Iterator[Path]:
    """Return the files and folders in a folder that count, by name.

    Raises:
        ScraperError: it can't be read, and there is nothing to note that in.
    """
    try:
        entries = sorted(folder.iterdir())
        snapshot = _snapshot(folder)
        if snapshot is not None:
            entries = [snapshot]
        pages = {entry.name.rpartition(".")[0] for entry in entries if entry.is_file()}
    except OSError as error:
        message = f"{folder} can't be read: {error.strerror}"
        if unread is None:
            raise ScraperError(message) from None
        unread.append(message)
        return iter(())
    # Browsers put what a page shows into NAME_files beside NAME.html.
    return (
        entry
        for entry in entries
        if not entry.is_symlink()
        and not (entry.name.endswith("_files") and entry.name.removesuffix("_files") in pages)
    )


def _snapshot(folder: Path) -> Path | None:
    """Return what to read of a snapshot of ArchiveBox, or None where the folder is none."""
    if not (folder / "index.json").is_file():
        return None
    return next((folder / name for name in _SNAPSHOT if (folder / name).exists()), None)


def _named(name: str) -> str:
    lower = name.lower()
    ends = [suffix for suffix in _BY_SUFFIX if lower.endswith(suffix)]
    return _BY_SUFFIX[max(ends, key=len)] if ends else ""


def kind_of(path: Path) -> str:
    """Return the kind of a file, by its name or how it begins.

    Raises:
        UsageError: it is none that can be imported.
    """
    kind = _settled(path, _named(path.name) or _begins(path))
    if kind == "opml":
        raise UsageError(
            f"{path} lists feeds, not articles: `scraper sources import {path}` watches them"
        )
    if not kind:
        packer = next((name for magic, name in _PACKED if _head(path).startswith(magic)), "")
        if packer:
            raise UsageError(f"{path} is packed: `{packer} -d` unpacks it for an import")
        raise UsageError(
            f"{path}: it is no capture (WARC, WACZ, ARC), no saved page, no export and no list of"
            " addresses"
        )
    return kind


def _settled(path: Path, kind: str) -> str:
    """Return the kind of a file whose name may mean two: bookmarks are HTML, too."""
    if kind in ("page", "jsonl"):
        head = _head(path).lower()
        if kind == "page" and (b"netscape-bookmark" in head or b"<title>pocket export" in head):
            return "addresses"
        if kind == "jsonl" and not any(sign in head.replace(b" ", b"") for sign in _OWN_LINES):
            return "addresses"
    return kind


def _head(path: Path) -> bytes:
    """Return how a file begins, unpacked."""
    try:
        with path.open("rb") as file:
            return _unpacked(file.read(_HEAD_BYTES))
    except OSError:
        return b""


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, _HEAD_BYTES)
    except zlib.error:
        return b""


def _begins(path: Path) -> str:
    return _kind_of_head(_head(path))


def _kind_of_head(head: bytes) -> str:
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = head.lower()
    for start, kind in (
        (b"warc/", "warc"), (b"filedesc://", "arc"), (b"pk\x03\x04", "wacz"), (b"{", "jsonl"),
        (b"[", "addresses"), (b"<opml", "opml"), (b"<!doctype", "page"), (b"<html", "page"),
        (b"http://", "addresses"), (b"https://", "addresses"), (b"#", "addresses"),
    ):  # fmt: skip
        if lower.startswith(start):
            return kind
    if b"<opml" in lower:
        return "opml"
    return "page" if b"<html" in lower else "addresses" if b"\nhttp" in lower else ""


def captures_of(found: Found) -> Captures:
    """Yield the captures of a file: identity, page, and bytes read so far.

    Raises:
        ScraperError: parts of it are broken, told after all that is whole; or it cannot be read.
    """
    module, _, name = CAPTURES[found.kind].partition(":")
    read: Callable[[Found], Captures] = getattr(
        import_module(f"scraper.exchange.imports.{module}"), name
    )
    with found.local() as local:
        yield from read(local)


def snapshot_of(folder: Path) -> dict[str, object]:
    """Return what ArchiveBox says of a snapshot in its index.json, {} where there is none."""
    try:
        with (folder / "index.json").open("rb") as file:
            read = json.loads(file.read(_MOST_FILES))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
