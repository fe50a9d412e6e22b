"""Fills an archive in bulk: ``python -m tests.benchmarks.corpus --articles N --into FOLDER``.

Articles are shuffled sentences of real pages (of ``../shared``, where it is there, else of the
project's own), half of them Chinese, a third of those in Traditional characters; 8 to 28 sentences
each. A third of them belong to stories (`corpus_stories`): they copy or report what others do, and
give figures and quotes. Rows are written by SQL, hash chains and index included, as the archive
would: sources, pages, sightings, fetches, records, versions (three in a hundred articles were
edited), the ledger, judgements, names drawn at random, figures, quotes, stories with their pairs
and copies. There are no raw pages, and no terms and signatures by which a new article would find
the stories. The same arguments make the same archive, whatever the number of processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from scraper import extract
from scraper.archive import Archive
from scraper.archive.bodies import compress
from scraper.archive.extractions import dump
from scraper.archive.hash_chain import (
    SEALED_FETCH,
    chain_link,
    change_link,
    entry_link,
    fetch_link,
    record_link,
)
from scraper.archive.search_index import SEGMENTATION, set_memory
from scraper.archive.sql_values import utc_text
from scraper.errors import ExtractError
from scraper.models import Article
from scraper.quotes.speakers import speaker_key
from scraper.search.terms import row_terms
from tests.benchmarks.corpus_stories import (
    ENTITIES,
    OUTLETS,
    Report,
    Statement,
    names_of,
    report_of,
    statement_of,
)

__all__ = ["Sentences", "fill", "make_article", "page_texts", "read_sentences"]

_ROOT = Path(__file__).resolve().parents[2]
SHARED = _ROOT.parent / "shared" / "real"
OWN = _ROOT / "tests" / "pages"
END = datetime(2026, 11, 20, tzinfo=UTC)
YEARS = 3
BATCH, AT_ONCE = 500, 5_000
EDITED, GONE, EDIT_AFTER = 0.03, 0.01, timedelta(hours=5)
_CHINESE = re.compile(r"[^。！？\n]{6,}[。！？]?")
_LATIN = re.compile(r"(?<=[.!?])\s+|\n")
_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of pages, by script."""

    hans: tuple[str, ...]
    hant: tuple[str, ...]
    english: tuple[str, ...]


def page_texts() -> Iterator[str]:
    """Yield the texts of the real pages, or of the project's own."""
    if SHARED.is_dir():
        for name in ("zh-pages.warc.gz", "en-pages.warc.gz"):
            with (SHARED / name).open("rb") as file:
                for record in ArchiveIterator(file):
                    if record.rec_type == "response":
                        url = record.rec_headers.get_header("WARC-Target-URI")
                        yield from _text(record.content_stream().read(), url)
        return
    for page in sorted(OWN.glob("*.html")):
        yield from _text(page.read_bytes(), f"https://pages.example/{page.stem}")


def _text(body: bytes, url: str) -> Iterator[str]:
    try:
        yield extract(body, url).text
    except ExtractError:
        return


