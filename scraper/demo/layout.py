"""How an outlet lays out what it says: templates, bylines, relative times, furniture.

Pictures of the newsroom: small drawings in SVG, made from their names alone.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from scraper.demo.markup import Block, lines_of
from scraper.demo.outlets import Outlet
from scraper.demo.stories import CONTENT, State, Story
from scraper.record import record

__all__ = [
    "Answer",
    "Corner",
    "Visit",
    "boxes",
    "byline_of",
    "picture",
    "read_corners",
    "relative_time",
    "render",
    "summary_of",
    "templates",
]


def picture(name: str) -> bytes:
    """Return an SVG drawing; the same name gives the same one."""
    digest = hashlib.sha256(name.encode()).digest()
    hue, bars = digest[0] * 360 // 256, digest[1:11]
    columns = "".join(
        f'<rect x="{40 + 57 * place}" y="{320 - height}" width="36" height="{height}" '
        f'fill="hsl({hue},45%,{40 + 2 * place}%)"/>'
        for place, height in enumerate(40 + value * 200 // 255 for value in bars)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">'
        f'<rect width="640" height="360" fill="hsl({hue},30%,92%)"/>'
        f'<circle cx="{500 + digest[11] // 4}" cy="80" r="36" fill="hsl({hue},60%,75%)"/>'
        f"{columns}</svg>"
    ).encode()


@record
class Answer:
    """A response, before conditional requests and compression are looked at.

    Attributes:
        status: HTTP status.
        body: the bytes.
        content_type: value of the header.
        etag, modified: validators, or "" and None.
        location: target of a redirect, or "".
    """

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    etag: str = ""
    modified: datetime | None = None
    location: str = ""


@record
class Corner:
    """An address that is listed like an article and holds none; see `content/corners.toml`."""

    outlet: str
    path: str
    title: str
    published: datetime
    expect: str
    page: str = ""
    status: int = 200


@cache
def read_corners() -> tuple[Corner, ...]:
    """Return the hostile corners of the newsroom."""
    tables = tomllib.loads((CONTENT / "corners.toml").read_text(encoding="utf-8"))["corner"]
    return tuple(Corner(**table) for table in tables)


@cache
def templates() -> Environment:
    """Return the templates of all outlets."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["furniture"] = _furniture()
    return environment


@cache
def _furniture() -> Mapping[str, object]:
    return tomllib.loads((CONTENT / "furniture.toml").read_text(encoding="utf-8"))


def relative_time(then: datetime, now: datetime) -> str:
    """Return a time as Chinese sites print recent ones: 刚刚, 5分钟前, 3小时前, then the day."""
    age = now - then
    if age < timedelta(minutes=1):
        return "刚刚"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)}分钟前"
    if age < timedelta(days=1):
        return f"{age // timedelta(hours=1)}小时前"
    return then.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")


@record
class Visit:
    """A request to one outlet at one instant; `number` counts requests and drives what flaps."""

    outlet: Outlet
    port: int
    now: datetime
    number: int
    states: tuple[State, ...] = field(repr=False)

    @property
    def root(self) -> str:
        """Address of the outlet, without a slash."""
        return f"http://{self.outlet.host}:{self.port}"

    @property
    def live(self) -> list[State]:
        """Its stories that can be read, latest first."""
        return sorted(
            (state for state in self.states if state.live),
            key=lambda state: state.story.published,
            reverse=True,
        )


def render(visit: Visit, name: str, status: int = 200, **values: object) -> Answer:
    """Render the outlet's own template of that name, else the one that all share."""
    outlet = visit.outlet
    names = [f"{outlet.label}-{name}.html", f"{name}.html"]
    html = (
        templates()
        .select_template(names)
        .render(
            outlet=outlet,
            root=visit.root,
            now=visit.now.astimezone(ZoneInfo(outlet.zone)),
            number=visit.number,
            **values,
        )
    )
    # A server that leaves the charset to the page is the usual companion of a mislabelled one.
    declared = "; charset=utf-8" if outlet.charset == "utf-8" else ""
    return Answer(
        status=status,
        body=html.encode(outlet.encoding, "xmlcharrefreplace"),
        content_type="text/html" + declared,
    )


def byline_of(outlet: Outlet, story: Story) -> tuple[str, ...]:
    """Return the line in the body that names the writers: one or none."""
    if not outlet.byline:
        return ()
    joint = " " if outlet.language == "zh-Hans" else "、"
    line = outlet.byline.format(authors=joint.join(story.authors), editor=story.editor)
    return (" ".join(line.split()),)


def summary_of(story: Story, blocks: Sequence[Block]) -> str:
    """Return the outlet's own summary, else how the text begins."""
    return story.summary or lines_of(blocks)[0][:160]


def boxes(visit: Visit, blocks: int, others: Sequence[Story]) -> dict[int, Markup]:
    """Return what the outlet puts between the paragraphs: `box_early`, `box_late`."""
    try:
        module = templates().get_template(f"{visit.outlet.label}-boxes.html").module
    except TemplateNotFound:
        return {}
    placed: dict[int, Markup] = {}
    for name, share in (("box_early", 0.3), ("box_late", 0.7)):
        box = getattr(module, name, None)
        if box is not None and blocks > 4:
            placed[math.ceil(blocks * share)] = Markup(box(others, visit.number))
    return placed
