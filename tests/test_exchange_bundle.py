"""Bundles: what they hold, that they are the same each time, and that tampering shows."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archiving import HOUR, START, TEXT, URL, article, opened
from click.testing import CliRunner, Result
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from scraper import extract
from scraper.archive import Archive
from scraper.cli import main
from scraper.errors import ArchiveError, NotFound, ScraperError
from scraper.exchange.bundle import Bundle, as_json, cite
from scraper.exchange.bundle_check import check_bundle, check_bundle_in_worker
from scraper.exchange.bundle_zip import BundleError, make_zip
from scraper.exchange.warc import read_captures
from scraper.models import Article, Candidate, Page, RemovedBlock
from scraper.pipeline.parse import reextract_article, reextract_pages
from scraper.workers import ParserPool

HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-encoding": "br",
    "content-length": "12",
    "set-cookie": "a=1, b=2",
    "x-odd": "line\r\nbreak: 1 港口",
}
MADE = Article(
    url=URL,
    title="港口 “reopens”",
    authors=("Anna Berg", "李明"),
    outlet="Ledger",
    published=datetime(2026, 3, 1, 7, tzinfo=UTC),
    text=TEXT,
    markdown=f"## News\n\n{TEXT}",
    removed=(RemovedBlock(position=3, rule="share-bar", place="body > div", text="Share this"),),
    candidates=(Candidate(field="title", value="港口", origin="h1", chosen=True),),
    extractor="x1",
)


def filled(folder: Path) -> Archive:
    """An archive with an article in three versions."""
    archive = opened(folder)
    archive.record(article(made=MADE, headers=HEADERS, body="<html>港口 first"))
    for turn, more in enumerate(("More was said.", "More was said on day 2."), start=1):
        archive.record(
            article(TEXT + more, title=MADE.title, at=START + turn * HOUR, headers=HEADERS)
        )
    return archive


PARAGRAPHS = {
    "en": (
        "The port of Eastmere reopened on Monday after three weeks of repairs to its main quay,"
        " the harbour master Anna Berg told reporters. About 40 ships had waited outside the bay.",
        "Divers had found cracks in eleven of the piles that carry the quay. The repair cost"
        " 2.4 million crowns, which the town pays over six years, the council said on Tuesday.",
        "Fishermen said that they had lost most of the spring catch. The council will discuss on"
        " Friday whether it pays them a part of what they could not earn.",
    ),
    "zh": (
        "东湖港口在对主码头进行三周维修之后于周一重新开放，港务局长李明对记者说。约有四十艘船在湾外等候。",
        "潜水员发现支撑码头的十一根桩柱出现裂缝。维修费用为二百四十万元，市政府将在六年内付清，市议会周二表示。",
        "渔民们说，他们失去了春季的大部分收成。市议会将于周五讨论是否补偿他们的部分损失。",
    ),
}


def written_page(language: str, more: str = "") -> str:
    """A page as a newsroom makes it."""
    text = "".join(
        f"<p>{paragraph}</p>" for paragraph in (*PARAGRAPHS[language], more) if paragraph
    )
    title = {"en": "Eastmere port reopens", "zh": "东湖港口重新开放"}[language]
    return (
        f"<!doctype html><html lang={language}><meta charset=utf-8><title>{title}</title>"
        "<meta property=article:published_time content=2026-03-01T10:00:00+08:00>"
        "<meta name=author content='Clara Voss'><meta property=og:site_name content=Ledger>"
        "<nav><a href=/>Home</a> <a href=/news>News</a></nav>"
        f"<main><article><h1>{title}</h1>{text}</article></main>"
    )


def extracted(folder: Path, language: str = "en", *, zone: str = "") -> Archive:
    """An archive with two versions that the extractor really made of their pages."""
    archive = opened(folder)
    for turn, more in enumerate(("", "More is to be said on Friday, the council added.")):
        body, at = written_page(language, more).encode(), START + turn * HOUR
        made = extract(body, URL, HEADERS, fetched_at=at, zone=zone)
        archive.record(article(made=made, body=body, at=at, headers=HEADERS))
    return archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return filled(tmp_path / "archive")


def written(bundle: Bundle, folder: Path) -> Path:
    path = folder / bundle.name
    path.write_bytes(bundle.content)
    return path


def contents(bundle: Bundle) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_what_a_bundle_holds(archive: Archive, tmp_path: Path) -> None:
    bundle = cite(archive, URL, 1)
    files = contents(bundle)
    assert files["raw/page-1.html"] == "<html>港口 first".encode()
    assert json.loads(files["raw/page-1.json"])["headers"] == HEADERS
    assert files["article.txt"].decode() == f"{MADE.title}\n\n{TEXT}\n"
    assert "## News" in files["article.md"].decode()
    told = json.loads(files["metadata.json"])
    assert told["authors"] == ["Anna Berg", "李明"]
    assert told["evidence"][0]["origin"] == "h1"
    assert told["cut"] == [{"rule": "share-bar", "place": "body > div", "text": "Share this"}]
    assert told["verdict"] == {"kind": "article", "evidence": []}
    assert bundle.citation == (
        "Anna Berg, 李明. “港口 “reopens””. Ledger. published 2026-03-01 07:00 UTC."
        f" captured 2026-03-01 08:00 UTC. version 1. {URL}. sha256:{bundle.seal}"
    )
    assert files["readme.txt"].decode().startswith(bundle.citation)
    assert "changes.txt" not in files
    later = contents(cite(archive, URL))
    assert "day 2" in later["changes.txt"].decode()
    assert json.loads(later["changes.json"])["old"] == 2
    assert not check_bundle(written(bundle, tmp_path)).problems


def test_other_tools_read_the_capture(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "capture.warc"
    path.write_bytes(contents(cite(archive, URL, 1))["capture.warc"])

    class Command:
        inputs = (str(path),)
        verbose = False

    assert Checker(Command()).process_all() == 0
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Date"), r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "metadata"]
    assert records[1][1:] == ("2026-03-01T08:00:00Z", "<html>港口 first".encode())
    (capture,) = read_captures(path)
    assert capture.page.body == "<html>港口 first".encode()
    assert capture.page.headers["x-orig-content-encoding"] == "br"
    assert capture.page.headers["content-length"] == str(len(capture.page.body))
    assert capture.page.fetched_at == START


def test_the_same_version_gives_the_same_bytes(archive: Archive, tmp_path: Path) -> None:
    first = cite(archive, URL, 2)
    archive.record(article(TEXT + "More was said on day 2.", title=MADE.title, at=START + 9 * HOUR))
    assert cite(archive, URL, 2).content == first.content
    with filled(tmp_path / "other") as other:
        assert cite(other, URL, 2).content == first.content


def test_each_manifest_names_the_one_before(archive: Archive, tmp_path: Path) -> None:
    one, two, three = (cite(archive, URL, n) for n in (1, 2, 3))
    checked = [check_bundle(written(bundle, tmp_path)) for bundle in (one, two, three)]
    assert [c.former for c in checked] == ["", one.seal, two.seal]
    assert [c.former_manifest for c in checked] == ["", one.manifest, two.manifest]
    assert [c.seal for c in checked] == [row.chain for row in archive.versions(URL)]


def test_what_cannot_be_cited(archive: Archive) -> None:
    with pytest.raises(NotFound, match="no version 7: the last is 3"):
        cite(archive, URL, 7)
    with pytest.raises(NotFound):
        cite(archive, "https://ledger.example/other")
    archive._store.connection.execute("update versions set body = 'ff' where number = 1")
    with pytest.raises((ArchiveError, NotFound)):
        cite(archive, URL, 3)
    archive._store.connection.execute(
        "update versions set body = (select body from versions where number = 2) where number = 1"
    )
    with pytest.raises(ArchiveError, match="was altered"):
        cite(archive, URL, 3)


def test_an_article_without_a_raw_page(tmp_path: Path) -> None:
    attempt = article()
    with opened(tmp_path / "archive") as archive:
        archive.record(type(attempt)(link=attempt.link, at=START, article=attempt.article))
        bundle = cite(archive, URL)
    assert "capture.warc" not in contents(bundle)
    assert not check_bundle(written(bundle, tmp_path)).problems


# Tampering

STAMP = START + 2 * HOUR


def remade(files: dict[str, bytes], *, seal: bool = False) -> bytes:
    """A bundle whose manifest was made to fit its files."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
        if name != "manifest.json"
    }
    if seal:
        manifest["seal"]["body"] = manifest["files"]["raw/page-1.html"]["sha256"]
    return make_zip({**files, "manifest.json": as_json(manifest)}, STAMP)


