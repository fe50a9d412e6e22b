"""What every response passes through: security headers, and CSV without formulas.

Both are ASGI middleware (https://asgi.readthedocs.io/en/latest/specs/www.html).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import logging
import re
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from typing import Any

from scraper.text.controls import strip_page_controls
from scraper.text.patterns import lazy_compile

__all__ = [
    "FRAMED_POLICY",
    "FRAME_POLICY",
    "OWN_POLICY",
    "PICTURE_POLICY",
    "RAW_POLICY",
    "SCRIPT_POLICY",
    "SOURCE_POLICY",
    "inert_cell",
    "only_local",
    "with_headers",
    "without_internals",
]

_LOG = logging.getLogger(__name__)

_COMMON = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Our pages need one style sheet and nothing else.
OWN_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self' data:; {_COMMON}"
# A page with a script of ours, which makes it handier: no other runs.
SCRIPT_POLICY = OWN_POLICY.replace("style-src", "script-src 'self'; style-src")
# The page around a framed raw page: the frame comes from us as well.
FRAME_POLICY = OWN_POLICY.replace("img-src", "frame-src 'self'; img-src")
# A site's cleaned page in that frame: its inline styles, but no scripts, forms or requests.
FRAMED_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
# What a site sent, shown as text: no origin, no scripts, no requests.
RAW_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
# The same in a frame of ours, beside the page as it looks.
SOURCE_POLICY = RAW_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")

# An SVG chart has its style inside the file.
PICTURE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

# Pages of Datasette about itself and this machine.
_INTERNALS = lazy_compile(
    r"/-/(?:actor|allow-debug|databases|messages|metadata|permissions|plugins|settings|threads"
    r"|versions)(?:\.json)?/?\Z"
)

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

# Spreadsheets read a cell as a formula when it begins with one of these
# (https://owasp.org/www-community/attacks/CSV_Injection); full-width forms count as well.
_FORMULA = lazy_compile(r"[\t\r\n]|[\s\ufeff\u200b-\u200f\u2060]*+[=+\-@＝＋－＠]")
_NUMBER = lazy_compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

# A cell of CSV with what ends it (RFC 4180). Not the csv module: it refuses a cell of more than
# 131,072 characters, and its limit can be raised for the whole process only.
_CSV_CELL = lazy_compile(
    r'(?:"(?P<quoted>(?:[^"]++|"")*+)"|(?P<plain>[^,\r\n]*+))(?P<end>,|\r\n|\r|\n|\Z)'
)


def _datasette_policy() -> str:
    """Return the policy for Datasette's own pages: its files, and its inline scripts by hash."""
    scripts: list[str] = []
    for name in ("_close_open_menus.html", "_codemirror_foot.html"):
        page = importlib.resources.files("datasette") / "templates" / name
        scripts += re.findall(
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
    """Add the security headers to every response that lacks them; disarm formulas in CSV.

    Pages lose control and reordering characters, wherever in them a stranger's text stands. Answers
    400 to an address that is not ASCII, and drops cookies that cannot be read.
    """
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
        if not (scope.get("raw_path") or b"").isascii():
            await _send_text(send, 400, "An address holds ASCII characters only.\n")
            return
        csv: _InertCsv | None = None
        html: _HeldPage | None = None
        streams = False

        async def guarded(message: Any) -> None:
            nonlocal csv, html, streams
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                given = {bytes(name).lower(): bytes(value) for name, value in headers}
                headers += [[n, v] for n, v in defaults.items() if n not in given]
                is_html = given.get(b"content-type", b"").startswith(b"text/html")
                if scope["path"].endswith(".csv") and not is_html:
                    csv = _InertCsv()
                if is_html:
                    html = _HeldPage()
                if csv or html:
                    headers = [h for h in headers if bytes(h[0]).lower() != b"content-length"]
                message = {**message, "headers": headers}
            elif html is not None:
                body = html.feed(message.get("body", b""), more=message.get("more_body", False))
                message = {**message, "body": body}
            elif csv is not None:
                body = csv.feed(message.get("body", b""))
                if not message.get("more_body"):
                    rest = csv.rest()
                    if streams and rest and not rest.endswith(b"\n"):
                        # Datasette writes an error that stops an export into the file and ends
                        # it well. Without its end, the reader's program sees that rows are missing.
                        _LOG.error("%s: the export is incomplete: %s", scope["path"], rest.decode())
                        return
                    body += rest
                streams = True
                message = {**message, "body": body}
            await send(message)

        await app(_without_bad_cookies(scope), receive, guarded)

    return wrapped


def _without_bad_cookies(scope: Any) -> Any:
    """Return a request without cookies that cannot be read.

    Browsers send a host's cookies to all its ports, so another program's cookie may be among them.
    """
    cookies = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    try:
        for cookie in cookies:
            SimpleCookie().load(cookie)
    except CookieError:
        return {**scope, "headers": [h for h in scope["headers"] if h[0] != b"cookie"]}
    return scope


async def _send_text(send: Any, status: int, text: str) -> None:
    headers = [
        [b"content-type", b"text/plain; charset=utf-8"],
        [b"content-security-policy", RAW_POLICY.encode()],
        [b"x-content-type-options", b"nosniff"],
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def without_internals(app: Any) -> Any:
    """Refuse Datasette's pages about itself: where files lie on this machine, what runs on it."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and _INTERNALS.match(scope["path"]):
            await _send_text(send, 404, "This page is not served to others.\n")
            return
        await app(scope, receive, send)

    return wrapped


def only_local(app: Any, hosts: Collection[str] = ()) -> Any:
    """Refuse requests under a foreign host name, which a hostile page may point at this machine.

    Binding to the loopback address does not prevent this attack (DNS rebinding).

    Args:
        app: the application.
        hosts: other names under which requests are answered, in lower case.
    """
    served = _LOCAL_NAMES | set(hosts)

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            name = re.sub(r":\d*$", "", hosts[0].decode("latin-1")) if hosts else ""
            if name.lower() not in served:
                await _send_text(send, 421, "This host name is not served here.\n")
                return
        await app(scope, receive, send)

    return wrapped


def inert_cell(value: str) -> str:
    """Return a CSV cell that no spreadsheet reads as a formula; numbers stay as they are."""
    if _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


class _HeldPage:
    """Rewrites a page of HTML, which it holds until it is whole: a character may be cut in two."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def feed(self, chunk: bytes, *, more: bool) -> bytes:
        """Return the page without control characters once it is whole, and nothing before."""
        self._held.append(chunk)
        if more:
            return b""
        page = b"".join(self._held).decode("utf-8", "replace")
        return strip_page_controls(page).encode()


class _InertCsv:
    """Rewrites a stream of CSV, whole rows at a time."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._in_quotes = False

    def feed(self, chunk: bytes) -> bytes:
        """Return the rows that are complete; the rest of the chunk waits for more."""
        self._held.append(chunk)
        # Quotes come in pairs, those inside a quoted cell too: an even number means that the text
        # ends outside of quotes.
        self._in_quotes ^= bool(chunk.count(b'"') % 2)
        if self._in_quotes or not chunk.endswith(b"\n"):
            return b""
        return self.rest()

    def rest(self) -> bytes:
        """Return what is held back, rewritten."""
        text = b"".join(self._held).decode("utf-8", "replace")
        self._held.clear()
        return _CSV_CELL.sub(_inert_match, text).encode()


def _inert_match(cell: re.Match[str]) -> str:
    if cell["quoted"] is None:
        return inert_cell(cell["plain"]) + cell["end"]
    # Quotes inside stay doubled: only the beginning of the value matters.
    return f'"{inert_cell(cell["quoted"])}"{cell["end"]}'
