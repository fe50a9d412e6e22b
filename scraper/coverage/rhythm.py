"""How many articles a source brings on which kind of day, learned from what it brought before.

Counts of a kind of day are weighted sums that forget: half their weight goes in ten weeks. Where a
kind of day is scarce it borrows from its neighbour (a Tuesday from the workdays, Saturdays and
Sundays from each other, a holiday from the weekends), as a gamma prior would make it: the borrowed
rate counts for some days' worth. That days vary more than Poisson's law allows is measured by its
second moment and makes the law negative binomial (Cameron and Trivedi, Regression Analysis of
Count Data, section 3.3). A single day counts for no more than three standard deviations above its
rate, so that a backlog or a burst does not swell the rhythm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log, sqrt

from scraper.coverage.holidays import FESTIVAL, HOLIDAY, WEEKEND, WORKDAY, kind_of
from scraper.record import record

__all__ = [
    "LEAST_ARTICLES",
    "LEAST_DAYS",
    "Learner",
    "Rhythm",
    "Sample",
    "rate_on",
    "surprise",
    "tail",
]

# Observed days and articles before anything is claimed of a source.
LEAST_DAYS, LEAST_ARTICLES = 14, 5
# Days after which what was seen counts half.
HALF_LIFE = 70.0
# For how many days a borrowed rate counts: of all workdays for one weekday, of both days of the
# weekend for one of them, of half a workday for the weekend, of a weekend for a holiday.
_WEEKDAY, _SIDE, _WEEKEND, _HOLIDAY = 4.0, 4.0, 1.0, 3.0
# Days of a kind before its rate is trusted to expect anything; for holidays, from when on besides:
# the first festival says nothing of itself.
_TRUSTED = {WORKDAY: 8, WEEKEND: 4, HOLIDAY: 3, FESTIVAL: 4}
_TRUSTED_AFTER = 30
# Dispersion that is assumed at first, and for how many workdays that counts.
_DISPERSION, _DISPERSION_DAYS = 0.25, 7.0
_MOST_DISPERSION = 4.0
# Rates are worked out anew after so many days.
_REFRESHED = 7


@record
class Rhythm:
    """What a source is expected to bring: articles a day, by kind of day.

    Attributes:
        week: Monday to Sunday, where no holiday falls on them.
        holiday, festival: on public holidays and in the Spring Festival; None before enough of them
            were seen.
        dispersion: variance beyond Poisson's, in units of the squared mean.
        days, articles: what it was learned from.
    """

    week: tuple[float, ...]
    holiday: float | None
    festival: float | None
    dispersion: float
    days: int
    articles: int

    @property
    def workday(self) -> float:
        """Articles on a mean workday."""
        return sum(self.week[:5]) / 5

    @property
    def weekend(self) -> float:
        """Articles on a mean day of the weekend."""
        return sum(self.week[5:]) / 2


@record(kw_only=False)
class Sample:
    """What came in a stretch of days between two visits: one day, where a source is visited daily.

    Attributes:
        days: the days, in order; all others that a sample is compared with come after them.
        count: entries or articles that came in them.
        late: the program was away before: what gathered meanwhile came too.
    """

    days: tuple[date, ...]
    count: int
    late: bool = False


class Learner:
    """A rhythm as it is being learned.

    Args:
        zone: IANA name of the zone whose holidays count, or "".

    Attributes:
        articles: that were learned from.
        dispersion: variance beyond Poisson's, in units of the squared mean.
        caution: the share of a rate that is left when one standard error is taken off it.
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._counts = [0.0] * 7
        self._weights = [0.0] * 7
        # Of holidays and festivals: articles, and what as many workdays would have brought then.
        self._rare = {HOLIDAY: [0.0, 0.0], FESTIVAL: [0.0, 0.0]}
        self._seen = {WORKDAY: 0, WEEKEND: 0, HOLIDAY: 0, FESTIVAL: 0}
        self._met: dict[str, date] = {}
        self._excess = self._squares = 0.0
        self._begun: date | None = None
        self._last: date | None = None
        self._fresh: date | None = None
        self.articles = 0
        self._refresh()

    @property
    def days(self) -> int:
        """Days that were learned from."""
        return sum(self._seen.values())

    def expect(self, days: Sequence[date]) -> tuple[float, float]:
        """Return the articles that some days are expected to bring.

        Returns:
            The rates' sum over all of them; and over those alone of whose kind enough was seen to
            miss anything.
        """
        total = trusted = 0.0
        for day in days:
            kind = kind_of(day, self._zone)
            seen = self._seen[kind] >= _TRUSTED[kind]
            if kind in self._rare:
                rate = self._workday * self._factors[kind]
                first = self._met.get(kind, day)
                seen = seen and (day - first).days >= _TRUSTED_AFTER
            else:
                rate = self._week[day.weekday()]
            total += rate
            if seen:
                trusted += rate
        return total, trusted

    def begin(self, samples: Sequence[Sample]) -> None:
        """Learn from a first stretch, whose days nothing could be compared with before."""
        means = sorted(sample.count / len(sample.days) for sample in samples)
        cap = 2 * means[int(0.8 * (len(means) - 1))] + 3
        for sample in samples:
            weight = self._weight(sample.days[-1])
            self._take(sample, min(sample.count, cap * len(sample.days)), weight)
        self._refresh(self._weight(samples[-1].days[-1]))

    def learn(self, sample: Sample, expected: float) -> None:
        """Learn from a stretch of days; days that were not observed are simply not given.

        Args:
            sample: what came.
            expected: what `expect` said of these days, before anything was known of them.
        """
        if sample.late:
            return
        most = expected + 3 * sqrt(expected + self.dispersion * expected**2) + 3
        count = min(float(sample.count), most)
        weight = self._weight(sample.days[-1])
        self._excess += weight * ((count - expected) ** 2 - expected)
        self._squares += weight * expected**2
        self._take(sample, count, weight)

    def rhythm(self) -> Rhythm:
        """Return what was learned."""
        if self._last is not None:
            self._refresh(self._weight(self._last))
        holiday, festival = (
            self._workday * self._factors[kind] if self._seen[kind] >= _TRUSTED[kind] else None
            for kind in (HOLIDAY, FESTIVAL)
        )
        return Rhythm(
            week=tuple(self._week),
            holiday=holiday,
            festival=festival,
            dispersion=self.dispersion,
            days=self.days,
            articles=self.articles,
        )

    def _take(self, sample: Sample, count: float, weight: float) -> None:
        self._last = last = sample.days[-1]
        share = count / len(sample.days)
        for day in sample.days:
            kind = kind_of(day, self._zone)
            self._seen[kind] += 1
            if kind in self._rare:
                # These don't fade: they come but once a year.
                self._met.setdefault(kind, day)
                rare = self._rare[kind]
                rare[0] += share
                rare[1] += self._workday
            else:
                self._counts[day.weekday()] += share * weight
                self._weights[day.weekday()] += weight
        self.articles += sample.count
        if self._fresh is None or (last - self._fresh).days >= _REFRESHED:
            self._fresh = last
            self._refresh(weight)

    def _weight(self, day: date) -> float:
        """Return the weight of a day: what was before need not fade if what is new counts more."""
        self._begun = self._begun or day
        return float(2.0 ** ((day - self._begun).days / HALF_LIFE))

    def _refresh(self, unit: float = 1.0) -> None:
        """Work out the rates; a day of today weighs `unit`."""
        counts = [count / unit for count in self._counts]
        weights = [weight / unit for weight in self._weights]
        workday = (sum(counts[:5]) + 0.01) / (sum(weights[:5]) + 0.1)
        week = [(counts[i] + _WEEKDAY * workday) / (weights[i] + _WEEKDAY) for i in range(5)]
        weekend = (counts[5] + counts[6] + _WEEKEND * workday / 2) / (
            weights[5] + weights[6] + _WEEKEND
        )
        week += [(counts[i] + _SIDE * weekend) / (weights[i] + _SIDE) for i in (5, 6)]
        self._workday, self._week = workday, week
        off = min(1.0, weekend / workday)
        # In the Spring Festival less comes than at weekends: half, until it is known.
        self._factors = {
            kind: (rare[0] + _HOLIDAY * workday * off * share) / (rare[1] + _HOLIDAY * workday)
            for (kind, rare), share in zip(self._rare.items(), (1.0, 0.5), strict=True)
        }
        base = _DISPERSION_DAYS * max(workday, 0.05) ** 2
        excess, squares = self._excess / unit, self._squares / unit
        self.dispersion = min(
            _MOST_DISPERSION, max(0.02, (excess + _DISPERSION * base) / (squares + base))
        )
        articles = sum(counts) / (1 + self.dispersion * workday)
        self.caution = 1 - 1 / sqrt(1 + articles)


