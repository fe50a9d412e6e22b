"""One row for every attempt, whatever came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from scraper.models import Page, Reservation

__all__ = ["write_fetch"]


def write_fetch(
    connection: sqlite3.Connection,
    *,
    page: Page | None,
    url: str,
    at: str,
    error_class: str,
    message: str = "",
    evidence: Sequence[str] = (),
    body: str | None = None,
    page_id: int | None = None,
    source_id: int | None = None,
    run_id: int | None = None,
    version_id: int | None = None,
    fingerprint: str = "",
    capture: str | None = None,
    part: int = 1,
    reservations: Sequence[Reservation] | None = None,
) -> None:
    """Write one row of `fetches`; headers only with the first fetch of a body."""
    first = (
        body is not None
        and not connection.execute(
            "select 1 from fetches where body = ? limit 1", [body]
        ).fetchone()
    )
    hops = [[hop.status, hop.url] for hop in page.hops] if page else []
    final = page.final_url if page and page.final_url != url else ""
    connection.execute(
        "insert into fetches (run_id, page_id, source_id, at, url, final_url, class, message,"
        " evidence, status, hops, headers, wire_bytes, elapsed_ms, body, part, version_id,"
        " fingerprint, capture, close_delimited, rendered, reservations) values"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            run_id,
            page_id,
            source_id,
            at,
            url,
            final,
            error_class,
            message,
            json.dumps(list(evidence), ensure_ascii=False),
            page.status if page else None,
            json.dumps(hops),
            json.dumps(dict(page.headers), ensure_ascii=False) if page and first else None,
            page.wire_bytes if page else 0,
            page.elapsed_ms if page else 0,
            body,
            part,
            version_id,
            fingerprint,
            capture,
            int(page.close_delimited) if page else 0,
            int(page.rendered) if page else 0,
            None
            if reservations is None
            else json.dumps([[r.kind, r.origin, r.value] for r in reservations]),
        ],
    )
