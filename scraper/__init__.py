"""Collects, cleans and archives web articles in English and Chinese, and remembers every edit.

from scraper import extract, fetch, Archive

page = fetch("https://example.com/story")
article = extract(page.body, page.final_url, page.headers)
print(article.title, article.published, article.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.archive import Archive
    from scraper.extraction import extract
    from scraper.fetching import fetch

__all__ = ["Archive", "extract", "fetch"]

_PACKAGE_OF = {"Archive": "archive", "extract": "extraction", "fetch": "fetching"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562): `import scraper` stays cheap."""
    if name not in _PACKAGE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PACKAGE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
