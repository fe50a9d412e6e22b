"""Writes what versions are about into the archive, and what is left of articles not kept."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict

from scraper.archive.values import stamp
from scraper.models import Attempt, Evidence, Judgement, Topic

__all__ = ["Topics", "topic_of"]

# Evidence that is kept of a version: the rest adds little to a score.
_MOST_EVIDENCE = 40


def _evidence(topic: Topic) -> str:
    return json.dumps([asdict(e) for e in topic.evidence[:_MOST_EVIDENCE]], ensure_ascii=False)


def topic_of(row: sqlite3.Row) -> Topic:
    """Return the topic in a row that has its score, threshold and evidence."""
    return Topic(
        score=row["score"],
        threshold=row["threshold"],
        evidence=tuple(Evidence(**e) for e in json.loads(row["evidence"])),
    )


class Topics:
    """Writes judgements. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, version_id: int, judgement: Judgement, at: str) -> None:
        """Write what a version is about, in the place of an earlier judgement."""
        run = self._connection.execute
        version = run(
            "select page_id, extraction_id from versions where id = ?", [version_id]
        ).fetchone()
        page_id, topic = version["page_id"], judgement.topic
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
        for m in judgement.mentions:
            entity_id = run(
                "insert into entities (kind, name, family, maker, listed) values (?, ?, ?, ?, ?)"
                " on conflict (kind, name) do update set family = excluded.family,"
                " maker = excluded.maker, listed = excluded.listed returning id",
                [m.kind, m.name, m.family, m.maker, m.listed],
            ).fetchone()["id"]
            if m.kind in ("model", "company"):
                ids.setdefault(m.name, entity_id)
            run(
                "insert into mentions (version_id, entity_id, page_id, count, in_title, place,"
                " matched) values (?, ?, ?, ?, ?, ?, ?)",
                [version_id, entity_id, page_id, m.count, m.in_title, m.offset, m.matched],
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
                # A figure of nothing that has a name answers no question.
                for q in judgement.quantities
                if q.about in ids
            ],
        )
        run("delete from passed_over where page_id = ?", [page_id])
        self.refresh(page_id)

    def refresh(self, page_id: int) -> None:
        """Give an article the score of its current version."""
        self._connection.execute(
            "update articles set (topic_score, on_topic) = (select score, on_topic from judgements"
            " where version_id = articles.version_id) where id = ?",
            [page_id],
        )

    def pass_over(self, page_id: int, attempt: Attempt, at: str) -> str:
        """Write down that an article is not kept; return why, in words.

        The headline and the score always stay; writers, time and summary do by the choice
        ``metadata``.
        """
        article, judgement = attempt.article, attempt.judgement
        if article is None or judgement is None:
            raise ValueError("an article that was not judged cannot be passed over")
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
                stamp(article.published) if full and article.published else None,
                article.language if full else "",
                article.script if full else "",
                article.excerpt if full else "",
            ],
        )
        return f"off topic: score {topic.score:g}, {topic.threshold:g} would be on"
