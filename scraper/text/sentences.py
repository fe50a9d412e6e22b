"""Text as the comparison of edits sees it: normal form, sentences, words.

Text that a decoder spoiled, mended as far as that can be told from the text alone.

For comparison only: a page that is decoded better the next time was not edited by its publisher.
"""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["fix_mojibake", "normalise", "split_sentences", "tokens"]


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
_HAN_QUOTE = re.compile(rf"'(?=[{_HAN}])|(?<=[{_HAN}。,!?.:])'(?![a-z])")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_RUN_OF_DASHES = re.compile(r"-{2,}")
_RUN_OF_DOTS = re.compile(r"\.{3,}|·{3,}|。{2,}")

# Lines of counters and clocks. A line counts as one only when nothing else is in it: "three hours
# ago" inside a sentence is what the journalist wrote, and "1.5" alone is a figure in a table.
_UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?"
    r"|秒钟?|秒鐘|分钟|分鐘|分|小时|小時|天|日|周|週|星期|个月|個月|月|年)"
)
_AMOUNT = r"(?:an?|\d[\d,.]*|几|幾|半)\s*(?:[km]\b|[万萬千亿億]|thousand|million)?\+?"
_AGO = (
    r"(?:just\s+now|today|yesterday|moments?\s+ago|刚刚|剛剛|刚才|剛才|今天|昨天|前天|今日|昨日"
    rf"|(?:about\s+|over\s+)?{_AMOUNT}\s*{_UNIT}\s*(?:ago|之?前|以前)"
    rf"|{_AMOUNT}[\s-]*(?:min(?:ute)?s?|分钟|分鐘)\s*(?:read|listen|阅读|閱讀|可读完))"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WEEKDAY = (
    r"(?:(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?,?|[星周週]期?[一二三四五六日天])"
)
_DATE = (
    r"(?:\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}\s*月\s*\d{1,2}\s*日"
    rf"|\d{{1,2}}\s+{_MONTH},?\s+\d{{4}}|{_MONTH}\s+\d{{1,2}},?\s+\d{{4}})"
)
_TIME = (
    r"(?:(?:at\s+)?\d{1,2}[:：时時]\d{2}(?:[:：]\d{2}|分)?(?:\s*[ap]\.?m\.?)?"
    r"(?:\s*(?:[a-z]{2,4}t|utc|gmt|z|[+-]\d{2}:?\d{2}|北京时间|北京時間))?)"
)
_CLOCK = (
    rf"(?:(?:{_WEEKDAY}\s*)?{_DATE}(?:[\s(（]*{_WEEKDAY}[)）]?)?(?:[\sT,]*{_TIME})?"
    rf"|\d{{1,2}}-\d{{1,2}}\s+{_TIME}|{_WEEKDAY}\s*{_TIME})"
)
_THING = (
    r"(?:views?|reads?|readers?|comments?|replies|likes?|shares?|reactions?|votes?|followers?|plays?"
    r"|次?(?:阅读|閱讀|浏览|瀏覽|播放|点击|點擊|观看|觀看)(?:量|数|數|次数)?"
    r"|条?(?:评论|評論|留言|跟贴|跟帖|回复|回覆)(?:数|數)?"
    r"|人?(?:点赞|點讚|赞|讚|参与|參與|收藏|转发|轉發|分享|推荐|推薦|关注|關注)(?:数|數)?"
    r"|热度|熱度|人气|人氣)"
)
_COUNT = (
    rf"(?:{_AMOUNT}\s*(?:次|条|條|人|个|個)?\s*{_THING}"
    rf"|{_THING}\s*[:：(（]?\s*{_AMOUNT}\s*[)）]?次?|{_THING})"
)
_LABEL = (
    r"(?:(?:(?:last|first)\s+)?(?:updated|modified|published|posted|revised|edited)(?:\s+on|\s+at)?"
    r"|(?:最后|最後|最近)?(?:更新|修改|编辑|編輯|发布|發布|發佈|发表|發表|当前|當前)?(?:时间|時間|于|於|日期)"
    r"|(?:最后|最後|最近)?(?:更新|发布|發布|發佈))\s*[:：]?\s*"
)
_VOLATILE = re.compile(
    rf"(?:(?:{_LABEL})?(?:{_AGO}|{_COUNT}|{_CLOCK})|{_LABEL}{_TIME})(?!\w)[\s|｜/·,;，；()（）-]*",
    re.IGNORECASE,
)
_LONGEST_VOLATILE = 80
# Who is credited may stand in the same line; that stays, and a change of it is an edit.
_CREDIT = re.compile(
    r"(?:(?:来源|來源|稿源|作者|记者|記者|编辑|編輯|责编|責編|责任编辑|責任編輯|撰文|文|source|author|editor)"
    r"\s*[:：/／]\s*|by\s+)[^\s|｜·,，;；]{1,30}(?:\s[A-Z][\w.'’-]*){0,3}"
    # Without a colon a name is told by its length and by what ends it.
    r"|(?:本[报報刊网網]|特[约約]|实习|實習)?(?:记者|記者|作者|编辑|編輯|责编|責編|撰文|通讯员|通訊員)\s*"
    r"[\u3400-\u9fff]{2,4}(?:、[\u3400-\u9fff]{2,4})*(?=[\s|｜/·,;，；()（）-]|$)"
    r"|[\u3400-\u9fff]{1,6}(?:社|网|網|报|報|日报|日報|电视台|新闻|新聞|客户端|财经|科技)(?![\u3400-\u9fff])",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s|｜/·,;，；()（）-]*")

# One space at a time, for white space is already collapsed when this is asked.
_IDLE_SPACE = re.compile(
    rf" (?:(?=[{_HAN},.;:!?)\]。])|(?<=\d )(?=[%‰℃])|(?<=[{_HAN}(\[。] )|(?<=[{_HAN}][,;:!?\"] ))"
)

_ABBREVIATION = re.compile(
    r"(?:mr|mrs|ms|dr|prof|sr|jr|st|gen|col|lt|sgt|capt|sen|rep|gov|pres|hon|rev|inc|ltd|co|corp"
    r"|vs|etc|al|fig|vol|pp|ed|eds|est|approx|dept|univ|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov"
    r"|dec|u\.s|u\.k|u\.n|e\.g|i\.e|a\.m|p\.m|ph\.d|d\.c)|(?-i:[A-Z])",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[。！？]+[”’」』）\"')】》]*"  # full-width: always an end
    r"|[!?]+[\"'”’)\]]*(?=\s|$|[\u3400-\U000323af])"
    r"|\.{1,3}[\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9\u3400-\U000323af]|\s*$)"
)
_TOKEN = re.compile(
    rf"\d+(?:[.,:]\d+)*(?:\.\d+)?%?|[{_HAN}]|[^\W\d_{_HAN}]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL
)


def normalise(text: str) -> str:
    """Return the form in which two texts are equal when no publisher's edit lies between them."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    lines = []
    for line in fix_mojibake(text).splitlines():
        line = _telling(" ".join(line.split()))
        if line:
            lines.append(line)
    plain = " ".join(lines)
    plain = plain.replace("`", "'") if plain.isascii() else plain.translate(_ALIKE)
    plain = _RUN_OF_DOTS.sub("...", _RUN_OF_DASHES.sub("-", plain))
    if "," in plain:
        plain = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), plain)
    if "'" in plain:
        plain = _HAN_QUOTE.sub('"', plain)
    return _IDLE_SPACE.sub("", " ".join(plain.split()))


def _telling(line: str) -> str:
    """Return a line without its counters and clocks where it holds nothing else but credits."""
    if len(line) > _LONGEST_VOLATILE:
        return line
    place = 0
    credits: list[str] = []
    while place < len(line):
        part = _VOLATILE.match(line, place)
        if part is None:
            part = _CREDIT.match(line, place)
            if part is None:
                return line
            credits.append(part[0])
            separators = _SEPARATORS.match(line, part.end())
            place = separators.end() if separators else part.end()
        else:
            place = part.end()
    return " ".join(credits)


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
