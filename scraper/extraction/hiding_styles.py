"""How far a style hides the element that it is for, by what it declares.

What a script fades or moves in has the same style as what nobody ever sees: names and transitions
tell some of it, and `scraper.extraction.hidden_text` the rest, by how much of the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.text.patterns import lazy_compile

__all__ = [
    "FAINT",
    "HIDDEN",
    "SHOWN",
    "SUSPECT",
    "declarations",
    "is_moved",
    "is_opened",
    "is_panel",
    "shows",
    "style_hides",
]

# How far an element is hidden: what may be pale on its ground or is moved in by a script; what no
# screen shows as it stands; what browsers do not set at all.
SHOWN: Final = 0
SUSPECT: Final = 1
FAINT: Final = 2
HIDDEN: Final = 3

_MAX_STYLE: Final = 2_000
_LABELS: Final = frozenset(("button", "summary", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "label"))

# Panels of accordions: a style attribute closes them until a reader opens them.
_PANEL = lazy_compile(
    r"accordion|collaps(?:e|ible)|spoiler|toggle-?content|faq-?answer|answer-?(?:text|body)",
    re.IGNORECASE,
)
# Answers that a click on their question opens, by whatever names.
_OPENED = lazy_compile(
    r"accord|collaps|faq|question|answer|spoiler|toggle|drop-?down|expand|tab-?pane"
)
_MOVED = lazy_compile(r"transition|animat|will-change|translate|fade|reveal|\baos|lazy|slide")

# Declarations that may hide; a style that has none of them is not parsed.
_MAY_HIDE = lazy_compile(
    r"none|hidden|collapse|opacity\s*:\s*0?\.?0|-\d{2,6}(?:\.\d{1,4})?(?:px|pt|r?em|ch|v[wh]|%|\b)"
    r"|font(?:-size)?\s*:\s*[0-3.](?!\d)|clip|(?:height|width)\s*:\s*[01](?![\d.])|color\s*:"
    r"|scale|transparent",
    re.IGNORECASE,
)
_NUMBER = lazy_compile(r"(-?\d{0,6}\.?\d{0,20})\s*(px|pt|r?em|%|v[wh]|ch)?")
# How far from where it would stand an element is off any screen, by unit.
_FAR: Final[Mapping[str, float]] = {
    "px": 400, "pt": 300, "em": 40, "rem": 40, "ch": 60, "%": 99, "vw": 90, "vh": 90,
}  # fmt: skip
# Margins overlap elements by some hundred pixels.
_FAR_MARGIN: Final = 2.5
_SMALLEST: Final = 3.0  # pixels of letters that nobody reads
_PALE = lazy_compile(
    r"white|#f[c-f]{2}|#f[c-f]f[c-f]f[c-f]|#f[c-f]f[c-f]f[c-f][0-9a-f]{2}"
    r"|rgba?\(25[0-5][, ]25[0-5][, ]25[0-5][^)]{0,12}\)",
    re.IGNORECASE,
)
_CLEAR = lazy_compile(
    r"transparent|(?:rgb|hsl)a?\([^)]{4,30}[,/]0(?:\.0{1,4})?%?\)|#[0-9a-f]{3}0|#[0-9a-f]{6}00",
    re.IGNORECASE,
)
_NO_COLOUR: Final = ("none", "inherit", "initial", "unset", "revert", "current", "var(")
_CLIPPED: Final = ("inset(50%", "inset(100%", "inset(99", "circle(0", "polygon(00,00,00")
_SCALED: Final = ("scale(0)", "scale(0,", "scalex(0)", "scaley(0)", "scale3d(0,")
_SPELLED: Final[Mapping[str, str]] = {
    "#fff": "white", "#ffffff": "white", "rgb(255,255,255)": "white",
    "#000": "black", "#000000": "black", "rgb(0,0,0)": "black",
}  # fmt: skip


def is_panel(names: str) -> bool:
    """Return whether an element with these names is closed only until it is clicked on."""
    return _PANEL.search(names) is not None


def is_opened(node: LexborNode, names: str, around: str) -> bool:
    """Return whether a reader's click opens an element: by its names, or by the label above it.

    Args:
        node: the element.
        names: its classes and ids, in any case.
        around: those of the elements around it.
    """
    if _OPENED.search(f"{names} {around}".lower()) is not None:
        return True
    above = node.prev
    while above is not None and not above.is_element_node:
        above = above.prev
    if above is None:
        return False
    return (
        above.tag in _LABELS
        or _OPENED.search((above.attributes.get("class") or "").lower()) is not None
    )


def is_moved(names: str) -> bool:
    """Return whether a script fades elements with these names in, or moves them into sight."""
    return _MOVED.search(names.lower()) is not None


def declarations(text: str) -> dict[str, str]:
    """Return the properties that a style sets, in lower case, and their values."""
    found: dict[str, str] = {}
    for part in text[:_MAX_STYLE].lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def shows(said: Mapping[str, str]) -> bool:
    """Return whether declarations take back what others of the same element hide."""
    return (
        said.get("display", "none") != "none"
        or said.get("visibility") == "visible"
        or said.get("opacity", "0").strip("0.%") != ""
        or said.get("max-height", "0").strip("0px%") != ""
        or said.get("clip") == "auto"
        or said.get("position") in ("static", "relative")
    )


@lru_cache(maxsize=5_000)
def style_hides(text: str) -> int:
    """Return how far declarations hide the element that they are for: `SHOWN` to `HIDDEN`.

    Args:
        text: a style attribute, or what stands between the braces of a rule.
    """
    # A brace stands where a quotation mark is missing, and nothing of it is a style.
    if "{" in text or _MAY_HIDE.search(text[:_MAX_STYLE]) is None:
        return SHOWN
    said = declarations(text)
    if said.get("display") == "none" or said.get("visibility") in ("hidden", "collapse"):
        return HIDDEN
    if said.get("content-visibility") == "hidden":
        return HIDDEN
    if _is_away(said):
        return FAINT
    if _is_faded(said) or _has_no_room(said):
        # A script or a click may be to show it.
        return SUSPECT if is_moved(text[:_MAX_STYLE]) else FAINT
    return _pale(said)


def _far(value: str) -> float:
    """Return how far off a length leads, 1.0 where no screen shows it; 0 for a positive one."""
    match = _NUMBER.match(value)
    if match is None or not match[1].startswith("-") or not match[1].strip("-."):
        return 0.0
    return -float(match[1]) / _FAR[match[2] or "px"]


def _is_nothing(value: str, most: float = 1.0) -> bool:
    """Whether a length is none, or no more than some pixels."""
    match = _NUMBER.match(value)
    if match is None or not match[1].strip(".-") or match[1].startswith("-"):
        return False
    size = float(match[1])
    return size == 0 or (size <= most and (match[2] or "px") in ("px", "pt"))


def _is_away(said: Mapping[str, str]) -> bool:
    sides = ["text-indent"]
    if said.get("position") in ("absolute", "fixed"):
        sides += ["left", "right", "top", "bottom", "inset", "inset-inline-start"]
    if any(_far(said.get(side, "")) >= 1 for side in sides):
        return True
    return any(_far(said.get(side, "")) >= _FAR_MARGIN for side in ("margin-left", "margin-top"))


def _is_faded(said: Mapping[str, str]) -> bool:
    if said.get("opacity", "1").strip("0.%") == "":
        return True
    transform = said.get("transform", "").replace(" ", "")
    return transform.startswith(_SCALED) or "translate(-9" in transform or "tex(-9" in transform


def _has_no_room(said: Mapping[str, str]) -> bool:
    clip = said.get("clip", "").replace(" ", "")
    if clip.startswith("rect("):
        sides = clip[5:].rstrip(")").replace("px", "px,").replace("auto", "0").split(",")
        if all(_is_nothing(side) for side in sides if side):
            return True
    if said.get("clip-path", "").replace(" ", "").startswith(_CLIPPED):
        return True
    if said.get("overflow", "") in ("hidden", "clip") and any(
        _is_nothing(said.get(side, "")) for side in ("height", "max-height", "width", "max-width")
    ):
        return True
    size = said.get("font-size") or said.get("font", "").partition("/")[0].partition(" ")[0]
    return bool(size) and _is_nothing(size, _SMALLEST)


def _is_cut_out(said: Mapping[str, str]) -> bool:
    return "text" in (said.get("background-clip", ""), said.get("-webkit-background-clip", ""))


def _pale(said: Mapping[str, str]) -> int:
    """Return whether the letters have their ground's colour, or one that most grounds have."""
    colour = said.get("color", "").replace(" ", "")
    # Clear letters may be cut out of a picture or a gradient.
    if not colour or colour.startswith(_NO_COLOUR) or _is_cut_out(said):
        return SHOWN
    if _CLEAR.fullmatch(colour) is not None:
        return FAINT
    ground = (said.get("background-color") or said.get("background", "")).replace(" ", "")
    if ground:
        same = _SPELLED.get(colour, colour) == _SPELLED.get(ground, ground)
        return FAINT if same else SHOWN
    return SUSPECT if _PALE.fullmatch(colour) is not None else SHOWN