def plain(files: dict[str, bytes]) -> bytes:
    return make_zip(files, STAMP)


TAMPERINGS: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str, str]] = {
    "text": (lambda f: plain({**f, "article.txt": b"Lies"}), "altered", "article.txt"),
    "raw": (lambda f: plain({**f, "raw/page-1.html": b"Lies"}), "altered", "raw/page-1.html"),
    "missing": (lambda f: plain({n: c for n, c in f.items() if n != "capture.warc"}), "missing",
                "capture.warc"),
    "added": (lambda f: plain({**f, "note.txt": b"x"}), "added", "note.txt"),
    "manifest": (lambda f: plain({**f, "manifest.json": f["manifest.json"].replace(
        b'"number": 3', b'"number": 4')}), "altered", "manifest.json"),
    "raw and manifest": (lambda f: remade({**f, "raw/page-1.html": b"Lies"}), "altered",
                         "raw/page-1.html"),
    "raw, manifest and seal": (lambda f: remade({**f, "raw/page-1.html": b"Lies"}, seal=True),
                               "altered", "manifest.json"),
    "capture and manifest": (lambda f: remade({**f, "capture.warc": b"WARC/1.1"}), "altered",
                             "capture.warc"),
    "readme and manifest": (lambda f: remade({**f, "readme.txt": b"Other"}), "altered",
                            "readme.txt"),
    "outside": (lambda f: plain({**f, "../evil.txt": b"x"}), "odd", "../evil.txt"),
    "absolute": (lambda f: plain({**f, "/etc/passwd": b"x"}), "odd", "/etc/passwd"),
    "drive": (lambda f: plain({**f, "c:\\evil": b"x"}), "odd", "c:\\evil"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_named(archive: Archive, tmp_path: Path, how: str) -> None:
    bundle = cite(archive, URL, 3)
    change, kind, name = TAMPERINGS[how]
    path = tmp_path / "bundle.zip"
    path.write_bytes(change(contents(bundle)))
    assert (kind, name) in {(p.kind, p.name) for p in check_bundle(path).problems}


def test_a_published_hash_finds_what_was_made_over(archive: Archive, tmp_path: Path) -> None:
    bundle = cite(archive, URL, 3)
    path = written(bundle, tmp_path)
    for known in (bundle.seal, bundle.manifest, hashlib.sha256(bundle.content).hexdigest()):
        assert not check_bundle(path, expected=known).problems
    path.write_bytes(remade({**contents(bundle), "article.txt": b"Lies, all made to fit"}))
    assert not check_bundle(path).problems
    assert check_bundle(path, expected=bundle.manifest).problems


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no ZIP"),
        (b"<html>", "no ZIP"),
        (b"PK", "cut off"),
        (b"PK\x05\x06" + 18 * b"\0", "no manifest.json"),
        (make_zip({"a.txt": b"x"}, START), "no manifest.json"),
        (make_zip({"manifest.json": b"{"}, START), "damaged"),
        (make_zip({"manifest.json": b"[" * 100_000}, START), "damaged"),
        (make_zip({"manifest.json": b'{"format": 1}'}, START), "another program"),
        (make_zip({"manifest.json": b'{"format": "scraper-bundle/9"}'}, START), "newer"),
        (make_zip({"manifest.json": b'{"format": "scraper-bundle/1"}'}, START), "damaged"),
        (make_zip({f"{n}.txt": b"" for n in range(501)}, START), "too many"),
        (make_zip({"manifest.json": b" " * (65 << 20)}, START), "too large"),
    ],
)
def test_not_a_bundle(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=message):
        check_bundle(path)
    with pytest.raises(BundleError):
        check_bundle(tmp_path / "nowhere.zip")
    with pytest.raises(BundleError):
        check_bundle(tmp_path)


