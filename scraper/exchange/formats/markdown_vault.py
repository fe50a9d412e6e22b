"""Articles as a folder of Markdown that Obsidian opens as a vault: one note an article.

Notes of outlets, names and stories are linked from the articles; Obsidian lists what links to them.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from scraper.exchange.formats.selected import Chosen, ChosenArticle
from scraper.exchange.front_matter import article_markdown, front_matter, plain_line
from scraper.extraction.code_listings import is_language

__all__ = ["file_name", "write_vault"]

# Characters that a file system or a link of Obsidian does not take in a name.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|#^\[\]`%]+')
# Names of devices, which Windows takes for no file whatever their ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_MOST_NAME_BYTES = 120
_MOST_NAMES = 12
# What a note would embed or hide: `![[…]]`, `[[…]]`, `%%…%%` of Obsidian.
_OBSIDIAN = re.compile(r"\[\[|\]\]|%%")
# Code within a line that plugins run: `= …`, `$= …` of Dataview.
_INLINE_QUERY = re.compile(r"(?<![\\`])(`++)(?=\s*\$?=)")
# A fence at the beginning of a line, around a listing (https://spec.commonmark.org, 4.5).
_FENCE = re.compile(r"(`{3,}+(?!.*`)|~{3,}+)(.*)")


def write_vault(chosen: Chosen, folder: Path) -> None:
    """Write a note for each article into a folder; notes of other articles stay as they are.

    An article that was exported before is written anew, under its present headline.
    """
    articles = folder / "Articles"
    articles.mkdir(parents=True, exist_ok=True)
    former = _by_number(articles)
    notes = _Notes(folder)
    for article in chosen:
        name = f"{_day(article)} {file_name(article.row.title)} ({article.row.id}).md"
        _write(articles / name, _note(article, notes.link))
        for old in former.get(article.row.id, []):
            if old.name != name:
                old.unlink(missing_ok=True)
    notes.write()


def file_name(text: str) -> str:
    """Return text as a name of a file on any system: never empty, never a path, never a device."""
    line = _FORBIDDEN.sub(" ", plain_line(unicodedata.normalize("NFC", text)))
    line = "".join(c for c in line if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    line = " ".join(line.split()).strip(". ")
    cut = line.encode()[:_MOST_NAME_BYTES].decode("utf-8", "ignore").rstrip(". ")
    if _DEVICE.fullmatch(cut):
        cut = f"_{cut}"
    return cut or "untitled"


def _day(article: ChosenArticle) -> str:
    return f"{article.row.published or article.row.first_seen_at:%Y-%m-%d}"


def _by_number(folder: Path) -> dict[int, list[Path]]:
    """Return the notes of a folder by the number of their article."""
    found: dict[int, list[Path]] = {}
    for path in folder.iterdir():
        numbered = re.fullmatch(r".*\((\d{1,15})\)\.md", path.name, re.DOTALL)
        if numbered:
            found.setdefault(int(numbered[1]), []).append(path)
    return found


def _note(article: ChosenArticle, link: Callable[[str, str], str]) -> str:
    row, version = article.row, article.version
    markdown = article_markdown(
        version.article,
        captured=version.row.first_observed_at,
        version=version.row.number,
        more={
            "outlet": row.outlet,
            "url": row.url,
            "article": row.id,
            "versions": row.version_count,
            "state": row.state,
            "gone": row.gone_at,
            "aliases": [plain_line(row.title)] if row.title else [],
            "citation": article.citation(),
        },
    )
    head, line, body = markdown.partition("\n---\n")
    body = _inert(body)
    links = [link("Outlets", row.outlet)] if row.outlet else []
    links += [link("Names", name.name) for name in article.names[:_MOST_NAMES]]
    if article.story is not None:
        links.append(link("Stories", f"Story {article.story}"))
    return f"{head}{line}{body}" + (f"\n{' · '.join(links)}\n" if links else "")


def _inert(markdown: str) -> str:
    """Return Markdown of which Obsidian and its plugins link, embed, hide and run nothing.

    What stands in a listing is shown as it is, save by plugins that run listings of their own
    language: a language that is none of programs is not named.
    """
    lines: list[str] = []
    closing = ""
    for line in markdown.split("\n"):
        fence = _FENCE.fullmatch(line)
        if closing:
            if fence and fence[1].startswith(closing) and not fence[2].strip():
                closing = ""
        elif fence:
            closing = fence[1]
            line = line if is_language(fence[2]) else closing
        else:
            line = _OBSIDIAN.sub(lambda match: f"{match[0][0]}\\{match[0][1]}", line)
            line = _INLINE_QUERY.sub(lambda match: match[1].replace("`", "\\`"), line)
        lines.append(line)
    # What follows is ours, and stands in no listing.
    return "\n".join([*lines, closing, ""] if closing else lines)


class _Notes:
    """Notes that articles link to; names that differ only in case share one.

    Args:
        folder: of the vault.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes: dict[tuple[str, str], str] = {}

    def link(self, kind: str, title: str) -> str:
        """Return a link to the note of a title, which is written in the end."""
        name = file_name(title)
        name = self._notes.setdefault((kind, name.casefold()), name)
        return f"[[{kind}/{name}]]"

    def write(self) -> None:
        """Write the notes that are not there yet."""
        for (kind, _), name in self._notes.items():
            path = self._folder / kind / f"{name}.md"
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                _write(path, f"{front_matter({'kind': kind.lower()})}\n# {name}\n")


def _write(path: Path, text: str) -> None:
    """Write a note under another name, and rename it."""
    partial = path.with_name(f".{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
