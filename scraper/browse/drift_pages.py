"""The page of hosts that drift: what is held, and the samples between which a layout changed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from datasette.utils.asgi import Response

from scraper.archive import Archive
from scraper.archive.drift import DriftEvent, DriftSample, HeldPage
from scraper.browse.pages import View, WorkerPages, reporting
from scraper.browse.raw_pages import clean_page
from scraper.browse.security import FRAMED_POLICY, RAW_POLICY
from scraper.errors import ExtractError, WorkersLost
from scraper.models.drift import PageShape

__all__ = ["DriftPages"]

# Events whose samples are shown, and held pages of a host.
_MOST_EVENTS, _MOST_HELD = 30, 30
_SECONDS = 10.0


class DriftPages(WorkerPages):
    """Hosts whose pages are no longer read as before."""

    seconds = _SECONDS

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        held = r"/-/drift/page/(?P<id>[0-9]{1,15})"
        return [
            (r"/-/drift$", self.drift),
            (rf"{held}$", self.look),
            (rf"{held}/source$", self.source),
        ]

    @reporting
    async def drift(self, request: Any) -> Any:
        """Show the hosts that drift, by host, with their held pages; then what is over."""

        def read(archive: Archive) -> tuple[Any, ...]:
            events = archive.drift_events()
            lasting = [event for event in events if event.ended_at is None][:_MOST_EVENTS]
            samples = {event.id: archive.drift_samples(event.id) for event in lasting}
            return events, lasting, samples, archive.held_pages()

        events, lasting, samples, held = await self._read(read)
        waiting = _by_host(held)
        return await self._render(
            request,
            "drift",
            lasting=[_shown(event, samples[event.id]) for event in lasting],
            waiting=waiting,
            # Held though no event lasts: released or refused in part, or long ago.
            alone=sorted(waiting.keys() - {event.host for event in lasting}),
            over=[event for event in events if event.ended_at is not None],
            more=sum(event.ended_at is None for event in events) - len(lasting),
            most_held=_MOST_HELD,
            quoted=shlex.quote,
        )

    @reporting
    async def look(self, request: Any) -> Any:
        """Return a held page, cleaned."""
        page_id = int(request.url_vars["id"])
        body = await self._read(lambda archive: archive.held_body(page_id))
        try:
            page = await self._pool.run(clean_page, body, "")
        except (ExtractError, WorkersLost):
            page = "<p>This page cannot be shown safely. Read its source instead.</p>"
        return Response.html(page, headers={"content-security-policy": FRAMED_POLICY})

    @reporting
    async def source(self, request: Any) -> Any:
        """Return a held page as the site sent it, as plain text that no browser interprets."""
        page_id = int(request.url_vars["id"])
        body = await self._read(lambda archive: archive.held_body(page_id))
        return Response(
            body,
            content_type="text/plain; charset=utf-8",
            headers={"content-security-policy": RAW_POLICY, "x-content-type-options": "nosniff"},
        )


def _by_host(held: Sequence[HeldPage]) -> dict[str, list[HeldPage]]:
    """Return held pages by host, the oldest first."""
    ordered = sorted(held, key=lambda page: (page.host, page.at))
    return {host: list(found) for host, found in groupby(ordered, lambda page: page.host)}


def _shown(event: DriftEvent, samples: tuple[DriftSample, DriftSample]) -> dict[str, Any]:
    good, bad = samples
    rows = _measures(good.shape, bad.shape) if good.shape or bad.shape else []
    return {"event": event, "good": good, "bad": bad, "rows": rows}


def _measures(good: PageShape | None, bad: PageShape | None) -> list[tuple[str, str, str]]:
    """Return what is compared of two pages, in words: name, value of each."""
    named: list[tuple[str, Callable[[PageShape], str]]] = [
        ("characters of text", lambda s: f"{s.length:,.0f}"),
        ("of it in links", lambda s: f"{s.links:.0%}"),
        ("of the page cut", lambda s: f"{s.cut:.0%}"),
        ("title, authors, time, outlet, language", lambda s: f"{s.fields} of 5"),
        ("confidence", lambda s: "—" if s.confidence is None else f"{s.confidence:.2f}"),
    ]
    found = [(name, told(good) if good else "—", told(bad) if bad else "—") for name, told in named]
    if good and bad:
        known = {element for element, _ in good.template}
        same = sum(share for element, share in bad.template if element in known)
        found.append(("text in the elements of the good page", "", f"{same:.0%}"))
    return found
