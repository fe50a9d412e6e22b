"""How an article is printed: as text, Markdown or JSON, or block by block with the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from scraper.cli.printing import inert, moment, print_json
from scraper.models import Article, Kept, Removed, Reservation

__all__ = ["byline", "print_article", "print_explained", "print_reservations"]

# Kinds of `models.Reservation` in words.
_RESERVED: Mapping[str, str] = {
    "noarchive": "for private reading only: the publisher asks that it be not archived",
    "expired": "for private reading only: the publisher asked to keep it no longer than that",
    "unavailable_after": "the publisher asks to keep it no longer than that",
    "noai": "the publisher does not want it used for training models",
    "tdm": "rights to text and data mining are reserved",
}


def byline(article: Article) -> str:
    """Return authors, outlet, credited source and time in one line, as far as they are known."""
    outlet = article.outlet
    if article.source and article.source != outlet:
        outlet = f"{outlet} ← {article.source}" if outlet else article.source
    parts = [", ".join(article.authors), outlet, moment(article.published)]
    return " · ".join(part for part in parts if part)


def print_article(article: Article, format_: str) -> None:
    """Print an article on standard output.

    Args:
        article: what to print.
        format_: ``text``, ``markdown`` or ``json``.
    """
    if format_ == "json":
        print_json(article)
        return
    body = article.markdown if format_ == "markdown" else article.text
    head = f"# {article.title}" if format_ == "markdown" else article.title
    lines = [inert(head), inert(byline(article)), "", inert(body, lines=True)]
    click.echo("\n".join(lines if lines[1] else [lines[0], *lines[2:]]))


def print_reservations(reservations: Sequence[Reservation]) -> None:
    """Tell on standard error what a publisher reserves, if anything."""
    for one in reservations:
        if one.kind in _RESERVED:
            value = f", {inert(one.value)}" if one.value else ""
            click.secho(
                f"{_RESERVED[one.kind]} ({inert(one.origin)}{value})", fg="yellow", err=True
            )


def print_explained(article: Article) -> None:
    """Print the page's blocks in order: kept ones as they are, cut ones with the rule that cut."""
    blocks: list[Kept | Removed] = sorted(
        [*article.kept, *article.removed], key=lambda block: block.position
    )
    for block in blocks:
        text = inert(block.text)
        if isinstance(block, Kept):
            click.echo(click.style("keep ", fg="green") + text)
        else:
            shown = text if len(text) <= 120 else text[:119] + "…"
            click.echo(click.style(f"cut  [{block.rule}] {shown}", fg="red", dim=True))
    click.echo(f"\n{len(article.kept)} blocks kept, {len(article.removed)} cut")
    for candidate in article.candidates:
        mark = "→" if candidate.chosen else " "
        why = f" ({inert(candidate.note)})" if candidate.note else ""
        click.echo(f"{mark} {candidate.field}: {inert(candidate.value)} · {candidate.origin}{why}")
