"""How a comparison of two versions is printed: by sentence, the changed words in colour."""

from __future__ import annotations

import click

from scraper.cli.printing import inert
from scraper.judge.edits import Comparison, Op

__all__ = ["print_comparison"]

# Sentences on either side of a change that are shown to tell where it stands.
_CONTEXT = 1


def print_comparison(comparison: Comparison) -> None:
    """Print what changed, with a little of what did not around it."""
    if comparison.headline is not None:
        _print_op(comparison.headline)
    if comparison.byline is not None:
        _print_op(comparison.byline)
    ops = comparison.ops
    near = {
        at
        for i, op in enumerate(ops)
        if op.kind != "equal"
        for at in range(i - _CONTEXT, i + _CONTEXT + 1)
    }
    skipped = False
    for i, op in enumerate(ops):
        if i in near:
            if skipped:
                click.secho("  ⋯", dim=True)
            _print_op(op)
        skipped = i not in near
    if comparison.classes:
        click.echo(f"\n{', '.join(comparison.classes)}; severity {comparison.severity} of 3")
    else:
        click.echo("\nno change that is an edit")


def _print_op(op: Op) -> None:
    why = click.style(f"   [{', '.join(op.classes)}]", dim=True) if op.classes else ""
    if op.kind == "equal":
        click.secho(f"  {inert(op.new)}", dim=True)
    elif op.kind == "insert":
        click.echo(click.style(f"+ {inert(op.new)}", fg="green") + why)
    elif op.kind == "delete":
        click.echo(click.style(f"- {inert(op.old)}", fg="red") + why)
    else:
        old = new = ""
        for span in op.spans:
            changed = span.kind != "equal"
            was = inert(op.old[span.old_start : span.old_end])
            now = inert(op.new[span.new_start : span.new_end])
            old += click.style(was, fg="red", bold=changed, underline=changed)
            new += click.style(now, fg="green", bold=changed, underline=changed)
        click.echo(click.style("- ", fg="red") + old)
        click.echo(click.style("+ ", fg="green") + new + why)
