"""The archive in Datasette: reading pages, edits and search; on this machine only by default."""

from scraper.browse.server import application, serve

__all__ = ["application", "serve"]
