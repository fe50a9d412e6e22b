"""Commands about topics: topics, rescore."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage
from scraper.cli.output import (
    Progress,
    print_json,
    print_message,
    print_table,
    strip_controls,
    truncate,
)
from scraper.coverage.summary import report_as_dict
from scraper.models import Judgement
from scraper.topics import judge
from scraper.topics.facts import format_quantity
from scraper.topics.lexicon import Lexicon, lexicon_in, load_lexicon

if TYPE_CHECKING:
    from scraper.pipeline.rescore import RescoreReport, TopicChange

__all__ = ["rescore_", "topics"]

_SHOWN = 20


_own_lexicon = click.option(
    "--topics",
    "own",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Another lexicon instead of config/topics.toml.",
)


def _lexicon(app: App, own: Path | None = None) -> Lexicon:
    return lexicon_in(app.config_folder) if own is None else load_lexicon(own)


@click.command()
@click.argument("text", metavar="TEXT|URL|ID", nargs=-1)
@click.option("--title", default="", help="Headline of TEXT, which counts more.")
@click.option("--kind", default="", help="List only names of this kind: model, company, person …")
@_own_lexicon
@click.option("--json", "as_json", is_flag=True, help="Print the judgement as JSON.")
@pass_app
def topics(
    app: App, text: tuple[str, ...], title: str, kind: str, own: Path | None, as_json: bool
) -> None:
    """Explain the topic score of a text, or of an archived article by address or number.

    - reads the text from standard input; its first line counts as the headline. Without an
    argument, lists the names in the archive's articles, most frequent first.

    \b
    Example:  scraper topics 月之暗面开源新模型
              scraper topics https://example.com/story
              scraper topics --kind model
    """
    said = sys.stdin.read().strip() if text == ("-",) else " ".join(text).strip()
    if not said:
        _list_names(app, kind, as_json=as_json)
        return
    body = said
    if said.isdigit() or said.startswith(("http://", "https://")):
        with app.archive(create=False) as archive:
            article = archive.version(int(said) if said.isdigit() else said).article
        title, body = article.title, article.text
    elif not title:
        # A line by itself is a headline.
        title, _, body = said.partition("\n")
    judgement = judge(title, body, _lexicon(app, own))
    if as_json:
        print_json("scraper/topics/1", {"on_topic": judgement.topic.on, "judgement": judgement})
        return
    _print_judgement(title, judgement)


def _print_judgement(title: str, judgement: Judgement) -> None:
    topic = judgement.topic
    verdict = (
        click.style("on topic", fg="green") if topic.on else click.style("off topic", fg="red")
    )
    click.secho(strip_controls(truncate(title, 100)), bold=True)
    click.echo(f"{verdict}: {topic.score:g} points, threshold {topic.threshold:g}")
    if topic.evidence:
        rows = [
            (f"{e.points:+.1f}", e.name, e.kind, e.place, e.count, e.matched)
            for e in topic.evidence[:_SHOWN]
        ]
        click.echo()
        print_table(["points", "entry", "kind", "best place", "mentions", "as printed"], rows)
    total = round(sum(e.points for e in topic.evidence), 1)
    if total > topic.score > 0:
        click.echo(f"\n{total:g} in total; background words are capped")
    if judgement.quantities:
        rows2 = [
            (q.kind, format_quantity(q), q.detail, q.about, q.printed) for q in judgement.quantities
        ]
        click.echo()
        print_table(["figure", "value", "of what", "about", "as printed"], rows2)


def _list_names(app: App, kind: str, *, as_json: bool) -> None:
    with app.archive(create=False) as archive:
        found = archive.topics.entities(kind)
        rests_on = coverage_of(archive)
    if as_json:
        print_json("scraper/names/1", {"names": found, "coverage": report_as_dict(rests_on)})
        return
    if not found:
        print_message("no names yet; `scraper rescore` judges articles archived before")
        return
    rows = [
        (
            e.kind,
            e.name,
            e.family or e.maker,
            e.articles,
            e.quantities,
            "" if e.listed else "by form",
        )
        for e in found
        if e.articles
    ]
    print_table(["kind", "name", "family or maker", "articles", "figures", "found"], rows)
    note_coverage(app, rests_on)


@click.command("rescore")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@_own_lexicon
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@pass_app
def rescore_(app: App, dry_run: bool, own: Path | None, as_json: bool) -> None:
    """Judge the archive again after a change of lexicon; list articles whose topic changed.

    Versions that this lexicon has judged are skipped, so it can be interrupted and run again.
    Articles that a source did not keep and that are now on topic are fetched at the next pass.

    \b
    Example:  scraper rescore --dry-run
              scraper rescore --dry-run --topics mine.toml
    """
    from scraper.pipeline.bulk_judging import BulkJudge
    from scraper.pipeline.rescore import rescore

    lexicon = _lexicon(app, own)
    config = app.config(need_sources=False)
    with (
        app.archive(create=False) as archive,
        Progress(quiet=app.quiet or not app.verbose, verbose=app.verbose) as progress,
    ):
        # Workers read the lexicon of the configuration.
        parse = config.parse if own is None else None
        with BulkJudge(lexicon, config.folder, parse) as workers:
            report = rescore(archive, lexicon, workers=workers, dry_run=dry_run, on_event=progress)
    if as_json:
        print_json("scraper/rescore/1", report)
    else:
        _print_rescored(report)
    if own is not None and not dry_run and lexicon.version != _lexicon(app).version:
        print_message(
            f"new articles are still judged by the configured lexicon: save {own.name} as"
            " topics.toml in a configuration folder (--config DIR, or SCRAPER_CONFIG) to use it"
        )


def _print_rescored(report: RescoreReport) -> None:
    current = report.versions - report.judged
    click.echo(
        f"lexicon {report.lexicon}: {report.judged:,} versions judged"
        + (f", {current:,} were judged by it before" if current else "")
    )
    if report.read:
        click.echo(f"quotes: {report.read:,} versions read, {report.quotes:,} statements")
    if report.judged:
        rows = [
            ("on topic", report.on),
            ("off topic", report.off),
            ("judged for the first time", report.first),
            ("now on topic", report.to_on),
            ("now off topic", report.to_off),
            ("another score, same verdict", report.changed),
        ]
        print_table(["current versions", "articles"], rows)
    _print_moved("now on topic", report.to_on, report.named_on)
    _print_moved("now off topic", report.to_off, report.named_off)
    _print_moved(
        "not kept before, fetched at the next pass", report.reconsidered, report.named_reconsidered
    )
    if not report.written:
        click.echo("nothing was written")


def _print_moved(what: str, count: int, named: Sequence[TopicChange]) -> None:
    if not named:
        return
    rows = [
        (
            m.article_id or "",
            f"{m.before or 0:g} → {m.after:g}",
            m.outlet or m.url,
            m.title or m.url,
            m.why,
        )
        for m in named[:_SHOWN]
    ]
    click.echo()
    print_table(["article", "score", "outlet", what, "because"], rows, clip_at=50)
    if count > _SHOWN:
        click.echo(f"… and {count - _SHOWN:,} more")
