"""Segmentation: nothing that a reader sees is lost, in whatever form pages write paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.blocks import MAX_DEPTH, PageBlocks
from scraper.extraction.features import FEATURES, Hints, measure
from scraper.extraction.segmentation import segment


def cut(html: str) -> PageBlocks:
    return segment(LexborHTMLParser(html))


def texts(html: str) -> list[str]:
    return [block.text for block in cut(html).blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One <b>two</b> <a href=x>three</a>.</p>", ["One two three."]),
        ("<div>One<br>two<br><br>three</div>", ["One", "two", "three"]),
        ("<section>One<section>two</section>three</section>", ["One", "two", "three"]),
        ("<div><div>One</div><div>two</div></div>", ["One", "two"]),
        ("<span style='display:block'>a</span><span style='DISPLAY : block'>b</span>", ["a", "b"]),
        ("bare text<hr>and more", ["bare text", "and more"]),
        ("<p>One</p></body></html><p>after the end</p>", ["One", "after the end"]),
        ("<html><body><p>One</p></html>tail<p>two</p>", ["One", "tail", "two"]),
        ("<p>refrain</p><p>verse</p><p>refrain</p>", ["refrain", "verse", "refrain"]),
        ("<script>no</script><style>no</style><template>no</template><p>yes</p>", ["yes"]),
        ("<select><option>no</select><textarea>no</textarea><p>yes</p>", ["yes"]),
        ("<pre>a\n  b</pre>", ["a\n  b"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("<p>zero\u200bwidth so\u00adft  and\n\n spaces</p>", ["zerowidth soft and spaces"]),
        ("<p> \n\t </p><div></div>", []),
        ("", []),
    ],
)  # fmt: skip
def test_blocks(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


def test_links_bold_and_buttons_are_counted() -> None:
    block = cut("<p><a href=/x>link</a> <b>bold</b> plain</p>").blocks[0]
    assert (block.link_chars, block.links, block.href, block.bold_chars) == (4, 1, "/x", 4)
    assert cut("<button>Press</button>").blocks[0].button_chars == 5


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<div style='display: none'><p>x</p></div>", 1.0),
        ("<div hidden><p>x</p></div>", 1.0),
        ("<div style='visibility:hidden'>x</div>", 1.0),
        ("<span style='display:none'>x</span>", 1.0),
        ("<div aria-hidden=true><p>x</p></div>", 0.5),
        ("<div><p>x</p></div>", 0.0),
    ],
)
def test_hidden_elements_are_marked_with_all_that_is_in_them(html: str, hidden: float) -> None:
    segments = cut(html)
    assert segments.hidden[segments.blocks[0].container] == hidden


def test_hidden_state_ends_with_its_element() -> None:
    segments = cut("<div hidden><p>a</p></div><p>b</p>")
    assert [segments.hidden[b.container] for b in segments.blocks] == [1.0, 0.0]


def test_place_names_the_way_from_the_body() -> None:
    segments = cut("<div class='main wide'><ul id=list><li>x</li></ul></div>")
    assert segments.places()[0] == "body > div.main > ul > li"


def test_depth_is_bounded_and_text_is_kept() -> None:
    deep = "<h1>far</h1><p>deep <b>down</b></p><p>below</p>"
    segments = cut("<div>" * 3000 + deep + "</div>" * 3000 + "<p>after</p>")
    assert [block.text for block in segments.blocks] == ["far", "deep down", "below", "after"]
    assert max(segments.depths) <= MAX_DEPTH + 1
    assert len(measure(segments, Hints()).rows) == 4


def test_every_row_has_every_feature() -> None:
    menu = "<nav><ul><li><a href=/>Home</a></ul></nav>"
    page = f"{menu}<h1>Title</h1><p>Some text, and more of it, to read.</p>"
    rows = measure(cut(page), Hints(title="Title", summary="Some", body="Some text")).rows
    assert [len(row) for row in rows] == [len(FEATURES)] * 2  # the menu's entry is none
    assert len(set(FEATURES)) == len(FEATURES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<br>", "word ", "<b>", "</b>", "<table>", "<td>", "</html>",
     "<a href=#>", "</a>", "<li>", "<span style=display:block>", "</span>", "<pre>", "文字。"]
), max_size=40))  # fmt: skip
def test_no_word_is_lost_however_tags_are_muddled(parts: list[str]) -> None:
    segments = cut("".join(parts))
    joined = "".join(block.text for block in segments.blocks)
    assert joined.count("word") == parts.count("word ")
    assert joined.count("文字。") == parts.count("文字。")
    measured = measure(segments, Hints())
    assert len(measured.rows) == len(measured.candidates) <= len(segments.blocks)
