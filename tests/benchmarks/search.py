"""Speed and size of search: ``python -m tests.benchmarks.search [--articles N]``.

Makes an archive by `tests.benchmarks.corpus`, or takes one (``--archive``). Queries are words of
its articles: common, usual and rare ones of one to eight characters, phrases, prefixes, conditions,
exclusions, each once before it is measured. Then articles are added in batches, and on some of the
same articles the index is compared with FTS5's own tokenizers, unicode61 and trigram. Last, texts
are looked up that share passages with new articles and with reprints of former ones; for that the
table of signatures is filled, where it is empty: it stays in the archive.
"""

from __future__ import annotations

import argparse
import gc
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

from scraper.archive import Archive
from scraper.archive.story_passes import sharing_passages
from scraper.search.match import match_of
from scraper.search.occurrences import holds
from scraper.search.query import Term
from scraper.search.terms import row_terms
from scraper.stories.signatures import overlap, passages, shingles, sign
from scraper.text.chinese import fold
from tests.benchmarks.corpus import fill, make_article

SAMPLE, QUERIES_EACH = 2_000, 12
ADDED, BATCH = 2_000, 25
COMPARED = 20_000
# Texts that are looked up, and articles whose signatures are written at a time.
LOOKED_UP, SIGNED = 200, 40_000
_TOKENIZER = "ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"


def queries(total: int, chance: random.Random) -> dict[str, list[str]]:
    """Return queries by kind, drawn from the articles of an archive of so many."""
    counts: Counter[str] = Counter()
    texts = [make_article(chance.randrange(total), total).text for _ in range(SAMPLE)]
    for text in texts:
        counts.update(set(row_terms("", text)[1].split()))
    plain = [(term, n) for term, n in counts.most_common() if term.isalnum()]
    han = [(term, n) for term, n in plain if "\u4e00" <= term[0] <= "\u9fff" and len(term) == 2]
    words = [(term, n) for term, n in plain if term.isascii() and term.isalpha() and len(term) > 1]
    single = [term for term, _ in plain if len(term) == 1 and "\u4e00" <= term <= "\u9fff"]

    def band(terms: Sequence[tuple[str, int]], start: float, end: float) -> list[str]:
        some = [term for term, _ in terms[int(len(terms) * start) : int(len(terms) * end)]]
        return chance.sample(some, min(QUERIES_EACH, len(some)))

    def cut(length: int) -> str:
        while True:
            line = chance.choice(chance.choice(texts).split("\n"))
            start = chance.randrange(max(1, len(line) - length))
            piece = line[start : start + length]
            if len(piece) == length and all("\u4e00" <= char <= "\u9fff" for char in piece):
                return piece

    def phrase() -> str:
        while True:
            line = chance.choice(chance.choice(texts).split("\n")).split()
            if len(line) > 5 and line[0].isascii():
                start = chance.randrange(len(line) - 3)
                return f'"{" ".join(line[start : start + 3])}"'.replace("(", "").replace(")", "")

    common, usual = band(words, 0, 0.01), band(words, 0.05, 0.3)
    return {
        "the commonest words": [term for term, _ in words[:QUERIES_EACH]],
        "the commonest pairs": [term for term, _ in han[:QUERIES_EACH]],
        "single characters": single[:QUERIES_EACH],
        "common words": common,
        "usual words": usual,
        "rare words": band(words, 0.7, 1),
        "common pairs": band(han, 0, 0.02),
        "usual pairs": band(han, 0.05, 0.3),
        "rare pairs": band(han, 0.7, 1),
        "3 to 8 characters": [cut(chance.randint(3, 8)) for _ in range(QUERIES_EACH)],
        "English phrases": [phrase() for _ in range(QUERIES_EACH)],
        "two common words": [f"{a} {b}" for a, b in zip(common, reversed(common), strict=True)],
        "either of two": [f"{a} OR {b}" for a, b in zip(common, usual, strict=False)],
        "one without another": [f"{a} -{b}" for a, b in zip(common, usual, strict=False)],
        "prefixes": [f"{word[:size]}*" for size in (1, 2, 3, 4) for word in usual[:3]],
        "of an outlet": [f'{a} outlet:"outlet {n}"' for n, a in enumerate(common)],
        "of a month": [f"{a} since:2026-03 until:2026-03" for a in common],
        "of a language": [f"{a} lang:en" for a in common],
        "with a name": [f'{a} entity:"model {n}"' for n, a in enumerate(common)],
        "by an author": [f'{a} author:"author {n}"' for n, a in enumerate(common)],
    }


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU time of some work in milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of some values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def search_times(folder: Path, total: int) -> None:
    """Print how long queries take, by kind and order."""
    kinds = queries(total, random.Random(5))
    # No search has the sentences that articles are made of in memory: Python's cyclic collector
    # would walk through them, for a tenth of a second in the midst of a query.
    gc.freeze()
    with Archive(folder, create=False, readonly=True) as archive:
        for order in ("relevance", "date", "fresh"):
            every: list[tuple[float, float, str]] = []
            print(f"\nfirst 20 by {order}, ms: CPU p50, p95, most; wall p50, p95, most")
            for kind, typed in kinds.items():
                times = []
                for one in typed:
                    archive.search_page(one, order=order)
                    wall, cpu = timed(partial(archive.search_page, one, order=order))
                    times.append((cpu, wall, one))
                every += times
                print(f"  {kind:22} {line(times)}")
            print(f"  {'all':22} {line(every)}")
            slowest = sorted(every, reverse=True)[:5]
            print("  slowest: " + "; ".join(f"{one} {cpu:.0f}" for cpu, _, one in slowest))
        times = []
        for one in kinds["the commonest words"] + kinds["common pairs"] + kinds["usual words"]:
            wall, cpu = timed(partial(archive.facets, one))
            times.append((cpu, wall, one))
        print(f"\ncounts by outlet, language, month, name\n  {'all':22} {line(times)}")


