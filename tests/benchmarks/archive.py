"""Speed and size of the archive: ``python -m tests.benchmarks.archive [--articles N]``.

Makes articles of the lengths of real pages, on sites of some pages each whose frame is their own,
and puts them through the whole transaction; then refetches, edits, history and `doctor`. Sizes are
compared with a gzipped WARC of the same pages.
"""

from __future__ import annotations

import argparse
import gzip
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.archive import Archive
from scraper.judge import edits
from scraper.models import Article, Attempt, Link, Page, Removed, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 50
PAGES_A_SITE = 25
# After 247 real pages: 30 to 60 KB gzipped, of which the site's other pages share about half;
# 5,000 characters of text, less in Chinese. The rest is identifiers, addresses, related links.
FRAME_BLOCKS, SITE_NOISE, PAGE_NOISE, TEXT_CHARACTERS = 300, 26_000, 16_000, 5_000


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    count = parser.parse_args().articles
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, Archive(folder, edits=edits) as archive:
        warc = spent = 0.0
        for first in range(0, count, BATCH):
            attempts = [attempt(n, chance) for n in range(first, min(count, first + BATCH))]
            warc += sum(len(gzip.compress(a.page.body, 6)) + 400 for a in attempts if a.page)
            spent += cpu(lambda batch=attempts: archive.record_all(batch))
        report("articles a second of CPU, batches of 50", f"{count / spent:.0f}")
        archive.tidy(above=0)
        size = sum(path.stat().st_size for path in Path(folder).glob("*.db"))
        report("bytes an article", f"{size / count:.0f}")
        report("share of a gzipped WARC", f"{size / warc:.0%}")
        again = attempts
        at = START + timedelta(hours=1)
        spent = cpu(lambda: [archive.record(changed(a, at, "")) for a in again])
        report("ms of CPU for an unchanged refetch", f"{1000 * spent / len(again):.2f}")
        archive.tidy(above=0)
        before = used(archive)
        edited = [changed(a, at + timedelta(hours=1), " One more sentence, 42.") for a in again]
        archive.record_all(edited)
        report(
            "bytes for a refetch with a small edit", f"{(used(archive) - before) / len(again):.0f}"
        )
        spent = cpu(lambda: [archive.versions(a.link.url) for a in again])
        report("ms to list a history", f"{1000 * spent / len(again):.2f}")
        spent = cpu(lambda: [archive.version(a.link.url, 1) for a in again])
        report("ms to open a former version", f"{1000 * spent / len(again):.2f}")
        spent = cpu(lambda: archive.doctor())
        report("ms of doctor an article", f"{1000 * spent / count:.2f}")


def report(what: str, value: str) -> None:
    print(f"{what:45} {value:>12}")


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def used(archive: Archive) -> int:
    """Bytes in use in both files, free pages left out."""
    total = 0
    for store in (archive._store, archive._bodies_store):
        pages, free, size = (
            store.connection.execute(f"pragma {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        total += (pages - free) * size
    return total


def words(chance: random.Random, characters: int, *, chinese: bool) -> str:
    """Text with the repetition of prose: common words often, rare ones seldom (Zipf)."""
    stock = _CHINESE if chinese else _ENGLISH
    picked, length = [], 0
    while length < characters:
        word = stock[min(int(chance.paretovariate(0.6)), len(stock)) - 1]
        picked.append(word)
        length += len(word) + (not chinese)
    sentences = ["".join(part) if chinese else " ".join(part) for part in _chunks(picked, 14)]
    return "\n".join(("。" if chinese else ". ").join(part) for part in _chunks(sentences, 4))


def _chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[i : i + size] for i in range(0, len(items), size)]


_letters = random.Random(1)
_ENGLISH = [
    "".join(_letters.choices("etaoinshrdlucmfwypvbgk", k=_letters.randint(2, 10)))
    for _ in range(20_000)
]
_CHINESE = [
    "".join(chr(0x4E00 + _letters.randrange(3500)) for _ in range(_letters.choice((1, 2, 2, 3))))
    for _ in range(20_000)
]


def attempt(n: int, chance: random.Random) -> Attempt:
    site = n // PAGES_A_SITE
    chinese = site % 3 == 0
    frame = random.Random(site)
    blocks = [words(frame, 60, chinese=chinese) for _ in range(FRAME_BLOCKS)]
    related = [words(chance, 30, chinese=chinese) for _ in range(40)]
    length = int(chance.lognormvariate(0, 0.8) * TEXT_CHARACTERS) // (3 if chinese else 1) + 200
    text = words(chance, length, chinese=chinese)
    title = words(chance, 30, chinese=chinese).replace("\n", " ")
    url = f"https://site{site}.example/{n}"
    markup = "".join(
        f'<div class="b{i} c-{i * 37 % 91}"><a href="/{i}">{b}</a></div>'
        for i, b in enumerate(blocks)
    )
    lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    more = "".join(f'<li><a href="/{chance.randrange(10**6)}">{r}</a></li>' for r in related)
    scripts = frame.randbytes(SITE_NOISE // 2).hex()
    state = chance.randbytes(PAGE_NOISE // 2).hex()
    body = (
        f"<html><title>{title}</title><script>{scripts}</script>{markup}"
        f"<article>{lines}</article><ul>{more}</ul><script>{state}</script>"
    )
    removed = [
        Removed(position=i, rule="classifier", place="body > div > a", text=block)
        for i, block in enumerate(blocks[:100] + related)
    ]
    return Attempt(
        link=Link(url=url),
        at=START,
        page=Page(
            url=url, final_url=url, status=200, headers={}, body=body.encode(), fetched_at=START
        ),
        verdict=Verdict(kind="article"),
        article=Article(
            url=url, title=title, text=text, markdown=text, removed=tuple(removed), extractor="1"
        ),
    )


def changed(attempt: Attempt, at: datetime, addition: str) -> Attempt:
    """The same page fetched later, with a sentence more at its end or none."""
    page, article = attempt.page, attempt.article
    assert page is not None and article is not None
    text = article.text + addition
    body = page.body.replace(b"</article>", f"{addition}</article>".encode())
    return Attempt(
        link=attempt.link,
        at=at,
        page=Page(
            url=page.url, final_url=page.url, status=200, headers={}, body=body, fetched_at=at
        ),
        verdict=attempt.verdict,
        article=Article(
            url=page.url,
            title=article.title,
            text=text,
            markdown=text,
            removed=article.removed,
            extractor="1",
        ),
    )


if __name__ == "__main__":
    main()