def test_a_bomb_is_not_unpacked(archive: Archive, tmp_path: Path) -> None:
    """What unpacks to more than the manifest says is left at that point; all have a cap."""
    files = contents(cite(archive, URL, 3))
    path = tmp_path / "bundle.zip"
    path.write_bytes(plain({**files, "article.txt": bytes(200 << 20)}))
    assert ("altered", "article.txt") in {(p.kind, p.name) for p in check_bundle(path).problems}
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["article.txt"]["bytes"] = 10**15
    bomb = {**files, "article.txt": bytes(513 << 20)}
    path.write_bytes(plain({**bomb, "manifest.json": json.dumps(manifest).encode()}))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(BundleError) as caught:
        check_bundle(path)
    assert caught.value.error_class == "too_large"


def test_two_entries_of_one_name(archive: Archive, tmp_path: Path) -> None:
    path = written(cite(archive, URL, 3), tmp_path)
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning):
        packed.writestr("article.txt", "Lies")
    assert ("odd", "article.txt") in {(p.kind, p.name) for p in check_bundle(path).problems}


@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_bytes_that_belong_to_no_entry(archive: Archive, tmp_path: Path, where: str) -> None:
    whole = cite(archive, URL, 3).content
    (offset,) = struct.unpack("<L", whole[-6:-2])
    shifted = whole[:offset] + b"hidden" + whole[offset:-6]
    path = tmp_path / "bundle.zip"
    path.write_bytes(
        {
            "before": b"PKhidden" + whole,
            "between": shifted + struct.pack("<L", offset + 6) + b"\0\0",
            "after": whole + b"hidden",
        }[where]
    )
    try:
        assert check_bundle(path).problems
    except BundleError as error:
        assert error.error_class == "truncated"


