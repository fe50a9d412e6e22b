"""The reader and checker of all TOML files of the configuration.

`Table` says which keys a table may have and what each may hold; `TomlFile` collects all that is
wrong in a file, with its line.
"""

from __future__ import annotations

import difflib
import re
import reprlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from scraper.errors import ConfigError
from scraper.record import record

__all__ = [
    "FLAG",
    "TEXT",
    "WORD",
    "Key",
    "Table",
    "TomlFile",
    "decimal_between",
    "is_pattern",
    "list_of",
    "number_between",
    "shipped_config",
    "shown",
]


def shipped_config() -> Path:
    """Folder of the shipped `settings.toml`, `sources.toml`, `topics.toml`, `boilerplate.toml`."""
    package = Path(__file__).resolve().parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"


# A file larger than this is not one that a person wrote.
_MOST_FILE_BYTES = 16 * 1024**2
# Characters of a wrong value that a message shows.
_SHOWN_CHARACTERS = 200


@record(kw_only=False)
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


def decimal_between(low: float, high: float) -> Key:
    """Return a key that holds a number from `low` to `high`."""
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


def list_of(words: str, accepts: Callable[[Any], bool]) -> Key:
    """Return a key that holds a list.

    Args:
        words: what its entries are, for messages.
        accepts: whether an entry is allowed.
    """
    return Key(f"a list of {words}", lambda v: isinstance(v, list) and all(map(accepts, v)))


def is_pattern(value: object, flags: int = 0) -> bool:
    """Return whether a value is a regular expression that Python can compile with some flags."""
    try:
        return isinstance(value, str) and bool(re.compile(value, flags))
    except (re.error, OverflowError, RecursionError):
        return False


TEXT = Key("text in quotes", lambda v: isinstance(v, str))
WORD = Key("text in quotes, not empty", lambda v: isinstance(v, str) and bool(v.strip()))
FLAG = Key("true or false", lambda v: isinstance(v, bool))
