"""Versions of models: recognized by form in the text after a family's name, and named."""

from __future__ import annotations

import re
from functools import lru_cache

from scraper.text.patterns import lazy_compile

__all__ = ["read_version", "unlisted_models", "version_name"]

# The colon is for tags, gpt-oss:20b.
_JOINT = r"(?:[ \-‐‑–_·]|:(?=[0-9.]+b(?![a-z])))?"
# A number before one of these units is not a version: Qwen 3个版本, Llama 4 months ago.
_COUNTED = (
    r"(?![\d.,]*\d)(?!\s*(?:%|％|‰|per ?cent|thousand|million|billion|trillion|points?\b|times\b"
    r"|(?:second|minute|hour|day|week|month|year)s?\b|people\b|models?\b|versions?\b|to \d|of the\b"
    r"|[百千万亿个款种次倍年月日号天周位名家人元岁项条篇点台张块层轮成折分秒件枚套]"
    r"|美元|人民币|欧元|港元|百分))"
)
_SIZE = r"\d+(?:\.\d+)?[bm](?![a-z])|\d+x\d+b(?![a-z])|\d{1,2}t(?![a-z])"
_PARTS = (
    ("size", rf"(?:{_SIZE})"),
    ("active", r"a\d+(?:\.\d+)?b(?![a-z0-9])"),
    # GLM-Z1, but not "Qwen H20": after a space fewer letters begin a version.
    ("letter", r"(?:[vrkmxtz]|(?<=[\-‐‑])[a-z])\d{1,2}(?:\.\d{1,2})?(?![a-z0-9])"),
    ("date", r"(?<=[\-‐‑])\d{4}(?!\d)"),
    ("number", rf"\d{{1,2}}(?:\.\d{{1,2}})?(?:[vnoer](?![a-z0-9])|(?![a-z0-9])){_COUNTED}"),
    ("source", r"(?<=distill[\-‐‑])(?:qwen|llama)[\d.]*"),
    ("word", r"[a-z]+\d{0,2}(?![a-z0-9])"),
)
_PART = lazy_compile(_JOINT + "(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _PARTS) + ")")
_HYPHENS = frozenset("-‐‑")
_SIZE_NEXT = lazy_compile(rf"[\-‐‑](?:{_SIZE})")
_MINOR = lazy_compile(r"\.\d{1,2}(?![\d.]*\d)")
# Words that do not belong to a version after a space.
_APART = lazy_compile(r" ?(?:language|scale|number|batch)")
_COMMON = frozenset(("it", "text", "image", "video", "code", "chat", "light", "dev", "base"))
# Lower-case words that belong to a version after a number: GPT-4o mini.
_SMALL = frozenset(("mini", "nano"))
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_MOST_PARTS = 7


def read_version(
    folded: str, text: str, start: int, end: int, words: frozenset[str]
) -> tuple[int, tuple[str, ...]]:
    """Read the version after a family's name.

    Args:
        folded: `text` folded, character for character.
        text: as printed.
        start, end: position of the family's name.
        words: lower-case words that are parts of versions.

    Returns:
        The end of the version and its parts as printed; `end` and no parts without a version.
    """
    parts: list[str] = []
    if folded[end - 1].isdigit() and (minor := _MINOR.match(folded, end)):
        parts.append(text[end : minor.end()])
        end = minor.end()
    while len(parts) < _MOST_PARTS and (part := _PART.match(folded, end)):
        kind = part.lastgroup or ""
        at = part.start(kind)
        joint = folded[end:at]
        if kind == "word":
            word = part[kind].rstrip("0123456789")
            # TAIDE-LX-7B: any word between hyphens before a size belongs to the name.
            if word not in words and not (
                joint in _HYPHENS and _SIZE_NEXT.match(folded, part.end())
            ):
                break
            # 千问Max needs no joint, since the script changes.
            if not joint and not (text[at].isupper() and text[at - 1] >= "\u2e80"):
                break
            # After a space a capital shows a name: Llama 4 Scout, but Kimi chat, Qwen small.
            if joint == " " and not (
                (text[at].isupper() and word not in _COMMON)
                or (word in _SMALL and parts and parts[-1][0].isdigit())
            ):
                break
            if joint == " " and _APART.match(folded, part.end()):
                break
        elif not joint and kind in ("date", "active"):
            break
        parts.append(text[at : part.end()])
        end = part.end()
    if text[start] > "\uff00":
        parts = [part.translate(_WIDE) for part in parts]
    return end, tuple(parts)


_WRITTEN = {"moe": "MoE", "it": "it", "awq": "AWQ", "gguf": "GGUF", "asr": "ASR", "tts": "TTS"}


def _styled(part: str, *, lower: bool) -> str:
    if lower:
        return part.lower()
    if part.lower() in _WRITTEN:
        return _WRITTEN[part.lower()]
    if re.fullmatch(r"\d+(?:\.\d+)?[bm]|a\d+(?:\.\d+)?b|\d+x\d+b", part, re.IGNORECASE):
        return part.upper().replace("X", "x")
    if re.fullmatch(r"[a-z]\d+(?:\.\d+)?", part, re.IGNORECASE):
        return part.upper()
    if part[0].isdigit() or part[0] == ".":
        return part.lower() if part[-1] in "oneNOE" else part.upper()
    return part.upper() if len(part) == 2 else part[0].upper() + part[1:].lower()


