"""Bundles: one version of an article in a ZIP file, with all that is needed to cite and check it.

The manifest names the SHA-256 of every file, of the former version's manifest, and the archive's
own chain: a bundle stands on the bundles of all versions before it. The same version gives the same
bytes, as long as the same release of the program and of the extractor made its record.

The WARC record of a bundle (ISO 28500, version 1.1): what was captured, for other tools.

The archive keeps bodies freed of Content-Encoding and Transfer-Encoding. So these headers, and the
length that went with them, stand under ``x-orig-`` names, as Webrecorder's crawlers write them.

What stands in a bundle, file by file: text, metadata, difference, and a page for the reader.
"""

from __future__ import annotations

import hashlib
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scraper.archive import Archive, Version
from scraper.archive.hash_chain import chain_link
from scraper.archive.sql_values import utc_text
from scraper.edits import Comparison, SentenceChange, compare_articles
from scraper.errors import ArchiveError, ErrorClass, NotFound
from scraper.exchange.bundle_readme import readme_text
from scraper.exchange.bundle_zip import make_zip
from scraper.installed import installed_version
from scraper.models import Article, Page
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.urls import host_of

__all__ = [
    "FORMAT",
    "Bundle",
    "BundleParts",
    "as_json",
    "bundle_of",
    "changes_json",
    "changes_text",
    "citation",
    "citation_line",
    "cite",
    "derived_metadata",
    "make_warc",
    "metadata",
    "plain_text",
    "readme",
    "response_headers",
    "software_name",
    "status_phrase",
    "warc_fields",
]


_UNDONE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_TOKEN = lazy_compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = lazy_compile(r"[\x00-\x1f\x7f]+")


def make_warc(pages: Sequence[Page], seal: str, software: str) -> bytes:
    """Return a WARC file: a response and its metadata for each page of an article.

    Args:
        pages: responses, in order.
        seal: the archive's hash of the version, from which the record ids are derived.
        software: who writes it.
    """
    # It loads what reads from buckets, which costs each export 45 ms.
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    described = warc_fields(
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
                f"{page.status} {status_phrase(page.status)}",
                response_headers(page),
                protocol="HTTP/1.1",
            ),
            warc_headers_dict={
                "WARC-Record-ID": response_id,
                **shared,
                "WARC-Payload-Digest": digest,
            },
        )
        writer.write_record(response)
        about = warc_fields(_about(page))
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


def status_phrase(status: int) -> str:
    """Return the words of an HTTP status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def response_headers(page: Page) -> list[tuple[str, str]]:
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


def warc_fields(lines: Iterable[tuple[str, str]]) -> bytes:
    """Return ``application/warc-fields``."""
    text = "".join(f"{name}: {_CONTROL.sub(' ', value)}\r\n" for name, value in lines)
    return text.encode("utf-8", "replace")


# Characters that steer a terminal, reorder a line or hide in it (Unicode Technical Report 36).
_HIDDEN = lazy_compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@record
class BundleParts:
    """A version with what it was made from.

    Attributes:
        version: the archived version.
        url: address of its article.
        pages: the responses, in order; () where the archive kept none.
        verdict: what the verdict on the page saw.
    """

    version: Version
    url: str
    pages: tuple[Page, ...]
    verdict: tuple[str, ...]

    @property
    def captured(self) -> datetime:
        """When the version was first observed."""
        return self.version.row.first_observed_at

    @property
    def outlet(self) -> str:
        """The publisher as the page names itself, else its host."""
        return self.version.article.outlet or host_of(self.url)


def as_json(value: Any) -> bytes:
    """Return JSON for people and programs alike: in UTF-8, indented, keys in the order given."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace")


def citation(evidence: BundleParts) -> str:
    """Return a line to cite a version by: authors, title, outlet, times, address, hash."""
    row = evidence.version.row
    return citation_line(
        evidence.version.article, evidence.captured, row.number, evidence.url, row.chain
    )


