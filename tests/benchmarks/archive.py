"""Speed and size of the archive: ``python -m tests.benchmarks.archive [--articles N]``.

Makes articles of the lengths of real pages (of ``../shared``, where it is there), on sites of 25
pages each whose frame is their own, and puts them through the whole transaction in batches as
``import`` does, with what workers compute of them at hand; then refetches, edits, history and
`doctor`. Sizes are compared with a gzipped WARC of the same pages, text, index and all included.
All times are CPU times of this process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from scraper.archive import Archive
from scraper.archive.bodies import BodyStore
from scraper.archive.database import DatabaseFile
from scraper.archive.preparation import BodyPacker, prepare_article
from scraper.archive.schema import BODIES, BODIES_ID
from scraper.archive.search_index import merge
from scraper.models import Article, Attempt, Link, Page, RemovedBlock, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH, CHUNK = 25, 16
PAGES_A_SITE = 25
# Blocks that all pages of a site share, and what gzip makes of them.
FRAME_BLOCKS, FRAME_PACKED = 300, 14_000
SITES_AT_ONCE = 8
SHARED = Path(__file__).resolve().parents[3] / "shared"
# ArchiveBox, README, "Disk space": 1 to 50 GB for 1,000 pages.
ARCHIVEBOX = (1_000_000, 50_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long a page is: gzipped, its text in characters, and whether that is Chinese."""

    packed: int
    text: int
    chinese: bool


# The medians of those pages, where they are not there: English and Chinese.
USUAL = (
    Lengths(packed=50_387, text=4_734, chinese=False),
    Lengths(packed=34_930, text=1_184, chinese=True),
)


def lengths(kinds: tuple[str, ...] = ("news", "zh")) -> tuple[Lengths, ...]:
    """Return the lengths of the real news pages, or the usual ones."""
    found = []
    for kind in kinds:
        folder = SHARED / "gold" / kind
        if not folder.exists():
            return USUAL
        for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            path = folder / "pages" / f"{entry['id'].replace('/', '-')}.html.gz"
            if path.exists():
                body = gzip.decompress(path.read_bytes())
                packed = len(gzip.compress(body, 6))
                chinese = kind == "zh"
                found.append(Lengths(packed=packed, text=len(entry["text"]), chinese=chinese))
    return tuple(found) or USUAL


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    count = parser.parse_args().articles
    chance = random.Random(7)
    real = lengths()
    print(f"{count} articles; load {os.getloadavg()[0]:.1f}; lengths of {len(real)} pages")
    attempts: list[Attempt] = []
    with tempfile.TemporaryDirectory() as folder, Archive(folder) as archive:
        warc = spent = 0.0
        # Loads what is loaded once: the list of public suffixes, the folding of characters.
        archive.record(attempt(10**9, chance, real))
        for first in range(0, count, BATCH):
            numbers = range(first, min(count, first + BATCH))
            attempts = [attempt(number(n), chance, real) for n in numbers]
            warc += sum(len(gzip.compress(a.page.body, 6)) + 400 for a in attempts if a.page)
            attempts = by_workers(archive, attempts)
            spent += cpu(partial(archive.record_all, attempts))
        report("articles a second, in batches of 25", f"{count / spent:.0f}", "at least 500")
        archive.tidy(above=0)
        size = used(archive)
        report("bytes an article, all included", f"{size / count:.0f}")
        report("bytes an article in one gzipped WARC", f"{warc / count:.0f}")
        report("share of that WARC", f"{size / warc:.0%}", "at most 65%")
        least, most = (size / count / each for each in ARCHIVEBOX)
        report("share of ArchiveBox's 1 to 50 MB a page", f"{most:.2%} to {least:.1%}")
        at = START + timedelta(hours=1)
        spent = cpu(lambda: archive.record_all([changed(a, at, "") for a in attempts]))
        report("ms for an unchanged refetch", f"{1000 * spent / len(attempts):.2f}", "under 0.5")
        spent = cpu(lambda: [archive.record(changed(a, at, "")) for a in attempts])
        report("  in a transaction of its own", f"{1000 * spent / len(attempts):.2f}")
        merge_index(archive)
        least = used(archive)
        archive.tidy(above=0)
        before = used(archive)
        edited = [changed(a, at + timedelta(hours=1), " One more sentence, 42.") for a in attempts]
        archive.record_all(edited)
        archive.tidy(above=0)
        grown = (used(archive) - before) / len(attempts)
        report("bytes for a refetch with a small edit", f"{grown:.0f}")
        merge_index(archive)
        merged = (used(archive) - least) / len(attempts)
        report("  once the index is merged", f"{merged:.0f}", "under 1,500")
        spent = cpu(lambda: [archive.versions(a.link.url) for a in attempts])
        report("ms to list a history", f"{1000 * spent / len(attempts):.2f}", "under 5")
        spent = cpu(lambda: [archive.version(a.link.url, 1) for a in attempts])
        report("ms to open a former version", f"{1000 * spent / len(attempts):.2f}")
        spent = cpu(lambda: archive.doctor())
        report("ms of doctor an article", f"{1000 * spent / count:.2f}", "under 1.2")
    one_site()


