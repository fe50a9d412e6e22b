"""How times are written: words, zones and patterns, by form."""

from __future__ import annotations

import re
from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = [
    "AFTER",
    "AMBIGUOUS_ZONES",
    "BEFORE",
    "CHINESE",
    "COMPACT",
    "DAY_MONTH",
    "DAY_ZONE",
    "DMY",
    "DOTNET",
    "EPOCH",
    "ERAS",
    "ERA_DATE",
    "HANGUL",
    "HINT",
    "JAPANESE",
    "LABEL",
    "LOST_PLUS",
    "MONTHS",
    "MONTH_DAY",
    "NAMED_NO_YEAR",
    "NO_YEAR",
    "NUMERALS",
    "PLACE_TIME",
    "PLACE_ZONES",
    "REPUBLIC",
    "REPUBLIC_SHORT",
    "SHORT_HAN",
    "SHORT_YEAR",
    "SPACES",
    "TWELVE_AFTER",
    "TWELVE_BEFORE",
    "TWO_DIGIT",
    "WEEKDAY",
    "WEEKDAYS",
    "YEAR_NAMED",
    "YMD",
    "ZONES",
]


def _numbered(table: str) -> dict[str, int]:
    names = {}
    for number, line in enumerate(table.strip().splitlines(), 1):
        names.update(dict.fromkeys(line.split(), number))
    return names


# Names of months, one month a line: en, de, fr, es, it, pt, nl, sv/da/no, pl, tr, fi, id, ru.
MONTHS: Final = _numbered("""
jan january januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia ocak tammikuuta января янв
feb february februar feber febr février févr fév febrero febbraio fevereiro fev februari lutego şubat helmikuuta февраля фев
mar march märz mär mrz mars marzo março maart mrt marts marca mart maaliskuuta maret марта мар
apr april avril avr abril abr aprile kwietnia nisan huhtikuuta апреля апр
may mai mayo maggio mag maio mei maj maja mayıs toukokuuta мая
jun june juni juin junio giugno giu junho czerwca haziran kesäkuuta июня июн
jul july juli juillet juil julio luglio lug julho lipca temmuz heinäkuuta июля июл
aug august août agosto ago augustus augusti sierpnia ağustos elokuuta agustus августа авг
sep sept september septembre septiembre settembre set setembro września eylül syyskuuta сентября сен сент
oct october oktober okt octobre octubre ottobre ott outubro out październik października ekim lokakuuta октября окт
nov november novembre noviembre novembro listopada kasım marraskuuta ноября ноя нояб
dec december dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia aralık joulukuuta декабря дек
""")  # noqa: E501
# Days of the week, Monday first, where they stand beside a date.
WEEKDAYS: Final = _numbered("""
mon monday montag lundi lunes lunedì maandag måndag mandag 一 月
tue tues tuesday dienstag mardi martes martedì dinsdag tisdag tirsdag 二 火
wed wednesday mittwoch mercredi miércoles mercoledì woensdag onsdag 三 水
thu thur thurs thursday donnerstag jeudi jueves giovedì donderdag torsdag 四 木
fri friday freitag vendredi viernes venerdì vrijdag fredag 五 金
sat saturday samstag sonnabend samedi sábado sabato zaterdag lördag lørdag 六 土
sun sunday sonntag dimanche domingo domenica zondag söndag søndag 日 天
""")
_WEEKDAY_NAMES: Final = "|".join(
    sorted((name for name in WEEKDAYS if len(name) > 2), key=len, reverse=True)
)
WEEKDAY = lazy_compile(
    rf"\b(?P<name>{_WEEKDAY_NAMES})\b|(?:星期|[周週]|[礼禮]拜)(?P<zh>[一二三四五六日天])"
    r"|[(（](?P<ja>[月火水木金土日])[)）]",
    re.IGNORECASE,
)

