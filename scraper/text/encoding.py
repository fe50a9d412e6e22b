"""The bytes of a response to text, by what its headers and the page itself declare.

What a label of the web means as an encoding, and the encoding as browsers read it.

Labels mean what the WHATWG says they mean (https://encoding.spec.whatwg.org/#names-and-labels):
``gb2312`` is GB18030, ``latin1`` is windows-1252.

Bytes to characters, by our own hand, for pages and feeds alike: no library guesses our encoding.

The order is that of browsers (https://html.spec.whatwg.org/#determining-the-character-encoding)
with one change: bytes that are valid UTF-8 are UTF-8, whatever the page declares, since no other
encoding in use produces them by accident.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import cchardet

from scraper.models import Decoded
from scraper.text.patterns import lazy_compile

__all__ = ["CHINESE", "codec_of", "decode", "decode_page", "read", "scrub"]


# Python codec ← labels. Python's own aliases are not used: they hold codecs that are no character
# encodings of the web (``unicode_escape``, ``utf-7``, ``idna``).
_LABELS: Final[Mapping[str, str]] = {
    label: codec
    for codec, labels in {
        "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 unicode utf-8-sig",
        "utf-16-le": "utf-16 utf-16le ucs-2 iso-10646-ucs-2 csunicode",
        "utf-16-be": "utf-16be unicodefffe",
        "gb18030": "gb18030 gb2312 gbk gb-2312 gb_2312 gb_2312-80 x-gbk chinese csgb2312 "
        "csiso58gb231280 iso-ir-58 cp936 ms936 windows-936 euc-cn gb gb2312-80 gb18030-2000",
        "hz": "hz-gb-2312 hz",
        "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 big-5 cp950 windows-950 big5hkscs "
        "big5-eten",
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
CHINESE: Final = ("gb18030", "big5hkscs")

# Symbols that Python's codec maps as HKSCS-2004 does, where browsers and Windows read the older
# Big5; the middle dot of Chinese renderings of names is among them.
_BIG5_SYMBOLS: Final = tuple(zip("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡", strict=True))


# Characters that HKSCS-2008 added, in the order of their codes: 877A to 877E, 87A1 to 87DF.
# Python's codec is of 2004.
_HKSCS_2008: Final = (
    "㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆㓦珄𥶹"
    "瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋"
)
_OF_HKSCS_2008: Final = dict(
    zip([*range(0x877A, 0x877F), *range(0x87A1, 0x87E0)], _HKSCS_2008, strict=True)
)
# Codes of GB 18030 that Python's codec maps to private characters, as the edition of 2000 did, and
# what they are by now (editions of 2005 and 2022, and the WHATWG's index): A3A0 is a space of full
# width, A8BC an m with an acute; the others are forms of punctuation and rare hanzi.
_GB_PRIVATE: Final = dict(
    zip(
        [
            0xE5E5, 0xE7C7, *range(0xE78D, 0xE797), 0xE816, 0xE817, 0xE818, 0xE81E, 0xE826, 0xE82B,
            0xE82C, 0xE831, 0xE832, 0xE83B, 0xE843, 0xE854, 0xE855, 0xE864,
        ],
        "\u3000ḿ︐︒︑︓︔︕︖︗︘︙𠂇𠂉𠃌龴龵龶龷𡗗龸𢦏龹龺𤇾龻",
        strict=True,
    )
)  # fmt: skip
_PRIVATE = lazy_compile(r"[\ue5e5\ue78d-\ue864]")


def _mend(error: UnicodeError) -> tuple[str, int]:
    """Read what code pages in use hold beyond Python's codecs.

    € in GBK, kana and the characters of HKSCS-2008 in Big5, NEC's row 13 in EUC-JP.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    at, data = error.start, error.object
    if error.encoding == "gb18030" and data[at] == 0x80:
        return "€", at + 1
    if error.encoding == "euc_jp" and len(data) > at + 1 and min(data[at : at + 2]) >= 0xA1:
        try:
            return _shift_jis(data[at], data[at + 1]).decode("cp932"), at + 2
        except UnicodeDecodeError:
            pass
    if error.encoding == "big5hkscs" and len(data) > at + 1:
        added = _OF_HKSCS_2008.get(data[at] << 8 | data[at + 1])
        if added is not None:
            return added, at + 2
        try:
            return data[at : at + 2].decode("cp950"), at + 2
        except UnicodeDecodeError:
            pass
    return "\ufffd", error.end