def test_every_cut_and_every_flipped_bit_shows(archive: Archive, tmp_path: Path) -> None:
    whole = cite(archive, URL, 2).content
    path = tmp_path / "bundle.zip"
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(BundleError):
            check_bundle(path)
    (directory,) = struct.unpack("<L", whole[-6:-2])
    places = {*range(0, directory, 41), *range(directory, len(whole))}
    unseen = []
    for place in sorted(places):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            if not check_bundle(path).problems:
                unseen.append(place)
        except BundleError:
            pass
    assert not unseen


# On the command line


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--archive", str(tmp_path / "archive"), *arguments])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_cite_and_verify(tmp_path: Path, language: str) -> None:
    extracted(tmp_path / "archive", language).close()
    made = run(tmp_path, "cite", f"{URL}@2", "--to", str(tmp_path))
    assert made.exit_code == 0 and "version 2" in made.output
    path = tmp_path / "article-1-version-2.zip"
    assert run(tmp_path, "cite", "1@2", "--to", str(path)).exit_code == 0  # the same bytes
    assert run(tmp_path, "cite", "1@1", "--to", str(path)).exit_code == 2
    assert run(tmp_path, "cite", "1@1", "--to", str(tmp_path)).exit_code == 0
    one = tmp_path / "article-1-version-1.zip"
    good = run(tmp_path, "verify", str(one), str(path))
    assert good.exit_code == 0 and good.output.count("unaltered") == 2
    assert good.output.count("checked: headline, text, metadata and citation against") == 2
    assert good.output.count("not checked: headers") == 2
    one.write_bytes(plain({**contents_of(one), "article.txt": b"Lies"}))
    bad = run(tmp_path, "verify", str(one), str(path))
    assert bad.exit_code == 1 and "altered: article.txt" in bad.output
    assert run(tmp_path, "verify", str(tmp_path / "none.zip")).exit_code == 1
    assert run(tmp_path, "verify").exit_code == 2
    arguments = ["verify", "-"]
    given = CliRunner().invoke(main, arguments, input=path.read_bytes())
    assert given.exit_code == 0, given.output
    assert given.output.startswith("standard input: unaltered\n")
    told = CliRunner().invoke(main, [*arguments, "--json"], input=path.read_bytes())
    assert json.loads(told.stdout)["bundles"][0]["path"] == "-"
    none = CliRunner().invoke(main, arguments, input=b"PK")
    assert none.exit_code == 1 and "standard input" in none.output
    assert tempfile.gettempdir() not in none.output
    assert CliRunner().invoke(main, [*arguments, "-"], input=b"").exit_code == 2
    assert run(tmp_path, "verify", "--hash", "ff", str(path)).exit_code == 2
    told = run(tmp_path, "-q", "verify", "--json", str(path), "--hash", "0" * 64)
    assert told.exit_code == 1
    assert json.loads(told.output)["bundles"][0]["problems"][0]["kind"] == "altered"
    assert run(tmp_path, "cite", "1@9").exit_code == 1


