"""What a bundle says, compared with what its raw page gives when it is extracted again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from scraper.errors import ExtractError
from scraper.exchange.bundle import citation_line, derived_metadata, plain_text
from scraper.exchange.bundle_copies import BundleCopies
from scraper.exchange.bundle_zip import Zip
from scraper.extraction import extractor_version
from scraper.extraction.host_layout import LAYOUT
from scraper.extraction.learned_boilerplate import RULE
from scraper.models import Article, Page
from scraper.text.patterns import lazy_compile

__all__ = ["BundleContents", "Derive"]

# Extracts an article again from its responses, given the IANA zone of times printed without one.
Derive = Callable[[Sequence[Page], str], Article]

_MOST_PAGES = 20
# The note on a time that the page prints without a zone, where its source's zone is configured.
_CONFIGURED = lazy_compile(r"zone ([\w/+-]+) assumed \(configured\)")
_CITATION = "citation"


class BundleContents:
    """Text and metadata of a bundle whose files are those of its manifest.

    Args:
        packed: the bundle.
        manifest: its manifest, its shape checked.
        captured: when the version was first observed, from its seal.

    Attributes:
        checked, not_checked: what was compared, and what could not be, in words.
    """

    def __init__(self, packed: Zip, manifest: Mapping[str, Any], captured: datetime) -> None:
        self._packed = packed
        self._manifest = manifest
        self._captured = captured
        self._seal = manifest["seal"]
        self._claimed = self._read_json("metadata.json")
        self.checked: tuple[str, ...] = ()
        self.not_checked: tuple[str, ...] = ()

    def problems(self, derive: Derive) -> Iterator[tuple[str, str, str]]:
        """Yield what does not follow from the raw page: kind, file, and what is wrong."""
        claimed = self._claimed
        sealed = {
            "url": self._seal["url"],
            "version": self._seal["number"],
            "captured_at": self._captured.isoformat(),
            _CITATION: self._manifest[_CITATION],
        }
        wrong = [name for name, value in sealed.items() if claimed.get(name) != value]
        if wrong:
            yield "altered", "metadata.json", f"is not what the manifest says: {', '.join(wrong)}"
        copies = BundleCopies(self._packed, self._manifest, self._captured)
        yield from copies.problems()
        self.not_checked = (*self.not_checked, *copies.not_checked)
        pages = self._pages()
        if not pages:
            yield "unconfirmed", "", "no raw page is in it that its text could be compared with"
            return
        try:
            article = self._derive(derive, pages)
        except ExtractError as error:
            yield "unconfirmed", "raw/page-1.html", f"gives no article: {error.message}"
            return
        ours, theirs = extractor_version(), str(claimed.get("extractor", ""))
        same = theirs.partition("+")[0] == ours
        kind = "altered" if same else "unconfirmed"
        made = "" if same else f" (extractor {theirs[:40]} made it, this program has {ours})"
        for name, what in self._differences(article):
            yield kind, name, f"does not follow from the raw page: {what}{made}"
        yield from copies.difference_problems(None if self._learned() else article, kind)
        self.checked = (
            "headline, text, metadata and citation against the raw page, extracted again",
        )

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads(self._packed.read(name)) if name in self._manifest["files"] else {}
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _pages(self) -> list[Page]:
        pages = []
        for number in range(1, _MOST_PAGES):
            name = f"raw/page-{number}.html"
            if name not in self._manifest["files"]:
                break
            head = self._read_json(f"raw/page-{number}.json")
            headers = head.get("headers")
            url = str(head.get("url") or self._seal["url"])
            pages.append(
                Page(
                    url=url,
                    final_url=url,
                    status=200,
                    headers={str(k): str(v) for k, v in headers.items()}
                    if isinstance(headers, dict)
                    else {},
                    body=self._packed.read(name),
                    fetched_at=self._captured,
                )
            )
        return pages

    def _derive(self, derive: Derive, pages: Sequence[Page]) -> Article:
        evidence = self._claimed.get("evidence")
        for one in evidence if isinstance(evidence, list) else []:
            note = one.get("note") if isinstance(one, dict) else ""
            named = _CONFIGURED.search(note) if isinstance(note, str) else None
            if named and named[1] in available_timezones():
                what = f"that times printed without a zone are those of {named[1]}, as configured"
                self.not_checked = (*self.not_checked, what)
                return derive(pages, named[1])
        return derive(pages, "")

    def _learned(self) -> list[str]:
        """Return the blocks that were left out as no part of the host's articles."""
        cut = self._claimed.get("cut")
        return [
            str(one.get("text", ""))
            for one in (cut if isinstance(cut, list) else [])
            if isinstance(one, dict) and str(one.get("rule", "")).startswith((RULE, LAYOUT))
        ]

    def _differences(self, article: Article) -> Iterator[tuple[str, str]]:
        """Yield what a bundle says differently from an article: the file, and what."""
        expected = derived_metadata(article, self._seal["url"])
        claimed = self._claimed
        learned = self._learned()
        text = self._packed.read("article.txt").decode("utf-8", "replace")
        markdown = self._packed.read("article.md").decode("utf-8", "replace")
        skipped: set[str] = set()
        if learned:
            # What was learned of the host is not in the bundle: the blocks that were cut for it are
            # named, and all others must stand in the text.
            skipped = {"cut", "excerpt"}
            self.not_checked = (
                *self.not_checked,
                f"{len(learned)} blocks that were left out of the text as no part of the host's"
                f" articles, the first: {learned[0][:80]!r}",
                "article.md and the excerpt, from which they were left out, too",
            )
            if not _without(plain_text(article), text, learned):
                yield "article.txt", "the text"
        else:
            if text != _stored(plain_text(article)):
                yield "article.txt", "headline or text"
            if markdown != _stored(plain_text(article, article.markdown or article.text)):
                yield "article.md", "headline or text"
        wrong = [
            name
            for name, value in expected.items()
            if name not in skipped and not _same(name, claimed.get(name), value)
        ]
        if wrong:
            yield "metadata.json", ", ".join(wrong)
        line = citation_line(
            article, self._captured, self._seal["number"], self._seal["url"], self._seal["hash"]
        )
        if self._manifest[_CITATION] != _stored(line):
            yield "manifest.json", "the citation"


def _stored(text: str) -> str:
    """Return a text as it comes back from a file of a bundle."""
    return text.encode("utf-8", "replace").decode("utf-8", "replace")


def _same(name: str, claimed: object, expected: object) -> bool:
    if name in ("published", "modified"):
        return _moment(claimed) == _moment(expected) and (claimed is None) == (expected is None)
    return bool(claimed == json.loads(_stored(json.dumps(expected))))


def _without(whole: str, text: str, left_out: Sequence[str]) -> bool:
    """Return whether a text is another without some of its lines, all of which are named."""
    lines = iter(_stored(text).rstrip("\n").split("\n"))
    expected = next(lines, None)
    for line in _stored(whole).rstrip("\n").split("\n"):
        if line == expected:
            expected = next(lines, None)
        elif line and not any(line in block or block in line for block in left_out if block):
            return False
    return expected is None


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
