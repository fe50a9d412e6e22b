"""Topic judgements of versions, with their names and quantities, and off-topic pages not kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from scraper.archive.database import DatabaseFile
from scraper.archive.extractions import ExtractionStore
from scraper.archive.sql_values import from_utc_text, storable, utc_text
from scraper.models import Attempt, Claim, Evidence, Judgement, Mention, Quantity, Topic
from scraper.record import record
from scraper.topics.facts import series_among

__all__ = [
    "Entity", "JudgementWriter", "OffTopicPage", "StaleJudgement", "TopicStore", "claims_in",
    "topic_of",
]  # fmt: skip


# Evidence kept per version: the rest adds little to a score.
_MOST_EVIDENCE = 40


def _evidence(topic: Topic) -> str:
    return json.dumps([asdict(e) for e in topic.evidence[:_MOST_EVIDENCE]], ensure_ascii=False)


def topic_of(row: sqlite3.Row) -> Topic:
    """Return the topic of a row with score, threshold and evidence."""
    return Topic(
        score=row["score"],
        threshold=row["threshold"],
        evidence=tuple(Evidence(**e) for e in json.loads(row["evidence"])),
    )


class JudgementWriter:
    """Writes judgements. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # What was entered last of each name, and its number.
        self._entities: dict[tuple[str, str], tuple[list[object], int]] = {}

    def note(self, version_id: int, judgement: Judgement, at: str, *, added: bool = False) -> None:
        """Write a version's judgement, replacing an earlier one.

        `added` says that the version was added within this transaction, and has none.
        """
        run = self._connection.execute
        version = run(
            "select page_id, extraction_id from versions where id = ?", [version_id]
        ).fetchone()
        page_id, topic = version["page_id"], judgement.topic
        if not added:
            run("delete from mentions where version_id = ?", [version_id])
            run("delete from quantities where version_id = ?", [version_id])
        run(
            "insert or replace into judgements (version_id, page_id, extraction_id, lexicon, score,"
            " threshold, on_topic, evidence, judged_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                version_id,
                page_id,
                version["extraction_id"],
                judgement.lexicon,
                topic.score,
                topic.threshold,
                topic.on,
                _evidence(topic),
                at,
            ],
        )
        ids: dict[str, int] = {}
        mentions = []
        for m in judgement.mentions:
            entity_id = self._entity(m)
            if m.kind in ("model", "company"):
                ids.setdefault(m.name, entity_id)
            mentions.append(
                (version_id, entity_id, page_id, m.count, m.in_title, m.offset, m.matched)
            )
        self._connection.executemany(
            "insert into mentions (version_id, entity_id, page_id, count, in_title, place, matched)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            mentions,
        )
        self._connection.executemany(
            "insert into quantities (version_id, page_id, entity_id, kind, unit, low, high,"
            " precision, qualifier, detail, link, printed, sentence, in_title, place)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    version_id,
                    page_id,
                    ids[q.about],
                    q.kind,
                    q.unit,
                    q.low,
                    q.high,
                    q.precision,
                    q.qualifier,
                    q.detail,
                    q.link,
                    q.printed,
                    q.sentence,
                    q.in_title,
                    q.offset,
                )
                # A quantity without a named subject answers no query.
                for q in judgement.quantities
                if q.about in ids
            ],
        )
        run("delete from passed_over where page_id = ?", [page_id])
        self.refresh(page_id)

    def _entity(self, mention: Mention) -> int:
        """Return the number of a name, which is entered or brought up to date."""
        m = mention
        row: list[object] = [m.kind, m.name, m.family, m.maker, m.listed]
        entered, number = self._entities.get((m.kind, m.name), ([], 0))
        if entered != row:
            (number,) = self._connection.execute(
                "insert into entities (kind, name, family, maker, listed) values (?, ?, ?, ?, ?)"
                " on conflict (kind, name) do update set family = excluded.family,"
                " maker = excluded.maker, listed = excluded.listed returning id",
                row,
            ).fetchone()
            self._entities[m.kind, m.name] = row, number
        return number

    def refresh(self, page_id: int) -> None:
        """Set an article's score to that of its current version."""
        self._connection.execute(
            "update articles set (topic_score, on_topic) = (select score, on_topic from judgements"
            " where version_id = articles.version_id) where id = ?",
            [page_id],
        )

    def pass_over(self, page_id: int, attempt: Attempt, at: str) -> str:
        """Record that an article is off topic and not kept; return the reason as text.

        Headline and score are always stored; authors, time and summary with the policy
        ``metadata``.
        """
        article, judgement = attempt.article, attempt.judgement
        if article is None or judgement is None:
            raise ValueError("an article without a judgement cannot be passed over")
        topic, full = judgement.topic, attempt.passed_over == "metadata"
        self._connection.execute(
            "insert or replace into passed_over (page_id, at, policy, lexicon, score, threshold,"
            " evidence, title, outlet, authors, published_at, language, script, excerpt)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                page_id,
                at,
                attempt.passed_over,
                judgement.lexicon,
                topic.score,
                topic.threshold,
                _evidence(topic),
                article.title,
                article.outlet if full else "",
                ", ".join(article.authors) if full else "",
                utc_text(article.published) if full and article.published else None,
                article.language if full else "",
                article.script if full else "",
                article.excerpt if full else "",
            ],
        )
        return f"off topic: score {topic.score:g}, threshold {topic.threshold:g}"


