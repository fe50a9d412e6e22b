"""What attempts leave behind: versions, flaps, takedowns, quarantine, identity."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, failed, opened, page, rejected

from scraper.archive import Archive, SourceDoubts
from scraper.errors import NotFound, UsageError
from scraper.models import (
    Article,
    Attempt,
    Candidate,
    Discovery,
    HostState,
    KeptBlock,
    Link,
    RemovedBlock,
    Source,
    Verdict,
)

SOURCE = Source(name="ledger", kind="feed", url="https://ledger.example/rss", outlet="The Ledger")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with opened(tmp_path / "archive") as made:
        yield made


def rows(archive: Archive, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(archive.folder / "archive.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def kinds(archive: Archive) -> list[str]:
    return [change.kind for change in archive.changes()]


# Versions


def test_a_new_article(archive: Archive) -> None:
    recorded = archive.record(article())
    assert (recorded.outcome, recorded.reason, recorded.version) == ("kept", "new", 1)
    found = archive.find(URL)
    assert (found.title, found.text, found.version_count) == ("Harbour reopens", TEXT, 1)
    assert archive.find(found.id) == archive.find(str(found.id)) == found
    assert kinds(archive) == ["new"]
    assert archive.body(archive.versions(URL)[0].body).startswith(b"<html><h1>Harbour")


def test_the_whole_record_comes_back(archive: Archive) -> None:
    made = Article(
        url=URL,
        canonical_url=URL,
        title="題目",
        authors=("李明", "A. Berg"),
        outlet="日報",
        source="路透社",
        published=datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=8))),
        modified=START,
        language="zh",
        script="Hant",
        text="第一段。\n第二段。",
        markdown="# 題目\n\n第一段。",
        excerpt="第一段。",
        image="https://ledger.example/a.jpg",
        kept=(KeptBlock(position=0, place="body > p", text="第一段。"),),
        removed=(
            RemovedBlock(position=1, rule="related", place="body > ul", text="相關內容"),
            RemovedBlock(position=2, rule="related", place="body > ul", text="相關內容"),
        ),
        candidates=(Candidate(field="title", value="題目", origin="h1", chosen=True, note="only"),),
        encoding="big5hkscs",
        encoding_origin="meta",
        replaced=0,
        extractor="1",
    )
    archive.record(article(made=made))
    assert archive.version(URL).article == made
    assert archive.removed(URL) == made.removed
    found = archive.find(URL)
    assert found.published == made.published
    assert found.published is not None
    assert found.published.utcoffset() == timedelta(hours=8)
    assert (found.outlet, found.authors, found.credited) == ("日報", "李明, A. Berg", "路透社")
    assert rows(archive, "select field, value, origin, chosen, note from candidates") == [
        ("title", "題目", "h1", 1, "only")
    ]


def test_a_refetch_that_changes_nothing_adds_a_fetch_only(archive: Archive) -> None:
    archive.record(article())
    recorded = archive.record(article(f"{TEXT}\n3 hours ago", at=START + HOUR))
    assert (recorded.outcome, recorded.version) == ("unchanged", 1)
    (version,) = archive.versions(URL)
    assert (version.observations, version.last_observed_at) == (2, START + HOUR)
    assert [f.error_class for f in archive.fetches(URL)] == ["ok", "unchanged"]
    assert kinds(archive) == ["new"]


def test_counters_make_no_versions(archive: Archive) -> None:
    for n in range(20):
        archive.record(article(f"{TEXT}\n{n} comments\n更新时间：2026-03-01 10:{n:02}"))
    assert len(archive.versions(URL)) == 1


def test_an_edit_makes_a_version(archive: Archive) -> None:
    archive.record(article())
    edited = TEXT.replace("3 weeks", "5 weeks", 1)
    recorded = archive.record(article(edited, at=START + HOUR))
    assert (recorded.outcome, recorded.reason, recorded.version) == ("kept", "edited", 2)
    first, second = archive.versions(URL)
    assert (second.classes, second.severity, second.current) == (("number",), 2, True)
    assert second.added == "The harbour reopened on Monday after 5 weeks."
    assert second.removed == "The harbour reopened on Monday after 3 weeks."
    assert first.chain != second.chain
    assert archive.version(URL, 1).article.text == TEXT
    assert archive.version(URL, 2).article.text == archive.find(URL).text == edited
    (new, change) = archive.changes()
    assert (change.kind, change.version, change.severity) == ("edited", 2, 2)
    assert archive.changes(after=new.cursor) == (change,)
    assert archive.changes(least_severity=2) == (change,)


def test_a_new_headline_is_a_version(archive: Archive) -> None:
    archive.record(article())
    recorded = archive.record(article(title="Harbour may close again", at=START + HOUR))
    assert (recorded.reason, recorded.version) == ("retitled", 2)


def test_back_and_forth_is_a_flap(archive: Archive) -> None:
    other = TEXT.replace("Monday", "Tuesday")
    outcomes = [
        archive.record(article(text, at=START + (n // 2 * 24 + n % 2 * 3) * HOUR)).reason
        for n, text in enumerate(text for text in [TEXT, other, TEXT, other] for _ in range(2))
    ]
    assert outcomes == [
        "new",
        "same_text",
        "edited",
        "same_text",
        "stale_copy",
        "flap",
        "stale_copy",
        "flap",
    ]
    assert [v.number for v in archive.versions(URL)] == [1, 2]
    assert archive.find(URL).text == other
    assert kinds(archive) == ["new", "edited", "reverted", "reverted"]
    assert not archive.search("Monday")
    assert archive.search("Tuesday")


def test_an_old_capture_does_not_become_current(archive: Archive) -> None:
    archive.record(article(at=START))
    archive.record(article(TEXT.replace("Monday", "Sunday"), at=START - 48 * HOUR, capture="c"))
    assert archive.find(URL).text == TEXT
    assert archive.find(URL).version_count == 2
    assert archive.find(URL).first_seen_at == START - 48 * HOUR


def test_better_decoding_is_no_version(archive: Archive) -> None:
    archive.record(article("港口周一重新开\ufffd。船只在湾外等候。" * 9))
    assert archive.record(article("港口周一重新开放。船只在湾外等候。" * 9)).version == 1


# Takedowns


def test_gone_counts_when_seen_twice(archive: Archive) -> None:
    archive.record(article())
    archive.record(failed("gone", at=START + HOUR))
    assert archive.find(URL).state == "live"
    archive.record(failed("gone", at=START + 2 * HOUR))
    archive.record(failed("gone", at=START + 3 * HOUR))
    found = archive.find(URL)
    assert (found.state, found.gone_at, found.text) == ("gone", START + 2 * HOUR, TEXT)
    assert archive.search("harbour")
    archive.record(article(at=START + 4 * HOUR))
    found = archive.find(URL)
    assert (found.state, found.gone_at) == ("live", None)
    assert kinds(archive) == ["new", "gone", "returned"]


def test_a_notice_in_place_of_the_article_is_a_takedown(archive: Archive) -> None:
    archive.record(article())
    for n in (1, 2, 3):
        archive.record(rejected("soft_404", at=START + n * HOUR))
    assert (archive.find(URL).state, archive.find(URL).text) == ("gone", TEXT)
    assert kinds(archive) == ["new", "gone"]


def test_another_story_at_the_end_of_a_redirect_is_no_edit(archive: Archive) -> None:
    archive.record(article())
    other = {"title": "Bank raises rates", "final_url": "https://ledger.example/news/2"}
    for n in (1, 2):
        recorded = archive.record(article("The bank spoke. " * 20, at=START + n * HOUR, **other))
        assert (recorded.outcome, recorded.reason) == ("rejected", "redirected")
    assert (archive.find(URL).state, archive.find(URL).text) == ("gone", TEXT)
    assert len(archive.versions(URL)) == 1


def test_a_story_that_moved_keeps_its_history(archive: Archive) -> None:
    archive.record(article())
    moved = "https://ledger.example/archive/harbour"
    recorded = archive.record(article(TEXT + "More.", final_url=moved, at=START + HOUR))
    assert (recorded.reason, recorded.version) == ("edited", 2)
    assert archive.find(moved).id == archive.find(URL).id
    assert archive.record(article(TEXT + "More.", url=moved)).outcome == "unchanged"


def test_a_token_in_the_answering_address_is_no_other_place(archive: Archive) -> None:
    archive.record(article())
    token = f"{URL}?session=8f3"
    recorded = archive.record(article(title="Harbour open", final_url=token, at=START + HOUR))
    assert recorded.reason == "retitled"
    assert rows(archive, "select count(*) from page_urls") == [(1,)]


def test_a_slip_between_good_answers_is_no_takedown(archive: Archive) -> None:
    for n in range(6):
        attempt = article(at=START + n * HOUR) if n % 2 == 0 else failed("gone")
        archive.record(attempt)
    assert kinds(archive) == ["new"]


# Quarantine


def test_a_block_page_leaves_the_text_alone(archive: Archive) -> None:
    archive.record(article())
    recorded = archive.record(rejected("blocked_page", at=START + HOUR))
    assert (recorded.outcome, recorded.reason, recorded.version) == (
        "rejected",
        "blocked_page",
        1,
    )
    fetch = archive.fetches(URL)[-1]
    assert fetch.evidence == ("title: Just a moment",)
    assert archive.body(fetch.body) == b"<title>Just a moment</title>"
    assert archive.find(URL).text == TEXT
    assert len(archive.versions(URL)) == 1


def test_a_first_block_page_is_quarantined(archive: Archive) -> None:
    archive.record(rejected("blocked_page"))
    with pytest.raises(NotFound, match="blocked_page"):
        archive.find(URL)
    assert archive.page_state(URL).state == "quarantined"
    assert archive.record(article(at=START + HOUR)).outcome == "kept"


def test_a_beginning_with_an_offer_behind_it_is_no_edit(archive: Archive) -> None:
    whole = "The harbour reopened on Monday.\nShips waited outside.\nThe port is open again now."
    offer = Verdict(kind="article", evidence=("the text ends at a gate: subscribe now",))
    archive.record(article(whole))
    for hours, text in enumerate((whole[:31], whole[:53], whole[:45] + "…"), start=1):
        closed = replace(article(text, at=START + hours * HOUR), verdict=offer)
        recorded = archive.record(closed)
        assert (recorded.outcome, recorded.reason) == ("rejected", "paywall")
    other = replace(article(whole[:53] + " Rain fell.", at=START + 4 * HOUR), verdict=offer)
    assert archive.record(other).reason == "edited", (
        "what says something else is an edit, whatever is offered"
    )


def test_a_shrunken_text_waits_until_it_is_seen_again(archive: Archive) -> None:
    archive.record(article())
    short = "The harbour is closed."
    outcomes = [
        archive.record(article(short, at=START + hours * HOUR)).reason for hours in (1, 3, 8)
    ]
    assert outcomes == ["shrunk", "shrunk", "edited"]
    assert archive.find(URL).text == short


def test_the_same_notice_everywhere_is_no_article(archive: Archive) -> None:
    outcomes = [
        archive.record(article("Please enable scripts.", url=f"{URL}{n}", body=f"{n}")).outcome
        for n in range(5)
    ]
    assert outcomes == ["kept", "kept", "kept", "rejected", "rejected"]


def test_badly_decoded_text_does_not_replace_good(archive: Archive) -> None:
    archive.record(article())
    recorded = archive.record(article(TEXT.replace("e", "\ufffd"), replaced=40, at=START + HOUR))
    assert (recorded.outcome, recorded.reason) == ("rejected", "bad_encoding")


def test_failures_have_rows_even_without_an_address(archive: Archive) -> None:
    recorded = archive.record(failed("bad_url", url="htp:/nowhere"))
    assert (recorded.outcome, recorded.reason, recorded.article_id) == ("failed", "bad_url", None)
    (fetch,) = archive.fetches("htp:/nowhere")
    assert (fetch.error_class, fetch.message) == ("bad_url", "bad_url!")
    archive.record(failed("dns"))
    assert [f.error_class for f in archive.fetches(URL)] == ["dns"]
    with pytest.raises(NotFound, match="dns"):
        archive.find(URL)


def test_text_that_is_none_is_rejected(archive: Archive) -> None:
    assert archive.record(article(" \n ")).reason == "empty_extract"


def test_a_304_observes_the_version(archive: Archive) -> None:
    archive.record(article(headers={"etag": '"a"', "last-modified": "Sun"}))
    state = archive.page_state(URL)
    assert (state.etag, state.last_modified, state.version) == ('"a"', "Sun", 1)
    again = Attempt(
        link=Link(url=URL), at=START + HOUR, page=page(b"", status=304, at=START + HOUR)
    )
    assert archive.record(again).outcome == "unchanged"
    assert archive.page_state(URL).etag == '"a"'
    assert archive.versions(URL)[0].last_observed_at == START + HOUR
    for _ in range(3):
        archive.record(again)
    assert archive.page_state(URL).etag == "", "after four 304 the page is asked for whole"
    archive.record(rejected("blocked_page"))
    archive.record(article(headers={"etag": '"b"'}))
    assert archive.page_state(URL).etag == '"b"'


# Identity


def test_twins_are_one_page(archive: Archive) -> None:
    archive.record(article())
    for twin in (
        "http://ledger.example/news/1",
        "https://www.ledger.example/news/1/",
        "https://m.ledger.example/news/1?utm_source=feed#top",
        "https://ledger.example/news/1/amp",
    ):
        assert archive.record(article(url=twin)).version == 1
        assert archive.find(twin).id == 1


def test_a_first_redirect_names_the_page(archive: Archive) -> None:
    short = "https://ledger.example/s/x9"
    archive.record(article(url=short, final_url=URL))
    assert archive.find(URL).id == archive.find(short).id
    assert archive.find(short).url == URL
    assert archive.record(article(at=START + HOUR)).outcome == "unchanged"


def test_a_redirect_to_a_known_page_joins_it(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    archive.record(article())
    short = Link(url="https://ledger.example/s/x9", source="ledger", title="Harbour")
    archive.record_visit("ledger", START, discovery=Discovery(links=(short,)))
    assert archive.record(article(url=short.url, final_url=URL)).outcome == "unchanged"
    assert archive.find(short.url).id == archive.find(URL).id
    assert rows(archive, "select count(*) from pages") == [(1,)]
    assert rows(archive, "select page_id from sightings") == [(1,)]


def test_one_canonical_address_for_a_whole_site_joins_nothing(archive: Archive) -> None:
    shared = "https://ledger.example/news"
    home = "https://ledger.example/"
    for n, claimed in enumerate([shared, shared, home, home]):
        archive.record(article(f"Story number {n}. {TEXT}", url=f"{URL}{n}", canonical_url=claimed))
    assert rows(archive, "select count(*) from articles") == [(4,)]
    for address in (shared, home):
        with pytest.raises(NotFound):
            archive.find(address)


def test_a_claimed_address_with_the_same_text_is_the_same_page(archive: Archive) -> None:
    archive.record(article())
    printed = "https://ledger.example/print?id=1"
    archive.record(article(url=printed, canonical_url=URL))
    assert archive.find(printed).id == archive.find(URL).id


def test_a_claimed_address_finds_the_page_and_joins_it_later(archive: Archive) -> None:
    printed = "https://ledger.example/print?id=1"
    archive.record(article(url=printed, canonical_url=URL))
    assert archive.find(URL).url == printed
    archive.record(article(url=URL, canonical_url=URL, at=START + HOUR))
    assert archive.find(URL).id == archive.find(printed).id
    assert rows(archive, "select count(*) from pages") == [(1,)]


def test_a_foreign_canonical_address_is_not_believed(archive: Archive) -> None:
    archive.record(article(url="https://other.example/a"))
    archive.record(article(canonical_url="https://other.example/a"))
    assert rows(archive, "select count(*) from articles") == [(2,)]


# Captures


def test_a_capture_is_recorded_once(archive: Archive) -> None:
    attempt = article(capture="sha-of-record")
    assert archive.record_all([attempt, failed("dns", url=URL + "x")])[0].outcome == "kept"
    before = rows(archive, "select count(*) from fetches")
    assert archive.seen_captures(["sha-of-record", "other"]) == {"sha-of-record"}
    recorded = archive.record(attempt)
    assert (recorded.outcome, recorded.reason, recorded.article_id) == ("unchanged", "capture", 1)
    assert rows(archive, "select count(*) from fetches") == before
    assert archive.versions(URL)[0].observations == 1


def test_captures_ask_for_no_visits(archive: Archive) -> None:
    archive.record(article(capture="c"))
    assert archive.due_pages(START + 1000 * HOUR, 10) == []


def test_further_pages_are_kept(archive: Archive) -> None:
    first = article()
    second = page("<html>page two", url=URL + "?page=2")
    attempt = Attempt(
        link=first.link,
        at=first.at,
        page=first.page,
        verdict=Verdict(kind="article"),
        article=first.article,
        extra_pages=(second,),
    )
    archive.record(attempt)
    (one, two) = archive.fetches(URL)
    assert archive.body(two.body) == b"<html>page two"
    assert (one.version, two.version) == (1, 1)


# Hostile values


def test_what_sqlite_cannot_hold_is_scrubbed(archive: Archive) -> None:
    made = Article(
        title="nul\0 and \ud800 surrogate",
        text=f"{TEXT}\ud800\0",
        authors=("\udfff",),
        replaced=2**70,
        removed=(RemovedBlock(position=2**80, rule="r", place="p", text="\0"),),
    )
    archive.record(article(made=made, headers={"x": "\udc80"}))
    assert archive.find(URL).title == "nul\ufffd and \ufffd surrogate"
    assert archive.search("surrogate")
    assert archive.search("\ud800\0") == []


def test_only_web_addresses_are_images(archive: Archive) -> None:
    archive.record(article(made=Article(text=TEXT, image="javascript:alert(1)")))
    assert archive.find(URL).image == ""


# Sources and due times


def test_a_visit_returns_what_needs_a_fetch(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    (state,) = archive.due_sources(START)
    assert (state.source.name, state.failures) == ("ledger", 0)
    links = tuple(
        Link(url=f"{URL}{n}", source="ledger", position=n, title=f"T{n}") for n in range(3)
    )
    bad = Link(url="http://[broken", source="ledger")
    seen = Discovery(
        links=(*links, links[0], bad),
        pages=(page("<rss>", url=SOURCE.url, headers={"etag": '"f"'}),),
    )
    assert archive.record_visit("ledger", START, discovery=seen) == (*links, bad)
    assert {link.url for link in archive.due_pages(START, 10)} == {link.url for link in links}
    archive.record(article(url=links[0].url, source="ledger"))
    archive.record(failed("timeout", url=links[1].url))
    archive.record(failed("bad_url", url=bad.url))
    assert archive.record_visit("ledger", START + HOUR / 60, discovery=seen) == (links[2],)
    later = archive.record_visit("ledger", START + HOUR, discovery=seen)
    assert later == (links[1], links[2])
    assert archive.find(links[0].url).outlet == "The Ledger"
    (due,) = archive.due_sources(START + 3 * HOUR)
    assert (due.etag, due.last_ok_at) == ('"f"', START + HOUR)
    assert rows(archive, "select times from sightings where page_id = 1") == [(3,)]


def test_a_failing_source_is_visited_less_and_keeps_its_validators(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    good = Discovery(links=(), pages=(page("<rss>", headers={"etag": '"f"'}),))
    archive.record_visit("ledger", START, discovery=good)
    for n in range(1, 4):
        archive.record_visit(
            "ledger", START + n * HOUR, discovery=None, error_class="dns", message="no such name"
        )
    (state,) = archive.due_sources(START, names=["ledger"])
    assert (state.failures, state.etag) == (3, '"f"')
    assert state.next_due_at == START + (3 + 8) * HOUR
    assert archive.due_sources(START + 5 * HOUR) == []
    health = archive.status(START).sources[0]
    assert (health.last_class, health.last_message) == ("dns", "no such name")
    archive.record_visit("ledger", START + 20 * HOUR, discovery=good)
    assert archive.due_sources(START, names=["ledger"])[0].failures == 0


def test_sources_follow_the_configuration(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    archive.record_visit(
        "ledger", START, discovery=Discovery(links=(), pages=(page(headers={"etag": "e"}),))
    )
    archive.sync_sources([SOURCE], START + HOUR)
    assert archive.due_sources(START, names=["ledger"])[0].etag == "e"
    # A shorter interval counts from the last visit on, and a new address is read at once.
    minute = HOUR / 60
    assert archive.due_sources(START + 20 * minute) == []
    archive.sync_sources([replace(SOURCE, interval=900)], START + 2 * minute)
    assert archive.due_sources(START + 14 * minute) == []
    assert archive.due_sources(START + 15 * minute)
    elsewhere = replace(SOURCE, url="https://ledger.example/atom", interval=900)
    archive.sync_sources([elsewhere], START + 3 * minute)
    assert archive.due_sources(START + 3 * minute)
    archive.sync_sources([], START)
    assert archive.due_sources(START + 99 * HOUR) == []
    archive.sync_sources([SOURCE], START)
    assert archive.due_sources(START + 99 * HOUR)
    with pytest.raises(UsageError, match="nobody"):
        archive.due_sources(START, names=["nobody"])


def test_pages_are_looked_at_again_for_a_month(archive: Archive) -> None:
    archive.record(article())
    at, looked = START, []
    for _ in range(20):
        at += HOUR
        while not archive.due_pages(at, 1) and at < START + 100 * 24 * HOUR:
            at += HOUR
        if not archive.due_pages(at, 1):
            break
        looked.append((at - START) / HOUR)
        archive.record(article(at=at))
    assert looked == [1, 6, 24, 72, 168, 720]


@pytest.mark.parametrize(("error_class", "tries"), [("timeout", 6), ("not_html", 3), ("gone", 3)])
def test_what_never_works_is_given_up(archive: Archive, error_class: str, tries: int) -> None:
    at = START
    for n in range(tries):
        if n:
            assert archive.due_pages(at, 1)
        archive.record(failed(error_class, at=at))
        assert archive.due_pages(at, 1) == []
        at += timedelta(days=2)
    assert archive.due_pages(at, 1) == []


def test_hosts_are_remembered(archive: Archive) -> None:
    assert archive.host_state("a.example") == HostState(host="a.example")
    state = HostState(
        host="a.example", robots="Disallow: /", robots_at=START, not_before=START, failures=2
    )
    archive.save_host(state)
    assert archive.host_state("a.example") == state


def test_runs(archive: Archive) -> None:
    run = archive.begin_run("collect", START)
    archive.record(article())
    archive.end_run(run, START + HOUR, {"kept": 1})
    assert rows(archive, "select outcome, counts from runs") == [("done", '{"kept": 1}')]
    assert rows(archive, "select run_id from fetches") == [(run,)]


def test_status(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)
    archive.record(article())
    archive.record(failed("dns", url=URL + "x"))
    found = archive.status(START)
    assert (found.counts["articles"], found.counts["bodies"], found.counts["fetches"]) == (1, 1, 2)
    assert found.pages == {"failed": 1, "live": 1}
    assert found.fetches == {"dns": 1, "ok": 1}
    assert found.bytes["archive.db"] > 0
    assert found.due_sources == 1


def test_status_tells_the_doubtful_articles_of_the_last_week_by_source(archive: Archive) -> None:
    archive.sync_sources([SOURCE], START)

    def keep(number: int, confidence: float | None, *, source: str, at: datetime = START) -> None:
        url = f"{URL}{number}"
        text = f"The {number}th ship came in on Monday, and its crew went ashore.\n" * 3
        made = Article(url=url, title=f"Ship {number}", text=text, confidence=confidence)
        archive.record(article(url=url, source=source, at=at, body=text, made=made))

    keep(1, 0.3, source=SOURCE.name)
    keep(2, 0.9, source=SOURCE.name)
    keep(3, None, source=SOURCE.name)
    keep(4, 0.2, source="")
    keep(5, 0.2, source=SOURCE.name, at=START - timedelta(days=30))
    doubts = {one.source: one for one in archive.status(START + HOUR).doubts}
    assert doubts == {
        SOURCE.name: SourceDoubts(source=SOURCE.name, doubtful=1, judged=2, articles=3),
        "": SourceDoubts(source="", doubtful=1, judged=1, articles=1),
    }
    assert archive.version(f"{URL}1").article.confidence == 0.3
    later = archive.status(START + timedelta(days=8))
    assert later.doubts == ()


def test_views_answer(archive: Archive) -> None:
    archive.record(article())
    for view in rows(archive, "select name from sqlite_master where type = 'view'"):
        rows(archive, f"select * from {view[0]}")
    assert rows(archive, "select title, versions from article_list") == [("Harbour reopens", 1)]


@pytest.mark.parametrize("ref", [7, "7", "https://nowhere.example/", "no address", str(2**80)])
def test_what_is_not_there(archive: Archive, ref: str | int) -> None:
    with pytest.raises(NotFound):
        archive.find(ref)


def test_an_attempt_that_cannot_be_written_leaves_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.record(article())

    class Broken(Exception):
        pass

    def refuse(self: object, *args: object) -> None:
        raise Broken

    monkeypatch.setattr("scraper.archive.current.CurrentArticles._write_evidence", refuse)
    with pytest.raises(Broken):
        archive.record_all([article(url=URL + "x"), article(TEXT + "More.", at=START + HOUR)])
    monkeypatch.undo()
    assert archive.find(URL).version_count == 1
    assert rows(archive, "select count(*) from fetches") == [(1,)]
    assert archive.record(article(TEXT + "More.", at=START + HOUR)).version == 2
    assert archive.version(URL, 1).article.text == TEXT


# Our own upgrades


def test_an_upgrade_of_the_extractor_is_no_edit(archive: Archive) -> None:
    archive.record(article(made=Article(title="T", text=TEXT + "Menu. Login.", extractor="1")))
    archive.record(
        article(
            made=Article(title="T", text=TEXT + "A new end. Menu. Login.", extractor="1"),
            body="edited",
            at=START + HOUR,
        )
    )
    (stale, current) = archive.stale_versions("2")
    assert (stale.number, current.number) == (1, 2)
    assert archive.stale_versions("1") == ()
    assert archive.stale_versions("2", after=stale.id) == (current,)
    for version in (stale, current):
        (response,) = archive.response(version.id)
        end = "A new end." if response.body == b"edited" else ""
        made = Article(title="T", text=TEXT + end, extractor="2")
        archive.replace_extraction(URL, version.number, made, START + 2 * HOUR)
    assert archive.stale_versions("2") == ()
    assert archive.find(URL).text == TEXT + "A new end."
    assert archive.version(URL, 1).article.text == TEXT
    assert archive.search("login") == []
    assert kinds(archive) == ["new", "edited"]
    assert archive.doctor() == ()
    same = archive.record(
        article(made=Article(title="T", text=TEXT + "A new end.", extractor="2"), body="ad 2")
    )
    assert (same.outcome, same.version) == ("unchanged", 2)


def test_a_refetch_after_an_upgrade_is_compared_like_with_like(archive: Archive) -> None:
    archive.record(article(made=Article(title="T", text=TEXT + "Menu.", extractor="1")))
    state = archive.page_state(URL)
    assert (state.extractor, state.version_id) == ("1", 1)
    fetched = article(
        made=Article(title="T", text=TEXT, extractor="2"), body="new ad", at=START + HOUR
    )
    before = Article(title="T", text=TEXT, extractor="2")
    recorded = archive.record(replace(fetched, before=before))
    assert (recorded.outcome, recorded.version) == ("unchanged", 1)
    assert archive.find(URL).text == TEXT


def test_a_response_comes_back_with_its_headers(archive: Archive) -> None:
    first = article(headers={"content-type": "text/html"})
    archive.record(first)
    archive.record(replace(first, at=START + HOUR))
    (response,) = archive.response(1)
    assert first.page is not None
    assert (response.body, response.headers) == (first.page.body, {"content-type": "text/html"})
    assert response.fetched_at == START


def test_a_log_held_back_by_a_reader_is_folded_when_it_leaves(archive: Archive) -> None:
    archive.record(article())
    reader = sqlite3.connect(archive.folder / "archive.db", isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from pages").fetchone()
    archive.record(article(url=URL + "x"))
    assert archive.tidy(above=0) > 0
    reader.execute("commit")
    reader.close()
    assert archive.tidy(above=0) == 0
