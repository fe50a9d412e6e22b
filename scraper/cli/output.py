"""Output of commands, safe for a terminal: tables, JSON, progress, articles, comparisons."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import filterfalse
from typing import TYPE_CHECKING, Any, ClassVar, Self

import click

from scraper.errors import UsageError
from scraper.models import Article, KeptBlock, RemovedBlock, Reservation
from scraper.text.controls import strip_controls
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns

if TYPE_CHECKING:
    from scraper.edits import Comparison, SentenceChange
    from scraper.pipeline import Event

__all__ = [
    "ARTICLE_FORMATS",
    "Progress",
    "as_json",
    "byline",
    "clear_screen",
    "format_time",
    "print_article",
    "print_comparison",
    "print_explained",
    "print_failures",
    "print_folded",
    "print_json",
    "print_message",
    "print_reservations",
    "print_table",
    "reader_zone",
    "strip_controls",
    "table",
    "truncate",
    "width",
]

# Forms in which one article is printed.
ARTICLE_FORMATS = ("text", "markdown", "html", "json", "epub")


def width(text: str) -> int:
    """Return the width of text in terminal columns: combining marks take none."""
    return columns(text if text.isascii() else "".join(filterfalse(unicodedata.combining, text)))


def truncate(text: str, limit: int) -> str:
    """Return text cut to a number of terminal columns, with … at the cut."""
    if width(text) <= limit:
        return text
    kept, used = "", 0
    for c in text:
        used += width(c)
        if used > limit - 1:
            break
        kept += c
    return kept + "…"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, clip_at: int = 60) -> str:
    """Return rows as aligned columns under their heads; numbers are right-aligned."""
    cells = [[truncate(strip_controls(str(cell)), clip_at) for cell in row] for row in rows]
    numeric = [
        bool(cells) and all(row[i].lstrip("-").isdigit() or not row[i] for row in cells)
        for i in range(len(heads))
    ]
    widths = [max(map(width, column)) for column in zip(heads, *cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        padded = []
        for i, cell in enumerate(row):
            space = " " * (widths[i] - width(cell))
            padded.append(space + cell if numeric[i] else cell + space)
        return "  ".join(padded).rstrip()

    return "\n".join([line(heads), line(["─" * c for c in widths]), *map(line, cells)])


# Minimum width of a column of words, however narrow the terminal is.
_NARROWEST = 8
# Times are shortened before words are cut to less.
_ROOMY = 16
# Words up to this width are cut only when no longer ones can be cut.
_SHOWN_WHOLE = 20
# Times as `format_time` gives them.
_TIME = lazy_compile(r"([0-9]{4})(-[0-9]{2}-[0-9]{2})( [0-9]{2}:[0-9]{2}) (?:UTC|[+-][0-9:]{5})")


def print_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, clip_at: int = 60
) -> None:
    """Print rows as aligned columns, fitted to the terminal if there is one.

    Words are cut first, then times are shortened; a cut number would say what is not so. Where
    that is not enough, each row stands as lines of its own.
    """
    rows = list(rows)
    if not sys.stdout.isatty():
        click.echo(table(heads, rows, clip_at=clip_at))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    cells = [[strip_controls(str(cell)) for cell in row] for row in rows]
    widths = [
        max([width(head), *(min(clip_at, width(row[at])) for row in cells)])
        for at, head in enumerate(heads)
    ]
    room = console.width - 2 * len(heads)
    columns_of = [[row[at] for row in cells] for at in range(len(heads))]
    timed = [any(map(_TIME.fullmatch, column)) for column in columns_of]
    kept = [
        time or all(map(_is_number, column)) for time, column in zip(timed, columns_of, strict=True)
    ]
    whole = [tuple(row) for row in cells]
    if _least(widths, kept, _ROOMY) > room and any(timed):
        year = f"{datetime.now().astimezone():%Y}"
        for at in filter(timed.__getitem__, range(len(heads))):
            for row in cells:
                row[at] = _short_time(row[at], year)
            widths[at] = max(width(heads[at]), *(width(row[at]) for row in cells))
    if _least(widths, kept, _NARROWEST) > room and cells:
        _print_records(heads, whole, console.width)
        return
    widths = _fitted(widths, kept, room)
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for at, head in enumerate(heads):
        column = [row[at] for row in cells]
        numeric = bool(column) and all(cell.lstrip("-").isdigit() or not cell for cell in column)
        shown.add_column(
            Text(truncate(head, widths[at])),
            justify="right" if numeric else "left",
            no_wrap=True,
            width=widths[at],
        )
    for row in cells:
        shown.add_row(
            *(Text(truncate(cell, limit)) for cell, limit in zip(row, widths, strict=True))
        )
    console.print(shown)


def _fitted(widths: Sequence[int], kept: Sequence[bool], room: int) -> list[int]:
    """Return widths of columns that fit the terminal.

    Long texts are cut first, then the last column, usually a title, then all others.

    Args:
        widths: of what the columns hold.
        kept: whether a column is left as wide as it is.
        room: columns of the terminal for all.
    """
    fitted = list(widths)
    while sum(fitted) > room:
        words = [n for n, keep in zip(fitted, kept, strict=True) if not keep and n > _NARROWEST]
        if not words:
            break
        if max(words) <= _SHOWN_WHOLE and fitted[-1] in words and not kept[-1]:
            fitted[-1] -= 1
            continue
        longest = max(words)
        at = next(n for n, size in enumerate(fitted) if size == longest and not kept[n])
        fitted[at] -= 1
    return fitted


def _least(widths: Sequence[int], kept: Sequence[bool], most: int) -> int:
    """Return the width of a table whose texts are all cut to `most` columns."""
    return sum(size if keep else min(size, most) for size, keep in zip(widths, kept, strict=True))


def _is_number(cell: str) -> bool:
    return not cell or cell.replace(",", "").removeprefix("-").isdigit()


def _short_time(cell: str, year: str) -> str:
    """Return a time without year and zone if it is of this year, else its day."""
    found = _TIME.fullmatch(cell)
    if found is None:
        return cell
    return f"{found[2][1:]}{found[3]}" if found[1] == year else f"{found[1]}{found[2]}"


def _print_records(heads: Sequence[str], rows: Iterable[Sequence[str]], room: int) -> None:
    """Print each row as lines of head and cell, for a terminal too narrow for its table."""
    indent = max(map(width, heads)) + 2
    for row in rows:
        click.echo()
        for head, cell in zip(heads, row, strict=True):
            if cell:
                click.echo(click.style(head, bold=True) + " " * (indent - width(head)), nl=False)
                click.echo(f"\n{' ' * indent}".join(_folded(cell, max(8, room - indent))))


def _folded(text: str, room: int) -> list[str]:
    """Return a text as lines of at most `room` columns, broken between words where possible."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for c in word:
            if width(lines[-1] + c) > room:
                lines.append("")
            lines[-1] += c
    return lines


