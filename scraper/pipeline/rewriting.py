"""What becomes of records that are derived anew: classes of change, and the report of a pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scraper.models import Article

__all__ = [
    "CLASSES", "FAILED", "LOST", "METADATA", "SAMPLE", "TEXT", "UNCHANGED",
    "Report", "Rewritten", "classify",
]  # fmt: skip

UNCHANGED, TEXT, LOST, METADATA, FAILED = (
    "unchanged", "text changed", "text lost >20%", "metadata changed", "failed",
)  # fmt: skip
CLASSES = (UNCHANGED, METADATA, TEXT, LOST, FAILED)

# The canary: of a sample of so many articles at most this share may lose so much of their text.
SAMPLE = 40
_MOST_LOSERS = 0.05
_LOSS = 0.2
# So many of the articles that lost text or failed are named in the report.
_NAMED = 50

_METADATA = (
    "title", "authors", "outlet", "source", "published", "modified", "language", "script",
    "excerpt", "image", "canonical_url",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What became of one version's record.

    Attributes:
        kind: one of `CLASSES`.
        url, number: the version.
        before, after: characters of its text.
        message: why it failed, or what metadata changed.
    """

    kind: str
    url: str
    number: int
    before: int
    after: int
    message: str = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """What a pass did.

    Attributes:
        counts: versions by class; without those that were current.
        current: versions whose record the extractor had made already.
        named: the versions that lost text or failed, the first of them.
        sample, losers: articles that the canary tried, and those of them that would lose text.
        stopped: whether the canary stopped the pass, so that nothing was written.
        written: records that were written.
    """

    counts: Counter[str] = field(default_factory=Counter)
    current: int = 0
    named: list[Rewritten] = field(default_factory=list)
    sample: int = 0
    losers: int = 0
    stopped: bool = False
    written: int = 0

    @property
    def alarming(self) -> bool:
        """Whether the canary sees more loss than an improvement brings."""
        return self.losers > _MOST_LOSERS * self.sample

    def add(self, result: Rewritten) -> None:
        """Count what became of a version."""
        self.counts[result.kind] += 1
        if result.kind in (LOST, FAILED) and len(self.named) < _NAMED:
            self.named.append(result)

    def as_dict(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "counts": {kind: self.counts[kind] for kind in CLASSES},
            "current": self.current,
            "written": self.written,
            "stopped": self.stopped,
            "sample": self.sample,
            "losers": self.losers,
            "named": self.named,
        }


def classify(old: Article, new: Article) -> tuple[str, str]:
    """Return the class of a change of record, and which metadata changed."""
    fields = ", ".join(n for n in _METADATA if getattr(old, n) != getattr(new, n))
    if len(new.text) < (1 - _LOSS) * len(old.text):
        return LOST, fields
    if new.text != old.text:
        return TEXT, fields
    return (METADATA, fields) if fields else (UNCHANGED, "")
