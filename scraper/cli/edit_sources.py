"""Commands that edit sources: add, packs, remove, pause, resume, import, export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from scraper.cli.app import App, pass_app, transport
from scraper.cli.output import (
    format_time,
    print_json,
    print_message,
    print_table,
    strip_controls,
    truncate,
)
from scraper.cli.standard_input import standard_input
from scraper.config import TOPIC_CHOICES, Config, check_sources_text, refuse_login
from scraper.coverage.wording import plural
from scraper.errors import ExtractError, UsageError
from scraper.exchange.packs import SourcePack, pick_packs, read_packs
from scraper.exchange.source_names import name_for
from scraper.exchange.sources_file import SourcesFile, block_of
from scraper.models import Source
from scraper.models.source_kinds import fallback_kinds
from scraper.pipeline import utcnow
from scraper.text.chinese import script_of
from scraper.text.languages import zone_of
from scraper.toml_file import shipped_config
from scraper.urls import canonical, identity

if TYPE_CHECKING:
    from scraper.discovery import DetectedSources
    from scraper.exchange.opml import Subscription

__all__ = ["COMMANDS", "file_of", "save"]

_SAMPLES = 5
# Folders in which a configuration is looked for, to name it.
_MOST_LOOKED_AT = 20


def file_of(app: App, config: Config, *, dry_run: bool = False) -> SourcesFile:
    """Return the configuration's `sources.toml` for editing.

    Args:
        app: the options of the program.
        config: what was read.
        dry_run: whether nothing is written to it after all.

    Raises:
        UsageError: it is the shipped one, and nobody named it, or an update would replace it.
    """
    shipped = shipped_config()
    installed = config.folder.resolve() == shipped and shipped.name == "_config"
    if not dry_run and (app.config_folder is None or installed):
        raise UsageError(f"{shipped} is the configuration of the program itself: {_instead()}")
    return SourcesFile(config.folder / "sources.toml")


def _instead() -> str:
    """Say how to edit a configuration of one's own."""
    for settings in sorted(Path().glob("*/config/settings.toml"))[:_MOST_LOOKED_AT]:
        folder = settings.parent
        if (folder / "sources.toml").is_file() and folder.resolve() != shipped_config():
            return f"use your own by `cd {quote(str(folder.parent))}`, --config or SCRAPER_CONFIG"
    return (
        "`scraper init news`, then `cd news`, makes and uses one of your own; --config or"
        " SCRAPER_CONFIG names another"
    )


def save(config: Config, file: SourcesFile) -> None:
    """Write an edited file after checking that it can be read."""
    check_sources_text(file.text, file.path)
    file.save()


@click.command()
@click.argument("url", required=False)
@click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME",
    help="Add a pack of sources instead (repeatable); `scraper sources packs` lists them.",
)
@click.option("--name", default="", help="Short name of the source.  [default: from its address]")
@click.option("--outlet", default="", help="Publisher's name.  [default: from the site]")
@click.option("--language", default="", help="en, zh-Hans, zh-Hant …  [default: from the site]")
@click.option(
    "--zone", default="", help="Time zone of times without one.  [default: from the site]"
)
@click.option("--topic", type=click.Choice(TOPIC_CHOICES), default="all", show_default=True)
@click.option(
    "--kind", type=click.Choice(fallback_kinds()), help="Kind of source.  [default: the best found]"
)
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@pass_app
def add(
    app: App,
    url: str | None,
    packs: tuple[str, ...],
    name: str,
    outlet: str,
    language: str,
    zone: str,
    topic: str,
    kind: str | None,
    dry_run: bool,
) -> None:
    """Find the best source that a site offers, and watch it; or add a pack of sources.

    URL is a front page, a section, a feed or a sitemap. Looks for a feed, a news sitemap and a list
    of articles; the best becomes the source, the others its fallbacks.

    \b
    Example:  scraper sources add https://example.com/tech/ --dry-run
              scraper sources add example.com --name example
              scraper sources add --pack zh-hant
    """
    import asyncio

    if packs:
        _refuse_beside_pack(url, (name, outlet, language, zone, kind))
        _add_packs(app, packs, dry_run)
        return
    if not url:
        raise UsageError("give the address of a site, or --pack NAME (see: scraper sources packs)")
    refuse_login(url)
    config = app.config()
    url = canonical(url if "://" in url else f"https://{url}")
    _refuse_twice(config, [url])
    if name and name in {source.name for source in config.sources}:
        raise UsageError(f"the name {name} is taken: give another --name")
    file = file_of(app, config, dry_run=dry_run)
    if not app.quiet:
        print_message(
            f"looking for feeds, sitemaps and lists at {url}: a few requests,"
            f" {config.fetch.delay:g} s apart"
        )
    found = asyncio.run(_find(app, config, url))
    source = _as_source(config, found, kind, topic)
    source = replace(
        source,
        name=name or source.name,
        outlet=outlet or source.outlet,
        language=language or source.language,
        zone=zone or source.zone,
    )
    _refuse_twice(config, [source.url])
    file.add(source)
    _print_found(found, source)
    click.echo()
    click.echo(strip_controls(block_of(source), lines=True), nl=False)
    if dry_run:
        print_message("nothing was written (--dry-run)")
        return
    save(config, file)
    print_message(f"added to {file.path}; to try it: scraper sources check {source.name}")


