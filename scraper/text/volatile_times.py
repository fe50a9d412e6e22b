"""How times are printed in lines that tell them alone: parts of patterns, for folded lines."""

from __future__ import annotations

from scraper.text.month_names import ENGLISH_MONTH
from scraper.text.patterns import lazy_compile

__all__ = [
    "AGO",
    "AMOUNT",
    "CLOCK",
    "HAN_UNIT",
    "MONTH",
    "TIMES",
    "UNIT",
    "WEEKDAY",
    "YEAR",
    "ZONE",
]

MONTH = rf"{ENGLISH_MONTH}\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d{2}"
_HAN_NUMBER = "零〇一二两三四五六七八九十"
_DATE = (
    rf"{YEAR}\s?[-/.年]\s?\d{{1,2}}\s?[-/.月]\s?(?:\d{{1,2}}\s?[日号]|\d{{1,2}}(?!\d))"
    rf"|[〇零一二三四五六七八九]{{4}}年[{_HAN_NUMBER}]{{1,3}}月[{_HAN_NUMBER}]{{1,3}}[日号]"
    r"|\d{1,2}\s?月\s?\d{1,2}\s?[日号]"
    rf"|{_DAY}(?:\s|-|\sof\s){MONTH},?(?:[\s-]{YEAR}\b)?"
    rf"|{MONTH}\s?{_DAY}\b(?:,?\s?{YEAR}\b)?"
    r"|\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:(?:19|20)?\d{2})(?![\d.])"
    r"|\d{1,2}-\d{1,2}(?=\s\d{1,2}:\d{2})"
    # Years of the Republic of China and of Japan.
    r"|(?:(?:中华)?民国|令和)\s?\d{1,3}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日?"
    r"|1[01]\d(?P<mark2>[-/.])\d{1,2}(?P=mark2)\d{1,2}(?![\d.])"
)
# The day of the lunar calendar, which stands beside that of the common one.
_LUNAR = (
    r"(?:农历|阴历|夏历)\s?[甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥年正一二三四五六七八九十冬腊闰月初廿卅]{2,14}"
    r"|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年\s?闰?[正一二三四五六七八九十冬腊]{1,2}月"
    r"(?:初|十|廿|卅|二十|三十)[一二三四五六七八九十]?"
)
_ISO = (
    rf"{YEAR}-\d{{2}}-\d{{2}}t\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?"
    r"(?:z|[+-]\d{2}:?\d{2})?"
)
CLOCK = (
    r"(?:12(?::00)?\s?|\b)(?:noon|midnight)\b"
    r"|(?:凌晨|清晨|早上|早|上午|中午|下午|傍晚|晚上|晚间|晚|夜间|深夜|北京时间)?\s?"
    r"\d{1,2}(?:[:时点]\d{1,2}(?:分(?:\d{1,2}秒)?)?|[时点](?:半|整"
    r"|许)?)(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?"
    r"|\d{1,2}\.\d{2}\s?[ap]\.?m\b\.?|\d{1,2}\.\d{2}(?=\s?(?:gmt|utc|bst|cet|cest|[ecmp][sd]?t)\b)"
    r"|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2}h\d{2}\b|[0-2]\d[0-5]\d(?=\s?(?:gmt|utc|hrs?|hours)\b)"
)
ZONE = (
    r"(?:utc|gmt)(?:\s?[+-]\s?\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2}(?!\d)"
    r"|(?:bst|ist|wet|west|cet|cest|eet|eest|msk|[aecmp][sd]?t|akst|hst|sgt|hkt|jst|kst|wib|pht"
    r"|aest|aedt"
    r"|acst|awst|nzst|nzdt|sast|wat|eat|gst|pkt|ict|brt|z|hrs)(?![a-z])"
    r"|(?:eastern|pacific|central|mountain|beijing|local|london|singapore|hong kong|taipei|tokyo"
    r"|new york)"
    r"\s(?:standard\s|daylight\s)?time\b|(?:北京|当地|本地|台北|台湾|香港|东部|美东|美西|伦敦"
    r"|东京|格林威治)时间"
)
WEEKDAY = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b(?:['’]s\b)?\.?"
    r"|(?:星期|周|礼拜)[一二三四五六日天]|(?<=[(（])[一二三四五六日](?=[)）])"
)
AMOUNT = (
    r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|(?:a\s)?few|several|半|几"
    rf"|[{_HAN_NUMBER}]{{1,3}})"
)
UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?"
    r"|[smhdwy])(?![a-z])\.?"
)
HAN_UNIT = r"(?:秒钟?|分钟?|个?(?:多|半)?(?:小时|钟头|星期|月)|天|日|周|年)"
AGO = (
    rf"(?:(?:about|over|around|almost|nearly|less than|more than|under|just)\s)?{AMOUNT}\s?{UNIT}"
    rf"(?:(?:\s?,\s?|\sand\s|\s){AMOUNT}\s?{UNIT})?\s?ago\b"
    r"|(?:just|right)\snow\b|(?:a\s(?:few\s)?)?(?:moments?|seconds|minutes)\sago\b"
    r"|(?:earlier\s)?today\b|(?:(?:the\s)?day\sbefore\s)?yesterday\b|tonight\b"
    r"|this\s(?:morning|afternoon|evening)\b|last\s(?:night|week|month)\b"
    rf"|约?{AMOUNT}\s?个?多?{HAN_UNIT}零?(?:{AMOUNT}\s?{HAN_UNIT})?(?:之前|以前|前)"
    r"|刚刚|刚才|片刻前|不久前|今天|昨天|大?前天|今日|昨日|今晨|今早|今晚|昨晚"
)
# Over which time was counted.
_SPAN = (
    rf"(?:in|over|within|during)\s(?:the\s|this\s)?(?:last|past)\s(?:{AMOUNT}\s)?{UNIT}"
    rf"|(?:过去|最近|近)(?:{AMOUNT})\s?{HAN_UNIT}(?:内|里)?"
)
_LASTING = (
    r"\d[\d,.]*[\s-]?(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)\b\.?"
    r"|\d[\d,.]*\s?(?:秒钟?|分钟|个?小时|天)|\d{1,3}:\d{2}(?::\d{2})?"
)
TIMES = lazy_compile(
    rf"(?P<date>{_ISO}|{_DATE})|(?P<lunar>{_LUNAR})|(?P<span>{_SPAN})|(?P<ago>{AGO})|(?P<clock>{CLOCK})|(?P<weekday>{WEEKDAY})"
    rf"|(?P<zone>{ZONE})|(?P<duration>{_LASTING})"
)
