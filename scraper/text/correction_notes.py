"""Notes of a publisher on its own text: corrections, clarifications, withdrawals.

Matched against folded text, so that Traditional Chinese needs no lines of its own.
"""

from __future__ import annotations

import re

from scraper.text.patterns import lazy_compile

__all__ = ["CORRECTION", "CORRECTION_NOTE"]

_WORK = (
    r"(?:article|story|report|post|piece|page|column|headline|caption|newsletter|transcript"
    r"|version|interview|review)"
)
_CHANGED = (
    r"(?:corrected|updated|amended|revised|clarified|edited|retracted|withdrawn|modified|changed)"
)
_NOTE = "更正|勘误|订正|修订|修正|澄清|更正声明|更正启事|更正说明|撤稿声明|撤稿|致歉声明|致歉"
_TELLS = (
    # "Correction:", "EDITOR'S NOTE -", "Updated (3 May):", "Correction appended"
    r"^\W*(?:corrections?|clarifications?|retraction|erratum|errata|corrigendum"
    # "Update 2:" and "Updated 14:05:" open the entries of a live blog: they are additions.
    r"|updated(?!\s*(?:at\s)?\d{1,2}(?:[:.]\d{2}|\s*[:.-])))\b"
    r"(?:\s*\([^)]{0,40}\)|[\s,]+[\w. ,]{1,24}(?=:))?\s*(?:[:\-]|[.)\]]?$|appended\b|and clarif)"
    rf"|\b(?:this|our) (?:\w+ ){{0,2}}{_WORK}\b.{{0,60}}\b(?:has|have|was|were|is|been)"
    rf" (?:since |now |also )?(?:been )?{_CHANGED}\b"
    rf"|\b(?:an?|the) (?:earlier|previous|prior|original) version of (?:this|the|our)"
    rf" (?:\w+ )?{_WORK}"
    r"|\bpreviously (?:misstated|misidentified|misspelled|misattributed|stated)\b"
    r"|\bdue to an? (?:editing|production|reporting) error\b|\bregrets? the errors?\b"
    r"|\bwe (?:have |'ve )?corrected\b"
    # agencies: "(Corrects spelling of name in paragraph 3)", "This story corrects …"
    r"|^\W*corrects? (?:to|the|spelling|name|date|day|year|headline|title|figure|number"
    r"|\w+ (?:of|in))\b"
    rf"|\bthis (?:\w+ )?{_WORK} corrects\b"
    rf"|^\W*(?:{_NOTE})\s*+(?:\([^)]{{0,20}}\)\s*+)?[:】〕\])]"
    r"|(?:此前|早前|先前|早些时候|初|原|昨日|上期)的?(?:一?版本?|报道|文章|内容|稿件?|标题)"
    r".{0,30}(?:有误|错误|误|不实|失实|更正)"
    r"|(?:本文|本报道|本稿|本篇|文章|标题|正文)(?:已|经|曾|于|有|作了|做了|现)"
    r".{0,16}(?:更正|修订|更新|修改|订正|改动|撤回|修正|撤下)"
    r"|本文(?:最后)?(?:更新|修改)于|(?:特此|谨此|予以|现)更正|更正.{0,6}(?:致歉|道歉)"
    r"|撤回(?:本文|此稿|该稿)"
)

# What may lead an article in as well, or speak of a product.
_MAY_TELL = (
    r"^\W*(?:editors?'?s? note|note to readers)\b"
    r"(?:\s*\([^)]{0,40}\)|[\s,]+[\w. ,]{1,24}(?=:))?\s*(?:[:\-]|[.)\]]?$|appended\b|and clarif)"
    r"|\ban earlier version\b"
    r"|^\W*(?:编者按|编者注|编辑注|编注|编按)\s*+(?:\([^)]{0,20}\)\s*+)?[:】〕\])]"
)

# A sentence of a note that takes back what the text said before.
CORRECTION_NOTE = lazy_compile(_TELLS, re.IGNORECASE)
# The same, and what may be one: for sentences that came in with an edit.
CORRECTION = lazy_compile(f"{_TELLS}|{_MAY_TELL}", re.IGNORECASE)
