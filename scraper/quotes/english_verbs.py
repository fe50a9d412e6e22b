"""English sentences, and the verbs of saying in them with their subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.quotes.english_nouns import NounPhrases, Token
from scraper.quotes.marks import Paragraph, Quotation
from scraper.quotes.speakers import Cast
from scraper.quotes.wording import EnglishWords

__all__ = ["Attribution", "Attributions"]

# Tokens of a dateline, as in "OSLO, March 3 - ".
_DATELINE = 9
# Verbs of saying in a sentence: what has more is no prose.
_MOST_VERBS = 40
# Tokens of several people between a quotation and its verb.
_SEVERAL = 7
# Words before a verb among which it is told whether something is said at all.
_BEFORE_VERB = 6


@dataclass(slots=True)
class Attribution:
    """A verb of saying with its subject.

    Attributes:
        verb: its token.
        first, last: tokens at which subject or verb begins and ends.
        speaker: whom the subject names.
        low: the verb in lower case.
        calls: whether it is a verb such as "called", which gives a few words only.
        supposed: whether it is no report of what was said, without quotation marks: "he will say".
    """

    verb: int
    first: int
    last: int
    speaker: str
    low: str
    calls: bool = False
    supposed: bool = False


class Attributions(NounPhrases):
    """One paragraph with its sentences and its verbs of saying."""

    def __init__(self, text: str, paragraph: Paragraph, cast: Cast, words: EnglishWords) -> None:
        super().__init__(text, paragraph, cast, words)
        self.bounds = self._sentences()

    # Sentences

    def _sentences(self) -> list[tuple[int, int]]:
        bounds, start = [], 0
        for i, token in enumerate(self.tokens):
            if self._ends_sentence(i, token):
                bounds.append((start, i + 1))
                start = i + 1
        if start < len(self.tokens):
            bounds.append((start, len(self.tokens)))
        return bounds

    def _ends_sentence(self, i: int, token: Token) -> bool:
        following = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
        if token.kind == "quote":
            return self._quote_ends_sentence(i, token, following)
        if token.text in "?!":
            return following is None or following.kind != "mark"
        if token.text == ";":
            return False
        if token.text not in ".…":
            return False
        if following is None:
            return True
        if following.kind == "mark":
            return False
        before = self.tokens[i - 1] if i else None
        if before is not None and before.kind == "word" and before.end == token.start:
            single = len(before.text) == 1 and before.capital
            if single or before.low in self.words.abbreviations:
                return False
        return following.kind == "quote" or not following.text[0].islower()

    def _quote_ends_sentence(self, i: int, token: Token, following: Token | None) -> bool:
        last = self._last_char(token.quotation)
        if last not in ".?!…":
            return False
        if following is None or following.kind == "quote":
            return True
        if following.kind == "mark":
            return following.text not in ",—–-.)"
        if following.low in self.words.says:
            return False
        if following.text[0].islower():
            # "Who pays?" he asked.
            return last == "." and following.low not in self.words.pronouns
        return last == "." or self._clause_verb(i + 1) is None

    def _clause_verb(self, start: int) -> int | None:
        """Return a verb of saying at which a clause of a few words ends, or None."""
        for i in range(start, min(start + 8, len(self.tokens))):
            token = self.tokens[i]
            if token.kind != "word":
                return None
            if token.low in self.words.says:
                after = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
                done = after is None or after.kind != "word" or after.low in self.words.stops
                return i if done else None
        return None

    def _last_char(self, quotation: Quotation | None) -> str:
        if quotation is None:
            return ""
        inner = self.text[quotation.inner_start : quotation.inner_end].rstrip().rstrip("’”'\"」』")
        return inner[-1:] if inner else ""

    # Attributions

    def attributions(self, start: int, end: int) -> list[Attribution]:
        """Return the verbs of saying of a sentence with their subjects."""
        found: list[Attribution] = []
        tried = 0
        for v in range(start, end):
            token = self.tokens[v]
            if token.kind != "word":
                continue
            if token.low == "according" and v + 2 < end and self.tokens[v + 1].low == "to":
                name, last = self._noun_behind(v + 2, end)
                own = self.tokens[v + 2].low in self.words.own or (token.capital and v > start)
                if name and not own and self._is_source(v + 2, last):
                    found.append(Attribution(v, v, last, self._resolve(name), "according"))
                continue
            if self._is_opinion(v, start, end):
                name, last = self._noun_behind(v + 2, end)
                if name:
                    found.append(Attribution(v - 2, v - 2, last, self._resolve(name), "according"))
                continue
            if token.low in self.words.views and v + 1 < end and self.tokens[v + 1].low == "it":
                opinion = self._as_seen(v, start)
                found += [opinion] if opinion else []
                continue
            if token.capital and (v == start or self.tokens[v - 1].kind != "quote"):
                continue
            says, calls = token.low in self.words.says, token.low in self.words.calls
            if (says or calls) and self._is_noun(v, start, end):
                continue
            tried += says or calls
            if tried > _MOST_VERBS:
                break
            if says or calls:
                attribution = self._with_subject(v, start, end, found, calls=not says)
                if attribution is not None and not self._is_unsaid(attribution, start):
                    attribution.supposed = self._is_supposed(attribution, start, end)
                    found.append(attribution)
        return found

    def _is_opinion(self, v: int, start: int, end: int) -> bool:
        """Whether a token is the noun of "in the view of" somebody."""
        tokens = self.tokens
        return (
            tokens[v].low in self.words.opinions
            and v - 2 >= start
            and v + 2 < end
            and [tokens[i].low for i in (v - 2, v - 1, v + 1)] == ["in", "the", "of"]
        )

    def _as_seen(self, v: int, start: int) -> Attribution | None:
        """Return the attribution of "as somebody sees it", by its verb."""
        span = self._noun_before(v - 1, start)
        if span is None:
            return None
        before = (i for i in range(span[0], max(start, span[0] - 2) - 1, -1))
        opens = next((i for i in before if self.tokens[i].low == "as"), None)
        name = self._name(span[0], span[1] + 1).removeprefix("As ")
        if opens is None or not name:
            return None
        return Attribution(opens, opens, v + 1, self._resolve(name), "according")

    def _before_verb(self, a: Attribution, start: int) -> list[str]:
        """Return the words between a subject and its verb, or before a verb without its own."""
        first = a.first + 1 if a.first < a.verb else start
        words: list[str] = []
        for i in range(a.verb - 1, max(first, a.verb - _BEFORE_VERB) - 1, -1):
            if self.tokens[i].kind != "word":
                break
            words.append(self.tokens[i].low)
        return words

    def _is_unsaid(self, a: Attribution, start: int) -> bool:
        """Whether a verb tells what is not said: never said, might say, refused to say."""
        words = self._before_verb(a, start)
        for i, low in enumerate(words):
            if low in ("and", "but", "who"):
                break
            if low in self.words.unsaid or low.endswith("n't"):
                return True
            if low == "to" and words[i + 1 : i + 2] and words[i + 1] in self.words.unrealised:
                return True
        ahead = [self.tokens[i].low for i in range(max(start, a.first - 2), a.first)]
        if ahead and a.first <= a.verb and any(low in self.words.suppositions for low in ahead):
            return True
        # "Had the minister said so, the works would have stopped."
        if self.tokens[start].low in self.words.inversions and start < a.first <= start + 2:
            return True
        # "Kerr promised to say": the subject is read as all that stands before "to".
        to = a.verb - 1
        governor = self.tokens[to - 1].low if to - 1 >= start else ""
        return self.tokens[to].low == "to" and governor in self.words.unrealised

    def _is_supposed(self, a: Attribution, start: int, end: int) -> bool:
        """Whether what is reported is not said yet, or asked about: he will say, did he say?"""
        if any(low in self.words.modals for low in self._before_verb(a, start)):
            return True
        asks = self.tokens[start].low in self.words.asking
        return asks and self.tokens[end - 1].text == "?"

    def _is_noun(self, v: int, start: int, end: int) -> bool:
        """Whether what looks like a verb is a noun: the reports, EU states will."""
        low = self.tokens[v].low
        if v + 1 < end and self.tokens[v + 1].low in self.words.auxiliaries:
            return True
        if v + 1 < end and low in self.words.addresses and self.tokens[v + 1].low in ("of", "by"):
            return True
        return v > start and low != "say" and self.tokens[v - 1].low in self.words.noun_signs

    def _with_subject(
        self, v: int, start: int, end: int, found: Sequence[Attribution], *, calls: bool
    ) -> Attribution | None:
        tokens, low = self.tokens, self.tokens[v].low
        before = v - 1
        while before >= start and (
            (
                tokens[before].capital
                and tokens[before].low in self.words.openings
                and before > start
            )
            or tokens[before].low in self.words.between
            or (tokens[before].low.endswith("ly") and not tokens[before].capital)
        ):
            before -= 1
        quoted = self._quoted_as(before, start) if low == "saying" else None
        if quoted is not None:
            name = self._name(quoted[0], quoted[1] + 1)
            return Attribution(v, quoted[0], v, self._resolve(name), low) if name else None
        if before >= start and tokens[before].low in self.words.passive:
            return None
        asked = before >= start and low in self.words.addresses
        if asked and tokens[before].low in self.words.conditions:
            return None  # when asked
        inverted = before < start or tokens[before].kind == "quote"
        if before > start and tokens[before].text in ",—–-" and tokens[before - 1].kind == "quote":
            inverted = True
        if inverted and not calls:
            name, last = self._noun_behind(v + 1, end)
            if name:
                return Attribution(v, v, last, self._resolve(name), low)
            if before < start:
                return None
        if low.endswith("ing") and tokens[before].low in self.words.names | self.words.articles:
            return None  # a sign saying so, a saying
        if low in self.words.claims and v + 1 < end and tokens[v + 1].low == "to":
            return None  # they claim to be
        teller = self._noun_before(before, start) if low == "saying" else None
        if teller and any(tokens[j].title for j in range(teller[0], teller[1] + 1)):
            # "Bellamy recalls his grandmother saying"
            name = self._name(teller[0], teller[1] + 1)
            return Attribution(v, teller[0], v, self._resolve(name), low) if name else None
        if low.endswith("ing") or tokens[before].low in ("and", "but", "then", "to", "in", "by"):
            # The verb shares the subject of the clause before it.
            name = found[-1].speaker if found else self._sentence_subject(start, v)
            return Attribution(v, v, v, name, low, calls) if name else None
        span = (
            self._who_before(v, start)
            or self._several_before(before, start)
            or self._noun_before(before, start)
        )
        if span is None and low == "say" and tokens[before].kind == "word":
            # "Rain will return by May, forecasters say": only several people say.
            bare = before > start and tokens[before - 1].text == ","
            span = (before, before) if bare and tokens[before].low.endswith("s") else None
        if span is None:
            if tokens[before].text == "," and found:
                return Attribution(v, v, v, found[-1].speaker, low, calls)
            return None
        first, last = span
        name = self._name(first, last + 1)
        if low in self.words.plain and not self._is_plural(first, last, start):
            return None
        if calls and not self._may_call(name, first, last, start):
            return None
        alone = first == start and first == last and tokens[first].low not in self.words.pronouns
        if alone and not self.cast.is_name(tokens[first].text):
            return None
        if not name or name.lower().replace("’", "'").split("'")[0] in self.words.narrators:
            return None
        return Attribution(v, first, v, self._resolve(name), low, calls)

    def _quoted_as(self, before: int, start: int) -> tuple[int, int] | None:
        """Return who "was quoted as" saying something, if that stands before a token."""
        tokens, verb = self.tokens, before - 1
        if (
            verb - 2 < start
            or tokens[before].low != "as"
            or tokens[verb].low not in self.words.quoted
            or tokens[verb - 1].low not in self.words.passive
        ):
            return None
        return self._noun_before(verb - 2, start)

    def _who_before(self, v: int, start: int) -> tuple[int, int] | None:
        """Return the bounds of a name before ", who said": the idea came from Rafael Ortiz, who."""
        tokens, at = self.tokens, v - 1
        while at > start and tokens[at].low.endswith("ly"):
            at -= 1
        if at - 2 < start or tokens[at].low != "who" or tokens[at - 1].text != ",":
            return None
        first = last = at - 2
        while first >= start and self._in_name(first):
            first -= 1
        return self._plain_name(first + 1, last + 1)

    def _several_before(self, last: int, start: int) -> tuple[int, int] | None:
        """Return the bounds of several people without an article behind a quotation.

        As in: "…," engineers from Larch and Vale said.
        """
        tokens, first = self.tokens, last
        while first >= max(start, last - _SEVERAL) and tokens[first].kind == "word":
            first -= 1
        head = tokens[first + 1]
        if first < start or first == last or tokens[first].kind != "quote":
            return None
        ended = self._last_char(tokens[first].quotation)
        several = not head.capital and (head.low.endswith("s") or head.low in self.words.several)
        known = head.title or head.low in self.words.sources or last == first + 1
        told = ended == "," or (ended in ("?", "!", "…") and known)
        return (first + 1, last) if several and told else None

    def _is_source(self, first: int, last: int) -> bool:
        """Whether somebody or something that says so is named behind "according to"."""
        return any(
            t.capital
            or t.title
            or t.low in self.words.sources
            or t.low in self.words.organisations
            or t.low in self.words.pronouns
            for t in self.tokens[first : last + 1]
        )

    def _may_call(self, name: str, first: int, last: int, start: int) -> bool:
        """Whether a subject gives its own words: not what it calls, nor an approach called so."""
        if any(t.low == "what" for t in self.tokens[max(start, first - 3) : first]):
            return False
        own = self.tokens[first : last + 1]
        return any(t.capital or t.title or t.low in self.words.pronouns for t in own) or any(
            t.low in self.words.organisations for t in own
        )

    def _is_plural(self, first: int, last: int, start: int) -> bool:
        """Whether a subject is several people: the authors, they, Voss and Moe, Prosecutors."""
        low = self.tokens[last].low
        joined = any(t.low == "and" for t in self.tokens[first:last])
        return (
            joined
            or low == "they"
            or (low.endswith("s") and (last == start or not self.tokens[last].capital))
        )

    def _sentence_subject(self, start: int, end: int) -> str:
        """Return the name at the head of a sentence, or ""."""
        i = start
        while i < end and self.tokens[i].low in self.words.openings:
            i += 1
        if i >= end or self.tokens[i].kind != "word":
            return ""
        if self.tokens[i].low in self.words.pronouns:
            return self._resolve(self.tokens[i].text)
        stop = self._behind_titles(i, end)
        if stop == i:
            return ""
        name = self._name(i, stop)
        return self._resolve(name) if name else ""

    def _behind_dateline(self, start: int, end: int) -> int:
        """Return where the first sentence of a report begins: "OSLO, March 3 - Tankers"."""
        first = self.tokens[start]
        if first.kind != "word" or not first.text.isupper() or len(first.text) < 3:
            return start
        for i in range(start + 1, min(end - 1, start + _DATELINE)):
            if self.tokens[i].text in ("-", "—", "–"):
                return i + 1
        return start
