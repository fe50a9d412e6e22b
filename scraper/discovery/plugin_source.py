"""Sources whose kind a plugin adds: we fetch the address, the plugin finds articles in the body."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from scraper.discovery.visit import Entry, Visit, Wanted, one_line, resolve
from scraper.errors import DiscoverError, ErrorClass, ExtractError
from scraper.models import Discovery, Source
from scraper.plugins import Fault, attempt, offer_named, plugin_faults
from scraper.record import record
from scraper.text.encoding import scrub

__all__ = ["ReadSource", "read_source", "visit_by_plugin"]

log = logging.getLogger(__name__)

_MOST_ENTRIES = 50_000
# Characters of a text that an entry may have.
_LONGEST_TEXT = 1_000_000


@record
class ReadSource:
    """What a plugin made of a source's body.

    Attributes:
        entries: in its order; those that it gave before it failed, if it did.
        fault: what it did instead of going on, or "".
        wrong: how many of its entries were none.
    """

    entries: tuple[Entry, ...] = ()
    fault: str = ""
    wrong: int = 0


async def visit_by_plugin(visit: Visit) -> Discovery:
    """Read a source of a plugin's kind.

    Raises:
        FetchError: it could not be fetched.
        DiscoverError: ``plugin``: the plugin cannot be loaded, raised, or was stopped before it
            gave an address; ``no_links``: it gave none.
    """
    page = await visit.page(visit.source.url, conditional=True)
    if page.status == 304:
        return Discovery(links=(), pages=(page,), unchanged=True)
    try:
        read: ReadSource = await visit.parse(read_source, page)
    except ExtractError as error:
        offer = offer_named("source_readers", visit.source.kind)
        plugin = offer.plugin if offer else "?"
        raise _broken(
            visit, f"plugin {plugin}: kind {visit.source.kind} was stopped: {error.message}"
        ) from None
    if not read.entries and read.fault:
        raise _broken(visit, read.fault)
    notes = [read.fault] if read.fault else []
    if read.wrong:
        notes.append(f"{read.wrong} entries that the plugin gave have no address")
    if not read.entries and read.wrong:
        raise DiscoverError(notes[0], url=page.final_url, error_class=ErrorClass.NO_LINKS)
    for note in notes:
        log.warning("%s: %s", visit.source.name, note)
    links = visit.links(read.entries, _MOST_ENTRIES)
    return Discovery(
        links=links,
        pages=(page,),
        notes=tuple(notes),
        # What was read in part is read again, whatever the server says has changed.
        conditional=not read.fault,
        window=visit.window(links),
    )


def _broken(visit: Visit, message: str) -> DiscoverError:
    return DiscoverError(message, url=visit.source.url, error_class=ErrorClass.PLUGIN)


def read_source(
    body: bytes, url: str, content_type: str, source: Source, at: datetime
) -> ReadSource:
    """Return what the plugin of a source's kind finds; runs in a worker process.

    Args:
        body: of the response.
        url: address that answered.
        content_type: of the response; a plugin does without it.
        source: the source.
        at: the present moment; likewise.
    """
    offer = offer_named("source_readers", source.kind)
    if offer is None:
        why = "; ".join(plugin_faults().values()) or "no plugin has it"
        return ReadSource(fault=f"no such kind of source: {source.kind} ({why})")
    wanted = Wanted(source)
    entries: list[Entry] = []
    wrong = 0

    def read() -> None:
        nonlocal wrong
        for given in _given(offer.item.read(body, url)):
            entry = _entry(given, url, wanted)
            if entry is None:
                wrong += 1
            elif entry.url:
                entries.append(entry)
            if len(entries) == _MOST_ENTRIES:
                break

    outcome = attempt(offer.plugin, f"kind {source.kind}", read)
    fault = outcome.message if isinstance(outcome, Fault) else ""
    return ReadSource(entries=tuple(entries), fault=fault, wrong=wrong)


def _given(found: Any) -> Iterator[Any]:
    # A single address would be taken for a row of characters.
    return iter([found] if isinstance(found, str | Mapping) else found)


def _entry(given: Any, base: str, wanted: Wanted) -> Entry | None:
    """Return what a plugin gave as an entry, with the address "" if it is not wanted."""
    told = {"url": given} if isinstance(given, str) else given
    if not isinstance(told, Mapping) or not isinstance(told.get("url"), str):
        return None
    url = resolve(base, told["url"])
    if not url:
        return None
    published = told.get("published")
    # A time without a zone is no moment: what the page says of it is more than a guess.
    moment = published if isinstance(published, datetime) else None
    if moment is not None and moment.utcoffset() is None:
        moment = None
    content = told.get("content")
    return Entry(
        url=url if wanted.accepts(url) else "",
        title=one_line(told["title"]) if isinstance(told.get("title"), str) else "",
        published=moment,
        published_raw=one_line(str(published)) if published is not None else "",
        content=scrub(content[:_LONGEST_TEXT]) if isinstance(content, str) else "",
    )
