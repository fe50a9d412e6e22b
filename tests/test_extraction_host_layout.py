"""What a host's confident pages agree on settles its doubtful pages, and touches no other."""

from __future__ import annotations

import random

from scraper.extraction import extract
from scraper.extraction.host_layout import (
    LAYOUT,
    SETTLED_BELOW,
    decide_boxes,
    layout_cuts,
    page_boxes,
    refuted_boxes,
)
from scraper.extraction.learned_boilerplate import footprint
from scraper.models import Article, KeptBlock, Learned, PageFingerprint, RemovedBlock
from tests.storytelling import doubtful_page, page, paragraphs

HOST = "quay.example"
TEXT, TALK = "body > div.main > div.t4 > p", "body > div.main > div.k{} > div.c9 > p"


def article(number: int, *, told: str = TEXT, cut: str = TALK, confidence: float = 0.95) -> Article:
    """Return an article as extracted: three paragraphs at a place, and one that was cut."""
    lines = paragraphs(number, 4)
    place = cut.format(random.Random(number).randrange(99))
    return Article(
        text="\n".join(lines[:3]),
        confidence=confidence,
        kept=tuple(KeptBlock(position=i, place=told, text=t) for i, t in enumerate(lines[:3])),
        removed=(RemovedBlock(position=3, rule="classifier", place=place, text=lines[3]),),
    )


def prints(*articles: Article) -> list[PageFingerprint]:
    return [footprint(one, HOST, page_boxes(one)) for one in articles]


def learned(*articles: Article) -> frozenset[str]:
    last, *others = prints(*articles)
    return frozenset(decide_boxes(last, others))


def test_an_element_beside_three_articles_is_learned_whatever_its_number() -> None:
    assert not learned(article(1), article(2))
    (box,) = learned(article(1), article(2), article(3))
    (named,) = [b for b in page_boxes(article(1)) if b.signature == box]
    assert (named.place, named.kept) == ("body > div.main > div.k0 > div.c0", False)


def test_doubtful_pages_teach_nothing() -> None:
    assert page_boxes(article(1, confidence=0.7)) == ()
    assert not learned(article(1), article(2), article(3, confidence=0.7))


def test_reprints_of_one_article_count_once() -> None:
    assert not learned(article(1), article(1), article(1))


def test_links_in_a_list_within_the_body_are_never_learned() -> None:
    inside = "body > div.main > div.t4 > ul > li"
    assert not learned(*(article(n, cut=inside) for n in range(4)))


def test_an_element_that_holds_a_fourth_article_is_not_learned() -> None:
    beside = [article(n) for n in range(3)]
    within = [article(n, told=TALK.format(1), cut=TEXT) for n in (8, 9)]
    assert len(learned(*beside, within[0])) == 1
    assert not learned(*beside, *within)


def test_a_text_from_data_is_no_witness() -> None:
    made = article(1, told="json-ld")
    assert page_boxes(made) == ()


def test_what_is_known_is_not_decided_again() -> None:
    last, *others = prints(article(1), article(2), article(3))
    assert not decide_boxes(last, others, known=decide_boxes(last, others))


def test_a_changed_layout_is_noticed() -> None:
    before = prints(*(article(n) for n in range(3)))
    known = frozenset(decide_boxes(before[0], before[1:]))
    after = prints(*(article(n, told=TALK.format(n), cut="body > p") for n in range(10, 13)))
    assert not refuted_boxes(before[0], before[1:], known)
    assert not refuted_boxes(after[0], before, known)
    assert refuted_boxes(after[1], [after[0], *before], known) == known


def test_a_layout_never_cuts_all_prose() -> None:
    boxes = learned(article(1), article(2), article(3))
    line = paragraphs(7, 1)[0]
    talk = [KeptBlock(position=i, place=TALK.format(i), text=line) for i in range(2)]
    head = KeptBlock(position=9, place=TEXT, text="By our own reporter")
    known = Learned(host=HOST, boxes=boxes)
    assert not layout_cuts([*talk, head], known)
    body = KeptBlock(position=10, place=TEXT, text=line)
    assert layout_cuts([*talk, head, body], known) == {0, 1}


def test_a_doubtful_page_is_settled_and_says_by_what() -> None:
    body, comments = doubtful_page()
    alone = extract(body)
    settled = extract(body, learned=Learned(host=HOST, boxes=frozenset((comments.signature,))))
    gone = [b for b in settled.removed if b.rule == LAYOUT + HOST]
    assert gone and {b.position for b in gone} <= {b.position for b in alone.kept}
    assert all("div.k7" in b.place for b in gone)
    assert not any("div.k7" in b.place for b in settled.kept)
    assert [b.text for b in settled.kept] == [b.text for b in alone.kept if "div.t4" in b.place]
    assert settled.confidence == alone.confidence
    assert settled.extractor != alone.extractor


def test_a_confident_page_is_left_alone() -> None:
    alone = extract(page(1))
    assert alone.confidence is not None and alone.confidence >= SETTLED_BELOW
    body = frozenset(box.signature for box in page_boxes(alone))
    assert extract(page(1), learned=Learned(host=HOST, boxes=body)).text == alone.text
