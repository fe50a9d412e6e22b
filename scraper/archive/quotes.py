"""Quotes of versions: what each reports that somebody said, and by which reader it was read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore
from scraper.archive.sql_values import from_utc_text, storable, utc_text
from scraper.models import Quote, QuoteClaim, QuoteReading
from scraper.quotes.sameness import wording_key
from scraper.record import record

__all__ = ["QuoteStore", "QuoteWriter", "Speaker", "UnreadVersion"]


class QuoteWriter:
    """Writes the quotes of versions. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, version_id: int, reading: QuoteReading, *, added: bool = False) -> None:
        """Write a version's quotes, replacing those of an earlier reading.

        `added` says that the version was added within this transaction, and has none.
        """
        run = self._connection.execute
        version = run(
            "select page_id, extraction_id from versions where id = ?", [version_id]
        ).fetchone()
        if not added:
            run("delete from quotes where version_id = ?", [version_id])
        run(
            "insert or replace into quote_readings (version_id, extraction_id, reader, quotes)"
            " values (?, ?, ?, ?)",
            [version_id, version["extraction_id"], reading.reader, len(reading.quotes)],
        )
        self._connection.executemany(
            "insert into quotes (version_id, page_id, position, words, speaker, speaker_key,"
            " direct) values (?, ?, ?, ?, ?, ?, ?)",
            [
                (version_id, version["page_id"], q.offset, q.words, q.speaker, q.speaker_key,
                 q.direct)
                for q in reading.quotes
            ],
        )  # fmt: skip


@record
class UnreadVersion:
    """A version whose quotes the present reader has not read.

    Attributes:
        version_id, extraction_id: ids of version and record.
        text: the text to read.
    """

    version_id: int
    extraction_id: int
    text: str


@record
class Speaker:
    """Somebody who is quoted.

    Attributes:
        key: the name under which speakers are compared.
        name: as most often printed.
        quotes, articles, outlets: in how many current versions, and how often.
    """

    key: str
    name: str
    quotes: int
    articles: int
    outlets: int


