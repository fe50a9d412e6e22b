"""Collects, cleans and archives web articles in English and Chinese, and remembers every edit.

from scraper import extract, fetch, open_archive

page = fetch("https://example.com/story")
article = extract(page.body, page.final_url, page.headers)
print(article.title, article.published, article.text)

with open_archive("archive") as archive:
    for row in archive.articles(language="zh"):
        print(row.title, row.version_count)

The names in `__all__` are the public surface, which `docs/reference/python.md` describes; anything
else may change in any release.
"""

from typing import TYPE_CHECKING

from scraper.lazy_names import lazy_names

if TYPE_CHECKING:
    from scraper.archive import (
        Archive,
        ArchiveReader,
        ArticleRow,
        ChangeRow,
        SearchHit,
        Story,
        StorySummary,
        Version,
        open_archive,
    )
    from scraper.errors import (
        ArchiveError,
        ExtractError,
        FetchError,
        NotFound,
        ScraperError,
        UsageError,
    )
    from scraper.extraction import extract
    from scraper.fetching import fetch, fetch_async
    from scraper.models import Article, FetchSettings, Page, QuoteClaim

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveReader",
    "Article",
    "ArticleRow",
    "ChangeRow",
    "ExtractError",
    "FetchError",
    "FetchSettings",
    "NotFound",
    "Page",
    "QuoteClaim",
    "ScraperError",
    "SearchHit",
    "Story",
    "StorySummary",
    "UsageError",
    "Version",
    "extract",
    "fetch",
    "fetch_async",
    "open_archive",
]

_NAMES = {
    "archive": (
        "Archive ArchiveReader ArticleRow ChangeRow SearchHit Story StorySummary Version"
        " open_archive"
    ),
    "errors": "ArchiveError ExtractError FetchError NotFound ScraperError UsageError",
    "extraction": "extract",
    "fetching": "fetch fetch_async",
    "models": "Article FetchSettings Page QuoteClaim",
}
__getattr__ = lazy_names(__name__, _NAMES, globals())


def __dir__() -> list[str]:
    return list(__all__)