@lru_cache(maxsize=1)
def read_sentences() -> Sentences:
    """Return the sentences that articles are made of."""
    chinese: list[str] = []
    english: list[str] = []
    for text in page_texts():
        if re.search(r"[\u4e00-\u9fff]{20}|[\u4e00-\u9fff][，。]", text):
            chinese += [one.strip() for one in _CHINESE.findall(text)]
        else:
            english += [one.strip() for one in _LATIN.split(text) if len(one) > 20]
    import opencc

    simplified, traditional = opencc.OpenCC("t2s"), opencc.OpenCC("s2tw")
    hans = tuple(dict.fromkeys(simplified.convert(one) for one in chinese))
    return Sentences(
        hans=hans,
        hant=tuple(traditional.convert(one) for one in hans),
        english=tuple(dict.fromkeys(english)),
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is drawn for an article, whatever its language: which sentences, by their place."""

    kind: float
    drawn: tuple[int, ...]
    published: datetime
    outlet: int


@lru_cache(maxsize=256)
def _draft(number: int, total: int) -> _Draft:
    chance = random.Random(number)
    known = read_sentences()
    kind = chance.random()
    among = len(known.english if kind < 0.5 else known.hans)
    drawn = tuple(int(among * chance.random()) for _ in range(chance.randint(9, 29)))
    age = timedelta(days=365.25 * YEARS * (1 - (number + 1) / total) + chance.random() * 3)
    return _Draft(
        kind, drawn, (END - age).replace(microsecond=0), int(OUTLETS * chance.random() ** 2)
    )


def make_article(number: int, total: int) -> Article:
    """Return an article: a function of its number and of how many there are."""
    known = read_sentences()
    draft, report = _draft(number, total), report_of(number, total)
    first = draft if report is None else _draft(report.first, total)
    pool, language, script = (
        (known.english, "en", "Latn")
        if draft.kind < 0.5
        else (known.hans, "zh", "Hans")
        if draft.kind < 0.83
        else (known.hant, "zh", "Hant")
    )
    copies = _copies(report, draft, first)
    drawn = [pool[place] for place in (first if copies else draft).drawn]
    joint = " " if language == "en" else ""
    lines = [joint.join(drawn[at : at + 3]) for at in range(1, len(drawn), 3)]
    if copies:
        # Editors cut from the end.
        lines = lines[: max(2, len(lines) - 1)]
    stated = statement_of(number, total, language)
    if stated is not None:
        lines[1] += joint + stated.sentence
        lines[2:2] = [stated.said] if stated.said else []
    published, outlet = draft.published, draft.outlet
    if report is not None and number != report.first:
        published = first.published + timedelta(seconds=round(3600 * report.hours))
        outlet += outlet == first.outlet
    title = re.split("[，,;；:：]", drawn[0])[0][: 90 if language == "en" else 30]
    return Article(
        url=f"https://outlet{outlet}.example/{number // 1000}/{number}",
        title=title.rstrip("。！？.!?"),
        outlet=f"Outlet {outlet}",
        authors=(f"Author {number * 7919 % 2000}",),
        published=published,
        language=language,
        script=script,
        text="\n".join(lines),
        excerpt=drawn[1][:300],
        extractor="corpus",
    )


def _copies(report: Report | None, draft: _Draft, first: _Draft) -> bool:
    """Return whether an article copies the first report: only in the same language."""
    return report is not None and report.copies and (draft.kind < 0.5) == (first.kind < 0.5)


@dataclass(frozen=True, slots=True)
class _Made:
    """What another process makes of an article: its record and the terms of its last version."""

    versions: tuple[tuple[Article, bytes, bytes, str], ...]
    terms: tuple[str, str]
    outlet: int
    entities: tuple[int, ...]
    score: float
    gone: bool
    report: Report | None
    copied: Article | None
    stated: Statement | None


def _make(numbers: range, total: int) -> list[_Made]:
    made = []
    for number in numbers:
        article = make_article(number, total)
        chance = random.Random(-number - 1)
        versions = [article]
        if chance.random() < EDITED:
            first, *rest = article.text.split("\n")
            versions.append(replace(article, text="\n".join([*rest, first[::-1]])))
        last = versions[-1]
        contents = [(one, dump(one)) for one in versions]
        packed = tuple(
            (one, content, compress(content, level=1), sha256(content).hexdigest())
            for one, content in contents
        )
        report = report_of(number, total)
        first = number if report is None else report.first
        copies = _copies(report, _draft(number, total), _draft(first, total))
        made.append(
            _Made(
                packed,
                row_terms(last.title, last.text, last.authors[0]),
                int(article.outlet.split()[1]),
                names_of(number, total),
                round(chance.expovariate(0.1), 2),
                chance.random() < GONE,
                report,
                make_article(first, total) if copies else None,
                statement_of(number, total, article.language),
            )
        )
    return made


class _Writer:
    """Writes rows in the order of their ids.

    Args:
        connection: of a new archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[dict[str, object]]] = {}
        self._fetch = self._record = self._entry = ""
        self._number = {"fetches": 0, "extractions": 0, "versions": 0, "changes": 0, "stories": 0}
        # Stories by their first article.
        self._stories: dict[int, int] = {}

    def add(self, table: str, **row: object) -> int:
        """Add a row; return its number, where the table's are counted here."""
        if table in self._number:
            self._number[table] += 1
            row["id"] = self._number[table]
        self._rows.setdefault(table, []).append(row)
        return int(str(row.get("id", 0)))

    def flush(self) -> None:
        """Write the rows."""
        for table, rows in self._rows.items():
            names = ", ".join(rows[0])
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(
                f"insert into {table} ({names}) values ({marks})",
                [tuple(row.values()) for row in rows],
            )
        self._rows.clear()

    def article(self, page: int, made: _Made) -> None:
        """Add an article with all that hangs on it."""
        article = made.versions[-1][0]
        assert article.published is not None
        seen = article.published + timedelta(minutes=20)
        at = first = utc_text(seen)
        host = article.url.split("/")[2]
        outlet = made.outlet + 1
        self.add(
            "pages", id=page, url=article.url, identity=article.url[8:], host=host,
            outlet_id=outlet, source_id=outlet, first_seen_at=first,
            state="gone" if made.gone else "live", last_fetch_at=first, last_class="ok",
        )  # fmt: skip
        self.add("page_urls", url=article.url, page_id=page, how="seen", first_seen_at=first)
        self.add(
            "sightings", source_id=outlet, page_id=page, title=article.title, position=0,
            first_seen_at=first, last_seen_at=first,
        )  # fmt: skip
        chain, version = "", 0
        for number, (one, content, record, digest) in enumerate(made.versions, 1):
            at = utc_text(seen + (number - 1) * EDIT_AFTER)
            version, chain = self._version(
                page, number, one, content, record, digest, at, chain, outlet
            )
        self.add(
            "articles", id=page, url=article.url, title=article.title, outlet=article.outlet,
            outlet_id=outlet, authors=article.authors[0],
            published_at=utc_text(article.published), published_offset=0,
            language=article.language, script=article.script, excerpt=article.excerpt,
            text=article.text, length=len(article.text), state="gone" if made.gone else "live",
            gone_at=utc_text(seen + 9 * EDIT_AFTER) if made.gone else None, first_seen_at=first,
            updated_at=at, version_id=version, version_count=len(made.versions),
            topic_score=made.score, on_topic=int(made.score >= 10),
        )  # fmt: skip
        self._connection.execute(
            "insert into articles_fts (rowid, title, text) values (?, ?, ?)", [page, *made.terms]
        )
        if made.gone:
            self._ledger("gone", page, version, chain, article, utc_text(seen + 9 * EDIT_AFTER), 3)
        self.add(
            "judgements", version_id=version, page_id=page,
            extraction_id=self._number["extractions"], lexicon="corpus", score=made.score,
            threshold=10.0, on_topic=int(made.score >= 10), evidence="[]", judged_at=at,
        )  # fmt: skip
        for entity in made.entities:
            self.add(
                "mentions", version_id=version, entity_id=entity + 1, page_id=page, count=1,
                in_title=0, place=0, matched="",
            )  # fmt: skip
        stated = made.stated
        self.add(
            "quote_readings", version_id=version, extraction_id=self._number["extractions"],
            reader="corpus", quotes=int(stated is not None and stated.words != ""),
        )  # fmt: skip
        if stated is not None:
            self._statement(page, version, article.text, stated)
        self.add("story_articles", article_id=page, version_id=version,
                 at=utc_text(article.published), has_text=1)  # fmt: skip
        if made.report is not None:
            self._story(page, made, made.report, at)

    def _statement(self, page: int, version: int, text: str, stated: Statement) -> None:
        """Add the figure of an article, and its quote."""
        self.add(
            "quantities", version_id=version, page_id=page, entity_id=stated.name + 1,
            kind=stated.kind, unit=stated.unit, low=stated.value, high=stated.value,
            precision=5e5 if stated.unit == "USD" else 5e8, qualifier="", detail="", link="clause",
            printed=stated.printed, sentence=stated.sentence, in_title=0,
            place=text.find(stated.printed),
        )  # fmt: skip
        if stated.words:
            self.add(
                "quotes", version_id=version, page_id=page, position=text.find(stated.words),
                words=stated.words, speaker=stated.speaker, speaker_key=speaker_key(stated.speaker),
                direct=1,
            )  # fmt: skip

    def _story(self, page: int, made: _Made, report: Report, at: str) -> None:
        """Add an article to its story, which begins with the first."""
        first = report.first + 1
        if page == first:
            self._stories[first] = self.add("stories", created_at=at)
        self.add(
            "story_members", article_id=page, story_id=self._stories[first], joined_at=at,
            nearest_id=report.event.members[1] + 1 if page == first else first, probability=0.9,
        )  # fmt: skip
        if page == first:
            return
        self.add(
            "article_pairs", article_id=first, other_id=page, probability=0.9, vetoed=0,
            measures=json.dumps({"entities": 0.8, "figures": 0.7, "days": 0.9}),
        )  # fmt: skip
        if made.copied is None:
            return
        article = made.versions[-1][0]
        lines, others = article.text.split("\n"), made.copied.text.split("\n")
        # In the other script no line is the same: the copy lacks the last ones.
        script = article.script == made.copied.script
        cut = [one for one in others if one not in lines] if script else others[len(lines) :]
        added = [one for one in lines if one not in others] if script else []
        self.add(
            "article_copies", copy_id=page, original_id=first,
            kind="edited reprint" if script else "other script", containment=0.9, jaccard=0.8,
            credit="", cut=json.dumps(cut, ensure_ascii=False),
            added=json.dumps(added, ensure_ascii=False), cut_count=len(cut),
            added_count=len(added),
        )  # fmt: skip

    def _version(
        self,
        page: int,
        number: int,
        article: Article,
        content: bytes,
        record: bytes,
        digest: str,
        at: str,
        before: str,
        source: int,
    ) -> tuple[int, str]:
        """Add a version with its fetch, its record and its entry in the ledger."""
        text_print = sha256(article.text.encode()).hexdigest()
        last = article.text.rsplit("\n", 1)[-1]
        edit = ('["sentences"]', 2, last, last[::-1]) if number > 1 else ("[]", 0, "", "")
        chain = chain_link(before, article.url, number, "", at)
        row = {
            "at": at, "url": article.url, "final_url": "", "class": "ok", "message": "",
            "evidence": "[]", "status": 200, "hops": "[]", "headers": None, "wire_bytes": 40_000,
            "elapsed_ms": 300, "body": None, "part": 1, "fingerprint": "", "capture": None,
            "close_delimited": 0, "rendered": 0, "reservations": "[]",
        }  # fmt: skip
        assert tuple(row) == SEALED_FETCH
        self._fetch = fetch_link(self._fetch, row, page, chain, f"source-{source}")
        version = self._number["versions"] + 1
        fetch = self.add(
            "fetches", **row, page_id=page, source_id=source, version_id=version,
            chain=self._fetch,
        )  # fmt: skip
        made = {
            "body": "", "parts": "[]", "extractor": f"corpus {number}", "made_at": at,
            "encoding": "utf-8", "encoding_origin": "", "replaced": 0,
        }  # fmt: skip
        self._record = record_link(self._record, article.url, made, content)
        record_id = self.add("extractions", **made, page_id=page, record=record, chain=self._record)
        self.add(
            "versions", page_id=page, number=number, extraction_id=record_id, body="",
            title=article.title, fingerprint=digest, text_fingerprint=text_print,
            length=len(article.text), first_observed_at=at, last_observed_at=at, classes=edit[0],
            severity=edit[1], added=edit[2], removed=edit[3], chain=chain,
            change_chain=change_link(chain, *edit),
        )  # fmt: skip
        covers = f"{fetch} {record_id}"
        self._ledger(
            "new" if number == 1 else "edited", page, version, chain, article, at, edit[1],
            edit[0], covers,
        )  # fmt: skip
        return version, chain

    def _ledger(
        self,
        kind: str,
        page: int,
        version: int,
        chain: str,
        article: Article,
        at: str,
        severity: int,
        classes: str = "[]",
        covers: str = "",
    ) -> None:
        covers = covers or f"{self._number['fetches']} {self._number['extractions']}"
        self._entry = entry_link(
            self._entry, at, kind, article.url, chain, article.title, classes, severity,
            (self._fetch, self._record),
        )  # fmt: skip
        self.add(
            "changes", at=at, kind=kind, page_id=page, version_id=version, title=article.title,
            classes=classes, severity=severity, covers=covers, chain=self._entry,
        )  # fmt: skip

    def seal(self) -> None:
        """Write the ends of the hash chains."""
        for name, chain in (
            ("fetches", self._fetch), ("extractions", self._record), ("changes", self._entry),
        ):  # fmt: skip
            self._connection.execute(
                "insert or replace into seals (name, last_id, chain, older) values (?, ?, ?, 0)",
                [name, self._number[name], chain],
            )
        # The daemon has nothing left to group.
        self._connection.execute(
            "update story_state set version_id = ?, articles = (select count(*) from articles)",
            [self._number["versions"]],
        )


