"""Quotes of versions: kept, read again, found by name, and told where they changed or vanished."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scraper.archive import Archive
from scraper.cli import main
from scraper.models import QuoteReading
from scraper.pipeline.quotes import key_of_speaker, read_quotes, reader_version, reread_quotes
from scraper.pipeline.rescore import rescore
from scraper.quotes.sameness import QuoteGroup, group_quotes
from scraper.topics.lexicon import default_lexicon
from tests.archiving import START, article, opened

LEXICON = default_lexicon()
REST = "The harbour was closed for 3 weeks. Ships waited outside the bay.\n" * 4
ENGLISH = "“We will open the harbour on Monday,” said harbour master Ann Bell.\n" + REST
ALTERED = "“We may open the harbour next month,” said harbour master Ann Bell.\n" + REST
REMOVED = "The harbour master declined to give a date.\n" + REST
OTHER = "Ann Bell told the council: “We will open the harbour on Tuesday, perhaps.”\n" + REST
SIMPLE = (
    "周启航说：“我们不会为了榜单去训练模型，永远不会。”\n"
    + "港口已经关闭三个星期，船只在湾外等候。\n" * 4
)
TRADITIONAL = (
    "「我們不會為了榜單去訓練模型，永遠不會，」周啟航說。\n"
    + "港口已經關閉三個星期，船隻在灣外等候。\n" * 4
)


def put(archive: Archive, number: int, text: str, *, days: int = 0, quoted: bool = True) -> int:
    attempt = article(
        text,
        url=f"https://outlet{number}.example/news/{number}",
        title="Harbour",
        at=START + timedelta(days=days),
    )
    if quoted:
        attempt = replace(attempt, quotes=read_quotes(text, LEXICON))
    recorded = archive.record(attempt)
    assert recorded.outcome == "kept"
    return recorded.article_id or 0


def groups(archive: Archive, name: str) -> tuple[QuoteGroup, ...]:
    keys = archive.quotes.keys_like(key_of_speaker(name, LEXICON))
    return group_quotes(archive.quotes.of_speakers(keys), archive.quotes.stands_on())


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["-q", "--archive", str(folder), "quotes", *words])


def test_a_family_name_finds_the_speaker(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        assert archive.quotes.keys_like("bell") == ("ann bell",)
        assert archive.quotes.keys_like("ell") == ()
        (speaker,) = archive.quotes.speakers()
        assert (speaker.name, speaker.articles) == ("Ann Bell", 1)


def test_one_statement_in_two_scripts_is_one_wording(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, SIMPLE)
        put(archive, 2, TRADITIONAL, days=1)
        for name in ("周启航", "周啟航"):
            (group,) = groups(archive, name)
            (wording,) = group.wordings
            assert [claim.article_id for claim in wording.claims] == [1, 2]
            assert group.alterations == ()


def test_an_edit_that_alters_a_quote_is_told_with_both_wordings(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        put(archive, 1, ALTERED, days=2)
        (group,) = groups(archive, "Ann Bell")
        (alteration,) = group.alterations
        assert alteration.kind == "edited" and alteration.other is not None
        assert "on Monday" in alteration.one.quote.words
        assert "next month" in alteration.other.quote.words
        assert alteration.one.until == alteration.other.observed_at


def test_an_edit_of_what_is_reported_without_quotation_marks_is_told(tmp_path: Path) -> None:
    said = "Ann Bell said that the new crane had cost the port {} million euros in all.\n" + REST
    with opened(tmp_path) as archive:
        put(archive, 1, said.format("4.6"))
        put(archive, 1, said.format("6.4"), days=2)
        put(archive, 2, said.replace("in all", "altogether").format("5"), days=3)
        (group,) = groups(archive, "Bell")
        (alteration,) = group.alterations
        assert alteration.kind == "edited" and alteration.other is not None
        assert "4.6" in alteration.one.quote.words and "6.4" in alteration.other.quote.words


def test_a_quote_that_an_edit_removed_has_vanished(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        put(archive, 1, REMOVED, days=2)
        (group,) = groups(archive, "Ann Bell")
        (alteration,) = group.alterations
        assert (alteration.kind, alteration.other) == ("vanished", None)


def test_words_that_still_stand_have_not_vanished(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        kept = "A banner at the gate had it: “We will open the harbour on Monday”.\n" + REST
        put(archive, 1, kept, days=2)
        (group,) = groups(archive, "Ann Bell")
        assert group.alterations == ()


def test_outlets_that_word_a_statement_differently_are_told(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        put(archive, 2, OTHER, days=1)
        (group,) = groups(archive, "Bell")
        (alteration,) = group.alterations
        assert alteration.kind == "outlets" and alteration.other is not None
        assert (alteration.one.article_id, alteration.other.article_id) == (1, 2)


def test_a_shortened_quote_is_not_altered(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(
            archive,
            1,
            "“We will open the harbour on Monday, and I mean it,” said Ann Bell.\n" + REST,
        )
        put(archive, 2, ENGLISH, days=1)
        (group,) = groups(archive, "Bell")
        assert len(group.wordings) == 2 and group.alterations == ()


def test_rescore_reads_what_was_archived_before_and_by_another_reader(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH, quoted=False)
        assert archive.quotes.speakers() == ()
        dry = rescore(archive, LEXICON, dry_run=True)
        assert (dry.read, dry.quotes, archive.quotes.speakers()) == (1, 1, ())
        report = rescore(archive, LEXICON)
        assert (report.read, report.quotes) == (1, 1)
        assert archive.quotes.speakers()[0].name == "Ann Bell"
        assert rescore(archive, LEXICON).read == 0
        old = QuoteReading(quotes=(), reader="an earlier one")
        archive.quotes.read_again(1, old)
        assert archive.quotes.speakers() == ()
        assert reread_quotes(archive, LEXICON) == (1, 1)
        assert archive.quotes.unread(reader_version(LEXICON)) == ()


def test_the_command_lists_both_wordings(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
        put(archive, 1, ALTERED, days=2)
        put(archive, 2, SIMPLE)
    said = run(tmp_path, "Ann", "Bell", "--altered").output
    assert "- “We will open the harbour on Monday”" in said
    assert "+ “We may open the harbour next month”" in said
    assert "changed by an edit" in said
    told = json.loads(run(tmp_path, "Bell", "--format", "json").stdout)
    assert told["total"] == 1
    assert told["quotes"][0]["alterations"][0]["kind"] == "edited"
    late = (START + timedelta(days=9)).date().isoformat()
    assert json.loads(run(tmp_path, "Bell", "--json", "--since", late).stdout)["total"] == 0
    assert run(tmp_path, "周啟航", "--altered").output.count("“") == 0
    assert "周启航" in run(tmp_path).output


def test_the_command_lists_what_an_article_quotes(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH + "Cy Day, a sailor, said: “About time.”\n")
    said = run(tmp_path, "1").output
    assert said.index("Ann Bell") < said.index("Cy Day")


@pytest.mark.parametrize("words", [("Nobody Here",), ("99",)])
def test_an_unknown_name_is_an_error_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    with opened(tmp_path) as archive:
        put(archive, 1, ENGLISH)
    result = run(tmp_path, *words)
    assert result.exit_code != 0 and words[0] in result.output
    assert len(result.output.strip().splitlines()) == 1
