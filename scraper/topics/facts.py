"""Facts: the values that outlets give for a model, and contradictions between them.

Two values contradict if their ranges do not overlap: a figure covers all that rounds to it, widened
by its qualifier.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from scraper.models import Claim, Quantity
from scraper.record import record
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = [
    "GROWING",
    "Contradiction",
    "Fact",
    "Value",
    "compare",
    "format_quantity",
    "sentence_key",
    "series_among",
    "span_of",
]

# Factors by which a qualifier widens the lower and upper end of a figure.
_WIDENS = {
    "about": (0.95, 1.05),
    "over": (1.0, 1.2),
    "nearly": (0.85, 1.0),
    "up to": (0.0, 1.0),
}
# Quantities that change with time: different values at different times do not contradict.
GROWING = frozenset(
    {"downloads", "users", "derivatives", "valuation", "funding", "acquisition", "revenue", "loss",
     "investment", "money", "price", "speed", "tokens"}
)  # fmt: skip
# Unspecific kinds, such as an amount of money, which may be of different things.
_UNSORTED = frozenset({"money", "tokens"})
# Quantities that differ between the versions of a series, and words that name such a version.
_OF_VERSIONS = frozenset({"parameters", "active parameters", "memory", "experts"})
_ONE_OF_MANY = lazy_compile(
    r"版本|[亿bm]版|尺寸|系列|家族|最大|最小|旗下|从.{1,20}到|variants?\b|versions?\b|sizes?\b|series\b"
    r"|family\b|largest|smallest|biggest|ranging",
    re.IGNORECASE,
)
_SIZED = lazy_compile(r"[ \-]?\d+(?:\.\d+)?[bm](?![a-z])", re.IGNORECASE)
# 128K tokens are 128,000 or 131,072 (2^17).
_BINARY = 1.05
# Letters of the shortest sentence that counts as copied; shorter ones may agree by chance.
_LEAST_WORDING = 24
# Days after which even these belong to another story; within a day they contradict.
_SAME_NEWS_DAYS = 2
_ORDER = (
    "parameters", "active parameters", "experts", "context", "training tokens", "training cost",
    "chips", "GPU hours", "training compute", "score", "price", "speed", "memory", "languages",
    "downloads", "derivatives", "users", "funding", "valuation", "acquisition", "revenue", "loss",
    "investment",
    "money", "tokens",
)  # fmt: skip


@record
class Value:
    """One value of a fact, with the claims that give it.

    Attributes:
        quantity: the figure as first given.
        claims: claims of all article versions that give it, oldest first.
    """

    quantity: Quantity
    claims: tuple[Claim, ...]

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets, the earliest first."""
        return tuple(dict.fromkeys(claim.outlet for claim in self.claims))


@record
class Contradiction:
    """Two values that cannot both be true.

    Attributes:
        one, other: a claim of each value, the older first.
        kind: ``outlets`` between two outlets, ``articles`` within one, ``versions`` of one article.
        settled: whether one of them was edited since then.
    """

    one: Claim
    other: Claim
    kind: str
    settled: bool = False


