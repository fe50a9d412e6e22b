"""Text that a decoder spoiled, mended as far as that can be told from the text alone.

For comparison only: a page that is decoded better the next time was not edited by its publisher.
"""

from __future__ import annotations

import html
import re

__all__ = ["repaired"]

_ENTITY = re.compile(r"&(?:[a-z]{2,8}\d{0,2}|#\d{2,7}|#x[0-9a-f]{2,6});", re.IGNORECASE)
_DOUBLED_AMPERSAND = re.compile(r"&(?:amp;)+(?=#?\w{2,8};)", re.IGNORECASE)

# How windows-1252 shows the bytes 80 to BF, which follow the first byte of a character in UTF-8;
# five of them it does not show, and latin-1 shows none of 80 to 9F.
_BYTES = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_BYTES |= {chr(n): n for n in range(0x80, 0x100)}
_TRAIL = "[" + re.escape("".join(c for c, n in _BYTES.items() if n < 0xC0)) + "]"
# Western letters and signs (two bytes), typographic signs (E2 80, E2 82 AC), Chinese (E3 to E9, EF;
# one alone could be what a Frenchman wrote, so two are asked for).
_MISREAD = re.compile(
    rf"[ÂÃ]{_TRAIL}|â(?:€{_TRAIL}|‚¬)|(?:[ã-éï]{_TRAIL}{{2}}){{2,}}|â€(?=[\s.,;:!?)]|$)"
)
# As GB 18030 shows the first bytes of ，。的中是人, without which there is hardly a Chinese line.
_MISREAD_BEGINS = re.compile("[ÂÃâã-éï][\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u203a€™]")
_GB_SIGN = re.compile("[锛銆鐨涓鏄浠浜]")
_MOST_LOST = 0.2
_LOST = re.compile("锟斤拷|锟斤|斤拷")


def repaired(text: str) -> str:
    """Return a text without entities that were escaped twice and without misread UTF-8."""
    if "&" in text:
        text = _DOUBLED_AMPERSAND.sub("&", text)
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if text.isascii():
        return text
    if _MISREAD_BEGINS.search(text):
        text = _MISREAD.sub(_from_western, text)
    if _GB_SIGN.search(text):
        text = "\n".join(map(_from_gb, text.split("\n")))
    return _LOST.sub("\ufffd", text) if "斤" in text or "锟" in text else text


def _from_western(found: re.Match[str]) -> str:
    """UTF-8 that was read as windows-1252."""
    run = found[0] if found[0] != "â€" else "â€\x9d"
    try:
        return bytes(_BYTES[char] for char in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return found[0]


def _from_gb(text: str) -> str:
    """UTF-8 that was read as GB 18030: no Chinese line is nearly valid UTF-8 by chance."""
    raw = text.replace("\ufffd", "").encode("gb18030", "replace")
    mended = raw.decode("utf-8", "replace")
    return mended if mended.count("\ufffd") < _MOST_LOST * len(mended) else text
