"""What stands in a bundle, file by file: text, metadata, difference, and a page for the reader."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.archive import Version
from scraper.judge.edits import Comparison, Op
from scraper.models import Article, Page
from scraper.urls import host_of

__all__ = ["Evidence", "as_json", "changes_json", "changes_text", "citation", "metadata", "readme"]

# Characters that steer a terminal, reorder a line or hide in it (Unicode Technical Report 36).
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
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


def citation(evidence: Evidence) -> str:
    """Return a line to cite a version by: authors, title, outlet, times, address, hash."""
    article, row = evidence.version.article, evidence.version.row
    parts = [
        ", ".join(article.authors),
        f"“{article.title}”" if article.title else "",
        evidence.outlet,
        f"published {_moment(article.published)}"
        if article.published
        else "no date of publication",
        f"captured {_moment(evidence.captured)}",
        f"version {row.number}",
        evidence.url,
        f"sha256:{row.chain}",
    ]
    return _line(". ".join(part for part in parts if part))


def metadata(evidence: Evidence, names: Mapping[int, str]) -> dict[str, Any]:
    """Return the record of a version with the evidence for it.

    Args:
        evidence: the version.
        names: file in the bundle that holds the body of each response, by its rank from 0.
    """
    article, row = evidence.version.article, evidence.version.row
    return {
        "citation": citation(evidence),
        "url": evidence.url,
        "version": row.number,
        "captured_at": _iso(evidence.captured),
        "title": article.title,
        "authors": list(article.authors),
        "outlet": evidence.outlet,
        "source": article.source,
        "published": _iso(article.published),
        "modified": _iso(article.modified),
        "language": article.language,
        "script": article.script,
        "excerpt": article.excerpt,
        "image": article.image,
        "canonical_url": article.canonical_url,
        "change": {"classes": list(row.classes), "severity": row.severity},
        "verdict": {"kind": "article", "evidence": list(evidence.verdict)},
        "extractor": article.extractor,
        "decoding": {
            "encoding": article.encoding,
            "origin": article.encoding_origin,
            "replaced": article.replaced,
        },
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


def _op(op: Op) -> dict[str, Any]:
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


def _told(op: Op) -> list[str]:
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


_README = """\
{citation}

This is one version of one article as `scraper` archived it, with the means to check it.

article.txt        what the page says, one paragraph a line
article.md         the same with headings, lists, quotes, links and captions
metadata.json      title, authors, times … with every value that was found and where; the verdict;
                   every block of the page that was left out, with the rule that left it out
{files}manifest.json      size and SHA-256 of every file, and the chain (below)

How it can be checked

  `scraper verify FILE.zip` needs neither the archive nor a network. By hand: `sha256sum` of each
  file must be what manifest.json says. The page itself:

    SHA-256 of raw/page-1.html   {body}
    hash of this version         {seal}
    hash of the version before   {former}

  The hash of this version is the SHA-256 of the JSON array [hash of the version before, address,
  number, SHA-256 of the page, time of capture], in UTF-8, with a space after each comma; its parts
  are "seal" in manifest.json. The archive keeps the same chain. manifest.json also names the
  SHA-256 of the former version's manifest.

  A bundle vouches for itself only as far as its hash is known from elsewhere: compare the hash of
  the version, or of manifest.json, with the one that was published or handed down with it.
  What no bundle can show is that the server's answer was recorded truly in the first place.
"""
_RAW = """\
raw/page-N.html    the page's bytes as the server meant them: freed of transfer and content encoding
                   (gzip …), not of their character encoding
raw/page-N.json    the headers of the response (names in lower case, repeated ones joined)
capture.warc       the same response as a WARC record (ISO 28500), for other tools
"""
_DIFFERENCE = """\
changes.txt        what changed against version {number}, by sentence
changes.json       the same as data
"""


def readme(evidence: Evidence, former: Version | None) -> str:
    """Return the page that explains a bundle to a reader."""
    row = evidence.version.row
    files = _RAW if evidence.pages else ""
    if former is not None:
        files += _DIFFERENCE.format(number=former.row.number)
    return _README.format(
        citation=citation(evidence),
        files=files,
        body=row.body or "(none was kept)",
        seal=row.chain,
        former=former.row.chain if former else "(this is the first)",
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
