"""How a comparison of two versions is printed: by sentence, the changed words in colour.

How things look on a terminal: tables that fit Chinese, progress, text that can't bite.

How an article is printed: as text, Markdown or JSON, or block by block with the rules.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import click

from scraper.edits import Comparison, SentenceChange
from scraper.models import Article, KeptBlock, RemovedBlock, Reservation

if TYPE_CHECKING:
    from scraper.pipeline import Event

__all__ = [
    "Progress",
    "as_json",
    "byline",
    "format_time",
    "print_article",
    "print_comparison",
    "print_explained",
    "print_json",
    "print_message",
    "print_reservations",
    "strip_controls",
    "table",
    "truncate",
    "width",
]


# Characters that reorder or hide what a reader sees (Unicode's bidirectional controls and the
# zero-width ones that no script of ours needs): see Unicode Technical Report 36.
_INVISIBLE = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x200B, 0xFEFF]
)


def strip_controls(text: str, *, lines: bool = False) -> str:
    """Return text that can't steer a terminal: no control, escape or reordering characters.

    Args:
        text: anything from the web.
        lines: keep line feeds and tabs.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        c if c in kept or unicodedata.category(c) not in ("Cc", "Cs") else " "
        for c in text.translate(_INVISIBLE)
    )


def width(text: str) -> int:
    """Return the number of terminal columns that text takes (a wide character takes two)."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def truncate(text: str, columns: int) -> str:
    """Return text cut to a number of terminal columns, with … where something was cut."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for c in text:
        used += width(c)
        if used > columns - 1:
            break
        kept += c
    return kept + "…"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, clip_at: int = 60) -> str:
    """Return rows as aligned columns under their heads; numbers to the right."""
    cells = [[truncate(strip_controls(str(cell)), clip_at) for cell in row] for row in rows]
    numeric = [
        bool(cells) and all(row[i].lstrip("-").isdigit() or not row[i] for row in cells)
        for i in range(len(heads))
    ]
    columns = [max(map(width, column)) for column in zip(heads, *cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        padded = []
        for i, cell in enumerate(row):
            space = " " * (columns[i] - width(cell))
            padded.append(space + cell if numeric[i] else cell + space)
        return "  ".join(padded).rstrip()

    return "\n".join([line(heads), line(["─" * c for c in columns]), *map(line, cells)])


def format_time(value: datetime | str | None) -> str:
    """Return a time as ``2025-12-09 18:15 +08:00``, or "" for none."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    zone = value.strftime("%z")
    return value.strftime("%Y-%m-%d %H:%M ") + (
        "UTC" if zone == "+0000" else f"{zone[:3]}:{zone[3:]}"
    )


def as_json(value: Any) -> Any:
    """Return records, times and tuples as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    return value


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output, Chinese as Chinese."""
    click.echo(json.dumps(as_json(value), ensure_ascii=False, indent=2))


def print_message(text: str, *, bad: bool = False) -> None:
    """Print a line for the person, on standard error, so that output stays clean."""
    click.secho(strip_controls(text, lines=True), err=True, fg="red" if bad else None)


class Progress:
    """Shows a pass as it goes: a bar on a terminal, a plain line for each event elsewhere.

    Args:
        quiet: show nothing but errors.
        verbose: show a line for each event on a terminal too.
    """

    _MARKS: ClassVar = {"kept": "+", "unchanged": "=", "rejected": "-", "failed": "!", "ok": "·"}

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._bar_wanted = sys.stderr.isatty() and not quiet and not verbose
        self._quiet = quiet
        self._total = self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar_wanted:
            click.echo("\r\x1b[K", nl=False, err=True)

    def __call__(self, event: Event) -> None:
        """Take notice of an event."""
        if event.kind == "visit":
            self._total += event.expected
        else:
            self._done += 1
        failed = event.outcome == "failed"
        if self._bar_wanted:
            if failed:
                click.echo("\r\x1b[K", nl=False, err=True)
                print_message(self._line(event), bad=True)
            self._draw(event)
        elif failed or not self._quiet:
            print_message(self._line(event), bad=failed)

    def _line(self, event: Event) -> str:
        text = (
            f"{self._MARKS.get(event.outcome, '?')} {event.outcome:<9} {event.source}: {event.url}"
        )
        # Messages name their address; the line has named it already.
        detail = event.detail.removeprefix(f"{event.url}: ")
        return text + (f" ({detail})" if detail else "")

    def _draw(self, event: Event) -> None:
        share = self._done / self._total if self._total else 0.0
        bar = "█" * round(24 * min(share, 1)) + "░" * (24 - round(24 * min(share, 1)))
        text = f"{bar} {self._done}/{self._total} {event.source}"
        click.echo(f"\r\x1b[K{truncate(strip_controls(text), 78)}", nl=False, err=True)


# Kinds of `models.Reservation` in words.
_RESERVED: Mapping[str, str] = {
    "noarchive": "for private reading only: the publisher asks that it be not archived",
    "expired": "for private reading only: the publisher asked to keep it no longer than that",
    "unavailable_after": "the publisher asks to keep it no longer than that",
    "noai": "the publisher does not want it used for training models",
    "tdm": "rights to text and data mining are reserved",
}


def byline(article: Article) -> str:
    """Return authors, outlet, credited source and time in one line, as far as they are known."""
    outlet = article.outlet
    if article.source and article.source != outlet:
        outlet = f"{outlet} ← {article.source}" if outlet else article.source
    parts = [", ".join(article.authors), outlet, format_time(article.published)]
    return " · ".join(part for part in parts if part)


def print_article(article: Article, format_: str) -> None:
    """Print an article on standard output.

    Args:
        article: what to print.
        format_: ``text``, ``markdown`` or ``json``.
    """
    if format_ == "json":
        print_json(article)
        return
    body = article.markdown if format_ == "markdown" else article.text
    head = f"# {article.title}" if format_ == "markdown" else article.title
    lines = [
        strip_controls(head),
        strip_controls(byline(article)),
        "",
        strip_controls(body, lines=True),
    ]
    click.echo("\n".join(lines if lines[1] else [lines[0], *lines[2:]]))


def print_reservations(reservations: Sequence[Reservation]) -> None:
    """Tell on standard error what a publisher reserves, if anything."""
    for one in reservations:
        if one.kind in _RESERVED:
            value = f", {strip_controls(one.value)}" if one.value else ""
            click.secho(
                f"{_RESERVED[one.kind]} ({strip_controls(one.origin)}{value})",
                fg="yellow",
                err=True,
            )


def print_explained(article: Article) -> None:
    """Print the page's blocks in order: kept ones as they are, cut ones with the rule that cut."""
    blocks: list[KeptBlock | RemovedBlock] = sorted(
        [*article.kept, *article.removed], key=lambda block: block.position
    )
    for block in blocks:
        text = strip_controls(block.text)
        if isinstance(block, KeptBlock):
            click.echo(click.style("keep ", fg="green") + text)
        else:
            shown = text if len(text) <= 120 else text[:119] + "…"
            click.echo(click.style(f"cut  [{block.rule}] {shown}", fg="red", dim=True))
    click.echo(f"\n{len(article.kept)} blocks kept, {len(article.removed)} cut")
    for candidate in article.candidates:
        mark = "→" if candidate.chosen else " "
        why = f" ({strip_controls(candidate.note)})" if candidate.note else ""
        click.echo(
            f"{mark} {candidate.field}: {strip_controls(candidate.value)} · {candidate.origin}{why}"
        )


# Sentences on either side of a change that are shown to tell where it stands.
_CONTEXT = 1


def print_comparison(comparison: Comparison) -> None:
    """Print what changed, with a little of what did not around it."""
    if comparison.headline is not None:
        _print_op(comparison.headline)
    if comparison.byline is not None:
        _print_op(comparison.byline)
    ops = comparison.ops
    near = {
        at
        for i, op in enumerate(ops)
        if op.kind != "equal"
        for at in range(i - _CONTEXT, i + _CONTEXT + 1)
    }
    skipped = False
    for i, op in enumerate(ops):
        if i in near:
            if skipped:
                click.secho("  ⋯", dim=True)
            _print_op(op)
        skipped = i not in near
    if comparison.classes:
        click.echo(f"\n{', '.join(comparison.classes)}; severity {comparison.severity} of 3")
    else:
        click.echo("\nno change that is an edit")


def _print_op(op: SentenceChange) -> None:
    why = click.style(f"   [{', '.join(op.classes)}]", dim=True) if op.classes else ""
    if op.kind == "equal":
        click.secho(f"  {strip_controls(op.new)}", dim=True)
    elif op.kind == "insert":
        click.echo(click.style(f"+ {strip_controls(op.new)}", fg="green") + why)
    elif op.kind == "delete":
        click.echo(click.style(f"- {strip_controls(op.old)}", fg="red") + why)
    else:
        old = new = ""
        for span in op.spans:
            changed = span.kind != "equal"
            was = strip_controls(op.old[span.old_start : span.old_end])
            now = strip_controls(op.new[span.new_start : span.new_end])
            old += click.style(was, fg="red", bold=changed, underline=changed)
            new += click.style(now, fg="green", bold=changed, underline=changed)
        click.echo(click.style("- ", fg="red") + old)
        click.echo(click.style("+ ", fg="green") + new + why)
