"""CPU time of judging an article: topic, entities and quantities of 10 KB of text.

    python -m tests.benchmarks.topics

The texts are the shipped newsroom's stories, joined to 10 KB of UTF-8: dense in names and figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from scraper.demo.stories import read_stories
from scraper.text.chinese import fold
from scraper.topics import judge
from scraper.topics.lexicon import default_lexicon

_SIZE = 10_000
_ROUNDS = 200


def text_of(outlets: tuple[str, ...]) -> str:
    """Return 10 KB of the newsroom's stories of some outlets."""
    whole = "\n".join(s.body for s in read_stories() if s.outlet in outlets)
    return (whole.encode() * 3)[:_SIZE].decode(errors="ignore")


def cpu_ms(call: Callable[[], object]) -> float:
    """Return the best CPU time of a call, in milliseconds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.process_time_ns()
        call()
        best = min(best, time.process_time_ns() - start)
    return best / 1e6


def main() -> None:
    """Measure and print."""
    start = time.process_time()
    lexicon = default_lexicon()
    print(f"reading the lexicon: {(time.process_time() - start) * 1000:.0f} ms, once")
    for label, outlets in (("English", ("ledger", "digest", "notes", "answers")),
                           ("Chinese", ("chenguang", "daoyu", "nanan"))):  # fmt: skip
        text = text_of(outlets)
        judged = judge("", text, lexicon)
        whole = cpu_ms(lambda text=text: judge("", text, lexicon))  # type: ignore[misc]
        folding = cpu_ms(lambda text=text: fold(text))  # type: ignore[misc]
        print(
            f"{label}: {len(text.encode()):,} bytes, {len(judged.mentions)} entities,"
            f" {len(judged.quantities)} quantities: {whole:.2f} ms (folding alone {folding:.2f} ms)"
        )


if __name__ == "__main__":
    main()
