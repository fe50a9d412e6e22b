"""The same statement in several places: equal, shortened, or in other words.

Wordings are compared by their words alone, folded: script, punctuation and spacing make no
difference. Wordings that share runs of three words are candidates, which an inverted index finds;
each is then compared with `difflib` ("gestalt pattern matching", Ratcliff, Metzener 1988).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from scraper.models import QuoteClaim
from scraper.record import record
from scraper.text.chinese import fold
from scraper.text.sentences import normalise, tokens

__all__ = ["Alteration", "QuoteGroup", "Wording", "group_quotes", "wording_key"]

# Words (Chinese: characters) of a statement that are compared.
_LONGEST = 400
# A run of words by which candidates are found, and of how many wordings it tells something.
_RUN = 3
_MOST_SHARING = 20
# Share of the shorter wording's runs from which two are compared, and pairs that are at most.
_SHARED = 0.15
_MOST_PAIRS = 20_000
# Share of words in common from which two wordings are one statement, and the share of the shorter
# one's from which it is a part of the other.
_ALIKE = 0.6
_PART = 0.85
# The same between two versions of one article, of which one has lost a wording and the next has a
# new one by the same speaker.
_EDITED = 0.4
# Wordings of one statement that are compared between articles.
_MOST_COMPARED = 30
# Wordings that one edit takes out or puts in and that are compared.
_MOST_EDITED = 40
# Words of a statement that may be told to be part of another.
_LEAST_PART = 5


@record
class Wording:
    """One wording of a statement, with the places that give it, oldest first."""

    words: str
    claims: tuple[QuoteClaim, ...]

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that give it, the earliest first."""
        return tuple(dict.fromkeys(claim.outlet for claim in self.claims))


@record
class Alteration:
    """A statement that changed on its way.

    Attributes:
        kind: ``edited`` between versions of one article, in quotation marks or not; ``vanished``
            from an article by an edit, and ``outlets`` between two articles, in quotation marks
            only: everybody reports the rest in words of their own.
        one, other: the claims, the older first; `other` is None for one that vanished.
    """

    kind: str
    one: QuoteClaim
    other: QuoteClaim | None = None


@record
class QuoteGroup:
    """One statement of a speaker.

    Attributes:
        wordings: that of most articles first.
        alterations: how it changed, oldest first.
    """

    wordings: tuple[Wording, ...]
    alterations: tuple[Alteration, ...] = ()

    @property
    def claims(self) -> tuple[QuoteClaim, ...]:
        """All places that give it, oldest first."""
        return tuple(sorted((c for w in self.wordings for c in w.claims), key=_order))

    @property
    def direct(self) -> bool:
        """Whether any of them gives it word for word."""
        return any(claim.quote.direct for claim in self.claims)


# Whether a wording is direct, and its words.
_Key = tuple[bool, tuple[str, ...]]


def _order(claim: QuoteClaim) -> tuple[object, ...]:
    return claim.at, claim.article_id, claim.version, claim.quote.offset


def wording_key(words: str) -> tuple[str, ...]:
    """Return the words of a statement in the form in which they are compared."""
    said = tokens(fold(normalise(words)))
    return tuple(token for token in said if any(map(str.isalnum, token)))[:_LONGEST]


def _likeness(one: Sequence[str], other: Sequence[str]) -> str:
    """Return how two different wordings belong together: ``part``, ``altered`` or ""."""
    shared = (Counter(one) & Counter(other)).total()
    shorter = min(len(one), len(other))
    alike = 2 * shared >= _ALIKE * (len(one) + len(other))
    if not alike and shared < _PART * shorter:
        return ""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    common = sum(block.size for block in blocks)
    if common >= shorter and shorter >= _LEAST_PART:
        # The shorter one has no word of its own.
        return "part"
    if 2 * common >= _ALIKE * (len(one) + len(other)):
        return "altered"
    return "altered" if common >= _PART * shorter and shorter >= 2 * _LEAST_PART else ""


