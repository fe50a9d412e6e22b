"""The records that travel between the stages: frozen, compared by value, free of behaviour.

Source ─discover→ Link ─fetch→ Page ─verdict→ Verdict ─extract→ Article ─judge→ … ─archive→ row

discovery.py    what is watched, and what it shows
fetching.py     what comes over the wire
extraction.py   what a page says
topics.py       what a text is about
attempts.py     what the archive is told, and what it answers
coverage.py     what came of a source, day by day
quotes.py       what a text reports that somebody said

Import them from here: ``from scraper.models import Article``.
"""

from scraper.models.attempts import (
    Attempt,
    EditSummary,
    PackedBody,
    PackingTerms,
    PreparedArticle,
    Recorded,
)
from scraper.models.coverage import CoverageDay, EntryCounts, SourceHistory
from scraper.models.discovery import Discovery, FailedFallback, Link, Source
from scraper.models.extraction import (
    DOUBTFUL,
    ONLY_LAST_CHANGE,
    Article,
    Candidate,
    Decoded,
    KeptBlock,
    Learned,
    LearnedBlock,
    PageBox,
    PageFingerprint,
    RemovedBlock,
    ShortBlock,
)
from scraper.models.fetching import (
    FetchSettings,
    Hop,
    HostState,
    Page,
    ReadPage,
    Reservation,
    Verdict,
)
from scraper.models.quotes import Quote, QuoteClaim, QuoteReading
from scraper.models.topics import Claim, Evidence, Judgement, Mention, Quantity, Topic

__all__ = [
    "DOUBTFUL",
    "ONLY_LAST_CHANGE",
    "Article",
    "Attempt",
    "Candidate",
    "Claim",
    "CoverageDay",
    "Decoded",
    "Discovery",
    "EditSummary",
    "EntryCounts",
    "Evidence",
    "FailedFallback",
    "FetchSettings",
    "Hop",
    "HostState",
    "Judgement",
    "KeptBlock",
    "Learned",
    "LearnedBlock",
    "Link",
    "Mention",
    "PackedBody",
    "PackingTerms",
    "Page",
    "PageBox",
    "PageFingerprint",
    "PreparedArticle",
    "Quantity",
    "Quote",
    "QuoteClaim",
    "QuoteReading",
    "ReadPage",
    "Recorded",
    "RemovedBlock",
    "Reservation",
    "ShortBlock",
    "Source",
    "SourceHistory",
    "Topic",
    "Verdict",
]
