"""Prints how near our Markdown comes to that written by hand.

python -m tests.structure               a line for each page, and the mean
python -m tests.structure NAME…         the differences of some pages
"""

from __future__ import annotations

import difflib
import sys

from tests.structure import page_names, score_page


def main(names: list[str]) -> int:
    """Print scores, and the differences of the pages that are named; return the exit status."""
    unknown = sorted(set(names) - set(page_names()))
    if unknown:
        print(f"no such page: {', '.join(unknown)}; see tests/structure/pages", file=sys.stderr)
        return 2
    scores = [score_page(name) for name in names or page_names()]
    for score in scores:
        print(f"{score.whole:.3f}  {score.parts:.3f}  {score.name}")
        if names:
            lines = (score.expected.split("\n"), score.ours.split("\n"))
            print("\n".join(difflib.unified_diff(*lines, "expected", "ours", lineterm="", n=1)))
    whole, parts = ([getattr(s, of) for s in scores] for of in ("whole", "parts"))
    print(f"{sum(whole) / len(whole):.4f}  {sum(parts) / len(parts):.4f}  mean of {len(scores)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
