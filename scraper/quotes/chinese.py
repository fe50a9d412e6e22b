"""Statements in a Chinese paragraph, in either script: who is said to have said what.

All is compared on folded text, which has the length of the text, so that a place in one is the same
place in the other. Quotations are blanked out: what is left are the clauses that frame them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.quotes.chinese_subjects import BLANK, Subjects
from scraper.quotes.marks import Paragraph, Quotation
from scraper.quotes.speakers import Cast
from scraper.quotes.statement import Statement
from scraper.text.patterns import lazy_compile

__all__ = ["read_chinese"]

_END = lazy_compile("[。！？!?]+|(?<=…)…(?=[^，,。])")
_COMMA = "，,；;"
# Characters of a sentence's beginning in which a subject is looked for, and of a clause behind a
# quotation.
_REACH = 120
_BEHIND = 60
# Characters between the two halves of a statement that is interrupted.
_PAUSE = 12
# Verbs of saying in a sentence: what has more is no prose.
_MOST_VERBS = 30
# Characters of a quoted part of a sentence that is a statement; shorter ones are terms.
_LEAST_FRAGMENT = 5
_LEAST_INDIRECT = 6
_LEAST_ORPHAN = 6
# What may follow a quotation that is a whole clause.
_STOPS_BEHIND = ("", *"。！？；，,;!?", BLANK)
# What ends a clause behind a quotation.
_CLAUSE_ENDS = "。！？!?；;：:，," + BLANK
_COMMAS = ("，", ",")
_PERSONAL = ("他", "她")
# What may follow a verb that stands before a mark or a quotation only; "" is the end.
_MARKS = ("", *"：:，,。", BLANK)
# What somebody is said to call something, behind the verb.
_NAMED = lazy_compile(f"(?:这|那|其|该|他|她|对方|自己)[^，。,：:{BLANK}]{{0,8}}{BLANK}")
# Whose words they are, behind them: "这是导演凌若水在首映式上说的话".
_WORDS_OF = lazy_compile(
    "这(?:句话)?是([^，,]{2,30}?)(?:(?:在|对|于|给)[^，,]{1,20}?)?(?:反复|常常|经常|常|总|曾经?|最)?"
    "(?:说|讲|写下|留下|强调|重复|告诉[^，,]{1,8})过?的(?:最后)?(?:一|那)?(?:句|番|段)?(?:原?话|回答|感言)$"
)
# Whose view a sentence gives that has no verb of saying, or whose paper a report tells of.
_OPINION = "看来"
_VIEW = lazy_compile(
    r"\s*(?:不过|但|而)?，?在([^，,。]{2,24}?)看来[，,]"
    r"|\s*(?:另)?据[^，,。]{2,20}?(?:援引|转引|引述)([^，,。]{2,16}?)(?:的(?:话|说法|消息))?[，,]"
)
# What might be said is not said.
_HYPOTHETICAL = lazy_compile("(?:一定|可能|总|常|都|就|也|才|不|他|她|们|我|你|人|还)会$")


@dataclass(slots=True)
class _Verb:
    start: int
    end: int
    low: str
    speaker: str
    named: bool  # whether its own sentence says who


class _Reading(Subjects):
    """One paragraph with its sentences, the text folded and without quotations."""

    def __init__(self, text: str, folded: str, paragraph: Paragraph, cast: Cast) -> None:
        super().__init__(text, paragraph.start, cast)
        self.paragraph = paragraph
        pieces, at = [], paragraph.start
        for q in paragraph.quotations:
            pieces += [folded[at : q.start], BLANK * (q.end - q.start)]
            at = q.end
        pieces.append(folded[at : paragraph.end])
        self.frame = "".join(pieces)
        self.quotes = {q.start - self.base: q for q in paragraph.quotations}

    # Sentences

    def sentences(self) -> list[tuple[int, int]]:
        """Return start and end of each sentence in the frame."""
        ends = {m.end() for m in _END.finditer(self.frame)}
        for place, q in self.quotes.items():
            if self._closes(q) and self._begins_anew(place + q.end - q.start):
                ends.add(place + q.end - q.start)
        bounds, start = [], 0
        for end in sorted(ends | {len(self.frame)}):
            if self.frame[start:end].strip():
                bounds.append((start, end))
                start = end
        return bounds

    def _closes(self, q: Quotation) -> bool:
        inner = self.text[q.inner_start : q.inner_end].rstrip("”’」』\"' ")
        return inner.endswith(("。", "！", "？", "!", "?", "…"))

    def _begins_anew(self, at: int) -> bool:
        """Whether a sentence begins behind a quotation that ends with a full stop."""
        if at >= len(self.frame):
            return True
        if self.frame[at] in "，,。、；;：:":
            return False
        return self._verb_behind(at) is None

    # Verbs and their subjects

    def verbs(self, start: int, end: int) -> list[_Verb]:
        """Return the verbs of saying of a sentence with their speakers."""
        found: list[_Verb] = []
        tried = 0
        for match in self.patterns.verb.finditer(self.frame, start, end):
            if not self._is_verb(match, start):
                continue
            tried += 1
            if tried > _MOST_VERBS:
                break
            clause = self._clause_start(match.start(), start)
            subject = self.frame[clause : match.start()]
            speaker, named = self._subject(subject, clause, start, found)
            if speaker:
                found.append(_Verb(match.start(), match.end(), match[0], speaker, named))
        return found or self._opinions(start, end)

    def _opinions(self, start: int, end: int) -> list[_Verb]:
        """Return as a verb what tells whose view or whose paper a sentence without verbs gives."""
        match = _VIEW.match(self.frame, start, end)
        if match is None:
            return []
        held = match[1] or match[2]
        place = match.start(1) if match[1] else match.start(2)
        name = self._speaker_in(held, place)
        return [_Verb(match.start(), match.end() - 1, _OPINION, name, True)] if name > "-" else []

    def _is_verb(self, match: re.Match[str], start: int) -> bool:
        a, b, low = match.start(), match.end(), match[0]
        before = self.frame[max(start, a - 4) : a]
        after = self.frame[b : b + 4]
        return not self._is_other_word(low, before, after)

    def _is_other_word(self, verb: str, before: str, after: str) -> bool:
        """Whether the characters around a verb make another word or another sense of it."""
        forbidden = self.words.not_before if len(verb) == 1 else self.words.not_before_long
        if before.endswith(tuple(forbidden)):
            return True
        if verb in self.words.marked and after[:1] not in _MARKS:
            return True
        if len(verb) == 1 and _HYPOTHETICAL.search(before):
            return True
        if len(verb) == 1 and (before + verb).endswith(tuple(self.words.compounds)):
            return True
        return after.startswith(tuple(self.words.not_behind))

    def _clause_start(self, at: int, start: int) -> int:
        for i in range(at - 1, max(start, at - _REACH) - 1, -1):
            if self.frame[i] in _COMMA or self.frame[i] == BLANK or self.frame[i] in "：:—":
                return i + 1
        return max(start, at - _REACH)

    def _subject(
        self, subject: str, clause: int, start: int, found: Sequence[_Verb]
    ) -> tuple[str, bool]:
        """Return the speaker of a clause, and whether the sentence names him."""
        if self._stripped(subject)[:1] in _PERSONAL and not found:
            earlier = self._earlier(clause, start)
            if earlier:
                self.cast.spoke(earlier)
        name = self._speaker_in(subject, clause)
        if name == "-":
            return "", False
        if name:
            return name, True
        if found:
            return found[-1].speaker, True
        name = self._earlier(clause, start)
        if name:
            return name, True
        return (self.cast.goes_on(), False) if len(subject) <= 6 else ("", False)

    def _earlier(self, clause: int, start: int) -> str:
        """Return who is the subject of a clause before another one in its sentence, or ""."""
        at, first = clause, max(start, clause - 2 * _REACH)
        while at > first:
            earlier = self._clause_start(at - 1, start)
            name = self._speaker_in(self.frame[earlier : at - 1], earlier, loose=True)
            if name and name != "-":
                return name
            at = earlier
        return ""

    # Statements

    def statements(self) -> list[Statement]:
        """Return the paragraph's statements in order, and tell the cast who spoke."""
        found: list[Statement] = []
        for start, end in self.sentences():
            verbs = self.verbs(start, end)
            direct = self._direct(start, end, verbs, found)
            indirect = self._indirect(start, end, verbs, direct)
            if not direct and not indirect:
                self._note_subject(start, end)
            spoken = sorted([*direct, *indirect], key=lambda s: s.start)
            for statement in spoken:
                if statement.speaker:
                    self.cast.spoke(statement.speaker)
            found += [s for s in spoken if s not in found]
        return found

    def _note_subject(self, start: int, end: int) -> None:
        """Tell the cast of a person who is the subject of a sentence's first clauses."""
        at = start
        for _ in range(2):
            stop = at
            while stop < min(end, at + 40) and self.frame[stop] not in _COMMA + BLANK:
                stop += 1
            clause = self._stripped(self.frame[at:stop])
            size = self._name_before_verb(clause)
            subject = clause[:size] if size else self._cut_behind(clause or " ")
            found = self.frame.find(subject, at) if subject else -1
            if found >= 0 and len(subject) <= 24:
                printed = self.text[self.base + found : self.base + found + len(subject)]
                name = self._name(subject, printed)
                if self._is_name_like(subject, name):
                    self.cast.mentioned(name)
                    return
            at = stop + 1

    def _direct(
        self, start: int, end: int, verbs: Sequence[_Verb], before: Sequence[Statement]
    ) -> list[Statement]:
        found: list[Statement] = []
        for place in range(start, end):
            q = self.quotes.get(place)
            if q is None:
                continue
            statement = self._quoted(place, q, start, end, verbs, [*before[-1:], *found])
            if statement is not None and statement not in found:
                found.append(statement)
        return found

    def _quoted(
        self,
        place: int,
        q: Quotation,
        start: int,
        end: int,
        verbs: Sequence[_Verb],
        before: Sequence[Statement],
    ) -> Statement | None:
        inner = self.text[q.inner_start : q.inner_end].strip()
        if len(inner) < 3 and not self._closes(q) and not q.continued:
            return None
        stop = place + q.end - q.start
        behind = self._verb_behind(stop)
        ahead = self._verb_ahead(place, verbs)
        last = before[-1] if before else None
        answers = place == start and behind and last is not None and behind != last.speaker
        if last is not None and not answers and self._joins(last, place, start):
            last.add(q)
            return last
        if q.continued:
            return Statement.quoted(q, ahead.speaker if ahead else behind or "", fragment=False)
        marked = place > start and self.frame[place - 1] in "：:，,"
        full_ahead = ahead is not None and ahead.end + (1 if marked else 0) >= place
        if (
            ahead is not None
            and full_ahead
            and (self.frame[place - 1] in "：:" or self._is_whole(q, stop))
        ):
            return Statement.quoted(q, ahead.speaker, fragment=False, led=True)
        if (
            behind
            and len(inner) >= 2
            and not (place > start and not marked and self._is_term(place, stop, inner))
        ):
            return Statement.quoted(q, behind, fragment=False)
        if place == start or self.frame[place - 1] in "：:":
            speaker = self._orphan(place, q, start, stop)
            if speaker:
                return Statement.quoted(q, speaker, fragment=False)
        if ahead is not None and (
            self._gives(ahead, place, stop, inner) or not self._is_term(place, stop, inner)
        ):
            return Statement.quoted(q, ahead.speaker, fragment=True)
        if q.continues and ahead is not None:
            return Statement.quoted(q, ahead.speaker, fragment=False)
        return None

    def _joins(self, last: Statement, place: int, start: int) -> bool:
        """Whether a quotation goes on with a statement that an attribution interrupts."""
        if not last.direct or last.fragment or last.led or last.end <= self.base:
            return False
        a, b = last.end - self.base, place
        between = self.frame[a:b]
        if not 0 < len(between) <= 40 or BLANK in between:
            return False
        match = self._verb_match_behind(a)
        if match is None:
            # "…," she paused, "…": what ends with a comma goes on.
            inner = self.text[: last.end].rstrip("”’」』\"'")
            return inner.endswith(_COMMAS) and len(between) <= _PAUSE and between[-1] in _COMMAS
        rest = self.frame[match:b].strip(" ：:，,。；")
        return not rest and match <= b

    def _orphan(self, place: int, q: Quotation, start: int, stop: int) -> str:
        """Return who says a quotation that is a sentence by itself, or ""."""
        inner = self.text[q.inner_start : q.inner_end]
        if len(inner) < _LEAST_ORPHAN or not self._is_whole(q, stop):
            return ""
        if place == 0 and stop == len(self.frame) and not self._closes(q) and not q.continues:
            return ""  # a heading
        if place > start and self.frame[place - 1] in "：:":
            clause = self._clause_start(place - 1, start)
            name = self._speaker_in(self.frame[clause : place - 1], clause, loose=True)
            return "" if name == "-" else name
        return self.cast.goes_on()

    def _is_whole(self, q: Quotation, stop: int) -> bool:
        """Whether a quotation is a whole clause: it ends its sentence or is followed by a stop."""
        if self._closes(q) or not q.closed or q.continues:
            return True
        after = self.frame[stop : stop + 1]
        inner = self.text[q.inner_start : q.inner_end]
        return after in _STOPS_BEHIND and len(inner) >= _LEAST_FRAGMENT

    def _is_term(self, place: int, stop: int, inner: str) -> bool:
        """Whether a quotation within a clause is a name, a title or a term."""
        if len(inner) < _LEAST_FRAGMENT:
            return True
        before, after = self.frame[max(0, place - 6) : place], self.frame[stop : stop + 6]
        if self.patterns.names_before.search(before) or self.patterns.names_behind.match(after):
            return True
        signs = sum(char in self.words.saying for char in inner)
        return signs == 0 and not any(char in "，。！？；" for char in inner)

    def _gives(self, verb: _Verb, place: int, stop: int, inner: str) -> bool:
        """Whether a quotation is what a verb such as "criticised" gives of somebody's words."""
        if verb.low not in self.words.gives or not verb.named or len(inner) < _LEAST_FRAGMENT:
            return False
        between, after = self.frame[verb.end : place], self.frame[stop : stop + 6]
        return (
            len(between) <= _REACH // 8
            and not any(char in _CLAUSE_ENDS for char in between)
            and not self.patterns.names_before.search(self.frame[max(0, place - 6) : place])
            and not self.patterns.names_behind.match(after)
        )

    def _verb_ahead(self, place: int, verbs: Sequence[_Verb]) -> _Verb | None:
        for verb in reversed(verbs):
            if verb.end <= place and place - verb.start <= _REACH:
                return verb
        return None

    def _verb_behind(self, stop: int) -> str | None:
        """Return the speaker of the clause that follows a quotation and says so, or None."""
        found = self._clause_behind(stop)
        return found[0] if found else None

    def _verb_match_behind(self, stop: int) -> int | None:
        found = self._clause_behind(stop)
        return found[1] if found else None

    def _clause_behind(self, stop: int) -> tuple[str, int] | None:
        """Return the speaker and the end of a clause of saying behind a quotation, or None."""
        at = stop
        if at < len(self.frame) and self.frame[at] in "，,。 —":
            at += 1
        end = self._clause_end(at)
        clause = self.frame[at:end]
        words = _WORDS_OF.match(clause)
        if words:
            name = self._speaker_in(words[1], at + words.start(1))
            return (name, end) if name and name != "-" else None
        if self.frame[end : end + 1] in _COMMAS and len(clause) > 1 and not self._stripped(clause):
            # "At yesterday's launch, the founder said": a place or time goes before.
            at, end = end + 1, self._clause_end(end + 1)
            clause = self.frame[at:end]
        for match in self.patterns.verb.finditer(clause):
            if not self._is_verb_in(clause, match):
                continue
            rest = clause[match.end() :]
            if rest.strip(" ") and not self._is_tail(match[0], rest):
                continue
            name = self._speaker_in(clause[: match.start()], at)
            if name and name != "-":
                return name, end
            if not name and match.start() <= 4 and self.cast.goes_on():
                return self.cast.goes_on(), end
        return None

    def _clause_end(self, at: int) -> int:
        end = at
        while end < len(self.frame) and end - at < _BEHIND and self.frame[end] not in _CLAUSE_ENDS:
            end += 1
        return end

    def _is_verb_in(self, clause: str, match: re.Match[str]) -> bool:
        before, after = clause[max(0, match.start() - 4) : match.start()], clause[match.end() :]
        return not self._is_other_word(match[0], before, after)

    def _is_tail(self, verb: str, rest: str) -> bool:
        """Whether what follows a verb names whom one speaks to, or repeats that one speaks."""
        if verb.endswith("告诉"):
            return len(rest) <= 16
        return rest in ("道", "说", "称", "着") or rest.startswith(("的", "自己", "记者"))

    # Statements without quotation marks

    def _indirect(
        self, start: int, end: int, verbs: Sequence[_Verb], direct: Sequence[Statement]
    ) -> list[Statement]:
        if self.frame[-1] not in "。！？!?…；;.：:" + BLANK and end == len(self.frame):
            return []  # a heading
        full = [
            s for s in direct if not s.fragment or self.frame[s.start - self.base - 1] in "：:，,"
        ]
        for verb in verbs:
            if (verb.low not in self.words.reports and verb.low != _OPINION) or not verb.named:
                continue
            at = verb.end
            if verb.low == "称" and _NAMED.match(self.frame, at, end):
                continue  # she calls this novel "a deep well"
            if verb.low == "告诉":
                comma = next(
                    (i for i in range(at, min(end, at + 16)) if self.frame[i] in "，,：:"), None
                )
                if comma is None:
                    continue
                at = comma
            marked = at < end and self.frame[at] in "，,：:"
            if not marked and verb.low not in self.words.bare:
                continue
            first = at + 1 if marked else at
            stop = end
            for statement in full:
                place = statement.start - self.base
                if first <= place < stop:
                    stop = self._before_next(verb, verbs, first, place)
                elif statement.start - self.base < first < statement.end - self.base:
                    first = stop
            said = self.frame[first:stop].rstrip("。！？!?；;，,：: ")
            own = said.strip()
            if len(own) >= _LEAST_INDIRECT and own.replace(BLANK, ""):
                a = self.base + first + len(said) - len(said.lstrip())
                if verb.low in self.words.denies:
                    a = self.base + verb.start  # what is denied is not said
                return [Statement(a, self.base + first + len(said), verb.speaker, direct=False)]
        return []

    def _before_next(self, verb: _Verb, verbs: Sequence[_Verb], first: int, place: int) -> int:
        """Return where a clause ends before a quotation that may have a verb of its own."""
        own = [v for v in verbs if verb.end < v.start and v.end <= place and place - v.end <= 2]
        return max(first, self._clause_start(own[-1].start, first)) if own else place


def read_chinese(text: str, folded: str, paragraph: Paragraph, cast: Cast) -> list[Statement]:
    """Return the statements of a Chinese paragraph.

    Args:
        text: the whole text.
        folded: the same text folded, of the same length.
        paragraph: the paragraph with its quotations.
        cast: who has spoken so far; it learns who speaks here.
    """
    return _Reading(text, folded, paragraph, cast).statements()
