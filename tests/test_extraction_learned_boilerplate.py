"""What a host's pages have in common is learned; what an article says is never taken for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scraper.extraction import extract, extractor_version
from scraper.extraction.boilerplate_rules import load_rules
from scraper.extraction.learned_boilerplate import (
    decide,
    footprint,
    learned_cuts,
    same_article,
    signatures,
)
from scraper.models import Article, KeptBlock, Learned, PageFingerprint, RemovedBlock
from tests.storytelling import MOTTO, page, paragraphs

HOST = "quay.example"
BODY = "body > main > article > div.text > p"
FOOT = "body > main > div.foot > p"


def article(number: int, *extra: tuple[str, str], prose: int = 6) -> Article:
    """An article of its own, with further blocks at its end."""
    blocks = [(BODY, text) for text in paragraphs(number, prose)] + list(extra)
    return Article(
        text="\n".join(text for _, text in blocks),
        kept=tuple(KeptBlock(position=i, place=p, text=t) for i, (p, t) in enumerate(blocks)),
    )


def prints(*articles: Article) -> list[PageFingerprint]:
    return [footprint(a, HOST) for a in articles]


def proved(*articles: Article, known: frozenset[str] = frozenset()) -> set[str]:
    """The texts of the last article's blocks that the others prove to be boilerplate."""
    *others, last = prints(*articles)
    found = decide(last, others, known)
    return {b.text for b in last.blocks if not found.keys().isdisjoint(b.signatures)}


def learned_from(*texts: tuple[str, str]) -> Learned:
    found = frozenset(s for place, text in texts for s in signatures(place, text))
    return Learned(host=HOST, signatures=found)


def kept(*blocks: tuple[str, str]) -> list[KeptBlock]:
    return [KeptBlock(position=i, place=p, text=t) for i, (p, t) in enumerate(blocks)]


# What is learned


def test_a_line_on_four_articles_is_learned() -> None:
    assert proved(*(article(n, (FOOT, MOTTO)) for n in range(3))) == set()
    assert proved(*(article(n, (FOOT, MOTTO)) for n in range(4))) == {MOTTO}


def test_the_count_says_on_how_many_articles() -> None:
    *others, last = prints(*(article(n, (FOOT, MOTTO)) for n in range(6)))
    assert set(decide(last, others).values()) == {6}


def test_one_text_in_several_places_is_learned() -> None:
    places = [f"body > div.v{letter} > p" for letter in "abcd"]
    assert proved(*(article(n, (p, MOTTO)) for n, p in enumerate(places))) == {MOTTO}


@pytest.mark.parametrize(
    "lines",
    [
        [f"Updated on {day} March 2026 at {day}:15 pm, readers' desk" for day in (3, 11, 17, 28)],
        [
            f"Sent to print on {day}, the paper's 9{n} edition"
            for n, day in enumerate(
                ("Monday 3 May", "Friday 1 June", "Sunday 7 July", "Tuesday 4 August")
            )
        ],
        [f"本报编辑部2026年{m}月1{m}日上午排印，第{m}版" for m in (1, 2, 3, 4)],
        [
            f"責任校對第{n}組，{day}付印"
            for n, day in enumerate(("星期一", "週二", "周三", "星期日"))
        ],
    ],
    ids=["date", "weekday and month", "Hans", "Hant"],
)
def test_a_slot_of_the_template_is_learned(lines: list[str]) -> None:
    assert proved(*(article(n, (FOOT, line)) for n, line in enumerate(lines))) == {lines[-1]}
    # Elsewhere in the page the same words with other figures are another thing.
    places = [FOOT, FOOT, "body > aside > p", BODY]
    assert proved(*(article(n, (places[n], line)) for n, line in enumerate(lines))) == set()


def test_what_few_of_the_recent_articles_show_is_not_learned() -> None:
    with_line = [article(n, (FOOT, MOTTO)) for n in range(4)]
    assert proved(*(article(n) for n in range(100, 109)), *with_line) == {MOTTO}
    assert proved(*(article(n) for n in range(100, 110)), *with_line) == set()


def test_reprints_of_one_article_count_once() -> None:
    whole = paragraphs(1)
    copies = []
    for n in range(6):
        # Each lacks another paragraph and has a line of its own.
        texts = [t for i, t in enumerate(whole) if i != n % 5] + [f"Printed for reader {n}."]
        blocks = kept(*((BODY, t) for t in texts), (FOOT, MOTTO))
        copies.append(Article(text="\n".join(texts), kept=tuple(blocks)))
    assert proved(*copies) == set()
    assert proved(*copies, *(article(n, (FOOT, MOTTO)) for n in (7, 8))) == set()
    assert proved(*copies, *(article(n, (FOOT, MOTTO)) for n in (7, 8, 9))) == {MOTTO}


def test_pages_of_nothing_but_the_frame_teach_nothing() -> None:
    notice = "This page can be read by subscribers of the printed edition only, with their number."
    pages = [Article(text=notice, kept=tuple(kept((BODY, notice)))) for _ in range(6)]
    assert proved(*pages) == set()


def test_a_list_that_fills_one_slot_many_times_is_no_slot() -> None:
    def calendar(n: int) -> Article:
        return article(n, *((FOOT, f"On {d} May {1990 + n} the lock opens") for d in range(3)))

    assert proved(*(calendar(n) for n in range(6))) == set()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (BODY, "Yes."),
        (BODY, "问："),
        (BODY, "12.5%"),
        ("body > table > tr > td", "Net income"),
        (BODY, "A long paragraph. " * 20),
    ],
)
def test_what_says_too_little_or_too_much_has_no_signature(place: str, text: str) -> None:
    assert signatures(place, text) == ()


