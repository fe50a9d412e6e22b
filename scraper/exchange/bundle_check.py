"""Checks a bundle by itself: without the archive it came from, and without a network.

The manifest's hashes show only that the files of a bundle belong together: whoever alters a file
can write a new manifest. What is sealed is the raw page, by the hash of the version. So headline,
text, metadata and citation are extracted from the raw page again and compared, and what stands in
a bundle twice is made again from its other files (`bundle_copies.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scraper.archive.hash_chain import chain_link
from scraper.errors import ErrorClass, ExtractError, ScraperError, WorkersLost
from scraper.exchange.bundle import FORMAT
from scraper.exchange.bundle_contents import BundleContents, Derive
from scraper.exchange.bundle_copies import layout_problems, manifest_problems
from scraper.exchange.bundle_zip import BundleError, Zip
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.workers import ParserPool

__all__ = ["BundleCheck", "Problem", "check_bundle", "check_bundle_in_worker"]

_MANIFEST = "manifest.json"
_SEALED_TIME = "%Y-%m-%dT%H:%M:%S%z"
_HASH = lazy_compile(r"[0-9a-f]{64}")
_MOST_COMPARED = 64 * 1024 * 1024
# Bytes of a manifest: that of 500 files has a twentieth of it. What is said of a bundle comes from
# it and is handed on, so that it has to be small.
_MOST_MANIFEST = 2 * 1024 * 1024


@record
class Problem:
    """What is wrong with a bundle.

    Attributes:
        kind: ``altered``, ``missing``, ``added``, ``odd``, or ``unconfirmed``: it does not follow
            from the raw page as this program reads it, and another extractor made the bundle.
        name: the file in it, or "" for the bundle as a whole.
        what: what is wrong, in words.
    """

    kind: str
    name: str
    what: str


@record
class BundleCheck:
    """What a bundle says of itself, and what is wrong with it; nothing when it is whole.

    Attributes:
        path: the file.
        citation: its line of citation.
        url, number: which version it holds.
        seal, former: the archive's hash of that version and of the one before ("" for none).
        manifest, former_manifest: SHA-256 of its manifest, and of the former version's.
        files: how many files it holds.
        problems: what is wrong.
        checked, not_checked: what was compared with the raw page, and what could not be checked.
    """

    path: Path
    citation: str
    url: str
    number: int
    seal: str
    former: str
    manifest: str
    former_manifest: str
    files: int
    problems: tuple[Problem, ...]
    checked: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()


_NOT_CHECKED = (
    "headers and status of the response and the address that answered against anything outside the"
    " bundle, and what the verdict saw",
    "what the former version said (changes.txt, changes.json): compare both bundles",
)


def check_bundle(path: Path, *, expected: str = "", derive: Derive | None = None) -> BundleCheck:
    """Check a bundle against its manifest, its chain, and the raw page in it.

    Args:
        path: the bundle.
        expected: a hash that is known from elsewhere: of the version, the manifest or the file.
        derive: extracts an article from its raw pages again; without it, text and metadata are not
            checked, and the result says so.

    Raises:
        BundleError: it is no bundle, is cut off, or holds more than a bundle can.
    """
    with Zip(path) as packed:
        content = packed.read(_MANIFEST, most=_MOST_MANIFEST)
        manifest = _read_manifest(path, content)
        seal = manifest["seal"]
        digest = hashlib.sha256(content).hexdigest()
        problems = [
            *(
                Problem(kind="odd", name=name, what=what)
                for name, what in packed.odd(_time(seal["at"]))
            ),
            *_check_files(packed, manifest["files"]),
            *_check_seal(seal, manifest["files"]),
            *(
                Problem(kind=kind, name=name, what=what)
                for kind, name, what in (
                    *manifest_problems(content, manifest),
                    *layout_problems(manifest),
                )
            ),
        ]
        if not problems:
            problems = list(_check_copies(packed, manifest))
        checked: tuple[str, ...] = (f"{len(manifest['files'])} files against the manifest",)
        not_checked: tuple[str, ...] = _NOT_CHECKED
        if derive is None or problems:
            not_checked = ("headline, text, metadata and citation", *_NOT_CHECKED)
        else:
            captured = datetime.strptime(seal["at"], _SEALED_TIME)
            contents = BundleContents(packed, manifest, captured)
            problems = [
                Problem(kind=kind, name=name, what=what)
                for kind, name, what in contents.problems(derive)
            ]
            checked = (*checked, *contents.checked)
            not_checked = (*contents.not_checked, *_NOT_CHECKED)
        if expected.lower() == seal["hash"] and "raw/page-2.html" in manifest["files"]:
            problems.append(
                Problem(
                    kind="unconfirmed",
                    name="raw/page-2.html",
                    what="the hash of a version covers its first page alone: compare that of the"
                    " manifest, or of the file",
                )
            )
        elif expected and expected.lower() not in (seal["hash"], digest, _file_hash(path)):
            problems.append(
                Problem(
                    kind="altered",
                    name="",
                    what=f"no hash of it is {expected}: it is another version, or was made over",
                )
            )
        return BundleCheck(
            path=path,
            citation=manifest["citation"],
            url=seal["url"],
            number=seal["number"],
            seal=seal["hash"],
            former=seal["former"],
            manifest=digest,
            former_manifest=manifest["former_manifest"],
            files=len(manifest["files"]),
            problems=tuple(problems),
            checked=checked,
            not_checked=not_checked,
        )


def check_bundle_in_worker(
    pool: ParserPool, path: Path, *, expected: str, derive: Derive
) -> BundleCheck:
    """Check a bundle as `check_bundle` does, in a worker that can be killed.

    Where its page or its text stops the worker, it is checked without them, and said to be
    unconfirmed.

    Args:
        pool: the workers.
        path, expected, derive: as for `check_bundle`; `derive` is a function of a module.

    Raises:
        BundleError: as `check_bundle`.
        ScraperError: its files alone stop the worker; or none can be had.
    """
    try:
        return asyncio.run(pool.run(check_bundle, path, expected=expected, derive=derive))
    except WorkersLost:
        raise
    except ExtractError as stopped:
        try:
            found = asyncio.run(pool.run(check_bundle, path, expected=expected))
        except ExtractError as error:
            raise ScraperError(
                f"{path}: the process that checks it was stopped: {error.message}",
                error_class=error.error_class,
            ) from None
        if found.problems:
            return found
        what = f"the process that compares its text with the page was stopped: {stopped.message}"
        return replace(found, problems=(Problem(kind="unconfirmed", name="", what=what),))


def _read_manifest(path: Path, content: bytes) -> dict[str, Any]:
    """Return the manifest, its shape checked."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise BundleError(f"{path}: {_MANIFEST} is damaged") from None
    if not isinstance(found, dict) or not str(found.get("format", "")).startswith(
        "scraper-bundle/"
    ):
        raise BundleError(f"{path} is no bundle: its {_MANIFEST} is another program's")
    if found["format"] != FORMAT:
        raise BundleError(f"{path} was made by a newer program (format {found['format']!r})")
    if not _has_shape(found):
        raise BundleError(f"{path}: {_MANIFEST} is damaged")
    return found


