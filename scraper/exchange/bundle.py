"""Bundles: one version of an article in a ZIP file, with all that is needed to cite and check it.

The manifest names the SHA-256 of every file, of the former version's manifest, and the archive's
own chain: a bundle stands on the bundles of all versions before it. The same version gives the same
bytes, as long as the same release of the program and of the extractor made its record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as release_of
from typing import Any

from scraper.archive import Archive, Version
from scraper.archive.sealing import chain_link
from scraper.archive.values import stamp
from scraper.errors import ArchiveError, NotFound
from scraper.exchange.bundle_parts import (
    Evidence,
    as_json,
    changes_json,
    changes_text,
    citation,
    headers_json,
    metadata,
    names_of,
    plain_text,
    readme,
)
from scraper.exchange.bundle_warc import make_warc
from scraper.exchange.bundle_zip import make_zip
from scraper.judge.edits import between

__all__ = ["FORMAT", "Bundle", "cite"]

FORMAT = "scraper-bundle/1"


@dataclass(frozen=True, slots=True, kw_only=True)
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
        evidence = Evidence(
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


def _verdicts(archive: Archive, article_id: int) -> dict[int, tuple[str, ...]]:
    """Return what the verdict saw at the fetch that first brought each version."""
    found: dict[int, tuple[str, ...]] = {}
    for fetch in archive.fetches(article_id):
        if fetch.version is not None:
            found.setdefault(fetch.version, fetch.evidence)
    return found


def _check_seal(evidence: Evidence, former: Version | None) -> None:
    row = evidence.version.row
    before = former.row.chain if former else ""
    sealed = chain_link(before, evidence.url, row.number, row.body, stamp(row.first_observed_at))
    if sealed != row.chain:
        raise ArchiveError(
            f"version {row.number} of {evidence.url} was altered after it was archived:"
            " it can't be cited; see `scraper verify --archive`",
            url=evidence.url,
            error_class="db_corrupt",
        )


def _files(evidence: Evidence, former: Version | None) -> dict[str, bytes]:
    article, row = evidence.version.article, evidence.version.row
    names = names_of(evidence.pages)
    files: dict[str, bytes] = {
        "readme.txt": _text(readme(evidence, former)),
        "article.txt": _text(plain_text(article)),
        "article.md": _text(plain_text(article, article.markdown or article.text)),
        "metadata.json": as_json(metadata(evidence, names)),
    }
    if former is not None:
        comparison = between(former.article, article)
        numbers = (former.row.number, row.number)
        files["changes.txt"] = _text(changes_text(*numbers, comparison))
        files["changes.json"] = as_json(changes_json(*numbers, comparison))
    for at, page in enumerate(evidence.pages):
        files[names[at]] = page.body
        files[names[at].replace(".html", ".json")] = as_json(headers_json(page))
    if evidence.pages:
        files["capture.warc"] = make_warc(evidence.pages, row.chain, _software())
    return files


def _manifest(
    evidence: Evidence, files: Mapping[str, bytes], former: Version | None, former_manifest: str
) -> dict[str, Any]:
    row = evidence.version.row
    return {
        "format": FORMAT,
        "made_by": _software(),
        "citation": citation(evidence),
        "seal": {
            "former": former.row.chain if former else "",
            "url": evidence.url,
            "number": row.number,
            "body": row.body,
            "at": stamp(row.first_observed_at),
            "hash": row.chain,
        },
        "former_manifest": former_manifest,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }


def _software() -> str:
    return f"scraper {release_of('scraper')}"


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")