def _sources(connection: sqlite3.Connection) -> None:
    """Write outlets, their sources with a visit on each day, and names."""
    begun = END - timedelta(days=365.25 * YEARS)
    start, last = utc_text(begun), utc_text(END)
    for number in range(OUTLETS):
        connection.execute(
            "insert into outlets (id, name, language, zone, first_seen_at)"
            " values (?, ?, '', 'UTC', ?)",
            [number + 1, f"Outlet {number}", start],
        )
        connection.execute(
            "insert into sources (id, name, kind, url, outlet_id, interval, enabled, added_at,"
            " last_visit_at, last_ok_at, last_new_at, next_due_at)"
            " values (?, ?, 'feed', ?, ?, 3600, 1, ?, ?, ?, ?, ?)",
            [number + 1, f"source-{number + 1}", f"https://outlet{number}.example/feed",
             number + 1, start, last, last, last, last],
        )  # fmt: skip
        connection.executemany(
            "insert into source_days (source_id, day, visits, failed) values (?, ?, 24, 0)",
            [
                (number + 1, (begun + timedelta(days=day)).date().isoformat())
                for day in range(int(365.25 * YEARS) + 1)
            ],
        )
    connection.executemany(
        "insert into entities (id, kind, name, listed) values (?, 'model', ?, 1)",
        [(number + 1, f"Model {number}") for number in range(ENTITIES)],
    )


