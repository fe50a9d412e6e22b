"""What a label of the web means as an encoding, and the encoding as browsers read it.

Labels mean what the WHATWG says they mean (https://encoding.spec.whatwg.org/#names-and-labels):
``gb2312`` is GB18030, ``latin1`` is windows-1252.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Final

__all__ = ["CHINESE", "codec_of", "read"]

# Python codec ← labels. Python's own aliases are not used: they hold codecs that are no character
# encodings of the web (``unicode_escape``, ``utf-7``, ``idna``).
_LABELS: Final[Mapping[str, str]] = {
    label: codec
    for codec, labels in {
        "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 unicode utf-8-sig",
        "utf-16-le": "utf-16 utf-16le ucs-2 iso-10646-ucs-2 csunicode",
        "utf-16-be": "utf-16be unicodefffe",
        "gb18030": "gb18030 gb2312 gbk gb-2312 gb_2312 gb_2312-80 x-gbk chinese csgb2312 "
        "iso-ir-58 cp936 ms936 windows-936 euc-cn gb gb2312-80 gb18030-2000",
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


def _mend(error: UnicodeError) -> tuple[str, int]:
    """Read what Windows' code pages hold beyond the standards: € in GBK, kana in Big5."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    at, data = error.start, error.object
    if error.encoding == "gb18030" and data[at] == 0x80:
        return "€", at + 1
    if error.encoding == "big5hkscs" and len(data) > at + 1:
        try:
            return data[at : at + 2].decode("cp950"), at + 2
        except UnicodeDecodeError:
            pass
    return "\ufffd", error.end


_MENDED: Final = "scraper.mend"
codecs.register_error(_MENDED, _mend)


def codec_of(label: str) -> str:
    """Return Python's codec for a label of the web, or "" where it names no encoding."""
    return _LABELS.get(label.strip().lower(), "")


def read(body: bytes, codec: str) -> str:
    """Return bytes as text, with U+FFFD for what the encoding does not have."""
    text = body.decode(codec, _MENDED if codec in CHINESE else "replace")
    if codec == "big5hkscs":
        for symbol, meant in _BIG5_SYMBOLS:
            text = text.replace(symbol, meant)
    return text
