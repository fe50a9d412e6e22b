"""Times as sites print them, read strictly: what is not stated is noted, and nothing is invented.

Reads ISO 8601, RFC 2822, epoch seconds, Chinese dates in digits, numerals and years of the
Republic, month names of ten European languages, and times relative to a given moment. Everything
here is a function of its arguments alone.

patterns.py     how times are written: words, zones and patterns
relative.py     times that count from the moment of reading
date_parser.py  each form in turn; a day, completed by the clock and the zone beside it
"""

from scraper.text.dates.date_parser import ParsedTime, find_times, parse_time

__all__ = ["ParsedTime", "find_times", "parse_time"]
