"""The store of raw bodies: immutable, addressed by SHA-256, compressed against similar bodies.

A page shares its layout with the site's other pages, and most of its content with its own earlier
fetches. So a body has one of three roles:

- a *reference* is the dictionary for pages of its site; a site's first reference is compressed
  alone, the others against one that is;
- a *keyframe*, the first body of an address, is compressed against a reference;
- a *delta*, a later body of that address, is compressed against its keyframe.

So decompressing a body takes at most three other bodies. A site has several templates, and its
first page need not be typical: 14 real pages of one site, in the order of their capture, take 87%
of their gzipped size with one reference, and 56% with the best of the last four. A refetch with a
small edit takes a few hundred bytes.

What is compressed alone is so at a higher level: 1,247 real pages of 841 sites take 72% of gzip
with all at level 3 and 1.2 ms of CPU a page, 67% and 2.3 ms so. Against a reference level 6 saves
1% more and needs tables of five times the size to reach back to the reference's beginning.

Each body is one zstd frame.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import zstandard

from scraper.archive.byte_cache import ByteCache
from scraper.archive.database import DatabaseFile
from scraper.archive.sql_values import storable_text, utc_text
from scraper.errors import ArchiveError, ErrorClass, NotFound
from scraper.models import PackedBody, PackingTerms
from scraper.record import record

__all__ = [
    "MOST_REFERENCES",
    "BodyStore",
    "DictionaryCompressor",
    "compress",
    "compress_alone",
    "decompress",
]


LEVEL, _ALONE_LEVEL = 3, 8
_MAX_WINDOW = 27  # 128 MiB: more than any body that the fetcher accepts
# Tables of 2^17 entries cover a page of about 300 KB; larger ones save 0.3% more.
_PACKER_TABLE, _TABLE, _ALONE_TABLE = 17, 18, 20
# A compressor's window fits values up to this many times the size of its dictionary.
_ROOM = 4


def compress_alone(body: bytes) -> bytes:
    """Return a raw page as one zstd frame, as small as it gets in some milliseconds."""
    return compress(body, level=_ALONE_LEVEL, table=_ALONE_TABLE)


def compress(
    data: bytes, dictionary: bytes | None = None, *, level: int = LEVEL, table: int = _TABLE
) -> bytes:
    """Return `data` as one zstd frame, compressed against `dictionary` if given.

    Args:
        data: what is compressed.
        dictionary: bytes that it resembles, or None.
        level: zstd's.
        table: at most two to the power of this many places are remembered.
    """
    room = (len(data) + len(dictionary or b"")).bit_length()
    parameters = _parameters(room, table=table, level=level)
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_as_dictionary(dictionary)
    ).compress(data)


def _parameters(
    room: int, *, table: int, level: int = LEVEL
) -> zstandard.ZstdCompressionParameters:
    return zstandard.ZstdCompressionParameters.from_level(
        level,
        # The window must reach back to the start of the dictionary, and the tables must cover it:
        # the level's own tables cover only the end of 300 KB.
        window_log=max(16, min(_MAX_WINDOW, room)),
        hash_log=max(12, min(table, room)),
        chain_log=max(12, min(table, room)),
        write_content_size=True,
        write_dict_id=False,
    )


class DictionaryCompressor:
    """Compresses many values against one dictionary, which is loaded once.

    A page of 300 KB takes 0.9 ms of CPU time; `compress` takes 2.5 ms.

    Args:
        dictionary: bytes that the values resemble.
    """

    def __init__(self, dictionary: bytes) -> None:
        self._dictionary = dictionary
        self._most = _ROOM * len(dictionary)

    @cached_property
    def _compressor(self) -> zstandard.ZstdCompressor:
        room = (len(self._dictionary) + self._most).bit_length()
        return zstandard.ZstdCompressor(
            compression_params=_parameters(room, table=_PACKER_TABLE),
            dict_data=_as_dictionary(self._dictionary),
        )

    def compress(self, data: bytes) -> bytes:
        """Return `data` as one zstd frame, at most a few bytes longer than `compress` makes it."""
        if len(data) > self._most:
            return compress(data, self._dictionary)
        return self._compressor.compress(data)


def decompress(frame: bytes, dictionary: bytes | None = None) -> bytes:
    """Return the value that `compress` was given.

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


