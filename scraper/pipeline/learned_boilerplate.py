"""What is learned of a host while its pages are read: recalled for the next page, added to by each.

And what is learned, like every change of the extractor, must never look like a publisher's edit:
the archived page is read anew, as the new one was, before the two are compared.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from scraper.archive import Archive
from scraper.edits import edit_summary
from scraper.errors import ScraperError
from scraper.extraction import extractor_version
from scraper.extraction.host_layout import decide_boxes, refuted_boxes
from scraper.extraction.learned_boilerplate import decide
from scraper.models import Article, Attempt, Learned, LearnedBlock, Page, PageFingerprint, Recorded
from scraper.pipeline.link import as_error
from scraper.pipeline.parse import reextract_pages
from scraper.workers import ParserPool

__all__ = ["LearnedBoilerplate", "learned_of"]

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

# A page that flaps goes back to a recent version.
_MOST_FORMER = 8


class InArchive(Protocol):
    """Calls a method of the archive in the thread that owns it."""

    def __call__(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


def learned_of(archive: Archive, host: str) -> Learned | None:
    """Return what is in force on a host, or None when nothing is."""
    blocks = [block for block in archive.learned_blocks(host) if not block.forgotten]
    if not blocks:
        return None
    return Learned(
        host=host,
        signatures=frozenset(b.signature for b in blocks if b.kind == "line"),
        boxes=frozenset(b.signature for b in blocks if b.kind == "element"),
    )


def _pages(attempt: Attempt) -> tuple[Page, ...]:
    return (attempt.page, *attempt.extra_pages) if attempt.page else ()


class LearnedBoilerplate:
    """What a pass knows of hosts.

    Args:
        archive: where it is kept.
        in_archive: calls the archive's methods.
        pool: parses archived pages.
        zones: IANA time zone by name of source.
    """

    def __init__(
        self,
        archive: Archive,
        in_archive: InArchive,
        pool: ParserPool,
        *,
        zones: Mapping[str, str],
    ) -> None:
        self._archive = archive
        self._call = in_archive
        self._pool = pool
        self._zones = zones
        self._by_host: dict[str, Learned | None] = {}
        # What pages were read with stays at hand: rules may be learned while they wait.
        self._by_version: dict[str, Learned | None] = {}

    async def recall(self, host: str) -> Learned | None:
        """Return what is boilerplate on a host."""
        if host not in self._by_host:
            self._set(host, await self._call(learned_of, self._archive, host))
        return self._by_host[host]

    def _set(self, host: str, learned: Learned | None) -> None:
        self._by_host[host] = learned
        self._by_version[extractor_version(learned=learned)] = learned

    async def record_all(self, attempts: Sequence[Attempt], at: datetime) -> list[Recorded]:
        """Write attempts at different pages in one transaction, and learn from them.

        Each is compared like with like: with what the same extractor makes of the archived page.
        """
        prepared = []
        for attempt in attempts:
            renewed = await self._with_before(attempt)
            await self._renew_former(renewed, at)
            prepared.append(await self._with_edit(renewed))
        outcomes = await self._call(self._archive.record_all, prepared)
        for attempt, recorded in zip(prepared, outcomes, strict=True):
            if recorded.outcome == "kept" and recorded.article_id and attempt.footprint:
                await self._learn(recorded.article_id, attempt.footprint, at)
        return list(outcomes)

    async def _with_before(self, attempt: Attempt) -> Attempt:
        """Add what the extractor of the new article makes of the page that is archived."""
        article = attempt.article
        if article is None or article.extractor not in self._by_version:
            return attempt
        state = await self._call(self._archive.page_state, attempt.link.url)
        if state.version_id is None or state.extractor == article.extractor:
            return attempt
        derived = await self._derived(attempt, article, state.version_id)
        if derived is None:
            return attempt
        return replace(attempt, before=derived, before_version=state.version_id)

    async def _with_edit(self, attempt: Attempt) -> Attempt:
        """Add how the new article differs from the archived one, compared in a worker.

        How long that takes is chosen by who wrote the two; a comparison that is stopped makes the
        attempt a failure.
        """
        article = attempt.article
        if article is None or attempt.error_class or attempt.passed_over:
            return attempt
        state = await self._call(self._archive.page_state, attempt.link.url)
        if state.version_id is None:
            return attempt
        known = attempt.before
        if known is None or attempt.before_version != state.version_id:
            known = (await self._call(self._archive.version, attempt.link.url)).article
        shown = (known.title, known.text, known.authors)
        if shown == (article.title, article.text, article.authors):
            return attempt
        edit = await as_error(self._pool.run(edit_summary, known, article))
        if isinstance(edit, ScraperError):
            message = f"it could not be compared with the archived version: {edit.message}"
            return replace(attempt, article=None, error_class=edit.error_class, message=message)
        return replace(attempt, edit=edit, edited_version=state.version_id)

    async def _renew_former(self, attempt: Attempt, at: datetime) -> None:
        """Derive anew the former versions that a changed page may have gone back to.

        The fingerprint that the extractor of their day left would never be met again, and a page
        that takes an edit back right after an upgrade would get a version too many.
        """
        article = attempt.article
        if article is None or article.extractor not in self._by_version:
            return
        former = await self._call(
            self._archive.former_versions, attempt.link.url, article, attempt.before
        )
        for version in former[-_MOST_FORMER:]:
            derived = await self._derived(attempt, article, version.id)
            if derived is not None:
                await self._call(
                    self._archive.replace_extraction,
                    version.article_id,
                    version.number,
                    derived,
                    at,
                )

    async def _derived(self, attempt: Attempt, article: Article, version_id: int) -> Article | None:
        """Return what the extractor of an article makes of an archived page, if it can be read."""
        pages = await self._call(self._archive.response, version_id)
        same = [page.body for page in pages] == [page.body for page in _pages(attempt)]
        if same:
            return article
        if not pages:
            return None
        zone = self._zones.get(attempt.link.source, "")
        learned = self._by_version[article.extractor]
        derived = await as_error(self._pool.run(reextract_pages, pages, zone, learned))
        if isinstance(derived, ScraperError):
            log.info("%s can't be read anew: %s", pages[0].url, derived)
            return None
        return derived[0]

    async def _refute(
        self,
        footprint: PageFingerprint,
        others: Sequence[PageFingerprint],
        known: Sequence[LearnedBlock],
    ) -> bool:
        """Take back elements in which the host shows articles by now; return whether there are."""
        elements = {b.signature: b for b in known if b.kind == "element" and not b.forgotten}
        refuted = refuted_boxes(footprint, others, elements)
        if refuted:
            await self._call(self._archive.refute, footprint.host, refuted)
            for signature in refuted:
                log.warning(
                    "the layout of %s has changed: %s holds articles now",
                    footprint.host,
                    elements[signature].place,
                )
        return bool(refuted)

    async def _learn(self, page_id: int, footprint: PageFingerprint, at: datetime) -> None:
        footprints = await self._call(self._archive.footprints, footprint.host)
        others = [other for page, other in footprints.items() if page != page_id]
        known = await self._call(self._archive.learned_blocks, footprint.host)
        changed = await self._refute(footprint, others, known)
        settled = {block.signature for block in known}
        proved = decide(footprint, others, settled)
        boxes = decide_boxes(footprint, others, settled)
        if not (proved or boxes or changed):
            return
        blocks = [
            LearnedBlock(
                host=footprint.host,
                signature=signature,
                place=block.place,
                sample=block.text,
                articles=proved[signature],
                first_seen_at=at,
                last_seen_at=at,
            )
            for block in footprint.blocks
            for signature in block.signatures
            if signature in proved
        ]
        blocks += [
            LearnedBlock(
                host=footprint.host,
                kind="element",
                signature=box.signature,
                place=box.place,
                sample=box.sample,
                articles=boxes[box.signature],
                first_seen_at=at,
                last_seen_at=at,
            )
            for box in footprint.boxes
            if box.signature in boxes
        ]
        await self._call(self._archive.learn, blocks, at)
        for block in blocks:
            what = "is boilerplate" if block.kind == "line" else f"in {block.place} is no article"
            log.info(
                "learned on %s: %r %s (on %d articles)",
                block.host,
                block.sample,
                what,
                block.articles,
            )
        self._set(footprint.host, await self._call(learned_of, self._archive, footprint.host))
