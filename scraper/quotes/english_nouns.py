"""English words and noun phrases: names with their titles, descriptions without a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scraper.quotes.marks import Paragraph, Quotation
from scraper.quotes.speakers import Cast
from scraper.quotes.wording import EnglishWords
from scraper.text.patterns import lazy_compile

__all__ = ["NounPhrases", "Token"]

_TOKEN = lazy_compile(
    r"\b[Pp]oint(?:ed|s|ing)? out\b|[^\W_]+(?:[’'\-.&@][^\W_]+)*(?:[’'](?!\w))?|[^\w\s]|_+"
)
# Tokens between the commas around an apposition, and of a description of somebody without a name.
_APPOSITION = 40
_DESCRIPTION = 10
# Tokens of a name with its titles.
_LONGEST_NAME = 16


@dataclass(slots=True)
class Token:
    """A word, a punctuation mark, or a quotation as a whole.

    Attributes:
        kind: ``word``, ``mark`` or ``quote``.
        text, low: as printed, and in lower case.
        start, end: its place in the text.
        title: whether it is a title or an office, also behind "then-" and the like.
        capital: whether it is a word with a capital.
        quotation: of a quote.
    """

    kind: str
    text: str
    low: str
    start: int
    end: int
    title: bool = False
    capital: bool = False
    quotation: Quotation | None = None


@lru_cache(maxsize=20_000)
def _look_at(word: str, roles: frozenset[str]) -> tuple[str, str, bool, bool]:
    """Return kind, lower case, whether it is a title and has a capital; most words come again."""
    low = word.lower().replace("’", "'")
    title = low in roles or low.partition("-")[2] in roles
    is_word = word[0].isalnum()
    return "word" if is_word else "mark", low, title, is_word and word[0].isupper()


def tokenise(text: str, paragraph: Paragraph, words: EnglishWords) -> list[Token]:
    """Return the words, marks and quotations of a paragraph."""
    tokens: list[Token] = []
    at = paragraph.start
    for quotation in [*paragraph.quotations, None]:
        until = quotation.start if quotation else paragraph.end
        for match in _TOKEN.finditer(text, at, until):
            word = match[0]
            kind, low, title, capital = _look_at(word, words.roles)
            tokens.append(Token(kind, word, low, match.start(), match.end(), title, capital))
        if quotation:
            tokens.append(
                Token("quote", "", "", quotation.start, quotation.end, quotation=quotation)
            )
            at = quotation.end
    return tokens


class NounPhrases:
    """The tokens of one paragraph and the noun phrases among them.

    Args:
        text: the whole text.
        paragraph: the paragraph with its quotations.
        cast: who has come up so far.
        words: the tables.
    """

    def __init__(self, text: str, paragraph: Paragraph, cast: Cast, words: EnglishWords) -> None:
        self.text = text
        self.cast = cast
        self.words = words
        self.tokens = tokenise(text, paragraph, words)

    def _behind_titles(self, i: int, end: int) -> int:
        """Return the token behind a name with its titles: President and Founder Jane Doe."""
        stop = i
        while stop < end and (
            self._in_name(stop)
            or (
                self.tokens[stop].low == "and"
                and stop > i
                and stop + 1 < end
                and self.tokens[stop - 1].title
                and self.tokens[stop + 1].title
            )
        ):
            stop += 1
        return stop

    def _in_name(self, i: int) -> bool:
        """Whether a token may be part of a name with its titles."""
        token = self.tokens[i]
        if token.kind == "mark":
            before = self.tokens[i - 1] if i else None
            return token.text == "&" or (
                token.text == "."
                and before is not None
                and before.end == token.start
                and (len(before.text) == 1 or before.low in self.words.abbreviations)
            )
        if token.kind != "word":
            return False
        return (
            token.capital
            or token.title
            or token.low in self.words.particles
            or (token.text[0].isdigit() and not token.text.isdigit())
        )

    def _noun_before(self, i: int, start: int) -> tuple[int, int] | None:
        """Return the first and last token of the subject that ends at or before a token."""
        tokens = self.tokens
        if i < start:
            return None
        if tokens[i].text in (",", "—", "–", ")"):
            return self._noun_before_apposition(i, start)
        if tokens[i].kind != "word":
            return None
        if tokens[i].low in self.words.pronouns or tokens[i].low in self.words.narrators:
            if tokens[i].low == "who":
                return self._noun_before(i - 2 if tokens[i - 1].text == "," else i - 1, start)
            return i, i
        first = i
        while first >= max(start, i - _LONGEST_NAME) and self._in_name(first):
            first -= 1
        first += 1
        if first <= i and any(tokens[j].capital for j in range(first, i + 1)):
            while first < i and tokens[first].low in self.words.openings:
                first += 1
            if first - 2 >= start and tokens[first - 1].low == "and" and tokens[first - 2].capital:
                other = self._noun_before(first - 2, start)
                return (other or (first, i))[0], i
            described = (
                any(tokens[j].title and not tokens[j].capital for j in range(first, i + 1))
                and not tokens[i].capital
            )
            if not described:
                link = first - 1
                if link >= start and tokens[link].low in self.words.dropped:
                    link -= 1
                if link > start and tokens[link].low in self.words.links:
                    head = self._noun_before(link - 1, start)
                    if head and self._is_personal(head[0], head[1] + 1):
                        return head  # Rebecca Moe of the Daily Post
                if link > start and (
                    tokens[link].low in self.words.links or tokens[link].low == "to"
                ):
                    # "an investigation in Sweden", "friends close to the Duchess"
                    return self._description_before(link - 1, start, i)
                return first, i
        return self._description_before(i, start)

    def _description_before(self, i: int, start: int, last: int = -1) -> tuple[int, int] | None:
        """Return the bounds of a description with its article that ends at a token.

        Args:
            i: where it ends, or ends but for what is joined to it by a preposition.
            start: the sentence's first token.
            last: the last token, if that is another one.
        """
        joined, last = last >= 0, max(last, i)
        for j in range(i, max(start, i - _DESCRIPTION) - 1, -1):
            token = self.tokens[j]
            if token.kind != "word" or token.low in self.words.auxiliaries:
                return None
            before = self.tokens[j - 1] if j > start else None
            linked = before is not None and before.low in self.words.links
            placed = before is not None and before.low in self.words.places
            if token.low in self.words.dropped and placed and j - 2 >= start:
                # "the army in a statement": who is before the place or time.
                head = self._noun_before(j - 2, start)
                if head is not None:
                    return head
            if j > start and token.low in self.words.dropped and linked:
                continue  # two people familiar with the matter
            if token.low in self.words.articles:
                if j - 2 >= start and self.tokens[j - 1].text == ",":
                    # "David Savidge, a former officer who was there said"
                    named = self._noun_before(j - 2, start)
                    personal = named and self._is_personal(named[0], named[1] + 1)
                    if personal and token.low != "the":
                        return named
                return j, last
            if token.capital and j == start and token.low not in self.words.openings:
                return j, last
        if joined:
            return None
        low = self.tokens[i].low
        return (i, i) if self.tokens[i].title or low in self.words.organisations else None

    def _noun_before_apposition(self, comma: int, start: int) -> tuple[int, int] | None:
        """Return the subject before what stands between two commas, as in "Voss, 41, said"."""
        tokens = self.tokens
        inside_end, tried = comma, 0
        for j in range(comma - 1, max(start, comma - _APPOSITION) - 1, -1):
            if tokens[j].kind == "quote":
                break
            opens = "(" if tokens[comma].text == ")" else (",", "—", "–")
            if tokens[j].text not in opens or not tokens[j].text:
                continue
            tried += 1
            inside = self._plain_name(j + 1, inside_end) if tried == 1 else None
            if inside and (j == start or tokens[j - 1].kind != "word"):
                return inside
            span = (
                self._noun_before(j - 1, start)
                if j > start and tokens[j - 1].kind == "word"
                else None
            )
            if span is not None:
                first, last = span
                linked = first > start and tokens[first - 1].low in self.words.links
                named = any(tokens[k].capital for k in range(first, last + 1))
                if not linked and (named or tokens[first].low in self.words.articles):
                    if inside and not self._has_person(first, last + 1):
                        return inside
                    return span
            if tried >= 4:
                break
        return None

    def _plain_name(self, first: int, end: int) -> tuple[int, int] | None:
        """Return the bounds of tokens that are a personal name and nothing else, or None."""
        office = [
            i
            for i in range(first, min(end, first + 12))
            if self.tokens[i].title and all(t.kind == "word" for t in self.tokens[first:i])
        ]
        if office and end - office[-1] > 2:
            first = office[-1] + 1
        size = end - first
        if not 2 <= size <= 5 or not all(self._in_name(i) for i in range(first, end)):
            return None
        words = [self.tokens[i] for i in range(first, end) if self.tokens[i].kind == "word"]
        ok = all(w.capital or w.low in self.words.particles for w in words)
        return (first, end - 1) if ok and words[-1].low not in self.words.organisations else None

    def _has_person(self, first: int, end: int) -> bool:
        """Whether a phrase ends with a personal name rather than with an office."""
        last = self.tokens[end - 1]
        return last.capital and not last.title

    def _noun_behind(self, first: int, end: int) -> tuple[str, int]:
        """Return the name or description that begins behind a verb, and its last token."""
        tokens = self.tokens
        while first < end and tokens[first].low in ("also", "later", "then"):
            first += 1
        if first >= end or tokens[first].kind != "word":
            return "", first
        if tokens[first].low in self.words.pronouns:
            return tokens[first].text, first
        stop, linked = first, False
        while stop < end and stop - first < 14:
            token = tokens[stop]
            if token.kind == "quote" or (token.kind == "mark" and not self._in_name(stop)):
                break
            if token.low in self.words.links and stop > first:
                linked = True
            elif token.low == "on" and tokens[stop - 1].low == "briefed":
                linked = True  # people briefed on the matter
            elif token.low in self.words.stops or (
                token.low in self.words.between and stop > first
            ):
                break
            stop += 1
        if stop == first:
            return "", first
        if linked and tokens[stop - 1].low in self.words.stops:
            stop -= 1
        phrase_end = next((i for i in range(first, stop) if self._is_link(i, first, stop)), stop)
        if self._has_person(first, phrase_end):
            return self._name(first, phrase_end), phrase_end - 1
        if stop + 2 < len(tokens) and tokens[stop].text == ",":
            tail = stop + 1
            while tail < end and self._in_name(tail):
                tail += 1
            if self._plain_name(stop + 1, tail):
                return self._name(stop + 1, tail), tail - 1
        if (
            stop - 1 > phrase_end
            and self._has_person(phrase_end, stop)
            and tokens[phrase_end].low != "for"
        ):
            # "the head of research Fiona Calder": the name is the end of the description.
            run = stop - 1
            while run > phrase_end and self._in_name(run) and not tokens[run].title:
                run -= 1
            if self._plain_name(run + 1, stop) and tokens[run].low not in self.words.links:
                return self._name(run + 1, stop), stop - 1
        if tokens[first].low in self.words.narrators:
            return "", first
        return self._name(first, stop), stop - 1

    def _is_link(self, i: int, first: int, stop: int) -> bool:
        """Whether a preposition leads from somebody to something else: not in a body's name."""
        tokens = self.tokens
        inside = (
            tokens[i].low == "of"
            and first < i < stop - 1
            and tokens[i - 1].capital
            and not tokens[i - 1].title
            and (tokens[i + 1].capital or (tokens[i + 1].low == "the" and tokens[i + 2].capital))
            and not self._is_personal(first, i)
        )
        return tokens[i].low in self.words.links and not inside

    def _is_personal(self, first: int, end: int) -> bool:
        """Whether tokens are a person's name of several words rather than a body's."""
        own = self.tokens[first:end]
        return sum(t.capital for t in own) >= 2 and not any(
            t.low in self.words.organisations for t in own
        )

    def _name(self, first: int, end: int) -> str:
        """Return a name without titles, offices and owners; a description without its article."""
        tokens = [t for t in self.tokens[first:end] if t.kind != "mark" or t.text in ".&"]
        while (
            tokens
            and tokens[0].low in self.words.openings
            and len(tokens) > 1
            and tokens[0].capital
        ):
            tokens = tokens[1:]
        while tokens and tokens[-1].text == "." and len(tokens) > 1 and len(tokens[-2].text) > 1:
            tokens = tokens[:-1]
        while len(tokens) > 1 and tokens[-1].low in self.words.openings:
            tokens = tokens[:-1]
        if len(tokens) > 1 and tokens[0].low in self.words.dropped and tokens[1].low != "of":
            described = not tokens[-1].capital or tokens[0].low in ("a", "an")
            tokens = tokens[1:] if described else tokens
        if not tokens:
            return ""
        cut = 0
        for i, token in enumerate(tokens):
            owner = token.low.endswith(("'s", "s'")) and i + 1 < len(tokens)
            if owner or (
                token.title
                and not (i and i + 1 == len(tokens) and self._is_family_name(tokens[i - 1], token))
            ):
                cut = i + 1
                if cut < len(tokens) and tokens[cut].text == ".":
                    cut += 1
        rest = tokens[cut:]
        while (
            rest
            and not rest[0].capital
            and not (rest[0].low in self.words.particles and len(rest) > 1 and rest[1].capital)
        ):
            rest = rest[1:]
        described = not rest or any(
            self._is_link(i, first, end) for i in range(first, end) if self.tokens[i].kind == "word"
        )
        if described:
            rest = tokens
            while len(rest) > 1 and rest[0].low in self.words.dropped and rest[1].low != "of":
                rest = rest[1:]
        single = rest[0].low if len(rest) == 1 else ""
        if single not in self.words.pronouns and (
            single in self.words.articles or single in self.words.openings
        ):
            return ""
        name = " ".join(self.text[rest[0].start : rest[-1].end].split())
        return name[:-2] if name.endswith(("'s", "’s")) else name

    def _is_family_name(self, before: Token, token: Token) -> bool:
        """Whether a title at the end of a name is a family name: Stephen King."""
        return (
            token.capital
            and not token.text.isupper()
            and before.capital
            and not before.title
            and token.low in self.words.family_names
        )

    def _resolve(self, name: str) -> str:
        if name.lower() in self.words.pronouns:
            return self.cast.of_pronoun(name.lower())
        return self.cast.full_name(name)
