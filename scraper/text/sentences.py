"""Text as the comparison of edits sees it: normal form, sentences, words.

Text that a decoder spoiled is repaired as far as the text alone allows. All of this serves
comparison only: a page that is decoded better the next time was not edited by its publisher.
"""

from __future__ import annotations

import html
import re
import unicodedata

from scraper.text.patterns import lazy_compile

__all__ = ["fix_mojibake", "normalise", "split_sentences", "tokens"]


_ENTITY = lazy_compile(r"&(?:[a-z]{2,8}\d{0,2}|#\d{2,7}|#x[0-9a-f]{2,6});", re.IGNORECASE)
_DOUBLED_AMPERSAND = lazy_compile(r"&(?:amp;)+(?=#?\w{2,8};)", re.IGNORECASE)

# How windows-1252 shows the bytes 80 to BF, which follow the first byte of a character in UTF-8;
# five of them it does not show, and latin-1 shows none of 80 to 9F.
_BYTES = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_BYTES |= {chr(n): n for n in range(0x80, 0x100)}
_TRAIL = "[" + re.escape("".join(c for c, n in _BYTES.items() if n < 0xC0)) + "]"
# Western letters and signs (two bytes), typographic signs (E2 80, E2 82 AC), Chinese (E3 to E9, EF;
# one alone could be what a Frenchman wrote, so two are asked for).
_MISREAD = lazy_compile(
    rf"[ÂÃ]{_TRAIL}|â(?:€{_TRAIL}|‚¬)|(?:[ã-éï]{_TRAIL}{{2}}){{2,}}|â€(?=[\s.,;:!?)]|$)"
)
# As GB 18030 shows the first bytes of ，。的中是人, without which there is hardly a Chinese line.
_MISREAD_BEGINS = lazy_compile("[ÂÃâã-éï][\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u203a€™]")
_GB_SIGN = lazy_compile("[锛銆鐨涓鏄浠浜]")
_MOST_LOST = 0.2
_LOST = lazy_compile("锟斤拷|锟斤|斤拷")


def fix_mojibake(text: str) -> str:
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


_HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

