"""Collects, cleans and archives web articles in English and Chinese, and remembers every edit.

from scraper import extract, fetch, Archive

page = fetch("https://example.com/story")
article = extract(page.body, page.final_url, page.headers)
print(article.title, article.published, article.text)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.extract import extract
    from scraper.fetch import fetch
    from scraper.judged import Archive

__all__ = ["Archive", "extract", "fetch"]


def _from(home: str, name: str) -> property:
    """Return a name that is imported from its home when it is first asked for."""

    def get(package: ModuleType) -> Any:
        return getattr(import_module(home), name)

    def keep(package: ModuleType, value: object) -> None:
        """Let the name stand: importing the package `scraper.fetch` would put it here instead."""

    return property(get, keep)


class _Package(ModuleType):
    """This package, whose parts all import it: none shall wait for what the public names need.

    See "Customizing module attribute access" in Python's data model.
    """

    Archive = _from("scraper.judged", "Archive")
    extract = _from("scraper.extract", "extract")
    fetch = _from("scraper.fetch", "fetch")


sys.modules[__name__].__class__ = _Package
