"""Gauntlet 52 to 54: what is an edit, what is a flap, what is a takedown; from the socket on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper import Archive
from scraper.config import load_config
from scraper.pipeline import Pipeline
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.trial import settings_for

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
TOLD = "The harbour board said on Monday that the ferry model would be published in full."
LINES = [
    TOLD,
    "Passengers had asked for the timetable to be explained after three boats left half empty.",
    "The manager said the weights belonged to the people whose journeys had trained them.",
    "The board pays a third of the cost, provided that the training log is kept in the library.",
    "Anyone who missed a boat because the model was wrong may still ask for the fare at the desk.",
]


def story(lines: Sequence[str] = LINES, *, frame: int = 0) -> bytes:
    """Return the page; its frame has a time, an advert and counters that change each time."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    return reply(
        f"<html lang='en'><head><title>Ferry model published</title>"
        f"<meta name='generated' content='{frame}'></head><body>"
        f"<div class='ad'>Offer {frame * 7}: buy now, only {frame * 13} left!</div>"
        f"<article><h1>Ferry model published</h1>"
        f"<p class='meta'>Updated {frame + 1} minutes ago · {frame * 31} views</p>{text}"
        f"<div class='comments-count'>{frame * 3} comments</div></article>"
        f"<footer>Page made at 2026-03-01T08:{frame:02}:00Z in {frame} ms</footer></body></html>"
    )


def visits(folder: Path, answers: Sequence[Script]) -> tuple[list[str], str]:
    """Fetch one address once for each answer, a day apart; return what became of each."""
    now = START

    async def run(server: Server) -> list[str]:
        nonlocal now
        config = replace(load_config(), fetch=settings_for(server.port))
        outcomes = []
        open_archive: Callable[[], Archive] = lambda: Archive(folder)  # noqa: E731
        async with Pipeline(config, open_archive=open_archive, clock=lambda: now) as pipeline:
            for number, answer in enumerate(answers):
                now = START + timedelta(days=number)
                server.routes["/story"] = answer
                async for outcome in pipeline.fetch([server.url("/story")]):
                    outcomes.append(f"{outcome.recorded.outcome} {outcome.recorded.reason}")
        return outcomes

    with Server({}) as server:
        return asyncio.run(run(server)), server.url("/story")


def test_g52_what_changes_by_itself_is_no_edit(tmp_path: Path) -> None:
    """Timestamp, advert and comment count change twenty times: zero versions beyond the first."""
    outcomes, url = visits(tmp_path, [story(frame=n) for n in range(21)])
    assert outcomes[0] == "kept new"
    assert outcomes[1:] == ["unchanged same_text"] * 20
    with Archive(tmp_path, create=False) as archive:
        (version,) = archive.versions(url)
        assert version.observations == 21
        assert len({fetch.body for fetch in archive.fetches(url)}) == 21, "the pages did differ"
        assert [change.kind for change in archive.changes()] == ["new"]
        assert archive.doctor(least_free=0) == ()


def test_g53_there_and_back_is_two_versions_and_a_flap(tmp_path: Path) -> None:
    edited = [TOLD.replace("in full", "in part, after 15 weeks"), *LINES[1:]]
    outcomes, url = visits(tmp_path, [story(), story(edited, frame=1), story(frame=2)])
    assert outcomes == ["kept new", "kept edited", "unchanged flap"]
    with Archive(tmp_path, create=False) as archive:
        first, second = archive.versions(url)
        assert (first.current, second.current) == (True, False)
        assert TOLD in archive.find(url).text
        assert [fetch.error_class for fetch in archive.fetches(url)] == ["ok", "ok", "flap"]
        assert [change.kind for change in archive.changes()] == ["new", "edited", "reverted"]
        assert archive.doctor(least_free=0) == ()


def test_g54_gone_and_back(tmp_path: Path) -> None:
    gone = reply("<h1>Gone</h1>", 410)
    edited = [*LINES, "The first boat by the new timetable leaves at 7:40 on Thursday."]
    url = ""
    with_gone, url = visits(tmp_path / "a", [story(), gone, gone])
    assert with_gone == ["kept new", "failed gone", "failed gone"]
    with Archive(tmp_path / "a", create=False) as archive:
        article = archive.find(url)
        assert article.state == "gone"
        assert article.gone_at == START + timedelta(days=2)
        assert TOLD in article.text, "the last good text stays"
        assert len(archive.versions(url)) == 1
    outcomes, url = visits(tmp_path / "b", [story(), gone, gone, story(edited)])
    assert outcomes[-1] == "kept edited"
    with Archive(tmp_path / "b", create=False) as archive:
        article = archive.find(url)
        assert (article.state, article.gone_at) == ("live", None)
        assert len(archive.versions(url)) == 2
        assert TOLD in archive.version(url, 1).article.text
        classes = [fetch.error_class for fetch in archive.fetches(url)]
        assert classes == ["ok", "gone", "gone", "ok"], "the history is whole"
        kinds = [change.kind for change in archive.changes()]
        assert kinds[:2] == ["new", "gone"]
        assert set(kinds[2:]) == {"edited", "returned"}
        assert archive.doctor(least_free=0) == ()
