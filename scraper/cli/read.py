"""Commands that read the archive: search, show, history, diff."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scraper.archive import Archive, EntryText, SearchPage
from scraper.archive.search import ORDERS
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import footnote
from scraper.cli.output import (
    ARTICLE_FORMATS,
    format_time,
    print_article,
    print_comparison,
    print_json,
    print_message,
    print_reservations,
    print_table,
    strip_controls,
)
from scraper.edits import compare_articles
from scraper.errors import UsageError

__all__ = ["diff", "history", "print_history", "search", "show"]


def article_ref(text: str) -> str | int:
    """Return an article's id as a number, its address as text.

    Raises:
        UsageError: it is neither.
    """
    if text.isdecimal() and len(text) < 19:
        return int(text)
    if "://" not in text and "." not in text:
        raise UsageError(
            f"{text}: give an article's number or its address; `scraper search {text}` finds both"
        )
    return text


def _marked(text: str, marks: Sequence[tuple[int, int]]) -> str:
    """Return text with its hits in bold."""
    out, at = "", 0
    for start, end in marks:
        out += strip_controls(text[at:start]) + click.style(
            strip_controls(text[start:end]), bold=True, fg="yellow"
        )
        at = end
    return out + strip_controls(text[at:])


@click.command()
@click.argument("query", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option(
    "--by",
    "order",
    type=click.Choice(ORDERS),
    default="date",
    show_default=True,
    help="Best first; newest first; or best first where fresh articles count more.",
)
@click.option(
    "--versions", is_flag=True, help="Also articles that held the words in an earlier version."
)
@click.option("--json", "as_json", is_flag=True, help="Print the hits as JSON.")
@pass_app
def search(
    app: App, query: tuple[str, ...], limit: int, order: str, versions: bool, as_json: bool
) -> None:
    """Search titles and texts; either Chinese script finds both.

    "Quotes" keep words together, OR finds either, chip* finds chips. A minus leaves out: put the
    query behind -- then. Fields: title: outlet: author: entity: source: lang: since: until: topic:
    changed: gone:

    \b
    Example:  scraper search 开源模型
              scraper search '"DeepSeek R1" OR 國會 since:30d' --limit 5
              scraper search -- 芯片 -出口 lang:zh-Hant
    """
    with app.archive(create=False, all_parts=True) as archive:
        page = archive.search_page(" ".join(query), limit, order=order, versions=versions)
        # Coverage is computed only if it is printed.
        found = None
        if as_json or not app.quiet:
            found = footnote(archive, (hit.published for hit in page.hits))
    if as_json:
        print_json(
            "scraper/search/1",
            {
                "hits": page.hits,
                "found": page.found,
                "at_least": page.at_least,
                "notes": page.notes,
                "coverage": found and found.report,
            },
        )
        return
    for hit in page.hits:
        head = click.style(f"{hit.id:>5}  ", dim=True) + _marked(hit.title, hit.title_marks)
        click.echo(head)
        earlier = f"version {hit.version}; the current one is without it" if hit.version else ""
        about = [hit.outlet, format_time(hit.published), hit.url, earlier]
        click.echo(
            "       " + click.style(strip_controls(" · ".join(filter(None, about))), dim=True)
        )
        click.echo("       " + _marked(hit.snippet, hit.snippet_marks))
    if not app.quiet:
        for note in page.notes:
            print_message(strip_controls(note))
        print_message(_found(page, " ".join(query), order))
        print_message(found.note if found else "")


def _found(page: SearchPage, typed: str, order: str) -> str:
    if not page.hits:
        return f"nothing found for {typed!r}"
    some = ""
    if page.more:
        left = max(1, page.found - len(page.hits))
        best = "" if order == "relevance" else ", --by relevance the best first"
        some = f"; {left:,} more: --limit N lists more{best}"
    return f"{'at least ' if page.at_least else ''}{page.found:,} found{some}"


@click.command()
@click.argument("article", metavar="URL|ID")
@click.option("--version", "number", type=click.IntRange(1), help="An earlier version.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(ARTICLE_FORMATS),
    default="text",
    show_default=True,
)
@click.option("--feeds", is_flag=True, help="Print the texts of its feed entries instead.")
@pass_app
def show(app: App, article: str, number: int | None, format_: str, feeds: bool) -> None:
    """Print an archived article, in its current version or an earlier one.

    If a page could not be fetched, or its text differs, the text of its feed entry is kept as
    evidence: --feeds prints it.

    \b
    Example:  scraper show 12
              scraper show https://example.com/story --version 1
              scraper show https://example.com/story --feeds
    """
    with app.archive(create=False, all_parts=True) as archive:
        if feeds:
            _print_entries(archive.entry_texts(article_ref(article)), article, format_)
            return
        version = archive.version(article_ref(article), number)
        reservations = archive.reservations(article_ref(article))
    print_reservations(reservations)
    row = version.row
    print_article(
        version.article, format_, captured=row.first_observed_at, version=row.number,
        citation=f"version {row.number}, captured {format_time(row.first_observed_at)},"
        f" sha256:{row.chain}",
    )  # fmt: skip


def _print_entries(texts: Sequence[EntryText], article: str, format_: str) -> None:
    """Print the texts of an article's feed entries."""
    if format_ == "json":
        print_json("scraper/entry-texts/1", {"texts": texts})
        return
    if not texts:
        print_message(
            f"no feed entry is kept for {strip_controls(article)}:"
            " none had a text that its page lacks"
        )
    for entry in texts:
        times = f"{format_time(entry.first_seen_at)} to {format_time(entry.last_seen_at)}"
        head = f"{entry.source or 'a removed source'}, {times}; kept because: {entry.why}"
        click.secho(strip_controls(head), bold=True)
        click.echo(strip_controls(entry.text, lines=True) + "\n")


