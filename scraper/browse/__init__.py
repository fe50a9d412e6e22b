"""Browse the archive in Datasette: reading pages, edits, search, on this machine only."""

from scraper.browse.server import application, serve

__all__ = ["application", "serve"]
