"""Stories in English, Simplified and Traditional Chinese: sentences with slots, and true edits.

A sentence is a pattern with values for its slots, so that an edit is the same pattern with another
value: what an editor changes is known, and nothing else differs. Traditional texts are Simplified
ones put through OpenCC, vocabulary included.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import opencc

__all__ = [
    "EDITS",
    "LANGUAGES",
    "Draft",
    "Sentence",
    "converted",
    "draft",
    "edited",
    "headline",
    "person",
    "same_in_script",
    "with_short_line",
    "word_list",
]

LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant")


def word_list(text: str, by: str | None = None) -> tuple[str, ...]:
    """Return the words of a text, or what stands between its commas."""
    return tuple(text.split(by))


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def converted(text: str, language: str) -> str:
    """Return a text written in Simplified Chinese in the script of a language."""
    if language != "zh-Hant":
        return text
    # The vocabulary is Taiwan's, but for 發布, which it takes for a release of software.
    return _converter("s2twp").convert(text).replace("釋出", "發布")


def same_in_script(text: str, language: str) -> str:
    """Return a Chinese text letter by letter in a script, its words kept."""
    return _converter("t2s" if language == "zh-Hans" else "s2t").convert(text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pattern and the values of its slots, as (name, value) pairs."""

    pattern: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        said = self.pattern.format(**dict(self.values))
        return said[:1].upper() + said[1:]

    def value(self, slot: str) -> str:
        return dict(self.values)[slot]

    def with_value(self, slot: str, value: str) -> Sentence:
        return replace(self, values=tuple((k, value if k == slot else v) for k, v in self.values))


