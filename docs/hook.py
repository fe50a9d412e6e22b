"""Pages of the reference, made from the code while MkDocs builds: what they say is never stale.

commands       the table of commands, and each command's own help
configuration  the tables that check the files, with the shipped values and comments
schema         a new archive's tables and views, with the comments of the schema
json           the records that commands print
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from scraper import Archive
from scraper.archive import ArticleRow, ChangeRow, FetchRow, SearchHit, SourceHealth, VersionRow
from scraper.archive.stories import StorySummary
from scraper.browse.tables import metadata_of
from scraper.cli import SECTIONS, main
from scraper.cli.documents import DOCUMENTS
from scraper.cli.schemas import schema_named
from scraper.config import SETTINGS, SOURCE
from scraper.models import Article, Candidate, Quote, QuoteClaim, RemovedBlock
from scraper.models.topics import Claim
from scraper.toml_file import Key, shipped_config

# Where the site has the JSON Schemas.
_SCHEMAS = "reference/schemas"
_OTHER_FILES = ("alerts.toml", "topics.toml", "boilerplate.toml", "catalogue.toml")
# Records that commands print, each with where it stands.
_RECORDS = (
    (Article, "`fetch --format json`, `show --format json`, `extract()`"),
    (RemovedBlock, "`removed` of an article"),
    (Candidate, "`candidates` of an article"),
    (SearchHit, "`search --json`, in `hits`"),
    (ChangeRow, "`changes --json`, in `entries`; `changes --follow --json`, one a line"),
    (VersionRow, "`history --json`, in `versions`"),
    (StorySummary, "`stories --json`, in `stories`"),
    (QuoteClaim, "`quotes --json`"),
    (Quote, "`quote` of a quote's claim"),
    (Claim, "`facts --json`, in each fact"),
    (SourceHealth, "`status --json`, in `sources`"),
    (ArticleRow, "`ArchiveReader.articles`"),
    (FetchRow, "`Archive.fetches`"),
)


def pages() -> Mapping[str, Callable[[], str]]:
    """Return what makes each page, by its path in the docs."""
    return {
        "reference/commands.md": commands_page,
        "reference/configuration.md": configuration_page,
        "reference/schema.md": schema_page,
        "reference/json.md": json_page,
    }


def on_files(files: Any, config: Any) -> Any:
    """Add the pages (https://www.mkdocs.org/user-guide/plugins/#on_files)."""
    from mkdocs.structure.files import File

    for path, make in pages().items():
        files.append(File.generated(config, path, content=make()))
    for name in DOCUMENTS:
        text = json.dumps(schema_named(name), ensure_ascii=False, indent=2) + "\n"
        files.append(File.generated(config, f"{_SCHEMAS}/{name}.schema.json", content=text))
    return files


# -- commands -------------------------------------------------------------------------------------


def commands_page() -> str:
    """Return the page of all commands with their options."""
    parts = ["# Commands\n", "Each is `scraper COMMAND --help`, as the program prints it.\n"]
    context = click.Context(main, info_name="scraper", help_option_names=["-h", "--help"])
    parts.append(f"## The options of all commands\n\n{_help(main, context, only_options=True)}")
    for section, entries in SECTIONS.items():
        parts.append(f"## {section}\n")
        for entry in entries:
            command = entry.load()
            for name, one in _with_subcommands(entry.name, command):
                below = click.Context(one, info_name=name, parent=context)
                parts.append(f"### {name}\n\n{_help(one, below)}")
    return "\n".join(parts)


def _with_subcommands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), below)
            if found is not None:
                yield f"{name} {below}", found


def _help(command: click.Command, context: click.Context, *, only_options: bool = False) -> str:
    context.terminal_width = 78
    text = command.get_help(context)
    if only_options:
        text = text[text.index("Options:") :]
        text = text[: text.index("\n\n")]
    return f"```text\n{text}\n```\n"


# -- configuration --------------------------------------------------------------------------------


