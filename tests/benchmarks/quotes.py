"""CPU time of reading quotes: our passages against judging them, and texts made to cost much.

    python -m tests.benchmarks.quotes

A text of twice the length must cost about twice as much, whatever it is made of: the last column
is that ratio for each kind of hostile text.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from scraper.quotes import find_quotes
from scraper.topics import judge
from scraper.topics.lexicon import default_lexicon
from tests.quotes import FILES, read_passages

_ROUNDS = 5
_SIZE = 50_000

HOSTILE = {
    "opening marks": "“",
    "opening marks, a line each": "“\n",
    "marks of four kinds": "“「『‘",
    "straight marks": '"',
    "single marks": "‘a 's ",
    "titles": "A chief ",
    "verbs": "said ",
    "verbs in Chinese": "说",
    "subjects in Chinese": "，李明说",
    "titles in Chinese": "总裁",
    "quotes": "“a b c d,” x said, ",
    "quotes in Chinese": "“我们不会去的”，说",
    "lines of quotes": "“A b c d.”\n",
    "labels": "李：a？\n王：b。\n",
    "foreign names": "李·王说，我们不会去的。",
    "sources": "x according to A, ",
    "commas": "A, ",
}


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
    lexicon = default_lexicon()
    for language in ("en", "zh"):
        passages = [p for path in FILES for p in read_passages(path) if p.name[:2] == language]
        text = "\n".join(passage.text for passage in passages)
        whole = cpu_ms(lambda text=text: find_quotes(text))  # type: ignore[misc]
        judged = cpu_ms(lambda text=text: judge("", text, lexicon))  # type: ignore[misc]
        print(
            f"{language}: {len(text):,} characters, nothing but quotes: {whole:.1f} ms,"
            f" {whole / judged:.1f} times judging them"
        )
    for name, part in HOSTILE.items():
        once = (part * (_SIZE // len(part)))[:_SIZE]
        short = cpu_ms(lambda text=once: find_quotes(text))  # type: ignore[misc]
        long = cpu_ms(lambda text=once * 2: find_quotes(text))  # type: ignore[misc]
        print(f"{name}: {long:.0f} ms for {2 * _SIZE:,} characters, {long / short:.1f} times half")


if __name__ == "__main__":
    main()
