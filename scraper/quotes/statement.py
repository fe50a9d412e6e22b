"""A statement while it is being read: places in the text and a speaker."""

from __future__ import annotations

from dataclasses import dataclass, field

from scraper.quotes.marks import Quotation

__all__ = ["Statement"]


@dataclass(slots=True, eq=False)
class Statement:
    """What somebody said, by its places in the text.

    Attributes:
        start, end: from its first to its last character, marks included.
        speaker: as far as known.
        direct: whether it stands in quotation marks.
        fragment: whether it is quoted within a sentence that is not the speaker's.
        parts: places of its words, without marks; an attribution may stand between them.
        continues: whether its last part goes on in the next paragraph.
        continued: whether it began in the paragraph before.
        led: whether its attribution stands before it.
    """

    start: int
    end: int
    speaker: str
    direct: bool = True
    fragment: bool = False
    parts: list[tuple[int, int]] = field(default_factory=list)
    continues: bool = False
    continued: bool = False
    led: bool = False

    @classmethod
    def quoted(
        cls, quotation: Quotation, speaker: str, *, fragment: bool, led: bool = False
    ) -> Statement:
        """Return the statement of a quotation."""
        return cls(
            quotation.start,
            quotation.end,
            speaker,
            fragment=fragment,
            parts=[(quotation.inner_start, quotation.inner_end)],
            continues=quotation.continues,
            continued=quotation.continued,
            led=led,
        )

    def add(self, quotation: Quotation) -> None:
        """Let it go on with another quotation."""
        self.end = quotation.end
        self.parts.append((quotation.inner_start, quotation.inner_end))
        self.continues = quotation.continues

    def words(self, text: str) -> str:
        """Return what was said, without quotation marks around it."""
        if not self.parts:
            return " ".join(text[self.start : self.end].split())
        said = [text[start:end].strip() for start, end in self.parts]
        joint = "" if any(part[-1:] >= "\u2e80" for part in said[:-1]) else " "
        whole = said[0]
        for (_, end), (start, _), part in zip(self.parts, self.parts[1:], said[1:], strict=False):
            between = text[end:start]
            if "\n" in between:
                whole += "\n" + part
            elif whole.endswith(",") and between.rstrip("“‘\"' ").endswith("."):
                # The comma before "he said." stands for the full stop of what was said.
                whole = whole[:-1] + "." + joint + part
            else:
                whole += joint + part
        return whole.rstrip(",，、 ")
