"""Parts of a page: which there are, in which order they are judged, and what is told of them."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.boundaries import scan_parts
from scraper.extraction.content_words import content_words
from scraper.extraction.features import Hints, measure
from scraper.extraction.list_titles import is_list_title, is_numbered
from scraper.extraction.page_parts import SIGNS, Part
from scraper.extraction.segmentation import segment

LEAD = (
    "The harbour council voted on Monday for a second ferry and against the bridge, which engineers"
    " had drawn for eleven years without finding ground that would carry it.",
    "The ferry is to sail every hour between the quay and the island. Council members said that the"
    " bridge would have cost four times as much.",
)
OWN = "Engineers of the council must now find a quay that carries the second ferry and its lorries."
OTHER = "Readers of novels queue since Tuesday before a shop that sells nothing but first editions."


def told(text: str) -> str:
    return f"<p>{text}</p>"


def parts_of(behind: str, *others: str) -> dict[str, Part]:
    """Return the parts of a page by their headlines; those named are judged to be others."""
    page = f"<body><div><h1>A second ferry</h1>{''.join(map(told, LEAD))}{behind}</div></body>"
    s = segment(LexborHTMLParser(page))
    rows = measure(s, Hints(title="A second ferry"))
    found: dict[str, Part] = {}

    def is_other(part: Part) -> bool:
        found[s.blocks[part.head].text] = part
        return s.blocks[part.head].text in others

    cut = scan_parts(s, rows, [True] * len(s.blocks), "", is_other)
    assert cut == {i for name in others if name in found for i in found[name].blocks}
    return found


def sign(part: Part, name: str) -> float:
    return part.signs[SIGNS.index(name)]


def test_each_headline_with_text_below_it_opens_a_part() -> None:
    found = parts_of(
        f"<h2>What comes next</h2>{told(OWN)}<h2>Share</h2>"
        f"<p><b>A shop in the old town</b></p>{told(OTHER)}"
    )
    assert list(found) == ["What comes next", "Share", "A shop in the old town"]
    assert [len(part.blocks) for part in found.values()] == [2, 3, 2]


def test_the_parts_of_another_article_are_not_judged_again() -> None:
    markup = f"<div><h2>A shop</h2>{told(OTHER)}<h3>Its books</h3>{told(OTHER + OTHER)}</div>"
    assert list(parts_of(markup)) == ["A shop", "Its books"]
    assert list(parts_of(markup, "A shop")) == ["A shop"]


def test_what_goes_on_behind_a_box_of_headlines_is_no_part_of_theirs() -> None:
    names = ("A shop opens", "A bell rings", "A gate shuts")
    rail = "".join(f"<div><h3><a href=/{name[2:6]}>{name}</a></h3></div>" for name in names)
    assert parts_of(f"<aside>{rail}</aside>{told(OWN)}") == {}
    # Two headings may be those of an article that begins in a header of its own.
    head = "<header><h2>A shop opens</h2><h3>Its books</h3></header>"
    assert list(parts_of(f"{head}{told(OTHER)}")) == ["A shop opens", "Its books"]


def test_a_part_is_told_by_what_the_article_said_before() -> None:
    found = parts_of(f"<h2>The quay</h2>{told(OWN)}<h2>A shop</h2>{told(OTHER)}")
    own, other = found["The quay"], found["A shop"]
    assert sign(own, "known") > 0.5 > 0.1 > sign(other, "known")


def test_a_part_is_told_by_the_articles_that_were_found_before() -> None:
    again = f"<h2>Its queue</h2>{told(OTHER)}"
    markup = f"<h2>A shop</h2>{told(OTHER)}{again}"
    after_own, after_other = parts_of(markup)["Its queue"], parts_of(markup, "A shop")["Its queue"]
    assert sign(after_own, "known_of_others") == 0
    assert sign(after_other, "known_of_others") == 1
    assert (sign(after_own, "others"), sign(after_other, "others")) == (0, 1)


def test_nothing_is_a_part_before_the_article_has_begun() -> None:
    assert parts_of("") == {}


FERRY = (
    "The second ferry will carry forty lorries and three hundred passengers across the sound, said"
    " the harbour council on Monday, and the first ferry stays.",
    "Engineers want the second ferry to dock beside the old quay, so that passengers walk from one"
    " to the other without getting wet.",
    "Passengers asked at the quay were pleased. The first ferry has been full since Easter, and"
    " lorries wait for an hour.",
)
SHOP = (
    "Marten Hollis opens his shop of first editions at noon, and the queue has been there since"
    " breakfast: novels, mostly, and some atlases.",
    "He buys from widows and from libraries that close. A first edition with a stain sells faster"
    " than a clean one, since people trust stains.",
    "Atlases are bought by travellers who never leave. Hollis keeps one back for himself in every"
    " crate.",
)
OTHER_HEAD = "Queue at a shop of first editions"


def test_a_story_of_its_own_is_told_by_the_words_that_the_article_comes_back_to() -> None:
    found = parts_of(
        f"{''.join(map(told, FERRY))}<h2>The quay of the second ferry</h2>{told(OWN)}"
        f"<h2>{OTHER_HEAD}</h2>{''.join(map(told, SHOP))}"
    )
    own, other = found["The quay of the second ferry"], found[OTHER_HEAD]
    assert (sign(own, "untouched"), sign(other, "untouched")) == (0, 1)
    assert sign(own, "main_shared") > 0.3 > sign(other, "main_shared") == 0
    assert sign(other, "retold") > 0.5


def test_a_ruler_and_a_paragraph_that_goes_back_are_told() -> None:
    lead = "".join(map(told, FERRY))
    found = parts_of(
        f"{lead}<hr><h2>{OTHER_HEAD}</h2>{told(SHOP[0])}<h2>What became of it</h2>{told(SHOP[1])}"
    )
    assert [sign(part, "ruler") for part in found.values()] == [1, 0]
    assert [sign(part, "goes_back") for part in found.values()] == [0, 1]


@pytest.mark.parametrize(
    "title",
    [
        "Nine open models worth your weekend", "10 ways to cool a rack", "Top chips of the year",
        "The river and the racks, part 2: Thirty jobs", "Harbour vote LIVE: council meets",
        "六款值得一試的開源模型", "AI早报：谷村公投", "搬家的档案（下）", "直播：委员会问询",
    ],
)  # fmt: skip
def test_titles_of_lists_series_and_live_reports_are_known(title: str) -> None:
    assert is_list_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "Lab frees the weights of its 40-billion model", "Prices fall by 38 per cent",
        "Chips cost 45% more", "Council votes 412:97 against a dam", "Nobody counts in Lapland",
        "We live beside the river", "三個月後交船", "小村投票否决数据中心",
    ],
)  # fmt: skip
def test_titles_with_amounts_and_times_are_no_lists(title: str) -> None:
    assert not is_list_title(title)


def test_headings_are_numbered_in_several_ways() -> None:
    headings = ("3. Memory", "第二部：三十个岗位", "Part 1: A well", "二、散热", "（一）")
    assert all(map(is_numbered, headings))
    assert not any(map(is_numbered, ("Memory", "三十个岗位", "Partly cloudy", "2026 in review")))


def test_content_words_leave_out_what_any_text_has() -> None:
    assert content_words("There are several rivers, which people have always crossed.") == {
        "river",
        "crossed",
    }
    found = content_words("渡船的班次已经增加，记者表示")
    assert found >= {"渡船", "班次", "增加"}
    assert found.isdisjoint({"船的", "的班", "次已", "已经", "记者", "表示"})
