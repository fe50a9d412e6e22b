"""TLS contexts of an authority of our own: for servers good and bad, and for a client."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import trustme

__all__ = ["AUTHORITY", "client_context", "server_context"]

AUTHORITY = trustme.CA()
_STRANGER = trustme.CA()


def server_context(kind: str) -> ssl.SSLContext:
    """Return the context of a server whose certificate is good, expired, of another host, or
    signed by nobody that is known."""
    authority = _STRANGER if kind == "unknown" else AUTHORITY
    name = "other.example" if kind == "wrong host" else "127.0.0.1"
    until = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=until).configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    """Return the context of a client that trusts our authority."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context
