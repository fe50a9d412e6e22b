"""Bylines in Latin letters: names behind a label, beside a date, alone; houses and accounts."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extraction.metadata import find_metadata
from scraper.models import Article, KeptBlock, RemovedBlock

TITLE = "The ferry stops at noon in winter"
TEXT = (
    "The ferry to the islands has run at noon since the war, and nobody in the harbour can "
    "remember a winter in which it had not. A quick start was made, a project of the port.",
    "Passengers who spoke to the harbour master about prices and service said that it was late.",
)


def page(*lines: str, above: tuple[str, ...] = (), head: str = "") -> Article:
    """Return the metadata of an article with these lines between its headline and its text."""
    rows = [*above, TITLE, *lines, *TEXT]
    body = "".join(f"<h1>{row}</h1>" if row == TITLE else f"<p>{row}</p>" for row in rows)
    tree = LexborHTMLParser(f"<head>{head}</head><body>{body}</body>")
    blocks: list[KeptBlock | RemovedBlock] = []
    for at, row in enumerate(rows):
        if row in TEXT:
            blocks.append(KeptBlock(position=at, place="body > p", text=row))
        else:
            name = "h1" if row == TITLE else "p"
            blocks.append(RemovedBlock(position=at, rule="test", place=f"body > {name}", text=row))
    return find_metadata(tree, blocks=blocks)


@pytest.mark.parametrize("label", ["Written by", "By", "Author:", "Author(s)", "WORDS BY", "Von"])
def test_a_label_in_its_own_line_names_who_stands_in_the_next(label: str) -> None:
    assert page(label, "Dagný Thorvald").authors == ("Dagný Thorvald",)


IN_A_ROW = [
    ("Reporter: Dagný Thorvald Posted on 2025-12-17", ("Dagný Thorvald",)),
    ("Author: Dagný Thorvald Date: December 17, 2025", ("Dagný Thorvald",)),
    ("Published: 17 December 2025 Author: Dagný Thorvald Category: Ports", ("Dagný Thorvald",)),
    ("Words: Dagný Thorvald. Pictures: Bo Fellmark.", ("Dagný Thorvald",)),
    ("Words Dagný Thorvald Photographs Bo Fellmark", ("Dagný Thorvald",)),
    ("Text and photos: Dagný Thorvald", ("Dagný Thorvald",)),
    (
        "Reporting by Dagný Thorvald in Oslo and Bo Fellmark in Bergen; editing by Ann Marsh",
        ("Dagný Thorvald", "Bo Fellmark"),
    ),
    ("Photography by Bo Fellmark", ()),
    ("Edited by Ann Marsh", ()),
]


@pytest.mark.parametrize(("line", "names"), IN_A_ROW)
def test_a_row_of_credits_names_who_wrote(line: str, names: tuple[str, ...]) -> None:
    assert page(line).authors == names


BESIDE_A_DATE = [
    ("Dagný Thorvald Published 17 December 2025", "Dagný Thorvald"),
    ("Dagný Thorvald, Staff Writer — December 17, 2025", "Dagný Thorvald"),
    ("by Dagný Thorvald ● December 23, 2025 ● 6 min read", "Dagný Thorvald"),
    ("Dec. 19, 2025 · Dagný Thorvald on behalf of the Harbour Group", "Dagný Thorvald"),
    ("Dec 26, 2025 • Dagný Thorvald in Project Management", "Dagný Thorvald"),
    ("Dagný Thorvald 17 December 2025", "Dagný Thorvald"),
    ("Dagný van der Thorvald | 17 December 2025", "Dagný van der Thorvald"),
    ("Margaret | 17 December 2025", "Margaret"),
]


@pytest.mark.parametrize(("line", "name"), BESIDE_A_DATE)
def test_a_date_vouches_for_an_uncommon_name(line: str, name: str) -> None:
    assert page(line).authors == (name,)


@pytest.mark.parametrize(
    "line",
    [
        "Harbour Service | 17 December 2025",  # words of the text
        "Politics | 17 December 2025",
        "The Islands | 17 December 2025",
        "December 2025 | 17 December 2025",
        "Quick Start Project | 17 December 2025",
    ],
)
def test_a_section_beside_a_date_is_no_author(line: str) -> None:
    assert page(line).authors == ()


def test_a_name_above_the_headline_needs_a_date_beside_it() -> None:
    assert page(above=("Dec 17, 2025 Dagný Thorvald",)).authors == ("Dagný Thorvald",)
    assert page(above=("Dagný Thorvald",)).authors == ()


def test_an_uncommon_name_alone_needs_a_date_in_the_next_line() -> None:
    assert page("Dagný Thorvald", "17 December 2025").authors == ("Dagný Thorvald",)
    assert page("Dagný Thorvald", "4 min read").authors == ("Dagný Thorvald",)
    assert page("Dagný Thorvald", "Close the window").authors == ()


def test_a_name_with_a_byname_in_brackets_is_kept() -> None:
    head = '<meta name="author" content="Dagný (Dag) Thorvald">'
    assert page(head=head).authors == ("Dagný (Dag) Thorvald",)


def organisation(name: str, kind: str = "Organization") -> str:
    """Return a head whose article declares this author."""
    thing = {"@type": "NewsArticle", "headline": TITLE, "author": {"@type": kind, "name": name}}
    return f'<script type="application/ld+json">{json.dumps(thing)}</script>'


def test_a_house_that_the_page_credits_is_the_author_only_if_nobody_is_named() -> None:
    site = '<meta property="og:site_name" content="Harbour Post">'
    assert page("By Harbour Post", head=site).authors == ("Harbour Post",)
    assert page("Harbour Post", "17 December 2025", head=site).authors == ("Harbour Post",)
    assert page(head=site + organisation("Harbour Post")).authors == ("Harbour Post",)
    assert page("Harbour Post | October 15, 2025", head=site).authors == ("Harbour Post",)
    assert page("Harbour Post - 2025/4/29", head=site).authors == ("Harbour Post",)
    assert page("By Reuters").authors == ("Reuters",)
    named = page("By Dagný Thorvald", head=site + organisation("Harbour Post"))
    assert named.authors == ("Dagný Thorvald",)


def test_a_sites_name_in_the_head_alone_credits_nobody() -> None:
    site = '<meta property="og:site_name" content="Harbour Post">'
    assert page(head=f'{site}<meta name="author" content="Harbour Post">').authors == ()
    assert page("Harbour Post", "Menu", head=site).authors == ()


def test_an_account_behind_by_is_the_author() -> None:
    assert page("by pitman77 | 17 December 2025").authors == ("pitman77",)
    assert page("By the time it left, the quay was empty.").authors == ()


def test_what_an_element_is_marked_to_name_is_the_author_in_whatever_words() -> None:
    def marked(text: str, attributes: str) -> tuple[str, ...]:
        body = f"<h1>{TITLE}</h1><span {attributes}>{text}</span><p>{TEXT[0]}</p>"
        blocks = (
            RemovedBlock(position=0, rule="test", place="body > h1", text=TITLE),
            RemovedBlock(position=1, rule="test", place="body > span", text=text),
            KeptBlock(position=2, place="body > p", text=TEXT[0]),
        )
        return find_metadata(LexborHTMLParser(body), blocks=blocks).authors

    assert marked("Staff Clinician", 'rel="author"') == ("Staff Clinician",)
    assert marked("Staff Clinician", 'class="post-author__name"') == ("Staff Clinician",)
    assert marked("Sign In", 'class="author-box"') == ()
    assert marked("Read all about us: here", 'rel="author"') == ()


def test_a_byline_and_the_head_outvote_who_filed_the_article() -> None:
    filed = organisation("Ann Marsh", "Person")
    meta = '<meta name="author" content="Tom Harding">'
    assert page("By Tom Harding", head=filed + meta).authors == ("Tom Harding",)
    assert page("By Tom Harding", head=filed).authors == ("Ann Marsh",)
