"""A raw-socket server scripted by path: it says whatever bytes a test wants, when it wants them.

It runs in a thread with an event loop of its own, so that what it does is no load on the client's.
Every name under ``.localhost`` leads to it, so one server stands for many hosts.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

__all__ = ["Asked", "Script", "Server", "forever", "reply"]


@dataclass(slots=True)
class Asked:
    """One request as the server saw it; times are seconds of its loop's clock."""

    host: str
    path: str
    headers: Mapping[str, str]
    connection: int
    at: float
    done: float = 0.0
    writer: asyncio.StreamWriter = field(repr=False, default=None)  # type: ignore[assignment]

    async def say(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection off with a RST."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


# Bytes are sent and the connection stays open; after a coroutine function it is closed.
Script = bytes | Callable[[Asked], Awaitable[None]]


def reply(body: bytes | str = b"", status: int | str = 200, **headers: str) -> bytes:
    """Return a whole response; underscores in names of headers stand for hyphens."""
    raw = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "text/html", "Content-Length": str(len(raw))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + raw


def forever(data: bytes, *, head: bytes = b"", pause: float = 0.0) -> Script:
    """Return a script that sends some bytes again and again until the client has enough."""

    async def script(asked: Asked) -> None:
        await asked.say(head)
        while not asked.writer.is_closing():
            await asked.say(data)
            await asyncio.sleep(pause)

    return script


class Server:
    """Serves scripts by path, or by ``host/path`` where a host has its own; a context manager.

    Args:
        routes: scripts; robots.txt is absent unless it is given, other paths are a page.
        address: address that is bound; "" stands for every one.
        port: port that is bound; 0 stands for any that is free.
        ssl_context: with it the server speaks TLS.
        missing: the answer to paths that have no script; by default a page.

    Attributes:
        asked: every request, in order.
        dialled: addresses of ours that connections were made to.
    """

    def __init__(
        self,
        routes: Mapping[str, Script],
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        missing: Script | None = None,
    ) -> None:
        self.routes = dict(routes)
        self._missing = reply("<p>A page</p>") if missing is None else missing
        self.asked: list[Asked] = []
        self.dialled: list[str] = []
        self.port = port
        self._address = address
        self._ssl = ssl_context
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path on one of the hosts."""
        return f"http{'s' if self._ssl else ''}://{host}:{self.port}{path}"

    def paths(self, host: str = "") -> list[str]:
        """Return the paths that were asked for, robots.txt left out."""
        return [a.path for a in self.asked if a.path != "/robots.txt" and host in a.host]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._serve, self._address or None, self.port, ssl=self._ssl, backlog=1000
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.02)  # Transports are freed in the turn after their tasks.

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled.append(writer.get_extra_info("sockname")[0])
        number = len(self.dialled)
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                while await self._answer(reader, writer, number):
                    pass
        finally:
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """Answer one request; return whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        host, path = headers.get("host", "").split(":")[0], head[0].split(" ")[1]
        asked = Asked(host, path, headers, number, self._loop.time(), writer=writer)
        self.asked.append(asked)
        default = reply("", 404) if path == "/robots.txt" else self._missing
        script = self.routes.get(host + path, self.routes.get(path, default))
        try:
            if isinstance(script, bytes):
                await asked.say(script)
            else:
                await script(asked)
        finally:
            asked.done = self._loop.time()
        return isinstance(script, bytes)
