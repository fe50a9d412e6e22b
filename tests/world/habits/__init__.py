"""What publishers do that is no edit, each kind in ever other words, places and markup.

`FAMILIES` makes a habit for a site from a source of chance. A habit's words are put together from
parts, so that no two runs meet the same lines. What is right here was weighed line by line: a line
that only tells a time or counts, an advert that says it is one, an answer that is no page of the
site, another rendering of the same words. Where a reader could not tell either, it is left out.

lines.py       times and counts
adverts.py     adverts, offers, teasers, lists, comments
renderings.py  the same words otherwise: layouts, markup, encodings, headlines, languages, walls
answers.py     outages, refusals, torn pages, moves
"""

from __future__ import annotations

import random
from typing import Final

from tests.world.habits.adverts import ADVERTS_AND_TEASERS
from tests.world.habits.answers import ANSWERS
from tests.world.habits.lines import TIMES_AND_COUNTS, Maker
from tests.world.habits.renderings import RENDERINGS
from tests.world.model import Habit

__all__ = ["FAMILIES", "HABIT_NOISE", "make_habit"]

FAMILIES: Final[dict[str, Maker]] = {
    **TIMES_AND_COUNTS,
    **ADVERTS_AND_TEASERS,
    **RENDERINGS,
    **ANSWERS,
}
"""A maker for each kind of habit: given chance and a language, it returns one of that kind."""

HABIT_NOISE: Final = (
    "relative time",
    "time of update",
    "today's date",
    "view counter",
    "comment counter",
    "likes and shares",
    "readers now",
    "labelled advert",
    "advert by class",
    "advert that is one link",
    "teaser within the text",
    "list of other stories",
    "readers' comments grow",
    "modified time bumps",
)
"""Kinds that go along with true edits: what quiets them must not quiet those."""


def make_habit(chance: random.Random, kind: str, language: str) -> Habit:
    """Return a habit of a kind."""
    if kind.startswith("move "):
        while True:
            habit = FAMILIES[kind](chance, language)
            if habit.kind == kind:
                return habit
    return FAMILIES[kind](chance, language)
