"""The kinds of source: the one table that configuration, collecting, schedule and checks read.

A new kind is a line in `SOURCE_KINDS` that names its reader, and a file in `scraper/discovery`
that holds the reader. Plugins add others: they are asked for a kind that the table lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scraper.record import record

if TYPE_CHECKING:
    from scraper.plugins import SourceReader

__all__ = [
    "SOURCE_KINDS",
    "SourceKind",
    "can_stand_in",
    "fallback_kinds",
    "is_captures",
    "is_kind",
    "is_paced",
    "kind_names",
    "kind_of_source",
]


@record
class SourceKind:
    """One kind of source.

    Attributes:
        name: as `kind` in `config/sources.toml` spells it.
        reader: ``module:function`` of the coroutine that reads one visit
            (`scraper.discovery.visit.Visit` in, `scraper.models.Discovery` out); "" for captures,
            which the pipeline imports.
        remote: whether it may lie at an http or https address.
        local: whether it may lie on this machine, as a path.
        paced: whether the publisher decides when new entries appear, so that the time between
            visits follows their rate.
        fallback: whether it can stand in where another source's address fails.
    """

    name: str
    reader: str = ""
    remote: bool = True
    local: bool = False
    paced: bool = False
    fallback: bool = False


def _by_name(kinds: Iterable[SourceKind]) -> dict[str, SourceKind]:
    return {kind.name: kind for kind in kinds}


SOURCE_KINDS: dict[str, SourceKind] = _by_name(
    (
        SourceKind(
            name="feed", reader="scraper.discovery.feed:visit_feed", paced=True, fallback=True
        ),
        SourceKind(
            name="sitemap",
            reader="scraper.discovery.sitemap:visit_sitemap",
            paced=True,
            fallback=True,
        ),
        SourceKind(
            name="listing",
            reader="scraper.discovery.listing:visit_listing",
            paced=True,
            fallback=True,
        ),
        SourceKind(name="urls", reader="scraper.discovery.url_list:visit_addresses", local=True),
        SourceKind(name="warc", remote=False, local=True),
    )
)


_BY_PLUGIN = "scraper.discovery.plugin_source:visit_by_plugin"


def _of_plugin(reader: SourceReader) -> SourceKind:
    return SourceKind(
        name=reader.name, reader=_BY_PLUGIN, paced=reader.paced, fallback=reader.fallback
    )


def kind_of_source(name: str) -> SourceKind:
    """Return a kind by its name, of the table or of a plugin.

    One that neither has (of an older archive) has no reader; where a plugin could not be loaded, it
    may be that plugin's: it is then read by it, which fails and says why.
    """
    if name in SOURCE_KINDS:
        return SOURCE_KINDS[name]
    # Looking for plugins takes longer than all else that a reading command asks of kinds.
    from scraper.plugins import offer_named, plugin_faults

    offer = offer_named("source_readers", name)
    if offer is not None:
        return _of_plugin(offer.item)
    broken = bool(plugin_faults())
    return SourceKind(name=name, reader=_BY_PLUGIN if broken else "", remote=broken)


def is_kind(name: str) -> bool:
    """Return whether a source may be of a kind."""
    return name in SOURCE_KINDS or bool(kind_of_source(name).reader)


def kind_names() -> tuple[str, ...]:
    """Return the names of all kinds, those of plugins last."""
    from scraper.plugins import offers

    added = (offer.item.name for offer in offers("source_readers"))
    return (*SOURCE_KINDS, *(name for name in added if name not in SOURCE_KINDS))


def fallback_kinds() -> tuple[str, ...]:
    """Return the names of the kinds of the table that can stand in for another."""
    return tuple(kind.name for kind in SOURCE_KINDS.values() if kind.fallback)


def can_stand_in(name: str) -> bool:
    """Return whether a kind, of the table or of a plugin, can stand in for another."""
    return kind_of_source(name).fallback


def is_captures(name: str) -> bool:
    """Return whether a kind of source is captures, which the pipeline imports."""
    return name in SOURCE_KINDS and not SOURCE_KINDS[name].reader


def is_paced(name: str) -> bool:
    """Return whether the time between visits to a kind of source follows the rate of its entries.

    Args:
        name: of the kind; one that is not known is not paced.
    """
    return kind_of_source(name).paced
