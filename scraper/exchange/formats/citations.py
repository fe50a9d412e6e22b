"""Articles as entries of a bibliography: RIS, BibTeX (biblatex), CSL-JSON.

Each names the version that is cited: when it was captured, its number and the archive's hash of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import IO, Any

from scraper.exchange.formats.selected import Chosen, ChosenArticle
from scraper.exchange.front_matter import plain_line
from scraper.urls import host_of

__all__ = ["write_bibtex", "write_csl_json", "write_ris"]

_TEX: Mapping[str, str] = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#",
    "$": r"\$", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
# In an address, biblatex takes all but these as they are; they are percent-encoded.
_NOT_IN_ADDRESS = re.compile(r"[\\{}\s]")


def _published(article: ChosenArticle) -> date | None:
    """Return the day of publication in the zone in which the page gave it."""
    return article.row.published.date() if article.row.published else None


def _captured(article: ChosenArticle) -> datetime:
    return article.version.row.first_observed_at.astimezone(UTC)


def _authors(article: ChosenArticle) -> list[str]:
    """Return the names of its authors, each a line, without those that show nothing."""
    return [name for name in map(plain_line, article.version.article.authors) if name]


def _outlet(article: ChosenArticle) -> str:
    return article.row.outlet or host_of(article.row.url)


def _note(article: ChosenArticle) -> str:
    row = article.version.row
    gone = article.row.gone_at
    return (
        f"version {row.number}, captured {_captured(article):%Y-%m-%d %H:%M} UTC,"
        f" sha256:{row.chain}"
        + (", dated by its last change" if article.version.article.is_dated_by_change else "")
        + (f", taken down by {gone:%Y-%m-%d}" if gone else "")
    )


# RIS (https://en.wikipedia.org/wiki/RIS_(file_format)), as Zotero, EndNote and Mendeley read it


def write_ris(chosen: Chosen, out: IO[bytes]) -> None:
    """Write a reference of the type NEWS for each article, in UTF-8."""
    for article in chosen:
        out.write(_ris(article).encode("utf-8", "replace"))


def _ris(article: ChosenArticle) -> str:
    row = article.row
    day = _published(article)
    lines = [("TY", "NEWS"), ("TI", row.title)]
    lines += [("AU", name) for name in _authors(article)]
    lines += [("T2", _outlet(article))]
    if day:
        lines += [("PY", f"{day:%Y}"), ("DA", f"{day:%Y/%m/%d}")]
    lines += [
        ("UR", row.url),
        ("Y2", f"{_captured(article):%Y/%m/%d}"),
        ("LA", row.language),
        ("AB", row.excerpt),
        ("N1", _note(article)),
    ]
    plain = [(tag, plain_line(value)) for tag, value in lines]
    body = "".join(f"{tag}  - {value}\r\n" for tag, value in plain if value)
    return f"{body}ER  - \r\n\r\n"


# BibTeX


def write_bibtex(chosen: Chosen, out: IO[bytes]) -> None:
    """Write an entry @online for each article, in UTF-8, for biblatex and biber."""
    for article in chosen:
        out.write(_bibtex(article).encode("utf-8", "replace"))


def _bibtex(article: ChosenArticle) -> str:
    row = article.row
    day = _published(article)
    fields = {
        # Braces within: a headline keeps its capitals, and a name is one whatever it holds.
        "title": f"{{{_tex(row.title)}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in _authors(article)),
        "organization": f"{{{_tex(_outlet(article))}}}",
        "date": f"{day:%Y-%m-%d}" if day else "",
        "url": _NOT_IN_ADDRESS.sub(lambda c: f"%{ord(c[0]):02X}", row.url),
        "urldate": f"{_captured(article):%Y-%m-%d}",
        "langid": _LANGID.get(row.language, ""),
        "abstract": _tex(row.excerpt),
        "note": _tex(_note(article)),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    host = re.sub(r"[^a-z0-9]+", "-", host_of(row.url).lower()).strip("-") or "article"
    return f"@online{{{host}-{row.id}-v{row.version},\n{body}\n}}\n\n"


_LANGID: Mapping[str, str] = {"en": "english", "zh": "chinese", "de": "german", "fr": "french",
                              "es": "spanish"}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in plain_line(text))


# CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html)


def write_csl_json(chosen: Chosen, out: IO[bytes]) -> None:
    """Write an item of the type article-newspaper for each article, as one JSON array."""
    out.write(b"[")
    for number, article in enumerate(chosen):
        text = json.dumps(_csl(article), ensure_ascii=False)
        out.write((b",\n" if number else b"\n") + text.encode("utf-8", "replace"))
    out.write(b"\n]\n")


def _csl(article: ChosenArticle) -> dict[str, Any]:
    row = article.row
    item: dict[str, Any] = {
        "id": f"article-{row.id}-version-{row.version}",
        "type": "article-newspaper",
        "title": plain_line(row.title),
        "author": [{"literal": name} for name in _authors(article)],
        "container-title": plain_line(_outlet(article)),
        "URL": row.url,
        "language": row.language,
        "abstract": plain_line(row.excerpt),
        "accessed": _parts(_captured(article).date()),
        "note": _note(article),
    }
    day = _published(article)
    if day:
        item["issued"] = _parts(day)
    return {key: value for key, value in item.items() if value}


def _parts(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}
