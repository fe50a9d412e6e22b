"""The way through the pages: front page by story and day, stories, filters, feeds, last visit."""

from __future__ import annotations

import html
import json
import random
import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from archiving import HOUR, START, article, failed, opened

from scraper.archive import Archive
from scraper.browse import serve
from scraper.browse.charts import lines_by_week
from scraper.browse.comparisons import Comparisons
from scraper.browse.last_visit import PAUSE, read_visit
from scraper.coverage.advice import ADVICE
from scraper.errors import (
    DISCOVER_CLASSES,
    EXTRACT_CLASSES,
    FETCH_CLASSES,
    HELD_CLASSES,
    ErrorClass,
    UsageError,
)
from scraper.exchange.bundle import bundle_of
from scraper.exchange.bundle_check import check_bundle
from scraper.models import Article, RemovedBlock, Source
from scraper.pipeline.quotes import read_quotes
from scraper.topics import judge
from scraper.topics.lexicon import default_lexicon
from tests.test_browse_pages import Browser, fill, text_of

ATOM = "{http://www.w3.org/2005/Atom}"
ELIN = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs to its northern"
    " wall. More than forty ships had waited outside the bay, and some had turned back. The"
    " harbour master Jonas Reet said that the wall would hold for another thirty years."
)
BREK = (
    "Parliament of Vesland elected Tomas Brek as its speaker by two votes on Tuesday. Brek, a"
    " former judge, promised shorter sessions and a register of gifts. The opposition walked out."
)
LONG = "\n".join(
    f"Paragraph {n} of the guide tells what a sluice keeper does in May." for n in range(99)
)


