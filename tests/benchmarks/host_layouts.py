"""What the pages of one host teach of each other: texts of doubtful pages before and after.

    python -m tests.benchmarks.host_layouts [--hosts 45] [--from 0]    simulated templates
    python -m tests.benchmarks.host_layouts --gold                     hosts of ../shared/gold

Each host has a template that is drawn at random, and twenty pages: reports, short ones, lists,
interviews, guides. Around them stand streams of next articles, readers' comments, notes on authors,
promotion, in elements whose class names mostly say nothing; on some hosts related links stand
within the body, on some every fourth page goes on in another element. Each page is settled by what
the others teach, never by itself. Exit 1 where a page comes out worse.

The gold pages are read by the shipped classifier, which has seen them: their figures tell whether
settling harms, not how good the text is.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from scraper.errors import ExtractError
from scraper.extraction import extract
from scraper.extraction.features import words
from scraper.extraction.host_layout import SETTLED_BELOW, decide_boxes, page_boxes
from scraper.extraction.learned_boilerplate import footprint
from scraper.models import Article, Learned
from tests.training.gold import GOLD, load
from tests.world.wording import LANGUAGES, converted, draft, headline, person, word_list

PAGES: Final = 20
# Differences of F1 below this are noise.
_SAME: Final = 0.003
_LEAST_OF_HOST: Final = 4
_PARTS: Final = word_list(
    "wrap art stream item comments comment note side teaser promotion notice meta foot nav answers"
    " section"
)
_COMMENTS: Final = {
    "en": (
        "I don't buy this at all, they said the same thing last year.",
        "As if anybody would pay for that.",
        "Great piece, thanks for writing it up.",
        "My brother works there and it's not like that.",
        "Can someone explain why nobody asked the union?",
        "First they close the ferry, now this. What next?",
        "You should have talked to the people who live there.",
    ),
    "zh": (
        "我不信，去年他们也是这么说的。",
        "谁会花这个钱啊。",
        "写得好，谢谢作者。",
        "我哥就在那里上班，根本不是这样。",
        "有人能解释一下为什么没人问工会吗？",
        "先是停了渡轮，现在又来这一出。",
        "你们应该去问问住在那里的人。",
    ),
}
_NOTES: Final = {
    "en": "is a reporter who covers the harbour and its people. She joined the paper in 2011.",
    "zh": "是本报记者，长期关注港口与民生，2011年加入本报。",
}
_SPEAKING: Final = (
    ("story-body", "discussion", "next-up"),
    ("post__content", "replies", "more-stories"),
    ("rich-text", "talk", "river"),
)


class _Template:
    """A host's template, and its pages.

    Args:
        seed: of all that it is made of.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(f"template{seed}")
        self.seed, self.way = seed, ("plain", "continued", "related")[seed % 3]
        self.language = chance.choice(LANGUAGES)
        self.names = {part: _name(chance) for part in _PARTS}
        if chance.random() < 0.5:
            spoken = chance.choice(_SPEAKING)
            self.names |= dict(zip(("art", "comments", "stream"), spoken, strict=True))
        around = ("stream", "comments", "note", "side", "promotion", "notice", "answers")
        self.parts = [part for part in around if chance.random() < 0.5] or ["stream", "comments"]
        chance.shuffle(self.parts)
        self.paragraph = chance.choice(("p", "p", "p", "div"))
        self.look = self.names["section"] if chance.random() < 0.3 else ""
        self.alike = chance.random() < 0.4  # whether next articles look like the article within
        self.inside = chance.random() < 0.5  # whether all stands in one element with the article
        self.tag = chance.choice(("div", "div", "section", "article"))
        self.notice = " ".join(self.sentences(chance, 2))

    def sentences(self, chance: random.Random, count: int) -> list[str]:
        """Return paragraphs of reports."""
        found: list[str] = []
        while len(found) < count:
            found += draft(chance, self.language).lines()
        return found[:count]

    def short(self, chance: random.Random, text: str, low: int, high: int) -> str:
        """Return the beginning of a text: so many characters, fewer where they are Chinese."""
        scale = 1.0 if self.language == "en" else 0.35
        return text[: round(scale * chance.randint(low, high))]

    def paragraphs(self, texts: Sequence[str]) -> str:
        """Return texts as the template's paragraphs."""
        look = f' class="{self.look}"' if self.look else ""
        return "".join(f"<{self.paragraph}{look}>{escape(t)}</{self.paragraph}>" for t in texts)

    def box(self, part: str, markup: str) -> str:
        """Return markup in the element of a part."""
        return f'<div class="{self.names[part]}">{markup}</div>'

    def page(self, number: int) -> tuple[str, str]:
        """Return a page and the text of its article."""
        chance = random.Random(f"{self.seed}/{number}")
        title = escape(headline(chance, self.language))
        text, body = self._body(chance)
        body = f'<{self.tag} class="{self.names["art"]}">{body}</{self.tag}>'
        if self.way == "continued" and chance.random() < 0.25:
            more = self.sentences(chance, chance.randint(2, 8))
            text += more
            body += f'<section class="{self.names["answers"]}y">{self.paragraphs(more)}</section>'
        here = [part for part in self.parts if chance.random() < 0.5]
        around = "".join(self._part(part, chance) for part in here)
        meta = self.box("meta", f"{escape(person(chance, self.language))} 2026-11-{1 + number:02d}")
        story = f"<h1>{title}</h1>{meta}{body}"
        told = self.box("wrap", story + around) if self.inside else self.box("wrap", story) + around
        menu = "".join(f'<a href="/c{i}">{escape(self.names["nav"])}{i}</a> ' for i in range(6))
        html = (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{title}</title></head><body>{self.box('nav', menu)}{told}"
            f"{self.box('foot', '© 2026')}</body></html>"
        )
        return html, "\n".join(text)

    def _body(self, chance: random.Random) -> tuple[list[str], str]:
        kinds = ("report", "short", "list", "interview", "guide")
        kind = chance.choices(kinds, (14, 3, 2, 2, 2))[0]
        if kind == "list":
            lead = self.sentences(chance, 2)
            count = chance.randint(6, 14)
            items = [self.short(chance, t, 20, 60) for t in self.sentences(chance, count)]
            entries = "".join(f"<li>{escape(item)}</li>" for item in items)
            return lead + items, f"{self.paragraphs(lead)}<ul>{entries}</ul>"
        if kind == "interview":
            count = chance.randint(5, 9)
            asked = [self.short(chance, t, 45, 50) + "?" for t in self.sentences(chance, count)]
            text, body = [], ""
            for question, answer in zip(asked, self.sentences(chance, count), strict=True):
                said = answer if chance.random() < 0.6 else self.short(chance, answer, 25, 30)
                text += [question, said]
                body += f"<p><b>{escape(question)}</b></p>{self.paragraphs([said])}"
            return text, body
        if kind == "guide":
            text, body = [], ""
            for _ in range(chance.randint(5, 10)):
                head, said = headline(chance, self.language), self.sentences(chance, 1)
                text += [head, *said]
                body += f"<h3>{escape(head)}</h3>{self.paragraphs(said)}"
            return text, body
        low, high = (1, 3) if kind == "short" else (6, 18)
        text = self.sentences(chance, chance.randint(low, high))
        body = self.paragraphs(text[:1])
        if self.way == "related" and chance.random() < 0.5:
            links = "".join(
                f'<li><a href="/n/{i}">{escape(headline(chance, self.language))}</a></li>'
                for i in range(chance.randint(3, 5))
            )
            body += f"<ul>{links}</ul>"
        return text, body + self.paragraphs(text[1:])

    def _part(self, part: str, chance: random.Random) -> str:
        talk = _COMMENTS["en" if self.language == "en" else "zh"]
        if part == "notice":
            return self.box(part, self.paragraphs([self.notice]))
        if part == "note":
            note = converted(_NOTES["en" if self.language == "en" else "zh"], self.language)
            name = escape(person(chance, self.language))
            return self.box(part, f"<b>{name}</b>{self.paragraphs([note])}")
        if part == "promotion":
            return self.box(part, self.paragraphs([" ".join(self.sentences(chance, 2))]))
        items = ""
        for at in range(chance.choice((1, 3, 5))):
            head = f'<a href="/{part}/{at}">{escape(headline(chance, self.language))}</a>'
            if part == "comments":
                said = converted(" ".join(chance.choices(talk, k=3)), self.language)
                name = escape(person(chance, self.language))
                items += self.box("comment", f"<span>{name}</span>{self.paragraphs([said])}")
            elif part == "stream":
                inner = self.paragraphs(self.sentences(chance, chance.randint(1, 5)))
                inner = self.box("art", inner) if self.alike else inner
                items += self.box("item", f"<h2>{head}</h2>{inner}")
            else:
                said = self.paragraphs(self.sentences(chance, 1))
                items += self.box("teaser", f"<h4>{head}</h4>{said}")
        return self.box(part, items)


