"""Template filters: times, languages, highlighted text, comparisons by sentence, quantities.

All return plain values or text that the templates escape, except `lang_attribute` and
`format_time`, which build markup from checked or escaped parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote, urlencode

from markupsafe import Markup

from scraper.archive import SearchHit
from scraper.archive.sql_values import utc_text
from scraper.edits import Comparison, SentenceChange, compare
from scraper.models import Quantity, RemovedBlock
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.topics.facts import format_quantity

__all__ = [
    "Piece",
    "Row",
    "by_rule",
    "day_of",
    "duration",
    "figure",
    "format_published",
    "format_time",
    "from_path",
    "headline",
    "hit_row",
    "in_path",
    "lang_attribute",
    "language_name",
    "marked_edit",
    "names",
    "pieces",
    "rows_of",
    "with_query",
]

# Unchanged sentences shown on either side of a change.
_CONTEXT = 2
# Sentences and characters of an edit that a list shows.
_MOST_LINES, _LONGEST_EDIT = 3, 1500
_TAG = lazy_compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# Languages that are written from right to left.
_LEFTWARD = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
# Characters of a headline that a list shows.
_LONGEST_TITLE = 200
_KINDS = {"equal": "", "insert": "ins", "delete": "del"}


@record
class Piece:
    """A piece of text and its mark: "" for none, ``mark``, ``ins`` or ``del``."""

    text: str
    mark: str = ""


@record
class Row:
    """A sentence of a comparison, or a folded run of unchanged ones.

    Attributes:
        kind: equal, insert, delete, replace or folded.
        pieces: its text; for a run, one piece per sentence.
        classes: kinds of change.
    """

    kind: str
    pieces: tuple[Piece, ...]
    classes: tuple[str, ...] = ()


def headline(title: str | None) -> str:
    """Return a headline as lists show it: of one as long as a text, its beginning."""
    shown = title or "(no title)"
    return shown if len(shown) <= _LONGEST_TITLE else f"{shown[:_LONGEST_TITLE].rstrip()}…"


def lang_attribute(language: str, script: str = "") -> Markup:
    """Return `` lang="…"`` for an article, so that Chinese gets the right glyphs, or "".

    Languages that are written from right to left have their direction as well.
    """
    tag = language
    if language.partition("-")[0] == "zh" and script in ("Hans", "Hant"):
        tag = f"zh-{script}"
    if not _TAG.fullmatch(tag):
        return Markup()
    leftward = tag.partition("-")[0].lower() in _LEFTWARD
    return Markup(f' lang="{tag}" dir="rtl"' if leftward else f' lang="{tag}"')


def format_time(
    at: str | datetime | None, offset: int | None = None, *, zone: bool = False
) -> Markup:
    """Return a time as a ``<time>`` element, or "" for None.

    Args:
        at: aware time, or its text in the archive.
        offset: minutes east of UTC for display; a `datetime` has its own.
        zone: whether to show the zone.
    """
    if not at:
        return Markup()
    time = datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else at
    if offset is not None:
        time = time.astimezone(timezone(timedelta(minutes=offset)))
    shown = time.strftime("%Y-%m-%d %H:%M")
    if zone:
        shown += f" {time.isoformat()[-6:]}" if time.utcoffset() else " UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        time.isoformat(), time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"), shown
    )


def _local(at: str | datetime, offset: int | None) -> datetime:
    time = datetime.fromisoformat(at) if isinstance(at, str) else at
    return time if offset is None else time.astimezone(timezone(timedelta(minutes=offset)))


def day_of(at: str | datetime, offset: int | None = None) -> str:
    """Return the day of a time: of UTC, or the one that a page gives without an hour.

    Args:
        at, offset: as `format_published` takes them.
    """
    local = _local(at, offset)
    hour = local.hour or local.minute or local.second
    return (local.astimezone(UTC) if hour else local).date().isoformat()


def format_published(
    at: str | datetime | None, offset: int | None = None, *, zone: bool = False
) -> Markup:
    """Return when a page says that it was published: its day alone where it gives no hour.

    Such a time is kept as the midnight that begins the day in the page's zone.

    Args:
        at: aware time, or its text in the archive; a `datetime` in the page's zone.
        offset: minutes of that zone east of UTC, for a text, and for a `datetime` in UTC.
        zone: whether to show the zone of an hour.
    """
    if not at:
        return Markup()
    local = _local(at, offset)
    if local.hour or local.minute or local.second:
        return format_time(at, zone=zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.date(), f"no hour is given, or midnight ({local.isoformat()[-6:]})", local.date()
    )


def duration(seconds: int) -> str:
    """Return a duration in the largest unit of which it has two: ``3 d``, ``36 h``, ``20 min``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{seconds} s"


def names(stored: str | Sequence[str]) -> list[str]:
    """Return a list of names that the archive stores as JSON."""
    return [str(name) for name in (json.loads(stored) if isinstance(stored, str) else stored)]


