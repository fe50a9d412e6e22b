"""What the names of elements tell of the blocks inside: boilerplate, captions, furniture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scraper.extract.blocks import Segments
from scraper.extract.rules import Rules

__all__ = ["Named", "named"]

_MOST_NAMES: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Block → rule, for the blocks inside elements that rules name.

    Attributes:
        cuts: what is cut.
        captions: captions of pictures.
        head, tail: what is cut before the first paragraph, after the last.
    """

    cuts: Mapping[int, str]
    captions: Mapping[int, str]
    head: Mapping[int, str]
    tail: Mapping[int, str]


class _Names:
    """Which rules name an element, looked up once for each class, id or role name there is."""

    def __init__(self, rules: Rules) -> None:
        captions = {name: rule.name for rule in rules.captions for name in rule.names}
        places = ("anywhere", "head", "tail")
        self._lookups: list[Callable[[str], str | None]] = [_lookup(rules, at) for at in places]
        self._lookups.append(captions.get)
        self._known: dict[str, tuple[str, str, str, str]] = {}
        self._none = ("", "", "", "")

    def of(self, naming: str) -> tuple[str, str, str, str]:
        """Return the rules that cut anywhere, in head and tail, and that tell a caption."""
        known, told = self._known, self._none
        for name in naming.split():
            found = known.get(name)
            if found is None:
                if len(known) > _MOST_NAMES:
                    known.clear()
                cut, head, tail, caption = (lookup(name) or "" for lookup in self._lookups)
                found = known[name] = (cut, head, tail, caption)
            if found != self._none:
                told = (
                    told[0] or found[0],
                    told[1] or found[1],
                    told[2] or found[2],
                    told[3] or found[3],
                )
        return told


def _lookup(rules: Rules, where: str) -> Callable[[str], str | None]:
    """Return what looks up the rule that cuts an element of a name at a place."""
    meant = [rule for rule in rules.elements if rule.where == where]
    cuts: dict[str, str] = {}
    for rule in reversed(meant):
        cuts.update(dict.fromkeys(rule.names, rule.name))
    patterns = [(r.pattern.search, r.name) for r in meant if r.pattern]

    def look(name: str) -> str | None:
        return cuts.get(name) or next((rule for matches, rule in patterns if matches(name)), None)

    return look


@lru_cache(maxsize=8)
def _names_of(rules: Rules) -> _Names:
    return _Names(rules)


def named(s: Segments, rules: Rules) -> Named:
    """Return which blocks stand in elements that rules name, and in all that is inside those."""
    cuts: dict[int, str] = {}
    captions: dict[int, str] = {}
    head: dict[int, str] = {}
    tail: dict[int, str] = {}
    parents, tags, words, of = s.parents, s.tags, s.words, _names_of(rules).of
    figcaption = rules.captions[0].name if rules.captions else ""
    for e in range(1, len(parents)):
        p = parents[e]
        cut, early, late, caption = of(words[e]) if words[e] else ("", "", "", "")
        if not caption and tags[e] == "figcaption":
            caption = figcaption
        for found, own in ((cuts, cut), (head, early), (tail, late)):
            if p in found:
                found[e] = found[p]
            elif own:
                found[e] = own
        if p in captions:
            captions[e] = captions[p]
        elif caption:
            captions[e] = caption
    return Named(
        cuts=_inside(s, cuts),
        captions=_inside(s, captions),
        head=_inside(s, head),
        tail=_inside(s, tail),
    )


def _inside(s: Segments, elements: Mapping[int, str]) -> dict[int, str]:
    """Block → rule, for the blocks inside elements."""
    if not elements:
        return {}
    return {i: elements[b.container] for i, b in enumerate(s.blocks) if b.container in elements}
