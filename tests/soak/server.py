"""Serves the sites, one address of the loopback each, and logs what was asked and what was said.

One in so many answers is a bad one; which it is follows from the seed. What was truly served stands
in the log, so that the checks need not guess.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Self

from tests.gauntlet.server import reply
from tests.soak.pages import article_page, entry_list, notice
from tests.soak.world import Article, Plan, Site

__all__ = ["Hit", "Sites"]

# A bad answer, and how often it is chosen.
BAD = {
    "429": 3, "503": 3, "reset": 2, "truncated": 2, "wall": 2, "soft_404": 1, "huge": 1,
    "wrong_charset": 2, "drip": 1, "slow": 2, "500": 1,
}  # fmt: skip
# Those for which nothing can be blamed on the client: the page itself comes, whole.
WHOLE = frozenset({"", "wrong_charset", "slow"})
# An address is treated badly this often at most, so that all is there in the end.
_MOST_BAD = 2
_HUGE = 11 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass(slots=True)
class Hit:
    """One request as the server saw it.

    Attributes:
        host, path, agent: of the request.
        at, done: seconds of the monotonic clock: read, and its answer sent.
        status: what was answered, 0 for none.
        how: "" or a key of `BAD`.
        state: number of the article's state that was served or confirmed, or None.
        rest: seconds from `done` on in which the host wants no request.
    """

    host: str
    path: str
    agent: str
    at: float
    done: float = 0.0
    status: int = 0
    how: str = ""
    state: int | None = None
    rest: float = 0.0


class Sites:
    """The servers, in a thread of their own; a context manager.

    Attributes:
        log: every request in order.
        port: that all of them listen on.
        calm: once it is set no answer is bad any more.
    """

    def __init__(self, plan: Plan, sites: Sequence[Site]) -> None:
        self._plan = plan
        self._sites: Mapping[str, Site] = {site.host: site for site in sites}
        self._articles = {(s.host, a.path): a for s in sites for a in s.articles}
        self._chance = random.Random(f"{plan.seed}/server")
        self._bad: dict[tuple[str, str], int] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self.log: list[Hit] = []
        self.port = _free_port()
        self.calm = False
        self.begun = 0.0

    def now(self) -> float:
        """Return the seconds since the sites opened."""
        return time.monotonic() - self.begun

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the sites did not open"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, list(self._sites), self.port, backlog=200)
        self.begun = time.monotonic()
        self._ready.set()
        await self._over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        with suppress(OSError, EOFError, asyncio.CancelledError):
            while await self._answer(host, reader, writer):
                pass
        writer.close()

    async def _answer(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; return whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        hit = Hit(host, head[0].split(" ")[1], fields.get("user-agent", ""), time.monotonic())
        self.log.append(hit)
        hit.how = self._treatment(hit)
        try:
            return await self._say(hit, self._whole(hit, fields), reader, writer)
        finally:
            hit.done = hit.done or time.monotonic()

    def _treatment(self, hit: Hit) -> str:
        """Return how a request is answered: "" or a key of `BAD`."""
        if self.calm or hit.path == "/robots.txt" or self._chance.random() >= self._plan.hostile:
            return ""
        key = (hit.host, hit.path)
        article = self._articles.get(key)
        if article is not None and self._bad.get(key, 0) >= _MOST_BAD:
            return ""
        how = self._chance.choices(list(BAD), list(BAD.values()))[0]
        if article is None and how in ("wall", "soft_404", "wrong_charset", "huge"):
            how = "503"
        self._bad[key] = self._bad.get(key, 0) + 1
        return how

    def _whole(self, hit: Hit, fields: Mapping[str, str]) -> bytes:
        """Return the answer as the site means it."""
        site, now = self._sites[hit.host], self.now()
        article = self._articles.get((hit.host, hit.path))
        if article is not None and article.published <= now:
            return self._article(hit, site, article, now, fields)
        if hit.path == "/robots.txt" and site.robots is not None:
            hit.status = 200
            return reply(site.robots, Content_Type="text/plain")
        kind = hit.path.strip("/").partition(".")[0]
        if kind in site.kinds:
            hit.status = 200
            shown = [a for a in site.articles if a.published <= now]
            type_, body = entry_list(kind, site, shown, self.port, self.begun)
            return reply(body, Content_Type=type_)
        hit.status = 404
        return reply(notice(site.language, "missing"), 404)

    def _article(
        self, hit: Hit, site: Site, article: Article, now: float, fields: Mapping[str, str]
    ) -> bytes:
        hit.state, text = article.at(now)
        if text is None:
            hit.status = article.status
            return reply(notice(site.language, "missing"), article.status)
        tag = f'"{hit.state}"'
        known = site.validators and fields.get("if-none-match") == tag
        if known and hit.how in WHOLE:
            hit.status = 304
            return reply(b"", 304, ETag=tag)
        hit.status = 200
        page = article_page(site, article, text, len(self.log), self.port, self.begun)
        lie = "iso-8859-1" if site.charset == "utf-8" else "utf-8"
        charset = lie if hit.how == "wrong_charset" else site.charset
        type_ = f"text/html; charset={charset}"
        body = page.encode(site.charset, "xmlcharrefreplace")
        headers = {"ETag": tag} if site.validators else {}
        return reply(body, Content_Type=type_, **headers)

    async def _say(
        self,
        hit: Hit,
        whole: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        site = self._sites[hit.host]
        if hit.how in ("429", "503", "500"):
            hit.status, hit.state = int(hit.how), None
            headers = {} if hit.how == "500" else {"Retry-After": self._rest(hit)}
            whole = reply("busy", hit.status, **headers)
        elif hit.how in ("wall", "soft_404"):
            # A wall stands before an article that is there, or is not: either way it is a wall.
            hit.status, hit.state = 200, None
            whole = reply(notice(site.language, "wall" if hit.how == "wall" else "missing"))
        elif hit.how == "huge":
            hit.status, hit.state = 200, None
            whole = reply(b"<p>" + b"x" * _HUGE)
        elif hit.how not in WHOLE:
            return await self._break(hit, whole, reader, writer)
        if hit.how == "slow":
            await asyncio.sleep(1.0)
        for place in range(0, len(whole), _CHUNK):
            # A client goes at the earliest once it has the chunk before; of what is too large it
            # has enough with the header, which gives the length.
            if not place or hit.how != "huge":
                hit.done = time.monotonic()
            writer.write(whole[place : place + _CHUNK])
            await writer.drain()
        return True

    async def _break(
        self,
        hit: Hit,
        whole: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Send what is no answer, and end the connection."""
        hit.status, hit.state = 0, None
        if hit.how == "drip":
            gone = asyncio.ensure_future(reader.read(1))
            for place in range(len(whole)):
                # The client goes at the earliest once it has the byte before; when this process
                # comes to see it go says how busy the machine is.
                hit.done = time.monotonic()
                writer.write(whole[place : place + 1])
                done, _ = await asyncio.wait({gone}, timeout=0.1)
                if done or self._over.is_set():
                    break
            gone.cancel()
            return False
        writer.write(whole[: len(whole) // 2])
        hit.done = time.monotonic()
        await writer.drain()
        if hit.how == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return False

    def _rest(self, hit: Hit) -> str:
        """Return a Retry-After header, in seconds or as a date, and note how long it is."""
        seconds = self._chance.randint(2, 6)
        if self._chance.random() < 0.5:
            hit.rest = float(seconds)
            return str(seconds)
        until = int(time.time()) + seconds
        hit.rest = until - time.time()
        return formatdate(until, usegmt=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.1.1", 0))
        return int(probe.getsockname()[1])
