"""Quotes: what a text reports that somebody said, word for word or not, and who.

wording.py, words.toml   verbs, titles and names' forms, as data
marks.py                 which stretches stand in quotation marks
english.py, chinese.py   whom a statement belongs to; over english_clauses.py (what is
                         reported without marks), english_verbs.py, english_nouns.py and
                         chinese_subjects.py (subjects, names, titles)
interviews.py            questions and answers
speakers.py              full names, pronouns, keys that agree across scripts
sameness.py              the same statement in two wordings

Everything here is a function of its arguments, and its cost grows with the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable

from scraper.models import Quote
from scraper.quotes.chinese import read_chinese
from scraper.quotes.english import read_english
from scraper.quotes.interviews import find_interview
from scraper.quotes.marks import Paragraph, read_paragraphs
from scraper.quotes.speakers import UNKNOWN, Cast, speaker_key
from scraper.quotes.statement import Statement
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile

__all__ = ["ROOTS", "find_quotes"]

# Files on which the quotes of a text depend: see `scraper.code_version`.
ROOTS = ("models/quotes.py", "quotes", "text")

# Characters of a text that are read: no article is longer.
_LONGEST = 200_000
# Characters of a paragraph; what is longer is no prose.
_LONGEST_PARAGRAPH = 20_000
# Characters by which a text's language is told, and the share of common words in English.
_SAMPLE = 6_000
_COMMON_SHARE = 0.06
# Words of which a share says something.
_LEAST_SAMPLE = 60
_COMMON = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "that",
        "was",
        "for",
        "with",
        "he",
        "she",
        "said",
        "is",
        "it",
        "on",
        "has",
        "have",
        "be",
        "by",
        "a",
    ]
)
_WORD = lazy_compile("[a-zA-ZÀ-ÿ]+")
# Quotes kept of a text.
_MOST = 500


def find_quotes(text: str, identify: Callable[[str], str] = lambda name: name) -> tuple[Quote, ...]:
    """Return the statements that a text reports, in order.

    Args:
        text: clean text without boilerplate, one paragraph per line.
        identify: gives the name under which somebody is known elsewhere (in a lexicon), or the
            same name.
    """
    text = text[:_LONGEST]
    folded = fold(text)
    english = _is_english(text)
    paragraphs = read_paragraphs(text)
    cast = Cast(text)
    interview = find_interview(text, paragraphs)
    statements: list[Statement] = []
    for i, paragraph in enumerate(paragraphs):
        cast.begin_paragraph()
        if paragraph.end - paragraph.start > _LONGEST_PARAGRAPH:
            continue
        if interview is not None and i in interview.answers:
            answer = interview.statement(i, paragraph, cast)
            if answer is not None:
                statements.append(answer)
            continue
        statements += _statements(text, folded, paragraph, cast, english=english)
        if cast.arrived:
            for statement in statements:
                if statement.speaker == UNKNOWN:
                    statement.speaker = cast.arrived
            cast.arrived = ""
    return tuple(
        Quote(
            words=statement.words(text),
            speaker=statement.speaker,
            speaker_key=speaker_key(identify(statement.speaker)),
            direct=statement.direct,
            offset=statement.start,
        )
        for statement in _joined(statements)
        if statement.speaker not in ("", UNKNOWN) and statement.words(text)
    )[:_MOST]


def _statements(
    text: str, folded: str, paragraph: Paragraph, cast: Cast, *, english: bool
) -> list[Statement]:
    only = paragraph.quotations[0] if len(paragraph.quotations) == 1 else None
    if (
        only is not None
        and only.continued
        and only.start == paragraph.start
        and (only.continues or only.end == paragraph.end)
    ):
        return [Statement.quoted(only, "", fragment=False)]
    if _is_chinese(text, paragraph):
        return read_chinese(text, folded, paragraph, cast)
    return read_english(text, paragraph, cast) if english else []


def _is_english(text: str) -> bool:
    """Whether what a text has in Latin letters is English rather than another language."""
    words = [word.lower() for word in _WORD.findall(text[:_SAMPLE])]
    common = sum(word in _COMMON for word in words)
    return len(words) < _LEAST_SAMPLE or common >= _COMMON_SHARE * len(words)


def _is_chinese(text: str, paragraph: Paragraph) -> bool:
    sample = text[paragraph.start : min(paragraph.end, paragraph.start + 1000)]
    if sample.isascii():
        return not sample
    han = sum("\u4e00" <= char <= "\u9fff" for char in sample)
    return han * 6 >= len(sample)


def _joined(statements: list[Statement]) -> list[Statement]:
    """Return statements with those that go on over paragraphs joined to one."""
    whole: list[Statement] = []
    for statement in statements:
        last = whole[-1] if whole else None
        if statement.continued and last is not None and last.continues:
            last.parts += statement.parts
            last.end, last.continues = statement.end, statement.continues
            last.speaker = last.speaker or statement.speaker
        else:
            whole.append(statement)
    return whole
