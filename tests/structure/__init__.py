"""How near our Markdown comes to that which a careful person wrote for the same page.

A bag of words does not see that a heading became a paragraph, that the lines of a poem ran together
or that line numbers stand in code. Here 60 pages that we wrote, in the markup of blogs,
documentation, news sites and old systems of three languages, stand beside their Markdown written by
hand.

``pages/NAME.html`` is an article; its first line names the frame (menus, sidebars, footers) around
it. ``pages/NAME.md`` is what is expected. To add a page, write its Markdown before looking at ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scraper.extraction import extract

__all__ = ["Score", "page_names", "score_page", "similarity"]

HERE = Path(__file__).parent
BASE = "https://site.example/a/page.html"
_HEAD = re.compile(r"<!-- frame: (?P<frame>[\w-]+); title: (?P<title>.+?) -->\n")
_BLANK = re.compile(r"\n{3,}")
_MARKED = re.compile(r"\s*(?:#{1,6} |[-*+] |\d{1,9}[.)] |> ?|\||`{3,}|\$\$|\[\^[^\]]+\]: |!\[)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a page was read.

    Attributes:
        name: of the page.
        whole: similarity of the whole Markdown, 0 to 1.
        parts: similarity of its headings, lists, tables, code, quotations, notes and pictures only;
            1 where neither has any.
        ours, expected: the two.
    """

    name: str
    whole: float
    parts: float
    ours: str
    expected: str


def page_names() -> list[str]:
    """Return the names of the pages."""
    return sorted(path.stem for path in (HERE / "pages").glob("*.html"))


def _page(name: str) -> str:
    text = (HERE / "pages" / f"{name}.html").read_text(encoding="utf-8")
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{name}.html: the first line must name a frame and a title")
    frame = (HERE / "frames" / f"{head['frame']}.html").read_text(encoding="utf-8")
    framed = frame.replace("{{title}}", head["title"])
    return framed.replace("{{content}}", text[head.end() :])


def _distance(one: str, other: str) -> int:
    """Return the Levenshtein distance, by the bits of Myers (1999) as Hyyrö (2003) wrote them."""
    if not one or not other:
        return len(one) + len(other)
    where: dict[str, int] = {}
    for at, character in enumerate(one):
        where[character] = where.get(character, 0) | 1 << at
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    more, less, distance = full, 0, len(one)
    for character in other:
        same = where.get(character, 0)
        diagonal = (((same & more) + more) ^ more) | same | less
        up, down = less | ~(diagonal | more), more & diagonal
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & full, (down << 1) & full
        more, less = (down | ~(diagonal | up)) & full, up & diagonal
    return distance


def similarity(one: str, other: str) -> float:
    """Return 1 less the share of characters that must be changed to make one text the other."""
    longest = max(len(one), len(other))
    return 1 - _distance(one, other) / longest if longest else 1.0


def _parts(markdown: str) -> Iterator[str]:
    """Yield the lines of Markdown that are no plain paragraph."""
    fence = ""
    for line in markdown.split("\n"):
        if fence or _MARKED.match(line):
            yield line
        told = line.strip()
        if told.startswith("```"):
            fence = "" if fence else "```"


def _plain(markdown: str) -> str:
    lines = (line.rstrip() for line in markdown.strip().split("\n"))
    return _BLANK.sub("\n\n", "\n".join(lines))


def score_page(name: str) -> Score:
    """Extract a page and compare its Markdown with the expected."""
    ours = _plain(extract(_page(name).encode(), BASE).markdown)
    expected = _plain((HERE / "pages" / f"{name}.md").read_text(encoding="utf-8"))
    return Score(
        name=name,
        whole=similarity(ours, expected),
        parts=similarity("\n".join(_parts(ours)), "\n".join(_parts(expected))),
        ours=ours,
        expected=expected,
    )
