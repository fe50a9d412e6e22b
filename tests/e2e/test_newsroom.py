"""From feeds to versions on the demo newsroom: what comes out is what was published."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from scraper import Archive
from scraper.config import Config, load_config
from scraper.demo import PASSES, Newsroom, Truth
from scraper.pipeline import Event, Pipeline, RunCounts


@dataclass(slots=True)
class Collected:
    """Three passes over the newsroom, and what they left."""

    folder: Path
    newsroom: Newsroom
    config: Config
    tallies: list[RunCounts]
    events: list[list[Event]]
    truths: list[tuple[Truth, ...]]


def one_pass(
    config: Config, folder: Path, now: datetime, events: list[Event] | None = None
) -> RunCounts:
    async def run() -> RunCounts:
        async with Pipeline(
            config,
            open_archive=lambda: Archive(folder),
            clock=lambda: now,
            on_event=events.append if events is not None else None,
        ) as pipeline:
            return await pipeline.collect()

    return asyncio.run(run())


def demo_config(newsroom: Newsroom) -> Config:
    shipped = load_config()
    fetch = replace(
        shipped.fetch,
        allow_private=("127.0.0.0/8",),
        ports=(newsroom.port,),
        delay=0.01,
    )
    return replace(shipped, fetch=fetch, sources=newsroom.sources())


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    now = PASSES[0]
    folder = tmp_path_factory.mktemp("newsroom")
    with Newsroom(clock=lambda: now) as newsroom:
        config = demo_config(newsroom)
        tallies, events, truths = [], [], []
        for now in PASSES:
            events.append([])
            tallies.append(one_pass(config, folder, now, events[-1]))
            truths.append(newsroom.truth(now))
        yield Collected(folder, newsroom, config, tallies, events, truths)


def test_every_story_is_archived_and_nothing_else(collected: Collected) -> None:
    ever = {truth.url for truths in collected.truths for truth in truths if truth.state == "live"}
    with Archive(collected.folder, create=False) as archive:
        found = {archive.find(url).id for url in ever}
        counts = archive.status(PASSES[-1]).counts
    assert len(found) == len(ever)
    assert counts["articles"] == len(ever)


def test_texts_are_exactly_what_was_published(collected: Collected) -> None:
    wrong = {}
    with Archive(collected.folder, create=False) as archive:
        for truth in collected.truths[-1]:
            lines = archive.version(truth.url).article.text.splitlines()
            optional = set(truth.optional)
            expected = [line for line in truth.lines if line not in optional]
            got = [line for line in lines if line not in optional]
            if got != expected:
                wrong[truth.story] = (
                    [line for line in expected if line not in got],
                    [line for line in got if line not in expected],
                )
    assert not wrong


def test_versions_are_the_publishers_edits(collected: Collected) -> None:
    seen: dict[str, set[int]] = {}
    for truths in collected.truths:
        for truth in truths:
            if truth.state == "live":
                seen.setdefault(truth.url, set()).add(truth.version)
    with Archive(collected.folder, create=False) as archive:
        counts = {url: len(archive.versions(url)) for url in seen}
    assert counts == {url: len(numbers) for url, numbers in seen.items()}


def test_what_was_taken_down_is_marked_and_its_last_text_kept(collected: Collected) -> None:
    gone = [truth for truth in collected.truths[-1] if truth.state != "live"]
    assert len(gone) >= 2
    with Archive(collected.folder, create=False) as archive:
        for truth in gone:
            row = archive.find(truth.url)
            told = [line for line in truth.lines if line not in truth.optional]
            assert [line for line in told if line not in row.text] == []
            # A takedown counts once it was seen twice.
            if all(
                t.state != "live" for ts in collected.truths[1:] for t in ts if t.url == truth.url
            ):
                assert row.state == "gone", truth.story


def test_who_wrote_what_and_when(collected: Collected) -> None:
    wrong = []
    with Archive(collected.folder, create=False) as archive:
        for truth in collected.truths[-1]:
            article = archive.version(truth.url).article
            facts = {
                "title": (article.title, truth.title),
                "authors": (article.authors, truth.authors),
                "source": (article.source, truth.source),
                "language": (article.language, truth.language),
                "script": (article.script, truth.script),
            }
            wrong += [
                (truth.story, k, got, want) for k, (got, want) in facts.items() if got != want
            ]
            if article.published is None:
                wrong.append((truth.story, "published", None, truth.published))
            elif abs(article.published - truth.published) > truth.published_within:
                wrong.append((truth.story, "published", article.published, truth.published))
    assert not wrong


def test_every_attempt_left_its_outcome(collected: Collected) -> None:
    for tally, events in zip(collected.tallies, collected.events, strict=True):
        total = tally.total()
        links = [event for event in events if event.kind == "link"]
        outcomes = sum(total[name] for name in ("kept", "unchanged", "rejected", "failed"))
        assert outcomes == len(links)
        assert total["seen"] == total["known"] + outcomes
        # What is due for another look and stands in a feed too is one link, counted once.
        assert total["known"] <= 1


def test_walls_and_errors_never_became_versions(collected: Collected) -> None:
    reasons = {event.url: event.outcome for events in collected.events for event in events}
    for url, corner in collected.newsroom.corners():
        outcomes = {outcome for shown, outcome in reasons.items() if shown.startswith(url)}
        assert outcomes <= {"rejected", "failed"}, corner


def test_a_host_is_asked_one_thing_at_a_time(collected: Collected) -> None:
    by_host: dict[str, list[tuple[float, float]]] = {}
    for hit in collected.newsroom.hits:
        by_host.setdefault(hit.host, []).append((hit.started, hit.ended))
    assert len(by_host) >= 6
    for spans in by_host.values():
        spans.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_robots_txt_is_obeyed(collected: Collected) -> None:
    refused = [
        event.url for events in collected.events for event in events if "forbids" in event.detail
    ]
    assert refused
    asked = {f"http://{hit.host}{hit.path}" for hit in collected.newsroom.hits}
    assert not asked & set(refused)


def test_another_pass_finds_nothing_new(collected: Collected) -> None:
    with Archive(collected.folder, create=False) as archive:
        before = archive.status(PASSES[-1]).counts
    again = one_pass(collected.config, collected.folder, PASSES[-1])
    with Archive(collected.folder, create=False) as archive:
        after = archive.status(PASSES[-1]).counts
    assert again.total()["kept"] == 0
    assert (after["articles"], after["versions"]) == (before["articles"], before["versions"])
