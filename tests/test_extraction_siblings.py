"""What a classifier cuts amid its like comes back; what a page says twice is kept once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction import extract
from scraper.extraction.blocks import PageBlocks
from scraper.extraction.copies import copies
from scraper.extraction.features import BlockFeatures, Hints, measure
from scraper.extraction.segmentation import segment
from scraper.extraction.siblings import among_siblings

CUT = "classifier"
LEAD = (
    "The harbour council voted on Monday for a second ferry and against the bridge, which engineers"
    " had drawn for eleven years without finding ground that would carry it."
)
END = (
    "The ferry is to sail every hour between the quay and the island, and council members said that"
    " the bridge would have cost four times as much as the boat and its quay."
)
STEPS = ("Grease the chain", "Tie the barge", "Count the lorries", "Close the gate", "Ring a bell")


def page(markup: str) -> tuple[PageBlocks, BlockFeatures]:
    s = segment(LexborHTMLParser(f"<body>{markup}</body>"))
    return s, measure(s, Hints())


def back(markup: str, cut: Sequence[str], rules: dict[str, str] | None = None) -> list[str]:
    """Return which of the cut lines come back; `rules` are lines that a named rule cut."""
    s, rows = page(markup)
    named = rules or {}
    decided = [named.get(b.text, CUT if b.text in cut else "") for b in s.blocks]
    found = among_siblings(s, rows, decided, CUT.__eq__, "https://paper.example/ferry")
    return [s.blocks[i].text for i in sorted(found)]


def row(text: str, name: str = "step") -> str:
    return f"<div class=row><div class={name}>{text}</div></div>"


def told(*inner: str) -> str:
    return f"<main><p>{LEAD}</p>{''.join(inner)}<p>{END}</p></main>"


def test_a_line_comes_back_where_most_of_its_look_is_kept() -> None:
    assert back(told(*map(row, STEPS)), STEPS[2:3]) == ["Count the lorries"]


@pytest.mark.parametrize(
    ("markup", "cut"),
    [
        pytest.param(told(*map(row, STEPS)), STEPS[1:], id="most of the look is cut"),
        pytest.param(told(*map(row, STEPS[:3])), STEPS[2:3], id="two kept lines are too few"),
        pytest.param(
            told(*map(row, STEPS[:4])) + row(STEPS[4]), STEPS[4:], id="it stands behind the text"
        ),
        pytest.param(
            told(*map(row, STEPS), row("<a href=/b>Bells of the coast</a>")),
            ["Bells of the coast"],
            id="a link",
        ),
        pytest.param(
            told(*map(row, STEPS), row("Sign up for our newsletter")),
            ["Sign up for our newsletter"],
            id="words of furniture",
        ),
        pytest.param(
            told(*map(row, STEPS), row("See plan"), row("See plan")), ["See plan"], id="a label"
        ),
        pytest.param(
            told(*map(row, STEPS), row("Ask the mate", "note")), ["Ask the mate"], id="another look"
        ),
    ],
)
def test_a_line_stays_cut(markup: str, cut: Sequence[str]) -> None:
    assert back(markup, cut) == []


def listed(*items: str) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def test_a_list_between_two_paragraphs_of_a_container_comes_back() -> None:
    assert back(told(listed(*STEPS)), STEPS) == list(STEPS)


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(f"<main><p>{LEAD}</p><p>{END}</p>{listed(*STEPS)}</main>", id="behind it"),
        pytest.param(told(f"<div><div>{listed(*STEPS)}</div></div>"), id="in a box of its own"),
        pytest.param(told(listed(*(f"<a href=/{s}>{s}</a>" for s in STEPS))), id="of links"),
        pytest.param(told(listed("5 May, 12:30", *STEPS)), id="with a time"),
    ],
)
def test_a_list_stays_cut(markup: str) -> None:
    assert back(markup, [*STEPS, "5 May, 12:30"]) == []


def linked(host: str) -> str:
    return listed(*(f"<a href=https://{host}/{s[:3]}>{s}</a>" for s in STEPS))


def test_a_list_of_links_to_other_hosts_comes_back() -> None:
    assert back(told(linked("yard.example")), STEPS) == list(STEPS)
    assert back(told(f"<div>{linked('yard.example')}</div>"), STEPS) == list(STEPS)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(f"<div>{linked('paper.example')}</div>", id="of links to its own host"),
        pytest.param(f"<div><h3>Jobs</h3>{linked('yard.example')}</div>", id="with a heading"),
        pytest.param(f"<div><div>{linked('yard.example')}</div></div>", id="two boxes deep"),
    ],
)
def test_a_list_of_links_stays_cut(box: str) -> None:
    assert back(told(box), [*STEPS, "Jobs"]) == []


def test_a_list_that_a_rule_knows_stays_cut() -> None:
    assert back(told(listed(*STEPS)), STEPS, {STEPS[0]: "share-bar"}) == []


# ── copies ───────────────────────────────────────────────────────────────────────────────────────

TEXT = f"<h2>A second ferry</h2><p>{LEAD}</p><p>{END}</p><p>The mayor rang the bell.</p>"


def again(markup: str) -> list[int]:
    s, rows = page(markup)
    return copies(s, rows, [""] * len(s.blocks))


def test_the_second_and_third_copy_are_cut() -> None:
    widths = "".join(f"<div class=f-{name}>{TEXT}</div>" for name in ("k3x", "z81", "q0a"))
    assert again(widths) == list(range(4, 12))


def test_a_copy_with_a_line_of_its_own_is_cut_on_both_sides_of_it() -> None:
    other = TEXT.replace(f"<p>{END}</p>", f"<p>On a small screen.</p><p>{END}</p>")
    assert again(f"<div>{TEXT}{TEXT}{other}</div>") == [4, 5, 6, 7, 8, 9, 11, 12]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(TEXT, id="said once"),
        pytest.param(TEXT + "<p>Roll on.</p><p>Roll on, tide.</p>" * 9, id="a refrain"),
        pytest.param(f"{TEXT}<p>{LEAD}</p>", id="one paragraph quoted again"),
    ],
)
def test_what_is_repeated_on_purpose_stays(markup: str) -> None:
    assert again(markup) == []


def test_a_page_for_three_widths_gives_its_text_once_and_says_why() -> None:
    body = f"<h1>A second ferry</h1><p>{LEAD}</p><p>{END}</p><p>{LEAD[::-1].title()}</p>"
    html = f"<title>A second ferry</title><div>{body}</div><div>{body}</div><div>{body}</div>"
    article = extract(html.encode(), "https://paper.example/ferry")
    assert article.text.count(LEAD) == 1
    assert article.text.count(END) == 1
    cut = [removed.text for removed in article.removed if removed.rule == "copy"]
    assert cut.count(LEAD) == 2