# A version that follows its family without a joint: Qwen3, but Qwen-72B, Qwen-Max.
_NO_SIZE = lazy_compile(r"[a-z]|\d+(?:\.\d+)?[bm]$|\d+x", re.IGNORECASE)


@lru_cache(maxsize=4096)
def version_name(family: str, join: str, parts: tuple[str, ...]) -> str:
    """Return the name of a version in its family's style: ``Qwen3-235B-A22B``, ``Kimi K2``.

    Args:
        family: the family's name in the lexicon.
        join: text between the family and the version.
        parts: parts of the version, as printed.
    """
    lower = family.islower()
    name = family
    for i, part in enumerate(parts):
        styled = _styled(part, lower=lower)
        if styled.startswith("."):
            name += styled
        elif i == 0:
            direct = join or not _NO_SIZE.match(part)
            name += (join if direct else "-") + styled
        else:
            name += ("-" if join != " " else " ") + styled
    return name


# Names missing from the lexicon, recognized by their context. One alternative each for a size after
# a name, for Chinese quotes before and after 模型, and for English.
_SIZE_BEHIND = lazy_compile(r"-[0-9]{1,4}(?:\.[0-9]{1,2})?[BM](?:-[A-Z][a-z]+)?(?!\w)")
_BEFORE_SIZE = lazy_compile(
    r"(?<![\w.-])[A-Z][A-Za-z]{2,20}(?:[ -]?v?[0-9]{1,2}(?:\.[0-9]{1,2})?)?$"
)
_QUOTED_BEHIND = lazy_compile(
    r"(?:模型|權重|权重)(?:系列|家族)?(?:产品|產品|命名为|命名為|名为|名為|取名|定名)?"
    r"[“「『《〈]([\w·.\- ]{1,12})[”」』》〉]"
)
_QUOTED_BEFORE = lazy_compile(
    r"[“「『《〈]([\w·.\- ]{1,12})[”」』》〉](?:系列|家族)?(?:的)?"
    r"(?:开源|開源|开放|開放|语言|語言|文本|多模态|多模態|推理|视觉|視覺|基础|基礎|语音|語音|翻译|翻譯|大){0,3}模型"
)
_NAMED = lazy_compile(
    r" model,? (?:is )?(?:called |named |dubbed |known as )?"
    r"[\"“‘']?([A-Z][A-Za-z]{2,15}(?:[ -][A-Z]?\d[\w.]{0,4})?)(?![A-Za-z])"
)
_WHICH_MODEL = lazy_compile(
    r"\b(?:language|text|reasoning|vision|speech|multimodal|open-weight|open-source|open|foundation"
    r"|translation|AI|weather|coding)$"
)
# fmt: off
_NO_NAMES = frozenset((
    "The", "That", "This", "It", "Which", "Who", "When", "Where", "But", "And",
    "For", "With", "From", "Into", "Its", "His", "Her", "Their", "Our", "New",
    "In", "On", "At", "By", "To", "Of", "If", "As", "Is", "Was",
    "Are", "Were", "Has", "Have", "Had", "Will", "Would", "Can", "Could", "May",
    "Might", "Should", "Does", "Did", "Not", "No", "Now", "Then", "Than", "Here",
    "There", "After", "Before", "While", "Since", "Because", "Although", "However", "All", "Any",
    "Makers", "Maker", "Company", "Companies", "Training", "Weights", "Hub", "Race", "Card",
    "Cards", "Index", "Arena",
))
# fmt: on


def unlisted_models(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return names of models that are recognized by form, with all their positions.

    Args:
        text: headline and text as printed.

    Returns:
        Positions by name as printed; empty for most texts.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for match in _SIZE_BEHIND.finditer(text):
        name = _BEFORE_SIZE.search(text, max(0, match.start() - 28), match.start())
        if name is not None:
            span = name.start(), match.end()
            found.setdefault(text[slice(*span)], []).append(span)
    if "模型" in text or "权重" in text or "權重" in text:
        for pattern in (_QUOTED_BEHIND, _QUOTED_BEFORE):
            for match in pattern.finditer(text):
                _all_places(text, match[1], found, quoted=True)
    if " model" in text:
        for match in _NAMED.finditer(text):
            if match[1] not in _NO_NAMES and _WHICH_MODEL.search(
                text, max(0, match.start() - 14), match.start()
            ):
                _all_places(text, match[1], found, quoted=False)
    return found


def _all_places(
    text: str, name: str, found: dict[str, list[tuple[int, int]]], *, quoted: bool
) -> None:
    if name in found or len(found) >= 8 or name.isdigit():
        return
    escaped = re.escape(name)
    wanted = rf"(?<=[“「『《〈]){escaped}(?=[”」』》〉])" if quoted else rf"(?<!\w){escaped}(?!\w)"
    found[name] = [match.span() for match in re.finditer(wanted, text)]
