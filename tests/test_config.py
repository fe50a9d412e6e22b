"""Configuration: the shipped files are right, and wrong ones are told in full."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from scraper import config
from scraper.config import SETTINGS, SOURCE, load_config, pick
from scraper.errors import ConfigError
from scraper.extraction.boilerplate_rules import load_rules
from scraper.models import FetchSettings, Source
from scraper.toml_file import Table
from scraper.topics.lexicon import load_lexicon


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


def test_files_on_this_machine_lie_beside_the_configuration(tmp_path: Path) -> None:
    blocks = [
        'name = "list"\nkind = "urls"\nurl = "mine/list.txt"\n',
        'name = "web"\nkind = "urls"\nurl = "https://a.example/list.txt"\n',
        'name = "crawl"\nkind = "warc"\nurl = "/srv/crawls"\n',
    ]
    text = "".join(f'[[source]]\n{block}outlet = "A"\n' for block in blocks)
    urls = [source.url for source in load_config(write(tmp_path, sources=text)).sources]
    assert urls == [str(tmp_path / "mine/list.txt"), "https://a.example/list.txt", "/srv/crawls"]


@pytest.mark.parametrize(
    ("kind", "url"),
    [("feed", "mine/feed.xml"), ("warc", "https://a.example/x.warc"), ("urls", "ftp://a.example/")],
)
def test_places_that_a_kind_cannot_have(kind: str, url: str, tmp_path: Path) -> None:
    block = f'[[source]]\nname = "a"\nkind = "{kind}"\nurl = "{url}"\noutlet = "A"\n'
    with pytest.raises(ConfigError, match="is wrong"):
        load_config(write(tmp_path, sources=block))


def test_a_fallback_is_a_kind_and_an_address(tmp_path: Path) -> None:
    block = '[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/f"\noutlet = "A"\n'
    good = block + 'fallback = ["sitemap https://a.example/s.xml", "listing https://a.example/"]\n'
    assert len(load_config(write(tmp_path, sources=good)).sources[0].fallback) == 2
    for wrong in ("https://a.example/", "warc https://a.example/", "listing /tech"):
        with pytest.raises(ConfigError, match="fallback"):
            load_config(write(tmp_path, sources=f'{block}fallback = ["{wrong}"]\n'))


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        (FetchSettings, SETTINGS["fetch"]),
        (config.ParseSettings, SETTINGS["parse"]),
        (config.ArchiveSettings, SETTINGS["archive"]),
        (Source, SOURCE),
    ],
)
def test_keys_are_the_fields_of_the_records(record: type, keys: Table) -> None:
    assert {field.name for field in fields(record)} == set(keys.keys)


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


HOSTILE = {
    "digits": "x = " + "9" * 5_000,
    "hexadecimal digits": "x = 0x" + "f" * 5_000,
    "levels of lists": "x = " + "[" * 3_000 + "]" * 3_000,
    "levels of tables": "x = " + "{a=" * 3_000 + "1" + "}" * 3_000,
    "levels of keys": "x" + ".x" * 3_000 + " = 1",
}
FILES = {
    "settings.toml": "[fetch]\n{}\n",
    "sources.toml": "[[source]]\n{}\n",
    "topics.toml": "[score]\n{}\n",
    "boilerplate.toml": "[[line]]\n{}\n",
}


def read(path: Path) -> None:
    if path.name == "topics.toml":
        load_lexicon(path)
    elif path.name == "boilerplate.toml":
        load_rules(path)
    else:
        load_config(path.parent)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FILES)
def test_numbers_and_nesting_beyond_all_bounds_are_one_clear_line(
    name: str, value: str, tmp_path: Path
) -> None:
    path = write(tmp_path) / name
    path.write_text(FILES[name].format(value), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert all(problem.startswith(f"{path}:") for problem in caught.value.problems)
    assert all("\n" not in line and len(line) < 900 for line in caught.value.problems)


@pytest.mark.parametrize(
    "value",
    ["9" * 4_000, "0x" + "f" * 5_000, '"' + "\\u001b[2J" * 500 + '"', "[" * 90 + "]" * 90],
    ids=["long number", "longer number", "control characters", "deep list"],
)
def test_wrong_values_are_shown_short_and_plain(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, settings=f"[fetch]\nconcurrency = {value}\n"))
    [problem] = caught.value.problems
    assert "concurrency = " in problem and problem.endswith("a whole number from 1 to 500)")
    assert problem.isprintable() and len(problem) < 700


def test_problems_name_their_line(tmp_path: Path) -> None:
    settings = (
        '# [fetch]\n\n[parse]\nworkers = 2\n[fetch]\nuser_agent = """\n[fetch]\ndelay = 1\n"""\n'
    )
    block = '[[source]]\nname = "{}"\nkind = "feed"\nurl = "https://{}.example/"\noutlet = "A"\n'
    sources = block.format("a", "a") + block.format("b", "b") + "interval = 1\n"
    write(tmp_path, settings=settings + "delay = -1\n", sources=sources)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert [problem.partition(": ")[0] for problem in caught.value.problems] == [
        f"{tmp_path}/settings.toml:10 [fetch]",
        f"{tmp_path}/sources.toml:11 [[source]] 2 (b)",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        'url = "https://ada:s3cret@a.example/f"\n',
        'url = "HTTPS://s3cret@a.example/f"\n',
        'url = "https://a.example/f"\nfallback = ["sitemap https://ada:s3cret@a.example/s.xml"]\n',
        'url = "ftp://ada:s3cret@a.example/f"\n',
        'url = "https://a.example/f"\nfallback = ["sitemp https://ada:s3cret@a.example/s.xml"]\n',
    ],
)
def test_a_user_name_or_password_in_an_address_is_refused_and_not_printed(
    lines: str, tmp_path: Path
) -> None:
    block = f'[[source]]\nname = "a"\nkind = "feed"\noutlet = "A"\n{lines}'
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, sources=block))
    assert len(caught.value.problems) == 1
    assert "s3cret" not in str(caught.value)


def test_an_at_sign_in_a_path_is_no_login(tmp_path: Path) -> None:
    block = '[[source]]\nname = "a"\nkind = "feed"\noutlet = "A"\nurl = "https://a.example/@ada/f?x=b@c"\n'
    [source] = load_config(write(tmp_path, sources=block)).sources
    assert source.url == "https://a.example/@ada/f?x=b@c"


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
