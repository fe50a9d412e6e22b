"""One walk over the parsed page that cuts it into blocks of text.

The walk is a loop, not a recursion, so that depth can't overflow a stack. lexbor puts what follows
``</html>`` where browsers put it: at the end of the body. What a line of plain text shows otherwise
than its characters (powers, marks of notes, formulas, readings, first letters that stand apart) is
written on the way, so that all that reads a block reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.blocks import (
    HIDDEN_STYLE,
    MAX_DEPTH,
    PREFORMATTED,
    Block,
    FormulaText,
    Mark,
    NoteMark,
    PageBlocks,
    Ruler,
    TextRun,
)
from scraper.extraction.elements import (
    BLOCK_LEVEL,
    FEW_CHARACTERS,
    FEW_SIBLINGS,
    INLINE,
    MANY_NODES,
    SKIPPED,
    is_small_inline,
    neighbour,
    paragraph_behind,
    short_text,
    sibling_text,
)
from scraper.extraction.formulas import (
    Formula,
    find_formulas,
    formula_of_image,
    formulas_in_text,
)
from scraper.extraction.glyph_images import characters_of_image
from scraper.extraction.hidden_text import gives_orders
from scraper.extraction.hiding_styles import FAINT, HIDDEN, SHOWN, style_hides
from scraper.extraction.page_elements import PageElements, page_elements
from scraper.extraction.ruby import ruby_text
from scraper.extraction.style_sheets import unseen_names
from scraper.extraction.superscripts import is_note_name, lowered, raised
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns_without_blanks

__all__ = ["segment"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Elements that hold nothing but a line of text.
_PHRASES: Final = _names("p h1 h2 h3 h4 h5 h6 pre")
_BOLD: Final = frozenset(("b", "strong"))
_CODE: Final = frozenset(("code", "kbd", "samp", "tt"))
_MARKED: Final = _names("a b strong i em code kbd samp del s strike")
_QUOTES: Final = ("“", "”")
_QUOTED = lazy_compile(r"\s*[\"'“‘„«‹「『]")
# A line that begins so is a paragraph, not the next line of one.
_INDENTED = lazy_compile(r"[ \t\r\n]{0,200}(?:\u3000|[\xa0\u2003]{2})")

_DISPLAY_INLINE = lazy_compile(r"display\s*:\s*inline", re.IGNORECASE)
_FLOAT = lazy_compile(r"float\s*:\s*(?:left|inline-start|right)|initial-letter", re.IGNORECASE)
_RAISED_STYLE = lazy_compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_RAISED_CLASS = lazy_compile(r"(?:^|[\s_-])(?:super-?script|sup)(?:$|[\s_-])", re.IGNORECASE)
_DISPLAY_BLOCK = lazy_compile(r"display\s*:\s*(?:block|flex|table)", re.IGNORECASE)

_NO_ATTRIBUTES: Final[dict[str, str | None]] = {}

# What holds outside an element, to be restored when the walk leaves it: its node, the container,
# whether in a link, in bold, in a button, in preformatted text; and whether it is inline.
_State = tuple[LexborNode, int, bool, bool, bool, bool, bool]

_HIDDEN_NOTE: Final = 300
# Elements within a line, but for spans, that have a style.
_STYLED: Final = INLINE - {"span"}
_FAINT_PART: Final = 40  # characters of a word or two that a script fades in

_CAP_NAME = lazy_compile(
    r"drop-?_?cap|dropped-?_?(?:cap|letter|initial)|first-?_?letter|lettrine|initial-?_?(?:cap|letter)"
    r"|首字|shouzi",
    re.IGNORECASE,
)
_CAP = lazy_compile(r"[“\"'‘「『《（(]?[^\W\d_]")
_CAP_SIZES: Final = (1, 2)
_CAP_TAGS: Final = _names("span b strong big font em i")
# Letters that are words: what follows them after a space is the next word.
_LETTER_WORDS: Final = frozenset("aioyeuàéèóAIOYEUÀÉÈÓ")
_ADVERT_NAME = lazy_compile(
    r"(?:^|\s)(?:ads?|adv|adverts?|advertisements?|adsbygoogle|promos?|sponsor(?:ed)?|promoted"
    r"|cta|app[-_]?download|download[-_]?app|guang-?gao|tui-?guang)"
    r"(?:[-_](?:ads?|slot|box|unit|inline|wrap|wrapper|block|card|line|strip|text|content|post))?(?:\s|$)",
    re.IGNORECASE,
)
_LEAST_ADVERT: Final = 12  # columns
_SIDENOTE = lazy_compile(r"(?:^|\s)(?:side|margin)-?note(?:$|\s)", re.IGNORECASE)
_UNSEEN_NAME = lazy_compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:-text)?|a11y|offscreen"
    r"|assistive-text|tooltip-?_{0,2}(?:text|content|bubble|body|inner|popup|panel)|mw-editsection)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Words that a tip explains.
_EXPLAINED: Final = frozenset(("abbr", "button", "dfn", "span"))
# Links back from a note, and from a heading to itself.
_BACK_LINK = lazy_compile(
    r"[\s↩↰⤴⤶⏎↑⇧⇑▲△^🔙¶#§🔗\ufe0e\ufe0f]+|(?:copy )?link|permalink", re.IGNORECASE
)
_NOTE_MARK = lazy_compile(r"[\[［〔(（]?(?:\d{1,3}|[a-z]{1,2}|[*†‡§]{1,3})[\]］〕)）]?")


def _flows(node: LexborNode, tag: str, container: str) -> bool:
    """Whether an element that HTML does not know, or leaves to style sheets, stands within a line.

    Browsers set it so; but sites make parts of the page of such elements, too. Within the line is
    what is small, holds no block, and has text beside it or stands in what holds text only.
    """
    if not is_small_inline(node):
        return False
    if tag == "button":
        before = sibling_text(node, before=True).rstrip()
        after = sibling_text(node, before=False)
        return bool(before and after.strip()) and before[-1] not in ".!?。！？"
    if container in _PHRASES:
        return True
    parent = node.parent
    if parent is not None and parent.tag in INLINE and parent.tag not in ("a", "span", "font"):
        return True
    return bool(sibling_text(node, before=True).strip() or sibling_text(node, before=False).strip())


def _cap_letter(node: LexborNode) -> str:
    """Return the one letter that an element holds, with the quotation mark before it, or ""."""
    at = node.first_child
    for _ in range(FEW_SIBLINGS):
        if at is None or at.next is not None:
            return ""
        if at.tag == "-text":
            text = at.text_content or ""
            letter = text.strip() if len(text) < FEW_CHARACTERS else ""
            return letter if len(letter) in _CAP_SIZES and _CAP.fullmatch(letter) else ""
        at = at.first_child
    return ""


def _is_advert(node: LexborNode, names: str) -> bool:
    """Whether a span within a line is an advert by its name, and long enough to be one."""
    if _ADVERT_NAME.search(names) is None:
        return False
    return columns_without_blanks(node.text() or "") >= _LEAST_ADVERT


class _Segmenter:
    """One walk over a page."""

    def __init__(self, tree: LexborHTMLParser, elements: PageElements) -> None:
        self.page = PageBlocks(
            unseen=unseen_names(tree, elements.sheets),
            noted=elements.noted,
            ticked=elements.ticked,
        )
        self._body = tree.body
        self._hiding = {
            node.mem_id
            for node in elements.styled
            if node.tag in _STYLED and _is_hidden_part(node, node.attrs.get("style") or "")
        }
        self._formulas = find_formulas(elements.formulas)
        self._dollars = elements.draws_tex
        self._run = TextRun()
        self._stack: list[_State] = []
        self._container = 0
        self._in_link = self._in_bold = self._in_button = self._literal = False
        self._cap, self._cap_spaced = "", False  # a first letter that waits for its word
        self._breaks = 0  # line breaks since the last block
        self._beside: list[tuple[LexborNode, str]] = []  # notes to set behind their line
        self._noted = 0  # how many of them there were
        self._quotes: set[int] = set()  # quotations within a line that are open

    def walk(self) -> PageBlocks:
        """Return the page cut into blocks."""
        self.page.nodes[0] = self._body
        self._walk_from(self._body.first_child if self._body is not None else None)
        self._end_cap()
        self._flush()
        return self.page

    def _walk_from(self, node: LexborNode | None) -> None:
        """Take a node, its following siblings, and all that is inside them."""
        run = self._run
        while node is not None:
            tag = node.tag or "-"
            if tag != "-text":
                child = self._visit(node, tag)
                if child is not None:
                    node = child
                    continue
            else:
                text = node.text_content
                # White space between elements begins no block.
                if text and (run.pieces or self._literal or self._cap or not text.isspace()):
                    if "\\(" in text or "\\[" in text or (self._dollars and "$" in text):
                        self._add_tex(node, text)
                    else:
                        self._add(text)
            following = node.next
            while following is None and self._stack:
                node = self._leave()
                following = node.next
            node = following

    def _flush(self, *, broken: bool = False) -> None:
        run = self._run
        if run.pieces:
            block = run.block(self._container, broken=broken, literal=self._literal)
            if block is not None:
                self._place(block, run.pieces[0])
        if run.pieces or run.marks:
            run.clear()
        while self._beside:
            self._set_beside(*self._beside.pop(0))

    def _set_beside(self, note: LexborNode, target: str) -> None:
        """Make blocks of a note that stands within a line and is shown beside it."""
        outer, self._stack = self._stack, []
        following, self._beside = self._beside, []
        begins = len(self.page.blocks)
        self._walk_from(note.first_child)
        self._flush()
        self._stack, self._beside = outer, following
        if begins < len(self.page.blocks):
            self.page.sidenotes[begins] = target

    def _place(self, block: Block, begins: str) -> None:
        """Append a block, and note whether it is the next line of the one before."""
        blocks = self.page.blocks
        below = self._breaks == 1 and blocks and blocks[-1].broken
        if below and blocks[-1].container == block.container and not _INDENTED.match(begins):
            self.page.wrapped.add(len(blocks))
        self._breaks = 0
        blocks.append(block)

    def _visit(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Take what is no text; return its first child where the walk goes on inside it."""
        if tag[0] == "-":
            return None
        if self._formulas and node.mem_id in self._formulas:
            formula = self._formulas[node.mem_id]
            if formula is not None:
                self._add_formula(node, formula)
            return None
        if tag == "br":
            self._flush(broken=True)
            self._breaks += 1
            return None
        if tag in SKIPPED:
            if tag == "img":
                self._add_image(node)
            elif tag in ("rt", "rtc"):
                self._add_ruby(node)
            return None
        if tag == "hr":
            self._flush()
            self._breaks = 2
            self.page.rulers.append(Ruler(len(self.page.blocks), self._container))
            return None
        child = node.first_child
        if child is None:
            return None
        attributes = node.attributes if tag == "span" else _NO_ATTRIBUTES
        # Of all but these, a letter alone is taken whole.
        whole = tag in _TAKEN_WHOLE and (tag in _TAKEN_OTHERWISE or child.next is None)
        if whole and self._take_whole(node, tag, attributes):
            return None
        if attributes and self._run.pieces and self._is_unseen(node, attributes):
            # Browsers set the line without it, and part no paragraph there.
            return None
        self._enter(node, tag, attributes)
        return child

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        """Begin an element with children; of a span the attributes are given."""
        run = self._run
        inline = self._is_inline(node, tag, attributes)
        if not inline and (run.pieces or run.marks):
            self._flush()
        self._stack.append((
            node, self._container, self._in_link, self._in_bold, self._in_button, self._literal,
            inline,
        ))  # fmt: skip
        if inline:
            if tag == "a":
                self._in_link = True
                run.links += 1
                run.href = run.href or node.attrs.get("href") or ""
            elif tag in _BOLD:
                self._in_bold = True
            elif tag == "q" and _QUOTED.match(short_text(node, _HIDDEN_NOTE) or "“") is None:
                # Browsers draw the quotation marks.
                self._add(_QUOTES[0])
                self._quotes.add(node.mem_id)
            if tag in _MARKED:
                run.marks.append(Mark(len(run.pieces), node, True))
        elif len(self._stack) <= MAX_DEPTH + 1:
            self.page.add_element(node, tag, self._container)
            self._container = len(self.page.parents) - 1
            self._literal = self._literal or tag in PREFORMATTED
            self._in_button = self._in_button or tag == "button"

    def _leave(self) -> LexborNode:
        """End an element; return its node."""
        outer = self._stack.pop()
        node, container, in_link, in_bold, in_button, literal, inline = outer
        run = self._run
        if inline:
            if run.marks and node.tag in _MARKED:
                run.marks.append(Mark(len(run.pieces), node, False))
            elif node.mem_id in self._quotes:
                self._quotes.discard(node.mem_id)
                self._add(_QUOTES[1])
        elif run.pieces or run.marks:
            self._flush()
        self._container, self._in_link, self._in_bold = container, in_link, in_bold
        self._in_button, self._literal = in_button, literal
        return node

    def _is_inline(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
        if tag in INLINE:
            if tag == "ins" and _is_advert(node, node.attrs.get("class") or ""):
                return False
            if tag != "span":
                return not self._hiding or node.mem_id not in self._hiding
            if not attributes:
                return True
            style = attributes.get("style")
            if style and (_DISPLAY_BLOCK.search(style) or _is_hidden_part(node, style)):
                return False
            if "hidden" in attributes:
                return False
            names = attributes.get("class") or ""
            if (names or attributes.get("id")) and (
                self._stands_alone(node)
                or _is_advert(node, names or attributes.get("id") or "")
                or self._is_unseen(node, attributes)
            ):
                return False
            alone = names and not self._run.pieces and self.page.tags[self._container] in _PHRASES
            if alone and not (neighbour(node, before=True) or neighbour(node, before=False)):
                self.page.words[self._container] += f" {names}"
            return True
        if tag not in BLOCK_LEVEL:
            style = node.attrs.get("style")
            if (style and _is_hidden_part(node, style)) or "hidden" in node.attrs:
                return False
            return _flows(node, tag, self.page.tags[self._container])
        if tag in ("div", "p") and self._run.pieces:
            style = node.attrs.get("style")
            return bool(style and _DISPLAY_INLINE.search(style) and _flows(node, tag, ""))
        return False

    def _is_unseen(self, node: LexborNode, attributes: Mapping[str, str | None]) -> bool:
        """Whether the page's style sheets hide an element."""
        return self.page.unseen.level(node, attributes.get("class"), attributes.get("id")) == HIDDEN

    def _stands_alone(self, node: LexborNode) -> bool:
        """Whether a named span is a line of its own between two blocks, as an advert's may be."""
        if self._run.pieces or self.page.tags[self._container] in _PHRASES:
            return False
        before, after = neighbour(node, before=True), neighbour(node, before=False)
        beside = {tag for tag in (before, after) if tag}
        return bool(beside) and beside <= BLOCK_LEVEL

    # ── text ─────────────────────────────────────────────────────────────────────────────────────

    def _add(self, text: str) -> None:
        """Append text to the run."""
        if self._cap:
            if text.isspace():
                self._cap_spaced = True
                return
            text = self._capped(text)
        run = self._run
        run.pieces.append(text)
        if self._in_link or self._in_bold or self._in_button:
            length = len(text.strip())
            run.link += length * self._in_link
            run.bold += length * self._in_bold
            run.button += length * self._in_button

    def _capped(self, text: str) -> str:
        """Return text with the letter before it that the page sets by itself."""
        cap, spaced = self._cap, self._cap_spaced or text[0].isspace()
        self._cap, self._cap_spaced = "", False
        rest = text.lstrip()
        word = spaced and cap[-1] in _LETTER_WORDS
        return (
            f"{cap} {rest}" if word or not (rest[0].isalnum() or rest[0] in "'’.") else cap + rest
        )

    def _end_cap(self) -> None:
        if self._cap:
            self._run.pieces.append(self._cap)
            self._cap = ""

    def _before(self) -> str:
        return "".join(self._run.pieces[-FEW_SIBLINGS:])[-FEW_CHARACTERS:]

    def _add_formula(self, node: LexborNode, formula: Formula) -> None:
        run = self._run
        # Pages part a formula from the words by style, where languages have spaces.
        met = self._before()[-1:]
        space = " " if met.isascii() and met.isalnum() and formula.text[0].isalnum() else ""
        run.marks.append(Mark(len(run.pieces), node, True))
        self._add(FormulaText(formula, space + formula.text) if not self._cap else formula.text)
        run.marks.append(Mark(len(run.pieces), node, False))

    def _add_tex(self, node: LexborNode, text: str) -> None:
        """Append text with formulas between the delimiters of TeX; code shows them as they are."""
        parent = node.parent
        if self._literal or (parent is not None and parent.tag in _CODE):
            self._add(text)
            return
        for piece in formulas_in_text(text, dollars=self._dollars):
            if isinstance(piece, Formula):
                self._add_formula(node, piece)
            else:
                self._add(piece)

    def _add_image(self, node: LexborNode) -> None:
        """Append the characters that a picture stands for."""
        attributes = node.attributes
        alt = (attributes.get("alt") or "").strip()
        if not alt and "=" not in (attributes.get("src") or ""):
            return
        formula = formula_of_image(node)
        if formula is not None:
            self._add_formula(node, formula)
        elif _CAP.fullmatch(alt):
            names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            after = sibling_text(node, before=False)
            if _CAP_NAME.search(names):
                self._cap = alt
            elif (after[:1].islower() and not self._before()[-1:].isalpha()) or (
                not alt.isascii() and (after[:1].isalpha() or self._before()[-1:].isalpha())
            ):
                # A first letter, or a rare character that the page has no font for.
                self._add(alt)
        elif self._run.pieces or sibling_text(node, before=False).strip():
            characters = characters_of_image(node)
            if characters:
                self._add(characters)

    def _add_ruby(self, node: LexborNode) -> None:
        base: list[str] = []
        at = node.prev
        while at is not None and at.tag not in ("rt", "rtc") and len(base) < FEW_SIBLINGS:
            if at.tag not in SKIPPED:
                inner = at.text_content if at.tag == "-text" else short_text(at)
                base.insert(0, inner or "")
            at = at.prev
        above = short_text(node)
        if above and self._run.pieces:
            text = ruby_text("".join(base), above)
            if text:
                self._add(text)

    # ── elements whose text is written in another way ────────────────────────────────────────────

    def _take_whole(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
        """Append a small element's text as a line of plain text shows it; False: go inside it."""
        if tag == "a":
            return self._take_link(node)
        if tag in ("sup", "sub"):
            return self._take_script(node, raised_=tag == "sup")
        letter = _cap_letter(node)
        if letter:
            return self._take_cap(node, tag, letter)
        if attributes:
            if self._run.pieces and (_is_hidden(attributes) or _is_unseen(attributes)):
                # What is hidden within a sentence explains a word of it, and is no part of it.
                return short_text(node, _HIDDEN_NOTE) is not None
            style, class_ = attributes.get("style"), attributes.get("class")
            if class_ and "note" in class_ and self._run.pieces and _SIDENOTE.search(class_):
                return self._take_sidenote(node)
            if self._run.pieces and _is_tip(node, attributes):
                return short_text(node, _HIDDEN_NOTE) is not None
            if (style and _RAISED_STYLE.search(style)) or (class_ and _RAISED_CLASS.search(class_)):
                return self._take_script(node, raised_=True)
        return False

    def _take_sidenote(self, node: LexborNode) -> bool:
        """Take a note out of its line, and leave its mark."""
        if not is_small_inline(node, MANY_NODES):
            return False
        self._noted += 1
        target = f"sidenote {self._noted}"
        run = self._run
        run.marks.append(Mark(len(run.pieces), node, True))
        self._add(NoteMark(f"[{self._noted}]", target))
        run.marks.append(Mark(len(run.pieces), node, False))
        self._beside.append((node, target))
        return True

    def _take_script(self, node: LexborNode, *, raised_: bool) -> bool:
        content = short_text(node)
        if content is None or not content.strip():
            return content is not None
        before = self._before()
        if not raised_:
            text = lowered(content, before)
        else:
            after = sibling_text(node, before=False)[:FEW_CHARACTERS]
            text = raised(content, before, after, note=_is_note(node))
            if text.endswith("]") and after[:1].isascii() and after[:1].isalnum():
                text += " "  # a note that stands beside its mark
        if text.startswith("^") and before[-1:].isspace():
            self._run.pieces[-1] = self._run.pieces[-1].rstrip()
        link = node.css_first("a") if raised_ else None
        if link is not None:
            self._run.links += 1
            self._run.link += len(content.strip())
        around = node.parent if link is None else None
        if link is None and around is not None and around.tag == "a":
            link = around
        self._add_mark(node, text, (link.attributes.get("href") or "") if link is not None else "")
        return True

    def _add_mark(self, node: LexborNode, text: str, href: str) -> None:
        """Append a raised text, which is the mark of a note where it links within the page."""
        run = self._run
        if not href.startswith("#") or len(href) < 2 or self._cap:
            self._add(text)
            return
        run.marks.append(Mark(len(run.pieces), node, True))
        self._add(NoteMark(text, unquote(href[1:])))
        run.marks.append(Mark(len(run.pieces), node, False))

    def _take_link(self, node: LexborNode) -> bool:
        """Take a link to a note, or back from one."""
        href = node.attrs.get("href") or ""
        if "#" not in href:
            return False
        attributes = node.attributes
        content = short_text(node)
        if content is None or not content.strip():
            return False
        if _BACK_LINK.fullmatch(content):
            return True
        content = content.replace("^", "").strip()
        if not self._run.pieces or not _NOTE_MARK.fullmatch(content):
            return False
        names = " ".join(
            attributes.get(n) or "" for n in ("class", "id", "role", "rel", "epub:type")
        )
        if not is_note_name(f"{names} #{href.split('#', 1)[1]}"):
            return False
        self._run.links += 1
        self._run.link += len(content)
        mark = raised(content, self._before(), "", note=True)
        self._add_mark(node, mark, href[href.index("#") :])
        return True

    def _take_cap(self, node: LexborNode, tag: str, letter: str) -> bool:
        """Take a first letter that is set by itself, to be written with the word that it begins."""
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        style = attributes.get("style") or ""
        following = node.next
        met = (
            following.text_content or ""
            if following is not None and following.tag == "-text"
            else ""
        )
        if not met.strip():
            met = paragraph_behind(node)
        if _CAP_NAME.search(names):
            told = True
        elif _FLOAT.search(style):
            told = bool(met.strip()) and (not met[0].isspace() or met.lstrip()[0].islower())
        else:
            block = tag not in INLINE or bool(_DISPLAY_BLOCK.search(style))
            told = block and letter[-1].isupper() and met[:1].islower()
        if not told:
            return False
        if self._run.pieces and tag not in INLINE:
            self._flush()
        if not self._is_repeated(node, letter):
            self._cap, self._cap_spaced = letter, False
        return True

    def _is_repeated(self, node: LexborNode, letter: str) -> bool:
        """Whether the word that a letter begins follows whole, for those who hear the page."""
        at = node.next
        while at is not None and at.tag == "-text" and not (at.text_content or "").strip():
            at = at.next
        if at is None or not at.is_element_node:
            return False
        if not _UNSEEN_NAME.search(at.attributes.get("class") or ""):
            return False
        return (short_text(at) or "").strip().startswith(letter)


def _is_hidden_part(node: LexborNode, style: str) -> bool:
    """Whether a style hides what would stand within a line: it is judged by itself then."""
    level = style_hides(style)
    if level in (SHOWN, HIDDEN):
        return level == HIDDEN
    long = level == FAINT and short_text(node, _FAINT_PART) is None and bool(node.text())
    return long or gives_orders(node.text() or "")


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and HIDDEN_STYLE.search(style))


def _is_unseen(attributes: dict[str, str | None]) -> bool:
    """Whether an element within a line is meant for screen readers, tooltips or editors only."""
    names = attributes.get("class") or ""
    return bool(names) and _UNSEEN_NAME.search(names) is not None


def _is_tip(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    """Whether an element within a line explains the word before it when that is pointed at."""
    if attributes.get("role") == "tooltip":
        return True
    name = attributes.get("id")
    before = node.prev if name else None
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    if before is None or before.tag not in _EXPLAINED:
        return False
    told = (before.attributes.get(key) or "" for key in ("aria-describedby", "aria-labelledby"))
    return any(name in ids.split() for ids in told)


def _is_note(node: LexborNode) -> bool:
    """Whether a raised element is the mark of a note, by its names and by what it links to."""
    link = node.css_first("a[href]")
    parent = node.parent
    if link is None and parent is not None and parent.tag == "a":
        link = parent
    found = [node] if link is None else [node, link]
    names = " ".join(
        each.attributes.get(name) or ""
        for each in found
        for name in ("class", "id", "role", "epub:type", "data-type")
    )
    href = (link.attributes.get("href") or "") if link is not None else ""
    return href.startswith("#") or is_note_name(f"{names} #{href.partition('#')[2]}")


# Elements that may stand for other characters than those that they hold.
_TAKEN_OTHERWISE: Final = _names("a sup sub span")
_TAKEN_WHOLE: Final = _TAKEN_OTHERWISE | _names("div p") | _CAP_TAGS


def segment(tree: LexborHTMLParser, elements: PageElements | None = None) -> PageBlocks:
    """Cut a parsed page into blocks.

    Args:
        tree: the page; it is not changed.
        elements: those of the page if they were found before, or None to find them.

    Returns:
        Blocks in page order with the elements that hold them; none for a page without a body.
    """
    return _Segmenter(tree, elements or page_elements(tree)).walk()
