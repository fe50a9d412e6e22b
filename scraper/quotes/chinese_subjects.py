"""Chinese speakers: the subject of a clause, and the name in it without titles and offices.

All is compared on folded text, which has the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from scraper.quotes.speakers import Cast
from scraper.quotes.wording import ChineseWords, load_words
from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["BLANK", "Subjects", "patterns_of_words"]

BLANK = "\ue000"
# Characters of a subject, with an office and without.
_LONGEST_TITLE = 40
_LONGEST_SUBJECT = 14
# Characters of a name that stands behind an office.
_LONGEST_NAME = 10
# Words behind a subject that are family names too.
_FAMILIES = frozenset("于向在对就")
# What is said not to be said.
_DENIED = lazy_compile(
    "未(?![来必])|没有|是否|有没有|拒绝|不愿(?!意?(?:具名|透露姓名|公开|署名))|不予|无人|没人|尚无|无法"
)
# What nobody has said: a clause that supposes it, a subject that means to say it.
_SUPPOSED = lazy_compile(
    "^(?:但|而|不过|即使|就算)?(?:如果|假如|假使|假设|倘若|倘使|要是|若是|若(?!干)|万一|除非|一旦)"
    "|(?:希望|打算|准备|计划|即将|或将|拟|想)$"
    "|(?<![上中少大老名主健])将(?![军领士帅])(?:(?:在|于|向|对|就)[^，,]{1,30})?$"
)
# Characters behind a person's name with which what he does or is begins.
_BEHIND_NAMES = frozenset("做是有在去来走已从当写住开把被也还就说拿带跑读学教养卖买用给让没不曾靠")
# Dots between the parts of a foreign name.
_DOTS = "·・•‧･"
# Adverbs that may stand at a subject's end.
_TRAILING = "均皆都也还则又曾并仍就只"
# Endings of what is a time or place rather than a subject.
_CIRCUMSTANCE = ("时", "后", "之前", "期间", "之中", "以来")
_PLACE_ENDS = ("上", "中", "里", "时", "后", "前", "间", "内")
# Characters that stand in clauses and not in names.
_NOT_IN_NAMES = "得了着过的不是在到做说有就也都把被给为与及问很将要会对向从"
# Behind these stands who says so of somebody.
_PASSIVE = lazy_compile("被(?!告)|遭到|遭|受到")
_YEAR = lazy_compile(r"\d{2,4}年?(?:初|底|末|中|春|夏|秋|冬)?")
# Beginnings of a subject that is nobody.
_NOBODY = (
    "谁",
    "有谁",
    "哪",
    "我",
    "你",
    "您",
    "这",
    "那",
    "咱",
    "们",
    "它",
    "人们",
    "如果",
    "是",
    "除",
    "从",
    "不止",
    "不仅",
    "不但",
    "按",
    "随着",
    "作为",
    "关于",
    "若",
    "当",
    "每",
    "为了",
    "由于",
    "因",
    "付之",
)
_ADVERB = lazy_compile("(?:[\u4e00-\u9fff]{2}){1,2}地$")
_LATIN = lazy_compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ.’'\-]*(?:\s+[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ.’'\-]*){0,4}")
# A Latin name of several words behind Chinese: 美国人 Jen Doe.
_LATIN_TAIL = lazy_compile(
    r"[\u4e00-\u9fff]\s*([A-Z][a-zà-ÿ.’'\-]*(?: [A-Z][A-Za-zÀ-ÿ.’'\-]*){1,3})$"
)
_PARENTHESES = lazy_compile(r"[（(][^（()）]{0,60}[)）]")
# Common words of a calling's last character and a family name.
_COMMON = frozenset(
    ("官方", "师范", "工程", "长江", "长安", "手游", "商务", "家康", "生计", "民计")
)
# Whom somebody speaks to, at the end of a subject.
_SPOKEN_TO = lazy_compile("(?:对|向|跟|给)(?:本报|本刊|本台|该报|我们)?(?:记者|媒体)$")
# Who is quoted at second hand: "援引知情人士的话报道".
_AT_SECOND_HAND = lazy_compile(
    "(?:援引|转引|引述|引用)(?!了)([^，,]{2,16}?)(?:的(?:话|说法|消息)|消息)?(?:的?报[道导])?$"
)
_DATE = lazy_compile(
    r"[一二三四五六七八九十]{1,2}月|(?:\d{2,4}年)?(?:\d{1,2}月)?\d{1,2}[日号]|\d{1,2}月|(?:本|上|下)?(?:周|星期|礼拜)[一二三四五六日天](?:[上下]午|晚间?)?"
)
# "(本报记者某某北京21日电)"
_DATELINE = lazy_compile(
    "^(?:[(（【\\[][^，,。：:()（）]{2,30}(?:电|讯|报道|报导)[)）】\\]]"
    "|[^，,。：:()（）]{2,20}[0-9]日(?:电|讯)) *(?=.{4})"
)
_PLACED = lazy_compile(
    r"^(?:在|于|当)[^，,]{1,40}?(?:上|中|里|时|后|前|间|内|期间)(?![期国央心学间共])(?=.{2})"
)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w)))


@record(kw_only=False)
class _Patterns:
    verb: re.Pattern[str]
    opening: re.Pattern[str]
    behind: re.Pattern[str]
    role: re.Pattern[str]
    count: re.Pattern[str]
    names_before: re.Pattern[str]
    names_behind: re.Pattern[str]


@cache
def patterns_of_words() -> _Patterns:
    """Return the expressions made of the tables."""
    words = load_words().chinese
    return _Patterns(
        verb=lazy_compile(_alternatives(words.says)),
        opening=lazy_compile(f"(?:{_alternatives(words.openings)})"),
        behind=lazy_compile(_alternatives(words.behind)),
        role=lazy_compile(_alternatives(words.roles), re.IGNORECASE),
        count=lazy_compile(f"(?:{_alternatives(words.counts)})"),
        names_before=lazy_compile(f"(?:{_alternatives(words.names_before)})$"),
        names_behind=lazy_compile(_alternatives(words.names_behind)),
    )


class Subjects:
    """Reads the subjects of a paragraph's clauses.

    Args:
        text: the whole text.
        base: the place in it at which the paragraph begins.
        cast: who has come up so far.
    """

    def __init__(self, text: str, base: int, cast: Cast) -> None:
        self.text = text
        self.base = base
        self.cast = cast
        self.words: ChineseWords = load_words().chinese
        self.patterns = patterns_of_words()

    def _speaker_in(self, clause: str, place: int, *, loose: bool = False) -> str:
        """Return the speaker that a clause has as its subject, "" if none, "-" if it is no one."""
        subject = self._stripped(clause)
        if not subject:
            return ""
        if _DENIED.search(subject) or _SUPPOSED.search(clause.strip(" \u3000、，,。：:")):
            return "-"
        second = _AT_SECOND_HAND.search(subject)
        if second and second.start() >= 2:
            subject = second[1]
        subject = self._cut_behind(subject)
        if subject in self.words.counts:
            return "-"
        subject = self._without_clause(subject)
        if "的" in subject and subject.rpartition("的")[2] in self.words.pronouns:
            subject = subject.rpartition("的")[2]
        counted = self.patterns.count.match(subject)
        if (
            subject.startswith(_NOBODY)
            and subject not in self.words.pronouns
            and not (counted and self.patterns.role.search(subject))
        ):
            return "-"
        if subject in self.words.pronouns:
            return self.cast.of_pronoun(subject) or "-"
        if subject in self.words.narrators:
            return "-"
        passive = _PASSIVE.search(subject)
        if passive and passive.end() < len(subject):
            subject = subject[passive.end() :]
        subject = self._without_occasion(subject.rstrip(_TRAILING))
        for word in ("报道", "报导"):
            subject = subject.removesuffix(word) if len(subject) > 4 else subject
        if subject.endswith(_CIRCUMSTANCE) or _DATE.fullmatch(subject) or _YEAR.fullmatch(subject):
            return ""
        bare = _PARENTHESES.sub("", subject)
        if BLANK in subject or ")" in bare or "）" in bare:
            return "-"
        described = self.patterns.role.search(bare) or self._called(bare)
        longest = _LONGEST_TITLE if described else _LONGEST_SUBJECT
        if len(bare) < 2 or len(bare) > longest + sum(map(str.isascii, bare)):
            return ""
        at = clause.find(subject)
        printed = self.text[self.base + place + at : self.base + place + at + len(subject)]
        name = self._name(subject, printed)
        if loose and not self._is_name_like(subject, name):
            return ""
        return self.cast.full_name(name)

    def _without_occasion(self, subject: str) -> str:
        """Return a subject without what its person does meanwhile: 立委戴美芸质询时."""
        last = self._last_role(subject) if subject.endswith(_CIRCUMSTANCE) else None
        if last is not None:
            for size in (3, 2):
                name = subject[last.end() : last.end() + size]
                if self._is_person(name) and len(subject) - last.end() - size >= 3:
                    return subject[: last.end() + size]
        return subject

    def _without_clause(self, subject: str) -> str:
        """Return the pronoun that a subject is but for an adverb; no one if a clause follows it."""
        for pronoun in ("他们", "她们", "他", "她"):
            if subject.startswith(pronoun) and subject != pronoun:
                rest = subject.removeprefix(pronoun)
                if rest.startswith("的") and self.patterns.role.search(rest):
                    return rest.removeprefix("的")  # her lawyer Sun Jianshan
                return pronoun if len(rest) <= 4 and "了" not in rest else "人们"
        return subject

    def _stripped(self, clause: str) -> str:
        """Return a clause without what may stand before its subject."""
        text = clause.strip(" \u3000、，,。：:")
        dateline = _DATELINE.match(text)
        if dateline:
            text = text[dateline.end() :]
        for _ in range(4):
            before = text
            date = _DATE.match(text)
            if date and len(text) > date.end():
                text = text[date.end() :]
            year = _YEAR.match(text)
            if year and year[0].endswith(("年", "初", "底", "末")) and len(text) > year.end():
                text = text[year.end() :]
            if text.startswith(("在", "于", "当")) and text.endswith(_PLACE_ENDS):
                return ""
            placed = _PLACED.match(text)
            if placed:
                text = text[placed.end() :]
            opening = self.patterns.opening.match(text)
            if opening:
                text = text[opening.end() :]
            text = text.strip(" \u3000、，,")
            if text == before:
                break
        return text

    def _cut_behind(self, subject: str) -> str:
        """Return a subject without what follows it before its verb."""
        spoken_to = _SPOKEN_TO.search(subject, 2)
        if spoken_to:
            subject = subject[: spoken_to.start()]
        bare = _PARENTHESES.sub(lambda m: BLANK * len(m[0]), subject)
        if self._ends_with_name(bare.rstrip(BLANK)) or self._is_honoured(bare):
            return subject
        if self.patterns.count.match(bare):
            office = self._last_role(bare)
            if office is not None:
                more = 3 if subject[office.end() : office.end() + 1] == "的" else 0
                return subject[: office.end() + more]
        dot = max(bare.rfind(d, 0, 30) for d in _DOTS)
        cut = len(subject)
        for match in self.patterns.behind.finditer(bare):
            at = match.start()
            if at == 0 and match[0] not in self.words.behind_names and match[0] not in _FAMILIES:
                return ""
            if (
                at < 1
                or (at < 2 and bare[:1] not in self.words.pronouns)
                or (dot >= 0 and at < dot + 3 and match[0] in self.words.behind_names)
            ):
                continue
            if any(r.start() <= at < r.end() for r in self.patterns.role.finditer(bare)):
                continue
            if match[0] in self.words.behind_names and not self._is_named(bare[:at]):
                continue
            cut = at
            break
        verb = self.patterns.verb.search(bare, 2)
        titled = verb and any(
            r.start() <= verb.start() < r.end() for r in self.patterns.role.finditer(bare)
        )
        if verb and len(verb[0]) > 1 and verb.start() < cut and not titled:
            cut = verb.start()
        date = _DATE.search(subject, 2)
        if date:
            cut = min(cut, date.start())
        if subject[0] in "在于向对就" and cut == len(subject):
            return ""
        return subject[:cut].strip(" \u3000、，,")

    def _is_honoured(self, subject: str) -> bool:
        """Whether a subject ends with a family name and a title: 市民于女士."""
        last = self._last_role(subject)
        return (
            last is not None
            and last.end() == len(subject)
            and last[0] in self.words.honorifics
            and subject[last.start() - 1 : last.start()] in _FAMILIES
            and last.start() != 1
            and self._last_role(subject[: last.start() - 1]) is not None
        )

    def _ends_with_name(self, subject: str) -> bool:
        """Whether a subject ends with an office and a person's name."""
        last = self._last_role(subject)
        return last is not None and self._is_person(subject[last.end() :].strip())

    def _last_role(self, subject: str) -> re.Match[str] | None:
        roles = list(self.patterns.role.finditer(subject))
        return roles[-1] if roles else None

    def _is_named(self, subject: str) -> bool:
        """Whether a subject so far is a name or ends with one."""
        return (
            self._ends_with_name(subject)
            or self._is_person(subject)
            or subject in self.words.pronouns
            or any(dot in subject for dot in _DOTS)
            or bool(_LATIN.fullmatch(subject))
            or self.cast.knows(subject)
        )

    def _name(self, subject: str, printed: str) -> str:
        """Return the name in a subject, without offices; a description where there is none."""
        printed = _PARENTHESES.sub("", printed).strip(" \u3000、，,“”「」")
        folded = _PARENTHESES.sub("", subject).strip(" \u3000、，,")
        if len(printed) != len(folded):
            folded = printed
        count = self.patterns.count.match(folded)
        if count and count.end() < len(folded):
            folded, printed = folded[count.end() :], printed[count.end() :]
            tail = list(self.patterns.role.finditer(folded))
            if not tail or tail[-1].end() == len(folded):
                return printed
        roles = list(self.patterns.role.finditer(folded))
        return self._titled(folded, printed, roles) if roles else self._untitled(folded, printed)

    def _titled(self, folded: str, printed: str, roles: list[re.Match[str]]) -> str:
        """Return the name behind the last office, or before it; the office if it has no name."""
        last = roles[-1]
        rest = printed[last.end() :].strip(" \u3000、，,：:")
        if rest.startswith(("们", "們", "等", "方面", "代表")):
            return printed[: last.end() + rest.startswith(("们", "們"))]
        rest = rest.removeprefix("的")
        adverb = _ADVERB.search(folded)
        if adverb and self._is_person(folded[last.end() : adverb.start()]):
            rest = printed[last.end() : adverb.start()]
        for joint in ("之一", "兼", "、", "名叫", "名为", "叫做"):
            rest = rest.removeprefix(joint)
        if rest and not self._is_given(folded[len(folded) - len(rest) :]):
            size = self._known_prefix(folded[len(folded) - len(rest) :])
            if not size:
                return printed[: last.end()]
            rest = rest[:size]
        if rest:
            self.cast.is_named(rest)
            return rest
        return self._before_honorific(folded, printed, roles)

    def _before_honorific(self, folded: str, printed: str, roles: list[re.Match[str]]) -> str:
        """Return the name before a title at the end: 李教授, 村民徐女士, 沈亦舟教授."""
        last = roles[-1]
        if last[0] not in self.words.honorifics:
            return printed
        begin = roles[-2].end() if len(roles) > 1 else 0
        held = folded[begin : last.start()]
        if self._is_person(held):
            return printed[begin : last.start()]
        if len(held) == 1 and (held in self.words.surnames or held in _FAMILIES):
            return printed[begin:]
        return printed

    def _untitled(self, folded: str, printed: str) -> str:
        """Return the name at the end of a subject without an office, or the subject."""
        latin = _LATIN_TAIL.search(printed)
        if latin:
            return latin[1]
        for size in (5, 3):
            if len(folded) >= size + 2 and _ADVERB.search(folded[-size:]):
                return self._untitled(folded[:-size], printed[:-size])
        owner = printed.rfind("的")
        if owner > 0 and self._is_person(folded[owner + 1 :]):
            return printed[owner + 1 :]
        called = self._called(folded)
        if called:
            return printed[-called:]
        for size in (3, 2):
            if (
                len(folded) > size + 1
                and self._is_person(folded[-size:])
                and self.cast.occurs_apart(folded[-size:], folded[-size - 1])
            ):
                return printed[-size:]
        for size in (4, 3, 2):
            if len(printed) > size + 1 and self.cast.knows(printed[-size:]):
                return printed[-size:]
        return printed

    def _called(self, folded: str) -> int:
        """Return the length of the name behind a calling that no list of offices has, or 0.

        "The textile worker Ge Xiuzhen": a name behind the last character of a word for a person.
        """
        for size in (3, 2):
            if (
                len(folded) >= size + 2
                and self._is_person(folded[-size:])
                and folded[-size - 1] in self.words.callings
                and folded[-size - 1 : -size + 1] not in _COMMON
                and (size > 2 or folded[-size - 1] != "家")
            ):
                return size
        return 0

    def _is_given(self, folded: str) -> bool:
        """Whether what stands behind an office may be a name."""
        if folded.endswith(("摄", "供图")):
            return False  # a caption
        if any(dot in folded for dot in _DOTS) or _LATIN.match(folded):
            return True
        return len(folded) <= 8 and not any(char in _NOT_IN_NAMES for char in folded)

    def _known_prefix(self, folded: str) -> int:
        """Return the length of the name with which a clause behind an office begins, or 0."""
        if folded[:1] not in self.words.surnames:
            return 0
        for size in (3, 2):
            if self.cast.occurs_again(folded[:size]):
                return size
            if folded[size : size + 1] == "的" and self._is_person(folded[:size]):
                return size  # the name's owner: the researcher Bai Lu's summary
        return 3 if self._is_person(folded[:3]) else 0

    def _name_before_verb(self, clause: str) -> int:
        """Return the length of the name with which a clause begins that goes on with its verb."""
        for size in (3, 2):
            if clause[size : size + 1] in _BEHIND_NAMES and self._is_person(clause[:size]):
                return size
        return 0

    def _is_person(self, folded: str) -> bool:
        """Whether folded characters look like a Chinese person's name."""
        if folded.endswith(tuple(self.words.no_person)):
            return False
        if folded[:2] in self.words.double_surnames:
            return 3 <= len(folded) <= 4
        return 2 <= len(folded) <= 3 and folded[:1] in self.words.surnames

    def _is_name_like(self, subject: str, name: str) -> bool:
        titled = bool(self.patterns.role.search(subject))
        if self.cast.knows(name) or (titled and len(name) <= _LONGEST_NAME):
            return True
        return (
            self._is_person(subject)
            or bool(_LATIN.fullmatch(name))
            or any(dot in name for dot in _DOTS)
        )