def _refuse_beside_pack(url: str | None, others: Sequence[str | None]) -> None:
    if url or any(others):
        raise UsageError(
            "--pack takes the sources as they are: leave out the address, --name, --outlet, "
            "--language, --zone and --kind"
        )


def _add_packs(app: App, names: Sequence[str], dry_run: bool) -> None:
    """Put the sources of packs into `sources.toml`, except those that are watched already."""
    config = app.config()
    file = file_of(app, config, dry_run=dry_run)
    taken = {source.name for source in config.sources}
    watched = {identity(s.url) for s in config.sources if s.url.startswith("http")}
    added: list[Source] = []
    known = 0
    for pack in pick_packs(read_packs(), names):
        for source in pack.sources:
            if identity(source.url) in watched:
                known += source.name not in {one.name for one in added}
                continue
            if source.name in taken:
                source = replace(source, name=name_for(source.url, taken))
            taken.add(source.name)
            watched.add(identity(source.url))
            file.add(source)
            added.append(source)
    if added:
        rows = [(source.name, source.outlet, source.language, source.url) for source in added]
        print_table(["source", "outlet", "language", "address"], rows, clip_at=70)
    told = "to add" if dry_run else "added"
    counts = f"{plural(len(added), 'source')} {told}, {known} watched already"
    if dry_run or not added:
        print_message(f"{counts}; nothing was written{' (--dry-run)' if dry_run else ''}")
        return
    save(config, file)
    print_message(f"{counts}: {file.path}; to try them: scraper sources check")


@click.command("packs")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def packs_(name: str | None, as_json: bool) -> None:
    """List the packs of sources that can be added, or what is in one of them.

    The last column of a pack tells where each address is known from: none could be tried where the
    list was written.

    \b
    Example:  scraper sources packs
              scraper sources packs zh-hant
              scraper sources add --pack zh-hant
    """
    packs = read_packs()
    chosen = pick_packs(packs, [name]) if name else packs
    if as_json:
        print_json("scraper/packs/1", {"packs": [_pack_as_dict(pack) for pack in chosen]})
        return
    if name:
        (pack,) = chosen
        click.echo(f"{pack.name}: {pack.about}")
        heads = ["source", "outlet", "language", "kind", "address", "where it is known from"]
        rows = [(s.name, s.outlet, s.language, s.kind, s.url, s.verified) for s in pack.sources]
        print_table(heads, rows, clip_at=90)
        print_message(f"to watch them: scraper sources add --pack {pack.name}")
        return
    print_table(
        ["pack", "sources", "about"], [(p.name, len(p.sources), p.about) for p in packs], clip_at=70
    )
    total = len({source.name for pack in packs for source in pack.sources})
    click.echo(f"\n{plural(total, 'source')} in all; a source may stand in several packs")
    print_message(
        "to see one: scraper sources packs NAME; to watch it: scraper sources add --pack NAME"
    )


