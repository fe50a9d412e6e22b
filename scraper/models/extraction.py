"""What a page says: its text, its blocks, its record, what learning keeps of it."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Final

from scraper.record import record

__all__ = [
    "DOUBTFUL",
    "ONLY_LAST_CHANGE",
    "Article",
    "Candidate",
    "Decoded",
    "KeptBlock",
    "Learned",
    "LearnedBlock",
    "PageBox",
    "PageFingerprint",
    "RemovedBlock",
    "ShortBlock",
]


@record
class Decoded:
    """Text made from bytes, and how.

    Attributes:
        text: the characters.
        encoding: Python name of the codec that was used.
        origin: where the codec's name came from: bom, utf-8, header, meta, detected; ``twice`` for
            UTF-8 that the publisher had encoded once more, which was taken back.
        replaced: number of U+FFFD that decoding had to put in.
    """

    text: str
    encoding: str
    origin: str
    replaced: int


@record
class KeptBlock:
    """A block of the page that belongs to the article."""

    position: int
    place: str
    text: str


@record
class RemovedBlock:
    """A block of the page that was cut.

    Attributes:
        position: rank among all blocks of the page, from 0; `KeptBlock` counts in the same row.
        rule: name of the rule that cut it.
        place: path of the block in the page, such as ``body > div.side > ul``.
        text: what was cut.
    """

    position: int
    rule: str
    place: str
    text: str


@record
class Candidate:
    """One value that was found for a field of the record.

    Attributes:
        field: name of the field of `Article`.
        value: the value as text (ISO 8601 for times).
        origin: where it stood, such as ``json-ld``, ``meta article:published_time``, ``byline``.
        chosen: whether it won.
        note: why it won or lost, and what was assumed (``zone Asia/Shanghai assumed``).
    """

    field: str
    value: str
    origin: str
    chosen: bool = False
    note: str = ""


# Confidence below which a person should look at an article's text.
DOUBTFUL: Final = 0.6
# Note of a time of publication that is in truth that of the last change.
ONLY_LAST_CHANGE: Final = "the page states only its last change"


@record
class Article:
    """What a page says, clean.

    Attributes:
        url: address that the page was read under, or "".
        canonical_url: address that the page claims for itself, or "".
        title: headline without the site's name.
        authors: people who wrote it, in order; editors are not authors.
        outlet: publisher of the page as it names itself, or "".
        source: outlet that the page credits for the text (``来源：…``, ``(Reuters)``), or "".
        published, modified: aware times, or None when the page does not say; `published` is the
            time of the last change where the page states no other (`is_dated_by_change`).
        language: BCP 47 primary tag (``en``, ``zh``), or "".
        script: ``Hans``, ``Hant``, ``mixed`` for Chinese; ``Latn`` and the like otherwise; or "".
        text: the article, one paragraph a line.
        markdown: the same with headings, lists, quotes, tables, links and captions.
        excerpt: the page's own summary or the first sentences, at most 300 characters.
        image: address of the lead image, or "".
        kept, removed: all blocks of the page, in order of `position`.
        candidates: every value found for a field of metadata, with the reason of the choice.
        encoding, encoding_origin, replaced: how the bytes were decoded.
        next_url: address of the article's next page, or "".
        extractor: version of the extractor and its rules that made this record, or "".
        confidence: share (0 to 1) of held-out pages with signs like this one's whose text is right
            (token F1 of at least .95); None where it was not judged.
        doubts: what lowers the confidence, in words, the heaviest first.
    """

    url: str = ""
    canonical_url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    outlet: str = ""
    source: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""
    script: str = ""
    text: str = ""
    markdown: str = ""
    excerpt: str = ""
    image: str = ""
    kept: tuple[KeptBlock, ...] = field(default=(), repr=False)
    removed: tuple[RemovedBlock, ...] = field(default=(), repr=False)
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)
    encoding: str = ""
    encoding_origin: str = ""
    replaced: int = 0
    next_url: str = ""
    extractor: str = ""
    confidence: float | None = None
    doubts: tuple[str, ...] = ()

    @property
    def is_dated_by_change(self) -> bool:
        """Whether `published` is the time of the last change, for the page states no other."""
        return any(
            candidate.field == "published"
            and candidate.chosen
            and ONLY_LAST_CHANGE in candidate.note
            for candidate in self.candidates
        )


@record
class ShortBlock:
    """A short block of an article that may turn out to stand on other pages of its host too.

    Attributes:
        signatures: one for its text wherever it stands; a second, for a text with figures, of its
            place and its text but for those. 16 hexadecimal digits each.
        place, text: as in `KeptBlock`.
    """

    signatures: tuple[str, ...]
    place: str
    text: str


@record
class PageBox:
    """An element of a page that may turn out to stand beside the articles of its host.

    Attributes:
        signature: of its path, 16 hexadecimal digits.
        place: the path.
        sample: how the first block in it begins.
        kept: whether text of the article stood in it.
    """

    signature: str
    place: str
    sample: str
    kept: bool


@record
class PageFingerprint:
    """What an article leaves behind for learning what the pages of its host have in common.

    Attributes:
        host: that answered.
        sketch: hashes of some of its sentences, by which reprints of one article are known.
        blocks: its short blocks; () for a footprint that was read back from the archive.
        signatures: all signatures of them.
        boxes: the elements of a page that was read with confidence, () for others and for a
            fingerprint that was read back from the archive.
        within, beside: signatures of the elements that held its text, and of those that did not.
    """

    host: str
    sketch: frozenset[int] = frozenset()
    blocks: tuple[ShortBlock, ...] = ()
    signatures: frozenset[str] = frozenset()
    boxes: tuple[PageBox, ...] = ()
    within: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


@record
class LearnedBlock:
    """A line or element that was learned to be no part of the articles of its host.

    Attributes:
        host: where it was learned.
        kind: ``line``, cut wherever it is told by its text; ``element``, cut from doubtful pages.
        signature: see `ShortBlock` and `PageBox`.
        place, sample: where it stood and how it read when it was learned.
        articles: on how many different articles it was seen.
        first_seen_at, last_seen_at: aware times.
        forgotten: whether a user took it back; it is not learned again.
    """

    host: str
    signature: str
    place: str
    sample: str
    articles: int
    first_seen_at: datetime
    last_seen_at: datetime
    forgotten: bool = False
    kind: str = "line"


@record
class Learned:
    """What was learned of a host, as `extract` takes it.

    Attributes:
        host: where it was learned.
        signatures: what is boilerplate there besides what the rules know.
        boxes: signatures of elements that stand beside its articles.
    """

    host: str
    signatures: frozenset[str] = frozenset()
    boxes: frozenset[str] = frozenset()
