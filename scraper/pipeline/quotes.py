"""The quotes of articles, with their speakers by the lexicon's names; the whole archive read anew.

What the present reader has read already is passed over, so a pass that was broken off goes on where
it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from scraper.archive import Archive
from scraper.code_version import code_version
from scraper.models import QuoteReading
from scraper.quotes import ROOTS, find_quotes
from scraper.quotes.speakers import speaker_key
from scraper.topics.lexicon import Lexicon

__all__ = ["key_of_speaker", "read_quotes", "reader_version", "reread_quotes"]

# Versions that are read between two writes.
_BATCH = 100
# Kinds of the lexicon's entries that speak.
_SPEAKERS = frozenset({"person", "company", "project"})


@lru_cache(maxsize=4)
def _names(lexicon: Lexicon) -> dict[str, str]:
    """Return the names of the lexicon's persons and bodies by the keys of their spellings."""
    return {
        speaker_key(spelling): alias.entry.name
        for spelling, alias in lexicon.aliases.items()
        if alias.entry.kind in _SPEAKERS and not alias.versioned
    }


def reader_version(lexicon: Lexicon) -> str:
    """Return what changes whenever the same text may give other quotes."""
    return f"{code_version(ROOTS)[:10]}-{lexicon.version}"


def key_of_speaker(name: str, lexicon: Lexicon) -> str:
    """Return the key under which a speaker's quotes are kept."""
    key = speaker_key(name)
    return speaker_key(_names(lexicon).get(key, key))


def read_quotes(text: str, lexicon: Lexicon) -> QuoteReading:
    """Return the quotes of a text.

    Args:
        text: clean text, one paragraph per line.
        lexicon: its names are those of the speakers that it has.
    """
    names = _names(lexicon)
    quotes = find_quotes(text, lambda name: names.get(speaker_key(name), name))
    return QuoteReading(quotes=quotes, reader=reader_version(lexicon))


def reread_quotes(
    archive: Archive,
    lexicon: Lexicon,
    read_all: Callable[[Sequence[str]], Sequence[QuoteReading | None]] | None = None,
    *,
    dry_run: bool = False,
    on_version: Callable[[int], None] = lambda version_id: None,
) -> tuple[int, int]:
    """Read the quotes of all versions that the present reader has not read.

    Args:
        archive: whose versions; it must be open in this thread.
        lexicon: whose names speakers get.
        read_all: reads the quotes of texts, None for one that it passes over; None reads them here.
        dry_run: nothing is written.
        on_version: called with the id of each version that was read.

    Returns:
        How many versions were read, and how many quotes they have.

    Raises:
        ArchiveError: the archive can't be read or written.
    """
    reader = reader_version(lexicon)
    versions = quotes = after = 0
    while batch := archive.quotes.unread(reader, after=after, limit=_BATCH):
        after = batch[-1].version_id
        texts = [version.text for version in batch]
        found = read_all(texts) if read_all else [read_quotes(text, lexicon) for text in texts]
        read = [(version, made) for version, made in zip(batch, found, strict=True) if made]
        for version, reading in read:
            versions += 1
            quotes += len(reading.quotes)
            on_version(version.version_id)
        if not dry_run:
            archive.quotes.save(read)
    return versions, quotes