def with_query(path: str, **values: object) -> str:
    """Return a path with the non-empty values as its query."""
    kept = {name: value for name, value in values.items() if value not in ("", None, 0)}
    return f"{path}?{urlencode(kept)}" if kept else path


def by_rule(removed: Sequence[RemovedBlock]) -> list[tuple[str, list[RemovedBlock]]]:
    """Return removed blocks grouped by rule, the rule that removed most text first."""
    rules: dict[str, list[RemovedBlock]] = {}
    for block in removed:
        rules.setdefault(block.rule, []).append(block)
    return sorted(rules.items(), key=lambda item: -sum(len(b.text) for b in item[1]))


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """Return a text split at the ends of its marked ranges ``[start, end)``."""
    out: list[Piece] = []
    at = 0
    for start, end in spans:
        out += [Piece(text=text[at:start]), Piece(text=text[start:end], mark="mark")]
        at = end
    out.append(Piece(text=text[at:]))
    return tuple(piece for piece in out if piece.text)


def hit_row(hit: SearchHit) -> dict[str, Any]:
    """Return a search's hit as the templates show articles, with headline and snippet split."""
    times = {"published_at": hit.published, "first_seen_at": hit.first_seen_at}
    zone = hit.published.utcoffset() if hit.published else None
    return {
        "id": hit.id, "title": hit.title, "outlet": hit.outlet, "credited": hit.credited,
        "language": hit.language, "script": hit.script, "state": hit.state,
        "version_count": hit.version_count, "version": hit.version,
        "title_pieces": pieces(hit.title, hit.title_marks),
        "pieces": pieces(hit.snippet, hit.snippet_marks),
        **{name: at and utc_text(at) for name, at in times.items()},
        "published_offset": int(zone.total_seconds()) // 60 if zone is not None else None,
    }  # fmt: skip


def rows_of(comparison: Comparison) -> tuple[Row, ...]:
    """Return a comparison for display: changed sentences, some around them, the rest folded.

    A changed headline comes first.
    """
    ops = comparison.ops
    near = {
        at
        for i, op in enumerate(ops)
        if op.kind != "equal"
        for at in range(i - _CONTEXT, i + _CONTEXT + 1)
    }
    return tuple(_rows(ops, near))


def _rows(ops: Sequence[SentenceChange], near: set[int]) -> Iterator[Row]:
    for is_near, run in groupby(enumerate(ops), key=lambda item: item[0] in near):
        stretch = [op for _, op in run]
        if is_near or len(stretch) == 1:  # a fold of one sentence would save no room
            yield from map(row_of, stretch)
        else:
            yield Row(kind="folded", pieces=tuple(Piece(text=op.new) for op in stretch))


def row_of(op: SentenceChange) -> Row:
    """Return one sentence as a row; a revised one has old and new words side by side."""
    if op.kind != "replace":
        text = Piece(text=op.new or op.old, mark=_KINDS[op.kind])
        return Row(kind=op.kind, pieces=(text,), classes=op.classes)
    marked: list[Piece] = []
    for span in op.spans:
        if span.kind == "equal":
            marked.append(Piece(text=op.new[span.new_start : span.new_end]))
            continue
        marked.append(Piece(text=op.old[span.old_start : span.old_end], mark="del"))
        marked.append(Piece(text=op.new[span.new_start : span.new_end], mark="ins"))
    return Row(kind="replace", pieces=tuple(p for p in marked if p.text), classes=op.classes)


def marked_edit(change: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return a change of the ledger as sentences with their words marked, a new headline first.

    Args:
        change: a row of the ledger with what its edit changed (`Pages._with_edits`).
    """
    old, new = (
        "\n".join(change[name].split("\n")[:_MOST_LINES])[:_LONGEST_EDIT]
        for name in ("removed", "added")
    )
    titles = change.get("old_title") or "", change.get("new_title") or ""
    # What is current can alternate without an entry: the headline changed where the edit says so.
    told = change["kind"] in ("retitled", "reverted") or "headline" in names(change["classes"])
    if not told or not titles[0]:
        titles = "", ""
    found = compare(old, new, old_title=titles[0], new_title=titles[1])
    rows = [row_of(op) for op in found.ops if op.kind != "equal"]
    return (row_of(found.headline), *rows) if found.headline else tuple(rows)


def figure(quantity: Quantity | Mapping[str, Any]) -> str:
    """Return a quantity, or its row, as text."""
    if isinstance(quantity, Mapping):
        fields = ("kind", "unit", "low", "high", "qualifier", "detail")
        quantity = Quantity(**{name: quantity[name] for name in fields})
    return format_quantity(quantity)


def in_path(name: str) -> str:
    """Return a name percent-encoded as one segment of a path."""
    return quote(name, safe="")


def from_path(part: str) -> str:
    """Return the name in a percent-encoded segment of a path."""
    return unquote(part)


def language_name(code: str) -> str:
    """Return a language in words, where it is one of those that are collected; else its code."""
    return {"en": "English", "zh": "Chinese"}.get(code, code)
