"""`settings.toml` and `sources.toml`, read and checked; the checker of all TOML files.

`Table` says which keys a table may have and what each may hold; `TomlFile` collects all that is
wrong in a file, with its line. The lexicon and the boilerplate rules are checked by the same two.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import reprlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from scraper.cron import hours
from scraper.errors import ConfigError, UsageError
from scraper.models import FetchSettings, Source
from scraper.models.source_kinds import SOURCE_KINDS, SourceKind, fallback_kinds, kind_of_source
from scraper.text.pattern_cost import slow_attack
from scraper.urls import LONGEST_ADDRESS

__all__ = [
    "FLAG",
    "NO_LOGIN",
    "SETTINGS",
    "SOURCE",
    "TEXT",
    "TOPIC_CHOICES",
    "WORD",
    "ArchiveSettings",
    "BackupSettings",
    "Config",
    "Key",
    "ParseSettings",
    "Table",
    "TomlFile",
    "check_sources_text",
    "has_login",
    "hours_key",
    "is_pattern",
    "load_config",
    "number_between",
    "pick",
    "refuse_login",
    "shipped_config",
    "shown",
    "sources_in",
    "zone_key",
]


def shipped_config() -> Path:
    """Folder of the shipped `settings.toml`, `sources.toml`, `topics.toml`, `boilerplate.toml`."""
    package = Path(__file__).resolve().parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"


TOPIC_CHOICES = ("all", "only", "metadata")


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Metrics and health check of the daemon: the ``[metrics]`` table of `settings.toml`.

    Attributes:
        port: on 127.0.0.1; 0 opens none.
    """

    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, checked.

    Attributes:
        folder: where it was read from.
        fetch: ``[fetch]`` of settings.toml.
        parse: ``[parse]`` of settings.toml.
        sources: blocks of sources.toml, in its order.
        archive, backup, metrics: ``[archive]``, ``[backup]``, ``[metrics]`` of settings.toml.
    """

    folder: Path
    fetch: FetchSettings
    parse: ParseSettings
    sources: tuple[Source, ...]
    archive: ArchiveSettings = ArchiveSettings()
    backup: BackupSettings = BackupSettings()
    metrics: MetricsSettings = MetricsSettings()


# A file larger than this is not one that a person wrote.
_MOST_FILE_BYTES = 16 * 1024**2
# Characters of a wrong value that a message shows.
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Key:
    """What a key of a TOML table may hold.

    Attributes:
        allowed: in words; a function where the words follow a table that may grow.
        accepts: whether a value is allowed.
        convert: what becomes of an allowed value; by default lists become tuples.
        required: whether the key must be there.
    """

    allowed: str | Callable[[], str]
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = lambda value: tuple(value) if isinstance(value, list) else value
    required: bool = False

    @property
    def words(self) -> str:
        """What is allowed, in words."""
        return self.allowed if isinstance(self.allowed, str) else self.allowed()


class TomlFile:
    """A TOML file with what is wrong in it: the one reader of all configuration files.

    Args:
        path: where it lies, for messages.
        text: what it holds; None reads it from `path`.

    Attributes:
        path: as given.
        tables: what it holds, empty where it cannot be read.
        problems: one line for each, beginning with the path and, where it is known, the line.
    """

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.problems: list[str] = []
        self._text = ""
        self.tables: dict[str, Any] = self._read(text)

    def _read(self, text: str | None) -> dict[str, Any]:
        try:
            self._text = _file_text(self.path) if text is None else text
            return tomllib.loads(self._text.removeprefix("\ufeff"))
        except FileNotFoundError:
            shipped = shipped_config() / self.path.name
            where = f" (the shipped one is {shipped})" if shipped != self.path else ""
            self.problems.append(f"{self.path}: is missing{where}")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            self.problems.append(f"{self.path}: cannot be read ({reason})")
        except tomllib.TOMLDecodeError as error:
            self.problems.append(f"{self.path}: is not TOML ({error})")
        except ValueError:
            # Python refuses to convert more digits than this (sys.get_int_max_str_digits).
            self.problems.append(f"{self.path}: is not TOML (a number has thousands of digits)")
        except RecursionError:
            self.problems.append(
                f"{self.path}: is not TOML (lists or tables are nested hundreds of levels deep)"
            )
        return {}

    def report(self, where: str, message: str, *place: str | int) -> None:
        """Add a problem.

        Args:
            where: the table in the file, such as ``[[source]] 3 (example)``, or "".
            message: what is wrong, and what is allowed.
            place: where its line is to be looked for: the header, for ``[[header]]`` its number
                from 1, then keys of subtables, last the key.
        """
        line = _lines_of(self._text).get(place) or _lines_of(self._text).get(place[:-1])
        at = f"{self.path}:{line}" if line else f"{self.path}"
        self.problems.append(f"{at}{f' {where}' if where else ''}: {message}")

    def refuse_unknown(self, tables: Sequence[str]) -> None:
        """Report all that stands at the top of the file and is none of these.

        Args:
            tables: as the file writes them: ``[fetch]``, ``[[source]]``, or a bare key.
        """
        names = {table.strip("[]"): table for table in tables}
        for name, value in self.tables.items():
            if name not in names:
                block = isinstance(value, list) and value and isinstance(value[0], dict)
                found = f"[[{name}]]" if block else f"[{name}]" if isinstance(value, dict) else name
                what = "a table" if found != name else "a key"
                hint = _did_you_mean(name, names)
                self.report("", f"{found} is not {what} ({hint}allowed: {', '.join(tables)})", name)

    def table(self, name: str) -> object:
        """Return a table of the file, an empty one where it is left out."""
        return self.tables.get(name, {})

    def blocks(self, name: str) -> Sequence[object]:
        """Return the ``[[name]]`` blocks, none (and a problem) where it is written otherwise."""
        found = self.tables.get(name, [])
        if isinstance(found, list):
            return found
        self.report("", f"{name} must be written as [[{name}]] blocks", name)
        return ()

    def raise_problems(self) -> None:
        """Raise `ConfigError` with all problems, if there are any."""
        if self.problems:
            raise ConfigError(self.problems)


class Table:
    """The keys of a TOML table, and what each may hold.

    Args:
        keys: by name.
    """

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self.keys = keys

    def check(
        self, file: TomlFile, where: str, table: object, *place: str | int
    ) -> dict[str, Any] | None:
        """Return the entries of a table, converted, or None where anything is wrong with it.

        All that is wrong is reported to the file: unknown keys, wrong values, missing keys.

        Args:
            file: in which it stands.
            where: the table in words, for messages.
            table: what was read.
            place: as `TomlFile.report` takes it, without a key.
        """
        before = len(file.problems)
        good = self.accepted(file, where, table, *place)
        return good if len(file.problems) == before else None

    def accepted(
        self, file: TomlFile, where: str, table: object, *place: str | int
    ) -> dict[str, Any]:
        """Return the entries that are right, converted; report the others as `check` does."""
        if not isinstance(table, dict):
            file.report(where, f"must be a table of keys, not {shown(table)}", *place)
            return {}
        good: dict[str, Any] = {}
        for name, value in table.items():
            key = self.keys.get(name)
            if key is None:
                hint = _did_you_mean(name, self.keys)
                names = ", ".join(self.keys)
                file.report(where, f"{name} is not a key ({hint}allowed: {names})", *place, name)
            elif not key.accepts(value):
                file.report(
                    where,
                    f"{name} = {shown(value)} is wrong (allowed: {key.words})",
                    *place,
                    name,
                )
            else:
                good[name] = key.convert(value)
        for name, key in self.keys.items():
            if key.required and name not in table:
                file.report(where, f"{name} is missing ({key.words})", *place, name)
        return good


def _file_text(path: Path) -> str:
    with path.open("rb") as file:
        body = file.read(_MOST_FILE_BYTES + 1)
    if len(body) > _MOST_FILE_BYTES:
        raise OSError(f"it has more than {_MOST_FILE_BYTES // 1024**2} MB")
    return body.decode("utf-8")


class _Shown(reprlib.Repr):
    """Values as messages show them: short, without control characters, however large or deep."""

    def repr_int(self, value: int, level: int) -> str:
        """Return a number; of one with very many digits, only how large it is."""
        return repr(value) if value.bit_length() < 256 else f"a number of {value.bit_length()} bits"


_SHOWN = _Shown()
_SHOWN.maxstring = _SHOWN.maxother = _SHOWN_CHARACTERS


# A user name and password within an address.
_LOGIN = re.compile(r"//[^/\s@'\"]{1,200}@")


def shown(value: object) -> str:
    """Return a wrong value as a message shows it: on one line, short, without passwords."""
    text = _LOGIN.sub("//…@", _SHOWN.repr(value))
    return text if len(text) <= 2 * _SHOWN_CHARACTERS else f"{text[: 2 * _SHOWN_CHARACTERS]}…"


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:80], list(names), n=1)
    return f"did you mean {near[0]}? " if near else ""


@lru_cache(maxsize=1)
def _lines_of(text: str) -> Mapping[tuple[str | int, ...], int]:
    """Return the line of each header and key of a TOML text, from 1, as far as they show.

    tomllib tells no positions. Keys stand at the beginning of a line; strings of several lines are
    passed over. Asked for only when something is wrong.
    """
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[str, int] = {}
    place: tuple[str | int, ...] = ()
    open_string = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if open_string:
            open_string = "" if line.count(open_string) % 2 else open_string
            continue
        open_string = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
        if line.startswith("[") and (header := line.partition("#")[0].rstrip()).endswith("]"):
            root, *below = header.strip("[] ").split(".")
            if header.startswith("[["):
                counts[root] = counts.get(root, 0) + (not below)
            place = (root, counts[root], *below) if root in counts else (root, *below)
            lines.setdefault(place, number)
        elif (key := _KEY.match(line)) is not None:
            lines.setdefault((*place, key[1].strip("\"'")), number)
    return lines


_KEY = re.compile(r"""([\w-]+|"[^"]*"|'[^']*')[ \t]*=""")


