"""What a publisher changed between two texts of an article, and how severe the change is.

`fingerprint` tells whether anything changed, `compare` tells what: sentences are aligned, in
Chinese and English, and the changed words are marked inside them. All functions are pure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from difflib import SequenceMatcher

from scraper.edits.advert_lines import is_advert, linked_adverts, lone_links
from scraper.edits.bylines import new_byline
from scraper.edits.classify import classify_inserted, classify_replaced, names_of, severity_of
from scraper.models import Article, EditSummary
from scraper.record import record
from scraper.text.chinese import fold
from scraper.text.sentences import fix_mojibake, normalise, split_sentences, tokens
from scraper.text.volatile_lines import lasting_part

__all__ = [
    "Comparison",
    "SentenceChange",
    "Span",
    "comparable_text",
    "compare",
    "compare_articles",
    "edit_summary",
    "fingerprint",
    "new_byline",
    "normalise",
    "split_sentences",
]

# Paragraphs that each are a link; where more stand, they are a list.
_MOST_TEASERS = 3
# Two sentences that share less than this of their words are no revision of one another.
_ALIKE = 0.4
# A block of this many pairs is aligned at best; beyond, sentences are paired in their order.
_MOST_PAIRS = 2500
# A comparison looks into so many characters of revised sentences, old and new together, and looks
# for names in so many of a text; both are what several long articles have. A sentence that is
# longer than any sentence is looked into around the places where it begins and ends to differ.
_MOST_LOOKED_INTO = 100_000
_MOST_FOR_NAMES = 60_000
_LONGEST_SENTENCE = 4_000
_AROUND = 300
# Beyond this product of lengths, frequent elements are no anchors: half a second at worst.
_MOST_CELLS = 1_000_000


@record
class Span:
    """A stretch inside a replaced sentence: ``old[old_start:old_end]`` became ``new[…]``.

    `kind` is equal, replace, insert or delete.
    """

    kind: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int

    def moved(self, by: int) -> Span:
        """Return the same stretch, so many characters further on in both sentences."""
        if not by:
            return self
        return replace(
            self,
            old_start=self.old_start + by,
            old_end=self.old_end + by,
            new_start=self.new_start + by,
            new_end=self.new_end + by,
        )


@record
class SentenceChange:
    """One sentence before and after.

    Attributes:
        kind: equal, replace, insert or delete.
        old, new: the sentence before and after, "" where there was none.
        spans: for a replaced sentence, its stretches in order.
        classes: what kind of change it is; none for an equal sentence.
    """

    kind: str
    old: str
    new: str
    spans: tuple[Span, ...] = ()
    classes: tuple[str, ...] = ()


@record
class Comparison:
    """All that changed from one text to another.

    Attributes:
        ops: every sentence in order.
        headline: what became of the title, or None when it stayed.
        byline: what became of the authors' names, or None when they stayed.
        classes: kinds of change, the most severe first: correction, negation, number, name, quote,
            certainty, headline, byline, removal, addition, wording, typo, script (the same in the
            other Chinese script), reorder. None: nothing that is an edit.
        severity: 0 (typing, order), 1 (wording, additions), 2 (facts), 3 (facts turned over, a
            correction note, most of the text withdrawn).
        added, removed: sentences that are new, and that are no more; a revised sentence is both.
    """

    ops: tuple[SentenceChange, ...]
    headline: SentenceChange | None = None
    byline: SentenceChange | None = None
    classes: tuple[str, ...] = ()
    severity: int = 0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def edit_summary(old: Article, new: Article) -> EditSummary:
    """Return what the ledger says of how two records of a page differ."""
    found = compare_articles(old, new)
    return EditSummary(
        classes=found.classes, severity=found.severity, added=found.added, removed=found.removed
    )


def fingerprint(text: str) -> str:
    """Return equal strings for texts between which no publisher's edit lies.

    White space, line breaks, the width and style of punctuation, lines that only count or tell the
    time (``3 hours ago``, ``阅读 1024``) and adverts that say so make no difference. Numerals,
    names and the words of a quote always do: 1.5 is not 15, and 5% is not 5.
    """
    lasting = "\n".join(part for _, part in _lasting_lines(text))
    return hashlib.sha256(normalise(lasting).encode("utf-8", "replace")).hexdigest()[:32]


def compare(old: str, new: str, *, old_title: str = "", new_title: str = "") -> Comparison:
    """Return what changed from `old` to `new`.

    Sentences are matched whole by their normalised form (Myers-like longest runs of `difflib`);
    inside a stretch that differs, those that resemble each other most are taken for revisions.

    Args:
        old, new: the texts, one paragraph a line.
        old_title, new_title: their headlines.
    """
    known: frozenset[str] = frozenset()
    if old != new or old_title != new_title:
        known = names_of(f"{old[:_MOST_FOR_NAMES]}\n{new[:_MOST_FOR_NAMES]}")
    reader = _Reader(known)
    ops = _reordered(_align(_lasting_sentences(old), _lasting_sentences(new), reader))
    headline = None
    if not _same_headline(old_title, new_title):
        headline = reader.revision(old_title, new_title, extra=("headline",))
    changed = [op for op in ops if op.kind != "equal"] + ([headline] if headline else [])
    classes, severity = severity_of([op.classes for op in changed], changed_share(ops))
    return Comparison(
        ops=tuple(ops),
        headline=headline,
        classes=classes,
        severity=severity,
        added=tuple(op.new for op in ops if op.classes and op.new),
        removed=tuple(op.old for op in ops if op.classes and op.old),
    )


def _same_headline(old: str, new: str) -> bool:
    """Return whether two headlines differ in nothing but capitals throughout or a full stop."""
    one, other = (normalise(title).rstrip(" .。") for title in (old, new))
    if one.isupper() or other.isupper():
        one, other = one.casefold(), other.casefold()
    return one == other


def compare_articles(old: Article, new: Article) -> Comparison:
    """Return what changed from one record of a page to another: text, headline and byline.

    Args:
        old, new: the records, made by the same extractor.
    """
    left, right = comparable_text(old), comparable_text(new)
    links, others = lone_links(old), lone_links(new)
    gone, come = links.keys() - others.keys(), others.keys() - links.keys()
    if gone and come and max(len(links), len(others)) <= _MOST_TEASERS:
        # A teaser leads to another page than before; a list of links is the article's.
        left = _without_lines(left, {links[address] for address in gone})
        right = _without_lines(right, {others[address] for address in come})
    comparison = compare(left, right, old_title=old.title, new_title=new.title)
    names = new_byline(old, new)
    if names is None:
        return comparison
    classes, severity = severity_of([comparison.classes, ("byline",)], 0.0)
    return replace(
        comparison,
        byline=_byline_change(*names),
        classes=classes,
        severity=max(severity, comparison.severity),
    )


def comparable_text(article: Article) -> str:
    """Return the text of an article without paragraphs that are nothing but a link to an advert."""
    return _without_lines(article.text, linked_adverts(article))


def _without_lines(text: str, lines: Set[str]) -> str:
    """Return a text without the lines whose normal forms are given."""
    if not lines:
        return text
    return "\n".join(line for line in text.splitlines() if normalise(line) not in lines)


def _byline_change(old: str, new: str) -> SentenceChange:
    """Return the change of a byline."""
    if not old or not new:
        return SentenceChange(
            kind="delete" if old else "insert", old=old, new=new, classes=("byline",)
        )
    return replace(_Reader(frozenset()).revision(old, new), classes=("byline",))


def changed_share(ops: Sequence[SentenceChange]) -> float:
    """Return the share of the old text that was taken out, from 0 to 1."""
    total = sum(len(op.old) for op in ops)
    return sum(len(op.old) for op in ops if op.kind == "delete") / total if total else 0.0


def _lasting_lines(text: str) -> Iterator[tuple[str, str]]:
    """Return each line of a text, and what a publisher's edit of it could change.

    Lines that only tell the time or count, and adverts, are left out.
    """
    for line in text.splitlines():
        plain = " ".join(fix_mojibake(line).split())
        if not is_advert(plain) and (part := lasting_part(plain)):
            yield (line if part == plain else part), part


def _lasting_sentences(text: str) -> list[str]:
    """Return the sentences of a text without lines that only tell the time or count."""
    return [
        sentence
        for line, _ in _lasting_lines(text)
        for sentence in split_sentences(line)
        if normalise(sentence)
    ]


def _align(old: Sequence[str], new: Sequence[str], reader: _Reader) -> list[SentenceChange]:
    old_keys, new_keys = [normalise(s) for s in old], [normalise(s) for s in new]
    ops: list[SentenceChange] = []
    for kind, i1, i2, j1, j2 in _opcodes(old_keys, new_keys):
        if kind == "equal":
            ops += [
                SentenceChange(kind="equal", old=a, new=b)
                for a, b in zip(old[i1:i2], new[j1:j2], strict=True)
            ]
        else:
            ops += _revise(old[i1:i2], new[j1:j2], reader)
    return ops


def _revise(old: Sequence[str], new: Sequence[str], reader: _Reader) -> list[SentenceChange]:
    """Pair the sentences of a stretch that differs."""
    pairs = dict(_pairs(old, new))
    ops: list[SentenceChange] = []
    done = 0
    for i, sentence in enumerate(old):
        if i in pairs:
            ops += [_inserted(s) for s in new[done : pairs[i]]]
            ops.append(reader.revision(sentence, new[pairs[i]]))
            done = pairs[i] + 1
        else:
            ops.append(_deleted(sentence))
    return ops + [_inserted(s) for s in new[done:]]


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs, in order on both sides, that together resemble each other most."""
    if not old or not new:
        return []
    left, right = [_words(s) for s in old], [_words(s) for s in new]
    if len(old) * len(new) > _MOST_PAIRS:
        return [
            (i, i) for i in range(min(len(old), len(new))) if _likeness(left[i], right[i]) >= _ALIKE
        ]
    likeness = [[_likeness(a, b) for b in right] for a in left]
    # Needleman and Wunsch (1970), without a cost for gaps.
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old)):
        for j in range(len(new)):
            joined = best[i][j] + likeness[i][j] if likeness[i][j] >= _ALIKE else 0.0
            best[i + 1][j + 1] = max(joined, best[i][j + 1], best[i + 1][j])
    pairs = []
    i, j = len(old), len(new)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def _words(sentence: str) -> Counter[str]:
    return Counter(tokens(fold(normalise(sentence))))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Share of words that two sentences have in common (Dice), without regard to order."""
    words = one.total() + other.total()
    return 2 * (one & other).total() / words if words else 0.0


def _inserted(sentence: str) -> SentenceChange:
    return SentenceChange(kind="insert", old="", new=sentence, classes=classify_inserted(sentence))


def _deleted(sentence: str) -> SentenceChange:
    return SentenceChange(kind="delete", old=sentence, new="", classes=("removal",))


class _Reader:
    """Looks into revised sentences, as long as a comparison has room for it.

    Args:
        known: words that are names somewhere in the two texts.
    """

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._left = _MOST_LOOKED_INTO

    def revision(self, old: str, new: str, *, extra: tuple[str, ...] = ()) -> SentenceChange:
        """Return what became of a sentence that was revised.

        Args:
            old, new: the sentence before and after.
            extra: kinds of change that it is in any case.
        """
        start, old_end, new_end = _differing(old, new)
        one, other = old[start:old_end], new[start:new_end]
        cut = len(one) > _LONGEST_SENTENCE or len(other) > _LONGEST_SENTENCE
        one, other = one[:_LONGEST_SENTENCE], other[:_LONGEST_SENTENCE]
        self._left -= len(one) + len(other)
        if self._left < 0:
            spans: tuple[Span, ...] = ()
            same = fold(normalise(old)) == fold(normalise(new))
            classes: tuple[str, ...] = ("script",) if same else ("wording",)
        else:
            spans = _spans(one, other)
            changed = [
                (one[s.old_start : s.old_end], other[s.new_start : s.new_end])
                for s in spans
                if s.kind != "equal"
            ]
            classes = classify_replaced(one, other, changed, self._known)
            if cut and set(classes) <= {"typo", "script"}:
                classes = ("wording",)
        if cut or not spans:
            spans = (_span("replace", start, old_end, start, new_end),)
        else:
            spans = tuple(s.moved(start) for s in spans)
        ends = (old_end, len(old), new_end, len(new))
        return SentenceChange(
            kind="replace",
            old=old,
            new=new,
            spans=_with_ends(spans, start, ends),
            classes=extra + classes,
        )


def _differing(old: str, new: str) -> tuple[int, int, int]:
    """Return the stretch of two long sentences that is looked into: start, and end in both.

    It reaches from a little before the first difference to a little behind the last; short
    sentences are looked into as a whole.
    """
    if len(old) <= _LONGEST_SENTENCE and len(new) <= _LONGEST_SENTENCE:
        return 0, len(old), len(new)
    head = _common(old, new)
    tail = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    start, rest = max(0, head - _AROUND), max(0, tail - _AROUND)
    return start, len(old) - rest, len(new) - rest


def _common(old: str, new: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _span(kind: str, old_start: int, old_end: int, new_start: int, new_end: int) -> Span:
    return Span(
        kind=kind, old_start=old_start, old_end=old_end, new_start=new_start, new_end=new_end
    )


def _with_ends(
    spans: tuple[Span, ...], start: int, ends: tuple[int, int, int, int]
) -> tuple[Span, ...]:
    """Return spans with what is equal before and behind the stretch that was looked into."""
    if start:
        spans = (_span("equal", 0, start, 0, start), *spans)
    return spans if ends[0] == ends[1] else (*spans, _span("equal", *ends))


def _spans(old: str, new: str) -> tuple[Span, ...]:
    left, right = tokens(old, spaces=True), tokens(new, spaces=True)
    left_at, right_at = [0], [0]
    for token in left:
        left_at.append(left_at[-1] + len(token))
    for token in right:
        right_at.append(right_at[-1] + len(token))
    return tuple(
        Span(
            kind=kind,
            old_start=left_at[i1],
            old_end=left_at[i2],
            new_start=right_at[j1],
            new_end=right_at[j2],
        )
        for kind, i1, i2, j1, j2 in _opcodes(left, right)
    )


def _opcodes(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return how `left` becomes `right`, as `difflib` does, in bounded time.

    `difflib` takes quadratic time where one element repeats; in a long sequence those that fill
    more than a hundredth of it are therefore not taken for anchors (its ``autojunk``).
    """
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < min(len(left), len(right)) - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    one, other = left[head : len(left) - tail], right[head : len(right) - tail]
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) * len(other) > _MOST_CELLS)
    middle = [
        (kind, i1 + head, i2 + head, j1 + head, j2 + head)
        for kind, i1, i2, j1, j2 in matcher.get_opcodes()
    ]
    start = [("equal", 0, head, 0, head)] if head else []
    ends = (len(left) - tail, len(left), len(right) - tail, len(right))
    return [*start, *middle, *([("equal", *ends)] if tail else [])]


def _reordered(ops: Sequence[SentenceChange]) -> list[SentenceChange]:
    """Mark sentences that were taken out here and put in there, unchanged, as moved."""
    out = {normalise(op.old) for op in ops if op.kind == "delete"}
    moved = out & {normalise(op.new) for op in ops if op.kind == "insert"}
    return [
        SentenceChange(kind=op.kind, old=op.old, new=op.new, classes=("reorder",))
        if op.kind in ("insert", "delete") and normalise(op.old or op.new) in moved
        else op
        for op in ops
    ]