def _name(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghjkmnpqrstvwxyz", k=3)) + str(chance.randint(100, 999))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A page: the confidence in it, F1 by itself and with what its host teaches."""

    host: str
    confidence: float
    alone: float
    settled: float
    changed: bool


def _f1(text: str, wanted: str) -> float:
    have, want = word_counts(text), word_counts(wanted)
    both = sum(min(n, want[word]) for word, n in have.items())
    total = sum(have.values()) + sum(want.values())
    return 2 * both / total if total else 1.0


def word_counts(text: str) -> dict[str, int]:
    """Return how often each word stands in a text."""
    counts: dict[str, int] = defaultdict(int)
    for word in words(text.lower()):
        counts[word] += 1
    return counts


def settle_each(host: str, pages: Sequence[tuple[bytes, str]]) -> Iterator[Settled]:
    """Yield each page of a host, settled by what the others teach.

    Args:
        host: name of the host.
        pages: bytes and wanted text of each.
    """
    read: list[tuple[bytes, str, Article]] = []
    for body, wanted in pages:
        try:
            read.append((body, wanted, extract(body)))
        except ExtractError:
            continue
    prints = [footprint(article, host, page_boxes(article)) for _, _, article in read]
    for number, (body, wanted, alone) in enumerate(read):
        others = [*prints[:number], *prints[number + 1 :]]
        taught: set[str] = set()
        for at, page in enumerate(others):
            taught |= decide_boxes(page, [*others[:at], *others[at + 1 :]]).keys()
        text = extract(body, learned=Learned(host=host, boxes=frozenset(taught))).text
        yield Settled(
            host=host,
            confidence=alone.confidence or 0.0,
            alone=_f1(alone.text, wanted),
            settled=_f1(text, wanted),
            changed=text != alone.text,
        )


def _simulated(count: int, first: int) -> Iterator[Settled]:
    for seed in range(first, first + count):
        template = _Template(seed)
        drawn = (template.page(number) for number in range(PAGES))
        yield from settle_each(f"{template.way} {seed}", [(h.encode(), t) for h, t in drawn])


def _gold() -> Iterator[Settled]:
    by_site: dict[str, list[tuple[bytes, str]]] = defaultdict(list)
    for page in load():
        by_site[page.site].append((page.body, page.text))
    for site, pages in by_site.items():
        if len(pages) >= _LEAST_OF_HOST:
            yield from settle_each(site, pages)


def main() -> int:
    """Print what came of the pages by confidence; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=45)
    parser.add_argument("--from", type=int, default=0, dest="first", help="seed of the first host")
    parser.add_argument("--gold", action="store_true", help="hosts of ../shared/gold instead")
    args = parser.parse_args()
    if args.gold and not GOLD.is_dir():
        sys.exit(f"no gold pages at {GOLD}")
    pages = list(_gold() if args.gold else _simulated(args.hosts, args.first))
    heads = word_list("confidence pages settled F1 settled right settled better worse")
    print("".join(f"{head:>12}" for head in heads))
    for name, low, high in (
        ("doubtful", 0.0, SETTLED_BELOW),
        ("confident", SETTLED_BELOW, 1.1),
        ("all", 0.0, 1.1),
    ):
        _print_row(name, [page for page in pages if low <= page.confidence < high])
    worse = [page for page in pages if page.settled < page.alone - _SAME]
    for page in worse:
        print(f"worse: {page}")
    return 1 if worse else 0


def _print_row(name: str, pages: Sequence[Settled]) -> None:
    if not pages:
        return
    figures = (
        f"{len(pages)}",
        f"{sum(page.changed for page in pages)}",
        f"{statistics.mean(page.alone for page in pages):.4f}",
        f"{statistics.mean(page.settled for page in pages):.4f}",
        f"{statistics.mean(page.alone >= 0.95 for page in pages):.3f}",
        f"{statistics.mean(page.settled >= 0.95 for page in pages):.3f}",
        f"{sum(page.settled > page.alone + _SAME for page in pages)}",
        f"{sum(page.settled < page.alone - _SAME for page in pages)}",
    )
    print(f"{name:>12}" + "".join(f"{figure:>12}" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