def fill(folder: Path, total: int, *, processes: int = 0) -> dict[str, float]:
    """Make an archive of so many articles.

    Args:
        folder: where; there must be no archive.
        total: number of articles.
        processes: how many make articles beside the one that writes; one for each core by default.

    Returns:
        Seconds and sizes in bytes, by name.

    Raises:
        FileExistsError: there is an archive.
    """
    if (folder / "archive.db").exists():
        raise FileExistsError(f"{folder} holds an archive already: name an empty folder")
    began = time.monotonic()
    Archive(folder).close()
    read_sentences()
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("pragma cache_size = -400000")
        indexes = connection.execute(
            "select name, sql from sqlite_master where type = 'index' and sql is not null"
        ).fetchall()
        connection.execute("begin")
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        set_memory(connection, _MEMORY)
        _sources(connection)
        writer = _Writer(connection)
        with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
            starts = iter(range(0, total, BATCH))
            waiting = [
                pool.submit(_make, range(start, min(total, start + BATCH)), total)
                for start in islice(starts, 8)
            ]
            page = 0
            while waiting:
                done = waiting.pop(0).result()
                start = next(starts, None)
                if start is not None:
                    numbers = range(start, min(total, start + BATCH))
                    waiting.append(pool.submit(_make, numbers, total))
                for made in done:
                    page += 1
                    writer.article(page, made)
                writer.flush()
        filled = time.monotonic()
        writer.seal()
        for _, sql in indexes:
            connection.execute(sql)
        set_memory(connection, 1024 * 1024)
        connection.execute(
            "insert or replace into facts (key, value) values ('segmentation', ?)",
            [str(SEGMENTATION)],
        )
        connection.execute("commit")
        connection.execute("pragma journal_mode = wal")
        text, index = _sizes(connection)
    return {
        "articles": total,
        "seconds": time.monotonic() - began,
        "of these for tables and index": filled - began,
        "text": text,
        "index": index,
        "file": (folder / "archive.db").stat().st_size,
    }


