"""Parts of a ranking come back where most of their like are kept, and headings over kept lists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures, Hints, measure
from scraper.extraction.restoration import belonging
from scraper.extraction.segmentation import segment
from scraper.extraction.series import parts_of_series
from scraper.extraction.small_boxes import box_headings

CUT = "classifier"
BOATS = ("Anna", "Berta", "Carla", "Dora", "Elsa", "Frida")


def page(markup: str) -> tuple[PageBlocks, BlockFeatures]:
    s = segment(LexborHTMLParser(f"<body>{markup}</body>"))
    return s, measure(s, Hints())


def told(name: str) -> str:
    return (
        f"The {name} was built at the old yard and has carried lorries to the island for nine"
        " years, and her crew says that she has never once turned back before the pier."
    )


def part(name: str, head: str = "{}", look: str = "boat") -> str:
    title = f"<h3>{head.format(name)}</h3>"
    return (
        f"<section class={look}>{title}<p>Berths: {len(name)}</p><div>{told(name)}</div></section>"
    )


def back(parts: str, cut: Collection[str], rules: dict[str, str] | None = None) -> list[str]:
    """Return which blocks come back of those that hold one of some names."""
    s, rows = page(f"<main>{parts}</main>")
    named = rules or {}
    decided = [next((named.get(name, CUT) for name in cut if name in b.text), "") for b in s.blocks]
    # The line of berths names no boat: it goes with the heading over it.
    for i, block in enumerate(s.blocks):
        if block.text.startswith("Berths"):
            decided[i] = decided[i - 1]
    return [s.blocks[i].text for i in sorted(parts_of_series(s, rows, decided, CUT.__eq__))]


def test_the_last_parts_of_a_series_come_back_whole() -> None:
    found = back("".join(map(part, BOATS)), BOATS[4:])
    assert found == ["Elsa", "Berths: 4", told("Elsa"), "Frida", "Berths: 5", told("Frida")]


def test_the_first_part_of_a_series_comes_back_and_one_amid_it() -> None:
    assert back("".join(map(part, BOATS)), ("Anna", "Dora"))[::3] == ["Anna", "Dora"]


@pytest.mark.parametrize(
    ("parts", "cut"),
    [
        pytest.param("".join(map(part, BOATS[:4])), BOATS[2:4], id="two kept parts are too few"),
        pytest.param("".join(map(part, (*BOATS, "Gerda"))), (*BOATS[3:], "Gerda"), id="most cut"),
        pytest.param(
            "".join(map(part, BOATS[:5])) + part("Frida", '<a href="/frida">{}</a>'),
            ("Frida",),
            id="its heading leads elsewhere",
        ),
        pytest.param(
            "".join(map(part, BOATS[:5])) + part("Frida", look="card"),
            ("Frida",),
            id="another look",
        ),
        pytest.param(
            f"<div>{''.join(map(part, BOATS[:5]))}</div><div>{part('Frida')}</div>",
            ("Frida",),
            id="beside the series",
        ),
        pytest.param(
            "".join(f"<section class=boat><p>{told(name)}</p></section>" for name in BOATS),
            ("Frida",),
            id="no part has a heading",
        ),
    ],
)
def test_a_part_stays_cut(parts: str, cut: Collection[str]) -> None:
    assert back(parts, cut) == []


def test_a_part_that_a_rule_knows_stays_cut() -> None:
    assert back("".join(map(part, BOATS)), ("Frida",), {"Frida": "sponsored"}) == []


# ── headings ─────────────────────────────────────────────────────────────────────────────────────


def headings(markup: str, cut: Collection[str]) -> list[str]:
    s, rows = page(f"<main><p>{told('Anna')}</p>{markup}<p>{told('Berta')}</p></main>")
    decided = [CUT if block.text in cut else "" for block in s.blocks]
    found = belonging(s, rows, decided, CUT.__eq__, "https://paper.example/boats")
    return [s.blocks[i].text for i in sorted(found)]


def test_a_heading_over_a_kept_list_comes_back() -> None:
    markup = "<section><h3>Strong points</h3><ul><li>Quiet</li><li>Sturdy</li></ul></section>"
    assert headings(markup, ["Strong points"]) == ["Strong points"]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(
            "<section><h3>Strong points</h3><p>Ask us</p><ul><li>Quiet</li></ul></section>",
            id="what it stands over is cut",
        ),
        pytest.param(
            "<section><h3><a href=/s>Strong points</a></h3><ul><li>Quiet</li></ul></section>",
            id="it is a link",
        ),
        pytest.param(
            "<section><b>Strong points</b><ul><li>Quiet</li></ul></section>", id="it is no heading"
        ),
    ],
)
def test_a_heading_stays_cut(markup: str) -> None:
    assert headings(markup, ["Strong points", "Ask us"]) == []


# ── the headline's own box ───────────────────────────────────────────────────────────────────────


def headed(over: str, title: str) -> list[str]:
    """Return the headings that are cut since they are all that is kept of their box."""
    lines = f"<h3>{over}</h3><p>By Ann Lee and Bo Grant</p><p>Posted at the pier</p>"
    s, rows = page(f"<header><h1>A second ferry</h1>{lines}</header><p>{told('Anna')}</p>")
    texts = [block.text for block in s.blocks]
    kept = (over, told("Anna"))
    decided = ["" if text in kept else CUT for text in texts]
    rows = replace(rows, title=texts.index(title) if title else -1)
    return [texts[i] for i in box_headings(s, rows, decided)]


def test_a_standfirst_is_no_heading_of_a_box() -> None:
    over = "The council wants a boat rather than a bridge"
    assert headed(over, "A second ferry") == []
    assert headed(over, "") == [over]
