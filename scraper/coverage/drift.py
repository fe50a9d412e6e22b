"""Whether a host's pages are still read as they were: control charts over how each was read.

A redesign, a new wall or an empty text shows in the pages that come after it: their text stands in
other elements, is shorter than any before, has more links, more is cut, fewer fields are found, or
no article is found at all. Each page is compared with the latest good ones of its host. How
surprising it is, as the negative decimal logarithm of its probability, is added up from page to
page (CUSUM, E. S. Page 1954), so that single odd pages pass and several in a row are told. Slow
changes are followed by moving averages against the host's first pages (EWMA, S. W. Roberts 1959).

Pages that are surprising by themselves, or come while a host drifts, are held: they become no
version until others settle what they are. Everything here is a function of its arguments alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from statistics import fmean, median
from typing import Final

from scraper.models.drift import PageShape
from scraper.record import record

__all__ = [
    "ARTICLE",
    "BARRED",
    "BASELINE",
    "EMPTY",
    "EMPTY_CLASSES",
    "REDESIGN",
    "SLOW",
    "WALL",
    "DriftState",
    "DriftStep",
    "Look",
    "classify",
    "step",
]

# What a look at a page found.
ARTICLE: Final = "article"
BARRED: Final = "barred"
EMPTY: Final = "empty"
# Kinds of events.
REDESIGN: Final = "redesign"
WALL: Final = "wall"
SLOW: Final = "slow"

# Verdicts and errors that say that a page's text is withheld, or not there.
_BARRED_CLASSES = frozenset(
    {"login_wall", "paywall", "challenge", "consent", "blocked_page", "region_blocked"}
)
EMPTY_CLASSES: Final = frozenset(
    {"empty", "empty_extract", "script_only", "listing", "error_page", "not_html"}
)

# Looks that a page is compared with, and how many must be there before anything is told.
BASELINE: Final = 120
_LEAST = 20
# What was not seen so far may come: so many times more than it was counted, as a safe guess.
_UNSEEN = 2.0
# What one of several measures surprises by chance.
_TRIFLE = 0.7
# What a measure beyond all that was seen may surprise over the rarest of them.
_BEYOND = 1.0
# Weight of the rarity among the pages seen against the assumed tail; deviation in spreads from
# which it counts; weight of the measures other than the worst.
_BLEND, _FAR, _OTHERS = 0.5, 1.5, 0.3
# Text in known elements below which a page has another template.
_KNOWN_SHARE = 0.3
# Surprise added to such a page if one of the latest pages shares its new elements, and the factor
# that reduces it if they have other new ones: a redesign's pages are like one another.
_AGREES, _ALONE = 0.7, 0.5
# What each page may surprise without adding to the sum, and the sum at which a host drifts.
_ALLOWANCE, _ALARM, _ALARM_MISSING, _OF_TEN, _FOUND = 1.0, 4.2, 3.35, 0.05, 0.5
# Pages whose text is withheld are rarer than others without an article.
_ALARM_BARRED = 3.0
# Looks over which it is counted how often a page has no article; what is added to the alarm while
# few pages were seen.
_LONG, _THIN = 500, 1.0
# A page that surprises so much by itself is held, and so is each while the sum is so high.
_HOLD_PAGE, _HOLD_SUM = 3.0, 2.0
# The most that one page adds: no single page is an alarm.
_MOST_OF_PAGE = 3.4
# Pages of a new template that must be read well before it counts as proven, and good looks after
# which a wall, or a run of odd pages, is over.
_PROOF, _OVER = 4, 3
# The latest pages, which make no template a known one unless there are enough of them.
_LATEST = 8
# Good pages whose medians are the reference of slow changes; memory and limit of the average.
_REFERENCE, _MEMORY, _SLOW_LIMIT, _CLIP = 100, 0.04, 0.6, 2.5
# Pages after which one joins the reference, and how many it is of at most.
_LAG, _MOST_REFERRED = 60, 600
# Pages without anything slow after which the next slow change is another one.
_SAME_CHANGE = 60
# Latest pages that are the reference of what comes after a slow change was told.
_AS_NOW = 24


def classify(error_class: str) -> str | None:
    """Return what a failed look says of a host's pages: barred, empty; None for nothing.

    Args:
        error_class: class of the attempt's row.
    """
    if error_class in _BARRED_CLASSES:
        return BARRED
    return EMPTY if error_class in EMPTY_CLASSES else None


@record
class Look:
    """One look at a page of a host.

    Attributes:
        kind: `ARTICLE`, `BARRED` or `EMPTY`.
        shape: how it was read; None where no article was found.
    """

    kind: str
    shape: PageShape | None = None


@record
class DriftState:
    """What is remembered of a host between looks.

    Attributes:
        score: the sum of surprises of pages with an article.
        missing: the sum of those of pages that are empty.
        barred: the sum of those of pages whose text is withheld.
        seen: how many of the looks were of each kind, older ones counted less.
        open: kind of the event that lasts, or "".
        good: good looks on end.
        reference: median and spread of each measure over the first pages, or empty.
        referred: how many pages the reference is of.
        averages: moving average of each measure, in spreads from the reference, bad upwards.
        slow: pages in which a further slow change belongs to the one that was told.
    """

    score: float = 0.0
    missing: float = 0.0
    barred: float = 0.0
    seen: Mapping[str, float] = field(default_factory=dict)
    open: str = ""
    good: int = 0
    reference: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    referred: int = 0
    averages: Mapping[str, float] = field(default_factory=dict)
    slow: int = 0


@record
class DriftStep:
    """What one more look comes to.

    Attributes:
        state: what is remembered from now on.
        surprise: of this look.
        hold: whether the page must not become a version yet.
        began: kind of the event that begins, or "".
        ended: how the event that lasted ends: ``proven``, ``over``, or "" where it goes on.
        reasons: what is odd about the look, in words.
    """

    state: DriftState
    surprise: float = 0.0
    hold: bool = False
    began: str = ""
    ended: str = ""
    reasons: tuple[str, ...] = ()


def step(
    state: DriftState, before: Sequence[Look], look: Look, *, held: Sequence[Look] = ()
) -> DriftStep:
    """Return what a look at a page comes to.

    Args:
        state: what is remembered of the host.
        before: earlier looks at other pages that were not held, the latest first, `BASELINE` at
            most.
        look: the look.
        held: looks that are held since the event began, the latest first.
    """
    rates = state.seen or _counted(before)
    state = replace(state, seen=_counted([look], rates))
    if len(before) < _LEAST:
        return DriftStep(state=_followed(state, before, look))
    surprise, reasons, is_new = _surprise(before, look, held, rates)
    state = _summed(state, look, surprise, is_new)
    good = state.good + 1 if surprise < _ALLOWANCE and look.kind == ARTICLE else 0
    if state.open:
        return _while_open(state, before, look, held, surprise, reasons, good)
    state = replace(state, good=good)
    if _alarms(state, before):
        kind = _kind(look, is_new)
        return DriftStep(
            state=replace(state, open=kind, good=0),
            surprise=surprise,
            hold=look.kind == ARTICLE,
            began=kind,
            reasons=reasons,
        )
    hold = look.kind == ARTICLE and surprise >= _ALLOWANCE and (
        surprise >= _HOLD_PAGE or state.score >= _HOLD_SUM
    )  # fmt: skip
    # Single odd pages are settled by the pages after them.
    ended = "over" if held and good >= _OVER else ""
    followed = state if hold else _followed(state, before, look)
    began = ""
    followed = replace(followed, slow=max(0, followed.slow - 1))
    slowly = _slow_reasons(followed)
    if slowly:
        began = "" if followed.slow else SLOW
        latest = [one.shape for one in (look, *before[:_AS_NOW]) if one.shape is not None]
        followed = replace(_from_here(followed, latest), slow=_SAME_CHANGE)
    return DriftStep(
        state=followed,
        surprise=surprise,
        hold=hold,
        began=began,
        ended=ended,
        reasons=slowly if began else reasons,
    )


def _counted(looks: Sequence[Look], seen: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return how many looks were of each kind, `looks` (the latest first) after those `seen`."""
    counts = dict(seen or {})
    for look in reversed(looks):
        counts = {kind: count * (1 - 1 / _LONG) for kind, count in counts.items()}
        counts[look.kind] = counts.get(look.kind, 0.0) + 1
    return counts


