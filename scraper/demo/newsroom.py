"""The newsroom as a whole: opens its server, lists its sources, and knows what is true when."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Self

from scraper.demo.bulletin import bulletin_source
from scraper.demo.layout import Corner, byline_of, read_corners
from scraper.demo.markup import lines_of, pages_of
from scraper.demo.outlets import read_outlets
from scraper.demo.server import Hit, NewsroomServer
from scraper.demo.stories import State, play, read_stories
from scraper.errors import UsageError
from scraper.models import FetchSettings, Source
from scraper.record import record

__all__ = ["OPENS", "PASSES", "Newsroom", "Truth", "running_clock"]

_CHINA = timezone(timedelta(hours=8))
OPENS = datetime(2025, 12, 8, 8, 0, tzinfo=_CHINA)
"""When the newsroom opens; some stories are older."""
PASSES: tuple[datetime, ...] = (
    OPENS,
    datetime(2025, 12, 9, 20, 0, tzinfo=_CHINA),
    datetime(2025, 12, 11, 12, 0, tzinfo=_CHINA),
)
"""Instants at which a collector sees something happen; after the last, nothing does."""
_DELAY = 0.05


@record
class Truth:
    """What a page of the newsroom says at an instant, and so what must come out of it.

    Attributes:
        story: ``outlet/name``.
        url: address of the (first page of the) article.
        listed: address under which its outlet lists it: it redirects to `url` where they differ.
        state: live, notice (a notice of removal under status 200) or gone (404, 410).
        version: 1 and up; counts the publisher's edits.
        title, authors, outlet, source, language, script: as in `scraper.models.Article`.
        published: aware.
        published_within: how far a reader of the page alone may be off: a page that prints
            ``3小时前`` tells no minute.
        lines: the text, a paragraph a line; of a removed story the last one.
        optional: lines of `lines` that may be left out: bylines that stand in the body, and the
            captions of pictures, which the gold sets count neither way.
        page_lines: the same, by the pages over which the article is spread: mostly one.
    """

    story: str
    url: str
    listed: str
    state: str
    version: int
    title: str
    authors: tuple[str, ...]
    outlet: str
    source: str
    language: str
    script: str
    published: datetime
    published_within: timedelta
    lines: tuple[str, ...]
    optional: tuple[str, ...]
    page_lines: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def running_clock(opens: datetime = OPENS, *, speed: float = 1440.0) -> Callable[[], datetime]:
    """Return a clock that starts now at `opens` and runs `speed` times as fast (a day a minute)."""
    started = time.monotonic()
    return lambda: opens + timedelta(seconds=speed * (time.monotonic() - started))


class Newsroom:
    """A small newsroom on loopback: seven invented outlets, one port, a host name each.

    Their host names end in ``.localhost``, which by RFC 6761 means this machine.

    Args:
        port: where to listen; 0 takes a free port.
        clock: tells the simulated instant, aware; by default `running_clock`.
        harbour: whether an eighth outlet is open, which is redesigned (`scraper.demo.bulletin`).

    Raises:
        UsageError: the port is taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        harbour: bool = False,
    ) -> None:
        self._clock = clock or running_clock()
        self._harbour = harbour
        try:
            self._server = NewsroomServer(port, self._clock, harbour=harbour)
        except OSError as error:
            raise UsageError(
                f"nothing can listen at port {port} ({error.strerror}), perhaps another newsroom"
                " runs: stop it, or `--port 0` takes a free one"
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="newsroom"
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the doors; a second call does nothing."""
        if self._thread.is_alive():
            self._server.close()
            self._thread.join()

    def wait(self) -> None:
        """Block until the newsroom is closed, or until Ctrl-C, which ends the wait quietly."""
        try:
            while self._thread.is_alive():
                self._thread.join(0.5)
        except KeyboardInterrupt:
            return

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every request so far, in the order in which the answers were ready."""
        return tuple(self._server.hits)

    def sources(self) -> tuple[Source, ...]:
        """Return a source for each outlet."""
        more = (bulletin_source(self.port),) if self._harbour else ()
        return (*(outlet.source(self.port) for outlet in read_outlets().values()), *more)

    def corners(self) -> tuple[tuple[str, Corner], ...]:
        """Return the addresses that are listed but hold no article, each with what to expect."""
        return tuple((self.url(corner.outlet, corner.path), corner) for corner in read_corners())

    def url(self, label: str, path: str) -> str:
        """Return the address of a path at an outlet."""
        return f"http://{read_outlets()[label].host}:{self.port}{path}"

    def truth(self, at: datetime | None = None) -> tuple[Truth, ...]:
        """Return what is true of each story that has been published by an instant.

        Args:
            at: aware; by default the instant of the newsroom's clock.
        """
        at = at or self._clock()
        return tuple(self._truths(at))

    def _truths(self, at: datetime) -> Iterator[Truth]:
        for story in read_stories():
            state = play(story, at)
            if state is not None:
                yield self._truth(state, at)

    def _truth(self, state: State, at: datetime) -> Truth:
        story, outlet = state.story, read_outlets()[state.story.outlet]
        language, _, script = outlet.language.partition("-")
        byline = byline_of(outlet, story)
        note = (state.corrected,) if state.corrected else ()
        pages = [lines_of(blocks) for blocks in pages_of(state.blocks)]
        pages[0] = byline + pages[0]
        captions = tuple(
            line for block in state.blocks if block.kind == "figure" for line in lines_of([block])
        )
        pages[-1] += note
        fresh = outlet.relative and at - story.published < timedelta(days=1)
        return Truth(
            story=story.id,
            url=self.url(story.outlet, story.path),
            listed=self.url(story.outlet, story.listed),
            state="live" if state.live else "notice" if state.notice else "gone",
            version=state.version,
            title=story.title,
            authors=story.authors,
            outlet=outlet.name,
            source=story.source,
            language=language,
            script=script or "Latn",
            published=story.published,
            published_within=timedelta(hours=1) if fresh else timedelta(minutes=1),
            lines=tuple(line for page in pages for line in page),
            optional=byline + captions,
            page_lines=tuple(pages),
        )

    def write_config(self, folder: Path, shipped: Path) -> None:
        """Write a configuration that watches this newsroom.

        Args:
            folder: where to; made if absent, its settings and sources overwritten.
            shipped: folder of the shipped configuration, whose other files are copied.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(shipped.glob("*.toml")):
            if path.name not in ("settings.toml", "sources.toml"):
                shutil.copyfile(path, folder / path.name)
        settings = {
            "allow_private": ["127.0.0.0/8"],
            "ports": [*FetchSettings().ports, self.port],
            "delay": _DELAY,
        }
        (folder / "settings.toml").write_text(_table("[fetch]", settings), encoding="utf-8")
        blocks = [
            _table(
                "[[source]]", {k: v for k, v in dataclasses.asdict(s).items() if v not in ((), "")}
            )
            for s in self.sources()
        ]
        (folder / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")


def _table(head: str, values: dict[str, object]) -> str:
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in values.items())]) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)
