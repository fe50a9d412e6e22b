"""What a feed's entry says of its article: whole texts, as evidence beside the page."""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser

__all__ = ["LEAST_CONTENT", "MAX_CONTENT", "entry_text"]

# Entries say in fewer characters what they are about; in more, what the article says.
LEAST_CONTENT = 400
MAX_CONTENT = 100_000

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# White space other than a blank and the end of a line.
_SPACES = "\t\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Ends of blocks, which are ends of lines; and what hides text that is none.
_LINE_END = re.compile(r"</(?:p|div|li|h[1-6]|blockquote|tr)\s*>|<br\s*/?>", re.IGNORECASE)
_HIDING = re.compile(r"<(?:script|style|iframe|noscript|!--|!\[)", re.IGNORECASE)


def entry_text(markup: str) -> str:
    """Return the text of an entry's content, one paragraph a line, or "" for a mere summary."""
    if len(markup) < LEAST_CONTENT:
        return ""
    markup = markup[: 4 * MAX_CONTENT]
    if _HIDING.search(markup):
        plain = _without_hidden(_LINE_END.sub(_with_line, markup))
    else:
        plain = html.unescape(_TAG.sub("", _LINE_END.sub("\n", markup)))
    # Taking lines apart costs more than all else here, and few need it.
    uneven = any(sign in plain for sign in _SPACES)
    lines = (
        " ".join(line.split()) if uneven or "  " in line else line.strip()
        for line in plain.split("\n")
    )
    text = "\n".join(line for line in lines if line)
    return text[:MAX_CONTENT] if len(text) >= LEAST_CONTENT else ""


def _with_line(end: re.Match[str]) -> str:
    return end[0] + "\n"


def _without_hidden(markup: str) -> str:
    tree = LexborHTMLParser(markup)
    for node in tree.css("script, style, iframe, noscript"):
        node.decompose()
    return tree.body.text() if tree.body is not None else ""
