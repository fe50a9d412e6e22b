"""The kind of quantity that a figure measures: rules on its unit and the words of its clause.

All patterns match folded text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scraper.text.numerals import Number
from scraper.text.patterns import lazy_compile
from scraper.topics.names import NameMatch
from scraper.topics.sentence_index import SentenceIndex

__all__ = [
    "ACTIVE_BEFORE",
    "ACTIVE_BEHIND",
    "CHIP_JOINT",
    "CHIP_UNIT",
    "COMPUTE",
    "CONTEXT",
    "CONTEXT_BEFORE",
    "CONTEXT_BEHIND",
    "COUNTED_ELSE",
    "COUNTS",
    "COUNTS_BEFORE",
    "CURRENCIES",
    "CURRENCY_BEFORE",
    "CURRENCY_BEHIND",
    "CURRENCY_WORD_BEFORE",
    "GPU_HOURS",
    "HOURS",
    "MONEY",
    "NO_UNIT",
    "PARAMETERS",
    "PARAMETERS_BEFORE",
    "PARAMETERS_SAID",
    "PERCENT",
    "PER_BEFORE",
    "PRICE",
    "SCORES_AND",
    "SCORE_AHEAD",
    "SCORE_JOINT",
    "SIDES",
    "SPEED",
    "SPEED_BEFORE",
    "TOKENS",
    "TOKENS_SAID",
    "TRAINED",
    "UNIT_ELSE",
    "WORTH_ASKING",
    "Measurement",
    "NumberContext",
    "measure",
]


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


# A small bare number without any of this after it measures nothing (dates, list numbers, ages: most
# figures of most texts), so the rules are skipped.
WORTH_ASKING = lazy_compile(
    r"[ -]?(?:[多余个的张块枚颗片台卡次名位种门款元美港新台欧英日韩词g]|tok|tps|t/s"
    r"|gpu|graphic|accel|chip|npu|[hab]\d|mi\d|tpu|ascend|nvidia|huawei|ai |of (?:the|its)"
    r"|dollar|u\.?s|euro|pound"
    r"|yen|won|yuan|rmb|cny|rupee|hong|nt |taiwan|expert|routed|language|user|customer|developer"
    r"|download|deriv|fine|weekly|monthly|daily|active|paying|times (?:on|from)|trainable|param)"
)

# --- Money --------------------------------------------------------------------------------------

CURRENCY_BEFORE = lazy_compile(r"(us\$|hk\$|nt\$|\$|€|£|¥|usd|rmb|cny|hkd|twd|eur)\s?$")
CURRENCY_BEHIND = lazy_compile(
    r"[ \-]?[多余]?(?:"
    r"(?P<USD>美元|美金|u\.?s\.? dollars?|dollars?|usd)"
    r"|(?P<HKD>港元|港币|hong kong dollars?|hkd)"
    r"|(?P<TWD>新台币|台币|nt dollars?|taiwan dollars?)"
    r"|(?P<EUR>欧元|euros?|eur\b)"
    r"|(?P<GBP>英镑|pounds?|gbp)"
    r"|(?P<JPY>日元|日圆|yen)"
    r"|(?P<KRW>韩元|韩圜|won\b)"
    r"|(?P<INR>卢比|rupees?)"
    r"|(?P<CNY>元人民币|人民币|元|块钱|yuan|rmb|renminbi|cny)"
    r")(?![a-z])"
)
CURRENCY_WORD_BEFORE = lazy_compile(r"(新台币|人民币|港币|欧元)\s?(?:约|逾|超过|近)?\s?$")
CURRENCIES = {
    "us$": "USD", "hk$": "HKD", "nt$": "TWD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY",
    "usd": "USD", "rmb": "CNY", "cny": "CNY", "hkd": "HKD", "twd": "TWD", "eur": "EUR",
    "新台币": "TWD", "人民币": "CNY", "港币": "HKD", "欧元": "EUR",
}  # fmt: skip

PRICE = lazy_compile(
    r"(?:每|per|/|a)\s?(?:1\s?)?(?P<per>百万|一百万|million|m\b|千|thousand|1k|k\b)\s?个?\s?"
    r"(?:(?P<side>input|output|cached|输入|输出)|tokens?|词元|字符)"
)
# Kinds of tokens that a price is for.
SIDES = lazy_compile(
    r"(?P<miss>(?:缓存)?未命中(?:的?输入)?|cache miss(?:es)?|uncached(?: input)?)"
    r"|(?P<cached>输入[（(]?缓存命中"
    r"|(?:缓存|命中|cached?|cache hits?)[^，。；,;.\d]{0,6}?(?:输入|input)|缓存|命中|cached?)"
    r"|(?P<input>输入|input)|(?P<output>输出|output)"
)

_TRAIN = _any("训练", "强化学习", "微调", "研发", "开发", "造价?")
_COST = _any(
    "成本", "费用", "花费", "花了", "花销", "只花", "仅花", "耗资", "仅需", "只需", "支出", "投入",
    "预算", "用了", "才", "元",
)  # fmt: skip
# What is built and is no model.
_HOUSE_EN = (
    r"(?:halls?|plants?|factor(?:y|ies)|fabs?|data ?cent(?:er|re)s?|campus(?:es)?|headquarters"
    r"|offices?|buildings?|facilit(?:y|ies)|warehouses?|stadiums?|bridges?|roads?|schools?|stores?"
    r"|studios?|labs?|laborator(?:y|ies)|clusters?|supercomputers?|houses?|homes?|stations?)"
)
_TRAIN_EN = rf"\b(?:train|pre-training|(?:develop|built|build)(?![^.;]{{0,40}}\b{_HOUSE_EN}\b))"
_COST_EN = r"\b(?:cost|spen[dt]|bill|budget|price tag|outlay|estimate|figure|took|for )"
# An amount has the kind whose words are nearest; of equals the first.
MONEY = (
    ("money", lazy_compile(
        r"发行价|股价|每股|售价|每月|月租|每小时|每卡时|per (?:\w+ ){0,2}hour|an hour|share price"
        r"|per share|a share|a month|per month")),
    ("valuation", lazy_compile(r"估值|市值|valuation|\bvalued|\bvaluing|market cap|\bworth\b")),
    ("funding", lazy_compile(
        r"融资|领投|注资|募资|募集|筹资|轮投资|增资|认购|集资|\brais(?:e|ing)|\bfunding|\bround\b"
        r"|\bseed\b|\bbacked|invested in|series [a-e]\b|\bipo\b")),
    ("acquisition", lazy_compile(r"收购|并购|\bacqui|\btakeover|\bb(?:uy|ought)\b")),
    ("loss", lazy_compile(r"亏损|净亏|\bloss|\blosing|\blost\b")),
    ("revenue", lazy_compile(
        r"营收|收入|营业额|年化|销售额|revenue|sales|\barr\b|annual(?:ised|ized)? run|turnover")),
    ("training cost", lazy_compile(
        f"{_TRAIN}[^。；;]{{0,18}}{_COST}|{_COST}[^。；;]{{0,14}}{_TRAIN}"
        f"|{_TRAIN_EN}[^.;]{{0,60}}{_COST_EN}|{_COST_EN}[^.;]{{0,50}}{_TRAIN_EN}"
        "|训练账单|(?:training|final) run")),
    ("investment", lazy_compile(
        r"投资|投入|invest|spend|capex|资本开支|砸|拨款|预算|\bbudget|\bfunds?\b|基金|编列")),
)  # fmt: skip

# --- Tokens -------------------------------------------------------------------------------------

TOKENS = lazy_compile(
    "[ -]?个?的?(?:高质量|高品质|训练|文本|high-quality |training |text )?(?:tokens?(?![a-z])|词元)"
)
CONTEXT = lazy_compile("上下文|context|窗口|window")
CONTEXT_BEHIND = lazy_compile(
    "[ -]?个?的?(?:超长|长|tokens? |tokens?的?)?(?:上下文|文本窗口|context)"
)
CONTEXT_BEFORE = lazy_compile(
    "(?:上下文(?:窗口|长度|处理能力|视窗)?|context(?: window| length| size)*)[^，。,;；.]{0,14}$"
)
TRAINED = lazy_compile("训练|语料|数据|train|corpus|data")
SPEED = lazy_compile(
    r"[ -]?(?:tps|tok/s|t/s)(?![a-z])"
    r"|[ -]?个?(?:tokens?|词元|字)\s?(?:/\s?s(?:ec)?\b|每秒|/秒|per second|a second)"
)
SPEED_BEFORE = lazy_compile(r"每秒[^，。\d]{0,8}$")
# "Every million tokens" is part of another unit.
PER_BEFORE = lazy_compile(r"(?:每|per |/)\s?$")

# --- Parameters ---------------------------------------------------------------------------------

PARAMETERS = lazy_compile(
    "[ -]?量?级?别?规?模?(?:个|的|total |总|model )?(?:可训练)?(?:参数|parameters?|params?)"
)
PARAMETERS_SAID = lazy_compile("参数|param")
TOKENS_SAID = lazy_compile("token|词元|数据|data")
PARAMETERS_BEFORE = lazy_compile(
    r"(?:参数(?:量|规模|总量|总数|数量|数|体量)?|尺寸|parameters?(?: counts?)?(?: of|:)?"
    r"|weighs? in at|size of)[^，。；,;.\d]{0,10}$"
)
ACTIVE_BEHIND = lazy_compile(
    r"[ -]?个?(?:参数|parameters?|params?)?[ (（-]?(?:are |is |being )?的?被?"
    r"(?:of (?:them|which|these|those) )?(?:are |being )?"
    r"(?:激活|活跃(?!用户)|活化|启用|activated|active(?! user)|used (?:for|per|at)|at a time|fire"
    r"|per token)"
    # "(activated 32B)" is about the next figure.
    r"(?!(?:参数)?[约为仅达]?\s?\d)"
)
ACTIVE_BEFORE = lazy_compile(
    r"(?:激活|活跃(?!用户|度)|活化|启用|启动参数|动用|active(?! user)"
    r"|activat(?:es?|ed|ing)|uses? only)"
    r"[^，。；,;.\d]{0,14}$"
)
# Text that may follow a number of parameters without a unit.
NO_UNIT = lazy_compile(
    r"\s?(?:$|[，。,.;；、:：)）(（\"”」\]!！?？/|]|参数|个参数|的|且|和|与|至|到|不等|以|规模|级"
    r"|版|模型|and |or |for |per |model|version|of which|at |is |are |was |in total|total|while"
    r"|but|with|in all|overall|altogether|of them)"
)

# With the word before it, anything but another unit may follow.
UNIT_ELSE = lazy_compile(
    r"[ -]?[多余]?(?:个?token|个?词元|美元|港元|欧元|元|人|名|次|张|块|枚|颗|台|用户"
    r"|下载|%|倍|年|月|日|字|dollars?|yuan|euros?|users?|downloads?|times|gpus?|chips?|people|years?|months?|hours?|小时|languages?)"
)

# --- Chips --------------------------------------------------------------------------------------

_PIECES = "(?:张|块|枚|颗|片|台|卡|个|of the |of its |of )?"
_BRANDS = r"(?:英伟达|华为|国产|消费级|高端|旧|nvidia(?:'s)? |huawei(?:'s)? |ai )?"
CHIP_UNIT = lazy_compile(
    rf"[ -]?{_PIECES}\s?{_BRANDS}\s?(?:gpus?(?![a-z])(?!\s?(?:hours?|小时))|graphics cards?|显卡"
    r"|显示卡|加速卡|加速器|accelerators?|ai芯片|芯片|chips?(?![a-z])|卡(?!时)|npus?(?![a-z]))"
)
# Text between a figure and the name of a chip.
CHIP_JOINT = lazy_compile(rf"[ -]?多?{_PIECES}\s?{_BRANDS}的?\s?")
GPU_HOURS = lazy_compile(
    r"[ -]?(?:个|万个)?\s?(?:(?:[a-z]+\d+ )?gpu[ -]?(?:hours?|小时|时)|卡时|gpu\s?·?\s?时"
    "|小时的?gpu)"
)
HOURS = lazy_compile(r"\s?(?:gpu)?[ -]?(?:hours?|小时|卡时)")

COMPUTE = lazy_compile(
    r"[ -]?(?:total |training )?(?:flops?(?![a-z/])(?! ?per sec)|floating[- ]point operations"
    r"|operations|次?浮点(?:运算|计算|操作)|次(?:运算|计算))"
)
# Smaller numbers are speeds of chips.
LEAST_COMPUTE = 1e18

# --- Scores -------------------------------------------------------------------------------------

PERCENT = lazy_compile(r"\s?(?:%|percent|per cent|分(?!别|钟)|points?)")
COUNTED_ELSE = lazy_compile(
    r"\s?(?:个百分点|percentage points?|倍|times|名|款|个|种|家|年|月|日|题|道|项|次|张|块|x\b"
    r"|万|亿|b\b|th\b|st\b|nd\b|rd\b|美元|元)"
)
# Text between a benchmark and its score.
SCORE_JOINT = lazy_compile(
    r"(?:[\s:：=,，（(]|基准|测试|评测|榜单|排行榜|榜|上|中|里|测评|准确率|得分|成绩|分数|通过率|评分"
    r"|指标|取得|拿下|拿到|获得|得到|达到|达|了|的|为|是|高|约|以|跑出|score[sd]?|scoring|accuracy"
    r"|v\d(?:\.\d)?|pass rate|result|rate|of|at|with|a(?=\s)|is|was|reache[sd]|reaching|hits?"
    r"|achieve[sd]?|achieving|got|gets|about|around)*"
)
# Text between the scores of two models.
SCORES_AND = lazy_compile(r"\b(?:and|versus|vs\.?|to|for|while)\b|[和而与、]")
SCORE_AHEAD = lazy_compile(
    r"(?:[\s（(，,]|on|in|at|for|the|的|分|%|points?|percent|per cent|score|accuracy|准确率|通过率"
    "|得分)*"
)

# --- Counts -------------------------------------------------------------------------------------

COUNTS = (
    ("downloads", "downloads", lazy_compile(
        "[ -]?(?:次|人次)?的?(?:累计)?(?:下载(?!量超)|downloads?|times? (?:on|from))")),
    ("derivatives", "models", lazy_compile(
        "[ -]?(?:个|款|余个|多个)?的?(?:衍生|derivatives?|derived models?|fine-tunes)")),
    ("users", "users", lazy_compile(
        "[ -]?(?:名|位|个|人)?的?"
        "(?:月活|日活|活跃|注册|全球|企业|付费|weekly |monthly |daily |active |paying ){0,3}"
        "(?:用户|使用者|users?(?![a-z])|customers?|开发者|developers?)")),
    ("experts", "experts", lazy_compile(
        "[ -]?(?:个|位)?(?:路由)?(?:专家(?!组|委|认|表|学|们)"
        "|(?:routed )?experts?(?! say| said| think| warn))")),
    ("languages", "languages", lazy_compile(
        "[ -]?(?:种|门|个)?(?:语言(?!模型)|languages?(?! models?))")),
    ("memory", "GB", lazy_compile(
        r"\s?g[bi]b?\s?(?:of |的)?(?:unified |gpu |video )?\s?"
        "(?:显存|内存|记忆体|显示记忆体|memory|vram|ram)")),
)  # fmt: skip
# The same with the word before the figure: 下载量突破6亿次, 用户超过8亿.
COUNTS_BEFORE = (
    ("derivatives", "models",
     lazy_compile(r"(?:衍生模型|衍生版本|derivative models?|derivatives)[^，。；,;.\d]{0,10}$"),
     lazy_compile(r"(?:个|款|$|[，。,.;；、)）])")),
    ("downloads", "downloads",
     lazy_compile(r"(?:下载量|下载次数|downloads?|downloaded)[^，。；,;.\d]{0,14}$"),
     lazy_compile(r"[ -]?(?:次|times?|$|[，。,.;；、)）])")),
    ("users", "users",
     lazy_compile(r"(?:用户|月活|users?)(?:数|量|规模)?[^，。；,;.\d]{0,8}$"),
     lazy_compile(r"(?:人|名|$|[，。,.;；、)）])")),
)  # fmt: skip


@dataclass(slots=True)
class Measurement:
    """The measurement that a figure gives.

    Attributes:
        kind, unit, detail: as in `scraper.models.Quantity`.
        end: its end, with its unit.
        factor: factor that converts the figure to that unit.
        start: its start, with its currency; -1 for the start of the figure.
        about: its subject, if known already.
    """

    kind: str
    unit: str
    end: int
    factor: float = 1.0
    detail: str = ""
    start: int = -1
    about: str = ""


@dataclass(slots=True)
class NumberContext:
    """A figure with its context, for the rules.

    Attributes:
        folded: the text, folded.
        figure: the figure.
        layout: sentences and clauses of the text.
        chips, benchmarks, models: names in the text.
        last: the quantity before it in the same sentence, or None.
    """

    folded: str
    figure: Number
    layout: SentenceIndex
    chips: Sequence[NameMatch]
    benchmarks: Sequence[NameMatch]
    models: Sequence[NameMatch]
    last: Measurement | None

    def between(self, start: int) -> str:
        """Return the text between a position and the figure, with models replaced by spaces."""
        text = self.folded[start : self.figure.start]
        for model in self.models:
            if start <= model.start and model.end <= self.figure.start:
                text = text.replace(self.folded[model.start : model.end], " ")
        return text

    def before(self, width: int) -> str:
        """Return the `width` characters before the figure."""
        return self.folded[max(0, self.figure.start - width) : self.figure.start]


def _money(place: NumberContext) -> Measurement | None:
    folded, figure = place.folded, place.figure
    before = CURRENCY_BEFORE.search(folded, max(0, figure.start - 5), figure.start)
    behind = CURRENCY_BEHIND.match(folded, figure.end)
    word = CURRENCY_WORD_BEFORE.search(folded, max(0, figure.start - 9), figure.start)
    sign = before or word
    if behind is None and sign is None:
        return None
    end = behind.end() if behind else figure.end
    start = before.start() if before else figure.start
    # "$4m dollars" has the currency twice; "NT$2亿元" and "新台币2亿元" have the exact one first.
    exact = sign is not None and (behind is None or sign[1] != "$")
    unit = CURRENCIES[sign[1]] if sign and exact else (behind and behind.lastgroup) or ""
    price = _price(place, start, end)
    if price is not None:
        factor, side = price
        return Measurement("price", f"{unit}/M tokens", end, factor, side, start)
    return Measurement(_kind_of_money(place, start, end), unit, end, start=start)


def _price(place: NumberContext, start: int, end: int) -> tuple[float, str] | None:
    """Return an amount's factor to a price per million tokens, and the kind of tokens, or None."""
    folded = place.folded
    low, high = place.layout.clause(place.figure.start)
    found = [*PRICE.finditer(folded, max(low, start - 40), min(high, end + 40))]
    around = SIDES.finditer(folded, max(low, start - 26), min(high, end + 14))
    sides = sorted(
        (max(m.start() - end, start - m.end()), m.lastgroup or "") for m in around
    )  # fmt: skip
    # A cache miss is priced as input.
    side = (sides[0][1] if sides else "").replace("miss", "input")
    if not found:
        # "…每百万tokens输入2元，输出3元": the unit is in the clause before.
        said = place.last is not None and place.last.kind == "price"
        return (place.last.factor, side) if side and said and place.last else None
    price = min(found, key=lambda m: max(m.start() - end, start - m.end()))
    reach = max(price.start() - end, start - price.end())
    if price["side"] and not (sides and sides[0][0] < reach):
        side = {"输入": "input", "输出": "output"}.get(price["side"], price["side"])
    return (1.0 if price["per"] in ("百万", "一百万", "million", "m") else 1000.0), side


