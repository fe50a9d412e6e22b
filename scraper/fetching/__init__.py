"""Fetching: ``get(url)`` gives a page, at a host's pace and within bounds.

one_page.py          `fetch` and `fetch_async`, for users of the Python API
client.py            an address asked for, redirects followed
transport.py         one request, as an httpx transport over httpcore
response.py          one response read, its body under a cap
content_encoding.py  gzip, deflate, Brotli and Zstandard under a cap
address_guard.py     which addresses may be dialled
robots.py            robots.txt asked for and obeyed
rate_limit.py        gaps, waits, what robots.txt means
host_state.py        what is remembered of hosts
opt_outs.py          what a publisher reserves; opt_out_files.py: the files of a host that say so
rendering.py         JavaScript-rendered pages, in a browser
"""

from typing import TYPE_CHECKING

from scraper.lazy_names import lazy_names

if TYPE_CHECKING:
    from scraper.fetching.client import Client, Transport
    from scraper.fetching.host_state import HostStore
    from scraper.fetching.one_page import fetch, fetch_async
    from scraper.fetching.rendering import PageRenderer

__all__ = ["Client", "HostStore", "PageRenderer", "Transport", "fetch", "fetch_async"]

# What reads a page needs the encodings and opt-outs of this package, and no web.
_NAMES = {
    "client": "Client Transport",
    "host_state": "HostStore",
    "one_page": "fetch fetch_async",
    "rendering": "PageRenderer",
}
__getattr__ = lazy_names(__name__, _NAMES, globals())
