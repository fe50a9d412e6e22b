"""Raw bodies: immutable, addressed by their SHA-256, compressed against what they resemble.

A page of a site shares its frame with the site's other pages, and most of itself with its own
earlier fetches. So a body is one of three:

- a *reference* stands for itself and serves the pages of its site as dictionary;
- a *keyframe*, the first body of an address, is written against a reference;
- a *delta*, a later body of that address, is written against its keyframe.

A body is thus at most two steps away from one that stands for itself. Measured on real sites a
reference saves 45 to 60% at level 3, where level 19 saves 10 to 15% at a hundred times the cost,
and a refetch with a small edit takes some hundred bytes.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import zstandard

from scraper.archive.connection import Store
from scraper.archive.values import scrub, stamp
from scraper.errors import ArchiveError, NotFound

__all__ = ["Bodies", "compress", "decompress"]

LEVEL = 3
_MAX_WINDOW = 27  # 128 MiB: beyond every body that the fetcher lets through

# A delta must be this much smaller than its keyframe, or the page was rebuilt: a new keyframe.
_DELTA_SHARE = 0.5
# Worse by this factor than the reference's mean, and the other references are tried.
_WORSE = 1.5
# Of the size that it has by itself: a body that no reference brings below becomes one.
_REFERENCE_SHARE = 0.75
_MOST_REFERENCES = 8
_CACHED = 16


def compress(data: bytes, dictionary: bytes | None = None) -> bytes:
    """Return `data` as one zstd frame, written against `dictionary` where there is one."""
    room = (len(data) + len(dictionary or b"")).bit_length()
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        # The window has to reach back over the body to the start of the dictionary, and the tables
        # have to hold the dictionary's places: with the level's own, of 300 KB only the end counts.
        window_log=max(16, min(_MAX_WINDOW, room)),
        hash_log=max(12, min(18, room)),
        chain_log=max(12, min(18, room)),
        write_content_size=True,
        write_dict_id=False,
    )
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_as_dictionary(dictionary)
    ).compress(data)


def decompress(frame: bytes, dictionary: bytes | None = None) -> bytes:
    """Return what `compress` was given.

    Raises:
        ArchiveError: (``db_corrupt``) the frame is damaged.
    """
    reader = zstandard.ZstdDecompressor(
        dict_data=_as_dictionary(dictionary), max_window_size=2**_MAX_WINDOW
    )
    try:
        return reader.decompress(frame)
    except zstandard.ZstdError as error:
        raise ArchiveError(f"a stored body is damaged: {error}", error_class="db_corrupt") from None


def _as_dictionary(data: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if data is None:
        return None
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """How a body is going to be written."""

    role: str
    base: int | None
    data: bytes


class Bodies:
    """The store of raw bodies in `bodies.db`.

    Args:
        store: the opened file.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._cache: OrderedDict[int, bytes] = OrderedDict()

    def has(self, digest: str) -> bool:
        """Return whether a body is there."""
        with self.store.reading() as connection:
            row = connection.execute("select 1 from bodies where sha256 = ?", [digest]).fetchone()
        return row is not None

    def put(self, body: bytes, *, site: str, address: str, at: datetime) -> str:
        """Keep a body; one that is there already is left as it is. Within a transaction only.

        Args:
            body: raw bytes.
            site: registered domain, whose other pages it may resemble.
            address: key of the page, whose other bodies it may resemble.
            at: when it was fetched.

        Returns:
            Its SHA-256 in hexadecimal digits: the address in the store.
        """
        connection = self.store.connection
        digest = hashlib.sha256(body).hexdigest()
        if self.has(digest):
            return digest
        site, address = scrub(site), scrub(address)
        made = self._against_keyframe(body, address) or self._against_reference(body, site)
        cursor = connection.execute(
            "insert into bodies (sha256, site, address, role, base_id, size, added_at, data)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [digest, site, address, made.role, made.base, len(body), stamp(at), made.data],
        )
        if made.role == "reference":
            connection.execute(
                "insert into site_references (body_id, site) values (?, ?)",
                [cursor.lastrowid, site],
            )
        return digest

    def _against_keyframe(self, body: bytes, address: str) -> _Stored | None:
        row = self.store.connection.execute(
            "select id, length(data) as stored from bodies"
            " where address = ? and role <> 'delta' order by id desc limit 1",
            [address],
        ).fetchone()
        if row is None:
            return None
        data = compress(body, self._content(row["id"]))
        if len(data) > _DELTA_SHARE * row["stored"]:
            return None
        return _Stored(role="delta", base=row["id"], data=data)

    def _against_reference(self, body: bytes, site: str) -> _Stored:
        """Take the reference that served last; try the others only where it serves badly."""
        references = self.store.connection.execute(
            "select body_id, uses, ratio from site_references where site = ?"
            " order by uses desc, body_id desc limit ?",
            [site, _MOST_REFERENCES],
        ).fetchall()
        best: tuple[sqlite3.Row, bytes] | None = None
        for row in references:
            data = compress(body, self._content(row["body_id"]))
            if best is None or len(data) < len(best[1]):
                best = row, data
            if row["uses"] and len(data) <= _WORSE * row["ratio"] * len(body):
                return self._use(row, data, body)
        alone = compress(body)
        if best and (
            len(best[1]) <= _REFERENCE_SHARE * len(alone)
            or (len(references) == _MOST_REFERENCES and len(best[1]) < len(alone))
        ):
            return self._use(*best, body)
        role = "reference" if len(references) < _MOST_REFERENCES else "keyframe"
        return _Stored(role=role, base=None, data=alone)

    def _use(self, row: sqlite3.Row, data: bytes, body: bytes) -> _Stored:
        self.store.connection.execute(
            "update site_references set uses = uses + 1,"
            " ratio = (ratio * uses + ?) / (uses + 1) where body_id = ?",
            [len(data) / max(1, len(body)), row["body_id"]],
        )
        return _Stored(role="keyframe", base=row["body_id"], data=data)

    def get(self, digest: str) -> bytes:
        """Return a body, checked against its address.

        Raises:
            NotFound: there is no such body.
            ArchiveError: (``db_corrupt``) what is stored is not what was put in.
        """
        with self.store.reading() as connection:
            row = connection.execute(
                "select id, base_id, data from bodies where sha256 = ?", [digest]
            ).fetchone()
            if row is None:
                raise NotFound(f"there is no body {digest} in {self.store.path}")
            base = None if row["base_id"] is None else self._content(row["base_id"])
        body = decompress(row["data"], base)
        if hashlib.sha256(body).hexdigest() != digest:
            raise ArchiveError(
                f"{self.store.path}: body {digest} is not what was stored", error_class="db_corrupt"
            )
        return body

    def _content(self, body_id: int) -> bytes:
        if body_id in self._cache:
            self._cache.move_to_end(body_id)
            return self._cache[body_id]
        row = self.store.connection.execute(
            "select base_id, data from bodies where id = ?", [body_id]
        ).fetchone()
        if row is None:
            raise ArchiveError(
                f"{self.store.path}: body number {body_id}, that others are written against,"
                " is missing",
                error_class="db_corrupt",
            )
        base = None if row["base_id"] is None else self._content(row["base_id"])
        content = self._cache[body_id] = decompress(row["data"], base)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return content

    def forget_cached(self) -> None:
        """Drop what is held in memory: after a transaction that was rolled back."""
        self._cache.clear()
