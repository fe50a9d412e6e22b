"""Dates as sites print them, language by language.

Most shapes state one and the same moment, 9:12 on 18 November 2026, so that a row shows only how it
is written; what a shape lacks (seconds, a clock, a zone) must be lacking in what is read.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.text.dates import find_times, parse_time

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

DAY, MINUTE, SECOND = "day", "minute", "second"
D = "2026-11-18T00:00:00"
M = "2026-11-18T09:12:00"
S = "2026-11-18T09:12:33"

ENGLISH = [
    ("November 18, 2026", f"{D}+00:00", DAY),
    ("Nov 18, 2026", f"{D}+00:00", DAY),
    ("Nov. 18, 2026", f"{D}+00:00", DAY),
    ("NOV 18, 2026", f"{D}+00:00", DAY),
    ("Nov 18 2026", f"{D}+00:00", DAY),
    ("November 18th, 2026", f"{D}+00:00", DAY),
    ("18 November 2026", f"{D}+00:00", DAY),
    ("18th November 2026", f"{D}+00:00", DAY),
    ("18th of November, 2026", f"{D}+00:00", DAY),
    ("18 Nov ’26", f"{D}+00:00", DAY),
    ("18-Nov-2026", f"{D}+00:00", DAY),
    ("2026 Nov 18", f"{D}+00:00", DAY),
    ("2026-Nov-18", f"{D}+00:00", DAY),
    ("Wednesday, November 18, 2026", f"{D}+00:00", DAY),
    ("Wed 18 Nov 2026", f"{D}+00:00", DAY),
    ("Wed 18 Nov 2026 09.12 GMT", f"{M}+00:00", MINUTE),
    ("Wed, Nov 18, 2026, 9:12 AM", f"{M}+00:00", MINUTE),
    ("November 18, 2026 at 9:12 a.m. EST", f"{M}-05:00", MINUTE),
    ("November 18, 2026 9:12 AM Eastern", f"{M}-05:00", MINUTE),
    ("November 18, 2026 at 9:12 am Pacific Time", f"{M}-08:00", MINUTE),
    ("9:12 a.m. ET, November 18, 2026", f"{M}-05:00", MINUTE),
    ("Published 9:12 AM EST, Wed November 18, 2026", f"{M}-05:00", MINUTE),
    ("noon EST, November 18, 2026", "2026-11-18T12:00:00-05:00", MINUTE),
    ("November 18, 2026 at 12 noon ET", "2026-11-18T12:00:00-05:00", MINUTE),
    ("18 November 2026, 12:00 noon", "2026-11-18T12:00:00+00:00", MINUTE),
    ("Nov. 18, 2026, midnight CST", f"{D}-06:00", DAY),
    ("Nov. 18, 2026, 12:00 midnight CST", f"{D}-06:00", DAY),
    ("November 18, 2026 — At noon the ferry left", f"{D}+00:00", DAY),
    ("0912 GMT November 18, 2026", f"{M}+00:00", MINUTE),
    ("Nov 18, 2026 | 9:12am", f"{M}+00:00", MINUTE),
    ("18 Nov 2026, 9.12am", f"{M}+00:00", MINUTE),
    ("18 November 2026 at 09:12 BST", f"{M}+01:00", MINUTE),
    ("18/Nov/2026:09:12:33 +0000", f"{S}+00:00", SECOND),
    ("Wed, 18 Nov 2026 09:12:33 GMT", f"{S}+00:00", SECOND),
    ("Wednesday, 18-Nov-26 09:12:33 GMT", f"{S}+00:00", SECOND),
    ("18 Nov 26 09:12 GMT", f"{M}+00:00", MINUTE),
    ("Wed Nov 18 09:12:33 2026", f"{S}+00:00", SECOND),
    ("Wed Nov 18 09:12:33 EST 2026", f"{S}-05:00", SECOND),
    ("Wed Nov 18 2026 09:12:33 GMT+0800 (China Standard Time)", f"{S}+08:00", SECOND),
    ("2026-11-18", f"{D}+00:00", DAY),
    ("2026/11/18 09:12", f"{M}+00:00", MINUTE),
    ("2026-11-18T09:12:33Z", f"{S}+00:00", SECOND),
    ("2026-11-18T09:12:33.123456-05:00", f"{S}-05:00", SECOND),
    ("2026-11-18T09:12:33+08", f"{S}+08:00", SECOND),
    ("2026-11-18T09:12:33+01:00[Europe/Paris]", f"{S}+01:00", SECOND),
    ("2026-11-18 09:12:33 America/Chicago", f"{S}-06:00", SECOND),
    ("2026-11-18 09:12:33 +0800 CST", f"{S}+08:00", SECOND),
    ("2026-11-18T09:12:33 08:00", f"{S}+08:00", SECOND),
    ("Wed, 18 Nov 2026 09:12:33 0800", f"{S}+08:00", SECOND),
    ("20261118", f"{D}+00:00", DAY),
    ("20261118T091233Z", f"{S}+00:00", SECOND),
    ("20261118 09:12", f"{M}+00:00", MINUTE),
    ("2026-11-17T24:00:00Z", f"{D}+00:00", SECOND),
    ("1794993153", "2026-11-18T09:12:33+00:00", SECOND),
    ("1794993153123", "2026-11-18T09:12:33+00:00", SECOND),
    ("/Date(1794993153123)/", "2026-11-18T09:12:33+00:00", SECOND),
    ("11/18/2026", f"{D}+00:00", DAY),
    ("18/11/2026, 09:12", f"{M}+00:00", MINUTE),
    ("11/18/26, 9:12 AM EST", f"{M}-05:00", MINUTE),
    ("5:20\u202fPM, Nov 18, 2026", "2026-11-18T17:20:00+00:00", MINUTE),
    ("2 hours ago", "2026-11-20T06:00:00+00:00", MINUTE),
    ("2.5 hours ago", "2026-11-20T05:30:00+00:00", MINUTE),
    ("an hour and a half ago", "2026-11-20T06:30:00+00:00", MINUTE),
    ("half an hour ago", "2026-11-20T07:30:00+00:00", MINUTE),
    ("two and a half hours ago", "2026-11-20T05:30:00+00:00", MINUTE),
    ("1 day, 3 hours ago", "2026-11-19T05:00:00+00:00", MINUTE),
    ("1 day and 3 hours ago", "2026-11-19T05:00:00+00:00", MINUTE),
    ("1h 30m ago", "2026-11-20T06:30:00+00:00", MINUTE),
    ("Updated 45 mins ago", "2026-11-20T07:15:00+00:00", MINUTE),
    ("2 days ago", "2026-11-18T00:00:00+00:00", DAY),
    ("yesterday at 9:12 AM", "2026-11-19T09:12:00+00:00", MINUTE),
    ("Nov 18", f"{D}+00:00", DAY),
    ("Wed, Nov 18, 9:12 AM", f"{M}+00:00", MINUTE),
    ("18 November, 09:12", f"{M}+00:00", MINUTE),
]

SIMPLIFIED = [
    ("2026年11月18日", f"{D}+08:00", DAY),
    ("2026年11月18号", f"{D}+08:00", DAY),
    ("2026 年 11 月 18 日", f"{D}+08:00", DAY),
    ("２０２６年１１月１８日", f"{D}+08:00", DAY),
    ("二〇二六年十一月十八日", f"{D}+08:00", DAY),
    ("二零二六年十一月十八日", f"{D}+08:00", DAY),
    ("2026年十一月十八日", f"{D}+08:00", DAY),
    ("2026年11月18日星期三", f"{D}+08:00", DAY),
    ("2026年11月18日 周三", f"{D}+08:00", DAY),
    ("2026年11月18日 09:12", f"{M}+08:00", MINUTE),
    ("2026年11月18日09:12:33", f"{S}+08:00", SECOND),
    ("2026年11月18日 09：12", f"{M}+08:00", MINUTE),
    ("2026年11月18日9时12分", f"{M}+08:00", MINUTE),
    ("2026年11月18日9时12分33秒", f"{S}+08:00", SECOND),
    ("二〇二六年十一月十八日　上午九时十二分", f"{M}+08:00", MINUTE),
    ("2026年11月18日（星期三）九點十二分", f"{M}+08:00", MINUTE),
    ("二〇二六年十一月十八日晚上八時零五分", "2026-11-18T20:05:00+08:00", MINUTE),
    ("2026年11月18日下午兩點半", "2026-11-18T14:30:00+08:00", MINUTE),
    ("2026年11月18日十五时三刻", "2026-11-18T15:45:00+08:00", MINUTE),
    ("2026年11月18日八点整", "2026-11-18T08:00:00+08:00", MINUTE),
    ("2026年11月18日八点整改意见", f"{D}+08:00", DAY),
    ("2026年11月18日一时半会儿", f"{D}+08:00", DAY),
    ("2026年11月18日三点看法", f"{D}+08:00", DAY),
    ("2026年11月18日上午9:12", f"{M}+08:00", MINUTE),
    ("2026年11月18日上午9点12分", f"{M}+08:00", MINUTE),
    ("2026年11月18日早上9点半", "2026-11-18T09:30:00+08:00", MINUTE),
    ("2026年11月18日下午3:05", "2026-11-18T15:05:00+08:00", MINUTE),
    ("2026年11月18日 下午3点05分", "2026-11-18T15:05:00+08:00", MINUTE),
    ("2026年11月18日晚8:00", "2026-11-18T20:00:00+08:00", MINUTE),
    ("2026年11月18日晚上8点", "2026-11-18T20:00:00+08:00", MINUTE),
    ("2026年11月18日晚间21:05", "2026-11-18T21:05:00+08:00", MINUTE),
    ("2026年11月18日凌晨2:05", "2026-11-18T02:05:00+08:00", MINUTE),
    ("2026年11月18日凌晨12:05", "2026-11-18T00:05:00+08:00", MINUTE),
    ("2026年11月18日中午12:30", "2026-11-18T12:30:00+08:00", MINUTE),
    ("2026年11月18日傍晚6点", "2026-11-18T18:00:00+08:00", MINUTE),
    ("2026年11月18日深夜11:40", "2026-11-18T23:40:00+08:00", MINUTE),
    ("2026年11月18日晚12点", f"{D}+08:00", DAY),  # its beginning or its end
    ("发布时间：2026-11-18 09:12", f"{M}+08:00", MINUTE),
    ("发布时间：26-11-18 09:12", f"{M}+08:00", MINUTE),
    ("时间：26/11/18 09:12", f"{M}+08:00", MINUTE),
    ("北京时间2026年11月18日09:12", f"{M}+08:00", MINUTE),
    ("2026年11月18日 09:12（北京时间）", f"{M}+08:00", MINUTE),
    ("美东时间2026年11月18日9:12", f"{M}-05:00", MINUTE),
    ("日期：2026/11/18", f"{D}+08:00", DAY),
    ("2026.11.18 发布", f"{D}+08:00", DAY),
    ("海港网 2026-11-18 09:12:33 来源：港报", f"{S}+08:00", SECOND),
    ("11月18日 09:12", f"{M}+08:00", MINUTE),
    ("11月18日", f"{D}+08:00", DAY),
    ("昨天 21:05", "2026-11-19T21:05:00+08:00", MINUTE),
    ("昨晚9:05", "2026-11-19T21:05:00+08:00", MINUTE),
    ("今天 09:12", "2026-11-20T09:12:00+08:00", MINUTE),
    ("前天 09:12", f"{M}+08:00", MINUTE),
    ("3小时前", "2026-11-20T13:00:00+08:00", MINUTE),
    ("半小时前", "2026-11-20T15:30:00+08:00", MINUTE),
    ("半个小时前", "2026-11-20T15:30:00+08:00", MINUTE),
    ("一个半小时前", "2026-11-20T14:30:00+08:00", MINUTE),
    ("1.5小时前", "2026-11-20T14:30:00+08:00", MINUTE),
    ("两个小时前", "2026-11-20T14:00:00+08:00", MINUTE),
    ("2天3小时前", "2026-11-18T13:00:00+08:00", MINUTE),
    ("1小时30分钟前", "2026-11-20T14:30:00+08:00", MINUTE),
    ("十分钟前", "2026-11-20T15:50:00+08:00", MINUTE),
    ("三天前", "2026-11-17T00:00:00+08:00", DAY),
    ("刚刚", "2026-11-20T16:00:00+08:00", MINUTE),
]

TRADITIONAL = [
    ("2026年11月18日", f"{D}+08:00", DAY),
    ("2026年11月18號", f"{D}+08:00", DAY),
    ("二〇二六年十一月十八日", f"{D}+08:00", DAY),
    ("民國115年11月18日", f"{D}+08:00", DAY),
    ("中華民國115年11月18日", f"{D}+08:00", DAY),
    ("中華民國一一五年十一月十八日", f"{D}+08:00", DAY),
    ("中華民國一百一十五年十一月十八日", f"{D}+08:00", DAY),
    ("民國115/11/18", f"{D}+08:00", DAY),
    ("2026/11/18", f"{D}+00:00", DAY),
    ("2026/11/18 週三", f"{D}+08:00", DAY),
    ("2026年11月18日 星期三", f"{D}+08:00", DAY),
    ("2026年11月18日 禮拜三", f"{D}+08:00", DAY),
    ("2026/11/18（三）09:12", f"{M}+08:00", MINUTE),
    ("2026年11月18日 09:12", f"{M}+08:00", MINUTE),
    ("2026年11月18日 9時12分", f"{M}+08:00", MINUTE),
    ("2026年11月18日 9時12分33秒", f"{S}+08:00", SECOND),
    ("2026年11月18日上午9點12分", f"{M}+08:00", MINUTE),
    ("2026年11月18日早上9點半", "2026-11-18T09:30:00+08:00", MINUTE),
    ("2026/11/18 上午 09:12:33", f"{S}+08:00", SECOND),
    ("2026/11/18 下午 03:05", "2026-11-18T15:05:00+08:00", MINUTE),
    ("2026/11/18 PM 03:05", "2026-11-18T15:05:00+00:00", MINUTE),
    ("2026-11-18 AM 09:12", f"{M}+00:00", MINUTE),
    ("2026年11月18日晚間8時", "2026-11-18T20:00:00+08:00", MINUTE),
    ("2026年11月18日晚上8點", "2026-11-18T20:00:00+08:00", MINUTE),
    ("2026年11月18日凌晨2時05分", "2026-11-18T02:05:00+08:00", MINUTE),
    ("2026年11月18日中午12時30分", "2026-11-18T12:30:00+08:00", MINUTE),
    ("2026年11月18日傍晚6點", "2026-11-18T18:00:00+08:00", MINUTE),
    ("2026年11月18日午後", f"{D}+08:00", DAY),
    ("發布時間：2026/11/18 09:12", f"{M}+08:00", MINUTE),
    ("發佈於 2026-11-18 09:12", f"{M}+08:00", MINUTE),
    ("更新時間：2026.11.18 09:12", f"{M}+08:00", MINUTE),
    ("時間：26/11/18 09:12", f"{M}+08:00", MINUTE),
    ("台北時間2026年11月18日09:12", f"{M}+08:00", MINUTE),
    ("美東時間2026年11月18日9:12", f"{M}-05:00", MINUTE),
    ("2026-11-18 09:12 中央社", f"{M}+08:00", MINUTE),
    ("11月18日 09:12", f"{M}+08:00", MINUTE),
    ("11/18(三) 09:12", f"{M}+08:00", MINUTE),
    ("昨天 21:05", "2026-11-19T21:05:00+08:00", MINUTE),
    ("今天 09:12", "2026-11-20T09:12:00+08:00", MINUTE),
    ("3小時前", "2026-11-20T13:00:00+08:00", MINUTE),
    ("半小時前", "2026-11-20T15:30:00+08:00", MINUTE),
    ("一個半小時前", "2026-11-20T14:30:00+08:00", MINUTE),
    ("兩個小時前", "2026-11-20T14:00:00+08:00", MINUTE),
    ("2天3小時前", "2026-11-18T13:00:00+08:00", MINUTE),
    ("10分鐘前", "2026-11-20T15:50:00+08:00", MINUTE),
    ("剛剛", "2026-11-20T16:00:00+08:00", MINUTE),
]

JAPANESE = [
    ("2026年11月18日(水) 9時12分", f"{M}+09:00", MINUTE, "ja"),
    ("2026年11月18日 午前9時12分", f"{M}+09:00", MINUTE, "ja"),
    ("2026年11月18日 午後3時5分", "2026-11-18T15:05:00+09:00", MINUTE, "ja"),
    ("２０２６年１１月１８日　９：１２", f"{M}+09:00", MINUTE, "ja"),
    ("令和8年11月18日", f"{D}+09:00", DAY, "ja"),
    ("平成元年", None, "", "ja"),
    ("平成31年4月30日", "2019-04-30T00:00:00+09:00", DAY, "ja"),
    ("公開日：2026.11.18 09:12", f"{M}+09:00", MINUTE, "ja"),
    ("2026/11/18 09:12 更新", f"{M}+09:00", MINUTE, "ja"),
    ("11月18日 9時12分 配信", f"{M}+09:00", MINUTE, "ja"),
    ("11/18(水) 9:12", f"{M}+09:00", MINUTE, "ja"),
    ("3時間前", "2026-11-20T14:00:00+09:00", MINUTE, "ja"),
    ("30分前", "2026-11-20T16:30:00+09:00", MINUTE, "ja"),
    ("2日前", "2026-11-18T00:00:00+09:00", DAY, "ja"),
    ("昨日 21:05", "2026-11-19T21:05:00+09:00", MINUTE, "ja"),
]

KOREAN = [
    ("2026년 11월 18일", f"{D}+09:00", DAY, "ko"),
    ("2026년 11월 18일 오후 3:05", "2026-11-18T15:05:00+09:00", MINUTE, "ko"),
    ("2026년 11월 18일 오전 9시 12분", f"{M}+09:00", MINUTE, "ko"),
    ("2026년 11월 18일 (수) 15시 05분", "2026-11-18T15:05:00+09:00", MINUTE, "ko"),
    ("입력 2026.11.18. 오전 9:12", f"{M}+09:00", MINUTE, "ko"),
    ("2026.11.18 09:12", f"{M}+09:00", MINUTE, "ko"),
    ("등록 26.11.18 09:12", f"{M}+09:00", MINUTE, "ko"),
    ("2026. 11. 18.", f"{D}+09:00", DAY, "ko"),
    ("11월 18일 09:12", f"{M}+09:00", MINUTE, "ko"),
    ("3시간 전", "2026-11-20T14:00:00+09:00", MINUTE, "ko"),
    ("10분 전", "2026-11-20T16:50:00+09:00", MINUTE, "ko"),
    ("2일 전", "2026-11-18T00:00:00+09:00", DAY, "ko"),
    ("어제 21:05", "2026-11-19T21:05:00+09:00", MINUTE, "ko"),
    ("방금 전", "2026-11-20T17:00:00+09:00", MINUTE, "ko"),
]

GERMAN = [
    ("18. November 2026", f"{D}+01:00", DAY, "de"),
    ("Mittwoch, 18. November 2026, 09:12 Uhr", f"{M}+01:00", MINUTE, "de"),
    ("18. Nov. 2026, 9.12 Uhr", f"{M}+01:00", MINUTE, "de"),
    ("18. November 2026 um 09:12", f"{M}+01:00", MINUTE, "de"),
    ("18.11.2026", f"{D}+01:00", DAY, "de"),
    ("18. 11. 2026", f"{D}+01:00", DAY, "de"),
    ("18.11.2026, 09:12 Uhr MEZ", f"{M}+01:00", MINUTE, "de"),
    ("Stand: 18.11.26, 09:12", f"{M}+01:00", MINUTE, "de"),
    ("3. März 2026", "2026-03-03T00:00:00+01:00", DAY, "de"),
    ("03/11/2026", "2026-11-03T00:00:00+01:00", DAY, "de"),
    ("vor 3 Stunden", "2026-11-20T06:00:00+01:00", MINUTE, "de"),
    ("vor einer Stunde", "2026-11-20T08:00:00+01:00", MINUTE, "de"),
    ("vor 10 Min.", "2026-11-20T08:50:00+01:00", MINUTE, "de"),
    ("vor 2 Tagen", "2026-11-18T00:00:00+01:00", DAY, "de"),
    ("gestern, 21:05 Uhr", "2026-11-19T21:05:00+01:00", MINUTE, "de"),
]

FRENCH = [
    ("18 novembre 2026", f"{D}+01:00", DAY, "fr"),
    ("mercredi 18 novembre 2026 à 09h12", f"{M}+01:00", MINUTE, "fr"),
    ("Publié le 18/11/2026 à 09:12", f"{M}+01:00", MINUTE, "fr"),
    ("18 nov. 2026 - 09 h 12", f"{M}+01:00", MINUTE, "fr"),
    ("1er novembre 2026", "2026-11-01T00:00:00+01:00", DAY, "fr"),
    ("le 03/11/2026", "2026-11-03T00:00:00+01:00", DAY, "fr"),
    ("3 août 2026", "2026-08-03T00:00:00+02:00", DAY, "fr"),
    ("18-11-2026", f"{D}+01:00", DAY, "fr"),
    ("il y a 3 heures", "2026-11-20T06:00:00+01:00", MINUTE, "fr"),
    ("il y a une heure", "2026-11-20T08:00:00+01:00", MINUTE, "fr"),
    ("il y a 2 jours", "2026-11-18T00:00:00+01:00", DAY, "fr"),
    ("hier à 21h05", "2026-11-19T21:05:00+01:00", MINUTE, "fr"),
]

SPANISH = [
    ("18 de noviembre de 2026", f"{D}+01:00", DAY, "es"),
    ("miércoles, 18 de noviembre de 2026, 09:12", f"{M}+01:00", MINUTE, "es"),
    ("18 noviembre 2026", f"{D}+01:00", DAY, "es"),
    ("noviembre 18, 2026", f"{D}+01:00", DAY, "es"),
    ("18 nov 2026 - 09:12 CET", f"{M}+01:00", MINUTE, "es"),
    ("18/11/2026 a las 09:12", f"{M}+01:00", MINUTE, "es"),
    ("03/11/2026", "2026-11-03T00:00:00+01:00", DAY, "es"),
    ("18 de noviembre de 2026, 3:05 p. m.", "2026-11-18T15:05:00+01:00", MINUTE, "es"),
    ("18 de noviembre del 2026", f"{D}+01:00", DAY, "es"),
    ("hace 3 horas", "2026-11-20T06:00:00+01:00", MINUTE, "es"),
    ("hace una hora", "2026-11-20T08:00:00+01:00", MINUTE, "es"),
    ("hace 2 días", "2026-11-18T00:00:00+01:00", DAY, "es"),
    ("ayer a las 21:05", "2026-11-19T21:05:00+01:00", MINUTE, "es"),
]

OTHERS = [
    ("18 novembre 2026 alle 09:12", f"{M}+01:00", MINUTE, "it"),
    ("un'ora fa", "2026-11-20T08:00:00+01:00", MINUTE, "it"),
    ("ieri alle 21:05", "2026-11-19T21:05:00+01:00", MINUTE, "it"),
    ("18 de novembro de 2026 às 09h12", f"{M}+00:00", MINUTE, "pt"),
    ("há 3 horas", "2026-11-20T05:00:00+00:00", MINUTE, "pt"),
    ("18 november 2026 om 09:12", f"{M}+01:00", MINUTE, "nl"),
    ("3 uur geleden", "2026-11-20T06:00:00+01:00", MINUTE, "nl"),
    ("18 ноября 2026, 09:12", f"{M}+03:00", MINUTE, "ru"),
]

ZONES = {
    "it": "Europe/Rome", "pt": "Europe/Lisbon", "nl": "Europe/Amsterdam", "ru": "Europe/Moscow",
    "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "de": "Europe/Berlin", "fr": "Europe/Paris",
    "es": "Europe/Madrid",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value", "precision"), [*ENGLISH, *SIMPLIFIED, *TRADITIONAL])
def test_dates_in_english_and_chinese(text: str, value: str | None, precision: str) -> None:
    found = parse_time(text, relative_to=NOW)
    assert (found.value.isoformat() if found else None) == value
    assert (found.precision if found else "") == precision


@pytest.mark.parametrize(
    ("text", "value", "precision", "language"),
    [*JAPANESE, *KOREAN, *GERMAN, *FRENCH, *SPANISH, *OTHERS],
)
def test_dates_in_other_languages(
    text: str, value: str | None, precision: str, language: str
) -> None:
    found = parse_time(text, zone=ZONES[language], relative_to=NOW, language=language)
    assert (found.value.isoformat() if found else None) == value
    assert (found.precision if found else "") == precision


SLASHED = [
    ("03/11/2024", "en-US", "2024-03-11"),
    ("03/11/2024", "en-GB", "2024-11-03"),
    ("03/11/2024", "en-AU", "2024-11-03"),
    ("03/11/2024", "de", "2024-11-03"),
    ("03/11/2024", "zh-HK", "2024-11-03"),
    ("03/11/2024", "en", None),
    ("03/11/2024", "en-CA", None),
    ("03/11/2024", "zh-CN", None),
    ("03/11/2024", "", None),
    ("03/11/2024 5:20 PM EST", "en", "2024-03-11"),
    ("Monday 03/11/2024", "en", "2024-03-11"),
    ("Sunday, 03/11/2024", "en", "2024-11-03"),
    ("3-4-2025", "nl", "2025-04-03"),
    ("3.4.2025", "en-US", "2025-04-03"),
    ("25/03/2025", "en-US", "2025-03-25"),
    ("11/18/24, 5:20 PM", "en-US", "2024-11-18"),
    ("18/11/24, 17:20", "en-GB", "2024-11-18"),
    ("11/18/24, 5:20 PM", "", "2024-11-18"),
    ("10/11/12, 5:20 PM", "", None),
    ("24/11/18 17:20", "zh-CN", "2024-11-18"),
    ("18.11.24 17:20", "de", "2024-11-18"),
    ("24.11.18 17:20", "ko", "2024-11-18"),
]


@pytest.mark.parametrize(("text", "language", "day"), SLASHED)
def test_the_pages_language_settles_the_order_of_day_and_month(
    text: str, language: str, day: str | None
) -> None:
    found = parse_time(text, relative_to=NOW, language=language)
    assert (found.value.date().isoformat() if found else None) == day


NONE = [
    "November 2026", "2026年11月", "2026", "USA Today", "Hier klicken", "Tagesschau heute",
    "a few hours ago", "几小时前", "数小时前", "3个月前", "2 years ago", "几十分钟前",
    "Score 10/11/12", "v10.11.12", "version 3.11.12", "1-2-24 ratio of mixes",
    "Friday", "9:12 AM", "Chapter 11, 18 pages", "may 5 things", "Room 11-18",
    "32. November 2026", "2026-02-30", "2026年13月1日", "12:00 o’clock on the 18th",
    "SN 20261399", "tel. 11-18-22", "24/7/365", "before 1 Jan 1980",
]  # fmt: skip


@pytest.mark.parametrize("text", NONE)
def test_what_states_no_day_is_no_date(text: str) -> None:
    assert parse_time(text, relative_to=NOW) is None


def test_a_clock_behind_another_label_is_not_the_first_dates() -> None:
    found = parse_time("Published Nov 17, 2026 Updated 10:00", relative_to=NOW)
    assert found is not None
    assert (found.value.date().isoformat(), found.precision) == ("2026-11-17", DAY)


def test_a_day_of_the_week_settles_the_year_that_is_not_printed() -> None:
    assert parse_time("Wednesday, Nov 18", relative_to=NOW) is not None
    assert parse_time("Monday, Nov 18", relative_to=NOW) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Updated Nov 19, 2026 Published Nov 17, 2026", ["2026-11-19", "2026-11-17"]),
        ("發布於 2026/11/17 16:00 更新於 2026/11/19 18:00", ["2026-11-17", "2026-11-19"]),
        ("입력 2026.11.18. 오전 10:32 수정 2026.11.18. 오후 1:05", ["2026-11-18"] * 2),
        ("no time at all", []),
    ],
)
def test_all_times_of_a_line_in_their_order(text: str, days: list[str]) -> None:
    assert [t.value.date().isoformat() for t in find_times(text, relative_to=NOW)] == days


def test_a_zone_that_means_two_is_read_in_the_sites_region() -> None:
    irish = parse_time("2026-07-01 09:00 IST", zone="Europe/Dublin", relative_to=NOW)
    indian = parse_time("2026-07-01 09:00 IST", zone="Asia/Kolkata", relative_to=NOW)
    assert irish is not None and indian is not None
    assert irish.value.isoformat() == "2026-07-01T09:00:00+01:00"
    assert indian.value.isoformat() == "2026-07-01T09:00:00+05:30"


@pytest.mark.parametrize("text", ["1 day " * 80, "一天" * 200, "11/18" * 80, "1 and a half " * 40])
def test_rows_of_numbers_are_no_dates(text: str) -> None:
    assert parse_time(text, relative_to=NOW) is None
