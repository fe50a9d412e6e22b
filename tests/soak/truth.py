"""What the archive ought to hold, from what was served, and what a kill may have lost of it."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from tests.soak.conduct import CLI, Run, calendar
from tests.soak.server import WHOLE, Hit
from tests.soak.world import Article, Text

__all__ = ["Criterion", "Truth", "sender"]

# A row bears the second in which its answer was there, or the attempt failed; an attempt that gets
# no whole answer lasts as long as the configuration of the soak allows, and a second more.
_EARLY, _LATE, _LATE_FAILURE = 1.0, 1.5, 7.0
# Seconds that an answer may wait for the archive while later ones reach it.
_UNDER_WAY = 40.0
# Seconds until a busy server takes up what a process asked before it was killed.
_AFTER_DEATH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that must hold.

    Attributes:
        name: what.
        figure: as it was measured.
        holds: whether it does; None where it was only measured.
        timed: whether it depends on the machine's speed.
        examples: of what does not hold.
    """

    name: str
    figure: str
    holds: bool | None
    timed: bool = False
    examples: tuple[str, ...] = ()


class Truth:
    """What the archive ought to hold, from what was served.

    Attributes:
        article: by address.
        hits: of each article's address, in the order in which they ended.
        lost: those of them without a row, where the daemon was struck just then; the archive may
            not know of them.
    """

    def __init__(self, run: Run, db: sqlite3.Connection) -> None:
        port = run.server.port
        self.article: dict[str, Article] = {
            f"http://{site.host}:{port}{article.path}": article
            for site in run.sites
            for article in site.articles
        }
        self.hits: dict[str, list[Hit]] = defaultdict(list)
        for hit in sorted(run.server.log, key=lambda hit: hit.done):
            url = f"http://{hit.host}:{port}{hit.path}"
            if url in self.article:
                self.hits[url].append(hit)
        self._confirmed_after = calendar(run.plan)["spans"]["STALE_COPY_CHECK"]
        self.lost: list[Hit] = []
        if run.faults.kills:
            self._find_lost(run, db)

    def read(self, url: str) -> list[Text]:
        """Return the texts that were served whole, or confirmed, in order."""
        return [text for text, _ in self._readings(url)]

    def looks(self, url: str) -> list[Hit]:
        """Return the requests for an article that the archive must know of, in order."""
        return [hit for hit in self.hits[url] if not any(hit is lost for lost in self.lost)]

    def edits(self, url: str) -> tuple[int, int]:
        """Return how often a text was followed by another one, at least and at most.

        A text of before that comes again may be a copy that a cache kept: it is told once a look
        some time later confirms it, and was never there where the next look shows another text.
        """
        runs: list[tuple[Text, float]] = []
        for text, shown in groupby(self._readings(url), key=itemgetter(0)):
            times = [hit.done for _, hit in shown]
            runs.append((text, times[-1] - times[0]))
        told: list[Text] = []
        seen: list[Text] = []
        for text, lasted in runs:
            doubtful = text in seen and lasted < self._confirmed_after
            if not doubtful and text not in told[-1:]:
                told.append(text)
            seen.append(text)
        return max(0, len(told) - 1), max(0, len(runs) - 1)

    def _readings(self, url: str) -> list[tuple[Text, Hit]]:
        found = [(self._served(url, hit), hit) for hit in self.looks(url) if _is_read(hit)]
        return [(text, hit) for text, hit in found if text is not None]

    def _find_lost(self, run: Run, db: sqlite3.Connection) -> None:
        """Find the requests that a kill or a full disk left without their row."""
        base = time.time() - time.monotonic()
        rows: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        for url, at, class_ in db.execute(
            "select p.url, f.at, f.class from fetches f join pages p on p.id = f.page_id"
            " order by f.at, f.id"
        ):
            read = class_ in ("ok", "unchanged")
            rows[url].append((datetime.fromisoformat(at).timestamp() - base, read))
        known: list[Hit] = []
        unknown: list[Hit] = []
        for url, hits in self.hits.items():
            left = rows[url]
            waiting = sorted(hits, key=_lateness)
            # First each takes a row that says what it was answered: a page that was answered to a
            # daemon in the moment of its death takes no row of the error that its next start met.
            # Those whose row can come late take none that another's must be.
            for alike in (True, False):
                for hit in list(waiting):
                    late = _lateness(hit)
                    mine = [
                        row
                        for row in left
                        if hit.at - _EARLY <= row[0] <= hit.done + late
                        and (row[1] == _is_read(hit) if alike else _is_read(hit))
                    ]
                    if mine:
                        left.remove(mine[0])
                        waiting.remove(hit)
                        known.append(hit)
            unknown += waiting
        starts = [start - base for start in run.starts]
        # How far the archive had come in each life of the daemon that was cut short.
        lives = []
        for begun, ended in zip(starts, run.faults.kills, strict=False):
            came = [h.done for h in known if begun <= h.at and h.done <= ended and sender(h) != CLI]
            lives.append((begun, max(came, default=begun), ended))
        for hit in unknown:
            killed = sender(hit) != CLI and any(
                begun <= hit.at <= ended + _AFTER_DEATH and hit.done >= came - _UNDER_WAY
                for begun, came, ended in lives
            )
            full = any(
                hit.done >= begun - _UNDER_WAY and hit.at <= ended
                for begun, ended in run.faults.full
            )
            if killed or full:
                self.lost.append(hit)

    def _served(self, url: str, hit: Hit) -> Text | None:
        assert hit.state is not None
        return self.article[url].life[hit.state][1]

    def was_to_be_had(self, url: str) -> bool:
        """Return whether an article could be read at a visit, or was there for one to come."""
        away = any(_is_read(hit) and self._served(url, hit) is None for hit in self.hits[url])
        return bool(self.read(url)) or not (away or self.article[url].life[-1][1] is None)

    def taken_down(self, url: str) -> bool:
        """Return whether it was answered as not there twice since it was last read."""
        times = 0
        for hit in self.looks(url):
            if _is_read(hit):
                times = 0 if self._served(url, hit) is not None else times + 1
            elif hit.how == "soft_404":
                times += 1
        return times >= 2

    def is_unanswered(self, url: str) -> bool:
        """Return whether the last look at an address found neither a text nor a notice."""
        last = self.looks(url)[-1]
        return not _is_read(last) and last.how != "soft_404"


def _lateness(hit: Hit) -> float:
    """Return the seconds within which the row of a request comes after its answer."""
    return _LATE if hit.status and hit.how != "huge" else _LATE_FAILURE


def _is_read(hit: Hit) -> bool:
    return hit.how in WHOLE and hit.state is not None and hit.status != 0


def sender(hit: Hit) -> str:
    """Return which of our processes made a request: the daemon or the command line.

    Each fetch of the command line is a process of its own, which knows nothing of the last one.
    """
    return f"{CLI}" if f"({CLI})" in hit.agent else "daemon"
