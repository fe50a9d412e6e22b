"""What the articles of the benchmarks' archive report: events, their figures, and who said what.

A third of the articles belong to an event that others report, too: from two to thirty, of several
outlets, in either language. A report is a text of its own or a copy of the first one whose end is
cut, in the same or the other script; all give a figure and a quote, now and then otherwise than the
first. Everything is a function of the number of an article and of how many there are.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ENTITIES", "OUTLETS", "Event", "Report", "Statement", "names_of", "report_of",
           "statement_of"]  # fmt: skip

OUTLETS, ENTITIES = 200, 400
# Articles lie in groups of so many numbers; of each this share belongs to events of the group.
_GROUP, _SHARE, _LARGEST = 60, 1 / 3, 30
_COPIED, _OTHERWISE = 0.5, 0.2
_COPY_DELAY_HOURS, _REPORT_DELAY_HOURS = 3.0, 12.0
_STATED = 0.3
# Each purpose draws from numbers of its own: what one draws does not move the others.
_EVENTS, _REPORT, _NAMES, _STATEMENT = 1, 2, 3, 4


def _chance(number: int, purpose: int) -> random.Random:
    return random.Random((number << 3) | purpose)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that several articles report.

    Attributes:
        members: numbers of the articles, the first report first.
        name: number of the model that it is about.
        speaker: number of the person who is quoted.
    """

    members: tuple[int, ...]
    name: int
    speaker: int


@dataclass(frozen=True, slots=True)
class Report:
    """How an article reports an event.

    Attributes:
        event: what it reports.
        copies: whether it copies the first report, if it is in the same language.
        hours: how much later than the first it was published.
    """

    event: Event
    copies: bool
    hours: float

    @property
    def first(self) -> int:
        """Number of the first report."""
        return self.event.members[0]


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure that an article gives, and a quote where it reports an event.

    Attributes:
        name: number of the model that the figure is of.
        kind, unit, value, printed: of the figure.
        sentence: in which it stands.
        speaker, words: of the quote, "" for none.
        said: the sentence in which that stands.
    """

    name: int
    kind: str
    unit: str
    value: float
    printed: str
    sentence: str
    speaker: str = ""
    words: str = ""
    said: str = ""


@lru_cache(maxsize=64)
def _events(group: int, total: int) -> dict[int, Event]:
    """Return the events of a group of articles, by each article that reports one."""
    chance = _chance(group, _EVENTS)
    numbers = range(group * _GROUP, min(total, (group + 1) * _GROUP))
    free = list(numbers)
    chance.shuffle(free)
    most = int(len(numbers) * _SHARE)
    found: dict[int, Event] = {}
    while len(found) + 2 <= most:
        size = min(_LARGEST, 1 + int(chance.paretovariate(1.2)), most - len(found))
        members = tuple(sorted(free.pop() for _ in range(max(2, size))))
        event = Event(members, int(ENTITIES * chance.random() ** 3), chance.randrange(300))
        found.update(dict.fromkeys(members, event))
    return found


def report_of(number: int, total: int) -> Report | None:
    """Return how an article reports an event, or None where it reports none with others."""
    event = _events(number // _GROUP, total).get(number) if number < total else None
    if event is None:
        return None
    if number == event.members[0]:
        return Report(event, False, 0.0)
    chance = _chance(number, _REPORT)
    copies = chance.random() < _COPIED
    delay = _COPY_DELAY_HOURS if copies else _REPORT_DELAY_HOURS
    return Report(event, copies, chance.expovariate(1 / delay))


def names_of(number: int, total: int) -> tuple[int, ...]:
    """Return the numbers of the names in an article, a few of which are in very many."""
    chance = _chance(number, _NAMES)
    names = {int(ENTITIES * chance.random() ** 3) for _ in range(chance.randrange(7))}
    report = report_of(number, total)
    return tuple(sorted(names | ({report.event.name} if report else set())))


def statement_of(number: int, total: int, language: str) -> Statement | None:
    """Return what an article states of a model, in its language; None where it states nothing."""
    report = report_of(number, total)
    chance = _chance(number, _STATEMENT)
    if report is not None:
        return _of_event(report, chance, language)
    names = names_of(number, total)
    if not names or chance.random() > _STATED:
        return None
    name = chance.choice(names)
    # The same of each model, save that some articles are wrong.
    billions = (1 + 7 * name % 400) * (2 if chance.random() < _OTHERWISE / 4 else 1)
    if language == "en":
        printed = f"{billions} billion parameters"
        sentence = f"Model {name} has {printed}."
    else:
        printed = f"{10 * billions}亿参数"
        sentence = f"Model {name}有{printed}。"
    return Statement(name, "parameters", "parameters", billions * 1e9, printed, sentence)


def _of_event(report: Report, chance: random.Random, language: str) -> Statement:
    event = report.event
    cost = (2 + 13 * event.name % 900) * (2 if chance.random() < _OTHERWISE else 1)
    altered = chance.random() < _OTHERWISE
    if language == "en":
        printed, speaker = f"${cost} million", f"Anna Speaker{event.speaker}"
        whose = "rented" if altered else "our own"
        words = (
            f"We have trained Model {event.name} on {whose} machines, and whoever wants to may do"
            " it again"
        )
        sentence = f"Training Model {event.name} cost {printed}."
        said = f"\u201c{words},\u201d {speaker} said."
    else:
        printed, speaker = f"{100 * cost}万美元", f"讲者{event.speaker}"
        whose = "租来" if altered else "自己"
        words = f"我们在{whose}的机器上训练了Model {event.name}，谁都可以重做一遍。"
        sentence = f"训练Model {event.name}花费{printed}。"
        said = f"{speaker}表示：\u201c{words}\u201d"
    return Statement(
        event.name, "training cost", "USD", cost * 1e6, printed, sentence, speaker, words, said
    )