def _has_shape(manifest: Mapping[str, Any]) -> bool:
    seal, files = manifest.get("seal"), manifest.get("files")
    return (
        isinstance(seal, dict)
        and isinstance(files, dict)
        and all(isinstance(seal.get(key), str) for key in ("former", "url", "body", "at", "hash"))
        and type(seal.get("number")) is int
        and _time(seal["at"]) is not None
        and all(
            isinstance(manifest.get(key), str) for key in ("made_by", "citation", "former_manifest")
        )
        and all(
            isinstance(facts, dict)
            and type(facts.get("bytes")) is int
            and isinstance(facts.get("sha256"), str)
            and _HASH.fullmatch(facts["sha256"])
            for facts in files.values()
        )
    )


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _SEALED_TIME)
    except ValueError:
        return None


def _check_files(packed: Zip, files: Mapping[str, Any]) -> Iterator[Problem]:
    names = set(packed.names())
    for name in files:
        if name not in names:
            yield Problem(kind="missing", name=name, what="is in the manifest, not in the bundle")
    for name in sorted(names - {_MANIFEST}):
        if name not in files:
            yield Problem(kind="added", name=name, what="is in the bundle, not in the manifest")
            continue
        digest, size = hashlib.sha256(), 0
        try:
            for piece in packed.pieces(name):
                digest.update(piece)
                size += len(piece)
                if size > files[name]["bytes"]:
                    break
        except BundleError as error:
            if error.error_class == ErrorClass.TOO_LARGE:
                raise
            yield Problem(kind="altered", name=name, what=error.message)
            continue
        if size != files[name]["bytes"] or digest.hexdigest() != files[name]["sha256"]:
            yield Problem(kind="altered", name=name, what="is not what the manifest says")


def _check_seal(seal: Mapping[str, Any], files: Mapping[str, Any]) -> Iterator[Problem]:
    made = chain_link(seal["former"], seal["url"], seal["number"], seal["body"], seal["at"])
    if made != seal["hash"]:
        yield Problem(
            kind="altered", name=_MANIFEST, what="the hash of the version does not follow from it"
        )
    page = files.get("raw/page-1.html")
    if seal["body"] and (page is None or page["sha256"] != seal["body"]):
        yield Problem(
            kind="altered", name="raw/page-1.html", what="is not the page that the version seals"
        )


def _check_copies(packed: Zip, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Look whether what the bundle holds twice agrees; for files that are as they should be."""
    files = manifest["files"]
    told = packed.read("readme.txt") if "readme.txt" in files else b""
    if not told.startswith(manifest["citation"].encode("utf-8", "replace")):
        yield Problem(kind="altered", name="readme.txt", what="cites another version")
    if files.get("capture.warc", {}).get("bytes", 0) > _MOST_COMPARED:
        return
    capture = packed.read("capture.warc") if "capture.warc" in files else b""
    for name in files:
        if re.fullmatch(r"raw/page-\d+\.html", name) and packed.read(name) not in capture:
            yield Problem(kind="altered", name="capture.warc", what=f"does not hold {name}")


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
