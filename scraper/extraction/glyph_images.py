"""Pictures that stand for characters of the line that they are in: emoji and faces."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.text.patterns import lazy_compile

__all__ = ["characters_of_image"]

_PICTOGRAPH: Final = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
# One to six emoji, with what joins, tints and dresses them; keycaps; flags of tags.
_EMOJI: Final = lazy_compile(
    f"(?:[{_PICTOGRAPH}][\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+"
    "|[0-9#*]\ufe0f?\u20e3){1,6}"
)
# Chinese networks name their faces in brackets, which is what their texts say, too.
_FACE: Final = lazy_compile(
    r"\[(?!(?:图|圖|图片|圖片|视频|視頻|广告|廣告|image|img|photo|video|logo|ad)\])[^\[\]\s]{1,12}\]",
    re.I,
)
_SHORTCODE: Final = lazy_compile(r":[a-z0-9_+-]{1,40}:")
_NAMED: Final = lazy_compile(
    r"(?:^|[^a-z])(?:emoji|emojione|twemoji|emoticon|wp-smiley|smil(?:ey|ies|e)|biaoqing|bq|face"
    r"|expression|emotion)s?(?:[^a-z]|$)",
    re.IGNORECASE,
)
_LONGEST: Final = 40


def characters_of_image(image: LexborNode) -> str:
    """Return the characters that a picture stands for, as its alt text has them, or ""."""
    attributes = image.attributes
    alt = (attributes.get("alt") or "").strip()
    if not alt or len(alt) > _LONGEST:
        return ""
    if _EMOJI.fullmatch(alt) or _FACE.fullmatch(alt):
        return alt
    names = f"{attributes.get('class') or ''} {(attributes.get('src') or '')[:300]}"
    if not _NAMED.search(names) or any(c.isspace() for c in alt):
        return ""
    if _SHORTCODE.fullmatch(alt) or not alt.isalnum():
        return alt
    # The name of a face without brackets would run into the words around it.
    return f"[{alt}]" if not alt.isascii() and len(alt) <= 8 else ""
