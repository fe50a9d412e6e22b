"""Readings, invisible characters, pictures of characters and shadow roots in a line of text."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.glyph_images import characters_of_image
from scraper.extraction.ruby import ruby_text
from scraper.extraction.segmentation import segment
from scraper.extraction.shadow_roots import open_shadow_roots
from scraper.text.invisible import without_invisible


def texts(html: str) -> list[str]:
    return [block.text for block in segment(LexborHTMLParser(html)).blocks]


@pytest.mark.parametrize(
    ("base", "above", "expected"),
    [
        ("港", "ㄍㄤˇ", ""), ("表示", "ひょうじ", ""), ("漢字", "hàn zì", ""),
        ("漢字", "hanzi", ""), ("木霊", "echo", "（echo）"),
        ("西安", "xian", ""), ("香港", "hoeng1 gong2", ""), ("大韓", "대한", ""),
        ("推論", "inference", "（inference）"), ("WWW", "World Wide Web", " (World Wide Web)"),
    ],
)  # fmt: skip
def test_readings_go_and_meanings_stay(base: str, above: str, expected: str) -> None:
    assert ruby_text(base, above) == expected


# Letters of tags: the flag of Scotland, and words that no reader sees.
_FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
_TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all rules")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deep\u200cSeek", "DeepSeek"), ("海港\u200d實驗室", "海港實驗室"), ("so\u00adft", "soft"),
        ("a\u200eb", "ab"), ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",) * 2,
        ("\u0915\u094d\u200d\u0937",) * 2, ("\U0001f468\u200d\U0001f469\u200d\U0001f467",) * 2,
        ("\u05d0\u200e!",) * 2, (_FLAG + "!",) * 2, (_FLAG + _TAGS + "!", _FLAG + "!"),
        ("caf\u00e9" + _TAGS, "caf\u00e9"), ("\u845b\U000e0100",) * 2,
        ("\u845b\U000e0100\U000e0161\U000e0172", "\u845b"),
    ],
)  # fmt: skip
def test_invisible_characters(text: str, expected: str) -> None:
    assert without_invisible(text) == expected


# Elements that HTML does not know or has given up, and some that it knows.
ELEMENTS = [
    *(
        "stock-ticker",
        "gl-emoji",
        "g-emoji",
        "glossary-term",
        "x-tooltip",
        "entity-link",
        "bsp-term",
        "o:p",
        "st1:place",
        "w:sdt",
        "v:shape",
        "fb:like",
    ),
    *(
        "foo",
        "font",
        "tt",
        "big",
        "strike",
        "nobr",
        "acronym",
        "blink",
        "marquee",
        "applet",
        "multicol",
        "rb",
        "spacer",
        "slot",
    ),
    *(
        "button",
        "label",
        "output",
        "meter",
        "time",
        "abbr",
        "data",
        "mark",
        "ins",
        "del",
        "u",
        "small",
        "dfn",
        "basefont",
        "nextid",
    ),
]


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_within_a_line_does_not_end_it(name: str) -> None:
    html = f"<div>The price of <{name}>Oat</{name}>, she said.</div>"
    assert texts(html) == ["The price of Oat, she said."]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<news-card>A</news-card><news-card>B</news-card>", ["A", "B"]),
        ("<app-root><div>one</div></app-root>two", ["one", "two"]),
        ("<p>Text ends. <button>Read more</button></p>", ["Text ends.", "Read more"]),
        ("<p>so cold<span hidden>not shown</span> in winter</p>", ["so cold in winter"]),
        ("<p><span class=dropcap>W</span>hen</p>", ["When"]),
        ("<div class=dropcap>A</div> ship came", ["A ship came"]),
        ("<div class=drop-cap>T</div><p>he calls</p>", ["The calls"]),
        ("<p><span style='float:left'>清</span>晨五点</p>", ["清晨五点"]),
        ("<div>A</div><div>Apple</div>", ["A", "Apple"]),
        ("<p><span style='display:block'>问</span>为什么</p>", ["问", "为什么"]),
        (
            "<p><b class=dropcap aria-hidden=true>W</b><span class=sr-only>When</span> it</p>",
            ["When it"],
        ),
        ("<p>2<sup>2<sup>n</sup></sup></p>", ["2^(2^n)"]),
        ("<p>seen <sup><a href='#n1'>1</a></sup></p>", ["seen [1]"]),
        ("<p>A note. <a href='#r1'>↩︎</a></p>", ["A note."]),
    ],
)
def test_lines(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img alt='🎉'>", "🎉"), ("<img alt='[鼓掌]'>", "[鼓掌]"), ("<img alt='[图片]'>", ""),
        ("<img class=emoji alt=':tada:'>", ":tada:"), ("<img class=smiley alt='微笑'>", "[微笑]"),
        ("<img alt='The harbour'>", ""), ("<img class=emoji alt='The harbour'>", ""),
    ],
)  # fmt: skip
def test_pictures_of_characters(html: str, expected: str) -> None:
    image = LexborHTMLParser(html).css_first("img")
    assert image is not None
    assert characters_of_image(image) == expected


def test_shadow_roots_stand_in_their_place_and_fill_their_slots() -> None:
    tree = LexborHTMLParser(
        "<x-a><template shadowrootmode=open><h2><slot name=t>no</slot></h2><p>one</p><slot></slot>"
        "<x-b><template shadowrootmode=closed><p>two</p></template></x-b></template>"
        "<p>light</p><b slot=t>Title</b></x-a><template><p>not shown</p></template>"
    )
    open_shadow_roots(tree)
    blocks = [block.text for block in segment(tree).blocks]
    assert blocks == ["Title", "one", "light", "two"]
