"""The archive's database files: opened, checked, migrated, locked; SQLite's errors translated."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from scraper.archive.schema import SEALED_BIT, Migrations, schema_number
from scraper.errors import ArchiveError, ErrorClass, NotFound
from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = [
    "BUSY_SECONDS",
    "ArchiveConnection",
    "DatabaseFile",
    "Header",
    "header",
    "leftovers",
    "partial_path",
    "require_free_space",
    "sync_folder",
    "translate",
]


BUSY_SECONDS = 30
# With less free space than this, SQLite cannot create its temporary files.
_NO_ROOM_BYTES = 1024 * 1024

# The name of a partial file contains the id of the process that writes it.
_MAKING = lazy_compile(r"\..+\.(\d+)\.part(?:-(?:wal|shm|journal))?")

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DISK = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


def translate(error: sqlite3.Error | OSError, path: Path) -> ArchiveError:
    """Return the `ArchiveError` for an error of SQLite or the system, with file, cause and remedy.

    SQLite reports a full disk as one of several errors, depending on the file that it was writing,
    so the free space decides.
    """
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        disk, primary = True, 0
        reason = f"{name}: {error.strerror or error}"
    else:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        disk = primary in _DISK
        full = primary == sqlite3.SQLITE_FULL
        reason = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    if _is_denied(error, path, primary):
        verb = "written" if os.access(path, os.R_OK) or not path.parent.is_dir() else "read"
        return ArchiveError(
            f"{path} may not be {verb}: change its permissions, run as its owner, or mount its disk"
            f" for writing ({reason})",
            error_class=ErrorClass.DB_DENIED,
        )
    if primary in _BUSY:
        return ArchiveError(
            f"{path} was locked by another program for {BUSY_SECONDS} seconds; try again",
            error_class=ErrorClass.DB_BUSY,
        )
    if full or (disk and _free(path) < _NO_ROOM_BYTES):
        return ArchiveError(
            f"disk full: {path} cannot be written; free some space ({reason})",
            error_class=ErrorClass.DB_FULL,
        )
    if disk:
        return ArchiveError(
            f"{path} could not be read or written: check the disk and the file's permissions,"
            f" then try again ({reason})",
            error_class=ErrorClass.DB_IO,
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ArchiveError(
            f"{path} is damaged ({reason}); run `scraper doctor`",
            error_class=ErrorClass.DB_CORRUPT,
        )
    return ArchiveError(f"{path}: {reason}", error_class=ErrorClass.DB_CORRUPT)


def _is_denied(error: sqlite3.Error | OSError, path: Path, primary: int) -> bool:
    """Return whether an error means that this user lacks permission for a file."""
    if isinstance(error, OSError):
        return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    denied = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
    return primary in denied and not may_write(path)


def may_write(path: Path) -> bool:
    """Return whether this user may write a database file and the logs beside it."""
    logs = [path.with_name(path.name + end) for end in ("-wal", "-shm")]
    there = [path.parent, path, *(log for log in logs if log.exists())]
    return all(os.access(one, os.W_OK) for one in there)


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that a file just renamed in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(folder: Path) -> list[Path]:
    """Return the partial files in a folder whose process no longer runs."""
    found = []
    for path in sorted(folder.iterdir()):
        making = _MAKING.fullmatch(path.name)
        if making and not Path(f"/proc/{making[1]}").exists():
            found.append(path)
    return found


def _free(path: Path) -> int:
    """Return the free bytes on the disk of a file, or a large number if they are unknown."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _NO_ROOM_BYTES


@record
class Header:
    """What the first bytes of a file say of it (https://sqlite.org/fileformat.html#the_database_header)."""

    sqlite: bool
    application_id: int
    user_version: int


