"""Prints how many statements of the passages are found: ``python -m tests.quotes [FILE] [-v]``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.quotes import FILES, read_passages, score


def main(arguments: list[str]) -> int:
    """Print a line a file, with ``-v`` also what is wrong; return the exit status."""
    files = [Path(a) for a in arguments if not a.startswith("-")] or FILES
    for path in files:
        outcome = score(read_passages(path))
        exact = outcome.agreed / max(1, outcome.expected)
        precise = outcome.agreed / max(1, outcome.found)
        print(
            f"{path.stem}: {outcome.passages} passages, {outcome.right} wholly right"
            f" ({outcome.right / max(1, outcome.passages):.3f}); of {outcome.expected} statements"
            f" speaker and words right {exact:.3f}, words right"
            f" {outcome.words / max(1, outcome.expected):.3f}; of {outcome.found} found right"
            f" {precise:.3f}; of {outcome.terms} terms, titles and names in quotes taken"
            f" {outcome.taken / max(1, outcome.terms):.3f}"
        )
        if "-v" in arguments:
            for name, (missing, extra) in outcome.wrong.items():
                print(f"  {name}")
                for sign, statements in (("-", missing), ("+", extra)):
                    for direct, speaker, words in statements:
                        print(f"    {sign} {'=' if direct else '~'} {speaker} | {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
