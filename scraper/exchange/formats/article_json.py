"""Articles as JSON Lines: one article a line, with all its versions.

The form of a line is that of the JSON Schema ``article`` (`scraper schema article`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from scraper.archive import Version
from scraper.exchange.formats.selected import Chosen, ChosenArticle
from scraper.exchange.imports.jsonl import response_digest
from scraper.models import Page

__all__ = ["SCHEMA", "article_line", "write_jsonl", "write_jsonl_with_pages"]

# Form of a line; its number is raised where a field goes or changes its meaning.
SCHEMA = "scraper/article/1"


def write_jsonl(chosen: Chosen, out: IO[bytes]) -> None:
    """Write a line for each article, in UTF-8."""
    for article in chosen:
        _write(out, article_line(article))


def write_jsonl_with_pages(chosen: Chosen, out: IO[bytes]) -> None:
    """Write a line for each article, with the raw pages that its versions were read from."""
    for article in chosen:
        _write(out, article_line(article, pages=True))


def _write(out: IO[bytes], line: Mapping[str, Any]) -> None:
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    out.write(text.encode("utf-8", "replace") + b"\n")


def article_line(article: ChosenArticle, *, pages: bool = False) -> dict[str, Any]:
    """Return an article with all its versions as JSON values.

    Args:
        article: the article.
        pages: whether the responses that each version was read from come with it.
    """
    row = article.row
    return {
        "schema": SCHEMA,
        "id": row.id,
        "url": row.url,
        "addresses": list(article.addresses),
        "title": row.title,
        "authors": list(article.version.article.authors),
        "outlet": row.outlet,
        "credited": row.credited,
        "published": _time(article.published),
        "modified": _time(row.modified),
        "language": row.language,
        "script": row.script,
        "state": row.state,
        "gone_at": _time(row.gone_at),
        "first_seen_at": _time(row.first_seen_at),
        "updated_at": _time(row.updated_at),
        "version": row.version,
        "story": article.story,
        "names": [
            {"kind": name.kind, "name": name.name, "count": name.count} for name in article.names
        ],
        "citation": article.citation(),
        "versions": [_version(article, version, pages) for version in article.versions()],
    }


def _version(article: ChosenArticle, version: Version, pages: bool) -> dict[str, Any]:
    row, record = version.row, version.article
    values: dict[str, Any] = {
        "number": row.number,
        "title": record.title,
        "authors": list(record.authors),
        "published": None if record.is_dated_by_change else _time(record.published),
        "modified": _time(record.modified),
        "text": record.text,
        "markdown": record.markdown,
        "excerpt": record.excerpt,
        "image": record.image,
        "confidence": record.confidence,
        "extractor": record.extractor,
        "first_observed_at": _time(row.first_observed_at),
        "last_observed_at": _time(row.last_observed_at),
        "observations": row.observations,
        "classes": list(row.classes),
        "severity": row.severity,
        "chain": row.chain,
    }
    if pages:
        values["responses"] = [_response(page) for page in article.responses(version)]
    return values


def _response(page: Page) -> dict[str, Any]:
    values = {
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "hops": [[hop.status, hop.url] for hop in page.hops],
        "headers": dict(page.headers),
        "fetched_at": _time(page.fetched_at),
        "body_base64": base64.b64encode(page.body).decode("ascii"),
    }
    return {**values, "sha256": response_digest(values)}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
