"""What a worker process does with texts: their topics, names and figures, and their quotes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scraper.models import Article, Judgement, Learned, Page, PageFingerprint, QuoteReading
from scraper.pipeline.parse import reextract_pages
from scraper.pipeline.quotes import read_quotes
from scraper.record import record
from scraper.topics import judge
from scraper.topics.lexicon import lexicon_in

__all__ = ["Rederived", "judge_text", "judge_texts", "read_quotes_of", "rederive"]


def judge_text(
    title: str, text: str, folder: Path | None, version: str
) -> tuple[Judgement, QuoteReading] | None:
    """Judge one article; runs in a worker process, which reads the lexicon once.

    Args:
        title: headline.
        text: clean text, one paragraph per line.
        folder: of the configuration whose lexicon is meant, or None.
        version: of that lexicon.

    Returns:
        The judgement and the quotes, or None where the file has changed since and is another
        lexicon.

    Raises:
        ConfigError: the file has changed since and is invalid.
    """
    lexicon = lexicon_in(folder)
    if lexicon.version != version:
        return None
    return judge(title, text, lexicon), read_quotes(text, lexicon)


@record
class Rederived:
    """What an archived article is by the code of today.

    Attributes:
        article: its record.
        footprint: what learning keeps of it.
        judged: its judgement and its quotes, or None where the lexicon has changed since.
    """

    article: Article
    footprint: PageFingerprint
    judged: tuple[Judgement, QuoteReading] | None


def rederive(
    pages: Sequence[Page],
    zone: str,
    learned: Learned | None,
    folder: Path | None,
    version: str,
) -> Rederived:
    """Read the archived pages of one article anew and judge it; runs in a worker process.

    Args:
        pages, zone, learned: as for `reextract_pages`.
        folder, version: as for `judge_text`.

    Raises:
        ExtractError: one of the pages holds no article.
        ConfigError: the file of the lexicon has changed since and is invalid.
    """
    article, footprint = reextract_pages(pages, zone, learned)
    judged = judge_text(article.title, article.text, folder, version)
    return Rederived(article=article, footprint=footprint, judged=judged)


def judge_texts(
    texts: Sequence[tuple[str, str]], folder: Path | None, version: str
) -> list[Judgement] | None:
    """Judge several headlines with their texts; runs in a worker process.

    Returns:
        Their judgements, or None where the lexicon has changed since.

    Raises:
        ConfigError: the file has changed since and is invalid.
    """
    lexicon = lexicon_in(folder)
    if lexicon.version != version:
        return None
    return [judge(title, text, lexicon) for title, text in texts]


def read_quotes_of(
    texts: Sequence[str], folder: Path | None, version: str
) -> list[QuoteReading] | None:
    """Read the quotes of several texts; runs in a worker process.

    Returns, raises:
        As `judge_texts`.
    """
    lexicon = lexicon_in(folder)
    if lexicon.version != version:
        return None
    return [read_quotes(text, lexicon) for text in texts]