def header(path: Path) -> Header:
    """Read the header of a database file.

    SQLite reads it: a file that is opened and closed beside SQLite loses, by the rules of POSIX,
    all locks that this process holds on it. Another process would then take the file for unused and
    delete the write-ahead log from which connections of this one still read
    (https://sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        OSError, sqlite3.Error: the file cannot be read.
    """
    if path.stat().st_size < 100:
        return Header(sqlite=False, application_id=0, user_version=0)
    # Without its log a file is left as it is; but one whose checkpoint was interrupted makes no
    # sense without.
    for mode in ("mode=ro&immutable=1", "mode=ro"):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
        try:
            (application,) = connection.execute("pragma application_id").fetchone()
            (version,) = connection.execute("pragma user_version").fetchone()
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_NOTADB:
                break
            if code != sqlite3.SQLITE_CORRUPT or mode == "mode=ro":
                raise
        else:
            # The numbers are written without a sign.
            return Header(
                sqlite=True,
                application_id=application & 0xFFFFFFFF,
                user_version=version & 0xFFFFFFFF,
            )
        finally:
            connection.close()
    return Header(sqlite=False, application_id=0, user_version=0)


def partial_path(path: Path) -> Path:
    """Return the temporary name under which this process writes a file before it renames it."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def require_free_space(path: Path, size: int) -> None:
    """Raise an error if the disk of a file has too little free space.

    Raises:
        ArchiveError: (``db_full``) fewer bytes than `size` are free.
    """
    free = _free(path)
    if free < size + _NO_ROOM_BYTES:
        raise ArchiveError(
            f"writing {path} needs {size // 2**20 + 1} MB, but only"
            f" {free // 2**20} MB are free: free some space on its disk",
            error_class=ErrorClass.DB_FULL,
        )


class _Parts(Protocol):
    """The sealed parts beside a file."""

    def refresh(self) -> None:
        """Open those that were sealed meanwhile."""


class ArchiveConnection(sqlite3.Connection):
    """A connection that knows the sealed parts beside its file.

    Attributes:
        parts: the parts, or None where there are none.
        writing: whether a write transaction is open.
    """

    parts: _Parts | None = None
    writing: bool = False


# Files up to this size are checked for damage whenever they are opened, which takes some tens of
# milliseconds. Larger ones are checked when the daemon starts, and by `scraper doctor`.
CHECKED_BYTES = 32 * 1024 * 1024


class DatabaseFile:
    """One database file: opened, checked, migrated, and written in whole transactions.

    Args:
        path: the file.
        migrations: its schema.
        application_id: SQLite's `application_id` of our files.
        create: whether to create a missing file.
        readonly: whether every write is refused.

    Raises:
        NotFound: the file does not exist, and `create` is false.
        ArchiveError: (``not_ours``, ``newer_schema``, ``db_busy``, ``db_full``, ``db_corrupt``) the
            file cannot be used; it was not touched.
    """

    def __init__(
        self,
        path: Path,
        migrations: Migrations,
        application_id: int,
        *,
        create: bool = True,
        readonly: bool = False,
    ) -> None:
        self.path = path
        self.readonly = readonly
        self.immutable = False
        self.sealed = False
        self._denied = False
        self._migrations = migrations
        self._application_id = application_id
        try:
            if not path.exists():
                if readonly or not create:
                    raise NotFound(f"no archive at {path}: collect or import something first")
                self._create()
            self._check_header()
            self._denied = not may_write(path) and not self.sealed
            self.readonly = readonly or self._denied or self.sealed
            self.connection = self._open()
        except (OSError, sqlite3.Error) as error:
            raise translate(error, path) from error
        try:
            # A sealed file is compared with its hash by the archive that lists it.
            if path.stat().st_size <= CHECKED_BYTES and not self.sealed:
                self.check()
            self._bring_up_to_date()
        except sqlite3.Error as error:
            self.connection.close()
            raise translate(error, path) from error
        except ArchiveError:
            self.connection.close()
            raise

    def _create(self) -> None:
        """Create the file under a temporary name, so that a crash leaves no partial database."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = partial_path(self.path)
        try:
            new.unlink(missing_ok=True)
            connection = self._connect(new)
            try:
                self._migrate(connection)
            finally:
                connection.close()
            try:
                os.link(new, self.path)
            except FileExistsError:
                pass  # another process created it first
            except OSError:  # a file system without hard links
                new.rename(self.path)
            sync_folder(self.path.parent)
        finally:
            for left in new.parent.glob(f"{new.name}*"):
                left.unlink(missing_ok=True)

    def _open(self) -> ArchiveConnection:
        """Open the file, read-only if this user may not write it.

        SQLite needs to create files beside a file in WAL mode to read it. If it may not, and no
        write-ahead log exists (no program is writing), the file is opened as ``immutable``.
        """
        if self.sealed:
            self.immutable = True
            return self._connect(self.path, readonly=True, immutable=True)
        connection = self._connect(self.path, readonly=self.readonly)
        if not self._denied:
            return connection
        try:
            connection.execute("select 1 from sqlite_master limit 1").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if self.log_bytes():
                raise
            self.immutable = True
            return self._connect(self.path, readonly=True, immutable=True)
        return connection

    @staticmethod
    def _connect(
        path: Path, *, readonly: bool = False, immutable: bool = False
    ) -> ArchiveConnection:
        mode = "ro" if readonly else "rw" if path.exists() else "rwc"
        if immutable:
            mode += "&immutable=1"
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            factory=ArchiveConnection,
        )
        connection.row_factory = sqlite3.Row
        connection.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("pragma foreign_keys = on")
        if not readonly:
            connection.execute("pragma journal_mode = wal")
            # FULL, not NORMAL: an acknowledged article must outlive a power cut.
            connection.execute("pragma synchronous = full")
            connection.execute(f"pragma journal_size_limit = {64 * 1024 * 1024}")
        return connection

    def _check_header(self) -> None:
        found = header(self.path)
        self.sealed = found.application_id == self._application_id | SEALED_BIT
        if not found.sqlite or not (self.sealed or found.application_id == self._application_id):
            what = (
                "is empty"
                if self.path.stat().st_size == 0
                else "is another program's database"
                if found.sqlite
                else "is not an SQLite database"
            )
            raise ArchiveError(
                f"{self.path} {what}, so it is not an archive: "
                "move it away or name another folder with --archive",
                error_class=ErrorClass.NOT_OURS,
            )
        self._refuse_newer(found.user_version)

    def _refuse_newer(self, version: int) -> None:
        known = schema_number(self._migrations)
        if version > known:
            raise ArchiveError(
                f"{self.path} was written by a newer version of this program "
                f"(schema {version}; this one knows {known}): update the program, or go back"
                " to a backup from before with `scraper restore`",
                error_class=ErrorClass.NEWER_SCHEMA,
            )

    def check(self) -> None:
        """Check the whole file for damage; SQLite itself would keep writing to a damaged file.

        Raises:
            ArchiveError: (``db_corrupt``) the file is damaged; the message says where.
        """
        with self.reading() as connection:
            (answer,) = connection.execute("pragma quick_check(1)").fetchone()
        if answer == "ok":
            return
        code = re.search(r"error code=(\d+)", answer)
        if code and int(code[1]) & 0xFF == sqlite3.SQLITE_IOERR:
            raise ArchiveError(
                f"{self.path} could not be read: check the disk, then try again ({answer})",
                error_class=ErrorClass.DB_IO,
            )
        raise ArchiveError(
            f"{self.path} is damaged ({answer}); run `scraper doctor`",
            error_class=ErrorClass.DB_CORRUPT,
        )

    def _version(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute("pragma user_version").fetchone()[0])

    def _bring_up_to_date(self) -> None:
        version = self._version(self.connection)
        self._refuse_newer(version)
        if version == schema_number(self._migrations):
            return
        if self.readonly:
            raise ArchiveError(
                f"{self.path} has the older schema {version}: open it for writing once, "
                f"for instance with `scraper --archive {shlex.quote(str(self.path.parent))}"
                f" status`",
                error_class=ErrorClass.OLDER_SCHEMA,
            )
        backup = self.path.with_name(f"{self.path.stem}-schema-{version}.db")
        if not backup.exists():
            self.copy_to(backup)
        self._migrate(self.connection)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Apply missing migrations in one transaction; other processes wait and find them done."""
        from sqlite_utils import Database

        connection.execute("begin immediate")
        try:
            self._migrations.apply(Database(connection))
            connection.execute(f"pragma application_id = {self._application_id}")
            connection.execute(f"pragma user_version = {schema_number(self._migrations)}")
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")

    def copy_to(self, target: Path) -> None:
        """Write a complete copy of the file as of this moment, and check it before renaming it.

        Raises:
            ArchiveError: the copy could not be written or is damaged; it was deleted.
        """
        partial = partial_path(target)
        try:
            partial.unlink(missing_ok=True)
            self.connection.execute("vacuum into ?", [str(partial)])
            with partial.open("rb") as file:
                os.fsync(file.fileno())
                # So that the check reads the disk, not the cache.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            copy = sqlite3.connect(partial)
            try:
                (answer,) = copy.execute("pragma quick_check(1)").fetchone()
            finally:
                copy.close()
            if answer != "ok":
                raise ArchiveError(
                    f"the copy of {self.path} is damaged: {answer}",
                    error_class=ErrorClass.DB_CORRUPT,
                )
            partial.replace(target)
            sync_folder(target.parent)
        except (OSError, sqlite3.Error) as error:
            raise translate(error, partial) from error
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a block of statements: all of them take effect, or none.

        ``BEGIN IMMEDIATE`` waits for the lock at the start; a deferred transaction that reads first
        may fail in the middle without waiting.

        Raises:
            ArchiveError: (``db_busy``, ``db_full``, ``db_corrupt``) nothing was written.
        """
        if self.readonly and self._denied:
            raise ArchiveError(
                f"no permission to write {self.path}: change its permissions, run as its owner, or"
                " mount its disk for writing",
                error_class=ErrorClass.DB_DENIED,
            )
        if self.sealed:
            raise ArchiveError(
                f"{self.path} is sealed: it is never written again",
                error_class=ErrorClass.DB_DENIED,
            )
        if self.readonly:
            raise ArchiveError(f"{self.path} is open read-only", error_class=ErrorClass.DB_BUSY)
        try:
            self.connection.execute("begin immediate")
            self.connection.writing = True
            try:
                self._refresh_parts()
                yield self.connection
                self.connection.execute("commit")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if self.connection.in_transaction:
                    self.connection.execute("rollback")
                raise
            finally:
                self.connection.writing = False
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reading; translate SQLite's errors."""
        try:
            self._refresh_parts()
            yield self.connection
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def _refresh_parts(self) -> None:
        """Open the parts that another process has sealed."""
        if self.connection.parts is not None:
            self.connection.parts.refresh()

    def vacuum(self) -> int:
        """Rewrite the file without unused pages; return the bytes saved.

        Raises:
            ArchiveError: (``db_full``) too little free space; nothing was written.
        """
        self.checkpoint(0)
        before = self.path.stat().st_size
        # SQLite writes the new file beside the old one, then copies it through the log.
        require_free_space(self.path, 2 * before)
        with self.reading() as connection:
            connection.execute("vacuum")
        self.checkpoint(0)
        return before - self.path.stat().st_size

    def schema(self) -> dict[str, tuple[str, str]]:
        """Return the tables, views, indexes and triggers of the file: type and SQL by name."""
        with self.reading() as connection:
            return _schema(connection)

    def expected_schema(self) -> dict[str, tuple[str, str]]:
        """Return the `schema` of a new file."""
        return _expected_schema(self._migrations)

    def log_bytes(self) -> int:
        """Return the size of the write-ahead log in bytes."""
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def checkpoint(self, above: int) -> int:
        """Checkpoint the write-ahead log if it exceeds `above` bytes; return its size in bytes."""
        if self.log_bytes() <= above:
            return self.log_bytes()
        with self.reading() as connection:
            # A reader may block it for long; the next call tries again.
            connection.execute("pragma busy_timeout = 200")
            try:
                connection.execute("pragma wal_checkpoint(truncate)")
            finally:
                connection.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
        return self.log_bytes()

    def close(self) -> None:
        """Close the file; the last connection to close checkpoints the write-ahead log."""
        self.connection.close()


@lru_cache(maxsize=8)
def _expected_schema(migrations: Migrations) -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as memory:
        migrations.make(memory)
        return _schema(memory)


def _schema(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        "select name, type, sql from sqlite_master where sql is not null"
        " and name not like 'sqlite_%' and name not like '\\_%' escape '\\'"
    )
    return {str(name): (str(kind), str(sql)) for name, kind, sql in rows.fetchall()}
