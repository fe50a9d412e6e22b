"""How far a text can be believed: told lower where a page is hard to read, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.extraction import confidence, extract
from scraper.extraction.confidence import SIGNS, default_confidence, load_confidence
from scraper.models import Article
from scraper.pipeline.parse import join_pages

STORY = (
    "The lighthouse at Kettle Point was switched on again on Friday after nine years of darkness.",
    "Its keeper, a retired teacher named Odile Farrow, climbed the 214 steps with a lantern.",
    "“We had the money for the lamp long ago,” she said, “but nobody could grind the glass.”",
    "The lens came from a workshop in Brindle, where two brothers still cut prisms by hand.",
    "Fishermen say that the beam can be seen from the outer bank, eleven miles from the shore.",
    "The county pays for the current; the village has promised to paint the tower every spring.",
    "On the first evening some four hundred people stood on the beach until the light had turned.",
)


def page(body: str) -> bytes:
    title = "The lighthouse burns again"
    menu = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("News", "Sea", "Town"))
    return (
        f"<html><head><title>{title}</title></head><body><nav><ul>{menu}</ul></nav><main>"
        f"<article><h1>{title}</h1>{body}</article></main><footer>About us</footer></body></html>"
    ).encode()


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def confidence_of(body: str) -> float:
    told = extract(page(body)).confidence
    assert told is not None
    return told


def test_a_plain_article_is_believed() -> None:
    article = extract(page(paragraphs(STORY)))
    assert set(STORY) <= set(article.text.splitlines())
    assert article.confidence is not None and article.confidence >= 0.8


def test_a_page_of_many_small_texts_is_believed_less() -> None:
    cards = "".join(
        f"<div class=card><a href='/s/{n}'>{text[:40]}</a><span>{text}</span><div>{n} shares</div>"
        f"<div>{text[10:60]}</div></div>"
        for n, text in enumerate(STORY * 2)
    )
    body = f"<p>{STORY[0]}</p>{cards}"
    assert confidence_of(body) < confidence_of(paragraphs(STORY))
    assert extract(page(body)).doubts


def test_doubts_are_phrases_of_signs_few_and_each_once() -> None:
    known = {sign.phrase for sign in SIGNS if sign.phrase}
    cards = "".join(
        f"<div><a href='/{n}'>{t[:30]}</a><p>{t}</p></div>" for n, t in enumerate(STORY)
    )
    doubts = extract(page(cards)).doubts
    assert set(doubts) <= known
    assert len(doubts) == len(set(doubts)) <= 3


def test_what_is_told_rises_with_the_trees_and_is_never_certain() -> None:
    told = default_confidence().told
    assert list(told) == sorted(told)
    assert 0 < told[0] < told[-1] < 1


def test_an_article_of_several_pages_is_as_doubtful_as_its_worst() -> None:
    first = Article(text="one", confidence=0.9)
    parts = [replace(first, text="two", confidence=0.4, doubts=("why",)), Article(text="three")]
    joined = join_pages(first, parts)
    assert (joined.confidence, joined.doubts) == (0.4, ("why",))
    assert join_pages(Article(text="one"), [Article(text="two")]).confidence is None


def test_a_model_of_other_signs_is_refused() -> None:
    raw = json.loads(Path(confidence.__file__).with_name("confidence.json").read_text("utf-8"))
    raw["features"][0] = "another"
    with pytest.raises(ValueError, match=r"python -m tests\.training --confidence"):
        load_confidence(raw)