class _Groups:
    """Wordings joined to groups (disjoint sets)."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def of(self, i: int) -> int:
        while self._parents[i] != i:
            self._parents[i] = self._parents[self._parents[i]]
            i = self._parents[i]
        return i

    def join(self, one: int, other: int) -> None:
        self._parents[max(self.of(one), self.of(other))] = min(self.of(one), self.of(other))


def _candidates(keys: Sequence[tuple[str, ...]]) -> Iterable[tuple[int, int]]:
    """Yield pairs of wordings that share runs of words, those that share most first."""
    runs = [{key[j : j + _RUN] for j in range(max(1, len(key) - _RUN + 1))} for key in keys]
    by_run: dict[tuple[str, ...], list[int]] = {}
    for i, own in enumerate(runs):
        for run in own:
            by_run.setdefault(run, []).append(i)
    shared: Counter[tuple[int, int]] = Counter()
    for sharing in by_run.values():
        if 1 < len(sharing) <= _MOST_SHARING:
            shared.update(combinations(sharing, 2))
    for (i, j), count in shared.most_common(_MOST_PAIRS):
        if count >= _SHARED * min(len(runs[i]), len(runs[j])):
            yield i, j


def group_quotes(
    claims: Iterable[QuoteClaim],
    still_stands: Callable[[QuoteClaim], bool] = lambda claim: False,
) -> tuple[QuoteGroup, ...]:
    """Return the statements of one speaker, each with its wordings, the latest first.

    Args:
        claims: the quotes of the speaker in all versions of all articles.
        still_stands: whether the next version of a claim's article has its words, although nobody
            is told there to have said them.
    """
    by_key: dict[_Key, list[QuoteClaim]] = {}
    for claim in claims:
        key = wording_key(claim.quote.words)
        if key:
            by_key.setdefault((claim.quote.direct, key), []).append(claim)
    entries = list(by_key)
    groups = _Groups(len(entries))
    for direct in (True, False):
        mine = [i for i, entry in enumerate(entries) if entry[0] is direct]
        for a, b in _candidates([entries[i][1] for i in mine]):
            one, other = mine[a], mine[b]
            together = groups.of(one) == groups.of(other)
            if not together and _likeness(entries[one][1], entries[other][1]):
                groups.join(one, other)
    number = {key: i for i, key in enumerate(entries)}
    for lost, fresh in _edited(by_key):
        groups.join(number[lost], number[fresh])
    members: dict[int, list[int]] = {}
    for i in range(len(entries)):
        members.setdefault(groups.of(i), []).append(i)
    found = [
        _group([(entries[i][1], by_key[entries[i]]) for i in of_group], still_stands)
        for of_group in members.values()
    ]
    return tuple(sorted(found, key=lambda g: _order(g.claims[0]), reverse=True))


def _edited(
    by_key: Mapping[_Key, Sequence[QuoteClaim]],
) -> Iterable[tuple[_Key, _Key]]:
    """Yield wordings that an edit seems to have put in another's place."""
    versions: dict[tuple[int, int], set[_Key]] = {}
    for key, claims in by_key.items():
        for claim in claims:
            versions.setdefault((claim.article_id, claim.version), set()).add(key)
    for (article_id, number), before in versions.items():
        after = versions.get((article_id, number + 1), set())
        # Sorted, so that the same claims always give the same pairs.
        added = sorted(after - before)[:_MOST_EDITED]
        for lost in sorted(before - after)[:_MOST_EDITED]:
            best, most = None, _EDITED
            for fresh in added:
                ratio = _ratio(lost[1], fresh[1]) if fresh[0] is lost[0] else 0.0
                if ratio >= most:
                    best, most = fresh, ratio
            if best is not None:
                yield lost, best


def _ratio(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of words that two wordings have in common and in order, from 0 to 1."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _EDITED else 0.0


def _group(
    entries: Sequence[tuple[tuple[str, ...], list[QuoteClaim]]],
    still_stands: Callable[[QuoteClaim], bool],
) -> QuoteGroup:
    wordings = [
        Wording(
            words=sorted(claims, key=_order)[0].quote.words,
            claims=tuple(sorted(claims, key=_order)),
        )
        for _, claims in entries
    ]
    wordings.sort(key=lambda w: (-len({c.article_id for c in w.claims}), _order(w.claims[0])))
    return QuoteGroup(
        wordings=tuple(wordings), alterations=tuple(_alterations(wordings, still_stands))
    )


def _alterations(
    wordings: Sequence[Wording], still_stands: Callable[[QuoteClaim], bool]
) -> list[Alteration]:
    """Return how a statement changed within articles by edits, and between articles."""
    claims = sorted((c for w in wordings for c in w.claims), key=_order)
    by_article: dict[int, dict[int, list[QuoteClaim]]] = {}
    for claim in claims:
        by_article.setdefault(claim.article_id, {}).setdefault(claim.version, []).append(claim)
    found = []
    for versions in by_article.values():
        for number, given in sorted(versions.items()):
            if given[0].until is None:
                continue
            following = versions.get(number + 1, [])
            keys = {wording_key(c.quote.words) for c in following}
            for claim in given:
                key = wording_key(claim.quote.words)
                if key in keys:
                    continue
                # A wording that the version had before is none that it was changed to.
                had = {wording_key(c.quote.words) for c in given}
                fresh = [c for c in following if wording_key(c.quote.words) not in had]
                if fresh:
                    found.append(Alteration(kind="edited", one=claim, other=fresh[0]))
                elif claim.quote.direct and not following and not still_stands(claim):
                    found.append(Alteration(kind="vanished", one=claim))
    found += _between_articles(wordings)
    return sorted(found, key=lambda a: (a.other or a.one).observed_at)


def _between_articles(wordings: Sequence[Wording]) -> list[Alteration]:
    """Return one alteration for each pair of wordings of which neither is part of the other."""
    found = []
    wordings = wordings[:_MOST_COMPARED]
    for i, one in enumerate(wordings):
        for other in wordings[i + 1 :]:
            first = next((c for c in one.claims if c.quote.direct), None)
            second = next(
                (
                    c
                    for c in other.claims
                    if c.quote.direct and first and c.article_id != first.article_id
                ),
                None,
            )
            if first is None or second is None:
                continue
            keys = wording_key(first.quote.words), wording_key(second.quote.words)
            if _likeness(*keys) == "altered":
                older, newer = sorted((first, second), key=_order)
                found.append(Alteration(kind="outlets", one=older, other=newer))
    return found