def line(times: Sequence[tuple[float, float, str]]) -> str:
    """Return quantiles of CPU and wall times as text."""
    out = []
    for values in ([cpu for cpu, _, _ in times], [wall for _, wall, _ in times]):
        out.append(
            f"{statistics.median(values):7.1f} {quantile(values, 0.95):7.1f} {max(values):7.1f}"
        )
    return "  ".join(out)


def adding(folder: Path, total: int) -> None:
    """Print what it costs to add an article to the index of an archive, which is left as it was."""
    articles = [make_article(total + number, total) for number in range(ADDED)]
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        cpu = 0.0
        connection.execute("begin immediate")
        for start in range(0, ADDED, BATCH):
            began = time.process_time()
            connection.execute("savepoint batch")
            connection.executemany(
                "insert into articles_fts (rowid, title, text) values (?, ?, ?)",
                [
                    (total + start + n + 1, *row_terms(one.title, one.text, one.authors[0]))
                    for n, one in enumerate(articles[start : start + BATCH])
                ],
            )
            # What a commit does for the index: its terms go from memory to a part of their own.
            connection.execute("release batch")
            connection.execute("select 1 from articles_fts where articles_fts match 'a'").fetchone()
            cpu += time.process_time() - began
        connection.execute("rollback")
    print(f"\nadding to the index in batches of {BATCH}: {1000 * cpu / ADDED:.2f} ms of CPU each")
    sizes = _sizes(folder)
    print(f"index {sizes[1] / 1e6:,.0f} MB, {sizes[1] / sizes[0]:.2f} of the text")


