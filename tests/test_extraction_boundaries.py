"""Parts of a page: which there are, in which order they are judged, and what is told of them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.boundaries import scan_parts
from scraper.extraction.features import Hints, measure
from scraper.extraction.page_parts import SIGNS, Part
from scraper.extraction.segmentation import segment

LEAD = (
    "The harbour council voted on Monday for a second ferry and against the bridge, which engineers"
    " had drawn for eleven years without finding ground that would carry it.",
    "The ferry is to sail every hour between the quay and the island. Council members said that the"
    " bridge would have cost four times as much.",
)
OWN = "Engineers of the council must now find a quay that carries the second ferry and its lorries."
OTHER = "Readers of novels queue since Tuesday before a shop that sells nothing but first editions."


def told(text: str) -> str:
    return f"<p>{text}</p>"


def parts_of(behind: str, *others: str) -> dict[str, Part]:
    """Return the parts of a page by their headlines; those named are judged to be others."""
    page = f"<body><div><h1>A second ferry</h1>{''.join(map(told, LEAD))}{behind}</div></body>"
    s = segment(LexborHTMLParser(page))
    rows = measure(s, Hints(title="A second ferry"))
    found: dict[str, Part] = {}

    def is_other(part: Part) -> bool:
        found[s.blocks[part.head].text] = part
        return s.blocks[part.head].text in others

    cut = scan_parts(s, rows, [True] * len(s.blocks), "", is_other)
    assert cut == {i for name in others if name in found for i in found[name].blocks}
    return found


def sign(part: Part, name: str) -> float:
    return part.signs[SIGNS.index(name)]


def test_each_headline_with_text_below_it_opens_a_part() -> None:
    found = parts_of(
        f"<h2>What comes next</h2>{told(OWN)}<h2>Share</h2>"
        f"<p><b>A shop in the old town</b></p>{told(OTHER)}"
    )
    assert list(found) == ["What comes next", "Share", "A shop in the old town"]
    assert [len(part.blocks) for part in found.values()] == [2, 3, 2]


def test_the_parts_of_another_article_are_not_judged_again() -> None:
    markup = f"<div><h2>A shop</h2>{told(OTHER)}<h3>Its books</h3>{told(OTHER + OTHER)}</div>"
    assert list(parts_of(markup)) == ["A shop", "Its books"]
    assert list(parts_of(markup, "A shop")) == ["A shop"]


def test_a_part_is_told_by_what_the_article_said_before() -> None:
    found = parts_of(f"<h2>The quay</h2>{told(OWN)}<h2>A shop</h2>{told(OTHER)}")
    own, other = found["The quay"], found["A shop"]
    assert sign(own, "known") > 0.5 > 0.1 > sign(other, "known")


def test_a_part_is_told_by_the_articles_that_were_found_before() -> None:
    again = f"<h2>Its queue</h2>{told(OTHER)}"
    markup = f"<h2>A shop</h2>{told(OTHER)}{again}"
    after_own, after_other = parts_of(markup)["Its queue"], parts_of(markup, "A shop")["Its queue"]
    assert sign(after_own, "known_of_others") == 0
    assert sign(after_other, "known_of_others") == 1
    assert (sign(after_own, "others"), sign(after_other, "others")) == (0, 1)


def test_nothing_is_a_part_before_the_article_has_begun() -> None:
    assert parts_of("") == {}