def _shift_jis(lead: int, trail: int) -> bytes:
    """Return two bytes of EUC-JP as those of Shift JIS, which Windows' code page extends alike."""
    row, cell = lead - 0xA1, trail - 0xA1
    first = (row >> 1) + (0x81 if row < 62 else 0xC1)
    second = cell + 0x9F if row & 1 else cell + 0x40 + (cell >= 63)
    return bytes((first, second))


_MENDED: Final = "scraper.mend"
# Codecs whose gaps are known.
_WITH_GAPS: Final = frozenset({*CHINESE, "euc_jp"})
codecs.register_error(_MENDED, _mend)


def codec_of(label: str) -> str:
    """Return Python's codec for a label of the web, or "" where it names no encoding."""
    return _LABELS.get(label.strip().lower(), "")


def read(body: bytes, codec: str) -> str:
    """Return bytes as text, with U+FFFD for what the encoding does not have."""
    text = body.decode(codec, _MENDED if codec in _WITH_GAPS else "replace")
    if codec == "gb18030" and _PRIVATE.search(text):
        return text.translate(_GB_PRIVATE)
    if codec == "big5hkscs":
        for symbol, meant in _BIG5_SYMBOLS:
            text = text.replace(symbol, meant)
    return text


_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)

_SINGLE_BYTE = lazy_compile(r"cp125\d|cp874|iso8859|koi8|mac")
# Encodings written in 7-bit bytes, by what switches their character sets: they pass for UTF-8.
_ESCAPED: Final = {"iso2022_jp": b"\x1b$", "hz": b"~{"}

# The WHATWG's prescan reads 1024 bytes; pages put scripts and styles first.
_PRESCAN: Final = 65_536
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_META = re.compile(
    rb"<meta[^>]{0,400}?charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_.:\-]+)", re.IGNORECASE
)
_XML = re.compile(
    rb"^\s*<\?xml[^>]{0,200}?encoding\s*+=\s*+[\"']([A-Za-z0-9_.:\-]+)", re.IGNORECASE
)
_HEADER = lazy_compile(r"charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_.:\-]+)", re.IGNORECASE)

_MARKUP = lazy_compile(r"\s*<[a-zA-Z!?]")

# Valid characters for each invalid byte, of a page that says that it is UTF-8: a few words of
# another encoding have hardly one.
_NAMED_UTF8: Final = 3
_FEW: Final = 0.005  # share of U+FFFD up to which a declared encoding is believed
_SOME: Final = 0.01  # the same for UTF-8 that nobody declared
# How much more fluent another reading must be than the one that is declared.
_PLAINLY: Final = 0.3
# Fluency from which a text is Chinese though the page declares an encoding of one byte.
_CHINESE_TEXT: Final = 1.0
# What a detector's guess is worth beside the fluency of Chinese. Korean, Japanese and Thai bytes
# read as GBK give nothing but common hanzi, Cyrillic and Latin ones do not.
_GUESS: Final = 0.75
_EASTERN_GUESS: Final = 1.1
_EASTERN: Final = frozenset(("cp949", "euc_jp", "cp932", "cp874"))
_SAMPLE: Final = 4_000  # foreign characters

# The commonest characters of written Chinese in both scripts. Wrongly decoded bytes give hanzi too,
# but rare ones; and CP1252 gives none at all.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能"
    "而子那得于於着下自之年发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現"
)

