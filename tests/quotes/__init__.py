"""Passages of news prose, invented by us, with what is said in them and by whom.

A passage begins with ``## name``. Its text follows, a paragraph a line; then what is right:

``= speaker | words``   said by the speaker, in quotation marks
``~ speaker | words``   said by the speaker, without
``! words``             in quotation marks, and said by nobody: a term, a title, a name

`first.txt` was written before the code, `second.txt` and `third.txt` after it, in other styles;
`fourth.txt` to `tenth.txt` by somebody who had not read it, `eleventh.txt` to `thirteenth.txt`
before it was run. At first sight .79, .80, .67, .79, .86, .66, .73, .86 and, of the twelfth, .86 of
their statements were right, speaker and words, before what they showed was mended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from scraper.quotes import find_quotes
from scraper.quotes.speakers import speaker_key
from scraper.text.chinese import fold

__all__ = ["FILES", "Outcome", "Passage", "read_passages", "score"]

FILES = tuple(sorted(Path(__file__).parent.glob("*.txt")))

Said = tuple[bool, str, str]


@dataclass(slots=True)
class Passage:
    """A passage with the statements in it.

    Attributes:
        name, text: as in the file.
        said: direct or not, key of the speaker, letters and digits of the words.
        terms: letters and digits of what is quoted and said by nobody.
    """

    name: str
    text: str = ""
    said: list[Said] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What was found in some passages.

    Attributes:
        passages, right: passages; those in which exactly the right statements were found.
        expected, found, agreed: statements that there are, that were found, and both.
        speakers: statements whose words were found, whoever was taken for the speaker.
        terms, taken: quoted terms, and those taken for statements.
        wrong: by name of a passage, what is missing and what is too much.
    """

    passages: int = 0
    right: int = 0
    expected: int = 0
    found: int = 0
    agreed: int = 0
    words: int = 0
    terms: int = 0
    taken: int = 0
    wrong: dict[str, tuple[list[Said], list[Said]]] = field(default_factory=dict)


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, fold(words)))


def read_passages(path: Path) -> list[Passage]:
    """Return the passages of a file."""
    passages: list[Passage] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            passages.append(Passage(line[3:].strip()))
        elif line.startswith(("= ", "~ ")):
            speaker, _, words = line[2:].partition(" | ")
            passages[-1].said.append((line[0] == "=", speaker_key(speaker), _letters(words)))
        elif line.startswith("! "):
            passages[-1].terms.append(_letters(line[2:]))
        elif passages and line.strip():
            passages[-1].text += line + "\n"
    return passages


def score(passages: list[Passage]) -> Outcome:
    """Return what is found in passages, compared with what is there."""
    outcome = Outcome()
    for passage in passages:
        found = [
            (quote.direct, speaker_key(quote.speaker), _letters(quote.words))
            for quote in find_quotes(passage.text)
        ]
        missing = [each for each in passage.said if each not in found]
        extra = [each for each in found if each not in passage.said]
        outcome.passages += 1
        outcome.right += not missing and not extra
        outcome.expected += len(passage.said)
        outcome.found += len(found)
        outcome.agreed += len(passage.said) - len(missing)
        said = {(direct, words) for direct, _, words in found}
        outcome.words += sum((direct, words) in said for direct, _, words in passage.said)
        outcome.terms += len(passage.terms)
        outcome.taken += sum((True, term) in said for term in passage.terms)
        if missing or extra:
            outcome.wrong[passage.name] = missing, extra
    return outcome
