"""Frames of invented sites in which the messages of `known.toml` and `held_out.toml` stand.

A wall or a missing page seldom comes bare: most carry the menu, the footer and the lists of what is
popular that every page of the site carries, and that is what makes them hard.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scraper.errors import ExtractError
from scraper.extraction import extract
from scraper.models import Verdict
from scraper.pipeline.parse import shown_blocks
from scraper.verdict import judge_page

__all__ = ["Case", "judge", "load"]

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    """A page that is no article, and what it should be taken for."""

    name: str
    kinds: tuple[str, ...]
    html: str
    status: int = 200
    url: str = "https://news.example/2025/11/20/some-story-81234.html"
    final_url: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def _list(items: list[str], base: str) -> str:
    return "".join(
        f'<li><a href="{base}{100 + n}.html">{item}</a></li>' for n, item in enumerate(items)
    )


_EN_MENU = _list(["World", "Business", "Technology", "Science", "Culture", "Sport"], "/s/")
_EN_POPULAR = _list(
    [
        "Harbour bridge reopens after nine months of repairs",
        "Why bakers are rethinking the price of a loaf",
        "Chipmaker's shares slide as orders from phone makers dry up",
        "Five walks for a grey weekend",
        "Council votes to plant two thousand trees along the ring road",
    ],
    "/2025/11/19/",
)
_HANS_MENU = _list(["首页", "新闻", "财经", "科技", "汽车", "体育", "娱乐"], "/c/")
_HANS_POPULAR = _list(
    [
        "新款轻薄笔记本开售 首发立减五百元",
        "三季度出口增速回升 专家解读背后原因",
        "老城区改造完工 居民搬回新家",
        "这款手机电池容量翻倍 售价公布",
        "周末冷空气南下 多地气温骤降",
    ],
    "/20251119/",
)
_HANT_MENU = _list(["首頁", "即時", "國際", "兩岸", "財經", "科技", "生活"], "/c/")
_HANT_POPULAR = _list(
    [
        "捷運新線明年通車 沿線房價先漲",
        "颱風外圍環流影響 北部防大雨",
        "電動機車補助延長一年",
        "老字號餅店傳到第四代 堅持手工",
        "晶圓廠擴建案通過環評",
    ],
    "/20251119/",
)

FRAMES = {
    "none": "{body}",
    "bare": "<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
    "<body>{body}</body></html>",
    "en": "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
    "<script src='/app.js'></script></head><body><header><a href='/'>The Daily Example</a>"
    "<nav><ul>" + _EN_MENU + "</ul></nav></header><main>{body}</main>"
    "<aside><h3>Most read</h3><ul>" + _EN_POPULAR + "</ul></aside>"
    "<footer><a href='/about'>About us</a> <a href='/contact'>Contact</a> "
    "<a href='/privacy'>Privacy policy</a> © 2025 Daily Example Media</footer></body></html>",
    "hans": "<!DOCTYPE html><html lang='zh-CN'><head><meta charset='utf-8'><title>{title}</title>"
    "<script src='/app.js'></script></head><body><div class='top'><ul class='nav'>"
    + _HANS_MENU
    + "</ul><a href='/login'>登录</a> <a href='/reg'>注册</a></div><div class='wrap'>{body}</div>"
    "<div class='hot'><h3>热门资讯</h3><ul>" + _HANS_POPULAR + "</ul></div>"
    "<div class='footer'>关于我们 | 联系我们 | 版权声明 京ICP备00000000号 样例网 版权所有</div>"
    "</body></html>",
    "hant": "<!DOCTYPE html><html lang='zh-Hant'><head><meta charset='utf-8'><title>{title}</title>"
    "<script src='/app.js'></script></head><body><div id='header'><ul>"
    + _HANT_MENU
    + "</ul></div><div id='content'>{body}</div><div id='rank'><h3>熱門新聞</h3><ul>"
    + _HANT_POPULAR
    + "</ul></div><div id='footer'>關於我們 服務條款 著作權聲明 樣例日報股份有限公司</div>"
    "</body></html>",
}


def load(name: str) -> list[Case]:
    """Return the cases of a file beside this module."""
    table = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    cases = []
    for page in table["page"]:
        frame = FRAMES[page.pop("frame", "bare")]
        body, title = page.pop("body", ""), page.pop("title", "")
        html = frame.replace("{title}", title).replace("{body}", body)
        kinds = page.pop("kind")
        cases.append(
            Case(kinds=tuple([kinds] if isinstance(kinds, str) else kinds), html=html, **page)
        )
    return cases


def judge(case: Case) -> Verdict:
    """Judge a page as the pipeline does, with the text that extraction finds."""
    title = text = ""
    blocks: Sequence[tuple[str, bool]] = ()
    final_url = case.final_url or case.url
    try:
        article = extract(case.html.encode(), final_url, case.headers)
        title, text, blocks = article.title, article.text, shown_blocks(article)
    except ExtractError:
        pass
    return judge_page(
        status=case.status, url=case.url, final_url=final_url, headers=case.headers,
        html=case.html, title=title, text=text, blocks=blocks,
    )  # fmt: skip