# A delta must be this much smaller than its keyframe; otherwise the body becomes a new keyframe.
_DELTA_SHARE = 0.5
# References tried per site, and the longest chain from a reference to a body compressed alone.
MOST_REFERENCES = 4
_DEEPEST_REFERENCE = 1
# Far longer than any chain of dictionaries: a longer one is a cycle.
_DEEPEST = 16
# Only the last used reference is tried while pages lose less than this share of their size by it;
# one page in `_LOOK_AROUND` tries all, to notice a new template. Which one, its hash tells: so a
# worker knows it as well as the process that writes.
_REGRET = 0.03
_LOOK_AROUND = 8
_SMOOTHING = 0.25
# A reference is useless for a body that it compresses to more than this share of its size alone.
_OF_USE = 0.9
# Raw bodies that are kept of what others are compressed against, and of what came last, and the
# bytes that each of both may have: pages of 200 KB are usual.
_CACHED, _CACHED_BYTES = 48, 4 * 1024 * 1024
# A reference that is held ready takes 2.5 MB for pages of 200 KB and spares .8 ms of CPU a page: as
# many as one site has. 32 of them were most of what a daemon of a few hundred sites held.
_CACHED_PACKERS = 4
# Sites whose compression statistics are kept.
_MOST_SITES = 500


@dataclass(slots=True)
class _Site:
    """Compression statistics of a site's pages; they start again each time the store is opened.

    Attributes:
        references: ids of bodies with their depth, the last used first.
        digests: SHA-256 of those references that this process has written.
        regret: average share of their size that pages lose by trying only the first reference.
        pages: number of bodies written.
        mean: mean ratio of stored size to size.
        alone: the same ratio of the body that was compressed alone.
    """

    references: dict[int, int] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    regret: float = 0.12  # falls below `_REGRET` after five pages of one template
    pages: int = 0
    mean: float = 0.0
    alone: float = 0.0


@record
class _Stored:
    """A body in the form in which it will be stored."""

    role: str
    base: int | None
    data: bytes


def _tried(references: Sequence[int], digest: str, *, settled: bool) -> list[int]:
    """Return those of a site's references, the last used first, that a body is tried against."""
    looks_around = int(digest[:8], 16) % _LOOK_AROUND == 0
    return list(references[:1] if settled and not looks_around else references)


