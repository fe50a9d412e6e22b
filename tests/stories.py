"""Groups the articles of a file: `python -m tests.stories SET.jsonl.gz OUT.json [--without-model]`.

The file has an article a line: id, title, text, lang, date. They are grouped in the order of their
dates, a batch at a time, as the daemon does, and OUT.json maps each id to the number of its story.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime

from scraper.stories.embedding import has_model
from scraper.stories.features import StoryFeatures
from scraper.stories.incremental import (
    WINDOW,
    Comparison,
    PendingArticle,
    compare,
    describe,
    group_pairs,
    most_candidates,
    read_texts,
)
from scraper.stories.rarity import Rarity

_BATCH = 200


class CandidateIndex:
    """Articles by their rarest terms, in memory: the archive has the same in a table."""

    def __init__(self) -> None:
        self._by_term: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, number: int, features: StoryFeatures) -> None:
        """Let an article be found."""
        for term in features.keys:
            self._by_term[term].append(number)

    def find(self, features: StoryFeatures) -> list[int]:
        """Return the articles that share the most of an article's rarest terms."""
        found: Counter[int] = Counter()
        for term, rarity in features.keys.items():
            for other in self._by_term.get(term, ()):
                found[other] += rarity  # type: ignore[assignment]
        return [number for number, _ in found.most_common(most_candidates(features))]


def main() -> None:
    """Group and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", metavar="SET.jsonl.gz")
    parser.add_argument("out", metavar="OUT.json")
    parser.add_argument("--without-model", action="store_true")
    options = parser.parse_args()
    embeddings = not options.without_model
    if embeddings and not has_model():
        sys.exit("the model is not installed: pip install 'scraper[stories]', or --without-model")
    with gzip.open(options.set, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: row.get("date") or "")
    began = time.process_time()
    rarity, index = Rarity(), CandidateIndex()
    features: dict[int, StoryFeatures] = {}
    found: list[Comparison] = []
    for start in range(0, len(rows), _BATCH):
        batch = []
        part = rows[start : start + _BATCH]
        texts = [(row["title"], row.get("text") or "") for row in part]
        readings = read_texts(texts, embeddings=embeddings)
        for number, (row, reading) in enumerate(zip(part, readings, strict=True), start):
            at = datetime.fromisoformat(row["date"]) if row.get("date") else None
            if at is not None and at.tzinfo is None:
                at = at.replace(tzinfo=UTC)
            rarity.add(reading.terms.counted())
            batch.append(PendingArticle(id=number, reading=reading, at=at))
        for number, one in describe(batch, rarity).items():
            features[number] = one
            others = {n: features[n] for n in index.find(one) if _near(one, features[n])}
            found += compare(number, one, others, embeddings=embeddings)
            index.add(number, one)
    groups = group_pairs(
        range(len(rows)),
        {c.pair: c.probability for c in found},
        with_text={n for n, f in features.items() if f.has_text},
        vetoed={c.pair for c in found if c.vetoed},
        embeddings=embeddings,
    )
    spent = 1000 * (time.process_time() - began) / max(1, len(rows))
    story_of = {rows[n]["id"]: story for story, members in enumerate(groups) for n in members}
    with open(options.out, "w", encoding="utf-8") as out:  # noqa: PTH123
        json.dump(story_of, out)
    print(f"{len(rows)} articles, {len(groups)} stories, {spent:.1f} ms of CPU an article")


def _near(one: StoryFeatures, other: StoryFeatures) -> bool:
    return one.at is None or other.at is None or abs(one.at - other.at) <= WINDOW


if __name__ == "__main__":
    main()
