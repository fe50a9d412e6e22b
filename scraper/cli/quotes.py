"""The command that lists what somebody said, and how it was altered: quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from scraper.archive import Archive
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage, spanned
from scraper.cli.output import (
    format_time,
    print_json,
    print_message,
    print_table,
    strip_controls,
    truncate,
)
from scraper.coverage.summary import report_as_dict
from scraper.errors import NotFound
from scraper.models import QuoteClaim
from scraper.pipeline.quotes import key_of_speaker
from scraper.quotes.sameness import Alteration, QuoteGroup, Wording, group_quotes
from scraper.topics.lexicon import Lexicon, lexicon_in

__all__ = ["quotes"]

# Terminal columns of a statement, and characters of one of two that stand one below the other.
_WORDS = 300
# Places named for a wording.
_MOST_PLACES = 6
_WHY = {
    "edited": "changed by an edit",
    "vanished": "removed by an edit",
    "outlets": "told differently by another article",
}


@click.command()
@click.argument("name", metavar="[NAME]...", nargs=-1)
@click.option("--altered", is_flag=True, help="Only statements that were altered or removed.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    metavar="DATE",
    help="Only of articles published from this day on (UTC).",
)
@click.option(
    "--direct", "only_direct", is_flag=True, help="Only word for word, in quotation marks."
)
@click.option("--limit", default=50, show_default=True, help="Maximum number of statements.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print them.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@pass_app
def quotes(
    app: App,
    name: tuple[str, ...],
    altered: bool,
    since: datetime | None,
    only_direct: bool,
    limit: int,
    format_: str,
    as_json: bool,
) -> None:
    """List what somebody is reported to have said, across outlets, versions and Chinese scripts.

    NAME may be a full name, a family name, a company, another spelling that the lexicon knows, or
    the number of an article, whose statements are then listed in order.
    Wordings of one statement stand together; what differs between them is listed with both.
    Without NAME, lists who is quoted, most articles first.

    \b
    Example:  scraper quotes 梁文锋
              scraper quotes Sam Altman --altered --since 2026-01-01
              scraper quotes 17
    """
    with app.archive(create=False) as archive:
        if not name:
            _list_speakers(app, archive, limit, as_json=as_json or format_ == "json")
            return
        said = " ".join(name)
        if said.isdigit():
            _list_article(app, archive, int(said), as_json=as_json or format_ == "json")
            return
        keys = keys_of(archive, lexicon_in(app.config_folder), said)
        if not keys:
            raise NotFound(
                f"nobody named {said} is quoted in the archive; `scraper quotes` lists who is, and"
                " `scraper rescore` reads the quotes of articles archived before"
            )
        claims = archive.quotes.of_speakers(
            keys, since=since.replace(tzinfo=UTC) if since else None
        )
        found = [
            group
            for group in group_quotes(claims, archive.quotes.stands_on())
            if (group.alterations or not altered) and (group.direct or not only_direct)
        ]
        rests_on = coverage_of(archive, days=spanned(claim.at for claim in claims))
    if as_json or format_ == "json":
        print_json(
            "scraper/quotes/1",
            {"speakers": keys, "quotes": found[:limit], "total": len(found),
             "coverage": report_as_dict(rests_on)},
        )  # fmt: skip
        return
    if not found:
        what = "none was altered or removed" if altered else "none of them"
        print_message(f"{said}: {len(claims)} quotes, {what}")
    for group in found[:limit]:
        _print_group(group)
    if len(found) > limit:
        print_message(f"the latest {limit} of {len(found)} statements; --limit lists more")
    note_coverage(app, rests_on)


def keys_of(archive: Archive, lexicon: Lexicon, name: str) -> tuple[str, ...]:
    """Return the keys of the speakers that a name means; () if nobody of that name is quoted."""
    return archive.quotes.keys_like(key_of_speaker(name, lexicon))


def _list_speakers(app: App, archive: Archive, limit: int, *, as_json: bool) -> None:
    speakers = archive.quotes.speakers(limit=limit)
    rests_on = coverage_of(archive)
    if as_json:
        print_json(
            "scraper/speakers/1", {"speakers": speakers, "coverage": report_as_dict(rests_on)}
        )
        return
    if not speakers:
        print_message("no quotes yet; `scraper rescore` reads those of articles archived before")
        return
    rows = [(s.name, s.articles, s.quotes, s.outlets) for s in speakers]
    print_table(["speaker", "articles", "quotes", "outlets"], rows)
    note_coverage(app, rests_on)


def _list_article(app: App, archive: Archive, article_id: int, *, as_json: bool) -> None:
    claims = [c for c in archive.quotes_of(article_id) if c.current]
    if not claims:
        # An article without quotes has a version; without an article that is an error.
        archive.version(article_id)
        if not as_json:
            print_message(f"article {article_id} quotes nobody")
            return
    claims.sort(key=lambda claim: claim.quote.offset)
    rests_on = coverage_of(archive, days=spanned(claim.at for claim in claims))
    if as_json:
        print_json(
            "scraper/article-quotes/1", {"quotes": claims, "coverage": report_as_dict(rests_on)}
        )
        return
    for claim in claims:
        speaker = click.style(strip_controls(claim.quote.speaker), bold=True)
        click.echo(f"{speaker}  {_printed(claim)}")
    note_coverage(app, rests_on)


def _print_group(group: QuoteGroup) -> None:
    click.echo()
    paired = {
        claim.quote.words
        for alteration in group.alterations
        for claim in (alteration.one, alteration.other)
        if claim is not None
    }
    for wording in group.wordings:
        if wording.words not in paired:
            _print_wording(wording)
    for alteration in group.alterations:
        _print_alteration(alteration)


def _printed(claim: QuoteClaim) -> str:
    words = truncate(strip_controls(claim.quote.words), _WORDS)
    return f"“{words}”" if claim.quote.direct else words


def _print_wording(wording: Wording) -> None:
    first = wording.claims[0]
    click.echo(f"{click.style(strip_controls(first.quote.speaker), bold=True)}  {_printed(first)}")
    _print_places(wording.claims)


def _print_places(claims: Sequence[QuoteClaim]) -> None:
    places = [places_of(own) for own in _by_article(claims)]
    for place in places[:_MOST_PLACES]:
        click.secho(f"    {strip_controls(place)}", dim=True)
    if len(places) > _MOST_PLACES:
        click.secho(f"    and {len(places) - _MOST_PLACES} more articles", dim=True)


def _by_article(claims: Sequence[QuoteClaim]) -> list[list[QuoteClaim]]:
    own: dict[int, list[QuoteClaim]] = {}
    for claim in claims:
        own.setdefault(claim.article_id, []).append(claim)
    return list(own.values())


def places_of(claims: Sequence[QuoteClaim]) -> str:
    """Return where an article gives a quote: its outlet, time, number and versions."""
    first, numbers = claims[0], sorted({claim.version for claim in claims})
    until = "" if any(claim.current for claim in claims) else ", no longer"
    versions = f" version {', '.join(map(str, numbers))}{until}" if until or numbers != [1] else ""
    return f"{first.outlet}, {format_time(first.at)}, article {first.article_id}{versions}"


def _print_alteration(alteration: Alteration) -> None:
    one, other = alteration.one, alteration.other
    when = one.until if alteration.kind == "vanished" else other.observed_at if other else None
    why = _WHY[alteration.kind] + (
        f" ({format_time(when)})" if when and alteration.kind != "outlets" else ""
    )
    colour = "red" if alteration.kind == "vanished" else "yellow"
    speaker = click.style(strip_controls(one.quote.speaker), bold=True)
    click.echo(f"{speaker}  {click.style(why, fg=colour)}")
    for sign, claim in (("-", one), ("+", other)):
        if claim is not None:
            click.echo(f"  {sign} {_printed(claim)}")
            click.secho(f"    {strip_controls(places_of([claim]))}", dim=True)
