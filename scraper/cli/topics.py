"""Commands about what articles are about: topics, rescore, facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from scraper.archive import Archive
from scraper.archive.topics import Entity
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage, spanned
from scraper.cli.printing import Progress, clip, inert, moment, note, print_json, table
from scraper.errors import NotFound
from scraper.judge.facts import (
    Contradiction,
    Fact,
    Value,
    compare,
    in_words,
    series_among,
    wording,
)
from scraper.judge.judgement import judge
from scraper.judge.lexicon import Lexicon, key_of, lexicon_in, load_lexicon
from scraper.judge.names import find_names
from scraper.judge.stamps import told
from scraper.models import Claim, Judgement
from scraper.pipeline.rescore import Moved, Rescored, rescore

__all__ = ["facts", "rescore_", "topics"]

# Columns of a sentence under a value.
_SENTENCE = 150
_SHOWN = 20


_own_lexicon = click.option(
    "--topics",
    "own",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="A lexicon of your own, in place of config/topics.toml.",
)


def _lexicon(app: App, own: Path | None = None) -> Lexicon:
    return lexicon_in(app.config_folder) if own is None else load_lexicon(own)


@click.command()
@click.argument("text", metavar="TEXT|URL|ID", nargs=-1)
@click.option("--title", default="", help="A headline for TEXT: it counts more.")
@click.option("--kind", default="", help="List only names of this kind: model, company, person …")
@_own_lexicon
@click.option("--json", "as_json", is_flag=True, help="Print the judgement as JSON.")
@pass_app
def topics(
    app: App, text: tuple[str, ...], title: str, kind: str, own: Path | None, as_json: bool
) -> None:
    """Explain a topic score: of a text, or of an archived article by address or number.

    Without an argument: the names that the archive's articles have, most frequent first.

    \b
    Example:  scraper topics 月之暗面开源新模型
              scraper topics https://example.com/story
              scraper topics --kind model
    """
    said = " ".join(text).strip()
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
        print_json({"on_topic": judgement.topic.on, "judgement": judgement})
        return
    _print_judgement(title, judgement)


def _print_judgement(title: str, judgement: Judgement) -> None:
    topic = judgement.topic
    verdict = (
        click.style("on topic", fg="green") if topic.on else click.style("off topic", fg="red")
    )
    click.secho(inert(clip(title, 100)), bold=True)
    click.echo(f"{verdict}: {topic.score:g} points, {topic.threshold:g} are enough")
    if topic.evidence:
        rows = [
            (f"{e.points:+.1f}", e.name, e.kind, e.place, e.count, e.matched)
            for e in topic.evidence[:_SHOWN]
        ]
        click.echo()
        click.echo(table(["points", "entry", "kind", "best place", "mentions", "as printed"], rows))
    total = round(sum(e.points for e in topic.evidence), 1)
    if total > topic.score > 0:
        click.echo(f"\n{total:g} in all; words of the background are capped")
    if judgement.quantities:
        rows2 = [(q.kind, in_words(q), q.detail, q.about, q.printed) for q in judgement.quantities]
        click.echo()
        click.echo(table(["figure", "value", "of what", "about", "as printed"], rows2))


def _list_names(app: App, kind: str, *, as_json: bool) -> None:
    with app.archive(create=False) as archive:
        found = archive.topics.entities(kind)
        rests_on = coverage_of(archive)
    if as_json:
        print_json({"names": found, "coverage": told(rests_on)})
        return
    if not found:
        note("no names yet; `scraper rescore` judges what was archived before")
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
    click.echo(table(["kind", "name", "family or maker", "articles", "figures", "found"], rows))
    note_coverage(app, rests_on)


@click.command("rescore")
@click.option("--dry-run", is_flag=True, help="Say what would move; write nothing.")
@_own_lexicon
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@pass_app
def rescore_(app: App, dry_run: bool, own: Path | None, as_json: bool) -> None:
    """Judge the archive anew by a changed lexicon, and tell which articles moved.

    What this lexicon has judged is passed over, so it can be broken off and run again. Articles
    that a source did not keep and that are on topic now are fetched at the next pass.

    \b
    Example:  scraper rescore --dry-run
              scraper rescore --dry-run --topics mine.toml
    """
    lexicon = _lexicon(app, own)
    with (
        app.archive(create=False) as archive,
        Progress(quiet=app.quiet or not app.verbose, verbose=app.verbose) as progress,
    ):
        report = rescore(archive, lexicon, dry_run=dry_run, on_event=progress)
    if as_json:
        print_json(report)
    else:
        _print_rescored(report)
    if own is not None and not dry_run and lexicon.version != _lexicon(app).version:
        note(
            f"new articles are judged by another lexicon still: give every command {own.name} as"
            " topics.toml in a folder of configuration (--config DIR, or SCRAPER_CONFIG)"
        )


def _print_rescored(report: Rescored) -> None:
    current = report.versions - report.judged
    click.echo(
        f"lexicon {report.lexicon}: {report.judged:,} versions judged"
        + (f", {current:,} were judged by it before" if current else "")
    )
    if report.judged:
        rows = [
            ("on topic", report.on),
            ("off topic", report.off),
            ("judged for the first time", report.first),
            ("came on topic", report.to_on),
            ("went off topic", report.to_off),
            ("another score, no move", report.changed),
        ]
        click.echo(table(["current versions", "articles"], rows))
    _print_moved("came on topic", report.to_on, report.named_on)
    _print_moved("went off topic", report.to_off, report.named_off)
    _print_moved(
        "was not kept, is fetched at the next pass", report.reconsidered, report.named_reconsidered
    )
    if not report.written:
        click.echo("nothing was written")


def _print_moved(what: str, count: int, named: Sequence[Moved]) -> None:
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
    click.echo(table(["article", "score", "outlet", what, "because"], rows, clip_at=50))
    if count > _SHOWN:
        click.echo(f"… and {count - _SHOWN:,} more")


def find_entities(archive: Archive, lexicon: Lexicon, name: str) -> tuple[Entity, ...]:
    """Return the models and companies of an archive that a reader means by a name.

    The name itself, in either script and however its parts are joined; an alias of the lexicon; or
    a family, which stands for all its versions.
    """
    known = [e for e in archive.topics.entities() if e.kind in ("model", "company")]
    wanted = {key_of(name)}
    entry = lexicon.lookup(name)
    if entry is not None:
        wanted.add(key_of(entry.name))
    for found in find_names(f"AI {name}", lexicon):
        if found.entry.kind in ("model", "company") and found.start <= 3 and found.listed:
            wanted.add(key_of(found.name))
    exact = [e for e in known if key_of(e.name) in wanted]
    families = [e for e in known if e.family and key_of(e.family) in wanted]
    return tuple(dict.fromkeys(exact + families))


@click.command()
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.option("--kind", default="", help="Only this: parameters, training cost, context, score …")
@click.option("--contradictions", "only_wrong", is_flag=True, help="Only where outlets contradict.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@pass_app
def facts(app: App, models: tuple[str, ...], kind: str, only_wrong: bool, as_json: bool) -> None:
    """List the figures that outlets give of a model, and where they contradict one another.

    Several names are taken for one model: its names in two languages. A family stands for all its
    versions. Works for companies too.

    \b
    Example:  scraper facts DeepSeek-V3
              scraper facts 渡口 Ferry --kind "training cost"
    """
    with app.archive(create=False) as archive:
        lexicon = _lexicon(app)
        found = [entity for name in models for entity in find_entities(archive, lexicon, name)]
        found = list(dict.fromkeys(found))
        if not found:
            raise NotFound(
                f"no article names {' or '.join(models)}; `scraper topics --kind model` lists what"
                " is named, `scraper rescore` judges what was archived before"
            )
        claims = archive.topics.claims([entity.id for entity in found])
        known = archive.topics.entities("model")
        rests_on = coverage_of(archive, days=spanned(claim.at for claim in claims))
    if len(models) > 1:
        claims = tuple(_as_one(claim, models[0]) for claim in claims)
    series = series_among((e.name for e in known), {e.family for e in known})
    given = [
        fact
        for fact in compare(claims, series)
        if kind in ("", fact.kind) and (_between(fact) or not only_wrong)
    ]
    if as_json:
        print_json({"facts": given, "coverage": told(rests_on)})
        return
    if given:
        _print_facts(given)
    else:
        note(f"{', '.join(e.name for e in found)}: named, but no such figure is given")
    note_coverage(app, rests_on)


def _as_one(claim: Claim, name: str) -> Claim:
    """Return a claim under the name that was asked for first."""
    return replace(claim, quantity=replace(claim.quantity, about=name))


def _print_facts(given: Sequence[Fact]) -> None:
    about = ""
    for fact in given:
        if fact.about != about:
            about = fact.about
            click.echo()
            click.secho(inert(about), bold=True)
        click.echo("  " + click.style(" ".join(filter(None, [fact.kind, fact.detail])), bold=True))
        for value in fact.values:
            _print_value(value)
        for contradiction in fact.contradictions:
            if contradiction.kind == "versions":
                click.secho(f"    ↻ {_contradiction(contradiction)}", fg="yellow")
            else:
                click.secho(f"    ✗ {_contradiction(contradiction)}", fg="red")
    between = [c for fact in given for c in _between(fact)]
    corrected = sum(len(fact.contradictions) for fact in given) - len(between)
    open_ = sum(not c.settled for c in between)
    click.echo()
    counted = f"{_many(len(given), 'fact')}, {_many(len(between), 'contradiction')}"
    click.echo(
        f"{counted}, {open_} of them between articles as they stand now"
        + (f"; {_many(corrected, 'correction')}" if corrected else "")
    )


def _between(fact: Fact) -> list[Contradiction]:
    """Return the contradictions between articles: that one corrects itself is none."""
    return [c for c in fact.contradictions if c.kind != "versions"]


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _print_value(value: Value) -> None:
    click.echo(f"    {in_words(value.quantity)}")
    seen: set[int] = set()
    first: dict[str, int] = {}
    for claim in value.claims:
        if claim.article_id in seen:
            continue
        seen.add(claim.article_id)
        mine = [c for c in value.claims if c.article_id == claim.article_id]
        numbers = sorted({c.version for c in mine})
        until = "" if any(c.current for c in mine) else ", no longer"
        versions = (
            f" version {', '.join(map(str, numbers))}{until}" if until or numbers != [1] else ""
        )
        about = f"{claim.outlet}, {moment(claim.at)}, article {claim.article_id}{versions}"
        original = first.setdefault(wording(claim), claim.article_id)
        if original != claim.article_id:
            about += f": in the words of article {original}"
        click.echo("      " + click.style(inert(about), dim=True))
        if original != claim.article_id:
            continue
        sentence = next((c for c in mine if not c.quantity.in_title), claim).quantity.sentence
        click.echo("        " + clip(inert(sentence), _SENTENCE))


def _contradiction(contradiction: Contradiction) -> str:
    one, other = contradiction.one, contradiction.other
    said, says = inert(one.quantity.printed), inert(other.quantity.printed)
    if contradiction.kind == "versions":
        return (
            f"{inert(one.outlet)} changed {said} into {says} ({moment(other.observed_at)},"
            f" article {one.article_id} version {other.version})"
        )
    text = (
        f"{inert(one.outlet)} says {said} (article {one.article_id}), {inert(other.outlet)} {says}"
        f" (article {other.article_id})"
    )
    return f"{text}; settled by an edit since" if contradiction.settled else text
