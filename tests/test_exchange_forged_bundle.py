"""Bundles that were made over with care: a manifest that fits, and a lie where two copies stand."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from archiving import START, URL, article, opened
from test_exchange_bundle import (
    HEADERS,
    contents_of,
    derive,
    extracted,
    run,
    written,
    written_page,
)
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.exchange.bundle import as_json, cite
from scraper.exchange.bundle_check import check_bundle
from scraper.exchange.bundle_zip import make_zip
from scraper.models import Page
from scraper.pipeline.parse import reextract_article

Files = dict[str, bytes]


def sealed_anew(path: Path, files: Files, manifest: Callable[[bytes], bytes] | None = None) -> Path:
    """A bundle whose manifest a forger made to fit its files."""
    files = {name: content for name, content in files.items() if content}
    made = json.loads(files.pop("manifest.json"))
    made["files"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    content = as_json(made)
    at = datetime.fromisoformat(made["seal"]["at"])
    path.write_bytes(make_zip({**files, "manifest.json": (manifest or bytes)(content)}, at))
    return path


def second_record(files: Files) -> bytes:
    """A capture with one more response of the same address."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    body = written_page("en").replace("reopens", "stays shut").encode()
    head = StatusAndHeaders("200 OK", [("content-type", "text/html")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            URL, "response", payload=io.BytesIO(body), length=len(body), http_headers=head
        )
    )
    return files["capture.warc"] + out.getvalue()


def with_json(files: Files, name: str, change: Callable[[dict], None]) -> Files:  # type: ignore[type-arg]
    found = json.loads(files[name])
    change(found)
    return {**files, name: as_json(found)}


def both_heads(files: Files) -> Files:
    """Another header, in the head of the page and nowhere else."""
    return with_json(files, "raw/page-1.json", lambda f: f["headers"].update({"server": "other"}))


FORGERIES: dict[str, Callable[[Files], Files]] = {
    "a second record of the same address": lambda f: {**f, "capture.warc": second_record(f)},
    "a record of another address": lambda f: {
        **f, "capture.warc": f["capture.warc"].replace(URL.encode(), b"https://ledger.example/news/9")
    },
    "a capture of another day": lambda f: {
        **f, "capture.warc": f["capture.warc"].replace(b"WARC-Date: 2026", b"WARC-Date: 2024")
    },
    "a response of another day, everywhere": lambda f: {
        **with_json(
            f, "metadata.json",
            lambda m: m["responses"][0].update(fetched_at="2024-03-01T09:00:00+00:00"),
        ),
        "capture.warc": f["capture.warc"].replace(b"2026-03-01T09:00:00Z", b"2024-03-01T09:00:00Z"),
    },
    "another server in the head": both_heads,
    "another status in the head": lambda f: with_json(
        f, "raw/page-1.json", lambda h: h.update(status=404)
    ),
    "other responses": lambda f: with_json(
        f, "metadata.json", lambda m: m["responses"][0].update(url="https://other.example/")
    ),
    "a note in the readme": lambda f: {
        **f, "readme.txt": f["readme.txt"] + b"\nThe publisher confirmed this text in writing.\n"
    },
    "another file": lambda f: {**f, "correction.txt": b"The port stays shut.\n"},
    "a further raw page of the wrong name": lambda f: {**f, "raw/page-7.html": b"<p>More"},
    "no difference": lambda f: {**f, "changes.txt": b"", "changes.json": b""},
    "a difference of the reader's alone": lambda f: {
        **f, "changes.txt": f["changes.txt"] + b"- [-The mayor took money.-]    (removal)\n"
    },
    "a sentence that came in, though the page lacks it": lambda f: with_json(
        f, "changes.json",
        lambda c: c["sentences"].append(
            {"kind": "insert", "old": "", "new": "The mayor fled.", "classes": [], "spans": []}
        ),
    ),
    "a difference to a later version": lambda f: with_json(
        f, "changes.json", lambda c: c.update(new=7)
    ),
    "one more key in the metadata": lambda f: with_json(
        f, "metadata.json", lambda m: m.update(correction="The port stays shut.")
    ),
    "a headline that stands there twice": lambda f: {
        **f,
        "metadata.json": f["metadata.json"].replace(
            b'  "title":', b'  "title": "Eastmere port stays shut",\n  "title":', 1
        ),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_copy_that_says_something_else_is_found(tmp_path: Path, name: str) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 2), tmp_path)
    assert not check_bundle(path, derive=derive).problems
    files = contents_of(path)
    forged = FORGERIES[name](files)
    assert forged != files
    sealed_anew(path, forged)
    kinds = {problem.kind for problem in check_bundle(path, derive=derive).problems}
    assert kinds and kinds <= {"altered", "added", "missing"}


