"""The command that prints the JSON Schemas of what ``--json`` and exports give: schema.

They are made from the records that are printed, so that they cannot say otherwise.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from collections.abc import Mapping as AnyMapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import click

from scraper.cli.output import print_json
from scraper.errors import UsageError

__all__ = ["SCHEMAS", "schema", "schema_named"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Mapping[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    object: {},
    Any: {},
}


def _of(annotation: Any) -> dict[str, Any]:
    """Return the schema of a type, as `as_json` prints its values."""
    if annotation in _PLAIN:
        return dict(_PLAIN[annotation])
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(one) for one in inner]}
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return {"type": "array", "items": _of(inner[0])}
        return {"type": "array", "prefixItems": [_of(one) for one in inner],
                "minItems": len(inner), "maxItems": len(inner)}  # fmt: skip
    if origin is AnyMapping or origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1])}
    if isinstance(annotation, type) and is_dataclass(annotation):
        hints = get_type_hints(annotation)
        return _object({field.name: _of(hints[field.name]) for field in fields(annotation)})
    if isinstance(annotation, type) and issubclass(annotation, str):
        return {"type": "string"}
    raise TypeError(f"no schema for {annotation}")


def _object(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object that has all these, and later perhaps more."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _article() -> dict[str, Any]:
    """Return the schema of a line of `scraper export --format jsonl`."""
    text, number = {"type": "string"}, {"type": "integer"}
    time = {"type": "string", "format": "date-time"}
    maybe_time = {"anyOf": [time, {"type": "null"}]}
    texts = {"type": "array", "items": text}
    name = _object({"kind": text, "name": text, "count": number})
    version = _object(
        {
            "number": number, "title": text, "authors": texts, "published": maybe_time,
            "modified": maybe_time, "text": text, "markdown": text, "excerpt": text, "image": text,
            "confidence": {"type": ["number", "null"]}, "extractor": text,
            "first_observed_at": time, "last_observed_at": time, "observations": number,
            "classes": texts, "severity": number, "chain": text,
        }
    )  # fmt: skip
    version["properties"]["responses"] = {
        "type": "array",
        "items": _object(
            {
                "url": text, "final_url": text, "status": number, "hops": {"type": "array"},
                "headers": {"type": "object", "additionalProperties": text},
                "fetched_at": time, "body_base64": text,
            }
        ),
    }  # fmt: skip
    return _object(
        {
            "schema": {"const": "scraper/article/1"}, "id": number, "url": text,
            "addresses": texts, "title": text, "authors": texts, "outlet": text, "credited": text,
            "published": maybe_time, "modified": maybe_time, "language": text, "script": text,
            "state": {"enum": ["live", "gone"]}, "gone_at": maybe_time, "first_seen_at": time,
            "updated_at": time, "version": number, "story": {"type": ["integer", "null"]},
            "names": {"type": "array", "items": name}, "citation": text,
            "versions": {"type": "array", "items": version},
        }
    )  # fmt: skip


def _search() -> dict[str, Any]:
    from scraper.archive import SearchHit

    return _object(
        {
            "schema": {"const": "scraper/search/1"},
            "hits": {"type": "array", "items": _of(SearchHit)},
            "found": {"type": "integer"},
            "at_least": {"type": "boolean"},
            "notes": {"type": "array", "items": {"type": "string"}},
            "coverage": {"type": ["object", "null"]},
        }
    )


def _changes() -> dict[str, Any]:
    from scraper.archive import ChangeRow

    return _object(
        {
            "schema": {"const": "scraper/changes/1"},
            "entries": {"type": "array", "items": _of(ChangeRow)},
            "more": {"type": "integer"},
            "coverage": {"type": ["object", "null"]},
        }
    )


def _history() -> dict[str, Any]:
    from scraper.archive import VersionRow

    return {"type": "array", "items": _of(VersionRow)}


def _show() -> dict[str, Any]:
    from scraper.models import Article

    return _of(Article)


SCHEMAS: Mapping[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "article": ("a line of `scraper export --format jsonl`", _article),
    "search": ("`scraper search --json`", _search),
    "changes": ("`scraper changes --json`", _changes),
    "history": ("`scraper history --json`", _history),
    "show": ("`scraper show --format json`, `scraper fetch --format json`", _show),
}


def schema_named(name: str) -> dict[str, Any]:
    """Return a JSON Schema by its name in `SCHEMAS`."""
    what, make = SCHEMAS[name]
    return {"$schema": _DIALECT, "$id": f"scraper/{name}/1", "title": what, **make()}


@click.command()
@click.argument("name", required=False, default="")
def schema(name: str) -> None:
    """Print the JSON Schema of an output; without a name, list them.

    The number behind a name is raised when a field goes or changes its meaning; new fields may come
    at any time.

    \b
    Example:  scraper schema
              scraper schema article > article.schema.json
    """
    if not name:
        for one, (what, _) in SCHEMAS.items():
            click.echo(f"{one:<8}  {what}")
        return
    if name not in SCHEMAS:
        raise UsageError(f"{name} is no schema: use one of {', '.join(SCHEMAS)}")
    print_json(schema_named(name))
