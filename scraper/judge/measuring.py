"""What a figure measures: rules that look at its unit and at the words of its clause.

The words stand in `scraper.judge.measures`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scraper.judge import measures
from scraper.judge.linking import Layout
from scraper.judge.names import Found
from scraper.judge.numerals import Figure

__all__ = ["Measured", "Place", "measure"]


@dataclass(slots=True)
class Measured:
    """What a figure measures.

    Attributes:
        kind, unit, detail: as in `scraper.models.Quantity`.
        end: where it ends, its unit included.
        factor: what the figure is multiplied by to be in that unit.
        start: where it begins, its currency included; -1 for where the figure does.
        about: what it is of, where that is known already.
    """

    kind: str
    unit: str
    end: int
    factor: float = 1.0
    detail: str = ""
    start: int = -1
    about: str = ""


@dataclass(slots=True)
class Place:
    """A figure where it stands: what the rules look at.

    Attributes:
        folded: the text, folded.
        figure: the figure.
        layout: sentences and clauses.
        chips, benchmarks, models: names in the text.
        last: the quantity before it in the same sentence, or None.
    """

    folded: str
    figure: Figure
    layout: Layout
    chips: Sequence[Found]
    benchmarks: Sequence[Found]
    models: Sequence[Found]
    last: Measured | None

    def between(self, start: int) -> str:
        """Return what stands between a place and the figure, each model a space."""
        text = self.folded[start : self.figure.start]
        for model in self.models:
            if start <= model.start and model.end <= self.figure.start:
                text = text.replace(self.folded[model.start : model.end], " ")
        return text

    def before(self, width: int) -> str:
        """Return so many characters before the figure."""
        return self.folded[max(0, self.figure.start - width) : self.figure.start]


def _money(place: Place) -> Measured | None:
    folded, figure = place.folded, place.figure
    before = measures.CURRENCY_BEFORE.search(folded, max(0, figure.start - 5), figure.start)
    behind = measures.CURRENCY_BEHIND.match(folded, figure.end)
    word = measures.CURRENCY_WORD_BEFORE.search(folded, max(0, figure.start - 9), figure.start)
    sign = before or word
    if behind is None and sign is None:
        return None
    end = behind.end() if behind else figure.end
    start = before.start() if before else figure.start
    # "$4m dollars" says it twice, "NT$2亿元" and "新台币2亿元" more exactly before.
    exact = sign is not None and (behind is None or sign[1] != "$")
    unit = measures.CURRENCIES[sign[1]] if sign and exact else (behind and behind.lastgroup) or ""
    price = _price(place, start, end)
    if price is not None:
        factor, side = price
        return Measured("price", f"{unit}/M tokens", end, factor, side, start)
    return Measured(_kind_of_money(place, start, end), unit, end, start=start)


def _price(place: Place, start: int, end: int) -> tuple[float, str] | None:
    """Return what makes an amount a price of a million tokens, and which tokens, if it is one."""
    folded = place.folded
    low, high = place.layout.clause(place.figure.start)
    found = [*measures.PRICE.finditer(folded, max(low, start - 40), min(high, end + 40))]
    around = measures.SIDES.finditer(folded, max(low, start - 26), min(high, end + 14))
    sides = sorted(
        (max(m.start() - end, start - m.end()), m.lastgroup or "") for m in around
    )  # fmt: skip
    # What was not in the cache is priced as input.
    side = (sides[0][1] if sides else "").replace("miss", "input")
    if not found:
        # "…每百万tokens输入2元，输出3元": the unit was said in the clause before.
        said = place.last is not None and place.last.kind == "price"
        return (place.last.factor, side) if side and said and place.last else None
    price = min(found, key=lambda m: max(m.start() - end, start - m.end()))
    reach = max(price.start() - end, start - price.end())
    if price["side"] and not (sides and sides[0][0] < reach):
        side = {"输入": "input", "输出": "output"}.get(price["side"], price["side"])
    return (1.0 if price["per"] in ("百万", "一百万", "million", "m") else 1000.0), side


_RIGHT_BEHIND = ("", " ", "的")


def _kind_of_money(place: Place, start: int, end: int) -> str:
    folded = place.folded
    low, high = place.layout.sentence(place.figure.start)
    low, high = max(low, start - 70), min(high, end + 50)
    best = (1000, "money")
    for kind, words in measures.MONEY:
        for match in words.finditer(folded, low, high):
            distance = max(match.start() - end, start - match.end(), 0)
            # Words of another clause are of another figure, if there is a choice.
            between = folded[min(match.end(), end) : max(match.start(), start)]
            # "At a $4bn valuation $600m": a word right behind the amount before is of that one.
            if place.last is not None and folded[place.last.end : match.start()] in _RIGHT_BEHIND:
                distance += 30 if match.start() >= place.last.end else 0
            distance += 15 * sum(between.count(mark) for mark in "，,：:、")
            if distance < best[0]:
                best = distance, kind
    return best[1]


def _tokens(place: Place) -> Measured | None:
    folded, figure = place.folded, place.figure
    if measures.PER_BEFORE.search(place.before(5)):
        return None
    speed = measures.SPEED.match(folded, figure.end)
    unit = measures.TOKENS.match(folded, figure.end)
    if speed is not None or (unit is not None and measures.SPEED_BEFORE.search(place.before(14))):
        match = speed or unit
        return Measured("speed", "tokens/s", match.end() if match else figure.end)
    start, end = place.layout.clause(figure.start)
    behind = measures.CONTEXT_BEHIND.match(folded, figure.end)
    if behind is not None and (
        figure.scale in ("k", "m", "万", "千", "million") or figure.low >= 1000
    ):
        return Measured("context", "tokens", behind.end())
    if unit is None:
        if (
            figure.scale in ("k", "m", "万", "百万", "千", "million")
            and not measures.UNIT_ELSE.match(folded, figure.end)
            and 1000 <= figure.low <= 1e8
            and measures.CONTEXT_BEFORE.search(folded, start, figure.start)
        ):
            return Measured("context", "tokens", figure.end)
        return None
    clause = folded[start:end]
    if figure.low <= 2e7 and measures.CONTEXT.search(clause):
        return Measured("context", "tokens", unit.end())
    if figure.low >= 1e9 and measures.TRAINED.search(folded, *place.layout.sentence(figure.start)):
        return Measured("training tokens", "tokens", unit.end())
    return Measured("tokens", "tokens", unit.end())


def _parameters(place: Place) -> Measured | None:
    folded, figure = place.folded, place.figure
    if not 1e5 <= figure.low <= 1e15:
        return None
    clause = place.layout.clause(figure.start)
    active_behind = measures.ACTIVE_BEHIND.match(folded, figure.end)
    active_before = measures.ACTIVE_BEFORE.search(folded, clause[0], figure.start)
    unit = measures.PARAMETERS.match(folded, figure.end)
    end = unit.end() if unit else figure.end
    if active_behind is not None:
        return Measured("active parameters", "parameters", active_behind.end())
    no_other = not measures.UNIT_ELSE.match(folded, figure.end)
    if active_before is not None and (unit or no_other):
        return Measured("active parameters", "parameters", end)
    if unit is not None:
        return Measured("parameters", "parameters", end)
    if no_other and measures.PARAMETERS_BEFORE.search(folded, clause[0], figure.start):
        return Measured("parameters", "parameters", end)
    if not measures.NO_UNIT.match(folded, figure.end):
        return None
    # 671B: what else is printed so? Money has its currency and was read before.
    glued = figure.digits and folded[figure.end - 2].isdigit()
    if figure.scale == "b" and glued and figure.low <= 1e13:
        return Measured("parameters", "parameters", end)
    if figure.scale == "t" and glued and figure.low <= 1e14:
        said = folded[slice(*place.layout.sentence(figure.start))]
        if measures.PARAMETERS_SAID.search(said) and not measures.TOKENS_SAID.search(said):
            return Measured("parameters", "parameters", end)
    return None


def _chips(place: Place) -> Measured | None:
    folded, figure = place.folded, place.figure
    if figure.low < 1 or figure.scale in ("b", "t"):
        return None
    hours = measures.GPU_HOURS.match(folded, figure.end)
    if hours is not None:
        return Measured("GPU hours", "GPU hours", hours.end())
    at = bisect_right(place.chips, figure.end - 1, key=lambda f: f.start)
    if at < len(place.chips):
        chip = place.chips[at]
        if chip.start - figure.end <= 16 and measures.CHIP_JOINT.fullmatch(
            folded, figure.end, chip.start
        ):
            rest = measures.HOURS.match(folded, chip.end)
            if rest is not None:
                return Measured("GPU hours", "GPU hours", rest.end())
            return Measured("chips", "chips", chip.end, detail=chip.name)
    unit = measures.CHIP_UNIT.match(folded, figure.end)
    if unit is not None and float(figure.low).is_integer():
        return Measured("chips", "chips", unit.end())
    return None


def _counts(place: Place) -> Measured | None:
    folded, figure = place.folded, place.figure
    for kind, unit, pattern in measures.COUNTS:
        match = pattern.match(folded, figure.end)
        if match is not None and match.end() > figure.end:
            return Measured(kind, unit, match.end())
    if figure.low < 1000:
        return None
    start, _ = place.layout.clause(figure.start)
    for kind, unit, words, behind in measures.COUNTS_BEFORE:
        if words.search(folded, start, figure.start):
            match = behind.match(folded, figure.end)
            if match is not None:
                return Measured(kind, unit, match.end())
    return None


def _score(place: Place) -> Measured | None:
    """A figure beside the name of a benchmark: MMLU 88.5, 在MMLU上取得88.5分, 88.5% on MMLU."""
    folded, figure = place.folded, place.figure
    if figure.scale or not figure.digits or not 0 < figure.high <= 5000 or not place.benchmarks:
        return None
    percent = measures.PERCENT.match(folded, figure.end)
    if percent is None and measures.COUNTED_ELSE.match(folded, figure.end):
        return None
    if folded[max(0, figure.start - 1) : figure.start] in ("-", "#", "第", "v"):
        return None
    end = percent.end() if percent else figure.end
    at = bisect_right(place.benchmarks, figure.start, key=lambda f: f.start)
    candidates = []
    if at:
        benchmark = place.benchmarks[at - 1]
        gap = figure.start - benchmark.end
        if 0 <= gap <= 50:
            joint = place.between(benchmark.end)
            if len(joint) <= 34 and measures.SCORE_JOINT.fullmatch(joint):
                candidates.append((gap, benchmark))
    if at < len(place.benchmarks):
        benchmark = place.benchmarks[at]
        gap = benchmark.start - end
        if 0 <= gap <= 16 and measures.SCORE_AHEAD.fullmatch(folded, end, benchmark.start):
            candidates.append((gap + 3, benchmark))
    last = place.last
    if not candidates and last is not None and last.kind == "score":
        # The next model in the same test: "…70.7，DeepSeek-R1为64.3".
        joint = measures.SCORES_AND.sub(" ", place.between(last.end))
        if " " in joint and len(joint) <= 24 and measures.SCORE_JOINT.fullmatch(joint):
            return Measured("score", "points", end, detail=last.detail)
    if not candidates:
        return None
    benchmark = min(candidates, key=lambda c: c[0])[1]
    # Ranks and sizes of a test are small whole numbers without a unit.
    if percent is None and figure.low.is_integer() and figure.low < 10:
        return None
    return Measured("score", "points", end, detail=benchmark.name)


_RULES: tuple[Callable[[Place], Measured | None], ...] = (
    _money, _tokens, _chips, _score, _parameters, _counts,
)  # fmt: skip


def measure(place: Place) -> Measured | None:
    """Return what a figure measures, or None: the first rule that knows it."""
    for rule in _RULES:
        measured = rule(place)
        if measured is not None:
            return measured
    return None