def _sizes(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the bytes of all headlines and texts, and of the search index."""
    (text,) = connection.execute(
        "select sum(length(cast(title as blob)) + length(cast(text as blob))) from articles"
    ).fetchone()
    (index,) = connection.execute("select sum(length(block)) from articles_fts_data").fetchone()
    return int(text), int(index)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill an archive and print how long it took and how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=int, required=True)
    parser.add_argument("--into", type=Path, required=True, help="an empty or new folder")
    parser.add_argument("--processes", type=int, default=0, help="one for each core by default")
    options = parser.parse_args(arguments)
    if options.articles < 1:
        parser.error(f"--articles {options.articles}: give a number from 1 on")
    try:
        made = fill(options.into, options.articles, processes=options.processes)
    except FileExistsError as error:
        parser.error(str(error))
    source = "../shared/real" if SHARED.is_dir() else "tests/pages"
    print(
        f"{made['articles']:,.0f} articles of sentences of {source} in {made['seconds'] / 60:.1f}"
        f" minutes ({1000 * made['seconds'] / made['articles']:.2f} ms each)\n"
        f"text {made['text'] / 1e6:,.0f} MB, search index {made['index'] / 1e6:,.0f} MB"
        f" ({made['index'] / made['text']:.2f} of the text), archive.db"
        f" {made['file'] / 1e6:,.0f} MB"
    )


if __name__ == "__main__":
    main()
