"""Who speaks in a text: full names, pronouns, and whoever spoke last."""

from __future__ import annotations

import re
from functools import cache

from scraper.quotes.wording import EnglishWords, load_words
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["UNKNOWN", "Cast", "speaker_key"]

# Stands for somebody whom a pronoun names before the text does.
UNKNOWN = "?"

_RUN = lazy_compile(
    r"(?<![\w’'\-])[A-ZÀ-Þ][\w’'\-]*"
    r"(?:(?:(?<=\b[A-Z])\.|(?<=\b[DM][rs])\.|(?<=\bMrs)\.)?[ \u00a0][A-ZÀ-Þ][\w’'\-]*){0,5}"
)
_HAN_TAIL = lazy_compile("[\u4e00-\u9fff]{1,8}$")
_WORD_GAP = lazy_compile(r"[\s\u00a0]+")
_INSIDE = lazy_compile(r"(?<=[a-z0-9,;] )[A-ZÀ-Þ][\w’'\-]*+")
# Characters of a text in which full names are looked for.
_LONGEST = 200_000
# Paragraphs back to whom a pronoun for a body refers, and one for a person.
_NEAR = 1
_FAR = 8
# Places of a name that are looked at.
_MOST_TRIED = 20
# Names remembered for a pronoun.
_MEMORY = 12


@cache
def _office() -> re.Pattern[str]:
    roles = sorted(load_words().chinese.roles, key=lambda role: (-len(role), role))
    return lazy_compile("|".join(map(re.escape, roles)))


def speaker_key(name: str) -> str:
    """Return the form in which two spellings of a speaker are equal.

    Script, case, width and the dots between the parts of a foreign name make no difference.
    """
    key = fold(name)
    for joint in "·・･•‧.,’'-–_":
        key = key.replace(joint, " ")
    return _WORD_GAP.sub(" ", key).strip().removeprefix("the ")