_RIGHT_BEHIND = ("", " ", "的")


def _kind_of_money(place: NumberContext, start: int, end: int) -> str:
    folded = place.folded
    low, high = place.layout.sentence(place.figure.start)
    low, high = max(low, start - 70), min(high, end + 50)
    best = (1000, "money")
    for kind, words in MONEY:
        for match in words.finditer(folded, low, high):
            distance = max(match.start() - end, start - match.end(), 0)
            # Words of another clause belong to another figure, if there is a choice.
            between = folded[min(match.end(), end) : max(match.start(), start)]
            # "At a $4bn valuation $600m": a word directly after the amount before belongs to that
            # one.
            if place.last is not None and folded[place.last.end : match.start()] in _RIGHT_BEHIND:
                distance += 30 if match.start() >= place.last.end else 0
            distance += 15 * sum(between.count(mark) for mark in "，,：:、")
            if distance < best[0]:
                best = distance, kind
    return best[1]


def _tokens(place: NumberContext) -> Measurement | None:
    folded, figure = place.folded, place.figure
    if PER_BEFORE.search(place.before(5)):
        return None
    speed = SPEED.match(folded, figure.end)
    unit = TOKENS.match(folded, figure.end)
    if speed is not None or (unit is not None and SPEED_BEFORE.search(place.before(14))):
        match = speed or unit
        return Measurement("speed", "tokens/s", match.end() if match else figure.end)
    start, end = place.layout.clause(figure.start)
    behind = CONTEXT_BEHIND.match(folded, figure.end)
    if behind is not None and (
        figure.scale in ("k", "m", "万", "千", "million") or figure.low >= 1000
    ):
        return Measurement("context", "tokens", behind.end())
    if unit is None:
        if (
            figure.scale in ("k", "m", "万", "百万", "千", "million")
            and not UNIT_ELSE.match(folded, figure.end)
            and 1000 <= figure.low <= 1e8
            and CONTEXT_BEFORE.search(folded, start, figure.start)
        ):
            return Measurement("context", "tokens", figure.end)
        return None
    clause = folded[start:end]
    if figure.low <= 2e7 and CONTEXT.search(clause):
        return Measurement("context", "tokens", unit.end())
    if figure.low >= 1e9 and TRAINED.search(folded, *place.layout.sentence(figure.start)):
        return Measurement("training tokens", "tokens", unit.end())
    return Measurement("tokens", "tokens", unit.end())


