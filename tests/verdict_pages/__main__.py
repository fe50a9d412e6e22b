"""Measure the verdict: `python -m tests.verdict_pages` prints what each set is taken for.

The gold pages are counted too where they are at hand.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

from scraper.text.encoding import decode_page
from scraper.verdict import judge_page
from tests.verdict_pages.frames import judge, load

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold"
SETS = ("known", "generalised", "held_out", "articles", "articles_held_out")


def main() -> None:
    """Print the figures and the confusion table."""
    table: Counter[tuple[str, str]] = Counter()
    for name in SETS:
        cases = load(f"{name}.toml")
        right = caught = 0
        for case in cases:
            kind = judge(case).kind
            right += kind in case.kinds
            caught += kind != "article"
            # Where several kinds are right the one that was said counts.
            table[kind if kind in case.kinds else case.kinds[0], kind] += 1
        print(f"{name:18} {len(cases):4} pages, {caught:4} refused, {right:4} rightly named")
    wanted, said = (sorted({pair[at] for pair in table}) for at in (0, 1))
    print("\n" + " " * 13 + "".join(f"{kind[:9]:>10}" for kind in said))
    for kind in wanted:
        print(f"{kind:13}" + "".join(f"{table[kind, one] or '·':>10}" for one in said))
    refused = total = 0
    for path in sorted(GOLD.glob("*/gold.jsonl")):
        for line in path.read_bytes().splitlines():
            page = json.loads(line)
            body = gzip.decompress((path.parent / page["file"]).read_bytes())
            url = page.get("url") or "https://news.example/2025/11/20/story-81234.html"
            verdict = judge_page(
                status=200, url=url, final_url=url, headers={"content-type": "text/html"},
                html=decode_page(body, {}).text, title=page.get("title") or "", text=page["text"],
            )  # fmt: skip
            total += 1
            if not verdict.is_article:
                refused += 1
                print(
                    f"refused: {path.parent.name} {page['id']}: {verdict.kind} {verdict.evidence}"
                )
    print(f"gold: {refused} of {total} refused")


if __name__ == "__main__":
    main()
