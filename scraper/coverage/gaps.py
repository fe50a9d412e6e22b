"""Where a source brought far less than its rhythm lets expect.

Page's cumulative sum (E. S. Page, Continuous inspection schemes, Biometrika 41, 1954): each day
adds the logarithm of how much likelier its count is at a fifth of what is expected than at all of
it, and the sum never falls below 0. A gap is told when the sum reaches 7: of a source whose rhythm
is known exactly, that happens wrongly once in e^7 = 1,096 days or more seldom (G. Lorden, Annals of
Mathematical Statistics 42, 1971). Days from where the sum left 0 teach the rhythm nothing until it
is back there, and those of a gap never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scraper.coverage.rhythm import (
    LEAST_ARTICLES,
    LEAST_DAYS,
    Learner,
    Rhythm,
    Sample,
    surprise,
    tail,
)
from scraper.record import record

__all__ = ["Gap", "GapScan", "scan_gaps"]

ALARM = 7.0
# In a gap there comes a fifth of what is expected, or less.
_SHARE = 0.2
# From here on something may be amiss: some fifty to one, if one day is looked at.
_DOUBT = 4.0
# A gap is over when so much speaks against it: some twenty to one.
_OVER = 3.0
# After so many days with articles, but far fewer, that is the rhythm.
_SETTLED_DAYS, _SETTLED_ARTICLES = 28, 5


@record
class Gap:
    """A stretch of days in which far less came than was expected.

    Attributes:
        first, last: its days, both included.
        days: those among them that were observed.
        count: what came.
        expected: what was expected.
        chance: probability of no more than that, if the source kept its rhythm.
        open: whether it lasts.
        resumed: the day on which something came again, though not enough yet to call the gap over;
            or, of a gap that is over, the day after its last. None if it lasts.
        settled: whether it ended because the lower pace became the rhythm.
    """

    first: date
    last: date
    days: int
    count: int
    expected: float
    chance: float
    open: bool
    resumed: date | None = None
    settled: bool = False


@record
class GapScan:
    """What a walk through the days of a source found.

    Attributes:
        rhythm: as it was learned until now, or None where there is too little history.
        expected: what was expected of each day, by what was known then.
        gaps: in order; the last one may be open.
        doubt: days that may become a gap, or None.
        days, articles: what was learned from, also where it is too little.
    """

    rhythm: Rhythm | None
    expected: Mapping[date, float]
    gaps: tuple[Gap, ...]
    doubt: Gap | None
    days: int
    articles: int


@dataclass(slots=True)
class _ScoredDay:
    sample: Sample
    total: float  # that was expected, of all its days
    expected: float  # and of those of whose kind enough is known
    variance: float
    speaks: float  # for a gap


@dataclass(slots=True)
class _Cusum:
    """Days since the cumulative sum left 0."""

    days: list[_ScoredDay] = field(default_factory=list)
    total: float = 0.0
    highest: float = 0.0
    until: int = 0  # how many of the days lead to the highest sum

    def add(self, weighed: _ScoredDay) -> None:
        self.days.append(weighed)
        self.total += weighed.speaks
        if self.total >= self.highest:
            self.highest, self.until = self.total, len(self.days)


def scan_gaps(samples: Iterable[Sample], zone: str, *, until: Sample | None = None) -> GapScan:
    """Learn a source's rhythm day by day, and find its gaps against it.

    Args:
        samples: what came between visits that worked, in order.
        zone: IANA name of the zone whose holidays count, or "".
        until: what has come today so far; of a day that is not over nothing is expected.
    """
    walker = _GapDetector(zone)
    for sample in samples:
        walker.step(sample)
    return walker.end(until)


class _GapDetector:
    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._learner = Learner(zone)
        self._first: list[Sample] = []
        self._days = self._articles = 0
        self._ready = False
        self._suspect = _Cusum()
        self._expected: dict[date, float] = {}
        self._gaps: list[Gap] = []

    def step(self, sample: Sample) -> None:
        if not self._ready:
            self._start(sample)
            return
        weighed = self._weigh(sample)
        suspect = self._suspect
        suspect.add(weighed)
        if suspect.total <= 0:
            self._acquit()
        elif suspect.highest >= ALARM:
            if suspect.total <= suspect.highest - _OVER:
                self._close()
            elif weighed.sample.count:
                self._settle()

    def end(self, until: Sample | None) -> GapScan:
        suspect, learner = self._suspect, self._learner
        doubt = None
        if suspect.highest >= _DOUBT:
            gap = self._gap(suspect, open_=True)
            if until is not None and until.count and gap.resumed is None:
                gap = replace(gap, resumed=until.days[-1])
            if suspect.highest >= ALARM:
                self._gaps.append(gap)
            elif gap.resumed is None:
                doubt = gap
        rhythm = learner.rhythm() if self._ready else None
        return GapScan(
            rhythm=rhythm,
            expected=self._expected,
            gaps=tuple(self._gaps),
            doubt=doubt,
            days=learner.days if rhythm else self._days,
            articles=learner.articles if rhythm else self._articles,
        )

    def _start(self, sample: Sample) -> None:
        """Gather the first days; begin when there are enough."""
        if sample.late:
            return
        self._first.append(sample)
        self._days += len(sample.days)
        self._articles += sample.count
        if self._days >= LEAST_DAYS and self._articles >= LEAST_ARTICLES:
            self._begin(self._first)

    def _begin(self, samples: Sequence[Sample]) -> None:
        self._learner = Learner(self._zone)
        self._learner.begin(samples)
        self._ready = True

    def _weigh(self, sample: Sample) -> _ScoredDay:
        learner = self._learner
        total, expected = learner.expect(sample.days)
        for day in sample.days:
            self._expected[day] = total / len(sample.days)
        cautious = expected * learner.caution
        return _ScoredDay(
            sample,
            total,
            expected,
            expected + learner.dispersion * expected**2,
            surprise(sample.count, cautious, learner.dispersion, _SHARE),
        )

    def _acquit(self) -> None:
        for weighed in self._suspect.days:
            self._learner.learn(weighed.sample, weighed.total)
        self._suspect = _Cusum()

    def _close(self) -> None:
        """Note a gap that is over, and take up the days after it."""
        suspect = self._suspect
        self._gaps.append(self._gap(suspect, open_=False))
        after = suspect.days[suspect.until :]
        self._suspect = _Cusum()
        for weighed in after:
            self._learner.learn(weighed.sample, weighed.total)

    def _settle(self) -> None:
        """Take a lower pace that lasts for the source's rhythm."""
        suspect = self._suspect
        last = suspect.days[-_SETTLED_DAYS:]
        counts = [weighed.sample.count for weighed in last]
        if len(suspect.days) < _SETTLED_DAYS or sum(counts) < _SETTLED_ARTICLES:
            return
        if not any(counts[: _SETTLED_DAYS // 2]):
            return  # it has only just begun again
        self._gaps.append(self._gap(suspect, open_=False, settled=True))
        self._begin([weighed.sample for weighed in last])
        self._suspect = _Cusum()

    def _gap(self, suspect: _Cusum, *, open_: bool, settled: bool = False) -> Gap:
        low = suspect.days if settled else suspect.days[: suspect.until]
        after = suspect.days[suspect.until :]
        silent = _silence(low)
        # "No article for 3 days" says more than "1 in 9", unless most was missed before.
        most = sum(w.expected for w in silent) >= sum(w.expected for w in low) / 2
        enough = sum(w.speaks for w in silent) >= min(ALARM, suspect.highest)
        if most and enough:
            low = list(silent)
        first, last = low[0].sample.days[0], low[-1].sample.days[-1]
        count = sum(weighed.sample.count for weighed in low)
        expected = sum(weighed.expected for weighed in low)
        variance = sum(weighed.variance for weighed in low)
        back = next((w.sample.days[-1] for w in after if w.sample.count), None)
        return Gap(
            first=first,
            last=last,
            days=sum(len(weighed.sample.days) for weighed in low),
            count=count,
            expected=expected,
            chance=tail(count, expected, variance),
            open=open_,
            resumed=back,
            settled=settled,
        )


def _silence(days: Sequence[_ScoredDay]) -> Sequence[_ScoredDay]:
    """Return the last days on which nothing came."""
    start = len(days)
    while start and not days[start - 1].sample.count:
        start -= 1
    return days[start:]
