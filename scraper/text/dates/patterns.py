"""How times are written: words, zones and patterns, by form."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "AFTER",
    "AGO",
    "BEFORE",
    "CHINESE",
    "CHINESE_TIME",
    "COMPACT",
    "DAYS_BACK",
    "DAY_MONTH",
    "DAY_WORD",
    "DAY_ZONE",
    "DMY",
    "EPOCH",
    "HINT",
    "MONTHS",
    "MONTH_DAY",
    "NO_YEAR",
    "NUMERALS",
    "REPUBLIC",
    "SECONDS",
    "YMD",
    "ZONES",
]


def _words(table: str) -> dict[str, int]:
    names = {}
    for number, line in enumerate(table.strip().splitlines(), 1):
        names.update(dict.fromkeys(line.split(), number))
    return names


# Names of months, one month a line: en, de, fr, es, it, pt, nl, sv/da/no, pl, tr, fi, id.
MONTHS: Final = _words("""
jan january januar jänner janvier enero ene gennaio gen janeiro januari stycznia ocak tammikuuta
feb february februar febr février févr febrero febbraio fevereiro fev februari lutego şubat helmikuuta
mar march märz mrz mars marzo março maart mrt marts marca mart maaliskuuta maret
apr april avril avr abril abr aprile kwietnia nisan huhtikuuta
may mai mayo maggio mag maio mei maj maja mayıs toukokuuta
jun june juni juin junio giugno giu junho czerwca haziran kesäkuuta
jul july juli juillet juil julio luglio lug julho lipca temmuz heinäkuuta
aug august août agosto ago augustus augusti sierpnia ağustos elokuuta agustus
sep sept september septembre septiembre settembre set setembro września eylül syyskuuta
oct october oktober okt octobre octubre ottobre ott outubro out październik października ekim lokakuuta
nov november novembre noviembre novembro listopada kasım marraskuuta
dec december dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia aralık joulukuuta
""")  # noqa: E501
# Abbreviations of zones that news sites print; those with summer time by place.
ZONES: Final = {
    "z": "UTC", "utc": "UTC", "gmt": "UTC", "et": "America/New_York", "est": "Etc/GMT+5",
    "edt": "Etc/GMT+4", "ct": "America/Chicago", "cst": "Etc/GMT+6", "cdt": "Etc/GMT+5",
    "mt": "America/Denver", "mst": "Etc/GMT+7", "mdt": "Etc/GMT+6", "pt": "America/Los_Angeles",
    "pst": "Etc/GMT+8", "pdt": "Etc/GMT+7", "bst": "Etc/GMT-1", "wib": "Asia/Jakarta",
    "cet": "Europe/Paris", "cest": "Etc/GMT-2", "mez": "Europe/Berlin", "mesz": "Etc/GMT-2",
    "eet": "Europe/Helsinki", "eest": "Etc/GMT-3", "msk": "Europe/Moscow", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "ist": "Asia/Kolkata",
    "aest": "Etc/GMT-10", "aedt": "Etc/GMT-11", "bjt": "Asia/Shanghai",
}  # fmt: skip
CHINESE_TIME = re.compile(r"北京[时時][间間]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

_MERIDIEM: Final = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚間|夜间|夜間"
_CLOCK: Final = (
    rf"(?P<half>{_MERIDIEM})?[ \u3000]*(?P<hour>\d{{1,2}})"
    r"(?:\s?[:：]\s?(?P<minute>\d{2})(?:\s?[:：]\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![:：]?\d)"
    r"|[时時点點](?:(?P<minute2>\d{1,2})分?(?:(?P<second2>\d{1,2})秒)?)?"
    r"|\s?h\s?(?P<minute3>\d{2})(?!\d)|\.(?P<minute4>\d{2})(?= ?Uhr\b)|(?=\s?[ap]\.?m\b))"
    r"(?:\s?(?P<ampm>[ap])\.?\s?m\b\.?)?"
)
_OFFSET: Final = (
    r"(?:\s{0,2}[(\[]?(?P<zone>(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?![\d:])"
    r"|(?:UTC|GMT|Z|BJT|WIB|MESZ|MEZ|[ECMP][SD]?T|BST|CES?T|EES?T|MSK|JST|KST|HKT|SGT|IST|AE[SD]T)"
    r"(?![A-Za-z])))?"
)
AFTER = re.compile(r"[^\d\n]{0,24}?" + _CLOCK + _OFFSET, re.IGNORECASE)
BEFORE = re.compile(_CLOCK + _OFFSET + r"[^\d\n]{0,16}$", re.IGNORECASE)
DAY_ZONE = re.compile(r"(?P<zone>Z|[+\-]\d{2}:?\d{2})(?!\d)")

EPOCH = re.compile(r"\s*(\d{10}|\d{13})(?:\.\d{1,6})?\s*")
COMPACT = re.compile(
    r"\s*((?:19|20)\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(Z|[+-]\d{4})?)?\s*"
)
YMD = re.compile(
    r"(?<![\d.])(?P<y>(?:19|"
    r"20)\d\d)(?:\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})(?!\d)\s?[日号號]?"
    r"|\s?(?P<s>[-/.])\s?(?P<m2>\d{1,2})\s?(?P=s)\s?(?P<d2>\d{1,2})(?!\d)(?![.]\d))"
)
REPUBLIC = re.compile(
    r"(?:中[華华])?民[國国]\s?(?P<y>\d{2,3})\s?[年/.\-]\s?(?P<m>\d{1,2})\s?[月/.\-]\s?(?P<d>\d{1,2})\s?日?"
)
_NUMERAL: Final = "〇○零一二三四五六七八九十廿卅"
NUMERALS = re.compile(
    rf"(?P<y>[二一][{_NUMERAL}]{{3}})年(?P<m>[{_NUMERAL}]{{1,3}})月(?P<d>[{_NUMERAL}]{{1,4}})[日号號]"
)
_NAME: Final = r"(?P<m>[^\W\d_]{3,14})\.?"
MONTH_DAY = re.compile(
    rf"(?<![^\W\d_]){_NAME}[ \u00a0]{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?:mon|tue|"
    rf"wed|thu|fri|sat|sun)[a-z]*)?"
    r"(?:\s?[,.]\s?|\s)\s?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s(?P<zone>[+-]\d{4}|[A-Z]{2,4})?"
    r"\s?)?(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º)?[.,]?[\s\-]{{0,2}}(?:de |of "
    rf")?{_NAME},?[\s\-/]{{1,2}}"
    r"(?:de |del )?(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
DMY = re.compile(
    r"(?<![\d./-])(?P<d>\d{1,2})(?P<s>[./-])(?P<m>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d)(?![\d])"
)
NO_YEAR = re.compile(
    r"(?<![\d./年-])(?:(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号號]"
    r"|(?P<m2>\d{2})[-/](?P<d2>\d{2})(?=\s{1,3}\d{1,2}:\d\d))"
)
AGO = re.compile(
    r"(?P<n>\d{1,4}|半|an?|one)\s?(?:个|個)?\s?(?P<unit>秒|分|小[时時]|天|日|周|週|星期|礼拜|月"
    r"|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])(?:[钟鐘])?\s?(?:之?前|"
    r"ago\b)",
    re.IGNORECASE,
)
DAY_WORD = re.compile(
    r"(?P<w>刚刚|剛剛|just now|今天|今日|昨天|昨日|前天|yesterday|today)", re.IGNORECASE
)
# What every readable text has: a digit, a year in numerals, or a word for a time.
HINT = re.compile(r"\d|[二一].{3}年|[前刚剛昨今]|ago\b|now|day", re.IGNORECASE)
SECONDS: Final = {
    "秒": 1, "s": 1, "分": 60, "m": 60, "小": 3600, "h": 3600, "天": 86400, "日": 86400,
    "d": 86400, "周": 604800, "週": 604800, "星": 604800, "礼": 604800, "w": 604800, "月": 2592000,
}  # fmt: skip
DAYS_BACK: Final = {
    "今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2,
}  # fmt: skip
