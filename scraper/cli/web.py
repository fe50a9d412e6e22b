"""What stands for the web: the web itself, or the captures that ``--web`` names."""

from __future__ import annotations

from scraper.cli.app import App
from scraper.exchange.warc import CaptureTransport

__all__ = ["transport"]


def transport(app: App) -> CaptureTransport | None:
    """Return the transport that ``--web`` asks for, or None for the web itself."""
    return CaptureTransport(app.web) if app.web else None