def _pack_as_dict(pack: SourcePack) -> dict[str, object]:
    return {
        "name": pack.name,
        "about": pack.about,
        "sources": [
            {
                "name": source.name,
                "outlet": source.outlet,
                "language": source.language,
                "kind": source.kind,
                "url": source.url,
                "verified": source.verified,
            }
            for source in pack.sources
        ],
    }


def _refuse_twice(config: Config, urls: Sequence[str]) -> None:
    wanted = {identity(url) for url in urls}
    for source in config.sources:
        if source.url.startswith("http") and identity(source.url) in wanted:
            raise UsageError(f"{source.url} is already watched by the source {source.name}")


def _as_source(config: Config, found: DetectedSources, kind: str | None, topic: str) -> Source:
    candidates = [candidate for candidate in found.candidates if kind in (None, candidate.kind)]
    if not candidates:
        offered = ", ".join(f"{candidate.kind} {candidate.url}" for candidate in found.candidates)
        raise UsageError(f"no {kind} was found there, only: {offered}")
    best = candidates[0]
    rest = [candidate for candidate in found.candidates if candidate is not best]
    language = found.language
    if language == "zh":
        script = script_of("".join(entry.title for entry in best.entries[:50]))
        language = f"zh-{script}" if script in ("Hans", "Hant") else language
    return Source(
        name=name_for(best.url, {source.name for source in config.sources}),
        kind=best.kind,
        url=best.url,
        outlet=found.outlet,
        language=language,
        zone=found.zone or zone_of(best.url, language),
        topic=topic,
        fallback=tuple(f"{candidate.kind} {candidate.url}" for candidate in rest),
        verified=(
            f"found and read on {utcnow():%Y-%m-%d},"
            f" {plural(len(best.entries), 'entry', 'entries')}"
        ),
    )


def _print_found(found: DetectedSources, source: Source) -> None:
    on = f", run by {found.platform}" if found.platform else ""
    click.secho(strip_controls(f"{source.outlet}{on}"), bold=True)
    heads = ["", "kind", "address", "entries", "how it was found"]
    rows = [
        (
            "→" if candidate.url == source.url else "",
            candidate.kind,
            candidate.url,
            len(candidate.entries),
            candidate.how,
        )
        for candidate in found.candidates
    ]
    print_table(heads, rows, clip_at=70)
    click.echo()
    best = next(candidate for candidate in found.candidates if candidate.url == source.url)
    for entry in best.entries[:_SAMPLES]:
        when = format_time(entry.published) or entry.published_raw or "no time"
        click.echo(f"  {strip_controls(truncate(entry.title or '(no headline)', 66))}")
        click.echo(f"    {strip_controls(when)}  {strip_controls(canonical(entry.url))}")


async def _find(app: App, config: Config, url: str) -> DetectedSources:
    from scraper.pipeline.pipeline import Pipeline

    async with Pipeline(config, transport=transport(app)) as pipeline:
        return await pipeline.find_sources(url)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_app
def remove(app: App, names: tuple[str, ...]) -> None:
    """Remove sources. Their archived articles stay.

    \b
    Example:  scraper sources remove example
    """
    config = app.config()
    file = file_of(app, config)
    for name in names:
        file.remove(name)
    save(config, file)
    print_message(f"removed from {file.path}: {', '.join(names)} (archived articles stay)")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_app
def pause(app: App, names: tuple[str, ...]) -> None:
    """Stop visiting sources until they are resumed.

    \b
    Example:  scraper sources pause example
    """
    config = app.config()
    file = file_of(app, config)
    for name in names:
        file.set(name, "enabled", False)
    save(config, file)
    print_message(
        f"paused: {', '.join(names)}; to resume: scraper sources resume {' '.join(names)}"
    )


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@pass_app
def resume(app: App, names: tuple[str, ...]) -> None:
    """Visit paused sources again.

    \b
    Example:  scraper sources resume example
    """
    config = app.config()
    file = file_of(app, config)
    for name in names:
        file.unset(name, "enabled")
    save(config, file)
    print_message(f"resumed: {', '.join(names)}")


