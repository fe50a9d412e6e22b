"""Configuration: the shipped files are right, and wrong ones are told in full."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from scraper import config
from scraper.config import load_config, pick
from scraper.errors import ConfigError
from scraper.models import FetchSettings, Source


def write(folder: Path, settings: str = "", sources: str = "") -> Path:
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    (folder / "sources.toml").write_text(sources, encoding="utf-8")
    return folder


def test_shipped_configuration_is_right_and_equals_the_defaults() -> None:
    shipped = load_config()
    assert shipped.fetch == FetchSettings()
    assert shipped.parse == config.ParseSettings()
    assert shipped.archive == config.ArchiveSettings()
    assert {s.language for s in shipped.sources} >= {"en", "zh-Hans", "zh-Hant"}
    assert all(s.zone for s in shipped.sources if s.language.startswith("zh"))
    assert all(s.verified for s in shipped.sources)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        (FetchSettings, config._FETCH_KEYS),
        (config.ParseSettings, config._PARSE_KEYS),
        (config.ArchiveSettings, config._ARCHIVE_KEYS),
        (Source, config._SOURCE_KEYS),
    ],
)
def test_keys_are_the_fields_of_the_records(record: type, keys: dict[str, object]) -> None:
    assert {field.name for field in fields(record)} == set(keys)


def test_all_problems_come_in_one_message(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        settings='[fetch]\ndelya = 3\nports = ["http"]\n[prase]\n',
        sources='[[source]]\nname = "a b"\nkind = "rss"\nurl = "example.org"\nintervall = 5\n',
    )
    with pytest.raises(ConfigError) as caught:
        load_config(folder)
    text = str(caught.value)
    for wrong, allowed in [
        ("delya", "did you mean delay?"),
        ("ports =", "1 to 65535"),
        ("[prase]", "fetch, parse"),
        ("name = 'a b'", "letters"),
        ("kind = 'rss'", "feed, sitemap, listing"),
        ("url = 'example.org'", "https://"),
        ("outlet is missing", "text"),
        ("intervall", "did you mean interval?"),
    ]:
        lines = [line for line in text.splitlines() if wrong in line]
        assert lines and allowed in lines[0], wrong
    assert str(folder / "settings.toml") in text and str(folder / "sources.toml") in text


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load_config(tmp_path / "nowhere")
    (tmp_path / "settings.toml").write_text("[fetch\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert "is not TOML" in str(caught.value)
    assert "sources.toml: is missing" in str(caught.value)


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    block = '[[source]]\nname = "a"\nkind = "feed"\nurl = "http://a.example/f"\noutlet = "A"\n'
    with pytest.raises(ConfigError, match="stands twice"):
        load_config(write(tmp_path, sources=block + block))


def test_pick(tmp_path: Path) -> None:
    def source(name: str, enabled: bool = True) -> Source:
        return Source(name=name, kind="feed", url="http://a.example/", outlet="A", enabled=enabled)

    sources = (source("a"), source("b", enabled=False), source("c"))
    assert [s.name for s in pick(sources, ())] == ["a", "c"]
    assert [s.name for s in pick(sources, ("b",))] == ["b"]
    with pytest.raises(ConfigError, match="no source is named 'd'"):
        pick(sources, ("d",))