@record
class Fact:
    """One measured property of a model.

    Attributes:
        about, kind, detail, unit: the model and the property.
        values: the different values, that of most outlets first.
        contradictions: contradictions between them.
    """

    about: str
    kind: str
    detail: str
    unit: str
    values: tuple[Value, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def disagreements(self) -> tuple[Contradiction, ...]:
        """The contradictions between articles."""
        return tuple(c for c in self.contradictions if c.kind != "versions")

    @property
    def corrections(self) -> tuple[Contradiction, ...]:
        """The contradictions between versions of one article: its publisher's edits."""
        return tuple(c for c in self.contradictions if c.kind == "versions")


def span_of(quantity: Quantity, *, widened: bool = True) -> tuple[float, float]:
    """Return the lowest and the highest value that a figure covers.

    Args:
        quantity: the figure.
        widened: whether to widen the range by its qualifier.
    """
    low, high = quantity.low - quantity.precision, quantity.high + quantity.precision
    if quantity.kind == "context":
        high *= _BINARY
    down, up = _WIDENS.get(quantity.qualifier, (1.0, 1.0)) if widened else (1.0, 1.0)
    return low * down, high * up


def _agree(one: Quantity, other: Quantity) -> bool:
    # "About 4.6" agrees with another's 4.8, but not with "about 5.1".
    widened = one.qualifier != other.qualifier
    low, high = span_of(one, widened=widened)
    other_low, other_high = span_of(other, widened=widened)
    return low <= other_high and other_low <= high


def sentence_key(claim: Claim) -> str:
    """Return the letters of a claim's sentence, equal for both Chinese scripts.

    Two articles with the same sentence are copies, such as reprints of a wire report.
    """
    letters = "".join(filter(str.isalnum, fold(claim.quantity.sentence)))
    return letters if len(letters) >= _LEAST_WORDING else f"{letters} {claim.article_id}"


def series_among(names: Iterable[str], families: Collection[str]) -> frozenset[str]:
    """Return the names of series: several models, each with its own size.

    Args:
        names: names of models in the archive (Qwen3, Qwen3-8B).
        families: names that others have as their family; one with a digit is also a model.
    """
    known = sorted(names)

    def longer(place: int) -> Iterator[str]:
        """Yield the names that begin with the name at a place: they follow it in order."""
        for other in islice(known, place, None):
            if not other.startswith(known[place]):
                return
            yield other

    return frozenset(
        name
        for place, name in enumerate(known)
        if (name in families and not any(map(str.isdigit, name)))
        or any(_SIZED.match(other, len(name)) for other in longer(place))
    )


def compare(claims: Iterable[Claim], series: Collection[str] = ()) -> tuple[Fact, ...]:
    """Return the facts in claims, the most important first.

    Args:
        claims: quantities of one or more models, oldest first.
        series: names of series, which have no single size (see `series_among`).
    """
    groups: dict[tuple[str, str, str, str], list[Claim]] = {}
    for claim in claims:
        q = claim.quantity
        groups.setdefault((q.about, q.kind, q.detail, q.unit), []).append(claim)
    facts = [
        Fact(
            about=about,
            kind=kind,
            detail=detail,
            unit=unit,
            values=_values(group),
            contradictions=()
            if kind in _UNSORTED or (kind in _OF_VERSIONS and about in series)
            else _contradictions(kind, group),
        )
        for (about, kind, detail, unit), group in groups.items()
    ]
    rank = {kind: i for i, kind in enumerate(_ORDER)}
    return tuple(sorted(facts, key=lambda f: (f.about, rank.get(f.kind, 99), f.detail, f.unit)))


def unsettled(
    claims: Iterable[Claim], series: Collection[str], pages: Collection[int]
) -> Iterator[tuple[Fact, Contradiction]]:
    """Yield the contradictions between articles that stand, of which one side is among some pages.

    Args:
        claims: of all articles that are compared.
        series: as `compare` takes it.
        pages: numbers of the articles that are new.
    """
    for fact in compare(claims, series):
        for found in fact.disagreements:
            if not found.settled and {found.one.article_id, found.other.article_id} & set(pages):
                yield fact, found


def _at_once(one: Claim, other: Claim) -> bool:
    """Return whether two versions were online at the same time."""
    older, newer = sorted((one, other), key=lambda c: c.observed_at)
    return older.until is None or older.until > newer.observed_at


def _values(claims: Sequence[Claim]) -> tuple[Value, ...]:
    """Group claims by value; rounding and qualifiers do not make values different."""
    values: list[list[Claim]] = []
    for claim in claims:
        same = [
            group
            for group in values
            if all(_agree(claim.quantity, other.quantity) for other in group)
        ]
        if same:
            # The nearest value: "about 4.6 million" may agree with two different ones.
            mid = claim.quantity.low + claim.quantity.high
            near = min(same, key=lambda g: abs(g[0].quantity.low + g[0].quantity.high - mid))
            near.append(claim)
        else:
            values.append([claim])
    found = [Value(quantity=group[0].quantity, claims=tuple(group)) for group in values]
    return tuple(sorted(found, key=_standing))


def _standing(value: Value) -> tuple[int, int, datetime]:
    """Sort key: values that most outlets give now, in their own words, come first."""
    now = {sentence_key(claim) for claim in value.claims if claim.current}
    return -len(now), -len(value.outlets), value.claims[0].at


def _contradictions(kind: str, claims: Sequence[Claim]) -> tuple[Contradiction, ...]:
    """Return one contradiction per pair of articles, or versions, without a common value.

    An article that gives two values (a rumour and its denial) contradicts neither itself nor an
    article with one of them. Copies of one text contradict once.
    """
    if kind in _OF_VERSIONS:
        claims = [c for c in claims if not _ONE_OF_MANY.search(c.quantity.sentence)]
    by_version: dict[tuple[int, int], list[Claim]] = {}
    for claim in claims:
        by_version.setdefault((claim.article_id, claim.version), []).append(claim)
    found = []
    told: set[tuple[object, ...]] = set()
    versions = list(by_version.values())
    keys = [sentence_key(group[0]) for group in versions]
    for i, older in enumerate(versions):
        for n, newer in enumerate(versions[i + 1 :], i + 1):
            one, other = older[0], newer[0]
            if any(_agree(a.quantity, b.quantity) for a in older for b in newer):
                continue
            if one.article_id == other.article_id:
                if other.version != one.version + 1:
                    continue
                how = "versions"
            elif not _at_once(one, other):
                continue
            else:
                how = "outlets" if one.outlet != other.outlet else "articles"
                if kind in GROWING and abs((one.at - other.at).days) >= _SAME_NEWS_DAYS:
                    continue
            key: tuple[object, ...] = (how, *sorted((keys[i], keys[n])))
            if how == "versions":
                key = (how, one.article_id, one.version)
            if key not in told:
                told.add(key)
                settled = how != "versions" and not (one.current and other.current)
                found.append(Contradiction(one=one, other=other, kind=how, settled=settled))
    return tuple(found)


_SHORT = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_LONG = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
_QUALIFIERS = {"about": "about ", "over": "over ", "nearly": "nearly ", "up to": "up to "}


def _number(value: float, steps: Sequence[tuple[float, str]]) -> str:
    if value >= 1e16:
        mantissa, exponent = f"{value:.9e}".split("e")
        times = f"{float(mantissa):.10g}×".removeprefix("1×")
        return f"{times}10^{int(exponent)}"
    for factor, name in steps:
        if value >= factor:
            return f"{value / factor:.10g}{name}"
    return f"{value:,.10g}"


def format_quantity(quantity: Quantity) -> str:
    """Return a quantity as text: ``671B``, ``about 4.6 million USD``, ``2,048 H800``."""
    steps: Sequence[tuple[float, str]] = ()
    money = quantity.unit.isupper() and len(quantity.unit) == 3
    if quantity.unit in ("parameters", "tokens") or quantity.kind == "context":
        steps, unit = _SHORT, ""
    elif money or quantity.kind in ("downloads", "users", "GPU hours", "derivatives"):
        steps, unit = _LONG, f" {quantity.unit}" if money else ""
    else:
        unit = {"chips": f" {quantity.detail or 'GPUs'}", "score": ""}.get(
            quantity.kind, f" {quantity.unit}"
        )
    value = _number(quantity.low, steps)
    if quantity.high != quantity.low:
        value += f" to {_number(quantity.high, steps)}"
    return f"{_QUALIFIERS.get(quantity.qualifier, '')}{value}{unit}"
