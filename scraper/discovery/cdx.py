"""Indexes of captures: CDX and CDXJ, as files of a web archive and as its server's answers.

Servers (Wayback's CDX server, pywb) answer in JSON: an array of rows under a row of names, or an
object a line. Files have lines of ``key timestamp url mime status digest …`` or of CDXJ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from scraper.record import record
from scraper.urls import absolute

__all__ = ["CdxLine", "cdx_lines", "parse_cdx", "queries_of"]

_MOST = 200_000
# Names of the columns of a CDX file with eleven columns (https://archive.org/web/researcher/cdx_file_format.php).
_ELEVEN = ("urlkey", "timestamp", "url", "mime", "status", "digest", "_", "_", "length", "offset",
           "filename")  # fmt: skip
# How servers and files call the same.
_SAME = {"original": "url", "mimetype": "mime", "statuscode": "status"}


@record
class CdxLine:
    """A capture that an index names.

    Attributes:
        url: address that was captured.
        at: when, UTC.
        status: HTTP status, 0 where the index does not say.
        digest: of the body, "" where the index does not say.
        filename: of the WARC file, "" in a server's answer.
        offset: of the record in it.
        revisit: whether its body is that of an earlier capture, and was not written again.
    """

    url: str
    at: datetime
    status: int = 0
    digest: str = ""
    filename: str = ""
    offset: int = 0
    revisit: bool = False

    @property
    def timestamp(self) -> str:
        """The time in fourteen digits."""
        return f"{self.at:%Y%m%d%H%M%S}"


def cdx_lines(text: str) -> Iterator[CdxLine]:
    """Yield the captures of HTML that an index names, in its order.

    Lines that cannot be read, and captures of other kinds, are passed over.

    Args:
        text: an index, or some whole lines of one.
    """
    for values in _rows(text):
        line = _line(values)
        if line is not None:
            yield line


def parse_cdx(body: bytes, name: str) -> tuple[CdxLine, ...]:
    """Return the captures of HTML that an index names, the oldest first.

    Lines that cannot be read, and captures of other kinds, are passed over; so is one whose body is
    that of the capture before it under the same address.

    Args:
        body: the index; it may come from anyone, so this runs in a worker.
        name: where it comes from.
    """
    del name
    found: list[CdxLine] = []
    for line in cdx_lines(body.decode("utf-8", "replace")):
        found.append(line)
        if len(found) >= _MOST:
            break
    found.sort(key=lambda line: (line.at, line.url))
    last: dict[str, str] = {}
    kept = []
    for line in found:
        if not line.digest or last.get(line.url) != line.digest:
            kept.append(line)
        last[line.url] = line.digest
    return tuple(kept)


def _rows(text: str) -> Iterator[Mapping[str, Any]]:
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError):
            return
        names = rows[0] if rows and isinstance(rows[0], list) else []
        for row in rows[1:]:
            if isinstance(row, list):
                yield dict(zip(map(str, names), row, strict=False))
        return
    for line in text.splitlines():
        key, brace, rest = line.partition("{")
        if brace:
            try:
                values = json.loads(brace + rest)
            except (ValueError, RecursionError):
                continue
            if isinstance(values, dict):
                words = key.split()
                yield {"timestamp": words[1], **values} if len(words) > 1 else values
        else:
            words = line.split()
            if len(words) == len(_ELEVEN):
                yield dict(zip(_ELEVEN, words, strict=True))


def _line(values: Mapping[str, Any]) -> CdxLine | None:
    values = {_SAME.get(key, key): str(value) for key, value in values.items()}
    url = absolute(values.get("url", ""), "")
    stamp = values.get("timestamp", "")
    status = values.get("status", "")
    mime = values.get("mime", "").lower()
    offset = values.get("offset", "")
    if not url.lower().startswith(("http://", "https://")) or "_" in mime.split("/")[0]:
        return None
    if mime not in ("", "-", "unk", "text/html", "application/xhtml+xml", "warc/revisit"):
        return None
    if status not in ("", "-", "200"):
        return None
    try:
        at = datetime.strptime(stamp.ljust(14, "0")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    if not at.year >= 1990 or at > datetime.now(UTC):
        return None
    return CdxLine(
        url=url,
        at=at,
        status=200 if status == "200" else 0,
        digest=values.get("digest", "").removeprefix("-"),
        filename=values.get("filename", ""),
        offset=int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 16 else 0,
        revisit=mime == "warc/revisit",
    )


def queries_of(since: datetime, until: datetime) -> Iterator[tuple[str, str]]:
    """Yield months as ``from`` and ``to`` of a CDX server, the oldest first.

    A server answers a month whole where it would cut off ten years.
    """
    start = since
    while start <= until:
        year, month = (start.year + 1, 1) if start.month == 12 else (start.year, start.month + 1)
        following = datetime(year, month, 1, tzinfo=UTC)
        end = min(until, following)
        yield f"{start:%Y%m%d%H%M%S}", f"{end:%Y%m%d%H%M%S}"
        start = following