def configuration_page() -> str:
    """Return the page of all files of configuration."""
    folder = shipped_config()
    settings = (folder / "settings.toml").read_text(encoding="utf-8")
    shipped = tomllib.loads(settings)
    parts = [
        "# Configuration\n",
        "A folder of TOML files: `--config DIR`, or `SCRAPER_CONFIG`; else `config` in the current"
        " folder, where it has `settings.toml` and `sources.toml` (`scraper init` makes such a"
        " folder); else the shipped one, which no command edits."
        " An unknown key, or a value that is not allowed, is refused with its line, and all"
        " problems are told together.\n",
        "## settings.toml\n",
    ]
    for name, table in SETTINGS.items():
        rows = [
            (f"`{key}`", f"`{_toml(shipped[name].get(key))}`", one.words, _comment(settings, key))
            for key, one in table.keys.items()
        ]
        heads = ("key", "default", "allowed", "meaning")
        parts.append(f"### [{name}]\n\n{_table(heads, rows)}")
    parts.append("## sources.toml\n")
    parts.append("A `[[source]]` block for each source.\n")
    head = (folder / "sources.toml").read_text(encoding="utf-8")
    meanings = _head_entries(head)
    keys: list[tuple[str, Key]] = list(SOURCE.keys.items())
    rows = [
        (f"`{key}`", "yes" if one.required else "", one.words, meanings.get(key, ""))
        for key, one in keys
    ]
    parts.append(_table(("key", "required", "allowed", "meaning"), rows))
    for file in _OTHER_FILES:
        comment = _first_comment((folder / file).read_text(encoding="utf-8"))
        parts.append(f"## {file}\n\nThe shipped file begins so:\n\n```toml\n{comment}\n```\n")
    return "\n".join(parts)


def _toml(value: object) -> str:
    return {True: "true", False: "false"}.get(value, repr(value)) if isinstance(value, bool) else (
        f'"{value}"' if isinstance(value, str) else str(value)
    )  # fmt: skip