@record
class StaleJudgement:
    """A version that the present lexicon has not judged.

    Attributes:
        version_id, article_id, extraction_id: ids of version, article and record.
        current: whether it is its article's current version.
        outlet, url: of the article.
        title, text: headline and text to judge.
        before: its topic by the former lexicon, or None.
    """

    version_id: int
    article_id: int
    extraction_id: int
    current: bool
    outlet: str
    url: str
    title: str
    text: str
    before: Topic | None


@record
class OffTopicPage:
    """An off-topic article, fetched but not kept.

    Attributes:
        page_id, url: id and address of its page.
        at: time of the fetch.
        policy: ``only`` or ``metadata``, as set for its source.
        lexicon: version of the lexicon that judged it.
        topic: its topic.
        title, excerpt: stored headline and summary.
    """

    page_id: int
    url: str
    at: datetime
    policy: str
    lexicon: str
    topic: Topic
    title: str
    excerpt: str = ""


@record
class Entity:
    """A name, with the number of articles that mention it."""

    id: int
    kind: str
    name: str
    family: str
    maker: str
    listed: bool
    articles: int = 0
    quantities: int = 0


class TopicStore:
    """Reads the judgements of an archive and updates them.

    Args:
        store: the archive file.
        extractions: its records.
    """

    def __init__(self, store: DatabaseFile, extractions: ExtractionStore) -> None:
        self._store = store
        self._extractions = extractions

    # Judging again

    def count_stale(self, lexicon: str) -> tuple[int, int]:
        """Return the number of versions that the lexicon has not judged, and of all versions."""
        with self._store.reading() as connection:
            row = connection.execute(
                "select count(*) as n, count(*) filter (where j.lexicon = ?"
                " and j.extraction_id = v.extraction_id) as done"
                " from versions v left join judgements j on j.version_id = v.id",
                [lexicon],
            ).fetchone()
        return row["n"] - row["done"], row["n"]

    def stale(
        self, lexicon: str, *, after: int = 0, limit: int = 100
    ) -> tuple[StaleJudgement, ...]:
        """Return versions that this lexicon has not judged, by id.

        Args:
            lexicon: its version.
            after: id of the last version of the previous call.
            limit: maximum number of versions.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                "select v.id, v.page_id, v.extraction_id, a.version_id = v.id as current, a.outlet,"
                " a.url, j.score, j.threshold, j.evidence from versions v"
                " join articles a on a.id = v.page_id left join judgements j on j.version_id = v.id"
                " where v.id > ? and (j.version_id is null or j.lexicon <> ?"
                " or j.extraction_id <> v.extraction_id) order by v.id limit ?",
                [after, lexicon, limit],
            ).fetchall()
            return tuple(self._to_judge(row) for row in rows)

    def _to_judge(self, row: sqlite3.Row) -> StaleJudgement:
        article = self._extractions.get(row["extraction_id"])
        return StaleJudgement(
            version_id=row["id"],
            article_id=row["page_id"],
            extraction_id=row["extraction_id"],
            current=bool(row["current"]),
            outlet=row["outlet"],
            url=row["url"],
            title=article.title,
            text=article.text,
            before=None if row["score"] is None else topic_of(row),
        )

    def save(self, judged: Sequence[tuple[StaleJudgement, Judgement]], at: datetime) -> None:
        """Write judgements, except those whose version got another record meanwhile."""
        with self._store.transaction() as connection:
            topics = JudgementWriter(connection)
            for version, judgement in judged:
                row = connection.execute(
                    "select extraction_id from versions where id = ?", [version.version_id]
                ).fetchone()
                if row is not None and row["extraction_id"] == version.extraction_id:
                    topics.note(version.version_id, storable(judgement), utc_text(at))

    def judge_again(self, version_id: int, judgement: Judgement, at: datetime) -> None:
        """Write the judgement of a version whose record was replaced."""
        with self._store.transaction() as connection:
            JudgementWriter(connection).note(version_id, storable(judgement), utc_text(at))

    def sweep(self, lexicon: str, at: datetime) -> None:
        """Delete names that no version mentions, and store the version of the last lexicon.

        Where there are sealed parts, all stay: versions that rest there may mention them.
        """
        with self._store.transaction() as connection:
            connection.execute(
                "delete from entities where not exists (select 1 from parts)"
                " and not exists (select 1 from mentions m"
                " where m.entity_id = entities.id) and not exists (select 1 from quantities q"
                " where q.entity_id = entities.id)"
            )
            connection.executemany(
                "insert or replace into facts (key, value) values (?, ?)",
                [("lexicon", lexicon), ("rescored_at", utc_text(at))],
            )

    def passed_over(self, *, waiting: bool = True) -> Iterator[OffTopicPage]:
        """Yield the articles that were not kept; with `waiting`, without those now due."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select o.*, p.url from passed_over o join pages p on p.id = o.page_id"
                " where ? = 0 or o.reconsidered_at is null order by o.page_id",
                [waiting],
            ).fetchall()
        for row in rows:
            yield OffTopicPage(
                page_id=row["page_id"],
                url=row["url"],
                at=from_utc_text(row["at"]) or datetime.min,
                policy=row["policy"],
                lexicon=row["lexicon"],
                topic=topic_of(row),
                title=row["title"],
                excerpt=row["excerpt"],
            )

    def reconsider(self, page_ids: Sequence[int], at: datetime) -> None:
        """Make articles that were not kept due at the next pass."""
        with self._store.transaction() as connection:
            for page_id in page_ids:
                connection.execute(
                    "update passed_over set reconsidered_at = ? where page_id = ?",
                    [utc_text(at), page_id],
                )
                connection.execute(
                    "update pages set next_check_at = ?, failures = 0 where id = ?",
                    [utc_text(at), page_id],
                )

    # Queries

    def topic(self, article_id: int) -> tuple[Topic, str] | None:
        """Return the topic of an article's current version and its lexicon's version, or None."""
        with self._store.reading() as connection:
            row = connection.execute(
                "select j.* from articles a join judgements j on j.version_id = a.version_id"
                " where a.id = ?",
                [article_id],
            ).fetchone()
        return None if row is None else (topic_of(row), row["lexicon"])

    def entities(self, kind: str = "") -> tuple[Entity, ...]:
        """Return the names of a kind, or all, with their numbers of articles, most first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "select e.*, (select count(distinct m.page_id) from mentions m join articles a"
                " on a.version_id = m.version_id where m.entity_id = e.id) as articles,"
                " (select count(*) from quantities q where q.entity_id = e.id) as quantities"
                " from entities e where ? in ('', e.kind)"
                " order by articles desc, quantities desc, e.name",
                [kind],
            ).fetchall()
        return tuple(
            Entity(**{**dict(row), "listed": bool(row["listed"])}) for row in rows
        )  # fmt: skip

    def series(self, kind: str = "") -> frozenset[str]:
        """Return the names of a kind, or of all, that are series: several models of different size.

        Unlike `entities` this counts no article: pages ask for it each time.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                "select name, family from entities where ? in ('', kind)", [kind]
            ).fetchall()
        return series_among((row["name"] for row in rows), {row["family"] for row in rows})

    def claims(self, entity_ids: Sequence[int]) -> tuple[Claim, ...]:
        """Return the quantities of some models or companies, oldest version first."""
        return self._claims("q.entity_id", entity_ids)

    def newest_claims(self, entity_id: int, most: int) -> tuple[tuple[Claim, ...], bool]:
        """Return the figures of a name that came in last, oldest version first.

        Args:
            entity_id: of the name.
            most: figures of each kind at most: outlets give those of a well-known model in
                thousands of articles, and each is compared with each.

        Returns:
            The figures, and whether those are all.
        """
        with self._store.reading() as connection:
            found: list[int] = []
            kind, complete = "", True
            while True:
                # From one kind to the next by the index, and in each from its end.
                (following,) = connection.execute(
                    "select min(kind) from quantities where entity_id = ? and kind > ?",
                    [entity_id, kind],
                ).fetchone()
                if following is None:
                    return claims_in(connection, "q.id", found), complete
                kind = following
                rows = connection.execute(
                    "select id from quantities where entity_id = ? and kind = ?"
                    " order by id desc limit ?",
                    [entity_id, kind, most + 1],
                ).fetchall()
                found += [row["id"] for row in rows[:most]]
                complete = complete and len(rows) <= most

    def claims_of_articles(self, article_ids: Sequence[int]) -> tuple[Claim, ...]:
        """Return the quantities in some articles' versions, oldest version first."""
        return self._claims("q.page_id", article_ids)

    def _claims(self, column: str, ids: Sequence[int]) -> tuple[Claim, ...]:
        with self._store.reading() as connection:
            return claims_in(connection, column, ids)