def near_duplicates(folder: Path, total: int) -> None:
    """Print how long it takes to find the texts that share passages with one."""
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        _sign_all(connection, total)
        chance = random.Random(8)
        probes = {
            "new articles": [(0, make_article(total + n, total).text) for n in range(LOOKED_UP)]
        }
        reprints = []
        for _ in range(LOOKED_UP):
            number = chance.randrange(total)
            lines = make_article(number, total).text.split("\n")
            # Editors cut from the end.
            reprints.append((number + 1, "\n".join(lines[: max(1, 2 * len(lines) // 3)])))
        probes["reprints, a third cut"] = reprints
        print("\nnear duplicates, ms: CPU p50, p95, most; wall p50, p95, most")
        for kind, texts in probes.items():
            index, whole, right = [], [], 0
            for original, text in texts:
                near, *found = _looked_up(connection, text)
                index.append((found[0][1], found[0][0], text[:20]))
                whole.append((found[1][1], found[1][0], text[:20]))
                right += original in near
            print(f"  {kind:22} {line(index)}")
            print(f"  {'  and verified':22} {line(whole)}")
            if any(original for original, _ in texts):
                print(f"  {'  found':22} {right} of {len(texts)}")


def _looked_up(
    connection: sqlite3.Connection, text: str
) -> tuple[list[int], tuple[float, float], tuple[float, float]]:
    """Return the articles near to a text, and times: of the look-up, and verified as well."""
    keys = sign(shingles(text)).keys
    near: list[int] = []
    index = timed(lambda: near.extend(sharing_passages(connection, keys, but=0)))
    checked = timed(lambda: _verified(connection, text, near))
    return near, index, (index[0] + checked[0], index[1] + checked[1])


def _verified(connection: sqlite3.Connection, text: str, near: Sequence[int]) -> list[float]:
    """Return what a text shares with others, by their passages."""
    own = passages(text)
    rows = connection.execute(
        f"select text from articles where id in ({', '.join('?' * len(near))})", near
    )
    return [overlap(own, passages(other)).containment for (other,) in rows]


def _sign_all(connection: sqlite3.Connection, total: int) -> None:
    """Fill the table of signatures, where it is empty."""
    if connection.execute("select 1 from signature_keys limit 1").fetchone():
        return
    began = time.monotonic()
    with ProcessPoolExecutor(2) as pool:
        for start in range(0, total, SIGNED):
            parts = [
                range(at, min(total, start + SIGNED, at + SIGNED // 8))
                for at in range(start, min(total, start + SIGNED), SIGNED // 8)
            ]
            rows = sorted(
                row for made in pool.map(_signed, parts, [total] * len(parts)) for row in made
            )
            connection.execute("begin")
            connection.executemany(
                "insert into signature_keys (key, article_id) values (?, ?)", rows
            )
            connection.execute("commit")
    print(f"\nsignatures of all articles in {time.monotonic() - began:.0f} s")


def _signed(numbers: range, total: int) -> list[tuple[int, int]]:
    return [
        (key, number + 1)
        for number in numbers
        for key in sign(shingles(make_article(number, total).text)).keys
    ]


def _sizes(folder: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        (text,) = connection.execute(
            "select sum(length(cast(text as blob))) from articles"
        ).fetchone()
        (index,) = connection.execute("select sum(length(block)) from articles_fts_data").fetchone()
        return int(text), int(index)


def compared(total: int) -> None:
    """Print size, time and recall of this index and of FTS5's own tokenizers on the same texts."""
    texts = [make_article(number, total).text for number in range(min(COMPARED, total))]
    size = sum(len(text.encode()) for text in texts)
    folded = [fold(text) for text in texts]
    chance = random.Random(6)
    asked: dict[str, list[str]] = {"2 characters": [], "3 to 8": [], "words": []}
    while min(map(len, asked.values())) < 40:
        text = chance.choice(texts)
        length = chance.randint(2, 8)
        start = chance.randrange(len(text) - length)
        piece = text[start : start + length]
        if all("\u4e00" <= char <= "\u9fff" for char in piece):
            asked["2 characters" if length == 2 else "3 to 8"].append(piece)
        elif (word := chance.choice(text.split()).lower()).isascii() and word.isalpha():
            asked["words"].append(word)
    print(
        f"\n{len(texts):,} articles, {size / 1e6:.0f} MB: size, CPU to build, recall and precision"
    )
    for name, tokenizer, terms in _indexes():
        with closing(sqlite3.connect(":memory:")) as index:
            detail = ", detail=none" if terms else ""
            index.execute(
                f'create virtual table t using fts5 (x, y, content=""{detail},'
                f' tokenize="{tokenizer}")'
            )
            began = time.process_time()
            index.executemany(
                "insert into t (rowid, x, y) values (?, ?, ?)",
                (
                    (number, *(row_terms("", text) if terms else ("", text)))
                    for number, text in enumerate(texts)
                ),
            )
            index.execute("insert into t (t) values ('optimize')")
            cpu = time.process_time() - began
            (held,) = index.execute("select sum(length(block)) from t_data").fetchone()
            print(
                f"  {name:10} {held / size:.2f} of the text, {1000 * cpu / len(texts):.2f} ms each"
            )
            for kind, pieces in asked.items():
                print(f"    {kind:14} {_quality(index, pieces, texts, folded, ours=terms)}")


def _indexes() -> Iterator[tuple[str, str, bool]]:
    yield "this index", _TOKENIZER, True
    yield "unicode61", "unicode61", False
    yield "trigram", "trigram", False


def _quality(
    index: sqlite3.Connection,
    pieces: Sequence[str],
    texts: Sequence[str],
    folded: Sequence[str],
    *,
    ours: bool,
) -> str:
    """Return recall and precision of an index against brute force over folded text."""
    right = true = got = 0
    for piece in pieces:
        wanted = fold(piece)
        holding = {
            n
            for n, text in enumerate(folded)
            if wanted in text and (not wanted.isascii() or holds(Term(text=piece), "", texts[n]))
        }
        expression = match_of(Term(text=piece)).expression if ours else f'"{piece}"'
        found = {
            row[0] for row in index.execute("select rowid from t where t match ?", [expression])
        }
        if ours:
            found = {n for n in found if holds(Term(text=piece), "", texts[n])}
        right, true, got = right + len(found & holding), true + len(holding), got + len(found)
    return f"recall {right / max(1, true):.3f}, precision {right / max(1, got):.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--archive", type=Path, help="one that tests.benchmarks.corpus made")
    options = parser.parse_args(arguments)
    folder = options.archive or Path(tempfile.mkdtemp(prefix="search-"))
    try:
        if options.archive is None:
            fill(folder, options.articles)
        with Archive(folder, create=False) as archive:
            total = _total(archive)
        print(f"{total:,} articles")
        search_times(folder, total)
        adding(folder, total)
        compared(total)
        near_duplicates(folder, total)
    finally:
        if options.archive is None:
            shutil.rmtree(folder)


def _total(archive: Archive) -> int:
    with closing(sqlite3.connect(archive.folder / "archive.db")) as connection:
        return int(connection.execute("select max(id) from articles").fetchone()[0])


if __name__ == "__main__":
    main()
