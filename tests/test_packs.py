"""Packs of sources: the shipped catalogue, and what `scraper sources packs` and `add --pack` do."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from scraper.cli import main
from scraper.config import load_config
from scraper.errors import ConfigError
from scraper.exchange.packs import read_packs
from scraper.models import Source
from scraper.urls import canonical, identity


def shipped() -> dict[str, tuple[Source, ...]]:
    return {pack.name: pack.sources for pack in read_packs()}


def all_sources() -> list[Source]:
    return list({s.name: s for sources in shipped().values() for s in sources}.values())


def folder(place: Path, sources: str = "") -> Path:
    (place / "settings.toml").write_text("", encoding="utf-8")
    (place / "sources.toml").write_text(sources, encoding="utf-8")
    return place


def cli(place: Path, *arguments: str) -> Result:
    options = ["--config", str(place), "--archive", str(place / "archive")]
    return CliRunner().invoke(main, [*options, "sources", *arguments])


def test_the_catalogue_has_120_sources_in_packs_by_subject_and_language() -> None:
    packs = shipped()
    assert len(all_sources()) == 120
    assert set(packs) >= {"start", "en", "zh-hans", "zh-hant", "labs", "releases", "hubs"}
    assert set(packs) >= {"policy", "think-tanks", "newsletters", "press"}
    assert len(packs["start"]) == 20
    assert {s.language for s in packs["zh-hant"]} == {"zh-Hant"}
    assert sum(len(packs[name]) for name in ("en", "zh-hans", "zh-hant")) == 120
    assert all(8 <= len(sources) <= 30 for name, sources in packs.items() if name != "en")


def test_what_is_watched_by_default_is_the_pack_to_begin_with() -> None:
    assert load_config().sources == shipped()["start"]
    assert {s.language for s in shipped()["start"]} == {"en", "zh-Hans", "zh-Hant"}


def test_the_catalogue_covers_both_languages_and_both_scripts() -> None:
    outlets = {s.outlet for s in all_sources()}
    assert outlets >= {"观察者网", "36氪", "凤凰网科技", "新浪科技", "IT之家", "机器之心", "量子位"}
    assert outlets >= {"虎嗅", "澎湃新闻", "财新", "智东西", "雷峰网"}
    assert outlets >= {"中央社", "聯合新聞網", "數位時代", "科技新報", "iThome", "Hugging Face"}
    assert sum(s.zone == "Asia/Hong_Kong" for s in all_sources()) >= 3


def test_every_block_of_the_catalogue_is_sane() -> None:
    sources = all_sources()
    places = [identity(s.url) for s in sources]
    assert len(places) == len(set(places)), "an address stands twice"
    assert len({s.outlet for s in sources}) == len(sources)
    for source in sources:
        own = [source.url, *(fallback.partition(" ")[2] for fallback in source.fallback)]
        assert all(urlsplit(url).scheme == "https" and urlsplit(url).hostname for url in own)
        assert len({canonical(url) for url in own}) == len(own), source.name
        assert source.language in ("en", "zh-Hans", "zh-Hant"), source.name
        assert source.zone or source.language == "en", source.name
        assert source.enabled and 1800 <= source.interval <= 86400, source.name
        # Nobody could try them from where they were written down: that must not sound otherwise.
        assert "not tried from here" in source.verified, source.name


def test_adding_a_pack_writes_its_blocks_once(tmp_path: Path) -> None:
    own = (
        '[[source]]\nname = "technews"\nkind = "feed"\nurl = "https://x.example/f"\noutlet = "X"\n'
    )
    place = folder(tmp_path, f"# mine\n{own}")
    dry = cli(place, "add", "--pack", "zh-hant", "--dry-run")
    assert dry.exit_code == 0 and "nothing was written (--dry-run)" in dry.stderr
    assert len(load_config(place).sources) == 1
    done = cli(place, "add", "--pack", "zh-hant")
    pack = shipped()["zh-hant"]
    assert done.exit_code == 0 and f"{len(pack)} sources added, 0 watched already" in done.stderr
    assert (place / "sources.toml").read_text(encoding="utf-8").startswith(f"# mine\n{own}")
    watched = load_config(place).sources[1:]
    assert [s.url for s in watched] == [s.url for s in pack]
    # A name that is taken gets another one; all else stays.
    assert {s.name for s in pack} - {s.name for s in watched} == {"technews"}
    again = cli(place, "add", "--pack", "zh-hant", "--pack", "start")
    assert again.exit_code == 0
    overlap = {s.url for s in pack} & {s.url for s in shipped()["start"]}
    assert f"{20 - len(overlap)} sources added, {len(pack) + len(overlap)} watched" in again.stderr
    third = cli(place, "add", "--pack", "start")
    assert third.exit_code == 0 and "0 sources added, 20 watched already" in third.stderr


def test_packs_lists_them_and_what_is_in_one(tmp_path: Path) -> None:
    listed = cli(folder(tmp_path), "packs")
    assert listed.exit_code == 0 and "120 sources in all" in listed.stdout
    assert all(name in listed.stdout for name in shipped())
    one = cli(tmp_path, "packs", "releases")
    assert one.exit_code == 0 and "where it is known from" in one.stdout
    assert "https://github.com/deepseek-ai/DeepSeek-V3/releases.atom" in one.stdout
    told = json.loads(cli(tmp_path, "packs", "--json").stdout)["packs"]
    assert {pack["name"]: len(pack["sources"]) for pack in told} == {
        name: len(sources) for name, sources in shipped().items()
    }
    assert all(s["verified"] for pack in told for s in pack["sources"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add",), "give the address of a site, or --pack NAME"),
        (("add", "--pack", "nonsense"), "there is no pack 'nonsense' (there are: start,"),
        (("add", "x.example", "--pack", "labs"), "leave out the address"),
        (("packs", "nonsense"), "there is no pack 'nonsense'"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = cli(folder(tmp_path), *arguments)
    assert result.exit_code == 2 and words in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_catalogue_is_told_with_its_places(tmp_path: Path) -> None:
    block = '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/f"\noutlet = "A"\n'
    path = tmp_path / "catalogue.toml"
    path.write_text(
        f'[[pack]]\nname = "p"\nabout = "P"\n[[pack]]\nname = "q"\n{block}packs = ["p", "gone"]\n'
        '[[source]]\nname = "b"\npacks = 1\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        read_packs(path)
    for words in ("about is missing", "there is no pack 'gone'", "packs must be a list of names"):
        assert words in str(caught.value)
