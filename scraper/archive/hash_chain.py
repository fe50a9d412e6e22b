"""Hash chains: what was archived cannot be altered, removed or added without it showing.

Four chains of SHA-256 hashes cover what never changes:

- each *version* is chained to the version before it: address, number, raw body, first observation;
  a second hash covers what it says of its edit;
- each *fetch* is chained to the fetch before it, with all that is shown of it;
- each *record* of a page is chained to the record before it: its content and its origin;
- each entry of the *ledger* is chained to the entry before it, and covers the version that it is
  about and the last fetch and the last record that were there when it was written.

So the hash of the ledger's last entry, published once, vouches for all that was archived before it.
Raw bodies are addressed by their own hash. This is the linked time-stamping of Haber and Stornetta
(1991), without the time-stamping service.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from scraper.record import record

__all__ = [
    "SEALED_FETCH",
    "AlteredRow",
    "ChainEnds",
    "Earlier",
    "LedgerHead",
    "altered_entries",
    "altered_fetches",
    "altered_versions",
    "chain_link",
    "change_link",
    "entry_link",
    "fetch_link",
    "last_link",
    "record_link",
    "seal_earlier_rows",
    "seal_ledger",
]

# What the hash of a fetch covers, in this order; the page that it was recorded for, the version
# that it showed and the name of its source follow.
SEALED_FETCH = (
    "at", "url", "final_url", "class", "message", "evidence", "status", "hops", "headers",
    "wire_bytes", "elapsed_ms", "body", "part", "fingerprint", "capture", "close_delimited",
    "rendered", "reservations",
)  # fmt: skip


@record
class LedgerHead:
    """The end of the ledger: number, time and hash of its last entry; 0, "" and "" for none."""

    cursor: int = 0
    at: str = ""
    chain: str = ""


class Earlier(Protocol):
    """Rows of the chains that lie in sealed parts; the rows of pages that go on are copies."""

    def end(self, name: str) -> tuple[int, str]:
        """Return number and hash of the last sealed row of a chain; 0 and "" where none is."""

    def chain_before(self, name: str, row_id: int) -> str:
        """Return the hash of the sealed row before one in a chain, "" for the first."""

    def chain_of(self, name: str, row_id: object) -> str:
        """Return the hash of a sealed row, or ""."""


class _NoneEarlier:
    """No chain began in a sealed part."""

    def end(self, name: str) -> tuple[int, str]:
        return 0, ""

    def chain_before(self, name: str, row_id: int) -> str:
        return ""

    def chain_of(self, name: str, row_id: object) -> str:
        return ""


_NONE_EARLIER = _NoneEarlier()


@record
class AlteredRow:
    """A row that is not what was archived: which, and how it shows."""

    what: str


def chain_link(before: str, url: str, number: int, body: str, at: str) -> str:
    """Return the hash that chains a version to the one before it.

    Args:
        before: hash of the version before, "" for the first.
        url: address of its page.
        number: of the version.
        body: SHA-256 of its raw body.
        at: when it was first observed.
    """
    return _hash([before, url, number, body, at])


def change_link(chain: str, classes: str, severity: int, added: str, removed: str) -> str:
    """Return the hash over what a version says of its edit, and over the version's own hash."""
    return _hash([chain, classes, severity, added, removed])


def fetch_link(
    before: str, row: Mapping[str, Any], page: int | None, version: str, source: str
) -> str:
    """Return the hash that chains a fetch to the one before it.

    Args:
        before: hash of the fetch before, "" for the first.
        row: the columns of `SEALED_FETCH`.
        page: id of the page that it was recorded for, or None.
        version: hash of the version that it showed, or "".
        source: name of the source that it belongs to, or "".
    """
    return _hash([before, *(row[name] for name in SEALED_FETCH), page, version, source])


def record_link(before: str, url: str, row: Mapping[str, Any], content: bytes) -> str:
    """Return the hash that chains a record to the one before it.

    Args:
        before: hash of the record before, "" for the first that was chained.
        url: address of its page.
        row: its other columns.
        content: the record as JSON.
    """
    names = ("body", "parts", "extractor", "made_at", "encoding", "encoding_origin", "replaced")
    digest = hashlib.sha256(content).hexdigest()
    return _hash([before, url, *(row[name] for name in names), digest])


def entry_link(
    before: str,
    at: str,
    kind: str,
    url: str,
    version: str,
    title: str,
    classes: str,
    severity: int,
    covered: tuple[str, str] | None = None,
) -> str:
    """Return the hash that chains an entry of the ledger to the one before it.

    Args:
        before: hash of the entry before, "" for the first.
        at, kind, title, classes, severity: the entry.
        url: address of its page.
        version: hash of its version, or "".
        covered: hashes of the last fetch and the last record before it; None for an entry from a
            schema that did not chain them.
    """
    return _hash([before, at, kind, url, version, title, classes, severity, *(covered or ())])


