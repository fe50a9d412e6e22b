"""A byline that the publisher changed under the same text: what counts, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened

from scraper.archive import Archive
from scraper.edits import compare_articles
from scraper.edits.bylines import new_byline
from scraper.extraction import extract
from scraper.models import Article, Candidate


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def signed(*authors: str, origin: str = "meta author", text: str = TEXT, by: str = "1") -> Article:
    chosen = Candidate(field="authors", value="; ".join(authors), origin=origin, chosen=True)
    return Article(
        url=URL,
        title="Harbour reopens",
        text=text,
        authors=authors,
        candidates=(chosen,) if authors else (),
        extractor=by,
    )


def seen(archive: Archive, *records: Article) -> list[str]:
    """Record one visit after the other, each with another page around the text."""
    return [
        archive.record(article(at=START + n * 24 * HOUR, made=made, body=f"<p>{n}")).reason
        for n, made in enumerate(records)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ann Marsh",), ("ANN  MARSH",)),
        (("Ann Marsh", "Bo Lind"), ("Bo Lind", "Ann Marsh")),
        (("Ann Marsh",), ("A. Marsh",)),
        (("Ann B. Marsh",), ("Ann Beth Marsh",)),
        (("Zoë O’Hara",), ("Zoë O'Hara",)),
        (("李 明",), ("李明",)),
        (("張偉",), ("张伟",)),
        ((), ()),
    ],
)
def test_the_same_people(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert new_byline(signed(*one), signed(*other)) is None
    assert new_byline(signed(*other), signed(*one)) is None


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (("Ann Marsh",), ("Bo Lind",), ("Ann Marsh", "Bo Lind")),
        (("Ann Marsh",), ("Ann Marsh", "Bo Lind"), ("Ann Marsh", "Ann Marsh, Bo Lind")),
        (("Ann Marsh",), (), ("Ann Marsh", "")),
        ((), ("李明", "周岚"), ("", "李明、周岚")),
        (("Ann Marsh",), ("Al Marsh",), ("Ann Marsh", "Al Marsh")),
        (("Ann Marsh",), ("Ann Berg",), ("Ann Marsh", "Ann Berg")),
        (("李明",), ("李鸣",), ("李明", "李鸣")),
    ],
)
def test_other_people(one: tuple[str, ...], other: tuple[str, ...], told: tuple[str, str]) -> None:
    assert new_byline(signed(*one), signed(*other)) == told


def test_names_from_another_part_of_the_page_tell_nothing() -> None:
    beside = "element class"
    assert new_byline(signed("Ann Marsh", origin=beside), signed("Bo Lind", origin=beside)) is None
    assert new_byline(signed("Ann Marsh"), signed("Bo Lind", origin="json-ld author")) is None
    assert new_byline(signed("Ann Marsh", origin=beside), signed()) is None


def test_a_new_byline_is_a_version(archive: Archive) -> None:
    assert seen(archive, signed("Ann Marsh"), signed("Bo Lind")) == ["new", "rebylined"]
    first, second = archive.versions(URL)
    assert (second.classes, second.severity, second.current) == (("byline",), 1, True)
    assert (second.added, second.removed) == ("", "")
    assert first.chain != second.chain
    assert archive.find(URL).authors == "Bo Lind"
    assert archive.version(URL, 1).article.authors == ("Ann Marsh",)
    assert [change.kind for change in archive.changes()] == ["new", "rebylined"]


def test_a_byline_that_comes_back_is_a_flap(archive: Archive) -> None:
    ann, bo = signed("Ann Marsh"), signed("Bo Lind")
    # What was there before is held at the first look, and told at the second.
    assert seen(archive, ann, bo, bo, ann, ann, bo, bo) == [
        "new",
        "rebylined",
        "same_text",
        "stale_copy",
        "flap",
        "stale_copy",
        "flap",
    ]
    assert [version.number for version in archive.versions(URL)] == [1, 2]
    assert archive.find(URL).authors == "Bo Lind"


def test_a_text_that_comes_back_under_another_name_is_a_version(archive: Archive) -> None:
    other = signed("Ann Marsh", text=TEXT.replace("3 weeks", "5 weeks", 1))
    reasons = seen(archive, signed("Ann Marsh"), other, signed("Bo Lind"))
    assert reasons == ["new", "edited", "edited"]
    assert archive.versions(URL)[-1].classes == ("number", "byline")


def test_another_extractor_reads_names_elsewhere(archive: Archive) -> None:
    reasons = seen(archive, signed("Ann Marsh"), signed("Bo Lind", by="2"))
    assert reasons == ["new", "same_text"]


def test_text_and_byline_change_together() -> None:
    old, new = signed("Ann Marsh"), replace(signed("Bo Lind"), text=TEXT.replace("Monday", "May"))
    told = compare_articles(old, new)
    assert "byline" in told.classes
    assert told.byline is not None
    assert (told.byline.kind, told.byline.old, told.byline.new) == (
        "replace",
        "Ann Marsh",
        "Bo Lind",
    )
    assert compare_articles(old, signed()).byline is not None


_PAGE = """<!doctype html><html lang="en"><head><title>Harbour reopens</title>{meta}</head><body>
<main><article><h1>Harbour reopens</h1>{byline}{text}</article>
<aside><h3>More from our writers</h3><ul>{beside}</ul></aside></main></body></html>"""
_TEXT = "".join(f"<p>{line} It was quay number {n}.</p>" for n, line in enumerate(TEXT.split("\n")))


def _read(meta: str = "", byline: str = "", beside: str = "") -> Article:
    page = _PAGE.format(meta=meta, byline=byline, text=_TEXT, beside=beside)
    return extract(page.encode(), url=URL)


@pytest.mark.parametrize(
    "form",
    [
        {"meta": '<meta name="author" content="{}">'},
        {"byline": '<header><p class="byline">By {}</p></header>'},
        {
            "meta": '<script type="application/ld+json">{{"@type":"NewsArticle",'
            '"headline":"Harbour reopens","author":{{"@type":"Person","name":"{}"}}}}</script>'
        },
    ],
)
def test_pages_that_name_another_writer(form: dict[str, str]) -> None:
    ann, bo = (
        _read(**{part: text.format(name) for part, text in form.items()})
        for name in ("Ann Marsh", "Bo Lind")
    )
    assert new_byline(ann, bo) == ("Ann Marsh", "Bo Lind")
    assert compare_articles(ann, bo).classes == ("byline",)


def test_writers_of_other_articles_are_not_this_ones() -> None:
    box = '<li><a href="/{0}">Story {0}</a> <span class="author">{1}</span></li>'
    one = _read(beside=box.format(1, "Cem Aydin") + box.format(2, "Dora Weiss"))
    other = _read(beside=box.format(3, "Eve Stone") + box.format(4, "Finn Olsen"))
    assert new_byline(one, other) is None