# What makes no difference: characters that print nothing (soft hyphen, zero-width and direction
# marks, byte order mark), the width of a character, the style of a quote, dash or dot.
_ALIKE: dict[int, str] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF00, 0xFFF0)},
    **dict.fromkeys(
        [
            *(0xAD, 0x61C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF),
            *range(0x202A, 0x202F),
            *range(0x2066, 0x206A),
            *range(0xFE00, 0xFE10),
        ],
        "",
    ),
    **dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′`´＇"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-"),
    **dict.fromkeys(map(ord, "•・･‧∙●○■▪◆"), "·"),
    **dict.fromkeys(map(ord, "…⋯"), "..."),
    **dict.fromkeys(map(ord, "、､"), ","),
    # Ligatures and the radicals that some fonts and typesetting programs put for characters.
    **{
        code: unicodedata.normalize("NFKC", chr(code))
        for code in (*range(0xFB00, 0xFB07), *range(0x2E80, 0x2FD6))
    },
    ord("｡"): "。",
}
# Between Chinese, single quotes stand in one style where double ones stand in the other.
_HAN_QUOTE = lazy_compile(rf"'(?=[{_HAN}])|(?<=[{_HAN}。,!?.:])'(?![a-z])")
_THOUSANDS = lazy_compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
# Thousands parted by blanks, as many languages and the International System of Units do.
_BLANK_THOUSANDS = lazy_compile(r"(?<![\d.,])(?<![\d.,] )\d{1,3}(?: \d{3})+(?! ?\d)")
_RUN_OF_DASHES = lazy_compile(r"-{2,}")
_RUN_OF_DOTS = lazy_compile(r"\.{3,}|·{3,}|。{2,}")

# A Chinese sentence that ends with a Western full stop.
_WESTERN_STOP = lazy_compile(rf"(?<=[{_HAN}%)])\.(?=[\"' ]?[{_HAN}]|[\"']?$)")
# What pages compute anew amid a sentence: the price of a share behind its sign at each visit; the
# number of a note when another note comes. How many hours ago something was, the writer may say.
_SHARE_PRICE = lazy_compile(
    r"(?<=[A-Z])[ ,:]{1,2}(?:[$€£¥]?\d[\d.,]{0,11} ?)?[+▲▼△▽↑↓-] ?\d[\d.,]{0,7} ?%(?=\))"
)
_NOTE_MARK = lazy_compile(
    rf"(?:(?<=[a-z.,;:!?\"')\]。]{{2}})|(?<=[{_HAN}]))(?:\[\d{{1,3}}\])+(?=[\W]|$|[{_HAN}])"
    r"|^(?:\[\d{1,3}\] )+"
)

# One space at a time, for white space is already collapsed when this is asked.
_IDLE_SPACE = lazy_compile(
    rf" (?:(?=[{_HAN},.;:!?)\]。])|(?<=\d )(?=[%‰℃])|(?<=[{_HAN}(\[。] )|(?<=[{_HAN}][,;:!?\"] ))"
)

_ABBREVIATION = lazy_compile(
    r"(?:mr|mrs|ms|dr|prof|sr|jr|st|gen|col|lt|sgt|capt|sen|rep|gov|pres|hon|rev|inc|ltd|co|corp"
    r"|vs|etc|al|fig|vol|pp|ed|eds|est|approx|dept|univ|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov"
    r"|dec|u\.s|u\.k|u\.n|e\.g|i\.e|a\.m|p\.m|ph\.d|d\.c)|(?-i:[A-Z])",
    re.IGNORECASE,
)
_STOP = lazy_compile(
    r"[。！？]+[”’」』）\"')】》]*"  # full-width: always an end
    r"|(?<![!?])[!?]++[\"'”’)\]]*+(?=\s|$|[\u3400-\U000323af])"
    r"|\.{1,3}[\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9\u3400-\U000323af]|\s*$)"
    r"|(?<=[\u3400-\u9fff%％)）])\.[\"'”’)\]]*(?=[\"“‘]?[\u3400-\u9fff])"
)
_TOKEN = lazy_compile(
    rf"\d+(?:[.,:]\d+)*(?:\.\d+)?%?|[{_HAN}]|[^\W\d_{_HAN}]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL
)


def normalise(text: str) -> str:
    """Return the form in which two texts are equal when they differ in spelling and space alone.

    White space, line breaks, the width and style of punctuation, invisible characters, escaped
    entities and misread encodings make no difference; nor does what a page computes at each visit
    amid a sentence (the price of a share behind its sign), nor the number of a note.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    plain = " ".join(fix_mojibake(text).split())
    plain = plain.replace("`", "'") if plain.isascii() else plain.translate(_ALIKE)
    plain = _RUN_OF_DOTS.sub("...", _RUN_OF_DASHES.sub("-", plain))
    if "," in plain:
        plain = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), plain)
    plain = _BLANK_THOUSANDS.sub(lambda found: found[0].replace(" ", ""), plain)
    if "'" in plain:
        plain = _HAN_QUOTE.sub('"', plain)
    if "%)" in plain:
        plain = _SHARE_PRICE.sub("", plain)
    if "[" in plain:
        plain = _NOTE_MARK.sub("", plain)
    if "." in plain and not plain.isascii():
        plain = _WESTERN_STOP.sub("。", plain)
    return _IDLE_SPACE.sub("", " ".join(plain.split()))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text in Chinese, English or both; a line ends a sentence."""
    sentences = []
    for line in text.splitlines():
        start = 0
        for stop in _STOP.finditer(line):
            if line[stop.start()] == "." and _is_abbreviation(line[start : stop.start()]):
                continue
            sentences.append(line[start : stop.end()].strip())
            start = stop.end()
        sentences.append(line[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _is_abbreviation(before: str) -> bool:
    word = before.rsplit(None, 1)[-1].lstrip("\"'“‘([") if before.strip() else ""
    return _ABBREVIATION.fullmatch(word) is not None


def tokens(text: str, *, spaces: bool = False) -> list[str]:
    """Return the words of a text: numbers and Latin words whole, Chinese by character.

    Args:
        text: any text.
        spaces: keep white space, so that the tokens joined are `text`.
    """
    return [token for token in _TOKEN.findall(text) if spaces or not token.isspace()]
