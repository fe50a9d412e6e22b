"""Language and script of a text."""

from __future__ import annotations

import pytest

from scraper.extraction.language import language_of

TEXTS = [
    (
        "The mine was opened in the spring and the town has been full of people from that day on.",
        "en",
        "Latn",
    ),
    (
        "Die Grube wurde im Frühjahr eröffnet, und seit diesem Tag ist die Stadt voll von Leuten.",
        "de",
        "Latn",
    ),
    (
        "La mine a été ouverte au printemps et la ville est pleine de monde depuis ce jour.",
        "fr",
        "Latn",
    ),
    (
        "La mina se abrió en la primavera y el pueblo está lleno de gente desde ese día.",
        "es",
        "Latn",
    ),
    (
        "La miniera è stata aperta in primavera e la città è piena di gente da quel giorno.",
        "it",
        "Latn",
    ),
    ("A mina foi aberta na primavera e a cidade está cheia de gente desde esse dia.", "pt", "Latn"),
    (
        "De mijn werd in het voorjaar geopend en de stad is sinds die dag vol met mensen.",
        "nl",
        "Latn",
    ),
    (
        "Gruvan öppnades i våras och staden har varit full av folk sedan dess, men inte nu.",
        "sv",
        "Latn",
    ),
    (
        "Gruben ble åpnet i vår og byen har vært full av folk siden, men ikke nå.",
        "no",
        "Latn",
    ),
    ("Kaivos avattiin keväällä ja kaupunki on ollut täynnä väkeä siitä lähtien.", "fi", "Latn"),
    (
        "Kopalnia została otwarta wiosną i od tego dnia miasto jest pełne ludzi, ale ciasne.",
        "pl",
        "Latn",
    ),
    (
        "Maden ilkbaharda açıldı ve o günden bu yana kasaba çok kalabalık, ama bir oda bile yok.",
        "tr",
        "Latn",
    ),
    (
        "Tambang itu dibuka pada musim semi dan kota ini penuh dengan orang sejak hari itu.",
        "id",
        "Latn",
    ),
    (
        "Шахта была открыта весной, и с этого дня город полон людей, но мест не хватает на всех.",
        "ru",
        "Cyrl",
    ),
    (
        "Шахту відкрили навесні, і з цього дня місто повне людей, але місць не вистачає для всіх.",
        "uk",
        "Cyrl",
    ),
    ("تم افتتاح المنجم في الربيع ومنذ ذلك اليوم والمدينة مليئة بالناس من كل مكان", "ar", "Arab"),
    ("炭鉱は春に開かれ、その日から町は人でいっぱいになっている。", "ja", "Jpan"),
    ("광산은 봄에 문을 열었고 그날부터 마을은 사람들로 가득 찼다.", "ko", "Kore"),
    ("新矿开采的第一周，镇上的旅馆住满了人，街上的车也多了许多。", "zh", "Hans"),
    ("新礦開採的第一週，鎮上的旅館住滿了人，街上的車也多了許多。", "zh", "Hant"),
]


@pytest.mark.parametrize(("text", "language", "script"), TEXTS, ids=[t[1] + t[2] for t in TEXTS])
def test_language_and_script(text: str, language: str, script: str) -> None:
    assert language_of(text) == (language, script)


def test_a_wrong_hint_does_not_win_against_the_text() -> None:
    text = (
        "Die Grube wurde im Frühjahr eröffnet, und seit diesem Tag ist die Stadt voll von Leuten."
    )
    assert language_of(text, "en-US") == ("de", "Latn")
    assert language_of("新矿开采的第一周，镇上的旅馆住满了人。", "en") == ("zh", "Hans")


def test_the_hint_decides_what_is_too_short_or_too_close() -> None:
    assert language_of("Kino 2025", "de-AT")[0] == "de"
    danish = "Gruben er i byen og det er for alle"
    assert language_of(danish, "da")[0] == "da"
    assert language_of(danish, "nb-NO")[0] == "no"
    assert language_of("山水之下", "zh-TW") == ("zh", "Hant")


def test_chinese_with_english_names_is_chinese() -> None:
    text = "Ledger Mining 与 Hill Works 合作，镇上的 Grand Inn 住满了人。开采的第一周很忙。"
    assert language_of(text) == ("zh", "Hans")


@pytest.mark.parametrize("text", ["", "12345 – 67", "\ud800\x00"])
def test_what_cannot_be_told_is_empty(text: str) -> None:
    assert language_of(text) == ("", "")


def test_a_hint_that_is_no_tag_is_ignored() -> None:
    assert language_of("Kino 2025", "x" * 500) == language_of("Kino 2025", "")
