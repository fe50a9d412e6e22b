"""The digest: what happened in a period, in four formats, and as an alert on a cron line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from scraper.archive import Archive
from scraper.cli import main
from scraper.digest.contents import begin_of, gather
from scraper.digest.formats import FORMATS, as_text
from scraper.errors import UsageError
from scraper.models.alerts import AlertSettings, AlertSink
from scraper.text.dates.time_zones import time_zone
from tests.archiving import HOUR, START, TEXT, article, failed, opened
from tests.test_alerts import EDIT, NOW, Newsroom, harbour, judged, rule, webhook

DAY = timedelta(days=1)
NASTY = 'Fees <img src=x onerror=alert(1)> [a](javascript:x) \x1b[31mred "quoted"'


@pytest.fixture
def archive(tmp_path: Path):
    """A day: an article edited gravely, one slightly, one taken down, a story, a new name."""
    with opened(tmp_path / "archive") as found:
        for number in (1, 2, 3):
            found.record(harbour(number, hours=-30))
        found.record(harbour(1, EDIT, 1))
        slight = TEXT.replace("outside", "out side")
        found.record(harbour(2, slight, 2))
        url = "https://ledger.example/news/3"
        for hours in (1, 9):
            found.record(failed("gone", at=START + hours * HOUR, url=url))
            found.record(harbour(1, EDIT, hours + 1))
        found.record(harbour(4, hours=3, title=NASTY))
        found.record(
            judged(1, "Ferry-3"),
        )
        found.record(judged(1, "Ferry-3", outlet="Herald"))
        while found.stories.group_new(NOW).articles:
            pass
        yield found


def test_what_happened_is_told_and_what_did_not_is_not(archive: Archive) -> None:
    found = gather(archive, START, START + DAY)
    assert [(c.article_id, c.severity) for c in found.edits] == [(1, 3)]
    assert [c.article_id for c in found.takedowns] == [3]
    assert [(s.outlets, s.articles) for s in found.stories] == [(2, 2), (1, 2)]
    assert [n.name for n in found.names] == ["Ferry-3"]
    assert dict(found.counts) == {"edited": 2, "gone": 1, "new": 3}
    assert found.lighter == 1
    assert "- 1 of lower severity: `scraper changes` lists them" in as_text(found)
    nothing = gather(archive, START + DAY, START + 2 * DAY)
    assert not any((nothing.edits, nothing.takedowns, nothing.stories, nothing.names))
    assert "Nothing new, nothing edited." in as_text(nothing)
    assert "This rests on" in as_text(nothing)


def test_an_article_that_was_edited_twice_is_one(archive: Archive) -> None:
    archive.record(harbour(1, EDIT.replace("5 weeks", "6 weeks") + "The mayor left.", 12))
    found = gather(archive, START, START + DAY)
    assert (found.counts["edited"], found.articles["edited"]) == (3, 2)
    assert "Articles: 2 edited (3 times), 1 taken down, 3 new." in as_text(found)
    assert json.loads(FORMATS["json"](found))["articles"]["edited"] == 2


def test_what_is_there_again_is_not_told_as_missing_alone(archive: Archive) -> None:
    archive.record(harbour(3, hours=20))
    (taken_down,) = as_text(gather(archive, START, START + DAY)).split("\nTAKEN DOWN\n")[1:]
    assert taken_down.splitlines()[1] == "    there again 03-02 04:00"
    # Of a period that ends before, it is missing.
    assert "there again" not in as_text(gather(archive, START, START + 15 * HOUR))


def test_a_filter_keeps_what_fulfils_it(archive: Archive) -> None:
    found = gather(archive, START, START + DAY, filter_="entity:Ferry-3")
    assert (found.edits, found.takedowns) == ([], [])
    assert (len(found.stories), len(found.names)) == (1, 1)
    other = gather(archive, START, START + DAY, filter_="title:1")
    assert (len(other.edits), [s.outlets for s in other.stories]) == (1, [1])
    # What is counted is what the filter leaves, as the title says.
    assert (dict(found.counts), dict(other.counts)) == (
        {"new": 2},
        {"edited": 1, "new": 1},
    )
    none = gather(archive, START, START + DAY, filter_="title:nowhere")
    assert "Nothing new, nothing edited." in as_text(none)


def test_a_digest_of_many_edits_says_where_the_others_are(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        for number in range(40):
            archive.record(harbour(number, hours=-30))
            archive.record(harbour(number, EDIT, 1))
        found = gather(archive, START, START + DAY)
    for name, ends in (("text", "- {}\n"), ("markdown", "- {}\n"), ("html", "<li>{}</li>")):
        told = FORMATS[name](found)
        assert ends.format("15 more: `scraper digest --format json` has all") in told
        assert told.count("Harbour reopens") == 25
    assert len(json.loads(FORMATS["json"](found))["edits"]) == 40


def test_a_story_is_told_though_many_later_ones_are_known(archive: Archive) -> None:
    latest, *_, before = (story.id for story in archive.stories.stories())
    assert [s.id for s in archive.stories.stories(limit=1)] == [latest]
    assert [s.id for s in archive.stories.stories(among=[before], limit=1)] == [before]
    assert archive.stories.stories(among=[], limit=1) == ()


def test_all_formats_tell_the_same_and_foreign_text_steers_none(archive: Archive) -> None:
    archive.record(harbour(4, EDIT, 5, NASTY))
    found = gather(archive, START, START + DAY)
    told = {name: make(found) for name, make in FORMATS.items()}
    for text in told.values():
        assert "8 weeks" in text
        assert "\x1b" not in text
    page = LexborHTMLParser(told["html"])
    assert page.css_first("img") is None
    assert {a.attributes["href"][:8] for a in page.css("a")} == {"https://"}
    shown = LexborHTMLParser(MarkdownIt().render(told["markdown"]))
    assert shown.css_first("img") is None
    assert {a.attributes["href"][:8] for a in shown.css("a")} == {"https://"}
    assert "<img src=x onerror=alert(1)>" in shown.body.text()
    assert json.loads(told["json"])["counts"] == dict(found.counts)


@pytest.mark.parametrize(
    "title", ["2026. A year of models", "1) First", "- minus", "+ plus", "AT&amp;T pays", "# no"]
)
def test_a_headline_stands_in_markdown_as_it_is(title: str, archive: Archive) -> None:
    found = gather(archive, START, START + DAY)
    stories = [replace(story, title=title) for story in found.stories]
    shown = LexborHTMLParser(
        MarkdownIt().render(FORMATS["markdown"](replace(found, stories=stories, edits=[])))
    )
    assert next(node.text().split(" (story")[0] for node in shown.css("li")) == title
    assert shown.css_first("li li, li h1, ol") is None


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("yesterday", "UTC", "2026-02-28T00:00+00:00"),
        ("today", "Asia/Shanghai", "2026-03-02T00:00+08:00"),
        ("24h", "UTC", "2026-02-28T18:00+00:00"),
        ("2w", "UTC", "2026-02-15T18:00+00:00"),
        ("2026-02-03", "Europe/Berlin", "2026-02-03T00:00+01:00"),
        ("2026-02-03T07:00", "Europe/Berlin", "2026-02-03T07:00+01:00"),
        ("2026-02-03T07:00Z", "Europe/Berlin", "2026-02-03T07:00+00:00"),
    ],
)
def test_when_it_begins(text: str, zone: str, expected: str) -> None:
    assert begin_of(text, NOW, zone) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "monday", "0d", "2026-02-30", "99999h9"])
def test_what_is_no_beginning(text: str) -> None:
    with pytest.raises(UsageError, match="give yesterday, today, 24h"):
        begin_of(text, NOW, "UTC")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--since", "soon"], "--since soon: give yesterday"),
        (["--zone", "Mars/Base"], "--zone Mars/Base: give an IANA time zone"),
        (["--since", "today", "--until", "yesterday"], "is not before the end"),
        (["--until", "soon"], "--until soon: give yesterday"),
        (["--since", "0001-01-01"], "--since 0001-01-01: no page of the web is of that time"),
        (["--since", "9999w"], "--since 9999w: no page of the web is of that time"),
        (["--until", "9999-12-31"], "--until 9999-12-31: no page of the web is of that time"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, words: list[str], says: str) -> None:
    with opened(tmp_path / "archive"):
        pass
    folder = ["--archive", str(tmp_path / "archive")]
    found = CliRunner().invoke(main, [*folder, "digest", *words])
    assert (found.exit_code, says in found.output) == (2, True), found.output
    found = CliRunner().invoke(main, [*folder, "digest"])
    assert found.exit_code == 0
    assert "Nothing new, nothing edited." in found.output


def test_an_alert_brings_it_on_a_cron_line_and_once_for_all_that_were_missed(
    tmp_path: Path,
) -> None:
    with webhook() as (sink, url):
        settings = AlertSettings(
            rules=(rule("digest", cron="0 7 * * *", zone="UTC"),),
            sinks=(AlertSink(name="team", kind="webhook", url=url),),
        )
        room = Newsroom(tmp_path / "archive", settings)
        room.record(article(at=NOW, title="Harbour reopens"))
        room.round()
        room.now = datetime(2026, 3, 2, 6, 59, tzinfo=UTC)
        assert room.round() == 0
        room.now += timedelta(minutes=2)
        assert room.round() == 1
        assert room.round() == 0
        room.now = datetime(2026, 3, 6, 9, tzinfo=UTC)
        assert room.round() == 1
        assert room.round() == 0
    [[one], [other]] = sink.told
    assert one == "Digest 2026-03-01 07:00 to 2026-03-02 07:01 UTC"
    assert other == "Digest 2026-03-02 07:01 to 2026-03-06 09:00 UTC"
    assert json.loads(sink.got[0][1])["alerts"][0]["data"]["counts"] == {"new": 1}


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Taipei", "Asia/Taipei"),
        (":Europe/Oslo", "Europe/Oslo"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("XYZ-3", "+03:00"),
        ("<+08>-8", "+08:00"),
        ("Nonsense", "UTC"),
    ],
)
def test_a_digest_is_told_in_the_zone_of_its_reader(
    zone: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Archive(tmp_path / "archive").close()
    monkeypatch.setenv("TZ", zone)
    asked = ["--archive", str(tmp_path / "archive"), "digest", "--since", "24h"]
    assert CliRunner().invoke(main, asked).stdout.splitlines()[0].endswith(f" {shown}")
    told = CliRunner().invoke(main, [*asked, "--zone", "Asia/Shanghai"])
    assert told.stdout.splitlines()[0].endswith(" Asia/Shanghai")


@pytest.mark.parametrize(
    ("rule_", "winter", "summer"),
    [
        ("CST-8", "2026-01-15T20:00+08:00", "2026-07-15T20:00+08:00"),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-01-15T07:00-05:00", "2026-07-15T08:00-04:00"),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-16T01:00+13:00", "2026-07-16T00:00+12:00"),
    ],
)
def test_a_zone_may_be_a_rule_of_posix(rule_: str, winter: str, summer: str) -> None:
    for month, expected in ((1, winter), (7, summer)):
        local = datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(time_zone(rule_))
        assert local.isoformat(timespec="minutes") == expected


@pytest.mark.parametrize("text", ["", "Nonsense", "CST-8\nX", "A" * 300, "时-8", "../etc/passwd"])
def test_what_is_no_zone(text: str) -> None:
    with pytest.raises(ValueError):
        time_zone(text)
