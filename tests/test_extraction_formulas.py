"""Formulas in the forms in which pages carry them, in a line of text."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.formulas import find_formulas, formula_of_image, formulas_in_text, linear
from scraper.extraction.page_elements import page_elements


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"10^{25}", "10^25"),
        (r"10^{-3}", "10^-3"),
        (r"\eta = 0.01", "η = 0.01"),
        (r"\frac{a+b}{2c}", "(a+b)/(2c)"),
        (r"\frac12mv^2", "(1/2)mv^2"),
        (r"\mathcal{O}(n\log n)", "O(n log n)"),
        (r"x_{i+1}^{2}", "x_(i+1)^2"),
        (r"3.8\times10^{25}\,\text{FLOPs}", "3.8×10^25 FLOPs"),
        (r"\sqrt{d_k}", "√d_k"),
        (r"90^\circ", "90°"),
        (r"50\%", "50%"),
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "a = b; c = d"),
        ("{" * 5000, ""),
    ],
)
def test_tex_in_a_line(tex: str, expected: str) -> None:
    assert linear(tex) == expected


@pytest.mark.parametrize(
    ("html", "text", "markdown"),
    [
        ("<math><msup><mn>10</mn><mn>25</mn></msup></math>", "10^25", "$10^{25}$"),
        ("<math alttext='a_1'><mi>q</mi></math>", "a_1", "$a_1$"),
        (
            "<math display=block><mfrac><mi>a</mi><mi>b</mi></mfrac></math>",
            "a/b",
            r"$$\frac{a}{b}$$",
        ),
        ("<script type='math/tex; mode=display'>x^2</script>", "x^2", "$$x^2$$"),
        ("<span class='math inline'>\\(x^2\\)</span>", "x^2", "$x^2$"),
        ("<d-math>x^2</d-math>", "x^2", "$x^2$"),
        (
            "<mjx-container><svg><g data-mml-node=msup><g data-mml-node=mi><use data-c=1D465></use>"
            "</g><g data-mml-node=mn><use data-c=32></use></g></g></svg></mjx-container>",
            "x^2",
            "",
        ),
        (
            "<span class=katex><span class=katex-html><span>1</span><span>0<span class=msupsub>"
            "<span class=vlist-t><span>11</span></span></span></span></span></span>",
            "10^11",
            "",
        ),
    ],
)
def test_forms(html: str, text: str, markdown: str) -> None:
    tree = LexborHTMLParser(f"<p>{html}</p>")
    found = [f for f in find_formulas(page_elements(tree).formulas).values() if f is not None]
    assert [(f.text, f.markdown) for f in found] == [(text, markdown)]


def test_the_copies_of_a_formula_are_read_once() -> None:
    html = (
        "<span class=MathJax_Preview>x</span><span class=MathJax><nobr>x2</nobr></span>"
        "<script type=math/tex>x^2</script>"
    )
    elements = page_elements(LexborHTMLParser(html))
    found = list(find_formulas(elements.formulas).values())
    assert [f.text for f in found if f is not None] == ["x^2"]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<img class=latex alt='E=mc^2' src=/a.png>", "E = mc^2"),
        ("<img src='https://draw.example/equation?tex=x%5E2' alt=''>", "x^2"),
        ("<img alt='\\alpha' src=b.png>", "α"),
        ("<img alt='A map of the harbour' src=/a.png>", ""),
        ("<img alt='C_2 building' src=b.png>", ""),
    ],
)
def test_pictures_of_formulas(html: str, text: str) -> None:
    image = LexborHTMLParser(html).css_first("img")
    assert image is not None
    formula = formula_of_image(image)
    assert (formula.text if formula is not None else "") == text


@pytest.mark.parametrize(
    ("text", "dollars", "expected"),
    [
        (r"at \(10^{25}\) we", False, ["at ", "10^25", " we"]),
        ("at $10^{25}$ we", True, ["at ", "10^25", " we"]),
        ("at $10^{25}$ we", False, ["at $10^{25}$ we"]),
        ("from $5 to $10 a day", True, ["from $5 to $10 a day"]),
    ],
)
def test_tex_in_the_text(text: str, dollars: bool, expected: list[str]) -> None:
    pieces = formulas_in_text(text, dollars=dollars)
    assert [piece if isinstance(piece, str) else piece.text for piece in pieces] == expected
