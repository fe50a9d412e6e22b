"""What articles are compared by: weighted terms, names, figures and days of headline and text."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from sys import intern

from scraper.record import record
from scraper.stories.figures import days, figures, years
from scraper.stories.glosses import gloss, segment
from scraper.stories.rarity import Rarity
from scraper.stories.words import HAN, clean_headline, names, own_terms, words
from scraper.text.chinese import fold
from scraper.text.patterns import lazy_compile
from scraper.topics import judge

__all__ = ["StoryFeatures", "Terms", "Vector", "read_terms", "weigh"]

_SETS = ("figures_title", "figures_lead", "figures_text", "years", "days")
_VECTORS = (
    "own_title", "own_text", "pivot_title", "pivot_lead", "pivot_text", "names_title", "names_text",
    "entities", "rarities", "keys",
)  # fmt: skip

# A unit vector: weights by term.
Vector = dict[str, float]

# Characters of a text that are compared, and those of its lead: in Chinese, and otherwise.
_TEXT, _LEAD = {True: 1200, False: 3000}, {True: 220, False: 600}
# Characters of a text that are searched for names of the lexicon, figures and days.
_NAMED = 8000
# Terms kept for a text: its rarest.
_TEXT_TERMS, _NAMES, _KEYS = 140, 40, 32
# The rarity, in nats, from which on a term serves to find an article.
_RARE = 2.5
# Figures and names that are the same in all languages, of each at most; what a figure tells, in
# nats, since figures are not counted.
_SAME_KEYS, _FIGURE = 12, 4.0
# How many times terms of a headline count.
_HEADLINE = 2
# Chinese characters that say as much as a word of English, as translations of news show.
_HAN_OF_WORD = 1.6
_LATIN_WORD = lazy_compile("[A-Za-zÀ-ÿ]+")
# Share of Chinese characters from which on a text is Chinese.
_CHINESE = 0.25


@record
class Terms:
    """Terms of an article, counted.

    Attributes:
        chinese: whether the article is in Chinese.
        has_text: whether there is more than a headline.
        title: the headline without tags.
        lead: beginning of the text.
        own_title, own_lead, own_text: terms in the article's own language: of headline, lead,
            and rest of the text.
        pivot_title, pivot_lead, pivot_text: the same as English stems, Chinese by its glosses.
        names_title, names_text: proper names.
        entities: names of the lexicon, and how often each occurs.
        figures_title, figures_lead, figures_text, years, days: as `scraper.stories.figures` finds
            them.
        size: how much the text says, in Chinese characters.
    """

    chinese: bool
    has_text: bool
    title: str
    lead: str
    own_title: Mapping[str, float]
    own_lead: Mapping[str, float]
    own_text: Mapping[str, float]
    pivot_title: Mapping[str, float]
    pivot_lead: Mapping[str, float]
    pivot_text: Mapping[str, float]
    names_title: Mapping[str, float]
    names_text: Mapping[str, float]
    entities: Mapping[str, float]
    figures_title: frozenset[str]
    figures_lead: frozenset[str]
    figures_text: frozenset[str]
    years: frozenset[str]
    days: frozenset[str]
    size: int

    def counted(self) -> set[str]:
        """Return the terms by which the article counts in `Rarity`."""
        found = {*self.own_title, *self.own_lead, *self.pivot_title, *self.pivot_lead}
        return found | {f"entity {name}" for name in self.entities}


@record
class StoryFeatures:
    """What an article is compared by: its `Terms`, weighted by rarity.

    Attributes:
        chinese, has_text, title, size: see `Terms`; a size of 0 is not known.
        figures_title, figures_lead, figures_text, years, days: see `Terms`.
        at: when it was published, or None.
        own_title, own_text, pivot_title, pivot_lead, pivot_text, names_title, names_text, entities:
            unit vectors; a text's with the headline.
        rarities: of the terms of the headline, in nats.
        keys: rarest terms, by which other articles find it.
        embedding_title, embedding_lead: of the optional model, as bytes of 16-bit floats, or b"".
    """

    chinese: bool
    has_text: bool
    title: str
    at: datetime | None
    own_title: Vector
    own_text: Vector
    pivot_title: Vector
    pivot_lead: Vector
    pivot_text: Vector
    names_title: Vector
    names_text: Vector
    entities: Vector
    rarities: Vector
    keys: Vector
    figures_title: frozenset[str] = frozenset()
    figures_lead: frozenset[str] = frozenset()
    figures_text: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    size: int = 0
    embedding_title: bytes = field(default=b"", repr=False)
    embedding_lead: bytes = field(default=b"", repr=False)

    def as_json(self) -> str:
        """Return the features as JSON without time and embeddings; equal vectors stand once."""
        told: dict[str, object] = {
            "chinese": self.chinese, "has_text": self.has_text, "title": self.title,
            "size": self.size,
        }  # fmt: skip
        told |= {name: sorted(getattr(self, name)) for name in _SETS}
        for name in _VECTORS:
            vector = getattr(self, name)
            same = f"own{name[5:]}"
            told[name] = (
                same if name[:5] == "pivot" and vector is getattr(self, same, None) else vector
            )
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(
        cls, text: str, at: datetime | None, title: bytes = b"", lead: bytes = b""
    ) -> StoryFeatures:
        """Return the features that `as_json` wrote.

        Args:
            text: what it wrote.
            at: when the article was published.
            title, lead: embeddings.
        """
        told = json.loads(text)
        for name in _VECTORS:
            # Articles share most of their terms: a third of the memory.
            if isinstance(vector := told[name], dict):
                told[name] = {intern(term): weight for term, weight in vector.items()}
        told |= {name: frozenset(told[name]) for name in _SETS}
        told |= {n: told[v] for n in _VECTORS if isinstance(v := told[n], str)}
        return cls(**told, at=at, embedding_title=title, embedding_lead=lead)


def _gloss_terms(folded: str) -> tuple[Counter[str], Counter[str]]:
    """Return the terms of a folded text as English stems, and those that are proper names.

    A word's weight is divided among its meanings, by the square root of their number: it has one of
    them in this place, but which one is not known.
    """
    terms: Counter[str] = Counter(words(folded))
    proper: Counter[str] = Counter(terms)
    for run in HAN.findall(folded):
        for word in segment(run):
            if len(word) < 2:
                continue
            meanings, is_name = gloss(word)
            for meaning in meanings:
                weight = 1 / math.sqrt(len(meanings) * len(meaning))
                for root in meaning:
                    terms[root] += weight  # type: ignore[assignment]
            if is_name and meanings:
                proper.update(meanings[0])
    return terms, proper


def _size(text: str) -> int:
    """Return how much a text says, in Chinese characters."""
    han = sum(map(len, HAN.findall(text)))
    return han + round(_HAN_OF_WORD * len(_LATIN_WORD.findall(text)))


def _is_chinese(folded: str) -> bool:
    return sum(map(len, HAN.findall(folded))) > _CHINESE * len(folded)


def read_terms(title: str, text: str) -> Terms:
    """Return the terms of an article.

    Args:
        title: headline.
        text: clean text, one paragraph per line; "" where only the headline is known.
    """
    body = text.removeprefix(title)
    title = clean_headline(title)
    chinese = _is_chinese(fold(f"{title}\n{body[:400]}"))
    body = body[: _TEXT[chinese]]
    headline, folded = fold(title), fold(body)
    lead, rest = folded[: _LEAD[chinese]], folded[_LEAD[chinese] :]
    own = [own_terms(part) for part in (headline, lead, rest)]
    if chinese:
        glossed = [_gloss_terms(part) for part in (headline, lead, rest)]
        pivot = [terms for terms, _ in glossed]
        names_title = glossed[0][1]
        names_text = glossed[0][1] + glossed[1][1] + glossed[2][1]
    else:
        pivot = own
        names_title, names_text = names(title), names(f"{title}\n{body}")
    judgement = judge(title, text[:_NAMED])
    said = fold(text[:_NAMED])
    whole = f"{headline}\n{said}"
    return Terms(
        chinese=chinese,
        has_text=bool(body.strip()),
        title=title,
        lead=body[: _LEAD[chinese]],
        own_title=own[0],
        own_lead=own[1],
        own_text=own[2],
        pivot_title=pivot[0],
        pivot_lead=pivot[1],
        pivot_text=pivot[2],
        names_title=names_title,
        names_text=names_text,
        entities={m.name: m.count + 2.0 * m.in_title for m in judgement.mentions},
        figures_title=frozenset(figures(headline)),
        figures_lead=frozenset(figures(headline) | figures(lead)),
        figures_text=frozenset(figures(whole)),
        years=frozenset(years(whole)),
        days=frozenset(days(whole)),
        size=_size(text),
    )


def _vector(counts: Mapping[str, float], rarity: Rarity, *, most: int = 0) -> Vector:
    """Return a unit vector of counts weighted by rarity, of the `most` heaviest terms or of all."""
    weighed = {
        term: (1 + math.log(count) if count > 1 else count) * rarity(term)
        for term, count in counts.items()
    }
    length = math.sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
    chosen: Iterable[tuple[str, float]] = weighed.items()
    if most and len(weighed) > most:
        chosen = sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:most]
    return {intern(term): round(weight / length, 4) for term, weight in chosen}


def _rarest(rarities: Mapping[str, float], most: int) -> Vector:
    """Return the rarest terms that are rare enough to be looked up."""
    ordered = sorted(rarities.items(), key=lambda item: (-item[1], item[0]))[:most]
    return {intern(term): round(rarity, 2) for term, rarity in ordered if rarity >= _RARE}


def _sum(*parts: tuple[Mapping[str, float], float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for counts, factor in parts:
        for term, count in counts.items():
            total[term] = total.get(term, 0.0) + factor * count
    return total


def weigh(terms: Terms, rarity: Rarity, at: datetime | None = None) -> StoryFeatures:
    """Return the features of an article from its terms.

    Args:
        terms: of the article.
        rarity: of terms in the archive, this article counted.
        at: when it was published, aware, or None.
    """
    headline = {*terms.own_title, *terms.pivot_title, *terms.names_title}
    rarities = {intern(term): round(rarity(term), 2) for term in headline}
    lead = _sum((terms.pivot_title, 1), (terms.pivot_lead, 1))
    own_text = _sum((terms.own_title, _HEADLINE), (terms.own_lead, 1), (terms.own_text, 1))
    pivot_text = (
        _sum((terms.pivot_title, _HEADLINE), (terms.pivot_lead, 1), (terms.pivot_text, 1))
        if terms.chinese
        else own_text
    )
    found = {term: rarity(term) for term in {*terms.own_title, *terms.pivot_title}}
    keys = _rarest(found, _KEYS) | _rarest({term: rarity(term) for term in lead}, _KEYS)
    # The words of two languages rarely meet among the rarest; figures and names are the same in
    # both.
    told = {f"entity {name}" for name in terms.entities}
    keys |= _rarest({term: rarity(term) for term in told}, _SAME_KEYS)
    keys |= dict.fromkeys(sorted(f"figure {n}" for n in terms.figures_lead)[:_SAME_KEYS], _FIGURE)
    # An English headline has no pivot of its own: vectors are shared.
    own = _vector(terms.own_title, rarity)
    text = _vector(own_text, rarity, most=_TEXT_TERMS)
    return StoryFeatures(
        chinese=terms.chinese,
        has_text=terms.has_text,
        title=terms.title,
        at=at,
        own_title=own,
        own_text=text,
        pivot_title=_vector(terms.pivot_title, rarity) if terms.chinese else own,
        pivot_lead=_vector(lead, rarity, most=_TEXT_TERMS),
        pivot_text=_vector(pivot_text, rarity, most=_TEXT_TERMS) if terms.chinese else text,
        names_title=_vector(terms.names_title, rarity),
        names_text=_vector(terms.names_text, rarity, most=_NAMES),
        entities=_vector(
            {f"entity {name}": count for name, count in terms.entities.items()}, rarity
        ),
        rarities=rarities,
        keys=keys,
        figures_title=terms.figures_title,
        figures_lead=terms.figures_lead,
        figures_text=terms.figures_text,
        years=terms.years,
        days=terms.days,
        size=terms.size,
    )
