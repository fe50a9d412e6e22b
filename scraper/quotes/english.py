"""Statements in an English paragraph: who is said to have said what.

A paragraph is read as words, punctuation and quotations. Verbs of saying are found first, each with
its subject; then each quotation is given to the verb that stands with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from scraper.quotes.english_clauses import WORD, ReportedClauses
from scraper.quotes.english_verbs import Attribution
from scraper.quotes.marks import Paragraph, Quotation
from scraper.quotes.speakers import Cast
from scraper.quotes.statement import Statement
from scraper.quotes.wording import load_words

__all__ = ["read_english"]
# Words of a quoted part of a sentence; fewer are a term.
_LEAST_FRAGMENT = 3
# Words of a quotation that nobody is named with.
_LEAST_ORPHAN = 4
# First words of what stands before a sentence's subject, with a comma, and its tokens.
_OPENERS = frozenset({"asked", "speaking", "writing", "pressed", "questioned", "when", "after"})
_OPENING = 16
# Tokens of a phrase before a sentence's pronoun, and letters of what is no participle: "King".
_ADJUNCT = 14
_SHORTEST_PARTICIPLE = 5
# Tokens of a name with its titles.
_LONGEST_NAME = 12
# Tokens between a verb and its quotation.
_REACH = 30
# Tokens between a verb such as "called" and the words that it gives.
_NEAR = 8


class _Reading(ReportedClauses):
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
            indirect = self.indirect(start, end, attributions, direct)
            spoken = sorted([*direct, *indirect], key=lambda s: s.start)
            for statement in spoken:
                if statement.speaker:
                    self.cast.spoke(statement.speaker)
            joined_to = self._to_be_joined(start, end, attributions, direct)
            found += [s for s in spoken if s not in found]
        return found

    def _behind_adjunct(self, start: int, end: int) -> int:
        """Return the token behind a phrase that opens a sentence and names who its "he" is not.

        "Citing Ann Lee, he said", "Unlike Ann Lee, he said": who is named there as the object is
        somebody else than the pronoun of the clause (principle B of the binding theory).
        """
        tokens, first = self.tokens, self.tokens[start].low
        ahead = range(start + 1, min(end - 1, start + _ADJUNCT))
        comma = next((i for i in ahead if tokens[i].text == ","), None)
        if comma is None or tokens[comma + 1].low not in self.words.pronouns:
            return start
        if first.endswith("ing") and len(first) > _SHORTEST_PARTICIPLE:
            return comma + 1
        # "After Ann Lee's talk, he said", "After Ann Lee left, he said" may well be the same one.
        bare = all(
            self._in_name(i) and not tokens[i].low.endswith(("'s", "’s"))
            for i in range(start + 1, comma)
        )
        return comma + 1 if bare and first in self.words.adjuncts else start

    def _note_subject(self, start: int, end: int) -> None:
        """Tell the cast whom a sentence is about, and whom it names besides."""
        tokens = self.tokens
        if tokens[-1].kind == "word":  # a heading
            return
        start = self._behind_adjunct(start, end)
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
        long = [w for w in WORD.findall(inner) if len(w) > 3]
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


def read_english(text: str, paragraph: Paragraph, cast: Cast) -> list[Statement]:
    """Return the statements of an English paragraph.

    Args:
        text: the whole text.
        paragraph: the paragraph with its quotations.
        cast: who has spoken so far; it learns who speaks here.
    """
    return _Reading(text, paragraph, cast, load_words().english).statements()