def _number(low: float, high: float) -> Key:
    return Key(
        f"a number from {low:g} to {high:g}",
        lambda v: isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high,
    )


def number_between(low: int, high: int) -> Key:
    """Return a key that holds a whole number from `low` to `high`."""
    return Key(
        f"a whole number from {low} to {high}",
        lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high,
    )


def _list_of(words: str, accepts: Callable[[Any], bool]) -> Key:
    return Key(f"a list of {words}", lambda v: isinstance(v, list) and all(map(accepts, v)))


@cache
def _zones() -> frozenset[str]:
    """Names of all time zones; to list them takes 10 ms, and each source names one."""
    return frozenset(available_timezones())


def zone_key() -> Key:
    """Return a key that holds the name of a time zone."""
    return Key(
        'an IANA time zone such as "Asia/Shanghai"', lambda v: isinstance(v, str) and v in _zones()
    )


def hours_key() -> Key:
    """Return a key that holds hours of the day."""
    return Key(
        'hours of the day such as "22:00-07:00"',
        lambda v: isinstance(v, str) and hours(v) is not None,
    )


def _is_network(value: object) -> bool:
    try:
        ipaddress.ip_network(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return False
    return isinstance(value, str)


def is_pattern(value: object) -> bool:
    """Return whether a value is a regular expression that Python can compile."""
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except (re.error, OverflowError, RecursionError):
        return False


TEXT = Key("text in quotes", lambda v: isinstance(v, str))
WORD = Key("text in quotes, not empty", lambda v: isinstance(v, str) and bool(v.strip()))
FLAG = Key("true or false", lambda v: isinstance(v, bool))
_PATTERNS = _list_of("regular expressions", is_pattern)

_ADDRESS = re.compile(r"https?://[^\s/?#]\S*+")

# The keys of each table are the fields of its record: the tests hold them together.
SETTINGS: Mapping[str, Table] = {
    "fetch": Table(
        {
            "user_agent": WORD,
            "contact": TEXT,
            "delay": _number(0, 3600),
            "connect_timeout": _number(0.1, 120),
            "read_timeout": _number(0.1, 300),
            "total_timeout": _number(0.1, 900),
            "max_redirects": number_between(0, 20),
            "max_bytes": number_between(1024, 100 * 1024**2),
            "max_sitemap_bytes": number_between(1024, 200 * 1024**2),
            "max_robots_bytes": number_between(1024, 10 * 1024**2),
            "ports": _list_of(
                "ports (1 to 65535)",
                lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v < 65536,
            ),
            "allow_private": _list_of('networks such as "127.0.0.0/8"', _is_network),
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
            "timeout": _number(0.1, 300),
            "memory": number_between(64 * 1024**2, 64 * 1024**3),
            "recycle": number_between(1, 1_000_000),
        }
    ),
    "archive": Table(
        {"least_free": number_between(0, 1024**5), "keep_days": number_between(1, 36_500)}
    ),
    "backup": Table(
        {"every": number_between(0, 8760), "keep": number_between(1, 1000), "folder": TEXT}
    ),
    "metrics": Table({"port": number_between(0, 65535)}),
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
    return kind in fallback_kinds() and _ADDRESS.fullmatch(url) is not None


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
            lambda: "one of " + ", ".join(SOURCE_KINDS),
            lambda v: isinstance(v, str) and v in SOURCE_KINDS,
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
