"""Imported by the server that workers are forked from: what each would load anew is loaded once.

The lexicon takes half a second of CPU and the list of public suffixes nearly one; each worker needs
both, and a worker is replaced now and then.
"""

from __future__ import annotations

import scraper.extraction.warm  # noqa: F401 - it loads the classifier
from scraper.topics.lexicon import default_lexicon
from scraper.urls import site_of

__all__: list[str] = []

default_lexicon()
site_of("http://site.example/")
