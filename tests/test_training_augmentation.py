"""What training makes of a page: the article stays whole, and what is put in comes from others."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.features import squashed
from scraper.extraction.segmentation import segment
from tests.training.augmentation import MAKERS, UNSEEN_MAKERS, Donors, Variant, variants
from tests.training.gold import GoldPage, fold_of

KINDS = ("nameless", "followed", "amid", "twin", *UNSEEN_MAKERS)
PLACES = ("harbour", "bridge", "school", "mill", "tower", "market", "quarry", "station")


def page(number: int) -> GoldPage:
    """Return a page about one place; pages of one site in six share a fold with the first."""
    place = PLACES[number % len(PLACES)]
    paragraphs = [
        f"Paragraph {n} of story {number} says that the {place} will be closed for {n + 2} weeks,"
        f" and that nobody in the town was asked about it before the {place} was measured."
        for n in range(8)
    ]
    body = "".join(f'<p class="text">{text}</p>' for text in paragraphs)
    title = f"The {place} of town {number} is closed"
    markup = (
        f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>"
        f'<div class="story">{body}</div></main><footer>Imprint</footer></body></html>'
    )
    return GoldPage(
        set="en",
        id=str(number),
        site=f"site{number}",
        url="",
        body=markup.encode(),
        text="\n\n".join(paragraphs),
        neutral=(),
        record={"title": title},
    )


PAGES = [page(number) for number in range(60)]
DONORS = Donors(PAGES)


def made_of(kind: str) -> list[tuple[GoldPage, Variant]]:
    return [(one, made) for one in PAGES for _, made in variants(one, DONORS, (kind,))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_made_page_holds_the_article_whole_and_is_made_so_again(kind: str) -> None:
    found = made_of(kind)
    assert len(found) > 20
    assert found == made_of(kind)
    for one, made in found:
        flat = squashed(" ".join(b.text for b in segment(LexborHTMLParser(made.html)).blocks))
        for paragraph in one.text.split("\n\n"):
            assert squashed(paragraph) in flat


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "followed" in kind or "amid" in kind])
def test_what_is_put_into_a_page_comes_from_other_pages_of_its_fold(kind: str) -> None:
    for one, made in made_of(kind):
        strangers = [p for p in PAGES if p is not one and f"of story {p.id} " in made.html]
        assert strangers
        assert {fold_of(p.site) for p in strangers} == {fold_of(one.site)}


def test_a_page_without_names_has_none_that_tell() -> None:
    for kind in ("nameless", "x-nameless"):
        for _, made in made_of(kind):
            assert "story" not in made.html.partition("<body")[2].replace("of story", "")


def test_a_twin_names_the_headings_that_it_adds() -> None:
    told = [made for _, made in made_of("twin") if made.own]
    assert len(told) > 20
    for made in told:
        texts = {squashed(b.text) for b in segment(LexborHTMLParser(made.html)).blocks}
        assert made.own <= texts


def test_the_report_makes_other_pages_than_training() -> None:
    assert not MAKERS.keys() & UNSEEN_MAKERS.keys()