def _comment(text: str, key: str) -> str:
    found = re.search(rf"^{key} = [^#\n]*?#\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def _head_entries(text: str) -> dict[str, str]:
    """Return the meanings of keys in the comment at the head of `sources.toml`."""
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if found := re.match(r"#   ([a-z_, ]+?)  +(\S.*)$", line):
            # Two short keys may stand in one line: "language  en …        zone      time zone …".
            pairs = re.split(r"\s{4,}(?=[a-z]+\s{2,})", f"{found[1]}  {found[2]}")
            names = []
            for pair in pairs:
                name, _, meaning = pair.partition("  ")
                names = [one.strip() for one in name.split(",")]
                meanings |= dict.fromkeys(names, meaning.strip())
        elif names and (more := re.match(r"#  {4,}(\S.*)$", line)):
            for name in names:
                meanings[name] += f" {more[1]}"
        else:
            names = []
    return meanings


def _first_comment(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines)


# -- schema ---------------------------------------------------------------------------------------


def schema_page() -> str:
    """Return the page of the tables and views of an archive."""
    parts = [
        "# Schema\n",
        "An archive is a folder with two SQLite files: `archive.db`, which is what this page tells"
        " of, and `bodies.db` with the raw pages. Times are UTC in ISO 8601, JSON is text. Any"
        " program may read it; only this one may write. The views are the easiest to query.\n",
    ]
    with tempfile.TemporaryDirectory() as folder:
        Archive(folder).close()
        with closing(sqlite3.connect(Path(folder) / "archive.db")) as connection:
            number = connection.execute("pragma user_version").fetchone()[0]
            parts.append(f"This is schema {number}.\n")
            for kind, title in (("view", "Views"), ("table", "Tables")):
                parts.append(f"## {title}\n")
                for (name,) in connection.execute(
                    "select name from sqlite_master where type = ? and name not like '%\\_fts\\_%'"
                    " escape '\\' and name not like 'sqlite%' and name not like '\\_%' escape '\\'"
                    " order by name",
                    [kind],
                ).fetchall():
                    parts.append(_relation(connection, name))
    return "\n".join(parts)


def _relation(connection: sqlite3.Connection, name: str) -> str:
    table = metadata_of("archive")["databases"]["archive"]["tables"].get(name, {})
    comments = table.get("columns", {})
    columns = connection.execute(f"pragma table_xinfo({name})").fetchall()
    rows = [
        (f"`{column[1]}`", column[2].lower(), comments.get(column[1], "")) for column in columns
    ]
    about = table.get("description", "")
    return f"### {name}\n\n{about}\n\n{_table(('column', 'type', 'what it is'), rows)}"


# -- JSON -----------------------------------------------------------------------------------------


def json_page() -> str:
    """Return the page of the records that commands print as JSON."""
    parts = [
        "# JSON\n",
        "These commands print JSON:\n",
        ", ".join(f"`scraper {name}`" for name in _json_commands()) + ".\n",
        "Each prints one document (`fetch --format json` one for each page): an object whose key"
        " `schema` names its form and number, such as `scraper/history/1`. What is listed stands"
        " under a name: `scraper history 12 --json | jq '.versions[].title'`. Lines of JSON Lines"
        " are such objects, too; only of `scraper export --whole` the first line names the form of"
        " all. The number is raised when a key goes or changes its meaning; new keys may come at"
        " any time. `scraper export --format csl-json` and the JSON Feed of the browser have the"
        " forms of their standards.\n",
        "Times are ISO 8601 with their offset, spans of time seconds, Chinese is not escaped, a"
        " value that is not known is `null` or empty. Where an answer rests on more than it shows,"
        " `coverage` beside it tells what: entries seen, what came of them, sources in trouble.\n",
    ]
    published = [
        (
            f"[`{one.name}`](schemas/{one.name}.schema.json)",
            f"line: {one.where}" if one.line else one.where,
            ", ".join(f"`{key}`" for key in schema_named(one.name)["properties"]),
        )
        for one in DOCUMENTS.values()
    ]
    parts.append(
        "## JSON Schemas\n\nThese are the forms; `scraper schema NAME` prints the schema of one.\n"
    )
    parts.append(_table(("name", "of what", "keys"), published))
    parts.append("## Records\n\nWhat these and other commands print, field by field.\n")
    for record, where in _RECORDS:
        meanings = _attributes(record.__doc__ or "")
        rows = [
            (f"`{field.name}`", f"`{_type(field.type)}`", meanings.get(field.name, ""))
            for field in fields(record)
        ]
        about = (record.__doc__ or "").partition("\n")[0]
        parts.append(f"### {record.__name__}\n\n{where}. {about}\n")
        parts.append(_table(("key", "type", "what it is"), rows))
    return "\n".join(parts)


def _json_commands() -> list[str]:
    found = []
    for entries in SECTIONS.values():
        for entry in entries:
            for name, command in _with_subcommands(entry.name, entry.load()):
                for option in command.params:
                    if "--json" in option.opts:
                        found.append(f"{name} --json")
                    elif isinstance(option.type, click.Choice) and "json" in option.type.choices:
                        found.append(f"{name} {option.opts[0]} json")
    return found


def _attributes(doc: str) -> dict[str, str]:
    """Return the meanings of attributes, as a docstring lists them."""
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in doc.partition("Attributes:\n")[2].splitlines():
        if found := re.match(r" {8}([a-z_, 0-9]+): (.*)", line):
            names = [name.strip() for name in found[1].split(",")]
            meanings |= dict.fromkeys(names, found[2])
        elif names and line.strip():
            for name in names:
                meanings[name] += f" {line.strip()}"
        else:
            names = []
    return meanings


def _type(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(heads), "|" + "---|" * len(heads), *map(line, rows)]) + "\n"
