"""Makes the table of how common English stems are: ``python -m tests.generate_commonness``.

`scraper/stories/commonness.tsv` comes from the package `wordfreq` (data CC BY-SA 4.0), which is
needed for this alone: ``pip install wordfreq``.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from scraper.stories.words import stem

TABLE = Path(__file__).resolve().parent.parent / "scraper" / "stories" / "commonness.tsv"
_WORDS, _STEMS = 40_000, 12_000
_HEAD = """\
# How common English stems are: Zipf value (log10 of uses per thousand million words), times ten.
# From wordfreq 3.1 (Robyn Speer), CC BY-SA 4.0; made by tests/generate_commonness.py.
"""


def main() -> None:
    """Write the table."""
    from wordfreq import top_n_list, word_frequency

    uses: Counter[str] = Counter()
    for word in top_n_list("en", _WORDS):
        if word.isascii() and word.isalpha():
            uses[stem(word.lower())] += word_frequency(word, "en")
    lines = [
        f"{root}\t{round(10 * (math.log10(use) + 9))}\n"
        for root, use in sorted(uses.most_common(_STEMS))
    ]
    TABLE.write_text(_HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