def _alarms(state: DriftState, before: Sequence[Look]) -> bool:
    """Return whether a sum is so high that the host drifts."""
    # Of a host of which little was seen, something new comes often.
    more = _THIN if len(before) < BASELINE // 2 else 0.0
    return state.score >= _ALARM + more or _alarm_missing(state) != ""


def _alarm_missing(state: DriftState) -> str:
    """Return of which kind so many pages without an article are that the host drifts, or ""."""
    if state.barred >= _ALARM_BARRED:
        return WALL
    return EMPTY if state.missing >= _ALARM_MISSING else ""


def _summed(state: DriftState, look: Look, surprise: float, is_new: bool) -> DriftState:
    """Return the state with a look's surprise added to the sum that it belongs to."""
    added = min(surprise, _MOST_OF_PAGE)
    # The ratio of likelihoods: nine of ten pages without an article, or as many as before.
    if look.kind == EMPTY:
        return replace(state, missing=max(0.0, state.missing + added - _OF_TEN))
    if look.kind == BARRED:
        return replace(state, barred=max(0.0, state.barred + added - _OF_TEN))
    return replace(
        state,
        score=max(0.0, state.score + added - (_OF_TEN if is_new else _ALLOWANCE)),
        missing=max(0.0, state.missing - _FOUND),
        barred=max(0.0, state.barred - _FOUND),
    )


