"""Tells a sentence of a report from one that speaks to the reader, or of the page it stands on.

The words of a button or an appeal are also those of the news: people scan codes, join services and
install programs. A sentence that tells of them is finished by a stop and addresses nobody.
"""

from __future__ import annotations

import re

from scraper.text.patterns import lazy_compile

__all__ = ["is_report", "speaks_to_nobody"]


_ENDED = lazy_compile(r"[。！？.!?…][”’」』\"')）】]{0,3}\s*\Z")
# A question of an interview speaks to whom it names nowhere, not to the reader.
_QUESTION = lazy_compile(r"[\u4e00-\u9fff]{1,6}\s?[:：][^。！!]{1,60}[？?]\s*\Z")
# What others say is no address of the page's own; a short quotation may name a key or a word.
_SAID = lazy_compile(r"“[^“”]*+”|「[^「」]*+」|『[^『』]*+』|\"[^\"]*+\"")

# Verbs that open an appeal where nobody stands before them, and what else tells of the reader or of
# the page. After the verb, neither a noun that it describes nor another person's deeds may follow.
_VERBS = (
    "点击|點擊|点个|點個|点亮|扫描|扫码|扫一扫|掃描|掃碼|掃一掃|长按|長按|识别|識別|下载|下載|打开|打開|"
    "安装|安裝|关注|關注|订阅|訂閱|追蹤|加入|成为|成為|升级|升級|开通|開通|回复|回覆|返回|回到|进入|進入|"
    "分享|转发|轉發|点赞|點讚|收藏|搜索|搜尋|添加|留言|后台回复|後台回覆"
)
_APPEAL = lazy_compile(
    r"(?:^|[，,。！!；;：:？?\s])\W{0,3}"
    r"(?:立即|立刻|马上|馬上|赶快|趕快|赶紧|一起|一同|快来|快來|快|现在就?|現在就?|只需|可以?|即可|欢迎|歡迎|敬请|敬請|记得|記得|"
    r"別忘了|别忘了|一键|一鍵|免费|免費|在?(?:微信|后台|後台|文末|公众号|公眾號|本号|App|应用商店){1,2}(?:内|中|里|裡)?)*+"
    rf"(?:{_VERBS})"
    r"(?![^，,。]{0,20}(?:的(?:人|用户|用戶|居民|市民|企业|企業|公司|数量|數量|次数|次數|学生|學生|消费者|消費者)|的[^，,。]{1,6}(?:不|很|越|已|都|也|只|达|達|超)|"
    r"[量数數]|者|[后後之以]?[后後时時]，|以来|以來)|[过過了着著])"
    r"(?!.{0,40}[他她它])",
    re.IGNORECASE,
)
_READER = lazy_compile(
    r"您|你|敬请|敬請|小编|小編|本文|本站|本[网網报報刊号號台]|本公[众眾]|我们的|我們的|"
    r"(?:关注|關注|追蹤|联系|聯繫|订阅|訂閱|加入)我[们們]|"
    r"(?:^|[，,。！!；;：:\s])\W{0,3}(?:请|請)(?![求愿願示客教辞辭假命])|"
    r"^\W{0,6}(?:查看|点击查看|看)?更多(?:精彩|精采|内容|內容|资讯|資訊|新闻|新聞|详情|詳情|信息|消息|报道|報導|"
    r"干货|乾貨|好文|文章|视频|視頻|优惠|優惠|服务|服務|猛料|影音)[^，,。]{0,12}"
    r"(?:[，,]|请|請|尽在|盡在|关注|關注|下载|下載|点击|點擊|扫|掃|加入)|尽在|盡在|"
    r"(?:不得|请勿|請勿|禁止|严禁|嚴禁|谢绝|謝絕)[^，,。]{0,12}(?:转载|轉載|复制|複製|摘编|摘編)|"
    r"^\W{0,4}(?:免责|免責|版权|版權|特别|特別|郑重|鄭重|重要|法律|风险|風險)?(?:声明|聲明|申明|提示|说明|說明)|"
    r"^\W{0,4}(?:以上[内內]容|文章|版权|版權|未经|未經|非经|非經|声明|聲明)|"
    r"领取|領取|进群|進群|入群|在看|第一时间(?:收到|获取|了解)|(?:长按|長按|识别|識別)[^，,。]{0,8}(?:二维码|二維碼)|"
    r"\b(?:you|your|yours|us|our|we|please)\b|"
    r"\bthis (?:article|page|site|website|story|newsletter|post)\b|"
    r"^\W{0,3}(?:sign up|subscribe|get|receive|follow|join|like|download|click|tap|share)\b",
    re.IGNORECASE,
)


def is_report(text: str) -> bool:
    """Return whether a line is a finished sentence that neither bids the reader nor means the page.

    Args:
        text: a short line.
    """
    if _ENDED.search(text) is None:
        return False
    return _QUESTION.match(text) is not None or speaks_to_nobody(text)


def speaks_to_nobody(text: str) -> bool:
    """Return whether a line neither bids the reader nor means the page."""
    own = _SAID.sub("“”", text)
    return _READER.search(own) is None and _APPEAL.search(own) is None
