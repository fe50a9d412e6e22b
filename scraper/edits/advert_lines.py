"""Adverts and teasers among an article's paragraphs, known by their label, offer or link.

They differ at each visit, and are no edit of the article. They stay in its text: only the
comparison passes them over, so that a line that is taken for an advert wrongly is never lost.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scraper.models import Article
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile
from scraper.text.sentences import normalise
from scraper.urls import site_of

__all__ = ["is_advert", "linked_adverts", "lone_links"]

# Longer paragraphs are no adverts of a line, and are not looked at.
_LONGEST = 240
# An offer is one short sentence.
_LONGEST_OFFER = 130
_MOST_LINES = 2000

_LABEL = (
    r"(?:sponsored(?:\s(?:content|post|message|link|story))?|advertisements?|advertising"
    r"|advertorial|ads?|promoted"
    r"(?:\s(?:content|post|story))?|paid\s(?:post|content|promotion|advertisement|partnership)"
    r"|partner\s(?:content|offers?)|(?:today['’]s|this\sweek['’]s)\sdeals?|deals?\sof\sthe\s(?:day|week)"
    r"|branded\scontent|commercial|(?:a\s(?:word|message)\s)?from\sour\s(?:sponsors?|partners?"
    r"|advertisers?)|affiliate\slinks?"
    r"|(?:flash|summer|winter|spring|autumn|holiday|christmas|new\syear|anniversary)\ssale"
    r"|限时(?:优惠|特惠|折扣|抢购)|(?:商业|合作|品牌|付费)?(?:广告|推广)(?:信息|内容)?|赞助(?:内容|商|商内容)?|软文|商业赞助)"
)
_LABELLED = lazy_compile(
    rf"\W{{0,3}}{_LABEL}\s?[:|·\]】)〕>—–-]|\W{{0,3}}(?:presented|brought\sto\syou|sponsored"
    rf"|paid\sfor)\sby\s"
    rf"|.{{0,8}}[(\[【〔](?:广告|推广|赞助|ad|ads|sponsored|advertisement)[)\]】〕]"
)
# Who pays for a page, in a line that says nothing else: a sentence goes on with a verb.
_PAID_BY = lazy_compile(
    r"\W{0,3}(?:(?i:in\s(?:association|partnership)\swith|supported\sby|made\spossible\sby|brought\sto\syou\sby))"
    r"\s[A-Z][\w&.'’-]{0,20}(?:\s(?:[A-Z][\w&.'’-]{0,20}|and|of|the|&)){0,5}\W{0,2}"
    r"|\W{0,3}本(?:文|篇|期|栏目|欄目|节目|節目|专题|專題)由[^，。,]{2,16}(?:赞助|贊助|冠名|特约|特約)"
    r"(?:播出|呈现|呈現|推出|发布|發佈|刊登)?\W{0,2}"
)
# What is another each day on every page of a house.
_OF_THE_DAY = lazy_compile(
    r"\W{0,3}(?:(?:quote|word|picture|photo|number|tip|question|joke|recipe|chart|fact)\sof\sthe\sday"
    r"|on\sthis\sday(?:\sin\s\d{3,4})?|today\sin\shistory|(?:每日|今日)(?:一[词句图問问]|金句|名言|一笑|运势)"
    r"|历史上的今天)\s?[:|]"
)
_OFFER_DAYS = lazy_compile(
    r"\W{0,3}(?:black\sfriday|cyber\smonday|boxing\sday|双十一|双11|双十二|618)\s?[:|—–-].{0,60}"
    r"(?:\d\s?%\soff|half\sprice|\S折|优惠|立减)"
)
# Labels of links to other articles, which follow the day's news.
_TEASER = lazy_compile(
    r"\W{0,3}(?:read\s(?:more|next|also|on)|now\sread|up\snext|watch(?:\snow|\snext|\salso)?"
    r"|listen(?:\snow|\snext|\sto\sour\slatest\sepisode)?|(?:editors?['’]?s?|our)\spicks?|trending(?:\snow)?"
    r"|most\s(?:read|viewed|popular)|also\sread|see\salso|related(?:\s(?:story|stories"
    r"|article|news))?|don['’]t\smiss"
    r"|you\smay\salso\slike|recommended(?:\sfor\syou)?|more\son\sthis|(?:相关|延伸|扩展|拓展"
    r"|推荐|点击|点选|看?更多|深度|热门|热点|精选|精彩)(?:阅读|报道|文章|查看)"
    r"|看更多|热门|热文|精选|下一篇|上一篇|往期回顾|另见|阅读更多|猜你喜欢)\s?[:|»›>]"
)
_SHOUTED = lazy_compile(r"\W{0,3}(?:ADVERTISEMENT|SPONSORED|PROMOTED|ADVERTORIAL)\b")

# What a house asks of its readers, in the imperative, and what it offers.
_ASKED = lazy_compile(
    r"\W{0,3}(?:download|subscribe|sign\sup|join|follow|try|upgrade|get|save|claim|click|tap"
    r"|scan|install|shop|buy|start"
    r"|give|support|become|register|unlock|order|enjoy|sponsor|donate)\b"
)
_OFFERED = lazy_compile(
    r"\b(?:our|your)\b.{0,40}\b(?:apps?|newsletters?|letters?|briefings?|podcasts?|channels?"
    r"|memberships?|editions?|communit(?:y|ies)|trial"
    r"|subscriptions?|weekly|accounts?|bulletins?)\b"
    r"|\bour\s(?:\w+\s)?(?:guides?|shop|store|gift\sguide|merch)\b|\bsubscri(?:be|ption|ber)\b|\bfree\strial\b|\d\s?%\soff\b|\bannual\splans?\b"
    r"|\bmonthly\splans?\b|\bnewsletters?\b"
    r"|\bbecome\sa\s(?:member|subscriber|supporter|patron)\b|\bpremium\b|\bon\ssocial\smedia\b"
    r"|\bwithout\sadverts\b|\bad-free\b"
    r"|\bthe\sapp\sand\b|[$€£]\d[\d.]*\sa\s(?:week|month|year)\b|\bmembers?\sand\b"
    r"|\bindependent\s(?:reporting|journalism)\b"
    r"|\band\sget\s(?:the|our|your)\b|\bpromo\scode\b|\bcoupon\b|\bvoucher\b"
)
_HAN_ASKED = lazy_compile(
    r"\W{0,3}(?:点击|下载(?!量|速度|次数|数|者|后|时|了|的)|扫码|扫描(?:下方)?二维码|长按|识别"
    r"|打开(?=app|客户端|微信|小程序)|关注(?=我们|公众号|本|微信|\S{1,12}公众号)"
    r"|添加|加入(?=\S{0,8}(?:群|会员|社区))|订阅(?!人数|量|数|者|用户|收入)|立即|马上(?=领|加"
    r"|注册)|猛戳|戳|注册|新用户|新使用者|微信搜索|搜索(?=公众号|微信)|回复关键词|领取|开通)"
)
_HAN_OFFERED = lazy_compile(
    r"客户端|app(?![a-z])|公众号|二维码|优惠|券|会员|读者群|交流群|粉丝群|社群|\S折|领取|免费"
    r"|红包|礼包|福利|小程序|视频号|微信群|订阅|试用|试读"
    r"|畅读|早报|星标|专享|限时|不错过|更多资讯|更多精彩|立减"
)
# What a publisher asks for in its own cause, beside a count that grows: no quote, no report.
_APPEALED = lazy_compile(
    r"(?:^|[.!?:：—–-]\s*)(?:please\s)?(?:donate\b|support\s(?:us|our)\b|chip\sin\b|be\sthe\snext\b"
    r"|give\s(?:now|today|what\syou\scan)\b|join\s(?:us|them)\b|help\sus\b"
    r"|become\s(?:a|one\sof\sour)\s(?:member|supporter|patron|subscriber|friend)s?\b)"
    r"|\b(?:of|towards?)\sour\s(?:\w+\s)?(?:goal|target|appeal|campaign)\b"
    r"|(?:支持|捐助|赞助|资助)(?:我们|本站|本报|本刊|独立)|(?:感谢|谢谢)(?:您|你|大家)?的?(?:支持|捐助|赞助)"
    r"|成为(?:下一位|会员|赞助者|我们的)|(?:立即|马上|点此|请)(?:捐款|捐助|赞助|支持)|欢迎(?:捐款|捐助|赞助)"
)
_LONGEST_APPEAL = 100
_QUOTES = frozenset('"“”‘「」『』《》')
_HAN_TOLD = lazy_compile(r"[他她它]|表示|认为|记者|据|称|已经|发现|曾|被|[“”‘’「」]")
_STOPS = lazy_compile(r"[.!?。！？](?=\s|$|[\u3400-\u9fff])")

_LINK_LINE = lazy_compile(
    r"[\s>*_#!]{0,8}\[([^\[\]]{2,240})\]\((https?://[^\s()]{4,2000})[^()]{0,200}\)[\s*_]{0,4}"
)
# A label that only bold or italic type parts from what it labels.
_LABEL_IN_TYPE = lazy_compile(
    rf"[\s>_*#]{{0,8}}(?P<type>\*\*|\*|__|_){_LABEL}(?P=type)\s(?P<words>\S.{{0,400}})"
)
_EMPHASIS = lazy_compile(r"[*_`]")
_AD_HOST = lazy_compile(
    r"(?:^|\.)(?:ads?|adserver?|adservice|adclick|click|clicks|clk|promo|sponsor|banner"
    r"|affiliate|partnerads|track|tracking)\d*\."
    r"|doubleclick|adservices|adserve|adnet|adsystem|taboola|outbrain|criteo|doubleserve"
    r"|tanx\.com|cpro\.baidu|gdt\.qq"
)


def is_advert(line: str) -> bool:
    """Return whether a line is an advert or a teaser by its label, or an offer to the readers.

    Args:
        line: one line of an article's text, white space collapsed.
    """
    if not line or len(line) > _LONGEST:
        return False
    folded = fold_interface(line)
    if _LABELLED.match(folded) or _SHOUTED.match(line) or _TEASER.match(folded):
        return True
    if _PAID_BY.fullmatch(line) or _OF_THE_DAY.match(folded) or _OFFER_DAYS.match(folded):
        return True
    counts = any(map(str.isdigit, line)) and _QUOTES.isdisjoint(line)
    if counts and len(line) <= _LONGEST_APPEAL and _APPEALED.search(folded):
        return True
    if len(line) > _LONGEST_OFFER or len(_STOPS.findall(line)) > 1:
        return False
    if _ASKED.match(folded):
        return bool(_OFFERED.search(folded)) and '"' not in line
    asked = _HAN_ASKED.match(folded)
    return bool(asked and _HAN_OFFERED.search(folded) and not _HAN_TOLD.search(folded))


def linked_adverts(article: Article) -> frozenset[str]:
    """Return the normal forms of the paragraphs that markup tells to be adverts.

    That is one whose label is set in a type of its own, a link that leads to a server of adverts,
    or a paragraph that stands by itself and links to another site with all its words.
    """
    if "](" not in article.markdown and "*" not in article.markdown:
        return frozenset()
    site = site_of(article.url or article.canonical_url)
    found = set()
    for line in article.markdown.splitlines()[:_MOST_LINES]:
        if len(line) <= _LONGEST and _LABEL_IN_TYPE.match(fold_interface(line)):
            found.add(normalise(_EMPHASIS.sub("", line).strip(" >#")))
            continue
        link = _LINK_LINE.fullmatch(line)
        if link is None:
            continue
        words, address = _EMPHASIS.sub("", link[1]), link[2]
        try:
            host = urlsplit(address).netloc.lower()
        except ValueError:
            continue
        if _AD_HOST.search(host) or (site and _is_foreign(site, site_of(address))):
            found.add(normalise(words))
    return frozenset(found)


def lone_links(article: Article) -> dict[str, str]:
    """Return the paragraphs that each are nothing but a link: their normal forms by address."""
    found = {}
    for line in article.markdown.splitlines()[:_MOST_LINES] if "](" in article.markdown else ():
        link = _LINK_LINE.fullmatch(line)
        if link is not None and "#" not in line:
            found[link[2]] = normalise(_EMPHASIS.sub("", link[1]))
    return found


def _is_foreign(site: str, other: str) -> bool:
    """Whether a site is another one, and no host of it under a suffix that nobody has"
    " registered."""
    return bool(other) and not f".{other}".endswith(f".{site}") and not site.endswith(f".{other}")
