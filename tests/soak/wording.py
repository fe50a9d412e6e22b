"""What pages say that are no article: a wall, and nothing at this address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["NOTICES"]

NOTICES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "wall": "Sign in to continue reading. This article is for subscribers only."
        " Subscribe now or log in to your account.",
        "wall_title": "Sign in",
        "missing": "The page you are looking for could not be found.",
        "missing_title": "Page not found",
    },
    "zh-Hans": {
        "wall": "请登录后继续阅读。本文为会员专享内容，登录或订阅后查看全文。",
        "wall_title": "登录",
        "missing": "抱歉，您访问的页面不存在或已被删除。",
        "missing_title": "页面不存在",
    },
    "zh-Hant": {
        "wall": "請登入後繼續閱讀。本文為會員專享內容，登入或訂閱後查看全文。",
        "wall_title": "登入",
        "missing": "抱歉，您造訪的頁面不存在或已被刪除。",
        "missing_title": "頁面不存在",
    },
}
