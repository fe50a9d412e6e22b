"""Signs by which changes are told apart: tables of words, in English and Simplified Chinese.

They are read on folded text, so that Traditional Chinese needs no lines of its own.
"""

from __future__ import annotations

import re

__all__ = ["ANTONYMS", "CORRECTION", "HEDGE", "NEGATING_PREFIX", "NEGATION", "PLACES"]

_WORK = (
    r"(?:article|story|report|post|piece|page|column|headline|caption|newsletter|transcript"
    r"|version|interview|review)"
)
_CHANGED = (
    r"(?:corrected|updated|amended|revised|clarified|edited|retracted|withdrawn|modified|changed)"
)
_NOTE = (
    "更正|勘误|订正|修订|修正|澄清|更新|编者按|编者注|编辑注|编注|编按|更正声明|更正启事|更正说明|撤稿声明"
    "|撤稿|致歉声明|致歉"
)
CORRECTION = re.compile(
    # "Correction:", "EDITOR'S NOTE -", "Updated (3 May):", "Correction appended"
    r"^\W*(?:corrections?|clarifications?|retraction|erratum|errata|corrigendum|updated?"
    r"|editors?'?s? note|note to readers)\b"
    r"(?:\s*\([^)]{0,40}\)|[\s,]+[\w. ,]{1,24}(?=:))?\s*(?:[:\-]|[.)\]]?$|appended\b|and clarif)"
    rf"|\b(?:this|our) (?:\w+ ){{0,2}}{_WORK}\b.{{0,60}}\b(?:has|have|was|were|is|been)"
    rf" (?:since |now |also )?(?:been )?{_CHANGED}\b"
    rf"|\b(?:an?|the) (?:earlier|previous|prior|original) version of (?:this|the|our)"
    rf" (?:\w+ )?{_WORK}"
    r"|\ban earlier version\b"
    r"|\bpreviously (?:misstated|misidentified|misspelled|misattributed|stated)\b"
    r"|\bdue to an? (?:editing|production|reporting) error\b|\bregrets? the errors?\b"
    r"|\bwe (?:have |'ve )?corrected\b"
    # agencies: "(Corrects spelling of name in paragraph 3)", "This story corrects …"
    r"|^\W*corrects? (?:to|the|spelling|name|date|day|year|headline|title|figure|number"
    r"|\w+ (?:of|in))\b"
    rf"|\bthis (?:\w+ )?{_WORK} corrects\b"
    rf"|^\W*(?:{_NOTE})\s*(?:\([^)]{{0,20}}\))?\s*[:】〕\])]"
    r"|(?:此前|早前|先前|早些时候|初|原|昨日|上期)的?(?:一?版本?|报道|文章|内容|稿件?|标题)"
    r".{0,30}(?:有误|错误|误|不实|失实|更正)"
    r"|(?:本文|本报道|本稿|本篇|文章|标题|正文)(?:已|经|曾|于|有|作了|做了|现)"
    r".{0,16}(?:更正|修订|更新|修改|订正|改动|撤回|修正|撤下)"
    r"|本文(?:最后)?(?:更新|修改)于|(?:特此|谨此|予以|现)更正|更正.{0,6}(?:致歉|道歉)|撤回(?:本文|此稿|该稿)",
    re.IGNORECASE,
)

NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|denied|denies|deny|failed to"
    r"|fails to)\b|n't\b"
    r"|不(?![过断仅但只少同久止论管禁妨由愧])|(?<![沉淹出埋吞隐覆])没(?![收落])|未(?![来免婚])"
    r"|无(?![论数线锡比疑人机限])|(?<![是除南莫北西东])非(?![常洲凡但得])|否认|拒绝|禁止"
)
# "lawful" and "unlawful": a word and the same with one of these before it.
NEGATING_PREFIX = re.compile(r"(?:un|in|im|il|ir|non|dis)-?")


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    def compiled(words: str) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{words})\b" if words.isascii() else words, re.IGNORECASE)

    return tuple((compiled(one), compiled(other)) for one, other in pairs)


# What turns a statement over when one takes the other's place.
ANTONYMS = _pairs(
    (r"r[io]sen?|rises|rising|rose|climb\w*|gain\w*|up|increas\w+|grow\w*|grew|surg\w+|jump\w*|soar\w*",
     r"f[ae]ll(?:en|s|ing)?|drop\w*|declin\w+|down|decreas\w+|shr[aiu]nk\w*|plung\w+|slump\w*|los\w+"),
    ("above|over|more|higher|most", "below|under|less|fewer|lower|least"),
    (r"w[io]n(?:s|ning)?|victory", r"los[est]\w*|defeat\w*"),
    (r"approv\w+|accept\w*|back\w*|support\w*|agree\w*|allow\w*",
     r"reject\w*|oppos\w+|refus\w+|block\w*|veto\w*|ban\w*"),
    (r"confirm\w*|admit\w*", r"den(?:y|ies|ied|ying)"),
    ("guilty|convicted", "innocent|acquitted|cleared"),
    ("killed|dead|died|deaths?|fatal", "injured|wounded|hurt|injuries|alive|survived"),
    ("true|right|correct", "false|wrong|incorrect"),
    (r"b[ou]\w*ght|buy\w*|purchas\w+", r"s[oe]ld|sell\w*"),
    ("profits?", "loss(?:es)?"), ("first", "last"), ("before", "after"), ("yes", "no"),
    ("涨|升|增|盈利|上调|扩", "跌|降|减|亏损|下调|缩"),
    ("死亡|身亡|遇难|死", "受伤|伤|生还|获救"),
    ("同意|支持|赞成|批准|通过|接受|承认|允许", "反对|否决|驳回|拒绝|否认|禁止"),
    ("赢|胜|获胜", "输|败|落败"), ("真|属实|正确", "假|不实|错误"), ("买|购入", "卖|出售"),
    ("高于|超过|多于|高", "低于|不足|少于|低"), ("之前|以前", "之后|以后"), ("有罪", "清白"),
)  # fmt: skip

# What says how certain a statement is.
HEDGE = re.compile(
    r"\b(?:alleged(?:ly)?|reportedly|suspected|accused|purported(?:ly)?|may|might|could|possibly"
    r"|perhaps|apparently|likely|unconfirmed|rumou?red)\b"
    r"|涉嫌|疑似|嫌疑|或将|或会|或许|可能|据称|据传|有望|恐将|疑因|未经证实",
    re.IGNORECASE,
)

# Provinces, cities and countries that Chinese prints without a mark of their being names.
PLACES = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州|杭州|南京|武汉|成都"
    "|西安|苏州|郑州|长沙|青岛|沈阳|宁波|东莞|无锡|大连|厦门|福州|昆明|合肥|台北|高雄|中国|美国|英国|法国"
    "|德国|日本|韩国|朝鲜|俄罗斯|乌克兰|印度|巴基斯坦|以色列|巴勒斯坦|伊朗|伊拉克|叙利亚|土耳其|沙特|埃及"
    "|加拿大|墨西哥|巴西|阿根廷|澳大利亚|新西兰|新加坡|马来西亚|印尼|泰国|越南|菲律宾|缅甸|意大利|西班牙"
    "|葡萄牙|荷兰|比利时|瑞士|瑞典|挪威|芬兰|丹麦|波兰|希腊|欧盟|联合国"
)