# Abbreviations of zones that sites print. A place has summer time, an offset has none.
ZONES: Final = {
    "z": "UTC", "utc": "UTC", "gmt": "UTC", "ut": "UTC", "wet": "Europe/Lisbon", "west": "+01:00",
    "et": "America/New_York", "est": "-05:00", "edt": "-04:00",
    "ct": "America/Chicago", "cst": "-06:00", "cdt": "-05:00",
    "mt": "America/Denver", "mst": "-07:00", "mdt": "-06:00",
    "pt": "America/Los_Angeles", "pst": "-08:00", "pdt": "-07:00",
    "akst": "-09:00", "akdt": "-08:00", "hst": "-10:00", "ast": "-04:00", "adt": "-03:00",
    "nst": "-03:30", "ndt": "-02:30", "brt": "-03:00",
    "bst": "+01:00", "cet": "Europe/Paris", "cest": "+02:00", "mez": "Europe/Berlin",
    "mesz": "+02:00", "eet": "Europe/Helsinki", "eest": "+03:00", "msk": "Europe/Moscow",
    "cat": "+02:00", "sast": "+02:00", "wat": "+01:00", "eat": "+03:00", "gst": "+04:00",
    "pkt": "+05:00", "ist": "Asia/Kolkata", "ict": "+07:00", "wib": "Asia/Jakarta",
    "wita": "+08:00", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "myt": "+08:00",
    "pht": "+08:00", "bjt": "Asia/Shanghai", "jst": "Asia/Tokyo", "kst": "Asia/Seoul",
    "awst": "+08:00", "acst": "+09:30", "acdt": "+10:30", "aest": "+10:00", "aedt": "+11:00",
    "nzst": "+12:00", "nzdt": "+13:00",
}  # fmt: skip
# Abbreviations that mean something else where the page's own zone is of this region.
AMBIGUOUS_ZONES: Final = {
    ("cst", "Asia/"): "+08:00", ("ist", "Europe/Dublin"): "+01:00",
    ("ist", "Asia/Jerusalem"): "+02:00", ("bst", "Asia/Dhaka"): "+06:00",
    ("pst", "Asia/Manila"): "+08:00", ("ast", "Asia/"): "+03:00", ("est", "Australia/"): "+10:00",
    ("edt", "Australia/"): "+11:00",
}  # fmt: skip
# Places after which times are called: “Eastern time”, “Beijing time”, 北京时间.
PLACE_ZONES: Final = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "new york": "America/New_York", "london": "Europe/London",
    "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "hong kong": "Asia/Hong_Kong",
    "taipei": "Asia/Taipei", "taiwan": "Asia/Taipei", "singapore": "Asia/Singapore",
    "tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo", "seoul": "Asia/Seoul", "korea": "Asia/Seoul",
    "moscow": "Europe/Moscow", "india": "Asia/Kolkata",
    "北京": "Asia/Shanghai", "中国": "Asia/Shanghai", "中國": "Asia/Shanghai",
    "台北": "Asia/Taipei", "臺北": "Asia/Taipei", "台灣": "Asia/Taipei", "臺灣": "Asia/Taipei",
    "台湾": "Asia/Taipei", "香港": "Asia/Hong_Kong", "新加坡": "Asia/Singapore",
    "东京": "Asia/Tokyo", "東京": "Asia/Tokyo", "日本": "Asia/Tokyo", "首尔": "Asia/Seoul",
    "首爾": "Asia/Seoul", "韩国": "Asia/Seoul", "韓國": "Asia/Seoul", "伦敦": "Europe/London",
    "倫敦": "Europe/London", "纽约": "America/New_York", "紐約": "America/New_York",
    "美东": "America/New_York", "美東": "America/New_York", "美国东部": "America/New_York",
    "美國東部": "America/New_York", "美西": "America/Los_Angeles",
    "美国西部": "America/Los_Angeles", "美國西部": "America/Los_Angeles",
    "莫斯科": "Europe/Moscow", "格林尼治": "UTC", "格林威治": "UTC", "世界协调": "UTC",
    "世界協調": "UTC",
}  # fmt: skip
_LATIN_PLACES: Final = "|".join(name for name in PLACE_ZONES if name.isascii())
_HAN_PLACES: Final = "|".join(name for name in PLACE_ZONES if not name.isascii())
PLACE_TIME = lazy_compile(
    rf"(?P<han>{_HAN_PLACES})(?:标准|標準)?[时時][间間]"
    rf"|\b(?P<latin>{_LATIN_PLACES})(?:\s(?:standard|daylight))?\stime\b",
    re.IGNORECASE,
)
CHINESE = lazy_compile(r"[\u4e00-\u9fff]")
JAPANESE = lazy_compile(r"[\u3041-\u3096\u30a1-\u30fa]|(?:午前|午後)\s?\d|令和|平成|昭和")
HANGUL = lazy_compile(r"[\uac00-\ud7af]")
# Spaces and digits of other widths, character for character.
SPACES: Final = str.maketrans(
    "０１２３４５６７８９：／－．\u00a0\u2007\u2009\u202f\u3000", "0123456789:/-.     "
)