def _parameters(place: NumberContext) -> Measurement | None:
    folded, figure = place.folded, place.figure
    if not 1e5 <= figure.low <= 1e15:
        return None
    clause = place.layout.clause(figure.start)
    active_behind = ACTIVE_BEHIND.match(folded, figure.end)
    active_before = ACTIVE_BEFORE.search(folded, clause[0], figure.start)
    unit = PARAMETERS.match(folded, figure.end)
    end = unit.end() if unit else figure.end
    if active_behind is not None:
        return Measurement("active parameters", "parameters", active_behind.end())
    no_other = not UNIT_ELSE.match(folded, figure.end)
    if active_before is not None and (unit or no_other):
        return Measurement("active parameters", "parameters", end)
    if unit is not None:
        return Measurement("parameters", "parameters", end)
    if no_other and PARAMETERS_BEFORE.search(folded, clause[0], figure.start):
        return Measurement("parameters", "parameters", end)
    if not NO_UNIT.match(folded, figure.end):
        return None
    # 671B: only parameters are printed so; money has its currency and was read before.
    glued = figure.digits and folded[figure.end - 2].isdigit()
    if figure.scale == "b" and glued and figure.low <= 1e13:
        return Measurement("parameters", "parameters", end)
    if figure.scale == "t" and glued and figure.low <= 1e14:
        said = folded[slice(*place.layout.sentence(figure.start))]
        if PARAMETERS_SAID.search(said) and not TOKENS_SAID.search(said):
            return Measurement("parameters", "parameters", end)
    return None


