"""Stories without end, each of its own words, and pages around them: for tests that need many."""

from __future__ import annotations

import random
from dataclasses import replace

from scraper.extraction import extract
from scraper.extraction.host_layout import SETTLED_BELOW, page_boxes
from scraper.models import PageBox

__all__ = ["MOTTO", "commented", "doubtful_page", "page", "paragraphs"]

MOTTO = "The Quay is owned by those who read it, and its letters page is open to all of them."

_WHO = (
    "the harbour master", "a retired pilot", "the lock keeper", "the drawing office", "a dredger",
    "the customs clerk", "a rope maker", "the signal station", "a ferry company", "the tide table",
    "an old shipwright", "the night watch", "a school class", "the crane driver", "a salt merchant",
)  # fmt: skip
_DID = (
    "measured", "painted", "sold", "forgot", "counted", "repaired", "described", "moved",
    "defended", "borrowed", "drew", "weighed", "refused", "rebuilt", "remembered",
)  # fmt: skip
_WHAT = (
    "seven buoys", "a bridge of planks", "the northern mole", "two tons of coal", "a bell",
    "the old slipway", "a map of the shoals", "nine lanterns", "the pump house", "an anchor chain",
    "the winter timetable", "a barrel of tar", "the flood gate", "a row of bollards", "the ledger",
)  # fmt: skip
_WHEN = (
    "before the storm came in from the west", "while the council was still in session",
    "although nobody had asked for it", "on the morning after the regatta",
    "because the insurers had insisted", "when the river froze for the first time in years",
    "without a word to the newspapers", "as the last train left the goods yard",
    "until the money ran out in autumn", "in spite of what the engineers had written",
)  # fmt: skip


def paragraphs(number: int, count: int = 6) -> tuple[str, ...]:
    """Return the paragraphs of a story; other numbers give stories with no sentence in common."""
    choice = random.Random(number)

    def sentence() -> str:
        who, did, what = choice.choice(_WHO), choice.choice(_DID), choice.choice(_WHAT)
        mark = f"{choice.randrange(10**4)} feet from berth {number}"
        return f"{who} {did} {what} {mark}, {choice.choice(_WHEN)}.".capitalize()

    return tuple(" ".join(sentence() for _ in range(3)) for _ in range(count))


def page(number: int, *, tail: str = "", title: str = "", text: tuple[str, ...] = ()) -> bytes:
    """Return a page with a story, and what a test wants to stand behind its last paragraph."""
    title = title or f"What happened at berth {number}"
    body = "".join(f"<p>{p}</p>" for p in text or paragraphs(number))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><nav><a href='/'>Home</a></nav><main><article><h1>{title}</h1>"
        f'<div class="text">{body}{tail}</div></article></main></body></html>'
    ).encode()


def commented(number: int, count: int, comments: int) -> bytes:
    """Return a page whose class names say nothing, with comments that read like its story.

    Args:
        number: of the story.
        count: paragraphs of it.
        comments: paragraphs of others behind it.
    """
    title = f"What happened at berth {number}"
    body = "".join(f"<p>{p}</p>" for p in paragraphs(number, count))
    others = paragraphs(5000 + 50 * number, comments)
    said = "".join(f'<div class="c9"><p>{p}</p></div>' for p in others)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><div class="n1"><a href="/">Home</a></div><div class="x3"><h1>{title}</h1>'
        f'<div class="t4">{body}</div><div class="k7">{said}</div></div></body></html>'
    ).encode()


def doubtful_page() -> tuple[bytes, PageBox]:
    """Return a page that the shipped models doubt and keep comments of, and the comments' element.

    Which of many such pages that is hangs on the models.
    """
    for count in (1, 2, 3, 6, 9, 12, 16):
        for comments in (1, 2, 3, 5, 8):
            page = commented(9, count, comments)
            article = extract(page)
            if article.confidence is None or article.confidence >= SETTLED_BELOW:
                continue
            boxes = page_boxes(replace(article, confidence=1.0))
            kept = {box.place: box for box in boxes if box.kept}
            if {"t0", "c0"} <= {place.rpartition(".")[2] for place in kept}:
                return page, next(box for place, box in kept.items() if place.endswith(".c0"))
    raise LookupError("the models doubt none of these pages")