_MERIDIEM: Final = (
    "凌晨|清晨|早上|早晨|早间|早間|上午|午前|中午|正午|午后|午後|下午|傍晚|晚上|晚间|晚間|夜间|夜間|"
    "夜里|夜裡|深夜|午夜|半夜|昨晚|今晚|昨夜|今夜|今早|今晨|早|晚|오전|오후|새벽|아침|낮|저녁|밤"
)
_DOTTED: Final = (
    r"(?=\s?(?:Uhr\b|[ap]\.?\s?m\b|h\b|hrs\b|(?-i:GMT|UTC|BST|CES?T|ME?S?Z|E[SD]?T)\b))"
)
_CLOCK: Final = (
    rf"(?:(?P<half>{_MERIDIEM}|(?<![A-Za-z])[ap]\.?m\.?(?=\s?\d))\s{{0,2}})?"
    r"(?:(?P<hour4>[01]\d|2[0-3])(?P<minute6>[0-5]\d)(?=\s?(?:hrs\b|(?-i:GMT|UTC|HKT|BST|E[SD]T)\b))"
    r"|(?P<hour>\d{1,2})"
    r"(?:\s?:\s?(?P<minute>\d{2})(?:\s?:\s?(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?!:?\d)"
    r"|\s?[时時点點](?:\s?(?P<thirty>半)|\s?(?P<minute2>\d{1,2})\s?分?(?:\s?(?P<second2>\d{1,2})\s?秒)?)?"
    r"|\s?시(?:\s?(?P<minute5>\d{1,2})\s?분(?:\s?(?P<second3>\d{1,2})\s?초)?)?"
    rf"|\s?h\s?(?P<minute3>\d{{2}})(?!\d)|\.(?P<minute4>\d{{2}}){_DOTTED}"
    r"|(?=\s?[ap]\.?\s?m\b)|(?=\s?Uhr\b)|(?=\s?(?:noon|midnight)\b)))"
    r"(?:\s?(?P<ampm>[ap])\.?\s?m\b\.?|\s?(?P<twelve>noon|midnight)\b)?"
)
_ABBREVIATIONS: Final = "|".join(sorted((name.upper() for name in ZONES), key=len, reverse=True))
_OFFSET: Final = (
    r"(?:\s?(?:Uhr|hrs)\b)?"
    r"(?:\s{0,2}[(\[]?(?P<zone>(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?![\d:])"
    r"|(?-i:[A-Z][A-Za-z]{2,11}/[A-Z][A-Za-z_]{2,20}(?:/[A-Z][A-Za-z_]{2,20})?)"
    rf"|(?-i:{_ABBREVIATIONS})(?![A-Za-z])|(?:utc|gmt)(?![A-Za-z])|z\b"
    r"|(?:u\.?s\.?\s)?(?:eastern|central|mountain|pacific)"
    r"(?:\s(?:standard|daylight)?\s?time\b|(?=\s*(?:$|[,.;|·)\-–—])))"
    rf"|(?:{_LATIN_PLACES})\stime\b))?"
)
AFTER = lazy_compile(r"(?P<gap>[^\d\n]{0,24}?)" + _CLOCK + _OFFSET, re.IGNORECASE)
# 下午三时二十分, 十五点半: an hour alone is a clock only behind what tells its half of the day.
_HAN_HOUR: Final = r"(?:二?十[一二三四五六七八九]?|二十|[零〇一二三四五六七八九两兩])"
_HAN_MINUTE: Final = r"(?:[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?)"
HAN_AFTER = lazy_compile(
    r"[\s,，、|｜·]{0,4}(?:[（(]?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][)）]?[\s,，]{0,3})?"
    rf"(?:(?P<half>{_MERIDIEM})\s?(?P<hour>{_HAN_HOUR})\s?[时時点點]"
    rf"(?:\s?(?:(?P<thirty>半)|(?P<quarter>[一三])刻|(?P<minute>{_HAN_MINUTE})\s?分))?"
    rf"|(?P<hour2>{_HAN_HOUR})\s?[时時点點]"
    rf"\s?(?:(?P<thirty2>半)(?![会會刻])|(?P<quarter2>[一三])刻"
    rf"|(?P<minute2>{_HAN_MINUTE})\s?分|[正整](?=[\s,，。、|｜·)）]|$)))"
    r"(?![间間钟鐘])"
)
BEFORE = lazy_compile(r"(?<![\d:.])" + _CLOCK + _OFFSET + r"(?P<gap>[^\d\n]{0,16})$", re.IGNORECASE)
# Noon and midnight without digits: in a line of news they are words, beside a day alone a time.
_TWELVE: Final = rf"(?P<twelve>noon|midnight)\b{_OFFSET}"
TWELVE_AFTER = lazy_compile(
    rf"[\s,|·@–—-]{{1,4}}(?:at\s)?{_TWELVE}(?=\s{{0,3}}(?:$|[\n,.;|·)\]–—-]))", re.IGNORECASE
)
TWELVE_BEFORE = lazy_compile(
    rf"\b{_TWELVE}(?:\son\s|[\s,|·–—-]{{1,4}})(?:(?:{_WEEKDAY_NAMES})\b\.?,?\s?)?$", re.IGNORECASE
)
DAY_ZONE = lazy_compile(r"(?P<zone>Z|[+\-]\d{2}:?\d{2})(?!\d)")
# The plus sign of an offset, decoded to a space on its way.
LOST_PLUS = lazy_compile(
    r"((?:T|\s)\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ((?:0\d|1[0-4]):?(?:00|15|30|45))\s*$"
)
# What says of which time a date is: between a date and a clock, the clock is another one's.
LABEL = lazy_compile(
    r"更新|修改|修订|修訂|发布|發布|發佈|发表|發表|published|posted|updated|modified|edited|"
    r"aktualisiert|veröffentlicht|publié|mis à jour|modifié|publicado|actualizado|수정|입력|등록|"
    r"公開",
    re.IGNORECASE,
)