def claims_in(connection: sqlite3.Connection, column: str, ids: Sequence[int]) -> tuple[Claim, ...]:
    """Return quantities, oldest version first.

    Args:
        connection: of the archive file.
        column: ``q.entity_id``, ``q.page_id`` or ``q.id``: what they are found by.
        ids: its values.
    """
    rows = connection.execute(
        "select q.*, e.name as about, a.outlet, v.title, a.url, v.number,"
        " a.version_id = v.id as current, coalesce(a.published_at, a.first_seen_at) as at,"
        " v.first_observed_at, iif(a.version_id = v.id, null, (select min(w.first_observed_at)"
        " from versions w where w.page_id = v.page_id"
        " and w.first_observed_at > v.first_observed_at)) as until"
        " from quantities q join versions v on v.id = q.version_id"
        " join articles a on a.id = q.page_id join entities e on e.id = q.entity_id"
        f" where {column} in (select value from json_each(?))"
        " order by v.first_observed_at, q.id",
        [json.dumps(list(ids))],
    ).fetchall()
    return tuple(map(_claim, rows))


def _claim(row: sqlite3.Row) -> Claim:
    same = ("kind", "unit", "low", "high", "precision", "qualifier", "detail", "about", "link",
            "printed", "sentence")  # fmt: skip
    at, observed_at = from_utc_text(row["at"]), from_utc_text(row["first_observed_at"])
    if at is None or observed_at is None:  # the columns are "not null"
        raise ValueError(f"article {row['page_id']} has no time")
    return Claim(
        quantity=Quantity(
            **{name: row[name] for name in same},
            in_title=bool(row["in_title"]),
            offset=row["place"],
        ),
        article_id=row["page_id"],
        version=row["number"],
        current=bool(row["current"]),
        outlet=row["outlet"],
        title=row["title"],
        url=row["url"],
        at=at,
        observed_at=observed_at,
        until=from_utc_text(row["until"]),
    )
