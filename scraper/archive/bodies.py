"""Raw bodies: immutable, addressed by their SHA-256, compressed against what they resemble.

A page of a site shares its frame with the site's other pages, and most of itself with its own
earlier fetches. So a body is one of three:

- a *reference* serves the pages of its site as dictionary; a site's first stands for itself, the
  others are written against one that does;
- a *keyframe*, the first body of an address, is written against a reference;
- a *delta*, a later body of that address, is written against its keyframe.

A body is thus at most three steps away from one that stands for itself. A site has several
templates, and its first page need not be typical: of 14 real pages of one site, in the order in
which they were captured, the bodies take 87% of their gzipped size with one reference that stands
for itself, and 56% with the best of the last four. Level 19 would save another 10 to 15% at a
hundred times the cost. A refetch with a small edit takes some hundred bytes.

One zstd frame for a value, written against another value that it resembles.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

import zstandard

from scraper.archive.database import DatabaseFile
from scraper.archive.sql_values import storable_text, utc_text
from scraper.errors import ArchiveError, ErrorClass, NotFound

__all__ = ["BodyStore", "DictionaryCompressor", "compress", "decompress"]


LEVEL = 3
_MAX_WINDOW = 27  # 128 MiB: beyond every body that the fetcher lets through
# Tables of 2^17 places hold a page of some 300 KB; larger ones gain a third of a percent.
_PACKER_TABLE = 17
# A packer's window is laid out for values up to so many times its dictionary.
_ROOM = 4


def compress(data: bytes, dictionary: bytes | None = None, *, level: int = LEVEL) -> bytes:
    """Return `data` as one zstd frame, written against `dictionary` where there is one."""
    room = (len(data) + len(dictionary or b"")).bit_length()
    parameters = _parameters(room, table=18, level=level)
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_as_dictionary(dictionary)
    ).compress(data)


def _parameters(
    room: int, *, table: int, level: int = LEVEL
) -> zstandard.ZstdCompressionParameters:
    return zstandard.ZstdCompressionParameters.from_level(
        level,
        # The window has to reach back over the value to the start of the dictionary, and the tables
        # have to hold the dictionary's places: with the level's own, of 300 KB only the end counts.
        window_log=max(16, min(_MAX_WINDOW, room)),
        hash_log=max(12, min(table, room)),
        chain_log=max(12, min(table, room)),
        write_content_size=True,
        write_dict_id=False,
    )


class DictionaryCompressor:
    """Writes many values against one dictionary, which is read in once.

    On pages of 300 KB that takes 0.9 ms of CPU time a page where `compress` takes 2.5.

    Args:
        dictionary: what the values resemble.
    """

    def __init__(self, dictionary: bytes) -> None:
        self._dictionary = dictionary
        self._most = _ROOM * len(dictionary)
        room = (len(dictionary) + self._most).bit_length()
        self._compressor = zstandard.ZstdCompressor(
            compression_params=_parameters(room, table=_PACKER_TABLE),
            dict_data=_as_dictionary(dictionary),
        )

    def compress(self, data: bytes) -> bytes:
        """Return what `compress` with the dictionary returns, or some bytes more."""
        if len(data) > self._most:
            return compress(data, self._dictionary)
        return self._compressor.compress(data)


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
        raise ArchiveError(
            f"a stored body is damaged: {error}", error_class=ErrorClass.DB_CORRUPT
        ) from None


def _as_dictionary(data: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if data is None:
        return None
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


# A delta must be this much smaller than its keyframe, or the page was rebuilt: a new keyframe.
_DELTA_SHARE = 0.5
# References of a site that are tried, and the steps from one to a body that stands for itself.
_MOST_REFERENCES = 4
_DEEPEST_REFERENCE = 1
# Far more steps than there are from any body to one that stands for itself: beyond is a circle.
_DEEPEST = 16
# Share of its size that a page loses on average by not trying all references, below which only the
# one that served last is tried; but for one page in so many, to notice a new template.
_REGRET = 0.03
_LOOK_AROUND = 8
_SMOOTHING = 0.25
# Share of its size by itself above which a reference is of no use to a body.
_OF_USE = 0.9
_CACHED = 48
_CACHED_PACKERS = 32


@dataclass(slots=True)
class _Site:
    """What is known of a site's pages while they are written; by itself after each opening.

    Attributes:
        references: numbers of bodies, the one that served last first; with their depth.
        regret: what the pages would have lost with the first of them alone.
        pages: how many were written.
        mean: of their stored size to their size.
        alone: the same for the page that stands for itself.
    """

    references: dict[int, int] = field(default_factory=dict)
    regret: float = 0.12  # falls below `_REGRET` after five pages of one template
    pages: int = 0
    mean: float = 0.0
    alone: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """How a body is going to be written."""

    role: str
    base: int | None
    data: bytes


class BodyStore:
    """The store of raw bodies in `bodies.db`.

    Args:
        store: the opened file.
    """

    def __init__(self, store: DatabaseFile) -> None:
        self.store = store
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._packers: OrderedDict[int, DictionaryCompressor] = OrderedDict()
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._fresh: OrderedDict[str, bytes] = OrderedDict()
        self._seen = -1

    def drop_removed_references(self) -> None:
        """Forget references that another process removed. Within a transaction only.

        A number that was seen once is never given to another body, so what is held of those that
        are still there stays right.
        """
        run = self.store.connection.execute
        (seen,) = run("pragma data_version").fetchone()
        if seen == self._seen:
            return
        self._seen = seen
        held = {number for site in self._sites.values() for number in site.references}
        held |= self._packers.keys() | self._cache.keys()
        there = {
            row[0]
            for row in run(
                "select id from bodies where id in (select value from json_each(?))",
                [json.dumps(sorted(held))],
            )
        }
        for number in held - there:
            self._packers.pop(number, None)
            self._cache.pop(number, None)
            for site in self._sites.values():
                site.references.pop(number, None)

    def has(self, digest: str) -> bool:
        """Return whether a body is there."""
        with self.store.reading() as connection:
            row = connection.execute("select 1 from bodies where sha256 = ?", [digest]).fetchone()
        return row is not None

    def put(
        self, body: bytes, *, site: str, address: str, at: datetime, digest: str | None = None
    ) -> str:
        """Keep a body; one that is there already is left as it is. Within a transaction only.

        Args:
            body: raw bytes.
            site: registered domain, whose other pages it may resemble.
            address: key of the page, whose other bodies it may resemble.
            at: when it was fetched.
            digest: its SHA-256, where it was computed already.

        Returns:
            Its SHA-256 in hexadecimal digits: the address in the store.
        """
        connection = self.store.connection
        digest = digest or hashlib.sha256(body).hexdigest()
        self._keep_fresh(digest, body)
        if self.has(digest):
            return digest
        site, address = storable_text(site), storable_text(address)
        known = self._site(site)
        made = self._against_keyframe(body, address) or self._against_reference(body, known)
        cursor = connection.execute(
            "insert into bodies (sha256, site, address, role, base_id, size, added_at, data)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [digest, site, address, made.role, made.base, len(body), utc_text(at), made.data],
        )
        if made.role == "reference":
            self._add_reference(int(cursor.lastrowid or 0), made.base, site, known)
        return digest

    def _keep_fresh(self, digest: str, body: bytes) -> None:
        """Keep a body at hand for the records that lean on it."""
        self._fresh[digest] = body
        if len(self._fresh) > _CACHED:
            self._fresh.popitem(last=False)

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

    # References

    def _site(self, site: str) -> _Site:
        known = self._sites.get(site)
        if known is not None:
            self._sites.move_to_end(site)
            return known
        known = self._sites[site] = _Site()
        rows = self.store.connection.execute(
            "select r.body_id, b.base_id, b.size, length(b.data) as stored"
            " from site_references r join bodies b on b.id = r.body_id where r.site = ?"
            " order by r.body_id desc limit ?",
            [site, _MOST_REFERENCES],
        ).fetchall()
        for row in rows:
            share = row["stored"] / max(1, row["size"])
            known.references[row["body_id"]] = int(row["base_id"] is not None)
            known.mean = known.mean or share
            known.alone = max(known.alone, share)
        if len(self._sites) > 10 * _CACHED:
            self._sites.popitem(last=False)
        return known

    def _against_reference(self, body: bytes, site: _Site) -> _Stored:
        """Take the best of the site's references, or the one that served last where it will do."""
        site.pages += 1
        candidates = list(site.references)
        if site.regret < _REGRET and site.pages % _LOOK_AROUND:
            candidates = candidates[:1]
        tried = [(self._packer(number).compress(body), number) for number in candidates]
        best = min(tried, key=lambda one: len(one[0])) if tried else None
        if len(tried) > 1 and best is not None:
            lost = 1 - len(best[0]) / len(tried[0][0])
            site.regret += _SMOOTHING * (lost - site.regret)
        alone = None
        if best is None or len(best[0]) > _OF_USE * site.alone * len(body):
            alone = compress(body)
            if best is None or len(alone) <= len(best[0]):
                best = None
        if best is None and alone is not None:
            site.alone = len(alone) / max(1, len(body))
            return _Stored(role=self._role(site, alone, body, depth=0), base=None, data=alone)
        assert best is not None
        data, number = best
        depth = site.references.pop(number)
        site.references = {number: depth, **site.references}
        return _Stored(role=self._role(site, data, body, depth=depth + 1), base=number, data=data)

    @staticmethod
    def _role(site: _Site, data: bytes, body: bytes, *, depth: int) -> str:
        """Choose what serves the next pages: the site's first, and those that none served well."""
        share = len(data) / max(1, len(body))
        badly = share > site.mean
        site.mean += (share - site.mean) / min(site.pages, 8)
        wanted = len(site.references) < _MOST_REFERENCES or (badly and site.regret >= _REGRET)
        return "reference" if depth <= _DEEPEST_REFERENCE and wanted else "keyframe"

    def _add_reference(self, number: int, base: int | None, name: str, site: _Site) -> None:
        run = self.store.connection.execute
        run("insert into site_references (body_id, site) values (?, ?)", [number, name])
        if len(site.references) >= _MOST_REFERENCES:
            # The one that served longest ago gives way; as a body it stays what it is.
            given_up = list(site.references)[-1]
            del site.references[given_up]
            run("delete from site_references where body_id = ?", [given_up])
        first = list(site.references.items())[:1]
        rest = list(site.references.items())[1:]
        site.references = dict([*first, (number, int(base is not None)), *rest])

    def _packer(self, number: int) -> DictionaryCompressor:
        packer = self._packers.get(number)
        if packer is None:
            packer = self._packers[number] = DictionaryCompressor(self._content(number))
            if len(self._packers) > _CACHED_PACKERS:
                self._packers.popitem(last=False)
        self._packers.move_to_end(number)
        return packer

    # Reading

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
                f"{self.store.path}: body {digest} is not what was stored",
                error_class=ErrorClass.DB_CORRUPT,
            )
        return body

    def preload(self, digest: str) -> None:
        """Read a body, checked as `get` does, and keep it at hand for a while."""
        self._keep_fresh(digest, self.get(digest))

    def recent(self, digest: str) -> bytes:
        """Return a body that was just put in or held from memory; another as `get` does."""
        body = self._fresh.get(digest)
        return self.get(digest) if body is None else body

    def _content(self, body_id: int, depth: int = 0) -> bytes:
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
                error_class=ErrorClass.DB_CORRUPT,
            )
        if depth > _DEEPEST:
            raise ArchiveError(
                f"{self.store.path}: body number {body_id} is written against itself",
                error_class=ErrorClass.DB_CORRUPT,
            )
        base = None if row["base_id"] is None else self._content(row["base_id"], depth + 1)
        content = self._cache[body_id] = decompress(row["data"], base)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return content

    def clear_cache(self) -> None:
        """Drop what is held in memory: after a transaction that was rolled back."""
        for cache in (self._cache, self._packers, self._sites, self._fresh):
            cache.clear()
