"""Groups articles to stories as they come in: compares, joins, and keeps the numbers of stories."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice, takewhile

from scraper.archive.lively_pages import hasten_hot_pages
from scraper.archive.parts import parts_of
from scraper.archive.sql_values import utc_text, utc_time
from scraper.record import record
from scraper.stories.features import StoryFeatures
from scraper.stories.grouping import Pair
from scraper.stories.incremental import (
    COPY,
    WINDOW,
    Comparison,
    PendingArticle,
    TextReading,
    compare,
    connected,
    describe,
    group_pairs,
    most_candidates,
    read_texts,
)
from scraper.stories.rarity import Rarity
from scraper.stories.relations import Relation, SourceText, relate, summarised
from scraper.stories.signatures import passages

__all__ = [
    "BATCH",
    "COLUMNS",
    "PassReport",
    "PendingText",
    "StoryPass",
    "assign",
    "next_articles",
    "sharing_passages",
]

# Articles that one transaction groups, so that others may write in between.
BATCH = 20
# What a pass reads of an article.
COLUMNS = "id, version_id, title, text, coalesce(published_at, first_seen_at) as at"
# What articles are compared by is kept for so many of the last ones, however old they are.
_KEPT = 20_000
# A key that more articles have tells nothing: boilerplate, or a word of every day.
_COMMON_KEY, _COMMON_TERM = 200, 400
# Articles that share a passage with one and are compared with it.
_MOST_COPIES = 20
# Articles whose features are held in memory, those that were compared last. Each takes 25 KB; with
# twice as many an article is grouped in 14 ms rather than 15.
_MOST_LOADED = 200


@record
class PassReport:
    """What a pass did.

    Attributes:
        articles: articles that were compared with others.
        stories: stories that began.
        joined: articles that joined a story.
        left: articles that left one.
        merged: stories that were merged into others.
        copies: copies that were found.
        version_id: number of the last version that is grouped.
    """

    articles: int = 0
    stories: int = 0
    joined: int = 0
    left: int = 0
    merged: int = 0
    copies: int = 0
    version_id: int = 0


def next_articles(connection: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """Return the `COLUMNS` of the next articles that are not grouped, at most `limit`."""
    return connection.execute(
        f"select {COLUMNS} from articles where version_id > (select version_id from"
        " story_state) order by version_id limit ?",
        [limit],
    ).fetchall()


@record
class PendingText:
    """A text that is not grouped yet.

    Attributes:
        version_id: number of the version.
        title, text: of the article.
    """

    version_id: int
    title: str
    text: str


class StoryPass:
    """Groups articles. All methods run within a transaction.

    Args:
        connection: of the archive file.
        at: now.
        embeddings: whether the optional model takes part.
        features: those of articles that earlier passes read, by number; a pass adds its own.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        at: datetime,
        *,
        embeddings: bool,
        features: dict[int, StoryFeatures] | None = None,
    ) -> None:
        self._connection = connection
        self._at = at
        self._embeddings = embeddings
        self._features = {} if features is None else features
        self._readings: Mapping[int, TextReading] = {}

    def run(self, limit: int, readings: Mapping[int, TextReading] | None = None) -> PassReport:
        """Group the articles of the next versions.

        Args:
            limit: how many at most.
            readings: of their texts, by number of version; the pass ends before the first version
                that has none. None: they are read here.
        """
        rows = next_articles(self._connection, limit)
        if readings is not None:
            rows = list(takewhile(lambda row: row["version_id"] in readings, rows))
        return self.take(rows, readings) if rows else PassReport()

    def take(
        self, rows: Sequence[sqlite3.Row], readings: Mapping[int, TextReading] | None = None
    ) -> PassReport:
        """Group articles.

        Args:
            rows: the `COLUMNS` of `articles`.
            readings: of their texts, by number of version. None: they are read here.
        """
        if readings is None:
            texts = [(row["title"], row["text"]) for row in rows]
            found = read_texts(texts, embeddings=self._embeddings)
            readings = {row["version_id"]: r for row, r in zip(rows, found, strict=True)}
        self._readings = {row["id"]: readings[row["version_id"]] for row in rows}
        others = self._left_behind(rows)
        self._forget(rows)
        ordered = sorted(rows, key=lambda row: (row["at"], row["id"]))
        self._describe(ordered)
        copies = sum(self._compare(row) for row in ordered)
        (last,) = self._connection.execute(
            "update story_state set version_id = max(version_id, ?) returning version_id",
            [max(row["version_id"] for row in rows)],
        ).fetchone()
        self._expire()
        began, joined, left, merged = self._regroup([*(row["id"] for row in ordered), *others])
        hasten_hot_pages(self._connection, self._at, [row["id"] for row in ordered])
        return PassReport(
            articles=len(rows), copies=copies, stories=began, joined=joined, left=left,
            merged=merged, version_id=last,
        )  # fmt: skip

    def _left_behind(self, rows: Iterable[sqlite3.Row]) -> list[int]:
        """Return the articles of the stories that articles with a new version belong to.

        They may have nothing to do with one another without it.
        """
        found = self._connection.execute(
            "select article_id from story_members where story_id in (select story_id from"
            " story_members where article_id in (select value from json_each(?)))",
            [json.dumps([row["id"] for row in rows])],
        )
        return [row["article_id"] for row in found]

    def _forget(self, rows: Iterable[sqlite3.Row]) -> None:
        """Drop what is known of earlier versions of articles; their terms stay counted."""
        ids = json.dumps([row["id"] for row in rows])
        for table, column in (
            ("story_keys", "article_id"), ("signature_keys", "article_id"),
            ("article_pairs", "article_id"), ("article_pairs", "other_id"),
            ("article_copies", "copy_id"), ("article_copies", "original_id"),
        ):  # fmt: skip
            self._connection.execute(
                f"delete from {table} where {column} in (select value from json_each(?))", [ids]
            )

    def _describe(self, rows: Sequence[sqlite3.Row]) -> None:
        """Read articles' terms, count those of new ones, and store what they are compared by."""
        run = self._connection.execute
        pending, new = [], []
        for row in rows:
            read = self._readings[row["id"]]
            pending.append(PendingArticle(id=row["id"], reading=read, at=utc_time(row["at"])))
            if not run("select 1 from story_articles where article_id = ?", [row["id"]]).fetchone():
                new.append(read.terms.counted())
        self._connection.executemany(
            "insert into story_terms (term, articles) values (?, ?)"
            " on conflict (term) do update set articles = articles + excluded.articles",
            sorted(Counter(term for terms in new for term in terms).items()),
        )
        run("update story_state set articles = articles + ?", [len(new)])
        terms = (term for p in pending for term in p.reading.terms.counted())
        found = describe(pending, self._rarity(terms))
        for row in rows:
            features = found[row["id"]]
            self._features[row["id"]] = features
            run(
                "insert or replace into story_articles (article_id, version_id, at, has_text,"
                " features, embedding_title, embedding_lead) values (?, ?, ?, ?, ?, ?, ?)",
                [
                    row["id"], row["version_id"], row["at"], features.has_text, features.as_json(),
                    features.embedding_title or None, features.embedding_lead or None,
                ],
            )  # fmt: skip

    def _rarity(self, terms: Iterable[str]) -> Rarity:
        (articles,) = self._connection.execute("select articles from story_state").fetchone()
        counts = self._connection.execute(
            "select term, articles from story_terms where term in (select value from json_each(?))",
            [json.dumps(sorted(set(terms)))],
        )
        return Rarity(articles, {row["term"]: row["articles"] for row in counts})

    def _compare(self, row: sqlite3.Row) -> int:
        """Compare an article with those that share rare terms or passages; count its copies."""
        article, features = row["id"], self._features[row["id"]]
        copies = self._copies(row)
        others = self._near_by_terms(article, features)
        related = {r.copy if r.original == article else r.original: r for r in copies}
        known = self._load({*others, *related})
        found = {c.pair: c for c in compare(article, features, known, embeddings=self._embeddings)}
        summaries = [c for c in found.values() if c.summary and not {*c.pair} & related.keys()]
        for one in summaries:
            self._write_summary(article, one)
        for other in related:
            pair = (min(article, other), max(article, other))
            measures = found[pair].measures if pair in found else {}
            found[pair] = Comparison(pair=pair, probability=COPY, vetoed=False, measures=measures)
        run = self._connection
        run.executemany(
            "insert or replace into article_pairs (article_id, other_id, probability, vetoed,"
            " measures) values (?, ?, ?, ?, ?)",
            [
                (*c.pair, round(c.probability, 4), c.vetoed, _measures(c.measures))
                for c in found.values()
            ],
        )
        run.executemany(
            "insert into story_keys (term, article_id) values (?, ?)",
            [(term, article) for term in features.keys],
        )
        return len(copies) + len(summaries)

    def _write_summary(self, article: int, found: Comparison) -> None:
        assert found.summary is not None
        other = found.pair[found.pair[0] == article]
        copy, original = (article, other) if found.summary.first else (other, article)
        texts = {one.id: one for one in self._texts([copy, original])}
        self._write_copy(summarised(texts[copy], texts[original], found.summary.share))

    def _near_by_terms(self, article: int, features: StoryFeatures) -> list[int]:
        """Return the articles of the same days that share the most of an article's rarest terms."""
        at, most = features.at or self._at, most_candidates(features)
        scores: Counter[int] = Counter()
        for term, rarity in features.keys.items():
            rows = self._connection.execute(
                "select article_id from story_keys where term = ? limit ?", [term, _COMMON_TERM]
            ).fetchall()
            for row in rows:
                scores[row["article_id"]] += rarity  # type: ignore[assignment]
        scores.pop(article, None)
        dated = self._connection.execute(
            "select article_id, at from story_articles where article_id in"
            " (select value from json_each(?))",
            [json.dumps([number for number, _ in scores.most_common(4 * most)])],
        )
        near = {row["article_id"] for row in dated if abs(utc_time(row["at"]) - at) <= WINDOW}
        return [number for number, _ in scores.most_common() if number in near][:most]

    def _copies(self, row: sqlite3.Row) -> list[Relation]:
        """Find and store the articles, of any time, whose text this one shares."""
        signature = self._readings[row["id"]].signature
        self._take_back_relatives(row["id"], signature.keys)
        near = sharing_passages(self._connection, signature.keys, but=row["id"])
        self._connection.executemany(
            "insert or ignore into signature_keys (key, article_id) values (?, ?)",
            [(key, row["id"]) for key in signature.keys],
        )
        mine = self._texts([row["id"]])[0]
        found = []
        known = passages(mine.text) if near else set()
        for other in self._texts(near):
            relation = relate(mine, other, known=known)
            if relation is not None:
                found.append(relation)
                self._write_copy(relation)
        return found

    def _take_back_relatives(self, article: int, keys: Iterable[int]) -> None:
        """Take the articles that share this one's text out of the sealed parts where they rest."""
        parts = parts_of(self._connection)
        found: list[int] = []
        for part in parts:
            near = sharing_passages(part.connection, keys, but=article)
            others = self._texts([n for n in near if parts.shows(part, n)], part.connection)
            if others:
                mine = self._texts([article])[0]
                known = passages(mine.text)
                found += [o.id for o in others if relate(mine, o, known=known) is not None]
        if found:
            parts.take_back(
                "select id from pages where id in (select value from json_each(?))",
                [json.dumps(found)],
            )

    def _texts(
        self, ids: Sequence[int], connection: sqlite3.Connection | None = None
    ) -> list[SourceText]:
        rows = (connection or self._connection).execute(
            "select id, title, text, outlet, credited, language,"
            " coalesce(published_at, first_seen_at) as at from articles"
            " where id in (select value from json_each(?)) order by id",
            [json.dumps(list(ids))],
        )
        return [
            SourceText(
                id=row["id"], title=row["title"], text=row["text"], outlet=row["outlet"],
                credited=row["credited"], at=utc_time(row["at"]), language=row["language"],
            )
            for row in rows
        ]  # fmt: skip

    def _write_copy(self, r: Relation) -> None:
        self._connection.execute(
            "insert or replace into article_copies (copy_id, original_id, kind, containment,"
            " jaccard, credit, cut, added, cut_count, added_count)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                r.copy, r.original, r.kind, r.containment, r.jaccard, r.credit,
                json.dumps(r.cut, ensure_ascii=False), json.dumps(r.added, ensure_ascii=False),
                r.cut_count, r.added_count,
            ],
        )  # fmt: skip

    def _load(self, ids: Iterable[int]) -> dict[int, StoryFeatures]:
        """Return the features of articles, as far as they are kept."""
        wanted = set(ids)
        # Those that were asked for last stay.
        for number in wanted & self._features.keys():
            self._features[number] = self._features.pop(number)
        surplus = len(self._features) - _MOST_LOADED
        spare = (n for n in self._features if n not in wanted and n not in self._readings)
        for number in list(islice(spare, max(0, surplus))):
            del self._features[number]
        missing = sorted(wanted - self._features.keys())
        rows = self._connection.execute(
            "select article_id, at, features, embedding_title, embedding_lead from story_articles"
            " where features is not null and article_id in (select value from json_each(?))",
            [json.dumps(missing)],
        )
        for row in rows:
            self._features[row["article_id"]] = StoryFeatures.from_json(
                row["features"], utc_time(row["at"]), row["embedding_title"] or b"",
                row["embedding_lead"] or b"",
            )  # fmt: skip
        return {number: self._features[number] for number in wanted if number in self._features}

    def _expire(self) -> None:
        """Drop what articles are compared by once no new one is near enough in time."""
        run = self._connection.execute
        (newest,) = run("select max(at) from story_articles").fetchone()
        until = utc_text(min(utc_time(newest), self._at) - 2 * WINDOW)
        old = (
            f"at < ? and features is not null and version_id <"
            f" (select version_id - {_KEPT} from story_state)"
        )
        run(
            "delete from story_keys where article_id in"
            f" (select article_id from story_articles where {old})",
            [until],
        )
        run(
            "update story_articles set features = null, embedding_title = null,"
            f" embedding_lead = null where {old}",
            [until],
        )

    def _regroup(self, articles: Sequence[int]) -> tuple[int, int, int, int]:
        bound = connected(articles, self._neighbours)
        numbers = json.dumps(sorted(bound))
        rows = self._connection.execute(
            "select article_id, other_id, probability, vetoed from article_pairs"
            " where article_id in (select value from json_each(?1))"
            " and other_id in (select value from json_each(?1))",
            [numbers],
        ).fetchall()
        pairs = {(r["article_id"], r["other_id"]): r["probability"] for r in rows}
        texts = self._connection.execute(
            "select article_id from story_articles where has_text and article_id in"
            " (select value from json_each(?))",
            [numbers],
        )
        groups = group_pairs(
            bound,
            pairs,
            with_text={row["article_id"] for row in texts},
            vetoed={(r["article_id"], r["other_id"]) for r in rows if r["vetoed"]},
            embeddings=self._embeddings,
        )
        return self.write_groups(groups, pairs)

    def _neighbours(self, article: int) -> list[tuple[int, float]]:
        rows = self._connection.execute(
            "select other_id as other, probability from article_pairs where article_id = ?1"
            " union all select article_id, probability from article_pairs where other_id = ?1",
            [article],
        )
        return [(row["other"], row["probability"]) for row in rows]

    def write_groups(
        self, groups: Sequence[Sequence[int]], pairs: Mapping[Pair, float]
    ) -> tuple[int, int, int, int]:
        """Write which story each article belongs to, and keep the numbers of stories.

        Args:
            groups: all articles that may have moved, grouped; single ones belong to no story.
            pairs: probabilities of their pairs.

        Returns:
            How many stories began, articles joined, articles left, and stories were merged.
        """
        run, at = self._connection.execute, utc_text(self._at)
        members = [article for group in groups for article in group]
        before = {
            row["article_id"]: row["story_id"]
            for row in run(
                "select article_id, story_id from story_members where article_id in"
                " (select value from json_each(?))",
                [json.dumps(members)],
            )
        }
        stories, merged = assign(groups, before)
        best = _nearest(groups, pairs)
        began = joined = left = 0
        heirs: list[tuple[int, str, int]] = []
        for group, story in zip(groups, stories, strict=True):
            if len(group) < 2:
                for article in group:
                    left += run(
                        "delete from story_members where article_id = ?", [article]
                    ).rowcount
                continue
            if story is None:
                began += 1
                row = run("insert into stories (created_at) values (?) returning id", [at])
                story = row.fetchone()["id"]
            else:
                run("update stories set merged_into = null, merged_at = null where id = ?", [story])
            for article in group:
                joined += before.get(article) != story
                nearest, probability = best.get(article, (article, 0.0))
                run(
                    "insert into story_members (article_id, story_id, joined_at, nearest_id,"
                    " probability) values (?, ?, ?, ?, ?) on conflict (article_id) do update set"
                    " joined_at = iif(story_id = excluded.story_id, joined_at, excluded.joined_at),"
                    " story_id = excluded.story_id, nearest_id = excluded.nearest_id,"
                    " probability = excluded.probability",
                    [article, story, at, nearest, round(probability, 4)],
                )
            heirs += [(story, at, old) for old in merged.get(tuple(group), ())]
        # A story that articles outside of these groups belong to still stays.
        self._connection.executemany(
            "update stories set merged_into = ?, merged_at = ? where id = ?"
            " and not exists (select 1 from story_members where story_id = stories.id)",
            heirs,
        )
        return began, joined, left, len(heirs)