class Cast:
    """The speakers of one text, in the order in which they come up.

    Args:
        text: the whole text, in which full names are looked for.
    """

    def __init__(self, text: str) -> None:
        self._words = load_words().english
        self._full: dict[str, str] = {}
        self._index(text[:_LONGEST])
        self._recent: list[tuple[str, int]] = []
        self._glimpsed = ""
        self._common: dict[str, bool] = {}
        self._text = text[:_LONGEST]
        self._folded = fold(self._text)
        self._paragraph = 0
        self._spoke_in = -9
        self._last = ""
        self._awaited = False
        self._people: set[str] = set()
        # By name, the pronoun that stood for it: nobody is he and she.
        self._pronouns: dict[str, str] = {}
        self._named: set[str] = set()
        self._no_person = tuple(load_words().chinese.no_person)
        self.arrived = ""

    def _index(self, text: str) -> None:
        self._inside = {m[0] for m in _INSIDE.finditer(text)}
        alone: set[str] = set()
        for match in _RUN.finditer(text):
            parts = _bare_name(match[0].split(), self._words)
            if not parts:
                continue
            last = parts[-1]
            if len(parts) == 1:
                alone.add(last)
            # Who is named in full later than by one name is another one.
            elif last not in alone and len(parts) <= 4:
                self._full.setdefault(last, " ".join(parts))

    def is_name(self, name: str) -> bool:
        """Whether a name may be one: a single word that the text has in lower case is none."""
        if " " in name or name in self._inside or self.full_name(name) != name:
            return True
        if name not in self._common:
            low = name.lower()
            self._common[name] = f" {low} " in self._text or low.endswith(("ing", "ly", "ed"))
        return not self._common[name]

    def begin_paragraph(self) -> None:
        """Note that another paragraph begins."""
        self._paragraph += 1

    def full_name(self, name: str) -> str:
        """Return the full name of somebody who is called by the last part of it."""
        if name in self._full or name < "\u2e80" or "·" in name or len(name) > 6:
            return self._full.get(name, name)
        self._full[name] = self._foreign(name)
        return self._full[name]

    def _foreign(self, name: str) -> str:
        """Return the full form of a foreign name in Chinese of which this is the last part.

        No blank tells where the first part begins: it is what stands before it wherever the name is
        printed in full, or reaches back to an office or a mark.
        """
        before: list[str] = []
        at = self._text.find(f"·{name}")
        while at > 0 and len(before) < 4:
            first = _HAN_TAIL.search(self._text[max(0, at - 8) : at])
            if first:
                roles = list(_office().finditer(first[0]))
                bounded = first.start() > 0 or at < 8 or roles
                head = first[0][roles[-1].end() :] if roles else first[0]
                if bounded and len(head) >= 1:
                    return f"{head}·{name}"
                before.append(first[0])
            at = self._text.find(f"·{name}", at + 1)
        common = before[0] if before else ""
        for other in before[1:]:
            while not other.endswith(common):
                common = common[1:]
        return f"{common}·{name}" if len(before) > 1 and common else name

    def knows(self, name: str) -> bool:
        """Whether somebody of that name came up before."""
        return any(known == name for known, _ in self._recent) or name in self._full.values()

    def occurs_again(self, folded: str) -> bool:
        """Whether folded characters stand in the text more than once."""
        first = self._folded.find(folded)
        return first >= 0 and self._folded.find(folded, first + 1) >= 0

    def occurs_apart(self, folded: str, before: str) -> bool:
        """Whether folded characters stand in the text also behind another character."""
        at = self._folded.find(folded)
        for _ in range(_MOST_TRIED):
            if at < 0:
                return False
            if at == 0 or self._folded[at - 1] != before:
                return True
            at = self._folded.find(folded, at + 1)
        return False

    def is_named(self, name: str) -> None:
        """Note that a name is a person's: it stands behind an office."""
        self._named.add(name)

    def mentioned(self, name: str, *, sure: bool = False) -> None:
        """Note a name that a pronoun may stand for from now on.

        Args:
            name: as printed.
            sure: whether it is a person's, whatever its form.
        """
        full = self.full_name(name)
        if full.lower() in self._words.narrators or (full.isupper() and len(full) > 5):
            return
        if self.is_person(full):
            self._remember(full)
        elif self._awaited and sure:
            self.arrived, self._awaited = full, False
        else:
            self._remember(full)

    def glimpsed(self, name: str) -> None:
        """Note a name that a pronoun may stand for if nobody else came up."""
        if self.is_person(self.full_name(name)):
            self._glimpsed = self.full_name(name)

    def spoke(self, name: str) -> None:
        """Note that somebody has spoken."""
        self._last, self._spoke_in = name, self._paragraph
        self._remember(name)

    def _remember(self, name: str) -> None:
        if name == UNKNOWN:
            return
        if self._awaited and self.is_person(name):
            self.arrived, self._awaited = name, False
        self._recent.append((name, self._paragraph))
        del self._recent[:-_MEMORY]

    def is_person(self, name: str) -> bool:
        """Whether a name is that of a person, as far as its form tells."""
        parts = name.split()
        if name >= "\u2e80":
            if name in self._named or "·" in name:
                return True
            return 2 <= len(name) <= 4 and not name.endswith(self._no_person)
        if name in self._full.values() and not self._is_organisation(parts):
            return True
        if not parts:
            return False
        placed = parts[0].lower() in self._words.place_names
        named = len(parts) >= 2 and parts[0][:1].isupper() and not placed
        return named and not self._is_organisation(parts)

    def _is_organisation(self, parts: list[str]) -> bool:
        lower = [part.lower().strip(".") for part in parts]
        return any(p in self._words.organisations for p in lower)

    def of_pronoun(self, pronoun: str) -> str:
        """Return whom a pronoun stands for: the person or organisation named last, or ""."""
        reach = _NEAR if pronoun == "it" else _FAR
        names = [n for n, place in reversed(self._recent) if self._paragraph - place <= reach]
        people = [
            name
            for name in names
            if self.is_person(name) and self._pronouns.get(name, pronoun) == pronoun
        ]
        others = [name for name in names if not self.is_person(name)]
        if pronoun == "they" and names:
            return names[0]
        if pronoun == "it":
            return next(iter(others or [n for n in names if n not in self._people]), "")
        if people or self._glimpsed:
            name = people[0] if people else self._glimpsed
            self._people.add(name)
            if pronoun in ("he", "she", "他", "她"):
                self._pronouns.setdefault(name, pronoun)
            return name
        if names and names[0] < "\u2e80":
            return names[0]
        self._awaited, self.arrived = True, ""
        return UNKNOWN

    def goes_on(self) -> str:
        """Return who spoke last if that was in this paragraph or the one before, or ""."""
        return self._last if self._paragraph - self._spoke_in <= 1 else ""


def _bare_name(parts: list[str], words: EnglishWords) -> list[str]:
    """Return the words of a capitalised run without titles, owners and what opens a sentence."""
    start = 0
    for i, part in enumerate(parts):
        low = part.lower().strip(".").replace("’", "'")
        if low.endswith(("'s", "s'")) and i + 1 == len(parts):
            parts = [*parts[:i], part[: -2 if low.endswith("'s") else -1]]
        elif (
            low.endswith(("'s", "s'"))
            or low in words.roles
            or (i == start and (low in words.openings or low in words.articles))
        ):
            start = i + 1
    kept = parts[start:]
    if any(part.lower().strip(".") in words.organisations for part in kept):
        return []
    return kept
