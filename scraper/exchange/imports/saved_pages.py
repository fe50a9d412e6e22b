"""Saved pages: SingleFile, "save as" of browsers, wget's mirror, ArchiveBox.

A page is taken only under an address that whoever saved it wrote down: in a comment at its top, in
ArchiveBox's index, or as the folder that wget named after the host. What the page says of itself
is no evidence of where it came from.
"""

from __future__ import annotations

import hashlib
import html
from datetime import UTC, datetime
from urllib.parse import quote

from scraper.errors import ErrorClass, ScraperError
from scraper.exchange.imports import Captures, Found, snapshot_of
from scraper.models import Page
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute, site_of

__all__ = ["read_saved_page"]

_MOST_BYTES = 40 * 1024 * 1024
_HEAD_BYTES = 8192
_SINGLE_FILE = lazy_compile(
    r"<!--\s{0,9}Page saved with SingleFile\s{1,9}url: {0,3}(\S{1,4000})\s{1,9}"
    r"saved date: {0,3}([^\r\n]{1,100})"
)
_SAVED_FROM = lazy_compile(r"<!-- saved from url=\(\d{4}\)(\S{1,4000}) -->")
_JS_DATE = lazy_compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT([+-]\d{4})")
_HOST = lazy_compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?")


def read_saved_page(found: Found) -> Captures:
    """Yield the one capture that a saved page is.

    Raises:
        ScraperError: nothing says which address it was saved from, or it cannot be read.
    """
    try:
        with found.path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
        modified = datetime.fromtimestamp(found.path.stat().st_mtime, UTC)
    except OSError as error:
        raise ScraperError(f"{found.path} can't be read: {error.strerror}") from None
    if len(body) > _MOST_BYTES:
        raise ScraperError(
            f"{found.path}: it has more than {_MOST_BYTES >> 20} MB",
            error_class=ErrorClass.TOO_LARGE,
        )
    url, at, how = _origin(found, body, modified)
    url = absolute(html.unescape(url), "") if url else ""
    if not url.lower().startswith(("http://", "https://")):
        raise ScraperError(
            f"{found.path}: nothing says which address it was saved from:"
            f" scraper fetch --html {found.path} --url ADDRESS",
            error_class=ErrorClass.BAD_URL,
        )
    key = hashlib.sha256(url.encode("utf-8", "replace") + b"\n" + body).hexdigest()
    yield (
        f"page:{key}",
        Page(
            url=url,
            final_url=url,
            status=200,
            headers={"content-type": "text/html", "x-scraper-import": how},
            body=body,
            fetched_at=at,
            wire_bytes=len(body),
        ),
        len(body),
    )


def _origin(found: Found, body: bytes, modified: datetime) -> tuple[str, datetime, str]:
    """Return the address that a page was saved from, when, and who says so."""
    # Patterns see a character for each byte; addresses are UTF-8.
    head = body[:_HEAD_BYTES].decode("latin-1")
    single = _SINGLE_FILE.search(head)
    if single:
        return _utf8(single[1]), _js_date(single[2]) or modified, "SingleFile"
    snapshot = snapshot_of(found.path.parent)
    if isinstance(snapshot.get("url"), str):
        return str(snapshot["url"]), _epoch(snapshot.get("timestamp")) or modified, "ArchiveBox"
    saved = _SAVED_FROM.search(head)
    if saved:
        return _utf8(saved[1]), modified, "saved by a browser; date of the file"
    return _mirrored(found), modified, "wget mirror; date of the file"


def _utf8(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


def _mirrored(found: Found) -> str:
    """Return the address of a file of wget's mirror: ``host/path``, or ""."""
    if not found.root.is_dir():
        return ""
    parts = found.path.resolve().relative_to(found.root.resolve().parent).parts
    for at, part in enumerate(parts[:-1]):
        if _HOST.fullmatch(part.lower()) and site_of(f"https://{part}/"):
            name = parts[-1]
            rest = [*parts[at + 1 : -1], "" if name.lower() == "index.html" else name]
            # `--adjust-extension` writes NAME?query.html for an address without .html.
            path = "/".join(rest)
            if "?" in path:
                path = path.removesuffix(".html")
            return f"https://{part}/{quote(path, safe='/?&=%~+,;:@!$')}"
    return ""


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _js_date(text: str) -> datetime | None:
    """Return a date as JavaScript prints it: ``Sun Mar 01 2026 09:00:00 GMT+0100 (…)``."""
    match = _JS_DATE.match(text)
    if match is None or match[1] not in _MONTHS:
        return None
    month = _MONTHS.index(match[1]) + 1
    iso = f"{match[3]}-{month:02d}-{int(match[2]):02d}T{match[4]}:{match[5]}:{match[6]}{match[7]}"
    try:
        at = datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= 1990 and at <= datetime.now(UTC) else None


def _epoch(value: object) -> datetime | None:
    try:
        at = datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year >= 1990 and at <= datetime.now(UTC) else None
