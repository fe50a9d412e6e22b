"""Headlines are read with blanks where a reader sees words parted, and nowhere else."""

from __future__ import annotations

import pytest

from scraper.extraction import extract

_TEXT = (
    "<p>The laboratory opened the weights on Monday and says that it will publish each checkpoint "
    "as it is trained by the group.</p><p>Engineers who tried it said that it understood dialects "
    "of the north better than larger systems, though it stumbles over numbers.</p>"
)


def _title(heading: str) -> str:
    page = (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>North Lab</title></head>"
        f"<body><article><h1>{heading}</h1>{_TEXT}</article></body></html>"
    )
    return extract(page.encode(), "https://lab.example/a").title


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("The i<em>Lamp</em>&rsquo;s model reads lips", "The iLamp’s model reads lips"),
        ("<span>W</span>hat <i>robots</i>, if any, want", "What robots, if any, want"),
        ("Lamps<span>:</span> <span>a test</span>", "Lamps: a test"),
        ("Micro&shy;phones in a tide&shy;pool", "Microphones in a tidepool"),
        ("A word&ZeroWidthSpace;break and a &NoBreak;joiner", "A wordbreak and a joiner"),
        ("H<sub>2</sub>O models are open", "H2O models are open"),
        ("<code>wc</code>, <b>read</b> anew", "wc, read anew"),
    ],
)
def test_markup_within_a_word_parts_nothing(heading: str, title: str) -> None:
    assert _title(heading) == title


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<span>Robots</span><span>mend the wall</span>", "Robots mend the wall"),
        ("<a href=/h>Harbour</a><a href=#>notes</a> tonight", "Harbour notes tonight"),
        ("Robots<br>mend the wall<div>of the harbour</div>", "Robots mend the wall of the harbour"),
        ("What the wall eats<sup>1</sup>", "What the wall eats 1"),
        ("<p>Robots</p><p>mend the wall</p>", "Robots mend the wall"),
    ],
)
def test_lines_and_elements_side_by_side_are_words_of_their_own(heading: str, title: str) -> None:
    assert _title(heading) == title
