"""JSON Lines of `scraper export --format jsonl-pages`: the raw pages in them, as captures.

What the lines say of an article is not taken over: it is read anew from its raw pages, each with
the date on which it was fetched. Lines are parsed in a worker.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from array import array
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import PARSE_SECONDS, Captures, Found
from scraper.models import Hop, Page
from scraper.urls import absolute
from scraper.workers import ParserPool

__all__ = ["parse_line", "read_jsonl", "response_digest"]

_LONGEST = 96 * 1024 * 1024
_MOST_NAMED = 5
_MOST_HOPS = 10


def read_jsonl(found: Found) -> Captures:
    """Yield the raw pages of a file; damaged lines are passed over and named in the end.

    Raises:
        ScraperError: some lines are damaged, or no line holds a raw page.
    """
    bad: list[str] = []
    bare = array("q")
    count = pages = articles = offset = 0
    with (
        found.path.open("rb") as file,
        ParserPool(
            workers=1, timeout=PARSE_SECONDS, preload=("scraper.exchange.imports.jsonl",)
        ) as pool,
    ):
        while line := file.readline(_LONGEST):
            begins, offset = offset, offset + len(line)
            if not line.strip():
                continue
            try:
                parsed = asyncio.run(pool.run(parse_line, line))
            except ScraperError as error:
                count += 1
                if len(bad) < _MOST_NAMED:
                    bad.append(f"at byte {begins:,}: {error.message}")
                continue
            articles += 1
            if parsed is None:
                bare.append(begins)
                continue
            for key, page in parsed:
                pages += 1
                yield key, page, offset
    if pages:
        # All lines of one export have raw pages, or none.
        count += len(bare)
        bad += [f"at byte {at:,}: a version has no responses" for at in bare[:_MOST_NAMED]]
    if count:
        raise ScraperError(
            f"{found.path}: lines passed over: {count:,}, all others were read: "
            f"{'; '.join(bad[:_MOST_NAMED])}",
            error_class=ErrorClass.TRUNCATED,
        )
    if articles and not pages:
        raise ScraperError(
            f"{found.path}: it holds no raw pages, of which articles could be read: export it with"
            " --format jsonl-pages, or a whole archive with --whole"
        )


def parse_line(line: bytes) -> list[tuple[str, Page]] | None:
    """Return the raw pages of a line, in order, each with its identity.

    None says that a version in it has no list of responses, not even an empty one.

    Raises:
        ScraperError: the line is damaged.
    """
    try:
        versions = _list(json.loads(line)["versions"])
        if not all("responses" in version for version in versions):
            return None
        return [made for version in versions for made in _pages(_list(version["responses"]))]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
            binascii.Error) as error:  # fmt: skip
        raise ScraperError(f"it is no article ({type(error).__name__}: {error})"[:200]) from None


def response_digest(values: Mapping[str, Any]) -> str:
    """Return what shows that a response in a line is as it was written.

    Args:
        values: of the response. The digest is of all of them but ``sha256``, as JSON in UTF-8,
            sorted by key, without white space.
    """
    others = {key: value for key, value in values.items() if key != "sha256"}
    text = json.dumps(others, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _pages(responses: list[Any]) -> Iterator[tuple[str, Page]]:
    for one in responses:
        if one.get("sha256") not in (None, response_digest(one)):
            raise ValueError("a response was altered since it was written")
        body = base64.b64decode(one["body_base64"], validate=True)
        at = datetime.fromisoformat(one["fetched_at"]).astimezone(UTC)
        url, final_url = absolute(str(one["url"]), ""), absolute(str(one["final_url"]), "")
        status = one["status"]
        if not url or not final_url or not isinstance(status, int) or not 100 <= status < 600:
            raise ValueError("no address or no status")
        if not at.year >= 1990 or at > datetime.now(UTC):
            raise ValueError("fetched_at is no moment of a capture")
        digest = hashlib.sha256(body).hexdigest()
        hops = tuple(
            Hop(status=int(code), url=absolute(str(where), ""))
            for code, where in _list(one["hops"])[:_MOST_HOPS]
        )
        yield (
            f"jsonl:{hashlib.sha256(f'{url} {at.isoformat()} {digest}'.encode()).hexdigest()}",
            Page(
                url=url,
                final_url=final_url,
                status=status,
                headers={str(k).lower(): str(v) for k, v in dict(one["headers"]).items()},
                body=body,
                fetched_at=at,
                hops=hops,
                wire_bytes=len(body),
            ),
        )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value
