"""Stories of the newsroom and what becomes of them: read from `content/`, played to an instant.

A file of `content/<outlet>/` is a story: between two lines ``+++`` stands TOML (the fields of
`Story`, and a ``[[change]]`` for each thing that its outlet does to it later), behind them the text
in the markup of `scraper.demo.markup`.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from scraper.demo.markup import Block, parse
from scraper.record import record

__all__ = ["CONTENT", "Change", "State", "Story", "play", "read_stories"]

CONTENT = Path(__file__).with_name("content")


@record
class Change:
    """What an outlet does to a published story.

    Attributes:
        at: when, aware.
        kind: edit (silent), correct (with a note), retitle, remove, return.
        swap: pairs of words: the first becomes the second, in the text.
        drop: beginnings of paragraphs that vanish.
        add: paragraphs that are put at the end, in the markup of the stories.
        title: the new headline.
        note: words of the correction, put at the end.
        status: how a removed story answers: 410, 404, or 200 for a notice page.
    """

    at: datetime
    kind: str
    swap: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    title: str = ""
    note: str = ""
    status: int = 410


@record
class Story:
    """A story as it was first published.

    Attributes:
        id: ``outlet/name of the file``.
        outlet: label of the outlet, the first part of its host name.
        path: where it stands on the outlet's host.
        title, authors, published: as in `scraper.models.Article`.
        body: the text in the markup of `scraper.demo.markup`.
        editor: the desk editor, who is not an author.
        source: outlet that is credited, or "".
        section: rubric.
        summary: the outlet's own summary, for feeds and meta elements, or "".
        original: headline of the piece that a digest sums up, or "".
        aliases: other addresses, which redirect to `path`; lists show the first of them.
        style: how paragraphs are marked up; "" means as the outlet does.
        changes: in order of time.
    """

    id: str
    outlet: str
    path: str
    title: str
    published: datetime
    body: str
    authors: tuple[str, ...] = ()
    editor: str = ""
    source: str = ""
    section: str = ""
    summary: str = ""
    original: str = ""
    aliases: tuple[str, ...] = ()
    style: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def listed(self) -> str:
        """The path under which feeds, sitemaps and listings show it."""
        return self.aliases[0] if self.aliases else self.path


@record
class State:
    """A story at an instant.

    Attributes:
        story: with the title and the text that it has then.
        blocks: the text.
        version: 1 and up: how many different texts or titles there have been.
        modified: when the present text came to be.
        status: 200; 404 and 410 for a removed one.
        notice: whether a notice stands in its place (under status 200).
        corrected: words of the correction, or "".
    """

    story: Story
    blocks: tuple[Block, ...]
    version: int
    modified: datetime
    status: int = 200
    notice: bool = False
    corrected: str = ""

    @property
    def live(self) -> bool:
        """Whether the article can be read."""
        return self.status == 200 and not self.notice

    @property
    def tag(self) -> str:
        """A word that changes when, and only when, what the page says changes."""
        said = f"{self.story.id} {self.version} {self.status} {self.notice}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _read(path: Path) -> Story:
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    fields: dict[str, Any] = {k: _tuples(v) for k, v in tomllib.loads(head).items()}
    changes = tuple(Change(**change) for change in fields.pop("change", ()))
    outlet = path.parent.name
    return Story(id=f"{outlet}/{path.stem}", outlet=outlet, body=body, changes=changes, **fields)


@cache
def read_stories() -> tuple[Story, ...]:
    """Return all stories of the shipped content, oldest first."""
    stories = map(_read, sorted(CONTENT.glob("*/*.md")))
    return tuple(sorted(stories, key=lambda story: (story.published, story.id)))


def _apply(story: Story, change: Change) -> Story:
    body = story.body
    for old, new in change.swap:
        if old not in body:
            raise ValueError(f"{story.id}: there is no {old!r} to change at {change.at}")
        body = body.replace(old, new)
    chunks = body.strip().split("\n\n")
    for start in change.drop:
        if not any(chunk.startswith(start) for chunk in chunks):
            raise ValueError(f"{story.id}: no paragraph begins with {start!r} at {change.at}")
        chunks = [chunk for chunk in chunks if not chunk.startswith(start)]
    return replace(
        story, title=change.title or story.title, body="\n\n".join((*chunks, *change.add))
    )


def play(story: Story, at: datetime) -> State | None:
    """Return what the story is at an instant; None before it was published."""
    if at < story.published:
        return None
    first = story.published
    state = State(story=story, blocks=parse(story.body), version=1, modified=first)
    for change in story.changes:
        if change.at > at:
            break
        if change.kind == "remove":
            state = replace(state, status=change.status, notice=change.status == 200)
        elif change.kind == "return":
            state = replace(state, status=200, notice=False)
        else:
            edited = _apply(state.story, change)
            state = replace(
                state,
                story=edited,
                blocks=parse(edited.body),
                version=state.version + 1,
                modified=change.at,
                corrected=change.note or state.corrected,
            )
    return state
