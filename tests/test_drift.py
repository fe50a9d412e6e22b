"""Drift: a redesign or a wall is told, its pages are held, and none is lost or becomes an edit."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.cli import main
from scraper.config import load_config
from scraper.coverage import total
from scraper.coverage.drift import ARTICLE, BARRED, EMPTY, DriftState, Look, classify, step
from scraper.coverage.wording import outcome_counts
from scraper.digest.contents import gather
from scraper.digest.formats import as_text
from scraper.errors import UsageError
from scraper.models import Attempt, Discovery, Link, Page, Source
from scraper.models.drift import PageShape
from scraper.pipeline import Pipeline
from tests.archiving import HOUR, START, article, failed, opened, rejected
from tests.storytelling import paragraphs
from tests.test_browse_pages import Browser, text_of

HOST = "quay.example"


def shape(*, template: str = "old", length: float = 2000, **changes: float) -> PageShape:
    known = {"links": 0.02, "cut": 0.4, "fields": 5, "confidence": 0.9} | changes
    return PageShape(length=length, template=((template, 1.0),), extractor="1", **known)


RUBBLE = {"template": "new", "length": 120, "links": 0.5, "confidence": 0.2, "fields": 3}


def url(number: int) -> str:
    return f"https://{HOST}/stories/{number}"


def text(number: int, extra: str = "") -> str:
    return "\n".join(paragraphs(number)) + extra


def look(number: int, how: PageShape, *, hours: float | None = None, extra: str = "") -> Attempt:
    at = START + (number if hours is None else hours) * HOUR
    found = article(text(number, extra), url=url(number), at=at, title=f"Story {number}")
    return replace(found, shape=how)


def usual(number: int) -> PageShape:
    return shape(length=1500 + 83 * (number * 7 % 13), links=0.01 + 0.004 * (number % 5),
                 cut=0.35 + 0.02 * (number % 6), confidence=0.85 + 0.02 * (number % 5))  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path):
    with opened(tmp_path / "archive") as found:
        for number in range(40):
            assert found.record(look(number, usual(number))).reason == "new"
        yield found


def test_a_redesign_is_told_and_its_pages_are_held(archive: Archive) -> None:
    outcomes = [archive.record(look(n, shape(**RUBBLE))).reason for n in range(50, 55)]
    assert outcomes == ["drift"] * 5
    [event] = archive.drift_events()
    assert (event.kind, event.host, event.held, event.ended_at) == ("redesign", HOST, 5, None)
    assert event.good_url == url(39)
    assert event.bad_url in (url(50), url(51))
    assert any("elements that held none before" in reason for reason in event.reasons)
    assert [page.url for page in archive.held_pages(HOST)] == [url(n) for n in range(50, 55)]
    # The archived articles stand as they did.
    assert [change.kind for change in archive.changes(0, -1)] == ["new"] * 40


def test_an_archived_page_that_is_held_is_no_edit_and_no_takedown(archive: Archive) -> None:
    for number in range(50, 54):
        archive.record(look(number, shape(**RUBBLE)))
    again = archive.record(look(3, shape(**RUBBLE), hours=60, extra="\nRubble."))
    assert again.reason == "drift"
    assert len(archive.versions(url(3))) == 1
    assert archive.find(url(3)).state == "live"
    # The same text under a new layout is the same text.
    assert archive.record(look(4, shape(**RUBBLE), hours=61)).outcome == "unchanged"
    # A held page tells nothing of whether others were taken down.
    for hours in (62, 70):
        archive.record(failed("gone", url=url(5), at=START + hours * HOUR))
    assert archive.find(url(5)).state == "live"


def test_a_layout_that_proves_itself_is_taken_and_what_was_held_is_released(
    archive: Archive,
) -> None:
    outcomes = [
        archive.record(look(n, replace(usual(n), template=(("new", 1.0),)))).reason
        for n in range(50, 60)
    ]
    assert outcomes[-3:] == ["new"] * 3
    held = outcomes.count("drift")
    assert 0 < held <= 5
    [event] = archive.drift_events()
    assert (event.kind, event.ended, event.held) == ("redesign", "proven", 0)
    released = archive.released_pages()
    assert len(released) == held
    for one in released:
        number = int(one.link.url.rsplit("/", 1)[1])
        assert one.page.fetched_at == START + number * HOUR
        again = replace(look(number, usual(number)), page=one.page, released=True)
        assert archive.record(again).reason == "new"
        archive.settle_look(one.look)
    assert archive.released_pages() == []
    assert len({change.article_id for change in archive.changes(0, -1)}) == 50


def test_a_single_odd_page_is_held_until_those_after_it_are_as_ever(archive: Archive) -> None:
    assert archive.record(look(50, shape(**RUBBLE))).reason == "drift"
    for number in range(51, 54):
        assert archive.record(look(number, usual(number))).reason == "new"
    assert archive.drift_events() == ()
    assert [one.link.url for one in archive.released_pages()] == [url(50)]


def test_a_wall_is_told_and_over_when_articles_come_again(archive: Archive) -> None:
    for number in range(50, 55):
        barred = rejected("paywall", url=url(number), at=START + number * HOUR)
        archive.record(replace(barred, page=look(number, usual(number)).page))
    [event] = archive.drift_events()
    assert (event.kind, event.ended_at) == ("wall", None)
    for number in range(55, 59):
        archive.record(look(number, usual(number)))
    assert archive.drift_events()[0].ended == "over"


def test_a_person_releases_or_refuses(archive: Archive) -> None:
    for number in range(50, 53):
        archive.record(look(number, shape(**RUBBLE)))
    assert archive.refuse_host(HOST) == 3
    assert archive.held_pages() == ()
    archive.record(look(60, shape(**RUBBLE)))
    assert archive.release_host(HOST, START + 99 * HOUR) == 1
    assert archive.drift_events()[0].ended == "released"
    assert [one.link.url for one in archive.released_pages()] == [url(60)]
    with pytest.raises(UsageError, match="does not drift"):
        archive.release_host("other.example", START)


def test_a_new_extractor_is_no_redesign(archive: Archive) -> None:
    for number in range(50, 60):
        other = replace(shape(**RUBBLE), extractor="2")
        assert archive.record(look(number, other)).reason == "new"
    assert archive.drift_events() == ()


def test_pages_of_a_host_that_is_not_known_yet_pass(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for number in range(10):
            assert archive.record(look(number, shape(**RUBBLE))).reason == "new"


def test_slow_loss_is_told_and_holds_nothing() -> None:
    state, before, told, held = DriftState(), [], [], 0
    for number in range(600):
        lost = min(0.8, max(0, number - 250) / 300)
        one = Look(
            kind=ARTICLE, shape=replace(usual(number), length=usual(number).length * (1 - lost))
        )
        found = step(state, before[:120], one)
        state, before = found.state, [one, *before]
        told += [found.began] if found.began else []
        held += found.hold
    assert told == ["slow"]
    assert held <= 3


def test_a_host_whose_pages_often_show_no_article_needs_more_to_be_told() -> None:
    state, before, told = DriftState(), [], []
    for number in range(400):
        one = Look(kind=BARRED) if number % 5 == 0 else Look(kind=ARTICLE, shape=usual(number))
        found = step(state, before[:120], one)
        state, before = found.state, [one, *before]
        told += [found.began] if found.began else []
    assert told == []


def followed(looks: Iterable[Look]) -> list[str]:
    """Return what is told of looks, one after the other, as the archive asks."""
    state, before, held, told = DriftState(), [], [], []
    for one in looks:
        found = step(state, before[:120], one, held=held)
        state = found.state
        told += [found.began] if found.began else []
        if found.hold:
            held.insert(0, one)
        else:
            before.insert(0, one)
        if found.ended:
            before, held = [*held, *before], []
    return told


def usually(first: int, last: int) -> list[Look]:
    return [Look(kind=ARTICLE, shape=usual(number)) for number in range(first, last)]


def test_a_wall_that_is_raised_while_a_host_drifts_is_told_as_well() -> None:
    rubble = [Look(kind=ARTICLE, shape=shape(**RUBBLE))] * 3
    assert followed([*usually(0, 60), *rubble]) == ["redesign"]
    assert followed([*usually(0, 60), *rubble, *[Look(kind=BARRED)] * 4]) == ["redesign", "wall"]


def test_a_slow_change_after_another_is_told_again() -> None:
    def worse(first: int, last: int, step: int) -> list[Look]:
        lost = [(min(number - first, 100) / 100, usual(number)) for number in range(first, last)]
        return [
            Look(kind=ARTICLE, shape=replace(one, length=one.length * 0.5**step * (1 - 0.5 * gone)))
            for gone, one in lost
        ]

    assert followed([*usually(0, 200), *worse(200, 500, 0)]) == ["slow"]
    assert followed([*usually(0, 200), *worse(200, 500, 0), *worse(500, 800, 1)]) == ["slow"] * 2


def test_pages_that_each_stand_elsewhere_are_no_redesign() -> None:
    odd = [
        Look(kind=ARTICLE, shape=replace(usual(number), template=((f"odd{number}", 1.0),)))
        for number in range(4)
    ]
    alike = [Look(kind=ARTICLE, shape=replace(usual(9), template=(("new", 1.0),)))] * 4
    mixed = [
        one for number, two in enumerate(odd) for one in (two, *usually(60 + number, 61 + number))
    ]
    assert followed([*usually(0, 60), *mixed]) == []
    assert followed([*usually(0, 60), *alike]) == ["redesign"]


def test_two_pages_without_an_article_in_a_row_are_nothing_where_some_always_come() -> None:
    some = [Look(kind=EMPTY) if number % 25 == 7 else usually(number, number + 1)[0]
            for number in range(400)]  # fmt: skip
    assert followed([*some, *[Look(kind=EMPTY)] * 2, *usually(0, 9)]) == []
    assert followed([*some, *[Look(kind=EMPTY)] * 4]) == ["empty"]


def test_what_an_older_program_remembered_of_a_host_is_read(archive: Archive) -> None:
    archive.close()
    with sqlite3.connect(archive.folder / "archive.db") as db:
        [(state,)] = db.execute("select state from drift_hosts").fetchall()
        old = {k: v for k, v in json.loads(state).items() if k not in ("seen", "referred")}
        db.execute("update drift_hosts set state = ?", [json.dumps({**old, "slow": False, "x": 1})])
    db.close()
    with opened(archive.folder) as again:
        outcomes = [again.record(look(n, shape(**RUBBLE))).reason for n in range(50, 54)]
        assert outcomes == ["drift"] * 4
        assert [event.kind for event in again.drift_events()] == ["redesign"]


def test_only_what_bars_or_empties_a_page_counts() -> None:
    assert classify("paywall") == "barred"
    assert classify("empty_extract") == "empty"
    assert {classify(name) for name in ("timeout", "gone", "robots_denied", "drift", "ok")} == {
        None
    }


# Through the pipeline: pages as they come, measured in a worker


def story(number: int, *, redesigned: bool = False) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in paragraphs(number))
    box = "div class='story-v2'" if redesigned else "div class='news-body'"
    return (
        f"<html lang='en'><head><title>Story {number}</title></head><body><nav><a href='/'>Home</a>"
        f"</nav><main><h1>Story {number}</h1><{box}>{lines}</div></main></body></html>"
    ).encode()


def test_pages_of_a_redesign_are_read_again_as_they_were_fetched(tmp_path: Path) -> None:
    shipped = load_config()
    config = replace(
        shipped,
        parse=replace(shipped.parse, workers=1),
        fetch=replace(shipped.fetch, ask_reservations=False),
        sources=(),
    )

    def page(number: int, redesigned: bool) -> Page:
        return Page(
            url=url(number), final_url=url(number), status=200,
            headers={"content-type": "text/html"}, body=story(number, redesigned=redesigned),
            fetched_at=START + number * HOUR,
        )  # fmt: skip

    async def run() -> list[str]:
        async with Pipeline(
            config,
            open_archive=lambda: Archive(tmp_path / "archive"),
            # Nothing is due for another look then.
            clock=lambda: START,
        ) as pipeline:
            seen = [
                (await pipeline.read_saved(page(n, n >= 22))).recorded.reason for n in range(30)
            ]
            await pipeline.collect()
            return seen

    outcomes = asyncio.run(run())
    assert outcomes[:22] == ["new"] * 22
    assert "drift" in outcomes[22:27]
    assert outcomes[-3:] == ["new"] * 3
    with opened(tmp_path / "archive") as archive:
        assert archive.held_pages() == ()
        assert archive.released_pages() == []
        assert all(change.kind == "new" for change in archive.changes(0, -1))
        first = outcomes.index("drift")
        held = archive.find(url(first))
        assert (held.title, held.first_seen_at) == (f"Story {first}", START + first * HOUR)
        assert len(archive.changes(0, -1)) == 30


def run(folder: Path, *words: str) -> tuple[int, str]:
    return told(folder, "sources", "drift", *words)


def told(folder: Path, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["--archive", str(folder), *words])
    assert "Traceback" not in found.output
    return found.exit_code, found.output


def test_held_pages_are_told_as_held_and_never_as_articles(archive: Archive) -> None:
    source = Source(name="quay", kind="feed", url=f"https://{HOST}/feed", outlet="Quay")
    archive.sync_sources([source], START)
    fetched = START + 52 * HOUR
    shown = Discovery(links=tuple(Link(url=url(n), source="quay") for n in range(50, 53)))
    archive.record_visit("quay", fetched, discovery=shown)
    for number in range(50, 53):
        one = look(number, shape(**RUBBLE))
        archive.record(replace(one, link=Link(url=url(number), source="quay")))
    until = START + 60 * HOUR
    [history] = archive.coverage(until)
    counts = total(history.days)
    assert (counts.seen, counts.held, counts.rejected, counts.kept) == (3, 3, 0, 0)
    assert "3 held as their host drifts" in outcome_counts(counts)
    code, said = told(archive.folder, "status")
    assert code == 0
    assert f"held     3 pages in no list of articles: {HOST} 3" in said
    assert f"drifting {HOST} (redesign, 3 held)" in said
    assert json.loads(told(archive.folder, "status", "--json")[1])["held"] == {HOST: 3}
    digest = as_text(gather(archive, START + 45 * HOUR, until))
    [event] = archive.drift_events()
    began = f"{event.at:%Y-%m-%d %H:%M}"
    assert f"{HOST} drifts (redesign) since {began}; 3 pages held" in digest
    earlier = as_text(gather(archive, START, START + 45 * HOUR))
    assert f"{HOST} drifts" not in earlier
    archive.refuse_host(HOST)
    [history] = archive.coverage(until)
    assert (total(history.days).held, total(history.days).rejected) == (0, 3)
    archive.release_host(HOST, until)
    digest = as_text(gather(archive, START + 45 * HOUR, until + HOUR))
    ended = f"{until:%Y-%m-%d %H:%M}"
    assert f"{HOST} drifted (redesign) from {began} to {ended}: released" in digest


def test_samples_show_the_last_good_and_the_held_page(archive: Archive) -> None:
    for number in range(50, 52):
        one = look(number, shape(**RUBBLE))
        assert one.page is not None
        archive.record(replace(one, page=replace(one.page, body=story(number, redesigned=True))))
    code, said = run(archive.folder, HOST, "--samples")
    assert code == 0, said
    assert f"last good page: {url(39)}" in said
    assert paragraphs(39)[0][:60] in said
    assert f"held page: {url(50)}" in said
    assert paragraphs(50)[0][:60] in said
    code, said = run(archive.folder, "other.example", "--samples")
    assert (code, "does not drift" in said) == (2, True)


@pytest.mark.parametrize("refused_alone", [False, True])
def test_the_command_lists_releases_and_refuses(archive: Archive, refused_alone: bool) -> None:
    assert "no host drifts" in run(archive.folder)[1]
    for number in range(50, 53):
        archive.record(look(number, shape(**RUBBLE)))
    code, said = run(archive.folder)
    assert code == 0
    assert f"{HOST}: redesign since" in said
    assert "3 pages held" in said
    assert f"last good page:  {url(39)}" in said
    assert "2 pages" not in said
    for words, says in (
        (("--release",), "name the host"),
        ((HOST, "--release", "--refuse"), "give one of"),
        (("--samples",), "name the host"),
        (("other.example", "--release"), "does not drift"),
    ):
        code, said = run(archive.folder, *words)
        assert (code, says in said) == (2, True), said
    # Another host is told of by its name; a host by its name in capitals or by an address of its.
    assert run(archive.folder, "other.example")[1] == (
        "other.example does not drift, and none of its pages is held\n"
    )
    for typed in ("QUAY.example", f" {HOST}", f"https://{HOST}/story/1"):
        assert f"{HOST}: redesign since" in run(archive.folder, typed)[1], typed
    assert "3 pages of quay.example refused" in run(archive.folder, HOST, "--refuse")[1]
    if refused_alone:
        assert "accepted; none of its pages was held" in run(archive.folder, HOST, "--release")[1]
        assert f"{HOST}: redesign since" in run(archive.folder)[1]
        return
    archive.record(look(53, shape(**RUBBLE)))
    assert "1 page of quay.example released" in run(archive.folder, HOST, "--release")[1]
    assert "released" in run(archive.folder, HOST)[1]


def test_the_browser_shows_what_is_held_with_its_samples_and_the_commands(
    archive: Archive,
) -> None:
    pages = Browser(archive.folder)
    assert "No host drifts" in text_of(pages.get("/-/drift"))
    for number in range(50, 53):
        archive.record(look(number, shape(**RUBBLE)))
    page = pages.get("/-/drift")
    seen = text_of(page)
    assert HOST in seen and "redesign" in seen and "3 pages held" in seen
    good, bad = (archive.drift_samples(archive.drift_events()[0].id)[n] for n in (0, 1))
    assert (good.url, good.article, bad.article, bad.held) == (url(39), True, False, True)
    assert good.url in seen and bad.url in seen
    assert f'href="/-/article/{good.page_id}"' in page.text
    assert f"scraper sources drift {HOST} --release" in seen
    assert f"scraper sources drift {HOST} --refuse" in seen
    assert "<form" not in page.text.split("<main")[1], "browsing writes nothing"
    source = pages.get(f"/-/drift/page/{bad.page_id}/source")
    assert source.headers["content-type"].startswith("text/plain")
    assert source.content == archive.held_body(bad.page_id)
    assert "sandbox" in pages.get(f"/-/drift/page/{bad.page_id}").headers["content-security-policy"]
    assert pages.get("/-/drift/page/3").status_code == 404, "an article is not held"
    assert "3 pages are held" in text_of(pages.get("/-/sources"))
    archive.refuse_host(HOST)
    assert "0 pages held" in text_of(pages.get("/-/drift"))
