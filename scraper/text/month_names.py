"""English names of months as regular expressions; `text.dates` reads those of more languages."""

from __future__ import annotations

from typing import Final

__all__ = ["ENGLISH_MONTH", "MONTH_START"]

# Spelt out or cut short, in lower case.
ENGLISH_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# The letters with which one begins.
MONTH_START: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