_ASCII = lazy_compile(r"[\x00-\x7f]+")
_FOREIGN_RUN = re.compile(rb"[\x80-\xff]+")
_LONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_IN_WORD = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_MOSTLY_LONE: Final = 0.9
_HANZI = lazy_compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
# Bytes of UTF-8 as windows-1252 and as Latin-1 show them.
_AS_BYTE: Final = {
    shown: byte
    for byte in range(0x80, 0x100)
    for shown in (chr(byte), bytes((byte,)).decode("cp1252", "replace"))
    if shown != "\ufffd"
}
_TRAILS: Final = "".join(re.escape(shown) for shown, b in _AS_BYTE.items() if b < 0xC0)
_DOUBLED = lazy_compile(f"[\u00c2-\u00df][{_TRAILS}]|[\u00e0-\u00ef][{_TRAILS}]{{2}}")
_LEAST_DOUBLED: Final = 8  # characters; fewer may be quoted


def _declared(body: bytes, named: str) -> list[tuple[str, str]]:
    """Return codec and origin of each declaration: the header's, then meta, then XML."""
    found = [(named, "header")]
    start = _COMMENT.sub(b"", body[:_PRESCAN])
    labels = [match[1] for match in _META.finditer(start)]
    # A label that names no encoding is passed over for the next (WHATWG, prescan, step 14).
    known = next((label for label in labels if codec_of(label.decode("ascii"))), b"")
    xml = _XML.search(start)
    for label in filter(None, (known, xml and xml[1])):
        codec = codec_of(label.decode("ascii"))
        # The declaration was legible as ASCII, so it can't be true (WHATWG, prescan, step 15).
        found.append(("utf-8" if codec.startswith("utf-16") else codec, "meta"))
    return [(codec, origin) for codec, origin in found if codec]


def _try(body: bytes, codec: str, origin: str) -> Decoded:
    # U+FFFD that stand in the page as such are the publisher's loss, not ours.
    text = read(body, codec)
    replaced = text.count("\ufffd")
    if replaced and codec == "utf-8":
        replaced -= body.count(b"\xef\xbf\xbd")
    return Decoded(text=text, encoding=codec, origin=origin, replaced=max(0, replaced))