def altered(content: bytes, **changed: object) -> bytes:
    """A JSON file of a bundle with other values."""
    return as_json({**json.loads(content), **changed})


def forged(path: Path, files: dict[str, bytes], citation: str = "") -> Path:
    """A bundle with other files under a manifest that a forger made to fit."""
    content = {**contents_of(path), **files}
    manifest = json.loads(content.pop("manifest.json"))
    if citation:
        old = manifest["citation"]
        manifest["citation"] = citation
        content["readme.txt"] = content["readme.txt"].replace(old.encode(), citation.encode())
        content["metadata.json"] = altered(content["metadata.json"], citation=citation)
    manifest["files"] = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in content.items()
    }
    at = datetime.fromisoformat(manifest["seal"]["at"])
    path.write_bytes(make_zip({**content, "manifest.json": as_json(manifest)}, at))
    return path


def derive(pages: Sequence[Page], zone: str) -> Article:
    return reextract_pages(pages, zone)[0]


FORGERIES: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "headline": lambda f: {
        "article.txt": f["article.txt"].replace(b"reopens", b"stays shut"),
        "article.md": f["article.md"].replace(b"reopens", b"stays shut"),
    },
    "one digit": lambda f: {
        "article.txt": f["article.txt"].replace(b"2.4 million", b"2.5 million")
    },
    "a sentence out": lambda f: {
        "article.md": f["article.md"].replace(b" About 40 ships had waited outside the bay.", b"")
    },
    "a paragraph out": lambda f: {
        "article.txt": b"\n".join(f["article.txt"].split(b"\n")[:-2]) + b"\n"
    },
    **{
        f"metadata: {name}": lambda f, name=name, value=value: {  # type: ignore[misc]
            "metadata.json": altered(f["metadata.json"], **{name: value})
        }
        for name, value in {
            "title": "Eastmere port stays shut",
            "authors": ["Anna Berg"],
            "outlet": "The Other",
            "source": "Wire",
            "published": "2026-03-01T10:00:00+00:00",
            "modified": "2026-03-01T10:00:00+08:00",
            "language": "de",
            "script": "Hans",
            "excerpt": "Nothing.",
            "image": "https://other.example/a.png",
            "canonical_url": "https://other.example/",
            "url": "https://other.example/",
            "version": 7,
            "captured_at": "2020-01-01T00:00:00+00:00",
            "citation": "Nobody.",
            "evidence": [],
            "cut": [],
            "decoding": {},
        }.items()
    },
    "metadata: gone": lambda f: {"metadata.json": b"[]"},
    "metadata: no JSON": lambda f: {"metadata.json": b"{" * 2000},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_who_makes_the_manifest_again_is_found(tmp_path: Path, name: str) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)
    assert not check_bundle(path, derive=derive).problems
    forged(path, FORGERIES[name](contents_of(path)))
    assert not check_bundle(path).problems, "the manifest fits"
    found = check_bundle(path, derive=derive)
    assert found.problems and {problem.kind for problem in found.problems} <= {
        "altered",
        "unconfirmed",
    }


