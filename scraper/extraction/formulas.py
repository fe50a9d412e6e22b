r"""Formulas: where a page holds one, and how it reads in a line of text.

A formula reaches a page as MathML, as TeX in a script, in an attribute or in the alt text of a
picture, or as the output of KaTeX and MathJax, which holds it twice or three times (glyphs, MathML
for screen readers, TeX). One of them is taken, TeX first. `linear` writes it in a line:
``10^{25}`` is ``10^25``, ``\frac{a}{b}`` is ``a/b``, ``\eta`` is ``η``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.text.invisible import without_invisible
from scraper.text.patterns import lazy_compile

__all__ = ["Formula", "find_formulas", "formula_of_image", "formulas_in_text", "linear"]


class Formula(NamedTuple):
    """A formula of the page.

    Attributes:
        text: it in a line of plain text.
        tex: it in TeX, or "" where the page does not give it so.
        display: whether it stands in a line of its own.
    """

    text: str
    tex: str
    display: bool

    @property
    def markdown(self) -> str:
        """Return it as Markdown, between dollar signs."""
        if not self.tex:
            return ""
        fence = "$$" if self.display else "$"
        return f"{fence}{self.tex}{fence}"


_MOST: Final = 5_000  # formulas of a page
_MOST_MISSES: Final = 100  # elements named like formulas that hold none
_LONGEST: Final = 4_000  # characters of one
_LONGEST_TOKEN: Final = 200  # characters of a number or word of one
_FEW_NODES: Final = 400  # of an element that may be one
_DEEPEST: Final = 40  # elements or braces within one another

# Elements that are a formula, or a copy of one that stands beside it.
_SELECTOR: Final = (
    "math,mjx-container,d-math,tex-math,la-tex,script[type^='math/'],"
    ".katex,.katex-display,.MathJax,.MathJax_Display,.MathJax_CHTML,.MathJax_SVG,"
    ".MathJax_SVG_Display,.MathJax_Preview,.MJXc-display,.mwe-math-element,.math-tex,"
    "span.math,div.math,[data-tex],[data-latex],[data-formula],[data-katex]"
)
_TEX_ELEMENTS: Final = frozenset(("d-math", "tex-math", "la-tex"))
_DATA: Final = ("data-tex", "data-latex", "data-formula", "data-katex")
# What MathJax 2 leaves beside the script that holds its TeX.
_DRAWN: Final = lazy_compile(r"(?:^|\s)(?:MathJax(?:_\w+)?|MJXc-display)(?:\s|$)")
_PREVIEW: Final = lazy_compile(r"(?:^|\s)MathJax_Preview(?:\s|$)")
_DISPLAY_WORDS: Final = lazy_compile(
    r"(?:^|\s)(?:katex-display|\w*_Display|MJXc-display|display)(?:\s|$)"
)
_DELIMITERS: Final = (
    ("\\(", "\\)", False), ("\\[", "\\]", True), ("$$", "$$", True), ("$", "$", False),
)  # fmt: skip
_STYLE: Final = r"{\displaystyle"
_TEX: Final = lazy_compile(r"\\[A-Za-z]+|[\^_]\{|[\^_][0-9A-Za-z]")
_IMAGE_WORDS: Final = lazy_compile(
    r"(?:^|[^a-z])(?:tex|latex|mathtex|mimetex|math|equation|formula|codecogs)(?:[^a-z]|$)", re.I
)


def find_formulas(nodes: Sequence[LexborNode]) -> dict[int, Formula | None]:
    """Return node → formula for the formulas of a page, None for a second copy of one.

    Args:
        nodes: elements that may be formulas, in page order; they are told by their `mem_id`.
    """
    found: dict[int, Formula | None] = {}
    inside: set[int] = set()
    misses = 0
    for node in nodes[:_MOST]:
        if misses > _MOST_MISSES:
            break
        if node.mem_id in inside:
            continue
        formula = _read(node)
        if formula is None and not _is_copy(node):
            misses += 1
            continue
        found[node.mem_id] = formula
        inside.update(inner.mem_id for inner in node.css(_SELECTOR))
    return found


def _is_copy(node: LexborNode) -> bool:
    """Whether an element draws what a script beside it holds as TeX."""
    class_ = node.attributes.get("class") or ""
    if _PREVIEW.search(class_):
        return True
    if not _DRAWN.search(class_):
        return False
    at = node.next
    for _ in range(4):
        if at is None:
            return False
        if at.tag == "script":
            return (at.attributes.get("type") or "").startswith("math/")
        at = at.next
    return False


def _read(node: LexborNode) -> Formula | None:
    """Return the formula that an element holds."""
    attributes = node.attributes
    tag, class_ = node.tag or "", attributes.get("class") or ""
    if tag == "script":
        return _of_script(node)
    if _is_copy(node):
        return None
    display = (
        bool(_DISPLAY_WORDS.search(class_))
        or attributes.get("display") in ("block", "true")
        or attributes.get("mode") == "display"
        or (tag == "d-math" and "block" in attributes)
    )
    for name in _DATA:
        value = attributes.get(name) or ""
        if value and (_TEX.search(value) or "math" in class_ or not _text(node).strip()):
            return _of_tex(value, display)
    if tag in _TEX_ELEMENTS:
        return _of_tex(_text(node), display)
    if tag == "math":
        return _of_mathml(node, display)
    inner = node.css_first("annotation[encoding='application/x-tex']")
    if inner is not None:
        block = node.css_first(".katex-display,math[display='block']") is not None
        return _of_tex(inner.text() or "", display or block)
    script = node.css_first("script[type^='math/']")
    if script is not None:
        return _of_script(script)
    math = node.css_first("math")
    if math is not None:
        return _of_mathml(math, display)
    image = node.css_first("img[alt]")
    if image is not None and "mwe-math" in class_:
        return formula_of_image(image)
    if "katex" in class_:
        return _plain_formula(_katex_text(node), display)
    if tag == "mjx-container":
        return _plain_formula(_glyphs(node), display)
    tex = _text(node)
    return _of_tex(tex, display) if _undelimited(tex) is not None else None


def _undelimited(tex: str) -> tuple[str, bool] | None:
    """Return TeX without its delimiters and whether they set it apart, None where it has none."""
    tex = tex.strip()
    for opening, closing, display in _DELIMITERS:
        inner = tex[len(opening) : len(tex) - len(closing)]
        if tex.startswith(opening) and tex.endswith(closing) and inner:
            return inner, display
    return None


def _text(node: LexborNode) -> str:
    """Return the text of an element, "" for one that is too large for a formula."""
    parts: list[str] = []
    size = count = depth = 0
    at = node.first_child
    while at is not None:
        count += 1
        if at.tag == "-text":
            parts.append(at.text_content or "")
            size += len(parts[-1])
        if count > _FEW_NODES or size > _LONGEST:
            return ""
        child = at.first_child
        if child is not None:
            at, depth = child, depth + 1
            continue
        following = at.next
        while following is None and depth:
            parent = at.parent
            if parent is None:
                break
            at, depth = parent, depth - 1
            following = at.next
        at = following
    return "".join(parts)


def _plain_formula(text: str, display: bool) -> Formula | None:
    text = " ".join(without_invisible(text).split())
    return Formula(text, "", display) if text else None


def _of_script(script: LexborNode) -> Formula | None:
    kind, raw = (script.attributes.get("type") or "").lower(), script.text() or ""
    display = "mode=display" in kind
    if kind.startswith("math/mml"):
        math = LexborHTMLParser(raw[:_LONGEST]).css_first("math")
        return _of_mathml(math, display) if math is not None else None
    if kind.startswith("math/asciimath"):
        return _plain_formula(raw, display)
    return _of_tex(raw, display)


# TeX between delimiters in the text itself, which a script of the page draws.
_IN_TEXT: Final = lazy_compile(
    r"\\\((?P<a>[^$]{1,200}?)\\\)|\\\[(?P<b>[^$]{1,300}?)\\\]|\$\$(?P<c>[^$]{1,1000})\$\$"
    r"|(?<![\\$\w])\$(?P<d>[^\s$](?:[^$\n]{0,200}[^\s$\\])?)\$(?![\w$])"
)


def formulas_in_text(text: str, *, dollars: bool) -> list[str | Formula]:
    """Return a text in pieces, those in TeX as formulas.

    Args:
        text: characters of the page.
        dollars: whether single dollar signs enclose TeX, rather than tell a price.
    """
    pieces: list[str | Formula] = []
    at = 0
    for match in _IN_TEXT.finditer(text):
        tex = next(part for part in match.groups() if part is not None)
        if (match["c"] or match["d"]) and not dollars:
            continue
        # A letter between single dollar signs is a variable, a number a price.
        variable = match["d"] is not None and tex.isalpha() and len(tex) == 1
        told = _TEX.search(tex) or (match["d"] is None and _RELATION.search(tex))
        if not (told or variable or match["a"]):
            continue
        formula = _of_tex(match[0], match["b"] is not None or match["c"] is not None)
        if formula is not None:
            pieces += [text[at : match.start()], formula]
            at = match.end()
    pieces.append(text[at:])
    return [piece for piece in pieces if piece]


def formula_of_image(image: LexborNode) -> Formula | None:
    """Return the formula that a picture shows, as its alt text or its address has it in TeX."""
    attributes = image.attributes
    alt, source = (attributes.get("alt") or "").strip(), attributes.get("src") or ""
    class_ = attributes.get("class") or ""
    telling = bool(_IMAGE_WORDS.search(class_) or _IMAGE_WORDS.search(source[:300]))
    if not telling and not ("\\" in alt and _TEX.search(alt)) and not _undelimited(alt):
        return None
    tex = alt
    if not _TEX.search(alt) and telling:
        tex = _from_address(source) or (alt if "=" in alt or _undelimited(alt) else "")
    return _of_tex(tex, "display" in class_ or "block" in class_.split("-")) if tex else None


def _from_address(source: str) -> str:
    """Return the TeX that the address of a picture asks a server to draw."""
    query = source.partition("?")[2].partition("#")[0][:_LONGEST]
    try:
        asked = parse_qs(query, max_num_fields=20)
    except ValueError:
        return ""
    told = asked.get("tex") or asked.get("latex")
    if told:
        return told[0]
    tex = unquote(query)
    return tex if "=" not in query.split("&")[0] and _TEX.search(tex) else ""


def _of_tex(tex: str, display: bool) -> Formula | None:
    if len(tex) > _LONGEST:
        return None
    told = _undelimited(tex)
    if told is not None:
        tex, display = told[0], display or told[1]
    tex = " ".join(without_invisible(tex).split())
    # Wikipedia sets all its formulas so; it says nothing of the formula.
    if tex.startswith(_STYLE) and tex.endswith("}"):
        tex = tex[len(_STYLE) : -1].strip()
    text = linear(tex)
    return Formula(text, tex.replace("$", r"\$"), display) if text else None


# ── MathML ───────────────────────────────────────────────────────────────────────────────────────


def _of_mathml(math: LexborNode, display: bool) -> Formula | None:
    attributes = math.attributes
    display = display or attributes.get("display") == "block" or attributes.get("mode") == "display"
    annotation = math.css_first(
        "annotation[encoding='application/x-tex'],annotation[encoding='TeX']"
    )
    tex = (annotation.text() or "") if annotation is not None else attributes.get("alttext") or ""
    if tex.strip():
        return _of_tex(tex, display)
    return _of_tex(_Presentation().tex(math, 0), display)


def _elements(node: LexborNode) -> list[LexborNode]:
    found, child = [], node.first_child
    while child is not None:
        if child.is_element_node:
            found.append(child)
        child = child.next
    return found


_ESCAPED: Final = lazy_compile(r"[%#&$_{}]")
_OPERATORS: Final = {
    "\u2062": "",
    "\u2061": " ",
    "\u2063": "",
    "\u2064": "",
    "−": "-",
    "∗": "*",
    "\\": r"\backslash ",
}


class _Presentation:
    """Presentation MathML (https://www.w3.org/TR/mathml-core/) as TeX."""

    def __init__(self) -> None:
        self._left = 3_000  # elements that are still read

    def tex(self, node: LexborNode, depth: int) -> str:
        """Return an element as TeX."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            return ""
        tag = (node.tag or "").removeprefix("m:").removeprefix("mml:")
        if tag in ("mi", "mn", "mo", "mtext", "ms"):
            return self._token(tag, _text(node)[:_LONGEST_TOKEN])
        if tag in ("annotation", "annotation-xml", "mphantom", "maction-tooltip"):
            return ""
        if tag == "mspace":
            return " "
        parts = [self.tex(child, depth + 1) for child in _elements(node)]
        return self._composed(tag, parts, node)

    def _token(self, tag: str, raw: str) -> str:
        text = " ".join(raw.split())
        if tag == "mo":
            return _OPERATORS.get(text, _ESCAPED.sub(r"\\\g<0>", text))
        text = _ESCAPED.sub(r"\\\g<0>", text)
        if tag in ("mtext", "ms"):
            return f"\\text{{{text}}}" if text else " "
        return f"\\mathrm{{{text}}}" if tag == "mi" and len(text) > 1 else text

    def _composed(self, tag: str, parts: list[str], node: LexborNode) -> str:
        whole = _joined(parts)
        if tag == "mfrac" and len(parts) == 2:
            return f"\\frac{{{parts[0]}}}{{{parts[1]}}}"
        if tag == "msqrt":
            return f"\\sqrt{{{whole}}}"
        if tag == "mroot" and len(parts) == 2:
            return f"\\sqrt[{parts[1]}]{{{parts[0]}}}"
        if tag in ("msup", "mover") and len(parts) == 2:
            return f"{_base(parts[0])}^{{{parts[1]}}}"
        if tag in ("msub", "munder") and len(parts) == 2:
            return f"{_base(parts[0])}_{{{parts[1]}}}"
        if tag in ("msubsup", "munderover") and len(parts) == 3:
            return f"{_base(parts[0])}_{{{parts[1]}}}^{{{parts[2]}}}"
        if tag == "mfenced":
            attributes = node.attributes
            separator = (attributes.get("separators") or ",")[:1]
            opening, closing = attributes.get("open") or "(", attributes.get("close") or ")"
            return f"{opening}{f'{separator} '.join(parts)}{closing}"
        if tag == "mtr":
            return " & ".join(parts)
        if tag == "mtable":
            return r"\begin{matrix} " + r" \\ ".join(parts) + r" \end{matrix}"
        return whole


_COMMAND_END: Final = lazy_compile(r"\\[A-Za-z]+$")


def _joined(parts: list[str]) -> str:
    """Join pieces of TeX; a command's name must not run into the letters that follow it."""
    out = ""
    for part in parts:
        met = _COMMAND_END.search(out[-_DEEPEST:]) and part[:1].isalpha()
        out += f" {part}" if met else part
    return out


def _base(tex: str) -> str:
    return (
        tex
        if len(tex) == 1 or re.fullmatch(r"\d+|\\[A-Za-z]+|\\mathrm\{\w+\}", tex)
        else f"{{{tex}}}"
    )


# ── glyphs only ──────────────────────────────────────────────────────────────────────────────────


def _katex_text(node: LexborNode, depth: int = 0) -> str:
    """Return the glyphs of KaTeX's HTML, with what stands above the line as a power."""
    parts: list[str] = []
    if depth > _DEEPEST:
        return ""
    for child in _children(node):
        if not child.is_element_node:
            parts.append(child.text_content or "")
            continue
        words = (child.attributes.get("class") or "").split()
        if "msupsub" in words:
            # Two columns of boxes hold a lower script; a single one holds an upper script only.
            sign = "_" if child.css_first(".vlist-t2") is not None else "^"
            parts.append(_script(sign, _katex_text(child, depth + 1)))
        elif "pstrut" not in words and "vlist-s" not in words:
            parts.append(_katex_text(child, depth + 1))
    return "".join(parts)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


_CODE: Final = lazy_compile(r"\bmjx-c([0-9A-F]{2,5})\b")


def _glyphs(node: LexborNode, depth: int = 0) -> str:
    """Return the characters that MathJax 3 draws by class names (CHTML) or by ``data-c`` (SVG)."""
    parts: list[str] = []
    if depth > _DEEPEST:
        return ""
    for child in _children(node):
        if not child.is_element_node:
            continue
        attributes = child.attributes
        tag, code = child.tag or "", attributes.get("data-c") or ""
        kind = attributes.get("data-mml-node") or ""
        if tag == "mjx-c":
            told = _CODE.search(attributes.get("class") or "")
            code = told[1] if told else ""
        if re.fullmatch(r"[0-9A-F]{1,5}", code) and int(code, 16) <= 0x10FFFF:
            parts.append(unicodedata.normalize("NFKC", chr(int(code, 16))))
            continue
        inner = _glyphs(child, depth + 1)
        if tag == "mjx-script" or (kind and _is_script(child)):
            parts.append(_script("^", inner))
        elif tag == "mjx-den":
            parts.append(f"/{inner}")
        else:
            parts.append(inner)
    return "".join(parts)


def _is_script(node: LexborNode) -> bool:
    """Whether an element of MathJax's SVG is the exponent of its parent."""
    parent = node.parent
    return (
        parent is not None
        and parent.attributes.get("data-mml-node") == "msup"
        and node.prev is not None
    )


# ── TeX to a line of text ────────────────────────────────────────────────────────────────────────

_TEX_TOKEN: Final = lazy_compile(r"\\(?:[A-Za-z]+\*?|.)|[{}^_&~]|\s+|[^\\{}^_&~\s]", re.DOTALL)


def _words(text: str) -> list[str]:
    return text.split()


def _symbols(table: str) -> dict[str, str]:
    words = _words(table)
    return dict(zip(words[::2], words[1::2], strict=True))


_SYMBOLS: Final = _symbols(
    r"""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta θ iota ι
    kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi π rho ρ varrho ρ sigma σ varsigma ς tau τ
    upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ
    Upsilon Υ Phi Φ Psi Ψ Omega Ω times × cdot · div ÷ pm ± mp ∓ ast * star ⋆ circ ∘ bullet • le ≤
    leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ll ≪ gg ≫ lt < gt > ne ≠ neq ≠ equiv ≡ approx ≈ sim ~
    simeq ≃ cong ≅ propto ∝ to → rightarrow → longrightarrow → Rightarrow ⇒ implies ⇒ leftarrow ←
    gets ← Leftarrow ⇐ leftrightarrow ↔ Leftrightarrow ⇔ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ in ∈
    notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅
    varnothing ∅ forall ∀ exists ∃ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ sum ∑ prod ∏ int ∫ iint ∬
    oint ∮ partial ∂ nabla ∇ infty ∞ prime ′ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ angle ∠ degree ° perp ⊥
    mid | parallel ∥ vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖ langle ⟨ rangle ⟩ lfloor ⌊
    rfloor ⌋ lceil ⌈ rceil ⌉ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ oplus ⊕ otimes ⊗ odot ⊙ dagger †
    lbrace { rbrace } backslash \ therefore ∴ because ∵ top ⊤ bot ⊥ triangle △ square □ checkmark ✓
    """
)
# Commands that set what they enclose in another type or size, or say nothing by themselves.
_DROPPED: Final = frozenset(
    _words(
        "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle scriptstyle "
        "limits nolimits mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathscr "
        "boldsymbol bm operatorname text textrm textbf textit textsf mbox hbox rm bf it cal bar "
        "hat tilde vec dot ddot overline underline widehat widetilde boxed nonumber notag hline "
        "sf tt mathop mathbin mathrel mathstrut middle ensuremath textnormal substack phantom"
    )
)
_TAKES_ONE_AND_DROPS: Final = frozenset(
    ("begin", "end", "label", "tag", "color", "hspace", "vspace", "ref", "eqref")
)
_SPACES: Final = frozenset(
    (",", ";", ":", "!", ">", " ", "quad", "qquad", "enspace", "thinspace", "\n")
)
_FRACTIONS: Final = frozenset(("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"))
_SIMPLE: Final = lazy_compile(r"\d+(?:[.,]\d+)*|√?[^\W\d]\w*|∞|\([^()]*\)")
_RELATION: Final = lazy_compile(r"([=<>≤≥≈≠≡∝∈→⇒⇔≪≫≃≅])")
_BEFORE_MARK: Final = lazy_compile(r" ([,;)\]])")
_BEHIND_BRACKET: Final = lazy_compile(r"([(\[]) ")


def _script(sign: str, inner: str) -> str:
    inner = inner.strip().replace("−", "-")
    if not inner:
        return ""
    if inner in ("′", "″", "∘", "°", "*", "†"):
        return "°" if inner == "∘" else inner
    simple = re.fullmatch(r"[-+]?[\w.,]+|\([^()]*\)", inner)
    return f"{sign}{inner}" if simple else f"{sign}({inner})"


def _operand(inner: str) -> str:
    inner = inner.strip()
    return inner if _SIMPLE.fullmatch(inner) else f"({inner})"


class _Line:
    """TeX that is being written in a line."""

    def __init__(self, tex: str) -> None:
        self._tokens = _TEX_TOKEN.findall(tex)
        self._at = 0

    def group(self, depth: int, *, until: str = "") -> str:
        """Return what stands up to a closing token, or to the end."""
        out = ""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token == until:
                break
            out += self._one(token, depth)
        return out

    def _argument(self, depth: int) -> str:
        """Return the next token, or what the next braces enclose."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        self._at += 1
        return self._one(token, depth)

    def _one(self, token: str, depth: int) -> str:
        if depth > _DEEPEST:
            return ""
        if token == "{":
            return self.group(depth + 1, until="}")
        if token in ("^", "_"):
            return _script(token, self._argument(depth + 1))
        if token == "&" or token == "~" or token.isspace():
            return " "
        if token == "}":
            return ""
        if token[0] == "\\" and len(token) > 1:
            return self._command(token[1:].rstrip("*"), depth)
        return "-" if token == "−" else token

    def _command(self, name: str, depth: int) -> str:
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _FRACTIONS:
            above, below = self._argument(depth + 1), self._argument(depth + 1)
            fraction = f"{_operand(above)}/{_operand(below)}"
            following = self._tokens[self._at] if self._at < len(self._tokens) else ""
            # What is multiplied by a fraction would seem to stand below its line.
            return f"({fraction})" if following[:1].isalnum() or following == "{" else fraction
        if name in ("binom", "dbinom", "tbinom"):
            return f"C({self._argument(depth + 1)}, {self._argument(depth + 1)})"
        if name == "sqrt":
            root = ""
            if self._at < len(self._tokens) and self._tokens[self._at] == "[":
                self._at += 1
                root = self.group(depth + 1, until="]").strip()
            sign = {"3": "∛", "4": "∜"}.get(root, "√")
            return f"{sign}{_operand(self._argument(depth + 1))}"
        if name == "not":
            return "≠" if self._argument(depth + 1).strip() == "=" else "¬"
        if name in _TAKES_ONE_AND_DROPS:
            self._argument(depth + 1)
            return " "
        if name in _SPACES:
            return "" if name == "!" else " "
        if name == "\\":
            return "; "
        if name in _DROPPED:
            return ""
        if name in ("pmod", "bmod", "mod"):
            return " mod "
        # An escaped character is itself; the name of a function (``\log``) is read as it stands.
        return name if len(name) == 1 else f" {name} "


def linear(tex: str) -> str:
    r"""Return TeX in a line of plain text.

    Example:
        >>> linear(r"3.8 \times 10^{25}")
        '3.8 × 10^25'
    """
    line = _Line(tex[:_LONGEST]).group(0)
    line = " ".join(_RELATION.sub(r" \1 ", line).split())
    return _BEFORE_MARK.sub(r"\1", _BEHIND_BRACKET.sub(r"\1", line)).strip(" ;")
