"""What is recorded of a page that gave no article, or none that may be kept: pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.errors import ErrorClass
from scraper.fetching.opt_outs import forbids_archiving
from scraper.models import Article, Attempt, Recorded, Verdict

if TYPE_CHECKING:
    from scraper.pipeline.parse import ParsedPage

__all__ = ["metadata_only", "refused", "unsaved"]

# Classes of extraction errors that say "this is no article" rather than "something broke".
_REJECTIONS = frozenset(
    {ErrorClass.NOT_HTML, ErrorClass.EMPTY_EXTRACT, ErrorClass.BLOCKED_PAGE, ErrorClass.SOFT_404}
)
# Verdicts that are failures of the exchange rather than judgements on a page.
_FAILURES = frozenset(
    {ErrorClass.GONE, ErrorClass.HTTP_ERROR, ErrorClass.RATE_LIMITED, ErrorClass.TRUNCATED}
)


def metadata_only(base: Attempt, article: Article) -> Attempt:
    """Return the attempt for an article whose publisher asks that it be not archived."""
    evidence = tuple(f"{r.origin}: {r.value}" for r in base.reservations if forbids_archiving([r]))
    kept = Article(
        url=article.url,
        canonical_url=article.canonical_url,
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        modified=article.modified,
        language=article.language,
        script=article.script,
        extractor=article.extractor,
    )
    message = (
        "the publisher asks that it be not archived "
        f"({'; '.join(evidence)}): title and time are kept (settings.toml, [fetch] keep_noarchive)"
    )
    verdict = Verdict(kind="noarchive", evidence=evidence)
    return replace(base, verdict=verdict, article=kept, message=message)


def refused(base: Attempt, reading: ParsedPage) -> Attempt:
    """Return the attempt for a page that gave no article: a rejection or a failure."""
    verdict, error = reading.verdict, reading.error
    if verdict.kind in _FAILURES:
        status = base.page.status if base.page else 0
        message = f"the server answered {status}" if status != 200 else "; ".join(verdict.evidence)
        failed = ErrorClass(verdict.kind)
        return replace(base, verdict=verdict, error_class=failed, message=message)
    if verdict.kind in ("article", "empty") and error is not None:
        if error.error_class not in _REJECTIONS:
            return replace(base, error_class=error.error_class, message=error.message)
        verdict = Verdict(kind=error.error_class, evidence=(error.message,))
    message = error.message if error else "; ".join(verdict.evidence)
    return replace(base, verdict=verdict, message=message)


def unsaved(attempt: Attempt) -> Recorded:
    """Return what the archive would say of an attempt that it has never seen."""
    if attempt.error_class:
        return Recorded(outcome="failed", reason=attempt.error_class, message=attempt.message)
    if attempt.article is None:
        kind = attempt.verdict.kind if attempt.verdict else "empty_extract"
        return Recorded(outcome="rejected", reason=kind, message=attempt.message)
    return Recorded(outcome="kept", reason="not saved")
