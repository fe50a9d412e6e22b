"""What texts report that somebody said."""

from __future__ import annotations

from datetime import datetime

from scraper.record import record

__all__ = ["Quote", "QuoteClaim", "QuoteReading"]


@record
class Quote:
    """A statement with its speaker.

    Attributes:
        words: what was said, without quotation marks around it; paragraphs of it by line feeds.
        speaker: name as printed, without titles and offices; the full name where the text has it.
        speaker_key: the name under which speakers are compared: folded, and that of the lexicon
            where it knows the speaker.
        direct: whether it stands in quotation marks, word for word.
        offset: its place in the text.
    """

    words: str
    speaker: str
    speaker_key: str
    direct: bool
    offset: int


@record
class QuoteReading:
    """The quotes of a text.

    Attributes:
        quotes: in the order of the text.
        reader: version of the lexicon and of our code, which read them.
    """

    quotes: tuple[Quote, ...]
    reader: str


@record
class QuoteClaim:
    """A quote as one version of an article gives it.

    Attributes:
        quote: what it says.
        version_id: the version's id.
        article_id, version: where it says so.
        current: whether that is the article's current version.
        outlet, title, url, language: of the article.
        at: when the article was published, or first seen.
        observed_at: when this version was first observed.
        until: when the next version of the article was first observed, or None.
    """

    quote: Quote
    version_id: int
    article_id: int
    version: int
    current: bool
    outlet: str
    title: str
    url: str
    language: str
    at: datetime
    observed_at: datetime
    until: datetime | None = None
