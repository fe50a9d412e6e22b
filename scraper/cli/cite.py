"""Commands that export evidence and check it: cite, verify."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.archive import Archive
from scraper.cli.app import EXIT_FAILED, App, pass_app
from scraper.cli.output import print_json, print_message, strip_controls
from scraper.cli.read import article_ref
from scraper.cli.standard_input import GivenFiles, standard_input
from scraper.errors import NotFound, ScraperError, UsageError

if TYPE_CHECKING:
    from scraper.exchange.bundle_check import BundleCheck, Problem

__all__ = ["cite", "split_version", "verify"]

# Wall clock for checking a bundle, its page read again: a busy machine confirms no less.
_READ_SECONDS = 120.0


def split_version(archive: Archive, text: str) -> tuple[str | int, int | None]:
    """Return the article and the version of ``URL@version`` or ``ID@version``.

    An address that is archived as it stands is taken whole, whatever its end.
    """
    head, _, tail = text.rpartition("@")
    if head and tail.isascii() and tail.isdigit() and len(tail) < 7:
        try:
            archive.find(text)
        except NotFound:
            return article_ref(head), int(tail)
    return article_ref(text), None


@click.command()
@click.argument("article", metavar="URL|ID[@VERSION]")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="File or folder to write to; - is stdout.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@pass_app
def cite(app: App, article: str, target: Path | None, force: bool) -> None:
    """Write a version as a verifiable bundle (ZIP), and print its citation.

    A bundle holds the text, metadata with its evidence, the raw page and its headers, a WARC
    record, the changes against the former version, and a manifest of SHA-256 hashes that is chained
    to the former version's. The same version always gives the same bytes.

    \b
    Example:  scraper cite https://example.com/story
              scraper cite https://example.com/story@1 --to evidence/
              scraper cite 12@3 --to story.zip
    """
    from scraper.exchange.bundle import cite as make_bundle

    with app.archive(create=False, all_parts=True) as archive:
        reference, number = split_version(archive, article)
        bundle = make_bundle(archive, reference, number)
    if target is not None and str(target) == "-":
        sys.stdout.buffer.write(bundle.content)
        return
    path = Path(bundle.name) if target is None else target
    if path.is_dir():
        path = path / bundle.name
    _write(path, bundle.content, force=force)
    click.echo(strip_controls(bundle.citation))
    if not app.quiet:
        print_message(f"written: {path} ({len(bundle.content):,} bytes)")
        print_message(f"version  sha256:{bundle.seal}")
        print_message(f"manifest sha256:{bundle.manifest}")


def _write(path: Path, content: bytes, *, force: bool) -> None:
    try:
        if path.exists() and not force and path.read_bytes() != content:
            raise UsageError(f"{path} exists already and differs; --force overwrites it")
        partial = path.with_name(f".{path.name}.part")
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


@click.command()
@click.argument(
    "bundles", nargs=-1, metavar="[BUNDLE]…", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--archive", "whole", is_flag=True, help="Check the archive instead of bundles.")
@click.option(
    "--hash",
    "expected",
    default="",
    metavar="SHA256",
    help="A published hash that must match: of the version, the manifest or the file;"
    " with --archive, of any entry of the ledger.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def verify(app: App, bundles: tuple[Path, ...], whole: bool, expected: str, as_json: bool) -> None:
    """Check that bundles, or the archive, are unaltered.

    A bundle is checked without archive or network: its files against its manifest, its raw page
    against the version's hash, and headline, text, metadata and citation against the raw page, from
    which they are extracted again. Bundles of several versions are also checked against each other.
    --archive checks raw pages, records, fetches, versions, the ledger and articles, and prints the
    hash of the ledger's last entry: publish it to prove all that was archived until then. The
    output names what was not checked. The exit code is 1 if anything was altered, or if another
    extractor made a bundle and its text cannot be confirmed. - is standard input.

    \b
    Example:  scraper verify story.zip
              scraper verify article-12-version-*.zip
              scraper cite 12 --to - | scraper verify -
              scraper verify --archive
    """
    expected = expected.lower().removeprefix("sha256:")
    if expected and (len(expected) != 64 or not set(expected) <= set("0123456789abcdef")):
        raise UsageError("--hash takes a SHA-256 in 64 hexadecimal digits")
    if whole == bool(bundles):
        raise UsageError("give one or more bundles, or --archive")
    if whole:
        good = _verify_archive(app, expected, as_json)
    else:
        with standard_input(bundles) as files:
            good = _verify_bundles(app, files, expected, as_json)
    if not good:
        sys.exit(EXIT_FAILED)


def _verify_archive(app: App, expected: str, as_json: bool) -> bool:
    def tell(step: str) -> None:
        if not app.quiet:
            print_message(step)

    with app.archive(create=False, all_parts=True) as archive:
        found = archive.verify(tell)
        known = archive.ledger_entry(expected) if expected else None
    head, findings = found.head, found.findings
    good = not findings and not (expected and not known)
    if as_json:
        print_json(
            "scraper/verify-archive/1",
            {
                "head": head,
                "findings": findings,
                "found": known,
                "checked": dict(found.checked),
                "not_checked": found.not_checked,
            },
        )
        return good
    for finding in findings:
        click.secho(f"altered: {strip_controls(finding.what)}", fg="red")
    click.echo(f"head of the ledger: entry {head.cursor}, {head.at or 'none'}, sha256:{head.chain}")
    if known:
        click.echo(f"the hash belongs to entry {known.cursor}, {known.at}")
    elif expected:
        click.secho("altered: no entry of the ledger has this hash", fg="red")
    checked = ", ".join(f"{count:,} {what}" for what, count in found.checked.items())
    if good:
        click.secho(f"unaltered since archived: {checked}", fg="green")
    else:
        click.echo(f"checked: {checked}")
    if not app.quiet:
        for what in found.not_checked:
            click.echo(f"not checked: {what}")
    return good


def _verify_bundles(app: App, paths: GivenFiles, expected: str, as_json: bool) -> bool:
    from scraper.exchange.bundle_check import check_bundle_in_worker
    from scraper.pipeline.parse import reextract_article
    from scraper.workers import ParserPool

    checked: list[BundleCheck] = []
    failed: list[tuple[Path, ScraperError]] = []
    preload = (check_bundle_in_worker.__module__, reextract_article.__module__)
    with ParserPool(workers=1, timeout=_READ_SECONDS, preload=preload) as pool:
        for path in map(Path, paths):
            try:
                checked.append(
                    check_bundle_in_worker(pool, path, expected=expected, derive=reextract_article)
                )
            except ScraperError as error:
                failed.append((path, error))
    links = {one.path: _link(one, checked) for one in checked}
    bad = [one for one in checked if one.problems or links[one.path]]
    if as_json:
        print_json(
            "scraper/verify-bundles/1",
            {
                "bundles": [
                    {**asdict(one), "path": paths.given(one.path)}
                    | {"problems": [asdict(p) for p in (*one.problems, *links[one.path])]}
                    for one in checked
                ],
                "unreadable": [
                    {"path": paths.given(p), "error": paths.told(e.message)} for p, e in failed
                ],
            },
        )
    else:
        for one in checked:
            name = paths.told(str(one.path))
            _print_checked(name, one, links[one.path], quiet=app.quiet)
    for _, failure in failed:
        print_message(f"scraper: {paths.told(failure.message)}", bad=True)
    return not bad and not failed


def _link(one: BundleCheck, others: Sequence[BundleCheck]) -> tuple[Problem, ...]:
    """Return the problems between a bundle and those of the former and of the same version."""
    from scraper.exchange.bundle_check import Problem

    mine = [b for b in others if b.url == one.url]
    before = [b for b in mine if b.number == one.number - 1]
    if any(b.seal != one.former for b in before):
        what = f"does not follow version {one.number - 1} in the other bundle"
        return (Problem(kind="altered", name="", what=what),)
    if any(b.number == one.number and b.seal != one.seal for b in mine):
        what = f"another bundle holds another version {one.number}: one of them was forged"
        return (Problem(kind="altered", name="", what=what),)
    if any(b.manifest != one.former_manifest for b in before):
        what = (
            f"names another manifest of version {one.number - 1} than the other bundle has: one of"
            " them was made by another release or extractor, or made over"
        )
        return (Problem(kind="unconfirmed", name="", what=what),)
    return ()


def _print_checked(name: str, one: BundleCheck, links: Sequence[Problem], *, quiet: bool) -> None:
    problems = (*one.problems, *links)
    path = strip_controls(name)
    if problems:
        altered = any(problem.kind != "unconfirmed" for problem in problems)
        click.secho(
            f"{path}: ALTERED" if altered else f"{path}: NOT confirmed", fg="red", bold=True
        )
        for problem in problems:
            name = f"{strip_controls(problem.name)}: " if problem.name else ""
            click.secho(f"  {problem.kind}: {name}{strip_controls(problem.what)}", fg="red")
        return
    click.secho(f"{path}: unaltered", fg="green")
    for what in one.checked:
        click.echo(f"  checked: {strip_controls(what)}")
    for what in one.not_checked:
        click.echo(f"  not checked: {strip_controls(what)}")
    if not quiet:
        click.echo(f"  {strip_controls(one.citation)}")
        click.echo(f"  version  sha256:{one.seal}")
        click.echo(f"  manifest sha256:{one.manifest}")
        click.echo(
            f"  former   sha256:{one.former}"
            if one.former
            else "  former   none: the first version"
        )
