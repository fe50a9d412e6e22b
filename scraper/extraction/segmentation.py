"""One walk over the parsed page that cuts it into blocks of text.

The walk is a loop, not a recursion, so that depth can't overflow a stack. lexbor puts what follows
``</html>`` where browsers put it: at the end of the body. What a line of plain text shows otherwise
than its characters (powers, marks of notes, formulas, readings, first letters that stand apart) is
written on the way, so that all that reads a block reads the same.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extraction.blocks import (
    HIDDEN_STYLE,
    MAX_DEPTH,
    PREFORMATTED,
    FormulaText,
    Mark,
    PageBlocks,
    TextRun,
)
from scraper.extraction.formulas import (
    Formula,
    find_formulas,
    formula_of_image,
    formulas_in_text,
    sets_tex,
)
from scraper.extraction.glyph_images import characters_of_image
from scraper.extraction.ruby import ruby_text
from scraper.extraction.superscripts import is_note_name, lowered, raised
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns_without_blanks

__all__ = ["BLOCK_LEVEL", "INLINE", "SKIPPED", "segment"]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Elements that stand within a line (https://html.spec.whatwg.org/multipage/rendering.html), those
# that HTML has given up among them.
INLINE: Final = _names(
    "a abbr acronym applet b basefont bdi bdo bgsound big blink cite code data del dfn em font i "
    "image ins kbd label mark marquee meter multicol nobr output picture q rb rp rt rtc ruby s "
    "samp small source spacer span strike strong sub sup time tt u var wbr"
)
# Elements that end a line. What is in neither table HTML does not know (``stock-ticker``, ``o:p``)
# or lets flow with the text (``button``, ``slot``): browsers set it within the line, unless style
# sheets and scripts make a part of the page of it. `_flows` tells which.
BLOCK_LEVEL: Final = _names(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div "
    "dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup legend "
    "li listing main menu nav ol optgroup p plaintext pre search section summary table tbody td "
    "tfoot th thead tr ul xmp"
)
# Elements that hold nothing but a line of text.
_PHRASES: Final = _names("p h1 h2 h3 h4 h5 h6 pre")
# Tags whose content is no text of the page.
SKIPPED: Final = _names(
    "audio canvas datalist embed head iframe img input link map math meta noembed noframes "
    "noscript object option progress rp rt rtc script select style svg template textarea title "
    "video"
)
_BOLD: Final = frozenset(("b", "strong"))
_CODE: Final = frozenset(("code", "kbd", "samp", "tt"))
_MARKED: Final = frozenset(("a", "b", "strong", "i", "em", "code", "kbd", "samp"))

_DISPLAY_INLINE = lazy_compile(r"display\s*:\s*inline", re.IGNORECASE)
_FLOAT = lazy_compile(r"float\s*:\s*(?:left|inline-start|right)|initial-letter", re.IGNORECASE)
_RAISED_STYLE = lazy_compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_RAISED_CLASS = lazy_compile(r"(?:^|[\s_-])(?:super-?script|sup)(?:$|[\s_-])", re.IGNORECASE)
_DISPLAY_BLOCK = lazy_compile(r"display\s*:\s*(?:block|flex|table)", re.IGNORECASE)

# What holds outside an element, to be restored when the walk leaves it: its node, the container,
# whether in a link, in bold, in a button, in preformatted text; and whether it is inline.
_State = tuple[LexborNode, int, bool, bool, bool, bool, bool]

# What is looked at to tell what an element is: nodes inside it, siblings, characters.
_FEW_NODES: Final = 40
_FEW_SIBLINGS: Final = 4
_FEW_CHARACTERS: Final = 40
_HIDDEN_NOTE: Final = 300

_CAP_NAME = lazy_compile(
    r"drop-?_?cap|dropped-?_?(?:cap|letter|initial)|first-?_?letter|lettrine|initial-?_?(?:cap|letter)"
    r"|首字|shouzi",
    re.IGNORECASE,
)
_CAP = lazy_compile(r"[“\"'‘「『《（(]?[^\W\d_]")
_CAP_TAGS: Final = _names("span b strong big font em i")
# Letters that are words: what follows them after a space is the next word.
_LETTER_WORDS: Final = frozenset("aioyeuàéèóAIOYEUÀÉÈÓ")
_ADVERT_NAME = lazy_compile(
    r"(?:^|\s)(?:ads?|adv|adverts?|advertisements?|promos?|sponsor(?:ed)?|promoted"
    r"|cta|app[-_]?download|download[-_]?app|guang-?gao|tui-?guang)"
    r"(?:[-_](?:ads?|slot|box|unit|inline|wrap|wrapper|block|card|line|strip|text|content|post))?(?:\s|$)",
    re.IGNORECASE,
)
_LEAST_ADVERT: Final = 12  # columns
_UNSEEN_NAME = lazy_compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:-text)?|a11y|offscreen"
    r"|assistive-text|tooltip-?text|mw-editsection)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Links back from a note, and from a heading to itself.
_BACK_LINK = lazy_compile(
    r"[\s↩↰⤴⤶⏎↑⇧⇑▲△^🔙¶#§🔗\ufe0e\ufe0f]+|(?:copy )?link|permalink", re.IGNORECASE
)
_NOTE_MARK = lazy_compile(r"[\[［〔(（]?(?:\d{1,3}|[a-z]{1,2}|[*†‡§]{1,3})[\]］〕)）]?")


def _short_text(node: LexborNode, limit: int = _FEW_CHARACTERS) -> str | None:
    """Return the text of a small element, with the powers in it; None for one that is not small."""
    parts: list[str] = []
    at, depth, count = node.first_child, 0, 0
    size = 0
    while at is not None:
        count += 1
        if count > _FEW_NODES or size > limit:
            return None
        text = at.text_content if at.tag == "-text" else ""
        if text:
            parts.append(text)
            size += len(text)
        elif at.tag == "sup":
            parts.append("^")
        child = at.first_child if at.tag not in SKIPPED else None
        if child is not None:
            at, depth = child, depth + 1
            continue
        following = at.next
        while following is None and depth:
            parent = at.parent
            if parent is None:
                return None
            at, depth = parent, depth - 1
            following = at.next
        at = following
    return "".join(parts) if size <= limit else None


def _is_small_inline(node: LexborNode) -> bool:
    """Whether an element holds a few nodes and nothing that ends a line."""
    at, depth, count = node.first_child, 0, 0
    while at is not None:
        count += 1
        tag = at.tag or "-"
        if count > _FEW_NODES or tag in BLOCK_LEVEL or tag in ("br", "hr"):
            return False
        child = at.first_child if tag[0] != "-" else None
        if child is not None:
            at, depth = child, depth + 1
            continue
        following = at.next
        while following is None and depth:
            parent = at.parent
            if parent is None:
                return False
            at, depth = parent, depth - 1
            following = at.next
        at = following
    return True


def _sibling_text(node: LexborNode | None, *, before: bool) -> str:
    """Return the text that stands directly before or behind a node, in a line with it."""
    at = node
    for _ in range(_FEW_SIBLINGS):
        if at is None:
            return ""
        sibling = at.prev if before else at.next
        while sibling is not None and sibling.tag == "-comment":
            sibling = sibling.prev if before else sibling.next
        if sibling is None:
            at = at.parent
            if at is None or at.tag not in INLINE:
                return ""
            continue
        inner: LexborNode | None = sibling
        for _ in range(_FEW_SIBLINGS):
            if inner is None or (inner.tag != "-text" and inner.tag not in INLINE):
                return ""
            if inner.tag == "-text":
                break
            inner = inner.last_child if before else inner.first_child
        text = (inner.text_content or "") if inner is not None and inner.tag == "-text" else ""
        if text.strip() or at is None:
            return text
        at = sibling
    return ""


def _flows(node: LexborNode, tag: str, container: str) -> bool:
    """Whether an element that HTML does not know, or leaves to style sheets, stands within a line.

    Browsers set it so; but sites make parts of the page of such elements, too. Within the line is
    what is small, holds no block, and has text beside it or stands in what holds text only.
    """
    if not _is_small_inline(node):
        return False
    if tag == "button":
        before = _sibling_text(node, before=True).rstrip()
        after = _sibling_text(node, before=False)
        return bool(before and after.strip()) and before[-1] not in ".!?。！？"
    if container in _PHRASES:
        return True
    parent = node.parent
    if parent is not None and parent.tag in INLINE and parent.tag not in ("a", "span", "font"):
        return True
    return bool(
        _sibling_text(node, before=True).strip() or _sibling_text(node, before=False).strip()
    )


def _cap_letter(node: LexborNode) -> str:
    """Return the one letter that an element holds, with the quotation mark before it, or ""."""
    at = node.first_child
    for _ in range(_FEW_SIBLINGS):
        if at is None or at.next is not None:
            return ""
        if at.tag == "-text":
            text = at.text_content or ""
            letter = text.strip() if len(text) < _FEW_CHARACTERS else ""
            return letter if _CAP.fullmatch(letter) else ""
        at = at.first_child
    return ""


def _is_advert(node: LexborNode) -> bool:
    """Whether a span within a line is an advert by its name, and long enough to be one."""
    names = node.attrs.get("class") or node.attrs.get("id") or ""
    if not names or _ADVERT_NAME.search(names) is None:
        return False
    return columns_without_blanks(node.text() or "") >= _LEAST_ADVERT


def _neighbour(node: LexborNode, *, before: bool) -> str:
    """Return the tag of the nearest sibling that shows something, ``-text`` for text, or ""."""
    at = node.prev if before else node.next
    for _ in range(_FEW_NODES):
        if at is None:
            return ""
        blank = at.tag == "-text" and (at.text_content or "").isspace()
        if not blank and at.tag != "-comment":
            return at.tag or "-text"
        at = at.prev if before else at.next
    return "-text"


class _Segmenter:
    """One walk over a page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.page = PageBlocks()
        self._body = tree.body
        self._formulas = find_formulas(tree)
        self._dollars = sets_tex(tree)
        self._run = TextRun()
        self._stack: list[_State] = []
        self._container = 0
        self._in_link = self._in_bold = self._in_button = self._literal = False
        self._cap, self._cap_spaced = "", False  # a first letter that waits for its word

    def walk(self) -> PageBlocks:
        """Return the page cut into blocks."""
        self.page.nodes[0] = self._body
        node = self._body.first_child if self._body is not None else None
        while node is not None:
            child = self._visit(node)
            if child is not None:
                node = child
                continue
            following = node.next
            while following is None and self._stack:
                node = self._leave()
                following = node.next
            node = following
        self._end_cap()
        self._flush()
        return self.page

    def _flush(self, *, broken: bool = False) -> None:
        run = self._run
        if run.pieces:
            block = run.block(self._container, broken=broken, literal=self._literal)
            if block is not None:
                self.page.blocks.append(block)
        if run.pieces or run.marks:
            run.clear()

    def _visit(self, node: LexborNode) -> LexborNode | None:
        """Take a node; return its first child where the walk goes on inside it."""
        tag = node.tag or "-"
        if tag == "-text":
            text = node.text_content
            # White space between elements begins no block.
            if text and (self._run.pieces or self._literal or self._cap or not text.isspace()):
                if "\\(" in text or "\\[" in text or (self._dollars and "$" in text):
                    self._add_tex(node, text)
                else:
                    self._add(text)
            return None
        if tag[0] == "-":
            return None
        if self._formulas and node.mem_id in self._formulas:
            formula = self._formulas[node.mem_id]
            if formula is not None:
                self._add_formula(node, formula)
            return None
        if tag == "br":
            self._flush(broken=True)
            return None
        if tag in SKIPPED:
            if tag == "img":
                self._add_image(node)
            elif tag in ("rt", "rtc"):
                self._add_ruby(node)
            return None
        if tag == "hr":
            self._flush()
            return None
        child = node.first_child
        if child is None or (tag in _TAKEN_WHOLE and self._take_whole(node, tag)):
            return None
        self._enter(node, tag)
        return child

    def _enter(self, node: LexborNode, tag: str) -> None:
        """Begin an element with children."""
        run = self._run
        inline = self._is_inline(node, tag)
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
        elif run.pieces or run.marks:
            self._flush()
        self._container, self._in_link, self._in_bold = container, in_link, in_bold
        self._in_button, self._literal = in_button, literal
        return node

    def _is_inline(self, node: LexborNode, tag: str) -> bool:
        if tag in INLINE:
            if tag != "span":
                return True
            style = node.attrs.get("style")
            if style and (_DISPLAY_BLOCK.search(style) or HIDDEN_STYLE.search(style)):
                return False
            if self._stands_alone(node) or _is_advert(node):
                return False
            if not self._run.pieces and self.page.tags[self._container] in _PHRASES:
                names = node.attrs.get("class") or ""
                if names and not (_neighbour(node, before=True) or _neighbour(node, before=False)):
                    self.page.words[self._container] += f" {names}"
            return True
        if tag not in BLOCK_LEVEL:
            return _flows(node, tag, self.page.tags[self._container])
        if tag in ("div", "p") and self._run.pieces:
            style = node.attrs.get("style")
            return bool(style and _DISPLAY_INLINE.search(style) and _flows(node, tag, ""))
        return False

    def _stands_alone(self, node: LexborNode) -> bool:
        """Whether a named span is a line of its own between two blocks, as an advert's may be."""
        if self._run.pieces or self.page.tags[self._container] in _PHRASES:
            return False
        before, after = _neighbour(node, before=True), _neighbour(node, before=False)
        beside = {tag for tag in (before, after) if tag}
        named = bool(node.attrs.get("class") or node.attrs.get("id"))
        return named and bool(beside) and beside <= BLOCK_LEVEL

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
        return "".join(self._run.pieces[-_FEW_SIBLINGS:])[-_FEW_CHARACTERS:]

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
            after = _sibling_text(node, before=False)
            if _CAP_NAME.search(names):
                self._cap = alt
            elif (after[:1].islower() and not self._before()[-1:].isalpha()) or (
                not alt.isascii() and (after[:1].isalpha() or self._before()[-1:].isalpha())
            ):
                # A first letter, or a rare character that the page has no font for.
                self._add(alt)
        elif self._run.pieces or _sibling_text(node, before=False).strip():
            characters = characters_of_image(node)
            if characters:
                self._add(characters)

    def _add_ruby(self, node: LexborNode) -> None:
        base: list[str] = []
        at = node.prev
        while at is not None and at.tag not in ("rt", "rtc") and len(base) < _FEW_SIBLINGS:
            if at.tag not in SKIPPED:
                inner = at.text_content if at.tag == "-text" else _short_text(at)
                base.insert(0, inner or "")
            at = at.prev
        above = _short_text(node)
        if above and self._run.pieces:
            text = ruby_text("".join(base), above)
            if text:
                self._add(text)

    # ── elements whose text is written in another way ────────────────────────────────────────────

    def _take_whole(self, node: LexborNode, tag: str) -> bool:
        """Append a small element's text as a line of plain text shows it; False: go inside it."""
        if tag == "a":
            return self._take_link(node)
        if tag in ("sup", "sub"):
            return self._take_script(node, raised_=tag == "sup")
        letter = _cap_letter(node)
        if letter:
            return self._take_cap(node, tag, letter)
        if tag == "span":
            attributes = node.attributes
            if self._run.pieces and (_is_hidden(attributes) or _is_unseen(attributes)):
                # What is hidden within a sentence explains a word of it, and is no part of it.
                return _short_text(node, _HIDDEN_NOTE) is not None
            style, class_ = attributes.get("style"), attributes.get("class")
            if (style and _RAISED_STYLE.search(style)) or (class_ and _RAISED_CLASS.search(class_)):
                return self._take_script(node, raised_=True)
        return False

    def _take_script(self, node: LexborNode, *, raised_: bool) -> bool:
        content = _short_text(node)
        if content is None or not content.strip():
            return content is not None
        before = self._before()
        if not raised_:
            text = lowered(content, before)
        else:
            after = _sibling_text(node, before=False)[:_FEW_CHARACTERS]
            text = raised(content, before, after, note=_is_note(node))
            if text.endswith("]") and after[:1].isascii() and after[:1].isalnum():
                text += " "  # a note that stands beside its mark
        if text.startswith("^") and before[-1:].isspace():
            self._run.pieces[-1] = self._run.pieces[-1].rstrip()
        link = node.css_first("a") if raised_ else None
        if link is not None:
            self._run.links += 1
            self._run.link += len(content.strip())
        self._add(text)
        return True

    def _take_link(self, node: LexborNode) -> bool:
        """Take a link to a note, or back from one."""
        attributes = node.attributes
        href = attributes.get("href") or ""
        if "#" not in href:
            return False
        content = _short_text(node)
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
        self._add(raised(content, self._before(), "", note=True))
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
        return (_short_text(at) or "").strip().startswith(letter)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and HIDDEN_STYLE.search(style))


def _is_unseen(attributes: dict[str, str | None]) -> bool:
    """Whether an element within a line is meant for screen readers, tooltips or editors only."""
    names = attributes.get("class") or ""
    return bool(names) and _UNSEEN_NAME.search(names) is not None


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
_TAKEN_WHOLE: Final = _names("a sup sub div p") | _CAP_TAGS


def segment(tree: LexborHTMLParser) -> PageBlocks:
    """Cut a parsed page into blocks.

    Args:
        tree: the page; it is not changed.

    Returns:
        Blocks in page order with the elements that hold them; none for a page without a body.
    """
    return _Segmenter(tree).walk()
