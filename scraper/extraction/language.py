"""Which language and script a text is in: offline, by script and by the commonest small words."""

from __future__ import annotations

import re
from typing import Final

from scraper.text.chinese import script_of
from scraper.text.patterns import lazy_compile

__all__ = ["language_of"]

_SAMPLE: Final = 4_000

# Ranges of letters, with the ISO 15924 code of the script.
_SCRIPTS: Final = {
    "Hani": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Kana": "\u3041-\u3096\u30a1-\u30fa",
    "Kore": "\uac00-\ud7a3\u1100-\u11ff",
    "Cyrl": "\u0400-\u052f",
    "Arab": "\u0620-\u06ff\u0750-\u077f",
    "Hebr": "\u05d0-\u05ea",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Thai": "\u0e01-\u0e5b",
    "Deva": "\u0904-\u0939\u0958-\u097f",
    "Beng": "\u0985-\u09ff",
    "Taml": "\u0b83-\u0bff",
    "Geor": "\u10a0-\u10ff",
    "Armn": "\u0531-\u058f",
    "Latn": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
_LETTERS: Final = tuple((name, lazy_compile(f"[{span}]+")) for name, span in _SCRIPTS.items())
# Scripts that (nearly) one language of the news is written in.
_LANGUAGES: Final = {
    "Kore": "ko", "Hebr": "he", "Grek": "el", "Thai": "th", "Deva": "hi", "Beng": "bn",
    "Taml": "ta", "Geor": "ka", "Armn": "hy",
}  # fmt: skip
# A Han or Hangul character says about as much as two letters.
_WEIGHT: Final = {"Hani": 2.5, "Kana": 2.0, "Kore": 2.0}

_SMALL_WORDS: Final = {
    "en": "the of and to in is that for it with as was on are by this be from at have or an "
    "you which",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als "
    "auch es an werden",
    "fr": "le la les de des et à en un une du que est pour dans qui par sur au pas plus ce "
    "avec son sont",
    "es": "el la los las de y que en un una del se por con para su al es lo como más pero "
    "sus este ha",
    "it": "il la le di e che in un una del della per con non si da sono al come dei nel alla "
    "più ha gli",
    "pt": "o a os as de e que em um uma do da para com não se por mais dos no na é ao foi pelo são",
    "nl": "de het een van en in is dat op te voor met zijn die niet aan er om ook als bij "
    "door naar uit worden",
    "sv": "och att det i en som är av på för med den till inte har de ett om var från men så kan",
    "da": "og at det i en er som af på for med den til ikke har de et om var fra der blev "
    "efter også",
    "no": "og at det i en er som av på for med den til ikke har de et om var fra jeg ble "
    "etter også seg",
    "fi": "ja on ei että se oli hän joka ovat mutta myös kun niin mukaan kuin sen ole jo "
    "vain tai vuonna",
    "pl": "i w na z do że się nie jest to o jak za od po dla przez są był które ma oraz ale",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi en ne kadar sonra olduğu var "
    "ise ancak",
    "id": "yang dan di dengan untuk dari pada ini itu dalam tidak akan adalah ke oleh juga "
    "sebagai telah karena",
    "ms": "yang dan di dengan untuk dari pada ini itu dalam tidak akan ialah ke oleh juga "
    "sebagai telah kerana",
    "vi": "và của là có được trong cho các một những không với người đã này khi để về từ đến",
    "cs": "a v se na je že s z o do to i pro ale jako jsou by jeho od po které byl jsem podle",
    "sk": "a v sa na je že s z o do to aj pre ale ako sú by jeho od po ktoré bol som podľa",
    "hu": "a az és hogy nem is egy volt de van meg csak már mint ez kell még vagy azt el",
    "ro": "și de în la a cu pe din pentru că nu este o care un mai au fost sunt prin ca",
    "ca": "el la els les de i que en un una del per amb no és al com més va dels pel són",
    "hr": "i je u na se da su za od s koji kako bi ali ne to nije što će ili bio",
    "lt": "ir kad į su buvo tai yra iš bet kaip jau apie ne po už dėl dar tik",
    "is": "og að í á er sem það var um til við með en ekki fyrir hann af",
}  # fmt: skip
_CYRILLIC: Final = {
    "ru": "и в не на что с он по как это из за от для был его но к у о",
    "uk": "і в не на що з та до як це за від для був його але й у про є",
    "bg": "и в не на че с се от за да е по са това към като ще но",
    "sr": "и у не на да је се од за су са као који што би али ће",
    "be": "і ў не на што з да як гэта за ад для быў яго але у пра",
    "mk": "и во не на дека со се од за да е по ќе како што",
}
_ARABIC: Final = {
    "ar": "في من على إلى أن عن مع التي الذي هذا ما لا كان هذه",
    "fa": "و در به از که این را با است برای آن می تا یک",
    "ur": "کے کی میں ہے اور سے کا کو نے پر کہ یہ ہیں",
}


def _counted(table: dict[str, str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return word → languages; a word that several share counts less for each."""
    spread: dict[str, list[str]] = {}
    for language, words in table.items():
        for word in words.split():
            spread.setdefault(word, []).append(language)
    return {
        word: tuple((language, 1 / len(shared) ** 0.5) for language in shared)
        for word, shared in spread.items()
    }


_TABLES: Final = {
    "Latn": _counted(_SMALL_WORDS), "Cyrl": _counted(_CYRILLIC), "Arab": _counted(_ARABIC),
}  # fmt: skip
_WORD = lazy_compile(r"[^\W\d_]+")
# Latin letters with all that stands between words in most scripts.
_LATIN = lazy_compile("[\x00-\u024f\u1e00-\u1eff\u2000-\u206f\u3000-\u3003]+")


def _by_words(text: str, script: str, hint: str) -> str:
    """Return the language whose small words a text uses most; the hint decides what is close."""
    table = _TABLES[script]
    scores: dict[str, float] = {}
    words = _WORD.findall(text.lower())
    for word in words:
        for language, worth in table.get(word, ()):
            scores[language] = scores.get(language, 0.0) + worth
    if hint in ("nb", "nn"):
        hint = "no"
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
    # Headlines and lists hold few small words: then the page's own word is the best there is.
    if not ranked or ranked[0][1] < max(2.0, len(words) * 0.04):
        return hint if hint in scores or not ranked else ranked[0][0]
    if hint and scores.get(hint, 0.0) >= 0.8 * ranked[0][1]:
        return hint
    return ranked[0][0]


def language_of(text: str, hint: str = "") -> tuple[str, str]:
    """Return language and script of a text.

    Args:
        text: the text; its first thousands of characters are read.
        hint: ``lang`` of the page: it decides between close languages and for short texts only.

    Returns:
        BCP 47 primary language (``zh``, ``en``) and script: ``Hans``, ``Hant`` or ``mixed`` for
        Chinese, else the ISO 15924 code (``Latn``, ``Cyrl``, ``Jpan``, ``Kore``); "" for what
        can't be told.
    """
    sample = text[:_SAMPLE]
    primary = hint.lower().replace("_", "-").split("-")[0]
    primary = primary if re.fullmatch("[a-z]{2,3}", primary) else ""
    if len(_LATIN.sub("", sample)) < 0.1 * len(sample) and _WORD.search(sample):
        return _by_words(sample, "Latn", primary), "Latn"
    amounts = {
        name: sum(map(len, pattern.findall(sample))) * _WEIGHT.get(name, 1.0)
        for name, pattern in _LETTERS
    }
    script = max(amounts, key=lambda name: amounts[name])
    if not amounts[script]:
        return "", ""
    east = amounts["Hani"] + amounts["Kana"]
    if script in ("Hani", "Kana") and amounts["Kana"] > 0.1 * east:
        return "ja", "Jpan"
    if script == "Hani":
        return "zh", script_of(text[: 4 * _SAMPLE]) or _hinted_script(hint)
    if script in _TABLES:
        return _by_words(sample, script, primary), script
    return _LANGUAGES.get(script, primary), script


def _hinted_script(hint: str) -> str:
    tag = hint.lower().replace("_", "-")
    if "hant" in tag or tag.endswith(("-tw", "-hk", "-mo")):
        return "Hant"
    return "Hans" if "hans" in tag or tag.endswith(("-cn", "-sg")) else ""
