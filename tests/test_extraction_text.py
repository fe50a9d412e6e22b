"""Rendering: plain text with one paragraph a line, and Markdown that keeps structure and order."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.markdown import TextLine, render
from scraper.extraction.segmentation import segment


def both(html: str) -> tuple[str, str]:
    segments = segment(LexborHTMLParser(html))
    lines = [TextLine(i, block.text) for i, block in enumerate(segments.blocks)]
    return render(segments, lines, "http://site.example/a/b.html")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>Head</h2><p>Text</p>", "## Head\n\nText"),
        ("<p>a <b>b</b> <i>c</i> <code>d_e</code></p>", "a **b** *c* `d_e`"),
        ("<p>see <a href='../x'>this</a>.</p>", "see [this](http://site.example/x)."),
        ("<p><a href='javascript:x()'>plain</a></p>", "plain"),
        ("<p><b>bold <a href='/x'>link</a></b></p>", "**bold [link](http://site.example/x)**"),
        ("<ul><li>one</li><li>two</li></ul><p>end</p>", "- one\n- two\n\nend"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<ul><li>one<ul><li>in</li></ul></li><li>two</li></ul>", "- one\n  - in\n- two"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<pre>x = 1\n  y = 2</pre>", "```\nx = 1\n  y = 2\n```"),
        (
            "<table><tr><th>a<th>b</tr><tr><td>1<td>2|3</tr></table>",
            "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |",
        ),
        ("<table><tr><td><p>a</p><p>b</p><p>c</p></td></tr></table>", "a\n\nb\n\nc"),
        ("<figure><img src=x><figcaption>A tree</figcaption></figure><p>t</p>", "*A tree*\n\nt"),
        ("<p>2 * [x] #</p><p># no</p><p>1. no</p>", "2 \\* \\[x\\] #\n\n\\# no\n\n1\\. no"),
        ("<p>&lt;script&gt;</p>", "\\<script>"),
        ("<h3>Why?</h3><p>A.</p><h3>How?</h3><p>B.</p>", "### Why?\n\nA.\n\n### How?\n\nB."),
    ],
)  # fmt: skip
def test_markdown(html: str, markdown: str) -> None:
    assert both(html)[1] == markdown


def test_plain_text_has_a_paragraph_a_line_and_a_table_row_a_line() -> None:
    html = "<h2>Head</h2><p>a <b>b</b></p><table><tr><td>1<td>2</tr><tr><td>3<td>4</tr></table>"
    assert both(html)[0] == "Head\na b\n1 | 2\n3 | 4"


def test_a_trimmed_block_is_rendered_from_what_is_left() -> None:
    segments = segment(LexborHTMLParser("<p>body <a href=/x>link</a> (editor: x)</p>"))
    assert render(segments, [TextLine(0, "body link")]) == ("body link", "body link")
