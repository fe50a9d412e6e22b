"""The elements that one walk finds are those that queries of the tree would find."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.page_elements import TIME_ATTRIBUTES, page_elements

_HERE = Path(__file__).parent
_PAGES = sorted(
    file
    for name in ("pages", "structure", "verdict_pages")
    for file in (_HERE / name).rglob("*.html")
)
_TELLING = (
    "head title, meta, link[rel], script:not([src]), h1, time, base[href], [rel~=author],"
    "[itemprop=author], [itemprop^=date], [itemprop=uploadDate], [itemprop=headline],"
    "[class*=author i], [class*=byline i], [id*=author i], [rel=next], [class*=nickname],"
    "[class*=site-title i], [class*=site-name i], [class*=sitename i], [class*=logo i],"
    "a[href*='/author/'], a[href*='/authors/'], abbr[title], relative-time, time-ago, local-time,"
    "[class*=time i][title], [class*=date i][title],"
    "[class*=publish i], [class*=updated i], [class*=modified i], [class*=pubdate i],"
    "[property$=datePublished i], [property$=dateModified i], [property$=dateCreated i],"
    "[property='dc:date' i], [property='dc:created' i], [property='dcterms:created' i],"
    "[property='dcterms:issued' i], [property='dc:issued' i], [property='dcterms:modified' i],"
    + ",".join(f"[{name}]" for name in TIME_ATTRIBUTES if name.startswith("data-"))
)
_FORMULAS = (
    "math,mjx-container,d-math,tex-math,la-tex,script[type^='math/'],"
    ".katex,.katex-display,.MathJax,.MathJax_Display,.MathJax_CHTML,.MathJax_SVG,"
    ".MathJax_SVG_Display,.MathJax_Preview,.MJXc-display,.mwe-math-element,.math-tex,"
    "span.math,div.math,[data-tex],[data-latex],[data-formula],[data-katex]"
)
_DRAWS_TEX = "script[src*='mathjax' i],script[src*='katex' i],link[href*='katex' i]"
_NOTES = "sup a[href^='#'],a[href^='#'] sup,a[role='doc-noteref']"
# One of each kind that is asked for, and its like that is not.
_KINDS = """<!doctype html><html lang=en class=Site-Logo><head><title>T</title><base target=_top>
<base href=/x/><meta name=description content=d><meta property=og:title content=t>
<link rel=canonical href=/c><link href=/katex.css><script src=/MathJax.js></script>
<script type=math/tex>h</script><script>var ct = 1</script>
<script type="application/ld+json">{}</script><style>.a{display:none}</style></head>
<body data-utc=1><svg><title>in a picture</title></svg><h1 class="Post-Author x">H</h1>
<p id=the-AUTHORS class=nickname>n</p><p class=Nickname>n</p><a rel="nofollow author">a</a>
<a rel=next href=#n><sup>1</sup></a><a href=/author/ann title=t>b</a><a href=/authority>c</a>
<a role=doc-noteref>2</a><span class=DateTime title=t>d</span><span class=datetime>e</span>
<abbr title=x>f</abbr><abbr>g</abbr><i itemprop=datePublished>i</i><i itemprop=date>j</i>
<i property=schema:dateModified>k</i><i property=DC:date>l</i><i property=dc:dates>m</i>
<relative-time>o</relative-time><div style="color:red" data-ts=1>p</div>
<span class="x math">q</span><p class=math>r</p><div class="a katex b">s</div><b class=katexx>t</b>
<math>u</math><script type=math/tex>v</script><p data-tex=w>x</p><p class=MathJax_Display>y</p>
<input type=CheckBox><template><h1>in a template</h1><math></math></template></body></html>"""


def _ids(nodes: list[LexborNode]) -> list[int]:
    return list(dict.fromkeys(node.mem_id for node in nodes))


@pytest.mark.parametrize(
    "html",
    [
        _KINDS,
        "",
        "<frameset><frame><frame></frameset>",
        *(f.read_text("utf-8", "replace") for f in _PAGES),
    ],
    ids=["kinds", "empty", "frames", *(file.stem for file in _PAGES)],
)
def test_what_queries_would_find(html: str) -> None:
    tree = LexborHTMLParser(html)
    found, body = page_elements(tree), tree.body
    assert _ids(found.telling) == _ids(tree.css(_TELLING))
    assert _ids(found.formulas) == _ids(body.css(_FORMULAS) if body is not None else [])
    assert _ids(found.sheets) == _ids(tree.css("style"))
    assert _ids(found.styled) == _ids(tree.css("[style]"))
    assert _ids(found.json_ld) == _ids(tree.css("script[type='application/ld+json']"))
    assert _ids(found.summaries) == _ids(
        tree.css("meta[property='og:title'],meta[name=description],meta[property='og:description']")
    )
    assert _ids([found.base] if found.base else []) == _ids(tree.css("base[href]")[:1])
    assert found.draws_tex == (tree.css_first(_DRAWS_TEX) is not None)
    assert found.ticked == (tree.css_first("input[type=checkbox i]") is not None)
    # Whether a mark of a note is there is told in haste: a page without any is not searched.
    assert found.noted or tree.css_first(_NOTES) is None


def test_a_page_without_raised_links_is_not_searched_for_notes() -> None:
    assert not page_elements(LexborHTMLParser("<a href=#top>up</a> <p>5")).noted
    assert not page_elements(LexborHTMLParser("<p>m<sup>2</sup> <a href=/x>x</a>")).noted