class BodyStore:
    """The store of raw bodies in `bodies.db`.

    Args:
        store: the opened file.
        packers: references that are held ready to compress against, some MB each.
        earlier: gives the stores of the sealed parts, in which a body is looked for that is not
        here.
    """

    def __init__(
        self,
        store: DatabaseFile,
        *,
        packers: int = _CACHED_PACKERS,
        earlier: Callable[[], Iterable[BodyStore]] = tuple,
    ) -> None:
        self.store = store
        self.earlier = earlier
        self._most_packers = packers
        self._cache: ByteCache[int] = ByteCache(_CACHED_BYTES, _CACHED)
        self._packers: OrderedDict[int, DictionaryCompressor] = OrderedDict()
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._fresh: ByteCache[str] = ByteCache(_CACHED_BYTES, _CACHED)
        self._seen = -1

    def drop_removed_references(self) -> None:
        """Forget references that another process removed. Within a transaction only.

        Ids of bodies are never reused, so the cache stays valid for those that remain.
        """
        run = self.store.connection.execute
        (seen,) = run("pragma data_version").fetchone()
        if seen == self._seen:
            return
        self._seen = seen
        held = {number for site in self._sites.values() for number in site.references}
        held |= self._packers.keys() | set(self._cache.keys())
        there = {
            row[0]
            for row in run(
                "select id from bodies where id in (select value from json_each(?))",
                [json.dumps(sorted(held))],
            )
        }
        for number in held - there:
            self._packers.pop(number, None)
            self._cache.drop(number)
            for site in self._sites.values():
                site.references.pop(number, None)

    def has(self, digest: str) -> bool:
        """Return whether a body is stored, here or in a sealed part."""
        return self.has_here(digest) or any(one.has_here(digest) for one in self.earlier())

    def has_here(self, digest: str) -> bool:
        """Return whether a body is stored in this file."""
        with self.store.reading() as connection:
            row = connection.execute("select 1 from bodies where sha256 = ?", [digest]).fetchone()
        return row is not None

    def put(
        self,
        body: bytes,
        *,
        site: str,
        address: str,
        at: datetime,
        digest: str | None = None,
        packed: PackedBody | None = None,
    ) -> str:
        """Store a body unless it is stored already. Within a transaction only.

        Args:
            body: raw bytes.
            site: registered domain; its other pages may be similar.
            address: key of the page; its other bodies may be similar.
            at: when it was fetched.
            digest: its SHA-256, if it is known already.
            packed: what `pack` made of it, or None.

        Returns:
            Its SHA-256 in hexadecimal: its address in the store.
        """
        connection = self.store.connection
        digest = digest or hashlib.sha256(body).hexdigest()
        self._fresh.put(digest, body)
        if self.has(digest):
            return digest
        site, address = storable_text(site), storable_text(address)
        known = self._site(site)
        if packed is None or packed.digest != digest:
            packed = PackedBody(digest=digest)
        made = self._against_keyframe(body, address)
        made = made or self._against_reference(body, known, packed)
        cursor = connection.execute(
            "insert into bodies (sha256, site, address, role, base_id, size, added_at, data)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            [digest, site, address, made.role, made.base, len(body), utc_text(at), made.data],
        )
        if made.role == "reference":
            number = int(cursor.lastrowid or 0)
            known.digests[number] = digest
            self._add_reference(number, made.base, site, known)
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
            [site, MOST_REFERENCES],
        ).fetchall()
        for row in rows:
            share = row["stored"] / max(1, row["size"])
            known.references[row["body_id"]] = int(row["base_id"] is not None)
            known.mean = known.mean or share
            known.alone = max(known.alone, share)
        if len(self._sites) > _MOST_SITES:
            self._sites.popitem(last=False)
        return known

    def packing(self, site: str) -> PackingTerms:
        """Return what `pack` needs to know of a site."""
        site = storable_text(site)
        known = self._site(site)
        return PackingTerms(
            site=site,
            references=tuple(known.references),
            settled=known.regret < _REGRET,
            alone=known.alone,
        )

    def pack(
        self,
        body: bytes,
        terms: PackingTerms,
        beside: Sequence[tuple[str, bytes]] = (),
    ) -> PackedBody:
        """Return a body compressed against references, as `put` would do it.

        References that were stored since `packing` was asked are tried as well.

        Args:
            body: raw bytes.
            terms: as `packing` gives them; a reference that is gone is passed over.
            beside: what it takes against pages of its site that will be stored before it, by their
                SHA-256.
        """
        digest = hashlib.sha256(body).hexdigest()
        references = _tried(terms.references, digest, settled=terms.settled)
        if len(terms.references) < MOST_REFERENCES:
            # The site is new: its references are the pages that are being stored.
            rows = self.store.connection.execute(
                "select body_id from site_references where site = ? order by body_id limit ?",
                [terms.site, MOST_REFERENCES],
            )
            stored = [row["body_id"] for row in rows]
            references += [number for number in stored if number not in references]
        frames = []
        for number in references:
            try:
                frames.append((number, self._packer(number).compress(body)))
            except ArchiveError:
                continue
        sizes = [len(frame) for _, frame in (*frames, *beside)]
        useless = not sizes or min(sizes) > _OF_USE * terms.alone * len(body)
        return PackedBody(
            digest=digest,
            frames=tuple(frames),
            beside=tuple(beside),
            alone=compress_alone(body) if useless else None,
        )

    def _against_reference(self, body: bytes, site: _Site, packed: PackedBody) -> _Stored:
        """Compress against the site's best reference, or the last used if it is good enough."""
        site.pages += 1
        settled = site.regret < _REGRET
        candidates = _tried(tuple(site.references), packed.digest, settled=settled)
        frames, beside = dict(packed.frames), dict(packed.beside)
        tried = []
        for number in candidates:
            frame = frames.get(number) or beside.get(site.digests.get(number, ""))
            tried.append((frame or self._packer(number).compress(body), number))
        best = min(tried, key=lambda one: len(one[0])) if tried else None
        if len(tried) > 1 and best is not None:
            lost = 1 - len(best[0]) / len(tried[0][0])
            site.regret += _SMOOTHING * (lost - site.regret)
        alone = None
        if best is None or len(best[0]) > _OF_USE * site.alone * len(body):
            alone = compress_alone(body) if packed.alone is None else packed.alone
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
        """Return a body's role: a site's first bodies and badly compressed ones are references."""
        share = len(data) / max(1, len(body))
        badly = share > site.mean
        site.mean += (share - site.mean) / min(site.pages, 8)
        wanted = len(site.references) < MOST_REFERENCES or (badly and site.regret >= _REGRET)
        return "reference" if depth <= _DEEPEST_REFERENCE and wanted else "keyframe"

    def _add_reference(self, number: int, base: int | None, name: str, site: _Site) -> None:
        run = self.store.connection.execute
        run("insert into site_references (body_id, site) values (?, ?)", [number, name])
        if len(site.references) >= MOST_REFERENCES:
            # The least recently used reference is dropped; its body stays stored.
            given_up = list(site.references)[-1]
            del site.references[given_up]
            site.digests.pop(given_up, None)
            run("delete from site_references where body_id = ?", [given_up])
        first = list(site.references.items())[:1]
        rest = list(site.references.items())[1:]
        site.references = dict([*first, (number, int(base is not None)), *rest])

    def _packer(self, number: int) -> DictionaryCompressor:
        packer = self._packers.get(number)
        if packer is None:
            packer = self._packers[number] = DictionaryCompressor(self._content(number))
            if len(self._packers) > self._most_packers:
                self._packers.popitem(last=False)
        self._packers.move_to_end(number)
        return packer

    # Reading

    def get(self, digest: str) -> bytes:
        """Return a body, checked against its hash.

        Raises:
            NotFound: no such body is stored.
            ArchiveError: (``db_corrupt``) the stored body is damaged or does not match its hash.
        """
        with self.store.reading() as connection:
            row = connection.execute(
                "select id, base_id, data from bodies where sha256 = ?", [digest]
            ).fetchone()
            if row is None:
                for store in self.earlier():
                    if store.has_here(digest):
                        return store.get(digest)
                raise NotFound(f"no body {digest} in {self.store.path}")
            base = None if row["base_id"] is None else self._content(row["base_id"])
        body = decompress(row["data"], base)
        if hashlib.sha256(body).hexdigest() != digest:
            raise ArchiveError(
                f"{self.store.path}: body {digest} does not match its hash",
                error_class=ErrorClass.DB_CORRUPT,
            )
        return body

    def preload(self, digest: str) -> None:
        """Read a body as `get` does, and cache it."""
        self._fresh.put(digest, self.get(digest))

    def recent(self, digest: str) -> bytes:
        """Return a body from the cache, or as `get` does."""
        body = self._fresh.get(digest)
        return self.get(digest) if body is None else body

    def _content(self, body_id: int, depth: int = 0) -> bytes:
        kept = self._cache.get(body_id)
        if kept is not None:
            return kept
        row = self.store.connection.execute(
            "select base_id, data from bodies where id = ?", [body_id]
        ).fetchone()
        if row is None:
            raise ArchiveError(
                f"{self.store.path}: body number {body_id}, against which others are compressed,"
                " is missing",
                error_class=ErrorClass.DB_CORRUPT,
            )
        if depth > _DEEPEST:
            raise ArchiveError(
                f"{self.store.path}: body number {body_id} is compressed against itself",
                error_class=ErrorClass.DB_CORRUPT,
            )
        base = None if row["base_id"] is None else self._content(row["base_id"], depth + 1)
        content = decompress(row["data"], base)
        self._cache.put(body_id, content)
        return content

    def clear_cache(self) -> None:
        """Clear the cache: needed after a transaction was rolled back."""
        self._cache.clear()
        self._packers.clear()
        self._sites.clear()
        self._fresh.clear()
