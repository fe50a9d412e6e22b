"""Names of sources that a person did not name."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from scraper.urls import site_of

__all__ = ["name_for"]

# Words of addresses that tell nothing.
_DULL = frozenset(
    {"rss", "feed", "feeds", "xml", "atom", "index", "html", "sitemap", "news", "rdf", "json"}
)


def name_for(url: str, taken: Collection[str]) -> str:
    """Return a short name for a source at an address that no other source has.

    Args:
        url: its address; for a feed at a service of many, its path tells more than its host.
        taken: names that are in use.
    """
    host = (urlsplit(url).hostname or "source").lower()
    site = site_of(url)
    stem = host if host == site else site
    stem = stem.split(".")[0] if not stem.replace(".", "").isdigit() else host
    below = host.removesuffix(site).strip(".").removeprefix("www").strip(".")
    words = [word for word in re.split(r"[^a-z0-9]+", urlsplit(url).path.lower()) if word]
    words = [word for word in words if word not in _DULL and not word.isdigit()]
    base = re.sub(r"[^\w-]+", "-", stem).strip("-") or "source"
    candidates = [base]
    candidates += [f"{base}-{below.replace('.', '-')}"] if below else []
    candidates += [f"{base}-{'-'.join(words[-2:])}"] if words else []
    candidates += [f"{base}-{number}" for number in range(2, 2 + len(taken) + 1)]
    return next(name[:80] for name in candidates if name[:80] not in taken)