def _while_open(
    state: DriftState,
    before: Sequence[Look],
    look: Look,
    held: Sequence[Look],
    surprise: float,
    reasons: tuple[str, ...],
    good: int,
) -> DriftStep:
    """Return what a look comes to while an event lasts."""
    if good >= _OVER:
        # The pages are as they were before.
        closed = replace(state, open="", score=0.0, missing=0.0, barred=0.0, good=good)
        return DriftStep(state=closed, surprise=surprise, ended="over", reasons=reasons)
    state = replace(state, good=good)
    hold = look.kind == ARTICLE and surprise >= _ALLOWANCE
    if hold and _is_proven(before, [look, *held]):
        closed = DriftState(seen=state.seen)
        return DriftStep(state=closed, surprise=surprise, ended="proven", reasons=reasons)
    # A wall may be raised amid a redesign, or amid what proves to be nothing.
    kind = _alarm_missing(state)
    if look.kind != ARTICLE and kind not in ("", state.open):
        return DriftStep(
            state=replace(state, open=kind, good=0), surprise=surprise, began=kind, reasons=reasons
        )
    return DriftStep(state=state, surprise=surprise, hold=hold, reasons=reasons)


def _kind(look: Look, is_new: bool) -> str:
    if look.kind == BARRED:
        return WALL
    if look.kind == EMPTY:
        return EMPTY
    # A text in the elements that held it before, and yet far from what it was, is a beginning.
    return REDESIGN if is_new else WALL


# How surprising a look is


def _surprise(
    before: Sequence[Look], look: Look, held: Sequence[Look], seen: Mapping[str, float]
) -> tuple[float, tuple[str, ...], bool]:
    """Return the surprise of a look, the reasons in words, and whether it may be a redesign's."""
    number = len(before)
    if look.shape is None:
        same = sum(other.kind == look.kind for other in before)
        usual = seen.get(look.kind, 0.0)
        surprise = -math.log10((usual + _UNSEEN) / (sum(seen.values()) + 2))
        said = f"no article ({look.kind}): of {number} pages before {same} were like it"
        return surprise, (said,), False
    # Pages that another extractor read are no measure.
    shapes = [
        other.shape
        for other in before
        if other.shape is not None and other.shape.extractor == look.shape.extractor
    ]
    if len(shapes) < _LEAST:
        return 0.0, (), False
    waiting = [other.shape for other in held if other.shape is not None]
    template, reasons, alone = _template_surprise(shapes, look.shape, waiting)
    quality, more = _quality_surprise(shapes, look.shape)
    return template + quality, reasons + more, template > 0 and not alone