def _chips(place: NumberContext) -> Measurement | None:
    folded, figure = place.folded, place.figure
    if figure.low < 1 or figure.scale in ("b", "t"):
        return None
    hours = GPU_HOURS.match(folded, figure.end)
    if hours is not None:
        return Measurement("GPU hours", "GPU hours", hours.end())
    at = bisect_right(place.chips, figure.end - 1, key=lambda f: f.start)
    if at < len(place.chips):
        chip = place.chips[at]
        if chip.start - figure.end <= 16 and CHIP_JOINT.fullmatch(folded, figure.end, chip.start):
            rest = HOURS.match(folded, chip.end)
            if rest is not None:
                return Measurement("GPU hours", "GPU hours", rest.end())
            return Measurement("chips", "chips", chip.end, detail=chip.name)
    unit = CHIP_UNIT.match(folded, figure.end)
    if unit is not None and float(figure.low).is_integer():
        return Measurement("chips", "chips", unit.end())
    return None


def _compute(place: NumberContext) -> Measurement | None:
    """Return a number of operations: the training took 10^25 FLOPs."""
    unit = COMPUTE.match(place.folded, place.figure.end)
    if unit is None or place.figure.low < LEAST_COMPUTE or SPEED_BEFORE.search(place.before(14)):
        return None
    return Measurement("training compute", "FLOP", unit.end())


