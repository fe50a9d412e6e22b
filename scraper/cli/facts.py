"""The command that lists outlets' figures for a model, and their contradictions: facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from scraper.archive import Archive, SearchHit
from scraper.archive.topics import Entity
from scraper.cli.app import App, pass_app
from scraper.cli.coverage import coverage_of, note_coverage, spanned
from scraper.cli.output import format_time, print_json, print_message, strip_controls, truncate
from scraper.coverage.report import CoverageReport
from scraper.coverage.summary import report_as_dict
from scraper.errors import NotFound
from scraper.models import Claim
from scraper.topics.facts import (
    Contradiction,
    Fact,
    Value,
    compare,
    format_quantity,
    sentence_key,
)
from scraper.topics.lexicon import Lexicon, key_of, lexicon_in
from scraper.topics.names import find_names

__all__ = ["facts", "find_entities"]

# Terminal columns of a sentence below a value.
_SENTENCE = 150
# Maximum number of articles listed for a name that is not in the lexicon.
_MOST_ARTICLES = 20


def find_entities(archive: Archive, lexicon: Lexicon, name: str) -> tuple[Entity, ...]:
    """Return the models and companies of an archive that match a name.

    It may be the name itself, in either script and however its parts are joined; an alias of the
    lexicon; or a family, which matches all its versions.
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
@click.option(
    "--kind", default="", help="Only this kind: parameters, training cost, context, score …"
)
@click.option(
    "--contradictions",
    "only_wrong",
    is_flag=True,
    help="Only figures on which outlets contradict one another.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@pass_app
def facts(app: App, models: tuple[str, ...], kind: str, only_wrong: bool, as_json: bool) -> None:
    """List the figures that outlets give for a model, and where they contradict one another.

    Several names are treated as one model, such as its names in two languages. A family matches all
    its versions. Works for companies, too.

    \b
    Example:  scraper facts DeepSeek-V3
              scraper facts 渡口 Ferry --kind "training cost"
    """
    with app.archive(create=False) as archive:
        lexicon = lexicon_in(app.config_folder)
        found = [entity for name in models for entity in find_entities(archive, lexicon, name)]
        found = list(dict.fromkeys(found))
        if not found:
            _print_articles(archive, models, as_json=as_json)
            return
        claims = archive.topics.claims([entity.id for entity in found])
        series = archive.topics.series("model")
        rests_on = coverage_of(archive, days=spanned(claim.at for claim in claims))
    if len(models) > 1:
        claims = tuple(_as_one(claim, models[0]) for claim in claims)
    given = [
        fact
        for fact in compare(claims, series)
        if kind in ("", fact.kind) and (fact.disagreements or not only_wrong)
    ]
    if as_json:
        _print_document(given, (), rests_on)
        return
    if given:
        _print_facts(given)
    else:
        print_message(f"{', '.join(e.name for e in found)}: mentioned, but without such a figure")
    note_coverage(app, rests_on)


def _print_articles(archive: Archive, names: Sequence[str], *, as_json: bool) -> None:
    """Print the articles that contain names missing from the lexicon.

    Raises:
        NotFound: no article contains any of them.
    """
    hits = {hit.id: hit for name in names for hit in archive.search(name, _MOST_ARTICLES)}
    said = " or ".join(names)
    if not hits:
        raise NotFound(
            f"no article mentions {said}; `scraper topics --kind model` lists the names found"
        )
    if as_json:
        rests_on = coverage_of(archive, days=spanned(hit.published for hit in hits.values()))
        _print_document((), tuple(hits.values()), rests_on)
        return
    for hit in hits.values():
        about = " · ".join(filter(None, [hit.outlet, format_time(hit.published)]))
        click.echo(f"{hit.id:>5}  {strip_controls(hit.title)}")
        click.echo(click.style(f"       {strip_controls(about)}", dim=True))
        click.echo(f"       {strip_controls(hit.snippet)}")
    print_message(
        f"{said} is not in the lexicon, so no figures are linked to it; these articles contain the"
        ' words. To link its figures, add it to topics.toml (kind = "model"), then run'
        " `scraper rescore`"
    )


def _print_document(
    given: Sequence[Fact], articles: Sequence[SearchHit], rests_on: CoverageReport | None
) -> None:
    """Print figures, or articles that contain the name where it has none, as JSON."""
    print_json(
        "scraper/facts/1",
        {"facts": given, "articles": articles, "coverage": report_as_dict(rests_on)},
    )


def _as_one(claim: Claim, name: str) -> Claim:
    """Return a claim under the name that was given first."""
    return replace(claim, quantity=replace(claim.quantity, about=name))


def _print_facts(given: Sequence[Fact]) -> None:
    about = ""
    for fact in given:
        if fact.about != about:
            about = fact.about
            click.echo()
            click.secho(strip_controls(about), bold=True)
        click.echo("  " + click.style(" ".join(filter(None, [fact.kind, fact.detail])), bold=True))
        for value in fact.values:
            _print_value(value)
        for disagreement in fact.disagreements:
            click.secho(f"    ✗ {_contradiction(disagreement)}", fg="red")
        for correction in fact.corrections:
            click.secho(f"    ↻ {_contradiction(correction)}", fg="yellow")
    between = [c for fact in given for c in fact.disagreements]
    corrected = sum(len(fact.corrections) for fact in given)
    open_ = sum(not c.settled for c in between)
    click.echo()
    counted = f"{_many(len(given), 'fact')}, {_many(len(between), 'contradiction')}"
    click.echo(
        f"{counted}, {open_} of them between current versions"
        + (f"; {_many(corrected, 'correction')}" if corrected else "")
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _print_value(value: Value) -> None:
    click.echo(f"    {format_quantity(value.quantity)}")
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
        about = f"{claim.outlet}, {format_time(claim.at)}, article {claim.article_id}{versions}"
        original = first.setdefault(sentence_key(claim), claim.article_id)
        if original != claim.article_id:
            about += f": copied from article {original}"
        click.echo("      " + click.style(strip_controls(about), dim=True))
        if original != claim.article_id:
            continue
        sentence = next((c for c in mine if not c.quantity.in_title), claim).quantity.sentence
        click.echo("        " + truncate(strip_controls(sentence), _SENTENCE))


def _contradiction(contradiction: Contradiction) -> str:
    one, other = contradiction.one, contradiction.other
    said, says = strip_controls(one.quantity.printed), strip_controls(other.quantity.printed)
    if contradiction.kind == "versions":
        return (
            f"{strip_controls(one.outlet)} changed {said} to {says}"
            f" ({format_time(other.observed_at)}, article {one.article_id} version {other.version})"
        )
    text = (
        f"{strip_controls(one.outlet)} says {said} (article {one.article_id}),"
        f" {strip_controls(other.outlet)} {says} (article {other.article_id})"
    )
    return f"{text}; since resolved by an edit" if contradiction.settled else text
