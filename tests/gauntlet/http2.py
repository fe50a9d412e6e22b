"""A server that speaks HTTP/2 over TLS, scripted by path; the rest is as in `server`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, RequestReceived, StreamReset
from h2.exceptions import ProtocolError

from tests.gauntlet.certificates import server_context
from tests.gauntlet.server import Asked, Server

__all__ = ["Answer", "Http2Server", "endless", "page", "reset"]

# Says something on a stream of a connection; what it leaves unsaid is said when bytes may flow.
Answer = Callable[["Conversation", int], None]


class Conversation(H2Connection):
    """One connection; `unsaid` holds the streams that go on as long as the client reads them."""

    def __init__(self) -> None:
        # The client is what is tested: our own side may say what no honest server would.
        lax = H2Configuration(
            client_side=False, validate_outbound_headers=False, normalize_outbound_headers=False
        )
        super().__init__(lax)
        self.unsaid: set[int] = set()

    def go_on(self) -> None:
        """Fill the window of each stream that has no end."""
        for stream in self.unsaid:
            while room := min(self.local_flow_control_window(stream), self.max_outbound_frame_size):
                self.send_data(stream, b"x" * room)


def page(body: bytes = b"<p>A page</p>", *, end: bool = True, **headers: str) -> Answer:
    """Return an answer of a status (200) and a body, whole or open at its end."""
    fields = [(":status", headers.pop("status", "200")), *headers.items()]

    def answer(said: Conversation, stream: int) -> None:
        said.send_headers(stream, [(name.replace("_", "-"), value) for name, value in fields])
        # The window may be full of what the client left unread: then nothing more gets through.
        if said.local_flow_control_window(stream) >= len(body):
            said.send_data(stream, body, end_stream=end)

    return answer


def endless(said: Conversation, stream: int) -> None:
    """Answer with a body without an end."""
    said.send_headers(stream, [(":status", "200")])
    said.unsaid.add(stream)


def reset(code: ErrorCodes, first: Answer | None = None) -> Answer:
    """Return an answer that breaks its stream off, after something else if so asked."""

    def answer(said: Conversation, stream: int) -> None:
        if first is not None:
            first(said, stream)
        said.reset_stream(stream, code)

    return answer


class Http2Server(Server):
    """Serves answers by path; robots.txt is absent, other paths are a page."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        context = server_context("good")
        context.set_alpn_protocols(["h2"])
        super().__init__({}, ssl_context=context)
        self._answers = dict(answers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled.append(writer.get_extra_info("sockname")[0])
        number = len(self.dialled)
        said = Conversation()
        said.initiate_connection()
        try:
            with suppress(OSError, ProtocolError, asyncio.CancelledError):
                while True:
                    said.go_on()
                    writer.write(said.data_to_send())
                    await writer.drain()
                    data = await reader.read(65536)
                    if not data:
                        return
                    for event in said.receive_data(data):
                        self._react(said, event, number, writer)
        finally:
            writer.close()

    def _react(
        self, said: Conversation, event: Event, number: int, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(event, StreamReset):
            said.unsaid.discard(event.stream_id)
        if not isinstance(event, RequestReceived):
            return
        headers = {name.decode(): value.decode("latin-1") for name, value in event.headers}
        host, path = headers[":authority"].split(":")[0], headers[":path"]
        self.asked.append(Asked(host, path, headers, number, self._loop.time(), writer=writer))
        default = page(b"", status="404") if path == "/robots.txt" else page()
        self._answers.get(path, default)(said, event.stream_id)