# `json.dumps` would make an encoder for each call.
_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _hash(facts: Iterable[str | int | None]) -> str:
    text = _as_json(list(facts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def last_link(connection: sqlite3.Connection, name: str) -> tuple[int, str]:
    """Return id and hash of the last row of a chain; 0 and "" if there is none.

    Args:
        connection: of the archive file.
        name: ``fetches``, ``extractions`` or ``changes``.
    """
    row = connection.execute("select last_id, chain from seals where name = ?", [name]).fetchone()
    return (row["last_id"], row["chain"]) if row else (0, "")


class ChainEnds:
    """The ends of the chains while one transaction adds to them: read once, stored by `close`.

    Args:
        connection: of the archive file, within a transaction. Nothing else adds to the chains
            before `close`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ends: dict[str, tuple[int, str]] = {}
        self._moved: dict[str, None] = {}

    def last(self, name: str) -> tuple[int, str]:
        """Return id and hash of the last row of a chain, as `last_link` does."""
        if name not in self._ends:
            self._ends[name] = last_link(self._connection, name)
        return self._ends[name]

    def move(self, name: str, last_id: int, chain: str) -> None:
        """Note a row that was added: its id and its hash."""
        self._ends[name] = last_id, chain
        self._moved[name] = None

    def close(self) -> None:
        """Store the ends of the chains that rows were added to."""
        self._connection.executemany(
            "insert into seals (name, last_id, chain, older) values (?, ?, ?, 0)"
            " on conflict (name) do update set last_id = excluded.last_id, chain = excluded.chain",
            [(name, *self._ends[name]) for name in self._moved],
        )
        self._moved.clear()


# Checks


def altered_versions(connection: sqlite3.Connection) -> Iterator[AlteredRow]:
    """Yield the versions that are not what their hashes say."""
    before, page, expected = "", None, 1
    for row in connection.execute(
        "select v.page_id, p.url, v.number, v.body, v.first_observed_at, v.chain, v.classes,"
        " v.severity, v.added, v.removed, v.change_chain from versions v"
        " left join pages p on p.id = v.page_id order by v.page_id, v.number"
    ):
        if row["page_id"] != page:
            before, page, expected = "", row["page_id"], 1
        name = f"version {row['number']} of {row['url'] or 'a page that is missing'}"
        made = chain_link(before, row["url"], row["number"], row["body"], row["first_observed_at"])
        edit = change_link(
            row["chain"], row["classes"], row["severity"], row["added"], row["removed"]
        )
        if row["number"] != expected:
            yield AlteredRow(what=f"version {expected} of {row['url']} is missing")
        elif row["chain"] != made:
            yield AlteredRow(what=f"{name} was altered after it was archived")
        elif row["change_chain"] != edit:
            yield AlteredRow(what=f"{name} was altered: what it says of its edit")
        before, expected = row["chain"], row["number"] + 1


_ENTRIES = (
    "select c.*, p.url, coalesce(v.chain, '') as version from changes c"
    " left join pages p on p.id = c.page_id left join versions v on v.id = c.version_id"
    " order by c.id"
)


def altered_entries(
    connection: sqlite3.Connection, earlier: Earlier = _NONE_EARLIER
) -> Iterator[AlteredRow]:
    """Yield the entries of the ledger that are not what their hashes say, or are missing."""
    last, before = earlier.end("changes")
    sealed, end_of_sealed = last, before
    for row in connection.execute(_ENTRIES):
        copied = row["id"] <= sealed
        if copied:
            before = earlier.chain_before("changes", row["id"])
        elif last <= sealed:
            last, before = sealed, end_of_sealed
        if row["id"] != last + 1 and not copied:
            missing = f"entries {last + 1} to {row['id'] - 1} of the ledger are missing"
            yield AlteredRow(what=missing)
        elif row["chain"] != _entry(connection, before, row, earlier):
            yield AlteredRow(
                what=f"entry {row['id']} of the ledger ({row['kind']}, {row['url']})"
                " was altered after it was written"
            )
        before, last = row["chain"], row["id"]
    if last <= sealed:
        last, before = sealed, end_of_sealed
    given = connection.execute("select seq from sqlite_sequence where name = 'changes'").fetchone()
    end = max(given["seq"] if given else 0, last_link(connection, "changes")[0])
    if end > last:
        yield AlteredRow(what=f"entries {last + 1} to {end} of the ledger are missing")
    elif last_link(connection, "changes") != (last, before):
        yield AlteredRow(what="the end of the ledger is not the one that was written last")


_FETCHES = (
    "select f.*, coalesce(f.merged_from, f.page_id) as page, coalesce(v.chain, '') as version,"
    " coalesce(s.name, '') as source from fetches f"
    " left join versions v on v.id = f.version_id left join sources s on s.id = f.source_id"
    " order by f.id"
)


def altered_fetches(
    connection: sqlite3.Connection, earlier: Earlier = _NONE_EARLIER
) -> Iterator[AlteredRow]:
    """Yield the fetches that are not what their hashes say, or are missing."""
    last, before = earlier.end("fetches")
    sealed, end_of_sealed = last, before
    for row in connection.execute(_FETCHES):
        if row["id"] <= sealed:
            before = earlier.chain_before("fetches", row["id"])
        elif last <= sealed:
            last, before = sealed, end_of_sealed
        if row["chain"] != fetch_link(before, row, row["page"], row["version"], row["source"]):
            gap = f"fetches {last + 1} to {row['id'] - 1} are missing, or " * (row["id"] > last + 1)
            yield AlteredRow(
                what=f"{gap}fetch {row['id']} ({row['url']}, {row['at']})"
                " was altered after it was written"
            )
        before, last = row["chain"], row["id"]
    if last <= sealed:
        last, before = sealed, end_of_sealed
    yield from _cut_off(connection, "fetches", last, before)


def _cut_off(
    connection: sqlite3.Connection, name: str, last: int, chain: str
) -> Iterator[AlteredRow]:
    end, written = last_link(connection, name)
    if end > last:
        yield AlteredRow(what=f"{name} {last + 1} to {end} are missing")
    elif (end, written) != (last, chain):
        yield AlteredRow(what=f"the last of the {name} is not the one that was written last")


# Rows that are older than their chain


def seal_ledger(connection: sqlite3.Connection) -> None:
    """Chain entries that were written before the ledger had a chain: migration 004."""
    before = ""
    rows = connection.execute(
        "select c.id, c.at, c.kind, p.url, coalesce(v.chain, '') as version, c.title, c.classes,"
        " c.severity from changes c join pages p on p.id = c.page_id"
        " left join versions v on v.id = c.version_id order by c.id"
    ).fetchall()
    for number, at, kind, url, version, title, classes, severity in rows:
        before = entry_link(before, at, kind, url, version, title, classes, severity)
        connection.execute("update changes set chain = ? where id = ?", [before, number])


def seal_earlier_rows(connection: sqlite3.Connection) -> None:
    """Chain the fetches and edits that are older than their chain: migration 013.

    Records cannot be read from this file alone; they are chained from the next one on.
    """
    factory, connection.row_factory = connection.row_factory, sqlite3.Row
    try:
        before, last = "", 0
        for row in connection.execute(_FETCHES).fetchall():
            before = fetch_link(before, row, row["page"], row["version"], row["source"])
            last = row["id"]
            connection.execute("update fetches set chain = ? where id = ?", [before, last])
        _begin(connection, "fetches", last, before)
        rows = connection.execute(
            "select id, chain, classes, severity, added, removed from versions"
        ).fetchall()
        for number, *facts in rows:
            connection.execute(
                "update versions set change_chain = ? where id = ?", [change_link(*facts), number]
            )
        entry = connection.execute(
            "select id, chain from changes order by id desc limit 1"
        ).fetchone()
        _begin(connection, "changes", *(entry or (0, "")))
        (record,) = connection.execute("select coalesce(max(id), 0) from extractions").fetchone()
        _begin(connection, "extractions", record, "")
    finally:
        connection.row_factory = factory


def _begin(connection: sqlite3.Connection, name: str, last: int, chain: str) -> None:
    connection.execute(
        "insert into seals (name, last_id, chain, older) values (?, ?, ?, ?)",
        [name, last, chain, last],
    )


def _entry(connection: sqlite3.Connection, before: str, row: sqlite3.Row, earlier: Earlier) -> str:
    covered = None
    if row["covers"]:
        fetch, _, record = row["covers"].partition(" ")
        found = connection.execute(
            "select (select chain from fetches where id = ?),"
            " (select chain from extractions where id = ?)",
            [fetch, record],
        ).fetchone()
        covered = (
            earlier.chain_of("fetches", fetch) if found[0] is None else str(found[0]),
            earlier.chain_of("extractions", record) if found[1] is None else str(found[1]),
        )
    return entry_link(
        before,
        row["at"],
        row["kind"],
        row["url"],
        row["version"],
        row["title"],
        row["classes"],
        row["severity"],
        covered,
    )
