"""Commands about stories: stories, story, regroup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from scraper.archive import Archive
from scraper.archive.regrouping import RegroupReport
from scraper.archive.stories import Story
from scraper.archive.story_reports import story_report
from scraper.archive.topics import Entity
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage, spanned
from scraper.cli.facts import find_entities
from scraper.cli.output import (
    format_time,
    print_json,
    print_message,
    print_table,
    strip_controls,
    truncate,
)
from scraper.coverage.summary import report_as_dict
from scraper.coverage.wording import plural
from scraper.quotes.sameness import QuoteGroup
from scraper.stories.relations import Relation
from scraper.stories.timeline import FirstReport, Lag, is_order_known
from scraper.stories.wording import describe_evidence, describe_lag, describe_span
from scraper.topics.facts import Fact, format_quantity
from scraper.topics.lexicon import lexicon_in

__all__ = ["regroup", "stories", "story"]

_TITLE = 100
_SENTENCE = 110
_MOST_LISTED = 3
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print them.",
)


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    metavar="DATE",
    help="Only with an article from this day on (UTC).",
)
@click.option("--entity", default="", metavar="NAME", help="Only those that name it twice.")
@click.option(
    "--missing",
    default="",
    metavar="OUTLET",
    help="Only those that three other watched outlets report, and this one does not.",
)
@click.option("--limit", default=50, show_default=True, help="Maximum number of stories.")
@_format
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@pass_app
def stories(
    app: App,
    since: datetime | None,
    entity: str,
    missing: str,
    limit: int,
    format_: str,
    as_json: bool,
) -> None:
    """List stories, the latest first: articles of several outlets and languages on one event.

    `scraper collect` and the daemon group what comes in. `scraper story ID` shows one.

    \b
    Example:  scraper stories --since 2026-11-01
              scraper stories --entity DeepSeek
              scraper stories --missing "The Verge"
    """
    with app.archive(create=False) as archive:
        _group_rest(archive)
        entities = None
        if entity:
            entities = [e.id for e in _entities(app, archive, entity)]
        found = archive.stories.stories(
            since=since.replace(tzinfo=UTC) if since else None,
            entities=entities,
            missing=missing,
            limit=limit,
        )
        rests_on = coverage_of(archive, days=spanned(s.first_at for s in found))
    if as_json or format_ == "json":
        print_json("scraper/stories/1", {"stories": found, "coverage": report_as_dict(rests_on)})
        return
    if not found:
        print_message("no story matches; articles on events that nobody else reports are none")
    rows = [
        (s.id, format_time(s.first_at), s.articles, s.outlets, " ".join(s.languages),
         s.copies or "", s.title)
        for s in found
    ]  # fmt: skip
    if rows:
        print_table(
            ["story", "first", "articles", "outlets", "languages", "copies", "first headline"],
            rows,
            clip_at=_TITLE,
        )
    note_coverage(app, rests_on)


def _entities(app: App, archive: Archive, name: str) -> list[Entity]:
    wanted = [e for e in archive.topics.entities() if e.name.casefold() == name.casefold()]
    wanted += find_entities(archive, lexicon_in(app.config_folder), name)
    return list(dict.fromkeys(wanted))


def _group_rest(archive: Archive) -> None:
    """Group what came in since the last pass, where the archive may be written."""
    if archive.readonly:
        return
    while archive.stories.group_new(datetime.now(UTC)).articles:
        pass


@click.command()
@click.argument("number", metavar="ID", type=int)
@_format
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@pass_app
def story(app: App, number: int, format_: str, as_json: bool) -> None:
    """Show a story: who reported it when, who copied whom, and where figures and quotes differ.

    Times are spans where a page tells no more: a day without an hour, or no time at all. The number
    of a story that was merged into another one shows that one.

    \b
    Example:  scraper story 12
              scraper story 12 --format json
    """
    with app.archive(create=False) as archive:
        report = story_report(archive, number)
        found = report.story
        rests_on = coverage_of(archive, days=spanned(a.at for a in found.articles))
    if as_json or format_ == "json":
        print_json(
            "scraper/story/1",
            {
                "story": found, "first": report.first, "lag": report.lag,
                "figures": report.differences.figures, "quotes": report.differences.quotes,
                "unreported": report.unreported, "coverage": report_as_dict(rests_on),
            },
        )  # fmt: skip
        return
    _print_story(found, report.first, report.lag)
    _print_copies(found)
    _print_figures(report.differences.figures)
    _print_quotes(report.differences.quotes)
    note_coverage(app, rests_on)


def _print_story(found: Story, first: FirstReport, late: Lag | None) -> None:
    by_id = {a.id: a for a in found.articles}
    click.secho(strip_controls(truncate(found.articles[0].title, _TITLE)), bold=True)
    if found.asked != found.id:
        click.echo(f"story {found.asked} was merged into story {found.id}")
    outlets = {a.outlet for a in found.articles}
    click.echo(
        f"story {found.id}: {plural(len(found.articles), 'article')} of"
        f" {plural(len(outlets), 'outlet')}"
    )
    names = [f"{by_id[n].outlet} (article {n})" for n in first.articles]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    told = " or ".join(names[:_MOST_LISTED])
    click.echo(
        strip_controls(f"first to report: {told}{more}, {describe_span(first, format_time)}")
    )
    if late is not None:
        click.echo(describe_lag(late))
    click.echo()
    rows = [
        (
            ("changed " if a.dated_by_change else "") + format_time(a.at),
            a.id,
            a.language + (f"-{a.script}" if a.language == "zh" else ""),
            a.outlet,
            a.title,
            f"{a.probability:.2f}",
            a.nearest,
            describe_evidence(a.measures),
        )
        for a in found.articles
    ]
    print_table(
        ["published", "article", "language", "outlet", "headline", "likely", "with", "because"],
        rows,
        clip_at=60,
    )


def _print_copies(found: Story) -> None:
    if not found.copies:
        return
    by_id = {a.id: a for a in found.articles}

    def named(number: int) -> str:
        article = by_id.get(number)
        return f"{article.outlet} (article {number})" if article else f"article {number}"

    click.echo()
    click.secho("who copied whom", bold=True)
    for r in found.copies:
        what = "its words are there" if r.kind == "summary" else "the shorter text"
        share = f"{100 * r.containment:.0f} % of {what}"
        known = is_order_known(r, by_id)
        arrow, note = ("←", "") if known else ("↔", "; which was first is not known")
        told = f"  {named(r.copy)} {arrow} {named(r.original)}: {r.kind}, {share}{note}"
        click.echo(strip_controls(told))
        if r.credit:
            click.echo(strip_controls(f"    credit: {truncate(r.credit, _SENTENCE)}"))
        _print_sentences(r)


def _print_sentences(r: Relation) -> None:
    for sign, sentences, count, color in (
        ("−", r.cut, r.cut_count, "red"),
        ("+", r.added, r.added_count, "green"),
    ):
        for sentence in sentences[:_MOST_LISTED]:
            line = strip_controls(truncate(" ".join(sentence.split()), _SENTENCE))
            click.secho(f"    {sign} {line}", fg=color)
        if count > _MOST_LISTED:
            what = "cut" if sign == "−" else "added"
            click.echo(f"    {sign} {count - _MOST_LISTED} more {what}")


def _print_figures(figures: Sequence[Fact]) -> None:
    if not figures:
        return
    click.echo()
    click.secho("figures that differ", bold=True)
    for fact in figures:
        told = []
        for value in fact.values:
            stands = any(claim.current for claim in value.claims)
            since = "" if stands else "; in earlier versions, corrected since"
            told.append(f"{format_quantity(value.quantity)} ({', '.join(value.outlets)}{since})")
        about = " ".join(filter(None, [fact.about, fact.kind, fact.detail]))
        click.echo(strip_controls(f"  {about}: {'; '.join(told)}"))


def _print_quotes(quotes: Sequence[QuoteGroup]) -> None:
    if not quotes:
        return
    click.echo()
    click.secho("quotes that differ", bold=True)
    for group in quotes:
        click.echo(strip_controls(f"  {group.claims[0].quote.speaker}:"))
        for wording in group.wordings[: _MOST_LISTED + 1]:
            gives = wording.claims[0]
            which = "" if gives.current else f", version {gives.version}"
            click.echo(strip_controls(f"    {truncate(wording.words, _SENTENCE)}"))
            outlets = ", ".join(wording.outlets)
            # A later version says so only since it was seen, whenever the article was published.
            since = gives.at if gives.version == 1 else gives.observed_at
            told = f"      {outlets} (article {gives.article_id}{which}), {format_time(since)}"
            click.echo(strip_controls(told))


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would move; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@pass_app
def regroup(app: App, dry_run: bool, as_json: bool) -> None:
    """Group all articles to stories anew, and list the articles that moved.

    Wanted after an upgrade, or when the model of the extra `stories` was installed: the daemon
    groups only what comes in. Stories keep their numbers where most of their articles stay.

    \b
    Example:  scraper regroup --dry-run
    """
    from scraper.pipeline.story_texts import StoryTexts

    parse = app.config(need_sources=False).parse
    with app.archive(create=False) as archive, StoryTexts(parse) as texts:
        report = archive.stories.regroup(datetime.now(UTC), dry_run=dry_run, read=texts.read)
    if as_json:
        print_json("scraper/regroup/1", report)
        return
    _print_regrouped(report)


def _print_regrouped(report: RegroupReport) -> None:
    click.echo(
        f"{plural(report.articles, 'article')}: {report.grouped:,} in"
        f" {plural(report.stories, 'story', 'stories')}; {report.began:,} new,"
        f" {report.merged:,} merged"
    )
    rows = [
        (m.article_id, _story_name(m.before), _story_name(m.after), m.title) for m in report.moves
    ]
    if rows:
        print_table(["article", "before", "after", "headline"], rows)
    if report.moved > len(report.moves):
        click.echo(f"… and {report.moved - len(report.moves):,} more")
    if not report.written:
        click.echo("nothing was written")


def _story_name(number: int) -> str:
    return {0: "none", -1: "a new story"}.get(number, f"story {number}")