def _template_surprise(
    shapes: Sequence[PageShape], shape: PageShape, held: Sequence[PageShape]
) -> tuple[float, tuple[str, ...], bool]:
    """Return how surprising it is where the text stands, and whether other new pages differ.

    How often a page has elements of its own is told from the pages that had (Good and Turing).
    """
    seen = Counter(signature for other in shapes for signature, _ in other.template)
    former = {signature for other in shapes[_LATEST:] for signature, _ in other.template}
    known = sum(
        share
        for signature, share in shape.template
        if signature in former or seen[signature] >= _PROOF
    )
    if known >= _KNOWN_SHARE or not shape.template:
        return 0.0, (), False
    alone = sum(all(seen[signature] == 1 for signature, _ in other.template) for other in shapes)
    surprise = -math.log10((alone + _UNSEEN) / (len(shapes) + 2))
    own = {signature for signature, _ in shape.template}
    news = [
        {signature for signature, _ in other.template}
        for other in (*held, *shapes[:_LATEST])
        if not any(
            signature in former or seen[signature] >= _PROOF for signature, _ in other.template
        )
    ]
    if any(own & new for new in news):
        surprise += _AGREES
    elif news:
        surprise *= _ALONE
    differs = bool(news) and not any(own & new for new in news)
    told = f"{1 - known:.0%} of the text stands in elements that held none before"
    return surprise, (told,), differs


@lru_cache(maxsize=4096)
def _measures(shape: PageShape) -> Mapping[str, float]:
    """Return the measures of a shape, each so that more is worse."""
    found = {
        "text length": -math.log(1 + shape.length),
        "share of links": math.log(0.02 + shape.links),
        "share cut": math.log((shape.cut + 0.02) / (1.02 - shape.cut)),
        "fields found": -float(shape.fields),
    }
    if shape.confidence is not None:
        found["confidence"] = -shape.confidence
    return found


# Least spread of each measure: what varies less would make a trifle a surprise.
_LEAST_SPREAD = {
    "text length": 0.25, "share of links": 0.4, "share cut": 0.3, "fields found": 0.5,
    "confidence": 0.08,
}  # fmt: skip


def _spread(values: Sequence[float], name: str) -> tuple[float, float]:
    """Return median and spread (scaled median deviation) of a measure."""
    middle = median(values)
    deviation = 1.4826 * median(abs(value - middle) for value in values)
    return middle, max(deviation, _LEAST_SPREAD[name])


def _reference(values: Sequence[float], name: str) -> tuple[float, float]:
    """Return centre and spread of a measure: deviations from it, clipped, are nought on average.

    The centre is P. J. Huber's (1964). Lengths are skewed: an average of deviations from the median
    would stray by itself.
    """
    middle, spread = _spread(values, name)
    for _ in range(3):
        middle += spread * fmean(_clipped(value, middle, spread) for value in values)
    return middle, spread


def _clipped(value: float, middle: float, spread: float) -> float:
    return max(-_CLIP, min(_CLIP, (value - middle) / spread))


def _quality_surprise(
    shapes: Sequence[PageShape], shape: PageShape
) -> tuple[float, tuple[str, ...]]:
    """Return how surprising it is that a page is read so badly, by its worst measure and others."""
    table = [_measures(other) for other in shapes]
    found: list[tuple[float, str]] = []
    for name, value in _measures(shape).items():
        values = [row[name] for row in table if name in row]
        if len(values) < _LEAST:
            continue
        middle, spread = _spread(values, name)
        deviation = (value - middle) / spread
        worse = sum(other >= value for other in values)
        # No rarer than what was seen tells, but for what lies beyond all of it.
        rare = -math.log10((worse + 0.5) / (len(values) + 1))
        tail = _tail(deviation)
        if deviation > _FAR:
            tail += _BLEND * max(0.0, rare - tail)
        surprise = min(tail, rare + _BEYOND * (not worse))
        if surprise > 0.5:
            found.append((surprise, f"{name} is {deviation:.1f} spreads worse than usual"))
    if not found:
        return 0.0, ()
    found.sort(reverse=True)
    others = sum(surprise for surprise, _ in found[1:])
    total = found[0][0] + _OTHERS * others - _TRIFLE
    told = tuple(text for surprise, text in found if surprise >= 1.0)
    return max(0.0, total), told


