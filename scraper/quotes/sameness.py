"""The same statement in several places: equal, shortened, or in other words.

Wordings are compared by their words alone, folded: script, punctuation and spacing make no
difference. Wordings that share runs of three words are candidates, which an inverted index finds;
each is then compared with `difflib` ("gestalt pattern matching", Ratcliff, Metzener 1988).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from scraper.models import QuoteClaim
from scraper.text.chinese import fold
from scraper.text.sentences import normalise, tokens

__all__ = ["Alteration", "QuoteGroup", "Wording", "group_quotes", "wording_key"]

# Words (Chinese: characters) of a statement that are compared.
_LONGEST = 400
# A run of words by which candidates are found, and of how many wordings it tells something.
_RUN = 3
_MOST_SHARING = 40
# Share of words in common from which two wordings are one statement, and the share of the shorter
# one's from which it is a part of the other.
_ALIKE = 0.6
_PART = 0.85
# The same between two versions of one article, of which one has lost a wording and the next has a
# new one by the same speaker.
_EDITED = 0.4
# Words of a statement that may be told to be part of another.
_LEAST_PART = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One wording of a statement, with the places that give it, oldest first."""

    words: str
    claims: tuple[QuoteClaim, ...]

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that give it, the earliest first."""
        return tuple(dict.fromkeys(claim.outlet for claim in self.claims))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """A statement that changed on its way.

    Attributes:
        kind: ``edited`` between versions of one article, ``vanished`` from an article by an edit,
            ``outlets`` between two articles.
        one, other: the claims, the older first; `other` is None for one that vanished.
    """

    kind: str
    one: QuoteClaim
    other: QuoteClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
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
    """Yield pairs of wordings that share runs of words."""
    by_run: dict[tuple[str, ...], list[int]] = {}
    for i, key in enumerate(keys):
        for run in {key[j : j + _RUN] for j in range(max(1, len(key) - _RUN + 1))}:
            by_run.setdefault(run, []).append(i)
    seen: set[tuple[int, int]] = set()
    for sharing in by_run.values():
        if 1 < len(sharing) <= _MOST_SHARING:
            for a, i in enumerate(sharing):
                for j in sharing[a + 1 :]:
                    if (i, j) not in seen:
                        seen.add((i, j))
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
            if _likeness(entries[mine[a]][1], entries[mine[b]][1]):
                groups.join(mine[a], mine[b])
    number = {key: i for i, key in enumerate(entries)}
    for one, other in _edited(by_key):
        groups.join(number[one], number[other])
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
            if claim.quote.direct:
                versions.setdefault((claim.article_id, claim.version), set()).add(key)
    for (article_id, number), before in versions.items():
        after = versions.get((article_id, number + 1), set())
        for lost in before - after:
            ratios = {
                fresh: SequenceMatcher(None, lost[1], fresh[1], autojunk=False).ratio()
                for fresh in after - before
            }
            best = max(ratios, key=lambda fresh: ratios[fresh], default=None)
            if best is not None and ratios[best] >= _EDITED:
                yield lost, best


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
    claims = sorted((c for w in wordings for c in w.claims if c.quote.direct), key=_order)
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
                elif not following and not still_stands(claim):
                    found.append(Alteration(kind="vanished", one=claim))
    found += _between_articles(wordings)
    return sorted(found, key=lambda a: (a.other or a.one).observed_at)


def _between_articles(wordings: Sequence[Wording]) -> list[Alteration]:
    """Return one alteration for each pair of wordings of which neither is part of the other."""
    found = []
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
