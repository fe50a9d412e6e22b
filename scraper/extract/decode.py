"""Bytes to characters, by our own hand: no library guesses our encoding.

The order is that of browsers (https://html.spec.whatwg.org/#determining-the-character-encoding)
with one change: bytes that are valid UTF-8 are UTF-8, whatever the page declares, since no other
encoding in use produces them by accident. Labels mean what the WHATWG says they mean
(https://encoding.spec.whatwg.org/#names-and-labels): ``gb2312`` is GB18030, ``latin1`` is
windows-1252.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import cchardet

from scraper.models import Decoded

__all__ = ["decode"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))

# Python codec ← labels. Python's own aliases are not used: they hold codecs that are no character
# encodings of the web (``unicode_escape``, ``utf-7``, ``idna``).
_LABELS: Mapping[str, str] = {
    label: codec
    for codec, labels in {
        "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 unicode",
        "utf-16-le": "utf-16 utf-16le ucs-2 iso-10646-ucs-2 csunicode",
        "utf-16-be": "utf-16be unicodefffe",
        "gb18030": "gb18030 gb2312 gbk gb-2312 gb_2312 gb_2312-80 x-gbk chinese csgb2312 "
        "iso-ir-58 cp936 ms936 euc-cn hz-gb-2312 gb gb2312-80",
        "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 big-5 cp950 big5hkscs",
        "euc_tw": "euc-tw",
        "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis",
        "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
        "iso2022_jp": "iso-2022-jp csiso2022jp",
        "cp949": "euc-kr korean ks_c_5601-1987 ksc5601 ksc_5601 windows-949 cp949 uhc cseuckr",
        "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 latin-1 l1 ascii us-ascii "
        "windows-1252 cp1252 x-cp1252 ansi_x3.4-1968 cp819",
        "cp1250": "windows-1250 cp1250 x-cp1250",
        "cp1251": "windows-1251 cp1251 x-cp1251",
        "cp1253": "windows-1253 cp1253",
        "cp1254": "windows-1254 cp1254 iso-8859-9 latin5",
        "cp1255": "windows-1255 cp1255",
        "cp1256": "windows-1256 cp1256",
        "cp1257": "windows-1257 cp1257",
        "cp1258": "windows-1258 cp1258",
        "cp874": "windows-874 tis-620 iso-8859-11 dos-874",
        "iso8859-2": "iso-8859-2 iso8859-2 latin2",
        "iso8859-4": "iso-8859-4",
        "iso8859-5": "iso-8859-5",
        "iso8859-6": "iso-8859-6",
        "iso8859-7": "iso-8859-7 greek",
        "iso8859-8": "iso-8859-8 iso-8859-8-i",
        "iso8859-13": "iso-8859-13",
        "iso8859-15": "iso-8859-15 latin9",
        "koi8-r": "koi8-r koi8 koi",
        "koi8-u": "koi8-u",
        "mac-roman": "macintosh mac x-mac-roman",
    }.items()
    for label in labels.split()
}
_SINGLE_BYTE = re.compile(r"cp125\d|cp874|iso8859|koi8|mac")

_PRESCAN = 8192  # bytes; the WHATWG says 1024, but pages put scripts first
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)

_FEW = 0.005  # share of U+FFFD up to which a declared encoding is believed
_SOME = 0.01  # the same for UTF-8 that nobody declared

# The commonest characters of written Chinese in both scripts. Wrongly decoded bytes give hanzi too,
# but rare ones; and CP1252 gives none at all.
_COMMON = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能"
    "而子那得于於着下自之年发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現"
)


def _codec(label: str) -> str:
    return _LABELS.get(label.strip().lower(), "")


def _in_header(headers: Mapping[str, str] | None) -> str:
    if not headers:
        return ""
    value = headers.get("content-type") or headers.get("Content-Type") or ""
    match = _HEADER.search(value)
    return _codec(match.group(1)) if match else ""


def _in_markup(body: bytes) -> str:
    start = _COMMENT.sub(b"", body[:_PRESCAN])
    match = _META.search(start) or _XML.search(start)
    codec = _codec(match.group(1).decode("ascii")) if match else ""
    # The declaration was legible as ASCII, so it can't be true (WHATWG, prescan, step 15).
    return "utf-8" if codec.startswith("utf-16") else codec


def _try(body: bytes, codec: str, origin: str) -> Decoded:
    # U+FFFD that stand in the page as such are the publisher's loss, not ours.
    text = body.decode(codec, "replace")
    replaced = text.count("\ufffd")
    if replaced and codec == "utf-8":
        replaced -= body.count(b"\xef\xbf\xbd")
    return Decoded(text=text, encoding=codec, origin=origin, replaced=max(0, replaced))


def _share(decoded: Decoded) -> float:
    return decoded.replaced / max(1, len(decoded.text))


def _fluency(decoded: Decoded) -> float:
    """Share of the non-ASCII characters that are the commonest of Chinese."""
    foreign = [c for c in decoded.text[:200_000] if c > "\x7f"]
    return sum(c in _COMMON for c in foreign) / max(1, len(foreign))


def _wide(body: bytes) -> str:
    """Name the UTF-16 variant that the NUL bytes of unmarked text betray."""
    start = body[:1000]
    if len(start) >= 8 and start.count(0) * 3 > len(start):
        even, odd = start[0::2].count(0), start[1::2].count(0)
        if odd > 4 * even:
            return "utf-16-le"
        if even > 4 * odd:
            return "utf-16-be"
    return ""


def _mostly_utf8(body: bytes, decoded: Decoded) -> bool:
    # Text in another encoding has hardly any valid multi-byte sequence; a damaged or truncated
    # UTF-8 text has hardly any invalid one.
    valid = sum(c > "\x7f" for c in decoded.text) - decoded.replaced
    return valid >= 8 * decoded.replaced


def _detected(body: bytes) -> Iterator[str]:
    found = cchardet.detect(body).get("encoding")
    if found:
        yield _codec(found)
    yield from ("gb18030", "big5hkscs")


def decode(body: bytes, headers: Mapping[str, str] | None = None) -> Decoded:
    """Turn a response body into text; never fails, and says what it had to replace.

    The order: byte order mark; valid UTF-8; the Content-Type header; the page's own declaration in
    its first 8 KiB; nearly valid UTF-8; whichever of these and of a detector's guess replaces
    least. A declaration is believed when at most 0.5% of the text has to be replaced; where header
    and page disagree, the one that reads as language is believed.

    Args:
        body: bytes as the server meant them, freed of Content-Encoding.
        headers: response headers with lower-case names, if known.

    Returns:
        The text without its byte order mark, the codec, where its name came from, and the number
        of replacement characters.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _try(body[len(mark) :], codec, "bom")
    header, markup = _in_header(headers), _in_markup(body)
    wide = header if header.startswith("utf-16") else _wide(body)
    if wide:
        return _try(body, wide, "header" if wide == header else "detected")
    escaped = "iso2022_jp" if b"\x1b$" in body and "iso2022_jp" in (header, markup) else ""
    if escaped:
        return _try(body, escaped, "header" if header == escaped else "meta")
    lenient = _try(body, "utf-8", "utf-8")
    if not lenient.replaced or _mostly_utf8(body, lenient):
        return lenient

    declared = [
        _try(body, codec, origin)
        for codec, origin in ((header, "header"), (markup, "meta"))
        if codec
    ]
    believed = [d for d in declared if _share(d) <= _FEW]
    if len(believed) == 2 and believed[0].encoding != believed[1].encoding:
        # A server's default (Latin-1) fits any bytes, so fitting proves nothing; fluency does.
        first, second = believed
        return second if _fluency(second) > _fluency(first) + 0.05 else first
    if believed:
        only = believed[0]
        if not _SINGLE_BYTE.match(only.encoding):
            return only
        # As above: Latin-1 as the only declaration of a page that reads as Chinese.
        others = [_try(body, codec, "detected") for codec in _detected(body) if codec]
        better = max(others, key=_fluency)
        return better if not better.replaced and _fluency(better) > 0.15 else only
    if _share(lenient) <= _SOME:
        return lenient
    guesses = [_try(body, codec, "detected") for codec in _detected(body) if codec]
    return min([*declared, *guesses, lenient], key=lambda d: (round(_share(d), 3), -_fluency(d)))
