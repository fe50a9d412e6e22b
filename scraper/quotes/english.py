"""Statements in an English paragraph: who is said to have said what.

A paragraph is read as words, punctuation and quotations. Verbs of saying are found first, each with
its subject; then each quotation is given to the verb that stands with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from scraper.quotes.english_verbs import Attribution, Attributions
from scraper.quotes.marks import Paragraph, Quotation
from scraper.quotes.speakers import Cast
from scraper.quotes.statement import Statement
from scraper.quotes.wording import load_words
from scraper.text.patterns import lazy_compile

__all__ = ["read_english"]

_WORD = lazy_compile(r"[^\W_]+(?:[’'\-.][^\W_]+)*")
# Words of a quoted part of a sentence; fewer are a term.
_LEAST_FRAGMENT = 3
# Words of a statement without quotation marks.
_LEAST_INDIRECT = 4
# Words of a quotation that nobody is named with.
_LEAST_ORPHAN = 4
# Characters of a quotation in which its words are counted.
_COUNTED = 400
# Punctuation around a clause that is none of its words.
_STRIPPED = frozenset(",:.;?!—–-")
# Words that open a clause of somebody's rather than of the sentence around it.
_OPEN = frozenset({"but", "and", "the", "this", "if", "as"})
# Tokens behind the verb of an attribution that follows its clause.
_TAIL = 14
# First words of what stands before a sentence's subject, with a comma, and its tokens.
_OPENERS = frozenset({"asked", "speaking", "writing", "pressed", "questioned", "when", "after"})
_OPENING = 16
# Tokens of a name with its titles.
_LONGEST_NAME = 12
# Tokens between a verb and its quotation.
_REACH = 30
# Tokens of a time or place between a verb and its clause, and of a clause's subject.
_CIRCUMSTANCE = 6
_SUBJECT = 7
# Tokens between a verb such as "called" and the words that it gives.
_NEAR = 8


class _Reading(Attributions):
    """One paragraph with its statements."""

    def statements(self) -> list[Statement]:
        """Return the paragraph's statements in order, and tell the cast who spoke."""
        found: list[Statement] = []
        joined_to: Statement | None = None
        for number, (start, end) in enumerate(self.bounds):
            if number == 0:
                start = self._behind_dateline(start, end)
            self._note_subject(start, end)
            attributions = self.attributions(start, end)
            direct = self._direct(start, end, attributions, joined_to)
            indirect = self._indirect(start, end, attributions, direct)
            spoken = sorted([*direct, *indirect], key=lambda s: s.start)
            for statement in spoken:
                if statement.speaker:
                    self.cast.spoke(statement.speaker)
            joined_to = self._to_be_joined(start, end, attributions, direct)
            found += [s for s in spoken if s not in found]
        return found

    def _note_subject(self, start: int, end: int) -> None:
        """Tell the cast whom a sentence is about, and whom it names besides."""
        tokens = self.tokens
        if tokens[-1].kind == "word":  # a heading
            return
        while start < end and tokens[start].low in self.words.openings:
            start += 1
        if start < end and tokens[start].low in self.words.articles:
            # "Across the street, Carla Mendes was luckier."
            commas = (i for i in range(start, min(end, start + 8)) if tokens[i].text == ",")
            if start > 0 and tokens[start - 1].low in self.words.openings:
                start = next(commas, start - 1) + 1
        stop = start
        while stop < end and (self._in_name(stop) or tokens[stop].low in self.words.articles):
            stop += 1
        for i in range(stop, end):
            if tokens[i].capital and not tokens[i - 1].capital:
                last = i
                while last < min(end, i + _LONGEST_NAME) and self._in_name(last):
                    last += 1
                placed = tokens[i - 1].low in self.words.places
                name = self._name(i, last) if last - i > 1 and not placed else ""
                if name:
                    self.cast.glimpsed(name)
        if stop > start and stop < end and any(t.capital for t in tokens[start:stop]):
            name = self._name(start, stop)
            if name and name.lower() not in self.words.pronouns:
                aged = (
                    stop + 1 < end and tokens[stop].text == "," and tokens[stop + 1].text.isdigit()
                )
                self.cast.mentioned(name, sure=aged)
        self._note_late_subject(start, end)
        # "Her predecessor, Karim Saleh, disagreed."
        comma = next((i for i in range(start, min(end, start + 8)) if tokens[i].text == ","), None)
        if comma is not None and not any(t.capital for t in tokens[start + 1 : comma]):
            last = comma + 1
            while last < end and self._in_name(last):
                last += 1
            if last < end and tokens[last].text == "," and self._plain_name(comma + 1, last):
                self.cast.mentioned(self._name(comma + 1, last))

    def _note_late_subject(self, start: int, end: int) -> None:
        """Tell the cast of a subject behind an opening: asked why, Prewitt laughed."""
        tokens = self.tokens
        if start >= end or not (
            start == 0
            or tokens[start - 1].low in self.words.openings
            or tokens[start].low in _OPENERS
        ):
            return
        stop = min(end - 2, start + _OPENING)
        comma = next((i for i in range(start, stop) if tokens[i].text == ","), None)
        if comma is None:
            return
        last = comma + 1
        while last < end and self._in_name(last):
            last += 1
        if comma + 1 < last < end and tokens[last].kind == "word" and tokens[last].text.islower():
            name = self._name(comma + 1, last)
            own = tokens[last].low not in (*self.words.stops, *self.words.openings)
            if (
                name
                and own
                and all(t.capital for t in tokens[comma + 1 : last] if t.kind == "word")
            ):
                self.cast.mentioned(name)

    def _to_be_joined(
        self,
        start: int,
        end: int,
        attributions: Sequence[Attribution],
        direct: Sequence[Statement],
    ) -> Statement | None:
        """Return the statement that a quotation at the head of the next sentence goes on with."""
        if len(direct) != 1 or direct[0].fragment or self.tokens[start].kind != "quote":
            return None
        behind = [a for a in attributions if a.first <= start + 2]
        quotes = sum(token.kind == "quote" for token in self.tokens[start:end])
        if behind and quotes == 1 and end - start <= _REACH:
            return direct[0]
        return None

    def _direct(
        self,
        start: int,
        end: int,
        attributions: Sequence[Attribution],
        joined_to: Statement | None,
    ) -> list[Statement]:
        found: list[Statement] = []
        for i in range(start, end):
            token = self.tokens[i]
            if token.quotation is None:
                continue
            statement = self._quoted(i, token.quotation, start, end, attributions, found, joined_to)
            joined_to = None
            if statement is not None and statement not in found:
                found.append(statement)
        return found

    def _quoted(
        self,
        i: int,
        quotation: Quotation,
        start: int,
        end: int,
        attributions: Sequence[Attribution],
        before: Sequence[Statement],
        joined_to: Statement | None,
    ) -> Statement | None:
        count = self._count(quotation)
        if not count:
            return None
        behind = self._behind(i, quotation, end, attributions)
        ahead = self._ahead(i, start, attributions)
        last = before[-1] if before and not before[-1].fragment else None
        marked = i > start and self.tokens[i - 1].text in (",", ":", "—", "–")
        named = self._is_named_work(i, start)
        if (
            last is not None
            and marked
            and ahead
            and not named
            and self._continues_split(i, last, ahead[0])
        ):
            last.add(quotation)
            return last
        full = behind is not None and not (i > start and self.tokens[i - 1].kind == "word")
        speaker = ""
        if ahead is not None and ahead[1]:
            full, speaker = True, ahead[0].speaker
        elif behind is not None:
            speaker = behind.speaker
        elif ahead is not None:
            speaker = ahead[0].speaker
        whole = self._is_sentence(i, quotation, start, end)
        if quotation.continued:
            return Statement.quoted(quotation, speaker, fragment=False)
        if not speaker and whole and joined_to is not None and i == start:
            joined_to.add(quotation)
            return joined_to
        if not speaker and whole and count >= _LEAST_ORPHAN:
            speaker, full = self._orphan(i, start), True
        if not speaker and whole and i == 0:
            speaker = self._signed(i + 1)
            full = bool(speaker)
        if named and (behind is not None or marked):
            return None
        if not speaker and behind is None and ahead is None:
            return Statement.quoted(quotation, "", fragment=False) if quotation.continues else None
        if full and (count >= 2 or behind is not None or whole):
            if count < 8 and behind is None and self._is_title(i, quotation):
                return None
            return Statement.quoted(quotation, speaker, fragment=False)
        if self._is_fragment(i, quotation, count):
            return Statement.quoted(quotation, speaker, fragment=True)
        return None

    def _orphan(self, i: int, start: int) -> str:
        """Return who says a quotation that is a sentence by itself, or ""."""
        if i > start and self.tokens[i - 1].text == ":":
            if self.tokens[start].low in self.words.says and self.tokens[start + 1].capital:
                start += 1  # Said Olga Prinn:
            name = self._sentence_subject(start, i)
            if name and (self.cast.is_person(name) or self.cast.knows(name)):
                return name
            return self._colon_speaker(i - 1, start)
        return self.cast.goes_on()

    def _signed(self, dash: int) -> str:
        """Return who is named behind a dash that closes a quotation by itself, or ""."""
        tokens = self.tokens
        if dash >= len(tokens) or tokens[dash].text not in ("—", "–", "-", "―"):
            return ""
        last = dash + 1
        while last < len(tokens) and self._in_name(last):
            last += 1
        if last < len(tokens) and tokens[last].text != ",":
            return ""
        return self._resolve(self._name(dash + 1, last)) if self._plain_name(dash + 1, last) else ""

    def _colon_speaker(self, colon: int, start: int) -> str:
        for i in range(max(start + 1, colon - _LONGEST_NAME), colon):
            if self.tokens[i].low == "of" and self.tokens[i - 1].low == "words":
                name, last = self._noun_behind(i + 1, colon)
                return self._resolve(name) if name and last + 1 == colon else ""
        span = self._noun_before(colon - 1, start)
        name = self._name(span[0], span[1] + 1) if span else ""
        return self._resolve(name) if name and self.cast.knows(name) else ""

    def _count(self, quotation: Quotation) -> int:
        end = min(quotation.inner_end, quotation.inner_start + _COUNTED)
        return len(_WORD.findall(self.text[quotation.inner_start : end]))

    def _behind(
        self, i: int, quotation: Quotation, end: int, attributions: Sequence[Attribution]
    ) -> Attribution | None:
        """Return the attribution that follows a quotation at once."""
        at = i + 1
        last = self._last_char(quotation)
        set_off = last in ",?!—–…-."
        if at < end and self.tokens[at].text in (",", "—", "–", "-"):
            set_off, at = True, at + 1
        if not set_off:
            return None
        for attribution in attributions:
            if attribution.first == at and not attribution.calls:
                return attribution
            if at < attribution.first <= at + 8 < attribution.verb + 8 and not attribution.calls:
                # "harbour master Sigrid Aune said": what stands before the name describes it.
                between = self.tokens[at : attribution.first]
                if len(between) > 1 and between[-1].text == "," and between[-2].title:
                    between = between[:-1]  # the founder, Wen Li, posted
                if all(
                    t.kind == "word"
                    and t.low not in self.words.openings
                    and t.low not in self.words.says
                    and t.low not in self.words.stops
                    for t in between
                ):
                    return attribution
        return None

    def _ahead(
        self, i: int, start: int, attributions: Sequence[Attribution]
    ) -> tuple[Attribution, bool] | None:
        """Return the attribution before a quotation, and whether the quotation is set off."""
        if i == start:
            return None
        mark = self.tokens[i - 1].text
        for attribution in reversed(attributions):
            after = max(attribution.verb, attribution.last)
            if after >= i or i - after > _REACH:
                continue
            between = self.tokens[after + 1 : i]
            if sum(t.text == "(" for t in between) > sum(t.text == ")" for t in between):
                return None
            if any(t.kind == "quote" for t in between) and mark not in (",", ":"):
                return (attribution, False)
            adjacent = not between
            set_off = mark in (",", ":", "—", "–") and not attribution.calls
            if mark == "," and len(between) > 1 and not self._capital(i):
                set_off = False
            if attribution.calls and len(between) > _NEAR:
                return None
            if mark == "," and len(between) > 14:
                set_off = False
            return attribution, set_off or (adjacent and not attribution.calls and self._capital(i))
        return None

    def _capital(self, i: int) -> bool:
        quotation = self.tokens[i].quotation
        assert quotation is not None
        inner = self.text[quotation.inner_start : quotation.inner_end].lstrip("“‘'\"[(…. ")
        return bool(inner) and inner[0].isupper()

    def _continues_split(self, i: int, last: Statement, attribution: Attribution) -> bool:
        """Whether only the attribution stands between a statement and a quotation."""
        tokens = self.tokens
        j = i - 1
        while j >= 0 and tokens[j].kind != "quote":
            j -= 1
        if j < 0 or tokens[j].end != last.end:
            return False
        return attribution.first - j <= 2 and i - j <= 16

    def _is_sentence(self, i: int, quotation: Quotation, start: int, end: int) -> bool:
        """Whether a quotation is a sentence by itself."""
        if not self._capital(i):
            return False
        if i == 0 and i + 1 == len(self.tokens) and quotation.closed and not quotation.continues:
            return self._last_char(quotation) in ".?!…"
        closes = (
            self._last_char(quotation) in ".?!…"
            or not quotation.closed
            or i + 1 == end
            or (self.tokens[i + 1].text in ".?!")
        )
        alone = i == start or self.tokens[i - 1].text == ":" or self.tokens[i - 1].kind == "quote"
        return closes and alone and (i + 1 >= end or self.tokens[i + 1].kind != "word")

    def _is_title(self, i: int, quotation: Quotation) -> bool:
        """Whether a quotation is printed as the title of a work is."""
        inner = self.text[quotation.inner_start : quotation.inner_end]
        long = [w for w in _WORD.findall(inner) if len(w) > 3]
        capitals = sum(w[0].isupper() for w in long)
        return len(long) >= 1 and capitals >= 0.75 * len(long) and not inner.rstrip().endswith("!")

    def _is_named_work(self, i: int, start: int) -> bool:
        """Whether a quotation is the title of what is named before it: her paper, "The Price"."""
        before = i - 2 if i - 1 > start and self.tokens[i - 1].text == "," else i - 1
        quotation = self.tokens[i].quotation
        return (
            before >= start
            and quotation is not None
            and self.tokens[before].low in self.words.names
            and self._is_title(i, quotation)
        )

    def _is_fragment(self, i: int, quotation: Quotation, count: int) -> bool:
        if count < _LEAST_FRAGMENT or self._is_title(i, quotation):
            return False
        before = self.tokens[i - 1] if i else None
        after = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
        if before is not None and before.low in self.words.articles and after is not None:
            qualifies = after.kind == "word" and after.low not in self.words.stops
            if qualifies and after.low not in self.words.auxiliaries:
                return False  # a "maritime militia" vessel
        return not (
            before is not None
            and before.low in self.words.names
            and before.low not in self.words.calls
        )

    # Statements without quotation marks

    def _indirect(
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
            return start, a.first - 1
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

    def _behind_addressee(self, at: int, end: int) -> int:
        """Return the token behind somebody who is told something."""
        if at < end and self.tokens[at].low in self.words.articles:
            at += 1
        stop = at
        while stop < end and stop - at < 5 and self._in_name(stop):
            stop += 1
        return stop if stop > at else at + 1


def read_english(text: str, paragraph: Paragraph, cast: Cast) -> list[Statement]:
    """Return the statements of an English paragraph.

    Args:
        text: the whole text.
        paragraph: the paragraph with its quotations.
        cast: who has spoken so far; it learns who speaks here.
    """
    return _Reading(text, paragraph, cast, load_words().english).statements()