def surprise(count: float, expected: float, dispersion: float, share: float) -> float:
    """Return the logarithm of how much likelier a count is at a share of what is expected.

    Args:
        count: what came.
        expected: what would come, in the mean.
        dispersion: variance beyond Poisson's, in units of the squared mean.
        share: of the expected, what comes in a gap.
    """
    size = 1 / dispersion
    return count * log(share) + (count + size) * log((size + expected) / (size + share * expected))


def tail(count: int, expected: float, variance: float) -> float:
    """Return the probability of no more than a count: negative binomial, Poisson at its limit.

    Args:
        count: what came.
        expected: the mean; `variance` is the variance.
    """
    if expected <= 0:
        return 1.0
    size = expected**2 / max(variance - expected, 1e-6 * expected**2)
    chance = expected / (size + expected)
    terms = (
        exp(
            lgamma(k + size) - lgamma(size) - lgamma(k + 1)
            + k * log(chance) + size * log(1 - chance)
        )
        for k in range(count + 1)
    )  # fmt: skip
    return min(1.0, sum(terms))


def rate_on(rhythm: Rhythm, day: date, zone: str) -> float:
    """Return what a rhythm expects of a day; nothing of a holiday that it knows nothing of."""
    kind = kind_of(day, zone)
    if kind == HOLIDAY:
        return rhythm.holiday or 0.0
    if kind == FESTIVAL:
        return rhythm.festival or 0.0
    return rhythm.week[day.weekday()]
