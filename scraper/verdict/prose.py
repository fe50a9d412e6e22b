# ruff: noqa: E501
# An expression that is broken over lines is harder to read than a long one.
"""Who speaks on a page: a report tells of others, an interface talks to the reader about itself.

A short notice and a short report are of one length; what tells them apart is how they speak. A
sentence *tells* when it names a source, a time, a figure with its unit, or two names; it
*addresses* when it speaks to the reader, of the page itself, or asks for something. What stands in
quotation marks is neither: it is somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.text.width import columns_without_blanks as width

__all__ = ["ProseProfile", "profile_prose", "text_matches_title"]

# Characters of a text, and of one sentence of it, that are heard.
_MOST, _MOST_OF_ONE = 6000, 500
_SENTENCE = lazy_compile(r"[^.!?。！？\n]+(?:\.(?=\S)[^.!?。！？\n]*)*[.!?。！？]*[”’」』\")）]*")
_ENDED = lazy_compile(r"[.!?。！？][”’」』\")）]*$")
_QUOTED = lazy_compile(
    r"“[^”\n]{0,200}”|\"[^\"\n]{0,200}\"|「[^」\n]{0,200}」|『[^』\n]{0,200}』|‘[^’\n]{4,200}’(?!\w)"
)

# Who said it. Such a sentence tells, even if it speaks of "us" or to "you".
_SOURCE = lazy_compile(
    r"\b(?:said|says|(?<!been )told|announced|reported|according to|ruled|warned|confirmed|added|argued|wrote|estimated|denied|admitted|insisted)\b"
    r"|(?<!保)(?:表示|指出|透露|强调|強調|介绍|介紹|坦言|认为|認為|回应|回應|宣布|提醒|呼吁|呼籲|预测|預測)|[\u4e00-\u9fff](?:称|稱|说|說)[，,：:“「]|(?:据|據)[\u4e00-\u9fff]{2,12}[，,]|(?:研究|专家|專家|业内人士|業內人士|分析|官员|官員|发言人|發言人|负责人|負責人|学者|學者|居民|市民|网民|網民|网友|網友|警方|法院|公司|部门|部門|平台)[\u4e00-\u9fff]{0,6}?(?:发现|發現|建议|建議|证实|證實|披露|估计|估計|看到|见过|見過)|获悉|獲悉|记者|記者|[日报網网社](?:电|電|讯|訊)\b|日(?:电|電|讯|訊)|(?:本报|本報|晚报|晚報|日报|日報)(?:讯|訊)|公告",
    re.IGNORECASE,
)
_WHEN = lazy_compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:\d{1,2} )?(?:january|february|march|april|june|july|august|september|october|november|december) \d|\b\d{1,2} (?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\b\w+ (?:weeks|months|years|decades) (?:after|ago|before|later|earlier)\b|\b(?:on|last|this|next|since|until|by|every) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|last (?:night|week|month|year|summer|winter|autumn|spring)|next (?:week|month|year|summer|winter|autumn|spring)|this (?:week|month|year|summer|winter|autumn|spring|morning|weekend))\b"
    r"|\b(?:in|since|from|until|of|by) (?:january|february|march|april|june|july|august|september|october|november|december|(?:1[6-9]|20)\d\d)\b|\b(?:within|in|for|after) (?:\w+ )?(?:weeks|months|years|decades)\b"
    r"|(?:19|20)\d\d年|近日|日前|昨天|昨日|昨晚|今天|今日|今晨|明日|本周|上周|下周|本月|上月|下月|去年|今年|明年|前三季度|[一二三四1-4]季度|上半年|下半年|本週|上週|下週|\d{1,2}月\d{1,2}日|周[一二三四五六日末]|週[一二三四五六日末]",
    re.IGNORECASE,
)
_FIGURE = lazy_compile(
    r"\d(?:[\d.,]{0,12}\d)? ?(?:%|per ?cent|percent|million|billion|trillion|thousand|kilomet|miles?|met(?:er|re)s?|tonnes?|people|dollars|euros|pounds|votes)|[$€£¥]\d|\baged \d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|\d+) (?:hundred|thousand|million|billion)\b|\b\d+ to \d+\b|\b(?:hundreds|thousands|dozens|millions|half|a (?:third|quarter|fifth)) of\b"
    r"|\d[\d.,]{0,12}(?:%|％|万|亿|萬|億|元|美元|人|名|吨|噸|公里|米|倍|点|點|个百分点|個百分點|年|亩|户|戶|条|條|套|架|辆|輛)|[一二三四五六七八九十百千两兩](?:万|亿|萬|億|元|成|家|名|条|條|个月|個月|倍)|同比|环比|環比",
    re.IGNORECASE,
)
_ACTED = lazy_compile(
    r"\b(?:has|have|had|was|were|will be) (?:\w+ly )?(?:agreed|accepted|appointed|approved|arrested|awarded|begun|bought|built|chosen|closed|died|elected|ended|fallen|fined|found guilty|grown|issued|killed|launched|lost|ordered|opened|published|raised|released|reopened|risen|signed|sold|struck|voted|won)\b"
    r"|\b(?:agreed|announced|bought|fell|rose|died|closed|opened|won|lost|voted|elected|resigned|retired|launched|ordered) (?:to|that|the|its|his|her|their|from|in|by|after|a|an|two|three)\b",
    re.IGNORECASE,
)
# Two capitalised words in a row, not at the sentence's beginning; not the words of buttons.
_NAMES = lazy_compile(
    r"(?<=[a-z,] )[A-Z][a-z]+ [A-Z][a-z]+\b|^[A-Z][a-z]+ [A-Z][a-z]+,? (?:who|whose|has|had|is|was|will|\w+ed)\b"
)
_TELLS = (_WHEN, _FIGURE, _ACTED, _NAMES)

# To the reader, and from the site: no figure makes a report of it.
_SPOKEN = lazy_compile(
    r"\b(?:you|your|you're|you’re|you've|yours|please|sorry|oops|whoops|click|tap|javascript)\b|^\W*(?:log|sign|enter|choose|try|check|return|go|contact|reload|refresh|subscribe|register|download|accept|confirm|complete|get|open|read|continue|keep|use|start|select|tick|wait|unlock|join|become)\b(?! (?:the|a) \w+ (?:is|was|has))"
    r"|\bour (?:page|site|website|service|app|partners|newsletter|readers|supporters|subscribers|members)\b|\bwe (?:use|value|are sorry|apologi[sz]e|couldn['’]t|could not|can['’]t|were unable|looked|are rebuilding|noticed|detected|ask|need to|will be back|and our|care)\b|\bwe['’]re\b"
    r"|\b(?:on|at) our (?:end|side)\b|\bour (?:engineers?|developers?|technicians?|(?:technical|web|support|engineering) team)\b|(?:敬请|敬請)(?:谅解|諒解|见谅|見諒|期待)"
    r"|您|(?<!敬)请(?!求|愿|战|示|客|假|辞)|(?<!敬)請(?!求|願|戰|示|客|假|辭)|(?:[^\u4e00-\u9fff]|^)你|抱歉|对不起|對不起|哎呀|啊哦|尊敬的|亲爱的|親愛的|本站|本网站|本網站|我们的?(?:网站|合作)|点击|點擊|扫一扫|扫码|刷新|下载app|客户端(?:内|查看|看)|重新(?:加载|整理|登录)|秒(?:后|後)",
    re.IGNORECASE,
)
# Of the page itself, or of another thing just named: facts in the same sentence tell which.
_DEIXIS = lazy_compile(
    r"\b(?:this|the requested|the following) (?:page|site|website|web ?page|link|url|address|article|story|post|piece|essay|report|issue|content|item|account|domain|server|service|connection|request|resource|browser|feature|message|error|check|app)\b"
    r"|\b(?:page|server|request|url|error code|access|session|article) (?:not|is not|was not|could not|cannot|has expired|denied|id)\b"
    r"|(?:该|此|本|所访问的|该条|这个|這個|这篇|本则|本則|這則|這篇)(?:内容|內容|文章|页面?|網?頁面?|账号|帐号|公众号|网站|网址|站点|链接|連結|主题|帖子?|信息|域名|栏目|專欄|专栏|新闻|新聞|报道|報導|视频|影片|服務|服务|图文|商品|篇|文)(?!章?(?:作者|指出|认为))",
    re.IGNORECASE,
)


@record
class ProseProfile:
    """How a text speaks.

    Attributes:
        amount: columns of all its sentences.
        told: columns of the sentences that tell.
        addressed: columns of those that address the reader.
        rest: the text without what was told and without what stands in quotation marks.
        own: (sentence, what is left of it in `rest`) pairs, of a report all its sentences.
    """

    amount: int
    told: int
    addressed: int
    rest: str
    own: tuple[tuple[str, str], ...]

    @property
    def is_report(self) -> bool:
        """Whether somebody tells something here, and nobody talks to the reader."""
        return self.told >= 24 and self.told >= 0.15 * self.amount and not self.addressed

    def strip(self, shown: str, titles: Iterable[str] = (), *, whole: bool = True) -> str:
        """Return what a page shows without what was told; without all of a report, and its titles.

        Args:
            shown: text of the page, blanks folded.
            titles: headlines, whole and in parts.
            whole: whether those sentences of a report go too that tell nothing.
        """
        for sentence, left in self.own:
            shown = shown.replace(sentence, " " if self.is_report and whole else f" {left} ")
        if self.is_report:
            for title in sorted(titles, key=len, reverse=True):
                shown = shown.replace(title, " ")
        return shown


_WORD = lazy_compile(r"[a-z]{4,}")
_HAN_RUN = lazy_compile(r"[\u4e00-\u9fff]{2,}")


def text_matches_title(title: str, text: str) -> bool:
    """Return whether a text speaks of what its headline names: two words or pairs of characters.

    A word counts by its beginning, so that *recalls* is found in *recalling*.
    """
    lowered = text.replace(title, " ").lower()
    words = {word[:5] for word in _WORD.findall(title.lower())}
    found = sum(re.search(rf"\b{word}", lowered) is not None for word in words)
    runs = _HAN_RUN.findall(title)
    pairs = {run[at : at + 2] for run in runs for at in range(len(run) - 1)}
    return found >= 2 or sum(pair in lowered for pair in pairs) >= 2


def profile_prose(text: str) -> ProseProfile:
    """Return how a text speaks, by its sentences."""
    amount = told = addressed = 0
    own: list[tuple[str, str]] = []
    rest: list[str] = []
    for match in _SENTENCE.finditer(text[:_MOST]):
        sentence = " ".join(match[0].split())
        columns = width(sentence)
        amount += columns
        bare = _QUOTED.sub(" ", sentence[:_MOST_OF_ONE])
        signs = sum(sign.search(bare) is not None for sign in _TELLS)
        sourced = _SOURCE.search(bare) is not None
        own_words = not sourced and (
            _SPOKEN.search(bare) is not None or (signs < 2 and _DEIXIS.search(bare) is not None)
        )
        if own_words or columns < 8:
            addressed += columns if columns >= 8 else 0
            rest.append(bare)
            continue
        # What has no end is a headline or a button.
        tells = (sourced or signs > 0) and _ENDED.search(sentence) is not None
        if tells:
            told += columns
        left = "" if tells else bare
        own.append((sentence, left))
        rest.append(left)
    return ProseProfile(
        amount=amount, told=told, addressed=addressed, rest="\n".join(rest), own=tuple(own)
    )
