"""Markdown means what the page meant: it is rendered by a CommonMark parser and compared."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.dependent_parts import code_controls
from scraper.extraction.images import find_images
from scraper.extraction.markdown import TextLine, render
from scraper.extraction.segmentation import segment

BASE = "http://site.example/a/b.html"
CONTAINERS = {"bullet_list_open": "ul", "ordered_list_open": "ol", "blockquote_open": "quote"}


def both(page: str, base: str = BASE) -> tuple[str, str]:
    s = segment(LexborHTMLParser(page))
    lines = [TextLine(i, block.text) for i, block in enumerate(s.blocks)]
    return render(s, lines, base, find_images(s, range(len(s.blocks)), base))


def rendered(markdown: str) -> list[tuple[str, str]]:
    """Path and text of each piece of text, as a CommonMark parser sees them."""
    found: list[tuple[str, str]] = []
    path: list[str] = []
    row: list[str] | None = None
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        name = CONTAINERS.get(token.type)
        if name:
            path.append(name)
        elif token.type.removesuffix("_close") + "_open" in CONTAINERS:
            path.pop()
        elif token.type == "heading_open":
            path.append(token.tag)
        elif token.type == "heading_close":
            path.pop()
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            found.append(("/".join([*path, "row"]), "|".join(row or [])))
            row = None
        elif token.type == "inline":
            text = "".join(c.content for c in token.children or [] if c.type != "image")
            if row is not None:
                row.append(text)
            elif text or not any(c.type == "image" for c in token.children or []):
                found.append(("/".join(path), text))
        elif token.type == "fence":
            found.append(("/".join([*path, "code"]), token.content.rstrip("\n")))
    return found


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


WORDS = st.sampled_from(
    ["词语", "好。", "“引语”", "word", "a*b", "x_y", "[1]", "1.", "2)", "- no", "# no", "> no",
     "`t`", "<b>", "&lt;", "&amp", "!", "\\", "~~~", "===", "---", "+ p", "5 * 3 * 2", "|", "，",
     "http://x.example/a_b_c"]
)  # fmt: skip
INLINE = st.recursive(
    WORDS.map(lambda word: html.escape(word)),
    lambda inner: st.builds(
        lambda tag, parts, gap: f"<{tag}>{gap.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(["b", "strong", "i", "em", "code", "span", "a href=/x_(y)", "a href=#f"]),
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["", " "]),
    ),
    max_leaves=5,
)
TEXT = st.builds(
    lambda parts, gap: gap.join(parts),
    st.lists(INLINE, min_size=1, max_size=4),
    st.sampled_from(["", " "]),
)
Tree = tuple[str, list[object]]


def trees() -> st.SearchStrategy[object]:
    leaf = st.tuples(st.sampled_from(["p", "h2", "h4"]), TEXT)
    return st.recursive(
        leaf,
        lambda inner: st.tuples(
            st.sampled_from(["ul", "ol", "blockquote"]), st.lists(inner, min_size=2, max_size=3)
        ),
        max_leaves=6,
    )


def source(tree: object, path: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """HTML of a tree, and the path of each of its paragraphs."""
    kind, held = tree  # type: ignore[misc]
    if isinstance(held, str):
        # A heading in a list makes the list a row of sections; that case has a test of its own.
        tag = "p" if path and kind != "p" else kind
        name = [] if tag == "p" else [tag]
        return f"<{tag}>{held}</{tag}>", ["/".join([*path, *name])]
    name = "quote" if kind == "blockquote" else kind
    parts, paths = [], []
    for child in held:
        markup, inside = source(child, (*path, name))
        parts.append(f"<li>{markup}</li>" if kind != "blockquote" else markup)
        paths += inside
    return f"<{kind}>{''.join(parts)}</{kind}>", paths


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(trees(), min_size=1, max_size=4))
def test_structure_and_text_are_those_of_the_page(pages: list[object]) -> None:
    # A last paragraph that outweighs the rest: else one quotation around everything is layout.
    made = [source(tree) for tree in pages] + [("<p>" + "the end " * 200 + "</p>", [""])]
    markup = "".join(part for part, _ in made)
    paths = [path for _, inside in made for path in inside]
    plain, markdown = both(markup)
    got = rendered(markdown)
    assert [flat(text) for _, text in got] == [flat(line) for line in plain.split("\n")], markdown
    # Headings have no gaps between their levels.
    if any(path.endswith("h2") for path in paths):
        paths = [path.removesuffix("h4") + "h3" * path.endswith("h4") for path in paths]
    assert [path for path, _ in got] == paths, markdown


@settings(max_examples=25, deadline=None, derandomize=True)
@given(TEXT)
def test_emphasis_and_links_never_show_their_signs(text: str) -> None:
    plain, markdown = both(f"<p>{text}</p>")
    assert [flat(t) for _, t in rendered(markdown)] == [flat(plain)] if plain else not markdown
    targets = re.findall(r'href="([^"]*)"', MarkdownIt("commonmark").render(markdown))
    assert set(targets) <= {"http://site.example/x_%28y%29"}


@pytest.mark.parametrize(
    ("page", "markdown"),
    [
        # numbers
        ("<ol start=4><li>a</li><li>b</li><li value=9>c</li></ol>", "4. a\n5. b\n9. c"),
        ("<ol reversed><li>a</li><li>b</li></ol>", "2. a\n1. b"),
        ("<p>2024. It was.</p><p>3) three</p>", "2024\\. It was.\n\n3\\) three"),
        # lists and quotations in one another
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   - b\n2. c"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n- c"),
        (
            "<blockquote>a<blockquote>b</blockquote></blockquote><p>long enough an ending</p>",
            "> a\n>\n> > b\n\nlong enough an ending",
        ),
        # a row of sections is no list
        (
            "<ul><li><h3>Q1</h3><p>A1</p></li><li><h3>Q2</h3><p>A2</p></li></ul>",
            "### Q1\n\nA1\n\n### Q2\n\nA2",
        ),
        ("<dl><dt>Term</dt><dd>What it is.</dd></dl>", "**Term**\n\nWhat it is."),
        # code
        (
            "<pre><code class='language-python'>a = `b`\nif a:\n    c</code></pre>",
            "```python\na = `b`\nif a:\n    c\n```",
        ),
        ("<p>use <code>a`b</code></p>", "use `` a`b ``"),
        # tables
        (
            "<table><tr><th colspan=2>a<th>b</tr><tr><td>1<td><td>3</tr></table>",
            "| a | b |\n| --- | --- |\n| 1 | 3 |",
        ),
        (
            "<table><caption>Prices</caption><tr><th>a<th>b<th>c</tr>"
            "<tr><td>1<td><td>3</tr><tr><td>4<td>5<td>6</tr></table>",
            "*Prices*\n\n| a | b | c |\n| --- | --- | --- |\n| 1 |  | 3 |\n| 4 | 5 | 6 |",
        ),
        (
            "<table><tr><th>a<th>b</tr><tr><td rowspan=2>x<td>1</tr><tr><td>2</tr></table>",
            "| a | b |\n| --- | --- |\n| x | 1 |\n|  | 2 |",
        ),
        # emphasis beside Chinese
        ("<p>他说<b>“好。”</b>然后走了</p>", "他说“**好**。”然后走了"),
        ("<p><b>一</b><b>二</b>三</p>", "**一二**三"),
        # lines of a poem, an address or a heading are no paragraphs; indented ones are
        ("<p>A forest<br>is grey.<br><br>Hold it.</p>", "A forest\\\nis grey.\n\nHold it."),
        ("<td>　　一天。<br>　　二天。</td>", "一天。\n\n二天。"),
        ("<h2>One<br>two</h2><p>Text.</p>", "## One two\n\nText."),
        ("<ul><li>a<br>b</li><li>c</li></ul>", "- a\\\n  b\n- c"),
        # headings below the article's own, without gaps and stars
        ("<h1>A</h1><h4><b>B</b></h4><p>Text.</p>", "## A\n\n### B\n\nText."),
        # a list that stands in a list, not in an item of it; boxes to tick
        ("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c"),
        (
            "<ul><li><input type=checkbox checked> a</li><li><label><input type=checkbox> b"
            "</label></li></ul>",
            "- [x] a\n- [ ] b",
        ),
        # code and tables within lists
        (
            "<ol><li><p>a</p><pre>x</pre></li><li>b</li></ol>",
            "1. a\n\n   ```\n   x\n   ```\n2. b",
        ),
        ("<p>1 &lt; 2 &gt; 0 [see]</p><p>&gt; no</p>", "1 < 2 > 0 [see]\n\n\\> no"),
        # parts that open, breaks, struck words, quotations
        ("<details><summary>Why</summary><p>So.</p></details>", "**Why**\n\nSo."),
        ("<div><p>One.</p><hr><p>Two.</p></div>", "One.\n\n---\n\nTwo."),
        ("<div><hr><p>One.</p><hr></div>", "One."),
        ("<p>is <del>not</del> done ~~ yet</p>", "is ~~not~~ done \\~~ yet"),
        ("<p>he said <q>no</q> twice</p>", "he said “no” twice"),
        # powers and indices
        ("<p><i>x<sub>i</sub></i> and a_b</p>", "*x_i* and a_b"),
        # links that lead to no other page
        ("<p>a<a href='#note1'>[1]</a></p>", "a[1]"),
        ("<p>see!<a href='/x'>this</a></p>", "see\\![this](http://site.example/x)"),
    ],
)
def test_markdown_of_what_pages_hold(page: str, markdown: str) -> None:
    assert both(page)[1] == markdown


NOTES = [
    # by the element that a mark links to, whatever it is
    ("<ol><li id=n1>Said. <a href='#r1'>↩</a></li></ol>", "[^1]: Said."),
    ("<p id=n1><sup>1</sup> Said.</p>", "[^1]: Said."),
    ("<p><a href='#r1' name=n1>[1]</a> Said.</p>", "[^1]: Said."),
    ("<p id=n1>[1] Said.</p>", "[^1]: Said."),
    ("<dl><dt id=n1>1</dt><dd>Said.</dd></dl>", "[^1]: Said."),
    ("<div><span id=n1>1.</span> Said.</div>", "[^1]: Said."),
    ("<aside id=n1><span>[1]</span><p>Said.</p><p>More.</p></aside>", "[^1]: Said.\n\n    More."),
    # no note: a mark that leads nowhere, or to what stands before
    ("<p>Nothing.</p>", None),
]


@pytest.mark.parametrize(("note", "expected"), NOTES)
def test_notes_stand_with_their_marks(note: str, expected: str | None) -> None:
    page = f"<p>A long enough sentence.<sup><a href='#n1'>1</a></sup></p><p>Another one.</p>{note}"
    plain, markdown = both(page)
    mark = "[^1]" if expected else "[1]"
    start = f"A long enough sentence.{mark}\n\nAnother one.\n\n"
    assert markdown == start + (expected or "Nothing.")
    assert plain.startswith("A long enough sentence.[1]\nAnother one.\n")


def test_a_note_beside_its_line_stands_behind_the_paragraph() -> None:
    note = "<span class=sidenote>So <i>they</i> say.</span>"
    plain, markdown = both(f"<p>It is old.{note} It is worn.</p><p>Next.{note}</p><p>End.</p>")
    assert markdown == (
        "It is old.[^1] It is worn.\n\n[^1]: So *they* say.\n\n"
        "Next.[^2]\n\n[^2]: So *they* say.\n\nEnd."
    )
    assert plain.startswith("It is old.[1] It is worn.\nSo they say.\nNext.[2]\n")


def test_a_live_report_has_its_times_in_front_of_its_updates() -> None:
    times = ["9.10am BST", "10:42", "15:05"]
    items = "".join(f"<li><b>{at}</b><div>Something happened here.</div></li>" for at in times)
    assert both(f"<p>As it happened.</p><ul>{items}</ul>")[
        1
    ] == "As it happened.\n\n" + "\n\n".join(
        f"**{at}**\n\nSomething happened here." for at in times
    )
    # A list of two times is none.
    few = items[: items.rindex("<li>")]
    assert both(f"<p>As it happened.</p><ul>{few}</ul>")[1].count("\n- ") == 2


CODE = "if a:\n    b()\n\nc()"
LISTINGS = [
    "<pre><code class='language-python'>if a:\n    b()\n\nc()\n</code></pre>",
    "<div class='highlight-python'><div class=highlight><pre>if a:\n    b()\n\nc()\n"
    "</pre></div></div>",
    "<pre class='sourceCode python'><code>if a:\n    b()\n\nc()</code></pre>",
    "<pre data-lang=python>if a:<br>    b()<br><br>c()</pre>",
    "<pre class='hljs python'><div>if a:</div><div>    b()</div><div><br></div><div>c()"
    "</div></pre>",
    "<pre class='shiki' data-language=python><code><span class=line>if a:</span>\n"
    "<span class=line>    b()</span>\n<span class=line></span>\n"
    "<span class=line>c()</span></code></pre>",
    "<pre class=language-python><code>if a:</code><code>    b()</code><code></code>"
    "<code>c()</code></pre>",
    "<pre class=language-python><button>Copy</button><span class=line-numbers-rows>1\n2</span>"
    "if a:\n    b()\n\nc()</pre>",
    "<figure class='highlight python'><table><tr><td class=gutter><pre>1<br>2<br>3<br>4</pre></td>"
    "<td class=code><pre><span class=line>if a:</span><br><span class=line>    b()</span><br>"
    "<span class=line></span><br><span class=line>c()</span><br></pre></td></tr></table></figure>",
    "<div><span>Python</span><pre class=language-python>if a:\n    b()\n\nc()"
    "</pre><p>Copy code</p></div>",
    "<table class=highlighttable><tr><td class=linenos><pre>1\n2\n3\n4</pre></td><td class=code>"
    "<pre class=lang-python>if a:\n    b()\n\nc()</pre></td></tr></table>",
]


@pytest.mark.parametrize("page", LISTINGS)
def test_code_is_read_without_its_furniture(page: str) -> None:
    s = segment(LexborHTMLParser(f"<p>Before it.</p>{page}<p>Behind it.</p>"))
    cut = code_controls(s)
    lines = [TextLine(i, block.text) for i, block in enumerate(s.blocks) if i not in cut]
    plain, markdown = render(s, lines, BASE)
    assert plain == f"Before it.\n{CODE}\nBehind it."
    assert markdown == f"Before it.\n\n```python\n{CODE}\n```\n\nBehind it."


PICTURE = "![](http://site.example/p/1.jpg)"
BEFORE, AFTER = "<p>Before the picture.</p>", "<p>After the picture.</p>"


@pytest.mark.parametrize(
    "image",
    [
        "<img src=/p/1.jpg>",
        "<p><img src=/p/1.jpg></p>",
        "<p><img src='data:image/gif;base64,R0' data-src=/p/1.jpg></p>",
        "<p><img src=/static/placeholder.png data-original=/p/1.jpg></p>",
        "<img srcset='/p/0.jpg 320w, /p/1.jpg 1280w, /p/2.jpg 640w'>",
        "<picture><source srcset='/p/1.jpg 2x, /p/2.jpg 1x'><img src='data:x'></picture>",
        "<a href=/p/1-large.jpg><img src=/p/1.jpg></a>",
        "<p><img src='data:x'><noscript><img src=/p/1.jpg></noscript></p>",
        "<p><img src='data:x' data-src=/p/1.jpg><noscript><img src=/p/1.jpg></noscript></p>",
    ],
)
def test_a_picture_stands_where_it_stood(image: str) -> None:
    plain, markdown = both(f"<article>{BEFORE}{image}{AFTER}</article>")
    assert markdown == f"Before the picture.\n\n{PICTURE}\n\nAfter the picture."
    assert plain == "Before the picture.\nAfter the picture."


@pytest.mark.parametrize(
    "image",
    [
        "<img src=/p/1.jpg width=1 height=1>",
        "<img src=/icons/arrow.png>",
        "<img class=avatar src=/u/7.jpg>",
        "<img src=/p/1.jpg alt=扫描二维码关注>",
        "<div class=qrcode><img src=/p/1.jpg></div>",
        "<img src='data:image/png;base64,AAAA'>",
        "<a href=http://shop.example/buy><img src=/p/1.jpg></a>",
        "<div style='display:none'><img src=/p/1.jpg></div>",
        "<img src='javascript:x()'>",
    ],
)
def test_furniture_is_no_picture(image: str) -> None:
    assert both(f"<article>{BEFORE}{image}{AFTER}</article>")[1] == (
        "Before the picture.\n\nAfter the picture."
    )


def test_a_caption_stands_under_its_picture() -> None:
    image = "<img src=/p/1.jpg alt='A [b]'>"
    figure = f"<figure><figcaption>A ferry (photo: Li)</figcaption>{image}</figure>"
    assert both(f"<article>{BEFORE}{figure}{AFTER}</article>")[1] == (
        "Before the picture.\n\n![A \\[b\\]](http://site.example/p/1.jpg)\n\n"
        "*A ferry (photo: Li)*\n\nAfter the picture."
    )


def test_pictures_between_bare_lines() -> None:
    page = "<div>one<br><img src=/p/1.jpg><br>two<br>three<img src=/p/2.jpg></div>"
    assert both(page)[1] == (
        f"one\n\n{PICTURE}\n\ntwo\\\nthree\n\n![](http://site.example/p/2.jpg)"
    )
