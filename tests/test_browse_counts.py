"""What pages count, and of what: imports in any order, slips of pages, names, days alone."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from archiving import HOUR, START, article, opened

from scraper.archive import Archive
from scraper.browse.filters import duration, headline, lang_attribute
from scraper.models import Article
from scraper.stories.timeline import StoryArticle, lag
from scraper.stories.wording import describe_lag
from scraper.topics import judge
from tests.test_browse_pages import Browser, text_of

DAY = timedelta(days=1)
WALL = "The harbour of Port Elin reopened on Monday, and {} ships waited outside its long wall."
ELIN = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs to its northern"
    " wall. More than forty ships had waited outside the bay, and some had turned back. The"
    " harbour master Jonas Reet said that the wall would hold for another thirty years."
)


def save(
    archive: Archive,
    title: str,
    text: str,
    at: datetime,
    *,
    url: str = "",
    published: datetime | None = None,
    outlet: str = "Elin Post",
    language: str = "en",
) -> int:
    """Archive an article with the names in it, and return its number."""
    made = Article(
        url=url or f"https://elin.example/{title.replace(' ', '-')}", title=title, text=text,
        outlet=outlet, language=language, published=published,
    )  # fmt: skip
    attempt = article(text, at=at, url=made.url, title=title, made=made)
    recorded = archive.record(replace(attempt, judgement=judge(title, text)))
    assert recorded.article_id is not None
    return recorded.article_id


def found_by(answer: httpx.Response) -> int:
    seen = text_of(answer)
    if "Nothing found" in seen:
        return 0
    (count,) = re.findall(r"([0-9,]+) found", seen)
    return int(count.replace(",", ""))


def name_in(archive: Archive, name: str) -> int:
    return next(entity.id for entity in archive.topics.entities() if entity.name == name)


def test_what_was_imported_before_an_older_capture_is_on_the_front_page(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        save(archive, "Of this year", WALL.format(40), START, published=START - DAY)
        old = START - 900 * DAY
        save(archive, "Of years ago", WALL.format(7), old, published=old)
    seen = text_of(Browser(tmp_path).get("/"))
    assert "Of this year" in seen and "Of years ago" in seen
    assert "last fetch 2026-03-01 08:00" in seen


def test_a_page_of_years_to_come_heads_no_list_and_fills_no_chart(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for number, title in enumerate(("Harbour reopens", "Elin harbour reopens", "Harbour open")):
            save(
                archive, f"{title} with Qwen", f"{ELIN} Qwen reads {number} manifests.",
                START + 7 * number * DAY, outlet=f"Paper {number}",
                published=START + 7 * number * DAY if number else START + 9000 * DAY,
            )  # fmt: skip
        while archive.stories.group_new(START + 30 * DAY).articles:
            pass
        name = name_in(archive, "Qwen")
    browser = Browser(tmp_path)
    assert text_of(browser.get("/-/stories")).count("2050-") == 0
    chart = browser.get(f"/-/name/{name}/coverage.svg").text
    assert "03-09" in chart and "2050" not in chart
    assert browser.get(f"/-/name/{name}/coverage.csv").text.count("2050-") == 1


def narrowing(page: str) -> list[tuple[str, str]]:
    """Return address and count of each value that narrows a search."""
    listed = re.findall(r'href="([^"]+)"(?: class="bar" )?>[^<]* <span class="count">(\d+)<', page)
    drawn = re.findall(r'href="(/-/search[^"]+)" aria-label="[^"]*: (\d+)"', page)
    return [(html.unescape(href), count) for href, count in [*listed, *drawn]]


@pytest.mark.parametrize("years", [0, 30])
def test_each_value_that_narrows_a_search_finds_what_it_counts(tmp_path: Path, years: int) -> None:
    with opened(tmp_path) as archive:
        for number, outlet in enumerate(("Post", "Elin Post", "Post of the Bay", "Post")):
            model = ("Qwen", "Qwen3-8B", "qwen3-8b and Qwen", "Llama")[number]
            save(
                archive, f"Wall {number}", WALL.format(40 + number) + f" They use {model}.",
                START + number * DAY, outlet=outlet,
                published=START - number * (40 + 365 * years // 3) * DAY,
            )  # fmt: skip
    browser = Browser(tmp_path)
    page = browser.get("/-/search?q=harbour").text
    values = narrowing(page)
    assert len(values) > 8
    assert ('aria-label="Articles by year"' in page) == bool(years)
    for href, count in values:
        assert found_by(browser.get(href)) == int(count), href
    assert ("/-/search?q=harbour&outlet=Post&order=relevance", "2") in values
    assert 'Qwen <span class="count">3<' in page


def test_a_search_of_earlier_versions_says_what_its_counts_are_of(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        save(archive, "Wall", WALL.format(40), START)
        save(archive, "Bay", WALL.format(50), START, language="zh")
    browser = Browser(tmp_path)
    assert "counted among current texts" in text_of(browser.get("/-/search?q=wall&versions=1"))
    assert "counted among" not in text_of(browser.get("/-/search?q=wall"))


# Those of a name that more than a thousand articles have are not looked at one by one.
@pytest.mark.parametrize("later", [0, 1_000])
def test_a_name_that_an_edit_put_in_was_not_there_from_the_first(
    later: int, tmp_path: Path
) -> None:
    with opened(tmp_path) as archive:
        text = WALL.format(40)
        early = save(archive, "Early", text, START, published=START)
        named = f"{WALL.format(60)} They use Qwen."
        second = save(archive, "Second", named, START + DAY, published=START + DAY)
        save(archive, "Early", f"{text} They use Qwen.", START + 2 * DAY, published=START)
        save(archive, "Second", WALL.format(60), START + 3 * DAY, published=START + DAY)
        for number in range(later):
            other = f"{WALL.format(100 + number)} They use Qwen {number} times a day."
            save(archive, f"Later {number}", other, START + 4 * DAY, published=START + 4 * DAY)
        name = name_in(archive, "Qwen")
    seen = text_of(Browser(tmp_path).get(f"/-/name/{name}"))
    assert "First here in Elin Post, 2026-03-02 08:00, no longer in its current version" in seen
    page = Browser(tmp_path).get(f"/-/name/{name}").text
    assert f'href="/-/article/{second}?version=1"' in page and f"/-/article/{early}" in page


def test_names_beside_a_name_stand_in_the_same_text(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        both = WALL.format(40) + " They use Qwen and Llama."
        save(archive, "Was with both", both, START)
        one = WALL.format(40) + " They use Llama for the manifests of forty ships."
        save(archive, "Was with both", one, START + DAY)
        save(archive, "Has both", WALL.format(50) + " They use Qwen and Mistral.", START)
        name = name_in(archive, "Qwen")
    page = Browser(tmp_path).get(f"/-/name/{name}").text
    beside = page.split("Named with it")[1].split("</p>")[0]
    assert "Mistral" in beside and "Llama" not in beside


def test_figures_of_a_name_are_those_of_current_texts(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for hours, cost in ((0, 12), (9, 15), (18, 17)):
            text = WALL.format(40) + f" Training Qwen cost {cost} million dollars."
            save(archive, "Cost", text, START + hours * HOUR)
    page = Browser(tmp_path).get("/-/names").text
    (row,) = re.findall(r"<tr><td data-label=\"Name\">.*?</tr>", page, re.DOTALL)
    assert row.endswith('data-label="Figures" class="num">1</td></tr>')


@pytest.mark.parametrize(
    ("hour", "minutes", "shown", "day"),
    [
        (0, 480, "2026-03-05", "2026-03-05"),
        (0, 0, "2026-03-05", "2026-03-05"),
        (0, -300, "2026-03-05", "2026-03-05"),
        (1, 480, "2026-03-04 17:00", "2026-03-04"),
    ],
)
def test_a_day_without_an_hour_is_shown_as_that_day(
    tmp_path: Path, hour: int, minutes: int, shown: str, day: str
) -> None:
    zone = timezone(timedelta(minutes=minutes))
    with opened(tmp_path) as archive:
        number = save(
            archive, "Dated", WALL.format(40), START + 9 * DAY,
            published=datetime(2026, 3, 5, hour, tzinfo=zone),
        )  # fmt: skip
    browser = Browser(tmp_path)
    for path in ("/", "/-/outlet/Elin%20Post", "/-/search?q=harbour"):
        (time,) = re.findall(
            r'<p class="meta">.*?<time[^>]*>([^<]+)</time>', browser.get(path).text
        )
        assert time == shown, path
    assert f'<h2 class="day"><time datetime="{day}">' in browser.get("/").text
    published = re.search("Published ([^A-Z]+)", text_of(browser.get(f"/-/article/{number}")))
    assert published is not None
    assert published[1].split()[0] == "2026-03-05"
    assert (":" in published[1].split(" Version")[0]) == bool(hour)


def test_days_without_an_hour_make_no_day_stand_twice(tmp_path: Path) -> None:
    china = timezone(timedelta(hours=8))
    with opened(tmp_path) as archive:
        times = [
            datetime(2026, 3, 5, 0, tzinfo=china), datetime(2026, 3, 4, 18, tzinfo=UTC),
            datetime(2026, 3, 5, 3, tzinfo=UTC), datetime(2026, 3, 4, 0, tzinfo=china),
        ]  # fmt: skip
        for number, published in enumerate(times):
            save(
                archive, f"Dated {number}", WALL.format(40 + number), START + 9 * DAY,
                published=published,
            )  # fmt: skip
    page = Browser(tmp_path).get("/").text
    assert re.findall(r'<h2 class="day"><time datetime="([^"]+)', page) == [
        "2026-03-05", "2026-03-04",
    ]  # fmt: skip
    assert re.findall(r"Dated \d", page) == ["Dated 2", "Dated 0", "Dated 1", "Dated 3"]


def test_an_edit_before_very_many_new_articles_is_told_at_the_next_visit(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        save(archive, "Wall", WALL.format(40), START)
        save(archive, "Wall", WALL.format(50), START + 9 * HOUR)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        db.executemany(
            "insert into changes (at, kind, page_id, version_id, title) values (?, 'new', 1, 1, ?)",
            [("2026-03-02T08:00:00Z", f"New {n}") for n in range(2100)],
        )
        db.commit()
    page = Browser(tmp_path).get("/", headers={"cookie": "scraper-visit=1-1-1"})
    since = text_of(page).split("Since your last visit")[1].split("Changed by")[0]
    assert "edited" in since and "Nothing was edited" not in since


def test_of_many_reprints_each_is_told_once(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for number in range(7):
            save(
                archive, "Harbour of Port Elin reopens", ELIN, START + number * HOUR,
                url=f"https://p{number}.example/1", outlet=f"Paper {number}",
                published=START + number * HOUR,
            )  # fmt: skip
        while archive.stories.group_new(START + DAY).articles:
            pass
    page = Browser(tmp_path).get("/-/story/1").text
    copies = page.split("Who copied whom")[1]
    assert copies.count(" ← ") == 6
    told = re.findall(r"Paper (\d)</a> ← <a [^>]*>Paper (\d)<", copies)
    assert told == [(str(number), "0") for number in range(1, 7)]


def test_who_may_be_the_first_is_not_called_the_first(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for number in range(2):
            save(
                archive, "Harbour of Port Elin reopens", ELIN, START,
                url=f"https://p{number}.example/1", outlet=f"Paper {number}",
            )  # fmt: skip
        while archive.stories.group_new(START + DAY).articles:
            pass
    page = Browser(tmp_path).get("/-/story/1").text
    assert page.count(">may be first<") == 2 and ">first<" not in page
    assert "↔" in page and "which was first is not known" in text_of(
        Browser(tmp_path).get("/-/story/1")
    )
    assert page.count(">same text<") == 1 and ">copy<" not in page


def test_there_is_an_end_of_stories(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for number in range(2):
            save(
                archive, "Harbour of Port Elin reopens", ELIN, START,
                url=f"https://p{number}.example/1", outlet=f"Paper {number}",
            )  # fmt: skip
        while archive.stories.group_new(START + DAY).articles:
            pass
    beyond = text_of(Browser(tmp_path).get("/-/stories?offset=30"))
    assert "There are no older stories." in beyond and "No two articles" not in beyond


def told(outlet: str, language: str, hour: int) -> StoryArticle:
    at = START + hour * HOUR
    return StoryArticle(
        id=hour, outlet=outlet, title="", url="", language=language, script="", credited="",
        published=at, offset=0, seen=at, nearest=1, probability=1.0, measures={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "words"),
    [((1, 1), "English and Chinese at the same time"), ((1, 4), "Chinese followed English by 3 h")],
)
def test_the_lag_between_languages_in_words(hours: Sequence[int], words: str) -> None:
    found = lag([told("One", "en", hours[0]), told("Two", "zh", hours[1])])
    assert found is not None and describe_lag(found) == words


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(40, "40 s"), (100, "100 s"), (5400, "90 min"), (36 * 3600, "36 h"), (49 * 3600, "2 d")],
)
def test_a_duration_is_no_longer_than_it_was(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_headline_as_long_as_a_text_is_cut_in_lists() -> None:
    assert headline("") == "(no title)" and headline("Wall") == "Wall"
    assert headline("wall " * 900).endswith("wall…") and len(headline("w" * 900)) <= 201


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("ar", ' lang="ar" dir="rtl"'), ("fa-IR", ' lang="fa-IR" dir="rtl"'), ("en", ' lang="en"'),
        ('"><b', ""),
    ],
)  # fmt: skip
def test_text_from_right_to_left_has_its_direction(language: str, attributes: str) -> None:
    assert lang_attribute(language) == attributes


def test_names_are_counted_as_texts_come_and_go(tmp_path: Path) -> None:
    def kept(db: sqlite3.Connection) -> list[tuple[int, int, int]]:
        return db.execute("select * from entity_counts where articles > 0 order by 1").fetchall()

    def counted(db: sqlite3.Connection) -> list[tuple[int, int, int]]:
        return db.execute(
            "select m.entity_id, count(*), sum(m.count) from mentions m join articles a"
            " on a.version_id = m.version_id group by 1 order by 1"
        ).fetchall()

    with opened(tmp_path) as archive:
        both = WALL.format(40) + " They use Qwen and DeepSeek, and Qwen again."
        save(archive, "Both", both, START)
        save(archive, "One", WALL.format(50) + " They use Qwen.", START)
        edited = WALL.format(40) + " They use DeepSeek for the manifests of forty ships."
        save(archive, "Both", edited, START + 9 * HOUR)
        # An old capture becomes a version, and not the current one.
        save(archive, "One", WALL.format(60) + " They use Kimi and Qwen.", START - DAY)
        found = archive.topics.topic(1)
        assert found is not None
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        names = dict(db.execute("select name, articles from entity_list"))
        assert names == {"DeepSeek": 1, "Qwen": 1}
        assert kept(db) == counted(db) and len(kept(db)) == 2
        # The lexicon is applied again; an article goes; a name goes.
        (version,) = db.execute("select version_id from articles where id = 1").fetchone()
        told = db.execute("select * from mentions where version_id = ?", [version]).fetchall()
        db.execute("delete from mentions where version_id = ?", [version])
        assert kept(db) == counted(db) and len(kept(db)) == 1
        db.executemany("insert into mentions values (?, ?, ?, ?, ?, ?, ?)", told)
        assert kept(db) == counted(db) and len(kept(db)) == 2
        db.execute("delete from articles where id = 2")
        assert kept(db) == counted(db) and len(kept(db)) == 1
        db.execute("delete from mentions")
        db.execute("delete from entities")
        assert db.execute("select count(*) from entity_counts").fetchone() == (0,)