def print_folded(text: str, *, indent: int = 0, fg: str | None = None) -> None:
    """Print a line, folded on a terminal that is narrower.

    Args:
        text: the line.
        indent: columns by which what follows the first line is set in.
        fg: its colour.
    """
    lead = text[:indent]
    if sys.stdout.isatty():
        from shutil import get_terminal_size

        room = max(8, get_terminal_size().columns - indent)
        text = lead + f"\n{' ' * indent}".join(_folded(text[indent:], room))
    click.echo(click.style(text, fg=fg) if fg else text)


def clear_screen() -> None:
    """Begin a new screen on a terminal that can, else part what follows by an empty line.

    `click.clear` does nothing where NO_COLOR is set, which asks for no colours only.
    """
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        sys.stdout.write("\x1b[2J\x1b[H")
    else:
        click.echo()


def format_time(value: datetime | str | None) -> str:
    """Return a time as ``2025-12-09 18:15 +08:00``, in the reader's zone (TZ), or "" for None."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    value = value.astimezone()
    zone = value.strftime("%z")
    return value.strftime("%Y-%m-%d %H:%M ") + (
        "UTC" if zone == "+0000" else f"{zone[:3]}:{zone[3:]}"
    )


# Names of one zone, which every command calls UTC.
_UTC = ("Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu")


def reader_zone() -> str:
    """Return the reader's zone as `time_zone` reads it: that of TZ or the machine's, else UTC."""
    from scraper.text.dates.time_zones import time_zone

    named = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime")
    name = named.partition("zoneinfo/")[2] if named.startswith("/") else named
    try:
        time_zone(name)
    except ValueError:
        return "UTC"
    return "UTC" if name in _UTC else name


def as_json(value: Any) -> Any:
    """Return records, times and tuples as JSON types; spans of time are seconds."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    return value


