"""Makers of attempts for the tests of the archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.archive import Archive
from scraper.models import Article, Attempt, Link, Page, Verdict

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
URL = "https://ledger.example/news/1"
TEXT = "The harbour reopened on Monday after 3 weeks. Ships waited outside the bay.\n" * 3
HOUR = timedelta(hours=1)


def opened(folder: Path) -> Archive:
    return Archive(folder)


def page(
    body: bytes | str = b"<html>",
    *,
    url: str = URL,
    final_url: str = "",
    at: datetime = START,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Page:
    return Page(
        url=url,
        final_url=final_url or url,
        status=status,
        headers=headers or {},
        body=body if isinstance(body, bytes) else body.encode(),
        fetched_at=at,
        wire_bytes=len(body),
    )


def article(
    text: str = TEXT,
    *,
    at: datetime = START,
    url: str = URL,
    title: str = "Harbour reopens",
    final_url: str = "",
    canonical_url: str = "",
    body: bytes | str = "",
    headers: dict[str, str] | None = None,
    capture: str = "",
    source: str = "",
    replaced: int = 0,
    made: Article | None = None,
) -> Attempt:
    return Attempt(
        link=Link(url=url, source=source),
        at=at,
        page=page(
            body or f"<html><h1>{title}</h1>{text}",
            url=url,
            final_url=final_url,
            at=at,
            headers=headers,
        ),
        verdict=Verdict(kind="article"),
        article=made
        or Article(url=url, title=title, text=text, canonical_url=canonical_url, replaced=replaced),
        capture=capture,
    )


def failed(error_class: str, *, at: datetime = START, url: str = URL) -> Attempt:
    return Attempt(link=Link(url=url), at=at, error_class=error_class, message=f"{error_class}!")


def rejected(kind: str, *, at: datetime = START, url: str = URL) -> Attempt:
    return Attempt(
        link=Link(url=url),
        at=at,
        page=page(b"<title>Just a moment</title>", url=url, at=at),
        verdict=Verdict(kind=kind, evidence=("title: Just a moment",)),
    )
