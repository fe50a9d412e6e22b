"""Caches of the archive: bounded by bytes and by entries, and never wrong."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from scraper.archive.bodies import BodyStore
from scraper.archive.byte_cache import ByteCache
from scraper.archive.database import DatabaseFile
from scraper.archive.schema import BODIES, BODIES_ID

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_it_holds_no_more_than_its_bytes_and_entries_whatever_is_asked() -> None:
    chance = random.Random(5)
    cache: ByteCache[int] = ByteCache(1000, 12)
    known: dict[int, bytes] = {}
    for _ in range(5000):
        key = chance.randrange(30)
        match chance.randrange(4):
            case 0:
                cache.drop(key)
                assert cache.get(key) is None
            case 1 | 2:
                known[key] = bytes(chance.choice((0, 1, 80, 400, 1000)))
                cache.put(key, known[key])
            case _:
                assert cache.get(key) in (None, known.get(key))
        held = [cache.get(key) for key in list(cache.keys())]
        assert sum(len(value) for value in held if value is not None) <= 1000
        assert len(held) <= 12
    cache.clear()
    cache.put(1, b"a")
    assert cache.get(1) == b"a" and list(cache.keys()) == [1]


def test_what_was_asked_for_last_stays_and_what_is_too_large_displaces_nothing() -> None:
    cache: ByteCache[str] = ByteCache(10, 3)
    for name in "abc":
        cache.put(name, b"123")
    cache.get("a")
    cache.put("d", b"123")
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]
    cache.put("e", bytes(11))
    assert cache.get("e") is None and cache.get("a") == b"123"


def test_bodies_larger_than_the_caches_are_read_as_they_were_written(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(5 * 1024 * 1024)
    pages = [noise + b"<p>%d</p>" % number for number in range(3)]
    with_small = [b"<p>small %d</p>" % number * 50 for number in range(3)]
    file = DatabaseFile(tmp_path / "bodies.db", BODIES, BODIES_ID)
    store = BodyStore(file)
    digests = []
    with file.transaction():
        for large, small in zip(pages, with_small, strict=True):
            for body in (large, small):
                name = "large" if body is large else "small"
                digests.append(store.put(body, site="a.test", address=f"a.test/{name}", at=AT))
    wanted = [body for pair in zip(pages, with_small, strict=True) for body in pair]
    assert [store.get(digest) for digest in digests] == wanted
    file.close()
