"""Positions of sentences and clauses in a text, and the model to which a figure belongs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from scraper.text.bounded_pattern import BoundedPattern
from scraper.text.patterns import lazy_compile
from scraper.topics.names import NameMatch

__all__ = ["SentenceIndex"]

_STOP = lazy_compile('[。！？!?；;\n.]+[”」』"’]?')
# After a full stop a sentence begins with a space and no lower-case letter.
_NEXT = lazy_compile('\\s+["“‘(]?(?![a-z\\s])|\\s*$|\n')
_BREAK = lazy_compile("[，,：:（）()、而但—–]|相[比较]")
_BREAK_WORDS = (" while ", " whereas ", " but ", " compared with ", " against ", " -- ")
# A model at most this many characters after these words is only a standard of comparison:
# "surpassed GPT-5 at a cost of …".
_BEHIND = 24
_COMPARED = BoundedPattern(
    r"(?:超越|超过|超|击败|打败|胜过|赶上|追平|领先|落后于?|比|对标|媲美|不输|不逊于?|接近|叫板|挑战|优于|低于"
    r"|高于|相比|surpass\w*|beat\w*|outperform\w*|outscor\w*|overt\w+|rival\w*|than|over|against|versus"
    r"|vs\.?"
    r"|match\w*|like|behind|ahead of|unlike|compared (?:with|to)|on par with)"
    r"[\s了“「\"]*(?:the |其|美国的?|闭源的?|同尺寸的|openai的?|(?:openai|google|meta)'s )*$",
    longest=_BEHIND,
)
# A base model has no part in the figures of the derived one: "built on Mistral, it cost …".
_BASE = lazy_compile(
    r"(?:\b(?:buil[dt]s?|building|based|bases|trained|fine-?tuned|distilled|derived|adapted|forked"
    r"|developed|created|made|bootstrapped|post-trained|initiali[sz]ed|runs?|running|powered|driven)"
    r" (?:on top of|on|from|upon|off|out of|atop|with|using|by)"
    r"|\b(?:derivative|fine-?tune|fork|distillation|distillate|offshoot|descendant|variant) of"
    r"|\b(?:fine-?tuned|distilled|modified|custom|tweaked|adapted) versions? of"
    r"|\b(?:fine-?tun(?:ing|es)|distill(?:ing|s)|adapt(?:ing|s))"
    r"|基于|源自|脱胎于|衍生自|改自|改造自|微调自|蒸馏自|微调|蒸馏|接入|搭载|采用|套壳|依托|由|以|在)"
    r"[\s了的“「\"]*(?:the |an? |its |open(?:-source|-weights?)? |(?:alibaba|meta|google)'s "
    r"|开源的?|国产的?|阿里的?)*$"
)
_BASE_BEHIND = lazy_compile(
    r"[\s”」\"]*(?:模型)?的?(?:为基础|为底座|为基座|作为?基础|作为?底座|基础上|微调|蒸馏|驱动|打造|训练而[成来])"
)
# Words that mark a base only together with the words after the name.
_HALF_BASE = ("由", "以", "在")
# A clause that tells of the name right before it: “unlike GPT-4, which cost …”, 后者的成本….
_RELATIVE = lazy_compile(r"\s*(?:(?:which|whose|who|the latter)\b|[后後]者)")
# What may stand between the name and that clause, or a bracket: more of the name, or its kind.
_NAMED_STILL = 24
_MORE_OF_A_NAME = BoundedPattern(
    r"(?:[ -][\w.]{1,12}){0,2}\s?[,，(（—–-]{1,2}\s?", longest=_NAMED_STILL
)
# A standard of comparison that is no known name: “unlike its rivals, which have …”.
_REACH = 120
_STANDARD = BoundedPattern(
    r"(?:\b(?:than|unlike|beat(?:s|ing)?|versus|compared (?:with|to)|on par with"
    r"|(?:surpass|outperform|outscor|overtak|rival|match)\w*)\s|超越|超过|击败|胜过|媲美|优于|相比)"
    r"[^,，(（]{0,80}[,，(（—–]\s{0,2}$",
    longest=_REACH,
)
# “… the $100 million that OpenAI spent”: a figure of whoever is named there.
_THAT_SOMEBODY = lazy_compile(r"[ \w]{0,12}? (?:that|which) $")
# A sentence without a model is about one at most this many sentences back.
_CARRIED = 2
# A standard of comparison counts as this many clauses further away.
_AGAINST = 3


class SentenceIndex:
    """The sentences of a text with the models and companies in them.

    Args:
        text: headline, a line feed, and the clean text.
        folded: the same text, folded.
        names: its names from `find_names`.
        title_end: end of the headline.
    """

    def __init__(self, text: str, folded: str, names: Sequence[NameMatch], title_end: int) -> None:
        self._folded = folded
        self._starts = [0]
        for stop in _STOP.finditer(folded):
            if folded[stop.end() - 1] != "." or _NEXT.match(text, stop.end()):
                self._starts.append(stop.end())
        self._models = [f for f in names if f.entry.kind == "model" and f.entry.name != "Siri"]
        self._companies = [f for f in names if f.entry.kind == "company"]
        self._model_starts = [f.start for f in self._models]
        self._compared = {
            f.start
            for f in self._models
            if _COMPARED.search(folded[max(0, f.start - _BEHIND) : f.start])
        }
        self._bases = {f.start for f in [*self._models, *self._companies] if self._is_base(f)}
        self._company_starts = [f.start for f in self._companies]
        self._own_models = [f for f in self._models if f.start not in self._bases]
        self._own_starts = [f.start for f in self._own_models]
        titled = {f.name for f in self._own_models if f.start < title_end}
        self._titled = titled.pop() if len(titled) == 1 else ""
        self._clauses: dict[int, list[int]] = {}
        self._spoken_of: dict[int, str] = {}

    def _is_base(self, found: NameMatch) -> bool:
        """Return whether a name is the base of another model."""
        before = _BASE.search(self._folded, max(0, found.start - 40), found.start)
        behind = _BASE_BEHIND.match(self._folded, found.end)
        if before is None:
            return False
        return behind is not None or not before[0].startswith(_HALF_BASE)

    def sentence(self, at: int) -> tuple[int, int]:
        """Return start and end of the sentence around a position."""
        i = bisect_right(self._starts, at) - 1
        end = self._starts[i + 1] if i + 1 < len(self._starts) else len(self._folded)
        return self._starts[i], end

    def same_sentence(self, one: int, other: int) -> bool:
        """Return whether two positions are in one sentence."""
        return bisect_right(self._starts, one) == bisect_right(self._starts, other)

    def _bounds(self, at: int) -> list[int]:
        """Return the starts of a sentence's clauses, and its end."""
        start, end = self.sentence(at)
        if start not in self._clauses:
            breaks = [
                m.end()
                for m in _BREAK.finditer(self._folded, start, end)
                # The comma of 2,048 and the dash of 4–6 do not end a clause.
                if not (m[0] in ",–" and self._folded[m.end() : m.end() + 1].isdigit())
            ]
            for word in _BREAK_WORDS:
                at_word = self._folded.find(word, start, end)
                if at_word >= 0:
                    breaks.append(at_word + 1)
            breaks.sort()
            self._clauses[start] = [start, *breaks, end]
        return self._clauses[start]

    def clause(self, at: int) -> tuple[int, int]:
        """Return start and end of the clause around a position."""
        bounds = self._bounds(at)
        i = min(max(bisect_right(bounds, at) - 1, 0), len(bounds) - 2)
        return bounds[i], bounds[i + 1]

    def about(self, start: int, end: int, *, of_company: bool) -> tuple[str, str]:
        """Return the subject of a figure, and how it was found.

        The subject is the nearest model in the clause, else in the sentence, where distance counts
        in clauses before characters, and a model before the figure comes before one after it; else
        the last model of the two sentences before, or the only one of the headline, or of all the
        text before.

        Args:
            start, end: position of the figure with its unit.
            of_company: whether a company may be the subject, too.
        """
        near = self._nearest(self._models, self._model_starts, start, end)
        if near is not None and self._is_of_others(near[1], start, end):
            return "", ""
        if of_company:
            other = self._nearest(self._companies, self._company_starts, start, end)
            if other is not None and (near is None or other[0] <= near[0]):
                near = other
        if near is not None:
            return near[1].name, "clause" if near[0][0] == 0 else "sentence"
        if of_company:
            return "", ""
        name = self._carried(start)
        return (name, "carried") if name else ("", "")

    def _is_of_others(self, model: NameMatch, start: int, end: int) -> bool:
        """Return whether a figure belongs to somebody else than the nearest model.

        So it is in a relative clause behind a standard of comparison that is no known name, and
        where a company is said right behind it to have spent, raised or made it.
        """
        first = self.clause(start)[0]
        if _RELATIVE.match(self._folded, first) and model.end <= first:
            low = max(self.sentence(start)[0], model.end)
            if _STANDARD.search(self._folded[max(low, first - _REACH) : first]):
                return True
        at = bisect_right(self._company_starts, end - 1)
        if at == len(self._companies) or not self.same_sentence(start, self._company_starts[at]):
            return False
        company = self._companies[at]
        behind = _THAT_SOMEBODY.fullmatch(self._folded, end, company.start)
        return behind is not None and company.entry.name != model.entry.maker

    def _is_told_of(self, found: NameMatch, start: int, end: int) -> bool:
        """Return whether a figure is bound to a name by the words between them.

        It is in the relative clause or the bracket right behind the name, or right before it with
        的 (参数量达1.8万亿的GPT-4).
        """
        if found.start >= end:
            return self._folded[end : found.start] == "的"
        first = self.clause(start)[0]
        if found.end > first or not _MORE_OF_A_NAME.fullmatch(self._folded[found.end : first]):
            return False
        bracket = self._folded[first - 1] in "(（"
        return bracket or _RELATIVE.match(self._folded, first) is not None

    def _carried(self, at: int) -> str:
        """Return the model of the sentences before, itself carried over or not."""
        i = bisect_right(self._starts, at) - 1
        for j in range(i, max(-1, i - _CARRIED - 1), -1):
            if j in self._spoken_of:
                name = self._spoken_of[j]
                break
            last = bisect_right(self._own_starts, min(at, self.sentence(self._starts[j])[1])) - 1
            if last >= 0 and self._own_models[last].start >= self._starts[j]:
                name = self._own_models[last].name
                break
        else:
            so_far = {f.name for f in self._own_models[: bisect_right(self._own_starts, at)]}
            name = self._titled or (so_far.pop() if len(so_far) == 1 else "")
        if name:
            self._spoken_of[i] = name
        return name

    def _nearest(
        self, names: Sequence[NameMatch], starts: Sequence[int], start: int, end: int
    ) -> tuple[tuple[int, int], NameMatch] | None:
        low, high = self.sentence(start)
        first, last = bisect_right(starts, low - 1), bisect_right(starts, high - 1)
        if first >= last:
            return None
        bounds = self._bounds(start)
        here = bisect_right(bounds, start)
        best: tuple[tuple[int, int], NameMatch] | None = None
        for found in names[first:last]:
            behind = found.start >= end
            distance = found.start - end if behind else max(0, start - found.end)
            told = self._is_told_of(found, start, end)
            # A figure directly after a base belongs to the base: "built on DeepSeek-V3 (671B)".
            if found.start in self._bases and (behind or distance > 4) and not told:
                continue
            apart = abs(bisect_right(bounds, found.start) - here)
            # What a relative clause names is no subject of what goes on behind it.
            if apart and _RELATIVE.match(self._folded, self.clause(found.start)[0]):
                apart += _AGAINST
            # A standard of comparison has no figures, unless one follows directly.
            if found.start in self._compared and not (not behind and distance <= 4):
                apart += _AGAINST
            # Of adjacent models the one before counts more than the one after.
            rank = (
                apart * 2 + (1 if behind and apart else 0), distance + (12 if behind else 0)
            )  # fmt: skip
            if told:
                rank = (0, -1)
            if best is None or rank < best[0]:
                best = rank, found
        return best