def _dated(article: Article) -> str:
    if not article.published:
        return "no date of publication"
    if article.is_dated_by_change:
        return f"last changed {_moment(article.published)}, no date of publication"
    return f"published {_moment(article.published)}"


def citation_line(article: Article, captured: datetime, number: int, url: str, seal: str) -> str:
    """Return a line to cite a version by.

    Args:
        article: its record.
        captured: when it was first observed.
        number: of the version.
        url: address of its page.
        seal: the archive's hash of the version.
    """
    parts = [
        ", ".join(article.authors),
        f"“{article.title}”" if article.title else "",
        article.outlet or host_of(url),
        _dated(article),
        f"captured {_moment(captured)}",
        f"version {number}",
        url,
        f"sha256:{seal}",
    ]
    return _line(". ".join(part for part in parts if part))


def metadata(evidence: BundleParts, names: Mapping[int, str]) -> dict[str, Any]:
    """Return the record of a version with the evidence for it.

    Args:
        evidence: the version.
        names: file in the bundle that holds the body of each response, by its rank from 0.
    """
    article, row = evidence.version.article, evidence.version.row
    derived = derived_metadata(article, evidence.url)
    return {
        "citation": citation(evidence),
        "url": evidence.url,
        "version": row.number,
        "captured_at": _iso(evidence.captured),
        **{name: derived[name] for name in _FIRST},
        "change": {"classes": list(row.classes), "severity": row.severity},
        "verdict": {"kind": "article", "evidence": list(evidence.verdict)},
        "extractor": article.extractor,
        "decoding": derived["decoding"],
        "responses": [
            {
                "file": names[at],
                "url": page.url,
                "final_url": page.final_url,
                "redirects": [{"status": hop.status, "to": hop.url} for hop in page.hops],
                "status": page.status,
                "fetched_at": _iso(page.fetched_at),
                "bytes": len(page.body),
                "wire_bytes": page.wire_bytes,
                "elapsed_ms": page.elapsed_ms,
            }
            for at, page in enumerate(evidence.pages)
        ],
        "evidence": derived["evidence"],
        "cut": derived["cut"],
    }


_FIRST = (
    "title", "authors", "outlet", "source", "published", "modified", "language", "script",
    "excerpt", "image", "canonical_url",
)  # fmt: skip


def derived_metadata(article: Article, url: str) -> dict[str, Any]:
    """Return the part of a version's metadata that follows from its raw page.

    Args:
        article: the record.
        url: address of its page.
    """
    return {
        "title": article.title,
        "authors": list(article.authors),
        "outlet": article.outlet or host_of(url),
        "source": article.source,
        "published": _iso(article.published),
        "modified": _iso(article.modified),
        "language": article.language,
        "script": article.script,
        "excerpt": article.excerpt,
        "image": article.image,
        "canonical_url": article.canonical_url,
        "decoding": {
            "encoding": article.encoding,
            "origin": article.encoding_origin,
            "replaced": article.replaced,
        },
        "evidence": [
            {
                "field": found.field,
                "value": found.value,
                "origin": found.origin,
                "chosen": found.chosen,
                "note": found.note,
            }
            for found in article.candidates
        ],
        "cut": [
            {"rule": block.rule, "place": block.place, "text": block.text}
            for block in article.removed
        ],
    }


def changes_json(old: int, new: int, comparison: Comparison) -> dict[str, Any]:
    """Return a comparison of two versions as data."""
    return {
        "old": old,
        "new": new,
        "classes": list(comparison.classes),
        "severity": comparison.severity,
        "headline": _op(comparison.headline) if comparison.headline else None,
        "byline": _op(comparison.byline) if comparison.byline else None,
        "sentences": [_op(op) for op in comparison.ops],
    }