class QuoteStore:
    """Reads the quotes of an archive and updates them.

    Args:
        store: the archive file.
        extractions: its records.
    """

    def __init__(self, store: DatabaseFile, extractions: ExtractionStore) -> None:
        self._store = store
        self._extractions = extractions

    # Reading again

    def unread(self, reader: str, *, after: int = 0, limit: int = 100) -> tuple[UnreadVersion, ...]:
        """Return versions that this reader has not read, by id.

        Args:
            reader: its version.
            after: id of the last version of the previous call.
            limit: maximum number of versions.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                "select v.id, v.extraction_id from versions v"
                " left join quote_readings r on r.version_id = v.id"
                " where v.id > ? and (r.version_id is null or r.reader <> ?"
                " or r.extraction_id <> v.extraction_id) order by v.id limit ?",
                [after, reader, limit],
            ).fetchall()
            return tuple(
                UnreadVersion(
                    version_id=row["id"],
                    extraction_id=row["extraction_id"],
                    text=self._extractions.get(row["extraction_id"]).text,
                )
                for row in rows
            )

    def save(self, read: Sequence[tuple[UnreadVersion, QuoteReading]]) -> None:
        """Write readings, except those whose version got another record meanwhile."""
        with self._store.transaction() as connection:
            writer = QuoteWriter(connection)
            for version, reading in read:
                row = connection.execute(
                    "select extraction_id from versions where id = ?", [version.version_id]
                ).fetchone()
                if row is not None and row["extraction_id"] == version.extraction_id:
                    writer.note(version.version_id, storable(reading))

    def read_again(self, version_id: int, reading: QuoteReading) -> None:
        """Write the quotes of a version whose record was replaced."""
        with self._store.transaction() as connection:
            QuoteWriter(connection).note(version_id, storable(reading))

    # Who said what

    def speakers(self, *, limit: int = 50) -> tuple[Speaker, ...]:
        """Return who is quoted in current versions, those of most articles first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select q.speaker_key as key, max(q.speaker) as name, count(*) as quotes,"
                " count(distinct q.page_id) as articles, count(distinct a.outlet) as outlets"
                " from quotes q join articles a on a.version_id = q.version_id"
                " group by q.speaker_key order by articles desc, quotes desc, key limit ?",
                [limit],
            ).fetchall()
        return tuple(Speaker(**dict(row)) for row in rows)

    def keys_like(self, key: str) -> tuple[str, ...]:
        """Return the keys of speakers that a name means: equal to it, or else ending with it."""
        with self._store.reading() as connection:
            rows = (
                connection.execute(
                    "select speaker_key as key from quotes where speaker_key = ? limit 1", [key]
                ).fetchall()
                or connection.execute(
                    "select distinct speaker_key as key from quotes where substr(speaker_key,"
                    " ?) = ?"
                    " order by key",
                    [-len(key) - 1, f" {key}"],
                ).fetchall()
            )
        return tuple(row["key"] for row in rows)

    def of_speakers(
        self, keys: Sequence[str], *, since: datetime | None = None, limit: int = 20_000
    ) -> tuple[QuoteClaim, ...]:
        """Return the quotes of some speakers in all versions, oldest article first.

        Args:
            keys: keys of the speakers.
            since: only of articles published, or else first seen, from then on.
            limit: maximum number, the latest.
        """
        after = utc_text(since) if since else ""
        return self._claims(
            "q.speaker_key in (select value from json_each(?))"
            " and coalesce(a.published_at, a.first_seen_at) >= ?",
            [_json(keys), after],
            limit,
        )

    def of_articles(self, article_ids: Sequence[int]) -> tuple[QuoteClaim, ...]:
        """Return the quotes of some articles in all their versions."""
        return self._claims("q.page_id in (select value from json_each(?))", [_json(article_ids)])

    def _claims(
        self, where: str, values: Sequence[object], limit: int = 20_000
    ) -> tuple[QuoteClaim, ...]:
        with self._store.reading() as connection:
            rows = connection.execute(
                "select q.*, a.outlet, a.title, a.url, a.language, v.number,"
                " a.version_id = v.id as current, coalesce(a.published_at, a.first_seen_at) as at,"
                " v.first_observed_at, (select w.first_observed_at from versions w where"
                " w.page_id = v.page_id and w.number = v.number + 1) as until"
                " from quotes q join versions v on v.id = q.version_id"
                f" join articles a on a.id = q.page_id where {where}"
                " order by at desc, q.id desc limit ?",
                [*values, limit],
            ).fetchall()
        return tuple(_claim(row) for row in reversed(rows))

    def stands_on(self) -> Callable[[QuoteClaim], bool]:
        """Return what tells whether the next version of a claim's article has its words still."""
        texts: dict[tuple[int, int], str] = {}

        def stands(claim: QuoteClaim) -> bool:
            at = claim.article_id, claim.version + 1
            if at not in texts:
                texts.clear()
                texts[at] = self._words_of(*at)
            return " ".join(wording_key(claim.quote.words)) in texts[at]

        return stands

    def _words_of(self, page_id: int, number: int) -> str:
        with self._store.reading() as connection:
            row = connection.execute(
                "select extraction_id from versions where page_id = ? and number = ?",
                [page_id, number],
            ).fetchone()
            text = self._extractions.get(row["extraction_id"]).text if row else ""
        return " ".join(word for line in text.split("\n") for word in wording_key(line))


def _json(values: Sequence[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _claim(row: sqlite3.Row) -> QuoteClaim:
    at, observed_at = from_utc_text(row["at"]), from_utc_text(row["first_observed_at"])
    if at is None or observed_at is None:  # the columns are "not null"
        raise ValueError(f"article {row['page_id']} has no time")
    return QuoteClaim(
        quote=Quote(
            words=row["words"],
            speaker=row["speaker"],
            speaker_key=row["speaker_key"],
            direct=bool(row["direct"]),
            offset=row["position"],
        ),
        version_id=row["version_id"],
        article_id=row["page_id"],
        version=row["number"],
        current=bool(row["current"]),
        outlet=row["outlet"],
        title=row["title"],
        url=row["url"],
        language=row["language"],
        at=at,
        observed_at=observed_at,
        until=from_utc_text(row["until"]),
    )
