"""English clauses that a verb of saying reports without quotation marks, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.quotes.english_verbs import Attribution, Attributions
from scraper.quotes.marks import Quotation
from scraper.quotes.statement import Statement
from scraper.text.patterns import lazy_compile

__all__ = ["WORD", "ReportedClauses"]

WORD = lazy_compile(r"[^\W_]+(?:[’'\-.][^\W_]+)*")
# Words of a statement without quotation marks.
_LEAST_INDIRECT = 4
# Punctuation around a clause that is none of its words.
_STRIPPED = frozenset(",:.;?!—–-")
# Words that open a clause of somebody's rather than of the sentence around it.
_OPEN = frozenset({"but", "and", "the", "this", "if", "as"})
# Tokens behind the verb of an attribution that follows its clause.
_TAIL = 14
# Tokens of who somebody is, before the name.
_DESCRIPTION = 10
# Tokens of a time or place between a verb and its clause, and of a clause's subject.
_CIRCUMSTANCE = 6
_SUBJECT = 7
# Characters of a quotation in which its words are counted.
_COUNTED = 400


class ReportedClauses(Attributions):
    """One paragraph with what is reported in it in a sentence's own words."""

    # Statements without quotation marks

    def indirect(
        self,
        start: int,
        end: int,
        attributions: Sequence[Attribution],
        direct: Sequence[Statement],
    ) -> list[Statement]:
        if self.tokens[-1].kind == "word":  # a heading
            return []
        full = [s for s in direct if not s.fragment]
        for attribution in attributions:
            if attribution.calls or attribution.supposed or not attribution.speaker:
                continue
            span = self._clause(attribution, start, end)
            if self._interrupts(attribution, start, end):
                if full:
                    continue
                return [self._parted(attribution, start, end)]
            if span is None:
                around = self._around(attribution, start, end)
                if around is not None and not full:
                    return [around]
                continue
            first, stop = span
            verb = self.tokens[attribution.verb].start
            if stop <= attribution.first and any(s.start > verb for s in full):
                # "One of them, Voss, said: "…"": what stands before is no clause of hers.
                continue
            for statement in full:
                if (
                    statement.start < self.tokens[stop - 1].end
                    and statement.end > self.tokens[first].start
                ):
                    if statement.start <= self.tokens[first].start:
                        first = stop
                    stop = min(stop, self._token_at(statement.start))
            while stop > first and self.tokens[stop - 1].text in _STRIPPED:
                stop -= 1
            while first < stop and self.tokens[first].text in _STRIPPED:
                first += 1
            if stop <= first:
                continue
            words = sum(t.kind == "word" for t in self.tokens[first:stop])
            # "added that observers were welcome": no words of time or place can be taken for it.
            words += self.tokens[first - 1].low == "that" and first == attribution.verb + 2
            quoted = sum(self._count(t.quotation) for t in self.tokens[first:stop] if t.quotation)
            if stop > first and words >= 1 and words + quoted >= _LEAST_INDIRECT:
                a, b = self.tokens[first].start, self.tokens[stop - 1].end
                if attribution.low in self.words.denies:
                    # What is denied is not said: the words keep the verb.
                    if stop <= attribution.verb:
                        continue
                    a = verb
                return [Statement(a, b, attribution.speaker, direct=False)]
        return []

    def _token_at(self, place: int) -> int:
        return next(i for i, token in enumerate(self.tokens) if token.start >= place)

    def _clause(self, a: Attribution, start: int, end: int) -> tuple[int, int] | None:
        """Return the tokens of the clause that an attribution reports, or None."""
        tokens = self.tokens
        if a.low == "according":
            if a.verb > start and tokens[a.verb - 1].text == "," and self._goes_on(a.last + 1, end):
                return None  # see `_around`
            if a.verb > start and tokens[a.verb - 1].text == ",":
                return start, a.verb - 1
            if a.verb > start + _LEAST_INDIRECT and tokens[a.verb - 1].kind == "word":
                return start, a.verb
            if a.verb == start:
                commas = [i for i in range(a.last, end) if tokens[i].text == ","]
                if len(commas) > 1 and self._describes(commas[0] + 1, commas[1], end):
                    del commas[0]
                return (commas[0] + 1, end) if commas else None
            return None
        if a.low not in self.words.reports:
            return None
        after = max(a.verb, a.last) + 1
        that = self._that(a.low, after, end)
        if that is not None:
            return that + 1, end
        if self._trails(a, after, start, end):
            return start, self._before_description(a, start)
        while after < end and tokens[after].capital and tokens[after].low in self.words.openings:
            after += 1  # said Sunday
        if a.low in self.words.bare and after < end:
            if a.low in ("told", "tells", "warned", "warns"):
                after = self._behind_addressee(after, end)
            after = self._behind_circumstance(after, end)
            token = tokens[after] if after < end else None
            if token is not None and self._begins_clause(after, end):
                return after, end
            if (
                token is not None
                and token.kind == "word"
                and (token.low in self.words.clause_starts or token.capital)
                and a.verb + 1 <= after
            ):
                return after, end
        return None

    def _before_description(self, a: Attribution, start: int) -> int:
        """Return where the clause before a speaker ends: ", its founder, Ann Lee, said"."""
        tokens, comma = self.tokens, a.first - 1
        if tokens[a.verb - 1].text != "," or a.verb - 1 <= a.first:
            return comma
        ahead = range(comma - 1, max(start + _LEAST_INDIRECT, comma - _DESCRIPTION) - 1, -1)
        other = next((i for i in ahead if tokens[i].text == ","), None)
        if other is None:
            return comma
        head = tokens[other + 1].low
        described = head in self.words.articles | self.words.possessives
        titled = any(t.title for t in tokens[other + 1 : comma])
        return other if described and titled else comma

    def _behind_circumstance(self, at: int, end: int) -> int:
        """Return the token behind a time or place, if a pronoun's clause begins there.

        "Apple said on Tuesday it would cut prices."
        """
        tokens = self.tokens
        if at >= end or tokens[at].low not in self.words.stops:
            return at
        for i in range(at + 1, min(at + _CIRCUMSTANCE, end - 1)):
            if tokens[i].kind != "word":
                return at
            if tokens[i].low in self.words.subjects:
                finite = tokens[i + 1].low in self.words.auxiliaries
                return i if finite or tokens[i + 1].low.endswith("ed") else at
        return at

    def _begins_clause(self, at: int, end: int) -> bool:
        """Whether a subject and its auxiliary verb stand at a token: exports to Asia would rise."""
        tokens = self.tokens
        if tokens[at].kind != "word" or tokens[at].low in self.words.stops:
            return False
        for i in range(at + 1, min(at + _SUBJECT, end)):
            if tokens[i].kind != "word" or tokens[i].low == "that":
                return False
            if tokens[i].low in self.words.auxiliaries:
                return True
        return False

    def _goes_on(self, comma: int, end: int) -> bool:
        """Whether a clause goes on behind somebody who is named between commas."""
        tokens = self.tokens
        return (
            comma + 2 < end
            and tokens[comma].text == ","
            and tokens[comma + 1].low in self.words.auxiliaries
        )

    def _around(self, a: Attribution, start: int, end: int) -> Statement | None:
        """Return the statement within which its source is named: it, according to Sato, is well."""
        if a.low != "according" or not self._goes_on(a.last + 1, end) or a.verb - 1 <= start:
            return None
        tokens, stop = self.tokens, end
        while tokens[stop - 1].text in _STRIPPED:
            stop -= 1
        first, last = tokens[start].start, tokens[stop - 1].end
        parts = [(first, tokens[a.verb - 2].end), (tokens[a.last + 2].start, last)]
        return Statement(first, last, a.speaker, direct=False, parts=parts)

    def _interrupts(self, a: Attribution, start: int, end: int) -> bool:
        """Whether an attribution stands between commas: the outage, Bell said, lasted an hour."""
        tokens, last = self.tokens, max(a.verb, a.last)
        if a.low not in self.words.reports or a.low in self.words.denies:
            return False
        if a.first - 1 <= start or last + 2 >= end or tokens[last + 1].text != ",":
            return False
        behind = tokens[last + 2]
        return (
            tokens[a.first - 1].text == ","
            and not any(t.kind == "quote" or t.text == ":" for t in tokens[start:end])
            and tokens[start].low not in self.words.relatives
            and behind.kind == "word"
            and not behind.low.endswith("ing")
            and (
                behind.low not in self.words.relatives
                or tokens[last + 3].low in self.words.auxiliaries
            )
            and end - start > _LEAST_INDIRECT + last + 1 - a.first
        )

    def _parted(self, a: Attribution, start: int, end: int) -> Statement:
        tokens, stop = self.tokens, end
        while tokens[stop - 1].text in _STRIPPED:
            stop -= 1
        first, last = tokens[start].start, tokens[stop - 1].end
        head, tail = tokens[a.first - 2].end, tokens[max(a.verb, a.last) + 2].start
        return Statement(first, last, a.speaker, direct=False, parts=[(first, head), (tail, last)])

    def _describes(self, first: int, comma: int, end: int) -> bool:
        """Whether what stands between two commas describes the name before: an economist at X."""
        own = self.tokens[first:comma]
        if not own or comma + 1 >= end or self.tokens[comma + 1].low in ("and", "but", "or", "nor"):
            return False
        if any(t.low in self.words.auxiliaries for t in own) and own[0].low != "who":
            return False
        return own[0].low == "who" or own[0].text.isdigit() or any(t.title for t in own)

    def _trails(self, a: Attribution, after: int, start: int, end: int) -> bool:
        """Whether the clause that an attribution reports stands before it."""
        tokens = self.tokens
        if a.first <= start or tokens[a.first - 1].text != ",":
            return False
        if tokens[a.first - 2].kind == "quote":
            return False
        head = tokens[start : a.first - 1]
        if end - after > _TAIL or sum(t.kind == "word" for t in head) < _LEAST_INDIRECT:
            return False
        if head[0].low in self.words.openings and head[0].low not in _OPEN:
            return False
        if after >= end or tokens[after].kind != "word":
            return True
        told = self._told(a, after, end)
        if told > after:  # "The model is late, Ann Lee told the paper."
            return told >= end or tokens[told].kind != "word" or self._is_adverbial(told)
        if tokens[a.verb - 1].text == "," and tokens[after].low in self.words.possessives:
            return False  # "A lawyer for him, Voss, said her client": the clause stands behind
        return tokens[after].low != "to" and self._is_adverbial(after)

    def _that(self, verb: str, after: int, end: int) -> int | None:
        """Return the "that" that opens the clause of a verb, or None."""
        tokens = self.tokens
        for i in range(after, min(after + 12, end)):
            if tokens[i].kind == "quote" or tokens[i].text in ",:;":
                return None
            if tokens[i].low == "that":
                near = i == after or (
                    (verb in self.words.addresses or self._is_adverbial(after))
                    and tokens[i - 1].low not in self.words.stops
                )
                return i if near else None
        return None

    def _is_adverbial(self, i: int) -> bool:
        """Whether a word behind a verb begins a phrase of place, time or manner."""
        token = self.tokens[i]
        return (
            token.low in self.words.stops
            or token.low in self.words.openings
            or token.low.endswith("ly")
        )

    def _told(self, a: Attribution, after: int, end: int) -> int:
        """Return the token behind whom a verb tells something, or the one behind the verb."""
        tokens = self.tokens
        if tokens[a.verb].low in self.words.addresses:
            return self._behind_addressee(after, end)
        named = after + 1 < end and (
            tokens[after + 1].capital or tokens[after + 1].low in self.words.articles
        )
        if tokens[after].low == "to" and named:
            return self._behind_addressee(after + 1, end)
        return after

    def _behind_addressee(self, at: int, end: int) -> int:
        """Return the token behind somebody who is told something."""
        if at < end and self.tokens[at].low in self.words.articles:
            at += 1
        stop = at
        while stop < end and stop - at < 5 and self._in_name(stop):
            stop += 1
        return stop if stop > at else at + 1

    def _count(self, quotation: Quotation) -> int:
        """Return the words of a quotation, which are counted at its beginning only."""
        end = min(quotation.inner_end, quotation.inner_start + _COUNTED)
        return len(WORD.findall(self.text[quotation.inner_start : end]))
