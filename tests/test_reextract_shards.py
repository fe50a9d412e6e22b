"""Reextraction on several machines: parts and their merge, also where the archive has changed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.archive import Archive
from scraper.config import load_config
from scraper.errors import ExtractError
from scraper.exchange.shards import read_manifest, rows_of
from scraper.exchange.storage import LocalFolder
from scraper.pipeline.judging import rederive
from scraper.pipeline.readings import VersionReading, dump_reading
from scraper.pipeline.reextract import (
    GivenReading,
    ReextractReport,
    WantedExtractors,
    pages_key,
    reextract,
)
from scraper.topics.lexicon import lexicon_in
from tests.test_import_chunks import AT, edited, import_pages, page
from tests.test_import_shards import refused, rows, run
from tests.test_reextract import earlier

PARTS = 3
PAGES = [page(n) for n in range(100)]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that an earlier extractor made, of two hosts on which something was learned."""
    folder = tmp_path_factory.mktemp("before") / "archive"
    import_pages(folder, [*PAGES, *edited(PAGES)])
    earlier(folder, extractor="earlier", more="\nWhat the earlier extractor left in.")
    return folder


@pytest.fixture(scope="module")
def shards(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "shards"
    copy = shutil.copytree(before, folder.parent / "copy")
    counts = 0
    for number in range(PARTS, 0, -1):
        done = run(
            copy, "reextract", "--part", f"{number}/{PARTS}", "--shards", str(folder), "--json"
        )
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)["counts"]
        assert set(told) <= {"article"}
        counts += sum(told.values())
    assert counts == 102
    assert rows(copy) == rows(before), "a part writes nothing to the archive"
    return folder


# Moments of our own clock, which two passes do not share, and hashes over them.
CLOCK = {"extractions": ("made_at", "chain"), "judgements": ("judged_at",), "seals": ("chain",)}


def contents(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows, but for the moments at which records were made anew."""
    return {
        table: [
            {key: value for key, value in row.items() if key not in CLOCK.get(table, ())}
            for row in some
        ]
        for table, some in rows(folder).items()
    }


@pytest.mark.timeout(500)
def test_the_archive_is_that_of_one_machine(before: Path, shards: Path, tmp_path: Path) -> None:
    alone = shutil.copytree(before, tmp_path / "alone")
    done = run(alone, "reextract", "--json")
    assert json.loads(done.stdout)["written"] == 102, done.output
    merged = shutil.copytree(before, tmp_path / "merged")
    done = run(merged, "merge", str(shards), "--json")
    assert json.loads(done.stdout)["written"] == 102, done.output
    assert contents(merged) == contents(alone)
    with Archive(merged, create=False) as archive:
        assert archive.doctor(least_free=0) == ()
        assert "left in" not in archive.version(PAGES[50].url).article.text
    again = json.loads(run(merged, "merge", str(shards), "--json").stdout)
    assert (again["written"], again["current"]) == (0, 102)


def test_parts_are_disjoint_and_complete(shards: Path, before: Path) -> None:
    manifests = [
        read_manifest(LocalFolder(shards), path.name) for path in sorted(shards.glob("*.json"))
    ]
    taken = [
        row.place.number
        for manifest in manifests
        for shard in manifest.shards
        for row in rows_of(manifest, shard)
    ]
    with Archive(before, create=False) as archive:
        known = [one.id for one in archive.stale_versions(None, limit=-1)]
    assert sorted(taken) == known
    assert [len(manifest.shards) for manifest in manifests] == [1, 1, 0]


@pytest.mark.timeout(300)
def test_a_part_that_is_missing_is_refused(shards: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(shards, tmp_path / "shards"))
    (copy / "part-00002-of-00003.json").unlink()
    assert "part 2/3 is missing" in refused(copy)


def given(folder: Path, numbers: Sequence[int], **changes: object) -> list[GivenReading]:
    """Return what another machine read of some versions, each with a headline of its own."""
    config = load_config()
    lexicon = lexicon_in(config.folder).version
    found = []
    with Archive(folder, create=False) as archive:
        listed = archive.stale_versions(None, limit=-1)
        for version in [listed[n] for n in numbers]:
            pages = archive.response(version.id)
            made = rederive(pages, "", None, config.folder, lexicon)
            # As it is where the same was learned.
            extractor = changes.get("extractor") or WantedExtractors(archive).of(version)[1]
            article = replace(made.article, title="Read elsewhere", extractor=str(extractor))
            assert made.judged is not None
            judged = replace(made.judged[0], lexicon="theirs"), made.judged[1]
            made = replace(made, article=article, judged=judged)
            reading = dump_reading(VersionReading(made=made))
            one = GivenReading(
                id=version.id, key=pages_key(pages, ""), lexicon=lexicon, reading=reading
            )
            fields = {key: value for key, value in changes.items() if key != "extractor"}
            found.append(replace(one, **fields))  # type: ignore[arg-type]
    return found


def derive(folder: Path, readings: Sequence[GivenReading]) -> ReextractReport:
    with Archive(folder) as archive:
        return asyncio.run(
            reextract(load_config(), archive, given=readings, clock=lambda: AT + timedelta(days=1))
        )


def titles(folder: Path, numbers: Sequence[int]) -> list[str]:
    with Archive(folder, create=False) as archive:
        listed = archive.stale_versions(None, limit=-1)
        some = [listed[n] for n in numbers]
        return [archive.version(one.article_id, one.number).article.title for one in some]


# Versions that the sample does not hold, which is read here in any case.
SOME = [4, 12, 22, 32]


@pytest.mark.timeout(300)
def test_what_another_machine_has_read_is_not_read_again(before: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(before, tmp_path / "archive"))
    readings = given(folder, SOME)
    # Each of the others says something that no longer fits.
    readings[1] = replace(readings[1], key="0" * 64)
    readings[2] = replace(readings[2], reading=b"")
    readings[3] = given(folder, SOME[3:], extractor="another")[0]
    assert derive(folder, readings).written == 102
    found = titles(folder, SOME)
    assert found[0] == "Read elsewhere"
    assert [title.startswith("Ferry") for title in found[1:]] == [True] * 3


@pytest.mark.timeout(300)
def test_an_article_is_judged_anew_where_the_lexicon_is_another_one(
    before: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(before, tmp_path / "archive"))
    derive(folder, [*given(folder, SOME[:1], lexicon="another"), *given(folder, SOME[1:2])])
    assert titles(folder, SOME[:2]) == ["Read elsewhere"] * 2
    judged = [row["lexicon"] for row in rows(folder)["judgements"]]
    assert [judged[n] for n in SOME[:2]] == [lexicon_in(load_config().folder).version, "theirs"]


@pytest.mark.timeout(300)
def test_a_page_that_holds_no_article_any_more_fails_as_it_would_here(
    before: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(before, tmp_path / "archive"))
    reading = dump_reading(VersionReading(error=ExtractError("no text in it")))
    report = derive(folder, given(folder, SOME[:1], reading=reading))
    assert report.counts["failed"] == 1 and report.written == 101
    assert report.named[-1].message == "no text in it"


def test_options_that_make_no_sense_together_are_refused(before: Path, tmp_path: Path) -> None:
    shards = str(tmp_path / "shards")
    for words, expected in (
        (("--part", "1/2"), "--part 1/2 needs --shards DIR"),
        (("--shards", shards, "--force"), "goes with neither --dry-run nor --force"),
        (("--shards", shards, "--part", "3/2"), "parts are numbered"),
    ):
        done = run(before, "reextract", *words)
        assert expected in f"{done.output} {done.exception}"
    assert not (tmp_path / "shards").exists()