MANIFESTS: dict[str, Callable[[bytes], bytes]] = {
    "one more key": lambda m: m.replace(b"{\n", b'{\n  "confirmed_by": "a notary",\n', 1),
    "one more key of the seal": lambda m: m.replace(
        b'"seal": {\n', b'"seal": {\n    "signed": true,\n'
    ),
    "a key that stands there twice": lambda m: m.replace(
        b'  "citation":', b'  "citation": "Nobody.",\n  "citation":'
    ),
    "another form": lambda m: json.dumps(json.loads(m)).encode(),
    "more behind it": lambda m: m + b"\n",
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_of_another_form_is_found(tmp_path: Path, name: str) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 2), tmp_path)
    sealed_anew(path, contents_of(path), MANIFESTS[name])
    assert [problem.name for problem in check_bundle(path, derive=derive).problems] == [
        "manifest.json"
    ]


def test_a_further_page_is_not_vouched_for_by_the_hash_of_the_version(tmp_path: Path) -> None:
    """It covers the first page alone: a forger who replaces the second keeps that hash."""
    second = f"{URL}?page=2"
    begin = written_page("en").replace("</article>", f"<a rel=next href='{second}'>2</a></article>")
    pages = [
        Page(url=at, final_url=at, status=200, headers=HEADERS, body=body.encode(),
             fetched_at=START, wire_bytes=len(body))
        for at, body in ((URL, begin), (second, written_page("en", "The piles cost 2 crowns.")))
    ]  # fmt: skip
    made = reextract_article(pages, "")
    attempt = article(made=made, body=pages[0].body, headers=HEADERS)
    with opened(tmp_path / "archive") as archive:
        archive.record(type(attempt)(
            link=attempt.link, at=attempt.at, page=pages[0], verdict=attempt.verdict, article=made,
            extra_pages=tuple(pages[1:]),
        ))  # fmt: skip
        bundle = cite(archive, URL)
    path = written(bundle, tmp_path)
    assert "raw/page-2.html" in contents_of(path)
    whole = check_bundle(path, derive=derive)
    assert not whole.problems
    assert any("covers the first page alone" in what for what in whole.not_checked)
    assert not check_bundle(path, expected=bundle.manifest, derive=derive).problems
    told = check_bundle(path, expected=bundle.seal, derive=derive).problems
    assert [(problem.kind, problem.name) for problem in told] == [
        ("unconfirmed", "raw/page-2.html")
    ]


def test_bundles_of_one_article_are_held_against_each_other(tmp_path: Path) -> None:
    with extracted(tmp_path / "archive") as archive:
        first, second = (written(cite(archive, URL, n), tmp_path) for n in (1, 2))
    assert run(tmp_path, "verify", str(first), str(second)).exit_code == 0
    remade = tmp_path / "remade.zip"
    files = with_json(contents_of(first), "metadata.json", lambda m: m.update(extractor="0" * 10))
    sealed_anew(remade, files)
    assert run(tmp_path, "verify", str(remade)).exit_code == 0
    told = run(tmp_path, "verify", str(remade), str(second))
    assert told.exit_code == 1 and "names another manifest of version 1" in told.output


def test_two_bundles_of_one_version_that_differ(tmp_path: Path) -> None:
    paths = []
    for name, language in (("one", "en"), ("other", "zh")):
        with extracted(tmp_path / name, language) as archive:
            paths.append(str(written(cite(archive, URL, 1), tmp_path / name)))
    told = run(tmp_path, "verify", *paths)
    assert told.exit_code == 1 and told.output.count("holds another version 1") == 2
