"""What every response passes: headers that disarm hostile content, and cells that cannot calculate.

Both are ASGI middleware (https://asgi.readthedocs.io/en/latest/specs/www.html).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.resources
import io
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["OWN_POLICY", "RAW_POLICY", "inert_cell", "only_local", "with_headers"]

_COMMON = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Our pages need one style sheet and nothing else.
OWN_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self' data:; {_COMMON}"
# What a site sent, shown as text: it gets no origin, no script, no address to call.
RAW_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

# Spreadsheets take a cell for a formula when it begins with one of these
# (https://owasp.org/www-community/attacks/CSV_Injection); full-width forms count as well.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def _datasette_policy() -> str:
    """Return the policy for Datasette's own pages: its files, and its inline scripts by hash."""
    page = importlib.resources.files("datasette") / "templates" / "_close_open_menus.html"
    scripts = re.findall(
        r"<script>((?:[^<]++|<(?!/?script>))*+)</script>",
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    scripts += [f"DATASETTE_ALLOW_FACET = {value};" for value in ("true", "false")]
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; connect-src 'self'; {_COMMON}"
    )


def with_headers(app: Any) -> Any:
    """Add the security headers to every response that lacks them; make CSV cells inert."""
    defaults = {
        b"content-security-policy": _datasette_policy().encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-resource-policy": b"same-origin",
    }

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        inert: _InertCsv | None = None

        async def guarded(message: Any) -> None:
            nonlocal inert
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                given = {bytes(name).lower(): bytes(value) for name, value in headers}
                headers += [[n, v] for n, v in defaults.items() if n not in given]
                is_html = given.get(b"content-type", b"").startswith(b"text/html")
                if scope["path"].endswith(".csv") and not is_html:
                    inert = _InertCsv()
                    headers = [h for h in headers if bytes(h[0]).lower() != b"content-length"]
                message = {**message, "headers": headers}
            elif inert is not None:
                body = inert.feed(message.get("body", b""), last=not message.get("more_body"))
                message = {**message, "body": body}
            await send(message)

        await app(scope, receive, guarded)

    return wrapped


def only_local(app: Any) -> Any:
    """Refuse requests under a foreign host name: a hostile page may have it resolve to us.

    This is DNS rebinding, against which binding to the loopback address does not help.
    """

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            name = re.sub(r":\d*$", "", hosts[0].decode("latin-1")) if hosts else ""
            if name.lower() not in _LOCAL_NAMES:
                headers = [[b"content-type", b"text/plain; charset=utf-8"]]
                start = {"type": "http.response.start", "status": 421, "headers": headers}
                await send(start)
                await send(
                    {"type": "http.response.body", "body": b"This host name is not served here.\n"}
                )
                return
        await app(scope, receive, send)

    return wrapped


def inert_cell(value: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


class _InertCsv:
    """Rewrites CSV as it streams by, in whole rows."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Return what can be passed on now; what is left of an unfinished row is held back."""
        self._held += chunk
        # Quotes come in pairs, those inside a quoted cell too: an even number means that the text
        # ends outside of quotes.
        complete = self._held.endswith(b"\n") and self._held.count(b'"') % 2 == 0
        if not (complete or last):
            return b""
        text, self._held = self._held.decode("utf-8", "replace"), b""
        return _rewrite(csv.reader(io.StringIO(text, newline=""))).encode()


def _rewrite(rows: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([inert_cell(cell) for cell in row])
    return out.getvalue()