def _counts(place: NumberContext) -> Measurement | None:
    folded, figure = place.folded, place.figure
    for kind, unit, pattern in COUNTS:
        match = pattern.match(folded, figure.end)
        if match is not None and match.end() > figure.end:
            return Measurement(kind, unit, match.end())
    if figure.low < 1000:
        return None
    start, _ = place.layout.clause(figure.start)
    for kind, unit, words, behind in COUNTS_BEFORE:
        if words.search(folded, start, figure.start):
            match = behind.match(folded, figure.end)
            if match is not None:
                return Measurement(kind, unit, match.end())
    return None


def _score(place: NumberContext) -> Measurement | None:
    """Return a score beside a benchmark's name: MMLU 88.5, 在MMLU上取得88.5分, 88.5% on MMLU."""
    folded, figure = place.folded, place.figure
    if figure.scale or not figure.digits or not 0 < figure.high <= 5000 or not place.benchmarks:
        return None
    percent = PERCENT.match(folded, figure.end)
    if percent is None and COUNTED_ELSE.match(folded, figure.end):
        return None
    if folded[max(0, figure.start - 1) : figure.start] in ("-", "#", "第", "v"):
        return None
    end = percent.end() if percent else figure.end
    at = bisect_right(place.benchmarks, figure.start, key=lambda f: f.start)
    candidates = []
    if at:
        benchmark = place.benchmarks[at - 1]
        gap = figure.start - benchmark.end
        if 0 <= gap <= 50:
            joint = place.between(benchmark.end)
            if len(joint) <= 34 and SCORE_JOINT.fullmatch(joint):
                candidates.append((gap, benchmark))
    if at < len(place.benchmarks):
        benchmark = place.benchmarks[at]
        gap = benchmark.start - end
        if 0 <= gap <= 16 and SCORE_AHEAD.fullmatch(folded, end, benchmark.start):
            candidates.append((gap + 3, benchmark))
    last = place.last
    if not candidates and last is not None and last.kind == "score":
        # The next model in the same test: "…70.7，DeepSeek-R1为64.3".
        joint = SCORES_AND.sub(" ", place.between(last.end))
        if " " in joint and len(joint) <= 24 and SCORE_JOINT.fullmatch(joint):
            return Measurement("score", "points", end, detail=last.detail)
    if not candidates:
        return None
    benchmark = min(candidates, key=lambda c: c[0])[1]
    # Small whole numbers without a unit are ranks and sizes of a test.
    if percent is None and figure.low.is_integer() and figure.low < 10:
        return None
    return Measurement("score", "points", end, detail=benchmark.name)


_RULES: tuple[Callable[[NumberContext], Measurement | None], ...] = (
    _money, _tokens, _chips, _compute, _score, _parameters, _counts,
)  # fmt: skip


def measure(place: NumberContext) -> Measurement | None:
    """Return the measurement by the first rule that matches, or None."""
    for rule in _RULES:
        measured = rule(place)
        if measured is not None:
            return measured
    return None
