"""Takes the daemon's alerts as a webhook: some it refuses, of some the answer is lost."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["Delivery", "Receiver"]

# Share of the messages that are refused, and of those that are taken without an answer.
_REFUSED, _UNANSWERED = 0.15, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message as it came.

    Attributes:
        at: seconds of the monotonic clock.
        key: the ``Idempotency-Key`` of the request.
        body: the JSON.
        taken: whether the receiver took it.
    """

    at: float
    key: str
    body: Mapping[str, Any]
    taken: bool


class Receiver:
    """A webhook on the loopback, in threads of its own; a context manager.

    Attributes:
        log: every message in the order in which it came.
        calm: once it is set every message is taken and answered.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"{seed}/receiver")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.log: list[Delivery] = []
        self.calm = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/alerts"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _take(self, key: str, body: bytes) -> int:
        """Note a message; return the status to answer with, 0 for none."""
        chance = 1.0 if self.calm else self._chance.random()
        refused = chance < _REFUSED
        self.log.append(
            Delivery(at=time.monotonic(), key=key, body=json.loads(body), taken=not refused)
        )
        if refused:
            return 503
        return 0 if chance < _REFUSED + _UNANSWERED else 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                # A daemon that is killed sends half a message: nobody has that.
                whole = len(body) == length
                status = take(self.headers["idempotency-key"], body) if whole else 0
                if status:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler
