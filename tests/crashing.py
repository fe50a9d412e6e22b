"""A writer that is killed in the middle of its work: ``python crashing.py FOLDER FIRST COUNT``.

Prints ``ACK n outcome`` after each attempt is committed. Attempt n is the same in every process,
so that what is missing after a kill can be told.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from archiving import START, URL, article, failed, opened, rejected

from scraper.archive import Archive
from scraper.models import Attempt

PAGES = 7
PARAGRAPH = (
    "港口周一重新开放。The harbour reopened on Monday after a long pause. 船只在湾外等候。\n"
)


def attempt(n: int) -> Attempt:
    """Return the nth attempt: each page in turn is published, edited, refused, gone, returned."""
    url, at = f"{URL}{n % PAGES}", START + timedelta(hours=n)
    turn = n // PAGES
    if turn % 6 == 3:
        return rejected("blocked_page", url=url, at=at)
    if turn % 6 in (4, 5):
        return failed("gone", url=url, at=at)
    text = PARAGRAPH * 20 + "".join(f"第{i}段讲了第{i}件事。\n" for i in range(turn + 1))
    return article(text, url=url, at=at, title=f"Harbour 港口 {turn // 2}")


def write(archive: Archive, first: int, count: float) -> None:
    """Record attempts one after the other."""
    n = first
    while n < first + count:
        recorded = archive.record(attempt(n))
        print("ACK", n, recorded.outcome, recorded.version, flush=True)
        n += 1


if __name__ == "__main__":
    with opened(Path(sys.argv[1])) as opened_archive:
        write(opened_archive, int(sys.argv[2]), float(sys.argv[3]))
