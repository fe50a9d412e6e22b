"""The outlets of the newsroom, read from `content/outlets.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from scraper.demo.stories import CONTENT
from scraper.models import Source
from scraper.record import record

__all__ = ["Outlet", "read_outlets"]


@record
class Outlet:
    """An invented publisher with a host of its own.

    Attributes:
        label: first part of its host name; also the name of its template and of its source.
        name, tagline, nav: what its masthead shows.
        language: BCP 47 tag with script.
        zone: IANA time zone in which it prints times.
        kind, path, interval: what there is to watch, as in `scraper.models.Source`.
        paragraphs: how it marks up a paragraph, a key of the table in `scraper.demo.markup`.
        validators: what it serves pages with: both, modified or none.
        encoding: Python codec of its pages.
        charset: what they declare themselves to be.
        disallow: paths that its robots.txt forbids.
        relative: whether it prints the time of a fresh story as ``3小时前`` and not otherwise.
        byline: form of a line at the top of the body that names writers and editor, or "".
        selector: of the article links on its listing page; "" leaves them to be learned.
    """

    label: str
    name: str
    tagline: str
    nav: tuple[str, ...]
    language: str
    zone: str
    kind: str
    path: str
    interval: int
    paragraphs: str
    validators: str
    encoding: str = "utf-8"
    charset: str = "utf-8"
    disallow: tuple[str, ...] = ()
    relative: bool = False
    byline: str = ""
    selector: str = ""

    @property
    def host(self) -> str:
        """Its host name, without a port."""
        return f"{self.label}.localhost"

    def source(self, port: int) -> Source:
        """Return the source that watches it, while the newsroom listens on a port."""
        return Source(
            name=self.label,
            kind=self.kind,
            url=f"http://{self.host}:{port}{self.path}",
            outlet=self.name,
            language=self.language,
            zone=self.zone,
            interval=self.interval,
            selector=self.selector,
            verified="the demo newsroom on this machine",
        )


@cache
def read_outlets() -> Mapping[str, Outlet]:
    """Return the outlets by label, in the order of the file."""
    tables = tomllib.loads((CONTENT / "outlets.toml").read_text(encoding="utf-8"))["outlet"]
    outlets: dict[str, Outlet] = {}
    for table in tables:
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in table.items()
        }
        outlets[fields["label"]] = Outlet(**fields)
    return outlets