def _tail(deviation: float) -> float:
    """Return the surprise of a deviation in spreads: the tail of Student's t of five degrees.

    Lengths and shares have heavier tails than the normal distribution.
    """
    if deviation <= 0:
        return 0.0
    if deviation < 2:
        return 0.3 + 0.5 * deviation
    return min(4.5, 1.3 + 0.5 * (deviation - 2) - 0.015 * (deviation - 2) ** 2)


def _is_proven(before: Sequence[Look], held: Sequence[Look]) -> bool:
    """Return whether the latest held pages show one new template that is read well.

    Read well: but for the template none of them is worse than pages of the host were before.
    """
    extractor = held[0].shape.extractor if held and held[0].shape else ""
    shapes = [
        look.shape
        for look in before
        if look.shape is not None and look.shape.extractor == extractor
    ]
    latest = [look.shape for look in held[:_PROOF] if look.shape is not None]
    if len(latest) < _PROOF:
        return False
    first = {signature for signature, _ in latest[0].template}
    for shape in latest:
        shared = sum(share for signature, share in shape.template if signature in first)
        if shared < _KNOWN_SHARE or _quality_surprise(shapes, shape)[0] >= _ALLOWANCE:
            return False
    return True


# Slow changes


def _followed(state: DriftState, before: Sequence[Look], look: Look) -> DriftState:
    """Return the state with the moving averages led on; the reference is made when it can be."""
    if look.shape is None:
        return state
    shapes = [other.shape for other in before if other.shape is not None]
    if not state.reference:
        if len(shapes) < _REFERENCE:
            return state
        table = [_measures(shape) for shape in shapes[:_REFERENCE]]
        reference = {
            name: _reference([row[name] for row in table if name in row], name)
            for name in _LEAST_SPREAD
            if sum(name in row for row in table) >= _LEAST
        }
        return replace(
            state,
            reference=reference,
            referred=_REFERENCE,
            averages=dict.fromkeys(reference, 0.0),
        )
    state = _referred(state, before)
    averages = dict(state.averages)
    for name, value in _measures(look.shape).items():
        if name in state.reference:
            deviation = _clipped(value, *state.reference[name])
            averages[name] += _MEMORY * (deviation - averages[name])
    return replace(state, averages=averages)


def _referred(state: DriftState, before: Sequence[Look]) -> DriftState:
    """Return the state with a page of some time ago taken into the reference.

    The centre of the first pages alone would be off by a tenth of a spread, as much as a slow
    change of weeks; later pages join it once what they show would have been told.
    """
    old = before[_LAG].shape if len(before) > _LAG else None
    if old is None or state.referred >= _MOST_REFERRED:
        return state
    number = state.referred + 1
    found = _measures(old)
    reference = {
        name: (middle + spread * _clipped(found[name], middle, spread) / number, spread)
        if name in found
        else (middle, spread)
        for name, (middle, spread) in state.reference.items()
    }
    return replace(state, reference=reference, referred=number)


def _slow_reasons(state: DriftState) -> tuple[str, ...]:
    """Return in words which measures have become worse, empty where none has."""
    return tuple(
        f"{name} has become worse by {average:.1f} spreads"
        for name, average in state.averages.items()
        if average >= _SLOW_LIMIT
    )


def _from_here(state: DriftState, shapes: Sequence[PageShape]) -> DriftState:
    """Return the state with the latest pages as reference for what has become worse.

    What comes on top is told again.
    """
    reference, averages = dict(state.reference), dict(state.averages)
    for name, average in state.averages.items():
        values = [found[name] for found in map(_measures, shapes) if name in found]
        if average >= _SLOW_LIMIT and values:
            reference[name] = _reference(values, name)[0], state.reference[name][1]
            averages[name] = 0.0
    return replace(state, reference=reference, averages=averages)