def sharing_passages(connection: sqlite3.Connection, keys: Iterable[int], *, but: int) -> list[int]:
    """Return the articles that share most keys with a text, the nearest first.

    Args:
        connection: of the archive file.
        keys: of the text's signature.
        but: number of an article that is left out.
    """
    shared: Counter[int] = Counter()
    for key in keys:
        others = connection.execute(
            "select article_id from signature_keys where key = ? limit ?",
            [key, _COMMON_KEY + 1],
        ).fetchall()
        if len(others) <= _COMMON_KEY:
            shared.update(article for (article,) in others)
    shared.pop(but, None)
    return [number for number, _ in shared.most_common(_MOST_COPIES)]


def _measures(measures: Mapping[str, float]) -> str:
    return json.dumps({k: round(v, 2) for k, v in measures.items() if v}, separators=(",", ":"))


def _nearest(
    groups: Sequence[Sequence[int]], pairs: Mapping[Pair, float]
) -> dict[int, tuple[int, float]]:
    """Return for each article the one of its group that it is likeliest to share an event with."""
    group_of = {article: at for at, group in enumerate(groups) for article in group}
    best: dict[int, tuple[int, float]] = {}
    for (a, b), probability in pairs.items():
        if group_of.get(a, -1) != group_of.get(b, -2):
            continue
        for one, other in ((a, b), (b, a)):
            if probability > best.get(one, (0, -1.0))[1]:
                best[one] = other, probability
    return best


