"""What stands in a bundle twice, such as page heads, capture, readme and difference; its form.

Whoever writes a new manifest can put in what he likes where nothing is compared: a second record
into the capture, a sentence into the readme, a key that is there twice and that each reader takes
otherwise. All of it follows from the other files, and is made again from them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from scraper.edits import Comparison, SentenceChange, Span, compare_articles
from scraper.exchange.bundle import as_json, changes_json, changes_text, make_warc, software_name
from scraper.exchange.bundle_readme import readme_text
from scraper.exchange.bundle_zip import Zip
from scraper.models import Article, Hop, Page

__all__ = ["BundleCopies", "layout_problems", "manifest_problems"]

_MANIFEST_KEYS = ("format", "made_by", "citation", "seal", "former_manifest", "files")
_SEAL_KEYS = ("former", "url", "number", "body", "at", "hash")
_FILE_KEYS = ("bytes", "sha256")
_TEXTS = ("readme.txt", "article.txt", "article.md", "metadata.json")
_CHANGES = ("changes.txt", "changes.json")
_METADATA_KEYS = (
    "citation", "url", "version", "captured_at", "title", "authors", "outlet", "source",
    "published", "modified", "language", "script", "excerpt", "image", "canonical_url", "change",
    "verdict", "extractor", "decoding", "responses", "evidence", "cut",
)  # fmt: skip
_RESPONSE_KEYS = (
    "file", "url", "final_url", "redirects", "status", "fetched_at", "bytes", "wire_bytes",
    "elapsed_ms",
)  # fmt: skip
_HEAD_KEYS = ("status", "url", "headers")
# A response comes before the version that it shows is recorded, by less than this.
_LONGEST_RECORDING = timedelta(days=1)
# Bytes of a capture that is made again and compared.
_MOST_COMPARED = 64 * 1024 * 1024

Found = tuple[str, str, str]  # kind, file, and what is wrong


def manifest_problems(content: bytes, manifest: Mapping[str, Any]) -> Iterator[Found]:
    """Yield what no manifest of this program has: other keys, or keys that are there twice.

    Args:
        content: the file.
        manifest: what was read of it, its shape checked.
    """
    if (
        tuple(manifest) != _MANIFEST_KEYS
        or tuple(manifest["seal"]) != _SEAL_KEYS
        or any(tuple(facts) != _FILE_KEYS for facts in manifest["files"].values())
        or as_json(manifest) != content
    ):
        yield "altered", "manifest.json", "is not written as `scraper cite` writes it"


def layout_problems(manifest: Mapping[str, Any]) -> Iterator[Found]:
    """Yield which files a bundle holds that none has, and lacks that all have.

    Args:
        manifest: its shape checked.
    """
    files, seal = manifest["files"], manifest["seal"]
    count = _page_count(files)
    expected = [*_TEXTS, *(_CHANGES if seal["former"] else ())]
    for number in range(1, count + 1):
        expected += [f"raw/page-{number}.html", f"raw/page-{number}.json"]
    expected += ["capture.warc"] if count else []
    for name in sorted(files.keys() - set(expected)):
        yield "added", name, "is no file of a bundle"
    for name in expected:
        if name not in files:
            yield "missing", name, "is in every bundle like this"
    if count and not seal["body"]:
        yield "altered", "raw/page-1.html", "is not sealed: the version was archived without a page"


def _page_count(files: Mapping[str, Any]) -> int:
    count = 0
    while f"raw/page-{count + 1}.html" in files:
        count += 1
    return count


class BundleCopies:
    """The files of a bundle that follow from its others.

    Args:
        packed: the bundle, its files those of its manifest.
        manifest: its manifest, its shape checked.
        captured: when the version was first observed, from its seal.

    Attributes:
        not_checked: what could not be compared, in words.
    """

    def __init__(self, packed: Zip, manifest: Mapping[str, Any], captured: datetime) -> None:
        self._packed = packed
        self._files = manifest["files"]
        self._manifest = manifest
        self._seal = manifest["seal"]
        self._captured = captured
        self.not_checked: tuple[str, ...] = ()

    def problems(self) -> Iterator[Found]:
        """Yield what differs from what the other files give."""
        count = _page_count(self._files)
        claimed = self._read("metadata.json", _METADATA_KEYS)
        heads = [self._read(f"raw/page-{n}.json", _HEAD_KEYS) for n in range(1, count + 1)]
        if claimed is None or None in heads:
            names = ["metadata.json", *(f"raw/page-{n}.json" for n in range(1, count + 1))]
            for name, found in zip(names, [claimed, *heads], strict=True):
                if found is None:
                    yield "altered", name, "is not written as `scraper cite` writes it"
            return
        pages = _stated_pages(
            claimed["responses"],
            heads,
            [self._packed.read(f"raw/page-{n}.html") for n in range(1, count + 1)],
        )
        if pages is None:
            yield "altered", "metadata.json", "tells of other responses than the bundle holds"
            return
        if pages and abs(pages[0].fetched_at - self._captured) > _LONGEST_RECORDING:
            yield (
                "altered", "metadata.json",
                "tells of a response of another day than the version was captured",
            )  # fmt: skip
        yield from self._capture_problems(pages)
        yield from self._readme_problems(bool(pages))
        if len(pages) > 1:
            self.not_checked += (
                f"whether raw/page-2.html{' and those behind it are' if len(pages) > 2 else ' is'}"
                " of this version: the hash of the version covers the first page alone, that of the"
                " manifest all files",
            )

    def difference_problems(self, article: Article | None, kind: str) -> Iterator[Found]:
        """Yield what the difference to the former version says that this version does not.

        Args:
            article: what the raw page gives; None where blocks of it were left out.
            kind: of a difference from it.
        """
        if not self._seal["former"]:
            return
        told = self._read("changes.json", ())
        ops = _comparison(told)
        if told is None or ops is None or as_json(told) != self._packed.read("changes.json"):
            yield "altered", "changes.json", "is not written as `scraper cite` writes it"
            return
        numbers = (told["old"], told["new"])
        if as_json(changes_json(*numbers, ops)) != as_json(told):
            yield "altered", "changes.json", "is not written as `scraper cite` writes it"
        elif changes_text(*numbers, ops).encode("utf-8", "replace") != self._packed.read(
            "changes.txt"
        ):
            yield self._kind, "changes.txt", "says something else than changes.json"
        elif numbers[1] != self._seal["number"] or numbers[0] >= numbers[1]:
            yield "altered", "changes.json", "compares other versions"
        elif article is not None:
            shown = [_stored(op.new) for op in compare_articles(article, article).ops]
            if [op.new for op in ops.ops if op.kind != "delete"] != shown:
                yield kind, "changes.json", "tells of sentences that the raw page does not have"

    @property
    def _kind(self) -> str:
        """What a difference is: another release may write what it makes otherwise."""
        return "altered" if self._manifest["made_by"] == software_name() else "unconfirmed"

    def _read(self, name: str, keys: Sequence[str]) -> dict[str, Any] | None:
        """Return an object of a JSON file that is written as this program writes it, or None.

        Args:
            name: of the file.
            keys: that it has, in their order; () for any.
        """
        content = self._packed.read(name) if name in self._files else b""
        try:
            found = json.loads(content)
            fits = isinstance(found, dict) and as_json(found) == content
        except (ValueError, RecursionError):
            return None
        return found if fits and (not keys or tuple(found) == tuple(keys)) else None

    def _capture_problems(self, pages: Sequence[Page]) -> Iterator[Found]:
        if not pages:
            return
        if self._files["capture.warc"]["bytes"] > _MOST_COMPARED:
            self.not_checked += ("capture.warc: it is too large to be compared",)
            return
        made = make_warc(pages, self._seal["hash"], self._manifest["made_by"])
        if hashlib.sha256(made).hexdigest() != self._files["capture.warc"]["sha256"]:
            what = "is not the capture of these responses"
            yield self._kind, "capture.warc", what

    def _readme_problems(self, has_pages: bool) -> Iterator[Found]:
        told = self._read("changes.json", ()) if self._seal["former"] else None
        number = told.get("old") if told else None
        former = (number if type(number) is int else 0, self._seal["former"])
        made = readme_text(
            self._manifest["citation"],
            body=self._seal["body"] if has_pages else None,
            seal=self._seal["hash"],
            former=former if self._seal["former"] else None,
        )
        if made.encode("utf-8", "replace") != self._packed.read("readme.txt"):
            yield self._kind, "readme.txt", "says something else than a bundle's readme does"


def _stored(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8", "replace")


def _stated_pages(
    responses: object, heads: Sequence[Any], bodies: Sequence[bytes]
) -> list[Page] | None:
    """Return the responses as metadata and heads state them, or None where these disagree."""
    if not isinstance(responses, list) or len(responses) != len(bodies):
        return None
    pages = []
    for at, (told, head, body) in enumerate(zip(responses, heads, bodies, strict=True)):
        if not isinstance(told, dict) or tuple(told) != _RESPONSE_KEYS:
            return None
        page = _stated_page(told, head, body)
        if page is None or told["file"] != f"raw/page-{at + 1}.html" or told["bytes"] != len(body):
            return None
        pages.append(page)
    return pages


def _stated_page(told: Mapping[str, Any], head: Mapping[str, Any], body: bytes) -> Page | None:
    headers, hops = head["headers"], told["redirects"]
    texts = [told["url"], told["final_url"], head["url"]]
    counts = [told["status"], head["status"], told["wire_bytes"], told["elapsed_ms"]]
    if (
        not isinstance(headers, dict)
        or not all(isinstance(value, str) for value in headers.values())
        or not isinstance(hops, list)
        or not all(
            isinstance(hop, dict)
            and tuple(hop) == ("status", "to")
            and type(hop["status"]) is int
            and isinstance(hop["to"], str)
            for hop in hops
        )
        or not all(isinstance(text, str) for text in texts)
        or not all(type(count) in (int, float) for count in counts)
        or told["final_url"] != head["url"]
        or told["status"] != head["status"]
        or not isinstance(told["fetched_at"], str)
        or not re.fullmatch(r"[0-9T:.+-]+", told["fetched_at"])
    ):
        return None
    try:
        at = datetime.fromisoformat(told["fetched_at"])
    except ValueError:
        return None
    if at.tzinfo is None or at.isoformat() != told["fetched_at"]:
        return None
    return Page(
        url=told["url"],
        final_url=told["final_url"],
        status=told["status"],
        headers=headers,
        body=body,
        fetched_at=at,
        hops=tuple(Hop(status=hop["status"], url=hop["to"]) for hop in hops),
        wire_bytes=told["wire_bytes"],
        elapsed_ms=told["elapsed_ms"],
    )


def _comparison(told: Mapping[str, Any] | None) -> Comparison | None:
    """Return the comparison that a file of a bundle tells, or None where it tells none."""
    if told is None or type(told.get("old")) is not int or type(told.get("new")) is not int:
        return None
    try:
        return Comparison(
            ops=tuple(map(_op, told["sentences"])),
            headline=_op(told["headline"]) if told["headline"] else None,
            byline=_op(told["byline"]) if told["byline"] else None,
            classes=tuple(map(str, told["classes"])),
            severity=int(told["severity"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _op(told: Mapping[str, Any]) -> SentenceChange:
    return SentenceChange(
        kind=str(told["kind"]),
        old=str(told["old"]),
        new=str(told["new"]),
        classes=tuple(map(str, told["classes"])),
        spans=tuple(
            Span(
                kind=str(kind),
                old_start=int(old_start),
                old_end=int(old_end),
                new_start=int(new_start),
                new_end=int(new_end),
            )
            for kind, old_start, old_end, new_start, new_end in told["spans"]
        ),
    )
