"""Rhythms and gaps: what is expected of a source, what is missed, and what is not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

import pytest

from scraper.coverage import SourceAssessment, assess_source, total
from scraper.coverage.gaps import scan_gaps
from scraper.coverage.holidays import (
    _CATEGORIES,
    _FESTIVALS,
    _PARTS,
    FESTIVAL,
    HOLIDAY,
    WEEKEND,
    WORKDAY,
    _public_holidays,
    kind_of,
)
from scraper.coverage.report import history_days, past_gaps, report, troubles
from scraper.coverage.rhythm import Sample, tail
from scraper.coverage.summary import coverage_note, report_as_dict
from scraper.coverage.wording import format_rhythm
from scraper.models import CoverageDay, SourceHistory

BEIJING = "Asia/Shanghai"
MONDAY = date(2025, 5, 12)  # no holiday but one falls into the eleven weeks after it
DAY = timedelta(days=1)
Made = Callable[[date], CoverageDay | None]


def history(
    make: Made,
    days: int,
    *,
    first: date = MONDAY,
    zone: str = BEIJING,
    interval: int = 3600,
    failures: int = 0,
    ran: Sequence[date] = (),
    **fields: object,
) -> SourceHistory:
    """Return a history of so many whole days and a bit of today, which `make` fills."""
    made = [make(first + DAY * n) for n in range(days + 1)]
    told_of = tuple(day for day in made if day is not None)
    return SourceHistory(
        name="kr",
        outlet="36氪",
        zone=zone,
        interval=interval,
        enabled=bool(fields.pop("enabled", True)),
        since=next((d.day for d in told_of if d.visits > d.visits_failed), None),
        today=first + DAY * days,
        days=told_of,
        ran=frozenset({d.day for d in told_of if d.visits} | set(ran)),
        failures=failures,
        last_message="no answer in 60 s" if failures else "",
    )


def full(day: date, kept: int = 4, **counts: int) -> CoverageDay:
    return CoverageDay(day=day, visits=24, kept=kept, **counts)


def steady(day: date) -> CoverageDay:
    """4 articles on workdays, 1 a day at weekends."""
    return full(day, 4 if day.weekday() < 5 else 1)


def until(last: int, then: Made, before: Made = steady) -> Made:
    """Return what is as usual for so many days from the first on, and then otherwise."""
    return lambda day: before(day) if day < MONDAY + DAY * last else then(day)


def silent(day: date) -> CoverageDay:
    return full(day, 0)


# -- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "kind"),
    [
        (date(2026, 2, 17), BEIJING, FESTIVAL),
        (date(2026, 2, 15), BEIJING, FESTIVAL),
        (date(2026, 2, 12), BEIJING, WORKDAY),
        (date(2025, 1, 29), "Asia/Hong_Kong", FESTIVAL),
        (date(2025, 1, 29), "America/New_York", WORKDAY),
        (date(2026, 10, 5), BEIJING, HOLIDAY),
        (date(2026, 6, 19), "Asia/Taipei", HOLIDAY),
        (date(2026, 4, 3), "Asia/Hong_Kong", HOLIDAY),
        (date(2026, 11, 26), "America/Los_Angeles", HOLIDAY),
        (date(2026, 5, 25), "America/New_York", HOLIDAY),
        (date(2026, 5, 25), "Europe/London", HOLIDAY),
        (date(2026, 12, 25), "", HOLIDAY),
        (date(2026, 11, 28), "", WEEKEND),
        (date(2026, 11, 27), "", WORKDAY),
        (date(2051, 2, 12), BEIJING, FESTIVAL),
        (date(2105, 2, 12), BEIJING, WORKDAY),
        (date(2026, 2, 14), BEIJING, WORKDAY),
        (date(2026, 2, 14), "Asia/Taipei", WEEKEND),
        (date(2030, 10, 6), BEIJING, HOLIDAY),
        (date(2026, 10, 26), "Asia/Taipei", HOLIDAY),
        (date(2026, 2, 7), "Asia/Seoul", WEEKEND),
        (date(2027, 2, 7), "Asia/Seoul", FESTIVAL),
        (date(2026, 7, 3), "America/Denver", HOLIDAY),
        (date(2026, 11, 27), "America/Denver", HOLIDAY),
        (date(2026, 11, 27), "Europe/London", WORKDAY),
        (date(2026, 4, 3), "America/Chicago", HOLIDAY),
        (date(2026, 4, 6), "America/Chicago", WORKDAY),
        (date(2026, 12, 24), "Europe/Paris", HOLIDAY),
        (date(2026, 12, 24), "Asia/Tokyo", WORKDAY),
        (date(2026, 12, 31), "Asia/Tokyo", HOLIDAY),
        (date(2026, 5, 25), "US/Pacific", HOLIDAY),
        (date(2026, 2, 17), "PRC", FESTIVAL),
        (date(2026, 12, 26), "Etc/UTC", HOLIDAY),
        (date(9999, 12, 31), BEIJING, WORKDAY),
    ],
)
def test_kinds_of_days(day: date, zone: str, kind: str) -> None:
    assert kind_of(day, zone) == kind


def test_every_spring_festival_is_in_its_season() -> None:
    for year in range(2020, 2041):
        days = [date(year, 1, 1) + DAY * n for n in range(70)]
        off = [day for day in days if kind_of(day, BEIJING) == FESTIVAL]
        # Ten days, less the weekend that the State Council made workdays.
        assert 8 <= len(off) <= 10, year
        assert date(year, 1, 19) <= off[0] and off[-1] <= date(year, 2, 28), year


# -- one source ----------------------------------------------------------------------------------


def test_a_gap_is_told_with_what_was_expected_and_why() -> None:
    standing = assess_source(history(until(58, silent), 61))  # the 58th day is a Wednesday
    assert standing.kind == "gap"
    assert standing.sentence == "no article for 3 days, expected 12; 72 visits showed nothing new"
    assert standing.gap is not None
    assert standing.gap.chance < 0.001
    assert (standing.gap.first, standing.gap.days) == (MONDAY + DAY * 58, 3)


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ({"rejected": 4}, "of 12 entries 12 rejected"),
        ({"off_topic": 4}, "of 12 entries 12 off topic"),
        ({"failed": 3, "rejected": 1}, "of 12 entries 3 rejected, 9 failed"),
        ({"waiting": 4}, "of 12 entries 12 waiting"),
    ],
)
def test_a_gap_says_at_which_stage_articles_were_lost(lost: dict[str, int], said: str) -> None:
    standing = assess_source(history(until(58, lambda day: full(day, 0, **lost)), 61))
    assert standing.sentence == f"no article for 3 days, expected 12; {said}"


def test_a_source_that_writes_of_something_else_is_not_missing() -> None:
    standing = assess_source(history(until(58, lambda day: full(day, 0, off_topic=4)), 61))
    assert standing.kind == "lower than usual"


def test_a_daily_visit_that_slips_over_midnight_is_no_day_off() -> None:
    def daily(day: date) -> CoverageDay | None:
        number = (day - MONDAY).days
        return None if number == 40 else CoverageDay(day=day, visits=1, kept=4 + 4 * (number == 41))

    standing = assess_source(history(daily, 60))
    assert (standing.away, standing.gaps, standing.kind) == ((), (), "fine")


def test_a_day_with_few_visits_is_one_with_the_next() -> None:
    def busy(day: date) -> CoverageDay:
        return full(day, 40)

    def cut_short(day: date) -> CoverageDay | None:
        """The program ended after its first visit of a Wednesday, and ran again on Friday."""
        number = (day - MONDAY).days
        if number == 58:
            return CoverageDay(day=day, visits=1)
        return None if number == 59 else busy(day)

    for days in (59, 60, 61, 65):
        standing = assess_source(history(cut_short, days))
        assert (standing.gaps, standing.kind) == ((), "fine"), days
    short = assess_source(
        history(lambda day: CoverageDay(day=day, visits=1, kept=40), 60)
    )  # once a day is as usual here
    assert short.rhythm is not None
    assert short.rhythm.workday == pytest.approx(40, rel=0.05)


def test_what_may_be_chance_is_called_so() -> None:
    standing = assess_source(history(until(58, silent), 60))
    assert standing.kind == "lower than usual"
    assert standing.sentence == (
        "no article for 2 days, expected 8, which may be chance; 48 visits showed nothing new"
    )


def test_a_partial_gap_counts_what_came() -> None:
    def busy(day: date) -> CoverageDay:
        return full(day, 20 if day.weekday() < 5 else 5)

    def trickle(day: date) -> CoverageDay:
        return full(day, 1 if day.weekday() == 2 else 0)

    standing = assess_source(history(until(63, trickle, busy), 67))
    assert standing.kind == "gap"
    assert standing.gap is not None
    assert standing.gap.count == 1
    assert standing.sentence.startswith("1 article in 4 days, expected 80; ")


def test_the_gap_does_not_teach_its_own_expectation() -> None:
    short = assess_source(history(until(58, silent), 61))
    long = assess_source(history(until(58, silent), 101))
    assert long.gap is not None and short.gap is not None
    assert long.gap.days == 43
    assert long.rhythm is not None and short.rhythm is not None
    assert long.rhythm.week == short.rhythm.week
    assert long.gap.expected == pytest.approx(31 * 4 + 12 * 1, rel=0.05)


def test_weekends_are_not_gaps_and_not_workdays() -> None:
    def workdays(day: date) -> CoverageDay:
        return full(day, 12 if day.weekday() < 5 else 0)

    standing = assess_source(history(workdays, 90))
    assert (standing.kind, standing.gaps) == ("fine", ())
    assert standing.sentence == "about 12 a workday, hardly any at weekends"
    assert standing.rhythm is not None
    assert standing.rhythm.week[6] < 0.5


def test_one_weekday_of_its_own_is_learned() -> None:
    def weekly_digest(day: date) -> CoverageDay:
        return full(day, 30 if day.weekday() == 3 else 3)

    rhythm = assess_source(history(weekly_digest, 120)).rhythm
    assert rhythm is not None
    assert rhythm.week[3] > 2.5 * rhythm.week[2]


def test_the_first_days_claim_nothing() -> None:
    standing = assess_source(history(until(6, silent), 12))
    assert (standing.kind, standing.gap, standing.rhythm) == ("too little history", None, None)
    assert "of 14 days" in standing.sentence
    rare = assess_source(
        history(lambda day: full(day, int(day.weekday() == 1 and day.day < 15)), 40)
    )
    assert rare.kind == "too little history"
    assert "articles in 39 days, 5 are needed" in rare.sentence


def test_the_backlog_of_the_first_visit_swells_nothing() -> None:
    def begun(day: date) -> CoverageDay:
        return full(day, 400) if day == MONDAY else steady(day)

    standing = assess_source(history(begun, 60))
    assert standing.rhythm is not None
    assert 3.5 <= standing.rhythm.workday <= 4.5
    assert standing.rhythm == assess_source(history(steady, 60)).rhythm


def test_a_burst_swells_little() -> None:
    def bursts(day: date) -> CoverageDay:
        return full(day, 300) if day == MONDAY + DAY * 52 else steady(day)

    rhythm = assess_source(history(bursts, 60)).rhythm
    assert rhythm is not None
    assert rhythm.workday < 5


def test_days_without_a_visit_are_no_zeros() -> None:
    def away(day: date) -> CoverageDay | None:
        return None if MONDAY + DAY * 40 <= day < MONDAY + DAY * 50 else steady(day)

    standing = assess_source(history(away, 62))
    assert (standing.kind, standing.gaps) == ("fine", ())
    assert standing.rhythm is not None
    assert 3.5 <= standing.rhythm.workday <= 4.5
    [gone] = standing.away
    assert (gone.days, gone.failed, gone.running) == (10, False, False)
    assert gone.expected == pytest.approx(28, abs=2)


def test_what_gathered_meanwhile_does_not_swell_the_rhythm() -> None:
    def away(day: date) -> CoverageDay | None:
        if MONDAY + DAY * 40 <= day < MONDAY + DAY * 50:
            return None
        return full(day, 40) if day == MONDAY + DAY * 50 else steady(day)

    rhythm = assess_source(history(away, 52)).rhythm
    assert rhythm is not None
    assert rhythm.workday < 4.5


def test_a_source_that_is_visited_each_third_day_has_a_rhythm() -> None:
    def third(day: date) -> CoverageDay | None:
        number = (day - MONDAY).days
        return full(day, 6) if number % 3 == 0 else None

    standing = assess_source(history(third, 90, interval=3 * 86400))
    assert standing.away == ()
    assert standing.rhythm is not None
    assert sum(standing.rhythm.week) == pytest.approx(14, rel=0.15)


def test_failing_is_told_with_its_reason_and_what_is_missed() -> None:
    def broken(day: date) -> CoverageDay:
        return CoverageDay(day=day, visits=8, visits_failed=8, error_class="timeout")

    standing = assess_source(history(until(58, broken), 61, failures=26))
    assert standing.kind == "failing"
    assert standing.sentence == (
        "not read for 3 days, expected 12; 26 visits failed in a row: no answer in 60 s"
    )
    assert assess_source(history(steady, 61, failures=1)).sentence == (
        "1 visit failed in a row: no answer in 60 s"
    )


def test_not_visited_is_another_thing_than_silence() -> None:
    gone = until(58, lambda day: None)
    others = [MONDAY + DAY * n for n in range(62)]
    assert (
        assess_source(history(gone, 61, ran=others)).sentence
        == "not visited for 3 days, expected 12"
    )
    assert assess_source(history(gone, 61, enabled=False)).kind == "paused"
    # Where nothing at all was visited the source is not to blame.
    assert assess_source(history(gone, 61)).kind == "fine"
    idle = report([history(gone, 71)])
    assert idle is not None
    assert idle.idle == 14
    assert idle.until == MONDAY + DAY * 57


def test_what_was_never_read_or_never_kept_is_told() -> None:
    assert assess_source(history(lambda day: None, 3)).kind == "never visited"
    barren = assess_source(history(lambda day: full(day, 0, rejected=9, failed=1), 5))
    assert barren.kind == "nothing kept"
    assert barren.sentence == ("no article in 5 days: of 60 entries 54 rejected, 6 failed")
    dead = assess_source(history(silent, 184))
    assert (dead.kind, dead.sentence) == ("nothing kept", "nothing new in 183 days")
    off = assess_source(history(lambda day: full(day, 0, off_topic=9, failed=1), 5))
    assert off.kind == "too little history"


def test_a_source_that_starts_again_is_fine_and_the_gap_stays_on_record() -> None:
    def outage(day: date) -> CoverageDay:
        return silent(day) if MONDAY + DAY * 58 <= day < MONDAY + DAY * 63 else steady(day)

    at_once = assess_source(history(outage, 63))  # something came today
    assert at_once.sentence.startswith("no article for 5 days, expected 14; again since 2025-07-14")
    later = assess_source(history(outage, 70))
    assert later.kind == "fine"
    assert [(g.first, g.days, g.open) for g in later.gaps] == [(MONDAY + DAY * 58, 5, False)]
    found = report([history(outage, 70)])
    assert found is not None
    assert past_gaps(found) == [
        "36氪: no article for 5 days, expected 14, 2025-07-09 to 2025-07-13"
    ]


def test_a_lower_pace_that_lasts_becomes_the_rhythm() -> None:
    def slower(day: date) -> CoverageDay:
        return full(day, 1 if day.weekday() < 5 else 0)

    def busy(day: date) -> CoverageDay:
        return full(day, 20)

    assert assess_source(history(until(60, slower, busy), 75)).kind == "gap"
    standing = assess_source(history(until(60, slower, busy), 120))
    assert standing.kind == "fine"
    assert [gap.settled for gap in standing.gaps] == [True]
    assert standing.sentence.startswith("about 1")


def test_a_quiet_source_is_called_quiet_not_broken() -> None:
    def weekly(day: date) -> CoverageDay:
        number = (day - MONDAY).days
        return full(day, int(number % 7 == 2 and number < 105))

    standing = assess_source(history(weekly, 122))
    assert standing.kind == "quiet"
    assert standing.sentence.startswith("no article for 21 days, which is not unusual (about")


def test_entries_have_a_rhythm_of_their_own_where_few_are_kept() -> None:
    def choosy(day: date) -> CoverageDay:
        return full(day, int(day.weekday() == 1), off_topic=30)

    standing = assess_source(history(until(60, silent, choosy), 62))
    assert standing.kind == "gap"
    assert standing.sentence == "no entry for 2 days, expected 60; 48 visits showed nothing new"


def test_entries_are_the_sum_of_what_became_of_them() -> None:
    day = CoverageDay(
        day=MONDAY, kept=5, known=1, rejected=2, off_topic=3, held=7, failed=4, waiting=6
    )
    counts = total([day, day])
    assert counts.seen == 56 == 2 * day.seen
    rest = counts.rejected + counts.off_topic + counts.held + counts.failed + counts.waiting
    assert counts.seen == counts.kept + counts.known + rest


# -- the Spring Festival -------------------------------------------------------------------------


def festive(day: date) -> CoverageDay:
    off = {WORKDAY: 8, WEEKEND: 3, HOLIDAY: 3, FESTIVAL: 0}
    return full(day, off[kind_of(day, BEIJING)])


def test_silence_in_the_first_spring_festival_claims_nothing() -> None:
    start = date(2024, 11, 4)
    standing = assess_source(history(festive, 110, first=start))
    assert standing.gaps == ()
    assert standing.kind == "fine"


def test_the_second_spring_festival_is_known() -> None:
    start = date(2025, 1, 6)
    eve = (date(2026, 2, 17) - start).days
    standing = assess_source(history(festive, eve + 3, first=start))
    assert standing.gaps == ()
    assert standing.rhythm is not None
    assert standing.rhythm.festival is not None and standing.rhythm.festival < 1
    working = assess_source(
        history(lambda day: full(day, 8), eve + 3, first=start)
    )  # a source that never rests
    assert working.rhythm is not None
    assert working.rhythm.festival == pytest.approx(8, abs=1.5)

    def rested(day: date) -> CoverageDay:
        return full(day, 8 if day < date(2026, 2, 15) else 0)

    missed = assess_source(history(rested, eve + 3, first=start))
    assert missed.kind == "gap", "one that never rested is missed on the third day"


def test_a_year_of_history_is_asked_for_near_the_festival_only() -> None:
    assert history_days(date(2026, 3, 20)) == history_days(date(2026, 2, 15)) == 400
    assert history_days(date(2026, 11, 23)) < 200


# -- many sources --------------------------------------------------------------------------------


def poisson(chance: random.Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    left, count, product = math.exp(-mean), 0, chance.random()
    while product > left:
        product *= chance.random()
        count += 1
    return count


def simulated(chance: random.Random, days: int, dispersion: float, level: float) -> list[Sample]:
    """Return what a source brings: workdays, weekends, festival, drift, and some bursts."""
    first = date(2025, 1, 6)
    shares = {
        WORKDAY: 1.0,
        WEEKEND: chance.choice([0, 0.1, 0.3, 0.6, 1]),
        FESTIVAL: chance.choice([0, 0, 0.2, 0.5]),
    }
    shares[HOLIDAY] = shares[WEEKEND]
    drift = chance.choice([-0.4, 0, 0, 1])
    bursts = set(chance.sample(range(days), chance.choice([0, 0, 4])))
    samples = []
    for number in range(days):
        day = first + DAY * number
        mean = level * (1 + drift * number / days) * shares[kind_of(day, BEIJING)]
        if dispersion:
            mean *= chance.gammavariate(1 / dispersion, dispersion)
        burst = chance.randrange(20, 200) if number in bursts else 0
        samples.append(Sample((day,), poisson(chance, mean) + burst))
    return samples


def sources(count: int, seed: int) -> Iterator[tuple[random.Random, float, float]]:
    """Yield generators, dispersions and levels from one article in ten days to sixty a day."""
    for number in range(count):
        chance = random.Random(seed * 10_000 + number)
        level = math.exp(chance.uniform(math.log(0.1), math.log(60)))
        yield chance, chance.choice([0.02, 0.1, 0.3, 0.5]), level


def test_false_alarms_are_rare() -> None:
    days, gaps = 0, 0
    for chance, dispersion, level in sources(120, seed=1):
        found = scan_gaps(simulated(chance, 400, dispersion, level), BEIJING)
        days += len(found.expected)
        gaps += len(found.gaps)
    assert days > 35_000
    assert gaps <= days / 2000, f"{gaps} in {days} days"


@pytest.mark.parametrize(
    ("level", "dispersion", "within"),
    [(40, 0.3, 4), (12, 0.1, 4), (12, 0.5, 7), (4, 0.1, 7), (1, 0.1, 25)],
)
def test_true_gaps_are_found_within_days(level: float, dispersion: float, within: int) -> None:
    waits = []
    for seed in range(25):
        chance = random.Random(seed)
        samples = simulated(chance, 200, dispersion, level)
        samples = [sample for sample in samples if sample.days[0] >= date(2025, 2, 24)]
        last = samples[-1].days[-1]
        waits.append(
            next(
                (
                    n
                    for n in range(1, 3 * within)
                    if any(
                        gap.open
                        for gap in scan_gaps(
                            samples + [Sample((last + DAY * i,), 0) for i in range(1, n + 1)],
                            BEIJING,
                        ).gaps
                    )
                ),
                99,
            )
        )
    assert median(waits) <= within
    assert max(waits) <= 2 * within


def test_the_tail_is_poissons_and_then_the_negative_binomials() -> None:
    assert tail(0, 12, 12) == pytest.approx(math.exp(-12), rel=1e-3)
    assert tail(3, 4, 4) == pytest.approx(
        sum(math.exp(-4) * 4**k / math.factorial(k) for k in range(4)), rel=1e-3
    )
    # Variance twice the mean: size 4, chance of failure one half.
    assert tail(0, 4, 8) == pytest.approx(0.5**4)
    assert tail(5, 0, 0) == 1


# -- all together --------------------------------------------------------------------------------


def test_the_report_counts_what_answers_rest_on() -> None:
    quiet = replace(history(steady, 61), name="a", outlet="晨报")
    gap = history(until(58, silent), 61)
    new = replace(history(steady, 3, first=MONDAY + DAY * 58), name="c", outlet="新声")
    found = report([quiet, gap, new])
    assert found is not None
    assert found.kinds == {"gap": 1, "too little history": 1, "fine": 1}
    assert troubles(found) == [
        "36氪: no article for 3 days, expected 12; 72 visits showed nothing new"
    ]
    line = coverage_note(found)
    assert "rests on 3 sources, 2025-06-13 to 2025-07-12" in line
    assert f"{found.counts.seen} entries seen = {found.counts.kept} kept" in line
    assert "In trouble: 36氪: no article for 3 days, expected 12" in line
    values = report_as_dict(found)
    assert values is not None
    assert values["in_trouble"][0]["gap"]["expected"] == 12
    assert values["entries"]["seen"] == found.counts.seen
    assert report([]) is None
    assert "no source is watched" in coverage_note(None)


def test_two_sources_of_an_outlet_are_told_apart() -> None:
    one = history(until(58, silent), 61)
    found = report([one, replace(one, name="kr-sitemap")])
    assert found is not None
    assert [line.partition(":")[0] for line in troubles(found)] == [
        "36氪 (kr)", "36氪 (kr-sitemap)",
    ]  # fmt: skip


def test_rhythms_in_words() -> None:
    def said(make: Made, days: int = 100) -> str:
        rhythm = standing_of(make, days).rhythm
        assert rhythm is not None
        return format_rhythm(rhythm)

    def standing_of(make: Made, days: int) -> SourceAssessment:
        return assess_source(history(make, days, zone="Etc/UTC", first=date(2025, 5, 5)))

    assert said(lambda day: full(day, 12 if day.weekday() < 5 else 3)).startswith(
        "about 12 a workday, 3 "
    )
    assert said(lambda day: full(day, 7)) == "about 7 a day"
    assert said(lambda day: full(day, int(day.weekday() in (1, 3)))) == "about 2 a week"
    assert said(lambda day: full(day, int(day.day == 10)), 200) == "about 1.2 a month"


@pytest.mark.parametrize("country", ["US", "GB", "DE", "CN", "TW", "HK", "MO", "SG", "JP", "KR"])
def test_a_country_loaded_by_itself_has_the_days_that_the_package_gives_it(country: str) -> None:
    import holidays

    found = _public_holidays(country, 2025)
    assert found is not None
    whole = holidays.country_holidays(
        country,
        years=2025,
        expand=False,
        subdiv=_PARTS.get(country),
        language="en_US" if country in _FESTIVALS else None,
        categories=_CATEGORIES.get(country),
    )
    assert dict(found) == dict(whole) and len(found) > 5
    assert found.weekend_workdays == whole.weekend_workdays