def _op(op: SentenceChange) -> dict[str, Any]:
    return {
        "kind": op.kind,
        "old": op.old,
        "new": op.new,
        "classes": list(op.classes),
        "spans": [
            [span.kind, span.old_start, span.old_end, span.new_start, span.new_end]
            for span in op.spans
        ],
    }


def changes_text(old: int, new: int, comparison: Comparison) -> str:
    """Return a comparison of two versions to read: what went in [-…-], what came in {+…+}."""
    told = ", ".join(comparison.classes) or "nothing that is an edit"
    lines = [f"Version {old} → version {new}: {told}; severity {comparison.severity} of 3", ""]
    if comparison.headline is not None:
        lines += ["Headline:", *_told(comparison.headline), ""]
    if comparison.byline is not None:
        lines += ["Byline:", *_told(comparison.byline), ""]
    lines += [line for op in comparison.ops for line in _told(op)]
    return "\n".join(lines) + "\n"


def _told(op: SentenceChange) -> list[str]:
    why = f"    ({', '.join(op.classes)})" if op.classes else ""
    if op.kind == "equal":
        return [f"  {_line(op.new)}"]
    if op.kind == "insert":
        return [f"+ {{+{_line(op.new)}+}}{why}"]
    if op.kind == "delete":
        return [f"- [-{_line(op.old)}-]{why}"]
    told = ""
    for span in op.spans:
        was, now = op.old[span.old_start : span.old_end], op.new[span.new_start : span.new_end]
        if span.kind == "equal":
            told += now
        else:
            told += (f"[-{was}-]" if was else "") + (f"{{+{now}+}}" if now else "")
    return [f"~ {_line(told)}{why}"]


def readme(evidence: BundleParts, former: Version | None) -> str:
    """Return the page that explains a bundle to a reader."""
    row = evidence.version.row
    return readme_text(
        citation(evidence),
        body=row.body if evidence.pages else None,
        seal=row.chain,
        former=(former.row.number, former.row.chain) if former else None,
    )


def plain_text(article: Article, markdown: str = "") -> str:
    """Return headline and text as a file."""
    head = f"# {_line(article.title)}" if markdown else _line(article.title)
    return f"{head}\n\n{markdown or article.text}\n"


def headers_json(page: Page) -> dict[str, Any]:
    """Return the head of a response."""
    return {"status": page.status, "url": page.final_url, "headers": dict(page.headers)}


def names_of(pages: Sequence[Page]) -> dict[int, str]:
    """Return the name of the file that holds the body of each response, by its rank from 0."""
    return {at: f"raw/page-{at + 1}.html" for at in range(len(pages))}


def _line(text: str) -> str:
    """Return foreign text as one line that can't steer, reorder or hide."""
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs") else char
        for char in _HIDDEN.sub("", text)
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(at: datetime | None) -> str:
    if at is None:
        return ""
    zone = at.strftime("%z")
    return at.strftime("%Y-%m-%d %H:%M ") + (
        "UTC" if zone == "+0000" else f"{zone[:3]}:{zone[3:5]}"
    )


FORMAT = "scraper-bundle/1"


@record
class Bundle:
    """A version of an article, ready to be handed on.

    Attributes:
        name: a name for the file.
        content: the ZIP file.
        citation: one line to cite it by.
        seal: the archive's hash of the version.
        manifest: SHA-256 of its manifest.
    """

    name: str
    content: bytes
    citation: str
    seal: str
    manifest: str