@click.command()
@click.argument("article", metavar="URL|ID")
@click.option("--json", "as_json", is_flag=True, help="Print the versions as JSON.")
@pass_app
def history(app: App, article: str, as_json: bool) -> None:
    """List an article's versions and what changed in each.

    \b
    Example:  scraper history https://example.com/story
    """
    with app.archive(create=False, all_parts=True) as archive:
        if as_json:
            versions = archive.versions(article_ref(article))
            print_json("scraper/history/1", {"versions": versions})
        else:
            print_history(archive, article_ref(article))


def print_history(archive: Archive, reference: str | int) -> None:
    """Print an article's head and a line per version."""
    row = archive.find(reference)
    click.secho(strip_controls(row.title), bold=True)
    click.echo(strip_controls(row.url))
    if row.state != "live":
        click.secho(
            f"{row.state} since {format_time(row.gone_at)}; the last text is kept", fg="red"
        )
    versions = archive.versions(reference)
    rows = [
        (
            ("→ " if version.current else "  ") + str(version.number),
            format_time(version.first_observed_at),
            format_time(version.last_observed_at),
            version.observations,
            version.length,
            "an older text"
            if version.late
            else ", ".join(version.classes) or ("first seen" if version.number == 1 else ""),
            version.severity if version.number > 1 and not version.late else "",
            version.title,
        )
        for version in versions
    ]
    seen = ["version", "first seen", "last seen", "times", "characters"]
    heads = [*seen, "what changed", "severity", "title"]
    print_table(heads, rows)


@click.command()
@click.argument("article", metavar="URL|ID")
@click.argument("old", type=click.IntRange(1), required=False)
@click.argument("new", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@pass_app
def diff(app: App, article: str, old: int | None, new: int | None, as_json: bool) -> None:
    """Show what changed between two versions, sentence by sentence.

    Without numbers, compares the current version with the one before it.

    \b
    Example:  scraper diff https://example.com/story
              scraper diff 12 1 3
    """
    reference = article_ref(article)
    with app.archive(create=False, all_parts=True) as archive:
        numbers = [row.number for row in archive.versions(reference)]
        current = archive.find(reference).version
        if old is None and len(numbers) < 2:
            if as_json:
                print_json("scraper/diff/1", {"old": None, "new": current, "comparison": None})
            print_message("only one version: nothing to compare")
            return
        new = new or (current if old != current else numbers[-1])
        old = old or max((n for n in numbers if n < new), default=numbers[-1])
        for number in (old, new):
            if number not in numbers:
                are = (
                    "has only version 1"
                    if len(numbers) == 1
                    else f"has versions 1 to {numbers[-1]}"
                )
                raise UsageError(f"article {article} {are}, not {number}")
        if old == new:
            raise UsageError(f"both versions are {old}: give two different numbers")
        before, after = archive.version(reference, old), archive.version(reference, new)
    comparison = compare_articles(before.article, after.article)
    if as_json:
        print_json("scraper/diff/1", {"old": old, "new": new, "comparison": comparison})
    else:
        click.echo(f"version {old} ({format_time(before.row.first_observed_at)}) → "
                   f"version {new} ({format_time(after.row.first_observed_at)})")  # fmt: skip
        print_comparison(comparison)