@dataclass(frozen=True, slots=True)
class Draft:
    """A story as its desk holds it.

    Attributes:
        language: of `LANGUAGES`.
        title: headline.
        paragraphs: sentences of each.
        authors: names.
    """

    language: str
    title: str
    paragraphs: tuple[tuple[Sentence, ...], ...]
    authors: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the paragraphs as they are printed."""
        joint = " " if self.language == "en" else ""
        return tuple(
            converted(joint.join(map(str, sentences)), self.language)
            for sentences in self.paragraphs
        )


# English

FIRST: Final = word_list(
    "Ada Bram Carla Dorian Elsbeth Farid Greta Hamid Imogen Jonas Katya Lorcan Mirela Niall Odette"
    " Piotr Quentin Rosalind Soren Tamsin Ulrich Vesna Wilfred Xenia Yusuf Zelda Anselm Brigid"
)
LAST: Final = word_list(
    "Aldermoor Brackwater Castellane Dunmarrow Eastvold Fennimore Galbright Haverstock Ilmarsson"
    " Jessop-Vale Kettleby Lindqvist Marchetti Norrbotten Okonjo Pellworth Quillfeather Rasmussen"
    " Starkweather Thornquist Umberto Vasquez-Hale Wetherby Yarrowdale Zimmerli Abernethy Bonnevie"
)
PLACES: Final = word_list(
    "Port Ellery,Kingsmarsh,Upper Tarn,the Vesper Islands,Old Quarry,Maribor Sound,Saltney,Grayling"
    " Bay,Hollin Cross,the Ostrand valley,Fort Adler,Brightwater,Cape Merrow,Lower"
    " Sedge,Stonebridge",
    ",",
)
BODIES: Final = word_list(
    "the harbour board,the county council,the river authority,Meridian Rail,the teachers' union,"
    "Calloway Robotics,the health ministry,the observatory,Northlight Energy,the fisheries office,"
    "the city library,Tessellate Labs,the housing fund,the coast guard,Pellucid Systems,the museum",
    ",",
)
THINGS: Final = word_list(
    "the new ferry terminal,the open-weight language model,the tram extension,the flood barrier,"
    "the night bus network,the wind farm,the archive of maps,the vaccination campaign,"
    "the desalination plant,the pedestrian bridge,the grain store,the weather satellite,"
    "the public swimming pool,the battery factory,the timetable software,the seed bank",
    ",",
)
ROLES: Final = word_list(
    "spokeswoman,chief engineer,treasurer,head of planning,deputy mayor,site manager,economist,"
    "project director,union steward,chair of the oversight committee,surveyor,legal adviser",
    ",",
)
DAYS: Final = word_list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS: Final = word_list(
    "January February March April May June July August September October November December"
)
UNITS: Final = (
    ("tonnes", "kilograms"),
    ("kilometres", "metres"),
    ("litres", "gallons"),
    ("hectares", "acres"),
    ("megawatts", "kilowatts"),
    ("hours", "minutes"),
    ("passengers", "vehicles"),
    ("euros", "dollars"),
    ("miles", "kilometres"),
    ("gigabytes", "terabytes"),
)
QUOTES: Final = (
    "We have checked every figure twice and we stand by them",
    "Nobody asked the people who live here what they wanted",
    "This is the cheapest option that still meets the standard",
    "The timetable was never realistic and everyone knew it",
    "I would rather be late than wrong about the foundations",
    "Our members will not sign a contract they have not read",
    "There is money for this, but only if work starts before spring",
    "You cannot run a service of this size on good intentions",
    "What worries me is the part of the report that is missing",
    "It works in the laboratory and now it has to work in the rain",
)
PATTERNS: Final = (
    "{body} said on {day} that work on {thing} {will} begin before the end of {month}.",
    "about {n} {unit} a year would pass through {place} once {thing} is finished.",
    "{who}, a {role} for {body}, put the cost at {money} million and the delay at {small} weeks.",
    '"{quote}," said {who}, who has advised {body} since {year}.',
    "a survey of {n} households in {place} found that {pct} percent were in favour.",
    "the contract {is} part of the settlement that {body} reached with its creditors in {month}.",
    "according to {who}, the first phase needs {n} {unit} and a second crew from {place}.",
    "critics of {thing} point to {place}, where a similar plan was dropped in {year}.",
    "{body} {has} published the minutes of the meeting at which the route was chosen.",
    "in {place} the share of late arrivals fell from {pct} percent to {pct2} percent within a"
    " year.",
    "a draft seen by reporters lists {small} conditions, among them a cap of {n} {unit}.",
    '{who} told the hearing: "{quote}."',
    "the {role} of {body}, {who}, {did} attend the session in {place}.",
    "residents were given until {dom} {month} to comment on the plans for {thing}.",
    "by {day} evening, {n} signatures had been collected outside the town hall of {place}.",
    "engineers measured {n} {unit} at the northern end, more than twice what {body} had reported.",
    "{thing} {is} covered by the guarantee, {who} wrote in a letter to {body}.",
    "insurers expect claims of {money} million from {place} and the villages around it.",
    "the vote was {small} to {small2}, with the {role} abstaining.",
    "since {year}, {body} has replaced {pct} percent of the older equipment at {place}.",
    "work stopped for {small} days in {month} after a crane operator reported a crack.",
    "under the agreement, {place} {will} receive a fixed share of the income from {thing}.",
    "{who} and {who2} presented the figures together, though they had disagreed in {month}.",
    "training took {small} weeks on {n} machines, and the logs {is2} open to outside researchers.",
    "a court in {place} {has} accepted the complaint, which names {body} and {small} contractors.",
    "the budget leaves {money} million for repairs, {who} said, {pct} percent less than last year.",
    "at its widest the channel measures {n} {unit}, which leaves room for {thing}.",
    "most of the {n} applications came from {place}; only {small} were from abroad.",
)
HEADLINES: Final = (
    "{Body} approves {thing} after {small} months",
    "Why {place} is still waiting for {thing}",
    "{who} to lead inquiry into {thing}",
    "{n} sign petition against {thing} in {place}",
    "What {body} knew about {thing}",
    "Cost of {thing} rises to {money} million",
    "In {place}, a second chance for {thing}",
    "{Body} and the {small} lost weeks",
    "Inside the plan to save {thing}",
    "{who}: the {role} who stopped {thing}",
)

# Chinese, written in Simplified

SURNAMES: Final = word_list("林 沈 顾 苏 程 陆 贺 温 柯 殷 黎 戴 骆 简 方 邵 崔 聂 江 安")
GIVEN: Final = word_list(
    "知远 若溪 明澈 书宁 望舒 景行 亦凡 疏桐 怀瑾 承宇 念慈 子衿 启航 静姝 云帆 思齐 佳禾 立诚"
    " 修文 映雪"
)
PLACES_ZH: Final = word_list(
    "临渡市 青崖县 南汀镇 白鹭湾 石桥区 云溪 东浦港 红枫岭 北屿 望江新城 松陵 九曲河"
)
BODIES_ZH: Final = word_list(
    "港务局 市水务集团 轨道交通公司 教师工会 澄明科技 卫生主管部门 天文台 北辰能源 渔业管理处"
    " 市图书馆"
    " 砺石实验室 住房公积金中心 海事救援队 博物馆"
)
THINGS_ZH: Final = word_list(
    "新客运码头 开放权重语言模型 有轨电车延长线 防洪闸 夜间公交网 海上风电场 古地图档案库"
    " 疫苗接种计划"
    " 海水淡化厂 人行天桥 粮食储备库 气象卫星 公共泳池 电池工厂 时刻表软件 种子库"
)
ROLES_ZH: Final = word_list(
    "发言人 总工程师 财务主管 规划处处长 副市长 现场经理 经济学家 项目主任 法律顾问"
)
DAYS_ZH: Final = word_list("周一 周二 周三 周四 周五 周六 周日")
UNITS_ZH: Final = (
    ("吨", "公斤"),
    ("公里", "米"),
    ("升", "立方米"),
    ("公顷", "亩"),
    ("兆瓦", "千瓦"),
    ("小时", "分钟"),
    ("人次", "车次"),
    ("欧元", "美元"),
    ("台", "套"),
)
QUOTES_ZH: Final = (
    "每个数字我们都核对过两遍，我们对此负责",
    "从来没有人问过住在这里的人想要什么",
    "这是仍能达到标准的最便宜的办法",
    "时间表从一开始就不现实，大家心里都清楚",
    "地基的事，我宁可晚一点也不愿出错",
    "没有读过的合同，我们的会员不会签字",
    "钱是有的，但前提是必须在开春之前动工",
    "这样规模的服务，光靠热情是撑不下去的",
    "我担心的恰恰是报告里没有写的那一部分",
    "它在实验室里管用，现在要看雨天里管不管用",
)
PATTERNS_ZH: Final = (
    "{body}{day}表示，{thing}工程{will}在{month}月底之前动工。",
    "{thing}建成之后，每年约有{n}{unit}经过{place}。",
    "{body}{role}{who}估计，造价约为{money}亿元，工期将推迟{small}周。",
    "“{quote}，”自{year}年起担任顾问的{who}说。",
    "一项对{place}{n}户家庭的调查显示，{pct}%的受访者表示赞成。",
    "这份合同{is}{body}与债权人在{month}月达成的和解方案的一部分。",
    "据{who}介绍，一期工程需要{n}{unit}，还要从{place}调来第二支队伍。",
    "反对{thing}的人士举出{place}的例子，那里的类似计划已于{year}年搁置。",
    "{body}{has}公布选定路线的会议纪要。",
    "在{place}，晚点的比例一年之内从{pct}%降到了{pct2}%。",
    "记者看到的草案列出了{small}项条件，其中包括{n}{unit}的上限。",
    "{who}在听证会上说：“{quote}。”",
    "{body}{role}{who}{has}出席在{place}举行的会议。",
    "居民可以在{month}月{dom}日之前就{thing}的方案提出意见。",
    "截至{day}晚间，{place}镇政府门外已经收集到{n}个签名。",
    "工程师在北端测得{n}{unit}，是{body}此前上报数字的两倍多。",
    "{who}在致{body}的信中写道，{thing}{is}担保范围之内的项目。",
    "保险公司预计，{place}及周边村镇的索赔额将达到{money}亿元。",
    "表决结果为{small}票对{small2}票，{role}弃权。",
    "自{year}年以来，{body}已经更换了{place}{pct}%的老旧设备。",
    "{month}月，一名吊车司机报告发现裂缝之后，工程停了{small}天。",
    "根据协议，{place}{will}从{thing}的收入中获得固定的份额。",
    "{who}和{who2}一同公布了这些数据，尽管两人在{month}月曾有分歧。",
    "训练在{n}台机器上进行了{small}周，日志向外部研究人员开放。",
    "{place}的一家法院{has}受理这起诉讼，被告包括{body}和{small}家承包商。",
    "{who}说，预算中留给维修的只有{money}亿元，比去年少了{pct}%。",
    "航道最宽处为{n}{unit}，足以容纳{thing}。",
    "{n}份申请大多来自{place}，只有{small}份来自境外。",
)
HEADLINES_ZH: Final = (
    "{body}历时{small}个月批准{thing}",
    "{place}为何还在等{thing}",
    "{who}将牵头调查{thing}",
    "{place}{n}人联名反对{thing}",
    "关于{thing}，{body}知道些什么",
    "{thing}造价升至{money}亿元",
    "{place}：{thing}的第二次机会",
    "{body}失去的{small}周",
    "拯救{thing}的计划始末",
    "{who}：叫停{thing}的{role}",
)

_NEGATIONS: Final = {
    "en": {
        "will": ("will", "will not"),
        "is": ("is", "is not"),
        "has": ("has", "has not"),
        "did": ("did", "did not"),
        "is2": ("are", "are not"),
    },
    "zh": {"will": ("将", "不会"), "is": ("是", "不是"), "has": ("已经", "没有")},
}


def person(chance: random.Random, language: str) -> str:
    """Return a name, in Simplified where it is Chinese."""
    if language == "en":
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def _values(chance: random.Random, language: str) -> dict[str, str]:
    english = language == "en"
    number = chance.randint(1100, 98_000)
    unit = chance.choice(UNITS if english else UNITS_ZH)
    low = chance.randint(3, 40)
    negations = _NEGATIONS["en" if english else "zh"]
    body = chance.choice(BODIES if english else BODIES_ZH)
    values = {
        "who": person(chance, language),
        "who2": person(chance, language),
        "place": chance.choice(PLACES if english else PLACES_ZH),
        "body": body,
        "Body": body[:1].upper() + body[1:],
        "thing": chance.choice(THINGS if english else THINGS_ZH),
        "role": chance.choice(ROLES if english else ROLES_ZH),
        "day": chance.choice(DAYS if english else DAYS_ZH),
        "month": chance.choice(MONTHS) if english else str(chance.randint(1, 12)),
        "dom": str(chance.randint(1, 28)),
        "year": str(chance.randint(1994, 2024)),
        "n": f"{number:,}" if english or chance.random() < 0.3 else str(number),
        "unit": unit[0],
        "pct": str(low + chance.randint(1, 50)),
        "pct2": str(low),
        "money": f"{chance.randint(2, 480)}.{chance.randint(1, 9)}",
        "small": str(chance.randint(3, 19)),
        "small2": str(chance.randint(3, 19)),
        "quote": chance.choice(QUOTES if english else QUOTES_ZH),
    }
    return values | {slot: forms[0] for slot, forms in negations.items()}


def _sentence(chance: random.Random, language: str, pattern: str) -> Sentence:
    values = _values(chance, language)
    used = sorted(set(re.findall(r"\{(\w+)\}", pattern)))
    return Sentence(pattern, tuple((slot, values[slot]) for slot in used))


def headline(chance: random.Random, language: str) -> str:
    """Return a headline."""
    pattern = chance.choice(HEADLINES if language == "en" else HEADLINES_ZH)
    return converted(str(_sentence(chance, language, pattern)), language)


def draft(chance: random.Random, language: str, *, paragraphs: int = 0) -> Draft:
    """Return a story; its sentences are all different.

    Args:
        chance: source of all that is random.
        language: of `LANGUAGES`.
        paragraphs: how many, or 0 for four to eight.
    """
    patterns = list(PATTERNS if language == "en" else PATTERNS_ZH)
    chance.shuffle(patterns)
    made = []
    for number in range(paragraphs or chance.randint(4, 8)):
        count = chance.choice((2, 3, 3, 4) if language != "en" else (2, 2, 3))
        said = [patterns[(3 * number + i) % len(patterns)] for i in range(count)]
        made.append(tuple(_sentence(chance, language, pattern) for pattern in said))
    authors = {
        converted(person(chance, language), language) for _ in range(chance.choice((1, 1, 1, 2)))
    }
    return Draft(language, headline(chance, language), tuple(made), tuple(sorted(authors)))


# True edits


def _spots(story: Draft, slots: tuple[str, ...]) -> list[tuple[int, int, str]]:
    return [
        (p, s, slot)
        for p, sentences in enumerate(story.paragraphs)
        for s, sentence in enumerate(sentences)
        for slot, _ in sentence.values
        if slot in slots
    ]


def _put(story: Draft, p: int, s: int, sentence: Sentence) -> Draft:
    paragraphs = [list(sentences) for sentences in story.paragraphs]
    paragraphs[p][s] = sentence
    return replace(story, paragraphs=tuple(map(tuple, paragraphs)))


def _another_value(
    chance: random.Random,
    story: Draft,
    slots: tuple[str, ...],
    other: Callable[[str, str], str],
) -> Draft | None:
    spots = _spots(story, slots)
    if not spots:
        return None
    p, s, slot = chance.choice(spots)
    sentence = story.paragraphs[p][s]
    value = other(slot, sentence.value(slot))
    return _put(story, p, s, sentence.with_value(slot, value))


def _digit(chance: random.Random, story: Draft) -> Draft | None:
    def other(_slot: str, value: str) -> str:
        places = [i for i, c in enumerate(value) if c.isdigit()]
        at = chance.choice(places)
        # A figure keeps its number of digits: no leading zero.
        digits = [d for d in "123456789" if d != value[at]]
        return value[:at] + chance.choice(digits) + value[at + 1 :]

    return _another_value(chance, story, ("n", "pct", "money", "small", "year", "dom"), other)


def _name(chance: random.Random, story: Draft) -> Draft | None:
    def other(slot: str, value: str) -> str:
        while True:
            if slot in ("who", "who2"):
                new = person(chance, story.language)
            else:
                new = _values(chance, story.language)[slot]
            if new != value:
                return new

    return _another_value(chance, story, ("who", "who2", "place", "body"), other)


def _negation(chance: random.Random, story: Draft) -> Draft | None:
    forms = _NEGATIONS["en" if story.language == "en" else "zh"]
    return _another_value(chance, story, tuple(forms), lambda slot, _: forms[slot][1])


def _unit(chance: random.Random, story: Draft) -> Draft | None:
    table = UNITS if story.language == "en" else UNITS_ZH
    # A unit that was edited before goes back to the one that it was.
    pairs = {other: unit for unit, other in table} | dict(table)
    return _another_value(chance, story, ("unit",), lambda _slot, value: pairs[value])


def _quote(chance: random.Random, story: Draft) -> Draft | None:
    quotes = QUOTES if story.language == "en" else QUOTES_ZH
    return _another_value(
        chance,
        story,
        ("quote",),
        lambda _s, value: chance.choice([q for q in quotes if q != value]),
    )


def _day(chance: random.Random, story: Draft) -> Draft | None:
    days = DAYS if story.language == "en" else DAYS_ZH
    return _another_value(
        chance, story, ("day",), lambda _s, value: chance.choice([d for d in days if d != value])
    )


def _new_sentence(chance: random.Random, story: Draft) -> Sentence:
    patterns = PATTERNS if story.language == "en" else PATTERNS_ZH
    there = {str(s) for sentences in story.paragraphs for s in sentences}
    while True:
        made = _sentence(chance, story.language, chance.choice(patterns))
        if str(made) not in there:
            return made


def _sentence_in(chance: random.Random, story: Draft) -> Draft:
    paragraphs = [list(sentences) for sentences in story.paragraphs]
    chosen = chance.choice(paragraphs)
    chosen.insert(chance.randint(0, len(chosen)), _new_sentence(chance, story))
    return replace(story, paragraphs=tuple(map(tuple, paragraphs)))


def _sentence_out(chance: random.Random, story: Draft) -> Draft | None:
    paragraphs = [list(sentences) for sentences in story.paragraphs]
    long = [sentences for sentences in paragraphs if len(sentences) > 1]
    if not long:
        return None
    chosen = chance.choice(long)
    del chosen[chance.randrange(len(chosen))]
    return replace(story, paragraphs=tuple(map(tuple, paragraphs)))


def _paragraph_in(chance: random.Random, story: Draft) -> Draft:
    paragraphs = list(story.paragraphs)
    new = (_new_sentence(chance, story), _new_sentence(chance, story))
    paragraphs.insert(chance.randint(1, len(paragraphs)), new)
    return replace(story, paragraphs=tuple(paragraphs))


def _paragraph_out(chance: random.Random, story: Draft) -> Draft | None:
    if len(story.paragraphs) < 5:
        return None
    paragraphs = list(story.paragraphs)
    del paragraphs[chance.randrange(1, len(paragraphs))]
    return replace(story, paragraphs=tuple(paragraphs))


def _headline(chance: random.Random, story: Draft) -> Draft:
    while True:
        title = headline(chance, story.language)
        if title != story.title:
            return replace(story, title=title)


# Paragraphs as short as a counter, which say what happened all the same: (before, after).
_SHORT: Final = {
    "en": (
        ("Turnout was {a} percent.", "pct"),
        ("{a} people were hurt.", "small"),
        ("The bill passed by {a} votes.", "small"),
        ("Damage: {a} million euros.", "money"),
        ("{a} readers were fined.", "small"),
        ("The search goes on for {a} sailors.", "small"),
        ("It was viewed by {a} inspectors before it opened.", "small"),
        ("Final score: {a}–2.", "small"),
        ("The train left {a} minutes late.", "small"),
    ),
    "zh": (
        ("投票率为{a}%。", "pct"),
        ("事故造成{a}人受伤。", "small"),
        ("议案以{a}票之差通过。", "small"),
        ("损失约{a}亿元。", "money"),
        ("{a}名读者被罚款。", "small"),
        ("仍有{a}名船员失踪。", "small"),
        ("列车晚点{a}分钟发出。", "small"),
        ("终场比分{a}比2。", "small"),
    ),
}


def with_short_line(chance: random.Random, story: Draft) -> Draft:
    """Return a story with a paragraph of a few words that gives a figure, for `short figure`."""
    pattern, slot = chance.choice(_SHORT["en" if story.language == "en" else "zh"])
    value = _values(chance, story.language)[slot]
    paragraphs = list(story.paragraphs)
    paragraphs.insert(chance.randint(1, len(paragraphs) - 1), (Sentence(pattern, (("a", value),)),))
    return replace(story, paragraphs=tuple(paragraphs))


def _short_figure(chance: random.Random, story: Draft) -> Draft | None:
    def other(_slot: str, value: str) -> str:
        whole, dot, rest = value.partition(".")
        return str(int(whole) + chance.randint(1, 9)) + dot + rest

    return _another_value(chance, story, ("a",), other)


EDITS: Final[dict[str, Callable[[random.Random, Draft], Draft | None]]] = {
    "digit": _digit,
    "name": _name,
    "negation": _negation,
    "unit": _unit,
    "quote": _quote,
    "weekday": _day,
    "sentence in": _sentence_in,
    "sentence out": _sentence_out,
    "paragraph in": _paragraph_in,
    "paragraph out": _paragraph_out,
    "headline": _headline,
    "short figure": _short_figure,
}
"""True edits by kind: each returns the story edited, or None where it has no place for it."""


def edited(chance: random.Random, story: Draft, kind: str) -> Draft:
    """Return a story after an edit of a kind, or after one that puts a sentence in."""
    changed = EDITS[kind](chance, story)
    return changed if changed is not None else _sentence_in(chance, story)
