"""What the archive keeps of judgements, what sources pass over, and what a new lexicon moves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper.archive import Archive
from scraper.cli import main
from scraper.config import load_config
from scraper.errors import ErrorClass, ExtractError
from scraper.models import Article, Attempt, Source
from scraper.pipeline.record import TopicFilter
from scraper.pipeline.rescore import explain, rescore
from scraper.topics import judge
from scraper.topics.lexicon import Lexicon, default_lexicon, lexicon_in
from scraper.workers import ParserPool
from tests.archiving import START, article, opened

ON = ("Moonshot opens Kimi K2", "The open-weight model Kimi K2 has 1T parameters.\n" * 3)
OFF = ("Harbour reopens", "The harbour reopened on Monday after the Dukou ferry left.\n" * 3)
OWN = (
    'extends = true\n[[group]]\nkind = "model"\nweight = 9\n[group.entries]\n"Dukou" = []\n'
    '"Kimi" = { as = ["?Kimi"], weight = 0 }\n"Kimi K2" = { as = ["?K2"], weight = 0 }\n'
)


def put(archive: Archive, number: int, said: tuple[str, str], *, source: str = "") -> int:
    title, text = said
    url = f"https://ledger.example/news/{number}"
    attempt = article(text, url=url, title=title, source=source)
    attempt = replace(attempt, judgement=judge(title, text))
    return archive.record(attempt).article_id or 0


def own_lexicon(folder: Path) -> Lexicon:
    (folder / "topics.toml").write_text(OWN, encoding="utf-8")
    return lexicon_in(folder)


def rows(archive: Archive, query: str) -> list[tuple[object, ...]]:
    with archive.topics._store.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_a_judgement_is_kept_with_evidence_names_and_figures(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        article_id = put(archive, 1, ON)
        found = archive.topics.topic(article_id)
        assert found is not None and found[0].on and found[1] == default_lexicon().version
        assert found[0].evidence[0].matched
        assert [e.name for e in archive.topics.entities("model")] == ["Kimi K2"]
        assert rows(archive, "select on_topic from articles") == [(1,)]
        assert rows(archive, "select about, kind, low from quantity_list limit 1") == [
            ("Kimi K2", "parameters", 1e12)
        ]
        assert rows(archive, "select count(*) from topic_list") == [(1,)]
        assert rows(archive, "select name, articles from entity_list where kind = 'model'") == [
            ("Kimi K2", 1)
        ]


def test_a_text_that_is_taken_back_takes_its_score_back(tmp_path: Path) -> None:
    title, text = OFF
    with opened(tmp_path) as archive:
        # What was there before is told at the second look that shows it.
        for day, body in enumerate((text, ON[1], text, text)):
            attempt = article(body, title=title, at=START + timedelta(days=day))
            archive.record(replace(attempt, judgement=judge(title, body)))
        assert rows(archive, "select on_topic, version_count from articles") == [(0, 2)]


def test_rescore_judges_what_was_archived_before(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.record(article(ON[1], title=ON[0]))
        report = rescore(archive, default_lexicon())
        assert (report.judged, report.first, report.on, report.off) == (1, 1, 1, 0)
        assert rows(archive, "select on_topic from articles") == [(1,)]
        again = rescore(archive, default_lexicon())
        assert (again.judged, again.versions) == (0, 1)


def test_rescore_tells_what_moved_and_why(tmp_path: Path) -> None:
    lexicon = own_lexicon(tmp_path)
    with opened(tmp_path / "a") as archive:
        on, off = put(archive, 1, ("Kimi K2 is out", "AI: Kimi K2 is out.")), put(archive, 2, OFF)
        dry = rescore(archive, lexicon, dry_run=True)
        assert (dry.to_on, dry.to_off, dry.written) == (1, 1, False)
        assert rows(archive, "select on_topic from articles order by id") == [(1,), (0,)]
        report = rescore(archive, lexicon)
        assert [(m.article_id, "Dukou" in m.why) for m in report.named_on] == [(off, True)]
        assert [(m.article_id, "Kimi" in m.why) for m in report.named_off] == [(on, True)]
        assert rows(archive, "select on_topic from articles order by id") == [(0,), (1,)]
        assert rows(archive, "select value from facts where key = 'lexicon'") == [
            (lexicon.version,)
        ]


def test_a_changed_threshold_is_given_as_the_reason() -> None:
    topic = judge("DeepSeek", "").topic
    assert explain(topic, replace(topic, threshold=500.0)) == "threshold 10 → 500"


def test_rescore_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    lexicon = own_lexicon(tmp_path)
    with opened(tmp_path / "a") as archive:
        for number in range(5):
            put(archive, number, (f"{ON[0]} {number}", f"{ON[1]} part {number}"))
        first = archive.topics.stale(lexicon.version, limit=2)
        archive.topics.save([(v, judge(v.title, v.text, lexicon)) for v in first], START)
        assert rescore(archive, lexicon).judged == 3


def test_names_that_nobody_has_any_more_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text("[[group]]\nkind = 'topic'\n[group.entries]\n")
    with opened(tmp_path / "a") as archive:
        put(archive, 1, ON)
        rescore(archive, lexicon_in(tmp_path))
        assert archive.topics.entities("company") == ()


def choosing(policy: str) -> tuple[TopicFilter, Attempt, Attempt]:
    made = Article(title=OFF[0], text=OFF[1], authors=("A. Writer",), excerpt="Ferries.")
    off = article(OFF[1], title=OFF[0], source="quay", made=made)
    on = article(ON[1], title=ON[0], source="quay", url="https://ledger.example/news/2")
    return TopicFilter(default_lexicon(), {"quay": policy}), on, off


@pytest.mark.parametrize(("policy", "authors"), [("only", ""), ("metadata", "A. Writer")])
def test_a_source_keeps_what_is_on_topic_and_a_row_of_the_rest(
    tmp_path: Path, policy: str, authors: str
) -> None:
    relevance, on, off = choosing(policy)
    with opened(tmp_path) as archive:
        for attempt in map(relevance.with_judgement, (on, off)):
            unwanted = relevance.is_unwanted(attempt)
            recorded = archive.record(relevance.without_content(attempt) if unwanted else attempt)
            assert (recorded.outcome, recorded.reason) == (
                ("rejected", "off_topic") if unwanted else ("kept", "new")
            )
        assert rows(archive, "select title, authors, policy, score from passed_over") == [
            (OFF[0], authors, policy, 0.0)
        ]
        assert rows(archive, "select class, body, message from fetches order by id desc limit 1")[
            0
        ] == ("off_topic", None, "off topic: score 0, threshold 10")
        # It is not fetched again by itself.
        assert rows(archive, "select next_check_at from pages where last_class = 'off_topic'") == [
            (None,)
        ]
        assert rows(archive, "select title from articles") == [(ON[0],)]


def test_a_source_that_keeps_all_passes_nothing_over() -> None:
    relevance, _, off = choosing("all")
    assert not relevance.is_unwanted(relevance.with_judgement(off))


def test_what_was_passed_over_is_fetched_when_a_new_lexicon_wants_it(tmp_path: Path) -> None:
    lexicon = own_lexicon(tmp_path)
    relevance, _, off = choosing("metadata")
    off = replace(off, article=replace(off.article or Article(), title="Dukou leaves"))
    with opened(tmp_path / "a") as archive:
        archive.record(relevance.without_content(relevance.with_judgement(off)))
        report = rescore(archive, lexicon, clock=lambda: START)
        assert [m.title for m in report.named_reconsidered] == ["Dukou leaves"]
        due = archive.due_pages(START + timedelta(hours=1), 10)
        assert [link.url for link in due] == [off.link.url]
        # Once is enough.
        assert rescore(archive, lexicon).reconsidered == 0
        kept = archive.record(replace(off, judgement=judge("Dukou leaves", OFF[1], lexicon)))
        assert kept.outcome == "kept"
        assert rows(archive, "select count(*) from passed_over") == [(0,)]


def test_the_pipeline_judges_and_passes_over(tmp_path: Path) -> None:
    config = load_config(None)
    source = Source(name="quay", kind="feed", url="https://q.example/f", outlet="Q", topic="only")
    relevance = TopicFilter.of(replace(config, sources=(source,)))
    _, on, off = choosing("only")
    assert relevance.is_unwanted(relevance.with_judgement(off))
    assert not relevance.is_unwanted(relevance.with_judgement(on))


class _Stopped:
    """A pool whose workers are stopped by each text."""

    async def run(self, *_: object) -> None:
        raise ExtractError("not within 10 s", error_class=ErrorClass.PARSE_TIMEOUT)


def test_a_text_that_stops_its_worker_is_kept_unjudged() -> None:
    relevance, _, off = choosing("only")
    attempt = asyncio.run(relevance.judged(off, _Stopped()))  # type: ignore[arg-type]
    assert attempt == off
    assert not relevance.is_unwanted(attempt)


def test_a_worker_judges_by_the_lexicon_that_was_read(tmp_path: Path) -> None:
    for name in ("settings.toml", "sources.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    own_lexicon(tmp_path)
    relevance = TopicFilter.of(load_config(tmp_path))
    off = article(OFF[1], title=OFF[0])

    async def both() -> tuple[Attempt, Attempt]:
        with ParserPool(workers=1) as pool:
            before = await relevance.judged(off, pool)
            # It changes under a daemon, and is not valid for now.
            (tmp_path / "topics.toml").write_text("[[group]]\nkind = 4\n")
            return before, await relevance.judged(off, pool)

    before, after = asyncio.run(both())
    assert before == relevance.with_judgement(off)
    assert before.judgement is not None and before.judgement.topic.on
    assert after == before


def test_the_command_reports_and_writes_nothing_on_a_dry_run(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as archive:
        put(archive, 1, OFF)
    for name in ("settings.toml", "sources.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    own_lexicon(tmp_path)
    words = ["--archive", str(tmp_path / "a"), "--config", str(tmp_path), "rescore"]
    shown = CliRunner().invoke(main, [*words, "--dry-run"])
    assert shown.exit_code == 0, shown.output
    for text in ("now on topic", "Harbour reopens", "+25.1 Dukou", "nothing was written"):
        assert text in shown.output
    told = json.loads(CliRunner().invoke(main, [*words, "--json"]).output)
    assert (told["to_on"], told["written"]) == (1, True)


def test_a_lexicon_of_ones_own_is_tried_and_applied_without_a_folder(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as archive:
        put(archive, 1, OFF)
    (tmp_path / "b").mkdir()
    own_lexicon(tmp_path / "b")
    own = ["--topics", str(tmp_path / "b" / "topics.toml")]
    shown = CliRunner().invoke(main, ["topics", "Dukou", *own])
    assert shown.exit_code == 0 and "Dukou" in shown.output
    words = ["--archive", str(tmp_path / "a"), "rescore", *own]
    shown = CliRunner().invoke(main, [*words, "--dry-run"])
    assert "now on topic" in shown.output and "still" not in shown.output
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0 and "still judged by the configured lexicon" in shown.output


def test_an_event_loop_is_not_needed() -> None:
    """The judge is a pure function: the same from any thread."""

    async def elsewhere() -> float:
        return (await asyncio.to_thread(judge, *ON)).topic.score

    assert asyncio.run(elsewhere()) == judge(*ON).topic.score