def test_a_rule_does_not_undo_itself() -> None:
    cut = RemovedBlock(position=9, rule=f"learned:{HOST}", place=FOOT, text=MOTTO)
    other = replace(cut, rule="classifier")
    assert (
        footprint(replace(article(1), removed=(cut,)), HOST).signatures
        > footprint(article(1), HOST).signatures
    )
    assert footprint(replace(article(1), removed=(other,)), HOST) == footprint(article(1), HOST)


def test_what_is_settled_is_not_decided_again() -> None:
    articles = [article(n, (FOOT, MOTTO)) for n in range(5)]
    assert proved(*articles, known=frozenset(signatures(FOOT, MOTTO))) == set()


def test_articles_on_one_topic_are_not_one_article() -> None:
    one, other = paragraphs(1), paragraphs(2)
    mixed = Article(text="\n".join([*other, one[2]]))
    sketches = [footprint(a, HOST).sketch for a in (Article(text="\n".join(one)), mixed)]
    assert not same_article(*sketches)
    assert not same_article(frozenset(), frozenset())


# What is cut


def test_a_learned_line_is_cut_at_the_end_and_at_the_head() -> None:
    body = [(BODY, text) for text in paragraphs(1)]
    learned = learned_from((BODY, MOTTO), (FOOT, "A paper for the harbour"))
    blocks = kept((FOOT, "A paper for the harbour"), *body, (BODY, MOTTO))
    assert learned_cuts(blocks, learned) == {0, len(blocks) - 1}
    assert learned_cuts(blocks, Learned(host=HOST)) == frozenset()


def test_the_lead_is_never_cut() -> None:
    lead, *rest = [(BODY, text) for text in paragraphs(1)]
    assert learned_cuts(kept((FOOT, "Harbour"), lead, *rest), learned_from(lead)) == frozenset()
    short = [(BODY, "The lock is shut."), (BODY, "It opens at six."), (BODY, "So the pilots say.")]
    assert learned_cuts(kept(*short), learned_from(short[2])) == frozenset()


def test_never_more_than_half_is_cut() -> None:
    body = [(BODY, f"{text[:90]:x<90}.") for text in paragraphs(1, 6)]
    assert learned_cuts(kept(*body), learned_from(*body[3:])) == {3, 4, 5}
    assert learned_cuts(kept(*body), learned_from(*body[2:])) == frozenset()


def test_background_amid_the_story_is_not_cut() -> None:
    body = [(BODY, text) for text in paragraphs(1)]
    background = (BODY, "The port authority, founded in 1911, runs nine basins and one dry dock.")
    advert = (BODY, "Advertisement")
    aside = ("body > main > aside > p", background[1])
    learned = learned_from(background, advert)
    assert learned_cuts(kept(*body[:3], background, *body[3:]), learned) == frozenset()
    assert learned_cuts(kept(*body[:3], advert, *body[3:]), learned) == {3}
    assert learned_cuts(kept(*body[:3], aside, *body[3:]), learned) == {3}


def test_a_heading_is_cut_only_with_its_section() -> None:
    body = [(BODY, text) for text in paragraphs(1)]
    head = ("body > main > article > h2", "Why it matters")
    learned = learned_from(head, (FOOT, MOTTO))
    assert learned_cuts(kept(*body[:2], head, *body[2:]), learned) == frozenset()
    assert learned_cuts(kept(*body, head, (FOOT, MOTTO)), learned) == {len(body), len(body) + 1}


# In the whole of extraction


def test_extract_records_what_it_cuts_for_a_host() -> None:
    raw = page(1, tail=f"<p>{MOTTO}</p>")
    plain = extract(raw, f"http://{HOST}/1")
    assert plain.text.splitlines()[-1] == MOTTO
    place = plain.kept[-1].place
    clean = extract(raw, f"http://{HOST}/1", learned=learned_from((place, MOTTO)))
    assert clean.text == "\n".join(plain.text.splitlines()[:-1])
    assert MOTTO not in clean.markdown
    (cut,) = [r for r in clean.removed if r.rule == f"learned:{HOST}"]
    assert (cut.text, cut.place) == (MOTTO, place)
    positions = [block.position for block in clean.removed]
    assert positions == sorted(positions)


def test_a_text_from_data_is_cut_too() -> None:
    body = "\\n".join([*paragraphs(1), MOTTO])
    raw = (
        '<html><head><title>T</title><script type="application/ld+json">'
        f'{{"@type": "NewsArticle", "articleBody": "{body}"}}</script></head>'
        "<body><p>Loading.</p></body></html>"
    ).encode()
    plain = extract(raw, f"http://{HOST}/1")
    assert plain.text.splitlines()[-1] == MOTTO
    clean = extract(raw, f"http://{HOST}/1", learned=learned_from(("json-ld", MOTTO)))
    assert clean.text.splitlines() == list(paragraphs(1))


def test_the_version_names_all_that_an_article_hangs_on(tmp_path: Path) -> None:
    base = extractor_version()
    assert extract(page(1), f"http://{HOST}/1").extractor == base
    rules = tmp_path / "rules.toml"
    versions = {base}
    for pattern in ("^Ahoy", "^Ahoy there", "^(?:" + "a" * 300 + ")", "^(?:" + "a" * 301 + ")"):
        rules.write_text(f'[[line]]\nname = "a"\npattern = "{pattern}"\n')
        versions.add(extractor_version(rules=load_rules(rules)))
    rules.write_text('[[caption]]\nname = "a"\nnames = ["legend"]\n')
    versions.add(extractor_version(rules=load_rules(rules)))
    for learned in (learned_from((FOOT, MOTTO)), learned_from((FOOT, MOTTO), (FOOT, "Another"))):
        versions.add(extractor_version(learned=learned))
    assert len(versions) == 8
    assert extractor_version(learned=Learned(host=HOST)) == base
