"""What each edit of the ledger changed: the text before it, the one after, which sentences moved.

A version stores how it differs from the text that was current when it came. That is the edit only
where time ran that way. A publisher who takes an edit back makes an earlier version current again,
and a capture of long ago becomes a version of its own behind later ones: the text that it was
compared with is the later one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from scraper.record import record

__all__ = ["EDIT_KINDS", "Entry", "LedgerEdit", "Step", "late_edits", "ledger_edits", "steps_of"]

# Entries of the ledger about what a page says; all but the first of a page are edits.
EDIT_KINDS = ("edited", "retitled", "rebylined", "reverted")
# Classes that are another one when the two texts change places.
_MIRRORED = {"addition": "removal", "removal": "addition"}

# "+": the planner would read all entries of those kinds rather than the few of these pages.
_ENTRIES = f"""
select c.id, c.page_id, c.at, c.kind, c.version_id, c.classes, v.last_observed_at from changes c
join versions v on v.id = c.version_id
where c.page_id in (select page_id from changes where id in (select value from json_each(?)))
    and +c.kind in {("new", *EDIT_KINDS)}
order by c.page_id, c.id
"""
# Entries on a text of before another that the ledger has already.
_LATE = f"""
select c.id from changes c
where c.id in (select value from json_each(?)) and +c.kind in {EDIT_KINDS} and exists (
    select 1 from changes e where e.page_id = c.page_id and e.id < c.id and e.at > c.at
        and e.version_id is not null and +e.kind in {("new", *EDIT_KINDS)}
)
"""
_VERSIONS = """
select id, number, title, first_observed_at, added, removed from versions
where id in (select value from json_each(?))
"""


@record
class Entry:
    """An entry of the ledger about what a page says.

    Attributes:
        id: its number.
        at: when the text was seen, as the archive stores times.
        kind: new, edited, retitled, rebylined or reverted.
        version: id of the version that it tells of.
        last_seen: when that version was seen last.
    """

    id: int
    at: str
    kind: str
    version: int
    last_seen: str = ""


@record
class Step:
    """From which version an edit led to which.

    Attributes:
        before, after: ids of the versions, in the order of time.
        stored: id of the version whose stored difference is this edit's, or None.
        mirrored: whether that difference is to be read from its end to its beginning.
    """

    before: int
    after: int
    stored: int | None
    mirrored: bool = False


@record
class LedgerEdit:
    """An edit of the ledger.

    Attributes:
        before, after: numbers of the two versions, in the order of time.
        old_title, new_title: their headlines.
        seen_at: when the text was first seen that came by this edit.
        classes: kinds of change, in the direction of time.
        added, removed: sentences that came and went, one to a line; both are "" where the archive
            stores no difference between the two.
    """

    before: int
    after: int
    old_title: str
    new_title: str
    seen_at: str
    classes: tuple[str, ...]
    added: str
    removed: str


def steps_of(entries: Sequence[Entry]) -> dict[int, Step]:
    """Return the step of each edit, by the number of its entry.

    Args:
        entries: of one page, in the order of the ledger. The first one is the first text, not an
        edit.
    """
    found: dict[int, Step] = {}
    current: Entry | None = None
    # The entry of the version that was seen last, and when.
    latest: tuple[str, int, Entry] | None = None
    known: set[int] = set()
    # By version, the one that its stored difference leads from.
    compared: dict[int, int] = {}
    for entry in entries:
        # A text that a page shows by turns has no entry each time, and one between two looks at
        # another has an entry that leads away from what stayed.
        if latest is not None and latest[0] <= entry.at and entry.version not in known:
            current = latest[2]
        known.add(entry.version)
        seen = max(entry.at, entry.last_seen), entry.id, entry
        latest = seen if latest is None else max(latest, seen, key=lambda one: one[:2])
        if current is None or entry.version == current.version:
            current = entry
            continue
        if entry.kind == "reverted":
            undone = compared.get(current.version) == entry.version
            found[entry.id] = Step(
                before=current.version,
                after=entry.version,
                stored=current.version if undone else None,
                mirrored=True,
            )
            current = entry
            continue
        compared[entry.version] = current.version
        if entry.at < current.at:
            # A capture of before the current text: that one came later.
            found[entry.id] = Step(
                before=entry.version, after=current.version, stored=entry.version, mirrored=True
            )
            continue
        found[entry.id] = Step(before=current.version, after=entry.version, stored=entry.version)
        current = entry
    return found


def ledger_edits(connection: sqlite3.Connection, ids: Iterable[int]) -> Mapping[int, LedgerEdit]:
    """Return what some entries of the ledger changed, by their numbers.

    Args:
        connection: of the archive file; its rows have names.
        ids: of the entries. Those of other kinds than edits are left out.
    """
    wanted = set(ids)
    if not wanted:
        return {}
    pages: dict[int, list[Entry]] = {}
    told: dict[int, tuple[str, tuple[str, ...]]] = {}
    for row in connection.execute(_ENTRIES, [json.dumps(sorted(wanted))]):
        entry = Entry(
            id=row["id"],
            at=row["at"],
            kind=row["kind"],
            version=row["version_id"],
            last_seen=row["last_observed_at"],
        )
        pages.setdefault(row["page_id"], []).append(entry)
        if entry.id in wanted:
            told[entry.id] = row["at"], tuple(json.loads(row["classes"]))
    steps = {
        number: step
        for entries in pages.values()
        for number, step in steps_of(entries).items()
        if number in wanted
    }
    needed = {v for s in steps.values() for v in (s.before, s.after, s.stored) if v is not None}
    rows = {row["id"]: row for row in connection.execute(_VERSIONS, [json.dumps(sorted(needed))])}
    return {
        number: _edit(step, *told[number], rows)
        for number, step in steps.items()
        if step.before in rows and step.after in rows
    }


def late_edits(connection: sqlite3.Connection, ids: Iterable[int]) -> Mapping[int, LedgerEdit]:
    """Return the edits, among some entries of the ledger, whose earlier text came later.

    Such an entry is of the time of the earlier text, and its classes lead back to it.

    Args:
        connection: of the archive file; its rows have names.
        ids: of the entries.
    """
    late = [row["id"] for row in connection.execute(_LATE, [json.dumps(list(ids))])]
    found = ledger_edits(connection, late)
    numbers = dict(
        connection.execute(
            "select c.id, v.number from changes c join versions v on v.id = c.version_id"
            " where c.id in (select value from json_each(?))",
            [json.dumps(late)],
        ).fetchall()
    )
    return {number: edit for number, edit in found.items() if edit.before == numbers[number]}


def _edit(
    step: Step, at: str, classes: tuple[str, ...], rows: Mapping[int, sqlite3.Row]
) -> LedgerEdit:
    before, after = rows[step.before], rows[step.after]
    late = step.mirrored and step.stored == step.before
    added, removed = ("added", "removed") if not step.mirrored else ("removed", "added")
    stored = rows.get(step.stored) if step.stored is not None else None
    return LedgerEdit(
        before=before["number"],
        after=after["number"],
        old_title=before["title"],
        new_title=after["title"],
        seen_at=max(at, after["first_observed_at"]) if late else at,
        classes=tuple(_MIRRORED.get(name, name) for name in classes) if late else classes,
        added=stored[added] if stored is not None else "",
        removed=stored[removed] if stored is not None else "",
    )