def by_workers(archive: Archive, attempts: list[Attempt]) -> list[Attempt]:
    """Return attempts with what workers compute of them, in chunks, before they are written."""
    made = []
    for first in range(0, len(attempts), CHUNK):
        chunk = attempts[first : first + CHUNK]
        packer = BodyPacker(archive.folder / "bodies.db")
        terms = archive.packing([one.page for one in chunk if one.page is not None])
        for one, term in zip(chunk, terms, strict=True):
            assert one.page is not None and one.article is not None
            body = one.page.body
            prepared = prepare_article(one.article, body)
            made.append(replace(one, prepared=prepared, packed=packer.pack(body, term)))
    return made


def one_site() -> None:
    """Write the real pages of the one site of which there are ten: what bodies alone take."""
    pages = [
        gzip.decompress(path.read_bytes())
        for path in sorted((SHARED / "gold" / "zh" / "pages").glob("163-*.html.gz"))
    ]
    if not pages:
        return
    with tempfile.TemporaryDirectory() as folder:
        store = DatabaseFile(Path(folder) / "bodies.db", BODIES, BODIES_ID)
        bodies = BodyStore(store)
        with store.transaction() as connection:
            for n, page in enumerate(pages):
                bodies.put(page, site="site.example", address=str(n), at=START)
            (stored,) = connection.execute("select sum(length(data)) from bodies").fetchone()
        store.close()
    packed = sum(len(gzip.compress(page, 6)) for page in pages)
    report(f"bodies of {len(pages)} real pages of one site, of gzip", f"{stored / packed:.0%}")


def number(n: int) -> int:
    """Return which page comes as the nth: those of some sites come in turns."""
    block, place = divmod(n, SITES_AT_ONCE * PAGES_A_SITE)
    turn, site = divmod(place, SITES_AT_ONCE)
    return (block * SITES_AT_ONCE + site) * PAGES_A_SITE + turn


def report(what: str, value: str, target: str = "") -> None:
    """Print one line of the table."""
    print(f"{what:48} {value:>16}   {target}", flush=True)


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def merge_index(archive: Archive) -> None:
    """Merge the search index as a whole, as `scraper vacuum` does."""
    with archive._store.transaction() as connection:
        merge(connection, whole=True)


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


def attempt(n: int, chance: random.Random, real: tuple[Lengths, ...]) -> Attempt:
    """Make a page of the length of a real one; about half of it is its site's (STORAGE, 4)."""
    site = n // PAGES_A_SITE
    frame = random.Random(site)
    like = real[frame.randrange(len(real))]
    chinese = like.chinese
    blocks = [words(frame, 60, chinese=chinese) for _ in range(FRAME_BLOCKS)]
    related = [words(chance, 30, chinese=chinese) for _ in range(40)]
    text = words(chance, like.text, chinese=chinese)
    # Gzip makes half of hexadecimal digits; blocks, text and links take some 20 bytes and a third.
    rest = max(0, like.packed - FRAME_PACKED - int(like.text * (1.5 if chinese else 0.5)))
    title = words(chance, 30, chinese=chinese).replace("\n", " ")
    url = f"https://site{site}.example/{n}"
    markup = "".join(
        f'<div class="b{i} c-{i * 37 % 91}"><a href="/{i}">{b}</a></div>'
        for i, b in enumerate(blocks)
    )
    lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    more = "".join(f'<li><a href="/{chance.randrange(10**6)}">{r}</a></li>' for r in related)
    scripts = frame.randbytes(max(0, like.packed // 2 - FRAME_PACKED)).hex()
    state = chance.randbytes(min(rest, like.packed // 2)).hex()
    body = (
        f"<html><title>{title}</title><script>{scripts}</script>{markup}"
        f"<article>{lines}</article><ul>{more}</ul><script>{state}</script>"
    )
    removed = [
        RemovedBlock(position=i, rule="classifier", place="body > div > a", text=block)
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
