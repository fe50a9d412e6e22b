"""Chinese outlets that an aggregator's English page credits in pinyin: ``Guan Cha Zhe Wang``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from scraper.extraction.metadata.evidence_lines import EvidenceLine
from scraper.extraction.metadata.outlet_names import stamp_neighbour
from scraper.text.chinese import script_of
from scraper.text.patterns import lazy_compile

__all__ = ["is_pinyin", "romanized_zone"]

# Syllables of Standard Chinese without tones, by their initials (GB/T 16159, table of syllables).
_FINALS: Final = {
    "": "a o e ai ei ao ou an en ang eng er yi ya ye yao you yan yin yang ying yo wu wa wo wai wei "
    "wan wen wang weng yu yue yuan yun yong",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e ai ei ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "ch": "a e ai ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "sh": "a e ai ei ao ou an en ang eng i u ua uo uai ui uan un uang",
    "r": "e ao ou an en ang eng ong i u uo ui uan un",
    "z": "a e ai ei ao ou an en ang eng ong i u uo ui uan un",
    "c": "a e ai ao ou an en ang eng ong i u uo ui uan un",
    "s": "a e ai ao ou an en ang eng ong i u uo ui uan un",
}
SYLLABLES: Final = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)
_LONGEST: Final = 6
_NEAR: Final = 6
_HAN = lazy_compile(r"[\u4e00-\u9fff]")
_HEADLINE: Final = 6


@lru_cache(maxsize=256)
def is_pinyin(name: str) -> bool:
    """Return whether a name is nothing but two or more syllables of pinyin, or figures with one.

    Args:
        name: such as ``Guan Cha Zhe Wang``, ``Xinhua She`` or ``36 Ke``.
    """
    words = name.lower().replace("'", " ").replace("’", " ").replace("ü", "v").split()
    letters = [word for word in words if not word.isdecimal()]
    if not letters or len(words) > 12 or not all(word.isascii() for word in words):
        return False
    counts = [_syllables(word) for word in letters]
    return all(counts) and sum(counts) + len(words) - len(letters) > 1


def _syllables(word: str) -> int:
    """Return into how many syllables a word falls, 0 where it does not."""
    best = [0] + [-1] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            if best[start] >= 0 and word[start:end] in SYLLABLES:
                best[end] = best[start] + 1
                break
    return max(0, best[-1])


def romanized_zone(lines: Sequence[EvidenceLine], at: int) -> tuple[str, str]:
    """Return the zone of a line that credits a Chinese outlet in pinyin, and why, else two "".

    Such a line stands under or over the outlet's own headline in Chinese, and prints the time that
    the outlet printed.

    Args:
        lines: lines of the page in their order.
        at: which of them has the time.
    """
    name, _ = stamp_neighbour(lines[at].text)
    if not name or not is_pinyin(name):
        return "", ""
    near = lines[max(0, at - _NEAR) : at + 3]
    headline = next((n.text for n in near if len(_HAN.findall(n.text)) >= _HEADLINE), "")
    if not headline:
        return "", ""
    zone = "Asia/Taipei" if script_of(headline) == "Hant" else "Asia/Shanghai"
    return zone, f"the time of the outlet {name}"
