"""Collects, cleans and archives web articles in English and Chinese, and remembers every edit.

from scraper import extract, fetch, Archive

page = fetch("https://example.com/story")
article = extract(page.body, page.final_url, page.headers)
print(article.title, article.published, article.text)
"""

from __future__ import annotations

from pathlib import Path

from scraper.archive import Archive as _Archive
from scraper.archive.records import Edits
from scraper.extract import extract
from scraper.fetch import fetch
from scraper.judge import edits as _edits

__all__ = ["Archive", "extract", "fetch"]


class Archive(_Archive):
    """An archive folder, with this project's judgement of what an edit is.

    See `scraper.archive.Archive` for arguments, methods and errors.
    """

    def __init__(
        self,
        folder: Path | str = "archive",
        *,
        create: bool = True,
        readonly: bool = False,
        edits: Edits = _edits,
    ) -> None:
        super().__init__(folder, create=create, readonly=readonly, edits=edits)
