"""Commands that collect articles: fetch, collect."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import EXIT_FAILED, App, pass_app, run_async, transport
from scraper.cli.output import (
    ARTICLE_FORMATS,
    Progress,
    print_article,
    print_explained,
    print_json,
    print_message,
    print_table,
)
from scraper.config import refuse_login
from scraper.errors import UsageError
from scraper.models import Page
from scraper.urls import canonical

if TYPE_CHECKING:
    from scraper.pipeline import LinkOutcome, RunCounts

__all__ = ["collect", "fetch", "print_counts"]


# Seconds after which articles that are not grouped to stories wait for the next pass.
_GROUPING = 60.0
# Addresses for which one worker is cheaper than a server of several.
_FEW = 2


def print_counts(tally: RunCounts) -> None:
    """Print the counts of a pass by source."""
    from scraper.pipeline.events import COLUMNS

    rows = [
        (name, *counts.as_dict().values(), counts.error) for name, counts in tally.by_source.items()
    ]
    total = tally.total()
    if len(rows) > 1:
        rows.append(("all", *(total[name] for name in COLUMNS), ""))
    if rows:
        print_table(["source", *COLUMNS, ""], rows)
    else:
        click.echo("nothing is due")


@click.command()
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option(
    "--html", "html", type=click.Path(path_type=Path), help="Read a saved page; - is stdin."
)
@click.option("--url", "url", default="", help="Address of the page saved in --html FILE.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(ARTICLE_FORMATS),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option("--no-save", is_flag=True, help="Print only; do not archive.")
@click.option(
    "--render",
    is_flag=True,
    help="Render the page in a browser first (needs the extra: scraper[browser]).",
)
@click.option(
    "--explain", is_flag=True, help="Show each block of the page: kept, or removed by which rule."
)
@pass_app
def fetch(
    app: App,
    urls: tuple[str, ...],
    html: Path | None,
    url: str,
    format_: str,
    no_save: bool,
    render: bool,
    explain: bool,
) -> None:
    """Fetch pages now and print their clean articles.

    \b
    Example:  scraper fetch https://example.com/story --format markdown
              scraper fetch --html saved.html --url https://example.com/story --no-save
              curl -s https://example.com/story | scraper fetch --html - --url https://example.com/story
    """
    if bool(urls) == (html is not None):
        raise UsageError("give one or more URLs, or --html FILE with --url URL")
    if html is not None and not url:
        raise UsageError("--html needs --url, the address of the saved page")
    from scraper.pipeline.saved_page import read_one

    # Checked first: no other message may repeat a password.
    for address in (*urls, url):
        refuse_login(address)
    for given in urls:
        _check_address(given)
    if format_ == "epub" and len(urls) > 1:
        raise UsageError(
            "a book holds one page here: fetch them, then `scraper export --to x.epub`"
        )
    config = app.config(need_sources=False)
    saved_page = _saved_page(html, canonical(url)) if html is not None else None
    if saved_page is not None and no_save:
        only = read_one(saved_page, config.fetch, config.parse)
        if only is not None:
            if not _show(app, only, format_, explain):
                sys.exit(EXIT_FAILED)
            return
    from scraper.pipeline import Pipeline

    open_archive = None if no_save else app.whole_archive

    async def run() -> bool:
        good = True
        async with Pipeline(
            config,
            open_archive=open_archive,
            transport=transport(app),
            render=render,
            few=len(urls) <= _FEW,
        ) as pipeline:
            if saved_page is not None:
                saved = await pipeline.read_saved(saved_page)
                good = _show(app, saved, format_, explain)
            else:
                async for outcome in pipeline.fetch(urls):
                    good = _show(app, outcome, format_, explain) and good
        return good

    if not run_async(run):
        sys.exit(EXIT_FAILED)


def _check_address(given: str) -> None:
    """Refuse a file or an address without a scheme, with a suggestion (`UsageError`).

    Anything else that is not an address is recorded as a failed attempt.
    """
    if "://" in given:
        return
    if Path(given).is_file():
        raise UsageError(
            f"{given} is a file: use --html {given} --url ADDRESS for a saved page, or"
            f" `scraper import {given}` for a capture"
        )
    host = given.partition("/")[0]
    if "." in host and " " not in given:
        raise UsageError(f"{given}: an address needs https://: scraper fetch https://{given}")


def _saved_page(path: Path, url: str) -> Page:
    try:
        body = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    return Page(
        url=url, final_url=url, status=200, headers={}, body=body, fetched_at=datetime.now(UTC)
    )


def _show(app: App, outcome: LinkOutcome, format_: str, explain: bool) -> bool:
    """Print the outcome for one address; return whether it gave an article."""
    attempt, recorded = outcome.attempt, outcome.recorded
    article = attempt.article
    if recorded.outcome == "unchanged" or (article and recorded.outcome == "kept"):
        if not app.quiet and recorded.article_id is not None:
            print_message(
                f"{attempt.link.url}: {recorded.outcome} as article {recorded.article_id}, "
                f"version {recorded.version}"
            )
    elif article is None or recorded.outcome != "kept":
        why = recorded.message or attempt.message or recorded.reason
        if recorded.reason == "script_only":
            why += "; a script loads its content: try --render, or render = true for its source"
        print_message(
            f"scraper: {attempt.link.url}: {recorded.outcome} ({recorded.reason}): {why}", bad=True
        )
    if article is None:
        return False
    if explain:
        print_explained(article)
    else:
        page = attempt.page
        print_article(
            article,
            format_,
            captured=page.fetched_at if page else None,
            version=recorded.version if recorded.article_id is not None else None,
        )
    return recorded.outcome in ("kept", "unchanged")


@click.command()
@click.option(
    "--source",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this source, even if it is not due.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@pass_app
def collect(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Make one pass over all sources that are due.

    Discovers, fetches, extracts, judges and archives articles. Pages that are due again are fetched
    again to find edits and takedowns. What came in is grouped to stories, for a minute at most: the
    next pass or `scraper stories` goes on.

    \b
    Example:  scraper collect
              scraper collect --source 36kr --source cna-tech
    """
    import asyncio

    from scraper.exchange.warc_folder import new_captures
    from scraper.pipeline import Pipeline

    config = app.config()

    async def run() -> RunCounts:
        with Progress(quiet=app.quiet, verbose=app.verbose) as progress:
            async with Pipeline(
                config,
                open_archive=app.whole_archive,
                transport=transport(app),
                captures=new_captures,
                on_event=progress,
            ) as pipeline:
                tally = await pipeline.collect(names)
                await pipeline.group_stories(asyncio.Event(), at_most=_GROUPING)
                return tally

    tally = run_async(run)
    if as_json:
        print_json("scraper/collect/1", {"sources": tally.by_source, "total": tally.total()})
    else:
        print_counts(tally)
    if not tally.ok:
        sys.exit(EXIT_FAILED)