def print_json(schema: str, value: Any) -> None:
    """Print a document as JSON on standard output; Chinese characters are not escaped.

    Args:
        schema: its name and number in `scraper.cli.documents`, such as ``scraper/search/1``.
        value: a record, or values by their keys.
    """
    document = {"schema": schema, **as_json(value)}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_message(text: str, *, bad: bool = False) -> None:
    """Print a message on standard error, so that standard output holds results only."""
    click.secho(strip_controls(text, lines=True), err=True, fg="red" if bad else None)


def print_failures(messages: Sequence[str], what: str, most: int = 20) -> None:
    """Print what went wrong on standard error, a line each, and how many more there are.

    Args:
        messages: one for each failure.
        what: of many that are not shown, what they are: ``captures failed``.
        most: how many are shown.
    """
    for message in messages[:most]:
        # The name of a file may hold line feeds.
        print_message(f"scraper: {' '.join(message.splitlines())}", bad=True)
    if len(messages) > most:
        print_message(f"scraper: {len(messages) - most:,} more {what}", bad=True)


class Progress:
    """Shows the progress of a pass: a bar on a terminal, a line per event elsewhere.

    Args:
        quiet: whether to show errors only.
        verbose: whether to show a line per event on a terminal, too.
    """

    _MARKS: ClassVar = {"kept": "+", "unchanged": "=", "rejected": "-", "failed": "!", "ok": "·"}

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._bar_wanted = sys.stderr.isatty() and not quiet and not verbose
        self._quiet = quiet
        self._total = self._done = 0
        self._outcomes: Counter[str] = Counter()
        self._bytes = self._size = 0
        self._began = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._bar_wanted:
            from rich.console import Console
            from rich.progress import BarColumn, SpinnerColumn, TextColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                SpinnerColumn(),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[count]} {task.description}", markup=False),
                console=Console(stderr=True, highlight=False),
                transient=True,
            )
            self._task = self._bar.add_task("", total=None, count="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        # Within an event loop, Ctrl-C comes as the former.
        if kind is not None and kind.__name__ in ("CancelledError", "KeyboardInterrupt"):
            told = ", ".join(f"{n:,} {outcome}" for outcome, n in self._outcomes.most_common())
            print_message(f"until now: {told or 'nothing'}")

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if event.kind == "visit":
            self._total += event.expected
        else:
            self._done += 1
            self._outcomes[event.outcome] += 1
        failed = event.outcome == "failed"
        if self._bar is not None:
            if failed:
                self._bar.console.print(self._line(event), style="red", markup=False)
            self._draw(event.source)
        elif failed or not self._quiet:
            print_message(self._line(event), bad=failed)

    def read(self) -> None:
        """Note that a record was read that is written elsewhere."""
        self._done += 1
        if self._bar is not None:
            self._draw("")

    def begin(self, size: int) -> None:
        """Note that files of so many bytes are read next."""
        self._size += size

    def reached(self, position: int) -> None:
        """Note how far the files that are read were read, in bytes of all that were begun."""
        self._bytes = max(self._bytes, position)

    def summary(self) -> str:
        """Return how much was read, and how fast, in words."""
        seconds = max(time.monotonic() - self._began, 0.001)
        return (
            f"{self._done:,} records in {seconds:,.0f} s ({self._done / seconds:,.1f} a second)"
            + (f", {self._size / 2**20:,.1f} MB read" if self._size else "")
        )

    def _line(self, event: Event) -> str:
        text = (
            f"{self._MARKS.get(event.outcome, '?')} {event.outcome:<9} {event.source}: {event.url}"
        )
        # Messages repeat the address that the line has already.
        detail = event.detail.removeprefix(f"{event.url}: ")
        return strip_controls(text + (f" ({detail})" if detail else ""))

    def _draw(self, source: str) -> None:
        # The total of an import is unknown: then only the number done is shown.
        known = self._total >= self._done and self._total > 0
        if self._size:
            rate = self._done / max(time.monotonic() - self._began, 0.001)
            self._bar.update(
                self._task,
                description=truncate(strip_controls(source), 30),
                total=self._size,
                completed=self._bytes,
                count=f"{self._done:,} records, {self._bytes / 2**20:,.0f} of"
                f" {self._size / 2**20:,.0f} MB, {rate:,.0f}/s",
            )
            return
        self._bar.update(
            self._task,
            description=truncate(strip_controls(source), 40),
            total=self._total if known else None,
            completed=self._done,
            count=f"{self._done}/{self._total}" if known else f"{self._done}",
        )


# Texts for the kinds of `models.Reservation`.
_RESERVED: Mapping[str, str] = {
    "noarchive": "for private reading only: the publisher asks not to archive it",
    "expired": "for private reading only: the publisher asked not to keep it after that",
    "unavailable_after": "the publisher asks not to keep it after that",
    "noai": "the publisher forbids its use for training models",
    "tdm": "rights to text and data mining are reserved",
}


def byline(article: Article) -> str:
    """Return the known ones of authors, outlet, credited source and time in one line."""
    outlet = article.outlet
    if article.source and article.source != outlet:
        outlet = f"{outlet} ← {article.source}" if outlet else article.source
    time = format_time(article.published)
    if article.is_dated_by_change:
        time = f"last changed {time}"
    parts = [", ".join(article.authors), outlet, time]
    return " · ".join(part for part in parts if part)


def print_article(
    article: Article,
    format_: str,
    *,
    captured: datetime | None = None,
    version: int | None = None,
    citation: str = "",
) -> None:
    """Print an article to standard output.

    Args:
        article: what to print.
        format_: one of `ARTICLE_FORMATS`.
        captured: when this version was first observed, for the front matter of Markdown.
        version: its number in the archive.
        citation: line to cite it by, for HTML.
    """
    if format_ == "json":
        print_json("scraper/show/1", article)
        return
    if format_ == "markdown":
        from scraper.exchange.front_matter import article_markdown

        markdown = article_markdown(article, captured=captured, version=version)
        click.echo(strip_controls(markdown, lines=True), nl=False)
        return
    if format_ == "html":
        from scraper.exchange.article_html import article_page

        page = article_page(article, [citation] if citation else [])
        click.echo(strip_controls(page, lines=True), nl=False)
        return
    if format_ == "epub":
        _print_book(article, captured or datetime.now(UTC))
        return
    lines = [
        strip_controls(article.title),
        strip_controls(byline(article)),
        "",
        strip_controls(article.text, lines=True),
    ]
    click.echo("\n".join(lines if lines[1] else [lines[0], *lines[2:]]))


def _print_book(article: Article, captured: datetime) -> None:
    """Write an article as EPUB to standard output, which is no terminal."""
    from scraper.exchange.formats.epub import article_epub

    if sys.stdout.isatty():
        raise UsageError("a book is not for a terminal: --format epub > story.epub")
    out = io.BytesIO()
    article_epub(article, captured.astimezone(UTC), out)
    sys.stdout.buffer.write(out.getvalue())


def print_reservations(reservations: Sequence[Reservation]) -> None:
    """Print a publisher's reservations, if any, to standard error."""
    for one in reservations:
        if one.kind in _RESERVED:
            value = f", {strip_controls(one.value)}" if one.value else ""
            click.secho(
                f"{_RESERVED[one.kind]} ({strip_controls(one.origin)}{value})",
                fg="yellow",
                err=True,
            )


def print_explained(article: Article) -> None:
    """Print the page's blocks in order, the removed ones with the rule that removed them."""
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
    click.echo(f"\n{len(article.kept)} blocks kept, {len(article.removed)} removed")
    if article.confidence is not None:
        click.echo(f"confidence in the text: {article.confidence:.2f}")
        for doubt in article.doubts:
            click.echo(f"  lowered: {doubt}")
    for candidate in article.candidates:
        mark = "→" if candidate.chosen else " "
        why = f" ({strip_controls(candidate.note)})" if candidate.note else ""
        click.echo(
            f"{mark} {candidate.field}: {strip_controls(candidate.value)} · {candidate.origin}{why}"
        )


# Unchanged sentences shown on either side of a change.
_CONTEXT = 1


def print_comparison(comparison: Comparison) -> None:
    """Print the changed sentences with a few unchanged ones around them."""
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
