"""Markdown with YAML front matter: what an article is, in front of its text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from scraper.models import Article

__all__ = ["article_markdown", "front_matter", "plain_line"]

# What JSON leaves as it is, and YAML 1.2 does not take between quotes or reads as an end of line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN_KEY = re.compile(r"[a-z][a-z_]*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Values of front matter.
Value = str | int | datetime | Sequence[str] | None


def front_matter(values: Mapping[str, Value]) -> str:
    """Return YAML front matter; empty values are left out.

    Each text stands in double quotes, so that no text can become a key, a tag or a date.

    Args:
        values: by key, in the order in which they are written.
    """
    lines = ["---"]
    for key, value in values.items():
        assert _PLAIN_KEY.fullmatch(key), key
        if isinstance(value, datetime):
            lines.append(f"{key}: {value.isoformat(timespec='seconds')}")
        elif isinstance(value, str | int):
            if value != "":
                lines.append(f"{key}: {_scalar(value)}")
        elif value:
            lines.append(f"{key}:")
            lines += [f"  - {_scalar(item)}" for item in value]
    return "\n".join([*lines, "---", ""])


def _scalar(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def article_markdown(
    article: Article,
    *,
    captured: datetime | None = None,
    version: int | None = None,
    more: Mapping[str, Value] | None = None,
) -> str:
    """Return an article as Markdown with front matter: title, authors, outlet, dates, address.

    Args:
        article: its record.
        captured: when this version was first observed.
        version: its number in the archive.
        more: further values of the front matter.
    """
    values: dict[str, Value] = {
        "title": article.title,
        "authors": article.authors,
        "outlet": article.outlet,
        "source": article.source,
        "published": None if article.is_dated_by_change else article.published,
        "modified": article.modified,
        "url": article.url,
        "language": article.language,
        "script": article.script,
        "captured": captured,
        "version": version,
        **(more or {}),
    }
    title = plain_line(article.title)
    body = _CONTROL.sub(" ", article.markdown or article.text).strip("\n")
    return f"{front_matter(values)}\n# {title}\n\n{body}\n"


def plain_line(text: str) -> str:
    """Return text as one line without characters that steer a terminal or an editor."""
    return " ".join(_CONTROL.sub(" ", text).split())