def assign(
    groups: Sequence[Sequence[int]], before: Mapping[int, int]
) -> tuple[list[int | None], dict[tuple[int, ...], list[int]]]:
    """Give each group the number of the story that most of its articles belonged to.

    A number goes to one group: to that which has most of the story's articles, and of two with as
    many, to the one with the earliest article.

    Args:
        groups: articles that report one event each.
        before: stories of articles.

    Returns:
        The number for each group, None for a new story or a single article; and the stories, by
        group, that lost their number to it: they are merged into its story.
    """
    shares: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for at, group in enumerate(groups):
        for article in group:
            if article in before:
                shares[before[article]][at] += 1
    claims = sorted(
        (-count, groups[at][0], story, at)
        for story, counts in shares.items()
        for at, count in counts.items()
        if len(groups[at]) > 1
    )
    numbers: list[int | None] = [None] * len(groups)
    taken: set[int] = set()
    for _, _, story, at in claims:
        if story not in taken and numbers[at] is None:
            numbers[at] = story
            taken.add(story)
    merged: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for story, counts in shares.items():
        if story not in taken:
            heirs = [at for at, _ in counts.most_common() if len(groups[at]) > 1]
            if heirs:
                merged[tuple(groups[heirs[0]])].append(story)
    return numbers, merged
