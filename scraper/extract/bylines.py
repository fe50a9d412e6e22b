"""Who wrote it: names of people out of bylines, in Chinese and in Latin letters.

Editors, photographers, agencies and outlets are no authors. A Chinese name is two to four
characters of which the first is a family name, unless a label such as 作者 vouches for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from scraper.extract.credits import agency_of, credits
from scraper.extract.jsonld import names_of, persons_of
from scraper.extract.meta_page import Signals
from scraper.extract.meta_text import folded
from scraper.extract.names import (
    HAN,
    HAN_NAME,
    han_people,
    is_account,
    is_body,
    is_usual_name,
    latin_people,
    people,
)
from scraper.models import Candidate

__all__ = ["choose_authors", "reporters"]

MAX_AUTHORS: Final = 30

_TOWNS: Final = (
    "台北|新北|桃園|臺北|台中|臺中|台南|臺南|高雄|基隆|新竹|苗栗|彰化|南投|雲林|嘉義|屏東|"
    "宜蘭|花蓮|台東|臺東|澎湖|金門|馬祖|"
    "華盛頓|紐約|洛杉磯|舊金山|東京|首爾|倫敦|巴黎|柏林|布魯塞爾|莫斯科|新德里|曼谷|新加坡|"
    "吉隆坡|雅加達|河內|馬尼拉|雪梨|多倫多|"
    "溫哥華|日內瓦|羅馬|維也納|伊斯坦堡|耶路撒冷|北京|上海|香港|廣州|深圳|重庆|广州|天津|"
    "武汉|南京|杭州|成都|西安|综合|綜合|專電|外電"
)
_TOWN_TAIL = re.compile(rf"(?:{_TOWNS}).*$|\d+.*$|[／/].*$")
# 记者 in brackets, at the head of a line, or after the house's name in a line of its own.
_REPORTER = re.compile(
    r"(?:^|[（(【\[]|(?<=[\s　])|"
    r"(?<=[社报報网網闻聞]))[\u3400-\u9fffA-Za-z0-9·]{0,16}?(?:实习|實習|见习|特派|"
    r"特约|特約|首席)?"
    r"(?:通讯员|通訊員|记者|記者)[\s　:：]{0,3}(?P<names>[^）)】\]。；;，,|｜]{2,40})"
)
# （姚峰 上海报道）, (文/图 刘玺东 易赛楠), （张巨峰） at the end of a paragraph.
_SIGNED = re.compile(
    r"[（(](?:文[／/]图|文[／/]圖|图[／/]文|"
    r"文)?[／/:：\s]*(?P<names>[\u3400-\u9fff·]{2,4}(?:[\s、，]+[\u3400-\u9fff·]{2,4}){0,5})"
    r"(?:[\u3400-\u9fff]{0,4}(?:报道|報導|报导|整理|撰文|编译))?[)）]。?$"
)
# 12/01/2025 by Ann Marsh, miner; this post was written by Ann Marsh, miner.
_BY_INSIDE = re.compile(
    r"^(?:\W{0,3}[\d./-]{8,10}|[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4})[\s|·•,–—-]{1,4}[Bb]y\s+"
    r"(?P<names>[A-ZÀ-Þ].{2,100})$"
    r"|^(?:[Tt]h(?:is|e)\s(?:\w+\s)?(?:post|article|story|piece|guide)\swas\s)?"
    r"(?:[Ww]ritten|[Pp]osted)\s[Bb]y[\s:]+(?P<written>[A-ZÀ-Þ].{2,100})$"
)
# Marsh, Ann
_INVERTED = re.compile(r"^([^\W\d_][\w.'’ -]{0,40}), ([^\W\d_][\w.'’ -]{0,40})$")
# So many elements of one kind are rather the authors of other articles.
_CROWD: Final = 3
_CLASS: Final = 46
_REPORTER_WORDS: Final = ("记者", "記者", "通讯员", "通訊員")
_CAPTION = re.compile(r"[摄攝翻]|供图|供圖|[图圖][／/]|资料图|資料照")

_BY_LINE = re.compile(
    r"^(?:\W{0,3})(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Ww]ords|[Ss]tory|[Aa]rticle)\s)?"
    r"(?:[Bb]y|BY|[Aa]uthors?:?|Von|Par|Por|Di|Door|Av|Af)[\s:：]+(?P<names>[A-ZÀ-ÞĀ-Ž@].{2,100})$"
)


def reporters(line: str) -> list[str]:
    """Return the names behind 记者 in a line, where it is a byline and no caption or prose."""
    if not any(word in line for word in _REPORTER_WORDS):
        return []
    names: list[str] = []
    # They sign at the beginning or the end of a paragraph.
    line = line if len(line) <= 240 else f"{line[:120]} … {line[-120:]}"
    for match in _REPORTER.finditer(line):
        value = re.split("[／/]文", match["names"])[0].strip()
        opened = line[match.start() : match.start() + 1] in "（(【[" and match.start() < len(line)
        after = line[match.end() : match.end() + 1]
        if _CAPTION.search(value + after) or (match.start() == 0 and len(line) > 60 and not opened):
            continue
        if not opened and len(line) > 80:
            continue
        for part in re.split(r"[\s　、，,&／/]+", value):
            name = _TOWN_TAIL.sub("", part)
            name = name[:3] if len(name) > 4 and "·" not in name else name
            if not han_people(name, vouched=False):
                break
            names += han_people(name, vouched=False)
    return names


def _signed(value: str) -> list[str]:
    """Return the names of a signature in brackets: nothing but names, a town may stand behind."""
    parts = re.split(r"[\s、，]+", value)
    names = [part for part in parts if HAN_NAME.match(part) and han_people(part, vouched=False)]
    rest = parts[len(names) :]
    return names if parts[: len(names)] == names and len(rest) <= 1 else []


def _visible(signals: Signals) -> Iterable[tuple[str, list[str], str]]:
    """Yield origin, names and line of every byline in the lines near the text."""
    titles = {
        folded(title) for title in (signals.title, *signals.headings, signals.meta("og:title"))
    }
    long = [title for title in titles if len(title) > 9]
    shortest = min(map(len, long), default=0)
    for line in signals.lines:
        text = line.text
        form = folded(text)
        if form in titles or (len(form) >= shortest and any(title in form for title in long)):
            continue  # a headline may say "X writes: …" without being a byline
        if len(text) < 400:
            for credit in credits(text if len(text) <= 140 else text[:70]):
                if credit.role == "author" and (len(text) < 120 or len(credit.value) < 20):
                    names = people(credit.value) if credit.label != "文" or len(text) < 60 else []
                    if names and len(names) < 12:
                        yield f"line {credit.label}", names, text
        # Below the text a reporter may be another article's.
        if (line.zone != "foot" or len(text) <= 30) and (names := reporters(text)):
            yield "line 记者", names, text
        if line.kept and line.last < 3:
            match = _SIGNED.search(text)
            names = _signed(match["names"]) if match else []
            if names:
                yield "line signature", names, text
        if len(text) < 130 and line.zone in ("headline", "head") and (m := _BY_LINE.match(text)):
            names = latin_people(m["names"])
            if names and all(name[:1].isupper() for name in names):
                yield "line by", names, text
        elif len(text) < 160 and line.zone in ("headline", "head", "tail", "foot"):
            match = _BY_INSIDE.match(text) if "y" in text[:60] else None
            value = (match["names"] or match["written"]) if match else ""
            # Behind a comma stands what the person is.
            names = latin_people(value)[: 1 if "," in value else None]
            if names and all(name[:1].isupper() for name in names):
                yield "line by", names, text
        # A name in a line of its own, just below the headline.
        below = line.zone == "headline" and 0 < line.distance < 5 and not line.kept
        if below and not line.heading and is_usual_name(text):
            yield "line name", [text], text


class _Offer(NamedTuple):
    """Names that some part of the page gives; of two offers the one of lower rank is surer."""

    rank: int
    origin: str
    names: list[str]


def _order(offer: _Offer) -> tuple[int, int]:
    """Order offers: teams behind the people who are named, accounts behind all."""
    if all(map(is_account, offer.names)):
        return 3, offer.rank
    if all(map(is_body, offer.names)):
        return 1, offer.rank
    return (2 if offer.rank >= _CLASS else 0), offer.rank


def _alone(name: str, known: Iterable[str]) -> str:
    """Return a name without the function behind it, where the page gives the name alone too."""
    return min((k for k in known if name.startswith(f"{k} ")), key=len, default=name)


def _head_offers(signals: Signals) -> Iterable[_Offer]:
    """Yield what JSON-LD and meta elements name as author."""
    for rank, thing in enumerate((signals.article, signals.about)):
        raw = names_of(thing.get("author") or thing.get("creator"), signals.things)
        yield _Offer(20 + rank, "json-ld author", [n for r in raw for n in people(r)])
    for rank, name in enumerate(_META):
        values = signals.metas.get(name, ())
        if "citation" in name or name.startswith("dc"):
            # Libraries file people under their family names.
            values = tuple(_INVERTED.sub(r"\2 \1", value) for value in values)
        yield _Offer(25 + rank, f"meta {name}", [n for value in values for n in people(value)])
    if signals.meta("twitter:label1").lower() in ("written by", "by", "author", "verfasst von"):
        yield _Offer(24, "meta twitter:data1", people(signals.meta("twitter:data1")))


def _element_offers(signals: Signals, chinese: bool) -> Iterable[_Offer]:
    """Yield what elements that are called after an author hold."""
    shown = {line.text for line in signals.lines if line.zone == "headline" and not line.kept}
    near = " ".join(line.text for line in signals.lines)
    crowds = Counter(origin for _, origin in signals.bylines)
    for rank, (text, origin) in enumerate(signals.bylines[:8]):
        if crowds[origin] >= _CROWD and text not in near:
            continue  # the authors of other articles, or of comments
        base = 36 if origin != "class" else _CLASS
        if chinese and text in shown and HAN_NAME.match(text):
            base = 12  # a name in an element of its own, beside the headline
        names = people(text, vouched=origin != "class")
        if origin != "class" or (len(text) <= 80 and len(names) <= 4):
            yield _Offer(base + rank, f"element {origin}", names)


def choose_authors(
    signals: Signals, outlets: Sequence[str]
) -> tuple[tuple[str, ...], list[Candidate]]:
    """Choose the people who wrote the article.

    In a Chinese page a byline in the text is surer than the head, where managers enter the editor
    or the site; elsewhere JSON-LD comes first, then meta elements, then bylines by class and text.
    A team or an account is taken only where no person is named.

    Args:
        signals: evidence of the page.
        outlets: names of outlets of the page, which are no people.
    """
    banned = {folded(outlet) for outlet in outlets}
    chinese = bool(HAN.search("".join(signals.kept[:3]) or signals.title))
    offers = [
        _Offer((0 if chinese else 40) + min(at, 9), origin, names)
        for at, (origin, names, _) in enumerate(_visible(signals))
    ]
    offers += [*_head_offers(signals), *_element_offers(signals, chinese)]
    if not chinese:
        # A blog may bear its author's name: then the page says that this is a person, or it is
        # spelled like one's.
        banned -= {
            folded(name)
            for thing in (signals.article, signals.about)
            for name in persons_of(thing.get("author"), signals.things)
        }
        banned -= {folded(outlet) for outlet in outlets if is_usual_name(outlet)}
    winner: tuple[str, ...] = ()
    agencies = False
    candidates: list[Candidate] = []
    known = {name for offer in offers for name in offer.names if name.count(" ") in (1, 2)}
    offers.sort(key=_order)
    for _, origin, names in offers:
        if not names:
            continue
        good = tuple(
            dict.fromkeys(
                _alone(n, known) for n in names if folded(n) not in banned and not agency_of(n)
            )
        )[:MAX_AUTHORS]
        agencies = agencies or all(agency_of(n) for n in names)
        # Where the page says that an agency wrote it, other names in it are of other people.
        chosen = not winner and bool(good) and not (agencies and origin == "element class")
        winner = good if chosen else winner
        note = "" if good else "an outlet or agency, not a person"
        if good and not chosen and not winner:
            note = "the page credits an agency"
        candidates.append(
            Candidate(
                field="authors", value="; ".join(names), origin=origin, chosen=chosen, note=note
            )
        )
    return winner, candidates


_META: Final = (
    "citation_author", "author", "byl", "parsely-author", "sailthru.author", "article:author",
    "og:article:author", "dc.creator", "dcterms.creator", "dc.creator.creator",
    "cxenseparse:author",
    "creator", "citation_authors", "shareaholic:article_author_name",
)  # fmt: skip
