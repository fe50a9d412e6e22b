"""The JSON documents of all commands, as tests run them and hold them to their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
import jsonschema

from scraper.cli import SECTIONS
from scraper.cli.documents import DOCUMENTS
from scraper.cli.schemas import schema_named

# Commands that read an archive: words they need on the demo's, and the document they print. Words
# in capitals stand for numbers in it.
READING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "config show": (("--json", "settings"),),
    "sources drift": (("--json", "drift"),),
    "sources list": (("--json", "sources"),),
    "sources packs": (("--json", "packs"), ("start --json", "packs")),
    "sources simulate": (("--json", "simulate"),),
    "search": (("模型 --json", "search"), ("nowherefound --json", "search")),
    "show": (("EDITED --format json", "show"), ("EDITED --feeds --format json", "entry-texts")),
    "history": (("EDITED --json", "history"),),
    "diff": (("EDITED --json", "diff"), ("ONCE --json", "diff")),
    "changes": (("--json", "changes"), ("--since 3 --limit 2 --json", "changes")),
    "survival": (("--json", "survival"),),
    "topics": (("EDITED --json", "topics"), ("渡口開源 --json", "topics"), ("--json", "names")),
    "facts": (("渡口 --json", "facts"), ("江州 --json", "facts")),
    "stories": (("--json", "stories"), ("--format json", "stories")),
    "story": (("STORY --json", "story"), ("STORY --format json", "story")),
    "quotes": (
        ("陶喆 --json", "quotes"), ("--json", "speakers"), ("--format json", "speakers"),
        ("EDITED --json", "article-quotes"),
    ),
    "rescore": (("--dry-run --json", "rescore"),),
    "verify": (("--archive --json", "verify-archive"),),
    "status": (("--json", "status"),),
    "coverage": (("--json", "coverage"),),
    "digest": (("--since 400d --format json", "digest"),),
    "alerts list": (("--json", "alerts"),),
    "doctor": (("--json", "doctor"),),
    "retain": (("--dry-run --json", "retain"),),
    "rollover": (("--list --json", "parts"), ("--when-larger 9T --json", "parts")),
    "reextract": (("--dry-run --json", "reextract"),),
    "regroup": (("--dry-run --json", "regroup"),),
    "boilerplate": (("--json", "boilerplate"),),
}  # fmt: skip


def with_json() -> Iterator[str]:
    """Yield the commands that have `--json`, or JSON among their formats."""

    def below(name: str, command: click.Command) -> Iterator[str]:
        if isinstance(command, click.Group):
            for one in command.commands.values():
                yield from below(f"{name} {one.name}", one)
        for option in command.params:
            formats = option.type.choices if isinstance(option.type, click.Choice) else ()
            if "--json" in option.opts or "json" in formats:
                yield name
                return

    for entries in SECTIONS.values():
        for entry in entries:
            yield from below(entry.name, entry.load())


def strict(schema: Any) -> Any:
    """Return a schema that lets in no key which it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        made["additionalProperties"] = False
    return made


def document(text: str, name: str) -> dict[str, Any]:
    """Return a printed document; one that is not as its schema says fails the test."""
    value: dict[str, Any] = json.loads(text)
    assert value["schema"] == DOCUMENTS[name].id
    assert next(iter(value)) == "schema"
    schema = schema_named(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(value, strict(schema), format_checker=checker)
    return value
