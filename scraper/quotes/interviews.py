"""Interviews: paragraphs that begin with the name of who speaks, or with Q and A."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from scraper.quotes.marks import Paragraph
from scraper.quotes.speakers import Cast, speaker_key
from scraper.quotes.statement import Statement
from scraper.quotes.wording import load_words
from scraper.record import record

__all__ = ["Interview", "find_interview"]

# Characters of a label, and labels that make an interview.
_LONGEST_LABEL = 30
_LEAST_LABELS = 4
_LEAST_WITH_QUESTIONS = 2
_SENTENCE_ENDS = frozenset(".!?…。！？”」’\"')）")
# Characters of an answer that is kept.
_LEAST_ANSWER = 4


@record(kw_only=False)
class _Line:
    index: int
    label: str
    start: int


@record(kw_only=False)
class Interview:
    """The part of a text that is an interview.

    Attributes:
        answers: by index of a paragraph, its label and the place behind it; "" for questions.
        labelled: indices of the paragraphs that begin with a label.
    """

    answers: dict[int, tuple[str, int]]
    labelled: frozenset[int]

    def statement(self, i: int, paragraph: Paragraph, cast: Cast) -> Statement | None:
        """Return the answer in a paragraph; None for a question."""
        label, start = self.answers[i]
        if not label or paragraph.end - start < _LEAST_ANSWER:
            return None
        words = load_words().interview
        name = cast.full_name(label)
        if speaker_key(label) in words.answers:
            name = cast.of_pronoun("he")
        if not name:
            return None
        return Statement(
            start,
            paragraph.end,
            name,
            parts=[(start, paragraph.end)],
            continues=i + 1 in self.answers and i + 1 not in self.labelled,
            continued=i not in self.labelled,
        )


def _label(text: str, paragraph: Paragraph) -> tuple[str, int] | None:
    head = text[paragraph.start : paragraph.start + _LONGEST_LABEL + 1].lstrip("*# ")
    shift = len(text[paragraph.start : paragraph.start + _LONGEST_LABEL + 1]) - len(head)
    for i, char in enumerate(head):
        if char in "：:":
            label = head[:i].strip("* \u3000")
            start = paragraph.start + shift + i + 1
            while start < paragraph.end and text[start] in "* \u3000":
                start += 1
            return (label, start) if label and start < paragraph.end else None
        if char in '，,。！？!?；;“”"「」0123456789/':
            return None
    return None


def _replies(lines: Sequence[_Line], asking: Collection[str]) -> Counter[str]:
    """Count by label how often it comes next behind a question."""
    return Counter(
        speaker_key(line.label)
        for before, line in pairwise(lines)
        if speaker_key(before.label) in asking
    )


def _ends(text: str, paragraphs: Sequence[Paragraph], lines: Sequence[_Line]) -> bool:
    """Whether half of some lines end as sentences do."""
    ended = sum(text[paragraphs[line.index].end - 1] in _SENTENCE_ENDS for line in lines)
    return ended * 2 >= len(lines)


def find_interview(text: str, paragraphs: Sequence[Paragraph]) -> Interview | None:
    """Return the interview that a text is, or None.

    Labels must take turns: at least two of them, of which one asks or both come back.
    """
    words = load_words().interview
    lines = []
    for i, paragraph in enumerate(paragraphs):
        found = _label(text, paragraph)
        if found is not None:
            lines.append(_Line(i, *found))
    by_label: dict[str, list[_Line]] = {}
    for line in lines:
        by_label.setdefault(speaker_key(line.label), []).append(line)
    count = {key: len(of_label) for key, of_label in by_label.items()}
    asking = {key for key in count if key in words.questions}
    for key, of_label in by_label.items():
        asked = sum(text[paragraphs[line.index].end - 1] in "?？" for line in of_label)
        if count[key] >= 2 and asked * 2 > count[key]:
            asking.add(key)
    replies = _replies(lines, asking)
    answering = {
        key
        for key in count
        if key not in asking
        and (count[key] >= 2 or key in words.answers)
        and replies.get(key, 0) * 2 >= count[key]
        and _ends(text, paragraphs, by_label[key])
    }
    questions = sum(count[key] for key in asking)
    answers = sum(count[key] for key in answering)
    if not questions or not answers:
        return None
    explicit = bool(asking & words.questions)
    if questions + answers < (_LEAST_WITH_QUESTIONS if explicit else _LEAST_LABELS):
        return None
    if min(questions, answers) * 4 < max(questions, answers):
        return None
    kept = [line for line in lines if speaker_key(line.label) in asking | answering]
    spoken: dict[int, tuple[str, int]] = {}
    for line, following in zip(kept, [*kept[1:], None], strict=True):
        answer = "" if speaker_key(line.label) in asking else line.label
        spoken[line.index] = answer, line.start
        # An answer may have several paragraphs; where the last one ends nothing tells.
        for i in range(line.index + 1, following.index if following else 0):
            spoken[i] = answer, paragraphs[i].start
    return Interview(spoken, frozenset(line.index for line in kept))
