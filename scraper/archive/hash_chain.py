"""Hash chains: what was archived can't be altered, taken out or put in without it showing.

Each version is sealed to the one before it, over facts that never change: address, number, raw
body, first observation. Each entry of the ledger is sealed to the entry before it and carries the
seal of its version, so that the last entry's hash, published once, vouches for the whole archive
behind it. Raw bodies are addressed by their own hash. This is the linked time-stamping of Haber and
Stornetta (1991), without the time-stamping service.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "AlteredRow",
    "LedgerHead",
    "altered_entries",
    "altered_versions",
    "chain_link",
    "entry_link",
    "seal_ledger",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """The end of the ledger: number, time and hash of its last entry; 0, "" and "" for none."""

    cursor: int = 0
    at: str = ""
    chain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredRow:
    """A row that is not what was archived: which, and how it shows."""

    what: str


def chain_link(before: str, url: str, number: int, body: str, at: str) -> str:
    """Return the hash that seals a version to the one before it: over facts that never change."""
    return _hash([before, url, number, body, at])


def entry_link(
    before: str, at: str, kind: str, url: str, version: str, title: str, classes: str, severity: int
) -> str:
    """Return the hash that seals an entry of the ledger to the one before it.

    Args:
        before: hash of the entry before, "" for the first.
        at, kind, title, classes, severity: the entry.
        url: address of its page.
        version: seal of its version, or "".
    """
    return _hash([before, at, kind, url, version, title, classes, severity])


def _hash(facts: list[str | int]) -> str:
    text = json.dumps(facts, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def altered_versions(connection: sqlite3.Connection) -> Iterator[AlteredRow]:
    """Yield the versions that are not what their seals say."""
    before, page, expected = "", None, 1
    for row in connection.execute(
        "select v.page_id, p.url, v.number, v.body, v.first_observed_at, v.chain from versions v"
        " join pages p on p.id = v.page_id order by v.page_id, v.number"
    ):
        if row["page_id"] != page:
            before, page, expected = "", row["page_id"], 1
        if row["number"] != expected:
            yield AlteredRow(what=f"version {expected} of {row['url']} is missing")
        elif row["chain"] != chain_link(
            before, row["url"], row["number"], row["body"], row["first_observed_at"]
        ):
            yield AlteredRow(
                what=f"version {row['number']} of {row['url']} was altered after it was archived"
            )
        before, expected = row["chain"], row["number"] + 1


_ENTRIES = (
    "select c.id, c.at, c.kind, p.url, coalesce(v.chain, '') as version, c.title, c.classes,"
    " c.severity, c.chain from changes c join pages p on p.id = c.page_id"
    " left join versions v on v.id = c.version_id order by c.id"
)


def altered_entries(connection: sqlite3.Connection) -> Iterator[AlteredRow]:
    """Yield the entries of the ledger that are not what their seals say, or are no longer there."""
    before, last = "", 0
    for row in connection.execute(_ENTRIES):
        if row["id"] != last + 1:
            yield AlteredRow(
                what=f"entries {last + 1} to {row['id'] - 1} of the ledger are missing"
            )
        elif row["chain"] != _entry(before, row):
            yield AlteredRow(
                what=f"entry {row['id']} of the ledger ({row['kind']}, {row['url']})"
                " was altered after it was written"
            )
        before, last = row["chain"], row["id"]
    given = connection.execute("select seq from sqlite_sequence where name = 'changes'").fetchone()
    if given is not None and given["seq"] > last:
        yield AlteredRow(what=f"entries {last + 1} to {given['seq']} of the ledger are missing")


def seal_ledger(connection: sqlite3.Connection) -> None:
    """Seal entries that were written before the ledger had a chain."""
    before = ""
    for row in connection.execute(_ENTRIES).fetchall():
        before = _entry(before, row)
        connection.execute("update changes set chain = ? where id = ?", [before, row["id"]])


def _entry(before: str, row: sqlite3.Row) -> str:
    return entry_link(
        before,
        row["at"],
        row["kind"],
        row["url"],
        row["version"],
        row["title"],
        row["classes"],
        row["severity"],
    )
