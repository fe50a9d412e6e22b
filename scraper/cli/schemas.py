"""The command that prints the JSON Schemas of what ``--json`` and exports give: schema.

They are made from the records that are printed, so that they cannot say otherwise.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from scraper.cli.documents import DOCUMENTS, Form
from scraper.errors import UsageError

__all__ = ["schema", "schema_named"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Mapping[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "number"},
    object: {},
    Any: {},
}


def _of(form: Form, optional: frozenset[str]) -> dict[str, Any]:
    """Return the schema of a form, as `as_json` prints its values."""
    if isinstance(form, dict):
        return {
            "type": "object",
            "properties": {key: _of(one, optional) for key, one in form.items()},
            "required": [key for key in form if key not in optional],
        }
    if isinstance(form, list):
        return {"type": "array", "items": _of(form[0], optional)}
    if isinstance(form, tuple):
        return {"anyOf": [_of(one, optional) for one in form]}
    if form in _PLAIN:
        return dict(_PLAIN[form])
    origin: Any = get_origin(form)
    inner = get_args(form)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(one, optional) for one in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        return {"type": "array", "prefixItems": [_of(one, optional) for one in inner],
                "minItems": len(inner), "maxItems": len(inner)}  # fmt: skip
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[-1], optional)}
    if isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        return {"type": "array", "items": _of(inner[0], optional)}
    if isinstance(form, type) and is_dataclass(form):
        hints = get_type_hints(form)
        return _of({field.name: hints[field.name] for field in fields(form)}, optional)
    if isinstance(form, type) and issubclass(form, str):
        return {"type": "string"}
    raise TypeError(f"no schema for {form}")


def schema_named(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document by its name in `DOCUMENTS`.

    It lets in keys that it does not know: new ones may come at any time.
    """
    document = DOCUMENTS[name]
    made = _of(dict(document.form()), document.optional)
    return {
        "$schema": _DIALECT,
        "$id": document.id,
        "title": document.where,
        "type": "object",
        "properties": {"schema": {"const": document.id}, **made["properties"]},
        "required": ["schema", *made["required"]],
    }


@click.command()
@click.argument("name", required=False, default="")
def schema(name: str) -> None:
    """Print the JSON Schema of an output; without a name, list them.

    Every JSON document that a command prints, and every line of JSON Lines, is an object whose key
    `schema` names its form and number: scraper/search/1. The number is raised when a key goes or
    changes its meaning; new keys may come at any time.

    \b
    Example:  scraper schema
              scraper schema article > article.schema.json
    """
    if not name:
        wide = max(map(len, DOCUMENTS))
        for one in DOCUMENTS.values():
            click.echo(f"{one.name:<{wide}}  {one.where}")
        return
    if name not in DOCUMENTS:
        raise UsageError(f"there is no schema {name[:40]}: `scraper schema` lists them")
    click.echo(json.dumps(schema_named(name), ensure_ascii=False, indent=2))
