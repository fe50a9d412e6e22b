"""Judging the whole archive anew by a changed lexicon, and telling what moved.

What the lexicon has judged already is passed over, so a pass that was broken off goes on where it
was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from scraper.archive import Archive
from scraper.models import Topic
from scraper.pipeline.bulk_judging import BulkJudge
from scraper.pipeline.events import Event, utcnow
from scraper.pipeline.quotes import reread_quotes
from scraper.record import record
from scraper.topics import judge
from scraper.topics.lexicon import Lexicon

__all__ = ["RescoreReport", "TopicChange", "rescore"]

# Versions that are judged between two writes.
_BATCH = 100
# Articles that moved and are named in the report, either way.
_NAMED = 50


@record
class TopicChange:
    """An article that came on topic or went off it.

    Attributes:
        article_id: which; 0 for one that was not kept.
        title, url, outlet: of the article.
        before, after: its scores; `before` is None when it was never judged.
        why: the entries of the lexicon whose points changed most, in words.
    """

    article_id: int
    title: str
    url: str
    outlet: str
    before: float | None
    after: float
    why: str


@dataclass(slots=True, kw_only=True)
class RescoreReport:
    """What a pass found.

    Attributes:
        lexicon: version of the lexicon that judged.
        versions: versions in the archive.
        judged: versions that were judged now; the others were judged by this lexicon before.
        on, off: current versions among those judged that are on topic, and that are not.
        first: current versions that had no judgement before.
        to_on, to_off: current versions that moved.
        changed: current versions whose score changed without moving.
        reconsidered: articles that were not kept and are on topic now: the next pass fetches them.
        named_on, named_off, named_reconsidered: the first of each, with the greatest leap first.
        read: versions whose quotes were read now, by a changed reader or for the first time.
        quotes: how many they have.
        written: whether it was written down.
    """

    lexicon: str
    versions: int = 0
    judged: int = 0
    on: int = 0
    off: int = 0
    first: int = 0
    to_on: int = 0
    to_off: int = 0
    changed: int = 0
    reconsidered: int = 0
    named_on: list[TopicChange] = field(default_factory=list)
    named_off: list[TopicChange] = field(default_factory=list)
    named_reconsidered: list[TopicChange] = field(default_factory=list)
    read: int = 0
    quotes: int = 0
    written: bool = False


def explain(before: Topic | None, after: Topic) -> str:
    """Return what moved a score most: ``+12 DeepSeek (深度求索), -3 AI computer``."""
    old = {e.name: e.points for e in before.evidence} if before else {}
    new = {e.name: e for e in after.evidence}
    moves = {
        name: (new[name].points if name in new else 0.0) - old.get(name, 0.0)
        for name in old.keys() | new.keys()
    }
    told = []
    if before is not None and before.threshold != after.threshold:
        told.append(f"threshold {before.threshold:g} → {after.threshold:g}")
    for name, points in sorted(moves.items(), key=lambda m: (-abs(m[1]), m[0]))[:3]:
        if abs(points) >= 0.1:
            matched = new[name].matched if name in new else ""
            told.append(
                f"{points:+.3g} {name}"
                + (f" ({matched})" if matched.casefold() not in ("", name.casefold()) else "")
            )
    return ", ".join(told)


def rescore(
    archive: Archive,
    lexicon: Lexicon,
    *,
    workers: BulkJudge | None = None,
    dry_run: bool = False,
    clock: Callable[[], datetime] = utcnow,
    on_event: Callable[[Event], None] = lambda event: None,
) -> RescoreReport:
    """Judge all versions that the lexicon has not judged, and what was not kept; read quotes anew.

    Args:
        archive: whose versions; it must be open in this thread.
        lexicon: what judges.
        workers: judge by that lexicon; None judges in this process. A text that stops its worker
            stays as it was judged, and is told in the log.
        dry_run: nothing is written.
        clock: the present moment.
        on_event: called with the number of versions, then with each version.

    Raises:
        ArchiveError: the archive can't be read or written.
    """
    workers = workers or BulkJudge(lexicon)
    stale, total = archive.topics.count_stale(lexicon.version)
    report = RescoreReport(lexicon=lexicon.version, versions=total, written=not dry_run)
    on_event(_event("visit", "rescore", "ok", f"{stale} of {total} versions", expected=stale))
    after = 0
    while batch := archive.topics.stale(lexicon.version, after=after, limit=_BATCH):
        after = batch[-1].version_id
        found = workers.judgements([(version.title, version.text) for version in batch])
        judged = [(v, made) for v, made in zip(batch, found, strict=True) if made is not None]
        for version, judgement in judged:
            report.judged += 1
            outcome = "unchanged"
            if version.current:
                moved = TopicChange(
                    article_id=version.article_id,
                    title=version.title,
                    url=version.url,
                    outlet=version.outlet,
                    before=version.before.score if version.before else None,
                    after=judgement.topic.score,
                    why=explain(version.before, judgement.topic),
                )
                outcome = _count(report, version.before, judgement.topic, moved)
            detail = f"{judgement.topic.score:g}"
            on_event(_event("link", version.url, outcome, detail, source=version.outlet))
        if not dry_run:
            archive.topics.save(judged, clock())
    report.read, report.quotes = reread_quotes(archive, lexicon, workers.quotes, dry_run=dry_run)
    _reconsider(archive, lexicon, report, dry_run=dry_run, clock=clock)
    if not dry_run:
        archive.topics.sweep(lexicon.version, clock())
    for named in (report.named_on, report.named_off, report.named_reconsidered):
        named.sort(key=lambda m: -abs(m.after - (m.before or 0.0)))
        del named[_NAMED:]
    return report


def _count(report: RescoreReport, before: Topic | None, after: Topic, moved: TopicChange) -> str:
    report.on += after.on
    report.off += not after.on
    if before is None:
        report.first += 1
        return "kept"
    if before.on == after.on:
        report.changed += before.score != after.score
        return "unchanged"
    if after.on:
        report.to_on += 1
        report.named_on.append(moved)
    else:
        report.to_off += 1
        report.named_off.append(moved)
    return "kept"


def _reconsider(
    archive: Archive,
    lexicon: Lexicon,
    report: RescoreReport,
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
) -> None:
    """Send what was not kept to be fetched again, where what is kept of it is on topic now."""
    wanted = []
    for passed in archive.topics.passed_over():
        if passed.lexicon == lexicon.version:
            continue
        topic = judge(passed.title, passed.excerpt, lexicon).topic
        if topic.on:
            wanted.append(passed.page_id)
            report.named_reconsidered.append(
                TopicChange(
                    article_id=0,
                    title=passed.title,
                    url=passed.url,
                    outlet="",
                    before=passed.topic.score,
                    after=topic.score,
                    why=explain(passed.topic, topic),
                )
            )
    report.reconsidered = len(wanted)
    if not dry_run:
        archive.topics.reconsider(wanted, clock())


def _event(
    kind: str, url: str, outcome: str, detail: str, *, source: str = "archive", expected: int = 0
) -> Event:
    return Event(
        kind=kind, source=source, url=url, outcome=outcome, detail=detail, expected=expected
    )
