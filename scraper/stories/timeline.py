"""Who reported a story first, as far as is known, and how long the other language took.

A page prints when it was published; the archive knows when it first saw it. A time printed without
an hour leaves the whole day open, a page without a time was published at some point before it was
seen, and one that states only its last change at some point before that. So each article has a span
of time, and everything derived from spans is a span.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from scraper.record import record
from scraper.stories.relations import Relation

__all__ = [
    "FirstReport",
    "Lag",
    "Span",
    "StoryArticle",
    "first_report",
    "is_order_known",
    "lag",
    "span_of",
]

_DAY = timedelta(days=1)


@record
class Span:
    """The time of an event: not before `since`, not after `until`.

    Attributes:
        since: None where nothing is known.
        until: the later end.
    """

    since: datetime | None
    until: datetime


@record
class StoryArticle:
    """An article of a story.

    Attributes:
        id: its number.
        outlet, title, url, language, script: as the archive shows it.
        credited: outlet that the page names as its source, or "".
        published: as its page prints it, or None.
        offset: minutes of the zone in which the page gave it, or None.
        seen: when the archive first saw its address.
        nearest: the article of the story that it most resembles.
        probability: that the two report one event.
        measures: the evidence for that, by name.
        dated_by_change: whether `published` is that of the last change, for the page states no
            other.
    """

    id: int
    outlet: str
    title: str
    url: str
    language: str
    script: str
    credited: str
    published: datetime | None
    offset: int | None
    seen: datetime
    nearest: int
    probability: float
    measures: dict[str, float]
    dated_by_change: bool = False

    @property
    def at(self) -> datetime:
        """The article's place in the timeline."""
        return self.published or self.seen


@record
class FirstReport:
    """The first report of a story, as far as is known.

    Attributes:
        span: when it appeared.
        articles: those that may be the first; just one where that is certain.
    """

    span: Span
    articles: tuple[int, ...]


@record
class Lag:
    """How much later a story was first reported in one language than in another.

    Attributes:
        first, second: languages; the first was earlier, or may have been.
        least, most: bounds of the lag; `least` is negative where the order is not certain, and
            None where nothing bounds it.
    """

    first: str
    second: str
    least: timedelta | None
    most: timedelta | None


def span_of(article: StoryArticle) -> Span:
    """Return when an article was published, as far as is known."""
    printed = article.published
    if printed is None or printed > article.seen:
        return Span(since=None, until=article.seen)
    since = None if article.dated_by_change else printed
    local = printed + timedelta(minutes=article.offset or 0)
    if local.hour == local.minute == local.second == 0:
        # A page that prints a day without an hour.
        return Span(since=since, until=min(printed + _DAY, article.seen))
    return Span(since=since, until=printed)


def is_order_known(relation: Relation, articles: Mapping[int, StoryArticle]) -> bool:
    """Return whether it is known which of two texts was first: by a credit, or by their times.

    Args:
        relation: of a copy and its original.
        articles: by id; the order with one that is not among them counts as known.
    """
    copy, original = articles.get(relation.copy), articles.get(relation.original)
    if copy is None or original is None:
        return True
    if relation.credit or copy.credited == original.outlet:
        return True
    since, until = span_of(copy).since, span_of(original).until
    return since is not None and until < since


def first_report(articles: Iterable[StoryArticle]) -> FirstReport:
    """Return the first report among articles; there must be at least one."""
    spans = {article.id: span_of(article) for article in articles}
    until = min(span.until for span in spans.values())
    candidates = {n: s for n, s in spans.items() if s.since is None or s.since <= until}
    starts = [s.since for s in candidates.values()]
    since = None if None in starts else min(s for s in starts if s is not None)
    ordered = sorted(candidates, key=lambda n: (candidates[n].until, n))
    return FirstReport(span=Span(since=since, until=until), articles=tuple(ordered))


def lag(articles: Sequence[StoryArticle], one: str = "en", other: str = "zh") -> Lag | None:
    """Return how much later the second of two languages reported a story; None if only one did."""
    spans = {}
    for language in (one, other):
        mine = [a for a in articles if a.language == language]
        if not mine:
            return None
        spans[language] = first_report(mine).span
    first, second = sorted((one, other), key=lambda language: spans[language].until)
    early, late = spans[first], spans[second]
    return Lag(
        first=first,
        second=second,
        least=None if late.since is None else late.since - early.until,
        most=None if early.since is None else late.until - early.since,
    )
