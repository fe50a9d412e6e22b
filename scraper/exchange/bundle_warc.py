"""The WARC record of a bundle (ISO 28500, version 1.1): what was captured, for other tools.

The archive keeps bodies freed of Content-Encoding and Transfer-Encoding. So these headers, and the
length that went with them, stand under ``x-orig-`` names, as Webrecorder's crawlers write them.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.models import Page

__all__ = ["make_warc"]

_UNDONE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def make_warc(pages: Sequence[Page], seal: str, software: str) -> bytes:
    """Return a WARC file: a response and its metadata for each page of an article.

    Args:
        pages: responses, in order.
        seal: the archive's hash of the version, from which the record ids are derived.
        software: who writes it.
    """
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    described = _fields(
        [
            ("software", software),
            ("format", "WARC File Format 1.1"),
            ("description", f"version {seal} of an article"),
        ]
    )
    info = writer.create_warc_record(
        "",
        "warcinfo",
        payload=io.BytesIO(described),
        length=len(described),
        warc_headers_dict={"WARC-Record-ID": _id(seal, "warcinfo"), "WARC-Date": _date(pages[0])},
    )
    writer.write_record(info)
    for number, page in enumerate(pages, start=1):
        response_id = _id(seal, f"response/{number}")
        shared = {"WARC-Date": _date(page), "WARC-Warcinfo-ID": _id(seal, "warcinfo")}
        digest = f"sha256:{hashlib.sha256(page.body).hexdigest()}"
        response = writer.create_warc_record(
            page.final_url,
            "response",
            payload=io.BytesIO(page.body),
            length=len(page.body),
            http_headers=StatusAndHeaders(
                f"{page.status} {_phrase(page.status)}",
                _headers(page),
                protocol="HTTP/1.1",
            ),
            warc_headers_dict={
                "WARC-Record-ID": response_id,
                **shared,
                "WARC-Payload-Digest": digest,
            },
        )
        writer.write_record(response)
        about = _fields(_about(page))
        metadata = writer.create_warc_record(
            page.final_url,
            "metadata",
            payload=io.BytesIO(about),
            length=len(about),
            warc_headers_dict={
                "WARC-Record-ID": _id(seal, f"metadata/{number}"),
                **shared,
                "WARC-Concurrent-To": response_id,
            },
        )
        writer.write_record(metadata)
    return out.getvalue()


def _id(seal: str, name: str) -> str:
    """Return a record id that depends on nothing but its arguments."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'sha256:{seal}/{name}')}>"


def _date(page: Page) -> str:
    return page.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _headers(page: Page) -> list[tuple[str, str]]:
    """Return the response's headers, such that they are true of the body as it is kept."""
    headers = [
        (f"x-orig-{name}" if name in _UNDONE else name, _CONTROL.sub(" ", value).strip())
        for name, value in page.headers.items()
        if _TOKEN.fullmatch(name)
    ]
    return [*headers, ("content-length", str(len(page.body)))]


def _about(page: Page) -> list[tuple[str, str]]:
    """Return what is known of the exchange; the headers of our request are not kept."""
    lines = [("fetchTimeMs", str(page.elapsed_ms)), ("wireBytes", str(page.wire_bytes))]
    if page.url != page.final_url:
        lines.append(("via", page.url))
    lines += [("redirect", f"{hop.status} {hop.url}") for hop in page.hops]
    return lines


def _fields(lines: Iterable[tuple[str, str]]) -> bytes:
    """Return ``application/warc-fields``."""
    text = "".join(f"{name}: {_CONTROL.sub(' ', value)}\r\n" for name, value in lines)
    return text.encode("utf-8", "replace")
