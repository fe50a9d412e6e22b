"""Quantities: figures with a unit; 6710亿参数 and 671B parameters are the same quantity.

A figure becomes a quantity by its unit and the words of its clause (see `units`). Figures without a
known unit (dates, counts of other things) are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from scraper.models import Quantity
from scraper.text.correction_notes import CORRECTION_NOTE
from scraper.text.numerals import Number, find_figures, is_power_of_ten, qualifier_of
from scraper.text.patterns import lazy_compile
from scraper.topics import units
from scraper.topics.names import NameMatch
from scraper.topics.sentence_index import SentenceIndex
from scraper.topics.units import Measurement, NumberContext, measure

__all__ = ["KINDS_OF_COMPANIES", "quantities_of"]

# Quantities of a company rather than of a model.
KINDS_OF_COMPANIES = frozenset(
    {"funding", "valuation", "acquisition", "revenue", "loss", "investment", "money"}
)
_SIGNS = frozenset("$€£¥")
_GROWN = r"[扩增提升降缩减压上涨]{1,2}[展加升高长少小大]?[至到为]"
_AND = lazy_compile(rf"[ ,，]?(?:和|与|及|、|and|or|或)?\s?|\s?{_GROWN}|->|→| to ")
# Between two figures of which only the second has the unit: from 355 billion to 744 billion
# parameters.
_FROM_TO = lazy_compile(rf" to | and | or |[至到和与、]|{_GROWN}")
_TOLD_TOGETHER = frozenset({"parameters", "active parameters", "context", "training tokens"})
_CLASS = lazy_compile("量?级(?!联)")
_RESPECTIVELY = lazy_compile("分别|依次|respectively")


def quantities_of(
    text: str, folded: str, title_end: int, names: Sequence[NameMatch], layout: SentenceIndex
) -> tuple[Quantity, ...]:
    """Return the quantities of a text, linked to their models or companies.

    Args:
        text: headline, a line feed, and the clean text.
        folded: the same text, folded.
        title_end: end of the headline.
        names: its names from `find_names`.
        layout: its sentences and clauses.
    """
    if not any(f.entry.kind in ("model", "company") for f in names):
        return ()  # figures without a named subject answer no query
    chips = [f for f in names if f.entry.kind == "chip"]
    benchmarks = [f for f in names if f.entry.kind == "benchmark"]
    models = [f for f in names if f.entry.kind == "model"]
    taken = [(f.start, f.end) for f in names if f.entry.kind in ("model", "benchmark", "chip")]
    starts = [start for start, _ in taken]
    found: list[tuple[Number, Measurement]] = []
    before: Number | None = None
    for figure in find_figures(folded):
        at = bisect_right(starts, figure.start) - 1
        if at >= 0 and figure.start < taken[at][1]:
            continue
        if (
            not (figure.scale or benchmarks)
            and figure.low < 1000
            and folded[figure.start - 1 : figure.start] not in _SIGNS
            and not units.WORTH_ASKING.match(folded, figure.end)
        ):
            continue
        last = found[-1] if found else None
        if last is not None and figure.start < last[1].end:
            continue
        said = last is not None and layout.same_sentence(last[0].start, figure.start)
        place = NumberContext(
            folded, figure, layout, chips, benchmarks, models, last[1] if said and last else None
        )
        measured = measure(place)
        if measured is None and said and last is not None:
            measured = _same_again(folded, last, figure)
        if measured is not None:
            if (
                before is not None
                and measured.kind in _TOLD_TOGETHER
                and figure.scale == before.scale
                and _FROM_TO.fullmatch(folded, before.end, figure.start)
            ):
                found.append((before, replace(measured, end=before.end, start=-1)))
            found.append((figure, measured))
        before = figure if measured is None and figure.scale else None
    return tuple(
        _quantity(text, folded, title_end, layout, figure, measured)
        for figure, measured in _told_in_turn(folded, layout, models, found)
        if not _is_disclaimed(folded, layout, figure.start)
    )


def _is_disclaimed(folded: str, layout: SentenceIndex, at: int) -> bool:
    """Whether a figure stands in a note on what the text said before: no claim of the text."""
    start, end = layout.sentence(at)
    if CORRECTION_NOTE.search(folded[start:end]):
        return True
    # A note goes on to the end of its line, whatever its second sentence looks like.
    line = folded.rfind("\n", 0, at) + 1
    return line < start and CORRECTION_NOTE.search(folded[line:start]) is not None


def _same_again(
    folded: str, last: tuple[Number, Measurement], figure: Number
) -> Measurement | None:
    """Return the measurement of a figure with the unit of the one before: 3550亿和1060亿."""
    figure_before, measured = last
    joint = folded[figure_before.end : figure.start]
    if figure.scale and figure.scale == figure_before.scale and _AND.fullmatch(joint):
        return replace(measured, end=figure.end, start=-1)
    return None


def _told_in_turn(
    folded: str,
    layout: SentenceIndex,
    models: Sequence[NameMatch],
    found: Sequence[tuple[Number, Measurement]],
) -> list[tuple[Number, Measurement]]:
    """Assign figures with "respectively" to the models in their order."""
    done = list(found)
    for first, (figure, measured) in enumerate(found):
        low, high = layout.sentence(figure.start)
        if not _RESPECTIVELY.search(folded, low, high) or (
            first and layout.same_sentence(found[first - 1][0].start, figure.start)
        ):
            continue
        row = [
            i
            for i, (other, m) in enumerate(found)
            if low <= other.start < high and m.kind == measured.kind
        ]
        named = [m.name for m in models if low <= m.start < figure.start]
        if len(row) == len(named) > 1:
            for i, name in zip(row, named, strict=True):
                done[i] = done[i][0], replace(done[i][1], about=name)
    return done


def _quantity(
    text: str,
    folded: str,
    title_end: int,
    layout: SentenceIndex,
    figure: Number,
    measured: Measurement,
) -> Quantity:
    start = measured.start if measured.start >= 0 else figure.start
    about, link = measured.about, "sentence"
    if not about:
        about, link = layout.about(
            figure.start, measured.end, of_company=measured.kind in KINDS_OF_COMPANIES
        )
    sentence = layout.sentence(figure.start)
    high = figure.high
    if not figure.digits and _CLASS.match(folded, figure.end) and is_power_of_ten(figure.low):
        high *= 10  # 千亿级: anything of that many digits
    in_title = figure.start < title_end
    return Quantity(
        kind=measured.kind,
        unit=measured.unit,
        low=figure.low * measured.factor,
        high=high * measured.factor,
        precision=figure.precision * measured.factor,
        qualifier=qualifier_of(folded, figure),
        detail=measured.detail,
        about=about,
        link=link,
        printed=text[start : measured.end].strip(),
        sentence=text[sentence[0] : sentence[1]].strip(),
        in_title=in_title,
        offset=start if in_title else start - title_end - 1,
    )
