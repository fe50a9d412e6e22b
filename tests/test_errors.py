"""Error classes: one enumeration, whose values are what the archive stores."""

from __future__ import annotations

import json
import pickle
import sqlite3

import pytest

from scraper import errors
from scraper.errors import ErrorClass, FetchError
from scraper.verdict import KINDS


def test_every_verdict_that_rejects_a_page_is_an_error_class() -> None:
    assert KINDS.keys() - {"article", "unchanged"} <= set(ErrorClass)


@pytest.mark.parametrize("member", list(ErrorClass))
def test_a_class_is_stored_and_printed_as_its_value(member: ErrorClass) -> None:
    connection = sqlite3.connect(":memory:")
    assert connection.execute("select ?, typeof(?1)", [member]).fetchone() == (member.value, "text")
    assert json.loads(json.dumps({"class": member})) == {"class": member.value}
    assert f"{member}" == member.value
    assert bool(member) is (member.value != "")


def test_a_class_survives_the_way_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(FetchError("no", error_class=ErrorClass.DNS)))
    assert error.error_class is ErrorClass.DNS


def test_the_groups_hold_each_class_under_its_exception() -> None:
    for kind, group in (
        (errors.FetchError, errors.FETCH_CLASSES),
        (errors.DiscoverError, errors.DISCOVER_CLASSES),
        (errors.ExtractError, errors.EXTRACT_CLASSES),
        (errors.ArchiveError, errors.ARCHIVE_CLASSES),
    ):
        assert kind.error_class in group