def test_a_forged_citation_is_found(tmp_path: Path) -> None:
    with extracted(tmp_path / "archive") as archive:
        bundle = cite(archive, URL, 1)
    path = written(bundle, tmp_path)
    forged(path, {}, bundle.citation.replace("Clara Voss", "Nobody"))
    told = [problem.what for problem in check_bundle(path, derive=derive).problems]
    assert any("the citation" in what for what in told), told


def test_a_check_without_the_page_says_so(tmp_path: Path) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)
    unread = check_bundle(path)
    assert unread.not_checked[0] == "headline, text, metadata and citation"
    read = check_bundle(path, derive=derive)
    assert any("extracted again" in what for what in read.checked)


def test_the_bundle_of_another_extractor_is_never_called_unaltered(tmp_path: Path) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)
    files = contents_of(path)
    forged(path, {"metadata.json": altered(files["metadata.json"], extractor="0000000000")})
    assert not check_bundle(path, derive=derive).problems, "another extractor that reads the same"
    forged(path, FORGERIES["one digit"](files))
    (problem,) = check_bundle(path, derive=derive).problems
    assert problem.kind == "unconfirmed" and "extractor 0000000000 made it" in problem.what


def test_a_time_zone_that_the_configuration_gave_is_named(tmp_path: Path) -> None:
    body = written_page("en").replace("T10:00:00+08:00", "T10:00:00").encode()
    made = extract(body, URL, HEADERS, fetched_at=START, zone="Asia/Shanghai")
    with opened(tmp_path / "archive") as archive:
        archive.record(article(made=made, body=body, headers=HEADERS))
        path = written(cite(archive, URL), tmp_path)
    found = check_bundle(path, derive=derive)
    assert not found.problems
    assert made.published == datetime.fromisoformat("2026-03-01T10:00:00+08:00")
    assert any("Asia/Shanghai" in what for what in found.not_checked)


@pytest.mark.parametrize("rule", ["learned:ledger.example", "layout:ledger.example"])
def test_what_was_left_out_as_the_hosts_is_named(tmp_path: Path, rule: str) -> None:
    line = "Eastmere Ledger is read in ninety towns along the coast, write to us at the quay."
    body = written_page("en", line).encode()
    whole = extract(body, URL, HEADERS, fetched_at=START)
    learned = RemovedBlock(position=9, rule=rule, place="p", text=line)
    assert line in whole.text
    made = replace(
        whole,
        text=whole.text.replace(f"\n{line}", ""),
        removed=(*whole.removed, learned),
        extractor=f"{whole.extractor}+0123456789",
    )
    with opened(tmp_path / "archive") as archive:
        archive.record(article(made=made, body=body, headers=HEADERS))
        path = written(cite(archive, URL), tmp_path)
    found = check_bundle(path, derive=derive)
    assert not found.problems
    assert any(line[:60] in what for what in found.not_checked)
    text = contents_of(path)["article.txt"].replace(b" About 40 ships had waited", b"")
    forged(path, {"article.txt": text})
    assert check_bundle(path, derive=derive).problems


