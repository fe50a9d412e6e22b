"""The newsroom's HTTP server: sockets, conditional requests, compression, the log of hits."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from scraper.demo.bulletin import LABEL, bulletin_answer
from scraper.demo.layout import Answer
from scraper.demo.pages import answer
from scraper.record import record

__all__ = ["Hit", "NewsroomServer"]

_COMPRESS_FROM = 500


@record
class Hit:
    """A request as the server saw it.

    Attributes:
        host: host name, without a port.
        path: path and query as asked for.
        method: GET or HEAD.
        started, ended: seconds of the monotonic clock.
        status: what was answered.
        user_agent: header of the request.
        conditional: whether it carried a validator.
    """

    host: str
    path: str
    method: str
    started: float
    ended: float
    status: int
    user_agent: str
    conditional: bool


class NewsroomServer(ThreadingHTTPServer):
    """Listens on loopback; answers for every host name of the newsroom."""

    daemon_threads = False
    block_on_close = True
    # A pass asks all hosts at once; the default backlog of five would refuse some.
    request_queue_size = 128

    def __init__(self, port: int, clock: Callable[[], datetime], *, harbour: bool = False) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self._harbour = harbour
        self.clock = clock
        self.hits: list[Hit] = []
        self.numbers = itertools.count(1)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def reply(self, label: str, path: str) -> Answer:
        """Answer a request for a path at a host, at the instant of the clock."""
        now, port = self.clock(), int(self.server_address[1])
        if self._harbour and label == LABEL:
            return bulletin_answer(path, port, now)
        return answer(label, path, port=port, now=now, number=next(self.numbers))

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that closing the server does not wait for idle clients."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Stop serving, end the connections that are still open, and wait for their threads."""
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients may go whenever they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    server: NewsroomServer

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """The log is `NewsroomServer.hits`."""

    def _serve(self, *, with_body: bool) -> None:
        started = time.monotonic()
        host = (self.headers.get("Host") or "").lower().rpartition(":")[0]
        host = host or (self.headers.get("Host") or "").lower()
        label = host.removesuffix(".localhost") if host.endswith(".localhost") else ""
        now = self.server.clock()
        reply = self.server.reply(label, unquote(urlsplit(self.path).path))
        status = 304 if self._is_known(reply) else reply.status
        # The hit is noted before the client can have the answer: a test that has it finds the hit.
        self.server.hits.append(
            Hit(
                host=host,
                path=self.path,
                method=self.command,
                started=started,
                ended=time.monotonic(),
                status=status,
                user_agent=self.headers.get("User-Agent", ""),
                conditional="If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
            )
        )
        self._send(status, reply, now, with_body)

    def _is_known(self, reply: Answer) -> bool:
        """Whether the client's copy is the present one (RFC 9110, section 13.1)."""
        if reply.status != 200:
            return False
        if known := self.headers.get("If-None-Match"):
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            return bool(reply.etag) and reply.etag.removeprefix("W/") in tags
        since = self.headers.get("If-Modified-Since")
        if since and reply.modified:
            with contextlib.suppress(ValueError, TypeError):
                return reply.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        return False

    def _send(self, status: int, reply: Answer, now: datetime, with_body: bool) -> None:
        body = b"" if status == 304 else reply.body
        packed = len(body) > _COMPRESS_FROM and "gzip" in self.headers.get("Accept-Encoding", "")
        if packed:
            body = gzip.compress(body, 6, mtime=0)
        self.send_response_only(status)
        self.send_header("Server", self.server_version)
        self.send_header("Date", format_datetime(now.astimezone(UTC), usegmt=True))
        if reply.location:
            self.send_header("Location", reply.location)
        if reply.etag:
            self.send_header("ETag", reply.etag)
        if reply.modified:
            stamp = reply.modified.astimezone(UTC).replace(microsecond=0)
            self.send_header("Last-Modified", format_datetime(stamp, usegmt=True))
        if status != 304:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Vary", "Accept-Encoding")
            if packed:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if with_body:
            self.wfile.write(body)
