"""The responses that versions were read from, as WARC 1.1 and WACZ 1.1.1, for replay elsewhere.

A version's response comes with the redirects that led to it, each as a record of its own, so that
whoever reads the file knows the address that was asked for. Bodies are written as they are kept,
freed of Content-Encoding: those headers stand under ``x-orig-`` names, as in a bundle.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version as release_of
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.exchange.bundle import response_headers, status_phrase, warc_fields
from scraper.exchange.bundle_zip import new_zip
from scraper.exchange.formats.selected import Chosen
from scraper.exchange.front_matter import plain_line
from scraper.models import Page
from scraper.record import record

__all__ = ["sort_key", "write_wacz", "write_warc"]

# What an address must not hold to stand in a header of a record.
_NOT_IN_HEADER = re.compile(r"[\x00-\x20\x7f]")
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


@record
class _Written:
    """A record of a response, for the index."""

    url: str
    at: datetime
    status: int
    mime: str
    digest: str
    offset: int
    length: int
    title: str


def write_warc(chosen: Chosen, out: IO[bytes]) -> None:
    """Write all responses of all versions as gzipped WARC, one member a record."""
    for _ in _write_records(chosen, out):
        pass


def _write_records(chosen: Chosen, out: IO[bytes]) -> Iterator[_Written]:
    """Write the records; yield what each page's record is."""
    counted = _Counted(out)
    writer = WARCWriter(counted, gzip=True, warc_version="1.1")
    software = f"scraper/{release_of('scraper')}"
    info = warc_fields([("software", software), ("format", "WARC File Format 1.1")])
    writer.write_record(
        writer.create_warc_record(
            "", "warcinfo", payload=io.BytesIO(info), length=len(info), warc_headers_dict={}
        )
    )
    written: set[str] = set()
    for article in chosen:
        for version in article.versions():
            for page in article.responses(version):
                for one in _with_redirects(page):
                    key = _record_id(one)
                    if key in written:
                        continue
                    written.add(key)
                    yield _write(writer, counted, one, key, version.row.title)


def _with_redirects(page: Page) -> Iterator[Page]:
    """Yield the redirects that led to a page, then the page under the address that answered."""
    at = page.url
    for hop in page.hops:
        if at != hop.url:
            yield Page(
                url=at, final_url=at, status=hop.status, headers={"location": hop.url}, body=b"",
                fetched_at=page.fetched_at,
            )  # fmt: skip
        at = hop.url
    yield page


def _record_id(page: Page) -> str:
    """Return a record's identity, which is the same in each export."""
    body = hashlib.sha256(page.body).hexdigest()
    name = f"{page.final_url} {page.fetched_at.isoformat()} {page.status} {body}"
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, name)}>"


def _write(
    writer: WARCWriter, counted: _Counted, page: Page, record_id: str, title: str
) -> _Written:
    digest = f"sha256:{hashlib.sha256(page.body).hexdigest()}"
    url = _NOT_IN_HEADER.sub(lambda c: f"%{ord(c[0]):02X}", page.final_url)
    offset = counted.count
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(page.body),
        length=len(page.body),
        http_headers=StatusAndHeaders(
            f"{page.status} {status_phrase(page.status)}",
            response_headers(page),
            protocol="HTTP/1.1",
        ),
        warc_headers_dict={
            "WARC-Record-ID": record_id,
            "WARC-Date": f"{page.fetched_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "WARC-Payload-Digest": digest,
        },
    )
    writer.write_record(record)
    mime = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    return _Written(
        url=url, at=page.fetched_at, status=page.status, mime=mime or "unk", digest=digest,
        offset=offset, length=counted.count - offset, title=title,
    )  # fmt: skip


class _Counted:
    """A stream that knows how much was written to it."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.count = 0

    def write(self, data: bytes) -> int:
        """Write bytes and count them."""
        self._out.write(data)
        self.count += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how much was written."""
        return self.count

    def flush(self) -> None:
        """Flush the stream beneath."""
        self._out.flush()


# WACZ (https://specs.webrecorder.net/wacz/1.1.1/)


def write_wacz(chosen: Chosen, path: Path) -> None:
    """Write all responses with an index and a list of pages, for ReplayWeb.page and pywb.

    The index is held in memory: about 300 bytes a response.
    """
    resources: list[dict[str, Any]] = []
    records: list[_Written] = []
    with new_zip(path) as packed:
        name = "archive/data.warc.gz"
        hashed = hashlib.sha256()
        with packed.open(_entry(name, zipfile.ZIP_STORED), "w", force_zip64=True) as raw:
            stream = _Hashed(raw, hashed)
            records += _write_records(chosen, stream)  # type: ignore[arg-type]
        resources.append(_resource(name, hashed.hexdigest(), stream.size))

        def add(name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
            packed.writestr(_entry(name, how), content)
            if not name.startswith("datapackage"):
                resources.append(_resource(name, hashlib.sha256(content).hexdigest(), len(content)))

        index = "".join(sorted(_index_line(record) for record in records))
        add("indexes/index.cdx.gz", gzip.compress(index.encode(), mtime=0), zipfile.ZIP_STORED)
        add("pages/pages.jsonl", _pages(records, chosen.title))
        package = json.dumps(
            {
                "profile": "data-package",
                "wacz_version": "1.1.1",
                "title": chosen.title,
                "software": f"scraper/{release_of('scraper')}",
                "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "resources": resources,
            },
            ensure_ascii=False,
            indent=2,
        ).encode("utf-8", "replace")
        add("datapackage.json", package)
        digest = {
            "path": "datapackage.json",
            "hash": f"sha256:{hashlib.sha256(package).hexdigest()}",
        }
        add("datapackage-digest.json", json.dumps(digest, indent=2).encode())


class _Hashed:
    """A stream that hashes what is written to it."""

    def __init__(self, out: IO[bytes], hashed: Any) -> None:
        self._out, self._hashed, self.size = out, hashed, 0

    def write(self, data: bytes) -> int:
        """Write bytes and hash them."""
        self._hashed.update(data)
        self.size += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        """Flush the stream beneath."""
        self._out.flush()


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_ENTRY_TIME)
    entry.compress_type = how
    entry.external_attr = 0o100644 << 16
    return entry


def _resource(name: str, digest: str, size: int) -> dict[str, Any]:
    return {
        "name": name.rpartition("/")[2], "path": name, "hash": f"sha256:{digest}", "bytes": size,
    }  # fmt: skip


def _index_line(record: _Written) -> str:
    """Return a line of CDXJ: key, time, and where the record stands."""
    about = {
        "url": record.url, "mime": record.mime, "status": str(record.status),
        "digest": record.digest, "length": str(record.length), "offset": str(record.offset),
        "filename": "data.warc.gz",
    }  # fmt: skip
    return f"{sort_key(record.url)} {record.at.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(about)}\n"


def sort_key(url: str) -> str:
    """Return an address in the order of an index (SURT): host from right to left, then the path."""
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = parts.path.lower().rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}" + (f"?{query}" if query else "")


def _pages(records: list[_Written], title: str) -> bytes:
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": title}]
    lines += [
        {
            "id": hashlib.sha256(f"{one.url} {one.at}".encode()).hexdigest()[:20],
            "url": one.url,
            "ts": f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "title": plain_line(one.title),
        }
        for one in records
        if one.status < 300
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return text.encode("utf-8", "replace")