def test_a_bundle_that_stops_its_reader_is_unconfirmed(tmp_path: Path) -> None:
    """A JSON file of 230 kB as it is packed gives lists of more than a gigabyte."""
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)
    preload = (check_bundle.__module__, reextract_article.__module__)
    with ParserPool(workers=1, timeout=120, memory=1024**3, preload=preload) as pool:
        whole = check_bundle_in_worker(pool, path, expected="", derive=reextract_article)
        assert whole == check_bundle(path, derive=derive) and not whole.problems
        lists = b'{"a": [' + b"[]," * 20_000_000 + b"[]]}"
        forged(path, {"metadata.json": lists})
        found = check_bundle_in_worker(pool, path, expected="", derive=reextract_article)
        (problem,) = found.problems
        assert problem.kind == "unconfirmed" and "was stopped" in problem.what
        # What can be said without its text is said.
        hashed = check_bundle_in_worker(pool, path, expected="0" * 64, derive=reextract_article)
        assert [problem.kind for problem in hashed.problems] == ["altered"]


def test_the_process_that_verifies_parses_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)

    def refuse(path: Path) -> None:
        raise AssertionError("read in the process that verifies")

    monkeypatch.setattr("scraper.exchange.bundle_check.Zip", refuse)
    assert run(tmp_path, "verify", str(path)).exit_code == 0


def test_a_manifest_of_more_than_a_bundle_can_hold_is_refused(tmp_path: Path) -> None:
    with extracted(tmp_path / "archive") as archive:
        path = written(cite(archive, URL, 1), tmp_path)
    files = contents_of(path)
    manifest = json.loads(files.pop("manifest.json"))
    none = {"bytes": 1, "sha256": "0" * 64}
    manifest["files"] |= {f"raw/{number}": none for number in range(40_000)}
    content = {**files, "manifest.json": json.dumps(manifest).encode()}
    path.write_bytes(make_zip(content, datetime.fromisoformat(manifest["seal"]["at"])))
    with pytest.raises(BundleError, match="is too large"):
        check_bundle(path)


def contents_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_versions_that_do_not_follow_one_another(archive: Archive, tmp_path: Path) -> None:
    with opened(tmp_path / "forged" / "archive") as forged:
        forged.record(article("A text that was never there.", body="forged"))
        first = written(cite(forged, URL, 1), tmp_path)
    second = written(cite(archive, URL, 2), tmp_path)
    result = run(tmp_path, "verify", str(first), str(second))
    assert result.exit_code == 1 and "does not follow version 1" in result.output


def test_an_address_that_ends_like_a_version(tmp_path: Path) -> None:
    with opened(tmp_path / "archive") as archive:
        archive.record(article(url=f"{URL}@2"))
    result = run(tmp_path, "cite", f"{URL}@2", "--to", str(tmp_path))
    assert result.exit_code == 0 and "version 1" in result.output


def test_verify_the_archive(archive: Archive, tmp_path: Path) -> None:
    head = archive.head()
    archive.record(article("Another.", url=URL + "0"))
    good = run(tmp_path, "verify", "--archive", "--hash", f"sha256:{head.chain}")
    assert good.exit_code == 0 and f"belongs to entry {head.cursor}" in good.output
    assert run(tmp_path, "verify", "--archive", "--hash", "0" * 64).exit_code == 1
    for sql, named in (
        (
            "update versions set first_observed_at = '2020-01-01T00:00:00Z' where id = 2",
            "version 2",
        ),
        ("update articles set text = 'Lies' where id = 1", "article 1"),
        ("update changes set kind = 'gone' where id = 2", "entry 2 of the ledger"),
    ):
        archive._store.connection.execute("begin")
        archive._store.connection.execute(sql)
        archive._store.connection.execute("commit")
        bad = run(tmp_path, "verify", "--archive")
        assert bad.exit_code == 1 and named in bad.output


def test_an_altered_blob_is_named(archive: Archive, tmp_path: Path) -> None:
    body = archive.versions(URL)[0].body
    archive._bodies_store.connection.execute(
        "update bodies set data = x'28b52ffd0000' where sha256 = ?", [body]
    )
    archive.close()
    result = run(tmp_path, "verify", "--archive")
    assert result.exit_code == 1 and "damaged" in result.output
    with opened(tmp_path / "archive") as again, pytest.raises(ScraperError):
        cite(again, URL)
