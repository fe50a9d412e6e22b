"""A dry run over one source, stage by stage: what works, and what does not and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scraper.coverage.wording import plural
from scraper.discovery import Get, Run, discover
from scraper.discovery.visit import nothing_known
from scraper.errors import DiscoverError, ErrorClass, ExtractError, FetchError, ScraperError
from scraper.models import Attempt, Discovery, Link, Source
from scraper.models.source_kinds import is_captures
from scraper.pipeline.link import LinkFetcher
from scraper.record import record

__all__ = ["STAGES", "SourceCheck", "StageResult", "check_source"]

STAGES = ("robots", "fetch", "parse", "entries", "extract", "judge")
# Articles that are tried until one can be read: the first may be a film or a gallery.
_TRIES = 3
# Errors that end a visit before robots.txt could be read.
_NOBODY_ASKED = frozenset(
    {
        ErrorClass.BAD_URL,
        ErrorClass.BLOCKED_ADDRESS,
        ErrorClass.DNS,
        ErrorClass.CONNECT,
        ErrorClass.TLS,
        ErrorClass.TIMEOUT,
    }
)


@record
class StageResult:
    """What became of one stage.

    Attributes:
        name: one of `STAGES`.
        outcome: ``ok``, ``bad``, or ``-`` where it does not apply or was not reached.
        detail: in words.
    """

    name: str
    outcome: str
    detail: str = ""


@record
class SourceCheck:
    """A source that was tried.

    Attributes:
        source: which.
        stages: all of `STAGES`, in order.
        served_by: the fallback that gave the entries, or "".
        links: what it shows, in its order.
        sample: the attempt at the article by which extraction was tried, or None.
        moved_to: address to which it says that it has moved, or "".
    """

    source: Source
    stages: tuple[StageResult, ...]
    served_by: str = ""
    links: tuple[Link, ...] = ()
    sample: Attempt | None = None
    moved_to: str = ""

    @property
    def works(self) -> bool:
        """Whether an article came out of it in the end."""
        return all(stage.outcome != "bad" for stage in self.stages)

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        bad = next((stage for stage in self.stages if stage.outcome == "bad"), None)
        if bad is not None:
            return f"{bad.name}: {bad.detail}"
        if self.served_by:
            return f"works, by its fallback {self.served_by}"
        return f"works, but says that it has moved to {self.moved_to}" if self.moved_to else "works"


async def check_source(
    source: Source,
    get: Get,
    run: Run,
    fetcher: LinkFetcher,
    *,
    at: datetime,
    max_sitemap_bytes: int,
) -> SourceCheck:
    """Try a source without recording anything.

    Args:
        source: which; its fallbacks are tried where its address fails.
        get: fetches an address.
        run: runs a pure parser in a worker.
        fetcher: reads a sample article.
        at: the present moment.
        max_sitemap_bytes: cap on a sitemap.
    """
    if is_captures(source.kind):
        return _check_files(source)
    try:
        found = await discover(
            replace(source, pages=1),
            get,
            run,
            at=at,
            since=None,
            known=nothing_known,
            max_sitemap_bytes=max_sitemap_bytes,
        )
    except ScraperError as error:
        return SourceCheck(source=source, stages=_stages(_failed(error)))
    done = [
        StageResult(name="robots", outcome="ok" if found.pages else "-", detail="allows us"),
        StageResult(name="fetch", outcome="ok" if found.pages else "-", detail=_fetched(found)),
        StageResult(name="parse", outcome="ok", detail="; ".join(found.notes)),
    ]
    told = SourceCheck(
        source=source,
        stages=(),
        served_by=found.served_by,
        links=found.links,
        moved_to=found.moved_to,
    )
    if not found.links:
        done.append(StageResult(name="entries", outcome="bad", detail="it shows no article"))
        return replace(told, stages=_stages(done))
    done.append(StageResult(name="entries", outcome="ok", detail=_shown(found.links)))
    sample = await fetcher.attempt(found.links[0])
    for link in found.links[1:_TRIES]:
        if sample.article is not None:
            break
        sample = await fetcher.attempt(link)
    return replace(told, stages=_stages([*done, *_read(sample)]), sample=sample)


def _check_files(source: Source) -> SourceCheck:
    """Say whether a watched file or folder of captures is there; they are read when collected."""
    place = Path(source.url)
    outcome, detail = "ok", "a file" if place.is_file() else "a folder"
    if not place.exists():
        outcome, detail = "bad", f"{place}: no such file or folder"
    here = [StageResult(name=name, outcome="-", detail="on this machine") for name in STAGES[:2]]
    stages = [*here, StageResult(name="parse", outcome=outcome, detail=detail)]
    return SourceCheck(source=source, stages=_stages(stages))


def _failed(error: ScraperError) -> list[StageResult]:
    """Return the stages up to the one that an error belongs to."""
    if error.error_class.startswith("robots_"):
        at = "robots"
    elif isinstance(error, DiscoverError):
        at = "entries" if error.error_class == ErrorClass.NO_LINKS else "parse"
    else:
        at = "parse" if isinstance(error, ExtractError) else "fetch"
    if not isinstance(error, FetchError | DiscoverError | ExtractError):
        at = "fetch"
    before = [StageResult(name=name, outcome="ok") for name in STAGES[: STAGES.index(at)]]
    if at == "fetch" and error.error_class in _NOBODY_ASKED:
        before = [StageResult(name="robots", outcome="-", detail="nobody was reached to ask")]
    return [*before, StageResult(name=at, outcome="bad", detail=error.message)]


def _stages(done: Sequence[StageResult]) -> tuple[StageResult, ...]:
    missing = STAGES[len(done) :]
    return (*done, *(StageResult(name=name, outcome="-", detail="not reached") for name in missing))


def _fetched(found: Discovery) -> str:
    if not found.pages:
        return "a file on this machine"
    page = found.pages[0]
    size = sum(len(page.body) for page in found.pages) / 1024
    via = f", by way of {len(page.hops)} redirects" if page.hops else ""
    more = f" in {len(found.pages)} documents" if len(found.pages) > 1 else ""
    return f"{page.status}, {size:,.0f} KB{more} in {page.elapsed_ms} ms{via}"


def _shown(links: Sequence[Link]) -> str:
    dated = [link.published for link in links if link.published]
    newest = f", the newest of {max(dated):%Y-%m-%d %H:%M}" if dated else ", without times"
    return f"{plural(len(links), 'article')}{newest}"


def _read(sample: Attempt) -> list[StageResult]:
    article, verdict = sample.article, sample.verdict
    if article is None:
        kind = verdict.kind if verdict else sample.error_class
        why = sample.message or (", ".join(verdict.evidence) if verdict else "") or kind
        if verdict is not None and sample.error_class == "":
            return [
                StageResult(name="extract", outcome="-", detail="there is nothing to be read"),
                StageResult(
                    name="judge", outcome="bad", detail=f"{kind}: {why} ({sample.link.url})"
                ),
            ]
        return [StageResult(name="extract", outcome="bad", detail=f"{why} ({sample.link.url})")]
    dated = f"{article.published:%Y-%m-%d %H:%M}" if article.published else "no time"
    writers = ", ".join(article.authors) or "no byline"
    language = "-".join(part for part in (article.language, article.script) if part)
    return [
        StageResult(
            name="extract",
            outcome="ok",
            detail=f"{len(article.text):,} characters, {language}, {dated}, {writers}",
        ),
        StageResult(name="judge", outcome="ok", detail=verdict.kind if verdict else "article"),
    ]