def _ascii(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def _share(decoded: Decoded) -> float:
    return decoded.replaced / max(1, len(decoded.text))


@cache
def _usual(codec: str) -> frozenset[str]:
    """Return the symbols and the commoner half of the hanzi of a Chinese encoding.

    GB 2312 and Big5 order their hanzi in two levels by use: the first holds some 99% of any text.
    Read in the wrong encoding, bytes scatter over both.
    """
    first, trails, hanzi = (
        ("gb2312", range(0xA1, 0xFF), range(0xB0, 0xD8))
        if codec == "gb18030"
        else ("big5", [*range(0x40, 0x7F), *range(0xA1, 0xFF)], range(0xA4, 0xC7))
    )
    rows = (bytes((lead, trail)) for lead in (*range(0xA1, 0xA4), *hanzi) for trail in trails)
    return frozenset(row.decode(first, "ignore") for row in rows)


def _fluency(decoded: Decoded) -> float:
    """Return how much the foreign characters read like Chinese, from 0 to 2."""
    foreign = _ASCII.sub("", decoded.text[:200_000])[:_SAMPLE]
    if not foreign:
        return 0.0
    common = sum(map(_COMMON.__contains__, foreign))
    if decoded.encoding in CHINESE:
        common += sum(map(_usual(decoded.encoding).__contains__, foreign))
    return common / len(foreign)


def _wide(body: bytes) -> str:
    """Name the UTF-16 variant that the NUL bytes of unmarked text betray."""
    start = body[:1000]
    for codec in ("utf-16-le", "utf-16-be"):
        if _MARKUP.match(start[: len(start) & ~1].decode(codec, "replace")):
            return codec
    if len(start) >= 8 and start.count(0) * 3 > len(start):
        even, odd = start[0::2].count(0), start[1::2].count(0)
        if odd > 4 * even:
            return "utf-16-le"
        if even > 4 * odd:
            return "utf-16-be"
    return ""


def _mostly_utf8(decoded: Decoded, times: int = 8) -> bool:
    # Text in another encoding has hardly any valid multi-byte sequence; a damaged or truncated
    # UTF-8 text has hardly any invalid one.
    valid = len(decoded.text) - _ascii(decoded.text) - decoded.replaced
    return valid >= times * decoded.replaced


def _is_western(body: bytes) -> bool:
    """Whether foreign bytes stand alone among letters of ASCII, as accents and curly quotes do.

    Other scripts write words, and East Asian encodings characters, of several such bytes.
    """
    runs = len(_FOREIGN_RUN.findall(body))
    return _IN_WORD.search(body) is not None and len(_LONE.findall(body)) >= _MOSTLY_LONE * runs


def _guesses(body: bytes) -> list[Decoded]:
    """Return the readings of a detector and of both encodings of Chinese, the likeliest first.

    Fewest replacements win, then what reads as Chinese, then the detector; what it has no name for
    may be in windows-1252, the encoding of pages that declare none in the West.
    """
    detected = codec_of(cchardet.detect(body).get("encoding") or "")
    if detected in ("", *CHINESE) and _is_western(body):
        detected = "cp1252"
    readings = [_try(body, c, "detected") for c in dict.fromkeys((detected, *CHINESE)) if c]

    def rank(reading: Decoded) -> tuple[float, float]:
        if reading.encoding in CHINESE:
            worth = _fluency(reading)
        else:
            worth = _EASTERN_GUESS if reading.encoding in _EASTERN else _GUESS
        return round(_share(reading), 3), -worth

    return sorted(readings, key=rank)


def _is_plain(guess: Decoded) -> bool:
    """Whether a guess leaves no doubt: each foreign byte makes sense in it."""
    if guess.encoding in CHINESE:
        return not guess.replaced and _fluency(guess) >= _CHINESE_TEXT
    return not guess.replaced and guess.encoding == "cp1252"


def _corrected(body: bytes, declared: Decoded) -> Decoded:
    """Return a declared reading, or the one that it plainly was mistaken for."""
    if _SINGLE_BYTE.match(declared.encoding):
        # A server's default (Latin-1) fits any bytes, so fitting proves nothing; fluency does.
        likeliest = _guesses(body)[0]
        chinese = likeliest.encoding in CHINESE and not likeliest.replaced
        return likeliest if chinese and _fluency(likeliest) >= _CHINESE_TEXT else declared
    if declared.encoding in CHINESE:
        # Most bytes of either Chinese encoding are valid in the other.
        other = _try(body, CHINESE[declared.encoding == CHINESE[0]], "detected")
        better = other.replaced <= declared.replaced
        return other if better and _fluency(other) > _fluency(declared) + _PLAINLY else declared
    return declared


def _undoubled(body: bytes, decoded: Decoded) -> Decoded:
    """Take back a second encoding: UTF-8 that was read as windows-1252 and written as UTF-8.

    Only where (nearly) all foreign characters of a document turn into Chinese by it: a text that
    quotes such characters, or accents that came out so here and there, stays what was published.
    """
    text = decoded.text
    # Each hanzi became a letter from à to ï, whose first byte nothing else has, and two others.
    foreign = 3 * body.count(b"\xc3")
    if foreign < 3 * _LEAST_DOUBLED:
        return decoded
    others = len(text) - _ascii(text)
    # In accented prose those letters come without the two others: do not look further.
    if not 0.6 * others <= foreign <= 1.4 * others:
        return decoded
    foreign = others
    if sum(map(len, _DOUBLED.findall(text))) < 0.95 * foreign:
        return decoded
    mended = _DOUBLED.sub(
        lambda run: bytes(map(_AS_BYTE.__getitem__, run[0])).decode("utf-8", "replace"), text
    )
    hanzi = len(_HANZI.findall(mended))
    if "\ufffd" in mended or 3 * hanzi < 0.6 * foreign:
        return decoded
    return replace(decoded, text=mended, origin="twice")


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Turn the bytes of a document into text; never fails, and says what it had to replace.

    The order: byte order mark; valid UTF-8; the Content-Type header; the document's own declaration
    (meta or XML) in its first 64 KiB; nearly valid UTF-8, unless all that is foreign in it makes
    sense otherwise; whichever of these and of a detector's guess replaces least. A declaration is
    believed when at most 0.5% of the text has to be replaced, and unless it plainly is that of
    another encoding of Chinese; where two disagree, the one that reads as language is believed.

    Args:
        body: bytes as the server meant them, freed of Content-Encoding.
        content_type: the Content-Type header, or "".

    Returns:
        The text without its byte order mark, the codec, where its name came from, and the number
        of replacement characters.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _try(body[len(mark) :], codec, "bom")
    header = _HEADER.search(content_type)
    named = codec_of(header.group(1)) if header else ""
    wide = named if named.startswith("utf-16") and b"\x00" in body[:1000] else _wide(body)
    if wide:
        return _try(body, wide, "header" if wide == named else "detected")
    declarations: list[tuple[str, str]] | None = None
    if b"\x1b" in body or b"~{" in body[:_PRESCAN]:
        declarations = _declared(body, named)
        for codec, origin in declarations:
            if codec in _ESCAPED and _ESCAPED[codec] in body:
                return _try(body, codec, origin)
    lenient = _try(body, "utf-8", "utf-8")
    if not lenient.replaced or _mostly_utf8(lenient):
        return _undoubled(body, lenient)
    if declarations is None:
        declarations = _declared(body, named)
    if any(codec == "utf-8" for codec, _ in declarations) and _mostly_utf8(lenient, _NAMED_UTF8):
        return _undoubled(body, lenient)
    declared = [_try(body, codec, origin) for codec, origin in declarations]
    believed = [reading for reading in declared if _share(reading) <= _FEW]
    if believed:
        best = believed[0]
        for reading in believed[1:]:
            if reading.encoding != best.encoding and _fluency(reading) > _fluency(best) + 0.05:
                best = reading
        return _corrected(body, best)
    guesses = _guesses(body)
    if _share(lenient) <= _SOME:
        # Where nothing foreign is valid, that is no damage: an English page has few accents.
        none = len(lenient.text) - _ascii(lenient.text) <= lenient.replaced
        return guesses[0] if none and _is_plain(guesses[0]) else lenient
    return min([*guesses, *declared, lenient], key=lambda d: round(_share(d), 3))


# XML 1.0, production Char: what may not stand in a document, as itself or as a reference.
_FORBIDDEN = lazy_compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = lazy_compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def _allowed(match: re.Match[str]) -> str:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    code = int(digits, base) if len(digits) <= 9 else 0
    if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE:
        return match[0]
    return match[0] if 0x10000 <= code <= 0x10FFFF else ""


def scrub(text: str) -> str:
    """Return text without control characters, lone surrogates and references to either.

    feedparser raises on references to surrogates; expat and SQLite refuse the characters.
    """
    return _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text))


def decode_page(body: bytes, headers: Mapping[str, str] | None = None) -> Decoded:
    """Turn a response body into text; see `scraper.text.encoding.decode`.

    Args:
        body: bytes as the server meant them, freed of Content-Encoding.
        headers: response headers with lower-case names, if known; only the charset is read.
    """
    headers = headers or {}
    content_type = headers.get("content-type") or headers.get("Content-Type") or ""
    return decode(body, content_type)