EPOCH = lazy_compile(r"\s*(\d{10}|\d{13}|\d{16})(?:\.\d{1,9})?\s*")
DOTNET = lazy_compile(r"\s*\\?/?Date\((\d{10,13})(?:[+-]\d{4})?\)\\?/?\s*")
COMPACT = lazy_compile(
    r"\s*((?:19|20)\d{2})(\d{2})(\d{2})(?:[T ]{0,2}(\d{2}):?(\d{2}):?(\d{2})?(?:[.,]\d+)?"
    r"\s?(Z|[+-]\d{2}:?\d{2})?)?\s*"
)
_N: Final = r"(?:\d{1,2}|[一二三四五六七八九十廿卅〇○零]{1,4})"
YMD = lazy_compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d\d)"
    rf"(?:\s?年\s?(?P<m>{_N})\s?月\s?(?P<d>{_N})(?!\d)\s?[日号號]?"
    r"|\s?년\s?(?P<m3>\d{1,2})\s?월\s?(?P<d3>\d{1,2})\s?일"
    r"|\s?(?P<s>[-/.])\s?(?P<m2>\d{1,2})\s?(?P=s)\s?(?P<d2>\d{1,2})(?!\d)(?![.]\d))"
)
_ROC_YEAR: Final = r"\d{2,3}|[一二三四五六七八九十百〇○零]{2,6}"
REPUBLIC = lazy_compile(
    rf"(?:中[華华])?民[國国]\s?(?P<y>{_ROC_YEAR})\s?[年/.\-]\s?(?P<m>{_N})\s?[月/.\-]"
    rf"\s?(?P<d>{_N})\s?日?"
    # Offices in Taiwan leave the era out: 115年11月18日.
    r"|(?<![\d.,/-])(?P<y2>1[01]\d)\s?年\s?(?P<m2>\d{1,2})\s?月\s?(?P<d2>\d{1,2})\s?日"
)
# 115/11/18, 115.11.18: read in Taiwan alone, where nothing but a label stands beside it.
REPUBLIC_SHORT = lazy_compile(
    r"(?<![\dA-Za-z./-])(?P<y>1[01]\d)(?P<s>[./-])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\dA-Za-z]|[./-]\d)"
)
# Eras of Japan: the year before their first.
ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925}
ERA_DATE = lazy_compile(
    rf"(?P<era>{'|'.join(ERAS)})\s?(?P<y>元|\d{{1,2}})\s?年\s?(?P<m>\d{{1,2}})\s?月"
    r"\s?(?P<d>\d{1,2})\s?日"
)
_NUMERAL: Final = "〇○零一二三四五六七八九十廿卅"
NUMERALS = lazy_compile(
    rf"(?P<y>[二一][{_NUMERAL}]{{3}})年(?P<m>[{_NUMERAL}]{{1,3}})月(?P<d>[{_NUMERAL}]{{1,4}})[日号號]"
)
_NAME: Final = r"(?P<m>[^\W\d_]{3,14})\.?"
_YEAR: Final = r"(?P<y>(?:19|20)\d\d|['’]\d\d)(?!\d)"
MONTH_DAY = lazy_compile(
    rf"(?<![^\W\d_]){_NAME}[ /-]{{0,2}}(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?"
    r"(?:,?\s(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)?(?:\s?[,.]\s?|[\s/-])\s?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s(?P<zone>[+-]\d{4}|[A-Z]{2,4})?"
    rf"\s?)?{_YEAR}",
    re.IGNORECASE,
)
DAY_MONTH = lazy_compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|ª)?[.,]?[\s\-/]{0,2}(?:de |of |d[’'])?"
    rf"{_NAME},?[\s\-/]{{1,2}}(?:de |del )?{_YEAR}",
    re.IGNORECASE,
)
# Wednesday, 18-Nov-26 09:12:33 GMT (RFC 850); 18 Nov 26 09:12 GMT (RFC 822).
SHORT_YEAR = lazy_compile(
    r"(?<!\d)(?P<d>\d{1,2})[ -](?P<m>[A-Za-z]{3})[ -](?P<y>\d\d),?(?= {1,3}\d\d?:\d\d)"
)
# 20 十一月 2026: RFC 822 by a program with a Chinese locale.
YEAR_NAMED = lazy_compile(
    rf"(?<!\d)(?P<y>(?:19|20)\d\d),?[ .-]{{1,2}}{_NAME}[ .-]{{1,2}}(?P<d>\d{{1,2}})(?!\d)"
    rf"|(?<!\d)(?P<d2>\d{{1,2}}) (?P<m2>{_N})月 (?P<y2>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
# 26年11月18日
SHORT_HAN = lazy_compile(
    r"(?<![\d.,/-])(?P<y>\d\d)\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号號]"
)
DMY = lazy_compile(
    r"(?<![\d./-])(?P<d>\d{1,2})(?P<s>[./-])\s?(?P<m>\d{1,2})(?P=s)\s?(?P<y>(?:19|20)\d\d)(?!\d)"
)
TWO_DIGIT = lazy_compile(
    r"(?<![\dA-Za-z./-])(?<!\d:)(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<c>\d{2})"
    r"(?![\dA-Za-z]|[./-]\d)"
)
NO_YEAR = lazy_compile(
    r"(?<![\d./年년-])(?:(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号號]"
    r"|(?P<m3>\d{1,2})\s?월\s?(?P<d3>\d{1,2})\s?일"
    r"|(?P<m2>\d{1,2})(?P<s>[-/])(?P<d2>\d{1,2})"
    r"(?:\s?[(（][月火水木金土日一二三四五六][)）])?(?=\s{1,3}\d{1,2}:\d\d))"
)
NAMED_NO_YEAR = lazy_compile(
    rf"(?<![^\W_]){_NAME} ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:/]|[.,]\d|\s?(?:19|20)\d\d)"
    r"|(?<![^\W_])(?P<d2>\d{1,2})(?:st|nd|rd|th|er)?\.? ?(?:de |of )?(?P<m2>[^\W\d_]{3,14})\.?"
    r"(?!\w|,? ?(?:19|20)\d\d)",
    re.IGNORECASE,
)
# What every readable text has: a digit, a year in numerals, or a word for a time.
HINT = lazy_compile(
    r"\d|[二一].{3}年|[前刚剛昨今方]|ago\b|now|day|ieri|oggi|gestern|heute|hier|ayer|hoy|ontem|hoje"
    r"|gisteren|vandaag|geleden|назад|temu|sedan|siden|önce|\bfa\b|\bhá\b|hace|vor\b"
    r"|il y a|민국|民[國国]|[전금제늘]",
    re.IGNORECASE,
)
