"""What a digest tells: stories, edits, takedowns, contradictions, new names, gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from scraper.archive import Archive
from scraper.archive.digest import DigestChange, DigestName
from scraper.archive.drift import DriftEvent, HeldPage
from scraper.archive.stories import StorySummary
from scraper.coverage.report import history_days, past_gaps, report, troubles
from scraper.coverage.summary import coverage_note
from scraper.coverage.wording import plural
from scraper.errors import UsageError
from scraper.record import record
from scraper.text.dates.time_zones import time_zone
from scraper.text.patterns import lazy_compile
from scraper.topics.facts import Contradiction, Fact

__all__ = ["Digest", "begin_of", "gather"]

# Edits from this severity on are told one by one, the others counted.
_LEAST_SEVERITY = 2
# No page of the web is older; later, times have room for what is reckoned with them.
_FIRST_YEAR, _LAST_YEAR = 1990, 9000
_EDITS = ("edited", "retitled", "rebylined", "reverted")
_AGO = lazy_compile(r"([1-9][0-9]{0,3})([hdw])")
_DAY = lazy_compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@record
class Digest:
    """What happened in a period.

    Attributes:
        since, until: the period; the end is not included.
        zone: whose clock its times are shown by.
        filter: query that the articles fulfil, or "".
        counts: changes by kind, of the articles that the filter leaves.
        articles: how many articles these are of, by kind: one may be edited several times.
        stories: to which an article came, those of most outlets first.
        edits: grave ones, the gravest first.
        lighter: how many edits there were beside them.
        takedowns, returns: articles that went and came back.
        contradictions: figures that contradict one another, one side of them new.
        names: that were never seen before.
        gaps: hosts that drift, sources in trouble, and gaps that are over, a sentence each.
        rests_on: sources and entries behind all this, in one sentence.
    """

    since: datetime
    until: datetime
    zone: str
    filter: str
    counts: Mapping[str, int]
    articles: Mapping[str, int]
    stories: Sequence[StorySummary]
    edits: Sequence[DigestChange]
    lighter: int
    takedowns: Sequence[DigestChange]
    returns: Sequence[DigestChange]
    contradictions: Sequence[tuple[Fact, Contradiction]]
    names: Sequence[DigestName]
    gaps: Sequence[str]
    rests_on: str


def begin_of(text: str, now: datetime, zone: str, option: str = "--since") -> datetime:
    """Return the moment that ``--since`` or ``--until`` names.

    Args:
        text: ``yesterday`` or ``today`` (from midnight on), ``24h``, ``7d``, ``2w``, a day
            (2026-03-14), or a time (2026-03-14T07:00, by the clock of `zone` unless it names one).
        now: the present moment.
        zone: whose days are meant, as `time_zone` reads it.
        option: that it is the value of, for errors.

    Raises:
        UsageError: it is none of these, or before there was a web.
    """
    clock = time_zone(zone)
    if text in ("yesterday", "today"):
        day = now.astimezone(clock).date() - timedelta(days=text == "yesterday")
        return datetime.combine(day, time(), clock)
    try:
        if match := _AGO.fullmatch(text):
            found = now - int(match[1]) * _SPANS[match[2]]
        elif _DAY.fullmatch(text):
            found = datetime.combine(date.fromisoformat(text), time(), clock)
        else:
            found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text[:40]}: give yesterday, today, 24h, 7d, 2w, a day such as 2026-03-14,"
            " or a time such as 2026-03-14T07:00"
        ) from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UsageError(f"{option} {text[:40]}: no page of the web is of that time")
    return found if found.tzinfo else found.replace(tzinfo=clock)


def gather(
    archive: Archive, since: datetime, until: datetime, *, zone: str = "UTC", filter_: str = ""
) -> Digest:
    """Gather what happened in a period.

    Args:
        archive: the opened archive.
        since, until: the period, the end not included.
        zone: whose clock its times are shown by.
        filter_: query that articles must fulfil; of a story, one of its articles.
    """
    changes = archive.changes_between(since, until, least_severity=_LEAST_SEVERITY)
    contradictions = archive.contradictions_between(since, until)
    names = archive.names_between(since, until)
    counted = archive.change_counts(since, until)
    told = sorted(archive.stories_between(since, until))
    stories: Sequence[StorySummary] = archive.stories.stories(among=told, limit=len(told))
    if filter_:
        pages = [c.article_id for c in changes] + [n.article_id for n in names]
        pages += [side.article_id for _, c in contradictions for side in (c.one, c.other)]
        members = {s.id: [a.id for a in archive.stories.story(s.id).articles] for s in stories}
        pages += [page for ids in members.values() for page in ids]
        pages += [page for _, page in counted]
        passing = archive.matching(filter_, list(dict.fromkeys(pages)), until)
        changes = tuple(c for c in changes if c.article_id in passing)
        names = tuple(n for n in names if n.article_id in passing)
        contradictions = tuple(
            (f, c) for f, c in contradictions if {c.one.article_id, c.other.article_id} & passing
        )
        stories = [s for s in stories if passing.intersection(members[s.id])]
        counted = {key: number for key, number in counted.items() if key[1] in passing}
    counts, articles = Counter[str](), Counter[str]()
    for (kind, _), number in sorted(counted.items()):
        counts[kind] += number
        articles[kind] += 1
    edits = [c for c in changes if c.kind not in ("gone", "returned")]
    days = max(1, (until - since).days + 1)
    histories = archive.coverage(until, days=max(days, history_days(until.date())))
    found = report(histories, days)
    return Digest(
        since=since,
        until=until,
        zone=zone,
        filter=filter_,
        counts=dict(counts),
        articles=dict(articles),
        stories=sorted(stories, key=lambda s: (-s.outlets, -s.articles, s.id)),
        edits=edits,
        lighter=sum(counts[kind] for kind in _EDITS) - sum(c.kind in _EDITS for c in edits),
        takedowns=[c for c in changes if c.kind == "gone"],
        returns=[c for c in changes if c.kind == "returned"],
        contradictions=contradictions,
        names=names,
        gaps=[
            *_drifting(archive.drift_events(), archive.held_pages(), since, until, zone),
            *([*troubles(found), *past_gaps(found)] if found else []),
        ],
        rests_on=coverage_note(found),
    )


def _drifting(
    events: Sequence[DriftEvent],
    held: Sequence[HeldPage],
    since: datetime,
    until: datetime,
    zone: str,
) -> Iterator[str]:
    """Yield what is to be told of hosts that are read otherwise than before, a sentence each."""
    clock = time_zone(zone)
    waiting, told = Counter(page.host for page in held if page.at < until), set()
    for event in events:
        if event.at >= until or (event.ended_at is not None and event.ended_at < since):
            continue
        told.add(event.host)
        begin = event.at.astimezone(clock)
        said = f"{event.host} drifts ({event.kind}) since {begin:%Y-%m-%d %H:%M}"
        if event.ended_at is not None and event.ended_at < until:
            said = (
                f"{event.host} drifted ({event.kind}) from {begin:%Y-%m-%d %H:%M} to"
                f" {event.ended_at.astimezone(clock):%Y-%m-%d %H:%M}: {event.ended}"
            )
        if number := waiting[event.host]:
            said += f"; {_held(number)}: scraper sources drift {event.host}"
        yield said
    for host, number in sorted(waiting.items()):
        if host not in told:
            yield f"{host}: {_held(number)}, until the next pages settle what it is"


def _held(number: int) -> str:
    return f"{plural(number, 'page')} held and in no list of articles"