def save(
    archive: Archive, number: int, title: str, text: str, outlet: str, at: datetime, **more: object
) -> int:
    url = f"https://{outlet.lower().replace(' ', '')}.example/{number}"
    values: dict[str, object] = {"language": "en", "script": "Latn", "published": at, **more}
    made = Article(url=url, title=title, text=text, outlet=outlet, **values)  # type: ignore[arg-type]
    return int(archive.record(article(text, at=at, url=url, title=title, made=made)).article_id)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story of two outlets, one alone, an edit, and a long guide with a cut block."""
    path = tmp_path_factory.mktemp("archive")
    with opened(path) as archive:
        save(archive, 1, "Harbour of Port Elin reopens", ELIN, "Elin Post", START)
        save(archive, 2, "Port Elin harbour reopens", ELIN, "Coast News", START + HOUR)
        save(archive, 3, "Vesland elects Tomas Brek", BREK, "Vesland Today", START - 30 * HOUR)
        cut = RemovedBlock(position=3, rule="advert", place="div", text="Buy a boat today")
        save(
            archive, 4, "What a sluice keeper does", LONG, "Elin Post", START - 60 * HOUR,
            removed=(cut,),
            markdown="\n\n".join(f"## Part {n}\n\n{LONG[900 * n :][:900]}" for n in range(7)),
        )  # fmt: skip
        edited = BREK.replace("two votes", "three votes")
        save(
            archive, 3, "Vesland elects Tomas Brek", edited, "Vesland Today", START + 2 * HOUR,
            published=START - 30 * HOUR,
        )  # fmt: skip
        while archive.stories.group_new(START + timedelta(days=1)).articles:
            pass
    return path


@pytest.fixture(scope="module")
def browser(folder: Path) -> Browser:
    return Browser(folder)


def test_the_front_page_shows_a_story_once_under_its_latest_day(browser: Browser) -> None:
    page = browser.get("/")
    assert page.text.count('href="/-/story/1"') >= 1
    days = [
        piece.split('"')[0] for piece in page.text.split('<h2 class="day"><time datetime="')[1:]
    ]
    assert days == sorted(days, reverse=True) and len(days) == len(set(days)) >= 3
    seen = text_of(page)
    assert "story of 2" in seen and "Coast News · Elin Post" in seen
    assert page.text.count(">Harbour of Port Elin reopens</a>") == 1


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("changed=1", "Vesland elects", "sluice keeper"),
        ("outlet=Elin+Post", "sluice keeper", "Vesland elects"),
        ("lang=zh", "No article matches these filters", "Vesland elects Tomas Brek</a></h3>"),
        ("gone=1", "No article matches these filters", "sluice"),
        ("lang=en&changed=1", "Vesland elects", "sluice keeper"),
        ("topic=x&lang=", "Vesland elects", "No article"),
    ],
)
def test_filters_of_the_front_page(browser: Browser, query: str, shown: str, hidden: str) -> None:
    page = browser.get(f"/?{query}").text.split("<aside>")[0]
    assert shown in page
    assert hidden not in page


def test_older_pages_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for n in range(130):
            text = f"Report {n} of the harbour tells what {n * 7 + 1} ships brought in that week."
            save(archive, n, f"Report {n}", text, "Elin Post", START + n * HOUR)
    browser = Browser(tmp_path / "archive")

    def titles(path: str) -> tuple[list[str], dict[str, str]]:
        """Return what a page shows, and the pages that it leads to by their relation."""
        page = browser.get(path).text.split("<aside>")[0]
        links = re.findall(r'href="([^"]+)" rel="(next|prev)"', page)
        found = re.findall(r">(Report [0-9]+)</a></h3>", page)
        return found, {relation: html.unescape(href) for href, relation in links}

    path, pages = "/", []
    while path:
        shown, links = titles(path)
        pages.append(shown)
        path, last = links.get("next", ""), path
    found = [title for page in pages for title in page]
    assert found == [f"Report {n}" for n in reversed(range(130))]
    # The same pages on the way back.
    back, path = [], last
    while path:
        shown, links = titles(path)
        back.append(shown)
        path = links.get("prev", "")
    assert back == pages[::-1] and len(back) == 3


def test_a_story_page_says_who_was_first_and_who_copied(browser: Browser) -> None:
    page = browser.get("/-/story/1")
    seen = text_of(page)
    assert "2 articles of 2 outlets" in seen
    assert "First to reportElin Post" in seen.replace("First to report Elin", "First to reportElin")
    assert "Coast News ← Elin Post" in seen and "reprint" in seen
    assert browser.get("/-/story/99").status_code == 404
    assert "Harbour of Port Elin reopens" in text_of(browser.get("/-/stories"))


def test_a_merged_story_leads_to_the_one_that_took_it(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        save(archive, 1, "Harbour of Port Elin reopens", ELIN, "Elin Post", START)
        save(archive, 2, "Port Elin harbour reopens", ELIN, "Coast News", START + HOUR)
        archive.stories.group_new(START + timedelta(days=1))
        with archive._store.transaction() as connection:
            connection.execute(
                "insert into stories (id, created_at, merged_into) values (7, '', 1)"
            )
    answer = Browser(tmp_path / "archive").get("/-/story/7")
    assert (answer.status_code, answer.headers["location"]) == (302, "/-/story/1")


def test_an_article_tells_its_version_its_story_and_its_neighbours(browser: Browser) -> None:
    seen = text_of(browser.get("/-/article/3"))
    assert "Version 2 of 2 what changed" in seen
    assert "story of 2 articles, 2 outlets" in text_of(browser.get("/-/article/1"))
    assert "← What a sluice keeper does" in text_of(browser.get("/-/article/1"))
    long = browser.get("/-/article/4")
    assert 'href="#part1"' in long.text and 'id="part1"' in long.text
    assert "Buy a boat today" in text_of(browser.get("/-/article/4?cuts=1")).split("Cite this")[0]


@pytest.mark.parametrize(
    ("form", "kind"), [("txt", "text/plain"), ("md", "text/markdown"), ("json", "application/json")]
)
def test_an_article_as_a_file(browser: Browser, form: str, kind: str) -> None:
    old, new = browser.get(f"/-/article/3.{form}?version=1"), browser.get(f"/-/article/3.{form}")
    assert new.headers["content-type"].startswith(kind)
    assert "two votes" in old.text and "three votes" in new.text


def entries(answer: httpx.Response) -> list[str]:
    return [
        str(e.findtext(f"{ATOM}title")) for e in ET.fromstring(answer.content).iter(f"{ATOM}entry")
    ]


def test_changes_as_feeds(browser: Browser) -> None:
    atom = browser.get("/-/changes.atom")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert entries(atom) == ["edited: Vesland elects Tomas Brek"]
    assert len(entries(browser.get("/-/changes.atom?kind=new"))) == 4
    assert entries(browser.get("/-/changes.atom?by=Elin+Post")) == []
    feed = json.loads(browser.get("/-/changes.json?severity=1").text)
    assert [item["tags"][0] for item in feed["items"]] == ["edited"]
    assert "+ Parliament of Vesland" in feed["items"][0]["content_text"]
    kind = browser.get("/-/changes.json").headers["content-type"]
    assert kind == "application/feed+json; charset=utf-8"
    everything = browser.get("/-/changes").text
    assert "/-/changes.atom?kind=all" in everything
    assert len(entries(browser.get("/-/changes.atom?kind=all"))) == 5
    page = browser.get("/-/changes?by=Vesland+Today&since=2000-01-01")
    assert "/-/changes.atom?by=Vesland+Today&amp;since=2000-01-01" in page.text
    assert "Port Elin" not in page.text.split("<main")[1]


def test_what_changed_since_the_last_visit(folder: Path, browser: Browser) -> None:
    first = browser.get("/")
    assert "Since your last visit" not in first.text
    cookie = first.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    _, newest, at = (int(part) for part in cookie.split("-"))
    earlier = f"{newest - 1}-{newest - 1}-{at - PAUSE - 1}"
    again = browser.get("/", headers={"cookie": f"scraper-visit={earlier}"})
    told = text_of(again).partition("Since your last visit")[2].partition("Changed by their")[0]
    assert "Vesland elects Tomas Brek" in told
    for broken in ("x", "1-2", "999999-999999-1", "'; drop table changes--"):
        assert browser.get("/", headers={"cookie": f"scraper-visit={broken}"}).status_code == 200


def test_a_visit_ends_after_a_pause() -> None:
    first = read_visit("", newest=10, now=1000)
    assert first.seen is None
    soon = read_visit(first.cookie, newest=12, now=1000 + PAUSE - 1)
    assert soon.seen == 10, "the same visit still goes on"
    later = read_visit(soon.cookie, newest=15, now=1000 + 3 * PAUSE)
    assert later.seen == 12
    assert read_visit(later.cookie, newest=3, now=1000 + 9 * PAUSE).seen is None, "another archive"


def test_a_search_is_narrowed_by_what_narrows_and_followed_as_a_feed(browser: Browser) -> None:
    page = browser.get("/-/search?q=Port+Elin")
    assert "q=Port+Elin&amp;outlet=Coast+News" in page.text, "one of two outlets narrows"
    assert "lang%3Aen" not in page.text, "all are in English"
    narrowed = browser.get("/-/search?q=Port+Elin+outlet%3A%22Coast+News%22")
    assert "1 found" in text_of(narrowed)
    found = entries(browser.get("/-/search.atom?q=Port+Elin"))
    assert found == ["Port Elin harbour reopens", "Harbour of Port Elin reopens"]
    assert browser.get("/-/search.json?q=%22").status_code == 200


def test_a_search_is_narrowed_by_state_and_month_and_counts_within_its_outlet(
    browser: Browser,
) -> None:
    page = browser.get("/-/search?q=lang%3Aen")
    changed = re.search(r'href="([^"]+)">changed <span class="count">(\d+)<', page.text)
    assert changed is not None
    assert f"{changed[2]} found" in text_of(browser.get(html.unescape(changed[1])))
    within = browser.get("/-/search?q=lang%3Aen&outlet=Elin+Post")
    counted = [int(count) for count in re.findall(r'<span class="count">(\d+)<', within.text)]
    (found,) = re.findall(r"(\d+) found", text_of(within))
    assert counted and max(counted) < int(found)


def test_the_months_of_a_search_are_a_chart_whose_bars_narrow_it(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for number, days in enumerate((0, 1, 70)):
            told = Article(
                url=f"https://{number}.example/story",
                title=f"Story {number}",
                text="The tide and the wall of the bay. " * (3 + number),
                language="en",
                published=START - timedelta(days=days),
            )
            archive.record(article(told.text, url=told.url, title=told.title, made=told))
    browser = Browser(tmp_path)
    page = browser.get("/-/search?q=tide")
    bars = re.findall(r'<a href="([^"]+)" aria-label="\d{4}-\d\d: (\d+)">', page.text)
    assert len(bars) >= 2 and sum(int(count) for _, count in bars) == 3
    for href, count in bars:
        assert f"{count} found" in text_of(browser.get(html.unescape(href)))
    alone = browser.get("/-/search?q=Story+2")
    assert 'class="months"' not in alone.text


def test_the_feed_of_a_filtered_front_page_has_what_it_shows(browser: Browser) -> None:
    page = browser.get("/?lang=en&outlet=Elin+Post")
    feed = re.search(r'application/atom\+xml" title="Atom" href="([^"]+)"', page.text)
    assert feed is not None and feed[1].startswith("/-/search.atom")
    titles = entries(browser.get(html.unescape(feed[1])))
    assert titles and all(title in text_of(page) for title in titles)
    whole = entries(browser.get("/-/search.atom?q=lang%3Aen"))
    assert len(titles) < len(whole)


def test_the_list_of_changes_marks_words(browser: Browser) -> None:
    page = browser.get("/-/changes?kind=edited")
    assert "<del>two</del>" in page.text and "<ins>three</ins>" in page.text


def test_the_page_of_a_name_has_a_chart_with_its_figures(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for n in range(4):
            text = (
                f"Harbour staff tried Qwen2.5 on {n + 3} more manifests and wrote down what failed."
            )
            made = Article(
                url=f"https://elin.example/{n}", title=f"Qwen2.5 reads manifests, part {n}",
                text=text, outlet="Elin Post", language="en" if n else "zh",
                published=START + timedelta(days=7 * n),
            )  # fmt: skip
            attempt = article(
                text, at=START + timedelta(days=7 * n), url=made.url, title=made.title, made=made
            )
            archive.record(replace(attempt, judgement=judge(made.title, text)))
        name = next(e for e in archive.topics.entities() if "Qwen" in e.name)
    browser = Browser(tmp_path / "archive")
    page = browser.get(f"/-/name/{name.id}")
    assert f"/-/name/{name.id}/coverage.svg" in page.text and "Elin Post" in page.text
    lines = browser.get(f"/-/name/{name.id}/coverage.csv").text.split()
    assert lines[0] == "week,language,articles"
    assert [line.split(",")[1:] for line in lines[1:]] == [["zh", "1"], *[["en", "1"]] * 3]
    chart = browser.get(f"/-/name/{name.id}/coverage.svg")
    assert chart.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(chart.content)
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert browser.get("/-/name/999/coverage.svg").status_code == 200
    names = browser.get("/-/names?kind=model").text
    assert "/-/names/weeks.svg?kind=model" in names and "The query behind it" in names
    lines = browser.get("/-/names/weeks.csv?kind=model").text.split()
    assert [line.split(",")[1:] for line in lines[1:]] == [["Qwen2.5", "1"]] * 4
    assert browser.get("/-/names/weeks.csv?kind=person").text.split() == ["week,name,articles"]
    assert ET.fromstring(browser.get("/-/names/weeks.svg?kind=model").content).tag.endswith("svg")
    # The query is one click away where queries are allowed.
    asked = Browser(tmp_path / "archive", sql=True)
    page = asked.get(f"/-/name/{name.id}").text
    link = html.unescape(page.split('">Run the query')[0].rpartition('href="')[2])
    assert "2026" in text_of(asked.get(link))


@pytest.mark.parametrize("weeks", [[], ["2026-05-04"], ["2026-05-04", "2026-05-11"]])
def test_a_chart_of_few_weeks_is_drawn(weeks: list[str]) -> None:
    series = {"en": [3] * len(weeks), '<zh> & "x"': [0] * len(weeks)} if weeks else {}
    assert ET.fromstring(lines_by_week(weeks, series)).tag.endswith("svg")


def test_a_raw_page_is_shown_in_a_frame_without_anything_that_acts(tmp_path: Path) -> None:
    body = (
        "<html><head><script>alert(1)</script><link rel=stylesheet href=https://a.example/x.css>"
        f"</head><body onload=alert(2)><h1>Harbour</h1><p style='color:red'>{ELIN}</p>"
        "<img src=https://a.example/p.png onerror=alert(3) alt='the wall'>"
        "<a href='javascript:alert(4)'>more</a><form action=https://a.example><input></form>"
        "<iframe src=https://a.example></iframe><svg><script>alert(5)</script></svg></body></html>"
    )
    with opened(tmp_path / "archive") as archive:
        archive.record(article(ELIN, body=body))
    browser = Browser(tmp_path / "archive")
    page = browser.get("/-/article/1/raw/1/look")
    assert '<iframe class="raw" sandbox src="/-/article/1/raw/1/page"' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    framed = browser.get("/-/article/1/raw/1/page")
    assert "Port Elin reopened" in framed.text and 'alt="the wall"' in framed.text
    for word in ("alert", "a.example", "<script", "<iframe", "<form", "href", "onload", "<link"):
        assert word not in framed.text
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "script-src" not in policy
    source = browser.get("/-/article/1/raw/1")
    assert "alert(1)" in source.text, "the source is whole"
    # It stands beside the page, in a frame of its own that shows it as text.
    assert '<iframe class="raw" sandbox loading="lazy" src="/-/article/1/raw/1"' in page.text
    assert source.headers["content-type"].startswith("text/plain")
    policy = source.headers["content-security-policy"]
    assert policy == "sandbox; default-src 'none'; frame-ancestors 'self'"


def test_the_record_of_a_raw_page_is_that_of_the_fetch_that_brought_it(tmp_path: Path) -> None:
    sent = {"server": "harbour", "x-note": "<b>kept</b>"}
    with opened(tmp_path / "archive") as archive:
        archive.record(article(ELIN, final_url="https://ledger.example/1", headers=sent))
        archive.record(article(f"{ELIN} More.", at=START + 9 * HOUR, headers={"server": "bay"}))
    browser = Browser(tmp_path / "archive")
    first, second = (browser.get(f"/-/article/1/raw/{n}/look").text for n in (1, 2))
    assert "<dd>https://ledger.example/1</dd>" in first and "<dd>harbour</dd>" in first
    assert "&lt;b&gt;kept&lt;/b&gt;" in first and "2026-03-01 08:00" in first
    assert "<dd>bay</dd>" in second and "2026-03-01 17:00" in second


def test_others_read_only_what_cannot_be_written_and_not_in_sql(
    folder: Path,
) -> None:
    with pytest.raises(UsageError, match="is writable"):
        serve(folder, host="127.0.0.2", port=0)
    with pytest.raises(UsageError, match="--public and --sql"):
        serve(folder, host="127.0.0.2", port=0, sql=True)


def test_others_are_not_told_where_files_lie(folder: Path) -> None:
    here, others = Browser(folder), Browser(folder, hosts=None)
    assert str(folder) in here.get("/-/databases.json").text
    for path in ("/-/databases.json", "/-/databases", "/-/threads", "/-/settings.json"):
        refused = others.get(path)
        assert refused.status_code == 404 and str(folder) not in refused.text, path
        assert "default-src 'none'" in refused.headers["content-security-policy"]
    assert others.get("/").status_code == others.get("/archive/articles").status_code == 200


def test_sql_is_off_until_asked_for(folder: Path) -> None:
    query = f"/archive?sql={quote('select count(*) as n from articles')}&_shape=array"
    refused = Browser(folder).get(query)
    assert refused.status_code == 403 and "scraper browse --sql" in refused.text
    asked = Browser(folder, sql=True).get(query.replace("?", ".json?"))
    assert asked.json() == [{"n": 4}]
    written = quote("delete from articles")
    assert Browser(folder, sql=True).get(f"/archive.json?sql={written}").status_code == 400


def test_a_comparison_in_two_columns_grave_alone_and_as_a_quotation(browser: Browser) -> None:
    one = browser.get("/-/article/3/diff")
    assert "<del>two</del>" in one.text and "side=1" in one.text and "grave=1" in one.text
    assert "+ (seen 2026-" in text_of(one) and "three votes" in text_of(one).split("Quote this")[1]
    two = browser.get("/-/article/3/diff?a=1&b=2&side=1").text
    left, right = two.split('class="replace"')[1].split("</td><td>")[:2]
    assert "two" in left and "three" not in left
    assert "three" in right.split("</td>")[0] and "two votes" not in right.split("</td>")[0]
    assert "three" in browser.get("/-/article/3/diff?grave=1").text
    same = browser.get("/-/article/3/diff?a=2&b=2")
    assert (same.status_code, same.headers["location"]) == (302, "/-/article/3/diff?a=1&b=2")
    alone = text_of(browser.get("/-/article/1/diff"))
    assert "one version only" in alone and "→" not in alone


def test_names_and_quotes_are_set_off_in_the_text_on_demand(tmp_path: Path) -> None:
    text = (
        "Harbour staff tried Qwen2.5 on the manifests of a week. “It read all but three of them,”"
        " said Jonas Reet, the harbour master. Qwen2.5 runs on a machine of the port."
    )
    with opened(tmp_path / "archive") as archive:
        made = Article(url="https://elin.example/1", title="A model", text=text, language="en")
        attempt = article(text, url=made.url, title=made.title, made=made)
        archive.record(
            replace(
                attempt,
                judgement=judge(made.title, text),
                quotes=read_quotes(text, default_lexicon()),
            )
        )
    browser = Browser(tmp_path / "archive")
    assert "<mark>" not in browser.get("/-/article/1").text
    names = browser.get("/-/article/1?marks=names").text
    assert names.count("<mark>Qwen2.5</mark>") == 2
    quotes = browser.get("/-/article/1?marks=quotes").text
    assert "<mark>It read all but three of them" in quotes


def test_kept_counts_are_what_a_count_finds(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    fill(folder)
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        for name in ("articles", "versions"):
            (kept,) = db.execute("select number from counts where name = ?", [name]).fetchone()
            assert kept == db.execute(f"select count(*) from {name}").fetchone()[0] > 0
        counted = db.execute(
            "select p.source_id, count(*), count(a.id) from pages p left join articles a"
            " on a.id = p.id where p.source_id is not null group by 1"
        ).fetchall()
        assert db.execute("select * from source_counts where pages > 0").fetchall() == counted
        db.execute("update pages set source_id = null where id = 1")
        assert db.execute("select articles from source_counts").fetchone() == (0,)


def test_every_class_of_failure_has_its_advice() -> None:
    classes = FETCH_CLASSES | DISCOVER_CLASSES | EXTRACT_CLASSES | HELD_CLASSES
    assert classes <= set(ADVICE)
    assert all(text.count("`") % 2 == 0 and text.endswith(".") for text in ADVICE.values())


def test_sources_tell_their_last_errors_with_what_to_do(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        save(archive, 1, "Harbour of Port Elin reopens", ELIN, "Elin Post", START)
        source = Source(
            name="post", kind="feed", url="https://elinpost.example/feed", outlet="Elin Post",
            language="en", interval=3600,
        )  # fmt: skip
        archive.sync_sources([source], START)
        archive.record_visit(
            "post", START, discovery=None, error_class=ErrorClass.NOT_A_FEED,
            message="an HTML page answers",
        )  # fmt: skip
        archive.record(failed(ErrorClass.GONE, at=START + HOUR, url="https://elinpost.example/1"))
    page = Browser(tmp_path / "archive").get("/-/sources").text
    assert "not_a_feed" in page and "an HTML page answers" in page
    assert "<code>scraper sources check</code> looks for one" in page
    assert "Harbour of Port Elin reopens" in page and "gone!" in page


def test_an_article_is_offered_as_a_bundle_that_can_be_checked(folder: Path) -> None:
    browser = Browser(folder, bundle=bundle_of)
    assert "/-/article/1.zip?version=1" in browser.get("/-/article/1").text
    answer = browser.get("/-/article/1.zip?version=1")
    assert answer.headers["content-type"] == "application/zip"
    assert "sandbox" in answer.headers["content-security-policy"]
    path = folder.parent / "bundle.zip"
    path.write_bytes(answer.content)
    assert not check_bundle(path).problems
    assert browser.get("/-/article/1.zip?version=9").status_code == 404
    assert browser.get("/-/article/99.zip").status_code == 404
    plain = Browser(folder)
    assert plain.get("/-/article/1.zip").status_code == 404
    assert ".zip?" not in plain.get("/-/article/1").text


def test_pictures_are_named_and_left_where_they_are(tmp_path: Path) -> None:
    shown = "https://img.example/crane.jpg"
    with opened(tmp_path / "archive") as archive:
        save(
            archive, 1, "Cranes", ELIN, "Elin Post", START, image="https://img.example/lead.jpg",
            markdown=f"![The old crane, <b>1911</b>]({shown})\n\n{ELIN}",
        )  # fmt: skip
        save(
            archive, 2, "Sluices", ELIN, "Elin Post", START, image="javascript:alert(1)",
            markdown=f"![A sluice](javascript:alert(2))\n\n{ELIN}",
        )  # fmt: skip
    browser = Browser(tmp_path / "archive")
    page = browser.get("/-/article/1").text
    assert "<img" not in page
    assert f'href="{shown}"' in page and "The old crane, &lt;b&gt;1911&lt;/b&gt;" in page
    assert 'href="https://img.example/lead.jpg"' in page
    other = browser.get("/-/article/2").text
    assert "A sluice" in other and "javascript:" not in other.split("The record")[0]


def test_all_forms_of_a_name_are_set_off_and_no_parts_of_words(tmp_path: Path) -> None:
    text = (
        "Harbour staff asked OpenAI for a price. 开放人工智能 is how one report in Chinese has it;"
        " openai answered a day later, and XOpenAIX is another firm altogether."
    )
    with opened(tmp_path / "archive") as archive:
        made = Article(url="https://elin.example/1", title="A price", text=text, language="en")
        attempt = article(text, url=made.url, title=made.title, made=made)
        archive.record(replace(attempt, judgement=judge(made.title, text)))
    page = Browser(tmp_path / "archive").get("/-/article/1?marks=names").text
    assert "<mark>OpenAI</mark>" in page and "<mark>openai</mark>" in page
    assert "XOpenAIX" in page


CONTROLS = "".join(map(chr, [*range(1, 9), *range(11, 32), *range(127, 160)]))
REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


def test_no_page_holds_a_control_or_reordering_character(tmp_path: Path) -> None:
    bad = CONTROLS + REORDERING
    with opened(tmp_path) as archive:
        for hour, votes in enumerate(("two votes", "three votes")):
            text = f"It was{bad} elected by {votes} on Tuesday.\nThe{bad} opposition walked out."
            save(
                archive, 1, f"A{bad} title of {votes}", text, "The Post",
                START + hour * HOUR, authors=(f"Ann{bad} Lee",), source=f"The{bad} Wire",
            )  # fmt: skip
    pages = Browser(tmp_path)
    for path in (
        "/", "/-/article/1", "/-/article/1/diff", "/-/article/1.txt", "/-/article/1.md",
        "/-/changes", "/-/changes.atom", "/-/changes.json", "/-/search?q=votes",
        "/archive/articles", "/archive/articles/1", "/-/article/1/raw/1/look", "/-/nothing",
    ):  # fmt: skip
        answer = pages.get(path)
        text = json.dumps(answer.json(), ensure_ascii=False) if "json" in path else answer.text
        found = set(text) & set(CONTROLS.replace("\r", "") + REORDERING)
        assert found == set(), path
        if path.endswith("atom"):
            ET.fromstring(answer.content)


def dull(seed: int, sentences: int) -> str:
    """Sentences of a few words each, in which pairs can be found in ever so many ways."""
    chance = random.Random(seed)
    words = ["ship", "bay", "10", "20", "said", "Tom", "wall", "storm", "tide"]
    return "\n".join(" ".join(chance.choices(words, k=6)) + "." for _ in range(sentences))


def test_what_is_too_large_to_be_compared_is_said_and_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as archive:
        for n in range(2):
            save(archive, 1, "Tides", dull(n, 600), "Elin Post", START + n * HOUR)
    pages = Browser(tmp_path)
    whole = pages.get("/-/article/1/diff")
    assert len(whole.content) < 150_000, "a page stays light"
    assert re.search(r"[\d,]+ more changed sentences", text_of(whole))
    monkeypatch.setattr("scraper.browse.plugin.COMPARISONS", Comparisons(seconds=0.02))
    answer = Browser(tmp_path).get("/-/article/1/diff")
    assert answer.status_code == 200
    assert "too large to be compared here" in text_of(answer)
    assert "scraper diff 1 1 2" in text_of(answer)
    assert "counts as an edit" not in text_of(answer), "it says nothing that it does not know"
    assert pages.get("/-/article/1").status_code == 200


def test_a_chart_counts_whole_articles_of_whole_weeks() -> None:
    drawn = lines_by_week(["2025-11-24", "2025-12-01", "2025-12-08"], {"English": [1, 6, 7]})
    texts = [
        "".join(one.itertext())
        for one in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert {"11-24", "12-01", "12-08", "0", "2", "4", "6"} == {t for t in texts if t[:1].isdigit()}
