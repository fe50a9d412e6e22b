"""Makes text of the bytes of feeds, sitemaps and listings, and takes out what XML forbids.

No parser guesses our characters: feedparser falls back to windows-1252 for a whole document when
one byte is wrong, and raises on references to surrogates.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["decode", "scrub"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# WHATWG Encoding Standard: these labels mean the wider set.
_LABELS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}
# A declaration is believed when at most this share of the characters comes out wrong.
_TOLERATED = 0.001


def _codec(label: str) -> str:
    name = label.strip().strip("\"'").lower()
    try:
        return codecs.lookup(_LABELS.get(name, name)).name
    except LookupError:
        return ""


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a document: BOM, strict UTF-8, header, its own declaration, in that order.

    Args:
        body: the bytes.
        content_type: the Content-Type header, or "".

    Returns:
        The text; bytes that nothing explains become U+FFFD, the rest stays intact.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    header = re.search(r"charset\s*=\s*([^\s;]+)", content_type, re.IGNORECASE)
    declared = _DECLARED.search(body[:4096])
    names = [_codec(header.group(1)) if header else ""]
    names.append(_codec(declared.group(1).decode("ascii", "replace")) if declared else "")
    best, fewest = "", len(body) + 1
    for name in (*(n for n in names if n), "utf-8", "gb18030", "big5hkscs", "cp1252"):
        text = body.decode(name, "replace")
        wrong = text.count("\ufffd")
        if wrong <= _TOLERATED * len(text):
            return text
        if wrong < fewest:
            best, fewest = text, wrong
    return best


# XML 1.0, production Char: what may not stand in a document, as itself or as a reference.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def _allowed(match: re.Match[str]) -> str:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    code = int(digits, base) if len(digits) <= 9 else 0
    if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE:
        return match[0]
    return match[0] if 0x10000 <= code <= 0x10FFFF else ""


def scrub(text: str) -> str:
    """Return the text without control characters, lone surrogates and references to either."""
    return _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text))
