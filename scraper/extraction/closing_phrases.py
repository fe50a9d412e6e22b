# ruff: noqa: E501
"""What a publisher says behind a text: where it ran first, under which licence, whom to write to.

A line is told by what it says together. A licence, an earlier place of publication and a request to
name the source speak of the page itself (this story, 本文); a call for tips, questions or partners
bids the reader, means the publisher and gives a way to reach it. A report that ends with a number
to call bids nobody for the publisher.
"""

from __future__ import annotations

import re
from typing import Final

from scraper.text.chinese import fold_interface
from scraper.text.patterns import PatternTable, lazy_compile

__all__ = ["calls_for", "is_closing"]

_LONGEST: Final = 260  # characters of a line
_LONGEST_HAN: Final = 100
_MONTH: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_PIECE: Final = (
    "(?:story|article|post|piece|essay|interview|column|excerpt|commentary|feature|investigation)s?"
)
# What an article may speak of itself as well as of another.
_TOLD_OF: Final = "(?:report|review|analysis|text|series|paper|letter|speech)"
_EMAIL: Final = r"[\w.+-]{1,40}@[\w-]{1,40}\.[\w.]{2,20}"
_NETWORK: Final = (
    "(?:mastodon|twitter|facebook|instagram|threads|bluesky|linkedin|tiktok|youtube|telegram|whatsapp"
    "|signal|discord|slack|reddit|hacker news|github)"
)
_NUMBER: Final = r"\+?\d[\d ()-]{6,18}\d"
# What a line says of the page itself; folded lines.
_OF_THE_PAGE: Final = PatternTable({"page": (
    # Where it ran first; a date alone tells when, which is another thing.
    rf"^\W{{0,3}}(?:this {_PIECE}|this {_TOLD_OF} (?=(?:\w+ ){{0,2}}(?:originally|first|previously|republished|reprinted))) ?(?:(?:was|were|is|has|have|been|also|originally|first|previously"
    r"|initially|jointly|co-?)\W?){0,4}"
    r"(?:published|appear(?:ed|s)|ran|runs|republished|reprinted|reposted|produced|excerpted|adapted|syndicated|cross-?posted|translated)"
    rf" (?:here )?(?:(?:by|in|on|at|from|with|under|as part of)\b(?!\s+(?:{_MONTH}|\d|the \d|\w+day\b)))(?!.{{0,120}}\b(?:updated|revised|corrected)\b).{{2,180}}$",
    rf"^\W{{0,3}}a version of this {_PIECE} appear(?:s|ed) in print\b.{{2,140}}$",
    rf"^\W{{0,3}}(?:originally|first|previously) (?:published|appeared|posted|printed) (?:(?:by|in|on|at|as)\b(?!\s+(?:{_MONTH}|\d|the \d|\w+day\b))).{{2,120}}$",
    r"^\W{0,3}(?:republished|reprinted|reproduced|cross-?posted|syndicated) (?:here )?(?:from|with|courtesy|by)\b.{2,120}$",
    # Its licence.
    r"^\W{0,3}(?:this|text|content|unless|except|all|our|these)\b.{0,90}\b(?:licen[sc]ed?|available|published|released|shared|distributed|provided|free)\b.{0,60}\b(?:creative commons|cc[ -]by\b|cc0\b).{0,120}$",
    r"^\W{0,3}republish (?:our|this|these)\b.{0,120}\b(?:creative commons|free|licen[sc]e)\b.{0,80}$",
    r"^\W{0,3}(?:cc[ -]by(?:[ -](?:nc|sa|nd))*+|creative commons)\b.{0,60}$",
    rf"^\W{{0,3}}discuss this {_PIECE} (?:on|at|in|with)\b.{{2,60}}$",
    rf"^\W{{0,3}}to (?:leave a )?comment(?: on this {_PIECE})?,? (?:you (?:must|need|have)|please|log|sign)\b.{{2,80}}$",
    # The same in Chinese.
    r"^\W{0,3}(?:本文|本篇|此文|本作品|本站|本博客|本[着著]作|文章|全文|除)[^。]{0,30}(?:采用?|系?依据?|遵循|使用|以|按照|适用)[^。]{0,16}(?:知识共享|创用|cc[ -]?(?:by|0)|署名|姓名标示|cc 姓名)[^。]{0,60}。?$",
    r"^\W{0,3}(?:本文|本篇(?:文章)?|此文|文章)(?:系|由|为|是|属于?|经|获|已获|已经)[^。,，:：]{0,24}(?:原创|出品|独家|首发|供稿|授权)(?!.{0,60}(?:表示|认为|指出))[^。]{0,60}(?:转载|出品|来源|作者\s?[:：]|刊[登载发]|首发|供稿|id\s?[:：]|原文|公众号)[^。]{0,60}。?$",
    r"^\W{0,3}(?:文章|本文|此文|原文|全文)?(?:(?:首发|原载|原刊|刊载|刊登|原发|发表)(?:于|在|自)|刊于|载于|原载(?=[《「『]))(?!\d)[^。]{1,40}(?:公众号|微信|杂志|期|号|辑|》|”|」|网|略有|删改|有删节)[^。]{0,30}。?$",
    r"^\W{0,3}(?:如|若|如若|如需|如欲|如要|若要|若需|欢迎|想要?|需要?)?转载[^。,，的]{0,6}[,，]?(?:请|需|须|先|联系|注明|授权|后台|来信|务必)[^。]{0,50}。?$",
    r"^\W{0,3}(?:[\u4e00-\u9fff·、 ]{2,24}?)(?:对|为|亦对|也对)(?:本文|此文|本报道|本篇报道)(?:亦|也|均|都|的[^。]{2,6}亦?)?(?:有|作出|做出|提供)(?:了|所)?(?:重要)?(?:贡献|帮助|协助)(?:了)?\W{0,3}$",
    r"^\W{0,3}(?:感谢|鸣谢|特别感谢)[^。,，]{2,30}(?:对|为)(?:本文|此文|本篇|本报道)的?[^。]{0,6}贡献\W{0,3}$",
    r"^\W{0,3}[如若]?有?(?:任何|关于)?(?:本文)?[^。,，]{0,6}(?:版权|侵权|著作权)[^。,，]{0,6}(?:问题|疑问|异议)[^。]{0,24}(?:联系|联络|告知|来信)[^。]{0,24}。?$",
    r"^\W{0,3}(?:星标|关注|设为星标|加星标|点赞)(?:并?关注)?(?:我们(?=[,，!！。]|的|$)|本号|公众号)[^。]{0,24}\W{0,3}$",
    r"^\W{0,3}(?:感谢|谢谢)(?:你|您|大家|各位)?(?:们)?的?(?:耐心)?(?:阅读|观看|收看|收听)(?:[,，!！~～][^。]{0,30})?\W{0,3}$",
    r"^\W{0,3}(?:[^。,，]{0,12}[,，]\s?)?(?:我们|咱们)?(?:下期|下次|下一期|下回|下周)再(?:见|会)\W{0,3}$",
)}, re.DOTALL)  # fmt: skip
# What it bids its reader, how it means its publisher, and how that is reached.
_BIDS: Final = lazy_compile(
    r"\b(?:let us know|tell us|contact|get in touch|reach(?: out)?|write (?:to|us)|e-?mail|drop us|send|report it|report (?:an )?errors?"
    r"|share your|call|message us|follow|join|subscribe|sign up|submit|spotted|got a|have an?)\b"
    r"|(?:^|[,，。!！?？:：;；\s])\W{0,3}(?:请|欢迎|可以?|敬请|[\u4e00-\u9fff]{2,8}(?:请|欢迎|可))[^。,，]{0,8}(?:联系|联络|来信|发送?|寄|致电|投|添加|加|留言|私信|关注|告知|反馈|洽|爆料)|^\W{0,3}(?:添加|加入?|请加|欢迎|关注|联系|星标|扫码)"
)
_MEANS: Final = lazy_compile(
    r"\b(?:newsroom|newsdesk|news desk|our (?:editors?|reporters?|coverage|reporting|journalis\w+|newsletters?|podcasts?|channels?|readers)|editorial team|the editors?"
    r"|this (?:story|article|post|piece|page|site)|your (?:story|stories|tips?|thoughts|letters?|views))\b|\b(?:tips?|news|newsdesk|newsroom|corrections?|letters?|editors?|stories|story|share|feedback)@"
    r"|我们|本[站网报刊社号台文]|小编|编辑部|本文作者|(?:添加|加|联系)作者|主编|爆料|投稿|商务|(?:媒体|广告|内容|商业|品牌)合作|新闻(?:线索|热线)|读者(?:群|来信|交流)|(?:交流|粉丝|读者)qq?群|进群|入群|拉你"
)
_REACHED: Final = lazy_compile(
    rf"{_EMAIL}|@\w{{3,}}|\b(?:on|via|at|over) {_NETWORK}\b|{_NUMBER}|\b(?:in confidence|securely|anonymously|newsroom|newsdesk|our editors|our (?:tip )?form)\b"
    r"|(?:微信|wx|qq|line|电报|telegram|邮箱|信箱)(?:号|群|id)?\s?[:：]?\s?[a-z0-9][\w.-]{4,}|(?:微信|qq群|后台|line群|line群组|微博|公众号|群组)"
)
# The publisher's labels of ways to reach it, with nothing but one behind them.
_LABELLED: Final = lazy_compile(
    r"^\W{0,3}(?:联系我们|我们的|(?:(?:本文)?作者|小编|编辑部?|主编|商务|商业|广告|媒体|品牌|内容|投稿|投书|爆料|新闻|读者|交流|合作|邀约|及|与|和|或|/|\s){1,8}"
    r"(?<=[\u3400-\u9fff])(?:邮箱|信箱|邮件|专线|热线|电话|加?微信号?|交?流?群|qq群?|line|请?(?:联系|联络|洽|寄至?|发至|发到|发送至|致电))?)\s?[:：]?\s?(?:微信|邮箱|qq|line|wx)?\s?[:：]?\s?"
    rf"(?:{_EMAIL}|{_NUMBER}|[a-z][\w-]{{4,24}}|\d{{6,11}})\W{{0,3}}$"
)
# Somebody who may be written to: the writer of the text.
_WRITER: Final = lazy_compile(
    rf"\b(?:reach|contact|e-?mail|follow|find|message) (?:him|her|them|me|us|the (?:author|writer|reporter)) (?:at|on|via|by|over)\b.{{0,40}}?(?:{_EMAIL}|@\w{{3,}}|\b{_NETWORK}\b)"
)
_ASKS: Final = lazy_compile(
    r"^\W{0,3}(?:got|know|see|seen|spot(?:ted)?|saw|noticed?|found|find|questions?|corrections?|tips?|feedback|something)\b[^.?!]{0,100}\?"
)
_ANSWERED: Final = lazy_compile(
    r"\?\s?(?:please |you can )?(?:let us know|tell us|contact us|write to (?:us|the (?:newsdesk|editors?|newsroom|desk))|e-?mail us|report it to (?:us|our)|send (?:us|it to (?:us|our))|reach out to (?:us|our)|get in touch with (?:us|our))\b(?!.{0,40}\bcomments?\b)"
)
# A letter that is offered.
_NEWSLETTER: Final = lazy_compile(
    r"^\W{0,3}(?:please )?(?:sign up|subscribe|register)(?: here| now| today| below)? to (?:get|receive)\b[^.!?]{2,80}\W{0,2}$"
)
# Somebody else's words.
_TOLD: Final = lazy_compile(
    r"\b(?:said|says|told|wrote|according to|added|asked|announced)\b|[他她](?:们)?(?:请|让|叫|希望|呼吁|欢迎|建议)|[”」』]?[,，]?(?:他|她|[\u4e00-\u9fff]{2,4})(?:说|表示|指出|称|认为|写道)"
)
# Whom a report bids its readers reach, and a text that calls for papers, entries or staff: its last
# lines say where to.
_OF_OTHERS: Final = lazy_compile(
    r"\b(?:police|sheriff|detectives?|investigators|authorities|crime ?stoppers|council|ministry|department|embassy)\b|警方|警察|公安|派出所|检察|消防|民警"
)
_CALLS: Final = lazy_compile(
    r"征[文稿集]|投稿|来稿|招[聘募商]|应聘|报名|参赛|启事|加盟|\b(?:submissions?|applicants?|applications?|apply|vacanc\w+|call for|hiring)\b"
)
_HAN: Final = lazy_compile("[\u3400-\u9fff]")


def is_closing(text: str, *, calls: bool = False) -> bool:
    """Return whether a publisher says a line of a text or to its readers, behind that text.

    Args:
        text: a short line.
        calls: whether the text calls for papers, entries or staff, and so says where to send them.
    """
    line = fold_interface(text)
    if len(line) > (_LONGEST_HAN if _HAN.search(line) else _LONGEST) or _TOLD.search(line):
        return False
    if any(said.search(line) for _, said in _OF_THE_PAGE.possible(line)):
        return True
    if calls or _OF_OTHERS.search(line) is not None:
        return False
    if any(found.search(line) for found in (_LABELLED, _NEWSLETTER, _WRITER)):
        return True
    if _ASKS.search(line) is not None and _ANSWERED.search(line) is not None:
        return True
    return all(found.search(line) is not None for found in (_BIDS, _MEANS, _REACHED))


def calls_for(text: str) -> bool:
    """Return whether a text calls for papers, entries or staff, and so says where to send them."""
    return _CALLS.search(fold_interface(text)) is not None
