"""`settings.toml` and `sources.toml`, read and checked; where the shipped configuration lies."""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from scraper.errors import ConfigError
from scraper.models import FetchSettings, Source

__all__ = [
    "FALLBACK_KINDS",
    "LOCAL_KINDS",
    "SOURCE_KINDS",
    "TOPIC_CHOICES",
    "ArchiveSettings",
    "Config",
    "ParseSettings",
    "check_sources_text",
    "load_config",
    "pick",
    "shipped_config",
]


def shipped_config() -> Path:
    """Folder of the shipped `settings.toml`, `sources.toml`, `topics.toml`, `boilerplate.toml`."""
    package = Path(__file__).resolve().parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"


TOPIC_CHOICES = ("all", "only", "metadata")
SOURCE_KINDS = ("feed", "sitemap", "listing", "urls", "warc")
# Kinds that may lie on this machine, and those that can stand in for another.
LOCAL_KINDS = ("urls", "warc")
FALLBACK_KINDS = ("feed", "sitemap", "listing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseSettings:
    """Bounds on parsing: the ``[parse]`` table of `settings.toml`.

    Attributes:
        workers: worker processes that parse pages and feeds.
        timeout: seconds of wall clock that one document may take.
        memory: bytes of address space that a worker may use.
        recycle: documents after which a worker is replaced.
    """

    workers: int = 2
    timeout: float = 10.0
    memory: int = 1024**3
    recycle: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Room and retention: the ``[archive]`` table of `settings.toml`.

    Attributes:
        least_free: bytes free on the archive's disk below which collecting pauses.
        keep_days: age in days from which `scraper retain` lets go of raw bodies of unchanged
            fetches.
    """

    least_free: int = 200 * 1024**2
    keep_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, checked.

    Attributes:
        folder: where it was read from.
        fetch: ``[fetch]`` of settings.toml.
        parse: ``[parse]`` of settings.toml.
        sources: blocks of sources.toml, in its order.
        archive: ``[archive]`` of settings.toml.
    """

    folder: Path
    fetch: FetchSettings
    parse: ParseSettings
    sources: tuple[Source, ...]
    archive: ArchiveSettings = ArchiveSettings()


@dataclass(frozen=True, slots=True)
class _Key:
    """A key's check: what it may hold, in words, and the test."""

    allowed: str
    accepts: Callable[[Any], bool]


def _number(low: float, high: float) -> _Key:
    return _Key(
        f"a number from {low:g} to {high:g}",
        lambda v: isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high,
    )


def _whole(low: int, high: int) -> _Key:
    return _Key(
        f"a whole number from {low} to {high}",
        lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high,
    )


def _list_of(words: str, accepts: Callable[[Any], bool]) -> _Key:
    return _Key(f"a list of {words}", lambda v: isinstance(v, list) and all(map(accepts, v)))


@cache
def _zones() -> frozenset[str]:
    """Names of all time zones; to list them takes 10 ms, and each source names one."""
    return frozenset(available_timezones())


def _is_network(value: object) -> bool:
    try:
        ipaddress.ip_network(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return False
    return isinstance(value, str)


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


_TEXT = _Key("text in quotes", lambda v: isinstance(v, str))
_WORD = _Key("text in quotes, not empty", lambda v: isinstance(v, str) and bool(v.strip()))
_FLAG = _Key("true or false", lambda v: isinstance(v, bool))
_PATTERNS = _list_of("regular expressions", _is_pattern)

_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*")
_FALLBACK = re.compile(rf"(?:{'|'.join(FALLBACK_KINDS)}) https?://[^\s/?#]+\S*")

# The keys of each table are the fields of its record: tests/test_config.py holds them together.
_FETCH_KEYS: Mapping[str, _Key] = {
    "user_agent": _WORD,
    "contact": _TEXT,
    "delay": _number(0, 3600),
    "connect_timeout": _number(0.1, 120),
    "read_timeout": _number(0.1, 300),
    "total_timeout": _number(0.1, 900),
    "max_redirects": _whole(0, 20),
    "max_bytes": _whole(1024, 100 * 1024**2),
    "max_sitemap_bytes": _whole(1024, 200 * 1024**2),
    "max_robots_bytes": _whole(1024, 10 * 1024**2),
    "ports": _list_of(
        "ports (1 to 65535)",
        lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v < 65536,
    ),
    "allow_private": _list_of('networks such as "127.0.0.0/8"', _is_network),
    "obey_robots": _FLAG,
    "keep_noarchive": _FLAG,
    "ask_reservations": _FLAG,
    "concurrency": _whole(1, 500),
    "browser": _TEXT,
}
_PARSE_KEYS: Mapping[str, _Key] = {
    "workers": _whole(1, 64),
    "timeout": _number(0.1, 300),
    "memory": _whole(64 * 1024**2, 64 * 1024**3),
    "recycle": _whole(1, 1_000_000),
}
_ARCHIVE_KEYS: Mapping[str, _Key] = {
    "least_free": _whole(0, 1024**5),
    "keep_days": _whole(1, 36_500),
}
_SOURCE_KEYS: Mapping[str, _Key] = {
    "name": _Key(
        "a short name of letters, digits, - _ and . (no spaces)",
        lambda v: isinstance(v, str) and re.fullmatch(r"[\w.\-]{1,80}", v) is not None,
    ),
    "kind": _Key("one of " + ", ".join(SOURCE_KINDS), lambda v: v in SOURCE_KINDS),
    "url": _Key(
        "an address that begins with http:// or https://; a path for the kinds urls and warc",
        lambda v: isinstance(v, str) and bool(v.strip()),
    ),
    "outlet": _WORD,
    "language": _Key(
        'a language tag such as "en", "zh-Hans", "zh-Hant"',
        lambda v: (
            isinstance(v, str)
            and re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", v) is not None
        ),
    ),
    "zone": _Key(
        'an IANA time zone such as "Asia/Shanghai"',
        lambda v: isinstance(v, str) and v in _zones(),
    ),
    "interval": _whole(600, 30 * 86400),
    "enabled": _FLAG,
    "include": _PATTERNS,
    "exclude": _PATTERNS,
    "selector": _WORD,
    "pages": _whole(1, 50),
    "fallback": _list_of(
        f'a kind ({", ".join(FALLBACK_KINDS)}) and an address, such as "listing https://…"',
        lambda v: isinstance(v, str) and _FALLBACK.fullmatch(v) is not None,
    ),
    "render": _FLAG,
    "topic": _Key("one of " + ", ".join(TOPIC_CHOICES), lambda v: v in TOPIC_CHOICES),
    "verified": _TEXT,
}
_REQUIRED = ("name", "kind", "url", "outlet")
_TABLES: Mapping[str, Mapping[str, _Key]] = {
    "fetch": _FETCH_KEYS,
    "parse": _PARSE_KEYS,
    "archive": _ARCHIVE_KEYS,
}


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{path}: is missing (the shipped one is {shipped_config() / path.name})")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read ({error})")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: is not TOML ({error})")
    return {}


def _check(
    where: str, table: object, keys: Mapping[str, _Key], problems: list[str]
) -> dict[str, Any]:
    """Return the entries of `table` that pass, with lists made tuples; report the others."""
    if not isinstance(table, dict):
        problems.append(f"{where}: must be a table of keys, not {table!r}")
        return {}
    good: dict[str, Any] = {}
    for key, value in table.items():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            problems.append(f"{where}: {key} is not a key ({hint}allowed: {', '.join(keys)})")
        elif not keys[key].accepts(value):
            problems.append(f"{where}: {key} = {value!r} is wrong (allowed: {keys[key].allowed})")
        else:
            good[key] = tuple(value) if isinstance(value, list) else value
    return good


def _settings(
    path: Path, problems: list[str]
) -> tuple[FetchSettings, ParseSettings, ArchiveSettings]:
    tables = _read(path, problems)
    for unknown in sorted(tables.keys() - _TABLES.keys()):
        problems.append(f"{path}: [{unknown}] is not a table (allowed: {', '.join(_TABLES)})")
    checked = {
        name: _check(f"{path} [{name}]", tables.get(name, {}), keys, problems)
        for name, keys in _TABLES.items()
    }
    return (
        FetchSettings(**checked["fetch"]),
        ParseSettings(**checked["parse"]),
        ArchiveSettings(**checked["archive"]),
    )


def _sources(path: Path, problems: list[str]) -> tuple[Source, ...]:
    return _checked_sources(_read(path, problems), path, problems)


def _checked_sources(
    tables: Mapping[str, Any], path: Path, problems: list[str]
) -> tuple[Source, ...]:
    for unknown in sorted(tables.keys() - {"source"}):
        problems.append(f"{path}: [{unknown}] is not a table (allowed: [[source]])")
    blocks = tables.get("source", [])
    if not isinstance(blocks, list):
        problems.append(f"{path}: source must be written as [[source]] blocks")
        return ()
    sources: dict[str, Source] = {}
    for number, block in enumerate(blocks, 1):
        name = block.get("name") if isinstance(block, dict) else None
        where = f"{path} [[source]] {number}" + (f" ({name})" if isinstance(name, str) else "")
        before = len(problems)
        good = _check(where, block, _SOURCE_KEYS, problems)
        for key in _REQUIRED:
            if isinstance(block, dict) and key not in block:
                problems.append(f"{where}: {key} is missing ({_SOURCE_KEYS[key].allowed})")
        if "url" in good:
            kind = good.get("kind", "feed")
            good["url"] = _place(kind, good["url"], path.parent, where, problems)
        if len(problems) > before:
            continue
        if good["name"] in sources:
            problems.append(f"{where}: name = {good['name']!r} stands twice (names are unique)")
        sources[good["name"]] = Source(**good)
    return tuple(sources.values())


def _place(kind: str, url: str, folder: Path, where: str, problems: list[str]) -> str:
    """Return where a source is: its address, or for files the whole path."""
    if _ADDRESS.fullmatch(url) and kind != "warc":
        return url
    if kind in LOCAL_KINDS and "://" not in url:
        return str((folder / Path(url).expanduser()).resolve())
    allowed = {"urls": _SOURCE_KEYS["url"].allowed, "warc": "a path of a file or folder"}
    fits = allowed.get(kind, "an address that begins with http:// or https://")
    problems.append(f"{where}: url = {url!r} is wrong (allowed: {fits})")
    return url


def load_config(folder: Path | None = None) -> Config:
    """Read `settings.toml` and `sources.toml` of a folder.

    Args:
        folder: the folder; None means the shipped one.

    Raises:
        ConfigError: with one line for each problem in any of the files: file, key, what is allowed.
    """
    folder = folder or shipped_config()
    if not folder.is_dir():
        raise ConfigError(
            [f"{folder}: no such folder (copy {shipped_config()} there and edit the copy)"]
        )
    problems: list[str] = []
    fetch, parse, archive = _settings(folder / "settings.toml", problems)
    sources = _sources(folder / "sources.toml", problems)
    if problems:
        raise ConfigError(problems)
    return Config(folder=folder, fetch=fetch, parse=parse, sources=sources, archive=archive)


def check_sources_text(text: str, path: Path) -> None:
    """Check an edited `sources.toml` before it is written, by the rules by which it is read.

    Args:
        text: what would be written.
        path: where.

    Raises:
        ConfigError: it would be refused.
    """
    problems: list[str] = []
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML ({error})"]) from None
    _checked_sources(tables, path, problems)
    if problems:
        raise ConfigError(problems)


def pick(sources: Sequence[Source], names: Sequence[str]) -> tuple[Source, ...]:
    """Return the named sources, in the order of the file; all that are enabled when none is named.

    Raises:
        ConfigError: a name is not there.
    """
    known = {source.name for source in sources}
    missing = [name for name in names if name not in known]
    if missing:
        shown = ", ".join(sorted(known)) or "none"
        raise ConfigError([f"no source is named {name!r} (there are: {shown})" for name in missing])
    if names:
        return tuple(source for source in sources if source.name in names)
    return tuple(source for source in sources if source.enabled)