@click.command("import")
@click.argument("path", metavar="FILE.opml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would be added; write nothing.")
@pass_app
def import_(app: App, path: Path, dry_run: bool) -> None:
    """Add the feeds of another reader (OPML).

    Feeds that are watched already are skipped. - is standard input.

    \b
    Example:  scraper sources import subscriptions.opml
    """
    import asyncio

    from scraper.exchange.opml import source_of

    config = app.config()
    file = file_of(app, config, dry_run=dry_run)
    subscriptions, others = asyncio.run(_read_opml(config, path))
    names = {source.name for source in config.sources}
    watched = {identity(s.url) for s in config.sources if s.url.startswith("http")}
    origin = "standard input" if str(path) == "-" else path.name
    verified = f"imported from {origin} on {utcnow():%Y-%m-%d}, not tried yet"
    added: list[Source] = []
    for subscription in subscriptions:
        if identity(subscription.url) in watched:
            continue
        source = source_of(subscription, names, verified)
        names.add(source.name)
        watched.add(identity(source.url))
        file.add(source)
        added.append(source)
    if added:
        rows = [(source.name, source.outlet, source.language, source.url) for source in added]
        print_table(["source", "outlet", "language", "address"], rows, clip_at=70)
    known = len(subscriptions) - len(added)
    are = "is not a feed" if others == 1 else "are not feeds"
    counts = (
        f"{plural(len(added), 'feed')} {'to add' if dry_run else 'added'},"
        f" {known} watched already, {plural(others, 'entry', 'entries')} {are}"
    )
    if dry_run:
        print_message(f"{counts}; nothing was written (--dry-run)")
        return
    if not added:
        print_message(f"{counts}; nothing was written")
        return
    save(config, file)
    print_message(f"{counts}: {file.path}; to try them: scraper sources check")


async def _read_opml(config: Config, path: Path) -> tuple[tuple[Subscription, ...], int]:
    """Read an OPML file in a worker, within the limits of ``[parse]``."""
    from scraper.exchange.opml import MAX_OPML_BYTES, read_opml
    from scraper.workers import ParserPool

    try:
        with standard_input([path]) as (given,), Path(given).open("rb") as file:
            body = file.read(MAX_OPML_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    limits = config.parse
    with ParserPool(
        workers=1,
        timeout=limits.timeout,
        memory=limits.memory,
        preload=("scraper.exchange.opml",),
    ) as pool:
        try:
            return await pool.run(read_opml, body, str(path))
        except ExtractError as error:
            raise UsageError(
                f"{path}: cannot be read within {limits.timeout:g} s and "
                f"{limits.memory >> 20} MB (settings.toml, [parse]): {error.message}"
            ) from None


@click.command()
@click.argument("path", metavar="[FILE]", default="-")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["opml", "toml"]),
    default=None,
    help="Output format.  [default: by the file's name, else opml]",
)
@pass_app
def export(app: App, path: str, format_: str | None) -> None:
    """Write the sources for another program.

    TOML has all settings; OPML has the feeds, and other kinds as plain links.

    \b
    Example:  scraper sources export sources.opml
              scraper sources export --format toml > mine.toml
    """
    config = app.config()
    kind = format_ or ("toml" if path.endswith(".toml") else "opml")
    if kind == "opml":
        from scraper.exchange.opml import write_opml

        body = write_opml(config.sources, datetime.now(UTC))
    else:
        body = "\n".join(map(block_of, config.sources)).encode()
    if path == "-":
        click.echo(body.decode(), nl=False)
        return
    try:
        with Path(path).open("xb") as file:
            file.write(body)
    except FileExistsError:
        raise UsageError(f"{path} exists already") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
    print_message(f"{plural(len(config.sources), 'source')} written to {path}")


COMMANDS: Sequence[click.Command] = (add, packs_, remove, pause, resume, import_, export)
