"""Whole lines that change by themselves: counts down, the weather, what the page's box counts.

Each pattern matches a folded line from end to end, see `volatile_lines`. What could be a sentence
of an article or an entry of its table is in none of them.
"""

from __future__ import annotations

from typing import Final

from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.volatile_times import (
    AGO,
    AMOUNT,
    CLOCK,
    HAN_UNIT,
    MONTH,
    UNIT,
    WEEKDAY,
    YEAR,
    ZONE,
)

__all__ = ["LONGEST_LINE", "WHOLE_LINES"]

# Characters of the longest line that is looked at.
LONGEST_LINE: Final = 160

# A time so short that it needs no "ago", where nothing else stands in the line.
_SHORT_AGO = BoundedPattern(
    r"\W{0,3}\d{1,2}(?:h|d|w|m|hr|hrs|min|mins)(?:\sago)?\W{0,3}", longest=LONGEST_LINE
)

# Days until what the publisher itself does or counts down to, whatever its name is.
_COUNTDOWN = BoundedPattern(
    r"\W{0,3}(?:only |just )?\d{1,3} (?:more )?(?:days?|hours?|weeks?) (?:left |to go )?"
    r"(?:until|till|to|before) (?:our|your)\b[^.!?]{0,60}[.!]?"
    r"|[^。！？，,\d]{0,24}(?:倒计时|倒数)[^。！？\d]{0,6}\d{1,3}\s?(?:天|日|小时|周)\W{0,3}"
    r"|距离?[^。！？，,：:\d]{1,20}(?:还有|还剩|仅剩|仅有|尚有|只剩)\s?\d{1,3}\s?(?:天|日|小时|周)\W{0,3}",
    longest=LONGEST_LINE,
)
# How long a recording plays.
_PLAYING = BoundedPattern(
    r"\W{0,3}(?:listen|audio|video|podcast|音频|视频|音档|录音|播客|语音|节目|播放|收听){0,2}\s?"
    r"(?:length|duration|时长|长度)\W{0,4}\d{1,3}:\d{2}(?::\d{2})?\W{0,3}"
    r"|\W{0,3}(?:listen\sto\s(?:this\s|the\s)?(?:article|story)|听全文|听文章|听新闻|收听(?:全文|本文|文章)"
    r"|语音(?:播报|朗读)|朗读(?:全文|本文)?)\W{0,4}(?:\d{1,3}:\d{2}(?::\d{2})?|\d{1,2}\s?min(?:utes|s)?"
    r"|\d{1,3}\s?分钟?(?:\d{1,2}秒)?)\W{0,3}",
    longest=LONGEST_LINE,
)
# A call to comment, which is there until somebody does.
_FIRST_COMMENT = BoundedPattern(
    r"\W{0,3}(?:be the first (?:one )?to (?:comment|reply|respond|share|react|like)\b[^.!?]{0,30}"
    r"|no comments(?: yet)?|(?:join|with) \d[\d,.]{0,8} others?(?: in the (?:comments|discussion))?"
    r"|(?:还没有|暂无|尚无)(?:人)?(?:评论|留言|回复)[^。！？]{0,12}|(?:快来)?抢沙发|成为第一个[^。！？]{1,12}的人"
    r"|(?:快来)?发表(?:你的)?第一条(?:评论|留言))\W{0,3}",
    longest=LONGEST_LINE,
)
# The weather of a place at a time, as a page's head shows it. A forecast's lines lack one of them.
_SKY = (
    r"(?:(?:mostly|partly|light|heavy)\s)?(?:cloud(?:y|s)?|clear|sunn?y?|rain(?:y)?|showers?|snow|fog"
    r"|mist|haze|wind(?:y)?|overcast|storms?|humidity|feels\slike)\b|晴|多云|阴|[小中大暴][雨雪]|阵雨"
    r"|雷雨|雾|霾|湿度|气温|体感|空气质量|优|良|轻度污染|[东西南北]{1,2}风|微风|\d级"
)
_SOME_DAY = (
    rf"(?:{YEAR}\s?[-/.年]\s?)?\d{{1,2}}\s?[-/.月]\s?\d{{1,2}}日?|\d{{1,2}}\s{MONTH}(?:,?\s{YEAR})?"
    rf"|{MONTH}\s\d{{1,2}}(?:,?\s{YEAR})?"
)
_SOME_HOUR = r"\d{1,2}:\d{2}(?:\s?[ap]m)?"
_DEGREES = r"[-−]?\d{1,2}(?:\s?[~～-]\s?[-−]?\d{1,2})?\s?(?:°\s?[cf]?|℃|℉|度)"
_WEATHER_PARTS = (
    rf"(?:(?:{_DEGREES}|{_SOME_HOUR}|{_SOME_DAY}|{WEEKDAY}|{_SKY}|\d{{1,3}}%"
    r"|it(?:'s|\sis)|now|currently|现在|in(?=\s))[\s|·•,，、/:：-]{0,4}){0,9}+"
)
_WEATHER = BoundedPattern(
    rf"^\W{{0,3}}(?=.{{0,60}}?(?:{_SOME_DAY}|{_SOME_HOUR}))(?=.{{0,60}}?{_DEGREES}){_WEATHER_PARTS}"
    r"(?:[\u3400-\u9fff]{2,4}|[a-z]{2,14}(?:[ -][a-z]{2,14})?)"
    rf"(?=[\s|·•,，、/:：\d-])[\s|·•,，、/:：-]{{0,4}}{_WEATHER_PARTS}",
    longest=LONGEST_LINE,
)
# How long until something of the page itself: its next update, the end of its sale or of a session.
_SHORT_SPAN = (
    rf"(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?|{AMOUNT}\s?{UNIT}(?:[\s,]{{1,2}}{AMOUNT}\s?{UNIT})?"
    rf"|{AMOUNT}\s?{HAN_UNIT})"
)
_UNTIL = BoundedPattern(
    r"\W{0,3}(?:(?:the\s)?next\s(?:update|refresh)(?:\sis)?(?:\sdue)?\s?(?:in|:)"
    r"|(?:your\s)?session\s(?:expires|ends|times\sout)\sin"
    r"|(?:the\s)?(?:stock\s)?markets?\s(?:opens?|closes?)\sin"
    r"|(?:(?:flash|our|the|this|black\sfriday|subscription)\s){0,2}(?:sale|offer|deal|discount)"
    r"\s(?:ends?|expires?|closes?)\sin"
    r"|(?:距离?)?下次(?:更新|刷新)(?:还有)?|(?:限时)?(?:优惠|活动|秒杀|抢购|特惠|促销)(?:距?结束)?(?:剩余|还剩|仅剩|还有)?)"
    rf"[\s:：]{{0,3}}{_SHORT_SPAN}(?:后|之后)?(?:结束)?\W{{0,3}}",
    longest=LONGEST_LINE,
)
# Seats of what the publisher itself holds.
_SEATS = BoundedPattern(
    r"\W{0,3}(?:only\s|just\s)?\d{1,4}\s(?:seats?|tickets?|places?|spots?)\s(?:left|remaining|remain)"
    r"\s(?:for|at|in)\sour\b[^.!?]{0,50}\W{0,3}"
    r"|(?:本报|本刊|本站|我们的)?(?:大会|峰会|论坛|年会|沙龙|研讨会|训练营|课程)(?:门票|席位|名额)?(?:仅剩|还剩|剩余)"
    r"\s?\d{1,4}\s?(?:席|张|个?名额|个?席位|个?座位)\W{0,3}",
    longest=LONGEST_LINE,
)
# How long the server took.
_SERVED = BoundedPattern(
    r"\W{0,3}(?:this\s)?(?:page|site)\s(?:was\s)?(?:generated|rendered|loaded|built|processed|served"
    r"|executed|created)\sin\s\d[\d.]{0,8}\s?(?:ms|milliseconds?|s|secs?|seconds?(?:\(s\))?)\W{0,3}"
    r"|\W{0,3}processed\sin\s\d[\d.]{0,8}\s?second(?:s|\(s\))?(?:,\s\d{1,4}\squer(?:y|ies))?.{0,20}"
    r"|\W{0,3}(?:本?页面?|网页|程序)(?:加载|执行|生成|渲染|处理|响应)(?:时间|耗时|用时)?[\s:：]{0,3}"
    r"\d[\d.]{0,8}\s?(?:毫?秒|m?s)\W{0,3}",
    longest=LONGEST_LINE,
)
# What readers found of a page, in two counts.
_FOUND_USEFUL = BoundedPattern(
    r"\W{0,3}\d[\d,]{0,9}\s(?:out\s)?of\s\d[\d,]{0,9}\s(?:people|readers|users|visitors)\sfound\sthis"
    r"(?:\s(?:article|story|page|post))?\s(?:helpful|useful)\W{0,3}"
    r"|\W{0,3}was\sthis(?:\s(?:article|story|page|post))?\s(?:helpful|useful)\W{1,3}"
    r"(?:yes\W{0,3}\d[\d,]{0,9}\W{1,4}no\W{0,3}\d[\d,]{0,9}|\d[\d,]{0,9}\syes\W{1,4}\d[\d,]{0,9}\sno)\W{0,3}"
    r"|\W{0,3}(?:有用|有帮助)\W{0,3}\d[\d,]{0,9}\W{1,4}(?:没用|无用|没有?帮助)\W{0,3}\d[\d,]{0,9}\W{0,3}",
    longest=LONGEST_LINE,
)
# A sentence on how often this very page was read or handed on.
_READ_SO_OFTEN = BoundedPattern(
    r"\W{0,3}(?:so\sfar,?\s)?this\s(?:story|article|post|page|piece|report|interview|video)"
    r"\s(?:has\s(?:now\s|already\s)?been|was)\s(?:shared|read|viewed|liked|opened|seen|watched|forwarded"
    r"|saved|bookmarked|recommended|downloaded|printed)\s(?:(?:more\sthan|over|about)\s)?\d[\d,.]{0,9}[km]?"
    r"\stimes(?:\s(?:since|so\sfar|today|this\sweek|in\sthe)\b[^.!?\d]{0,50})?\W{0,3}"
    r"|\W{0,3}(?:本文|本篇|此文|该文|本报道|本稿|本帖)(?:章)?(?:至今|目前|已经?){0,3}(?:被)?(?:阅读|浏览|转发|分享|点赞|收藏|点击|观看)"
    r"(?:了|过|超过|逾)?\s?\d[\d,.]{0,9}\s?[万千]?\+?\s?(?:余)?次\W{0,3}",
    longest=LONGEST_LINE,
)
# A post among others of a forum; who is in it now; what the box of a writer counts.
_POINTS = BoundedPattern(
    rf"\W{{0,3}}\d[\d,]{{0,9}}\spoints?\sby\s\S{{1,30}}\s{AGO}(?:\W{{1,3}}hide)?"
    r"(?:\W{1,3}\d[\d,]{0,9}\scomments?)?\W{0,3}",
    longest=LONGEST_LINE,
)
_ONLINE = BoundedPattern(
    r"\W{0,3}(?:(?:users\s|now\s|currently\s)?online\W{1,3})?\d[\d,]{0,9}\s(?:guests?|visitors?)\W{1,3}"
    r"(?:and\s)?\d[\d,]{0,9}\s(?:members?|users?)(?:\s(?:are\s)?online)?\W{0,3}"
    r"|\W{0,3}(?:在线\W{0,3})?(?:游客|访客)\W{0,3}\d[\d,]{0,9}\W{0,4}(?:会员|用户)\W{0,3}\d[\d,]{0,9}\W{0,3}",
    longest=LONGEST_LINE,
)
_WRITERS_BOX = BoundedPattern(
    r"(?:\W{0,3}\d[\d.,]{0,9}[kmw]?\s(?:followers?|following|articles|posts|stories)(?![a-z])){2,5}\W{0,3}"
    r"|\W{0,3}作者(?:获赞|粉丝)[\s:：]{0,3}\d[\d.,]{0,9}\s?[万亿kw]?\W{0,3}"
    r"|(?:\W{0,3}(?:粉丝|关注|文章|获赞|动态|作品|内容|回答)数?[\s:：]{0,3}\d[\d.,]{0,9}\s?[万亿kw]?\+?){2,6}\W{0,3}",
    longest=LONGEST_LINE,
)
# What a clock on the page shows.
_NOW_IN_A_PLACE = BoundedPattern(
    rf"\W{{0,3}}(?:it(?:'s|\sis)\s(?:now\s|currently\s)?|(?:the\s)?(?:current\s|local\s)time\s(?:is\s)?"
    rf"|now\s)(?:{CLOCK})(?:\s?(?:{ZONE}))?\sin\s[a-z][a-z .'-]{{2,24}}\W{{0,3}}",
    longest=LONGEST_LINE,
)
# What markets show: indices with their change, pairs of currencies. A score has neither.
_CHANGE = (
    r"[\s(（]{0,3}[▲▼△▽↑↓+−-]\s?\d[\d.,]{0,9}\s?%?"
    r"(?:[\s/(（]{1,3}[▲▼+−-]?\s?\d[\d.,]{0,9}\s?%)?[)）]?"
)
_MARKETS = BoundedPattern(
    r"(?:\W{0,4}(?:(?:s&p\s500|nasdaq(?:\scomposite|\s100)?|dow\sjones|ftse\s100|dax|cac\s40|nikkei(?:\s225)?"
    r"|hang\sseng|euro\sstoxx(?:\s50)?|sensex|nifty(?:\s50)?|kospi|taiex|bitcoin|btc|ethereum|eth"
    r"|上证(?:指数|综指)|深证成指|创业板指|沪深300|恒生(?:指数|科技指数)|道琼斯|纳斯达克|标普500|日经(?:225)?"
    rf"|加权指数|科创50|比特币|以太坊)[\s:：]{{1,3}}(?:us|hk|nt)?[$€£¥]?\s?\d[\d,.]{{0,12}}{_CHANGE}"
    r"|(?:usd|eur|gbp|jpy|cny|cnh|hkd|twd|krw|chf|aud|sgd|inr)/(?:usd|eur|gbp|jpy|cny|cnh|hkd|twd|krw|chf|aud|sgd|inr)"
    rf"[\s:：]{{1,3}}\d[\d.]{{0,9}}(?:{_CHANGE})?)){{1,6}}\W{{0,3}}",
    longest=LONGEST_LINE,
)
# Sun and tides at a place.
_SUN_AND_TIDES = BoundedPattern(
    r"(?:\W{0,4}(?:sunrise|sunset|moonrise|moonset|high\s(?:tide|water)|low\s(?:tide|water)|日出|日落|月出|月落|高潮|低潮|满潮|干潮)"
    r"[\s:：]{0,3}\d{1,2}[:.]\d{2}(?:\s?[ap]m)?){1,6}\W{0,3}",
    longest=LONGEST_LINE,
)
WHOLE_LINES = (
    _SHORT_AGO, _COUNTDOWN, _PLAYING, _FIRST_COMMENT, _WEATHER, _UNTIL, _SEATS, _SERVED,
    _FOUND_USEFUL, _READ_SO_OFTEN, _POINTS, _ONLINE, _WRITERS_BOX, _NOW_IN_A_PLACE, _MARKETS,
    _SUN_AND_TIDES,
)  # fmt: skip
