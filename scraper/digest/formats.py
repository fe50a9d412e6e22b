"""A digest as text, Markdown, HTML and JSON: functions of the digest alone."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from scraper.archive.digest import DigestChange
from scraper.coverage.wording import plural
from scraper.digest.contents import Digest
from scraper.record import record
from scraper.text.dates.time_zones import is_named_zone, time_zone
from scraper.text.patterns import lazy_compile
from scraper.topics.facts import format_quantity

__all__ = ["FORMATS", "as_text", "title_of"]

# Entries of a section that are written out; the others are counted.
_MOST = 25
_SENTENCES, _LONG = 3, 240
_CONTROLS = lazy_compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKUP = lazy_compile(r"([\\`*_\[\]<>#|~&]|^[+-])")
# What begins so is an item of a numbered list.
_NUMBER = lazy_compile(r"^([0-9]{1,9})([.)])")
_KINDS = {
    "new": "new", "edited": "edited", "retitled": "with a new headline",
    "rebylined": "with a new byline", "reverted": "reverted", "moved": "moved",
    "gone": "taken down", "returned": "returned",
}  # fmt: skip


@record
class _Entry:
    """One line of a section, with what stands below it.

    Attributes:
        text: the line.
        url: where it leads, or "".
        notes: lines below it.
    """

    text: str
    url: str = ""
    notes: tuple[str, ...] = ()


def title_of(digest: Digest) -> str:
    """Return what a digest is called: its period, by the clock of its zone."""
    begin, end = (_local(at, digest) for at in (digest.since, digest.until))
    only = f", only {digest.filter}" if digest.filter else ""
    if is_named_zone(digest.zone):
        return f"Digest {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {digest.zone}{only}"
    # A rule such as CST-8 reads as its opposite: the offsets say what it means.
    return f"Digest {_with_offset(begin)} to {_with_offset(end)}{only}"


def _with_offset(at: datetime) -> str:
    offset = at.strftime("%z")
    return f"{at:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def as_text(digest: Digest) -> str:
    """Return a digest as plain text, for a mail or a terminal."""
    lines = [title_of(digest), _counted(digest)]
    for heading, entries, left in _sections(digest):
        lines += ["", heading.upper()]
        for entry in entries:
            lines.append(f"- {entry.text}")
            lines += [f"    {note}" for note in entry.notes]
            lines += [f"    {entry.url}"] if entry.url else []
        lines += [f"- {line}" for line in left]
    return "\n".join([*lines, "", f"This {digest.rests_on}.", ""])


def _as_markdown(digest: Digest) -> str:
    lines = [f"# {_marked(title_of(digest))}", "", _marked(_counted(digest))]
    for heading, entries, left in _sections(digest):
        lines += ["", f"## {heading}", ""]
        for entry in entries:
            text = _marked(entry.text)
            lines.append(f"- [{text}](<{_address(entry.url)}>)" if entry.url else f"- {text}")
            lines += [f"  - {_marked(note)}" for note in entry.notes]
        lines += [f"- {line}" for line in left]
    return "\n".join([*lines, "", _marked(f"This {digest.rests_on}."), ""])


def _as_html(digest: Digest) -> str:
    title = html.escape(title_of(digest))
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>',
        '<body style="font-family: sans-serif; max-width: 46em; line-height: 1.4">',
        f"<h1>{title}</h1><p>{html.escape(_counted(digest))}</p>",
    ]
    for heading, entries, left in _sections(digest):
        parts.append(f"<h2>{html.escape(heading)}</h2><ul>")
        for entry in entries:
            text = html.escape(entry.text)
            if entry.url:
                text = f'<a href="{html.escape(_address(entry.url))}">{text}</a>'
            notes = "".join(f"<br>{html.escape(note)}" for note in entry.notes)
            parts.append(f"<li>{text}{notes}</li>")
        parts.append("".join(f"<li>{line}</li>" for line in left) + "</ul>")
    parts.append(f"<p>This {html.escape(digest.rests_on)}.</p></body></html>\n")
    return "\n".join(parts)


def _as_json(digest: Digest) -> str:
    told: Mapping[str, Any] = {
        "schema": "scraper/digest/1",
        "since": digest.since.isoformat(),
        "until": digest.until.isoformat(),
        "zone": digest.zone,
        "filter": digest.filter,
        "counts": dict(digest.counts),
        "articles": dict(digest.articles),
        "stories": [asdict(story) for story in digest.stories],
        "edits": [asdict(change) for change in digest.edits],
        "lighter_edits": digest.lighter,
        "takedowns": [asdict(change) for change in digest.takedowns],
        "returns": [asdict(change) for change in digest.returns],
        "contradictions": [
            {
                "about": fact.about,
                "kind": fact.kind,
                "detail": fact.detail,
                "sides": [
                    {
                        "outlet": side.outlet,
                        "article": side.article_id,
                        "url": side.url,
                        "at": side.at,
                        "value": format_quantity(side.quantity),
                        "sentence": side.quantity.sentence,
                    }
                    for side in (found.one, found.other)
                ],
            }
            for fact, found in digest.contradictions
        ],
        "names": [asdict(name) for name in digest.names],
        "gaps": list(digest.gaps),
        "rests_on": digest.rests_on,
    }
    return json.dumps(told, ensure_ascii=False, indent=2, default=_plain_value) + "\n"


FORMATS: Mapping[str, Callable[[Digest], str]] = {
    "text": as_text,
    "markdown": _as_markdown,
    "html": _as_html,
    "json": _as_json,
}


def _plain_value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _local(at: datetime, digest: Digest) -> datetime:
    return at.astimezone(time_zone(digest.zone))


def _counted(digest: Digest) -> str:
    said = []
    for kind, times in digest.counts.items():
        articles = digest.articles[kind]
        again = f" ({times:,} times)" if times != articles else ""
        said.append(f"{articles:,} {_KINDS.get(kind, kind)}{again}")
    return f"Articles: {', '.join(said)}." if said else "Nothing new, nothing edited."


def _sections(digest: Digest) -> Iterator[tuple[str, Sequence[_Entry], Sequence[str]]]:
    """Yield heading, entries and how many are left out, of all that is not empty."""
    for heading, entries in (
        ("Stories", _stories(digest)),
        ("Taken down", _takedowns(digest)),
        ("Edits", _changes(digest, digest.edits)),
        ("Returned", _changes(digest, digest.returns)),
        ("Contradictions", _contradictions(digest)),
        ("New names", _names(digest)),
        ("Gaps", [_Entry(text=_line(gap)) for gap in digest.gaps]),
    ):
        left = []
        if len(entries) > _MOST:
            left.append(f"{len(entries) - _MOST:,} more: `scraper digest --format json` has all")
        if heading == "Edits" and digest.lighter:
            left.append(f"{digest.lighter:,} of lower severity: `scraper changes` lists them")
        if entries or left:
            yield heading, entries[:_MOST], left


def _stories(digest: Digest) -> list[_Entry]:
    return [
        _Entry(
            text=f"{_line(story.title) or '(no title)'} (story {story.id}: "
            f"{plural(story.outlets, 'outlet')}, {plural(story.articles, 'article')}"
            f"{', ' + ' '.join(story.languages) if story.languages else ''};"
            f" first {_local(story.first_at, digest):%Y-%m-%d %H:%M})"
        )
        for story in digest.stories
    ]


def _changes(digest: Digest, changes: Sequence[DigestChange]) -> list[_Entry]:
    return [
        _Entry(
            text=f"{_line(change.title) or '(no title)'} ({_line(change.outlet)},"
            f" {_local(change.at, digest):%m-%d %H:%M}"
            + (f", severity {change.severity}" if change.version is not None else "")
            + (f": {', '.join(change.classes)}" if change.classes else "")
            + f"; article {change.article_id})",
            url=change.url,
            notes=(
                *(f"was: {_line(line)}" for line in _some(change.removed)),
                *(f"now: {_line(line)}" for line in _some(change.added)),
            )
            if change.kind not in ("gone", "returned")
            else (),
        )
        for change in changes
    ]


def _takedowns(digest: Digest) -> list[_Entry]:
    """Return what was taken down, and of what is there again, since when."""
    entries = []
    for change, entry in zip(digest.takedowns, _changes(digest, digest.takedowns), strict=True):
        back = [
            one.at
            for one in digest.returns
            if one.article_id == change.article_id and one.cursor > change.cursor
        ]
        notes = tuple(f"there again {_local(at, digest):%m-%d %H:%M}" for at in back[:1])
        entries.append(_Entry(text=entry.text, url=entry.url, notes=notes))
    return entries


def _some(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()][:_SENTENCES]


def _contradictions(digest: Digest) -> list[_Entry]:
    return [
        _Entry(
            text=_line(" ".join(filter(None, (fact.about, fact.kind, fact.detail))))
            + ": "
            + " or ".join(format_quantity(side.quantity) for side in (found.one, found.other)),
            notes=tuple(
                f"{_line(side.outlet)}: {_line(side.quantity.sentence)} {side.url}"
                for side in (found.one, found.other)
            ),
        )
        for fact, found in digest.contradictions
    ]


def _names(digest: Digest) -> list[_Entry]:
    return [
        _Entry(
            text=f"{_line(name.name)} ({name.kind}, {plural(name.articles, 'article')};"
            f" first in {_line(name.outlet)}: {_line(name.title)})"
        )
        for name in digest.names
    ]


def _line(text: str) -> str:
    """Return foreign text on one line, short, without what steers terminals."""
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _marked(text: str) -> str:
    """Return text as Markdown that shows it as it stands."""
    return _NUMBER.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def _address(url: str) -> str:
    """Return an address as a link may hold it, or ""."""
    ok = url.startswith(("http://", "https://"))
    return url.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20") if ok else ""
