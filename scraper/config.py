"""`settings.toml` and `sources.toml`, read and checked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scraper.cron import cron_line, hours, visit_hours
from scraper.errors import ConfigError, UsageError
from scraper.models import FetchSettings, Source
from scraper.models.source_kinds import (
    SOURCE_KINDS,
    SourceKind,
    can_stand_in,
    fallback_kinds,
    is_kind,
    kind_names,
    kind_of_source,
)
from scraper.record import record
from scraper.text.pattern_cost import slow_attack
from scraper.toml_file import (
    FLAG,
    TEXT,
    WORD,
    Key,
    Table,
    TomlFile,
    decimal_between,
    is_pattern,
    list_of,
    number_between,
    shipped_config,
    shown,
)
from scraper.urls import LONGEST_ADDRESS

__all__ = [
    "NO_LOGIN",
    "SETTINGS",
    "SOURCE",
    "TOPIC_CHOICES",
    "ArchiveSettings",
    "BackupSettings",
    "Config",
    "ParseSettings",
    "check_sources_text",
    "cron_key",
    "has_login",
    "hours_key",
    "load_config",
    "pick",
    "refuse_login",
    "sources_in",
    "zone_key",
]


TOPIC_CHOICES = ("all", "only", "metadata")


@record
class ParseSettings:
    """Bounds on parsing: the ``[parse]`` table of `settings.toml`.

    Attributes:
        workers: worker processes that parse pages and feeds.
        timeout: seconds of wall clock that one document may take.
        memory: bytes of address space that a worker may use.
        recycle: calls after which a worker is replaced: one document, or some captures of a file.
    """

    workers: int = 2
    timeout: float = 10.0
    memory: int = 1024**3
    recycle: int = 500


@record
class ArchiveSettings:
    """Room and retention: the ``[archive]`` table of `settings.toml`.

    Attributes:
        least_free: bytes free on the archive's disk below which collecting pauses.
        keep_days: age in days from which `scraper retain` lets go of raw bodies of unchanged
            fetches.
        seal_above: bytes in use above which the daemon seals what rests since a month; 0 for never.
        seal_years: whether the daemon seals what rests of past years, each February.
    """

    least_free: int = 200 * 1024**2
    keep_days: int = 90
    seal_above: int = 0
    seal_years: bool = False


@record
class BackupSettings:
    """Backups that the daemon makes: the ``[backup]`` table of `settings.toml`.

    Attributes:
        every: hours from one verified backup to the next; 0 makes none.
        keep: how many of them stay.
        folder: where they go; "" for a folder beside the archive.
    """

    every: int = 0
    keep: int = 7
    folder: str = ""


@record
class MetricsSettings:
    """Metrics and health check of the daemon: the ``[metrics]`` table of `settings.toml`.

    Attributes:
        port: on 127.0.0.1; 0 opens none.
    """

    port: int = 0


@record
class HubSettings:
    """Subscriptions to feeds' hubs (WebSub): the ``[websub]`` table of `settings.toml`.

    Attributes:
        callback: address under which hubs reach this machine, or "" for no subscriptions.
        port: of 127.0.0.1 to which a web server passes what comes to that address.
    """

    callback: str = ""
    port: int = 9465


@record
class Config:
    """The whole configuration, checked.

    Attributes:
        folder: where it was read from.
        fetch: ``[fetch]`` of settings.toml.
        parse: ``[parse]`` of settings.toml.
        sources: blocks of sources.toml, in its order.
        archive, backup, metrics, websub: the other tables of settings.toml.
    """

    folder: Path
    fetch: FetchSettings
    parse: ParseSettings
    sources: tuple[Source, ...]
    archive: ArchiveSettings = ArchiveSettings()
    backup: BackupSettings = BackupSettings()
    metrics: MetricsSettings = MetricsSettings()
    websub: HubSettings = HubSettings()


# What `zoneinfo.available_timezones` leaves out of the folder of time zones.
_OTHER_CLOCKS = ("posix/", "right/", "posixrules")


@cache
def _is_zone(name: str) -> bool:
    """Return whether a name is that of a time zone; to list them all opens a thousand files."""
    if name.startswith(_OTHER_CLOCKS):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def zone_key() -> Key:
    """Return a key that holds the name of a time zone."""
    return Key(
        'an IANA time zone such as "Asia/Shanghai"', lambda v: isinstance(v, str) and _is_zone(v)
    )


def hours_key() -> Key:
    """Return a key that holds hours of the day."""
    return Key(
        'hours of the day such as "22:00-07:00"',
        lambda v: isinstance(v, str) and hours(v) is not None,
    )


def cron_key() -> Key:
    """Return a key that holds a cron line."""
    return Key(
        'a cron line of five fields such as "0 7 * * *"',
        lambda v: isinstance(v, str) and cron_line(v) is not None,
    )


def _is_network(value: object) -> bool:
    try:
        ipaddress.ip_network(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return False
    return isinstance(value, str)


_PATTERNS = list_of("regular expressions", is_pattern)

_ADDRESS = re.compile(r"https?://[^\s/?#]\S*+")


def _is_callback(value: str) -> bool:
    return (
        _ADDRESS.fullmatch(value) is not None and len(value) <= 300 and not has_login(value)
        and not {"?", "#"} & set(value)
    )  # fmt: skip


# The keys of each table are the fields of its record: the tests hold them together.
SETTINGS: Mapping[str, Table] = {
    "fetch": Table(
        {
            "user_agent": WORD,
            "contact": TEXT,
            "delay": decimal_between(0, 3600),
            "connect_timeout": decimal_between(0.1, 120),
            "read_timeout": decimal_between(0.1, 300),
            "total_timeout": decimal_between(0.1, 900),
            "max_redirects": number_between(0, 20),
            "max_bytes": number_between(1024, 100 * 1024**2),
            "max_sitemap_bytes": number_between(1024, 200 * 1024**2),
            "max_robots_bytes": number_between(1024, 10 * 1024**2),
            "ports": list_of(
                "ports (1 to 65535)",
                lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v < 65536,
            ),
            "allow_private": list_of('networks such as "127.0.0.0/8"', _is_network),
            "obey_robots": FLAG,
            "keep_noarchive": FLAG,
            "ask_reservations": FLAG,
            "concurrency": number_between(1, 500),
            "browser": TEXT,
        }
    ),
    "parse": Table(
        {
            "workers": number_between(1, 64),
            "timeout": decimal_between(0.1, 300),
            "memory": number_between(64 * 1024**2, 64 * 1024**3),
            "recycle": number_between(1, 1_000_000),
        }
    ),
    "archive": Table(
        {
            "least_free": number_between(0, 1024**5),
            "keep_days": number_between(1, 36_500),
            "seal_above": number_between(0, 1024**5),
            "seal_years": FLAG,
        }
    ),
    "backup": Table(
        {"every": number_between(0, 8760), "keep": number_between(1, 1000), "folder": TEXT}
    ),
    "metrics": Table({"port": number_between(0, 65535)}),
    "websub": Table(
        {
            "callback": Key(
                'an address such as "https://news.example.org/websub", without ? and #, or ""',
                lambda v: isinstance(v, str) and (v == "" or _is_callback(v)),
            ),
            "port": number_between(1, 65535),
        }
    ),
}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w.\-]{1,80}", value) is not None


def _is_language(value: object) -> bool:
    tag = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"
    return isinstance(value, str) and re.fullmatch(tag, value) is not None


def _is_fallback(value: object) -> bool:
    if not isinstance(value, str):
        return False
    kind, _, url = value.partition(" ")
    return can_stand_in(kind) and _ADDRESS.fullmatch(url) is not None


def _kinds_that(lie: Callable[[SourceKind], bool]) -> str:
    return " and ".join(kind.name for kind in SOURCE_KINDS.values() if lie(kind))


def _where_sources_lie() -> str:
    local = _kinds_that(lambda kind: kind.local)
    return f"an address that begins with http:// or https://; a path for the kinds {local}"


SOURCE = Table(
    {
        "name": Key(
            "a short name of letters, digits, - _ and . (no spaces)", _is_name, required=True
        ),
        "kind": Key(
            lambda: "one of " + ", ".join(kind_names()),
            lambda v: isinstance(v, str) and is_kind(v),
            required=True,
        ),
        "url": Key(
            _where_sources_lie, lambda v: isinstance(v, str) and bool(v.strip()), required=True
        ),
        "outlet": Key(WORD.allowed, WORD.accepts, required=True),
        "language": Key('a language tag such as "en", "zh-Hans", "zh-Hant"', _is_language),
        "zone": zone_key(),
        "interval": number_between(600, 30 * 86400),
        "enabled": FLAG,
        "include": _PATTERNS,
        "exclude": _PATTERNS,
        "selector": WORD,
        "pages": number_between(1, 50),
        "fallback": Key(
            lambda: (
                f"a list of a kind ({', '.join(fallback_kinds())}) and an address,"
                ' such as "listing https://…"'
            ),
            lambda v: isinstance(v, list) and all(map(_is_fallback, v)),
        ),
        "render": FLAG,
        "quiet": hours_key(),
        "cron": cron_key(),
        "topic": Key("one of " + ", ".join(TOPIC_CHOICES), lambda v: v in TOPIC_CHOICES),
        "verified": TEXT,
    }
)


def _settings(file: TomlFile) -> dict[str, Any]:
    """Return the tables of settings.toml by the name of their attribute of `Config`."""
    file.refuse_unknown(list(SETTINGS))
    checked = {
        name: table.accepted(file, f"[{name}]", file.table(name), name)
        for name, table in SETTINGS.items()
    }
    return {
        "fetch": FetchSettings(**checked["fetch"]),
        "parse": ParseSettings(**checked["parse"]),
        "archive": ArchiveSettings(**checked["archive"]),
        "backup": BackupSettings(**checked["backup"]),
        "metrics": MetricsSettings(**checked["metrics"]),
        "websub": HubSettings(**checked["websub"]),
    }


def sources_in(file: TomlFile) -> tuple[Source, ...]:
    """Return the sources of a file of ``[[source]]`` blocks; report what is wrong to the file."""
    file.refuse_unknown(["[[source]]"])
    # The shipped patterns are tried when they are changed, by `tests.patterns`.
    shipped = file.path == shipped_config() / file.path.name
    sources: dict[str, Source] = {}
    for number, block in enumerate(file.blocks("source"), 1):
        name = block.get("name") if isinstance(block, dict) else None
        where = f"[[source]] {number}" + (f" ({name[:80]})" if isinstance(name, str) else "")
        before = len(file.problems)
        good = SOURCE.accepted(file, where, block, "source", number)
        if "url" in good:
            kind = kind_of_source(good.get("kind", "feed"))
            good["url"] = _place(kind, good["url"], file, where, number)
        for fallback in good.get("fallback", ()):
            if has_login(fallback.partition(" ")[2]):
                file.report(where, f"fallback: {NO_LOGIN}", "source", number, "fallback")
        when = visit_hours(good.get("cron", ""), good.get("quiet", ""), good.get("zone", ""))
        if not when.ever_open():
            message = "cron names no minute outside of the quiet hours: it would never be visited"
            file.report(where, message, "source", number, "cron")
        if not shipped:
            _refuse_slow_patterns(file, good, where, number)
        if len(file.problems) > before:
            continue
        if good["name"] in sources:
            file.report(
                where,
                f"name = {good['name']!r} stands twice (names are unique)",
                "source",
                number,
                "name",
            )
        sources[good["name"]] = Source(**good)
    return tuple(sources.values())


def _refuse_slow_patterns(file: TomlFile, good: Mapping[str, Any], where: str, number: int) -> None:
    """Report the patterns of a block that can be made to take long."""
    for key in ("include", "exclude"):
        for pattern in good.get(key, ()):
            hit = slow_attack(pattern, longest=LONGEST_ADDRESS, methods=("search",))
            if hit is not None:
                message = f"{key} {shown(pattern)} {hit.complaint()}"
                file.report(where, message, "source", number, key)


NO_LOGIN = (
    "the address holds a user name or password, which would be printed and archived: leave out"
    " what stands before the @ (pages that need a login cannot be read)"
)


# Browsers take any number of slashes, of either kind, before the host.
_BEFORE_HOST = re.compile(r"\s*[a-z][a-z0-9+.\-]*:[/\\]*[^/\\?#]*@", re.IGNORECASE)


def has_login(url: str) -> bool:
    """Return whether an address with a scheme holds a user name or a password before its host."""
    return _BEFORE_HOST.match(url) is not None


def refuse_login(url: str) -> None:
    """Refuse an address that was given by hand with a user name or a password in it.

    Raises:
        UsageError: it holds one; the message does not repeat it.
    """
    for address in (url, f"https://{url}"):
        if (found := _BEFORE_HOST.match(address)) is not None:
            raise UsageError(f"…@{address[found.end() :][:80]}: {NO_LOGIN}")


def _place(kind: SourceKind, url: str, file: TomlFile, where: str, number: int) -> str:
    """Return where a source is: its address, or for files the whole path."""
    if has_login(url):
        file.report(where, f"url: {NO_LOGIN}", "source", number, "url")
        return url
    if _ADDRESS.fullmatch(url) and kind.remote:
        return url
    if kind.local and "://" not in url:
        return str((file.path.parent / Path(url).expanduser()).resolve())
    allowed = [words for lies, words in _PLACES if lies(kind)]
    file.report(
        where,
        f"url = {shown(url)} is wrong (allowed: {', or '.join(allowed)})",
        "source",
        number,
        "url",
    )
    return url


_PLACES: Sequence[tuple[Callable[[SourceKind], bool], str]] = (
    (lambda kind: kind.remote, "an address that begins with http:// or https://"),
    (lambda kind: kind.local, "a path of a file or folder"),
)


def load_config(folder: Path | None = None, *, need_sources: bool = True) -> Config:
    """Read `settings.toml` and `sources.toml` of a folder.

    Args:
        folder: the folder; None means the shipped one.
        need_sources: whether a folder without `sources.toml` is refused; else it has no source.

    Raises:
        ConfigError: with one line for each problem in any of the files: file, key, what is allowed.
    """
    folder = folder or shipped_config()
    if not folder.is_dir():
        raise ConfigError(
            [f"{folder}: no such folder (copy {shipped_config()} there and edit the copy)"]
        )
    settings_file = TomlFile(folder / "settings.toml")
    settings = _settings(settings_file)
    sources_path = folder / "sources.toml"
    absent = not need_sources and not sources_path.exists()
    sources_file = TomlFile(sources_path, "" if absent else None)
    sources = () if absent else sources_in(sources_file)
    if problems := settings_file.problems + sources_file.problems:
        raise ConfigError(problems)
    return Config(folder=folder, sources=sources, **settings)


def check_sources_text(text: str, path: Path) -> None:
    """Check an edited `sources.toml` before it is written, by the rules by which it is read.

    Args:
        text: what would be written.
        path: where.

    Raises:
        ConfigError: it would be refused.
    """
    file = TomlFile(path, text)
    sources_in(file)
    file.raise_problems()


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