def cite(archive: Archive, ref: str | int, number: int | None = None) -> Bundle:
    """Return the bundle of a version.

    Args:
        archive: where it lies.
        ref: the article, by number or any address.
        number: the version; the current one without.

    Raises:
        NotFound: there is no such article or version.
        ArchiveError: (``db_corrupt``) what is archived is not what it was.
    """
    row = archive.find(ref)
    number = number or row.version
    rows = archive.versions(row.id)
    if not any(one.number == number for one in rows):
        raise NotFound(f"{row.url} has no version {number}: the last is {rows[-1].number}")
    verdicts = _verdicts(archive, row.id)
    former: Version | None = None
    former_manifest = ""
    # The manifest of each version names the one before, so all of them are made, first to last.
    for one in rows:
        version = archive.version(row.id, one.number)
        evidence = BundleParts(
            version=version,
            url=row.url,
            pages=archive.response(one.id),
            verdict=verdicts.get(one.number, ()),
        )
        _check_seal(evidence, former)
        files = _files(evidence, former)
        manifest = as_json(_manifest(evidence, files, former, former_manifest))
        if one.number == number:
            break
        former, former_manifest = version, hashlib.sha256(manifest).hexdigest()
    return Bundle(
        name=f"article-{row.id}-version-{number}.zip",
        content=make_zip({**files, "manifest.json": manifest}, evidence.captured),
        citation=citation(evidence),
        seal=version.row.chain,
        manifest=hashlib.sha256(manifest).hexdigest(),
    )


def bundle_of(folder: Path, article_id: int, number: int = 0) -> tuple[str, bytes]:
    """Return name and content of the bundle of a version; may run in a worker process.

    Args:
        folder: the archive's.
        article_id: number of the article.
        number: the version; 0 is the current one.

    Raises:
        NotFound, ArchiveError: as `cite`.
    """
    with Archive(folder, create=False, readonly=True) as archive:
        bundle = cite(archive, article_id, number or None)
    return bundle.name, bundle.content


def _verdicts(archive: Archive, article_id: int) -> dict[int, tuple[str, ...]]:
    """Return what the verdict saw at the fetch that first brought each version."""
    found: dict[int, tuple[str, ...]] = {}
    for fetch in archive.fetches(article_id):
        if fetch.version is not None:
            found.setdefault(fetch.version, fetch.evidence)
    return found


def _check_seal(evidence: BundleParts, former: Version | None) -> None:
    row = evidence.version.row
    before = former.row.chain if former else ""
    sealed = chain_link(before, evidence.url, row.number, row.body, utc_text(row.first_observed_at))
    if sealed != row.chain:
        raise ArchiveError(
            f"version {row.number} of {evidence.url} was altered after it was archived:"
            " it can't be cited; see `scraper verify --archive`",
            url=evidence.url,
            error_class=ErrorClass.DB_CORRUPT,
        )


def _files(evidence: BundleParts, former: Version | None) -> dict[str, bytes]:
    article, row = evidence.version.article, evidence.version.row
    names = names_of(evidence.pages)
    files: dict[str, bytes] = {
        "readme.txt": _text(readme(evidence, former)),
        "article.txt": _text(plain_text(article)),
        "article.md": _text(plain_text(article, article.markdown or article.text)),
        "metadata.json": as_json(metadata(evidence, names)),
    }
    if former is not None:
        comparison = compare_articles(former.article, article)
        numbers = (former.row.number, row.number)
        files["changes.txt"] = _text(changes_text(*numbers, comparison))
        files["changes.json"] = as_json(changes_json(*numbers, comparison))
    for at, page in enumerate(evidence.pages):
        files[names[at]] = page.body
        files[names[at].replace(".html", ".json")] = as_json(headers_json(page))
    if evidence.pages:
        files["capture.warc"] = make_warc(evidence.pages, row.chain, software_name())
    return files


def _manifest(
    evidence: BundleParts, files: Mapping[str, bytes], former: Version | None, former_manifest: str
) -> dict[str, Any]:
    row = evidence.version.row
    return {
        "format": FORMAT,
        "made_by": software_name(),
        "citation": citation(evidence),
        "seal": {
            "former": former.row.chain if former else "",
            "url": evidence.url,
            "number": row.number,
            "body": row.body,
            "at": utc_text(row.first_observed_at),
            "hash": row.chain,
        },
        "former_manifest": former_manifest,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }


def software_name() -> str:
    """Return the name and release of this program, as a manifest gives them."""
    return f"scraper {installed_version('scraper')}"


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")
